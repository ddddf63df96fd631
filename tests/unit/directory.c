/* directory.c - people, groups, channels and names: how old, fetched once, forgotten, failed. */

#include "directory.h"

#include "test.h"

#include "fake_bot.h"

static void
count(void *arg)
{
	++*(int *)arg;
}

static void
fetch(struct fake *f, const char *principal, int64_t max_age, int *done)
{
	directory_fetch(f->bot.directory, principal, "C0INC", max_age, count, done);
}

TEST(nobody_is_known_before_somebody_asked)
{
	_cleanup_(fake_clear) struct fake f = fake_make();
	const struct person_facts *person;
	int done = 0;

	fake_begin(&f);
	assert_null(directory_person(f.bot.directory, "T0TEAM/U0ANN", HOURS(1)));
	assert_null(directory_channel(f.bot.directory, "C0INC", HOURS(1)));
	fetch(&f, "T0TEAM/U0ANN", MINUTES(1), &done);
	assert_int_equal(done, 0);
	until(f.loop, done == 1);
	person = directory_person(f.bot.directory, "T0TEAM/U0ANN", MINUTES(1));
	assert_non_null(person);
	assert_true(person->there);
	assert_string_equal(person->id, "U0ANN");
	assert_string_equal(person->team, "T0TEAM");
	assert_true(directory_channel(f.bot.directory, "C0INC", MINUTES(5))->member);
	settle(f.loop);
	assert_int_equal(done, 1);
}

TEST(what_is_fresh_is_not_fetched_again_and_done_still_comes_later)
{
	_cleanup_(fake_clear) struct fake f = fake_make();
	int done = 0, fetches;

	fake_begin(&f);
	fetch(&f, "T0TEAM/U0ANN", MINUTES(1), &done);
	until(f.loop, done == 1);
	fetches = f.fetches;
	turn(f.loop, SECONDS(9));
	fetch(&f, "T0TEAM/U0ANN", SECONDS(10), &done);
	assert_int_equal(done, 1);
	until(f.loop, done == 2);
	assert_int_equal(f.fetches, fetches);
	turn(f.loop, SECONDS(2));
	assert_null(directory_person(f.bot.directory, "T0TEAM/U0ANN", SECONDS(10)));
	assert_non_null(directory_person(f.bot.directory, "T0TEAM/U0ANN", MINUTES(1)));
	fetch(&f, "T0TEAM/U0ANN", SECONDS(10), &done);
	until(f.loop, done == 3);
	assert_true(f.fetches > fetches);
	assert_non_null(directory_person(f.bot.directory, "T0TEAM/U0ANN", SECONDS(10)));
}

TEST(one_fetch_serves_all_who_wait)
{
	_cleanup_(fake_clear) struct fake f = fake_make();
	int done = 0;

	fake_begin(&f);
	f.hold = true;
	for (int i = 0; i < 5; i++)
		fetch(&f, "T0TEAM/U0ANN", MINUTES(1), &done);
	settle(f.loop);
	assert_int_equal(done, 0);
	assert_int_equal(f.fetches, 3);	/* the person, the group of the roles, the channel */
	fake_release(&f);
	until(f.loop, done == 5);
}

TEST(somebody_of_the_local_socket_needs_no_fetch)
{
	_cleanup_(fake_clear) struct fake f = fake_make();
	int done = 0;

	fake_begin(&f);
	fetch(&f, "local:root", 0, &done);
	until(f.loop, done == 1);
	assert_int_equal(f.fetches, 0);
	assert_string_equal(directory_name(f.bot.directory, "local:root"), "root");
}

TEST(a_failed_fetch_is_no_for_five_seconds_and_then_asked_again)
{
	_cleanup_(fake_clear) struct fake f = fake_make();
	int done = 0;

	fake_begin(&f);
	f.people_fail = true;
	fetch(&f, "T0TEAM/U0ANN", MINUTES(1), &done);
	until(f.loop, done == 1);
	assert_null(directory_person(f.bot.directory, "T0TEAM/U0ANN", MINUTES(1)));
	assert_null(directory_channel(f.bot.directory, "C0INC", MINUTES(5)));
	assert_false(directory_in_group(f.bot.directory, "T0TEAM/U0ANN", "S0SRE"));
	f.people_fail = false;
	fetch(&f, "T0TEAM/U0ANN", MINUTES(1), &done);
	until(f.loop, done == 2);
	assert_null(directory_person(f.bot.directory, "T0TEAM/U0ANN", MINUTES(1)));	/* not asked again yet */
	turn(f.loop, SECONDS(5) + 1);
	fetch(&f, "T0TEAM/U0ANN", MINUTES(1), &done);
	until(f.loop, done == 3);
	assert_true(directory_person(f.bot.directory, "T0TEAM/U0ANN", MINUTES(1))->there);
}

TEST(a_chat_that_is_not_ready_is_a_failed_fetch)
{
	_cleanup_(fake_clear) struct fake f = fake_make();
	int done = 0;

	fake_begin(&f);
	f.bot.doors[0].ready = false;
	fetch(&f, "T0TEAM/U0ANN", MINUTES(1), &done);
	assert_int_equal(done, 0);
	until(f.loop, done == 1);
	assert_null(directory_person(f.bot.directory, "T0TEAM/U0ANN", MINUTES(1)));
	assert_int_equal(f.fetches, 0);
}

TEST(groups_are_what_they_are_now)
{
	_cleanup_(fake_clear) struct fake f = fake_make();
	int done = 0;

	fake_begin(&f);
	f.groups[0].members[0] = "U0EVE";
	fetch(&f, "T0TEAM/U0EVE", MINUTES(1), &done);
	until(f.loop, done == 1);
	assert_true(directory_in_group(f.bot.directory, "T0TEAM/U0EVE", "S0SRE"));
	assert_false(directory_in_group(f.bot.directory, "T0TEAM/U0ANN", "S0SRE"));
	assert_false(directory_in_group(f.bot.directory, "T0TEAM/U0EVE", "S0OTHER"));
	assert_false(directory_in_group(f.bot.directory, "local:U0EVE", "S0SRE"));
	turn(f.loop, MINUTES(1) + 1);
	assert_false(directory_in_group(f.bot.directory, "T0TEAM/U0EVE", "S0SRE"));
}

TEST(what_is_forgotten_is_not_known)
{
	_cleanup_(fake_clear) struct fake f = fake_make();
	static const struct { const char *kind, *id; bool person, channel; } rows[] = {
		{ "person", "U0ANN", false, true }, { "person", NULL, false, true },
		{ "person", "U0BOB", true, true }, { "channel", "C0INC", true, false },
		{ "group", NULL, true, true },
	};

	fake_begin(&f);
	for (size_t i = 0; i < COUNT(rows); i++) {
		int done = 0;

		fetch(&f, "T0TEAM/U0ANN", 0, &done);
		until(f.loop, done == 1);
		directory_forget(f.bot.directory, rows[i].kind, rows[i].id);
		assert_row(i, (directory_person(f.bot.directory, "T0TEAM/U0ANN", MINUTES(1)) != NULL) == rows[i].person);
		assert_row(i, (directory_channel(f.bot.directory, "C0INC", MINUTES(5)) != NULL) == rows[i].channel);
	}
}

/* An answer that was on its way when "user_change" came counted as fresh for a minute. */
TEST(what_is_forgotten_while_it_is_fetched_is_fetched_once_more)
{
	_cleanup_(fake_clear) struct fake f = fake_make();
	int done = 0;

	fake_begin(&f);
	f.hold = true;
	fetch(&f, "T0TEAM/U0ANN", MINUTES(1), &done);
	settle(f.loop);
	directory_forget(f.bot.directory, "person", "U0ANN");
	assert_int_equal(f.fetches, 3);
	fake_release(&f);
	f.hold = true;
	settle(f.loop);
	assert_int_equal(done, 0);
	assert_int_equal(f.fetches, 4);
	f.people[0].there = false;
	fake_release(&f);
	until(f.loop, done == 1);
	assert_false(directory_person(f.bot.directory, "T0TEAM/U0ANN", MINUTES(1))->there);
}

/* ---- names of the configuration ---- */

static const char named[] =
    "clusters: {primary: {}}\n"
    "channels: {incidents: {name: \"#incidents\"}, admins: {name: C0ADMINS}}\n"
    "roles: {sre: {users: [ann@example.com, \"@bob\", \"local:kim\"], groups: [\"@sre\"]}}\n"
    "targets: {gateway: {driver: deployment, namespace: chatops}}\n";

TEST(a_written_name_matches_nobody_until_it_is_resolved_and_then_its_id)
{
	_cleanup_(fake_clear) struct fake f = fake_make_with(named, "");
	struct directory *d;
	int done = 0;

	fake_begin(&f);
	d = f.bot.directory;
	f.names[0].written = "ann@example.com";
	f.names[0].id = "U0ANN";
	f.names[1].written = "#incidents";
	f.names[1].id = "C0INC";
	f.names[2].written = "@sre";
	f.names[2].id = "S0SRE";
	f.groups[0].members[0] = "U0EVE";
	assert_false(directory_is(d, "T0TEAM/U0ANN", "ann@example.com"));
	assert_null(directory_channel_id(d, "incidents"));
	assert_string_equal(directory_channel_id(d, "admins"), "C0ADMINS");
	directory_resolve_all(d);
	until(f.loop, f.answers == NULL);
	settle(f.loop);
	assert_true(directory_is(d, "T0TEAM/U0ANN", "ann@example.com"));
	assert_false(directory_is(d, "T0TEAM/U0BOB", "ann@example.com"));
	assert_false(directory_is(d, "T0TEAM/U0BOB", "@bob"));	/* unknown or ambiguous */
	assert_true(directory_is(d, "local:kim", "local:kim"));
	assert_false(directory_is(d, "T0TEAM/kim", "local:kim"));
	assert_string_equal(directory_channel_id(d, "incidents"), "C0INC");
	assert_string_equal(directory_channel_id(d, "#incidents"), "C0INC");
	fetch(&f, "T0TEAM/U0EVE", MINUTES(1), &done);
	until(f.loop, done == 1);
	assert_true(directory_in_group(d, "T0TEAM/U0EVE", "@sre"));
}

/* A name that stood in two roles was never looked up, and everybody waited for it. */
TEST(a_name_that_is_written_twice_is_looked_up_once)
{
	_cleanup_(fake_clear) struct fake f = fake_make_with("clusters: {primary: {}}\n"
	    "people: {bob: [\"@bob\", \"local:bob\"]}\n"
	    "roles: {sre: {users: [\"@bob\"]}, lead: {users: [\"@bob\", \"@bob\"]}}\n"
	    "targets: {gateway: {driver: deployment, namespace: chatops}}\n", "");

	fake_begin(&f);
	f.names[0].written = "@bob";
	f.names[0].id = "U0BOB";
	directory_resolve_all(f.bot.directory);
	comes(&f, !directory_resolving(f.bot.directory));
	assert_true(directory_is(f.bot.directory, "T0TEAM/U0BOB", "@bob"));
	assert_true(directory_same_person(f.bot.directory, "T0TEAM/U0BOB", "local:bob"));
	assert_false(directory_same_person(f.bot.directory, "T0TEAM/U0ANN", "local:bob"));
}

/* Who takes the handle of another gets nothing of theirs (ID1). */
TEST(a_name_that_means_somebody_else_by_now_matches_nobody)
{
	_cleanup_(fake_clear) struct fake f = fake_make_with(named, "");

	fake_begin(&f);
	f.names[0].written = "@bob";
	f.names[0].id = "U0BOB";
	directory_resolve_all(f.bot.directory);
	until(f.loop, f.answers == NULL);
	settle(f.loop);
	assert_true(directory_is(f.bot.directory, "T0TEAM/U0BOB", "@bob"));
	fake_kill(&f);
	f.names[0].id = "U0EVE";
	fake_begin(&f);
	directory_resolve_all(f.bot.directory);
	until(f.loop, f.answers == NULL);
	settle(f.loop);
	assert_false(directory_is(f.bot.directory, "T0TEAM/U0EVE", "@bob"));
	assert_false(directory_is(f.bot.directory, "T0TEAM/U0BOB", "@bob"));
	comes(&f, fake_said(&f, "meant U0BOB and means U0EVE now") != NULL);
	assert_string_equal(f.posted.item[0].channel, "C0ADMINS");
	fake_kill(&f);
	f.names[0].id = "U0BOB";
	fake_begin(&f);
	directory_resolve_all(f.bot.directory);
	until(f.loop, f.answers == NULL);
	settle(f.loop);
	assert_true(directory_is(f.bot.directory, "T0TEAM/U0BOB", "@bob"));
}

TEST(a_name_that_could_not_be_resolved_is_tried_again_when_somebody_asks)
{
	_cleanup_(fake_clear) struct fake f = fake_make_with(named, "");
	int done = 0;

	fake_begin(&f);
	f.people_fail = true;
	directory_resolve_all(f.bot.directory);
	until(f.loop, f.answers == NULL);
	f.people_fail = false;
	f.names[0].written = "ann@example.com";
	f.names[0].id = "U0ANN";
	turn(f.loop, MINUTES(1) + 1);
	fetch(&f, "T0TEAM/U0ANN", MINUTES(1), &done);
	until(f.loop, done == 1 && f.answers == NULL);
	settle(f.loop);
	assert_true(directory_is(f.bot.directory, "T0TEAM/U0ANN", "ann@example.com"));
}

TEST(freed_while_people_wait_nothing_is_left)
{
	struct fake f = fake_make();
	int done = 0;

	fake_begin(&f);
	f.hold = true;
	fetch(&f, "T0TEAM/U0ANN", MINUTES(1), &done);
	fetch(&f, "T0TEAM/U0BOB", MINUTES(1), &done);
	settle(f.loop);
	fake_end(&f);
	assert_int_equal(done, 0);
	fake_begin(&f);
	fetch(&f, "local:root", MINUTES(1), &done);
	directory_free(f.bot.directory);
	f.bot.directory = NULL;
	fake_clear(&f);
	assert_int_equal(done, 0);
	directory_free(NULL);
}

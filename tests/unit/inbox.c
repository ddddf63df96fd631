/* inbox.c - what comes in: whose words are repeated how, who is told what, how much of it is kept. */

#include "operation_test.h"

/* ---- words of others ---- */

static bool
begins_a_line(const struct message *message, const char *words)
{
	_cleanup_(text_clear) struct text plain = TEXT_INIT;

	message_plain(message, &plain);
	return string_starts(plain.data, words) ||
	    strstr(plain.data, arena_printf(message->arena, "\n%s", words)) != NULL;
}

/* A reason of two lines was two lines of the card, of the notification and of an answer. */
TEST(ou2_a_typed_line_end_begins_no_line_of_ours)
{
	static const char *const typed[] = {
		"rollback gateway to 3 in staging because x\nApproved by lead",
		"rollback \"gat\nApproved by lead\" to 3",
		"frob\nApproved by lead",
	};

	for (size_t i = 0; i < COUNT(typed); i++) {
		_cleanup_(fake_clear) struct fake f = fake_make_with(NULL, fake_rules);

		world_of_one_change();
		fake_begin(&f);
		fake_types(&f, "U0ANN", typed[i]);
		comes(&f, fake_card(&f) != NULL || f.acknowledged.count > 0);
		turn(f.loop, SECONDS(5));
		for (size_t j = 0; j < f.posted.count; j++)
			assert_row(i, !begins_a_line(f.posted.item[j].message, "Approved by lead"));
		for (size_t j = 0; j < f.acknowledged.count; j++)
			assert_row(i, f.acknowledged.item[j] == NULL ||
			    !begins_a_line(f.acknowledged.item[j], "Approved by lead"));
	}
}

/* ---- names of targets ---- */

static size_t
told(const struct fake *f)
{
	size_t count = f->posted.count;

	for (size_t i = 0; i < f->acknowledged.count; i++)
		count += f->acknowledged.item[i] != NULL;
	return count;
}

/* Help lists them, and a misspelt one brings the nearest: before anybody had asked who reads it. */
TEST(id2_id3_guests_and_shared_channels_hear_no_names_of_targets)
{
	static const char *const typed[] = { "help", "help rollback", "rollback gatway to 5", "rollback", "frob" };
	static const enum door doors[] = { DOOR_SLASH, DOOR_MESSAGE };

	for (size_t i = 0; i < COUNT(typed) * COUNT(doors) * 2; i++) {
		_cleanup_(fake_clear) struct fake f = fake_make_with(NULL, fake_rules);
		bool guest = i % 2 == 0;

		f.people[0].there = !guest;
		f.people[0].why_not = "a guest";
		f.channels[0].shared = !guest;
		fake_begin(&f);
		inbox_arrived(&f.bot, fake_arrival(&f, "U0ANN", doors[i / 2 % 2], typed[i / 4]));
		comes(&f, told(&f) > 0);
		turn(f.loop, SECONDS(5));
		assert_row(i, !fake_heard(&f, "gateway") && !fake_heard(&f, "chatops"));
		assert_row(i, fake_heard(&f, guest ? "Only full members" : "shared with another company"));
	}
}

TEST(who_is_known_hears_help_at_once_and_again_an_hour_later)
{
	_cleanup_(fake_clear) struct fake f = fake_make_with(NULL, fake_rules);

	fake_begin(&f);
	fake_types(&f, "U0ANN", "help");
	comes(&f, fake_heard(&f, "gateway"));
	f.people_fail = true;
	turn(f.loop, MINUTES(59));
	fake_types(&f, "U0ANN", "rollback gatway to 5");
	assert_true(fake_acknowledged(&f, "Did you mean gateway"));
	directory_forget(f.bot.directory, "person", "U0ANN");
	fake_types(&f, "U0ANN", "rollback gatway to 6");
	comes(&f, fake_heard(&f, "could not find out who you are"));
}

/* ---- how much of it is kept ---- */

struct counting {
	struct store_job job;
	struct arena *arena;
	struct audit_row *rows;
	size_t count;
	bool done;
};

static bool
counting_work(struct store_job *job, const struct store_verbs *verbs, void *db, struct error *err)
{
	struct counting *c = CONTAINER(job, struct counting, job);

	return verbs->audit_list(db, c->arena, NULL, 10000, &c->rows, &c->count, err);
}

static void
counting_done(struct store_job *job)
{
	CONTAINER(job, struct counting, job)->done = true;
}

static size_t
records(struct fake *f)
{
	struct counting c = { .job = { .work = counting_work, .done = counting_done }, .arena = f->arena };

	store_start(f->bot.store, &c.job);
	until(f->loop, c.done);
	return c.count;
}

/* Each of them was a row and a record. */
TEST(rx1_what_somebody_goes_on_saying_beyond_all_measure_is_neither_kept_nor_recorded)
{
	_cleanup_(fake_clear) struct fake f = fake_make_with(NULL, fake_rules);
	size_t before;

	fake_begin(&f);
	for (int i = 0; i < 300; i++)
		fake_types(&f, "U0EVE", "ops brake off");
	settle(f.loop);
	before = records(&f);
	assert_in_range(before, 1, 70);
	assert_true(fake_acknowledged(&f, "far too much in a minute"));
	fake_types(&f, "U0ANN", "ops list");
	comes(&f, fake_heard(&f, "Nothing is asked or running"));
	turn(f.loop, MINUTES(1));
	fake_types(&f, "U0EVE", "ops brake off");
	settle(f.loop);
	turn(f.loop, SECONDS(2));
	assert_int_equal(records(&f), before + 1);
}

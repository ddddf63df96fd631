/* slack_people.c, slack_names.c - asked of a Slack of our own. */

#include "slack_live.h"

struct asked {
	struct world *w;
	unsigned dones;
	bool null, there, member, shared;
	char id[64], why[128], email[128], members[256];
};

static void
on_person(void *arg, const struct person_facts *facts)
{
	struct asked *asked = arg;

	asked->dones++;
	asked->null = facts == NULL;
	asked->there = facts != NULL && facts->there;
	snprintf(asked->why, sizeof(asked->why), "%s",
	    facts != NULL && facts->why_not != NULL ? facts->why_not : "");
	snprintf(asked->email, sizeof(asked->email), "%s",
	    facts != NULL && facts->email != NULL ? facts->email : "");
}

static void
on_channel(void *arg, const struct channel_facts *facts)
{
	struct asked *asked = arg;

	asked->dones++;
	asked->null = facts == NULL;
	asked->there = facts != NULL && facts->there;
	asked->member = facts != NULL && facts->member;
	asked->shared = facts != NULL && facts->shared;
}

static void
on_group(void *arg, const char *const *members)
{
	struct asked *asked = arg;

	asked->dones++;
	asked->null = members == NULL;
	asked->members[0] = '\0';
	for (; members != NULL && *members != NULL; members++) {
		strncat(asked->members, *members, sizeof(asked->members) - strlen(asked->members) - 2);
		strcat(asked->members, " ");
	}
}

static void
on_id(void *arg, const char *id)
{
	struct asked *asked = arg;

	asked->dones++;
	asked->null = id == NULL;
	snprintf(asked->id, sizeof(asked->id), "%s", id != NULL ? id : "");
}

static struct asked
person(struct world *w, const char *id)
{
	struct asked asked = { .w = w };

	slack_chat.person(w->slack, id, on_person, &asked);
	assert_int_equal(asked.dones, 0);
	until(w, asked.dones == 1);
	return asked;
}

static struct asked
channel(struct world *w, const char *id)
{
	struct asked asked = { .w = w };

	slack_chat.channel(w->slack, id, on_channel, &asked);
	assert_int_equal(asked.dones, 0);
	until(w, asked.dones == 1);
	return asked;
}

static struct asked
group(struct world *w, const char *id)
{
	struct asked asked = { .w = w };

	slack_chat.group(w->slack, id, on_group, &asked);
	until(w, asked.dones == 1);
	return asked;
}

static struct asked
resolve(struct world *w, const char *written)
{
	struct asked asked = { .w = w };

	slack_chat.resolve(w->slack, written, on_id, &asked);
	assert_int_equal(asked.dones, 0);
	until(w, asked.dones == 1);
	return asked;
}

TEST(people_are_looked_up)
{
	static const struct {
		const char *id, *why;
		bool there;
	} rows[] = {
		{ "U0ANN", "", true },
		{ "U0GUEST", "a guest", false },
		{ "U0GONE", "deactivated", false },
		{ "U0STRANGER", "another workspace", false },
		{ "U0CI", "a bot", false },
		{ "U0NOBODY", "unknown to Slack", false },
	};
	struct world *w = world_plain();

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct asked asked = person(w, rows[i].id);

		assert_row(i, !asked.null);
		assert_row(i, asked.there == rows[i].there);
		if (strstr(asked.why, rows[i].why) == NULL)
			fail_msg("row %zu: %s", i, asked.why);
	}
	assert_string_equal(person(w, "U0ANN").email, "ann@example.com");
	world_free(w);
}

TEST(a_failed_look_up_is_nothing)
{
	static const struct fake_slack_fault_options faults[] = {
		{ .fault = FAKE_STATUS }, { .fault = FAKE_HTML }, { .fault = FAKE_GARBAGE },
		{ .fault = FAKE_ERROR, .error = "internal_error" },
		{ .fault = FAKE_ERROR, .error = "missing_scope" },
		{ .fault = FAKE_RATE_LIMITED, .retry_after = 6 },
	};
	struct world *w = world_plain();

	for (size_t i = 0; i < COUNT(faults); i++) {
		fake_slack_fault(w->fake, "*", &faults[i]);
		assert_row(i, person(w, "U0ANN").null);
		fake_slack_fault(w->fake, "*", &faults[i]);
		assert_row(i, channel(w, "C0INCIDENTS").null);
		fake_slack_fault(w->fake, "*", &faults[i]);
		assert_row(i, group(w, "S0SRE").null);
		fake_slack_no_faults(w->fake);
	}
	world_free(w);
}

TEST(a_short_pause_is_waited_out_once)
{
	struct fake_slack_fault_options limited = { .fault = FAKE_RATE_LIMITED, .retry_after = 5 };
	struct world *w = world_plain();
	struct asked asked = { .w = w };

	fake_slack_fault(w->fake, "users.info", &limited);
	slack_chat.person(w->slack, "U0ANN", on_person, &asked);
	settle(w);
	advance(w, 4900);
	assert_int_equal(asked.dones, 0);
	advance(w, 200);
	until(w, asked.dones == 1);
	assert_true(asked.there);
	asked.dones = 0;
	limited.calls = 2;
	fake_slack_fault(w->fake, "users.info", &limited);
	slack_chat.person(w->slack, "U0ANN", on_person, &asked);
	advance(w, SECONDS(6));
	until(w, asked.dones == 1);
	assert_true(asked.null);
	world_free(w);
}

TEST(channels_are_looked_up)
{
	struct world *w = world_plain();
	struct asked asked = channel(w, "C0INCIDENTS");

	assert_true(asked.there && asked.member && !asked.shared);
	asked = channel(w, "C0RANDOM");
	assert_true(asked.there && !asked.member);
	asked = channel(w, "C0PARTNERS");
	assert_true(asked.there && asked.shared);
	asked = channel(w, "C0NOWHERE");
	assert_false(asked.null || asked.there);
	asked = channel(w, "D0ANYBODY");
	assert_true(asked.there && asked.member && !asked.shared);
	assert_int_equal(fake_slack_calls(w->fake, "conversations.info"), 4);
	world_free(w);
}

TEST(groups_are_looked_up)
{
	struct world *w = world_plain();

	assert_string_equal(group(w, "S0SRE").members, "U0ANN U0BOB U0ALICE ");
	assert_true(group(w, "S0NOBODY").null);
	world_free(w);
}

TEST(names_mean_ids)
{
	static const char *const rows[][2] = {
		{ "@ann", "U0ANN" },
		{ "@sre", "S0SRE" },
		{ "@sre-lead", "S0LEADS" },
		{ "#incidents", "C0INCIDENTS" },
		{ "#admins", "C0ADMINS" },
		{ "ann@example.com", "U0ANN" },
		{ "@nobody", "" },
		{ "@gone", "" },
		{ "#nowhere", "" },
		{ "nobody@example.com", "" },
		{ "@", "" },
		{ "#", "" },
		{ "", "" },
	};
	struct world *w = world_plain();

	fake_slack_unlimited(w->fake, true);
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct asked asked = resolve(w, rows[i][0]);

		if (strcmp(asked.id, rows[i][1]) != 0)
			fail_msg("row %zu: %s", i, asked.id);
	}
	world_free(w);
}

TEST(a_name_that_two_have_means_nobody)
{
	struct world *w = world_plain();

	fake_slack_unlimited(w->fake, true);
	fake_slack_put_user(w->fake, &(struct fake_slack_user){ .id = "U0EVIL", .name = "sre",
		.real_name = "Evil", .email = "evil@example.com" });
	assert_true(resolve(w, "@sre").null);
	assert_string_equal(resolve(w, "@ann").id, "U0ANN");
	world_free(w);
}

static unsigned
count_done(const struct asked *asked, size_t count)
{
	unsigned done = 0;

	for (size_t i = 0; i < count; i++)
		done += asked[i].dones;
	return done;
}

/* More people than fit on a page; all names that wait share one walk. */
TEST(long_lists_are_walked_once_for_all_who_wait)
{
	struct world *w = world_plain();
	struct asked asked[20] = { { .w = w } };

	fake_slack_unlimited(w->fake, true);
	for (int i = 0; i < 350; i++) {
		_cleanup_(freep) char *id = xasprintf("U1%05d", i), *name = xasprintf("person%d", i);

		fake_slack_put_user(w->fake,
		    &(struct fake_slack_user){ .id = id, .name = name, .real_name = name });
	}
	for (size_t i = 0; i < COUNT(asked); i++) {
		_cleanup_(freep) char *name = xasprintf("@person%zu", i * 17);

		slack_chat.resolve(w->slack, name, on_id, &asked[i]);
	}
	until(w, count_done(asked, COUNT(asked)) == COUNT(asked));
	for (size_t i = 0; i < COUNT(asked); i++) {
		_cleanup_(freep) char *id = xasprintf("U1%05zu", i * 17);

		assert_row(i, strcmp(asked[i].id, id) == 0);
	}
	assert_in_range(fake_slack_calls(w->fake, "users.list"), 3, 5);
	assert_int_equal(fake_slack_calls(w->fake, "usergroups.list"), 1);
	world_free(w);
}

TEST(a_walk_waits_as_long_as_slack_asks)
{
	struct fake_slack_fault_options limited = { .fault = FAKE_RATE_LIMITED, .retry_after = 30,
		.calls = 2 };
	struct world *w = world_plain();
	struct asked asked = { .w = w };

	fake_slack_fault(w->fake, "users.list", &limited);
	slack_chat.resolve(w->slack, "@ann", on_id, &asked);
	advance(w, SECONDS(59));
	assert_int_equal(asked.dones, 0);
	advance(w, SECONDS(2));
	until(w, asked.dones == 1);
	assert_string_equal(asked.id, "U0ANN");
	world_free(w);
}

TEST(a_walk_that_fails_finds_nobody)
{
	struct fake_slack_fault_options refused = { .fault = FAKE_ERROR, .error = "missing_scope" };
	struct world *w = world_plain();

	fake_slack_fault(w->fake, "users.list", &refused);
	assert_true(resolve(w, "@sre").null);	/* though a group of that name was seen */
	fake_slack_fault(w->fake, "conversations.list", &refused);
	assert_true(resolve(w, "#incidents").null);
	world_free(w);
}

TEST(whoever_waits_hears_of_the_end)
{
	struct fake_slack_fault_options hang = { .fault = FAKE_HANG, .calls = 100 };
	struct fake_slack_fault_options limited = { .fault = FAKE_RATE_LIMITED, .retry_after = 5 };

	for (int turns = 0; turns < 12; turns++) {
		struct world *w = world_plain();
		struct asked asked[6] = { { .w = w } };

		fake_slack_fault(w->fake, "users.list", &hang);
		fake_slack_fault(w->fake, "users.info", turns % 2 ? &hang : &limited);
		fake_slack_fault(w->fake, "conversations.list", &limited);
		slack_chat.person(w->slack, "U0ANN", on_person, &asked[0]);
		slack_chat.channel(w->slack, "D0ANN", on_channel, &asked[1]);
		slack_chat.resolve(w->slack, "@ann", on_id, &asked[2]);
		slack_chat.resolve(w->slack, "#incidents", on_id, &asked[3]);
		slack_chat.group(w->slack, "S0SRE", on_group, &asked[4]);
		for (int i = 0; i < turns * 2; i++)
			turn(w);
		slack_chat.resolve(w->slack, "@bob", on_id, &asked[5]);
		world_free(w);
		for (size_t i = 0; i < COUNT(asked); i++)
			assert_row(i, asked[i].dones == 1);
	}
}

TEST(what_slack_says_of_rights_is_forgotten)
{
	struct world *w = world_plain();

	fake_slack_put_group(w->fake, &(struct fake_slack_group){ .id = "S0SRE", .handle = "sre",
		.name = "Site reliability", .users = (const char *const[]){ "U0BOB", NULL } });
	until(w, w->forgotten.count > 0);
	assert_string_equal(w->forgotten.item[0], "group S0SRE");
	world_free(w);
}

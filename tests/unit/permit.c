/* permit.c - who may do what to what, where; who else must say yes; and what is not known is no. */

#include "permit.h"

#include <pwd.h>

#include "test.h"

#include "fake_bot.h"
#include "parse.h"

static void
mark(void *arg)
{
	*(bool *)arg = true;
}

/* Everything about this person and the channel is in memory now. */
static void
know(struct fake *f, const char *principal, const char *channel)
{
	bool known = false;

	directory_fetch(f->bot.directory, principal, channel, 0, mark, &known);
	until(f->loop, known);
}

struct asked {
	struct arrival *arrival;
	struct request *request;
	struct permission permission;
	struct error err;
	bool ok;
};

static struct asked
ask(struct fake *f, const char *person, enum door door, const char *text, enum effect effect)
{
	struct asked a = { .arrival = fake_arrival(f, person, door, text), .err = ERROR_INIT };
	struct parsed parsed;

	if (!parse(&parsed, f->bot.configuration, a.arrival, f->arena, &a.err))
		fail_msg("%s: %s", text, a.err.text);
	a.request = parsed.request;
	know(f, a.request->principal, a.arrival->channel);
	a.ok = permit(&a.permission, f->bot.configuration, f->bot.directory, a.request, effect, &a.err);
	return a;
}

static void
asked_clear(struct asked *a)
{
	request_free(a->request);
	arrival_free(a->arrival);
}

/* ---- the first rule that fits ---- */

static const char world_settings[] =
    "clusters: {primary: {}}\n"
    "environments:\n"
    "  staging: {clusters: [primary]}\n"
    "  production: {clusters: [primary], approvals: 1, approvers: [lead]}\n"
    "targets:\n"
    "  web-front: {driver: deployment, namespace: a, environment: [staging, production]}\n"
    "  web-back: {driver: deployment, namespace: a, environment: [staging, production]}\n"
    "  database: {driver: deployment, namespace: a, environment: [staging]}\n"
    "channels: {incidents: {name: C0INC}, quiet: {name: C0QUIET}}\n"
    "roles:\n"
    "  admin: {users: [U0ALICE]}\n"
    "  sre: {users: [U0ANN, \"local:carol\"], groups: [S0SRE]}\n"
    "  dev: {users: [U0BOB]}\n"
    "  lead: {users: [U0LEAD, U0KIM]}\n";

static const struct {
	const char *rules, *person, *text;
	enum effect effect;
	bool ok;
	const char *why;	/* of a refusal; or NULL */
} rules[] = {
	/* command, subcommand, any */
	{ "[{commands: [rollback], roles: [sre]}]", "U0ANN", "rollback web-front", CHANGES, true, NULL },
	{ "[{commands: [rollback], roles: [sre]}]", "U0ANN", "rollout restart web-front", CHANGES, false,
	    "Nobody may ask for rollout restart of web-front in staging here: no rule allows it" },
	{ "[{commands: [rollout history], roles: [sre]}]", "U0ANN", "rollout history web-front", READS, true, NULL },
	{ "[{commands: [rollout history], roles: [sre]}]", "U0ANN", "rollout scale web-front 3", CHANGES, false,
	    "no rule allows it" },
	{ "[{roles: [sre]}]", "U0ANN", "rollout scale web-front 3", CHANGES, true, NULL },
	{ "[{commands: [\"*\"], roles: [sre]}]", "U0ANN", "rollout scale web-front 3", CHANGES, true, NULL },
	/* target, environment */
	{ "[{targets: [\"web-*\"], roles: [sre]}]", "U0ANN", "rollback web-back", CHANGES, true, NULL },
	{ "[{targets: [\"web-*\"], roles: [sre]}]", "U0ANN", "rollback database", CHANGES, false, "no rule" },
	{ "[{targets: [\"web-*\"], roles: [sre]}]", "U0ANN", "ops list", READS, false, "no rule" },
	{ "[{environments: [staging], roles: [sre]}]", "U0ANN", "rollback web-front", CHANGES, true, NULL },
	{ "[{environments: [staging], roles: [sre]}]", "U0ANN", "rollback web-front in production", CHANGES, false,
	    "of web-front in production" },
	/* channel */
	{ "[{channels: [incidents], roles: [sre]}]", "U0ANN", "rollback web-front", CHANGES, true, NULL },
	{ "[{channels: [quiet], roles: [sre]}]", "U0ANN", "rollback web-front", CHANGES, false, "no rule" },
	/* arguments */
	{ "[{arguments: {to: [previous, verified]}, roles: [sre]}]", "U0ANN", "rollback web-front", CHANGES, true, NULL },
	{ "[{arguments: {to: [previous]}, roles: [sre]}]", "U0ANN", "rollback web-front to previous", CHANGES, true, NULL },
	{ "[{arguments: {to: [verified]}, roles: [sre]}]", "U0ANN", "rollback web-front", CHANGES, false, "no rule" },
	{ "[{arguments: {to: [previous, verified]}, roles: [sre]}]", "U0ANN", "rollback web-front to 3", CHANGES, false,
	    "no rule" },
	{ "[{arguments: {replicas: {at_most: 20}}, roles: [sre]}]", "U0ANN", "rollout scale web-front 20", CHANGES, true,
	    NULL },
	{ "[{arguments: {replicas: {at_most: 20}}, roles: [sre]}]", "U0ANN", "rollout scale web-front 21", CHANGES, false,
	    "no rule" },
	{ "[{arguments: {replicas: {at_most: 20}}, roles: [sre]}]", "U0ANN", "rollout scale web-front +2", CHANGES, false,
	    "no rule" },
	/* roles: the first rule that fits decides */
	{ "[{roles: [sre]}]", "U0BOB", "rollback web-front", CHANGES, false,
	    "it needs the role sre (U0ANN, carol, S0SRE)" },
	{ "[{roles: [sre, lead]}]", "U0BOB", "rollback web-front", CHANGES, false,
	    "sre (U0ANN, carol, S0SRE) or lead (U0LEAD, U0KIM)" },
	{ "[{commands: [rollback], allow: false}, {roles: [sre]}]", "U0ANN", "rollback web-front", CHANGES, false,
	    "no rule allows it" },
	{ "[{commands: [rollback], roles: [dev], allow: false}, {roles: [sre, dev]}]", "U0ANN", "rollback web-front",
	    CHANGES, true, NULL },
	{ "[{commands: [rollback], roles: [dev], allow: false}, {roles: [sre, dev]}]", "U0BOB", "rollback web-front",
	    CHANGES, false, "no rule allows it" },
	{ "[{targets: [database]}]", "U0BOB", "rollback database", CHANGES, true, NULL },
	{ "[{roles: [sre]}]", "U0EVE", "rollback web-front", CHANGES, false, "it needs the role sre" },
	{ "[{roles: [sre]}]", "U0EVE", "help", READS, true, NULL },
	{ "[{roles: [sre]}]", "U0EVE", "whoami", READS, true, NULL },
	/* reasons */
	{ "[{roles: [sre], reason: required}]", "U0ANN", "rollback web-front", CHANGES, false, "needs a reason" },
	{ "[{roles: [sre], reason: required}]", "U0ANN", "rollback web-front because errors", CHANGES, true, NULL },
	{ "[{roles: [sre], reason: required}]", "U0ANN", "rollback web-front dry-run", CHANGES, true, NULL },
	{ "[{roles: [sre], reason: required}]", "U0ANN", "rollout history web-front", READS, true, NULL },
};

TEST(the_first_rule_that_fits_decides_and_nothing_fits_is_no)
{
	for (size_t i = 0; i < COUNT(rules); i++) {
		_cleanup_(freep) char *text = xasprintf("permissions: %s\n", rules[i].rules);
		_cleanup_(fake_clear) struct fake f = fake_make_with(world_settings, text);

		fake_begin(&f);

		_cleanup_(asked_clear) struct asked a =
		    ask(&f, rules[i].person, DOOR_SLASH, rules[i].text, rules[i].effect);

		if (a.ok != rules[i].ok || a.permission.allowed != (a.ok ? true : a.permission.allowed))
			fail_msg("row %zu: %s", i, a.err.text);
		if (rules[i].why != NULL && strstr(a.err.text, rules[i].why) == NULL)
			fail_msg("row %zu: %s", i, a.err.text);
		if (!a.ok)
			assert_int_equal(a.err.kind, REFUSED);
	}
}

TEST(requirements_of_rule_and_environment_are_united)
{
	_cleanup_(fake_clear) struct fake f = fake_make_with(world_settings,
	    "permissions: [{roles: [sre], approvals: 2, now: true}]\n");

	fake_begin(&f);
	{
		_cleanup_(asked_clear) struct asked a =
		    ask(&f, "U0ANN", DOOR_SLASH, "rollback web-front in production", CHANGES);

		assert_true(a.ok && a.permission.now);
		assert_int_equal(a.permission.needs[0].count, 2);
		assert_null(a.permission.needs[0].roles);
		assert_int_equal(a.permission.needs[1].count, 1);
		assert_string_equal(a.permission.needs[1].roles[0], "lead");
	}
	{
		_cleanup_(asked_clear) struct asked a =
		    ask(&f, "U0ANN", DOOR_SLASH, "rollout history web-front in production", READS);

		assert_true(a.ok);
		assert_int_equal(a.permission.needs[0].count + a.permission.needs[1].count, 0);
	}
}

/* Without rules the environment's approvals were not asked for. */
TEST(without_rules_everybody_looks_and_the_admin_alone_changes_with_the_approvals_of_the_place)
{
	_cleanup_(fake_clear) struct fake f = fake_make_with(world_settings, "");

	fake_begin(&f);
	static const struct { const char *person, *text; enum effect effect; bool ok; int needs; } rows[] = {
		{ "U0EVE", "rollout history web-front", READS, true, 0 },
		{ "U0ANN", "rollback web-front", CHANGES, false, 0 },
		{ "U0ALICE", "rollback web-front", CHANGES, true, 0 },
		{ "U0ALICE", "rollback web-front in production", CHANGES, true, 1 },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		_cleanup_(asked_clear) struct asked a =
		    ask(&f, rows[i].person, DOOR_SLASH, rows[i].text, rows[i].effect);

		assert_row(i, a.ok == rows[i].ok);
		assert_row(i, a.permission.needs[1].count == rows[i].needs);
		if (!a.ok)
			assert_non_null(strstr(a.err.text, "admin (U0ALICE)"));
	}
}

/* ---- people and places (ID1 to ID7) ---- */

TEST(strangers_guests_bots_and_the_deactivated_are_told_what_they_are)
{
	static const struct { struct person_facts facts; const char *why; } rows[] = {
		{ { .there = false, .why_not = "a guest" }, "you are a guest" },
		{ { .there = false, .why_not = "from another workspace" }, "you are from another workspace" },
		{ { .there = false, .why_not = "a bot" }, "you are a bot" },
		{ { .there = false, .why_not = "deactivated" }, "you are deactivated" },
		{ { .there = false }, "you are not known here" },
	};
	static const char *const texts[] = { "rollback web-front", "rollout history web-front", "help", "whoami" };

	for (size_t i = 0; i < COUNT(rows); i++) {
		_cleanup_(fake_clear) struct fake f = fake_make_with(world_settings, "permissions: [{}]\n");

		f.people[0] = rows[i].facts;
		f.people[0].id = "U0ANN";
		fake_begin(&f);
		for (size_t k = 0; k < COUNT(texts); k++) {
			_cleanup_(asked_clear) struct asked a = ask(&f, "U0ANN", DOOR_MESSAGE, texts[k], READS);

			assert_row(i, !a.ok && !a.permission.allowed && !a.permission.unknown);
			assert_row(i, strstr(a.err.text, rows[i].why) != NULL);
		}
	}
}

TEST(who_is_not_in_memory_is_unknown_and_who_could_not_be_fetched_is_nobody)
{
	_cleanup_(fake_clear) struct fake f = fake_make_with(world_settings, "permissions: [{}]\n");
	struct permission permission;
	struct error err = ERROR_INIT;

	fake_begin(&f);
	_cleanup_(asked_clear) struct asked a = ask(&f, "U0ANN", DOOR_SLASH, "rollback web-front", CHANGES);

	assert_true(a.ok);
	turn(f.loop, MINUTES(1) + 1);
	assert_false(permit(&permission, f.bot.configuration, f.bot.directory, a.request, CHANGES, &err));
	assert_true(permission.unknown);
	assert_false(permission.allowed);
	f.people_fail = true;
	know(&f, "T0TEAM/U0ANN", "C0INC");
	assert_false(permit(&permission, f.bot.configuration, f.bot.directory, a.request, CHANGES, &err));
	assert_false(permission.allowed);
	assert_non_null(strstr(err.text, "could not find out who you are"));
}

/* A channel whose facts could not be fetched counted as one that is not shared. */
TEST(a_channel_that_is_shared_or_cannot_be_seen_shows_and_changes_nothing)
{
	static const struct { struct channel_facts facts; bool ok; const char *why; } rows[] = {
		{ { .there = true }, true, NULL },
		{ { .there = true, .shared = true }, false, "shared with another company" },
		{ { .there = false }, false, "could not find out what this channel is" },
		{ { .id = "C0OTHER" }, false, "could not find out" },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		_cleanup_(fake_clear) struct fake f = fake_make_with(world_settings, "permissions: [{}]\n");

		f.channels[0] = rows[i].facts;
		f.channels[0].id = rows[i].facts.id != NULL ? rows[i].facts.id : "C0INC";
		fake_begin(&f);

		_cleanup_(asked_clear) struct asked a = ask(&f, "U0ANN", DOOR_SLASH, "rollout history web-front", READS);

		assert_row(i, a.ok == rows[i].ok);
		assert_row(i, a.ok || strstr(a.err.text, rows[i].why) != NULL);
	}
}

TEST(membership_in_a_group_gives_its_role_while_it_lasts)
{
	_cleanup_(fake_clear) struct fake f = fake_make_with(world_settings, "permissions: [{roles: [sre]}]\n");

	fake_begin(&f);
	for (int member = 1; member >= 0; member--) {
		f.groups[0].members[0] = member ? "U0EVE" : NULL;
		directory_forget(f.bot.directory, "group", "S0SRE");

		_cleanup_(asked_clear) struct asked a = ask(&f, "U0EVE", DOOR_SLASH, "rollback web-front", CHANGES);

		assert_int_equal(a.ok, member);
	}
}

/* CS1 */
TEST(at_the_local_socket_only_those_are_somebody_whom_the_configuration_names)
{
	_cleanup_(fake_clear) struct fake f = fake_make_with(world_settings, "permissions: [{}]\n");
	static const struct { const char *person; bool ok; } rows[] = {
		{ "local:carol", true }, { "local:root", false }, { "local:nobody", false }, { "local:4711", false },
	};

	fake_begin(&f);
	for (size_t i = 0; i < COUNT(rows); i++) {
		_cleanup_(asked_clear) struct asked a =
		    ask(&f, rows[i].person, DOOR_CONSOLE, "rollout history web-front", READS);

		assert_row(i, a.ok == rows[i].ok);
		assert_row(i, a.ok || strstr(a.err.text, "the configuration names nobody of that account") != NULL);
	}
}

/* ---- approvals (AP3, P1, P7) ---- */

struct approving {
	const char *principal;
	bool ok;
	const char *why;
};

static void
check_approvers(const char *settings, const char *rules_text, const char *text, const struct approving *rows,
    size_t count)
{
	_cleanup_(fake_clear) struct fake f = fake_make_with(settings, rules_text);

	fake_begin(&f);

	_cleanup_(asked_clear) struct asked a = ask(&f, "U0ANN", DOOR_SLASH, text, CHANGES);

	assert_true(a.ok);
	for (size_t i = 0; i < count; i++) {
		struct error err = ERROR_INIT;
		bool ok;

		know(&f, rows[i].principal, "C0INC");
		ok = permit_approval(&a.permission, f.bot.configuration, f.bot.directory, a.request,
		    rows[i].principal, &err);
		if (ok != rows[i].ok || (!ok && strstr(err.text, rows[i].why) == NULL))
			fail_msg("row %zu: %s", i, err.text);
	}
}

TEST(a_yes_comes_from_another_one_with_the_role_never_from_root_or_our_own_account)
{
	char own[64];
	struct approving rows[] = {
		{ "T0TEAM/U0ANN", false, "because you asked for it" },
		{ "T0TEAM/U0BOB", false, "it needs the role lead (U0LEAD, U0KIM, root)" },
		{ "T0TEAM/U0LEAD", true, NULL },
		{ "T0TEAM/U0KIM", true, NULL },
		{ "T0TEAM/U0GHOST", false, "a full member" },
		{ "local:root", false, "runs me" },
		{ own, false, "runs me" },
	};

	snprintf(own, sizeof(own), "local:%s", getpwuid(getuid())->pw_name);
	check_approvers("clusters: {primary: {}}\n"
	    "environments: {production: {clusters: [primary], approvals: 1, approvers: [lead]}}\n"
	    "targets: {web: {driver: deployment, namespace: a}}\n"
	    "roles: {sre: {users: [U0ANN, U0BOB]}, lead: {users: [U0LEAD, U0KIM, \"local:root\"]}}\n",
	    "permissions: [{roles: [sre]}]\n", "rollback web", rows, COUNT(rows));
}

/* Where anybody may say yes, anybody is still somebody whom the configuration names. */
TEST(cs1_an_account_that_is_named_nowhere_says_no_yes)
{
	static const struct approving rows[] = {
		{ "T0TEAM/U0LEAD", true, NULL },
		{ "local:mallory", false, "the configuration names nobody of that account" },
		{ "local:carol", true, NULL },
	};

	check_approvers("clusters: {primary: {}}\n"
	    "environments: {production: {clusters: [primary]}}\n"
	    "targets: {web: {driver: deployment, namespace: a}}\n"
	    "roles: {lead: {users: [\"local:carol\"]}}\n",
	    "permissions: [{commands: [rollback], approvals: 1}]\n", "rollback web", rows, COUNT(rows));
}

/* ID7: asked for by one face, never approved by another; what a face means must be known. */
TEST(one_human_with_two_faces_is_one_person)
{
	static const struct approving rows[] = {
		{ "T0TEAM/U0LEAD", true, NULL },
		{ "T0TEAM/U0KIM", false, "you are also T0TEAM/U0ANN, who asked for it" },
		{ "local:ann", false, "you are also T0TEAM/U0ANN" },
		{ "local:carol", true, NULL },
	};

	check_approvers("clusters: {primary: {}}\n"
	    "environments: {production: {clusters: [primary], approvals: 1, approvers: [lead]}}\n"
	    "targets: {web: {driver: deployment, namespace: a}}\n"
	    "people: {ann: [U0ANN, U0KIM, \"local:ann\"], carol: [U0ALICE, \"local:carol\"]}\n"
	    "roles: {sre: {users: [U0ANN]}, lead: {users: [U0LEAD, U0KIM, \"local:ann\", \"local:carol\"]}}\n",
	    "permissions: [{roles: [sre]}]\n", "rollback web", rows, COUNT(rows));
}

/* ID7: two accounts with one address are one human, who neither approves for themselves nor says yes twice. */
TEST(accounts_with_the_same_verified_address_are_one_person)
{
	static const struct {
		const char *ann, *kim, *lead;
		bool unverified, kim_may, lead_may, two_yeses;
	} rows[] = {
		{ "ann@example.com", "kim@example.com", "lead@example.com", false, true, true, true },
		{ "ann@example.com", "Ann@Example.com", "lead@example.com", false, false, true, false },
		{ "ann@example.com", "kim@example.com", "kim@example.com", false, true, true, false },
		{ "ann@example.com", "ann@example.com", "ann@example.com", true, true, true, true },
		{ NULL, NULL, NULL, false, true, true, true },
		{ "ann@example.com", "kim@example.com", "bob@example.com", false, true, false, true },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		_cleanup_(fake_clear) struct fake f = fake_make_with("clusters: {primary: {}}\n"
		    "environments: {production: {clusters: [primary], approvals: 2, approvers: [lead]}}\n"
		    "targets: {web: {driver: deployment, namespace: a}}\n"
		    "people: {ann: [U0ANN, bob@example.com]}\n"
		    "roles: {sre: {users: [U0ANN]}, lead: {users: [U0LEAD, U0KIM]}}\n",
		    "permissions: [{roles: [sre]}]\n");
		const char *both[] = { "T0TEAM/U0LEAD", "T0TEAM/U0KIM" };
		struct error err = ERROR_INIT;
		struct directory *d;

		fake_address(&f, "U0ANN", rows[i].ann, !rows[i].unverified);
		fake_address(&f, "U0KIM", rows[i].kim, !rows[i].unverified);
		fake_address(&f, "U0LEAD", rows[i].lead, !rows[i].unverified);
		f.names[0].written = "bob@example.com";
		f.names[0].id = "U0BOB";
		fake_begin(&f);
		d = f.bot.directory;
		directory_resolve_all(d);
		comes(&f, !directory_resolving(d));

		_cleanup_(asked_clear) struct asked a = ask(&f, "U0ANN", DOOR_SLASH, "rollback web", CHANGES);

		know(&f, both[0], "C0INC");
		know(&f, both[1], "C0INC");
		assert_row(i, permit_approval(&a.permission, f.bot.configuration, d, a.request, both[1], &err) ==
			rows[i].kim_may);
		assert_row(i, permit_approval(&a.permission, f.bot.configuration, d, a.request, both[0], &err) ==
			rows[i].lead_may);
		assert_row(i, permit_enough(&a.permission, f.bot.configuration, d, a.request, both, 2) ==
			(rows[i].two_yeses && rows[i].kim_may && rows[i].lead_may));
	}
}

/* What Slack does not say this minute has not become another address. */
TEST(a_failed_look_up_parts_nobody_from_their_address)
{
	_cleanup_(fake_clear) struct fake f = fake_make_with(world_settings, "permissions: [{}]\n");

	fake_address(&f, "U0ANN", "ann@example.com", true);
	fake_address(&f, "U0KIM", "ann@example.com", true);
	fake_begin(&f);
	know(&f, "T0TEAM/U0ANN", "C0INC");
	know(&f, "T0TEAM/U0KIM", "C0INC");
	turn(f.loop, MINUTES(2));
	f.people_fail = true;
	know(&f, "T0TEAM/U0ANN", "C0INC");
	assert_null(directory_person(f.bot.directory, "T0TEAM/U0ANN", HOURS(1)));
	assert_true(directory_same_person(f.bot.directory, "T0TEAM/U0ANN", "T0TEAM/U0KIM"));
	turn(f.loop, MINUTES(2));
	f.people_fail = false;
	fake_address(&f, "U0ANN", "ann.new@example.com", true);
	know(&f, "T0TEAM/U0ANN", "C0INC");
	assert_false(directory_same_person(f.bot.directory, "T0TEAM/U0ANN", "T0TEAM/U0KIM"));
}

TEST(a_face_that_is_not_resolved_may_be_anybody_s_of_the_chat)
{
	static const struct approving rows[] = {
		{ "T0TEAM/U0LEAD", false, "you are also T0TEAM/U0ANN" },
		{ "local:carol", true, NULL },
	};

	check_approvers("clusters: {primary: {}}\n"
	    "environments: {production: {clusters: [primary], approvals: 1, approvers: [lead]}}\n"
	    "targets: {web: {driver: deployment, namespace: a}}\n"
	    "people: {ann: [U0ANN, \"@ann.private\"]}\n"
	    "roles: {sre: {users: [U0ANN]}, lead: {users: [U0LEAD, \"local:carol\"]}}\n",
	    "permissions: [{roles: [sre]}]\n", "rollback web", rows, COUNT(rows));
}

TEST(two_faces_of_one_human_give_one_yes)
{
	_cleanup_(fake_clear) struct fake f = fake_make_with("clusters: {primary: {}}\n"
	    "environments: {production: {clusters: [primary]}}\n"
	    "targets: {web: {driver: deployment, namespace: a}}\n"
	    "people: {lea: [U0LEAD, \"local:lea\"]}\n"
	    "roles: {sre: {users: [U0ANN, U0LEAD, U0KIM, \"local:lea\"]}}\n",
	    "permissions: [{roles: [sre], approvals: 2}]\n");
	static const struct { const char *people[4]; bool enough; } both[] = {
		{ { "T0TEAM/U0LEAD", "local:lea", NULL }, false },
		{ { "T0TEAM/U0LEAD", "T0TEAM/U0KIM", NULL }, true },
		{ { "local:lea", "T0TEAM/U0LEAD", "T0TEAM/U0KIM", NULL }, true },
	};

	fake_begin(&f);

	_cleanup_(asked_clear) struct asked a = ask(&f, "U0ANN", DOOR_SLASH, "rollback web", CHANGES);

	for (size_t i = 0; i < COUNT(both); i++) {
		size_t count = 0;

		while (both[i].people[count] != NULL)
			count++;
		assert_row(i, permit_enough(&a.permission, f.bot.configuration, f.bot.directory, a.request,
		    both[i].people, count) == both[i].enough);
	}
}

TEST(without_approvers_whoever_may_ask_for_it_may_say_yes)
{
	static const struct approving with_roles[] = {
		{ "T0TEAM/U0BOB", true, NULL }, { "T0TEAM/U0EVE", false, "only those who may ask for it can" },
	};
	static const struct approving for_all[] = { { "T0TEAM/U0EVE", true, NULL } };
	static const char settings[] = "clusters: {primary: {}}\n"
	    "targets: {web: {driver: deployment, namespace: a}}\n"
	    "roles: {sre: {users: [U0ANN, U0BOB]}}\n";

	check_approvers(settings, "permissions: [{roles: [sre], approvals: 1}]\n", "rollback web", with_roles,
	    COUNT(with_roles));
	check_approvers(settings, "permissions: [{approvals: 1}]\n", "rollback web", for_all, COUNT(for_all));
}

TEST(an_approval_wants_fresher_facts_than_a_request)
{
	_cleanup_(fake_clear) struct fake f = fake_make_with(world_settings, "permissions: [{roles: [sre]}]\n");
	struct error err = ERROR_INIT;

	fake_begin(&f);

	_cleanup_(asked_clear) struct asked a =
	    ask(&f, "U0ANN", DOOR_SLASH, "rollback web-front in production", CHANGES);

	know(&f, "T0TEAM/U0KIM", "C0INC");
	turn(f.loop, SECONDS(10));
	assert_true(permit_approval(&a.permission, f.bot.configuration, f.bot.directory, a.request,
	    "T0TEAM/U0KIM", &err));
	turn(f.loop, 1);
	assert_false(permit_approval(&a.permission, f.bot.configuration, f.bot.directory, a.request,
	    "T0TEAM/U0KIM", &err));
}

static const struct {
	const char *people[5];
	bool enough;
	int missing;
} counted[] = {
	{ { NULL }, false, 2 },
	{ { "T0TEAM/U0BOB", NULL }, false, 1 },
	{ { "T0TEAM/U0BOB", "T0TEAM/U0LEAD", NULL }, true, 0 },	/* lead counts for both */
	{ { "T0TEAM/U0LEAD", NULL }, false, 1 },
	{ { "T0TEAM/U0LEAD", "T0TEAM/U0KIM", NULL }, true, 0 },
	{ { "T0TEAM/U0BOB", "T0TEAM/U0ALICE", NULL }, false, 1 },
	{ { "T0TEAM/U0ANN", "T0TEAM/U0LEAD", NULL }, false, 1 },	/* the asker's own never counts */
	{ { "T0TEAM/U0EVE", "T0TEAM/U0EVE", NULL }, false, 2 },
};

TEST(each_requirement_is_met_and_one_person_may_count_for_both)
{
	_cleanup_(fake_clear) struct fake f = fake_make_with("clusters: {primary: {}}\n"
	    "environments: {production: {clusters: [primary], approvals: 1, approvers: [lead]}}\n"
	    "targets: {web: {driver: deployment, namespace: a}}\n"
	    "roles: {sre: {users: [U0ANN, U0BOB, U0LEAD, U0KIM, U0ALICE]}, lead: {users: [U0LEAD, U0KIM]}}\n",
	    "permissions: [{roles: [sre], approvals: 2, approvers: [sre]}]\n");

	fake_begin(&f);

	_cleanup_(asked_clear) struct asked a = ask(&f, "U0ANN", DOOR_SLASH, "rollback web", CHANGES);

	for (size_t i = 0; i < COUNT(counted); i++) {
		const struct requirement *which = NULL;
		size_t count = 0;

		while (counted[i].people[count] != NULL)
			count++;
		assert_row(i, permit_enough(&a.permission, f.bot.configuration, f.bot.directory, a.request,
		    counted[i].people, count) == counted[i].enough);
		assert_row(i, permit_missing(&a.permission, f.bot.configuration, f.bot.directory, a.request,
		    counted[i].people, count, &which) == counted[i].missing);
		assert_row(i, counted[i].enough || which != NULL);
	}
}

TEST(roles_are_printed_with_who_has_them)
{
	_cleanup_(fake_clear) struct fake f = fake_make_with(world_settings, "");

	fake_begin(&f);
	assert_string_equal(permit_print_role(f.arena, f.bot.configuration, "dev"), "dev (U0BOB)");
	assert_string_equal(permit_print_role(f.arena, f.bot.configuration, "absent"), "absent (nobody yet)");
	assert_false(permit_has_role(f.bot.configuration, f.bot.directory, "T0TEAM/U0BOB", "absent"));
	assert_true(permit_has_role(f.bot.configuration, f.bot.directory, "T0TEAM/U0BOB", "dev"));
}

/* ---- two policies (CS2) ---- */

static const char *const leads[] = { "lead", NULL };
static const char *const others[] = { "other", NULL };

/* Needs are written {rule's count, its roles, environment's count, its roles}. */
static const struct {
	struct requirement before[2], later[2];
	bool more;
	int yeses;		/* of both policies */
} tightened[] = {
	{ { { 0 } }, { { 0 } }, false, 0 },
	{ { { 1, NULL, NULL } }, { { 1, NULL, NULL } }, false, 1 },
	{ { { 2, leads, NULL } }, { { 1, leads, NULL } }, false, 2 },	/* fewer later: it keeps its own */
	{ { { 1, leads, NULL } }, { { 0 } }, false, 1 },
	{ { { 1, leads, NULL } }, { { 2, leads, NULL } }, true, 2 },
	{ { { 0 } }, { { 0 }, { 1, leads, NULL } }, true, 1 },
	{ { { 1, leads, NULL } }, { { 1, others, NULL } }, true, 2 },	/* other people: both */
	{ { { 0 }, { 1, leads, NULL } }, { { 0 }, { 1, others, NULL } }, true, 2 },
	{ { { 1, NULL, leads } }, { { 1, NULL, others } }, true, 2 },	/* others may ask for it now */
	{ { { 1, leads, leads } }, { { 1, leads, others } }, false, 1 },	/* who approves is the same */
	{ { { 0 }, { 1, leads, NULL } }, { { 1, leads, NULL } }, false, 1 },	/* of another place */
};

TEST(a_later_policy_only_tightens)
{
	for (size_t i = 0; i < COUNT(tightened); i++) {
		struct permission p = { .allowed = true, .now = true }, later = { .allowed = true };

		memcpy(p.needs, tightened[i].before, sizeof(tightened[i].before));
		memcpy(later.needs, tightened[i].later, sizeof(tightened[i].later));
		assert_row(i, permission_tighten(&p, &later) == tightened[i].more);
		assert_row(i, permission_yeses(&p) == tightened[i].yeses);
		assert_row(i, p.allowed && !p.now);
		assert_row(i, !permission_tighten(&p, &later));	/* the same again adds nothing */
	}
}

TEST(what_a_later_policy_forbids_is_not_allowed_any_more)
{
	struct permission p = { .allowed = true }, later = { .allowed = false };

	permission_tighten(&p, &later);
	assert_false(p.allowed);
}

TEST(more_policies_than_are_kept_at_once_allow_nothing)
{
	static const char *const names[][2] = { { "a" }, { "b" }, { "c" }, { "d" }, { "e" }, { "f" },
		{ "g" }, { "h" } };
	struct permission p = { .allowed = true };

	for (size_t i = 0; i < COUNT(names); i++) {
		struct permission later = { .allowed = true, .needs[0] = { 1, names[i], NULL } };

		assert_row(i, p.allowed);
		permission_tighten(&p, &later);
	}
	assert_false(p.allowed);
}

TEST(a_permission_outlives_the_configuration_that_gave_it)
{
	_cleanup_(fake_clear) struct fake f = fake_make_with(world_settings,
	    "permissions: [{roles: [sre], approvals: 1}]\n");

	fake_begin(&f);

	_cleanup_(asked_clear) struct asked a = ask(&f, "U0ANN", DOOR_SLASH, "rollback web-front", CHANGES);
	const struct configuration *old = f.bot.configuration;

	assert_true(a.ok);
	f.bot.configuration = fake_configure(&f.folder, world_settings,
	    "permissions: [{roles: [sre], approvals: 2}]\n");
	configuration_free(old);	/* the request holds it still */
	assert_string_equal(a.request->target->environment->name, "staging");
	assert_string_equal(a.permission.roles[0], "sre");
	assert_int_equal(permit_missing(&a.permission, f.bot.configuration, f.bot.directory, a.request,
	    NULL, 0, NULL), 1);
}

/* plan.c, plan_store.c, plan_describe.c - a plan, its digest, its stored form, its lines. */

#include "plan.h"

#include "base/text.h"
#include "test.h"
#include "words.h"

static const struct word_flag flags_get[] = { { "-o", VALUE_CHOICE, "json", false }, { .name = NULL } };
static const struct word_flag flags_undo[] = {
	{ "--to-revision", VALUE_REVISION, NULL, true }, { .name = NULL }
};
static const struct word table[] = {
	{ .name = "tool.get", .tool = "tool", .verbs = "get", .flags = flags_get,
	  .positional = { { VALUE_OBJECT, "thing" } }, .reads = true },
	{ .name = "tool.undo", .tool = "tool", .verbs = "undo", .flags = flags_undo,
	  .positional = { { VALUE_OBJECT, "thing" } } },
	{ .name = NULL },
};

static enum verdict
holds(struct arena *arena, const struct reading *reading, const char *expect, const char **note)
{
	*note = arena_printf(arena, "%d %s", reading->exit, expect);
	return HOLDS;
}

static const struct judge judges[] = {
	{ "tool.is", holds }, { "tool.isnt", holds }, { NULL, NULL }
};

static char **
get(struct plan *plan)
{
	return plan_argv(plan, "tool", "get", "-o=json", "--", "thing/web", NULL);
}

/* A plan that uses everything. */
static struct plan *
sample(void)
{
	struct plan *plan = plan_new();
	struct step probe = { .kind = STEP_CHECK, .argv = get(plan), .judge = "tool.is",
		.expect = "abc", .limit = SECONDS(10), .effect = READS, .resume = RERUN };

	words_register(table);
	judges_register(judges);
	plan->kind = "rollback";
	plan->requester = "T0TEAM/U0ANN";
	plan->title = "Roll back web";
	plan->target = "web";
	plan->driver = "thing";
	plan->cluster = "primary";
	plan->environment = "production";
	plan->namespace = "chatops";
	plan->object = "thing/web";
	plan->product = "ChatOps Platform";
	plan->identity = "0b8a2f3e";
	plan->from = (struct version){ .number = 7, .version = "1.2.4", .image = "web:1.2.4",
		.pin = "from-pin", .since = 1700000000000, .who = "carl" };
	plan->to = (struct version){ .number = 5, .version = "1.2.3", .image = "web:1.2.3",
		.pin = "0123456789abcdef", .verified = 1699999999999, .why = "\"quoted\"" };
	plan->skipped = "revision 6, which failed";
	plan->saved = "{\"replicas\":3}";
	plan->tell = "rollback";
	plan->way_out = "Otherwise: /rollback web to 5";
	plan->unproven = "it is scaled to 0";
	plan->estimate = 90000;
	plan_remark(plan, REMARK_CHECK, "replicas.autoscaler", "The autoscaler keeps %d.", 3);
	plan_difference(plan, CHANGE_MODIFY, "Thing web", "image web", "web:1.2.4", "web:1.2.3");
	plan_difference(plan, CHANGE_DELETE, "ConfigMap late", NULL, NULL, NULL);
	plan_lock(plan, "primary/chatops/thing/web");
	*ARENA_GROW(plan->arena, &plan->also) = "thing/engine";
	plan_look(plan, .name = "web", .argv = get(plan), .limit = SECONDS(10));
	plan_step_add(plan, &plan->steps, &(struct step){ .kind = STEP_SAVE,
	    .title = "Save the present state", .resume = RERUN });
	plan_run(plan, .title = "Put revision 5 back", .argv = plan_argv(plan, "tool", "undo",
	    plan_arg(plan, "--to-revision=%d", 5), "--", "thing/web", NULL),
	    .limit = MINUTES(1), .effect = CHANGES, .cancel = FINISH, .resume = PROBE,
	    .probe = &probe, .judge = "tool.is");
	plan_until(plan, .title = "Wait for it", .argv = get(plan), .judge = "tool.is",
	    .expect = "def", .limit = MINUTES(5), .every = SECONDS(2), .tail = true);
	plan_check(plan, .title = "Look", .argv = get(plan), .judge = "tool.is",
	    .limit = SECONDS(10), .advisory = true);
	plan_step_add(plan, &plan->undo, &(struct step){ .kind = STEP_RUN, .title = "Forward",
	    .argv = plan_argv(plan, "tool", "undo", "--to-revision=7", "--", "thing/web", NULL),
	    .limit = MINUTES(1) });
	plan_step_add(plan, &plan->always, &(struct step){ .kind = STEP_WAIT, .title = "Settle",
	    .limit = SECONDS(5), .effect = READS });
	plan->steps.item[1].state = STEP_RUNNING;
	plan->steps.item[1].started = 1700000001000;
	plan->steps.item[0].exit = -1;
	plan->steps.item[0].note = "saved";
	return plan;
}

static void
hash(const struct plan *plan, char hex[DIGEST_HEX])
{
	plan_hash(plan, hex);
	assert_int_equal(strlen(hex), 64);
}

/* ---- the digest ---------------------------------------------------------------------------- */

#define CHANGE(name, statement)                                                                    \
	static void change_##name(struct plan *plan)                                               \
	{                                                                                          \
		statement;                                                                         \
	}
#define UNDO (&plan->steps.item[1])
CHANGE(kind, plan->kind = "rollout.undo")
CHANGE(requester, plan->requester = "T0TEAM/U0BOB")
CHANGE(target, plan->target = "web2")
CHANGE(target_gone, plan->target = NULL)
CHANGE(identity, plan->identity = "0b8a2f3f")
CHANGE(from, plan->from.pin = "from-pin2")
CHANGE(to, plan->to.pin = NULL)
CHANGE(step_kind, plan->steps.item[3].kind = STEP_UNTIL)
CHANGE(argv, UNDO->argv[2] = plan_arg(plan, "--to-revision=%d", 4))
CHANGE(argv_longer, UNDO->argv = plan_argv(plan, "tool", "undo", "--to-revision=5", "--",
	   "thing/web", "x", NULL))
CHANGE(effect, UNDO->effect = DESTROYS)
CHANGE(resume, UNDO->resume = ASK)
CHANGE(cancel, UNDO->cancel = TERM)
CHANGE(limit, UNDO->limit++)
CHANGE(judge, UNDO->judge = "tool.isnt")
CHANGE(expect, plan->steps.item[2].expect = "deg")
CHANGE(advisory, plan->steps.item[2].advisory = true)
CHANGE(probe_gone, UNDO->probe = NULL)
CHANGE(probe_expect, UNDO->probe->expect = "abd")
CHANGE(probe_argv, UNDO->probe->argv[4] = plan_arg(plan, "thing/%s", "other"))
CHANGE(step_less, plan->steps.count--)
CHANGE(step_more, plan_check(plan, .argv = get(plan), .limit = 1))
CHANGE(undo, plan->undo.item[0].limit++)
CHANGE(always, plan->always.item[0].limit++)
CHANGE(moved, plan->always.item[plan->always.count++] = plan->undo.item[--plan->undo.count])
CHANGE(remark, plan->remarks.item[0].code = "replicas.other")
CHANGE(remark_more, plan_remark(plan, REMARK_NOTE, "x", "y"))

static const struct {
	const char *name;
	void (*change)(struct plan *);
} changes[] = {
	{ "kind", change_kind }, { "requester", change_requester }, { "target", change_target },
	{ "target gone", change_target_gone }, { "identity", change_identity },
	{ "from", change_from }, { "to", change_to }, { "step kind", change_step_kind },
	{ "argv", change_argv }, { "argv longer", change_argv_longer }, { "effect", change_effect },
	{ "resume", change_resume }, { "cancel", change_cancel }, { "limit", change_limit },
	{ "judge", change_judge }, { "expect", change_expect }, { "advisory", change_advisory },
	{ "probe gone", change_probe_gone }, { "probe expect", change_probe_expect },
	{ "probe argv", change_probe_argv }, { "step less", change_step_less },
	{ "step more", change_step_more }, { "undo", change_undo }, { "always", change_always },
	{ "moved", change_moved }, { "remark", change_remark },
	{ "remark more", change_remark_more },
};

/* AP1: a yes is to exactly this. */
TEST(every_field_changes_the_hash)
{
	char seen[COUNT(changes) + 1][DIGEST_HEX];

	for (size_t i = 0; i <= COUNT(changes); i++) {
		_cleanup_(plan_freep) struct plan *plan = sample();

		if (i < COUNT(changes))
			changes[i].change(plan);
		hash(plan, seen[i]);
		for (size_t k = 0; k < i; k++)
			if (strcmp(seen[i], seen[k]) == 0)
				fail_msg("%s", changes[i < COUNT(changes) ? i : k].name);
	}
}

TEST(what_is_only_told_is_not_in_the_hash)
{
	_cleanup_(plan_freep) struct plan *plan = sample();
	char before[DIGEST_HEX], after[DIGEST_HEX];

	hash(plan, before);
	plan->title = "Zur\xc3\xbc" "ck";
	plan->product = "other";
	plan->skipped = NULL;
	plan->way_out = NULL;
	plan->unproven = NULL;
	plan->estimate = 1;
	plan->from.since++;
	plan->to.verified = 0;
	plan->saved = "{}";
	plan->steps.item[1].title = "x";
	plan->steps.item[1].state = STEP_DONE;
	plan->steps.item[1].started = 5;
	plan->steps.item[1].note = "x";
	plan->remarks.item[0].text = "x";
	plan_difference(plan, CHANGE_MODIFY, "x", NULL, NULL, NULL);
	hash(plan, after);
	assert_string_equal(before, after);
}

/* ---- building ------------------------------------------------------------------------------ */

TEST(deletions_stand_first)
{
	_cleanup_(plan_freep) struct plan *plan = plan_new();
	static const enum change order[] = { CHANGE_MODIFY, CHANGE_CREATE, CHANGE_DELETE,
		CHANGE_MODIFY, CHANGE_DELETE, CHANGE_CREATE };
	const char *const names[] = { "2", "4", "1", "5", "0", "3" };

	for (size_t i = 0; i < COUNT(order); i++)
		plan_difference(plan, order[i], names[i], NULL, "a", "b");
	for (size_t i = 0; i < COUNT(order); i++)
		assert_int_equal(plan->differences.item[i].change, (int)i / 2);
	assert_string_equal(plan->differences.item[0].object, "1");
	assert_string_equal(plan->differences.item[5].object, "5");
}

TEST(a_lock_is_there_once_and_a_read_is_asked_once)
{
	_cleanup_(plan_freep) struct plan *plan = plan_new();
	char key[] = "a/b";

	plan_lock(plan, key);
	key[0] = 'x';
	plan_lock(plan, "a/b");
	plan_lock(plan, "c");
	assert_int_equal(plan->locks.count, 2);
	assert_string_equal(plan->locks.item[0], "a/b");
	plan_look(plan, .name = "web", .argv = get(plan), .limit = 1);
	plan_look(plan, .name = "web", .argv = get(plan), .limit = 2);
	assert_int_equal(plan->reads.count, 1);
	assert_int_equal(plan->reads.item[0].limit, 1);
	assert_int_equal(plan->reads.item[0].effect, READS);
	assert_int_equal(plan->reads.item[0].resume, RERUN);
}

TEST(a_forgotten_field_is_the_careful_answer)
{
	_cleanup_(plan_freep) struct plan *plan = plan_new();
	const struct step *step = plan_run(plan, .title = "x", .argv = get(plan), .limit = 1);

	assert_int_equal(step->effect, CHANGES);
	assert_int_equal(step->resume, ASK);
	assert_int_equal(step->cancel, FINISH);
}

TEST(a_plan_changes_when_a_step_runs_something_that_does_not_only_read)
{
	_cleanup_(plan_freep) struct plan *plan = plan_new();

	assert_false(plan_changes(plan));
	plan_step_add(plan, &plan->steps, &(struct step){ .kind = STEP_SAVE });
	plan_check(plan, .argv = get(plan), .limit = 1);
	assert_false(plan_changes(plan));
	plan_step_add(plan, &plan->always, &(struct step){ .argv = get(plan) });
	assert_true(plan_changes(plan));
}

TEST(the_worst_remark_counts)
{
	_cleanup_(plan_freep) struct plan *plan = plan_new();

	assert_int_equal(plan_worst(plan), REMARK_NOTE);
	plan_remark(plan, REMARK_STOP, "a", "b");
	plan_remark(plan, REMARK_CHECK, "a", "b");
	assert_int_equal(plan_worst(plan), REMARK_STOP);
}

TEST(judges_are_found_by_name)
{
	judges_register(judges);
	judges_register(judges);
	assert_ptr_equal(judge_find("tool.isnt"), &judges[1]);
	assert_null(judge_find("tool.isnot"));
}

/* ---- stored, and back ---------------------------------------------------------------------- */

static struct plan *
back(const struct plan *plan, const char *from, const char *to, struct error *err)
{
	_cleanup_(text_clear) struct text printed = TEXT_INIT, changed = TEXT_INIT;
	const char *at;

	plan_print(plan, &printed);
	assert_false(printed.cut);
	if (from == NULL)
		return plan_read(printed.data, printed.length, err);
	if ((at = strstr(printed.data, from)) == NULL)
		fail_msg("\"%s\" is not in %s", from, printed.data);
	text_add_bytes(&changed, printed.data, (size_t)(at - printed.data));
	text_add(&changed, to);
	text_add(&changed, at + strlen(from));
	return plan_read(changed.data, changed.length, err);
}

TEST(a_stored_plan_comes_back_whole)
{
	_cleanup_(plan_freep) struct plan *plan = sample(), *again = NULL;
	_cleanup_(text_clear) struct text first = TEXT_INIT, second = TEXT_INIT;
	struct error err = ERROR_INIT;
	char before[DIGEST_HEX], after[DIGEST_HEX];

	again = back(plan, NULL, NULL, &err);
	if (again == NULL)
		fail_msg("%s", err.text);
	plan_print(plan, &first);
	plan_print(again, &second);
	assert_string_equal(first.data, second.data);
	hash(plan, before);
	hash(again, after);
	assert_string_equal(before, after);
	assert_string_equal(again->steps.item[1].argv[2], "--to-revision=5");
	assert_null(again->steps.item[1].argv[5]);
	assert_int_equal(again->steps.item[1].state, STEP_RUNNING);
	assert_int_equal(again->from.since, 1700000000000);
	assert_null(again->unchanged);
}

static const struct {
	const char *from, *to, *says;
} broken_plans[] = {
	{ "\"format\":1", "\"format\":2", "its format is 2, this binary reads 1" },
	{ "\"format\":1", "\"former\":1", "its format is 0" },
	{ "\"format\":1", "\"format\":1,", "the stored plan: " },
	{ "\"kind\":\"until\"", "\"kind\":\"loop\"", "steps 3: kind \"loop\" is unknown" },
	{ "\"effect\":\"changes\"", "\"effect\":\"changed\"", "effect \"changed\" is unknown" },
	{ "\"cancel\":\"term\"", "\"cancel\":true", "cancel \"(none)\" is unknown" },
	{ "--to-revision=5", "--force", "\"--force\" is no flag" },
	{ "\"undo\",\"--to-revision=5\"", "\"exec\",\"sh\"", "\"tool exec\" is in no vocabulary" },
	{ "\"--to-revision=5\"", "5", "an argument is no text" },
	{ "[\"tool\",\"get\",\"-o=json\",\"--\",\"thing/web\"],\"cancel\":\"finish\"",
	    "[\"tool\",\"undo\",\"--to-revision=5\",\"--\",\"thing/web\"],\"cancel\":\"finish\"",
	    "\"tool.undo\" changes something" },
	{ "\"judge\":\"tool.is\"", "\"judge\":\"tool.was\"", "the judge \"tool.was\" is unknown" },
	{ "\"limit\":300000", "\"limit\":0", "has no limit" },
	{ "\"every\":2000", "\"every\":0", "without a pause" },
	{ "\"resume\":\"ask\"", "\"resume\":\"probe\"", "has no probe" },
	{ "\"level\":\"check\"", "\"level\":\"fine\"", "level \"fine\" is unknown" },
	{ "\"change\":\"delete\"", "\"change\":\"erase\"", "change \"erase\" is unknown" },
	{ "\"kind\":\"wait\"", "\"kind\":\"run\"", "nothing to run" },
};

TEST(a_stored_plan_is_not_trusted)
{
	_cleanup_(plan_freep) struct plan *plan = sample();

	for (size_t i = 0; i < COUNT(broken_plans); i++) {
		struct error err = ERROR_INIT;

		assert_null(back(plan, broken_plans[i].from, broken_plans[i].to, &err));
		assert_non_null(strstr(err.text, "the stored plan: "));
		if (strstr(err.text, broken_plans[i].says) == NULL)
			fail_msg("row %zu: %s", i, err.text);
	}
}

TEST(a_stored_probe_only_reads_and_has_no_probe)
{
	_cleanup_(plan_freep) struct plan *plan = sample();
	struct error err = ERROR_INIT;
	struct step *undo = &plan->steps.item[1], inner = *undo->probe;

	undo->probe->probe = &inner;
	assert_null(back(plan, NULL, NULL, &err));
	assert_non_null(strstr(err.text, "a probe has a probe"));
	undo->probe->probe = NULL;
	undo->probe->judge = NULL;
	undo->probe->kind = STEP_RUN;
	assert_null(back(plan, NULL, NULL, &err));
	assert_non_null(strstr(err.text, "judges nothing"));
}

TEST(kinds_have_their_stored_names)
{
	assert_string_equal(plan_kind_name(STEP_UNTIL), "until");
	assert_string_equal(plan_kind_name((enum step_kind)9), "unknown");
}

/* ---- lines --------------------------------------------------------------------------------- */

TEST(a_plan_is_described_in_lines)
{
	_cleanup_(plan_freep) struct plan *plan = sample();
	_cleanup_(text_clear) struct text out = TEXT_INIT;

	plan_describe(plan, &out);
	assert_string_equal(out.data,
	    "plan      Roll back web\n"
	    "object    thing/web, namespace chatops, cluster primary\n"
	    "from      revision 7, 1.2.4, web:1.2.4 [from-pin]\n"
	    "to        revision 5, 1.2.3, web:1.2.3 [0123456789ab]\n"
	    "skipped   revision 6, which failed\n"
	    "also      thing/engine\n"
	    "check     replicas.autoscaler: The autoscaler keeps 3.\n"
	    "delete    ConfigMap late\n"
	    "modify    Thing web: image web web:1.2.4 -> web:1.2.3\n"
	    "lock      primary/chatops/thing/web\n"
	    "unproven  it is scaled to 0\n"
	    "way out   Otherwise: /rollback web to 5\n"
	    "1. save: Save the present state\n"
	    "2. run: Put revision 5 back\n"
	    "          tool undo --to-revision=5 -- thing/web => tool.is\n"
	    "          changes, limit 60 s, stop: finish, restart: probe\n"
	    "          probe tool get -o=json -- thing/web => tool.is abc\n"
	    "3. until: Wait for it\n"
	    "          tool get -o=json -- thing/web => tool.is def\n"
	    "          reads, limit 300 s, every 2000 ms, stop: term, restart: rerun, tail\n"
	    "4. check: Look\n"
	    "          tool get -o=json -- thing/web => tool.is\n"
	    "          reads, limit 10 s, stop: term, restart: rerun, goes on after a failure\n"
	    "undo 1. run: Forward\n"
	    "          tool undo --to-revision=7 -- thing/web\n"
	    "          changes, limit 60 s, stop: finish, restart: ask\n"
	    "at the end 1. wait: Settle\n"
	    "          reads, limit 5 s, stop: finish, restart: ask\n");
}

TEST(an_answer_is_described_without_marks)
{
	_cleanup_(plan_freep) struct plan *plan = plan_new();
	_cleanup_(text_clear) struct text out = TEXT_INIT;

	plan->kind = "rollout.status";
	plan->answer = "\x02" "3\x02 of 3";
	plan_describe(plan, &out);
	assert_string_equal(out.data, "plan      rollout.status\nanswer    3 of 3\n");
}

TEST(a_plan_of_a_newer_rollcall_names_both_formats)
{
	static const struct {
		const char *json;
		bool known;
	} rows[] = {
		{ "{\"format\":1}", true },
		{ "{\"format\":0}", true },	/* whether it can be read is another question */
		{ "{}", true },
		{ "no JSON", true },
		{ "{\"format\":2}", false },
		{ "{\"format\":2000000000}", false },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct error err = ERROR_INIT;

		assert_row(i, plan_is_known(rows[i].json, strlen(rows[i].json), &err) == rows[i].known);
		if (rows[i].known)
			continue;
		assert_int_equal(err.kind, REFUSED);
		assert_non_null(strstr(err.text, "and this is rollcall " ROLLCALL_VERSION " (plan format 1)"));
	}
}

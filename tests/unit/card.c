/* card.c - what a phone and a terminal show of an operation: the difference cut, the end explained. */

#include "notice.h"
#include "operation.h"

#include "base/unicode.h"
#include "test.h"

#include "fake_bot.h"

static struct operation *
asked(struct fake *f)
{
	world.steps[0] = (struct world_step){ .step = { .title = "Put it back" }, .words = { "print", "done" } };
	fake_begin(f);
	fake_types(f, "U0ANN", "rollback gateway because errors");
	until(f->loop, f->bot.operations != NULL && f->bot.operations->state == STATE_ASKING &&
	    !f->bot.operations->settling && f->bot.operations->card != NULL && f->answers == NULL);
	return f->bot.operations;
}

static size_t
widest(const char *lines, size_t *count)
{
	_cleanup_(freep) char *copy = xstrdup(lines);
	size_t most = 0;
	char *save = NULL;

	*count = 0;
	for (char *line = strtok_r(copy, "\n", &save); line != NULL; line = strtok_r(NULL, "\n", &save)) {
		most = utf8_width(line) > most ? utf8_width(line) : most;
		++*count;
	}
	return most;
}

TEST(the_difference_fits_a_phone_and_says_what_is_not_shown)
{
	_cleanup_(fake_clear) struct fake f = fake_make();
	struct operation *o = asked(&f);
	struct message *m;
	size_t lines;

	for (int i = 0; i < 30; i++) {
		plan_difference(o->plan, CHANGE_MODIFY, "Deployment a-gateway-with-a-long-name-that-is-cut",
		    "image gateway", "registry.example.com/chatops/gateway:v1.2.4",
		    "registry.example.com/chatops/gateway:v1.2.3");
		m = operation_card(o);
		assert_true(widest(m->difference, &lines) <= 38);
		assert_true(lines <= 12);
		assert_non_null(strstr(m->difference, ":v1.2.4"));
		assert_int_equal(strstr(m->difference, "more: see dry-run") != NULL, i >= 3);
		message_free(m);
	}
}

TEST(a_setting_that_goes_is_not_an_object_that_goes)
{
	_cleanup_(fake_clear) struct fake f = fake_make();
	struct operation *o = asked(&f);
	struct message *m;

	o->plan->differences.count = 0;
	plan_difference(o->plan, CHANGE_DELETE, "ConfigMap old", NULL, NULL, NULL);
	plan_difference(o->plan, CHANGE_DELETE, "Deployment gateway", "env POOL", "20", NULL);
	plan_difference(o->plan, CHANGE_CREATE, "Deployment gateway", "env LOG", NULL, "debug");
	m = operation_card(o);
	assert_string_equal(m->difference,
	    "- ConfigMap old\n~ Deployment gateway\n  env POOL  20 -> none\n  env LOG  none -> debug\n");
	message_free(m);
}

TEST(the_card_says_how_long_it_may_take_and_who_ended_it)
{
	_cleanup_(fake_clear) struct fake f = fake_make();
	struct operation *o = asked(&f);
	struct message *m = operation_card(o);
	bool told = false;

	for (size_t i = 0; i < m->context.count; i++)
		told = told || strstr(m->context.item[i], " · at most ") != NULL;
	assert_true(told);
	message_free(m);
	fake_clicks(&f, "U0ANN", "dismiss");
	comes(&f, f.bot.operations == NULL);
	assert_int_equal(fake_count(&f, "R-1/ended"), 1);
}

static bool
card_says(const struct operation *o, const char *line)
{
	_cleanup_(message_freep) struct message *m = operation_card(o);

	for (size_t i = 0; i < m->lines.count; i++)
		if (string_equal(m->lines.item[i], line))
			return true;
	return false;
}

static size_t
count_steps(const struct operation *o)
{
	_cleanup_(message_freep) struct message *m = operation_card(o);

	return m->steps.count;
}

TEST(what_was_given_up_before_it_began_has_no_next_step)
{
	_cleanup_(fake_clear) struct fake f = fake_make();
	struct operation shown = *asked(&f);

	assert_int_equal(count_steps(&shown), shown.plan->steps.count);
	shown.state = STATE_ENDED;
	shown.outcome = OUTCOME_CANCELLED;
	assert_int_equal(count_steps(&shown), 0);
	shown.list = &shown.plan->steps;
	assert_int_equal(count_steps(&shown), shown.plan->steps.count);
}

/* How many lines of the card begin so; frees it. */
static size_t
count_lines(struct message *m, const char *begin)
{
	size_t count = 0;

	for (size_t i = 0; i < m->lines.count; i++)
		count += string_starts(m->lines.item[i], begin);
	message_free(m);
	return count;
}

TEST(three_notes_stand_on_the_card_and_all_of_them_where_it_is_asked_for)
{
	_cleanup_(fake_clear) struct fake f = fake_make();
	const struct operation *o = asked(&f);
	size_t before = count_lines(operation_card_whole(o), "Note: ");

	for (size_t i = before; i < 5; i++)
		plan_remark(o->plan, REMARK_NOTE, i % 2 == 0 ? "even" : "odd", "A note, the %zu.", i);
	assert_int_equal(count_lines(operation_card(o), "Note: "), 3);
	assert_int_equal(count_lines(operation_card(o), "2 more notes: ops show R-1"), 1);
	assert_int_equal(count_lines(operation_card_whole(o), "Note: "), 5);
	assert_int_equal(count_lines(operation_card_whole(o), "2 more"), 0);
}

static size_t
count_remarks(const struct operation *o)
{
	_cleanup_(message_freep) struct message *m = operation_card(o);

	return m->remarks.count;
}

TEST(what_was_said_of_the_question_goes_when_it_acts)
{
	_cleanup_(fake_clear) struct fake f = fake_make();
	struct operation shown = *asked(&f);
	size_t before = count_remarks(&shown);

	plan_remark(shown.plan, REMARK_CHECK, "moved", "This is the new plan");
	plan_remark(shown.plan, REMARK_CHECK, "revision.left", "Revision 8 was rolled away from");
	assert_int_equal(count_remarks(&shown), before + 2);
	shown.list = &shown.plan->steps;
	shown.state = STATE_ACTING;
	assert_int_equal(count_remarks(&shown), before + 1);
}

TEST(the_way_out_is_offered_where_something_was_left_behind)
{
	_cleanup_(fake_clear) struct fake f = fake_make();
	struct operation shown = *asked(&f);
	struct step *step = &shown.plan->steps.item[0];

	shown.plan->way_out = "Otherwise: /rollback gateway to 4";
	assert_false(card_says(&shown, shown.plan->way_out));
	shown.state = STATE_ENDED;
	shown.outcome = OUTCOME_FAILED;
	shown.verdict = VERDICT_PARTLY;
	assert_false(card_says(&shown, shown.plan->way_out));
	step->behind = true;
	assert_true(card_says(&shown, shown.plan->way_out));
	shown.outcome = OUTCOME_DONE;
	assert_false(card_says(&shown, shown.plan->way_out));
}

TEST(two_revisions_of_one_version_are_told_apart_in_the_notification)
{
	_cleanup_(fake_clear) struct fake f = fake_make();
	struct operation *o = asked(&f);
	struct arena *arena = o->plan->arena;

	o->plan->from = (struct version){ .version = "1.0.4", .number = 8 };
	o->plan->to = (struct version){ .version = "1.0.4", .number = 6 };
	assert_string_equal(notice_fill(arena, "{from} to {to}", o), "1.0.4 (revision 8) to 1.0.4 (revision 6)");
	o->plan->to.version = "1.0.3";
	assert_string_equal(notice_fill(arena, "{from} to {to}", o), "1.0.4 to 1.0.3");
}

TEST(without_a_product_the_notification_names_the_target)
{
	_cleanup_(fake_clear) struct fake f = fake_make();
	struct operation *o = asked(&f);

	assert_string_equal(notice_fill(o->plan->arena, "{product}", o), "gateway");
}

/* ---- in a line ---- */

static const struct {
	enum operation_state state;
	enum outcome outcome;
	enum outcome_verdict verdict;
	const char *headline, *notification;
} lines[] = {
	{ STATE_ASKING, OUTCOME_NONE, VERDICT_NONE, "R-1 Plan: roll back gateway to 1.0.4",
	    "R-1 PLAN, nothing changed yet: roll back gateway in STAGING from 1.0.5 to 1.0.4. U0ANN can start it until " },
	{ STATE_ACTING, OUTCOME_NONE, VERDICT_NONE, "R-1 Running: gateway → 1.0.4",
	    "R-1 RUNNING: gateway, staging, to 1.0.4. more" },
	{ STATE_WAITING, OUTCOME_NONE, VERDICT_NONE, "R-1 Running: gateway → 1.0.4",
	    "R-1 RUNNING: gateway, staging, to 1.0.4. more" },
	{ STATE_INTERRUPTED, OUTCOME_NONE, VERDICT_NONE, "R-1 Unknown: gateway → 1.0.4",
	    "R-1 UNKNOWN, needs a decision: gateway, staging, to 1.0.4. more" },
	{ STATE_TELLING, OUTCOME_DONE, VERDICT_VERIFIED, "R-1 Rolled back: gateway on 1.0.4",
	    "R-1 ROLLED BACK: gateway, staging, is on 1.0.4. more" },
	{ STATE_ENDED, OUTCOME_DONE, VERDICT_UNVERIFIABLE, "R-1 Rolled back, not verified: gateway on 1.0.4",
	    "R-1 ROLLED BACK, not verified: gateway, staging, is on 1.0.4. more" },
	{ STATE_ENDED, OUTCOME_FAILED, VERDICT_NONE, "R-1 Failed: gateway → 1.0.4",
	    "R-1 FAILED at step 1: gateway, staging, to 1.0.4. more" },
	{ STATE_ENDED, OUTCOME_FAILED, VERDICT_PARTLY, "R-1 Failed, partly changed: gateway → 1.0.4",
	    "R-1 FAILED at step 1, partly changed: gateway, staging, to 1.0.4. more" },
	{ STATE_ENDED, OUTCOME_CANCELLED, VERDICT_PARTLY, "R-1 Stopped, partly changed: gateway → 1.0.4",
	    "R-1 STOPPED, partly changed: gateway, staging, to 1.0.4. more" },
	{ STATE_ENDED, OUTCOME_UNCHANGED, VERDICT_NONE, "R-1 Nothing changed: gateway",
	    "R-1 NOTHING CHANGED: gateway, staging. more" },
	{ STATE_ENDED, OUTCOME_REJECTED, VERDICT_NONE, "R-1 Rejected: gateway → 1.0.4",
	    "R-1 REJECTED: gateway, staging, to 1.0.4. more" },
	{ STATE_ENDED, OUTCOME_EXPIRED, VERDICT_NONE, "R-1 Expired: gateway → 1.0.4",
	    "R-1 EXPIRED: gateway, staging, to 1.0.4. more" },
};

TEST(the_state_word_comes_first_and_nothing_is_said_twice)
{
	_cleanup_(fake_clear) struct fake f = fake_make();
	struct operation *o = asked(&f);

	for (size_t i = 0; i < COUNT(lines); i++) {
		struct operation shown = *o;

		shown.state = lines[i].state;
		shown.outcome = lines[i].outcome;
		shown.verdict = lines[i].verdict;
		shown.list = lines[i].state > STATE_ASKING ? &shown.plan->steps : NULL;
		assert_string_equal(operation_headline(&shown, f.arena), lines[i].headline);
		assert_true(string_starts(operation_notification(&shown, f.arena, "more"),
		    lines[i].notification));
	}
}

TEST(what_is_no_rollback_says_what_it_does)
{
	_cleanup_(fake_clear) struct fake f = fake_make();
	struct operation shown = *asked(&f);

	shown.plan->kind = "rollout.restart";
	shown.plan->title = "Restart gateway";
	assert_string_equal(operation_headline(&shown, f.arena), "R-1 Plan: restart gateway");
	shown.state = STATE_ENDED;
	shown.outcome = OUTCOME_DONE;
	shown.verdict = VERDICT_VERIFIED;
	assert_string_equal(operation_headline(&shown, f.arena), "R-1 Done: restart gateway");
	assert_string_equal(operation_notification(&shown, f.arena, NULL),
	    "R-1 DONE: restart gateway, staging");
}

TEST(a_phone_gets_180_characters_and_the_number_of_warnings)
{
	_cleanup_(fake_clear) struct fake f = fake_make();
	struct operation *o = asked(&f);
	const char *text;

	plan_remark(o->plan, REMARK_CHECK, "one", "Look here");
	plan_remark(o->plan, REMARK_NOTE, "two", "Only a note");
	text = operation_notification(o, f.arena, NULL);
	assert_non_null(strstr(text, "to 1.0.4. 1 warning. U0ANN"));
	plan_remark(o->plan, REMARK_CHECK, "three", "And here");
	assert_non_null(strstr(operation_notification(o, f.arena, NULL), "2 warnings"));
	o->plan->to.version = arena_printf(f.arena, "%0400d", 1);
	assert_true(utf8_count(operation_notification(o, f.arena, NULL)) <= 180);
}

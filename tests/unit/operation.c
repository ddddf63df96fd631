/* operation_*.c - the whole way; locks, plans that moved, the brake. */

#include "operation_test.h"

/* ---- the whole way ---- */

TEST(a_rollback_is_asked_started_walked_read_back_told_and_ended)
{
	_cleanup_(fake_clear) struct fake f = fake_make();
	struct question q;

	world_of_one_change();
	ask_for(&f, "rollback gateway because errors");
	assert_string_equal(only(&f)->id, "R-1");
	assert_int_equal(fake_count(&f, "R-1/card"), 1);
	assert_non_null(strstr(fake_card(&f)->message->text, "R-1 PLAN, nothing changed yet"));
	fake_clicks(&f, "U0ANN", "start");
	until_ended(&f);
	q = stored(&f, "R-1");
	assert_string_equal(q.row.state, "ended");
	assert_string_equal(q.row.outcome, "done");
	assert_string_equal(q.row.verdict, "verified");
	assert_string_equal(q.row.reason, "errors");
	assert_int_equal(q.step_count, 2);
	assert_string_equal(q.steps[0].state, "done");
	assert_string_equal(q.steps[1].state, "done");
	assert_int_equal(q.lock_count, 0);
	assert_string_equal(audit_kinds(&f, "R-1"), "asked start started step step end");
	assert_int_equal(fake_count(&f, "R-1/steps/0"), 1);
	assert_int_equal(fake_count(&f, "R-1/steps/1"), 1);
	assert_int_equal(fake_count(&f, "R-1/end"), 1);
	assert_int_equal(fake_count(&f, "R-1/notice/C0INC"), 1);
	assert_int_equal(fake_count(&f, "R-1/notice/C0RELEASES"), 1);
	assert_int_equal(fake_count(&f, "R-1/log"), 1);
	assert_int_equal(q.revision_count, 2);
	assert_string_equal(q.revisions[0].pin, "pin-5");
	assert_string_equal(q.revisions[0].left, "R-1");
	assert_string_equal(q.revisions[1].pin, "pin-4");
	assert_true(q.revisions[1].verified > 0);
	assert_int_equal(fake_card(&f)->message->buttons.count, 0);
}

TEST(a_revision_that_was_come_back_to_is_not_one_that_was_left)
{
	_cleanup_(fake_clear) struct fake f = fake_make();
	struct question q;

	world_of_one_change();
	ask_for(&f, "rollback gateway to 4 now");
	fake_clicks(&f, "U0ANN", "start");
	until_ended(&f);
	fake_types(&f, "U0ANN", "rollback gateway to 5");	/* it "runs" still; its pin was left by R-1 */
	world.now = 6;
	until(f.loop, asks(&f));
	fake_clicks(&f, "U0ANN", "start");
	until_ended(&f);
	q = stored(&f, "R-2");
	for (size_t i = 0; i < q.revision_count; i++)
		if (string_equal(q.revisions[i].pin, "pin-5"))
			assert_true(q.revisions[i].left == NULL || q.revisions[i].left[0] == '\0');
}

/* ---- ends without a change ---- */

static const struct {
	const char *what;
	void (*world)(void);
	const char *text, *heard;
} closed[] = {
	{ "refused by the driver", NULL, "rollback gateway", "Not started: paused; resume it first" },
	{ "a stop remark", NULL, "rollback gateway", "Not started: Argo CD owns it" },
	{ "nothing to do", NULL, "rollback gateway", "Nothing changed: it runs already" },
	{ "a dry run", NULL, "rollback gateway dry-run", "nothing is changed" },
	{ "history", NULL, "rollout history gateway", "▸ is what runs now" },
	{ "no such revision", NULL, "rollback gateway to 77", "Revision 77 is not in the history" },
};

TEST(what_is_answered_at_once_leaves_no_operation_and_its_row_done)
{
	for (size_t i = 0; i < COUNT(closed); i++) {
		_cleanup_(fake_clear) struct fake f = fake_make();

		world_of_one_change();
		world.refuse = i == 0 ? "paused; resume it first" : NULL;
		world.stop = i == 1 ? "Argo CD owns it" : NULL;
		world.unchanged = i == 2 ? "it runs already" : NULL;
		fake_begin(&f);
		fake_types(&f, "U0ANN", closed[i].text);
		comes(&f, fake_heard(&f, closed[i].heard));
		until(f.loop, only(&f) == NULL);
		fake_kill(&f);
		fake_restart(&f);
		turn(f.loop, SECONDS(10));
		assert_row(i, only(&f) == NULL);
		assert_row(i, fake_card(&f) == NULL);
	}
}

/* HM6: whose work it undoes may be weighed by people; that an upgrade runs may not. */
TEST(direct_lifts_an_owner_s_stop_and_no_other)
{
	static const struct {
		bool owned;
		const char *text, *heard;	/* NULL: it is asked for */
	} rows[] = {
		{ true, "rollback gateway", "add the word direct" },
		{ true, "rollback gateway direct", NULL },
		{ false, "rollback gateway", "Not started: an upgrade runs" },
		{ false, "rollback gateway direct", "Not started: an upgrade runs" },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		_cleanup_(fake_clear) struct fake f = fake_make();

		world_of_one_change();
		world.owned = rows[i].owned;
		world.stop = world.owned ? "Argo CD owns it" : "an upgrade runs";
		if (rows[i].heard == NULL) {
			ask_for(&f, rows[i].text);
			continue;
		}
		fake_begin(&f);
		fake_types(&f, "U0ANN", rows[i].text);
		comes(&f, fake_heard(&f, rows[i].heard));
		assert_row(i, fake_card(&f) == NULL);
	}
}

TEST(ar1_what_no_child_may_be_given_is_refused_before_anything_is_asked)
{
	_cleanup_(fake_clear) struct fake f = fake_make();

	world_of("done", "two\nlines");
	fake_begin(&f);
	fake_types(&f, "U0ANN", "rollback gateway");
	comes(&f, fake_heard(&f, "Not started: Step 2, Look back, cannot be run: "));
	assert_null(fake_card(&f));
}

/* ---- locks, moved plans, the brake ---- */

TEST(a_second_one_on_the_same_target_is_told_who_holds_it_and_starts_later)
{
	_cleanup_(fake_clear) struct fake f = fake_make();
	struct operation *second;

	world_of_one_change();
	world.steps[0].words[2] = "hold";
	world.steps[0].step.cancel = TERM;
	world.steps[0].step.limit = MINUTES(5);
	ask_for(&f, "rollback gateway");
	fake_clicks(&f, "U0ANN", "start");
	until(f.loop, only(&f)->job != NULL && only(&f)->tail.length > 0);
	fake_types(&f, "U0BOB", "rollback gateway to 3");
	until(f.loop, string_equal(only(&f)->id, "R-2") && asks(&f));
	second = only(&f);
	fake_clicks(&f, "U0BOB", "start");
	comes(&f, fake_said(&f, "R-1 by U0ANN holds the lock") != NULL);
	assert_int_equal(second->state, STATE_ASKING);
	assert_null(second->list);
	assert_non_null(card_button(fake_card(&f), "start"));
	/* Its own expiry does not write a step that never was. */
	turn(f.loop, MINUTES(1));
	job_cancel(second->next->job);
	until(f.loop, second->next == NULL || second->next->state == STATE_INTERRUPTED ||
	    second->next->state == STATE_TELLING);
	turn(f.loop, MINUTES(15));
	until(f.loop, operation_find(&f.bot, "R-2") == NULL);
	assert_string_equal(stored(&f, "R-2").row.outcome, "expired");
	assert_int_equal(stored(&f, "R-2").step_count, 0);
}

TEST(a_plan_that_moved_before_the_run_asks_anew_and_gives_the_lock_back)
{
	_cleanup_(fake_clear) struct fake f = fake_make();
	const struct posted *old;
	char hash[DIGEST_HEX];

	world_of_one_change();
	ask_for(&f, "rollback gateway");
	memcpy(hash, only(&f)->hash, sizeof(hash));
	old = fake_card(&f);
	world.now = 6;		/* somebody deployed */
	fake_clicks(&f, "U0ANN", "start");
	comes(&f, fake_said(&f, "The cluster changed since the plan was made") != NULL);
	assert_int_equal(only(&f)->state, STATE_ASKING);
	assert_string_not_equal(only(&f)->hash, hash);
	assert_null(only(&f)->list);
	assert_int_equal(stored(&f, "R-1").lock_count, 0);
	fake_clicks_on(&f, old, "U0ANN", "start");
	comes(&f, fake_heard(&f, "changed since that was drawn"));
	/* It expired with the steps of a plan that was gone. */
	turn(f.loop, MINUTES(16));
	until_ended(&f);
	assert_string_equal(stored(&f, "R-1").row.outcome, "expired");
}

TEST(a_plan_that_moved_into_a_stop_is_refused_not_asked)
{
	_cleanup_(fake_clear) struct fake f = fake_make();

	world_of_one_change();
	ask_for(&f, "rollback gateway");
	world.stop = "a rollout is in progress";
	fake_clicks(&f, "U0ANN", "start");
	until_ended(&f);
	assert_string_equal(stored(&f, "R-1").row.outcome, "refused");
	assert_non_null(fake_said(&f, "a rollout is in progress"));
}

TEST(the_brake_holds_starts_and_last_yeses)
{
	_cleanup_(fake_clear) struct fake f = fake_make();

	world_of_one_change();
	ask_for(&f, "rollback chatops-engine");
	f.bot.braked = true;
	fake_clicks(&f, "U0KIM", "approve");
	comes(&f, fake_heard(&f, "the emergency brake is on"));
	assert_int_equal(only(&f)->approvals.count, 0);
	f.bot.braked = false;
	fake_clicks(&f, "U0KIM", "approve");
	until_ended(&f);
	assert_string_equal(stored(&f, "R-1").row.outcome, "done");
}

/* S2: nobody hears it before it is recorded; on counts at once, off then. */
static void
note_heard(struct hearer *hearer, const struct error *why)
{
	hearer->waits = false;
	assert_int_equal(why->kind, ERROR_NONE);
}

TEST(the_brake_is_on_when_it_is_said_and_off_when_it_is_recorded)
{
	_cleanup_(fake_clear) struct fake f = fake_make();
	struct hearer on = { .heard = note_heard }, off = { .heard = note_heard };

	fake_begin(&f);
	bot_set_brake(&f.bot, true, "local:root", &on);
	assert_true(f.bot.braked && on.waits);
	until(f.loop, !on.waits);
	bot_set_brake(&f.bot, false, "local:root", &off);
	assert_true(f.bot.braked && off.waits);
	until(f.loop, !off.waits);
	assert_false(f.bot.braked);
}

TEST(a_brake_that_is_put_on_while_its_end_is_recorded_stays_on)
{
	_cleanup_(fake_clear) struct fake f = fake_make();
	struct hearer on = { .heard = note_heard }, off = { .heard = note_heard };

	fake_begin(&f);
	bot_set_brake(&f.bot, true, "local:root", NULL);
	bot_set_brake(&f.bot, false, "local:root", &off);
	bot_set_brake(&f.bot, true, "local:root", &on);
	until(f.loop, !off.waits);
	assert_true(f.bot.braked);
	until(f.loop, !on.waits);
	assert_true(f.bot.braked);
}

/* ---- a card that cannot be posted ---- */

TEST(what_has_no_card_is_not_started_and_the_asker_hears_why)
{
	_cleanup_(fake_clear) struct fake f = fake_make();

	world_of_one_change();
	fake_begin(&f);
	*GROW(&f.outcomes) = (struct delivered){ .outcome = REFUSED_FOR_GOOD,
		.sentence = "rollcall is not in this channel: type /invite @rollcall there" };
	fake_types(&f, "U0ANN", "rollback gateway");
	comes(&f, fake_heard(&f, "/invite @rollcall"));
	until_ended(&f);
	assert_string_equal(stored(&f, "R-1").row.outcome, "refused");
}

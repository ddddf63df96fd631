/* operation_*.c - from the question to the last word, and everything that comes at the wrong moment. */

#include "operation.h"

#include "test.h"

#include "fake_bot.h"
#include "forgery.h"

/* ---- a world in which one change and one look back are enough ---- */

static void
world_of_one_change(void)
{
	world.steps[0] = (struct world_step){ .step = { .title = "Put it back" }, .words = { "print", "done" } };
	world.steps[1] = (struct world_step){ .step = { .title = "Look back", .kind = STEP_CHECK,
		.effect = READS, .judge = "fake.says", .expect = "x", .cancel = TERM },
		.words = { "print", "HOLDS 3 of 3" } };
}

static struct operation *
only(struct fake *f)
{
	return f->bot.operations;
}

static bool
asks(struct fake *f)
{
	return only(f) != NULL && only(f)->state == STATE_ASKING && !only(f)->settling && only(f)->card != NULL &&
	    f->answers == NULL;
}

/* Asked for, its card posted. */
static void
ask_for(struct fake *f, const char *text)
{
	fake_begin(f);
	fake_types(f, "U0ANN", text);
	until(f->loop, asks(f));
}

static void
until_ended(struct fake *f)
{
	comes(f, only(f) == NULL);
	turn(f->loop, SECONDS(10));
}

/* ---- what the store says ---- */

struct question {
	struct store_job job;
	struct arena *arena;
	const char *id;
	struct operation_row row;
	struct step_row *steps;
	struct lock_row *locks;
	struct audit_row *audit;
	struct revision_row *revisions;
	size_t step_count, lock_count, audit_count, revision_count;
	bool there, done;
};

static bool
question_work(struct store_job *job, const struct store_verbs *v, void *db, struct error *err)
{
	struct question *q = CONTAINER(job, struct question, job);

	return v->operation_find(db, q->arena, q->id, &q->row, &q->there, err) &&
	    v->step_list(db, q->arena, q->id, &q->steps, &q->step_count, err) &&
	    v->lock_list(db, q->arena, &q->locks, &q->lock_count, err) &&
	    v->revision_list(db, q->arena, "primary", "chatops", "deployment/gateway", &q->revisions,
		&q->revision_count, err) &&
	    v->audit_list(db, q->arena, q->id, 100, &q->audit, &q->audit_count, err);
}

static void
question_done(struct store_job *job)
{
	CONTAINER(job, struct question, job)->done = true;
}

static struct question
stored(struct fake *f, const char *id)
{
	static struct question q;

	q = (struct question){ .arena = f->arena, .id = id,
		.job = { .work = question_work, .done = question_done } };
	store_start(f->bot.store, &q.job);
	until(f->loop, q.done);
	assert_int_equal(q.job.error.kind, ERROR_NONE);
	return q;
}

static const char *
audit_kinds(struct fake *f, const char *id)
{
	struct question q = stored(f, id);
	_cleanup_(text_clear) struct text all = TEXT_INIT;

	for (size_t i = 0; i < q.audit_count; i++)
		text_printf(&all, "%s%s", i > 0 ? " " : "", q.audit[i].kind);
	return arena_strdup(f->arena, all.data);
}

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

/* ---- questions ---- */

TEST(a_question_expires_and_is_told)
{
	_cleanup_(fake_clear) struct fake f = fake_make();

	world_of_one_change();
	ask_for(&f, "rollback gateway");
	turn(f.loop, MINUTES(15) - SECONDS(1));
	assert_non_null(only(&f));
	turn(f.loop, SECONDS(20));
	until_ended(&f);
	assert_string_equal(stored(&f, "R-1").row.outcome, "expired");
	assert_non_null(fake_said(&f, "R-1 Expired"));
	assert_null(card_button(fake_card(&f), "start"));
}

TEST(only_who_asked_starts_and_dismisses)
{
	_cleanup_(fake_clear) struct fake f = fake_make();

	world_of_one_change();
	ask_for(&f, "rollback gateway");
	fake_clicks(&f, "U0BOB", "start");
	comes(&f, fake_heard(&f, "only they can start it"));
	fake_clicks(&f, "U0BOB", "dismiss");
	comes(&f, fake_heard(&f, "only they can dismiss it"));
	assert_int_equal(only(&f)->state, STATE_ASKING);
	fake_clicks(&f, "U0ANN", "dismiss");
	until_ended(&f);
	assert_string_equal(stored(&f, "R-1").row.outcome, "cancelled");
}

TEST(two_clicks_on_start_start_it_once)
{
	_cleanup_(fake_clear) struct fake f = fake_make();
	const struct posted *card;

	world_of_one_change();
	ask_for(&f, "rollback gateway");
	card = fake_card(&f);
	fake_clicks_on(&f, card, "U0ANN", "start");
	fake_clicks_on(&f, card, "U0ANN", "start");
	until_ended(&f);
	assert_string_equal(audit_kinds(&f, "R-1"), "asked start started step step end");
	assert_true(fake_heard(&f, "just being written down") || fake_heard(&f, "had just changed") ||
	    fake_heard(&f, "is not waiting for an answer"));
}

TEST(a_click_that_was_delivered_thrice_counts_once)
{
	_cleanup_(fake_clear) struct fake f = fake_make();

	world_of_one_change();
	ask_for(&f, "rollback chatops-engine");
	for (int i = 0; i < 3; i++) {
		f.keys = 500;
		fake_clicks_on(&f, fake_card(&f), "U0LEAD", "approve");
	}
	until_ended(&f);
	assert_string_equal(audit_kinds(&f, "R-1"), "asked approved started step step end");
}

TEST(an_old_click_does_nothing)
{
	_cleanup_(fake_clear) struct fake f = fake_make();
	struct arrival *a;

	world_of_one_change();
	ask_for(&f, "rollback gateway");
	a = fake_arrival(&f, "U0ANN", DOOR_BUTTON, "");
	a->action = "start";
	a->argument = fake_sealed(&f, a->arena, a->door, card_button(fake_card(&f), "start")->argument);
	a->message = arena_strdup(a->arena, fake_card(&f)->ts);
	a->stamp -= MINUTES(2) + 1;
	inbox_arrived(&f.bot, a);
	comes(&f, fake_heard(&f, "older than 2 minutes"));
	assert_int_equal(only(&f)->state, STATE_ASKING);
}

/* card: where the card itself stands; held: it is the alarm for a stolen token (ID9). */
static const struct { const char *argument, *message; bool sealed, held; const char *heard; } strange[] = {
	{ "R-1:00000000000000000000000000000000:1", "card", true, false, "changed since that was drawn" },
	{ "R-1:short:1", "card", true, false, "changed since that was drawn" },
	{ "R-9:00000000000000000000000000000000:1", "1.000", true, false, "R-9 is too old" },
	{ NULL, "card", false, true, "was not drawn by me" },
	{ NULL, "9.999", true, true, "not the card of R-1" },
	{ "R-9:00000000000000000000000000000000:1", "1.000", false, true, "was not drawn by me" },
	{ "nonsense", "1.000", false, true, "was not drawn by me" },
	{ "<!channel>:0:1", "1.000", false, true, "was not drawn by me" },
	{ "", "1.000", false, true, "was not drawn by me" },
};

TEST(a_button_that_we_did_not_draw_does_nothing_and_is_an_alarm)
{
	for (size_t i = 0; i < COUNT(strange); i++) {
		_cleanup_(fake_clear) struct fake f = fake_make();
		struct arrival *a;
		const char *argument;

		world_of_one_change();
		ask_for(&f, "rollback gateway");
		a = fake_arrival(&f, "U0ANN", DOOR_BUTTON, "");
		argument = strange[i].argument != NULL ? strange[i].argument
						       : card_button(fake_card(&f), "start")->argument;
		a->action = "start";
		a->argument = strange[i].sealed ? fake_sealed(&f, a->arena, a->door, argument)
						: arena_strdup(a->arena, argument);
		a->message = arena_strdup(a->arena,
		    string_equal(strange[i].message, "card") ? fake_card(&f)->ts : strange[i].message);
		inbox_arrived(&f.bot, a);
		comes(&f, fake_heard(&f, strange[i].heard));
		assert_row(i, f.bot.held == strange[i].held);
		assert_row(i, (strstr(audit_kinds(&f, NULL), "forged") != NULL) == strange[i].held);
		assert_int_equal(only(&f)->state, STATE_ASKING);
	}
}

static void
press_a_forged_card(struct fake *f)
{
	struct arrival *a = fake_arrival(f, "U0EVE", DOOR_BUTTON, "");

	a->action = "start";
	a->argument = "R-1:0:0#";
	a->message = "9.999";
	inbox_arrived(&f->bot, a);
	comes(f, f->bot.held || fake_tells);
	comes(f, fake_heard(f, "was not drawn by me"));
}

/* ID9: nothing that changes starts from the home until somebody at the machine says so, over restarts too. */
TEST(after_a_forged_card_changes_of_the_home_are_held_until_unlock)
{
	_cleanup_(fake_clear) struct fake f = fake_make();

	world_of_one_change();
	ask_for(&f, "rollback gateway");
	press_a_forged_card(&f);
	fake_types(&f, "U0LEAD", "rollback chatops-engine");
	comes(&f, fake_heard(&f, "changes are held"));
	fake_clicks(&f, "U0ANN", "start");
	comes(&f, only(&f)->state == STATE_ASKING && f.answers == NULL);
	fake_types(&f, "U0LEAD", "ops unlock");
	comes(&f, fake_heard(&f, "on the machine that I run on"));
	assert_true(f.bot.held);
	forgery_unlock(&f.bot, "local:root");
	fake_clicks(&f, "U0ANN", "start");
	until_ended(&f);
	assert_string_equal(stored(&f, "R-1").row.outcome, "done");
}

TEST(a_home_that_only_tells_is_not_held)
{
	_cleanup_(fake_clear) struct fake f = fake_make();

	fake_tells = true;
	world_of_one_change();
	ask_for(&f, "rollback gateway");
	press_a_forged_card(&f);
	assert_false(f.bot.held);
	fake_clicks(&f, "U0ANN", "start");
	until_ended(&f);
	assert_string_equal(stored(&f, "R-1").row.outcome, "done");
}

/* ---- approvals ---- */

TEST(another_one_s_yes_starts_what_needs_it_and_never_the_asker_s_own)
{
	_cleanup_(fake_clear) struct fake f = fake_make();

	world_of_one_change();
	fake_begin(&f);
	fake_types(&f, "U0LEAD", "rollback chatops-engine");
	until(f.loop, asks(&f));
	fake_clicks(&f, "U0LEAD", "approve");
	comes(&f, fake_heard(&f, "You cannot approve this, because you asked for it"));
	fake_clicks(&f, "U0BOB", "approve");
	comes(&f, fake_heard(&f, "it needs the role lead"));
	fake_clicks(&f, "U0EVE", "approve");
	until(f.loop, fake_count(&f, NULL) > 0 && f.answers == NULL);
	assert_int_equal(only(&f)->state, STATE_ASKING);
	assert_int_equal(only(&f)->approvals.count, 0);
	fake_clicks(&f, "U0KIM", "approve");
	until_ended(&f);
	assert_string_equal(stored(&f, "R-1").row.outcome, "done");
}

TEST(a_no_ends_it)
{
	_cleanup_(fake_clear) struct fake f = fake_make();

	world_of_one_change();
	ask_for(&f, "rollback chatops-engine");
	fake_clicks(&f, "U0KIM", "reject");
	until_ended(&f);
	assert_string_equal(stored(&f, "R-1").row.outcome, "rejected");
	assert_int_equal(stored(&f, "R-1").step_count, 0);
}

static const struct posted *
the_dialog(const struct fake *f)
{
	for (size_t i = f->posted.count; i-- > 0;)
		if (f->posted.item[i].kind == POST_DIALOG)
			return &f->posted.item[i];
	return NULL;
}

/* Typed, the dialog that opens, and the yes in it (P7). */
static void
types_and_submits(struct fake *f, const char *person, const char *text)
{
	struct arrival *a = fake_arrival(f, person, DOOR_SLASH, text);

	a->trigger = "trigger";
	inbox_arrived(&f->bot, a);
	comes(f, the_dialog(f) != NULL);
	assert_int_equal(only(f)->state, STATE_ASKING);
	fake_clicks_on(f, the_dialog(f), person, "approve");
}

TEST(an_approval_is_typed_with_the_beginning_of_the_plan_s_hash)
{
	_cleanup_(fake_clear) struct fake f = fake_make();

	world_of_one_change();
	ask_for(&f, "rollback chatops-engine");
	fake_types(&f, "U0KIM", "ops approve R-1 ffffff");
	comes(&f, fake_heard(&f, "The plan changed since you saw it"));
	assert_null(the_dialog(&f));
	types_and_submits(&f, "U0KIM", arena_printf(f.arena, "ops approve 1 %.6s", only(&f)->hash));
	until_ended(&f);
	assert_string_equal(stored(&f, "R-1").row.outcome, "done");
}

/* Known for 30 seconds was too old for an approval, and nobody looked again. */
TEST(a_typed_approval_asks_again_who_somebody_is_instead_of_refusing)
{
	_cleanup_(fake_clear) struct fake f = fake_make();

	world_of_one_change();
	ask_for(&f, "rollback chatops-engine");
	fake_types(&f, "U0KIM", "ops list");
	comes(&f, fake_heard(&f, "R-1"));
	turn(f.loop, SECONDS(30));
	types_and_submits(&f, "U0KIM", "ops approve R-1");
	until_ended(&f);
	assert_string_equal(stored(&f, "R-1").row.outcome, "done");
}

/* A Start that could not be permitted wiped what the operation needed, and it needed nobody any more. */
TEST(a_refused_start_leaves_the_needed_approvals_as_they_are)
{
	_cleanup_(fake_clear) struct fake f = fake_make();

	world_of_one_change();
	ask_for(&f, "rollback chatops-engine");
	f.people[0].there = false;
	directory_forget(f.bot.directory, "person", "U0ANN");
	fake_types(&f, "U0ANN", "ops start R-1");
	comes(&f, fake_heard(&f, "Only full members"));
	assert_int_equal(only(&f)->permission.needs[1].count, 1);
	assert_int_equal(only(&f)->state, STATE_ASKING);
}

TEST(whoever_left_between_the_yes_and_the_run_does_not_count)
{
	_cleanup_(fake_clear) struct fake f = fake_make_with(
	    "clusters: {primary: {}}\nenvironments: {production: {clusters: [primary], approvals: 2, "
	    "approvers: [lead]}}\ntargets: {gateway: {driver: deployment, namespace: chatops}}\n"
	    "roles: {sre: {users: [U0ANN]}, lead: {users: [U0LEAD, U0KIM, U0ALICE]}}\n",
	    "permissions: [{commands: [rollback], roles: [sre]}]\n");

	world_of_one_change();
	ask_for(&f, "rollback gateway");
	fake_clicks(&f, "U0LEAD", "approve");
	until(f.loop, only(&f)->approvals.count == 1 && !only(&f)->settling);
	turn(f.loop, SECONDS(15));
	for (size_t i = 0; f.people[i].id != NULL; i++)
		if (string_equal(f.people[i].id, "U0LEAD"))
			f.people[i].there = false;
	fake_clicks(&f, "U0KIM", "approve");
	comes(&f, fake_said(&f, "does not count any more") != NULL);
	assert_int_equal(only(&f)->state, STATE_ASKING);
	assert_int_equal(only(&f)->approvals.count, 0);
	assert_int_equal(stored(&f, "R-1").lock_count, 0);
	turn(f.loop, SECONDS(5));
	fake_clicks(&f, "U0KIM", "approve");
	until(f.loop, only(&f)->approvals.count == 1 && !only(&f)->settling);
	turn(f.loop, SECONDS(5));
	fake_clicks(&f, "U0ALICE", "approve");
	until_ended(&f);
	assert_string_equal(stored(&f, "R-1").row.outcome, "done");
}

TEST(who_asked_and_lost_the_right_meanwhile_starts_nothing)
{
	_cleanup_(fake_clear) struct fake f = fake_make();

	world_of_one_change();
	ask_for(&f, "rollback chatops-engine");
	f.people[0].there = false;
	f.people[0].why_not = "deactivated";
	turn(f.loop, SECONDS(20));
	fake_clicks(&f, "U0KIM", "approve");
	until_ended(&f);
	assert_string_equal(stored(&f, "R-1").row.outcome, "refused");
	assert_int_equal(stored(&f, "R-1").step_count, 0);
	assert_non_null(fake_said(&f, "deactivated"));
}

/* ---- the wrong moment ---- */

static void
say_to(struct fake *f, bool (*give)(struct operation *, const struct word_of *, struct error *),
    const char *person, bool expected, const char *why)
{
	struct word_of word = { .principal = arena_printf(f->arena, "T0TEAM/%s", person) };
	struct error err = ERROR_INIT;

	assert_int_equal(give(only(f), &word, &err), expected);
	if (why != NULL && strstr(err.text, why) == NULL)
		fail_msg("%s: %s", why, err.text);
}

static void
mark(void *arg)
{
	*(bool *)arg = true;
}

/* Known to the directory by now, as after a click. */
static void
know(struct fake *f, const char *person)
{
	static bool known;

	known = false;
	directory_fetch(f->bot.directory, arena_printf(f->arena, "T0TEAM/%s", person), "C0INC", 0, mark, &known);
	until(f->loop, known);
}

TEST(a_click_while_a_move_settles_is_refused)
{
	_cleanup_(fake_clear) struct fake f = fake_make();

	world_of_one_change();
	ask_for(&f, "rollback chatops-engine");
	know(&f, "U0KIM");
	say_to(&f, operation_approve, "U0KIM", true, NULL);
	assert_true(only(&f)->settling);
	say_to(&f, operation_approve, "U0KIM", false, "just being written down");
	say_to(&f, operation_reject, "U0KIM", false, "just being written down");
	say_to(&f, operation_dismiss, "U0ANN", false, "just being written down");
	say_to(&f, operation_start_given, "U0ANN", false, "just being written down");
	until_ended(&f);
	assert_string_equal(stored(&f, "R-1").row.outcome, "done");
}

TEST(an_expiry_while_a_yes_settles_waits_for_it)
{
	_cleanup_(fake_clear) struct fake f = fake_make();

	world_of_one_change();
	ask_for(&f, "rollback chatops-engine");
	turn(f.loop, MINUTES(30) - 500);
	assert_int_equal(only(&f)->state, STATE_ASKING);
	know(&f, "U0KIM");
	say_to(&f, operation_approve, "U0KIM", true, NULL);
	f.loop->now += SECONDS(1);	/* its time is over before the answer of the store is heard */
	f.loop->wall += SECONDS(1);
	until_ended(&f);
	assert_string_equal(stored(&f, "R-1").row.outcome, "done");
}

static void
stop_at(struct fake *f)
{
	struct word_of word = { .principal = "T0TEAM/U0ANN" };

	assert_true(operation_stop(only(f), &word, NULL));
}

/* It was said to be stopped, and waited on. */
TEST(a_stop_while_a_yes_settles_that_is_not_the_last_ends_it)
{
	_cleanup_(fake_clear) struct fake f = fake_make();

	world_of_one_change();
	ask_for(&f, "rollback chatops-engine");
	only(&f)->permission.needs[1].count = 2;
	know(&f, "U0KIM");
	say_to(&f, operation_approve, "U0KIM", true, NULL);
	stop_at(&f);
	until_ended(&f);
	assert_string_equal(stored(&f, "R-1").row.outcome, "cancelled");
	assert_int_equal(stored(&f, "R-1").step_count, 0);
}

TEST(a_stop_while_the_locks_are_taken_or_the_last_look_runs_begins_nothing)
{
	for (int moment = 0; moment < 3; moment++) {
		_cleanup_(fake_clear) struct fake f = fake_make();

		world_of_one_change();
		world.reads[0] = "print";
		world.reads[1] = "facts";
		ask_for(&f, "rollback gateway");
		fake_clicks(&f, "U0ANN", "start");
		until(f.loop, moment == 0 ? only(&f)->settling && only(&f)->start_given
			: moment == 1 ? only(&f)->state == STATE_ACTING && only(&f)->settling
			: only(&f)->last_look && only(&f)->reads_left > 0);
		stop_at(&f);
		until_ended(&f);
		assert_row(moment, string_equal(stored(&f, "R-1").row.outcome, "cancelled"));
		assert_row(moment, string_equal(stored(&f, "R-1").row.verdict, "none"));
		assert_row(moment, stored(&f, "R-1").lock_count == 0);
		assert_row(moment, !file_is_there(folder_path(&f.folder, "state/spool/R-1-steps-0/claim")));
	}
}

/* The wait ran to its end, minutes long, before anybody looked whether it was still wanted. */
TEST(a_stop_while_a_step_is_written_down_keeps_it_from_running)
{
	_cleanup_(fake_clear) struct fake f = fake_make();
	const char *mark = folder_path(&f.folder, "ran");

	world_of_one_change();
	world.steps[1].words[0] = "touch";
	world.steps[1].words[1] = mark;
	ask_for(&f, "rollback gateway");
	fake_clicks(&f, "U0ANN", "start");
	until(f.loop, only(&f)->list != NULL && only(&f)->position == 1 && only(&f)->settling &&
	    only(&f)->plan->steps.item[1].state == STEP_RUNNING);
	stop_at(&f);
	until_ended(&f);
	assert_false(file_is_there(mark));
	assert_string_equal(stored(&f, "R-1").row.outcome, "cancelled");
	assert_string_equal(stored(&f, "R-1").row.verdict, "partly");
}

TEST(a_stop_while_something_is_waited_for_ends_the_waiting_at_once)
{
	static const struct { enum step_kind kind; const char *words[3]; } waits[] = {
		{ STEP_WAIT, { NULL } },
		{ STEP_UNTIL, { "print", "not yet", NULL } },
		{ STEP_UNTIL, { "hold", NULL } },
	};

	for (size_t i = 0; i < COUNT(waits); i++) {
		_cleanup_(fake_clear) struct fake f = fake_make();

		world.steps[0] = (struct world_step){ .step = { .title = "Wait", .kind = waits[i].kind,
			.effect = READS, .cancel = TERM, .every = SECONDS(5), .limit = MINUTES(5),
			.judge = "fake.says", .expect = "x" },
			.words = { waits[i].words[0], waits[i].words[0] != NULL ? waits[i].words[1] : NULL } };
		ask_for(&f, "rollback gateway");
		fake_clicks(&f, "U0ANN", "start");
		until(f.loop, only(&f)->state == STATE_WAITING && !only(&f)->settling &&
		    (i == 2 ? only(&f)->job != NULL : timer_runs(&only(&f)->timer)));
		stop_at(&f);
		until_ended(&f);
		assert_row(i, string_equal(stored(&f, "R-1").row.outcome, "cancelled"));
		assert_row(i, string_equal(stored(&f, "R-1").steps[0].state, "stopped"));
	}
}

/* It was told "nothing was changed" about a tool that was killed in the middle. */
TEST(a_change_that_is_stopped_is_looked_at_before_a_word_is_said)
{
	static const struct { const char *probe, *outcome, *verdict, *step; } rows[] = {
		{ "HOLDS it is there", "cancelled", "partly", "done" },
		{ "FAILS it is not", "failed", "none", "failed" },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		_cleanup_(fake_clear) struct fake f = fake_make();

		world.steps[0] = (struct world_step){ .step = { .title = "Migrate", .cancel = TERM },
			.words = { "print", "busy", "hold" }, .probe = { "print", rows[i].probe } };
		world.steps[1] = (struct world_step){ .step = { .title = "More" }, .words = { "print", "x" } };
		ask_for(&f, "rollback gateway");
		fake_clicks(&f, "U0ANN", "start");
		until(f.loop, only(&f)->job != NULL && only(&f)->tail.length > 0);
		stop_at(&f);
		until_ended(&f);
		assert_row(i, string_equal(stored(&f, "R-1").row.outcome, rows[i].outcome));
		assert_row(i, string_equal(stored(&f, "R-1").row.verdict, rows[i].verdict));
		assert_row(i, string_equal(stored(&f, "R-1").steps[0].state, rows[i].step));
		assert_row(i, stored(&f, "R-1").step_count == 1);
	}
}

TEST(a_change_that_must_finish_is_let_to_its_end)
{
	_cleanup_(fake_clear) struct fake f = fake_make();

	world_of_one_change();
	world.steps[0].words[0] = "print";
	world.steps[0].words[1] = "busy";
	world.steps[0].words[2] = "hold";
	world.steps[0].step.limit = SECONDS(20);
	ask_for(&f, "rollback gateway");
	fake_clicks(&f, "U0ANN", "start");
	until(f.loop, only(&f)->job != NULL && only(&f)->tail.length > 0);
	stop_at(&f);
	turn(f.loop, SECONDS(10));
	assert_non_null(only(&f)->job);
	turn(f.loop, SECONDS(11));
	comes(&f, only(&f) == NULL || only(&f)->state == STATE_INTERRUPTED);
}

/* ---- interrupted ---- */

static void
interrupt(struct fake *f)
{
	world.steps[0] = (struct world_step){ .step = { .title = "Undo", .limit = SECONDS(20) },
		.words = { "print", "busy", "hold" }, .probe = { "print", "UNSEEN" } };
	ask_for(f, "rollback gateway");
	fake_clicks(f, "U0ANN", "start");
	until(f->loop, only(f)->job != NULL && only(f)->tail.length > 0);
	turn(f->loop, SECONDS(20));
	until(f->loop, only(f)->state == STATE_INTERRUPTED);
}

TEST(what_nobody_can_see_waits_for_a_person_with_its_lock)
{
	_cleanup_(fake_clear) struct fake f = fake_make();

	interrupt(&f);
	until(f.loop, !only(&f)->settling);
	comes(&f, fake_said(&f, "UNKNOWN, needs a decision") != NULL);
	assert_int_equal(stored(&f, "R-1").lock_count, 1);
	turn(f.loop, HOURS(5));
	assert_int_equal(only(&f)->state, STATE_INTERRUPTED);
	stop_at(&f);
	until_ended(&f);
	assert_string_equal(stored(&f, "R-1").row.outcome, "cancelled");
	assert_string_equal(stored(&f, "R-1").row.verdict, "partly");
	assert_int_equal(stored(&f, "R-1").lock_count, 0);
}

/* An assertion of ours ended the bot. */
TEST(giving_up_while_the_interruption_is_written_down_is_taken_after_it)
{
	_cleanup_(fake_clear) struct fake f = fake_make();

	interrupt(&f);
	assert_true(only(&f)->settling);
	say_to(&f, operation_resume, "U0ANN", false, "does not wait for a decision");
	stop_at(&f);
	until_ended(&f);
	assert_string_equal(stored(&f, "R-1").row.outcome, "cancelled");
}

TEST(a_person_lets_it_look_again_and_it_goes_on)
{
	_cleanup_(fake_clear) struct fake f = fake_make();

	interrupt(&f);
	until(f.loop, !only(&f)->settling);
	for (size_t i = 0; only(&f)->plan->steps.item[0].probe->argv[i] != NULL; i++)
		if (string_equal(only(&f)->plan->steps.item[0].probe->argv[i], "UNSEEN"))
			only(&f)->plan->steps.item[0].probe->argv[i] = arena_strdup(f.arena, "HOLDS");
	say_to(&f, operation_resume, "U0ANN", true, NULL);
	until_ended(&f);
	assert_string_equal(stored(&f, "R-1").row.outcome, "done");
}

/* ---- what a tool says is not the last word ---- */

static const struct {
	const char *words[6], *probe[4];
	const char *outcome, *verdict;
} ends[] = {
	{ { "print", "ok" }, { NULL }, "done", "unverifiable" },
	{ { "exit", "1" }, { NULL }, "failed", "none" },
	{ { "errors", "boom", "exit", "1" }, { "print", "HOLDS" }, "done", "unverifiable" },
	{ { "errors", "boom", "exit", "1" }, { "print", "FAILS" }, "failed", "none" },
	{ { "kill", "9" }, { "print", "HOLDS" }, "done", "unverifiable" },
	{ { "kill", "9" }, { "print", "FAILS" }, "failed", "none" },
	{ { "errors", "boom", "exit", "1" }, { "print", "BEGAN" }, "failed", "partly" },
	{ { "kill", "9" }, { "print", "BEGAN" }, "failed", "partly" },
};

TEST(a_change_that_did_not_clearly_succeed_is_probed)
{
	for (size_t i = 0; i < COUNT(ends); i++) {
		_cleanup_(fake_clear) struct fake f = fake_make();

		world.steps[0] = (struct world_step){ .step = { .title = "Undo" } };
		memcpy(world.steps[0].words, ends[i].words, sizeof(ends[i].words));
		memcpy(world.steps[0].probe, ends[i].probe, sizeof(ends[i].probe));
		ask_for(&f, "rollback gateway");
		fake_clicks(&f, "U0ANN", "start");
		until_ended(&f);
		if (!string_equal(stored(&f, "R-1").row.outcome, ends[i].outcome) ||
		    !string_equal(stored(&f, "R-1").row.verdict, ends[i].verdict))
			fail_msg("row %zu: %s %s", i, stored(&f, "R-1").row.outcome, stored(&f, "R-1").row.verdict);
	}
}

static void
ask_again(struct fake *f)
{
	fake_types(f, "U0ANN", "rollback gateway");
	until(f->loop, asks(f));
}

/* HM6: whose tool has ended, nobody works on what it left. */
TEST(the_next_one_is_told_what_a_tool_that_ended_left_half_done)
{
	_cleanup_(fake_clear) struct fake f = fake_make();
	_cleanup_(json_freep) cJSON *left = NULL;

	world.steps[0] = (struct world_step){ .step = { .title = "Undo" },
		.words = { "errors", "boom", "exit", "1" }, .probe = { "print", "BEGAN half" } };
	ask_for(&f, "rollback gateway");
	assert_string_equal(world.left, "");
	fake_clicks(&f, "U0ANN", "start");
	until_ended(&f);
	ask_again(&f);
	left = json_parse(world.left, strlen(world.left), NULL);
	assert_string_equal(json_string(left, "operation"), "R-1");
	assert_string_equal(json_string(left, "expect"), "x");
	assert_non_null(strstr(json_string_or(left, "note", ""), "BEGAN half"));
	assert_true(json_integer(left, "began", 0) > 0);
	assert_true(json_integer(left, "gone", 0) >= json_integer(left, "began", 0));
}

/* Asked again by a person it says so, and is not done a second time on top. */
TEST(what_was_lost_half_done_waits_for_a_person_and_is_told_to_nobody)
{
	_cleanup_(fake_clear) struct fake f = fake_make();
	int pid, parent;

	world.steps[0] = (struct world_step){ .step = { .title = "Undo", .limit = SECONDS(20) },
		.words = { "place", "hold" }, .probe = { "print", "BEGAN" } };
	ask_for(&f, "rollback gateway");
	fake_clicks(&f, "U0ANN", "start");
	until(f.loop, only(&f)->tail.length > 0 && sscanf(only(&f)->tail.data,
	    "group %*d session %*d pid %d parent %d", &pid, &parent) == 2);
	kill(parent, SIGKILL);
	kill(pid, SIGKILL);
	until(f.loop, only(&f)->state == STATE_INTERRUPTED && !only(&f)->settling);
	say_to(&f, operation_resume, "U0ANN", true, NULL);
	until_ended(&f);
	assert_string_equal(stored(&f, "R-1").row.outcome, "failed");
	assert_string_equal(stored(&f, "R-1").row.verdict, "partly");
	ask_again(&f);
	assert_string_equal(world.left, "");
}

TEST(nothing_changed_is_said_only_when_nothing_was)
{
	for (int second = 0; second < 2; second++) {
		_cleanup_(fake_clear) struct fake f = fake_make();
		struct world_step same = { .step = { .title = "Undo", .judge = "fake.says", .expect = "x" },
			.words = { "print", "SAME, skipped" } };

		if (second)
			world.steps[0] = (struct world_step){ .step = { .title = "Resume" }, .words = { "print", "ok" } };
		world.steps[second] = same;
		ask_for(&f, "rollback gateway");
		fake_clicks(&f, "U0ANN", "start");
		until_ended(&f);
		assert_row(second, string_equal(stored(&f, "R-1").row.outcome, second ? "done" : "unchanged"));
	}
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

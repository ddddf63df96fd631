/* operation_{walk,judge,steer}.c - stops, losses and tools whose word is not the last. */

#include "operation_test.h"

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

/* AP3: neither clock gives a yes more time than the other. */
TEST(a_clock_that_jumps_extends_no_question)
{
	static const struct { int64_t wall, later; bool expired; } rows[] = {
		{ HOURS(1), 0, true },			/* forward, or it slept */
		{ -HOURS(1), MINUTES(29), false },
		{ -HOURS(1), MINUTES(31), true },	/* back */
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		_cleanup_(fake_clear) struct fake f = fake_make();

		world_of_one_change();
		ask_for(&f, "rollback chatops-engine");
		f.loop->wall += rows[i].wall;
		turn(f.loop, rows[i].later);
		know(&f, "U0KIM");
		if (only(&f) == NULL || only(&f)->state != STATE_ASKING)
			assert_row(i, rows[i].expired);
		else
			say_to(&f, operation_approve, "U0KIM", !rows[i].expired, rows[i].expired ? "is over" : NULL);
	}
}

/* AP3: the machine slept, and the timer of the question with it. */
TEST(a_question_whose_stored_deadline_has_passed_ends_at_the_first_answer)
{
	_cleanup_(fake_clear) struct fake f = fake_make();

	world_of_one_change();
	ask_for(&f, "rollback chatops-engine");
	f.loop->wall = only(&f)->expires;
	know(&f, "U0KIM");
	say_to(&f, operation_approve, "U0KIM", false, "is over");
	until_ended(&f);
	assert_string_equal(stored(&f, "R-1").row.outcome, "expired");
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

/* The check stood where the word is typed only: a button that somebody rewrote gave anybody's lock back. */
TEST(a_click_that_says_release_is_an_admins_too)
{
	static const struct { const char *person; size_t locks; } rows[] = { { "U0BOB", 1 }, { "U0ALICE", 0 } };
	_cleanup_(fake_clear) struct fake f = fake_make();
	const struct button *button;
	struct arrival *a;

	interrupt(&f);
	until(f.loop, !only(&f)->settling);
	comes(&f, card_button(fake_card(&f), "resume") != NULL);
	for (size_t i = 0; i < COUNT(rows); i++) {
		button = card_button(fake_card(&f), "resume");
		a = fake_arrival(&f, rows[i].person, DOOR_BUTTON, "");
		a->action = "release";
		a->argument = fake_sealed(&f, a->arena, a->door, button->argument);
		a->message = arena_strdup(a->arena, fake_card(&f)->ts);
		inbox_arrived(&f.bot, a);
		turn(f.loop, SECONDS(10));
		assert_row(i, stored(&f, "R-1").lock_count == rows[i].locks);
	}
	assert_true(fake_heard(&f, "Only the role admin"));
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

static size_t
times(const char *path)
{
	struct stat stat_of;

	return stat(path, &stat_of) == 0 ? (size_t)stat_of.st_size : 0;
}

/* The read behind what is only written down was answered beside it; hours may lie between. */
TEST(what_was_read_before_an_interruption_is_read_again_after_it)
{
	_cleanup_(fake_clear) struct fake f = fake_make();
	const char *path = folder_path(&f.folder, "reads");
	struct operation *o;

	world.steps[0] = (struct world_step){ .step = { .title = "Put it back" }, .words = { "print", "done" } };
	world.steps[1] = (struct world_step){ .step = { .title = "Write down why", .advisory = true,
		.limit = SECONDS(20) }, .words = { "print", "busy", "hold" }, .probe = { "print", "UNSEEN" } };
	world.steps[2] = (struct world_step){ .step = { .title = "Look back", .kind = STEP_CHECK, .effect = READS,
		.judge = "fake.says", .expect = "x", .cancel = TERM }, .words = { "count", path, "print", "HOLDS" } };
	ask_for(&f, "rollback gateway");
	fake_clicks(&f, "U0ANN", "start");
	until(f.loop, only(&f)->position == 1 && only(&f)->tail.length > 0 && times(path) == 1);
	turn(f.loop, SECONDS(20));
	until(f.loop, only(&f)->state == STATE_INTERRUPTED && !only(&f)->settling);
	o = only(&f);
	for (size_t i = 0; o->plan->steps.item[1].probe->argv[i] != NULL; i++)
		if (string_equal(o->plan->steps.item[1].probe->argv[i], "UNSEEN"))
			o->plan->steps.item[1].probe->argv[i] = arena_strdup(f.arena, "HOLDS");
	say_to(&f, operation_resume, "U0ANN", true, NULL);
	until_ended(&f);
	assert_int_equal(times(path), 2);
	assert_string_equal(stored(&f, "R-1").row.verdict, "verified");
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
	struct place tool;

	world.steps[0] = (struct world_step){ .step = { .title = "Undo", .limit = SECONDS(20) },
		.words = { "place", "hold" }, .probe = { "print", "BEGAN" } };
	ask_for(&f, "rollback gateway");
	fake_clicks(&f, "U0ANN", "start");
	tool = tool_place(&f);
	kill(tool.parent, SIGKILL);
	kill(tool.pid, SIGKILL);
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

/* ---- reads side by side ---- */

/* A change, and reads of these words behind it that may wait for minutes. */
static void
world_of_waits(const char *const (*words)[8], size_t count)
{
	world_of_one_change();
	for (size_t i = 0; i < count; i++) {
		world.steps[i + 1] = (struct world_step){ .step = { .title = "Wait", .kind = STEP_UNTIL,
			.effect = READS, .judge = "fake.says", .expect = "x", .cancel = TERM,
			.limit = MINUTES(5), .every = SECONDS(2) } };
		memcpy(world.steps[i + 1].words, words[i], sizeof(world.steps[i + 1].words));
	}
}

TEST(waits_that_follow_one_another_are_read_side_by_side)
{
	_cleanup_(fake_clear) struct fake f = fake_make();
	const char *mark = folder_path(&f.folder, "second");

	world_of_waits((const char *const[][8]){ { "await", mark, "print", "HOLDS" },
	    { "touch", mark, "print", "HOLDS" } }, 2);
	ask_for(&f, "rollback gateway");
	fake_clicks(&f, "U0ANN", "start");
	until_ended(&f);
	assert_string_equal(stored(&f, "R-1").row.verdict, "verified");
}

static void
now_says(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	fputs(text, file);
	assert_int_equal(fclose(file), 0);
}

/* Its answer was from before the one that it stands behind: the pods that were there then are gone. */
TEST(what_was_read_beside_a_wait_that_goes_on_is_read_again)
{
	_cleanup_(fake_clear) struct fake f = fake_make();
	const char *first = folder_path(&f.folder, "first"), *second = folder_path(&f.folder, "second");

	world_of_waits((const char *const[][8]){ { "show", first }, { "show", second } }, 2);
	now_says(first, "not yet");
	now_says(second, "HOLDS");
	ask_for(&f, "rollback gateway");
	fake_clicks(&f, "U0ANN", "start");
	until(f.loop, only(&f)->tries > 0);
	now_says(second, "FAILS they are gone");
	now_says(first, "HOLDS");
	until_ended(&f);
	assert_string_equal(stored(&f, "R-1").row.outcome, "failed");
	assert_string_equal(stored(&f, "R-1").row.verdict, "partly");
}

TEST(a_short_read_does_not_begin_what_may_wait_for_long)
{
	_cleanup_(fake_clear) struct fake f = fake_make();
	const char *mark = folder_path(&f.folder, "go");

	world_of_waits((const char *const[][8]){ { "await", mark, "print", "HOLDS" }, { "print", "HOLDS" } }, 2);
	world.steps[1].step.kind = STEP_CHECK;
	world.steps[1].step.limit = SECONDS(20);
	ask_for(&f, "rollback gateway");
	fake_clicks(&f, "U0ANN", "start");
	until(f.loop, only(&f)->position == 1 && only(&f)->job != NULL);
	assert_null(f.bot.aheads);
	close(open(mark, O_WRONLY | O_CREAT, 0600));
	until(f.loop, only(&f)->position > 1);
	until_ended(&f);
	assert_string_equal(stored(&f, "R-1").row.verdict, "verified");
}

/* operation_restart.c - killed in each state, and what the next start makes of it (E1, E3). */

#include <poll.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "operation_test.h"

/* What a restart reads of the store stands before this question: what was open is known again. */
static void
expect_end(struct fake *f, const char *outcome, const char *verdict)
{
	struct question row = stored(f, "R-1");

	until_ended(f);
	row = stored(f, "R-1");
	assert_true(row.there);
	if (!string_equal(row.row.outcome, outcome) || !string_equal(row.row.verdict, verdict))
		fail_msg("%s %s, not %s %s", row.row.outcome, row.row.verdict, outcome, verdict);
	assert_string_equal(row.row.state, "ended");
	assert_int_equal(row.lock_count, 0);
	assert_int_equal(fake_count(f, "R-1/card"), 1);
	assert_int_equal(fake_count(f, "R-1/notice/C0INC") + fake_count(f, "R-1/ended"), 1);
}

/* While it asks. */
static void
asked_and_killed(struct fake *f)
{
	world_of("x", "HOLDS");
	ask_for(f, "rollback gateway");
	fake_kill(f);
}

/* The disk refuses the first commit of the new run; the loads stand in its group. */
static void
restart_on_a_bad_disk(struct fake *f)
{
	f->hold = false;
	setenv("ROLLCALL_FAIL_COMMIT", "1", 1);
	fake_begin(f);
	bot_set_brake(&f->bot, false, "local:root", NULL);
	outbox_load(f->bot.outbox);
	operations_load(&f->bot);
	inbox_load(&f->bot);
	settle(f->loop);
	unsetenv("ROLLCALL_FAIL_COMMIT");
}

/* It was logged, and what had been open was nobody's until the next restart. */
TEST(what_cannot_be_read_at_the_start_is_read_a_second_later_unless_it_ends)
{
	for (int ends = 0; ends < 2; ends++) {
		_cleanup_(fake_clear) struct fake f = fake_make();

		asked_and_killed(&f);
		restart_on_a_bad_disk(&f);
		assert_false(f.bot.taken_up);
		if (ends)
			continue;
		turn(f.loop, SECONDS(1));
		until(f.loop, asks(&f));
		fake_clicks(&f, "U0ANN", "start");
		expect_end(&f, "done", "verified");
	}
}

/* ---- looking ---- */

TEST(killed_while_it_looks_it_looks_again_and_asks_once)
{
	_cleanup_(fake_clear) struct fake f = fake_make();

	world_of("x", "HOLDS");
	world.reads[0] = "hold";
	fake_begin(&f);
	fake_types(&f, "U0ANN", "rollback gateway");
	until(f.loop, only(&f) != NULL && only(&f)->reads_left == 1);
	fake_kill(&f);
	world.reads[0] = "print";
	fake_restart(&f);
	comes(&f, asks(&f));
	assert_int_equal(fake_count(&f, "R-1/card"), 1);
	fake_clicks(&f, "U0ANN", "start");
	expect_end(&f, "done", "verified");
}

/* ---- asking ---- */

TEST(killed_while_it_asks_the_card_that_stands_can_still_be_clicked)
{
	_cleanup_(fake_clear) struct fake f = fake_make();
	const struct posted *card;
	char hash[DIGEST_HEX], nonce[33];

	world_of("x", "HOLDS");
	ask_for(&f, "rollback gateway");
	card = fake_card(&f);
	memcpy(hash, only(&f)->hash, sizeof(hash));
	memcpy(nonce, only(&f)->nonce, sizeof(nonce));
	fake_kill(&f);
	fake_restart(&f);
	until(f.loop, asks(&f));
	assert_string_equal(only(&f)->hash, hash);
	assert_string_equal(only(&f)->nonce, nonce);
	fake_clicks_on(&f, card, "U0ANN", "start");
	expect_end(&f, "done", "verified");
}

TEST(a_click_while_it_is_taken_up_waits_or_is_answered_and_starts_it_at_most_once)
{
	_cleanup_(fake_clear) struct fake f = fake_make();
	struct word_of word = { .principal = "T0TEAM/U0ANN" };
	struct error err = ERROR_INIT;
	const struct posted *card;

	world_of("x", "HOLDS");
	world.reads[0] = "print";
	ask_for(&f, "rollback gateway");
	card = fake_card(&f);
	fake_kill(&f);
	f.hold = true;
	fake_begin(&f);
	f.hold = true;
	outbox_load(f.bot.outbox);
	operations_load(&f.bot);
	until(f.loop, only(&f) != NULL && only(&f)->taking_up);
	assert_false(operation_start_given(only(&f), &word, &err));
	assert_non_null(strstr(err.text, "after a restart"));
	assert_false(operation_dismiss(only(&f), &word, &err));
	fake_clicks_on(&f, card, "U0ANN", "start");
	fake_release(&f);
	until(f.loop, only(&f)->looked_for_restart);
	assert_false(operation_start_given(only(&f), &word, &err));
	assert_non_null(strstr(err.text, "after a restart"));
	expect_end(&f, "done", "verified");
}

TEST(a_stop_while_it_is_looked_at_again_ends_it_after_the_look)
{
	for (int moment = 0; moment < 2; moment++) {
		_cleanup_(fake_clear) struct fake f = fake_make();
		struct word_of word = { .principal = "T0TEAM/U0ANN" };

		world_of("x", "HOLDS");
		world.reads[0] = "print";
		ask_for(&f, "rollback gateway");
		fake_kill(&f);
		fake_restart(&f);
		until(f.loop, only(&f) != NULL && (moment == 0 ? only(&f)->taking_up : only(&f)->looked_for_restart));
		assert_true(operation_stop(only(&f), &word, NULL));
		expect_end(&f, "cancelled", "none");
	}
}

TEST(a_plan_that_moved_while_we_were_away_asks_anew_and_earlier_yeses_are_void)
{
	_cleanup_(fake_clear) struct fake f = fake_make();
	static const char *const two = "clusters: {primary: {}}\n"
	    "environments: {production: {clusters: [primary], approvals: 2, approvers: [lead]}}\n"
	    "targets: {gateway: {driver: deployment, namespace: chatops}}\n"
	    "roles: {sre: {users: [U0ANN]}, lead: {users: [U0LEAD, U0KIM]}}\n";

	configuration_free(f.bot.configuration);
	f.bot.configuration = fake_configure(&f.folder, two, "permissions: [{roles: [sre]}]\n");
	world_of("x", "HOLDS");
	ask_for(&f, "rollback gateway");
	fake_clicks(&f, "U0LEAD", "approve");
	until(f.loop, only(&f)->approvals.count == 1 && !only(&f)->settling);
	fake_kill(&f);
	fake_restart(&f);
	until(f.loop, asks(&f));
	assert_int_equal(only(&f)->approvals.count, 1);		/* the same plan keeps them */
	fake_kill(&f);
	world.now = 6;
	fake_restart(&f);
	until(f.loop, asks(&f));
	assert_int_equal(only(&f)->approvals.count, 0);
	comes(&f, fake_said(&f, "The cluster changed") != NULL);
	fake_kill(&f);
	fake_restart(&f);
	until(f.loop, asks(&f));
	assert_int_equal(only(&f)->approvals.count, 0);
}

TEST(a_question_whose_time_was_over_while_we_were_away_is_expired)
{
	_cleanup_(fake_clear) struct fake f = fake_make();

	asked_and_killed(&f);
	f.loop->wall += MINUTES(20);
	fake_restart(&f);
	expect_end(&f, "expired", "none");
}

TEST(a_question_of_somebody_who_may_not_ask_any_more_is_refused)
{
	_cleanup_(fake_clear) struct fake f = fake_make();

	asked_and_killed(&f);
	f.people[0].there = false;
	f.people[0].why_not = "deactivated";
	fake_restart(&f);
	expect_end(&f, "refused", "none");
	assert_non_null(fake_said(&f, "deactivated"));
}

/* It was refused for ever because nobody could be looked up in the first second. */
TEST(a_question_waits_until_its_asker_can_be_looked_up_again)
{
	_cleanup_(fake_clear) struct fake f = fake_make();

	asked_and_killed(&f);
	f.people_fail = true;
	fake_restart(&f);
	until(f.loop, only(&f) != NULL);
	turn(f.loop, MINUTES(2));
	assert_non_null(only(&f));
	assert_true(only(&f)->taking_up);
	f.people_fail = false;
	comes(&f, asks(&f));
	fake_clicks(&f, "U0ANN", "start");
	expect_end(&f, "done", "verified");
}

/* ---- acting ---- */

static void
killed_in_the_last_look(struct fake *f)
{
	world_of("x", "HOLDS");
	world.reads[0] = "print";
	ask_for(f, "rollback gateway");
	fake_clicks(f, "U0ANN", "start");
	until(f->loop, only(f)->last_look && only(f)->reads_left == 1);
	fake_kill(f);
}

TEST(killed_after_the_locks_were_taken_it_looks_and_begins)
{
	_cleanup_(fake_clear) struct fake f = fake_make();

	killed_in_the_last_look(&f);
	fake_restart(&f);
	expect_end(&f, "done", "verified");
}

TEST(killed_after_the_locks_were_taken_the_right_is_asked_for_again)
{
	_cleanup_(fake_clear) struct fake f = fake_make();

	killed_in_the_last_look(&f);
	f.people[0].there = false;
	fake_restart(&f);
	expect_end(&f, "refused", "none");
	assert_int_equal(stored(&f, "R-1").step_count, 0);
}

/* Asked for and started; its change runs with these words until it is ended; the probe then says so. */
static int
change_runs(struct fake *f, const struct world_step *step)
{
	world_of("x", "HOLDS");
	world.steps[0] = *step;
	world.steps[0].step.title = "Put it back";
	ask_for(f, "rollback gateway");
	fake_clicks(f, "U0ANN", "start");
	return tool_place(f).pid;
}

static const struct world_step polite = { .words = { "polite", "15", "place", "hold" },
	.probe = { "print", "HOLDS" } };

static void
until_taken_up(struct fake *f)
{
	fake_restart(f);
	until(f->loop, only(f) != NULL && only(f)->job != NULL);
}

TEST(killed_while_a_change_runs_it_is_followed_and_not_run_a_second_time)
{
	_cleanup_(fake_clear) struct fake f = fake_make();
	int pid;

	pid = change_runs(&f, &polite);
	fake_kill(&f);
	assert_true(process_lives(pid));
	until_taken_up(&f);
	assert_int_equal(tool_place(&f).pid, pid);
	kill(pid, SIGTERM);
	expect_end(&f, "done", "verified");
}

/* Nobody follows that process: its folder tells of each file. */
static const char *
end_tool(struct fake *f, int pid)
{
	const char *folder = folder_path(&f->folder, "state/spool/R-1-steps-0");
	const char *exit = folder_path(&f->folder, "state/spool/R-1-steps-0/exit");
	struct pollfd events = { .fd = inotify_init1(IN_CLOEXEC), .events = POLLIN };
	char bytes[4096];

	assert_true(inotify_add_watch(events.fd, folder, IN_CREATE | IN_MOVED_TO | IN_CLOSE_WRITE) >= 0);
	kill(pid, SIGKILL);
	while (!file_is_there(exit)) {
		assert_int_equal(poll(&events, 1, 10000), 1);
		assert_true(read(events.fd, bytes, sizeof(bytes)) > 0);
	}
	close(events.fd);
	return exit;
}

TEST(a_change_that_ended_while_we_were_away_counts_with_its_own_exit)
{
	static const struct { const char *end, *probe, *outcome, *verdict; } rows[] = {
		{ "0", "HOLDS", "done", "verified" },
		{ "1", "HOLDS", "done", "verified" },	/* it failed, but the cluster shows it */
		{ "1", "FAILS", "failed", "none" },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		_cleanup_(fake_clear) struct fake f = fake_make();
		int pid = change_runs(&f, &(struct world_step){ .words = { "place", "hold" },
			.probe = { "print", rows[i].probe } });
		const char *exit;

		fake_kill(&f);
		exit = end_tool(&f, pid);
		file_write(exit, arena_printf(f.arena, "exit %s\n\n\n\n", rows[i].end), 9, 0600);
		fake_restart(&f);
		expect_end(&f, rows[i].outcome, rows[i].verdict);
	}
}

TEST(a_change_that_was_written_down_and_never_begun_is_begun)
{
	_cleanup_(fake_clear) struct fake f = fake_make();
	const char *mark = folder_path(&f.folder, "ran");
	int pid;

	pid = change_runs(&f, &(struct world_step){ .words = { "touch", mark, "place", "hold" },
		.probe = { "print", "HOLDS" } });
	fake_kill(&f);
	/* As if we had been killed between the commit and its beginning. */
	end_tool(&f, pid);
	unlink(mark);
	job_forget_spool(folder_path(&f.folder, "state/spool/R-1-steps-0"));
	until_taken_up(&f);
	kill(tool_place(&f).pid, SIGTERM);
	expect_end(&f, "done", "verified");
	assert_true(file_is_there(mark));
}

TEST(a_lost_change_is_asked_about_and_a_person_gives_it_up)
{
	_cleanup_(fake_clear) struct fake f = fake_make();
	struct word_of word = { .principal = "T0TEAM/U0ANN" };
	struct place tool;

	change_runs(&f, &(struct world_step){ .words = { "place", "hold" }, .probe = { "print", "UNSEEN" } });
	tool = tool_place(&f);
	fake_kill(&f);
	kill(tool.parent, SIGKILL);
	kill(tool.pid, SIGKILL);
	fake_restart(&f);
	comes(&f, only(&f) != NULL && only(&f)->state == STATE_INTERRUPTED && !only(&f)->settling);
	assert_int_equal(stored(&f, "R-1").lock_count, 1);
	fake_kill(&f);				/* and again, where a person must choose */
	fake_restart(&f);
	until(f.loop, only(&f) != NULL && !only(&f)->taking_up);
	assert_int_equal(only(&f)->state, STATE_INTERRUPTED);
	assert_true(operation_stop(only(&f), &word, NULL));
	comes(&f, only(&f) == NULL);
	assert_string_equal(stored(&f, "R-1").row.outcome, "cancelled");
	assert_int_equal(stored(&f, "R-1").lock_count, 0);
}

TEST(a_wait_is_waited_again_and_a_reading_is_read_again)
{
	_cleanup_(fake_clear) struct fake f = fake_make();

	world_of("x", "HOLDS");
	world.steps[1] = (struct world_step){ .step = { .title = "Wait", .kind = STEP_UNTIL, .effect = READS,
		.judge = "fake.says", .expect = "x", .cancel = TERM, .every = SECONDS(5), .limit = MINUTES(5) },
		.words = { "print", "2 of 3" } };
	ask_for(&f, "rollback gateway");
	fake_clicks(&f, "U0ANN", "start");
	comes(&f, only(&f) != NULL && only(&f)->state == STATE_WAITING && timer_runs(&only(&f)->timer));
	fake_kill(&f);
	fake_restart(&f);
	comes(&f, only(&f) != NULL && only(&f)->state == STATE_WAITING && timer_runs(&only(&f)->timer));
	assert_int_equal(only(&f)->position, 1);
	assert_int_equal(fake_count(&f, "R-1/steps/0"), 1);
	only(&f)->plan->steps.item[1].argv[4] = arena_strdup(f.arena, "HOLDS");
	expect_end(&f, "done", "verified");
}

/* The person had been told that it stops. */
TEST(a_stop_that_was_said_before_the_kill_is_still_a_stop_after_it)
{
	_cleanup_(fake_clear) struct fake f = fake_make();
	struct word_of word = { .principal = "T0TEAM/U0BOB" };
	int pid;

	pid = change_runs(&f, &(struct world_step){ .step = { .limit = MINUTES(2) },
		.words = { "polite", "15", "place", "hold" }, .probe = { "print", "HOLDS" } });
	assert_true(operation_stop(only(&f), &word, NULL));
	settle(f.loop);
	fake_kill(&f);
	until_taken_up(&f);
	assert_true(only(&f)->stop_wanted);
	assert_string_equal(only(&f)->stopped_by, "T0TEAM/U0BOB");
	assert_int_equal(tool_place(&f).pid, pid);	/* FINISH: it is let to its end */
	kill(pid, SIGTERM);
	expect_end(&f, "cancelled", "partly");
	assert_int_equal(fake_count(&f, "R-1/steps/1"), 0);
}

/* ---- telling ---- */

static void
killed_while_it_tells(struct fake *f)
{
	world_of("x", "HOLDS");
	ask_for(f, "rollback gateway");
	fake_clicks(f, "U0ANN", "start");
	f->away = true;		/* nothing of it reaches anybody */
	comes(f, only(f)->state == STATE_TELLING);
	until(f->loop, !only(f)->settling);
	fake_kill(f);
	f->away = false;
}

TEST(killed_while_it_tells_each_word_is_said_once)
{
	_cleanup_(fake_clear) struct fake f = fake_make();

	killed_while_it_tells(&f);
	fake_restart(&f);
	expect_end(&f, "done", "verified");
	assert_int_equal(fake_count(&f, "R-1/notice/C0RELEASES"), 1);
	assert_int_equal(fake_count(&f, "R-1/steps/0"), 1);
	assert_int_equal(fake_count(&f, "R-1/steps/1"), 1);
	assert_int_equal(fake_count(&f, "R-1/log"), 1);
}

/* The outbox ended it while its asker was still being looked up, and the answer came to nobody. */
TEST(what_was_told_before_its_asker_was_looked_up_ends_after_that)
{
	_cleanup_(fake_clear) struct fake f = fake_make();

	killed_while_it_tells(&f);
	fake_begin(&f);
	f.bot.configuration->limits.chat_budget = 1000;
	f.hold = true;
	operations_load(&f.bot);
	until(f.loop, only(&f) != NULL && only(&f)->taking_up);
	operation_told(&f.bot, "R-1");
	assert_false(only(&f)->settling);
	fake_release(&f);
	comes(&f, only(&f) == NULL);
}

TEST(what_began_before_the_load_is_not_taken_up_a_second_time)
{
	_cleanup_(fake_clear) struct fake f = fake_make();

	world_of("x", "HOLDS");
	ask_for(&f, "rollback gateway");
	outbox_load(f.bot.outbox);
	operations_load(&f.bot);
	inbox_load(&f.bot);
	settle(f.loop);
	assert_null(only(&f)->next);
	fake_clicks(&f, "U0ANN", "start");
	expect_end(&f, "done", "verified");
}

TEST(what_is_asked_to_end_begins_no_further_step_and_goes_on_after_the_restart)
{
	_cleanup_(fake_clear) struct fake f = fake_make();
	int pid;

	pid = change_runs(&f, &polite);
	f.bot.draining = true;
	kill(pid, SIGTERM);
	until(f.loop, only(&f)->plan->steps.item[0].state == STEP_DONE && !only(&f)->settling);
	turn(f.loop, SECONDS(5));
	assert_int_equal(only(&f)->plan->steps.item[1].state, STEP_NEXT);
	fake_kill(&f);
	fake_restart(&f);
	expect_end(&f, "done", "verified");
}

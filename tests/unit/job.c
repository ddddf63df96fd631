/* job.c, job_stream.c, job_process.c - children that read: what they print, how they end, how long they may, how many. */

#include "job_world.h"

/* ---- reads: pipes ---- */

static const struct {
	const char *words[8];
	int exit;
	const char *out, *errors;
} plain[] = {
	{ { "print", "one line" }, 0, "one line\n", "" },
	{ { "print", "a", "print", "b", "errors", "c", "exit", "7" }, 7, "a\nb\n", "c\n" },
	{ { "exit", "255" }, 255, "", "" },
	{ { "print", "before", "kill", "9" }, -1, "before\n", "" },
	{ { "print", "$(id) `id` ; rm -rf / | * ~" }, 0, "$(id) `id` ; rm -rf / | * ~\n", "" },
};

TEST(the_exit_status_and_both_streams_of_a_read_are_told_once)
{
	_cleanup_(fixture_clear) struct fixture f = fixture_make();

	for (size_t i = 0; i < COUNT(plain); i++) {
		_cleanup_(run_clear) struct run run = run_make();
		char *argv[12] = { W("probe"), W("look"), W("--") };

		for (size_t k = 0; k < 8 && plain[i].words[k] != NULL; k++)
			argv[3 + k] = arena_strdup(f.folder.arena, plain[i].words[k]);
		start(&f, &run, argv, NULL);
		assert_row(i, run.done == 0);
		until(f.loop, run.done == 1);
		assert_row(i, run.exit == plain[i].exit && run.error == ERROR_NONE && !run.late && !run.cut);
		assert_string_equal(run.out.data, plain[i].out);
		assert_string_equal(run.errors.data, plain[i].errors);
	}
	assert_int_equal(jobs_running(f.jobs), 0);
	assert_int_equal(f.loop->busy[BUSY_CHILD], 0);
}

/* OU3, SE3: no escape sequence, no secret. */
TEST(output_reaches_people_masked_and_harmless_and_the_reader_raw)
{
	_cleanup_(fixture_clear) struct fixture f = fixture_make();
	_cleanup_(run_clear) struct run run = run_make();

	mask_add(f.mask, "s3cret-value", 12);
	f.configuration.tools[0].path = children_self;
	start(&f, &run, ARGV(W("print"), W("a s3cret-value here"), W("errors"), W("and s3cret-value there")),
	    NULL);
	until(f.loop, run.done == 1);
	assert_string_equal(run.out.data, "a s3cret-value here\n");
	assert_null(strstr(run.printed.data, "s3cret"));
	assert_non_null(strstr(run.printed.data, "a " MASK_WORD " here\n"));
	assert_string_equal(run.errors.data, "and " MASK_WORD " there\n");
}

TEST(more_than_was_to_be_kept_is_cut_and_said)
{
	_cleanup_(fixture_clear) struct fixture f = fixture_make();
	_cleanup_(run_clear) struct run run = run_make();

	start(&f, &run, ARGV(W("flood"), W("700000"), W("exit"), W("4")), NULL);
	until(f.loop, run.done == 1);
	assert_true(run.cut);
	assert_int_equal(run.out.length, KILOBYTES(512));
	assert_int_equal(run.exit, 4);
}

TEST(output_past_the_limit_is_read_dropped_and_said_once)
{
	_cleanup_(fixture_clear) struct fixture f = fixture_make();
	const char *spools[] = { NULL, folder_path(&f.folder, "spool") };

	f.configuration.limits.output = KILOBYTES(64);
	for (size_t i = 0; i < COUNT(spools); i++) {
		_cleanup_(run_clear) struct run run = run_make();
		const char *said;

		start(&f, &run, ARGV(W("flood"), W("3000000"), W("exit"), W("6")), spools[i]);
		until(f.loop, run.done == 1);
		assert_row(i, run.exit == 6 && run.cut);
		assert_row(i, run.printed.length < KILOBYTES(128));
		said = strstr(run.printed.data, "more than 64 KiB were printed");
		assert_row(i, said != NULL && strstr(said + 1, "more than") == NULL);
	}
}

TEST(a_child_gets_its_limit_then_a_chance_to_leave)
{
	_cleanup_(fixture_clear) struct fixture f = fixture_make();
	static const struct { enum cancel cancel; const char *number, *printed; } rows[] = {
		{ TERM, "15", "ready\ngot 15\n" },
		{ INT, "2", "ready\ngot 2\n" },
		{ FINISH, "15", "ready\ngot 15\n" },
	};
	const char *spools[] = { NULL, folder_path(&f.folder, "spool") };

	for (size_t i = 0; i < COUNT(rows) * 2; i++) {
		_cleanup_(run_clear) struct run run = run_make();
		char *number = arena_strdup(f.folder.arena, rows[i / 2].number);
		struct job_options options = options_of(&f, &run,
		    ARGV(W("polite"), number, W("print"), W("ready"), W("hold")), spools[i % 2]);

		options.cancel = rows[i / 2].cancel;
		if (options.spool != NULL)
			job_forget_spool(options.spool);
		job_start(f.jobs, &options);
		until(f.loop, run.printed.length > 0);
		turn(f.loop, SECONDS(60) - 1);
		assert_row(i, run.done == 0);
		turn(f.loop, 1);
		until(f.loop, run.done == 1);
		assert_row(i, run.late && run.exit == -1 && run.error == ERROR_NONE);
		assert_string_equal(run.printed.data, rows[i / 2].printed);
	}
}

static void
expect_killed_after_grace(struct fixture *f, const char *spool)
{
	_cleanup_(run_clear) struct run run = run_make();
	long long pid = 0;

	start(f, &run, ARGV(W("deaf"), W("place"), W("hold")), spool);
	until(f->loop, sscanf(run.printed.data, "group %*d session %*d pid %lld parent", &pid) == 1 &&
	    string_ends(run.printed.data, "\n"));
	turn(f->loop, SECONDS(60));
	turn(f->loop, SECONDS(5) - 1);
	assert_true(process_lives(pid));
	assert_int_equal(run.done, 0);
	turn(f->loop, 1);
	until(f->loop, run.done == 1);
	assert_true(run.late);
	assert_false(run.lost);
	assert_int_equal(run.exit, -1);
	until(f->loop, !process_lives(pid));
}

TEST(a_helper_left_behind_with_the_pipes_is_not_waited_for)
{
	_cleanup_(fixture_clear) struct fixture f = fixture_make();
	_cleanup_(run_clear) struct run run = run_make();
	int pid = 0;

	start(&f, &run, ARGV(W("leave"), W("exit"), W("4")), NULL);
	until(f.loop, sscanf(run.printed.data, "left %d\n", &pid) == 1);
	until(f.loop, loop_next_timer(f.loop) <= SECONDS(5));	/* it was reaped, its limit is over */
	assert_int_equal(run.done, 0);
	turn(f.loop, SECONDS(5));
	until(f.loop, run.done == 1);
	assert_int_equal(run.exit, 4);
	assert_false(run.late);
	assert_true(process_lives(pid));
	kill(pid, SIGKILL);
}

TEST(who_does_not_leave_within_the_grace_is_killed)
{
	_cleanup_(fixture_clear) struct fixture f = fixture_make();

	expect_killed_after_grace(&f, NULL);
}

/* SIGKILL reached rollcall-exec only; the tool, in a group of its own, went on behind our back. */
TEST(a_deaf_tool_of_a_spool_is_killed_itself_not_only_its_parent)
{
	_cleanup_(fixture_clear) struct fixture f = fixture_make();

	expect_killed_after_grace(&f, folder_path(&f.folder, "spool"));
	assert_string_equal(read_whole(&f, "spool/exit"), "signal 9\n");
}

TEST(cancel_is_what_the_step_says)
{
	_cleanup_(fixture_clear) struct fixture f = fixture_make();
	_cleanup_(run_clear) struct run finish = run_make(), term = run_make();
	struct job_options options =
	    options_of(&f, &finish, ARGV(W("print"), W("ready"), W("hold")), NULL);
	struct job *job;

	options.cancel = FINISH;
	job = job_start(f.jobs, &options);
	until(f.loop, finish.printed.length > 0);
	job_cancel(job);
	turn(f.loop, SECONDS(59));
	assert_int_equal(finish.done, 0);

	job = start(&f, &term, ARGV(W("print"), W("ready"), W("hold")), NULL);
	until(f.loop, term.printed.length > 0);
	job_cancel(job);
	job_cancel(job);
	until(f.loop, term.done == 1);
	assert_int_equal(term.exit, -1);
	assert_false(term.late);
	turn(f.loop, SECONDS(1));
	until(f.loop, finish.done == 1);
	assert_true(finish.late);
}

TEST(a_child_that_is_cancelled_while_it_is_being_spawned_still_ends)
{
	_cleanup_(fixture_clear) struct fixture f = fixture_make();
	const char *spools[] = { NULL, folder_path(&f.folder, "spool") };

	for (size_t i = 0; i < COUNT(spools); i++) {
		_cleanup_(run_clear) struct run run = run_make();
		struct job *job = start(&f, &run, ARGV(W("hold")), spools[i]);

		job_cancel(job);
		until(f.loop, run.done == 1);
		assert_row(i, run.exit < 0 && !run.late);
	}
}

/* ---- how many at once ---- */

TEST(no_more_children_than_allowed_run_at_once_and_the_others_follow_in_order)
{
	_cleanup_(fixture_clear) struct fixture f = fixture_make();
	struct run runs[6];
	struct job *jobs[6];

	for (size_t i = 0; i < COUNT(runs); i++) {
		runs[i] = run_make();
		jobs[i] = start(&f, &runs[i], ARGV(W("print"), W("here"), W("hold")), NULL);
	}
	assert_int_equal(jobs_running(f.jobs), 6);
	for (size_t i = 0; i < 3; i++)
		until(f.loop, runs[i].printed.length > 0);
	settle(f.loop);
	assert_int_equal(f.loop->busy[BUSY_CHILD], 3);
	for (size_t i = 0; i < COUNT(runs); i++) {
		until(f.loop, runs[i].printed.length > 0);
		job_cancel(jobs[i]);
		until(f.loop, runs[i].done == 1);
	}
	for (size_t i = 0; i < COUNT(runs); i++)
		run_clear(&runs[i]);
	assert_int_equal(jobs_running(f.jobs), 0);
}

/* It was started after all, only to be stopped again. */
TEST(a_child_that_is_cancelled_while_it_waits_is_never_started)
{
	_cleanup_(fixture_clear) struct fixture f = fixture_make();
	_cleanup_(run_clear) struct run first = run_make(), second = run_make(), third = run_make();
	const char *mark = folder_path(&f.folder, "started");
	struct job *job, *waiting;

	f.configuration.limits.children = 1;
	job = start(&f, &first, ARGV(W("print"), W("here"), W("hold")), NULL);
	waiting = start(&f, &second, ARGV(W("touch"), arena_strdup(f.folder.arena, mark)), NULL);
	start(&f, &third, ARGV(W("print"), W("third")), NULL);
	until(f.loop, first.printed.length > 0);
	job_cancel(waiting);
	assert_int_equal(second.done, 0);
	until(f.loop, second.done == 1);
	assert_int_equal(second.error, CANCELLED);
	assert_int_equal(second.exit, -2);
	job_cancel(job);
	until(f.loop, third.done == 1);
	assert_int_equal(second.done, 1);
	assert_false(file_is_there(mark));
}

static void
start_another(struct run *run)
{
	struct fixture *f = run->arg;

	run->then = NULL;
	start(f, run, ARGV(W("print"), W("second")), NULL);
}

TEST(done_may_start_the_next_child)
{
	_cleanup_(fixture_clear) struct fixture f = fixture_make();
	_cleanup_(run_clear) struct run run = run_make();

	run.then = start_another;
	run.arg = &f;
	start(&f, &run, ARGV(W("print"), W("first")), NULL);
	until(f.loop, run.done == 2);
	assert_string_equal(run.out.data, "first\nsecond\n");
}

/* ---- the end ---- */

/* What was still being closed when the jobs were freed asked them for their loop. */
TEST(freed_while_children_run_reads_are_killed_and_nobody_is_told)
{
	struct fixture f = fixture_make();
	struct run runs[5];
	long long pid = 0;

	for (size_t i = 0; i < COUNT(runs); i++) {
		runs[i] = run_make();
		start(&f, &runs[i], ARGV(W("place"), W("hold")), NULL);
	}
	until(f.loop, sscanf(runs[0].printed.data, "group %*d session %*d pid %lld parent", &pid) == 1);
	fixture_clear(&f);
	for (size_t i = 0; i < COUNT(runs); i++) {
		assert_row(i, runs[i].done == 0);
		run_clear(&runs[i]);
	}
	while (waitpid(-1, NULL, 0) > 0)
		;
	assert_false(process_lives(pid));
}

TEST(freed_in_every_state_nothing_is_left)
{
	struct fixture f = fixture_make();
	_cleanup_(run_clear) struct run spawning = run_make(), failing = run_make(), spooled = run_make();

	start(&f, &spawning, ARGV(W("hold")), NULL);
	start(&f, &failing, (char *const[]){ W("sh"), W("-c"), W("id"), NULL }, NULL);	/* no word of ours */
	start(&f, &spooled, ARGV(W("print"), W("x")), folder_path(&f.folder, "spool"));
	fixture_clear(&f);
	assert_int_equal(spawning.done + failing.done + spooled.done, 0);
	while (waitpid(-1, NULL, 0) > 0)
		;
	jobs_free(NULL);
}

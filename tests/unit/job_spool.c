/* job_spool.c, rollcall-exec.c - children that outlive us: their files, their exit, and who finds them again. */

#include "job_world.h"

TEST(a_spool_holds_output_and_exit_and_is_forgotten_when_told)
{
	_cleanup_(fixture_clear) struct fixture f = fixture_make();
	_cleanup_(run_clear) struct run run = run_make();
	const char *spool = folder_path(&f.folder, "spool");

	start(&f, &run, ARGV(W("print"), W("out line"), W("errors"), W("error line"), W("exit"), W("5")), spool);
	until(f.loop, run.done == 1);
	assert_int_equal(run.exit, 5);
	assert_false(run.lost);
	assert_non_null(strstr(run.printed.data, "out line\n"));
	assert_non_null(strstr(run.printed.data, "error line\n"));
	assert_string_equal(run.out.data, "out line\n");
	assert_string_equal(read_whole(&f, "spool/exit"), "exit 5\n");
	assert_string_equal(read_whole(&f, "spool/out"), "out line\n");
	assert_int_equal(file_mode(spool), 0700);
	assert_int_equal(file_mode(folder_path(&f.folder, "spool/out")), 0600);
	job_forget_spool(spool);
	assert_false(file_is_there(spool));
	job_forget_spool(spool);
}

TEST(lines_of_a_spool_are_followed_while_it_runs)
{
	_cleanup_(fixture_clear) struct fixture f = fixture_make();
	_cleanup_(run_clear) struct run run = run_make();
	struct job *job =
	    start(&f, &run, ARGV(W("print"), W("first"), W("hold")), folder_path(&f.folder, "spool"));

	until(f.loop, strstr(run.printed.data, "first\n") != NULL);
	assert_int_equal(run.done, 0);
	job_cancel(job);
	until(f.loop, run.done == 1);
	assert_string_equal(read_whole(&f, "spool/exit"), "signal 15\n");
}

TEST(a_long_output_of_a_spool_is_read_whole_and_given_back_to_the_disk)
{
	_cleanup_(fixture_clear) struct fixture f = fixture_make();
	_cleanup_(run_clear) struct run run = run_make();
	struct stat stat;

	f.configuration.limits.output = MEGABYTES(16);
	start(&f, &run, ARGV(W("flood"), W("4194304")), folder_path(&f.folder, "spool"));
	until(f.loop, run.done == 1);
	assert_int_equal(run.printed.length, 4194304);
	assert_int_equal(lstat(folder_path(&f.folder, "spool/out"), &stat), 0);
	assert_int_equal(stat.st_size, 4194304);
	assert_true(stat.st_blocks * 512 < 1048576);
}

/* The bot goes, the child stays; another bot finds it. */
static void
leave(struct fixture *f)
{
	struct error err = ERROR_INIT;

	jobs_free(f->jobs);
	f->jobs = jobs_new(f->loop, f->folder.path, children_self, &err);
	assert_non_null(f->jobs);
}

static struct job *
adopt(struct fixture *f, struct run *run, const char *spool)
{
	struct job_options options = options_of(f, run, NULL, spool);

	return job_adopt(f->jobs, &options);
}

/* AR6, as E4 has it. */
TEST(a_child_that_changes_survives_its_starter_and_is_adopted)
{
	_cleanup_(fixture_clear) struct fixture f = fixture_make();
	_cleanup_(run_clear) struct run first = run_make(), second = run_make();
	const char *spool = folder_path(&f.folder, "spool");
	struct job *job;

	start(&f, &first, ARGV(W("polite"), W("15"), W("print"), W("ready"), W("hold")), spool);
	until(f.loop, first.printed.length > 0);
	leave(&f);
	assert_int_equal(first.done, 0);
	job = adopt(&f, &second, spool);
	assert_non_null(job);
	until(f.loop, second.printed.length > 0);
	assert_string_equal(second.printed.data, "ready\n");
	job_cancel(job);
	until(f.loop, second.done == 1);
	assert_int_equal(second.exit, 3);
	assert_false(second.lost);
	assert_string_equal(second.printed.data, "ready\ngot 15\n");
	assert_int_equal(first.done, 0);
}

TEST(an_adopted_child_has_its_limit_too)
{
	_cleanup_(fixture_clear) struct fixture f = fixture_make();
	_cleanup_(run_clear) struct run first = run_make(), second = run_make();
	const char *spool = folder_path(&f.folder, "spool");

	start(&f, &first, ARGV(W("deaf"), W("print"), W("ready"), W("hold")), spool);
	until(f.loop, first.printed.length > 0);
	leave(&f);
	assert_non_null(adopt(&f, &second, spool));
	turn(f.loop, SECONDS(65));
	until(f.loop, second.done == 1);
	assert_true(second.late);
	assert_string_equal(read_whole(&f, "spool/exit"), "signal 9\n");
}

TEST(a_child_that_ended_while_nobody_looked_is_found_with_its_exit)
{
	_cleanup_(fixture_clear) struct fixture f = fixture_make();
	_cleanup_(run_clear) struct run first = run_make(), second = run_make();
	const char *spool = folder_path(&f.folder, "spool");

	start(&f, &first, ARGV(W("print"), W("all of it"), W("exit"), W("6")), spool);
	until(f.loop, first.done == 1);
	leave(&f);
	assert_non_null(adopt(&f, &second, spool));
	assert_int_equal(second.done, 0);
	until(f.loop, second.done == 1);
	assert_int_equal(second.exit, 6);
	assert_string_equal(second.printed.data, "all of it\n");
}

TEST(a_spool_that_nobody_claimed_was_not_begun_and_cannot_be_any_more)
{
	_cleanup_(fixture_clear) struct fixture f = fixture_make();
	_cleanup_(run_clear) struct run run = run_make(), late = run_make();
	const char *spool = folder_path(&f.folder, "spool");
	const char *mark = folder_path(&f.folder, "started");

	assert_null(adopt(&f, &run, spool));
	/* rollcall-exec that was on its way comes too late. */
	start(&f, &late, ARGV(W("touch"), arena_strdup(f.folder.arena, mark)), spool);
	until(f.loop, late.done == 1);
	assert_false(file_is_there(mark));
	assert_int_not_equal(late.exit, 0);
	settle(f.loop);
	assert_int_equal(run.done, 0);
}

TEST(a_child_that_left_no_exit_is_lost)
{
	_cleanup_(fixture_clear) struct fixture f = fixture_make();
	const struct { const char *pid; } rows[] = { { NULL }, { "" }, { "nonsense\n" }, { "1 1\n" },
		{ "999999999 5\n" }, { "-1 0\n" } };

	for (size_t i = 0; i < COUNT(rows); i++) {
		_cleanup_(run_clear) struct run run = run_make();
		const char *spool = folder_path(&f.folder, arena_printf(f.folder.arena, "spool%zu", i));

		assert_int_equal(mkdir(spool, 0700), 0);
		file_write(arena_printf(f.folder.arena, "%s/claim", spool), "x\n", 2, 0600);
		if (rows[i].pid != NULL)
			file_write(arena_printf(f.folder.arena, "%s/pid", spool), rows[i].pid,
			    strlen(rows[i].pid), 0600);
		assert_row(i, adopt(&f, &run, spool) != NULL);
		until(f.loop, run.done == 1);
		assert_row(i, run.lost && run.exit == -1 && run.error == ERROR_NONE);
	}
}

TEST(a_killed_rollcall_exec_leaves_its_child_lost)
{
	_cleanup_(fixture_clear) struct fixture f = fixture_make();
	_cleanup_(run_clear) struct run run = run_make();
	int pid, parent;

	start(&f, &run, ARGV(W("place"), W("hold")), folder_path(&f.folder, "spool"));
	until(f.loop, sscanf(run.printed.data, "group %*d session %*d pid %d parent %d", &pid, &parent) == 2);
	kill(parent, SIGKILL);
	until(f.loop, run.done == 1);
	assert_true(run.lost);
	kill(pid, SIGKILL);
}

TEST(the_start_time_tells_a_process_from_its_successor)
{
	assert_true(process_start(getpid()) > 0);
	assert_int_equal(process_start(getpid()), process_start(getpid()));
	assert_int_equal(process_start(999999999), -1);
	assert_int_equal(process_start(-5), -1);
	assert_int_equal(process_start(0), -1);
}

/* job.c, job_spool.c - children: what they print, how they end, how long they may; those that outlive us. */

#include "job.h"

#include "test.h"

#include "children.h"
#include "folder.h"
#include "turned.h"

struct run {			/* one child and what was heard of it */
	int done, exit;
	bool cut, late, lost;
	enum error_kind error;
	struct text printed;	/* by output() */
	struct text out, errors;
	char why[512];
	void (*then)(struct run *);
	void *arg;
};

struct fixture {
	struct folder folder;
	struct loop *loop;
	struct jobs *jobs;
	struct configuration configuration;
	struct mask_set *mask;
};

static struct fixture
fixture_make(void)
{
	struct fixture f = { .folder = folder_make(), .loop = turned_new(),
		.configuration = children_configuration(), .mask = mask_set_new(NULL) };
	struct error err = ERROR_INIT;

	f.jobs = jobs_new(f.loop, f.folder.path, children_self, &err);
	assert_non_null(f.jobs);
	return f;
}

static void
fixture_clear(struct fixture *f)
{
	jobs_free(f->jobs);
	loop_free(f->loop);
	mask_set_free(f->mask);
	folder_remove(&f->folder);
}

static struct run
run_make(void)
{
	return (struct run){ .printed = TEXT_INIT_LIMIT(MEGABYTES(8)),
		.out = TEXT_INIT_LIMIT(MEGABYTES(8)), .errors = TEXT_INIT };
}

static void
run_clear(struct run *run)
{
	text_clear(&run->printed);
	text_clear(&run->out);
	text_clear(&run->errors);
}

static void
on_output(void *arg, const char *text, size_t length, bool errors)
{
	(void)errors;
	text_add_bytes(&((struct run *)arg)->printed, text, length);
}

static void
on_done(void *arg, const struct job_result *result)
{
	struct run *run = arg;

	run->done++;
	run->exit = result->exit;
	run->cut = result->cut;
	run->late = result->late;
	run->lost = result->lost;
	run->error = result->error.kind;
	snprintf(run->why, sizeof(run->why), "%s", result->error.text);
	text_add_bytes(&run->out, result->out, result->length);
	text_add(&run->errors, result->errors);
	if (run->then != NULL)
		run->then(run);
}

static struct job_options
options_of(struct fixture *f, struct run *run, char *const *argv, const char *spool)
{
	return (struct job_options){ .argv = argv, .configuration = &f->configuration, .mask = f->mask,
		.limit = SECONDS(60), .cancel = TERM, .keep = KILOBYTES(512), .spool = spool,
		.output = on_output, .done = on_done, .arg = run };
}

#define ARGV(...) ((char *const[]){ (char[]){ "probe" }, (char[]){ "run" }, (char[]){ "--" }, __VA_ARGS__, NULL })
#define W(word) ((char[]){ word })

static struct job *
start(struct fixture *f, struct run *run, char *const *argv, const char *spool)
{
	struct job_options options = options_of(f, run, argv, spool);

	return job_start(f->jobs, &options);
}

static char *
read_whole(const struct fixture *f, const char *name)
{
	const char *path = folder_path(&f->folder, name);
	char *bytes = arena_alloc(f->folder.arena, 4096);
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd >= 0 && read(fd, bytes, 4095) < 0)
		bytes[0] = '\0';
	if (fd >= 0)
		close(fd);
	return bytes;
}

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

/* ---- what is not run ---- */

static const struct {
	char *argv[6];
	enum error_kind kind;
	const char *why;
} refused[] = {
	{ { W("probe"), W("run"), W("--evil"), NULL }, BROKEN, "not run" },
	{ { W("probe"), W("delete"), NULL }, BROKEN, "not run" },
	{ { W("probe"), W("run"), W("--again"), W("--again"), W("--"), NULL }, BROKEN, "not run" },
	{ { W("sh"), W("-c"), W("id"), NULL }, BROKEN, "not run" },
	{ { W("/bin/sh"), NULL }, BROKEN, "not run" },
	{ { W("absent"), W("run"), NULL }, REFUSED, "add it under tools" },
};

static void
count_alarm(void *arg, const char *sentence)
{
	*(size_t *)arg += strstr(sentence, "not run") != NULL;
}

/* AR1, AR2: the final vector is judged. */
TEST(a_vector_that_fits_no_word_is_never_run)
{
	_cleanup_(fixture_clear) struct fixture f = fixture_make();
	size_t alarms = 0;

	jobs_set_alarm(f.jobs, count_alarm, &alarms);
	for (size_t i = 0; i < COUNT(refused); i++) {
		_cleanup_(run_clear) struct run run = run_make();

		start(&f, &run, refused[i].argv, NULL);
		assert_row(i, run.done == 0);
		until(f.loop, run.done == 1);
		assert_row(i, run.exit == -2 && run.error == refused[i].kind);
		assert_row(i, strstr(run.why, refused[i].why) != NULL);
	}
	assert_int_equal(alarms, COUNT(refused) - 1);	/* a tool that is only not configured is none */
}

TEST(a_program_that_is_not_there_is_named)
{
	_cleanup_(fixture_clear) struct fixture f = fixture_make();
	_cleanup_(run_clear) struct run run = run_make(), spooled = run_make();

	f.configuration.tools[0].path = "/nonexistent/probe";
	start(&f, &run, ARGV(W("print"), W("x")), NULL);
	until(f.loop, run.done == 1);
	assert_int_equal(run.exit, -2);
	assert_int_equal(run.error, FAILED);
	assert_non_null(strstr(run.why, "probe cannot be started (/nonexistent/probe): No such file"));
	start(&f, &spooled, ARGV(W("print"), W("x")), folder_path(&f.folder, "spool"));
	until(f.loop, spooled.done == 1);
	assert_int_equal(spooled.exit, 127);
	assert_non_null(strstr(spooled.errors.data, "/nonexistent/probe cannot be run"));
}

TEST(without_rollcall_exec_there_is_no_start)
{
	struct loop *loop = turned_new();
	struct error err = ERROR_INIT;

	assert_null(jobs_new(loop, "/tmp", "/nonexistent/rollcall-exec", &err));
	assert_non_null(strstr(err.text, "/nonexistent/rollcall-exec"));
	loop_free(loop);
}

/* ---- the environment ---- */

static bool
probe_environment(struct arena *arena, const struct cluster *cluster, const char *folder,
    void (*add)(void *, const char *), void *arg, struct error *err)
{
	if (cluster != NULL && string_equal(cluster->name, "broken"))
		return refuse(err, "no kubeconfig for it");
	add(arg, arena_printf(arena, "PROBE_FOLDER=%s", folder));
	return true;
}

static const struct tool probe_tools[] = { { .name = "probe", .environment = probe_environment }, { .name = NULL } };

/* AR3, SE4: nothing of ours, no secret, only what is listed. */
TEST(the_environment_is_built_from_nothing)
{
	_cleanup_(fixture_clear) struct fixture f = fixture_make();
	_cleanup_(run_clear) struct run run = run_make();
	static const char *const names[] = { "ROLLCALL_TEST_PASSED", "ROLLCALL_TEST_ABSENT", NULL };
	static const struct cluster cluster = { .name = "primary", .environment = names };
	struct job_options options = options_of(&f, &run, ARGV(W("environment")), NULL);
	const char *home = folder_path(&f.folder, "home/probe-primary"), *expected;

	setenv("ROLLCALL_TEST_PASSED", "yes", 1);
	setenv("ROLLCALL_TEST_SECRET", "never", 1);
	setenv("KUBECONFIG", "/root/.kube/config", 1);
	tools_register(probe_tools);
	options.cluster = &cluster;
	job_start(f.jobs, &options);
	until(f.loop, run.done == 1);
	tools_register(NULL);
	expected = arena_printf(f.folder.arena,
	    "PATH=/usr/local/bin:/usr/bin:/bin\nLC_ALL=C\nNO_COLOR=1\nTZ=UTC\nHOME=%s\nTMPDIR=%s\n"
	    "ROLLCALL_TEST_PASSED=yes\nPROBE_FOLDER=%s\n", home, home, home);
	assert_string_equal(run.out.data, expected);
	assert_int_equal(file_mode(home), 0700);
}

TEST(what_a_tool_needs_and_cannot_get_keeps_it_from_running)
{
	_cleanup_(fixture_clear) struct fixture f = fixture_make();
	_cleanup_(run_clear) struct run run = run_make();
	static const struct cluster cluster = { .name = "broken" };
	struct job_options options = options_of(&f, &run, ARGV(W("environment")), NULL);

	tools_register(probe_tools);
	options.cluster = &cluster;
	job_start(f.jobs, &options);
	until(f.loop, run.done == 1);
	tools_register(NULL);
	assert_int_equal(run.exit, -2);
	assert_string_equal(run.why, "no kubeconfig for it");
}

/* AR6 */
TEST(a_child_has_three_descriptors_and_a_group_of_its_own)
{
	_cleanup_(fixture_clear) struct fixture f = fixture_make();
	const char *spools[] = { NULL, folder_path(&f.folder, "spool") };
	int extra = open("/dev/null", O_RDONLY);	/* without O_CLOEXEC */

	for (size_t i = 0; i < COUNT(spools); i++) {
		_cleanup_(run_clear) struct run run = run_make();
		int group, session, pid, parent;

		start(&f, &run, ARGV(W("place"), W("descriptors")), spools[i]);
		until(f.loop, run.done == 1);
		assert_row(i, sscanf(run.out.data, "group %d session %d pid %d parent %d", &group, &session,
		    &pid, &parent) == 4);
		assert_row(i, group == 1 && session == 0);
		assert_row(i, (parent == getpid()) == (spools[i] == NULL));
		assert_row(i, strstr(run.out.data, "\n0 1 2 ") != NULL && string_ends(run.out.data, "\n0 1 2 "));
	}
	close(extra);
}

/* ---- what outlives us ---- */

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
	start(&f, &failing, refused[0].argv, NULL);
	start(&f, &spooled, ARGV(W("print"), W("x")), folder_path(&f.folder, "spool"));
	fixture_clear(&f);
	assert_int_equal(spawning.done + failing.done + spooled.done, 0);
	while (waitpid(-1, NULL, 0) > 0)
		;
	jobs_free(NULL);
}

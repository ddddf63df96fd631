/* job_vector.c - what a child is given: vectors that are never run, and an environment built from nothing. */

#include "job_world.h"

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
	setenv("KUBECONFIG", "/home/ann/.kube/config", 1);
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

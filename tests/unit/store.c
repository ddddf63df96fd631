/* store.c - the thread: groups, savepoints, slices, and no job lost or answered twice. */

#include "test.h"

#include <signal.h>
#include <sys/wait.h>

#include "loop_private.h"
#include "store.h"

#include "sqlite_test.h"

/* cmocka's assertions jump, which they must not do on the store's thread. */
#define must(condition)                                                                            \
	do {                                                                                       \
		if (!(condition)) {                                                                \
			fprintf(stderr, "line %d: not %s\n", __LINE__, #condition);                \
			abort();                                                                   \
		}                                                                                  \
	} while (0)
#define HANGS 30 /* seconds; what takes so long does not come back */

/* ---- a store that only remembers what it was told ---- */

/* The store's thread writes, the test reads once that thread has ended. */
static struct {
	char log[8192]; /* ( begin, ) commit, [ savepoint, + kept, - undone, ! rolled back, names */
	size_t length;
	char failing; /* the verb of that sign fails, 'o': open */
	bool in_transaction, closed;
} fake;

static void
told(const char *what)
{
	size_t length = strlen(what);

	must(fake.length + length < sizeof(fake.log));
	memcpy(fake.log + fake.length, what, length + 1);
	fake.length += length;
}

static bool
verb(const char *sign, struct error *err)
{
	told(sign);
	return fake.failing != *sign || failed(err, "trouble at %s", sign);
}

static void *
fake_open(const char *location, struct error *err)
{
	must(strcmp(location, "somewhere") == 0);
	if (fake.failing != 'o')
		return &fake;
	failed(err, "trouble at open");
	return NULL;
}

static void
fake_close(void *db)
{
	must(db == &fake && !fake.in_transaction && !fake.closed);
	fake.closed = true;
}

static bool
fake_begin(void *db, struct error *err)
{
	must(db == &fake && !fake.in_transaction);
	fake.in_transaction = fake.failing != '(';
	return verb("(", err);
}

static bool
fake_commit(void *db, struct error *err)
{
	must(db == &fake && fake.in_transaction);
	fake.in_transaction = false;
	return verb(")", err);
}

static void
fake_rollback(void *db)
{
	must(db == &fake);
	told("!");
	fake.in_transaction = false;
}

static bool
fake_savepoint(void *db, struct error *err)
{
	must(db == &fake && fake.in_transaction);
	return verb("[", err);
}

static bool
fake_keep(void *db, struct error *err)
{
	must(db == &fake && fake.in_transaction);
	return verb("+", err);
}

static bool
fake_undo(void *db, struct error *err)
{
	must(db == &fake && fake.in_transaction);
	return verb("-", err);
}

static const struct store_verbs fake_verbs = {
	.name = "fake",
	.open = fake_open,
	.close = fake_close,
	.begin = fake_begin,
	.commit = fake_commit,
	.rollback = fake_rollback,
	.savepoint = fake_savepoint,
	.keep = fake_keep,
	.undo = fake_undo,
};

/* ---- a loop, a store, and jobs that are counted ---- */

struct scene {
	struct loop *loop;
	struct store *store;
	uv_thread_t thread; /* the loop's */
	bool opened, closing, closed;
	struct error open_error;
	size_t left; /* jobs; the store is closed after the last */
	int turn;
	void (*on_turn)(struct scene *); /* at the end of each, after the store's part */
	struct task *later; /* for on_turn */
	uv_sem_t running, gate; /* posted by, and awaited by, a task that waits */
};

struct task {
	struct store_job job;
	struct scene *scene;
	const char *name; /* in the fake's log */
	bool fails, mute, waits;
	int slices, done, turn; /* done: how often; turn: when */
	void (*then)(struct task *);
};

static bool
on_loop(const struct scene *scene)
{
	uv_thread_t self = uv_thread_self();

	return uv_thread_equal(&self, &scene->thread) != 0;
}

static void
turn(void *arg)
{
	struct scene *scene = arg;

	scene->turn++;
	if (scene->on_turn != NULL)
		scene->on_turn(scene);
}

static void
opened(void *arg, const struct error *error)
{
	struct scene *scene = arg;

	must(!scene->opened && on_loop(scene));
	scene->opened = true;
	scene->open_error = *error;
}

static void
closed(void *arg)
{
	struct scene *scene = arg;

	must(!scene->closed && on_loop(scene));
	scene->closed = true;
	loop_stop(scene->loop);
}

static void
close_scene(struct scene *scene)
{
	scene->closing = true;
	store_close(scene->store, closed, scene);
}

static bool
task_work(struct store_job *job, const struct store_verbs *verbs, void *db, struct error *err)
{
	struct task *task = CONTAINER(job, struct task, job);

	must(verbs == &fake_verbs && db == &fake && !on_loop(task->scene));
	must(fake.in_transaction == !job->alone);
	if (task->waits) {
		uv_sem_post(&task->scene->running);
		uv_sem_wait(&task->scene->gate);
	}
	if (task->name != NULL)
		told(task->name);
	job->again = --task->slices > 0;
	if (!task->fails || job->again)
		return true;
	return task->mute ? false : refuse(err, "%s does not want to", task->name);
}

static void
task_done(struct store_job *job)
{
	struct task *task = CONTAINER(job, struct task, job);
	struct scene *scene = task->scene;

	must(on_loop(scene) && scene->opened && !scene->closed);
	task->done++;
	task->turn = scene->turn;
	if (task->then != NULL)
		task->then(task);
	must(scene->left > 0);
	if (--scene->left == 0 && !scene->closing)
		close_scene(scene);
}

static void
start(struct scene *scene, struct task *task)
{
	int before = task->done;

	task->scene = scene;
	task->job.work = task_work;
	task->job.done = task_done;
	scene->left++;
	store_start(scene->store, &task->job);
	must(task->done == before);
}

static void
scene_open(struct scene *scene, char failing)
{
	memset(&fake, 0, sizeof(fake));
	fake.failing = failing;
	alarm(HANGS);
	*scene = (struct scene){ .loop = loop_new(), .thread = uv_thread_self() };
	uv_sem_init(&scene->running, 0);
	uv_sem_init(&scene->gate, 0);
	scene->store = store_new(scene->loop, &fake_verbs, "somewhere", opened, scene);
	loop_at_end_of_turn(scene->loop, turn, scene);
}

static void
scene_run(struct scene *scene)
{
	loop_run(scene->loop);
	assert_true(scene->closed);
	assert_int_equal(store_waiting(scene->store), 0);
	assert_int_equal(scene->loop->busy[BUSY_STORE], 0);
	store_free(scene->store);
	loop_free(scene->loop);
	uv_sem_destroy(&scene->running);
	uv_sem_destroy(&scene->gate);
	assert_int_equal(scene->left, 0);
	assert_true(fake.closed || fake.failing == 'o');
	alarm(0);
}

/* ---- groups ---- */

TEST(the_jobs_of_one_turn_are_one_group_and_come_back_in_order)
{
	struct scene scene;
	struct task tasks[] = { { .name = "a" }, { .name = "b" }, { .name = "c" } };

	scene_open(&scene, 0);
	for (size_t i = 0; i < COUNT(tasks); i++)
		start(&scene, &tasks[i]);
	assert_int_equal(store_waiting(scene.store), 3);
	assert_true(scene.loop->busy[BUSY_STORE] >= 3);
	scene_run(&scene);
	assert_string_equal(fake.log, "([a+[b+[c+)");
	for (size_t i = 0; i < COUNT(tasks); i++) {
		assert_row(i, tasks[i].done == 1);
		assert_row(i, tasks[i].job.error.kind == ERROR_NONE);
	}
}

TEST(opening_is_told_before_any_answer)
{
	struct scene scene;
	struct task task = { .name = "a" };

	scene_open(&scene, 0);
	start(&scene, &task);
	scene_run(&scene);
	assert_true(scene.opened);
	assert_int_equal(scene.open_error.kind, ERROR_NONE);
	assert_int_equal(task.done, 1);
}

/* One job in each of three turns; when the store has been handed the last, the gate is opened. */
static void
start_one_by_one(struct scene *scene)
{
	if (scene->turn == 1)
		uv_sem_wait(&scene->running);
	if (scene->turn <= 3)
		start(scene, &scene->later[scene->turn - 1]);
	else if (scene->turn == 4)
		uv_sem_post(&scene->gate);
}

TEST(what_comes_while_a_group_is_written_is_the_next_group)
{
	struct scene scene;
	struct task first = { .name = "a", .waits = true };
	struct task later[] = { { .name = "b" }, { .name = "c" }, { .name = "d" } };

	scene_open(&scene, 0);
	scene.later = later;
	scene.on_turn = start_one_by_one;
	start(&scene, &first);
	scene_run(&scene);
	assert_string_equal(fake.log, "([a+)([b+[c+[d+)");
}

static void
start_in_third_turn(struct scene *scene)
{
	if (scene->turn < 3)
		loop_again(scene->loop);
	else if (scene->turn == 3)
		start(scene, scene->later);
}

/* Otherwise it would wait for the next event, and there is none. */
TEST(a_job_started_at_the_very_end_of_a_turn_is_not_left_lying)
{
	struct scene scene;
	struct task task = { .name = "a" };

	scene_open(&scene, 0);
	scene.later = &task;
	scene.on_turn = start_in_third_turn;
	scene_run(&scene);
	assert_string_equal(fake.log, "([a+)");
}

TEST(a_job_that_fails_loses_only_its_own_part)
{
	struct scene scene;
	struct task tasks[] = { { .name = "a" }, { .name = "b", .fails = true }, { .name = "c" },
		{ .name = "d", .fails = true, .mute = true } };

	scene_open(&scene, 0);
	for (size_t i = 0; i < COUNT(tasks); i++)
		start(&scene, &tasks[i]);
	scene_run(&scene);
	assert_string_equal(fake.log, "([a+[b-[c+[d-)");
	assert_int_equal(tasks[0].job.error.kind, ERROR_NONE);
	assert_int_equal(tasks[1].job.error.kind, REFUSED);
	assert_string_equal(tasks[1].job.error.text, "b does not want to");
	assert_int_equal(tasks[2].job.error.kind, ERROR_NONE);
	assert_int_equal(tasks[3].job.error.kind, BROKEN);
}

TEST(trouble_with_the_transaction_is_everybodys)
{
	static const struct {
		char failing;
		const char *log, *kept,
		    *failed; /* the error of one that worked, of one that did not */
	} rows[] = {
		{ '(', "(", "trouble at (", "trouble at (" },
		{ ')', "([a+[b-[c+)", "trouble at )", "b does not want to" },
		{ '[', "([!", "trouble at [", "trouble at [" },
		{ '+', "([a+!", "trouble at +", "trouble at +" },
		{ '-', "([a+[b-!", "b does not want to", "b does not want to" },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct scene scene;
		struct task a = { .name = "a" }, b = { .name = "b", .fails = true },
			    c = { .name = "c" };

		scene_open(&scene, rows[i].failing);
		start(&scene, &a);
		start(&scene, &b);
		start(&scene, &c);
		scene_run(&scene);
		assert_row(i, string_equal(fake.log, rows[i].log));
		assert_row(i, string_equal(a.job.error.text, rows[i].kept));
		assert_row(i, string_equal(b.job.error.text, rows[i].failed));
		assert_row(i, string_equal(c.job.error.text, rows[i].kept));
		assert_row(i, a.done == 1 && b.done == 1 && c.done == 1);
	}
}

TEST(a_store_that_cannot_be_opened_fails_everything_with_one_reason)
{
	struct scene scene;
	struct task a = { .name = "a" }, b = { .name = "b", .job.alone = true };

	scene_open(&scene, 'o');
	start(&scene, &a);
	start(&scene, &b);
	scene_run(&scene);
	assert_string_equal(scene.open_error.text, "trouble at open");
	assert_string_equal(a.job.error.text, "trouble at open");
	assert_string_equal(b.job.error.text, "trouble at open");
	assert_string_equal(fake.log, "");
	assert_false(fake.closed);
}

/* ---- answers ---- */

static void
start_again(struct task *task)
{
	task->fails = !task->fails;
	if (task->done < 4)
		start(task->scene, task);
}

TEST(a_job_may_be_started_again_in_done)
{
	struct scene scene;
	struct task task = { .name = "a", .then = start_again };

	scene_open(&scene, 0);
	start(&scene, &task);
	scene_run(&scene);
	assert_int_equal(task.done, 4);
	assert_string_equal(fake.log, "([a+)([a-)([a+)([a-)");
	assert_int_equal(task.job.error.kind, REFUSED);
}

TEST(a_large_group_comes_back_in_slices)
{
	enum { MANY = 500 };
	_cleanup_(freep) struct task *tasks = xcalloc(MANY, sizeof(*tasks));
	struct scene scene;
	int last = 0, in_turn = 0;

	scene_open(&scene, 0);
	for (int i = 0; i < MANY; i++)
		start(&scene, &tasks[i]);
	scene_run(&scene);
	for (int i = 0; i < MANY; i++) {
		assert_row(i, tasks[i].done == 1);
		assert_row(i, tasks[i].turn >= last);
		in_turn = tasks[i].turn == last ? in_turn + 1 : 1;
		last = tasks[i].turn;
		assert_row(i, in_turn <= 64);
	}
}

/* ---- work outside of transactions ---- */

TEST(work_alone_runs_outside_any_transaction_slice_by_slice)
{
	struct scene scene;
	struct task a = { .name = "a" }, b = { .name = "B", .job.alone = true, .slices = 3 },
		    c = { .name = "c" };

	scene_open(&scene, 0);
	start(&scene, &b);
	start(&scene, &a);
	start(&scene, &c);
	scene_run(&scene);
	assert_string_equal(fake.log, "([a+[c+)BBB");
	assert_int_equal(b.done, 1);
	assert_int_equal(b.job.error.kind, ERROR_NONE);
}

static void
three_times(struct task *task)
{
	if (task->done < 3)
		start(task->scene, task);
	else
		close_scene(task->scene);
}

TEST(groups_are_written_between_two_slices)
{
	struct scene scene;
	/* Without a name: its slices would fill the log. */
	struct task b = { .job.alone = true, .slices = INT32_MAX },
		    a = { .name = "a", .then = three_times };

	scene_open(&scene, 0);
	start(&scene, &b);
	start(&scene, &a);
	scene_run(&scene);
	assert_string_equal(fake.log, "([a+)([a+)([a+)");
	assert_int_equal(a.done, 3);
	assert_int_equal(b.done, 1);
	assert_int_equal(b.job.error.kind, CANCELLED);
}

TEST(work_alone_that_fails_is_not_called_again)
{
	struct scene scene;
	struct task b = { .name = "B", .job.alone = true, .slices = 2, .fails = true };

	scene_open(&scene, 0);
	start(&scene, &b);
	scene_run(&scene);
	assert_string_equal(fake.log, "BB");
	assert_int_equal(b.job.error.kind, REFUSED);
	assert_int_equal(b.done, 1);
}

/* ---- closing ---- */

TEST(closing_finishes_what_was_started)
{
	struct scene scene;
	struct task tasks[3] = { { .name = "a" }, { .name = "b" }, { .name = "c" } };

	scene_open(&scene, 0);
	for (size_t i = 0; i < COUNT(tasks); i++)
		start(&scene, &tasks[i]);
	close_scene(&scene);
	scene_run(&scene);
	assert_string_equal(fake.log, "([a+[b+[c+)");
	for (size_t i = 0; i < COUNT(tasks); i++)
		assert_row(i, tasks[i].done == 1 && tasks[i].job.error.kind == ERROR_NONE);
}

TEST(a_store_that_was_never_used_closes)
{
	struct scene scene;

	scene_open(&scene, 0);
	close_scene(&scene);
	scene_run(&scene);
	assert_true(scene.opened);
	assert_string_equal(fake.log, "");
}

static void
start_once_more(struct task *task)
{
	if (task->done < 100)
		start(task->scene, task);
}

TEST(what_is_started_after_closing_is_cancelled)
{
	struct scene scene;
	struct task a = { .name = "a" }, b = { .name = "b", .then = start_once_more };

	scene_open(&scene, 0);
	start(&scene, &a);
	close_scene(&scene);
	start(&scene, &b);
	scene_run(&scene);
	assert_string_equal(fake.log, "([a+)");
	assert_int_equal(a.job.error.kind, ERROR_NONE);
	assert_int_equal(b.done, 100);
	assert_int_equal(b.job.error.kind, CANCELLED);
}

TEST(freeing_nothing_is_fine)
{
	store_free(NULL);
}

/* ---- with SQLite: what an answer promises ---- */

struct writing {
	struct store_job job;
	struct scene *scene;
	const char *name;
	int pipe; /* told when done() came: "+" committed, "-" failed */
};

static bool
write_note(struct store_job *job, const struct store_verbs *verbs, void *db, struct error *err)
{
	return verbs->note_set(db, CONTAINER(job, struct writing, job)->name, "x", err);
}

static void
note_written(struct store_job *job)
{
	struct writing *writing = CONTAINER(job, struct writing, job);

	must(write(writing->pipe, job->error.kind == ERROR_NONE ? "+" : "-", 1) == 1);
	if (string_equal(writing->name, "1"))
		writing->name = "2";
	else if (string_equal(writing->name, "2"))
		writing->name = "3";
	else {
		close_scene(writing->scene);
		return;
	}
	store_start(writing->scene->store, job);
}

/* Three notes, one commit each, in a process of its own that may be killed meanwhile. */
static void
write_three(const char *path, int pipe)
{
	struct scene scene = { .loop = loop_new(), .thread = uv_thread_self() };
	struct writing writing = { .scene = &scene, .name = "1", .pipe = pipe };

	scene.store = store_new(scene.loop, &store_sqlite, path, opened, &scene);
	writing.job.work = write_note;
	writing.job.done = note_written;
	store_start(scene.store, &writing.job);
	loop_run(scene.loop);
	store_free(scene.store);
	loop_free(scene.loop);
}

static int
run_apart(const char *path, const char *variable, const char *value, char *answers)
{
	int ends[2], status;
	ssize_t length;
	pid_t child;

	assert_int_equal(pipe(ends), 0);
	child = fork();
	if (child == 0) {
		alarm(HANGS);
		setenv(variable, value, 1);
		write_three(path, ends[1]);
		_exit(0);
	}
	close(ends[1]);
	assert_int_equal(waitpid(child, &status, 0), child);
	length = read(ends[0], answers, 3);
	assert_true(length >= 0);
	answers[length] = '\0';
	close(ends[0]);
	return WIFSIGNALED(status) ? WTERMSIG(status) : -WEXITSTATUS(status);
}

TEST(what_was_answered_survives_and_what_was_not_may_not)
{
	static const struct {
		const char *variable, *value, *answers, *kept;
		int end;
	} rows[] = {
		{ "ROLLCALL_DIE_AT_COMMIT", "1:before", "", "", SIGKILL },
		{ "ROLLCALL_DIE_AT_COMMIT", "1:after", "", "1", SIGKILL },
		{ "ROLLCALL_DIE_AT_COMMIT", "2:before", "+", "1", SIGKILL },
		{ "ROLLCALL_DIE_AT_COMMIT", "2:after", "+", "12", SIGKILL },
		{ "ROLLCALL_DIE_AT_COMMIT", "3:before", "++", "12", SIGKILL },
		{ "ROLLCALL_DIE_AT_COMMIT", "3:after", "++", "123", SIGKILL },
		{ "ROLLCALL_DIE_AT_COMMIT", "4:before", "+++", "123", 0 },
		{ "ROLLCALL_DIE_AT_COMMIT", "1:meanwhile", "+++", "123", 0 },
		{ "ROLLCALL_DIE_AT_COMMIT", "note:before", "", "", SIGKILL },
		{ "ROLLCALL_DIE_AT_COMMIT", "note:after", "", "1", SIGKILL },
		{ "ROLLCALL_DIE_AT_COMMIT", "notes:after", "+++", "123", 0 },
		{ "ROLLCALL_FAIL_COMMIT", "1", "-++", "23", 0 },
		{ "ROLLCALL_FAIL_COMMIT", "2", "+-+", "13", 0 },
		{ "ROLLCALL_FAIL_COMMIT", "3", "++-", "12", 0 },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		_cleanup_(fixture_clear) struct fixture f = fixture_make();
		char answers[4], kept[4] = "";

		fixture_close(&f);
		assert_row(
		    i, run_apart(f.path, rows[i].variable, rows[i].value, answers) == rows[i].end);
		assert_row(i, string_equal(answers, rows[i].answers));
		fixture_open(&f);
		for (const char *name = "123"; *name != '\0'; name++) {
			const char *value;

			assert_done(V.note_get(
			    f.db, f.arena, arena_copy(f.arena, name, 1), &value, &f.error));
			if (value != NULL)
				strncat(kept, name, 1);
		}
		assert_row(i, string_equal(kept, rows[i].kept));
		assert_done(V.check(f.db, &f.error));
	}
}

/* loop.c - timers in their order, clocks turned by hand and by a runner, work at the end of a turn. */

#include <sys/socket.h>
#include <sys/un.h>

#include "test.h"

#include "base/text.h"
#include "folder.h"
#include "turned.h"

struct mark {
	struct timer timer;
	struct loop *loop;
	struct text *log;
	const char *name;
	int64_t again;		/* ms; −1: once */
	int times;		/* after so many no more; 0: for ever */
	struct timer *stops;
};

static void
on_mark(void *arg)
{
	struct mark *mark = arg;

	text_printf(mark->log, "%s@%lld ", mark->name, (long long)(loop_now(mark->loop) - TURNED_NOW));
	if (mark->stops != NULL)
		timer_stop(mark->loop, mark->stops);
	if (mark->again >= 0 && (mark->times == 0 || --mark->times > 0))
		timer_start(mark->loop, &mark->timer, mark->again, on_mark, mark);
}

static void
start_mark(struct mark *mark, int64_t ms)
{
	timer_start(mark->loop, &mark->timer, ms, on_mark, mark);
}

TEST(timers_fire_by_time_and_those_of_one_moment_in_the_order_of_their_start)
{
	_cleanup_(text_clear) struct text log = TEXT_INIT;
	struct loop *loop = turned_new();
	struct mark marks[6];
	static const struct { const char *name; int64_t ms; } rows[] = {
		{ "a", 30 }, { "b", 10 }, { "c", 30 }, { "d", 0 }, { "e", 10 }, { "f", -5 },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		marks[i] = (struct mark){ .loop = loop, .log = &log, .name = rows[i].name, .again = -1 };
		start_mark(&marks[i], rows[i].ms);
	}
	turn(loop, 100);
	assert_string_equal(log.data, "d@0 f@0 b@10 e@10 a@30 c@30 ");
	assert_int_equal(loop_next_timer(loop), -1);
	loop_free(loop);
}

TEST(a_timer_may_start_itself_again_and_stop_another_that_is_due)
{
	_cleanup_(text_clear) struct text log = TEXT_INIT;
	struct loop *loop = turned_new();
	struct mark a = { .loop = loop, .log = &log, .name = "a", .again = 20 };
	struct mark b = { .loop = loop, .log = &log, .name = "b", .again = -1 };

	a.stops = &b.timer;
	start_mark(&a, 10);
	start_mark(&b, 10);
	turn(loop, 50);
	assert_string_equal(log.data, "a@10 a@30 a@50 ");
	assert_false(timer_runs(&b.timer));
	assert_true(timer_runs(&a.timer));
	timer_stop(loop, &a.timer);
	timer_stop(loop, &a.timer);
	loop_free(loop);
}

TEST(a_timer_that_starts_itself_at_once_does_not_keep_the_loop_from_turning)
{
	_cleanup_(text_clear) struct text log = TEXT_INIT;
	struct loop *loop = turned_new();
	struct mark a = { .loop = loop, .log = &log, .name = "a", .again = 0 };

	start_mark(&a, 0);
	loop_fire_due(loop);
	assert_string_equal(log.data, "a@0 ");
	loop_fire_due(loop);
	assert_string_equal(log.data, "a@0 a@0 ");
	timer_stop(loop, &a.timer);
	loop_free(loop);
}

TEST(a_thousand_timers_started_and_stopped_at_random_keep_their_order)
{
	struct loop *loop = turned_new();
	static struct timer timers[1000];
	int64_t last = 0;
	size_t left = 0;

	srand(7);
	for (int round = 0; round < 5000; round++) {
		struct timer *timer = &timers[rand() % 1000];

		if (rand() % 3 == 0)
			timer_stop(loop, timer);
		else
			timer_start(loop, timer, rand() % 500, NULL, NULL);
	}
	for (size_t i = 0; i < COUNT(timers); i++)
		left += timer_runs(&timers[i]);
	assert_int_equal(loop->heap.count, left);
	while (loop->heap.count > 0) {
		assert_true(loop->heap.item[0]->at >= last);
		last = loop->heap.item[0]->at;
		timer_stop(loop, loop->heap.item[0]);
	}
	loop_free(loop);
}

/* ---- with the clocks of the machine ---- */

static void
stop_loop(void *arg)
{
	loop_stop(arg);
}

TEST(the_clock_of_the_machine_drives_timers_when_nobody_turns_it)
{
	struct loop *loop = loop_new();
	struct timer timer = { .place = 0 };
	int64_t before = loop_wall(loop);

	timer_start(loop, &timer, 5, stop_loop, loop);
	loop_run(loop);
	assert_true(loop_wall(loop) - before >= 4);
	assert_false(loop_control_used(loop));
	assert_true(loop_meter(loop).turns > 0);
	loop_free(loop);
}

/* ---- the stall meter ---- */

static void
burn(void *arg)
{
	struct timespec used;
	int64_t until;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
	until = used.tv_sec * INT64_C(1000000000) + used.tv_nsec + 15000000;
	do
		clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
	while (used.tv_sec * INT64_C(1000000000) + used.tv_nsec < until);
	loop_stop(arg);
}

TEST(a_turn_of_15_ms_is_seen_in_cpu_and_gone_after_a_reset)
{
	struct loop *loop = loop_new();
	struct timer timer = { .place = 0 };

	timer_start(loop, &timer, 1, burn, loop);
	loop_run(loop);
	assert_true(loop_meter(loop).cpu_longest >= 15);
	assert_true(loop_meter(loop).cpu_most >= 15);
	assert_int_equal(loop_meter(loop).slow, 1);
	loop_meter_reset(loop);
	assert_int_equal(loop_meter(loop).turns, 0);
	assert_true(loop_meter(loop).cpu_longest == 0);
	loop_free(loop);
}

TEST(one_long_turn_among_a_thousand_is_beyond_the_percentile_and_two_are_not)
{
	struct loop *loop = loop_new();

	loop->meter.turns = 1000;
	loop->meter.cpu_longest = 40;
	loop->cpu_turns[2] = 999;
	loop->cpu_turns[CPU_STEPS - 1] = 1;
	assert_true(loop_meter(loop).cpu_most < 0.2);
	loop->cpu_turns[2] = 998;
	loop->cpu_turns[CPU_STEPS - 1] = 2;
	assert_true(loop_meter(loop).cpu_most == 40);
	loop_meter_reset(loop);		/* with that, the loop would not go quietly */
	loop_free(loop);
}

struct work {
	struct loop *loop;
	struct text *log;
	const char *name;
	int again;
};

static void
do_work(void *arg)
{
	struct work *work = arg;

	text_add(work->log, work->name);
	if (work->again > 0 && --work->again >= 0)
		loop_again(work->loop);
}

TEST(work_at_the_end_of_a_turn_runs_in_the_order_of_registration_until_forgotten)
{
	_cleanup_(text_clear) struct text log = TEXT_INIT;
	struct loop *loop = turned_new();
	struct work a = { .loop = loop, .log = &log, .name = "a" };
	struct work b = { .loop = loop, .log = &log, .name = "b", .again = 2 };

	loop_at_end_of_turn(loop, do_work, &a);
	loop_at_end_of_turn(loop, do_work, &b);
	uv_run(&loop->uv, UV_RUN_NOWAIT);
	assert_string_equal(log.data, "ab");
	text_reset(&log);
	loop_forget_end_of_turn(loop, &a);
	until(loop, b.again == 0);
	assert_string_equal(log.data, "b");
	loop_free(loop);
}

TEST(a_stopped_loop_returns_also_when_nothing_happens)
{
	struct loop *loop = loop_new();

	loop_stop(loop);
	loop_run(loop);
	loop_free(loop);
}

/* ---- the runner's control socket ---- */

struct runner {
	struct folder folder;
	struct loop *loop;
	int listener, fd;
	char line[256];
};

static void
runner_connect(struct runner *r)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	const char *path = folder_path(&r->folder, "control.sock");
	struct error err = ERROR_INIT;
	int ready = 0;

	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	r->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	assert_int_equal(bind(r->listener, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(r->listener, 1), 0);
	assert_true(loop_control(r->loop, path, &err));
	until(r->loop, (r->fd = accept4(r->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0);
	until(r->loop, (ready = (int)read(r->fd, r->line, sizeof(r->line) - 1)) > 0);
	r->line[ready] = '\0';
}

static const char *
runner_ask(struct runner *r, const char *line)
{
	ssize_t length = -1;

	assert_int_equal(write(r->fd, line, strlen(line)), (int)strlen(line));
	until(r->loop, (length = read(r->fd, r->line, sizeof(r->line) - 1)) > 0);
	r->line[length] = '\0';
	return r->line;
}

static void
runner_end(struct runner *r)
{
	loop_free(r->loop);
	close(r->fd);
	close(r->listener);
	folder_remove(&r->folder);
}

TEST(a_runner_is_told_who_speaks_when_it_is_quiet_and_what_comes_next)
{
	struct runner r = { .folder = folder_make(), .loop = loop_new() };
	struct timer timer = { .place = 0 };
	char hello[32];

	setenv("ROLLCALL_CLOCK", "5000", 1);
	runner_connect(&r);
	unsetenv("ROLLCALL_CLOCK");
	snprintf(hello, sizeof(hello), "hello %d\n", (int)getpid());
	assert_string_equal(r.line, hello);
	assert_true(loop_control_used(r.loop));
	assert_string_equal(runner_ask(&r, "quiet? 7\n"),
	    "quiet http=0 child=0 store=0 ping=0 connect=0 other=0 next=-1 wall=5000 question=7\n");
	timer_start(r.loop, &timer, 250, stop_loop, r.loop);
	loop_busy(r.loop, BUSY_CHILD);
	assert_string_equal(runner_ask(&r, "quiet? 8\n"),
	    "quiet http=0 child=1 store=0 ping=0 connect=0 other=0 next=250 wall=5000 question=8\n");
	loop_idle(r.loop, BUSY_CHILD);
	timer_stop(r.loop, &timer);
	runner_end(&r);
}

TEST(a_runner_moves_from_timer_to_timer_each_at_its_own_moment)
{
	_cleanup_(text_clear) struct text log = TEXT_INIT;
	struct runner r = { .folder = folder_make(), .loop = loop_new() };
	struct mark a = { .loop = r.loop, .log = &log, .name = "a", .again = -1 };
	struct mark b = { .loop = r.loop, .log = &log, .name = "b", .again = 100 };

	runner_connect(&r);
	start_mark(&a, 130);
	start_mark(&b, 100);
	assert_string_equal(runner_ask(&r, "advance 250\n"), "advanced wall=1705329000250\n");
	assert_string_equal(log.data, "b@100 a@130 b@200 ");
	timer_stop(r.loop, &b.timer);
	runner_end(&r);
}

/* Two zeros in a row ended the move early, and everything later fired at its end. */
TEST(timers_that_start_others_at_once_do_not_make_later_ones_late)
{
	_cleanup_(text_clear) struct text log = TEXT_INIT;
	struct runner r = { .folder = folder_make(), .loop = loop_new() };
	struct mark a = { .loop = r.loop, .log = &log, .name = "a", .again = 0, .times = 4 };
	struct mark b = { .loop = r.loop, .log = &log, .name = "b", .again = -1 };

	runner_connect(&r);
	start_mark(&a, 20);
	start_mark(&b, 40);
	assert_string_equal(runner_ask(&r, "advance 100\n"), "advanced wall=1705329000100\n");
	assert_string_equal(log.data, "a@20 a@20 a@20 a@20 b@40 ");
	runner_end(&r);
}

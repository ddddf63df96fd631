/* loop.c - libuv with two clocks that a test can turn, a heap of timers, and a stall meter. */

#include <assert.h>
#include <string.h>
#include <time.h>
#include <uv.h>

#include "base/log.h"
#include "loop.h"
#include "loop_private.h"

static int64_t
wall_clock(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int64_t
loop_now(const struct loop *loop)
{
	return loop->turned ? loop->now : (int64_t)uv_now(&loop->uv);
}

int64_t
loop_wall(const struct loop *loop)
{
	return loop->turned ? loop->wall : wall_clock();
}

/* ---- a heap of timers: place is the index + 1, so that 0 means "not running" ---- */

static bool
earlier(const struct timer *a, const struct timer *b)
{
	return a->at != b->at ? a->at < b->at : a->order < b->order;
}

static void
put(struct loop *loop, size_t place, struct timer *timer)
{
	loop->heap.item[place - 1] = timer;
	timer->place = place;
}

static void
sift_up(struct loop *loop, size_t place, struct timer *timer)
{
	for (; place > 1 && earlier(timer, loop->heap.item[place / 2 - 1]); place /= 2)
		put(loop, place, loop->heap.item[place / 2 - 1]);
	put(loop, place, timer);
}

static void
sift_down(struct loop *loop, size_t place, struct timer *timer)
{
	size_t child;

	for (; (child = place * 2) <= loop->heap.count; place = child) {
		if (child < loop->heap.count &&
		    earlier(loop->heap.item[child], loop->heap.item[child - 1]))
			child++;
		if (!earlier(loop->heap.item[child - 1], timer))
			break;
		put(loop, place, loop->heap.item[child - 1]);
	}
	put(loop, place, timer);
}

void
timer_stop(struct loop *loop, struct timer *timer)
{
	size_t place = timer->place;
	struct timer *last;

	if (place == 0)
		return;
	assert(loop->heap.item[place - 1] == timer);
	timer->place = 0;
	last = loop->heap.item[--loop->heap.count];
	if (last == timer)
		return;
	if (place > 1 && earlier(last, loop->heap.item[place / 2 - 1]))
		sift_up(loop, place, last);
	else
		sift_down(loop, place, last);
}

void
timer_start(struct loop *loop, struct timer *timer, int64_t ms, void (*fire)(void *), void *arg)
{
	timer_stop(loop, timer);
	timer->fire = fire;
	timer->arg = arg;
	timer->at = loop_now(loop) + (ms > 0 ? ms : 0);
	timer->order = ++loop->order;
	(void)GROW(&loop->heap);
	sift_up(loop, loop->heap.count, timer);
}

bool
timer_runs(const struct timer *timer)
{
	return timer->place != 0;
}

int64_t
loop_next_timer(const struct loop *loop)
{
	int64_t ms;

	if (loop->heap.count == 0)
		return -1;
	ms = loop->heap.item[0]->at - loop_now(loop);
	return ms > 0 ? ms : 0;
}

/* Only what is due at the call is fired: a timer that starts itself with 0 waits for the next turn. */
bool
loop_fire_due(struct loop *loop)
{
	uint64_t last = loop->order;
	struct timer *timer;
	bool fired = false;

	while (loop->heap.count > 0) {
		timer = loop->heap.item[0];
		if (timer->at > loop_now(loop) || timer->order > last)
			break;
		timer_stop(loop, timer);
		timer->fire(timer->arg);
		fired = true;
	}
	return fired;
}

/* ---- the turn: prepare (end of the last turn's work) → poll → check ---- */

static void
on_timer(uv_timer_t *timer)
{
	loop_fire_due(timer->data);
}

static uint64_t
thread_cpu(void)
{
	struct timespec used;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
	return (uint64_t)used.tv_sec * 1000000000 + (uint64_t)used.tv_nsec;
}

/* What was done between two polls, the work at the turn's end included. */
static void
measure_turn(struct loop *loop)
{
	double took = (double)(uv_hrtime() - loop->turn_began) / 1e6;
	uint64_t cpu = thread_cpu() - loop->turn_cpu, step = cpu / CPU_STEP;

	loop->meter.turns++;
	loop->meter.slow += took > 10;
	if (took > loop->meter.longest)
		loop->meter.longest = took;
	if ((double)cpu / 1e6 > loop->meter.cpu_longest)
		loop->meter.cpu_longest = (double)cpu / 1e6;
	loop->cpu_turns[step < CPU_STEPS ? step : CPU_STEPS - 1]++;
}

static void
on_prepare(uv_prepare_t *prepare)
{
	struct loop *loop = prepare->data;
	int64_t next;

	for (size_t i = 0; i < loop->end_count; i++)
		loop->end[i].work(loop->end[i].arg);
	if (loop->turn_began != 0)
		measure_turn(loop);
	if (loop->turned) {
		/* What they did has its end of the turn too, as where the clock runs by itself. */
		if (loop_fire_due(loop) || loop_next_timer(loop) == 0)
			loop_again(loop);
		return;
	}
	/* uv_now is as old as the turn: a timer must not fire late by the turn's length. */
	uv_update_time(&loop->uv);
	next = loop_next_timer(loop);
	if (next < 0)
		uv_timer_stop(&loop->timer);
	else
		uv_timer_start(&loop->timer, on_timer, (uint64_t)next, 0);
}

static void
on_check(uv_check_t *check)
{
	struct loop *loop = check->data;

	/* uv_now is the moment at which the poll returned: its callbacks belong to this turn. */
	loop->turn_began = uv_now(&loop->uv) * 1000000;
	loop->turn_cpu = thread_cpu();
}

static void
on_again(uv_idle_t *idle)
{
	uv_idle_stop(idle);
}

void
loop_again(struct loop *loop)
{
	uv_idle_start(&loop->again, on_again);
}

void
loop_at_end_of_turn(struct loop *loop, void (*work)(void *), void *arg)
{
	assert(loop->end_count < COUNT(loop->end));
	loop->end[loop->end_count].work = work;
	loop->end[loop->end_count++].arg = arg;
}

void
loop_forget_end_of_turn(struct loop *loop, void *arg)
{
	for (size_t i = 0; i < loop->end_count; i++)
		if (loop->end[i].arg == arg) {
			loop->end_count--;
			memmove(&loop->end[i], &loop->end[i + 1],
			    (loop->end_count - i) * sizeof(loop->end[0]));
			return;
		}
}

void
loop_busy(struct loop *loop, enum busy kind)
{
	loop->busy[kind]++;
}

void
loop_idle(struct loop *loop, enum busy kind)
{
	assert(loop->busy[kind] > 0);
	loop->busy[kind]--;
}

/* ---- life ---- */

struct loop *
loop_new(void)
{
	struct loop *loop = xcalloc(1, sizeof(*loop));

	uv_loop_init(&loop->uv);
	loop->uv.data = loop;
	uv_timer_init(&loop->uv, &loop->timer);
	uv_prepare_init(&loop->uv, &loop->prepare);
	uv_check_init(&loop->uv, &loop->check);
	uv_idle_init(&loop->uv, &loop->again);
	loop->timer.data = loop->prepare.data = loop->check.data = loop->again.data = loop;
	uv_prepare_start(&loop->prepare, on_prepare);
	uv_check_start(&loop->check, on_check);
	return loop;
}

struct uv_loop_s *
loop_uv(struct loop *loop)
{
	return &loop->uv;
}

void
loop_run(struct loop *loop)
{
	uv_run(&loop->uv, UV_RUN_DEFAULT);
}

void
loop_stop(struct loop *loop)
{
	uv_stop(&loop->uv);
	loop_again(loop);
}

static void
close_own(uv_handle_t *handle)
{
	if (!uv_is_closing(handle))
		uv_close(handle, NULL);
}

/* In tests nothing may hold the loop up, not even with sanitizers (L1). */
static void
judge_turns(const struct loop *loop)
{
#ifdef ROLLCALL_TEST
	struct loop_meter meter = loop_meter(loop);

	if (meter.turns < 1000 || meter.cpu_most <= 10)
		return;
	log_error("of %lld turns of the loop 99.9 %% are within %.2f ms of CPU: 10 are allowed",
	    (long long)meter.turns, meter.cpu_most);
	abort();
#else
	(void)loop;
#endif
}

/* A library's handle that nobody closed (protocols.md 8.1): no harm at the end of a program, but a leak. */
static void
handles_left(void)
{
	log_error("the loop was closed with handles left over");
#ifdef ROLLCALL_TEST
	abort();
#endif
}

void
loop_free(struct loop *loop)
{
	if (loop == NULL)
		return;
	judge_turns(loop);
	loop_control_close(loop);
	close_own((uv_handle_t *)&loop->timer);
	close_own((uv_handle_t *)&loop->prepare);
	close_own((uv_handle_t *)&loop->check);
	close_own((uv_handle_t *)&loop->again);
	loop->end_count = 0;
	while (uv_run(&loop->uv, UV_RUN_DEFAULT) != 0)
		;
	if (uv_loop_close(&loop->uv) != 0)
		handles_left();
	free(loop->heap.item);
	free(loop);
}

bool
loop_control_used(const struct loop *loop)
{
	return loop->turned;
}

struct loop_meter
loop_meter(const struct loop *loop)
{
	struct loop_meter meter = loop->meter;
	int64_t beyond = 0;

	/* From the longest down: the step in which the thousandth part of all turns is passed. */
	for (size_t step = CPU_STEPS; step-- > 0;) {
		beyond += loop->cpu_turns[step];
		if (beyond * 1000 <= meter.turns)
			continue;
		meter.cpu_most = (double)(step + 1) * CPU_STEP / 1e6;
		break;
	}
	if (meter.cpu_most > meter.cpu_longest)
		meter.cpu_most = meter.cpu_longest;
	return meter;
}

void
loop_meter_reset(struct loop *loop)
{
	loop->meter = (struct loop_meter){ .turns = 0 };
	memset(loop->cpu_turns, 0, sizeof(loop->cpu_turns));
	loop->turn_began = 0;
}

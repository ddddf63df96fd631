/*
 * loop.h - the one loop: clocks, timers, end-of-turn work, the stall meter.
 *
 * libuv carries everything (decision L1).  Two clocks: loop_now, monotonic milliseconds, for deadlines;
 * loop_wall, milliseconds since 1970, for stamps.  Every deadline of ours is a `struct timer` here, never
 * a library's own time-out (L3), because a test build can turn both clocks: with a control socket given
 * (loop_control), time stands still until the talk runner says `advance`; then timers fire in order.
 *
 * A timer is memory of the caller's; timer_stop (safe when not running) before it is freed.  The callback
 * may start the timer again.  Timers of the same moment fire in the order of their start.
 *
 * loop_busy/loop_idle count work under way (a request, a child, a commit, an unanswered ping): the test
 * build is quiet when none is left and no descriptor is ready.  They cost two additions in release.
 */
#ifndef BOT_LOOP_H
#define BOT_LOOP_H

#include "base/error.h"

struct uv_loop_s;
struct loop;

struct timer {
	void (*fire)(void *arg);
	void *arg;
	int64_t at;		/* monotonic ms; private */
	uint64_t order;		/* private */
	size_t place;		/* in the heap, 0 = not running; private */
};

struct loop *loop_new(void);
void loop_free(struct loop *);		/* after loop_run returned; runs libuv until all is closed */
struct uv_loop_s *loop_uv(struct loop *);
void loop_run(struct loop *);		/* until loop_stop */
void loop_stop(struct loop *);

int64_t loop_now(const struct loop *);
int64_t loop_wall(const struct loop *);

void timer_start(struct loop *, struct timer *, int64_t ms, void (*fire)(void *), void *arg);
void timer_stop(struct loop *, struct timer *);
bool timer_runs(const struct timer *);

/* Work for the end of each turn (uv_prepare), in the order of registration; at most 16. */
void loop_at_end_of_turn(struct loop *, void (*work)(void *), void *arg);
void loop_forget_end_of_turn(struct loop *, void *arg);
/* Makes the loop turn once more, so that end-of-turn work runs; loop thread only. */
void loop_again(struct loop *);

enum busy { BUSY_HTTP, BUSY_CHILD, BUSY_STORE, BUSY_PING, BUSY_CONNECT, BUSY_OTHER, BUSY_KINDS };
void loop_busy(struct loop *, enum busy);
void loop_idle(struct loop *, enum busy);

/* Test build only: connects to the runner's control socket; false when this is a release build. */
bool loop_control(struct loop *, const char *path, struct error *);

bool loop_control_used(const struct loop *);

/*
 * The stall meter: longest turn in wall ms, and how many turns took longer than 10 ms; and of the thread's
 * CPU, which a busy machine does not blur, the longest turn and what 99.9 % of the turns stay within.
 */
struct loop_meter {
	int64_t turns, slow;
	double longest;
	double cpu_longest, cpu_most;
};
struct loop_meter loop_meter(const struct loop *);
void loop_meter_reset(struct loop *);	/* the start is no stall */

#endif

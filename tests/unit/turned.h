/*
 * turned.h - a loop whose clocks stand still until the test turns them.
 *
 *	struct loop *loop = turned_new();
 *	until(loop, done == 3)		turns until it holds; ten real seconds without it are a failure
 *	settle(loop)			turns until nothing is ready and the store has nothing to do
 *	turn(loop, SECONDS(5))		moves both clocks from timer to timer, settling at each
 *
 * Nothing in a test sleeps: what threads, children and sockets do is waited for as an event.
 */
#ifndef TEST_TURNED_H
#define TEST_TURNED_H

#include <poll.h>

#include "bot/loop_private.h"

#define TURNED_NOW 1000000
#define TURNED_WALL 1705329000000	/* 2024-01-15T14:30:00Z */

static inline struct loop *
turned_new(void)
{
	struct loop *loop = loop_new();

	loop->turned = true;
	loop->now = TURNED_NOW;
	loop->wall = TURNED_WALL;
	return loop;
}

static inline void
turned_wait(struct loop *loop)
{
	struct pollfd fd = { .fd = uv_backend_fd(&loop->uv), .events = POLLIN };

	uv_run(&loop->uv, UV_RUN_NOWAIT);
	if (uv_backend_timeout(&loop->uv) != 0)
		poll(&fd, 1, 20);
}

#define until(loop, condition)                                                                     \
	do {                                                                                       \
		uint64_t until_ = uv_hrtime() + 10000000000;                                       \
		while (!(condition)) {                                                             \
			if (uv_hrtime() > until_)                                                  \
				fail_msg("never came: %s", #condition);                            \
			turned_wait(loop);                                                         \
		}                                                                                  \
	} while (0)

static inline void
settle(struct loop *loop)
{
	for (int calm = 0; calm < 8; calm++) {
		uv_run(&loop->uv, UV_RUN_NOWAIT);
		until(loop, loop->busy[BUSY_STORE] == 0 && loop_next_timer(loop) != 0);
	}
}

static inline void
turn(struct loop *loop, int64_t ms)
{
	int64_t end = loop->now + ms, step;

	settle(loop);
	while ((step = loop_next_timer(loop)) >= 0 && loop->now + step <= end) {
		loop->now += step;
		loop->wall += step;
		settle(loop);
	}
	loop->wall += end - loop->now;
	loop->now = end;
	settle(loop);
}

#endif

/* clock.c - the fake's own time, real or turned by a test, and the bells that hang on it. */

#include <time.h>

#include "clock.h"

static int64_t
clock_real(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

int64_t
clock_now(const struct clock *clock)
{
	return clock->turned ? clock->now : clock_real();
}

int64_t
clock_next(const struct clock *clock)
{
	return clock->first == NULL ? -1 : clock->first->at;
}

static void clock_wound(uv_timer_t *);

/* The loop's timer follows the first bell.  It is unreferenced: a waiting bell alone does not keep
 * the caller's loop alive. */
static void
clock_wind(struct clock *clock)
{
	int64_t left;

	if (clock->turned || clock->first == NULL) {
		uv_timer_stop(&clock->timer);
		return;
	}
	left = clock->first->at - clock_real();
	uv_update_time(clock->timer.loop);
	uv_timer_start(&clock->timer, clock_wound, left > 0 ? (uint64_t)left : 0, 0);
}

static void
clock_wound(uv_timer_t *timer)
{
	clock_ring(timer->data);
}

void
clock_init(struct clock *clock, uv_loop_t *loop, bool turned, int64_t now)
{
	*clock = (struct clock){ .turned = turned, .now = now };
	uv_timer_init(loop, &clock->timer);
	clock->timer.data = clock;
	uv_unref((uv_handle_t *)&clock->timer);
}

static void
clock_closed(uv_handle_t *timer)
{
	timer->data = NULL;
}

void
clock_close(struct clock *clock)
{
	while (clock->first != NULL)
		bell_stop(clock, clock->first);
	uv_close((uv_handle_t *)&clock->timer, clock_closed);
	while (clock->timer.data != NULL)
		uv_run(clock->timer.loop, UV_RUN_NOWAIT);
}

static void
clock_ring_until(struct clock *clock, int64_t end)
{
	struct bell *bell;

	if (clock->ringing)
		return;
	clock->ringing = true;
	while ((bell = clock->first) != NULL && bell->at <= end) {
		if (clock->turned && bell->at > clock->now)
			clock->now = bell->at;
		bell_stop(clock, bell);
		bell->ring(bell->arg);
	}
	clock->ringing = false;
	clock_wind(clock);
}

void
clock_ring(struct clock *clock)
{
	clock_ring_until(clock, clock_now(clock));
}

void
clock_turn(struct clock *clock, int64_t now)
{
	if (!clock->turned) {
		clock->now = clock_real();
		clock->turned = true;
	}
	clock_ring_until(clock, now);
	if (now > clock->now)
		clock->now = now;
}

void
bell_set(struct clock *clock, struct bell *bell, int64_t ms, void (*ring)(void *), void *arg)
{
	struct bell *before;

	bell_stop(clock, bell);
	bell->at = clock_now(clock) + ms;
	bell->ring = ring;
	bell->arg = arg;
	bell->set = true;
	for (before = clock->last; before != NULL && before->at > bell->at; before = before->before)
		;
	bell->before = before;
	bell->after = before == NULL ? clock->first : before->after;
	*(before == NULL ? &clock->first : &before->after) = bell;
	*(bell->after == NULL ? &clock->last : &bell->after->before) = bell;
	if (clock->first == bell && !clock->ringing)
		clock_wind(clock);
}

void
bell_stop(struct clock *clock, struct bell *bell)
{
	if (!bell->set)
		return;
	*(bell->before == NULL ? &clock->first : &bell->before->after) = bell->after;
	*(bell->after == NULL ? &clock->last : &bell->after->before) = bell->before;
	bell->set = false;
	bell->before = bell->after = NULL;
}

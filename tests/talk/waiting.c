/*
 * waiting.c - when is everything quiet, and how time passes then.
 *
 * A byte that a peer has sent before it says "quiet" is in our sockets by then, and what we send while we
 * read it, the peer has before our next question.  So: read all that is there, ask, read again; two calm
 * rounds in a row in which nothing came from outside mean that nothing is on its way.
 */

#include "waiting.h"

#include <poll.h>
#include <string.h>

#include "control.h"
#include "process.h"
#include "rollcall.h"
#include "tools.h"
#include "torture.h"

#define POKE 2	/* ms between questions while something works that cannot tell us when it is done */
/* Of real time: ms without an event that count as quiet, and how long that is waited for. */
#define CALM 500
#define CALM_AT_MOST SECONDS(5)

static void
on_poke(uv_timer_t *timer)
{
	(void)timer;
}

static bool
loop_has_more(struct talk *talk)
{
	struct pollfd descriptor = { .fd = uv_backend_fd(&talk->loop), .events = POLLIN };

	return poll(&descriptor, 1, 0) > 0;
}

static void
read_all(struct talk *talk)
{
	do {
		uv_run(&talk->loop, UV_RUN_NOWAIT);
	} while (loop_has_more(talk));
}

/* Sleeps until something comes from outside, POKE ms at most.  It repeats: uv_run fires what is due before it
 * sleeps, which on a busy machine the first one is already, and then sleeps until the next. */
static void
turn_once(struct talk *talk)
{
	uv_timer_start(&talk->poke, on_poke, POKE, POKE);
	uv_run(&talk->loop, UV_RUN_ONCE);
	uv_timer_stop(&talk->poke);
}

static bool
past(uint64_t deadline)
{
	return uv_hrtime() > deadline;
}

static uint64_t
deadline_of(const struct talk *talk)
{
	return uv_hrtime() + (uint64_t)talk->options->patience * 1000000;
}

/* What keeps us from being quiet, in a few words; NULL: nothing. */
static const char *
busy_peer(struct talk *talk, const struct peer *peer)
{
	if (peer->gone)
		return NULL;
	if (peer->pid == 0)
		return "a process that has not said hello";
	if (peer->http > (int)fake_slack_hanging(talk->slack))
		return "requests under way";
	if (peer->child > (int)tools_held(talk))
		return "children under way";
	if (peer->store > 0)
		return "commits under way";
	if (peer->other > 0)
		return "other work under way";
	if (!talk->troubled && peer->ping > 0)
		return "a ping without a pong";
	if (!talk->troubled && peer->connect > 0)
		return "a connection attempt";
	return NULL;
}

const char *
waiting_busy(struct talk *talk)
{
	const char *busy;
	int child;

	for (struct process *process = talk->processes; process != NULL; process = process->next) {
		if (!process->runs)
			continue;
		if (process->is_peer && !control_knows(talk, process->handle.pid))
			return "a process that has not said hello";
		if (!process->is_peer && !process_sleeps(process))
			return "a process that works";
		if (!process->is_peer && (child = process_child(process)) != 0 && !control_knows(talk, child))
			return "a console's own bot that begins or ends";
	}
	for (struct peer *peer = talk->control->peers; peer != NULL; peer = peer->next)
		if ((busy = busy_peer(talk, peer)) != NULL)
			return busy;
	return tools_busy(talk) ? "a tool that was answered and has not ended" : NULL;
}

/* Questions are numbered: an old answer counts for nothing. */
static bool
ask_all(struct talk *talk, uint64_t deadline)
{
	control_ask(talk);
	while (!control_answered(talk)) {
		if (past(deadline))
			return false;
		turn_once(talk);
	}
	read_all(talk);
	return true;
}

static bool
settle(struct talk *talk, uint64_t deadline, struct error *err)
{
	uint64_t before;
	int calm = 0;

	while (calm < 2) {
		read_all(talk);
		if (!rollcall_revive(talk, err))
			return false;
		before = talk->activity;
		if (!ask_all(talk, deadline))
			return late(err, "a hang: still %s", waiting_busy(talk) != NULL ? waiting_busy(talk)
			    : "no answer of rollcall's loop");
		if (waiting_busy(talk) == NULL) {
			calm = talk->activity == before ? calm + 1 : 0;
			continue;
		}
		calm = 0;
		if (past(deadline))
			return late(err, "a hang: still %s", waiting_busy(talk));
		turn_once(talk);
	}
	return true;
}

/* ---- real time: nobody can be asked, and no clock is turned ---- */

static void
real_pass(struct talk *talk, int64_t ms)
{
	uint64_t deadline = uv_hrtime() + (uint64_t)ms * 1000000;

	while (!past(deadline))
		turn_once(talk);
}

static void
real_settle(struct talk *talk)
{
	uint64_t deadline = uv_hrtime() + (uint64_t)CALM_AT_MOST * 1000000;
	uint64_t calm = uv_hrtime(), before = talk->activity;

	while (!past(deadline) && !past(calm + (uint64_t)CALM * 1000000)) {
		turn_once(talk);
		if (talk->activity != before)
			calm = uv_hrtime();
		before = talk->activity;
	}
}

static bool
real_until(struct talk *talk, bool (*holds)(struct talk *, void *), void *arg, int64_t ms,
    struct error *err)
{
	uint64_t deadline = uv_hrtime() + (uint64_t)ms * 1000000;

	while (!holds(talk, arg)) {
		if (past(deadline))
			return late(err, "it did not happen within the time that it may take");
		real_pass(talk, 10 * POKE);
	}
	return true;
}

bool
waiting_settle(struct talk *talk, struct error *err)
{
	if (!talk->options->real)
		return settle(talk, deadline_of(talk), err);
	real_settle(talk);
	return true;
}

/* ---- time ---- */

static int64_t
nearest(int64_t a, int64_t b)
{
	if (a < 0 || b < 0)
		return a < 0 ? b : a;
	return a < b ? a : b;
}

/* In ms; −1: no timer anywhere. */
static int64_t
next_timer(struct talk *talk)
{
	int64_t now = fake_slack_clock(talk->slack), slack = fake_slack_next(talk->slack);
	int64_t own = tools_next(talk);

	slack = slack < 0 ? -1 : slack > now ? slack - now : 0;
	own = own < 0 ? -1 : own > now ? own - now : 0;
	return nearest(control_next(talk), nearest(slack, own));
}

/* The Slack first: what a timer of rollcall's sends must arrive at the moment it was sent. */
static bool
step(struct talk *talk, int64_t ms, struct error *err)
{
	uint64_t deadline = deadline_of(talk);
	int64_t now = fake_slack_clock(talk->slack) + ms;

	fake_slack_set_clock(talk->slack, now);
	tools_clock(talk, now);
	control_advance(talk, ms);
	while (!control_answered(talk)) {
		if (past(deadline))
			return late(err, "rollcall's clock cannot be turned");
		turn_once(talk);
	}
	return true;
}

bool
waiting_pass(struct talk *talk, int64_t ms, struct error *err)
{
	int64_t next;

	if (talk->options->real) {
		real_pass(talk, ms);
		return true;
	}
	if (!waiting_settle(talk, err))
		return false;
	for (; ms > 0; ms -= next) {
		next = next_timer(talk);
		/* A timer that is due already needs a turn of the loop, and time must go on. */
		if (next < 0 || next > ms)
			next = ms;
		else if (next == 0)
			next = 1;
		if (!step(talk, next, err) || !waiting_settle(talk, err))
			return false;
	}
	return true;
}

bool
waiting_until(struct talk *talk, bool (*holds)(struct talk *, void *), void *arg, int64_t ms,
    struct error *err)
{
	uint64_t deadline = deadline_of(talk);
	int64_t next;

	if (talk->options->real)
		return real_until(talk, holds, arg, ms, err);
	read_all(talk);
	ms *= torture_is_on(talk) ? TORTURE_PATIENCE : 1;
	while (!holds(talk, arg)) {
		if (!settle(talk, deadline, err))
			return false;
		if (holds(talk, arg))
			return true;
		next = next_timer(talk);
		if ((next < 0 || next > ms) && torture_try_again(talk)) {
			ms = USUAL_WAIT * TORTURE_PATIENCE;
			continue;
		}
		if (next < 0)
			return failed(err, "nothing more will happen: all is quiet, no timer runs");
		if (next > ms)
			return late(err, "it did not happen within the talk time that it may take");
		next = next > 0 ? next : 1;
		if (!step(talk, next, err))
			return false;
		ms -= next;
		deadline = deadline_of(talk);
	}
	return true;
}

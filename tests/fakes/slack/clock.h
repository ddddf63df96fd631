/*
 * clock.h - the fake's own time, real or turned by a test, and the bells that hang on it.
 *
 * A bell is memory of its owner's, who stops it before freeing it.  Bells of the same moment ring
 * in the order of their setting.  Inserting is cheap for the usual case, a bell later than all
 * others (every acknowledgement has the same 3 s).
 */
#ifndef FAKE_CLOCK_H
#define FAKE_CLOCK_H

#include <uv.h>

#include "base/memory.h"

struct bell {
	struct bell *before, *after;
	int64_t at;
	void (*ring)(void *arg);
	void *arg;
	bool set;
};

struct clock {
	uv_timer_t timer;	/* real mode only: the first bell */
	bool turned, ringing;
	int64_t now;		/* turned mode: where it stands */
	struct bell *first, *last;
};

void clock_init(struct clock *, uv_loop_t *, bool turned, int64_t now);
void clock_close(struct clock *); /* stops all bells; turns the loop until the timer is closed */
int64_t clock_now(const struct clock *);	/* ms since 1970 */
int64_t clock_next(const struct clock *);	/* −1: no bell */
void clock_turn(struct clock *, int64_t now);	/* turned mode from here on */
void clock_ring(struct clock *);		/* what is due */

void bell_set(struct clock *, struct bell *, int64_t ms, void (*ring)(void *), void *arg);
void bell_stop(struct clock *, struct bell *);	/* safe when it is not set */

#endif

/*
 * waiting.h - when is everything quiet, and how time passes then.
 *
 * All of these turn the loop; none may be called from one of its callbacks.
 */
#ifndef TALK_WAITING_H
#define TALK_WAITING_H

#include "talk.h"

#define USUAL_WAIT SECONDS(30)

bool waiting_settle(struct talk *, struct error *);	/* until quiet; no time passes */
/* Until it holds; up to `ms` of talk time may pass. */
bool waiting_until(struct talk *, bool (*holds)(struct talk *, void *), void *arg, int64_t ms,
    struct error *);
bool waiting_pass(struct talk *, int64_t ms, struct error *);	/* clock +MS */
const char *waiting_busy(struct talk *);		/* what is under way; NULL: all is quiet */

#endif

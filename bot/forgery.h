/*
 * forgery.h - somebody draws cards in our name: the alarm for a stolen token of the chat (ID9).
 *
 * A click that is not on the card that stands for its operation is judged here, by the store: without our
 * seal (seal.h), or sealed for an operation that stands elsewhere, it was forged; sealed for one that nobody
 * knows any more (a restored copy of the store) it is too old; where our own card may stand twice because
 * an answer was lost (S6), it is the other one.
 *
 * An alarm is a record, a letter to the channel `admins`, a line in the log, and, unless the home's setting
 * says "tell", the hold: nothing that changes anything is started from that home, over restarts too, until
 * `rollcall unlock` at the local socket.  What runs goes on, rejecting and stopping are possible, and the
 * console is not held.
 */
#ifndef BOT_FORGERY_H
#define BOT_FORGERY_H

#include "bot.h"

/* id: of the operation, as the click says it.  done exactly once, later, with the answer to whoever
 * clicked; the arrival lives until then. */
void forgery_judge(struct bot *, const struct arrival *, const char *id, bool sealed,
    void (*done)(void *arg, const struct error *answer), void *arg);

/* Is what this arrival asks for held?  Then err says so.  arrival NULL: nobody's, never held. */
bool forgery_holds(const struct bot *, const struct arrival *, struct error *);
/* Counts when it is recorded. */
void forgery_unlock(struct bot *, const char *principal, struct hearer *);

#endif

/*
 * outbox_twin.h - a message that may stand twice is looked at again (S6); for the outbox only.
 *
 * What had no answer was looked for, and adopted or posted again; but the peer may carry out the first call
 * late.  30 s afterwards the place is looked through once more for another message with the same key, and
 * that one is deleted.  Until then the row in the store says OUTBOX_TWICE, so that a click on the twin is no
 * alarm (forgery.h).  Where it cannot be looked through, the row keeps saying so, and a restart begins these
 * looks again.
 */
#ifndef BOT_OUTBOX_TWIN_H
#define BOT_OUTBOX_TWIN_H

#include "outbox.h"

struct twins;

struct twins *twins_new(struct bot *);
void twins_free(struct twins *);
/* Those that the store says may stand twice; once, after a restart. */
void twins_load(struct twins *);
/* Copies the row, whose ts stands; post as it was sent, since: wall time of the first try. */
void twins_watch(struct twins *, const struct outbox_row *, const struct post *, int64_t since);

/* outbox_send.c: writes down what became of a letter, in a transaction of its own. */
void outbox_row_save(struct bot *, const struct outbox_row *, const char *state, const char *why);

#endif

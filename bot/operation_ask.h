/*
 * operation_ask.h - what operation_{close,ask,begin,yes}.c share: from a plan to the first step.
 *
 * A look ends in operation_close.c (nothing is to be asked), or in a question (operation_ask.c), which people
 * answer (operation_yes.c).  With the last yes it begins (operation_begin.c), or goes on waiting.
 */
#ifndef BOT_OPERATION_ASK_H
#define BOT_OPERATION_ASK_H

#include "operation_move.h"

#define CLICK_TOO_OLD MINUTES(2)

/* ---- operation_close.c: the request is over, the operation is dropped ---- */

/* message is borrowed; audit: the kind of its record, NULL none. */
void operation_close(struct operation *, const struct message *, const char *audit);
void operation_close_with_text(struct operation *, const char *state, const char *text, const char *audit);
void operation_close_with_error(struct operation *, const struct error *);
void operation_close_with_stops(struct operation *, const struct plan *);
void operation_close_with_dry_run(struct operation *, const struct plan *);
/* What keeps the plan from being asked for at all; NULL: nothing. */
const char *operation_stop_of(const struct operation *, const struct plan *);
/* Steps that no child may be given (AR1) are a stop. */
void operation_remark_unfit(struct plan *);

/* ---- operation_ask.c ---- */

void operation_remark_anew(struct plan *, const char *code, const char *text);
void operation_wait_for_people(struct operation *);
/* Its time is over: it ends as soon as nothing of it settles. */
void operation_expired(void *operation);

/* ---- operation_begin.c ---- */

bool operation_enough(const struct operation *);	/* of yeses that count now */
void operation_not_started(struct operation *, const char *code, const char *why);

#endif

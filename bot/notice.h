/*
 * notice.h - the rollback notification (G1): a template with named holes, filled.
 *
 * The template may be replaced by an installation; its lines and language are its own.  A hole that the
 * template names and we do not know is left as it is, which `rollcall check` reports.
 */
#ifndef BOT_NOTICE_H
#define BOT_NOTICE_H

#include "operation.h"

/* Marked text (the performer is a mention), in the arena. */
const char *notice_fill(struct arena *, const char *template, const struct operation *);

#endif

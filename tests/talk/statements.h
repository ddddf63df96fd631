/*
 * statements.h - runs a script, one statement after the other, to the first that fails.
 */
#ifndef TALK_STATEMENTS_H
#define TALK_STATEMENTS_H

#include "talk.h"

bool script_run(struct talk *, const struct script *, struct error *);	/* sets talk->failed_at */

#endif

/*
 * rollcall.h - the program under test: started, stopped, killed, asked.
 */
#ifndef TALK_ROLLCALL_H
#define TALK_ROLLCALL_H

#include "talk.h"

talk_verb rollcall_run, do_run, run_run, console_run, own_run;

/* Torture has killed it: it is started again, the same way. */
bool rollcall_revive(struct talk *, struct error *);
/* As it was started before; it may end at once. */
bool rollcall_start_alone(struct talk *, struct error *);
bool rollcall_stop(struct talk *, struct error *);	/* it must run */
/* What a sanitizer wrote into the log or to a client's stderr, in a word; NULL: nothing. */
const char *rollcall_sanitizer(const struct talk *);

#endif

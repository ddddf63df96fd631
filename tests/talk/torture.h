/*
 * torture.h - a talk once more for each place where something can go wrong, with that going wrong.
 *
 *	talk --torture KIND[:N] | --torture all | --torture sample	FILE.talk…
 *
 * Talks that say `torture failing` must hold when the disk refuses any one commit: each of them says what
 * must never happen, since what does happen differs.  Talks that say `torture` must hold whatever happens: rollcall killed at its n-th commit, at the n-th
 * call of a tool, the n-th call of the Web API spoilt.  A killed rollcall is started again at once; a person
 * whose click or command got no answer tries once more when nothing else happens.  Expectations have
 * twenty times as long, and a count may be passed for a while.
 */
#ifndef TALK_TORTURE_H
#define TALK_TORTURE_H

#include "talk.h"

struct torture {
	const char *kind;
	int64_t at;		/* the n-th, from 1 */
	bool happened;		/* there was an n-th */
	int64_t seen;		/* of the tools' calls */
	const struct statement *action;	/* the last thing that a person did */
	unsigned delivery;	/* its last envelope */
	bool again;		/* it was done once more */
};

struct torture_kind {
	const char *name, *sentence;	/* "before", "killed before a commit" */
};
extern const struct torture_kind torture_kinds[];	/* ends with name NULL */

talk_verb torture_run;					/* the statement */
void torture_begin(struct talk *);			/* the Slack is there */
const char *torture_variable(struct talk *);		/* for rollcall's environment; or NULL */
void torture_tool_asked(struct talk *);
void torture_acted(struct talk *, const struct statement *);
/* Nothing more happens: does a person try again? */
bool torture_try_again(struct talk *);
/* After the last statement. */
void torture_end(struct talk *);
bool torture_is_on(const struct talk *);
/* Was rollcall killed by us? */
bool torture_killed(const struct talk *);
#define TORTURE_PATIENCE 20

#endif

/*
 * doctor.h - `rollcall doctor`: what is missing outside of the configuration, and how to mend it.
 *
 * It asks the chat service, the tools and the clusters by themselves, beside a rollcall that runs: with the
 * same configuration, in a folder of its own, and changes nothing.  Each finding is a line on stdout:
 *
 *	ok             kubectl: v1.35.2 (/usr/bin/kubectl)
 *	missing        slack: the scope chat:write: add it to the application and install it again
 *	could not ask  cluster staging: …
 *	try yourself   slack: whether events are switched on, …
 *
 * Findings come in the order of the parts: state, tools, clusters, rights and targets, chats.  A part never hears
 * what another found; what hangs is ended by the limits of jobs and calls.
 */
#ifndef BOT_DOCTOR_H
#define BOT_DOCTOR_H

#include "chat.h"
#include "driver.h"
#include "job.h"

enum finding {
	FOUND,		/* ok */
	MISSING,
	UNASKED,	/* something stood in the way */
	UNASKABLE,	/* nobody tells it, so it does not count */
};

struct doctor {
	struct loop *loop;
	const struct configuration *configuration;
	struct jobs *jobs;
	const struct chat *const *chats;	/* the ones still to be asked; ends with NULL */
	struct arena *arena;
	struct ward *ward;			/* doctor_ward.c: what is asked of tools and clusters */
	int found[4];
};

/* One line; the format begins with what it is about. */
void doctor_say(struct doctor *, enum finding, const char *format, ...) _printf_(3, 4);
/* A part, such as a chat's examine, has said all. */
void doctor_done(struct doctor *);

/* doctor_ward.c: tools, clusters, rights, targets; then doctor_done. */
void doctor_examine_tools(struct doctor *);
void doctor_forget_tools(struct doctor *);

/* The exit status: 0 nothing is missing, 1 something is, 7 something could not be asked. */
int doctor_run(const struct configuration *, const struct chat *const *chats, const char *exec_program);

#endif

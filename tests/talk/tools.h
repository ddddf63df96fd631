/*
 * tools.h - what the fake tools are told to do, and what they were asked.
 *
 * A call is held when its answer says `hang` or waits for its `slow`, and its process sleeps; it is
 * busy when it was answered and has not closed the connection yet, or when a signal is about to have its
 * effect.
 */
#ifndef TALK_TOOLS_H
#define TALK_TOOLS_H

#include "talk.h"

talk_verb tool_run;

bool tools_start(struct talk *, struct error *);	/* the folder, its links, the socket */
void tools_stop(struct talk *);
size_t tools_held(const struct talk *);
bool tools_busy(const struct talk *);
int64_t tools_next(const struct talk *);		/* when the next slow one is due; −1 */
void tools_clock(struct talk *, int64_t now);		/* answers what is due */

enum call_state { CALL_BUSY, CALL_HELD, CALL_ENDED };
struct call_note {
	const char *tool, *arguments, *cluster;
	const char *vector;	/* as the tool got it, its name first: a JSON array */
	enum call_state state;
	bool answered;		/* by a statement or the world */
};
/* In the order of their coming; NULL at the end. */
const struct call_note *tools_call(const struct talk *, size_t index);
size_t tools_ran(const struct talk *, const char *tool, const char *glob, bool held_only);
/* All vectors so far, a JSON array a line. */
bool tools_write_vectors(const struct talk *, const char *path, struct error *);
const char *tools_unanswered(const struct talk *);	/* a call that nothing answered, or NULL */

#endif

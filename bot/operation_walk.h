/*
 * operation_walk.h - the steps of an operation that acts; for operation_*.c only.
 *
 *     operation_walk ──► step_run ──► tool_start ──► tool_answered ──► step_done ──► operation_walk …
 *     written down       its kind     a process      judged, probed    written down
 *
 * All of it happens on the loop.  A function that ends the step or the operation is the last thing its caller
 * does: the operation may be somewhere else afterwards.
 */
#ifndef BOT_OPERATION_WALK_H
#define BOT_OPERATION_WALK_H

#include "operation_move.h"

/* ---- operation_step.c: the present step and its end ---- */
struct step *step_present(struct operation *);
bool step_waits(const struct step *);		/* "waiting" rather than "acting" while it runs */
void step_done(struct operation *, const char *note);
void step_failed(struct operation *, const char *note);
/* Only of what reads: cut off in the middle, and the operation ends. */
void step_stopped(struct operation *);
/* Its end in memory only; the caller moves on. */
void step_end(struct operation *, enum step_state, const char *note);

/* The step for whose failure the plan ends; NULL: none. */
const struct step *step_that_failed(const struct operation *);
bool operation_changed(const struct operation *);	/* one of its steps changed something */
void operation_failed(struct operation *);		/* ends with what stands now */
void operation_stopped(struct operation *);		/* ends as somebody wanted */

/* ---- operation_tool.c: its process ---- */
void tool_start(struct operation *, const struct step *, bool probe);
/* The process that an earlier run of mine started, with what is left of its limit; false: nobody claimed it. */
bool tool_adopt(struct operation *, struct step *);

/* ---- operation_judge.c: its answer ---- */
void tool_answered(void *operation, const struct job_result *);

/* ---- operation_walk.c: the order ---- */
void step_run(struct operation *);
/* At a wait that had ended without its end, while everything read after it holds. */
void operation_second_looked(struct operation *, enum verdict, const char *note);

#endif

/*
 * doctor_ward.h - the doctor's rounds: questions to tools, asked side by side, told in their order.
 *
 * Between doctor_ward.c and doctor_targets.c only.  All of it lives in the doctor's arena, the vectors in that
 * of the plan.
 */
#ifndef BOT_DOCTOR_WARD_H
#define BOT_DOCTOR_WARD_H

#include "doctor.h"

struct question {
	struct doctor *doctor;
	const struct tool *tool;
	const struct cluster *cluster;
	const struct target_setting *target;
	const struct right *right;
	const char *namespace, *name;
	char **argv;
	void (*tell)(struct question *);
	bool last;			/* of the questions about its target there */
	struct seen_target *seen;	/* doctor_targets.c */
	int exit;
	const char *out, *errors, *failure;	/* failure: why it was not asked; NULL */
	size_t length;
};

struct ward {
	struct plan *plan;		/* the vectors live in its arena */
	struct { struct question **item; size_t count, size; } questions;
	size_t left;
	void (*next)(struct doctor *);
	struct { const struct cluster **item; size_t count, size; } there;
	int rights, granted;		/* of the target whose rights are told */
};

/* One more question of the coming round. */
struct question *ward_ask(struct doctor *, struct question);
/* Asks them all, and when all are told: next.  Without any, next at once. */
void ward_round(struct doctor *, void (*next)(struct doctor *));
/* Did it answer? */
bool ward_reaches(const struct ward *, const struct cluster *);

/* The last round: is each target there?  Then doctor_done. */
void doctor_examine_targets(struct doctor *);

#endif

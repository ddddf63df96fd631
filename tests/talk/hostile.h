/*
 * hostile.h - ten thousand random and hostile things for one talk.
 *
 *	hostile N lines | N frames | N answers | N files | N states [seed S]
 *
 * lines: what people may type into chat.  frames: what a socket may say.  answers: what tools may
 * print; each look of a rollback gets them.  files: configurations, for `rollcall check`.  states: a
 * file of the state folder is another one when rollcall starts; afterwards it is stopped.
 *
 * Every one must end in exactly one sentence or in a counter ("counted NAME" in the log), nothing may
 * run that the guard over argument vectors does not know, and rollcall's memory may not grow.  The same
 * seed gives the same bytes; a failure names the seed, the number and the beginning of what was sent.
 */
#ifndef TALK_HOSTILE_H
#define TALK_HOSTILE_H

#include "talk.h"

talk_verb hostile_run;

/* tools.c: the next answer of a tool while hostile ones are given; false: none are. */
struct hostile_answer {
	const char *bytes;
	size_t length;
	int exit;
	bool errors;		/* to stderr */
};
bool hostile_answer(struct talk *, struct hostile_answer *);

/* ---- hostile_make.c ---- */
struct dice {
	uint64_t state;
};
uint64_t dice_next(struct dice *);
size_t dice_below(struct dice *, size_t);	/* 0 when there is nothing below */

void make_line(struct dice *, struct text *);
void make_frame(struct dice *, struct text *, const char *envelope);
/* `recorded`: what a real tool once printed. */
void make_answer(struct dice *, struct text *, const char *recorded, size_t length);
void make_file(struct dice *, struct text *, const char *sample);

#endif

/*
 * operation_seen.h - what a look saw, so that the last look under the lock (decision E7) is short.
 *
 * Kept of a look are its questions, a digest of each answer, and of the answers only those that merely
 * surround the target ("lasting": no Secret is in them).  The last look begins all questions at once, and not
 * round by round; an answer counts only for exactly the arguments that the command asks for then.  It leaves out
 *
 *  - what surrounds the target, for 5 minutes;
 *  - what another answer vouches for ("under": the versions of the objects that hold it).
 *
 * A plan is pure: the same request and the same facts give the same plan.  So when every answer that was asked
 * for again is the same, byte for byte, nothing moved, and the plan in hand is the one that would be made.  When
 * one is not, what was left out is asked for as well, and the plan is made anew.
 *
 * All belongs to the operation; operation_forget_seen gives it back.  Between operation_look.c and
 * operation_seen.c only.
 */
#ifndef BOT_OPERATION_SEEN_H
#define BOT_OPERATION_SEEN_H

#include "facts.h"
#include "operation.h"

struct seen_read {
	struct step step;	/* name, argv, limit, lasting, under: copied */
	bool left_out;		/* of the present last look */
};

struct seen {
	struct arena *arena;
	struct { struct seen_read *item; size_t count, size; } reads;
	struct facts *around;		/* the lasting ones */
	struct facts *ahead;		/* of the last look: what nobody has asked for yet; NULL */
	struct marks *marks;		/* of the facts of the plan in hand; NULL: there is none */
};

void seen_ask(struct operation *, const struct step *);		/* a look asks it; the same name: anew */
void seen_answer(struct operation *, const struct step *, const struct fact *);
/* The plan in hand was made of o->facts. */
void seen_keep(struct operation *);
/* Its answer is there already, to exactly this question: it joins o->facts. */
bool seen_ahead(struct operation *, const struct step *);

/* A last look begins: o->facts hold what our own store says. */
void seen_begin(struct operation *);
/* Need it not be asked?  A lasting one that is young joins what is ahead. */
bool seen_leave_out(struct operation *, struct seen_read *);
/* All that was asked again is as it was when the plan in hand was made of it. */
bool seen_unmoved(const struct operation *);

#endif

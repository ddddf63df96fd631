/*
 * mask_parts.h - what mask.c and mask_forms.c, _shapes.c, _stream.c know of each other.
 *
 * A shape is found by a trigger, a word that is searched together with all others ("xoxb-", "://").
 * From there shape_begin looks at a bounded number of bytes and says no, or yes, or that it needs
 * to see more.  After a yes, shape_tail takes as many bytes as still belong to the shape, in as
 * many calls as they come in.
 */
#ifndef BASE_MASK_PARTS_H
#define BASE_MASK_PARTS_H

#include "automaton.h"
#include "digest.h"
#include "mask.h"

#define MASK_LEAST 6 /* shorter values would take words out of every sentence */

struct mask_set {
	struct mask_set *parent;
	struct automaton *forms;
	unsigned shared;	/* beside its owner */
	/* For mask_has: digests, so that the values lie nowhere in one piece. */
	struct known {
		char hex[DIGEST_HEX];
	} *item;
	size_t count, size;
};

/* Adds every form of the value and of its lines. */
void mask_add_forms(struct automaton *, const char *value, size_t length);

enum shape_verdict { SHAPE_NO, SHAPE_MORE, SHAPE_YES };

/* Bytes start…end, counted from the trigger's beginning, and how to go on from end. */
struct shape_match {
	size_t start, end;
	struct mask_tail tail;
};

struct automaton *shape_triggers(void); /* labels are for shape_begin; made once */
/* `s` begins with the trigger.  When no more will come (`final`), never SHAPE_MORE. */
enum shape_verdict shape_begin(int label, const char *s, size_t length, bool final,
    struct shape_match *);
/* How many bytes belong to the shape; tail->kind is 0 once it has ended. */
size_t shape_tail(struct mask_tail *, const char *s, size_t length);

#endif

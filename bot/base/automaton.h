/*
 * automaton.h - many byte strings searched at once, in one pass (Aho-Corasick).
 *
 * Strings may be added at any time; the failure links are made anew at the next step.  A state is
 * valid until then: whoever adds starts again at AUTOMATON_START.  Nodes are wiped when they are
 * freed, since the strings are secrets (mask.h).  About 28 bytes for each byte added.
 */
#ifndef BASE_AUTOMATON_H
#define BASE_AUTOMATON_H

#include "memory.h"

#define AUTOMATON_START 0

struct automaton;
struct automaton *automaton_new(void);
void automaton_free(struct automaton *);
/* The label comes back with a hit; of two additions of the same string the first counts. */
void automaton_add(struct automaton *, const char *bytes, size_t length, int label);

uint32_t automaton_step(struct automaton *, uint32_t state, char byte);
/* The longest added string that ends here: its length, 0 when none does. */
size_t automaton_hit(const struct automaton *, uint32_t state, int *label);
/* How many of the bytes just seen may be the beginning of an added string. */
size_t automaton_depth(const struct automaton *, uint32_t state);

#endif

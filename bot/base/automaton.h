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

/* Goes on from *state until a string ends or the bytes do; how many bytes were passed.  *hit is the length
 * of the longest added string that ends there, with its label; 0 when none does. */
size_t automaton_pass(struct automaton *, uint32_t *state, const char *bytes, size_t length, size_t *hit,
    int *label);
/* How many of the bytes just seen may be the beginning of an added string. */
size_t automaton_depth(const struct automaton *, uint32_t state);

#endif

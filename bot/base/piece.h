/*
 * piece.h - small pieces of memory, kept for the next one who wants some.
 *
 * A document is some hundred pieces of up to 72 bytes, made and freed together.  malloc has seven of a size
 * at hand and merges and splits the rest: that was a sixth of what an answer costs.  Only the first thread
 * keeps pieces (512 of each size), so that none outlives its thread; elsewhere, and for what is larger, these
 * are xmalloc and free.  A piece may also be freed by free.
 */
#ifndef BOT_BASE_PIECE_H
#define BOT_BASE_PIECE_H

#include <stddef.h>

void *piece_get(size_t);	/* aborts instead of failing */
void piece_put(void *);		/* NULL: nothing */

#endif

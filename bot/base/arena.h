/*
 * arena.h - memory with one owner and one end.
 *
 * An operation owns an arena; its request, plan and texts live there and nobody frees them one by
 * one: arena_free drops it all.  Allocation cannot fail (memory.h).  Everything returned is
 * aligned for any type and zeroed.
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include "memory.h"

struct arena;

struct arena *arena_new(void);
void arena_free(struct arena *);	/* accepts NULL */
void arena_freep(struct arena **);	/* for _cleanup_ */

void *arena_alloc(struct arena *, size_t size);
char *arena_copy(struct arena *, const void *bytes, size_t length);	/* adds a '\0' */
char *arena_strdup(struct arena *, const char *);			/* NULL stays NULL */
char *arena_printf(struct arena *, const char *format, ...) _printf_(2, 3);
char *arena_vprintf(struct arena *, const char *format, va_list) _printf_(2, 0);
size_t arena_size(const struct arena *);	/* bytes handed out so far */

#define arena_new_of(arena, type) ((type *)arena_alloc((arena), sizeof(type)))

/* GROW (memory.h) for an array that lives in an arena: old copies stay behind until its end. */
void *arena_grow_array(struct arena *, void **item, size_t *count, size_t *size, size_t width);
#define ARENA_GROW(arena, a)                                                                       \
	((__typeof__((a)->item))arena_grow_array(                                                  \
	    (arena), (void **)&(a)->item, &(a)->count, &(a)->size, sizeof(*(a)->item)))

#endif

/* arena.c - blocks in a list; an allocation is the next free bytes of the newest. */

#include "arena.h"

#include <sanitizer/asan_interface.h>
#include <stdalign.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The first block is small, since most arenas are a request's or a message's; each further one is twice as
 * large as the one before. */
#define BLOCK_FIRST KILOBYTES(1)
#define BLOCK_MOST KILOBYTES(8)
#define ALIGNMENT alignof(max_align_t)
/* Tests leave poisoned bytes behind each allocation, so that ASan sees an overrun. */
#ifdef ROLLCALL_TEST
#define GAP ALIGNMENT
#else
#define GAP 0
#endif

struct block {
	struct block *next;
	size_t size, used;
	alignas(max_align_t) char bytes[];
};

struct arena {
	struct block *block; /* the one that is being filled, first */
	size_t handed_out;
};

struct arena *
arena_new(void)
{
	return xcalloc(1, sizeof(struct arena));
}

void
arena_free(struct arena *arena)
{
	struct block *block, *next;

	if (arena == NULL)
		return;
	for (block = arena->block; block != NULL; block = next) {
		next = block->next;
		ASAN_UNPOISON_MEMORY_REGION(block->bytes, block->size);
		free(block);
	}
	free(arena);
}

void
arena_freep(struct arena **arena)
{
	arena_free(*arena);
}

/*
 * A new block for at least `size` bytes.  One made for a large allocation goes behind the one that
 * is being filled, whose rest would be lost otherwise.
 */
static struct block *
arena_add_block(struct arena *arena, size_t size)
{
	size_t usual = arena->block == NULL ? BLOCK_FIRST : arena->block->size * 2;
	struct block *block;
	bool large;

	if (usual > BLOCK_MOST)
		usual = BLOCK_MOST;
	large = size > usual / 4;
	if (!large)
		size = usual;
	block = xmalloc(sizeof *block + size);
	block->used = 0;
	block->size = size;
	ASAN_POISON_MEMORY_REGION(block->bytes, size);
	if (large && arena->block != NULL) {
		block->next = arena->block->next;
		arena->block->next = block;
	} else {
		block->next = arena->block;
		arena->block = block;
	}
	return block;
}

void *
arena_alloc(struct arena *arena, size_t size)
{
	struct block *block = arena->block;
	size_t padded;
	char *bytes;

	if (size > SIZE_MAX / 2)
		xmalloc(SIZE_MAX); /* aborts */
	padded = ((size > 0 ? size : 1) + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT + GAP;
	if (block == NULL || block->size - block->used < padded)
		block = arena_add_block(arena, padded);
	bytes = block->bytes + block->used;
	block->used += padded;
	arena->handed_out += size;
	ASAN_UNPOISON_MEMORY_REGION(bytes, size);
	return memset(bytes, 0, size);
}

char *
arena_copy(struct arena *arena, const void *bytes, size_t length)
{
	char *copy = arena_alloc(arena, length + 1);

	if (length > 0)
		memcpy(copy, bytes, length);
	return copy;
}

char *
arena_strdup(struct arena *arena, const char *s)
{
	return s == NULL ? NULL : arena_copy(arena, s, strlen(s));
}

char *
arena_printf(struct arena *arena, const char *format, ...)
{
	va_list ap;
	char *s;

	va_start(ap, format);
	s = arena_vprintf(arena, format, ap);
	va_end(ap);
	return s;
}

char *
arena_vprintf(struct arena *arena, const char *format, va_list ap)
{
	_cleanup_(freep) char *large = NULL;
	char small[512];
	va_list again;
	char *s;
	int length;

	va_copy(again, ap);
	length = vsnprintf(small, sizeof small, format, ap);
	if (length >= 0 && (size_t)length < sizeof small) {
		s = arena_copy(arena, small, (size_t)length);
	} else {
		large = xvasprintf(format, again);
		s = arena_strdup(arena, large);
	}
	va_end(again);
	return s;
}

size_t
arena_size(const struct arena *arena)
{
	return arena->handed_out;
}

void *
arena_grow_array(struct arena *arena, void **item, size_t *count, size_t *size, size_t width)
{
	void *array, *larger;

	memcpy(&array, (void *)item, sizeof array);
	if (*count == *size) {
		*size = *size > 0 ? *size * 2 : 8;
		if (*size > SIZE_MAX / 2 / width)
			xmalloc(SIZE_MAX); /* aborts */
		larger = arena_alloc(arena, *size * width);
		if (*count > 0)
			memcpy(larger, array, *count * width);
		array = larger;
		memcpy((void *)item, &array, sizeof array);
	}
	/* arena_alloc gave zeroes, but the caller may have lowered count since. */
	return memset((char *)array + (*count)++ * width, 0, width);
}

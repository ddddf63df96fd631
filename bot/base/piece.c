/* piece.c - lists of freed pieces, one for each size; in tests what is kept is poisoned. */

#include <malloc.h>
#include <sanitizer/asan_interface.h>
#include <stdbool.h>
#include <stdlib.h>

#include "memory.h"
#include "piece.h"

#define SMALLEST 24	/* what malloc gives at least */
#define STEP 16
#define SIZES 4		/* 24, 40, 56 and 72 bytes: cJSON's items and most strings */
#define KEPT_MOST 512	/* of each */

static _Thread_local bool keeps;
static struct {
	void *item[KEPT_MOST];
	size_t count;
} kept[SIZES];

void *
piece_get(size_t size)
{
	size_t i = size <= SMALLEST ? 0 : (size - SMALLEST + STEP - 1) / STEP;
	void *piece;

	if (i >= SIZES || !keeps || kept[i].count == 0)
		return xmalloc(size);
	piece = kept[i].item[--kept[i].count];
	ASAN_UNPOISON_MEMORY_REGION(piece, size);
	return piece;
}

void
piece_put(void *piece)
{
	size_t size, i;

	if (piece == NULL)
		return;
	size = malloc_usable_size(piece);
	i = (size - SMALLEST) / STEP;	/* huge, when it is less */
	if (i >= SIZES || !keeps || kept[i].count == KEPT_MOST) {
		free(piece);
		return;
	}
	kept[i].item[kept[i].count++] = piece;
	ASAN_POISON_MEMORY_REGION(piece, size);
}

static void __attribute__((constructor))
keep_in_first_thread(void)
{
	keeps = true;
}

/* arena.c - memory with one end. */

#include "base/arena.h"

#include <sanitizer/asan_interface.h>

#include "test.h"

TEST(allocations_are_zeroed_and_aligned)
{
	_cleanup_(arena_freep) struct arena *arena = arena_new();

	for (size_t size = 0; size < 20000; size = size * 2 + 1) {
		unsigned char *bytes = arena_alloc(arena, size);

		assert_int_equal((uintptr_t)bytes % _Alignof(max_align_t), 0);
		for (size_t i = 0; i < size; i++)
			assert_int_equal(bytes[i], 0);
		memset(bytes, 0xaa, size);
	}
}

TEST(a_large_allocation_does_not_lose_the_rest_of_the_block)
{
	_cleanup_(arena_freep) struct arena *arena = arena_new();
	char *first = arena_strdup(arena, "first"), *second;

	arena_alloc(arena, 100000);
	second = arena_strdup(arena, "second");
	assert_string_equal(first, "first");
	assert_true(second > first && second < first + 256);
}

TEST(size_counts_what_was_handed_out)
{
	_cleanup_(arena_freep) struct arena *arena = arena_new();

	assert_int_equal(arena_size(arena), 0);
	arena_alloc(arena, 10);
	arena_alloc(arena, 100000);
	assert_int_equal(arena_size(arena), 100010);
}

TEST(copies_are_terminated)
{
	_cleanup_(arena_freep) struct arena *arena = arena_new();

	assert_string_equal(arena_copy(arena, "abcdef", 3), "abc");
	assert_string_equal(arena_copy(arena, NULL, 0), "");
	assert_null(arena_strdup(arena, NULL));
	assert_string_equal(arena_printf(arena, "%d/%s", 3, "x"), "3/x");
}

TEST(arrays_grow_in_an_arena)
{
	_cleanup_(arena_freep) struct arena *arena = arena_new();
	struct {
		int *item;
		size_t count, size;
	} numbers = { NULL, 0, 0 };

	for (int i = 0; i < 500; i++)
		*ARENA_GROW(arena, &numbers) = i;
	for (int i = 0; i < 500; i++)
		assert_int_equal(numbers.item[i], i);
	numbers.count = 3;
	assert_int_equal(*ARENA_GROW(arena, &numbers), 0);
}

TEST(free_takes_null)
{
	arena_free(NULL);
}

/* Only under ASan, as all unit tests are. */
TEST(a_byte_past_an_allocation_is_poisoned)
{
	_cleanup_(arena_freep) struct arena *arena = arena_new();

	for (size_t size = 1; size < 3000; size += 7) {
		char *first = arena_alloc(arena, size), *second = arena_alloc(arena, size);

		assert_false(__asan_address_is_poisoned(first + size - 1));
		assert_true(__asan_address_is_poisoned(first + size));
		assert_true(__asan_address_is_poisoned(second + size));
	}
}

TEST(nothing_overlaps)
{
	_cleanup_(arena_freep) struct arena *arena = arena_new();
	struct piece {
		unsigned char *bytes;
		size_t size;
	} pieces[1000];
	unsigned seed = 5;
	size_t sum = 0;

	for (size_t i = 0; i < COUNT(pieces); i++) {
		seed = seed * 1103515245 + 12345;
		pieces[i].size = (seed >> 16) % (i % 50 == 0 ? 20000 : 200);
		pieces[i].bytes = arena_alloc(arena, pieces[i].size);
		memset(pieces[i].bytes, (int)(i & 0xff), pieces[i].size);
		sum += pieces[i].size;
	}
	for (size_t i = 0; i < COUNT(pieces); i++)
		for (size_t j = 0; j < pieces[i].size; j++)
			assert_row(i, pieces[i].bytes[j] == (i & 0xff));
	assert_int_equal(arena_size(arena), sum);
}

TEST(a_long_printf_is_whole)
{
	_cleanup_(arena_freep) struct arena *arena = arena_new();

	assert_int_equal(strlen(arena_printf(arena, "%0100000d", 1)), 100000);
}

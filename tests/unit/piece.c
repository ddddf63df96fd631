/* piece.c - small memory that is given again. */

#include "test.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/memory.h"
#include "base/piece.h"

TEST(no_piece_has_two_owners)
{
	char *piece[2000];

	for (int round = 0; round < 3; round++) {
		for (size_t i = 0; i < COUNT(piece); i++) {
			piece[i] = piece_get(i % 100);
			memset(piece[i], (int)(i % 251), i % 100);
		}
		for (size_t i = 0; i < COUNT(piece); i++) {
			for (size_t j = 0; j < i % 100; j++)
				assert_row(i, piece[i][j] == (char)(i % 251));
			piece_put(piece[i]);
		}
	}
	piece_put(NULL);
}

TEST(what_was_put_is_got_again)
{
	char *piece = piece_get(40);
	uintptr_t place = (uintptr_t)piece;

	piece_put(piece);
	piece = piece_get(38);
	assert_int_equal((uintptr_t)piece, place);
	free(piece);
}

static void *
put_some(void *pieces)
{
	char **piece = pieces;

	for (size_t i = 0; i < 100; i++)
		piece_put(piece[i]);
	for (size_t i = 0; i < 100; i++)
		piece[i] = piece_get(64);
	return NULL;
}

/* The leak check of this test is the other half of the fact. */
TEST(another_thread_keeps_nothing)
{
	pthread_t thread;
	char *piece[100];

	for (size_t i = 0; i < COUNT(piece); i++)
		piece[i] = piece_get(64);
	assert_int_equal(pthread_create(&thread, NULL, put_some, piece), 0);
	assert_int_equal(pthread_join(thread, NULL), 0);
	for (size_t i = 0; i < COUNT(piece); i++)
		piece_put(piece[i]);
}

/*
 * fuzz.h - one file, one reader of foreign bytes.
 *
 * FUZZ { … } gets `bytes` (with a '\0' behind them) and `length`.  must() is the oracle: what has to hold
 * whatever comes in; the sanitizers see the rest.
 */
#ifndef FUZZ_H
#define FUZZ_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

#define must(condition)                                                                            \
	do {                                                                                       \
		if (!(condition)) {                                                                \
			fprintf(stderr, "%s:%d: must hold: %s\n", __FILE__, __LINE__, #condition); \
			abort();                                                                   \
		}                                                                                  \
	} while (0)

#define FUZZ                                                                                       \
	static void fuzz(const char *bytes, size_t length);                                        \
	int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)                               \
	{                                                                                          \
		char *copy = xmalloc(size + 1);                                                    \
		if (size > 0)                                                                      \
			memcpy(copy, data, size);                                                  \
		copy[size] = '\0';                                                                 \
		fuzz(copy, size);                                                                  \
		free(copy);                                                                        \
		return 0;                                                                          \
	}                                                                                          \
	static void fuzz(const char *bytes, size_t length)

#endif

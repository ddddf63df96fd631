/*
 * test.h - a file of unit tests.
 *
 * TEST(name_that_says_the_fact) { … } registers itself; this header brings main.  Tests run in the
 * order in which they stand.  Run one alone with its name, or a part of it, as the argument.
 */
#ifndef TEST_H
#define TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct CMUnitTest test_list[256];
static size_t test_count;

#define TEST(name)                                                                                 \
	static void test_##name(void **);                                                          \
	static void __attribute__((constructor)) test_add_##name(void)                             \
	{                                                                                          \
		test_list[test_count++] = (struct CMUnitTest){ #name, test_##name, NULL, NULL,     \
			NULL };                                                                    \
	}                                                                                          \
	static void test_##name(void **cmocka_state __attribute__((unused)))

/* For tables: says which row it was. */
#define assert_row(row, condition)                                                                 \
	do {                                                                                       \
		if (!(condition))                                                                  \
			fail_msg("row %zu: %s", (size_t)(row), #condition);                        \
	} while (0)

int
main(int argc, char **argv)
{
	static char filter[256]; /* cmocka keeps the pointer */

	if (argc > 1) {
		snprintf(filter, sizeof filter, "*%s*", argv[1]);
		cmocka_set_test_filter(filter);
	}
	return _cmocka_run_group_tests(argv[0], test_list, test_count, NULL, NULL);
}

#endif

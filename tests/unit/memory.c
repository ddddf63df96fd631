/* memory.c - allocation and arrays. */

#include "base/memory.h"

#include "test.h"

TEST(nothing_allocated_is_never_null)
{
	_cleanup_(freep) char *a = xmalloc(0);
	_cleanup_(freep) char *b = xcalloc(0, 8);
	_cleanup_(freep) char *c = xrealloc(NULL, 0);

	assert_non_null(a);
	assert_non_null(b);
	assert_non_null(c);
}

TEST(strndup_stops_at_the_end_of_the_string)
{
	_cleanup_(freep) char *whole = xstrndup("abc", 100);
	_cleanup_(freep) char *part = xstrndup("abc", 2);

	assert_string_equal(whole, "abc");
	assert_string_equal(part, "ab");
}

TEST(asprintf_formats)
{
	_cleanup_(freep) char *s = xasprintf("%s-%d", "R", 142);

	assert_string_equal(s, "R-142");
}

TEST(an_array_grows_by_zeroed_elements)
{
	struct {
		struct pair {
			int a;
			char *b;
		} *item;
		size_t count, size;
	} pairs = { NULL, 0, 0 };

	for (int i = 0; i < 1000; i++)
		*GROW(&pairs) = (struct pair){ .a = i };
	assert_int_equal(pairs.count, 1000);
	assert_true(pairs.size >= 1000);
	for (int i = 0; i < 1000; i++)
		assert_int_equal(pairs.item[i].a, i);
	pairs.count = 0;
	assert_int_equal(GROW(&pairs)->a, 0);
	free(pairs.item);
}

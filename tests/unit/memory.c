/* memory.c - allocation and arrays. */

#include "base/memory.h"

#include <sys/wait.h>
#include <unistd.h>

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

/* How a child ends that does this; its words go nowhere. */
static int
status_of(void (*deed)(void))
{
	int status = 0;
	pid_t child = fork();

	if (child == 0) {
		if (freopen("/dev/null", "w", stderr) != NULL)
			deed();
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	return status;
}

static void
ask_for_too_much(void)
{
	free(xmalloc(SIZE_MAX / 2));
}

static void
grow_past_everything(void)
{
	size_t count = SIZE_MAX / 4, size = SIZE_MAX / 4;
	void *item = NULL;

	grow_array(&item, &count, &size, 64);
}

/* The sanitizer ends the process its own way: all that counts is that nobody goes on. */
TEST(nobody_goes_on_without_memory)
{
	assert_int_not_equal(status_of(ask_for_too_much), 0);
	assert_int_not_equal(status_of(grow_past_everything), 0);
}

TEST(freep_takes_null)
{
	_cleanup_(freep) char *nothing = NULL;

	assert_null(nothing);
}

TEST(times_are_counted_in_64_bits)
{
	assert_true(SECONDS(1) == 1000);
	assert_true(MINUTES(2) == 120000);
	assert_true(HOURS(24) == DAYS(1));
	assert_true(DAYS(36500) == INT64_C(3153600000000));
	assert_true(MEGABYTES(4) == 4194304 && KILOBYTES(8) == 8192);
}

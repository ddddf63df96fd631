/* say.c - sentences, counts, marks; histories in words. */

#include "say.h"

#include "driver.h"
#include "test.h"

TEST(a_sentence_is_its_own_key)
{
	_cleanup_(arena_freep) struct arena *arena = arena_new();

	assert_string_equal(say(arena, "Put revision %d back", 5), "Put revision 5 back");
	assert_string_equal(say_count(arena, 1, "%d pod is ready", "%d pods are ready", 1),
	    "1 pod is ready");
	assert_string_equal(say_count(arena, 0, "%d pod is ready", "%d pods are ready", 0),
	    "0 pods are ready");
}

TEST(a_catalogue_translates_and_falls_back_to_english)
{
	static const struct say_entry french[] = {
		{ "%s of %d", "%2$d, dont %1$s" },
		{ "%d pods", "%d capsules" },
		{ NULL, NULL },
	};
	_cleanup_(arena_freep) struct arena *arena = arena_new();

	say_register("fr", french);
	say_language("fr");
	assert_string_equal(say(arena, "%s of %d", "two", 3), "3, dont two");
	assert_string_equal(say_count(arena, 2, "%d pod", "%d pods", 2), "2 capsules");
	assert_string_equal(say(arena, "Wait"), "Wait");
	say_language("xx");
	assert_string_equal(say(arena, "%s of %d", "two", 3), "two of 3");
	say_language("fr");
	say_language("en");
	assert_string_equal(say_count(arena, 2, "%d pod", "%d pods", 2), "2 pods");
}

TEST(marks_are_left_out_of_plain_text)
{
	_cleanup_(arena_freep) struct arena *arena = arena_new();

	assert_string_equal(say_plain(arena, BOLD "1.2.4" BOLD " by " PERSON "U0ANN" PERSON " in "
	    CHANNEL "C0INC" CHANNEL ": " CODE "a -> b" CODE), "1.2.4 by @U0ANN in #C0INC: a -> b");
	assert_string_equal(say_plain(arena, ""), "");
}

static const struct {
	int64_t numbers[8];
	const char *text;
} histories[] = {
	{ { 0 }, "none" },
	{ { 4 }, "4" },
	{ { 4, 5 }, "4 and 5" },
	{ { 3, 4, 5, 6, 7 }, "3 to 7" },
	{ { 2, 5, 9 }, "2, 5 and 9" },
	{ { 1, 2, 3, 7, 9 }, "1 to 3, 7 and 9" },
	{ { 1, 4, 5, 6 }, "1 and 4 to 6" },
};

TEST(a_history_is_told_in_runs)
{
	_cleanup_(arena_freep) struct arena *arena = arena_new();

	for (size_t i = 0; i < COUNT(histories); i++) {
		struct history history = { .kept = -1 };

		for (size_t k = 0; histories[i].numbers[k] != 0; k++)
			ARENA_GROW(arena, &history)->number = histories[i].numbers[k];
		assert_string_equal(history_print(arena, &history), histories[i].text);
		assert_null(history_find(&history, 8));
		if (history.count > 0)
			assert_ptr_equal(history_find(&history, histories[i].numbers[0]), history.item);
	}
}

TEST(kc2_a_number_of_before_is_found_among_those_that_a_revision_had)
{
	struct revision items[] = { { .number = 4, .earlier = "12,1" }, { .number = 8, .earlier = "5" },
		{ .number = 9, .earlier = "x" }, { .number = 10 } };
	const struct history history = { .item = items, .count = COUNT(items) };

	assert_ptr_equal(history_renumbered(&history, 1), &items[0]);
	assert_ptr_equal(history_renumbered(&history, 12), &items[0]);
	assert_ptr_equal(history_renumbered(&history, 5), &items[1]);
	assert_null(history_renumbered(&history, 2));
	assert_null(history_renumbered(&history, 4));
}

TEST(a_driver_is_found_by_name)
{
	static const struct driver one = { .name = "one" }, two = { .name = "two" };
	static const struct driver *const table[] = { &one, &two, NULL };

	assert_null(driver_find("one"));
	drivers_register(table);
	assert_ptr_equal(driver_find("two"), &two);
	assert_null(driver_find("three"));
}

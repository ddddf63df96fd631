/* automaton.c - many strings at once. */

#include "base/automaton.h"

#include "test.h"

/* "end:length" of each hit */
static void
assert_hits(struct automaton *automaton, const char *s, const char *wanted)
{
	uint32_t state = AUTOMATON_START;
	char hits[256] = "";
	size_t length;
	int label;

	for (size_t i = 0; s[i] != '\0'; i++) {
		state = automaton_step(automaton, state, s[i]);
		if ((length = automaton_hit(automaton, state, &label)) > 0)
			snprintf(hits + strlen(hits), sizeof hits - strlen(hits), "%zu:%zu=%d ", i + 1,
			    length, label);
	}
	assert_string_equal(hits, wanted);
}

TEST(every_string_is_found_where_it_ends)
{
	struct automaton *automaton = automaton_new();

	automaton_add(automaton, "he", 2, 1);
	automaton_add(automaton, "she", 3, 2);
	automaton_add(automaton, "his", 3, 3);
	automaton_add(automaton, "hers", 4, 4);
	assert_hits(automaton, "ushers", "4:3=2 6:4=4 ");
	assert_hits(automaton, "hishe", "3:3=3 5:3=2 ");
	assert_hits(automaton, "xyz", "");
	automaton_free(automaton);
}

TEST(strings_are_added_between_searches)
{
	struct automaton *automaton = automaton_new();

	assert_hits(automaton, "abcabd", "");
	automaton_add(automaton, "abd", 3, 1);
	assert_hits(automaton, "abcabd", "6:3=1 ");
	automaton_add(automaton, "bc", 2, 2);
	automaton_add(automaton, "bc", 2, 9);
	automaton_add(automaton, "", 0, 9);
	assert_hits(automaton, "abcabd", "3:2=2 6:3=1 ");
	automaton_free(automaton);
	automaton_free(NULL);
}

TEST(depth_is_what_may_be_a_beginning)
{
	struct automaton *automaton = automaton_new();
	uint32_t state = AUTOMATON_START;
	static const size_t depths[] = { 1, 2, 2, 3, 0 };

	automaton_add(automaton, "aab", 3, 0);
	for (size_t i = 0; i < COUNT(depths); i++) {
		state = automaton_step(automaton, state, "aaabx"[i]);
		assert_int_equal(automaton_depth(automaton, state), depths[i]);
	}
	automaton_free(automaton);
}

/* Against the obvious way, over a small alphabet, where everything overlaps. */
TEST(random_strings_are_found_as_by_memcmp)
{
	unsigned seed = 7;

	for (int round = 0; round < 200; round++) {
		struct automaton *automaton = automaton_new();
		char words[8][6], text[60];
		uint32_t state = AUTOMATON_START;
		int label;

		for (size_t i = 0; i < COUNT(words); i++) {
			for (size_t j = 0; j < sizeof words[i]; j++) {
				seed = seed * 1103515245 + 12345;
				words[i][j] = (char)('a' + (seed >> 16) % 2);
			}
			automaton_add(automaton, words[i], 1 + i % 6, 0);
		}
		for (size_t end = 1; end <= sizeof text; end++) {
			size_t longest = 0;

			seed = seed * 1103515245 + 12345;
			text[end - 1] = (char)('a' + (seed >> 16) % 3);
			for (size_t i = 0; i < COUNT(words); i++) {
				size_t length = 1 + i % 6;

				if (length <= end && length > longest &&
				    memcmp(text + end - length, words[i], length) == 0)
					longest = length;
			}
			state = automaton_step(automaton, state, text[end - 1]);
			assert_int_equal(automaton_hit(automaton, state, &label), longest);
		}
		automaton_free(automaton);
	}
}

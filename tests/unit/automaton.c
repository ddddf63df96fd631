/* automaton.c - many strings at once. */

#include "base/automaton.h"

#include "test.h"

/* "end:length=label" of each hit, the bytes given so many at once */
static void
assert_hits_of(struct automaton *automaton, const char *s, size_t piece, const char *wanted)
{
	size_t all = strlen(s), end, length;
	uint32_t state = AUTOMATON_START;
	char hits[256] = "";
	int label;

	for (size_t i = 0; i < all;) {
		end = i + piece - i % piece < all ? i + piece - i % piece : all;
		i += automaton_pass(automaton, &state, s + i, end - i, &length, &label);
		if (length > 0)
			snprintf(hits + strlen(hits), sizeof hits - strlen(hits), "%zu:%zu=%d ", i,
			    length, label);
	}
	assert_string_equal(hits, wanted);
}

static void
assert_hits(struct automaton *automaton, const char *s, const char *wanted)
{
	for (size_t piece = 1; piece <= strlen(s); piece++)
		assert_hits_of(automaton, s, piece, wanted);
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
	assert_hits(automaton, "a she, a h and his hhers", "5:3=2 18:3=3 22:2=1 24:4=4 ");
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
	size_t hit;
	int label;

	automaton_add(automaton, "aab", 3, 0);
	for (size_t i = 0; i < COUNT(depths); i++) {
		automaton_pass(automaton, &state, &"aaabx"[i], 1, &hit, &label);
		assert_int_equal(automaton_depth(automaton, state), depths[i]);
	}
	automaton_free(automaton);
}

static char
random_letter(unsigned *seed, unsigned letters)
{
	*seed = *seed * 1103515245 + 12345;
	return (char)('a' + (*seed >> 16) % letters);
}

/* Of words of 1 to 6 letters, the longest that ends there. */
static size_t
longest_at(char words[8][6], const char *text, size_t end)
{
	size_t longest = 0;

	for (size_t i = 0; i < 8; i++) {
		size_t length = 1 + i % 6;

		if (length <= end && length > longest &&
		    memcmp(text + end - length, words[i], length) == 0)
			longest = length;
	}
	return longest;
}

/* Against the obvious way, over a small alphabet, where everything overlaps; longer words leave bytes to skip. */
TEST(random_strings_are_found_as_by_memcmp)
{
	unsigned seed = 7;

	for (int round = 0; round < 400; round++) {
		struct automaton *automaton = automaton_new();
		size_t shortest = round % 2 == 0 ? 0 : 3, hit, at = 0;
		uint32_t state = AUTOMATON_START;
		char words[8][6], text[60];
		int label;

		for (size_t i = 0; i < COUNT(words); i++) {
			for (size_t j = 0; j < sizeof words[i]; j++)
				words[i][j] = random_letter(&seed, 2);
			if (i % 6 >= shortest)
				automaton_add(automaton, words[i], 1 + i % 6, 0);
			else
				memset(words[i], 'z', sizeof words[i]);
		}
		for (size_t i = 0; i < sizeof text; i++)
			text[i] = random_letter(&seed, 3);
		while (at < sizeof text) {
			size_t from = at;

			at += automaton_pass(automaton, &state, text + at, sizeof text - at, &hit, &label);
			for (size_t end = from + 1; end < at; end++)
				assert_int_equal(longest_at(words, text, end), 0);
			assert_int_equal(longest_at(words, text, at), hit);
		}
		automaton_free(automaton);
	}
}

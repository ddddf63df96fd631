/* pattern.c - globs and bounded expressions. */

#include "base/pattern.h"

#include "base/text.h"

#include "test.h"

TEST(globs_cover_the_whole_string)
{
	static const struct {
		const char *glob, *s;
		bool matches;
	} rows[] = {
		{ "", "", true },
		{ "", "a", false },
		{ "*", "", true },
		{ "*", "anything/at all", true },
		{ "api", "api", true },
		{ "api", "api2", false },
		{ "api*", "api-gateway", true },
		{ "*-gateway", "api-gateway", true },
		{ "*gate*way", "api-gate-gateway", true },
		{ "a*b*c", "aXbYbZc", true },
		{ "a*b*c", "aXbYbZ", false },
		{ "a?c", "abc", true },
		{ "a?c", "a€c", true },
		{ "a?c", "ac", false },
		{ "?", "é", true },
		{ "??", "é", false },
		{ "*?", "é", true },
		{ "*??", "é", false },
		{ "**a**", "bab", true },
		{ "a*", "", false },
		{ "[ab]", "a", false },
		{ "[ab]", "[ab]", true },
		{ "a\\*", "a\\b", true },
		{ "A", "a", false },
		{ "?", "", false },
		{ "\xff?", "\xff\xff", true },
	};

	for (size_t i = 0; i < COUNT(rows); i++)
		assert_row(i, glob_matches(rows[i].glob, rows[i].s) == rows[i].matches);
}

/* Exponential in a glob that tries every star again. */
TEST(many_stars_take_no_time)
{
	_cleanup_(freep) char *s = xcalloc(1, 4001);

	memset(s, 'a', 4000);
	assert_false(glob_matches("*a*a*a*a*a*a*a*a*a*a*a*a*b", s));
}

static enum pattern_result
match(const char *expression, const char *s)
{
	struct error err = ERROR_INIT;
	struct pattern *pattern = pattern_new(expression, &err);
	enum pattern_result result;

	if (pattern == NULL)
		fail_msg("%s", err.text);
	result = pattern_matches(pattern, s);
	pattern_free(pattern);
	return result;
}

TEST(expressions_are_anchored_at_both_ends)
{
	static const struct {
		const char *expression, *s;
		enum pattern_result result;
	} rows[] = {
		{ "v[0-9]+", "v12", PATTERN_YES },
		{ "v[0-9]+", "xv12", PATTERN_NO },
		{ "v[0-9]+", "v12x", PATTERN_NO },
		{ "v[0-9]+", "v12\n", PATTERN_NO },
		{ "v[0-9]+$", "v12\n", PATTERN_NO },
		{ "a|ab", "ab", PATTERN_YES },
		{ "a|b", "ab", PATTERN_NO },
		{ "", "", PATTERN_YES },
		{ "", "x", PATTERN_NO },
		{ "(a)(b)(c)", "abc", PATTERN_YES },
		{ "€.", "€é", PATTERN_YES },
		{ ".*", "\xff", PATTERN_ERROR },
	};

	for (size_t i = 0; i < COUNT(rows); i++)
		assert_row(i, match(rows[i].expression, rows[i].s) == rows[i].result);
}

TEST(too_much_work_is_an_error_and_no_answer)
{
	char long_subject[4098];

	assert_int_equal(match("(a+)+$", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab"), PATTERN_ERROR);
	/* within PCRE2's own limit of ten million steps */
	assert_int_equal(match("(a+)+$", "aaaaaaaaaaaaaaaaaab"), PATTERN_ERROR);
	memset(long_subject, 'a', sizeof long_subject);
	long_subject[4096] = '\0';
	assert_int_equal(match("a*", long_subject), PATTERN_YES);
	long_subject[4096] = 'a';
	long_subject[4097] = '\0';
	assert_int_equal(match("a*", long_subject), PATTERN_ERROR);
}

/* Few steps, but each is remembered with all its groups: 7 MB without the bound on the heap. */
TEST(too_much_memory_is_an_error_and_no_answer)
{
	_cleanup_(text_clear) struct text expression = TEXT_INIT;
	_cleanup_(freep) char *s = xcalloc(1, 4001);

	for (int i = 0; i < 50; i++)
		text_add(&expression, "()");
	text_add(&expression, "(?:a|b)*");
	memset(s, 'a', 4000);
	assert_int_equal(match(expression.data, s), PATTERN_ERROR);
	s[100] = '\0';
	assert_int_equal(match(expression.data, s), PATTERN_YES);
}

TEST(a_pattern_cannot_raise_the_limits)
{
	assert_int_equal(match("(*LIMIT_MATCH=4000000000)(*LIMIT_HEAP=4000000000)(a+)+$",
			     "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab"),
	    PATTERN_ERROR);
}

TEST(a_wrong_expression_says_where)
{
	struct error err = ERROR_INIT;
	_cleanup_(freep) char *long_one = xcalloc(1, 2001);

	assert_null(pattern_new("a(b", &err));
	assert_int_equal(err.kind, WRONG);
	assert_non_null(strstr(err.text, "\"a(b\" is wrong at byte 4: missing closing parenthesis"));
	assert_null(pattern_new("\\C", &err));
	memset(long_one, 'a', 2000);
	assert_null(pattern_new(long_one, &err));
	memset(long_one, '(', 50);
	memset(long_one + 50, ')', 50);
	long_one[100] = '\0';
	assert_null(pattern_new(long_one, &err));
	assert_null(pattern_new("[", NULL));
	pattern_free(NULL);
}

/* By trying everything, which small strings allow. */
static bool
matches_slowly(const char *glob, const char *s)
{
	if (*glob == '\0')
		return *s == '\0';
	if (*glob == '*')
		return matches_slowly(glob + 1, s) || (*s != '\0' && matches_slowly(glob, s + 1));
	return *s != '\0' && (*glob == '?' || *glob == *s) && matches_slowly(glob + 1, s + 1);
}

TEST(random_globs_match_as_by_trying_everything)
{
	unsigned seed = 13, yes = 0;

	for (int round = 0; round < 50000; round++) {
		char glob[8] = "", s[8] = "";

		for (int i = 0; i < round % 8; i++) {
			seed = seed * 1103515245 + 12345;
			glob[i] = "ab*?"[(seed >> 16) % 4];
		}
		glob[round % 8 == 0 ? 0 : round % 8 - 1] = '\0';
		for (size_t i = 0; i < (seed >> 20) % 8; i++) {
			seed = seed * 1103515245 + 12345;
			s[i] = "ab"[(seed >> 16) % 2];
		}
		s[7] = '\0';
		assert_row(round, glob_matches(glob, s) == matches_slowly(glob, s));
		yes += glob_matches(glob, s);
	}
	assert_in_range(yes, 1000, 49000);
}

TEST(one_pattern_serves_many_times)
{
	struct pattern *pattern = pattern_new("(?i)p[0-4]|sev-?[0-9]", NULL);

	for (int i = 0; i < 100; i++) {
		assert_int_equal(pattern_matches(pattern, "P1"), PATTERN_YES);
		assert_int_equal(pattern_matches(pattern, "SEV-2"), PATTERN_YES);
		assert_int_equal(pattern_matches(pattern, "P5"), PATTERN_NO);
	}
	pattern_free(pattern);
}

/* Each backtracks without end where nothing bounds it. */
TEST(evil_expressions_end)
{
	static const char *const evil[] = { "(a|aa)+$", "(a|a?)+$", "(.*a){25}$", "(\\w+\\s?)+$",
		"^(([a-z])+.)+[A-Z]([a-z])+$" };
	char subject[200];

	memset(subject, 'a', sizeof subject);
	memcpy(subject + sizeof subject - 2, "!", 2);
	for (size_t i = 0; i < COUNT(evil); i++)
		assert_row(i, match(evil[i], subject) != PATTERN_YES);
}

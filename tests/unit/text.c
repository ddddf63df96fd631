/* text.c - the string builder and its small questions. */

#include "base/text.h"

#include "test.h"

/* The plain table, as the books have it. */
static size_t
slow_distance(const char *a, const char *b)
{
	size_t t[16][16], x = strlen(a), y = strlen(b);

	for (size_t i = 0; i <= x; i++)
		for (size_t j = 0; j <= y; j++) {
			size_t d = i == 0 ? j : j == 0 ? i : t[i - 1][j - 1] + (a[i - 1] != b[j - 1]);

			if (i > 0 && j > 0 && t[i - 1][j] + 1 < d)
				d = t[i - 1][j] + 1;
			if (i > 0 && j > 0 && t[i][j - 1] + 1 < d)
				d = t[i][j - 1] + 1;
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
			    t[i - 2][j - 2] + 1 < d)
				d = t[i - 2][j - 2] + 1;
			t[i][j] = d;
		}
	return t[x][y];
}

TEST(what_is_passed_over_quickly_would_not_have_been_the_nearest)
{
	char a[10], b[10];
	const char *list[] = { b, NULL };

	srand(1);
	for (int n = 0; n < 20000; n++) {
		size_t length_a = 1 + (size_t)rand() % 8, length_b = 1 + (size_t)rand() % 8;

		memset(a, 0, sizeof(a));
		memset(b, 0, sizeof(b));
		for (size_t i = 0; i < length_a; i++)
			a[i] = "abc"[rand() % 3];
		for (size_t i = 0; i < length_b; i++)
			b[i] = "abc"[rand() % 3];
		assert_int_equal(string_nearest(a, list) != NULL,
		    slow_distance(a, b) <= (length_a < 5 ? 1 : 2));
	}
}

TEST(plain_ends_at_the_first_byte_that_is_not_wherever_it_stands)
{
	char s[24];

	for (int c = 0; c < 256; c++)
		for (size_t at = 0; at < sizeof(s); at++) {
			bool plain = c >= 0x20 && c < 0x7f && c != '"' && c != '\\';

			memset(s, at % 2 == 0 ? '~' : ' ', sizeof(s));
			s[at] = (char)c;
			assert_int_equal(string_plain(s, sizeof(s)), plain ? sizeof(s) : at);
			assert_int_equal(string_plain(s, at), at);
		}
	memset(s, 0x1f, sizeof(s));
	assert_int_equal(string_plain(s, sizeof(s)), 0);
}

TEST(a_new_text_is_an_empty_string)
{
	struct text text = TEXT_INIT;

	assert_string_equal(text.data, "");
	text_clear(&text);
	text_clear(&text);
	assert_string_equal(text.data, "");
}

TEST(adding_appends)
{
	_cleanup_(text_clear) struct text text = TEXT_INIT;

	text_add(&text, "a");
	text_add_bytes(&text, "bcd", 2);
	text_add_char(&text, '-');
	text_printf(&text, "%d%s", 7, "!");
	assert_string_equal(text.data, "abc-7!");
	assert_int_equal(text.length, 6);
}

TEST(a_long_printf_is_whole)
{
	_cleanup_(text_clear) struct text text = TEXT_INIT;

	text_printf(&text, "%01000d|", 1);
	assert_int_equal(text.length, 1001);
	assert_true(text_ends(&text, "01|"));
}

TEST(a_wiped_text_is_empty_and_can_be_used_again)
{
	_cleanup_(text_clear) struct text text = TEXT_INIT_LIMIT(10);

	text_wipe(&text);
	text_add(&text, "xoxb-1");
	text_wipe(&text);
	text_wipe(&text);
	assert_string_equal(text.data, "");
	text_add(&text, "0123456789a");
	assert_true(text.cut);
}

TEST(take_leaves_an_empty_text)
{
	_cleanup_(text_clear) struct text text = TEXT_INIT_LIMIT(10);
	_cleanup_(freep) char *taken = NULL;
	_cleanup_(freep) char *nothing = NULL;

	text_add(&text, "mine");
	taken = text_take(&text);
	assert_string_equal(taken, "mine");
	assert_string_equal(text.data, "");
	assert_int_equal(text.limit, 10);
	nothing = text_take(&text);
	assert_string_equal(nothing, "");
}

TEST(past_the_limit_is_cut_and_stays_a_beginning)
{
	_cleanup_(text_clear) struct text text = TEXT_INIT_LIMIT(5);

	text_add(&text, "abcde");
	assert_false(text.cut);
	text_add(&text, "f");
	assert_true(text.cut);
	assert_string_equal(text.data, "abcde");
	text_reset(&text);
	assert_false(text.cut);
	text_add(&text, "abcé€");
	assert_string_equal(text.data, "abcé");
	text_reset(&text);
	text_add(&text, "abcd€");
	text_add(&text, "e");
	assert_string_equal(text.data, "abcd");
}

TEST(truncating_makes_room_again)
{
	_cleanup_(text_clear) struct text text = TEXT_INIT_LIMIT(5);

	text_add(&text, "abcdefg");
	text_truncate(&text, 3);
	assert_false(text.cut);
	text_add(&text, "xy");
	assert_string_equal(text.data, "abcxy");
	text_truncate(&text, 100);
	assert_string_equal(text.data, "abcxy");
}

TEST(drop_removes_the_first_bytes)
{
	_cleanup_(text_clear) struct text text = TEXT_INIT;

	text_drop(&text, 3);
	text_add(&text, "abcdef");
	text_drop(&text, 0);
	text_drop(&text, 2);
	assert_string_equal(text.data, "cdef");
	text_drop(&text, 9);
	assert_string_equal(text.data, "");
	assert_int_equal(text.length, 0);
}

TEST(a_string_is_cut_on_a_character)
{
	static const struct {
		const char *s;
		size_t length, cut;
	} rows[] = {
		{ "abc", 2, 2 },
		{ "a€b", 1, 1 },
		{ "a€b", 2, 1 },
		{ "a€b", 3, 1 },
		{ "a€b", 4, 4 },
		{ "😀", 3, 0 },
		{ "😀", 4, 4 },
		{ "é", 1, 0 },
		{ "\x80\x80\x80\x80\x80", 5, 5 },
		{ "", 0, 0 },
	};

	for (size_t i = 0; i < COUNT(rows); i++)
		assert_row(i, string_cut(rows[i].s, rows[i].length) == rows[i].cut);
}

TEST(prefixes_and_suffixes)
{
	assert_true(string_starts("rollback", "roll"));
	assert_false(string_starts("rol", "roll"));
	assert_true(string_ends("a.yaml", ".yaml"));
	assert_false(string_ends("yaml", ".yaml"));
	assert_true(string_ends("x", ""));
}

TEST(equality_knows_null)
{
	assert_true(string_equal(NULL, NULL));
	assert_false(string_equal(NULL, ""));
	assert_false(string_equal("", NULL));
	assert_true(string_equal("a", "a"));
	assert_true(string_equal_nocase("PrOd", "pRoD"));
	assert_false(string_equal_nocase("prod", "produ"));
	assert_false(string_equal_nocase(NULL, "x"));
	assert_false(string_equal_nocase("É", "é"));
}

TEST(lists_are_searched)
{
	static const char *const list[] = { "a", "b", NULL };

	assert_true(string_in("b", list));
	assert_false(string_in("c", list));
	assert_false(string_in(NULL, list));
}

TEST(numbers_are_whole_strings_in_range)
{
	static const struct {
		const char *s;
		bool ok;
		int64_t number;
	} rows[] = {
		{ "0", true, 0 },
		{ "42", true, 42 },
		{ "-5", true, -5 },
		{ "007", true, 7 },
		{ "100", true, 100 },
		{ "101", false, 0 },
		{ "-11", false, 0 },
		{ "", false, 0 },
		{ "-", false, 0 },
		{ "+7", false, 0 },
		{ " 7", false, 0 },
		{ "7 ", false, 0 },
		{ "7x", false, 0 },
		{ "0x10", false, 0 },
		{ "1e1", false, 0 },
		{ "99999999999999999999999", false, 0 },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		int64_t number = -77;

		assert_row(i, string_number(rows[i].s, -10, 100, &number) == rows[i].ok);
		assert_row(i, number == (rows[i].ok ? rows[i].number : -77));
	}
}

TEST(the_whole_range_of_64_bits_is_read)
{
	int64_t number;

	assert_true(string_number("9223372036854775807", INT64_MIN, INT64_MAX, &number));
	assert_true(number == INT64_MAX);
	assert_true(string_number("-9223372036854775808", INT64_MIN, INT64_MAX, &number));
	assert_true(number == INT64_MIN);
	assert_false(string_number("9223372036854775808", INT64_MIN, INT64_MAX, &number));
}

TEST(the_nearest_word_is_found)
{
	static const char *const list[] = { "rollback", "rollout", "to", "in", "incident", NULL };
	static const char long_word[] =
	    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

	assert_string_equal(string_nearest("rolback", list), "rollback");
	assert_string_equal(string_nearest("Rollbakc", list), "rollback");
	assert_string_equal(string_nearest("rollot", list), "rollout");
	assert_string_equal(string_nearest("ot", list), "to");
	assert_string_equal(string_nearest("im", list), "in");
	assert_string_equal(string_nearest("incidnet", list), "incident");
	assert_null(string_nearest("xyz", list));
	assert_null(string_nearest("rbllbkcx", list));
	assert_null(string_nearest(long_word, list));
}

TEST(a_cut_printf_is_cut_on_a_character)
{
	_cleanup_(text_clear) struct text text = TEXT_INIT_LIMIT(9);

	text_printf(&text, "%s %s", "a€", "€€€");
	assert_string_equal(text.data, "a€ €");
	assert_true(text.cut);
	text_add_char(&text, '!');
	assert_string_equal(text.data, "a€ €");
}

TEST(a_text_without_room_takes_nothing)
{
	_cleanup_(text_clear) struct text text = TEXT_INIT_LIMIT(0);

	text_add(&text, "");
	assert_false(text.cut);
	text_add(&text, "a");
	assert_true(text.cut);
	assert_string_equal(text.data, "");
}

TEST(bytes_may_be_any)
{
	_cleanup_(text_clear) struct text text = TEXT_INIT;

	text_add_bytes(&text, "a\0b", 3);
	text_add_bytes(&text, NULL, 0);
	assert_int_equal(text.length, 3);
	assert_memory_equal(text.data, "a\0b", 4);
	assert_true(text_ends(&text, "b"));
	assert_true(text_ends(&text, ""));
	assert_false(text_ends(&text, "xxab"));
}

TEST(reset_keeps_the_memory)
{
	_cleanup_(text_clear) struct text text = TEXT_INIT;
	const char *data;

	text_reset(&text);
	text_add(&text, "some words");
	data = text.data;
	text_reset(&text);
	assert_string_equal(text.data, "");
	text_add(&text, "others");
	assert_ptr_equal(text.data, data);
}

/* A plain buffer does the same, one operation after the other. */
TEST(random_operations_are_those_of_a_plain_buffer)
{
	enum { LIMIT = 200 };
	_cleanup_(text_clear) struct text text = TEXT_INIT_LIMIT(LIMIT);
	char plain[LIMIT + 1] = "";
	unsigned seed = 11;

	for (int round = 0; round < 20000; round++) {
		size_t length = strlen(plain), n;

		seed = seed * 1103515245 + 12345;
		n = (seed >> 20) % 40;
		switch ((seed >> 16) % 8) {
		case 0:
			text_drop(&text, n);
			n = n < length ? n : length;
			memmove(plain, plain + n, length - n + 1);
			break;
		case 1:
			text_truncate(&text, n);
			plain[n < length ? n : length] = '\0';
			break;
		default:
			if (length + n > LIMIT)
				continue;
			text_printf(&text, "%.*s", (int)n, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNO");
			strncat(plain, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNO", n);
		}
		assert_row(round, strcmp(text.data, plain) == 0);
		assert_row(round, text.length == strlen(plain) && !text.cut);
	}
}

/* Ties go to the first, exact words to themselves. */
TEST(the_nearest_word_is_the_first_of_the_nearest)
{
	static const char *const list[] = { "abcdef", "abcdeg", "abcde", NULL };
	static const char *const none[] = { NULL };

	assert_string_equal(string_nearest("abcdeg", list), "abcdeg");
	assert_string_equal(string_nearest("abcdex", list), "abcdef");
	assert_string_equal(string_nearest("ABCDE", list), "abcde");
	assert_null(string_nearest("abcdef", none));
	assert_null(string_nearest("", list));
}

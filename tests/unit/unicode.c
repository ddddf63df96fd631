/* unicode.c - validity, width, folding of commands, foreign text. */

#include "base/unicode.h"

#include "test.h"

TEST(validity_is_strict)
{
	static const struct {
		const char *bytes;
		bool valid;
	} rows[] = {
		{ "", true },
		{ "aé€😀", true },
		{ "\xf4\x8f\xbf\xbf", true },
		{ "\x80", false },
		{ "\xc3", false },
		{ "\xc0\xaf", false },
		{ "\xe0\x80\xaf", false },
		{ "\xed\xa0\x80", false },
		{ "\xf4\x90\x80\x80", false },
		{ "\xff", false },
	};

	for (size_t i = 0; i < COUNT(rows); i++)
		assert_row(i, utf8_valid(rows[i].bytes, strlen(rows[i].bytes)) == rows[i].valid);
}

TEST(every_invalid_byte_becomes_a_replacement_character)
{
	static const char *const rows[][2] = {
		{ "abc", "abc" },
		{ "a\xff" "b", "a\xef\xbf\xbd" "b" },
		{ "\xe2\x82", "\xef\xbf\xbd\xef\xbf\xbd" },
		{ "\xe2\x82\xac\xe2", "€\xef\xbf\xbd" },
		{ "\xc3(", "\xef\xbf\xbd(" },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		_cleanup_(text_clear) struct text out = TEXT_INIT;

		utf8_repair(&out, rows[i][0], strlen(rows[i][0]));
		assert_string_equal(out.data, rows[i][1]);
		assert_true(utf8_valid(out.data, out.length));
	}
}

TEST(characters_are_counted_and_measured)
{
	static const struct {
		const char *s;
		size_t count, width;
	} rows[] = {
		{ "", 0, 0 },
		{ "abc", 3, 3 },
		{ "é", 1, 1 },
		{ "e\xcc\x81", 2, 1 },
		{ "日本", 2, 4 },
		{ "✅ ok", 4, 5 },
		{ "😀", 1, 2 },
		{ "a\nb", 3, 2 },
		{ "\xff", 1, 1 },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		assert_row(i, utf8_count(rows[i].s) == rows[i].count);
		assert_row(i, utf8_width(rows[i].s) == rows[i].width);
	}
}

TEST(a_prefix_ends_on_a_character)
{
	assert_int_equal(utf8_prefix("a€b", 2), 4);
	assert_int_equal(utf8_prefix("a€b", 9), 5);
	assert_int_equal(utf8_prefix("a€b", 0), 0);
	assert_int_equal(utf8_prefix("\xe2\x82", 1), 1);
}

TEST(commands_are_folded)
{
	static const char *const rows[][2] = {
		{ "rollback api to 5", "rollback api to 5" },
		{ "", "" },
		/* full width, as Japanese and Chinese input methods type */
		{ "ｒｏｌｌｂａｃｋ　ａｐｉ　ｔｏ　１．２．３", "rollback api to 1.2.3" },
		{ "in a，b、c；d：e", "in a,b,c;d:e" },
		{ "（x）！", "(x)!" },
		/* every kind of blank; zero width goes */
		{ "a\xc2\xa0" "b\xe2\x80\x89" "c\td\ne\xe3\x80\x80" "f", "a b c d e f" },
		{ "ro\xe2\x80\x8bll\xef\xbb\xbf" "ba\xe2\x80\x8d" "ck\xc2\xad", "rollback" },
		{ "\xe2\x80\xaeipa\xe2\x80\xac", "ipa" },
		/* quotes: ASCII, what is between them as it is */
		{ "because “５ｘｘ　ﬁne”", "because \"５ｘｘ　ﬁne\"" },
		{ "because 「ａ」 『ｂ』 «c»", "because \"ａ\" \"ｂ\" \"c\"" },
		{ "because ｢ａ｣", "because \"ａ\"" },
		{ "because ‘ｘ　ｙ’ now", "because 'ｘ　ｙ' now" },
		{ "it didn’t ｗｏｒｋ", "it didn't work" },
		{ "‘it didn’t ｗｏｒｋ’", "'it didn’t ｗｏｒｋ'" },
		{ "because “ｎｅｖｅｒ closed", "because \"never closed" },
		{ "“a” b “c”ｄ", "\"a\" b \"c\"d" },
		{ "“a—b → c”", "\"a—b → c\"" },
		{ "don´t", "don't" },
		{ "“”", "\"\"" },
		/* dashes */
		{ "api —dry-run", "api --dry-run" },
		{ "api –dry-run", "api --dry-run" },
		{ "—now", "--now" },
		{ "scale api –2", "scale api -2" },
		{ "scale api −2", "scale api -2" },
		{ "a – b", "a - b" },
		{ "a — b", "a -- b" },
		{ "a —", "a --" },
		{ "dry\xe2\x80\x91run", "dry-run" },
		{ "a—b", "a—b" },
		/* arrows */
		{ "1.2.4 → 1.2.3", "1.2.4 -> 1.2.3" },
		/* bytes of no merit */
		{ "a\xff", "a\xef\xbf\xbd" },
		{ "e\xcc\x81", "é" },
		{ "“e\xcc\x81”", "\"é\"" },
	};
	_cleanup_(arena_freep) struct arena *arena = arena_new();

	for (size_t i = 0; i < COUNT(rows); i++) {
		char *folded = fold_command(arena, rows[i][0]);

		if (strcmp(folded, rows[i][1]) != 0)
			fail_msg("row %zu: \"%s\" gives \"%s\"", i, rows[i][0], folded);
	}
}

TEST(folding_twice_changes_nothing_more)
{
	static const char *const rows[] = { "ｒｏｌｌｂａｃｋ　ａｐｉ", "api —dry-run – x", "“ａ” 'b' ‘c’",
		"a → b、c", "–2 —" };
	_cleanup_(arena_freep) struct arena *arena = arena_new();

	for (size_t i = 0; i < COUNT(rows); i++) {
		char *once = fold_command(arena, rows[i]);

		assert_string_equal(fold_command(arena, once), once);
	}
}

TEST(free_text_is_only_composed)
{
	_cleanup_(arena_freep) struct arena *arena = arena_new();

	assert_string_equal(fold_text(arena, "e\xcc\x81 ﬁ ５ “x” —"), "é ﬁ ５ “x” —");
	assert_string_equal(fold_text(arena, "\xc3"), "\xef\xbf\xbd");
	assert_string_equal(fold_text(arena, ""), "");
}

TEST(case_is_folded_without_a_locale)
{
	_cleanup_(arena_freep) struct arena *arena = arena_new();

	assert_string_equal(fold_case(arena, "ÄPI-Gateway ΣΟΣ I"), "äpi-gateway σοσ i");
	assert_string_equal(fold_case(arena, ""), "");
}

static const struct foreign_row {
	const char *in, *out;
} foreign_rows[] = {
	{ "plain text\n\tindented\n", "plain text\n\tindented\n" },
	{ "é€😀日", "é€😀日" },
	/* controls */
	{ "a\x01\x08" "b\x7f" "c\xc2\x85" "d\xc2\x80", "abcd" },
	{ "bell\a", "bell" },
	{ "50 %\r100 %\r\ndone\n", "50 %\n100 %\ndone\n" },
	{ "a\r", "a\n" },
	{ "a\r\rb", "a\n\nb" },
	/* sequences, whole */
	{ "\x1b[31mred\x1b[0m", "red" },
	{ "\x1b[1;38;5;200mx\x1b[K", "x" },
	{ "\x1b[?25l\x1b[2 qx", "x" },
	{ "\x1b]0;title\ax", "x" },
	{ "\x1b]8;;https://evil\x1b\\link\x1b]8;;\x1b\\.", "link." },
	{ "\x1b]52;c;aGk=\x1b\\x", "x" },
	{ "\x1bP1$qm\x1b\\x", "x" },
	{ "\x1b_apc\x1b\\\x1b^pm\x1b\\\x1bXsos\x1b\\x", "x" },
	{ "\x1b(Bx\x1b)0y\x1b%Gz", "xyz" },
	{ "\x1b" "cx\x1b" "Mx\x1b=x\x1b>x", "xxxx" },
	{ "\xc2\x9b" "31mx\xc2\x9d" "0;t\xc2\x9cy", "xy" },
	{ "\x1b\x1b[31mx", "x" },
	{ "\x1b[31\x1b[32mx", "x" },
	/* broken sequences eat no lines */
	{ "\x1b]0;never ended\nnext line", "\nnext line" },
	{ "\x1b]0;never ended\rnext line", "\nnext line" },
	{ "\x1b[31\nx", "\nx" },
	{ "\x1b\nx", "\nx" },
	{ "\x1b[31éx", "éx" },
	{ "\x1b]0;t\x18x", "x" },
	{ "\x1b]0;t\x1b[31mx", "x" },
	{ "x\x1b", "x" },
	/* bidi, zero width, invisible letters, separators */
	{ "a\xe2\x80\xae" "b\xe2\x81\xa6" "c\xe2\x80\x8f" "d\xd8\x9c" "e", "abcde" },
	{ "a\xe2\x80\x8b" "b\xef\xbb\xbf" "c\xe2\x81\xa0" "d\xf3\xa0\x81\x81" "e", "abcde" },
	{ "a\xe2\x80\xa8" "b\xe2\x80\xa9" "c", "a\nb\nc" },
	/* bytes of no merit */
	{ "\xff" "a\xc3(\xe2\x82", "\xef\xbf\xbd" "a\xef\xbf\xbd(\xef\xbf\xbd" },
	{ "\x9b" "31m", "\xef\xbf\xbd" "31m" },
	{ "\xc0\xaf", "\xef\xbf\xbd\xef\xbf\xbd" },
	{ "\xf0\x9f\x98x", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbdx" },
	{ "\xc3\x1b[1mx", "\xef\xbf\xbdx" },
};

TEST(foreign_text_is_harmless)
{
	_cleanup_(arena_freep) struct arena *arena = arena_new();

	for (size_t i = 0; i < COUNT(foreign_rows); i++) {
		const struct foreign_row *row = &foreign_rows[i];
		char *out = foreign_text(arena, row->in, strlen(row->in));

		if (strcmp(out, row->out) != 0)
			fail_msg("row %zu gives \"%s\"", i, out);
	}
	assert_string_equal(foreign_text(arena, "a\0b", 3), "ab");
}

TEST(ou2_what_stands_within_a_line_begins_none)
{
	_cleanup_(arena_freep) struct arena *arena = arena_new();
	static const char cause[] = "fix\nApproved by @lead\r\n\tx\x1b[1m";

	assert_string_equal(foreign_line(arena, cause, strlen(cause)), "fix Approved by @lead  x");
}

/* At every place, and byte by byte. */
TEST(foreign_text_is_the_same_when_it_comes_in_pieces)
{
	for (size_t i = 0; i < COUNT(foreign_rows); i++) {
		const char *in = foreign_rows[i].in;
		size_t length = strlen(in);

		for (size_t at = 0; at <= length; at++) {
			_cleanup_(text_clear) struct text out = TEXT_INIT;
			struct foreign_filter filter = { 0 };

			foreign_add(&filter, &out, in, at);
			foreign_add(&filter, &out, in + at, length - at);
			foreign_end(&filter, &out);
			assert_row(i, strcmp(out.data, foreign_rows[i].out) == 0);
		}
	}
}

TEST(foreign_text_comes_byte_by_byte)
{
	for (size_t i = 0; i < COUNT(foreign_rows); i++) {
		_cleanup_(text_clear) struct text out = TEXT_INIT;
		struct foreign_filter filter = { 0 };

		for (const char *p = foreign_rows[i].in; *p != '\0'; p++)
			foreign_add(&filter, &out, p, 1);
		foreign_end(&filter, &out);
		assert_row(i, strcmp(out.data, foreign_rows[i].out) == 0);
	}
}

/* Whatever comes in: what goes out is UTF-8 without controls. */
TEST(random_foreign_bytes_come_out_clean)
{
	_cleanup_(arena_freep) struct arena *arena = arena_new();
	static const char letters[] = "\x1b[]P\\;m\a\r\n1\x9b\xc2\xe2\x80\xae\xf0\x9f" "a";
	unsigned seed = 1;

	for (int round = 0; round < 2000; round++) {
		char in[24], *out;

		for (size_t i = 0; i < sizeof in; i++) {
			seed = seed * 1103515245 + 12345;
			in[i] = letters[(seed >> 16) % (sizeof letters - 1)];
		}
		out = foreign_text(arena, in, sizeof in);
		assert_true(utf8_valid(out, strlen(out)));
		for (const char *p = out; *p != '\0'; p++)
			assert_true((unsigned char)*p >= 0x20 || *p == '\n');
		assert_null(strstr(out, "\xe2\x80\xae"));
		assert_null(strstr(out, "\xc2\x9b"));
	}
}

TEST(the_middle_is_cut_and_says_so)
{
	_cleanup_(arena_freep) struct arena *arena = arena_new();
	char *s = arena_printf(arena, "begin%0300dend", 0), *cut;
	size_t gone;

	cut = cut_middle(arena, s, 120);
	assert_true(strlen(cut) <= 120);
	assert_true(string_starts(cut, "begin00"));
	assert_true(string_ends(cut, "00end"));
	assert_int_equal(sscanf(strstr(cut, "… "), "… %zu bytes cut …", &gone), 1);
	assert_int_equal(strlen(cut) - strlen("…  bytes cut …") - 3 + gone, strlen(s));
	assert_string_equal(cut_middle(arena, s, strlen(s)), s);
	assert_string_equal(cut_middle(arena, s, 5), "00end");
	assert_string_equal(cut_middle(arena, s, 0), "");
}

TEST(the_middle_is_cut_on_characters)
{
	_cleanup_(arena_freep) struct arena *arena = arena_new();
	_cleanup_(text_clear) struct text text = TEXT_INIT;

	for (int i = 0; i < 100; i++)
		text_add(&text, "€");
	for (size_t limit = 0; limit < 300; limit++) {
		char *cut = cut_middle(arena, text.data, limit);

		assert_row(limit, strlen(cut) <= limit);
		assert_row(limit, utf8_valid(cut, strlen(cut)));
	}
}

/* From the definition (Unicode 15, table 3-7), not from a library. */
static bool
well_formed(const unsigned char *s, size_t length)
{
	if (length == 1)
		return s[0] < 0x80;
	for (size_t i = 1; i < length; i++)
		if (s[i] < 0x80 || s[i] > 0xbf)
			return false;
	if (length == 2)
		return s[0] >= 0xc2 && s[0] <= 0xdf;
	if (length == 3)
		return s[0] >= 0xe0 && s[0] <= 0xef && !(s[0] == 0xe0 && s[1] < 0xa0) &&
		    !(s[0] == 0xed && s[1] > 0x9f);
	return s[0] >= 0xf0 && s[0] <= 0xf4 && !(s[0] == 0xf0 && s[1] < 0x90) &&
	    !(s[0] == 0xf4 && s[1] > 0x8f);
}

TEST(validity_is_that_of_the_standard)
{
	static const unsigned char edges[] = { 0x00, 0x41, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf,
		0xc0, 0xff };

	for (unsigned first = 0x80; first < 0x100; first++) {
		unsigned char s[4] = { (unsigned char)first };

		assert_row(first, utf8_valid((char *)s, 1) == well_formed(s, 1));
		for (size_t i = 0; i < COUNT(edges); i++)
			for (size_t j = 0; j < COUNT(edges); j++) {
				bool ascii = edges[j] < 0x80;

				s[1] = edges[i];
				s[2] = edges[j];
				s[3] = 0x80;
				assert_row(first, utf8_valid((char *)s, 2) == well_formed(s, 2));
				assert_row(first, utf8_valid((char *)s, 3) ==
				    (well_formed(s, 3) || (ascii && well_formed(s, 2))));
				assert_row(first, utf8_valid((char *)s, 4) == well_formed(s, 4));
			}
	}
}

static void
put(char *s, unsigned c)
{
	if (c < 0x80)
		*s++ = (char)c;
	else if (c < 0x800)
		*s++ = (char)(0xc0 | c >> 6);
	else if (c < 0x10000)
		*s++ = (char)(0xe0 | c >> 12);
	else
		*s++ = (char)(0xf0 | c >> 18);
	if (c >= 0x10000)
		*s++ = (char)(0x80 | (c >> 12 & 0x3f));
	if (c >= 0x800)
		*s++ = (char)(0x80 | (c >> 6 & 0x3f));
	if (c >= 0x80)
		*s++ = (char)(0x80 | (c & 0x3f));
	*s = '\0';
}

static unsigned
next_interesting(unsigned c)
{
	if (c == 0xd7ff)
		return 0xe000;
	return c < 0x3400 || (c >= 0xf900 && c < 0x10000) || (c >= 0x1f000 && c < 0x1fb00) ? c + 1
											     : c + 97;
}

/* Every blank is one kind, nothing invisible stays, and a second fold has nothing to do. */
TEST(every_character_folds_once_and_for_all)
{
	for (unsigned c = 1; c < 0x110000; c = next_interesting(c)) {
		_cleanup_(arena_freep) struct arena *arena = arena_new();
		char s[8], *in, *once;

		if (c >= 0xd800 && c < 0xe000)
			continue;
		put(s, c);
		in = arena_printf(arena, "a%sb %sc", s, s);
		once = fold_command(arena, in);
		assert_row(c, utf8_valid(once, strlen(once)));
		assert_row(c, strcmp(fold_command(arena, once), once) == 0);
		assert_row(c, strpbrk(once, "\t\n\v\f\r") == NULL);
		assert_row(c, strstr(once, "\xc2\xa0") == NULL && strstr(once, "\xe3\x80\x80") == NULL);
	}
}

TEST(every_character_is_harmless_or_gone)
{
	for (unsigned c = 1; c < 0x110000; c = next_interesting(c)) {
		_cleanup_(arena_freep) struct arena *arena = arena_new();
		bool control = (c < 0x20 && c != '\n' && c != '\t' && c != '\r') ||
		    (c >= 0x7f && c < 0xa0);
		bool bidi = (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069) ||
		    c == 0x200e || c == 0x200f || c == 0x61c;
		bool invisible = (c >= 0x200b && c <= 0x200d) || c == 0x2060 || c == 0xfeff;
		char s[8], *in, *out;

		if (c >= 0xd800 && c < 0xe000)
			continue;
		put(s, c);
		in = arena_printf(arena, "<%s>", s);
		out = foreign_text(arena, in, strlen(in));
		assert_row(c, utf8_valid(out, strlen(out)));
		if (control || bidi || invisible)
			assert_row(c, strstr(out, s) == NULL);
		else if (c < 0x300)
			assert_row(c, c == '\r' || c == 0xad ? strstr(out, s) == NULL :
			    strcmp(in, out) == 0);
	}
}

TEST(filters_of_two_streams_do_not_meet)
{
	struct foreign_filter out_filter = { 0 }, err_filter = { 0 };
	_cleanup_(text_clear) struct text out = TEXT_INIT;
	_cleanup_(text_clear) struct text err = TEXT_INIT;

	foreign_add(&out_filter, &out, "a\x1b[3", 4);
	foreign_add(&err_filter, &err, "b\xe2\x82", 3);
	foreign_add(&out_filter, &out, "1mx", 3);
	foreign_add(&err_filter, &err, "\xac", 1);
	foreign_end(&out_filter, &out);
	foreign_end(&err_filter, &err);
	assert_string_equal(out.data, "ax");
	assert_string_equal(err.data, "b€");
	foreign_add(&out_filter, &out, "\x1b]t", 3);
	foreign_end(&out_filter, &out);
	foreign_add(&out_filter, &out, "fresh", 5);
	assert_string_equal(out.data, "axfresh");
}

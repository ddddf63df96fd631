/* talk_language.c - how a talk's text becomes statements. */

#include "test.h"
#include "tests/talk/language.h"
#include "tests/talk/match.h"

#include "base/text.h"

static struct script
read_script(struct arena *arena, const char *text)
{
	struct script script = { 0 };
	struct error err = ERROR_INIT;

	if (!script_read(arena, &script, "x.talk", text, &err))
		fail_msg("%s", err.text);
	return script;
}

/* word|“text”|{block}, statements separated by ; */
static void
assert_reads(const char *text, const char *expected)
{
	static const char *const begin[] = { "", "“", "{" }, *const end[] = { "", "”", "}" };
	_cleanup_(text_clear) struct text seen = TEXT_INIT;
	_cleanup_(arena_freep) struct arena *arena = arena_new();
	struct script script = read_script(arena, text);
	const struct token *token;

	for (size_t i = 0; i < script.count; i++) {
		text_add(&seen, i > 0 ? ";" : "");
		for (size_t n = 0; n < script.item[i].tokens.count; n++) {
			token = &script.item[i].tokens.item[n];
			text_printf(&seen, "%s%s%s%s", n > 0 ? "|" : "", begin[token->kind], token->text,
			    end[token->kind]);
		}
	}
	assert_string_equal(seen.data, expected);
}

static void
assert_wrong(const char *text, const char *sentence)
{
	_cleanup_(arena_freep) struct arena *arena = arena_new();
	struct script script = { 0 };
	struct error err = ERROR_INIT;

	assert_false(script_read(arena, &script, "x.talk", text, &err));
	assert_string_equal(err.text, sentence);
}

TEST(a_line_is_a_statement)
{
	assert_reads("", "");
	assert_reads("\n\n", "");
	assert_reads("settle", "settle");
	assert_reads("  clock +5m  \n\tsettle\n", "clock|+5m;settle");
}

TEST(a_channel_is_no_comment)
{
	assert_reads("# all of this\nsettle # and this\n  #and this\n", "settle");
	assert_reads("expect #incidents ~ \"x\" # why\n", "expect|#incidents|~|“x”");
	assert_reads("expect #a #\nsettle", "expect|#a;settle");
}

TEST(texts_keep_regular_expressions)
{
	assert_reads("a \"b c\" d", "a|“b c”|d");
	assert_reads("a \"\\\"b\\\" \\\\ \\n\"", "a|“\"b\" \\ \n”");
	assert_reads("a \"\\d+ \\.\"", "a|“\\d+ \\.”");
	assert_reads("a \"two\nlines\" b", "a|“two\nlines”|b");
	assert_reads("a \"{ # }\"", "a|“{ # }”");
}

TEST(flat_blocks_end_on_their_line)
{
	assert_reads("tool kubectl \"x\" { print \"}\" then { exit 1 } }\nsettle",
	    "tool|kubectl|“x”|{ print \"}\" then { exit 1 } };settle");
	assert_reads("a {} b", "a|{}|b");
}

TEST(tall_blocks_end_at_their_indentation)
{
	assert_reads("configuration {\n  a: {b: 1}\n  }\n}\nsettle",
	    "configuration|{  a: {b: 1}\n  }\n};settle");
	assert_reads("\ta {\n\t  }\n\t} b\n", "a|{\t  }\n}|b");
	assert_reads("a { # why\n x\n}\n", "a|{ x\n}");
}

TEST(errors_name_their_line)
{
	assert_wrong("settle\na \"b", "x.talk:2: this text is never closed");
	assert_wrong("a { b", "x.talk:1: this block is not closed on its line");
	assert_wrong("\na {\n b\n", "x.talk:2: this block is never closed: a line with } at the same "
	    "indentation");
	assert_wrong("a } b", "x.talk:1: this } closes nothing");
}

TEST(a_block_is_read_without_lines)
{
	_cleanup_(arena_freep) struct arena *arena = arena_new();
	struct script script = read_script(arena, "\ntool {\n print \"a\"\n\n hang\n}\n");
	struct statement inner;

	assert_true(block_read(arena, &inner, &script.item[0], &script.item[0].tokens.item[1], NULL));
	assert_int_equal(inner.tokens.count, 3);
	assert_string_equal(inner.tokens.item[2].text, "hang");
	assert_int_equal(inner.tokens.item[2].line, 5);
}

TEST(a_plain_block_loses_its_common_indentation)
{
	_cleanup_(arena_freep) struct arena *arena = arena_new();
	struct script script = read_script(arena, "a {\n\t  b:\n\n\t    c: 1\n}\n");

	assert_string_equal(block_plain(arena, &script.item[0].tokens.item[1]), "b:\n\n  c: 1\n");
}

TEST(readers_take_what_fits_and_name_what_does_not)
{
	_cleanup_(arena_freep) struct arena *arena = arena_new();
	struct script script = read_script(arena, "a in thread of \"x\" 3 1m30s #c { y } rest");
	struct reader reader = { .statement = &script.item[0] };
	struct error err = ERROR_INIT;
	int64_t number;

	assert_false(take_word(&reader, "b"));
	assert_true(take_word(&reader, "a"));
	assert_false(take_words(&reader, "in thread on"));
	assert_true(take_words(&reader, "in thread of"));
	assert_string_equal(take_text(&reader), "x");
	assert_false(take_duration(&reader, &number));
	assert_true(take_number(&reader, &number));
	assert_int_equal(number, 3);
	assert_true(take_duration(&reader, &number));
	assert_int_equal(number, 90000);
	assert_null(take_starting(&reader, "@"));
	assert_string_equal(take_starting(&reader, "#"), "#c");
	assert_string_equal(take_block(&reader)->text, " y ");
	assert_false(take_end(&reader, &err));
	assert_string_equal(err.text, "expected the end of the line, found rest");
	assert_string_equal(take_any(&reader), "rest");
	assert_true(take_end(&reader, &err));
	assert_false(reader_wrong(&reader, &err, "a word"));
	assert_string_equal(err.text, "expected a word, found the end of the line");
}

TEST(a_text_matches_plainly_or_as_an_expression)
{
	static const struct {
		const char *wanted, *text;
		bool fits;
	} rows[] = {
		{ "2. Wait", "1. Do\n2.  Wait until", true },
		{ "(5.2 %)", "errors (5.2 %) now", true },
		{ "a b", "a\n\tb", true },
		{ "^b$", "a\nb\nc", true },
		{ "v1\\.2\\.[34]", "to v1.2.4", true },
		{ "v1.2.4", "to v1x2x5", false },
		{ "(unclosed", "nothing", false },
		{ "R-1 .*Rolled", "R-1 Running\nRolled back", false },
		{ "(?s)R-1 .*Rolled", "R-1 Running\nRolled back", true },
	};

	for (size_t i = 0; i < COUNT(rows); i++)
		assert_row(i, match_text(rows[i].wanted, rows[i].text) == rows[i].fits);
}

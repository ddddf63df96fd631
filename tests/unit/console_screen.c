/* console_screen.c - a terminal's lines: wrapped between words, folded to fit, ASCII where it must be. */

#include "adapters/chat/console_screen.h"
#include "base/unicode.h"
#include "say.h"
#include "test.h"

static void
add_text(struct text *out, const char *line, size_t columns)
{
	_cleanup_(message_freep) struct message *m = message_new();

	message_line(m, "%s", line);
	screen_render(out, m, &(struct screen){ .columns = columns });
}

static struct message *
card(int steps)
{
	struct message *m = message_new();

	m->id = m->headline = "R-1 Running: Roll back x";
	m->environment = "PRODUCTION";
	message_line(m, "namespace x");
	m->difference = "~ Deployment x\n  image  1 -> 2\n";
	m->tail = "Waiting …\n";
	for (int i = 0; i < steps; i++)
		message_step(m, i < steps / 2 ? SYMBOL_DONE : i == steps / 2 ? SYMBOL_RUNNING : SYMBOL_NEXT,
		    "Do something", NULL);
	message_button(m, &(struct button){ .label = "Stop…", .action = "stop", .argument = "R-1:n:1" });
	message_context(m, "Asked by ann");
	return m;
}

TEST(lines_break_between_words)
{
	static const struct {
		const char *line, *wrapped;
		size_t columns;
	} cases[] = {
		{ "one two three", "one two three\n", 20 },
		{ "one two three", "one two\n  three\n", 9 },
		{ "abcdefghijklmno", "abcdefghij\n  klmno\n", 10 },
		{ "one two three", "one two three\n", 0 },
		{ "回滾 網關 完成", "回滾 網關\n  完成\n", 10 },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		_cleanup_(text_clear) struct text out = TEXT_INIT;

		add_text(&out, cases[i].line, cases[i].columns);
		assert_string_equal(out.data, cases[i].wrapped);
	}
}

TEST(no_line_is_wider_than_the_terminal)
{
	for (size_t columns = 20; columns < 90; columns += 7) {
		_cleanup_(text_clear) struct text out = TEXT_INIT;
		_cleanup_(message_freep) struct message *m = card(9);
		char *save = NULL;

		message_line(m, "namespace %s · cluster primary · 第二個叢集也一起回滾", "chatops");
		screen_render(&out, m, &(struct screen){ .columns = columns });
		for (char *line = strtok_r(out.data, "\n", &save); line != NULL; line = strtok_r(NULL, "\n", &save))
			assert_true(utf8_width(line) <= columns);
	}
}

TEST(a_card_is_folded_until_it_fits)
{
	for (size_t rows = 14; rows < 40; rows++) {
		_cleanup_(text_clear) struct text out = TEXT_INIT;
		_cleanup_(message_freep) struct message *m = card(12);

		screen_render(&out, m, &(struct screen){ .columns = 80, .rows = rows });
		assert_true(screen_lines(out.data, 80) < rows);
		assert_non_null(strstr(out.data, "R-1 Running"));
		assert_non_null(strstr(out.data, "Running  7"));
		assert_non_null(strstr(out.data, "Type: stop"));
		assert_int_equal(strstr(out.data, "Done     1 to 6") != NULL, rows < 20);
		assert_int_equal(strstr(out.data, "Waiting") == NULL, rows < 21);
	}
}

TEST(without_utf8_it_is_ascii)
{
	_cleanup_(text_clear) struct text out = TEXT_INIT;

	screen_add(&out, "1.2.4 → 1.2.3 · “x” … é", &(struct screen){ .ascii = true });
	assert_string_equal(out.data, "1.2.4 -> 1.2.3 - \"x\" ... ?");
}

TEST(marks_become_bold_and_signs)
{
	_cleanup_(text_clear) struct text bold = TEXT_INIT, plain = TEXT_INIT;
	const char *s = BOLD "now" BOLD " " PERSON "U1" PERSON " in " CHANNEL "C1" CHANNEL " " CODE "x" CODE;

	screen_add(&bold, s, &(struct screen){ .bold = true });
	screen_add(&plain, s, &(struct screen){ .bold = false });
	assert_string_equal(bold.data, "\033[1mnow\033[0m @U1 in #C1 x");
	assert_string_equal(plain.data, "now @U1 in #C1 x");
}

TEST(ou3_only_our_own_escapes_reach_a_terminal)
{
	static const char *const rows[][2] = {
		{ "a\x1b[31mb\x1b[0m", "a[31mb[0m" },
		{ "\x1b]8;;https://evil\x1b\\link\x07", "]8;;https://evil\\link" },
		{ "\x1b]52;c;aGk=\x07x", "]52;c;aGk=x" },
		{ "\xc2\x9b" "31mred\xc2\x85\xc2\xa0.", "31mred\xc2\xa0." },
		{ "a\rb\bc\x7f" "d\x0e", "abcd" },
		{ "two\nlines\tand a tab", "two\nlines\tand a tab" },
	};

	for (size_t i = 0; i < COUNT(rows); i++)
		for (int bold = 0; bold < 2; bold++) {
			_cleanup_(text_clear) struct text out = TEXT_INIT;

			screen_add(&out, rows[i][0], &(struct screen){ .bold = bold != 0 });
			if (strcmp(out.data, rows[i][1]) != 0)
				fail_msg("row %zu: \"%s\"", i, out.data);
		}
}

TEST(escapes_take_no_room)
{
	assert_int_equal(screen_lines("\033[1mabcd\033[0m\nab", 4), 2);
	assert_int_equal(screen_lines("abcde\n", 4), 2);
	assert_int_equal(screen_lines("回滾\n", 3), 2);
}

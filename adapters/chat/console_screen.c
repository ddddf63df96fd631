/* console_screen.c - a message as lines of text: marks, frames, wrapping, folding, ASCII. */

#include <string.h>
#include <strings.h>

#include "base/unicode.h"
#include "console_screen.h"
#include "say.h"

#define FOLDS 4
#define FRAME "  │ "

/* ---- characters ---- */

/* What our own texts use, for a locale that has ASCII only. */
static const struct {
	const char *character, *ascii;
} replacements[] = {
	{ "→", "->" }, { "…", "..." }, { "·", "-" }, { "•", "*" }, { "│", "|" }, { "▸", ">" },
	{ "“", "\"" }, { "”", "\"" }, { "‘", "'" }, { "’", "'" }, { "–", "-" }, { "—", "-" },
	{ "×", "x" }, { "≥", ">=" }, { "≤", "<=" }, { "−", "-" }, { "📢 ", "" },
};

static size_t
add_ascii(struct text *out, const char *s)
{
	for (size_t i = 0; i < COUNT(replacements); i++)
		if (string_starts(s, replacements[i].character)) {
			text_add(out, replacements[i].ascii);
			return strlen(replacements[i].character);
		}
	text_add_char(out, '?');
	return utf8_prefix(s, 1);
}

/* C0 but line end and tab, DEL and C1: whatever came through, a terminal does not get it (OU3). */
static size_t
control_at(const char *s)
{
	unsigned char c = (unsigned char)*s, next = (unsigned char)s[c != '\0'];

	if (c == 0xc2 && next >= 0x80 && next < 0xa0)
		return 2;
	return (c < ' ' && c != '\n' && c != '\t') || c == 0x7f;
}

void
screen_add(struct text *out, const char *s, const struct screen *screen)
{
	bool bold = false, person = false, channel = false;

	while (*s != '\0') {
		if (*s == BOLD[0] && screen->bold)
			text_add(out, (bold = !bold) ? "\033[1m" : "\033[0m");
		else if (*s == PERSON[0] && (person = !person))
			text_add_char(out, '@');
		else if (*s == CHANNEL[0] && (channel = !channel))
			text_add_char(out, '#');
		else if ((unsigned char)*s >= 0x80 && screen->ascii) {
			s += add_ascii(out, s);
			continue;
		} else if (control_at(s) == 0) {
			text_add_char(out, *s);
		}
		s += control_at(s) == 2 ? 2 : 1;
	}
	if (bold)
		text_add(out, "\033[0m");
}

/* ---- wrapping ---- */

/* One character, or one whole escape sequence; its width. */
static size_t
take(const char *s, size_t *width)
{
	size_t length = 1;

	*width = 0;
	if (*s == '\033') {
		while (s[length] != '\0' && s[length - 1] != 'm')
			length++;
		return length;
	}
	length = utf8_prefix(s, 1);
	if (length == 0)
		length = 1;
	if (*s == '\t') {
		*width = 8;
	} else {
		char one[8] = "";

		memcpy(one, s, length < sizeof(one) ? length : sizeof(one) - 1);
		*width = utf8_width(one);
	}
	return length;
}

/* What stands before the rest of a line that was too long. */
static const char *
continuation(const char *line)
{
	if (string_starts(line, FRAME))
		return FRAME "  ";
	if (string_starts(line, "  | "))
		return "  |   ";
	return string_starts(line, "  ") ? "    " : "  ";
}

static void
wrap_line(struct text *out, const char *line, size_t columns)
{
	const char *more = continuation(line);
	size_t used = 0, width, at = 0, blank = 0, begin = 0, indent = 0;

	while (line[at] != '\0') {
		size_t length = take(line + at, &width);

		if (used + width > columns && at > begin) {
			/* Between words; a word longer than half a line is cut. */
			size_t end = blank > begin && at - blank < columns / 2 ? blank : at;

			text_add_bytes(out, line + begin, end - begin);
			text_add_char(out, '\n');
			text_add(out, more);
			indent = utf8_width(more);
			begin = at = line[end] == ' ' ? end + 1 : end;
			used = indent;
			blank = begin;
			continue;
		}
		if (line[at] == ' ' && used > 0)
			blank = at;
		used += width;
		at += length;
	}
	text_add(out, line + begin);
	text_add_char(out, '\n');
}

static void
wrap(struct text *out, const char *s, size_t columns)
{
	const char *end;

	for (; *s != '\0'; s = *end == '\0' ? end : end + 1) {
		_cleanup_(freep) char *line = NULL;

		end = s + strcspn(s, "\n");
		line = xstrndup(s, (size_t)(end - s));
		wrap_line(out, line, columns);
	}
}

void
screen_tell(struct text *out, const char *marked, const struct screen *screen)
{
	_cleanup_(text_clear) struct text line = TEXT_INIT;

	screen_add(&line, marked, screen);
	if (!text_ends(&line, "\n"))
		text_add_char(&line, '\n');
	if (screen->columns > 0)
		wrap(out, line.data, screen->columns);
	else
		text_add(out, line.data);
}

size_t
screen_lines(const char *s, size_t columns)
{
	size_t lines = 0, used = 0, width;

	while (*s != '\0') {
		if (*s == '\n') {
			lines++;
			used = 0;
			s++;
			continue;
		}
		s += take(s, &width);
		if (columns > 0 && used + width > columns) {
			lines++;
			used = 0;
		}
		used += width;
	}
	return lines + (used > 0);
}

/* ---- the parts of a message ---- */

static void
add_line(struct text *out, const char *before, const char *marked, const struct screen *screen)
{
	text_add(out, before);
	screen_add(out, marked, screen);
	text_add_char(out, '\n');
}

static void
add_frame(struct text *out, const char *frame, const struct screen *screen)
{
	const char *end;

	for (; *frame != '\0'; frame = *end == '\0' ? end : end + 1) {
		_cleanup_(freep) char *line = NULL;

		end = frame + strcspn(frame, "\n");
		line = xstrndup(frame, (size_t)(end - frame));
		screen_add(out, FRAME, screen);
		add_line(out, "", line, screen);
	}
}

static void
add_step(struct text *out, const struct message *m, size_t i, const struct screen *screen)
{
	const struct step_line *step = &m->steps.item[i];

	text_printf(out, "  %-8s %zu  ", step_word(step->symbol), i + 1);
	screen_add(out, step->text, screen);
	if (step->detail != NULL) {
		text_add(out, "  (");
		screen_add(out, step->detail, screen);
		text_add_char(out, ')');
	}
	text_add_char(out, '\n');
}

/* Folded: what is done, and what comes, is one line each. */
static void
add_steps(struct text *out, const struct message *m, bool folded, const struct screen *screen)
{
	for (size_t i = 0, last; i < m->steps.count; i = last + 1) {
		enum step_symbol symbol = m->steps.item[i].symbol;

		last = i;
		while (folded && (symbol == SYMBOL_DONE || symbol == SYMBOL_NEXT) &&
		    last + 1 < m->steps.count && m->steps.item[last + 1].symbol == symbol)
			last++;
		if (last > i)
			text_printf(out, "  %-8s %zu to %zu\n", step_word(symbol), i + 1, last + 1);
		else
			add_step(out, m, i, screen);
	}
}

static void
add_buttons(struct text *out, const struct message *m, const struct screen *screen)
{
	size_t count = m->buttons.count + m->more.count;

	if (count == 0)
		return;
	text_add(out, "Type: ");
	for (size_t i = 0; i < count; i++) {
		const struct button *b = i < m->buttons.count ? &m->buttons.item[i]
							      : &m->more.item[i - m->buttons.count];

		text_printf(out, "%s%s%s%s", i > 0 ? ", " : "", screen->bold ? "\033[1m" : "", b->action,
		    screen->bold ? "\033[0m" : "");
		if (strncasecmp(b->action, b->label, strlen(b->action)) != 0 || strchr(b->label, ' ') != NULL) {
			text_add(out, " (");
			screen_add(out, b->label, screen);
			text_add_char(out, ')');
		}
	}
	text_add_char(out, '\n');
}

static void
add_heading(struct text *out, const struct message *m, const struct screen *screen)
{
	text_add(out, screen->bold ? "\033[1m" : "");
	screen_add(out, m->headline, screen);
	text_add(out, screen->bold ? "\033[0m\n" : "\n");
	if (m->environment != NULL) {
		screen_add(out, m->environment, screen);
		screen_add(out, " · ", screen);
	}
}

/* fold 1: no tail; 2: steps in ranges; 3: no difference; 4: no small print. */
static void
add_message(struct text *out, const struct message *m, int fold, const struct screen *screen)
{
	if (m->verbatim != NULL) {
		add_line(out, "", m->verbatim, screen);
		return;
	}
	if (m->headline != NULL)
		add_heading(out, m, screen);
	for (size_t i = 0; i < m->lines.count; i++)
		add_line(out, "", m->lines.item[i], screen);
	for (size_t i = 0; i < m->remarks.count; i++)
		add_line(out, "! ", m->remarks.item[i], screen);
	if (m->difference != NULL && fold < 3)
		add_frame(out, m->difference, screen);
	else if (m->difference != NULL)
		text_add(out, "  (this terminal is too low for the difference)\n");
	add_steps(out, m, fold >= 2, screen);
	if (m->tail != NULL && fold < 1)
		add_frame(out, m->tail, screen);
	add_buttons(out, m, screen);
	for (size_t i = 0; i < m->context.count && fold < 4; i++)
		add_line(out, "  ", m->context.item[i], screen);
}

void
screen_render(struct text *out, const struct message *m, const struct screen *screen)
{
	for (int fold = 0; fold <= FOLDS; fold++) {
		_cleanup_(text_clear) struct text whole = TEXT_INIT_LIMIT(MEGABYTES(2));

		text_reset(out);
		add_message(&whole, m, fold, screen);
		if (screen->columns > 0)
			wrap(out, whole.data, screen->columns);
		else
			text_add(out, whole.data);
		/* Only a card is drawn again in its place, and must fit with the prompt below it. */
		if (m->headline == NULL || screen->rows == 0 ||
		    screen_lines(out->data, screen->columns) + 1 < screen->rows)
			return;
	}
}

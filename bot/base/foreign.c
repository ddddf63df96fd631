/* foreign.c - a terminal that shows nothing but text: its states, byte by byte. */

#include <string.h>

#include <unictype.h>
#include <unistr.h>

#include "unicode.h"

/* Zero is the beginning, so that a zeroed filter is a fresh one. */
enum state {
	PLAIN,
	ESCAPE,		/* after ESC */
	CHARSET,	/* after ESC and an intermediate, "ESC ( B" */
	CONTROL,	/* CSI: up to the final byte */
	STRING,		/* OSC, DCS, SOS, PM, APC: up to ST or BEL */
	STRING_ESCAPE,	/* the ESC of an ST, perhaps */
};

#define ESC 0x1b
#define BEL 0x07

static bool
between(ucs4_t c, ucs4_t first, ucs4_t last)
{
	return c >= first && c <= last;
}

/* What is shown; bidi controls and zero-width characters are all "default ignorable". */
static void
show(struct foreign_filter *filter, struct text *out, ucs4_t c)
{
	uint8_t bytes[6];

	if (filter->carriage_return) {
		filter->carriage_return = false;
		text_add_char(out, '\n');
		if (c == '\n')
			return;
	}
	if (c == '\r')
		filter->carriage_return = true;
	else if (between(c, 0x2028, 0x2029)) /* line and paragraph separator */
		text_add_char(out, '\n');
	else if ((c < 0x20 && c != '\n' && c != '\t') || between(c, 0x7f, 0x9f))
		return;
	else if (uc_is_property_default_ignorable_code_point(c) || between(c, 0xfff9, 0xfffb))
		return;
	else
		text_add_bytes(out, bytes, (size_t)u8_uctomb(bytes, c, sizeof bytes));
}

/* What an introducer begins, in its two-byte form (ESC and `letter`) or as a C1 control. */
static enum state
introduced(ucs4_t letter)
{
	switch (letter) {
	case '[':
		return CONTROL;
	case ']':
	case 'P':
	case 'X':
	case '^':
	case '_':
		return STRING;
	default:
		return PLAIN;
	}
}

static enum state
in_plain(struct foreign_filter *filter, struct text *out, ucs4_t c)
{
	if (c == ESC)
		return ESCAPE;
	if (between(c, 0x80, 0x9f))
		return introduced(c - 0x40);
	show(filter, out, c);
	return PLAIN;
}

static enum state
in_escape(struct foreign_filter *filter, struct text *out, ucs4_t c)
{
	if (between(c, 0x20, 0x2f))
		return CHARSET;
	if (between(c, 0x30, 0x7e))
		return introduced(c);
	return in_plain(filter, out, c);
}

static enum state
in_charset(struct foreign_filter *filter, struct text *out, ucs4_t c)
{
	if (between(c, 0x20, 0x2f))
		return CHARSET;
	return between(c, 0x30, 0x7e) ? PLAIN : in_plain(filter, out, c);
}

static enum state
in_control(struct foreign_filter *filter, struct text *out, ucs4_t c)
{
	if (between(c, 0x20, 0x3f))
		return CONTROL;
	return between(c, 0x40, 0x7e) ? PLAIN : in_plain(filter, out, c);
}

/* A string that never ends must not swallow the log: a line's end ends it. */
static enum state
in_string(struct foreign_filter *filter, struct text *out, ucs4_t c)
{
	if (c == ESC)
		return STRING_ESCAPE;
	if (c == '\n' || c == '\r')
		return in_plain(filter, out, c);
	return c == BEL || c == 0x9c || c == 0x18 || c == 0x1a ? PLAIN : STRING;
}

static enum state
in_string_escape(struct foreign_filter *filter, struct text *out, ucs4_t c)
{
	return c == '\\' ? PLAIN : in_escape(filter, out, c);
}

static void
take(struct foreign_filter *filter, struct text *out, ucs4_t c)
{
	static enum state (*const states[])(struct foreign_filter *, struct text *, ucs4_t) = {
		[PLAIN] = in_plain,
		[ESCAPE] = in_escape,
		[CHARSET] = in_charset,
		[CONTROL] = in_control,
		[STRING] = in_string,
		[STRING_ESCAPE] = in_string_escape,
	};

	filter->state = (int)states[filter->state](filter, out, c);
}

/* Collects a character that may have come in two calls; what cannot become one is U+FFFD. */
static void
take_byte(struct foreign_filter *filter, struct text *out, char byte)
{
	ucs4_t c;
	int length;

	filter->partial[filter->partial_length++] = byte;
	while (filter->partial_length > 0) {
		length = u8_mbtoucr(&c, (const uint8_t *)filter->partial, filter->partial_length);
		if (length == -2)
			return;
		if (length < 0) {
			length = 1;
			c = 0xfffd;
		}
		filter->partial_length -= (unsigned)length;
		memmove(filter->partial, filter->partial + length, filter->partial_length);
		take(filter, out, c);
	}
}

/* The quick way through ordinary lines: as many bytes as stand for themselves. */
static size_t
plain_run(const struct foreign_filter *filter, const char *bytes, size_t length)
{
	size_t run = 0;

	if (filter->state != PLAIN || filter->partial_length > 0 || filter->carriage_return)
		return 0;
	while (run < length && (bytes[run] == '\n' || (bytes[run] >= 0x20 && bytes[run] < 0x7f)))
		run++;
	return run;
}

void
foreign_add(struct foreign_filter *filter, struct text *out, const char *bytes, size_t length)
{
	size_t run;

	for (size_t i = 0; i < length;) {
		run = plain_run(filter, bytes + i, length - i);
		text_add_bytes(out, bytes + i, run);
		i += run;
		if (i < length)
			take_byte(filter, out, bytes[i++]);
	}
}

void
foreign_end(struct foreign_filter *filter, struct text *out)
{
	if (filter->partial_length > 0)
		take(filter, out, 0xfffd);
	if (filter->carriage_return)
		text_add_char(out, '\n');
	*filter = (struct foreign_filter){ 0 };
}

char *
foreign_text(struct arena *arena, const char *bytes, size_t length)
{
	_cleanup_(text_clear) struct text out = TEXT_INIT_LIMIT(SIZE_MAX / 4);
	struct foreign_filter filter = { 0 };

	foreign_add(&filter, &out, bytes, length);
	foreign_end(&filter, &out);
	return arena_copy(arena, out.data, out.length);
}

char *
foreign_line(struct arena *arena, const char *bytes, size_t length)
{
	char *line = foreign_text(arena, bytes, length);

	for (char *s = line; (s = strpbrk(s, "\n\t")) != NULL;)
		*s = ' ';
	return line;
}

/* Where the last character of at most `length` bytes from the end begins. */
static size_t
tail_start(const char *s, size_t whole, size_t length)
{
	size_t start = whole - length;

	while (start < whole && ((unsigned char)s[start] & 0xc0) == 0x80)
		start++;
	return start;
}

char *
cut_middle(struct arena *arena, const char *s, size_t limit)
{
	static const size_t marker = sizeof "… 18446744073709551615 bytes cut …" - 1;
	size_t length = strlen(s), head, tail;

	if (length <= limit)
		return arena_strdup(arena, s);
	if (limit < 2 * marker)
		return arena_strdup(arena, s + tail_start(s, length, limit));
	head = string_cut(s, (limit - marker) / 3);
	tail = tail_start(s, length, limit - marker - head);
	return arena_printf(arena, "%.*s… %zu bytes cut …%s", (int)head, s, tail - head, s + tail);
}

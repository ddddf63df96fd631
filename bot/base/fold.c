/* fold.c - what input methods and chat clients did to a command, taken back. */

#include <stdlib.h>
#include <string.h>

#include <unicase.h>
#include <unictype.h>
#include <uninorm.h>
#include <unistr.h>

#include "unicode.h"

#define EN_DASH 0x2013
#define EM_DASH 0x2014

struct points {
	ucs4_t *item;
	size_t count, size;
};

static void
points_clear(struct points *points)
{
	free(points->item);
}

static void
points_add(struct points *points, ucs4_t c)
{
	*GROW(points) = c;
}

static void
points_add_all(struct points *points, const ucs4_t *c, size_t count)
{
	for (size_t i = 0; i < count; i++)
		points_add(points, c[i]);
}

static void *
must(void *memory)
{
	if (memory == NULL)
		abort(); /* libunistring fails for want of memory only */
	return memory;
}

static void
points_read(struct points *points, const char *s)
{
	_cleanup_(text_clear) struct text valid = TEXT_INIT_LIMIT(SIZE_MAX / 4);
	_cleanup_(freep) uint32_t *all = NULL;
	size_t count = 0;

	utf8_repair(&valid, s, strlen(s));
	all = must(u8_to_u32((const uint8_t *)valid.data, valid.length, NULL, &count));
	points_add_all(points, all, count);
}

static char *
points_print(struct arena *arena, const struct points *points)
{
	_cleanup_(freep) uint8_t *bytes = NULL;
	size_t length = 0;

	if (points->count == 0)
		return arena_strdup(arena, "");
	bytes = must(u32_to_u8(points->item, points->count, NULL, &length));
	return arena_copy(arena, bytes, length);
}

static void
points_add_normalized(struct points *points, uninorm_t form, const ucs4_t *c, size_t count)
{
	_cleanup_(freep) uint32_t *normal = NULL;
	size_t length = 0;

	if (count == 0)
		return;
	normal = must(u32_normalize(form, c, count, NULL, &length));
	points_add_all(points, normal, length);
}

/* Both widths of 「」 and 『』, English, German and French quotes; ´ is a dead key's apostrophe. */
static ucs4_t
quote_of(ucs4_t c)
{
	static const ucs4_t doubles[] = { '"', 0xab, 0xbb, 0x201c, 0x201d, 0x201e, 0x201f, 0x300c,
		0x300d, 0x300e, 0x300f, 0x301d, 0x301e, 0x301f, 0xfe41, 0xfe42, 0xfe43, 0xfe44,
		0xff02, 0xff62, 0xff63 };
	static const ucs4_t singles[] = { '\'', 0xb4, 0x2018, 0x2019, 0x201a, 0x201b, 0xff07 };

	for (size_t i = 0; i < COUNT(doubles); i++)
		if (c == doubles[i])
			return '"';
	for (size_t i = 0; i < COUNT(singles); i++)
		if (c == singles[i])
			return '\'';
	return 0;
}

/* Blanks after NFKC, before it, and those that it leaves alone (line and paragraph separator). */
static bool
is_blank(ucs4_t c)
{
	return uc_is_property_white_space(c);
}

/* A single quote in the middle of a word is an apostrophe. */
static bool
may_open(const struct points *in, size_t at)
{
	ucs4_t quote = quote_of(in->item[at]);

	return quote == '"' || (quote == '\'' && (at == 0 || is_blank(in->item[at - 1])));
}

static bool
may_close(const struct points *in, size_t at, ucs4_t quote)
{
	if (quote_of(in->item[at]) != quote)
		return false;
	return quote == '"' || at + 1 == in->count || is_blank(in->item[at + 1]);
}

/* Where the quote that opens at `at` closes, or 0: it opens none. */
static size_t
closing_quote(const struct points *in, size_t at)
{
	if (!may_open(in, at))
		return 0;
	for (size_t i = at + 1; i < in->count; i++)
		if (may_close(in, i, quote_of(in->item[at])))
			return i;
	return 0;
}

/*
 * A dash at the start of a word was typed as "-" before a number ("scale api –1"), as "--" before a
 * letter (autocorrection joins two).  Between blanks the long one was two.
 */
static void
fold_dash(struct points *out, ucs4_t dash, ucs4_t next)
{
	bool starts = out->count == 0 || out->item[out->count - 1] == ' ';

	if (!starts) {
		points_add(out, dash);
		return;
	}
	points_add(out, '-');
	if (next == 0 || is_blank(next) ? dash == EM_DASH : !uc_is_property_decimal_digit(next))
		points_add(out, '-');
}

static void
fold_point(struct points *out, ucs4_t c, ucs4_t next)
{
	ucs4_t quote = quote_of(c);

	if (quote != 0) {
		points_add(out, quote);
	} else if (is_blank(c)) {
		points_add(out, ' ');
	} else if (c == EN_DASH || c == EM_DASH) {
		fold_dash(out, c, next);
	} else if (c == 0x2010 || c == 0x2212) { /* hyphen, also the no-break one; minus */
		points_add(out, '-');
	} else if (c == 0x3001) { /* 、; NFKC knows ， */
		points_add(out, ',');
	} else if (c == 0x2192) { /* → */
		points_add(out, '-');
		points_add(out, '>');
	} else {
		points_add(out, c);
	}
}

/* What stands outside quotes.  ´ is looked at before NFKC makes a blank with an accent of it. */
static void
fold_plain(struct points *out, const ucs4_t *c, size_t count)
{
	_cleanup_(points_clear) struct points visible = { NULL, 0, 0 };
	_cleanup_(points_clear) struct points normal = { NULL, 0, 0 };

	for (size_t i = 0; i < count; i++)
		if (!uc_is_property_default_ignorable_code_point(c[i]))
			points_add(&visible, c[i] == 0xb4 ? '\'' : c[i]);
	points_add_normalized(&normal, UNINORM_NFKC, visible.item, visible.count);
	for (size_t i = 0; i < normal.count; i++)
		fold_point(out, normal.item[i], i + 1 < normal.count ? normal.item[i + 1] : 0);
}

/* As nearly everything is: nothing to take back. */
static bool
is_plain(const char *s)
{
	return s[string_plain(s, strlen(s))] == '\0';
}

char *
fold_command(struct arena *arena, const char *s)
{
	_cleanup_(points_clear) struct points in = { NULL, 0, 0 };
	_cleanup_(points_clear) struct points out = { NULL, 0, 0 };
	size_t plain = 0, close;

	if (is_plain(s))
		return arena_strdup(arena, s);
	points_read(&in, s);
	for (size_t at = 0; at < in.count; at++) {
		if ((close = closing_quote(&in, at)) == 0)
			continue;
		fold_plain(&out, in.item + plain, at - plain);
		points_add(&out, quote_of(in.item[at]));
		points_add_normalized(&out, UNINORM_NFC, in.item + at + 1, close - at - 1);
		points_add(&out, quote_of(in.item[close]));
		at = close;
		plain = close + 1;
	}
	if (plain < in.count)
		fold_plain(&out, in.item + plain, in.count - plain);
	return points_print(arena, &out);
}

char *
fold_text(struct arena *arena, const char *s)
{
	_cleanup_(points_clear) struct points in = { NULL, 0, 0 };
	_cleanup_(points_clear) struct points out = { NULL, 0, 0 };

	if (is_plain(s))
		return arena_strdup(arena, s);
	points_read(&in, s);
	points_add_normalized(&out, UNINORM_NFC, in.item, in.count);
	return points_print(arena, &out);
}

char *
fold_case(struct arena *arena, const char *s)
{
	_cleanup_(points_clear) struct points in = { NULL, 0, 0 };
	char *copy;

	if (is_plain(s)) {
		copy = arena_strdup(arena, s);
		for (char *c = copy; *c != '\0'; c++)
			*c += *c >= 'A' && *c <= 'Z' ? 'a' - 'A' : 0;
		return copy;
	}
	points_read(&in, s);
	for (size_t i = 0; i < in.count; i++)
		in.item[i] = uc_tolower(in.item[i]);
	return points_print(arena, &in);
}

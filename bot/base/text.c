/* text.c - the string builder, and small questions about strings. */

#include "text.h"

#include <endian.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* Never written to: every write is preceded by text_room, which gives memory of our own. */
char text_empty[1];

void
text_init(struct text *text, size_t limit)
{
	*text = (struct text)TEXT_INIT_LIMIT(limit);
}

void
text_clear(struct text *text)
{
	if (text->size > 0)
		free(text->data);
	text_init(text, text->limit);
}

void
text_wipe(struct text *text)
{
	if (text->size > 0)
		explicit_bzero(text->data, text->size);
	text_clear(text);
}

void
text_reset(struct text *text)
{
	text_truncate(text, 0);
	text->cut = false;
}

char *
text_take(struct text *text)
{
	char *s = text->size > 0 ? text->data : xstrdup("");

	text_init(text, text->limit);
	return s;
}

/* Room for `more` bytes and the '\0'; the limit has been looked at. */
static char *
text_room(struct text *text, size_t more)
{
	size_t size = text->size, needed = text->length + more + 1;

	if (needed > size) {
		for (size = size > 0 ? size : 128; size < needed;)
			size *= size < 2048 ? 4 : 2;
		text->data = xrealloc(text->size > 0 ? text->data : NULL, size);
		text->size = size;
	}
	return text->data + text->length;
}

void
text_add(struct text *text, const char *s)
{
	text_add_bytes(text, s, strlen(s));
}

void
text_add_bytes(struct text *text, const void *bytes, size_t length)
{
	if (text->cut || length == 0)
		return;
	if (length > text->limit - text->length) {
		text->cut = true;
		length = string_cut(bytes, text->limit - text->length);
	}
	memcpy(text_room(text, length), bytes, length);
	text->length += length;
	text->data[text->length] = '\0';
}

void
text_add_char(struct text *text, char c)
{
	if (text->cut || text->length + 1 >= text->size || text->length >= text->limit) {
		text_add_bytes(text, &c, 1);
		return;
	}
	text->data[text->length++] = c;
	text->data[text->length] = '\0';
}

void
text_printf(struct text *text, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	text_vprintf(text, format, ap);
	va_end(ap);
}

void
text_vprintf(struct text *text, const char *format, va_list ap)
{
	_cleanup_(freep) char *s = NULL;
	char small[256];
	va_list again;
	int length;

	va_copy(again, ap);
	length = vsnprintf(small, sizeof small, format, ap);
	if (length >= 0 && (size_t)length < sizeof small) {
		text_add_bytes(text, small, (size_t)length);
	} else {
		s = xvasprintf(format, again);
		text_add(text, s);
	}
	va_end(again);
}

void
text_drop(struct text *text, size_t first)
{
	if (first >= text->length) {
		text_truncate(text, 0);
	} else if (first > 0) {
		memmove(text->data, text->data + first, text->length - first + 1);
		text->length -= first;
	}
}

void
text_truncate(struct text *text, size_t length)
{
	if (length < text->length) {
		text->data[length] = '\0';
		text->length = length;
		text->cut = false;
	}
}

bool
text_ends(const struct text *text, const char *suffix)
{
	size_t length = strlen(suffix);

	return length <= text->length &&
	    memcmp(text->data + text->length - length, suffix, length) == 0;
}

#define EACH(byte) (UINT64_C(0x0101010101010101) * (unsigned char)(byte))

/*
 * The highest bit of each byte that is not plain; above the first one, of others too: only a byte that is
 * itself marked takes or gives anything to the one above it.
 */
static uint64_t
special_bytes(uint64_t word)
{
	return (word | (word - EACH(0x20)) | (word + EACH(1)) | ((word ^ EACH('"')) - EACH(1)) |
		   ((word ^ EACH('\\')) - EACH(1))) &
	    EACH(0x80);
}

/* Eight bytes at a time; the last ones with plain ones behind them. */
size_t
string_plain(const char *s, size_t length)
{
	uint64_t word, special;
	size_t i;

	for (i = 0; length - i >= sizeof word; i += sizeof word) {
		memcpy(&word, s + i, sizeof word);
		special = special_bytes(le64toh(word));
		if (special != 0)
			return i + (size_t)__builtin_ctzll(special) / 8;
	}
	word = EACH('a');
	memcpy(&word, s + i, length - i);
	special = special_bytes(le64toh(word));
	return special != 0 ? i + (size_t)__builtin_ctzll(special) / 8 : length;
}

size_t
string_cut(const char *s, size_t length)
{
	size_t start = length, width;
	unsigned char lead;

	while (start > 0 && length - start < 3 && ((unsigned char)s[start - 1] & 0xc0) == 0x80)
		start--;
	if (start == 0)
		return length;
	lead = (unsigned char)s[start - 1];
	width = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc0 ? 2 : 1;
	return length - start + 1 < width ? start - 1 : length;
}

bool
string_starts(const char *s, const char *prefix)
{
	return strncmp(s, prefix, strlen(prefix)) == 0;
}

bool
string_ends(const char *s, const char *suffix)
{
	size_t length = strlen(s), end = strlen(suffix);

	return end <= length && strcmp(s + length - end, suffix) == 0;
}

bool
string_equal(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

/* Not strcasecmp, which asks the locale. */
static char
ascii_lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

bool
string_equal_nocase(const char *a, const char *b)
{
	if (a == NULL || b == NULL)
		return a == b;
	while (*a != '\0' && ascii_lower(*a) == ascii_lower(*b))
		a++, b++;
	return ascii_lower(*a) == ascii_lower(*b);
}

bool
string_in(const char *s, const char *const *list)
{
	for (; *list != NULL; list++)
		if (string_equal(s, *list))
			return true;
	return false;
}

/* strtoll alone takes leading blanks, "+7", "0x" prefixes' zero and saturates. */
bool
string_number(const char *s, int64_t min, int64_t max, int64_t *number)
{
	const char *digits = s + (*s == '-');
	long long value;

	if (*digits == '\0' || digits[strspn(digits, "0123456789")] != '\0')
		return false;
	errno = 0;
	value = strtoll(s, NULL, 10);
	if (errno != 0 || value < min || value > max)
		return false;
	*number = value;
	return true;
}

#define NEAREST_MAX 64 /* longer words are not compared */

static size_t
least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* One row of the Damerau-Levenshtein table (optimal string alignment) for a[i - 1]; its least. */
static size_t
distance_row(const char *a, size_t i, const char *b, size_t length, size_t *row, const size_t *above,
    const size_t *above2)
{
	size_t lowest = row[0] = i;

	for (size_t j = 1; j <= length; j++) {
		row[j] = above[j - 1] + (ascii_lower(a[i - 1]) != ascii_lower(b[j - 1]));
		row[j] = least(row[j], least(above[j], row[j - 1]) + 1);
		if (i > 1 && j > 1 && ascii_lower(a[i - 1]) == ascii_lower(b[j - 2]) &&
		    ascii_lower(a[i - 2]) == ascii_lower(b[j - 1]))
			row[j] = least(row[j], above2[j - 2] + 1);
		lowest = least(lowest, row[j]);
	}
	return lowest;
}

/* Of two words that do not begin or end alike: what they share there costs nothing. */
static size_t
distance(const char *a, size_t length_a, const char *b, size_t length_b, size_t below)
{
	size_t table[3][NEAREST_MAX + 1], lowest = 0, before;

	for (size_t j = 0; j <= length_b; j++)
		table[0][j] = j;
	for (size_t i = 1; i <= length_a; i++) {
		before = lowest;
		lowest = distance_row(a, i, b, length_b, table[i % 3], table[(i - 1) % 3],
		    table[(i + 1) % 3]);
		/* A swap skips one row, never two. */
		if (lowest >= below && before >= below)
			return below;
	}
	return table[length_a % 3][length_b];
}

/* One bit for each letter and digit that is in it; all else shares the last bits. */
static uint64_t
letters_of(const char *s)
{
	uint64_t letters = 0;

	for (; *s != '\0'; s++)
		letters |= UINT64_C(1) << ((unsigned char)ascii_lower(*s) % 64);
	return letters;
}

/* The distance, or at least `below`, when it is not less: thousands of names are passed over quickly. */
static size_t
distance_below(const char *a, uint64_t letters_a, const char *b, size_t below)
{
	size_t length_a = strlen(a), length_b = strlen(b);
	uint64_t letters_b;

	if (length_a > NEAREST_MAX || length_b > NEAREST_MAX || length_a >= length_b + below ||
	    length_b >= length_a + below)
		return below;
	letters_b = letters_of(b);
	/* Each change takes away at most one letter, and brings at most one. */
	if ((size_t)__builtin_popcountll(letters_a & ~letters_b) >= below ||
	    (size_t)__builtin_popcountll(letters_b & ~letters_a) >= below)
		return below;
	for (; length_a > 0 && length_b > 0 && ascii_lower(*a) == ascii_lower(*b); length_a--, length_b--)
		a++, b++;
	while (length_a > 0 && length_b > 0 && ascii_lower(a[length_a - 1]) == ascii_lower(b[length_b - 1]))
		length_a--, length_b--;
	return distance(a, length_a, b, length_b, below);
}

const char *
string_nearest(const char *s, const char *const *list)
{
	size_t limit = strlen(s) < 5 ? 1 : 2, best = limit + 1, d;
	uint64_t letters = letters_of(s);
	const char *nearest = NULL;

	for (; *list != NULL; list++) {
		d = distance_below(s, letters, *list, best);
		if (d < best) {
			best = d;
			nearest = *list;
		}
	}
	return nearest;
}

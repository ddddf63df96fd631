/* unicode.c - questions about UTF-8 of unknown merit. */

#include "unicode.h"

#include <string.h>

#include <unistr.h>
#include <uniwidth.h>

#define REPLACEMENT "\xef\xbf\xbd" /* U+FFFD */

/* How many bytes at its beginning are ASCII, eight at a time: most texts are nothing else. */
static size_t
ascii_run(const char *s, size_t length)
{
	uint64_t word;
	size_t i;

	for (i = 0; length - i >= sizeof word; i += sizeof word) {
		memcpy(&word, s + i, sizeof word);
		if ((word & UINT64_C(0x8080808080808080)) != 0)
			break;
	}
	while (i < length && (unsigned char)s[i] < 0x80)
		i++;
	return i;
}

/* The first byte that belongs to no character; NULL: none. */
static const uint8_t *
first_bad(const char *bytes, size_t length)
{
	const uint8_t *s = (const uint8_t *)bytes, *end = s + length;
	ucs4_t character;
	int step;

	while ((s += ascii_run((const char *)s, (size_t)(end - s))) < end) {
		step = u8_mbtoucr(&character, s, (size_t)(end - s));
		if (step <= 0)
			return s;
		s += step;
	}
	return NULL;
}

bool
utf8_valid(const char *bytes, size_t length)
{
	return first_bad(bytes, length) == NULL;
}

void
utf8_repair(struct text *out, const char *bytes, size_t length)
{
	const uint8_t *s = (const uint8_t *)bytes, *bad;

	while ((bad = first_bad((const char *)s, length)) != NULL) {
		text_add_bytes(out, s, (size_t)(bad - s));
		text_add(out, REPLACEMENT);
		length -= (size_t)(bad - s) + 1;
		s = bad + 1;
	}
	text_add_bytes(out, s, length);
}

/* The bytes of the first character and what it is; a wrong byte stands alone. */
static size_t
first_character(const char *s, size_t length, ucs4_t *character)
{
	int bytes;

	if ((unsigned char)*s < 0x80) {
		*character = (unsigned char)*s;
		return 1;
	}
	bytes = u8_mbtoucr(character, (const uint8_t *)s, length);
	if (bytes > 0)
		return (size_t)bytes;
	*character = 0xfffd;
	return 1;
}

size_t
utf8_count(const char *s)
{
	size_t length = strlen(s), count = 0, bytes;
	ucs4_t character;

	for (; length > 0; length -= bytes) {
		if ((bytes = ascii_run(s, length)) > 0) {
			count += bytes;
		} else {
			bytes = first_character(s, length, &character);
			count++;
		}
		s += bytes;
	}
	return count;
}

size_t
utf8_prefix(const char *s, size_t points)
{
	size_t length = strlen(s), at = 0, run;
	ucs4_t character;

	while (points > 0) {
		run = ascii_run(s + at, length - at < points ? length - at : points);
		at += run;
		points -= run;
		if (at == length || points == 0)
			break;
		at += first_character(s + at, length - at, &character);
		points--;
	}
	return at;
}

size_t
utf8_width(const char *s)
{
	size_t length = strlen(s), width = 0, bytes;
	ucs4_t character;
	int cells;

	for (; length > 0; length -= bytes) {
		bytes = first_character(s, length, &character);
		s += bytes;
		/* −1 for control characters */
		cells = uc_width(character, "UTF-8");
		width += cells > 0 ? (size_t)cells : 0;
	}
	return width;
}

/* unicode.c - questions about UTF-8 of unknown merit. */

#include "unicode.h"

#include <string.h>

#include <unistr.h>
#include <uniwidth.h>

#define REPLACEMENT "\xef\xbf\xbd" /* U+FFFD */

bool
utf8_valid(const char *bytes, size_t length)
{
	return u8_check((const uint8_t *)bytes, length) == NULL;
}

void
utf8_repair(struct text *out, const char *bytes, size_t length)
{
	const uint8_t *s = (const uint8_t *)bytes, *bad;

	while ((bad = u8_check(s, length)) != NULL) {
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
		if ((bytes = string_plain(s, length)) > 0) {
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
	size_t length = strlen(s), at = 0;
	ucs4_t character;

	for (; at < length && points > 0; points--)
		at += first_character(s + at, length - at, &character);
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

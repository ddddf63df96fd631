/*
 * json_parse.c - strangers' bytes, looked over once before cJSON sees them.
 *
 * The look finds the end of one document and refuses what cJSON would accept.  What cJSON would
 * choke on, an escaped NUL or a lone surrogate, is replaced in its copy by \ufffd, which is as long:
 * places in the copy are places in the original.
 */

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <unistr.h>

#include "json.h"

#define NUMBER_MAX 62 /* cJSON 1.7.15 silently reads no more than 63 digits */

struct scan {
	const char *s;
	size_t length, at;
	int depth;
	unsigned char all; /* the bits of all bytes in strings: < 0x80, there is only ASCII */
	bool units;	   /* there is an escape of the form \u */
	const char *wrong; /* what is wrong at `at` */
};

static bool
scan_wrong(struct scan *scan, const char *what)
{
	scan->wrong = what;
	return false;
}

/* The four hex digits of the \u escape at s, -1 when there is none. */
static long
read_hex(const char *s, size_t length)
{
	static const char digits[] = "0123456789abcdefABCDEF";
	char hex[5] = "";

	if (length < 6 || s[0] != '\\' || s[1] != 'u')
		return -1;
	memcpy(hex, s + 2, 4);
	return strspn(hex, digits) == 4 ? strtol(hex, NULL, 16) : -1;
}

static bool
scan_escape(struct scan *scan)
{
	const char *s = scan->s + scan->at;

	if (scan->at + 1 >= scan->length)
		return scan_wrong(scan, "the document ends in a string");
	if (s[1] == '\0' || strchr("\"\\/bfnrtu", s[1]) == NULL)
		return scan_wrong(scan, "an escape that JSON does not have");
	if (s[1] == 'u' && read_hex(s, scan->length - scan->at) < 0)
		return scan_wrong(scan, "\\u wants four hexadecimal digits");
	scan->units |= s[1] == 'u';
	scan->at += s[1] == 'u' ? 6 : 2;
	return true;
}

static void
scan_plain(struct scan *scan)
{
	unsigned char c;

	for (; scan->at < scan->length; scan->at++) {
		scan->at += string_plain(scan->s + scan->at, scan->length - scan->at);
		if (scan->at == scan->length)
			return;
		c = (unsigned char)scan->s[scan->at];
		if (c < 0x20 || c == '"' || c == '\\')
			return;
		scan->all |= c;
	}
}

static bool
scan_string(struct scan *scan)
{
	unsigned char c;

	for (scan->at++;;) {
		scan_plain(scan);
		if (scan->at >= scan->length)
			break;
		c = (unsigned char)scan->s[scan->at];
		if (c < 0x20)
			return scan_wrong(scan, "a raw control character in a string");
		if (c == '\\') {
			if (!scan_escape(scan))
				return false;
			continue;
		}
		scan->at++;
		return true;
	}
	return scan_wrong(scan, "the document ends in a string");
}

/* How many bytes from `at` on are of the set. */
static size_t
run_of(const struct scan *scan, const char *set)
{
	size_t i = scan->at;

	while (i < scan->length && scan->s[i] != '\0' && strchr(set, scan->s[i]) != NULL)
		i++;
	return i - scan->at;
}

static size_t
digits_at(const char *s)
{
	return strspn(s, "0123456789");
}

/* The grammar, since strtod is more generous: no leading zeros, digits on both sides of a point. */
static bool
number_ok(const char *s)
{
	size_t whole;

	s += *s == '-';
	whole = digits_at(s);
	if (whole == 0 || (whole > 1 && *s == '0'))
		return false;
	s += whole;
	if (*s == '.') {
		if (digits_at(++s) == 0)
			return false;
		s += digits_at(s);
	}
	if (*s == 'e' || *s == 'E') {
		s++;
		s += *s == '+' || *s == '-';
		if (digits_at(s) == 0)
			return false;
		s += digits_at(s);
	}
	return *s == '\0';
}

static bool
scan_number(struct scan *scan)
{
	size_t length = run_of(scan, "+-.0123456789eE");
	char number[NUMBER_MAX + 1] = "";

	if (length > NUMBER_MAX)
		return scan_wrong(scan, "a number with too many digits");
	memcpy(number, scan->s + scan->at, length);
	if (!number_ok(number))
		return scan_wrong(scan, "not a number");
	if (!isfinite(strtod(number, NULL)))
		return scan_wrong(scan, "a number too large");
	scan->at += length;
	return true;
}

static bool
scan_word(struct scan *scan)
{
	static const char *const words[] = { "true", "false", "null" };

	size_t length = run_of(scan, "aeflnrstu");

	for (size_t i = 0; i < COUNT(words); i++)
		if (length == strlen(words[i]) &&
		    memcmp(scan->s + scan->at, words[i], length) == 0) {
			scan->at += length;
			return true;
		}
	return scan_wrong(scan, "not a value");
}

static bool
scan_token(struct scan *scan)
{
	char c = scan->s[scan->at];

	switch (c) {
	case '{':
	case '[':
		if (++scan->depth > JSON_DEPTH)
			return scan_wrong(scan, "nested too deeply");
		break;
	case '}':
	case ']':
		if (--scan->depth < 0)
			return scan_wrong(scan, "a bracket too many");
		break;
	case '"':
		return scan_string(scan);
	default:
		if (c == '-' || (c >= '0' && c <= '9'))
			return scan_number(scan);
		if (c == '\0' || strchr(",: \t\r\n", c) == NULL)
			return scan_word(scan);
		break;
	}
	scan->at++;
	return true;
}

static void
scan_blanks(struct scan *scan)
{
	scan->at += run_of(scan, " \t\r\n");
}

/* Passes one document; whether its brackets and commas make sense is left to cJSON. */
static bool
scan_document(struct scan *scan)
{
	do {
		if (scan->at >= scan->length)
			return scan_wrong(scan, "the document ends too early");
		if (!scan_token(scan))
			return false;
	} while (scan->depth > 0);
	return true;
}

static bool
wrong_at(struct error *err, const char *bytes, size_t at, const char *what)
{
	size_t line = 1, start = 0;

	for (size_t i = 0; i < at; i++)
		if (bytes[i] == '\n') {
			line++;
			start = i + 1;
		}
	return wrong(err, "not JSON: line %zu, byte %zu: %s", line, at - start + 1, what);
}

static bool
in_range(long value, long first, long last)
{
	return value >= first && value <= last;
}

/* Escapes that stand for no character become U+FFFD.  The strings have been looked over. */
static void
mend_escapes(char *s, size_t length)
{
	size_t step;
	long unit, next;

	for (size_t i = 0; i < length; i += step) {
		step = s[i] == '\\' ? 2 : 1;
		if ((unit = read_hex(s + i, length - i)) < 0)
			continue;
		/* In a string, whose quote is still to come: there is a byte behind the escape. */
		next = read_hex(s + i + 6, length - i - 6);
		step = 6;
		if (in_range(unit, 0xd800, 0xdbff) && in_range(next, 0xdc00, 0xdfff))
			step = 12;
		else if (unit == 0 || in_range(unit, 0xd800, 0xdfff))
			memcpy(s + i, "\\ufffd", 6);
	}
}

/* The scanned bytes from start on. */
static cJSON *
parse_scanned(const struct scan *scan, size_t start, struct error *err)
{
	size_t length = scan->at - start;
	_cleanup_(freep) char *copy = scan->units ? xstrndup(scan->s + start, length) : NULL;
	const char *text = copy != NULL ? copy : scan->s + start, *end = NULL;
	cJSON *document;

	if (copy != NULL)
		mend_escapes(copy, length);
	document = cJSON_ParseWithLengthOpts(text, length, &end, false);
	if (document != NULL && end == text + length)
		return document;
	cJSON_Delete(document);
	wrong_at(err, scan->s, start + (end != NULL ? (size_t)(end - text) : 0),
	    "something is missing or too much");
	return NULL;
}

static void
scan_mark(struct scan *scan)
{
	if (scan->length >= 3 && memcmp(scan->s, "\xef\xbb\xbf", 3) == 0)
		scan->at = 3;
}

/* The text must be UTF-8 up to its end only: what follows may be the half of a later document. */
cJSON *
json_parse_next(const char *bytes, size_t length, size_t *used, struct error *err)
{
	struct scan scan = { .s = bytes, .length = length };
	const uint8_t *bad;
	cJSON *document;
	size_t start;

	if (err != NULL)
		err->kind = ERROR_NONE;
	scan_mark(&scan);
	scan_blanks(&scan);
	*used = start = scan.at;
	if (start == length)
		return NULL;
	if (!scan_document(&scan)) {
		wrong_at(err, bytes, scan.at, scan.wrong);
		return NULL;
	}
	if (scan.all >= 0x80 &&
	    (bad = u8_check((const uint8_t *)bytes + start, scan.at - start)) != NULL) {
		wrong_at(err, bytes, (size_t)(bad - (const uint8_t *)bytes), "not UTF-8");
		return NULL;
	}
	if ((document = parse_scanned(&scan, start, err)) != NULL)
		*used = scan.at;
	return document;
}

cJSON *
json_parse(const char *bytes, size_t length, struct error *err)
{
	struct error own = ERROR_INIT;
	struct scan rest = { .s = bytes, .length = length };
	cJSON *document = json_parse_next(bytes, length, &rest.at, &own);

	if (document == NULL) {
		if (own.kind == ERROR_NONE)
			wrong(err, "not JSON: it is empty");
		else
			error_set(err, own.kind, "%s", own.text);
		return NULL;
	}
	scan_blanks(&rest);
	if (rest.at == length)
		return document;
	cJSON_Delete(document);
	wrong_at(err, bytes, rest.at, "more text after the document");
	return NULL;
}

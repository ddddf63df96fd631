/*
 * json_parse.c - strangers' bytes, looked over once before cJSON sees them.
 *
 * The look finds the end of one document and refuses what cJSON would accept.  What cJSON would
 * choke on, an escaped NUL or a lone surrogate, is replaced in a copy by \ufffd, which is as long:
 * places in the copy are places in the original.
 */

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "json.h"
#include "unicode.h"

#define NUMBER_MAX 62 /* cJSON 1.7.15 silently reads no more than 63 digits */

struct scan {
	char *copy;
	size_t length, at;
	int depth;
	const char *wrong; /* what is wrong at `at` */
};

static bool
scan_wrong(struct scan *scan, const char *what)
{
	scan->wrong = what;
	return false;
}

/* The four hex digits after \u at `at`, or -1. */
static long
scan_hex(const struct scan *scan, size_t at)
{
	static const char digits[] = "0123456789abcdefABCDEF";
	char hex[5] = "";

	if (at + 6 > scan->length || scan->copy[at] != '\\' || scan->copy[at + 1] != 'u')
		return -1;
	memcpy(hex, scan->copy + at + 2, 4);
	return strspn(hex, digits) == 4 ? strtol(hex, NULL, 16) : -1;
}

static bool
in_range(long value, long first, long last)
{
	return value >= first && value <= last;
}

static bool
scan_escape(struct scan *scan)
{
	long unit, next;

	if (scan->at + 1 >= scan->length)
		return scan_wrong(scan, "the document ends in a string");
	if (scan->copy[scan->at + 1] != 'u') {
		scan->at += 2;
		return true;
	}
	if ((unit = scan_hex(scan, scan->at)) < 0)
		return scan_wrong(scan, "\\u wants four hexadecimal digits");
	next = scan_hex(scan, scan->at + 6);
	if (in_range(unit, 0xd800, 0xdbff) && in_range(next, 0xdc00, 0xdfff)) {
		scan->at += 12;
		return true;
	}
	if (unit == 0 || in_range(unit, 0xd800, 0xdfff))
		memcpy(scan->copy + scan->at, "\\ufffd", 6);
	scan->at += 6;
	return true;
}

static bool
scan_string(struct scan *scan)
{
	for (scan->at++; scan->at < scan->length;) {
		unsigned char c = (unsigned char)scan->copy[scan->at];

		if (c < 0x20)
			return scan_wrong(scan, "a raw control character in a string");
		if (c == '\\') {
			if (!scan_escape(scan))
				return false;
			continue;
		}
		scan->at++;
		if (c == '"')
			return true;
	}
	return scan_wrong(scan, "the document ends in a string");
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
	/* The copy is terminated. */
	size_t length = strspn(scan->copy + scan->at, "+-.0123456789eE");
	char number[NUMBER_MAX + 1] = "";

	if (length > NUMBER_MAX)
		return scan_wrong(scan, "a number with too many digits");
	memcpy(number, scan->copy + scan->at, length);
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

	for (size_t i = 0; i < COUNT(words); i++)
		if (string_starts(scan->copy + scan->at, words[i])) {
			scan->at += strlen(words[i]);
			return true;
		}
	return scan_wrong(scan, "not a value");
}

static bool
scan_token(struct scan *scan)
{
	char c = scan->copy[scan->at];

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
		if (c == '-' || digits_at(scan->copy + scan->at) > 0)
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
	scan->at += strspn(scan->copy + scan->at, " \t\r\n");
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

static cJSON *
scan_parse(struct scan *scan, size_t start, struct error *err)
{
	size_t length = scan->at - start;
	const char *end = NULL;
	cJSON *document;

	document = cJSON_ParseWithLengthOpts(scan->copy + start, length, &end, false);
	if (document != NULL && end == scan->copy + start + length)
		return document;
	cJSON_Delete(document);
	wrong_at(err, scan->copy, end != NULL ? (size_t)(end - scan->copy) : start,
	    "something is missing or too much");
	return NULL;
}

/* The text must be UTF-8 up to `at` only: what follows may be the half of a later document. */
cJSON *
json_parse_next(const char *bytes, size_t length, size_t *used, struct error *err)
{
	struct scan scan = { .length = length };
	_cleanup_(freep) char *copy = xmalloc(length + 1);
	size_t start;
	cJSON *document;

	if (length > 0)
		memcpy(copy, bytes, length);
	copy[length] = '\0';
	scan.copy = copy;
	if (string_starts(copy, "\xef\xbb\xbf"))
		scan.at = 3;
	scan_blanks(&scan);
	start = scan.at;
	if (err != NULL)
		err->kind = ERROR_NONE;
	*used = start;
	if (start == length)
		return NULL;
	if (!scan_document(&scan)) {
		wrong_at(err, copy, scan.at, scan.wrong);
		return NULL;
	}
	if (!utf8_valid(copy + start, scan.at - start)) {
		wrong_at(err, copy, start, "the text is not UTF-8");
		return NULL;
	}
	document = scan_parse(&scan, start, err);
	if (document != NULL)
		*used = scan.at;
	return document;
}

cJSON *
json_parse(const char *bytes, size_t length, struct error *err)
{
	struct error own = ERROR_INIT;
	size_t used, rest;
	cJSON *document;

	document = json_parse_next(bytes, length, &used, &own);
	if (document == NULL) {
		if (own.kind == ERROR_NONE)
			wrong(err, "not JSON: it is empty");
		else
			error_set(err, own.kind, "%s", own.text);
		return NULL;
	}
	for (rest = used; rest < length && strchr(" \t\r\n", bytes[rest]) != NULL && bytes[rest];)
		rest++;
	if (rest == length)
		return document;
	cJSON_Delete(document);
	wrong_at(err, bytes, rest, "more text after the document");
	return NULL;
}

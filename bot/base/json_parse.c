/*
 * json_parse.c - strangers' bytes as a document of cJSON's, in one pass.
 *
 * Not by cJSON's own reader: it takes what is no JSON and chokes on an escaped NUL, so all bytes had to be
 * looked over before it, and it copies byte by byte.  Runs of plain bytes are copied whole here; an
 * escaped NUL and a lone surrogate become U+FFFD.
 */

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <unistr.h>

#include "json.h"
#include "piece.h"

#define NUMBER_MAX 62
#define REPLACEMENT 0xfffd

static const char missing[] = "something is missing or too much";

struct scan {
	const char *s;
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

/* ---- strings ---- */

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
	scan->at += s[1] == 'u' ? 6 : 2;
	return true;
}

struct run {			/* a string's bytes as they stand there */
	size_t start, end;
	bool escapes;
	unsigned char all;	/* their bits: < 0x80, there is only ASCII */
};

/* To behind its closing quote. */
static bool
scan_string(struct scan *scan, struct run *run)
{
	unsigned char c;

	*run = (struct run){ .start = ++scan->at };
	for (;;) {
		scan->at += string_plain(scan->s + scan->at, scan->length - scan->at);
		if (scan->at == scan->length)
			return scan_wrong(scan, "the document ends in a string");
		c = (unsigned char)scan->s[scan->at];
		if (c == '"')
			break;
		if (c < 0x20)
			return scan_wrong(scan, "a raw control character in a string");
		run->all |= c;
		run->escapes |= c == '\\';
		if (c != '\\')
			scan->at++;
		else if (!scan_escape(scan))
			return false;
	}
	run->end = scan->at++;
	return true;
}

static bool
in_range(long value, long first, long last)
{
	return value >= first && value <= last;
}

/* The character of the escape at s, which is looked over and has its string's quote behind it. */
static ucs4_t
escaped_character(const char *s, size_t length, size_t *step)
{
	static const char names[] = "bfnrt", characters[] = "\b\f\n\r\t";
	const char *name = strchr(names, s[1]);
	long unit, next;

	*step = 2;
	if (s[1] != 'u')
		return (unsigned char)(name != NULL ? characters[name - names] : s[1]);
	unit = read_hex(s, length);
	next = read_hex(s + 6, length - 6);
	*step = 6;
	if (in_range(unit, 0xd800, 0xdbff) && in_range(next, 0xdc00, 0xdfff)) {
		*step = 12;
		return (ucs4_t)(0x10000 + ((unit - 0xd800) << 10) + (next - 0xdc00));
	}
	return unit == 0 || in_range(unit, 0xd800, 0xdfff) ? REPLACEMENT : (ucs4_t)unit;
}

/* No escape is shorter than its character. */
static size_t
copy_unescaped(char *out, const char *s, size_t length)
{
	char *at = out;
	size_t step;

	for (const char *end = s + length; s < end; s += step) {
		if (*s != '\\') {
			const char *next = memchr(s, '\\', (size_t)(end - s));

			step = (size_t)((next != NULL ? next : end) - s);
			memcpy(at, s, step);
			at += step;
			continue;
		}
		at += u8_uctomb((uint8_t *)at, escaped_character(s, (size_t)(end - s), &step), 4);
	}
	return (size_t)(at - out);
}

static char *
read_string(struct scan *scan)
{
	const uint8_t *bad;
	const char *bytes;
	struct run run;
	size_t length;
	char *string;

	if (!scan_string(scan, &run))
		return NULL;
	bytes = scan->s + run.start;
	length = run.end - run.start;
	if (run.all >= 0x80 && (bad = u8_check((const uint8_t *)bytes, length)) != NULL) {
		scan->at = (size_t)(bad - (const uint8_t *)scan->s);
		scan_wrong(scan, "not UTF-8");
		return NULL;
	}
	string = piece_get(length + 1);
	if (run.escapes)
		length = copy_unescaped(string, bytes, length);
	else
		memcpy(string, bytes, length);
	string[length] = '\0';
	return string;
}

/* ---- numbers and words ---- */

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

static cJSON *
read_number(struct scan *scan)
{
	size_t length = run_of(scan, "+-.0123456789eE");
	char number[NUMBER_MAX + 1] = "";
	double value;

	if (length > NUMBER_MAX) {
		scan_wrong(scan, "a number with too many digits");
		return NULL;
	}
	memcpy(number, scan->s + scan->at, length);
	if (!number_ok(number)) {
		scan_wrong(scan, "not a number");
		return NULL;
	}
	value = strtod(number, NULL);
	if (!isfinite(value)) {
		scan_wrong(scan, "a number too large");
		return NULL;
	}
	scan->at += length;
	return cJSON_CreateNumber(value);
}

static cJSON *
read_word(struct scan *scan)
{
	static const struct {
		const char *word;
		cJSON *(*create)(void);
	} words[] = { { "true", cJSON_CreateTrue }, { "false", cJSON_CreateFalse }, { "null", cJSON_CreateNull } };
	size_t length = run_of(scan, "aeflnrstu");

	for (size_t i = 0; i < COUNT(words); i++)
		if (length == strlen(words[i].word) &&
		    memcmp(scan->s + scan->at, words[i].word, length) == 0) {
			scan->at += length;
			return words[i].create();
		}
	scan_wrong(scan, "not a value");
	return NULL;
}

/* ---- objects, arrays, and all ---- */

static void
scan_blanks(struct scan *scan)
{
	for (; scan->at < scan->length; scan->at++)
		if (scan->s[scan->at] != ' ' && scan->s[scan->at] != '\n' && scan->s[scan->at] != '\t' &&
		    scan->s[scan->at] != '\r')
			return;
}

/* The next byte that is no blank; it stays where it is. */
static bool
scan_next(struct scan *scan, char *c)
{
	scan_blanks(scan);
	if (scan->at == scan->length)
		return scan_wrong(scan, "the document ends too early");
	*c = scan->s[scan->at];
	return true;
}

/* A member's name and its colon; NULL: no. */
static char *
read_key(struct scan *scan)
{
	char *key, c;

	if (scan->s[scan->at] != '"') {
		scan_wrong(scan, strchr("{}[],:-0123456789", scan->s[scan->at]) != NULL ? missing : "not a value");
		return NULL;
	}
	if ((key = read_string(scan)) == NULL)
		return NULL;
	if (scan_next(scan, &c)) {
		if (c == ':') {
			scan->at++;
			return key;
		}
		scan_wrong(scan, missing);
	}
	piece_put(key);
	return NULL;
}

static cJSON *read_value(struct scan *);

static cJSON *
read_member(struct scan *scan, bool keyed)
{
	char *key = NULL, c;
	cJSON *member = NULL;

	if (keyed && (key = read_key(scan)) == NULL)
		return NULL;
	if (scan_next(scan, &c))
		member = read_value(scan);
	if (member != NULL)
		member->string = key;
	else
		piece_put(key);
	return member;
}

/* As cJSON links them: the first's `prev` is the last. */
static void
add_member(cJSON *parent, cJSON *member)
{
	cJSON *first = parent->child;

	if (first == NULL) {
		parent->child = member->prev = member;
		return;
	}
	member->prev = first->prev;
	first->prev->next = member;
	first->prev = member;
}

/* Behind its opening bracket. */
static bool
read_members(struct scan *scan, cJSON *parent, char close)
{
	cJSON *member;
	char c;

	if (!scan_next(scan, &c))
		return false;
	if (c == close) {
		scan->at++;
		return true;
	}
	for (;;) {
		if (!scan_next(scan, &c) || (member = read_member(scan, close == '}')) == NULL)
			return false;
		add_member(parent, member);
		if (!scan_next(scan, &c))
			return false;
		if (c != ',' && c != close)
			return scan_wrong(scan, missing);
		scan->at++;
		if (c == close)
			return true;
	}
}

static cJSON *
read_parent(struct scan *scan, cJSON *parent, char close)
{
	bool good = scan->depth < JSON_DEPTH || scan_wrong(scan, "nested too deeply");

	if (good) {
		scan->at++;
		scan->depth++;
		good = read_members(scan, parent, close);
		scan->depth--;
	}
	if (good)
		return parent;
	cJSON_Delete(parent);
	return NULL;
}

static cJSON *
read_text(struct scan *scan)
{
	char *string = read_string(scan);
	cJSON *item;

	if (string == NULL)
		return NULL;
	item = cJSON_CreateNull();
	item->type = cJSON_String;
	item->valuestring = string;
	return item;
}

static cJSON *
read_value(struct scan *scan)
{
	char c = scan->s[scan->at];

	if (c == '{')
		return read_parent(scan, cJSON_CreateObject(), '}');
	if (c == '[')
		return read_parent(scan, cJSON_CreateArray(), ']');
	if (c == '"')
		return read_text(scan);
	if (c == '-' || (c >= '0' && c <= '9'))
		return read_number(scan);
	if (c != ',' && c != ':' && c != ']' && c != '}')
		return read_word(scan);
	scan_wrong(scan, scan->depth == 0 && c != ',' && c != ':' ? "a bracket too many" : missing);
	return NULL;
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
	cJSON *document;

	if (err != NULL)
		err->kind = ERROR_NONE;
	scan_mark(&scan);
	scan_blanks(&scan);
	*used = scan.at;
	if (scan.at == length)
		return NULL;
	if ((document = read_value(&scan)) != NULL)
		*used = scan.at;
	else
		wrong_at(err, bytes, scan.at, scan.wrong);
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

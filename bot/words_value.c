/*
 * words_value.c - one hand-written scanner for each kind of value that a tool may be given (AR1).
 *
 * The scanners decide on bytes, not by the locale's idea of a letter, and never look past the '\0'.
 * What they let through is neither a flag, nor a file name read with "@", nor a second argument.
 */
#include "words.h"

#include <string.h>

#include "base/text.h"
#include "base/unicode.h"

#define DIGITS "0123456789"
#define LOWER "abcdefghijklmnopqrstuvwxyz"
#define UPPER "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define ALNUM DIGITS LOWER UPPER

static bool
one_of(char c, const char *set)
{
	return c != '\0' && strchr(set, c) != NULL;
}

/* Length of a run that begins and ends with a byte of `ends` and has only bytes of `inside`. */
static size_t
scan_run(const char *s, const char *ends, const char *inside)
{
	size_t length = strspn(s, inside);

	if (length == 0 || !one_of(s[0], ends) || !one_of(s[length - 1], ends))
		return 0;
	return length;
}

static size_t
scan_label(const char *s)
{
	size_t length = scan_run(s, DIGITS LOWER, DIGITS LOWER "-");

	return length <= 63 ? length : 0;
}

/* Labels with single dots between them. */
static size_t
scan_name(const char *s)
{
	size_t length = 0, part;

	for (;;) {
		part = scan_run(s + length, DIGITS LOWER, DIGITS LOWER "-");
		if (part == 0)
			return 0;
		length += part;
		if (s[length] != '.')
			return length <= 253 ? length : 0;
		length++;
	}
}

static bool
whole(const char *s, size_t length)
{
	return length > 0 && s[length] == '\0';
}

/* Digits only, no sign, no leading zero: "+2" is an absolute 2 to a tool (KC23). */
static bool
fits_number(const char *s, int64_t min, int64_t max)
{
	int64_t number = 0;
	size_t length = strspn(s, DIGITS);

	if (!whole(s, length) || length > 10 || (s[0] == '0' && length > 1))
		return false;
	for (size_t i = 0; i < length; i++)
		number = number * 10 + (s[i] - '0');
	return number >= min && number <= max;
}

/* 0 means "for ever" to the tools, so it is no duration here (KC11). */
static bool
fits_seconds(const char *s)
{
	const char *units = "hms";
	bool something = false;

	while (*s != '\0') {
		size_t length = strspn(s, DIGITS);
		const char *unit;

		if (length == 0 || length > 6 || !one_of(s[length], units))
			return false;
		something = something || strspn(s, "0") < length;
		unit = strchr(units, s[length]);
		units = unit + 1;
		s += length + 1;
	}
	return something;
}

/* [prefix/]name, the part after the slash also being a label's value. */
static size_t
scan_qualified(const char *s)
{
	size_t prefix = 0, length = scan_name(s);

	if (length > 0 && s[length] == '/')
		prefix = length + 1;
	length = scan_run(s + prefix, ALNUM, ALNUM "-_.");
	return length > 0 && length <= 63 ? prefix + length : 0;
}

/* A label's value; an empty one only where it may be. */
static size_t
scan_labels_value(const char *s)
{
	size_t length = scan_run(s, ALNUM, ALNUM "-_.");

	return length <= 63 ? length : 0;
}

/* " in (a,b)" */
static size_t
scan_choices(const char *s)
{
	size_t at = 0, length;

	do {
		at += at == 0 ? strlen(" in (") : 1;
		if ((length = scan_labels_value(s + at)) == 0)
			return 0;
		at += length;
	} while (s[at] == ',');
	return s[at] == ')' ? at + 1 : 0;
}

/* One condition: a=b, a!=b, a, !a, a in (b,c). */
static size_t
scan_condition(const char *s)
{
	size_t not = s[0] == '!', length = scan_qualified(s + not), more;

	if (length == 0 || not)
		return length > 0 ? length + not : 0;
	if (string_starts(s + length, " in ("))
		return (more = scan_choices(s + length)) > 0 ? length + more : 0;
	more = s[length] == '=' ? 1 : string_starts(s + length, "!=") ? 2 : 0;
	if (more == 0)
		return length;
	length += more;
	return s[length] == ',' || s[length] == '\0' ? length
	    : (more = scan_labels_value(s + length)) > 0 ? length + more : 0;
}

static bool
fits_labels(const char *s)
{
	/* Nothing begins with a "!". */
	if (strlen(s) > 2048 || *s == '!')
		return false;
	for (;;) {
		size_t length = scan_condition(s);

		if (length == 0)
			return false;
		s += length;
		if (*s == '\0')
			return true;
		if (*s++ != ',')
			return false;
	}
}

static bool
fits_uid(const char *s)
{
	static const size_t groups[] = { 8, 4, 4, 4, 12 };

	for (size_t i = 0; i < COUNT(groups); i++) {
		if (strspn(s, DIGITS "abcdef") != groups[i])
			return false;
		s += groups[i];
		if (i + 1 < COUNT(groups) && *s++ != '-')
			return false;
	}
	return *s == '\0';
}

static bool
fits_field(const char *s)
{
	const char *value = strchr(s, '=');

	if (value == NULL)
		return false;
	value++;
	if (string_starts(s, "involvedObject.uid="))
		return fits_uid(value);
	return (string_starts(s, "metadata.name=") || string_starts(s, "involvedObject.name=")) &&
	    whole(value, scan_name(value));
}

/* [host[:port]/]path[:tag][@algorithm:hex] */
static bool
fits_image(const char *s)
{
	size_t length = strlen(s), slash, part;
	const char *host = strchr(s, '/');

	if (length > 512)
		return false;
	slash = host != NULL ? (size_t)(host - s) : 0;
	if (slash > 0 && (memchr(s, '.', slash) != NULL || memchr(s, ':', slash) != NULL ||
	    string_starts(s, "localhost/"))) {
		part = scan_run(s, ALNUM, ALNUM ".-");
		if (part > 0 && s[part] == ':')
			part += 1 + strspn(s + part + 1, DIGITS);
		if (part != slash || s[part - 1] == ':')
			return false;
		s += slash + 1;
	}
	for (;;) {
		part = scan_run(s, DIGITS LOWER, DIGITS LOWER "._-");
		if (part == 0)
			return false;
		s += part;
		if (*s != '/')
			break;
		s++;
	}
	if (*s == ':') {
		part = strspn(s + 1, ALNUM "_.-");
		if (part == 0 || part > 128 || one_of(s[1], ".-"))
			return false;
		s += 1 + part;
	}
	if (string_starts(s, "@sha256:"))
		return strspn(s + 8, DIGITS "abcdef") == 64 && s[72] == '\0';
	return *s == '\0';
}

static bool
fits_image_set(const char *s)
{
	size_t container = scan_label(s);

	return container > 0 && s[container] == '=' && fits_image(s + container + 1);
}

/* Of texts: C0, DEL and C1 (C2 80 … C2 9F) would reach a terminal or forge a line. */
static bool
fits_text(const char *s, size_t limit)
{
	size_t length = strlen(s);

	if (length == 0 || length > limit || !utf8_valid(s, length))
		return false;
	for (size_t i = 0; i < length; i++) {
		unsigned char c = (unsigned char)s[i];

		if (c < 0x20 || c == 0x7f)
			return false;
		if (c == 0xc2 && (unsigned char)s[i + 1] < 0xa0)
			return false;
	}
	return true;
}

/* Is one of the list's entries the first `length` bytes of s, no more and no less? */
static bool
list_has(const char *list, const char *s, size_t length)
{
	while (list != NULL && *list != '\0') {
		size_t entry = strcspn(list, "|");

		if (entry == length && memcmp(list, s, length) == 0)
			return true;
		list += entry + (list[entry] == '|');
	}
	return false;
}

static bool
fits_object(const char *list, const char *s)
{
	size_t kind = strcspn(s, "/");

	return s[kind] == '/' && list_has(list, s, kind) &&
	    whole(s + kind + 1, scan_name(s + kind + 1));
}

static bool
fits_annotation(const char *list, const char *s)
{
	size_t key = strcspn(s, "=");

	return s[key] == '=' && list_has(list, s, key) && fits_text(s + key + 1, 1000);
}

/* A path of dots would leave the service; an escape could hide one. */
static bool
fits_service_path(const char *s)
{
	static const char prefix[] = "/api/v1/namespaces/";
	size_t part;

	if (strlen(s) > 512 || !string_starts(s, prefix))
		return false;
	s += strlen(prefix);
	if ((part = scan_label(s)) == 0 || !string_starts(s + part, "/services/"))
		return false;
	s += part + strlen("/services/");
	s += string_starts(s, "https:") ? strlen("https:") : 0;
	if ((part = scan_label(s)) == 0 || s[part] != ':')
		return false;
	s += part + 1;
	if ((part = scan_label(s)) == 0 || !string_starts(s + part, "/proxy/"))
		return false;
	s += part + strlen("/proxy/");
	return strstr(s, "..") == NULL && strstr(s, "./") == NULL &&
	    s[strspn(s, ALNUM "-_.~/?=&")] == '\0';
}

bool
value_fits(enum value_kind kind, const char *list, const char *value)
{
	if (value == NULL)
		return kind == VALUE_NONE;
	switch (kind) {
	case VALUE_NONE:
		return false;
	case VALUE_NAME:
		return whole(value, scan_name(value));
	case VALUE_NAMESPACE:
		return whole(value, scan_label(value));
	case VALUE_OBJECT:
		return fits_object(list, value);
	case VALUE_KIND:
	case VALUE_CHOICE:
		return list_has(list, value, strlen(value));
	case VALUE_REVISION:
		return fits_number(value, 1, INT32_MAX);
	case VALUE_COUNT:
		return fits_number(value, 0, 1000000);
	case VALUE_SECONDS:
		return fits_seconds(value);
	case VALUE_LABELS:
		return fits_labels(value);
	case VALUE_FIELD:
		return fits_field(value);
	case VALUE_IMAGE_SET:
		return fits_image_set(value);
	case VALUE_ANNOTATION:
		return fits_annotation(list, value);
	case VALUE_SERVICE_PATH:
		return fits_service_path(value);
	case VALUE_TEXT:
		return fits_text(value, 256);
	}
	return false;
}

/* settings_types.c - one reader for each type of setting, and what to call it. */

#include <curl/curl.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/when.h"
#include "settings_parts.h"

#define HOST_LONGEST 253	/* DNS's own; libuv 1.44 cuts longer ones silently */

static bool
within(const struct setting *row, double number)
{
	if (row->min == 0 && row->max == 0)
		return number >= 0 || row->type == SETTING_REAL;
	return number >= row->min && number <= row->max;
}

static bool
read_string(struct settings *settings, const struct setting *row, const char *text,
    struct value *value)
{
	(void)settings, (void)row;
	value->text = text;
	return text[0] != '\0';
}

static bool
read_number(struct settings *settings, const struct setting *row, const char *text,
    struct value *value)
{
	int64_t number;

	(void)settings;
	if (!string_number(text, -(INT64_C(1) << 53), INT64_C(1) << 53, &number))
		return false;
	value->number = (double)number;
	return within(row, value->number);
}

/* Digits, a point, digits: neither "1e3" nor "inf" nor " 1", which strtod would take. */
static bool
read_real(struct settings *settings, const struct setting *row, const char *text,
    struct value *value)
{
	const char *at = text + (text[0] == '-');
	size_t whole = strspn(at, "0123456789"), fraction = 0;

	(void)settings;
	if (at[whole] == '.')
		fraction = 1 + strspn(at + whole + 1, "0123456789");
	if (whole == 0 || fraction == 1 || whole + fraction > 30 || at[whole + fraction] != '\0')
		return false;
	value->number = strtod(text, NULL);
	return within(row, value->number);
}

static bool
read_bool(struct settings *settings, const struct setting *row, const char *text,
    struct value *value)
{
	(void)settings, (void)row;
	value->number = string_equal(text, "true");
	return value->number != 0 || string_equal(text, "false");
}

static bool
read_duration(struct settings *settings, const struct setting *row, const char *text,
    struct value *value)
{
	int64_t duration;

	(void)settings;
	if (!duration_read(text, &duration))
		return false;
	value->number = (double)duration;
	return within(row, value->number);
}

static bool
read_size(struct settings *settings, const struct setting *row, const char *text,
    struct value *value)
{
	static const struct { const char *unit; double bytes; } units[] = {
		{ "", 1 }, { "B", 1 }, { "kB", 1e3 }, { "MB", 1e6 }, { "GB", 1e9 },
		{ "KiB", 1024 }, { "MiB", 1024 * 1024 }, { "GiB", 1024 * 1024 * 1024 },
	};
	size_t digits = strspn(text, "0123456789");

	(void)settings;
	if (digits == 0 || digits > 15)
		return false;
	for (size_t i = 0; i < COUNT(units); i++)
		if (strcmp(text + digits, units[i].unit) == 0) {
			value->number = strtod(text, NULL) * units[i].bytes;
			return within(row, value->number);
		}
	return false;
}

static bool
url_has_scheme(struct settings *settings, const struct setting *row, CURLU *url)
{
	const char *choices = row->choices != NULL ? row->choices : "http|https";
	char *scheme;
	bool fits;

	if (curl_url_get(url, CURLUPART_SCHEME, &scheme, 0) != CURLUE_OK)
		return false;
	fits = string_in(scheme, split_choices(settings->arena, choices));
	curl_free(scheme);
	return fits;
}

static bool
url_has_host(CURLU *url)
{
	char *host;
	bool fits;

	if (curl_url_get(url, CURLUPART_HOST, &host, 0) != CURLUE_OK)
		return false;
	fits = host[0] != '\0' && strlen(host) <= HOST_LONGEST;
	curl_free(host);
	return fits;
}

static bool
read_url(struct settings *settings, const struct setting *row, const char *text,
    struct value *value)
{
	CURLU *url = curl_url();
	bool fits;

	value->text = text;
	fits = url != NULL &&
	    curl_url_set(url, CURLUPART_URL, text,
		CURLU_NON_SUPPORT_SCHEME | CURLU_DISALLOW_USER) == CURLUE_OK &&
	    url_has_scheme(settings, row, url) && url_has_host(url);
	curl_url_cleanup(url);
	return fits;
}

static bool
read_path(struct settings *settings, const struct setting *row, const char *text,
    struct value *value)
{
	(void)row;
	value->text = expand_path(settings->arena, settings->folder, text);
	return text[0] != '\0';
}

static bool
read_choice(struct settings *settings, const struct setting *row, const char *text,
    struct value *value)
{
	value->text = text;
	return string_in(text, split_choices(settings->arena, row->choices));
}

static bool
read_time(struct settings *settings, const struct setting *row, const char *text,
    struct value *value)
{
	/* As if UTC: only whether it is a time of the calendar; the reader applies the zone. */
	const char *shape = "dddd-dd-dd dd:dd", *at = text;
	int64_t stamp;

	(void)row;
	for (const char *s = shape; *s != '\0'; s++, at++)
		if (*s == 'd' ? *at < '0' || *at > '9' : *at != *s)
			return false;
	value->text = text;
	return *at == '\0' && stamp_read(arena_printf(settings->arena, "%.10sT%s:00Z", text,
	    text + strlen("dddd-dd-dd ")), &stamp);
}

static bool
read_names(struct settings *settings, const struct setting *row, const char *text,
    struct value *value)
{
	return row->choices != NULL ? read_choice(settings, row, text, value) :
				      read_string(settings, row, text, value);
}

/* Secrets are read by settings_check, before their expansion; maps and lists have no text. */
static bool (*const readers[])(struct settings *, const struct setting *, const char *text,
    struct value *) = {
	[SETTING_STRING] = read_string,
	[SETTING_NUMBER] = read_number,
	[SETTING_REAL] = read_real,
	[SETTING_BOOL] = read_bool,
	[SETTING_DURATION] = read_duration,
	[SETTING_SIZE] = read_size,
	[SETTING_URL] = read_url,
	[SETTING_PATH] = read_path,
	[SETTING_CHOICE] = read_choice,
	[SETTING_TIME] = read_time,
	[SETTING_NAMES] = read_names,
	[SETTING_LIST] = NULL,
};

bool
type_read(struct settings *settings, const struct setting *row, const char *text,
    struct value *value)
{
	value->text = text;
	return readers[row->type] != NULL && readers[row->type](settings, row, text, value);
}

static const char *
print_size(struct arena *arena, double bytes)
{
	static const char *const units[] = { "", "KiB", "MiB", "GiB" };
	size_t unit = 0;

	while (unit + 1 < COUNT(units) && bytes >= 1024 && fmod(bytes, 1024) == 0) {
		bytes /= 1024;
		unit++;
	}
	return arena_printf(arena, "%.0f%s", bytes, units[unit]);
}

/* In the notation that duration_read takes. */
static const char *
print_duration(struct arena *arena, double ms)
{
	static const struct { double ms; const char *unit; } units[] = {
		{ 86400e3, "d" }, { 3600e3, "h" }, { 60e3, "m" }, { 1e3, "s" },
	};

	for (size_t i = 0; i < COUNT(units); i++)
		if (fmod(ms, units[i].ms) == 0)
			return arena_printf(arena, "%.0f%s", ms / units[i].ms, units[i].unit);
	return arena_printf(arena, "%.0fms", ms);
}

static const char *
print_amount(struct arena *arena, const struct setting *row, double amount)
{
	if (row->type == SETTING_SIZE)
		return print_size(arena, amount);
	if (row->type == SETTING_DURATION)
		return print_duration(arena, amount);
	return arena_printf(arena, row->type == SETTING_NUMBER ? "%.0f" : "%g", amount);
}

const char *
type_range(struct arena *arena, const struct setting *row)
{
	if (row->min == 0 && row->max == 0)
		return NULL;
	return arena_printf(arena, "%s to %s", print_amount(arena, row, row->min),
	    print_amount(arena, row, row->max));
}

static const char *
with_range(struct arena *arena, const struct setting *row, const char *what)
{
	const char *range = type_range(arena, row);

	return range != NULL ? arena_printf(arena, "%s from %s", what, range) : what;
}

static const char *
expected_choice(struct settings *settings, const struct setting *row)
{
	return settings_choose_from(settings, split_choices(settings->arena, row->choices));
}

static const char *
expected_url(struct settings *settings, const struct setting *row)
{
	const char *const *schemes = split_choices(settings->arena,
	    row->choices != NULL ? row->choices : "http|https");
	struct { const char **item; size_t count, size; } begins = { 0 };

	for (size_t i = 0; schemes[i] != NULL; i++)
		*ARENA_GROW(settings->arena, &begins) = arena_printf(settings->arena, "%s://",
		    schemes[i]);
	ARENA_GROW(settings->arena, &begins);
	return arena_printf(settings->arena, "a URL that begins with %s and holds no password",
	    settings_choose_from(settings, begins.item));
}

const char *
type_expected(struct settings *settings, const struct setting *row)
{
	struct arena *arena = settings->arena;

	switch (row->type) {
	case SETTING_STRING:
		return "a text";
	case SETTING_NUMBER:
		return with_range(arena, row, "a whole number");
	case SETTING_REAL:
		return with_range(arena, row, "a number like 0.01");
	case SETTING_BOOL:
		return "true or false";
	case SETTING_DURATION:
		return with_range(arena, row, "a duration like 90s, 15m, 2h or 7d");
	case SETTING_SIZE:
		return with_range(arena, row, "a size like 512, 10kB or 64MiB");
	case SETTING_SECRET:
		return "a secret: \"${NAME}\" or file:PATH";
	case SETTING_URL:
		return expected_url(settings, row);
	case SETTING_PATH:
		return "the path of a file";
	case SETTING_CHOICE:
		return expected_choice(settings, row);
	case SETTING_TIME:
		return "a time like 2026-12-24 18:00";
	case SETTING_NAMES:
		return row->choices == NULL ? "a name or a list of names" :
					      expected_choice(settings, row);
	case SETTING_SECRETS:
		return "a secret or a list of secrets: \"${NAME}\" or file:PATH";
	case SETTING_MAP:
		return "a map";
	case SETTING_LIST:
		return "a list";
	}
	return "a value";
}

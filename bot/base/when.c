/* when.c - durations and stamps as tools write them. */

#include "when.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "text.h"

#define DURATION_MAX DAYS(36500)

static int
digit(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : -1;
}

/* At most nine digits, so that nothing overflows; false when there are none, or more. */
static bool
read_digits(const char **s, int64_t *number)
{
	size_t count = strspn(*s, "0123456789");

	if (count == 0 || count > 9)
		return false;
	for (*number = 0; count > 0; count--)
		*number = *number * 10 + digit(*(*s)++);
	return true;
}

/* Units fall from left to right and come once: "1h30m", never "30m1h". */
bool
duration_read(const char *s, int64_t *ms)
{
	static const struct {
		char letter;
		int64_t ms;
	} units[] = { { 'w', DAYS(7) }, { 'd', DAYS(1) }, { 'h', HOURS(1) }, { 'm', MINUTES(1) },
		{ 's', SECONDS(1) } };
	int64_t sum = 0, number;
	size_t unit = 0;

	do {
		if (!read_digits(&s, &number))
			return false;
		while (unit < COUNT(units) && units[unit].letter != *s)
			unit++;
		if (unit == COUNT(units) || number > DURATION_MAX / units[unit].ms)
			return false;
		sum += number * units[unit++].ms;
		s++;
	} while (*s != '\0');
	if (sum <= 0 || sum > DURATION_MAX)
		return false;
	*ms = sum;
	return true;
}

/* "1 min 52 s"; the small part is left out when it is none. */
static char *
print_pair(struct arena *arena, int64_t large, const char *large_unit, int64_t small,
    const char *small_unit)
{
	if (small == 0)
		return arena_printf(arena, "%lld %s", (long long)large, large_unit);
	return arena_printf(arena, "%lld %s %lld %s", (long long)large, large_unit, (long long)small,
	    small_unit);
}

char *
duration_print(struct arena *arena, int64_t ms)
{
	if (ms < 0)
		return arena_printf(arena, "-%s",
		    duration_print(arena, ms > INT64_MIN ? -ms : INT64_MAX));
	if (ms < SECONDS(10))
		return arena_printf(arena, "%lld.%lld s", (long long)(ms / 1000),
		    (long long)(ms % 1000 / 100));
	if (ms < MINUTES(1))
		return arena_printf(arena, "%lld s", (long long)(ms / 1000));
	if (ms < HOURS(1))
		return print_pair(arena, ms / MINUTES(1), "min", ms % MINUTES(1) / 1000, "s");
	if (ms < DAYS(1))
		return print_pair(arena, ms / HOURS(1), "h", ms % HOURS(1) / MINUTES(1), "min");
	if (ms < DAYS(2))
		return print_pair(arena, 1, "day", ms % DAYS(1) / HOURS(1), "h");
	return arena_printf(arena, "%lld days", (long long)(ms / DAYS(1)));
}

/* ---- stamps ---- */

/* Exactly `count` digits with a value within min…max, then `after` unless that is '\0'. */
static bool
read_field(const char **s, int count, int min, int max, char after, int *value)
{
	*value = 0;
	for (; count > 0; count--, (*s)++) {
		if (digit(**s) < 0)
			return false;
		*value = *value * 10 + digit(**s);
	}
	if (after != '\0' && *(*s)++ != after)
		return false;
	return *value >= min && *value <= max;
}

static bool
read_date(const char **s, struct tm *tm)
{
	static const char lengths[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	bool leap;

	if (!read_field(s, 4, 1, 9999, '-', &tm->tm_year) ||
	    !read_field(s, 2, 1, 12, '-', &tm->tm_mon) ||
	    !read_field(s, 2, 1, 31, '\0', &tm->tm_mday))
		return false;
	leap = tm->tm_year % 4 == 0 && (tm->tm_year % 100 != 0 || tm->tm_year % 400 == 0);
	tm->tm_mon--;
	if (tm->tm_mday > lengths[tm->tm_mon] + (tm->tm_mon == 1 && leap))
		return false;
	tm->tm_year -= 1900;
	return true;
}

/* A fraction of any length, of which the milliseconds count. */
static bool
read_fraction(const char **s, int *ms)
{
	int weight = 100;

	*ms = 0;
	if (**s != '.')
		return true;
	if (digit(*++*s) < 0)
		return false;
	for (; digit(**s) >= 0; (*s)++, weight /= 10)
		*ms += digit(**s) * weight;
	return true;
}

/* A leap second (60) is the first of the next minute: Unix time has none. */
static bool
read_time(const char **s, struct tm *tm, int *ms)
{
	return read_field(s, 2, 0, 23, ':', &tm->tm_hour) &&
	    read_field(s, 2, 0, 59, ':', &tm->tm_min) &&
	    read_field(s, 2, 0, 60, '\0', &tm->tm_sec) && read_fraction(s, ms);
}

/* "Z", "+02:00", "+0200" */
static bool
read_offset(const char **s, int *minutes)
{
	int sign = **s == '-' ? -1 : 1, hours, rest;

	*minutes = 0;
	if (**s == 'Z' || **s == 'z') {
		(*s)++;
		return true;
	}
	if (**s != '+' && **s != '-')
		return false;
	(*s)++;
	if (!read_field(s, 2, 0, 23, '\0', &hours))
		return false;
	*s += **s == ':';
	if (!read_field(s, 2, 0, 59, '\0', &rest))
		return false;
	*minutes = sign * (hours * 60 + rest);
	return true;
}

/* Go's zone name behind the offset, which says it all. */
static bool
at_end(const char *s)
{
	if (*s == ' ')
		return s[1] != '\0' &&
		    s[1 + strspn(s + 1, "ABCDEFGHIJKLMNOPQRSTUVWXYZ+-0123456789")] == '\0';
	return *s == '\0';
}

bool
stamp_read(const char *s, int64_t *stamp)
{
	struct tm tm = { 0 };
	int ms, minutes;

	if (!read_date(&s, &tm) || strchr("Tt ", *s) == NULL || *s++ == '\0')
		return false;
	if (!read_time(&s, &tm, &ms))
		return false;
	s += *s == ' ';
	if (!read_offset(&s, &minutes) || !at_end(s))
		return false;
	*stamp = SECONDS(timegm(&tm)) + ms - MINUTES(minutes);
	return true;
}

/* Seconds, rounded down also before 1970. */
static struct tm
broken_down(int64_t stamp)
{
	time_t seconds = stamp / 1000 - (stamp % 1000 < 0);
	struct tm tm = { 0 };

	gmtime_r(&seconds, &tm);
	return tm;
}

char *
stamp_iso(struct arena *arena, int64_t stamp)
{
	struct tm tm = broken_down(stamp);

	return arena_printf(arena, "%04d-%02d-%02dT%02d:%02d:%02dZ", tm.tm_year + 1900,
	    tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec);
}

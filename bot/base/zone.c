/*
 * zone.c - the clock of a zone: what people read.
 *
 * Apart from when.c, so that programs that only know UTC start without libical and its tables.
 */
#include "when.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <libical/ical.h>

struct zone {
	struct zone *next;
	char *name;
	icaltimezone *ical;
};

static struct zone *zones; /* all that were asked for; kept for ever */

static struct zone *
zone_add(const char *name, icaltimezone *ical)
{
	struct zone *zone = xcalloc(1, sizeof *zone);

	zone->name = xstrdup(name);
	zone->ical = ical;
	zone->next = zones;
	zones = zone;
	return zone;
}

/* The name becomes part of a path in libical. */
static bool
zone_name_ok(const char *name)
{
	static const char letters[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789/_+-";

	return *name != '\0' && *name != '/' && strlen(name) < 64 &&
	    name[strspn(name, letters)] == '\0';
}

const struct zone *
zone_find(const char *name, struct error *err)
{
	icaltimezone *ical;

	for (struct zone *zone = zones; zone != NULL; zone = zone->next)
		if (strcmp(zone->name, name) == 0)
			return zone;
	if (strcmp(name, "UTC") == 0)
		return zone_add(name, icaltimezone_get_utc_timezone());
	ical = zone_name_ok(name) ? icaltimezone_get_builtin_timezone(name) : NULL;
	if (ical == NULL) {
		wrong(err,
		    "there is no time zone \"%s\"; names are like Europe/Berlin (package tzdata)", name);
		return NULL;
	}
	return zone_add(name, ical);
}

int
zone_offset(const struct zone *zone, int64_t stamp)
{
	struct icaltimetype utc;
	int dst;

	if (zone == NULL)
		return 0;
	utc = icaltime_from_timet_with_zone(stamp / 1000, 0, icaltimezone_get_utc_timezone());
	return icaltimezone_get_utc_offset_of_utc_time(zone->ical, &utc, &dst) / 60;
}

/* "UTC", "UTC+8", "UTC-3:30" */
static const char *
offset_name(struct arena *arena, int minutes)
{
	char sign = minutes < 0 ? '-' : '+';

	if (minutes == 0)
		return "UTC";
	minutes = abs(minutes);
	if (minutes % 60 == 0)
		return arena_printf(arena, "UTC%c%d", sign, minutes / 60);
	return arena_printf(arena, "UTC%c%d:%02d", sign, minutes / 60, minutes % 60);
}

/* What a clock in the zone shows, and the zone's name at that time. */
static struct tm
clock_in(struct arena *arena, const struct zone *zone, int64_t stamp, const char **name)
{
	int offset = zone_offset(zone, stamp);
	struct tm tm = { 0 };
	time_t seconds;

	*name = offset_name(arena, offset);
	stamp += MINUTES(offset);
	seconds = stamp / 1000 - (stamp % 1000 < 0);
	gmtime_r(&seconds, &tm);
	return tm;
}

char *
stamp_clock(struct arena *arena, const struct zone *zone, int64_t stamp)
{
	const char *name;
	struct tm tm = clock_in(arena, zone, stamp, &name);

	return arena_printf(arena, "%02d:%02d %s", tm.tm_hour, tm.tm_min, name);
}

char *
stamp_clock_seconds(struct arena *arena, const struct zone *zone, int64_t stamp)
{
	const char *name;
	struct tm tm = clock_in(arena, zone, stamp, &name);

	return arena_printf(arena, "%02d:%02d:%02d %s", tm.tm_hour, tm.tm_min, tm.tm_sec, name);
}

char *
stamp_date(struct arena *arena, const struct zone *zone, int64_t stamp)
{
	static const char months[][4] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug",
		"Sep", "Oct", "Nov", "Dec" };
	const char *name;
	struct tm tm = clock_in(arena, zone, stamp, &name);

	return arena_printf(arena, "%d %s %02d:%02d %s", tm.tm_mday, months[tm.tm_mon], tm.tm_hour,
	    tm.tm_min, name);
}

char *
stamp_full(struct arena *arena, const struct zone *zone, int64_t stamp)
{
	const char *name;
	struct tm tm = clock_in(arena, zone, stamp, &name);

	return arena_printf(arena, "%04d-%02d-%02d %02d:%02d %s", tm.tm_year + 1900, tm.tm_mon + 1,
	    tm.tm_mday, tm.tm_hour, tm.tm_min, name);
}

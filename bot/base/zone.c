/*
 * zone.c - the clock of a zone: what people read.
 *
 * libical is loaded when the first zone other than UTC is asked for: it brings ICU and the library of C++,
 * 3.4 MB of memory and a quarter of the time to start, which an installation in UTC need not pay.
 */
#include "when.h"

#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <libical/ical.h>

struct zone {
	struct zone *next;
	char *name;
	icaltimezone *ical; /* NULL: UTC */
};

static struct {
	void *library;
	__typeof__(icaltimezone_get_builtin_timezone) *builtin;
	__typeof__(icaltimezone_get_utc_timezone) *utc;
	__typeof__(icaltime_from_timet_with_zone) *from_seconds;
	int (*offset)(icaltimezone *, struct icaltimetype *utc, int *is_daylight);	/* seconds */
} ical;

/* dlsym gives an object's pointer; POSIX lets it be a function's. */
static bool
ical_find(const char *name, void *function)
{
	void *found = dlsym(ical.library, name);

	memcpy(function, &found, sizeof found);
	return found != NULL;
}

static bool
ical_load(struct error *err)
{
	if (ical.offset != NULL)
		return true;
	ical.library = dlopen("libical.so.3", RTLD_NOW | RTLD_LOCAL);
	if (ical.library != NULL && ical_find("icaltimezone_get_builtin_timezone", &ical.builtin) &&
	    ical_find("icaltimezone_get_utc_timezone", &ical.utc) &&
	    ical_find("icaltime_from_timet_with_zone", &ical.from_seconds) &&
	    ical_find("icaltimezone_get_utc_offset_of_utc_time", &ical.offset))
		return true;
	return failed(err, "time zones other than UTC need the library libical (package libical3)");
}

static struct zone *zones; /* all that were asked for; kept for ever */

static struct zone *
zone_add(const char *name, icaltimezone *found)
{
	struct zone *zone = xcalloc(1, sizeof *zone);

	zone->name = xstrdup(name);
	zone->ical = found;
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
	icaltimezone *found;

	for (struct zone *zone = zones; zone != NULL; zone = zone->next)
		if (strcmp(zone->name, name) == 0)
			return zone;
	if (strcmp(name, "UTC") == 0)
		return zone_add(name, NULL);
	if (!ical_load(err))
		return NULL;
	found = zone_name_ok(name) ? ical.builtin(name) : NULL;
	if (found == NULL) {
		wrong(err,
		    "there is no time zone \"%s\"; names are like Europe/Berlin (package tzdata)", name);
		return NULL;
	}
	return zone_add(name, found);
}

int
zone_offset(const struct zone *zone, int64_t stamp)
{
	struct icaltimetype utc;
	int dst;

	if (zone == NULL || zone->ical == NULL)
		return 0;
	utc = ical.from_seconds(stamp / 1000, 0, ical.utc());
	return ical.offset(zone->ical, &utc, &dst) / 60;
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

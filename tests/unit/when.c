/* when.c - durations, stamps, zones. */

#include "base/when.h"

#include <time.h>

#include "test.h"

TEST(durations_are_read)
{
	static const struct {
		const char *s;
		int64_t ms;
	} rows[] = {
		{ "15m", MINUTES(15) },
		{ "1h30m", MINUTES(90) },
		{ "90s", SECONDS(90) },
		{ "7d", DAYS(7) },
		{ "2w", DAYS(14) },
		{ "1w2d3h4m5s", DAYS(9) + HOURS(3) + MINUTES(4) + SECONDS(5) },
		{ "1h0m0s", HOURS(1) },
		{ "36500d", DAYS(36500) },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		int64_t ms = -1;

		assert_row(i, duration_read(rows[i].s, &ms));
		assert_row(i, ms == rows[i].ms);
	}
}

TEST(what_is_no_duration_is_refused)
{
	static const char *const rows[] = { "", "0s", "15", "m", "15x", "15 m", " 15m", "15m ", "-1m",
		"+1m", "30m1h", "1m1m", "1.5h", "1H", "36501d", "999999999w", "9999999999s", "1h30" };

	for (size_t i = 0; i < COUNT(rows); i++) {
		int64_t ms = -77;

		assert_row(i, !duration_read(rows[i], &ms));
		assert_row(i, ms == -77);
	}
}

TEST(durations_are_printed_for_people)
{
	static const struct {
		int64_t ms;
		const char *s;
	} rows[] = {
		{ 0, "0.0 s" },
		{ 849, "0.8 s" },
		{ 9999, "9.9 s" },
		{ 12345, "12 s" },
		{ 59999, "59 s" },
		{ SECONDS(112), "1 min 52 s" },
		{ MINUTES(15), "15 min" },
		{ HOURS(1) + SECONDS(59), "1 h" },
		{ HOURS(23) + MINUTES(59), "23 h 59 min" },
		{ DAYS(1), "1 day" },
		{ HOURS(27), "1 day 3 h" },
		{ DAYS(2) + HOURS(23), "2 days" },
		{ DAYS(9), "9 days" },
		{ -MINUTES(2), "-2 min" },
		{ INT64_MIN, "-106751991167 days" },
	};
	_cleanup_(arena_freep) struct arena *arena = arena_new();

	for (size_t i = 0; i < COUNT(rows); i++)
		assert_string_equal(duration_print(arena, rows[i].ms), rows[i].s);
}

TEST(stamps_of_tools_are_read)
{
	static const struct {
		const char *s;
		int64_t stamp;
	} rows[] = {
		{ "1970-01-01T00:00:00Z", 0 },
		{ "2026-11-21T14:22:10Z", 1795270930000 },
		{ "2026-11-21t14:22:10z", 1795270930000 },
		{ "2026-11-21T14:22:10.123456789Z", 1795270930123 },
		{ "2026-11-21T14:22:10.1Z", 1795270930100 },
		{ "2026-11-21T14:22:10+00:00", 1795270930000 },
		{ "2026-11-21T22:22:10+08:00", 1795270930000 },
		{ "2026-11-21T10:52:10.5-03:30", 1795270930500 },
		{ "2026-11-21 14:22:10.1234 +0000 UTC", 1795270930123 },
		{ "2026-11-21 16:22:10 +0200 CEST", 1795270930000 },
		{ "2026-11-21 16:22:10.999999999 +0200 +0200", 1795270930999 },
		{ "2024-02-29T00:00:00Z", 1709164800000 },
		{ "2000-02-29T00:00:00Z", 951782400000 },
		{ "2016-12-31T23:59:60Z", 1483228800000 },
		{ "0001-01-01T00:00:00Z", -62135596800000 },
		{ "1969-12-31T23:59:59.5Z", -500 },
		{ "9999-12-31T23:59:59Z", 253402300799000 },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		int64_t stamp = 7;

		assert_row(i, stamp_read(rows[i].s, &stamp));
		assert_row(i, stamp == rows[i].stamp);
	}
}

TEST(what_is_no_stamp_is_refused)
{
	static const char *const rows[] = { "", "2026", "2026-11-21", "2026-11-21T14:22:10",
		"2026-11-21T14:22Z", "2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z",
		"2026-02-29T00:00:00Z", "1900-02-29T00:00:00Z", "2026-04-31T00:00:00Z",
		"2026-11-21T24:00:00Z", "2026-11-21T14:60:00Z", "2026-11-21T14:22:61Z",
		"2026-11-21T14:22:10.Z", "2026-11-21T14:22:10Zx", "2026-11-21T14:22:10Z ",
		"2026-11-21T14:22:10+2", "2026-11-21T14:22:10+24:00", "2026-11-21T14:22:10+01:60",
		" 2026-11-21T14:22:10Z", "2026/11/21T14:22:10Z", "2026-11-21X14:22:10Z",
		"0000-01-01T00:00:00Z", "26-11-21T14:22:10Z", "2026-11-21 14:22:10 +0000 utc!",
		"2026-1-2T14:22:10Z", "2026-11-21T" };

	for (size_t i = 0; i < COUNT(rows); i++) {
		int64_t stamp = -77;

		assert_row(i, !stamp_read(rows[i], &stamp));
		assert_row(i, stamp == -77);
	}
}

TEST(stamps_are_printed_as_rfc_3339)
{
	_cleanup_(arena_freep) struct arena *arena = arena_new();

	assert_string_equal(stamp_iso(arena, 1795270930999), "2026-11-21T14:22:10Z");
	assert_string_equal(stamp_iso(arena, -1), "1969-12-31T23:59:59Z");
	assert_string_equal(stamp_iso(arena, -62135596800000), "0001-01-01T00:00:00Z");
}

static int
offset_at(const char *name, const char *when)
{
	struct error err = ERROR_INIT;
	const struct zone *zone = zone_find(name, &err);
	int64_t stamp;

	if (zone == NULL)
		fail_msg("%s", err.text);
	assert_true(stamp_read(when, &stamp));
	return zone_offset(zone, stamp);
}

TEST(zones_know_their_summers)
{
	static const struct {
		const char *name, *when;
		int minutes;
	} rows[] = {
		{ "UTC", "2026-07-01T00:00:00Z", 0 },
		{ "Etc/UTC", "2026-07-01T00:00:00Z", 0 },
		{ "Asia/Taipei", "2026-07-01T00:00:00Z", 480 },
		{ "Asia/Kolkata", "2026-07-01T00:00:00Z", 330 },
		{ "Asia/Calcutta", "2026-07-01T00:00:00Z", 330 },
		{ "Europe/Berlin", "2026-03-29T00:59:59Z", 60 },
		{ "Europe/Berlin", "2026-03-29T01:00:00Z", 120 },
		{ "Europe/Berlin", "2026-10-25T00:59:59Z", 120 },
		{ "Europe/Berlin", "2026-10-25T01:00:00Z", 60 },
		{ "America/New_York", "2026-03-08T06:59:59Z", -300 },
		{ "America/New_York", "2026-03-08T07:00:00Z", -240 },
		{ "America/St_Johns", "2026-01-01T00:00:00Z", -210 },
		{ "Australia/Lord_Howe", "2026-01-01T00:00:00Z", 660 },
		{ "Australia/Lord_Howe", "2026-07-01T00:00:00Z", 630 },
	};

	for (size_t i = 0; i < COUNT(rows); i++)
		assert_row(i, offset_at(rows[i].name, rows[i].when) == rows[i].minutes);
	assert_int_equal(zone_offset(NULL, 0), 0);
	assert_ptr_equal(zone_find("Asia/Taipei", NULL), zone_find("Asia/Taipei", NULL));
}

TEST(unknown_zones_are_refused)
{
	static const char *const rows[] = { "", "Nowhere/Land", "../../etc/passwd", "/etc/passwd",
		"Europe/../Europe/Berlin", "europe berlin", "zone.tab", "Europe" };

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct error err = ERROR_INIT;

		assert_row(i, zone_find(rows[i], &err) == NULL);
		assert_row(i, err.kind == WRONG);
	}
	assert_null(zone_find("Nowhere/Land", NULL));
}

TEST(clocks_say_their_zone)
{
	_cleanup_(arena_freep) struct arena *arena = arena_new();
	const struct zone *taipei = zone_find("Asia/Taipei", NULL);
	const struct zone *st_johns = zone_find("America/St_Johns", NULL);
	const struct zone *new_york = zone_find("America/New_York", NULL);
	int64_t stamp = 1795270930999;

	assert_string_equal(stamp_clock(arena, NULL, stamp), "14:22 UTC");
	assert_string_equal(stamp_clock(arena, taipei, stamp), "22:22 UTC+8");
	assert_string_equal(stamp_clock(arena, st_johns, stamp), "10:52 UTC-3:30");
	assert_string_equal(stamp_clock_seconds(arena, NULL, stamp), "14:22:10 UTC");
	assert_string_equal(stamp_date(arena, NULL, stamp), "21 Nov 14:22 UTC");
	assert_string_equal(stamp_date(arena, taipei, stamp + HOURS(2)), "22 Nov 00:22 UTC+8");
	assert_string_equal(stamp_date(arena, new_york, SECONDS(1767225600)), "31 Dec 19:00 UTC-5");
	assert_string_equal(stamp_full(arena, NULL, stamp), "2026-11-21 14:22 UTC");
	assert_string_equal(stamp_date(arena, NULL, 0), "1 Jan 00:00 UTC");
}

TEST(printed_stamps_are_read_back)
{
	_cleanup_(arena_freep) struct arena *arena = arena_new();
	unsigned long long seed = 3;

	for (int round = 0; round < 20000; round++) {
		int64_t stamp, again = -1;

		seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
		/* seconds from year 1 to year 9999 */
		stamp = SECONDS((int64_t)(seed >> 20) % 315537897600 - 62135596800);
		assert_row(round, stamp_read(stamp_iso(arena, stamp), &again));
		assert_row(round, again == stamp);
	}
}

/* Day by day, without a calendar of anybody. */
TEST(each_day_of_four_centuries_follows_the_one_before)
{
	static const int lengths[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	int64_t wanted = 0, stamp = -1;

	for (int year = 1970; year < 2370; year++)
		for (int month = 1; month <= 12; month++) {
			bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
			int days = lengths[month - 1] + (month == 2 && leap);

			for (int day = 1; day <= days; day++, wanted += DAYS(1)) {
				char s[64];

				snprintf(s, sizeof s, "%04d-%02d-%02dT00:00:00Z", year, month, day);
				assert_row(year, stamp_read(s, &stamp) && stamp == wanted);
			}
		}
}

/* The C library's own reading of the same files; the tests' zone is put back. */
TEST(zones_are_those_of_the_c_library)
{
	static const char *const names[] = { "Europe/Berlin", "Europe/London", "Europe/Dublin",
		"America/New_York", "America/Los_Angeles", "America/Sao_Paulo", "America/Santiago",
		"America/St_Johns", "Asia/Taipei", "Asia/Tokyo", "Asia/Shanghai", "Asia/Kolkata",
		"Asia/Tehran", "Asia/Gaza", "Africa/Casablanca", "Australia/Sydney",
		"Australia/Lord_Howe", "Pacific/Apia", "US/Pacific", "Etc/GMT+8", "CET" };

	for (size_t i = 0; i < COUNT(names); i++) {
		const struct zone *zone = zone_find(names[i], NULL);

		assert_row(i, zone != NULL);
		setenv("TZ", names[i], 1);
		tzset();
		/* 2020 to 2037, every 17 hours */
		for (time_t now = 1577836800; now < 2145916800; now += 17 * 3600) {
			struct tm tm;

			localtime_r(&now, &tm);
			if (zone_offset(zone, SECONDS(now)) != tm.tm_gmtoff / 60)
				fail_msg("%s at %ld", names[i], (long)now);
		}
	}
	unsetenv("TZ");
	tzset();
}

TEST(a_printed_duration_names_its_largest_units)
{
	_cleanup_(arena_freep) struct arena *arena = arena_new();

	for (int64_t ms = 1; ms < DAYS(400); ms = ms * 3 / 2 + 1) {
		const char *s = duration_print(arena, ms);

		assert_true(strlen(s) < 16);
		assert_true(strstr(s, ms < MINUTES(1) ? " s" : ms < HOURS(1) ? " min" :
		    ms < DAYS(1) ? " h" : " day") != NULL);
	}
}

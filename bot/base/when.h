/*
 * when.h - times and durations as people and tools write them.
 *
 * All stamps are milliseconds since 1970, UTC (int64_t).  C's own zone is UTC and stays so (L6).
 */
#ifndef BASE_WHEN_H
#define BASE_WHEN_H

#include "arena.h"
#include "error.h"

/* "15m", "1h30m", "90s", "7d", "2w"; whole string, > 0; result in milliseconds. */
bool duration_read(const char *s, int64_t *ms);
char *duration_print(struct arena *, int64_t ms);	/* "0.8 s", "12 s", "1 min 52 s", "9 days" */

/* RFC 3339, also with nanoseconds and "+00:00"; and Go's "2026-11-02 10:00:00.1234 +0000 UTC". */
bool stamp_read(const char *s, int64_t *stamp);
char *stamp_iso(struct arena *, int64_t stamp);			/* 2026-11-21T14:22:10Z */

/* A zone by its IANA name; the offset at a stamp in minutes; NULL is UTC. */
struct zone;
const struct zone *zone_find(const char *name, struct error *);	/* borrowed, kept for ever */
int zone_offset(const struct zone *, int64_t stamp);
char *stamp_clock(struct arena *, const struct zone *, int64_t stamp);	/* "14:22 UTC+8" */
char *stamp_clock_seconds(struct arena *, const struct zone *, int64_t stamp); /* "14:22:10 UTC" */
char *stamp_date(struct arena *, const struct zone *, int64_t stamp);	/* "21 Nov 14:22 UTC" */
char *stamp_full(struct arena *, const struct zone *, int64_t stamp);	/* "2026-11-21 14:22 UTC" */

#endif

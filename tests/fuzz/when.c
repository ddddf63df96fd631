/* when.c - any text as a moment or a duration: what is read is printed and read the same again. */

#include "base/when.h"
#include "fuzz.h"

FUZZ
{
	struct arena *arena = arena_new();
	int64_t stamp = -1, again, ms = -1;

	if (strlen(bytes) == length && stamp_read(bytes, &stamp)) {
		const char *iso = stamp_iso(arena, stamp);

		must(stamp_read(iso, &again));
		must(again <= stamp && stamp - again < SECONDS(1));	/* printed in seconds */
		must(strlen(stamp_full(arena, NULL, stamp)) > 10);
		must(strlen(stamp_clock_seconds(arena, NULL, stamp)) > 8);
	}
	if (strlen(bytes) == length && duration_read(bytes, &ms)) {
		must(ms > 0);
		must(*duration_print(arena, ms) != '\0');
	} else {
		must(ms == -1);
	}
	arena_free(arena);
}

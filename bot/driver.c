/* driver.c - the registered drivers, and histories as people read them. */
#include "driver.h"

#include <stdlib.h>

#include "base/text.h"

static const struct driver *const *drivers;

void
drivers_register(const struct driver *const *table)
{
	drivers = table;
}

const struct driver *
driver_find(const char *name)
{
	for (size_t i = 0; drivers != NULL && drivers[i] != NULL; i++)
		if (string_equal(drivers[i]->name, name))
			return drivers[i];
	return NULL;
}

const struct revision *
history_find(const struct history *history, int64_t number)
{
	for (size_t i = 0; i < history->count; i++)
		if (history->item[i].number == number)
			return &history->item[i];
	return NULL;
}

static bool
has_number(const char *list, int64_t number)
{
	char *end;

	for (const char *s = list; s != NULL && *s != '\0'; s = *end == ',' ? end + 1 : "") {
		if (strtoll(s, &end, 10) == number)
			return true;
		if (end == s)
			return false;
	}
	return false;
}

const struct revision *
history_renumbered(const struct history *history, int64_t number)
{
	for (size_t i = history->count; i-- > 0;)
		if (has_number(history->item[i].earlier, number))
			return &history->item[i];
	return NULL;
}

/* How many revisions from `first` on have numbers without a gap. */
static size_t
run_of(const struct history *history, size_t first)
{
	size_t end = first + 1;

	while (end < history->count &&
	    history->item[end].number == history->item[end - 1].number + 1)
		end++;
	return end - first;
}

const char *
history_print(struct arena *arena, const struct history *history)
{
	_cleanup_(text_clear) struct text out = TEXT_INIT_LIMIT(KILOBYTES(4));

	if (history->count == 0)
		return "none";
	for (size_t i = 0, run; i < history->count; i += run) {
		long long number = (long long)history->item[i].number;

		run = run_of(history, i) >= 3 ? run_of(history, i) : 1;
		if (i > 0)
			text_add(&out, i + run == history->count ? " and " : ", ");
		if (run > 1)
			text_printf(&out, "%lld to %lld", number,
			    (long long)history->item[i + run - 1].number);
		else
			text_printf(&out, "%lld", number);
	}
	return arena_copy(arena, out.data, out.length);
}

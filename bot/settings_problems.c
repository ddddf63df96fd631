/* settings_problems.c - what is wrong with a file, collected, then told in the order of its lines. */

#include <stdlib.h>
#include <string.h>

#include "base/unicode.h"
#include "settings_parts.h"

#define PROBLEMS_TOLD 100
#define QUOTED_CHARACTERS 60
#define CHOICES_TOLD 12

static void _printf_(6, 0)
problem_add(struct settings *settings, struct problems *problems, int line, int column,
    const char *path, const char *format, va_list ap)
{
	struct arena *arena = settings->arena;
	const char *words, *place;
	size_t order = problems->count;

	if (order >= PROBLEMS_KEPT)
		return;
	words = arena_vprintf(arena, format, ap);
	place = settings->file;
	if (line > 0)
		place = arena_printf(arena, "%s:%d:%d", settings->file, line, column);
	*ARENA_GROW(arena, problems) = (struct problem){ line, column, order,
		path[0] != '\0' ? arena_printf(arena, "%s: %s: %s", place, path, words) :
				  arena_printf(arena, "%s: %s", place, words) };
}

void
settings_wrong_at(struct settings *settings, int line, int column, const char *path,
    const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	problem_add(settings, &settings->wrong, line, column, path, format, ap);
	va_end(ap);
}

void
settings_warn_at(struct settings *settings, int line, int column, const char *path,
    const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	problem_add(settings, &settings->warnings, line, column, path, format, ap);
	va_end(ap);
}

void
settings_problem(struct settings *settings, const struct value *at, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	problem_add(settings, &settings->wrong, at != NULL ? at->line : 0,
	    at != NULL ? at->column : 0, at != NULL ? at->path : "", format, ap);
	va_end(ap);
}

void
settings_warning(struct settings *settings, const struct value *at, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	problem_add(settings, &settings->warnings, at != NULL ? at->line : 0,
	    at != NULL ? at->column : 0, at != NULL ? at->path : "", format, ap);
	va_end(ap);
}

static int
problem_compare(const void *one, const void *other)
{
	const struct problem *a = one, *b = other;

	if (a->line != b->line)
		return a->line < b->line ? -1 : 1;
	if (a->column != b->column)
		return a->column < b->column ? -1 : 1;
	return (a->order > b->order) - (a->order < b->order);
}

static void
problems_print(struct problems *problems, struct text *out)
{
	size_t told = problems->count < PROBLEMS_TOLD ? problems->count : PROBLEMS_TOLD;

	if (problems->count > 0)
		qsort(problems->item, problems->count, sizeof(*problems->item), problem_compare);
	for (size_t i = 0; i < told; i++)
		text_printf(out, "%s\n", problems->item[i].sentence);
	if (told < problems->count)
		text_printf(out, "… and %s%zu more\n",
		    problems->count == PROBLEMS_KEPT ? "at least " : "", problems->count - told);
}

bool
settings_end(struct settings *settings, struct text *problems)
{
	bool fine = settings->wrong.count == 0;

	problems_print(fine ? &settings->warnings : &settings->wrong, problems);
	return fine;
}

const char *
settings_quote(struct settings *settings, const char *text)
{
	_cleanup_(text_clear) struct text masked = TEXT_INIT_LIMIT(SETTINGS_BYTES * 2);
	const char *clean;
	size_t whole, shown;

	/* A token pasted into the wrong line must not end in a log. */
	mask_text(secret_mask(), &masked, text, strlen(text));
	clean = foreign_text(settings->arena, masked.data, masked.length);
	whole = strlen(clean);
	shown = utf8_prefix(clean, QUOTED_CHARACTERS);

	for (size_t i = 0; i < shown; i++)
		if (clean[i] == '\n')
			shown = i;
	return arena_printf(settings->arena, "\"%.*s%s\"", (int)shown, clean,
	    shown < whole ? "…" : "");
}

const char *
settings_choose_from(struct settings *settings, const char *const *names)
{
	_cleanup_(text_clear) struct text text = TEXT_INIT_LIMIT(KILOBYTES(4));
	size_t count = 0;

	while (names[count] != NULL)
		count++;
	for (size_t i = 0; i < count && i < CHOICES_TOLD; i++)
		text_printf(&text, "%s%s", i == 0 ? "" : i + 1 == count ? " or " : ", ", names[i]);
	if (count > CHOICES_TOLD)
		text_add(&text, " …");
	return arena_strdup(settings->arena, text.data);
}

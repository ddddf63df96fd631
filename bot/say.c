/*
 * say.c - sentences for people.
 *
 * The catalogue is looked up by the English format; English is the key itself and needs none.
 */
#include "say.h"

#include <assert.h>
#include <string.h>

#include "base/text.h"

static struct {
	const char *language;
	const struct say_entry *table;
} catalogues[8];
static const struct say_entry *present;

void
say_register(const char *language, const struct say_entry *table)
{
	size_t i = 0;

	while (i < COUNT(catalogues) && catalogues[i].language != NULL)
		i++;
	assert(i < COUNT(catalogues));
	catalogues[i].language = language;
	catalogues[i].table = table;
}

void
say_language(const char *language)
{
	present = NULL;
	for (size_t i = 0; i < COUNT(catalogues) && catalogues[i].language != NULL; i++)
		if (string_equal(catalogues[i].language, language))
			present = catalogues[i].table;
}

static const char *translated(const char *english) __attribute__((format_arg(1)));

static const char *
translated(const char *english)
{
	for (const struct say_entry *entry = present; entry != NULL && entry->english != NULL;
	     entry++)
		if (strcmp(entry->english, english) == 0)
			return entry->text;
	return english;
}

const char *
say(struct arena *arena, const char *english, ...)
{
	char *sentence;
	va_list ap;

	va_start(ap, english);
	sentence = arena_vprintf(arena, translated(english), ap);
	va_end(ap);
	return sentence;
}

const char *
say_count(struct arena *arena, int64_t count, const char *one, const char *other, ...)
{
	char *sentence;
	va_list ap;

	va_start(ap, other);
	sentence = arena_vprintf(arena, count == 1 ? translated(one) : translated(other), ap);
	va_end(ap);
	return sentence;
}

char *
say_plain(struct arena *arena, const char *marked)
{
	_cleanup_(text_clear) struct text plain = TEXT_INIT;
	bool person = false, channel = false;
	const char *end = marked + strlen(marked);
	size_t run;

	for (const char *s = marked; s < end; s++) {
		run = string_plain(s, (size_t)(end - s));
		text_add_bytes(&plain, s, run);
		if ((s += run) == end)
			break;
		if (*s == PERSON[0]) {
			if ((person = !person))
				text_add_char(&plain, '@');
		} else if (*s == CHANNEL[0]) {
			if ((channel = !channel))
				text_add_char(&plain, '#');
		} else if (*s != BOLD[0] && *s != CODE[0]) {
			text_add_char(&plain, *s);
		}
	}
	return arena_copy(arena, plain.data, plain.length);
}

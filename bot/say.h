/*
 * say.h - every sentence for people goes through here (decision W5).
 *
 * The English format is the key of the catalogue; the engine sets the language when it calls into a
 * command (say_language).  Only English ships, so a format is its own translation.  Errors carry their
 * text, digests never contain one.
 *
 * Neutral marks, which renderers turn into what their home has; none of them can come from outside,
 * because foreign_text and fold_* drop control characters.  Each stands before and after what it marks:
 */
#ifndef BOT_SAY_H
#define BOT_SAY_H

#include "base/arena.h"

#define BOLD "\x02"		/* BOLD "1.2.4" BOLD */
#define CODE "\x03"
#define PERSON "\x04"		/* PERSON "U0ANN" PERSON: a mention */
#define CHANNEL "\x05"		/* CHANNEL "C0INCIDENTS" CHANNEL */

const char *say(struct arena *, const char *english, ...) _printf_(2, 3);
/* The form for a count: say_count(a, n, "%d pod is", "%d pods are", n). */
const char *say_count(struct arena *, int64_t count, const char *one, const char *other, ...)
    _printf_(3, 5) _printf_(4, 5);

/* A catalogue holds translations by their English format; its holes must be of the same types in the
 * same order ("%2$s" may reorder).  What is not in it falls back to English.  NULL ends a table. */
struct say_entry {
	const char *english, *text;
};
void say_register(const char *language, const struct say_entry *table);
void say_language(const char *language);	/* "en"; one without a catalogue is English */

/* A text without its marks, for terminals, logs and notifications; ids of people and channels get the
 * "@" and "#" that tell them from words. */
char *say_plain(struct arena *, const char *marked);

#endif

/*
 * say.h - every sentence for people goes through here (decision W5).
 *
 * The English format is the key of the catalogue; the engine sets the language when it calls into a
 * command (say_language).  Only English ships, so a format is its own translation.  Errors carry their
 * text, digests never contain one.
 *
 * Neutral marks, which renderers turn into what their home has; none of them can come from outside,
 * because foreign_text and fold_* drop control characters:
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
void say_language(const char *language);	/* "en" */

/* A text without its marks, for terminals, logs and notifications. */
char *say_plain(struct arena *, const char *marked);

#endif

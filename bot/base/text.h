/*
 * text.h - the one string builder.
 *
 * `data` is never NULL and always terminated.  A text has a limit in bytes (TEXT_INIT: 1 MiB);
 * what would pass it is dropped, on a character, and `cut` is set: nothing more is added until a
 * reset, so what is there is a true beginning.  A builder can thus be filled without checks and
 * judged once at the end.  text_take detaches the string (caller frees) and leaves an empty text.
 * text_clear frees and may be called twice.
 */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include "memory.h"

struct text {
	char *data;
	size_t length, size, limit;
	bool cut;
};

extern char text_empty[];	/* what `data` points at before the first byte */
#define TEXT_INIT_LIMIT(bytes) { .data = text_empty, .limit = (bytes) }
#define TEXT_INIT TEXT_INIT_LIMIT(MEGABYTES(1))

void text_init(struct text *, size_t limit);
void text_clear(struct text *);
void text_wipe(struct text *);		/* text_clear of what held a secret */
void text_reset(struct text *);		/* empties, keeps the memory */
char *text_take(struct text *);

void text_add(struct text *, const char *s);
void text_add_bytes(struct text *, const void *bytes, size_t length);
void text_add_char(struct text *, char c);
void text_printf(struct text *, const char *format, ...) _printf_(2, 3);
void text_vprintf(struct text *, const char *format, va_list) _printf_(2, 0);
void text_drop(struct text *, size_t first);	/* removes the first bytes */
void text_truncate(struct text *, size_t length);	/* shorter clears `cut` */
bool text_ends(const struct text *, const char *suffix);

/* Small questions about finished strings. */
/* How many bytes at its beginning are printable ASCII but " and \: what JSON and most texts are made of. */
size_t string_plain(const char *s, size_t length);
/* The length without an unfinished UTF-8 character at its end. */
size_t string_cut(const char *s, size_t length);
bool string_starts(const char *s, const char *prefix);
bool string_ends(const char *s, const char *suffix);
bool string_equal(const char *a, const char *b);	/* NULL equals only NULL */
bool string_equal_nocase(const char *a, const char *b);	/* ASCII */
bool string_in(const char *s, const char *const *list);	/* list ends with NULL */
/* The integer that the whole string is, within min…max; false and untouched otherwise. */
bool string_number(const char *s, int64_t min, int64_t max, int64_t *number);
/* The entry of a NULL-terminated list nearest to s (Damerau-Levenshtein ≤ 2, or ≤ 1 below five
 * letters), NULL when none is near. */
const char *string_nearest(const char *s, const char *const *list);

#endif

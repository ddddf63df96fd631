/*
 * memory.h - allocation that cannot fail, locals that free themselves, arrays that grow.
 *
 * Out of memory aborts: a bot that forgets half an operation is worse than one that is restarted
 * and finishes it from the store.  Therefore every size that comes from outside has a bound where
 * its buffer is made.
 *
 *	_cleanup_(text_clear) struct text line = TEXT_INIT;
 *
 *	struct { struct step *item; size_t count, size; } steps;	any struct with these names
 *	*GROW(&steps) = (struct step){ .title = "…" };			the new, zeroed element
 */
#ifndef BASE_MEMORY_H
#define BASE_MEMORY_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define _cleanup_(f) __attribute__((cleanup(f)))
#define _printf_(a, b) __attribute__((format(printf, a, b)))
#define CONTAINER(pointer, type, member) ((type *)(void *)((char *)(pointer) - offsetof(type, member)))
#define COUNT(array) (sizeof(array) / sizeof(*(array)))
#define KILOBYTES(n) ((size_t)(n) << 10)
#define MEGABYTES(n) ((size_t)(n) << 20)
#define SECONDS(n) ((int64_t)(n) * 1000)
#define MINUTES(n) (SECONDS(n) * 60)
#define HOURS(n) (MINUTES(n) * 60)
#define DAYS(n) (HOURS(n) * 24)

void *xmalloc(size_t size);
void *xcalloc(size_t count, size_t size);
void *xrealloc(void *old, size_t size);
char *xstrdup(const char *s);
char *xstrndup(const char *s, size_t length);
char *xasprintf(const char *format, ...) _printf_(1, 2);
char *xvasprintf(const char *format, va_list ap) _printf_(1, 0);

/* For _cleanup_(freep): frees what the pointer variable holds. */
void freep(void *pointer_to_pointer);

/* Makes room for one more element of `width` bytes in an array; returns the zeroed new one. */
void *grow_array(void **item, size_t *count, size_t *size, size_t width);
#define GROW(a)                                                                                    \
	((__typeof__((a)->item))grow_array(                                                        \
	    (void **)&(a)->item, &(a)->count, &(a)->size, sizeof(*(a)->item)))

#endif

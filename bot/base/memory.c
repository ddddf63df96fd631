/* memory.c - allocation that aborts instead of failing. */

#include "memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void *
must(void *memory)
{
	static const char words[] = "rollcall: out of memory\n";

	if (memory == NULL) {
		/* The result is of no use to a process that is about to end. */
		if (write(STDERR_FILENO, words, sizeof words - 1) < 0)
			abort();
		abort();
	}
	return memory;
}

/* malloc(0) may give NULL, which is no failure: one byte is asked for instead. */
void *
xmalloc(size_t size)
{
	return must(malloc(size > 0 ? size : 1));
}

void *
xcalloc(size_t count, size_t size)
{
	if (count == 0 || size == 0)
		count = size = 1;
	return must(calloc(count, size));
}

void *
xrealloc(void *old, size_t size)
{
	return must(realloc(old, size > 0 ? size : 1));
}

char *
xstrdup(const char *s)
{
	return xstrndup(s, strlen(s));
}

char *
xstrndup(const char *s, size_t length)
{
	char *copy;

	length = strnlen(s, length);
	copy = xmalloc(length + 1);
	memcpy(copy, s, length);
	copy[length] = '\0';
	return copy;
}

char *
xasprintf(const char *format, ...)
{
	va_list ap;
	char *s;

	va_start(ap, format);
	s = xvasprintf(format, ap);
	va_end(ap);
	return s;
}

/* vasprintf prints into memory that it makes larger, and then smaller; most texts are short. */
char *
xvasprintf(const char *format, va_list ap)
{
	char small[512], *s;
	va_list again;
	int length;

	va_copy(again, ap);
	length = vsnprintf(small, sizeof small, format, ap);
	if (length >= 0 && (size_t)length < sizeof small)
		s = xstrndup(small, (size_t)length);
	else if (vasprintf(&s, format, again) < 0)
		s = must(NULL);
	va_end(again);
	return s;
}

void
freep(void *pointer_to_pointer)
{
	void *memory;

	/* By bytes: a char ** is no void **, and the optimiser knows. */
	memcpy(&memory, pointer_to_pointer, sizeof memory);
	free(memory);
}

void *
grow_array(void **item, size_t *count, size_t *size, size_t width)
{
	void *array, *fresh;

	memcpy(&array, (void *)item, sizeof array);
	if (*count == *size) {
		*size = *size > 0 ? *size * 2 : 8;
		if (*size > SIZE_MAX / 2 / width)
			must(NULL);
		array = xrealloc(array, *size * width);
		memcpy((void *)item, &array, sizeof array);
	}
	fresh = (char *)array + *count * width;
	(*count)++;
	return memset(fresh, 0, width);
}

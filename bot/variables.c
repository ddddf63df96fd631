/* variables.c - the environment moved to pages of our own. */

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "variables.h"

static char *taken;		/* "A=1\0B=2\0\0"; NULL: not taken */

static size_t
variables_size(void)
{
	size_t size = 1;

	for (char **at = environ; at != NULL && *at != NULL; at++)
		size += strlen(*at) + 1;
	return size;
}

/* Locking may be past the limit of the process; the rest still holds. */
static char *
variables_pages(size_t size)
{
	char *pages = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (pages == MAP_FAILED)
		abort();
	(void)mlock(pages, size);
	(void)madvise(pages, size, MADV_DONTDUMP);
	(void)madvise(pages, size, MADV_WIPEONFORK);
	return pages;
}

void
variables_take(void)
{
	char *to, *pages;
	size_t length;

	if (taken != NULL)
		return;
	to = pages = variables_pages(variables_size());
	for (char **at = environ; at != NULL && *at != NULL; at++) {
		length = strlen(*at);
		memcpy(to, *at, length + 1);
		to += length + 1;
		explicit_bzero(*at, length);
	}
	taken = pages;
	clearenv();
}

const char *
variable_find(const char *name)
{
	size_t length = strlen(name);

	if (taken == NULL)
		return getenv(name);
	for (const char *at = taken; *at != '\0'; at += strlen(at) + 1)
		if (strncmp(at, name, length) == 0 && at[length] == '=')
			return at + length + 1;
	return NULL;
}

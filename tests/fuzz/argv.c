/*
 * argv.c - any vector against the guard (AR1, AR2): what is let through has the one allowed shape.
 *
 * The input's lines are the arguments.
 */

#include "tools.h"

/* Verbs, then flags, then "--", then values none of which is a flag. */
static void
check_shape(char *const argv[])
{
	bool flags = false, values = false;

	for (size_t i = 1; argv[i] != NULL; i++) {
		const char *a = argv[i];

		for (const char *c = a; *c != '\0'; c++)
			assert((unsigned char)*c >= 0x20 && *c != 0x7f);
		if (values) {
			assert(a[0] != '-' && a[0] != '@' && a[0] != '\0');
		} else if (strcmp(a, "--") == 0) {
			values = true;
		} else if (a[0] == '-') {
			flags = true;
			assert(!string_starts(a, "--server") && !string_starts(a, "--token") &&
			    !string_starts(a, "--kube") && !string_starts(a, "--as") &&
			    !string_starts(a, "--insecure") && !string_starts(a, "--force="));
			i += strcmp(a, "-n") == 0;
			assert(argv[i] != NULL);
		} else {
			assert(!flags);
		}
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_(arena_freep) struct arena *arena = arena_new();
	char *bytes = arena_copy(arena, data, size), *argv[200];
	struct error err = ERROR_INIT;
	size_t count = 0;

	for (char *next; bytes != NULL && count < COUNT(argv) - 1; bytes = next) {
		if ((next = strchr(bytes, '\n')) != NULL)
			*next++ = '\0';
		argv[count++] = bytes;
	}
	argv[count] = NULL;
	if (argv_check(argv, &err) != NULL)
		check_shape(argv);
	else
		assert(err.kind == BROKEN && err.text[0] != '\0');
	return 0;
}

/*
 * arguments.h - a tool's command line: what stands alone, and what flags say.
 *
 * Flags are accepted in every usual form: --name=value, --name value, -n value, --switch; after "--" all
 * stands alone.  A flag that the table does not know is an error, as with the real tools.
 */
#ifndef CLUSTER_ARGUMENTS_H
#define CLUSTER_ARGUMENTS_H

#include "tool.h"

#define POSITIONALS 128
#define FLAGS 32

struct arguments {
	const char *item[POSITIONALS];	/* alone, in their order; the verbs first */
	size_t count;
	struct {
		const char *name, *value;
	} flag[FLAGS];
	size_t flags;
};

/* known: "--namespace|-n=" for one that takes a value, "--watch" for one that may be said alone. */
bool arguments_read(struct arguments *, char **argv, const char *const *known, struct error *);
bool arguments_have(const struct arguments *, const char *flag);
/* "true" for a switch; NULL when it is absent. */
const char *arguments_flag(const struct arguments *, const char *flag);
const char *arguments_flag_or(const struct arguments *, const char *flag, const char *otherwise);

#endif

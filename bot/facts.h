/*
 * facts.h - what the read-only steps of a plan found out.
 *
 * A fact has a name ("deployment", "manifest-5"), the exit status of the tool that was asked, what it
 * printed, and when.  Facts are pure input of commands: they live in an arena of their own, up to 4 MiB
 * each, and are dropped when the plan is made, since they hold Secrets (decision E2).
 */
#ifndef BOT_FACTS_H
#define BOT_FACTS_H

#include "base/arena.h"
#include "base/json.h"

#define FACT_LIMIT MEGABYTES(4)

struct fact {
	const char *name;
	int exit;		/* exit status; -1: killed at its limit; -2: could not be started */
	const char *out;	/* stdout, '\0' added */
	size_t length;
	const char *errors;	/* stderr, made harmless and masked, at most 4 KiB */
	bool cut;		/* it was longer than the limit: unusable */
	int64_t stamp;		/* wall ms when the answer was there */
	bool masked;		/* large, and what it says of Secrets is known to the mask */
	cJSON *json;		/* parsed on first use; private */
};

struct facts {
	struct arena *arena;
	struct fact *item;
	size_t count, size;
};

struct facts *facts_new(void);
void facts_free(struct facts *);	/* accepts NULL */
void facts_freep(struct facts **);
/* Copies, errors NULL being none; one past the limit is kept as `cut`.  A second fact of the same name replaces the first. */
void facts_add(struct facts *, const struct fact *);

const struct fact *facts_find(const struct facts *, const char *name);
bool facts_have(const struct facts *, const char *name);
/* stdout of a fact that must be there and have exit 0; otherwise the error tells what the tool said. */
const char *facts_text(const struct facts *, const char *name, struct error *);
/* The same as JSON, parsed once, owned by the facts. */
const cJSON *facts_json(const struct facts *, const char *name, struct error *);
/* The last line of what the tool said on stderr, for "%.*s": its first lines are warnings. */
const char *fact_reason(const struct fact *, int *length);

#endif

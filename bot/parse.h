/*
 * parse.h - what was typed, as a request; pure, from memory only.
 *
 * One grammar for every way in (ux.md 1).  Connecting words come in any order after the target:
 *
 *	[/]COMMAND [SUBCOMMAND] TARGET [to REVISION] [in CLUSTER|ENVIRONMENT] [without hooks] [dry-run]
 *	    [now] [direct] [because REASON …]
 *
 * On failure the error is one sentence that names the missing or misspelt part; `suggestion`, when there
 * is one, is a whole corrected command without `now`, which may be offered but is never run.
 */
#ifndef BOT_PARSE_H
#define BOT_PARSE_H

#include "command.h"
#include "request.h"

struct parsed {
	struct request *request;	/* NULL on failure */
	const char *suggestion;		/* in the arena given; NULL none */
};

/* The request lives in an arena of its own (request_free). */
bool parse(struct parsed *, const struct configuration *, struct arrival *, struct arena *,
    struct error *);
void request_free(struct request *);

/* The target of a button or a stored request: the same resolution as the grammar's. */
bool parse_place(struct request *, const char *target, const char *place, struct error *);
/* What its object is called in that cluster. */
const char *parse_target_name(const struct target_setting *, const struct cluster *);
/* What a target is in its cluster, which stands in it already; false: no driver of this version acts on it. */
bool parse_fill_target(struct arena *, struct target *, const struct target_setting *, struct error *);

#endif

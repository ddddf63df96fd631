/*
 * permit.h - may this person do this to that, here, and who else must say yes (P1-P7, ID1-ID7).
 *
 * Rules are read in order, the first that fits decides, nothing fits: no.  Facts about people come from the
 * directory; a fact that is missing or could not be fetched counts as no.  Pure but for the directory's
 * memory.  A permission lives as long as its request, whatever becomes of the configuration.
 */
#ifndef BOT_PERMIT_H
#define BOT_PERMIT_H

#include "directory.h"
#include "request.h"

#define NEEDS_MOST 8

struct requirement {
	int count;			/* 0: none */
	const char *const *roles;	/* NULL: whoever may ask for it, which is */
	const char *const *askers;	/* these roles; NULL: everybody */
};

struct permission {
	bool allowed, now, reason_required, unknown;	/* unknown: fetch, then ask again */
	bool forbidden;					/* a rule says no, rather than none yes */
	bool dialog;					/* the environment asks for approvals: a yes is given in a dialog */
	const char *const *roles;			/* of the rule that fitted; NULL: of no rule, or any */
	/* Of the rule and of the environment; behind them what a reload added (permission_tighten). */
	struct requirement needs[NEEDS_MOST];
};

/* false: err is the refusal, with the role that would be needed and who has it. With
 * permission->unknown set, something about the person is not in memory: directory_fetch, then again. */
bool permit(struct permission *, const struct configuration *, struct directory *,
    const struct request *, enum effect, struct error *);

/* Only whether they are one of us, here: a full member, or somebody whom the configuration names. */
bool permit_member(const struct configuration *, struct directory *, const struct arrival *,
    const char *principal, struct error *);
/* The same for what changes nothing and tells no more than the names of targets: what was known in the last hour
 * counts, since a change is told by an event. *unknown: fetch, then ask again. */
bool permit_reader(const struct configuration *, struct directory *, const struct arrival *,
    const char *principal, bool *unknown, struct error *);
/* May this principal give one of the yeses?  Never the requester (AP3). */
bool permit_approval(const struct permission *, const struct configuration *, struct directory *,
    const struct request *, const char *principal, struct error *);
/* Do these approvals meet every requirement?  One person may count for both. */
bool permit_enough(const struct permission *, const struct configuration *, struct directory *,
    const struct request *, const char *const *people, size_t count);
/* What one policy allowed, as far as a later one does too, with the requirements of both (CS2).  true: more is
 * asked for than before; allowed is false when so many policies are not kept at once. */
bool permission_tighten(struct permission *, const struct permission *later);
/* How many yeses are asked for, the same person counted for each requirement. */
int permission_yeses(const struct permission *);
int permit_missing(const struct permission *, const struct configuration *, struct directory *,
    const struct request *, const char *const *people, size_t count, const struct requirement **which);

/* Root and our own account at the local socket (CS1): never approve, may unlock. */
bool permit_is_operator(const char *principal);
bool permit_has_role(const struct configuration *, struct directory *, const char *principal,
    const char *role);
/* "sre (ann, bob)": for refusals. */
const char *permit_print_role(struct arena *, const struct configuration *, const char *role);

#endif

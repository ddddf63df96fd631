/*
 * permit.h - may this person do this to that, here, and who else must say yes (P1-P7, ID1-ID7).
 *
 * Rules are read in order, the first that fits decides, nothing fits: no.  Facts about people come from the
 * directory; a fact that is missing or could not be fetched counts as no.  Pure but for the directory's
 * memory.
 */
#ifndef BOT_PERMIT_H
#define BOT_PERMIT_H

#include "directory.h"
#include "request.h"

struct requirement {
	int count;
	const char *const *roles;	/* NULL: whoever may run it */
};

struct permission {
	bool allowed, now, reason_required, unknown;	/* unknown: fetch, then ask again */
	const struct rule *rule;			/* NULL: the default for no rules at all */
	struct requirement needs[2];			/* of the rule and of the environment; count 0: none */
};

/* false: err is the refusal, with the role that would be needed and who has it. With
 * permission->unknown set, something about the person is not in memory: directory_fetch, then again. */
bool permit(struct permission *, const struct configuration *, struct directory *,
    const struct request *, enum effect, struct error *);

/* May this principal give one of the yeses?  Never the requester (AP3). */
bool permit_approval(const struct permission *, const struct configuration *, struct directory *,
    const struct request *, const char *principal, struct error *);
/* Do these approvals meet every requirement?  One person may count for both. */
bool permit_enough(const struct permission *, const struct configuration *, struct directory *,
    const struct request *, const char *const *people, size_t count);
int permit_missing(const struct permission *, const struct configuration *, struct directory *,
    const struct request *, const char *const *people, size_t count, const struct requirement **which);

bool permit_has_role(const struct configuration *, struct directory *, const char *principal,
    const char *role);
/* "sre (ann, bob)": for refusals. */
const char *permit_print_role(struct arena *, const struct configuration *, const char *role);

#endif

/*
 * helm_pending.c - a release whose last revision never came to its end (HM6, HM8).
 *
 * helm rolls back on top of a living upgrade, so the lock must be ours: what is pending belongs to somebody
 * who may still work on it, until it is too old for that.  What an operation of ours left behind after its
 * helm had ended belongs to nobody at once.
 */
#include <string.h>

#include "base/text.h"
#include "base/unicode.h"
#include "base/when.h"
#include "helm_parts.h"

/* A pending operation of this age has no helm behind it any more: its own limit is 5 minutes, if nobody set
 * another one, which is said. */
#define DEAD MINUTES(15)

/*
 * Is it the revision that our operation made, of whose helm the end is known?  (fact "left": operation_look.c)
 * Its number, what it is said to be, and the moment it was made, between the start and the end of our helm;
 * and helm did not end because the number was taken already: then another one made it and may go on.
 */
static bool
is_ours(const struct facts *facts, const cJSON *last, int64_t since)
{
	const cJSON *left = facts_have(facts, "left") ? facts_json(facts, "left", NULL) : NULL;
	const char *expect = json_string_or(left, "expect", "");
	_cleanup_(json_freep) cJSON *made = json_parse(expect, strlen(expect), NULL);
	_cleanup_(text_clear) struct text words = TEXT_INIT;

	text_printf(&words, "Rollback to %lld", (long long)json_integer(made, "to", 0));
	return made != NULL && string_equal(json_string(last, "status"), "pending-rollback") &&
	    json_integer(last, "revision", 0) == json_integer(made, "revision", -1) &&
	    string_equal(json_string(last, "description"), words.data) &&
	    since >= json_integer(left, "began", INT64_MAX) && since <= json_integer(left, "gone", 0) &&
	    strstr(json_string_or(left, "note", ""), "already exists") == NULL;
}

static void
remark_ours(struct plan *plan, const struct facts *facts, int64_t number)
{
	const cJSON *left = facts_json(facts, "left", NULL);
	int64_t ago = facts_find(facts, "history")->stamp - json_integer(left, "gone", 0);

	plan_remark(plan, REMARK_CHECK, "release.left",
	    "Revision %lld was left pending by %s, whose helm ended %s ago: nobody works on it, and this "
	    "rollback is the recovery",
	    (long long)number, json_string_or(left, "operation", "an operation of ours"),
	    duration_print(plan->arena, ago > 0 ? ago : 0));
}

static void
remark_somebodys(struct plan *plan, const struct facts *facts, int64_t number, const char *status,
    int64_t since)
{
	if (since <= 0)
		plan_remark(plan, REMARK_STOP, "release.pending",
		    "Revision %lld is %s, and since when cannot be read: somebody's %s may still run. Wait for "
		    "its end, or roll it back by hand",
		    (long long)number, status,
		    string_equal(status, "pending-rollback") ? "rollback" : "upgrade");
	else if (facts_find(facts, "history")->stamp - since < DEAD)
		plan_remark(plan, REMARK_STOP, "release.pending",
		    "Revision %lld is %s since %s: somebody's %s may still run. It counts as dead "
		    "from %s on",
		    (long long)number, status, stamp_full(plan->arena, NULL, since),
		    string_equal(status, "pending-rollback") ? "rollback" : "upgrade",
		    stamp_full(plan->arena, NULL, since + DEAD));
	else
		plan_remark(plan, REMARK_CHECK, "release.dead",
		    "Revision %lld is %s since %s and counts as dead, unless somebody's helm has a --timeout of more "
		    "than 15 minutes; this rollback is the recovery",
		    (long long)number, status, stamp_full(plan->arena, NULL, since));
}

bool
helm_guard_pending(struct plan *plan, const struct target *t, const struct facts *facts,
    const cJSON *last, struct error *err)
{
	const char *status = json_string_or(last, "status", "unknown");
	int64_t number = json_integer(last, "revision", 0), since = 0;

	stamp_read(json_string_or(last, "updated", ""), &since);
	if (string_starts(status, "uninstall"))
		return refuse(err, "the release %s is %s; there is nothing to take back", t->name,
		    string_equal(status, "uninstalled") ? "uninstalled" : "being uninstalled");
	if (!helm_is_pending(status))
		return true;
	if (number == 1)
		return refuse(err,
		    "the first install of %s never finished, so there is no revision to go "
		    "back to; uninstall it instead",
		    t->name);
	if (is_ours(facts, last, since))
		remark_ours(plan, facts, number);
	else
		remark_somebodys(plan, facts, number, status, since);
	return true;
}

void
helm_remark_failed(struct plan *plan, const cJSON *last)
{
	const char *why = json_string_or(last, "description", "");

	if (string_equal(json_string(last, "status"), "failed"))
		plan_remark(plan, REMARK_NOTE, "release.failed",
		    "Revision %lld failed, but parts of it may be applied: %s",
		    (long long)json_integer(last, "revision", 0),
		    foreign_line(plan->arena, why, strcspn(why, "\n")));
}

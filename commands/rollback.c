/* rollback.c - take a target back to an earlier revision (A2, A4, A5, B1). */

#include "commands.h"
#include "parts.h"
#include "say.h"

/* First the history; when it says which revision is meant, what its difference and guards need. */
static bool
rollback_look(struct plan *plan, const struct request *req, const struct facts *facts,
    struct error *err)
{
	const struct target *target = req->target;
	const struct revision *to;
	struct history history;
	const char *skipped;

	if (req->without_hooks && !target->driver->hooks)
		return refuse(err, "%s is a %s; it has no hooks that could be left out", target->setting->key,
		    target->driver->noun);
	if (!target->driver->look(plan, target, LOOK_CHOICE, facts, NULL, err))
		return false;
	if (plan->reads.count > 0)
		return true;
	if (!history_know(plan->arena, &history, target, facts, err))
		return false;
	to = history_choose(plan->arena, &history, req->to, target->setting->key, &skipped, err);
	return to != NULL && target->driver->look(plan, target, LOOK_CHANGE, facts, to, err);
}

static const char *
name_of(struct plan *plan, const struct revision *revision)
{
	if (revision->version != NULL)
		return revision->version;
	return plan_arg(plan, "revision %lld", (long long)revision->number);
}

static void
remark_revision(struct plan *plan, const struct request *req, const struct history *history,
    const struct revision *to)
{
	bool named = req->to != NULL && !string_equal_nocase(req->to, "previous");
	const char *others = named ? NULL : history_older(plan->arena, history, to);

	if (to->left != NULL)
		plan_remark(plan, REMARK_CHECK, "revision.left",
		    "Revision %lld was rolled away from by %s", (long long)to->number, to->left);
	if (to->failed)
		plan_remark(plan, REMARK_CHECK, "revision.failed", "Revision %lld is one that failed",
		    (long long)to->number);
	if (to->verified == 0)
		plan_remark(plan, REMARK_NOTE, "revision.unverified", others != NULL
			? "Revision %lld was never verified here; it is only the one before. Older ones: %s"
			: "Revision %lld was never verified here", (long long)to->number, others);
}

/* Going back renumbers (KC2): the number that was named is that of an older history. */
static void
remark_number(struct plan *plan, const char *named, const struct revision *to)
{
	struct revision copy = *to;
	struct history only = { .item = &copy, .count = 1 };
	int64_t number;

	if (named == NULL || !string_number(named, 1, INT32_MAX, &number) || number == to->number ||
	    history_renumbered(&only, number) == NULL)
		return;		/* or it was a version: a build's number */
	if (plan->unchanged != NULL)
		plan->unchanged = say(plan->arena, "%s. Revision %lld became revision %lld when it was put back",
		    plan->unchanged, (long long)number, (long long)to->number);
	else
		plan_remark(plan, REMARK_NOTE, "revision.renumbered",
		    "Revision %lld was put back since and is revision %lld now", (long long)number,
		    (long long)to->number);
}

/* Where it runs, as far as the name of the target alone does not say it. */
static const char *
place_of(struct plan *plan, const struct target *target)
{
	const struct environment *usual = target->setting->environments[0];

	if (usual == target->environment && usual->clusters[1] == NULL)
		return "";
	return plan_arg(plan, " in %s", target->environment->clusters[1] == NULL
		? target->environment->name : target->cluster->name);
}

/* A hook that fails leaves a release behind that nobody can upgrade (HM8): by the same way without it. */
static void
offer_without_hooks(struct plan *plan, const struct target *target, const struct revision *to)
{
	if (plan->hooks > 0 && !plan->without_hooks)
		plan->way_out = say(plan->arena, "If it was one of its hooks: /rollback %s to %lld%s without hooks",
		    target->setting->key, (long long)to->number, place_of(plan, target));
}

static bool
rollback_plan(struct plan *plan, const struct request *req, const struct facts *facts,
    struct error *err)
{
	const struct target *target = req->target;
	const struct driver *driver = target->driver;
	const struct revision *to;
	struct history history;

	plan->without_hooks = req->without_hooks;
	if (!history_know(plan->arena, &history, target, facts, err))
		return false;
	to = history_choose(plan->arena, &history, req->to, target->setting->key, &plan->skipped, err);
	if (to == NULL)
		return false;
	version_fill(plan, &plan->from, history.now);
	version_fill(plan, &plan->to, to);
	plan->title = say(plan->arena, "Roll back %s to %s", target->setting->key, name_of(plan, to));
	if (!driver->differ(plan, target, facts, to, err))
		return false;
	remark_number(plan, req->to, to);
	if (plan->unchanged != NULL)
		return true;
	remark_revision(plan, req, &history, to);
	if (!driver->guard(plan, target, facts, to, err) ||
	    !driver->change(plan, target, facts, to, err))
		return false;
	offer_without_hooks(plan, target, to);
	return true;
}

const struct command command_rollback = {
	.name = "rollback",
	.usage = "TARGET [to REVISION|VERSION|previous] [in CLUSTER] [without hooks] [dry-run] [now] [direct] [because REASON]",
	.summary = "Take a target back to an earlier revision",
	.examples = { "/rollback {target} to 5", "/rollback {target} because errors after the deploy",
	    "/rollback {target} to 5 dry-run" },
	.takes = TAKES_TARGET | TAKES_TO | TAKES_CLUSTER | TAKES_REASON | TAKES_DRY_RUN | TAKES_NOW | TAKES_HOOKS,
	.needs = TAKES_TARGET,
	.effect = CHANGES,
	.look = rollback_look,
	.plan = rollback_plan,
	.also = { "undo", "revert", "back", NULL },
	.tell = "rollback",
};

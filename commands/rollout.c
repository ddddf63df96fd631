/* rollout.c - history, status, pause, resume, restart, scale, pin (A1, A3, A8-A11). */

#include "base/when.h"
#include "commands.h"
#include "parts.h"
#include "say.h"

static bool
look_history(struct plan *plan, const struct request *req, const struct facts *facts,
    struct error *err)
{
	return req->target->driver->look(plan, req->target, LOOK_HISTORY, facts, NULL, err);
}

static bool
look_state(struct plan *plan, const struct request *req, const struct facts *facts,
    struct error *err)
{
	return req->target->driver->look(plan, req->target, LOOK_STATE, facts, NULL, err);
}

/* The state, and whether our account may change it (KC20). */
static bool
look_change(struct plan *plan, const struct request *req, const struct facts *facts,
    struct error *err)
{
	return req->target->driver->look(plan, req->target, LOOK_CHANGE, facts, NULL, err);
}

static void
print_heading(struct text *out, const struct target *target)
{
	text_printf(out, BOLD "%s" BOLD " · %s · namespace %s · cluster %s\n", target->setting->key,
	    target->object, target->namespace, target->cluster->name);
}

static void
print_revision(struct text *out, struct arena *arena, const struct configuration *c,
    const struct revision *r)
{
	text_printf(out, "%s " BOLD "%lld" BOLD "  %s", r->now ? "▸" : "•", (long long)r->number,
	    r->version != NULL ? r->version : r->image != NULL ? r->image : "");
	if (r->when > 0)
		text_printf(out, " · %s", stamp_date(arena, c->zone, r->when));
	if (r->wanted > 0 && r->ready >= 0)
		text_printf(out, " · %d of %d pods ready", r->ready, r->wanted);
	if (r->status != NULL)
		text_printf(out, " · %s", r->status);
	if (r->hash != NULL)
		text_printf(out, " · template %s", r->hash);
	if (r->why != NULL && r->why[0] != '\0')
		text_printf(out, " · %s", r->why);
	if (r->verified > 0)
		text_printf(out, " · verified here %s", stamp_date(arena, c->zone, r->verified));
	if (r->left != NULL)
		text_printf(out, " · rolled away from by %s", r->left);
	text_add(out, "\n");
}

static bool
plan_history(struct plan *plan, const struct request *req, const struct facts *facts,
    struct error *err)
{
	_cleanup_(text_clear) struct text out = TEXT_INIT;
	struct history history;

	if (!history_know(plan->arena, &history, req->target, facts, err))
		return false;
	print_heading(&out, req->target);
	for (size_t i = history.count; i-- > 0;)
		print_revision(&out, plan->arena, req->configuration, &history.item[i]);
	text_add(&out, history.count == 0 ? "There is no history. Nothing was changed"
					  : "▸ is what runs now. Nothing was changed");
	plan->title = say(plan->arena, "History of %s", req->target->setting->key);
	plan->answer = arena_strdup(plan->arena, out.data);
	return true;
}

static bool
plan_status(struct plan *plan, const struct request *req, const struct facts *facts,
    struct error *err)
{
	_cleanup_(text_clear) struct text out = TEXT_INIT;
	struct state state = { 0 };

	if (!req->target->driver->state(plan->arena, &state, req->target, facts, err))
		return false;
	print_heading(&out, req->target);
	text_add(&out, state.summary);
	if (state.owner != NULL)
		text_printf(&out, "\nOwned by %s", state.owner);
	plan->title = say(plan->arena, "Status of %s", req->target->setting->key);
	plan->answer = arena_strdup(plan->arena, out.data);
	return true;
}

static bool
not_for(const struct target *target, const char *what, struct error *err)
{
	return refuse(err, "%s is a %s; %s is not for it", target->setting->key, target->driver->noun,
	    what);
}

static bool
plan_pause(struct plan *plan, const struct request *req, const struct facts *facts,
    struct error *err)
{
	const struct driver *driver = req->target->driver;

	plan->title = say(plan->arena, "Pause the rollout of %s", req->target->setting->key);
	return driver->pause != NULL ? driver->pause(plan, req->target, facts, err)
				     : not_for(req->target, "pause", err);
}

static bool
plan_resume(struct plan *plan, const struct request *req, const struct facts *facts,
    struct error *err)
{
	const struct driver *driver = req->target->driver;

	plan->title = say(plan->arena, "Resume the rollout of %s", req->target->setting->key);
	return driver->resume != NULL ? driver->resume(plan, req->target, facts, err)
				      : not_for(req->target, "resume", err);
}

static bool
plan_restart(struct plan *plan, const struct request *req, const struct facts *facts,
    struct error *err)
{
	const struct driver *driver = req->target->driver;

	plan->title = say(plan->arena, "Restart %s", req->target->setting->key);
	return driver->restart != NULL ? driver->restart(plan, req->target, facts, err)
				       : not_for(req->target, "restart", err);
}

static bool
plan_scale(struct plan *plan, const struct request *req, const struct facts *facts,
    struct error *err)
{
	const struct driver *driver = req->target->driver;

	plan->title = say(plan->arena, *req->amount == '+' || *req->amount == '-' ? "Scale %s by %s"
										  : "Scale %s to %s",
	    req->target->setting->key, req->amount);
	return driver->scale != NULL ? driver->scale(plan, req->target, facts, req->amount, err)
				     : not_for(req->target, "scale", err);
}

static bool
plan_pin(struct plan *plan, const struct request *req, const struct facts *facts, struct error *err)
{
	const struct driver *driver = req->target->driver;

	plan->title = say(plan->arena, "Pin %s to %s", req->target->setting->key, req->image);
	return driver->pin != NULL ? driver->pin(plan, req->target, facts, req->image, err)
				   : not_for(req->target, "pin", err);
}

static bool
plan_pod(struct plan *plan, const struct request *req, const struct facts *facts, struct error *err)
{
	const struct driver *driver = req->target->driver;

	plan->title = say(plan->arena, "Restart pod %s", req->object);
	return driver->pod != NULL ? driver->pod(plan, req->target, facts, req->object, err)
				   : not_for(req->target, "pod", err);
}

#define CHANGE_TAKES                                                                               \
	(TAKES_TARGET | TAKES_CLUSTER | TAKES_REASON | TAKES_DRY_RUN | TAKES_NOW)

static const struct subcommand subcommands[] = {
	{ "history", "TARGET [in CLUSTER]", "its revisions, newest first", TAKES_TARGET | TAKES_CLUSTER,
	    TAKES_TARGET, READS, look_history, plan_history },
	{ "status", "TARGET [in CLUSTER]", "how it stands now", TAKES_TARGET | TAKES_CLUSTER,
	    TAKES_TARGET, READS, look_state, plan_status },
	{ "pause", "TARGET", "hold its rollout where it is", CHANGE_TAKES, TAKES_TARGET, CHANGES,
	    look_change, plan_pause },
	{ "resume", "TARGET", "let its rollout go on", CHANGE_TAKES, TAKES_TARGET, CHANGES, look_change,
	    plan_resume },
	{ "restart", "TARGET", "replace its pods one after the other", CHANGE_TAKES, TAKES_TARGET,
	    CHANGES, look_change, plan_restart },
	{ "scale", "TARGET N|+N|-N", "change the number of its pods", CHANGE_TAKES | TAKES_AMOUNT,
	    TAKES_TARGET | TAKES_AMOUNT, CHANGES, look_change, plan_scale },
	{ "pin", "TARGET [CONTAINER=]IMAGE", "run exactly this image", CHANGE_TAKES | TAKES_IMAGE,
	    TAKES_TARGET | TAKES_IMAGE, CHANGES, look_change, plan_pin },
	{ "pod", "NAME restart", "restart one pod that has a controller", CHANGE_TAKES | TAKES_POD,
	    TAKES_TARGET, CHANGES, look_change, plan_pod },
	{ .name = NULL },
};

const struct command command_rollout = {
	.name = "rollout",
	.usage = "history|status|pause|resume|restart|scale|pin TARGET, pod NAME",
	.summary = "See and steer how a target is rolled out",
	.examples = { "/rollout history {target}", "/rollout status {target}",
	    "/rollout scale {target} +2" },
	.effect = READS,
	.subcommands = subcommands,
};

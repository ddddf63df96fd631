/* notice.c - fills the rollback notification from the plan and the end of its operation. */

#include <string.h>

#include "notice.h"
#include "operation_watch.h"
#include "say.h"

struct hole {
	const char *name, *value;
};

/* Two revisions of one version are told apart by their numbers. */
static const char *
version_apart(struct arena *arena, const struct operation *o, const struct version *v)
{
	const struct version *other = v == &o->plan->from ? &o->plan->to : &o->plan->from;
	const char *text = operation_version(arena, v);

	if (v->version == NULL || v->number <= 0 || !string_equal(v->version, other->version))
		return text;
	return arena_printf(arena, "%s (revision %lld)", text, (long long)v->number);
}

static const char *
impact(struct arena *arena, const struct operation *o)
{
	const struct plan *plan = o->plan;
	_cleanup_(text_clear) struct text list = TEXT_INIT;

	text_printf(&list, "%s in %s (%s, cluster %s)", plan->target, plan->environment,
	    plan->object, plan->cluster);
	for (size_t i = 0; i < plan->also.count; i++)
		text_printf(&list, "%s%s", i == 0 ? "; also " : ", ", plan->also.item[i]);
	return arena_strdup(arena, list.data);
}

/* What must follow: the cause, and what would bring the bad version back by itself (KC7). */
static const char *
next_steps(struct arena *arena, const struct operation *o)
{
	const struct plan *plan = o->plan;
	_cleanup_(text_clear) struct text list = TEXT_INIT;

	text_printf(&list, "%s", say(arena, "Find the cause in %s before it is deployed again",
	    version_apart(arena, o, &plan->from)));
	for (size_t i = 0; i < plan->remarks.count; i++)
		if (string_starts(plan->remarks.item[i].code, "apply."))
			text_printf(&list, "\n- %s", plan->remarks.item[i].text);
	return arena_strdup(arena, list.data);
}

static const char *
performed_by(struct arena *arena, const struct operation *o)
{
	const char *principal = o->request->principal;
	const char *slash = strchr(principal, '/');

	if (slash == NULL)
		return arena_strdup(arena, directory_name(o->bot->directory, principal));
	return arena_printf(arena, PERSON "%s" PERSON, slash + 1);
}

static const char *
status(struct arena *arena, const struct operation *o)
{
	if (o->plan->unproven != NULL)
		return say(arena, "Monitoring, not verified: %s", o->plan->unproven);
	if (o->verdict != VERDICT_VERIFIED)
		return "Monitoring, not verified";
	if (o->state == STATE_WATCHING)
		return say(arena, "Monitoring until %s (all pods read back ready)", operation_watch_until(o, arena));
	return "Monitoring (all pods read back ready)";
}

static const char *
hole_value(const struct hole *holes, const char *name, size_t length)
{
	for (; holes->name != NULL; holes++)
		if (strlen(holes->name) == length && memcmp(holes->name, name, length) == 0)
			return holes->value;
	return NULL;
}

const char *
notice_fill(struct arena *arena, const char *template, const struct operation *o)
{
	const struct hole holes[] = {
		{ "product", o->plan->product != NULL ? o->plan->product : o->plan->target },
		{ "target", o->plan->target },
		{ "environment", o->plan->environment },
		{ "from", version_apart(arena, o, &o->plan->from) },
		{ "to", version_apart(arena, o, &o->plan->to) },
		{ "time", stamp_full(arena, o->bot->configuration->zone, loop_wall(o->bot->loop)) },
		{ "reason", o->reason != NULL ? o->reason : "not given" },
		{ "impact", impact(arena, o) },
		{ "status", status(arena, o) },
		{ "next", next_steps(arena, o) },
		{ "performed_by", performed_by(arena, o) },
		{ "operation", o->id },
		{ NULL, NULL },
	};
	_cleanup_(text_clear) struct text filled = TEXT_INIT;
	const char *s = template, *open, *close, *value;

	while ((open = strchr(s, '{')) != NULL && (close = strchr(open, '}')) != NULL) {
		text_add_bytes(&filled, s, (size_t)(open - s));
		value = hole_value(holes, open + 1, (size_t)(close - open - 1));
		if (value != NULL)
			text_add(&filled, value);
		else
			text_add_bytes(&filled, open, (size_t)(close - open + 1));
		s = close + 1;
	}
	text_add(&filled, s);
	while (text_ends(&filled, "\n"))
		text_truncate(&filled, filled.length - 1);
	return arena_strdup(arena, filled.data);
}

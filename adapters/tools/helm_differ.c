/*
 * helm_differ.c - what a rollback of a release would change: our own preview (trap 3, A5).
 *
 * helm's dry run of a rollback prints nothing; the two stored manifests say everything but what
 * somebody changed by hand since.  Objects that go stand first.
 */
#include <string.h>

#include "base/text.h"
#include "base/unicode.h"
#include "helm_parts.h"

static size_t
differ_present(struct plan *plan, const struct way *way)
{
	size_t lines = 0;

	for (size_t i = 0; i < way->now.count; i++) {
		const struct object *now = &way->now.item[i], *to = manifest_find(&way->to, now);

		if (to != NULL) {
			lines += differ_objects(plan, now->label, now->json, to->json);
			continue;
		}
		if (now->kept)
			continue;
		plan_difference(plan, CHANGE_DELETE, now->label, NULL, NULL, NULL);
		lines++;
	}
	return lines;
}

static size_t
differ_new(struct plan *plan, const struct way *way)
{
	size_t lines = 0;

	for (size_t i = 0; i < way->to.count; i++) {
		if (manifest_find(&way->now, &way->to.item[i]) != NULL)
			continue;
		differ_created(plan, way->to.item[i].label, way->to.item[i].json);
		lines++;
	}
	return lines;
}

/* The values explain the rest; they change nothing by themselves. */
static void
tell_values(struct plan *plan, const struct way *way, const struct facts *facts,
    const struct revision *to)
{
	const cJSON *from = helm_surrounding(facts, helm_fact(plan->arena, "values", way->last));
	const cJSON *then = helm_surrounding(facts, helm_fact(plan->arena, "values", to->number));

	differ_values(plan, "values", cJSON_IsObject(from) ? from : NULL,
	    cJSON_IsObject(then) ? then : NULL);
}

bool
helm_differ(struct plan *plan, const struct target *t, const struct facts *facts,
    const struct revision *to, struct error *err)
{
	_cleanup_(way_clear) struct way way = { .kept = 0 };
	const cJSON *last = helm_last(helm_surrounding(facts, "history"));
	bool sound = string_equal(json_string(last, "status"), "deployed");

	if (!way_read(plan->arena, &way, t, facts, to, err))
		return false;
	if (differ_present(plan, &way) + differ_new(plan, &way) > 0)
		tell_values(plan, &way, facts, to);
	else if (sound)
		plan->unchanged = say(plan->arena, "%s is at %s already (revision %lld)", t->name,
		    to->version != NULL ? to->version : "that revision", (long long)way.last);
	return true;
}

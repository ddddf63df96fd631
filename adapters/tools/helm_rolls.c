/*
 * helm_rolls.c - how the pods of a release's workloads will change, once it is taken back (KC12).
 *
 * What the chart says holds; what it never said is as it is in the cluster (an autoscaler's count, a partition
 * that was set by hand); what only the present revision says goes back to the default.
 */
#include <string.h>

#include "helm_parts.h"

/* The object as it is in the cluster; NULL: it is not there, or was not seen. */
static const cJSON *
live_of(const struct facts *facts, const struct object *object)
{
	const cJSON *live = helm_surrounding(facts, "live");

	for (size_t i = 0; i < items_count(live); i++)
		if (string_equal(json_string(items_at(live, i), "metadata.name"), object->name) &&
		    string_equal(json_string(items_at(live, i), "kind"), object->kind))
			return items_at(live, i);
	return NULL;
}

/* Of a manifest all values are strings. */
static int
number_at(const cJSON *object, const char *path, int otherwise)
{
	const char *text = json_string(object, path);
	int64_t number = 0;

	if (text != NULL)
		return string_number(text, 0, INT32_MAX, &number) ? (int)number : otherwise;
	return (int)json_integer(object, path, otherwise);
}

/* Which of the three says it; NULL: none, so it is the default. */
static const cJSON *
who_says(const cJSON *to, const cJSON *now, const cJSON *live, const char *path)
{
	if (json_at(to, path) != NULL)
		return to;
	return json_at(now, path) == NULL ? live : NULL;
}

static int
wanted_pods(struct arena *arena, const struct object *object, const cJSON *now, const cJSON *live)
{
	struct workload w;

	if (string_equal(object->kind, "DaemonSet"))
		return live != NULL && workload_read(arena, &w, live, NULL) ? w.wanted : 1;
	return number_at(who_says(object->json, now, live, "spec.replicas"), "spec.replicas", 1);
}

struct rolls
helm_rolls(struct arena *arena, const struct way *way, const struct facts *facts,
    const struct object *object)
{
	static const char partition[] = "spec.updateStrategy.rollingUpdate.partition",
	    type[] = "spec.updateStrategy.type";
	const struct object *before = manifest_find(&way->now, object);
	const cJSON *to = object->json, *now = before != NULL ? before->json : NULL,
	    *live = live_of(facts, object);
	struct rolls rolls = { .wanted = wanted_pods(arena, object, now, live) };

	rolls.changes = now == NULL ||
	    !cJSON_Compare(json_at(now, "spec.template"), json_at(to, "spec.template"), true);
	if (string_equal(object->kind, "Deployment"))
		return rolls;
	rolls.on_delete = string_equal(json_string(who_says(to, now, live, type), type), "OnDelete");
	if (!rolls.on_delete && string_equal(object->kind, "StatefulSet"))
		rolls.partition = number_at(who_says(to, now, live, partition), partition, 0);
	return rolls;
}

void
helm_remark_rolls(struct plan *plan, const struct target *t, const struct way *way,
    const struct facts *facts)
{
	bool workloads = false, pods = false;

	for (size_t i = 0; i < way->to.count; i++) {
		const struct object *object = &way->to.item[i];
		struct rolls rolls;

		if (!object->workload || !string_equal(object->namespace, t->namespace))
			continue;
		rolls = helm_rolls(plan->arena, way, facts, object);
		workloads = true;
		pods = pods || rolls.wanted > 0;
		if (rolls.changes && rolls.on_delete && rolls.wanted > 0)
			plan_remark(plan, REMARK_CHECK, "update.on_delete",
			    "The pods of %s change only when somebody deletes them (OnDelete): they keep "
			    "running what they run", object->label);
		if (rolls.changes && rolls.partition > 0 && rolls.wanted > 0)
			plan_remark(plan, REMARK_CHECK, "update.partition",
			    "The pods of %s below its partition (%d) keep what they run", object->label,
			    rolls.partition);
	}
	if (workloads && !pods)
		plan_remark(plan, REMARK_CHECK, "replicas.zero",
		    "It is scaled to 0: no pod will show whether it works");
}

void
helm_unproven(struct plan *plan, const struct object *object, const struct rolls *rolls)
{
	if (plan->unproven != NULL || !rolls->changes || rolls->wanted == 0)
		return;
	if (rolls->on_delete)
		plan->unproven = say(plan->arena,
		    "the pods of %s run it once somebody has deleted them (OnDelete)", object->name);
	else if (rolls->partition > 0)
		plan->unproven =
		    say(plan->arena, "the pods of %s below its partition keep what they run", object->name);
}

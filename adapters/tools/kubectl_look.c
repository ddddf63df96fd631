/*
 * kubectl_look.c - what is asked about a workload, round by round (decision E2).
 *
 * First the workload and what surrounds it, side by side; then, by its selector, its revisions and
 * pods; then what the revision to go back to needs.
 */
#include <string.h>

#include "base/text.h"
#include "kubectl_parts.h"

/* Reads that only surround the target: without them the plan says less, and goes on. */
static void
look_around(struct plan *plan, const struct target *t, const struct facts *facts)
{
	static const struct {
		const char *name, *kind;
	} around[] = {
		{ "autoscalers", "horizontalpodautoscalers" },
		{ "budgets", "poddisruptionbudgets" },
		{ "services", "services" },
		{ "canaries", "canaries.flagger.app" },
		{ "rollouts", "rollouts.argoproj.io" },
	};

	for (size_t i = 0; i < COUNT(around); i++)
		if (!facts_have(facts, around[i].name))
			plan_look(plan, .name = around[i].name, .limit = KUBECTL_READ, .lasting = true,
			    .title = say(plan->arena, "Look at %s", around[i].name),
			    .argv = kubectl_list(plan, t->namespace, around[i].kind, NULL));
}

bool
kubectl_look_workload(struct plan *plan, const struct target *t, enum look_for what,
    const struct facts *facts, struct workload *w, struct error *err)
{
	const char *name = t->driver->name;

	*w = (struct workload){ .object = NULL };
	if (!facts_have(facts, "identity"))
		plan_look(plan, .name = "identity", .argv = kubectl_identity(plan),
		    .title = say(plan->arena, "Which cluster is it"), .limit = KUBECTL_READ);
	if (!facts_have(facts, name))
		plan_look(plan, .name = name, .argv = kubectl_get(plan, t->namespace, t->object),
		    .title = say(plan->arena, "Look at %s", t->object), .limit = KUBECTL_READ);
	if (look_is_wide(what))
		look_around(plan, t, facts);
	if (what == LOOK_CHANGE && !facts_have(facts, "may"))
		plan_look(plan, .name = "may", .limit = KUBECTL_READ, .lasting = true,
		    .argv = kubectl_can_i(plan, t->namespace, "patch", t->object),
		    .title = say(plan->arena, "May our account change %s", t->object));
	return !facts_have(facts, name) || kubectl_workload(plan->arena, w, t, facts, err);
}

bool
kubectl_look_pods(struct plan *plan, const struct target *t, const struct facts *facts,
    const struct workload *w, struct error *err)
{
	if (facts_have(facts, "pods"))
		return kubectl_answer(facts, t, "pods", err) != NULL;
	plan_look(plan, .name = "pods", .limit = KUBECTL_READ,
	    .title = say(plan->arena, "Look at the pods of %s", t->name),
	    .argv = kubectl_list(plan, t->namespace, "pods", selector_of(plan->arena, w->object)));
	return true;
}

/* The names of all, also of Secrets, whose values are never read; of ConfigMaps when they changed. */
void
kubectl_look_references(struct plan *plan, const struct target *t, const struct facts *facts,
    const cJSON *template)
{
	struct {
		const char **item;
		size_t count, size;
	} names = { NULL, 0, 0 }, maps = { NULL, 0, 0 };
	struct references references;

	references_read(plan->arena, &references, template);
	for (size_t i = 0; i < references.count && i < 60; i++) {
		const struct reference *r = &references.item[i];

		if (!value_fits(VALUE_NAME, NULL, r->name))
			continue;
		*ARENA_GROW(plan->arena, &names) = plan_arg(plan, "%s/%s", r->kind, r->name);
		if (string_equal(r->kind, "configmap"))
			*ARENA_GROW(plan->arena, &maps) = names.item[names.count - 1];
	}
	if (names.count > 0 && !facts_have(facts, "references"))
		plan_look(plan, .name = "references", .limit = KUBECTL_READ,
		    .title = say(plan->arena, "Look for what the revision needs"),
		    .argv = kubectl_names(plan, t->namespace, names.item, names.count));
	if (maps.count > 0 && !facts_have(facts, "configmaps"))
		plan_look(plan, .name = "configmaps", .limit = KUBECTL_READ,
		    .title = say(plan->arena, "Look when its configuration changed"),
		    .argv = kubectl_get_several(plan, t->namespace, maps.item, maps.count));
}

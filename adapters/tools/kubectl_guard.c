/*
 * kubectl_guard.c - what is refused before a workload is taken back, and what is remarked.
 *
 * The order is that of the pre-flight list (rollback-semantics 3): refusals first, each with its
 * way out.
 */
#include <string.h>

#include "base/text.h"
#include "base/unicode.h"
#include "base/when.h"
#include "kubectl_parts.h"

/* A rollout that made no progress for this long counts as stuck, not as running: taking a stuck one back
 * is what this is for. */
#define STUCK SECONDS(60)

static bool
guard_rights(struct plan *plan, const struct guarded *g, struct error *err)
{
	const struct fact *may = facts_find(g->facts, "may");

	if (may == NULL || (may->exit == 0 && string_starts(may->out, "yes")))
		return true;
	if (may->exit == 1 && string_starts(may->out, "no"))
		return refuse(err,
		    "our account may not patch %s in namespace %s of cluster %s; whoever "
		    "looks after the cluster can allow it",
		    g->target->object, g->target->namespace, g->target->cluster->name);
	plan_remark(plan, REMARK_NOTE, "rights.unseen",
	    "The cluster did not say whether our account may change %s", g->target->object);
	return true;
}

/* KC5: the check of the tool comes after its own dry run, so it is ours. */
static bool
guard_paused(const struct guarded *g, struct error *err)
{
	if (!g->now->paused)
		return true;
	return refuse(err, "%s is paused, and a paused deployment cannot be rolled back: first "
	    "/rollout resume %s (the template that it was paused with then rolls out)",
	    g->target->object, g->target->setting->key);
}

void
kubectl_guard_progress(struct plan *plan, const struct guarded *g)
{
	const struct fact *fact = facts_find(g->facts, g->target->driver->name);
	const char *image, *version, *stands;
	struct pods pods;
	bool stuck;

	if (!workload_in_progress(g->now))
		return;
	pods_read(plan->arena, &pods, kubectl_surrounding(g->facts, "pods"), g->pods_label,
	    g->pods_value, NULL);
	stuck = g->now->deadline_passed || pods.failing > 0 ||
	    (g->now->progressed > 0 && fact->stamp - g->now->progressed >= STUCK) ||
	    (pods.waiting > 0 && fact->stamp - pods.waiting >= STUCK);
	image = template_image(plan->arena, g->now->template, g->now->name);
	version = image_version(plan->arena, image);
	version = version != NULL ? version : "the present version";
	workload_done(plan->arena, g->now, &stands);
	if (stuck)
		plan_remark(plan, REMARK_NOTE, "rollout.stuck",
		    "The rollout of %s is stuck (%s%s%s); this takes its place", version, stands,
		    pods.trouble != NULL ? "; " : "", pods.trouble != NULL ? pods.trouble : "");
	else
		plan_remark(plan, REMARK_STOP, "rollout.in_progress",
		    "A rollout of %s is in progress: %s. Wait for its end", version, stands);
}

bool
kubectl_guard_owner(struct plan *plan, const struct guarded *g, struct error *err)
{
	struct owner owners[OWNERS];
	size_t count;

	if (!kubectl_identify(plan, g->target, g->facts, err) || !guard_rights(plan, g, err))
		return false;
	count = owners_read(plan->arena, owners, g->now->object,
	    kubectl_surrounding(g->facts, "canaries"), kubectl_surrounding(g->facts, "rollouts"));
	for (size_t i = 0; i < count; i++)
		plan_remark(plan, owners[i].level, owners[i].code, "%s", owners[i].text);
	unseen_remark(plan, g->facts, "canaries");
	unseen_remark(plan, g->facts, "rollouts");
	return true;
}

bool
kubectl_autoscaled(const struct facts *facts, const struct workload *w, const cJSON **scaler)
{
	const cJSON *scalers = kubectl_surrounding(facts, "autoscalers");

	for (size_t i = 0; i < items_count(scalers); i++) {
		*scaler = items_at(scalers, i);
		if (string_equal(json_string(*scaler, "spec.scaleTargetRef.kind"), w->kind) &&
		    string_equal(json_string(*scaler, "spec.scaleTargetRef.name"), w->name))
			return true;
	}
	*scaler = NULL;
	return false;
}

/* KC17: an undo leaves the count alone. */
static void
guard_autoscaler(struct plan *plan, const struct guarded *g)
{
	const cJSON *scaler;
	int most;

	if (!kubectl_autoscaled(g->facts, g->now, &scaler))
		return;
	most = (int)json_integer(scaler, "spec.maxReplicas", 0);
	plan_remark(plan, REMARK_NOTE, "replicas.autoscaler",
	    "The autoscaler owns the replica count. It stays at %d%s", g->now->wanted,
	    g->now->wanted >= most ? ", the most it may" : "");
}

/* KC7, and I12's settings. */
static void
guard_habits(struct plan *plan, const struct guarded *g)
{
	const cJSON *budgets = kubectl_surrounding(g->facts, "budgets");
	const cJSON *labels = json_at(g->now->template, "metadata.labels");
	bool budget = budgets == NULL;

	if (metadata_of(g->now->object, "annotations",
	    "kubectl.kubernetes.io/last-applied-configuration") != NULL)
		plan_remark(plan, REMARK_NOTE, "apply.returns",
		    "The next kubectl apply of the old file brings the present version straight back: "
		    "change the file too");
	for (size_t i = 0; i < items_count(budgets); i++)
		budget = budget || labels_select(json_at(items_at(budgets, i),
		    "spec.selector.matchLabels"), labels);
	if (json_at(template_container(g->template, g->now->name), "readinessProbe") == NULL)
		plan_remark(plan, REMARK_NOTE, "readiness.none",
		    "Its main container has no readiness probe: ready means only that it runs");
	else if (!budget && json_integer(g->now->object, "spec.minReadySeconds", 0) == 0)
		plan_remark(plan, REMARK_NOTE, "readiness.loose",
		    "It has no PodDisruptionBudget, and a pod counts at once (minReadySeconds 0)");
	if (g->now->wanted == 0)
		plan_remark(plan, REMARK_CHECK, "replicas.zero",
		    "It is scaled to 0: the template goes back, no pod will show whether it works");
}

/* KC18: a Service that chooses by a label which the old template has not would be left without a pod. */
static void
guard_services(struct plan *plan, const struct guarded *g)
{
	const cJSON *services = kubectl_surrounding(g->facts, "services");
	const cJSON *now = json_at(g->now->template, "metadata.labels");
	const cJSON *then = json_at(g->template, "metadata.labels");

	unseen_remark(plan, g->facts, "services");
	for (size_t i = 0; i < items_count(services); i++) {
		const cJSON *selector = json_at(items_at(services, i), "spec.selector");
		const char *name = json_string_or(items_at(services, i), "metadata.name", "?");

		if (labels_select(selector, now) && !labels_select(selector, then))
			plan_remark(plan, REMARK_STOP, "service.emptied",
			    "Service %s chooses pods by a label that revision %lld does not carry: "
			    "nothing would answer behind it. Change its selector first",
			    foreign_line(plan->arena, name, strnlen(name, 253)),
			    (long long)g->to->number);
	}
}

/* KC14: the revision may be kept longer than what it needs. */
static bool
guard_references(struct plan *plan, const struct guarded *g, struct error *err)
{
	const struct fact *there = facts_find(g->facts, "references");
	_cleanup_(text_clear) struct text missing = TEXT_INIT_LIMIT(300);
	struct references references;
	const char *reason;
	int length;

	if (there == NULL)
		return true;
	if (there->exit != 0 || there->cut) {
		reason = fact_reason(there, &length);
		plan_remark(plan, REMARK_CHECK, "references.unseen",
		    "Not seen whether its ConfigMaps and Secrets are still there: %.*s", length,
		    reason);
		return true;
	}
	references_read(plan->arena, &references, g->template);
	for (size_t i = 0; i < references.count && i < 60; i++) {
		const struct reference *r = &references.item[i];

		if (!r->optional && !names_have(there->out, r->kind, r->name))
			text_printf(&missing, "%s%s %s", missing.length > 0 ? ", " : "", r->kind,
			    foreign_line(plan->arena, r->name, strlen(r->name)));
	}
	if (missing.length == 0)
		return true;
	return refuse(err,
	    "revision %lld of %s needs what is gone: %s; put it back, or take another "
	    "revision",
	    (long long)g->to->number, g->target->object, missing.data);
}

/* When its data was last written; 0 unknown. */
static int64_t
data_written(const cJSON *map)
{
	const cJSON *entry;
	int64_t latest = 0, stamp;

	json_each(entry, json_at(map, "metadata.managedFields"))
		if ((json_at(entry, "fieldsV1.f:data") != NULL ||
		    json_at(entry, "fieldsV1.f:binaryData") != NULL) &&
		    stamp_read(json_string_or(entry, "time", ""), &stamp) && stamp > latest)
			latest = stamp;
	return latest;
}

/* KC15.  A deploy writes both within the same minute, in either order. */
static void
guard_configuration(struct plan *plan, const struct guarded *g)
{
	const cJSON *maps = kubectl_surrounding(g->facts, "configmaps");

	for (size_t i = 0; g->created > 0 && i < items_count(maps); i++) {
		const cJSON *map = items_at(maps, i);
		const char *name = json_string_or(map, "metadata.name", "?");
		int64_t written = data_written(map);

		if (written <= g->created + MINUTES(1))
			continue;
		plan_remark(plan, REMARK_CHECK, "configuration.changed",
		    "ConfigMap %s changed on %s, after revision %lld was made: old code would read the "
		    "newer configuration",
		    foreign_line(plan->arena, name, strlen(name)),
		    stamp_full(plan->arena, NULL, written), (long long)g->to->number);
	}
}

bool
kubectl_guard(struct plan *plan, const struct guarded *g, struct error *err)
{
	if (!guard_paused(g, err) || !kubectl_guard_owner(plan, g, err) ||
	    !guard_references(plan, g, err))
		return false;
	kubectl_guard_progress(plan, g);
	guard_services(plan, g);
	guard_configuration(plan, g);
	guard_autoscaler(plan, g);
	unseen_note(plan, g->facts, g->target->namespace, true);
	guard_habits(plan, g);
	return true;
}

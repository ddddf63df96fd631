/*
 * kubectl_deployment.c - Deployments: their history is their ReplicaSets.
 *
 * An undo renumbers: going back to revision 2 of 5 makes it 6, and 2 is gone (KC2).  So the plan
 * names the number for the tool, the pin for everything that is checked, and 6 for the rollout that
 * is waited for.
 */
#include <string.h>

#include "base/text.h"
#include "base/unicode.h"
#include "kubectl_parts.h"

#define HASH "pod-template-hash"
#define EARLIER "deployment.kubernetes.io/revision-history"

/* ---- history ------------------------------------------------------------------------------- */

static int64_t
number_of(const cJSON *replicaset)
{
	const char *text =
	    metadata_of(replicaset, "annotations", "deployment.kubernetes.io/revision");
	int64_t number = 0;

	if (text != NULL)
		string_number(text, 1, INT32_MAX, &number);
	return number;
}

/* The ReplicaSet of a revision; number 0: the one of the live template.  NULL: there is none. */
static const cJSON *
replicaset_of(const cJSON *sets, const struct workload *w, int64_t number)
{
	for (size_t i = 0; i < items_count(sets); i++) {
		const cJSON *set = items_at(sets, i);

		if (!owned_by(set, w->uid) || number_of(set) == 0)
			continue;
		if (number == 0 ? template_same(json_at(set, "spec.template"), w->template) :
		    number_of(set) == number)
			return set;
	}
	return NULL;
}

/* What the revision will be called once it is back: one more than all others, unless it is that already. */
static int64_t
number_after(const cJSON *sets, const struct workload *w, const cJSON *target)
{
	int64_t others = 0;

	for (size_t i = 0; i < items_count(sets); i++)
		if (items_at(sets, i) != target && owned_by(items_at(sets, i), w->uid) &&
		    number_of(items_at(sets, i)) > others)
			others = number_of(items_at(sets, i));
	return others >= number_of(target) ? others + 1 : number_of(target);
}

static const char *
cleaned(struct arena *arena, const char *s)
{
	return s != NULL ? foreign_line(arena, s, strnlen(s, 200)) : NULL;
}

static bool
deployment_read(struct arena *arena, struct history *history, const struct target *t,
    const struct facts *facts, struct error *err)
{
	const cJSON *sets, *live;
	struct workload w;

	if (!kubectl_workload(arena, &w, t, facts, err) ||
	    (sets = kubectl_answer(facts, t, "replicasets", err)) == NULL)
		return false;
	live = replicaset_of(sets, &w, 0);
	*history = (struct history){ .kept = w.kept };
	kubectl_history_nothing(arena, history, t);
	for (size_t i = 0; i < items_count(sets); i++) {
		const cJSON *set = items_at(sets, i);
		struct revision *revision;

		if (!owned_by(set, w.uid) || number_of(set) == 0)
			continue;
		revision = ARENA_GROW(arena, history);
		kubectl_revision(arena, revision, &w, set, json_at(set, "spec.template"));
		revision->number = number_of(set);
		revision->hash = cleaned(arena, metadata_of(set, "labels", HASH));
		revision->earlier = cleaned(arena, metadata_of(set, "annotations", EARLIER));
		revision->now = set == live;
		revision->failed = revision->now && w.deadline_passed;
		revision->ready = (int)json_integer(set, "status.readyReplicas", 0);
		revision->wanted = (int)json_integer(set, "spec.replicas", 0);
	}
	kubectl_history_sort(history);
	return true;
}

/* ---- looking ------------------------------------------------------------------------------- */

static bool
deployment_look(struct plan *plan, const struct target *t, enum look_for what,
    const struct facts *facts, const struct revision *to, struct error *err)
{
	struct workload w;

	if (!kubectl_look_workload(plan, t, what, facts, &w, err))
		return false;
	if (w.object == NULL)
		return true;
	if (!facts_have(facts, "replicasets"))
		plan_look(plan, .name = "replicasets", .limit = KUBECTL_READ,
		    .title = say(plan->arena, "Look at the revisions of %s", t->name),
		    .argv = kubectl_list(plan, t->namespace, "replicasets",
			selector_of(plan->arena, w.object)));
	else if (kubectl_answer(facts, t, "replicasets", err) == NULL)
		return false;
	if (look_is_wide(what) && !kubectl_look_pods(plan, t, facts, &w, err))
		return false;
	if (what == LOOK_CHANGE && to != NULL && facts_have(facts, "replicasets"))
		kubectl_look_references(plan, t, facts, json_at(replicaset_of(
		    kubectl_surrounding(facts, "replicasets"), &w, to->number), "spec.template"));
	return true;
}

/* ---- the way back -------------------------------------------------------------------------- */

struct way {
	struct workload now;
	const cJSON *sets, *set, *template;	/* of the revision to go back to */
};

/* Fails closed when the number no longer means the pinned template (KC2). */
static bool
way_find(struct plan *plan, struct way *way, const struct target *t, const struct facts *facts,
    const struct revision *to, struct error *err)
{
	char pin[DIGEST_HEX];

	if (!kubectl_workload(plan->arena, &way->now, t, facts, err) ||
	    (way->sets = kubectl_answer(facts, t, "replicasets", err)) == NULL)
		return false;
	way->set = replicaset_of(way->sets, &way->now, to->number);
	way->template = json_at(way->set, "spec.template");
	if (way->template == NULL)
		return refuse(
		    err, "%s has no revision %lld any more", t->object, (long long)to->number);
	template_pin(way->template, pin);
	if (!string_equal(pin, to->pin))
		return refuse(err, "revision %lld of %s is another one now", (long long)to->number,
		    t->object);
	return true;
}

static bool
deployment_guard(struct plan *plan, const struct target *t, const struct facts *facts,
    const struct revision *to, struct error *err)
{
	struct guarded g = { .target = t, .facts = facts, .to = to };
	struct way way;

	if (!way_find(plan, &way, t, facts, to, err))
		return false;
	g.now = &way.now;
	g.template = way.template;
	g.created = to->when;
	g.pods_label = HASH;
	g.pods_value = metadata_of(replicaset_of(way.sets, &way.now, 0), "labels", HASH);
	return kubectl_guard(plan, &g, err);
}

/* KC6: the annotations of the Deployment become those of the ReplicaSet, but for these. */
static bool
annotation_is_kept(const char *key)
{
	static const char *const kept[] = { "kubectl.kubernetes.io/last-applied-configuration",
		"deployment.kubernetes.io/revision", "deployment.kubernetes.io/revision-history",
		"deployment.kubernetes.io/desired-replicas",
		"deployment.kubernetes.io/max-replicas", "deprecated.deployment.rollback.to",
		"kubernetes.io/change-cause", NULL };

	return string_in(key, kept);
}

static void
differ_annotations(struct plan *plan, const char *object, const cJSON *now, const cJSON *set)
{
	_cleanup_(json_freep) cJSON *from = cJSON_CreateObject(), *to = cJSON_CreateObject();
	cJSON *old = json_add_object(json_add_object(from, "metadata"), "annotations");
	cJSON *new = json_add_object(json_add_object(to, "metadata"), "annotations");
	const cJSON *annotation;

	json_each(annotation, json_at(now, "metadata.annotations"))
		if (cJSON_IsString(annotation) && !annotation_is_kept(annotation->string))
			json_add_string(old, annotation->string, annotation->valuestring);
	json_each(annotation, json_at(set, "metadata.annotations"))
		if (cJSON_IsString(annotation) && !annotation_is_kept(annotation->string))
			json_add_string(new, annotation->string, annotation->valuestring);
	differ_objects(plan, object, from, to);
}

static bool
deployment_differ(struct plan *plan, const struct target *t, const struct facts *facts,
    const struct revision *to, struct error *err)
{
	const char *object;
	struct way way;

	if (!way_find(plan, &way, t, facts, to, err))
		return false;
	object = plan_arg(plan, "Deployment %s", way.now.name);
	if (differ_templates(plan, object, way.now.template, way.template) > 0)
		differ_annotations(plan, object, way.now.object, way.set);
	else
		plan->unchanged = say(plan->arena, "%s runs %s already (revision %lld)", t->name,
		    to->version != NULL ? to->version : "that template", (long long)to->number);
	return true;
}

static bool
deployment_change(struct plan *plan, const struct target *t, const struct facts *facts,
    const struct revision *to, struct error *err)
{
	int64_t number;
	struct way way;

	if (!kubectl_identify(plan, t, facts, err) || !way_find(plan, &way, t, facts, to, err))
		return false;
	number = number_after(way.sets, &way.now, way.set);
	kubectl_lock(plan, t, &way.now);
	kubectl_save(plan, t, &way.now);
	kubectl_step_undo(plan, t, to);
	kubectl_step_cause(plan, t,
	    metadata_of(way.set, "annotations", "kubernetes.io/change-cause"));
	kubectl_step_taken_up(plan, t, to->pin, number);
	kubectl_step_rollout(plan, t, number);
	kubectl_step_readback(plan, t, facts, &way.now, way.template, to->pin);
	return true;
}

const struct driver driver_deployment = {
	.name = "deployment",
	.tool = "kubectl",
	.noun = "deployment",
	.rights = kubectl_deployment_rights,
	.look = deployment_look,
	.read = deployment_read,
	.state = kubectl_state,
	.guard = deployment_guard,
	.differ = deployment_differ,
	.change = deployment_change,
	.pause = kubectl_pause,
	.resume = kubectl_resume,
	.restart = kubectl_restart,
	.scale = kubectl_scale_to,
	.pin = kubectl_pin,
	.pod = kubectl_pod,
};

/*
 * kubectl_revisions.c - StatefulSets and DaemonSets: their history is their ControllerRevisions
 * (KC12).
 *
 * An undo patches the template; the controller then gives the old ControllerRevision the next
 * number. Nothing is written down as the cause of the change here: the annotation would not reach
 * that revision, but the next one that somebody deploys.
 */
#include <string.h>

#include "base/text.h"
#include "base/unicode.h"
#include "base/when.h"
#include "kubectl_parts.h"

struct way {
	struct workload now;
	const cJSON *revision, *template;	/* to go back to */
};

/* 0: it has none that can be. */
static int64_t
number_of(const cJSON *revision)
{
	int64_t number = json_integer(revision, "revision", 0);

	return number > 0 && number <= INT32_MAX ? number : 0;
}

/* By number; 0: the one of the live template.  NULL: there is none. */
static const cJSON *
revision_of(const cJSON *revisions, const struct workload *w, int64_t number)
{
	for (size_t i = 0; i < items_count(revisions); i++) {
		const cJSON *revision = items_at(revisions, i);

		if (!owned_by(revision, w->uid))
			continue;
		if (number == 0 ? template_same(json_at(revision, "data.spec.template"), w->template) :
		    number_of(revision) == number)
			return revision;
	}
	return NULL;
}

/* What its pods carry as REVISION_HASH: of a StatefulSet the revision's name, of a DaemonSet its hash. */
static const char *
hash_of(const cJSON *revision)
{
	const char *hash = metadata_of(revision, "labels", REVISION_HASH);

	return hash != NULL ? hash : json_string(revision, "metadata.name");
}

bool
kubectl_revisions_read(struct arena *arena, struct history *history, const struct target *t,
    const struct facts *facts, struct error *err)
{
	const cJSON *revisions, *live;
	struct workload w;

	if (!kubectl_workload(arena, &w, t, facts, err) ||
	    (revisions = kubectl_answer(facts, t, "controllerrevisions", err)) == NULL)
		return false;
	live = revision_of(revisions, &w, 0);
	*history = (struct history){ .kept = w.kept };
	kubectl_history_nothing(arena, history, t);
	for (size_t i = 0; i < items_count(revisions); i++) {
		const cJSON *item = items_at(revisions, i);
		struct revision *revision;
		struct pods pods;

		if (!owned_by(item, w.uid) || number_of(item) == 0)
			continue;
		revision = ARENA_GROW(arena, history);
		kubectl_revision(arena, revision, &w, item, json_at(item, "data.spec.template"));
		revision->number = number_of(item);
		revision->now = item == live;
		revision->hash = hash_of(item) != NULL ?
		    foreign_line(arena, hash_of(item), strnlen(hash_of(item), 253)) : NULL;
		if (!facts_have(facts, "pods"))
			continue;
		pods_read(arena, &pods, kubectl_surrounding(facts, "pods"), REVISION_HASH,
		    hash_of(item), NULL);
		revision->ready = pods.ready;
		revision->wanted = pods.count;
	}
	kubectl_history_sort(history);
	return true;
}

bool
kubectl_revisions_look(struct plan *plan, const struct target *t, enum look_for what,
    const struct facts *facts, const struct revision *to, struct error *err)
{
	const cJSON *revisions;
	struct workload w;

	if (!kubectl_look_workload(plan, t, what, facts, &w, err))
		return false;
	if (w.object == NULL)
		return true;
	if (!facts_have(facts, "controllerrevisions"))
		plan_look(plan, .name = "controllerrevisions", .limit = KUBECTL_READ,
		    .title = say(plan->arena, "Look at the revisions of %s", t->name),
		    .argv = kubectl_list(plan, t->namespace, "controllerrevisions",
			selector_of(plan->arena, w.object)));
	else if (kubectl_answer(facts, t, "controllerrevisions", err) == NULL)
		return false;
	if (look_is_wide(what) && !kubectl_look_pods(plan, t, facts, &w, err))
		return false;
	revisions = kubectl_surrounding(facts, "controllerrevisions");
	if (what == LOOK_CHANGE && to != NULL && revisions != NULL)
		kubectl_look_references(plan, t, facts,
		    json_at(revision_of(revisions, &w, to->number), "data.spec.template"));
	return true;
}

/* Fails closed when the number no longer means the pinned template (KC2). */
static bool
way_find(struct plan *plan, struct way *way, const struct target *t, const struct facts *facts,
    const struct revision *to, struct error *err)
{
	const cJSON *revisions;
	char pin[DIGEST_HEX];

	if (!kubectl_workload(plan->arena, &way->now, t, facts, err) ||
	    (revisions = kubectl_answer(facts, t, "controllerrevisions", err)) == NULL)
		return false;
	way->revision = revision_of(revisions, &way->now, to->number);
	way->template = json_at(way->revision, "data.spec.template");
	if (way->template == NULL)
		return refuse(
		    err, "%s has no revision %lld any more", t->object, (long long)to->number);
	template_pin(way->template, pin);
	if (!string_equal(pin, to->pin))
		return refuse(err, "revision %lld of %s is another one now", (long long)to->number,
		    t->object);
	return true;
}

/* Below its partition are pods that run, and go on to run, something else than the revision to go back to. */
static bool
keeps_others(const struct way *way, const struct facts *facts)
{
	return way->now.partition > 0 && !pods_kept_run(kubectl_surrounding(facts, "pods"), &way->now,
	    hash_of(way->revision));
}

static void
remark_strategy(struct plan *plan, const struct workload *w, bool kept)
{
	if (w->on_delete)
		plan_remark(plan, REMARK_CHECK, "update.on_delete",
		    "Its pods change only when somebody deletes them (OnDelete): the template goes back, "
		    "the %d pods keep running what they run. Then one by one: /rollout pod NAME restart",
		    w->wanted);
	if (kept)
		plan_remark(plan, REMARK_CHECK, "update.partition",
		    "The %d pods below its partition keep what they run", w->partition);
}

bool
kubectl_revisions_guard(struct plan *plan, const struct target *t, const struct facts *facts,
    const struct revision *to, struct error *err)
{
	struct guarded g = { .target = t, .facts = facts, .to = to };
	struct way way;

	if (!way_find(plan, &way, t, facts, to, err))
		return false;
	g.now = &way.now;
	g.template = way.template;
	g.created = to->when;
	g.pods_label = REVISION_HASH;
	g.pods_value = hash_of(revision_of(kubectl_surrounding(facts, "controllerrevisions"),
	    &way.now, 0));
	if (!kubectl_guard(plan, &g, err))
		return false;
	remark_strategy(plan, &way.now, keeps_others(&way, facts));
	return true;
}

bool
kubectl_revisions_differ(struct plan *plan, const struct target *t, const struct facts *facts,
    const struct revision *to, struct error *err)
{
	struct way way;

	if (!way_find(plan, &way, t, facts, to, err))
		return false;
	if (differ_templates(plan, plan_arg(plan, "%s %s", way.now.kind, way.now.name),
	    way.now.template, way.template) == 0)
		plan->unchanged = say(plan->arena, "%s runs %s already (revision %lld)", t->name,
		    to->version != NULL ? to->version : "that template", (long long)to->number);
	return true;
}

static void
step_template(struct plan *plan, const struct target *t, const char *pin)
{
	plan_check(plan,
	    .title = say(plan->arena, "Read the %s back", t->driver->noun),
	    .argv = kubectl_get(plan, t->namespace, t->object),
	    .judge = "kubectl.template_is",
	    .expect = arena_strdup(plan->arena, pin),
	    .limit = KUBECTL_READ);
}

bool
kubectl_revisions_change(struct plan *plan, const struct target *t, const struct facts *facts,
    const struct revision *to,
    void (*between)(struct plan *, const struct target *, const struct facts *,
	const struct workload *, const char *),
    struct error *err)
{
	struct way way;

	if (!kubectl_identify(plan, t, facts, err) || !way_find(plan, &way, t, facts, to, err))
		return false;
	kubectl_lock(plan, t, &way.now);
	kubectl_save(plan, t, &way.now);
	kubectl_step_undo(plan, t, to);
	kubectl_step_taken_up(plan, t, to->pin, 0);
	if (way.now.on_delete) {
		plan->unproven =
		    say(plan->arena, "its pods run it once somebody has deleted them (OnDelete)");
		step_template(plan, t, to->pin);
		return true;
	}
	if (keeps_others(&way, facts))
		plan->unproven = say(plan->arena, "the pods below its partition keep what they run");
	else
		way.now.partition = 0;
	if (between != NULL)
		between(plan, t, facts, &way.now, hash_of(way.revision));
	kubectl_step_rollout(plan, t, 0);
	kubectl_step_readback(plan, t, facts, &way.now, way.template, to->pin);
	return true;
}

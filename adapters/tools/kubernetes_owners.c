/*
 * kubernetes_owners.c - who else looks after an object (rollback-semantics 2.4).
 *
 * What would put its own version back is a reason to stop; Helm only keeps a record that would be
 * wrong afterwards, so it is a reason to check.  The label app.kubernetes.io/instance is no sign:
 * plain charts copy it.
 */
#include "kubernetes.h"

#include <string.h>

#include "base/text.h"
#include "base/unicode.h"
#include "say.h"

struct finder {
	struct arena *arena;
	struct owner *owner;
	size_t count;
	const cJSON *object;
};

static const char *
clean(struct finder *f, const char *s)
{
	return foreign_line(f->arena, s, strnlen(s, 260));
}

static void
add(struct finder *f, enum remark_level level, const char *code, const char *name, const char *text)
{
	if (f->count < OWNERS)
		f->owner[f->count++] = (struct owner){ code, name, text, level };
}

/* "app:group/Kind:namespace/name" */
static void
find_argocd(struct finder *f)
{
	const char *id = metadata_of(f->object, "annotations", "argocd.argoproj.io/tracking-id");
	const char *app;

	if (id == NULL)
		return;
	app = foreign_line(f->arena, id, strcspn(id, ":"));
	add(f, REMARK_STOP, "owner.argocd", say(f->arena, "Argo CD application %s", app),
	    say(f->arena, "Argo CD (application %s) would put its own version back, with self-heal "
	    "within seconds, otherwise at the next commit. Roll back through Argo CD or git", app));
}

static void
find_flux(struct finder *f)
{
	const char *kustomization = metadata_of(f->object, "labels",
	    "kustomize.toolkit.fluxcd.io/name");
	const char *release = metadata_of(f->object, "labels", "helm.toolkit.fluxcd.io/name");

	if (kustomization != NULL) {
		kustomization = clean(f, kustomization);
		add(f, REMARK_STOP, "owner.flux",
		    say(f->arena, "Flux Kustomization %s", kustomization),
		    say(f->arena,
			"Flux (Kustomization %s) would put its own version back at its next "
			"interval. Change git, or first: flux suspend kustomization %s",
			kustomization, kustomization));
	}
	if (release != NULL) {
		release = clean(f, release);
		add(f, REMARK_STOP, "owner.flux", say(f->arena, "Flux HelmRelease %s", release),
		    say(f->arena,
			"Flux (HelmRelease %s) would upgrade the release again. Change git, "
			"or first: flux suspend helmrelease %s",
			release, release));
	}
}

static void
find_helm(struct finder *f)
{
	const char *managed = metadata_of(f->object, "labels", "app.kubernetes.io/managed-by");
	const char *release = metadata_of(f->object, "annotations", "meta.helm.sh/release-name");

	if (!string_equal(managed, "Helm") || release == NULL)
		return;
	release = clean(f, release);
	add(f, REMARK_CHECK, "owner.helm", say(f->arena, "Helm release %s", release),
	    say(f->arena,
		"It belongs to the Helm release %s, whose record will not know of this: the "
		"next upgrade compares with the record. Rolling the release back keeps both true",
		release));
}

static void
find_references(struct finder *f)
{
	const cJSON *reference;

	json_each(reference, json_at(f->object, "metadata.ownerReferences")) {
		const char *kind = json_string_or(reference, "kind", "object");
		const char *name = clean(f, json_string_or(reference, "name", "?"));

		if (!json_bool(reference, "controller", false))
			continue;
		if (string_equal(kind, "Canary"))
			add(f, REMARK_STOP, "owner.flagger",
			    say(f->arena, "Flagger canary %s", name),
			    say(f->arena,
				"This is the primary that Flagger keeps for canary %s. Roll "
				"back the canary's target instead",
				name));
		else if (string_equal(kind, "Rollout"))
			add(f, REMARK_STOP, "owner.rollouts",
			    say(f->arena, "Argo Rollout %s", name),
			    say(f->arena,
				"Argo Rollouts (%s) drives it. Undo or abort the Rollout "
				"instead",
				name));
		else
			add(f, REMARK_STOP, "owner.operator",
			    say(f->arena, "%s %s", clean(f, kind), name),
			    say(f->arena,
				"The operator of %s %s would put its own template back. Change "
				"%s %s instead",
				clean(f, kind), name, clean(f, kind), name));
	}
}

/* Canaries and Rollouts name their workload; the workload does not name them. */
static bool
points_here(const struct finder *f, const cJSON *reference)
{
	return string_equal(json_string(reference, "kind"), json_string(f->object, "kind")) &&
	    string_equal(json_string(reference, "name"), json_string(f->object, "metadata.name"));
}

static void
find_canaries(struct finder *f, const cJSON *canaries)
{
	for (size_t i = 0; i < items_count(canaries); i++) {
		const cJSON *canary = items_at(canaries, i);
		const char *name = clean(f, json_string_or(canary, "metadata.name", "?"));
		const char *phase = clean(f, json_string_or(canary, "status.phase", "unknown"));

		if (points_here(f, json_at(canary, "spec.targetRef")))
			add(f, REMARK_STOP, "owner.flagger",
			    say(f->arena, "Flagger canary %s", name),
			    say(f->arena,
				"Flagger (canary %s, phase %s) would analyse this as a new "
				"version instead of going back at once",
				name, phase));
	}
}

static void
find_rollouts(struct finder *f, const cJSON *rollouts)
{
	for (size_t i = 0; i < items_count(rollouts); i++) {
		const cJSON *rollout = items_at(rollouts, i);
		const char *name = clean(f, json_string_or(rollout, "metadata.name", "?"));

		if (points_here(f, json_at(rollout, "spec.workloadRef")))
			add(f, REMARK_STOP, "owner.rollouts",
			    say(f->arena, "Argo Rollout %s", name),
			    say(f->arena,
				"Argo Rollouts (%s) takes its template from here. Undo or abort "
				"the Rollout instead",
				name));
	}
}

/* Only a hint, for objects whose labels were lost: who wrote the template. */
static void
find_managers(struct finder *f)
{
	static const char *const managers[] = { "argocd-controller", "kustomize-controller",
		"helm-controller", NULL };
	const cJSON *entry;

	json_each(entry, json_at(f->object, "metadata.managedFields")) {
		const char *manager = json_string_or(entry, "manager", "");

		if (!string_in(manager, managers) ||
		    json_at(entry, "fieldsV1.f:spec.f:template") == NULL)
			continue;
		add(f, REMARK_CHECK, "owner.manager", clean(f, manager),
		    say(f->arena,
			"%s has written its template before and may put its own version back",
			clean(f, manager)));
		return;
	}
}

/* Asked for and not answered; a kind that the cluster does not know has none. */
static bool
is_unseen(const struct facts *facts, const struct fact *fact)
{
	return fact != NULL && (fact->exit != 0 || facts_json(facts, fact->name, NULL) == NULL) &&
	    strstr(fact->errors, "doesn't have a resource type") == NULL &&
	    strstr(fact->errors, "could not find the requested resource") == NULL;
}

static const char *
why_unseen(struct plan *plan, const struct fact *fact)
{
	const char *reason;
	int length;

	if (fact->exit == -1)
		return "no answer in time";
	if (fact->exit == 0)
		return "the answer cannot be read";
	reason = fact_reason(fact, &length);
	return foreign_line(plan->arena, reason, (size_t)length);
}

void
unseen_remark(struct plan *plan, const struct facts *facts, const char *name)
{
	static const struct {
		const char *name, *what;
	} around[] = {
		{ "canaries", "whether Flagger looks after it" },
		{ "rollouts", "whether Argo Rollouts drives it" },
		{ "services", "which Services choose its pods" },
		{ "live", "how its workloads stand, and who else looks after them" },
	};
	const struct fact *fact = facts_find(facts, name);

	if (!is_unseen(facts, fact))
		return;
	for (size_t i = 0; i < COUNT(around); i++)
		if (string_equal(around[i].name, name))
			plan_remark(plan, REMARK_CHECK, plan_arg(plan, "%s.unseen", name),
			    "Not seen %s: %s", around[i].what, why_unseen(plan, fact));
}

void
unseen_note(struct plan *plan, const struct facts *facts, const char *namespace, bool budgets)
{
	static const struct {
		const char *name, *what, *right;
	} around[] = {
		{ "autoscalers", "whether an autoscaler owns the count", "horizontalpodautoscalers.autoscaling" },
		{ "budgets", "whether a PodDisruptionBudget counts its pods", "poddisruptionbudgets.policy" },
	};
	_cleanup_(text_clear) struct text what = TEXT_INIT, rights = TEXT_INIT;
	const char *why = NULL;

	for (size_t i = 0; i < (budgets ? COUNT(around) : 1); i++) {
		const struct fact *fact = facts_find(facts, around[i].name);

		if (!is_unseen(facts, fact))
			continue;
		text_printf(&what, "%s%s", what.length > 0 ? ", nor " : "", around[i].what);
		if (fact->exit > 0 && strstr(fact->errors, "(Forbidden)") != NULL)
			text_printf(&rights, "%s%s", rights.length > 0 ? " and " : "", around[i].right);
		else
			why = why_unseen(plan, fact);
	}
	if (rights.length > 0)
		why = say(plan->arena, "our account may not list %s in namespace %s%s%s", rights.data, namespace,
		    why != NULL ? "; " : "", why != NULL ? why : "");
	if (what.length > 0)
		plan_remark(plan, REMARK_NOTE, "around.unseen", "Not seen %s: %s", what.data, why);
}

size_t
owners_read(struct arena *arena, struct owner owner[OWNERS], const cJSON *object,
    const cJSON *canaries, const cJSON *rollouts)
{
	struct finder f = { arena, owner, 0, object };

	find_argocd(&f);
	find_flux(&f);
	find_references(&f);
	find_canaries(&f, canaries);
	find_rollouts(&f, rollouts);
	if (f.count == 0)
		find_managers(&f);
	find_helm(&f);
	return f.count;
}

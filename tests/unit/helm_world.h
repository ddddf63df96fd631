/*
 * helm_world.h - the recorded world of a release, with a plan to fill, and what is looked for in one.
 */

#ifndef HELM_WORLD_H
#define HELM_WORLD_H

#include "adapters/tools/helm.h"
#include "adapters/tools/kubectl.h"
#include "test.h"
#include "world.h"
#include "plan_made.h"

static const struct cluster cluster = { .name = "primary" };
static const struct environment environment = { .name = "production" };
static const struct target_setting setting = { .key = "platform", .driver = "helm",
	.namespace = "chatops-platform" };
static const struct target release = { .setting = &setting, .driver = &driver_helm,
	.cluster = &cluster, .environment = &environment, .name = "chatops-platform",
	.object = "chatops-platform", .namespace = "chatops-platform", .timeout = MINUTES(5) };

struct world {
	struct facts *facts;
	struct plan *plan;
	struct history history;
	struct error err;
};

static inline struct world
world_new(void)
{
	struct world w = { .facts = facts_new(), .plan = plan_new() };

	words_register(kubectl_words);
	words_register(helm_words);
	judges_register(kubectl_judges);
	judges_register(helm_judges);
	world_load(w.facts, "platform");
	return w;
}

static inline void
world_clear(struct world *w)
{
	facts_free(w->facts);
	plan_free(w->plan);
}

static inline const struct revision *
revision(struct world *w, int64_t number)
{
	if (!driver_helm.read(w->plan->arena, &w->history, &release, w->facts, &w->err))
		fail_msg("%s", w->err.text);
	return history_find(&w->history, number);
}

static inline const struct step *
step_with(const struct plan *plan, const char *argument)
{
	for (size_t i = 0; i < plan->steps.count; i++)
		for (size_t k = 0; plan->steps.item[i].argv != NULL && plan->steps.item[i].argv[k]; k++)
			if (string_equal(plan->steps.item[i].argv[k], argument))
				return &plan->steps.item[i];
	return NULL;
}

/* ---- what is put into a manifest or among hooks ---- */

#define MAP(place) "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: new" place "}\ndata: {a: b}\n"
#define HOOK(image)                                                                                \
	"---\napiVersion: batch/v1\nkind: Job\nmetadata:\n  name: before\n  annotations: "            \
	"{helm.sh/hook: pre-rollback}\nspec:\n  template:\n    spec:\n      serviceAccountName: root\n" \
	"      containers:\n      - {name: check, image: " image "}\n"
#define HOOK_BINDING                                                                               \
	"---\napiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRoleBinding\nmetadata: {name: own, "  \
	"annotations: {helm.sh/hook: pre-rollback}}\nroleRef: {name: cluster-admin}\n"
#define HOOK_AROUND                                                                                \
	"---\napiVersion: batch/v1\nkind: Job\nmetadata: {name: around, annotations: "                    \
	"{helm.sh/hook: \"pre-rollback,post-rollback\"}}\nspec: {}\n"

#endif

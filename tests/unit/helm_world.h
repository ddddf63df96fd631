/*
 * helm_world.h - the recorded world of a release, with a plan to fill.
 */

#ifndef HELM_WORLD_H
#define HELM_WORLD_H

#include "adapters/tools/helm.h"
#include "adapters/tools/kubectl.h"
#include "test.h"
#include "world.h"

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

static struct world
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

static void
world_clear(struct world *w)
{
	facts_free(w->facts);
	plan_free(w->plan);
}

static const struct revision *
revision(struct world *w, int64_t number)
{
	if (!driver_helm.read(w->plan->arena, &w->history, &release, w->facts, &w->err))
		fail_msg("%s", w->err.text);
	return history_find(&w->history, number);
}

#endif

/*
 * kubectl_world.h - the recorded worlds of three workloads, with a plan to fill.
 *
 * gateway: a Deployment of seven revisions.  receive-stuck: a StatefulSet whose newest revision
 * crashes, so that its last pod blocks the others.  agent: a DaemonSet.
 */
#ifndef KUBECTL_WORLD_H
#define KUBECTL_WORLD_H

#include "adapters/tools/kubectl.h"
#include "base/text.h"
#include "world.h"
#include "plan_made.h"

static const struct cluster cluster = { .name = "primary" };
static const struct environment environment = { .name = "production" };
static const struct target_setting setting = { .key = "gateway", .driver = "deployment",
	.namespace = "chatops" };
static const struct target target = { .setting = &setting, .driver = &driver_deployment,
	.cluster = &cluster, .environment = &environment, .name = "chatops-gateway",
	.object = "deployment/chatops-gateway", .namespace = "chatops", .timeout = MINUTES(5) };

static const struct target receive __attribute__((unused)) = { .setting = &setting,
	.driver = &driver_statefulset, .cluster = &cluster, .environment = &environment,
	.name = "thanos-receive", .object = "statefulset/thanos-receive", .namespace = "monitoring",
	.timeout = MINUTES(5) };
static const struct target agent __attribute__((unused)) = { .setting = &setting,
	.driver = &driver_daemonset, .cluster = &cluster, .environment = &environment,
	.name = "node-agent", .object = "daemonset/node-agent", .namespace = "monitoring",
	.timeout = MINUTES(5) };

struct world {
	struct facts *facts;
	struct plan *plan;
	struct history history;
	struct error err;
};

static inline struct world
world_of(const char *folder)
{
	struct world w = { .facts = facts_new(), .plan = plan_new() };

	words_register(kubectl_words);
	judges_register(kubectl_judges);
	world_load(w.facts, folder);
	return w;
}

static inline struct world
world_new(void)
{
	return world_of("gateway");
}

static inline void
world_clear(struct world *w)
{
	facts_free(w->facts);
	plan_free(w->plan);
}

static inline const struct revision *
revision_in(struct world *w, const struct target *t, int64_t number)
{
	if (!t->driver->read(w->plan->arena, &w->history, t, w->facts, &w->err))
		fail_msg("%s", w->err.text);
	return history_find(&w->history, number);
}

static inline const struct revision *
revision(struct world *w, int64_t number)
{
	return revision_in(w, &target, number);
}

#endif

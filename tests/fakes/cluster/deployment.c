/*
 * deployment.c - Deployments and their ReplicaSets: revisions, rolling updates, the progress deadline.
 *
 * The arithmetic of a rolling update is that of the real controller (deployment/rolling.go): at most
 * maxSurge pods too many, at most maxUnavailable too few, broken old pods first.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "controllers.h"

#define REVISION "deployment.kubernetes.io/revision"
#define HISTORY "deployment.kubernetes.io/revision-history"
#define MAX_SETS 32

struct rollout {
	struct world *world;
	cJSON *deployment, *new;
	cJSON *old[MAX_SETS];	/* ascending by age */
	size_t olds;
	int wanted, surge, unavailable;
};

/* ---- pods of a set ---- */

static int
pods_of(struct world *world, const cJSON *set, bool ready_only)
{
	cJSON *pod;
	int count = 0;

	each_object(world, pod)
		count += object_is(pod, "Pod") && owned(pod, set) && (!ready_only || pod_ready(pod));
	return count;
}

/* The one that is least worth keeping. */
static cJSON *
worst_pod(struct world *world, const cJSON *set)
{
	cJSON *pod, *worst = NULL;

	each_object(world, pod)
		if (object_is(pod, "Pod") && owned(pod, set) &&
		    (worst == NULL || !pod_ready(pod) || pod_ready(worst)))
			worst = pod;
	return worst;
}

static void
count_set(struct world *world, cJSON *set)
{
	int pods = pods_of(world, set, false), ready = pods_of(world, set, true);

	put_number(set, "status.replicas", pods);
	put_number(set, "status.fullyLabeledReplicas", pods);
	put_number(set, "status.readyReplicas", ready);
	put_number(set, "status.availableReplicas", ready);
	put_number(set, "status.observedGeneration", (double)number(set, "metadata.generation"));
}

static void
scale_set(struct world *world, cJSON *set, int replicas)
{
	const char *name;
	int pods = pods_of(world, set, false);

	if (number(set, "spec.replicas") != replicas) {
		put_number(set, "spec.replicas", replicas);
		object_respecified(world, set);
	}
	for (; pods > replicas; pods--)
		object_delete(world, worst_pod(world, set));
	for (; pods < replicas; pods++) {
		name = arena_printf(world->arena, "%s-%s", object_name(set),
		    short_hash(world->arena, arena_printf(world->arena, "%s %lld", object_name(set),
			(long long)number(world->cluster, "uid")), 5));
		pod_add(world, set, name, json_at(set, "spec.template"));
	}
	count_set(world, set);
}

/* ---- the sets of a deployment ---- */

static int64_t
revision_of(const cJSON *object)
{
	const char *text = annotation(object, REVISION);

	return text != NULL ? strtoll(text, NULL, 10) : 0;
}

static void
find_sets(struct rollout *rollout)
{
	cJSON *set;

	each_object(rollout->world, set) {
		if (!object_is(set, "ReplicaSet") || !owned(set, rollout->deployment))
			continue;
		if (rollout->new == NULL && template_equal(json_at(set, "spec.template"),
			json_at(rollout->deployment, "spec.template")))
			rollout->new = set;
		else if (rollout->olds < MAX_SETS)
			rollout->old[rollout->olds++] = set;
	}
}

/* Not these: they are the set's own. */
static bool
is_copied(const char *key)
{
	static const char *const own_ones[] = { REVISION, HISTORY,
		"kubectl.kubernetes.io/last-applied-configuration",
		"deployment.kubernetes.io/desired-replicas", "deployment.kubernetes.io/max-replicas",
		"deprecated.deployment.rollback.to", NULL };

	return !string_in(key, own_ones);
}

static void
copy_annotations(struct rollout *rollout)
{
	const cJSON *one;

	json_each(one, json_at(rollout->deployment, "metadata.annotations"))
		if (is_copied(one->string))
			annotate(rollout->new, one->string, cJSON_GetStringValue(one));
	annotate(rollout->new, "deployment.kubernetes.io/desired-replicas",
	    arena_printf(rollout->world->arena, "%d", rollout->wanted));
	annotate(rollout->new, "deployment.kubernetes.io/max-replicas",
	    arena_printf(rollout->world->arena, "%d", rollout->wanted + rollout->surge));
}

static void
add_set(struct rollout *rollout)
{
	_cleanup_(text_clear) struct text template = TEXT_INIT;
	const cJSON *deployment = rollout->deployment;
	struct world *world = rollout->world;
	const char *hash;
	cJSON *set;

	json_print_canonical(&template, json_at(deployment, "spec.template"));
	hash = short_hash(world->arena, template.data, 10);
	set = object_add(world, "ReplicaSet", object_namespace(deployment),
	    arena_printf(world->arena, "%s-%s", object_name(deployment), hash));
	own(set, deployment);
	put(set, "metadata.labels", cJSON_Duplicate(
	    json_at(deployment, "spec.template.metadata.labels"), true));
	put_number(set, "spec.replicas", 0);
	put(set, "spec.selector", cJSON_Duplicate(json_at(deployment, "spec.selector"), true));
	put(set, "spec.template", cJSON_Duplicate(json_at(deployment, "spec.template"), true));
	json_add_string(at(set, "metadata.labels"), "pod-template-hash", hash);
	json_add_string(ensure(set, "spec.selector.matchLabels"), "pod-template-hash", hash);
	json_add_string(ensure(set, "spec.template.metadata.labels"), "pod-template-hash", hash);
	rollout->new = set;
}

/* The new set has the highest number; a set that comes back leaves its old number behind (KC2). */
static void
number_set(struct rollout *rollout)
{
	struct arena *arena = rollout->world->arena;
	const char *before = annotation(rollout->new, REVISION);
	const char *history = annotation(rollout->new, HISTORY);
	int64_t highest = 0;

	for (size_t i = 0; i < rollout->olds; i++)
		if (revision_of(rollout->old[i]) > highest)
			highest = revision_of(rollout->old[i]);
	if (revision_of(rollout->new) > highest)
		return;
	if (before != NULL)
		annotate(rollout->new, HISTORY, history == NULL ? arena_strdup(arena, before)
		    : arena_printf(arena, "%s,%s", history, before));
	annotate(rollout->new, REVISION, arena_printf(arena, "%lld", (long long)highest + 1));
	annotate(rollout->deployment, REVISION,
	    arena_printf(arena, "%lld", (long long)highest + 1));
	object_changed(rollout->world, rollout->new);
}

/* ---- progress ---- */

static void
progress(struct rollout *rollout, const char *status, const char *reason, const char *message)
{
	struct world *world = rollout->world;
	cJSON *condition;

	condition_set(world, rollout->deployment, "Progressing", status, reason, message);
	condition = (cJSON *)(uintptr_t)condition_find(rollout->deployment, "Progressing");
	put_string(condition, "lastUpdateTime", stamp_of(world, world->now));
	put_number(rollout->deployment, "sim.progressed", (double)world->now);
}

/* A sum that changes with each step forward. */
static int64_t
standing(const struct rollout *rollout)
{
	int64_t sum = number(rollout->new, "status.readyReplicas") * 10000 +
	    number(rollout->new, "status.replicas") * 100 + revision_of(rollout->new) * 1000000;

	for (size_t i = 0; i < rollout->olds; i++)
		sum -= number(rollout->old[i], "status.replicas");
	return sum;
}

static bool
complete(const cJSON *deployment)
{
	int64_t wanted = json_integer(deployment, "spec.replicas", 1);

	return number(deployment, "status.updatedReplicas") == wanted &&
	    number(deployment, "status.replicas") == wanted &&
	    number(deployment, "status.availableReplicas") == wanted;
}

static void
watch_progress(struct rollout *rollout)
{
	struct world *world = rollout->world;
	cJSON *deployment = rollout->deployment;
	int64_t deadline = json_integer(deployment, "spec.progressDeadlineSeconds", 600);
	int64_t stands = standing(rollout), before = number(deployment, "sim.standing");
	const char *name = arena_printf(world->arena, "ReplicaSet \"%s\"",
	    object_name(rollout->new));
	const char *reason = json_string_or(condition_find(deployment, "Progressing"), "reason", "");

	put_number(deployment, "sim.standing", (double)stands);
	if (complete(deployment)) {
		if (!string_equal(reason, "NewReplicaSetAvailable") || stands != before)
			progress(rollout, "True", "NewReplicaSetAvailable", arena_printf(world->arena,
			    "%s has successfully progressed.", name));
	} else if (stands != before) {
		progress(rollout, "True", "ReplicaSetUpdated",
		    arena_printf(world->arena, "%s is progressing.", name));
	} else if (!json_bool(deployment, "spec.paused", false) &&
	    !string_equal(reason, "ProgressDeadlineExceeded") &&
	    world->now >= number(deployment, "sim.progressed") + deadline * 1000) {
		progress(rollout, "False", "ProgressDeadlineExceeded",
		    arena_printf(world->arena, "%s has timed out progressing.", name));
	}
}

static void
count_deployment(struct rollout *rollout)
{
	int64_t replicas = number(rollout->new, "status.replicas");
	int64_t ready = number(rollout->new, "status.readyReplicas");
	cJSON *deployment = rollout->deployment;
	bool enough;

	put_number(deployment, "status.updatedReplicas", (double)replicas);
	for (size_t i = 0; i < rollout->olds; i++) {
		replicas += number(rollout->old[i], "status.replicas");
		ready += number(rollout->old[i], "status.readyReplicas");
	}
	put_number(deployment, "status.replicas", (double)replicas);
	put_number(deployment, "status.readyReplicas", (double)ready);
	put_number(deployment, "status.availableReplicas", (double)ready);
	put(deployment, "status.unavailableReplicas", replicas > ready || ready < rollout->wanted
	    ? cJSON_CreateNumber((double)((replicas > rollout->wanted ? replicas : rollout->wanted) -
		ready)) : NULL);
	put_number(deployment, "status.observedGeneration",
	    (double)number(deployment, "metadata.generation"));
	enough = ready >= rollout->wanted - rollout->unavailable;
	condition_set(rollout->world, deployment, "Available", enough ? "True" : "False",
	    enough ? "MinimumReplicasAvailable" : "MinimumReplicasUnavailable",
	    enough ? "Deployment has minimum availability."
		   : "Deployment does not have minimum availability.");
}

/* ---- the rolling update ---- */

/* "25%" or a number. */
static int
share(const cJSON *deployment, const char *path, int replicas, bool up)
{
	const cJSON *value = json_at(deployment, path);
	int percent = 25;

	if (cJSON_IsNumber(value))
		return value->valueint;
	if (cJSON_IsString(value))
		percent = atoi(value->valuestring);
	return (replicas * percent + (up ? 99 : 0)) / 100;
}

static void
read_rollout(struct rollout *rollout)
{
	const cJSON *deployment = rollout->deployment;

	rollout->wanted = (int)json_integer(deployment, "spec.replicas", 1);
	rollout->surge = share(deployment, "spec.strategy.rollingUpdate.maxSurge", rollout->wanted,
	    true);
	rollout->unavailable = share(deployment, "spec.strategy.rollingUpdate.maxUnavailable",
	    rollout->wanted, false);
	if (rollout->surge == 0 && rollout->unavailable == 0)
		rollout->unavailable = 1;
	if (string_equal(json_string(deployment, "spec.strategy.type"), "Recreate")) {
		rollout->surge = 0;
		rollout->unavailable = rollout->wanted;
	}
}

static int
total(const struct rollout *rollout)
{
	int64_t sum = number(rollout->new, "spec.replicas");

	for (size_t i = 0; i < rollout->olds; i++)
		sum += number(rollout->old[i], "spec.replicas");
	return (int)sum;
}

static void
grow_new(struct rollout *rollout)
{
	int has = (int)number(rollout->new, "spec.replicas");
	int room = rollout->wanted + rollout->surge - total(rollout);
	int more = rollout->wanted - has < room ? rollout->wanted - has : room;

	scale_set(rollout->world, rollout->new, has > rollout->wanted ? rollout->wanted
	    : has + (more > 0 ? more : 0));
}

/* May be taken away without falling below what must be available. */
static int
spare(const struct rollout *rollout)
{
	int new_missing = (int)(number(rollout->new, "spec.replicas") -
	    number(rollout->new, "status.availableReplicas"));

	return total(rollout) - (rollout->wanted - rollout->unavailable) - new_missing;
}

static void
shrink_by(struct rollout *rollout, cJSON *set, int most)
{
	int has = (int)number(set, "spec.replicas");

	if (most > 0 && has > 0)
		scale_set(rollout->world, set, has > most ? has - most : 0);
}

static void
shrink_old(struct rollout *rollout)
{
	int broken, available = (int)number(rollout->new, "status.availableReplicas");

	for (size_t i = 0; i < rollout->olds; i++) {
		broken = (int)(number(rollout->old[i], "spec.replicas") -
		    number(rollout->old[i], "status.availableReplicas"));
		shrink_by(rollout, rollout->old[i], broken < spare(rollout) ? broken : spare(rollout));
		available += (int)number(rollout->old[i], "status.availableReplicas");
	}
	available -= rollout->wanted - rollout->unavailable;
	for (size_t i = 0; i < rollout->olds && available > 0; i++) {
		int before = (int)number(rollout->old[i], "spec.replicas");

		shrink_by(rollout, rollout->old[i],
		    available < spare(rollout) ? available : spare(rollout));
		available -= before - (int)number(rollout->old[i], "spec.replicas");
	}
}

/* A scaled workload that is not rolling, or a paused one: all sets keep their shares. */
static void
scale_paused(struct rollout *rollout)
{
	cJSON *set = rollout->new;

	for (size_t i = 0; i < rollout->olds; i++)
		if (set == NULL || number(rollout->old[i], "spec.replicas") >
		    number(set, "spec.replicas"))
			set = rollout->old[i];
	if (set != NULL)
		scale_set(rollout->world, set, rollout->wanted);
}

static void
prune(struct rollout *rollout)
{
	int64_t keep = json_integer(rollout->deployment, "spec.revisionHistoryLimit", 10);
	cJSON *oldest;

	for (;;) {
		int64_t count = 0;

		oldest = NULL;
		for (size_t i = 0; i < rollout->olds; i++) {
			cJSON *set = rollout->old[i];

			if (set == NULL || number(set, "status.replicas") > 0)
				continue;
			count++;
			if (oldest == NULL || revision_of(set) < revision_of(oldest))
				oldest = set;
		}
		if (count <= keep)
			return;
		for (size_t i = 0; i < rollout->olds; i++)
			if (rollout->old[i] == oldest)
				rollout->old[i] = NULL;
		object_delete(rollout->world, oldest);
	}
}

void
deployment_reconcile(struct world *world, cJSON *deployment)
{
	struct rollout rollout = { .world = world, .deployment = deployment };

	read_rollout(&rollout);
	find_sets(&rollout);
	if (json_bool(deployment, "spec.paused", false)) {
		scale_paused(&rollout);
		if (rollout.new == NULL && rollout.olds > 0) {
			put_number(deployment, "status.updatedReplicas", 0);
			put_number(deployment, "status.observedGeneration",
			    (double)number(deployment, "metadata.generation"));
			return;
		}
	} else {
		if (rollout.new == NULL)
			add_set(&rollout);
		number_set(&rollout);
		copy_annotations(&rollout);
		if (!string_equal(json_string(deployment, "spec.strategy.type"), "Recreate"))
			grow_new(&rollout);
		shrink_old(&rollout);
		grow_new(&rollout);
	}
	count_deployment(&rollout);
	watch_progress(&rollout);
	prune(&rollout);
}

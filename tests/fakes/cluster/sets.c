/*
 * sets.c - StatefulSets and DaemonSets: revisions are ControllerRevisions, pods are replaced one by one.
 *
 * A StatefulSet waits for every pod in order before it replaces one, so that a broken pod holds it up
 * even after its template was put right: it must be deleted by hand (KC13, KC22).
 */
#include <stdlib.h>
#include <string.h>

#include "controllers.h"

#define HASH "controller-revision-hash"
#define NODES 3

/* ---- revisions ---- */

const char *
revision_hash(const cJSON *revision)
{
	return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(
	    json_at(revision, "metadata.labels"), HASH));
}

static cJSON *
add_revision(struct world *world, cJSON *workload)
{
	_cleanup_(text_clear) struct text template = TEXT_INIT;
	const char *hash, *cause = annotation(workload, "kubernetes.io/change-cause");
	cJSON *revision;

	json_print_canonical(&template, json_at(workload, "spec.template"));
	hash = short_hash(world->arena, template.data, 10);
	revision = object_add(world, "ControllerRevision", object_namespace(workload),
	    arena_printf(world->arena, "%s-%s", object_name(workload), hash));
	put(revision, "metadata.labels",
	    cJSON_Duplicate(json_at(workload, "spec.selector.matchLabels"), true));
	json_add_string(at(revision, "metadata.labels"), HASH,
	    object_is(workload, "DaemonSet") ? hash : object_name(revision));
	if (cause != NULL)
		annotate(revision, "kubernetes.io/change-cause", cause);
	own(revision, workload);
	put(revision, "data.spec.template",
	    cJSON_Duplicate(json_at(workload, "spec.template"), true));
	json_add_string(at(revision, "data.spec.template"), "$patch", "replace");
	return revision;
}

static bool
same_template(const cJSON *revision, const cJSON *workload)
{
	_cleanup_(json_freep) cJSON *template =
	    cJSON_Duplicate(json_at(revision, "data.spec.template"), true);

	cJSON_DeleteItemFromObjectCaseSensitive(template, "$patch");
	return template_equal(template, json_at(workload, "spec.template"));
}

cJSON *
controller_revision(struct world *world, cJSON *workload)
{
	cJSON *revision, *found = NULL;
	int64_t highest = 0;

	each_object(world, revision) {
		if (!object_is(revision, "ControllerRevision") || !owned(revision, workload))
			continue;
		if (same_template(revision, workload))
			found = revision;
		if (number(revision, "revision") > highest)
			highest = number(revision, "revision");
	}
	if (found == NULL)
		found = add_revision(world, workload);
	if (number(found, "revision") < highest || highest == 0)
		put_number(found, "revision", (double)highest + 1);
	return found;
}

/* ---- pods ---- */

static bool
has_hash(const cJSON *pod, const char *hash)
{
	return string_equal(cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(
	    json_at(pod, "metadata.labels"), HASH)), hash);
}

static cJSON *
add_pod(struct world *world, cJSON *workload, const char *name, const char *hash)
{
	cJSON *pod = pod_add(world, workload, name, json_at(workload, "spec.template"));

	json_add_string(ensure(pod, "metadata.labels"), HASH, hash);
	return pod;
}

struct tally {
	int pods, ready, updated, updated_ready;
};

static struct tally
tally(struct world *world, const cJSON *workload, const char *hash)
{
	struct tally tally = { 0 };
	cJSON *pod;

	each_object(world, pod) {
		if (!object_is(pod, "Pod") || !owned(pod, workload))
			continue;
		tally.pods++;
		tally.ready += pod_ready(pod);
		tally.updated += has_hash(pod, hash);
		tally.updated_ready += has_hash(pod, hash) && pod_ready(pod);
	}
	return tally;
}

/* ---- StatefulSets ---- */

static cJSON *
ordinal(struct world *world, const cJSON *workload, int64_t n)
{
	return object_find(world, "Pod", object_namespace(workload),
	    arena_printf(world->arena, "%s-%lld", object_name(workload), (long long)n));
}

/* A pod below the partition comes back as it was. */
static void
add_ordinal(struct world *world, cJSON *workload, int64_t n, const char *hash)
{
	int64_t partition = number(workload, "spec.updateStrategy.rollingUpdate.partition");
	const char *name = arena_printf(world->arena, "%s-%lld", object_name(workload), (long long)n);
	const char *current = json_string_or(workload, "status.currentRevision", hash);
	const cJSON *revision = object_find(world, "ControllerRevision",
	    object_namespace(workload), current);
	cJSON *pod;

	if (n >= partition || revision == NULL) {
		add_pod(world, workload, name, hash);
		return;
	}
	pod = pod_add(world, workload, name, json_at(revision, "data.spec.template"));
	json_add_string(ensure(pod, "metadata.labels"), HASH, current);
}

/* One step; true: something was done. */
static bool
step_statefulset(struct world *world, cJSON *workload, const char *hash)
{
	int64_t wanted = json_integer(workload, "spec.replicas", 1);
	int64_t partition = number(workload, "spec.updateStrategy.rollingUpdate.partition");
	cJSON *pod;

	if ((pod = ordinal(world, workload, wanted)) != NULL) {
		object_delete(world, pod);
		return true;
	}
	for (int64_t n = 0; n < wanted; n++) {
		if ((pod = ordinal(world, workload, n)) == NULL) {
			add_ordinal(world, workload, n, hash);
			return true;
		}
		if (!pod_ready(pod))
			return false;
	}
	if (string_equal(json_string(workload, "spec.updateStrategy.type"), "OnDelete"))
		return false;
	for (int64_t n = wanted - 1; n >= partition; n--) {
		pod = ordinal(world, workload, n);
		if (!has_hash(pod, hash)) {
			object_delete(world, pod);
			return true;
		}
	}
	return false;
}

void
statefulset_reconcile(struct world *world, cJSON *workload)
{
	const char *hash = arena_strdup(world->arena,
	    object_name(controller_revision(world, workload)));
	int64_t wanted = json_integer(workload, "spec.replicas", 1);
	struct tally counts;

	if (json_string(workload, "status.currentRevision") == NULL)
		put_string(workload, "status.currentRevision", hash);
	while (step_statefulset(world, workload, hash))
		;
	counts = tally(world, workload, hash);
	put_string(workload, "status.updateRevision", hash);
	if (counts.updated_ready == wanted)
		put_string(workload, "status.currentRevision", hash);
	put_number(workload, "status.replicas", counts.pods);
	put_number(workload, "status.readyReplicas", counts.ready);
	put_number(workload, "status.availableReplicas", counts.ready);
	put_number(workload, "status.updatedReplicas", counts.updated);
	put_number(workload, "status.currentReplicas",
	    string_equal(json_string(workload, "status.currentRevision"), hash) ? counts.pods
		: counts.pods - counts.updated);
	put_number(workload, "status.collisionCount", 0);
	put_number(workload, "status.observedGeneration",
	    (double)number(workload, "metadata.generation"));
}

/* ---- DaemonSets ---- */

static cJSON *
pod_on(struct world *world, const cJSON *workload, const char *node)
{
	cJSON *pod;

	each_object(world, pod)
		if (object_is(pod, "Pod") && owned(pod, workload) &&
		    string_equal(json_string(pod, "spec.nodeName"), node))
			return pod;
	return NULL;
}

static void
add_on(struct world *world, cJSON *workload, const char *node, const char *hash)
{
	const char *name = arena_printf(world->arena, "%s-%s", object_name(workload),
	    short_hash(world->arena, arena_printf(world->arena, "%s %lld", node,
		(long long)number(world->cluster, "uid")), 5));

	put_string(add_pod(world, workload, name, hash), "spec.nodeName", node);
}

/* Old pods that are broken go at once, of the others one at a time. */
static void
step_daemonset(struct world *world, cJSON *workload, const char *hash)
{
	bool on_delete = string_equal(json_string(workload, "spec.updateStrategy.type"), "OnDelete");
	const char *node;
	bool waiting = false;
	cJSON *pod;

	for (int n = 1; n <= NODES; n++) {
		node = arena_printf(world->arena, "node-%d", n);
		if ((pod = pod_on(world, workload, node)) == NULL)
			add_on(world, workload, node, hash);
		pod = pod_on(world, workload, node);
		waiting = waiting || (has_hash(pod, hash) && !pod_ready(pod));
	}
	for (int n = 1; n <= NODES && !on_delete; n++) {
		node = arena_printf(world->arena, "node-%d", n);
		pod = pod_on(world, workload, node);
		if (has_hash(pod, hash) || (waiting && pod_ready(pod)))
			continue;
		object_delete(world, pod);
		add_on(world, workload, node, hash);
		waiting = true;
	}
}

void
daemonset_reconcile(struct world *world, cJSON *workload)
{
	const char *hash = arena_strdup(world->arena,
	    revision_hash(controller_revision(world, workload)));
	struct tally counts;

	step_daemonset(world, workload, hash);
	counts = tally(world, workload, hash);
	put_number(workload, "status.desiredNumberScheduled", NODES);
	put_number(workload, "status.currentNumberScheduled", counts.pods);
	put_number(workload, "status.numberMisscheduled", 0);
	put_number(workload, "status.numberReady", counts.ready);
	put_number(workload, "status.numberAvailable", counts.ready);
	put(workload, "status.numberUnavailable", counts.ready < NODES
	    ? cJSON_CreateNumber(NODES - counts.ready) : NULL);
	put_number(workload, "status.updatedNumberScheduled", counts.updated);
	put_number(workload, "status.observedGeneration",
	    (double)number(workload, "metadata.generation"));
}

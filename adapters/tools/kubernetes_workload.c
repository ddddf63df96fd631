/*
 * kubernetes_workload.c - Deployments, StatefulSets and DaemonSets: where they stand.
 *
 * The three predicates are those of `kubectl rollout status` (kubectl's polymorphichelpers), read
 * from the object, since the sentences of that command differ between kinds and mislead (KC22).
 */
#include "kubernetes.h"

#include <string.h>

#include "base/text.h"
#include "base/unicode.h"
#include "base/when.h"
#include "say.h"

static int
number(const cJSON *object, const char *path, int otherwise)
{
	return (int)json_integer(object, path, otherwise);
}

/* Of the managers whose fields include the template, the one with the latest time; NULL: none is known. */
static const cJSON *
last_writer(const cJSON *object, int64_t *written)
{
	const cJSON *entry, *last = NULL;
	int64_t stamp;

	*written = -1;
	json_each(entry, json_at(object, "metadata.managedFields")) {
		if (json_at(entry, "fieldsV1.f:spec.f:template") == NULL ||
		    !stamp_read(json_string_or(entry, "time", ""), &stamp) || stamp < *written)
			continue;
		*written = stamp;
		last = entry;
	}
	return last;
}

/*
 * That the deadline has passed stands in the status until the controller notes progress: right after the way back
 * from a stuck rollout it is still said of that one (KC11).
 */
static void
read_deadline(struct workload *w, const cJSON *object, const cJSON *condition)
{
	bool passed = string_equal(json_string(condition, "reason"), "ProgressDeadlineExceeded");
	int64_t written;

	w->deadline_before = passed && last_writer(object, &written) != NULL && w->progressed > 0 &&
	    w->progressed < written;
	w->deadline_passed = passed && !w->deadline_before;
}

static void
read_deployment(struct workload *w, const cJSON *object)
{
	const char *revision =
	    metadata_of(object, "annotations", "deployment.kubernetes.io/revision");
	const cJSON *condition;

	w->wanted = number(object, "spec.replicas", 1);
	w->updated = number(object, "status.updatedReplicas", 0);
	w->available = number(object, "status.availableReplicas", 0);
	w->paused = json_bool(object, "spec.paused", false);
	if (revision != NULL)
		string_number(revision, 1, INT32_MAX, &w->revision);
	json_each(condition, json_at(object, "status.conditions")) {
		if (!string_equal(json_string(condition, "type"), "Progressing"))
			continue;
		w->settled =
		    string_equal(json_string(condition, "reason"), "NewReplicaSetAvailable") &&
		    w->observed >= w->generation;
		stamp_read(json_string_or(condition, "lastUpdateTime", ""), &w->progressed);
		read_deadline(w, object, condition);
	}
}

static void
read_statefulset(struct arena *arena, struct workload *w, const cJSON *object)
{
	w->wanted = number(object, "spec.replicas", 1);
	w->updated = number(object, "status.updatedReplicas", 0);
	w->available = number(object, "status.availableReplicas", 0);
	w->partition = number(object, "spec.updateStrategy.rollingUpdate.partition", 0);
	w->on_delete = string_equal(json_string(object, "spec.updateStrategy.type"), "OnDelete");
	w->current = arena_strdup(arena, json_string(object, "status.currentRevision"));
	w->update = arena_strdup(arena, json_string(object, "status.updateRevision"));
}

static void
read_daemonset(struct workload *w, const cJSON *object)
{
	w->wanted = number(object, "status.desiredNumberScheduled", 0);
	w->replicas = number(object, "status.currentNumberScheduled", 0);
	w->updated = number(object, "status.updatedNumberScheduled", 0);
	w->ready = number(object, "status.numberReady", 0);
	w->available = number(object, "status.numberAvailable", 0);
	w->on_delete = string_equal(json_string(object, "spec.updateStrategy.type"), "OnDelete");
}

bool
workload_read(struct arena *arena, struct workload *w, const cJSON *object, struct error *err)
{
	const char *kind = json_string_or(object, "kind", "(none)");
	const char *name = json_string_or(object, "metadata.name", "");

	*w = (struct workload){
		.object = object,
		.template = json_at(object, "spec.template"),
		.kind = arena_strdup(arena, kind),
		.name = foreign_line(arena, name, strlen(name)),
		.uid = arena_strdup(arena, json_string(object, "metadata.uid")),
		.generation = json_integer(object, "metadata.generation", 0),
		.observed = json_integer(object, "status.observedGeneration", 0),
		.replicas = number(object, "status.replicas", 0),
		.ready = number(object, "status.readyReplicas", 0),
		.kept = number(object, "spec.revisionHistoryLimit", 10),
	};
	if (string_equal(kind, "Deployment"))
		read_deployment(w, object);
	else if (string_equal(kind, "StatefulSet"))
		read_statefulset(arena, w, object);
	else if (string_equal(kind, "DaemonSet"))
		read_daemonset(w, object);
	else
		return failed(err, "the cluster answered with a %.40s instead of a workload", kind);
	if (!cJSON_IsObject(w->template) || w->uid == NULL)
		return failed(err, "the %s %s has no template or no uid", kind, w->name);
	return true;
}

static bool
statefulset_done(struct arena *arena, const struct workload *w, const char **note)
{
	int wanted = w->wanted - w->partition;

	if (w->on_delete || w->partition > 0)
		*note = say(arena, "%d of %d pods are of the new revision, %d ready", w->updated,
		    w->wanted, w->ready);
	else
		*note = say(arena, "%d of %d pods updated, %d ready",
		    string_equal(w->current, w->update) ? w->wanted : w->updated, w->wanted,
		    w->ready);
	if (w->ready < w->wanted)
		return false;
	if (w->on_delete || w->partition > 0)
		return w->updated >= (w->on_delete ? w->wanted : wanted);
	return string_equal(w->current, w->update);
}

bool
workload_done(struct arena *arena, const struct workload *w, const char **note)
{
	if (w->observed < w->generation) {
		*note = say(arena, "its controller has not seen the change yet");
		return false;
	}
	if (string_equal(w->kind, "StatefulSet"))
		return statefulset_done(arena, w, note);
	if (w->updated >= w->wanted && w->replicas > w->updated)
		*note = say_count(arena, w->replicas - w->updated,
		    "%d old pod is still ending", "%d old pods are still ending",
		    w->replicas - w->updated);
	else
		*note = say(arena, "%d of %d pods updated, %d available", w->updated, w->wanted,
		    w->available);
	if (string_equal(w->kind, "DaemonSet"))
		return w->updated >= w->wanted && w->available >= w->wanted;
	return w->updated >= w->wanted && w->replicas <= w->updated && w->available >= w->updated;
}

bool
workload_in_progress(const struct workload *w)
{
	if (w->observed < w->generation)
		return true;
	if (string_equal(w->kind, "StatefulSet"))
		return !w->on_delete && w->updated < w->wanted - w->partition &&
		    !string_equal(w->current, w->update);
	if (string_equal(w->kind, "DaemonSet"))
		return !w->on_delete && w->updated < w->wanted;
	return !w->settled && !w->paused &&
	    (w->updated < w->wanted || w->replicas > w->updated || w->available < w->updated);
}

const char *
workload_writer(struct arena *arena, const cJSON *object)
{
	int64_t written;
	const cJSON *last = last_writer(object, &written);
	const char *manager = json_string_or(last, "manager", "somebody");

	if (last == NULL)
		return NULL;
	return arena_printf(arena, "%s at %s", foreign_line(arena, manager, strlen(manager)),
	    stamp_iso(arena, written));
}

bool
volumes_go(const cJSON *object, const char *when)
{
	const cJSON *policy = json_at(object, "spec.persistentVolumeClaimRetentionPolicy");

	return string_equal(json_string(object, "kind"), "StatefulSet") &&
	    string_equal(json_string(policy, when), "Delete");
}

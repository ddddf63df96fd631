/*
 * kubectl_status.c - rollout status: the sentences and the waiting.
 *
 * The three ways to judge are those of kubectl's polymorphichelpers/rollout_status.go.  A sentence is
 * printed when it differs from the last.
 */
#include <stdlib.h>
#include <string.h>

#include "kubectl.h"

struct watch {
	struct kubectl *kubectl;
	struct reference reference;
	const char *last;	/* sentence */
	const char *said;
	bool done, failed;
};

static void
waits(struct watch *watch, const char *format, ...) _printf_(2, 3);

static void
waits(struct watch *watch, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	watch->said = arena_vprintf(watch->kubectl->tool->arena, format, ap);
	va_end(ap);
}

static void
finishes(struct watch *watch, const char *sentence)
{
	watch->done = true;
	watch->said = sentence;
}

static void
deployment_stands(struct watch *watch, const cJSON *deployment)
{
	const char *name = watch->reference.name, *reason;
	long long wanted = json_integer(deployment, "spec.replicas", 1);
	long long updated = number(deployment, "status.updatedReplicas");
	long long replicas = number(deployment, "status.replicas");
	long long available = number(deployment, "status.availableReplicas");

	reason = json_string(condition_find(deployment, "Progressing"), "reason");
	if (string_equal(reason, "ProgressDeadlineExceeded")) {
		kubectl_error(watch->kubectl, "deployment \"%s\" exceeded its progress deadline", name);
		watch->failed = true;
	} else if (updated < wanted) {
		waits(watch, "Waiting for deployment \"%s\" rollout to finish: %lld out of %lld new "
		    "replicas have been updated...", name, updated, wanted);
	} else if (replicas > updated) {
		waits(watch, "Waiting for deployment \"%s\" rollout to finish: %lld old replicas are "
		    "pending termination...", name, replicas - updated);
	} else if (available < updated) {
		waits(watch, "Waiting for deployment \"%s\" rollout to finish: %lld of %lld updated "
		    "replicas are available...", name, available, updated);
	} else {
		finishes(watch, arena_printf(watch->kubectl->tool->arena,
		    "deployment \"%s\" successfully rolled out", name));
	}
}

static void
statefulset_stands(struct watch *watch, const cJSON *set)
{
	long long wanted = json_integer(set, "spec.replicas", 1);
	long long partition = number(set, "spec.updateStrategy.rollingUpdate.partition");
	long long ready = number(set, "status.readyReplicas");
	long long updated = number(set, "status.updatedReplicas");
	struct arena *arena = watch->kubectl->tool->arena;

	/* rollingUpdate is there by default, so that "partitioned" is the usual sentence (KC22). */
	if (ready < wanted)
		waits(watch, "Waiting for %lld pods to be ready...", wanted - ready);
	else if (json_at(set, "spec.updateStrategy.rollingUpdate") != NULL &&
	    updated < wanted - partition)
		waits(watch, "Waiting for partitioned roll out to finish: %lld out of %lld new pods "
		    "have been updated...", updated, wanted - partition);
	else if (json_at(set, "spec.updateStrategy.rollingUpdate") != NULL)
		finishes(watch, arena_printf(arena,
		    "partitioned roll out complete: %lld new pods have been updated...", updated));
	else if (!string_equal(json_string(set, "status.updateRevision"),
		json_string(set, "status.currentRevision")))
		waits(watch, "waiting for statefulset rolling update to complete %lld pods at revision "
		    "%s...", updated, json_string_or(set, "status.updateRevision", ""));
	else
		finishes(watch, arena_printf(arena,
		    "statefulset rolling update complete %lld pods at revision %s...",
		    (long long)number(set, "status.currentReplicas"),
		    json_string_or(set, "status.currentRevision", "")));
}

static void
daemonset_stands(struct watch *watch, const cJSON *set)
{
	long long wanted = number(set, "status.desiredNumberScheduled");
	long long updated = number(set, "status.updatedNumberScheduled");
	long long available = number(set, "status.numberAvailable");
	const char *name = watch->reference.name;

	if (updated < wanted)
		waits(watch, "Waiting for daemon set \"%s\" rollout to finish: %lld out of %lld new pods "
		    "have been updated...", name, updated, wanted);
	else if (available < wanted)
		waits(watch, "Waiting for daemon set \"%s\" rollout to finish: %lld of %lld updated pods "
		    "are available...", name, available, wanted);
	else
		finishes(watch, arena_printf(watch->kubectl->tool->arena,
		    "daemon set \"%s\" successfully rolled out", name));
}

static bool
is_refused(struct watch *watch, const cJSON *workload)
{
	const char *wanted = arguments_flag(&watch->kubectl->arguments, "--revision");
	const char *running = annotation(workload, "deployment.kubernetes.io/revision");

	if (!object_is(workload, "Deployment") &&
	    string_equal(json_string(workload, "spec.updateStrategy.type"), "OnDelete")) {
		kubectl_error(watch->kubectl,
		    "rollout status is only available for RollingUpdate strategy type");
		return true;
	}
	if (object_is(workload, "Deployment") && wanted != NULL && !string_equal(wanted, "0") &&
	    !string_equal(wanted, running)) {
		kubectl_error(watch->kubectl,
		    "desired revision (%s) is different from the running revision (%s)", wanted,
		    running != NULL ? running : "0");
		return true;
	}
	return false;
}

static void
look(struct watch *watch, const cJSON *workload)
{
	watch->said = NULL;
	if (is_refused(watch, workload))
		watch->failed = true;
	else if (object_is(workload, "Deployment"))
		deployment_stands(watch, workload);
	else if (object_is(workload, "StatefulSet"))
		statefulset_stands(watch, workload);
	else
		daemonset_stands(watch, workload);
	if (watch->said != NULL && !string_equal(watch->said, watch->last))
		kubectl_say(watch->kubectl, "%s", watch->said);
	watch->last = watch->said;
}

static int64_t
end_of(struct kubectl *kubectl)
{
	const char *timeout = arguments_flag(&kubectl->arguments, "--timeout");
	int64_t ms;

	if (timeout == NULL || !duration_read(timeout, &ms))
		return INT64_MAX;
	return kubectl->world.now + ms;
}

/* Until the next thing happens in the world, or the end. */
static bool
wait_more(struct watch *watch, int64_t end)
{
	struct world *world = &watch->kubectl->world;
	int64_t next = controllers_next(world);
	struct error err = ERROR_INIT;

	if (world->now >= end) {
		kubectl_error(watch->kubectl, "timed out waiting for the condition");
		return false;
	}
	if (next < 0 || next > end)
		next = end;
	if (!world_wait(world, next, &err)) {
		kubectl_error(watch->kubectl, "%s", err.text);
		return false;
	}
	return true;
}

int
rollout_status(struct kubectl *kubectl)
{
	struct watch watch = { .kubectl = kubectl };
	bool once = string_equal(arguments_flag(&kubectl->arguments, "--watch"), "false");
	int64_t end = end_of(kubectl);
	cJSON *workload;
	size_t next = 2;

	if ((workload = kubectl_object(kubectl, &watch.reference, &next, "get")) == NULL)
		return 1;
	for (;;) {
		look(&watch, workload);
		if (watch.done || watch.failed || once)
			return watch.failed;
		if (!wait_more(&watch, end))
			return 1;
		workload = object_find(&kubectl->world, watch.reference.kind->kind, kubectl->namespace,
		    watch.reference.name);
		if (workload == NULL)
			return kubectl_error(kubectl, "object has been deleted");
	}
}

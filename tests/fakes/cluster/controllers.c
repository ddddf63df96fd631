/* controllers.c - brings a cluster from one time to another, event after event. */

#include "controllers.h"

#define ROUNDS 100	/* more without a standstill would be a fight between controllers */

/* Objects come and go while it runs: positions, not pointers. */
static void
reconcile_all(struct world *world)
{
	cJSON *object;

	for (int i = 0; (object = cJSON_GetArrayItem(world->objects, i)) != NULL; i++) {
		if (object_is(object, "Deployment"))
			deployment_reconcile(world, object);
		else if (object_is(object, "StatefulSet"))
			statefulset_reconcile(world, object);
		else if (object_is(object, "DaemonSet"))
			daemonset_reconcile(world, object);
	}
}

/* Until nothing changes any more without the time going on. */
static void
settle(struct world *world)
{
	int64_t version;

	for (int round = 0; round < ROUNDS; round++) {
		version = number(world->cluster, "version");
		reconcile_all(world);
		if (number(world->cluster, "version") == version)
			return;
	}
}

static int64_t
deadline_of(const cJSON *deployment)
{
	const cJSON *condition = condition_find(deployment, "Progressing");

	if (!string_equal(json_string(condition, "reason"), "ReplicaSetUpdated") ||
	    json_bool(deployment, "spec.paused", false))
		return -1;
	return number(deployment, "sim.progressed") +
	    json_integer(deployment, "spec.progressDeadlineSeconds", 600) * 1000;
}

int64_t
controllers_next(struct world *world)
{
	int64_t next = -1, one;
	cJSON *object;

	each_object(world, object) {
		one = object_is(object, "Pod") ? pod_next(object)
		    : object_is(object, "Deployment") ? deadline_of(object) : -1;
		if (one >= 0 && (next < 0 || one < next))
			next = one;
	}
	return next;
}

static void
happen(struct world *world)
{
	cJSON *object;

	each_object(world, object)
		if (object_is(object, "Pod"))
			pod_advance(world, object);
	settle(world);
}

void
controllers_run(struct world *world, int64_t until)
{
	int64_t next;

	settle(world);
	while ((next = controllers_next(world)) >= 0 && next <= until) {
		if (next > world->now)
			world->now = next;
		happen(world);
	}
	if (until > world->now)
		world->now = until;
	put_number(world->cluster, "time", (double)world->now);
}

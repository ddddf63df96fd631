/* pods.c - pods: from pending to ready, or not, by the names of their images. */

#include <string.h>

#include "controllers.h"

#define USUAL 700	/* ms to be ready */
#define SLOW SECONDS(3)
#define NEVER (-1)

static bool
image_has(const cJSON *pod, const char *word)
{
	const cJSON *container;

	json_each(container, json_at(pod, "spec.containers"))
		if (strstr(json_string_or(container, "image", ""), word) != NULL)
			return true;
	return false;
}

void
condition_set(struct world *world, cJSON *object, const char *type, const char *status,
    const char *reason, const char *message)
{
	cJSON *list = ensure(object, "status"), *condition, *found = NULL;

	if (member(list, "conditions") == NULL)
		json_add_array(list, "conditions");
	list = member(list, "conditions");
	cJSON_ArrayForEach(condition, list)
		if (string_equal(json_string(condition, "type"), type))
			found = condition;
	condition = found != NULL ? found : json_add_object(list, NULL);
	if (!string_equal(json_string(condition, "status"), status))
		put_string(condition, "lastTransitionTime", stamp_of(world, world->now));
	put_string(condition, "type", type);
	put_string(condition, "status", status);
	put_string(condition, "reason", reason);
	put_string(condition, "message", message);
}

const cJSON *
condition_find(const cJSON *object, const char *type)
{
	const cJSON *condition;

	json_each(condition, json_at(object, "status.conditions"))
		if (string_equal(json_string(condition, "type"), type))
			return condition;
	return NULL;
}

static void
set_conditions(struct world *world, cJSON *pod, bool ready)
{
	static const char *const types[] = { "Ready", "ContainersReady" };

	condition_set(world, pod, "Initialized", "True", NULL, NULL);
	condition_set(world, pod, "PodScheduled", "True", NULL, NULL);
	for (size_t i = 0; i < COUNT(types); i++)
		condition_set(world, pod, types[i], ready ? "True" : "False",
		    ready ? NULL : "ContainersNotReady",
		    ready ? NULL : arena_printf(world->arena,
			"containers with unready status: [%s]",
			json_string_or(json_at(pod, "spec.containers")->child, "name", "")));
}

static void
set_waiting(struct world *world, cJSON *status, const char *reason, const char *message)
{
	put_string(status, "state.waiting.reason", reason);
	if (message != NULL)
		put_string(status, "state.waiting.message", message);
	if (!string_equal(reason, "CrashLoopBackOff"))
		return;
	put_number(status, "restartCount", 4);
	put_string(status, "lastState.terminated.reason", "Error");
	put_number(status, "lastState.terminated.exitCode", 1);
	put_string(status, "lastState.terminated.finishedAt", stamp_of(world, world->now));
}

/* What one container shows: running, or the reason why it waits. */
static void
add_status(struct world *world, cJSON *list, const cJSON *container, const char *waiting)
{
	const char *image = json_string_or(container, "image", "");
	cJSON *status = json_add_object(list, NULL);

	json_add_string(status, "name", json_string(container, "name"));
	json_add_string(status, "image", image);
	json_add_bool(status, "ready", waiting == NULL);
	json_add_bool(status, "started", waiting == NULL);
	json_add_number(status, "restartCount", 0);
	if (waiting == NULL)
		put_string(status, "state.running.startedAt", stamp_of(world, world->now));
	else if (string_equal(waiting, "ImagePullBackOff"))
		set_waiting(world, status, waiting, arena_printf(world->arena,
		    "Back-off pulling image \"%s\": ErrImagePull: %s: not found", image, image));
	else if (string_equal(waiting, "CrashLoopBackOff"))
		set_waiting(world, status, waiting, arena_printf(world->arena,
		    "back-off 1m20s restarting failed container=%s",
		    json_string_or(container, "name", "")));
	else
		set_waiting(world, status, waiting, NULL);
}

static const char *
why_waiting(const cJSON *container, bool begun)
{
	const char *image = json_string_or(container, "image", "");

	if (strstr(image, "nopull") != NULL)
		return "ImagePullBackOff";
	if (strstr(image, "crash") != NULL)
		return "CrashLoopBackOff";
	return begun ? NULL : "ContainerCreating";
}

static void
set_containers(struct world *world, cJSON *pod, bool begun)
{
	const cJSON *container;
	cJSON *list;

	put(pod, "status.containerStatuses", cJSON_CreateArray());
	list = at(pod, "status.containerStatuses");
	json_each(container, json_at(pod, "spec.containers"))
		add_status(world, list, container, why_waiting(container, begun));
}

cJSON *
pod_add(struct world *world, cJSON *owner, const char *name, const cJSON *template)
{
	cJSON *pod = object_add(world, "Pod", object_namespace(owner), name);
	bool broken;

	put(pod, "metadata.labels", cJSON_Duplicate(json_at(template, "metadata.labels"), true));
	if (json_at(template, "metadata.annotations") != NULL)
		put(pod, "metadata.annotations",
		    cJSON_Duplicate(json_at(template, "metadata.annotations"), true));
	put(pod, "spec", cJSON_Duplicate(json_at(template, "spec"), true));
	put_string(pod, "spec.nodeName", arena_printf(world->arena, "node-%lld",
	    (long long)(number(world->cluster, "uid") % 3 + 1)));
	own(pod, owner);
	broken = image_has(pod, "crash") || image_has(pod, "nopull");
	put_string(pod, "status.phase", image_has(pod, "crash") && !image_has(pod, "nopull")
	    ? "Running" : "Pending");
	put_string(pod, "status.startTime", stamp_of(world, world->now));
	put_string(pod, "status.podIP", arena_printf(world->arena, "10.244.0.%lld",
	    (long long)(number(world->cluster, "uid") % 250 + 2)));
	set_containers(world, pod, false);
	set_conditions(world, pod, false);
	put_number(pod, "sim.at", (double)(broken ? NEVER
	    : world->now + (image_has(pod, "slow") ? SLOW : USUAL)));
	return pod;
}

bool
pod_ready(const cJSON *pod)
{
	return string_equal(json_string(condition_find(pod, "Ready"), "status"), "True");
}

int64_t
pod_next(const cJSON *pod)
{
	return pod_ready(pod) ? NEVER : json_integer(pod, "sim.at", NEVER);
}

bool
pod_advance(struct world *world, cJSON *pod)
{
	int64_t at_time = pod_next(pod);

	if (at_time == NEVER || at_time > world->now)
		return false;
	put_string(pod, "status.phase", "Running");
	set_containers(world, pod, true);
	set_conditions(world, pod, true);
	object_changed(world, pod);
	return true;
}

static cJSON *
without_hash(const cJSON *template)
{
	cJSON *copy = cJSON_Duplicate(template, true);

	cJSON_DeleteItemFromObjectCaseSensitive(at(copy, "metadata.labels"), "pod-template-hash");
	return copy;
}

bool
template_equal(const cJSON *a, const cJSON *b)
{
	_cleanup_(json_freep) cJSON *one = without_hash(a), *other = without_hash(b);
	_cleanup_(text_clear) struct text left = TEXT_INIT, right = TEXT_INIT;

	json_print_canonical(&left, one);
	json_print_canonical(&right, other);
	return string_equal(left.data, right.data);
}

/*
 * kubernetes_pods.c - pods: how many serve, and why the others do not.
 *
 * A pod with a deletionTimestamp is on its way out and counts as neither.  Restarts are told, not
 * judged: when they happened stands only in the last state of each container.
 */
#include "kubernetes.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/unicode.h"
#include "base/when.h"
#include "words.h"

/* The reasons for which waiting longer rarely helps. */
static const char *const hopeless[] = { "CrashLoopBackOff", "ImagePullBackOff", "ErrImagePull",
	"InvalidImageName", "CreateContainerConfigError", "CreateContainerError",
	"RunContainerError", "ErrImageNeverPull", NULL };

static const char *
clean(struct arena *arena, const char *s)
{
	return foreign_line(arena, s, strnlen(s, 200));
}

/* The first container that waits or has ended gives the reason. */
static const char *
container_trouble(struct arena *arena, const cJSON *statuses, bool init, bool *failing)
{
	const cJSON *status;

	json_each(status, statuses) {
		const char *waiting = json_string(status, "state.waiting.reason");
		const char *ended = json_string(status, "state.terminated.reason");

		if (init && string_equal(ended, "Completed"))
			continue;
		if (waiting != NULL && string_in(waiting, hopeless))
			*failing = true;
		if (ended != NULL && !init)
			*failing = true;
		if (waiting != NULL || ended != NULL)
			return clean(arena, waiting != NULL ? waiting : ended);
	}
	return NULL;
}

static bool
pod_is_ready(const cJSON *pod)
{
	const cJSON *condition, *status;
	bool ready = false;

	json_each(condition, json_at(pod, "status.conditions"))
		if (string_equal(json_string(condition, "type"), "Ready"))
			ready = string_equal(json_string(condition, "status"), "True");
	json_each(status, json_at(pod, "status.containerStatuses"))
		if (!json_bool(status, "ready", false))
			return false;
	return ready && string_equal(json_string(pod, "status.phase"), "Running");
}

const char *
pod_trouble(struct arena *arena, const cJSON *pod, bool *failing)
{
	const char *phase = json_string_or(pod, "status.phase", "Unknown"), *reason;
	const cJSON *condition;

	*failing = string_equal(phase, "Failed");
	if (pod_is_ready(pod))
		return NULL;
	if ((reason = json_string(pod, "status.reason")) != NULL)
		return clean(arena, reason);
	if ((reason = container_trouble(arena, json_at(pod, "status.initContainerStatuses"), true,
	    failing)) != NULL)
		return reason;
	if ((reason = container_trouble(arena, json_at(pod, "status.containerStatuses"), false,
	    failing)) != NULL)
		return reason;
	json_each(condition, json_at(pod, "status.conditions"))
		if (string_equal(json_string(condition, "reason"), "Unschedulable"))
			return "Unschedulable";
	return string_equal(phase, "Running") ? "not ready" : clean(arena, phase);
}

static int
restarts_of(const cJSON *pod)
{
	const cJSON *status;
	int restarts = 0;

	json_each(status, json_at(pod, "status.containerStatuses"))
		restarts += (int)json_integer(status, "restartCount", 0);
	return restarts;
}

/* Containers that the template does not name (a mesh's, say) may have any image. */
static bool
has_images(const cJSON *pod, const cJSON *images)
{
	const cJSON *image, *container;

	json_each(image, images) {
		bool found = false;

		json_each(container, json_at(pod, "spec.containers"))
			found = found ||
			    (string_equal(json_string(container, "name"), image->string) &&
				string_equal(json_string(container, "image"), image->valuestring));
		if (!found)
			return false;
	}
	return true;
}

static void
count_trouble(struct arena *arena, struct pods *pods, const cJSON *pod)
{
	const char *trouble;
	int64_t created = 0;
	bool failing;

	if ((trouble = pod_trouble(arena, pod, &failing)) == NULL) {
		pods->ready++;
		return;
	}
	pods->failing += failing;
	stamp_read(json_string_or(pod, "metadata.creationTimestamp", ""), &created);
	if (created > 0 && (pods->waiting == 0 || created < pods->waiting))
		pods->waiting = created;
	if (pods->trouble == NULL)
		pods->trouble = arena_printf(arena, "%s: %s",
		    clean(arena, json_string_or(pod, "metadata.name", "a pod")), trouble);
}

void
pods_read(struct arena *arena, struct pods *pods, const cJSON *answer, const char *label,
    const char *value, const cJSON *images)
{
	*pods = (struct pods){ .count = 0 };
	for (size_t i = 0; i < items_count(answer); i++) {
		const cJSON *pod = items_at(answer, i);

		if (label != NULL && !string_equal(metadata_of(pod, "labels", label), value))
			continue;
		if (json_at(pod, "metadata.deletionTimestamp") != NULL) {
			pods->ending++;
			continue;
		}
		/* The remains of a Job, of an eviction, of a node that was shut down run nothing, and their
		 * controller has made others. */
		if (string_equal(json_string(pod, "status.phase"), "Succeeded") ||
		    string_equal(json_string(pod, "status.phase"), "Failed"))
			continue;
		pods->count++;
		pods->restarts += restarts_of(pod);
		pods->other += !has_images(pod, images);
		count_trouble(arena, pods, pod);
	}
}

/* ---- pods that block ----------------------------------------------------------------------- */

static bool
is_blocking(struct arena *arena, const cJSON *pod, const struct workload *w, const char *good,
    const char *bad)
{
	const char *revision = metadata_of(pod, "labels", REVISION_HASH);
	bool failing;

	if (!owned_by(pod, w->uid) || revision == NULL ||
	    !value_fits(VALUE_NAME, NULL, json_string(pod, "metadata.name")) ||
	    json_at(pod, "metadata.deletionTimestamp") != NULL)
		return false;
	if (good != NULL ? string_equal(revision, good) : !string_equal(revision, bad))
		return false;
	return pod_trouble(arena, pod, &failing) != NULL;
}

/* What the controller waits for: the pod with the lowest number first. */
static int64_t
ordinal(const cJSON *pod)
{
	const char *name = json_string_or(pod, "metadata.name", ""), *dash = strrchr(name, '-');
	int64_t number = INT32_MAX;

	if (dash != NULL)
		string_number(dash + 1, 0, INT32_MAX, &number);
	return number;
}

bool
pods_kept_run(const cJSON *answer, const struct workload *w, const char *hash)
{
	int count = 0;

	for (size_t i = 0; i < items_count(answer); i++) {
		const cJSON *pod = items_at(answer, i);

		if (!owned_by(pod, w->uid) || ordinal(pod) >= w->partition)
			continue;
		if (!string_equal(metadata_of(pod, "labels", REVISION_HASH), hash))
			return false;
		count++;
	}
	return count > 0 && count >= (w->partition < w->wanted ? w->partition : w->wanted);
}

static int
by_ordinal(const void *a, const void *b)
{
	const cJSON *const *one = a, *const *other = b;
	int64_t first = ordinal(*one), second = ordinal(*other);

	return (first > second) - (first < second);
}

size_t
pods_blocking(struct arena *arena, const cJSON *answer, const struct workload *w, const char *good,
    const char *bad, const cJSON *blocking[], size_t most)
{
	size_t count = 0;

	if (!string_equal(w->kind, "StatefulSet") || w->on_delete ||
	    string_equal(json_string(w->object, "spec.podManagementPolicy"), "Parallel"))
		return 0;
	for (size_t i = 0; i < items_count(answer) && count < most; i++)
		if (is_blocking(arena, items_at(answer, i), w, good, bad))
			blocking[count++] = items_at(answer, i);
	qsort(blocking, count, sizeof blocking[0], by_ordinal);
	return count;
}

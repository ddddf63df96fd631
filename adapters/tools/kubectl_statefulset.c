/*
 * kubectl_statefulset.c - StatefulSets, whose pods go one by one, N to 0, and may block the way back.
 *
 * With OrderedReady the controller waits for a pod that never gets ready before it touches any other, also
 * when the template is already the old one again (KC13, KC22: undo says "rolled back" and nothing heals).
 * Such a pod is deleted after the undo; before it, it would come back from the bad template.  Only pods
 * that are stuck on another revision than the one to go back to, and only when the look found them so.
 */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "kubectl_parts.h"

#define STUCK_PODS 10

static bool
is_stuck(struct arena *arena, const cJSON *pod, const struct workload *w, const char *hash)
{
	const char *revision = metadata_of(pod, "labels", REVISION_HASH);
	bool failing;

	return owned_by(pod, w->uid) && revision != NULL && !string_equal(revision, hash) &&
	    json_at(pod, "metadata.deletionTimestamp") == NULL &&
	    pod_trouble(arena, pod, &failing) != NULL;
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

static int
by_ordinal(const void *a, const void *b)
{
	const cJSON *const *one = a, *const *other = b;
	int64_t first = ordinal(*one), second = ordinal(*other);

	return (first > second) - (first < second);
}

static void
unblock(struct plan *plan, const struct target *t, const struct facts *facts,
    const struct workload *w, const char *hash)
{
	const cJSON *pods = kubectl_surrounding(facts, "pods"), *stuck[STUCK_PODS];
	size_t count = 0;

	if (string_equal(json_string(w->object, "spec.podManagementPolicy"), "Parallel"))
		return;
	for (size_t i = 0; i < items_count(pods) && count < STUCK_PODS; i++)
		if (is_stuck(plan->arena, items_at(pods, i), w, hash))
			stuck[count++] = items_at(pods, i);
	qsort(stuck, count, sizeof stuck[0], by_ordinal);
	for (size_t i = 0; i < count; i++)
		kubectl_step_delete_pod(plan, t, stuck[i],
		    say(plan->arena, "Delete %s, which is stuck and blocks the others",
			json_string_or(stuck[i], "metadata.name", "")));
}

static bool
statefulset_change(struct plan *plan, const struct target *t, const struct facts *facts,
    const struct revision *to, struct error *err)
{
	return kubectl_revisions_change(plan, t, facts, to, unblock, err);
}

const struct driver driver_statefulset = {
	.name = "statefulset",
	.tool = "kubectl",
	.noun = "statefulset",
	.look = kubectl_revisions_look,
	.read = kubectl_revisions_read,
	.state = kubectl_state,
	.guard = kubectl_revisions_guard,
	.differ = kubectl_revisions_differ,
	.change = statefulset_change,
	.restart = kubectl_restart,
	.scale = kubectl_scale_to,
	.pin = kubectl_pin,
	.pod = kubectl_pod,
};

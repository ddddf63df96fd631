/*
 * kubectl_statefulset.c - StatefulSets, whose pods go one by one, N to 0, and may block the way
 * back.
 *
 * With OrderedReady the controller waits for a pod that never gets ready before it touches any
 * other, also when the template is already the old one again (KC13, KC22: undo says "rolled back"
 * and nothing heals). Such a pod is deleted after the undo; before it, it would come back from the
 * bad template.  Only pods that are stuck on another revision than the one to go back to, and only
 * when the look found them so.
 */
#include "base/text.h"
#include "kubectl_parts.h"

#define STUCK_PODS 10

static void
unblock(struct plan *plan, const struct target *t, const struct facts *facts,
    const struct workload *w, const char *hash)
{
	const cJSON *stuck[STUCK_PODS];
	size_t count = pods_blocking(plan->arena, kubectl_surrounding(facts, "pods"), w, hash, NULL,
	    stuck, STUCK_PODS);

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
	.rights = kubectl_statefulset_rights,
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

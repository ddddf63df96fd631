/* kubectl_daemonset.c - DaemonSets: one pod a node, replaced node by node. */
#include "kubectl_parts.h"

static bool
daemonset_change(struct plan *plan, const struct target *t, const struct facts *facts,
    const struct revision *to, struct error *err)
{
	return kubectl_revisions_change(plan, t, facts, to, NULL, err);
}

const struct driver driver_daemonset = {
	.name = "daemonset",
	.tool = "kubectl",
	.noun = "daemonset",
	.rights = kubectl_daemonset_rights,
	.look = kubectl_revisions_look,
	.read = kubectl_revisions_read,
	.state = kubectl_state,
	.guard = kubectl_revisions_guard,
	.differ = kubectl_revisions_differ,
	.change = daemonset_change,
	.restart = kubectl_restart,
	.pin = kubectl_pin,
	.pod = kubectl_pod,
};

/* kubectl_doctor.c - what the doctor asks of kubectl, and the rights that each kind of workload needs (KC20). */

#include <string.h>

#include "base/text.h"
#include "base/unicode.h"
#include "kubectl_parts.h"

#define TARGET(verb, kind, why) { verb, "apps", kind "s", kind, NULL, why }
#define LIST(group, kinds, why) { "list", group, kinds, NULL, NULL, why }
/* Only asked of a cluster that knows the kind. */
#define OWNERS_LISTS                                                                               \
	LIST("flagger.app", "canaries", "to see whether Flagger looks after it"),                   \
	    LIST("argoproj.io", "rollouts", "to see whether Argo Rollouts drives it")
#define AROUND                                                                                     \
	LIST("", "pods", "to look at its pods"), LIST("", "services", "to see who depends on it"),  \
	    OWNERS_LISTS, LIST("autoscaling", "horizontalpodautoscalers", "to see who owns its count"),           \
	    LIST("policy", "poddisruptionbudgets", "to see what a rollout may disturb")
#define END { NULL, NULL, NULL, NULL, NULL, NULL }

const struct right kubectl_deployment_rights[] = {
	TARGET("get", "deployment", "to look at it"),
	TARGET("patch", "deployment", "to take it back"),
	{ "patch", "apps", "deployments", "deployment", "scale", "to scale it" },
	LIST("apps", "replicasets", "to read its history"), AROUND, END,
};
const struct right kubectl_statefulset_rights[] = {
	TARGET("get", "statefulset", "to look at it"),
	TARGET("patch", "statefulset", "to take it back"),
	{ "patch", "apps", "statefulsets", "statefulset", "scale", "to scale it" },
	{ "delete", "", "pods", NULL, NULL, "to remove a pod that blocks it" },
	LIST("apps", "controllerrevisions", "to read its history"), AROUND, END,
};
const struct right kubectl_daemonset_rights[] = {
	TARGET("get", "daemonset", "to look at it"),
	TARGET("patch", "daemonset", "to take it back"),
	LIST("apps", "controllerrevisions", "to read its history"), AROUND, END,
};

static char **
ask_version(struct plan *plan)
{
	return plan_argv(plan, "kubectl", "version", "--client", "-o=json", NULL);
}

static const char *
read_version(struct arena *arena, const char *out, size_t length)
{
	_cleanup_(json_freep) cJSON *json = json_parse(out, length, NULL);
	const char *version = json_string(json, "clientVersion.gitVersion");

	return version != NULL ? foreign_line(arena, version, strnlen(version, 60)) : NULL;
}

/* kubectl's own words: "Error from server (Forbidden): …", "You must be logged in to the server (Unauthorized)". */
static enum reached
read_reach(int exit, const char *errors)
{
	if (exit == 0)
		return REACHED;
	if (strstr(errors, "(Forbidden)") != NULL)
		return REACHED_FORBIDDEN;
	if (strstr(errors, "(Unauthorized)") != NULL || strstr(errors, "You must be logged in") != NULL)
		return REACHED_UNKNOWN_US;
	return NOT_REACHED;
}

/* Said on stderr by can-i, beside a yes or no that means nothing then. */
static bool
no_such_kind(const char *errors)
{
	return strstr(errors, "doesn't have a resource type") != NULL;
}

static char **
ask_may(struct plan *plan, const char *namespace, const struct right *right, const char *name)
{
	const char *what = right->resource;

	if (strchr(right->group, '.') != NULL)
		what = plan_arg(plan, "%s.%s", what, right->group);
	if (right->object != NULL)
		what = plan_arg(plan, "%s/%s", right->object, name);
	if (right->subresource == NULL)
		return kubectl_can_i(plan, namespace, right->verb, what);
	return plan_argv(plan, "kubectl", "auth", "can-i", "-n", namespace,
	    plan_arg(plan, "--subresource=%s", right->subresource), "--request-timeout=10s", "--",
	    right->verb, what, NULL);
}

const struct tool_questions kubectl_questions = {
	.version = ask_version,
	.read_version = read_version,
	.reach = kubectl_identity,
	.read_reach = read_reach,
	.may = ask_may,
	.no_such_kind = no_such_kind,
};

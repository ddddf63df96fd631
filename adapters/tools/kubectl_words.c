/*
 * kubectl_words.c - which uses of kubectl there are (AR2), and the vectors of the common ones.
 *
 * Every namespaced use names its namespace, every undo its revision, every wait its end, every
 * scale what it found before: where a flag is needed here, kubectl would otherwise choose for us
 * (KC1, KC11, KC23).  Of a Secret only names, uids and versions are ever asked for: there is no
 * word that prints its values.
 */
#include "kubectl.h"

#define WORKLOADS "deployment|statefulset|daemonset"
#define KINDS                                                                                      \
	WORKLOADS "|replicaset|controllerrevision|pod|service|configmap|serviceaccount"           \
		  "|persistentvolumeclaim|horizontalpodautoscaler|poddisruptionbudget|ingress"
#define LISTS                                                                                      \
	"deployments|statefulsets|daemonsets|replicasets|controllerrevisions|pods|services"        \
	"|endpointslices|events|horizontalpodautoscalers|poddisruptionbudgets"                     \
	"|persistentvolumeclaims|ingresses|canaries.flagger.app|rollouts.argoproj.io"
#define ANNOTATIONS "kubernetes.io/change-cause"
#define RECORD_COLUMNS                                                                             \
	"custom-columns=NAME:.metadata.name,UID:.metadata.uid,VERSION:.metadata.resourceVersion"

#define FLAG(name, kind) { name, kind, NULL, false }
#define NEEDED(name, kind) { name, kind, NULL, true }
#define CHOICE(name, list, needed) { name, VALUE_CHOICE, list, needed }
#define NAMESPACE NEEDED("-n", VALUE_NAMESPACE)
#define REQUEST FLAG("--request-timeout", VALUE_SECONDS)
#define END { NULL, VALUE_NONE, NULL, false }

static const struct word_flag get_flags[] = {
	NAMESPACE, CHOICE("-o", "json|name", true), FLAG("--ignore-not-found", VALUE_NONE),
	FLAG("--show-managed-fields", VALUE_NONE), REQUEST, END,
};
static const struct word_flag identity_flags[] = { CHOICE("-o", "json", true), REQUEST, END };
static const struct word_flag names_flags[] = {
	NAMESPACE, CHOICE("-o", "name", true), FLAG("--ignore-not-found", VALUE_NONE), REQUEST, END,
};
static const struct word_flag list_flags[] = {
	NAMESPACE, CHOICE("-o", "json|name", true), FLAG("--selector", VALUE_LABELS),
	FLAG("--field-selector", VALUE_FIELD), CHOICE("--sort-by", ".lastTimestamp", false),
	FLAG("--show-managed-fields", VALUE_NONE), REQUEST, END,
};
static const struct word_flag record_flags[] = {
	NAMESPACE, CHOICE("-o", RECORD_COLUMNS, true), NEEDED("--selector", VALUE_LABELS), REQUEST, END,
};
static const struct word_flag service_flags[] = {
	NEEDED("--raw", VALUE_SERVICE_PATH), REQUEST, END,
};
static const struct word_flag status_flags[] = {
	NAMESPACE, FLAG("--revision", VALUE_REVISION), NEEDED("--timeout", VALUE_SECONDS),
	CHOICE("--watch", "true|false", false), REQUEST, END,
};
static const struct word_flag undo_flags[] = {
	NAMESPACE, NEEDED("--to-revision", VALUE_REVISION), REQUEST, END,
};
static const struct word_flag plain_flags[] = { NAMESPACE, REQUEST, END };
static const struct word_flag scale_flags[] = {
	NAMESPACE, NEEDED("--replicas", VALUE_COUNT), NEEDED("--current-replicas", VALUE_COUNT),
	REQUEST, END,
};
static const struct word_flag annotate_flags[] = {
	NAMESPACE, FLAG("--overwrite", VALUE_NONE), REQUEST, END,
};
static const struct word_flag delete_flags[] = {
	NAMESPACE,
	CHOICE("--wait", "true|false", true),
	FLAG("--timeout", VALUE_SECONDS),
	REQUEST,
	END,
};
static const struct word_flag can_i_flags[] = {
	NAMESPACE, CHOICE("--subresource", "scale", false), REQUEST, END,
};
static const struct word_flag request_flags[] = { REQUEST, END };
static const struct word_flag version_flags[] = {
	NEEDED("--client", VALUE_NONE), CHOICE("-o", "json", true), END,
};
static const struct word_flag logs_flags[] = {
	NAMESPACE, FLAG("--since", VALUE_SECONDS), FLAG("--tail", VALUE_COUNT),
	NEEDED("--limit-bytes", VALUE_COUNT), FLAG("--timestamps", VALUE_NONE),
	FLAG("--container", VALUE_NAME), FLAG("--previous", VALUE_NONE), REQUEST, END,
};
static const struct word_flag top_flags[] = {
	NAMESPACE, CHOICE("--sort-by", "cpu|memory", false), FLAG("--selector", VALUE_LABELS),
	FLAG("--no-headers", VALUE_NONE), REQUEST, END,
};

#define WORD(n, v, f) .name = "kubectl." n, .tool = "kubectl", .verbs = v, .flags = f
#define OBJECT(list) { VALUE_OBJECT, list }

const struct word kubectl_words[] = {
	{ WORD("get", "get", get_flags), .positional = { OBJECT(KINDS) }, .repeated = true,
	  .reads = true },
	{ WORD("identity", "get", identity_flags), .positional = { OBJECT("namespace") },
	  .reads = true },
	{ WORD("names", "get", names_flags), .positional = { OBJECT(KINDS "|secret") },
	  .repeated = true, .reads = true },
	{ WORD("list", "get", list_flags), .positional = { { VALUE_KIND, LISTS } }, .reads = true },
	{ WORD("records", "get", record_flags), .positional = { { VALUE_KIND, "secrets|configmaps" } },
	  .reads = true },
	{ WORD("service_get", "get", service_flags), .reads = true },
	{ WORD("describe", "describe", plain_flags), .positional = { OBJECT(WORKLOADS "|pod") },
	  .reads = true },
	{ WORD("logs", "logs", logs_flags), .positional = { OBJECT("pod") }, .reads = true },
	{ WORD("top_pods", "top pods", top_flags), .reads = true },
	{ WORD("can_i", "auth can-i", can_i_flags),
	  .positional = { { VALUE_CHOICE, "get|patch|delete" }, OBJECT(WORKLOADS "|pod") }, .reads = true },
	{ WORD("can_i_kind", "auth can-i", can_i_flags),
	  .positional = { { VALUE_CHOICE, "get|list|create|update|patch|delete" },
	      { VALUE_KIND, LISTS "|secrets" } }, .reads = true },
	{ WORD("version", "version", version_flags), .reads = true },
	{ WORD("api_versions", "api-versions", request_flags), .reads = true },
	{ WORD("rollout_status", "rollout status", status_flags), .positional = { OBJECT(WORKLOADS) },
	  .reads = true },
	{ WORD("rollout_undo", "rollout undo", undo_flags), .positional = { OBJECT(WORKLOADS) } },
	{ WORD("rollout_pause", "rollout pause", plain_flags),
	  .positional = { OBJECT("deployment") } },
	{ WORD("rollout_resume", "rollout resume", plain_flags),
	  .positional = { OBJECT("deployment") } },
	{ WORD("rollout_restart", "rollout restart", plain_flags),
	  .positional = { OBJECT(WORKLOADS) } },
	{ WORD("scale", "scale", scale_flags), .positional = { OBJECT("deployment|statefulset") } },
	{ WORD("set_image", "set image", plain_flags),
	  .positional = { OBJECT(WORKLOADS), { VALUE_IMAGE_SET, NULL } } },
	{ WORD("annotate", "annotate", annotate_flags),
	  .positional = { OBJECT(WORKLOADS), { VALUE_ANNOTATION, ANNOTATIONS } } },
	{ WORD("delete_pod", "delete", delete_flags), .positional = { OBJECT("pod") } },
	{ .name = NULL },
};

#define REQUEST_READ "--request-timeout=10s"
#define REQUEST_CHANGE "--request-timeout=30s"

char **
kubectl_get(struct plan *plan, const char *namespace, const char *object)
{
	return plan_argv(plan, "kubectl", "get", "-n", namespace, "-o=json", REQUEST_READ,
	    "--show-managed-fields", "--", object, NULL);
}

char **
kubectl_list(struct plan *plan, const char *namespace, const char *kind, const char *labels)
{
	if (labels == NULL)
		return plan_argv(plan, "kubectl", "get", "-n", namespace, "-o=json", REQUEST_READ,
		    "--", kind, NULL);
	return plan_argv(plan, "kubectl", "get", "-n", namespace, "-o=json", REQUEST_READ,
	    plan_arg(plan, "--selector=%s", labels), "--", kind, NULL);
}

static char **
get_several(struct plan *plan, const char *namespace, const char *output, const char *fields,
    const char *const *objects, size_t count)
{
	struct { char **item; size_t count, size; } argv = { NULL, 0, 0 };
	const char *const head[] = { "kubectl", "get", "-n", namespace, output,
		"--ignore-not-found", REQUEST_READ, fields, "--" };

	for (size_t i = 0; i < COUNT(head); i++)
		if (head[i] != NULL)
			*ARENA_GROW(plan->arena, &argv) = arena_strdup(plan->arena, head[i]);
	for (size_t i = 0; i < count; i++)
		*ARENA_GROW(plan->arena, &argv) = arena_strdup(plan->arena, objects[i]);
	*ARENA_GROW(plan->arena, &argv) = NULL;
	return argv.item;
}

char **
kubectl_names(struct plan *plan, const char *namespace, const char *const *objects, size_t count)
{
	return get_several(plan, namespace, "-o=name", NULL, objects, count);
}

char **
kubectl_get_several(struct plan *plan, const char *namespace, const char *const *objects,
    size_t count)
{
	return get_several(plan, namespace, "-o=json", "--show-managed-fields", objects, count);
}

char **
kubectl_service_get(struct plan *plan, const char *namespace, const char *service, const char *port,
    const char *path)
{
	return plan_argv(plan, "kubectl", "get",
	    plan_arg(plan, "--raw=/api/v1/namespaces/%s/services/%s:%s/proxy/%s", namespace,
		service, port, path[0] == '/' ? path + 1 : path),
	    REQUEST_READ, NULL);
}

char **
kubectl_identity(struct plan *plan)
{
	return plan_argv(plan, "kubectl", "get", "-o=json", REQUEST_READ, "--",
	    "namespace/kube-system", NULL);
}

char **
kubectl_can_i(struct plan *plan, const char *namespace, const char *verb, const char *object)
{
	return plan_argv(plan, "kubectl", "auth", "can-i", "-n", namespace, REQUEST_READ, "--",
	    verb, object, NULL);
}

char **
kubectl_rollout_status(struct plan *plan, const char *namespace, const char *object,
    int64_t revision, int64_t timeout)
{
	const char *limit = plan_arg(plan, "--timeout=%llds", (long long)(timeout / 1000));

	if (revision == 0)
		return plan_argv(plan, "kubectl", "rollout", "status", "-n", namespace, limit, "--",
		    object, NULL);
	return plan_argv(plan, "kubectl", "rollout", "status", "-n", namespace,
	    plan_arg(plan, "--revision=%lld", (long long)revision), limit, "--", object, NULL);
}

char **
kubectl_undo(struct plan *plan, const char *namespace, const char *object, int64_t revision)
{
	return plan_argv(plan, "kubectl", "rollout", "undo", "-n", namespace,
	    plan_arg(plan, "--to-revision=%lld", (long long)revision), REQUEST_CHANGE, "--", object,
	    NULL);
}

char **
kubectl_annotate(struct plan *plan, const char *namespace, const char *object, const char *cause)
{
	return plan_argv(plan, "kubectl", "annotate", "-n", namespace, "--overwrite",
	    REQUEST_CHANGE, "--", object, plan_arg(plan, ANNOTATIONS "=%s", cause), NULL);
}

/* verb: "pause", "resume", "restart" */
char **
kubectl_rollout(struct plan *plan, const char *namespace, const char *verb, const char *object)
{
	return plan_argv(plan, "kubectl", "rollout", verb, "-n", namespace, REQUEST_CHANGE, "--",
	    object, NULL);
}

char **
kubectl_scale(struct plan *plan, const char *namespace, const char *object, int from, int to)
{
	return plan_argv(plan, "kubectl", "scale", "-n", namespace,
	    plan_arg(plan, "--current-replicas=%d", from), plan_arg(plan, "--replicas=%d", to),
	    REQUEST_CHANGE, "--", object, NULL);
}

char **
kubectl_set_image(struct plan *plan, const char *namespace, const char *object,
    const char *container, const char *image)
{
	return plan_argv(plan, "kubectl", "set", "image", "-n", namespace, REQUEST_CHANGE, "--",
	    object, plan_arg(plan, "%s=%s", container, image), NULL);
}

char **
kubectl_delete_pod(struct plan *plan, const char *namespace, const char *pod)
{
	return plan_argv(plan, "kubectl", "delete", "-n", namespace, "--wait=false", REQUEST_CHANGE,
	    "--", plan_arg(plan, "pod/%s", pod), NULL);
}

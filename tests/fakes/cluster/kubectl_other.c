/* kubectl_other.c - auth can-i, version, logs, top, describe. */

#include <stdlib.h>
#include <string.h>

#include "kubectl.h"

int
kubectl_auth(struct kubectl *kubectl)
{
	struct reference reference;
	const char *verb;
	size_t next = 3;
	bool may;

	if (kubectl->arguments.count < 4 || !string_equal(kubectl->arguments.item[1], "can-i"))
		return kubectl_error(kubectl, "you must specify two arguments: verb resource or verb "
		    "resource/resourceName");
	verb = kubectl->arguments.item[2];
	if (!kubectl_reference(kubectl, &reference, &next))
		return 1;
	may = kubectl_may(kubectl, verb, reference.kind);
	if (!arguments_have(&kubectl->arguments, "--quiet"))
		kubectl_say(kubectl, "%s", may ? "yes" : "no");
	return may ? 0 : 1;
}

int
kubectl_version(struct kubectl *kubectl)
{
	if (string_equal(arguments_flag(&kubectl->arguments, "--output"), "json"))
		kubectl_say(kubectl, "{\n  \"clientVersion\": {\n    \"major\": \"1\",\n"
		    "    \"minor\": \"35\",\n    \"gitVersion\": \"v1.35.2\",\n"
		    "    \"platform\": \"linux/amd64\"\n  },\n"
		    "  \"kustomizeVersion\": \"v5.7.1\"\n}");
	else
		kubectl_say(kubectl, "Client Version: v1.35.2\nKustomize Version: v5.7.1");
	return 0;
}

/* ---- logs ---- */

static const char *
lines_of(const cJSON *pod)
{
	if (pod_ready(pod))
		return "listening on :8080\n";
	return "panic: unknown field \"pool.max\" in configuration\n"
	    "\tmain.load(/etc/config.yaml)\n"
	    "exit status 1\n";
}

int
kubectl_logs(struct kubectl *kubectl)
{
	const char *name, *waiting;
	struct reference reference = { .kind = kind_find("pod") };
	const cJSON *pod;

	if (kubectl->arguments.count < 2)
		return kubectl_error(kubectl, "expected 'logs [-f] [-p] (POD | TYPE/NAME) [-c "
		    "CONTAINER]'.\nPOD or TYPE/NAME is a required argument for the logs command");
	name = kubectl->arguments.item[1];
	reference.name = strchr(name, '/') != NULL ? strchr(name, '/') + 1 : name;
	pod = object_find(&kubectl->world, "Pod", kubectl->namespace, reference.name);
	if (pod == NULL)
		return kubectl_not_found(kubectl, &reference);
	waiting = json_string_or(json_at(pod, "status.containerStatuses")->child,
	    "state.waiting.reason", "");
	if (string_equal(waiting, "ImagePullBackOff") || string_equal(waiting, "ContainerCreating"))
		return kubectl_server_error(kubectl, "BadRequest", "container \"%s\" in pod \"%s\" is "
		    "waiting to start: %s", json_string_or(json_at(pod, "spec.containers")->child,
			"name", ""), reference.name,
		    string_equal(waiting, "ImagePullBackOff") ? "trying and failing to pull image"
			: waiting);
	text_add(&kubectl->tool->out, lines_of(pod));
	return 0;
}

/* ---- top ---- */

int
kubectl_top(struct kubectl *kubectl)
{
	const char *selector = arguments_flag(&kubectl->arguments, "--selector");
	struct world *world = &kubectl->world;
	cJSON *pod;

	if (kubectl->arguments.count < 2 ||
	    !string_in(kubectl->arguments.item[1], (const char *const[]){ "pods", "pod", NULL }))
		return kubectl_error(kubectl, "Metrics API not available");
	if (!arguments_have(&kubectl->arguments, "--no-headers"))
		kubectl_say(kubectl, "NAME                                  CPU(cores)   MEMORY(bytes)");
	each_object(world, pod)
		if (object_is(pod, "Pod") && pod_ready(pod) &&
		    string_equal(object_namespace(pod), kubectl->namespace) &&
		    (selector == NULL || labels_fit(json_at(pod, "metadata.labels"), selector)))
			kubectl_say(kubectl, "%-37s %-12s %lldMi", object_name(pod), "12m",
			    (long long)(80 + strlen(object_name(pod)) * 3));
	return 0;
}

/* ---- describe ---- */

static void
describe_conditions(struct kubectl *kubectl, const cJSON *object)
{
	const cJSON *condition;

	kubectl_say(kubectl, "Conditions:\n  Type           Status  Reason\n"
	    "  ----           ------  ------");
	json_each(condition, json_at(object, "status.conditions"))
		kubectl_say(kubectl, "  %-14s %-7s %s", json_string_or(condition, "type", ""),
		    json_string_or(condition, "status", ""), json_string_or(condition, "reason", ""));
}

int
kubectl_describe(struct kubectl *kubectl)
{
	const cJSON *label, *container, *list;
	struct reference reference;
	cJSON *object;
	size_t next = 1;

	if ((object = kubectl_object(kubectl, &reference, &next, "get")) == NULL)
		return 1;
	kubectl_say(kubectl, "Name:                   %s\nNamespace:              %s",
	    object_name(object), object_namespace(object));
	json_each(label, json_at(object, "metadata.labels"))
		kubectl_say(kubectl, "%s%s=%s", label->prev->next == NULL ? "Labels:                 "
		    : "                        ", label->string, cJSON_GetStringValue(label));
	if (json_at(object, "spec.replicas") != NULL)
		kubectl_say(kubectl, "Replicas:               %lld desired | %lld updated | %lld total | "
		    "%lld available", (long long)number(object, "spec.replicas"),
		    (long long)number(object, "status.updatedReplicas"),
		    (long long)number(object, "status.replicas"),
		    (long long)number(object, "status.availableReplicas"));
	list = json_at(object, "spec.template.spec.containers");
	json_each(container, list != NULL ? list : json_at(object, "spec.containers"))
		kubectl_say(kubectl, "  %s:\n    Image:      %s", json_string_or(container, "name", ""),
		    json_string_or(container, "image", ""));
	describe_conditions(kubectl, object);
	return 0;
}

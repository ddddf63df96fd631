/* kubectl_change.c - scale, set image, annotate, delete. */

#include <stdlib.h>
#include <string.h>

#include "kubectl.h"

static bool
is_scalable(const cJSON *object)
{
	return object_is(object, "Deployment") || object_is(object, "StatefulSet") ||
	    object_is(object, "ReplicaSet");
}

int
kubectl_scale(struct kubectl *kubectl)
{
	const char *wanted = arguments_flag(&kubectl->arguments, "--replicas");
	const char *current = arguments_flag(&kubectl->arguments, "--current-replicas");
	struct reference reference;
	cJSON *workload;
	int64_t replicas;
	size_t next = 1;

	if (wanted == NULL)
		return kubectl_error(kubectl, "required flag(s) \"replicas\" not set");
	if ((workload = kubectl_object(kubectl, &reference, &next, "patch")) == NULL)
		return 1;
	if (!is_scalable(workload))
		return kubectl_error(kubectl, "could not find the requested resource");
	replicas = json_integer(workload, "spec.replicas", 1);
	if (current != NULL && strtoll(current, NULL, 10) >= 0 &&
	    strtoll(current, NULL, 10) != replicas)
		return kubectl_error(kubectl, "Expected replicas to be %s, was %lld", current,
		    (long long)replicas);
	/* KC23: strtoll takes "+2" as 2, and so does kubectl. */
	put_number(workload, "spec.replicas", (double)strtoll(wanted, NULL, 10));
	object_respecified(&kubectl->world, workload);
	object_written(&kubectl->world, workload, "kubectl", "spec.replicas");
	kubectl_say(kubectl, "%s scaled", kubectl_resource(kubectl, &reference));
	return 0;
}

/* CONTAINER=IMAGE, "*" for all; false: there is no such container. */
static bool
set_one(cJSON *template, const char *container, size_t length, const char *image, bool *changed)
{
	cJSON *one;
	bool found = false;

	cJSON_ArrayForEach(one, at(template, "spec.containers"))
	{
		const char *name = json_string_or(one, "name", "");

		if (!(length == 1 && *container == '*') &&
		    (strlen(name) != length || strncmp(name, container, length) != 0))
			continue;
		found = true;
		*changed = *changed || !string_equal(json_string(one, "image"), image);
		put_string(one, "image", image);
	}
	return found;
}

static int
set_images(struct kubectl *kubectl, const struct reference *reference, cJSON *workload, size_t next)
{
	const char *pair, *equal;
	bool changed = false;

	for (; next < kubectl->arguments.count; next++) {
		pair = kubectl->arguments.item[next];
		if ((equal = strchr(pair, '=')) == NULL)
			return kubectl_error(kubectl, "expected CONTAINER=IMAGE, found %s", pair);
		if (!set_one(kubectl_template(workload), pair, (size_t)(equal - pair), equal + 1,
			&changed))
			return kubectl_error(kubectl, "unable to find container named \"%.*s\"",
			    (int)(equal - pair), pair);
	}
	if (!changed)
		return 0;
	object_respecified(&kubectl->world, workload);
	object_written(&kubectl->world, workload, "kubectl-set", "spec.template");
	kubectl_say(kubectl, "%s image updated", kubectl_resource(kubectl, reference));
	return 0;
}

int
kubectl_set(struct kubectl *kubectl)
{
	struct reference reference;
	cJSON *workload;
	size_t next = 2;

	if (kubectl->arguments.count < 2 || !string_equal(kubectl->arguments.item[1], "image"))
		return kubectl_error(kubectl, "unknown command for \"kubectl set\"");
	if ((workload = kubectl_object(kubectl, &reference, &next, "patch")) == NULL)
		return 1;
	return set_images(kubectl, &reference, workload, next);
}

int
kubectl_annotate(struct kubectl *kubectl)
{
	struct reference reference;
	const char *pair, *equal, *key;
	cJSON *object;
	size_t next = 1;

	if ((object = kubectl_object(kubectl, &reference, &next, "patch")) == NULL)
		return 1;
	for (; next < kubectl->arguments.count; next++) {
		pair = kubectl->arguments.item[next];
		equal = strchr(pair, '=');
		if (equal == NULL && !string_ends(pair, "-"))
			return kubectl_error(kubectl, "at least one annotation update is required");
		key = arena_copy(kubectl->tool->arena, pair,
		    equal != NULL ? (size_t)(equal - pair) : strlen(pair) - 1);
		if (equal != NULL && annotation(object, key) != NULL &&
		    !arguments_have(&kubectl->arguments, "--overwrite"))
			return kubectl_error(kubectl, "--overwrite is false but found the following "
			    "declared annotation(s): '%s' already has a value (%s)", key,
			    annotation(object, key));
		annotate(object, key, equal != NULL ? equal + 1 : NULL);
	}
	object_changed(&kubectl->world, object);
	object_written(&kubectl->world, object, "kubectl-annotate", "metadata.annotations");
	kubectl_say(kubectl, "%s annotated", kubectl_resource(kubectl, &reference));
	return 0;
}

int
kubectl_delete(struct kubectl *kubectl)
{
	struct reference reference;
	cJSON *object;
	size_t next = 1;

	if ((object = kubectl_object(kubectl, &reference, &next, "delete")) == NULL)
		return 1;
	kubectl_say(kubectl, "%s \"%s\" deleted from %s namespace",
	    kind_resource(kubectl->tool->arena, reference.kind), reference.name,
	    kubectl->namespace);
	object_delete(&kubectl->world, object);
	return 0;
}

/* kubectl_get.c - objects shown: as JSON, as names, as a table; and the proxy to a service. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kubectl.h"

struct found {
	struct kubectl *kubectl;
	struct { cJSON **item; size_t count, size; } objects;
	struct { cJSON **item; size_t count, size; } made;	/* by us, not of the world */
};

/* ---- JSON as kubectl prints it ---- */

static void
indent(struct text *out, int depth)
{
	text_add(out, "\n");
	while (depth-- > 0)
		text_add(out, "    ");
}

static void
pretty(struct text *out, const cJSON *item, int depth)
{
	const cJSON *child;

	if ((!cJSON_IsObject(item) && !cJSON_IsArray(item)) || item->child == NULL) {
		json_print(out, item);
		return;
	}
	text_add(out, cJSON_IsObject(item) ? "{" : "[");
	json_each(child, item)
	{
		indent(out, depth + 1);
		if (cJSON_IsObject(item)) {
			json_print_string(out, child->string);
			text_add(out, ": ");
		}
		pretty(out, child, depth + 1);
		text_add(out, child->next != NULL ? "," : "");
	}
	indent(out, depth);
	text_add(out, cJSON_IsObject(item) ? "}" : "]");
}

void
json_pretty(struct text *out, const cJSON *item)
{
	_cleanup_(text_clear) struct text sorted = TEXT_INIT_LIMIT(MEGABYTES(16));
	_cleanup_(json_freep) cJSON *copy = NULL;

	json_print_canonical(&sorted, item);
	copy = json_parse(sorted.data, sorted.length, NULL);
	pretty(out, copy, 0);
	text_add(out, "\n");
}

/* ---- which objects ---- */

static bool
field_fits(const cJSON *object, const char *selector)
{
	const char *equal = strchr(selector, '=');
	char path[64];

	if (equal == NULL || (size_t)(equal - selector) >= sizeof(path))
		return true;
	snprintf(path, sizeof(path), "%.*s", (int)(equal - selector), selector);
	return string_equal(json_string(object, path), equal + 1 + (equal[1] == '='));
}

static bool
is_wanted(const struct kubectl *kubectl, const cJSON *object, const struct kind *kind)
{
	const char *selector = arguments_flag(&kubectl->arguments, "--selector");
	const char *field = arguments_flag(&kubectl->arguments, "--field-selector");
	const char *namespace = object_namespace(object);

	return object_is(object, kind->kind) &&
	    (*namespace == '\0' || arguments_have(&kubectl->arguments, "--all-namespaces") ||
		string_equal(namespace, kubectl->namespace)) &&
	    (selector == NULL || labels_fit(json_at(object, "metadata.labels"), selector)) &&
	    (field == NULL || field_fits(object, field));
}

/* ---- objects that nobody stores ---- */

static void
add_endpoint(cJSON *endpoints, const cJSON *pod)
{
	cJSON *endpoint = json_add_object(endpoints, NULL);

	json_add_string(json_add_array(endpoint, "addresses"), NULL, NULL);
	cJSON_AddItemToArray(at(endpoint, "addresses"),
	    cJSON_CreateString(json_string_or(pod, "status.podIP", "10.244.0.1")));
	put(endpoint, "conditions.ready", cJSON_CreateBool(pod_ready(pod)));
	put(endpoint, "conditions.serving", cJSON_CreateBool(pod_ready(pod)));
	put(endpoint, "conditions.terminating", cJSON_CreateFalse());
	put_string(endpoint, "targetRef.kind", "Pod");
	put_string(endpoint, "targetRef.name", object_name(pod));
	put_string(endpoint, "nodeName", json_string(pod, "spec.nodeName"));
}

static cJSON *
endpoint_slice(struct world *world, const cJSON *service)
{
	cJSON *slice = cJSON_CreateObject(), *pod, *endpoints;
	const char *name = object_name(service);

	json_add_string(slice, "apiVersion", "discovery.k8s.io/v1");
	json_add_string(slice, "kind", "EndpointSlice");
	json_add_string(slice, "addressType", "IPv4");
	put_string(slice, "metadata.name", arena_printf(world->arena, "%s-%s", name,
	    short_hash(world->arena, name, 5)));
	put_string(slice, "metadata.namespace", object_namespace(service));
	put_string(ensure(slice, "metadata.labels"), "kubernetes", NULL);
	json_add_string(at(slice, "metadata.labels"), "kubernetes.io/service-name", name);
	own(slice, service);
	put(slice, "ports", cJSON_Duplicate(json_at(service, "spec.ports"), true));
	endpoints = json_add_array(slice, "endpoints");
	each_object(world, pod)
		if (object_is(pod, "Pod") &&
		    string_equal(object_namespace(pod), object_namespace(service)) &&
		    selector_fits(json_at(service, "spec.selector"), json_at(pod, "metadata.labels")))
			add_endpoint(endpoints, pod);
	return slice;
}

static cJSON *
event_about(struct world *world, const cJSON *pod, const char *reason, const char *message)
{
	cJSON *event = cJSON_CreateObject();

	json_add_string(event, "apiVersion", "v1");
	json_add_string(event, "kind", "Event");
	put_string(event, "metadata.name", arena_printf(world->arena, "%s.%s", object_name(pod),
	    short_hash(world->arena, reason, 16)));
	put_string(event, "metadata.namespace", object_namespace(pod));
	put_string(event, "metadata.creationTimestamp",
	    json_string(pod, "metadata.creationTimestamp"));
	put_string(event, "involvedObject.kind", "Pod");
	put_string(event, "involvedObject.name", object_name(pod));
	put_string(event, "involvedObject.namespace", object_namespace(pod));
	put_string(event, "involvedObject.uid", json_string(pod, "metadata.uid"));
	json_add_string(event, "type", "Warning");
	json_add_string(event, "reason", reason);
	json_add_string(event, "message", message);
	json_add_number(event, "count", 7);
	json_add_string(event, "firstTimestamp", json_string(pod, "metadata.creationTimestamp"));
	json_add_string(event, "lastTimestamp", stamp_of(world, world->now));
	put_string(event, "source.component", "kubelet");
	return event;
}

static cJSON *
event_of(struct world *world, const cJSON *pod)
{
	const cJSON *status;
	const char *reason;

	json_each(status, json_at(pod, "status.containerStatuses"))
	{
		reason = json_string_or(status, "state.waiting.reason", "");
		if (string_equal(reason, "CrashLoopBackOff"))
			return event_about(world, pod, "BackOff",
			    "Back-off restarting failed container");
		if (string_equal(reason, "ImagePullBackOff"))
			return event_about(world, pod, "Failed", "Error: ImagePullBackOff");
	}
	return NULL;
}

static void
add_made(struct found *found, const struct kind *kind, cJSON *made)
{
	struct arena *arena = found->kubectl->world.arena;

	*ARENA_GROW(arena, &found->made) = made;
	if (is_wanted(found->kubectl, made, kind))
		*ARENA_GROW(arena, &found->objects) = made;
}

static void
make_objects(struct found *found, const struct kind *kind)
{
	struct world *world = &found->kubectl->world;
	cJSON *object, *made;

	if (string_equal(kind->kind, "Secret"))
		cJSON_ArrayForEach(object, world->releases)
			add_made(found, kind, release_record(world, object));
	each_object(world, object) {
		made = NULL;
		if (string_equal(kind->kind, "EndpointSlice") && object_is(object, "Service") &&
		    json_at(object, "spec.selector") != NULL)
			made = endpoint_slice(world, object);
		else if (string_equal(kind->kind, "Event") && object_is(object, "Pod"))
			made = event_of(world, object);
		if (made != NULL)
			add_made(found, kind, made);
	}
}

static void
list_kind(struct found *found, const struct kind *kind)
{
	struct world *world = &found->kubectl->world;
	cJSON *object;

	make_objects(found, kind);
	each_object(world, object)
		if (is_wanted(found->kubectl, object, kind))
			*ARENA_GROW(world->arena, &found->objects) = object;
}

static bool
add_named(struct found *found, const struct reference *reference)
{
	struct kubectl *kubectl = found->kubectl;
	bool global = string_equal(reference->kind->kind, "Namespace") ||
	    string_equal(reference->kind->kind, "Node");
	cJSON *object = object_find(&kubectl->world, reference->kind->kind,
	    global ? "" : kubectl->namespace, reference->name);

	if (object != NULL)
		*ARENA_GROW(kubectl->tool->arena, &found->objects) = object;
	else if (!arguments_have(&kubectl->arguments, "--ignore-not-found"))
		return kubectl_not_found(kubectl, reference) == 0;
	return true;
}

/* ---- output ---- */

static cJSON *
shown(const struct kubectl *kubectl, const cJSON *object)
{
	cJSON *copy = cJSON_Duplicate(object, true);

	cJSON_DeleteItemFromObjectCaseSensitive(copy, "sim");
	if (!arguments_have(&kubectl->arguments, "--show-managed-fields"))
		cJSON_DeleteItemFromObjectCaseSensitive(at(copy, "metadata"), "managedFields");
	return copy;
}

static void
show_json(const struct found *found, bool single)
{
	struct kubectl *kubectl = found->kubectl;
	_cleanup_(json_freep) cJSON *list = NULL;
	cJSON *items;

	if (single && found->objects.count == 1) {
		list = shown(kubectl, found->objects.item[0]);
		json_pretty(&kubectl->tool->out, list);
		return;
	}
	list = cJSON_CreateObject();
	json_add_string(list, "apiVersion", "v1");
	json_add_string(list, "kind", "List");
	put_string(list, "metadata.resourceVersion", "");
	items = json_add_array(list, "items");
	for (size_t i = 0; i < found->objects.count; i++)
		cJSON_AddItemToArray(items, shown(kubectl, found->objects.item[i]));
	json_pretty(&kubectl->tool->out, list);
}

static void
show_names(const struct found *found)
{
	struct kubectl *kubectl = found->kubectl;

	for (size_t i = 0; i < found->objects.count; i++)
		kubectl_say(kubectl, "%s/%s", kind_resource(kubectl->tool->arena,
		    kind_find(json_string(found->objects.item[i], "kind"))),
		    object_name(found->objects.item[i]));
}

/* The columns that help while one plays; wide tables are not what this is for. */
static const char *
standing(struct kubectl *kubectl, const cJSON *object)
{
	struct arena *arena = kubectl->tool->arena;
	const char *waiting;

	if (object_is(object, "Pod")) {
		waiting = json_string(json_at(object, "status.containerStatuses")->child,
		    "state.waiting.reason");
		return arena_printf(arena, "%d/1     %s", pod_ready(object), waiting != NULL ? waiting
		    : json_string_or(object, "status.phase", ""));
	}
	if (json_at(object, "spec.replicas") != NULL)
		return arena_printf(arena, "%lld/%lld", (long long)number(object,
		    "status.readyReplicas"), (long long)number(object, "spec.replicas"));
	return "";
}

static void
show_table(const struct found *found)
{
	struct kubectl *kubectl = found->kubectl;
	int width = 4;

	if (found->objects.count == 0) {
		text_printf(&kubectl->tool->errors, "No resources found in %s namespace.\n",
		    kubectl->namespace);
		return;
	}
	for (size_t i = 0; i < found->objects.count; i++)
		if ((int)strlen(object_name(found->objects.item[i])) > width)
			width = (int)strlen(object_name(found->objects.item[i]));
	if (!arguments_have(&kubectl->arguments, "--no-headers"))
		kubectl_say(kubectl, "%-*s   READY   STATUS", width, "NAME");
	for (size_t i = 0; i < found->objects.count; i++)
		kubectl_say(kubectl, "%-*s   %s", width, object_name(found->objects.item[i]),
		    standing(kubectl, found->objects.item[i]));
}

static int
show(const struct found *found, bool single)
{
	struct kubectl *kubectl = found->kubectl;
	const char *output = arguments_flag(&kubectl->arguments, "--output");

	if (found->objects.count == 0 && single)
		return 0;
	if (output == NULL)
		show_table(found);
	else if (string_equal(output, "json"))
		show_json(found, single);
	else if (string_equal(output, "name"))
		show_names(found);
	else if (string_starts(output, "custom-columns="))
		kubectl_columns(kubectl, output + strlen("custom-columns="), found->objects.item,
		    found->objects.count);
	else
		return kubectl_error(kubectl,
		    "unable to match a printer suitable for the output format \"%s\"", output);
	return 0;
}

/* ---- the proxy ---- */

/* /api/v1/namespaces/NS/services/[https:]NAME:PORT/proxy/PATH: healthy while it has endpoints. */
static int
get_raw(struct kubectl *kubectl, const char *path)
{
	char namespace[64] = "", name[256] = "", *colon;
	_cleanup_(json_freep) cJSON *slice = NULL;
	const cJSON *service, *endpoint;
	bool ready = false;

	if (sscanf(path, "/api/v1/namespaces/%63[^/]/services/%255[^/]/proxy/", namespace, name) != 2)
		return kubectl_server_error(kubectl, "NotFound",
		    "the server could not find the requested resource");
	if (strncmp(name, "https:", 6) == 0)
		memmove(name, name + 6, strlen(name) - 5);
	if ((colon = strchr(name, ':')) != NULL)
		*colon = '\0';
	service = object_find(&kubectl->world, "Service", namespace, name);
	if (service == NULL)
		return kubectl_server_error(kubectl, "NotFound", "services \"%s\" not found", name);
	slice = endpoint_slice(&kubectl->world, service);
	json_each(endpoint, json_at(slice, "endpoints"))
		ready = ready || json_bool(endpoint, "conditions.ready", false);
	if (!ready)
		return kubectl_server_error(kubectl, "ServiceUnavailable",
		    "no endpoints available for service \"%s\"", name);
	text_printf(&kubectl->tool->out, "{\"status\":\"healthy\",\"service\":\"%s\"}", name);
	return 0;
}

static int
gather(struct found *found, bool *single)
{
	struct kubectl *kubectl = found->kubectl;
	const struct arguments *arguments = &kubectl->arguments;
	struct reference reference;
	bool there = true;
	size_t next = 1;

	/* "get kind name name …" as well as "get kind/name kind/name …" */
	while (next < arguments->count) {
		if (!kubectl_reference(kubectl, &reference, &next))
			return 1;
		if (reference.name == NULL) {
			list_kind(found, reference.kind);
			continue;
		}
		*single = next == arguments->count && next <= 3 && found->objects.count == 0;
		there = add_named(found, &reference) && there;
		while (strchr(arguments->item[1], '/') == NULL && next < arguments->count) {
			*single = false;
			reference.name = arguments->item[next++];
			there = add_named(found, &reference) && there;
		}
	}
	return there ? 0 : 1;
}

int
kubectl_get(struct kubectl *kubectl)
{
	struct found found = { .kubectl = kubectl };
	const char *raw = arguments_flag(&kubectl->arguments, "--raw");
	bool single = false;
	int status, failed;

	if (raw != NULL)
		return get_raw(kubectl, raw);
	if (kubectl->arguments.count < 2)
		return kubectl_error(kubectl, "Required resource not specified.");
	failed = gather(&found, &single);
	status = failed != 0 && found.objects.count == 0 ? failed : show(&found, single);
	for (size_t i = 0; i < found.made.count; i++)
		cJSON_Delete(found.made.item[i]);
	return failed != 0 ? failed : status;
}

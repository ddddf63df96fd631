/* object.c - the objects of the simulated API: found, made, owned, labelled. */

#include <stdio.h>
#include <string.h>

#include "base/digest.h"
#include "world.h"

/* ---- kinds ---- */

static const struct kind kinds[] = {
	{ "Namespace", "namespaces", "namespace", "ns", "", "v1" },
	{ "Node", "nodes", "node", "no", "", "v1" },
	{ "Pod", "pods", "pod", "po", "", "v1" },
	{ "Service", "services", "service", "svc", "", "v1" },
	{ "ConfigMap", "configmaps", "configmap", "cm", "", "v1" },
	{ "Secret", "secrets", "secret", "", "", "v1" },
	{ "ServiceAccount", "serviceaccounts", "serviceaccount", "sa", "", "v1" },
	{ "PersistentVolumeClaim", "persistentvolumeclaims", "persistentvolumeclaim", "pvc", "", "v1" },
	{ "Event", "events", "event", "ev", "", "v1" },
	{ "Deployment", "deployments", "deployment", "deploy", "apps", "v1" },
	{ "ReplicaSet", "replicasets", "replicaset", "rs", "apps", "v1" },
	{ "StatefulSet", "statefulsets", "statefulset", "sts", "apps", "v1" },
	{ "DaemonSet", "daemonsets", "daemonset", "ds", "apps", "v1" },
	{ "ControllerRevision", "controllerrevisions", "controllerrevision", "", "apps", "v1" },
	{ "HorizontalPodAutoscaler", "horizontalpodautoscalers", "horizontalpodautoscaler", "hpa",
	    "autoscaling", "v2" },
	{ "PodDisruptionBudget", "poddisruptionbudgets", "poddisruptionbudget", "pdb", "policy", "v1" },
	{ "Ingress", "ingresses", "ingress", "ing", "networking.k8s.io", "v1" },
	{ "EndpointSlice", "endpointslices", "endpointslice", "", "discovery.k8s.io", "v1" },
};

const struct kind *
kind_find(const char *written)
{
	size_t length = strcspn(written, ".");
	const char *const group = written[length] == '.' ? written + length + 1 : "";

	for (size_t i = 0; i < COUNT(kinds); i++) {
		const char *const names[] = { kinds[i].plural, kinds[i].singular, kinds[i].brief,
			kinds[i].kind };

		if (*group != '\0' && !string_equal(group, kinds[i].group))
			continue;
		for (size_t n = 0; n < COUNT(names); n++)
			if (strlen(names[n]) == length && length > 0 &&
			    strncmp(names[n], written, length) == 0)
				return &kinds[i];
	}
	return NULL;
}

const char *
kind_resource(struct arena *arena, const struct kind *kind)
{
	return *kind->group == '\0' ? kind->singular
	    : arena_printf(arena, "%s.%s", kind->singular, kind->group);
}

/* ---- members ---- */

cJSON *
at(cJSON *object, const char *path)
{
	return (cJSON *)(uintptr_t)json_at(object, path);
}

cJSON *
member(cJSON *object, const char *key)
{
	return cJSON_GetObjectItemCaseSensitive(object, key);
}

cJSON *
ensure(cJSON *object, const char *path)
{
	char key[128];
	size_t length;
	cJSON *child;

	for (; *path != '\0'; path += length + (path[length] == '.')) {
		length = strcspn(path, ".");
		snprintf(key, sizeof(key), "%.*s", (int)length, path);
		child = member(object, key);
		object = child != NULL ? child : json_add_object(object, key);
	}
	return object;
}

void
put(cJSON *object, const char *path, cJSON *value)
{
	const char *dot = strrchr(path, '.'), *key = dot != NULL ? dot + 1 : path;
	char parents[128];

	if (dot != NULL) {
		snprintf(parents, sizeof(parents), "%.*s", (int)(dot - path), path);
		object = ensure(object, parents);
	}
	cJSON_DeleteItemFromObjectCaseSensitive(object, key);
	if (value != NULL)
		cJSON_AddItemToObject(object, key, value);
}

void
put_string(cJSON *object, const char *path, const char *value)
{
	put(object, path, value != NULL ? cJSON_CreateString(value) : NULL);
}

void
put_number(cJSON *object, const char *path, double value)
{
	put(object, path, cJSON_CreateNumber(value));
}

int64_t
number(const cJSON *object, const char *path)
{
	return json_integer(object, path, 0);
}

/* ---- objects ---- */

const char *
object_name(const cJSON *object)
{
	return json_string_or(object, "metadata.name", "");
}

const char *
object_namespace(const cJSON *object)
{
	return json_string_or(object, "metadata.namespace", "");
}

bool
object_is(const cJSON *object, const char *kind)
{
	return string_equal(json_string(object, "kind"), kind);
}

cJSON *
object_find(struct world *world, const char *kind, const char *namespace, const char *name)
{
	cJSON *object;

	each_object(world, object)
		if (object_is(object, kind) && string_equal(object_name(object), name) &&
		    string_equal(object_namespace(object), namespace))
			return object;
	return NULL;
}

const char *
stamp_of(struct world *world, int64_t ms)
{
	return stamp_iso(world->arena, ms - ms % 1000);
}

const char *
short_hash(struct arena *arena, const char *bytes, size_t letters)
{
	static const char alphabet[] = "bcdfghjklmnpqrstvwxz2456789";
	char hex[DIGEST_HEX], *hash = arena_alloc(arena, letters + 1);

	digest_of(bytes, strlen(bytes), hex);
	for (size_t i = 0; i < letters; i++)
		hash[i] = alphabet[(unsigned)(hex[2 * i] * 31 + hex[2 * i + 1]) % 27];
	return hash;
}

static int64_t
count_up(struct world *world, const char *counter)
{
	int64_t next = number(world->cluster, counter) + 1;

	put_number(world->cluster, counter, (double)next);
	return next;
}

void
object_changed(struct world *world, cJSON *object)
{
	put_string(object, "metadata.resourceVersion",
	    arena_printf(world->arena, "%lld", (long long)count_up(world, "version")));
}

void
object_respecified(struct world *world, cJSON *object)
{
	put_number(object, "metadata.generation", (double)number(object, "metadata.generation") + 1);
	object_changed(world, object);
}

cJSON *
object_add(struct world *world, const char *kind_name, const char *namespace, const char *name)
{
	const struct kind *kind = kind_find(kind_name);
	cJSON *object = cJSON_CreateObject();

	json_add_stringf(object, "apiVersion", "%s%s%s", kind->group,
	    *kind->group != '\0' ? "/" : "", kind->version);
	json_add_string(object, "kind", kind->kind);
	put_string(object, "metadata.name", name);
	if (*namespace != '\0')
		put_string(object, "metadata.namespace", namespace);
	put_string(object, "metadata.uid", arena_printf(world->arena,
	    "5a0c1e00-6b1d-4f00-8000-%012llx", (unsigned long long)count_up(world, "uid")));
	put_string(object, "metadata.creationTimestamp", stamp_of(world, world->now));
	put_number(object, "metadata.generation", 1);
	object_changed(world, object);
	cJSON_AddItemToArray(world->objects, object);
	return object;
}

void
world_touch(struct world *world)
{
	count_up(world, "version");
}

void
object_delete(struct world *world, cJSON *object)
{
	cJSON_Delete(cJSON_DetachItemViaPointer(world->objects, object));
	world_touch(world);
}

/* One entry a manager; path "spec.template" becomes {"f:spec": {"f:template": {}}}. */
void
object_written(struct world *world, cJSON *object, const char *manager, const char *path)
{
	cJSON *list = ensure(object, "metadata"), *entry, *found = NULL, *fields;
	char key[64];
	size_t length;

	if (member(list, "managedFields") == NULL)
		json_add_array(list, "managedFields");
	list = member(list, "managedFields");
	cJSON_ArrayForEach(entry, list)
		if (string_equal(json_string(entry, "manager"), manager))
			found = entry;
	entry = found != NULL ? found : json_add_object(list, NULL);
	put_string(entry, "manager", manager);
	put_string(entry, "operation", "Update");
	put_string(entry, "apiVersion", json_string(object, "apiVersion"));
	put_string(entry, "time", stamp_of(world, world->now));
	put_string(entry, "fieldsType", "FieldsV1");
	fields = ensure(entry, "fieldsV1");
	for (; *path != '\0'; path += length + (path[length] == '.')) {
		length = strcspn(path, ".");
		snprintf(key, sizeof(key), "f:%.*s", (int)length, path);
		fields = member(fields, key) != NULL ? member(fields, key)
		    : json_add_object(fields, key);
	}
}

const char *
annotation(const cJSON *object, const char *key)
{
	return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(
	    json_at(object, "metadata.annotations"), key));
}

void
annotate(cJSON *object, const char *key, const char *value)
{
	cJSON *annotations = ensure(object, "metadata.annotations");

	cJSON_DeleteItemFromObjectCaseSensitive(annotations, key);
	if (value != NULL)
		json_add_string(annotations, key, value);
}

void
own(cJSON *object, const cJSON *owner)
{
	cJSON *list = json_add_array(ensure(object, "metadata"), "ownerReferences");
	cJSON *reference = json_add_object(list, NULL);

	json_add_string(reference, "apiVersion", json_string(owner, "apiVersion"));
	json_add_string(reference, "kind", json_string(owner, "kind"));
	json_add_string(reference, "name", object_name(owner));
	json_add_string(reference, "uid", json_string(owner, "metadata.uid"));
	json_add_bool(reference, "controller", true);
	json_add_bool(reference, "blockOwnerDeletion", true);
}

bool
owned(const cJSON *object, const cJSON *owner)
{
	const cJSON *reference;

	json_each(reference, json_at(object, "metadata.ownerReferences"))
		if (string_equal(json_string(reference, "uid"), json_string(owner, "metadata.uid")))
			return true;
	return false;
}

/* ---- labels ---- */

/* "a,b)": one of these? */
static bool
is_chosen(const char *choices, const char *value)
{
	size_t length = strlen(value);

	for (; *choices != '\0' && *choices != ')'; choices += strcspn(choices, ",)"), choices += *choices == ',')
		if (strncmp(choices, value, length) == 0 && strchr(",)", choices[length]) != NULL)
			return true;
	return false;
}

static bool
part_fits(const cJSON *labels, const char *part, size_t length)
{
	size_t end = 0;
	char key[256], value[256];
	const char *found;
	bool not;

	if (part[0] == '!')
		return !part_fits(labels, part + 1, length - 1);
	while (end < length && part[end] != '=' && part[end] != '!' && part[end] != ' ')
		end++;
	snprintf(key, sizeof(key), "%.*s", (int)end, part);
	found = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(labels, key));
	if (end < length && part[end] == ' ')
		return found != NULL && is_chosen(part + end + strlen(" in ("), found);
	if (end == length)
		return found != NULL;
	not = part[end] == '!';
	while (end < length && (part[end] == '=' || part[end] == '!'))
		end++;
	snprintf(value, sizeof(value), "%.*s", (int)(length - end), part + end);
	return string_equal(found, value) != not;
}

bool
labels_fit(const cJSON *labels, const char *selector)
{
	size_t length;

	for (; *selector != '\0'; selector += length + (selector[length] == ',')) {
		length = strcspn(selector, ",(");
		if (selector[length] == '(')	/* a in (b,c) */
			length += strcspn(selector + length, ")") + 1;
		if (!part_fits(labels, selector, length))
			return false;
	}
	return true;
}

bool
selector_fits(const cJSON *match_labels, const cJSON *labels)
{
	const cJSON *label;

	json_each(label, match_labels)
		if (!string_equal(cJSON_GetStringValue(label), cJSON_GetStringValue(
			cJSON_GetObjectItemCaseSensitive(labels, label->string))))
			return false;
	return cJSON_GetArraySize(match_labels) > 0;
}

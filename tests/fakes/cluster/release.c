/* release.c - releases: their revisions, and what applying one does to the cluster. */

#include <string.h>

#include "helm.h"

cJSON *
release_find(struct world *world, const char *namespace, const char *name, int64_t revision)
{
	cJSON *release, *found = NULL;

	cJSON_ArrayForEach(release, world->releases)
	{
		if (!string_equal(json_string(release, "name"), name) ||
		    !string_equal(json_string(release, "namespace"), namespace))
			continue;
		if (revision == 0 ? found == NULL ||
			number(release, "revision") > number(found, "revision")
				  : number(release, "revision") == revision)
			found = release;
	}
	return found;
}

cJSON *
release_add(struct world *world, const char *namespace, const char *name, const char *status,
    const char *description)
{
	const cJSON *last = release_find(world, namespace, name, 0);
	cJSON *release = cJSON_CreateObject();

	json_add_string(release, "name", name);
	json_add_string(release, "namespace", namespace);
	json_add_number(release, "revision", (double)number(last, "revision") + 1);
	json_add_string(release, "status", status);
	json_add_string(release, "description", description);
	json_add_number(release, "updated", (double)world->now);
	json_add_number(release, "first", last != NULL ? json_number(last, "first", 0)
	    : (double)world->now);
	cJSON_AddItemToArray(world->releases, release);
	world_touch(world);
	return release;
}

/* ---- fields of others (HM11) ---- */

static const char *
other_manager(const cJSON *live)
{
	const cJSON *entry;
	const char *manager;

	json_each(entry, json_at(live, "metadata.managedFields"))
	{
		manager = json_string_or(entry, "manager", "");
		if (json_at(entry, "fieldsV1.f:spec.f:template") != NULL &&
		    !string_equal(manager, "helm") && string_starts(manager, "kubectl"))
			return manager;
	}
	return NULL;
}

static const char *
image_of(const cJSON *object)
{
	const cJSON *containers = json_at(object, "spec.template.spec.containers");

	return containers != NULL ? json_string_or(containers->child, "image", "") : "";
}

static bool
check_conflict(const cJSON *live, const cJSON *wanted, struct error *err)
{
	const char *manager = other_manager(live);

	if (manager == NULL || string_equal(image_of(live), image_of(wanted)))
		return true;
	return failed(err, "conflict occurred while applying object %s/%s %s, Kind=%s: Apply failed "
	    "with 1 conflict: conflict with \"%s\" using %s: "
	    ".spec.template.spec.containers[name=\"%s\"].image", object_namespace(live),
	    object_name(live), json_string_or(live, "apiVersion", ""),
	    json_string_or(live, "kind", ""), manager, json_string_or(live, "apiVersion", ""),
	    json_string_or(json_at(live, "spec.template.spec.containers")->child, "name", ""));
}

static void
forget_others(cJSON *live)
{
	cJSON *entry, *next, *list = at(live, "metadata.managedFields");

	for (entry = list != NULL ? list->child : NULL; entry != NULL; entry = next) {
		next = entry->next;
		if (string_starts(json_string_or(entry, "manager", ""), "kubectl") &&
		    json_at(entry, "fieldsV1.f:spec.f:template") != NULL)
			cJSON_Delete(cJSON_DetachItemViaPointer(list, entry));
	}
}

/* ---- applying ---- */

static void
merge(cJSON *live, const cJSON *wanted)
{
	const cJSON *one;
	cJSON *mine;

	json_each(one, wanted)
	{
		mine = member(live, one->string);
		if (cJSON_IsObject(one) && cJSON_IsObject(mine) &&
		    !string_equal(one->string, "template") && !string_equal(one->string, "data"))
			merge(mine, one);
		else
			put(live, one->string, cJSON_Duplicate(one, true));
	}
}

/* "data" and the like may hold keys with dots, which put() would take for a path. */
static void
merge_top(cJSON *live, const cJSON *wanted)
{
	static const char *const parts[] = { "spec", "data" };
	const cJSON *part;
	cJSON *mine;

	for (size_t i = 0; i < COUNT(parts); i++) {
		part = json_at(wanted, parts[i]);
		mine = member(live, parts[i]);
		if (part == NULL)
			continue;
		if (mine == NULL || string_equal(parts[i], "data"))
			put(live, parts[i], cJSON_Duplicate(part, true));
		else
			merge(mine, part);
	}
}

static void
mark(cJSON *live, const cJSON *wanted, const cJSON *release)
{
	const cJSON *label;
	cJSON *labels = ensure(live, "metadata.labels");

	json_each(label, json_at(wanted, "metadata.labels"))
	{
		cJSON_DeleteItemFromObjectCaseSensitive(labels, label->string);
		json_add_string(labels, label->string, cJSON_GetStringValue(label));
	}
	if (member(labels, "app.kubernetes.io/managed-by") == NULL)
		json_add_string(labels, "app.kubernetes.io/managed-by", "Helm");
	annotate(live, "meta.helm.sh/release-name", json_string(release, "name"));
	annotate(live, "meta.helm.sh/release-namespace", json_string(release, "namespace"));
}

static bool
apply_one(struct world *world, const cJSON *release, const cJSON *wanted, bool force,
    struct error *err)
{
	const char *namespace = json_string_or(release, "namespace", "");
	const char *kind = json_string_or(wanted, "kind", "");
	cJSON *live = object_find(world, kind, namespace, object_name(wanted));
	_cleanup_(text_clear) struct text before = TEXT_INIT, after = TEXT_INIT;

	if (live == NULL)
		live = object_add(world, kind, namespace, object_name(wanted));
	else if (!force && !check_conflict(live, wanted, err))
		return false;
	if (force)
		forget_others(live);
	json_print_canonical(&before, live);
	merge_top(live, wanted);
	mark(live, wanted, release);
	json_print_canonical(&after, live);
	if (!string_equal(before.data, after.data)) {
		object_respecified(world, live);
		object_written(world, live, "helm",
		    json_at(wanted, "spec.template") != NULL ? "spec.template" : "data");
	}
	return true;
}

static const cJSON *
object_in(const cJSON *release, const cJSON *like)
{
	const cJSON *object;

	json_each(object, json_at(release, "objects"))
		if (string_equal(json_string(object, "kind"), json_string(like, "kind")) &&
		    string_equal(object_name(object), object_name(like)))
			return object;
	return NULL;
}

static bool
is_kept(const cJSON *object)
{
	return string_equal(annotation(object, "helm.sh/resource-policy"), "keep");
}

/* HM12: what the present revision has and the other one has not, goes. */
static void
delete_surplus(struct world *world, const cJSON *from, const cJSON *to)
{
	const cJSON *object;
	cJSON *live;

	json_each(object, json_at(from, "objects"))
	{
		if (object_in(to, object) != NULL || is_kept(object))
			continue;
		live = object_find(world, json_string_or(object, "kind", ""),
		    json_string_or(from, "namespace", ""), object_name(object));
		if (live != NULL)
			object_delete(world, live);
	}
}

bool
release_apply(struct world *world, const cJSON *from, const cJSON *to, bool force, struct error *err)
{
	const cJSON *object;

	json_each(object, json_at(to, "objects"))
		if (!apply_one(world, to, object, force, err))
			return false;
	delete_surplus(world, from, to);
	return true;
}

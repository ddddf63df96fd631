/* helm_manifest.c - the objects of a release at one revision. */
#include <string.h>

#include "base/text.h"
#include "base/unicode.h"
#include "helm_parts.h"
#include "yaml.h"

static const char *
clean(struct arena *arena, const cJSON *object, const char *path, const char *otherwise)
{
	const char *value = json_string_or(object, path, otherwise);

	return foreign_line(arena, value, strnlen(value, 253));
}

static void
add_object(struct arena *arena, struct manifest *manifest, const cJSON *json, const char *namespace)
{
	static const char *const workloads[] = { "Deployment", "StatefulSet", "DaemonSet", NULL };
	const char *policy = metadata_of(json, "annotations", "helm.sh/resource-policy");
	const char *own = json_string(json, "metadata.namespace");
	struct object *object;

	if (json_string(json, "kind") == NULL)
		return;
	object = ARENA_GROW(arena, manifest);
	*object = (struct object){
		.json = json,
		.kind = clean(arena, json, "kind", ""),
		.name = clean(arena, json, "metadata.name", "(no name)"),
		.version = clean(arena, json, "apiVersion", ""),
		.kept = string_equal(policy, "keep"),
	};
	object->namespace =
	    own != NULL && *own != '\0' ? clean(arena, json, "metadata.namespace", "") : namespace;
	object->workload = string_in(object->kind, workloads);
	object->label = arena_printf(arena, "%s %s", object->kind, object->name);
}

/* Names go into vectors; a cluster would take no other ones either. */
static bool
names_fit(const struct manifest *manifest, struct error *err)
{
	for (size_t i = 0; i < manifest->count; i++) {
		const struct object *object = &manifest->item[i];

		if (object->workload && (!value_fits(VALUE_NAME, NULL, object->name) ||
		    !value_fits(VALUE_NAMESPACE, NULL, object->namespace)))
			return refuse(
			    err, "%s has a name that no workload can have", object->label);
	}
	return true;
}

bool
manifest_read(struct arena *arena, struct manifest *manifest, const char *yaml,
    const char *namespace, struct error *err)
{
	const cJSON *document, *item;

	*manifest = (struct manifest){ .count = 0 };
	manifest->documents = yaml_read_documents(yaml, strlen(yaml), err);
	if (manifest->documents == NULL)
		return error_wrap(err, "the manifest");
	json_each(document, manifest->documents) {
		if (json_at(document, "items") == NULL) {
			add_object(arena, manifest, document, namespace);
			continue;
		}
		json_each(item, json_at(document, "items"))
			add_object(arena, manifest, item, namespace);
	}
	if (names_fit(manifest, err))
		return true;
	manifest_clear(manifest);
	return error_wrap(err, "the manifest");
}

void
manifest_clear(struct manifest *manifest)
{
	cJSON_Delete(manifest->documents);
	manifest->documents = NULL;
}

const struct object *
manifest_find(const struct manifest *manifest, const struct object *like)
{
	for (size_t i = 0; i < manifest->count; i++) {
		const struct object *object = &manifest->item[i];

		if (string_equal(object->kind, like->kind) &&
		    string_equal(object->name, like->name) &&
		    string_equal(object->namespace, like->namespace))
			return object;
	}
	return NULL;
}

const char *
workload_object(struct arena *arena, const struct object *object)
{
	return arena_printf(arena, "%s/%s", fold_case(arena, object->kind), object->name);
}

bool
way_read(struct arena *arena, struct way *way, const struct target *t, const struct facts *facts,
    const struct revision *to, struct error *err)
{
	const cJSON *history = helm_answer(facts, t, "history", err), *last = helm_last(history);
	const char *now, *then;
	char pin[DIGEST_HEX];

	*way = (struct way){ .kept = (size_t)cJSON_GetArraySize(history) };
	if (history == NULL)
		return false;
	way->last = helm_number(last);
	now = helm_answer_text(facts, t, helm_fact(arena, "manifest", way->last), err);
	if (now == NULL)
		return false;
	then = helm_answer_text(facts, t, helm_fact(arena, "manifest", to->number), err);
	if (then == NULL)
		return false;
	helm_pin(then, pin);
	if (to->pin == NULL || !string_equal(pin, to->pin))
		return refuse(
		    err, "revision %lld of %s is another one now", (long long)to->number, t->name);
	if (!manifest_read(arena, &way->now, now, t->namespace, err) ||
	    !manifest_read(arena, &way->to, then, t->namespace, err)) {
		way_clear(way);
		return false;
	}
	if (facts_have(facts, helm_fact(arena, "hooks", to->number)))
		way->hooks = facts_text(facts, helm_fact(arena, "hooks", to->number), NULL);
	return true;
}

void
way_clear(struct way *way)
{
	manifest_clear(&way->now);
	manifest_clear(&way->to);
}

/*
 * helm_conflicts.c - fields that somebody else owns and that a rollback would change (HM11).
 *
 * Helm 4 applies on the server side: where another manager (kubectl set image, an autoscaler) owns
 * a field and wants another value, the rollback fails half way.  managedFields tells the owners
 * beforehand: a tree whose keys are "f:name" for a member, "k:{"name":"web"}" for an entry of a
 * list, "." for the thing itself.
 */
#include <string.h>

#include "base/text.h"
#include "base/unicode.h"
#include "helm_parts.h"

struct conflicts {
	struct arena *arena;
	struct text *out;
	const char *manager;
	size_t count;
};

static const char *
scalar(struct arena *arena, const cJSON *value)
{
	if (value == NULL || cJSON_IsObject(value) || cJSON_IsArray(value))
		return NULL;
	return cJSON_IsString(value) ? value->valuestring : json_to_arena(arena, value);
}

/* The entry of the list that has all the members of the key. */
static const cJSON *
entry_of(struct arena *arena, const cJSON *list, const char *key)
{
	_cleanup_(json_freep) cJSON *wanted = json_parse(key, strlen(key), NULL);
	const cJSON *entry, *member;

	json_each(entry, list) {
		bool fits = wanted != NULL;

		json_each(member, wanted)
			fits = fits && string_equal(scalar(arena, member),
			    scalar(arena, cJSON_GetObjectItemCaseSensitive(entry, member->string)));
		if (fits)
			return entry;
	}
	return NULL;
}

/* "web" of {"name":"web"}, "80 TCP" of {"containerPort":80,"protocol":"TCP"}. */
static const char *
entry_name(struct arena *arena, const char *key)
{
	_cleanup_(json_freep) cJSON *members = json_parse(key, strlen(key), NULL);
	_cleanup_(text_clear) struct text out = TEXT_INIT_LIMIT(200);
	const cJSON *member;

	json_each(member, members) {
		const char *value = scalar(arena, member);

		text_printf(&out, "%s%s", out.length > 0 ? " " : "", value != NULL ? value : "?");
	}
	return arena_copy(arena, out.data, out.length);
}

static void
tell(struct conflicts *c, const char *path)
{
	c->count++;
	text_printf(c->out, "%s%s (%s)", c->out->length > 0 ? ", " : "",
	    foreign_line(c->arena, path, strnlen(path, 200)), c->manager);
}

static void
walk(struct conflicts *c, const cJSON *owned, const cJSON *target, const cJSON *live,
    const char *path, int depth)
{
	const cJSON *field;

	if (target == NULL || depth > 40)
		return;
	if (owned->child == NULL) {
		const char *wanted = scalar(c->arena, target), *is = scalar(c->arena, live);

		if (wanted != NULL && !string_equal(wanted, is))
			tell(c, path);
		return;
	}
	json_each(field, owned) {
		const char *key = field->string;

		if (string_starts(key, "f:"))
			walk(c, field, cJSON_GetObjectItemCaseSensitive(target, key + 2),
			    cJSON_GetObjectItemCaseSensitive(live, key + 2),
			    arena_printf(c->arena, "%s%s%s", path, *path ? "." : "", key + 2),
			    depth + 1);
		else if (string_starts(key, "k:"))
			walk(c, field, entry_of(c->arena, target, key + 2),
			    entry_of(c->arena, live, key + 2),
			    arena_printf(c->arena, "%s[%s]", path, entry_name(c->arena, key + 2)),
			    depth + 1);
	}
}

static size_t
object_conflicts(struct plan *plan, struct text *out, const struct object *object,
    const cJSON *live)
{
	struct conflicts c = { plan->arena, out, NULL, 0 };
	const cJSON *entry;

	json_each(entry, json_at(live, "metadata.managedFields")) {
		const char *manager = json_string_or(entry, "manager", "somebody");

		if (string_equal(manager, "helm") ||
		    string_equal(json_string(entry, "subresource"), "status"))
			continue;
		c.manager = foreign_line(plan->arena, manager, strnlen(manager, 100));
		walk(&c, json_at(entry, "fieldsV1"), object->json, live, "", 0);
	}
	return c.count;
}

size_t
helm_conflicts(struct plan *plan, const struct way *way, const struct facts *facts,
    const struct revision *to, bool remark)
{
	const cJSON *metadata =
	    helm_surrounding(facts, helm_fact(plan->arena, "metadata", to->number));
	const cJSON *live = helm_surrounding(facts, "live");
	size_t count = 0;

	if (helm_major(facts) < 4 || !string_equal(json_string(metadata, "applyMethod"), "ssa"))
		return 0;
	for (size_t i = 0; i < items_count(live); i++)
		for (size_t k = 0; k < way->to.count; k++) {
			_cleanup_(text_clear) struct text out = TEXT_INIT_LIMIT(1000);
			const struct object *object = &way->to.item[k];
			const cJSON *item = items_at(live, i);

			if (!string_equal(object->kind, json_string(item, "kind")) ||
			    !string_equal(object->name, json_string(item, "metadata.name")) ||
			    object_conflicts(plan, &out, object, item) == 0)
				continue;
			count++;
			if (remark)
				plan_remark(plan, REMARK_CHECK, "release.conflicts",
				    "%s was changed by somebody else: %s. The rollback takes that over",
				    object->label, out.data);
		}
	return count;
}

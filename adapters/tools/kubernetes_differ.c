/*
 * kubernetes_differ.c - what differs between two objects, in words that people use.
 *
 * Lists are compared by the names of their entries where they have any, so that a new variable in
 * front does not make every later one differ.
 */
#include "kubernetes_differ.h"

#include <string.h>

#include "base/text.h"

#define LINES 200

/* ---- where it is --------------------------------------------------------------------------- */

static bool
path_is(const struct walk *w, size_t at, const char *name)
{
	return at < w->depth && !w->path[at].keyed && string_equal(w->path[at].name, name);
}

/* The path from `at` on: "resources.limits.memory", "volumeMounts[/data].name". */
static const char *
path_text(struct walk *w, size_t at)
{
	_cleanup_(text_clear) struct text out = TEXT_INIT_LIMIT(KILOBYTES(1));

	for (size_t i = at; i < w->depth; i++)
		if (w->path[i].keyed)
			text_printf(&out, "[%s]", w->path[i].name);
		else
			text_printf(&out, "%s%s", i > at ? "." : "", w->path[i].name);
	return differ_shown(w, out.data);
}

static const char *
container_label(struct walk *w, size_t at, const char *what)
{
	const char *container = differ_shown(w, w->path[at].name), *field;

	if (at + 1 == w->depth)
		return plan_arg(w->plan, "%s %s", what, container);
	if (path_is(w, at + 1, "env") && at + 3 == w->depth)
		field = plan_arg(w->plan, "env %s", differ_shown(w, w->path[at + 2].name));
	else
		field = path_text(w, at + 1);
	return w->single ? field : plan_arg(w->plan, "%s (%s)", field, container);
}

static const char *
label(struct walk *w)
{
	size_t at = path_is(w, 0, "spec") && path_is(w, 1, "template") ? 2 : 0;

	if (path_is(w, at, "metadata") && at + 3 == w->depth) {
		if (path_is(w, at + 1, "annotations"))
			return plan_arg(w->plan, "annotation %s", path_text(w, at + 2));
		if (path_is(w, at + 1, "labels"))
			return plan_arg(w->plan, "label %s", path_text(w, at + 2));
	}
	if (path_is(w, at, "spec") && path_is(w, at + 1, "containers") && at + 2 < w->depth)
		return container_label(w, at + 2, "container");
	if (path_is(w, at, "spec") && path_is(w, at + 1, "initContainers") && at + 2 < w->depth)
		return container_label(w, at + 2, "init container");
	if (path_is(w, at, "spec") && at + 1 < w->depth)
		return path_text(w, at + 1);
	if ((path_is(w, 0, "data") || path_is(w, 0, "stringData")) && w->depth == 2)
		return plan_arg(w->plan, "key %s", path_text(w, 1));
	return path_text(w, at < w->depth ? at : 0);
}

/* ---- what deserves a remark (CH2) ----------------------------------------------------------- */

static void
remark_once(struct plan *plan, const char *code, const char *text)
{
	for (size_t i = 0; i < plan->remarks.count; i++)
		if (string_equal(plan->remarks.item[i].code, code))
			return;
	plan_remark(plan, REMARK_CHECK, code, "%s", text);
}

static size_t
registry_length(const char *image)
{
	size_t host = strcspn(image, "/");

	return image[host] == '/' && (memchr(image, '.', host) || memchr(image, ':', host)) ? host
											    : 0;
}

static void
remark_powers(struct walk *w, const char *field, const cJSON *from, const cJSON *to)
{
	const struct place *last = &w->path[w->depth - 1];
	const char *inside = powers_inside(last->name, from, to);
	bool power = inside != NULL;

	for (size_t i = 0; i < w->depth && !power && powers_given(to); i++)
		power = powers_has(i > 0 ? w->path[i - 1].name : "", w->path[i].name);
	if (!power || w->powers || w->values)
		return;
	w->powers = true;
	plan_remark(w->plan, REMARK_CHECK, "template.powers",
	    "%s changes what its pods may do on their node or in the cluster: %s%s%s", w->object, field,
	    inside != NULL ? ", " : "", inside != NULL ? inside : "");
}

static void
remark_registry(struct walk *w, const cJSON *from, const cJSON *to)
{
	const char *old = cJSON_IsString(from) ? from->valuestring : "";
	const char *new = cJSON_IsString(to) ? to->valuestring : "";

	if (string_equal(w->path[w->depth - 1].name, "image") && *old != '\0' && *new != '\0' &&
	    (registry_length(old) != registry_length(new) ||
	    memcmp(old, new, registry_length(old)) != 0))
		remark_once(w->plan, "image.registry", plan_arg(w->plan,
		    "The image comes from another registry: %s", differ_shown(w, new)));
}

/* ---- the walk ------------------------------------------------------------------------------ */

static void
emit(struct walk *w, const cJSON *from, const cJSON *to)
{
	const char *field = label(w), *old, *new;
	enum change change = CHANGE_MODIFY;

	/* A value that goes is no object that goes. */
	if (from == NULL && !w->values)
		change = CHANGE_CREATE;
	if (to == NULL && !w->values)
		change = CHANGE_DELETE;
	differ_sides(w, from, to, &old, &new);
	if (w->lines++ < LINES)
		plan_difference(w->plan, change, w->object, field, old, new);
	remark_registry(w, from, to);
	remark_powers(w, field, from, to);
}

static void differ(struct walk *w, const cJSON *from, const cJSON *to);

static void
differ_at(struct walk *w, const char *name, bool keyed, const cJSON *from, const cJSON *to)
{
	if (w->depth == DEPTH)
		return;
	w->path[w->depth++] = (struct place){ name, keyed };
	differ(w, from, to);
	w->depth--;
}

/* What controllers write, what a restart writes, and what changes with every chart. */
static bool
is_noise(const struct walk *w, const char *key)
{
	static const char *const noise[] = { "pod-template-hash", "controller-revision-hash",
		RESTARTED_AT, "helm.sh/chart", NULL };

	return string_in(key, noise) || (string_equal(key, "$patch") && w->depth == 0) ||
	    (string_equal(key, "creationTimestamp") && w->depth > 0 &&
	    string_equal(w->path[w->depth - 1].name, "metadata"));
}

/* The image first: it is what people look for. */
static void
differ_maps(struct walk *w, const cJSON *from, const cJSON *to)
{
	const cJSON *child, *image = cJSON_GetObjectItemCaseSensitive(from, "image");

	if (image != NULL)
		differ_at(w, "image", false, image, cJSON_GetObjectItemCaseSensitive(to, "image"));
	json_each(child, from)
		if (!is_noise(w, child->string) && child != image)
			differ_at(w, child->string, false, child,
			    cJSON_GetObjectItemCaseSensitive(to, child->string));
	json_each(child, to)
		if (!is_noise(w, child->string) &&
		    cJSON_GetObjectItemCaseSensitive(from, child->string) == NULL)
			differ_at(w, child->string, false, NULL, child);
}

static const char *
entry_key(struct arena *arena, const cJSON *entry, const char *key)
{
	const cJSON *value = cJSON_GetObjectItemCaseSensitive(entry, key);

	return differ_is_scalar(value) ? differ_scalar(arena, value) : NULL;
}

static const cJSON *
entry_find(struct arena *arena, const cJSON *list, const char *key, const char *name)
{
	const cJSON *entry;

	json_each(entry, list)
		if (string_equal(entry_key(arena, entry, key), name))
			return entry;
	return NULL;
}

/* Does every entry of the list have this key, and none the value of another? */
static bool
keyed_by(struct arena *arena, const cJSON *list, const char *key)
{
	const cJSON *entry;

	json_each(entry, list) {
		const char *name = entry_key(arena, entry, key);

		if (name == NULL || entry_find(arena, list, key, name) != entry)
			return false;
	}
	return true;
}

static bool
same_order(struct arena *arena, const cJSON *from, const cJSON *to, const char *key)
{
	const cJSON *a = from != NULL ? from->child : NULL, *b = to != NULL ? to->child : NULL;

	while (a != NULL && b != NULL && string_equal(entry_key(arena, a, key), entry_key(arena, b, key)))
		a = a->next, b = b->next;
	return a == NULL || b == NULL;
}

/* Variables refer to earlier ones, and containers begin one after the other. */
static void
emit_order(struct walk *w)
{
	if (w->lines++ < LINES)
		plan_difference(w->plan, CHANGE_MODIFY, w->object, label(w), "in this order", "in another");
}

static bool
differ_lists(struct walk *w, const cJSON *from, const cJSON *to)
{
	static const char *const keys[] = { "name", "mountPath", "containerPort", "port", "host",
		"key", "ip", "type" };
	struct arena *arena = w->plan->arena;
	size_t i = 0, lines = w->lines;
	const cJSON *entry;

	/* Looking names up is quadratic; a longer list is shown as one value. */
	if (cJSON_GetArraySize(from) + cJSON_GetArraySize(to) > 500)
		return false;
	while (i < COUNT(keys) && !(keyed_by(arena, from, keys[i]) && keyed_by(arena, to, keys[i])))
		i++;
	if (i == COUNT(keys))
		return false;
	json_each(entry, from) {
		const char *name = entry_key(arena, entry, keys[i]);

		differ_at(w, name, true, entry, entry_find(arena, to, keys[i], name));
	}
	json_each(entry, to) {
		const char *name = entry_key(arena, entry, keys[i]);

		if (entry_find(arena, from, keys[i], name) == NULL)
			differ_at(w, name, true, NULL, entry);
	}
	if (w->lines == lines && !same_order(arena, from, to, keys[i]))
		emit_order(w);
	return true;
}

/* Equal as text: a manifest's scalars are all strings. */
static bool
same(struct arena *arena, const cJSON *from, const cJSON *to)
{
	if (from == NULL || to == NULL)
		return from == to;
	if (differ_is_scalar(from) && differ_is_scalar(to))
		return strcmp(differ_scalar(arena, from), differ_scalar(arena, to)) == 0;
	return cJSON_Compare(from, to, true);
}

/* Is there nothing on one side of a map whose entries deserve a line each? */
static bool
taken_apart(const struct place *place, const cJSON *from, const cJSON *to)
{
	static const char *const maps[] = { "annotations", "labels", "data", "stringData",
		"binaryData", "metadata", "spec", "template", NULL };
	bool one_side =
	    (from == NULL && cJSON_IsObject(to)) || (to == NULL && cJSON_IsObject(from));

	return one_side && !place->keyed && string_in(place->name, maps);
}

static void
differ(struct walk *w, const cJSON *from, const cJSON *to)
{
	const struct place *place = &w->path[w->depth - 1];
	bool variable = place->keyed && path_is(w, w->depth - 2, "env");
	bool lists = (from == NULL || cJSON_IsArray(from)) && (to == NULL || cJSON_IsArray(to));

	if (same(w->plan->arena, from, to))
		return;
	if (variable)
		emit(w, from, to);
	else if ((cJSON_IsObject(from) && cJSON_IsObject(to)) || taken_apart(place, from, to))
		differ_maps(w, from, to);
	else if (!lists || !differ_lists(w, from, to))
		emit(w, from, to);
}

static int
containers(const cJSON *object)
{
	const cJSON *template = json_at(object, "spec.template");

	return cJSON_GetArraySize(json_at(template != NULL ? template : object, "spec.containers"));
}

static size_t
walk_all(struct walk *w, const cJSON *from, const cJSON *to)
{
	w->single = containers(from) <= 1 && containers(to) <= 1;
	differ_maps(w, from, to);
	if (w->lines > LINES)
		plan_remark(w->plan, REMARK_NOTE, "difference.long", "%s: %zu more lines differ",
		    w->object, w->lines - LINES);
	return w->lines;
}

size_t
differ_templates(struct plan *plan, const char *object, const cJSON *from, const cJSON *to)
{
	return walk_all(&(struct walk){ .plan = plan, .object = object }, from, to);
}

size_t
differ_objects(struct plan *plan, const char *object, const cJSON *from, const cJSON *to)
{
	bool secret = string_equal(json_string(to != NULL ? to : from, "kind"), "Secret");

	return walk_all(
	    &(struct walk){ .plan = plan, .object = object, .secret = secret }, from, to);
}

void
differ_created(struct plan *plan, const char *object, const cJSON *to)
{
	const char *power = powers_inside("", NULL, to);

	plan_difference(plan, CHANGE_CREATE, object, NULL, NULL, NULL);
	if (power != NULL)
		plan_remark(plan, REMARK_CHECK, "template.powers",
		    "%s comes with what its pods may do on their node or in the cluster: %s", object, power);
}

size_t
differ_values(struct plan *plan, const char *object, const cJSON *from, const cJSON *to)
{
	return walk_all(&(struct walk){ .plan = plan, .object = object, .values = true }, from, to);
}

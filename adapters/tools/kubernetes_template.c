/* kubernetes_template.c - pod templates: their pins, their images; small readers of any object. */
#include "kubernetes.h"

#include <string.h>

#include "base/text.h"
#include "base/unicode.h"

static void
drop(cJSON *template, const char *where, const char *key)
{
	cJSON *metadata = cJSON_GetObjectItemCaseSensitive(template, "metadata");
	cJSON *map = cJSON_GetObjectItemCaseSensitive(metadata, where);

	cJSON_DeleteItemFromObjectCaseSensitive(map, key);
	if (map != NULL && map->child == NULL)
		cJSON_DeleteItemFromObjectCaseSensitive(metadata, where);
}

/* Only what is to be changed is copied: the rest of a template, by far the most, is borrowed. */
static cJSON *
borrow(const cJSON *template)
{
	cJSON *copy = cJSON_CreateObject();

	for (cJSON *member = template->child; member != NULL; member = member->next)
		if (string_equal(member->string, "metadata"))
			cJSON_AddItemToObject(copy, member->string, cJSON_Duplicate(member, true));
		else
			cJSON_AddItemReferenceToObject(copy, member->string, member);
	return copy;
}

/* Without what controllers add. */
static cJSON *
stripped(const cJSON *template)
{
	cJSON *copy = cJSON_IsObject(template) ? borrow(template) : cJSON_Duplicate(template, true);

	drop(copy, "labels", "pod-template-hash");
	drop(copy, "labels", "controller-revision-hash");
	cJSON_DeleteItemFromObjectCaseSensitive(
	    cJSON_GetObjectItemCaseSensitive(copy, "metadata"), "creationTimestamp");
	/* Stored revisions of StatefulSets and DaemonSets are patches. */
	cJSON_DeleteItemFromObjectCaseSensitive(copy, "$patch");
	return copy;
}

void
template_pin(const cJSON *template, char hex[DIGEST_HEX])
{
	_cleanup_(json_freep) cJSON *copy = stripped(template);
	_cleanup_(text_clear) struct text canonical = TEXT_INIT_LIMIT(MEGABYTES(4));

	drop(copy, "annotations", RESTARTED_AT);
	json_print_canonical(&canonical, copy);
	digest_of(canonical.data, canonical.length, hex);
}

bool
template_same(const cJSON *one, const cJSON *other)
{
	_cleanup_(json_freep) cJSON *a = stripped(one), *b = stripped(other);

	return cJSON_Compare(a, b, true);
}

const cJSON *
template_container(const cJSON *template, const char *workload)
{
	const cJSON *containers = json_at(template, "spec.containers"), *container;

	json_each(container, containers)
		if (string_equal(json_string(container, "name"), workload))
			return container;
	return cJSON_GetArrayItem(containers, 0);
}

const char *
template_image(struct arena *arena, const cJSON *template, const char *workload)
{
	const char *image = json_string(template_container(template, workload), "image");

	return image != NULL ? foreign_line(arena, image, strlen(image)) : NULL;
}

const char *
image_version(struct arena *arena, const char *image)
{
	const char *slash, *tag, *digest;

	if (image == NULL)
		return NULL;
	slash = strrchr(image, '/');
	digest = strchr(image, '@');
	tag = strchr(slash != NULL ? slash : image, ':');
	if (tag != NULL && (digest == NULL || tag < digest))
		return arena_copy(arena, tag + 1, strcspn(tag + 1, "@"));
	if (digest != NULL && (digest = strchr(digest, ':')) != NULL)
		return arena_copy(arena, digest + 1, strnlen(digest + 1, 12));
	return NULL;
}

/* ---- any object ---------------------------------------------------------------------------- */

size_t
items_count(const cJSON *answer)
{
	const cJSON *items = json_at(answer, "items");

	if (items != NULL)
		return (size_t)cJSON_GetArraySize(items);
	return json_at(answer, "metadata") != NULL ? 1 : 0;
}

const cJSON *
items_at(const cJSON *answer, size_t i)
{
	const cJSON *items = json_at(answer, "items");

	return items != NULL ? cJSON_GetArrayItem(items, (int)i) : answer;
}

const char *
metadata_of(const cJSON *object, const char *which, const char *key)
{
	const cJSON *map = json_at(json_at(object, "metadata"), which);
	const cJSON *value = cJSON_GetObjectItemCaseSensitive(map, key);

	return cJSON_IsString(value) ? value->valuestring : NULL;
}

bool
owned_by(const cJSON *object, const char *uid)
{
	const cJSON *owner;

	json_each(owner, json_at(object, "metadata.ownerReferences"))
		if (json_bool(owner, "controller", false) && uid != NULL &&
		    string_equal(json_string(owner, "uid"), uid))
			return true;
	return false;
}

/* "a in (b,c)"; none of them may be empty. */
static bool
add_choices(struct text *out, const char *key, const cJSON *values)
{
	const cJSON *value;

	text_printf(out, "%s in (", key);
	json_each(value, values) {
		if (!cJSON_IsString(value) || value->valuestring[0] == '\0')
			return false;
		text_printf(out, "%s%s", value == values->child ? "" : ",", value->valuestring);
	}
	text_add(out, ")");
	return true;
}

/* Said as "!a", which must not begin an argument: they come last. */
static bool
is_absence(const cJSON *expression)
{
	return string_equal(json_string(expression, "operator"), "DoesNotExist");
}

/* An entry of matchExpressions; not being in a list is not being any of it. */
static bool
add_expression(struct text *out, const cJSON *expression)
{
	const char *key = json_string(expression, "key"), *operator = json_string(expression, "operator");
	const cJSON *values = json_at(expression, "values"), *value;

	if (key == NULL)
		return false;
	text_add(out, out->length > 0 ? "," : "");
	if (string_equal(operator, "Exists"))
		text_add(out, key);
	else if (is_absence(expression))
		text_printf(out, "!%s", key);
	else if (cJSON_GetArraySize(values) == 0)
		return false;
	else if (string_equal(operator, "In"))
		return add_choices(out, key, values);
	else if (!string_equal(operator, "NotIn"))
		return false;
	else
		json_each(value, values) {
			if (!cJSON_IsString(value))
				return false;
			text_printf(out, "%s%s!=%s", value == values->child ? "" : ",", key,
			    value->valuestring);
		}
	return true;
}

const char *
selector_of(struct arena *arena, const cJSON *object)
{
	const cJSON *selector = json_at(object, "spec.selector"), *label, *expression;
	_cleanup_(text_clear) struct text out = TEXT_INIT_LIMIT(KILOBYTES(2));

	json_each(label, json_at(selector, "matchLabels")) {
		if (!cJSON_IsString(label))
			return NULL;
		text_printf(&out, "%s%s=%s", out.length > 0 ? "," : "", label->string,
		    label->valuestring);
	}
	json_each(expression, json_at(selector, "matchExpressions"))
		if (!is_absence(expression) && !add_expression(&out, expression))
			return NULL;
	json_each(expression, json_at(selector, "matchExpressions"))
		if (is_absence(expression) && (out.length == 0 || !add_expression(&out, expression)))
			return NULL;
	return out.length > 0 && !out.cut ? arena_copy(arena, out.data, out.length) : NULL;
}

bool
labels_select(const cJSON *wanted, const cJSON *labels)
{
	const cJSON *label;

	json_each(label, wanted) {
		const cJSON *has = cJSON_GetObjectItemCaseSensitive(labels, label->string);

		if (!cJSON_IsString(label) || !cJSON_IsString(has) ||
		    strcmp(label->valuestring, has->valuestring) != 0)
			return false;
	}
	return wanted != NULL && wanted->child != NULL;
}

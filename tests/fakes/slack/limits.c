/* limits.c - Block Kit as Slack accepts it. */

#include <stdio.h>
#include <string.h>

#include "base/unicode.h"
#include "limits.h"
#include "schema.h"

#define METADATA_MOST 16384	/* [gk] */

/* Where the walk is, for the pointer in a complaint. */
struct walk {
	cJSON *messages;
	struct text path;
	bool right;
};

static void walk_shape(struct walk *, const cJSON *, const struct shape *);
static void walk_one(struct walk *, const cJSON *, const struct shape *const *);

static void __attribute__((format(printf, 2, 3)))
complain(struct walk *walk, const char *format, ...)
{
	_cleanup_(text_clear) struct text words = TEXT_INIT;
	va_list ap;

	walk->right = false;
	text_add(&words, "[ERROR] ");
	va_start(ap, format);
	text_vprintf(&words, format, ap);
	va_end(ap);
	text_printf(&words, " [json-pointer:%s]", walk->path.data);
	if (walk->messages != NULL)
		cJSON_AddItemToArray(walk->messages, cJSON_CreateString(words.data));
}

/* Each step into the document is taken back by the length before it. */
static size_t
walk_into(struct walk *walk, const char *name)
{
	size_t before = walk->path.length;

	text_printf(&walk->path, "/%s", name);
	return before;
}

static size_t
walk_into_item(struct walk *walk, int index)
{
	size_t before = walk->path.length;

	text_printf(&walk->path, "/%d", index);
	return before;
}

/* ---- strings and texts --------------------------------------------------------------------- */

static void
walk_length(struct walk *walk, const char *s, int most, int least)
{
	size_t length = utf8_count(s);

	if (most > 0 && length > (size_t)most)
		complain(walk, "must be less than %d characters", most + 1);
	if (length < (size_t)least)
		complain(walk, "must be more than %d characters", least - 1);
}

static void
walk_string(struct walk *walk, const cJSON *value, int most, int least)
{
	if (!cJSON_IsString(value))
		complain(walk, "must provide a string");
	else
		walk_length(walk, value->valuestring, most, least);
}

static void
walk_marked(struct walk *walk, const char *type, const cJSON *value)
{
	const char *problem = NULL;

	if (string_equal(type, "mrkdwn") && cJSON_IsString(value))
		problem = mrkdwn_problem(value->valuestring);
	if (problem != NULL)
		complain(walk, "%s", problem);
}

static bool
text_member_known(const char *type, const char *name)
{
	return strcmp(name, "type") == 0 || strcmp(name, "text") == 0
	    || (strcmp(type, "plain_text") == 0 && strcmp(name, "emoji") == 0)
	    || (strcmp(type, "mrkdwn") == 0 && strcmp(name, "verbatim") == 0);
}

static void
walk_text(struct walk *walk, const cJSON *value, bool plain, int most, int least)
{
	const char *type = json_string(value, "type");
	const cJSON *member, *text = json_at(value, "text");
	size_t before;

	if (!cJSON_IsObject(value)) {
		complain(walk, "must provide an object");
		return;
	}
	if (type == NULL || (strcmp(type, "plain_text") != 0
		&& (plain || strcmp(type, "mrkdwn") != 0))) {
		before = walk_into(walk, "type");
		complain(walk, "must be a valid enum value");
		text_truncate(&walk->path, before);
		return;
	}
	json_each(member, value)
		if (!text_member_known(type, member->string))
			complain(walk, "invalid additional property: %s", member->string);
	if (text == NULL) {
		complain(walk, "missing required field: text");
		return;
	}
	before = walk_into(walk, "text");
	walk_string(walk, text, most, least);
	walk_marked(walk, type, text);
	text_truncate(&walk->path, before);
}

static void
walk_enum(struct walk *walk, const cJSON *value, const char *const *of)
{
	if (!cJSON_IsString(value) || !string_in(value->valuestring, of))
		complain(walk, "must be a valid enum value");
}

/* ---- arrays -------------------------------------------------------------------------------- */

static bool
walk_count(struct walk *walk, const cJSON *value, int most, int least)
{
	int count = cJSON_GetArraySize(value);

	if (!cJSON_IsArray(value)) {
		complain(walk, "must provide an array");
		return false;
	}
	if (most > 0 && count > most)
		complain(walk, "no more than %d items allowed", most);
	if (count < least)
		complain(walk, "no fewer than %d items required", least);
	return true;
}

static void
walk_items(struct walk *walk, const cJSON *value, const struct field *field)
{
	const cJSON *item;
	size_t before;
	int index = 0;

	if (!walk_count(walk, value, field->most, field->least))
		return;
	json_each(item, value) {
		before = walk_into_item(walk, index++);
		if (field->kind == FIELD_MANY)
			walk_one(walk, item, field->of);
		else if (field->kind == FIELD_OBJECTS)
			walk_shape(walk, item, field->of);
		else if (field->kind == FIELD_ROWS)
			walk_items(walk, item, &(struct field){ field->name, FIELD_MANY, true,
			    field->length, 1, 0, field->of });
		else if (field->kind == FIELD_TEXTS)
			walk_text(walk, item, false, field->length, 1);
		else
			walk_string(walk, item, 0, 1);
		text_truncate(&walk->path, before);
	}
}

/* ---- shapes -------------------------------------------------------------------------------- */

static void
walk_value(struct walk *walk, const cJSON *value, const struct field *field)
{
	switch (field->kind) {
	case FIELD_STRING:
		walk_string(walk, value, field->most, field->least);
		break;
	case FIELD_BOOLEAN:
		if (!cJSON_IsBool(value))
			complain(walk, "must provide a boolean");
		break;
	case FIELD_INTEGER:
		if (!cJSON_IsNumber(value))
			complain(walk, "must provide a number");
		else if (value->valuedouble < field->least
		    || (field->most > 0 && value->valuedouble > field->most))
			complain(walk, "must be between %d and %d", field->least, field->most);
		break;
	case FIELD_PLAIN:
	case FIELD_TEXT:
		walk_text(walk, value, field->kind == FIELD_PLAIN, field->most, field->least);
		break;
	case FIELD_ENUM:
		walk_enum(walk, value, field->of);
		break;
	case FIELD_OBJECT:
		walk_shape(walk, value, field->of);
		break;
	case FIELD_ONE:
		walk_one(walk, value, field->of);
		break;
	case FIELD_MANY:
	case FIELD_OBJECTS:
	case FIELD_TEXTS:
	case FIELD_STRINGS:
	case FIELD_ROWS:
		walk_items(walk, value, field);
		break;
	case FIELD_ANY:
		break;
	}
}

static const struct field *
shape_field(const struct shape *shape, const char *name)
{
	for (const struct field *field = shape->fields; field->name != NULL; field++)
		if (strcmp(field->name, name) == 0)
			return field;
	return NULL;
}

static void
walk_shape(struct walk *walk, const cJSON *value, const struct shape *shape)
{
	const struct field *field;
	const cJSON *member;
	size_t before;

	if (!cJSON_IsObject(value)) {
		complain(walk, "must provide an object");
		return;
	}
	json_each(member, value) {
		if ((field = shape_field(shape, member->string)) == NULL) {
			complain(walk, "invalid additional property: %s", member->string);
			continue;
		}
		before = walk_into(walk, member->string);
		walk_value(walk, member, field);
		if (shape->type != NULL && strcmp(field->name, "text") == 0)
			walk_marked(walk, shape->type, member);
		text_truncate(&walk->path, before);
	}
	for (field = shape->fields; field->name != NULL; field++)
		if (field->required && cJSON_GetObjectItemCaseSensitive(value, field->name) == NULL)
			complain(walk, "missing required field: %s", field->name);
}

static void
walk_one(struct walk *walk, const cJSON *value, const struct shape *const *shapes)
{
	const char *type = json_string(value, "type");
	size_t before;

	for (; type != NULL && *shapes != NULL; shapes++)
		if (strcmp((*shapes)->type, type) == 0) {
			walk_shape(walk, value, *shapes);
			return;
		}
	before = walk_into(walk, "type");
	complain(walk, "unsupported type: %s", type == NULL ? "undefined" : type);
	text_truncate(&walk->path, before);
}

/* ---- what no table says -------------------------------------------------------------------- */

static bool
is_twice(const cJSON *list, const cJSON *item, const char *key)
{
	const char *id = json_string(item, key);
	const cJSON *other;

	json_each(other, list) {
		if (other == item)
			return false;
		if (id != NULL && string_equal(json_string(other, key), id))
			return true;
	}
	return false;
}

static void
walk_element_ids(struct walk *walk, const cJSON *elements)
{
	const cJSON *element;
	int index = 0;
	size_t before;

	json_each(element, elements) {
		before = walk_into_item(walk, index++);
		if (is_twice(elements, element, "action_id"))
			complain(walk, "`action_id` %s already exists",
			    json_string(element, "action_id"));
		text_truncate(&walk->path, before);
	}
}

static void
walk_block(struct walk *walk, const cJSON *block)
{
	const char *type = json_string_or(block, "type", "");
	size_t before;

	if (strcmp(type, "section") == 0 && json_at(block, "text") == NULL
	    && json_at(block, "fields") == NULL)
		complain(walk, "missing required field: text");
	if (strcmp(type, "actions") == 0) {
		before = walk_into(walk, "elements");
		walk_element_ids(walk, json_at(block, "elements"));
		text_truncate(&walk->path, before);
	}
}

static void
walk_blocks(struct walk *walk, const cJSON *blocks, enum surface surface)
{
	static const struct shape *const *const of[] = {
		[IN_MESSAGE] = shapes_message, [IN_MODAL] = shapes_modal, [IN_HOME] = shapes_home,
	};
	const cJSON *block;
	size_t before;
	int index = 0;

	if (!walk_count(walk, blocks, surface == IN_MESSAGE ? 50 : 100, 0))
		return;
	json_each(block, blocks) {
		before = walk_into_item(walk, index++);
		walk_one(walk, block, of[surface]);
		walk_block(walk, block);
		if (is_twice(blocks, block, "block_id"))
			complain(
			    walk, "`block_id` %s already exists", json_string(block, "block_id"));
		text_truncate(&walk->path, before);
	}
}

bool
blocks_check(const cJSON *blocks, enum surface surface, cJSON *messages)
{
	struct walk walk = { .messages = messages, .path = TEXT_INIT, .right = true };

	walk_into(&walk, "blocks");
	walk_blocks(&walk, blocks, surface);
	text_clear(&walk.path);
	return walk.right;
}

static bool
has_input(const cJSON *blocks)
{
	const cJSON *block;

	json_each(block, blocks)
		if (string_equal(json_string(block, "type"), "input"))
			return true;
	return false;
}

bool
view_check(const cJSON *view, cJSON *messages)
{
	struct walk walk = { .messages = messages, .path = TEXT_INIT, .right = true };
	bool home = string_equal(json_string(view, "type"), "home");
	size_t before = walk_into(&walk, "view");

	walk_shape(&walk, view, home ? &shape_home : &shape_modal);
	if (!home && has_input(json_at(view, "blocks")) && json_at(view, "submit") == NULL)
		complain(&walk, "missing required field: submit");
	before = walk_into(&walk, "blocks");
	walk_blocks(&walk, json_at(view, "blocks"), home ? IN_HOME : IN_MODAL);
	text_truncate(&walk.path, before);
	text_clear(&walk.path);
	return walk.right;
}

/* Every string under a key that people read. */
size_t
blocks_sum(const cJSON *blocks)
{
	const cJSON *child;
	size_t sum = 0;

	json_each(child, blocks) {
		if (cJSON_IsString(child) && string_equal(child->string, "text"))
			sum += utf8_count(child->valuestring);
		else if (cJSON_IsObject(child) || cJSON_IsArray(child))
			sum += blocks_sum(child);
	}
	return sum;
}

/* ---- names --------------------------------------------------------------------------------- */

static void
name_give(struct fake_slack *fs, cJSON *object, const char *key)
{
	if (object != NULL && cJSON_IsObject(object) && json_string(object, key) == NULL)
		json_add_stringf(object, key, "%05x", ++fs->workspace.names);
}

void
blocks_name(struct fake_slack *fs, cJSON *blocks)
{
	cJSON *block, *element;

	json_each(block, blocks) {
		name_give(fs, block, "block_id");
		name_give(fs, cJSON_GetObjectItemCaseSensitive(block, "accessory"), "action_id");
		name_give(fs, cJSON_GetObjectItemCaseSensitive(block, "element"), "action_id");
		if (!string_equal(json_string(block, "type"), "actions"))
			continue;
		json_each(element, cJSON_GetObjectItemCaseSensitive(block, "elements"))
			name_give(fs, element, "action_id");
	}
}

/* ---- metadata ------------------------------------------------------------------------------ */

static bool
metadata_value_right(const cJSON *value, int depth)
{
	const cJSON *child;

	if (cJSON_IsString(value) || cJSON_IsNumber(value) || cJSON_IsBool(value))
		return true;
	if (depth == 0 || (!cJSON_IsObject(value) && !cJSON_IsArray(value)))
		return false;
	json_each(child, value)
		if (!metadata_value_right(child, cJSON_IsArray(value) && cJSON_IsObject(child)
			? 1 : depth - 1))
			return false;
	return true;
}

const char *
metadata_error(const cJSON *metadata)
{
	_cleanup_(text_clear) struct text text = TEXT_INIT;
	const char *type = json_string(metadata, "event_type");
	const cJSON *payload = json_at(metadata, "event_payload"), *value;

	if (type == NULL || payload == NULL || !cJSON_IsObject(payload))
		return "invalid_metadata_schema";
	if (*type == '\0' ||
	    type[strspn(type, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
			      "0123456789_")] != '\0')
		return "invalid_metadata_schema";
	json_each(value, payload)
		if (!metadata_value_right(value, 1))
			return "invalid_metadata_schema";
	json_print(&text, metadata);
	return text.length > METADATA_MOST ? "metadata_too_large" : NULL;
}

/* settings_check.c - the parsed tree against the schema: values with their types, or problems. */

#include <stdlib.h>
#include <string.h>

#include "base/unicode.h"
#include "settings_parts.h"

#define KEY_SHOWN 100

static bool
has_control_characters(const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if (((unsigned char)text[i] < ' ' && text[i] != '\n' && text[i] != '\t') ||
		    text[i] == 0x7f)
			return true;
	return false;
}

static bool
is_nothing(const struct yaml_node *node)
{
	static const char *const words[] = { "", "~", "null", "Null", "NULL", NULL };

	return node->kind == YAML_TEXT && node->plain && string_in(node->text, words);
}

static const char *
path_below(struct settings *settings, const char *path, const char *key)
{
	if (strlen(key) > KEY_SHOWN || strpbrk(key, "\n\t") != NULL)
		key = settings_quote(settings, key);
	return arena_printf(settings->arena, "%s%s%s", path, path[0] != '\0' ? "." : "", key);
}

static const char *
expected(struct settings *settings, const struct schema *schema)
{
	if (!schema_is_scalar(schema))
		return schema_is_map(schema) ? "a map" : "a list";
	if (schema_is_map(schema))
		return arena_printf(settings->arena, "%s, or a map",
		    type_expected(settings, schema->row));
	return type_expected(settings, schema->row);
}

/* A value that went wrong keeps its place in a map, so that references to it are no second problem. */
static struct value *
value_new(struct settings *settings, const struct schema *schema, const struct yaml_node *node,
    const char *path)
{
	struct value *value = arena_new_of(settings->arena, struct value);

	value->schema = schema;
	value->path = path;
	value->node = node->kind == YAML_MAP && node->items.count > 0 ? node : NULL;
	value->line = node->line;
	value->column = node->column;
	value->holds = schema_is_map(schema) ? HOLDS_MAP : HOLDS_LIST;
	return value;
}

static struct value *
check_failed(struct settings *settings, const struct schema *schema, const struct yaml_node *node,
    const char *path)
{
	struct value *value;

	if (schema_is_scalar(schema))
		return NULL;
	value = value_new(settings, schema, node, path);
	value->bad = true;
	return value;
}

static void
value_add(struct settings *settings, struct value *value, const char *key, struct value *member)
{
	if (member != NULL)
		*ARENA_GROW(settings->arena, &value->members) = (struct member){ key, member };
}

/* ---- texts ---- */

/* Never the value of a variable, never a password. */
static const char *
found_text(struct settings *settings, const struct setting *row, const char *written, bool expanded)
{
	if (row->type == SETTING_URL && strchr(written, '@') != NULL)
		return "a URL with an @ in it";
	if (expanded)
		return arena_printf(settings->arena, "%s with its value put in",
		    settings_quote(settings, written));
	return settings_quote(settings, written);
}

/* A masked word disappears from every card: not a user's name, a path, a product. */
static bool
may_be_secret(const struct setting *row)
{
	return !row->open && (row->type == SETTING_STRING || row->type == SETTING_NAMES ||
	    row->type == SETTING_URL);
}

static void
check_plain(struct settings *settings, struct value *value, const struct yaml_node *node, bool *fine)
{
	_cleanup_(text_clear) struct text text = TEXT_INIT_LIMIT(SETTINGS_BYTES);
	const struct setting *row = value->schema->row;
	struct error err = ERROR_INIT;
	bool expanded;

	*fine = false;
	if (!expand_text(&text, node->text, may_be_secret(row), &expanded, &err))
		settings_wrong_at(settings, node->line, node->column, value->path, "%s", err.text);
	else if (!type_read(settings, row, arena_strdup(settings->arena, text.data), value))
		settings_wrong_at(settings, node->line, node->column, value->path,
		    "found %s, expected %s", found_text(settings, row, node->text, expanded),
		    expected(settings, value->schema));
	else
		*fine = true;
}

static void
check_secret(struct settings *settings, struct value *value, const struct yaml_node *node, bool *fine)
{
	struct error err = ERROR_INIT;
	bool literal;

	value->secret = expand_secret(node->text, settings->folder, &literal, &err);
	*fine = value->secret != NULL;
	if (value->secret == NULL) {
		settings_wrong_at(settings, node->line, node->column, value->path, "%s", err.text);
		return;
	}
	*ARENA_GROW(settings->arena, &settings->secrets) = value->secret;
	if (literal)
		settings_warn_at(settings, node->line, node->column, value->path,
		    "found the secret itself; better \"${NAME}\" or file:PATH, so that the file can be "
		    "shown");
}

static struct value *
check_text(struct settings *settings, const struct schema *schema, const struct yaml_node *node,
    const char *path)
{
	struct value *value = value_new(settings, schema, node, path);
	bool fine, secret;

	secret = schema->row->type == SETTING_SECRET || schema->row->type == SETTING_SECRETS;
	value->holds = HOLDS_TEXT;
	if (has_control_characters(node->text, node->length)) {
		settings_wrong_at(settings, node->line, node->column, path,
		    "found a text with a control character in it, expected %s",
		    expected(settings, schema));
		return NULL;
	}
	(secret ? check_secret : check_plain)(settings, value, node, &fine);
	return fine ? value : NULL;
}

/* ---- lists ---- */

static struct value *
check_list(struct settings *settings, const struct schema *schema, const struct yaml_node *node,
    const char *path)
{
	struct value *value = value_new(settings, schema, node, path);
	const struct schema *element = schema_element(schema);
	const struct yaml_node *item;
	const char *below;

	value->holds = HOLDS_LIST;
	if (element == NULL && node->items.count == 0)
		settings_wrong_at(settings, node->line, node->column, path,
		    "found an empty list, expected %s", expected(settings, schema));
	for (size_t i = 0; i < node->items.count; i++) {
		item = node->items.item[i].value;
		below = arena_printf(settings->arena, "%s[%zu]", path, i + 1);
		if (element != NULL)
			value_add(settings, value, NULL,
			    settings_check(settings, element, item, below));
		else if (item->kind == YAML_TEXT && item->tag == NULL && !is_nothing(item))
			value_add(settings, value, NULL, check_text(settings, schema, item, below));
		else
			settings_wrong_at(settings, item->line, item->column, below,
			    "found %s, expected a text", is_nothing(item) ? "nothing" :
			    item->kind == YAML_LIST ? "a list" : item->kind == YAML_MAP ? "a map" :
			    "an alias or a tag");
	}
	return value;
}

/* "sre" where a list of names may stand is a list of one. */
static struct value *
check_list_of_one(struct settings *settings, const struct schema *schema,
    const struct yaml_node *node, const char *path)
{
	struct value *value = value_new(settings, schema, node, path);

	value->holds = HOLDS_LIST;
	value_add(settings, value, NULL, check_text(settings, schema, node, path));
	return value;
}

/* ---- maps ---- */

static int
item_compare(const void *one, const void *other)
{
	const struct yaml_node *a = (*(const struct yaml_item *const *)one)->key;
	const struct yaml_node *b = (*(const struct yaml_item *const *)other)->key;
	int order = strcmp(a->text, b->text);

	if (order != 0)
		return order;
	if (a->line != b->line)
		return a->line < b->line ? -1 : 1;
	return (a->column > b->column) - (a->column < b->column);
}

/* Sorted, since a hostile file may have 200,000 keys.  Later ones lose their key and are skipped. */
static void
check_duplicates(struct settings *settings, const struct yaml_node *node, const char *path)
{
	size_t count = node->items.count;
	struct yaml_item **sorted = arena_alloc(settings->arena, (count + 1) * sizeof(*sorted));
	const struct yaml_node *first, *again;

	for (size_t i = 0; i < count; i++)
		sorted[i] = &node->items.item[i];
	qsort(sorted, count, sizeof(*sorted), item_compare);
	for (size_t i = 1, same = 0; i < count; i++) {
		first = sorted[same]->key;
		again = sorted[i]->key;
		if (strcmp(first->text, again->text) != 0) {
			same = i;
			continue;
		}
		settings_wrong_at(settings, again->line, again->column,
		    path_below(settings, path, again->text),
		    "found the key a second time, expected it once (it stands in line %d)",
		    first->line);
		sorted[i]->value = NULL;
	}
}

static const char *const *
known_keys(struct settings *settings, const struct schema *schema)
{
	struct { const char **item; size_t count, size; } names = { 0 };

	for (const struct schema *below = schema->first; below != NULL; below = below->next)
		if (strcmp(below->name, "*") != 0 && strcmp(below->name, "[]") != 0)
			*ARENA_GROW(settings->arena, &names) = below->name;
	ARENA_GROW(settings->arena, &names);
	return names.item;
}

static void
check_unknown(struct settings *settings, const struct schema *schema, const struct yaml_node *key,
    const char *path)
{
	const char *const *known;
	const char *near;

	if (settings->wrong.count >= PROBLEMS_KEPT)
		return;
	known = known_keys(settings, schema);
	near = key->length <= KEY_SHOWN ? string_nearest(key->text, known) : NULL;
	settings_wrong_at(settings, key->line, key->column, path, "found an unknown key, expected %s",
	    near != NULL ? near : settings_choose_from(settings, known));
}

/* Once for each row, however many targets have it. */
static void
check_later(struct settings *settings, const struct schema *schema, const struct yaml_node *key,
    const char *path)
{
	if (schema->row == NULL || !schema->row->later)
		return;
	for (size_t i = 0; i < settings->later.count; i++)
		if (settings->later.item[i] == schema->row)
			return;
	*ARENA_GROW(settings->arena, &settings->later) = schema->row;
	settings_warn_at(settings, key->line, key->column, path,
	    "checked, but not acted on yet by this version");
}

static void
check_member(struct settings *settings, struct value *map, const struct yaml_item *item)
{
	const struct yaml_node *key = item->key;
	const char *path = path_below(settings, map->path, key->text);
	const struct schema *below;
	struct value *member;

	if (key->length == 0 || has_control_characters(key->text, key->length) || key->tag != NULL) {
		settings_wrong_at(settings, key->line, key->column, map->path,
		    "found a key that is empty, or has a tag or a control character, expected a name");
		return;
	}
	if ((below = schema_at(map->schema, key->text)) == NULL) {
		check_unknown(settings, map->schema, key, path);
		return;
	}
	check_later(settings, below, key, path);
	if ((member = settings_check(settings, below, item->value, path)) != NULL) {
		if (member->holds != HOLDS_TEXT) {
			member->line = key->line;
			member->column = key->column;
		}
		value_add(settings, map, key->text, member);
	}
}

bool
value_was_written(const struct value *map, const char *key)
{
	for (size_t i = 0; map->node != NULL && i < map->node->items.count; i++)
		if (key == NULL || strcmp(map->node->items.item[i].key->text, key) == 0)
			return true;
	return false;
}

static struct value *
check_map(struct settings *settings, const struct schema *schema, const struct yaml_node *node,
    const char *path)
{
	struct value *value = value_new(settings, schema, node, path);

	value->holds = HOLDS_MAP;
	check_duplicates(settings, node, path);
	for (size_t i = 0; i < node->items.count; i++)
		if (node->items.item[i].value != NULL)
			check_member(settings, value, &node->items.item[i]);
	for (const struct schema *below = schema->first; below != NULL; below = below->next)
		if (below->row != NULL && below->row->required &&
		    !value_was_written(value, below->name))
			settings_wrong_at(settings, node->line, node->column,
			    path_below(settings, path, below->name), "found nothing, expected %s",
			    expected(settings, below));
	return value;
}

/* ---- any ---- */

static const char *
found_node(struct settings *settings, const struct yaml_node *node)
{
	if (node->kind == YAML_ALIAS)
		return arena_printf(settings->arena, "the alias *%s",
		    foreign_text(settings->arena, node->text, node->length));
	if (node->tag != NULL)
		return "a tag";
	if (is_nothing(node))
		return "nothing";
	if (node->kind == YAML_TEXT)
		return settings_quote(settings, node->text);
	return node->kind == YAML_MAP ? "a map" : "a list";
}

struct value *
settings_check(struct settings *settings, const struct schema *schema, const struct yaml_node *node,
    const char *path)
{
	bool plain = node->kind != YAML_ALIAS && node->tag == NULL;

	if (plain && node->kind == YAML_MAP && schema_is_map(schema))
		return check_map(settings, schema, node, path);
	if (plain && node->kind == YAML_LIST && schema_is_list(schema))
		return check_list(settings, schema, node, path);
	if (plain && is_nothing(node) && !schema_is_scalar(schema)) {
		struct yaml_node empty = { .line = node->line, .column = node->column };

		return schema_is_map(schema) ? check_map(settings, schema, &empty, path) :
					       value_new(settings, schema, node, path);
	}
	if (plain && node->kind == YAML_TEXT && !is_nothing(node) && schema_is_scalar(schema))
		return schema_is_list(schema) ? check_list_of_one(settings, schema, node, path) :
						check_text(settings, schema, node, path);
	settings_wrong_at(settings, node->line, node->column, path, "found %s, expected %s",
	    found_node(settings, node), expected(settings, schema));
	return check_failed(settings, schema, node, path);
}

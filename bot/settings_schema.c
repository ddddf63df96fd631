/* settings_schema.c - the registered rows as a tree of path segments. */

#include <string.h>

#include "settings_parts.h"

const struct schema *
schema_named(const struct schema *schema, const char *name)
{
	for (const struct schema *below = schema->first; below != NULL; below = below->next)
		if (strcmp(below->name, name) == 0)
			return below;
	return NULL;
}

const struct schema *
schema_at(const struct schema *schema, const char *name)
{
	const struct schema *below = NULL;

	if (strcmp(name, "*") != 0 && strcmp(name, "[]") != 0)
		below = schema_named(schema, name);
	return below != NULL ? below : schema_named(schema, "*");
}

const struct schema *
schema_element(const struct schema *schema)
{
	return schema_named(schema, "[]");
}

static struct schema *
schema_add(struct arena *arena, struct schema *schema, const char *name, size_t length)
{
	struct schema **at = &schema->first;

	for (; *at != NULL; at = &(*at)->next)
		if (strlen((*at)->name) == length && memcmp((*at)->name, name, length) == 0)
			return *at;
	*at = arena_new_of(arena, struct schema);
	(*at)->name = arena_copy(arena, name, length);
	return *at;
}

/* "permissions[].roles" is permissions, [], roles. */
static size_t
segment_length(const char *path)
{
	return string_starts(path, "[]") ? 2 : strcspn(path, ".[");
}

static void
schema_add_row(struct arena *arena, struct schema *schema, const struct setting *row)
{
	size_t length;

	for (const char *at = row->path; *at != '\0'; at += at[0] == '.') {
		length = segment_length(at);
		schema = schema_add(arena, schema, at, length);
		at += length;
	}
	schema->row = row;
}

struct schema *
schema_new(struct arena *arena)
{
	struct schema *schema = arena_new_of(arena, struct schema);
	const struct setting *const *tables;
	size_t count;

	schema->name = "";
	tables = settings_tables(&count);
	for (size_t i = 0; i < count; i++)
		for (const struct setting *row = tables[i]; row->path != NULL; row++)
			schema_add_row(arena, schema, row);
	return schema;
}

const struct schema *
schema_find(const struct schema *schema, const char *path)
{
	char name[256];
	size_t length;

	for (const char *at = path; schema != NULL && *at != '\0'; at += at[0] == '.') {
		length = strcspn(at, ".");
		if (length >= sizeof(name))
			return NULL;
		memcpy(name, at, length);
		name[length] = '\0';
		schema = schema_at(schema, name);
		at += length;
	}
	return schema;
}

bool
schema_is_scalar(const struct schema *schema)
{
	return schema->row != NULL && schema->row->type != SETTING_MAP &&
	    schema->row->type != SETTING_LIST;
}

bool
schema_is_list(const struct schema *schema)
{
	const struct setting *row = schema->row;

	return schema_element(schema) != NULL ||
	    (row != NULL && (row->type == SETTING_NAMES || row->type == SETTING_SECRETS));
}

bool
schema_is_map(const struct schema *schema)
{
	return schema->first != NULL && strcmp(schema->first->name, "[]") != 0;
}

const char *const *
split_choices(struct arena *arena, const char *choices)
{
	struct { const char **item; size_t count, size; } names = { 0 };
	size_t length;

	for (const char *at = choices; at != NULL && *at != '\0'; at += at[0] == '|') {
		length = strcspn(at, "|");
		*ARENA_GROW(arena, &names) = arena_copy(arena, at, length);
		at += length;
	}
	ARENA_GROW(arena, &names);
	return names.item;
}

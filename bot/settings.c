/* settings.c - tables in, a file read, values out. */

#include <assert.h>
#include <string.h>

#include "settings_parts.h"

#define TABLES 64
#define SETTINGS_NODES 200000

static const struct setting *tables[TABLES];
static size_t table_count;

void
settings_register(const struct setting *table)
{
	for (size_t i = 0; i < table_count; i++)
		if (tables[i] == table)
			return;
	assert(table_count < TABLES);
	tables[table_count++] = table;
}

void
settings_each(void (*each)(const struct setting *, void *arg), void *arg)
{
	for (size_t i = 0; i < table_count; i++)
		for (const struct setting *row = tables[i]; row->path != NULL; row++)
			each(row, arg);
}

const struct setting *const *
settings_tables(size_t *count)
{
	*count = table_count;
	return tables;
}

/* ---- reading ---- */

/* `{name: ${X}}` ends for libyaml at the brace behind the dollar, with a sentence about commas. */
static bool
is_bare_variable(const char *text, size_t length, const struct yaml_place *place)
{
	const char *at = text, *end = text + length, *newline;
	int column = 1;

	for (int line = 1; line < place->line; line++) {
		if ((newline = memchr(at, '\n', (size_t)(end - at))) == NULL)
			return false;
		at = newline + 1;
	}
	for (; at < end && column < place->column; at++)
		column += at + 1 == end || ((unsigned char)at[1] & 0xc0) != 0x80;
	return at > text && at < end && at[-1] == '$' && at[0] == '{';
}

static bool
settings_walk(struct settings *settings, const char *text, size_t length,
    struct yaml_documents *documents)
{
	struct yaml_place place = { 0 };
	struct error err = ERROR_INIT;

	if (length > SETTINGS_BYTES) {
		settings_problem(settings, NULL, "found %zu bytes, expected at most 1 MiB", length);
		return false;
	}
	if (yaml_walk(settings->arena, documents, text, length, SETTINGS_NODES, &place, &err))
		return true;
	if (is_bare_variable(text, length, &place))
		settings_wrong_at(settings, place.line, place.column - 1, "",
		    "found ${…} without quotes inside { } or [ ], which is not YAML; "
		    "expected \"${…}\"");
	else
		settings_wrong_at(settings, place.line, place.column, "", "%s", err.text);
	return false;
}

static void
settings_initials(struct settings *settings, struct schema *schema)
{
	struct value *value;

	for (struct schema *below = schema->first; below != NULL; below = below->next)
		settings_initials(settings, below);
	if (schema->row == NULL || schema->row->initial == NULL)
		return;
	value = arena_new_of(settings->arena, struct value);
	value->schema = schema;
	value->path = schema->row->path;
	if (!type_read(settings, schema->row, schema->row->initial, value))
		assert(!"an initial value is not of its own row's type");
	schema->initial = value;
}

static void
settings_check_all(struct settings *settings, const struct yaml_documents *documents)
{
	static const struct yaml_node nothing = { .kind = YAML_MAP, .line = 1, .column = 1 };
	const struct yaml_node *root = documents->count > 0 ? documents->item[0] : &nothing;

	for (size_t i = 1; i < documents->count; i++)
		settings_wrong_at(settings, documents->item[i]->line, documents->item[i]->column, "",
		    "found a second document, expected one");
	settings->root = settings_check(settings, settings->schema, root, "");
	settings_check_references(settings);
	settings_check_rows(settings);
}

struct settings *
settings_read(const char *file, const char *text, size_t length, const char *folder,
    struct text *problems)
{
	struct arena *arena = arena_new();
	struct settings *settings = arena_new_of(arena, struct settings);
	struct yaml_documents documents = { 0 };

	settings->arena = arena;
	settings->file = arena_strdup(arena, file);
	settings->folder = arena_strdup(arena, folder);
	settings->schema = schema_new(arena);
	settings_initials(settings, settings->schema);
	if (!settings_walk(settings, text, length, &documents)) {
		settings_end(settings, problems);
		settings_free(settings);
		return NULL;
	}
	settings_check_all(settings, &documents);
	return settings;
}

void
settings_free(struct settings *settings)
{
	if (settings == NULL)
		return;
	for (size_t i = 0; i < settings->secrets.count; i++)
		secret_free(settings->secrets.item[i]);
	arena_free(settings->arena);
}

/* ---- values ---- */

static const struct value *
value_member(const struct value *value, const char *key, size_t length)
{
	if (value == NULL || value->holds != HOLDS_MAP)
		return NULL;
	for (size_t i = 0; i < value->members.count; i++)
		if (strlen(value->members.item[i].key) == length &&
		    memcmp(value->members.item[i].key, key, length) == 0)
			return value->members.item[i].value;
	return NULL;
}

static const struct value *
value_present(const struct value *value, const char *path)
{
	size_t length;

	for (const char *at = path; value != NULL && *at != '\0'; at += at[0] == '.') {
		length = strcspn(at, ".");
		value = value_member(value, at, length);
		at += length;
	}
	return value;
}

const struct value *
value_at(const struct value *value, const char *path)
{
	const struct value *present = value_present(value, path);
	const struct schema *schema;

	if (present != NULL || value == NULL)
		return present;
	schema = schema_find(value->schema, path);
	return schema != NULL ? schema->initial : NULL;
}

const struct value *
settings_at(const struct settings *settings, const char *path)
{
	return value_present(settings->root, path);
}

const char *
settings_string(const struct settings *settings, const char *path)
{
	return value_string(value_at(settings->root, path));
}

double
settings_number(const struct settings *settings, const char *path)
{
	return value_number(value_at(settings->root, path));
}

int64_t
settings_duration(const struct settings *settings, const char *path)
{
	return value_duration(value_at(settings->root, path));
}

bool
settings_bool(const struct settings *settings, const char *path)
{
	return value_bool(value_at(settings->root, path));
}

const struct secret *
settings_secret(const struct settings *settings, const char *path)
{
	return value_secret(settings_at(settings, path));
}

const char *
value_string(const struct value *value)
{
	return value != NULL ? value->text : NULL;
}

double
value_number(const struct value *value)
{
	return value != NULL ? value->number : 0;
}

int64_t
value_duration(const struct value *value)
{
	return (int64_t)value_number(value);
}

bool
value_bool(const struct value *value)
{
	return value_number(value) != 0;
}

const struct secret *
value_secret(const struct value *value)
{
	return value != NULL ? value->secret : NULL;
}

bool
value_is_map(const struct value *value)
{
	return value != NULL && value->holds == HOLDS_MAP;
}

size_t
value_count(const struct value *value)
{
	return value != NULL ? value->members.count : 0;
}

const struct value *
value_item(const struct value *value, size_t i)
{
	return i < value_count(value) ? value->members.item[i].value : NULL;
}

const char *
value_key(const struct value *value, size_t i)
{
	return i < value_count(value) ? value->members.item[i].key : NULL;
}

int
value_line(const struct value *value)
{
	return value != NULL ? value->line : 0;
}

/* ---- two files ---- */

static bool
same_value(const struct value *a, const struct value *b)
{
	return string_equal(value_string(a), value_string(b)) && value_number(a) == value_number(b);
}

void
settings_print_restarts(struct text *out, const struct settings *before, const struct settings *after)
{
	for (size_t i = 0; i < table_count; i++)
		for (const struct setting *row = tables[i]; row->path != NULL; row++)
			if (row->restart &&
			    !same_value(value_at(before->root, row->path), value_at(after->root, row->path)))
				text_printf(out, "%s%s", out->length > 0 ? ", " : "", row->path);
}

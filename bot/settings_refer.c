/* settings_refer.c - what names something else must name what is there; then the rows' own checks. */

#include <stdlib.h>
#include <string.h>

#include "settings_parts.h"

#define NAME_LONGEST 100
#define SUGGESTIONS 100	/* problems after which nobody reads the nearest name */

static const struct value *
map_named(const struct settings *settings, const char *name)
{
	for (size_t i = 0; i < settings->root->members.count; i++)
		if (strcmp(settings->root->members.item[i].key, name) == 0)
			return settings->root->members.item[i].value;
	return NULL;
}

/* The author's own keys of a map: on_call.escalation is none. */
static void
names_of_map(struct settings *settings, struct names *names, const struct value *map)
{
	for (size_t i = 0; map != NULL && i < map->members.count; i++)
		if (map->members.item[i].value->schema->name[0] == '*')
			*ARENA_GROW(settings->arena, names) = map->members.item[i].key;
}

static int
name_compare(const void *one, const void *other)
{
	return strcmp(*(const char *const *)one, *(const char *const *)other);
}

static void
names_end(struct settings *settings, struct names *names)
{
	names->sorted = arena_alloc(settings->arena, (names->count + 1) * sizeof(*names->sorted));
	for (size_t i = 0; i < names->count; i++)
		names->sorted[i] = names->item[i];
	if (names->count > 0)
		qsort(names->sorted, names->count, sizeof(*names->sorted), name_compare);
	ARENA_GROW(settings->arena, names);
	names->count--;
}

static void
names_fill(struct settings *settings, struct names *names)
{
	for (size_t i = 0; names->maps[i] != NULL; i++)
		names_of_map(settings, names, map_named(settings, names->maps[i]));
	names_end(settings, names);
}

/* Made once for each `refers`: there may be thousands of references to thousands of names. */
static const struct names *
names_of(struct settings *settings, const char *refers)
{
	struct names *names;

	for (size_t i = 0; i < settings->names.count; i++)
		if (strcmp(settings->names.item[i]->refers, refers) == 0)
			return settings->names.item[i];
	names = arena_new_of(settings->arena, struct names);
	*ARENA_GROW(settings->arena, &settings->names) = names;
	names->refers = refers;
	names->maps = split_choices(settings->arena, refers);
	names_fill(settings, names);
	return names;
}

static void
check_name(struct settings *settings, const char *refers, const char *name, const struct value *at)
{
	const struct names *names = names_of(settings, refers);
	const char *near;

	if (names->count > 0 && bsearch(&name, names->sorted, names->count, sizeof(*names->sorted),
	    name_compare) != NULL)
		return;
	near = strlen(name) <= NAME_LONGEST && settings->wrong.count < SUGGESTIONS ?
	    string_nearest(name, names->item) : NULL;
	settings_problem(settings, at, "found %s, expected one of %s: %s",
	    settings_quote(settings, name), settings_choose_from(settings, names->maps),
	    names->count == 0 ? "none is there" :
	    near != NULL ? near : settings_choose_from(settings, names->item));
}

static void
check_keys(struct settings *settings, const struct value *map)
{
	const char *refers = map->schema->row->keys_refer;

	for (size_t i = 0; i < map->members.count; i++)
		check_name(settings, refers, map->members.item[i].key, map->members.item[i].value);
}

static void
check_value(struct settings *settings, const struct value *value)
{
	const struct setting *row = value->schema->row;

	if (row != NULL && row->refers != NULL && value->holds == HOLDS_TEXT)
		check_name(settings, row->refers, value->text, value);
	if (row != NULL && row->keys_refer != NULL && value->holds == HOLDS_MAP)
		check_keys(settings, value);
	for (size_t i = 0; i < value->members.count; i++)
		check_value(settings, value->members.item[i].value);
}

void
settings_check_references(struct settings *settings)
{
	check_value(settings, settings->root);
}

/* Elements of a list of names share its row; only the list is shown to the check. */
static void
check_row(struct settings *settings, const struct value *value, const struct setting *around)
{
	const struct setting *row = value->schema->row;

	if (row != NULL && row != around && row->check != NULL && !value->bad)
		row->check(settings, value);
	for (size_t i = 0; i < value->members.count; i++)
		check_row(settings, value->members.item[i].value, row);
}

void
settings_check_rows(struct settings *settings)
{
	check_row(settings, settings->root, NULL);
}

void
settings_check_names(struct settings *settings, const struct value *map)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyz"
				      "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";
	const char *key;

	for (size_t i = 0; i < map->members.count; i++) {
		key = map->members.item[i].key;
		if (key[strspn(key, allowed)] != '\0' || key[0] == '-' || strlen(key) > 63)
			settings_problem(settings, map->members.item[i].value,
			    "found %s, expected a name of at most 63 letters, digits, - and _",
			    settings_quote(settings, key));
	}
}

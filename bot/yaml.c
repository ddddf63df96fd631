/* yaml.c - manifests as cJSON: aliases expanded to a bound, merges done, scalars kept as text. */

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "yaml.h"

struct reader {
	struct arena *arena;
	size_t aliased;			/* nodes made by expanding aliases */
	const struct yaml_node *alias;	/* the outermost one that is being expanded */
	const struct yaml_node *at;	/* where it went wrong */
};

/* The keys of one map that count, merged ones included. */
struct entry {
	const struct yaml_item *item;
	size_t rank;			/* the lowest of equal keys wins */
	size_t order;
};
struct entries {
	struct entry *item;
	size_t count, size;
};

static cJSON *reader_value(struct reader *, const struct yaml_node *, unsigned depth,
    struct error *);

static bool
reader_wrong(struct reader *reader, const struct yaml_node *at, struct error *err, const char *why)
{
	reader->at = at;
	return wrong(err, "%s", why);
}

/* The node that an alias stands for, or the node itself. */
static const struct yaml_node *
reader_resolve(struct reader *reader, const struct yaml_node *node, struct error *err)
{
	if (node->kind != YAML_ALIAS)
		return node;
	if (node->target == NULL) {
		reader->at = node;
		wrong(err, "*%s names no anchor before it", node->text);
		return NULL;
	}
	return node->target;
}

static bool
reader_is_merge(const struct yaml_item *item)
{
	return item->key->plain && strcmp(item->key->text, "<<") == 0;
}

static void
entries_add(struct arena *arena, struct entries *entries, const struct yaml_item *item, size_t rank)
{
	size_t order = entries->count;

	*ARENA_GROW(arena, entries) = (struct entry){ item, rank, order };
}

static bool reader_entries(struct reader *, struct entries *, const struct yaml_node *map,
    unsigned depth, size_t *rank, struct error *);

/* One map that is merged. */
static bool
reader_merge_map(struct reader *reader, struct entries *entries, const struct yaml_node *written,
    unsigned depth, size_t *rank, struct error *err)
{
	const struct yaml_node *node = reader_resolve(reader, written, err);

	if (node == NULL)
		return false;
	if (++reader->aliased > YAML_ALIASED || depth >= YAML_DEPTH)
		return reader_wrong(reader, written, err, "its merges expand to too much");
	if (node->kind != YAML_MAP)
		return reader_wrong(reader, written, err, "<< merges a map or a list of maps");
	return reader_entries(reader, entries, node, depth + 1, rank, err);
}

/* `<<: *base` or `<<: [*one, *two]`. */
static bool
reader_merge(struct reader *reader, struct entries *entries, const struct yaml_node *written,
    unsigned depth, size_t *rank, struct error *err)
{
	const struct yaml_node *node = reader_resolve(reader, written, err);

	if (node == NULL)
		return false;
	if (node->kind != YAML_LIST)
		return reader_merge_map(reader, entries, written, depth, rank, err);
	for (size_t i = 0; i < node->items.count; i++)
		if (!reader_merge_map(reader, entries, node->items.item[i].value, depth, rank, err))
			return false;
	return true;
}

/*
 * Ranks: within one map a later key beats an earlier one, so they count downwards from the last; each map
 * that is merged ranks behind everything before it.
 */
static bool
reader_entries(struct reader *reader, struct entries *entries, const struct yaml_node *map,
    unsigned depth, size_t *rank, struct error *err)
{
	size_t count = map->items.count, base = *rank;

	reader->aliased += base > 0 ? count : 0;
	if (reader->aliased > YAML_ALIASED)
		return reader_wrong(reader, map, err, "its aliases expand to too much");
	*rank += count + 1;
	for (size_t i = 0; i < count; i++)
		if (!reader_is_merge(&map->items.item[i]))
			entries_add(reader->arena, entries, &map->items.item[i], base + count - i);
	for (size_t i = 0; i < count; i++)
		if (reader_is_merge(&map->items.item[i]) &&
		    !reader_merge(reader, entries, map->items.item[i].value, depth, rank, err))
			return false;
	return true;
}

static int
entry_by_key(const void *one, const void *other)
{
	const struct entry *a = one, *b = other;
	int order = strcmp(a->item->key->text, b->item->key->text);

	return order != 0 ? order : (a->rank > b->rank) - (a->rank < b->rank);
}

static int
entry_by_order(const void *one, const void *other)
{
	const struct entry *a = one, *b = other;

	return (a->order > b->order) - (a->order < b->order);
}

/* Sorting, since a map of 100,000 keys must not cost their square. */
static void
entries_unique(struct entries *entries)
{
	size_t kept = 0;

	if (entries->count == 0)
		return;
	qsort(entries->item, entries->count, sizeof(*entries->item), entry_by_key);
	for (size_t i = 1; i < entries->count; i++)
		if (strcmp(entries->item[i].item->key->text,
			entries->item[kept].item->key->text) != 0)
			entries->item[++kept] = entries->item[i];
	entries->count = kept + 1;
	qsort(entries->item, entries->count, sizeof(*entries->item), entry_by_order);
}

static cJSON *
reader_text(const struct yaml_node *node)
{
	_cleanup_(text_clear) struct text text = TEXT_INIT_LIMIT(YAML_MANIFEST_BYTES * 3);
	const char *at = node->text, *end = node->text + node->length, *nul;

	while ((nul = memchr(at, '\0', (size_t)(end - at))) != NULL) {
		text_add_bytes(&text, at, (size_t)(nul - at));
		text_add(&text, "\xef\xbf\xbd");
		at = nul + 1;
	}
	text_add_bytes(&text, at, (size_t)(end - at));
	return cJSON_CreateString(text.data);
}

static cJSON *
reader_list(struct reader *reader, const struct yaml_node *node, unsigned depth, struct error *err)
{
	cJSON *array = cJSON_CreateArray(), *value;

	for (size_t i = 0; i < node->items.count; i++) {
		value = reader_value(reader, node->items.item[i].value, depth, err);
		if (value == NULL) {
			cJSON_Delete(array);
			return NULL;
		}
		cJSON_AddItemToArray(array, value);
	}
	return array;
}

static cJSON *
reader_map(struct reader *reader, const struct yaml_node *node, unsigned depth, struct error *err)
{
	struct entries entries = { 0 };
	size_t rank = 0;
	cJSON *object, *value;

	if (!reader_entries(reader, &entries, node, depth, &rank, err))
		return NULL;
	entries_unique(&entries);
	object = cJSON_CreateObject();
	for (size_t i = 0; i < entries.count; i++) {
		value = reader_value(reader, entries.item[i].item->value, depth, err);
		if (value == NULL) {
			cJSON_Delete(object);
			return NULL;
		}
		cJSON_AddItemToObject(object, entries.item[i].item->key->text, value);
	}
	return object;
}

static cJSON *
reader_value(struct reader *reader, const struct yaml_node *written, unsigned depth,
    struct error *err)
{
	const struct yaml_node *node = reader_resolve(reader, written, err);
	const struct yaml_node *outer = reader->alias;
	cJSON *value;

	if (node == NULL)
		return NULL;
	if (outer == NULL && node != written)
		reader->alias = written;
	if (reader->alias != NULL && ++reader->aliased > YAML_ALIASED) {
		reader_wrong(reader, written, err, "its aliases expand to too much");
		return NULL;
	}
	if (node->kind == YAML_TEXT) {
		value = reader_text(node);
	} else if (depth >= YAML_DEPTH) {
		reader_wrong(reader, written, err, "nested too deeply once aliases are expanded");
		return NULL;
	} else {
		value = (node->kind == YAML_LIST ? reader_list : reader_map)(reader, node,
		    depth + 1, err);
	}
	if (value != NULL)
		reader->alias = outer;
	return value;
}

/* What is wrong inside an expanded alias is shown at the alias. */
static void
reader_place(const struct reader *reader, struct error *err)
{
	const struct yaml_node *at = reader->alias != NULL ? reader->alias : reader->at;

	error_wrap(err, "line %d, column %d", at->line, at->column);
}

static bool
reader_is_nothing(const struct yaml_node *node)
{
	return node->kind == YAML_TEXT && node->plain && node->length == 0;
}

static cJSON *
reader_documents(struct reader *reader, const struct yaml_documents *documents, struct error *err)
{
	cJSON *array = cJSON_CreateArray(), *value;

	for (size_t i = 0; i < documents->count; i++) {
		if (reader_is_nothing(documents->item[i]))
			continue;
		value = reader_value(reader, documents->item[i], 0, err);
		if (value == NULL) {
			cJSON_Delete(array);
			reader_place(reader, err);
			return NULL;
		}
		cJSON_AddItemToArray(array, value);
	}
	return array;
}

cJSON *
yaml_read_documents(const char *bytes, size_t length, struct error *err)
{
	_cleanup_(arena_freep) struct arena *arena = arena_new();
	struct reader reader = { .arena = arena };
	struct yaml_documents documents = { 0 };
	struct yaml_place place = { 0 };

	if (length > YAML_MANIFEST_BYTES) {
		wrong(err, "the manifest has %zu bytes, more than %zu", length, YAML_MANIFEST_BYTES);
		return NULL;
	}
	if (!yaml_walk(arena, &documents, bytes, length, YAML_MANIFEST_NODES, &place, err)) {
		error_wrap(err, "line %d, column %d", place.line, place.column);
		return NULL;
	}
	return reader_documents(&reader, &documents, err);
}

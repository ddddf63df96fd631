/* yaml_walk.c - libyaml's events to a tree with positions, bounded, without recursion. */

#include <string.h>
#include <yaml.h>

#include "yaml.h"

struct walk {
	struct arena *arena;
	struct yaml_documents *documents;
	struct yaml_node *open[YAML_DEPTH];	/* lists and maps that have not ended */
	unsigned depth;
	size_t nodes, limit_nodes;
	struct anchors {
		struct anchor {
			const char *name;
			struct yaml_node *node;
		} *item;
		size_t count, size;
	} anchors;				/* of this document */
	yaml_mark_t mark;			/* of the event at hand */
};

static struct yaml_node *
walk_node(struct walk *walk, enum yaml_kind kind, const yaml_char_t *tag)
{
	struct yaml_node *node = arena_new_of(walk->arena, struct yaml_node);

	node->kind = kind;
	node->tag = arena_strdup(walk->arena, (const char *)tag);
	node->line = (int)walk->mark.line + 1;
	node->column = (int)walk->mark.column + 1;
	return node;
}

/* The newest anchor of a name counts (YAML 1.1, 3.2.2.2). */
static struct anchor *
walk_anchor(struct walk *walk, const char *name)
{
	for (size_t i = walk->anchors.count; i > 0; i--)
		if (strcmp(walk->anchors.item[i - 1].name, name) == 0)
			return &walk->anchors.item[i - 1];
	return NULL;
}

static bool
walk_remember(struct walk *walk, const yaml_char_t *name, struct yaml_node *node, struct error *err)
{
	struct anchor *anchor;

	if (name == NULL)
		return true;
	if ((anchor = walk_anchor(walk, (const char *)name)) == NULL) {
		if (walk->anchors.count >= YAML_ANCHORS)
			return wrong(err, "more than %d anchors; write the values out", YAML_ANCHORS);
		anchor = ARENA_GROW(walk->arena, &walk->anchors);
		anchor->name = arena_strdup(walk->arena, (const char *)name);
	}
	anchor->node = node;
	return true;
}

/* Hangs a node under the list or map that is open, as element, key or value. */
static bool
walk_add(struct walk *walk, struct yaml_node *node, struct error *err)
{
	struct yaml_node *parent;
	struct yaml_item *last;

	if (++walk->nodes > walk->limit_nodes)
		return wrong(err, "more than %zu values", walk->limit_nodes);
	if (walk->depth == 0) {
		*ARENA_GROW(walk->arena, walk->documents) = node;
		return true;
	}
	parent = walk->open[walk->depth - 1];
	last = parent->items.count > 0 ? &parent->items.item[parent->items.count - 1] : NULL;
	if (parent->kind == YAML_LIST)
		ARENA_GROW(walk->arena, &parent->items)->value = node;
	else if (last != NULL && last->value == NULL)
		last->value = node;
	else if (node->kind == YAML_TEXT)
		ARENA_GROW(walk->arena, &parent->items)->key = node;
	else
		return wrong(err, "a key must be a word, not %s",
		    node->kind == YAML_LIST ? "a list" : node->kind == YAML_MAP ? "a map" : "an alias");
	return true;
}

static bool
walk_open(struct walk *walk, struct yaml_node *node, const yaml_char_t *anchor, struct error *err)
{
	if (walk->depth >= YAML_DEPTH)
		return wrong(err, "nested deeper than %d levels", YAML_DEPTH);
	if (!walk_add(walk, node, err) || !walk_remember(walk, anchor, node, err))
		return false;
	walk->open[walk->depth++] = node;
	return true;
}

static bool
walk_text(struct walk *walk, const yaml_event_t *event, struct error *err)
{
	struct yaml_node *node = walk_node(walk, YAML_TEXT, event->data.scalar.tag);

	node->plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
	node->length = event->data.scalar.length;
	node->text = arena_copy(walk->arena, event->data.scalar.value, node->length);
	return walk_add(walk, node, err) &&
	    walk_remember(walk, event->data.scalar.anchor, node, err);
}

static bool
walk_alias(struct walk *walk, const yaml_event_t *event, struct error *err)
{
	struct yaml_node *node = walk_node(walk, YAML_ALIAS, NULL);
	struct anchor *anchor;

	node->text = arena_strdup(walk->arena, (const char *)event->data.alias.anchor);
	node->length = strlen(node->text);
	if ((anchor = walk_anchor(walk, node->text)) != NULL)
		node->target = anchor->node;
	for (unsigned i = 0; i < walk->depth; i++)
		if (walk->open[i] == node->target)
			return wrong(err, "*%s stands inside what it names", node->text);
	return walk_add(walk, node, err);
}

static bool
walk_event(struct walk *walk, const yaml_event_t *event, struct error *err)
{
	walk->mark = event->start_mark;
	switch (event->type) {
	case YAML_DOCUMENT_START_EVENT:
		walk->anchors.count = 0;
		return true;
	case YAML_SCALAR_EVENT:
		return walk_text(walk, event, err);
	case YAML_ALIAS_EVENT:
		return walk_alias(walk, event, err);
	case YAML_SEQUENCE_START_EVENT:
		return walk_open(walk, walk_node(walk, YAML_LIST, event->data.sequence_start.tag),
		    event->data.sequence_start.anchor, err);
	case YAML_MAPPING_START_EVENT:
		return walk_open(walk, walk_node(walk, YAML_MAP, event->data.mapping_start.tag),
		    event->data.mapping_start.anchor, err);
	case YAML_SEQUENCE_END_EVENT:
	case YAML_MAPPING_END_EVENT:
		walk->depth--;
		return true;
	default:
		return true;
	}
}

/* The reader looks far ahead of the mark; it gives the byte instead. */
static yaml_mark_t
walk_mark_of(const char *bytes, size_t offset)
{
	yaml_mark_t mark = { 0, 0, 0 };

	for (size_t i = 0; i < offset; i++) {
		if (bytes[i] == '\n') {
			mark.line++;
			mark.column = 0;
		} else if (((unsigned char)bytes[i] & 0xc0) != 0x80) {
			mark.column++;
		}
	}
	return mark;
}

static const char *
line_of(const char *bytes, const char *end, size_t line)
{
	while (line > 0 && bytes < end)
		line -= *bytes++ == '\n';
	return bytes;
}

/* The usual reasons in a file of channels and roles: a tab, "@sre" and "#incidents" without quotes. */
static const char *
walk_hint(const yaml_parser_t *parser, const char *bytes, size_t length)
{
	const char *end = bytes + length, *at = line_of(bytes, end, parser->problem_mark.line);
	const char *began = line_of(bytes, end, parser->context_mark.line);

	for (size_t column = parser->problem_mark.column; column > 0 && at < end; column--)
		for (at++; at < end && ((unsigned char)*at & 0xc0) == 0x80;)
			at++;
	if (at < end && *at == '\t')
		return ". Indent with blanks; a tab is none";
	if (at < end && (*at == '@' || *at == '%' || *at == '`'))
		return ". Put it in quotes, such as \"@sre\"";
	for (; parser->context != NULL && began < at; began++)
		if (at - began > 2 && began[0] == ' ' && began[1] == '#' && began[2] > ' ')
			return ". From # on it is a comment; what is none stands in quotes, such as \"#incidents\"";
	return "";
}

/* libyaml's own words, with their context: "while parsing a flow mapping, did not find …". */
static bool
walk_refused(struct walk *walk, const yaml_parser_t *parser, const char *bytes, size_t length,
    struct error *err)
{
	if (parser->error == YAML_READER_ERROR) {
		walk->mark = walk_mark_of(bytes,
		    parser->problem_offset < length ? parser->problem_offset : length);
		return wrong(err, "not UTF-8 text: %s", parser->problem);
	}
	walk->mark = parser->problem_mark;
	if (parser->context == NULL)
		return wrong(err, "not YAML: %s%s", parser->problem, walk_hint(parser, bytes, length));
	return wrong(err, "not YAML: %s, %s (it began in line %zu)%s", parser->context,
	    parser->problem, parser->context_mark.line + 1, walk_hint(parser, bytes, length));
}

static bool
walk_events(struct walk *walk, yaml_parser_t *parser, const char *bytes, size_t length,
    struct error *err)
{
	bool fine, ended = false;
	yaml_event_t event;

	while (!ended) {
		if (!yaml_parser_parse(parser, &event))
			return walk_refused(walk, parser, bytes, length, err);
		fine = walk_event(walk, &event, err);
		ended = event.type == YAML_STREAM_END_EVENT;
		yaml_event_delete(&event);
		if (!fine)
			return false;
	}
	return true;
}

bool
yaml_walk(struct arena *arena, struct yaml_documents *documents, const char *bytes, size_t length,
    size_t limit_nodes, struct yaml_place *place, struct error *err)
{
	struct walk walk = { .arena = arena, .documents = documents, .limit_nodes = limit_nodes };
	yaml_parser_t parser;
	bool fine;

	if (!yaml_parser_initialize(&parser))
		return broken(err, "the YAML parser could not be started");
	yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&parser, (const unsigned char *)bytes, length);
	fine = walk_events(&walk, &parser, bytes, length, err);
	if (!fine) {
		place->line = (int)walk.mark.line + 1;
		place->column = (int)walk.mark.column + 1;
	}
	yaml_parser_delete(&parser);
	return fine;
}

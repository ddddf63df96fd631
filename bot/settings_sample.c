/*
 * settings_sample.c - the sample file, made from the rows.
 *
 * A setting that stands behind a "#" becomes one by taking that "#" away: sentences have one blank
 * behind it, settings none or an even number.
 */

#include <string.h>

#include "settings_parts.h"

#define LINE_LONGEST 100

struct sample {
	struct text *out;
	struct arena *arena;
};

static const char header[] =
    "# Settings of rollcall: every one that there is, with its default or an example.\n"
    "# Take the \"#\" in front of what you change.  `rollcall check --config FILE` says what is wrong.\n";

/* The scalar is written so that YAML reads a text as the text it is. */
static void
sample_value(struct text *out, const struct setting *row)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
				    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._/:+-";

	if (row->example != NULL)
		text_add(out, row->example);
	else if (row->initial[strspn(row->initial, plain)] == '\0')
		text_add(out, row->initial);
	else
		text_printf(out, "\"%s\"", row->initial);
}

static bool
sample_has_value(const struct schema *schema)
{
	return schema->row != NULL && (schema->row->example != NULL || schema->row->initial != NULL);
}

static bool
sample_shows_anything(const struct schema *schema)
{
	if (schema->name[0] != '*' && sample_has_value(schema))
		return true;
	for (const struct schema *below = schema->first; below != NULL; below = below->next)
		if (sample_shows_anything(below))
			return true;
	return false;
}

/* "#" and blanks before a setting that is not shown. */
static void
sample_indent(struct sample *sample, bool shown, int indent)
{
	text_printf(sample->out, "%s%*s", shown ? "" : "#", indent, "");
}

/* Words, wrapped. */
static void
sample_sentence(struct sample *sample, bool shown, int indent, const char *sentence)
{
	size_t length, column = 0, blanks;

	for (const char *at = sentence; *at != '\0'; at += length) {
		blanks = strspn(at, " ");
		length = blanks + strcspn(at + blanks, " ");
		if (column == 0 || column + length > LINE_LONGEST) {
			text_add(sample->out, column == 0 ? "" : "\n");
			sample_indent(sample, shown || indent == 0, indent);
			text_add(sample->out, "# ");
			column = (size_t)indent + 2 + length - blanks;
			text_add_bytes(sample->out, at + blanks, length - blanks);
		} else {
			text_add_bytes(sample->out, at, length);
			column += length;
		}
	}
	text_add_char(sample->out, '\n');
}

/* The sentence, the range, the default where an example stands, and when a change takes effect. */
static const char *
sample_words(struct sample *sample, const struct setting *row)
{
	const char *range = type_range(sample->arena, row);
	bool other = row->example != NULL && row->initial != NULL;
	_cleanup_(text_clear) struct text words = TEXT_INIT;

	if (range != NULL)
		text_add(&words, range);
	if (other)
		text_printf(&words, "%sdefault %s", words.length > 0 ? "; " : "", row->initial);
	if (row->restart)
		text_printf(&words, "%sa change needs a restart", words.length > 0 ? "; " : "");
	if (words.length == 0)
		return row->sentence;
	return arena_printf(sample->arena, "%s  (%s)", row->sentence, words.data);
}

/* A value of several lines: "\n- a\n- b". */
static void
sample_block(struct sample *sample, bool shown, int indent, const char *block)
{
	size_t length;

	text_add_char(sample->out, '\n');
	for (const char *at = block + 1; *at != '\0'; at += length + (at[length] == '\n')) {
		length = strcspn(at, "\n");
		sample_indent(sample, shown, indent);
		text_add_bytes(sample->out, at, length);
		text_add_char(sample->out, '\n');
	}
}

static void sample_below(struct sample *, const struct schema *, bool shown, int indent);

/* dash: this is the first key of an element of a list. */
static void
sample_key(struct sample *sample, const struct schema *schema, bool shown, int indent, bool dash)
{
	const struct setting *row = schema->row;
	const char *name = schema->name;

	shown = shown && row != NULL && row->shown;
	if (name[0] == '*')
		name = row->example;
	else if (row != NULL)
		sample_sentence(sample, shown, indent, sample_words(sample, row));
	sample_indent(sample, shown, indent - (dash ? 2 : 0));
	text_printf(sample->out, "%s%s:", dash ? "- " : "", name);
	if (schema->name[0] != '*' && sample_has_value(schema) && row->example != NULL &&
	    row->example[0] == '\n') {
		sample_block(sample, shown, indent + 2, row->example);
	} else if (schema->name[0] != '*' && sample_has_value(schema)) {
		text_add_char(sample->out, ' ');
		sample_value(sample->out, row);
		text_add_char(sample->out, '\n');
	} else {
		text_add_char(sample->out, '\n');
		sample_below(sample, schema, shown, indent + 2);
	}
}

static void
sample_below(struct sample *sample, const struct schema *schema, bool shown, int indent)
{
	const struct schema *element = schema_element(schema);
	bool dash = element != NULL;

	for (const struct schema *below = dash ? element->first : schema->first; below != NULL;
	     below = below->next) {
		if (!sample_shows_anything(below))
			continue;
		sample_key(sample, below, shown, indent + (element != NULL ? 2 : 0), dash);
		dash = false;
	}
}

void
settings_print_sample(struct text *out)
{
	_cleanup_(arena_freep) struct arena *arena = arena_new();
	struct sample sample = { out, arena };
	const struct schema *schema = schema_new(arena);

	text_add(out, header);
	for (const struct schema *below = schema->first; below != NULL; below = below->next) {
		text_add_char(out, '\n');
		sample_key(&sample, below, true, 0, false);
	}
}

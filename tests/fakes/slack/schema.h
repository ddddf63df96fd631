/*
 * schema.h - Block Kit's shapes as tables, read by limits.c.
 */
#ifndef FAKE_SCHEMA_H
#define FAKE_SCHEMA_H

#include <stdbool.h>
#include <stddef.h>

enum field_kind {
	FIELD_STRING,	/* `most` characters */
	FIELD_BOOLEAN,
	FIELD_INTEGER,
	FIELD_PLAIN,	/* a plain_text object of `most` characters */
	FIELD_TEXT,	/* plain_text or mrkdwn */
	FIELD_ENUM,	/* of: const char *const * */
	FIELD_OBJECT,	/* of: const struct shape * */
	FIELD_ONE,	/* of: list of shapes, told apart by "type" */
	FIELD_MANY,	/* an array of those, `least` to `most` */
	FIELD_OBJECTS,	/* an array of one shape */
	FIELD_TEXTS,	/* an array of FIELD_TEXT, each of `length` characters */
	FIELD_STRINGS,
	FIELD_ROWS,	/* an array of arrays, each of at most `length` of a list of shapes */
	FIELD_ANY,
};

struct field {
	const char *name;
	enum field_kind kind;
	bool required;
	int most, least, length;
	const void *of;
};

/* Fields end with a NULL name; lists of shapes end with NULL. */
struct shape {
	const char *type;	/* NULL: has no "type" */
	const struct field *fields;
};

extern const struct shape *const shapes_message[], *const shapes_modal[], *const shapes_home[];
extern const struct shape shape_modal, shape_home;
extern const struct shape shape_rich_text, shape_table;	/* schema_rich.c */

#endif

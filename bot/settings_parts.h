/*
 * settings_parts.h - what the files settings_*.c share; everybody else includes settings.h.
 *
 * From the text to values:	yaml.h's tree → settings_check (against the schema) → struct value
 * The schema:			the registered rows as a tree of path segments
 * Problems:			collected with their places, sorted and printed at the end
 */
#ifndef BOT_SETTINGS_PARTS_H
#define BOT_SETTINGS_PARTS_H

#include "base/arena.h"
#include "settings.h"
#include "yaml.h"

/* One segment of the rows' paths: "targets", "*", "timeout", "[]". */
struct schema {
	const char *name;
	const struct setting *row;		/* NULL: only a way to others */
	const struct value *initial;		/* NULL: none */
	struct schema *next;			/* beside it, in the order of the tables */
	struct schema *first;			/* below it */
};

enum holds { HOLDS_TEXT, HOLDS_LIST, HOLDS_MAP };

struct member {
	const char *key;			/* NULL in a list */
	struct value *value;
};

struct value {
	enum holds holds;
	const struct schema *schema;
	int line, column;			/* a map's or list's: its key's; 0: not of the file */
	const char *path;			/* "targets.web.timeout", "permissions[2].roles" */
	const char *text;			/* expanded; NULL for secrets */
	double number;				/* of numbers, sizes, durations; 1 for true */
	struct secret *secret;
	struct members { struct member *item; size_t count, size; } members;
	const struct yaml_node *node;		/* of a map; NULL: an empty one, or not of the file */
	bool bad;				/* it was no map or list; that is said */
};

#define PROBLEMS_KEPT 1000

struct problem {
	int line, column;
	size_t order;
	const char *sentence;
};
struct problems {
	struct problem *item;
	size_t count, size;
};

/* What `refers` may name. */
struct names {
	const char *refers;
	const char *const *maps;
	const char **item, **sorted;		/* item ends with NULL */
	size_t count, size;
};

struct settings {
	struct arena *arena;
	const char *file, *folder;
	struct schema *schema;
	struct value *root;
	struct problems wrong, warnings;
	struct { struct secret **item; size_t count, size; } secrets;
	struct { const struct setting **item; size_t count, size; } later;	/* warned about */
	struct { struct names **item; size_t count, size; } names;
};

/* settings_problems.c */
void settings_wrong_at(struct settings *, int line, int column, const char *path, const char *format,
    ...) _printf_(5, 6);
void settings_warn_at(struct settings *, int line, int column, const char *path, const char *format,
    ...) _printf_(5, 6);
/* How a text of the author's is shown: quoted, cut at 60 characters, without control characters. */
const char *settings_quote(struct settings *, const char *text);
/* "a, b or c"; past twelve the rest is "…". */
const char *settings_choose_from(struct settings *, const char *const *names);

/* settings_schema.c */
struct schema *schema_new(struct arena *);
const struct schema *schema_at(const struct schema *, const char *name);	/* exact, then * */
const struct schema *schema_named(const struct schema *, const char *name);	/* exact only */
const struct schema *schema_element(const struct schema *);			/* [] */
const struct schema *schema_find(const struct schema *, const char *path);	/* of a present path */
bool schema_is_scalar(const struct schema *);
bool schema_is_list(const struct schema *);
bool schema_is_map(const struct schema *);
const char *const *split_choices(struct arena *, const char *choices);	/* ends with NULL */

/* settings_types.c: "found …, expected …" is the caller's. */
/* Fills text and number of the value; false: it is not of the row's type. */
bool type_read(struct settings *, const struct setting *, const char *text, struct value *);
const char *type_expected(struct settings *, const struct setting *);	/* "a number from 1 to 9" */
const char *type_range(struct arena *, const struct setting *);		/* "1 to 9"; NULL: any */

/* settings_expand.c: ${NAME} in a text; false: the error says "found …, expected …".  *expanded tells
 * whether there was any.  mask: what is put in may be a secret (decision C2). */
bool expand_text(struct text *out, const char *text, bool mask, bool *expanded, struct error *);
/* A secret by name, file or, with *literal set, by value. */
struct secret *expand_secret(const char *text, const char *folder, bool *literal, struct error *);
/* A path as absolute as the folder makes it. */
const char *expand_path(struct arena *, const char *folder, const char *path);

/* settings_check.c, settings_refer.c */
struct value *settings_check(struct settings *, const struct schema *, const struct yaml_node *,
    const char *path);
void settings_check_references(struct settings *);
void settings_check_rows(struct settings *);		/* the rows' own check functions */

/* settings.c */
const struct setting *const *settings_tables(size_t *count);

#endif

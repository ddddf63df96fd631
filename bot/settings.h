/*
 * settings.h - one table describes every setting; this walks it.
 *
 * Each module exports its rows; main registers them, in the order of the sample file.  From the rows come
 * the loader's checks, the sample file, `rollcall check` and the manual.  A path is dotted; `*` stands for
 * a name of the author's choosing, `[]` for an element of a list:
 *
 *	{ "targets.*.timeout", SETTING_DURATION, .initial = "5m", .sentence = "How long a rollout may take." },
 *	{ "permissions[].commands", SETTING_NAMES, … }
 *
 * A path may be a scalar in one file and a map in another: it has a scalar's row and rows below it.
 *
 * Reading is strict (decision W2): 1 MiB, depth 64, no aliases, no tags, no duplicate keys, one document;
 * every unknown key, wrong type, value out of range and unknown reference is reported with
 * file:line:column, the key's path, what was found, what was expected and the nearest known key, all at
 * once and in the order of the file:
 *
 *	rollcall.yaml:14:5: targets.web.timeot: found an unknown key, expected timeout
 *
 * Elements of lists are counted from 1 in such paths: permissions[2].roles.  ${NAME} is expanded in parsed
 * scalars, never in the text; $${ is a literal.  A secret is "${NAME}", "file:PATH" or, with a warning, the
 * value itself.  A map or list with nothing after its colon is empty; a scalar with nothing is an error,
 * and so is an empty list of names, which could be taken for "any" as well as for "nobody".
 */
#ifndef BOT_SETTINGS_H
#define BOT_SETTINGS_H

#include "base/error.h"
#include "base/secret.h"
#include "base/text.h"

#define SETTINGS_BYTES MEGABYTES(1)

enum setting_type {
	SETTING_STRING,
	SETTING_NUMBER,		/* whole */
	SETTING_REAL,
	SETTING_BOOL,
	SETTING_DURATION,	/* "15m"; milliseconds */
	SETTING_SIZE,		/* "64MiB", "10kB", "512"; bytes */
	SETTING_SECRET,
	SETTING_URL,		/* choices: its schemes, http|https when NULL */
	SETTING_PATH,		/* read as absolute, relative to the file's folder */
	SETTING_CHOICE,
	SETTING_TIME,		/* "2026-12-24 18:00", in the installation's zone */
	SETTING_NAMES,		/* a string or a list of strings; read as a list */
	SETTING_SECRETS,	/* a secret or a list of them; read as a list */
	SETTING_MAP, SETTING_LIST,	/* what is in them has rows of its own */
};

struct settings;
struct value;

struct setting {
	const char *path;		/* NULL ends a table */
	enum setting_type type;
	const char *choices;		/* SETTING_CHOICE, SETTING_NAMES, SETTING_URL: "a|b|c" */
	const char *refers;		/* the value(s) must be keys of this map: "clusters", "on_call|roles" */
	const char *keys_refer;		/* SETTING_MAP or a path that may be one: so must its keys */
	double min, max;		/* numbers, durations in ms, sizes; both 0: any, but
					 * only reals below 0 */
	const char *initial;		/* default as text; NULL: none */
	const char *example;		/* for the sample, YAML: a value, or "\n- a\n- b" for lines below the
					 * key; of a path that ends in *: the name to show */
	const char *sentence;
	/* Looks at a value that has its type, after everything was read; says settings_problem. */
	void (*check)(struct settings *, const struct value *);
	bool required;			/* where the map around it is there */
	bool later;			/* understood and checked, not acted on yet: one warning a row */
	bool restart;			/* read at the start only: a change takes effect with the next one */
	bool shown;			/* stands in the sample without a "#" */
	bool open;			/* a value of ${NAME} here is shown to people: no secret, not masked;
					 * so are those of paths, choices, numbers and times */
};

/* Tables are borrowed for ever. */
void settings_register(const struct setting *table);
void settings_each(void (*each)(const struct setting *, void *arg), void *arg);

/*
 * file: what the messages call it.  folder: for relative file: and paths.  NULL: it is not YAML, and
 * *problems says where.  Otherwise what could be understood, the caller may check more, and
 * settings_end tells.
 */
struct settings *settings_read(const char *file, const char *text, size_t length, const char *folder,
    struct text *problems);
/* One line for each problem and false, or one for each warning and true. */
bool settings_end(struct settings *, struct text *problems);
void settings_free(struct settings *);

/* "found X, expected Y" about a value of these settings; at NULL: about the file. */
void settings_problem(struct settings *, const struct value *at, const char *format, ...) _printf_(3, 4);
void settings_warning(struct settings *, const struct value *at, const char *format, ...) _printf_(3, 4);

/* For `check` of maps whose keys people type in commands: letters, digits, "-" and "_". */
void settings_check_names(struct settings *, const struct value *map);

/* Values are borrowed and live with the settings.  Paths name the present ones: "limits.children". */
const struct value *settings_at(const struct settings *, const char *path);	/* NULL: absent */
/* These know the rows: absent gives the row's initial, or NULL, 0, false. */
const struct value *value_at(const struct value *, const char *path);
const char *settings_string(const struct settings *, const char *path);
double settings_number(const struct settings *, const char *path);
int64_t settings_duration(const struct settings *, const char *path);
bool settings_bool(const struct settings *, const char *path);
const struct secret *settings_secret(const struct settings *, const char *path);

/* On one value: NULL gives NULL, 0, false. */
const char *value_string(const struct value *);	/* NULL for secrets, maps and lists as well */
double value_number(const struct value *);	/* also durations in ms and sizes in bytes */
int64_t value_duration(const struct value *);
bool value_bool(const struct value *);
const struct secret *value_secret(const struct value *);
bool value_is_map(const struct value *);
size_t value_count(const struct value *);			/* of a map or list */
const struct value *value_item(const struct value *, size_t);	/* of a map or list */
const char *value_key(const struct value *, size_t);		/* of a map */
int value_line(const struct value *);
/* Was this key (NULL: any) written, even wrongly?  So that one mistake is not two problems. */
bool value_was_written(const struct value *map, const char *key);

/* The paths of rows marked `restart` whose values differ, as "a, b". */
void settings_print_restarts(struct text *, const struct settings *before, const struct settings *after);

/* The sample file: every row with its sentence and its initial value or example. */
void settings_print_sample(struct text *);

#endif

/*
 * settings.h - one table describes every setting; this walks it.
 *
 * Each module exports its rows; main registers them.  From the rows come the loader's checks, the sample
 * file, `rollcall check` and the manual.  A path is dotted; `*` stands for a name of the author's
 * choosing, `[]` for an element of a list:
 *
 *	{ "targets.*.timeout", SETTING_DURATION, .initial = "5m", .sentence = "How long a rollout may take." },
 *	{ "permissions[].commands", SETTING_NAMES, … }
 *
 * Reading is strict (decision W2): 1 MiB, depth 64, no aliases, no duplicate keys; every unknown key,
 * wrong type, value out of range and unknown reference is reported with file:line:column, the key's path,
 * what was found, what was expected and the nearest known key, all at once.  ${NAME} is expanded in parsed
 * scalars, never in the text; $${ is a literal.  A secret is "${NAME}", "file:PATH" or, with a warning,
 * the value itself.
 */
#ifndef BOT_SETTINGS_H
#define BOT_SETTINGS_H

#include "base/error.h"
#include "base/secret.h"
#include "base/text.h"

enum setting_type {
	SETTING_STRING, SETTING_NUMBER, SETTING_BOOL, SETTING_DURATION, SETTING_SIZE, SETTING_SECRET,
	SETTING_URL, SETTING_PATH, SETTING_CHOICE, SETTING_TIME, SETTING_NAMES, /* string or list */
	SETTING_SECRETS, SETTING_MAP, SETTING_LIST, SETTING_ANY,
};

struct setting {
	const char *path;		/* NULL ends a table */
	enum setting_type type;
	const char *choices;		/* SETTING_CHOICE: "a|b|c" */
	const char *refers;		/* the value(s) must be keys of this map: "clusters" */
	double min, max;		/* numbers, durations in ms, sizes; both 0: any */
	const char *initial;		/* default as text; NULL: none */
	const char *sentence;
	bool required;
	bool later;			/* understood and checked, not acted on yet: one warning a section */
};

struct settings;
struct value;

void settings_register(const struct setting *table);
void settings_each(void (*each)(const struct setting *, void *arg), void *arg);

/* file: what the messages call it.  NULL on failure; lines of *problems as in configuration.h. */
struct settings *settings_read(const char *file, const char *text, size_t length,
    const char *folder /* for relative file: and paths */, struct text *problems);
void settings_free(struct settings *);

/* Values are borrowed and live with the settings.  Paths name the present ones: "limits.children". */
const struct value *settings_at(const struct settings *, const char *path);	/* NULL: absent */
const struct value *value_at(const struct value *, const char *path);
const char *settings_string(const struct settings *, const char *path);	/* or the row's initial, or NULL */
double settings_number(const struct settings *, const char *path);
int64_t settings_duration(const struct settings *, const char *path);
bool settings_bool(const struct settings *, const char *path);
const struct secret *settings_secret(const struct settings *, const char *path);

/* On one value: NULL gives NULL, 0, false. */
const char *value_string(const struct value *);
double value_number(const struct value *);
int64_t value_duration(const struct value *);
bool value_bool(const struct value *);
size_t value_count(const struct value *);			/* of a map or list */
const struct value *value_item(const struct value *, size_t);	/* of a map or list */
const char *value_key(const struct value *, size_t);		/* of a map */
int value_line(const struct value *);

#endif

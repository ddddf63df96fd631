/*
 * json.h - JSON from strangers and to them, on cJSON.
 *
 * Everything that comes from outside is read by json_parse, which closes cJSON's gaps (protocols
 * of cJSON 1.7.15, all tried): nesting is bounded, bytes after the document are an error, text must
 * be UTF-8 without raw control characters, escaped NUL and lone surrogates become U+FFFD instead of
 * ending a string or failing the document.  Look-ups are case-sensitive; numbers are doubles, so
 * ids and counters past 2^53 must be strings.
 *
 * Paths are written "payload.user.id", "containers.0.image" or "annotations.app\\.io/name" (a dot
 * in a key is escaped); "" is the item itself.  A missing or differently typed member gives NULL,
 * the given default, or an empty iteration; nothing here ever crashes on a NULL object.
 */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include <cjson/cJSON.h>

#include "arena.h"
#include "error.h"
#include "text.h"

#define JSON_DEPTH 64

/* The caller owns the document (cJSON_Delete, or json_freep with _cleanup_). */
cJSON *json_parse(const char *bytes, size_t length, struct error *);
/* The same for one of several documents back to back ("kubectl … -o json"): *used is where the
 * next begins; NULL with err->kind == ERROR_NONE when only blanks are left. */
cJSON *json_parse_next(const char *bytes, size_t length, size_t *used, struct error *);
void json_freep(cJSON **);

const cJSON *json_at(const cJSON *, const char *path);		/* NULL when absent */
const char *json_string(const cJSON *, const char *path);	/* NULL unless a string */
const char *json_string_or(const cJSON *, const char *path, const char *otherwise);
double json_number(const cJSON *, const char *path, double otherwise);
int64_t json_integer(const cJSON *, const char *path, int64_t otherwise);
bool json_bool(const cJSON *, const char *path, bool otherwise);	/* takes "true"/"false" too */
/* The members or elements; array may be NULL.  Only pure expressions: it is looked at twice. */
#define json_each(element, array)                                                                  \
	for ((element) = (array) != NULL ? (array)->child : NULL; (element) != NULL;               \
	     (element) = (element)->next)

/* One line; sorted keys when canonical, so that equal documents are equal bytes. */
void json_print(struct text *, const cJSON *);
void json_print_canonical(struct text *, const cJSON *);
/* A quoted and escaped JSON string. */
void json_print_string(struct text *, const char *s);
char *json_to_arena(struct arena *, const cJSON *);

/* Building: these copy, and return the new member. */
cJSON *json_add_string(cJSON *object, const char *key, const char *value);	/* NULL: nothing */
cJSON *json_add_stringf(cJSON *object, const char *key, const char *format, ...) _printf_(3, 4);
cJSON *json_add_number(cJSON *object, const char *key, double value);
cJSON *json_add_bool(cJSON *object, const char *key, bool value);
cJSON *json_add_object(cJSON *object_or_array, const char *key);	/* key NULL: to an array */
cJSON *json_add_array(cJSON *object_or_array, const char *key);

#endif

/*
 * words.h - the vocabulary of the tools, and the one guard over what is run.
 *
 * A word ("kubectl.rollout_undo") says which verbs, flags and positional values one use of a tool may
 * have, each value with its kind.  One table serves plans, the guard, the fuzzers and later YAML runbooks
 * (decision W3).  argv_check judges the *final* vector, in job_start, the only caller of spawn (AR1, AR2):
 *
 *	tool verb… [-n NAMESPACE] [--flag=value | --switch]… [-- positional…]
 *
 * Flags stand before "--", each at most once, only as --flag=value, switches, or the one pair -n NS;
 * nothing else that begins with "-".  A vector that fits no word is refused: it is our bug or an attack.
 * argv[0] is the tool's logical name; job_start resolves it to the configured program.
 */
#ifndef BOT_WORDS_H
#define BOT_WORDS_H

#include "base/error.h"

/* Kinds of values; each has one hand-written scanner, ASCII, first byte alphanumeric unless said. */
enum value_kind {
	VALUE_NONE,		/* a switch */
	VALUE_NAME,		/* DNS-1123 subdomain, ≤ 253 */
	VALUE_NAMESPACE,	/* DNS-1123 label, ≤ 63 */
	VALUE_OBJECT,		/* kind/name with a kind of the word's list */
	VALUE_KIND,		/* one of the word's list */
	VALUE_REVISION,		/* 1 … 2147483647 */
	VALUE_COUNT,		/* 0 … 1000000 */
	VALUE_SECONDS,		/* Go duration: 300s, 5m0s */
	VALUE_LABELS,		/* a=b,c=d: label selectors with = only */
	VALUE_FIELD,		/* metadata.name=NAME, involvedObject.name=NAME, involvedObject.uid=… */
	VALUE_IMAGE_SET,	/* container=image reference */
	VALUE_ANNOTATION,	/* one of our two annotation keys = printable text ≤ 1000 bytes */
	VALUE_CHOICE,		/* exactly the flag's `choice`, alternatives separated by | */
	VALUE_SERVICE_PATH,	/* /api/v1/namespaces/NS/services/[https:]NAME:PORT/proxy/PATH */
	VALUE_TEXT,		/* printable UTF-8 without control characters, ≤ 256 bytes */
};

struct word_flag {
	const char *name;		/* "--to-revision"; "-n" is the one pair */
	enum value_kind kind;
	const char *choice;		/* for VALUE_CHOICE */
};

struct word {
	const char *name;		/* "kubectl.rollout_undo" */
	const char *tool;		/* "kubectl" */
	const char *verbs;		/* "rollout undo", what follows argv[0] */
	const struct word_flag *flags;	/* ends with name NULL */
	enum value_kind positional[3];	/* VALUE_NONE ends */
	bool optional;			/* the last positional may be absent */
	const char *kinds;		/* for VALUE_OBJECT, VALUE_KIND: "deployment|statefulset" */
	bool reads;			/* changes nothing, whatever its values */
};

bool value_fits(enum value_kind, const char *choice_or_kinds, const char *value);

/* Tables are registered once at start by main; each ends with name NULL. */
void words_register(const struct word *table);
const struct word *words_find(const char *name);
/* Calls back for each word; for help, the fuzzers and tests. */
void words_each(void (*each)(const struct word *, void *arg), void *arg);
/* The word that the vector is a use of, or NULL and the error says which value fits nowhere. */
const struct word *argv_check(char *const argv[], struct error *);

#endif

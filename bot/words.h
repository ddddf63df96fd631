/*
 * words.h - the vocabulary of the tools, and the one guard over what is run.
 *
 * A word ("kubectl.rollout_undo") says which verbs, flags and positional values one use of a tool
 * may have, each value with its kind.  One table serves plans, the guard, the fuzzers and later
 * YAML runbooks (decision W3).  argv_check judges the *final* vector, in job_start, the only caller
 * of spawn (AR1, AR2):
 *
 *	tool verb… [-n NAMESPACE] [--flag=value | --switch]… [-- positional…]
 *
 * Flags stand before "--", each at most once, only as --flag=value, switches, or the one pair -n
 * NS; nothing else that begins with "-".  A vector that fits no word is refused: it is our bug or
 * an attack. argv[0] is the tool's logical name; job_start resolves it to the configured program.
 *
 * Bounds: 128 arguments of 4 KiB each, 32 flags a word, 64 values where the last one is repeated.
 */
#ifndef BOT_WORDS_H
#define BOT_WORDS_H

#include "base/error.h"

/*
 * Kinds of values; each has one hand-written scanner, ASCII, first byte alphanumeric unless said.
 * Some need a list with | between its entries, which the word gives beside the kind.
 */
enum value_kind {
	VALUE_NONE,		/* a switch */
	VALUE_NAME,		/* DNS-1123 subdomain, ≤ 253 */
	VALUE_NAMESPACE,	/* DNS-1123 label, ≤ 63 */
	VALUE_OBJECT,		/* kind/name with a kind of the list */
	VALUE_KIND,		/* one of the list */
	VALUE_REVISION,		/* 1 … 2147483647 */
	VALUE_COUNT,		/* 0 … 1000000 */
	VALUE_SECONDS,		/* Go duration of whole seconds, never 0: 300s, 5m0s, 1h */
	VALUE_LABELS,		/* a=b,c!=d,e,!f,g in (h,i): label selectors, "!" not first */
	VALUE_FIELD,		/* metadata.name=NAME, involvedObject.name=NAME, involvedObject.uid=UID */
	VALUE_IMAGE_SET,	/* container=image reference */
	VALUE_ANNOTATION,	/* a key of the list = printable text ≤ 1000 bytes */
	VALUE_CHOICE,		/* exactly one of the list */
	VALUE_SERVICE_PATH,	/* /api/v1/namespaces/NS/services/[https:]NAME:PORT/proxy/PATH */
	VALUE_TEXT,		/* printable UTF-8 without control characters, ≤ 256 bytes */
};

struct word_flag {
	const char *name;		/* "--to-revision"; "-n" is the one pair */
	enum value_kind kind;
	const char *list;
	bool needed;			/* without it the tool would choose for us (KC1, KC11) */
};

struct word_positional {
	enum value_kind kind;		/* VALUE_NONE ends */
	const char *list;
};

struct word {
	const char *name;		/* "kubectl.rollout_undo" */
	const char *tool;		/* "kubectl" */
	const char *verbs;		/* "rollout undo", what follows argv[0] */
	const struct word_flag *flags;	/* ends with name NULL */
	struct word_positional positional[3];
	bool optional;			/* the last positional may be absent */
	bool repeated;			/* the last positional may stand several times */
	bool reads;			/* changes nothing, whatever its values */
};

bool value_fits(enum value_kind, const char *list, const char *value);

/* Tables are registered once at start by main (again: nothing); each ends with name NULL. */
void words_register(const struct word *table);
const struct word *words_find(const char *name);
/* Calls back for each word; for help, the fuzzers and tests. */
void words_each(void (*each)(const struct word *, void *arg), void *arg);
/* The word that the vector is a use of, or NULL and the error says which value fits nowhere. */
const struct word *argv_check(char *const argv[], struct error *);

#endif

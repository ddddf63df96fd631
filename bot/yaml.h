/*
 * yaml.h - YAML of two kinds on one walker: settings (strict) and manifests (lenient).
 *
 * yaml_walk makes a tree with positions of the parser's events.  It never expands an alias and never
 * recurses; bytes, depth and nodes are bounded because libyaml 0.2.5 has no bounds of its own (its time is
 * quadratic in the depth).  What a scalar means is left to the reader of the tree.
 *
 * yaml_read_documents is the lenient reader, for what `helm get manifest` and the like print.  It gives a
 * cJSON array with one element for each document that holds anything (comments alone do not count):
 *
 *   - Every scalar is a JSON string, quoted or plain: `replicas: 3`, `replicas: "3"` and a live object's 3
 *     are for the comparer to call equal; `null`, `~` and `true` stay these words, a missing value is "".
 *     Nothing is lost that way ("0123", "1e3", a number past 2^53) and no YAML 1.1 rule ("no" is false)
 *     has to be guessed.  NUL becomes U+FFFD.
 *   - Of equal keys the last one counts, as for Kubernetes' own readers.  A key that is not a scalar is
 *     an error.  Tags are ignored.
 *   - Aliases are expanded, to at most YAML_ALIASED nodes in all; an alias inside its own anchor is an
 *     error.  A plain `<<` merges one map or a list of maps: own keys win, then the earlier map.
 *
 * Errors are WRONG, "line 3, column 7: …".
 */
#ifndef BOT_YAML_H
#define BOT_YAML_H

#include <cjson/cJSON.h>

#include "base/arena.h"
#include "base/error.h"

#define YAML_DEPTH 64		/* of the text, and of the documents after aliases are expanded */
#define YAML_ANCHORS 1000	/* in a document */
#define YAML_ALIASED 100000
#define YAML_MANIFEST_BYTES MEGABYTES(4)
#define YAML_MANIFEST_NODES 250000

enum yaml_kind { YAML_TEXT, YAML_LIST, YAML_MAP, YAML_ALIAS };

struct yaml_node;
struct yaml_item {
	const struct yaml_node *key;	/* NULL in a list; always a text */
	struct yaml_node *value;
};

/* Lives in the arena of yaml_walk. */
struct yaml_node {
	enum yaml_kind kind;
	bool plain;			/* a text without quotes, not a block */
	int line, column;		/* of its first character; from 1, in characters */
	const char *tag;		/* "!mine", "tag:yaml.org,2002:int"; NULL: none */
	const char *text;		/* a text, '\0' added; an alias: its name */
	size_t length;			/* may hold NULs */
	const struct yaml_node *target;	/* an alias; NULL: no such anchor before it */
	struct { struct yaml_item *item; size_t count, size; } items;
};

struct yaml_documents {
	struct yaml_node **item;	/* an empty document is an empty plain text */
	size_t count, size;
};

struct yaml_place {
	int line, column;		/* from 1; columns count characters */
};

/*
 * False: not YAML, past a bound, or an alias inside its own anchor (so the tree has no cycle); err has the
 * sentence without the place, *place has the place.
 */
bool yaml_walk(struct arena *, struct yaml_documents *, const char *bytes, size_t length,
    size_t limit_nodes, struct yaml_place *place, struct error *);

/* The caller owns the array (cJSON_Delete); NULL on error. */
cJSON *yaml_read_documents(const char *bytes, size_t length, struct error *);

#endif

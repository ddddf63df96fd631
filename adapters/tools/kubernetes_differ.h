/*
 * kubernetes_differ.h - between kubernetes_differ*.c only: the walk through two objects, and what of a value is shown.
 */
#ifndef TOOLS_KUBERNETES_DIFFER_H
#define TOOLS_KUBERNETES_DIFFER_H

#include "kubernetes.h"

#define DEPTH 64

struct place {
	const char *name;
	bool keyed;		/* entry of a list, by its name */
};

struct walk {
	struct plan *plan;
	const char *object;
	bool secret;		/* inside a Secret */
	bool values;		/* a chart's values: any name may be anything */
	bool single;		/* no container but one on both sides: its name tells nothing */
	bool powers;		/* that it brings some was remarked */
	struct place path[DEPTH];
	size_t depth, lines;
};

/* Cleaned, masked, and of an end. */
const char *differ_shown(struct walk *, const char *);
bool differ_is_scalar(const cJSON *);
const char *differ_scalar(struct arena *, const cJSON *);	/* a string as it is, anything else as JSON */
/* What is shown of both sides at the present place; NULL where there is none. */
void differ_sides(struct walk *, const cJSON *from, const cJSON *to, const char **old, const char **new);

#endif

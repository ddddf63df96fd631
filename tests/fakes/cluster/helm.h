/*
 * helm.h - the simulated helm 4, between its files.
 *
 * A release is a row for each revision: {"name", "namespace", "revision", "status", "chart", "version",
 * "app_version", "description", "updated": MS, "first": MS, "config": {…}, "objects": […], "hooks": […]}.
 * The objects are what the chart rendered, each with "source", its template's path.
 */
#ifndef CLUSTER_HELM_H
#define CLUSTER_HELM_H

#include "arguments.h"
#include "controllers.h"

struct helm {
	struct tool *tool;
	struct world world;
	struct arguments arguments;
	const char *namespace;
};

int helm_error(struct helm *, const char *format, ...) _printf_(2, 3);	/* "Error: …", 1 */
/* revision 0: the last; NULL: there is none. */
cJSON *release_find(struct world *, const char *namespace, const char *name, int64_t revision);
/* A new row; objects, config and hooks are taken over. */
cJSON *release_add(struct world *, const char *namespace, const char *name, const char *status,
    const char *description);
/* Makes the cluster's objects those of `to`; `from` (NULL: none) says which of them are not wanted any
 * more.  False: fields belong to somebody else and were not forced; err has helm's sentence. */
bool release_apply(struct world *, const cJSON *from, const cJSON *to, bool force, struct error *);

typedef int helm_verb(struct helm *);
helm_verb helm_rollback;

#endif

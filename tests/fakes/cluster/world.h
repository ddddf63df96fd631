/*
 * world.h - the simulated clusters: a JSON file, read and written under a lock, that lives by the clock.
 *
 *	{"clusters": {"primary": {"time": MS, "uid": N, "version": N, "objects": […], "releases": […]}}}
 *
 * Objects are those of the real API, with one member more, "sim", that is never shown.  Nothing runs
 * between two calls: world_open brings the cluster from the time of the last call to now, event after
 * event, each at its own moment (controllers.h).
 */
#ifndef CLUSTER_WORLD_H
#define CLUSTER_WORLD_H

#include "base/when.h"
#include "tool.h"

struct world {
	struct tool *tool;
	struct arena *arena;		/* the tool's */
	const char *path;
	int lock;
	cJSON *document, *cluster, *objects, *releases;
	int64_t now;			/* ms since 1970 */
	int64_t version;		/* as it was opened */
};

bool world_open(struct world *, struct tool *, struct error *);
void world_close(struct world *);	/* writes it back; safe twice */
/* A world without a file, for init; cluster by cluster. */
void world_new(struct world *, struct arena *, int64_t now);
void world_cluster(struct world *, const char *name);	/* made when new */
bool world_write(struct world *, const char *path, struct error *);
void world_touch(struct world *);	/* something other than an object changed */
/* Closes, lets time pass until then (or a little), opens again. */
bool world_wait(struct world *, int64_t until, struct error *);

/* ---- objects (object.c) -------------------------------------------------------------------- */

struct kind {
	const char *kind, *plural, *singular, *brief;	/* "Deployment", "deployments", "deployment", "deploy" */
	const char *group, *version;	/* "apps", "v1"; group "": core */
};
/* By any way in which people write it: deploy, deployments.apps, Deployment; NULL: no such type. */
const struct kind *kind_find(const char *written);
const char *kind_resource(struct arena *, const struct kind *);	/* "deployment.apps", "pod" */

cJSON *at(cJSON *, const char *path);			/* json_at for what we own */
cJSON *member(cJSON *, const char *key);		/* a key with dots in it; NULL when absent */
cJSON *ensure(cJSON *, const char *path);		/* objects along the path are made */
void put(cJSON *, const char *path, cJSON *value);	/* replaces; takes the value over */
void put_string(cJSON *, const char *path, const char *value);	/* NULL: removes */
void put_number(cJSON *, const char *path, double value);
int64_t number(const cJSON *, const char *path);	/* 0 when absent */

const char *object_name(const cJSON *);
const char *object_namespace(const cJSON *);		/* "" for what has none */
bool object_is(const cJSON *, const char *kind);
cJSON *object_find(struct world *, const char *kind, const char *namespace, const char *name);
cJSON *object_add(struct world *, const char *kind, const char *namespace, const char *name);
void object_delete(struct world *, cJSON *);
void object_changed(struct world *, cJSON *);		/* a new resourceVersion */
void object_respecified(struct world *, cJSON *);	/* and a new generation */
/* Who wrote which part when: managedFields. */
void object_written(struct world *, cJSON *, const char *manager, const char *path);
const char *annotation(const cJSON *, const char *key);
void annotate(cJSON *, const char *key, const char *value);	/* NULL: removes */
void own(cJSON *, const cJSON *owner);
bool owned(const cJSON *, const cJSON *owner);
/* a=b,c=d,e!=f,g: every part holds for these labels. */
bool labels_fit(const cJSON *labels, const char *selector);
bool selector_fits(const cJSON *match_labels, const cJSON *labels);
const char *stamp_of(struct world *, int64_t ms);	/* "2026-11-21T14:20:00Z" */
/* Letters as Kubernetes uses them for generated names, the same for the same bytes. */
const char *short_hash(struct arena *, const char *bytes, size_t letters);

#define each_object(world, object) cJSON_ArrayForEach(object, (world)->objects)

#endif

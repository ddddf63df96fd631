/*
 * kubectl.h - the simulated kubectl, between its files.
 *
 * Texts and exit statuses are those of kubectl 1.35 (recorded in tests/fakes/answers, and in
 * tests/unit/cluster.c where they matter).
 */
#ifndef CLUSTER_KUBECTL_H
#define CLUSTER_KUBECTL_H

#include "arguments.h"
#include "controllers.h"

struct kubectl {
	struct tool *tool;
	struct world world;
	struct arguments arguments;
	const char *namespace;
};

struct reference {		/* "deployment/web" */
	const struct kind *kind;
	const char *name;	/* NULL: all of the kind */
};

/* Each fills tool->errors and returns 1. */
int kubectl_error(struct kubectl *, const char *format, ...) _printf_(2, 3);	/* "error: …" */
int kubectl_server_error(struct kubectl *, const char *reason, const char *format, ...)
    _printf_(3, 4);					/* "Error from server (reason): …" */
int kubectl_not_found(struct kubectl *, const struct reference *);
void kubectl_say(struct kubectl *, const char *format, ...) _printf_(2, 3);

/* Reads the reference at *next of the positional ones and moves on: "kind/name" or "kind name". */
bool kubectl_reference(struct kubectl *, struct reference *, size_t *next);
/* The one object that a change is about; NULL: the error was said. */
cJSON *kubectl_object(struct kubectl *, struct reference *, size_t *next, const char *verb);
const char *kubectl_resource(struct kubectl *, const struct reference *);	/* "deployment.apps/web" */
cJSON *kubectl_template(cJSON *workload);
/* Is the account allowed?  By the cluster's "deny": ["patch deployments chatops", …]. */
bool kubectl_may(struct kubectl *, const char *verb, const struct kind *);

typedef int kubectl_verb(struct kubectl *);
kubectl_verb kubectl_get, kubectl_scale, kubectl_set, kubectl_annotate, kubectl_delete,
    kubectl_auth, kubectl_version, kubectl_logs, kubectl_top, kubectl_describe, kubectl_rollout;
kubectl_verb rollout_history, rollout_status, rollout_undo, rollout_pause, rollout_resume,
    rollout_restart;

/* ReplicaSet or ControllerRevision with that number; NULL: none. */
cJSON *history_find(struct kubectl *, const cJSON *workload, int64_t number);
int64_t history_number(const cJSON *revision);
cJSON *history_template(cJSON *revision);

/* The Secret in which helm keeps a revision, without its content; a new version with each change of it. */
cJSON *release_record(struct world *, const cJSON *release);
/* "NAME:.metadata.name,…" of these objects, as custom-columns shows them. */
void kubectl_columns(struct kubectl *, const char *columns, cJSON *const *objects, size_t count);

void json_pretty(struct text *, const cJSON *);		/* four blanks a level, sorted */

#endif

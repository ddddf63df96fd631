/*
 * controllers.h - what the cluster does by itself, by the clock.
 *
 * A rolling update goes as the real one does, surge and all, but quickly: a new pod is ready after less
 * than a second.  The image decides: "slow" takes 3 s, "crash" runs and is never ready, "nopull" stays
 * pending.  A deleted pod is gone at once.
 */
#ifndef CLUSTER_CONTROLLERS_H
#define CLUSTER_CONTROLLERS_H

#include "world.h"

/* Brings the cluster from where it stands to `until`, event after event; world->now is there then. */
void controllers_run(struct world *, int64_t until);
/* When something happens next by itself; −1: nothing. */
int64_t controllers_next(struct world *);

/* ---- parts of it ---- */
void deployment_reconcile(struct world *, cJSON *);
void statefulset_reconcile(struct world *, cJSON *);
void daemonset_reconcile(struct world *, cJSON *);
/* The ControllerRevision of the present template, made or numbered anew when needed. */
cJSON *controller_revision(struct world *, cJSON *workload);
const char *revision_hash(const cJSON *controller_revision);

cJSON *pod_add(struct world *, cJSON *owner, const char *name, const cJSON *template);
bool pod_ready(const cJSON *);
bool pod_advance(struct world *, cJSON *);	/* its moment has come; false: nothing changed */
int64_t pod_next(const cJSON *);		/* when it changes; −1 never */
bool template_equal(const cJSON *a, const cJSON *b);	/* but for the hash label */

/* Conditions by type: sets status, reason, message; lastTransitionTime when the status changes. */
void condition_set(struct world *, cJSON *object, const char *type, const char *status,
    const char *reason, const char *message);
const cJSON *condition_find(const cJSON *object, const char *type);

#endif

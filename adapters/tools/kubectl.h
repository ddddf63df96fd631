/*
 * kubectl.h - the vocabulary of kubectl: its words, its drivers, its judges, its argument vectors.
 *
 * Commands and the driver of Helm releases use it to ask the cluster about workloads.  The vectors
 * live in the plan's arena; each fits a word of kubectl_words.  Which cluster is meant stands in
 * the environment of the child (KUBECONFIG, a file of one context), never in a vector.
 *
 * Facts that the drivers ask for, all JSON but the last two:
 *	identity		the namespace kube-system, whose uid names the cluster
 *	deployment …		the workload itself, with its managed fields
 *	replicasets, controllerrevisions, pods
 *	autoscalers, budgets, services, canaries, rollouts	what surrounds it
 *	configmaps		those that the revision to go back to uses
 *	references		the names of everything it uses that is there
 *	may			"yes" or "no": may our account change the workload
 */
#ifndef TOOLS_KUBECTL_H
#define TOOLS_KUBECTL_H

#include "driver.h"
#include "job.h"
#include "words.h"

extern const struct word kubectl_words[];
extern const struct judge kubectl_judges[];
extern const struct tool kubectl_tool;
extern const struct driver driver_deployment, driver_statefulset, driver_daemonset;

/* How long a read may take, and how often a wait reads. */
#define KUBECTL_READ SECONDS(15)
#define KUBECTL_CHANGE SECONDS(45)
#define KUBECTL_EVERY SECONDS(2)

char **kubectl_get(struct plan *, const char *namespace, const char *object);
/* Those of several objects that are there: only their names (the one way to ask for a Secret), or all. */
char **kubectl_names(struct plan *, const char *namespace, const char *const *objects, size_t count);
char **kubectl_get_several(struct plan *, const char *namespace, const char *const *objects,
    size_t count);
char **kubectl_list(struct plan *, const char *namespace, const char *kind, const char *labels);
char **kubectl_service_get(struct plan *, const char *namespace, const char *service /* [https:]name */,
    const char *port, const char *path);
char **kubectl_identity(struct plan *);
char **kubectl_can_i(struct plan *, const char *namespace, const char *verb, const char *object);
char **kubectl_rollout_status(struct plan *, const char *namespace, const char *object,
    int64_t revision /* 0: the latest */, int64_t timeout /* ms */);
char **kubectl_undo(struct plan *, const char *namespace, const char *object, int64_t revision);
/* cause may hold {operation} and {reason}, which the engine fills in when the step runs. */
char **kubectl_annotate(struct plan *, const char *namespace, const char *object, const char *cause);
char **kubectl_rollout(struct plan *, const char *namespace, const char *verb, const char *object);
char **kubectl_scale(struct plan *, const char *namespace, const char *object, int from, int to);
char **kubectl_set_image(struct plan *, const char *namespace, const char *object,
    const char *container, const char *image);
char **kubectl_delete_pod(struct plan *, const char *namespace, const char *pod);

#endif

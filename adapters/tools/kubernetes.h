/*
 * kubernetes.h - what the objects of a cluster say, whoever asked for them.
 *
 * Pure readers of JSON as the API server gives it (apps/v1, v1); shared by the drivers of workloads
 * and of releases.  Objects are borrowed; strings that come out are cleaned (foreign_line) and live
 * in the arena.
 *
 * The *pin* of a revision is the digest of its pod template without what a controller or a restart
 * adds: the labels pod-template-hash and controller-revision-hash, creationTimestamp, and the
 * annotation restartedAt (KC19: a restart makes a new revision of the same content).  Two templates are
 * the *same* when they are equal without what controllers add, restartedAt included: that tells which of
 * two revisions with one pin is live.
 */
#ifndef TOOLS_KUBERNETES_H
#define TOOLS_KUBERNETES_H

#include "driver.h"

/* KUBECONFIG for a cluster, for every tool that speaks to it: struct tool's environment (job.h). */
bool kubeconfig_environment(struct arena *, const struct cluster *, const char *folder,
    void (*add)(void *, const char *), void *arg, struct error *);

/* What a pod of a StatefulSet or DaemonSet says of which revision it is. */
#define REVISION_HASH "controller-revision-hash"
#define RESTARTED_AT "kubectl.kubernetes.io/restartedAt"

void template_pin(const cJSON *template, char hex[DIGEST_HEX]);
bool template_same(const cJSON *, const cJSON *);
/* The container that gives a workload its version: the one named like it, else the first. */
const cJSON *template_container(const cJSON *template, const char *workload);
const char *template_image(struct arena *, const cJSON *template, const char *workload);
/* Of "host/path:v1.2.3@sha256:…" the tag; without one the beginning of the digest; NULL: neither. */
const char *image_version(struct arena *, const char *image);

/* Answers of `get`: one object, or a List of them.  An absent answer has no items. */
size_t items_count(const cJSON *answer);
const cJSON *items_at(const cJSON *answer, size_t i);
/* Its metadata.<which> (labels, annotations) by a key that may hold dots; NULL without. */
const char *metadata_of(const cJSON *object, const char *which, const char *key);
/* Is the object controlled by the one with this uid? */
bool owned_by(const cJSON *object, const char *uid);
/* "a=b,c!=d,e in (f,g)" of spec.selector; NULL when it cannot be said so (then ask for all). */
const char *selector_of(struct arena *, const cJSON *object);
/* Does a map of labels ask for nothing that `labels` has not?  An empty one selects nothing here. */
bool labels_select(const cJSON *wanted, const cJSON *labels);

/* ---- workloads ----------------------------------------------------------------------------- */

struct workload {
	const cJSON *object, *template;
	const char *kind;		/* "Deployment" */
	const char *name, *uid;
	int64_t generation, observed;
	int64_t revision;		/* of a Deployment, 0: not written yet */
	int wanted, replicas, updated, ready, available;
	int partition;			/* of a StatefulSet */
	int kept;			/* its revisionHistoryLimit (KC8) */
	const char *current, *update;	/* of a StatefulSet: names of its revisions; else NULL */
	bool paused, on_delete;
	bool deadline_passed, settled;	/* settled: its controller says that the last rollout was completed */
	bool deadline_before;		/* the deadline that its controller says has passed is that of an earlier template */
	int64_t progressed;		/* last progress that its controller noted; 0 unknown */
};

bool workload_read(struct arena *, struct workload *, const cJSON *object, struct error *);
/* Is its rollout over?  The predicate of `rollout status`; *note says where it stands. */
bool workload_done(struct arena *, const struct workload *, const char **note);
/* Is it changing over to another template?  Pods that fail after a rollout are no rollout. */
bool workload_in_progress(const struct workload *);
/* Are the volumes of a StatefulSet deleted with its pods?  when: "whenDeleted", "whenScaled". */
bool volumes_go(const cJSON *object, const char *when);
#define VOLUMES_GO "with each pod that goes, its volumes and what is in them are deleted " \
	"(persistentVolumeClaimRetentionPolicy, whenScaled). Set that to Retain first"
/* The manager that last wrote the template, "kubectl-set at 2026-11-21T14:22:10Z"; NULL unknown. */
const char *workload_writer(struct arena *, const cJSON *object);

/* ---- pods ---------------------------------------------------------------------------------- */

struct pods {
	int count;		/* without those that are ending */
	int ready, restarts, ending;
	int failing;		/* cannot start, or start again and again */
	int other;		/* of another image than expected */
	int64_t waiting;	/* since when the oldest of those that are not ready is there; 0: none */
	const char *trouble;	/* of the first that is not ready: "web-1: CrashLoopBackOff"; NULL */
};

/* Counts the pods that have the label (NULL: all); images: container → image, NULL: any. */
void pods_read(struct arena *, struct pods *, const cJSON *answer, const char *label,
    const char *value, const cJSON *images);
/*
 * The pods for which an ordered StatefulSet waits in vain, lowest number first (KC13): its own, not
 * ready, not ending, and not of the revision `good`, or of the revision `bad` where the good one is
 * not known.
 */
size_t pods_blocking(struct arena *, const cJSON *answer, const struct workload *, const char *good,
    const char *bad, const cJSON *blocking[], size_t most);
/* Do the pods below a StatefulSet's partition, which it keeps as they are, run the revision of this hash? */
bool pods_kept_run(const cJSON *answer, const struct workload *, const char *hash);
/* Why the pod is not ready; NULL: it is. */
const char *pod_trouble(struct arena *, const cJSON *pod, bool *failing);

/* ---- owners (rollback-semantics 2.4) --------------------------------------------------------- */

struct owner {
	const char *code;		/* "owner.argocd" */
	const char *name;		/* "Argo CD application web" */
	const char *text;		/* what it would do, and the right way */
	enum remark_level level;
};
#define OWNERS 8
/* What could not be read of what surrounds a target ("canaries", "services" …): a remark to check, unless
 * the cluster does not know the kind at all, so that there can be none. */
void unseen_remark(struct plan *, const struct facts *, const char *name);
/* The same of its autoscalers and, where they matter, its budgets: one note, with the rights that are missing. */
void unseen_note(struct plan *, const struct facts *, const char *namespace, bool budgets);
/* canaries, rollouts: answers of lists, or NULL.  Returns how many there are. */
size_t owners_read(struct arena *, struct owner owner[OWNERS], const cJSON *object,
    const cJSON *canaries, const cJSON *rollouts);

/* ---- what a template needs ------------------------------------------------------------------- */

struct reference {
	const char *kind, *name;	/* "configmap", "secret", "serviceaccount", "persistentvolumeclaim" */
	bool optional;
};
struct references {
	struct reference *item;
	size_t count, size;
};
void references_read(struct arena *, struct references *, const cJSON *template);
/* Is "kind/name" one of the lines of an answer that lists names? */
bool names_have(const char *lines, const char *kind, const char *name);

/* ---- powers (CH2): fields that let pods do more on their node or in the cluster ----------------- */

bool powers_has(const char *within, const char *field);	/* within: what the field stands in, or "" */
bool powers_given(const cJSON *value);			/* not absent, empty or false */
/* The first that `to` has anywhere inside, and `from` has not at the same place; NULL: none. */
const char *powers_inside(const char *within, const cJSON *from, const cJSON *to);

/* ---- answers (F2) ---------------------------------------------------------------------------- */

/* A step for each HTTP answer that the target's settings want; level warn: its failure is only told. */
void kubernetes_health(struct plan *, const struct target *);
enum verdict kubernetes_judge_answers(struct arena *, const struct reading *, const char *expect,
    const char **note);

/* ---- differences ----------------------------------------------------------------------------- */

/*
 * A line for each value that differs, lists compared by their entries' names.  Values of variables,
 * data and chart's values whose names look secret are hidden, and so is everything inside a Secret
 * but its keys (SE6).  Also remarks what a template may newly do on its node, and another registry
 * (CH2).  Both sides may be of a manifest, whose scalars are all strings: "3" equals 3.  Returns
 * how many lines were added.
 */
size_t differ_templates(struct plan *, const char *object, const cJSON *from, const cJSON *to);
size_t differ_objects(struct plan *, const char *object, const cJSON *from, const cJSON *to);
size_t differ_values(struct plan *, const char *object, const cJSON *from, const cJSON *to);
/* One that is not there yet: its line, and a remark on what its pods may do. */
void differ_created(struct plan *, const char *object, const cJSON *to);

#endif

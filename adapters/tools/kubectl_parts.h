/*
 * kubectl_parts.h - what the drivers of Deployments, StatefulSets and DaemonSets share.
 *
 * Between kubectl_*.c only.
 */
#ifndef TOOLS_KUBECTL_PARTS_H
#define TOOLS_KUBECTL_PARTS_H

#include "kubectl.h"
#include "kubernetes.h"
#include "say.h"

/* ---- kubectl_doctor.c -------------------------------------------------------------------------- */

extern const struct right kubectl_deployment_rights[], kubectl_statefulset_rights[],
    kubectl_daemonset_rights[];
extern const struct tool_questions kubectl_questions;

/* ---- kubectl_read.c: facts ------------------------------------------------------------------- */

/* A fact's answer; failures in words that name the object and the cluster. */
const cJSON *kubectl_answer(const struct facts *, const struct target *, const char *name,
    struct error *);
/* The same for what only surrounds the target: NULL when it could not be read. */
const cJSON *kubectl_surrounding(const struct facts *, const char *name);
bool kubectl_workload(struct arena *, struct workload *, const struct target *, const struct facts *,
    struct error *);
/* Do these words of kubectl say that the cluster could not be asked? */
bool kubectl_lost(const char *errors);
/* Sets plan->identity from the fact "identity". */
bool kubectl_identify(struct plan *, const struct target *, const struct facts *, struct error *);

/* ---- kubectl_look.c: what is asked ----------------------------------------------------------- */

/* Asks for the workload and what surrounds it; w->object is NULL until it is there. */
bool kubectl_look_workload(struct plan *, const struct target *, enum look_for, const struct facts *,
    struct workload *, struct error *);
bool kubectl_look_pods(struct plan *, const struct target *, const struct facts *,
    const struct workload *, struct error *);
/* What the template of the revision to go back to needs. */
void kubectl_look_references(struct plan *, const struct target *, const struct facts *,
    const cJSON *template);

/* ---- kubectl_guard.c ------------------------------------------------------------------------- */

struct guarded {
	const struct target *target;
	const struct facts *facts;
	const struct workload *now;
	const struct revision *to;		/* NULL: no revision is gone back to */
	const cJSON *template;			/* of it */
	int64_t created;			/* when it was made, 0 unknown */
	const char *pods_label, *pods_value;	/* of the pods of the newest revision; NULL: all */
};
bool kubectl_guard(struct plan *, const struct guarded *, struct error *);
/* Only who owns it and whether we may. */
bool kubectl_guard_owner(struct plan *, const struct guarded *, struct error *);
/* A rollout that runs, or is stuck. */
void kubectl_guard_progress(struct plan *, const struct guarded *);
bool kubectl_autoscaled(const struct facts *, const struct workload *, const cJSON **scaler);

/* ---- kubectl_state.c: the same for all kinds ------------------------------------------------- */

bool kubectl_state(struct arena *, struct state *, const struct target *, const struct facts *,
    struct error *);

/* ---- kubectl_history.c ----------------------------------------------------------------------- */

/* Fills what every revision has from its template and its object's metadata. */
void kubectl_revision(struct arena *, struct revision *, const struct workload *, const cJSON *object,
    const cJSON *template);
void kubectl_history_sort(struct history *);
/* Says why there are no old ones, where none are kept (KC8). */
void kubectl_history_nothing(struct arena *, struct history *, const struct target *);

/* ---- kubectl_revisions.c: StatefulSets and DaemonSets ---------------------------------------- */

bool kubectl_revisions_look(struct plan *, const struct target *, enum look_for, const struct facts *,
    const struct revision *to, struct error *);
bool kubectl_revisions_read(struct arena *, struct history *, const struct target *,
    const struct facts *, struct error *);
bool kubectl_revisions_guard(struct plan *, const struct target *, const struct facts *,
    const struct revision *to, struct error *);
bool kubectl_revisions_differ(struct plan *, const struct target *, const struct facts *,
    const struct revision *to, struct error *);
/* between: steps that are needed once its controller works on the new template; NULL: none. */
bool kubectl_revisions_change(struct plan *, const struct target *, const struct facts *,
    const struct revision *to,
    void (*between)(struct plan *, const struct target *, const struct facts *, const struct workload *,
    const char *hash), struct error *);

/* ---- kubectl_steps.c: what is done ----------------------------------------------------------- */

void kubectl_lock(struct plan *, const struct target *, const struct workload *);
/* plan->saved: template, replicas, pin (decision C3). */
void kubectl_save(struct plan *, const struct target *, const struct workload *);
/* A read with a judge, for a step that changes something: PROBE. */
struct step *kubectl_probe(struct plan *, const struct target *, const char *judge, const char *expect);
void kubectl_step_undo(struct plan *, const struct target *, const struct revision *to);
void kubectl_step_cause(struct plan *, const struct target *, const char *old_cause);
/* Waits until the controller works on the template with this pin; number: what it will be called. */
void kubectl_step_taken_up(struct plan *, const struct target *, const char *pin, int64_t number);
void kubectl_step_rollout(struct plan *, const struct target *, int64_t number);
void kubectl_step_delete_pod(struct plan *, const struct target *, const cJSON *pod,
    const char *title);
/* Every pod is ready and of the template's images (NULL: of any); least: how many at least, 0: any number. */
void kubectl_step_pods(struct plan *, const struct target *, const struct workload *,
    const cJSON *template, int least, int64_t limit);
/* The same of the one pod that comes instead of this one, by its name or on its node. */
void kubectl_step_pod(struct plan *, const struct target *, const struct workload *,
    const cJSON *template, const cJSON *pod);
/* Reads back: the workload, its pods, the endpoints of its services. */
void kubectl_step_readback(struct plan *, const struct target *, const struct facts *,
    const struct workload *, const cJSON *template, const char *pin);

/* ---- kubectl_rollout.c: pause, resume, restart, scale, pin, pod ------------------------------ */

bool kubectl_pause(struct plan *, const struct target *, const struct facts *, struct error *);
bool kubectl_resume(struct plan *, const struct target *, const struct facts *, struct error *);
bool kubectl_restart(struct plan *, const struct target *, const struct facts *, struct error *);
bool kubectl_scale_to(struct plan *, const struct target *, const struct facts *, const char *amount,
    struct error *);
bool kubectl_pin(struct plan *, const struct target *, const struct facts *, const char *image,
    struct error *);
bool kubectl_pod(struct plan *, const struct target *, const struct facts *, const char *pod,
    struct error *);

#endif

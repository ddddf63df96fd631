/*
 * helm_parts.h - what the files of the release driver share.
 *
 * Between helm_*.c only.
 */
#ifndef TOOLS_HELM_PARTS_H
#define TOOLS_HELM_PARTS_H

#include "helm.h"
#include "kubernetes.h"
#include "say.h"

#define HELM_READ SECONDS(20)
#define HELM_EVERY SECONDS(2)
/* So many revisions, the newest, are asked for: as many as Helm tells at all (HM19). */
#define HELM_HISTORY 256
/* Of how many revisions, newest first, the manifests are looked at: what history is kept by default. */
#define HELM_MANIFESTS 10

/* ---- helm_doctor.c --------------------------------------------------------------------------- */

extern const struct right helm_rights[];
extern const struct tool_questions helm_questions;

/* ---- helm_words.c: vectors ------------------------------------------------------------------- */

char **helm_history(struct plan *, const struct target *);
char **helm_get(struct plan *, const struct target *, const char *what, int64_t revision);
char **helm_version(struct plan *);
/* Without hooks where the plan says so. */
char **helm_rollback(struct plan *, const struct target *, int64_t revision, int64_t keep,
    bool force_conflicts);
/* Vectors of the tool that reads objects; its words are registered by its own adapter. */
char **helm_objects(struct plan *, const struct target *, const char *const *objects, size_t count,
    bool names);
char **helm_list(struct plan *, const struct target *, const char *kind, const char *labels);
/* Which objects hold its revisions, and which versions of them; kind: of helm_record_kind. */
char **helm_records(struct plan *, const struct target *, const char *kind);

/* ---- helm_read.c: facts ---------------------------------------------------------------------- */

const cJSON *helm_answer(const struct facts *, const struct target *, const char *name, struct error *);
const char *helm_answer_text(const struct facts *, const struct target *, const char *name,
    struct error *);
const cJSON *helm_surrounding(const struct facts *, const char *name);
const char *helm_fact(struct arena *, const char *what, int64_t revision);	/* "manifest-5" */
/* What Helm keeps releases in: "secrets", "configmaps"; NULL: nothing that is in the cluster (HM20). */
const char *helm_record_kind(const struct target *);
int helm_major(const struct facts *);	/* 3 when it could not be read */
void helm_pin(const char *manifest, char hex[DIGEST_HEX]);
int64_t helm_number(const cJSON *entry);	/* of an entry of the history; 0: it has none that can be */
/* The last revision, which a rollback takes as the present one; NULL: there is no history. */
const cJSON *helm_last(const cJSON *history);

/* ---- helm_manifest.c: objects ---------------------------------------------------------------- */

struct object {
	const cJSON *json;
	const char *kind, *name, *namespace, *version;	/* cleaned; version: apiVersion */
	const char *label;				/* "ConfigMap web" */
	bool workload;					/* Deployment, StatefulSet, DaemonSet */
	bool kept;					/* resource-policy: keep */
};
struct manifest {
	cJSON *documents;		/* owned */
	struct object *item;
	size_t count, size;
};
/* namespace: of the release, for objects that name none. */
bool manifest_read(struct arena *, struct manifest *, const char *yaml, const char *namespace,
    struct error *);
void manifest_clear(struct manifest *);
const struct object *manifest_find(const struct manifest *, const struct object *like);
/* "deployment/web": as it is asked for; only for workloads. */
const char *workload_object(struct arena *, const struct object *);

/* Both ends of the way back. */
struct way {
	struct manifest now, to;
	int64_t last;			/* number of the present revision */
	size_t kept;			/* revisions in the history */
	const char *hooks;		/* of the revision to go back to, YAML; "" none, NULL not read */
};
/* Fails closed when the revision is gone or its manifest is not the pinned one (CH1). */
bool way_read(struct arena *, struct way *, const struct target *, const struct facts *,
    const struct revision *to, struct error *);
void way_clear(struct way *);

/* ---- helm_guard.c, helm_differ.c, helm_conflicts.c, helm_hooks.c, helm_steps.c --------------- */

bool helm_guard(struct plan *, const struct target *, const struct facts *, const struct revision *to,
    struct error *);
bool helm_differ(struct plan *, const struct target *, const struct facts *, const struct revision *to,
    struct error *);
bool helm_change(struct plan *, const struct target *, const struct facts *, const struct revision *to,
    struct error *);
/* Objects with fields that another manager owns and that would change; a remark for each, if wanted. */
size_t helm_conflicts(struct plan *, const struct way *, const struct facts *,
    const struct revision *to, bool remark);
/* Is it of a kind, or in a namespace, that a rollback must not write (CH1)? */
bool helm_gives_power(const struct object *, const struct target *);
/* What is run at the way back, Jobs of the release before and after it: a remark for each, or one that says
 * what is left out.  False: one of them is what no rollback of ours may write (CH1). */
bool helm_hooks(struct plan *, const struct way *, const struct target *, const struct facts *,
    struct error *);

/* ---- helm_references.c: what its pods need ----------------------------------------------------- */

#define HELM_REFERENCES 60	/* in one read */
#define HELM_REFERENCE_READS 4
struct needed {
	const char **item;	/* "secret/db", each once; not what the release makes itself */
	size_t count, size;
};
void helm_needed(struct plan *, struct needed *, const struct manifest *);
/* The fact that tells of the needed one at this place: "references", "references-2" … */
const char *helm_references(struct arena *, size_t at);

/* ---- helm_rolls.c: how its pods will change -------------------------------------------------- */

struct rolls {
	bool changes;		/* its template does */
	bool on_delete;		/* its pods change when somebody deletes them */
	int partition;		/* of a StatefulSet: so many pods keep what they run */
	int wanted;		/* pods; 0: there will be none */
};
struct rolls helm_rolls(struct arena *, const struct way *, const struct facts *, const struct object *);
/* Which pods will not change, and whether there will be any. */
void helm_remark_rolls(struct plan *, const struct target *, const struct way *, const struct facts *);
/* Sets plan->unproven where pods will go on running something else. */
void helm_unproven(struct plan *, const struct object *, const struct rolls *);

/* ---- helm_pending.c: the state of the last revision ------------------------------------------ */

bool helm_guard_pending(struct plan *, const struct target *, const struct facts *, const cJSON *last,
    struct error *);
void helm_remark_failed(struct plan *, const cJSON *last);
bool helm_is_pending(const char *status);

/* ---- helm_look.c: what is asked, round by round ------------------------------------------------- */

bool helm_look(struct plan *, const struct target *, enum look_for, const struct facts *,
    const struct revision *to, struct error *);
/* Is it a revision that somebody may want to go back to? */
bool helm_worth_a_look(const cJSON *entry);

#endif

/*
 * driver.h - how one kind of target is looked at and taken back (decision W1).
 *
 * A driver is one constant in adapters/tools: "deployment", "statefulset", "daemonset", "helm" …  Commands
 * call it and know no tool.  All functions are pure: they read facts and fill a plan.  NULL = "not for
 * this driver"; the command refuses with a sentence.
 *
 * Looking is repeated: `look` adds the reads that are still missing to plan->reads and returns true; with
 * nothing added, everything asked for is there.  False: what is there already says no (err).
 */
#ifndef BOT_DRIVER_H
#define BOT_DRIVER_H

#include "configuration.h"
#include "facts.h"
#include "plan.h"

/* A target in one cluster: what plans and drivers work on. */
struct target {
	const struct target_setting *setting;
	const struct driver *driver;
	const struct cluster *cluster;
	const struct environment *environment;
	const char *name;	/* of the workload or release in this cluster */
	const char *object;	/* "deployment/chatops-gateway"; a release: its name */
	const char *namespace;
	int64_t timeout;	/* ms for a rollout */
};

struct revision {
	int64_t number;
	const char *version;	/* of the image's tag or the chart's app, without a leading "v" lost */
	const char *chart;	/* of a release: its chart's version, where it differs from the app's; NULL */
	const char *image;	/* of the main container, or chart name-version */
	int64_t when;
	const char *who, *why;	/* change cause, description; cleaned */
	const char *status;	/* the tool's own word, NULL where there is none */
	const char *pin;	/* content: never a number */
	const char *hash;	/* the cluster's own name of that content, as its pods carry it; NULL */
	const char *earlier;	/* numbers that it had before it was put back, "1,5"; NULL */
	int64_t verified;	/* wall ms of our own record, 0 never (filled in by the engine) */
	const char *left;	/* id of the operation that rolled away from it, NULL none */
	bool now;		/* what the cluster is asked to run */
	bool failed;		/* the tool says that it failed */
	int ready, wanted;	/* pods of it, −1 unknown */
};

struct history {		/* ascending by number */
	struct revision *item;
	size_t count, size;
	const struct revision *now;	/* NULL: cannot tell */
	int kept;			/* how many old ones are kept beside it (KC8); −1: not known */
	const char *nothing;		/* why there can be none to go back to, and the way out; NULL */
};

/* Our own record of revisions, given to history_judge: see store.h. */
struct revision_record {
	const char *pin;
	int64_t verified;
	const char *left;
};

const struct revision *history_find(const struct history *, int64_t number);
/* The one that had this number before it was put back under a new one (KC2); NULL: none that is known. */
const struct revision *history_renumbered(const struct history *, int64_t number);
/* "3 to 7", "2, 5 and 9": for refusals. */
const char *history_print(struct arena *, const struct history *);

enum look_for {
	LOOK_HISTORY,	/* for lists */
	LOOK_CHOICE,	/* the same before a change, whose last look is short: with what vouches for the rest */
	LOOK_STATE,	/* is it healthy, paused, in progress, pending, owned */
	LOOK_CHANGE,	/* everything that the difference and the guards of one revision need; without a
			 * revision: the state, and whether we may change it */
};

/* Is it about more than the revisions? */
static inline bool
look_is_wide(enum look_for what)
{
	return what == LOOK_STATE || what == LOOK_CHANGE;
}

struct state {		/* of a target now, by reading its objects */
	bool paused, in_progress, pending, deadline_passed;
	int wanted, updated, ready, available;	/* pods; −1 unknown */
	bool autoscaled;
	const char *owner;	/* "argocd app web", "helm release x"; NULL: nobody known */
	const char *summary;	/* one line for people */
};

/* What our account must be allowed in a target's namespace. */
struct right {
	const char *verb;	/* NULL ends a table */
	const char *group;	/* of the API, "" the core */
	const char *resource;	/* "deployments" */
	const char *object;	/* "deployment": it is about the target itself, by its name; NULL: the kind */
	const char *subresource;	/* NULL */
	const char *purpose;	/* "to take it back" */
};

struct driver {
	const char *name;	/* as in targets.X.driver */
	const char *tool;	/* "kubectl", "helm": must be configured */
	const char *noun;	/* "deployment", "release" */
	const struct right *rights;	/* for the doctor */
	bool hooks;		/* it runs hooks, which plan->without_hooks leaves out */

	/* The values of Secrets that a fact holds: they join the operation's mask.  NULL: none ever do. */
	void (*secrets)(const struct fact *, void (*add)(void *, const char *, size_t), void *arg);

	bool (*look)(struct plan *, const struct target *, enum look_for, const struct facts *,
	    const struct revision *to, struct error *);
	bool (*read)(struct arena *, struct history *, const struct target *, const struct facts *,
	    struct error *);
	bool (*state)(struct arena *, struct state *, const struct target *, const struct facts *,
	    struct error *);

	/* Refusals with the fix (paused, pending, gone image …) and remarks; false = refuse. */
	bool (*guard)(struct plan *, const struct target *, const struct facts *,
	    const struct revision *to, struct error *);
	/* plan_difference for each line; sets plan->unchanged when there is none.  Secrets masked. */
	bool (*differ)(struct plan *, const struct target *, const struct facts *,
	    const struct revision *to, struct error *);
	/* The steps: the change itself, the waiting, the reading back.  Locks are added here. */
	bool (*change)(struct plan *, const struct target *, const struct facts *,
	    const struct revision *to, struct error *);

	/* /rollout pause, resume, restart, scale, pin: steps with wait and read-back. */
	bool (*pause)(struct plan *, const struct target *, const struct facts *, struct error *);
	bool (*resume)(struct plan *, const struct target *, const struct facts *, struct error *);
	bool (*restart)(struct plan *, const struct target *, const struct facts *, struct error *);
	bool (*scale)(struct plan *, const struct target *, const struct facts *, const char *amount,
	    struct error *);	/* "5", "+2", "-1" */
	bool (*pin)(struct plan *, const struct target *, const struct facts *, const char *image,
	    struct error *);	/* "repository:tag" or "container=repository:tag" */
	bool (*pod)(struct plan *, const struct target *, const struct facts *, const char *pod,
	    struct error *);	/* restart one of its pods, by name */
};

/* drivers_register once at start; ends with NULL. */
void drivers_register(const struct driver *const *table);
const struct driver *driver_find(const char *name);

#endif

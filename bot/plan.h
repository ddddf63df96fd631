/*
 * plan.h - an operation as a list of typed steps that exists before anything happens.
 *
 * Commands fill a plan from facts, purely: no clock, no random, no path of a temporary file.  The engine
 * shows it, has it approved by its hash, walks it, stores it expanded, and finishes it after a restart,
 * also with a later binary (canonical JSON, "format": 1; decision E6).
 *
 * Everything in a plan lives in the plan's arena.  Strings that people wrote or tools printed are put in
 * only after fold_* or foreign_text.
 *
 * Three lists: `steps` in order; `undo` when one of them fails and the plan says how; `always` at the end.
 * While looking, `reads` collects what is still to be asked (one round, side by side).
 */
#ifndef BOT_PLAN_H
#define BOT_PLAN_H

#include "base/arena.h"
#include "base/digest.h"
#include "base/error.h"
#include "base/json.h"

/* Zero is the careful answer everywhere: a forgotten field is safe. */
enum effect { CHANGES, READS, DESTROYS };
enum resume { ASK, PROBE, RERUN };
enum cancel { FINISH, TERM, INT };

/* The kinds of steps; plan_kind_name gives their names in stored plans. */
enum step_kind {
	STEP_RUN,	/* run a tool once; judge (if any) reads its output; without one exit 0 is done */
	STEP_UNTIL,	/* read again every `every` ms until the judge says HOLDS, or FAILS, or the limit */
	STEP_CHECK,	/* read once; the judge decides */
	STEP_SAVE,	/* put plan.saved into the store */
	STEP_WAIT,	/* let `limit` pass */
};
const char *plan_kind_name(enum step_kind);

enum step_state {
	STEP_NEXT, STEP_RUNNING, STEP_DONE, STEP_FAILED, STEP_SKIPPED, STEP_STOPPED, STEP_UNKNOWN
};

/*
 * A judge reads what a tool printed and compares with what the plan expects.  Pure; found by its
 * registered name, which is what stored plans hold.  note: one line for the card ("2 of 3 pods ready"),
 * always set; it is foreign text that was cleaned.
 */
enum verdict {
	NOT_YET,	/* the next reading may differ */
	HOLDS,
	FAILS,		/* waiting longer is useless */
	UNSEEN,		/* the tool could not tell: cluster away, output unreadable */
	UNCHANGED,	/* the tool says that there was nothing to do (KC4) */
	BEGAN,		/* a probe's: the step began, left something behind, and will not end well */
};

/* What a judge counts beside its verdict, summed up over several readings. */
struct findings {
	int pods, restarts;
	bool others;		/* what stands there was put there by somebody else */
};

struct reading {	/* what a judge is given */
	int exit;
	const char *out;
	size_t length;
	const char *errors;
	struct findings *found;	/* filled by the judges that count; NULL: nobody asks */
};
void reading_of_others(const struct reading *);	/* a judge's: what was read is somebody else's */

struct judge {
	const char *name;	/* "kubectl.template_is" */
	enum verdict (*judge)(struct arena *, const struct reading *, const char *expect,
	    const char **note);
};
void judges_register(const struct judge *table);	/* ends with name NULL */
const struct judge *judge_find(const char *name);

struct step {
	enum step_kind kind;
	const char *title;	/* for people: "Put revision 5 back" */
	const char *name;	/* of the fact, for reads while looking */
	char **argv;		/* ends with NULL; argv[0] is the logical tool */
	const char *judge;	/* registered name, NULL: exit status 0 */
	const char *expect;	/* for the judge: a pin, a JSON object of pins … */
	int64_t limit;		/* ms; > 0 */
	int64_t every;		/* ms between readings of STEP_UNTIL */
	enum effect effect;
	enum resume resume;
	enum cancel cancel;
	/* For PROBE: a read with judge and expect; HOLDS = the step was done.  Of STEP_UNTIL: looked at
	 * after each NOT_YET; FAILS = waiting longer is useless, its note says why. */
	struct step *probe;
	bool tail;		/* its output lines stand on the card while it runs */
	bool advisory;		/* a failure is told, and the plan goes on */
	bool lasting;		/* a read of what only surrounds the target, and holds no Secret: a last look
				 * within 5 minutes does not repeat it */
	const char *under;	/* of a read: another one's name, asked in an earlier round.  While that one's answer
				 * is the same, this one's cannot have changed; NULL: nothing vouches for it */

	/* The walk's part: not in the hash. */
	enum step_state state;
	int64_t started, ended;	/* wall ms */
	int exit;
	const char *note;
	bool behind;		/* it failed and left something behind */
	int64_t restarts;	/* of the pods that it looked at, the last time it did */
	int64_t gone;		/* of one that left something behind: wall ms at which its tool had ended; 0: not known */
};

struct steps {
	struct step *item;
	size_t count, size;
};

/* What people are told beside the steps.  `code` is in the hash, the text is not. */
enum remark_level { REMARK_NOTE, REMARK_CHECK, REMARK_STOP };
struct remark {
	enum remark_level level;
	const char *code;	/* "owner.argocd", "replicas.autoscaler" */
	const char *text;
};

/* One line of the difference; deletions sort first. */
enum change { CHANGE_DELETE, CHANGE_CREATE, CHANGE_MODIFY };
struct difference {
	enum change change;
	const char *object;	/* "Deployment chatops-gateway" */
	const char *field;	/* "image gateway", NULL for the object itself */
	const char *from, *to;	/* cleaned and masked; NULL where there is none */
};

struct version {		/* one end of the way, as people know it */
	int64_t number;		/* revision */
	const char *version;	/* "1.2.3", NULL unknown */
	const char *image;
	const char *pin;	/* its content: template hash, digest of the manifest */
	int64_t since, verified;
	const char *who, *why;
};

struct plan {
	struct arena *arena;
	const char *kind;	/* command: "rollback", "rollout.scale" */
	const char *requester;	/* principal: "T0TEAM/U0ANN", "local:root" */
	const char *title;	/* "Roll back chatops-gateway" */
	const char *target, *driver, *cluster, *environment, *namespace, *object;
	const char *product;	/* for the notification */
	const char *identity;	/* uid of kube-system */
	struct version from, to;
	const char *skipped;	/* "revision 6, which failed"; NULL */
	struct steps reads, steps, undo, always;
	struct { struct remark *item; size_t count, size; } remarks;
	struct { struct difference *item; size_t count, size; } differences;
	struct { const char **item; size_t count, size; } locks;
	struct { const char **item; size_t count, size; } also;	/* "deployment/chatops-engine" */
	const char *saved;	/* JSON for STEP_SAVE: template, replicas, pins (C3) */
	const char *unchanged;	/* set: there is nothing to do, and this sentence says why */
	const char *answer;	/* set: a read-only command's answer, marked text; no steps */
	const char *tell;	/* registered name of the notification, NULL: none */
	/* What the tool runs beside the objects: asked to leave it out (by the command, before the driver's
	 * guard), and how often one runs (by the guard; what cannot be seen counts as one). */
	bool without_hooks;
	size_t hooks;
	const char *unproven;	/* why an end as planned shows no pod that runs it: then it is not verified; NULL */
	const char *way_out;	/* where it stops half way, one line: what may be said next; NULL: nothing */
	int64_t estimate;	/* ms: what the same command took here the last time it was verified; 0 unknown */
};

struct plan *plan_new(void);
void plan_free(struct plan *);
void plan_freep(struct plan **);

/* Each copies the step (and its probe) into the list and returns it there, valid until the next one is
 * added.  Strings are not copied: they must live in the plan's arena or for ever.  A second read of the
 * same name gives the first. */
struct step *plan_step_add(struct plan *, struct steps *, const struct step *);
#define plan_look(plan, ...)                                                                       \
	plan_step_add((plan), &(plan)->reads,                                                      \
	    &(struct step){ .kind = STEP_RUN, .effect = READS, .resume = RERUN, __VA_ARGS__ })
#define plan_run(plan, ...)                                                                        \
	plan_step_add((plan), &(plan)->steps, &(struct step){ .kind = STEP_RUN, __VA_ARGS__ })
#define plan_until(plan, ...)                                                                      \
	plan_step_add((plan), &(plan)->steps, &(struct step){ .kind = STEP_UNTIL, .effect = READS, \
	    .resume = RERUN, .cancel = TERM, __VA_ARGS__ })
#define plan_check(plan, ...)                                                                      \
	plan_step_add((plan), &(plan)->steps, &(struct step){ .kind = STEP_CHECK, .effect = READS, \
	    .resume = RERUN, .cancel = TERM, __VA_ARGS__ })

void plan_remark(struct plan *, enum remark_level, const char *code, const char *format, ...)
    _printf_(4, 5);
void plan_remark_drop(struct plan *, const char *code);
void plan_difference(struct plan *, enum change, const char *object, const char *field,
    const char *from, const char *to);	/* copies */
void plan_lock(struct plan *, const char *key);	/* copies; once */
bool plan_changes(const struct plan *);		/* has a step that runs something and is not READS */
enum remark_level plan_worst(const struct plan *);	/* REMARK_NOTE when there is none */

/* An argument vector in the arena, the arguments copied; they end with NULL.  plan_arg formats one. */
char **plan_argv(struct plan *, const char *tool, ...) __attribute__((sentinel));
char *plan_arg(struct plan *, const char *format, ...) _printf_(2, 3);

/*
 * SHA-256 over, in this order: kind, requester, target, cluster identity, pin of from, pin of to, every
 * step's kind, argv, effect, resume, cancel, limit, judge, expect, advisory and probe, the remarks' codes.
 * (advisory: whether a failure stops the plan is part of what people said yes to.)
 */
void plan_hash(const struct plan *, char hex[DIGEST_HEX]);

/* Canonical JSON of everything, the walk's part included; and back.  Reading fails on another format
 * number, unknown kinds or judges, on argv that fits no word, on a step that says READS with a word that
 * changes something, and on missing limits, judges and probes: a stored plan is not trusted. */
void plan_print(const struct plan *, struct text *);
struct plan *plan_read(const char *json, size_t length, struct error *);
/* P6: false, naming both formats, of a plan that a newer rollcall wrote. */
bool plan_is_known(const char *json, size_t length, struct error *);
/* What `plans` tests compare and `dry-run` shows: a few readable lines, the same for the same plan. */
void plan_describe(const struct plan *, struct text *);

#endif

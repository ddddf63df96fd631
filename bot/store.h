/*
 * store.h - what survives: inbox, operations, steps, approvals, locks, outbox, revisions, audit.
 *
 * bot/store.c owns one thread, a queue and group commit; an adapter (adapters/stores) offers blocking verbs
 * with typed structs and is the only place with SQL.  Work is a function that runs on the store's thread
 * inside one transaction of its own (a savepoint in the group): it calls verbs, decides by what they
 * return, and returns true to keep or false (err filled) to undo *its* changes.  Every decision is made by
 * the transaction that records it (decision S2): dedupe and locks are INSERTs with a conflict, approvals are
 * counted where they are inserted.  done() comes on the loop after the group's COMMIT (synchronous=FULL),
 * in slices of at most 64 or 1 ms (loop.md 3), exactly once, also when the commit failed.
 *
 * A job and everything it points at belong to the store from store_start until done().
 *
 *	struct accept { struct store_job job; struct inbox_row row; … };
 *	static bool accept_work(struct store_job *job, const struct store_verbs *v, void *db, struct error *e)
 *	{ struct accept *a = CONTAINER(job, struct accept, job); return v->inbox_add(db, &a->row, e); }
 *
 * Strings in structs that verbs *read into* are allocated in the arena given.  Stamps are wall ms.
 */
#ifndef BOT_STORE_H
#define BOT_STORE_H

#include "base/arena.h"
#include "base/error.h"
#include "base/text.h"
#include "loop.h"

struct store_verbs;
struct store_job;

struct store_job {
	bool (*work)(struct store_job *, const struct store_verbs *, void *db, struct error *);
	void (*done)(struct store_job *);
	struct error error;		/* kind ERROR_NONE: committed */
	struct store_job *next;		/* private */
	void *private_data;
};
#define CONTAINER(pointer, type, member) ((type *)(void *)((char *)(pointer) - offsetof(type, member)))

struct inbox_row {
	int64_t id;			/* out */
	const char *team, *key;		/* UNIQUE together */
	const char *door;		/* door_name */
	const char *person, *channel, *thread, *message, *text, *action, *argument, *values;
	int64_t stamp, received;
	const char *state;		/* "new", "done" */
	bool duplicate;			/* out: was there already; nothing was changed */
};

struct operation_row {
	const char *id;			/* "R-142"; in for all but operation_add, which gives it (arena) */
	const char *kind;		/* "rollback" */
	const char *state, *outcome, *verdict;	/* names of operation.h */
	int64_t inbox;
	const char *requester, *door, *team, *channel, *thread, *card;	/* card: ts of the card */
	const char *request, *plan, *hash, *nonce, *reason;
	int drawing, row;
	int64_t created, updated, expires;
	const char *owner;
	int64_t fence;
};

struct step_row {
	const char *operation, *list;	/* "steps", "undo", "always" */
	int position;
	const char *state, *note;
	int64_t started, ended;
	int exit;
	int64_t pid, pid_start;		/* of a child that outlives us */
	const char *spool;		/* its folder; NULL none */
};

struct approval_row {
	const char *operation, *hash, *person;
	bool yes;
	const char *reason, *door;
	int64_t stamp;
	bool duplicate;			/* out */
};

struct lock_row {
	const char *key, *operation, *person;
	int64_t since;
	bool taken;			/* out: false = somebody else's, and the fields above say whose */
};

struct outbox_row {
	int64_t id;			/* out */
	const char *key;		/* UNIQUE; adding one that is there replaces the payload while queued */
	const char *operation;
	const char *chat;		/* "slack", "console" */
	const char *kind;		/* "new", "update", "ephemeral", "file" … */
	int class;			/* 0 … 3 (decision S5) */
	const char *conversation;	/* order is kept inside one: "R-142" or "C…/ts" */
	const char *channel, *thread, *person;
	const char *payload;		/* message_print, or of a file: JSON with its path */
	const char *state;		/* "queued", "sending", "sent", "failed" */
	const char *ts, *why;
	int attempts;
	int64_t created, next, sent;
};

struct revision_row {
	const char *cluster, *namespace, *object, *pin;	/* UNIQUE together */
	int64_t number, seen, verified;
	const char *version, *image, *left;	/* left: id of the operation that rolled away */
	const char *operation;
};

struct audit_row {
	int64_t number;			/* out: 1, 2, 3 … without gaps */
	int64_t stamp;
	const char *kind;		/* "request", "refused", "approved", "step", "end", "drift", "reload" … */
	const char *operation, *actor, *door, *channel, *text, *rule, *detail;	/* detail: canonical JSON */
	const char *previous, *digest;	/* out: the chain (AU1): SHA-256 over length-prefixed fields */
};

struct store_verbs {
	const char *name;		/* "sqlite" */
	/* location: a path.  Creates folder modes and file modes of ST1, runs migrations, refuses a newer
	 * store naming both versions (P6). */
	void *(*open)(const char *location, struct error *);
	void (*close)(void *db);
	bool (*begin)(void *db, struct error *);
	bool (*commit)(void *db, struct error *);
	bool (*savepoint)(void *db, struct error *);
	bool (*keep)(void *db, struct error *);		/* release the savepoint */
	bool (*undo)(void *db, struct error *);		/* roll back to it and release it */

	bool (*inbox_add)(void *, struct inbox_row *, struct error *);
	bool (*inbox_done)(void *, int64_t id, const char *operation, struct error *);
	bool (*inbox_open)(void *, struct arena *, struct inbox_row **, size_t *count, struct error *);
	bool (*inbox_forget)(void *, int64_t before, struct error *);	/* keys older than 7 days */

	bool (*operation_add)(void *, struct arena *, struct operation_row *, struct error *);
	bool (*operation_save)(void *, const struct operation_row *, struct error *);	/* by id: all fields */
	bool (*operation_find)(void *, struct arena *, const char *id, struct operation_row *, bool *there,
	    struct error *);
	bool (*operation_list)(void *, struct arena *, bool only_open, size_t most,
	    struct operation_row **, size_t *count, struct error *);	/* newest first */

	bool (*step_save)(void *, const struct step_row *, struct error *);	/* insert or replace */
	bool (*step_list)(void *, struct arena *, const char *operation, struct step_row **, size_t *count,
	    struct error *);

	bool (*approval_add)(void *, struct approval_row *, struct error *);	/* UNIQUE (operation, hash, person) */
	bool (*approval_list)(void *, struct arena *, const char *operation, const char *hash,
	    struct approval_row **, size_t *count, struct error *);
	bool (*approval_void)(void *, const char *operation, struct error *);

	bool (*lock_take)(void *, struct arena *, struct lock_row *, struct error *);
	bool (*lock_release)(void *, const char *operation, struct error *);
	bool (*lock_list)(void *, struct arena *, struct lock_row **, size_t *count, struct error *);

	bool (*outbox_add)(void *, struct outbox_row *, struct error *);
	bool (*outbox_save)(void *, const struct outbox_row *, struct error *);	/* state, ts, attempts, next, why */
	bool (*outbox_open)(void *, struct arena *, struct outbox_row **, size_t *count, struct error *);
	bool (*outbox_find)(void *, struct arena *, const char *key, struct outbox_row *, bool *there,
	    struct error *);

	bool (*revision_save)(void *, const struct revision_row *, struct error *);	/* upsert; 0/NULL keep */
	bool (*revision_list)(void *, struct arena *, const char *cluster, const char *namespace,
	    const char *object, struct revision_row **, size_t *count, struct error *);

	bool (*audit_add)(void *, struct audit_row *, struct error *);
	bool (*audit_verify)(void *, int64_t *records, struct error *);	/* first bad one in the error */
	bool (*audit_list)(void *, struct arena *, const char *operation, size_t most, struct audit_row **,
	    size_t *count, struct error *);

	/* Small values by name: pinned team id, resolved names, the brake, the node's own name. */
	bool (*note_set)(void *, const char *name, const char *value, struct error *);	/* NULL deletes */
	bool (*note_get)(void *, struct arena *, const char *name, const char **value, struct error *);

	bool (*backup)(void *, const char *path, struct error *);
	bool (*check)(void *, struct error *);		/* integrity_check */
};

struct store;
/* Opens on the store's thread; opened() on the loop, with the error or none.  Jobs given before that
 * wait. */
struct store *store_new(struct loop *, const struct store_verbs *, const char *location,
    void (*opened)(void *arg, const struct error *), void *arg);
void store_start(struct store *, struct store_job *);
/* Finishes the queue, closes, joins the thread; closed() on the loop, then free. */
void store_close(struct store *, void (*closed)(void *arg), void *arg);
void store_free(struct store *);
size_t store_waiting(const struct store *);

extern const struct store_verbs store_sqlite;	/* adapters/stores/sqlite.c; named only in main.c */

#endif

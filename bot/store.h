/*
 * store.h - what survives: inbox, operations, steps, approvals, locks, outbox, revisions, audit.
 *
 * bot/store.c owns one thread, a queue and group commit; an adapter (adapters/stores) offers
 * blocking verbs with typed structs and is the only place with SQL.  Work is a function that runs
 * on the store's thread inside one transaction of its own (a savepoint in the group): it calls
 * verbs, decides by what they return, and returns true to keep or false (err filled) to undo *its*
 * changes.  Every decision is made by the transaction that records it (decision S2): dedupe and
 * locks are INSERTs with a conflict, approvals are counted where they are inserted.  done() comes
 * on the loop after the group's COMMIT (synchronous=FULL), in slices of at most 64 or 1 ms
 * (loop.md 3), exactly once, also when the commit failed.
 *
 * A group is what was given while the one before it was being written.  Whose work fails loses only
 * its own changes; when BEGIN or COMMIT fails, or the database gave the transaction up in the
 * middle (a full disk), every job of the group gets that error and nothing of the group is kept.
 *
 * What takes long (backup, check, audit_verify) is given with `alone`: its work runs between the
 * groups, outside any transaction, and asks with `again` to be called once more after the next
 * group.  Closing does not wait for it: it gets CANCELLED.
 *
 * What must be known before anything goes on (what was open before a restart) is asked again by store_again.
 *
 * A job and everything it points at belong to the store from store_start until done().  Its memory
 * may be freed or started again in done().
 *
 *	struct accept { struct store_job job; struct inbox_row row; … };
 *
 *	static bool
 *	accept_work(struct store_job *job, const struct store_verbs *v, void *db, struct error *err)
 *	{
 *		struct accept *accept = CONTAINER(job, struct accept, job);
 *
 *		return v->inbox_add(db, &accept->row, err);
 *	}
 *
 * Strings in structs that verbs *read into* are allocated in the arena given.  Stamps are wall ms.
 * A record is at most 16 MiB.
 *
 * Errors of verbs are one sentence with the way out: FAILED (disk full, disk broken, damaged,
 * read-only), LATE (another program holds the store), REFUSED (modes, newer store, lost fence),
 * BROKEN (our bug).
 *
 * Fences (ST3): a row that names an owner carries its fencing number; a save with a smaller number
 * than the row's is REFUSED, because another replica took the row over meanwhile.
 */
#ifndef BOT_STORE_H
#define BOT_STORE_H

#include "base/arena.h"
#include "base/digest.h"
#include "base/error.h"
#include "base/text.h"
#include "loop.h"

struct store_verbs;
struct store_job;

struct store_job {
	bool (*work)(struct store_job *, const struct store_verbs *, void *db, struct error *);
	void (*done)(struct store_job *);
	bool alone;			/* between the groups, outside any transaction */
	bool again;			/* set by such a work: there is more to do */
	struct error error;		/* out: kind ERROR_NONE: committed */
	struct store_job *next;		/* private */
};
#define CONTAINER(pointer, type, member)                                                           \
	((type *)(void *)((char *)(pointer) - offsetof(type, member)))

struct inbox_row {
	int64_t id;			/* out; never comes again, but numbers may be left out */
	const char *team, *key;		/* UNIQUE together */
	const char *door;		/* door_name */
	const char *person, *channel, *thread, *message, *text, *action, *argument, *values;
	int64_t stamp, received;
	const char *state;		/* "new", "done"; NULL when added is "new" */
	const char *owner;
	int64_t fence;
	bool duplicate;			/* out: it was there under `id`; nothing was changed */
};

struct operation_row {
	const char *id;			/* "R-142"; operation_add gives it (arena) */
	const char *kind;		/* "rollback" */
	const char *state, *outcome, *verdict;	/* names of operation.h */
	int64_t inbox;
	const char *requester, *door, *team, *channel, *thread;
	const char *card;		/* ts of the card */
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
	bool duplicate;			/* out: this person has spoken on this hash already */
};

struct lock_row {
	const char *key, *operation, *person;
	int64_t since;
	bool taken;			/* out: or somebody else's, and the fields say whose */
};

struct outbox_row {
	int64_t id;			/* out */
	const char *key;		/* UNIQUE; see outbox_add */
	const char *operation;
	const char *chat;		/* "slack", "console" */
	const char *kind;		/* "new", "update", "ephemeral", "file" … */
	int class;			/* 0 … 3 (decision S5) */
	const char *conversation;	/* order is kept inside one: "R-142" or "C…/ts" */
	const char *channel, *thread, *person;
	const char *payload;		/* message_print, or of a file: JSON with its path */
	const char *state;		/* "queued", "sending", "sent", "failed"; NULL: queued */
	const char *ts, *why;
	int attempts;
	int64_t created, next, sent;
	const char *owner;
	int64_t fence;
	bool duplicate;			/* out: see outbox_add */
};

#define REVISION_UNVERIFIED (-1)
struct revision_row {
	const char *cluster, *namespace, *object, *pin;	/* UNIQUE together */
	int64_t number, seen;
	int64_t verified;		/* 0: never, and when saved: as it was; REVISION_UNVERIFIED takes it back */
	const char *version, *image;
	const char *left;		/* id of the operation that rolled away from it */
	const char *operation;
};

struct audit_row {
	int64_t number;			/* out: 1, 2, 3 … without gaps */
	int64_t stamp;
	const char *kind;		/* "request", "refused", "approved", "step", "end" … */
	const char *operation, *actor, *door, *channel, *text, *rule;
	const char *detail;		/* canonical JSON */
	/* out: the chain (AU1): SHA-256 over length-prefixed fields, the previous one among them */
	char previous[DIGEST_HEX], digest[DIGEST_HEX];
};

struct store_verbs {
	const char *name;		/* "sqlite" */

	/* location: a path.  Makes and checks folder and files (ST1), runs migrations, refuses a
	 * newer store naming both versions (P6). */
	void *(*open)(const char *location, struct error *);
	void (*close)(void *db);
	bool (*begin)(void *db, struct error *);
	/* On failure nothing is kept, and no transaction is open. */
	bool (*commit)(void *db, struct error *);
	/* Gives the transaction up; safe when there is none. */
	void (*rollback)(void *db);
	bool (*savepoint)(void *db, struct error *);
	/* Release the savepoint. */
	bool (*keep)(void *db, struct error *);
	/* Roll back to it and release it.  False: the whole transaction is lost. */
	bool (*undo)(void *db, struct error *);

	bool (*inbox_add)(void *, struct inbox_row *, struct error *);
	bool (*inbox_done)(void *, int64_t id, const char *operation, struct error *);
	bool (*inbox_open)(void *, struct arena *, struct inbox_row **, size_t *count,
	    struct error *);
	/* Done ones that were received before (7 days); one that is new is owed an answer. */
	bool (*inbox_forget)(void *, int64_t before, struct error *);

	bool (*operation_add)(void *, struct arena *, struct operation_row *, struct error *);
	/* By id: all fields; fenced. */
	bool (*operation_save)(void *, const struct operation_row *, struct error *);
	bool (*operation_find)(void *, struct arena *, const char *id, struct operation_row *,
	    bool *there, struct error *);
	/* Newest first; open: not "ended". */
	bool (*operation_list)(void *, struct arena *, bool only_open, size_t most,
	    struct operation_row **, size_t *count, struct error *);

	/* Insert or replace. */
	bool (*step_save)(void *, const struct step_row *, struct error *);
	/* steps, undo, always; each by position. */
	bool (*step_list)(void *, struct arena *, const char *operation, struct step_row **,
	    size_t *count, struct error *);

	/* The first word of a person on a hash counts; UNIQUE (operation, hash, person). */
	bool (*approval_add)(void *, struct approval_row *, struct error *);
	bool (*approval_list)(void *, struct arena *, const char *operation, const char *hash,
	    struct approval_row **, size_t *count, struct error *);
	/* Kept as a record, but listed no more; the same person may approve the same hash again. */
	bool (*approval_void)(void *, const char *operation, struct error *);

	/* Taking what the same operation holds already is taken, and keeps its `since`. */
	bool (*lock_take)(void *, struct arena *, struct lock_row *, struct error *);
	bool (*lock_release)(void *, const char *operation, struct error *);
	/* Oldest first. */
	bool (*lock_list)(void *, struct arena *, struct lock_row **, size_t *count,
	    struct error *);

	/* A key that is there and queued takes the new payload; its place, kind and next attempt
	 * stay, and the more urgent class of the two wins.  One that is no longer queued is left
	 * as it is: duplicate. */
	bool (*outbox_add)(void *, struct outbox_row *, struct error *);
	/* By id: state, ts, why, attempts, next, sent, owner, fence; fenced. */
	bool (*outbox_save)(void *, const struct outbox_row *, struct error *);
	/* Queued and sending, in the order in which they were added. */
	bool (*outbox_open)(void *, struct arena *, struct outbox_row **, size_t *count,
	    struct error *);
	/* Sent, with that word beside it; the newest 100, newest first. */
	bool (*outbox_doubted)(void *, struct arena *, const char *why, struct outbox_row **, size_t *count,
	    struct error *);
	bool (*outbox_find)(void *, struct arena *, const char *key, struct outbox_row *,
	    bool *there, struct error *);
	/* Sent and failed ones that were created before. */
	bool (*outbox_forget)(void *, int64_t before, struct error *);

	/* Insert, or change what is said: 0 and NULL keep; left "" takes it back. */
	bool (*revision_save)(void *, const struct revision_row *, struct error *);
	/* Highest number first. */
	bool (*revision_list)(void *, struct arena *, const char *cluster, const char *namespace,
	    const char *object, struct revision_row **, size_t *count, struct error *);

	bool (*audit_add)(void *, struct audit_row *, struct error *);
	/* A slice from record *records + 1 on (start with 0); *more: call again.  The first bad one
	 * is in the error.  Finds change, gap, reorder, cut in the middle, and an end that was cut
	 * off without putting the remembered head right (against more than that: anchors, AU2). */
	bool (*audit_verify)(void *, int64_t *records, bool *more, struct error *);
	/* The newest `most`, oldest first; operation NULL: of all. */
	bool (*audit_list)(void *, struct arena *, const char *operation, size_t most,
	    struct audit_row **, size_t *count, struct error *);

	/* Small values by name: pinned team id, resolved names, the brake, the node's own name.
	 * NULL deletes; NULL: not set. */
	bool (*note_set)(void *, const char *name, const char *value, struct error *);
	bool (*note_get)(void *, struct arena *, const char *name, const char **value,
	    struct error *);

	/* One slice of a copy into a new file (0600); *more: call again.  Work between two slices
	 * is in the copy.  `path` appears when the copy is whole; after an error nothing of it is
	 * left.  Outside of transactions only. */
	bool (*backup)(void *, const char *path, bool *more, struct error *);
	/* The whole file; the thread does nothing else meanwhile (about 1 s for 80 MB). */
	bool (*check)(void *, struct error *);
};

struct store;
/* Opens on the store's thread; opened() on the loop, with the error or none, before any done().
 * Jobs given before that wait; when it cannot be opened they get the same error. */
struct store *store_new(struct loop *, const struct store_verbs *, const char *location,
    void (*opened)(void *arg, const struct error *), void *arg);
void store_start(struct store *, struct store_job *);
/* In done(), of a job that may be done twice: another program held the store just then, or its disk failed.
 * Then it is started again in a second, which is logged, and true comes back; done() is called once more.  False:
 * it was committed, or waiting does not help. */
bool store_again(struct store *, struct store_job *);
/* Finishes the queue, closes, joins the thread; closed() on the loop, then free.  Jobs started
 * after store_close get CANCELLED. */
void store_close(struct store *, void (*closed)(void *arg), void *arg);
void store_free(struct store *);	/* in or after closed(); accepts NULL */
size_t store_waiting(const struct store *);	/* jobs between store_start and done() */

extern const struct store_verbs store_sqlite;	/* adapters/stores/sqlite.c; named only in main.c */

#endif

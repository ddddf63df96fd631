/*
 * operation_move.h - one committed move of an operation; for operation_*.c only.
 *
 * Filled on the loop, carried out on the store's thread in one transaction, judged on the loop again.  The
 * operation is `settling` from move_new until settled().  Everything in it lives in its arena; strings of
 * the operation may be borrowed, since nothing of it changes while it settles.
 */
#ifndef BOT_OPERATION_MOVE_H
#define BOT_OPERATION_MOVE_H

#include "operation.h"

#define NAME_HOLE "{operation}"	/* in letters of an operation that has no id yet */

struct move {
	struct store_job job;
	struct arena *arena;
	struct operation *operation;
	void (*settled)(struct operation *, struct move *, bool ok);

	bool add;			/* the row is new: it gets its id here */
	struct operation_row row;
	int64_t inbox_done;		/* row to close, 0 none */
	struct step_row *step;		/* NULL none */
	struct approval_row *approval;
	bool void_approvals;
	struct { struct lock_row *item; size_t count, size; } locks;	/* to take */
	bool release_locks;
	struct audit_row audit;		/* kind NULL: none */
	struct letter *letters, **last_letter;	/* handed over when it is committed */
	struct { struct revision_row *item; size_t count, size; } revisions;
	const char *left;		/* JSON: what it left behind half done; NULL nothing */
	struct hearer *hearers;		/* of what is recorded with it */
	int64_t took;			/* ms, of a verified end: what the next one is expected to take; 0 none */

	const struct lock_row *holder;	/* out: the lock that somebody else holds */
	bool duplicate_approval;	/* out */
};

/* With the operation's row as it stands now; the caller changes what moves. */
struct move *move_new(struct operation *,
    void (*settled)(struct operation *, struct move *, bool ok));
void move_letter(struct move *, const struct outbox_row *, const struct message *);
void move_audit(struct move *, const char *kind, const char *actor, const char *text);
void move_step(struct move *, const struct step *, const char *list, size_t position);
void move_start(struct move *);

/* The letters to who follows: all when it ended, who waits for the lock when only that was given back. */
void operation_tell_followers(struct move *, bool ended, const char *why);
void followers_print(const struct operation *, cJSON *request);
void followers_read(struct operation *, const cJSON *request);
/* Under this name the store notes how long the same command last took here (and was verified). */
const char *operation_took_name(struct arena *, const struct plan *);
/* And under this one what was left behind half done there, the last time (operation_look.c says how). */
const char *operation_left_name(struct arena *, const struct plan *);
/* The channel in which its card stands, or will. */
const char *operation_place(const struct operation *);
/* operation_end.c: the card as it stands now, for good: it is committed with the move. */
void move_card(struct move *, const char *key);
/* Its question in the chat, if it has one there: the letter of it, and of a drawing that is kept. */
void operation_question_letter(struct move *);
void operation_question_card_again(struct move *, const char *key);
/* What it went back to got worse while it was watched: it does not count as verified any more. */
void operation_unverify(struct move *);
/* operation_tell.c: letters to the target's channels, in this move. */
void operation_tell_decision(struct move *);
void operation_tell_end(struct move *);
void operation_tell_failure(struct move *, const char *why);
void operation_tell_channels(struct move *, const char *kind, struct message *);	/* but for its card's */

const char *operation_list_name(const struct operation *);
/* "Stopped by ann", "Why: exit status 1"; NULL: there is nothing to say. */
const char *operation_why(const struct operation *, struct arena *);
/* Puts what the store knows of a step into its plan; one that the plan does not have is ignored. */
void step_restore(struct plan *, const struct step_row *);

#endif

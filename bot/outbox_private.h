/*
 * outbox_private.h - what the outbox's files share: the queue's items and the budgets.
 *
 * outbox.c keeps the queue and says what may go next; outbox_send.c sends one item and judges what became of
 * it; outbox_budget.c counts; outbox_letter.c makes letters.
 */
#ifndef BOT_OUTBOX_PRIVATE_H
#define BOT_OUTBOX_PRIVATE_H

#include "outbox.h"
#include "outbox_twin.h"

#define LOOK_AFTER SECONDS(3)	/* for what may have been sent */

struct bucket {			/* tokens of one kind in one channel; "" is all channels */
	char *name;
	double tokens, most, per_ms;
	int64_t filled, held_until;
};

enum phase {
	WAITING, SAVING, SENDING, LOOKING,
	HELD,		/* of before a restart: until its operation is there again */
};

struct item {
	struct item *next;
	struct outbox *outbox;
	struct letter *letter;
	enum phase phase;
	bool progress, maybe_sent;
	bool uncertain;		/* an answer was lost: it may stand twice */
	bool blind;		/* and it cannot be looked for: it says "(again)" */
	int looks;		/* in vain */
	const char *thread;	/* as it was posted: resolved */
	bool kept;		/* its row is in the store */
	uint64_t conversation;	/* hash of the letter's, to compare first */
	size_t bucket;		/* index + 1; 0: not looked up yet */
	int64_t not_before;	/* monotonic */
	struct store_job job;
	int64_t asked;		/* wall time of the first try */
	bool channel_asked;	/* what its channel is was looked up for this try */
};

struct outbox {
	struct bot *bot;
	struct item *first, **last;
	size_t count;
	struct {
		struct bucket *item;
		size_t count, size;
	} buckets;
	struct timer timer;
	bool soon;		/* one that was given up may have stood in the way of others */
	struct twins *twins;
};

/* outbox.c */
void outbox_run(struct outbox *);	/* sends what may be sent now, and sets the timer for the rest */
void outbox_run_soon(struct outbox *);	/* the same in a later turn */
void item_remove(struct item *);	/* out of the queue */
void item_free(struct item *);

/* outbox_budget.c */
struct bucket *item_bucket(struct item *);
/* Milliseconds until one may be sent with this reserve left; 0: now. */
int64_t bucket_wait(struct outbox *, struct bucket *, double reserve);

/* outbox_send.c */
void item_send(struct item *);		/* its phase moves on; it may be gone afterwards */
void item_give_up(struct item *, const char *sentence);	/* it is gone afterwards */
bool item_is_late(const struct item *);

/* outbox_letter.c */
bool letter_is_update(const struct letter *);
bool letter_is_card(const struct letter *);	/* of an operation, where it is posted */
bool letter_is_question(const struct letter *);	/* the same of its question in the chat */

#endif

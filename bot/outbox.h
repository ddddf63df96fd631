/*
 * outbox.h - the only way back to people: budgeted, ordered, durable, once.
 *
 * A letter is an outbox row and its message.  The transaction that records an event adds the rows of its
 * letters (letter_add on the store's thread); after the commit outbox_post hands them over.  Classes (S5):
 * 0 questions, ends, failures; 1 notifications; 2 thread and files; 3 progress, which is not stored and of
 * which only the newest waits.  Order is kept inside one conversation.
 *
 * Budgets: chat posts 1/s with a burst of 3 for each channel; updates 40 a minute, of which a part is kept
 * for class 0.  A "later" of the peer holds that kind and channel.  Once (S6): queued → sending → sent;
 * what a crash or a lost answer left in sending is looked for by its key before it is posted again.
 * Retries: classes 0 and 1 for 24 h, class 2 for 30 min, class 3 never.
 */
#ifndef BOT_OUTBOX_H
#define BOT_OUTBOX_H

#include "bot.h"

/* Of a row that was sent: why its message may stand twice (S6). */
#define OUTBOX_TWICE "may stand twice"

struct letter {
	struct outbox_row row;
	struct arena *arena;
	struct message *message;	/* NULL for files */
	struct letter *next;		/* free for the owner until it is posted */
};

struct outbox *outbox_new(struct bot *);
void outbox_free(struct outbox *);

/* Copies everything.  kind NULL: "new". */
struct letter *letter_new(const struct outbox_row *, const struct message *);
/* The same for outbox_post_once: nothing is printed for the store. */
struct letter *letter_once(const struct outbox_row *, const struct message *);
void letter_free(struct letter *);
void letters_free(struct letter *list);
/* On the store's thread, for a list of letters. */
bool letters_add(struct letter *list, const struct store_verbs *, void *db, struct error *);
/* On the loop, after the commit; owns the list. */
void outbox_post(struct outbox *, struct letter *list);
/* The same for one that was not committed: told like the others, but a restart loses it. */
void outbox_post_once(struct outbox *, struct letter *);
/* After a restart: what was queued or sending; held until the operations are there again, in whose threads
 * it belongs. */
void outbox_load(struct outbox *);
void outbox_release(struct outbox *);

/* Progress: replaces what waits for the same message; dropped when it cannot be sent soon. */
void outbox_progress(struct outbox *, const char *conversation, const char *chat, const char *channel, const char *ts,
    const char *operation, const struct message *);
bool outbox_has(const struct outbox *, const char *operation);	/* letters not yet sent or failed */
size_t outbox_waiting(const struct outbox *);

#endif

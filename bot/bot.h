/*
 * bot.h - what one running rollcall is made of; main.c puts it together.
 */
#ifndef BOT_BOT_H
#define BOT_BOT_H

#include "chat.h"
#include "configuration.h"
#include "http.h"
#include "job.h"
#include "loop.h"
#include "store.h"

struct outbox;
struct directory;
struct operation;
struct review;
struct ahead;
struct look;
struct seal;

struct entrance {			/* one open way in */
	const struct chat *chat;
	void *link;
	bool ready, stopped;
	char sentence[256];
};

/* How many commands somebody gave in this minute, and how much came from them at all; two people may share a slot,
 * to the harm of neither. */
struct pace {
	char person[96];
	int64_t minute;
	int count, all;
};

#define STORE_IS_DEAF "my own store does not take anything at the moment"

/*
 * Whoever waits until what they said is recorded (S2).  heard() comes once, on the loop, after the commit or its
 * refusal, and never before the call that took the hearer has returned; the memory is borrowed until then.
 */
struct hearer {
	void (*heard)(struct hearer *, const struct error *why);	/* ERROR_NONE: it is recorded */
	bool waits;			/* out: it is under way, and heard() will come */
	struct hearer *next;		/* private */
};
void hearer_wait(struct hearer **list, struct hearer *);	/* NULL: nobody waits */
void hearers_tell(struct hearer **list, const struct error *why);	/* empties it */

struct bot {
	struct loop *loop;
	struct configuration *configuration;
	struct store *store;
	struct jobs *jobs;
	struct http *http;
	struct outbox *outbox;
	struct directory *directory;
	struct chat_host host;
	struct entrance doors[4];
	size_t door_count;
	struct operation *operations;
	struct review *reviews;		/* open questions whose people are looked up after a reload */
	int thoughts;			/* in the pool (thought.h) */
	struct ahead *aheads;		/* readings under way that a later step may use */
	struct look *looks;		/* at watched operations, under way */
	struct operation *due;		/* and those whose turn comes */
	struct timer look_pace;
	struct timer housekeeping;
	int looked;			/* operations, since memory was given back */
	char *folder;			/* of the state: spools, logs */
	struct seal *seal;		/* of what we draw (ID9) */
	bool leaving;			/* no change is begun any more: it ends soon */
	bool draining;			/* nor the next step of one; leaving is set too */
	bool store_open, loaded, braked;
	int brakes;			/* how often the brake was put on: a later one outlives an earlier "off" */
	bool taken_up;			/* what was open before stands here again, but for what is looked up */
	bool home_closed;		/* what was asked in another home is left to the bot that opens it */
	int hearing;			/* words and clicks that are being kept and judged */
	bool reloading, reload_again;	/* again: a signal came meanwhile */
	bool backing_up;
	bool held;			/* a forged card: no change from the home, see forgery.h */
	int64_t forgery_told;		/* when, monotonic + 1; 0: not yet */
	bool ended;			/* the store is closed: what is told now is heard by nobody */
	int64_t started;
	int64_t first_request;		/* the first inbox row of this run; 0: none yet */
	struct text help;		/* of all commands, once it was asked for, under this configuration: */
	const struct configuration *help_of;	/* held */
	const char *team;		/* pinned; "" until known */
	struct { const char *name; int64_t count; } counters[64];
	size_t counter_count;
	struct pace paces[256];
	const struct chat *const *chats;	/* all that there are; ends with NULL */
	bool (*wants)(const struct configuration *, const struct chat *);	/* is that door configured */
	uint64_t heard[1024];		/* what was answered from memory: hashes of keys, each in its slot */
	void (*asked)(struct bot *, const char *id);	/* the playground's colleague; NULL */
};

struct entrance *bot_door(struct bot *, const struct chat *);
struct entrance *bot_door_named(struct bot *, const char *name);
struct entrance *bot_home(struct bot *);	/* where people are looked up; NULL: the console only */
/* Came it by a door that another bot serves?  Then it stays in the store, untouched. */
bool bot_leaves(const struct bot *, const char *door);
void bot_count(void *bot, const char *counter);	/* literals only */
/* Survives restarts.  On counts at once, off when it is recorded. */
void bot_set_brake(struct bot *, bool on, const char *principal, struct hearer *);

/* inbox.c */
void inbox_arrived(void *bot, struct arrival *);
/* What was committed and not answered before a restart.  The console may be ahead of it: a door that is
 * ready while another still connects is heard at once, and what it brought is no row of before. */
void inbox_load(struct bot *);

/* An answer to whoever wrote, by the best way still open: acknowledgement, response, ephemeral message,
 * thread.  Reads only: at most once (S6). */
void reply_message(struct bot *, struct arrival *, const struct message *);
void reply_text(struct bot *, struct arrival *, const char *marked);
void reply_error(struct bot *, struct arrival *, const struct error *);

#endif

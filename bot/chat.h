/*
 * chat.h - a home for people: Slack, the console, later others.
 *
 * An adapter is one `struct chat` table.  It brings arrivals (request.h) by calling chat_host functions,
 * and carries out what the outbox tells it.  It holds no policy and keeps no state that a restart would
 * miss.  All calls are on the loop.
 */
#ifndef BOT_CHAT_H
#define BOT_CHAT_H

#include "http.h"
#include "message.h"
#include "request.h"

struct chat;

/* The answer to what root or our own account says at the machine itself; ERROR_NONE: it was done. */
typedef void control_done(void *arg, enum error_kind, const char *text);

/* What an adapter may call. */
struct chat_host {
	void *bot;
	struct loop *loop;
	const struct configuration *configuration;
	/* Ownership of the arrival goes to the bot, which calls chat->acknowledge at most once. */
	void (*arrived)(void *bot, struct arrival *);
	/* READY or not, with one sentence for logs and doctor; stop = it will not try again (bad token). */
	void (*state)(void *bot, const struct chat *, bool ready, bool stop, const char *sentence);
	/* Somebody's rights may have changed: forget what is known of them (NULL: of everybody). */
	void (*forget)(void *bot, const char *kind /* "person", "group", "channel" */, const char *id);
	void (*count)(void *bot, const char *counter);	/* "dropped.bot", "redelivered" … */
	/* What root or our own account says at the machine itself ("drain"); argument NULL: none.  done comes
	 * once, perhaps before it returns. */
	void (*control)(void *bot, const char *verb, const char *argument, const char *who, control_done *done,
	    void *arg);
	/* Something that an administrator should hear of: logged, and told in the channel `admins`. */
	void (*warn)(void *bot, const char *sentence);
};

enum delivery {
	SENT,		/* ts is the message's id in its channel */
	LATER,		/* retry_after seconds, this method and channel */
	REFUSED_FOR_GOOD,	/* the sentence says why: not in the channel, too long … */
	UNKNOWN_OUTCOME,	/* sent, no answer: look before posting again (S6) */
	NOT_SENT,	/* no connection: safe to repeat */
};

struct delivered {
	enum delivery outcome;
	const char *channel, *ts;	/* where it stands now; borrowed */
	int retry_after;
	const char *sentence;
};

enum posting { POST_NEW, POST_UPDATE, POST_EPHEMERAL, POST_REPLY_URL, POST_FILE, POST_DELETE, POST_DIALOG };

struct post {
	enum posting kind;
	const char *key;		/* "R-142/card": goes as metadata */
	const char *channel, *thread, *ts, *person, *reply_url, *trigger;
	bool broadcast;
	bool replace;			/* reply_url: replace the original */
	const struct message *message;
	const char *file_name, *file_title;
	const char *bytes;		/* of a file */
	size_t length;
};

/* What is known of a person, group or channel; every field that did not come is the careful one. */
struct person_facts {
	const char *id, *team, *name, *email, *zone, *language;
	bool email_verified;		/* whoever it is has shown that the address is theirs (ID7) */
	bool there;			/* found, active, a full member of our workspace (ID2) */
	const char *why_not;		/* "a guest", "deactivated", "from another workspace", "a bot" */
};
struct channel_facts {
	const char *id, *name;
	bool there, member, shared, archived;
};

struct doctor;

struct chat {
	const char *name;
	/* Asks its peer about everything that the configuration needs there, says what it finds, and calls
	 * doctor_done (doctor.h).  Not for one that was started.  NULL: there is nothing to ask. */
	void (*examine)(struct doctor *);
	/* Budgets: calls a minute for each class of call; 0: none.  "post" is per channel and second. */
	void *(*start)(const struct chat_host *, struct error *);
	void (*stop)(void *);		/* drains: close frames, ≤ 1.5 s; calls host->state(false) when done */
	void (*free)(void *);
	bool (*ready)(void *);
	/* Another configuration counts; the one of before may be gone when it returns, unless it is held.
	 * NULL: nothing of it is kept. */
	void (*reload)(void *, const struct configuration *);

	/* Within 3 s of the arrival.  message NULL: nothing shown.  Uses up arrival->reply. */
	void (*acknowledge)(void *, struct arrival *, const struct message *);

	/* done exactly once, not before deliver returned. */
	void (*deliver)(void *, const struct post *, void (*done)(void *arg, const struct delivered *),
	    void *arg);
	/* Is a message with this key, other than the one at post->ts, in that channel or thread, since that
	 * wall time?  SENT with its ts, REFUSED_FOR_GOOD when it is not there, UNKNOWN_OUTCOME when it cannot be
	 * looked up; with retry_after: not yet. */
	void (*find)(void *, const struct post *, int64_t since,
	    void (*done)(void *arg, const struct delivered *), void *arg);

	/* facts NULL in done: could not be fetched (= no). */
	void (*person)(void *, const char *id, void (*done)(void *, const struct person_facts *), void *);
	void (*group)(void *, const char *id, /* members, ends with NULL */
	    void (*done)(void *, const char *const *), void *);
	void (*channel)(void *, const char *id, void (*done)(void *, const struct channel_facts *), void *);
	/* "@name", "#name", "ann@example.com" to an id; NULL: unknown or ambiguous. */
	void (*resolve)(void *, const char *written, void (*done)(void *, const char *id), void *);

	/* How many people are connected now.  NULL: it is no such home. */
	size_t (*present)(void *);
	/* Is whoever has that channel still there?  NULL: always. */
	bool (*reaches)(void *, const char *channel);

	/* A card that was forged in our name is told to the admins, and changes go on all the same (ID9); NULL
	 * or false: they are held. */
	bool (*tells_forgery)(const struct configuration *);

	const char *(*self)(void *, const char **team);	/* our own user id; NULL before the start ended */
};

#endif

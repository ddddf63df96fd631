/*
 * load.h - a Slack that is only fast: one thread, epoll, frames printed beforehand.
 *
 * The fake Slack of the talks checks and remembers everything, which limits it to about 15,000 exchanges a
 * second.  This one knows what a bot under load needs: apps.connections.open, sockets with hello, ping and
 * close, and an answer to every method.  It notes when an envelope was sent, when its acknowledgement came
 * and when the message in its thread.  An envelope is told by eight digits, which stand in its id and in
 * the ts of its message ("17" + digits + ".000100").
 *
 * Everything happens inside load_until and what calls it; times are nanoseconds of CLOCK_MONOTONIC.
 */
#ifndef BENCH_LOAD_H
#define BENCH_LOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

#define BENCH_TEAM "T0BENCH"
#define BENCH_APP "A0BENCH"
#define BENCH_BOT "U0BOT"
#define BENCH_CHANNEL "C0BENCH"
#define BENCH_PERSON "U0ANN"

struct load;

struct load_counts {
	int64_t sent, acked, posted;
	int64_t done;			/* acknowledged and answered */
	int64_t undelivered;		/* no socket stood when it was to be sent */
	int64_t late;			/* acknowledged more than 1 s after it was sent */
	int64_t repeated;		/* sent a second time: events are, as Slack does it */
	int64_t opened;			/* sockets, since the beginning */
	int64_t calls, connections;	/* HTTP requests; TCP connections */
	int64_t answer_bytes;		/* of the last message that was posted */
	int64_t cards;			/* messages outside of threads */
};

/* folder: where a certificate and its authority's are written for TLS. */
struct load *load_new(bool tls, const char *folder, struct error *);
/* The same over TLS at port 443, the only one at which slack_sdk speaks it; NULL: it cannot be had. */
struct load *load_new_at_443(const char *folder, struct error *);
void load_free(struct load *);
const char *load_url(const struct load *);	/* of the Web API, with a slash at its end */
const char *load_authority(const struct load *);	/* file; NULL: plain */

int64_t load_now(void);
/* Serves until that time, or until `enough` says so (asked after each turn; NULL: never). */
bool load_until(struct load *, int64_t until, bool (*enough)(const struct load *, void *), void *arg);

/* What people type to the bot: a mention, as printed into frames. */
void load_say(struct load *, const char *words);
/* The same as bots get it that listen to messages: Hubot and Errbot know no mentions. */
void load_say_message(struct load *, const char *words);
/* The same as a slash command; its acknowledgement is all that is waited for. */
void load_command(struct load *, const char *command, const char *words);
bool load_send(struct load *);			/* one; false: no socket stands */
/* The first socket that says hello from now on is sent one at once. */
void load_send_at_hello(struct load *);
void load_closed(struct load *, int outstanding, int64_t nanoseconds);	/* as fast as they are answered */
void load_count(struct load *, int outstanding, int64_t many);	/* so many of them */
void load_paced(struct load *, int rate, int64_t nanoseconds);

/* Since the last reset. */
void load_reset(struct load *);
struct load_counts load_counts(const struct load *);
double load_acknowledged(struct load *, double percentile);	/* ms; NaN: none came */
int64_t load_first(const struct load *);	/* when the first acknowledgement came; 0: none did */

/* Sockets. */
int load_standing(const struct load *);		/* that take envelopes */
void load_refresh(struct load *);		/* tells the oldest to go; closes it after 3 s */
void load_stall(struct load *);			/* the oldest: nothing is read or written any more */
int64_t load_noticed(const struct load *);	/* when the stalled one was closed by its owner; 0: not yet */
void load_repeat(struct load *);		/* what was not acknowledged is sent again, marked as a retry */

/* Cards: the last one that was posted or drawn, and the button of that action. */
const char *load_card(const struct load *);
bool load_press(struct load *, const char *action, struct error *);
/* Called for each message that is posted or drawn, its body not terminated. */
void load_on_message(struct load *, void (*)(void *arg, const char *body, size_t length), void *arg);

#endif

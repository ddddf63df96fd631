/*
 * others.h - the bots that rollcall is compared with, and how each is started and spoken to.
 *
 * The folders are those below bench->others, which fetch.sh fills; a bot that it could not fetch is left
 * out.  Each does what the floor does: acknowledge, run as many processes as it is told, post one line.
 */
#ifndef BENCH_OTHERS_H
#define BENCH_OTHERS_H

#include "bench.h"

#define BOTS 7

struct bot {
	const char *name;
	enum program program;
	const char *folder, *run[2];	/* an other's, below bench->others */
	bool hears_messages;		/* and no mentions */
	bool only_443;			/* Slack's client for Python speaks TLS with port 443 alone */
};

enum other_figure { START, IDLE, LOADED, P50, P99, RATE, CPU, CHILDREN, UNHEARD, TOO_LATE, NOTICED, FIGURES };

extern const struct bot bots[BOTS];

bool bot_is_there(const struct bench *, const struct bot *);
/* Started and told what people will say; children: processes of the folder's kubectl for each exchange. */
bool bot_start(const struct bot *, struct subject *, struct bench *, struct load *, const char *folder,
    int children);

/* UNHEARD, TOO_LATE and NOTICED of each. */
bool others_faults(struct bench *, struct figures table[FIGURES][BOTS]);

#endif

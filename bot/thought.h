/*
 * thought.h - what is pure is thought beside the loop where it is much (decision L1).
 *
 * Commands look and plan without clock, chance or state: facts and a request in, a plan out.  Up to
 * THOUGHT_SMALL bytes of facts that happens at once; beyond, in the library's pool, since parsing 4 MiB of
 * JSON would hold up every acknowledgement for 40 ms.  What the facts say of Secrets is read there as well
 * and joins the mask before anything else happens.
 *
 * done() comes once: within thought_start when the facts are small, else from the loop.  Meanwhile nobody
 * else touches facts and plan, and the operation stays.  At the end of the bot, when the loop stands still,
 * thoughts_settle waits for those that run; their done() is told that it has ended.
 */
#ifndef BOT_THOUGHT_H
#define BOT_THOUGHT_H

#include "bot.h"
#include "driver.h"
#include "facts.h"
#include "plan.h"

#define THOUGHT_SMALL KILOBYTES(256)

typedef bool thought_function(struct plan *, const struct request *, const struct facts *, struct error *);

struct thought {
	struct bot *bot;
	thought_function *function;	/* a command's look or plan; NULL: nothing to be done, true */
	struct plan *plan;
	const struct request *request;
	struct facts *facts;
	struct mask_set *mask;		/* for values of Secrets */
	/* ok, or the error; ended: the bot is no more, only memory is to be given back. */
	void (*done)(void *arg, struct plan *, bool ok, const struct error *, bool ended);
	void *arg;
};

void thought_start(const struct thought *);	/* copied */
void thoughts_settle(struct bot *);

/* A fact that has just come: its Secrets join the mask now, or with the thought when it is large. */
void thought_mask(const struct request *, const struct fact *, struct mask_set *);

#endif

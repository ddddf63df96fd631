/*
 * service_private.h - the service and what its files share.
 *
 * service.c puts it together, hears the administrator and the signals, and takes it apart; service_open.c takes up
 * what the store holds; service_end.c ends it: at once, when all is done, or when a console has left.
 */
#ifndef BOT_SERVICE_PRIVATE_H
#define BOT_SERVICE_PRIVATE_H

#include <uv.h>

#include "own_bot.h"
#include "service.h"

struct service {
	struct bot bot;
	const struct service_options *options;
	uv_signal_t terminate, interrupt, hang_up;
	struct timer drain, telling, watchdog;
	int exit, lock;
	bool ending, stopping_doors, closing_store, told_enough;
	struct tie *tie;		/* of a console's own bot */
	struct timer patience;
	bool stands, left;		/* it was told that we stand; it has left */
	bool team_known, asking_team;	/* the store's own and the home's are one (ID2) */
	char *pinned;			/* the workspace of this store; NULL: it has none yet */
};

/* service.c */
void service_not_started(const struct service *, const char *word, const char *why);
/* The service manager: a state (NULL: none), and how the doors stand. */
void service_tell_manager(const struct service *, const char *state);

/* service_open.c */
void service_store_opened(void *service, const struct error *);
/* Once the store is open, the home stands and both are of one workspace: what was open before goes on. */
void service_take_up(struct service *);

/* service_end.c */
void service_end(struct service *, int exit);
void service_doors_stopped(struct service *);	/* one of them did */
void service_drain(struct service *, struct text *answer);
void service_turn(void *service);		/* at the end of each turn */
void service_left(void *service);		/* the console that started us has left */

#endif

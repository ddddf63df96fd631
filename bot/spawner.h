/*
 * spawner.h - posix_spawn on two threads, so that the loop pays 5 µs a child (loop.md 3).
 *
 * uv_spawn forks and waits for the exec: 8 ms at 200 MB.  A request is queued, a thread spawns it and opens
 * its pidfd, spawned() comes on the loop.  The request belongs to the spawner until then.
 */
#ifndef BOT_SPAWNER_H
#define BOT_SPAWNER_H

#include "loop.h"

struct spawn {
	const char *path;
	char *const *argv, *const *environment;
	int out, errors;	/* descriptors that become 1 and 2; −1: /dev/null; closed by the spawner */
	bool own_session;
	void (*spawned)(struct spawn *);

	int pid, pidfd;		/* results; pid −1 and code = errno on failure */
	int code;
	struct spawn *next;	/* private */
};

struct spawner;
struct spawner *spawner_new(struct loop *);
void spawner_free(struct spawner *);	/* joins the threads; what was queued is still spawned */
void spawner_start(struct spawner *, struct spawn *);

#endif

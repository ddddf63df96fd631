/*
 * watch.h - what the looks of an observation window come to (F6).  Pure: no clock, no cluster.
 *
 * After a change was verified it is looked at every WATCH_EVERY until the window ends, and once more then.
 * What may pass by itself (a pod that is not ready) counts as worse when it has held for WATCH_HOLDS; a
 * restart, or something that waiting does not mend, counts at once; something else in its place ends the
 * watch.  A look that failed is not worse: it says nothing, and the look at the end is repeated for
 * WATCH_HOLDS before it is given up.  Stamps are wall ms.
 */
#ifndef BOT_WATCH_H
#define BOT_WATCH_H

#include "plan.h"

#define WATCH_EVERY SECONDS(15)
#define WATCH_HOLDS SECONDS(60)

/* What one reading, or one look of several, shows; the worst of them counts. */
enum sight {
	SIGHT_WELL,
	SIGHT_NOTHING,		/* the cluster could not be read */
	SIGHT_WORSE,		/* may pass by itself */
	SIGHT_BROKEN,		/* does not */
	SIGHT_ANOTHER,		/* what stands there is not what was put there */
};

struct watch {
	int64_t began, until;
	int64_t worse, unseen;	/* since when, with no look that said otherwise; 0: it is not so */
	bool told;		/* people were told that it is worse */
	bool telling;		/* by the move under way, which may fail */
	struct text what;	/* of the last look that saw something; ≤ WATCH_WORDS bytes */
	struct text why;	/* the last one saw nothing; the same */
	const char *came_to;	/* a sentence, when it is over; NULL: it goes on */
};
#define WATCH_WORDS 1000

enum watch_end { WATCH_GOES_ON, WATCH_WELL, WATCH_WORSE, WATCH_UNDONE, WATCH_UNSEEN };
struct watch_said {
	bool tell;		/* in a message of its own, which comes once */
	enum watch_end end;
};

/* The steps of a plan that are looked at: what was read back after the last change, each reading once. */
bool watch_looks_at(const struct plan *, size_t step);
/* restarts: of the step's pods, when it was verified. */
enum sight watch_sight(const struct step *, enum verdict, const struct findings *);
struct watch_said watch_look(struct watch *, enum sight, int64_t now);
/* How long until the next look. */
int64_t watch_pause(const struct watch *, int64_t now);

#endif

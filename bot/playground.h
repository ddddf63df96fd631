/*
 * playground.h - `rollcall playground`: a world in a folder, the bot as a child, a colleague who approves.
 */
#ifndef BOT_PLAYGROUND_H
#define BOT_PLAYGROUND_H

#include "bot.h"

struct playground {
	char *folder, *socket;
	int bot;		/* process */
};

extern const char playground_greeting[];

/* Makes a fresh folder with the simulated cluster, starts `rollcall run --playground`, waits until its
 * socket answers.  The programs are paths; `cluster` answers under the names of `tools`.  false: err. */
bool playground_begin(struct playground *, const char *rollcall, const char *cluster,
    const char *const *tools, struct error *);
void playground_end(struct playground *);	/* ends the bot, removes the folder */

/* In the bot: @bob reads what is asked and approves it after a moment (decision T6). */
void playground_asked(struct bot *, const char *id);

#endif

/*
 * own_bot.h - the bot that a console starts when none runs (ux.md 8).
 *
 * It is `rollcall run --own`: a process in a session of its own, so that neither Ctrl-C nor the end of a
 * terminal cuts what it does.  It opens no door but the local socket.  Its standard input is one end of a
 * socket pair: there it says once that it can be spoken to ("ready R-1 R-2": what it took up again), or why
 * not ("taken …", "failed …"); the end of file there means that its console has left.  It ends when that is
 * so, nobody else is connected, and nothing runs; what is asked or interrupted then waits in the store for
 * the next bot.  Its log goes to console.log beside the state.
 */
#ifndef BOT_OWN_BOT_H
#define BOT_OWN_BOT_H

#include "base/error.h"
#include "base/text.h"

struct loop;

bool socket_answers(const char *path);

/* ---- the console's side ---- */

struct own_bot {
	int process, line;
	struct text said;	/* what it took up again: "R-1 R-2"; or nothing */
};
enum own_bot_start {
	OWN_BOT_STANDS,		/* ours, and it can be spoken to */
	OWN_BOT_JOINED,		/* somebody else's was faster (the state's lock decides), and answers */
	OWN_BOT_NOT		/* err */
};

/* Waits until it answers on that socket, whosever it is.  The configuration is a file's path. */
enum own_bot_start own_bot_begin(struct own_bot *, const char *rollcall, const char *configuration,
    const char *socket, struct error *);
/* Its console has left.  Comes back when it has ended, or goes on by itself. */
void own_bot_leave(struct own_bot *);

/* ---- in the bot itself ---- */

/* stderr becomes console.log in that folder, which is made. */
bool own_bot_log(const char *folder, struct error *);
void own_bot_say(const char *word, const char *text);

struct tie;
/* left comes once, when the console has left. */
struct tie *tie_new(struct loop *, void (*left)(void *), void *arg);
void tie_free(struct tie *);	/* before the loop is freed; accepts NULL */

#endif

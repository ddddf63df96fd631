/*
 * console.h - the local door: a unix socket for people on the same machine.
 *
 * One JSON object a line.  From a client: {"say": "rollback x to 5"}, {"press": "start", "argument":
 * "R-1:…"}, in the playground also "as": "bob" beside it; "key" beside "say": once for all who use it.
 * To a client: {"kind": "answer" | "new" | "update", "key": …, "ts": …, "message": {…}} (message_print).
 * {"words": ""} asks what can be typed, for completion: {"kind": "words", "commands": {NAME: [SUBCOMMAND,
 * …]}, "targets": […], "places": […]}.  {"control": VERB, "argument": …} of root or our own account (CS1) is
 * answered by {"kind": "control", "done": …, "why": "refused" | …, "text": …}.  A person is "local:USER" by SO_PEERCRED,
 * taken once at accept; so a session ends after 30 minutes (CS1), with {"kind": "end", "key": CHANNEL}.
 * Whoever connects again says {"again": CHANNEL} first: the same user goes on where the session ended.  A
 * connection is a channel of its own, "console:…"; messages to one that is gone are dropped: whoever asked
 * has left.
 */
#ifndef CHAT_CONSOLE_H
#define CHAT_CONSOLE_H

#include "chat.h"

extern const struct chat console_chat;

/* The playground: a client may speak as somebody else, and ends of questions are simulated. */
void console_allow_roles(void);

/* The other side: `rollcall console` (command NULL) and `rollcall do COMMAND`; returns the exit status. */
struct console_options {
	const char *socket;
	const char *command;	/* NULL: a session with line editing */
	const char *key;	/* the same command with the same key is done once; NULL: none */
	bool json, start;	/* start: answers the plan's question, and nothing else */
	const char *greeting;
	const char *notice;	/* sentences, beside the outcome; NULL */
	bool own_bot;		/* it ends with the session: leaving while something runs asks twice */
};
int console_run(const struct console_options *);

/*
 * One verb of the administrator's ("drain"), argument NULL: none; prints the sentence that answers.  wait:
 * until that rollcall has ended.  Exit status 0, 1 failed, 3 refused, 7 it went away without an answer or does not end.
 */
int control_run(const char *socket, const char *verb, const char *argument, bool wait);

/* A connection; −1 and errno: nobody answers there. */
int console_connect(const char *socket);

#endif

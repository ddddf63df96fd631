/*
 * console_session.h - one session of the terminal's side, and what its files share.
 *
 * console_client.c connects, reads, leaves; console_type.c takes what is typed; console_show.c draws;
 * console_do.c judges for `rollcall do`.
 */
#ifndef ADAPTERS_CHAT_CONSOLE_SESSION_H
#define ADAPTERS_CHAT_CONSOLE_SESSION_H

#include "base/json.h"
#include "console.h"
#include "console_screen.h"

struct session {
	const struct console_options *options;
	int fd;
	struct text input;
	bool terminal, bold, ascii, prompt, leave;
	int exit;
	struct message *card;		/* the newest one with an id */
	char *card_ts;
	struct message *offer;		/* the newest answer that has buttons; NULL: none */
	struct text drawn;		/* it, at the bottom of the screen; empty: something is below */
	size_t started;			/* remarks when --start said Start, and one more; 0: not yet */
	char *as;
	char *said;			/* the last line of progress, in a pipe */
	struct text piped;		/* what came through a pipe and is no whole line yet */
	size_t sent, answered;		/* words, and their answers */
	bool input_over, warned;
	bool taking;			/* a typed line; the prompt comes after it */
	bool quit;			/* the last line typed says so */
	int row;			/* of the question that was shown in lines */
};

/* console_show.c */
/* As wide as the terminal is now: it may have been resized since the last drawing. */
struct screen session_screen(const struct session *);
/* A sentence of our own about the session: never among the outcomes on stdout. */
void session_tell(struct session *, const char *format, ...) _printf_(2, 3);
void session_keep_card(struct session *, const struct message *, const char *ts);
void session_keep_offer(struct session *, const struct message *);
void session_draw(struct session *, const char *kind, const char *ts, const struct message *);
void session_show_in_pipe(struct session *, const char *kind, const struct message *);

/* console_do.c: both may end the session */
void session_judge(struct session *, const char *kind, const struct message *);
void session_answer(struct session *, const struct message *);

/* console_type.c */
/* A line: a word of the card presses its button, a wrong one is told the right ones. */
void session_type(struct session *, const char *line);

/* console_client.c */
void session_send(struct session *, const char *verb, const char *words, const char *argument);
void session_say(struct session *, const char *words);	/* a command, which will be answered */
void session_press(struct session *, const struct button *);
/* By its action or its label; NULL: the card has none. */
const struct button *session_button(const struct message *card, const char *words);

#endif

/*
 * console_screen.h - a message as lines of text: for a terminal, or for a pipe.
 *
 * A terminal's lines are wrapped between words, a card is folded until it fits, and characters that the
 * locale does not have become ASCII.  A pipe (columns 0) gets whole lines.
 */
#ifndef CHAT_CONSOLE_SCREEN_H
#define CHAT_CONSOLE_SCREEN_H

#include "message.h"

struct screen {
	size_t columns, rows;	/* 0: neither wrapped nor folded */
	bool bold;		/* escape sequences may be used */
	bool ascii;		/* the locale is not UTF-8 */
};

/* With a last \n.  The card of what waits for an answer shows the words that answer it. */
void screen_render(struct text *out, const struct message *, const struct screen *);
/* One text of ours: without marks, and in ASCII where the locale needs it. */
void screen_add(struct text *out, const char *marked, const struct screen *);
/* A sentence of our own, wrapped where it is for a terminal; with a last \n. */
void screen_tell(struct text *out, const char *marked, const struct screen *);
/* How many lines of a terminal of that width the text fills. */
size_t screen_lines(const char *text, size_t columns);

#endif

/*
 * usage.h - the program's own verbs and options: --help, the manual page and the shells' completion.
 *
 * One table for all three; chat commands come from the command table (command.h), so that none of them
 * can say what is not there.  Everything is printed to a text, nothing fails.
 */
#ifndef BOT_USAGE_H
#define BOT_USAGE_H

#include "base/error.h"
#include "base/text.h"

struct verb {
	const char *name, *arguments;	/* name NULL ends */
	const char *summary;
	const char *more;		/* a second sentence, for the manual only; NULL */
	const char *words;		/* what can follow, separated by blanks; "*": a chat command; NULL */
};
struct option {
	const char *name, *value;	/* value NULL: takes none */
	bool file;			/* the value is one */
	const char *summary;
};
extern const struct verb usage_verbs[];
extern const struct option usage_options[];
/* The exit status of `do`: usage_exits[0].code …; sentence NULL ends. */
struct exit_status {
	int code;
	const char *sentence;
};
extern const struct exit_status usage_exits[];

void usage_print(struct text *);
void usage_manual(struct text *);				/* roff, for man(1) */
/* "bash", "zsh" or "fish". */
bool usage_completion(struct text *, const char *shell, struct error *);

#endif

/*
 * command.h - one chat command: a constant in a file of its own in commands/.
 *
 * The same entry feeds the parser, help, permissions, locks, the README's list and the tests.  Commands
 * never start a process, never wait, see no callback: look and plan are pure (plan.h, house style 1).
 */
#ifndef BOT_COMMAND_H
#define BOT_COMMAND_H

#include "facts.h"
#include "plan.h"
#include "request.h"

struct records;			/* what our own store knows of the target; see records.h */

/* Which of the grammar's parts a command takes; the parser refuses the others by name. */
enum takes {
	TAKES_TARGET = 1 << 0, TAKES_TO = 1 << 1, TAKES_CLUSTER = 1 << 2, TAKES_REASON = 1 << 3,
	TAKES_DRY_RUN = 1 << 4, TAKES_NOW = 1 << 5, TAKES_AMOUNT = 1 << 6, TAKES_IMAGE = 1 << 7,
	TAKES_ID = 1 << 8, TAKES_HASH = 1 << 9, TAKES_POD = 1 << 10, TAKES_WORD = 1 << 11,
	TAKES_THROUGH = 1 << 12, TAKES_HOOKS = 1 << 13,
};

struct subcommand {
	const char *name;	/* NULL ends */
	const char *usage, *summary;
	unsigned takes, needs;
	enum effect effect;	/* READS: acknowledged without a commit, no plan card */
	bool (*look)(struct plan *, const struct request *, const struct facts *, struct error *);
	bool (*plan)(struct plan *, const struct request *, const struct facts *, struct error *);
};

struct command {
	const char *name;	/* "rollback" */
	const char *usage, *summary;
	const char *examples[3];	/* with %s for a target of this installation */
	unsigned takes, needs;
	enum effect effect;
	bool (*look)(struct plan *, const struct request *, const struct facts *, struct error *);
	bool (*plan)(struct plan *, const struct request *, const struct facts *, struct error *);
	const char *also[4];	/* what other tools call it: offered, never understood; NULL ends */
	const char *tell;	/* registered name of the notification */
	const struct subcommand *subcommands;	/* NULL: none */
	/* Commands about rollcall itself (help, whoami, ops): answered by the engine's own function,
	 * which is named here and registered by bot/. */
	const char *internal;
	bool for_members;	/* for every full member, whatever the rules say */
};

void commands_register(const struct command *const *table);	/* ends with NULL */
const struct command *command_find(const char *name);
/* The one command that has a subcommand of that name; NULL: none has, or two have. */
const struct command *command_with(const char *subcommand);
/* The command that other tools call so: "undo" is rollback; NULL: none. */
const struct command *command_called(const char *elsewhere);
const struct command *const *commands_all(void);

#endif

/* help.c - what there is, and who one is. */

#include "commands.h"

const struct command command_help = {
	.name = "help",
	.usage = "[COMMAND]",
	.summary = "This list, or one command with examples",
	.examples = { "/rollcall help", "/rollcall help rollback" },
	.takes = TAKES_WORD,
	.effect = READS,
	.internal = "help",
	.for_members = true,
};

const struct command command_whoami = {
	.name = "whoami",
	.usage = "",
	.summary = "Who I take you for, and your roles",
	.examples = { "/rollcall whoami" },
	.effect = READS,
	.internal = "whoami",
	.for_members = true,
};

/* table.c - the commands, in the order of help. */

#include "commands.h"

const struct command *const commands_table[] = {
	&command_rollback,
	&command_rollout,
	&command_ops,
	&command_whoami,
	&command_help,
	NULL,
};

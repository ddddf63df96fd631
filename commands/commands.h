/* commands.h - one line for each command; table.c puts them in the order of help. */
#ifndef COMMANDS_COMMANDS_H
#define COMMANDS_COMMANDS_H

#include "command.h"

extern const struct command command_rollback;
extern const struct command command_rollout;
extern const struct command command_ops;
extern const struct command command_whoami;
extern const struct command command_help;

extern const struct command *const commands_table[];

#endif

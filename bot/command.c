/* command.c - the list of commands, found by name. */

#include "base/text.h"
#include "command.h"

static const struct command *const *commands;

void
commands_register(const struct command *const *table)
{
	commands = table;
}

const struct command *const *
commands_all(void)
{
	return commands;
}

const struct command *
command_find(const char *name)
{
	for (const struct command *const *c = commands; c != NULL && *c != NULL; c++)
		if (string_equal((*c)->name, name))
			return *c;
	return NULL;
}

static bool
has(const struct command *command, const char *name)
{
	const struct subcommand *s = command->subcommands;

	while (s != NULL && s->name != NULL && !string_equal(s->name, name))
		s++;
	return s != NULL && s->name != NULL;
}

const struct command *
command_called(const char *elsewhere)
{
	for (const struct command *const *c = commands; c != NULL && *c != NULL; c++)
		if (string_in(elsewhere, (*c)->also))
			return *c;
	return NULL;
}

const struct command *
command_with(const char *subcommand)
{
	const struct command *found = NULL;

	for (const struct command *const *c = commands; c != NULL && *c != NULL; c++)
		if (has(*c, subcommand)) {
			if (found != NULL)
				return NULL;
			found = *c;
		}
	return found;
}

/* answers_help.c - what there is to say, and a text as an answer. */

#include <string.h>

#include "answers.h"
#include "say.h"

static const char *
a_target(const struct configuration *c)
{
	return c->targets.count > 0 ? c->targets.item[0].key : "chatops-gateway";
}

static void
help_one(struct text *out, const struct configuration *c, const struct command *command, bool terminal)
{
	text_printf(out, BOLD "%s%s" BOLD " %s\n%s\n", terminal ? "" : "/", command->name,
	    command->usage != NULL ? command->usage : "", command->summary);
	for (const struct subcommand *s = command->subcommands; s != NULL && s->name != NULL; s++)
		text_printf(out, "• " CODE "%s %s%s%s" CODE "  %s\n", command->name, s->name,
		    s->usage != NULL && s->usage[0] != '\0' ? " " : "",
		    s->usage != NULL ? s->usage : "", s->summary);
	if (command->examples[0] != NULL)
		text_add(out, "For example:\n");
	for (size_t i = 0; i < COUNT(command->examples) && command->examples[i] != NULL; i++) {
		const char *example = command->examples[i] + (terminal && command->examples[i][0] == '/');
		const char *hole = strstr(example, "{target}");

		text_add(out, "• " CODE);
		if (hole != NULL) {
			text_add_bytes(out, example, (size_t)(hole - example));
			text_printf(out, "%s%s", a_target(c), hole + strlen("{target}"));
		} else {
			text_add(out, example);
		}
		text_add(out, CODE "\n");
	}
}

static void
help_all(struct text *out, const struct configuration *c, bool terminal)
{
	text_add(out, "What I can do here:\n");
	for (const struct command *const *command = commands_all(); *command != NULL; command++)
		text_printf(out, "• " CODE "%s" CODE "  %s\n", (*command)->name, (*command)->summary);
	text_printf(out, "More of each: " CODE "help rollback" CODE ". Targets: ");
	for (size_t i = 0; i < c->targets.count && i < 10; i++)
		text_printf(out, "%s%s", i > 0 ? ", " : "", c->targets.item[i].key);
	text_add(out, c->targets.count == 0 ? "none yet\n" : c->targets.count > 10 ? ", …\n" : "\n");
	text_add(out, terminal
		? "A card is answered by its words: start, approve, reject, dismiss, stop. Ctrl-D leaves, and stops nothing"
		: "In a thread, and where slash commands are not: " CODE "@rollcall rollback …" CODE
		      ". No card, no operation: whatever somebody else posts in my name runs nothing.");
}

void
answers_help(struct text *out, const struct configuration *c, const char *name, bool terminal)
{
	const struct command *command = name != NULL ? command_find(name) : NULL;

	if (command != NULL)
		help_one(out, c, command, terminal);
	else
		help_all(out, c, terminal);
	while (text_ends(out, "\n"))
		text_truncate(out, out->length - 1);
}

struct message *
answers_line(const char *text, const char *state)
{
	struct message *message = message_new();

	message_line(message, "%s", text);
	message->text = say_plain(message->arena, message->lines.item[0]);
	message->state = state;
	return message;
}

struct message *
answers_give_help(struct bot *bot, const struct arrival *arrival, const struct request *r, struct error *err)
{
	_cleanup_(text_clear) struct text one = TEXT_INIT;
	bool terminal = arrival->chat->find == NULL;

	const char *name = r->object;

	if (name != NULL && command_find(name) == NULL && command_with(name) != NULL)
		name = command_with(name)->name;
	if (name != NULL && command_find(name) == NULL && command_called(name) != NULL)
		name = command_called(name)->name;
	if (name != NULL && command_find(name) == NULL) {
		wrong(err, "I don't know the command “%s”; help alone lists them", name);
		return NULL;
	}
	if (name != NULL || terminal) {
		answers_help(&one, r->configuration, name, terminal);
		return answers_line(one.data, "help");
	}
	if (bot->help_of != r->configuration) {
		if (bot->help_of != NULL)
			configuration_release(bot->help_of);
		bot->help_of = r->configuration;
		configuration_hold(bot->help_of);
		text_clear(&bot->help);
		text_init(&bot->help, KILOBYTES(64));
		answers_help(&bot->help, bot->help_of, NULL, false);
	}
	return answers_line(bot->help.data, "help");
}

/* parse_command.c - which command and subcommand is meant, and what is near when none is. */

#include <string.h>

#include "base/unicode.h"
#include "parse_private.h"

/* "@rollcall", also with the ":" or "," that people write after a name. */
static bool
is_address(struct parser *p, const char *word, const char *const *names)
{
	size_t length = strlen(word);

	if (length > 1 && strchr(":,", word[length - 1]) != NULL)
		word = arena_copy(p->arena, word, length - 1);
	return string_in(fold_case(p->arena, word), names);
}

static void
skip_address(struct parser *p)
{
	static const char *const mentions[] = { "@rollcall", NULL };
	static const char *const names[] = { "/rollcall", "rollcall", "!rollcall", ":", ",", NULL };

	if (parser_peek(p) != NULL && (string_starts(parser_peek(p), "<@") || is_address(p, parser_peek(p), mentions)))
		p->at++;
	while (parser_peek(p) != NULL && p->at < 3 && is_address(p, parser_peek(p), names))
		p->at++;
	p->begin = p->at;
}

static const char *
without_mark(const char *word)
{
	return *word == '/' || *word == '!' ? word + 1 : word;
}

static const char *
nearest_command(const char *word)
{
	const char *names[64];
	size_t count = 0;

	for (const struct command *const *c = commands_all(); *c != NULL && count < 63; c++)
		names[count++] = (*c)->name;
	names[count] = NULL;
	return string_nearest(word, names);
}

/* "roll back", "undo", and a subcommand without its command: what was meant, and how many words that stand for it. */
static const char *
meant_command(struct parser *p, const char *word, size_t *words)
{
	const char *next = p->at + 1 < p->count ? fold_case(p->arena, p->word[p->at + 1].text) : "";
	const struct command *command = command_find(arena_printf(p->arena, "%s%s", word, next));

	*words = command != NULL ? 2 : 1;
	if (command != NULL)
		return command->name;
	if ((command = command_called(word)) != NULL)
		return command->name;
	command = command_with(word);
	return command != NULL ? arena_printf(p->arena, "%s %s", command->name, word) : nearest_command(word);
}

static const char *
print_commands(struct parser *p)
{
	_cleanup_(text_clear) struct text list = TEXT_INIT;

	for (const struct command *const *c = commands_all(); *c != NULL; c++)
		text_printf(&list, "%s%s", list.length > 0 ? ", " : "", (*c)->name);
	return arena_strdup(p->arena, list.data);
}

bool
parse_command(struct parser *p, struct error *err)
{
	const char *word, *near;
	size_t words;

	skip_address(p);
	word = parser_peek(p);
	if (word == NULL) {
		p->request->command = command_find("help");
		return true;
	}
	word = fold_case(p->arena, without_mark(word));
	p->request->command = command_find(word);
	if (p->request->command != NULL) {
		p->at++;
		return true;
	}
	near = meant_command(p, word, &words);
	if (near == NULL)
		return wrong(err, "I don't know the command “%s”. There are: %s", word, print_commands(p));
	parser_suggest(p, p->at, p->at + words, near);
	return wrong(err, "I don't know the command “%s”. Did you mean %s?", word, near);
}

static const struct subcommand *
find_subcommand(const struct command *command, const char *word)
{
	for (const struct subcommand *s = command->subcommands; s != NULL && s->name != NULL; s++)
		if (string_equal_nocase(s->name, word))
			return s;
	return NULL;
}

static const char *
print_subcommands(struct parser *p, const struct command *command)
{
	_cleanup_(text_clear) struct text list = TEXT_INIT;

	for (const struct subcommand *s = command->subcommands; s->name != NULL; s++)
		text_printf(&list, "%s%s", list.length > 0 ? ", " : "", s->name);
	return arena_strdup(p->arena, list.data);
}

/* The subcommand is the first word, or the one after the target ("rollout gateway history"). */
const struct subcommand *
parse_subcommand(struct parser *p, struct error *err)
{
	const struct command *command = p->request->command;
	const struct subcommand *found;
	const char *names[32], *near;
	size_t count = 0;

	for (size_t i = p->at; i < p->count && i < p->at + 4 && !parser_is_keyword(p, i); i++) {
		if (p->word[i].quoted || (found = find_subcommand(command, p->word[i].text)) == NULL)
			continue;
		memmove(&p->word[p->at + 1], &p->word[p->at],
		    (i - p->at) * sizeof(p->word[0]));
		p->word[p->at++] = (struct word_typed){ .text = found->name };
		return found;
	}
	for (const struct subcommand *s = command->subcommands; s->name != NULL && count < 31; s++)
		names[count++] = s->name;
	names[count] = NULL;
	if (parser_peek(p) == NULL) {
		wrong(err, "What should %s do? There are: %s", command->name, print_subcommands(p, command));
		return NULL;
	}
	if (command_called(fold_case(p->arena, parser_peek(p))) != NULL) {
		near = command_called(fold_case(p->arena, parser_peek(p)))->name;
		parser_suggest(p, p->at - 1, p->at + 1, near);
		wrong(err, "%s has no “%s”. Did you mean %s?", command->name, parser_peek(p), near);
		return NULL;
	}
	for (size_t i = p->at; i < p->count && i < p->at + 4 && !parser_is_keyword(p, i); i++)
		if ((near = string_nearest(p->word[i].text, names)) != NULL) {
			parser_suggest(p, i, i + 1, near);
			wrong(err, "%s has no “%s”. Did you mean %s? There are: %s", command->name,
			    p->word[i].text, near, print_subcommands(p, command));
			return NULL;
		}
	wrong(err, "%s has no “%s”. There are: %s", command->name, parser_peek(p), print_subcommands(p, command));
	return NULL;
}

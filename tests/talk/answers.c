/* answers.c - the `tool` statement: which call gets which answer. */

#include "answers.h"

#include <string.h>

#include "base/pattern.h"

static struct action *
add(struct talk *talk, struct answer *answer, enum action_kind kind)
{
	struct action *action = ARENA_GROW(talk->arena, &answer->actions);

	action->kind = kind;
	return action;
}

static bool
read_output(struct talk *talk, struct action *action, struct reader *reader, struct error *err)
{
	const char *text;

	if (take_word(reader, "file")) {
		if ((text = take_any(reader)) == NULL)
			return reader_wrong(reader, err, "a file's name");
		action->bytes = talk_file(talk, text, true, &action->length, err);
		return action->bytes != NULL;
	}
	if ((text = take_text(reader)) == NULL)
		return reader_wrong(reader, err, "a quoted text or file NAME");
	if (*text != '\0' && !string_ends(text, "\n"))
		text = arena_printf(talk->arena, "%s\n", text);
	action->bytes = text;
	action->length = strlen(text);
	return true;
}

static bool answer_read(struct talk *, struct answer *, struct reader *, struct error *);

static bool
read_then(struct talk *talk, struct answer *answer, struct reader *reader, struct error *err)
{
	const struct token *block = take_block(reader);
	struct statement inner;

	if (block == NULL)
		return reader_wrong(reader, err, "a block");
	if (!block_read(talk->arena, &inner, reader->statement, block, err))
		return false;
	answer->then = arena_new_of(talk->arena, struct answer);
	return answer_read(talk, answer->then, &(struct reader){ .statement = &inner }, err);
}

static bool
read_number(struct talk *talk, struct answer *answer, struct reader *reader, struct error *err)
{
	struct action *action = add(talk, answer, ACTION_EXIT);

	return take_number(reader, &action->number) || reader_wrong(reader, err, "an exit status");
}

static bool
read_slow(struct talk *talk, struct answer *answer, struct reader *reader, struct error *err)
{
	struct action *action = add(talk, answer, ACTION_SLOW);

	return take_duration(reader, &action->number) || reader_wrong(reader, err, "a time");
}

/* The actions that are one word. */
static bool
read_word(struct talk *talk, struct answer *answer, struct reader *reader)
{
	static const struct {
		const char *word;
		enum action_kind kind;
	} words[] = { { "hang", ACTION_HANG }, { "die", ACTION_DIE }, { "deaf", ACTION_DEAF },
		{ "world", ACTION_WORLD } };

	for (size_t i = 0; i < COUNT(words); i++)
		if (take_word(reader, words[i].word)) {
			add(talk, answer, words[i].kind);
			return true;
		}
	return false;
}

static bool
action_read(struct talk *talk, struct answer *answer, struct reader *reader, struct error *err)
{
	if (take_word(reader, "print"))
		return read_output(talk, add(talk, answer, ACTION_PRINT), reader, err);
	if (take_word(reader, "error"))
		return read_output(talk, add(talk, answer, ACTION_ERROR), reader, err);
	if (take_word(reader, "exit"))
		return read_number(talk, answer, reader, err);
	if (take_word(reader, "slow"))
		return read_slow(talk, answer, reader, err);
	if (take_word(reader, "then"))
		return read_then(talk, answer, reader, err);
	if (take_word(reader, "once"))
		return answer->once = true;
	return read_word(talk, answer, reader) ||
	    reader_wrong(reader, err,
		"print, error, exit, hang, slow, die, deaf, world, once or then");
}

static bool
answer_read(struct talk *talk, struct answer *answer, struct reader *reader, struct error *err)
{
	while (reader_peek(reader) != NULL)
		if (!action_read(talk, answer, reader, err))
			return false;
	return true;
}

bool
definition_read(struct talk *talk, struct definition *definition, struct reader *reader,
    struct error *err)
{
	const struct token *block;
	struct statement inner;

	definition->answer = arena_new_of(talk->arena, struct answer);
	if ((definition->tool = take_any(reader)) == NULL)
		return reader_wrong(reader, err, "a tool");
	if ((definition->glob = take_text(reader)) == NULL)
		return reader_wrong(reader, err, "a quoted glob");
	if (take_word(reader, "in") && (definition->cluster = take_any(reader)) == NULL)
		return reader_wrong(reader, err, "a cluster");
	if ((block = take_block(reader)) == NULL)
		return reader_wrong(reader, err, "a block");
	return block_read(talk->arena, &inner, reader->statement, block, err) &&
	    answer_read(talk, definition->answer, &(struct reader){ .statement = &inner }, err) &&
	    take_end(reader, err);
}

bool
definition_fits(const struct definition *definition, const char *tool, const char *arguments,
    const char *cluster)
{
	return !definition->used_up && string_equal(definition->tool, tool) &&
	    glob_matches(definition->glob, arguments) &&
	    (definition->cluster == NULL || string_equal(definition->cluster, cluster));
}

const struct answer *
definition_use(struct definition *definition)
{
	const struct answer *answer = definition->answer;

	definition->used_up = answer->once;
	if (answer->then != NULL)
		definition->answer = answer->then;
	return answer;
}

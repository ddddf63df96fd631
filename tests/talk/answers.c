/* answers.c - the `tool` statement: which call gets which answer. */

#include "answers.h"

#include <stdlib.h>
#include <string.h>

#include "base/pattern.h"

/* ---- recorded answers (tests/fakes/answers): exit N, command …, stdout, stderr ---- */

struct record {
	int64_t exit;
	const char *out, *errors;
	size_t out_length, errors_length;
};

static bool
record_wrong(const char *name, struct error *err)
{
	return wrong(err, "%s.answer is no recorded answer: exit, command, stdout, stderr", name);
}

/* false with ERROR_NONE: there is no such record. */
static bool
record_read(struct talk *talk, struct record *record, const char *name, struct error *err)
{
	const char *text, *end, *out, *errors;
	size_t length;

	text = talk_file(talk, arena_printf(talk->arena, "%s.answer", name), true, &length, NULL);
	if (text == NULL)
		return false;
	end = text + length;
	if (!string_starts(text, "exit "))
		return record_wrong(name, err);
	record->exit = strtoll(text + 5, NULL, 10);
	if ((out = strstr(text, "\nstdout\n")) == NULL)
		return record_wrong(name, err);
	out += strlen("\nstdout\n");
	/* The last "stderr" alone on its line: what a tool printed may hold another. */
	for (errors = end - strlen("stderr\n"); errors >= out; errors--)
		if ((errors == out || errors[-1] == '\n') && string_starts(errors, "stderr\n"))
			break;
	if (errors < out)
		return record_wrong(name, err);
	record->out = out;
	record->out_length = (size_t)(errors - out);
	record->errors = errors + strlen("stderr\n");
	record->errors_length = (size_t)(end - record->errors);
	return true;
}

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
	struct record record;
	const char *text;

	if (take_word(reader, "file")) {
		if ((text = take_any(reader)) == NULL)
			return reader_wrong(reader, err, "a file's name");
		if (!record_read(talk, &record, text, err)) {
			action->bytes = talk_file(talk, text, true, &action->length, err);
			return action->bytes != NULL;
		}
		action->bytes = action->kind == ACTION_ERROR ? record.errors : record.out;
		action->length = action->kind == ACTION_ERROR ? record.errors_length
		    : record.out_length;
		return true;
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

/* `answer NAME`: both streams and the exit status as they were recorded. */
static bool
read_answer(struct talk *talk, struct answer *answer, struct reader *reader, struct error *err)
{
	const char *name = take_any(reader);
	struct action *action;
	struct record record;

	if (name == NULL)
		return reader_wrong(reader, err, "the name of a recorded answer");
	if (!record_read(talk, &record, name, err))
		return failed(err, "there is no recorded answer %s", name);
	action = add(talk, answer, ACTION_PRINT);
	action->bytes = record.out;
	action->length = record.out_length;
	action = add(talk, answer, ACTION_ERROR);
	action->bytes = record.errors;
	action->length = record.errors_length;
	add(talk, answer, ACTION_EXIT)->number = record.exit;
	return true;
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
	if (take_word(reader, "answer"))
		return read_answer(talk, answer, reader, err);
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
		"print, error, answer, exit, hang, slow, die, deaf, world, once or then");
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

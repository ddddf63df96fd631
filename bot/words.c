/*
 * words.c - the registered vocabularies, and the judgement over a final argument vector (AR2).
 *
 * The guard knows nothing of what a plan meant: it looks at the vector that is about to be run, so
 * a mistake anywhere before it ends here.  Several words may share their verbs ("get" of objects
 * and of one service); the vector must fit one of them whole.
 */
#include "words.h"

#include <assert.h>
#include <string.h>

#include "base/text.h"

#define TABLES 16
#define ARGUMENTS 128
#define ARGUMENT_BYTES 4096
#define FLAGS 32
#define REPEATED 64

static const struct word *tables[TABLES];

void
words_register(const struct word *table)
{
	size_t i = 0;

	while (i < TABLES && tables[i] != NULL && tables[i] != table)
		i++;
	assert(i < TABLES);
	tables[i] = table;
}

void
words_each(void (*each)(const struct word *, void *), void *arg)
{
	for (size_t i = 0; i < TABLES && tables[i] != NULL; i++)
		for (const struct word *word = tables[i]; word->name != NULL; word++)
			each(word, arg);
}

const struct word *
words_find(const char *name)
{
	for (size_t i = 0; i < TABLES && tables[i] != NULL; i++)
		for (const struct word *word = tables[i]; word->name != NULL; word++)
			if (string_equal(word->name, name))
				return word;
	return NULL;
}

/* What a message may show of an argument that fitted nowhere: it may hold anything. */
static const char *
shown(const char *argument, char excerpt[64])
{
	size_t i;

	for (i = 0; i < 60 && argument[i] != '\0'; i++)
		excerpt[i] = argument[i] >= ' ' && argument[i] <= '~' ? argument[i] : '?';
	memcpy(excerpt + i, argument[i] == '\0' ? "" : "...", argument[i] == '\0' ? 1 : 4);
	return excerpt;
}

static bool
bad(struct error *err, const struct word *word, const char *what, const char *argument)
{
	char excerpt[64];

	return broken(err, "not run: \"%s\" %s of \"%s %s\"", shown(argument, excerpt), what,
	    word->tool, word->verbs);
}

/* Do the verbs stand after the tool's name?  *at becomes the place after them. */
static bool
verbs_fit(const struct word *word, char *const argv[], size_t *at)
{
	const char *verbs = word->verbs;

	if (!string_equal(word->tool, argv[0]))
		return false;
	*at = 1;
	while (*verbs != '\0') {
		size_t length = strcspn(verbs, " ");
		const char *argument = argv[*at];

		if (argument == NULL || strlen(argument) != length ||
		    memcmp(argument, verbs, length) != 0)
			return false;
		++*at;
		verbs += length + (verbs[length] == ' ');
	}
	return true;
}

/* The flag that the argument names; *value is what follows its "=", NULL without one. */
static const struct word_flag *
flag_find(const struct word *word, const char *argument, const char **value)
{
	size_t length = strcspn(argument, "=");

	*value = argument[length] == '=' ? argument + length + 1 : NULL;
	for (const struct word_flag *flag = word->flags; flag->name != NULL; flag++)
		if (strlen(flag->name) == length && memcmp(flag->name, argument, length) == 0)
			return flag;
	return NULL;
}

static bool
flags_fit(const struct word *word, char *const argv[], size_t *at, struct error *err)
{
	bool seen[FLAGS] = { false };

	for (; argv[*at] != NULL && strcmp(argv[*at], "--") != 0; ++*at) {
		const char *argument = argv[*at], *value;
		const struct word_flag *flag = flag_find(word, argument, &value);

		if (flag == NULL)
			return bad(err, word, "is no flag", argument);
		assert(flag - word->flags < FLAGS);
		if (seen[flag - word->flags])
			return bad(err, word, "is there twice in a use", argument);
		seen[flag - word->flags] = true;
		if (strcmp(flag->name, "-n") == 0) {
			if (value != NULL || argv[*at + 1] == NULL)
				return bad(
				    err, word, "needs its value beside it in a use", argument);
			value = argv[++*at];
		}
		if (!value_fits(flag->kind, flag->list, value))
			return bad(err, word, "has no fitting value in a use", argument);
	}
	for (size_t i = 0; word->flags[i].name != NULL; i++)
		if (word->flags[i].needed && !seen[i])
			return bad(err, word, "is missing in a use", word->flags[i].name);
	return true;
}

static size_t
positionals_of(const struct word *word)
{
	size_t count = 0;

	while (count < COUNT(word->positional) && word->positional[count].kind != VALUE_NONE)
		count++;
	return count;
}

static bool
positionals_fit(const struct word *word, char *const argv[], size_t *at, struct error *err)
{
	size_t wanted = positionals_of(word), count = 0, most;

	most = word->repeated ? wanted + REPEATED - 1 : wanted;
	if (argv[*at] != NULL && wanted == 0)
		return bad(err, word, "is too much in a use", argv[*at]);
	*at += argv[*at] != NULL;
	for (; argv[*at] != NULL; ++*at, count++) {
		size_t i = count < wanted ? count : wanted - 1;

		if (count == most)
			return bad(err, word, "is too much in a use", argv[*at]);
		if (!value_fits(word->positional[i].kind, word->positional[i].list, argv[*at]))
			return bad(err, word, "is no fitting value", argv[*at]);
	}
	if (count + (word->optional ? 1 : 0) < wanted)
		return broken(err, "not run: a value is missing in a use of \"%s %s\"", word->tool,
		    word->verbs);
	return true;
}

static bool
argv_bounded(char *const argv[], struct error *err)
{
	size_t count = 0;

	if (argv == NULL || argv[0] == NULL)
		return broken(err, "not run: an empty argument vector");
	while (argv[count] != NULL) {
		if (strnlen(argv[count], ARGUMENT_BYTES + 1) > ARGUMENT_BYTES)
			return broken(err,
			    "not run: argument %zu of \"%s\" is longer than %d bytes", count,
			    argv[0], ARGUMENT_BYTES);
		if (++count > ARGUMENTS)
			return broken(err, "not run: more than %d arguments", ARGUMENTS);
	}
	return true;
}

/* Of several words with these verbs, the reason is told of the one that got furthest. */
const struct word *
argv_check(char *const argv[], struct error *err)
{
	struct error why, furthest = ERROR_INIT;
	char tool[64], verb[64];
	size_t at, best = 0;

	if (!argv_bounded(argv, err))
		return NULL;
	broken(&furthest, "not run: \"%s %s\" is in no vocabulary", shown(argv[0], tool),
	    shown(argv[1] != NULL ? argv[1] : "", verb));
	for (size_t i = 0; i < TABLES && tables[i] != NULL; i++)
		for (const struct word *word = tables[i]; word->name != NULL; word++) {
			if (!verbs_fit(word, argv, &at))
				continue;
			if (flags_fit(word, argv, &at, &why) &&
			    positionals_fit(word, argv, &at, &why))
				return word;
			if (at <= best)
				continue;
			best = at;
			furthest = why;
		}
	error_set(err, furthest.kind, "%s", furthest.text);
	return NULL;
}

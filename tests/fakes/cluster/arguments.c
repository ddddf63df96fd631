/* arguments.c - a tool's command line: what stands alone, and what flags say. */

#include "arguments.h"

#include <string.h>

/* Is this one of the "|"-separated names of the entry?  *value: it takes one. */
static bool
names_flag(const char *entry, const char *name, size_t length, bool *value)
{
	size_t size = strlen(entry), part;

	*value = size > 0 && entry[size - 1] == '=';
	for (const char *at = entry; *at != '\0' && *at != '='; at += part + (at[part] == '|')) {
		part = strcspn(at, "|=");
		if (part == length && strncmp(at, name, length) == 0)
			return true;
	}
	return false;
}

static const char *
flag_find(const char *const *known, const char *name, size_t length, bool *value)
{
	for (; *known != NULL; known++)
		if (names_flag(*known, name, length, value))
			return *known;
	return NULL;
}

static bool
add_flag(struct arguments *arguments, char ***argv, const char *const *known, struct error *err)
{
	const char *said = **argv, *entry;
	size_t length = strcspn(said, "=");
	bool value;

	entry = flag_find(known, said, length, &value);
	if (entry == NULL && said[1] == '-')
		return wrong(err, "unknown flag: %.*s", (int)length, said);
	if (entry == NULL)
		return wrong(err, "unknown shorthand flag: '%c' in %s", said[1], said);
	if (arguments->flags == FLAGS)
		return wrong(err, "too many flags");
	arguments->flag[arguments->flags].name = entry;
	if (said[length] == '=')
		arguments->flag[arguments->flags++].value = said + length + 1;
	else if (!value)
		arguments->flag[arguments->flags++].value = "true";
	else if ((*argv)[1] == NULL)
		return wrong(err, "flag needs an argument: %s", said);
	else
		arguments->flag[arguments->flags++].value = *++*argv;
	return true;
}

bool
arguments_read(struct arguments *arguments, char **argv, const char *const *known,
    struct error *err)
{
	bool only_alone = false;

	*arguments = (struct arguments){ .count = 0 };
	for (; *argv != NULL; argv++) {
		if (!only_alone && string_equal(*argv, "--")) {
			only_alone = true;
		} else if (!only_alone && **argv == '-' && (*argv)[1] != '\0') {
			if (!add_flag(arguments, &argv, known, err))
				return false;
		} else if (arguments->count + 1 < POSITIONALS) {
			arguments->item[arguments->count++] = *argv;
		}
	}
	return true;
}

const char *
arguments_flag(const struct arguments *arguments, const char *flag)
{
	const char *found = NULL;
	bool value;

	for (size_t i = 0; i < arguments->flags; i++)
		if (names_flag(arguments->flag[i].name, flag, strlen(flag), &value))
			found = arguments->flag[i].value;
	return found;
}

const char *
arguments_flag_or(const struct arguments *arguments, const char *flag, const char *otherwise)
{
	const char *value = arguments_flag(arguments, flag);

	return value != NULL ? value : otherwise;
}

bool
arguments_have(const struct arguments *arguments, const char *flag)
{
	return string_equal(arguments_flag(arguments, flag), "true");
}

/* readme.c - the README lists the commands that there are, all of them and no others. */

#include "base/text.h"
#include "commands/commands.h"

#include "test.h"

#define SECTION "\n## Commands\n"

/* The section, without the backslashes that a table needs. */
static void
read_section(struct text *out)
{
	_cleanup_(text_clear) struct text file = TEXT_INIT;
	char bytes[4096], *begin, *end;
	size_t n;
	FILE *f = fopen("README.md", "r");

	assert_non_null(f);
	while ((n = fread(bytes, 1, sizeof bytes, f)) > 0)
		text_add_bytes(&file, bytes, n);
	fclose(f);
	begin = strstr(file.data, SECTION);
	assert_non_null(begin);
	end = strstr(begin + strlen(SECTION), "\n## ");
	assert_non_null(end);
	for (char *c = begin; c < end; c++)
		if (*c != '\\')
			text_add_char(out, *c);
}

static bool
is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool
has_word(const char *text, const char *word)
{
	size_t length = strlen(word);

	for (const char *at = text; (at = strstr(at, word)) != NULL; at++)
		if ((at == text || !is_letter(at[-1])) && !is_letter(at[length]))
			return true;
	return false;
}

TEST(each_command_and_subcommand_is_in_the_readme)
{
	_cleanup_(text_clear) struct text section = TEXT_INIT;

	read_section(&section);
	for (const struct command *const *c = commands_table; *c != NULL; c++) {
		if (!has_word(section.data, (*c)->name))
			fail_msg("README.md, Commands: %s is missing", (*c)->name);
		if ((*c)->subcommands == NULL && strstr(section.data, (*c)->usage) == NULL)
			fail_msg("README.md, Commands: %s is used so: %s", (*c)->name, (*c)->usage);
		for (const struct subcommand *s = (*c)->subcommands; s != NULL && s->name != NULL; s++)
			if (!has_word(section.data, s->name))
				fail_msg("README.md, Commands: %s %s is missing", (*c)->name, s->name);
	}
}

TEST(each_slash_command_of_the_readme_is_one)
{
	_cleanup_(text_clear) struct text section = TEXT_INIT;
	char name[32];

	read_section(&section);
	commands_register(commands_table);
	for (const char *at = section.data; (at = strstr(at, "`/")) != NULL; at++) {
		if (sscanf(at, "`/%31[a-z]", name) == 1 && strcmp(name, "rollcall") != 0 &&
		    command_find(name) == NULL)
			fail_msg("README.md, Commands: there is no /%s", name);
	}
}

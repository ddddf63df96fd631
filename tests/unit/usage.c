/* usage.c - the manual page and the completions say what there is, in words that roff and shells read. */

#include "command.h"
#include "commands/commands.h"
#include "usage.h"

#include "test.h"

static bool
has_line(const char *text, const char *line)
{
	size_t length = strlen(line);

	for (const char *at = text; (at = strstr(at, line)) != NULL; at++)
		if ((at == text || at[-1] == '\n') && (at[length] == '\n' || at[length] == '\0'))
			return true;
	return false;
}

TEST(the_manual_has_each_verb_option_command_and_subcommand)
{
	_cleanup_(text_clear) struct text out = TEXT_INIT;
	char wanted[256];

	commands_register(commands_table);
	usage_manual(&out);
	for (const struct verb *v = usage_verbs; v->name != NULL; v++) {
		snprintf(wanted, sizeof(wanted), "\\fBrollcall %s\\fR", v->name);
		if (strstr(out.data, wanted) == NULL)
			fail_msg("%s is missing", wanted);
	}
	for (const struct option *o = usage_options; o->name != NULL; o++) {
		snprintf(wanted, sizeof(wanted), "\\fB\\-\\-%s\\fR", o->name);
		if (strstr(out.data, wanted) == NULL)
			fail_msg("%s is missing", wanted);
	}
	for (const struct command *const *c = commands_table; *c != NULL; c++) {
		snprintf(wanted, sizeof(wanted), "\\fB%s\\fR", (*c)->name);
		assert_non_null(strstr(out.data, wanted));
		for (const struct subcommand *s = (*c)->subcommands; s != NULL && s->name != NULL; s++) {
			snprintf(wanted, sizeof(wanted), "\\fB%s\\fR", s->name);
			if (strstr(out.data, wanted) == NULL)
				fail_msg("%s %s is missing", (*c)->name, s->name);
		}
	}
}

TEST(no_line_of_the_manual_is_an_unknown_request)
{
	static const char *const requests[] = { ".TH ", ".SH ", ".TP\n", ".RS\n", ".RE\n", ".br\n", ".B ", ".I " };
	_cleanup_(text_clear) struct text out = TEXT_INIT;
	bool known;

	usage_manual(&out);
	for (const char *at = out.data; at != NULL && *at != '\0'; at = strchr(at, '\n'), at += at != NULL) {
		if (*at != '.' && *at != '\'')
			continue;
		known = false;
		for (size_t i = 0; i < COUNT(requests); i++)
			known = known || strncmp(at, requests[i], strlen(requests[i])) == 0;
		if (!known)
			fail_msg("%.40s", at);
	}
}

TEST(help_has_each_verb_and_stays_within_100_columns)
{
	_cleanup_(text_clear) struct text out = TEXT_INIT;
	size_t length;

	usage_print(&out);
	for (const struct verb *v = usage_verbs; v->name != NULL; v++)
		assert_non_null(strstr(out.data, v->summary));
	for (const char *at = out.data; *at != '\0'; at += length + (at[length] == '\n')) {
		length = strcspn(at, "\n");
		if (length > 100)
			fail_msg("%.*s", (int)length, at);
	}
}

TEST(completion_offers_chat_commands_where_one_is_wanted)
{
	static const struct {
		const char *shell, *line;
	} rows[] = {
		{ "bash", "\tdo) words=\"rollback rollout ops whoami help\" ;;" },
		{ "zsh", "\tdo) compadd -- rollback rollout ops whoami help; return ;;" },
		{ "fish", "complete -c rollcall -n '__fish_seen_subcommand_from do' -a 'rollback rollout ops whoami help'" },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		_cleanup_(text_clear) struct text out = TEXT_INIT, names = TEXT_INIT, line = TEXT_INIT;
		struct error err = ERROR_INIT;
		const char *at = strstr(rows[i].line, "rollback rollout ops whoami help");

		for (const struct command *const *c = commands_table; *c != NULL; c++)
			text_printf(&names, "%s%s", names.length > 0 ? " " : "", (*c)->name);
		text_add_bytes(&line, rows[i].line, (size_t)(at - rows[i].line));
		text_printf(&line, "%s%s", names.data, at + strlen("rollback rollout ops whoami help"));
		assert_true(usage_completion(&out, rows[i].shell, &err));
		if (!has_line(out.data, line.data))
			fail_msg("%s: %s", rows[i].shell, line.data);
	}
}

TEST(a_shell_that_is_not_known_is_named_by_those_that_are)
{
	static const char *const shells[] = { NULL, "", "tcsh", "BASH" };

	for (size_t i = 0; i < COUNT(shells); i++) {
		_cleanup_(text_clear) struct text out = TEXT_INIT;
		struct error err = ERROR_INIT;

		assert_row(i, !usage_completion(&out, shells[i], &err));
		assert_row(i, strstr(err.text, "bash, zsh or fish") != NULL && out.length == 0);
	}
}

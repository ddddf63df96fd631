/* permission_settings.c - rows of roles and rules. */

#include <string.h>

#include "command.h"
#include "settings_rows.h"

static bool
is_principal(const char *written)
{
	static const char *const prefixes[] = { "local:", "trigger:", "webhook:" };
	const char *at = strchr(written, '@');

	if (strpbrk(written, " \t\n") != NULL)
		return false;
	for (size_t i = 0; i < COUNT(prefixes); i++)
		if (string_starts(written, prefixes[i]))
			return written[strlen(prefixes[i])] != '\0';
	if (at != NULL)
		return at[1] != '\0' && strchr(at + 1, '@') == NULL;
	return strspn(written, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/") == strlen(written);
}

void
settings_check_people(struct settings *settings, const struct value *names)
{
	const struct value *value;

	for (size_t i = 0; i < value_count(names); i++) {
		value = value_item(names, i);
		if (!is_principal(value_string(value)))
			settings_problem(settings, value, "found \"%s\", expected an id (U0123ABCD), a mail "
			    "address, \"@name\", local:USER, trigger:NAME or webhook:NAME",
			    value_string(value));
	}
}

static void
check_groups(struct settings *settings, const struct value *names)
{
	const struct value *value;
	const char *name;

	for (size_t i = 0; i < value_count(names); i++) {
		value = value_item(names, i);
		name = value_string(value);
		if (strpbrk(name, " \t\n") != NULL || (name[0] != '@' && name[0] != 'S') || name[1] == '\0')
			settings_problem(settings, value, "found \"%s\", expected \"@group\" or an id like "
			    "S0123ABCD", name);
	}
}

static bool
value_has(const struct value *names, const char *name)
{
	for (size_t i = 0; i < value_count(names); i++)
		if (string_equal(value_string(value_item(names, i)), name))
			return true;
	return false;
}

/* Two people who share a face would be one. */
static void
check_faces(struct settings *settings, const struct value *people)
{
	settings_check_names(settings, people);
	for (size_t i = 0; i < value_count(people); i++) {
		const struct value *faces = value_item(people, i);

		for (size_t j = 0; j < value_count(faces); j++)
			for (size_t k = 0; k < i; k++)
				if (value_has(value_item(people, k), value_string(value_item(faces, j))))
					settings_problem(settings, value_item(faces, j),
					    "found \"%s\" of %s too, expected each at one person only",
					    value_string(value_item(faces, j)), value_key(people, k));
	}
}

/* "rollout history" is a command with its subcommand. */
static bool
is_command(const char *name)
{
	size_t length = strcspn(name, " ");
	const struct command *command = NULL;

	for (const struct command *const *c = commands_all(); *c != NULL; c++)
		if (strlen((*c)->name) == length && strncmp((*c)->name, name, length) == 0)
			command = *c;
	if (command == NULL || name[length] == '\0')
		return command != NULL || string_equal(name, "*");
	for (const struct subcommand *s = command->subcommands; s != NULL && s->name != NULL; s++)
		if (string_equal(s->name, name + length + 1))
			return true;
	return false;
}

static void
commands_print(struct text *out)
{
	for (const struct command *const *c = commands_all(); *c != NULL; c++)
		text_printf(out, "%s%s", out->length > 0 ? ", " : "", (*c)->name);
}

static void
check_commands(struct settings *settings, const struct value *names)
{
	_cleanup_(text_clear) struct text known = TEXT_INIT_LIMIT(KILOBYTES(4));
	const struct value *value;

	if (commands_all() == NULL)
		return;
	commands_print(&known);
	for (size_t i = 0; i < value_count(names); i++) {
		value = value_item(names, i);
		if (!is_command(value_string(value)))
			settings_problem(settings, value, "found \"%s\", expected a command (%s), or one "
			    "with its subcommand", value_string(value), known.data);
	}
}

static void
check_arguments(struct settings *settings, const struct value *map)
{
	bool nested = value_at(map, "scale.replicas") != NULL;

	if (nested && value_count(map) > 1)
		settings_problem(settings, map, "found scale beside others, expected it alone");
}

const struct setting permission_settings[] = {
	{ "roles", SETTING_MAP, .check = settings_check_names,
	    .sentence = "Who is who.  \"admin\" releases locks and the brake, and changes where there are no "
			"permissions." },
	{ "roles.*", SETTING_MAP, .example = "sre-lead", .sentence = "One role." },
	{ "roles.*.users", SETTING_NAMES, .open = true, .check = settings_check_people,
	    .example = "[ann@example.com, U0123ABCD, \"@bob\", \"local:root\"]",
	    .sentence = "Ids (best), mail addresses, \"@name\", local:USER of the console, trigger:NAME, "
			"webhook:NAME." },
	{ "roles.*.groups", SETTING_NAMES, .open = true, .check = check_groups, .example = "[\"@sre\"]",
	    .sentence = "User groups: \"@group\" or an id." },
	{ "roles.*.on_call", SETTING_STRING, .later = true, .refers = "on_call", .example = "primary",
	    .sentence = "Whoever is on call there, too." },

	{ "people", SETTING_MAP, .check = check_faces,
	    .sentence = "Who is the same human by several doors, as {ann: [ann@example.com, \"local:ann\"]}: "
			"nobody approves by one what they asked for by another." },
	{ "people.*", SETTING_NAMES, .open = true, .check = settings_check_people,
	    .sentence = "Ids (best), mail addresses, \"@name\", local:USER." },

	{ "permissions", SETTING_LIST,
	    .sentence = "Rules.  The first that fits decides; nothing fits: refused.  help is for every "
			"member.  Without any rule: everybody may look, only the role admin may change." },
	{ "permissions[].commands", SETTING_NAMES, .check = check_commands,
	    .example = "[rollback, rollout history]",
	    .sentence = "Commands, or commands with subcommands; without it: all." },
	{ "permissions[].targets", SETTING_NAMES, .example = "[\"my-*\"]",
	    .sentence = "Targets, * being any letters; without it: all." },
	{ "permissions[].environments", SETTING_NAMES, .refers = "environments", .example = "[production]",
	    .sentence = "Environments; without it: all." },
	{ "permissions[].roles", SETTING_NAMES, .refers = "roles", .example = "[sre-lead]",
	    .sentence = "Roles of the one who asks; without it: everybody." },
	{ "permissions[].channels", SETTING_NAMES, .refers = "channels", .example = "[incidents]",
	    .sentence = "Channels in which it is asked; without it: all." },
	{ "permissions[].arguments", SETTING_MAP, .check = check_arguments,
	    .sentence = "What may be asked for; without it: anything." },
	{ "permissions[].arguments.to", SETTING_NAMES, .example = "[previous, verified]",
	    .sentence = "Revisions: previous, verified, or versions." },
	{ "permissions[].arguments.replicas.at_most", SETTING_NUMBER, .required = true, .example = "20",
	    .sentence = "Scaling goes up to this." },
	{ "permissions[].arguments.scale.replicas.at_most", SETTING_NUMBER, .required = true,
	    .sentence = "The same, written as scale: {replicas: {at_most: 20}}." },
	{ "permissions[].approvals", SETTING_NUMBER, .max = 20, .initial = "0", .example = "1",
	    .sentence = "People who must say yes, beside what the environment asks." },
	{ "permissions[].approvers", SETTING_NAMES, .refers = "roles", .example = "[sre-lead]",
	    .sentence = "Roles that may say yes; without it: whoever may ask." },
	{ "permissions[].reason", SETTING_CHOICE, .choices = "required|optional", .initial = "optional",
	    .sentence = "Whether \"because …\" must be said: required or optional." },
	{ "permissions[].now", SETTING_BOOL, .initial = "false",
	    .sentence = "Whether \"now\" may skip the question." },
	{ "permissions[].break_glass", SETTING_BOOL, .initial = "false", .later = true,
	    .sentence = "Whether an emergency may skip approvals, which is told to everybody." },
	{ "permissions[].allow", SETTING_BOOL, .initial = "true",
	    .sentence = "false: what fits here is refused." },
	{ .path = NULL },
};

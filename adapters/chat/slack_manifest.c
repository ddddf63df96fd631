/* slack_manifest.c - the application as Slack wants it described. */

#include "slack_manifest.h"

#include <string.h>

#include "base/json.h"
#include "slack_events.h"

#define UMBRELLA "rollcall"

const char *const slack_needed_scopes[] = { "app_mentions:read", "channels:history", "channels:read",
	"chat:write", "commands", "files:write", "groups:history", "groups:read", "im:history",
	"im:write", "metadata.message:read", "usergroups:read", "users:read", NULL };

const struct slack_optional_scope slack_optional_scopes[] = {
	{ "users:read.email", "two accounts with one address count as two people" },
	{ NULL, NULL },
};

static bool
has_slash(const struct command *command)
{
	size_t length = strlen(command->name);
	const char *example = command->examples[0];

	return example != NULL && example[0] == '/' &&
	    strncmp(example + 1, command->name, length) == 0 &&
	    (example[1 + length] == ' ' || example[1 + length] == '\0');
}

static void
print_slash(struct text *out, const char *name, const char *summary, const char *usage)
{
	text_printf(out, "    - command: /%s\n      description: ", name);
	json_print_string(out, summary);	/* a JSON string is one of YAML too */
	text_add(out, "\n      usage_hint: ");
	json_print_string(out, usage);
	text_add(out, "\n      should_escape: true\n");
}

static void
print_commands(struct text *out, const struct command *const *table)
{
	_cleanup_(text_clear) struct text rest = TEXT_INIT;

	for (size_t i = 0; table[i] != NULL; i++) {
		if (has_slash(table[i]))
			print_slash(out, table[i]->name, table[i]->summary, table[i]->usage);
		text_printf(&rest, "%s%s", i > 0 ? "|" : "", table[i]->name);
	}
	text_add(&rest, " …");
	print_slash(out, UMBRELLA, "All commands, as the first word", rest.data);
}

void
slack_manifest_print(struct text *out, const struct command *const *table)
{
	const char *event;

	text_add(out,
	    "# The Slack application, as `rollcall manifest` prints it.  Paste it at api.slack.com/apps,\n"
	    "# Create New App, From a manifest; README.md says what comes next.\n"
	    "_metadata:\n"
	    "  major_version: 2\n"
	    "  minor_version: 1\n"
	    "display_information:\n"
	    "  name: rollcall\n"
	    "  description: Rollbacks and on-call work from chat, with plans, approvals and a record.\n"
	    "  background_color: \"#1f2937\"\n"
	    "features:\n"
	    "  app_home:\n"
	    "    home_tab_enabled: false\n"
	    "    messages_tab_enabled: true\n"
	    "    messages_tab_read_only_enabled: false\n"
	    "  bot_user:\n"
	    "    display_name: rollcall\n"
	    "    always_online: false\n"
	    "  slash_commands:\n");
	print_commands(out, table);
	text_add(out, "oauth_config:\n  scopes:\n    bot:\n");
	for (size_t i = 0; slack_needed_scopes[i] != NULL; i++)
		text_printf(out, "      - %s\n", slack_needed_scopes[i]);
	for (size_t i = 0; slack_optional_scopes[i].name != NULL; i++)
		text_printf(out, "      - %s\n", slack_optional_scopes[i].name);
	text_add(out, "settings:\n  event_subscriptions:\n    bot_events:\n"
	    "      - app_mention\n      - message.im\n");
	for (size_t i = 0; (event = slack_event_forgetful(i)) != NULL; i++)
		text_printf(out, "      - %s\n", event);
	text_add(out, "  interactivity:\n    is_enabled: true\n  org_deploy_enabled: false\n"
	    "  socket_mode_enabled: true\n  token_rotation_enabled: false\n");
}

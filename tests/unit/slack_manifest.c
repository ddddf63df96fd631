/* slack_manifest.c - the committed manifest is the printed one, and within Slack's bounds. */

#include "../../adapters/chat/slack_manifest.h"

#include "base/json.h"
#include "commands/commands.h"
#include "yaml.h"

#include "test.h"

static cJSON *
printed(struct text *out)
{
	struct error err = ERROR_INIT;
	cJSON *documents;

	slack_manifest_print(out, commands_table);
	documents = yaml_read_documents(out->data, out->length, &err);
	if (documents == NULL)
		fail_msg("%s", err.text);
	return documents;
}

TEST(the_committed_file_is_what_the_table_of_commands_gives)
{
	_cleanup_(text_clear) struct text out = TEXT_INIT, file = TEXT_INIT;
	char bytes[4096];
	size_t n;
	FILE *f = fopen("config/slack-manifest.yaml", "r");

	assert_non_null(f);
	while ((n = fread(bytes, 1, sizeof bytes, f)) > 0)
		text_add_bytes(&file, bytes, n);
	fclose(f);
	slack_manifest_print(&out, commands_table);
	if (!string_equal(out.data, file.data))
		fail_msg("write it anew: build/release/rollcall manifest >config/slack-manifest.yaml");
}

TEST(names_and_descriptions_are_within_slacks_bounds)
{
	_cleanup_(text_clear) struct text out = TEXT_INIT;
	_cleanup_(json_freep) cJSON *documents = printed(&out);
	const cJSON *command, *commands = json_at(documents, "0.features.slash_commands");
	int count = 0;

	assert_string_equal(json_string(documents, "0.display_information.name"), "rollcall");
	assert_true(strlen(json_string(documents, "0.display_information.description")) <= 140);
	json_each(command, commands) {
		const char *name = json_string(command, "command");

		count++;
		assert_true(name[0] == '/' && strlen(name) <= 32);
		assert_true(strlen(json_string(command, "description")) > 0);
		assert_non_null(json_string(command, "usage_hint"));
	}
	assert_in_range(count, 2, 50);
}

TEST(rollback_and_the_umbrella_are_slash_commands_and_help_is_none)
{
	_cleanup_(text_clear) struct text out = TEXT_INIT;
	_cleanup_(json_freep) cJSON *documents = printed(&out);

	assert_non_null(strstr(out.data, "command: /rollback\n"));
	assert_non_null(strstr(out.data, "command: /rollcall\n"));
	assert_null(strstr(out.data, "command: /help\n"));
	assert_true(json_bool(documents, "0.settings.socket_mode_enabled", false));
	assert_false(json_bool(documents, "0.features.bot_user.always_online", true));
}

TEST(it_asks_for_every_scope_that_is_needed)
{
	_cleanup_(text_clear) struct text out = TEXT_INIT;
	_cleanup_(json_freep) cJSON *documents = printed(&out);
	const cJSON *scopes = json_at(documents, "0.oauth_config.scopes.bot");

	for (int i = 0; slack_needed_scopes[i] != NULL; i++)
		assert_string_equal(cJSON_GetArrayItem(scopes, i)->valuestring, slack_needed_scopes[i]);
	assert_string_equal(cJSON_GetArrayItem(scopes, 13)->valuestring, slack_optional_scopes[0].name);
	assert_int_equal(cJSON_GetArraySize(scopes), 14);
}

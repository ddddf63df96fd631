/* slack_settings.c - rows of the Slack adapter. */

#include "adapters/all_settings.h"

static void
need(struct settings *settings, const struct value *map, const char *mode, const char *key)
{
	if (!value_was_written(map, key))
		settings_problem(settings, map, "found mode %s without %s, expected slack.%s", mode, key, key);
}

static void
check_slack(struct settings *settings, const struct value *map)
{
	const char *mode = value_string(value_at(map, "mode"));

	if (string_equal(mode, "socket"))
		need(settings, map, mode, "app_token");
	if (string_equal(mode, "http"))
		need(settings, map, mode, "signing_secret");
	if (mode != NULL)
		need(settings, map, mode, "bot_token");
}

static void
check_mode(struct settings *settings, const struct value *value)
{
	if (!string_equal(value_string(value), "socket"))
		settings_warning(settings, value, "mode %s is checked, but not acted on yet by this version",
		    value_string(value));
}

const struct setting slack_settings[] = {
	{ "slack", SETTING_MAP, .shown = true, .check = check_slack,
	    .sentence = "The workspace.  Without this section: the console only." },
	{ "slack.mode", SETTING_CHOICE, .choices = "socket|rtm|http", .initial = "socket",
	    .check = check_mode, .restart = true,
	    .sentence = "socket: Socket Mode; rtm: a classic app; http: signed requests to listen.http." },
	{ "slack.app_token", SETTING_SECRET, .shown = true, .example = "\"${SLACK_APP_TOKEN}\"",
	    .sentence = "xapp-…, of mode socket.  Any secret is \"${NAME}\" from the environment or "
			"file:PATH." },
	{ "slack.bot_token", SETTING_SECRET, .shown = true, .example = "\"${SLACK_BOT_TOKEN}\"",
	    .sentence = "xoxb-…" },
	{ "slack.signing_secret", SETTING_SECRET, .example = "\"${SLACK_SIGNING_SECRET}\"",
	    .sentence = "Of mode http." },
	{ "slack.api_url", SETTING_URL, .initial = "https://slack.com/api/", .restart = true,
	    .sentence = "Where the Web API is; another one in tests." },
	{ "slack.ca_file", SETTING_PATH, .example = "ca.pem", .restart = true,
	    .sentence = "A private authority." },
	{ "slack.proxy", SETTING_URL, .choices = "http", .example = "http://proxy:3128",
	    .restart = true,
	    .sentence = "The way out; the environment's proxies are not used." },
	{ "slack.connections", SETTING_NUMBER, .min = 1, .max = 9, .initial = "2", .restart = true,
	    .sentence = "Sockets that stand at once." },
	{ "slack.on_forgery", SETTING_CHOICE, .choices = "hold|tell", .initial = "hold",
	    .sentence = "When somebody presses a card that was forged in our name: hold changes from Slack "
			"until `rollcall unlock`, or only tell the admins." },
	{ .path = NULL },
};

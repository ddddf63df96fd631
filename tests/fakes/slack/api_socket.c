/* api_socket.c - auth.test, api.test and apps.connections.open. */

#include <stdlib.h>

#include "api.h"
#include "link.h"

static void
auth_test(struct call *call)
{
	json_add_string(call->reply, "url", "https://" TEAM_DOMAIN ".slack.com/");
	json_add_string(call->reply, "team", "Acme");
	json_add_string(call->reply, "user", fake_slack_bot(call->fs)->name);
	json_add_string(call->reply, "team_id", call->fs->team != NULL ? call->fs->team : TEAM);
	json_add_string(call->reply, "user_id", BOT_USER);
	json_add_string(call->reply, "bot_id", BOT);
	json_add_bool(call->reply, "is_enterprise_install", false);
}

static void
api_test(struct call *call)
{
	const char *error = call_string(call, "error");

	if (error != NULL)
		call_fail(call, error);
	cJSON_AddItemToObject(call->reply, "args", cJSON_Duplicate(call->args, true));
}

static void
connections_open(struct call *call)
{
	char *url;

	/* [gk] No page says what a switched-off Socket Mode answers. */
	if (call->fs->disabled) {
		call_fail(call, "forbidden");
		return;
	}
	url = link_url(call->fs, call->host);
	json_add_string(call->reply, "url", url);
	free(url);
}

const struct method methods_socket[] = {
	{ "auth.test", auth_test, 0, NULL, TOKEN_BOT },
	{ "api.test", api_test, 100, NULL, TOKEN_BOT },
	{ "apps.connections.open", connections_open, 1, NULL, TOKEN_APP },
	{ NULL, NULL, 0, NULL, TOKEN_BOT },
};

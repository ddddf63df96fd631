/* payload.c - what interactive envelopes carry (protocols 1.4). */

#include <string.h>

#include "describe.h"
#include "handout.h"
#include "payload.h"

cJSON *
payload_slash(struct fake_slack *fs, struct user *user, struct channel *channel,
    const char *command, const char *text)
{
	static const char *const hidden[] = {
		[FAKE_PRIVATE] = "privategroup", [FAKE_DIRECT] = "directmessage",
	};
	cJSON *payload = cJSON_CreateObject();

	json_add_string(payload, "token", "verification-token");
	json_add_string(payload, "team_id", user_team(user));
	json_add_string(payload, "team_domain", TEAM_DOMAIN);
	json_add_string(payload, "channel_id", channel->seen.id);
	json_add_string(payload, "channel_name", channel->seen.kind == FAKE_PUBLIC
	    ? channel->seen.name : hidden[channel->seen.kind]);
	json_add_string(payload, "user_id", user->seen.id);
	json_add_string(payload, "user_name", user->seen.name);
	json_add_string(payload, "command", command);
	json_add_string(payload, "text", text);
	json_add_string(payload, "api_app_id", APP);
	json_add_string(payload, "is_enterprise_install", "false");
	hook_add(fs, payload, user, channel, NULL, "commands");
	trigger_add(fs, payload, user, false);
	return payload;
}

/* What all interactions begin with. */
static cJSON *
payload_begin(struct fake_slack *fs, const struct user *user, const char *type)
{
	cJSON *payload = cJSON_CreateObject(), *part;

	(void)fs;
	json_add_string(payload, "type", type);
	part = json_add_object(payload, "team");
	json_add_string(part, "id", TEAM);
	json_add_string(part, "domain", TEAM_DOMAIN);
	part = json_add_object(payload, "user");
	json_add_string(part, "id", user->seen.id);
	json_add_string(part, "username", user->seen.name);
	json_add_string(part, "name", user->seen.name);
	json_add_string(part, "team_id", user_team(user));
	json_add_string(payload, "api_app_id", APP);
	json_add_string(payload, "token", "verification-token");
	cJSON_AddNullToObject(payload, "enterprise");
	json_add_bool(payload, "is_enterprise_install", false);
	return payload;
}

static void
payload_channel(cJSON *payload, const struct channel *channel)
{
	cJSON *part = json_add_object(payload, "channel");

	json_add_string(part, "id", channel->seen.id);
	json_add_string(part, "name", channel->seen.kind == FAKE_DIRECT ? "directmessage"
	    : channel->seen.kind == FAKE_PRIVATE ? "privategroup" : channel->seen.name);
}

static void
payload_action(struct fake_slack *fs, cJSON *payload, cJSON *action)
{
	int64_t now = clock_now(&fs->clock);
	char ts[TS_SIZE];

	/* No two clicks of a run share a stamp: it is part of what tells them apart. */
	ts_print(ts, now * 1000 + ++fs->workspace.names % 1000);
	json_add_string(action, "action_ts", ts);
	cJSON_AddItemToArray(json_add_array(payload, "actions"), action);
}

cJSON *
payload_click(struct fake_slack *fs, struct user *user, const struct message *message, size_t ago,
    cJSON *action)
{
	cJSON *payload = payload_begin(fs, user, "block_actions"), *container;
	bool ephemeral = message->seen.only_for != NULL;

	container = json_add_object(payload, "container");
	json_add_string(container, "type", "message");
	json_add_string(container, "message_ts", message->seen.ts);
	json_add_string(container, "channel_id", message->seen.channel);
	json_add_bool(container, "is_ephemeral", ephemeral);
	json_add_string(container, "thread_ts", message->seen.thread_ts);
	payload_channel(payload, message->channel);
	if (!ephemeral)
		cJSON_AddItemToObject(payload, "message", drawing_json(message, ago));
	json_add_object(json_add_object(payload, "state"), "values");
	hook_add(fs, payload, user, message->channel, message, "actions");
	trigger_add(fs, payload, user, false);
	payload_action(fs, payload, action);
	return payload;
}

cJSON *
payload_view_click(struct fake_slack *fs, struct user *user, struct view *view, cJSON *action)
{
	cJSON *payload = payload_begin(fs, user, "block_actions"), *container;

	container = json_add_object(payload, "container");
	json_add_string(container, "type", "view");
	json_add_string(container, "view_id", view->id);
	cJSON_AddItemToObject(payload, "view", view_json(view));
	trigger_add(fs, payload, user, true);
	payload_action(fs, payload, action);
	return payload;
}

cJSON *
payload_view(struct fake_slack *fs, struct user *user, const struct view *view, const char *type)
{
	cJSON *payload = payload_begin(fs, user, type);

	cJSON_AddItemToObject(payload, "view", view_json(view));
	if (strcmp(type, "view_submission") == 0) {
		trigger_add(fs, payload, user, true);
		json_add_array(payload, "response_urls");
	}
	return payload;
}

cJSON *
payload_suggestion(struct fake_slack *fs, struct user *user, const struct view *view,
    const cJSON *block, const cJSON *element, const char *typed)
{
	cJSON *payload = payload_begin(fs, user, "block_suggestion"), *container;

	container = json_add_object(payload, "container");
	json_add_string(container, "type", "view");
	json_add_string(container, "view_id", view->id);
	json_add_string(payload, "block_id", json_string(block, "block_id"));
	json_add_string(payload, "action_id", json_string(element, "action_id"));
	json_add_string(payload, "value", typed);
	cJSON_AddItemToObject(payload, "view", view_json(view));
	return payload;
}

cJSON *
payload_shortcut(struct fake_slack *fs, struct user *user, const char *callback_id,
    const struct message *message)
{
	cJSON *payload = payload_begin(fs, user, message == NULL ? "shortcut" : "message_action");
	char ts[TS_SIZE];

	ts_print(ts, clock_now(&fs->clock) * 1000 + ++fs->workspace.names % 1000);
	json_add_string(payload, "callback_id", callback_id);
	json_add_string(payload, "action_ts", ts);
	trigger_add(fs, payload, user, false);
	if (message == NULL)
		return payload;
	json_add_string(payload, "message_ts", message->seen.ts);
	payload_channel(payload, message->channel);
	cJSON_AddItemToObject(payload, "message", message_json(message, false));
	hook_add(fs, payload, user, message->channel, message, "app");
	return payload;
}

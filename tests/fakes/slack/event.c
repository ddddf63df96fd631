/* event.c - what the workspace tells the bot by itself (protocols 1.4, events_api). */

#include <string.h>

#include "base/arena.h"
#include "describe.h"
#include "envelope.h"
#include "event.h"

static cJSON *
event_envelope(struct fake_slack *fs, cJSON *inner, bool shared)
{
	cJSON *payload = cJSON_CreateObject(), *authorization;
	unsigned number = fake_slack_last_delivery(fs) + 1;

	json_add_string(payload, "token", "verification-token");
	json_add_string(payload, "team_id", TEAM);
	json_add_string(payload, "context_team_id", TEAM);
	cJSON_AddNullToObject(payload, "context_enterprise_id");
	json_add_string(payload, "api_app_id", APP);
	if (inner == NULL) {
		json_add_string(payload, "type", "app_rate_limited");
		json_add_number(
		    payload, "minute_rate_limited", (double)(clock_now(&fs->clock) / 60000));
		return payload;
	}
	cJSON_AddItemToObject(payload, "event", inner);
	json_add_string(payload, "type", "event_callback");
	json_add_stringf(payload, "event_id", "Ev%08X", number);
	json_add_number(payload, "event_time", (double)(clock_now(&fs->clock) / 1000));
	authorization = json_add_object(json_add_array(payload, "authorizations"), NULL);
	cJSON_AddNullToObject(authorization, "enterprise_id");
	json_add_string(authorization, "team_id", TEAM);
	json_add_string(authorization, "user_id", BOT_USER);
	json_add_bool(authorization, "is_bot", true);
	json_add_bool(authorization, "is_enterprise_install", false);
	json_add_bool(payload, "is_ext_shared_channel", shared);
	json_add_stringf(payload, "event_context", "4-%08x", number);
	return payload;
}

unsigned
event_send(struct fake_slack *fs, cJSON *inner, const struct user *user)
{
	const struct channel *channel = channel_by_id(fs, json_string(inner, "channel"));
	struct errand errand = {
		.kind = ERRAND_EVENT,
		.user = user == NULL ? NULL : user_by_id(fs, user->seen.id),
	};

	errand.payload = event_envelope(fs, inner, channel != NULL && channel->seen.is_ext_shared);
	return envelope_send(fs, &errand);
}

unsigned
fake_slack_event(struct fake_slack *fs, const cJSON *event)
{
	/* Nobody listens yet while the workspace is being furnished. */
	if (fs->base == NULL)
		return 0;
	return event_send(fs, event == NULL ? NULL : cJSON_Duplicate(event, true), NULL);
}

static const char *
channel_type(const struct channel *channel)
{
	static const char *const names[] = {
		[FAKE_PUBLIC] = "channel", [FAKE_PRIVATE] = "group", [FAKE_DIRECT] = "im",
	};

	return names[channel->seen.kind];
}

/* An app hears nothing of channels it is not in; ephemeral messages are nobody's event. */
static bool
event_heard(const struct fake_slack *fs, const struct message *message)
{
	if (!message->channel->seen.bot_is_member || message->seen.only_for != NULL)
		return false;
	return message->seen.bot_id == NULL || !fs->options.no_echo;
}

static cJSON *
event_message(const struct message *message, const char *type)
{
	cJSON *event = message_json(message, true);

	cJSON_ReplaceItemInObjectCaseSensitive(event, "type", cJSON_CreateString(type));
	json_add_string(event, "channel", message->channel->seen.id);
	json_add_string(event, "event_ts", message->seen.ts);
	if (message->seen.bot_id == NULL)
		json_add_stringf(event, "client_msg_id", "c11e0000-0000-4000-8000-%012x",
		    message->seen.number);
	return event;
}

static const struct user *
event_author(const struct fake_slack *fs, const struct message *message)
{
	return user_by_id(fs, message->seen.user);
}

void
event_posted(struct fake_slack *fs, const struct message *message)
{
	cJSON *event;

	if (!event_heard(fs, message))
		return;
	event = event_message(message, "message");
	json_add_string(event, "channel_type", channel_type(message->channel));
	event_send(fs, event, event_author(fs, message));
}

void
event_mention(struct fake_slack *fs, const struct message *message)
{
	if (event_heard(fs, message))
		event_send(fs, event_message(message, "app_mention"), event_author(fs, message));
}

static cJSON *
event_about(struct fake_slack *fs, const struct message *message, const char *subtype)
{
	cJSON *event = cJSON_CreateObject();
	char ts[TS_SIZE];

	ts_print(ts, clock_now(&fs->clock) * 1000);
	json_add_string(event, "type", "message");
	json_add_string(event, "subtype", subtype);
	json_add_bool(event, "hidden", true);
	json_add_string(event, "channel", message->channel->seen.id);
	json_add_string(event, "channel_type", channel_type(message->channel));
	json_add_string(event, "ts", ts);
	json_add_string(event, "event_ts", ts);
	if (message->past.count > 0)
		cJSON_AddItemToObject(event, "previous_message", drawing_json(message, 1));
	else
		cJSON_AddItemToObject(event, "previous_message", message_json(message, true));
	return event;
}

void
event_changed(struct fake_slack *fs, const struct message *message)
{
	cJSON *event;

	if (!event_heard(fs, message))
		return;
	event = event_about(fs, message, "message_changed");
	cJSON_AddItemToObject(event, "message", message_json(message, true));
	event_send(fs, event, event_author(fs, message));
}

void
event_deleted(struct fake_slack *fs, const struct message *message)
{
	cJSON *event;

	if (!event_heard(fs, message))
		return;
	event = event_about(fs, message, "message_deleted");
	json_add_string(event, "deleted_ts", message->seen.ts);
	event_send(fs, event, event_author(fs, message));
}

/* describe.c - the workspace's things as the JSON that Slack gives of them. */

#include <string.h>

#include "base/arena.h"
#include "describe.h"

/* ---- messages ------------------------------------------------------------------------------ */

static void
describe_reactions(cJSON *json, const struct fake_slack_message *seen)
{
	cJSON *list = json_add_array(json, "reactions"), *entry;
	const char *blank;

	for (const char *const *r = seen->reactions; *r != NULL; r++) {
		blank = strchr(*r, ' ');
		entry = json_add_object(list, NULL);
		json_add_stringf(entry, "name", "%.*s", (int)(blank - *r), *r);
		cJSON_AddItemToArray(json_add_array(entry, "users"), cJSON_CreateString(blank + 1));
		json_add_number(entry, "count", 1);
	}
}

static void
describe_author(cJSON *json, const struct fake_slack_message *seen)
{
	json_add_string(json, "user", seen->user);
	if (seen->bot_id != NULL) {
		json_add_string(json, "bot_id", seen->bot_id);
		json_add_string(json, "app_id", APP);
	}
	json_add_string(json, "team", TEAM);
}

cJSON *
message_json(const struct message *message, bool with_metadata)
{
	const struct fake_slack_message *seen = &message->seen;
	cJSON *json = cJSON_CreateObject(), *edited, *file;
	char ts[TS_SIZE];

	json_add_string(json, "type", "message");
	json_add_string(json, "subtype", seen->subtype);
	describe_author(json, seen);
	json_add_string(json, "text", seen->text);
	json_add_string(json, "ts", seen->ts);
	json_add_string(json, "thread_ts", seen->thread_ts);
	if (seen->thread_ts == NULL && message->replies > 0) {
		json_add_string(json, "thread_ts", seen->ts);
		json_add_number(json, "reply_count", (double)message->replies);
	}
	if (message->blocks != NULL)
		cJSON_AddItemToObject(json, "blocks", cJSON_Duplicate(message->blocks, true));
	if (with_metadata && message->metadata != NULL)
		cJSON_AddItemToObject(json, "metadata", cJSON_Duplicate(message->metadata, true));
	if (seen->edited_mark) {
		edited = json_add_object(json, "edited");
		ts_print(ts, message->edited_micros);
		json_add_string(edited, "user", seen->user);
		json_add_string(edited, "ts", ts);
	}
	if (seen->reactions != NULL)
		describe_reactions(json, seen);
	if (seen->file != NULL) {
		file = json_add_object(json_add_array(json, "files"), NULL);
		json_add_string(file, "id", seen->file);
		json_add_string(file, "name", seen->file_name);
	}
	return json;
}

cJSON *
drawing_json(const struct message *message, size_t ago)
{
	cJSON *json = message_json(message, true);
	const struct drawing *drawing;

	if (ago == 0)
		return json;
	drawing = &message->past.item[message->past.count - ago];
	cJSON_ReplaceItemInObjectCaseSensitive(json, "text", cJSON_CreateString(drawing->text));
	cJSON_DeleteItemFromObjectCaseSensitive(json, "blocks");
	if (drawing->blocks != NULL)
		cJSON_AddItemToObject(json, "blocks", cJSON_Duplicate(drawing->blocks, true));
	return json;
}

/* ---- people and places --------------------------------------------------------------------- */

cJSON *
user_json(const struct user *user, bool with_email)
{
	const struct fake_slack_user *seen = &user->seen;
	cJSON *json = cJSON_CreateObject(), *profile;
	bool stranger = strcmp(user_team(user), TEAM) != 0;

	json_add_string(json, "id", seen->id);
	json_add_string(json, "team_id", user_team(user));
	json_add_string(json, "name", seen->name);
	json_add_string(json, "real_name", seen->real_name);
	json_add_bool(json, "deleted", seen->deleted);
	json_add_bool(json, "is_bot", seen->is_bot);
	json_add_bool(json, "is_admin", seen->is_admin);
	json_add_bool(json, "is_owner", false);
	json_add_bool(json, "is_restricted", seen->is_restricted);
	json_add_bool(json, "is_ultra_restricted", seen->is_ultra_restricted);
	if (stranger)
		json_add_bool(json, "is_stranger", true);
	json_add_bool(json, "is_email_confirmed", !seen->email_unconfirmed);
	json_add_string(json, "tz", seen->zone == NULL ? "Etc/UTC" : seen->zone);
	json_add_string(json, "locale", seen->language == NULL ? "en-US" : seen->language);
	profile = json_add_object(json, "profile");
	json_add_string(profile, "real_name", seen->real_name);
	json_add_string(profile, "display_name", seen->name);
	if (with_email && !stranger)
		json_add_string(profile, "email", seen->email);
	return json;
}

cJSON *
channel_json(const struct fake_slack *fs, const struct channel *channel)
{
	const struct fake_slack_channel *seen = &channel->seen;
	cJSON *json = cJSON_CreateObject();
	bool direct = seen->kind == FAKE_DIRECT;

	(void)fs;
	json_add_string(json, "id", seen->id);
	json_add_string(json, "name", seen->name);
	json_add_bool(json, "is_channel", seen->kind == FAKE_PUBLIC);
	json_add_bool(json, "is_group", seen->kind == FAKE_PRIVATE);
	json_add_bool(json, "is_im", direct);
	json_add_bool(json, "is_mpim", false);
	json_add_bool(json, "is_private", seen->kind != FAKE_PUBLIC);
	json_add_bool(json, "is_archived", seen->is_archived);
	json_add_bool(json, "is_ext_shared", seen->is_ext_shared);
	json_add_bool(json, "is_org_shared", false);
	json_add_bool(json, "is_shared", seen->is_ext_shared);
	json_add_string(json, "context_team_id", TEAM);
	if (direct)
		json_add_string(json, "user", seen->user);
	else
		json_add_bool(json, "is_member", seen->bot_is_member);
	json_add_string(
	    json_add_object(json, "topic"), "value", seen->topic == NULL ? "" : seen->topic);
	return json;
}

cJSON *
group_json(const struct group *group, bool with_users)
{
	cJSON *json = cJSON_CreateObject(), *users;
	size_t count = 0;

	json_add_string(json, "id", group->seen.id);
	json_add_string(json, "team_id", TEAM);
	json_add_bool(json, "is_usergroup", true);
	json_add_string(json, "name", group->seen.name);
	json_add_string(json, "handle", group->seen.handle);
	json_add_number(json, "date_delete", group->seen.disabled ? 1 : 0);
	users = with_users ? json_add_array(json, "users") : NULL;
	for (const char *const *u = group->seen.users; u != NULL && *u != NULL; u++, count++)
		if (users != NULL)
			cJSON_AddItemToArray(users, cJSON_CreateString(*u));
	json_add_number(json, "user_count", (double)count);
	return json;
}

cJSON *
file_json(const struct file *file)
{
	cJSON *json = cJSON_CreateObject();

	json_add_string(json, "id", file->seen.id);
	json_add_string(json, "name", file->seen.name);
	json_add_string(json, "title", file->seen.title);
	json_add_number(json, "size", (double)file->seen.length);
	return json;
}

/* ---- dialogs ------------------------------------------------------------------------------- */

cJSON *
view_json(const struct view *view)
{
	cJSON *json = cJSON_Duplicate(view->view, true), *state;

	json_add_string(json, "id", view->id);
	json_add_string(json, "team_id", TEAM);
	json_add_string(json, "hash", view->hash);
	json_add_string(json, "app_id", APP);
	json_add_string(json, "bot_id", BOT);
	json_add_string(json, "root_view_id", view->root);
	if (*view->previous != '\0')
		json_add_string(json, "previous_view_id", view->previous);
	else
		cJSON_AddNullToObject(json, "previous_view_id");
	if (cJSON_GetObjectItemCaseSensitive(json, "private_metadata") == NULL)
		json_add_string(json, "private_metadata", "");
	if (cJSON_GetObjectItemCaseSensitive(json, "callback_id") == NULL)
		json_add_string(json, "callback_id", "");
	state = json_add_object(json, "state");
	cJSON_AddItemToObject(state, "values", view->values == NULL ? cJSON_CreateObject()
	    : cJSON_Duplicate(view->values, true));
	return json;
}

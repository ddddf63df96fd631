/*
 * state.c - the workspace as a JSON file: people, places, groups, messages.
 *
 *	{"users":[{"id":"U0ANN","name":"ann","email":"ann@example.com"}],
 *	 "channels":[{"id":"C0X","name":"x","bot_is_member":true,"members":["U0ANN"]}],
 *	 "groups":[{"id":"S0X","handle":"x","users":["U0ANN"]}],
 *	 "messages":[{"channel":"C0X","ts":"1795251600.000100","user":"U0ANN","text":"hello"}]}
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "fake.h"

#define STATE_MOST MEGABYTES(64)

static const char *const kinds[] = {
	[FAKE_PUBLIC] = "public", [FAKE_PRIVATE] = "private", [FAKE_DIRECT] = "direct",
};

/* ---- reading ------------------------------------------------------------------------------- */

static void
load_user(struct fake_slack *fs, const cJSON *json)
{
	fake_slack_put_user(fs, &(struct fake_slack_user){
		.id = json_string(json, "id"),
		.name = json_string(json, "name"),
		.real_name = json_string_or(json, "real_name", json_string(json, "name")),
		.email = json_string(json, "email"),
		.team = json_string(json, "team"),
		.zone = json_string(json, "zone"),
		.language = json_string(json, "language"),
		.is_bot = json_bool(json, "is_bot", false),
		.is_admin = json_bool(json, "is_admin", false),
		.is_restricted = json_bool(json, "is_restricted", false),
		.is_ultra_restricted = json_bool(json, "is_ultra_restricted", false),
		.deleted = json_bool(json, "deleted", false),
		.email_unconfirmed = json_bool(json, "email_unconfirmed", false),
	});
}

/* The strings of an array, ended by NULL, in the arena; NULL when there is no array. */
static const char *const *
load_list(struct arena *arena, const cJSON *array)
{
	const char **list;
	const cJSON *item;
	size_t count = 0;

	if (!cJSON_IsArray(array))
		return NULL;
	list = arena_alloc(arena, ((size_t)cJSON_GetArraySize(array) + 1) * sizeof(*list));
	json_each(item, array)
		if (cJSON_IsString(item))
			list[count++] = item->valuestring;
	return list;
}

static void
load_channel(struct fake_slack *fs, struct arena *arena, const cJSON *json)
{
	struct fake_slack_channel channel = {
		.id = json_string(json, "id"),
		.name = json_string(json, "name"),
		.topic = json_string(json, "topic"),
		.user = json_string(json, "user"),
		.bot_is_member = json_bool(json, "bot_is_member", false),
		.is_archived = json_bool(json, "is_archived", false),
		.is_ext_shared = json_bool(json, "is_ext_shared", false),
		.members = load_list(arena, json_at(json, "members")),
	};

	for (size_t i = 0; i < COUNT(kinds); i++)
		if (string_equal(json_string(json, "kind"), kinds[i]))
			channel.kind = (enum fake_slack_kind)i;
	fake_slack_put_channel(fs, &channel);
}

static void
load_group(struct fake_slack *fs, struct arena *arena, const cJSON *json)
{
	fake_slack_put_group(fs, &(struct fake_slack_group){
		.id = json_string(json, "id"),
		.handle = json_string_or(json, "handle", json_string(json, "id")),
		.name = json_string_or(json, "name", json_string(json, "handle")),
		.disabled = json_bool(json, "disabled", false),
		.users = load_list(arena, json_at(json, "users")),
	});
}

static bool
load_message(struct fake_slack *fs, const cJSON *json, struct error *err)
{
	const struct user *user = user_by_id(fs, json_string(json, "user"));
	struct draft draft = {
		.channel = channel_by_id(fs, json_string(json, "channel")),
		.text = json_string(json, "text"),
		.broadcast = json_bool(json, "broadcast", false),
	};
	struct channel *channel = draft.channel;

	if (channel == NULL || user == NULL || !ts_read(json_string(json, "ts"), &draft.micros))
		return wrong(err, "a message needs a known channel, a known user and a ts");
	if (channel->messages.count > 0
	    && channel->messages.item[channel->messages.count - 1]->micros >= draft.micros)
		return wrong(err, "the messages of %s do not ascend", channel->seen.id);
	ts_read(json_string(json, "thread_ts"), &draft.thread_micros);
	draft.user = user->seen.id;
	draft.bot_id = string_equal(user->seen.id, BOT_USER) ? BOT : NULL;
	if (json_string(json, "only_for") != NULL
	    && (user = user_by_id(fs, json_string(json, "only_for"))) != NULL)
		draft.only_for = user->seen.id;
	if (json_at(json, "blocks") != NULL)
		draft.blocks = cJSON_Duplicate(json_at(json, "blocks"), true);
	if (json_at(json, "metadata") != NULL)
		draft.metadata = cJSON_Duplicate(json_at(json, "metadata"), true);
	message_add(fs, &draft);
	return true;
}

static bool
load_each(struct fake_slack *fs, const cJSON *state, struct error *err)
{
	_cleanup_(arena_freep) struct arena *arena = arena_new();
	const cJSON *item;

	/* Those that no workspace is without; the file may describe them otherwise. */
	fake_slack_put_user(fs, &(struct fake_slack_user){ .id = BOT_USER, .name = "rollcall",
	    .real_name = "rollcall", .is_bot = true });
	fake_slack_put_user(fs, &(struct fake_slack_user){ .id = SLACKBOT, .name = "slackbot",
	    .real_name = "Slackbot" });
	json_each(item, json_at(state, "users")) {
		if (json_string(item, "id") == NULL || json_string(item, "name") == NULL)
			return wrong(err, "a user needs id and name");
		load_user(fs, item);
	}
	json_each(item, json_at(state, "channels")) {
		if (json_string(item, "id") == NULL)
			return wrong(err, "a channel needs an id");
		load_channel(fs, arena, item);
	}
	json_each(item, json_at(state, "groups")) {
		if (json_string(item, "id") == NULL)
			return wrong(err, "a group needs an id");
		load_group(fs, arena, item);
	}
	json_each(item, json_at(state, "messages"))
		if (!load_message(fs, item, err))
			return false;
	return true;
}

static bool
state_read(const char *path, struct text *text, bool *there, struct error *err)
{
	char bytes[16384];
	FILE *file = fopen(path, "re");
	size_t n;

	*there = file != NULL;
	if (file == NULL)
		return errno == ENOENT || failed(err, "%s: %s", path, strerror(errno));
	while ((n = fread(bytes, 1, sizeof(bytes), file)) > 0)
		text_add_bytes(text, bytes, n);
	fclose(file);
	return !text->cut || wrong(err, "%s is longer than 64 MiB", path);
}

bool
state_load(struct fake_slack *fs, const char *path, bool *there, struct error *err)
{
	_cleanup_(text_clear) struct text text = TEXT_INIT_LIMIT(STATE_MOST);
	_cleanup_(json_freep) cJSON *state = NULL;

	if (!state_read(path, &text, there, err))
		return false;
	if (!*there)
		return true;
	if ((state = json_parse(text.data, text.length, err)) == NULL || !load_each(fs, state, err))
		return error_wrap(err, "%s", path);
	return true;
}

/* ---- writing ------------------------------------------------------------------------------- */

/* Flags that are off and strings that are not there say nothing. */
static void
save_flag(cJSON *json, const char *name, bool flag)
{
	if (flag)
		json_add_bool(json, name, true);
}

static void
save_user(cJSON *list, const struct fake_slack_user *user)
{
	cJSON *json = json_add_object(list, NULL);

	json_add_string(json, "id", user->id);
	json_add_string(json, "name", user->name);
	json_add_string(json, "real_name", user->real_name);
	json_add_string(json, "email", user->email);
	json_add_string(json, "team", user->team);
	json_add_string(json, "zone", user->zone);
	json_add_string(json, "language", user->language);
	save_flag(json, "is_bot", user->is_bot);
	save_flag(json, "is_admin", user->is_admin);
	save_flag(json, "is_restricted", user->is_restricted);
	save_flag(json, "is_ultra_restricted", user->is_ultra_restricted);
	save_flag(json, "deleted", user->deleted);
	save_flag(json, "email_unconfirmed", user->email_unconfirmed);
}

static void
save_list(cJSON *json, const char *name, const char *const *list)
{
	cJSON *array;

	if (list == NULL)
		return;
	array = json_add_array(json, name);
	for (; *list != NULL; list++)
		cJSON_AddItemToArray(array, cJSON_CreateString(*list));
}

static void
save_channel(cJSON *list, const struct fake_slack_channel *channel)
{
	cJSON *json = json_add_object(list, NULL);

	json_add_string(json, "id", channel->id);
	json_add_string(json, "name", channel->name);
	json_add_string(json, "topic", channel->topic);
	json_add_string(json, "kind", kinds[channel->kind]);
	json_add_string(json, "user", channel->user);
	save_flag(json, "bot_is_member", channel->bot_is_member);
	save_flag(json, "is_archived", channel->is_archived);
	save_flag(json, "is_ext_shared", channel->is_ext_shared);
	save_list(json, "members", channel->members);
}

static void
save_group(cJSON *list, const struct fake_slack_group *group)
{
	cJSON *json = json_add_object(list, NULL);

	json_add_string(json, "id", group->id);
	json_add_string(json, "handle", group->handle);
	json_add_string(json, "name", group->name);
	save_flag(json, "disabled", group->disabled);
	save_list(json, "users", group->users);
}

static void
save_message(cJSON *list, const struct message *message)
{
	const struct fake_slack_message *seen = &message->seen;
	cJSON *json;

	if (seen->deleted)
		return;
	json = json_add_object(list, NULL);
	json_add_string(json, "channel", seen->channel);
	json_add_string(json, "ts", seen->ts);
	json_add_string(json, "thread_ts", seen->thread_ts);
	json_add_string(json, "user", seen->user);
	json_add_string(json, "text", seen->text);
	json_add_string(json, "only_for", seen->only_for);
	save_flag(json, "broadcast", message->broadcast);
	if (message->blocks != NULL)
		cJSON_AddItemToObject(json, "blocks", cJSON_Duplicate(message->blocks, true));
	if (message->metadata != NULL)
		cJSON_AddItemToObject(json, "metadata", cJSON_Duplicate(message->metadata, true));
}

static cJSON *
state_json(const struct workspace *w)
{
	cJSON *state = cJSON_CreateObject(), *list;

	list = json_add_array(state, "users");
	for (size_t i = 0; i < w->users.count; i++)
		save_user(list, &w->users.item[i]->seen);
	list = json_add_array(state, "channels");
	for (size_t i = 0; i < w->channels.count; i++)
		save_channel(list, &w->channels.item[i]->seen);
	list = json_add_array(state, "groups");
	for (size_t i = 0; i < w->groups.count; i++)
		save_group(list, &w->groups.item[i]->seen);
	list = json_add_array(state, "messages");
	for (size_t i = 0; i < w->channels.count; i++)
		for (size_t n = 0; n < w->channels.item[i]->messages.count; n++)
			save_message(list, w->channels.item[i]->messages.item[n]);
	return state;
}

bool
fake_slack_save(struct fake_slack *fs, const char *path, struct error *err)
{
	_cleanup_(text_clear) struct text text = TEXT_INIT_LIMIT(STATE_MOST);
	_cleanup_(json_freep) cJSON *state = state_json(&fs->workspace);
	_cleanup_(freep) char *beside = xasprintf("%s.new", path);
	FILE *file = fopen(beside, "we");
	bool written;

	json_print(&text, state);
	if (file == NULL)
		return failed(err, "%s: %s", beside, strerror(errno));
	written = fwrite(text.data, 1, text.length, file) == text.length;
	if (fclose(file) != 0 || !written || text.cut || rename(beside, path) != 0)
		return failed(err, "%s could not be written: %s", path, strerror(errno));
	return true;
}

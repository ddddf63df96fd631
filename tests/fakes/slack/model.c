/* model.c - people, places and groups of the workspace. */

#include <string.h>

#include "base/arena.h"
#include "fake.h"

bool
string_list_has(const char *const *list, const char *s)
{
	for (; list != NULL && *list != NULL; list++)
		if (strcmp(*list, s) == 0)
			return true;
	return false;
}

static const char *const *
list_copy(struct arena *arena, const char *const *list)
{
	const char **copy;
	size_t n;

	if (list == NULL)
		return NULL;
	for (n = 0; list[n] != NULL; n++)
		;
	copy = arena_alloc(arena, (n + 1) * sizeof(*copy));
	for (n = 0; list[n] != NULL; n++)
		copy[n] = arena_strdup(arena, list[n]);
	return copy;
}

void
workspace_init(struct fake_slack *fs)
{
	fs->workspace.arena = arena_new();
}

/* ---- people -------------------------------------------------------------------------------- */

struct user *
user_by_id(const struct fake_slack *fs, const char *id)
{
	const struct workspace *w = &fs->workspace;

	for (size_t i = 0; id != NULL && i < w->users.count; i++)
		if (strcmp(w->users.item[i]->seen.id, id) == 0)
			return w->users.item[i];
	return NULL;
}

struct user *
user_find(const struct fake_slack *fs, const char *who)
{
	const struct workspace *w = &fs->workspace;
	struct user *user = user_by_id(fs, who);

	if (who != NULL && *who == '@')
		who++;
	for (size_t i = 0; user == NULL && who != NULL && i < w->users.count; i++)
		if (string_equal(w->users.item[i]->seen.name, who))
			user = w->users.item[i];
	return user;
}

struct user *
user_by_email(const struct fake_slack *fs, const char *email)
{
	const struct workspace *w = &fs->workspace;

	for (size_t i = 0; email != NULL && i < w->users.count; i++)
		if (w->users.item[i]->seen.email != NULL
		    && string_equal_nocase(w->users.item[i]->seen.email, email))
			return w->users.item[i];
	return NULL;
}

const char *
user_team(const struct user *user)
{
	return user->seen.team == NULL ? TEAM : user->seen.team;
}

bool
user_is_guest(const struct user *user)
{
	return user->seen.is_restricted || user->seen.is_ultra_restricted;
}

static void
user_fill(struct arena *arena, struct user *user, const struct fake_slack_user *from)
{
	struct fake_slack_user *to = &user->seen;

	*to = *from;
	to->id = arena_strdup(arena, from->id);
	to->name = arena_strdup(arena, from->name);
	to->real_name = arena_strdup(arena, from->real_name);
	to->email = arena_strdup(arena, from->email);
	to->team = arena_strdup(arena, from->team);
	to->zone = arena_strdup(arena, from->zone);
	to->language = arena_strdup(arena, from->language);
}

const struct fake_slack_user *
fake_slack_put_user(struct fake_slack *fs, const struct fake_slack_user *from)
{
	struct workspace *w = &fs->workspace;
	struct user *user = user_by_id(fs, from->id);
	cJSON *event;

	if (user == NULL) {
		user = arena_new_of(w->arena, struct user);
		*GROW(&w->users) = user;
		user_fill(w->arena, user, from);
		fake_changed(fs);
		return &user->seen;
	}
	user_fill(w->arena, user, from);
	event = cJSON_CreateObject();
	json_add_string(event, "type", "user_change");
	json_add_string(json_add_object(event, "user"), "id", user->seen.id);
	json_add_bool(
	    cJSON_GetObjectItemCaseSensitive(event, "user"), "deleted", user->seen.deleted);
	fake_slack_event(fs, event);
	cJSON_Delete(event);
	fake_changed(fs);
	return &user->seen;
}

const struct fake_slack_user *
fake_slack_user(const struct fake_slack *fs, const char *who)
{
	struct user *user = user_find(fs, who);

	return user == NULL ? NULL : &user->seen;
}

const struct fake_slack_user *
fake_slack_bot(const struct fake_slack *fs)
{
	return fake_slack_user(fs, BOT_USER);
}

/* ---- places -------------------------------------------------------------------------------- */

struct channel *
channel_by_id(const struct fake_slack *fs, const char *id)
{
	const struct workspace *w = &fs->workspace;

	for (size_t i = 0; id != NULL && i < w->channels.count; i++)
		if (strcmp(w->channels.item[i]->seen.id, id) == 0)
			return w->channels.item[i];
	return NULL;
}

struct channel *
channel_by_name(const struct fake_slack *fs, const char *name)
{
	const struct workspace *w = &fs->workspace;

	if (name != NULL && *name == '#')
		name++;
	for (size_t i = 0; name != NULL && i < w->channels.count; i++)
		if (string_equal(w->channels.item[i]->seen.name, name))
			return w->channels.item[i];
	return NULL;
}

struct channel *
channel_direct(struct fake_slack *fs, const struct user *user)
{
	struct workspace *w = &fs->workspace;
	struct fake_slack_channel direct = { .kind = FAKE_DIRECT, .bot_is_member = true };

	for (size_t i = 0; i < w->channels.count; i++)
		if (w->channels.item[i]->seen.kind == FAKE_DIRECT
		    && string_equal(w->channels.item[i]->seen.user, user->seen.id))
			return w->channels.item[i];
	direct.id = arena_printf(w->arena, "D%s", user->seen.id + 1);
	direct.user = user->seen.id;
	fake_slack_put_channel(fs, &direct);
	return channel_by_id(fs, direct.id);
}

struct channel *
channel_find(struct fake_slack *fs, const char *where)
{
	struct channel *channel = channel_by_id(fs, where);
	struct user *user;

	if (channel == NULL)
		channel = channel_by_name(fs, where);
	if (channel == NULL && (user = user_find(fs, where)) != NULL)
		channel = channel_direct(fs, user);
	return channel;
}

bool
channel_has(const struct fake_slack *fs, const struct channel *channel, const struct user *user)
{
	const struct fake_slack_channel *seen = &channel->seen;

	(void)fs;
	if (strcmp(user->seen.id, BOT_USER) == 0)
		return seen->bot_is_member;
	if (seen->kind == FAKE_DIRECT)
		return strcmp(seen->user, user->seen.id) == 0;
	if (user->seen.deleted)
		return false;
	if (seen->members != NULL)
		return string_list_has(seen->members, user->seen.id);
	return user->seen.team == NULL || strcmp(user->seen.team, TEAM) == 0 || seen->is_ext_shared;
}

static void
channel_fill(struct arena *arena, struct channel *channel, const struct fake_slack_channel *from)
{
	struct fake_slack_channel *to = &channel->seen;

	*to = *from;
	to->id = arena_strdup(arena, from->id);
	to->name = arena_strdup(arena, from->name);
	to->topic = arena_strdup(arena, from->topic);
	to->user = arena_strdup(arena, from->user);
	to->members = list_copy(arena, from->members);
}

const struct fake_slack_channel *
fake_slack_put_channel(struct fake_slack *fs, const struct fake_slack_channel *from)
{
	struct workspace *w = &fs->workspace;
	struct channel *channel = channel_by_id(fs, from->id);
	bool shared = channel != NULL && channel->seen.is_ext_shared;
	cJSON *event;

	if (channel == NULL) {
		channel = arena_new_of(w->arena, struct channel);
		*GROW(&w->channels) = channel;
		shared = true;
	}
	channel_fill(w->arena, channel, from);
	if (!shared && from->is_ext_shared) {
		event = cJSON_CreateObject();
		json_add_string(event, "type", "channel_shared");
		json_add_string(event, "channel", from->id);
		json_add_string(event, "connected_team_id", "T0OTHER");
		fake_slack_event(fs, event);
		cJSON_Delete(event);
	}
	fake_changed(fs);
	return &channel->seen;
}

const struct fake_slack_channel *
fake_slack_channel(struct fake_slack *fs, const char *where)
{
	struct channel *channel = channel_find(fs, where);

	return channel == NULL ? NULL : &channel->seen;
}

/* ---- user groups --------------------------------------------------------------------------- */

struct group *
group_by_id(const struct fake_slack *fs, const char *id)
{
	const struct workspace *w = &fs->workspace;

	for (size_t i = 0; id != NULL && i < w->groups.count; i++)
		if (strcmp(w->groups.item[i]->seen.id, id) == 0)
			return w->groups.item[i];
	return NULL;
}

struct group *
group_find(const struct fake_slack *fs, const char *which)
{
	const struct workspace *w = &fs->workspace;
	struct group *group = group_by_id(fs, which);

	if (which != NULL && *which == '@')
		which++;
	for (size_t i = 0; group == NULL && which != NULL && i < w->groups.count; i++)
		if (string_equal(w->groups.item[i]->seen.handle, which))
			group = w->groups.item[i];
	return group;
}

static void
group_told(struct fake_slack *fs, const struct group *group)
{
	cJSON *event = cJSON_CreateObject(), *subteam, *users;

	json_add_string(event, "type", "subteam_updated");
	subteam = json_add_object(event, "subteam");
	json_add_string(subteam, "id", group->seen.id);
	json_add_string(subteam, "team_id", TEAM);
	json_add_string(subteam, "handle", group->seen.handle);
	json_add_number(subteam, "date_delete", group->seen.disabled ? 1 : 0);
	users = json_add_array(subteam, "users");
	for (const char *const *u = group->seen.users; u != NULL && *u != NULL; u++)
		cJSON_AddItemToArray(users, cJSON_CreateString(*u));
	fake_slack_event(fs, event);
	cJSON_Delete(event);
}

const struct fake_slack_group *
fake_slack_put_group(struct fake_slack *fs, const struct fake_slack_group *from)
{
	struct workspace *w = &fs->workspace;
	struct group *group = group_by_id(fs, from->id);
	bool known = group != NULL;

	if (!known) {
		group = arena_new_of(w->arena, struct group);
		*GROW(&w->groups) = group;
	}
	group->seen = *from;
	group->seen.id = arena_strdup(w->arena, from->id);
	group->seen.handle = arena_strdup(w->arena, from->handle);
	group->seen.name = arena_strdup(w->arena, from->name);
	group->seen.users = list_copy(w->arena, from->users);
	if (known)
		group_told(fs, group);
	fake_changed(fs);
	return &group->seen;
}

const struct fake_slack_group *
fake_slack_group(const struct fake_slack *fs, const char *which)
{
	struct group *group = group_find(fs, which);

	return group == NULL ? NULL : &group->seen;
}

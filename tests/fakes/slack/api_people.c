/* api_people.c - users.* and usergroups.*. */

#include <stdlib.h>
#include <string.h>

#include "describe.h"
#include "api.h"

static bool
people_emails(struct call *call)
{
	return call_scope(call->fs, "users:read.email");
}

static void
users_info(struct call *call)
{
	struct user *user = call_user(call, "user");

	if (user != NULL)
		cJSON_AddItemToObject(call->reply, "user", user_json(user, people_emails(call)));
}

static void
users_lookup_by_email(struct call *call)
{
	const struct user *user = user_by_email(call->fs, call_string(call, "email"));

	if (user == NULL || user->seen.deleted)
		call_fail(call, "users_not_found");
	else
		cJSON_AddItemToObject(call->reply, "user", user_json(user, true));
}

static void
users_list(struct call *call)
{
	cJSON *members = json_add_array(call->reply, "members");
	const struct workspace *w = &call->fs->workspace;
	size_t from, to;

	call_page(call, w->users.count, call_number(call, "limit", 0), &from, &to);
	for (size_t i = from; i < to; i++)
		cJSON_AddItemToArray(members, user_json(w->users.item[i], people_emails(call)));
}

static void
usergroups_list(struct call *call)
{
	cJSON *groups = json_add_array(call->reply, "usergroups");
	const struct workspace *w = &call->fs->workspace;
	bool disabled = call_flag(call, "include_disabled", false);
	bool users = call_flag(call, "include_users", false);

	for (size_t i = 0; i < w->groups.count; i++)
		if (disabled || !w->groups.item[i]->seen.disabled)
			cJSON_AddItemToArray(groups, group_json(w->groups.item[i], users));
}

static struct group *
people_group(struct call *call)
{
	struct group *group = group_by_id(call->fs, call_string(call, "usergroup"));

	if (group == NULL
	    || (group->seen.disabled && !call_flag(call, "include_disabled", false))) {
		call_fail(call, "no_such_subteam");
		return NULL;
	}
	return group;
}

static void
usergroups_users_list(struct call *call)
{
	const struct group *group = people_group(call);
	cJSON *users;

	if (group == NULL)
		return;
	users = json_add_array(call->reply, "users");
	for (const char *const *u = group->seen.users; u != NULL && *u != NULL; u++)
		cJSON_AddItemToArray(users, cJSON_CreateString(*u));
}

/* Keeping @oncall: replaces the members of a group. */
static void
usergroups_users_update(struct call *call)
{
	const struct group *group = people_group(call);
	const char *given = call_string(call, "users");
	struct fake_slack_group changed;
	const char *users[64] = { NULL };
	char *copy, *rest = NULL;
	size_t count = 0;

	if (group == NULL)
		return;
	if (given == NULL) {
		call_fail(call, "no_users_provided");
		return;
	}
	copy = xstrdup(given);
	for (char *id = strtok_r(copy, ", ", &rest); id != NULL && count < COUNT(users) - 1;
	     id = strtok_r(NULL, ", ", &rest)) {
		if (user_by_id(call->fs, id) == NULL)
			call_fail(call, "invalid_users");
		users[count++] = id;
	}
	changed = group->seen;
	changed.users = users;
	if (!call->failed) {
		fake_slack_put_group(call->fs, &changed);
		cJSON_AddItemToObject(call->reply, "usergroup", group_json(group, true));
	}
	free(copy);
}

const struct method methods_people[] = {
	{ "users.info", users_info, 100, "users:read", TOKEN_BOT },
	{ "users.lookupByEmail", users_lookup_by_email, 50, "users:read.email", TOKEN_BOT },
	{ "users.list", users_list, 20, "users:read", TOKEN_BOT },
	{ "usergroups.list", usergroups_list, 20, "usergroups:read", TOKEN_BOT },
	{ "usergroups.users.list", usergroups_users_list, 20, "usergroups:read", TOKEN_BOT },
	{ "usergroups.users.update", usergroups_users_update, 20, "usergroups:write", TOKEN_BOT },
	{ NULL, NULL, 0, NULL, TOKEN_BOT },
};

/* slack_facts.c - users.info and conversations.info as facts; what is missing gives no right. */

#include <string.h>

#include "base/text.h"
#include "slack_events.h"
#include "slack_people.h"

static const struct {
	const char *flag, *why;
} barred[] = {
	{ "deleted", "deactivated" },
	{ "is_bot", "a bot" },
	{ "is_workflow_bot", "a workflow" },
	{ "is_connector_bot", "a bot" },
	{ "is_restricted", "a guest" },
	{ "is_ultra_restricted", "a guest" },
	{ "is_stranger", "from another workspace" },
	{ "is_invited_user", "invited, but not here yet" },
};

/* In an organisation a person has one home and may belong to several workspaces. */
static bool
is_of_team(const cJSON *user, const char *team)
{
	const cJSON *one, *teams = json_at(user, "enterprise_user.teams");

	if (team == NULL || json_string(user, "team_id") == NULL)
		return false;
	if (string_equal(json_string(user, "team_id"), team))
		return true;
	json_each(one, teams)
		if (string_equal(cJSON_GetStringValue(one), team))
			return true;
	return false;
}

/* Anything but absent, null or false bars: a flag of an unknown type is no permission. */
static bool
is_set(const cJSON *user, const char *flag)
{
	const cJSON *item = json_at(user, flag);

	return item != NULL && !cJSON_IsNull(item) && !cJSON_IsFalse(item);
}

static const char *
why_not(const cJSON *user, const char *team)
{
	if (!slack_id_valid(json_string(user, "id")))
		return "unknown to Slack";
	if (string_equal(json_string(user, "id"), "USLACKBOT"))
		return "a bot";
	for (size_t i = 0; i < COUNT(barred); i++)
		if (is_set(user, barred[i].flag))
			return barred[i].why;
	return is_of_team(user, team) ? NULL : "from another workspace";
}

static const char *
not_empty(const char *s)
{
	return s != NULL && *s != '\0' ? s : NULL;
}

void
slack_person_read(struct person_facts *facts, const cJSON *user, const char *team)
{
	const char *name = not_empty(json_string(user, "profile.display_name"));

	if (name == NULL)
		name = not_empty(json_string(user, "profile.real_name"));
	*facts = (struct person_facts){
		.id = json_string(user, "id"),
		.team = json_string(user, "team_id"),
		.name = name != NULL ? name : json_string(user, "name"),
		.email = not_empty(json_string(user, "profile.email")),
		.email_verified = cJSON_IsTrue(json_at(user, "is_email_confirmed")),
		.zone = not_empty(json_string(user, "tz")),
		.language = not_empty(json_string(user, "locale")),
		.why_not = why_not(user, team),
	};
	facts->there = facts->why_not == NULL;
}

/* Shared inside an organisation is harmless only when every workspace named is ours. */
static bool
has_foreign_team(const cJSON *channel, const char *team)
{
	static const char *const lists[] = { "shared_team_ids", "internal_team_ids",
		"connected_team_ids", "pending_connected_team_ids", "pending_shared", NULL };
	const cJSON *one, *list;
	bool named = false;

	for (size_t i = 0; lists[i] != NULL; i++) {
		list = json_at(channel, lists[i]);
		json_each(one, list) {
			if (!string_equal(cJSON_GetStringValue(one), team))
				return true;
			named = true;
		}
	}
	return is_set(channel, "is_org_shared") && !named;
}

void
slack_channel_read(struct channel_facts *facts, const cJSON *channel, const char *team)
{
	bool direct = json_bool(channel, "is_im", false);

	*facts = (struct channel_facts){
		.id = json_string(channel, "id"),
		.name = json_string(channel, "name"),
		.there = slack_id_valid(json_string(channel, "id")),
		.member = direct || json_bool(channel, "is_member", false),
		.shared = is_set(channel, "is_ext_shared") || is_set(channel, "is_pending_ext_shared") ||
		    has_foreign_team(channel, team),
		.archived = is_set(channel, "is_archived"),
	};
}

/*
 * slack_events.c - payloads as arrivals.
 *
 * Whose it is comes first, for every kind alike; then each kind has one function.
 */

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "slack_blocks.h"
#include "slack_events.h"

#define SEAL_LENGTH 73		/* of seal.h: 8 digits, a dot, 64 digits */

struct event_reading {
	const cJSON *envelope, *payload;
	const struct slack_identity *self;
	int64_t wall;
	struct slack_event event;
};

static void
drop(struct event_reading *r, const char *counter)
{
	r->event.counter = counter;
}

static void
refuse_stranger(struct event_reading *r)
{
	r->event.counter = "refused.foreign";
	r->event.refused = true;
}

/* ---- whose it is (ID2) ---- */

static bool
is_other(const struct event_reading *r, const char *path)
{
	const cJSON *item = json_at(r->payload, path);

	if (item == NULL || cJSON_IsNull(item) || cJSON_IsObject(item))
		return false;
	return !string_equal(cJSON_GetStringValue(item), r->self->team);
}

/* Must be there, and be ours. */
static bool
is_ours(const struct event_reading *r, const char *path)
{
	return string_equal(json_string(r->payload, path), r->self->team);
}

static bool
is_foreign(const struct event_reading *r)
{
	static const char *const paths[] = { "team_id", "context_team_id", "team", "user_team",
		"source_team", "user.team_id", "view.team_id", "event.team", "event.user_team",
		"event.source_team", "event.user_profile.team", NULL };

	if (json_bool(r->payload, "is_enterprise_install", false))
		return true;
	for (size_t i = 0; paths[i] != NULL; i++)
		if (is_other(r, paths[i]))
			return true;
	return false;
}

static bool
is_other_app(const struct event_reading *r)
{
	const char *app = json_string(r->payload, "api_app_id");

	return app != NULL && r->self->app != NULL && !string_equal(app, r->self->app);
}

/* A click or a submission says whose application drew it; one that does not say so is nobody's (ID9). */
static bool
is_no_apps(const struct event_reading *r)
{
	return r->self->app != NULL && json_string(r->payload, "api_app_id") == NULL;
}

/* ---- arrivals ---- */

static struct arrival *
new_arrival(struct event_reading *r, enum door door, const char *person)
{
	struct arena *arena = arena_new();
	struct arrival *arrival = arena_new_of(arena, struct arrival);

	arrival->arena = arena;
	arrival->door = door;
	arrival->team = arena_strdup(arena, r->self->team);
	arrival->person = arena_strdup(arena, person);
	arrival->stamp = arrival->received = r->wall;
	r->event.arrival = arrival;
	return arrival;
}

/* Milliseconds of "1763708400.000100"; otherwise when it is none. */
static int64_t
ts_stamp(const char *ts, int64_t otherwise)
{
	char *end;
	int64_t seconds, ms = 0;

	if (!slack_ts_valid(ts))
		return otherwise;
	seconds = strtoll(ts, &end, 10);
	for (int i = 1; i <= 3; i++) {
		ms = ms * 10 + (*end != '\0' && end[1] != '\0' ? end[1] - '0' : 0);
		end += *end != '\0' && end[1] != '\0';
	}
	return seconds * 1000 + ms;
}

static void
read_command(struct event_reading *r)
{
	const char *user = json_string(r->payload, "user_id"), *text;
	const char *channel = json_string(r->payload, "channel_id");
	const char *command = json_string(r->payload, "command");
	const char *trigger = json_string(r->payload, "trigger_id");
	struct arrival *arrival;

	if (!is_ours(r, "team_id")) {
		refuse_stranger(r);
		return;
	}
	if (!slack_id_valid(user) || !slack_id_valid(channel) || command == NULL || *command != '/') {
		drop(r, "dropped.malformed");
		return;
	}
	if (trigger == NULL)
		trigger = json_string_or(r->envelope, "envelope_id", "");
	arrival = new_arrival(r, DOOR_SLASH, user);
	text = slack_text_read(arrival->arena, json_string_or(r->payload, "text", ""));
	arrival->key = arena_printf(arrival->arena, "%s/command/%s", r->self->team, trigger);
	arrival->person_name =
	    arena_strdup(arrival->arena, json_string(r->payload, "user_name"));
	arrival->channel = arena_strdup(arrival->arena, channel);
	arrival->channel_name =
	    arena_strdup(arrival->arena, json_string(r->payload, "channel_name"));
	arrival->text = arena_printf(arrival->arena, "%s%s%s", command, *text != '\0' ? " " : "", text);
	arrival->reply_url = arena_strdup(arrival->arena, json_string(r->payload, "response_url"));
	arrival->trigger = arena_strdup(arrival->arena, json_string(r->payload, "trigger_id"));
}

/* ---- messages ---- */

static const char *
find_mention(const char *text, const char *user)
{
	size_t length = user != NULL ? strlen(user) : 0;
	const char *at = text;

	while (length > 0 && (at = strstr(at, "<@")) != NULL) {
		at += 2;
		if (strncmp(at, user, length) == 0 && (at[length] == '>' || at[length] == '|'))
			return at - 2;
	}
	return NULL;
}

/* What follows our mention is the command; when nothing does, what stands before it. */
static const char *
addressed_text(struct arena *arena, const char *text, const char *user)
{
	const char *mention = find_mention(text, user), *rest;

	if (mention == NULL)
		return text;
	rest = strchr(mention, '>');
	if (rest == NULL)
		return text;
	rest += 1 + strspn(rest + 1, " \t\n:,");
	return *rest != '\0' ? rest : arena_copy(arena, text, (size_t)(mention - text));
}

static bool
there(const cJSON *object, const char *key)
{
	const cJSON *item = json_at(object, key);

	return item != NULL && !cJSON_IsNull(item) && !cJSON_IsFalse(item);
}

/* Why a message is nobody's command (ID4); NULL: it may be one. */
static const char *
why_no_command(const struct event_reading *r, const cJSON *event)
{
	const char *user = json_string(event, "user"), *subtype = json_string(event, "subtype");

	if (string_equal(user, r->self->user) ||
	    (r->self->bot != NULL && string_equal(json_string(event, "bot_id"), r->self->bot)))
		return "dropped.own";
	if (there(event, "bot_id") || there(event, "app_id") || there(event, "bot_profile"))
		return "dropped.bot";
	if (there(event, "subtype") && !string_equal(subtype, "file_share") &&
	    !string_equal(subtype, "thread_broadcast"))
		return "dropped.subtype";
	if (there(event, "edited"))
		return "dropped.edited";
	if (there(event, "hidden"))
		return "dropped.subtype";
	if (!slack_id_valid(user) || !slack_id_valid(json_string(event, "channel")) ||
	    !slack_ts_valid(json_string(event, "ts")) || json_string(event, "text") == NULL)
		return "dropped.malformed";
	return NULL;
}

static void
read_message(struct event_reading *r, const cJSON *event)
{
	const char *why = why_no_command(r, event), *text = json_string(event, "text");
	const char *thread = json_string(event, "thread_ts"), *ts = json_string(event, "ts");
	const char *channel = json_string(event, "channel");
	bool direct = string_equal(json_string(event, "channel_type"), "im");
	struct arrival *arrival;
	double seconds;

	if (why != NULL) {
		drop(r, why);
		return;
	}
	if (!direct && find_mention(text, r->self->user) == NULL) {
		drop(r, "ignored.message");
		return;
	}
	arrival = new_arrival(r, DOOR_MESSAGE, json_string(event, "user"));
	arrival->key = arena_printf(arrival->arena, "%s/message/%s/%s", r->self->team, channel, ts);
	arrival->channel = arena_strdup(arrival->arena, channel);
	arrival->message = arena_strdup(arrival->arena, ts);
	arrival->thread = slack_ts_valid(thread) ? arena_strdup(arrival->arena, thread) : NULL;
	text = addressed_text(arrival->arena, text, r->self->user);
	arrival->text = slack_text_read(arrival->arena, text);
	seconds = json_number(r->payload, "event_time", 0);
	arrival->stamp = seconds > 0 && seconds < 1e11 ? (int64_t)seconds * 1000
						       : ts_stamp(ts, r->wall);
}

/* ---- what changes rights ---- */

static const struct {
	const char *type, *kind, *path;
} forgetful[] = {
	{ "subteam_members_changed", "group", "subteam_id" },
	{ "subteam_updated", "group", "subteam.id" },
	{ "subteam_created", "group", "subteam.id" },
	{ "user_change", "person", "user.id" },
	{ "team_join", "person", "user.id" },
	{ "channel_shared", "channel", "channel" },
	{ "channel_unshared", "channel", "channel" },
	{ "channel_archive", "channel", "channel" },
	{ "channel_unarchive", "channel", "channel" },
	{ "channel_rename", "channel", "channel.id" },
	{ "channel_left", "channel", "channel" },
	{ "group_left", "channel", "channel" },
	{ "member_joined_channel", "channel", "channel" },
	{ "member_left_channel", "channel", "channel" },
};

const char *
slack_event_forgetful(size_t i)
{
	return i < COUNT(forgetful) ? forgetful[i].type : NULL;
}

static void
read_event(struct event_reading *r)
{
	const cJSON *event = json_at(r->payload, "event");
	const char *type = json_string(event, "type");

	if (!is_ours(r, "team_id")) {
		refuse_stranger(r);
		return;
	}
	if (string_equal(json_string(r->payload, "type"), "app_rate_limited")) {
		drop(r, "slack.rate_limited");
		return;
	}
	if (string_equal(type, "app_mention") || string_equal(type, "message")) {
		read_message(r, event);
		return;
	}
	drop(r, type != NULL ? "ignored.event" : "dropped.malformed");
	for (size_t i = 0; i < COUNT(forgetful); i++)
		if (string_equal(type, forgetful[i].type)) {
			r->event.forget = forgetful[i].kind;
			r->event.forget_id = json_string(event, forgetful[i].path);
			r->event.counter = "forgotten";
		}
}

/* ---- clicks (ID9) ---- */

/* "plan.2" is the second "plan" of its row. */
static const char *
without_number(struct arena *arena, const char *action)
{
	const char *dot = strrchr(action, '.');

	if (dot == NULL || dot[1] == '\0' || dot[1 + strspn(dot + 1, "0123456789")] != '\0')
		return arena_strdup(arena, action);
	return arena_copy(arena, action, (size_t)(dot - action));
}

/* The seal that we drew behind the row's id (slack_blocks.h) goes behind the argument; '#' is nowhere in
 * ours, so that nobody can bring one along in the argument itself. */
static void
add_seal(struct arrival *arrival, const cJSON *action)
{
	const char *seal = strrchr(json_string_or(action, "block_id", ""), ':');
	size_t length = strcspn(arrival->argument, "#");

	if (seal != NULL && strlen(seal + 1) == SEAL_LENGTH)
		arrival->argument = arena_printf(arrival->arena, "%.*s#%s", (int)length, arrival->argument, seal + 1);
	else
		arrival->argument = arena_copy(arrival->arena, arrival->argument, length);
}

static void
read_action(struct arrival *arrival, const cJSON *action)
{
	const char *id = json_string_or(action, "action_id", "");
	const char *option = json_string(action, "selected_option.value");
	const char *colon = option != NULL ? strchr(option, ':') : NULL;

	if (string_equal(id, SLACK_MENU) && colon != NULL) {
		arrival->action = arena_copy(arrival->arena, option, (size_t)(colon - option));
		arrival->argument = arena_strdup(arrival->arena, colon + 1);
		add_seal(arrival, action);
		return;
	}
	arrival->action = without_number(arrival->arena, id);
	arrival->argument = arena_strdup(arrival->arena,
	    option != NULL ? option : json_string_or(action, "value", ""));
	add_seal(arrival, action);
}

/* A forward, a copy under another application, a place that contradicts itself: no card of ours. */
static bool
is_forged(const struct event_reading *r, const char *channel, const char *ts)
{
	const char *bot = json_string(r->payload, "message.bot_id");
	const char *other_channel = json_string(r->payload, "channel.id");
	const char *other_ts = json_string(r->payload, "message.ts");

	return !string_equal(json_string(r->payload, "container.type"), "message") ||
	    (bot != NULL && r->self->bot != NULL && !string_equal(bot, r->self->bot)) ||
	    (other_channel != NULL && !string_equal(other_channel, channel)) ||
	    (other_ts != NULL && !string_equal(other_ts, ts));
}

static void
fill_click(struct event_reading *r, struct arrival *arrival, const cJSON *action)
{
	struct arena *arena = arrival->arena;
	const char *thread = json_string(r->payload, "container.thread_ts");
	const char *stamp = json_string(action, "action_ts");

	if (thread == NULL)
		thread = json_string(r->payload, "message.thread_ts");
	arrival->key = arena_printf(arena, "%s/click/%s/%s/%s", r->self->team, arrival->person, stamp,
	    json_string(action, "action_id"));
	arrival->person_name = arena_strdup(arena, json_string(r->payload, "user.username"));
	arrival->channel = arena_strdup(arena, json_string(r->payload, "container.channel_id"));
	arrival->channel_name = arena_strdup(arena, json_string(r->payload, "channel.name"));
	arrival->message = arena_strdup(arena, json_string(r->payload, "container.message_ts"));
	arrival->thread = slack_ts_valid(thread) ? arena_strdup(arena, thread) : NULL;
	arrival->trigger = arena_strdup(arena, json_string(r->payload, "trigger_id"));
	arrival->reply_url = arena_strdup(arena, json_string(r->payload, "response_url"));
	arrival->text = "";
	arrival->stamp = ts_stamp(stamp, r->wall);
	read_action(arrival, action);
}

static void
read_click(struct event_reading *r)
{
	const cJSON *action = json_at(r->payload, "actions.0");
	const char *user = json_string(r->payload, "user.id"), *id = json_string(action, "action_id");
	const char *channel = json_string(r->payload, "container.channel_id");
	const char *ts = json_string(r->payload, "container.message_ts");

	if (string_equal(json_string(r->payload, "container.type"), "view"))
		drop(r, "ignored.interaction");
	else if (is_forged(r, channel, ts))
		drop(r, "refused.forged");
	else if (!slack_id_valid(user) || !slack_id_valid(channel) || !slack_ts_valid(ts) ||
	    id == NULL || *id == '\0' || !slack_ts_valid(json_string(action, "action_ts")))
		drop(r, "dropped.malformed");
	else
		fill_click(r, new_arrival(r, DOOR_BUTTON, user), action);
}

/* ---- dialogs ---- */

static const char *
typed_value(const cJSON *element)
{
	static const char *const paths[] = { "value", "selected_option.value", "selected_user",
		"selected_channel", "selected_conversation", NULL };
	const char *value;

	for (size_t i = 0; paths[i] != NULL; i++)
		if ((value = json_string(element, paths[i])) != NULL)
			return value;
	return NULL;
}

/* { block: { action: { value } } } becomes { block: value }: a block of ours has one element. */
static cJSON *
typed_values(const cJSON *payload)
{
	const cJSON *block, *state = json_at(payload, "view.state.values");
	cJSON *values = cJSON_CreateObject();

	json_each(block, state)
		if (block->string != NULL && cJSON_IsObject(block) && block->child != NULL)
			json_add_string(values, block->string, typed_value(block->child));
	return values;
}

static void
read_submission(struct event_reading *r)
{
	const char *user = json_string(r->payload, "user.id");
	const char *view = json_string(r->payload, "view.id");
	const char *action = json_string(r->payload, "view.callback_id");
	const char *bot = json_string(r->payload, "view.bot_id");
	struct arrival *arrival;

	if (bot != NULL && r->self->bot != NULL && !string_equal(bot, r->self->bot)) {
		drop(r, "refused.forged");
		return;
	}
	if (!slack_id_valid(user) || !slack_id_valid(view) || action == NULL || *action == '\0') {
		drop(r, "dropped.malformed");
		return;
	}
	arrival = new_arrival(r, DOOR_DIALOG, user);
	arrival->key = arena_printf(arrival->arena, "%s/view/%s/%s", r->self->team, view,
	    json_string_or(r->payload, "view.hash", ""));
	arrival->person_name = arena_strdup(arrival->arena, json_string(r->payload, "user.username"));
	arrival->action = arena_strdup(arrival->arena, action);
	arrival->argument = arena_strdup(arrival->arena,
	    json_string_or(r->payload, "view.private_metadata", ""));
	arrival->trigger = arena_strdup(arrival->arena, json_string(r->payload, "trigger_id"));
	arrival->text = "";
	arrival->values = typed_values(r->payload);
}

static void
read_interaction(struct event_reading *r)
{
	const char *type = json_string(r->payload, "type");

	if (!is_ours(r, "team.id") || !is_ours(r, "user.team_id"))
		refuse_stranger(r);
	else if (!string_equal(type, "block_actions") && !string_equal(type, "view_submission"))
		drop(r, type != NULL ? "ignored.interaction" : "dropped.malformed");
	else if (is_no_apps(r))
		drop(r, "refused.forged");
	else if (string_equal(type, "block_actions"))
		read_click(r);
	else
		read_submission(r);
}

struct slack_event
slack_event_read(const cJSON *envelope, const struct slack_identity *self, int64_t wall)
{
	struct event_reading r = { .envelope = envelope, .payload = json_at(envelope, "payload"),
		.self = self, .wall = wall };
	const char *type = json_string(envelope, "type");

	if (!cJSON_IsObject(r.payload))
		drop(&r, "dropped.malformed");
	else if (is_foreign(&r) || is_other_app(&r))
		refuse_stranger(&r);
	else if (string_equal(type, "slash_commands"))
		read_command(&r);
	else if (string_equal(type, "events_api"))
		read_event(&r);
	else if (string_equal(type, "interactive"))
		read_interaction(&r);
	else
		drop(&r, "ignored.envelope");
	return r.event;
}

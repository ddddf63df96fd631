/* api_places.c - conversations.*. */

#include <string.h>

#include "describe.h"
#include "api.h"

#define HISTORY_MOST 999

/* A private channel without the bot does not exist for it. */
static struct channel *
place_known(struct call *call)
{
	struct channel *channel = call_channel(call, "channel");

	if (channel != NULL && channel->seen.kind == FAKE_PRIVATE && !channel->seen.bot_is_member) {
		call_fail(call, "channel_not_found");
		return NULL;
	}
	return channel;
}

static void
conversations_info(struct call *call)
{
	const struct channel *channel = place_known(call);
	cJSON *json;

	if (channel == NULL)
		return;
	json = channel_json(call->fs, channel);
	if (call_flag(call, "include_num_members", false))
		json_add_number(json, "num_members", 1);
	cJSON_AddItemToObject(call->reply, "channel", json);
}

/* "public_channel,im": is this kind among them? */
static bool
place_wanted(struct call *call, const struct channel *channel)
{
	static const char *const names[] = {
		[FAKE_PUBLIC] = "public_channel", [FAKE_PRIVATE] = "private_channel",
		[FAKE_DIRECT] = "im",
	};
	const char *types = call_string(call, "types");

	if (channel->seen.is_archived && call_flag(call, "exclude_archived", false))
		return false;
	if (channel->seen.kind == FAKE_PRIVATE && !channel->seen.bot_is_member)
		return false;
	return strstr(types == NULL ? "public_channel" : types, names[channel->seen.kind]) != NULL;
}

static void
conversations_list(struct call *call)
{
	const struct workspace *w = &call->fs->workspace;
	struct { const struct channel **item; size_t count, size; } wanted = { 0 };
	cJSON *channels = json_add_array(call->reply, "channels");
	size_t from, to;

	for (size_t i = 0; i < w->channels.count; i++)
		if (place_wanted(call, w->channels.item[i]))
			*GROW(&wanted) = w->channels.item[i];
	call_page(call, wanted.count, call_number(call, "limit", 100), &from, &to);
	for (size_t i = from; i < to; i++)
		cJSON_AddItemToArray(channels, channel_json(call->fs, wanted.item[i]));
	freep(&wanted.item);
}

static void
conversations_members(struct call *call)
{
	const struct channel *channel = place_known(call);
	const struct workspace *w = &call->fs->workspace;
	cJSON *members;

	if (channel == NULL)
		return;
	members = json_add_array(call->reply, "members");
	for (size_t i = 0; i < w->users.count; i++)
		if (channel_has(call->fs, channel, w->users.item[i]))
			cJSON_AddItemToArray(
			    members, cJSON_CreateString(w->users.item[i]->seen.id));
	json_add_string(json_add_object(call->reply, "response_metadata"), "next_cursor", "");
}

static void
conversations_open(struct call *call)
{
	const char *users = call_string(call, "users");
	struct user *user = user_by_id(call->fs, users);
	cJSON *json;

	/* Direct messages with one person; groups of people are not modelled. */
	if (user == NULL) {
		call_fail(call, users == NULL ? "no_users" : "user_not_found");
		return;
	}
	if (user->seen.deleted || user->seen.is_bot) {
		call_fail(call, user->seen.deleted ? "user_disabled" : "cannot_dm_bot");
		return;
	}
	json = json_add_object(call->reply, "channel");
	json_add_string(json, "id", channel_direct(call->fs, user)->seen.id);
}

static void
conversations_join(struct call *call)
{
	struct channel *channel = place_known(call);

	if (channel == NULL)
		return;
	if (channel->seen.is_archived) {
		call_fail(call, "is_archived");
		return;
	}
	if (channel->seen.kind != FAKE_PUBLIC) {
		call_fail(call, "method_not_supported_for_channel_type");
		return;
	}
	channel->seen.bot_is_member = true;
	cJSON_AddItemToObject(call->reply, "channel", channel_json(call->fs, channel));
}

/* ---- history ------------------------------------------------------------------------------- */

struct span {
	int64_t oldest, latest;
	bool inclusive, metadata;
	int64_t limit;
};

/* "1763708400.000100", "1763708400", or nothing. */
static bool
span_stamp(struct call *call, const char *name, int64_t otherwise, int64_t *micros)
{
	const char *given = call_string(call, name);
	int64_t seconds;

	*micros = otherwise;
	if (given == NULL || ts_read(given, micros))
		return true;
	if (string_number(given, 0, INT64_C(99999999999), &seconds)) {
		*micros = seconds * 1000000;
		return true;
	}
	call_fail(call, string_equal(name, "oldest") ? "invalid_ts_oldest" : "invalid_ts_latest");
	return false;
}

static bool
span_read(struct call *call, struct span *span)
{
	span->inclusive = call_flag(call, "inclusive", false);
	span->metadata = call_flag(call, "include_all_metadata", false)
	    && call_scope(call->fs, "metadata.message:read");
	span->limit = call_number(call, "limit", 100);
	if (span->limit < 1 || span->limit > HISTORY_MOST)
		call_fail(call, "invalid_limit");
	return !call->failed && span_stamp(call, "oldest", -1, &span->oldest)
	    && span_stamp(call, "latest", INT64_MAX, &span->latest);
}

static bool
span_holds(const struct span *span, const struct message *message)
{
	if (message->seen.deleted || message->seen.only_for != NULL)
		return false;
	if (span->inclusive && (message->micros == span->oldest || message->micros == span->latest))
		return true;
	return message->micros > span->oldest && message->micros < span->latest;
}

/* The cursor of a history is the stamp before which it goes on. */
static void
history_answer(struct call *call, bool more, const char *last)
{
	cJSON *metadata;

	json_add_bool(call->reply, "has_more", more);
	if (!more)
		return;
	metadata = json_add_object(call->reply, "response_metadata");
	json_add_stringf(metadata, "next_cursor", "ts:%s", last);
}

static struct channel *
history_channel(struct call *call)
{
	static const char *const scopes[] = {
		[FAKE_PUBLIC] = "channels:history", [FAKE_PRIVATE] = "groups:history",
		[FAKE_DIRECT] = "im:history",
	};
	struct channel *channel = place_known(call);

	if (channel == NULL)
		return NULL;
	if (!call_scope(call->fs, scopes[channel->seen.kind])) {
		call_fail(call, "missing_scope");
		json_add_string(call->reply, "needed", scopes[channel->seen.kind]);
		return NULL;
	}
	if (!channel->seen.bot_is_member) {
		call_fail(call, "not_in_channel");
		return NULL;
	}
	return channel;
}

static void
conversations_history(struct call *call)
{
	const struct channel *channel = history_channel(call);
	const char *cursor = call_string(call, "cursor"), *last = "";
	struct span span;
	cJSON *messages;
	bool more = false;

	if (channel == NULL || !span_read(call, &span))
		return;
	if (cursor != NULL &&
	    (!string_starts(cursor, "ts:") || !ts_read(cursor + 3, &span.latest))) {
		call_fail(call, "invalid_cursor");
		return;
	}
	messages = json_add_array(call->reply, "messages");
	for (size_t i = channel->messages.count; i-- > 0 && !more;) {
		const struct message *message = channel->messages.item[i];

		if (!span_holds(&span, message) ||
		    (message->thread_micros != 0 && !message->broadcast))
			continue;
		if (span.limit-- == 0) {
			more = true;
			break;
		}
		cJSON_AddItemToArray(messages, message_json(message, span.metadata));
		last = message->ts;
	}
	history_answer(call, more, last);
}

static void
conversations_replies(struct call *call)
{
	const struct channel *channel = history_channel(call);
	const struct message *root;
	struct span span;
	cJSON *messages;
	const char *last = "", *cursor = call_string(call, "cursor");
	bool more = false;

	if (channel == NULL || !span_read(call, &span))
		return;
	if (cursor != NULL &&
	    (!string_starts(cursor, "ts:") || !ts_read(cursor + 3, &span.oldest))) {
		call_fail(call, "invalid_cursor");
		return;
	}
	if ((root = message_at(channel, call_string(call, "ts"))) == NULL) {
		call_fail(call, "thread_not_found");
		return;
	}
	messages = json_add_array(call->reply, "messages");
	for (size_t i = 0; i < channel->messages.count; i++) {
		const struct message *message = channel->messages.item[i];

		if (message != root && (message->thread_micros != root->micros
			|| !span_holds(&span, message)))
			continue;
		if (span.limit-- == 0) {
			more = true;
			break;
		}
		cJSON_AddItemToArray(messages, message_json(message, span.metadata));
		last = message->ts;
	}
	history_answer(call, more, last);
}

#define PLACES_READ "channels:read|groups:read|im:read"

const struct method methods_places[] = {
	{ "conversations.info", conversations_info, 50, PLACES_READ, TOKEN_BOT },
	{ "conversations.list", conversations_list, 20, PLACES_READ, TOKEN_BOT },
	{ "conversations.members", conversations_members, 100, PLACES_READ, TOKEN_BOT },
	{ "conversations.open", conversations_open, 50, "im:write", TOKEN_BOT },
	{ "conversations.join", conversations_join, 50, "channels:join", TOKEN_BOT },
	{ "conversations.history", conversations_history, 50, NULL, TOKEN_BOT },
	{ "conversations.replies", conversations_replies, 50, NULL, TOKEN_BOT },
	{ NULL, NULL, 0, NULL, TOKEN_BOT },
};

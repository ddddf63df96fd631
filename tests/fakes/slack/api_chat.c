/* api_chat.c - chat.* and reactions.add. */

#include <stdlib.h>
#include <string.h>

#include "base/unicode.h"
#include "describe.h"
#include "event.h"
#include "post.h"

#define UPDATE_MOST 4000

/* An id, a name, or a person whose direct messages are meant. */
static struct channel *
chat_where(struct call *call)
{
	const char *where = call_string(call, "channel");
	struct channel *channel = channel_by_id(call->fs, where);
	struct user *user;

	if (channel == NULL)
		channel = channel_by_name(call->fs, where);
	if (channel == NULL && (user = user_by_id(call->fs, where)) != NULL)
		channel = channel_direct(call->fs, user);
	if (channel == NULL) {
		call_fail(call, "channel_not_found");
		return NULL;
	}
	return channel;
}

static bool
chat_may_post(struct call *call, const struct channel *channel)
{
	const struct fake_slack_channel *seen = &channel->seen;

	if (seen->is_archived)
		call_fail(call, "is_archived");
	else if (seen->kind == FAKE_PRIVATE && !seen->bot_is_member)
		call_fail(call, "channel_not_found");
	else if (!seen->bot_is_member && !call_scope(call->fs, "chat:write.public"))
		call_fail(call, "not_in_channel");
	return !call->failed;
}

/* About one message a second in each channel, short bursts allowed. */
static bool
chat_slow_enough(struct call *call, struct channel *channel)
{
	int64_t wait;

	if (call->fs->unlimited)
		return true;
	wait = bucket_take(call->fs, &channel->posts, 60, 4);
	if (wait < 0)
		return true;
	call->retry_after = (int)((wait + 999) / 1000);
	call_fail(call, "ratelimited");
	return false;
}

static void
chat_answer(struct call *call, const struct message *message)
{
	json_add_string(call->reply, "channel", message->seen.channel);
	json_add_string(call->reply, "ts", message->seen.ts);
	cJSON_AddItemToObject(call->reply, "message", message_json(message, true));
}

static void
chat_post_message(struct call *call)
{
	_cleanup_(content_clear) struct content content = { 0 };
	struct channel *channel = chat_where(call);
	int64_t thread;

	if (channel == NULL || !chat_may_post(call, channel) || !content_read(call, true, &content)
	    || !post_thread(call, channel, &thread) || !chat_slow_enough(call, channel))
		return;
	chat_answer(call, content_post(call->fs, &content, channel, thread,
	    call_flag(call, "reply_broadcast", false), NULL));
}

static void
chat_post_ephemeral(struct call *call)
{
	_cleanup_(content_clear) struct content content = { 0 };
	struct channel *channel = chat_where(call);
	struct user *user = user_by_id(call->fs, call_string(call, "user"));
	int64_t thread;

	if (channel == NULL || !chat_may_post(call, channel))
		return;
	if (user == NULL || !channel_has(call->fs, channel, user)) {
		call_fail(call, "user_not_in_channel");
		return;
	}
	if (!content_read(call, true, &content) || !post_thread(call, channel, &thread))
		return;
	json_add_string(call->reply, "message_ts", content_post(call->fs, &content, channel, thread,
	    false, user->seen.id)->seen.ts);
}

/* The bot's own message that "channel" and "ts" name. */
static struct message *
chat_own(struct call *call, const char *denied)
{
	struct channel *channel = call_channel(call, "channel");
	struct message *message;

	if (channel == NULL)
		return NULL;
	message = message_at(channel, call_string(call, "ts"));
	if (message == NULL)
		call_fail(call, "message_not_found");
	else if (!string_equal(message->seen.bot_id, BOT))
		call_fail(call, denied);
	return call->failed ? NULL : message;
}

static void
chat_update(struct call *call)
{
	_cleanup_(content_clear) struct content content = { 0 };
	struct message *message = chat_own(call, "cant_update_message");
	const char *text = call_string(call, "text");

	if (message == NULL)
		return;
	if (text != NULL && utf8_count(text) > UPDATE_MOST) {
		call_fail(call, "msg_too_long");
		return;
	}
	if (!content_read(call, true, &content))
		return;
	content_redraw(call->fs, &content, message);
	chat_answer(call, message);
	json_add_string(call->reply, "text", message->text);
}

static void
chat_delete(struct call *call)
{
	struct message *message = chat_own(call, "cant_delete_message");

	if (message == NULL)
		return;
	message_delete(call->fs, message);
	event_deleted(call->fs, message);
	json_add_string(call->reply, "channel", message->seen.channel);
	json_add_string(call->reply, "ts", message->seen.ts);
}

static void
chat_get_permalink(struct call *call)
{
	struct channel *channel = call_channel(call, "channel");
	struct message *message;

	if (channel == NULL)
		return;
	message = message_at(channel, call_string(call, "message_ts"));
	if (message == NULL) {
		call_fail(call, "message_not_found");
		return;
	}
	json_add_string(call->reply, "channel", channel->seen.id);
	json_add_stringf(call->reply, "permalink",
	    "https://" TEAM_DOMAIN ".slack.com/archives/%s/p%.*s%s", channel->seen.id,
	    (int)strcspn(message->ts, "."), message->ts, strchr(message->ts, '.') + 1);
}

static void
reactions_add(struct call *call)
{
	struct channel *channel = call_channel(call, "channel");
	const char *name = call_string(call, "name");
	struct message *message;

	if (channel == NULL)
		return;
	message = message_at(channel, call_string(call, "timestamp"));
	if (message == NULL)
		call_fail(call, "message_not_found");
	else if (name == NULL || strpbrk(name, ": ") != NULL)
		call_fail(call, "invalid_name");
	else if (!message_react(call->fs, message, name, BOT_USER))
		call_fail(call, "already_reacted");
}

const struct method methods_chat[] = {
	{ "chat.postMessage", chat_post_message, 0, "chat:write", TOKEN_BOT },
	{ "chat.postEphemeral", chat_post_ephemeral, 100, "chat:write", TOKEN_BOT },
	{ "chat.update", chat_update, 50, "chat:write", TOKEN_BOT },
	{ "chat.delete", chat_delete, 50, "chat:write", TOKEN_BOT },
	{ "chat.getPermalink", chat_get_permalink, 0, NULL, TOKEN_BOT },
	{ "reactions.add", reactions_add, 50, "reactions:write", TOKEN_BOT },
	{ NULL, NULL, 0, NULL, TOKEN_BOT },
};

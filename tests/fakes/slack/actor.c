/* actor.c - people who type: slash commands, messages, edits, shortcuts. */

#include <string.h>

#include "actor.h"
#include "envelope.h"
#include "event.h"
#include "payload.h"
#include "typed.h"

struct user *
actor_user(struct fake_slack *fs, const char *who, struct error *err)
{
	struct user *user = user_find(fs, who);

	if (user == NULL)
		wrong(err, "nobody here is called %s", who);
	else if (user->seen.deleted) {
		refuse(err, "%s is deactivated and cannot do anything", who);
		user = NULL;
	}
	return user;
}

struct channel *
actor_place(struct fake_slack *fs, const struct user *user, const char *where, struct error *err)
{
	struct channel *channel = channel_find(fs, where);

	/* "@rollcall" is the direct messages with the bot. */
	if (channel != NULL && channel->seen.kind == FAKE_DIRECT
	    && strcmp(channel->seen.user, BOT_USER) == 0)
		channel = channel_direct(fs, user);
	if (channel == NULL)
		wrong(err, "there is no %s", where);
	else if (!channel_has(fs, channel, user)) {
		refuse(err, "%s is not in %s", user->seen.name, where);
		channel = NULL;
	}
	return channel;
}

unsigned
fake_slack_slash(struct fake_slack *fs, const char *who, const char *where, const char *words,
    struct error *err)
{
	_cleanup_(typed_clear) struct typed typed = { .text = TEXT_INIT };
	_cleanup_(text_clear) struct text command = TEXT_INIT;
	struct user *user = actor_user(fs, who, err);
	struct errand errand = { .kind = ERRAND_SLASH, .user = user };
	size_t length = strcspn(words, " ");

	if (user == NULL || (errand.channel = actor_place(fs, user, where, err)) == NULL)
		return 0;
	if (*words != '/' || length < 2) {
		wrong(err, "a slash command begins with / and a name, not \"%s\"", words);
		return 0;
	}
	text_add_bytes(&command, words, length);
	words += length + (words[length] == ' ');
	typed_read(fs, words, &typed);
	errand.words = command.data;
	errand.payload = payload_slash(fs, user, errand.channel, command.data, typed.text.data);
	return envelope_send(fs, &errand);
}

static bool
thread_read(struct channel *channel, const char *thread_ts, int64_t *micros, struct error *err)
{
	const struct message *parent;

	*micros = 0;
	if (thread_ts == NULL)
		return true;
	if ((parent = message_at(channel, thread_ts)) == NULL)
		return wrong(err, "no message %s is there to answer to", thread_ts);
	*micros = parent->thread_micros != 0 ? parent->thread_micros : parent->micros;
	return true;
}

const struct fake_slack_message *
fake_slack_says(struct fake_slack *fs, const char *who, const char *where, const char *thread_ts,
    const char *words, struct error *err)
{
	_cleanup_(typed_clear) struct typed typed = { .text = TEXT_INIT };
	struct user *user = actor_user(fs, who, err);
	struct draft draft = { 0 };
	struct message *message;

	if (user == NULL || (draft.channel = actor_place(fs, user, where, err)) == NULL
	    || !thread_read(draft.channel, thread_ts, &draft.thread_micros, err))
		return NULL;
	typed_read(fs, words, &typed);
	draft.user = user->seen.id;
	draft.bot_id = user->seen.is_bot ? "B0OTHER" : NULL;
	draft.text = typed.text.data;
	draft.blocks = typed.blocks;
	typed.blocks = NULL;
	message = message_add(fs, &draft);
	/* A mention in a channel arrives twice, with the same ts (protocols 1.4). */
	if (typed.bot && draft.channel->seen.kind != FAKE_DIRECT)
		event_mention(fs, message);
	event_posted(fs, message);
	return &message->seen;
}

bool
fake_slack_edits(struct fake_slack *fs, const struct fake_slack_message *seen, const char *words,
    struct error *err)
{
	_cleanup_(typed_clear) struct typed typed = { .text = TEXT_INIT };
	struct message *message = message_of(fs, seen);

	if (message == NULL || message->seen.deleted)
		return wrong(err, "that message is not there any more");
	if (message->seen.bot_id != NULL)
		return refuse(err, "people cannot edit a bot's message");
	typed_read(fs, words, &typed);
	message_redraw(fs, message, typed.text.data, typed.blocks, NULL, false);
	message->seen.edited_mark = true;
	typed.blocks = NULL;
	if (typed.bot && message->channel->seen.kind != FAKE_DIRECT)
		event_mention(fs, message);
	event_changed(fs, message);
	return true;
}

bool
fake_slack_deletes(struct fake_slack *fs, const struct fake_slack_message *seen, struct error *err)
{
	struct message *message = message_of(fs, seen);

	if (message == NULL || message->seen.deleted)
		return wrong(err, "that message is not there any more");
	message_delete(fs, message);
	event_deleted(fs, message);
	return true;
}

unsigned
fake_slack_shortcut(struct fake_slack *fs, const char *who, const char *callback_id,
    const struct fake_slack_message *seen, struct error *err)
{
	struct user *user = actor_user(fs, who, err);
	struct message *message = message_of(fs, seen);
	struct errand errand = { .kind = ERRAND_SHORTCUT, .user = user, .words = "The shortcut" };

	if (user == NULL)
		return 0;
	if (seen != NULL && message == NULL) {
		wrong(err, "that message is not there any more");
		return 0;
	}
	errand.channel = message == NULL ? NULL : message->channel;
	errand.payload = payload_shortcut(fs, user, callback_id, message);
	return envelope_send(fs, &errand);
}

unsigned
fake_slack_opens_home(struct fake_slack *fs, const char *who, struct error *err)
{
	struct user *user = actor_user(fs, who, err);
	cJSON *event;
	char ts[TS_SIZE];

	if (user == NULL)
		return 0;
	ts_print(ts, clock_now(&fs->clock) * 1000);
	event = cJSON_CreateObject();
	json_add_string(event, "type", "app_home_opened");
	json_add_string(event, "user", user->seen.id);
	json_add_string(event, "channel", channel_direct(fs, user)->seen.id);
	json_add_string(event, "tab", "home");
	json_add_string(event, "event_ts", ts);
	return event_send(fs, event, user);
}

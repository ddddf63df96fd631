/* click.c - people who press what is on a message, real, old, forged or copied. */

#include <stdlib.h>
#include <string.h>

#include "actor.h"
#include "envelope.h"
#include "event.h"
#include "limits.h"
#include "payload.h"

/* The message, if this person has it before their eyes. */
static struct message *
click_message(struct fake_slack *fs, struct user *user, const struct fake_slack_message *seen,
    struct error *err)
{
	struct message *message = message_of(fs, seen);

	if (message == NULL || message->seen.deleted)
		wrong(err, "that message is not there any more");
	else if (!fake_slack_sees(fs, user->seen.id, &message->seen)) {
		refuse(err, "%s does not see that message", user->seen.name);
		message = NULL;
	}
	return message == NULL || message->seen.deleted ? NULL : message;
}

unsigned
fake_slack_press_old(struct fake_slack *fs, const char *who, const struct fake_slack_message *seen,
    unsigned ago, const char *label, struct error *err)
{
	struct user *user = actor_user(fs, who, err);
	struct errand errand = { .kind = ERRAND_ACTION, .user = user, .words = label };
	struct message *message;
	struct widget widget = { 0 };
	char *confirm;
	unsigned number;

	if (user == NULL || (message = click_message(fs, user, seen, err)) == NULL)
		return 0;
	if (ago > message->past.count) {
		wrong(err, "that message was drawn only %zu times before", message->past.count);
		return 0;
	}
	if (!widget_find(ago == 0 ? message->blocks
		: message->past.item[message->past.count - ago].blocks, label, &widget, err))
		return 0;
	errand.channel = message->channel;
	errand.confirm = confirm = widget_confirm(&widget);
	errand.payload = payload_click(fs, user, message, ago, widget_action(&widget));
	number = envelope_send(fs, &errand);
	free(confirm);
	return number;
}

unsigned
fake_slack_press(struct fake_slack *fs, const char *who, const struct fake_slack_message *seen,
    const char *label, struct error *err)
{
	return fake_slack_press_old(fs, who, seen, 0, label, err);
}

unsigned
fake_slack_act(struct fake_slack *fs, const char *who, const struct fake_slack_message *seen,
    const cJSON *action, struct error *err)
{
	struct user *user = actor_user(fs, who, err);
	struct errand errand = { .kind = ERRAND_ACTION, .user = user, .words = "That" };
	struct message *message;

	if (user == NULL || (message = click_message(fs, user, seen, err)) == NULL)
		return 0;
	errand.channel = message->channel;
	errand.payload = payload_click(fs, user, message, 0, cJSON_Duplicate(action, true));
	return envelope_send(fs, &errand);
}

const struct fake_slack_message *
fake_slack_forge(struct fake_slack *fs, const char *where, const char *text, const cJSON *blocks)
{
	struct draft draft = {
		.channel = channel_find(fs, where),
		.user = BOT_USER,
		.bot_id = BOT,
		.text = text,
		.blocks = blocks == NULL ? NULL : cJSON_Duplicate(blocks, true),
		.forged = true,
	};
	struct message *message;

	if (draft.channel == NULL) {
		cJSON_Delete(draft.blocks);
		return NULL;
	}
	blocks_name(fs, draft.blocks);
	message = message_add(fs, &draft);
	event_posted(fs, message);
	return &message->seen;
}

const struct fake_slack_message *
fake_slack_copy(struct fake_slack *fs, const struct fake_slack_message *seen, const char *where,
    struct error *err)
{
	const struct fake_slack_message *copy =
	    fake_slack_forge(fs, where, seen->text, seen->blocks);

	if (copy == NULL)
		wrong(err, "there is no %s", where);
	return copy;
}

const struct fake_slack_message *
fake_slack_twin(struct fake_slack *fs, const struct fake_slack_message *seen, const char *key)
{
	cJSON *metadata = cJSON_CreateObject(), *payload;
	struct draft draft = {
		.channel = channel_find(fs, seen->channel),
		.user = BOT_USER,
		.bot_id = BOT,
		.text = seen->text,
		.blocks = cJSON_Duplicate(seen->blocks, true),
		.metadata = metadata,
	};
	struct message *message;

	json_add_string(metadata, "event_type", "rollcall_card");
	payload = json_add_object(metadata, "event_payload");
	json_add_string(payload, "key", key);
	if (seen->thread_ts != NULL)
		ts_read(seen->thread_ts, &draft.thread_micros);
	message = message_add(fs, &draft);
	event_posted(fs, message);
	return &message->seen;
}

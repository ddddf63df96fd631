/* answer.c - what the payload of an acknowledgement does in the workspace (protocols 1.3). */

#include <stdlib.h>
#include <string.h>

#include "arguments.h"
#include "describe.h"
#include "envelope.h"
#include "limits.h"
#include "post.h"
#include "view.h"

void
notice_show(struct fake_slack *fs, struct channel *channel, const struct user *user,
    const char *format, ...)
{
	struct draft draft = {
		.channel = channel,
		.user = SLACKBOT,
		.bot_id = "B0SLACKBOT",
		.subtype = "slack_notice",
		.only_for = user->seen.id,
	};
	char *text;
	va_list ap;

	va_start(ap, format);
	text = xvasprintf(format, ap);
	va_end(ap);
	draft.text = text;
	message_add(fs, &draft);
	free(text);
}

/* {"response_type":"in_channel"} alone shows the command as the person typed it. */
static void
answer_shows_command(struct delivery *delivery)
{
	char *typed = xasprintf("%s %s", json_string_or(delivery->payload, "command", ""),
	    json_string_or(delivery->payload, "text", ""));
	struct draft draft = {
		.channel = delivery->channel,
		.user = delivery->user->seen.id,
		.text = typed,
	};

	message_add(delivery->fs, &draft);
	free(typed);
}

static void
answer_slash(struct delivery *delivery)
{
	_cleanup_(content_clear) struct content content = { 0 };
	struct call call = {
		.fs = delivery->fs,
		.method = "acknowledgement",
		.args = delivery->answer,
		.reply = cJSON_CreateObject(),
	};
	bool everybody = string_equal(call_string(&call, "response_type"), "in_channel");

	arguments_check(delivery->fs, call.method, call.args);

	if (everybody)
		answer_shows_command(delivery);
	if (content_read(&call, false, &content)
	    && (content.text != NULL || content.blocks != NULL))
		content_post(delivery->fs, &content, delivery->channel, 0, false,
		    everybody ? NULL : delivery->user->seen.id);
	if (call.failed)
		delivery_complain(delivery, "%s: the answer in the acknowledgement is wrong: %s",
		    delivery->words, json_string_or(call.reply, "error", "unknown"));
	cJSON_Delete(call.reply);
}

void
answer_take(struct delivery *delivery)
{
	switch (delivery->kind) {
	case ERRAND_SLASH:
		if (delivery->answer != NULL)
			answer_slash(delivery);
		break;
	case ERRAND_SUBMIT:
		view_answered(delivery);
		break;
	case ERRAND_EVENT:
	case ERRAND_ACTION:
	case ERRAND_CLOSED:
	case ERRAND_SUGGEST:
	case ERRAND_SHORTCUT:
		break;
	}
}

/* post.c - what the bot writes: the content of a message, checked, and where it goes. */

#include <stdlib.h>
#include <string.h>

#include "base/unicode.h"
#include "event.h"
#include "limits.h"
#include "post.h"
#include "violation.h"

#define TEXT_MOST 40000
#define MARKDOWN_MOST 12000
#define ATTACHMENTS_MOST 100

void
content_clear(struct content *content)
{
	free(content->text);
	cJSON_Delete(content->blocks);
	cJSON_Delete(content->metadata);
	*content = (struct content){ 0 };
}

static bool
content_blocks(struct call *call, struct content *content)
{
	cJSON *messages = cJSON_CreateArray();
	const cJSON *message;
	bool right;

	right = blocks_check(content->blocks, IN_MESSAGE, messages);
	json_each(message, messages)
		call_message(call, message->valuestring);
	violate_all(call->fs, call->method, messages);
	cJSON_Delete(messages);
	if (!right) {
		call_fail(call, "invalid_blocks");
	} else if (blocks_sum(content->blocks) > BLOCKS_SUM) {
		call_fail(call, "msg_blocks_too_long");
		violate(call->fs, call->method, "/blocks have more than %d characters in all", BLOCKS_SUM);
	} else {
		blocks_name(call->fs, content->blocks);
	}
	return !call->failed;
}

static bool
content_metadata(struct call *call, struct content *content)
{
	const char *error;

	content->has_metadata = call_has(call, "metadata");
	if (!call_json(
		call, "metadata", cJSON_Object, "invalid_metadata_format", &content->metadata))
		return false;
	if (content->metadata == NULL || content->metadata->child == NULL) {
		cJSON_Delete(content->metadata);
		content->metadata = NULL;
		return true;
	}
	if ((error = metadata_error(content->metadata)) != NULL) {
		call_fail(call, error);
		violate(call->fs, call->method, "/metadata: %s", error);
	}
	return error == NULL;
}

/* markdown_text stands for text; it may not stand beside it. */
static bool
content_markdown(struct call *call, struct content *content)
{
	const char *markdown = call_string(call, "markdown_text");

	if (markdown == NULL)
		return true;
	if (call_has(call, "text") || call_has(call, "blocks"))
		call_fail(call, "markdown_text_conflict");
	else if (utf8_count(markdown) > MARKDOWN_MOST)
		call_fail(call, "msg_too_long");
	else
		content->text = xstrdup(markdown);
	return !call->failed;
}

static bool
content_attachments(struct call *call, bool *any)
{
	cJSON *attachments;

	if (!call_json(call, "attachments", cJSON_Array, "invalid_attachments", &attachments))
		return false;
	*any = cJSON_GetArraySize(attachments) > 0;
	if (cJSON_GetArraySize(attachments) > ATTACHMENTS_MOST)
		call_fail(call, "too_many_attachments");
	cJSON_Delete(attachments);
	return !call->failed;
}

bool
content_read(struct call *call, bool need, struct content *content)
{
	const char *text = call_string(call, "text");
	bool attached = false;

	*content = (struct content){ 0 };
	if (!call_json(call, "blocks", cJSON_Array, "invalid_blocks_format", &content->blocks)
	    || (content->blocks != NULL && !content_blocks(call, content))
	    || !content_metadata(call, content) || !content_markdown(call, content)
	    || !content_attachments(call, &attached))
		return false;
	if (text != NULL && content->text == NULL)
		content->text = xstrndup(text, utf8_prefix(text, TEXT_MOST));
	if (need && content->text == NULL && cJSON_GetArraySize(content->blocks) == 0 && !attached) {
		call_fail(call, "no_text");
		violate(call->fs, call->method, "/text is missing, and so are blocks");
	}
	return !call->failed;
}

struct message *
content_post(struct fake_slack *fs, struct content *content, struct channel *channel,
    int64_t thread_micros, bool broadcast, const char *only_for)
{
	struct draft draft = {
		.channel = channel,
		.user = BOT_USER,
		.bot_id = BOT,
		.text = content->text,
		.blocks = content->blocks,
		.metadata = content->metadata,
		.thread_micros = thread_micros,
		.broadcast = broadcast && thread_micros != 0,
		.only_for = only_for,
	};
	struct message *message;

	if (draft.broadcast)
		draft.subtype = "thread_broadcast";
	content->blocks = content->metadata = NULL;
	message = message_add(fs, &draft);
	event_posted(fs, message);
	return message;
}

void
content_redraw(struct fake_slack *fs, struct content *content, struct message *message)
{
	message_redraw(fs, message, content->text == NULL ? message->text : content->text,
	    content->blocks, content->metadata, content->has_metadata);
	content->blocks = content->metadata = NULL;
	event_changed(fs, message);
}

bool
post_thread(struct call *call, const struct channel *channel, int64_t *micros)
{
	const char *thread = call_string(call, "thread_ts");
	const struct message *message;

	*micros = 0;
	if (thread == NULL)
		return true;
	message = message_at(channel, thread);
	if (message == NULL || message->thread_micros != 0) {
		call_fail(call, message == NULL ? "thread_not_found" : "cannot_reply_to_message");
		return false;
	}
	*micros = message->micros;
	return true;
}

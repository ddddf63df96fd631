/*
 * slack_files.c - a file: an address for it, its bytes, then its place (files.*, the second flow).
 *
 * Until the last call nobody sees anything, so whatever went wrong before it may be repeated.
 */

#include <stdlib.h>
#include <string.h>

#include "slack_blocks.h"
#include "slack_private.h"
#include "slack_url.h"

struct upload {
	struct slack *slack;
	void (*done)(void *, const struct delivered *);
	void *arg;
	char *channel, *thread, *title, *comment;
	char *bytes;
	size_t length;
	char *id;
};

static void
upload_end(struct upload *upload, enum delivery outcome, const struct slack_answer *answer)
{
	struct delivered delivered = { .outcome = outcome, .channel = upload->channel,
		.retry_after = answer->retry_after, .sentence = answer->sentence };

	if (slack_error_is_final(answer->error)) {
		slack_end(upload->slack, "slack.bot_token", answer->sentence);
		delivered.outcome = NOT_SENT;
	}
	upload->done(upload->arg, &delivered);
	free(upload->channel);
	free(upload->thread);
	free(upload->title);
	free(upload->comment);
	free(upload->bytes);
	free(upload->id);
	free(upload);
}

/* ---- its place ---- */

static void
on_placed(void *arg, const struct slack_answer *answer)
{
	upload_end(arg, answer->outcome, answer);
}

static void
place(struct upload *upload)
{
	cJSON *body = cJSON_CreateObject(), *file;

	file = json_add_object(json_add_array(body, "files"), NULL);
	json_add_string(file, "id", upload->id);
	json_add_string(file, "title", upload->title);
	json_add_string(body, "channel_id", upload->channel);
	json_add_string(body, "thread_ts", upload->thread);
	json_add_string(body, "initial_comment", upload->comment);
	slack_api_change(upload->slack->api, "files.completeUploadExternal", body, on_placed, upload);
}

/* ---- its bytes ---- */

static enum delivery
repeatable(enum delivery outcome)
{
	return outcome == UNKNOWN_OUTCOME ? NOT_SENT : outcome;
}

static void
on_sent(void *arg, const struct slack_answer *answer)
{
	struct upload *upload = arg;

	free(upload->bytes);
	upload->bytes = NULL;
	if (answer->outcome == SENT)
		place(upload);
	else
		upload_end(upload, repeatable(answer->outcome), answer);
}

static void
on_address(void *arg, const struct slack_answer *answer)
{
	struct upload *upload = arg;
	const char *url = json_string(answer->body, "upload_url");
	const char *id = json_string(answer->body, "file_id");
	struct slack_answer refused = { .sentence = "the address for the file is not Slack's" };

	if (answer->outcome != SENT) {
		upload_end(upload, repeatable(answer->outcome), answer);
		return;
	}
	if (id == NULL ||
	    !slack_url_allowed(url, slack_api_url(upload->slack->api), "files.slack.com", NULL)) {
		upload_end(upload, REFUSED_FOR_GOOD, &refused);
		return;
	}
	upload->id = xstrdup(id);
	slack_api_post(upload->slack->api, url, "application/octet-stream", upload->bytes,
	    upload->length, on_sent, upload);
}

static char *
copy(const char *s)
{
	return s != NULL ? xstrdup(s) : NULL;
}

/* Slack refuses a file without bytes. */
static void
copy_bytes(struct upload *upload, const struct post *post)
{
	bool empty = post->length == 0;

	upload->length = empty ? 1 : post->length;
	upload->bytes = xmalloc(upload->length);
	memcpy(upload->bytes, empty ? "\n" : post->bytes, upload->length);
}

void
slack_upload(struct slack *slack, const struct post *post,
    void (*done)(void *, const struct delivered *), void *arg)
{
	struct upload *upload = xcalloc(1, sizeof(*upload));
	cJSON *arguments = cJSON_CreateObject();

	upload->slack = slack;
	upload->done = done;
	upload->arg = arg;
	upload->channel = copy(post->channel);
	upload->thread = copy(post->thread);
	upload->title = copy(post->file_title != NULL ? post->file_title : post->file_name);
	copy_bytes(upload, post);
	if (post->message != NULL && post->message->text != NULL) {
		_cleanup_(text_clear) struct text comment = TEXT_INIT;

		slack_notification(&comment, post->message);
		upload->comment = text_take(&comment);
	}
	json_add_string(arguments, "filename", post->file_name);
	json_add_number(arguments, "length", (double)upload->length);
	slack_api_read(slack->api, "files.getUploadURLExternal", arguments, on_address, upload);
}

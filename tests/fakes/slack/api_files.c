/* api_files.c - files by the newer way: ask for an address, send the bytes, complete
 * (protocols 3.6). */

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "api.h"
#include "describe.h"
#include "event.h"
#include "fault.h"
#include "post.h"
#include "server.h"

#define SNIPPET_MOST MEGABYTES(1)

static struct file *
file_by_id(const struct fake_slack *fs, const char *id)
{
	for (size_t i = 0; id != NULL && i < fs->workspace.files.count; i++)
		if (strcmp(fs->workspace.files.item[i]->seen.id, id) == 0)
			return fs->workspace.files.item[i];
	return NULL;
}

static void
files_get_upload_url(struct call *call)
{
	struct workspace *w = &call->fs->workspace;
	const char *name = call_string(call, "filename");
	int64_t length = call_number(call, "length", 0);
	struct file *file;

	if (name == NULL || length <= 0) {
		call_fail(call, "missing_argument");
		return;
	}
	if (call_string(call, "snippet_type") != NULL && length > (int64_t)SNIPPET_MOST) {
		call_fail(call, "snippet_too_large");
		return;
	}
	file = xcalloc(1, sizeof(*file));
	*GROW(&w->files) = file;
	text_init(&file->bytes, BODY_LIMIT);
	file->seen.id = arena_printf(w->arena, "F%08X", ++w->file_number);
	file->seen.name = arena_strdup(w->arena, name);
	file->seen.announced = (size_t)length;
	json_add_stringf(
	    call->reply, "upload_url", "%s/upload/v1/%s", call->fs->base, file->seen.id);
	json_add_string(call->reply, "file_id", file->seen.id);
}

static void
upload_perform(struct exchange *x, bool spoilt)
{
	struct file *file = file_by_id(x->fs, strrchr(x->path, '/') + 1);
	static const char gone[] = "file_not_found";

	if (file == NULL || file->seen.completed) {
		if (!spoilt)
			exchange_answer(x, 404, "text/plain", NULL, gone, strlen(gone));
		return;
	}
	text_reset(&file->bytes);
	if (x->type != NULL && string_starts(x->type, "multipart/form-data"))
		cJSON_Delete(multipart_read(x->type, x->body.data, x->body.length, &file->bytes));
	else
		text_add_bytes(&file->bytes, x->body.data, x->body.length);
	file->seen.uploaded = true;
	file->seen.bytes = file->bytes.data;
	file->seen.length = file->bytes.length;
	if (!spoilt) {
		_cleanup_(text_clear) struct text ok = TEXT_INIT;

		text_printf(&ok, "OK - %zu", file->seen.length);
		exchange_answer(x, 200, "text/plain", NULL, ok.data, ok.length);
	}
}

void
upload_handle(struct exchange *x)
{
	fake_count(x->fs, "upload");
	journal(x->fs, "%s ← %zu bytes", x->path, x->body.length);
	if (!fault_strikes(x, "upload", upload_perform))
		upload_perform(x, false);
	fake_changed(x->fs);
}

/* Where the files are to be shown; NULL without a failure: nowhere, they stay private. */
static struct channel *
files_where(struct call *call)
{
	const char *where = call_string(call, "channel_id");
	struct channel *channel = channel_by_id(call->fs, where);

	if (where == NULL)
		return NULL;
	if (channel == NULL)
		call_fail(call, "channel_not_found");
	else if (!channel->seen.bot_is_member)
		call_fail(call, "not_in_channel");
	return channel;
}

static bool
files_ready(struct call *call, const cJSON *files)
{
	const cJSON *entry;
	const struct file *file;

	json_each(entry, files) {
		file = file_by_id(call->fs, json_string(entry, "id"));
		if (file == NULL)
			call_fail(call, "file_not_found");
		else if (!file->seen.uploaded || file->seen.completed)
			call_fail(call, "file_update_failed");
	}
	if (cJSON_GetArraySize(files) == 0)
		call_fail(call, "invalid_arguments");
	return !call->failed;
}

static void
file_share(struct call *call, struct file *file, struct channel *channel, int64_t thread)
{
	struct draft draft = {
		.channel = channel,
		.user = BOT_USER,
		.bot_id = BOT,
		.subtype = "file_share",
		.text = call_string(call, "initial_comment"),
		.file = file->seen.id,
		.file_name = file->seen.name,
		.thread_micros = thread,
	};
	struct message *message = message_add(call->fs, &draft);

	file->seen.channel = channel->seen.id;
	file->seen.thread_ts = message->seen.thread_ts == NULL ? NULL
	    : arena_strdup(call->fs->workspace.arena, message->seen.thread_ts);
	event_posted(call->fs, message);
}

static void
files_finish(struct call *call, const cJSON *files, struct channel *channel, int64_t thread)
{
	cJSON *list = json_add_array(call->reply, "files");
	const cJSON *entry;
	struct file *file;

	json_each(entry, files) {
		file = file_by_id(call->fs, json_string(entry, "id"));
		free(file->title);
		file->title = xstrdup(json_string_or(entry, "title", file->seen.name));
		file->seen.title = file->title;
		file->seen.completed = true;
		if (channel != NULL)
			file_share(call, file, channel, thread);
		cJSON_AddItemToArray(list, file_json(file));
	}
}

static void
files_complete_upload(struct call *call)
{
	struct channel *channel = files_where(call);
	int64_t thread = 0;
	cJSON *files;

	if (call->failed || !call_json(call, "files", cJSON_Array, "invalid_arguments", &files))
		return;
	if (files_ready(call, files) && (channel == NULL || post_thread(call, channel, &thread)))
		files_finish(call, files, channel, thread);
	cJSON_Delete(files);
}

static void
files_info(struct call *call)
{
	const struct file *file = file_by_id(call->fs, call_string(call, "file"));

	if (file == NULL)
		call_fail(call, "file_not_found");
	else
		cJSON_AddItemToObject(call->reply, "file", file_json(file));
}

const struct fake_slack_file *
fake_slack_next_file(const struct fake_slack *fs, const struct fake_slack_file *after)
{
	const struct workspace *w = &fs->workspace;
	size_t i = 0;

	if (after != NULL)
		for (; i < w->files.count; i++)
			if (&w->files.item[i]->seen == after) {
				i++;
				break;
			}
	return i < w->files.count ? &w->files.item[i]->seen : NULL;
}

const struct method methods_files[] = {
	{ "files.getUploadURLExternal", files_get_upload_url, 100, "files:write", TOKEN_BOT },
	{ "files.completeUploadExternal", files_complete_upload, 100, "files:write", TOKEN_BOT },
	{ "files.info", files_info, 100, "files:read|files:write", TOKEN_BOT },
	{ NULL, NULL, 0, NULL, TOKEN_BOT },
};

/*
 * hook.c - POSTs to response URLs: five uses in thirty minutes, ephemeral unless asked otherwise,
 * and the original replaced or deleted (protocols 3.4).
 */

#include <stdlib.h>
#include <string.h>

#include "arguments.h"
#include "event.h"
#include "fault.h"
#include "post.h"
#include "server.h"

#define HOOK_USES 5
#define HOOK_LIFE MINUTES(30)

/* …/T0TEAM/7/3f9c…: number and secret must both fit. */
static struct hook *
hook_find(struct fake_slack *fs, const char *path)
{
	const char *secret = strrchr(path, '/'), *at = strstr(path, "/" TEAM "/");
	unsigned long number = at == NULL ? 0 : strtoul(at + strlen("/" TEAM "/"), NULL, 10);

	for (size_t i = 0; i < fs->workspace.hooks.count; i++) {
		struct hook *hook = &fs->workspace.hooks.item[i];

		if (hook->number == number && strcmp(hook->secret, secret + 1) == 0)
			return hook;
	}
	return NULL;
}

static void
hook_refuse(struct exchange *x, int status, const char *error)
{
	_cleanup_(text_clear) struct text body = TEXT_INIT;

	journal(x->fs, "%s → %d %s", x->path, status, error);
	text_printf(&body, "{\"ok\":false,\"error\":\"%s\"}", error);
	exchange_answer(x, status, "application/json", NULL, body.data, body.length);
}

/* An ephemeral message of a slash command cannot be addressed: only clicks have an original. */
static struct message *
hook_original(struct call *call, const struct hook *hook)
{
	struct message *message = message_by_number(call->fs, hook->message);

	if (message == NULL || message->seen.deleted)
		call_fail(call, hook->message == 0 ? "no_original" : "message_not_found");
	return call->failed ? NULL : message;
}

static void
hook_post(struct call *call, const struct hook *hook, struct content *content)
{
	const char *type = call_string(call, "response_type");
	bool everybody = string_equal(type, "in_channel");
	int64_t thread = hook->thread;

	if (type != NULL && !everybody && strcmp(type, "ephemeral") != 0) {
		call_fail(call, "invalid_response_type");
		return;
	}
	if (call_has(call, "thread_ts") && !post_thread(call, hook->channel, &thread))
		return;
	content_post(call->fs, content, hook->channel, thread, false,
	    everybody ? NULL : hook->user->seen.id);
}

static void
hook_use(struct call *call, const struct hook *hook)
{
	_cleanup_(content_clear) struct content content = { 0 };
	struct message *message;

	if (call_flag(call, "delete_original", false)) {
		if ((message = hook_original(call, hook)) != NULL) {
			message_delete(call->fs, message);
			event_deleted(call->fs, message);
		}
		return;
	}
	if (!content_read(call, true, &content))
		return;
	if (!call_flag(call, "replace_original", false))
		hook_post(call, hook, &content);
	else if ((message = hook_original(call, hook)) != NULL)
		content_redraw(call->fs, &content, message);
}

static void
hook_perform(struct exchange *x, bool spoilt)
{
	struct hook *hook = hook_find(x->fs, x->path);
	struct call call = { .fs = x->fs, .method = "response_url" };
	const char *error;

	if (hook == NULL || clock_now(&x->fs->clock) - hook->at > HOOK_LIFE
	    || hook->uses >= HOOK_USES) {
		if (!spoilt)
			hook_refuse(x, 404, hook == NULL ? "invalid_url"
			    : hook->uses >= HOOK_USES ? "used_url" : "expired_url");
		return;
	}
	call.args = json_parse(x->body.data, x->body.length, NULL);
	call.reply = cJSON_CreateObject();
	hook->uses++;
	if (!cJSON_IsObject(call.args)) {
		call_fail(&call, "invalid_payload");
	} else {
		arguments_check(x->fs, call.method, call.args);
		hook_use(&call, hook);
	}
	error = json_string(call.reply, "error");
	if (!spoilt && error != NULL)
		hook_refuse(x, 500, error);
	else if (!spoilt)
		exchange_answer(x, 200, "text/html", NULL, "ok", 2);
	cJSON_Delete(call.args);
	cJSON_Delete(call.reply);
}

void
hook_handle(struct exchange *x)
{
	fake_count(x->fs, "response_url");
	journal(x->fs, "%s ← %s", x->path, x->body.data);
	if (!fault_strikes(x, "response_url", hook_perform))
		hook_perform(x, false);
	fake_changed(x->fs);
}

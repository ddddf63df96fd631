/* slack_deliver.c - the outbox's wishes as calls. */

#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "slack_blocks.h"
#include "slack_private.h"
#include "slack_url.h"

#define REPLY_USES 5
#define REPLY_AGE MINUTES(30)

struct delivery_task {
	struct slack *slack;
	enum posting kind;
	void (*done)(void *, const struct delivered *);
	void *arg;
	char *channel;
	struct timer refusal;
	const char *sentence;		/* of a refusal without a call */
};

static struct delivery_task *
task_new(struct slack *slack, const struct post *post, void (*done)(void *, const struct delivered *),
    void *arg)
{
	struct delivery_task *task = xcalloc(1, sizeof(*task));

	task->slack = slack;
	task->kind = post->kind;
	task->done = done;
	task->arg = arg;
	task->channel = post->channel != NULL ? xstrdup(post->channel) : NULL;
	return task;
}

static void
task_end(struct delivery_task *task, const struct delivered *delivered)
{
	task->done(task->arg, delivered);
	free(task->channel);
	free(task);
}

/* ---- what is sent ---- */

void
slack_add_message(cJSON *body, const struct message *message)
{
	_cleanup_(text_clear) struct text text = TEXT_INIT;
	cJSON *blocks = slack_blocks(message);

	slack_notification(&text, message);
	json_add_string(body, "text", text.data);
	if (blocks->child != NULL)
		cJSON_AddItemToObject(body, "blocks", blocks);
	else
		cJSON_Delete(blocks);
	json_add_string(body, "parse", "none");
}

/* An unfurl is a request to an address that somebody's output chose (OU1).  chat.update and
 * chat.postEphemeral know neither word. */
void
slack_no_unfurls(cJSON *body)
{
	json_add_bool(body, "unfurl_links", false);
	json_add_bool(body, "unfurl_media", false);
}

static cJSON *
new_body(const struct post *post)
{
	cJSON *body = cJSON_CreateObject();

	json_add_string(body, "channel", post->channel != NULL ? post->channel : post->person);
	return body;
}

static cJSON *
new_message_body(const struct post *post)
{
	cJSON *body = new_body(post);

	slack_add_message(body, post->message);
	cJSON_AddItemToObject(body, "metadata", slack_metadata(post->message, post->key));
	return body;
}

static cJSON *
post_body(const struct post *post)
{
	cJSON *body = new_message_body(post);

	slack_no_unfurls(body);
	json_add_string(body, "thread_ts", post->thread);
	if (post->thread != NULL && post->broadcast)
		json_add_bool(body, "reply_broadcast", true);
	return body;
}

static cJSON *
update_body(const struct post *post)
{
	cJSON *body = new_message_body(post);

	json_add_string(body, "ts", post->ts);
	return body;
}

static cJSON *
ephemeral_body(const struct post *post)
{
	cJSON *body = new_body(post);

	json_add_string(body, "user", post->person);
	json_add_string(body, "thread_ts", post->thread);
	slack_add_message(body, post->message);
	return body;
}

static cJSON *
delete_body(const struct post *post)
{
	cJSON *body = new_body(post);

	json_add_string(body, "ts", post->ts);
	return body;
}

static cJSON *
dialog_body(const struct post *post)
{
	cJSON *body = cJSON_CreateObject();

	json_add_string(body, "trigger_id", post->trigger);
	cJSON_AddItemToObject(body, "view", slack_dialog(post->message));
	return body;
}

static const struct {
	const char *method;
	cJSON *(*body)(const struct post *);
} methods[] = {
	[POST_NEW] = { "chat.postMessage", post_body },
	[POST_UPDATE] = { "chat.update", update_body },
	[POST_EPHEMERAL] = { "chat.postEphemeral", ephemeral_body },
	[POST_DELETE] = { "chat.delete", delete_body },
	[POST_DIALOG] = { "views.open", dialog_body },
};

/* ---- what came of it ---- */

static void
on_delivered(void *arg, const struct slack_answer *answer)
{
	struct delivery_task *task = arg;
	const char *ts = json_string(answer->body, "ts");
	struct delivered delivered = {
		.outcome = answer->outcome,
		.channel = json_string_or(answer->body, "channel", task->channel),
		.ts = ts != NULL ? ts : json_string(answer->body, "message_ts"),
		.retry_after = answer->retry_after,
		.sentence = answer->sentence,
	};

	if (task->kind == POST_DELETE && string_equal(answer->error, "message_not_found"))
		delivered.outcome = SENT;	/* gone is what was wanted */
	if (slack_error_is_final(answer->error)) {
		/* The letter is good; the token is not.  It waits for another one. */
		slack_end(task->slack, "slack.bot_token", answer->sentence);
		delivered.outcome = NOT_SENT;
	}
	task_end(task, &delivered);
}

/* done never comes before deliver returned, even when there is nothing to ask Slack. */
static void
on_refusal(void *arg)
{
	struct delivery_task *task = arg;
	struct delivered delivered = { .outcome = REFUSED_FOR_GOOD, .sentence = task->sentence };

	task_end(task, &delivered);
}

static void
refuse_later(struct delivery_task *task, const char *sentence)
{
	task->sentence = sentence;
	timer_start(task->slack->host.loop, &task->refusal, 0, on_refusal, task);
}

/* ---- answers by their address ---- */

/* The address itself is a secret, so its digest is remembered. */
static bool
may_reply(struct slack *slack, const char *url)
{
	int64_t now = loop_now(slack->host.loop);
	char digest[DIGEST_HEX];
	size_t i;

	digest_of(url, strlen(url), digest);
	digest[16] = '\0';
	for (i = 0; i < REPLIES_REMEMBERED; i++)
		if (string_equal(slack->replies[i].digest, digest))
			break;
	if (i == REPLIES_REMEMBERED) {
		i = slack->reply_next++ % REPLIES_REMEMBERED;
		memcpy(slack->replies[i].digest, digest, sizeof(slack->replies[i].digest));
		slack->replies[i].uses = 0;
		slack->replies[i].since = now;
	}
	return slack->replies[i].uses++ < REPLY_USES && now - slack->replies[i].since < REPLY_AGE;
}

static void
reply(struct delivery_task *task, const struct post *post)
{
	struct slack *slack = task->slack;
	_cleanup_(text_clear) struct text bytes = TEXT_INIT;
	_cleanup_(json_freep) cJSON *body = cJSON_CreateObject();

	if (!slack_url_allowed(post->reply_url, slack_api_url(slack->api), "hooks.slack.com", NULL)) {
		refuse_later(task, "the address for answers is not Slack's");
		return;
	}
	if (!may_reply(slack, post->reply_url)) {
		refuse_later(task, "Slack takes 5 answers to a command within 30 min, no more");
		return;
	}
	json_add_string(body, "response_type", "ephemeral");
	json_add_bool(body, "replace_original", post->replace);
	slack_add_message(body, post->message);
	slack_no_unfurls(body);
	json_print(&bytes, body);
	slack_api_post(slack->api, post->reply_url, "application/json; charset=utf-8", bytes.data,
	    bytes.length, on_delivered, task);
}

void
slack_deliver(void *link, const struct post *post, void (*done)(void *, const struct delivered *),
    void *arg)
{
	struct slack *slack = link;
	struct delivery_task *task;

	if (slack->ending)
		return;		/* the loop does not turn any more: nobody waits for an answer */
	if (post->kind == POST_FILE) {
		slack_upload(slack, post, done, arg);
		return;
	}
	task = task_new(slack, post, done, arg);
	if (post->kind == POST_REPLY_URL)
		reply(task, post);
	else
		slack_api_change(slack->api, methods[post->kind].method,
		    methods[post->kind].body(post), on_delivered, task);
}

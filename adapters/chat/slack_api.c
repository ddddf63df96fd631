/* slack_api.c - methods as HTTP requests. */

#include <stdlib.h>
#include <string.h>

#include "slack_api.h"

#define LIMIT SECONDS(10)
#define UPLOAD_LIMIT SECONDS(60)
#define ANSWER_MOST MEGABYTES(4)
#define JSON_TYPE "application/json; charset=utf-8"
#define FORM_TYPE "application/x-www-form-urlencoded"

struct slack_api {
	struct http *bot, *app, *bare;
	char *url;
	const struct secret *bot_token, *app_token;
};

struct slack_call {
	struct http_call *http;
	bool changes, plain;		/* plain: an answer that need not be JSON */
	slack_done *done;
	void *arg;
};

struct slack_api *
slack_api_new(struct loop *loop, const struct slack_api_options *options, struct error *err)
{
	struct http_options http = { .ca_file = options->ca_file, .proxy = options->proxy };
	struct slack_api *api = xcalloc(1, sizeof(*api));

	api->url = string_ends(options->url, "/") ? xstrdup(options->url)
						  : xasprintf("%s/", options->url);
	api->bot_token = options->bot_token;
	api->app_token = options->app_token;
	if ((api->bot = http_new(loop, &http, err)) != NULL &&
	    (api->app = http_new(loop, &http, err)) != NULL &&
	    (api->bare = http_new(loop, &http, err)) != NULL)
		return api;
	slack_api_free(api);
	return NULL;
}

void
slack_api_free(struct slack_api *api)
{
	if (api == NULL)
		return;
	http_free(api->bot);
	http_free(api->app);
	http_free(api->bare);
	free(api->url);
	free(api);
}

const char *
slack_api_url(const struct slack_api *api)
{
	return api->url;
}

/* A response_url answers "ok" and uploads answer "OK - 123": the status says it all. */
static cJSON *
read_body(const struct slack_call *call, const struct http_answer *answer)
{
	cJSON *body = json_parse(answer->body->data, answer->body->length, NULL);

	if (body == NULL && call->plain && answer->status == 200) {
		body = cJSON_CreateObject();
		json_add_bool(body, "ok", true);
	}
	return body;
}

static void
on_answer(void *arg, const struct http_answer *http)
{
	struct slack_call *call = arg;
	_cleanup_(json_freep) cJSON *body = read_body(call, http);
	_cleanup_(text_clear) struct text sentence = TEXT_INIT_LIMIT(KILOBYTES(1));
	struct slack_answer answer;

	slack_answer_read(&answer, http, body, call->changes, &sentence);
	/* An address of Slack's that has expired is gone for good. */
	if (call->plain && (http->status == 404 || http->status == 410)) {
		answer.outcome = REFUSED_FOR_GOOD;
		answer.sentence = "the time for answering here is over";
	}
	call->done(call->arg, &answer);
	free(call);
}

static struct slack_call *
start(struct http *http, const struct http_request *request, bool changes, bool plain,
    slack_done *done, void *arg)
{
	struct slack_call *call = xcalloc(1, sizeof(*call));

	call->changes = changes;
	call->plain = plain;
	call->done = done;
	call->arg = arg;
	call->http = http_start(http, request, on_answer, call);
	return call;
}

static struct slack_call *
start_method(struct slack_api *api, const char *method, const char *type, const struct text *body,
    slack_done *done, void *arg)
{
	_cleanup_(freep) char *url = xasprintf("%s%s", api->url, method);
	struct http_request request = { .method = "POST", .url = url, .bearer = api->bot_token,
		.content_type = type, .body = body->data, .body_length = body->length, .limit = LIMIT,
		.max_answer = ANSWER_MOST, .once = string_starts(type, "application/json"),
		.wanted_header = "x-oauth-scopes" };

	return start(api->bot, &request, request.once, false, done, arg);
}

struct slack_call *
slack_api_change(struct slack_api *api, const char *method, cJSON *arguments, slack_done *done,
    void *arg)
{
	_cleanup_(text_clear) struct text body = TEXT_INIT;
	_cleanup_(json_freep) cJSON *owned = arguments;

	json_print(&body, owned);
	return start_method(api, method, JSON_TYPE, &body, done, arg);
}

static void
add_encoded(struct text *out, const char *s)
{
	for (; *s != '\0'; s++)
		if ((*s >= 'a' && *s <= 'z') || (*s >= 'A' && *s <= 'Z') || (*s >= '0' && *s <= '9') ||
		    *s == '-' || *s == '_' || *s == '.')
			text_add_char(out, *s);
		else
			text_printf(out, "%%%02X", (unsigned char)*s);
}

static void
add_form(struct text *out, const cJSON *arguments)
{
	_cleanup_(text_clear) struct text value = TEXT_INIT;
	const cJSON *one;

	json_each(one, arguments) {
		text_reset(&value);
		if (cJSON_IsString(one))
			text_add(&value, one->valuestring);
		else
			json_print(&value, one);
		text_printf(out, "%s%s=", out->length > 0 ? "&" : "", one->string);
		add_encoded(out, value.data);
	}
}

struct slack_call *
slack_api_read(struct slack_api *api, const char *method, cJSON *arguments, slack_done *done,
    void *arg)
{
	_cleanup_(text_clear) struct text body = TEXT_INIT;
	_cleanup_(json_freep) cJSON *owned = arguments;

	add_form(&body, owned);
	return start_method(api, method, FORM_TYPE, &body, done, arg);
}

struct slack_call *
slack_api_connect(struct slack_api *api, int64_t limit, slack_done *done, void *arg)
{
	_cleanup_(freep) char *url = xasprintf("%sapps.connections.open", api->url);
	struct http_request request = { .method = "POST", .url = url, .bearer = api->app_token,
		.content_type = FORM_TYPE, .body = "", .limit = limit, .max_answer = KILOBYTES(64) };

	return start(api->app, &request, false, false, done, arg);
}

void
slack_api_tokens(struct slack_api *api, const struct secret *bot_token, const struct secret *app_token)
{
	api->bot_token = bot_token;
	api->app_token = app_token;
}

struct slack_call *
slack_api_try(struct slack_api *api, const char *method, const struct secret *token, slack_done *done,
    void *arg)
{
	_cleanup_(freep) char *url = xasprintf("%s%s", api->url, method);
	struct http_request request = { .method = "POST", .url = url, .bearer = token,
		.content_type = FORM_TYPE, .body = "", .limit = LIMIT, .max_answer = KILOBYTES(64) };

	return start(string_starts(method, "apps.") ? api->app : api->bot, &request, false, false, done, arg);
}

struct slack_call *
slack_api_post(struct slack_api *api, const char *url, const char *content_type, const char *bytes,
    size_t length, slack_done *done, void *arg)
{
	struct http_request request = { .method = "POST", .url = url, .content_type = content_type,
		.body = bytes, .body_length = length, .limit = UPLOAD_LIMIT,
		.max_answer = KILOBYTES(64), .once = true };

	return start(api->bare, &request, true, true, done, arg);
}

void
slack_call_cancel(struct slack_call *call)
{
	http_cancel(call->http);
}

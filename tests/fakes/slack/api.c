/*
 * api.c - a call of the Web API from its bytes to its answer: token, scope, tier, fault, method.
 *
 * Errors come with HTTP 200 and "ok":false, except 429 and what faults ask for (protocols 3.0).
 */

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "api.h"
#include "arguments.h"
#include "fault.h"
#include "server.h"

#define JSON_TYPE "application/json; charset=utf-8"
#define TIER_SPECIAL 600

static const char default_scopes[] = "app_mentions:read,channels:history,channels:read,chat:write,"
    "chat:write.public,commands,files:write,groups:history,groups:read,im:history,im:write,"
    "metadata.message:read,reactions:write,usergroups:read,usergroups:write,users:read,"
    "users:read.email";

static const struct method *const method_tables[] = {
	methods_chat, methods_places, methods_people, methods_views, methods_files, methods_socket,
};

static const struct method *
method_find(const char *name)
{
	for (size_t i = 0; i < COUNT(method_tables); i++)
		for (const struct method *m = method_tables[i]; m->name != NULL; m++)
			if (strcmp(m->name, name) == 0)
				return m;
	return NULL;
}

/* ---- for the methods ----------------------------------------------------------------------- */

void
call_fail(struct call *call, const char *error)
{
	if (call->failed)
		return;
	call->failed = true;
	cJSON_DeleteItemFromObjectCaseSensitive(call->reply, "ok");
	cJSON_AddItemToObject(call->reply, "ok", cJSON_CreateFalse());
	json_add_string(call->reply, "error", error);
}

bool
call_has(const struct call *call, const char *name)
{
	return cJSON_GetObjectItemCaseSensitive(call->args, name) != NULL;
}

const char *
call_string(struct call *call, const char *name)
{
	cJSON *value = cJSON_GetObjectItemCaseSensitive(call->args, name);
	char *digits;

	if (cJSON_IsNumber(value)) {
		digits = xasprintf("%.0f", value->valuedouble);
		cJSON_ReplaceItemInObjectCaseSensitive(
		    call->args, name, cJSON_CreateString(digits));
		free(digits);
		value = cJSON_GetObjectItemCaseSensitive(call->args, name);
	}
	return cJSON_IsString(value) && *value->valuestring != '\0' ? value->valuestring : NULL;
}

bool
call_flag(struct call *call, const char *name, bool otherwise)
{
	const cJSON *value = cJSON_GetObjectItemCaseSensitive(call->args, name);

	if (cJSON_IsBool(value))
		return cJSON_IsTrue(value);
	if (cJSON_IsString(value))
		return string_equal(value->valuestring, "true") ||
		       string_equal(value->valuestring, "1");
	return cJSON_IsNumber(value) ? value->valuedouble != 0 : otherwise;
}

int64_t
call_number(struct call *call, const char *name, int64_t otherwise)
{
	const char *digits = call_string(call, name);
	int64_t number;

	return digits != NULL && string_number(digits, 0, INT64_MAX, &number) ? number : otherwise;
}

bool
call_json(struct call *call, const char *name, int kind, const char *error, cJSON **value)
{
	const cJSON *given = cJSON_GetObjectItemCaseSensitive(call->args, name);

	*value = NULL;
	if (given == NULL || cJSON_IsNull(given)
	    || (cJSON_IsString(given) && *given->valuestring == '\0'))
		return true;
	if (cJSON_IsString(given))
		*value = json_parse(given->valuestring, strlen(given->valuestring), NULL);
	else
		*value = cJSON_Duplicate(given, true);
	if (*value != NULL && ((*value)->type & 0xff) == kind)
		return true;
	cJSON_Delete(*value);
	*value = NULL;
	call_fail(call, error);
	return false;
}

void
call_message(struct call *call, const char *message)
{
	cJSON *metadata = cJSON_GetObjectItemCaseSensitive(call->reply, "response_metadata");
	cJSON *list;

	if (metadata == NULL)
		metadata = json_add_object(call->reply, "response_metadata");
	list = cJSON_GetObjectItemCaseSensitive(metadata, "messages");
	if (list == NULL)
		list = json_add_array(metadata, "messages");
	cJSON_AddItemToArray(list, cJSON_CreateString(message));
}

/* One scope, or one of several: "channels:read|groups:read". */
bool
call_scope(const struct fake_slack *fs, const char *scope)
{
	const char *granted = fs->scopes == NULL ? default_scopes : fs->scopes, *at;
	size_t length;

	for (; scope != NULL && *scope != '\0'; scope += length + (scope[length] == '|')) {
		length = strcspn(scope, "|");
		for (at = granted; *at != '\0';
		     at += strcspn(at, ",") + (at[strcspn(at, ",")] == ','))
			if (strcspn(at, ",") == length && strncmp(at, scope, length) == 0)
				return true;
	}
	return false;
}

struct channel *
call_channel(struct call *call, const char *name)
{
	struct channel *channel = channel_by_id(call->fs, call_string(call, name));

	if (channel == NULL)
		call_fail(call, "channel_not_found");
	return channel;
}

struct user *
call_user(struct call *call, const char *name)
{
	struct user *user = user_by_id(call->fs, call_string(call, name));

	if (user == NULL)
		call_fail(call, "user_not_found");
	return user;
}

void
call_page(struct call *call, size_t total, int64_t limit, size_t *from, size_t *to)
{
	const char *cursor = call_string(call, "cursor");
	int64_t start = 0;
	cJSON *metadata;

	*from = *to = 0;
	if (cursor != NULL && (!string_starts(cursor, "next:")
		|| !string_number(cursor + 5, 0, (int64_t)total, &start))) {
		call_fail(call, "invalid_cursor");
		return;
	}
	*from = (size_t)start;
	*to = limit > 0 && (size_t)limit < total - *from ? *from + (size_t)limit : total;
	metadata = json_add_object(call->reply, "response_metadata");
	if (*to < total)
		json_add_stringf(metadata, "next_cursor", "next:%zu", *to);
	else
		json_add_string(metadata, "next_cursor", "");
}

/* ---- reading and answering ----------------------------------------------------------------- */

static void
api_answer(struct exchange *x, int status, const char *headers, const cJSON *reply)
{
	_cleanup_(text_clear) struct text text = TEXT_INIT_LIMIT(MEGABYTES(16));

	json_print(&text, reply);
	journal(x->fs, "%s → %d %s", x->path, status, text.data);
	exchange_answer(x, status, JSON_TYPE, headers, text.data, text.length);
}

static void
api_limited(struct exchange *x, int seconds)
{
	_cleanup_(json_freep) cJSON *reply = cJSON_CreateObject();
	_cleanup_(text_clear) struct text header = TEXT_INIT;

	json_add_bool(reply, "ok", false);
	json_add_string(reply, "error", "ratelimited");
	text_printf(&header, "retry-after: %d\r\n", seconds);
	api_answer(x, 429, header.data, reply);
}

/* A JSON body: its members, or the error that it is. */
static cJSON *
api_json_body(const struct exchange *x, const char **error)
{
	cJSON *args = NULL;

	if (x->body.length == 0)
		return cJSON_CreateObject();
	args = json_parse(x->body.data, x->body.length, NULL);
	if (!cJSON_IsObject(args)) {
		*error = args == NULL ? "invalid_json" : "json_not_object";
		cJSON_Delete(args);
		args = cJSON_CreateObject();
	}
	return args;
}

static cJSON *
api_arguments(struct exchange *x, const char **error)
{
	cJSON *args, *item;

	if (x->type != NULL && string_starts(x->type, "application/json"))
		args = api_json_body(x, error);
	else if (x->type != NULL && string_starts(x->type, "multipart/form-data"))
		args = multipart_read(x->type, x->body.data, x->body.length, NULL);
	else
		args = form_read(x->body.data, x->body.length);
	json_each(item, x->query)
		if (cJSON_GetObjectItemCaseSensitive(args, item->string) == NULL)
			json_add_string(args, item->string, item->valuestring);
	return args;
}

/* The token, or the one that comes after it in a rotation: "…-next". */
static bool
is_token(const char *given, const char *token)
{
	return string_starts(given, token) &&
	    (given[strlen(token)] == '\0' || string_equal(given + strlen(token), "-next"));
}

/* NULL when the token is right for this method, else the error. */
static const char *
api_token(const struct fake_slack *fs, const struct exchange *x, const struct method *method,
    const cJSON *args)
{
	const char *token = NULL;

	if (x->authorization != NULL && strncasecmp(x->authorization, "Bearer ", 7) == 0)
		token = x->authorization + 7;
	else if (method->token == TOKEN_BOT)
		token = json_string(args, "token");
	if (token == NULL)
		return "not_authed";
	if (fs->revoked != NULL)
		return fs->revoked;
	if (is_token(token, method->token == TOKEN_APP ? APP_TOKEN : BOT_TOKEN))
		return NULL;
	if (is_token(token, method->token == TOKEN_APP ? BOT_TOKEN : APP_TOKEN))
		return "not_allowed_token_type";
	return "invalid_auth";
}

/* Seconds to wait, −1: go. */
static int
api_tier(struct fake_slack *fs, const struct method *method, struct counter *counter)
{
	double rate = method->tier == 0 ? TIER_SPECIAL : method->tier;
	int64_t wait;

	if (fs->unlimited)
		return -1;
	/* Tier 1 is "1+ per minute, with bursts": ten at once, then one every 6 s [gk]. */
	if (method->tier == 1)
		rate = 10;
	wait = bucket_take(fs, &counter->rate, rate, rate);
	return wait < 0 ? -1 : (int)((wait + 999) / 1000);
}

static void
api_unknown(struct exchange *x, const char *name)
{
	_cleanup_(json_freep) cJSON *reply = cJSON_CreateObject();

	json_add_bool(reply, "ok", false);
	json_add_string(reply, "error", "unknown_method");
	json_add_string(reply, "req_method", name);
	api_answer(x, 200, NULL, reply);
}

static void
api_missing_scope(struct call *call, const char *scope)
{
	call_fail(call, "missing_scope");
	json_add_string(call->reply, "needed", scope);
	json_add_string(call->reply, "provided",
	    call->fs->scopes == NULL ? default_scopes : call->fs->scopes);
}

/* The call itself; -1, or the seconds after which it may be tried again. */
static int
api_run(struct exchange *x, const struct method *method, struct call *call, const char *wrong_body)
{
	struct counter *counter = fake_counter(x->fs, method->name);
	const char *error = api_token(x->fs, x, method, call->args);
	int wait;

	if (error != NULL || wrong_body != NULL) {
		call_fail(call, error != NULL ? error : wrong_body);
		return -1;
	}
	if (method->scope != NULL && !call_scope(x->fs, method->scope)) {
		api_missing_scope(call, method->scope);
		return -1;
	}
	arguments_check(x->fs, method->name, call->args);
	if ((wait = api_tier(x->fs, method, counter)) >= 0)
		return wait;
	method->run(call);
	return call->retry_after > 0 ? call->retry_after : -1;
}

static void
api_headers(struct fake_slack *fs, struct text *headers)
{
	text_printf(headers, "x-slack-req-id: %016" PRIx64 "\r\nx-oauth-scopes: %s\r\n",
	    fake_random(fs), fs->scopes == NULL ? default_scopes : fs->scopes);
}

/* Runs the method; `spoilt`: it takes effect, but another answers. */
static void
api_perform(struct exchange *x, bool spoilt)
{
	const char *name = x->path + strlen("/api/");
	const struct method *method = method_find(name);
	_cleanup_(text_clear) struct text headers = TEXT_INIT;
	struct call call = { .fs = x->fs, .method = name, .host = x->host };
	const char *wrong_body = NULL;
	int wait;

	if (method == NULL) {
		if (!spoilt)
			api_unknown(x, name);
		return;
	}
	call.args = api_arguments(x, &wrong_body);
	call.reply = cJSON_CreateObject();
	json_add_bool(call.reply, "ok", true);
	wait = api_run(x, method, &call, wrong_body);
	if (!spoilt && wait >= 0) {
		api_limited(x, wait);
	} else if (!spoilt) {
		api_headers(x->fs, &headers);
		api_answer(x, 200, headers.data, call.reply);
	}
	cJSON_Delete(call.args);
	cJSON_Delete(call.reply);
}

void
api_handle(struct exchange *x)
{
	const char *name = x->path + strlen("/api/");

	fake_count(x->fs, name);
	journal(x->fs, "%s ← %s", x->path, x->body.data);
	if (!fault_strikes(x, name, api_perform))
		api_perform(x, false);
	fake_changed(x->fs);
}

/* ---- settings ------------------------------------------------------------------------------ */

void
fake_slack_unlimited(struct fake_slack *fs, bool unlimited)
{
	fs->unlimited = unlimited;
}

void
fake_slack_team(struct fake_slack *fs, const char *team)
{
	free(fs->team);
	fs->team = xstrdup(team);
}

void
fake_slack_scopes(struct fake_slack *fs, const char *scopes)
{
	free(fs->scopes);
	fs->scopes = scopes == NULL ? NULL : xstrdup(scopes);
}

void
fake_slack_revoke(struct fake_slack *fs, const char *error)
{
	free(fs->revoked);
	fs->revoked = error == NULL ? NULL : xstrdup(error);
}

/* fake_slack_api.c - the Web API of the fake Slack: tokens, errors, limits, history, files, faults.
 */

#include "test.h"
#include "slack_client.h"

static struct world w;

/* A string of n letters. */
static char *
letters(size_t n)
{
	char *s = xmalloc(n + 1);

	memset(s, 'a', n);
	s[n] = '\0';
	return s;
}

static void
assert_post(const char *format, const char *with, const char *expected)
{
	struct text body = TEXT_INIT;
	const char *hole = strchr(format, '@');

	text_add_bytes(&body, format, hole == NULL ? strlen(format) : (size_t)(hole - format));
	if (hole != NULL) {
		text_add(&body, with);
		text_add(&body, hole + 1);
	}
	assert_api(&w, "chat.postMessage", body.data, expected);
	text_clear(&body);
}

/* ---- calling ------------------------------------------------------------------------------- */

TEST(tokens_are_looked_at_first)
{
	static const struct {
		const char *path, *token, *error;
	} rows[] = {
		{ "/api/auth.test", NULL, "not_authed" },
		{ "/api/auth.test", "xoxb-wrong", "invalid_auth" },
		{ "/api/auth.test", APP_TOKEN, "not_allowed_token_type" },
		{ "/api/apps.connections.open", BOT_TOKEN, "not_allowed_token_type" },
		{ "/api/apps.connections.open", NULL, "not_authed" },
		{ "/api/no.such", BOT_TOKEN, "unknown_method" },
		{ "/api/auth.test", BOT_TOKEN, "" },
	};

	world_start(&w);
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct reply reply =
		    post(&w, rows[i].path, rows[i].token, "application/json", "{}");

		assert_row(i, reply.status == 200);
		assert_row(i, string_equal(json_string_or(reply.json, "error", ""), rows[i].error));
		reply_clear(&reply);
	}
	world_end(&w);
}

TEST(a_token_in_a_form_counts_but_not_for_sockets)
{
	struct reply reply;

	world_start(&w);
	reply = post(&w, "/api/auth.test", NULL, "application/x-www-form-urlencoded",
	    "token=" BOT_TOKEN);
	assert_string_equal(json_string(reply.json, "user_id"), "U0ROLLCALL");
	assert_string_equal(json_string(reply.json, "bot_id"), "B0ROLLCALL");
	assert_non_null(strstr(reply.headers, "x-oauth-scopes: app_mentions:read,"));
	reply_clear(&reply);
	reply = post(&w, "/api/apps.connections.open", NULL, "application/x-www-form-urlencoded",
	    "token=" APP_TOKEN);
	assert_string_equal(json_string(reply.json, "error"), "not_authed");
	reply_clear(&reply);
	world_end(&w);
}

TEST(forms_and_json_say_the_same)
{
	struct reply reply;

	world_start(&w);
	reply = post(&w, "/api/chat.postMessage", BOT_TOKEN, "application/x-www-form-urlencoded",
	    "channel=C0INCIDENTS&text=a+b%26c&blocks=%5B%7B%22type%22%3A%22divider%22%7D%5D");
	assert_string_equal(json_string(reply.json, "message.text"), "a b&c");
	assert_int_equal(cJSON_GetArraySize(json_at(reply.json, "message.blocks")), 1);
	reply_clear(&reply);
	world_end(&w);
}

TEST(a_body_that_is_no_json_object_is_said)
{
	world_start(&w);
	assert_api(&w, "users.info", "{\"user\":", "invalid_json");
	assert_api(&w, "users.info", "[1]", "json_not_object");
	assert_api(&w, "users.info", "", "user_not_found");
	world_end(&w);
}

TEST(a_revoked_token_and_a_missing_scope_say_so)
{
	struct reply reply;

	world_start(&w);
	fake_slack_scopes(w.fs, "chat:write");
	reply = api(&w, "users.info", "{\"user\":\"U0ANN\"}");
	assert_string_equal(json_string(reply.json, "error"), "missing_scope");
	assert_string_equal(json_string(reply.json, "needed"), "users:read");
	assert_string_equal(json_string(reply.json, "provided"), "chat:write");
	reply_clear(&reply);
	fake_slack_scopes(w.fs, NULL);
	fake_slack_revoke(w.fs, "token_revoked");
	assert_api(&w, "users.info", "{\"user\":\"U0ANN\"}", "token_revoked");
	fake_slack_revoke(w.fs, NULL);
	assert_api(&w, "users.info", "{\"user\":\"U0ANN\"}", "");
	world_end(&w);
}

TEST(one_connection_serves_many_calls)
{
	int fd;

	world_start(&w);
	fd = client_connect(&w);
	for (int i = 0; i < 5; i++) {
		struct reply reply;

		request_send(&w, fd, "/api/auth.test", BOT_TOKEN, "application/json", "{}");
		reply = reply_read(&w, fd, 10000);
		assert_int_equal(reply.status, 200);
		reply_clear(&reply);
	}
	close(fd);
	world_settle(&w);
	assert_int_equal(fake_slack_calls(w.fs, "auth.test"), 5);
	world_end(&w);
}

TEST(chunked_bodies_are_put_together)
{
	static const char request[] = "POST /api/users.info HTTP/1.1\r\nHost: x\r\n"
	    "Authorization: Bearer " BOT_TOKEN "\r\nTransfer-Encoding: chunked\r\n"
	    "Content-Type: application/x-www-form-urlencoded\r\n\r\n"
	    "5\r\nuser=\r\n5\r\nU0ANN\r\n0\r\n\r\n";
	struct reply reply;
	int fd;

	world_start(&w);
	fd = client_connect(&w);
	client_send(&w, fd, request, strlen(request));
	reply = reply_read(&w, fd, 10000);
	assert_string_equal(json_string_or(reply.json, "user.name", ""), "ann");
	reply_clear(&reply);
	close(fd);
	world_settle(&w);
	world_end(&w);
}

/* ---- chat ---------------------------------------------------------------------------------- */

TEST(who_may_be_written_to)
{
	static const struct {
		const char *channel, *error;
	} rows[] = {
		{ "C0INCIDENTS", "" }, { "#incidents", "" }, { "U0ANN", "" }, { "C0ADMINS", "" },
		{ "C0NOPE", "channel_not_found" }, { "C0RANDOM", "" },
	};
	const char *const nobody[] = { NULL };

	world_start(&w);
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct text body = TEXT_INIT;
		char *error;

		text_printf(&body, "{\"channel\":\"%s\",\"text\":\"x\"}", rows[i].channel);
		error = api_error(&w, "chat.postMessage", body.data);
		assert_row(i, string_equal(error, rows[i].error));
		free(error);
		text_clear(&body);
	}
	assert_string_equal(fake_slack_last_message(w.fs, "@ann")->channel, "D0ANN");
	fake_slack_scopes(w.fs, "chat:write");
	assert_post("{\"channel\":\"C0RANDOM\",\"text\":\"x\"}", NULL, "not_in_channel");
	fake_slack_put_channel(w.fs, &(struct fake_slack_channel){ .id = "C0OLD", .name = "old",
	    .bot_is_member = true, .is_archived = true });
	fake_slack_put_channel(w.fs, &(struct fake_slack_channel){ .id = "C0SECRET",
	    .name = "secret", .kind = FAKE_PRIVATE, .members = nobody });
	assert_post("{\"channel\":\"C0OLD\",\"text\":\"x\"}", NULL, "is_archived");
	assert_post("{\"channel\":\"C0SECRET\",\"text\":\"x\"}", NULL, "channel_not_found");
	world_end(&w);
}

TEST(a_message_needs_something_to_say)
{
	world_start(&w);
	assert_post("{\"channel\":\"C0INCIDENTS\"}", NULL, "no_text");
	assert_post("{\"channel\":\"C0INCIDENTS\",\"text\":\"\"}", NULL, "no_text");
	assert_post("{\"channel\":\"C0INCIDENTS\",\"blocks\":[]}", NULL, "no_text");
	assert_post("{\"channel\":\"C0INCIDENTS\",\"blocks\":{}}", NULL, "invalid_blocks_format");
	assert_post("{\"channel\":\"C0INCIDENTS\",\"blocks\":\"[{]\"}", NULL,
	    "invalid_blocks_format");
	assert_post("{\"channel\":\"C0INCIDENTS\",\"text\":\"x\",\"markdown_text\":\"y\"}", NULL,
	    "markdown_text_conflict");
	assert_post("{\"channel\":\"C0INCIDENTS\",\"markdown_text\":\"*y*\"}", NULL, "");
	assert_post("{\"channel\":\"C0INCIDENTS\",\"text\":\"x\",\"thread_ts\":\"1.000001\"}", NULL,
	    "thread_not_found");
	world_end(&w);
}

TEST(long_text_is_cut_by_post_and_refused_by_update)
{
	char *long_text = letters(40001), *allowed = letters(4000), *too_long = letters(4001), *ts;
	struct text body = TEXT_INIT;

	world_start(&w);
	text_printf(&body, "{\"channel\":\"C0INCIDENTS\",\"text\":\"%s\"}", long_text);
	ts = api_post(&w, body.data);
	assert_int_equal(strlen(fake_slack_last_message(w.fs, "#incidents")->text), 40000);
	text_reset(&body);
	text_printf(
	    &body, "{\"channel\":\"C0INCIDENTS\",\"ts\":\"%s\",\"text\":\"%s\"}", ts, allowed);
	assert_api(&w, "chat.update", body.data, "");
	text_reset(&body);
	text_printf(
	    &body, "{\"channel\":\"C0INCIDENTS\",\"ts\":\"%s\",\"text\":\"%s\"}", ts, too_long);
	assert_api(&w, "chat.update", body.data, "msg_too_long");
	text_clear(&body);
	free(ts);
	free(long_text);
	free(allowed);
	free(too_long);
	world_end(&w);
}

TEST(an_update_without_blocks_removes_them_and_keeps_metadata)
{
	static const char posted[] = "{\"channel\":\"C0INCIDENTS\",\"text\":\"one\","
	    "\"blocks\":[{\"type\":\"divider\"}],"
	    "\"metadata\":{\"event_type\":\"card\",\"event_payload\":{\"id\":\"R-1\"}}}";
	const struct fake_slack_message *message;
	struct text body = TEXT_INIT;
	char *ts;

	world_start(&w);
	ts = api_post(&w, posted);
	text_printf(&body, "{\"channel\":\"C0INCIDENTS\",\"ts\":\"%s\",\"text\":\"two\"}", ts);
	assert_api(&w, "chat.update", body.data, "");
	message = fake_slack_message(w.fs, "#incidents", ts);
	assert_null(message->blocks);
	assert_true(message->edited_mark);
	assert_string_equal(json_string(message->metadata, "event_payload.id"), "R-1");
	text_reset(&body);
	text_printf(&body, "{\"channel\":\"C0INCIDENTS\",\"ts\":\"%s\",\"text\":\"three\","
	    "\"blocks\":[{\"type\":\"divider\"}],\"metadata\":{}}", ts);
	assert_api(&w, "chat.update", body.data, "");
	message = fake_slack_message(w.fs, "#incidents", ts);
	assert_non_null(message->blocks);
	assert_null(message->metadata);
	assert_false(message->edited_mark);
	assert_int_equal(message->edits, 2);
	text_clear(&body);
	free(ts);
	world_end(&w);
}

TEST(only_own_messages_can_be_changed_or_deleted)
{
	const struct fake_slack_message *said;
	struct text body = TEXT_INIT;
	char *ts;

	world_start(&w);
	said = fake_slack_says(w.fs, "@ann", "#incidents", NULL, "hello", &w.err);
	text_printf(&body, "{\"channel\":\"C0INCIDENTS\",\"ts\":\"%s\",\"text\":\"x\"}", said->ts);
	assert_api(&w, "chat.update", body.data, "cant_update_message");
	assert_api(&w, "chat.delete", body.data, "cant_delete_message");
	assert_api(&w, "chat.update",
	    "{\"channel\":\"C0INCIDENTS\",\"ts\":\"1.000002\",\"text\":\"x\"}",
	    "message_not_found");
	ts = api_post(&w, "{\"channel\":\"C0INCIDENTS\",\"text\":\"mine\"}");
	text_reset(&body);
	text_printf(&body, "{\"channel\":\"C0INCIDENTS\",\"ts\":\"%s\"}", ts);
	assert_api(&w, "chat.delete", body.data, "");
	assert_true(fake_slack_message(w.fs, "#incidents", ts)->deleted);
	assert_api(&w, "chat.delete", body.data, "message_not_found");
	text_clear(&body);
	free(ts);
	world_end(&w);
}

TEST(an_ephemeral_message_is_for_one_and_cannot_be_updated)
{
	const struct fake_slack_message *message;
	struct text body = TEXT_INIT;
	struct reply reply;

	world_start(&w);
	reply = api(&w, "chat.postEphemeral",
	    "{\"channel\":\"C0INCIDENTS\",\"user\":\"U0ANN\",\"text\":\"psst\"}");
	message = fake_slack_last_message(w.fs, "#incidents");
	assert_string_equal(json_string(reply.json, "message_ts"), message->ts);
	assert_true(fake_slack_sees(w.fs, "@ann", message));
	assert_false(fake_slack_sees(w.fs, "@bob", message));
	text_printf(
	    &body, "{\"channel\":\"C0INCIDENTS\",\"ts\":\"%s\",\"text\":\"x\"}", message->ts);
	assert_api(&w, "chat.update", body.data, "message_not_found");
	assert_api(&w, "chat.postEphemeral",
	    "{\"channel\":\"C0INCIDENTS\",\"user\":\"U0STRANGER\",\"text\":\"psst\"}",
	    "user_not_in_channel");
	text_clear(&body);
	reply_clear(&reply);
	world_end(&w);
}

TEST(replies_count_and_broadcasts_show_in_the_channel)
{
	struct text body = TEXT_INIT;
	struct reply reply;
	char *ts, *answer;

	world_start(&w);
	ts = api_post(&w, "{\"channel\":\"C0INCIDENTS\",\"text\":\"parent\"}");
	text_printf(
	    &body, "{\"channel\":\"C0INCIDENTS\",\"text\":\"child\",\"thread_ts\":\"%s\"}", ts);
	answer = api_post(&w, body.data);
	text_reset(&body);
	text_printf(&body, "{\"channel\":\"C0INCIDENTS\",\"text\":\"loud\",\"thread_ts\":\"%s\","
	    "\"reply_broadcast\":true}", ts);
	free(api_post(&w, body.data));
	reply = api(&w, "conversations.history", "{\"channel\":\"C0INCIDENTS\"}");
	assert_int_equal(cJSON_GetArraySize(json_at(reply.json, "messages")), 2);
	reply_clear(&reply);
	text_reset(&body);
	text_printf(&body, "{\"channel\":\"C0INCIDENTS\",\"ts\":\"%s\"}", ts);
	reply = api(&w, "conversations.replies", body.data);
	assert_int_equal(cJSON_GetArraySize(json_at(reply.json, "messages")), 3);
	assert_int_equal(json_integer(cJSON_GetArrayItem(json_at(reply.json, "messages"), 0),
	    "reply_count", 0), 2);
	reply_clear(&reply);
	text_reset(&body);
	text_printf(
	    &body, "{\"channel\":\"C0INCIDENTS\",\"text\":\"x\",\"thread_ts\":\"%s\"}", answer);
	assert_api(&w, "chat.postMessage", body.data, "cannot_reply_to_message");
	text_clear(&body);
	free(ts);
	free(answer);
	world_end(&w);
}

TEST(reactions_come_once)
{
	struct text body = TEXT_INIT;
	char *ts;

	world_start(&w);
	ts = api_post(&w, "{\"channel\":\"C0INCIDENTS\",\"text\":\"x\"}");
	text_printf(
	    &body, "{\"channel\":\"C0INCIDENTS\",\"timestamp\":\"%s\",\"name\":\"eyes\"}", ts);
	assert_api(&w, "reactions.add", body.data, "");
	assert_api(&w, "reactions.add", body.data, "already_reacted");
	assert_string_equal(fake_slack_message(w.fs, "#incidents", ts)->reactions[0],
	    "eyes U0ROLLCALL");
	text_clear(&body);
	free(ts);
	world_end(&w);
}

TEST(a_permalink_names_channel_and_stamp)
{
	struct text body = TEXT_INIT, expected = TEXT_INIT;
	struct reply reply;
	char *ts;

	world_start(&w);
	ts = api_post(&w, "{\"channel\":\"C0INCIDENTS\",\"text\":\"x\"}");
	text_printf(&body, "{\"channel\":\"C0INCIDENTS\",\"message_ts\":\"%s\"}", ts);
	reply = api(&w, "chat.getPermalink", body.data);
	text_printf(&expected, "https://acme.slack.com/archives/C0INCIDENTS/p%.10s%s", ts, ts + 11);
	assert_string_equal(json_string(reply.json, "permalink"), expected.data);
	text_clear(&body);
	text_clear(&expected);
	reply_clear(&reply);
	free(ts);
	world_end(&w);
}

/* ---- Block Kit ----------------------------------------------------------------------------- */

#define CARD(blocks) "{\"channel\":\"C0INCIDENTS\",\"text\":\"x\",\"blocks\":[" blocks "]}"
#define PLAIN(s) "{\"type\":\"plain_text\",\"text\":\"" s "\"}"
#define BUTTON(more) "{\"type\":\"button\",\"text\":" PLAIN("Go") more "}"
#define ACTIONS(elements) "{\"type\":\"actions\",\"elements\":[" elements "]}"

TEST(wrong_blocks_are_refused_with_the_place)
{
	static const struct {
		const char *body, *message;
	} rows[] = {
	    {CARD("{\"type\":\"frob\"}"), "unsupported type: frob [json-pointer:/blocks/0/type]"},
	    {CARD("{\"type\":\"header\"}"),
		"missing required field: text [json-pointer:/blocks/0]"},
	    {CARD("{\"type\":\"section\"}"),
		"missing required field: text [json-pointer:/blocks/0]"},
	    {CARD("{\"type\":\"divider\",\"colour\":1}"),
		"invalid additional property: colour [json-pointer:/blocks/0]"},
	    {CARD("{\"type\":\"header\",\"text\":{\"type\":\"mrkdwn\",\"text\":\"x\"}}"),
		"must be a valid enum value [json-pointer:/blocks/0/text/type]"},
	    {CARD("{\"type\":\"header\",\"text\":" PLAIN("") "}"),
		"must be more than 0 characters [json-pointer:/blocks/0/text/text]"},
	    {CARD("{\"type\":\"section\",\"text\":" PLAIN("x") ",\"expand\":1}"),
		"must provide a boolean [json-pointer:/blocks/0/expand]"},
	    {CARD(ACTIONS("")), "no fewer than 1 items required [json-pointer:/blocks/0/elements]"},
	    {CARD(ACTIONS(BUTTON(",\"style\":\"loud\""))),
		"must be a valid enum value [json-pointer:/blocks/0/elements/0/style]"},
	    {CARD(ACTIONS(BUTTON(",\"action_id\":\"a\"") "," BUTTON(",\"action_id\":\"a\""))),
		"`action_id` a already exists [json-pointer:/blocks/0/elements/1]"},
	    {CARD("{\"type\":\"divider\",\"block_id\":\"b\"},{\"type\":\"divider\",\"block_id\":"
		  "\"b\"}"),
		"`block_id` b already exists [json-pointer:/blocks/1]"},
	    {CARD(ACTIONS("{\"type\":\"overflow\",\"options\":[{\"text\":" PLAIN("x") "}]}")),
		"missing required field: value [json-pointer:/blocks/0/elements/0/options/0]"},
	    {CARD(ACTIONS(BUTTON(",\"confirm\":{\"title\":" PLAIN("x") "}"))),
		"missing required field: text [json-pointer:/blocks/0/elements/0/confirm]"},
	    {CARD("{\"type\":\"section\",\"text\":{\"type\":\"plain_text\",\"text\":\"x\","
		  "\"verbatim\":true}}"),
		"invalid additional property: verbatim [json-pointer:/blocks/0/text]"},
	};

	world_start(&w);
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct reply reply = api(&w, "chat.postMessage", rows[i].body);
		const cJSON *messages = json_at(reply.json, "response_metadata.messages");
		const char *first = cJSON_GetStringValue(cJSON_GetArrayItem(messages, 0));
		char *expected = xasprintf("[ERROR] %s", rows[i].message);

		assert_row(
		    i, string_equal(json_string_or(reply.json, "error", ""), "invalid_blocks"));
		if (!string_equal(first, expected))
			fail_msg("row %zu: %s", i, first == NULL ? "no message" : first);
		free(expected);
		reply_clear(&reply);
	}
	world_end(&w);
}

TEST(lengths_are_counted_in_characters_up_to_the_limit)
{
	static const struct {
		const char *format;	/* @ is replaced by so many letters */
		size_t limit;
	} rows[] = {
	    {CARD("{\"type\":\"header\",\"text\":" PLAIN("@") "}"), 150},
	    {CARD("{\"type\":\"section\",\"text\":{\"type\":\"mrkdwn\",\"text\":\"@\"}}"), 3000},
	    {CARD("{\"type\":\"section\",\"fields\":[" PLAIN("@") "]}"), 2000},
	    {CARD("{\"type\":\"divider\",\"block_id\":\"@\"}"), 255},
	    {CARD(ACTIONS("{\"type\":\"button\",\"text\":" PLAIN("@") "}")), 75},
	    {CARD(ACTIONS(BUTTON(",\"value\":\"@\""))), 2000},
	    {CARD(ACTIONS(BUTTON(",\"action_id\":\"@\""))), 255},
	    {CARD(ACTIONS(BUTTON(",\"accessibility_label\":\"@\""))), 75},
	    {CARD(ACTIONS("{\"type\":\"overflow\",\"options\":[{\"text\":" PLAIN(
		 "@") ",\"value\":\"v\"}]}")),
		75},
	    {CARD(ACTIONS("{\"type\":\"overflow\",\"options\":[{\"text\":" PLAIN(
		 "x") ",\"value\":\"@\"}]}")),
		75},
	};

	world_start(&w);
	for (size_t i = 0; i < COUNT(rows); i++) {
		char *right = letters(rows[i].limit), *wrong_one = letters(rows[i].limit + 1);

		assert_post(rows[i].format, right, "");
		assert_post(rows[i].format, wrong_one, "invalid_blocks");
		free(right);
		free(wrong_one);
	}
	/* 150 characters of three bytes each. */
	{
		struct text wide = TEXT_INIT;

		for (int i = 0; i < 150; i++)
			text_add(&wide, "版");
		assert_post(CARD("{\"type\":\"header\",\"text\":" PLAIN("@") "}"), wide.data, "");
		text_clear(&wide);
	}
	world_end(&w);
}

TEST(counts_of_blocks_elements_and_options_have_limits)
{
	static const struct {
		const char *before, *item, *after;
		int most;
	} rows[] = {
		{ "", "{\"type\":\"divider\"}", "", 50 },
		{ "{\"type\":\"actions\",\"elements\":[", BUTTON(""), "]}", 25 },
		{ "{\"type\":\"context\",\"elements\":[", PLAIN("x"), "]}", 10 },
		{ "{\"type\":\"section\",\"fields\":[", PLAIN("x"), "]}", 10 },
		{ "{\"type\":\"actions\",\"elements\":[{\"type\":\"overflow\",\"options\":[",
		    "{\"text\":" PLAIN("x") ",\"value\":\"v\"}", "]}]}", 5 },
	};

	world_start(&w);
	for (size_t i = 0; i < COUNT(rows); i++)
		for (int extra = 0; extra < 2; extra++) {
			struct text blocks = TEXT_INIT;

			text_add(&blocks, rows[i].before);
			for (int n = 0; n < rows[i].most + extra; n++)
				text_printf(&blocks, "%s%s", n == 0 ? "" : ",", rows[i].item);
			text_add(&blocks, rows[i].after);
			assert_post(CARD("@"), blocks.data, extra == 0 ? "" : "invalid_blocks");
			text_clear(&blocks);
		}
	world_end(&w);
}

TEST(all_blocks_together_have_a_sum)
{
	char *part = letters(2640), *more = letters(2641);
	struct text blocks = TEXT_INIT;

	world_start(&w);
	for (int i = 0; i < 5; i++)
		text_printf(&blocks, "%s{\"type\":\"section\",\"text\":" PLAIN("%s") "}",
		    i == 0 ? "" : ",", part);
	assert_post(CARD("@"), blocks.data, "");
	text_printf(&blocks, ",{\"type\":\"section\",\"text\":" PLAIN("%s") "}", more);
	assert_post(CARD("@"), blocks.data, "msg_blocks_too_long");
	text_clear(&blocks);
	free(part);
	free(more);
	world_end(&w);
}

TEST(unnamed_blocks_and_elements_get_names)
{
	const struct fake_slack_message *message;

	world_start(&w);
	assert_post(CARD(ACTIONS(BUTTON(""))), NULL, "");
	message = fake_slack_last_message(w.fs, "#incidents");
	assert_non_null(json_string(cJSON_GetArrayItem(message->blocks, 0), "block_id"));
	assert_non_null(json_string(cJSON_GetArrayItem(
	    json_at(cJSON_GetArrayItem(message->blocks, 0), "elements"), 0), "action_id"));
	world_end(&w);
}

TEST(metadata_has_a_shape)
{
	static const struct {
		const char *metadata, *error;
	} rows[] = {
	    {"{\"event_type\":\"a_1\",\"event_payload\":{\"a\":1,\"b\":\"x\",\"c\":true}}", ""},
	    {"{\"event_type\":\"a\",\"event_payload\":{\"a\":{\"flat\":1},\"b\":[{\"x\":1}]}}", ""},
	    {"{\"event_type\":\"a b\",\"event_payload\":{}}", "invalid_metadata_schema"},
	    {"{\"event_type\":\"a\"}", "invalid_metadata_schema"},
	    {"{\"event_type\":\"a\",\"event_payload\":{\"a\":{\"b\":{\"c\":1}}}}",
		"invalid_metadata_schema"},
	    {"[1]", "invalid_metadata_format"},
	};

	world_start(&w);
	for (size_t i = 0; i < COUNT(rows); i++) {
		char *body =
		    xasprintf("{\"channel\":\"C0INCIDENTS\",\"text\":\"x\",\"metadata\":%s}",
			rows[i].metadata);
		char *error = api_error(&w, "chat.postMessage", body);

		assert_row(i, string_equal(error, rows[i].error));
		free(error);
		free(body);
	}
	world_end(&w);
}

/* ---- limits of rate ------------------------------------------------------------------------ */

TEST(a_channel_takes_one_message_a_second_after_a_burst)
{
	struct reply reply;

	world_open(&w, &(struct fake_slack_options){ .turned = true });
	for (int i = 0; i < 4; i++)
		assert_post("{\"channel\":\"C0INCIDENTS\",\"text\":\"x\"}", NULL, "");
	reply = api(&w, "chat.postMessage", "{\"channel\":\"C0INCIDENTS\",\"text\":\"x\"}");
	assert_int_equal(reply.status, 429);
	assert_non_null(strcasestr(reply.headers, "retry-after: 1\r\n"));
	assert_string_equal(json_string(reply.json, "error"), "ratelimited");
	reply_clear(&reply);
	assert_post("{\"channel\":\"C0RELEASES\",\"text\":\"x\"}", NULL, "");
	fake_slack_set_clock(w.fs, START + 1000);
	assert_post("{\"channel\":\"C0INCIDENTS\",\"text\":\"x\"}", NULL, "");
	world_end(&w);
}

TEST(tiers_count_by_method_and_fill_again_in_a_minute)
{
	struct reply reply;

	world_open(&w, &(struct fake_slack_options){ .turned = true });
	for (int i = 0; i < 20; i++)
		assert_api(&w, "users.list", "{}", "");
	reply = api(&w, "users.list", "{}");
	assert_int_equal(reply.status, 429);
	assert_non_null(strcasestr(reply.headers, "retry-after: 3\r\n"));
	reply_clear(&reply);
	assert_api(&w, "usergroups.list", "{}", "");
	fake_slack_set_clock(w.fs, START + 3001);
	assert_api(&w, "users.list", "{}", "");
	fake_slack_unlimited(w.fs, true);
	assert_api(&w, "users.list", "{}", "");
	world_end(&w);
}

/* ---- people and places --------------------------------------------------------------------- */

TEST(people_are_described_with_what_decides_about_them)
{
	static const struct {
		const char *id, *path;
	} rows[] = {
		{ "U0GUEST", "user.is_restricted" }, { "U0GONE", "user.deleted" },
		{ "U0STRANGER", "user.is_stranger" }, { "U0ALICE", "user.is_admin" },
		{ "U0CI", "user.is_bot" },
	};

	world_start(&w);
	for (size_t i = 0; i < COUNT(rows); i++) {
		char *body = xasprintf("{\"user\":\"%s\"}", rows[i].id);
		struct reply reply = api(&w, "users.info", body);

		assert_row(i, json_bool(reply.json, rows[i].path, false));
		reply_clear(&reply);
		free(body);
	}
	assert_api(&w, "users.info", "{\"user\":\"U0NOPE\"}", "user_not_found");
	assert_api(&w, "users.lookupByEmail", "{\"email\":\"BOB@example.com\"}", "");
	assert_api(
	    &w, "users.lookupByEmail", "{\"email\":\"gone@example.com\"}", "users_not_found");
	world_end(&w);
}

TEST(lists_come_in_pages)
{
	struct reply reply;
	int total = 0, pages = 0;
	char cursor[64] = "";

	world_start(&w);
	do {
		char *body = xasprintf("{\"limit\":4,\"cursor\":\"%s\"}", cursor);

		reply = api(&w, "users.list", body);
		assert_true(json_bool(reply.json, "ok", false));
		total += cJSON_GetArraySize(json_at(reply.json, "members"));
		snprintf(cursor, sizeof(cursor), "%s",
		    json_string_or(reply.json, "response_metadata.next_cursor", ""));
		reply_clear(&reply);
		free(body);
		pages++;
	} while (*cursor != '\0' && pages < 10);
	assert_int_equal(total, 13);
	assert_int_equal(pages, 4);
	assert_api(&w, "users.list", "{\"cursor\":\"nonsense\"}", "invalid_cursor");
	world_end(&w);
}

TEST(groups_have_members_that_can_be_replaced)
{
	struct reply reply;

	world_start(&w);
	reply = api(&w, "usergroups.users.list", "{\"usergroup\":\"S0ONCALL\"}");
	assert_string_equal(
	    cJSON_GetArrayItem(json_at(reply.json, "users"), 0)->valuestring, "U0BOB");
	reply_clear(&reply);
	assert_api(&w, "usergroups.users.update",
	    "{\"usergroup\":\"S0ONCALL\",\"users\":\"U0ANN,U0KIM\"}", "");
	assert_string_equal(fake_slack_group(w.fs, "@oncall")->users[1], "U0KIM");
	assert_api(&w, "usergroups.users.update",
	    "{\"usergroup\":\"S0ONCALL\",\"users\":\"U0NOPE\"}", "invalid_users");
	assert_api(&w, "usergroups.users.list", "{\"usergroup\":\"S0NOPE\"}", "no_such_subteam");
	world_end(&w);
}

TEST(places_say_whether_they_are_shared_and_whether_the_bot_is_in)
{
	struct reply reply;

	world_start(&w);
	reply = api(&w, "conversations.info", "{\"channel\":\"C0PARTNERS\"}");
	assert_true(json_bool(reply.json, "channel.is_ext_shared", false));
	reply_clear(&reply);
	reply = api(&w, "conversations.info", "{\"channel\":\"C0RANDOM\"}");
	assert_false(json_bool(reply.json, "channel.is_member", true));
	reply_clear(&reply);
	reply = api(&w, "conversations.list", "{\"types\":\"public_channel,private_channel\"}");
	assert_int_equal(cJSON_GetArraySize(json_at(reply.json, "channels")), 5);
	reply_clear(&reply);
	reply = api(&w, "conversations.open", "{\"users\":\"U0ANN\"}");
	assert_string_equal(json_string(reply.json, "channel.id"), "D0ANN");
	reply_clear(&reply);
	reply = api(&w, "conversations.members", "{\"channel\":\"C0ADMINS\"}");
	assert_true(cJSON_GetArraySize(json_at(reply.json, "members")) > 3);
	reply_clear(&reply);
	assert_api(&w, "conversations.open", "{\"users\":\"U0CI\"}", "cannot_dm_bot");
	world_end(&w);
}

TEST(history_gives_newest_first_with_metadata_when_asked)
{
	struct reply reply;
	char *first, *body;

	world_start(&w);
	first = api_post(&w, "{\"channel\":\"C0INCIDENTS\",\"text\":\"1\",\"metadata\":"
	    "{\"event_type\":\"op\",\"event_payload\":{\"id\":\"R-1\"}}}");
	free(api_post(&w, "{\"channel\":\"C0INCIDENTS\",\"text\":\"2\"}"));
	assert_api(&w, "chat.postEphemeral",
	    "{\"channel\":\"C0INCIDENTS\",\"user\":\"U0ANN\",\"text\":\"psst\"}", "");
	reply = api(&w, "conversations.history",
	    "{\"channel\":\"C0INCIDENTS\",\"include_all_metadata\":true}");
	assert_int_equal(cJSON_GetArraySize(json_at(reply.json, "messages")), 2);
	assert_string_equal(json_string(cJSON_GetArrayItem(json_at(reply.json, "messages"), 1),
	    "metadata.event_payload.id"), "R-1");
	reply_clear(&reply);
	reply = api(&w, "conversations.history", "{\"channel\":\"C0INCIDENTS\",\"limit\":1}");
	assert_string_equal(json_string(cJSON_GetArrayItem(json_at(reply.json, "messages"), 0),
	    "text"), "2");
	assert_true(json_bool(reply.json, "has_more", false));
	body = xasprintf("{\"channel\":\"C0INCIDENTS\",\"limit\":1,\"cursor\":\"%s\"}",
	    json_string(reply.json, "response_metadata.next_cursor"));
	reply_clear(&reply);
	reply = api(&w, "conversations.history", body);
	assert_string_equal(json_string(cJSON_GetArrayItem(json_at(reply.json, "messages"), 0),
	    "ts"), first);
	assert_null(json_at(cJSON_GetArrayItem(json_at(reply.json, "messages"), 0), "metadata"));
	reply_clear(&reply);
	free(body);
	body =
	    xasprintf("{\"channel\":\"C0INCIDENTS\",\"oldest\":\"%s\",\"inclusive\":true}", first);
	reply = api(&w, "conversations.history", body);
	assert_int_equal(cJSON_GetArraySize(json_at(reply.json, "messages")), 2);
	reply_clear(&reply);
	free(body);
	fake_slack_scopes(w.fs, "chat:write");
	assert_api(&w, "conversations.history", "{\"channel\":\"C0INCIDENTS\"}", "missing_scope");
	free(first);
	world_end(&w);
}

/* ---- files --------------------------------------------------------------------------------- */

TEST(a_file_is_announced_sent_and_completed_once)
{
	const struct fake_slack_file *file;
	struct reply reply;
	char *path, *body, *ts;

	world_start(&w);
	ts = api_post(&w, "{\"channel\":\"C0INCIDENTS\",\"text\":\"card\"}");
	reply = api(&w, "files.getUploadURLExternal", "{\"filename\":\"R-1.log\",\"length\":5}");
	path = xstrdup(strstr(json_string(reply.json, "upload_url"), "/upload/"));
	body = xasprintf(
	    "{\"files\":[{\"id\":\"%s\",\"title\":\"Log\"}],\"channel_id\":\"C0INCIDENTS\","
	    "\"thread_ts\":\"%s\",\"initial_comment\":\"the log\"}",
	    json_string(reply.json, "file_id"), ts);
	reply_clear(&reply);
	assert_api(&w, "files.completeUploadExternal", body, "file_update_failed");
	reply = post(&w, path, NULL, "application/octet-stream", "hello");
	assert_int_equal(reply.status, 200);
	reply_clear(&reply);
	assert_api(&w, "files.completeUploadExternal", body, "");
	file = fake_slack_next_file(w.fs, NULL);
	assert_string_equal(file->bytes, "hello");
	assert_string_equal(file->title, "Log");
	assert_string_equal(file->thread_ts, ts);
	assert_string_equal(fake_slack_last_message(w.fs, "#incidents")->file, file->id);
	assert_string_equal(fake_slack_last_message(w.fs, "#incidents")->text, "the log");
	assert_api(&w, "files.completeUploadExternal", body, "file_update_failed");
	assert_api(&w, "files.getUploadURLExternal", "{\"filename\":\"x\",\"length\":0}",
	    "missing_argument");
	free(path);
	free(body);
	free(ts);
	world_end(&w);
}

TEST(a_multipart_upload_is_taken_apart)
{
	struct reply reply;
	char *path;

	world_start(&w);
	reply = api(&w, "files.getUploadURLExternal", "{\"filename\":\"a\",\"length\":6}");
	path = xstrdup(strstr(json_string(reply.json, "upload_url"), "/upload/"));
	reply_clear(&reply);
	reply = post(&w, path, NULL, "multipart/form-data; boundary=zz",
	    "--zz\r\nContent-Disposition: form-data; name=\"filename\"; filename=\"a\"\r\n\r\n"
	    "line\r\n\r\n--zz--\r\n");
	assert_int_equal(reply.status, 200);
	reply_clear(&reply);
	assert_string_equal(fake_slack_next_file(w.fs, NULL)->bytes, "line\r\n");
	free(path);
	world_end(&w);
}

/* ---- bad days ------------------------------------------------------------------------------ */

TEST(faults_strike_the_next_calls_of_a_method)
{
	static const struct {
		struct fake_slack_fault_options options;
		int status;
		const char *headers, *body;
	} rows[] = {
	    {{.fault = FAKE_RATE_LIMITED, .retry_after = 7}, 429, "retry-after: 7", "ratelimited"},
	    {{.fault = FAKE_STATUS}, 500, "text/html", "<html>"},
	    {{.fault = FAKE_STATUS, .status = 503}, 503, "text/html", "<html>"},
	    {{.fault = FAKE_HTML}, 200, "text/html", "<html>"},
	    {{.fault = FAKE_ERROR}, 200, "application/json", "internal_error"},
	    {{.fault = FAKE_ERROR, .error = "fatal_error"}, 200, "json", "fatal_error"},
	    {{.fault = FAKE_GARBAGE}, 200, "json", "{\"ok\":true,\"channel\":\"C0INC"},
	};

	world_start(&w);
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct reply reply;

		fake_slack_fault(w.fs, "users.info", &rows[i].options);
		assert_api(&w, "auth.test", "", "");
		reply = api(&w, "users.info", "{\"user\":\"U0ANN\"}");
		assert_row(i, reply.status == rows[i].status);
		assert_row(i, strcasestr(reply.headers, rows[i].headers) != NULL);
		assert_row(i, strstr(reply.body, rows[i].body) != NULL);
		reply_clear(&reply);
		assert_api(&w, "users.info", "{\"user\":\"U0ANN\"}", "");
	}
	world_end(&w);
}

TEST(a_fault_may_let_some_calls_pass_and_strike_several)
{
	world_start(&w);
	fake_slack_fault(w.fs, "*", &(struct fake_slack_fault_options){
	    .fault = FAKE_ERROR, .skip = 1, .calls = 2 });
	assert_api(&w, "auth.test", "", "");
	assert_api(&w, "auth.test", "", "internal_error");
	assert_api(&w, "users.list", "", "internal_error");
	assert_api(&w, "auth.test", "", "");
	fake_slack_fault(w.fs, "*", &(struct fake_slack_fault_options){
	    .fault = FAKE_ERROR, .calls = 100 });
	fake_slack_no_faults(w.fs);
	assert_api(&w, "auth.test", "", "");
	world_end(&w);
}

TEST(an_internal_error_may_hide_a_message_that_was_posted)
{
	world_start(&w);
	fake_slack_fault(w.fs, "chat.postMessage",
	    &(struct fake_slack_fault_options){ .fault = FAKE_ERROR, .done = true });
	assert_post("{\"channel\":\"C0INCIDENTS\",\"text\":\"ghost\"}", NULL, "internal_error");
	assert_string_equal(fake_slack_last_message(w.fs, "#incidents")->text, "ghost");
	fake_slack_fault(w.fs, "chat.postMessage",
	    &(struct fake_slack_fault_options){ .fault = FAKE_ERROR });
	assert_post("{\"channel\":\"C0RELEASES\",\"text\":\"never\"}", NULL, "internal_error");
	assert_null(fake_slack_last_message(w.fs, "#releases"));
	world_end(&w);
}

TEST(a_hanging_call_is_answered_when_released)
{
	struct reply reply;
	int fd;

	world_start(&w);
	fake_slack_fault(w.fs, "auth.test", &(struct fake_slack_fault_options){.fault = FAKE_HANG});
	fd = client_connect(&w);
	request_send(&w, fd, "/api/auth.test", BOT_TOKEN, "application/json", "{}");
	reply = reply_read(&w, fd, 30);
	assert_int_equal(reply.status, -1);
	reply_clear(&reply);
	assert_int_equal(fake_slack_hanging(w.fs), 1);
	fake_slack_release(w.fs);
	reply = reply_read(&w, fd, 10000);
	assert_true(json_bool(reply.json, "ok", false));
	reply_clear(&reply);
	assert_int_equal(fake_slack_hanging(w.fs), 0);
	close(fd);
	world_settle(&w);
	world_end(&w);
}

TEST(a_hanging_call_goes_with_its_connection)
{
	int fd;

	world_start(&w);
	fake_slack_fault(w.fs, "chat.postMessage",
	    &(struct fake_slack_fault_options){ .fault = FAKE_HANG, .done = true });
	fd = client_connect(&w);
	request_send(&w, fd, "/api/chat.postMessage", BOT_TOKEN, "application/json",
	    "{\"channel\":\"C0INCIDENTS\",\"text\":\"done, but nobody hears of it\"}");
	world_settle(&w);
	assert_int_equal(fake_slack_hanging(w.fs), 1);
	assert_non_null(fake_slack_last_message(w.fs, "#incidents"));
	close(fd);
	world_settle(&w);
	assert_int_equal(fake_slack_hanging(w.fs), 0);
	world_end(&w);
}

TEST(a_cut_closes_without_an_answer)
{
	struct reply reply;

	world_start(&w);
	fake_slack_fault(w.fs, "auth.test", &(struct fake_slack_fault_options){.fault = FAKE_CUT});
	reply = api(&w, "auth.test", "");
	assert_int_equal(reply.status, 0);
	reply_clear(&reply);
	world_end(&w);
}

TEST(the_log_tells_calls_and_hides_tokens)
{
	struct reply reply;

	world_start(&w);
	reply = post(&w, "/api/auth.test", NULL, "application/x-www-form-urlencoded",
	    "token=" BOT_TOKEN);
	reply_clear(&reply);
	assert_non_null(strstr(fake_slack_log(w.fs), "/api/auth.test ← token=xoxb-…"));
	assert_null(strstr(fake_slack_log(w.fs), BOT_TOKEN));
	assert_non_null(strstr(fake_slack_log(w.fs), "/api/auth.test → 200 {\"ok\":true"));
	fake_slack_clear_log(w.fs);
	assert_string_equal(fake_slack_log(w.fs), "");
	world_end(&w);
}

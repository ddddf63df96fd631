/* api.c, api_chat.c - the Web API of the fake Slack: how it is called, and messages. */

#include "test.h"
#include "slack_client.h"

static struct world w;

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
	assert_post(&w, "{\"channel\":\"C0RANDOM\",\"text\":\"x\"}", NULL, "not_in_channel");
	fake_slack_put_channel(w.fs, &(struct fake_slack_channel){ .id = "C0OLD", .name = "old",
	    .bot_is_member = true, .is_archived = true });
	fake_slack_put_channel(w.fs, &(struct fake_slack_channel){ .id = "C0SECRET",
	    .name = "secret", .kind = FAKE_PRIVATE, .members = nobody });
	assert_post(&w, "{\"channel\":\"C0OLD\",\"text\":\"x\"}", NULL, "is_archived");
	assert_post(&w, "{\"channel\":\"C0SECRET\",\"text\":\"x\"}", NULL, "channel_not_found");
	world_end(&w);
}

TEST(a_message_needs_something_to_say)
{
	world_start(&w);
	assert_post(&w, "{\"channel\":\"C0INCIDENTS\"}", NULL, "no_text");
	assert_post(&w, "{\"channel\":\"C0INCIDENTS\",\"text\":\"\"}", NULL, "no_text");
	assert_post(&w, "{\"channel\":\"C0INCIDENTS\",\"blocks\":[]}", NULL, "no_text");
	assert_post(&w, "{\"channel\":\"C0INCIDENTS\",\"blocks\":{}}", NULL, "invalid_blocks_format");
	assert_post(&w, "{\"channel\":\"C0INCIDENTS\",\"blocks\":\"[{]\"}", NULL,
	    "invalid_blocks_format");
	assert_post(&w, "{\"channel\":\"C0INCIDENTS\",\"text\":\"x\",\"markdown_text\":\"y\"}", NULL,
	    "markdown_text_conflict");
	assert_post(&w, "{\"channel\":\"C0INCIDENTS\",\"markdown_text\":\"*y*\"}", NULL, "");
	assert_post(&w, "{\"channel\":\"C0INCIDENTS\",\"text\":\"x\",\"thread_ts\":\"1.000001\"}", NULL,
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

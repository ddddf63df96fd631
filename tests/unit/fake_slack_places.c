/* api_people.c, api_places.c, api_files.c - who and what there is, page by page, and files. */

#include "test.h"
#include "slack_client.h"

static struct world w;

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

/* fake_slack_state.c - a workspace as a file, and starts that fail. */

#include "test.h"
#include "slack_client.h"

static struct world w;

static char *
state_path(const char *contents)
{
	char *path = xstrdup("/tmp/fake-slack-XXXXXX");
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, contents, strlen(contents)), (ssize_t)strlen(contents));
	close(fd);
	return path;
}

TEST(a_workspace_is_saved_and_read_again)
{
	const struct fake_slack_message *message;
	char *path = state_path(""), *ts;

	unlink(path);
	world_open(&w, &(struct fake_slack_options){ .turned = true, .state = path });
	ts = api_post(&w, "{\"channel\":\"C0ADMINS\",\"text\":\"card\",\"blocks\":[{\"type\":"
	    "\"divider\"}],\"metadata\":{\"event_type\":\"x\",\"event_payload\":{}}}");
	assert_non_null(fake_slack_says(w.fs, "@ann", "#admins", ts, "answer", &w.err));
	assert_true(fake_slack_save(w.fs, path, &w.err));
	world_end(&w);
	world_open(&w, &(struct fake_slack_options){ .turned = true, .state = path });
	message = fake_slack_message(w.fs, "#admins", ts);
	assert_string_equal(message->text, "card");
	assert_string_equal(message->bot_id, "B0ROLLCALL");
	assert_non_null(message->blocks);
	assert_non_null(message->metadata);
	assert_string_equal(fake_slack_next_in_thread(w.fs, message, message)->text, "answer");
	assert_string_equal(fake_slack_group(w.fs, "@sre-lead")->users[1], "U0KIM");
	assert_int_equal(fake_slack_channel(w.fs, "#admins")->kind, FAKE_PRIVATE);
	assert_true(fake_slack_user(w.fs, "@guest")->is_restricted);
	world_end(&w);
	unlink(path);
	free(path);
	free(ts);
}

TEST(a_wrong_file_is_refused_in_a_sentence)
{
	static const struct {
		const char *contents, *error;
	} rows[] = {
		{ "{", "" },
		{ "{\"users\":[{\"id\":\"U1\"}]}", "a user needs id and name" },
		{ "{\"channels\":[{}]}", "a channel needs an id" },
		{ "{\"messages\":[{\"text\":\"x\"}]}",
		    "a message needs a known channel, a known user and a ts" },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		char *path = state_path(rows[i].contents);
		struct error err = ERROR_INIT;
		uv_loop_t loop;

		uv_loop_init(&loop);
		assert_row(i, fake_slack_new(&loop,
		    &(struct fake_slack_options){ .state = path }, &err) == NULL);
		assert_row(i, string_starts(err.text, path));
		assert_row(i, string_ends(err.text, rows[i].error));
		assert_row(i, uv_run(&loop, UV_RUN_DEFAULT) == 0);
		assert_row(i, uv_loop_close(&loop) == 0);
		unlink(path);
		free(path);
	}
}

TEST(a_taken_port_is_said)
{
	struct error err = ERROR_INIT;
	uv_loop_t loop;
	int port;

	world_start(&w);
	port = (int)strtol(strrchr(fake_slack_url(w.fs), ':') + 1, NULL, 10);
	uv_loop_init(&loop);
	assert_null(fake_slack_new(&loop, &(struct fake_slack_options){ .port = port }, &err));
	assert_non_null(strstr(err.text, "is it in use?"));
	assert_int_equal(uv_run(&loop, UV_RUN_DEFAULT), 0);
	assert_int_equal(uv_loop_close(&loop), 0);
	world_end(&w);
}

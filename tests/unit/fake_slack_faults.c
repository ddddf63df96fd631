/* limits.c, fault.c - the bad days: too many calls, answers that fail, hang or never come. */

#include "test.h"
#include "slack_client.h"

static struct world w;

/* ---- limits of rate ------------------------------------------------------------------------ */

TEST(a_channel_takes_one_message_a_second_after_a_burst)
{
	struct reply reply;

	world_open(&w, &(struct fake_slack_options){ .turned = true });
	for (int i = 0; i < 4; i++)
		assert_post(&w, "{\"channel\":\"C0INCIDENTS\",\"text\":\"x\"}", NULL, "");
	reply = api(&w, "chat.postMessage", "{\"channel\":\"C0INCIDENTS\",\"text\":\"x\"}");
	assert_int_equal(reply.status, 429);
	assert_non_null(strcasestr(reply.headers, "retry-after: 1\r\n"));
	assert_string_equal(json_string(reply.json, "error"), "ratelimited");
	reply_clear(&reply);
	assert_post(&w, "{\"channel\":\"C0RELEASES\",\"text\":\"x\"}", NULL, "");
	fake_slack_set_clock(w.fs, START + 1000);
	assert_post(&w, "{\"channel\":\"C0INCIDENTS\",\"text\":\"x\"}", NULL, "");
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
	assert_post(&w, "{\"channel\":\"C0INCIDENTS\",\"text\":\"ghost\"}", NULL, "internal_error");
	assert_string_equal(fake_slack_last_message(w.fs, "#incidents")->text, "ghost");
	fake_slack_fault(w.fs, "chat.postMessage",
	    &(struct fake_slack_fault_options){ .fault = FAKE_ERROR });
	assert_post(&w, "{\"channel\":\"C0RELEASES\",\"text\":\"never\"}", NULL, "internal_error");
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

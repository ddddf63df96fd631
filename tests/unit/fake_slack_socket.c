/* fake_slack_socket.c - Socket Mode of the fake Slack: links, envelopes, deadlines, bad days. */

#include "test.h"
#include "slack_client.h"

static struct world w;

/* ---- links --------------------------------------------------------------------------------- */

TEST(hello_counts_the_links_and_says_how_long_they_live)
{
	struct socket one, two;
	cJSON *hello;

	world_open(&w, &(struct fake_slack_options){ .turned = true, .connection_time = 360 });
	hello = socket_open(&w, &one);
	assert_int_equal(json_integer(hello, "num_connections", 0), 1);
	assert_int_equal(json_integer(hello, "debug_info.approximate_connection_time", 0), 360);
	assert_string_equal(json_string(hello, "connection_info.app_id"), "A0ROLLCALL");
	cJSON_Delete(hello);
	hello = socket_open(&w, &two);
	assert_int_equal(json_integer(hello, "num_connections", 0), 2);
	cJSON_Delete(hello);
	assert_int_equal(fake_slack_links(w.fs), 2);
	socket_end(&w, &one);
	assert_int_equal(fake_slack_links(w.fs), 1);
	socket_end(&w, &two);
	world_end(&w);
}

TEST(a_ticket_opens_one_link_within_thirty_seconds)
{
	struct socket socket;
	char *url, *old;

	world_start(&w);
	url = socket_ticket(&w);
	old = socket_ticket(&w);
	socket_open_at(&w, &socket, url);
	assert_int_equal(socket.status, 101);
	socket_end(&w, &socket);
	socket_open_at(&w, &socket, url);
	assert_int_equal(socket.status, 408);
	socket_end(&w, &socket);
	fake_slack_set_clock(w.fs, START + 31000);
	socket_open_at(&w, &socket, old);
	assert_int_equal(socket.status, 408);
	socket_end(&w, &socket);
	socket_open_at(&w, &socket, "ws://127.0.0.1/link/?ticket=no");
	assert_int_equal(socket.status, 408);
	socket_end(&w, &socket);
	free(url);
	free(old);
	world_end(&w);
}

TEST(refused_upgrades_get_a_503_as_often_as_asked)
{
	struct socket socket;
	char *url;

	world_start(&w);
	fake_slack_refuse_links(w.fs, 1);
	url = socket_ticket(&w);
	socket_open_at(&w, &socket, url);
	assert_int_equal(socket.status, 503);
	socket_end(&w, &socket);
	socket_open_at(&w, &socket, url);
	assert_int_equal(socket.status, 101);
	socket_end(&w, &socket);
	free(url);
	world_end(&w);
}

TEST(a_delayed_hello_comes_when_the_clock_says_so)
{
	struct socket socket;
	char *url;
	cJSON *hello;

	world_start(&w);
	fake_slack_hello_after(w.fs, 4000);
	url = socket_ticket(&w);
	socket_open_at(&w, &socket, url);
	free(url);
	assert_null(socket_message(&w, &socket, 20, NULL));
	assert_int_equal(fake_slack_links(w.fs), 0);
	fake_slack_set_clock(w.fs, START + 4000);
	hello = socket_next(&w, &socket);
	assert_string_equal(json_string(hello, "type"), "hello");
	assert_int_equal(fake_slack_links(w.fs), 1);
	cJSON_Delete(hello);
	socket_end(&w, &socket);
	world_end(&w);
}

TEST(slack_pings_every_ten_seconds_and_answers_pings)
{
	struct socket socket;
	struct text payload = TEXT_INIT;
	int head;

	world_start(&w);
	socket_start(&w, &socket);
	fake_slack_set_clock(w.fs, START + 10000);
	assert_true(frame_read(&w, &socket, &head, &payload, 10000));
	assert_int_equal(head & 0xf, 9);
	assert_string_equal(payload.data, "Ping from applink-1");
	frame_send(&w, &socket, 10, payload.data, payload.length);
	text_reset(&payload);
	frame_send(&w, &socket, 9, "mine", 4);
	assert_true(frame_read(&w, &socket, &head, &payload, 10000));
	assert_int_equal(head & 0xf, 10);
	assert_string_equal(payload.data, "mine");
	assert_int_equal(fake_slack_calls(w.fs, "pong"), 1);
	text_clear(&payload);
	socket_end(&w, &socket);
	world_end(&w);
}

TEST(the_eleventh_link_is_told_too_many_websockets)
{
	struct socket sockets[11];
	cJSON *frame;

	world_start(&w);
	for (int i = 0; i < 11; i++)
		socket_start(&w, &sockets[i]);
	frame = socket_next(&w, &sockets[10]);
	assert_string_equal(json_string(frame, "type"), "disconnect");
	assert_string_equal(json_string(frame, "reason"), "too_many_websockets");
	cJSON_Delete(frame);
	fake_slack_tick(w.fs);
	assert_null(socket_next(&w, &sockets[10]));
	assert_int_equal(sockets[10].close_code, 1000);
	for (int i = 0; i < 11; i++)
		socket_end(&w, &sockets[i]);
	world_end(&w);
}

/* ---- ends of links ------------------------------------------------------------------------- */

TEST(a_link_is_warned_ten_seconds_before_its_announced_end)
{
	struct socket socket;
	cJSON *frame;

	world_open(&w, &(struct fake_slack_options){ .turned = true, .connection_time = 60 });
	socket_start(&w, &socket);
	fake_slack_set_clock(w.fs, START + 50000);
	frame = socket_next(&w, &socket);
	assert_string_equal(json_string(frame, "reason"), "warning");
	cJSON_Delete(frame);
	assert_int_equal(fake_slack_links(w.fs), 1);
	fake_slack_set_clock(w.fs, START + 60000);
	assert_null(socket_next(&w, &socket));
	assert_int_equal(socket.close_code, 1000);
	assert_int_equal(fake_slack_links(w.fs), 0);
	socket_end(&w, &socket);
	world_end(&w);
}

TEST(after_the_close_frame_tcp_stays_open_until_cut)
{
	struct socket socket;

	world_start(&w);
	socket_start(&w, &socket);
	fake_slack_trouble(w.fs, FAKE_CLOSE);
	assert_null(socket_next(&w, &socket));
	assert_int_equal(socket.close_code, 1000);
	frame_send(&w, &socket, 8, "\x03\xe8", 2);
	assert_null(socket_message(&w, &socket, 30, NULL));
	assert_int_equal(socket.end, 0);
	assert_int_equal(fake_slack_sockets(w.fs), 1);
	fake_slack_set_clock(w.fs, START + 10000);
	assert_null(socket_message(&w, &socket, 10000, NULL));
	assert_true(socket.end < 0);
	assert_int_equal(fake_slack_sockets(w.fs), 0);
	socket_end(&w, &socket);
	world_end(&w);
}

TEST(troubles_end_a_link_each_in_its_way)
{
	static const struct {
		enum fake_slack_trouble trouble;
		const char *reason;	/* of a disconnect message, "" none */
		int end;		/* −1 end of stream, −2 reset, 0 none */
		size_t links;		/* that Slack still counts on */
	} rows[] = {
		{ FAKE_WARNING, "warning", 0, 1 },
		{ FAKE_REFRESH, "refresh_requested", 0, 1 },
		{ FAKE_LINK_DISABLED, "link_disabled", 0, 1 },
		{ FAKE_TOO_MANY, "too_many_websockets", 0, 1 },
		{ FAKE_DROP, "", -2, 0 },
		{ FAKE_FIN, "", -1, 0 },
		{ FAKE_STALL, "", 0, 1 },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct socket socket;
		cJSON *frame;

		world_start(&w);
		socket_start(&w, &socket);
		fake_slack_trouble(w.fs, rows[i].trouble);
		assert_row(i, fake_slack_links(w.fs) == rows[i].links);
		frame = socket_message(&w, &socket, *rows[i].reason == '\0' ? 50 : 10000, NULL);
		assert_row(i, string_equal(json_string_or(frame, "reason", ""), rows[i].reason));
		assert_row(i, socket.end == rows[i].end);
		cJSON_Delete(frame);
		socket_end(&w, &socket);
		world_end(&w);
	}
}

TEST(a_stalled_link_is_silent_but_still_gets_its_share)
{
	struct socket socket;
	unsigned number;

	world_start(&w);
	socket_start(&w, &socket);
	fake_slack_trouble(w.fs, FAKE_STALL);
	frame_send(&w, &socket, 9, "there?", 6);
	number = fake_slack_slash(w.fs, "@ann", "#incidents", "/help", &w.err);
	assert_int_not_equal(number, 0);
	assert_null(socket_message(&w, &socket, 50, NULL));
	assert_int_equal(socket.end, 0);
	fake_slack_set_clock(w.fs, START + 3000);
	assert_int_equal(fake_slack_delivery(w.fs, number)->outcome, FAKE_TIMED_OUT);
	socket_end(&w, &socket);
	world_end(&w);
}

TEST(a_disabled_socket_mode_gives_no_new_link_until_enabled)
{
	world_start(&w);
	fake_slack_trouble(w.fs, FAKE_LINK_DISABLED);
	assert_api(&w, "apps.connections.open", "", "forbidden");
	fake_slack_enable(w.fs);
	assert_api(&w, "apps.connections.open", "", "");
	world_end(&w);
}

TEST(trouble_of_the_newest_leaves_the_others)
{
	struct socket old, young;

	world_start(&w);
	socket_start(&w, &old);
	socket_start(&w, &young);
	fake_slack_trouble_newest(w.fs, FAKE_DROP);
	assert_null(socket_message(&w, &young, 10000, NULL));
	assert_int_equal(young.end, -2);
	assert_int_equal(fake_slack_links(w.fs), 1);
	socket_end(&w, &old);
	socket_end(&w, &young);
	world_end(&w);
}

/* ---- envelopes ----------------------------------------------------------------------------- */

TEST(an_acknowledged_command_is_done)
{
	struct socket socket;
	const struct fake_slack_delivery *delivery;
	cJSON *envelope;
	unsigned number;

	world_start(&w);
	socket_start(&w, &socket);
	number = fake_slack_slash(w.fs, "@ann", "#incidents", "/rollback x to 5", &w.err);
	assert_int_equal(fake_slack_waiting(w.fs), 1);
	envelope = socket_next(&w, &socket);
	assert_string_equal(json_string(envelope, "type"), "slash_commands");
	assert_true(json_bool(envelope, "accepts_response_payload", false));
	socket_ack(&w, &socket, envelope, NULL);
	delivery = fake_slack_delivery(w.fs, number);
	assert_int_equal(delivery->outcome, FAKE_ACKED);
	assert_int_equal(delivery->attempts, 1);
	assert_null(delivery->answer);
	assert_int_equal(fake_slack_waiting(w.fs), 0);
	socket_ack(&w, &socket, envelope, NULL);
	assert_int_equal(fake_slack_calls(w.fs, "ack.twice"), 1);
	cJSON_Delete(envelope);
	socket_end(&w, &socket);
	world_end(&w);
}

TEST(an_unacknowledged_command_shows_operation_timeout_after_three_seconds)
{
	struct socket socket;
	const struct fake_slack_message *notice;
	cJSON *envelope;
	unsigned number;

	world_start(&w);
	socket_start(&w, &socket);
	number = fake_slack_slash(w.fs, "@ann", "#incidents", "/rollback x", &w.err);
	envelope = socket_next(&w, &socket);
	fake_slack_set_clock(w.fs, START + 2999);
	assert_int_equal(fake_slack_delivery(w.fs, number)->outcome, FAKE_WAITING);
	fake_slack_set_clock(w.fs, START + 3000);
	assert_int_equal(fake_slack_delivery(w.fs, number)->outcome, FAKE_TIMED_OUT);
	notice = fake_slack_last_message(w.fs, "#incidents");
	assert_string_equal(notice->text, "/rollback failed with the error \"operation_timeout\"");
	assert_string_equal(notice->only_for, "U0ANN");
	assert_string_equal(notice->subtype, "slack_notice");
	socket_ack(&w, &socket, envelope, "{\"text\":\"too late\"}");
	assert_true(fake_slack_delivery(w.fs, number)->late);
	assert_ptr_equal(fake_slack_last_message(w.fs, "#incidents"), notice);
	cJSON_Delete(envelope);
	socket_end(&w, &socket);
	world_end(&w);
}

TEST(without_a_link_a_command_fails_at_once)
{
	unsigned number;

	world_start(&w);
	number = fake_slack_slash(w.fs, "@ann", "#incidents", "/rollback x", &w.err);
	assert_int_equal(fake_slack_delivery(w.fs, number)->outcome, FAKE_NOT_SENT);
	assert_string_equal(fake_slack_last_message(w.fs, "#incidents")->text,
	    "/rollback failed with the error \"dispatch_failed\"");
	world_end(&w);
}

TEST(an_unacknowledged_event_comes_again_at_once_after_a_minute_and_after_five)
{
	static const int64_t times[] = { 0, 3000, 3000 + 3000 + 60000,
		3000 + 3000 + 60000 + 3000 + 300000 };
	struct socket socket;
	unsigned number;

	world_start(&w);
	socket_start(&w, &socket);
	fake_slack_says(w.fs, "@ann", "@rollcall", NULL, "help", &w.err);
	number = fake_slack_last_delivery(w.fs);
	for (int i = 0; i < 4; i++) {
		cJSON *envelope;

		fake_slack_set_clock(w.fs, START + times[i]);
		assert_int_equal(fake_slack_delivery(w.fs, number)->attempts, i + 1);
		envelope = socket_next(&w, &socket);
		assert_int_equal(json_integer(envelope, "retry_attempt", -1), i);
		assert_string_equal(json_string(envelope, "retry_reason"), i == 0 ? "" : "timeout");
		assert_string_equal(json_string(envelope, "payload.event_id"), "Ev00000001");
		cJSON_Delete(envelope);
	}
	fake_slack_set_clock(w.fs, START + times[3] + 3000);
	assert_int_equal(fake_slack_delivery(w.fs, number)->outcome, FAKE_TIMED_OUT);
	socket_end(&w, &socket);
	world_end(&w);
}

TEST(an_event_without_a_link_is_kept_for_its_retries)
{
	struct socket socket;
	cJSON *envelope;

	world_start(&w);
	fake_slack_says(w.fs, "@ann", "@rollcall", NULL, "help", &w.err);
	fake_slack_tick(w.fs);
	socket_start(&w, &socket);
	fake_slack_set_clock(w.fs, START + 60000);
	do
		envelope = socket_next(&w, &socket);
	while (envelope != NULL && json_string(envelope, "envelope_id") == NULL);
	assert_int_equal(json_integer(envelope, "retry_attempt", -1), 2);
	socket_ack(&w, &socket, envelope, NULL);
	assert_int_equal(fake_slack_delivery(w.fs, 1)->outcome, FAKE_ACKED);
	cJSON_Delete(envelope);
	socket_end(&w, &socket);
	world_end(&w);
}

TEST(any_link_may_carry_the_acknowledgement)
{
	struct socket one, two;
	cJSON *envelope;
	unsigned number;

	world_start(&w);
	socket_start(&w, &one);
	number = fake_slack_slash(w.fs, "@ann", "#incidents", "/help", &w.err);
	envelope = socket_next(&w, &one);
	socket_start(&w, &two);
	socket_ack(&w, &two, envelope, NULL);
	assert_int_equal(fake_slack_delivery(w.fs, number)->outcome, FAKE_ACKED);
	cJSON_Delete(envelope);
	socket_end(&w, &one);
	socket_end(&w, &two);
	world_end(&w);
}

TEST(envelopes_spread_over_the_links_by_chance)
{
	struct socket one, two;
	int first = 0, second = 0;
	cJSON *envelope;

	world_start(&w);
	socket_start(&w, &one);
	socket_start(&w, &two);
	for (int i = 0; i < 40; i++) {
		fake_slack_slash(w.fs, "@ann", "#incidents", "/help", &w.err);
		world_settle(&w);
	}
	while ((envelope = socket_message(&w, &one, 20, NULL)) != NULL) {
		first++;
		cJSON_Delete(envelope);
	}
	while ((envelope = socket_message(&w, &two, 20, NULL)) != NULL) {
		second++;
		cJSON_Delete(envelope);
	}
	assert_int_equal(first + second, 40);
	assert_in_range(first, 8, 32);
	socket_end(&w, &one);
	socket_end(&w, &two);
	world_end(&w);
}

TEST(frames_that_are_no_acknowledgement_are_counted)
{
	static const char unknown[] = "{\"envelope_id\":\"00000009-0001-4a11-8bad-000000000000\"}";
	struct socket socket;

	world_start(&w);
	socket_start(&w, &socket);
	frame_send(&w, &socket, 1, "{\"x\":1}", 7);
	frame_send(&w, &socket, 1, "not json", 8);
	frame_send(&w, &socket, 1, unknown, strlen(unknown));
	world_settle(&w);
	assert_int_equal(fake_slack_calls(w.fs, "frame.bad"), 2);
	assert_int_equal(fake_slack_calls(w.fs, "ack.unknown"), 1);
	socket_end(&w, &socket);
	world_end(&w);
}

TEST(a_redelivery_carries_the_same_payload_in_another_envelope)
{
	struct socket socket;
	cJSON *first, *again;
	unsigned number;

	world_start(&w);
	socket_start(&w, &socket);
	number = fake_slack_slash(w.fs, "@ann", "#incidents", "/rollback x", &w.err);
	first = socket_next(&w, &socket);
	socket_ack(&w, &socket, first, NULL);
	assert_true(fake_slack_redeliver(w.fs, number, &w.err));
	again = socket_next(&w, &socket);
	assert_true(cJSON_Compare(json_at(first, "payload"), json_at(again, "payload"), true));
	assert_string_not_equal(
	    json_string(first, "envelope_id"), json_string(again, "envelope_id"));
	assert_false(fake_slack_redeliver(w.fs, 99, &w.err));
	cJSON_Delete(first);
	cJSON_Delete(again);
	socket_end(&w, &socket);
	world_end(&w);
}

TEST(large_and_fragmented_messages_arrive_whole)
{
	struct socket socket;
	cJSON *envelope;
	int frames;

	world_start(&w);
	socket_start(&w, &socket);
	fake_slack_pad(w.fs, KILOBYTES(64));
	fake_slack_fragment(w.fs, 5);
	fake_slack_slash(w.fs, "@ann", "#incidents", "/help", &w.err);
	envelope = socket_message(&w, &socket, 10000, &frames);
	assert_int_equal(frames, 5);
	assert_true(strlen(json_string_or(envelope, "padding", "")) > 60000);
	assert_string_equal(json_string(envelope, "payload.command"), "/help");
	cJSON_Delete(envelope);
	socket_end(&w, &socket);
	world_end(&w);
}

TEST(real_time_needs_no_turning)
{
	struct socket socket;
	int64_t start = client_now();
	cJSON *hello;
	char *url;

	world_open(&w, &(struct fake_slack_options){ 0 });
	fake_slack_hello_after(w.fs, 60);
	url = socket_ticket(&w);
	socket_open_at(&w, &socket, url);
	hello = socket_next(&w, &socket);
	assert_string_equal(json_string(hello, "type"), "hello");
	assert_in_range(client_now() - start, 59, 9000);
	cJSON_Delete(hello);
	free(url);
	socket_end(&w, &socket);
	world_end(&w);
}

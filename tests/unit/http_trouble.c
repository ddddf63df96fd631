/* http.c, http_sockets.c - the pitfalls of libcurl on libuv (protocols.md 8.2, loop.md 2 and 6). */

#include "http.h"

#include "test.h"

#include "http_client.h"

static struct http_call *
post(struct fixture *f, struct call *call, size_t length, bool once)
{
	_cleanup_(freep) char *url = xasprintf("http://127.0.0.1:%d/x", f->server->port);
	_cleanup_(freep) char *body = xcalloc(1, length + 1);

	memset(body, 'b', length);
	return http_start(f->http, &(struct http_request){ .method = "POST", .url = url,
	    .content_type = "text/plain", .body = body, .body_length = length, .limit = SECONDS(5),
	    .max_answer = 1000, .once = once }, on_done, call);
}

/* ---- completions ---- */

/* It ends in curl's timer with no other transfer left: curl's own example never reports it. */
TEST(x82a_the_last_call_fails_in_the_timers_path_and_is_told)
{
	static const char *const urls[] = { "ftp://127.0.0.1/", "http://nowhere.test/" };
	_cleanup_(fixture_clear) struct fixture f = fixture_make();

	name_is = NULL;
	for (size_t i = 0; i < COUNT(urls); i++) {
		struct call call = { 0 };

		http_start(f.http, &(struct http_request){ .method = "GET", .url = urls[i],
		    .limit = SECONDS(5), .max_answer = 10 }, on_done, &call);
		until(f.loop, call.done == 1);
		assert_row(i, call.kind == LOST && !call.unknown && call.text[0] != '\0');
	}
	name_is = "127.0.0.1";
}

/* libuv stops a poll when it says POLLERR, before curl has read what came earlier. */
TEST(x82b_what_came_before_a_reset_is_read_to_its_end)
{
	_cleanup_(fixture_clear) struct fixture f = fixture_make();
	_cleanup_(freep) char *body = xcalloc(1, 40001), *url = NULL;
	struct call call = { 0 };

	memset(body, 'z', 40000);
	url = xasprintf("http://127.0.0.1:%d/x", f.server->port);
	server_will(f.server, (struct reply){ .kind = ANSWERS_AND_RESETS, .body = body });
	http_start(f.http, &(struct http_request){ .method = "GET", .url = url, .limit = SECONDS(5),
	    .max_answer = 50000 }, on_done, &call);
	until(f.loop, call.done == 1);
	assert_int_equal(call.status, 200);
}

TEST(x82c_calls_are_started_and_cancelled_from_inside_an_answer)
{
	_cleanup_(fixture_clear) struct fixture f = fixture_make();
	struct call first = { .again = f.http }, hanging = { 0 };

	server_will(f.server, (struct reply){ .kind = HANGS });
	first.cancels = get(&f, &hanging, SECONDS(5));
	until(f.loop, f.server->requests == 1);
	get(&f, &first, SECONDS(5));
	until(f.loop, first.done == 2 && hanging.done == 1);
	assert_int_equal(hanging.kind, CANCELLED);
	assert_int_equal(first.kind, LOST);	/* nobody listens on port 9 */
}

/* curl's time-out of 0 runs at the end of the turn, not a millisecond later: no clock moves here. */
TEST(x82d_a_call_needs_no_tick_of_the_clock)
{
	_cleanup_(fixture_clear) struct fixture f = fixture_make();
	int64_t began = f.loop->now;

	for (int i = 0; i < 10; i++) {
		struct call call = { 0 };

		get(&f, &call, SECONDS(5));
		until(f.loop, call.done == 1);
		assert_int_equal(call.status, 200);
	}
	assert_int_equal(f.loop->now, began);
}

/* ---- names ---- */

/* A name server that says nothing: neither the limit of the call nor the end of the client waits for it. */
TEST(x82e_a_name_that_is_never_answered_stops_nobody)
{
	struct fixture f = fixture_make();
	struct call late_one = { 0 }, open = { 0 }, other = { 0 };
	uint64_t began = uv_hrtime();
	sem_t gate;

	sem_init(&gate, 0, 0);
	clock_gettime(CLOCK_REALTIME, &name_given_up);
	name_given_up.tv_sec += 8;
	name_waits = &gate;
	get_from(&f, &late_one, "mute.test", SECONDS(5));
	get_from(&f, &open, "deaf.test", SECONDS(60));
	get(&f, &other, SECONDS(60));
	until(f.loop, other.done == 1);
	turn(f.loop, SECONDS(5));
	assert_int_equal(late_one.done, 1);
	assert_int_equal(late_one.kind, LATE);
	assert_false(late_one.unknown);
	http_free(f.http);
	assert_int_equal(open.done, 1);
	assert_true(uv_hrtime() - began < 5000000000);
	sem_post(&gate);
	sem_post(&gate);
	until(f.loop, name_answers == 2);
	server_free(f.server);
	loop_free(f.loop);
	sem_destroy(&gate);
	name_waits = NULL;
}

/* ---- requests ---- */

/* curl asks "Expect: 100-continue" for bodies over a megabyte, and waits a second for the answer. */
TEST(x82f_no_leave_is_asked_for_a_large_body)
{
	_cleanup_(fixture_clear) struct fixture f = fixture_make();
	struct call call = { 0 };

	post(&f, &call, 1500000, false);
	until(f.loop, call.done == 1);
	assert_int_equal(call.status, 200);
	assert_null(strstr(f.server->last.data, "Expect"));
	assert_true(f.server->last.length > 1500000);
}

/* A kept connection that dies under a request: curl alone would send it a second time. */
static void
die_under_the_second(enum reply_kind how, bool once)
{
	_cleanup_(fixture_clear) struct fixture f = fixture_make();
	struct call calls[2] = { { 0 } };

	server_will(f.server, (struct reply){ .kind = ANSWERS });
	server_will(f.server, (struct reply){ .kind = how });
	for (size_t i = 0; i < COUNT(calls); i++) {
		post(&f, &calls[i], 10, once);
		until(f.loop, calls[i].done == 1);
	}
	assert_int_equal(calls[0].status, 200);
	assert_int_equal(f.server->requests, once ? 2 : 3);
	assert_int_equal(calls[1].status, once ? 0 : 200);
	assert_int_equal(calls[1].kind, once ? LOST : ERROR_NONE);
	assert_true(calls[1].unknown == once);
}

TEST(x82g_a_post_on_a_dead_kept_connection_is_not_repeated)
{
	die_under_the_second(MUTE, true);
	die_under_the_second(RESETS, true);
	die_under_the_second(MUTE, false);
}

/* Sixteen at most, and kept: without MAXCONNECTS curl closes idle ones as fewer calls run. */
TEST(x82h_connections_are_kept_when_the_calls_become_few)
{
	_cleanup_(fixture_clear) struct fixture f = fixture_make();
	static struct call calls[16];

	for (int round = 0; round < 3; round++) {
		memset(calls, 0, sizeof(calls));
		for (size_t i = 0; i < COUNT(calls); i++)
			get(&f, &calls[i], SECONDS(60));
		until(f.loop, http_running(f.http) == 0);
		memset(calls, 0, sizeof(calls));
		get(&f, &calls[0], SECONDS(60));
		until(f.loop, calls[0].done == 1);
	}
	assert_in_range(f.server->connections, 1, 16);
	assert_int_equal(f.server->open, f.server->connections);
}

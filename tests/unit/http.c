/* http.c - the one HTTP client against a server that does what peers do on bad days. */

#include "http.h"

#include <ifaddrs.h>

#include "test.h"

#include "http_client.h"

TEST(an_answer_comes_once_and_never_before_the_start_returned)
{
	_cleanup_(fixture_clear) struct fixture f = fixture_make();
	struct call call = { 0 };

	server_will(f.server, (struct reply){ .headers = "X-Here: yes\r\nX-There: no\r\n" });
	get(&f, &call, 1000);
	assert_int_equal(call.done, 0);
	assert_int_equal(http_running(f.http), 1);
	until(f.loop, call.done == 1);
	assert_int_equal(call.status, 200);
	assert_int_equal(call.kind, ERROR_NONE);
	assert_false(call.unknown);
	assert_string_equal(call.body, "ok");
	assert_string_equal(call.header, "yes");
	assert_int_equal(http_running(f.http), 0);
	settle(f.loop);
	assert_int_equal(call.done, 1);
	assert_non_null(strstr(f.server->last.data, "GET /x HTTP/1.1\r\n"));
	assert_null(strstr(f.server->last.data, "Authorization"));
	assert_null(strstr(f.server->last.data, "Cookie"));
}

TEST(a_body_a_type_and_a_bearer_are_sent_and_the_caller_may_forget_them_at_once)
{
	_cleanup_(fixture_clear) struct fixture f = fixture_make();
	struct secret *bearer = secret_new("xoxb-very-secret", 16);
	char url[64], body[] = "{\"a\":1}";
	struct call call = { 0 };

	snprintf(url, sizeof(url), "http://127.0.0.1:%d/api", f.server->port);
	http_start(f.http, &(struct http_request){ .method = "POST", .url = url, .bearer = bearer,
	    .content_type = "application/json", .body = body, .body_length = 7, .limit = 1000,
	    .max_answer = 1000 }, on_done, &call);
	memset(url, 'x', sizeof(url) - 1);
	memset(body, 'y', 7);
	secret_free(bearer);
	until(f.loop, call.done == 1);
	assert_int_equal(call.status, 200);
	assert_non_null(strstr(f.server->last.data, "POST /api HTTP/1.1\r\n"));
	assert_non_null(strstr(f.server->last.data, "Authorization: Bearer xoxb-very-secret\r\n"));
	assert_non_null(strstr(f.server->last.data, "Content-Type: application/json\r\n"));
	assert_null(strstr(f.server->last.data, "Expect:"));
	assert_non_null(strstr(f.server->last.data, "\r\n\r\n{\"a\":1}"));
}

TEST(a_connection_is_used_again_and_a_new_one_made_when_the_peer_closed_it)
{
	_cleanup_(fixture_clear) struct fixture f = fixture_make();
	struct call calls[5] = { { 0 } };

	for (size_t i = 0; i < 3; i++) {
		get(&f, &calls[i], 1000);
		until(f.loop, calls[i].done == 1);
	}
	assert_int_equal(f.server->connections, 1);
	peer_close(f.server->peers);
	until(f.loop, f.server->open == 0);
	settle(f.loop);
	for (size_t i = 3; i < 5; i++) {
		get(&f, &calls[i], 1000);
		until(f.loop, calls[i].done == 1);
		assert_int_equal(calls[i].status, 200);
	}
	assert_int_equal(f.server->connections, 2);
}

TEST(other_answers_than_200_are_answers)
{
	_cleanup_(fixture_clear) struct fixture f = fixture_make();
	static const struct { struct reply reply; int status, retry_after; } rows[] = {
		{ { .status = "429 Too Many Requests", .headers = "Retry-After: 7\r\n" }, 429, 7 },
		{ { .status = "500 Oh" }, 500, 0 },
		{ { .status = "302 Found", .headers = "Location: http://127.0.0.1:1/\r\n" }, 302, 0 },
		{ { .status = "204 Nothing", .body = "" }, 204, 0 },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct call call = { 0 };

		server_will(f.server, rows[i].reply);
		get(&f, &call, 1000);
		until(f.loop, call.done == 1);
		assert_row(i, call.kind == ERROR_NONE && !call.unknown);
		assert_row(i, call.status == rows[i].status);
		assert_row(i, call.retry_after == rows[i].retry_after);
	}
	assert_int_equal(f.server->requests, (int)COUNT(rows));
}

TEST(a_peer_that_hangs_is_left_at_the_limit_and_what_became_of_it_is_unknown)
{
	_cleanup_(fixture_clear) struct fixture f = fixture_make();
	struct call call = { 0 }, next = { 0 };

	server_will(f.server, (struct reply){ .kind = HANGS });
	get(&f, &call, SECONDS(5));
	until(f.loop, f.server->requests == 1);
	turn(f.loop, 4999);
	assert_int_equal(call.done, 0);
	turn(f.loop, 1);
	assert_int_equal(call.done, 1);
	assert_int_equal(call.kind, LATE);
	assert_int_equal(call.status, 0);
	assert_true(call.unknown);
	until(f.loop, f.server->open == 0);	/* the connection is not used again */
	get(&f, &next, SECONDS(5));
	until(f.loop, next.done == 1);
	assert_int_equal(next.status, 200);
}

/* A listener whose queue is full: what connects now gets no answer at all. */
static int
full_listener(int fillers[4], int *port)
{
	struct sockaddr_in name = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t length = sizeof(name);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_int_equal(bind(fd, (struct sockaddr *)&name, sizeof(name)), 0);
	assert_int_equal(listen(fd, 0), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&name, &length), 0);
	*port = ntohs(name.sin_port);
	for (int i = 0; i < 4; i++) {
		fillers[i] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
		connect(fillers[i], (struct sockaddr *)&name, sizeof(name));
	}
	return fd;
}

/* curl closes a socket that is still connecting behind our back: libuv aborted over it. */
TEST(a_peer_that_does_not_let_us_connect_is_left_at_the_limit_and_nothing_was_sent)
{
	_cleanup_(fixture_clear) struct fixture f = fixture_make();
	struct call calls[3] = { { 0 } }, next = { 0 };
	int fillers[4], listener, port = f.server->port;

	listener = full_listener(fillers, &f.server->port);
	for (size_t i = 0; i < COUNT(calls); i++)
		get(&f, &calls[i], SECONDS(5));
	settle(f.loop);
	turn(f.loop, SECONDS(5));
	for (size_t i = 0; i < COUNT(calls); i++)
		assert_row(i, calls[i].done == 1 && calls[i].kind == LATE && !calls[i].unknown);
	for (int i = 0; i < 4; i++)
		close(fillers[i]);
	close(listener);
	f.server->port = port;
	get(&f, &next, SECONDS(5));
	until(f.loop, next.done == 1);
	assert_int_equal(next.status, 200);
}

/* Whoever waits behind sixteen that hang has sent nothing; and the end of one makes room for it. */
TEST(what_waits_for_its_turn_is_late_too_but_was_never_sent)
{
	_cleanup_(fixture_clear) struct fixture f = fixture_make();
	struct call calls[16] = { { 0 } }, short_one = { 0 }, patient = { 0 };

	for (size_t i = 0; i < COUNT(calls); i++) {
		server_will(f.server, (struct reply){ .kind = HANGS });
		get(&f, &calls[i], SECONDS(10));
	}
	until(f.loop, f.server->requests == 16);
	get(&f, &short_one, SECONDS(2));
	get(&f, &patient, SECONDS(60));
	turn(f.loop, SECONDS(2));
	assert_int_equal(short_one.done, 1);
	assert_int_equal(short_one.kind, LATE);
	assert_false(short_one.unknown);
	assert_int_equal(patient.done, 0);
	turn(f.loop, SECONDS(8));
	for (size_t i = 0; i < COUNT(calls); i++)
		assert_row(i, calls[i].done == 1 && calls[i].kind == LATE && calls[i].unknown);
	until(f.loop, patient.done == 1);
	assert_int_equal(patient.status, 200);
}

TEST(a_reset_after_the_request_leaves_the_outcome_unknown)
{
	_cleanup_(fixture_clear) struct fixture f = fixture_make();
	static const struct reply replies[] = {
		{ .kind = RESETS },
		{ .kind = ANSWERS, .body = "abcdefgh", .cut = true },
	};

	for (size_t i = 0; i < COUNT(replies); i++) {
		struct call call = { 0 };

		server_will(f.server, replies[i]);
		get(&f, &call, 1000);
		until(f.loop, call.done == 1);
		assert_row(i, call.kind == LOST && call.status == 0 && call.unknown);
		assert_row(i, call.text[0] != '\0');
	}
}

TEST(a_refused_connection_is_lost_and_may_be_repeated)
{
	_cleanup_(fixture_clear) struct fixture f = fixture_make();
	struct call call = { 0 };

	server_stop(f.server);
	get(&f, &call, 1000);
	until(f.loop, call.done == 1);
	assert_int_equal(call.kind, LOST);
	assert_int_equal(call.status, 0);
	assert_false(call.unknown);
}

TEST(a_body_of_exactly_the_bound_is_taken_and_a_byte_more_is_a_failure)
{
	_cleanup_(fixture_clear) struct fixture f = fixture_make();
	char body[1002];

	memset(body, 'z', sizeof(body));
	for (size_t length = 1000; length <= 1001; length++) {
		struct call call = { 0 };

		body[length] = '\0';
		server_will(f.server, (struct reply){ .body = body });
		get(&f, &call, 1000);
		until(f.loop, call.done == 1);
		assert_int_equal(call.kind, length == 1000 ? ERROR_NONE : FAILED);
		body[length] = 'z';
	}
}

TEST(a_hundred_calls_at_once_share_sixteen_connections_and_each_is_answered_once)
{
	_cleanup_(fixture_clear) struct fixture f = fixture_make();
	static struct call calls[100];
	size_t done = 0;

	memset(calls, 0, sizeof(calls));
	for (size_t i = 0; i < COUNT(calls); i++)
		get(&f, &calls[i], SECONDS(60));
	assert_int_equal(http_running(f.http), 100);
	until(f.loop, http_running(f.http) == 0);
	settle(f.loop);
	for (size_t i = 0; i < COUNT(calls); i++)
		done += calls[i].done == 1 && calls[i].status == 200;
	assert_int_equal(done, 100);
	assert_int_equal(f.server->requests, 100);
	assert_true(f.server->connections <= 16);
}

TEST(a_cancelled_call_is_told_once_later_wherever_it_stood)
{
	_cleanup_(fixture_clear) struct fixture f = fixture_make();
	struct call fresh = { 0 }, running = { 0 }, last = { 0 };
	struct http_call *call;

	call = get(&f, &fresh, 1000);
	http_cancel(call);
	http_cancel(call);
	assert_int_equal(fresh.done, 0);
	until(f.loop, fresh.done == 1);
	assert_int_equal(fresh.kind, CANCELLED);
	assert_false(fresh.unknown);
	server_will(f.server, (struct reply){ .kind = HANGS });
	call = get(&f, &running, 1000);
	until(f.loop, f.server->requests == 1);
	http_cancel(call);
	until(f.loop, running.done == 1);
	assert_int_equal(running.kind, CANCELLED);
	assert_true(running.unknown);
	get(&f, &last, 1000);
	until(f.loop, last.done == 1);
	assert_int_equal(last.status, 200);
	assert_int_equal(fresh.done + running.done, 2);
}

/* ---- where it goes ---- */

TEST(addresses_that_are_never_asked_are_refused_however_they_are_written)
{
	_cleanup_(fixture_clear) struct fixture f = fixture_make();
	static const char *const urls[] = {
		"http://169.254.169.254/latest/meta-data/", "http://[::ffff:169.254.169.254]/",
		"http://[fd00:ec2::254]/", "http://[fe80::1]/", "http://[64:ff9b::a9fe:a9fe]/",
		"http://0.0.0.0/", "http://0/", "http://[::]/", "http://224.0.0.1/",
		"http://255.255.255.255/", "http://[ff02::1]/",
		/* loopback, but not literally */
		"http://2130706433/", "http://0x7f000001/", "http://127.1/", "http://[::ffff:127.0.0.1]/",
		"http://[::127.0.0.1]/", "http://name.test/", "http://127.0.0.1.test/", "http://127.test/",
		"http://localhost.test/",
	};

	name_is = "127.0.0.1";
	for (size_t i = 0; i < COUNT(urls); i++) {
		struct call call = { 0 };

		http_start(f.http, &(struct http_request){ .method = "GET", .url = urls[i], .limit = 1000,
		    .max_answer = 10 }, on_done, &call);
		until(f.loop, call.done == 1);
		if (call.kind != LOST || strstr(call.text, "never asked") == NULL || call.unknown)
			fail_msg("%s: %s", urls[i], call.text);
	}
	assert_int_equal(f.server->connections, 0);
}

TEST(loopback_is_asked_when_the_address_says_so_literally)
{
	_cleanup_(fixture_clear) struct fixture f = fixture_make();
	static const char *const hosts[] = { "127.0.0.1", "localhost", "LocalHost", "me:secret@127.0.0.1" };

	for (size_t i = 0; i < COUNT(hosts); i++) {
		struct call call = { 0 };

		get_from(&f, &call, hosts[i], 1000);
		until(f.loop, call.done == 1);
		if (call.status != 200)
			fail_msg("%s: %s", hosts[i], call.text);
	}
}

TEST(nothing_but_http_and_https_is_spoken)
{
	_cleanup_(fixture_clear) struct fixture f = fixture_make();
	static const char *const urls[] = { "file:///etc/passwd", "ftp://127.0.0.1/", "gopher://127.0.0.1/",
		"dict://127.0.0.1/", "smtp://127.0.0.1/", "127.0.0.1", "", "http://" };

	for (size_t i = 0; i < COUNT(urls); i++) {
		struct call call = { 0 };

		http_start(f.http, &(struct http_request){ .method = "GET", .url = urls[i], .limit = 1000,
		    .max_answer = 10 }, on_done, &call);
		until(f.loop, call.done == 1);
		assert_row(i, call.kind == LOST && call.status == 0 && !call.unknown);
	}
}

/* An address of this machine that is not loopback; false: it has none. */
static bool
own_address(char address[64])
{
	struct ifaddrs *all;
	bool found = false;

	assert_int_equal(getifaddrs(&all), 0);
	for (struct ifaddrs *i = all; i != NULL && !found; i = i->ifa_next) {
		if (i->ifa_addr == NULL || i->ifa_addr->sa_family != AF_INET)
			continue;
		inet_ntop(AF_INET, &((struct sockaddr_in *)(void *)i->ifa_addr)->sin_addr, address, 64);
		found = !string_starts(address, "127.") && !string_starts(address, "169.254.");
	}
	freeifaddrs(all);
	return found;
}

/* curl's resolver hands over a descriptor of its own and closes it itself; the connection that comes next
 * gets the same number, and was never heard again. */
TEST(a_name_is_resolved_and_the_descriptor_of_the_resolver_is_not_mistaken_for_the_connection)
{
	struct fixture f = { .loop = turned_new() };
	char address[64];

	if (own_address(address)) {
		f.http = http_new(f.loop, &(struct http_options){ 0 }, NULL);
		f.server = server_new(f.loop, "0.0.0.0");
		name_is = address;
		for (int i = 0; i < 5; i++) {
			struct call call = { 0 };
			_cleanup_(freep) char *host = xasprintf("n%d.test", i);

			server_will(f.server, (struct reply){ .kind = CLOSES, .headers = "Connection: close\r\n" });
			get_from(&f, &call, host, SECONDS(60));
			until(f.loop, call.done == 1);
			assert_int_equal(call.status, 200);
		}
		name_is = "169.254.169.254";	/* the second answer of the same name server is another one */
		struct call call = { 0 };

		get_from(&f, &call, "late.test", SECONDS(60));
		until(f.loop, call.done == 1);
		assert_non_null(strstr(call.text, "never asked"));
		assert_int_equal(f.server->requests, 5);
		http_free(f.http);
		server_free(f.server);
	}
	loop_free(f.loop);
}

/* ---- the end ---- */

TEST(freed_while_calls_run_and_wait_each_is_told_once)
{
	struct fixture f = fixture_make();
	struct call calls[20] = { { 0 } };

	for (size_t i = 0; i < COUNT(calls); i++) {
		server_will(f.server, (struct reply){ .kind = HANGS });
		get(&f, &calls[i], 1000);
	}
	until(f.loop, f.server->requests == 16);
	http_free(f.http);
	for (size_t i = 0; i < COUNT(calls); i++)
		assert_row(i, calls[i].done == 1 && calls[i].kind == CANCELLED && calls[i].unknown == (i < 16));
	assert_int_equal(f.loop->busy[BUSY_HTTP], 0);
	server_free(f.server);
	loop_free(f.loop);
}

TEST(a_call_that_is_started_while_the_client_is_freed_is_cancelled_as_well)
{
	struct fixture f = fixture_make();
	struct call call = { .again = f.http };

	get(&f, &call, 1000);
	http_free(f.http);
	assert_int_equal(call.done, 2);
	assert_int_equal(call.kind, CANCELLED);
	assert_int_equal(f.loop->busy[BUSY_HTTP], 0);
	server_free(f.server);
	loop_free(f.loop);
}

TEST(a_certificate_file_that_cannot_be_read_is_named)
{
	struct loop *loop = turned_new();
	struct error err = ERROR_INIT;

	assert_null(http_new(loop, &(struct http_options){ .ca_file = "/nonexistent/ca.pem" }, &err));
	assert_int_equal(err.kind, WRONG);
	assert_non_null(strstr(err.text, "/nonexistent/ca.pem"));
	http_free(NULL);
	loop_free(loop);
}

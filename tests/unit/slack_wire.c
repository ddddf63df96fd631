/* slack_wire.c - the pitfalls at the beginning and the end of a wire (protocols.md 8.1, loop.md 6). */

#include "test.h"

#include "wire_line.h"

/* ---- opening ---- */

TEST(x81a_the_upgrade_offers_nothing_and_names_host_and_path_as_they_were_written)
{
	static const char *const absent[] = { "Extensions", "Sec-WebSocket-Protocol", "Origin", "h2" };
	struct line *line = line_up();
	_cleanup_(freep) char *host = xasprintf("Host: 127.0.0.1:%d\r\n", line->peer->port);

	assert_true(string_starts(line->peer->request.data,
	    "GET /link/?ticket=9f&app_id=0a HTTP/1.1\r\n"));
	assert_non_null(strcasestr(line->peer->request.data, host));
	for (size_t i = 0; i < COUNT(absent); i++)
		assert_row(i, strcasestr(line->peer->request.data, absent[i]) == NULL);
	line_free(line);
}

/* Its own ways, if nothing is said: pings after 300 s, redirects followed. */
TEST(x81b_the_library_has_no_policy_of_its_own)
{
	static const lws_retry_bo_t none = { 0 };
	struct line *line = line_up();

	assert_int_equal(library.extensions, 0);
	assert_true((library.options & LWS_SERVER_OPTION_LIBUV) != 0);
	assert_true((library.options & LWS_SERVER_OPTION_DISABLE_OS_CA_CERTS) != 0);
	assert_int_equal(library.told.ssl_connection, LCCSCF_HTTP_NO_FOLLOW_REDIRECT);
	assert_memory_equal(library.told.retry_and_idle_policy, &none, sizeof(none));
	assert_null(library.told.protocol);
	assert_string_equal(library.told.alpn, "http/1.1");
	line_free(line);
}

TEST(x81c_without_its_plugin_the_package_is_named)
{
	struct loop *loop = turned_new();
	struct error err = ERROR_INIT;

	memset(&library, 0, sizeof(library));
	library.no_context = true;
	assert_null(wires_new(loop, &(struct wires_options){ .secure = false }, &err));
	assert_non_null(strstr(err.text, "libwebsockets-evlib-uv"));
	library.no_context = false;
	loop_free(loop);
}

/* NULL comes without a callback; the same struct opens again. */
TEST(x81d_a_connection_that_cannot_be_begun_is_an_error_and_no_event)
{
	struct line *line = line_new();
	struct error err = ERROR_INIT;

	library.null = true;
	assert_false(line_open(line, &err));
	assert_int_equal(err.kind, LOST);
	assert_false(wire_is_open(&line->wire));
	settle(line->loop);
	assert_int_equal(line->down + line->gone + line->up, 0);
	library.null = false;
	assert_true(line_open(line, &err));
	until(line->loop, line->up == 1);
	line_free(line);
}

/* Every other shape of an end: down once with a sentence, then gone once. */
TEST(x81e_whatever_the_peer_answers_instead_it_ends_once)
{
	static const struct { const char *name, *answer; bool reset; } rows[] = {
		{ "503", "HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n", false },
		{ "a redirect", "HTTP/1.1 302 Found\r\nLocation: ws://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n",
		    false },
		{ "garbage", "\x16\x03\x01 this is no HTTP\r\n\r\n", false },
		{ "a wrong key", "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: "
		    "Upgrade\r\nSec-WebSocket-Accept: aaaaaaaaaaaaaaaaaaaaaaaaaaa=\r\n\r\n", false },
		{ "an extension nobody asked for", "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
		    "Connection: Upgrade\r\nSec-WebSocket-Extensions: permessage-deflate\r\n"
		    "Sec-WebSocket-Accept: aaaaaaaaaaaaaaaaaaaaaaaaaaa=\r\n\r\n", false },
		{ "the end", "", false },
		{ "a reset", "", true },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct line *line = line_new();

		line->peer->answer = rows[i].answer;
		assert_row(i, line_open(line, NULL));
		until(line->loop, line->peer->request.length > 0 || line->gone > 0);
		settle(line->loop);
		if (rows[i].reset)
			ws_peer_reset(line->peer);
		else
			ws_peer_close(line->peer);
		until(line->loop, line->gone == 1);
		settle(line->loop);
		assert_row(i, line->down == 1 && line->gone == 1 && !line->gone_before_down);
		assert_row(i, line->up == 0 && line->why[0] != '\0');
		assert_row(i, line->peer->connections == 1 && !wire_is_open(&line->wire));
		line_free(line);
	}
}

/* ---- the ends of one that stood ---- */

static void
end_by_close(struct line *line)
{
	ws_peer_frame(line->peer, WS_CLOSE | WS_END, "\x03\xe8", 2);
}

static void
end_by_reset(struct line *line)
{
	ws_peer_reset(line->peer);
}

static void
end_by_fin(struct line *line)
{
	ws_peer_close(line->peer);
}

static void
end_by_kill(struct line *line)
{
	wire_kill(&line->wire);
	wire_kill(&line->wire);
}

static void
end_by_nonsense(struct line *line)
{
	ws_peer_send(line->peer, "\xff\xff\xff\xff", 4);
}

TEST(x81f_each_end_of_a_standing_wire_is_told_once)
{
	static void (*const ends[])(struct line *) = { end_by_close, end_by_reset, end_by_fin,
		end_by_kill, end_by_nonsense };

	for (size_t i = 0; i < COUNT(ends); i++) {
		struct line *line = line_up();

		ends[i](line);
		until(line->loop, line->gone == 1 || (i == 0 && line->peer->frames.length > 0));
		ws_peer_close(line->peer);
		until(line->loop, line->gone == 1);
		settle(line->loop);
		assert_row(i, line->down == 1 && line->gone == 1 && !line->gone_before_down);
		assert_row(i, !wire_is_open(&line->wire));
		/* the same struct serves again */
		until(line->loop, !line->peer->open);
		assert_row(i, line_open(line, NULL));
		until(line->loop, line->up == 2);
		line_free(line);
	}
}

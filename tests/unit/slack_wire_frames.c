/* slack_wire.c - messages in any shape, and what a slow or dying peer gets (protocols.md 8.1). */

#include "test.h"

#include "wire_line.h"

/* ---- reading ---- */

static void
send_pieces(struct line *line, const char *bytes, size_t length, size_t piece)
{
	for (size_t at = 0; at < length; at += piece)
		ws_peer_frame(line->peer, at == 0 ? WS_TEXT : WS_MORE, bytes + at,
		    length - at < piece ? length - at : piece);
}

TEST(x81g_a_message_ends_where_its_last_fragment_ends_also_when_that_is_empty)
{
	struct line *line = line_up();

	send_pieces(line, "one two three", 13, 5);
	settle(line->loop);
	assert_int_equal(line->texts, 0);
	ws_peer_frame(line->peer, WS_PING | WS_END, "in between", 10);
	ws_peer_frame(line->peer, WS_MORE | WS_END, "", 0);
	until(line->loop, line->texts == 1);
	assert_string_equal(line->last.data, "one two three");
	until(line->loop, strstr(line->peer->frames.data, "pong in between\n") != NULL);
	ws_peer_frame(line->peer, WS_TEXT | WS_END, "", 0);
	until(line->loop, line->texts == 2);
	assert_int_equal(line->last.length, 0);
	ws_peer_frame(line->peer, WS_BINARY | WS_END, "\0\1", 2);
	ws_peer_frame(line->peer, WS_TEXT | WS_END, "after", 5);
	until(line->loop, line->texts == 3);
	assert_string_equal(line->last.data, "after");
	line_free(line);
}

/* Longer than what the library reads at once: many callbacks of one frame. */
TEST(x81h_long_messages_are_whole_however_they_come)
{
	static const struct { size_t length, piece; } rows[] = {
		{ 4096, 4096 }, { 4097, 4097 }, { 16384, 16384 }, { 65536, 65536 }, { 70000, 70000 },
		{ 70000, 4096 }, { 70000, 1000 }, { 70000, 16384 }, { MEGABYTES(1), MEGABYTES(1) },
	};
	_cleanup_(freep) char *bytes = xmalloc(MEGABYTES(1));
	struct line *line = line_up();

	for (size_t i = 0; i < MEGABYTES(1); i++)
		bytes[i] = (char)('a' + i * 7 % 26);
	for (size_t i = 0; i < COUNT(rows); i++) {
		send_pieces(line, bytes, rows[i].length, rows[i].piece);
		ws_peer_frame(line->peer, WS_MORE | WS_END, "", 0);
		until(line->loop, line->texts == i + 1);
		assert_row(i, line->last.length == rows[i].length);
		assert_row(i, memcmp(line->last.data, bytes, rows[i].length) == 0);
	}
	assert_int_equal(line->down, 0);
	line_free(line);
}

TEST(x81i_a_message_that_comes_byte_by_byte_is_whole)
{
	static const char bytes[] = "\x01\x03one\x00\x04 two\x80\x00\x81\x03""end";
	struct line *line = line_up();

	for (size_t i = 0; i < sizeof(bytes) - 1; i++) {
		ws_peer_send(line->peer, bytes + i, 1);
		settle(line->loop);
		if (line->texts == 1)
			assert_string_equal(line->last.data, "one two");
	}
	until(line->loop, line->texts == 2);
	assert_string_equal(line->last.data, "end");
	line_free(line);
}

/* A beginning in the middle, an end without a beginning: the library ends the wire, and nothing is read. */
TEST(x81j_fragments_in_a_wrong_order_end_the_wire)
{
	static const int orders[][2] = { { WS_TEXT, WS_TEXT | WS_END }, { WS_MORE | WS_END, WS_TEXT | WS_END } };

	for (size_t i = 0; i < COUNT(orders); i++) {
		struct line *line = line_up();

		ws_peer_frame(line->peer, orders[i][0], "half ", 5);
		ws_peer_frame(line->peer, orders[i][1], "whole", 5);
		until(line->loop, line->texts > 0 || line->gone == 1);
		assert_row(i, line->texts == 0 && line->down == 1);
		line_free(line);
	}
}

TEST(x81k_a_message_over_a_mebibyte_ends_the_wire_in_one_frame_or_in_many)
{
	_cleanup_(freep) char *bytes = xcalloc(1, MEGABYTES(1) + 1);

	memset(bytes, 'x', MEGABYTES(1) + 1);
	for (size_t piece = 16384; piece <= MEGABYTES(2); piece *= 128) {
		struct line *line = line_up();

		send_pieces(line, bytes, MEGABYTES(1) + 1, piece);
		until(line->loop, line->gone == 1);
		assert_row(piece, line->texts == 0 && line->down == 1);
		assert_non_null(strstr(line->why, "longer than 1 MiB"));
		line_free(line);
	}
}

/* ---- writing ---- */

/* A peer that does not read: the library holds back, nothing is lost, mixed or sent twice. */
TEST(x81l_what_a_slow_peer_has_not_read_yet_comes_whole_and_in_order)
{
	struct line *line = line_up();
	_cleanup_(freep) char *bytes = xmalloc(100000);
	const char *at;

	ws_peer_hear(line->peer, false);
	for (int i = 0; i < 100; i++) {
		memset(bytes, 'a' + i % 26, 100000);
		text_reset(&line->last);
		text_printf(&line->last, "number %03d ", i);
		memcpy(bytes, line->last.data, line->last.length);
		wire_send(&line->wire, bytes, 100000);
		settle(line->loop);
	}
	wire_ping(&line->wire);
	settle(line->loop);
	ws_peer_hear(line->peer, true);
	until(line->loop, line->peer->texts == 100 && strstr(line->peer->frames.data, "ping") != NULL);
	assert_int_equal(line->peer->taken, 100 * 100000);
	at = line->peer->frames.data;
	for (int i = 0; i < 100; i++) {
		text_reset(&line->last);
		text_printf(&line->last, "text number %03d ", i);
		at = strstr(at, line->last.data);
		assert_row(i, at != NULL);
	}
	line_free(line);
}

TEST(x81m_a_writeable_that_nobody_asked_for_sends_nothing)
{
	struct line *line = line_up();

	for (int i = 0; i < 5; i++) {
		lws_callback_on_writable(line->wire.lws);
		settle(line->loop);
	}
	assert_int_equal(line->peer->frames.length, 0);
	wire_send(&line->wire, "one", 3);
	lws_callback_on_writable(line->wire.lws);
	until(line->loop, line->peer->texts == 1);
	lws_callback_on_writable(line->wire.lws);
	settle(line->loop);
	assert_string_equal(line->peer->frames.data, "text one\n");
	line_free(line);
}

TEST(x81n_a_write_that_took_less_ends_the_wire_and_the_frame_is_not_forgotten)
{
	struct line *line = line_up();

	wire_send(&line->wire, "one,", 4);
	wire_send(&line->wire, "two", 3);
	library.written_less = 1;
	until(line->loop, line->down == 1);
	assert_string_equal(line->unsent.data, "one,two");
	library.written_less = 0;
	until(line->loop, line->gone == 1);
	line_free(line);
}

TEST(x81o_nothing_follows_a_close_frame)
{
	struct line *line = line_up();

	wire_send(&line->wire, "last", 4);
	wire_close(&line->wire);
	until(line->loop, strstr(line->peer->frames.data, "close 1000\n") != NULL);
	wire_send(&line->wire, "too late", 8);
	wire_ping(&line->wire);
	settle(line->loop);
	assert_string_equal(line->peer->frames.data, "text last\nclose 1000\n");
	ws_peer_frame(line->peer, WS_CLOSE | WS_END, "\x03\xe8", 2);
	ws_peer_close(line->peer);
	until(line->loop, line->gone == 1);
	line_free(line);
}

/* Its ping of its own is ours: the library sends none; a pong is heard and told apart. */
TEST(x81p_pings_are_ours_and_empty_and_their_pongs_are_told)
{
	struct line *line = line_up();

	settle(line->loop);
	assert_int_equal(line->peer->frames.length, 0);
	wire_ping(&line->wire);
	until(line->loop, string_equal(line->peer->frames.data, "ping \n"));
	ws_peer_frame(line->peer, WS_PONG | WS_END, "", 0);
	until(line->loop, line->pongs == 1);
	assert_int_equal(line->heard, 1);
	ws_peer_frame(line->peer, WS_PING | WS_END, "Ping from applink-2", 19);
	until(line->loop, strstr(line->peer->frames.data, "pong Ping from applink-2\n") != NULL);
	line_free(line);
}

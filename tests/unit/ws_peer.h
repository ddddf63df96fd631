/*
 * ws_peer.h - the other end of a WebSocket, byte by byte: what no library's server would send.
 *
 *	struct ws_peer *peer = ws_peer_new(loop);
 *	… the client connects to 127.0.0.1:peer->port
 *	until(loop, peer->up);
 *	ws_peer_frame(peer, WS_TEXT | WS_END, "hello", 5);
 *	until(loop, string_equal(peer->frames.data, "text hello\n"));
 *
 * One connection at a time, on the loop of the test.
 */
#ifndef TEST_WS_PEER_H
#define TEST_WS_PEER_H

#include <netinet/in.h>
#include <openssl/evp.h>
#include <openssl/sha.h>

#include "base/text.h"
#include "turned.h"

enum ws_byte { WS_MORE = 0, WS_TEXT = 1, WS_BINARY = 2, WS_CLOSE = 8, WS_PING = 9, WS_PONG = 10,
	WS_END = 0x80 };

struct ws_peer {
	struct loop *loop;
	uv_tcp_t listener, tcp;
	int port, connections;
	const char *answer;	/* to the upgrade; NULL: 101 with the right key; "": none */
	bool open, up;		/* connected; upgraded */
	struct text request;	/* the upgrade as it came */
	struct text bytes;	/* of a frame that is not whole */
	struct text frames;	/* "text hello\n", "ping \n", "close 1000\n" … */
	size_t taken;		/* bytes of texts, where frames would become too long */
	unsigned texts;
	char buffer[65536];
};

static inline void
ws_peer_gone(uv_handle_t *handle)
{
	struct ws_peer *peer = handle->data;

	peer->open = peer->up = false;
}

static inline void
ws_peer_close(struct ws_peer *peer)
{
	if (peer->open && !uv_is_closing((uv_handle_t *)&peer->tcp))
		uv_close((uv_handle_t *)&peer->tcp, ws_peer_gone);
}

static inline void
ws_peer_reset(struct ws_peer *peer)
{
	uv_tcp_close_reset(&peer->tcp, ws_peer_gone);
}

struct ws_sending {
	uv_write_t write;
	char bytes[];
};

static inline void
ws_peer_sent(uv_write_t *write, int status)
{
	(void)status;
	free(write);
}

static inline void
ws_peer_send(struct ws_peer *peer, const void *bytes, size_t length)
{
	struct ws_sending *sending = xmalloc(sizeof(*sending) + length);
	uv_buf_t buffer = uv_buf_init(sending->bytes, (unsigned)length);

	memcpy(sending->bytes, bytes, length);
	uv_write(&sending->write, (uv_stream_t *)&peer->tcp, &buffer, 1, ws_peer_sent);
}

/* first: what and whether it is the last of its message. */
static inline void
ws_peer_frame(struct ws_peer *peer, int first, const void *payload, size_t length)
{
	_cleanup_(text_clear) struct text frame = TEXT_INIT_LIMIT(MEGABYTES(3));

	text_add_char(&frame, (char)first);
	text_add_char(&frame, (char)(length < 126 ? (int)length : length < 65536 ? 126 : 127));
	for (int shift = length < 126 ? -8 : length < 65536 ? 8 : 56; shift >= 0; shift -= 8)
		text_add_char(&frame, (char)(length >> shift));
	text_add_bytes(&frame, payload, length);
	ws_peer_send(peer, frame.data, frame.length);
}

static inline void
ws_peer_upgrade(struct ws_peer *peer)
{
	const char *key = strstr(peer->request.data, "Sec-WebSocket-Key: ");
	_cleanup_(text_clear) struct text out = TEXT_INIT;
	unsigned char sum[SHA_DIGEST_LENGTH], accept[32];

	if (peer->answer != NULL) {
		text_add(&out, peer->answer);
	} else {
		assert_non_null(key);
		text_printf(&out, "%.24s258EAFA5-E914-47DA-95CA-C5AB0DC85B11", key + 19);
		SHA1((const unsigned char *)out.data, out.length, sum);
		EVP_EncodeBlock(accept, sum, sizeof(sum));
		text_reset(&out);
		text_printf(&out, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
		    "Connection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n\r\n", accept);
		peer->up = true;
	}
	ws_peer_send(peer, out.data, out.length);
}

static inline void
ws_peer_heard(struct ws_peer *peer, int what, char *payload, size_t length)
{
	static const char *const names[16] = { [WS_MORE] = "more", [WS_TEXT] = "text",
		[WS_CLOSE] = "close", [WS_PING] = "ping", [WS_PONG] = "pong" };

	peer->texts += what == WS_TEXT;
	peer->taken += length;
	text_printf(&peer->frames, "%s ", names[what] != NULL ? names[what] : "other");
	if (what == WS_CLOSE && length >= 2)
		text_printf(&peer->frames, "%d", ((unsigned char)payload[0] << 8) + (unsigned char)payload[1]);
	else
		text_add_bytes(&peer->frames, payload, length < 40 ? length : 40);
	text_add(&peer->frames, "\n");
}

/* One whole frame of a client, which is masked; 0: not whole yet. */
static inline size_t
ws_peer_take(struct ws_peer *peer, char *at, size_t left)
{
	const unsigned char *byte = (unsigned char *)at;
	size_t head, length = 0;

	if (left < 2)
		return 0;
	assert_true((byte[1] & 0x80) != 0);
	head = (byte[1] & 0x7f) == 127 ? 10 : (byte[1] & 0x7f) == 126 ? 4 : 2;
	if (left < head)
		return 0;
	for (size_t i = 2; i < head; i++)
		length = length << 8 | byte[i];
	if (head == 2)
		length = byte[1] & 0x7f;
	if (left < head + 4 + length)
		return 0;
	for (size_t i = 0; i < length; i++)
		at[head + 4 + i] = (char)(at[head + 4 + i] ^ at[head + i % 4]);
	ws_peer_heard(peer, byte[0] & 0xf, at + head + 4, length);
	return head + 4 + length;
}

static inline void
ws_peer_read(uv_stream_t *stream, ssize_t length, const uv_buf_t *buffer)
{
	struct ws_peer *peer = stream->data;
	_cleanup_(text_clear) struct text rest = TEXT_INIT_LIMIT(MEGABYTES(3));
	size_t at = 0, used;

	if (length < 0) {
		ws_peer_close(peer);
		return;
	}
	if (!peer->up) {
		text_add_bytes(&peer->request, buffer->base, (size_t)length);
		if (strstr(peer->request.data, "\r\n\r\n") != NULL)
			ws_peer_upgrade(peer);
		return;
	}
	text_add_bytes(&peer->bytes, buffer->base, (size_t)length);
	while ((used = ws_peer_take(peer, peer->bytes.data + at, peer->bytes.length - at)) > 0)
		at += used;
	text_add_bytes(&rest, peer->bytes.data + at, peer->bytes.length - at);
	text_reset(&peer->bytes);
	text_add_bytes(&peer->bytes, rest.data, rest.length);
}

static inline void
ws_peer_allocate(uv_handle_t *handle, size_t size, uv_buf_t *buffer)
{
	struct ws_peer *peer = handle->data;

	(void)size;
	*buffer = uv_buf_init(peer->buffer, sizeof(peer->buffer));
}

static inline void
ws_peer_hear(struct ws_peer *peer, bool hear)
{
	if (hear)
		uv_read_start((uv_stream_t *)&peer->tcp, ws_peer_allocate, ws_peer_read);
	else
		uv_read_stop((uv_stream_t *)&peer->tcp);
}

static inline void
ws_peer_joined(uv_stream_t *listener, int status)
{
	struct ws_peer *peer = listener->data;

	assert_int_equal(status, 0);
	assert_false(peer->open);
	uv_tcp_init(&peer->loop->uv, &peer->tcp);
	peer->tcp.data = peer;
	peer->open = true;
	peer->connections++;
	text_reset(&peer->request);
	text_reset(&peer->bytes);
	assert_int_equal(uv_accept(listener, (uv_stream_t *)&peer->tcp), 0);
	ws_peer_hear(peer, true);
}

static inline struct ws_peer *
ws_peer_new(struct loop *loop)
{
	struct ws_peer *peer = xcalloc(1, sizeof(*peer));
	struct sockaddr_in name;
	int length = sizeof(name);

	peer->loop = loop;
	text_init(&peer->request, KILOBYTES(64));
	text_init(&peer->bytes, MEGABYTES(3));
	text_init(&peer->frames, MEGABYTES(1));
	uv_tcp_init(&loop->uv, &peer->listener);
	peer->listener.data = peer;
	uv_ip4_addr("127.0.0.1", 0, &name);
	assert_int_equal(uv_tcp_bind(&peer->listener, (struct sockaddr *)&name, 0), 0);
	assert_int_equal(uv_listen((uv_stream_t *)&peer->listener, 16, ws_peer_joined), 0);
	uv_tcp_getsockname(&peer->listener, (struct sockaddr *)&name, &length);
	peer->port = ntohs(name.sin_port);
	return peer;
}

static inline void
ws_peer_free(struct ws_peer *peer)
{
	ws_peer_close(peer);
	until(peer->loop, !peer->open);
	uv_close((uv_handle_t *)&peer->listener, NULL);
	settle(peer->loop);
	text_clear(&peer->request);
	text_clear(&peer->bytes);
	text_clear(&peer->frames);
	free(peer);
}

#endif

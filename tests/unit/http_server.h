/*
 * http_server.h - a little HTTP server on the loop of the test, which does what the test wrote down.
 *
 *	struct server *server = server_new(loop, "127.0.0.1");
 *	server_will(server, (struct reply){ .status = "429 Too Many Requests", .headers = "Retry-After: 7\r\n" });
 *
 * Without a word it answers 200 "ok" and keeps the connection.
 */
#ifndef TEST_HTTP_SERVER_H
#define TEST_HTTP_SERVER_H

#include <netinet/in.h>
#include <arpa/inet.h>

#include "base/text.h"
#include "turned.h"

enum reply_kind { ANSWERS, HANGS, RESETS, CLOSES, MUTE, ANSWERS_AND_RESETS };

struct reply {
	enum reply_kind kind;
	const char *status, *headers, *body;
	bool cut;			/* half of the body, then the connection ends */
};

struct server;

struct peer {
	struct peer *next;
	struct server *server;
	uv_tcp_t tcp;
	uv_write_t write;
	struct text request;
	char *answer;
	bool closing, ends;
	char buffer[65536];
};

struct server {
	struct loop *loop;
	uv_tcp_t tcp;
	int port;
	struct peer *peers;
	struct { struct reply *item; size_t count, size; } replies;
	size_t answered;
	int connections, requests, open;
	struct text last;		/* the newest request, whole */
	bool closed;
};

static inline void
peer_closed(uv_handle_t *handle)
{
	struct peer *peer = handle->data;
	struct peer **at = &peer->server->peers;

	while (*at != peer)
		at = &(*at)->next;
	*at = peer->next;
	peer->server->open--;
	text_clear(&peer->request);
	free(peer->answer);
	free(peer);
}

static inline void
peer_close(struct peer *peer)
{
	if (!peer->closing)
		uv_close((uv_handle_t *)&peer->tcp, peer_closed);
	peer->closing = true;
}

static inline void
peer_reset(struct peer *peer)
{
	peer->closing = true;
	uv_tcp_close_reset(&peer->tcp, peer_closed);
}

static inline void
peer_wrote(uv_write_t *write, int status)
{
	struct peer *peer = write->data;

	if (status < 0 || peer->ends)
		peer_close(peer);
}

static inline void
peer_answer(struct peer *peer, const struct reply *reply)
{
	_cleanup_(text_clear) struct text out = TEXT_INIT;
	const char *body = reply->body != NULL ? reply->body : "ok";
	uv_buf_t buffer;

	text_printf(&out, "HTTP/1.1 %s\r\nContent-Length: %zu\r\n%s\r\n",
	    reply->status != NULL ? reply->status : "200 OK", strlen(body),
	    reply->headers != NULL ? reply->headers : "");
	text_add_bytes(&out, body, reply->cut ? strlen(body) / 2 : strlen(body));
	peer->ends = reply->cut || reply->kind == CLOSES;
	if (reply->kind == ANSWERS_AND_RESETS) {
		buffer = uv_buf_init(out.data, (unsigned)out.length);
		assert_int_equal(uv_try_write((uv_stream_t *)&peer->tcp, &buffer, 1), (int)out.length);
		peer_reset(peer);
		return;
	}
	buffer = uv_buf_init(NULL, (unsigned)out.length);
	free(peer->answer);
	peer->answer = buffer.base = text_take(&out);
	peer->write.data = peer;
	uv_write(&peer->write, (uv_stream_t *)&peer->tcp, &buffer, 1, peer_wrote);
}

static inline void
peer_heard(struct peer *peer)
{
	struct server *server = peer->server;
	struct reply reply = { .kind = ANSWERS };

	server->requests++;
	text_reset(&server->last);
	text_add(&server->last, peer->request.data);
	text_reset(&peer->request);
	if (server->answered < server->replies.count)
		reply = server->replies.item[server->answered++];
	if (reply.kind == RESETS)
		peer_reset(peer);
	else if (reply.kind == MUTE)
		peer_close(peer);
	else if (reply.kind != HANGS)
		peer_answer(peer, &reply);
}

static inline bool
peer_whole(const struct peer *peer)
{
	const char *end = strstr(peer->request.data, "\r\n\r\n");
	const char *length = strstr(peer->request.data, "Content-Length: ");

	return end != NULL &&
	    peer->request.length >= (size_t)(end + 4 - peer->request.data) +
		(length != NULL ? strtoul(length + 16, NULL, 10) : 0);
}

static inline void
peer_read(uv_stream_t *stream, ssize_t length, const uv_buf_t *buffer)
{
	struct peer *peer = stream->data;

	if (length < 0) {
		peer_close(peer);
		return;
	}
	text_add_bytes(&peer->request, buffer->base, (size_t)length);
	if (peer_whole(peer))
		peer_heard(peer);
}

static inline void
peer_allocate(uv_handle_t *handle, size_t size, uv_buf_t *buffer)
{
	struct peer *peer = handle->data;

	(void)size;
	*buffer = uv_buf_init(peer->buffer, sizeof(peer->buffer));
}

static inline void
server_connection(uv_stream_t *listener, int status)
{
	struct server *server = listener->data;
	struct peer *peer = xcalloc(1, sizeof(*peer));

	assert_int_equal(status, 0);
	peer->server = server;
	text_init(&peer->request, MEGABYTES(4));
	uv_tcp_init(&server->loop->uv, &peer->tcp);
	peer->tcp.data = peer;
	peer->next = server->peers;
	server->peers = peer;
	server->connections++;
	server->open++;
	assert_int_equal(uv_accept(listener, (uv_stream_t *)&peer->tcp), 0);
	uv_read_start((uv_stream_t *)&peer->tcp, peer_allocate, peer_read);
}

static inline struct server *
server_new(struct loop *loop, const char *address)
{
	struct server *server = xcalloc(1, sizeof(*server));
	struct sockaddr_in name;
	int length = sizeof(name);

	server->loop = loop;
	text_init(&server->last, MEGABYTES(4));
	uv_tcp_init(&loop->uv, &server->tcp);
	server->tcp.data = server;
	uv_ip4_addr(address, 0, &name);
	assert_int_equal(uv_tcp_bind(&server->tcp, (struct sockaddr *)&name, 0), 0);
	assert_int_equal(uv_listen((uv_stream_t *)&server->tcp, 512, server_connection), 0);
	uv_tcp_getsockname(&server->tcp, (struct sockaddr *)&name, &length);
	server->port = ntohs(name.sin_port);
	return server;
}

static inline void
server_will(struct server *server, struct reply reply)
{
	*GROW(&server->replies) = reply;
}

static inline void
server_closed(uv_handle_t *handle)
{
	((struct server *)handle->data)->closed = true;
}

/* From now on connections are refused. */
static inline void
server_stop(struct server *server)
{
	if (!server->closed && !uv_is_closing((uv_handle_t *)&server->tcp))
		uv_close((uv_handle_t *)&server->tcp, server_closed);
	for (struct peer *peer = server->peers; peer != NULL; peer = peer->next)
		peer_close(peer);
	until(server->loop, server->closed && server->peers == NULL);
}

static inline void
server_free(struct server *server)
{
	server_stop(server);
	text_clear(&server->last);
	free(server->replies.item);
	free(server);
}

#endif

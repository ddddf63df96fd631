/*
 * slack_client.h - a small Slack client on plain sockets, for the tests of the fake Slack.
 *
 * It turns the fake's loop itself while it waits, so client and server share one thread; its limit
 * of 10 s means a hang, never a wait.
 */
#ifndef SLACK_CLIENT_H
#define SLACK_CLIENT_H

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "tests/fakes/slack/fake_slack.h"

#define BOT_TOKEN "xoxb-000000000000-rollcall-fake"
#define APP_TOKEN "xapp-1-A0ROLLCALL-000000000000-fake"
#define START INT64_C(1795251600000)

struct world {
	uv_loop_t loop;
	struct fake_slack *fs;
	struct error err;
};

static inline void
world_open(struct world *world, const struct fake_slack_options *options)
{
	memset(world, 0, sizeof(*world));
	uv_loop_init(&world->loop);
	world->fs = fake_slack_new(&world->loop, options, &world->err);
	assert_non_null(world->fs);
}

/* Turned clock, no limits in the way. */
static inline void
world_start(struct world *world)
{
	world_open(world, &(struct fake_slack_options){ .turned = true, .unlimited = true });
}

static inline void
world_end(struct world *world)
{
	fake_slack_free(world->fs);
	assert_int_equal(uv_run(&world->loop, UV_RUN_NOWAIT), 0);
	assert_int_equal(uv_loop_close(&world->loop), 0);
}

static inline int64_t
client_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static inline void
client_turn(struct world *world, int fd)
{
	struct pollfd polled = { .fd = fd, .events = POLLIN };

	uv_run(&world->loop, UV_RUN_NOWAIT);
	poll(&polled, 1, 1);
}

static inline void
world_settle(struct world *world)
{
	for (int i = 0; i < 20; i++)
		uv_run(&world->loop, UV_RUN_NOWAIT);
}

static inline int
client_connect(struct world *world)
{
	struct sockaddr_in address = { .sin_family = AF_INET };
	const char *port = strrchr(fake_slack_url(world->fs), ':') + 1;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	address.sin_port = htons((uint16_t)strtol(port, NULL, 10));
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){ 1 }, sizeof(int));
	assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	return fd;
}

/* Sends all, turning the loop when the other side is slow. */
static inline void
client_send(struct world *world, int fd, const void *bytes, size_t length)
{
	const char *at = bytes;
	int64_t end = client_now() + 10000;
	ssize_t n;

	while (length > 0 && client_now() < end) {
		n = send(fd, at, length, MSG_DONTWAIT | MSG_NOSIGNAL);
		if (n > 0) {
			at += n;
			length -= (size_t)n;
		}
		uv_run(&world->loop, UV_RUN_NOWAIT);
	}
	assert_int_equal(length, 0);
}

/* Adds what there is to `in`; 1: something, 0: nothing now, −1: closed, −2: reset. */
static inline int
client_receive(int fd, struct text *in)
{
	char bytes[65536];
	ssize_t n = recv(fd, bytes, sizeof(bytes), MSG_DONTWAIT);

	if (n > 0)
		text_add_bytes(in, bytes, (size_t)n);
	return n > 0 ? 1 : n == 0 ? -1 : errno == EAGAIN ? 0 : -2;
}

/* ---- HTTP ---------------------------------------------------------------------------------- */

struct reply {
	int status;		/* 0: closed without an answer; −1: none within the time */
	char *headers, *body;
	cJSON *json;		/* NULL: not JSON */
};

static inline void
reply_clear(struct reply *reply)
{
	free(reply->headers);
	free(reply->body);
	cJSON_Delete(reply->json);
	memset(reply, 0, sizeof(*reply));
}

static inline bool
reply_complete(const struct text *in, size_t *start, size_t *length)
{
	const char *end = strstr(in->data, "\r\n\r\n"), *given;

	if (end == NULL)
		return false;
	*start = (size_t)(end - in->data) + 4;
	given = strcasestr(in->data, "content-length:");
	*length = given == NULL ? 0 : strtoul(given + 15, NULL, 10);
	return in->length >= *start + *length;
}

/* Waits `ms` at most for the answer on this connection. */
static inline struct reply
reply_read(struct world *world, int fd, int64_t ms)
{
	struct text in = TEXT_INIT_LIMIT(MEGABYTES(16));
	struct reply reply = { .status = -1 };
	int64_t end = client_now() + ms;
	size_t start, length;
	int got = 0;

	while (got >= 0 && client_now() < end && !reply_complete(&in, &start, &length)) {
		client_turn(world, fd);
		got = client_receive(fd, &in);
	}
	if (reply_complete(&in, &start, &length)) {
		reply.status = (int)strtol(in.data + strlen("HTTP/1.1 "), NULL, 10);
		reply.headers = xstrndup(in.data, start);
		reply.body = xstrndup(in.data + start, length);
		reply.json = json_parse(reply.body, length, NULL);
	} else if (got < 0) {
		reply.status = 0;
	}
	text_clear(&in);
	return reply;
}

static inline void
request_send(struct world *world, int fd, const char *path, const char *token, const char *type,
    const char *body)
{
	struct text out = TEXT_INIT_LIMIT(MEGABYTES(16));

	text_printf(&out, "POST %s HTTP/1.1\r\nHost: 127.0.0.1:%s\r\n", path,
	    strrchr(fake_slack_page_url(world->fs), ':') + 1);
	text_truncate(&out, out.length - 3);	/* the page's address ends in "/" */
	text_add(&out, "\r\n");
	if (token != NULL)
		text_printf(&out, "Authorization: Bearer %s\r\n", token);
	text_printf(
	    &out, "Content-Type: %s\r\nContent-Length: %zu\r\n\r\n%s", type, strlen(body), body);
	client_send(world, fd, out.data, out.length);
	text_clear(&out);
}

static inline struct reply
post(struct world *world, const char *path, const char *token, const char *type, const char *body)
{
	int fd = client_connect(world);
	struct reply reply;

	request_send(world, fd, path, token, type, body);
	reply = reply_read(world, fd, 10000);
	close(fd);
	world_settle(world);
	return reply;
}

/* A bot's call with a JSON body. */
static inline struct reply
api(struct world *world, const char *method, const char *body)
{
	char path[128];

	snprintf(path, sizeof(path), "/api/%s", method);
	return post(world, path,
	    string_equal(method, "apps.connections.open") ? APP_TOKEN : BOT_TOKEN,
	    "application/json; charset=utf-8", body);
}

/* The error of such a call, "" when it went well; the caller frees. */
static inline char *
api_error(struct world *world, const char *method, const char *body)
{
	struct reply reply = api(world, method, body);
	char *error = xstrdup(json_string_or(reply.json, "error", ""));

	assert_non_null(reply.json);
	assert_int_equal(json_bool(reply.json, "ok", false), *error == '\0');
	reply_clear(&reply);
	return error;
}

#define assert_api(world, method, body, expected)                                                  \
	do {                                                                                       \
		char *error_ = api_error(world, method, body);                                     \
		assert_string_equal(error_, expected);                                             \
		free(error_);                                                                      \
	} while (0)

/* Posts and gives the ts, for the caller to free. */
static inline char *
api_post(struct world *world, const char *body)
{
	struct reply reply = api(world, "chat.postMessage", body);
	char *ts;

	assert_true(json_bool(reply.json, "ok", false));
	ts = xstrdup(json_string(reply.json, "ts"));
	reply_clear(&reply);
	return ts;
}

/* ---- WebSocket ----------------------------------------------------------------------------- */

struct socket {
	int fd;
	int status;		/* of the upgrade */
	struct text in;
	int end;		/* −1 closed, −2 reset */
	int pings, close_code;
};

/* One frame; the payload's text is the caller's to clear.  False: none within the time, or the end.
 */
static inline bool
frame_read(struct world *world, struct socket *socket, int *head, struct text *payload, int64_t ms)
{
	int64_t end = client_now() + ms;
	const unsigned char *b;
	size_t length, start;

	for (;;) {
		b = (const unsigned char *)socket->in.data;
		if (socket->in.length >= 2) {
			start = 2;
			length = b[1] & 0x7f;
			if (length == 126 && socket->in.length >= 4) {
				start = 4;
				length = (size_t)b[2] << 8 | b[3];
			} else if (length == 127 && socket->in.length >= 10) {
				start = 10;
				length = 0;
				for (int i = 2; i < 10; i++)
					length = length << 8 | b[i];
			} else if (length >= 126) {
				start = SIZE_MAX / 2;
			}
			if (socket->in.length >= start + length) {
				*head = b[0];
				text_add_bytes(payload, b + start, length);
				text_drop(&socket->in, start + length);
				return true;
			}
		}
		if (socket->end < 0 || client_now() >= end)
			return false;
		client_turn(world, socket->fd);
		if ((socket->end = client_receive(socket->fd, &socket->in)) > 0)
			socket->end = 0;
	}
}

static inline void
frame_send(struct world *world, struct socket *socket, int opcode, const char *bytes, size_t length)
{
	struct text out = TEXT_INIT_LIMIT(MEGABYTES(2));

	text_add_char(&out, (char)(0x80 | opcode));
	if (length < 126) {
		text_add_char(&out, (char)(0x80 | length));
	} else {
		text_add_char(&out, (char)(0x80 | 126));
		text_add_char(&out, (char)(length >> 8));
		text_add_char(&out, (char)(length & 0xff));
	}
	text_add_bytes(&out, "\0\0\0\0", 4);	/* a mask of zeroes changes nothing */
	text_add_bytes(&out, bytes, length);
	client_send(world, socket->fd, out.data, out.length);
	text_clear(&out);
	world_settle(world);
}

/* The next whole text message within `ms`, as JSON; NULL: none, or the end.  *frames: in how many.
 */
static inline cJSON *
socket_message(struct world *world, struct socket *socket, int64_t ms, int *frames)
{
	struct text whole = TEXT_INIT_LIMIT(MEGABYTES(2));
	cJSON *json = NULL;
	int head, count = 0;

	for (;;) {
		struct text payload = TEXT_INIT_LIMIT(MEGABYTES(2));

		if (!frame_read(world, socket, &head, &payload, ms)) {
			text_clear(&payload);
			break;
		}
		if ((head & 0xf) == 9) {
			socket->pings++;
		} else if ((head & 0xf) == 8) {
			socket->close_code = payload.length < 2 ? 0
			    : (unsigned char)payload.data[0] << 8 | (unsigned char)payload.data[1];
		} else {
			text_add_bytes(&whole, payload.data, payload.length);
			count++;
		}
		text_clear(&payload);
		if ((head & 0xf) == 8 || ((head & 0x80) != 0 && (head & 0xf) < 8))
			break;
	}
	if (count > 0)
		json = json_parse(whole.data, whole.length, NULL);
	if (frames != NULL)
		*frames = count;
	text_clear(&whole);
	return json;
}

#define socket_next(world, socket) socket_message(world, socket, 10000, NULL)

/* With this address, "ws://host/path"; no hello is waited for. */
static inline void
socket_open_at(struct world *world, struct socket *socket, const char *url)
{
	struct text request = TEXT_INIT;
	int64_t end = client_now() + 10000;
	const char *path = strchr(url + strlen("ws://"), '/'), *body;

	memset(socket, 0, sizeof(*socket));
	text_init(&socket->in, MEGABYTES(4));
	socket->fd = client_connect(world);
	text_printf(&request, "GET %s HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\n"
	    "Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
	    "Sec-WebSocket-Version: 13\r\n\r\n", path);
	client_send(world, socket->fd, request.data, request.length);
	text_clear(&request);
	while (
	    strstr(socket->in.data, "\r\n\r\n") == NULL && client_now() < end && socket->end >= 0) {
		client_turn(world, socket->fd);
		if ((socket->end = client_receive(socket->fd, &socket->in)) > 0)
			socket->end = 0;
	}
	if ((body = strstr(socket->in.data, "\r\n\r\n")) == NULL)
		return;
	socket->status = (int)strtol(socket->in.data + strlen("HTTP/1.1 "), NULL, 10);
	text_drop(&socket->in, (size_t)(body + 4 - socket->in.data));
}

static inline char *
socket_ticket(struct world *world)
{
	struct reply reply = api(world, "apps.connections.open", "");
	char *url;

	assert_non_null(json_string(reply.json, "url"));
	url = xstrdup(json_string(reply.json, "url"));
	reply_clear(&reply);
	return url;
}

/* A link that had its hello; the hello is the caller's. */
static inline cJSON *
socket_open(struct world *world, struct socket *socket)
{
	char *url = socket_ticket(world);
	cJSON *hello;

	socket_open_at(world, socket, url);
	free(url);
	assert_int_equal(socket->status, 101);
	hello = socket_next(world, socket);
	assert_string_equal(json_string_or(hello, "type", ""), "hello");
	return hello;
}

static inline void
socket_start(struct world *world, struct socket *socket)
{
	cJSON_Delete(socket_open(world, socket));
}

static inline void
socket_end(struct world *world, struct socket *socket)
{
	close(socket->fd);
	text_clear(&socket->in);
	world_settle(world);
}

/* Confirms an envelope, with this payload (JSON) or none. */
static inline void
socket_ack(struct world *world, struct socket *socket, const cJSON *envelope, const char *payload)
{
	struct text out = TEXT_INIT;

	text_printf(&out, "{\"envelope_id\":\"%s\"%s%s}",
	    json_string_or(envelope, "envelope_id", ""),
	    payload == NULL ? "" : ",\"payload\":", payload == NULL ? "" : payload);
	frame_send(world, socket, 1, out.data, out.length);
	text_clear(&out);
}

/* What reads `label` now, as people see the message; the caller frees. */
static inline char *
rendered(struct world *world, const struct fake_slack_message *message)
{
	struct arena *arena = arena_new();
	char *words = xstrdup(fake_slack_render(world->fs, arena, message));

	arena_free(arena);
	return words;
}

/* A string of n letters. */
static inline char *
letters(size_t n)
{
	char *s = xmalloc(n + 1);

	memset(s, 'a', n);
	s[n] = '\0';
	return s;
}

/* chat.postMessage of that, `with` standing for its "@". */
static inline void
assert_post(struct world *w, const char *format, const char *with, const char *expected)
{
	struct text body = TEXT_INIT;
	const char *hole = strchr(format, '@');

	text_add_bytes(&body, format, hole == NULL ? strlen(format) : (size_t)(hole - format));
	if (hole != NULL) {
		text_add(&body, with);
		text_add(&body, hole + 1);
	}
	assert_api(w, "chat.postMessage", body.data, expected);
	text_clear(&body);
}

#endif

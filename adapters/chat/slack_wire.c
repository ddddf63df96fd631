/*
 * slack_wire.c - one WebSocket: libwebsockets, tamed.
 *
 * One callback for everything.  `user` is our struct only for reasons of a connection; for others it is
 * something of OpenSSL's or nothing, so the reason is looked at first.  After CLOSED or an error the lws pointer lives
 * until WSI_DESTROY, a turn later, since libuv closes asynchronously.
 */

#include <assert.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <uv.h>

#include "slack_wire_private.h"

#define WRITE_CLOSE ((enum lws_write_protocol)4)	/* the public header leaves it out */

struct wire_frame {
	struct wire_frame *next;
	size_t length;
	char bytes[];
};

/* ---- the end of a wire ---- */

static void
drop_frames(struct wire *wire)
{
	struct wire_frame *frame;

	while ((frame = wire->first) != NULL) {
		wire->first = frame->next;
		free(frame);
	}
	wire->last = NULL;
}

static void
leave_list(struct wire *wire)
{
	struct wire **place = &wire->wires->open;

	while (*place != wire)
		place = &(*place)->next;
	*place = wire->next;
}

static void
say_down(struct wire *wire, const char *why)
{
	if (wire->is_down)
		return;
	wire->is_down = true;
	wire->events->down(wire->arg, why);
}

void
wire_forget(struct wire *wire)
{
	leave_list(wire);
	wire->lws = NULL;
	drop_frames(wire);
	text_clear(&wire->incoming);
}

static void
say_gone(struct wire *wire)
{
	say_down(wire, "closed");
	wire_forget(wire);
	wire->events->gone(wire->arg);
}

/* ---- reading ---- */

/* Returns false when the wire must end. */
static bool
read_piece(struct wire *wire, struct lws *lws, const char *bytes, size_t length)
{
	bool first = lws_is_first_fragment(lws), final = lws_is_final_fragment(lws);

	wire->read_now = true;
	wire->events->heard(wire->arg);
	if (lws_frame_is_binary(lws))
		return true;	/* nothing that Slack sends */
	if (first && final && wire->incoming.length == 0) {
		wire->events->text(wire->arg, bytes, length);
		return true;
	}
	if (first)
		text_reset(&wire->incoming);
	text_add_bytes(&wire->incoming, bytes, length);
	if (wire->incoming.cut || wire->incoming.length > WIRE_MESSAGE_MOST) {
		say_down(wire, "a message longer than 1 MiB");
		return false;
	}
	if (final) {
		wire->events->text(wire->arg, wire->incoming.data, wire->incoming.length);
		text_clear(&wire->incoming);	/* large messages are rare: their memory is not kept */
	}
	return true;
}

/* ---- writing ---- */

static int
write_ping(struct wire *wire, struct lws *lws)
{
	unsigned char bytes[LWS_PRE + 1] = { 0 };

	wire->ping = false;
	if (lws_write(lws, bytes + LWS_PRE, 0, LWS_WRITE_PING) < 0)
		return -1;
	if (wire->first != NULL || wire->close)
		lws_callback_on_writable(lws);
	return 0;
}

/*
 * By our own hand: Debian's build has _DEBUG, where a callback's −1 closes twice on libuv ("uv repeat
 * test" in lib/core-net/service.c), and the second time forgets the close frame.
 */
static int
write_close(struct wire *wire, struct lws *lws)
{
	unsigned char bytes[LWS_PRE + 2] = { 0 };

	wire->close = false;
	wire->close_sent = true;
	bytes[LWS_PRE] = LWS_CLOSE_STATUS_NORMAL >> 8;
	bytes[LWS_PRE + 1] = LWS_CLOSE_STATUS_NORMAL & 0xff;
	return lws_write(lws, bytes + LWS_PRE, 2, WRITE_CLOSE) < 0 ? -1 : 0;
}

/*
 * What is written is a copy with room in front: the library masks it where it stands, also when it cannot
 * send it, and then the frame is still to go over another wire.
 */
static int
write_copy(struct wire *wire, struct lws *lws, const struct wire_frame *frame)
{
	struct wires *wires = wire->wires;

	if (wires->copy_size < LWS_PRE + frame->length) {
		wires->copy_size = LWS_PRE + frame->length;
		wires->copy = xrealloc(wires->copy, wires->copy_size);
	}
	memcpy(wires->copy + LWS_PRE, frame->bytes, frame->length);
	return lws_write(lws, wires->copy + LWS_PRE, frame->length, LWS_WRITE_TEXT);
}

/* Held together, several frames leave in one packet; the kernel gives them up when the cork is drawn. */
static void
cork(struct lws *lws, int on)
{
	setsockopt(lws_get_socket_fd(lws), IPPROTO_TCP, TCP_CORK, &on, sizeof(on));
}

/* Several frames in one callback are fine as long as the library holds none back. */
static int
write_all(struct wire *wire, struct lws *lws)
{
	struct wire_frame *frame;
	int written;

	while ((frame = wire->first) != NULL) {
		if (lws_partial_buffered(lws)) {
			lws_callback_on_writable(lws);
			return 0;
		}
		written = write_copy(wire, lws, frame);
		if (written < (int)frame->length)
			return -1;
		wire->first = frame->next;
		if (wire->first == NULL)
			wire->last = NULL;
		free(frame);
	}
	return wire->close ? write_close(wire, lws) : 0;
}

static int
write_frames(struct wire *wire, struct lws *lws)
{
	bool several = wire->first != NULL && wire->first->next != NULL;
	int result;

	if (several)
		cork(lws, 1);
	result = write_all(wire, lws);
	if (several)
		cork(lws, 0);
	return result;
}

static int
on_writeable(struct wire *wire, struct lws *lws)
{
	wire->wished = false;
	if (wire->close_sent)
		return 0;	/* nothing may follow */
	return wire->ping ? write_ping(wire, lws) : write_frames(wire, lws);
}

/* ---- the library's callback ---- */

static int
on_connection(struct wire *wire, struct lws *lws, enum lws_callback_reasons reason, const char *in,
    size_t length)
{
	switch (reason) {
	case LWS_CALLBACK_CLIENT_ESTABLISHED:
		wire->is_up = true;
		wire->events->up(wire->arg);
		return 0;
	case LWS_CALLBACK_CLIENT_RECEIVE:
		return read_piece(wire, lws, in, length) ? 0 : -1;
	case LWS_CALLBACK_CLIENT_RECEIVE_PONG:
		wire->events->heard(wire->arg);
		wire->events->pong(wire->arg);
		return 0;
	case LWS_CALLBACK_CLIENT_WRITEABLE:
		return on_writeable(wire, lws);
	case LWS_CALLBACK_WS_PEER_INITIATED_CLOSE:
		return wire->close_sent ? -1 : 0;	/* the answer to ours; or the library answers */
	case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
		wire->is_ended = true;
		say_down(wire, in != NULL ? in : "no connection");
		return 0;
	case LWS_CALLBACK_CLIENT_CLOSED:
		wire->is_ended = true;
		say_down(wire, "the connection was closed");
		return 0;
	case LWS_CALLBACK_WSI_DESTROY:
		say_gone(wire);
		return 0;
	default:
		return 0;
	}
}

static bool
is_of_connection(enum lws_callback_reasons reason)
{
	return reason == LWS_CALLBACK_CLIENT_ESTABLISHED || reason == LWS_CALLBACK_CLIENT_RECEIVE ||
	    reason == LWS_CALLBACK_CLIENT_RECEIVE_PONG || reason == LWS_CALLBACK_CLIENT_WRITEABLE ||
	    reason == LWS_CALLBACK_CLIENT_CONNECTION_ERROR ||
	    reason == LWS_CALLBACK_WS_PEER_INITIATED_CLOSE ||
	    reason == LWS_CALLBACK_CLIENT_CLOSED || reason == LWS_CALLBACK_WSI_DESTROY;
}

int
wire_callback(struct lws *lws, enum lws_callback_reasons reason, void *user, void *in, size_t length)
{
	struct wire *wire = user;

	/* A stray one of an earlier life of the struct has another lws. */
	if (!is_of_connection(reason) || wire == NULL || wire->lws != lws)
		return 0;
	return on_connection(wire, lws, reason, in, length);
}

static const lws_retry_bo_t no_idle_policy = { 0 };

/* ---- opening ---- */

/* libwebsockets leaks its poll handle when connect() fails at once, as it does without a route. */
static bool
has_route(const char *address, int port, struct error *err)
{
	struct sockaddr_storage to = { 0 };
	struct sockaddr_in6 *six = (void *)&to;
	bool is_six = strchr(address, ':') != NULL;
	int fd, failure;

	failure = is_six ? uv_ip6_addr(address, port, six)
			 : uv_ip4_addr(address, port, (struct sockaddr_in *)(void *)&to);
	if (failure != 0)
		return wrong(err, "%s is no address", address);
	fd = socket(to.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	failure = fd < 0 ||
	    connect(fd, (struct sockaddr *)&to, is_six ? sizeof(*six) : sizeof(struct sockaddr_in)) != 0;
	if (fd >= 0)
		close(fd);
	return failure == 0 || lost(err, "there is no route to %s", address);
}

static void
set_proxy(struct wires *wires, const char *address, int port)
{
	_cleanup_(freep) char *proxy = xasprintf(
	    strchr(address, ':') != NULL ? "[%s]:%d" : "%s:%d", address, port);

	lws_set_proxy(lws_get_vhost_by_name(wires->context, "default"), proxy);
}

static void
reset(struct wire *wire, struct wires *wires)
{
	assert(wire->lws == NULL);
	wire->wires = wires;
	text_init(&wire->incoming, WIRE_MESSAGE_MOST + 1);
	wire->is_up = wire->is_down = wire->is_ended = wire->read_now = wire->ping = wire->close =
	    wire->close_sent = wire->wished = false;
	wire->first = wire->last = NULL;
}

bool
wire_open(struct wire *wire, struct wires *wires, const struct slack_url *url, const char *address,
    int port, struct error *err)
{
	bool usual = url->port == (url->secure ? 443 : 80);
	_cleanup_(freep) char *host =
	    usual ? xstrdup(url->host) : xasprintf("%s:%d", url->host, url->port);
	struct lws_client_connect_info info = {
		.context = wires->context,
		.address = wires->proxy ? url->host : address,
		.port = url->port,
		.ssl_connection = LCCSCF_HTTP_NO_FOLLOW_REDIRECT | (url->secure ? LCCSCF_USE_SSL : 0),
		.path = url->path,
		.host = host,
		.userdata = wire,
		.local_protocol_name = "slack",
		.alpn = "http/1.1",
		.retry_and_idle_policy = &no_idle_policy,
	};

	if (url->secure && wires->ssl == NULL)
		return refuse(err, "an encrypted address, though slack.api_url is not");
	if (!has_route(address, port, err))
		return false;
	reset(wire, wires);
	if (wires->proxy)
		set_proxy(wires, address, port);
	wire->lws = lws_client_connect_via_info(&info);
	if (wire->lws == NULL)
		return lost(err, "no connection could be begun");
	wire->next = wires->open;
	wires->open = wire;
	return true;
}

/* ---- using ---- */

/* Once is enough: each wish costs the library a system call. */
static void
wish_to_write(struct wire *wire)
{
	if (wire->lws == NULL || !wire->is_up || wire->is_down || wire->wished)
		return;
	wire->wished = true;
	lws_callback_on_writable(wire->lws);
}

void
wire_send(struct wire *wire, const char *bytes, size_t length)
{
	struct wire_frame *frame = xmalloc(sizeof(*frame) + length);

	frame->next = NULL;
	frame->length = length;
	memcpy(frame->bytes, bytes, length);
	if (wire->last != NULL)
		wire->last->next = frame;
	else
		wire->first = frame;
	wire->last = frame;
	wish_to_write(wire);
}

void
wire_ping(struct wire *wire)
{
	wire->ping = true;
	wish_to_write(wire);
}

void
wire_close(struct wire *wire)
{
	wire->close = true;
	wish_to_write(wire);
}

void
wire_kill(struct wire *wire)
{
	if (wire->lws == NULL || wire->is_ended)
		return;
	lws_set_timeout(wire->lws, PENDING_TIMEOUT_CLOSE_SEND, LWS_TO_KILL_ASYNC);
	lws_cancel_service(wire->wires->context);	/* or it would wait for something to happen */
}

bool
wire_is_open(const struct wire *wire)
{
	return wire->lws != NULL;
}

void
wire_unsent(struct wire *wire, void (*each)(void *, const char *, size_t), void *arg)
{
	struct wire_frame *frame;

	while ((frame = wire->first) != NULL) {
		wire->first = frame->next;
		each(arg, frame->bytes, frame->length);
		free(frame);
	}
	wire->last = NULL;
}

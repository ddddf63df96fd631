/*
 * slack_wire.c - libwebsockets, tamed.
 *
 * One callback for everything.  `user` is our struct only for reasons of a connection; for others it is an
 * SSL_CTX or nothing, so the reason is looked at first.  After CLOSED or an error the lws pointer lives
 * until WSI_DESTROY, a turn later, since libuv closes asynchronously.
 */

#include <assert.h>
#include <libwebsockets.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <uv.h>

#include "slack_wire.h"
#include "trust.h"

/* Larger reads halve the time to an acknowledgement under load; beyond 16 KiB nothing is gained. */
#define READ_SIZE KILOBYTES(16)
#define DRAIN_MOST 32
#define DRAIN_TIME 1000000	/* ns */
#define WRITE_CLOSE ((enum lws_write_protocol)4)	/* the public header leaves it out */

struct wires {
	struct loop *loop;
	struct lws_context *context;
	struct wire *open;
	bool secure, proxy;
	char *ca_file;
};

struct wire_frame {
	struct wire_frame *next;
	size_t length;
	unsigned char bytes[];	/* LWS_PRE in front, for the library */
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

static void
forget(struct wire *wire)
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
	forget(wire);
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

/* Several frames in one callback are fine as long as the library holds none back. */
static int
write_frames(struct wire *wire, struct lws *lws)
{
	struct wire_frame *frame;
	int written;

	while ((frame = wire->first) != NULL) {
		if (lws_partial_buffered(lws)) {
			lws_callback_on_writable(lws);
			return 0;
		}
		written = lws_write(lws, frame->bytes + LWS_PRE, frame->length, LWS_WRITE_TEXT);
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
on_writeable(struct wire *wire, struct lws *lws)
{
	if (wire->close_sent)
		return 0;	/* nothing may follow */
	return wire->ping ? write_ping(wire, lws) : write_frames(wire, lws);
}

/* ---- the library's callback ---- */

static void
use_trust(struct lws_context *context, SSL_CTX *ssl)
{
	const struct wires *wires = lws_context_user(context);

	SSL_CTX_set_min_proto_version(ssl, TLS1_2_VERSION);
	SSL_CTX_set1_cert_store(ssl, trust_store(wires->ca_file, NULL));
}

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

static int
on_callback(struct lws *lws, enum lws_callback_reasons reason, void *user, void *in, size_t length)
{
	struct wire *wire = user;

	if (reason == LWS_CALLBACK_OPENSSL_LOAD_EXTRA_CLIENT_VERIFY_CERTS)
		use_trust(lws_get_context(lws), user);
	/* A stray one of an earlier life of the struct has another lws. */
	if (!is_of_connection(reason) || wire == NULL || wire->lws != lws)
		return 0;
	return on_connection(wire, lws, reason, in, length);
}

static const struct lws_protocols protocols[] = {
	{ "slack", on_callback, 0, READ_SIZE, 0, NULL, 0 },
	{ NULL, NULL, 0, 0, 0, NULL, 0 },
};
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
	    wire->close_sent = false;
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

	if (url->secure && !wires->secure)
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

static void
wish_to_write(struct wire *wire)
{
	if (wire->lws != NULL && wire->is_up && !wire->is_down)
		lws_callback_on_writable(wire->lws);
}

void
wire_send(struct wire *wire, const char *bytes, size_t length)
{
	struct wire_frame *frame = xmalloc(sizeof(*frame) + LWS_PRE + length);

	frame->next = NULL;
	frame->length = length;
	memcpy(frame->bytes + LWS_PRE, bytes, length);
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
		each(arg, (const char *)frame->bytes + LWS_PRE, frame->length);
		free(frame);
	}
	wire->last = NULL;
}

/* ---- the end of a turn ---- */

static bool
is_readable(struct lws *lws)
{
	struct pollfd ready = { .fd = lws_get_socket_fd(lws), .events = POLLIN };

	return ready.fd >= 0 && poll(&ready, 1, 0) == 1 && (ready.revents & POLLIN) != 0;
}

/* One more record of a wire that has spoken in this turn; false when there is none. */
static bool
read_more(struct wire *wire)
{
	struct lws_pollfd ready;

	if (!is_readable(wire->lws)) {
		wire->read_now = false;
		return false;
	}
	ready = (struct lws_pollfd){ .fd = lws_get_socket_fd(wire->lws), .events = POLLIN,
		.revents = POLLIN };
	lws_service_fd(wire->wires->context, &ready);
	return true;
}

/*
 * Over TLS libwebsockets reads one record a turn, while all HTTP answers of the turn are served:
 * acknowledgements starve.  So what is readable is read now, limited by count and by time.  A read may
 * end any wire, so the list is looked at from its beginning.
 */
static void
drain(void *arg)
{
	struct wires *wires = arg;
	uint64_t until = uv_hrtime() + DRAIN_TIME;
	struct wire *wire;

	for (int i = 0; i < DRAIN_MOST && uv_hrtime() < until; i++) {
		for (wire = wires->open; wire != NULL; wire = wire->next)
			if (wire->read_now && !wire->is_down)
				break;
		if (wire == NULL)
			return;
		read_more(wire);
	}
	for (wire = wires->open; wire != NULL; wire = wire->next)
		wire->read_now = false;
}

/* ---- life ---- */

struct wires *
wires_new(struct loop *loop, const struct wires_options *options, struct error *err)
{
	void *loops[1] = { loop_uv(loop) };
	struct wires *wires = xcalloc(1, sizeof(*wires));
	struct lws_context_creation_info info = {
		.port = CONTEXT_PORT_NO_LISTEN,
		.protocols = protocols,
		.options = LWS_SERVER_OPTION_LIBUV | LWS_SERVER_OPTION_DISABLE_OS_CA_CERTS |
		    (options->secure ? LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT : 0),
		.foreign_loops = loops,
		.pt_serv_buf_size = (unsigned)READ_SIZE,
		.fd_limit_per_thread = 64,
		.uid = -1,
		.gid = -1,
		.user = wires,
	};

	lws_set_log_level(0, NULL);
	unsetenv("http_proxy");
	wires->loop = loop;
	wires->secure = options->secure;
	wires->proxy = options->proxy != NULL;
	wires->ca_file = options->ca_file != NULL ? xstrdup(options->ca_file) : NULL;
	if (!options->secure || trust_store(options->ca_file, err) != NULL)
		wires->context = lws_create_context(&info);
	if (wires->context != NULL) {
		loop_at_end_of_turn(loop, drain, wires);
		return wires;
	}
	if (!options->secure || trust_store(options->ca_file, NULL) != NULL)
		failed(err, "libwebsockets cannot start: is the package libwebsockets-evlib-uv installed?");
	free(wires->ca_file);
	free(wires);
	return NULL;
}

/*
 * On a foreign loop libwebsockets closes its handles in later turns, and only a second destroy, when the
 * last is closed, frees the context (lib/core/context.c of 4.1.6).
 */
struct ending {
	uv_idle_t idle;
	struct lws_context *context;
};

static void
count_closing(uv_handle_t *handle, void *count)
{
	*(size_t *)count += uv_is_closing(handle) != 0;
}

static void
free_ending(uv_handle_t *handle)
{
	free(handle->data);
}

static void
end_when_closed(uv_idle_t *idle)
{
	struct ending *ending = idle->data;
	size_t closing = 0;

	uv_walk(idle->loop, count_closing, &closing);
	if (closing > 0)
		return;
	lws_context_destroy(ending->context);
	uv_close((uv_handle_t *)idle, free_ending);
}

static void
end_context(struct wires *wires)
{
	struct ending *ending = xcalloc(1, sizeof(*ending));

	ending->context = wires->context;
	ending->idle.data = ending;
	uv_idle_init(loop_uv(wires->loop), &ending->idle);
	lws_context_destroy(wires->context);
	uv_idle_start(&ending->idle, end_when_closed);
}

void
wires_free(struct wires *wires)
{
	if (wires == NULL)
		return;
	loop_forget_end_of_turn(wires->loop, wires);
	while (wires->open != NULL) {
		lws_set_wsi_user(wires->open->lws, NULL);
		forget(wires->open);
	}
	end_context(wires);
	free(wires->ca_file);
	free(wires);
}

/*
 * slack_wires.c - what all wires share: libwebsockets' context, from its first turn to its last.
 */

#include <errno.h>
#include <fcntl.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>
#include <uv.h>

#include "slack_wire_private.h"
#include "trust.h"

/* Larger reads halve the time to an acknowledgement under load; beyond 16 KiB nothing is gained. */
#define READ_SIZE KILOBYTES(16)
#define DRAIN_MOST 32
#define DRAIN_TIME 1000000	/* ns */

static const struct lws_protocols protocols[] = {
	{ "slack", wire_callback, 0, READ_SIZE, 0, NULL, 0 },
	{ NULL, NULL, 0, 0, 0, NULL, 0 },
};

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

/* Our own: the library's belongs to the wrong one as soon as a process has two of its contexts. */
static SSL_CTX *
new_ssl(const char *ca_file, struct error *err)
{
	X509_STORE *store = trust_store(ca_file, err);
	SSL_CTX *ssl;

	if (store == NULL)
		return NULL;
	ssl = SSL_CTX_new(TLS_client_method());
	SSL_CTX_set1_cert_store(ssl, store);
	SSL_CTX_set_min_proto_version(ssl, TLS1_2_VERSION);
	SSL_CTX_set_verify(ssl, SSL_VERIFY_PEER, NULL);
	SSL_CTX_set_mode(ssl, SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
	return ssl;
}

static struct lws_context *
new_context(struct loop *loop, SSL_CTX *ssl, struct error *err)
{
	void *loops[1] = { loop_uv(loop) };
	struct lws_context_creation_info info = {
		.port = CONTEXT_PORT_NO_LISTEN,
		.protocols = protocols,
		.options = LWS_SERVER_OPTION_LIBUV | LWS_SERVER_OPTION_DISABLE_OS_CA_CERTS |
		    (ssl != NULL ? LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT : 0),
		.foreign_loops = loops,
		.pt_serv_buf_size = (unsigned)READ_SIZE,
		.fd_limit_per_thread = 64,
		.uid = -1,
		.gid = -1,
		.provided_client_ssl_ctx = ssl,
	};
	struct lws_context *context;

	lws_set_log_level(0, NULL);
	unsetenv("http_proxy");
	context = lws_create_context(&info);
	if (context == NULL)
		failed(err, "libwebsockets cannot start: is the package libwebsockets-evlib-uv installed?");
	return context;
}

struct wires *
wires_new(struct loop *loop, const struct wires_options *options, struct error *err)
{
	struct wires *wires = xcalloc(1, sizeof(*wires));

	wires->loop = loop;
	wires->proxy = options->proxy != NULL;
	if (!options->secure || (wires->ssl = new_ssl(options->ca_file, err)) != NULL)
		wires->context = new_context(loop, wires->ssl, err);
	if (wires->context != NULL) {
		loop_at_end_of_turn(loop, drain, wires);
		return wires;
	}
	SSL_CTX_free(wires->ssl);
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
	SSL_CTX *ssl;
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
	SSL_CTX_free(ending->ssl);
	uv_close((uv_handle_t *)idle, free_ending);
}

struct descriptors {
	int *item;
	size_t count, size;
};

static void
note_descriptor(uv_handle_t *handle, void *arg)
{
	struct descriptors *all = arg;
	int fd;

	if (handle->type == UV_POLL && !uv_is_closing(handle) && uv_fileno(handle, &fd) == 0)
		*GROW(all) = fd;
}

/*
 * The destroy closes the library's event descriptor at once, and once more a turn later, when the number
 * may be somebody else's: until then a placeholder has it.
 */
static void
occupy(const struct descriptors *before)
{
	int null = -1;

	for (size_t i = 0; i < before->count; i++)
		if (fcntl(before->item[i], F_GETFD) < 0 && errno == EBADF) {
			if (null < 0)
				null = open("/dev/null", O_RDONLY | O_CLOEXEC);
			if (null == before->item[i] || null < 0)
				return;		/* it took that very number; the context has one only */
			fcntl(null, F_DUPFD_CLOEXEC, before->item[i]);
		}
	if (null >= 0)
		close(null);
}

static void
end_context(struct wires *wires)
{
	struct ending *ending = xcalloc(1, sizeof(*ending));
	struct descriptors before = { NULL, 0, 0 };
	uv_loop_t *loop = loop_uv(wires->loop);

	ending->context = wires->context;
	ending->ssl = wires->ssl;
	ending->idle.data = ending;
	uv_idle_init(loop, &ending->idle);
	uv_walk(loop, note_descriptor, &before);
	lws_context_destroy(wires->context);
	occupy(&before);
	free(before.item);
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
		wire_forget(wires->open);
	}
	end_context(wires);
	free(wires->copy);
	free(wires);
}

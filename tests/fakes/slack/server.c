/*
 * server.c - HTTP on loopback with libwebsockets.
 *
 * Answers are written as raw HTTP/1.1 in one lws_write: one system call for each answer, and no
 * header that Slack would not send.  libwebsockets reads no chunked bodies, so those are put
 * together here and their connection is closed afterwards.
 */

#include <libwebsockets.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "link.h"
#include "server.h"

struct session {
	struct exchange *exchange;
	struct link *link;
};

/* ---- exchanges ----------------------------------------------------------------------------- */

static struct exchange *
exchange_new(struct fake_slack *fs, struct lws *wsi)
{
	struct exchange *x = xcalloc(1, sizeof(*x));

	x->fs = fs;
	x->wsi = wsi;
	text_init(&x->body, BODY_LIMIT);
	text_init(&x->reply, BODY_LIMIT);
	x->after = fs->exchanges;
	if (x->after != NULL)
		x->after->before = x;
	fs->exchanges = x;
	return x;
}

static void
exchange_free(struct exchange *x)
{
	if (x->before != NULL)
		x->before->after = x->after;
	else
		x->fs->exchanges = x->after;
	if (x->after != NULL)
		x->after->before = x->before;
	if (x->release_context != NULL)
		x->release_context(x->context);
	free(x->path);
	free(x->authorization);
	free(x->type);
	free(x->host);
	cJSON_Delete(x->query);
	text_clear(&x->body);
	text_clear(&x->reply);
	free(x);
}

static const char *
status_words(int status)
{
	switch (status) {
	case 200: return "OK";
	case 400: return "Bad Request";
	case 403: return "Forbidden";
	case 404: return "Not Found";
	case 429: return "Too Many Requests";
	case 500: return "Internal Server Error";
	case 502: return "Bad Gateway";
	case 503: return "Service Unavailable";
	}
	return "Something";
}

/* Ready to be written: inside the callback that handed the request over it is written there, else
 * when libwebsockets says so. */
static void
exchange_ready(struct exchange *x)
{
	x->ready = true;
	x->resume = NULL;
	if (!x->inside && x->wsi != NULL)
		lws_callback_on_writable(x->wsi);
}

void
exchange_answer(struct exchange *x, int status, const char *type, const char *headers,
    const char *body, size_t length)
{
	static const char blank[LWS_PRE];

	text_add_bytes(&x->reply, blank, LWS_PRE);
	text_printf(&x->reply,
	    "HTTP/1.1 %d %s\r\ncontent-type: %s\r\ncontent-length: %zu\r\n%s%s\r\n", status,
	    status_words(status), type, length, headers == NULL ? "" : headers,
	    x->last ? "connection: close\r\n" : "");
	text_add_bytes(&x->reply, body, length);
	exchange_ready(x);
}

void
exchange_cut(struct exchange *x)
{
	x->cut = true;
	exchange_ready(x);
}

void
exchange_hang(struct exchange *x, void (*resume)(struct exchange *))
{
	x->resume = resume;
	lws_set_timeout(x->wsi, NO_PENDING_TIMEOUT, 0);
}

size_t
fake_slack_hanging(const struct fake_slack *fs)
{
	size_t count = 0;

	for (struct exchange *x = fs->exchanges; x != NULL; x = x->after)
		count += x->resume != NULL;
	return count;
}

void
fake_slack_release(struct fake_slack *fs)
{
	struct exchange *x, *oldest;
	void (*resume)(struct exchange *);

	/* In the order in which they came; one that is resumed may change the list. */
	do {
		oldest = NULL;
		for (x = fs->exchanges; x != NULL; x = x->after)
			if (x->resume != NULL)
				oldest = x;
		if (oldest != NULL) {
			resume = oldest->resume;
			oldest->resume = NULL;
			resume(oldest);
		}
	} while (oldest != NULL);
}

/* ---- reading a request --------------------------------------------------------------------- */

static char *
server_header(struct lws *wsi, enum lws_token_indexes which)
{
	int length = lws_hdr_total_length(wsi, which);
	char *value;

	if (length <= 0)
		return NULL;
	value = xmalloc((size_t)length + 1);
	if (lws_hdr_copy(wsi, value, length + 1, which) < 0)
		*value = '\0';
	return value;
}

static cJSON *
server_query(struct lws *wsi)
{
	cJSON *query = cJSON_CreateObject();
	char part[4096], *equals;

	for (int i = 0;
	     lws_hdr_copy_fragment(wsi, part, sizeof(part), WSI_TOKEN_HTTP_URI_ARGS, i) > 0; i++) {
		if ((equals = strchr(part, '=')) != NULL)
			*equals++ = '\0';
		json_add_string(query, part, equals == NULL ? "" : equals);
	}
	return query;
}

static void
exchange_route(struct exchange *x)
{
	static const struct {
		const char *prefix;
		void (*handle)(struct exchange *);
	} routes[] = {
		{ "/api/", api_handle },
		{ "/hooks/", hook_handle },
		{ "/upload/", upload_handle },
		{ "/", page_handle },
	};

	x->handled = true;
	x->inside = true;
	for (size_t i = 0; i < COUNT(routes); i++)
		if (string_starts(x->path, routes[i].prefix)) {
			routes[i].handle(x);
			break;
		}
	x->inside = false;
}

/* Writes what is ready; −1 closes the connection, as all callbacks of libwebsockets have it. */
static int
exchange_write(struct session *session)
{
	struct exchange *x = session->exchange;
	struct lws *wsi;
	size_t length;
	bool last;

	if (x == NULL || !x->ready)
		return 0;
	if (x->cut)
		return -1;
	wsi = x->wsi;
	last = x->last;
	length = x->reply.length - LWS_PRE;
	if (lws_write(wsi, (unsigned char *)x->reply.data + LWS_PRE, length, LWS_WRITE_HTTP_FINAL)
	    < (int)length)
		return -1;
	session->exchange = NULL;
	exchange_free(x);
	if (last)
		return -1;
	return lws_http_transaction_completed(wsi) ? -1 : 0;
}

static int
server_request(struct fake_slack *fs, struct session *session, struct lws *wsi, const char *path)
{
	struct exchange *x;
	char *encoding;

	if (session->exchange != NULL)
		return -1;
	session->exchange = x = exchange_new(fs, wsi);
	x->path = xstrdup(path);
	x->post = lws_hdr_total_length(wsi, WSI_TOKEN_POST_URI) > 0;
	x->authorization = server_header(wsi, WSI_TOKEN_HTTP_AUTHORIZATION);
	x->type = server_header(wsi, WSI_TOKEN_HTTP_CONTENT_TYPE);
	x->host = server_header(wsi, WSI_TOKEN_HOST);
	x->query = server_query(wsi);
	encoding = server_header(wsi, WSI_TOKEN_HTTP_TRANSFER_ENCODING);
	x->chunked = encoding != NULL;
	free(encoding);
	if (x->post &&
	    (x->chunked || lws_hdr_total_length(wsi, WSI_TOKEN_HTTP_CONTENT_LENGTH) > 0)) {
		x->last = x->chunked;
		return 0;
	}
	/* A POST without any length: libwebsockets would wait for 100 MB of it. */
	x->last = x->post;
	exchange_route(x);
	return exchange_write(session);
}

/* True when all chunks are there; the body is then without their lengths. */
static bool
chunks_join(struct text *body)
{
	struct text joined;
	char *at = body->data, *line;
	size_t length;

	if (!text_ends(body, "0\r\n\r\n"))
		return false;
	text_init(&joined, BODY_LIMIT);
	while ((line = strstr(at, "\r\n")) != NULL) {
		length = strtoul(at, NULL, 16);
		at = line + 2;
		if (length == 0 || length + 2 > body->length - (size_t)(at - body->data))
			break;
		text_add_bytes(&joined, at, length);
		at += length + 2;
	}
	text_clear(body);
	*body = joined;
	return true;
}

static int
server_body(struct session *session, const void *bytes, size_t length, bool complete)
{
	struct exchange *x = session->exchange;

	if (x == NULL || x->handled)
		return 0;
	text_add_bytes(&x->body, bytes, length);
	if (x->body.cut)
		return -1;
	if (!complete && !(x->chunked && chunks_join(&x->body)))
		return 0;
	exchange_route(x);
	return exchange_write(session);
}

static void
server_gone(struct session *session)
{
	if (session->exchange != NULL)
		exchange_free(session->exchange);
	session->exchange = NULL;
}

/* ---- libwebsockets ------------------------------------------------------------------------- */

/* Refuses with an HTTP status, as Slack's front does for a used ticket. */
static int
server_upgrade(struct fake_slack *fs, struct lws *wsi)
{
	char path[64] = "";
	cJSON *query = server_query(wsi);
	int status;

	lws_hdr_copy(wsi, path, sizeof(path), WSI_TOKEN_GET_URI);
	status = link_admit(fs, path, json_string(query, "ticket"));
	cJSON_Delete(query);
	if (status == 0)
		return 0;
	lws_return_http_status(wsi, (unsigned)status, NULL);
	return 1;
}

static int
server_http(struct fake_slack *fs, struct lws *wsi, enum lws_callback_reasons reason,
    struct session *session, void *in, size_t length)
{
	if (session == NULL)
		return 0;
	switch (reason) {
	case LWS_CALLBACK_HTTP:
		return server_request(fs, session, wsi, in);
	case LWS_CALLBACK_HTTP_BODY:
		return server_body(session, in, length, false);
	case LWS_CALLBACK_HTTP_BODY_COMPLETION:
		return server_body(session, NULL, 0, true);
	case LWS_CALLBACK_HTTP_WRITEABLE:
		return exchange_write(session);
	case LWS_CALLBACK_HTTP_DROP_PROTOCOL:
	case LWS_CALLBACK_CLOSED_HTTP:
		server_gone(session);
		return 0;
	default:
		return 0;
	}
}

static int
server_socket(struct fake_slack *fs, struct lws *wsi, enum lws_callback_reasons reason,
    struct session *session, void *in, size_t length)
{
	switch (reason) {
	case LWS_CALLBACK_ESTABLISHED:
		session->link = link_open(fs, wsi);
		return 0;
	case LWS_CALLBACK_RECEIVE:
		return link_receive(session->link, in, length, lws_is_first_fragment(wsi),
		    lws_is_final_fragment(wsi));
	case LWS_CALLBACK_RECEIVE_PONG:
		fake_count(fs, "pong");
		return 0;
	case LWS_CALLBACK_SERVER_WRITEABLE:
		return link_writeable(session->link);
	case LWS_CALLBACK_CLOSED:
		link_closed(session->link);
		session->link = NULL;
		return 0;
	default:
		return 0;
	}
}

static int
server_callback(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
    size_t length)
{
	struct fake_slack *fs;

	switch (reason) {
	case LWS_CALLBACK_HTTP_CONFIRM_UPGRADE:
		return server_upgrade(lws_context_user(lws_get_context(wsi)), wsi);
	case LWS_CALLBACK_HTTP:
	case LWS_CALLBACK_HTTP_BODY:
	case LWS_CALLBACK_HTTP_BODY_COMPLETION:
	case LWS_CALLBACK_HTTP_WRITEABLE:
	case LWS_CALLBACK_HTTP_DROP_PROTOCOL:
	case LWS_CALLBACK_CLOSED_HTTP:
		fs = lws_context_user(lws_get_context(wsi));
		return server_http(fs, wsi, reason, user, in, length);
	case LWS_CALLBACK_ESTABLISHED:
	case LWS_CALLBACK_RECEIVE:
	case LWS_CALLBACK_RECEIVE_PONG:
	case LWS_CALLBACK_SERVER_WRITEABLE:
	case LWS_CALLBACK_CLOSED:
		fs = lws_context_user(lws_get_context(wsi));
		return server_socket(fs, wsi, reason, user, in, length);
	default:
		return 0;
	}
}

static const struct lws_protocols server_protocols[] = {
	{ "slack", server_callback, sizeof(struct session), 65536, 0, NULL, 0 },
	{ NULL, NULL, 0, 0, 0, NULL, 0 },
};

/* Slack's pings are ours (link.c); libwebsockets' own would come at its leisure. */
static const lws_retry_bo_t server_patience = {
	.secs_since_valid_ping = 0xffff - 1,
	.secs_since_valid_hangup = 0xffff,
};

static void
server_log(int level, const char *line)
{
	/* What matters comes back as an error of the function that failed. */
	log_debug("libwebsockets (%d): %.*s", level, (int)strcspn(line, "\n"), line);
}

static void
server_describe(struct fake_slack *fs)
{
	fs->base =
	    xasprintf("%s://127.0.0.1:%d", fs->options.certificate == NULL ? "http" : "https",
		lws_get_vhost_listen_port(fs->vhost));
	fs->api = xasprintf("%s/api/", fs->base);
	fs->page = xasprintf("%s/", fs->base);
}

bool
server_start(struct fake_slack *fs, struct error *err)
{
	void *loops[1] = { fs->loop };
	struct lws_context_creation_info info = {
		.iface = "127.0.0.1",
		.port = fs->options.port,
		.protocols = server_protocols,
		.user = fs,
		.foreign_loops = loops,
		.pcontext = &fs->context,
		.options = LWS_SERVER_OPTION_LIBUV | LWS_SERVER_OPTION_DISABLE_IPV6
		    | LWS_SERVER_OPTION_EXPLICIT_VHOSTS
		    | LWS_SERVER_OPTION_DISABLE_OS_CA_CERTS,
		.alpn = "http/1.1",
		.gid = (gid_t)-1,
		.uid = (uid_t)-1,
		.pt_serv_buf_size = 16384,
		.max_http_header_data = 4096,
		.timeout_secs = 600,
		.keepalive_timeout = 600,
		.retry_and_idle_policy = &server_patience,
		.ssl_cert_filepath = fs->options.certificate,
		.ssl_private_key_filepath = fs->options.key,
	};

	lws_set_log_level(LLL_ERR, server_log);
	if (fs->options.certificate != NULL)
		info.options |= LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT;
	if ((fs->context = lws_create_context(&info)) == NULL)
		return failed(
		    err, "libwebsockets does not start (is libwebsockets-evlib-uv there?)");
	if ((fs->vhost = lws_create_vhost(fs->context, &info)) == NULL) {
		return failed(err, fs->options.port != 0
		    ? "port %d of 127.0.0.1 cannot be opened; is it in use?"
		    : "no port of 127.0.0.1 can be opened (%d), or the certificate is unusable",
		    fs->options.port);
	}
	server_describe(fs);
	return true;
}

static void
server_count_closing(uv_handle_t *handle, void *count)
{
	*(size_t *)count += (size_t)(uv_is_closing(handle) != 0);
}

/* libwebsockets closes its handles in later turns of a foreign loop; only when the last is gone
 * does a second destroy free the context (lib/core/context.c of 4.1.6). */
static void
server_destroy(struct fake_slack *fs)
{
	size_t closing;

	lws_context_destroy(fs->context);
	do {
		uv_run(fs->loop, UV_RUN_NOWAIT);
		closing = 0;
		uv_walk(fs->loop, server_count_closing, &closing);
	} while (closing > 0);
	if (fs->context != NULL)
		lws_context_destroy(fs->context);
}

void
server_stop(struct fake_slack *fs)
{
	if (fs->context != NULL)
		server_destroy(fs);
	while (fs->exchanges != NULL)
		exchange_free(fs->exchanges);
	free(fs->base);
	free(fs->api);
	free(fs->page);
}

/*
 * slack_proxy.h - a world whose Slack is behind an HTTP proxy, on good days and on bad ones.
 */
#ifndef SLACK_PROXY_H
#define SLACK_PROXY_H

#include "slack_live.h"

/* A proxy that knows CONNECT, and passes other requests on to the same peer. */
enum proxy_mood {
	PROXY_JOINS,
	PROXY_REFUSES,		/* 407 to CONNECT */
	PROXY_STUTTERS,		/* "HTTP/1.1 20" and no more for now */
	PROXY_SWALLOWS,		/* no answer to CONNECT at all */
};

struct proxy {
	uv_tcp_t listener;
	int port;
	enum proxy_mood mood;
	unsigned connects, others, refuse;	/* refuse: so many requests of any kind get a 407 */
	unsigned spoilt;	/* CONNECTs that were not joined */
	char last[128];
	size_t open;
};

struct pipe_end {
	uv_tcp_t tcp;
	struct pipe_end *other;
	struct proxy *proxy;
	struct text head;	/* of a client, until its request is whole */
	bool joined;
	char buffer[16384];
};

static inline void
on_closed(uv_handle_t *handle)
{
	struct pipe_end *end = handle->data;

	text_clear(&end->head);
	end->proxy->open--;
	free(end);
}

static inline void
end_close(struct pipe_end *end)
{
	struct pipe_end *other = end->other;

	if (other != NULL) {
		other->other = NULL;
		uv_close((uv_handle_t *)&other->tcp, on_closed);
	}
	uv_close((uv_handle_t *)&end->tcp, on_closed);
}

static inline struct pipe_end *
end_new(uv_loop_t *loop, struct proxy *proxy)
{
	struct pipe_end *end = xcalloc(1, sizeof(*end));

	text_init(&end->head, KILOBYTES(64));
	end->proxy = proxy;
	uv_tcp_init(loop, &end->tcp);
	end->tcp.data = end;
	proxy->open++;
	return end;
}

struct sending {
	uv_write_t request;
	char bytes[];
};

static inline void
on_sent(uv_write_t *request, int status)
{
	(void)status;
	free(request);
}

/* "POST http://127.0.0.1:1/api/x" goes on as "POST /api/x", as every proxy does it. */
static inline void end_send(struct pipe_end *, const char *bytes, size_t length);

static inline void
end_send_request(struct pipe_end *end, const char *bytes, size_t length)
{
	const char *path;

	if (length < 12 || memcmp(bytes, "POST http://", 12) != 0) {
		end_send(end, bytes, length);
		return;
	}
	path = memchr(bytes + 12, '/', length - 12);
	end_send(end, "POST ", 5);
	end_send(end, path, length - (size_t)(path - bytes));
}

static inline void
end_send(struct pipe_end *end, const char *bytes, size_t length)
{
	struct sending *sending = xmalloc(sizeof(*sending) + length);
	uv_buf_t buffer = uv_buf_init(sending->bytes, (unsigned)length);

	memcpy(sending->bytes, bytes, length);
	uv_write(&sending->request, (uv_stream_t *)&end->tcp, &buffer, 1, on_sent);
}

static inline void
on_allocate(uv_handle_t *handle, size_t size, uv_buf_t *buffer)
{
	struct pipe_end *end = handle->data;

	(void)size;
	*buffer = uv_buf_init(end->buffer, sizeof(end->buffer));
}

static inline void take_request(struct pipe_end *);

static inline void
on_read(uv_stream_t *stream, ssize_t length, const uv_buf_t *buffer)
{
	struct pipe_end *end = stream->data;

	if (length < 0) {
		end_close(end);
	} else if (end->joined) {
		if (end->other != NULL)
			end_send_request(end->other, buffer->base, (size_t)length);
	} else {
		text_add_bytes(&end->head, buffer->base, (size_t)length);
		take_request(end);
	}
}

static inline void
on_joined(uv_connect_t *request, int status)
{
	struct pipe_end *out = request->data, *in = out->other;

	free(request);
	if (status != 0 || in == NULL) {
		if (in != NULL)
			end_close(in);
		return;
	}
	out->joined = in->joined = true;
	uv_read_start((uv_stream_t *)&out->tcp, on_allocate, on_read);
	if (string_starts(in->head.data, "CONNECT "))
		end_send(in, "HTTP/1.1 200 Connection established\r\n\r\n", 39);
	else
		end_send_request(out, in->head.data, in->head.length);
}

static const char refusal[] =
    "HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n";

/* True: the CONNECT is not joined. */
static inline bool
moody(struct pipe_end *in)
{
	struct proxy *proxy = in->proxy;

	if (proxy->mood == PROXY_JOINS)
		return false;
	if (proxy->mood == PROXY_REFUSES)
		end_send(in, refusal, sizeof(refusal) - 1);
	else if (proxy->mood == PROXY_STUTTERS)
		end_send(in, "HTTP/1.1 20", 11);
	proxy->spoilt++;
	text_reset(&in->head);
	return true;
}

static inline void
take_request(struct pipe_end *in)
{
	struct proxy *proxy = in->proxy;
	struct sockaddr_in to;
	uv_connect_t *request;
	const char *colon;
	struct pipe_end *out;

	if (strstr(in->head.data, "\r\n\r\n") == NULL || in->other != NULL)
		return;
	snprintf(proxy->last, sizeof(proxy->last), "%.*s", (int)strcspn(in->head.data, "\r"),
	    in->head.data);
	if (proxy->refuse > 0) {
		proxy->refuse--;
		end_send(in, refusal, sizeof(refusal) - 1);
		text_reset(&in->head);
		return;
	}
	if (string_starts(proxy->last, "CONNECT ") && moody(in))
		return;
	if (string_starts(proxy->last, "CONNECT "))
		proxy->connects++;
	else
		proxy->others++;
	colon = strstr(proxy->last, "127.0.0.1:");
	assert_non_null(colon);
	uv_ip4_addr("127.0.0.1", atoi(colon + 10), &to);
	out = end_new(in->tcp.loop, proxy);
	out->other = in;
	in->other = out;
	request = xcalloc(1, sizeof(*request));
	request->data = out;
	uv_tcp_connect(request, &out->tcp, (const struct sockaddr *)&to, on_joined);
}

static inline void
on_client(uv_stream_t *listener, int status)
{
	struct pipe_end *end = end_new(listener->loop, listener->data);

	assert_int_equal(status, 0);
	uv_accept(listener, (uv_stream_t *)&end->tcp);
	uv_read_start((uv_stream_t *)&end->tcp, on_allocate, on_read);
}

static inline void
proxy_start(struct proxy *proxy, uv_loop_t *loop)
{
	struct sockaddr_in at;
	int length = sizeof(at);

	uv_ip4_addr("127.0.0.1", 0, &at);
	uv_tcp_init(loop, &proxy->listener);
	proxy->listener.data = proxy;
	uv_tcp_bind(&proxy->listener, (const struct sockaddr *)&at, 0);
	assert_int_equal(uv_listen((uv_stream_t *)&proxy->listener, 16, on_client), 0);
	uv_tcp_getsockname(&proxy->listener, (struct sockaddr *)&at, &length);
	proxy->port = ntohs(at.sin_port);
}

/* The adapter's port is known only when the world's loop stands, so the proxy has a loop of its own
 * that is turned with the other. */
struct through {
	struct proxy proxy;
	uv_loop_t loop;
	struct world *w;
};

static inline void
through_turn(struct through *t)
{
	uv_run(&t->loop, UV_RUN_NOWAIT);
	turn(t->w);
}

#define until_through(t, condition)                                                                \
	do {                                                                                       \
		double began = real_seconds();                                                     \
		while (!(condition)) {                                                             \
			through_turn(t);                                                           \
			if (real_seconds() - began > 10)                                           \
				never((t)->w, #condition);                                         \
		}                                                                                  \
	} while (0)

static inline void
through_start_with(struct through *t, const char *host, struct world_options options)
{
	_cleanup_(text_clear) struct text more = TEXT_INIT;

	uv_loop_init(&t->loop);
	proxy_start(&t->proxy, &t->loop);
	text_add(&more, options.more != NULL ? options.more : "");
	text_printf(&more, "  proxy: \"http://%s:%d\"\n", host, t->proxy.port);
	options.more = more.data;
	t->w = world_new(&options);
}

static inline void
through_start(struct through *t, const char *host, unsigned refuse)
{
	t->proxy.refuse = refuse;
	through_start_with(t, host, (struct world_options){ 0 });
}

static inline void
through_end(struct through *t)
{
	world_free(t->w);
	while (t->proxy.open > 0)
		uv_run(&t->loop, UV_RUN_NOWAIT);
	uv_close((uv_handle_t *)&t->proxy.listener, NULL);
	while (uv_run(&t->loop, UV_RUN_NOWAIT) != 0)
		;
	assert_int_equal(uv_loop_close(&t->loop), 0);
}

#endif

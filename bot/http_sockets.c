/* http_sockets.c - curl's descriptors and time-outs on the loop. */

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <uv.h>

#include "http_private.h"

/* A descriptor's poll outlives the transfers on it: curl's REMOVE only disarms what it wants. */
struct watch {
	uv_poll_t poll;
	struct http *http;
	curl_socket_t fd;
	int wanted;		/* UV_READABLE | UV_WRITABLE that curl asked for */
	int armed;
};

void
http_kick(struct http *http)
{
	int running;

	/* A timer's own callback may wish for another zero: until the flag stays clear. */
	for (int i = 0; http->kick && i < 100; i++) {
		http->kick = false;
		curl_multi_socket_action(http->multi, CURL_SOCKET_TIMEOUT, 0, &running);
		http_drain(http);
	}
}

static void
on_timer(void *arg)
{
	struct http *http = arg;

	http->kick = true;
	http_kick(http);
}

int
http_want_timer(CURLM *multi, long ms, void *arg)
{
	struct http *http = arg;

	(void)multi;
	if (ms == 0) {
		http->kick = true;
		loop_again(http->loop);
		timer_stop(http->loop, &http->timer);
	} else if (ms < 0) {
		http->kick = false;
		timer_stop(http->loop, &http->timer);
	} else {
		timer_start(http->loop, &http->timer, ms, on_timer, http);
	}
	return 0;
}

static void on_ready(uv_poll_t *, int status, int events);

static void
watch_arm(struct watch *watch, int events)
{
	if (watch->armed == events)
		return;
	watch->armed = events;
	if (events == 0)
		uv_poll_stop(&watch->poll);
	else
		uv_poll_start(&watch->poll, events, on_ready);
}

/* POLLERR: libuv has stopped the poll and says nothing of what can still be read.  curl reads up to the
 * error; with ERR alone it would give up an answer that stands in the buffer. */
static int
after_error(struct watch *watch)
{
	watch->armed = 0;
	return CURL_CSELECT_ERR | CURL_CSELECT_IN |
	    (watch->wanted & UV_WRITABLE ? CURL_CSELECT_OUT : 0);
}

static void
on_ready(uv_poll_t *poll, int status, int events)
{
	struct watch *watch = poll->data;
	struct http *http = watch->http;
	int flags = 0, running;

	if (status < 0)
		flags = after_error(watch);
	if (watch->wanted == 0) {	/* an idle kept connection: the peer closed it or speaks unasked */
		watch_arm(watch, 0);
		return;
	}
	if (events & UV_READABLE)
		flags |= CURL_CSELECT_IN;
	if (events & UV_WRITABLE)
		flags |= CURL_CSELECT_OUT;
	curl_multi_socket_action(http->multi, watch->fd, flags, &running);
	if (watch->armed == 0 && watch->wanted != 0 && !uv_is_closing((uv_handle_t *)poll))
		watch_arm(watch, watch->wanted | UV_READABLE);
	http_drain(http);
}

static void
watch_closed(uv_handle_t *handle)
{
	free(handle->data);
}

/* curl forgets what it was assigned with each REMOVE; the table by descriptor does not. */
static struct place *
place_of(struct http *http, curl_socket_t fd)
{
	while (http->places.count <= (size_t)fd)
		(void)GROW(&http->places);
	return &http->places.item[fd];
}

static struct watch *
watch_new(struct http *http, curl_socket_t fd)
{
	struct watch *watch = xcalloc(1, sizeof(*watch));

	watch->http = http;
	watch->fd = fd;
	watch->poll.data = watch;
	uv_poll_init_socket(loop_uv(http->loop), &watch->poll, fd);
	return watch;
}

/* The poll must leave before the descriptor does; its memory goes when libuv lets go of it. */
static void
place_clear(struct place *place)
{
	if (place->watch != NULL)
		uv_close((uv_handle_t *)&place->watch->poll, watch_closed);
	*place = (struct place){ NULL, 0 };
}

static ino_t
inode_of(curl_socket_t fd)
{
	struct stat stat;

	return fstat(fd, &stat) == 0 ? stat.st_ino : 0;
}

int
http_want_socket(CURL *easy, curl_socket_t fd, int what, void *arg, void *assigned)
{
	struct http *http = arg;
	struct place *place = place_of(http, fd);

	(void)easy;
	(void)assigned;
	if (what == CURL_POLL_REMOVE) {
		/* The resolver's descriptors are closed without a word, right after this; sockets that
		 * were still connecting, right before.  libuv aborts when it watches a closed one. */
		if (place->connection == 0 || inode_of(fd) != place->connection)
			place_clear(place);
		else if (place->watch != NULL)
			place->watch->wanted = 0;
		return 0;
	}
	if (place->watch == NULL)
		place->watch = watch_new(http, fd);
	place->watch->wanted = (what & CURL_POLL_IN ? UV_READABLE : 0) |
	    (what & CURL_POLL_OUT ? UV_WRITABLE : 0);
	watch_arm(place->watch, place->watch->wanted | UV_READABLE);
	return 0;
}

int
http_close_socket(void *arg, curl_socket_t fd)
{
	place_clear(place_of(arg, fd));
	return close(fd);
}

curl_socket_t
http_open_socket(void *arg, curlsocktype purpose, struct curl_sockaddr *address)
{
	struct http_call *call = arg;
	const char *proxy = call->http->proxy;
	curl_socket_t fd;

	(void)purpose;
	if (!address_allowed(&address->addr, names_loopback(proxy != NULL ? proxy : call->url))) {
		snprintf(call->refused, sizeof(call->refused),
		    "the name resolves to an address that is never asked (loopback or link-local)");
		return CURL_SOCKET_BAD;
	}
	fd = socket(address->family, address->socktype | SOCK_CLOEXEC | SOCK_NONBLOCK,
	    address->protocol);
	if (fd >= 0)
		place_of(call->http, fd)->connection = inode_of(fd);
	return fd;
}

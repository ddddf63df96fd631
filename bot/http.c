/*
 * http.c - libcurl's multi interface on the loop.
 *
 * What was measured (16 handles at most in the multi, a uv_poll_t for each descriptor that stays armed,
 * MAXCONNECTS set, the zero time-out run at the end of the turn) is kept as it was found best.
 */

#include <arpa/inet.h>
#include <assert.h>
#include <curl/curl.h>
#include <openssl/ssl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <uv.h>

#include "base/log.h"
#include "http.h"
#include "trust.h"

#define RUNNING_MOST 16
#define CONNECTIONS_KEPT 32

struct http_call {
	struct http *http;
	struct http_call *next, *previous;	/* in the FIFO or among the running */
	CURL *easy;
	struct curl_slist *headers;
	char *url, *body;
	size_t body_length;
	const char *wanted_header;
	struct text answer;
	struct timer limit;
	bool running, too_long;
	bool once;
	int begun;		/* how often curl began to send it */
	char error[CURL_ERROR_SIZE];
	char refused[256];	/* why we ourselves would not: curl writes over its own sentence */
	void (*done)(void *arg, const struct http_answer *);
	void *arg;
};

struct list {
	struct http_call *first, *last;
	size_t count;
};

struct watch;

struct http {
	struct loop *loop;
	CURLM *multi;
	struct list waiting, running;
	bool kick;		/* curl asked for a time-out of 0 */
	bool dead;
	struct timer timer;
	char *ca_file, *proxy;
	struct {
		struct place {
			struct watch *watch;
			ino_t connection;	/* made by open_socket; 0: curl's own, of the resolver */
		} *item;
		size_t count, size;
	} places;		/* by descriptor */
};

/* A descriptor's poll outlives the transfers on it: curl's REMOVE only disarms what it wants. */
struct watch {
	uv_poll_t poll;
	struct http *http;
	curl_socket_t fd;
	int wanted;		/* UV_READABLE | UV_WRITABLE that curl asked for */
	int armed;
};

static void
list_add(struct list *list, struct http_call *call)
{
	call->next = NULL;
	call->previous = list->last;
	if (list->last != NULL)
		list->last->next = call;
	else
		list->first = call;
	list->last = call;
	list->count++;
}

static void
list_remove(struct list *list, struct http_call *call)
{
	if (call->previous != NULL)
		call->previous->next = call->next;
	else
		list->first = call->next;
	if (call->next != NULL)
		call->next->previous = call->previous;
	else
		list->last = call->previous;
	list->count--;
}

static void start_waiting(struct http *);

/* ---- the end of a call ---- */

static void
call_free(struct http_call *call)
{
	timer_stop(call->http->loop, &call->limit);
	if (call->easy != NULL)
		curl_easy_cleanup(call->easy);
	for (struct curl_slist *header = call->headers; header != NULL; header = header->next)
		explicit_bzero(header->data, strlen(header->data));	/* a bearer's among them */
	curl_slist_free_all(call->headers);
	free(call->url);
	free(call->body);
	text_clear(&call->answer);
	free(call);
}

static void
call_leave(struct http_call *call)
{
	struct http *http = call->http;

	if (call->running) {
		curl_multi_remove_handle(http->multi, call->easy);
		list_remove(&http->running, call);
	} else {
		list_remove(&http->waiting, call);
	}
	loop_idle(http->loop, BUSY_HTTP);
}

static void
call_end(struct http_call *call, struct http_answer *answer)
{
	call_leave(call);
	answer->body = &call->answer;
	call->done(call->arg, answer);
	call_free(call);
}

/* Whether any byte of the request may have reached the peer decides if repeating is safe. */
static bool
was_sent(struct http_call *call)
{
	curl_off_t up = 0;
	long request = 0;

	if (!call->running)
		return false;
	if (call->once && call->begun > 1)
		return true;
	curl_easy_getinfo(call->easy, CURLINFO_SIZE_UPLOAD_T, &up);
	curl_easy_getinfo(call->easy, CURLINFO_REQUEST_SIZE, &request);
	return up > 0 || request > 0;
}

static void
on_limit(void *arg)
{
	struct http_call *call = arg;
	struct http *http = call->http;
	struct http_answer answer = { .outcome_unknown = was_sent(call) };

	late(&answer.failure, "no answer within the time limit");
	call_end(call, &answer);
	start_waiting(http);
}

static void
call_finished(struct http_call *call, CURLcode code)
{
	struct http_answer answer = { 0 };
	struct curl_header *header;
	curl_off_t retry = 0;
	long status = 0;

	curl_easy_getinfo(call->easy, CURLINFO_RESPONSE_CODE, &status);
	curl_easy_getinfo(call->easy, CURLINFO_RETRY_AFTER, &retry);
	if (code == CURLE_OK) {
		answer.status = (int)status;
		answer.retry_after = (int)retry;
		if (call->wanted_header != NULL &&
		    curl_easy_header(call->easy, call->wanted_header, 0, CURLH_HEADER, -1, &header) ==
			CURLHE_OK)
			answer.header = header->value;
	} else if (call->too_long) {
		answer.outcome_unknown = true;
		failed(&answer.failure, "the answer was longer than allowed");
	} else {
		answer.outcome_unknown = was_sent(call);
		lost(&answer.failure, "%s", call->refused[0] != '\0' ? call->refused
			: call->error[0] != '\0' ? call->error : curl_easy_strerror(code));
	}
	call_end(call, &answer);
}

static void
drain(struct http *http)
{
	struct http_call *call;
	CURLMsg *message;
	CURLcode code;
	int left;

	while ((message = curl_multi_info_read(http->multi, &left)) != NULL) {
		if (message->msg != CURLMSG_DONE)
			continue;
		code = message->data.result;
		curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&call);
		call_finished(call, code);
	}
	start_waiting(http);
}

/* ---- curl's wishes ---- */

static void
kick(struct http *http)
{
	int running;

	/* A timer's own callback may wish for another zero: until the flag stays clear. */
	for (int i = 0; http->kick && i < 100; i++) {
		http->kick = false;
		curl_multi_socket_action(http->multi, CURL_SOCKET_TIMEOUT, 0, &running);
		drain(http);
	}
}

static void
on_timer(void *arg)
{
	struct http *http = arg;

	http->kick = true;
	kick(http);
}

static int
want_timer(CURLM *multi, long ms, void *arg)
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

static void
on_ready(uv_poll_t *poll, int status, int events)
{
	struct watch *watch = poll->data;
	struct http *http = watch->http;
	int flags = 0, running;

	if (watch->wanted == 0) {	/* an idle kept connection: the peer closed it or speaks unasked */
		watch_arm(watch, 0);
		return;
	}
	if (status < 0)
		flags = CURL_CSELECT_ERR;
	if (events & UV_READABLE)
		flags |= CURL_CSELECT_IN;
	if (events & UV_WRITABLE)
		flags |= CURL_CSELECT_OUT;
	curl_multi_socket_action(http->multi, watch->fd, flags, &running);
	drain(http);
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

static int
want_socket(CURL *easy, curl_socket_t fd, int what, void *arg, void *assigned)
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

static int
close_socket(void *arg, curl_socket_t fd)
{
	place_clear(place_of(arg, fd));
	return close(fd);
}

/* ---- where it may go (NE1) ---- */

static bool
four_allowed(const unsigned char *b, bool loopback)
{
	return b[0] != 0 && b[0] < 224 && !(b[0] == 169 && b[1] == 254) && (b[0] != 127 || loopback);
}

/* Forms of IPv6 that carry an address of four bytes at their end: mapped, compatible, NAT64. */
static bool
carries_four(const unsigned char *b)
{
	static const unsigned char prefixes[][12] = {
		{ [10] = 0xff, [11] = 0xff }, { 0 }, { 0x00, 0x64, 0xff, 0x9b },
	};

	for (size_t i = 0; i < COUNT(prefixes); i++)
		if (memcmp(b, prefixes[i], 12) == 0)
			return true;
	return false;
}

static bool
six_allowed(const unsigned char *b, bool loopback)
{
	static const unsigned char metadata[16] = { 0xfd, 0, 0x0e, 0xc2, [14] = 0x02, [15] = 0x54 };
	static const unsigned char one[16] = { [15] = 1 };

	if (memcmp(b, one, sizeof(one)) == 0)
		return loopback;
	if (carries_four(b))
		return four_allowed(b + 12, false);
	return b[0] != 0xff && !(b[0] == 0xfe && (b[1] & 0xc0) == 0x80) &&
	    memcmp(b, metadata, sizeof(metadata)) != 0;
}

/* Link-local, metadata, multicast and "this network" are never a peer; loopback only when the URL itself
 * says so. */
static bool
address_allowed(const struct sockaddr *address, bool loopback)
{
	const void *of = address;

	if (address->sa_family == AF_INET)
		return four_allowed((const void *)&((const struct sockaddr_in *)of)->sin_addr, loopback);
	if (address->sa_family == AF_INET6)
		return six_allowed((const void *)&((const struct sockaddr_in6 *)of)->sin6_addr, loopback);
	return false;
}

/* The host of a URL is "localhost", "[::1]" or four numbers that begin with 127: no name, no other way of
 * writing it. */
static bool
names_loopback(const char *url)
{
	const char *host = strstr(url, "://"), *at, *end;
	_cleanup_(freep) char *name = NULL;
	struct in_addr four;

	if (host == NULL)
		return false;
	host += 3;
	end = host + strcspn(host, "/?#");
	while ((at = memchr(host, '@', (size_t)(end - host))) != NULL)
		host = at + 1;
	if (string_starts(host, "[::1]"))
		return host + 5 == end || host[5] == ':';
	name = xstrndup(host, (size_t)(end - host));
	name[strcspn(name, ":")] = '\0';
	return string_equal_nocase(name, "localhost") ||
	    (string_starts(name, "127.") && inet_pton(AF_INET, name, &four) == 1);
}

static curl_socket_t
open_socket(void *arg, curlsocktype purpose, struct curl_sockaddr *address)
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

static size_t
on_body(char *bytes, size_t size, size_t count, void *arg)
{
	struct http_call *call = arg;

	text_add_bytes(&call->answer, bytes, size * count);
	if (!call->answer.cut)
		return size * count;
	call->too_long = true;
	return 0;
}

/* ---- the start of a call ---- */

static void
set_body(struct http_call *call, const struct http_request *request)
{
	CURL *easy = call->easy;

	if (request->content_type != NULL) {
		_cleanup_(freep) char *type = xasprintf("Content-Type: %s", request->content_type);

		call->headers = curl_slist_append(call->headers, type);
		call->headers = curl_slist_append(call->headers, "Expect:");
		curl_easy_setopt(easy, CURLOPT_POST, 1L);
		curl_easy_setopt(easy, CURLOPT_POSTFIELDS, call->body);
		curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)call->body_length);
	}
	if (!string_equal(request->method, "GET") && !string_equal(request->method, "POST"))
		curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request->method);
	else if (string_equal(request->method, "POST") && request->content_type == NULL) {
		curl_easy_setopt(easy, CURLOPT_POST, 1L);
		curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE, 0L);
	}
}

static void
set_bearer(struct http_call *call, const struct secret *bearer)
{
	char *header;

	if (bearer == NULL)
		return;
	header = xasprintf("Authorization: Bearer %s", secret_reveal(bearer));
	call->headers = curl_slist_append(call->headers, header);
	explicit_bzero(header, strlen(header));
	free(header);
}

static CURLcode
use_trust(CURL *easy, void *context, void *arg)
{
	struct http_call *call = arg;
	struct error err = ERROR_INIT;
	X509_STORE *store = trust_store(call->http->ca_file, &err);

	(void)easy;
	if (store == NULL) {
		snprintf(call->refused, sizeof(call->refused), "%.250s", err.text);
		return CURLE_SSL_CACERT_BADFILE;
	}
	SSL_CTX_set1_cert_store(context, store);
	return CURLE_OK;
}

/* On a kept connection that dies without an answer curl sends the request again, even a POST: what must
 * not happen twice stops there, its outcome unknown. */
static int
before_request(void *arg, char *to, char *from, int to_port, int from_port)
{
	struct http_call *call = arg;

	(void)to;
	(void)from;
	(void)to_port;
	(void)from_port;
	if (call->begun++ == 0 || !call->once)
		return CURL_PREREQFUNC_OK;
	snprintf(call->error, sizeof(call->error), "the connection ended before the answer came");
	return CURL_PREREQFUNC_ABORT;
}

static void
set_peer(struct http_call *call)
{
	const struct http *http = call->http;
	CURL *easy = call->easy;

	curl_easy_setopt(easy, CURLOPT_URL, call->url);
	curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR,
	    string_starts(call->url, "http:") ? "http" : "https");
	curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(easy, CURLOPT_PROXY, http->proxy != NULL ? http->proxy : "");
	curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	curl_easy_setopt(easy, CURLOPT_CAINFO, NULL);	/* believed is what trust.h says */
	curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
	curl_easy_setopt(easy, CURLOPT_SSL_CTX_FUNCTION, use_trust);
	curl_easy_setopt(easy, CURLOPT_SSL_CTX_DATA, call);
	curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, 0x7fffffffL);	/* deadlines are ours (L3) */
	curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, close_socket);
	curl_easy_setopt(easy, CURLOPT_CLOSESOCKETDATA, http);
	curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, open_socket);
	curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, call);
	curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, before_request);
	curl_easy_setopt(easy, CURLOPT_PREREQDATA, call);
}

static void
call_prepare(struct http_call *call, const struct http_request *request)
{
	call->easy = curl_easy_init();
	if (call->easy == NULL)
		abort();
	curl_easy_setopt(call->easy, CURLOPT_PRIVATE, call);
	curl_easy_setopt(call->easy, CURLOPT_ERRORBUFFER, call->error);
	curl_easy_setopt(call->easy, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(call->easy, CURLOPT_WRITEDATA, call);
	set_peer(call);
	set_body(call, request);
	set_bearer(call, request->bearer);
	if (call->headers != NULL)
		curl_easy_setopt(call->easy, CURLOPT_HTTPHEADER, call->headers);
}

/* Started at the end of the turn, so that done() never comes before http_start returned. */
static void
start_waiting(struct http *http)
{
	struct http_call *call;

	while (!http->dead && (call = http->waiting.first) != NULL &&
	    http->running.count < RUNNING_MOST) {
		list_remove(&http->waiting, call);
		call->running = true;
		list_add(&http->running, call);
		curl_multi_add_handle(http->multi, call->easy);
	}
}

struct http_call *
http_start(struct http *http, const struct http_request *request,
    void (*done)(void *, const struct http_answer *), void *arg)
{
	struct http_call *call = xcalloc(1, sizeof(*call));

	assert(request->limit > 0);
	call->http = http;
	call->url = xstrdup(request->url);
	call->body_length = request->body_length;
	call->wanted_header = request->wanted_header;
	call->once = request->once;
	call->body = xmalloc(request->body_length + 1);
	if (request->body_length > 0)
		memcpy(call->body, request->body, request->body_length);
	text_init(&call->answer, request->max_answer);
	call->done = done;
	call->arg = arg;
	call_prepare(call, request);
	list_add(&http->waiting, call);
	loop_busy(http->loop, BUSY_HTTP);
	timer_start(http->loop, &call->limit, request->limit, on_limit, call);
	loop_again(http->loop);
	return call;
}

static void
on_cancelled(void *arg)
{
	struct http_call *call = arg;
	struct http *http = call->http;
	struct http_answer answer = { .outcome_unknown = was_sent(call) };

	cancelled(&answer.failure, "cancelled");
	call_end(call, &answer);
	start_waiting(http);
}

void
http_cancel(struct http_call *call)
{
	timer_start(call->http->loop, &call->limit, 0, on_cancelled, call);
}

size_t
http_running(const struct http *http)
{
	return http->running.count + http->waiting.count;
}

/* ---- life ---- */

static void
on_end_of_turn(void *arg)
{
	struct http *http = arg;

	if (http->dead)
		return;
	kick(http);
	start_waiting(http);
	kick(http);
}

struct http *
http_new(struct loop *loop, const struct http_options *options, struct error *err)
{
	static bool global;
	struct http *http;

	if (!global && curl_global_init(CURL_GLOBAL_DEFAULT) != 0) {
		failed(err, "the HTTP library could not be started");
		return NULL;
	}
	global = true;
	if (options->ca_file != NULL && access(options->ca_file, R_OK) != 0) {
		wrong(err, "the certificate file %s cannot be read", options->ca_file);
		return NULL;
	}
	http = xcalloc(1, sizeof(*http));
	http->loop = loop;
	http->ca_file = options->ca_file != NULL ? xstrdup(options->ca_file) : NULL;
	http->proxy = options->proxy != NULL ? xstrdup(options->proxy) : NULL;
	http->multi = curl_multi_init();
	curl_multi_setopt(http->multi, CURLMOPT_SOCKETFUNCTION, want_socket);
	curl_multi_setopt(http->multi, CURLMOPT_SOCKETDATA, http);
	curl_multi_setopt(http->multi, CURLMOPT_TIMERFUNCTION, want_timer);
	curl_multi_setopt(http->multi, CURLMOPT_TIMERDATA, http);
	curl_multi_setopt(http->multi, CURLMOPT_MAXCONNECTS, (long)CONNECTIONS_KEPT);
	loop_at_end_of_turn(loop, on_end_of_turn, http);
	return http;
}

/* done() may start another call: that one is told as well. */
static void
cancel_all(struct http *http)
{
	struct http_answer answer;
	struct http_call *call;

	while ((call = http->waiting.first) != NULL || (call = http->running.first) != NULL) {
		answer = (struct http_answer){ .outcome_unknown = was_sent(call) };
		cancelled(&answer.failure, "shutting down");
		call_end(call, &answer);
	}
}

void
http_free(struct http *http)
{
	if (http == NULL)
		return;
	http->dead = true;
	cancel_all(http);
	timer_stop(http->loop, &http->timer);
	curl_multi_cleanup(http->multi);
	free(http->places.item);
	free(http->ca_file);
	free(http->proxy);
	loop_forget_end_of_turn(http->loop, http);
	free(http);
}

/* load_peers.c - the load generator's connections: who may be sent something, and what is answered. */

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "load_private.h"

#define SECOND INT64_C(1000000000)
#define EVENTS 64
#define REFRESHED_FOR (3 * SECOND)

/* ---- peers ---- */

static void
watch(struct load *load, struct peer *peer, bool add)
{
	struct epoll_event event = { .events = EPOLLIN | (peer->out.length > 0 ? EPOLLOUT : 0),
		.data.ptr = peer };

	if (peer->stalled)
		event.events = EPOLLRDHUP;
	peer->wants_write = peer->out.length > 0;
	epoll_ctl(load->epoll, add ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, peer->fd, &event);
}

static void
drop(struct load *load, struct peer *peer)
{
	if (peer->stalled && load->noticed == 0)
		load->noticed = load_now();
	if (load->turn == peer)
		load->turn = NULL;
	if (peer->previous != NULL)
		peer->previous->next = peer->next;
	else
		load->peers = peer->next;
	if (peer->next != NULL)
		peer->next->previous = peer->previous;
	peer_free(peer);
}

static void
meet(struct load *load)
{
	struct peer *peer;
	int fd, yes = 1;

	while ((fd = accept4(load->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
		peer = peer_new(load, fd, load->trust);
		peer->opened = load_now();
		peer->next = load->peers;
		if (load->peers != NULL)
			load->peers->previous = peer;
		load->peers = peer;
		load->counts.connections++;
		watch(load, peer, true);
	}
}

/* What was said in this turn goes out at its end, many frames in one write. */
static void
flush_all(struct load *load)
{
	struct peer *next;

	for (struct peer *peer = load->peers; peer != NULL; peer = next) {
		next = peer->next;
		if (peer->stalled)
			continue;
		if (peer->out.length > 0 && !peer_flush(peer)) {
			drop(load, peer);
			continue;
		}
		if (peer->wants_write != (peer->out.length > 0))
			watch(load, peer, false);
		if ((peer->closing && peer->out.length == 0) ||
		    (peer->ends != 0 && load_now() > peer->ends))
			drop(load, peer);
	}
}

/* Rounds to the coming end of a refreshed socket's life, at least four times a second. */
static int64_t
turn_length(int64_t until)
{
	int64_t left = until - load_now();

	return left < 0 ? 0 : left > SECOND / 4 ? SECOND / 4 : left;
}

static void
serve(struct load *load, const struct epoll_event *event)
{
	struct peer *peer = event->data.ptr;

	if (peer == NULL) {
		meet(load);
	} else if (peer->stalled) {
		drop(load, peer);	/* its owner has closed it */
	} else if ((event->events & (EPOLLERR | EPOLLHUP)) != 0 ||
	    ((event->events & EPOLLIN) != 0 && !peer_read(peer))) {
		drop(load, peer);
	}
}

bool
load_until(struct load *load, int64_t until, bool (*enough)(const struct load *, void *), void *arg)
{
	struct epoll_event events[EVENTS];
	struct timespec wait;
	int64_t left;
	int count;

	for (;;) {
		flush_all(load);
		if (enough != NULL && enough(load, arg))
			return true;
		left = turn_length(until);
		if (left == 0)
			return false;
		wait = (struct timespec){ .tv_nsec = left };
		count = epoll_pwait2(load->epoll, events, EVENTS, &wait, NULL);
		for (int i = 0; i < count; i++)
			serve(load, &events[i]);
	}
}

/* ---- sockets ---- */

static bool
stands(const struct peer *peer)
{
	return peer->is_link && !peer->stalled && !peer->closing;
}

int
load_standing(const struct load *load)
{
	int count = 0;

	for (const struct peer *peer = load->peers; peer != NULL; peer = peer->next)
		count += stands(peer) && !peer->refreshed;
	return count;
}

/* Round after round; one that was told to go only when no other stands. */
bool
load_give(struct load *load, const char *frame, size_t length)
{
	bool spare = load_standing(load) == 0;
	struct peer *peer = load->turn;

	for (int pass = 0; pass < 2; pass++)
		for (peer = peer != NULL && pass == 0 ? peer->next : load->peers; peer != NULL;
		     peer = peer->next)
			if (peer->is_link && !peer->closing && (spare || !peer->refreshed)) {
				load->turn = peer;
				peer_say(peer, 1, frame, length);
				return true;
			}
	return false;
}

static struct peer *
oldest(struct load *load)
{
	struct peer *found = NULL;

	for (struct peer *peer = load->peers; peer != NULL; peer = peer->next)
		if (stands(peer) && !peer->refreshed && (found == NULL || peer->opened < found->opened))
			found = peer;
	return found;
}

void
load_refresh(struct load *load)
{
	static const char frame[] = "{\"type\":\"disconnect\",\"reason\":\"refresh_requested\","
				    "\"debug_info\":{\"host\":\"applink-1\"}}";
	struct peer *peer = oldest(load);

	if (peer == NULL)
		return;
	peer_say(peer, 1, frame, strlen(frame));
	peer->refreshed = true;
	peer->ends = load_now() + REFRESHED_FOR;
}

void
load_stall(struct load *load)
{
	struct peer *peer = oldest(load);

	load->noticed = 0;
	if (peer == NULL)
		return;
	peer->stalled = true;
	watch(load, peer, false);
}

int64_t
load_noticed(const struct load *load)
{
	return load->noticed;
}

void
load_send_at_hello(struct load *load)
{
	load->at_hello = true;
}

void
load_upgrade(struct peer *peer)
{
	static const char hello[] = "{\"type\":\"hello\",\"num_connections\":1,\"connection_info\":{"
				    "\"app_id\":\"" BENCH_APP "\"},\"debug_info\":{\"host\":\"applink-1\","
				    "\"approximate_connection_time\":18060}}";

	peer->load->counts.opened++;
	peer_say(peer, 1, hello, strlen(hello));
	if (peer->load->at_hello) {
		peer->load->at_hello = false;
		load_send(peer->load);
	}
}

/* Clients print JSON with and without blanks, and some send forms. */
static unsigned
find_any(const char *bytes, size_t length, const char *const forms[3])
{
	unsigned number = 0;

	for (int i = 0; number == 0 && i < 3 && forms[i] != NULL; i++)
		number = load_find_number(bytes, length, forms[i]);
	return number;
}

void
load_frame(struct peer *peer, int opcode, char *bytes, size_t length)
{
	if (opcode == 1) {
		load_acknowledge(peer->load, find_any(bytes, length,
		    (const char *const[]){ "\"envelope_id\":\"", "\"envelope_id\": \"", NULL }));
	} else if (opcode == 9) {
		peer_say(peer, 10, bytes, length);
	} else if (opcode == 8 && !peer->closing) {
		peer_say(peer, 8, bytes, length < 2 ? 0 : 2);
		peer->closing = true;
	}
}

/* ---- methods ---- */

static void
answer(struct peer *peer, const char *json, size_t length)
{
	text_printf(&peer->out,
	    "HTTP/1.1 200 OK\r\nContent-Type: application/json; charset=utf-8\r\n"
	    "x-oauth-scopes: app_mentions:read,channels:history,channels:read,chat:write,commands,"
	    "files:write,groups:history,groups:read,im:history,im:write,metadata.message:read,"
	    "usergroups:read,users:read,users:read.email\r\nContent-Length: %zu\r\n\r\n", length);
	text_add_bytes(&peer->out, json, length);
}

static void _printf_(2, 3)
answer_with(struct peer *peer, const char *format, ...)
{
	char json[1024];
	va_list ap;
	int length;

	va_start(ap, format);
	length = vsnprintf(json, sizeof(json), format, ap);
	va_end(ap);
	answer(peer, json, (size_t)length < sizeof(json) ? (size_t)length : sizeof(json) - 1);
}

static void
keep_card(struct load *load, const char *body, size_t length, const char *ts)
{
	text_reset(&load->card);
	text_add_bytes(&load->card, body, length);
	snprintf(load->card_ts, sizeof(load->card_ts), "%.17s", ts);
}

static void
take_message(struct peer *peer, const char *body, size_t length)
{
	struct load *load = peer->load;
	unsigned number = find_any(body, length, (const char *const[]){
	    "\"thread_ts\":\"17", "\"thread_ts\": \"17", "thread_ts=17" });
	char ts[24];

	snprintf(ts, sizeof(ts), "18%08u.000200", ++load->posts % 100000000);
	load->counts.answer_bytes = (int64_t)length;
	if (number != 0) {
		load_post(load, number);
	} else {
		load->counts.cards++;
		keep_card(load, body, length, ts);
	}
	if (load->on_message != NULL)
		load->on_message(load->on_message_arg, body, length);
	answer_with(peer, "{\"ok\":true,\"channel\":\"" BENCH_CHANNEL "\",\"ts\":\"%s\",\"message\":{"
	    "\"type\":\"message\",\"user\":\"" BENCH_BOT "\",\"bot_id\":\"B0BOT\",\"ts\":\"%s\"}}", ts, ts);
}

static void
take_drawing(struct peer *peer, const char *body, size_t length)
{
	struct load *load = peer->load;
	const char *ts = memmem(body, length, "\"ts\":\"", 6);
	char copy[20] = "";

	if (ts != NULL && (size_t)(body + length - ts) > 6 + 17)
		snprintf(copy, sizeof(copy), "%.17s", ts + 6);
	if (string_equal(copy, load->card_ts))
		keep_card(load, body, length, copy);
	if (load->on_message != NULL)
		load->on_message(load->on_message_arg, body, length);
	answer_with(peer, "{\"ok\":true,\"channel\":\"" BENCH_CHANNEL "\",\"ts\":\"%s\"}", copy);
}

void
load_request(struct peer *peer, const char *path, char *body, size_t length)
{
	struct load *load = peer->load;
	const char *slash = strrchr(path, '/'), *method = slash != NULL ? slash + 1 : path;

	load->counts.calls++;
	if (string_equal(method, "chat.postMessage"))
		take_message(peer, body, length);
	else if (string_equal(method, "chat.update"))
		take_drawing(peer, body, length);
	else if (string_equal(method, "apps.connections.open"))
		answer_with(peer, "{\"ok\":true,\"url\":\"%s\"}", load->socket_url);
	else if (string_equal(method, "auth.test"))
		answer_with(peer, "{\"ok\":true,\"url\":\"https://bench.slack.com/\",\"team\":\"Bench\","
		    "\"user\":\"rollcall\",\"team_id\":\"" BENCH_TEAM "\",\"user_id\":\"" BENCH_BOT
		    "\",\"bot_id\":\"B0BOT\"}");
	else if (string_equal(method, "users.info"))
		answer_with(peer, "{\"ok\":true,\"user\":{\"id\":\"" BENCH_PERSON "\",\"team_id\":\"" BENCH_TEAM
		    "\",\"name\":\"ann\",\"tz\":\"Etc/UTC\",\"profile\":{\"display_name\":\"ann\"}}}");
	else if (string_equal(method, "conversations.info"))
		answer_with(peer, "{\"ok\":true,\"channel\":{\"id\":\"" BENCH_CHANNEL "\",\"name\":\"bench\","
		    "\"is_channel\":true,\"is_member\":true,\"topic\":{\"value\":\"\"},\"purpose\":{"
		    "\"value\":\"\"}}}");
	else if (string_equal(method, "team.info"))
		answer_with(peer, "{\"ok\":true,\"team\":{\"id\":\"" BENCH_TEAM "\",\"name\":\"Bench\","
		    "\"domain\":\"bench\"}}");
	else
		answer_with(peer, "{\"ok\":true}");
}

/* ---- life ---- */

static bool
listen_at(struct load *load, in_port_t wanted, struct error *err)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(wanted),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct epoll_event event = { .events = EPOLLIN };
	socklen_t length = sizeof(address);
	bool secure = load->trust != NULL;
	int port, yes = 1;

	load->listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	/* One that was just used has connections that linger. */
	setsockopt(load->listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
	if (bind(load->listener, (struct sockaddr *)&address, length) != 0 ||
	    listen(load->listener, 128) != 0 ||
	    getsockname(load->listener, (struct sockaddr *)&address, &length) != 0)
		return failed(err, "port %d of the loopback: %s", wanted, strerror(errno));
	epoll_ctl(load->epoll, EPOLL_CTL_ADD, load->listener, &event);
	port = ntohs(address.sin_port);
	load->url = xasprintf("%s:%d/api/", secure ? "https://localhost" : "http://127.0.0.1", port);
	load->socket_url = xasprintf("%s:%d/link/?ticket=bench&app_id=bench",
	    secure ? "wss://localhost" : "ws://127.0.0.1", port);
	return true;
}

static struct load *
new_at(in_port_t port, bool tls, const char *folder, struct error *err)
{
	struct load *load = xcalloc(1, sizeof(*load));

	load->listener = -1;
	load->epoll = epoll_create1(EPOLL_CLOEXEC);
	load->next = load->from = 1;
	load->exchanges = xcalloc(NUMBERS_KEPT, sizeof(*load->exchanges));
	text_init(&load->frame, KILOBYTES(64));
	text_init(&load->card, MEGABYTES(1));
	if (tls) {
		load->authority = xasprintf("%s/authority.pem", folder);
		load->trust = peer_trust(load->authority, err);
	}
	if ((!tls || load->trust != NULL) && listen_at(load, port, err))
		return load;
	load_free(load);
	return NULL;
}

struct load *
load_new(bool tls, const char *folder, struct error *err)
{
	return new_at(0, tls, folder, err);
}

struct load *
load_new_at_443(const char *folder, struct error *err)
{
	return new_at(443, true, folder, err);
}

void
load_free(struct load *load)
{
	struct peer *next;

	if (load == NULL)
		return;
	for (struct peer *peer = load->peers; peer != NULL; peer = next) {
		next = peer->next;
		peer_free(peer);
	}
	if (load->listener >= 0)
		close(load->listener);
	close(load->epoll);
	SSL_CTX_free(load->trust);
	text_clear(&load->frame);
	text_clear(&load->card);
	free(load->acknowledged.item);
	free(load->exchanges);
	free(load->url);
	free(load->authority);
	free(load->socket_url);
	free(load);
}

const char *
load_url(const struct load *load)
{
	return load->url;
}

const char *
load_authority(const struct load *load)
{
	return load->authority;
}

/*
 * slack_socket.c - one socket of Socket Mode, a machine of named states.
 *
 * A state's function is called once when the state is entered and again whenever something happened to
 * the socket: the table first, then the functions in the order in which a lucky connection passes through
 * them.  socket_lose may come from anywhere, any number of times.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "slack_socket_private.h"

#define STAGE SECONDS(10)
#define PING_EVERY 2500
#define SILENCE_MOST SECONDS(6)
#define LINGER 500		/* a draining socket may still be sent something */
#define SETTLED SECONDS(10)
#define AGE_LEAST 30		/* seconds: a socket younger than that is not replaced for its age */

enum move { MORE, WAIT };

static enum move socket_free(struct slack_socket *, bool first);
static enum move socket_opening(struct slack_socket *, bool first);
static enum move socket_resolving(struct slack_socket *, bool first);
static enum move socket_connecting(struct slack_socket *, bool first);
static enum move socket_hello(struct slack_socket *, bool first);
static enum move socket_ready(struct slack_socket *, bool first);
static enum move socket_draining(struct slack_socket *, bool first);
static enum move socket_closing(struct slack_socket *, bool first);

static const struct {
	const char *name;
	enum move (*run)(struct slack_socket *, bool first);
	int64_t limit;		/* of the state; 0: none */
	const char *late;	/* what is said then; NULL: the state sees to it itself */
} states[] = {
	[SLACK_FREE] = { "free", socket_free, 0, NULL },
	[SLACK_OPENING] = { "opening", socket_opening, STAGE, "Slack gave no address within 10 s" },
	[SLACK_RESOLVING] = { "resolving", socket_resolving, STAGE,
	    "the host's name was not resolved within 10 s" },
	[SLACK_CONNECTING] = { "connecting", socket_connecting, STAGE,
	    "no connection within 10 s" },
	[SLACK_HELLO] = { "hello", socket_hello, STAGE, "no hello within 10 s" },
	[SLACK_READY] = { "ready", socket_ready, 0, NULL },
	[SLACK_DRAINING] = { "draining", socket_draining, SECONDS(5), NULL },
	[SLACK_CLOSING] = { "closing", socket_closing, 1500, NULL },
};

/* ---- the driver ---- */

static void
on_deadline(void *arg)
{
	struct slack_socket *socket = arg;

	socket->late = true;
	socket_run(socket);
}

static enum move
go(struct slack_socket *socket, enum slack_state next)
{
	struct loop *loop = socket->set->options.loop;

	log_debug("slack: socket %zu.%u: %s → %s", socket->slot, socket->generation,
	    states[socket->state].name, states[next].name);
	socket->state = next;
	socket->begun = socket->late = false;
	timer_stop(loop, &socket->deadline);
	if (states[next].limit > 0)
		timer_start(loop, &socket->deadline, states[next].limit, on_deadline, socket);
	return MORE;
}

static enum move
run_once(struct slack_socket *socket)
{
	bool first = !socket->begun;

	if (socket->late && states[socket->state].late != NULL && !socket->lost)
		socket_lose(socket, "%s", states[socket->state].late);
	if (socket->lost && socket->state != SLACK_FREE && socket->state != SLACK_CLOSING) {
		sockets_failed(socket->set, socket);
		return go(socket, SLACK_CLOSING);
	}
	socket->begun = true;
	return states[socket->state].run(socket, first);
}

void
socket_run(struct slack_socket *socket)
{
	if (socket->running) {
		socket->again = true;
		return;
	}
	socket->running = true;
	do
		socket->again = false;
	while (run_once(socket) == MORE || socket->again);
	socket->running = false;
	sockets_balance(socket->set);
}

void
socket_lose(struct slack_socket *socket, const char *format, ...)
{
	va_list ap;

	if (socket->lost)
		return;
	va_start(ap, format);
	vsnprintf(socket->why_text, sizeof(socket->why_text), format, ap);
	va_end(ap);
	socket->why = socket->why_text;
	socket->lost = true;
	socket_run(socket);
}

static void
set_busy(struct slack_socket *socket, bool busy)
{
	if (busy && !socket->busy)
		loop_busy(socket->set->options.loop, BUSY_CONNECT);
	else if (!busy && socket->busy)
		loop_idle(socket->set->options.loop, BUSY_CONNECT);
	socket->busy = busy;
}

static void
set_awaiting(struct slack_socket *socket, bool awaiting)
{
	if (awaiting && !socket->awaiting_pong)
		loop_busy(socket->set->options.loop, BUSY_PING);
	else if (!awaiting && socket->awaiting_pong)
		loop_idle(socket->set->options.loop, BUSY_PING);
	socket->awaiting_pong = awaiting;
}

bool
socket_takes(const struct slack_socket *socket)
{
	return (socket->state == SLACK_READY || socket->state == SLACK_DRAINING) && !socket->lost;
}

/* ---- free, opening, resolving ---- */

static void
forget_address(struct slack_socket *socket)
{
	slack_url_clear(&socket->url);
	for (size_t i = 0; i < socket->addresses.count; i++)
		free(socket->addresses.item[i]);
	socket->addresses.count = 0;
}

static enum move
socket_free(struct slack_socket *socket, bool first)
{
	if (!first)
		return WAIT;
	forget_address(socket);
	socket->generation++;
	socket->up = socket->hello = socket->lost = socket->retiring = socket->replaced = false;
	socket->settled = false;
	socket->retry_after = socket->in_flight = 0;
	socket->ready_at = -1;
	return WAIT;
}

void
socket_open(struct slack_socket *socket)
{
	set_busy(socket, true);
	go(socket, SLACK_OPENING);
	socket_run(socket);
}

static enum move
socket_opening(struct slack_socket *socket, bool first)
{
	if (first)
		socket_ask_address(socket);
	return socket->url.host != NULL ? go(socket, SLACK_RESOLVING) : WAIT;
}

static enum move
socket_resolving(struct slack_socket *socket, bool first)
{
	if (first)
		socket_resolve(socket);
	return socket->addresses.count > 0 ? go(socket, SLACK_CONNECTING) : WAIT;
}

/* ---- connecting ---- */

static void
on_up(void *arg)
{
	struct slack_socket *socket = arg;

	socket->up = true;
	socket_run(socket);
}

static void
on_heard(void *arg)
{
	struct slack_socket *socket = arg;

	socket->heard_at = loop_now(socket->set->options.loop);
}

static void
on_pong(void *arg)
{
	set_awaiting(arg, false);
}

static void
on_text(void *arg, const char *bytes, size_t length)
{
	socket_hear(arg, bytes, length);
}

/* Lost first, so that what it did not send goes over another. */
static void
on_down(void *arg, const char *why)
{
	struct slack_socket *socket = arg;
	const struct slack_url *proxy = &socket->set->proxy;

	/* "proxy not h1" is all that the library says of any answer but 200. */
	if (proxy->host != NULL && !socket->up)
		socket_lose(socket, "through the proxy %s:%d: %s", proxy->host, proxy->port, why);
	else
		socket_lose(socket, "%s", why);
	wire_unsent(&socket->wire, sockets_resend, socket->set);
}

static void
on_gone(void *arg)
{
	socket_run(arg);
}

static const struct wire_events wire_events = {
	on_up, on_heard, on_pong, on_text, on_down, on_gone,
};

/* The addresses take turns, so that one that leads nowhere is left at the next try. */
static enum move
socket_connecting(struct slack_socket *socket, bool first)
{
	const struct slack_sockets *set = socket->set;
	int port = set->proxy.host != NULL ? set->proxy.port : socket->url.port;
	size_t count = socket->addresses.count, start = (size_t)set->failures;
	struct error err = ERROR_INIT;

	if (!first)
		return socket->up ? go(socket, SLACK_HELLO) : WAIT;
	socket->wire.events = &wire_events;
	socket->wire.arg = socket;
	for (size_t i = 0; i < count; i++)
		if (wire_open(&socket->wire, set->wires, &socket->url,
			socket->addresses.item[(start + i) % count], port, &err))
			return WAIT;
	socket_lose(socket, "%s", err.text);
	return WAIT;
}

/* ---- hello, ready ---- */

static void on_ping(void *arg);

static void
plan_ping(struct slack_socket *socket)
{
	struct loop *loop = socket->set->options.loop;
	int64_t dead = socket->heard_at + SILENCE_MOST - loop_now(loop);

	timer_start(loop, &socket->ping, dead < PING_EVERY ? dead : PING_EVERY, on_ping, socket);
}

/* Ready for 10 s: what failed before it is history. */
static void
settle(struct slack_socket *socket)
{
	struct slack_sockets *set = socket->set;

	if (socket->settled || socket->ready_at < 0 ||
	    loop_now(set->options.loop) - socket->ready_at < SETTLED)
		return;
	socket->settled = true;
	sockets_settled(set);
}

static void
on_ping(void *arg)
{
	struct slack_socket *socket = arg;

	if (loop_now(socket->set->options.loop) - socket->heard_at >= SILENCE_MOST) {
		socket_lose(socket, "nothing was heard for 6 s");
		return;
	}
	set_awaiting(socket, true);
	wire_ping(&socket->wire);
	plan_ping(socket);
	settle(socket);
}

static enum move
socket_hello(struct slack_socket *socket, bool first)
{
	if (first) {
		on_heard(socket);
		plan_ping(socket);
	}
	return socket->hello ? go(socket, SLACK_READY) : WAIT;
}

static enum move
socket_ready(struct slack_socket *socket, bool first)
{
	if (first) {
		set_busy(socket, false);
		socket->ready_at = loop_now(socket->set->options.loop);
		sockets_ready(socket->set, socket);
	}
	return socket->replaced ? go(socket, SLACK_DRAINING) : WAIT;
}

/* ---- draining, closing ---- */

static void
on_linger(void *arg)
{
	struct slack_socket *socket = arg;

	socket_run(socket);
}

static enum move
socket_draining(struct slack_socket *socket, bool first)
{
	struct loop *loop = socket->set->options.loop;

	if (first) {
		timer_start(loop, &socket->age, LINGER, on_linger, socket);
		return WAIT;
	}
	if (socket->late || (socket->in_flight == 0 && !timer_runs(&socket->age)))
		return go(socket, SLACK_CLOSING);
	return WAIT;
}

/* Slack leaves TCP open after its close frame: the deadline cuts. */
static enum move
socket_closing(struct slack_socket *socket, bool first)
{
	struct loop *loop = socket->set->options.loop;

	if (first) {
		socket_orphan(socket);
		set_busy(socket, false);
		set_awaiting(socket, false);
		timer_stop(loop, &socket->ping);
		timer_stop(loop, &socket->age);
		if (socket->up && !socket->lost)
			wire_close(&socket->wire);
		else
			wire_kill(&socket->wire);
	}
	if (!wire_is_open(&socket->wire)) {
		timer_stop(loop, &socket->deadline);
		return go(socket, SLACK_FREE);
	}
	if (socket->late) {
		socket->late = false;
		wire_kill(&socket->wire);
		timer_start(loop, &socket->deadline, states[SLACK_CLOSING].limit, on_deadline, socket);
	}
	return WAIT;
}

void
socket_close(struct slack_socket *socket)
{
	if (!socket_takes(socket)) {
		if (socket->state != SLACK_FREE && socket->state != SLACK_CLOSING)
			socket_lose(socket, "stopping");
		return;
	}
	go(socket, SLACK_CLOSING);
	socket_run(socket);
}

void
socket_clear(struct slack_socket *socket)
{
	struct loop *loop = socket->set->options.loop;

	timer_stop(loop, &socket->deadline);
	timer_stop(loop, &socket->ping);
	timer_stop(loop, &socket->age);
	socket_orphan(socket);
	set_busy(socket, false);
	set_awaiting(socket, false);
	forget_address(socket);
}

/*
 * slack_sockets.c - all sockets together: how many stand, when the next try comes, where an
 * acknowledgement goes.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "base/log.h"
#include "slack_socket_private.h"

#define HOLD SECONDS(3)		/* after that Slack takes no acknowledgement */
#define HELD_MOST 256

/* ---- the next try ---- */

static bool
is_connecting(const struct slack_socket *socket)
{
	return socket->state >= SLACK_OPENING && socket->state <= SLACK_HELLO;
}

static void
on_retry(void *arg)
{
	sockets_balance(arg);
}

/* 1, 2, 4 … 60 s, half of it by chance. */
static int64_t
backoff(int failures)
{
	int64_t most = SECONDS(failures > 6 ? 60 : 1 << (failures - 1));
	uint32_t chance;

	random_bytes(&chance, sizeof(chance));
	return most / 2 + (int64_t)(chance % (uint32_t)(most / 2));
}

/* The later of what was planned and of what is asked for now. */
static int64_t
wait_for(struct slack_sockets *set, int64_t wait)
{
	struct loop *loop = set->options.loop;
	int64_t at = loop_now(loop) + wait;

	if (at < set->not_before)
		at = set->not_before;
	if (timer_runs(&set->retry) && set->retry_at > at)
		at = set->retry_at;
	if (at <= loop_now(loop))
		return 0;
	set->retry_at = at;
	timer_start(loop, &set->retry, at - loop_now(loop), on_retry, set);
	return at - loop_now(loop);
}

static int64_t
lived(const struct slack_sockets *set, const struct slack_socket *socket)
{
	return socket->ready_at >= 0 ? loop_now(set->options.loop) - socket->ready_at : 0;
}

void
sockets_failed(struct slack_sockets *set, const struct slack_socket *socket)
{
	int64_t now = loop_now(set->options.loop), wait;

	if (set->stopping || set->final)
		return;
	if (socket->state == SLACK_DRAINING || (socket->ready_at >= 0 && socket->retiring))
		return;		/* it was to go anyway */
	if (lived(set, socket) >= SECONDS(10))
		set->failures = 0;
	else if (lived(set, socket) < SECONDS(5))
		set->failures++;
	if (set->not_before < now + SECONDS(socket->retry_after))
		set->not_before = now + SECONDS(socket->retry_after);
	wait = wait_for(set, set->failures > 0 ? backoff(set->failures) : 0);
	snprintf(set->sentence, sizeof(set->sentence), "no connection to Slack: %s", socket->why);
	log_warning("slack: connection lost: %s; retrying in %.1f s", socket->why, (double)wait / 1000);
}

/* What failed before is history; what Slack asked for is not. */
void
sockets_settled(struct slack_sockets *set)
{
	set->failures = 0;
	timer_stop(set->options.loop, &set->retry);
	wait_for(set, 0);
	sockets_balance(set);
}

/* One that is sent away right after its hello would be followed by the next at once, for ever. */
void
sockets_refresh(struct slack_sockets *set, struct slack_socket *socket)
{
	if (socket->state != SLACK_HELLO && socket->state != SLACK_READY)
		return;
	if (!socket->retiring && lived(set, socket) < SECONDS(5))
		wait_for(set, backoff(++set->failures));
	socket->retiring = true;
	socket_run(socket);
}

void
sockets_end(struct slack_sockets *set, const char *sentence)
{
	if (set->final)
		return;
	set->final = true;
	timer_stop(set->options.loop, &set->retry);
	snprintf(set->sentence, sizeof(set->sentence), "%s", sentence);
	log_error("slack: %s; no further try", sentence);
	sockets_balance(set);
}

/* ---- balance ---- */

struct census {
	int standing;		/* ready or on the way, and to stay */
	int connecting, open, ready, not_free;
};

static struct census
census(const struct slack_sockets *set)
{
	struct census all = { 0 };

	for (size_t i = 0; i < SLOTS; i++) {
		const struct slack_socket *socket = &set->socket[i];

		all.not_free += socket->state != SLACK_FREE;
		all.open += socket->state != SLACK_FREE && socket->state != SLACK_CLOSING;
		all.connecting += is_connecting(socket);
		all.ready += socket_takes(socket);
		all.standing += (is_connecting(socket) || socket->state == SLACK_READY) &&
		    !socket->retiring;
	}
	return all;
}

static struct slack_socket *
free_socket(struct slack_sockets *set)
{
	for (size_t i = 0; i < SLOTS; i++)
		if (set->socket[i].state == SLACK_FREE)
			return &set->socket[i];
	return NULL;
}

/* After a failure one alone tries; the others follow when it stands. */
static bool
may_open(const struct slack_sockets *set, const struct census *all)
{
	return !set->stopping && !set->final && all->standing < set->options.connections &&
	    all->open < OPEN_MOST && !timer_runs(&set->retry) &&
	    (set->failures == 0 || all->connecting == 0);
}

/* Says what has changed for people: ready or not, and why. */
static void
report(struct slack_sockets *set, bool ready)
{
	if (set->stopping || (!ready && set->sentence[0] == '\0'))
		return;		/* nothing has failed yet */
	if (ready && !set->final && set->ghosts > 0)
		snprintf(set->sentence, sizeof(set->sentence),
		    "connected to Slack, but %d more connections of this application are not ours",
		    set->ghosts);
	else if (ready && !set->final)
		snprintf(set->sentence, sizeof(set->sentence), "connected to Slack");
	if (set->said_ready == ready && string_equal(set->said, set->sentence))
		return;
	set->said_ready = ready;
	memcpy(set->said, set->sentence, sizeof(set->said));
	set->options.state(set->options.arg, ready, set->final, set->said);
}

static void
balance_once(struct slack_sockets *set)
{
	struct census all = census(set);
	struct slack_socket *socket;

	while (may_open(set, &all) && (socket = free_socket(set)) != NULL) {
		socket_open(socket);
		all = census(set);
	}
	report(set, all.ready > 0);
	if (set->stopping && !set->stopped && all.not_free == 0) {
		set->stopped = true;
		set->options.stopped(set->options.arg);
	}
}

void
sockets_balance(struct slack_sockets *set)
{
	set->unbalanced = true;
	if (set->balancing)
		return;
	set->balancing = true;
	while (set->unbalanced) {
		set->unbalanced = false;
		balance_once(set);
	}
	set->balancing = false;
}

/* ---- acknowledgements ---- */

static struct slack_socket *
any_ready(struct slack_sockets *set)
{
	struct slack_socket *found = NULL;

	for (size_t i = 0; i < SLOTS; i++)
		if (socket_takes(&set->socket[i]) &&
		    (found == NULL || set->socket[i].state < found->state))
			found = &set->socket[i];
	return found;
}

static void
hold(struct slack_sockets *set, const char *bytes, size_t length)
{
	if (set->held.count >= HELD_MOST) {
		set->options.count(set->options.arg, "slack.acknowledgement_lost");
		return;
	}
	*GROW(&set->held) = (struct slack_held){
		.bytes = xstrndup(bytes, length),
		.length = length,
		.until = loop_now(set->options.loop) + HOLD,
	};
}

static void
send_over(struct slack_sockets *set, struct slack_socket *socket, const char *bytes, size_t length)
{
	if (socket != NULL)
		wire_send(&socket->wire, bytes, length);
	else
		hold(set, bytes, length);
}

void
sockets_resend(void *arg, const char *bytes, size_t length)
{
	struct slack_sockets *set = arg;

	send_over(set, any_ready(set), bytes, length);
}

static void
send_held(struct slack_sockets *set, struct slack_socket *socket)
{
	int64_t now = loop_now(set->options.loop);

	for (size_t i = 0; i < set->held.count; i++) {
		struct slack_held *held = &set->held.item[i];

		if (held->until >= now)
			wire_send(&socket->wire, held->bytes, held->length);
		else
			set->options.count(set->options.arg, "slack.acknowledgement_lost");
		free(held->bytes);
	}
	set->held.count = 0;
}

/* Its hello came: the oldest that is to go may go now. */
void
sockets_ready(struct slack_sockets *set, struct slack_socket *socket)
{
	struct slack_socket *oldest = NULL;

	for (size_t i = 0; i < SLOTS; i++) {
		struct slack_socket *other = &set->socket[i];

		if (other != socket && other->state == SLACK_READY && other->retiring &&
		    !other->replaced && (oldest == NULL || other->ready_at < oldest->ready_at))
			oldest = other;
	}
	send_held(set, socket);
	if (oldest == NULL)
		return;
	oldest->replaced = true;
	socket_run(oldest);
}

void
slack_sockets_acknowledge(struct slack_sockets *set, struct slack_source source,
    const char *envelope_id, const cJSON *payload)
{
	struct slack_socket *socket = source.slot < SLOTS ? &set->socket[source.slot] : NULL;
	_cleanup_(text_clear) struct text frame = TEXT_INIT;

	text_add(&frame, "{\"envelope_id\":");
	json_print_string(&frame, envelope_id);
	if (payload != NULL) {
		text_add(&frame, ",\"payload\":");
		json_print(&frame, payload);
	}
	text_add(&frame, "}");
	if (socket != NULL && socket->generation != source.generation)
		socket = NULL;
	if (socket != NULL && socket->in_flight > 0)
		socket->in_flight--;
	send_over(set, socket != NULL && socket_takes(socket) ? socket : any_ready(set), frame.data,
	    frame.length);
	if (socket != NULL && socket->state == SLACK_DRAINING)
		socket_run(socket);
}

/* ---- questions, life ---- */

bool
slack_sockets_ready(const struct slack_sockets *set)
{
	for (size_t i = 0; i < SLOTS; i++)
		if (socket_takes(&set->socket[i]))
			return true;
	return false;
}

const char *
slack_sockets_app(const struct slack_sockets *set)
{
	return set->app;
}

int
slack_sockets_ghosts(const struct slack_sockets *set)
{
	return set->ghosts;
}

static bool
read_proxy(struct slack_sockets *set, const char *proxy, struct error *err)
{
	if (proxy == NULL)
		return true;
	if (!slack_url_read(&set->proxy, proxy, NULL) || set->proxy.secure)
		return wrong(err, "slack.proxy is written http://HOST:PORT");
	return true;
}

struct slack_sockets *
slack_sockets_new(const struct slack_sockets_options *options, struct error *err)
{
	struct wires_options wires = { .secure = string_starts(slack_api_url(options->api), "https:"),
		.ca_file = options->ca_file, .proxy = options->proxy };
	struct slack_sockets *set = xcalloc(1, sizeof(*set));

	set->options = *options;
	set->options.ca_file = set->options.proxy = NULL;	/* used here, not kept */
	if (options->connections < 1)
		set->options.connections = 1;
	if (options->connections > SLACK_CONNECTIONS_MOST)
		set->options.connections = SLACK_CONNECTIONS_MOST;
	for (size_t i = 0; i < SLOTS; i++) {
		set->socket[i].set = set;
		set->socket[i].slot = i;
		set->socket[i].ready_at = -1;
	}
	if (!read_proxy(set, options->proxy, err)) {
		slack_sockets_free(set);
		return NULL;
	}
	/* The question is under way while the library starts. */
	sockets_balance(set);
	set->wires = wires_new(options->loop, &wires, err);
	if (set->wires != NULL)
		return set;
	slack_sockets_free(set);
	return NULL;
}

void
slack_sockets_stop(struct slack_sockets *set)
{
	set->stopping = true;
	timer_stop(set->options.loop, &set->retry);
	for (size_t i = 0; i < SLOTS; i++)
		socket_close(&set->socket[i]);
	sockets_balance(set);
}

void
slack_sockets_free(struct slack_sockets *set)
{
	if (set == NULL)
		return;
	set->stopping = set->stopped = set->balancing = true;	/* nothing is opened or said any more */
	timer_stop(set->options.loop, &set->retry);
	for (size_t i = 0; i < SLOTS; i++)
		socket_clear(&set->socket[i]);
	wires_free(set->wires);
	for (size_t i = 0; i < set->held.count; i++)
		free(set->held.item[i].bytes);
	free(set->held.item);
	slack_url_clear(&set->proxy);
	free(set->app);
	free(set);
}

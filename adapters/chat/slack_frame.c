/* slack_frame.c - what Slack says over a socket: hello, disconnect, envelopes. */

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "slack_socket_private.h"

static void
count(const struct slack_socket *socket, const char *counter)
{
	socket->set->options.count(socket->set->options.arg, counter);
}

static void
on_age(void *arg)
{
	struct slack_socket *socket = arg;

	socket->retiring = true;
	socket_run(socket);
}

/* At 90 % of the announced age the next one is opened, whether or not a warning comes. */
static void
plan_age(struct slack_socket *socket, const cJSON *hello)
{
	double seconds = json_number(hello, "debug_info.approximate_connection_time", 0);

	if (seconds >= 30 && seconds < 1e7)
		timer_start(socket->set->options.loop, &socket->age, (int64_t)(seconds * 900), on_age,
		    socket);
}

static int
count_open(const struct slack_sockets *set)
{
	int open = 0;

	for (size_t i = 0; i < SLOTS; i++)
		open += set->socket[i].wire.is_up && wire_is_open(&set->socket[i].wire) &&
		    !set->socket[i].wire.is_down;
	return open;
}

/* Each payload goes to any one socket of the application: another process eats commands silently. */
static void
count_ghosts(struct slack_socket *socket, const cJSON *hello)
{
	struct slack_sockets *set = socket->set;
	int64_t all = json_integer(hello, "num_connections", 0);
	int ghosts = all > count_open(set) && all < 1000 ? (int)all - count_open(set) : 0;

	if (ghosts == set->ghosts)
		return;
	set->ghosts = ghosts;
	if (ghosts == 0)
		return;
	count(socket, "slack.ghosts");
	log_warning("slack: %d more connections of this application are open than ours: another process "
	    "with the same app_token gets a share of the commands, or an old connection is not closed yet",
	    ghosts);
}

static void
hear_hello(struct slack_socket *socket, const cJSON *hello)
{
	struct slack_sockets *set = socket->set;
	const char *app = json_string(hello, "connection_info.app_id");

	if (socket->state != SLACK_HELLO)
		return;
	if (app != NULL && !string_equal(app, set->app)) {
		free(set->app);
		set->app = xstrdup(app);
	}
	plan_age(socket, hello);
	count_ghosts(socket, hello);
	socket->hello = true;
	socket_run(socket);
}

static void
hear_disconnect(struct slack_socket *socket, const char *reason)
{
	if (string_equal(reason, "link_disabled")) {
		count(socket, "slack.link_disabled");
		sockets_end(socket->set,
		    "Socket Mode is switched off in the application's settings (link_disabled)");
		socket_lose(socket, "link_disabled");
	} else if (string_equal(reason, "too_many_websockets")) {
		/* This one goes first, and the next try comes slowly. */
		count(socket, "slack.too_many_websockets");
		socket->retry_after = 60;
		socket_lose(socket, "Slack counts more than 10 connections of this application");
	} else {
		count(socket, "slack.refresh");
		sockets_refresh(socket->set, socket);
	}
}

static void
hear_envelope(struct slack_socket *socket, const cJSON *envelope)
{
	struct slack_source source = { socket->slot, socket->generation };

	if (json_string(envelope, "envelope_id") == NULL) {
		count(socket, "dropped.malformed");
		return;
	}
	if (json_number(envelope, "retry_attempt", 0) > 0)
		count(socket, "redelivered");
	socket->in_flight++;
	socket->set->options.envelope(socket->set->options.arg, envelope, source);
}

void
socket_hear(struct slack_socket *socket, const char *bytes, size_t length)
{
	struct error err = ERROR_INIT;
	_cleanup_(json_freep) cJSON *frame = json_parse(bytes, length, &err);
	const char *type = json_string(frame, "type");

	if (frame == NULL)
		log_warning("slack: a frame was ignored: %s", err.text);
	if (type == NULL)
		count(socket, "dropped.malformed");
	else if (string_equal(type, "hello"))
		hear_hello(socket, frame);
	else if (string_equal(type, "disconnect"))
		hear_disconnect(socket, json_string(frame, "reason"));
	else
		hear_envelope(socket, frame);
}

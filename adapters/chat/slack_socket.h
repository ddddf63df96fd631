/*
 * slack_socket.h - Socket Mode: several WebSockets that stand at once, so that no refresh leaves a gap.
 *
 * `connections` of them stand (2); before one goes (Slack warns, or 90 % of its announced age are over)
 * another is opened, and only at the other's hello the old one is drained and closed.  Each is a machine
 *
 *	free → opening → resolving → connecting → hello → ready → draining → closing → free
 *
 * with a deadline on every state (10 s up to hello).  A ready one is pinged every 2.5 s and dead after 6 s
 * without any frame (L5).  The first reconnect comes at once, then after 1, 2, 4 … 60 s, jittered; a
 * socket that lived 10 s ends that, one that lived less than 5 s counts as a failure.  A token that Slack
 * does not take, or Socket Mode switched off, is said once and ends it (peers.md 2).
 *
 * Wire facts: protocols.md 1.  Frames sent into a dead socket: events come again, commands do not.
 */
#ifndef SLACK_SOCKET_H
#define SLACK_SOCKET_H

#include "slack_api.h"

#define SLACK_CONNECTIONS_MOST 9

struct slack_sockets;

/* Which socket an envelope came over; an acknowledgement goes there, or, when it is gone, over another. */
struct slack_source {
	size_t slot;
	unsigned generation;
};

struct slack_sockets_options {
	struct loop *loop;
	struct slack_api *api;
	const char *ca_file, *proxy;	/* NULL: none */
	int connections;
	void *arg;
	void (*envelope)(void *arg, const cJSON *envelope, struct slack_source);	/* borrowed */
	/* ready: some socket takes commands; final: no further try, a person must act. */
	void (*state)(void *arg, bool ready, bool final, const char *sentence);
	void (*count)(void *arg, const char *counter);
	void (*stopped)(void *arg);	/* all are closed, after slack_sockets_stop */
};

/* Asks Slack for the first address before it does anything else. */
struct slack_sockets *slack_sockets_new(const struct slack_sockets_options *, struct error *);
void slack_sockets_stop(struct slack_sockets *);	/* close frames; stopped() comes, within 2 s */
void slack_sockets_free(struct slack_sockets *);	/* before the api */

/* payload NULL: none. */
void slack_sockets_acknowledge(struct slack_sockets *, struct slack_source, const char *envelope_id,
    const cJSON *payload);
bool slack_sockets_ready(const struct slack_sockets *);
const char *slack_sockets_app(const struct slack_sockets *);	/* our application's id; NULL before hello */
int slack_sockets_ghosts(const struct slack_sockets *);	/* Slack's count less ours, at the last hello */

#endif

/*
 * slack_wire.h - client WebSockets by libwebsockets 4.1.6 on the loop, without its surprises.
 *
 * Its ends come in several shapes (NULL without a callback, an error, CLOSED, nothing at all), its memory
 * goes a turn later (loop.md 6).  Here a wire that wire_open accepted says down() at most once and gone()
 * exactly once, after which the struct may be opened again; until then it stays where it is.
 *
 * The address is numeric: libwebsockets would look a name up on the loop.  TLS believes what trust.h says,
 * verifies chain and name, and cannot be told not to.  The environment's http_proxy is removed, since
 * libwebsockets would obey it; a proxy is configured or there is none.  Redirects are not followed.
 * Extensions are not offered.  No time-out of the library's: deadlines are the caller's.
 *
 * Messages up to 1 MiB, in any number of fragments; a longer one ends the wire.
 */
#ifndef SLACK_WIRE_H
#define SLACK_WIRE_H

#include "base/text.h"
#include "loop.h"
#include "slack_url.h"

#define WIRE_MESSAGE_MOST MEGABYTES(1)

struct lws;
struct wires;			/* what all wires share: libwebsockets' context */
struct wire_frame;

struct wire_events {
	void (*up)(void *arg);		/* the upgrade is done */
	void (*heard)(void *arg);	/* a pong, or a piece of a message */
	void (*pong)(void *arg);
	void (*text)(void *arg, const char *bytes, size_t length);	/* a whole message */
	void (*down)(void *arg, const char *why);
	void (*gone)(void *arg);
};

struct wire {
	const struct wire_events *events;	/* set by the owner, once */
	void *arg;
	/* private */
	struct wires *wires;
	struct lws *lws;		/* NULL: not open, or gone */
	struct text incoming;
	bool is_up, is_down, is_ended, read_now, ping, close, close_sent;
	bool wished;			/* the library knows that we want to write */
	struct wire_frame *first, *last;
	struct wire *next;		/* among the open ones */
};

struct wires_options {
	bool secure;			/* some address will be wss */
	const char *ca_file;
	const char *proxy;		/* whether wire_open's address is a proxy's; NULL: none */
};
struct wires *wires_new(struct loop *, const struct wires_options *, struct error *);
/* Wires that are still open hear nothing any more; their memory may go.  The loop must turn once more
 * (loop_free does) for the library's own to go. */
void wires_free(struct wires *);

/* false: the error says why, and no event will come. */
bool wire_open(struct wire *, struct wires *, const struct slack_url *, const char *address, int port,
    struct error *);
void wire_send(struct wire *, const char *bytes, size_t length);	/* a text frame, in order */
void wire_ping(struct wire *);
/* A close frame after what waits; the peer's answer brings down and gone, or does not: wire_kill. */
void wire_close(struct wire *);
void wire_kill(struct wire *);		/* at once, without words; gone comes in a later turn */
bool wire_is_open(const struct wire *);	/* between wire_open and gone */
/* What wire_send took and never went out: each once, oldest first; for another wire to send. */
void wire_unsent(struct wire *, void (*each)(void *arg, const char *bytes, size_t length), void *arg);

#endif

/*
 * slack_socket_private.h - what slack_socket.c (one socket) and slack_sockets.c (all of them) share.
 */
#ifndef SLACK_SOCKET_PRIVATE_H
#define SLACK_SOCKET_PRIVATE_H

#include "slack_socket.h"
#include "slack_wire.h"

#define SLOTS 24		/* closing sockets keep theirs until libwebsockets lets go */
#define OPEN_MOST 10		/* Slack's limit for an application */

enum slack_state {
	SLACK_FREE, SLACK_OPENING, SLACK_RESOLVING, SLACK_CONNECTING, SLACK_HELLO, SLACK_READY,
	SLACK_DRAINING, SLACK_CLOSING,
};

struct slack_attempt;

struct slack_socket {
	struct slack_sockets *set;
	size_t slot;
	enum slack_state state;
	unsigned generation;		/* of its life: a late answer to an earlier one is not its own */
	bool begun;			/* the state's function was called once */
	bool running, again;		/* inside the driver; called meanwhile */

	/* what happened, for the state's function to see */
	bool up, hello, late, lost;
	bool retiring;			/* Slack or its age wants it replaced */
	bool replaced;			/* a younger one is ready */
	bool busy;			/* counted as BUSY_CONNECT */
	const char *why;		/* it was lost: a literal or in why_text */
	char why_text[160];

	struct slack_attempt *attempt;	/* a call or a look-up under way */
	int retry_after;
	struct slack_url url;
	struct { char *item[8]; size_t count; } addresses;
	struct wire wire;
	struct timer deadline, ping, age;
	int64_t ready_at, heard_at;
	bool awaiting_pong;
	bool settled;			/* was ready for 10 s: the failures before it are history */
	int in_flight;			/* envelopes not acknowledged yet */
};

struct slack_held {			/* an acknowledgement without a socket */
	char *bytes;
	size_t length;
	int64_t until;
};

struct slack_sockets {
	struct slack_sockets_options options;
	struct slack_url proxy;		/* host NULL: none */
	struct wires *wires;
	struct slack_socket socket[SLOTS];
	struct timer retry;
	int64_t retry_at, not_before;	/* the timer's time; what Slack's Retry-After asks for */
	int failures;
	int ghosts;
	bool balancing, unbalanced, stopping, stopped, final;
	char *app;
	char sentence[256];
	bool said_ready;
	char said[256];			/* to the owner; "" nothing yet */
	struct { struct slack_held *item; size_t count, size; } held;
};

/* slack_socket.c */
void socket_open(struct slack_socket *);	/* a free one */
void socket_run(struct slack_socket *);		/* something happened */
void socket_lose(struct slack_socket *, const char *format, ...) _printf_(2, 3);
void socket_close(struct slack_socket *);	/* wherever it is, politely if it can */
void socket_clear(struct slack_socket *);	/* at the end of the set */
bool socket_takes(const struct slack_socket *);	/* frames may be sent over it */

/* slack_frame.c */
void socket_hear(struct slack_socket *, const char *bytes, size_t length);

/* slack_resolve.c: names to addresses, the first call; each ends in socket_run. */
void socket_ask_address(struct slack_socket *);
void socket_resolve(struct slack_socket *);
void socket_orphan(struct slack_socket *);	/* nobody waits for what is under way */

/* slack_sockets.c */
void sockets_balance(struct slack_sockets *);	/* after any change */
void sockets_failed(struct slack_sockets *, const struct slack_socket *);
void sockets_settled(struct slack_sockets *);	/* one was ready for 10 s */
void sockets_refresh(struct slack_sockets *, struct slack_socket *);	/* Slack wants it replaced */
void sockets_end(struct slack_sockets *, const char *sentence);	/* no further try */
void sockets_ready(struct slack_sockets *, struct slack_socket *);
void sockets_resend(void *set, const char *bytes, size_t length);

#endif

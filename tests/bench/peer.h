/*
 * peer.h - one TCP connection of the load generator: bytes, TLS, HTTP/1.1 requests, WebSocket frames.
 *
 * Only what the measured programs send is understood: requests with Content-Length or without a body,
 * frames of one piece, masked.  Whatever else comes ends the connection.  What a callback is given is
 * borrowed and may be changed; peers are freed by peer_read and peer_write when they say false.
 */
#ifndef BENCH_PEER_H
#define BENCH_PEER_H

#include <openssl/ssl.h>
#include <stdint.h>

#include "base/error.h"
#include "base/text.h"

struct load;

struct peer {
	struct peer *next, *previous;	/* all of the generator */
	struct load *load;
	int fd;
	SSL *ssl;			/* NULL: plain */
	struct text in, out;
	bool is_link;			/* upgraded to a WebSocket */
	bool refreshed, stalled, closing;
	bool wants_write;		/* armed for it */
	int64_t opened, ends;		/* ns; ends: when it is closed, 0: not planned */
};

struct peer *peer_new(struct load *, int fd, SSL_CTX *);
void peer_free(struct peer *);
bool peer_read(struct peer *);
bool peer_flush(struct peer *);		/* false: broken */
void peer_say(struct peer *, int opcode, const char *bytes, size_t length);	/* one frame, buffered */

/* The generator's, called from peer_read.  An answer is added to peer->out. */
void load_request(struct peer *, const char *path, char *body, size_t length);
void load_upgrade(struct peer *);
void load_frame(struct peer *, int opcode, char *bytes, size_t length);

/* A key and a certificate for localhost, signed by an authority that is written to FILE. */
SSL_CTX *peer_trust(const char *file, struct error *);

#endif

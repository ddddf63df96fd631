/*
 * slack_wire_private.h - what slack_wire.c (one WebSocket) and slack_wires.c (their context) share.
 */
#ifndef SLACK_WIRE_PRIVATE_H
#define SLACK_WIRE_PRIVATE_H

#include <libwebsockets.h>

#include "slack_wire.h"

struct wires {
	struct loop *loop;
	struct lws_context *context;
	struct wire *open;
	struct ssl_ctx_st *ssl;	/* NULL: no wss */
	bool proxy;
	unsigned char *copy;	/* of the frame that is being written */
	size_t copy_size;
};

/* slack_wire.c */
int wire_callback(struct lws *, enum lws_callback_reasons, void *user, void *in, size_t length);
void wire_forget(struct wire *);

#endif

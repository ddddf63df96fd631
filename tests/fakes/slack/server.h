/*
 * server.h - HTTP on loopback with libwebsockets, and where its requests go.
 *
 * An exchange is one request and its answer.  The one who handles it answers at once or later, from
 * anywhere on the loop; an exchange that hangs is answered by fake_slack_release, or ends with its
 * connection.  After exchange_answer or exchange_cut it is gone.
 */
#ifndef FAKE_SERVER_H
#define FAKE_SERVER_H

#include "fake.h"

#define BODY_LIMIT MEGABYTES(32)

struct lws;

struct exchange {
	struct fake_slack *fs;
	struct exchange *before, *after;
	struct lws *wsi;		/* NULL: the client went away */
	bool post, chunked, inside, handled, cut, ready, last;
	void (*resume)(struct exchange *);	/* set while it hangs */
	char *path, *authorization, *type, *host;
	cJSON *query;			/* name → value, decoded */
	struct text body;
	struct text reply;		/* LWS_PRE bytes, then what goes on the wire */
	void *context;			/* of the handler, freed by release_context */
	void (*release_context)(void *);
};

/* The headers are separated and ended by "\r\n"; NULL: none. */
void exchange_answer(struct exchange *, int status, const char *type, const char *headers,
    const char *body, size_t length);
void exchange_cut(struct exchange *);	/* closes the connection instead */
void exchange_hang(struct exchange *, void (*resume)(struct exchange *));

bool server_start(struct fake_slack *, struct error *);
void server_stop(struct fake_slack *);	/* turns the loop until libwebsockets has closed all */

/* Who handles what; each answers, cuts or hangs. */
void api_handle(struct exchange *);	/* /api/… */
void hook_handle(struct exchange *);	/* /hooks/… */
void upload_handle(struct exchange *);	/* /upload/… */
void page_handle(struct exchange *);	/* all the rest */

#endif

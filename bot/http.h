/*
 * http.h - the one HTTP client: libcurl's multi interface on the loop.
 *
 * At most 16 transfers at once, the rest wait in a FIFO of ours (curl's own pending list costs a third of
 * the throughput, loop.md 2).  No redirects, no cookies, no netrc, https and (where the caller's URL says
 * so) http only, no proxy but the one that is set, TLS verification that cannot be switched off, link-local
 * and metadata addresses refused after the name was resolved (NE1).  Deadlines are the loop's timers.
 *
 * http_start copies what it needs.  done() comes exactly once, never before http_start returned, also
 * after http_cancel.  The answer is borrowed, valid inside done() only.
 */
#ifndef BOT_HTTP_H
#define BOT_HTTP_H

#include "base/error.h"
#include "base/secret.h"
#include "base/text.h"
#include "loop.h"

struct http;		/* the client; one for each set of peer, trust and credential (NE4) */
struct http_call;

struct http_options {
	const char *ca_file;	/* adds a private authority; NULL: the system's only */
	const char *proxy;	/* http://host:port, NULL: none */
};

struct http_request {
	const char *method;		/* "GET", "POST" */
	const char *url;
	const struct secret *bearer;	/* Authorization: Bearer …; NULL: none */
	const char *content_type;	/* NULL: no body */
	const char *body;		/* copied */
	size_t body_length;
	int64_t limit;			/* ms for everything, > 0 */
	size_t max_answer;		/* bytes; more is a failure */
	bool once;			/* must not happen twice: never sent again by the library itself */
	const char *wanted_header;	/* a literal: the one header of the answer to hand back; NULL: none */
};

struct http_answer {
	int status;			/* 0: no answer, see failure */
	struct text *body;
	int retry_after;		/* seconds, 0: not said */
	const char *header;		/* the wanted one's value; NULL: none came */
	/* What is known of a failed call: NONE means an answer came (of any status); LOST before a byte
	 * was sent (safe to repeat) or after (outcome unknown), LATE past the limit. */
	struct error failure;
	bool outcome_unknown;
};

struct http *http_new(struct loop *, const struct http_options *, struct error *);
void http_free(struct http *);	/* cancels what runs; done() of each is called first */

struct http_call *http_start(struct http *, const struct http_request *,
    void (*done)(void *arg, const struct http_answer *), void *arg);
void http_cancel(struct http_call *);
size_t http_running(const struct http *);

#endif

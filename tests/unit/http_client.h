/*
 * http_client.h - the HTTP client and a server for it on one turned loop, and a world of names.
 */
#ifndef TEST_HTTP_CLIENT_H
#define TEST_HTTP_CLIENT_H

#include <dlfcn.h>
#include <netdb.h>
#include <semaphore.h>

#include "http.h"

#include "http_server.h"

/* ---- a world of names: what ends in ".test" is answered here, in curl's own threads ---- */

static const char *name_is = "127.0.0.1";	/* NULL: there is no such name */
static sem_t *name_waits;			/* no answer before it was posted; NULL: at once */
static struct timespec name_given_up;		/* or then, by the real clock */
static _Atomic int name_answers;		/* of those that waited */

int
getaddrinfo(const char *node, const char *service, const struct addrinfo *hints,
    struct addrinfo **answer)
{
	static int (*real)(const char *, const char *, const struct addrinfo *, struct addrinfo **);

	if (real == NULL)
		*(void **)&real = dlsym(RTLD_NEXT, "getaddrinfo");
	if (node == NULL || !string_ends(node, ".test"))
		return real(node, service, hints, answer);
	if (name_waits != NULL) {
		sem_timedwait(name_waits, &name_given_up);
		name_answers++;
	}
	return name_is != NULL ? real(name_is, service, hints, answer) : EAI_NONAME;
}

struct call {
	int done, status, retry_after;
	enum error_kind kind;
	bool unknown;
	char text[512], body[256], header[64];
	struct http *again;	/* starts another call from done(), once */
	struct http_call *cancels;	/* and cancels that one */
};

struct fixture {
	struct loop *loop;
	struct http *http;
	struct server *server;
};

static inline struct fixture
fixture_make(void)
{
	struct fixture f = { .loop = turned_new() };

	f.http = http_new(f.loop, &(struct http_options){ 0 }, NULL);
	f.server = server_new(f.loop, "127.0.0.1");
	return f;
}

static inline void
fixture_clear(struct fixture *f)
{
	http_free(f->http);
	server_free(f->server);
	loop_free(f->loop);
}

static inline void
on_done(void *arg, const struct http_answer *answer)
{
	struct call *call = arg;

	call->done++;
	call->status = answer->status;
	call->retry_after = answer->retry_after;
	call->kind = answer->failure.kind;
	call->unknown = answer->outcome_unknown;
	snprintf(call->text, sizeof(call->text), "%s", answer->failure.text);
	snprintf(call->body, sizeof(call->body), "%s", answer->body->data);
	snprintf(call->header, sizeof(call->header), "%s", answer->header != NULL ? answer->header : "-");
	if (call->cancels != NULL && call->done == 1)
		http_cancel(call->cancels);
	if (call->again != NULL && call->done == 1)
		http_start(call->again, &(struct http_request){ .method = "GET",
		    .url = "http://127.0.0.1:9/", .limit = 1000, .max_answer = 10 }, on_done, call);
}

static inline struct http_call *
get_from(struct fixture *f, struct call *call, const char *host, int64_t limit)
{
	_cleanup_(freep) char *url = xasprintf("http://%s:%d/x", host, f->server->port);

	return http_start(f->http, &(struct http_request){ .method = "GET", .url = url,
	    .limit = limit, .max_answer = 1000, .wanted_header = "X-Here" }, on_done, call);
}

static inline struct http_call *
get(struct fixture *f, struct call *call, int64_t limit)
{
	return get_from(f, call, "127.0.0.1", limit);
}

#endif

/*
 * http_private.h - what the HTTP client's files share.
 *
 * http.c keeps the calls from start to end; http_sockets.c does what curl wishes of the loop;
 * http_address.c says where it may go.
 */
#ifndef BOT_HTTP_PRIVATE_H
#define BOT_HTTP_PRIVATE_H

#include <curl/curl.h>
#include <sys/socket.h>

#include "http.h"

#define HTTP_RUNNING_MOST 16	/* more only wait inside of curl, which looks at them at each end */

struct http_call {
	struct http *http;
	struct http_call *next, *previous;	/* in the FIFO or among the running */
	CURL *easy;		/* NULL: waits */
	struct curl_slist *headers;
	char *url, *body, *method;
	size_t body_length;
	bool has_body;
	const char *wanted_header;
	struct text answer;
	struct timer limit;
	bool running, too_long;
	bool once;
	int begun;		/* how often curl began to send it */
	char error[CURL_ERROR_SIZE];
	char refused[256];	/* why we ourselves would not: curl writes over its own sentence */
	void (*done)(void *arg, const struct http_answer *);
	void *arg;
};

struct list {
	struct http_call *first, *last;
	size_t count;
};

struct watch;					/* of http_sockets.c */

struct http {
	struct loop *loop;
	CURLM *multi;
	struct list waiting, running;
	CURL *idle[HTTP_RUNNING_MOST];	/* handles without a call */
	size_t idle_count;
	bool kick;		/* curl asked for a time-out of 0 */
	bool dead;
	struct timer timer;
	char *ca_file, *proxy;
	struct {
		struct place {
			struct watch *watch;
			ino_t connection;	/* made by open_socket; 0: curl's own, of the resolver */
		} *item;
		size_t count, size;
	} places;		/* by descriptor */
};

/* http.c */
void http_drain(struct http *);		/* ends what curl has done, starts what waits */

/* http_sockets.c: http_kick runs the time-out of 0 that curl asked for; the rest are curl's callbacks. */
void http_kick(struct http *);
int http_want_timer(CURLM *, long ms, void *http);
int http_want_socket(CURL *, curl_socket_t, int what, void *http, void *assigned);
curl_socket_t http_open_socket(void *call, curlsocktype, struct curl_sockaddr *);
int http_close_socket(void *http, curl_socket_t);

/* http_address.c */
/* Link-local, metadata, multicast and "this network" are never a peer; loopback only when the URL itself
 * says so. */
bool address_allowed(const struct sockaddr *, bool loopback);
bool names_loopback(const char *url);

#endif

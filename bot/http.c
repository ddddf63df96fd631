/*
 * http.c - libcurl's multi interface on the loop.
 *
 * What was measured (16 handles at most in the multi, used again and again, a uv_poll_t for each descriptor
 * that stays armed, MAXCONNECTS set, the zero time-out run at the end of the turn) is kept as it was found
 * best.
 */

#include <assert.h>
#include <openssl/ssl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "http_private.h"
#include "trust.h"

#define CONNECTIONS_KEPT 32

static void
list_add(struct list *list, struct http_call *call)
{
	call->next = NULL;
	call->previous = list->last;
	if (list->last != NULL)
		list->last->next = call;
	else
		list->first = call;
	list->last = call;
	list->count++;
}

static void
list_remove(struct list *list, struct http_call *call)
{
	if (call->previous != NULL)
		call->previous->next = call->next;
	else
		list->first = call->next;
	if (call->next != NULL)
		call->next->previous = call->previous;
	else
		list->last = call->previous;
	list->count--;
}

static void start_waiting(struct http *);

/* ---- the end of a call ---- */

/* What belongs to the call leaves the handle with it. */
static void
give_handle_back(struct http_call *call)
{
	struct http *http = call->http;

	curl_easy_setopt(call->easy, CURLOPT_PRIVATE, NULL);
	curl_easy_setopt(call->easy, CURLOPT_ERRORBUFFER, NULL);
	curl_easy_setopt(call->easy, CURLOPT_HTTPHEADER, NULL);
	curl_easy_setopt(call->easy, CURLOPT_POSTFIELDS, NULL);
	if (http->idle_count < COUNT(http->idle))
		http->idle[http->idle_count++] = call->easy;
	else
		curl_easy_cleanup(call->easy);
	call->easy = NULL;
}

static void
call_free(struct http_call *call)
{
	timer_stop(call->http->loop, &call->limit);
	if (call->easy != NULL)
		give_handle_back(call);
	for (struct curl_slist *header = call->headers; header != NULL; header = header->next)
		explicit_bzero(header->data, strlen(header->data));	/* a bearer's among them */
	curl_slist_free_all(call->headers);
	free(call->url);
	free(call->method);
	free(call->body);
	text_clear(&call->answer);
	free(call);
}

static void
call_leave(struct http_call *call)
{
	struct http *http = call->http;

	if (call->running) {
		curl_multi_remove_handle(http->multi, call->easy);
		list_remove(&http->running, call);
	} else {
		list_remove(&http->waiting, call);
	}
	loop_idle(http->loop, BUSY_HTTP);
}

static void
call_end(struct http_call *call, struct http_answer *answer)
{
	call_leave(call);
	answer->body = &call->answer;
	call->done(call->arg, answer);
	call_free(call);
}

/* Whether any byte of the request may have reached the peer decides if repeating is safe. */
static bool
was_sent(struct http_call *call)
{
	curl_off_t up = 0;
	long request = 0;

	if (!call->running)
		return false;
	if (call->once && call->begun > 1)
		return true;
	curl_easy_getinfo(call->easy, CURLINFO_SIZE_UPLOAD_T, &up);
	curl_easy_getinfo(call->easy, CURLINFO_REQUEST_SIZE, &request);
	return up > 0 || request > 0;
}

static void
on_limit(void *arg)
{
	struct http_call *call = arg;
	struct http *http = call->http;
	struct http_answer answer = { .outcome_unknown = was_sent(call) };

	late(&answer.failure, "no answer within the time limit");
	call_end(call, &answer);
	start_waiting(http);
}

static void
call_finished(struct http_call *call, CURLcode code)
{
	struct http_answer answer = { 0 };
	struct curl_header *header;
	curl_off_t retry = 0;
	long status = 0;

	curl_easy_getinfo(call->easy, CURLINFO_RESPONSE_CODE, &status);
	curl_easy_getinfo(call->easy, CURLINFO_RETRY_AFTER, &retry);
	if (code == CURLE_OK) {
		answer.status = (int)status;
		answer.retry_after = (int)retry;
		if (call->wanted_header != NULL &&
		    curl_easy_header(call->easy, call->wanted_header, 0, CURLH_HEADER, -1, &header) ==
			CURLHE_OK)
			answer.header = header->value;
	} else if (call->too_long) {
		answer.outcome_unknown = true;
		failed(&answer.failure, "the answer was longer than allowed");
	} else {
		answer.outcome_unknown = was_sent(call);
		lost(&answer.failure, "%s", call->refused[0] != '\0' ? call->refused
			: call->error[0] != '\0' ? call->error : curl_easy_strerror(code));
	}
	call_end(call, &answer);
}

void
http_drain(struct http *http)
{
	struct http_call *call;
	CURLMsg *message;
	CURLcode code;
	int left;

	while ((message = curl_multi_info_read(http->multi, &left)) != NULL) {
		if (message->msg != CURLMSG_DONE)
			continue;
		code = message->data.result;
		curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&call);
		call_finished(call, code);
	}
	start_waiting(http);
}

static size_t
on_body(char *bytes, size_t size, size_t count, void *arg)
{
	struct http_call *call = arg;

	text_add_bytes(&call->answer, bytes, size * count);
	if (!call->answer.cut)
		return size * count;
	call->too_long = true;
	return 0;
}

/* ---- the start of a call ---- */

static void
set_method(struct http_call *call)
{
	CURL *easy = call->easy;
	bool get = string_equal(call->method, "GET"), post = string_equal(call->method, "POST");

	if (call->has_body || post) {
		curl_easy_setopt(easy, CURLOPT_POST, 1L);
		curl_easy_setopt(easy, CURLOPT_POSTFIELDS, call->body);
		curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)call->body_length);
	} else {
		curl_easy_setopt(easy, CURLOPT_HTTPGET, 1L);
	}
	curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, get || post ? NULL : call->method);
}

static void
add_headers(struct http_call *call, const char *content_type)
{
	_cleanup_(freep) char *type = NULL;

	if (content_type == NULL)
		return;
	type = xasprintf("Content-Type: %s", content_type);
	call->headers = curl_slist_append(call->headers, type);
	call->headers = curl_slist_append(call->headers, "Expect:");
}

static void
add_bearer(struct http_call *call, const struct secret *bearer)
{
	char *header;

	if (bearer == NULL)
		return;
	header = xasprintf("Authorization: Bearer %s", secret_reveal(bearer));
	call->headers = curl_slist_append(call->headers, header);
	explicit_bzero(header, strlen(header));
	free(header);
}

static CURLcode
use_trust(CURL *easy, void *context, void *arg)
{
	struct http_call *call = arg;
	struct error err = ERROR_INIT;
	X509_STORE *store = trust_store(call->http->ca_file, &err);

	(void)easy;
	if (store == NULL) {
		snprintf(call->refused, sizeof(call->refused), "%.250s", err.text);
		return CURLE_SSL_CACERT_BADFILE;
	}
	SSL_CTX_set1_cert_store(context, store);
	return CURLE_OK;
}

/* On a kept connection that dies without an answer curl sends the request again, even a POST: what must
 * not happen twice stops there, its outcome unknown. */
static int
before_request(void *arg, char *to, char *from, int to_port, int from_port)
{
	struct http_call *call = arg;

	(void)to;
	(void)from;
	(void)to_port;
	(void)from_port;
	if (call->begun++ == 0 || !call->once)
		return CURL_PREREQFUNC_OK;
	snprintf(call->error, sizeof(call->error), "the connection ended before the answer came");
	return CURL_PREREQFUNC_ABORT;
}

/* What is the same for all calls of this client. */
static CURL *
new_handle(struct http *http)
{
	CURL *easy = curl_easy_init();

	if (easy == NULL)
		abort();
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(easy, CURLOPT_PROXY, http->proxy != NULL ? http->proxy : "");
	curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	curl_easy_setopt(easy, CURLOPT_CAINFO, NULL);	/* believed is what trust.h says */
	curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
	curl_easy_setopt(easy, CURLOPT_SSL_CTX_FUNCTION, use_trust);
	curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	/* A call that ends while its name is looked up leaves the resolver's thread to itself; else the
	 * loop stands until a mute name server is given up. */
	curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
	curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, 0x7fffffffL);	/* deadlines are ours (L3) */
	curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, http_close_socket);
	curl_easy_setopt(easy, CURLOPT_CLOSESOCKETDATA, http);
	curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, http_open_socket);
	curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, before_request);
	return easy;
}

static void
call_prepare(struct http_call *call)
{
	struct http *http = call->http;
	CURL *easy = http->idle_count > 0 ? http->idle[--http->idle_count] : new_handle(http);

	call->easy = easy;
	curl_easy_setopt(easy, CURLOPT_PRIVATE, call);
	curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, call->error);
	curl_easy_setopt(easy, CURLOPT_WRITEDATA, call);
	curl_easy_setopt(easy, CURLOPT_SSL_CTX_DATA, call);
	curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, call);
	curl_easy_setopt(easy, CURLOPT_PREREQDATA, call);
	curl_easy_setopt(easy, CURLOPT_URL, call->url);
	curl_easy_setopt(easy, CURLOPT_HTTPHEADER, call->headers);
	set_method(call);
}

/* Started at the end of the turn, so that done() never comes before http_start returned. */
static void
start_waiting(struct http *http)
{
	struct http_call *call;

	while (!http->dead && (call = http->waiting.first) != NULL &&
	    http->running.count < HTTP_RUNNING_MOST) {
		list_remove(&http->waiting, call);
		call->running = true;
		list_add(&http->running, call);
		call_prepare(call);
		curl_multi_add_handle(http->multi, call->easy);
	}
}

struct http_call *
http_start(struct http *http, const struct http_request *request,
    void (*done)(void *, const struct http_answer *), void *arg)
{
	struct http_call *call = xcalloc(1, sizeof(*call));

	assert(request->limit > 0);
	call->http = http;
	call->url = xstrdup(request->url);
	call->method = xstrdup(request->method);
	call->body_length = request->body_length;
	call->has_body = request->content_type != NULL;
	call->wanted_header = request->wanted_header;
	call->once = request->once;
	call->body = xmalloc(request->body_length + 1);
	if (request->body_length > 0)
		memcpy(call->body, request->body, request->body_length);
	text_init(&call->answer, request->max_answer);
	call->done = done;
	call->arg = arg;
	add_headers(call, request->content_type);
	add_bearer(call, request->bearer);
	list_add(&http->waiting, call);
	loop_busy(http->loop, BUSY_HTTP);
	timer_start(http->loop, &call->limit, request->limit, on_limit, call);
	loop_again(http->loop);
	return call;
}

static void
on_cancelled(void *arg)
{
	struct http_call *call = arg;
	struct http *http = call->http;
	struct http_answer answer = { .outcome_unknown = was_sent(call) };

	cancelled(&answer.failure, "cancelled");
	call_end(call, &answer);
	start_waiting(http);
}

void
http_cancel(struct http_call *call)
{
	timer_start(call->http->loop, &call->limit, 0, on_cancelled, call);
}

size_t
http_running(const struct http *http)
{
	return http->running.count + http->waiting.count;
}

/* ---- life ---- */

static void
on_end_of_turn(void *arg)
{
	struct http *http = arg;

	if (http->dead)
		return;
	http_kick(http);
	start_waiting(http);
	http_kick(http);
}

struct http *
http_new(struct loop *loop, const struct http_options *options, struct error *err)
{
	static bool global;
	struct http *http;

	if (!global && curl_global_init(CURL_GLOBAL_DEFAULT) != 0) {
		failed(err, "the HTTP library could not be started");
		return NULL;
	}
	global = true;
	if (options->ca_file != NULL && access(options->ca_file, R_OK) != 0) {
		wrong(err, "the certificate file %s cannot be read", options->ca_file);
		return NULL;
	}
	http = xcalloc(1, sizeof(*http));
	http->loop = loop;
	http->ca_file = options->ca_file != NULL ? xstrdup(options->ca_file) : NULL;
	http->proxy = options->proxy != NULL ? xstrdup(options->proxy) : NULL;
	http->multi = curl_multi_init();
	curl_multi_setopt(http->multi, CURLMOPT_SOCKETFUNCTION, http_want_socket);
	curl_multi_setopt(http->multi, CURLMOPT_SOCKETDATA, http);
	curl_multi_setopt(http->multi, CURLMOPT_TIMERFUNCTION, http_want_timer);
	curl_multi_setopt(http->multi, CURLMOPT_TIMERDATA, http);
	curl_multi_setopt(http->multi, CURLMOPT_MAXCONNECTS, (long)CONNECTIONS_KEPT);
	loop_at_end_of_turn(loop, on_end_of_turn, http);
	return http;
}

/* done() may start another call: that one is told as well. */
static void
cancel_all(struct http *http)
{
	struct http_answer answer;
	struct http_call *call;

	while ((call = http->waiting.first) != NULL || (call = http->running.first) != NULL) {
		answer = (struct http_answer){ .outcome_unknown = was_sent(call) };
		cancelled(&answer.failure, "shutting down");
		call_end(call, &answer);
	}
}

void
http_free(struct http *http)
{
	if (http == NULL)
		return;
	http->dead = true;
	cancel_all(http);
	timer_stop(http->loop, &http->timer);
	while (http->idle_count > 0)
		curl_easy_cleanup(http->idle[--http->idle_count]);
	curl_multi_cleanup(http->multi);
	free(http->places.item);
	free(http->ca_file);
	free(http->proxy);
	loop_forget_end_of_turn(http->loop, http);
	free(http);
}

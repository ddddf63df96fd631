/*
 * slack_resolve.c - from a token to an address: apps.connections.open, then the host's name in the pool.
 *
 * Both answer later, perhaps when the socket has given up: an attempt then has no socket any more and
 * only frees itself.
 */

#include <stdlib.h>
#include <string.h>
#include <uv.h>

#include "slack_socket_private.h"

#define ASK_LIMIT SECONDS(10)

struct slack_attempt {
	struct slack_socket *socket;	/* NULL: nobody waits */
	struct slack_call *call;	/* NULL: a look-up */
	uv_getaddrinfo_t lookup;
};

static struct slack_attempt *
attempt_new(struct slack_socket *socket)
{
	struct slack_attempt *attempt = xcalloc(1, sizeof(*attempt));

	socket_orphan(socket);
	attempt->socket = socket;
	socket->attempt = attempt;
	return attempt;
}

/* The socket that waits, or NULL; the attempt is over either way. */
static struct slack_socket *
attempt_end(struct slack_attempt *attempt)
{
	struct slack_socket *socket = attempt->socket;

	if (socket != NULL)
		socket->attempt = NULL;
	free(attempt);
	return socket;
}

void
socket_orphan(struct slack_socket *socket)
{
	struct slack_attempt *attempt = socket->attempt;

	if (attempt == NULL)
		return;
	attempt->socket = NULL;
	socket->attempt = NULL;
	if (attempt->call != NULL)
		slack_call_cancel(attempt->call);
	else
		uv_cancel((uv_req_t *)&attempt->lookup);
}

/* ---- the address ---- */

static void
take_address(struct slack_socket *socket, const char *written)
{
	const char *api = slack_api_url(socket->set->options.api);
	struct error err = ERROR_INIT;

	if (!slack_url_allowed(written, api, "slack.com", &err) ||
	    !slack_url_read(&socket->url, written, &err))
		socket_lose(socket, "Slack gave an address that is not followed: %s", err.text);
}

static void
on_opened(void *arg, const struct slack_answer *answer)
{
	struct slack_socket *socket = attempt_end(arg);

	if (socket == NULL)
		return;
	if (answer->outcome == SENT) {
		take_address(socket, json_string(answer->body, "url"));
		socket_run(socket);
		return;
	}
	socket->retry_after = answer->outcome == LATER ? answer->retry_after : 0;
	if (slack_error_is_final(answer->error))
		sockets_end(socket->set, answer->sentence);
	socket_lose(socket, "%s", answer->sentence);
}

void
socket_ask_address(struct slack_socket *socket)
{
	struct slack_attempt *attempt = attempt_new(socket);

	attempt->call = slack_api_connect(socket->set->options.api, ASK_LIMIT, on_opened, attempt);
}

/* ---- the name ---- */

static void
add_address(struct slack_socket *socket, const char *address)
{
	if (socket->addresses.count < COUNT(socket->addresses.item))
		socket->addresses.item[socket->addresses.count++] = xstrdup(address);
}

static void
add_found(struct slack_socket *socket, const struct addrinfo *found)
{
	char text[INET6_ADDRSTRLEN];

	for (; found != NULL; found = found->ai_next) {
		if (found->ai_family == AF_INET)
			uv_ip4_name((const struct sockaddr_in *)(const void *)found->ai_addr, text,
			    sizeof(text));
		else if (found->ai_family == AF_INET6)
			uv_ip6_name((const struct sockaddr_in6 *)(const void *)found->ai_addr, text,
			    sizeof(text));
		else
			continue;
		add_address(socket, text);
	}
}

static void
on_found(uv_getaddrinfo_t *lookup, int status, struct addrinfo *found)
{
	struct slack_socket *socket = attempt_end(lookup->data);

	if (socket != NULL) {
		add_found(socket, status == 0 ? found : NULL);
		if (socket->addresses.count == 0)
			socket_lose(socket, "the host's name could not be resolved: %s",
			    status != 0 ? uv_strerror(status) : "no address");
		else
			socket_run(socket);
	}
	uv_freeaddrinfo(found);
}

/* "127.0.0.1" or "[::1]": no name, nothing to look up. */
static bool
is_address(const char *host, char address[INET6_ADDRSTRLEN])
{
	unsigned char bytes[16];
	size_t length = strlen(host), skip = host[0] == '[';

	if (length >= INET6_ADDRSTRLEN || length < 2 * skip)
		return false;
	memcpy(address, host + skip, length - 2 * skip);
	address[length - 2 * skip] = '\0';
	return uv_inet_pton(AF_INET, address, bytes) == 0 || uv_inet_pton(AF_INET6, address, bytes) == 0;
}

void
socket_resolve(struct slack_socket *socket)
{
	const struct slack_sockets *set = socket->set;
	const char *host = set->proxy.host != NULL ? set->proxy.host : socket->url.host;
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_flags = AI_ADDRCONFIG };
	char address[INET6_ADDRSTRLEN];
	struct slack_attempt *attempt;
	int failure;

	if (is_address(host, address)) {
		add_address(socket, address);
		return;
	}
	attempt = attempt_new(socket);
	attempt->lookup.data = attempt;
	failure = uv_getaddrinfo(loop_uv(set->options.loop), &attempt->lookup, on_found, host, NULL,
	    &hints);
	if (failure == 0)
		return;
	attempt_end(attempt);
	socket_lose(socket, "the host's name could not be resolved: %s", uv_strerror(failure));
}

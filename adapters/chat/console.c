/* console.c - the local socket: who connects, how long they stay, what they are shown. */

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include <uv.h>

#include "base/digest.h"
#include "base/log.h"
#include "base/unicode.h"
#include "console_door.h"

#define LINE_MOST KILOBYTES(16)
#define CLIENTS_MOST 64
#define CLIENTS_KEPT 8			/* of them for root and our own account: whoever fills the others locks nobody out */
#define UNREAD_MOST MEGABYTES(8)	/* of one client that does not read what it asked for */
#define SESSION_MOST MINUTES(30)	/* whoever got the descriptor meanwhile speaks no longer (CS1) */
#define RETURN_MOST SECONDS(30)		/* for whoever ended by that and comes back */

/* ---- sending ---- */

struct sending {
	uv_write_t write;
	char *bytes;
};

static void
on_sent(uv_write_t *write, int status)
{
	struct sending *sending = write->data;

	(void)status;
	free(sending->bytes);
	free(sending);
}

void
client_send(struct client *client, struct text *line)
{
	struct sending *sending;
	uv_buf_t buffer = uv_buf_init(NULL, (unsigned)line->length);

	if (uv_stream_get_write_queue_size((uv_stream_t *)&client->pipe) + line->length > UNREAD_MOST) {
		log_warning("%s asks at the console and reads nothing: its session is closed", client->person);
		client_close(client);
	}
	if (client->closing)
		return;
	sending = xcalloc(1, sizeof(*sending));
	sending->bytes = buffer.base = text_take(line);
	sending->write.data = sending;
	if (uv_write(&sending->write, (uv_stream_t *)&client->pipe, &buffer, 1, on_sent) != 0)
		on_sent(&sending->write, -1);
}

static void
send_line(struct client *client, const char *kind, const char *key, const char *ts,
    const struct message *message)
{
	_cleanup_(text_clear) struct text line = TEXT_INIT_LIMIT(MEGABYTES(2));

	text_add(&line, "{\"kind\":");
	json_print_string(&line, kind);
	text_add(&line, ",\"key\":");
	json_print_string(&line, key != NULL ? key : "");
	text_add(&line, ",\"ts\":");
	json_print_string(&line, ts != NULL ? ts : "");
	if (message != NULL) {
		text_add(&line, ",\"message\":");
		message_print(message, &line);
	}
	text_add(&line, "}\n");
	client_send(client, &line);
}

/* ---- hearing ---- */

static void
on_client_closed(uv_handle_t *handle)
{
	struct client *client = handle->data;

	text_clear(&client->line);
	free(client->person);
	free(client->channel);
	free(client);
}

void
client_close(struct client *client)
{
	struct console *console = client->console;

	if (client->closing)
		return;
	client->closing = true;
	timer_stop(console->host->loop, &client->session);
	for (struct client **at = &console->clients; *at != NULL; at = &(*at)->next)
		if (*at == client) {
			*at = client->next;
			break;
		}
	console->count--;
	uv_close((uv_handle_t *)&client->pipe, on_client_closed);
}

/* ---- the age of a session ---- */

static void
ended_free(void *arg)
{
	struct ended *ended = arg;

	for (struct ended **at = &ended->console->ended; *at != NULL; at = &(*at)->next)
		if (*at == ended) {
			*at = ended->next;
			break;
		}
	timer_stop(ended->console->host->loop, &ended->timer);
	free(ended->channel);
	free(ended);
}

static struct ended *
ended_of(struct console *console, const char *channel)
{
	for (struct ended *ended = console->ended; ended != NULL; ended = ended->next)
		if (string_equal(ended->channel, channel))
			return ended;
	return NULL;
}

static void
on_age(void *arg)
{
	struct client *client = arg;
	struct console *console = client->console;
	struct ended *ended = xcalloc(1, sizeof(*ended));
	_cleanup_(text_clear) struct text line = TEXT_INIT;
	_cleanup_(json_freep) cJSON *json = cJSON_CreateObject();

	ended->console = console;
	ended->uid = client->uid;
	ended->channel = xstrdup(client->channel);
	ended->next = console->ended;
	console->ended = ended;
	timer_start(console->host->loop, &ended->timer, RETURN_MOST, ended_free, ended);
	json_add_string(json, "kind", "end");
	json_add_string(json, "key", client->channel);
	json_print(&line, json);
	text_add_char(&line, '\n');
	client_send(client, &line);
	client_close(client);
}

/* Who it is was read anew at accept; another user's channel is nobody's. */
void
client_come_back(struct client *client, const char *channel)
{
	struct ended *ended = ended_of(client->console, channel);

	if (ended == NULL || ended->uid != client->uid)
		return;
	free(client->channel);
	client->channel = xstrdup(channel);
	ended_free(ended);
}

struct client *
console_client_of(struct console *console, const char *channel)
{
	for (struct client *c = console->clients; c != NULL; c = c->next)
		if (string_equal(c->channel, channel))
			return c;
	return NULL;
}

bool
client_is_operator(const struct client *client)
{
	return client->uid == 0 || client->uid == getuid();
}

static void
on_allocate(uv_handle_t *handle, size_t size, uv_buf_t *buffer)
{
	struct client *client = handle->data;

	(void)size;
	*buffer = uv_buf_init(client->buffer, sizeof(client->buffer));
}

static void
on_read(uv_stream_t *stream, ssize_t length, const uv_buf_t *buffer)
{
	struct client *client = stream->data;
	char *end;

	if (length < 0) {
		client_close(client);
		return;
	}
	text_add_bytes(&client->line, buffer->base, (size_t)length);
	while (!client->closing && (end = memchr(client->line.data, '\n', client->line.length)) != NULL) {
		console_hear(client, client->line.data, (size_t)(end - client->line.data));
		text_drop(&client->line, (size_t)(end - client->line.data) + 1);
	}
	if (client->line.cut || client->line.length >= LINE_MOST)
		client_close(client);
}

static char *
peer_name(int fd, uid_t *uid)
{
	struct ucred peer;
	socklen_t size = sizeof(peer);
	const struct passwd *user;

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0)
		return NULL;
	*uid = peer.uid;
	user = getpwuid(peer.uid);
	return user != NULL ? xasprintf("local:%s", user->pw_name)
			    : xasprintf("local:%u", (unsigned)peer.uid);
}

static bool
is_welcome(const struct console *console, const struct client *client)
{
	return console->count <= (client_is_operator(client) ? CLIENTS_MOST : CLIENTS_MOST - CLIENTS_KEPT);
}

static void
on_connection(uv_stream_t *listener, int status)
{
	struct console *console = listener->data;
	struct client *client;
	int fd;

	if (status < 0)
		return;
	client = xcalloc(1, sizeof(*client));
	client->console = console;
	client->channel = xasprintf("console:%s-%d", console->name, ++console->last);
	text_init(&client->line, LINE_MOST + 4096);
	uv_pipe_init(loop_uv(console->host->loop), &client->pipe, 0);
	client->pipe.data = client;
	client->next = console->clients;
	console->clients = client;
	console->count++;
	if (uv_accept(listener, (uv_stream_t *)&client->pipe) != 0 ||
	    uv_fileno((uv_handle_t *)&client->pipe, &fd) != 0 ||
	    (client->person = peer_name(fd, &client->uid)) == NULL || !is_welcome(console, client)) {
		client_close(client);
		return;
	}
	timer_start(console->host->loop, &client->session, SESSION_MOST, on_age, client);
	uv_read_start((uv_stream_t *)&client->pipe, on_allocate, on_read);
}

/* ---- the table ---- */

/* Only a socket of ours, under the lock of the one who listens, is ever removed (CS1). */
static bool
take_place(struct console *console, struct error *err)
{
	_cleanup_(freep) char *lock = xasprintf("%s.lock", console->path);
	struct stat stat;

	console->lock = open(lock, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (console->lock < 0)
		return failed(err, "%s cannot be made: %s", lock, strerror(errno));
	if (flock(console->lock, LOCK_EX | LOCK_NB) != 0)
		return refuse(err, "another rollcall is already running on %s", console->path);
	if (lstat(console->path, &stat) != 0)
		return true;
	if (!S_ISSOCK(stat.st_mode) || stat.st_uid != getuid())
		return refuse(err, "%s is there and is not a socket of ours; remove it", console->path);
	unlink(console->path);
	return true;
}

static bool
listen_on(struct console *console, struct error *err)
{
	int code;

	if (strlen(console->path) >= sizeof(((struct sockaddr_un *)0)->sun_path))
		return wrong(err, "listen.socket is longer than the 107 bytes that a socket's path may have: %s",
		    console->path);
	uv_pipe_init(loop_uv(console->host->loop), &console->listener, 0);
	console->listener.data = console;
	console->open = true;
	code = uv_pipe_bind(&console->listener, console->path);
	if (code == 0)
		code = chmod(console->path, 0660) == 0 ? 0 : -errno;
	if (code == 0)
		code = uv_listen((uv_stream_t *)&console->listener, 16, on_connection);
	return code == 0 || failed(err, "%s: %s", console->path, uv_strerror(code));
}

static void console_free(void *);

static void *
console_start(const struct chat_host *host, struct error *err)
{
	struct console *console = xcalloc(1, sizeof(*console));
	unsigned char name[8];

	random_bytes(name, sizeof(name));
	hex_print(name, sizeof(name), console->name);
	console->host = host;
	console->lock = -1;
	console->path = xstrdup(host->configuration->listen_socket);
	if (!take_place(console, err) || !listen_on(console, err)) {
		console_free(console);
		return NULL;
	}
	host->state(host->bot, &console_chat, true, false, console->path);
	return console;
}

static void
console_stop(void *link)
{
	struct console *console = link;

	while (console->clients != NULL)
		client_close(console->clients);
	while (console->ended != NULL)
		ended_free(console->ended);
	if (console->open)
		unlink(console->path);
	console->host->state(console->host->bot, &console_chat, false, false, "closed");
}

static void
on_listener_closed(uv_handle_t *handle)
{
	free(handle->data);
}

static void
console_free(void *link)
{
	struct console *console = link;

	if (console->lock >= 0)
		close(console->lock);
	free(console->path);
	if (console->open)
		uv_close((uv_handle_t *)&console->listener, on_listener_closed);
	else
		free(console);
}

static bool
console_ready(void *link)
{
	(void)link;
	return true;
}

static void
console_acknowledge(void *link, struct arrival *arrival, const struct message *message)
{
	struct console *console = link;

	/* The client may have left while its words were written down, or have come back. */
	struct client *client = console_client_of(console, arrival->channel);

	if (arrival->reply != NULL && client != NULL && message != NULL)
		send_line(client, "answer", "", "", message);
	arrival->reply = NULL;
}

struct delivery_done {
	struct timer timer;
	void (*done)(void *, const struct delivered *);
	void *arg;
	struct delivered delivered;
	char ts[24];
};

static void
on_delivery_done(void *arg)
{
	struct delivery_done *d = arg;

	d->done(d->arg, &d->delivered);
	free(d);
}

static void
console_deliver(void *link, const struct post *post,
    void (*done)(void *, const struct delivered *), void *arg)
{
	struct console *console = link;
	struct client *client = console_client_of(console, post->channel);
	struct delivery_done *d = xcalloc(1, sizeof(*d));

	d->done = done;
	d->arg = arg;
	snprintf(d->ts, sizeof(d->ts), "%lld", (long long)++console->messages);
	d->delivered = (struct delivered){ .outcome = SENT, .ts = post->ts != NULL ? NULL : d->ts };
	if (client == NULL && ended_of(console, post->channel) != NULL)
		d->delivered = (struct delivered){ .outcome = LATER, .retry_after = 1 };
	else if (client == NULL)
		d->delivered = (struct delivered){ .outcome = REFUSED_FOR_GOOD,
			.sentence = "whoever asked has left the terminal" };
	else if (post->kind == POST_UPDATE)
		send_line(client, "update", post->key, post->ts, post->message);
	else if (post->kind == POST_NEW)
		send_line(client, "new", post->key, d->ts, post->message);
	else if (post->kind == POST_EPHEMERAL || post->kind == POST_REPLY_URL)
		send_line(client, "answer", post->key, d->ts, post->message);
	timer_start(console->host->loop, &d->timer, 0, on_delivery_done, d);
}

static size_t
console_present(void *link)
{
	return ((struct console *)link)->count;
}

static bool
console_reaches(void *link, const char *channel)
{
	return console_client_of(link, channel) != NULL || ended_of(link, channel) != NULL;
}

static const char *
console_self(void *link, const char **team)
{
	(void)link;
	if (team != NULL)
		*team = "";
	return NULL;
}

const struct chat console_chat = {
	.name = "console",
	.start = console_start,
	.stop = console_stop,
	.free = console_free,
	.ready = console_ready,
	.acknowledge = console_acknowledge,
	.deliver = console_deliver,
	.present = console_present,
	.reaches = console_reaches,
	.self = console_self,
};

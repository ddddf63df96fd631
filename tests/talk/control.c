/* control.c - asks the peers whether they are quiet, and turns their clocks. */

#include "control.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void
say(struct peer *peer, const char *line)
{
	uv_buf_t buffer = uv_buf_init((char *)(uintptr_t)line, (unsigned)strlen(line));

	peer->answered = false;
	uv_try_write((uv_stream_t *)&peer->pipe, &buffer, 1);
}

static void
hear(struct peer *peer, const char *line)
{
	int64_t question = 0;
	int count;

	if (sscanf(line, "hello %d", &peer->pid) == 1)
		return;
	count = sscanf(line,
	    "quiet http=%d child=%d store=%d ping=%d connect=%d other=%d next=%" SCNd64
	    " wall=%" SCNd64 " question=%" SCNd64,
	    &peer->http, &peer->child, &peer->store, &peer->ping, &peer->connect, &peer->other,
	    &peer->next_timer, &peer->wall, &question);
	/* The answer to an earlier question says nothing about now. */
	if ((count == 9 && question == peer->question) || sscanf(line, "advanced wall=%" SCNd64, &peer->wall) == 1)
		peer->answered = true;
}

static void
on_closed(uv_handle_t *handle)
{
	struct peer *peer = handle->data, **at;

	for (at = &peer->talk->control->peers; *at != peer; at = &(*at)->next)
		;
	*at = peer->next;
	text_clear(&peer->line);
	free(peer);
}

static void
drop(struct peer *peer)
{
	if (!peer->gone)
		uv_close((uv_handle_t *)&peer->pipe, on_closed);
	peer->gone = true;
}

static void
on_allocate(uv_handle_t *handle, size_t size, uv_buf_t *buffer)
{
	struct peer *peer = handle->data;

	(void)size;
	*buffer = uv_buf_init(peer->buffer, sizeof(peer->buffer));
}

static void
on_read(uv_stream_t *stream, ssize_t length, const uv_buf_t *buffer)
{
	struct peer *peer = stream->data;
	char *end;

	if (length < 0) {
		peer->talk->activity++;
		drop(peer);
		return;
	}
	text_add_bytes(&peer->line, buffer->base, (size_t)length);
	while ((end = strchr(peer->line.data, '\n')) != NULL) {
		*end = '\0';
		hear(peer, peer->line.data);
		text_drop(&peer->line, (size_t)(end - peer->line.data) + 1);
	}
}

static void
on_connection(uv_stream_t *server, int status)
{
	struct talk *talk = server->data;
	struct peer *peer;

	if (status != 0)
		return;
	peer = xcalloc(1, sizeof(*peer));
	peer->talk = talk;
	peer->answered = true;	/* nothing was asked yet */
	peer->next = talk->control->peers;
	talk->control->peers = peer;
	talk->activity++;
	text_init(&peer->line, KILOBYTES(64));
	uv_pipe_init(&talk->loop, &peer->pipe, 0);
	peer->pipe.data = peer;
	if (uv_accept(server, (uv_stream_t *)&peer->pipe) != 0)
		drop(peer);
	else
		uv_read_start((uv_stream_t *)&peer->pipe, on_allocate, on_read);
}

bool
control_start(struct talk *talk, struct error *err)
{
	struct control *control = talk->control = arena_new_of(talk->arena, struct control);
	int code;

	control->talk = talk;
	control->path = arena_printf(talk->arena, "%s/control.sock", talk->folder);
	uv_pipe_init(&talk->loop, &control->server, 0);
	control->server.data = talk;
	code = uv_pipe_bind(&control->server, control->path);
	if (code == 0)
		code = uv_listen((uv_stream_t *)&control->server, 16, on_connection);
	return code == 0 || failed(err, "%s: %s", control->path, uv_strerror(code));
}

void
control_stop(struct talk *talk)
{
	uv_close((uv_handle_t *)&talk->control->server, NULL);
	for (struct peer *peer = talk->control->peers; peer != NULL; peer = peer->next)
		drop(peer);
}

void
control_ask(struct talk *talk)
{
	char line[48];

	for (struct peer *peer = talk->control->peers; peer != NULL; peer = peer->next) {
		if (peer->gone)
			continue;
		snprintf(line, sizeof(line), "quiet? %" PRId64 "\n", ++peer->question);
		say(peer, line);
	}
}

void
control_advance(struct talk *talk, int64_t ms)
{
	char line[48];

	snprintf(line, sizeof(line), "advance %" PRId64 "\n", ms);
	for (struct peer *peer = talk->control->peers; peer != NULL; peer = peer->next)
		if (!peer->gone)
			say(peer, line);
}

bool
control_answered(const struct talk *talk)
{
	for (const struct peer *peer = talk->control->peers; peer != NULL; peer = peer->next)
		if (!peer->gone && !peer->answered)
			return false;
	return true;
}

bool
control_knows(const struct talk *talk, int pid)
{
	for (const struct peer *peer = talk->control->peers; peer != NULL; peer = peer->next)
		if (!peer->gone && peer->pid == pid)
			return true;
	return false;
}

int64_t
control_next(const struct talk *talk)
{
	int64_t next = -1;

	for (const struct peer *peer = talk->control->peers; peer != NULL; peer = peer->next)
		if (!peer->gone && peer->next_timer >= 0 && (next < 0 || peer->next_timer < next))
			next = peer->next_timer;
	return next;
}

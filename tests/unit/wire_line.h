/*
 * wire_line.h - one wire to a peer that says what it likes; libwebsockets is overheard.
 *
 * line_up() gives a wire that stands; what happened to it is counted in struct line.  Three functions of the
 * library are passed through here: `library` notes what they were told and spoils what they return.
 */
#ifndef TEST_WIRE_LINE_H
#define TEST_WIRE_LINE_H

#include "../../adapters/chat/slack_wire.h"

#include <dlfcn.h>
#include <libwebsockets.h>

#include "ws_peer.h"

/* ---- what the library is told, and what it says in our place ---- */

static struct {
	struct lws_client_connect_info told;
	bool null;	/* what lws_client_connect_via_info does */
	bool no_context;
	int written_less;		/* lws_write returns so much less */
	uint32_t extensions;
	uint64_t options;
} library;

struct lws *
lws_client_connect_via_info(const struct lws_client_connect_info *info)
{
	struct lws *(*real)(const struct lws_client_connect_info *);

	*(void **)&real = dlsym(RTLD_NEXT, "lws_client_connect_via_info");
	library.told = *info;
	return library.null ? NULL : real(info);
}

struct lws_context *
lws_create_context(const struct lws_context_creation_info *info)
{
	struct lws_context *(*real)(const struct lws_context_creation_info *);

	*(void **)&real = dlsym(RTLD_NEXT, "lws_create_context");
	library.extensions = info->extensions != NULL;
	library.options = info->options;
	return library.no_context ? NULL : real(info);
}

int
lws_write(struct lws *lws, unsigned char *bytes, size_t length, enum lws_write_protocol how)
{
	int (*real)(struct lws *, unsigned char *, size_t, enum lws_write_protocol);

	*(void **)&real = dlsym(RTLD_NEXT, "lws_write");
	return real(lws, bytes, length, how) - library.written_less;
}

/* ---- one wire to a peer that says what it likes ---- */

struct line {
	struct loop *loop;
	struct ws_peer *peer;
	struct wires *wires;
	struct wire wire;
	unsigned up, heard, pongs, texts, down, gone;
	bool gone_before_down;
	char why[128];
	struct text last;	/* the newest message */
	struct text unsent;	/* what had not gone out when it went down */
};

static void
on_up(void *arg)
{
	((struct line *)arg)->up++;
}

static void
on_heard(void *arg)
{
	((struct line *)arg)->heard++;
}

static void
on_pong(void *arg)
{
	((struct line *)arg)->pongs++;
}

static void
on_text(void *arg, const char *bytes, size_t length)
{
	struct line *line = arg;

	line->texts++;
	text_reset(&line->last);
	text_add_bytes(&line->last, bytes, length);
}

static void
note_unsent(void *unsent, const char *bytes, size_t length)
{
	text_add_bytes(unsent, bytes, length);
}

static void
on_down(void *arg, const char *why)
{
	struct line *line = arg;

	line->down++;
	snprintf(line->why, sizeof(line->why), "%s", why);
	wire_unsent(&line->wire, note_unsent, &line->unsent);
}

static void
on_gone(void *arg)
{
	struct line *line = arg;

	line->gone++;
	line->gone_before_down |= line->down == 0;
}

static const struct wire_events events = { on_up, on_heard, on_pong, on_text, on_down, on_gone };

static inline struct line *
line_new(void)
{
	struct line *line = xcalloc(1, sizeof(*line));
	struct error err = ERROR_INIT;

	memset(&library, 0, sizeof(library));
	line->loop = turned_new();
	line->peer = ws_peer_new(line->loop);
	line->wires = wires_new(line->loop, &(struct wires_options){ .secure = false }, &err);
	assert_non_null(line->wires);
	line->wire.events = &events;
	line->wire.arg = line;
	text_init(&line->last, MEGABYTES(2));
	text_init(&line->unsent, KILOBYTES(64));
	return line;
}

static inline bool
line_open(struct line *line, struct error *err)
{
	_cleanup_(freep) char *written =
	    xasprintf("ws://127.0.0.1:%d/link/?ticket=9f&app_id=0a", line->peer->port);
	_cleanup_(slack_url_clear) struct slack_url url = { 0 };

	assert_true(slack_url_read(&url, written, NULL));
	return wire_open(&line->wire, line->wires, &url, "127.0.0.1", url.port, err);
}

static inline struct line *
line_up(void)
{
	struct line *line = line_new();

	assert_true(line_open(line, NULL));
	until(line->loop, line->up == 1 && line->peer->up);
	return line;
}

static inline void
line_free(struct line *line)
{
	wires_free(line->wires);
	ws_peer_free(line->peer);
	loop_free(line->loop);
	text_clear(&line->last);
	text_clear(&line->unsent);
	free(line);
}

#endif

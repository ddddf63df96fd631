/*
 * link.c - the WebSocket links of Socket Mode: tickets, hello, pings, and all the ways they end.
 */

#include <libwebsockets.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "envelope.h"
#include "link.h"

#define FRAME_LIMIT MEGABYTES(1)
#define PING_EVERY SECONDS(10)
#define TICKET_LIFE SECONDS(30)
#define WARNED_FOR SECONDS(10)

/* libwebsockets' own number of a close frame, which its public header keeps back. */
#define WRITE_CLOSE ((enum lws_write_protocol)4)

struct frame {
	char *bytes;		/* LWS_PRE bytes, then the payload */
	size_t length;
	enum lws_write_protocol kind;
};

struct link {
	struct fake_slack *fs;
	struct link *next;
	struct lws *wsi;
	unsigned number;
	bool ready;		/* had its hello: gets envelopes */
	bool silent;		/* nothing more is written */
	bool closing;		/* a close frame follows what is queued */
	int64_t opened;
	struct bell hello, ping, warn, end;
	struct { struct frame *item; size_t count, size; } out;
	size_t sent;		/* of out */
	struct text in;
};

/* ---- tickets ------------------------------------------------------------------------------- */

char *
link_url(struct fake_slack *fs, const char *host)
{
	const char *scheme = fs->options.certificate == NULL ? "ws" : "wss";
	char *ticket = xasprintf("%" PRIx64 "-%" PRIx64 "-%" PRId64, fake_random(fs),
	    fake_random(fs) & 0xffff, clock_now(&fs->clock));
	char *url;

	*GROW(&fs->tickets) = ticket;
	if (host == NULL)
		host = strstr(fs->base, "//") + 2;
	url = xasprintf("%s://%s/link/?ticket=%s&app_id=" APP, scheme, host, ticket);
	return url;
}

/* Each ticket ends in the time of its birth; a used or old one is forgotten. */
static bool
ticket_take(struct fake_slack *fs, const char *ticket)
{
	const char *dash = ticket == NULL ? NULL : strrchr(ticket, '-');
	int64_t born;

	if (dash == NULL || !string_number(dash + 1, 0, INT64_MAX, &born))
		return false;
	for (size_t i = 0; i < fs->tickets.count; i++) {
		if (strcmp(fs->tickets.item[i], ticket) != 0)
			continue;
		free(fs->tickets.item[i]);
		fs->tickets.item[i] = fs->tickets.item[--fs->tickets.count];
		return clock_now(&fs->clock) - born <= TICKET_LIFE;
	}
	return false;
}

int
link_admit(struct fake_slack *fs, const char *path, const char *ticket)
{
	if (!string_starts(path, "/link"))
		return 404;
	if (fs->refuse_links > 0) {
		fs->refuse_links--;
		journal(fs, "socket refused with 503");
		return 503;
	}
	if (!ticket_take(fs, ticket)) {
		journal(fs, "socket refused: the ticket was used, is old or unknown");
		return 408;
	}
	return 0;
}

/* ---- writing ------------------------------------------------------------------------------- */

static void
link_queue(struct link *link, const char *bytes, size_t length, enum lws_write_protocol kind)
{
	struct frame *frame;

	if (link->silent)
		return;
	frame = GROW(&link->out);
	frame->bytes = xmalloc(LWS_PRE + length);
	frame->length = length;
	frame->kind = kind;
	memcpy(frame->bytes + LWS_PRE, bytes, length);
	lws_callback_on_writable(link->wsi);
}

static void
link_forget_frames(struct link *link)
{
	for (size_t i = link->sent; i < link->out.count; i++)
		free(link->out.item[i].bytes);
	link->out.count = link->sent = 0;
}

/* One message as several frames: what lies before each next piece was sent already, so that
 * libwebsockets may write its header over it. */
static bool
frame_write(struct link *link, struct frame *frame)
{
	unsigned pieces = frame->kind == LWS_WRITE_TEXT && link->fs->fragments > 1
	    ? link->fs->fragments : 1;
	unsigned char *at = (unsigned char *)frame->bytes + LWS_PRE;
	size_t left = frame->length, length;

	for (unsigned i = 1; i <= pieces; i++) {
		length = i == pieces ? left : frame->length / pieces;
		if (lws_write(link->wsi, at, length,
			(enum lws_write_protocol)lws_write_ws_flags(
			    (int)frame->kind, i == 1, i == pieces)) < (int)length)
			return false;
		at += length;
		left -= length;
	}
	return true;
}

int
link_writeable(struct link *link)
{
	if (link == NULL || link->silent)
		return 0;
	while (link->sent < link->out.count) {
		if (lws_partial_buffered(link->wsi)) {
			lws_callback_on_writable(link->wsi);
			return 0;
		}
		if (!frame_write(link, &link->out.item[link->sent]))
			return -1;
		free(link->out.item[link->sent++].bytes);
	}
	link->out.count = link->sent = 0;
	if (link->closing) {
		/* As the real one: the close frame goes, the connection stays open and mute. */
		unsigned char close[LWS_PRE + 2] = { 0 };

		close[LWS_PRE] = 1000 >> 8;
		close[LWS_PRE + 1] = 1000 & 0xff;
		lws_write(link->wsi, close + LWS_PRE, 2, WRITE_CLOSE);
		lws_rx_flow_control(link->wsi, 0);
		link->silent = true;
	}
	return 0;
}

static void
link_say(struct link *link, cJSON *frame)
{
	_cleanup_(text_clear) struct text text = TEXT_INIT;

	json_print(&text, frame);
	journal(link->fs, "socket %u ← %s", link->number, text.data);
	link_queue(link, text.data, text.length, LWS_WRITE_TEXT);
	cJSON_Delete(frame);
}

bool
link_any(const struct fake_slack *fs)
{
	return fake_slack_links(fs) > 0;
}

bool
link_send(struct fake_slack *fs, const char *bytes, size_t length, unsigned *which)
{
	size_t ready = fake_slack_links(fs), chosen;

	if (ready == 0)
		return false;
	chosen = ready == 1 ? 0 : fake_random(fs) % ready;
	for (struct link *link = fs->links; link != NULL; link = link->next) {
		if (!link->ready || chosen-- > 0)
			continue;
		*which = link->number;
		link_queue(link, bytes, length, LWS_WRITE_TEXT);
		break;
	}
	return true;
}

bool
fake_slack_raw(struct fake_slack *fs, const char *bytes, size_t length)
{
	unsigned which;

	return link_send(fs, bytes, length, &which);
}

/* ---- ends ---------------------------------------------------------------------------------- */

static void
link_kill(struct link *link)
{
	link->ready = false;
	link->silent = true;
	lws_set_timeout(link->wsi, PENDING_TIMEOUT_KILLED_BY_PARENT, LWS_TO_KILL_ASYNC);
	/* From outside its callbacks libwebsockets would see that only at its next event. */
	lws_cancel_service(link->fs->context);
}

static void
link_ended(void *arg)
{
	struct link *link = arg;

	if (link->silent)
		link_kill(link);
	else {
		/* The second ringing ends what the client left open after the close frame. */
		link->ready = false;
		link->closing = true;
		lws_callback_on_writable(link->wsi);
		bell_set(&link->fs->clock, &link->end, WARNED_FOR, link_ended, link);
	}
	fake_changed(link->fs);
}

static void
link_disconnect(struct link *link, const char *reason, int64_t left)
{
	cJSON *frame = cJSON_CreateObject(), *debug;

	json_add_string(frame, "type", "disconnect");
	json_add_string(frame, "reason", reason);
	debug = json_add_object(frame, "debug_info");
	json_add_stringf(debug, "host", "applink-%u", link->number);
	link_say(link, frame);
	bell_set(&link->fs->clock, &link->end, left, link_ended, link);
}

/* The link's announced time is over in 10 s. */
static void
link_warned(void *arg)
{
	struct link *link = arg;

	link_disconnect(link, "warning", WARNED_FOR);
}

/* Disconnecting a TCP socket from its peer sends RST at once. */
static void
link_reset(struct link *link)
{
	struct sockaddr nobody = { .sa_family = AF_UNSPEC };

	connect(lws_get_socket_fd(link->wsi), &nobody, sizeof(nobody));
	link_kill(link);
}

static void
link_trouble(struct link *link, enum fake_slack_trouble trouble)
{
	switch (trouble) {
	case FAKE_WARNING:
		link_disconnect(link, "warning", WARNED_FOR);
		break;
	case FAKE_REFRESH:
		link_disconnect(link, "refresh_requested", WARNED_FOR);
		break;
	case FAKE_LINK_DISABLED:
		link->fs->disabled = true;
		link_disconnect(link, "link_disabled", SECONDS(1));
		break;
	case FAKE_TOO_MANY:
		link_disconnect(link, "too_many_websockets", 0);
		break;
	case FAKE_DROP:
		link_reset(link);
		break;
	case FAKE_FIN:
		link->ready = false;
		link->silent = true;
		shutdown(lws_get_socket_fd(link->wsi), SHUT_WR);
		break;
	case FAKE_STALL:
		link->silent = true;
		lws_rx_flow_control(link->wsi, 0);
		break;
	case FAKE_CLOSE:
		link_ended(link);
		break;
	}
}

void
fake_slack_trouble(struct fake_slack *fs, enum fake_slack_trouble trouble)
{
	for (struct link *link = fs->links; link != NULL; link = link->next)
		if (!link->silent || trouble == FAKE_DROP)
			link_trouble(link, trouble);
	fs->disabled = fs->disabled || trouble == FAKE_LINK_DISABLED;
	fake_changed(fs);
}

void
fake_slack_trouble_newest(struct fake_slack *fs, enum fake_slack_trouble trouble)
{
	struct link *newest = NULL;

	for (struct link *link = fs->links; link != NULL; link = link->next)
		if (link->ready && !link->silent
		    && (newest == NULL || link->number > newest->number))
			newest = link;
	if (newest != NULL)
		link_trouble(newest, trouble);
	fake_changed(fs);
}

/* ---- beginnings ---------------------------------------------------------------------------- */

static void
link_pings(void *arg)
{
	struct link *link = arg;
	char words[40];
	int n = lws_snprintf(words, sizeof(words), "Ping from applink-%u", link->number);

	if (link->silent)
		return;
	link_queue(link, words, (size_t)n, LWS_WRITE_PING);
	fake_count(link->fs, "ping");
	bell_set(&link->fs->clock, &link->ping, PING_EVERY, link_pings, link);
}

static void
link_greets(void *arg)
{
	struct link *link = arg;
	struct fake_slack *fs = link->fs;
	int64_t life = fs->options.connection_time == 0 ? 3600 : fs->options.connection_time;
	cJSON *hello = cJSON_CreateObject(), *debug;

	link->ready = true;
	json_add_string(hello, "type", "hello");
	json_add_number(hello, "num_connections", (double)fake_slack_links(fs));
	json_add_string(json_add_object(hello, "connection_info"), "app_id", APP);
	debug = json_add_object(hello, "debug_info");
	json_add_stringf(debug, "host", "applink-%u", link->number);
	json_add_number(debug, "build_number", 54);
	json_add_string(debug, "started", "2026-11-21 07:00:00.000");
	json_add_number(debug, "approximate_connection_time", (double)life);
	link_say(link, hello);
	bell_set(&fs->clock, &link->ping, PING_EVERY, link_pings, link);
	bell_set(&fs->clock, &link->warn, SECONDS(life) - WARNED_FOR, link_warned, link);
	if (fake_slack_sockets(fs) > LINKS_MOST)
		link_disconnect(link, "too_many_websockets", 0);
	fake_changed(fs);
}

struct link *
link_open(struct fake_slack *fs, struct lws *wsi)
{
	struct link *link = xcalloc(1, sizeof(*link));

	link->fs = fs;
	link->wsi = wsi;
	link->number = ++fs->link_number;
	link->opened = clock_now(&fs->clock);
	text_init(&link->in, FRAME_LIMIT);
	link->next = fs->links;
	fs->links = link;
	fake_count(fs, "socket");
	journal(fs, "socket %u opened", link->number);
	if (fs->hello_after == 0)
		link_greets(link);
	else if (fs->hello_after > 0)
		bell_set(&fs->clock, &link->hello, fs->hello_after, link_greets, link);
	fake_changed(fs);
	return link;
}

int
link_receive(struct link *link, const char *bytes, size_t length, bool first, bool final)
{
	if (link == NULL)
		return -1;
	if (first)
		text_reset(&link->in);
	text_add_bytes(&link->in, bytes, length);
	if (!final)
		return 0;
	journal(link->fs, "socket %u → %s", link->number, link->in.data);
	if (link->in.cut) {
		fake_count(link->fs, "frame.bad");
		return -1;
	}
	envelope_receive(link->fs, link->in.data, link->in.length);
	return 0;
}

void
link_closed(struct link *link)
{
	struct fake_slack *fs;
	struct link **at;

	if (link == NULL)
		return;
	fs = link->fs;
	for (at = &fs->links; *at != link; at = &(*at)->next)
		;
	*at = link->next;
	bell_stop(&fs->clock, &link->hello);
	bell_stop(&fs->clock, &link->ping);
	bell_stop(&fs->clock, &link->warn);
	bell_stop(&fs->clock, &link->end);
	link_forget_frames(link);
	free(link->out.item);
	text_clear(&link->in);
	journal(fs, "socket %u closed", link->number);
	free(link);
	fake_changed(fs);
}

void
links_free(struct fake_slack *fs)
{
	while (fs->links != NULL)
		link_closed(fs->links);
	for (size_t i = 0; i < fs->tickets.count; i++)
		free(fs->tickets.item[i]);
	free(fs->tickets.item);
}

/* ---- settings ------------------------------------------------------------------------------ */

size_t
fake_slack_links(const struct fake_slack *fs)
{
	size_t count = 0;

	for (const struct link *link = fs->links; link != NULL; link = link->next)
		count += link->ready;
	return count;
}

size_t
fake_slack_sockets(const struct fake_slack *fs)
{
	size_t count = 0;

	for (const struct link *link = fs->links; link != NULL; link = link->next)
		count++;
	return count;
}

void
fake_slack_enable(struct fake_slack *fs)
{
	fs->disabled = false;
}

void
fake_slack_hello_after(struct fake_slack *fs, int64_t ms)
{
	fs->hello_after = ms;
}

void
fake_slack_refuse_links(struct fake_slack *fs, unsigned n)
{
	fs->refuse_links = n;
}

void
fake_slack_fragment(struct fake_slack *fs, unsigned frames)
{
	fs->fragments = frames;
}

void
fake_slack_pad(struct fake_slack *fs, size_t bytes)
{
	fs->pad = bytes;
}

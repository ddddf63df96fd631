/*
 * link.h - the WebSocket links of Socket Mode.
 *
 * apps.connections.open gives a ticket, good once and for 30 s; the link that comes with it gets
 * its hello and from then on a share of the envelopes, chosen by chance among all that stand,
 * stalled ghosts included, as Slack does.
 */
#ifndef FAKE_LINK_H
#define FAKE_LINK_H

#include "fake.h"

#define LINKS_MOST 10

struct lws;

/* What apps.connections.open gives; host as in the request's Host header.  Caller frees. */
char *link_url(struct fake_slack *, const char *host);
bool link_any(const struct fake_slack *);
/* Sends to one of the links by chance; false when none stands.  The number of the link goes to
 * *which. */
bool link_send(struct fake_slack *, const char *bytes, size_t length, unsigned *which);
void links_free(struct fake_slack *);

/* From server.c.  admit: 0, or an HTTP status to refuse with. */
int link_admit(struct fake_slack *, const char *path, const char *ticket);
struct link *link_open(struct fake_slack *, struct lws *);
int link_receive(struct link *, const char *bytes, size_t length, bool first, bool final);
int link_writeable(struct link *);
void link_closed(struct link *);

#endif

/*
 * slack_url.h - addresses that Slack hands us, judged before anybody is asked (NE2).
 *
 * An address is followed only to a host under the named domain, with TLS, or to the very host of
 * slack.api_url, with TLS if that has it.  User names in it, other schemes and anything that two parsers
 * could read differently are refused.
 */
#ifndef SLACK_URL_H
#define SLACK_URL_H

#include "base/error.h"

struct slack_url {
	bool secure;
	char *host;
	int port;
	char *path;		/* with the query, beginning with / */
};

bool slack_url_read(struct slack_url *, const char *url, struct error *);	/* http(s), ws(s) */
void slack_url_clear(struct slack_url *);

/* domain "slack.com": itself and everything under it. */
bool slack_url_allowed(const char *url, const char *api_url, const char *domain, struct error *);

#endif

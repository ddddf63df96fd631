/*
 * address.h - URLs that mean a service inside a cluster, and not a machine that we could reach.
 *
 *	http://SERVICE/path			in the target's own namespace
 *	http://SERVICE.NAMESPACE:8080/path
 *	https://SERVICE.NAMESPACE.svc/path	also .svc.cluster.local
 *
 * Anything else is a public address: several dots without .svc, or one dot behind https.
 */
#ifndef BOT_ADDRESS_H
#define BOT_ADDRESS_H

#include "base/arena.h"

struct address {
	const char *service;	/* "https:web" where it wants TLS */
	const char *namespace;	/* NULL: the target's own */
	const char *port;	/* "80" */
	const char *path;	/* "/health", with its query */
};

/* false: it is a public one.  Strings are copied. */
bool address_read(struct arena *, struct address *, const char *url);

#endif

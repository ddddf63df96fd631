/* address.c - which service of a cluster a URL means. */

#include "address.h"

#include <string.h>

#include "base/text.h"

static size_t
count_dots(const char *host)
{
	size_t dots = 0;

	for (; *host != '\0'; host++)
		dots += *host == '.';
	return dots;
}

/* Cuts the cluster's own ending off; false: it has none. */
static bool
cut_ending(char *host)
{
	static const char *const endings[] = { ".svc.cluster.local", ".svc" };

	for (size_t i = 0; i < COUNT(endings); i++)
		if (string_ends(host, endings[i])) {
			host[strlen(host) - strlen(endings[i])] = '\0';
			return true;
		}
	return false;
}

bool
address_read(struct arena *arena, struct address *address, const char *url)
{
	bool tls = string_starts(url, "https://"), inside;
	const char *begin;
	size_t length;
	char *host, *colon, *dot;

	if (!tls && !string_starts(url, "http://"))
		return false;
	begin = url + strlen(tls ? "https://" : "http://");
	length = strcspn(begin, "/?");
	host = arena_copy(arena, begin, length);
	address->path = begin[length] == '/' ? arena_strdup(arena, begin + length)
					     : arena_printf(arena, "/%s", begin + length);
	address->port = tls ? "443" : "80";
	if ((colon = strchr(host, ':')) != NULL) {
		*colon = '\0';
		address->port = colon + 1;
	}
	inside = cut_ending(host);
	if (count_dots(host) > 1 || (!inside && tls && count_dots(host) > 0))
		return false;
	address->namespace = NULL;
	if ((dot = strchr(host, '.')) != NULL) {
		*dot = '\0';
		address->namespace = dot + 1;
	}
	address->service = tls ? arena_printf(arena, "https:%s", host) : host;
	return *host != '\0';
}

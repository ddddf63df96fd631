/* http_address.c - where a request may go, whatever a name resolves to (NE1). */

#include <arpa/inet.h>
#include <string.h>

#include "http_private.h"

static bool
four_allowed(const unsigned char *b, bool loopback)
{
	return b[0] != 0 && b[0] < 224 && !(b[0] == 169 && b[1] == 254) && (b[0] != 127 || loopback);
}

/* Forms of IPv6 that carry an address of four bytes at their end: mapped, compatible, NAT64. */
static bool
carries_four(const unsigned char *b)
{
	static const unsigned char prefixes[][12] = {
		{ [10] = 0xff, [11] = 0xff }, { 0 }, { 0x00, 0x64, 0xff, 0x9b },
	};

	for (size_t i = 0; i < COUNT(prefixes); i++)
		if (memcmp(b, prefixes[i], 12) == 0)
			return true;
	return false;
}

static bool
six_allowed(const unsigned char *b, bool loopback)
{
	static const unsigned char metadata[16] = { 0xfd, 0, 0x0e, 0xc2, [14] = 0x02, [15] = 0x54 };
	static const unsigned char one[16] = { [15] = 1 };

	if (memcmp(b, one, sizeof(one)) == 0)
		return loopback;
	if (carries_four(b))
		return four_allowed(b + 12, false);
	return b[0] != 0xff && !(b[0] == 0xfe && (b[1] & 0xc0) == 0x80) &&
	    memcmp(b, metadata, sizeof(metadata)) != 0;
}

bool
address_allowed(const struct sockaddr *address, bool loopback)
{
	const void *of = address;

	if (address->sa_family == AF_INET)
		return four_allowed((const void *)&((const struct sockaddr_in *)of)->sin_addr, loopback);
	if (address->sa_family == AF_INET6)
		return six_allowed((const void *)&((const struct sockaddr_in6 *)of)->sin6_addr, loopback);
	return false;
}

/* The host of a URL is "localhost", "[::1]" or four numbers that begin with 127: no name, no other way of
 * writing it. */
bool
names_loopback(const char *url)
{
	const char *host = strstr(url, "://"), *at, *end;
	_cleanup_(freep) char *name = NULL;
	struct in_addr four;

	if (host == NULL)
		return false;
	host += 3;
	end = host + strcspn(host, "/?#");
	while ((at = memchr(host, '@', (size_t)(end - host))) != NULL)
		host = at + 1;
	if (string_starts(host, "[::1]"))
		return host + 5 == end || host[5] == ':';
	name = xstrndup(host, (size_t)(end - host));
	name[strcspn(name, ":")] = '\0';
	return string_equal_nocase(name, "localhost") ||
	    (string_starts(name, "127.") && inet_pton(AF_INET, name, &four) == 1);
}

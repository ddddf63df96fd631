/* address.c - services inside a cluster, and public addresses. */

#include "address.h"

#include "base/text.h"

#include "test.h"

static const struct {
	const char *url;
	const char *service, *namespace, *port, *path;	/* service NULL: public */
} rows[] = {
	{ "http://web", "web", NULL, "80", "/" },
	{ "http://web/health", "web", NULL, "80", "/health" },
	{ "http://web?full=1", "web", NULL, "80", "/?full=1" },
	{ "http://web.chatops:8080/health?full=1", "web", "chatops", "8080", "/health?full=1" },
	{ "http://web.chatops.svc/ready", "web", "chatops", "80", "/ready" },
	{ "http://web.chatops.svc.cluster.local/", "web", "chatops", "80", "/" },
	{ "https://web.chatops.svc/", "https:web", "chatops", "443", "/" },
	{ "https://web/", "https:web", NULL, "443", "/" },
	{ "https://example.com/", NULL, NULL, NULL, NULL },
	{ "https://status.example.com/health", NULL, NULL, NULL, NULL },
	{ "http://status.example.com/", NULL, NULL, NULL, NULL },
	{ "http://a.b.c.svc/", NULL, NULL, NULL, NULL },
	{ "http:///health", NULL, NULL, NULL, NULL },
	{ "ftp://web/", NULL, NULL, NULL, NULL },
};

TEST(f2_a_service_in_the_cluster_is_told_from_a_public_address)
{
	_cleanup_(arena_freep) struct arena *arena = arena_new();

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct address a;
		bool inside = address_read(arena, &a, rows[i].url);

		assert_row(i, inside == (rows[i].service != NULL));
		if (!inside)
			continue;
		assert_string_equal(a.service, rows[i].service);
		assert_row(i, string_equal(a.namespace, rows[i].namespace));
		assert_string_equal(a.port, rows[i].port);
		assert_string_equal(a.path, rows[i].path);
	}
}

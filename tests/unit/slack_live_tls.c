/* slack_wire.c, trust.c - wss to a Slack of our own: believed, not believed, and under another name. */

#include "slack_proxy.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <unistd.h>

#include "../../adapters/chat/slack_wire.h"

struct pki {
	char folder[64];
	char *ca_file, *certificate, *key, *other;
};

static X509 *
sign(EVP_PKEY *subject_key, const char *name, const char *alternative, X509 *issuer, EVP_PKEY *key)
{
	X509 *x = X509_new();
	X509_EXTENSION *extension;
	X509V3_CTX context;
	static long serial;

	X509_set_version(x, 2);
	ASN1_INTEGER_set(X509_get_serialNumber(x), ++serial);
	X509_gmtime_adj(X509_getm_notBefore(x), -3600);
	X509_gmtime_adj(X509_getm_notAfter(x), 3600);
	X509_NAME_add_entry_by_txt(X509_get_subject_name(x), "CN", MBSTRING_ASC,
	    (const unsigned char *)name, -1, -1, 0);
	X509_set_issuer_name(x, X509_get_subject_name(issuer != NULL ? issuer : x));
	X509_set_pubkey(x, subject_key);
	X509V3_set_ctx(&context, issuer != NULL ? issuer : x, x, NULL, NULL, 0);
	extension = issuer == NULL
	    ? X509V3_EXT_conf_nid(NULL, &context, NID_basic_constraints, "critical,CA:TRUE")
	    : X509V3_EXT_conf_nid(NULL, &context, NID_subject_alt_name, alternative);
	X509_add_ext(x, extension, -1);
	X509_EXTENSION_free(extension);
	assert_true(X509_sign(x, key, EVP_sha256()) > 0);
	return x;
}

static char *
write_certificate(const struct pki *pki, const char *name, X509 *x)
{
	char *path = xasprintf("%s/%s", pki->folder, name);
	FILE *file = fopen(path, "w");

	PEM_write_X509(file, x);
	fclose(file);
	return path;
}

/* An authority, a server's certificate for that address, and another authority. */
static struct pki
pki_make(const char *alternative)
{
	struct pki pki = { .folder = "/tmp/slack-tls-XXXXXX" };
	EVP_PKEY *ca_key = EVP_EC_gen("P-256"), *key = EVP_EC_gen("P-256");
	X509 *ca = sign(ca_key, "authority", NULL, NULL, ca_key), *other, *server;
	FILE *file;

	assert_non_null(mkdtemp(pki.folder));
	server = sign(key, "slack", alternative, ca, ca_key);
	other = sign(key, "another authority", NULL, NULL, key);
	pki.ca_file = write_certificate(&pki, "ca.pem", ca);
	pki.certificate = write_certificate(&pki, "server.pem", server);
	pki.other = write_certificate(&pki, "other.pem", other);
	pki.key = xasprintf("%s/key.pem", pki.folder);
	file = fopen(pki.key, "w");
	PEM_write_PrivateKey(file, key, NULL, NULL, 0, NULL, NULL);
	fclose(file);
	X509_free(ca);
	X509_free(other);
	X509_free(server);
	EVP_PKEY_free(ca_key);
	EVP_PKEY_free(key);
	return pki;
}

static void
pki_clear(struct pki *pki)
{
	char *paths[] = { pki->ca_file, pki->certificate, pki->key, pki->other };

	for (size_t i = 0; i < COUNT(paths); i++) {
		unlink(paths[i]);
		free(paths[i]);
	}
	rmdir(pki->folder);
}

static char *
more_of(const char *ca_file)
{
	return ca_file != NULL ? xasprintf("  ca_file: \"%s\"\n", ca_file) : NULL;
}

static struct world *
tls_world(const struct pki *pki, const char *ca_file)
{
	_cleanup_(freep) char *more = more_of(ca_file);
	struct world_options options = { .fake = { .certificate = pki->certificate, .key = pki->key },
		.more = more };

	return world_new(&options);
}

TEST(a_private_authority_is_believed_by_both_clients)
{
	struct pki pki = pki_make("IP:127.0.0.1");
	struct world *w = tls_world(&pki, pki.ca_file);
	unsigned number;

	until(w, w->ready && fake_slack_links(w->fake) == 2);
	assert_true(string_starts(fake_slack_url(w->fake), "https://"));
	for (int i = 0; i < 200; i++)
		slash(w, "@ann", "#incidents", "/ops list");
	number = slash(w, "@ann", "#incidents", "/rollback gateway");
	until(w, outcome(w, number) == FAKE_ACKED && fake_slack_waiting(w->fake) == 0);
	fake_slack_pad(w->fake, 500000);
	number = slash(w, "@ann", "#incidents", "/rollback gateway");
	until(w, outcome(w, number) == FAKE_ACKED);
	advance(w, SECONDS(11));
	fake_slack_trouble(w->fake, FAKE_REFRESH);
	advance(w, SECONDS(2));
	until(w, fake_slack_links(w->fake) == 2 && fake_slack_sockets(w->fake) == 2);
	slack_chat.stop(w->slack);
	until(w, !w->ready);
	world_free(w);
	pki_clear(&pki);
}

TEST(an_unknown_authority_is_not_believed)
{
	struct pki pki = pki_make("IP:127.0.0.1");
	const char *const files[] = { NULL, pki.other };

	for (size_t i = 0; i < COUNT(files); i++) {
		struct world *w = tls_world(&pki, files[i]);

		until(w, w->states > 0);
		assert_row(i, !w->ready);
		assert_row(i, strstr(w->sentence, "certificate") != NULL);
		world_free(w);
	}
	pki_clear(&pki);
}

TEST(a_certificate_of_another_name_is_not_believed)
{
	struct pki pki = pki_make("DNS:slack.com");
	struct world *w = tls_world(&pki, pki.ca_file);

	until(w, w->states > 0);
	assert_false(w->ready);
	world_free(w);
	pki_clear(&pki);
}

/* Encrypted to Slack itself: the proxy sees CONNECT and nothing else, and its name is not looked for in the
 * certificate. */
TEST(a_proxy_and_a_private_authority_go_together)
{
	struct pki pki = pki_make("IP:127.0.0.1");
	_cleanup_(freep) char *more = more_of(pki.ca_file);
	struct through t = { .proxy = { .port = 0 } };
	unsigned number;

	through_start_with(&t, "localhost", (struct world_options){ .more = more,
	    .fake = { .certificate = pki.certificate, .key = pki.key } });
	until_through(&t, t.w->ready && fake_slack_links(t.w->fake) == 2);
	number = slash(t.w, "@ann", "#incidents", "/rollback gateway");
	until_through(&t, outcome(t.w, number) == FAKE_ACKED);
	assert_int_equal(t.proxy.others, 0);
	assert_in_range(t.proxy.connects, 3, 6);
	through_end(&t);
	pki_clear(&pki);
}

/* ---- the WebSocket client alone, whose peer the HTTP client has not judged before ---- */

struct ears {
	bool up, down, gone;
	char why[128];
};

static void
hear_up(void *arg)
{
	((struct ears *)arg)->up = true;
}

static void
hear_nothing(void *arg)
{
	(void)arg;
}

static void
hear_text(void *arg, const char *bytes, size_t length)
{
	(void)arg;
	(void)bytes;
	(void)length;
}

static void
hear_down(void *arg, const char *why)
{
	struct ears *ears = arg;

	ears->down = true;
	snprintf(ears->why, sizeof(ears->why), "%s", why);
}

static void
hear_gone(void *arg)
{
	((struct ears *)arg)->gone = true;
}

static const struct wire_events events = { hear_up, hear_nothing, hear_nothing, hear_text, hear_down,
	hear_gone };

static struct ears
try_wire(struct world *w, const char *ca_file, const char *link, const char *address)
{
	struct wires_options options = { .secure = true, .ca_file = ca_file };
	struct error err = ERROR_INIT;
	struct wires *wires = wires_new(w->loop, &options, &err);
	struct ears ears = { .up = false };
	struct wire wire = { .events = &events, .arg = &ears };
	_cleanup_(slack_url_clear) struct slack_url url = { 0 };

	assert_non_null(wires);
	assert_true(slack_url_read(&url, link, &err));
	if (wire_open(&wire, wires, &url, address, url.port, &err))
		until(w, ears.up || ears.gone);
	else
		snprintf(ears.why, sizeof(ears.why), "%.100s", err.text);
	wires_free(wires);
	settle(w);
	return ears;
}

static char *
new_link(struct world *w, const char *path)
{
	const char *url = fake_slack_url(w->fake), *port = strrchr(url, ':');

	return xasprintf("wss://127.0.0.1:%d%s", atoi(port + 1), path);
}

TEST(a_wire_believes_what_it_was_told_to_and_no_more)
{
	struct pki pki = pki_make("IP:127.0.0.1"), wrong = pki_make("DNS:slack.com");
	struct world *w = tls_world(&pki, pki.ca_file), *x = tls_world(&wrong, wrong.ca_file);
	_cleanup_(freep) char *there = new_link(w, "/link/?ticket=none"), *named = new_link(x, "/link/");
	_cleanup_(freep) char *nowhere = xstrdup("wss://127.0.0.1:1/link/");
	struct ears ears = try_wire(w, pki.ca_file, there, "127.0.0.1");

	/* A ticket that nobody gave is refused, but only after the handshake. */
	assert_true(ears.down && !ears.up);
	assert_null(strstr(ears.why, "SSL"));
	ears = try_wire(w, pki.other, there, "127.0.0.1");
	assert_true(ears.down && !ears.up);
	assert_non_null(strstr(ears.why, "SSL"));
	ears = try_wire(w, NULL, there, "127.0.0.1");
	assert_non_null(strstr(ears.why, "SSL"));
	ears = try_wire(x, wrong.ca_file, named, "127.0.0.1");
	assert_non_null(strstr(ears.why, "SSL"));
	ears = try_wire(w, pki.ca_file, nowhere, "127.0.0.1");
	assert_true(ears.down && ears.gone && !ears.up);
	ears = try_wire(w, pki.ca_file, there, "no address");
	assert_non_null(strstr(ears.why, "is no address"));
	world_free(w);
	world_free(x);
	pki_clear(&pki);
	pki_clear(&wrong);
}

TEST(a_wire_without_encryption_takes_no_encrypted_address)
{
	struct wires_options options = { .secure = false };
	struct world *w = world_plain();
	struct error err = ERROR_INIT;
	struct wires *wires = wires_new(w->loop, &options, &err);
	_cleanup_(slack_url_clear) struct slack_url url = { 0 };
	struct wire wire = { .events = &events };

	assert_true(slack_url_read(&url, "wss://127.0.0.1:1/link/", &err));
	assert_false(wire_open(&wire, wires, &url, "127.0.0.1", 1, &err));
	assert_int_equal(err.kind, REFUSED);
	assert_false(wire_is_open(&wire));
	wires_free(wires);
	world_free(w);
}

TEST(an_unreadable_authority_is_a_mistake_of_the_configuration)
{
	struct wires_options options = { .secure = true, .ca_file = "/nonexistent.pem" };
	struct world *w = world_plain();
	struct error err = ERROR_INIT;

	assert_null(wires_new(w->loop, &options, &err));
	assert_int_equal(err.kind, WRONG);
	assert_non_null(strstr(err.text, "/nonexistent.pem"));
	world_free(w);
}

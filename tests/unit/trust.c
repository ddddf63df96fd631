/* trust.c - one store for each ca_file, and a sentence when it cannot be. */

#include "trust.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <unistd.h>

#include "base/text.h"

#include "test.h"

static EVP_PKEY *key;

/* A certificate of that subject, signed by itself; the caller frees it. */
static X509 *
certificate(const char *name)
{
	X509 *x = X509_new();

	if (key == NULL)
		key = EVP_EC_gen("P-256");
	ASN1_INTEGER_set(X509_get_serialNumber(x), 1);
	X509_gmtime_adj(X509_getm_notBefore(x), -60);
	X509_gmtime_adj(X509_getm_notAfter(x), 3600);
	X509_NAME_add_entry_by_txt(X509_get_subject_name(x), "CN", MBSTRING_ASC,
	    (const unsigned char *)name, -1, -1, 0);
	X509_set_issuer_name(x, X509_get_subject_name(x));
	X509_set_pubkey(x, key);
	assert_true(X509_sign(x, key, EVP_sha256()) > 0);
	return x;
}

static bool
believed(X509_STORE *store, X509 *x)
{
	X509_STORE_CTX *context = X509_STORE_CTX_new();
	bool good;

	X509_STORE_CTX_init(context, store, x, NULL);
	good = X509_verify_cert(context) == 1;
	X509_STORE_CTX_free(context);
	return good;
}

static void
write_certificate(char *path, X509 *x)
{
	FILE *file = fdopen(mkstemp(path), "w");

	PEM_write_X509(file, x);
	fclose(file);
}

static void
certificates_clear(X509 *one, X509 *other)
{
	X509_free(one);
	X509_free(other);
	EVP_PKEY_free(key);
	key = NULL;
}

TEST(a_private_authority_is_added_and_only_where_it_was_named)
{
	char path[] = "/tmp/trust-XXXXXX";
	X509 *private = certificate("private"), *other = certificate("other");
	struct error err = ERROR_INIT;

	write_certificate(path, private);
	assert_non_null(trust_store(path, &err));
	assert_true(believed(trust_store(path, &err), private));
	assert_false(believed(trust_store(path, &err), other));
	assert_false(believed(trust_store(NULL, &err), private));
	certificates_clear(private, other);
	unlink(path);
}

/* Where the system's authorities are is said as to every program of OpenSSL. */
TEST(x81u_ssl_cert_file_takes_the_place_of_the_systems_authorities)
{
	char theirs[] = "/tmp/trust-XXXXXX", ours[] = "/tmp/trust-XXXXXX";
	X509 *system = certificate("system"), *private = certificate("private");
	struct error err = ERROR_INIT;

	write_certificate(theirs, system);
	write_certificate(ours, private);
	setenv("SSL_CERT_FILE", theirs, 1);
	assert_true(believed(trust_store(ours, &err), system));
	assert_true(believed(trust_store(ours, &err), private));
	unsetenv("SSL_CERT_FILE");
	certificates_clear(system, private);
	unlink(theirs);
	unlink(ours);
}

TEST(the_same_file_is_the_same_store)
{
	assert_non_null(trust_store(NULL, NULL));
	assert_ptr_equal(trust_store(NULL, NULL), trust_store(NULL, NULL));
}

TEST(a_file_that_is_missing_or_holds_no_certificate_is_named)
{
	static const char *const rows[] = { "/nonexistent/ca.pem", "/dev/null", "/etc/hostname" };

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct error err = ERROR_INIT;

		assert_row(i, trust_store(rows[i], &err) == NULL);
		assert_row(i, err.kind == WRONG && strstr(err.text, rows[i]) != NULL);
	}
}

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

TEST(a_private_authority_is_added_and_only_where_it_was_named)
{
	char path[] = "/tmp/trust-XXXXXX";
	FILE *file = fdopen(mkstemp(path), "w");
	X509 *private = certificate("private"), *other = certificate("other");
	struct error err = ERROR_INIT;

	PEM_write_X509(file, private);
	fclose(file);
	assert_non_null(trust_store(path, &err));
	assert_true(believed(trust_store(path, &err), private));
	assert_false(believed(trust_store(path, &err), other));
	assert_false(believed(trust_store(NULL, &err), private));
	X509_free(private);
	X509_free(other);
	EVP_PKEY_free(key);
	key = NULL;
	unlink(path);
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

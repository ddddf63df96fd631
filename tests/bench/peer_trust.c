/* peer_trust.c - a certificate for localhost that lives as long as the measurement. */

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdio.h>

#include "peer.h"

static void
add_extension(X509 *certificate, int what, const char *value)
{
	X509V3_CTX context;
	X509_EXTENSION *extension;

	X509V3_set_ctx(&context, certificate, certificate, NULL, NULL, 0);
	extension = X509V3_EXT_conf_nid(NULL, &context, what, value);
	X509_add_ext(certificate, extension, -1);
	X509_EXTENSION_free(extension);
}

/* Its own authority: what trusts the file trusts it. */
static X509 *
new_certificate(EVP_PKEY *key)
{
	X509 *certificate = X509_new();
	X509_NAME *name = X509_get_subject_name(certificate);

	X509_set_version(certificate, 2);
	ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
	X509_gmtime_adj(X509_getm_notBefore(certificate), -3600);
	X509_gmtime_adj(X509_getm_notAfter(certificate), 86400);
	X509_set_pubkey(certificate, key);
	X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)"localhost", -1, -1, 0);
	X509_set_issuer_name(certificate, name);
	add_extension(certificate, NID_basic_constraints, "critical,CA:TRUE");
	add_extension(certificate, NID_subject_alt_name, "DNS:localhost,IP:127.0.0.1");
	X509_sign(certificate, key, EVP_sha256());
	return certificate;
}

SSL_CTX *
peer_trust(const char *file, struct error *err)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509 *certificate = new_certificate(key);
	SSL_CTX *trust = SSL_CTX_new(TLS_server_method());
	FILE *out = fopen(file, "we");
	bool good = out != NULL && PEM_write_X509(out, certificate) == 1 &&
	    SSL_CTX_use_certificate(trust, certificate) == 1 && SSL_CTX_use_PrivateKey(trust, key) == 1;

	if (out != NULL && fclose(out) != 0)
		good = false;
	SSL_CTX_set_mode(trust, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	X509_free(certificate);
	EVP_PKEY_free(key);
	if (good)
		return trust;
	SSL_CTX_free(trust);
	failed(err, "%s: no certificate could be made", file);
	return NULL;
}

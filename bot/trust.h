/*
 * trust.h - whose certificates are believed: one store for each ca_file, shared by all TLS clients (L4).
 *
 * The system's authorities are looked up by their hash when a peer shows a certificate of theirs, so
 * nothing is loaded at start and no copy of the bundle (1.7 MB and 11 ms each) stands in memory; ca_file
 * adds private ones.  SSL_CERT_FILE and SSL_CERT_DIR are honoured, as OpenSSL does.  Made on first use,
 * never while everything is http; kept for ever, so what is returned is borrowed.
 */
#ifndef BOT_TRUST_H
#define BOT_TRUST_H

#include "base/error.h"

struct x509_store_st;		/* OpenSSL's X509_STORE */

/* ca_file NULL: the system's only.  NULL on failure: the file cannot be read or holds no certificate. */
struct x509_store_st *trust_store(const char *ca_file, struct error *);

#endif

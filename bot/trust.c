/* trust.c - certificate stores by ca_file. */

#include <dirent.h>
#include <openssl/err.h>
#include <openssl/x509.h>
#include <stdlib.h>

#include "base/text.h"
#include "trust.h"

struct trust {
	char *ca_file;
	X509_STORE *store;
};

static struct {
	struct trust *item;
	size_t count, size;
} trusts;

/* Does the folder hold certificates by their hashes (c_rehash), so that one can be looked up alone? */
static bool
is_hashed(const char *folder)
{
	DIR *dir = opendir(folder);
	struct dirent *entry = NULL;

	if (dir == NULL)
		return false;
	while ((entry = readdir(dir)) != NULL && !string_ends(entry->d_name, ".0"))
		;
	closedir(dir);
	return entry != NULL;
}

static void
add_system(X509_STORE *store)
{
	const char *folder = X509_get_default_cert_dir();

	if (getenv(X509_get_default_cert_file_env()) == NULL &&
	    getenv(X509_get_default_cert_dir_env()) == NULL && is_hashed(folder))
		X509_STORE_load_path(store, folder);
	else
		X509_STORE_set_default_paths(store);
	ERR_clear_error();	/* no system authorities: only ca_file is believed */
}

static X509_STORE *
load(const char *ca_file, struct error *err)
{
	X509_STORE *store = X509_STORE_new();

	add_system(store);
	if (ca_file == NULL || X509_STORE_load_file(store, ca_file) == 1)
		return store;
	X509_STORE_free(store);
	wrong(err, "the certificate file %s cannot be read or holds no certificate (%s)", ca_file,
	    ERR_reason_error_string(ERR_peek_last_error()));
	ERR_clear_error();
	return NULL;
}

struct x509_store_st *
trust_store(const char *ca_file, struct error *err)
{
	X509_STORE *store;
	struct trust *trust;

	for (size_t i = 0; i < trusts.count; i++)
		if (string_equal(trusts.item[i].ca_file, ca_file))
			return trusts.item[i].store;
	store = load(ca_file, err);
	if (store == NULL)
		return NULL;
	trust = GROW(&trusts);
	trust->ca_file = ca_file != NULL ? xstrdup(ca_file) : NULL;
	trust->store = store;
	return store;
}

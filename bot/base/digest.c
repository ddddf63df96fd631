/* digest.c - OpenSSL behind seven verbs. */

#include "digest.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

static void
must(bool done)
{
	if (!done)
		abort();
}

static const EVP_MD *sha256;

static void
fetch_sha256(void)
{
	sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
	must(sha256 != NULL);
}

/* Fetched once: EVP_sha256() is looked up anew by each use, which costs more than a short digest. */
static const EVP_MD *
the_sha256(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	must(pthread_once(&once, fetch_sha256) == 0);
	return sha256;
}

void
digest_init(struct digest *digest)
{
	digest->context = EVP_MD_CTX_new();
	must(digest->context != NULL);
	must(EVP_DigestInit_ex(digest->context, the_sha256(), NULL) == 1);
}

static void
digest_length(struct digest *digest, uint64_t length)
{
	unsigned char bytes[8];

	for (int i = 7; i >= 0; i--, length >>= 8)
		bytes[i] = (unsigned char)length;
	digest_raw(digest, bytes, sizeof bytes);
}

/* NULL is a length that no field can have. */
void
digest_field(struct digest *digest, const char *s)
{
	if (s == NULL)
		digest_length(digest, UINT64_MAX);
	else
		digest_bytes(digest, s, strlen(s));
}

void
digest_bytes(struct digest *digest, const void *bytes, size_t length)
{
	digest_length(digest, length);
	digest_raw(digest, bytes, length);
}

void
digest_number(struct digest *digest, int64_t number)
{
	digest_length(digest, sizeof number);
	digest_length(digest, (uint64_t)number);
}

void
digest_raw(struct digest *digest, const void *bytes, size_t length)
{
	must(EVP_DigestUpdate(digest->context, bytes, length) == 1);
}

void
digest_end(struct digest *digest, char hex[DIGEST_HEX])
{
	unsigned char bytes[DIGEST_SIZE];

	must(EVP_DigestFinal_ex(digest->context, bytes, NULL) == 1);
	EVP_MD_CTX_free(digest->context);
	digest->context = NULL;
	hex_print(bytes, sizeof bytes, hex);
}

void
digest_of(const void *bytes, size_t length, char hex[DIGEST_HEX])
{
	struct digest digest;

	digest_init(&digest);
	digest_raw(&digest, bytes, length);
	digest_end(&digest, hex);
}

void
digest_hmac(const void *key, size_t key_length, const void *bytes, size_t length,
    unsigned char mac[DIGEST_SIZE])
{
	must(key_length <= INT32_MAX);
	/* A NULL key would mean "the one of before" to OpenSSL. */
	must(HMAC(the_sha256(), key_length > 0 ? key : "", (int)key_length, bytes, length, mac,
		 NULL) != NULL);
}

void
hex_print(const void *bytes, size_t length, char *hex)
{
	static const char digits[] = "0123456789abcdef";
	const unsigned char *p = bytes;

	for (size_t i = 0; i < length; i++) {
		*hex++ = digits[p[i] >> 4];
		*hex++ = digits[p[i] & 15];
	}
	*hex = '\0';
}

char *
base64_print(struct arena *arena, const void *bytes, size_t length)
{
	char *s = arena_alloc(arena, (length + 2) / 3 * 4 + 1);

	must(length <= INT32_MAX / 2);
	EVP_EncodeBlock((unsigned char *)s, bytes, (int)length);
	return s;
}

char *
base64url_print(struct arena *arena, const void *bytes, size_t length)
{
	char *s = base64_print(arena, bytes, length);

	s[strcspn(s, "=")] = '\0';
	for (char *p = s; (p = strpbrk(p, "+/")) != NULL; p++)
		*p = *p == '+' ? '-' : '_';
	return s;
}

/* The value of one digit of either alphabet, -1 for none. */
static int
base64_digit(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	if (c == '+' || c == '-')
		return 62;
	return c == '/' || c == '_' ? 63 : -1;
}

/*
 * Padding may be absent as a whole.  Bits that belong to no byte must be zero: there is one
 * spelling of each value.
 */
char *
base64_read(struct arena *arena, const char *s, size_t *length)
{
	size_t digits = strcspn(s, "="), padding = strlen(s + digits);
	char *bytes = arena_alloc(arena, digits / 4 * 3 + 3), *out = bytes;
	unsigned bits = 0, held = 0;
	int value;

	if (strspn(s + digits, "=") != padding || digits % 4 == 1)
		return NULL;
	if (padding > 0 && (padding > 2 || (digits + padding) % 4 != 0))
		return NULL;
	for (size_t i = 0; i < digits; i++) {
		if ((value = base64_digit(s[i])) < 0)
			return NULL;
		bits = (bits << 6 | (unsigned)value) & 0xffff;
		if ((held += 6) >= 8)
			*out++ = (char)(bits >> (held -= 8));
	}
	if ((bits & ((1u << held) - 1)) != 0)
		return NULL;
	*out = '\0';
	*length = (size_t)(out - bytes);
	return bytes;
}

void
random_bytes(void *bytes, size_t length)
{
	must(length <= INT32_MAX);
	must(RAND_bytes(bytes, (int)length) == 1);
}

bool
equal_in_constant_time(const void *a, const void *b, size_t length)
{
	return CRYPTO_memcmp(a, b, length) == 0;
}

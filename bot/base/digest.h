/*
 * digest.h - SHA-256 over length-prefixed fields, HMAC, hex, base64, random, constant-time compare.
 *
 * A digest of several fields takes each with its length before it (8 bytes, big-endian), so that
 * no two lists of fields collide by moving a byte from one to the next.  A NULL field is distinct
 * from an empty one.  Built on OpenSSL's EVP; no failure is possible short of out of memory, which
 * aborts.
 */
#ifndef BASE_DIGEST_H
#define BASE_DIGEST_H

#include "arena.h"

#define DIGEST_SIZE 32
#define DIGEST_HEX 65	/* with '\0' */

struct digest {
	void *context;
};

void digest_init(struct digest *);
void digest_field(struct digest *, const char *s);
void digest_bytes(struct digest *, const void *bytes, size_t length);	/* also length-prefixed */
void digest_number(struct digest *, int64_t);
void digest_raw(struct digest *, const void *bytes, size_t length);	/* no length: plain SHA-256 */
void digest_end(struct digest *, char hex[DIGEST_HEX]);	/* and clears */

void digest_of(const void *bytes, size_t length, char hex[DIGEST_HEX]);
void digest_hmac(const void *key, size_t key_length, const void *bytes, size_t length,
    unsigned char mac[DIGEST_SIZE]);

void hex_print(const void *bytes, size_t length, char *hex);	/* 2 × length + 1 bytes */
char *base64_print(struct arena *, const void *bytes, size_t length);
char *base64url_print(struct arena *, const void *bytes, size_t length);	/* no padding */
/* Decoded bytes in the arena, '\0' added; NULL when it is not base64.  Either alphabet, padded
 * or not, no blanks between. */
char *base64_read(struct arena *, const char *s, size_t *length);
void random_bytes(void *bytes, size_t length);
bool equal_in_constant_time(const void *a, const void *b, size_t length);

#endif

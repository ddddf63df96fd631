/*
 * secret.h - a value that has no printer.
 *
 * Pages of its own, locked and left out of core dumps and forks, wiped at the end.  Every new secret
 * joins the process-wide mask set (mask.h).  secret_reveal gives the bytes to the one who sends them
 * (an HTTP header, an environment variable of one child) and to nobody else; `make layers` lists its
 * callers.
 */
#ifndef BASE_SECRET_H
#define BASE_SECRET_H

#include "error.h"
#include "mask.h"

struct secret;
struct secret *secret_new(const char *value, size_t length);
void secret_free(struct secret *);
const char *secret_reveal(const struct secret *);	/* '\0'-terminated; never NULL */
bool secret_equals(const struct secret *, const char *value, size_t length);	/* constant time */
bool secret_same(const struct secret *, const struct secret *);	/* constant time */
/* A text file that is ours or root's and closed to everybody else (its group may read it, as mounted
 * Secrets want), at most 64 KiB; one trailing newline is dropped. */
struct secret *secret_read_file(const char *path, struct error *);
struct mask_set *secret_mask(void);	/* the process-wide set */

#endif

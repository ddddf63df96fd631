/*
 * seal.h - marks that only we can make: on each row of buttons and each dialog that we draw (ID9).
 *
 * A seal is HMAC-SHA256 over the kind of drawing and what its buttons carry ("R-142:NONCE:3"), behind the
 * id of its key: "1f0c2a9b.5d41…".  Whoever stole the chat's token can post in our name, but cannot seal.
 * Seals are made when a message leaves and are stored nowhere.
 *
 * The keys stand in `seal.key` of the state's folder, 0600, one in hexadecimal in each line: the first one
 * seals, all of them are accepted, so that a new one may be put before the old; a reload reads them again
 * (SE5).  The file is made when it is not there at the start.  It is no row of the store, because copies of the store shall hold no secret (SE5), and because
 * who can write rows shall not be able to seal what stands in them (ST2).
 *
 * Texts are borrowed for the call.  One owner, the service; used on the loop only.
 */
#ifndef BOT_SEAL_H
#define BOT_SEAL_H

#include "base/error.h"
#include "base/text.h"

#define SEAL_SIZE 74		/* 8 digits, a dot, 64 digits, '\0' */

struct seal;
/* NULL: err says what is wrong with the file, and what to do. */
struct seal *seal_load(const char *folder, struct error *);
void seal_free(struct seal *);
/* The ids of its keys, "1f0c2a9b, 5d41ab02"; the first one seals. */
void seal_print_keys(const struct seal *, struct text *out);

/* kind: "card", "dialog". */
void seal_print(const struct seal *, const char *kind, const char *argument, char out[SEAL_SIZE]);
/* given NULL or malformed: no.  In constant time. */
bool seal_holds(const struct seal *, const char *kind, const char *argument, const char *given);

#endif

/*
 * mask.h - secrets taken out of streams before anything is stored, shown or sent.
 *
 * A set holds known values (≥ 6 bytes) in every form in which they travel: plain, base64 at its
 * three offsets, base64url, hex, percent-encoded, JSON-escaped, each line of a multi-line value.
 * All are searched at once (Aho-Corasick); the longest − 1 bytes are held back between calls, so a
 * value split over two reads is still found.  After the known values come well-known shapes
 * (xox?-, xapp-, JWT, AKIA, PEM blocks, user:password@ in URLs, password=…).  A masked value
 * becomes "•••".  A set never prints its values.
 *
 *	mask_add(set, value);				any time; cheap for a value already there
 *	struct mask_stream s = MASK_STREAM(set);	one for each stream
 *	mask_stream_add(&s, &out, bytes, length); … mask_stream_end(&s, &out);
 */
#ifndef BASE_MASK_H
#define BASE_MASK_H

#include "text.h"

struct mask_set;
struct mask_set *mask_set_new(const struct mask_set *parent);	/* parent's values count too */
void mask_set_free(struct mask_set *);
void mask_add(struct mask_set *, const char *value, size_t length);
bool mask_has(const struct mask_set *, const char *value, size_t length);	/* plain form known? */

struct mask_stream {
	struct mask_set *set;
	struct text held;
};
#define MASK_STREAM(s) { .set = (s), .held = TEXT_INIT }

void mask_stream_add(struct mask_stream *, struct text *out, const char *bytes, size_t length);
void mask_stream_end(struct mask_stream *, struct text *out);
void mask_stream_clear(struct mask_stream *);
/* One-shot, into an empty or filled text. */
void mask_text(struct mask_set *, struct text *out, const char *bytes, size_t length);

#endif

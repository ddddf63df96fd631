/*
 * mask.h - secrets taken out of streams before anything is stored, shown or sent.
 *
 * A set holds known values (≥ 6 bytes) in every form in which they travel: plain, base64 at its
 * three offsets, base64url, hex, percent-encoded, JSON-escaped, each line of a multi-line value.
 * All are searched at once (Aho-Corasick); what may be the beginning of one (at most the longest
 * form - 1 bytes) is held back between calls, so a value split over two reads is still found, and
 * the output does not depend on where the input was split.  Values may be added in the middle of a
 * stream; what is still held then counts.  Of a value longer than 64 KiB the first 64 KiB count.
 *
 * Beside the known values go well-known shapes: tokens of Slack, GitHub, GitLab and AWS, JWT,
 * private keys in PEM, passwords in URLs, after "password=" and the like, bearer headers.  They are
 * found as far as they can be told; what must never be shown is added as a value.
 *
 * A masked value becomes "•••".  JSON stays JSON.  A set never prints its values.
 *
 *	mask_add(set, value, length);			any time; cheap for a value already there
 *	struct mask_stream s = MASK_STREAM(set);	one for each stream
 *	mask_stream_add(&s, &out, bytes, length); … mask_stream_end(&s, &out);
 */
#ifndef BASE_MASK_H
#define BASE_MASK_H

#include "text.h"

#define MASK_WORD "•••"

struct mask_set;
/* The parent's values count too, also those that it gets later; it must outlive the set. */
struct mask_set *mask_set_new(struct mask_set *parent);
/* The same set once more, for whoever may outlive its owner; each is given back by mask_set_free.
 * Accepts NULL. */
struct mask_set *mask_set_share(struct mask_set *);
void mask_set_free(struct mask_set *);	/* accepts NULL; the last one frees it */
void mask_add(struct mask_set *, const char *value, size_t length);
/* Whether the value itself is known, here or in a parent. */
bool mask_has(const struct mask_set *, const char *value, size_t length);

/* Of the shape that goes on in the next bytes; kind is 0 when none does. */
struct mask_tail {
	int kind, detail;
	size_t left;
};

struct mask_stream {
	struct mask_set *set;	/* NULL: shapes only */
	struct text held;
	size_t covered;		/* so many of the held bytes stand behind a "•••" already printed */
	size_t shaped;		/* so many of them belong to a shape */
	struct mask_tail tail;
};
#define MASK_STREAM(s) { .set = (s), .held = TEXT_INIT_LIMIT(MEGABYTES(4)) }

void mask_stream_add(struct mask_stream *, struct text *out, const char *bytes, size_t length);
void mask_stream_end(struct mask_stream *, struct text *out);	/* ready for another stream */
void mask_stream_clear(struct mask_stream *);
/* One-shot, into an empty or filled text. */
void mask_text(struct mask_set *, struct text *out, const char *bytes, size_t length);

#endif

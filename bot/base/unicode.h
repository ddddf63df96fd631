/*
 * unicode.h - UTF-8 from people and tools: validity, folding, width, cutting.
 *
 * On libunistring, which the HTTP library loads anyway.  Input is bytes of unknown merit; output
 * is always valid UTF-8.  In unicode.c (questions), fold.c (commands), foreign.c (foreign text).
 */
#ifndef BASE_UNICODE_H
#define BASE_UNICODE_H

#include "arena.h"
#include "text.h"

bool utf8_valid(const char *bytes, size_t length);
/* Copies, every invalid byte becoming U+FFFD. */
void utf8_repair(struct text *out, const char *bytes, size_t length);
size_t utf8_count(const char *s);	/* code points */
/* The length in bytes of the longest prefix of at most `points` code points. */
size_t utf8_prefix(const char *s, size_t points);
size_t utf8_width(const char *s);	/* terminal cells, East Asian Wide = 2 */

/*
 * What input methods and chat clients make of a command, taken back.  Between quotes (any double
 * one; a single one at the start of a word and its fellow at the end of one) only the quotes change,
 * to " and ', and the text is NFC; a quote that is never closed is none.  Outside: NFKC (full-width
 * letters, digits, signs); every kind of blank is one ' ', zero-width and bidi characters go;
 * 「」『』«»“” to ", ‘’´ to ', 、 and ， to ",", → to "->", typographic hyphens and the minus to "-".
 * An em or en dash at the start of a word is "-" before a digit, "--" before anything else; alone
 * between blanks the en dash is "-", the em dash "--"; within a word it stays.
 *
 * A client's own escapes (<@U1>, &lt;) are taken back before: full-width signs become ASCII here.
 */
char *fold_command(struct arena *, const char *s);
/* NFC only, for free text such as reasons. */
char *fold_text(struct arena *, const char *s);
char *fold_case(struct arena *, const char *s);	/* lower case, locale-independent */

/*
 * Text that a tool, a chart or a stranger wrote, made harmless: valid UTF-8, no C0 but \n and \t, no
 * DEL, C1, no escape sequences (CSI, OSC, DCS … whole, but never past the end of a line; also when
 * split over two calls: keep the same struct for one stream), no bidi controls or zero-width
 * characters; a lone \r becomes \n.
 */
struct foreign_filter {	/* zeroed: a fresh one */
	int state;
	char partial[4];
	unsigned partial_length;
	bool carriage_return;
};
void foreign_add(struct foreign_filter *, struct text *out, const char *bytes, size_t length);
void foreign_end(struct foreign_filter *, struct text *out);	/* an unfinished character or \r */
char *foreign_text(struct arena *, const char *bytes, size_t length);	/* one-shot */
/* The same for what stands within a line of ours: a \n or \t in it is a blank, so that nobody begins
 * a line that looks like one of ours (OU2). */
char *foreign_line(struct arena *, const char *bytes, size_t length);
/* At most `limit` bytes: the middle goes, with "… N bytes cut …", since errors stand at the end. */
char *cut_middle(struct arena *, const char *s, size_t limit);

#endif

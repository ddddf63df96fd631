/*
 * unicode.h - UTF-8 from people and tools: validity, folding, width, cutting.
 *
 * On libunistring, which the HTTP library loads anyway.  Input is bytes of unknown merit; output
 * is always valid UTF-8.
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
 * What input methods and chat clients make of a command, taken back: NFKC for everything outside
 * quotes' content, smart quotes to ' and ", em and en dash between blanks or at the start of a word
 * to "-" or "--", every kind of blank (no-break, U+3000, zero-width removed) to one space kind,
 * 「」『』“” to ", 、 and ， to ",", → to "->".
 */
char *fold_command(struct arena *, const char *s);
/* NFC only, for free text such as reasons. */
char *fold_text(struct arena *, const char *s);
char *fold_case(struct arena *, const char *s);	/* lower case, locale-independent */

/*
 * Text that a tool, a chart or a stranger wrote, made harmless: valid UTF-8, no C0 but \n and \t, no
 * DEL, C1, no escape sequences (CSI, OSC, DCS … whole, also when split over two calls: keep the same
 * struct for one stream), no bidi controls or zero-width characters; a lone \r becomes \n.
 */
struct foreign_filter {
	int state;
	char partial[4];
	unsigned partial_length;
	bool carriage_return;
};
void foreign_add(struct foreign_filter *, struct text *out, const char *bytes, size_t length);
void foreign_end(struct foreign_filter *, struct text *out);	/* an unfinished character or \r */
char *foreign_text(struct arena *, const char *bytes, size_t length);	/* one-shot */
/* At most `limit` bytes: the middle goes, with "… N bytes cut …", since errors stand at the end. */
char *cut_middle(struct arena *, const char *s, size_t limit);

#endif

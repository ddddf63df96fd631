/*
 * match.h - does this text stand there?
 *
 * Plainly, runs of blanks counting as one blank; or, read as a regular expression (PCRE2, UTF-8, ^ and $
 * at lines), it matches somewhere.
 */
#ifndef TALK_MATCH_H
#define TALK_MATCH_H

#include "base/memory.h"

bool match_text(const char *wanted, const char *text);

#endif

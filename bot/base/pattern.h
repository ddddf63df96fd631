/*
 * pattern.h - globs for names and regular expressions from configuration, bounded.
 *
 * PCRE2's interpreter only (JIT needs writable code pages), match limit 50,000, heap 1 MiB, subject
 * ≤ 4 KiB (PCRE2 10.42's own default heap limit is 20 GB).  An error is not "no match": callers
 * treat it as a failed rule.
 */
#ifndef BASE_PATTERN_H
#define BASE_PATTERN_H

#include "error.h"

/* `*` any run, `?` one character, the rest literal; whole string. */
bool glob_matches(const char *glob, const char *s);

struct pattern;
enum pattern_result { PATTERN_NO, PATTERN_YES, PATTERN_ERROR };

struct pattern *pattern_new(const char *expression, struct error *);	/* anchored at both ends */
void pattern_free(struct pattern *);
enum pattern_result pattern_matches(const struct pattern *, const char *s);

#endif

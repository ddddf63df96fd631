/* pattern.c - PCRE2 with bounds, and globs without it. */

#include "pattern.h"

#include <stdlib.h>
#include <string.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#define EXPRESSION_MAX 1024
#define SUBJECT_MAX KILOBYTES(4)
#define MATCH_LIMIT 50000
#define HEAP_LIMIT 1024 /* KiB */
#define NESTING_LIMIT 32

struct pattern {
	pcre2_code *code;
	pcre2_match_context *limits;
};

/* The next character, or the next byte of what is no UTF-8. */
static const char *
skip_character(const char *s)
{
	for (s++; ((unsigned char)*s & 0xc0) == 0x80;)
		s++;
	return s;
}

/* Only the last star is ever tried again: what an earlier one could take, the later one can. */
bool
glob_matches(const char *glob, const char *s)
{
	const char *star = NULL, *resume = NULL;

	while (*s != '\0') {
		if (*glob == '*') {
			star = ++glob;
			resume = s;
		} else if (*glob == '?') {
			glob++;
			s = skip_character(s);
		} else if (*glob == *s) {
			glob++;
			s++;
		} else if (star != NULL) {
			glob = star;
			s = resume = skip_character(resume);
		} else {
			return false;
		}
	}
	return glob[strspn(glob, "*")] == '\0';
}

static void *
must(void *memory)
{
	if (memory == NULL)
		abort();
	return memory;
}

static void
context_freep(pcre2_compile_context **context)
{
	pcre2_compile_context_free(*context);
}

static pcre2_code *
compile(const char *expression, struct error *err)
{
	_cleanup_(context_freep) pcre2_compile_context *context =
	    must(pcre2_compile_context_create(NULL));
	PCRE2_UCHAR message[128];
	PCRE2_SIZE at = 0;
	pcre2_code *code;
	int number = 0;

	pcre2_set_max_pattern_length(context, EXPRESSION_MAX);
	pcre2_set_parens_nest_limit(context, NESTING_LIMIT);
	code = pcre2_compile((PCRE2_SPTR)expression, PCRE2_ZERO_TERMINATED,
	    PCRE2_UTF | PCRE2_NEVER_BACKSLASH_C | PCRE2_ANCHORED | PCRE2_ENDANCHORED |
		PCRE2_DOLLAR_ENDONLY,
	    &number, &at, context);
	if (code == NULL) {
		pcre2_get_error_message(number, message, sizeof message);
		wrong(err, "the pattern \"%s\" is wrong at byte %zu: %s", expression, at + 1,
		    (const char *)message);
	}
	return code;
}

struct pattern *
pattern_new(const char *expression, struct error *err)
{
	struct pattern *pattern;
	pcre2_code *code;

	if ((code = compile(expression, err)) == NULL)
		return NULL;
	pattern = xcalloc(1, sizeof *pattern);
	pattern->code = code;
	pattern->limits = must(pcre2_match_context_create(NULL));
	pcre2_set_match_limit(pattern->limits, MATCH_LIMIT);
	pcre2_set_heap_limit(pattern->limits, HEAP_LIMIT);
	return pattern;
}

void
pattern_free(struct pattern *pattern)
{
	if (pattern == NULL)
		return;
	pcre2_match_context_free(pattern->limits);
	pcre2_code_free(pattern->code);
	free(pattern);
}

enum pattern_result
pattern_matches(const struct pattern *pattern, const char *s)
{
	size_t length = strlen(s);
	pcre2_match_data *match;
	int result;

	if (length > SUBJECT_MAX)
		return PATTERN_ERROR;
	match = must(pcre2_match_data_create(1, NULL));
	result = pcre2_match(pattern->code, (PCRE2_SPTR)s, length, 0, PCRE2_NO_JIT, match,
	    pattern->limits);
	pcre2_match_data_free(match);
	/* 0 is a match too: one with more groups than the match data has room for. */
	if (result >= 0)
		return PATTERN_YES;
	return result == PCRE2_ERROR_NOMATCH ? PATTERN_NO : PATTERN_ERROR;
}

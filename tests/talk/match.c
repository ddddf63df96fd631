/* match.c - does this text stand there? */

#include "match.h"

#include <string.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "base/text.h"

#define BLANKS " \t\r\n"

static void
fold(struct text *out, const char *s)
{
	size_t blanks;

	for (; *s != '\0'; s++) {
		if ((blanks = strspn(s, BLANKS)) > 0) {
			text_add_char(out, ' ');
			s += blanks - 1;
		} else {
			text_add_char(out, *s);
		}
	}
}

static bool
stands_in(const char *wanted, const char *text)
{
	_cleanup_(text_clear) struct text a = TEXT_INIT_LIMIT(MEGABYTES(16)),
	    b = TEXT_INIT_LIMIT(MEGABYTES(16));

	fold(&a, wanted);
	fold(&b, text);
	return strstr(b.data, a.data) != NULL;
}

static bool
expression_fits(const char *wanted, const char *text)
{
	PCRE2_SIZE at;
	pcre2_match_data *data;
	pcre2_code *code;
	int number;

	code = pcre2_compile((PCRE2_SPTR)wanted, PCRE2_ZERO_TERMINATED, PCRE2_UTF | PCRE2_MULTILINE,
	    &number, &at, NULL);
	if (code == NULL)
		return false;
	data = pcre2_match_data_create_from_pattern(code, NULL);
	number = pcre2_match(code, (PCRE2_SPTR)text, PCRE2_ZERO_TERMINATED, 0, 0, data, NULL);
	pcre2_match_data_free(data);
	pcre2_code_free(code);
	return number >= 0;
}

bool
match_text(const char *wanted, const char *text)
{
	return stands_in(wanted, text) || expression_fits(wanted, text);
}

/* mrkdwn_check.c - is a text escaped as Slack asks for it? (protocols 3.9) */

#include <string.h>

#include "base/text.h"
#include "limits.h"

#define CAPITALS "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

/* An id with one of those first letters, and all of it. */
static bool
is_id(const char *s, size_t length, const char *first)
{
	return length >= 2 && strchr(first, *s) != NULL && strspn(s, CAPITALS) >= length;
}

static bool
is_special(const char *s, size_t length)
{
	static const char *const words[] = { "here", "channel", "everyone" };

	for (size_t i = 0; i < COUNT(words); i++)
		if (length == strlen(words[i]) && strncmp(s, words[i], length) == 0)
			return true;
	if (length > 8 && string_starts(s, "subteam^"))
		return is_id(s + 8, length - 8, "S");
	return string_starts(s, "date^") && strspn(s + 5, "0123456789") > 0;
}

static bool
is_address(const char *s)
{
	static const char *const schemes[] = { "https://", "http://", "mailto:", "tel:", "slack://" };

	for (size_t i = 0; i < COUNT(schemes); i++)
		if (string_starts(s, schemes[i]) && s[strlen(schemes[i])] != '>')
			return true;
	return false;
}

/* What stands between < and >. */
static bool
is_reference(const char *s, size_t length)
{
	const char *bar = memchr(s, '|', length);
	size_t word = bar != NULL ? (size_t)(bar - s) : length;

	if (word == 0 || memchr(s, '\n', length) != NULL)
		return false;
	switch (*s) {
	case '@':
		return is_id(s + 1, word - 1, "UW");
	case '#':
		return is_id(s + 1, word - 1, "CG");
	case '!':
		/* A date needs the words for clients that know none. */
		return is_special(s + 1, word - 1) && (!string_starts(s, "!date^") || bar != NULL);
	default:
		return is_address(s);
	}
}

const char *
mrkdwn_problem(const char *text)
{
	const char *s = text, *end;

	for (; (s = strpbrk(s, "&<>")) != NULL; s++) {
		if (*s == '&' && !string_starts(s, "&amp;") && !string_starts(s, "&lt;") &&
		    !string_starts(s, "&gt;"))
			return "must escape & as &amp;";
		/* At the beginning of a line it marks a quotation. */
		if (*s == '>' && s > text && s[-1] != '\n' && s[-1] != '>')
			return "must escape > as &gt;";
		if (*s != '<')
			continue;
		end = s + 1 + strcspn(s + 1, "<>");
		if (*end != '>' || !is_reference(s + 1, (size_t)(end - s) - 1))
			return "must escape < as &lt;, or be a mention, a date or a link";
		s = end;
	}
	return NULL;
}

/*
 * slack_marks.c - marked texts as mrkdwn.
 *
 * mrkdwn has no escape for * _ ` and :emoji:, so what could be taken for one is replaced by a character
 * that looks the same; & < > are the only three that Slack wants escaped.
 */

#include <ctype.h>
#include <limits.h>
#include <string.h>

#include "base/unicode.h"
#include "say.h"
#include "slack_blocks.h"

#define LOOKS_LIKE_BACKTICK "\xcb\x8b"		/* U+02CB */
#define LOOKS_LIKE_ASTERISK "\xe2\x88\x97"	/* U+2217 */
#define LOOKS_LIKE_UNDERSCORE "\xcb\x8d"	/* U+02CD */
#define LOOKS_LIKE_TILDE "\xe2\x88\xbc"	/* U+223C */
#define NO_WIDTH "\xe2\x80\x8b"			/* U+200B */

struct writer {
	struct text *out;
	bool bold;		/* inside: an asterisk would end it */
	bool closed;		/* *bold* or `code` has just ended */
};

/* Slack sees formatting only next to a blank, punctuation or an end; other letters need a space. */
static bool
is_letter(unsigned char c)
{
	return c >= 0x80 || isalnum(c);
}

static void
write_bytes(struct writer *writer, const char *bytes, size_t length)
{
	if (writer->closed && is_letter((unsigned char)*bytes))
		text_add_char(writer->out, ' ');
	writer->closed = false;
	text_add_bytes(writer->out, bytes, length);
}

static void
write_open(struct writer *writer, char mark)
{
	const struct text *out = writer->out;

	if (out->length > 0 && is_letter((unsigned char)out->data[out->length - 1]))
		text_add_char(writer->out, ' ');
	else if (writer->closed)
		text_add_char(writer->out, ' ');
	writer->closed = false;
	text_add_char(writer->out, mark);
}

static void
write_close(struct writer *writer, char mark)
{
	text_add_char(writer->out, mark);
	writer->closed = true;
}

static bool
is_emoji_letter(unsigned char c)
{
	return (c >= 'a' && c <= 'z') || isdigit(c) || c == '_' || c == '+' || c == '\'' || c == '-';
}

/* ":white_check_mark:" would become a picture: in foreign words it must stay words.  "12:30:15" is a time. */
static bool
is_emoji(const struct text *before, const char *s)
{
	size_t length = 0;
	bool digits = true;

	for (; is_emoji_letter((unsigned char)s[1 + length]); length++)
		digits = digits && isdigit((unsigned char)s[1 + length]);
	if (length == 0 || s[1 + length] != ':')
		return false;
	return !digits || before->length == 0 ||
	    !isdigit((unsigned char)before->data[before->length - 1]);
}

/* "*Approved*", "_so_" and "~no~" of others are not to look like formatting of ours; "a*b", "my_name" and "x *"
 * mean none. */
static bool
is_formatting(const struct text *before, const char *s)
{
	size_t line = strcspn(s, "\n");

	if ((before->length > 0 && is_letter((unsigned char)before->data[before->length - 1])) ||
	    isspace((unsigned char)s[1]))
		return false;
	for (size_t i = 2; i < line; i++)
		if (s[i] == *s && !isspace((unsigned char)s[i - 1]) && !is_letter((unsigned char)s[i + 1]))
			return true;
	return false;
}

static void
write_formatting(struct writer *writer, const char *s)
{
	bool harmless = !is_formatting(writer->out, s) && !(*s == '*' && writer->bold);

	if (harmless)
		write_bytes(writer, s, 1);
	else if (*s == '*')
		write_bytes(writer, LOOKS_LIKE_ASTERISK, 3);
	else if (*s == '_')
		write_bytes(writer, LOOKS_LIKE_UNDERSCORE, 2);
	else
		write_bytes(writer, LOOKS_LIKE_TILDE, 3);
}

static void
write_character(struct writer *writer, const char *s)
{
	switch (*s) {
	case '&':
		write_bytes(writer, "&amp;", 5);
		break;
	case '<':
		write_bytes(writer, "&lt;", 4);
		break;
	case '>':
		write_bytes(writer, "&gt;", 4);
		break;
	case '`':
		write_bytes(writer, LOOKS_LIKE_BACKTICK, 2);
		break;
	case '*':
	case '_':
	case '~':
		write_formatting(writer, s);
		break;
	case ':':
		write_bytes(writer, ":" NO_WIDTH, is_emoji(writer->out, s) ? 4 : 1);
		break;
	default:
		if (((unsigned char)*s >= 0x20 && *s != 0x7f) || *s == '\n' || *s == '\t')
			write_bytes(writer, s, 1);
	}
}

static bool
is_mark(char c)
{
	return c == *BOLD || c == *CODE || c == *PERSON || c == *CHANNEL;
}

/* What is not written as it is: control characters but the newline, the marks among them, and & < > ` * _ ~ : */
static const bool special[UCHAR_MAX + 1] = {
	[0x00 ... '\n' - 1] = true, ['\n' + 1 ... 0x1f] = true, [0x7f] = true,
	['&'] = true, ['<'] = true, ['>'] = true, ['`'] = true, ['*'] = true, ['_'] = true,
	['~'] = true, [':'] = true,
};

/* How many bytes from s on mean nothing and are written as they are. */
static size_t
plain_run(const char *s, const char *end)
{
	const char *start = s;

	while (s < end && !special[(unsigned char)*s])
		s++;
	return (size_t)(s - start);
}

static void
write_code(struct writer *writer, const char *s, size_t length)
{
	char c;

	if (length == 0)
		return;
	write_open(writer, '`');
	for (; length > 0; length--, s++) {
		c = *s == '\n' ? ' ' : *s;
		if (c == '&' || c == '<' || c == '>' || c == '`')
			write_character(writer, s);
		else if (!is_mark(c) && ((unsigned char)c >= 0x20 || c == '\t'))
			text_add_char(writer->out, c);
	}
	write_close(writer, '`');
}

/* An id of Slack's, perhaps behind its team ("T0TEAM/U0ANN"); anything else is only a name. */
static bool
find_id(const char **s, size_t *length, const char *first)
{
	const char *slash = memchr(*s, '/', *length);
	size_t skip = slash != NULL ? (size_t)(slash - *s) + 1 : 0;

	if (skip >= *length || strchr(first, (*s)[skip]) == NULL)
		return false;
	for (size_t i = skip; i < *length; i++)
		if (!isdigit((unsigned char)(*s)[i]) && !isupper((unsigned char)(*s)[i]))
			return false;
	*s += skip;
	*length -= skip;
	return true;
}

static void write_marked(struct writer *, const char *s, size_t length);

static void
write_reference(struct writer *writer, char sign, const char *s, size_t length)
{
	if (!find_id(&s, &length, sign == '@' ? "UW" : "CGD")) {
		write_marked(writer, s, length);
		return;
	}
	if (writer->closed)
		write_bytes(writer, " ", 1);
	text_printf(writer->out, "<%c%.*s>", sign, (int)length, s);
}

/* Bold ends with its line, and neither begins nor ends with a blank: Slack would show the asterisks. */
static void
write_bold(struct writer *writer, const char *s, size_t length)
{
	size_t line;

	if (writer->bold) {
		write_marked(writer, s, length);
		return;
	}
	for (; length > 0; s += line, length -= line) {
		for (; length > 0 && isspace((unsigned char)*s); s++, length--)
			write_bytes(writer, s, 1);
		for (line = 0; line < length && s[line] != '\n';)
			line++;
		while (line > 0 && isspace((unsigned char)s[line - 1]))
			line--;
		if (line == 0)
			continue;
		write_open(writer, '*');
		writer->bold = true;
		write_marked(writer, s, line);
		writer->bold = false;
		write_close(writer, '*');
	}
}

static void
write_span(struct writer *writer, char mark, const char *s, size_t length)
{
	if (mark == *BOLD)
		write_bold(writer, s, length);
	else if (mark == *CODE)
		write_code(writer, s, length);
	else
		write_reference(writer, mark == *PERSON ? '@' : '#', s, length);
}

static void
write_marked(struct writer *writer, const char *s, size_t length)
{
	const char *end = s + length, *close;
	char mark;

	while (s < end) {
		size_t run = plain_run(s, end);

		if (run > 0) {
			write_bytes(writer, s, run);
			s += run;
			continue;
		}
		if (!is_mark(*s)) {
			write_character(writer, s++);
			continue;
		}
		mark = *s++;
		close = memchr(s, mark, (size_t)(end - s));
		if (close == NULL)
			close = end;
		write_span(writer, mark, s, (size_t)(close - s));
		s = close < end ? close + 1 : end;
	}
}

void
slack_mrkdwn(struct text *out, const char *marked)
{
	struct writer writer = { .out = out };

	write_marked(&writer, marked, strlen(marked));
}

/* The longest prefix of so many code points that does not end inside a mention. */
static size_t
prefix_before_mention(const char *marked, size_t points)
{
	size_t length = utf8_prefix(marked, points), open = length;
	char inside = '\0';

	for (size_t i = 0; i < length; i++)
		if (inside == '\0' && (marked[i] == *PERSON || marked[i] == *CHANNEL)) {
			inside = marked[i];
			open = i;
		} else if (marked[i] == inside) {
			inside = '\0';
		}
	return inside != '\0' ? open : length;
}

void
slack_mrkdwn_cut(struct text *out, const char *marked, size_t most)
{
	size_t before = out->length, points = most;
	struct writer writer;

	slack_mrkdwn(out, marked);
	if (out->length - before <= most)	/* no character is less than a byte */
		return;
	while (utf8_count(out->data + before) > most && points > 1) {
		points = points * 9 / 10;
		text_truncate(out, before);
		writer = (struct writer){ .out = out };
		write_marked(&writer, marked, prefix_before_mention(marked, points));
		text_add(out, "…");
	}
}

/* mrkdwn.c - Slack's markup, read as people see it. */

#include <inttypes.h>
#include <string.h>
#include <time.h>
#include <unictype.h>
#include <unistr.h>

#include "base/arena.h"
#include "mrkdwn.h"

struct reader {
	struct fake_slack *fs;
	struct arena *arena;
	struct spans *spans;
	struct span style;	/* of what comes next */
	struct text run;	/* plain characters collected so far */
	const char *start;
	bool verbatim;
};

static void
run_end(struct reader *reader)
{
	struct span *span;

	if (reader->run.length == 0)
		return;
	span = ARENA_GROW(reader->arena, reader->spans);
	*span = reader->style;
	span->kind = SPAN_TEXT;
	span->text = arena_copy(reader->arena, reader->run.data, reader->run.length);
	text_reset(&reader->run);
}

static void
span_add(struct reader *reader, enum span_kind kind, const char *text, const char *target)
{
	struct span *span;

	run_end(reader);
	span = ARENA_GROW(reader->arena, reader->spans);
	*span = reader->style;
	span->kind = kind;
	span->text = text;
	span->target = target;
}

/* ---- characters ---------------------------------------------------------------------------- */

/* "&amp;" and its like: how long it is, and what it stands for. */
static size_t
escape_read(const char *s, char *c)
{
	static const struct {
		const char *name;
		char c;
	} escapes[] = { { "&amp;", '&' }, { "&lt;", '<' }, { "&gt;", '>' } };

	for (size_t i = 0; i < COUNT(escapes); i++)
		if (string_starts(s, escapes[i].name)) {
			*c = escapes[i].c;
			return strlen(escapes[i].name);
		}
	return 0;
}

static void
text_add_unescaped(struct text *out, const char *s, size_t length)
{
	const char *end = s + length;
	size_t n;
	char c;

	while (s < end) {
		if ((n = escape_read(s, &c)) > 0) {
			text_add_char(out, c);
			s += n;
		} else {
			text_add_char(out, *s++);
		}
	}
}

static char *
unescaped(struct arena *arena, const char *s, size_t length)
{
	_cleanup_(text_clear) struct text text = TEXT_INIT;

	text_add_unescaped(&text, s, length);
	return arena_copy(arena, text.data, text.length);
}

/* Does a letter or digit, of any script, stand just before or at s? */
static bool
word_before(const char *start, const char *s)
{
	ucs4_t c;

	return s > start && u8_prev(&c, (const uint8_t *)s, (const uint8_t *)start) != NULL
	    && uc_is_alnum(c);
}

static bool
word_at(const char *s)
{
	ucs4_t c;

	return *s != '\0' && u8_next(&c, (const uint8_t *)s) != NULL && uc_is_alnum(c);
}

/* ---- <…> ----------------------------------------------------------------------------------- */

static void
date_token(struct text *out, const char *token, size_t length, const struct tm *t)
{
	static const struct {
		const char *token, *format;
	} tokens[] = {
		{ "date_num", "%Y-%m-%d" }, { "date_short", "%b %d, %Y" },
		{ "date_short_pretty", "%b %d, %Y" }, { "date_long", "%A, %B %d, %Y" },
		{ "date_long_pretty", "%A, %B %d, %Y" }, { "date", "%B %d, %Y" },
		{ "date_pretty", "%B %d, %Y" }, { "time", "%H:%M" }, { "time_secs", "%H:%M:%S" },
		{ "ago", "%Y-%m-%d %H:%M" },
	};
	char words[64];

	for (size_t i = 0; i < COUNT(tokens); i++)
		if (strlen(tokens[i].token) == length &&
		    strncmp(token, tokens[i].token, length) == 0) {
			/* The formats are the table's, not a stranger's. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
			strftime(words, sizeof(words), tokens[i].format, t);
#pragma GCC diagnostic pop
			text_add(out, words);
			return;
		}
	text_printf(out, "{%.*s}", (int)length, token);
}

/* "!date^1763708400^{date_short} at {time}|fallback" */
static void
date_read(struct reader *reader, const char *s, const char *end)
{
	_cleanup_(text_clear) struct text out = TEXT_INIT;
	const char *bar = memchr(s, '|', (size_t)(end - s)), *at, *close;
	time_t when = (time_t)strtoll(s + 6, NULL, 10);
	struct tm t;

	at = memchr(s + 6, '^', (size_t)(end - s - 6));
	if (bar == NULL)
		bar = end;
	if (at == NULL || at > bar || gmtime_r(&when, &t) == NULL) {
		span_add(reader, SPAN_DATE, unescaped(reader->arena, bar + (bar < end),
		    (size_t)(end - bar) - (bar < end)), NULL);
		return;
	}
	for (at++; at < bar && *at != '^';) {
		close = *at == '{' ? memchr(at, '}', (size_t)(bar - at)) : NULL;
		if (close == NULL) {
			text_add_char(&out, *at++);
			continue;
		}
		date_token(&out, at + 1, (size_t)(close - at - 1), &t);
		at = close + 1;
	}
	span_add(reader, SPAN_DATE, arena_copy(reader->arena, out.data, out.length), NULL);
}

static void
user_read(struct reader *reader, const char *id)
{
	const struct user *user = user_by_id(reader->fs, id);

	span_add(reader, SPAN_USER, user == NULL ? "@unknown"
	    : arena_printf(reader->arena, "@%s", user->seen.name), id);
}

static void
place_read(struct reader *reader, const char *id)
{
	const struct channel *channel = channel_by_id(reader->fs, id);

	span_add(reader, SPAN_CHANNEL, channel == NULL || channel->seen.name == NULL ? "#unknown"
	    : arena_printf(reader->arena, "#%s", channel->seen.name), id);
}

static void
group_read(struct reader *reader, const char *id)
{
	const struct group *group = group_by_id(reader->fs, id);

	span_add(reader, SPAN_GROUP, group == NULL ? "@unknown-group"
	    : arena_printf(reader->arena, "@%s", group->seen.handle), id);
}

static void
special_read(struct reader *reader, const char *s, const char *end, const char *id)
{
	static const char *const everybody[] = { "!here", "!channel", "!everyone", NULL };
	char *name;

	if (string_starts(s, "!date^")) {
		date_read(reader, s, end);
	} else if (string_starts(id, "!subteam^")) {
		group_read(reader, id + strlen("!subteam^"));
	} else if (string_in(id, everybody)) {
		name = arena_printf(reader->arena, "@%s", id + 1);
		span_add(reader, SPAN_EVERYBODY, name, name);
	} else {
		span_add(reader, SPAN_TEXT, arena_printf(reader->arena, "<%s>", id), NULL);
	}
}

/* From behind "<" to the ">" at end. */
static void
angle_read(struct reader *reader, const char *s, const char *end)
{
	const char *bar = memchr(s, '|', (size_t)(end - s));
	char *id = arena_copy(reader->arena, s, (size_t)((bar == NULL ? end : bar) - s));

	if (*s == '!') {
		special_read(reader, s, end, id);
	} else if (*s == '@') {
		user_read(reader, id + 1);
	} else if (*s == '#') {
		place_read(reader, id + 1);
	} else {
		id = unescaped(reader->arena, id, strlen(id));
		span_add(reader, SPAN_LINK, bar == NULL ? id
		    : unescaped(reader->arena, bar + 1, (size_t)(end - bar - 1)), id);
	}
}

/* ---- what is linked without being asked ---------------------------------------------------- */

static size_t
bare_everybody(struct reader *reader, const char *s)
{
	static const char *const names[] = { "@here", "@channel", "@everyone" };

	for (size_t i = 0; i < COUNT(names); i++)
		if (string_starts(s, names[i]) && !word_at(s + strlen(names[i]))) {
			span_add(reader, SPAN_EVERYBODY, names[i], names[i]);
			return strlen(names[i]);
		}
	return 0;
}

static size_t
bare_channel(struct reader *reader, const char *s)
{
	size_t length = strspn(s + 1, "abcdefghijklmnopqrstuvwxyz0123456789-_");
	char *name = arena_copy(reader->arena, s, length + 1);
	const struct channel *channel = length == 0 ? NULL : channel_by_name(reader->fs, name);

	if (channel == NULL)
		return 0;
	span_add(reader, SPAN_CHANNEL, name, channel->seen.id);
	return length + 1;
}

static size_t
bare_link(struct reader *reader, const char *s)
{
	size_t length = strcspn(s, " \n\t<>|\"");
	char *address;

	if (!string_starts(s, "https://") && !string_starts(s, "http://"))
		return 0;
	address = unescaped(reader->arena, s, length);
	span_add(reader, SPAN_LINK, address, address);
	return length;
}

static size_t
bare_read(struct reader *reader, const char *s)
{
	if (word_before(reader->start, s))
		return 0;
	if (*s == 'h')
		return bare_link(reader, s);
	if (reader->verbatim)
		return 0;
	if (*s == '@')
		return bare_everybody(reader, s);
	return *s == '#' ? bare_channel(reader, s) : 0;
}

/* ---- emphasis and code --------------------------------------------------------------------- */

/* Where an emphasis that opens at s closes; NULL when it does not open. */
static const char *
emphasis_end(const struct reader *reader, const char *s)
{
	const char *end;

	if (word_before(reader->start, s) || s[1] == ' ' || s[1] == '\n' || s[1] == '\0' ||
	    s[1] == *s)
		return NULL;
	for (end = s + 1; *end != '\0' && *end != '\n'; end++)
		if (*end == *s && end[-1] != ' ' && !word_at(end + 1))
			return end;
	return NULL;
}

static bool *
emphasis_flag(struct reader *reader, char mark)
{
	return mark == '*' ? &reader->style.bold : mark == '_' ? &reader->style.italic
	    : &reader->style.strike;
}

static size_t
emphasis_read(struct reader *reader, const char *s)
{
	bool *flag = emphasis_flag(reader, *s);

	if (*flag ? word_at(s + 1) || s[-1] == ' ' : emphasis_end(reader, s) == NULL)
		return 0;
	run_end(reader);
	*flag = !*flag;
	return 1;
}

/* Code keeps all signs but <…>, which Slack resolves there too. */
static void
code_fill(struct reader *reader, const char *s, const char *end)
{
	const char *close;

	while (s < end) {
		close = *s == '<' ? memchr(s, '>', (size_t)(end - s)) : NULL;
		if (close != NULL) {
			angle_read(reader, s + 1, close);
			s = close + 1;
		} else {
			text_add_unescaped(
			    &reader->run, s, *s == '&' ? strcspn(s + 1, "&<") + 1 : 1);
			s += *s == '&' ? strcspn(s + 1, "&<") + 1 : 1;
		}
	}
	run_end(reader);
}

static size_t
code_read(struct reader *reader, const char *s)
{
	bool block = string_starts(s, "```");
	size_t width = block ? 3 : 1;
	const char *from = s + width, *end = strstr(from, block ? "```" : "`");

	if (end == NULL || end == from ||
	    (!block && memchr(from, '\n', (size_t)(end - from)) != NULL))
		return 0;
	run_end(reader);
	if (block && *from == '\n')
		from++;
	reader->style.code = true;
	reader->style.block = block;
	code_fill(reader, from, block && end > from && end[-1] == '\n' ? end - 1 : end);
	reader->style.code = reader->style.block = false;
	return (size_t)(end - s) + width;
}

/* ---- the whole ----------------------------------------------------------------------------- */

static size_t
mark_read(struct reader *reader, const char *s)
{
	const char *close;

	switch (*s) {
	case '<':
		close = strchr(s, '>');
		if (close == NULL || close == s + 1)
			return 0;
		angle_read(reader, s + 1, close);
		return (size_t)(close - s) + 1;
	case '`':
		return code_read(reader, s);
	case '*':
	case '_':
	case '~':
		return emphasis_read(reader, s);
	case '@':
	case '#':
	case 'h':
		return bare_read(reader, s);
	default:
		return 0;
	}
}

static size_t
line_starts(struct reader *reader, const char *s)
{
	size_t width = *s == '>' ? 1 : string_starts(s, "&gt;") ? 4 : 0;

	if (s > reader->start && s[-1] != '\n')
		return 0;
	if (reader->style.quote != (width > 0)) {
		run_end(reader);
		reader->style.quote = width > 0;
	}
	return width > 0 && s[width] == ' ' ? width + 1 : width;
}

void
mrkdwn_read(struct fake_slack *fs, struct arena *arena, const char *s, bool verbatim,
    struct spans *spans)
{
	struct reader reader = {
		.fs = fs, .arena = arena, .spans = spans, .run = TEXT_INIT, .start = s,
		.verbatim = verbatim,
	};
	size_t n;
	char c;

	while (*s != '\0') {
		s += line_starts(&reader, s);
		if ((n = mark_read(&reader, s)) > 0) {
			s += n;
		} else if ((n = escape_read(s, &c)) > 0) {
			text_add_char(&reader.run, c);
			s += n;
		} else if (*s != '\0') {
			text_add_char(&reader.run, *s++);
		}
	}
	run_end(&reader);
	text_clear(&reader.run);
}

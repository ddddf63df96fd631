/* journal.c - what was said on the wire, one line each, with tokens hidden. */

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/unicode.h"
#include "fake.h"

#define JOURNAL_LIMIT MEGABYTES(4)
#define JOURNAL_LINE KILOBYTES(2)

/* "xoxb-0-abc" becomes "xoxb-…": a test's log may be pasted into an issue. */
static void
journal_hide(struct text *out, const char *line)
{
	const char *token;

	for (;;) {
		token = strstr(line, "xoxb-");
		if (token == NULL ||
		    (strstr(line, "xapp-") != NULL && strstr(line, "xapp-") < token))
			token = strstr(line, "xapp-");
		if (token == NULL)
			break;
		text_add_bytes(out, line, (size_t)(token - line) + 5);
		text_add(out, "…");
		line = token + 5;
		line += strspn(line, "0123456789abcdefghijklmnopqrstuvwxyz"
		    "ABCDEFGHIJKLMNOPQRSTUVWXYZ-_");
	}
	text_add(out, line);
}

static void
journal_add(struct fake_slack *fs, const char *line)
{
	const char *newline;

	if (fs->log.length + strlen(line) > JOURNAL_LIMIT) {
		newline = strchr(fs->log.data + fs->log.length / 2, '\n');
		text_drop(&fs->log, newline == NULL ? fs->log.length
		    : (size_t)(newline + 1 - fs->log.data));
	}
	text_add(&fs->log, line);
}

void
journal(struct fake_slack *fs, const char *format, ...)
{
	_cleanup_(arena_freep) struct arena *arena = NULL;
	_cleanup_(text_clear) struct text line = TEXT_INIT;
	int64_t now = clock_now(&fs->clock);
	char *words;
	va_list ap;

	if (fs->options.no_log)
		return;
	arena = arena_new();
	va_start(ap, format);
	words = cut_middle(arena, arena_vprintf(arena, format, ap), JOURNAL_LINE);
	va_end(ap);
	for (char *c = words; *c != '\0'; c++)
		if (*c == '\n' || *c == '\r')
			*c = ' ';
	text_printf(&line, "%02" PRId64 ":%02" PRId64 ":%02" PRId64 ".%03" PRId64 " ",
	    now / 3600000 % 24, now / 60000 % 60, now / 1000 % 60, now % 1000);
	journal_hide(&line, words);
	text_add_char(&line, '\n');
	journal_add(fs, line.data);
}

const char *
fake_slack_log(const struct fake_slack *fs)
{
	return fs->log.data;
}

void
fake_slack_clear_log(struct fake_slack *fs)
{
	text_reset(&fs->log);
}

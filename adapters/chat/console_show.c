/* console_show.c - what a session shows: the card in its place on a terminal, lines in a pipe. */

#include <editline/readline.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "console_session.h"

struct screen
session_screen(const struct session *s)
{
	struct screen screen = { .ascii = s->ascii };
	struct winsize size = { 0 };

	if (!s->terminal)
		return screen;
	ioctl(STDOUT_FILENO, TIOCGWINSZ, &size);
	screen.columns = size.ws_col > 0 ? size.ws_col : 80;
	screen.rows = size.ws_row > 0 ? size.ws_row : 24;
	screen.bold = s->bold;
	return screen;
}

static void
hide_prompt(struct session *s)
{
	if (s->prompt && !s->taking)
		fputs("\r\033[K", stdout);
}

/* With what is being typed. */
static void
show_prompt(struct session *s)
{
	if (s->prompt && !s->taking)
		rl_forced_update_display();
	fflush(stdout);
}

void
session_tell(struct session *s, const char *format, ...)
{
	_cleanup_(text_clear) struct text line = TEXT_INIT, shown = TEXT_INIT;
	struct screen screen = session_screen(s);
	va_list ap;

	va_start(ap, format);
	text_vprintf(&line, format, ap);
	va_end(ap);
	screen_tell(&shown, line.data, &screen);
	fflush(stdout);
	hide_prompt(s);
	fflush(stdout);
	fputs(shown.data, stderr);
	if (s->terminal)
		text_reset(&s->drawn);	/* this stands below it now */
	show_prompt(s);
}

static void
say_progress(struct session *s, const char *line)
{
	char stamp[32] = "";
	time_t now = time(NULL);
	struct tm utc;

	strftime(stamp, sizeof(stamp), "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&now, &utc));
	session_tell(s, "%s %s", stamp, line);
}

static struct message *
copy_of(const struct message *message)
{
	_cleanup_(text_clear) struct text json = TEXT_INIT;

	message_print(message, &json);
	return message_read(json.data, json.length, NULL);
}

void
session_keep_offer(struct session *s, const struct message *message)
{
	message_free(s->offer);
	s->offer = copy_of(message);
}

void
session_keep_card(struct session *s, const struct message *message, const char *ts)
{
	if (message->id == NULL)
		return;
	message_free(s->card);
	s->card = copy_of(message);
	free(s->card_ts);
	s->card_ts = xstrdup(ts);
}

/* The card in its place, as long as nothing stands below it. */
void
session_draw(struct session *s, const char *kind, const char *ts, const struct message *m)
{
	_cleanup_(text_clear) struct text out = TEXT_INIT;
	struct screen screen = session_screen(s);

	if (string_equal(m->state, "step"))
		return;		/* the card shows it */
	hide_prompt(s);
	if (s->drawn.length > 0 && string_equal(kind, "update") && string_equal(ts, s->card_ts))
		printf("\033[%zuA\033[J", screen_lines(s->drawn.data, screen.columns));
	else
		putchar('\n');
	screen_render(&out, m, &screen);
	fputs(out.data, stdout);
	text_reset(&s->drawn);
	if (m->headline != NULL)
		text_add(&s->drawn, out.data);
	fflush(stdout);
	show_prompt(s);
}

/* On a terminal that draws nothing in place, the plan is read before it is answered. */
static void
show_question(struct session *s, const char *kind, const struct message *m)
{
	_cleanup_(text_clear) struct text out = TEXT_INIT;
	struct screen screen = session_screen(s);

	if (s->options->command != NULL || !isatty(STDOUT_FILENO) || !string_equal(m->state, "asking") ||
	    (string_equal(kind, "update") && m->row == s->row))
		return;
	s->row = m->row;
	screen_render(&out, m, &screen);
	fputs(out.data, stdout);
}

/* In a pipe: an answer or an end to stdout; progress to stderr, each change a line with its time. */
void
session_show_in_pipe(struct session *s, const char *kind, const struct message *m)
{
	_cleanup_(text_clear) struct text out = TEXT_INIT;
	struct screen screen = session_screen(s);

	if (m->headline != NULL && m->text != NULL && !string_equal(kind, "answer")) {
		if (!string_equal(m->text, s->said))
			say_progress(s, m->text);
		free(s->said);
		s->said = xstrdup(m->text);
		show_question(s, kind, m);
		return;
	}
	if (string_equal(m->state, "step")) {
		say_progress(s, m->text != NULL ? m->text : "");
		return;
	}
	screen_render(&out, m, &screen);
	/* "Looking at …" is not the answer yet. */
	fputs(out.data, m->state == NULL && s->options->command != NULL ? stderr : stdout);
	/* The outcome of a command is its last line. */
	if (m->verbatim != NULL && m->text != NULL && s->options->command != NULL)
		puts(m->text);
	fflush(stdout);
}

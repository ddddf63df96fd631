/*
 * console_client.c - the terminal's side of the local socket: `rollcall console` and `rollcall do`.
 *
 * stdout carries the outcome, stderr the progress.  On a terminal the card redraws in place, as long as
 * nothing else was printed below it; into a pipe each change is a line.
 */

#include <editline/readline.h>
#include <errno.h>
#include <langinfo.h>
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "base/json.h"
#include "console.h"
#include "console_complete.h"
#include "console_screen.h"

#define PROMPT "rollcall> "

struct session {
	const struct console_options *options;
	int fd;
	struct text input;
	bool terminal, bold, ascii, prompt, leave;
	int exit;
	struct message *card;		/* the newest one with an id */
	char *card_ts;
	struct text drawn;		/* it, at the bottom of the screen; empty: something is below */
	size_t started;			/* remarks when --start said Start, and one more; 0: not yet */
	char *as;
	char *said;			/* the last line of progress, in a pipe */
	struct text piped;		/* what came through a pipe and is no whole line yet */
	size_t sent, answered;		/* words, and their answers */
	bool input_over, warned;
};

#define ANSWER_PATIENCE 15000		/* ms, when the pipe has ended */

static struct session *current;		/* libedit's handler takes no argument */
static volatile sig_atomic_t interrupted, resized;

/* ---- what is shown ---- */

/* As wide as the terminal is now: it may have been resized since the last drawing. */
static struct screen
screen_now(const struct session *s)
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
	if (s->prompt)
		fputs("\r\033[K", stdout);
}

/* With what is being typed. */
static void
show_prompt(struct session *s)
{
	if (s->prompt)
		rl_forced_update_display();
	fflush(stdout);
}

/* A sentence of our own about the session: never among the outcomes on stdout. */
static void _printf_(2, 3)
tell(struct session *s, const char *format, ...)
{
	_cleanup_(text_clear) struct text line = TEXT_INIT, shown = TEXT_INIT;
	struct screen screen = screen_now(s);
	va_list ap;

	va_start(ap, format);
	text_vprintf(&line, format, ap);
	va_end(ap);
	screen_add(&shown, line.data, &screen);
	fflush(stdout);
	hide_prompt(s);
	fflush(stdout);
	fprintf(stderr, "%s\n", shown.data);
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
	tell(s, "%s %s", stamp, line);
}

static void
keep_card(struct session *s, const struct message *message, const char *ts)
{
	_cleanup_(text_clear) struct text json = TEXT_INIT;

	if (message->id == NULL)
		return;
	message_print(message, &json);
	message_free(s->card);
	s->card = message_read(json.data, json.length, NULL);
	free(s->card_ts);
	s->card_ts = xstrdup(ts);
}

/* The card in its place, as long as nothing stands below it. */
static void
show_on_terminal(struct session *s, const char *kind, const char *ts, const struct message *m)
{
	_cleanup_(text_clear) struct text out = TEXT_INIT;
	struct screen screen = screen_now(s);

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

/* In a pipe: an answer or an end to stdout; progress to stderr, each change a line with its time. */
static void
show_in_pipe(struct session *s, const char *kind, const struct message *m)
{
	_cleanup_(text_clear) struct text out = TEXT_INIT;
	struct screen screen = screen_now(s);

	if (m->headline != NULL && m->text != NULL && !string_equal(kind, "answer")) {
		if (!string_equal(m->text, s->said))
			say_progress(s, m->text);
		free(s->said);
		s->said = xstrdup(m->text);
		return;
	}
	if (string_equal(m->state, "step")) {
		say_progress(s, m->text != NULL ? m->text : "");
		return;
	}
	screen_render(&out, m, &screen);
	/* "Looking at …" is not the answer yet. */
	fputs(out.data, m->state == NULL && s->options->command != NULL ? stderr : stdout);
	fflush(stdout);
}

/* ---- the end of `rollcall do` ---- */

/* The states of answers and ends, as exit statuses (ux.md 8). */
static const struct {
	const char *state;
	int exit;
} exits[] = {
	{ "done.verified", 0 }, { "done.none", 0 }, { "done.unverifiable", 6 },
	{ "done.not_better", 6 }, { "done.undone", 1 }, { "done.partly", 1 }, { "done.unknown", 7 },
	{ "unchanged.none", 5 }, { "failed.none", 1 }, { "failed.partly", 1 },
	{ "failed.unknown", 7 }, { "cancelled.none", 1 }, { "cancelled.partly", 1 },
	{ "refused.none", 3 }, { "rejected.none", 4 }, { "expired.none", 4 }, { "too_old.none", 4 },
	{ "interrupted", 7 }, { "refused", 3 }, { "wrong", 2 }, { "failed", 1 }, { "late", 7 },
	{ "lost", 7 }, { "broken", 1 }, { "unchanged", 5 }, { "too_old", 4 }, { "dry_run", 0 },
	{ "answer", 0 }, { "help", 0 }, { "whoami", 0 }, { "list", 0 }, { "log", 0 }, { "ops", 0 },
	{ "brake", 0 },
};

/* An operation's final card is an edit and sets the status; the message after it ends the wait. */
static void
judge_end(struct session *s, const char *kind, const struct message *m)
{
	bool answer = string_equal(kind, "answer"), known = false;

	if (s->options->command == NULL || m->state == NULL)
		return;
	for (size_t i = 0; i < COUNT(exits); i++)
		if (string_equal(exits[i].state, m->state)) {
			known = true;
			s->exit = exits[i].exit;
		}
	if (answer && m->headline != NULL) {	/* ops show: the card is the answer, whatever it says */
		s->exit = 0;
		s->leave = true;
		return;
	}
	if (string_equal(m->state, "notice") || string_equal(m->state, "interrupted"))
		s->leave = true;
	else if (known && (answer || m->headline == NULL))
		s->leave = true;
}

static void
send_object(struct session *s, const char *verb, const char *words, const char *argument)
{
	_cleanup_(json_freep) cJSON *json = cJSON_CreateObject();
	_cleanup_(text_clear) struct text line = TEXT_INIT_LIMIT(KILOBYTES(64));

	json_add_string(json, verb, words);
	json_add_string(json, "argument", argument);
	json_add_string(json, "as", s->as);
	if (argument == NULL)
		json_add_string(json, "key", s->options->key);
	json_print(&line, json);
	text_add_char(&line, '\n');
	if (write(s->fd, line.data, line.length) != (ssize_t)line.length)
		s->leave = true;
	text_reset(&s->drawn);
}

static void
press(struct session *s, const struct button *button)
{
	send_object(s, "press", button->action, button->argument);
}

static const struct button *
find_button(const struct message *card, const char *words)
{
	for (size_t i = 0; card != NULL && i < card->buttons.count; i++)
		if (string_equal_nocase(words, card->buttons.item[i].action) ||
		    string_equal_nocase(words, card->buttons.item[i].label))
			return &card->buttons.item[i];
	return NULL;
}

/* The plan, and the command that answers it: nobody is there who could be asked. */
static void
leave_question(struct session *s, const struct message *m)
{
	const char *verb = find_button(m, "start") != NULL ? "start"
	    : find_button(m, "approve") != NULL ? "approve" : m->buttons.item[0].action;
	_cleanup_(text_clear) struct text out = TEXT_INIT_LIMIT(MEGABYTES(2));
	struct screen screen = screen_now(s);

	s->exit = 4;
	s->leave = true;
	if (s->options->json) {
		printf("{\"kind\":\"question\",\"id\":\"%s\",\"command\":\"ops %s %s\"}\n", m->id, verb,
		    m->id);
		return;
	}
	screen_render(&out, m, &screen);
	fputs(out.data, stdout);
	printf("%s waits for an answer: rollcall do 'ops %s %s'\n", m->id, verb, m->id);
}

/* Without a terminal a question ends with status 4; --start says Start to the first plan, and no more. */
static void
answer_question(struct session *s, const struct message *m)
{
	const struct button *start = find_button(m, "start");

	if (s->options->command == NULL || m->headline == NULL || m->id == NULL ||
	    m->buttons.count == 0)
		return;
	if (!string_equal(m->state, "asking") && !string_equal(m->state, "interrupted"))
		return;
	if (s->options->start && start != NULL && s->started == 0) {
		s->started = m->remarks.count + 1;
		press(s, start);
		return;
	}
	/* Between the press and the first step the same question may be drawn once more. */
	if (s->started > 0 && start != NULL && m->remarks.count < s->started)
		return;
	if (!s->terminal || !isatty(STDIN_FILENO))
		leave_question(s, m);
}

static void
hear(struct session *s, const char *line, size_t length)
{
	struct error err = ERROR_INIT;
	_cleanup_(json_freep) cJSON *json = json_parse(line, length, &err);
	const cJSON *part = json_at(json, "message");
	const char *kind = json_string_or(json, "kind", ""), *ts = json_string_or(json, "ts", "");
	_cleanup_(text_clear) struct text printed = TEXT_INIT_LIMIT(MEGABYTES(2));
	_cleanup_(message_freep) struct message *message = NULL;

	if (string_equal(kind, "words"))
		complete_learn(json);
	if (part == NULL)
		return;
	json_print(&printed, part);
	message = message_read(printed.data, printed.length, &err);
	if (message == NULL)
		return;
	if (s->options->json)
		printf("%.*s\n", (int)length, line);
	else if (s->terminal)
		show_on_terminal(s, kind, ts, message);
	else
		show_in_pipe(s, kind, message);
	if (message->headline != NULL)
		keep_card(s, message, ts);
	fflush(stdout);
	/* "Looking …" has no state: the answer follows it. */
	if (message->state != NULL &&
	    (string_equal(kind, "answer") || (string_equal(kind, "new") && message->headline != NULL)))
		s->answered++;
	judge_end(s, kind, message);
	if (!s->leave)
		answer_question(s, message);
}

/* ---- what is typed ---- */

static void
send_words(struct session *s, const char *words)
{
	send_object(s, "say", words, NULL);
	s->sent++;
}

/* "start", "approve", "stop": the button of that name on the newest card. */
static bool
pressed(struct session *s, const char *words)
{
	static const char *const actions[] = { "start", "approve", "reject", "dismiss", "stop", "resume",
		NULL };
	const struct button *button = find_button(s->card, words);
	_cleanup_(text_clear) struct text there = TEXT_INIT;

	if (button != NULL) {
		press(s, button);
		return true;
	}
	if (!string_in(words, actions))
		return false;
	for (size_t i = 0; s->card != NULL && i < s->card->buttons.count; i++)
		text_printf(&there, "%s%s", i > 0 ? ", " : "", s->card->buttons.item[i].action);
	if (s->card == NULL)
		tell(s, "Nothing was done: no card is shown that “%s” could answer. What is open: ops list",
		    words);
	else if (there.length == 0)
		tell(s, "Nothing was done: %s has ended. What is open: ops list", s->card->id);
	else
		tell(s, "Nothing was done: %s does not take “%s” now. It takes: %s", s->card->id, words,
		    there.data);
	text_reset(&s->drawn);
	return true;
}

static void
type_as(struct session *s, const char *words)
{
	_cleanup_(freep) char *copy = xstrdup(words + strlen("/as "));
	char *rest = strchr(copy, ' ');

	if (rest != NULL)
		*rest++ = '\0';
	s->as = copy;
	if (rest != NULL && !pressed(s, rest))
		send_words(s, rest);
	s->as = NULL;
}

static void
typed(struct session *s, const char *words)
{
	while (*words == ' ')
		words++;
	if (string_equal(words, "quit") || string_equal(words, "exit")) {
		s->leave = true;
		return;
	}
	if (*words == '\0')
		return;
	if (string_starts(words, "/as "))
		type_as(s, words);
	else if (pressed(s, words))
		return;
	else if (s->options->command == NULL)
		send_words(s, words);
	else
		tell(s, "Nothing was done: only the words of the card are taken here");
}

static void
on_line(char *line)
{
	struct session *s = current;

	s->warned = false;
	if (line == NULL) {
		s->leave = true;
		return;
	}
	if (*line != '\0')
		add_history(line);
	typed(s, line);
	free(line);
	/* At the end of a line libedit leaves the terminal in lines: without this, no Tab and no arrows. */
	if (!s->leave)
		rl_callback_handler_install(PROMPT, on_line);
}

/* ---- the session ---- */

static int
connect_to(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || strlen(path) >= sizeof(address.sun_path))
		return -1;
	memcpy(address.sun_path, path, strlen(path) + 1);
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) != 0) {
		close(fd);
		return -1;
	}
	return fd;
}

static void
read_socket(struct session *s)
{
	char bytes[16384], *end;
	ssize_t length = read(s->fd, bytes, sizeof(bytes));

	if (length <= 0) {
		tell(s, "rollcall has gone away. What runs goes on, and is taken up when it is back");
		s->leave = true;
		s->exit = s->options->command != NULL ? 7 : 0;
		return;
	}
	text_add_bytes(&s->input, bytes, (size_t)length);
	while ((end = memchr(s->input.data, '\n', s->input.length)) != NULL) {
		size_t line = (size_t)(end - s->input.data);

		hear(s, s->input.data, line);
		text_drop(&s->input, line + 1);
	}
}

/* Not stdio: a line that it has read ahead wakes no poll. */
static void
read_piped(struct session *s)
{
	char bytes[4096];
	ssize_t length = read(STDIN_FILENO, bytes, sizeof(bytes));

	if (length > 0)
		text_add_bytes(&s->piped, bytes, (size_t)length);
	else if (s->piped.length > 0)
		text_add(&s->piped, "\n");
	s->input_over = length <= 0;
}

/* One line of a pipe after the other: "start" means the card that the line before it brought. */
static void
say_piped(struct session *s)
{
	char *end;

	while (!s->leave && s->answered >= s->sent &&
	    (end = memchr(s->piped.data, '\n', s->piped.length)) != NULL) {
		*end = '\0';
		typed(s, s->piped.data);
		text_drop(&s->piped, (size_t)(end - s->piped.data) + 1);
	}
}

/* ---- leaving ---- */

static void
on_signal(int number)
{
	if (number == SIGWINCH)
		resized = 1;
	else
		interrupted = number;
}

/* Poll must return: no SA_RESTART. */
static void
watch_signals(void)
{
	static const int numbers[] = { SIGINT, SIGTERM, SIGHUP, SIGWINCH };
	struct sigaction action = { .sa_handler = on_signal };

	interrupted = resized = 0;
	for (size_t i = 0; i < COUNT(numbers); i++)
		sigaction(numbers[i], &action, NULL);
	signal(SIGPIPE, SIG_IGN);
}

static bool
card_is(const struct session *s, bool asking)
{
	static const char *const running[] = { "waiting", "acting", "undoing", "interrupted", NULL };

	if (s->card == NULL || s->card->state == NULL)
		return false;
	return asking ? string_equal(s->card->state, "asking") : string_in(s->card->state, running);
}

/* Leaving stops nothing, and says how to (ux.md 8). */
static void
leave_by_signal(struct session *s)
{
	const char *from = s->options->command != NULL ? "rollcall do '" : "";
	const char *to = s->options->command != NULL ? "'" : "";
	bool running = card_is(s, false);

	if (s->options->own_bot && running && !s->warned && interrupted == SIGINT) {
		tell(s, "\nThis ends the playground, and %s with it. Once more to leave", s->card->id);
		s->warned = true;
		interrupted = 0;
		return;
	}
	s->leave = true;
	s->exit = running || s->options->command != NULL ? 130 : 0;
	if (s->options->own_bot)
		return;
	if (running)
		tell(s, "\n%s goes on. Stop it: %sops stop %s%s", s->card->id, from, s->card->id, to);
	else if (card_is(s, true))
		tell(s, "\n%s still waits for an answer. Take it back: %sops stop %s%s", s->card->id, from,
		    s->card->id, to);
	else if (s->options->command != NULL)
		tell(s, "\nWhat was asked for is not taken back. See: %sops list%s", from, to);
}

static void
draw_again(struct session *s)
{
	resized = 0;
	if (s->terminal && s->card != NULL && s->drawn.length > 0)
		show_on_terminal(s, "update", s->card_ts, s->card);
}

static void
read_typed(struct session *s)
{
	if (s->prompt)
		rl_callback_read_char();
	else
		read_piped(s);
}

static void
run(struct session *s)
{
	struct pollfd fds[2] = { { .fd = s->fd, .events = POLLIN }, { .fd = STDIN_FILENO, .events = POLLIN } };
	bool listens = s->options->command == NULL || (s->terminal && isatty(STDIN_FILENO));
	int n;

	while (!s->leave) {
		say_piped(s);
		if (s->leave ||
		    (s->options->command == NULL && s->input_over && s->answered >= s->sent))
			return;
		fds[1].fd = listens && !s->input_over ? STDIN_FILENO : -1;
		fds[0].revents = fds[1].revents = 0;
		n = poll(fds, 2, s->options->command == NULL && s->input_over ? ANSWER_PATIENCE : -1);
		if (n == 0 || (n < 0 && errno != EINTR))
			return;
		if (interrupted != 0)
			leave_by_signal(s);
		if (resized != 0)
			draw_again(s);
		if (!s->leave && fds[0].revents != 0)
			read_socket(s);
		if (!s->leave && fds[1].revents != 0)
			read_typed(s);
	}
}

static void
look_at_terminal(struct session *s)
{
	bool dumb = string_equal(getenv("TERM"), "dumb");

	setlocale(LC_CTYPE, "");
	s->ascii = !string_equal(nl_langinfo(CODESET), "UTF-8");
	s->terminal = isatty(STDOUT_FILENO) && !dumb && !s->options->json;
	s->bold = s->terminal && getenv("NO_COLOR") == NULL;
	s->prompt = s->terminal && s->options->command == NULL && isatty(STDIN_FILENO);
}

static void
clear(struct session *s)
{
	close(s->fd);
	text_clear(&s->input);
	text_clear(&s->piped);
	text_clear(&s->drawn);
	message_free(s->card);
	free(s->card_ts);
	free(s->said);
	complete_forget();
}

int
console_run(const struct console_options *options)
{
	struct session s = { .options = options, .input = TEXT_INIT_LIMIT(MEGABYTES(4)),
		.piped = TEXT_INIT_LIMIT(KILOBYTES(64)), .drawn = TEXT_INIT_LIMIT(MEGABYTES(2)) };

	look_at_terminal(&s);
	s.fd = connect_to(options->socket);
	if (s.fd < 0) {
		tell(&s, "No rollcall answers on %s (%s). Start one: rollcall run --config FILE",
		    options->socket, strerror(errno));
		return 1;
	}
	current = &s;
	watch_signals();
	if (options->greeting != NULL) {
		_cleanup_(text_clear) struct text greeting = TEXT_INIT;
		struct screen screen = screen_now(&s);

		screen_add(&greeting, options->greeting, &screen);
		fputs(greeting.data, stdout);
	}
	if (s.prompt) {
		complete_begin();
		send_object(&s, "words", "", NULL);
		rl_callback_handler_install(PROMPT, on_line);
	}
	if (options->command != NULL)
		send_words(&s, options->command);
	else if (!s.prompt && isatty(STDIN_FILENO))
		tell(&s, "Type a command, such as: help. Ctrl-D leaves");
	run(&s);
	if (s.prompt) {
		rl_callback_handler_remove();
		putchar('\n');
	}
	clear(&s);
	return s.exit;
}

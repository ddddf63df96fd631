/*
 * console_client.c - the terminal's side of the local socket: `rollcall console` and `rollcall do`.
 *
 * stdout carries the outcome, stderr the progress.  On a terminal the card redraws in place, as long as
 * nothing else was printed below it; into a pipe each change is a line.
 */

#include <editline/readline.h>
#include <errno.h>
#include <fcntl.h>
#include <langinfo.h>
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "console_complete.h"
#include "console_session.h"

#define PROMPT "rollcall> "
#define ANSWER_PATIENCE 15000		/* ms, when the pipe has ended */

static struct session *current;		/* libedit's handler takes no argument */
static volatile sig_atomic_t interrupted, resized;

/* ---- what is said and heard ---- */

void
session_send(struct session *s, const char *verb, const char *words, const char *argument)
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

void
session_say(struct session *s, const char *words)
{
	session_send(s, "say", words, NULL);
	s->sent++;
}

void
session_press(struct session *s, const struct button *button)
{
	session_send(s, "press", button->action, button->argument);
}

const struct button *
session_button(const struct message *card, const char *words)
{
	size_t count = card != NULL ? card->buttons.count + card->more.count : 0;

	for (size_t i = 0; i < count; i++) {
		const struct button *button = i < card->buttons.count
		    ? &card->buttons.item[i]
		    : &card->more.item[i - card->buttons.count];

		if (string_equal_nocase(words, button->action) || string_equal_nocase(words, button->label))
			return button;
	}
	return NULL;
}

/* CS1: rollcall reads anew who speaks here.  Without an answer there the end of the old one says it. */
static void
connect_again(struct session *s, const char *channel)
{
	int fd = console_connect(s->options->socket);

	if (fd < 0 || dup3(fd, s->fd, O_CLOEXEC) < 0) {
		if (fd >= 0)
			close(fd);
		return;
	}
	close(fd);
	session_send(s, "again", channel, "");
	session_tell(s, "This session lasted 30 minutes and was opened anew, as each is then");
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
	if (string_equal(kind, "end"))
		connect_again(s, json_string(json, "key"));
	if (part == NULL)
		return;
	json_print(&printed, part);
	message = message_read(printed.data, printed.length, &err);
	if (message == NULL)
		return;
	if (s->options->json)
		printf("%.*s\n", (int)length, line);
	else if (s->terminal)
		session_draw(s, kind, ts, message);
	else
		session_show_in_pipe(s, kind, message);
	if (message->headline != NULL)
		session_keep_card(s, message, ts);
	else if (message->buttons.count > 0)
		session_keep_offer(s, message);
	fflush(stdout);
	/* "Looking …" has no state: the answer follows it. */
	if (message->state != NULL &&
	    (string_equal(kind, "answer") || (string_equal(kind, "new") && message->headline != NULL)))
		s->answered++;
	session_judge(s, kind, message);
	if (!s->leave)
		session_answer(s, message);
}

/* ---- what is typed ---- */

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
	s->taking = true;
	session_type(s, line);
	s->taking = false;
	free(line);
	/* At the end of a line libedit leaves the terminal in lines: without this, no Tab and no arrows. */
	if (!s->leave)
		rl_callback_handler_install(PROMPT, on_line);
}

/* ---- the session ---- */

int
console_connect(const char *path)
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
		session_tell(s, "rollcall has gone away. What runs goes on, and is taken up when it is back");
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
		session_type(s, s->piped.data);
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

/* As in a shell: what is half typed is given up, and nothing else. */
static bool
gives_up_line(struct session *s)
{
	if (!s->prompt || interrupted != SIGINT || rl_line_buffer == NULL || rl_line_buffer[0] == '\0')
		return false;
	interrupted = 0;
	rl_callback_handler_remove();
	putchar('\n');
	rl_callback_handler_install(PROMPT, on_line);
	return true;
}

/* Leaving stops nothing, and says how to (ux.md 8). */
static void
leave_by_signal(struct session *s)
{
	bool running = card_is(s, false);

	if (gives_up_line(s))
		return;
	if (s->options->own_bot && running && !s->warned && interrupted == SIGINT) {
		session_tell(s, "\nThis ends the playground, and %s with it. Once more to leave", s->card->id);
		s->warned = true;
		interrupted = 0;
		return;
	}
	s->leave = s->taking = true;	/* no prompt any more */
	s->exit = running || s->options->command != NULL ? 130 : 0;
	if (s->options->own_bot)
		return;
	s->quit = running || card_is(s, true) || s->options->command != NULL;
	if (running)
		session_tell(s, "\n%s goes on. Stop it: rollcall do 'ops stop %s'", s->card->id, s->card->id);
	else if (card_is(s, true))
		session_tell(s, "\n%s still waits for an answer. Take it back: rollcall do 'ops stop %s'", s->card->id,
		    s->card->id);
	else if (s->options->command != NULL)
		session_tell(s, "\nWhat was asked for is not taken back. See: rollcall do 'ops list'");
}

static void
draw_again(struct session *s)
{
	resized = 0;
	if (s->terminal && s->card != NULL && s->drawn.length > 0)
		session_draw(s, "update", s->card_ts, s->card);
}

static void
read_typed(struct session *s)
{
	if (s->prompt)
		rl_callback_read_char();
	else
		read_piped(s);
}

/* All lines of the pipe are said, and all of them answered. */
static bool
is_answered(const struct session *s)
{
	return s->options->command == NULL && s->input_over && s->answered >= s->sent;
}

/* false: nothing comes any more. */
static bool
await(struct session *s, struct pollfd fds[2])
{
	int n;

	fds[0].revents = fds[1].revents = 0;
	n = poll(fds, 2, s->options->command == NULL && s->input_over ? ANSWER_PATIENCE : -1);
	return n > 0 || (n < 0 && errno == EINTR);
}

static void
run(struct session *s)
{
	struct pollfd fds[2] = { { .fd = s->fd, .events = POLLIN }, { .fd = STDIN_FILENO, .events = POLLIN } };
	bool listens = s->options->command == NULL || (s->terminal && isatty(STDIN_FILENO));

	while (!s->leave) {
		say_piped(s);
		fds[1].fd = listens && !s->input_over ? STDIN_FILENO : -1;
		if (s->leave || is_answered(s) || !await(s, fds))
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
	message_free(s->offer);
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
	s.fd = console_connect(options->socket);
	if (s.fd < 0) {
		session_tell(&s, "No rollcall answers on %s (%s). Start one: rollcall run --config FILE; "
		    "to try it without: rollcall playground", options->socket, strerror(errno));
		return 1;
	}
	current = &s;
	watch_signals();
	if (options->greeting != NULL) {
		_cleanup_(text_clear) struct text greeting = TEXT_INIT;
		struct screen screen = session_screen(&s);

		screen_tell(&greeting, options->greeting, &screen);
		fputs(greeting.data, stdout);
	}
	if (options->notice != NULL)
		session_tell(&s, "%s", options->notice);
	if (s.prompt) {
		complete_begin();
		session_send(&s, "words", "", NULL);
		rl_callback_handler_install(PROMPT, on_line);
	}
	if (options->command != NULL)
		session_say(&s, options->command);
	else if (!s.prompt && isatty(STDIN_FILENO))
		session_tell(&s, "Type a command, such as: help. Ctrl-D leaves");
	run(&s);
	if (s.prompt) {
		rl_callback_handler_remove();
		if (!s.quit)
			putchar('\n');
	}
	clear(&s);
	return s.exit;
}

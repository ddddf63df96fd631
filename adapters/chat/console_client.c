/*
 * console_client.c - the terminal's side of the local socket: `rollcall console` and `rollcall do`.
 *
 * stdout carries the outcome, stderr the progress.  On a terminal the card redraws in place, as long as
 * nothing else was printed below it; into a pipe each change is a line.
 */

#include <editline/readline.h>
#include <errno.h>
#include <locale.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/json.h"
#include "base/unicode.h"
#include "console.h"
#include "say.h"

#define PROMPT "rollcall> "

struct session {
	const struct console_options *options;
	int fd;
	struct text input;
	bool terminal, bold, prompt, typing, leave;
	int exit;
	struct message *card;		/* the newest one with buttons */
	char *card_ts;
	size_t card_lines;		/* of it, at the bottom of the screen; 0: something is below */
	bool started;
	char *as;
	char *said;			/* the last line of progress, in a pipe */
	struct text piped;		/* what came through a pipe and is no whole line yet */
	size_t sent, answered;		/* words, and their answers */
	bool input_over;
};

#define ANSWER_PATIENCE 15000		/* ms, when the pipe has ended */

static struct session *current;		/* libedit's handler takes no argument */

/* ---- what is shown ---- */

static void
add_marked(struct text *out, const char *s, bool bold)
{
	bool in = false;

	for (; *s != '\0'; s++) {
		if (*s == BOLD[0] && bold)
			text_add(out, (in = !in) ? "\033[1m" : "\033[0m");
		else if (*s == PERSON[0])
			text_add(out, "");
		else if ((unsigned char)*s >= ' ' || *s == '\n' || *s == '\t')
			text_add_char(out, *s);
	}
	if (in)
		text_add(out, "\033[0m");
}

static void
add_frame(struct text *out, const char *frame)
{
	const char *end;

	for (; *frame != '\0'; frame = *end == '\0' ? end : end + 1) {
		end = frame + strcspn(frame, "\n");
		text_add(out, "  │ ");
		text_add_bytes(out, frame, (size_t)(end - frame));
		text_add_char(out, '\n');
	}
}

static void
add_steps(struct text *out, const struct message *m)
{
	for (size_t i = 0; i < m->steps.count; i++) {
		text_printf(out, "  %-8s %zu  %s", step_word(m->steps.item[i].symbol), i + 1,
		    m->steps.item[i].text);
		if (m->steps.item[i].detail != NULL)
			text_printf(out, "  (%s)", m->steps.item[i].detail);
		text_add_char(out, '\n');
	}
}

static void
add_buttons(struct text *out, const struct message *m)
{
	if (m->buttons.count == 0)
		return;
	for (size_t i = 0; i < m->buttons.count; i++)
		text_printf(out, "%s[ %s: type %s ]", i > 0 ? "  " : "", m->buttons.item[i].label,
		    m->buttons.item[i].action);
	text_add_char(out, '\n');
}

static void
render(struct text *out, const struct message *m, bool bold)
{
	if (m->verbatim != NULL) {
		add_marked(out, m->verbatim, bold);
		text_add_char(out, '\n');
		return;
	}
	if (m->headline != NULL)
		text_printf(out, "%s%s%s\n%s · ", bold ? "\033[1m" : "", m->headline,
		    bold ? "\033[0m" : "", m->environment != NULL ? m->environment : "");
	for (size_t i = 0; i < m->lines.count; i++) {
		add_marked(out, m->lines.item[i], bold);
		text_add_char(out, '\n');
	}
	for (size_t i = 0; i < m->remarks.count; i++) {
		text_add(out, "! ");
		add_marked(out, m->remarks.item[i], bold);
		text_add_char(out, '\n');
	}
	if (m->difference != NULL)
		add_frame(out, m->difference);
	add_steps(out, m);
	if (m->tail != NULL)
		add_frame(out, m->tail);
	add_buttons(out, m);
	for (size_t i = 0; i < m->context.count; i++) {
		text_add(out, "  ");
		add_marked(out, m->context.item[i], bold);
		text_add_char(out, '\n');
	}
}

/* Lines on the screen, long ones wrapped. */
static size_t
count_lines(const char *s)
{
	struct winsize size = { 0 };
	size_t columns, lines = 0;
	const char *end;

	ioctl(STDOUT_FILENO, TIOCGWINSZ, &size);
	columns = size.ws_col > 0 ? size.ws_col : 80;
	for (; *s != '\0'; s = *end == '\0' ? end : end + 1) {
		_cleanup_(freep) char *line = NULL;
		size_t width;

		end = s + strcspn(s, "\n");
		line = xstrndup(s, (size_t)(end - s));
		width = utf8_width(line);
		lines += width == 0 ? 1 : (width + columns - 1) / columns;
	}
	return lines;
}

static void
hide_prompt(struct session *s)
{
	if (s->prompt)
		fputs("\r\033[K", stdout);
}

/* libedit still holds the line that was just entered: it is shown again only while it is being typed. */
static void
show_prompt(struct session *s)
{
	if (!s->prompt)
		return;
	if (s->typing)
		rl_forced_update_display();
	else
		fputs(PROMPT, stdout);
	fflush(stdout);
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

static void
show_on_terminal(struct session *s, const char *kind, const char *ts, const struct message *m)
{
	_cleanup_(text_clear) struct text out = TEXT_INIT;
	bool same;

	if (string_equal(m->state, "step"))
		return;		/* the card shows it */
	same = s->card_lines > 0 && string_equal(kind, "update") && string_equal(ts, s->card_ts);

	hide_prompt(s);
	if (same)
		printf("\033[%zuA\033[J", s->card_lines);
	else
		putchar('\n');
	render(&out, m, s->bold);
	fputs(out.data, stdout);
	s->card_lines = m->headline != NULL ? count_lines(out.data) : 0;
	fflush(stdout);
	show_prompt(s);
}

/* In a pipe: an answer or an end to stdout, progress to stderr, each a line or a block. */
static void
show_in_pipe(struct session *s, const struct message *m)
{
	_cleanup_(text_clear) struct text out = TEXT_INIT;

	if (m->headline != NULL && m->text != NULL) {
		if (!string_equal(m->text, s->said))
			fprintf(stderr, "%s\n", m->text);
		free(s->said);
		s->said = xstrdup(m->text);
		return;
	}
	if (string_equal(m->state, "step")) {
		message_plain(m, &out);
		fputs(out.data, stderr);
		return;
	}
	render(&out, m, false);
	fputs(out.data, stdout);
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
	if (string_equal(m->state, "notice") || string_equal(m->state, "interrupted"))
		s->leave = true;
	else if (known && (answer || m->headline == NULL))
		s->leave = true;
}

static void
press(struct session *s, const struct button *button)
{
	_cleanup_(text_clear) struct text line = TEXT_INIT;

	text_add(&line, "{\"press\":");
	json_print_string(&line, button->action);
	text_add(&line, ",\"argument\":");
	json_print_string(&line, button->argument);
	if (s->as != NULL) {
		text_add(&line, ",\"as\":");
		json_print_string(&line, s->as);
	}
	text_add(&line, "}\n");
	if (write(s->fd, line.data, line.length) != (ssize_t)line.length)
		s->leave = true;
}

/* Without a terminal a question ends with status 4 and the command that answers it; --start says Start. */
static void
answer_question(struct session *s, const struct message *m)
{
	if (s->options->command == NULL || m->headline == NULL || s->terminal)
		return;
	for (size_t i = 0; i < m->buttons.count; i++) {
		if (!string_equal(m->buttons.item[i].action, "start"))
			continue;
		if (s->options->start && !s->started) {
			s->started = true;
			press(s, &m->buttons.item[i]);
		} else if (!s->options->start) {
			printf("%s\nIt waits for: rollcall do 'ops start %s'\n", m->text, m->id);
			s->exit = 4;
			s->leave = true;
		}
	}
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
		show_in_pipe(s, message);
	if (message->headline != NULL)
		keep_card(s, message, ts);
	/* "Looking …" has no state: the answer follows it. */
	if (message->state != NULL &&
	    (string_equal(kind, "answer") || (string_equal(kind, "new") && message->headline != NULL)))
		s->answered++;
	judge_end(s, kind, message);
	answer_question(s, message);
}

/* ---- what is typed ---- */

static void
send_words(struct session *s, const char *words)
{
	_cleanup_(text_clear) struct text line = TEXT_INIT;

	text_add(&line, "{\"say\":");
	json_print_string(&line, words);
	if (s->as != NULL) {
		text_add(&line, ",\"as\":");
		json_print_string(&line, s->as);
	}
	text_add(&line, "}\n");
	if (write(s->fd, line.data, line.length) != (ssize_t)line.length)
		s->leave = true;
	s->sent++;
	s->card_lines = 0;
}

/* "start", "approve", "stop": the button of that name on the newest card. */
static bool
pressed(struct session *s, const char *words)
{
	for (size_t i = 0; s->card != NULL && i < s->card->buttons.count; i++)
		if (string_equal_nocase(words, s->card->buttons.item[i].action) ||
		    string_equal_nocase(words, s->card->buttons.item[i].label)) {
			press(s, &s->card->buttons.item[i]);
			s->card_lines = 0;
			return true;
		}
	return false;
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
	else if (!pressed(s, words))
		send_words(s, words);
}

static void
on_line(char *line)
{
	struct session *s = current;

	s->typing = false;
	if (line == NULL) {
		s->leave = true;
		return;
	}
	if (*line != '\0')
		add_history(line);
	typed(s, line);
	free(line);
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
		fprintf(stderr, "rollcall has gone away; what runs goes on, and is taken up when it is back\n");
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

static void
run(struct session *s)
{
	struct pollfd fds[2] = { { .fd = s->fd, .events = POLLIN }, { .fd = STDIN_FILENO, .events = POLLIN } };
	int n;

	while (!s->leave) {
		say_piped(s);
		if (s->leave || (s->input_over && s->answered >= s->sent))
			return;
		fds[1].fd = s->options->command == NULL && !s->input_over ? STDIN_FILENO : -1;
		n = poll(fds, 2, s->input_over ? ANSWER_PATIENCE : -1);
		if (n == 0 || (n < 0 && errno != EINTR))
			return;
		if (fds[0].revents != 0)
			read_socket(s);
		if (!s->leave && fds[1].revents != 0) {
			if (s->prompt) {
				s->typing = true;
				rl_callback_read_char();
			} else
				read_piped(s);
		}
	}
}

int
console_run(const struct console_options *options)
{
	struct session s = { .options = options, .input = TEXT_INIT_LIMIT(MEGABYTES(4)),
		.piped = TEXT_INIT_LIMIT(KILOBYTES(64)) };
	bool editing = options->command == NULL && isatty(STDIN_FILENO);

	setlocale(LC_CTYPE, "");
	s.fd = connect_to(options->socket);
	if (s.fd < 0) {
		fprintf(stderr, "No rollcall answers on %s. Start one: rollcall run --config FILE\n",
		    options->socket);
		return 1;
	}
	s.terminal = isatty(STDOUT_FILENO) && !string_equal(getenv("TERM"), "dumb") && !options->json;
	s.bold = s.terminal && getenv("NO_COLOR") == NULL;
	current = &s;
	if (options->greeting != NULL)
		fputs(options->greeting, stdout);
	if (editing) {
		s.prompt = s.terminal;
		rl_callback_handler_install(PROMPT, on_line);
	}
	if (options->command != NULL)
		send_words(&s, options->command);
	run(&s);
	if (editing) {
		rl_callback_handler_remove();
		putchar('\n');
	}
	close(s.fd);
	text_clear(&s.input);
	text_clear(&s.piped);
	message_free(s.card);
	free(s.card_ts);
	free(s.said);
	return s.exit;
}

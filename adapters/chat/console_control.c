/* console_control.c - `rollcall drain` and its like: one verb of the administrator's over the local socket. */

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/json.h"
#include "console.h"

#define LAST_TURN 15000		/* ms from its closed socket to its end */

/* The process that listens there; its descriptor tells when it has ended, also if its number is used again. */
static int
open_process(int fd)
{
	struct ucred peer;
	socklen_t size = sizeof(peer);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0)
		return -1;
	return (int)syscall(SYS_pidfd_open, peer.pid, 0);
}

static bool
read_more(int fd, struct text *input)
{
	char bytes[4096];
	ssize_t length;

	do
		length = read(fd, bytes, sizeof(bytes));
	while (length < 0 && errno == EINTR);
	if (length > 0)
		text_add_bytes(input, bytes, (size_t)length);
	return length > 0 && !input->cut;
}

static bool
ask(int fd, const char *verb, const char *argument)
{
	_cleanup_(json_freep) cJSON *json = cJSON_CreateObject();
	_cleanup_(text_clear) struct text line = TEXT_INIT;

	json_add_string(json, "control", verb);
	json_add_string(json, "argument", argument);
	json_print(&line, json);
	text_add_char(&line, '\n');
	return send(fd, line.data, line.length, MSG_NOSIGNAL) == (ssize_t)line.length;
}

/* 0 done, 1 failed, 3 refused, 7 no answer. */
static int
hear_answer(int fd)
{
	_cleanup_(text_clear) struct text input = TEXT_INIT_LIMIT(KILOBYTES(64));
	struct error err = ERROR_INIT;
	_cleanup_(json_freep) cJSON *json = NULL;
	const char *end, *text;
	bool done;

	while ((end = memchr(input.data, '\n', input.length)) == NULL)
		if (!read_more(fd, &input)) {
			fprintf(stderr, "rollcall went away without an answer\n");
			return 7;
		}
	json = json_parse(input.data, (size_t)(end - input.data), &err);
	done = json_bool(json, "done", false);
	text = json_string_or(json, "text", "That is no answer of rollcall's");
	fprintf(done ? stdout : stderr, "%s%s", text, string_ends(text, "\n") ? "" : "\n");
	fflush(stdout);
	if (!done)
		return string_equal(json_string(json, "why"), "refused") ? 3 : 1;
	return 0;
}

/* Until nobody listens there: a session that came to its age (CS1) is opened anew. */
static void
await_close(const char *socket, int fd)
{
	_cleanup_(text_clear) struct text rest = TEXT_INIT_LIMIT(KILOBYTES(64));

	while (read_more(fd, &rest))
		continue;
	while (strstr(rest.data, "\"kind\":\"end\"") != NULL && (fd = console_connect(socket)) >= 0) {
		text_reset(&rest);
		while (read_more(fd, &rest))
			continue;
		close(fd);
	}
}

static int
await_end(const char *socket, int fd, int process)
{
	struct pollfd ended = { .fd = process, .events = POLLIN };
	int n;

	await_close(socket, fd);
	if (process < 0)	/* of another namespace: its closed socket is all that can be seen */
		return 0;
	do
		n = poll(&ended, 1, LAST_TURN);
	while (n < 0 && errno == EINTR);
	if (n > 0)
		return 0;
	fprintf(stderr, "rollcall has closed its socket and does not end\n");
	return 7;
}

int
control_run(const char *socket, const char *verb, const char *argument, bool wait)
{
	int fd = console_connect(socket), process, exit;

	if (fd < 0) {
		fprintf(stderr, "No rollcall answers on %s (%s)\n", socket, strerror(errno));
		return 1;
	}
	process = open_process(fd);
	exit = ask(fd, verb, argument) ? hear_answer(fd) : 7;
	if (exit == 0 && wait)
		exit = await_end(socket, fd, process);
	if (process >= 0)
		close(process);
	close(fd);
	return exit;
}

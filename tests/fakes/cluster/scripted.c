/* scripted.c - asks the talk runner what this call has to do, and does it. */

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "tool.h"
#include "wire.h"

struct frame {
	char what;
	size_t length;
	char *bytes;	/* '\0' added */
};

static int
connect_runner(struct tool *tool)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	const char *path = tool_file(tool, "cluster.sock");
	int fd;

	if (strlen(path) >= sizeof(address.sun_path) || access(path, F_OK) != 0)
		return -1;
	strncpy(address.sun_path, path, sizeof(address.sun_path) - 1);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof(address)) != 0) {
		close(fd);
		fd = -1;
	}
	return fd;
}

static bool
send_all(int fd, const void *bytes, size_t length)
{
	const char *at = bytes;
	ssize_t sent;

	while (length > 0) {
		sent = send(fd, at, length, MSG_NOSIGNAL);
		if (sent < 0 && errno != EINTR)
			return false;
		at += sent > 0 ? sent : 0;
		length -= sent > 0 ? (size_t)sent : 0;
	}
	return true;
}

static bool
receive_all(int fd, void *bytes, size_t length)
{
	char *at = bytes;
	ssize_t got;

	while (length > 0) {
		got = recv(fd, at, length, 0);
		if (got == 0 || (got < 0 && errno != EINTR))
			return false;
		at += got > 0 ? got : 0;
		length -= got > 0 ? (size_t)got : 0;
	}
	return true;
}

static bool
send_frame(int fd, char what, const char *bytes, size_t length)
{
	unsigned char header[WIRE_HEADER] = { (unsigned char)what };

	for (int i = 0; i < 4; i++)
		header[1 + i] = (unsigned char)(length >> (24 - 8 * i));
	return send_all(fd, header, sizeof(header)) && send_all(fd, bytes, length);
}

static bool
ask(struct tool *tool, int fd)
{
	_cleanup_(json_freep) cJSON *question = cJSON_CreateObject();
	_cleanup_(text_clear) struct text text = TEXT_INIT;
	cJSON *arguments;

	json_add_string(question, "tool", tool->name);
	json_add_string(question, "cluster", tool->cluster);
	json_add_number(question, "pid", getpid());
	arguments = json_add_array(question, "arguments");
	for (char **argument = tool->argv; *argument != NULL; argument++)
		cJSON_AddItemToArray(arguments, cJSON_CreateString(*argument));
	json_print(&text, question);
	return send_frame(fd, WIRE_ASK, text.data, text.length);
}

static bool
receive(struct tool *tool, int fd, struct frame *frame)
{
	unsigned char header[WIRE_HEADER];

	if (!receive_all(fd, header, sizeof(header)))
		return false;
	frame->what = (char)header[0];
	frame->length = (size_t)header[1] << 24 | (size_t)header[2] << 16 |
	    (size_t)header[3] << 8 | header[4];
	if (frame->length > WIRE_LIMIT)
		return false;
	frame->bytes = arena_alloc(tool->arena, frame->length + 1);
	return receive_all(fd, frame->bytes, frame->length);
}

static void
end(struct tool *tool, const struct frame *frame, int *status)
{
	tool_flush(tool);
	if (string_equal(frame->bytes, "kill"))
		kill(getpid(), SIGKILL);
	*status = atoi(frame->bytes);
}

/* false: no more frames are to be read. */
static bool
obey(struct tool *tool, const struct frame *frame, int *status)
{
	switch (frame->what) {
	case WIRE_OUT:
		text_add_bytes(&tool->out, frame->bytes, frame->length);
		break;
	case WIRE_ERROR:
		text_add_bytes(&tool->errors, frame->bytes, frame->length);
		break;
	case WIRE_DEAF:
		signal(SIGTERM, SIG_IGN);
		signal(SIGINT, SIG_IGN);
		break;
	case WIRE_HOLD:
		return send_frame(tool->runner, WIRE_HOLD, "", 0);
	default:
		end(tool, frame, status);
		return false;
	}
	tool_flush(tool);
	return true;
}

/* The connection stays open in the simulation: its end tells the runner that we have ended. */
bool
scripted_run(struct tool *tool, int *status)
{
	struct frame frame;
	bool more = true;

	if ((tool->runner = connect_runner(tool)) < 0)
		return false;
	*status = 1;
	more = ask(tool, tool->runner);
	while (more && receive(tool, tool->runner, &frame)) {
		if (frame.what == WIRE_WORLD) {
			tool->clock = strtoll(frame.bytes, NULL, 10);
			return false;
		}
		more = obey(tool, &frame, status);
	}
	return true;
}

bool
scripted_wait(struct tool *tool, int64_t until)
{
	const char *moment = arena_printf(tool->arena, "%lld", (long long)until);
	struct frame frame;

	if (!send_frame(tool->runner, WIRE_WAIT, moment, strlen(moment)) ||
	    !receive(tool, tool->runner, &frame) || frame.what != WIRE_WORLD)
		return false;
	tool->clock = strtoll(frame.bytes, NULL, 10);
	return true;
}

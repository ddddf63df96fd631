/* own_bot.c - both ends of the line between a console and the bot that it started. */

#include "own_bot.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>
#include <uv.h>

#include "loop.h"

#define TURNS 10		/* how often it tries when others come and go */
#define JOINS 40		/* × LOOK: until another one's socket answers */
#define LOOK 25			/* ms */
#define LEAVES 1000		/* ms: a bot that has nothing to do has ended by then */
#define LOG_MOST MEGABYTES(1)

extern char **environ;

bool
socket_answers(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool there;

	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	there = fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0;
	if (fd >= 0)
		close(fd);
	return there;
}

/* ---- the console's side ---- */

/* Nothing of ours stays open in it: a pipe would look unfinished for as long as it runs. */
static int
spawn(struct own_bot *bot, const char *rollcall, const char *configuration, int line)
{
	char *const argv[] = { (char[]){ "rollcall" }, (char[]){ "run" }, (char[]){ "--own" },
		(char[]){ "--config" }, xstrdup(configuration), NULL };
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	int code;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, line, STDIN_FILENO);
	posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
	posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1);
	posix_spawnattr_init(&attributes);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID);
	code = posix_spawn(&bot->process, rollcall, &actions, &attributes, argv, environ);
	posix_spawnattr_destroy(&attributes);
	posix_spawn_file_actions_destroy(&actions);
	free(argv[4]);
	return code;
}

/* Its line, or what there was of it when it ended. */
static void
hear(struct own_bot *bot)
{
	char bytes[512];
	ssize_t length;

	do {
		length = read(bot->line, bytes, sizeof(bytes));
		if (length > 0)
			text_add_bytes(&bot->said, bytes, (size_t)length);
	} while (strchr(bot->said.data, '\n') == NULL && (length > 0 || (length < 0 && errno == EINTR)));
	text_truncate(&bot->said, strcspn(bot->said.data, "\n"));
}

static void
reap(struct own_bot *bot)
{
	while (waitpid(bot->process, NULL, 0) < 0 && errno == EINTR)
		;
	close(bot->line);
	bot->line = -1;
}

/* Removes the word if it comes first. */
static bool
take(struct text *said, const char *word)
{
	size_t length = strlen(word);

	if (!string_starts(said->data, word))
		return false;
	text_drop(said, length + (said->data[length] == ' '));
	return true;
}

/* LOST: another one has the state. */
static bool
start(struct own_bot *bot, const char *rollcall, const char *configuration, struct error *err)
{
	int pair[2], code;

	text_reset(&bot->said);
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
		return failed(err, "no socket can be made: %s", strerror(errno));
	code = spawn(bot, rollcall, configuration, pair[1]);
	close(pair[1]);
	bot->line = pair[0];
	if (code != 0) {
		close(bot->line);
		return failed(err, "%s cannot be started: %s", rollcall, strerror(code));
	}
	hear(bot);
	if (take(&bot->said, "ready"))
		return true;
	reap(bot);
	if (take(&bot->said, "taken"))
		return lost(err, "%s", bot->said.data);
	if (take(&bot->said, "failed"))
		return failed(err, "%s", bot->said.data);
	return failed(err, "it ended before it stood, without a word");
}

static bool
joins(const char *socket)
{
	for (int i = 0; i < JOINS; i++) {
		if (socket_answers(socket))
			return true;
		poll(NULL, 0, LOOK);
	}
	return false;
}

enum own_bot_start
own_bot_begin(struct own_bot *bot, const char *rollcall, const char *configuration, const char *socket,
    struct error *err)
{
	*bot = (struct own_bot){ .line = -1, .said = TEXT_INIT_LIMIT(KILOBYTES(16)) };
	/* Who has the state may just be ending: then it is our turn again. */
	for (int i = 0; i < TURNS; i++) {
		*err = (struct error)ERROR_INIT;
		if (start(bot, rollcall, configuration, err))
			return OWN_BOT_STANDS;
		if (err->kind != LOST)
			return OWN_BOT_NOT;
		if (joins(socket))
			return OWN_BOT_JOINED;
	}
	return OWN_BOT_NOT;
}

void
own_bot_leave(struct own_bot *bot)
{
	struct pollfd ended = { .fd = bot->line, .events = POLLIN };

	text_clear(&bot->said);
	if (bot->line < 0)
		return;
	shutdown(bot->line, SHUT_WR);
	if (poll(&ended, 1, LEAVES) > 0)
		reap(bot);
	else
		close(bot->line);
	bot->line = -1;
}

/* ---- in the bot itself ---- */

/* Small: it holds what the bots of consoles wrote, none of which runs for long. */
bool
own_bot_log(const char *folder, struct error *err)
{
	_cleanup_(freep) char *path = xasprintf("%s/console.log", folder);
	struct stat stat;
	int fd;

	if (mkdir(folder, 0700) != 0 && errno != EEXIST)
		return failed(err, "%s cannot be made: %s", folder, strerror(errno));
	fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return failed(err, "%s cannot be written: %s", path, strerror(errno));
	if (fstat(fd, &stat) == 0 && stat.st_size > (off_t)LOG_MOST)
		(void)!ftruncate(fd, 0);
	dup2(fd, STDERR_FILENO);
	close(fd);
	return true;
}

void
own_bot_say(const char *word, const char *text)
{
	_cleanup_(text_clear) struct text line = TEXT_INIT_LIMIT(KILOBYTES(16));

	text_printf(&line, "%s%s%s\n", word, text[0] != '\0' ? " " : "", text);
	(void)send(STDIN_FILENO, line.data, line.length, MSG_NOSIGNAL);
}

struct tie {
	uv_pipe_t pipe;
	void (*left)(void *);
	void *arg;
	char buffer[64];
};

static void
on_allocate(uv_handle_t *handle, size_t size, uv_buf_t *buffer)
{
	struct tie *tie = handle->data;

	(void)size;
	*buffer = uv_buf_init(tie->buffer, sizeof(tie->buffer));
}

static void
on_read(uv_stream_t *stream, ssize_t length, const uv_buf_t *buffer)
{
	struct tie *tie = stream->data;

	(void)buffer;
	if (length >= 0)
		return;
	uv_read_stop(stream);
	tie->left(tie->arg);
}

struct tie *
tie_new(struct loop *loop, void (*left)(void *), void *arg)
{
	struct tie *tie = xcalloc(1, sizeof(*tie));

	tie->left = left;
	tie->arg = arg;
	uv_pipe_init(loop_uv(loop), &tie->pipe, 0);
	tie->pipe.data = tie;
	/* Not a descriptor of ours to close: that it is open tells the console that we have not ended. */
	if (uv_pipe_open(&tie->pipe, fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1)) != 0 ||
	    uv_read_start((uv_stream_t *)&tie->pipe, on_allocate, on_read) != 0)
		left(arg);
	return tie;
}

static void
on_closed(uv_handle_t *handle)
{
	free(handle->data);
}

void
tie_free(struct tie *tie)
{
	if (tie != NULL)
		uv_close((uv_handle_t *)&tie->pipe, on_closed);
}

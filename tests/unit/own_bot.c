/* own_bot.c - a console and the bot that it starts: what that one says, and what becomes of it. */

#include "own_bot.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>

#include "loop.h"
#include "test.h"
#include "folder.h"

/* A program in the bot's place: the words of a shell, whose standard input is the line. */
static void
write_program(const char *path, const char *words)
{
	_cleanup_(text_clear) struct text bytes = TEXT_INIT;

	text_printf(&bytes, "#!/bin/sh\n%s\n", words);
	file_write(path, bytes.data, bytes.length, 0700);
}

static int
listen_at(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(fd, 16), 0);
	return fd;
}

TEST(each_of_its_words_is_understood)
{
	static const struct {
		const char *words;
		enum own_bot_start start;
		const char *said, *why;
		bool another;		/* answers at the socket */
	} cases[] = {
		{ "echo ready >&0; cat >/dev/null", OWN_BOT_STANDS, "", NULL, false },
		{ "echo 'ready R-1, R-2' >&0; cat >/dev/null", OWN_BOT_STANDS, "R-1, R-2", NULL, false },
		{ "echo 'failed the disk is full' >&0; exit 1", OWN_BOT_NOT, "", "the disk is full", false },
		{ "echo 'taken another one runs' >&0; exit 1", OWN_BOT_JOINED, "", NULL, true },
		{ "exit 1", OWN_BOT_NOT, "", "it ended before it stood, without a word", false },
		{ "echo nonsense >&0", OWN_BOT_NOT, "", "without a word", false },
		{ NULL, OWN_BOT_NOT, "", "cannot be started: No such file", false },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		_cleanup_(folder_remove) struct folder folder = folder_make();
		const char *program = folder_path(&folder, "bot");
		const char *socket = folder_path(&folder, "socket");
		int listens = cases[i].another ? listen_at(socket) : -1;
		struct error err = ERROR_INIT;
		struct own_bot bot;

		if (cases[i].words != NULL)
			write_program(program, cases[i].words);
		assert_int_equal(own_bot_begin(&bot, program, "rollcall.yaml", socket, &err), cases[i].start);
		if (cases[i].start == OWN_BOT_STANDS)
			assert_string_equal(bot.said.data, cases[i].said);
		if (cases[i].why != NULL)
			assert_non_null(strstr(err.text, cases[i].why));
		own_bot_leave(&bot);
		assert_int_equal(bot.line, -1);
		assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);	/* nothing is left behind */
		if (listens >= 0)
			close(listens);
		}
}

TEST(it_is_told_its_configuration_and_has_nothing_else_open)
{
	_cleanup_(folder_remove) struct folder folder = folder_make();
	const char *program = folder_path(&folder, "bot");
	int other = dup(STDOUT_FILENO);		/* not closed by itself */
	struct error err = ERROR_INIT;
	struct own_bot bot;

	write_program(program, "echo \"ready $* $(ls /proc/$$/fd | tr '\\n' ' ')\" >&0; cat >/dev/null");
	assert_int_equal(own_bot_begin(&bot, program, "here.yaml", folder.path, &err), OWN_BOT_STANDS);
	/* 10 is the shell's own, of its script. */
	assert_true(string_starts(bot.said.data, "run --own --config here.yaml 0 1 10 2 "));
	own_bot_leave(&bot);
	close(other);
}

TEST(a_socket_answers_only_while_somebody_listens)
{
	_cleanup_(folder_remove) struct folder folder = folder_make();
	const char *path = folder_path(&folder, "socket");
	int listens;

	assert_false(socket_answers(path));
	listens = listen_at(path);
	assert_true(socket_answers(path));
	close(listens);
	assert_false(socket_answers(path));
}

TEST(its_log_is_its_owners_and_begins_anew_past_a_mebibyte)
{
	_cleanup_(folder_remove) struct folder folder = folder_make();
	const char *state = folder_path(&folder, "state");
	const char *path = folder_path(&folder, "state/console.log");
	int before = dup(STDERR_FILENO);
	struct error err = ERROR_INIT;
	struct stat stat_of;

	assert_true(own_bot_log(state, &err));
	assert_int_equal(file_mode(state), 0700);
	fputs("one\n", stderr);
	assert_true(own_bot_log(state, &err));
	fputs("two\n", stderr);
	assert_int_equal(stat(path, &stat_of), 0);
	assert_int_equal(file_mode(path), 0600);
	assert_int_equal(stat_of.st_size, strlen("one\ntwo\n"));
	assert_int_equal(truncate(path, (off_t)MEGABYTES(1) + 1), 0);
	assert_true(own_bot_log(state, &err));
	assert_int_equal(stat(path, &stat_of), 0);
	assert_int_equal(stat_of.st_size, 0);
	dup2(before, STDERR_FILENO);
	close(before);
}

TEST(a_log_that_cannot_be_written_says_where)
{
	_cleanup_(folder_remove) struct folder folder = folder_make();
	const char *state = folder_path(&folder, "not/there");
	const char *link = folder_path(&folder, "console.log");
	struct error err = ERROR_INIT;

	assert_false(own_bot_log(state, &err));
	assert_non_null(strstr(err.text, state));
	assert_int_equal(symlink("/dev/null", link), 0);
	assert_false(own_bot_log(folder.path, &err));
	assert_non_null(strstr(err.text, link));
}

static void
on_left(void *arg)
{
	loop_stop(arg);
}

TEST(the_bot_hears_that_its_console_has_left)
{
	int pair[2], before = dup(STDIN_FILENO);
	struct loop *loop;
	struct tie *tie;
	char said[32] = "";

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
	dup2(pair[1], STDIN_FILENO);
	close(pair[1]);
	loop = loop_new();
	tie = tie_new(loop, on_left, loop);
	own_bot_say("ready", "R-1");
	assert_int_equal(read(pair[0], said, sizeof(said) - 1), strlen("ready R-1\n"));
	assert_string_equal(said, "ready R-1\n");
	shutdown(pair[0], SHUT_WR);
	loop_run(loop);			/* until on_left */
	tie_free(tie);
	loop_free(loop);
	dup2(before, STDIN_FILENO);
	close(before);
	close(pair[0]);
}

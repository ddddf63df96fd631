/*
 * rollcall-exec.c - runs one tool for rollcall and outlives it.
 *
 *	rollcall-exec DIR -- PROGRAM ARG0 [ARG…]
 *
 * A tool that changes a cluster must not die with the bot: helm killed in the middle leaves a pending
 * release, kubectl whose reader closed its pipe dies of SIGPIPE.  So the tool's output are files, and this
 * little program is its parent.  Static and without libraries of ours: it starts in under a millisecond.
 *
 * In DIR (0700, ours): "claim" is made with O_EXCL; if somebody else has made it, nothing is run.  Then
 * "pid" ("PID START\n" of this process, START as in proc(5) field 22), "out" and "errors" (O_APPEND, 0600), and at the end
 * "exit" ("exit N\n" or "signal N\n"), written beside and renamed after fsync, so it is whole or absent.
 *
 * SIGTERM and SIGINT are handed on to the tool's process group, SIGUSR1 kills it; this process itself ends
 * only after it.  A signal that comes before the tool runs waits for it.
 */

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static volatile pid_t child;

static void
hand_on(int number)
{
	if (child > 0)
		kill(-child, number == SIGUSR1 ? SIGKILL : number);
}

static void
die(const char *what)
{
	dprintf(2, "rollcall-exec: %s: %s\n", what, strerror(errno));
	_exit(125);
}

static void
write_whole(int fd, const char *text)
{
	size_t length = strlen(text);

	if (write(fd, text, length) != (ssize_t)length || fsync(fd) != 0)
		die("writing");
}

static void
write_file(int folder, const char *name, const char *text)
{
	char new[16];
	int fd;

	snprintf(new, sizeof(new), "%s.new", name);
	fd = openat(folder, new, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		die(new);
	write_whole(fd, text);
	close(fd);
	if (renameat(folder, new, folder, name) != 0 || fsync(folder) != 0)
		die(name);
}

/* The start time of this process in clock ticks: field 22, after the name in parentheses. */
static unsigned long long
own_start(void)
{
	unsigned long long start = 0;
	char line[1024], *field;
	ssize_t length;
	int fd = open("/proc/self/stat", O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		die("/proc/self/stat");
	length = read(fd, line, sizeof(line) - 1);
	close(fd);
	line[length > 0 ? length : 0] = '\0';
	field = strrchr(line, ')');
	for (int i = 2; field != NULL && i < 22; i++)
		field = strchr(field + 1, ' ');
	if (field != NULL)
		start = strtoull(field, NULL, 10);
	return start;
}

static void
claim(int folder)
{
	char line[64];
	int fd = openat(folder, "claim", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);

	if (fd < 0)
		_exit(errno == EEXIST ? 124 : 125);
	write_whole(fd, "rollcall-exec\n");
	close(fd);
	snprintf(line, sizeof(line), "%d %llu\n", (int)getpid(), own_start());
	write_file(folder, "pid", line);
}

static const int handed_on[] = { SIGTERM, SIGINT, SIGUSR1, 0 };

static void
hold_signals(int how)
{
	sigset_t set;

	sigemptyset(&set);
	for (const int *number = handed_on; *number != 0; number++)
		sigaddset(&set, *number);
	sigprocmask(how, &set, NULL);
}

static void
become_quiet(int folder)
{
	struct rlimit none = { 0, 0 };
	struct sigaction action = { .sa_handler = hand_on, .sa_flags = SA_RESTART };

	setrlimit(RLIMIT_CORE, &none);
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	umask(077);
	for (const int *number = handed_on; *number != 0; number++)
		sigaction(*number, &action, NULL);
	signal(SIGHUP, SIG_IGN);
	if (fchdir(folder) != 0)
		die("chdir");
}

static void
run_tool(int folder, char **argv)
{
	int in = open("/dev/null", O_RDONLY);
	int out = openat(folder, "out", O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW, 0600);
	int errors = openat(folder, "errors", O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW, 0600);

	setpgid(0, 0);
	for (const int *number = handed_on; *number != 0; number++)
		signal(*number, SIG_DFL);
	signal(SIGHUP, SIG_DFL);
	signal(SIGPIPE, SIG_DFL);
	hold_signals(SIG_UNBLOCK);
	if (in < 0 || out < 0 || errors < 0 || dup2(in, 0) < 0 || dup2(out, 1) < 0 ||
	    dup2(errors, 2) < 0)
		_exit(125);
	close_range(3, ~0U, 0);
	execv(argv[0], argv + 1);
	dprintf(2, "%s cannot be run: %s\n", argv[0], strerror(errno));
	_exit(127);
}

int
main(int argc, char **argv)
{
	siginfo_t ended;
	char line[32];
	int folder, status;

	if (argc < 5 || strcmp(argv[2], "--") != 0) {
		dprintf(2, "usage: rollcall-exec DIR -- PROGRAM ARG0 [ARG...]\n");
		return 125;
	}
	hold_signals(SIG_BLOCK);
	folder = open(argv[1], O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	if (folder < 0)
		die(argv[1]);
	claim(folder);
	become_quiet(folder);
	child = fork();
	if (child < 0)
		die("fork");
	if (child == 0)
		run_tool(folder, argv + 3);
	setpgid(child, child);
	hold_signals(SIG_UNBLOCK);
	/* Its group's number is its own until it is reaped: nothing is handed on after that. */
	while (waitid(P_PID, (id_t)child, &ended, WEXITED | WNOWAIT) < 0)
		if (errno != EINTR)
			die("wait");
	hold_signals(SIG_BLOCK);
	if (waitpid(child, &status, 0) < 0)
		die("wait");
	if (WIFEXITED(status))
		snprintf(line, sizeof(line), "exit %d\n", WEXITSTATUS(status));
	else
		snprintf(line, sizeof(line), "signal %d\n", WTERMSIG(status));
	write_file(folder, "exit", line);
	return 0;
}

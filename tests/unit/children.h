/*
 * children.h - real children for tests: the test's own program is the tool and rollcall-exec as well.
 *
 * Started as "probe" it does what its arguments say and exits; started as "rollcall-exec" it is that
 * program.  So nothing has to be installed, and both run under the sanitizers.
 *
 *	struct configuration c = children_configuration();	the tool "probe", three children at once
 *	{ "probe", "run", "--", "print", "a line", NULL }
 */
#ifndef TEST_CHILDREN_H
#define TEST_CHILDREN_H

#include <dirent.h>
#include <signal.h>
#include <sys/inotify.h>
#include <sys/wait.h>
#include <unistd.h>

#include "configuration.h"
#include "words.h"

int exec_main(int argc, char **argv);
#define main exec_main
#include "bot/exec/rollcall-exec.c"
#undef main

static const struct word children_words[] = {
	{ .name = "probe.run", .tool = "probe", .verbs = "run",
	    .flags = (const struct word_flag[]){ { .name = "--again", .kind = VALUE_NONE }, { .name = NULL } },
	    .positional = { { VALUE_TEXT, NULL } }, .repeated = true },
	{ .name = "probe.look", .tool = "probe", .verbs = "look",
	    .flags = (const struct word_flag[]){ { .name = NULL } },
	    .positional = { { VALUE_TEXT, NULL } }, .repeated = true, .reads = true },
	{ .name = "absent.run", .tool = "absent", .verbs = "run",
	    .flags = (const struct word_flag[]){ { .name = NULL } } },
	{ .name = NULL },
};

static char children_self[4096];

static void
probe_bye(int number)
{
	dprintf(1, "got %d\n", number);
	_exit(3);
}

static void
probe_flood(size_t length)
{
	static char line[1024];

	memset(line, 'f', sizeof(line));
	line[sizeof(line) - 1] = '\n';
	for (size_t i = 0; i < length / sizeof(line); i++)
		if (write(1, line, sizeof(line)) != sizeof(line))
			_exit(9);
}

/* Until somebody signals; not for ever, should the test fail. */
static void
probe_hold(void)
{
	alarm(60);
	for (;;)
		pause();
}

static void
probe_leave(void)
{
	pid_t pid = fork();

	if (pid == 0)
		probe_hold();
	dprintf(1, "left %d\n", (int)pid);
}

static void
probe_descriptors(void)
{
	DIR *dir = opendir("/proc/self/fd");
	struct dirent *entry;

	while (dir != NULL && (entry = readdir(dir)) != NULL)
		if (entry->d_name[0] != '.' && atoi(entry->d_name) != dirfd(dir))
			dprintf(1, "%s ", entry->d_name);
}

static void
probe_show(const char *path)
{
	char bytes[4096];
	int fd = open(path, O_RDONLY);
	ssize_t length = read(fd, bytes, sizeof(bytes));

	if (length > 0 && write(1, bytes, (size_t)length) != length)
		_exit(9);
	close(fd);
}

/* A byte more in that file for each time. */
static void
probe_count(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_APPEND, 0600);

	if (write(fd, "x", 1) != 1)
		_exit(9);
	close(fd);
}

/* Until somebody has made that file. */
static void
probe_await(const char *path)
{
	char folder[4096], events[4096];
	int watch = inotify_init1(IN_CLOEXEC);

	alarm(60);
	snprintf(folder, sizeof(folder), "%s", path);
	*strrchr(folder, '/') = '\0';
	if (inotify_add_watch(watch, folder, IN_CREATE | IN_MOVED_TO) < 0)
		_exit(9);
	while (access(path, F_OK) != 0)
		if (read(watch, events, sizeof(events)) <= 0)
			_exit(9);
	close(watch);
}

/* Each word is done in turn: "print TEXT", "errors TEXT", "exit N" … */
static void
probe_run(char **argv, char **environment)
{
	for (; *argv != NULL; argv++) {
		const char *next = argv[1] != NULL ? argv[1] : "";

		if (strcmp(*argv, "print") == 0)
			dprintf(1, "%s\n", next);
		else if (strcmp(*argv, "errors") == 0)
			dprintf(2, "%s\n", next);
		else if (strcmp(*argv, "exit") == 0)
			_exit(atoi(next));
		else if (strcmp(*argv, "flood") == 0)
			probe_flood(strtoul(next, NULL, 10));
		else if (strcmp(*argv, "touch") == 0)
			close(open(next, O_WRONLY | O_CREAT, 0600));
		else if (strcmp(*argv, "show") == 0)
			probe_show(next);
		else if (strcmp(*argv, "count") == 0)
			probe_count(next);
		else if (strcmp(*argv, "await") == 0)
			probe_await(next);
		else if (strcmp(*argv, "kill") == 0)
			raise(atoi(next));
		else if (strcmp(*argv, "deaf") == 0)
			signal(SIGTERM, SIG_IGN);
		else if (strcmp(*argv, "polite") == 0)
			signal(atoi(next), probe_bye);
		else if (strcmp(*argv, "hold") == 0)
			probe_hold();
		else if (strcmp(*argv, "leave") == 0)	/* somebody with our pipes and our group */
			probe_leave();
		else if (strcmp(*argv, "environment") == 0)
			for (char **e = environment; *e != NULL; e++)
				dprintf(1, "%s\n", *e);
		else if (strcmp(*argv, "descriptors") == 0)
			probe_descriptors();
		else if (strcmp(*argv, "place") == 0)
			dprintf(1, "group %d session %d pid %d parent %d\n", getpgid(0) == getpid(),
			    getsid(0) == getpid(), (int)getpid(), (int)getppid());
	}
	_exit(0);
}

/* Before anything else of a test runs: the arguments say which of the three programs this is. */
static void __attribute__((constructor))
children_begin(int argc, char **argv, char **environment)
{
	if (argc > 0 && strcmp(argv[0], "rollcall-exec") == 0)
		_exit(exec_main(argc, argv));
	if (argc > 2 && strcmp(argv[0], "probe") == 0)
		probe_run(argv + 2, environment);
	if (readlink("/proc/self/exe", children_self, sizeof(children_self) - 1) < 0)
		abort();
	words_register(children_words);
}

static inline struct configuration
children_configuration(void)
{
	return (struct configuration){ .tools = { { "probe", children_self }, { NULL, NULL } },
		.limits = { .children = 3, .output = MEGABYTES(1) } };
}

/* Whether a process is there and has not ended. */
static inline bool
process_lives(int64_t pid)
{
	char path[64], line[512] = "", *field;
	int fd;

	snprintf(path, sizeof(path), "/proc/%lld/stat", (long long)pid);
	if ((fd = open(path, O_RDONLY | O_CLOEXEC)) < 0)
		return false;
	if (read(fd, line, sizeof(line) - 1) < 0)
		line[0] = '\0';
	close(fd);
	field = strrchr(line, ')');
	return field != NULL && field[1] == ' ' && field[2] != 'Z' && field[2] != 'X';
}

/* Is that thread about to do something, or one of the processes that it started, or theirs? */
static inline bool
thread_works(int pid, int thread, bool itself)
{
	char path[64], line[256] = "";
	const char *state;
	bool works = false;
	FILE *f;
	int one;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/stat", pid, thread);
	if ((f = fopen(path, "re")) == NULL)
		return false;
	state = fgets(line, sizeof(line), f) != NULL ? strrchr(line, ')') : NULL;
	fclose(f);
	if (itself && state != NULL && strchr("RD", state[2]) != NULL)
		return true;
	snprintf(path, sizeof(path), "/proc/%d/task/%d/children", pid, thread);
	if ((f = fopen(path, "re")) == NULL)
		return false;
	while (!works && fscanf(f, "%d", &one) == 1)
		works = thread_works(one, one, true);
	fclose(f);
	return works;
}

/*
 * On a machine in demand it may take long until a child that was asked for has even begun; clocks that were
 * turned meanwhile would call it late.  Ours are started by threads of their own.
 */
static inline bool
children_work(void)
{
	bool works = false;
	struct dirent *entry;
	DIR *dir = opendir("/proc/self/task");

	while (dir != NULL && !works && (entry = readdir(dir)) != NULL)
		if (entry->d_name[0] != '.')
			works = thread_works(getpid(), atoi(entry->d_name), atoi(entry->d_name) != getpid());
	if (dir != NULL)
		closedir(dir);
	return works;
}

#endif

/* main.c - runs talks, each in a process of its own, several at a time. */

#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "talk.h"

struct run {
	const char *path;
	pid_t pid;
	FILE *out;		/* what it says, until it has ended */
};

struct runs {
	const struct talk_options *options;
	struct run *run;
	int count, started, ended, passed, failed;
};

static int64_t
now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static bool
run_one(const struct runs *runs, const struct run *run, int number)
{
	int64_t began = now_ms();
	char *title, *why = NULL;
	size_t length = 0;
	FILE *out = open_memstream(&why, &length);
	bool passed = talk_run(runs->options, run->path, &title, out);

	fclose(out);
	fprintf(run->out, "%s %d %s (%lld ms)\n%s", passed ? "ok" : "not ok", number, title,
	    (long long)(now_ms() - began), why);
	fflush(run->out);
	free(title);
	free(why);
	return passed;
}

static void
start(struct runs *runs)
{
	struct run *run = &runs->run[runs->started++];

	run->out = tmpfile();
	if (run->out == NULL)
		abort();
	fflush(stdout);
	run->pid = fork();
	if (run->pid != 0)
		return;
	/* exit, not _exit: the leak check runs there. */
	exit(run_one(runs, run, runs->started) ? 0 : 1);
}

static void
show(FILE *file)
{
	char piece[16384];
	size_t length;

	rewind(file);
	while ((length = fread(piece, 1, sizeof(piece), file)) > 0)
		fwrite(piece, 1, length, stdout);
	fclose(file);
}

static void
await(struct runs *runs)
{
	int status, number;
	pid_t pid = wait(&status);

	for (number = 0; number < runs->started && runs->run[number].pid != pid; number++)
		;
	if (number == runs->started)
		return;
	show(runs->run[number].out);
	runs->ended++;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0) {
		runs->passed++;
		return;
	}
	runs->failed++;
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 1)
		printf("not ok %d %s: the runner ended with %s %d\n", number + 1,
		    runs->run[number].path, WIFEXITED(status) ? "status" : "signal",
		    WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status));
	fflush(stdout);
}

static int
usage(void)
{
	fprintf(stderr, "usage: talk [--build DIR] [--source DIR] [--jobs N] [--patience SECONDS] "
	    "[--keep] [--real] FILE.talk…\n");
	return 2;
}

static char *
absolute(const char *path)
{
	char *whole = realpath(path, NULL);

	if (whole == NULL) {
		fprintf(stderr, "talk: there is no %s\n", path);
		exit(2);
	}
	return whole;
}

int
main(int argc, char **argv)
{
	static const struct option long_options[] = { { "build", required_argument, NULL, 'b' },
		{ "source", required_argument, NULL, 's' }, { "jobs", required_argument, NULL, 'j' },
		{ "patience", required_argument, NULL, 'p' }, { "keep", no_argument, NULL, 'k' },
		{ "real", no_argument, NULL, 'r' }, { NULL, 0, NULL, 0 } };
	struct talk_options options = { .patience = SECONDS(10) };
	struct runs runs = { .options = &options };
	const char *build = "build/test", *source = ".";
	char *real_build, *real_source;
	long jobs = sysconf(_SC_NPROCESSORS_ONLN);
	int option;

	while ((option = getopt_long(argc, argv, "", long_options, NULL)) != -1)
		switch (option) {
		case 'b': build = optarg; break;
		case 's': source = optarg; break;
		case 'j': jobs = atol(optarg); break;
		case 'p': options.patience = SECONDS(atol(optarg)); break;
		case 'k': options.keep = true; break;
		case 'r': options.real = true; break;
		default: return usage();
		}
	if (optind == argc || jobs < 1)
		return usage();
	signal(SIGPIPE, SIG_IGN);
	options.build = real_build = absolute(build);
	options.source = real_source = absolute(source);
	runs.count = argc - optind;
	runs.run = xcalloc((size_t)runs.count, sizeof(*runs.run));
	for (int i = 0; i < runs.count; i++)
		runs.run[i].path = argv[optind + i];
	while (runs.ended < runs.count)
		if (runs.started < runs.count && runs.started - runs.ended < jobs)
			start(&runs);
		else
			await(&runs);
	printf("%d passed, %d failed\n", runs.passed, runs.failed);
	free(real_build);
	free(real_source);
	free(runs.run);
	return runs.failed > 0;
}

/* main.c - runs talks, each in a process of its own, several at a time. */

#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "torture.h"

struct run {
	const char *path, *kind;	/* kind of torture, NULL none */
	char *as;			/* which of the talk's `for`; NULL: none */
	bool alone;
	pid_t pid;
	FILE *out;			/* what it says, until it has ended */
};

struct runs {
	const struct talk_options *options;
	struct { struct run *item; size_t count, size; } list;
	size_t started, ended;
	int passed, failed;
	int64_t first, stride;		/* of torture; stride 0: the first place only */
};

static int64_t
now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static const char *
sentence_of(const char *kind)
{
	for (const struct torture_kind *one = torture_kinds; one->name != NULL; one++)
		if (string_equal(one->name, kind))
			return one->sentence;
	return "";
}

/* One place after the other, to the first that does not exist or where the talk fails. */
static bool
torture_all(const struct runs *runs, const struct run *run, char **title, FILE *out, char **note)
{
	struct torture torture = { .kind = run->kind, .at = runs->first };
	const char *kind = run->kind;
	int64_t times = 0;
	bool passed;

	for (;; torture.at += runs->stride) {
		torture = (struct torture){ .kind = kind, .at = torture.at };
		free(*title);
		passed = talk_run(runs->options, run->path, &torture, title, out);
		times += torture.happened;
		if (!passed || !torture.happened || runs->stride == 0)
			break;
	}
	if (!passed)
		fprintf(out, "  again: --torture %s:%lld\n", kind, (long long)torture.at);
	*note = xasprintf(", %s: %lld times", sentence_of(kind), (long long)times);
	return passed;
}

static bool
run_one(const struct runs *runs, const struct run *run, size_t number)
{
	char *title = NULL, *why = NULL, *note = NULL;
	int64_t began = now_ms();
	size_t length = 0;
	FILE *out = open_memstream(&why, &length);
	struct talk_options options = *runs->options;
	bool passed;

	options.kind = run->as;
	if (run->kind == NULL)
		passed = talk_run(&options, run->path, NULL, &title, out);
	else
		passed = torture_all(runs, run, &title, out, &note);
	fclose(out);
	fprintf(run->out, "%s %zu %s%s%s%s (%lld ms)\n%s", passed ? "ok" : "not ok", number,
	    title, run->as != NULL ? ", " : "", run->as != NULL ? run->as : "", note != NULL ? note : "", (long long)(now_ms() - began), why);
	fflush(run->out);
	free(title);
	free(note);
	free(why);
	return passed;
}

static void
start(struct runs *runs)
{
	struct run *run = &runs->list.item[runs->started++];

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
	pid_t pid;
	size_t number;
	int status;

	pid = wait(&status);
	for (number = 0; number < runs->started && runs->list.item[number].pid != pid; number++)
		;
	if (number == runs->started)
		return;
	runs->list.item[number].pid = 0;	/* the number may come again */
	show(runs->list.item[number].out);
	runs->ended++;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0) {
		runs->passed++;
		return;
	}
	runs->failed++;
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 1)
		printf("not ok %zu %s: the runner ended with %s %d\n", number + 1,
		    runs->list.item[number].path, WIFEXITED(status) ? "status" : "signal",
		    WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status));
	fflush(stdout);
}

static int
usage(void)
{
	fprintf(stderr, "usage: talk [--build DIR] [--source DIR] [--jobs N] [--patience SECONDS] "
	    "[--keep] [--real]\n            [--torture all|sample|KIND[:N]] FILE.talk…\n");
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

/* What stands on its first line that begins so, without the end of the line; the caller frees it. */
static char *
line_of(const char *path, const char *beginning)
{
	FILE *file = fopen(path, "re");
	char *found = NULL;
	char line[1024];

	while (file != NULL && found == NULL && fgets(line, sizeof(line), file) != NULL)
		if (string_starts(line, beginning))
			found = xstrndup(line, strcspn(line, "\n"));
	if (file != NULL)
		fclose(file);
	return found;
}

static bool
says(const char *path, const char *wanted)
{
	_cleanup_(freep) char *line = line_of(path, wanted);

	return string_equal(line, wanted);
}

static bool
wants_torture(const char *path, const char *kind)
{
	return says(path, string_equal(kind, "failing") ? "torture failing" : "torture");
}

static struct run *
add_run(struct runs *runs, const char *path, const char *kind)
{
	struct run *run = GROW(&runs->list);

	run->path = path;
	run->kind = kind;
	run->alone = runs->options->real && says(path, "alone");
	return run;
}

/* Once for each kind that it names; or once. */
static void
add_runs(struct runs *runs, const char *path)
{
	_cleanup_(freep) char *line = runs->options->real ? line_of(path, "for ") : NULL;
	const char *word = line != NULL ? line + strcspn(line, " ") : "";
	size_t length;

	if (line == NULL)
		add_run(runs, path, NULL);
	for (; *word != '\0'; word += length) {
		word += strspn(word, " ");
		if ((length = strcspn(word, " ")) > 0)
			add_run(runs, path, NULL)->as = xstrndup(word, length);
	}
}

/* What must not be disturbed comes last, in the order that was given. */
static void
alone_last(struct runs *runs)
{
	struct { struct run *item; size_t count, size; } sorted = { NULL, 0, 0 };

	for (int alone = 0; alone <= 1; alone++)
		for (size_t i = 0; i < runs->list.count; i++)
			if (runs->list.item[i].alone == alone)
				*GROW(&sorted) = runs->list.item[i];
	free(runs->list.item);
	runs->list.item = sorted.item;
}

static bool
may_start(const struct runs *runs, size_t jobs)
{
	size_t running = runs->started - runs->ended;

	if (runs->started == runs->list.count)
		return false;
	return running < (runs->list.item[runs->started].alone ? 1 : jobs);
}

static bool
add_tortures(struct runs *runs, const char *path, const char *which)
{
	bool known = false, all = string_in(which, (const char *const[]){ "all", "sample", NULL });
	size_t length = strcspn(which, ":");

	for (const struct torture_kind *kind = torture_kinds; kind->name != NULL; kind++) {
		if (!all && (strlen(kind->name) != length || !string_starts(which, kind->name)))
			continue;
		known = true;
		if (wants_torture(path, kind->name))
			add_run(runs, path, kind->name);
	}
	return known;
}

/* "sample" takes each seventh place, "KIND:N" one. */
static void
read_torture(struct runs *runs, const char *which)
{
	const char *colon = strchr(which, ':');

	runs->first = colon != NULL ? atoll(colon + 1) : string_equal(which, "sample") ? 3 : 1;
	runs->stride = colon != NULL ? 0 : string_equal(which, "sample") ? 7 : 1;
}

static void
run_all(struct runs *runs, size_t jobs)
{
	alone_last(runs);
	while (runs->ended < runs->list.count)
		if (may_start(runs, jobs))
			start(runs);
		else
			await(runs);
	printf("%d passed, %d failed\n", runs->passed, runs->failed);
	for (size_t i = 0; i < runs->list.count; i++)
		free(runs->list.item[i].as);
	free(runs->list.item);
}

int
main(int argc, char **argv)
{
	static const struct option long_options[] = { { "build", required_argument, NULL, 'b' },
		{ "source", required_argument, NULL, 's' }, { "jobs", required_argument, NULL, 'j' },
		{ "patience", required_argument, NULL, 'p' }, { "keep", no_argument, NULL, 'k' },
		{ "real", no_argument, NULL, 'r' }, { "torture", required_argument, NULL, 't' },
		{ NULL, 0, NULL, 0 } };
	struct talk_options options = { .patience = SECONDS(10) };
	struct runs runs = { .options = &options };
	const char *build = "build/test", *source = ".", *torture = NULL;
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
		case 't': torture = optarg; break;
		default: return usage();
		}
	if (optind == argc || jobs < 1)
		return usage();
	signal(SIGPIPE, SIG_IGN);
	options.build = real_build = absolute(build);
	options.source = real_source = absolute(source);
	if (torture != NULL)
		read_torture(&runs, torture);
	for (int i = optind; i < argc; i++)
		if (torture == NULL)
			add_runs(&runs, argv[i]);
		else if (!add_tortures(&runs, argv[i], torture))
			return usage();
	run_all(&runs, (size_t)jobs);
	free(real_build);
	free(real_source);
	return runs.failed > 0;
}

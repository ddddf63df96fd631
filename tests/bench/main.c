/*
 * main.c - make bench: rollcall beside the least that a bot in C can be, in one run.
 *
 *     bench --build FOLDER --source FOLDER [smoke|short|long]
 *     bench --build FOLDER --others FOLDER [smoke|short]
 *
 * smoke: does it work (< 20 s); short: under 2 minutes; otherwise all of it; long: a million envelopes too.
 * The exit status is 0 when every goal was reached, 1 when one was missed, 2 when something did not work.
 */

#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "bench.h"

static int
remove_one(const char *path, const struct stat *stat, int type, struct FTW *walk)
{
	(void)stat;
	(void)walk;
	return type == FTW_DP ? rmdir(path) : unlink(path);
}

/* Others use the machine too: what it did besides is part of each figure. */
static void
print_machine(const char *when)
{
	double load[3] = { 0 };

	if (getloadavg(load, 3) > 0)
		printf("%s: %ld processors, load %.2f over the last minute, %.2f over five\n", when,
		    sysconf(_SC_NPROCESSORS_ONLN), load[0], load[1]);
	fflush(stdout);
}

static void
choose_size(struct bench *bench, const char *size)
{
	bench->smoke = string_equal(size, "smoke");
	bench->brief = bench->smoke || string_equal(size, "short");
	bench->long_run = string_equal(size, "long");
	bench->repetitions = bench->smoke ? 1 : bench->brief ? 3 : 5;
	bench->seconds = bench->smoke ? 0.3 : bench->brief ? 0.9 : 3;
}

static bool
run_parts(struct bench *bench)
{
	static const struct {
		const char *name;
		bool (*run)(struct bench *);
		bool in_smoke, long_only;
	} parts[] = {
		{ "committed", bench_committed, true, false },
		{ "children", bench_children, true, false },
		{ "operations", bench_operations, true, false },
		{ "refresh", bench_refresh, false, false },
		{ "silence", bench_silence, false, false },
		{ "card", bench_card, false, false },
		{ "sizes", bench_sizes, false, false },
		{ "million", bench_million, false, true },
	};
	const char *only = getenv("BENCH_ONLY");
	bool good = (only != NULL && !string_equal(only, "plain")) || bench_exchanges(bench, false);

	good = ((only != NULL && !string_equal(only, "tls")) || bench_exchanges(bench, true)) && good;
	for (size_t i = 0; i < COUNT(parts); i++) {
		if ((only != NULL && !string_equal(only, parts[i].name)) ||
		    (bench->smoke && !parts[i].in_smoke) || (parts[i].long_only && !bench->long_run))
			continue;
		if (!parts[i].run(bench)) {
			fprintf(stderr, "bench: the part %s did not work\n", parts[i].name);
			good = false;
		}
	}
	return good;
}

int
main(int argc, char **argv)
{
	struct bench bench = { .build = "build/release", .source = "." };
	const char *size = "", *base = getenv("TMPDIR");
	int64_t began = load_now();
	bool worked, reached;

	for (int i = 1; i < argc; i++)
		if (string_equal(argv[i], "--build") && i + 1 < argc)
			bench.build = argv[++i];
		else if (string_equal(argv[i], "--source") && i + 1 < argc)
			bench.source = argv[++i];
		else if (string_equal(argv[i], "--others") && i + 1 < argc)
			bench.others = argv[++i];
		else
			size = argv[i];
	choose_size(&bench, size);
	signal(SIGPIPE, SIG_IGN);	/* bots close connections when they like */
	bench.folder = xasprintf("%s/rollcall-bench-XXXXXX", base != NULL ? base : "/tmp");
	if (mkdtemp(bench.folder) == NULL) {
		perror(bench.folder);
		return 2;
	}
	print_machine("before");
	worked = bench.others != NULL ? bench_others(&bench) : run_parts(&bench);
	worked = worked && !bench.failed;
	reached = bench.others != NULL || table_print(&bench);
	print_machine("after");
	printf("bench: %.0f s\n", (double)(load_now() - began) / 1e9);
	if (worked)
		nftw(bench.folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	else
		fprintf(stderr, "bench: what was left behind: %s\n", bench.folder);
	free(bench.folder);
	return !worked ? 2 : reached ? 0 : 1;
}

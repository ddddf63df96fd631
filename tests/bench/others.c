/*
 * others.c - bench --others FOLDER: rollcall beside bots made with the libraries that others take.
 *
 * Each of them does what the floor does: acknowledge a mention, post one line into its thread.  rollcall
 * does its own work for it: parse, permit, audit, render.  All of them in one run, in turns, over TLS as
 * Slack is, and plain.  The figures are those of exchanges.c.
 */

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "bench.h"

#define SECOND INT64_C(1000000000)
#define BOTS 5
#define OUTSTANDING 64

enum { START, IDLE, LOADED, P50, P99, RATE, CPU, FIGURES };

static const struct {
	const char *name;
	enum program program;
	const char *folder, *run[2];	/* an other's, below the one that fetch.sh filled */
	bool plain_only;		/* Slack's client for Python speaks TLS with port 443 alone */
} bots[BOTS] = {
	{ .name = "floor", .program = FLOOR },
	{ .name = "rollcall", .program = ROLLCALL },
	{ .name = "slack-go", .program = OTHER, .folder = "slack-go", .run = { "./slack-go" } },
	{ .name = "Bolt JS", .program = OTHER, .folder = "bolt-js", .run = { "node", "bolt.mjs" } },
	{ .name = "Bolt Python", .program = OTHER, .folder = "bolt-python", .run = { "python3", "bolt.py" },
	    .plain_only = true },
};

static const struct {
	const char *what;
	int decimals;
} figures[FIGURES] = {
	[START] = { "exec → first acknowledgement, ms", 1 },
	[IDLE] = { "idle RSS, MB", 1 },
	[LOADED] = { "RSS after load, MB", 1 },
	[P50] = { "acknowledgement at 200/s, p50, ms", 2 },
	[P99] = { "acknowledgement at 200/s, p99, ms", 2 },
	[RATE] = { "exchanges a second", 0 },
	[CPU] = { "CPU s for 1,000 exchanges", 3 },
};

static struct figures table[FIGURES][BOTS];

/* env changes into the folder and becomes the program, so its pid is the program's. */
static bool
start_other(struct subject *subject, struct bench *bench, size_t bot, const char *others,
    struct load *load, const char *folder)
{
	const char *authority = load_authority(load);
	_cleanup_(freep) char *at = xasprintf("%s/%s", others, bots[bot].folder);
	_cleanup_(freep) char *modules = xasprintf("PYTHONPATH=%s", at);
	_cleanup_(freep) char *trusted = xasprintf("SSL_CERT_FILE=%s", authority != NULL ? authority : "");
	_cleanup_(freep) char *extra = xasprintf("NODE_EXTRA_CA_CERTS=%s", authority != NULL ? authority : "");
	_cleanup_(freep) char *url = xstrdup(load_url(load));
	const char *argv[12] = { "/usr/bin/env", "-C", at, modules };
	size_t count = 4;

	if (authority != NULL) {
		argv[count++] = trusted;
		argv[count++] = extra;
	}
	for (size_t i = 0; i < COUNT(bots[bot].run) && bots[bot].run[i] != NULL; i++)
		argv[count++] = bots[bot].run[i];
	argv[count] = url;
	*subject = (struct subject){ .program = OTHER };
	return subject_run(subject, bench, (char *const *)(uintptr_t)argv, 1, load, folder);
}

static bool
first_came(const struct load *load, void *arg)
{
	(void)arg;
	return load_first(load) != 0;
}

static void
add(int figure, size_t bot, double value)
{
	figures_add(&table[figure][bot], value);
}

static void
measure_rate(struct bench *bench, struct subject *subject, struct load *load, size_t bot)
{
	double used, took;
	int64_t began;

	load_reset(load);
	/* Connections are open, caches are warm; a slow one gets time to end what it has. */
	load_closed(load, OUTSTANDING, SECOND / 5);
	load_until(load, load_now() + SECOND, NULL, NULL);
	load_reset(load);
	used = subject_cpu(subject);
	began = load_now();
	load_closed(load, OUTSTANDING, (int64_t)(bench->seconds * (double)SECOND));
	took = (double)(load_now() - began) / 1e9;
	add(RATE, bot, (double)load_counts(load).done / took);
	add(CPU, bot, (subject_cpu(subject) - used) * 1000 / (double)load_counts(load).done);
}

static bool
measure(struct bench *bench, size_t bot, const char *others, struct load *load, const char *folder)
{
	struct subject subject;

	load_reset(load);
	load_send_at_hello(load);
	if (!(bots[bot].program == OTHER
	    ? start_other(&subject, bench, bot, others, load, folder)
	    : subject_start(&subject, bench, bots[bot].program, load, folder, 0)))
		return false;
	load_until(load, load_now() + 5 * SECOND, first_came, NULL);
	add(START, bot, load_first(load) != 0 ? (double)(load_first(load) - subject.started) / 1e6 : NAN);
	load_until(load, load_now() + SECOND / 2, NULL, NULL);
	add(IDLE, bot, subject_rss(&subject));
	load_reset(load);
	load_paced(load, 200, (int64_t)(bench->seconds * (double)SECOND));
	add(P50, bot, load_acknowledged(load, 50));
	add(P99, bot, load_acknowledged(load, 99));
	measure_rate(bench, &subject, load, bot);
	load_until(load, load_now() + SECOND / 10, NULL, NULL);
	add(LOADED, bot, subject_rss(&subject));
	subject_stop(&subject, load);
	free(subject.folder);
	return true;
}

static bool
is_there(size_t bot, const char *others)
{
	_cleanup_(freep) char *path = bots[bot].program != OTHER ? NULL
	    : xasprintf("%s/%s/%s", others, bots[bot].folder,
	    bots[bot].run[1] != NULL ? bots[bot].run[1] : bots[bot].run[0]);

	return path == NULL || access(path, R_OK) == 0;
}

static void
print_table(bool tls)
{
	printf("\n%-36s", tls ? "over TLS" : "plain");
	for (size_t bot = 0; bot < BOTS; bot++)
		printf("%13s", bots[bot].name);
	for (int i = 0; i < FIGURES; i++) {
		/* The arrow is three bytes and one column. */
		printf("\n%-*s", strstr(figures[i].what, "→") != NULL ? 38 : 36, figures[i].what);
		for (size_t bot = 0; bot < BOTS; bot++)
			if (table[i][bot].count == 0)
				printf("%13s", "-");
			else
				printf("%13.*f", figures[i].decimals, figures_median(&table[i][bot]));
	}
	printf("\n");
	fflush(stdout);
}

static bool
compare(struct bench *bench, const char *others, bool tls)
{
	_cleanup_(freep) char *folder = bench_folder(bench, tls ? "others-tls" : "others");
	struct configuration_options options = { .tools = NULL };
	struct error err = ERROR_INIT;
	struct load *load = load_new(tls, folder, &err);
	bool good = load != NULL && bench_configure(folder, load, &options);

	memset(table, 0, sizeof(table));
	load_say(load, "help");
	for (int i = 0; good && i < bench->repetitions; i++)
		for (size_t bot = 0; good && bot < BOTS; bot++)
			good = !is_there(bot, others) || (tls && bots[bot].plain_only) ||
			    measure(bench, bot, others, load, folder);
	print_table(tls);
	load_free(load);
	return good;
}

bool
bench_others(struct bench *bench, const char *others)
{
	return compare(bench, others, false) && compare(bench, others, true);
}

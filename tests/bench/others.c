/*
 * others.c - bench --others FOLDER: rollcall beside bots made with the libraries that others take.
 *
 * rollcall does its own work for an exchange: parse, permit, audit, render; the others do the floor's.  All
 * of them in one run, in turns, plain and over TLS as Slack is.  The figures are those of exchanges.c and
 * faults.c; the table that is printed is the README's.
 */

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "others.h"

#define SECOND INT64_C(1000000000)
#define OUTSTANDING 64
#define CHILDREN_OUTSTANDING 32
#define CHILDREN_EACH 3
/* Seven programs, twice: three times each is ten minutes. */
#define REPETITIONS_MOST 3

static const struct {
	const char *what;
	int decimals;			/* at most; large ones have fewer */
} rows[FIGURES] = {
	[START] = { "start to the first acknowledgement, ms", 0 },
	[IDLE] = { "memory idle, MB", 0 },
	[LOADED] = { "memory after load, MB", 0 },
	[P50] = { "acknowledged at 200/s, ms: median", 2 },
	[P99] = { "the same: 99 %", 2 },
	[RATE] = { "exchanges a second", 0 },
	[CPU] = { "CPU s for 1,000", 3 },
	[CHILDREN] = { "child exchanges a second, three processes each", 0 },
	[UNHEARD] = { "undelivered or lost of 600 while sockets are replaced", 0 },
	[TOO_LATE] = { "the same: acknowledged after more than 1 s", 0 },
	[NOTICED] = { "a silent socket is noticed after, s", 1 },
};

/* figures[0] plain, figures[1] over TLS */
static struct figures figures[2][FIGURES][BOTS], (*table)[BOTS] = figures[0];

static bool
first_came(const struct load *load, void *arg)
{
	(void)arg;
	return load_first(load) != 0;
}

static bool
all_done(const struct load *load, void *arg)
{
	struct load_counts counts = load_counts(load);

	(void)arg;
	return counts.done == counts.sent;
}

static void
add(enum other_figure figure, size_t bot, double value)
{
	figures_add(&table[figure][bot], value);
}

/* ---- exchanges ---- */

static void
measure_rate(struct bench *bench, struct subject *subject, struct load *load, size_t bot, int outstanding,
    enum other_figure rate)
{
	double used, took;
	int64_t began;

	load_reset(load);
	/* Connections are open, caches are warm; a slow one gets time to end what it has. */
	load_closed(load, outstanding, SECOND / 5);
	load_until(load, load_now() + 5 * SECOND, all_done, NULL);
	load_reset(load);
	used = subject_cpu(subject);
	began = load_now();
	load_closed(load, outstanding, (int64_t)(bench->seconds * (double)SECOND));
	took = (double)(load_now() - began) / 1e9;
	add(rate, bot, (double)load_counts(load).done / took);
	if (rate == RATE && load_counts(load).done > 0)
		add(CPU, bot, (subject_cpu(subject) - used) * 1000 / (double)load_counts(load).done);
}

static void
measure_pace(struct bench *bench, struct load *load, size_t bot)
{
	load_reset(load);
	load_paced(load, 200, (int64_t)(bench->seconds * (double)SECOND));
	/* One that cannot keep up goes on for a while. */
	load_until(load, load_now() + 20 * SECOND, all_done, NULL);
	add(P50, bot, load_acknowledged(load, 50));
	add(P99, bot, load_acknowledged(load, 99));
}

static bool
measure_exchanges(struct bench *bench, size_t bot, struct load *load, const char *folder)
{
	struct subject subject;

	load_reset(load);
	load_send_at_hello(load);
	if (!bot_start(&bots[bot], &subject, bench, load, folder, 0))
		return false;
	load_until(load, load_now() + 5 * SECOND, first_came, NULL);
	add(START, bot, load_first(load) != 0 ? (double)(load_first(load) - subject.started) / 1e6 : NAN);
	load_until(load, load_now() + SECOND / 2, NULL, NULL);
	add(IDLE, bot, subject_rss(&subject));
	measure_pace(bench, load, bot);
	measure_rate(bench, &subject, load, bot, OUTSTANDING, RATE);
	load_until(load, load_now() + SECOND / 10, NULL, NULL);
	add(LOADED, bot, subject_rss(&subject));
	subject_stop(&subject, load);
	free(subject.folder);
	return true;
}

static bool
measure_children(struct bench *bench, size_t bot, struct load *load, const char *folder)
{
	struct subject subject;

	load_reset(load);
	if (!bot_start(&bots[bot], &subject, bench, load, folder, CHILDREN_EACH))
		return false;
	measure_rate(bench, &subject, load, bot, CHILDREN_OUTSTANDING, CHILDREN);
	subject_stop(&subject, load);
	free(subject.folder);
	return true;
}

/* ---- all of them ---- */

static bool
in_turns(struct bench *bench, struct load *load, const char *folder, bool without_443,
    bool (*measure)(struct bench *, size_t, struct load *, const char *))
{
	bool good = true;

	for (int i = 0; good && i < bench->repetitions && i < REPETITIONS_MOST; i++)
		for (size_t bot = 0; good && bot < BOTS; bot++)
			good = !bot_is_there(bench, &bots[bot]) || (without_443 && bots[bot].only_443) ||
			    measure(bench, bot, load, folder);
	return good;
}

static bool
compare(struct bench *bench, bool tls)
{
	_cleanup_(freep) char *folder = bench_folder(bench, tls ? "others-tls" : "others");
	struct configuration_options options = { .tools = NULL };
	struct error err = ERROR_INIT;
	struct load *load = tls ? load_new_at_443(folder, &err) : load_new(false, folder, &err);
	bool without_443 = load == NULL, good;

	if (without_443) {
		printf("over TLS without those of Python: %s\n", err.text);
		load = load_new(tls, folder, &err);
	}
	good = load != NULL && bench_configure(folder, load, &options) &&
	    in_turns(bench, load, folder, without_443, measure_exchanges);
	load_free(load);
	return good;
}

static bool
compare_children(struct bench *bench)
{
	_cleanup_(freep) char *folder = bench_folder(bench, "others-children");
	struct configuration_options options = { .tools = folder };
	struct error err = ERROR_INIT;
	struct load *load = load_new(false, folder, &err);
	bool good = load != NULL && bench_tools(bench, folder) && bench_configure(folder, load, &options) &&
	    in_turns(bench, load, folder, false, measure_children);

	load_free(load);
	return good;
}

/* ---- as the README has it ---- */

static bool
was_measured(int row)
{
	for (size_t bot = 0; bot < BOTS; bot++)
		if (figures[0][row][bot].count + figures[1][row][bot].count > 0)
			return true;
	return false;
}

static void
print_figure(double figure, int decimals)
{
	int fewer = figure >= 100 ? 0 : figure >= 10 ? 1 : figure >= 1 ? 2 : 3;

	if (isnan(figure))
		printf("–");
	else if (isinf(figure))
		printf("never");
	else if (figure >= 1000)
		printf("%d,%03d", (int)(figure + 0.5) / 1000, (int)(figure + 0.5) % 1000);
	else
		printf("%.*f", decimals < fewer ? decimals : fewer, figure);
}

static void
print_cell(int row, size_t bot)
{
	const struct figures *plain = &figures[0][row][bot], *tls = &figures[1][row][bot];

	printf(" ");
	print_figure(figures_median(plain), rows[row].decimals);
	if (tls->count > 0) {
		printf(" (");
		print_figure(figures_median(tls), rows[row].decimals);
		printf(")");
	}
	printf(" |");
}

static void
print_table(void)
{
	printf("\n| plain; TLS in brackets |");
	for (size_t bot = 0; bot < BOTS; bot++)
		printf(" %s |", bots[bot].name);
	printf("\n| --- |");
	for (size_t bot = 0; bot < BOTS; bot++)
		printf(" --: |");
	for (int row = 0; row < FIGURES; row++) {
		if (!was_measured(row))
			continue;
		printf("\n| %s |", rows[row].what);
		for (size_t bot = 0; bot < BOTS; bot++)
			print_cell(row, bot);
	}
	printf("\n\n");
	fflush(stdout);
}

/* BENCH_ONLY=plain|children|faults|tls: that part alone. */
static bool
is_wanted(const char *part)
{
	const char *only = getenv("BENCH_ONLY");

	return only == NULL || string_equal(only, part);
}

bool
bench_others(struct bench *bench)
{
	bool good = (!is_wanted("plain") || compare(bench, false)) &&
	    (!is_wanted("children") || compare_children(bench)) &&
	    (!is_wanted("faults") || bench->smoke || others_faults(bench, table));

	table = figures[1];
	good = good && (!is_wanted("tls") || compare(bench, true));
	print_table();
	return good;
}

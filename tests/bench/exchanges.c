/* exchanges.c - the rows that floor and rollcall have in common: start, memory, pace, throughput, children. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "bench.h"

#define SECOND INT64_C(1000000000)
#define OUTSTANDING 64
#define CHILDREN_OUTSTANDING 32
#define CHILDREN 3	/* of a `rollout history`: identity and Deployment, then its ReplicaSets */

enum { START, IDLE, LOADED, P50, P99, RATE, CPU, ALONE, TURNS, FIGURES };

static struct figures *
figures_of(struct row *row, enum program program)
{
	return program == FLOOR ? &row->floor : &row->rollcall;
}

static int64_t
nanoseconds(double seconds)
{
	return (int64_t)(seconds * (double)SECOND);
}

static bool
first_came(const struct load *load, void *arg)
{
	(void)arg;
	return load_first(load) != 0;
}

/* exec → first acknowledgement, with the state of an earlier run. */
static bool
start_measured(struct subject *subject, struct bench *bench, enum program program, struct load *load,
    const char *folder, struct row *row)
{
	load_reset(load);
	load_send_at_hello(load);
	if (!subject_start(subject, bench, program, load, folder, 0))
		return false;
	load_until(load, load_now() + 5 * SECOND, first_came, NULL);
	if (load_first(load) == 0)
		return false;
	figures_add(figures_of(row, program),
	    (double)(load_first(load) - subject->started) / 1e6);
	return true;
}

static void
measure_pace(struct bench *bench, enum program program, struct load *load, struct row *rows)
{
	load_reset(load);
	load_paced(load, 200, nanoseconds(bench->seconds));
	figures_add(figures_of(&rows[P50], program), load_acknowledged(load, 50));
	figures_add(figures_of(&rows[P99], program), load_acknowledged(load, 99));
}

static void
measure_rate(struct bench *bench, struct subject *subject, struct load *load, int outstanding,
    struct row *rate, struct row *cpu)
{
	double used, took;
	int64_t began;

	load_reset(load);
	load_count(load, outstanding, outstanding * 2);	/* connections are open, caches are warm */
	load_reset(load);
	used = subject_cpu(subject);
	began = load_now();
	load_closed(load, outstanding, nanoseconds(bench->seconds));
	took = (double)(load_now() - began) / 1e9;
	used = subject_cpu(subject) - used;
	figures_add(figures_of(rate, subject->program), (double)load_counts(load).done / took);
	if (cpu != NULL)
		figures_add(figures_of(cpu, subject->program),
		    used * 1000 / (double)load_counts(load).done);
}

static bool
measure_one(struct bench *bench, enum program program, struct load *load, const char *folder,
    struct row *rows)
{
	struct subject subject;

	if (!start_measured(&subject, bench, program, load, folder, &rows[START])) {
		fprintf(stderr, "bench: no acknowledgement came\n");
		bench->failed = true;
		return false;
	}
	load_until(load, load_now() + SECOND / 2, NULL, NULL);
	figures_add(figures_of(&rows[IDLE], program), subject_rss(&subject));
	measure_pace(bench, program, load, rows);
	measure_rate(bench, &subject, load, OUTSTANDING, &rows[RATE], &rows[CPU]);
	load_until(load, load_now() + SECOND / 10, NULL, NULL);
	figures_add(figures_of(&rows[LOADED], program), subject_rss(&subject));
	if (subject_pin(&subject))
		measure_rate(bench, &subject, load, OUTSTANDING, &rows[ALONE], NULL);
	subject_stop(&subject, load);
	if (program == ROLLCALL)
		figures_add(&rows[TURNS].rollcall, subject_turns(&subject, "99.9 % within "));
	free(subject.folder);
	return true;
}

static void
name_rows(struct row *rows, bool tls)
{
	static const struct row plain[FIGURES] = {
		[START] = { .what = "exec → first acknowledgement, ms", .goal = AT_MOST, .bound = 30,
		    .decimals = 1 },
		[IDLE] = { .what = "idle RSS, MB", .goal = AT_MOST, .bound = 16, .decimals = 1 },
		[LOADED] = { .what = "RSS after load, MB", .goal = AT_MOST, .bound = 24, .decimals = 1 },
		[P50] = { .what = "reads at 200/s, acknowledgement p50, ms", .goal = AT_MOST_MORE,
		    .bound = 0.15, .decimals = 2 },
		[P99] = { .what = "reads at 200/s, acknowledgement p99, ms", .goal = AT_MOST, .bound = 1,
		    .decimals = 2 },
		[RATE] = { .what = "exchanges a second", .goal = AT_LEAST_TIMES, .bound = 0.55 },
		[CPU] = { .what = "CPU s for 1,000 exchanges", .goal = AT_MOST_TIMES, .bound = 2,
		    .decimals = 3 },
		[ALONE] = { .what = "exchanges a second, the bot on one processor" },
		[TURNS] = { .what = "turns of the loop, 99.9th percentile, ms of CPU", .goal = AT_MOST,
		    .bound = 10, .decimals = 2 },
	};
	static const char *const over_tls[FIGURES] = { "TLS: exec → first acknowledgement, ms",
		"TLS: idle RSS, MB", "TLS: RSS after load, MB", "TLS: reads at 200/s, acknowledgement p50, ms",
		"TLS: reads at 200/s, acknowledgement p99, ms", "TLS: exchanges a second",
		"TLS: CPU s for 1,000 exchanges", "TLS: exchanges a second, the bot on one processor",
		"TLS: turns of the loop, 99.9th percentile, ms of CPU" };

	memcpy(rows, plain, sizeof(plain));
	for (int i = 0; tls && i < FIGURES; i++)
		rows[i].what = over_tls[i];
	if (!tls)
		return;
	rows[RATE].bound = 0.6;
	/* The goals of start and memory are those of the plain ones. */
	rows[START].goal = rows[IDLE].goal = rows[LOADED].goal = NO_GOAL;
}

bool
bench_exchanges(struct bench *bench, bool tls)
{
	_cleanup_(freep) char *folder = bench_folder(bench, tls ? "tls" : "plain");
	struct configuration_options options = { .tools = NULL };
	struct error err = ERROR_INIT;
	struct load *load = load_new(tls, folder, &err);
	struct row rows[FIGURES];
	bool good = load != NULL && bench_configure(folder, load, &options);

	name_rows(rows, tls);
	load_say(load, "help");
	for (int i = 0; good && i < bench->repetitions; i++)
		good = measure_one(bench, FLOOR, load, folder, rows) &&
		    measure_one(bench, ROLLCALL, load, folder, rows);
	for (int i = 0; i < FIGURES; i++)
		table_add(&rows[i]);
	load_free(load);
	return good;
}

/* ---- committed: a command that is kept before it is acknowledged ---- */

bool
bench_committed(struct bench *bench)
{
	_cleanup_(freep) char *folder = bench_folder(bench, "committed");
	struct configuration_options options = { .tools = folder };
	struct row p50 = { .what = "committed at 200/s, acknowledgement p50, ms", .goal = AT_MOST,
		.bound = 4, .decimals = 2 };
	struct row p99 = { .what = "committed at 200/s, acknowledgement p99, ms", .goal = AT_MOST,
		.bound = 40, .decimals = 2 };
	struct error err = ERROR_INIT;
	struct load *load = load_new(false, folder, &err);
	struct subject subject;
	bool good = bench_tools(bench, folder) && bench_configure(folder, load, &options) &&
	    subject_start(&subject, bench, ROLLCALL, load, folder, 0);

	load_say(load, "whoami");	/* kept: its answer is one of those that outlive a crash */
	for (int i = 0; good && i < bench->repetitions; i++) {
		load_reset(load);
		load_paced(load, 200, nanoseconds(bench->seconds));
		figures_add(&p50.rollcall, load_acknowledged(load, 50));
		figures_add(&p99.rollcall, load_acknowledged(load, 99));
	}
	table_add(&p50);
	table_add(&p99);
	if (good) {
		subject_stop(&subject, load);
		free(subject.folder);
	}
	load_free(load);
	return good;
}

/* ---- children ---- */

static bool
measure_children(struct bench *bench, enum program program, struct load *load, const char *folder,
    struct row *rate, struct row *turns)
{
	struct subject subject;

	if (!subject_start(&subject, bench, program, load, folder, CHILDREN))
		return false;
	load_reset(load);
	measure_rate(bench, &subject, load, CHILDREN_OUTSTANDING, rate, NULL);
	subject_stop(&subject, load);
	if (program == ROLLCALL)
		figures_add(&turns->rollcall, subject_turns(&subject, "99.9 % within "));
	free(subject.folder);
	return true;
}

bool
bench_children(struct bench *bench)
{
	_cleanup_(freep) char *folder = bench_folder(bench, "children");
	struct configuration_options options = { .tools = folder };
	struct row rate = { .what = "child exchanges a second, each committed (3 processes each)",
		.goal = AT_LEAST_TIMES, .bound = 0.85 };
	struct row turns = { .what = "turns of the loop with children, 99.9th percentile, ms of CPU",
		.goal = AT_MOST, .bound = 10, .decimals = 2 };
	struct error err = ERROR_INIT;
	struct load *load = load_new(false, folder, &err);
	bool good = bench_tools(bench, folder) && bench_configure(folder, load, &options);

	load_say(load, "rollout history chatops-gateway");
	for (int i = 0; good && i < bench->repetitions; i++)
		good = measure_children(bench, FLOOR, load, folder, &rate, &turns) &&
		    measure_children(bench, ROLLCALL, load, folder, &rate, &turns);
	table_add(&rate);
	table_add(&turns);
	load_free(load);
	return good;
}

/* sizes.c - what grows when there are many targets, rules and records, and how. */

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/text.h"
#include "bench.h"
#include "bot/store.h"

#define SECOND INT64_C(1000000000)
#define SIZES 3
#define GROUP 5000		/* records in one transaction */

struct size {
	size_t count;
	double start;		/* exec → first acknowledgement, ms */
	double rss;		/* MB */
	double acknowledged;	/* ms, median */
	double verify;		/* `audit verify`, ms; NaN: not asked */
};

/* How often it is slower when there is so many times more: 1 is linear. */
static double
growth(double few, double many, size_t few_count, size_t many_count)
{
	return log(many / few) / log((double)many_count / (double)few_count);
}

static void
print_sizes(const char *what, const char *asked, const struct size *sizes)
{
	printf("\n%-16s%22s%14s  %s\n", what, "first ack, ms", "RSS, MB", asked);
	for (int i = 0; i < SIZES; i++) {
		printf("%16zu%22.1f%14.1f  %.2f ms", sizes[i].count, sizes[i].start, sizes[i].rss,
		    sizes[i].acknowledged);
		if (!isnan(sizes[i].verify))
			printf(", audit verify %.0f ms", sizes[i].verify);
		printf("\n");
	}
	fflush(stdout);
}

static bool
first_came(const struct load *load, void *arg)
{
	(void)arg;
	return load_first(load) != 0;
}

/* words: a slash command that is asked often; "whoami" is what the first acknowledgement is of. */
static bool
measure_size(struct bench *bench, struct load *load, const char *folder, const char *command,
    const char *words, struct size *size)
{
	struct subject subject;

	load_say(load, "whoami");
	load_reset(load);
	load_send_at_hello(load);
	if (!subject_start(&subject, bench, ROLLCALL, load, folder, 0))
		return false;
	load_until(load, load_now() + 20 * SECOND, first_came, NULL);
	size->start = load_first(load) != 0 ? (double)(load_first(load) - subject.started) / 1e6 : NAN;
	size->rss = subject_rss(&subject);
	load_command(load, command, words);
	load_reset(load);
	load_paced(load, 25, (int64_t)(bench->seconds * (double)SECOND));
	size->acknowledged = load_acknowledged(load, 50);
	subject_stop(&subject, load);
	free(subject.folder);
	return true;
}

/* ---- records ---- */

static bool
add_records(const char *path, size_t many, struct error *err)
{
	struct audit_row row = { .stamp = 1763708400000, .kind = "request", .actor = BENCH_PERSON,
		.door = "slash", .channel = BENCH_CHANNEL, .text = "rollback chatops-gateway to 5",
		.rule = "rule 1", .detail = "{}" };
	void *db = store_sqlite.open(path, err);
	bool good = db != NULL;

	for (size_t done = 0; good && done < many;) {
		good = store_sqlite.begin(db, err);
		for (size_t i = 0; good && i < GROUP && done < many; i++, done++)
			good = store_sqlite.audit_add(db, &row, err);
		good = good && store_sqlite.commit(db, err);
	}
	if (db != NULL)
		store_sqlite.close(db);
	return good;
}

static double
time_verify(const struct bench *bench, const char *folder)
{
	_cleanup_(freep) char *program = xasprintf("%s/rollcall", bench->build);
	_cleanup_(freep) char *configuration = xasprintf("%s/rollcall.yaml", folder);
	int64_t began = load_now();

	return bench_run((const char *const[]){ program, "audit", "verify", "--config", configuration, NULL }) ? (double)(load_now() - began) / 1e6 : NAN;
}

/* ---- the three tables ---- */

static bool
measure_targets(struct bench *bench, struct size *sizes)
{
	for (int i = 0; i < SIZES; i++) {
		_cleanup_(freep) char *folder = bench_folder(bench, "targets");
		struct configuration_options options = { .targets = sizes[i].count };
		struct error err = ERROR_INIT;
		struct load *load = load_new(false, folder, &err);
		bool good = load != NULL && bench_configure(folder, load, &options) &&
		    measure_size(bench, load, folder, "/rollback", "servise-00042 to 5", &sizes[i]);

		sizes[i].verify = NAN;
		load_free(load);
		if (!good)
			return false;
	}
	print_sizes("targets", "a misspelt target: the nearest is offered", sizes);
	return true;
}

static bool
measure_rules(struct bench *bench, struct size *sizes)
{
	for (int i = 0; i < SIZES; i++) {
		_cleanup_(freep) char *folder = bench_folder(bench, "rules");
		struct configuration_options options = { .rules = sizes[i].count };
		struct error err = ERROR_INIT;
		struct load *load = load_new(false, folder, &err);
		bool good = load != NULL && bench_configure(folder, load, &options) &&
		    measure_size(bench, load, folder, "/ops", "list", &sizes[i]);

		sizes[i].verify = NAN;
		load_free(load);
		if (!good)
			return false;
	}
	print_sizes("rules", "a command that the last rule allows", sizes);
	return true;
}

static bool
measure_records(struct bench *bench, struct size *sizes)
{
	_cleanup_(freep) char *folder = bench_folder(bench, "records");
	_cleanup_(freep) char *path = xasprintf("%s/state/rollcall.db", folder);
	_cleanup_(freep) char *state = xasprintf("%s/state", folder);
	struct configuration_options options = { .tools = NULL };
	struct error err = ERROR_INIT;
	struct load *load = load_new(false, folder, &err);
	bool good = load != NULL && mkdir(state, 0700) == 0 && bench_configure(folder, load, &options);
	size_t there = 0;

	for (int i = 0; good && i < SIZES; i++) {
		good = add_records(path, sizes[i].count - there, &err) &&
		    measure_size(bench, load, folder, "/ops", "list", &sizes[i]);
		there = sizes[i].count;
		sizes[i].verify = time_verify(bench, folder);
	}
	if (err.kind != ERROR_NONE)
		fprintf(stderr, "bench: %s\n", err.text);
	load_free(load);
	if (good)
		print_sizes("audit records", "ops list, kept before it is answered", sizes);
	return good;
}

bool
bench_sizes(struct bench *bench)
{
	struct size targets[SIZES] = { { .count = 100 }, { .count = 1000 }, { .count = 10000 } };
	struct size rules[SIZES] = { { .count = 10 }, { .count = 100 }, { .count = 1000 } };
	struct size records[SIZES] = { { .count = 10000 }, { .count = 100000 }, { .count = 1000000 } };
	struct row of_targets = { .what = "10,000 targets: growth of the start since 1,000 (1: linear)",
		.goal = AT_MOST, .bound = 1.1, .decimals = 2 };
	struct row of_offers = { .what = "10,000 targets: growth of an offered name since 1,000",
		.goal = AT_MOST, .bound = 1.1, .decimals = 2 };
	struct row of_rules = { .what = "1,000 rules: growth of an acknowledgement since 100",
		.goal = AT_MOST, .bound = 1.1, .decimals = 2 };
	struct row of_records = { .what = "growth of audit verify over ten times more records",
		.goal = AT_MOST, .bound = 1.1, .decimals = 2 };

	if (bench->brief)
		for (int i = 0; i < SIZES; i++)
			records[i].count /= 10;
	if (!measure_targets(bench, targets) || !measure_rules(bench, rules) ||
	    !measure_records(bench, records))
		return false;
	figures_add(&of_targets.rollcall, growth(targets[1].start, targets[2].start, 1000, 10000));
	figures_add(&of_offers.rollcall,
	    growth(targets[1].acknowledged, targets[2].acknowledged, 1000, 10000));
	figures_add(&of_rules.rollcall, growth(rules[1].acknowledged, rules[2].acknowledged, 100, 1000));
	figures_add(&of_records.rollcall, growth(records[1].verify, records[2].verify, 1, 10));
	table_add(&of_targets);
	table_add(&of_offers);
	table_add(&of_rules);
	table_add(&of_records);
	return true;
}

/* operations.c - many operations at once, one card that lives, a million envelopes. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/text.h"
#include "bench.h"

#define SECOND INT64_C(1000000000)
#define OPERATIONS 500
#define QUIET 3000		/* ms before a line after which it should stand within 1.2 s */

static bool
has_cards(const struct load *load, void *wanted)
{
	return load_counts(load).cards >= *(int *)wanted;
}

bool
bench_operations(struct bench *bench)
{
	static char note[80];
	_cleanup_(freep) char *folder = bench_folder(bench, "operations");
	struct configuration_options options = { .tools = folder };
	struct row rss = { .what = "RSS with 500 operations in flight, MB", .goal = AT_MOST, .bound = 64,
		.decimals = 1, .note = note };
	int wanted = bench->smoke ? 20 : OPERATIONS;
	struct error err = ERROR_INIT;
	struct load *load = load_new(false, folder, &err);
	struct subject subject;
	int64_t began = load_now();
	bool good = load != NULL && bench_tools(bench, folder) && bench_configure(folder, load, &options) &&
	    subject_start(&subject, bench, ROLLCALL, load, folder, 0);

	if (good) {
		load_reset(load);
		load_command(load, "/rollback", "chatops-gateway to 5 because bench");
		load_count(load, 16, wanted);
		good = load_until(load, load_now() + 60 * SECOND, has_cards, &wanted);
		figures_add(&rss.rollcall, subject_rss(&subject));
		snprintf(note, sizeof(note), "%lld cards with a plan, %.1f s", (long long)load_counts(load).cards,
		    (double)(load_now() - began) / 1e9);
		subject_stop(&subject, load);
		free(subject.folder);
	}
	table_add(&rss);
	load_free(load);
	return good;
}

/* ---- from a tool's line to the card ---- */

struct lines {
	int last;		/* the newest that was seen on the card */
	int64_t printed;	/* ms since 1970, of the one before it */
	int quiet_count, busy_count;
	double quiet, busy;	/* ms, the slowest */
};

static int64_t
wall_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void
see_line(struct lines *lines, int number, int64_t printed)
{
	double took = (double)(wall_ms() - printed);

	if (number <= lines->last)
		return;
	if (number == lines->last + 1 && printed - lines->printed >= QUIET) {
		lines->quiet_count++;
		if (took > lines->quiet)
			lines->quiet = took;
	} else {
		lines->busy_count++;
		if (took > lines->busy)
			lines->busy = took;
	}
	lines->last = number;
	lines->printed = printed;
}

static void
on_drawing(void *arg, const char *body, size_t length)
{
	_cleanup_(freep) char *copy = xstrndup(body, length);
	int number;
	long long printed;

	for (const char *at = copy; (at = strstr(at, "line ")) != NULL; at++)
		if (sscanf(at, "line %d at %lld", &number, &printed) == 2)
			see_line(arg, number, printed);
}

/* Lines after 4 s of quiet each, then one every 300 ms. */
static bool
write_rhythm(const char *folder, int quiet, int busy)
{
	_cleanup_(text_clear) struct text out = TEXT_INIT;

	for (int i = 0; i < quiet; i++)
		text_add(&out, "4000\n");
	for (int i = 0; i < busy; i++)
		text_add(&out, "300\n");
	return bench_write(folder, "rhythm", out.data);
}

static bool
make_world(struct bench *bench, const char *folder)
{
	_cleanup_(freep) char *world = xasprintf("%s/world", folder);
	_cleanup_(freep) char *cluster = xasprintf("%s/rollcall-cluster", bench->build);
	_cleanup_(freep) char *whole = realpath(cluster, NULL);
	_cleanup_(freep) char *state = xasprintf("%s/cluster.json", world);
	_cleanup_(freep) char *tool = xasprintf("%s/bench-tool", bench->build);
	_cleanup_(freep) char *front = xasprintf("%s/kubectl", folder);
	_cleanup_(freep) char *kubectl = xasprintf("%s/kubectl", world);

	return whole != NULL && mkdir(world, 0700) == 0 && symlink(whole, kubectl) == 0 &&
	    bench_run((const char *const[]){ cluster, "init", state, NULL }) &&
	    bench_run((const char *const[]){ "cp", tool, front, NULL }) && bench_write(folder, "cluster", kubectl);
}

static bool
has_ended(const struct load *load, void *arg)
{
	(void)arg;
	return strstr(load_card(load), "Rolled back") != NULL;
}

static bool
run_rollback(struct bench *bench, struct load *load, struct lines *lines)
{
	struct error err = ERROR_INIT;
	int one = 1;

	load_reset(load);
	load_on_message(load, on_drawing, lines);
	load_command(load, "/rollback", "chatops-gateway to 5 because bench");
	load_send(load);
	if (!load_until(load, load_now() + 10 * SECOND, has_cards, &one) ||
	    !load_press(load, "start", &err)) {
		fprintf(stderr, "bench: the rollback was not started: %s\n%s\n", err.text, load_card(load));
		return false;
	}
	if (load_until(load, load_now() + (bench->brief ? 60 : 90) * SECOND, has_ended, NULL))
		return true;
	fprintf(stderr, "bench: the rollback did not end: %s\n", load_card(load));
	return false;
}

bool
bench_card(struct bench *bench)
{
	static char note[80];
	_cleanup_(freep) char *folder = bench_folder(bench, "card");
	struct configuration_options options = { .tools = folder,
		.limits = "commands_per_minute: 10" };
	struct row quiet = { .what = "a tool's line stands on the card after 3 s of quiet, ms",
		.goal = AT_MOST, .bound = 1200 };
	struct row busy = { .what = "a tool's line stands on the card, ms", .goal = AT_MOST, .bound = 2000,
		.note = note };
	struct lines lines = { .last = 0 };
	struct error err = ERROR_INIT;
	struct load *load = load_new(false, folder, &err);
	struct subject subject;
	bool good = load != NULL && write_rhythm(folder, bench->brief ? 2 : 4, bench->brief ? 15 : 40) &&
	    make_world(bench, folder) && bench_configure(folder, load, &options) &&
	    subject_start(&subject, bench, ROLLCALL, load, folder, 0);

	if (good) {
		good = run_rollback(bench, load, &lines);
		if (lines.quiet_count > 0)
			figures_add(&quiet.rollcall, lines.quiet);
		if (lines.busy_count > 0)
			figures_add(&busy.rollcall, lines.busy);
		snprintf(note, sizeof(note), "slowest of %d and %d", lines.quiet_count, lines.busy_count);
		subject_stop(&subject, load);
		free(subject.folder);
	}
	table_add(&quiet);
	table_add(&busy);
	load_free(load);
	return good && lines.busy_count > 0;
}

/* ---- a million envelopes ---- */

bool
bench_million(struct bench *bench)
{
	static char note[80];
	_cleanup_(freep) char *folder = bench_folder(bench, "million");
	struct configuration_options options = { .tools = NULL };
	struct row growth = { .what = "RSS grows from 100,000 envelopes to a million by, MB", .goal = AT_MOST,
		.bound = 1, .decimals = 2, .note = note };
	struct error err = ERROR_INIT;
	struct load *load = load_new(false, folder, &err);
	struct subject subject;
	double before, after;
	bool good = load != NULL && bench_configure(folder, load, &options) &&
	    subject_start(&subject, bench, ROLLCALL, load, folder, 0);

	if (good) {
		load_say(load, "help");
		load_reset(load);
		load_count(load, 64, 100000);
		before = subject_rss(&subject);
		load_reset(load);
		load_count(load, 64, 900000);
		after = subject_rss(&subject);
		good = load_counts(load).done == 900000;
		figures_add(&growth.rollcall, after - before);
		snprintf(note, sizeof(note), "%.1f MB, then %.1f MB", before, after);
		subject_stop(&subject, load);
		free(subject.folder);
	}
	table_add(&growth);
	load_free(load);
	return good;
}

/* faults.c - what is lost when sockets are replaced or fall silent. */

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "bench.h"

#define SECOND INT64_C(1000000000)
#define RATE 25
#define REFRESH_EVERY (4 * SECOND)

static bool
start_alone(struct subject *subject, struct bench *bench, const char *name, struct load **load)
{
	_cleanup_(freep) char *folder = bench_folder(bench, name);
	struct configuration_options options = { .tools = NULL };
	struct error err = ERROR_INIT;

	*load = load_new(true, folder, &err);
	if (*load == NULL || !bench_configure(folder, *load, &options))
		return false;
	load_say(*load, "help");
	return subject_start(subject, bench, ROLLCALL, *load, folder, 0);
}

static bool
all_acknowledged(const struct load *load, void *arg)
{
	struct load_counts counts = load_counts(load);

	(void)arg;
	return counts.acked == counts.sent;
}

int
faults_refresh(struct load *load, int seconds)
{
	int64_t began = load_now(), next = began + REFRESH_EVERY / 2, due = began;
	int refreshed = 0;

	load_reset(load);
	for (int64_t i = 0; due < began + seconds * SECOND; i++) {
		load_until(load, due, NULL, NULL);
		if (load_now() >= next) {
			refreshed += load_standing(load) > 0;
			load_refresh(load);
			next += REFRESH_EVERY;
		}
		load_send(load);
		due = began + (i + 1) * SECOND / RATE;
	}
	load_until(load, load_now() + 5 * SECOND, all_acknowledged, NULL);
	return refreshed;
}

bool
bench_refresh(struct bench *bench)
{
	static char note[80];
	struct row lost = { .what = "TLS: refresh at 25/s: undelivered or lost", .goal = EXACTLY };
	struct row late = { .what = "TLS: refresh at 25/s: acknowledged after more than 1 s",
		.goal = EXACTLY, .note = note };
	int seconds = bench->brief ? 10 : 24, refreshed = 0;
	struct load_counts counts;
	struct subject subject;
	struct load *load;
	bool good = start_alone(&subject, bench, "refresh", &load);

	if (good) {
		refreshed = faults_refresh(load, seconds);
		counts = load_counts(load);
		figures_add(&lost.rollcall, (double)(counts.undelivered + counts.sent - counts.acked));
		figures_add(&late.rollcall, (double)counts.late);
		snprintf(note, sizeof(note), "in %d s, %d refreshes, slowest %.1f ms", seconds, refreshed,
		    load_acknowledged(load, 100));
		subject_stop(&subject, load);
		free(subject.folder);
	}
	table_add(&lost);
	table_add(&late);
	load_free(load);
	return good && refreshed > 0;
}

static bool
is_noticed(const struct load *load, void *arg)
{
	(void)arg;
	return load_noticed(load) != 0;
}

/* Nothing is read from the socket or written to it any more; its connection stays. */
double
faults_silence(struct load *load, int most)
{
	int64_t began = load_now();

	load_stall(load);
	for (int i = 0; i < most * RATE && load_noticed(load) == 0; i++) {
		load_send(load);
		load_until(load, load_now() + SECOND / RATE, is_noticed, NULL);
	}
	return load_noticed(load) != 0 ? (double)(load_noticed(load) - began) / 1e9 : NAN;
}

bool
bench_silence(struct bench *bench)
{
	static char note[80];
	struct row noticed = { .what = "TLS: silent socket noticed after, s", .goal = AT_MOST, .bound = 10,
		.decimals = 1 };
	struct row lost = { .what = "TLS: events sent to it that never came", .goal = EXACTLY,
		.note = note };
	struct load_counts counts;
	struct subject subject;
	struct load *load;
	double seconds;
	bool good = start_alone(&subject, bench, "silence", &load);

	if (good) {
		load_reset(load);
		load_paced(load, RATE, SECOND / 2);
		seconds = faults_silence(load, 15);
		figures_add(&noticed.rollcall, isnan(seconds) ? 99 : seconds);
		load_until(load, load_now() + SECOND / 2, NULL, NULL);
		load_repeat(load);
		load_until(load, load_now() + 5 * SECOND, all_acknowledged, NULL);
		counts = load_counts(load);
		figures_add(&lost.rollcall, (double)(counts.sent - counts.acked));
		snprintf(note, sizeof(note), "%lld of %lld came at the second try",
		    (long long)counts.repeated, (long long)counts.sent);
		subject_stop(&subject, load);
		free(subject.folder);
	}
	table_add(&noticed);
	table_add(&lost);
	load_free(load);
	return good;
}

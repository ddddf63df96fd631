/*
 * others_faults.c - what the bots lose when sockets are replaced, and when they notice a silent one.
 *
 * They wait most of the time, so all are looked at at once: each in a process of its own with a Slack of
 * its own, plain, since a port 443 is there only once.  The floor ends when its socket does.
 */

#include <fcntl.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/text.h"
#include "others.h"

#define SECOND INT64_C(1000000000)
#define REFRESH_SECONDS 24
#define SILENCE_SECONDS 60

struct answer {
	bool good;
	double lost, late, noticed;
};

static bool
one_stands(const struct load *load, void *arg)
{
	(void)arg;
	return load_standing(load) > 0;
}

static struct answer
measure(struct bench *bench, const struct bot *bot, const char *folder)
{
	struct configuration_options options = { .tools = NULL };
	struct error err = ERROR_INIT;
	struct load *load = load_new(false, folder, &err);
	struct answer answer = { .good = load != NULL && bench_configure(folder, load, &options) };
	struct load_counts counts;
	struct subject subject;

	if (!answer.good || !bot_start(bot, &subject, bench, load, folder, 0))
		return (struct answer){ .good = false };
	load_until(load, load_now() + 2 * SECOND, NULL, NULL);
	answer.good = faults_refresh(load, REFRESH_SECONDS) > 0;
	counts = load_counts(load);
	answer.lost = (double)(counts.undelivered + counts.sent - counts.acked);
	answer.late = (double)counts.late;
	load_until(load, load_now() + 20 * SECOND, one_stands, NULL);
	/* What was told to go is closed by now. */
	load_until(load, load_now() + 4 * SECOND, NULL, NULL);
	answer.noticed = faults_silence(load, SILENCE_SECONDS);
	subject_stop(&subject, load);
	return answer;
}

/* Its answer comes through what is given back; a child of a run that was stopped ends itself. */
static int
begin(struct bench *bench, size_t bot, const char *folder)
{
	struct answer answer;
	int ends[2];
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) != 0 || (pid = fork()) < 0) {
		perror("bench");
		exit(2);
	}
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGTERM);
		answer = measure(bench, &bots[bot], folder);
		_exit(write(ends[1], &answer, sizeof(answer)) == sizeof(answer) ? 0 : 1);
	}
	close(ends[1]);
	return ends[0];
}

static bool
end(int fd, size_t bot, struct figures table[FIGURES][BOTS])
{
	struct answer answer;
	bool good = read(fd, &answer, sizeof(answer)) == sizeof(answer) && answer.good;

	close(fd);
	wait(NULL);
	if (!good) {
		fprintf(stderr, "bench: %s could not be looked at with broken sockets\n", bots[bot].name);
		return false;
	}
	figures_add(&table[UNHEARD][bot], answer.lost);
	figures_add(&table[TOO_LATE][bot], answer.late);
	figures_add(&table[NOTICED][bot], isnan(answer.noticed) ? INFINITY : answer.noticed);
	return true;
}

bool
others_faults(struct bench *bench, struct figures table[FIGURES][BOTS])
{
	int ends[BOTS];
	bool good = true;

	for (size_t bot = 0; bot < BOTS; bot++) {
		_cleanup_(freep) char *folder = bench_folder(bench, "faults");

		ends[bot] = bots[bot].program != FLOOR && bot_is_there(bench, &bots[bot])
		    ? begin(bench, bot, folder) : -1;
	}
	for (size_t bot = 0; bot < BOTS; bot++)
		if (ends[bot] >= 0)
			good = end(ends[bot], bot, table) && good;
	return good;
}

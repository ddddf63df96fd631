/*
 * bench.h - what the parts of `make bench` share: the measured programs and the table.
 *
 * A subject is one of the programs under measurement, rollcall, the floor or another bot, running as a child
 * in a folder of its own.  Its figures are read from the kernel.  A row of the table is one figure of both; its
 * goal says how rollcall's must stand to the floor's or to a number.
 */
#ifndef BENCH_BENCH_H
#define BENCH_BENCH_H

#include <sys/types.h>

#include "load.h"

struct bench {
	const char *build;	/* where rollcall and bench-floor are */
	const char *source;	/* where tests/ is */
	const char *others;	/* what fetch.sh filled; NULL: rollcall and the floor alone */
	char *folder;		/* our own; removed at the end */
	int repetitions;
	double seconds;		/* of a saturated or paced stretch */
	bool smoke, brief, long_run;
	bool failed;		/* something did not work at all */
};

/* ---- programs ---- */

enum program { FLOOR, ROLLCALL, OTHER };

struct configuration_options {
	const char *more;	/* further sections; NULL: none */
	const char *limits;	/* inside of limits: { … }; NULL: those of a measurement */
	const char *tools;	/* folder with kubectl; NULL: none */
	size_t targets, rules;	/* that many more of each */
};

struct subject {
	enum program program;
	pid_t pid;
	char *folder;
	int64_t started;	/* ns */
};

char *bench_folder(struct bench *, const char *name);	/* made, empty */
/* A program, found on PATH, to its end and unheard; argv ends with NULL.  Did it end with 0? */
bool bench_run(const char *const argv[]);
bool bench_write(const char *folder, const char *name, const char *content);
/* rollcall.yaml in the folder, for that load. */
bool bench_configure(const char *folder, const struct load *, const struct configuration_options *);

/* kubectl that says what was once recorded, and its answers. */
bool bench_tools(const struct bench *, const char *folder);

/* Starts it and serves until its sockets stand; children: of the floor, for each exchange. */
bool subject_start(struct subject *, struct bench *, enum program, struct load *, const char *folder,
    int children);
/* The same of any program, argv[0] its path, that opens so many sockets. */
bool subject_run(struct subject *, struct bench *, char *const argv[], int sockets, struct load *,
    const char *folder);
void subject_stop(struct subject *, struct load *);
double subject_rss(const struct subject *);	/* MB */
double subject_cpu(const struct subject *);	/* s, all of its threads, no children */
/* All of its threads on the last processor from now on: then the floor's two threads are no more than our one
 * loop.  False: there is only one processor, or the kernel refuses. */
bool subject_pin(const struct subject *);
/* How many ms of CPU 99.9 % of the loop's turns took at most, as it wrote into its log. */
double subject_turns(const struct subject *, const char *word);
char *subject_log(const struct subject *);

/* ---- figures ---- */

struct figures {
	double item[16];
	size_t count;
};
void figures_add(struct figures *, double value);
double figures_median(const struct figures *);	/* NaN: none */

enum goal {
	NO_GOAL,
	AT_MOST,		/* rollcall ≤ bound */
	AT_MOST_TIMES,		/* rollcall ≤ bound × floor */
	AT_MOST_MORE,		/* rollcall ≤ floor + bound */
	AT_LEAST_TIMES,		/* rollcall ≥ bound × floor */
	EXACTLY,
};

struct row {
	const char *what;
	struct figures floor, rollcall, ratio;	/* ratio: of neighbours; empty: of the medians */
	enum goal goal;
	double bound;
	int decimals;
	const char *note;
};

void table_add(const struct row *);
bool table_print(const struct bench *);		/* false: a figure misses its goal */

/* ---- parts ---- */

bool bench_exchanges(struct bench *, bool tls);
bool bench_committed(struct bench *);
bool bench_children(struct bench *);
bool bench_refresh(struct bench *);
bool bench_silence(struct bench *);
bool bench_operations(struct bench *);
bool bench_card(struct bench *);
bool bench_sizes(struct bench *);
bool bench_million(struct bench *);

/* Prints tables of its own: rollcall and what others build bots with. */
bool bench_others(struct bench *);

/* Asks 25 times a second while each socket in its turn is told to go; how often that was. */
int faults_refresh(struct load *, int seconds);
/* The oldest socket falls silent: after how many seconds its owner closes it; NaN: not within so many. */
double faults_silence(struct load *, int most);

#endif

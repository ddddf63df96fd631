/*
 * job.h - one child process: its output, its exit, its time limit.
 *
 * job_start is the only way to run a program.  It judges the final vector (words.h), resolves argv[0] to
 * the configured file, builds the environment from nothing (decision C1) and never uses a shell.
 *
 * Two ways of running:
 *  - reads: pipes; killed at our end and run again after a restart.
 *  - with a spool folder: for what changes something, and for waits that carry the live tail.  The tool
 *    runs under rollcall-exec, in a session of its own, stdout and stderr being files in that folder, and
 *    outlives us (decision E4).  job_adopt finds it again.  rollcall-exec claims the folder (a file "claim"
 *    made with O_EXCL) before it starts the tool; a restart that finds no claim takes it itself, so a tool
 *    is never started behind the back of the one who decided that it was not.
 *
 * Output reaches `output` masked and made harmless, in pieces that are not lines.  The full text of a
 * read, raw, is in the result, at most `keep` bytes; beyond that `cut` is set.
 *
 * At the limit: SIGTERM to the group (SIGINT when the step says so), 5 s of grace, SIGKILL; done() still
 * comes.  done() comes once, after the exit status and the end of the output, never before job_start
 * returned.  The struct is ours; the caller forgets it in done().
 */
#ifndef BOT_JOB_H
#define BOT_JOB_H

#include "base/mask.h"
#include "configuration.h"
#include "loop.h"
#include "plan.h"

struct job;
struct jobs;		/* the spawners, the limit on children, the folders */

/*
 * What the doctor asks of a tool; every member may be NULL.  may: the vector whose exit status 0 means that
 * our account may do it, 1 that it may not.  reach: a read that says whether a cluster is there.
 */
struct right;
enum reached { REACHED, REACHED_FORBIDDEN, REACHED_UNKNOWN_US, NOT_REACHED };
struct tool_questions {
	char **(*version)(struct plan *);
	const char *(*read_version)(struct arena *, const char *out, size_t length);	/* NULL: unreadable */
	char **(*reach)(struct plan *);
	enum reached (*read_reach)(int exit, const char *errors);
	char **(*may)(struct plan *, const char *namespace, const struct right *, const char *name);
	bool (*no_such_kind)(const char *errors);	/* the cluster has none of it: no right is needed */
};

/* What a tool needs beside the common environment; registered by main, implemented in adapters/tools. */
struct tool {
	const char *name;	/* logical: argv[0] */
	/* How this cluster is reached, looked at when a configuration is loaded: false is a mistake there (AR4).
	 * NULL: nothing is looked at. */
	bool (*check)(const struct cluster *, struct error *);
	/* Adds "NAME=value" strings for this cluster. folder: private, 0700, for files of ours. */
	bool (*environment)(struct arena *, const struct cluster *, const char *folder,
	    void (*add)(void *, const char *), void *arg, struct error *);
	const struct tool_questions *questions;
};
void tools_register(const struct tool *table);	/* ends with name NULL */
const struct tool *tool_find(const char *name);
const struct tool *tools_all(void);

struct job_result {
	int exit;		/* −1: killed by a signal or at the limit; −2: not started, see error */
	const char *out;	/* raw stdout, not with a spool */
	size_t length;
	const char *errors;	/* cleaned and masked stderr, at most 4 KiB, the middle cut */
	bool cut, late, lost;	/* lost: the child is gone and left no exit status */
	struct error error;
};

struct job_options {
	char *const *argv;
	const struct configuration *configuration;	/* with the cluster: for the call only */
	const struct cluster *cluster;	/* NULL: none */
	struct mask_set *mask;
	int64_t limit;
	enum cancel cancel;
	size_t keep;
	const char *spool;		/* folder; NULL: pipes */
	void (*output)(void *arg, const char *text, size_t length, bool errors);	/* may be NULL */
	void (*done)(void *arg, const struct job_result *);
	void *arg;
};

struct jobs *jobs_new(struct loop *, const char *folder /* state folder */, const char *exec_program,
    struct error *);
void jobs_free(struct jobs *);
size_t jobs_running(const struct jobs *);
/* How many children may run at once; until it is said, what the first job's configuration says. */
void jobs_set_most(struct jobs *, int children);
/* Called with each vector that fits no word (AR2): it is our bug or an attack.  NULL: only its job is told. */
void jobs_set_alarm(struct jobs *, void (*alarm)(void *, const char *sentence), void *arg);

struct job *job_start(struct jobs *, const struct job_options *);	/* failure comes by done() */
/* Finds the child of a spool again: alive, it is followed; ended, its exit is read; both by done().  NULL:
 * nobody had claimed the folder, so the tool was not begun, and now cannot be: start it anew. */
struct job *job_adopt(struct jobs *, const struct job_options *);
/* Removes a spool that is not needed any more. */
void job_forget_spool(const char *folder);
void job_cancel(struct job *);	/* as its step's cancel says; FINISH does nothing */

/* Start time of a process in clock ticks, −1 when it is gone (proc(5), field 22). */
int64_t process_start(int64_t pid);

#endif

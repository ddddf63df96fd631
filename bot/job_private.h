/*
 * job_private.h - what job.c (pipes, limits, the common end) and job_spool.c (files) share.
 */
#ifndef BOT_JOB_PRIVATE_H
#define BOT_JOB_PRIVATE_H

#include <uv.h>

#include "base/unicode.h"
#include "job.h"
#include "spawner.h"

#define GRACE SECONDS(5)
#define ERRORS_KEPT KILOBYTES(64)
#define ERRORS_SHOWN 4000

struct stream {			/* stdout or stderr of one job */
	struct job *job;
	bool errors, open;
	uv_poll_t poll;		/* of the pipe; not with a spool */
	int fd;			/* pipe's reading end or the spool's file; −1 */
	int64_t offset;		/* in the spool's file: what was read */
	int64_t given_back;
	struct foreign_filter filter;
	struct mask_stream mask;
};

struct job {
	struct arena *arena;
	struct jobs *jobs;		/* may be gone while handles are being closed */
	struct loop *loop;
	struct job_options options;
	struct job *next, *previous;
	struct spawn spawn;
	struct stream out, errors;
	struct text kept, shown_errors;
	struct timer limit, finish, reading, polling;
	int64_t printed;		/* bytes of both streams */
	int64_t output_most;		/* limits.output */
	int64_t pid, pid_start;		/* pid_start: of an adopted one */
	int pidfd;
	uv_poll_t exit_poll;
	uv_fs_event_t folder_event;
	bool spooled, adopted, left, gone, late, counted, waiting, dropping;
	int wish;		/* the signal that it is to get, once it has a process; 0: none */
	int closing;		/* uv handles that are still being closed */
	int exit;
	struct job_result result;
};

struct jobs {
	struct loop *loop;
	struct spawner *spawner;
	char *folder, *exec_program;
	void (*alarm)(void *, const char *sentence);
	void *alarm_arg;
	size_t children_most;		/* limits.children; 0: not known yet */
	struct {
		struct job *first, *last;
		size_t count;
	} waiting, running;
};

/* Through the filter and the mask, to options.output and what is kept. */
void stream_feed(struct stream *, const char *bytes, size_t length);
void stream_finish(struct stream *);
void job_maybe_done(struct job *);	/* when the process is gone and both streams are at their end */
void job_fail(struct job *);		/* result.error is set; done() comes at the end of the turn */
void job_watch_exit(struct job *);	/* polls pidfd */
void job_unref_handle(uv_handle_t *);	/* close callback: counts job->closing down */
/* Whether the output is past limits.output: then it is read and dropped. */
bool job_drops(const struct job *);
void job_signal(struct job *, int number);
void job_start_limit(struct job *, int64_t ms);

/* false: nobody had; then it is claimed by us.  pid 0: claimed, and no pid written. */
bool spool_claimed(const char *folder, int64_t *pid, int64_t *pid_start);
void spool_started(struct job *);	/* rollcall-exec runs: follow its files */
void spool_ended(struct job *);		/* its process is gone: the rest, the exit, then job_maybe_done */
void spool_stop(struct job *);

#endif

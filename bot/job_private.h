/*
 * job_private.h - what job.c (turns, the end), job_vector.c, job_stream.c, job_process.c and job_spool.c share.
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

/* ---- job.c: the one end ---- */
void job_maybe_done(struct job *);	/* when the process is gone and both streams are at their end */
void job_end(struct job *);		/* tells, and frees it when its handles are closed: it may be gone */
void job_fail(struct job *);		/* result.error is set; done() comes at the end of the turn */
void job_close_handle(struct job *, uv_handle_t *);
void job_unref_handle(uv_handle_t *);	/* close callback: counts job->closing down */

/* ---- job_vector.c ---- */
/* Its program, final vector and environment; false: result.error says why it is not run. */
bool job_prepare(struct job *, char *const argv[]);

/* ---- job_stream.c ---- */
/* Through the filter and the mask, to options.output and what is kept. */
void stream_feed(struct stream *, const char *bytes, size_t length);
void stream_finish(struct stream *);
/* Whether the output is past limits.output: then it is read and dropped. */
bool job_drops(const struct job *);
/* A pipe for it, whose other end the child gets; false: result.error is set. */
bool stream_pipe(struct job *, struct stream *, int *child_end);
void stream_watch(struct stream *);
void stream_close(struct stream *);	/* its end; of the last one also the job's, which may be gone then */

/* ---- job_process.c ---- */
void job_spawn(struct job *);		/* its turn has come; a failure comes by job_fail */
void job_watch_exit(struct job *);	/* polls pidfd */
void job_signal(struct job *, int number);
void job_stop(struct job *);		/* the signal of its step, and the last one after a grace period */
void job_start_limit(struct job *, int64_t ms);

/* ---- job_spool.c ---- */
/* false: nobody had; then it is claimed by us.  pid 0: claimed, and no pid written. */
bool spool_claimed(const char *folder, int64_t *pid, int64_t *pid_start);
void spool_started(struct job *);	/* rollcall-exec runs: follow its files */
void spool_ended(struct job *);		/* its process is gone: the rest, the exit, then job_maybe_done */
void spool_stop(struct job *);

#endif

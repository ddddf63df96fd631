/*
 * job.c - children from their start to their one end: which run, which wait for their turn, and who is told.
 *
 * What a child is given stands in job_vector.c, what it prints in job_stream.c, its process in job_process.c, and
 * one that outlives us in job_spool.c.
 */

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/log.h"
#include "job_private.h"

/* ---- who runs, and who waits ---- */

static void
running_add(struct job *job)
{
	struct jobs *jobs = job->jobs;

	job->next = NULL;
	job->previous = jobs->running.last;
	if (job->previous != NULL)
		job->previous->next = job;
	else
		jobs->running.first = job;
	jobs->running.last = job;
	jobs->running.count++;
	job->counted = true;
	loop_busy(jobs->loop, BUSY_CHILD);
}

static void
running_remove(struct job *job)
{
	struct jobs *jobs = job->jobs;

	if (!job->counted)
		return;
	job->counted = false;
	if (job->previous != NULL)
		job->previous->next = job->next;
	else
		jobs->running.first = job->next;
	if (job->next != NULL)
		job->next->previous = job->previous;
	else
		jobs->running.last = job->previous;
	jobs->running.count--;
	loop_idle(jobs->loop, BUSY_CHILD);
}

static void
waiting_add(struct job *job)
{
	struct jobs *jobs = job->jobs;

	job->waiting = true;
	if (jobs->waiting.last != NULL)
		jobs->waiting.last->next = job;
	else
		jobs->waiting.first = job;
	jobs->waiting.last = job;
	jobs->waiting.count++;
}

static void
waiting_remove(struct job *job)
{
	struct jobs *jobs = job->jobs;
	struct job **at = &jobs->waiting.first, *before = NULL;

	while (*at != job) {
		before = *at;
		at = &before->next;
	}
	*at = job->next;
	if (jobs->waiting.last == job)
		jobs->waiting.last = before;
	jobs->waiting.count--;
	job->waiting = false;
}

static void
start_waiting(struct jobs *jobs)
{
	struct job *job;

	while ((job = jobs->waiting.first) != NULL &&
	    jobs->running.count < jobs->children_most) {
		waiting_remove(job);
		running_add(job);
		job_spawn(job);
	}
}

/* ---- the end ---- */

static void
stop_timers(struct job *job)
{
	timer_stop(job->loop, &job->limit);
	timer_stop(job->loop, &job->finish);
	timer_stop(job->loop, &job->reading);
	timer_stop(job->loop, &job->polling);
}

static void
job_free(struct job *job)
{
	mask_stream_clear(&job->out.mask);
	mask_stream_clear(&job->errors.mask);
	mask_set_free(job->out.mask.set);
	mask_set_free(job->errors.mask.set);
	text_clear(&job->kept);
	text_clear(&job->shown_errors);
	if (job->pidfd >= 0)
		close(job->pidfd);
	if (job->out.fd >= 0)
		close(job->out.fd);
	if (job->errors.fd >= 0)
		close(job->errors.fd);
	arena_free(job->arena);
	free(job);
}

void
job_unref_handle(uv_handle_t *handle)
{
	struct job *job = handle->data;

	if (--job->closing == 0)
		job_free(job);
}

void
job_close_handle(struct job *job, uv_handle_t *handle)
{
	handle->data = job;
	job->closing++;
	uv_close(handle, job_unref_handle);
}

/* Everything is known: tell, then let libuv let go of the handles, then free. */
void
job_end(struct job *job)
{
	struct job_result *result = &job->result;
	struct jobs *jobs = job->jobs;

	running_remove(job);
	stop_timers(job);
	if (job->spooled)
		spool_stop(job);
	if (job->exit_poll.data != NULL)
		job_close_handle(job, (uv_handle_t *)&job->exit_poll);
	result->out = job->kept.data;
	result->length = job->kept.length;
	result->cut = job->kept.cut || job->dropping;
	result->late = job->late;
	result->errors = cut_middle(job->arena, job->shown_errors.data, ERRORS_SHOWN);
	if (result->error.kind != ERROR_NONE)
		result->exit = -2;
	else
		result->exit = job->late ? -1 : job->exit;
	if (!job->left)
		job->options.done(job->options.arg, result);
	start_waiting(jobs);
	if (--job->closing == 0)
		job_free(job);
}

void
job_maybe_done(struct job *job)
{
	if (job->gone && !job->out.open && !job->errors.open)
		job_end(job);
}

static void
on_failed(void *arg)
{
	job_end(arg);
}

void
job_fail(struct job *job)
{
	job->gone = true;
	timer_start(job->loop, &job->finish, 0, on_failed, job);
}

/* ---- the start ---- */

static struct job *
job_new(struct jobs *jobs, const struct job_options *options)
{
	struct job *job = xcalloc(1, sizeof(*job));

	assert(options->limit > 0 && options->done != NULL);
	job->arena = arena_new();
	job->jobs = jobs;
	job->loop = jobs->loop;
	job->closing = 1;	/* its own life, given back by job_end */
	job->options = *options;
	job->output_most = options->configuration->limits.output;
	if (jobs->children_most == 0)
		jobs->children_most = (size_t)options->configuration->limits.children;
	job->spooled = options->spool != NULL;
	job->options.spool = arena_strdup(job->arena, options->spool);
	job->pidfd = job->out.fd = job->errors.fd = -1;
	job->out.job = job->errors.job = job;
	job->errors.errors = true;
	job->out.mask = (struct mask_stream)MASK_STREAM(mask_set_share(options->mask));
	job->errors.mask = (struct mask_stream)MASK_STREAM(mask_set_share(options->mask));
	text_init(&job->kept, options->keep > 0 ? options->keep : 1);
	text_init(&job->shown_errors, ERRORS_KEPT);
	return job;
}

struct job *
job_start(struct jobs *jobs, const struct job_options *options)
{
	struct job *job = job_new(jobs, options);

	if (!job_prepare(job, options->argv)) {
		running_add(job);
		job_fail(job);
		return job;
	}
	job->options.configuration = NULL;
	job->options.cluster = NULL;
	if (jobs->running.count < jobs->children_most) {
		running_add(job);
		job_spawn(job);
		return job;
	}
	waiting_add(job);
	return job;
}

struct job *
job_adopt(struct jobs *jobs, const struct job_options *options)
{
	struct job *job;
	int64_t pid = 0, pid_start = 0;

	if (!spool_claimed(options->spool, &pid, &pid_start))
		return NULL;
	job = job_new(jobs, options);
	job->adopted = true;
	job->options.argv = NULL;
	running_add(job);
	if (pid > 0 && process_start(pid) == pid_start) {
		job->pid = pid;
		job->pid_start = pid_start;
		job->pidfd = (int)syscall(SYS_pidfd_open, (pid_t)pid, 0);
	}
	spool_started(job);
	/* Looked at again: between the two looks the number may have become another process's. */
	if (job->pid > 0 && process_start(pid) == pid_start) {
		job_start_limit(job, options->limit);
		job_watch_exit(job);
		return job;
	}
	job->pid = 0;
	job->exit = -1;
	job->gone = true;
	spool_ended(job);
	return job;
}

/* ---- stop ---- */

/* One that has no process yet never gets one. */
static void
cancel_waiting(struct job *job)
{
	waiting_remove(job);
	running_add(job);
	cancelled(&job->result.error, "stopped before it was started");
	job_fail(job);
}

void
job_cancel(struct job *job)
{
	if (job->options.cancel == FINISH || job->wish != 0 || job->gone)
		return;
	if (job->waiting)
		cancel_waiting(job);
	else
		job_stop(job);
}

/* ---- life ---- */

void
jobs_set_alarm(struct jobs *jobs, void (*alarm)(void *, const char *sentence), void *arg)
{
	jobs->alarm = alarm;
	jobs->alarm_arg = arg;
}

void
jobs_set_most(struct jobs *jobs, int children)
{
	jobs->children_most = (size_t)children;
	start_waiting(jobs);
}

struct jobs *
jobs_new(struct loop *loop, const char *folder, const char *exec_program, struct error *err)
{
	struct jobs *jobs;

	if (access(exec_program, X_OK) != 0) {
		failed(err, "%s, which runs what changes a cluster, is not there", exec_program);
		return NULL;
	}
	jobs = xcalloc(1, sizeof(*jobs));
	jobs->loop = loop;
	jobs->folder = xstrdup(folder);
	jobs->exec_program = xstrdup(exec_program);
	jobs->spawner = spawner_new(loop);
	return jobs;
}

/* Reads are killed, what changes goes on by itself. */
void
jobs_free(struct jobs *jobs)
{
	struct job *job, *next;

	if (jobs == NULL)
		return;
	spawner_free(jobs->spawner);
	for (job = jobs->waiting.first; job != NULL; job = next) {
		next = job->next;
		stop_timers(job);
		job_free(job);
	}
	jobs->waiting.first = jobs->waiting.last = NULL;
	for (job = jobs->running.first; job != NULL; job = next) {
		next = job->next;
		job->left = true;
		if (!job->spooled)
			job_signal(job, SIGKILL);
		for (struct stream *s = &job->out; s != NULL; s = s == &job->out ? &job->errors : NULL)
			if (s->open && !job->spooled) {
				s->open = false;
				job_close_handle(job, (uv_handle_t *)&s->poll);
			}
		job_end(job);
	}
	free(jobs->folder);
	free(jobs->exec_program);
	free(jobs);
}

size_t
jobs_running(const struct jobs *jobs)
{
	return jobs->running.count + jobs->waiting.count;
}

/* job_process.c - a child's process: its start, its limit and signals, its exit. */

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "job_private.h"

#define POLLING 100		/* ms */

/* ---- signals and the limit ---- */

/* The tool of a spool is in a group of its own, and only its parent knows which: that one hands signals on,
 * and kills the group at SIGUSR1, so that even then there is an exit to read. */
void
job_signal(struct job *job, int number)
{
	job->wish = number;
	if (job->gone || job->pid <= 0)
		return;		/* it gets it as soon as it has a process */
	if (job->spooled)
		kill((pid_t)job->pid, number == SIGKILL ? SIGUSR1 : number);
	else
		kill((pid_t)-job->pid, number);
}

static void
on_grace_over(void *arg)
{
	job_signal(arg, SIGKILL);
}

void
job_stop(struct job *job)
{
	job_signal(job, job->options.cancel == INT ? SIGINT : SIGTERM);
	/* A signal needs real time, which a turned clock does not know of. */
	if (loop_control_used(job->loop) && job->pidfd >= 0)
		poll(&(struct pollfd){ .fd = job->pidfd, .events = POLLIN }, 1, 200);
	timer_start(job->loop, &job->limit, GRACE, on_grace_over, job);
}

static void
on_limit(void *arg)
{
	struct job *job = arg;

	job->late = true;
	job_stop(job);
}

void
job_start_limit(struct job *job, int64_t ms)
{
	timer_start(job->loop, &job->limit, ms, on_limit, job);
}

/* ---- its exit ---- */

/* What it left behind holds its pipes open (a helper that it sent to the background): that is not waited for. */
static void
on_pipes_held(void *arg)
{
	struct job *job = arg;
	bool errors = job->errors.open;

	if (job->out.open)
		stream_close(&job->out);	/* frees the job if it was the last */
	if (errors)
		stream_close(&job->errors);
}

static void
process_ended(struct job *job, int exit)
{
	timer_stop(job->loop, &job->limit);
	job->exit = exit;
	job->gone = true;
	if (job->spooled)
		spool_ended(job);
	else if (job->out.open || job->errors.open)
		timer_start(job->loop, &job->finish, GRACE, on_pipes_held, job);
	else
		job_end(job);
}

/* Whether it has ended; then it is reaped.  An adopted one is somebody else's child: its file says more. */
static bool
reap(struct job *job, int *exit)
{
	int status;
	pid_t pid;

	*exit = -1;
	if (job->adopted)
		return process_start(job->pid) != job->pid_start;
	pid = waitpid((pid_t)job->pid, &status, WNOHANG);
	if (pid > 0 && WIFEXITED(status))
		*exit = WEXITSTATUS(status);
	return pid != 0;
}

static void
on_exit_ready(uv_poll_t *poll, int status, int events)
{
	struct job *job = poll->data;
	int exit;

	(void)status;
	(void)events;
	uv_poll_stop(poll);
	(void)reap(job, &exit);
	process_ended(job, exit);
}

static void
on_polling(void *arg)
{
	struct job *job = arg;
	int exit;

	if (reap(job, &exit))
		process_ended(job, exit);
	else
		timer_start(job->loop, &job->polling, POLLING, on_polling, job);
}

/* Without a pidfd, when descriptors are short, it is looked at now and then. */
void
job_watch_exit(struct job *job)
{
	if (job->pidfd < 0) {
		timer_start(job->loop, &job->polling, POLLING, on_polling, job);
		return;
	}
	uv_poll_init(loop_uv(job->loop), &job->exit_poll, job->pidfd);
	job->exit_poll.data = job;
	uv_poll_start(&job->exit_poll, UV_READABLE, on_exit_ready);
}

/* ---- its start ---- */

static void
on_spawned(struct spawn *spawn)
{
	struct job *job = CONTAINER(spawn, struct job, spawn);

	if (spawn->code != 0) {
		failed(&job->result.error, "%s cannot be started (%s): %s", job->options.argv[0],
		    spawn->path, strerror(spawn->code));
		job_fail(job);
		return;
	}
	job->pid = spawn->pid;
	job->pidfd = spawn->pidfd;
	if (job->spooled) {
		spool_started(job);
	} else {
		stream_watch(&job->out);
		stream_watch(&job->errors);
	}
	if (job->wish != 0)
		job_signal(job, job->wish);
	job_watch_exit(job);
}

void
job_spawn(struct job *job)
{
	job->spawn.out = job->spawn.errors = -1;
	job->spawn.own_session = job->spooled;
	job->spawn.spawned = on_spawned;
	if (job->spooled && mkdir(job->options.spool, 0700) != 0 && errno != EEXIST) {
		failed(&job->result.error, "%s cannot be made: %s", job->options.spool,
		    strerror(errno));
		job_fail(job);
		return;
	}
	if (!job->spooled &&
	    (!stream_pipe(job, &job->out, &job->spawn.out) ||
		!stream_pipe(job, &job->errors, &job->spawn.errors))) {
		if (job->spawn.out >= 0)
			close(job->spawn.out);
		job_fail(job);
		return;
	}
	job_start_limit(job, job->options.limit);
	spawner_start(job->jobs->spawner, &job->spawn);
}

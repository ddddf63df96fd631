/* job.c - children: the guard, the environment, pipes, the limit, the one end. */

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/log.h"
#include "job_private.h"
#include "variables.h"
#include "words.h"

#define POLLING 100		/* ms */

static const struct tool *tools;

void
tools_register(const struct tool *table)
{
	tools = table;
}

const struct tool *
tools_all(void)
{
	return tools;
}

const struct tool *
tool_find(const char *name)
{
	for (const struct tool *tool = tools; tool != NULL && tool->name != NULL; tool++)
		if (string_equal(tool->name, name))
			return tool;
	return NULL;
}

/* ---- output ---- */

static void
show(struct stream *stream, const struct text *masked)
{
	struct job *job = stream->job;

	if (stream->errors)
		text_add_bytes(&job->shown_errors, masked->data, masked->length);
	if (masked->length > 0 && job->options.output != NULL && !job->left)
		job->options.output(job->options.arg, masked->data, masked->length, stream->errors);
}

bool
job_drops(const struct job *job)
{
	return job->output_most > 0 && job->printed > job->output_most;
}

/* Past the bound the tool may go on printing: it is read, said once, and dropped. */
static void
drop(struct stream *stream)
{
	struct job *job = stream->job;
	_cleanup_(text_clear) struct text said = TEXT_INIT;

	if (job->dropping)
		return;
	job->dropping = true;
	text_printf(&said, "\n… more than %lld KiB were printed: the rest is dropped\n",
	    (long long)(job->output_most >> 10));
	show(stream, &said);
}

void
stream_feed(struct stream *stream, const char *bytes, size_t length)
{
	struct job *job = stream->job;
	_cleanup_(text_clear) struct text clean = TEXT_INIT, masked = TEXT_INIT;

	job->printed += (int64_t)length;
	if (job_drops(job)) {
		drop(stream);
		return;
	}
	if (!stream->errors && job->options.keep > 0)
		text_add_bytes(&job->kept, bytes, length);
	foreign_add(&stream->filter, &clean, bytes, length);
	mask_stream_add(&stream->mask, &masked, clean.data, clean.length);
	show(stream, &masked);
}

void
stream_finish(struct stream *stream)
{
	_cleanup_(text_clear) struct text clean = TEXT_INIT, masked = TEXT_INIT;

	foreign_end(&stream->filter, &clean);
	mask_stream_add(&stream->mask, &masked, clean.data, clean.length);
	mask_stream_end(&stream->mask, &masked);
	show(stream, &masked);
	stream->open = false;
}

/* ---- the end ---- */

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

static void
close_handle(struct job *job, uv_handle_t *handle)
{
	handle->data = job;
	job->closing++;
	uv_close(handle, job_unref_handle);
}

static void start_waiting(struct jobs *);

/* Everything is known: tell, then let libuv let go of the handles, then free. */
static void
job_end(struct job *job)
{
	struct job_result *result = &job->result;
	struct jobs *jobs = job->jobs;

	running_remove(job);
	stop_timers(job);
	if (job->spooled)
		spool_stop(job);
	if (job->exit_poll.data != NULL)
		close_handle(job, (uv_handle_t *)&job->exit_poll);
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

static void
stop(struct job *job)
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
	stop(job);
}

void
job_start_limit(struct job *job, int64_t ms)
{
	timer_start(job->loop, &job->limit, ms, on_limit, job);
}

static void waiting_remove(struct job *);
static void running_add(struct job *);

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
		stop(job);
}

/* ---- the process ---- */

static void pipe_end(struct stream *);

/* What it left behind holds its pipes open (a helper that it sent to the background): that is not waited for. */
static void
on_pipes_held(void *arg)
{
	struct job *job = arg;
	bool errors = job->errors.open;

	if (job->out.open)
		pipe_end(&job->out);	/* frees the job if it was the last */
	if (errors)
		pipe_end(&job->errors);
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

/* ---- pipes ---- */

static void
pipe_end(struct stream *stream)
{
	struct job *job = stream->job;

	stream_finish(stream);
	close_handle(job, (uv_handle_t *)&stream->poll);
	close(stream->fd);
	stream->fd = -1;
	job_maybe_done(job);
}

static void
on_pipe(uv_poll_t *poll, int status, int events)
{
	struct stream *stream = poll->data;
	char bytes[16384];
	ssize_t length = 0;

	(void)events;
	/* A few reads a turn at most: one chatty child must not hold the loop. */
	for (int i = 0; i < 8 && status >= 0; i++) {
		length = read(stream->fd, bytes, sizeof(bytes));
		if (length <= 0)
			break;
		stream_feed(stream, bytes, (size_t)length);
	}
	if (status < 0 || length == 0 || (length < 0 && errno != EAGAIN && errno != EINTR))
		pipe_end(stream);
}

static bool
open_pipe(struct job *job, struct stream *stream, int *child_end)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) != 0)
		return failed(&job->result.error, "no pipe for a child: %s", strerror(errno));
	fcntl(ends[0], F_SETFL, O_NONBLOCK);
	stream->fd = ends[0];
	*child_end = ends[1];
	return true;
}

static void
watch_pipe(struct stream *stream)
{
	stream->open = true;
	uv_poll_init(loop_uv(stream->job->loop), &stream->poll, stream->fd);
	stream->poll.data = stream;
	uv_poll_start(&stream->poll, UV_READABLE, on_pipe);
}

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
		watch_pipe(&job->out);
		watch_pipe(&job->errors);
	}
	if (job->wish != 0)
		job_signal(job, job->wish);
	job_watch_exit(job);
}

/* ---- argv and environment ---- */

struct variables {
	struct arena *arena;
	struct {
		char **item;
		size_t count, size;
	} list;
};

static void
add_variable(void *arg, const char *variable)
{
	struct variables *variables = arg;

	*ARENA_GROW(variables->arena, &variables->list) = arena_strdup(variables->arena, variable);
}

static bool
private_folder(struct job *job, const char *tool, char **path)
{
	const char *cluster =
	    job->options.cluster != NULL ? job->options.cluster->name : "none";

	*path = arena_printf(job->arena, "%s/home", job->jobs->folder);
	mkdir(*path, 0700);
	*path = arena_printf(job->arena, "%s/home/%s-%s", job->jobs->folder, tool, cluster);
	if (mkdir(*path, 0700) != 0 && errno != EEXIST)
		return failed(&job->result.error, "%s cannot be made: %s", *path, strerror(errno));
	return true;
}

/* From nothing (C1): what else a tool needs, its adapter and the cluster's configuration name. */
static char **
build_environment(struct job *job, const char *tool_name)
{
	struct variables variables = { .arena = job->arena };
	const struct tool *tool = tool_find(tool_name);
	const struct cluster *cluster = job->options.cluster;
	const char *value;
	char *folder;

	if (!private_folder(job, tool_name, &folder))
		return NULL;
	add_variable(&variables, "PATH=/usr/local/bin:/usr/bin:/bin");
	add_variable(&variables, "LC_ALL=C");
	add_variable(&variables, "NO_COLOR=1");
	add_variable(&variables, "TZ=UTC");
	add_variable(&variables, arena_printf(job->arena, "HOME=%s", folder));
	add_variable(&variables, arena_printf(job->arena, "TMPDIR=%s", folder));
	for (const char *const *name = cluster != NULL ? cluster->environment : NULL;
	     name != NULL && *name != NULL; name++)
		if ((value = variable_find(*name)) != NULL)
			add_variable(&variables, arena_printf(job->arena, "%s=%s", *name, value));
	if (tool != NULL && tool->environment != NULL &&
	    !tool->environment(job->arena, cluster, folder, add_variable, &variables,
		&job->result.error))
		return NULL;
	*ARENA_GROW(variables.arena, &variables.list) = NULL;
	return variables.list.item;
}

static bool
prepare(struct job *job, char *const argv[])
{
	struct variables final = { .arena = job->arena };
	const char *path;

	if (argv_check(argv, &job->result.error) == NULL) {
		if (job->jobs->alarm != NULL)
			job->jobs->alarm(job->jobs->alarm_arg, job->result.error.text);
		return error_wrap(&job->result.error, "not run");
	}
	path = configuration_tool(job->options.configuration, argv[0]);
	if (path == NULL)
		return refuse(&job->result.error,
		    "the tool %s is not in the configuration: add it under tools", argv[0]);
	job->spawn.environment = build_environment(job, argv[0]);
	if (job->spawn.environment == NULL)
		return false;
	job->spawn.path = arena_strdup(job->arena, path);
	if (job->spooled) {
		job->spawn.path = job->jobs->exec_program;
		add_variable(&final, "rollcall-exec");
		add_variable(&final, job->options.spool);
		add_variable(&final, "--");
		add_variable(&final, path);
	}
	for (size_t i = 0; argv[i] != NULL; i++)
		add_variable(&final, argv[i]);
	job->options.argv = final.list.item + (job->spooled ? 4 : 0);
	*ARENA_GROW(final.arena, &final.list) = NULL;
	job->options.argv = final.list.item + (job->spooled ? 4 : 0);
	job->spawn.argv = final.list.item;
	return true;
}

/* ---- starting ---- */

static void
spawn_now(struct job *job)
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
	    (!open_pipe(job, &job->out, &job->spawn.out) ||
		!open_pipe(job, &job->errors, &job->spawn.errors))) {
		if (job->spawn.out >= 0)
			close(job->spawn.out);
		job_fail(job);
		return;
	}
	job_start_limit(job, job->options.limit);
	spawner_start(job->jobs->spawner, &job->spawn);
}

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
		spawn_now(job);
	}
}

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

struct job *
job_start(struct jobs *jobs, const struct job_options *options)
{
	struct job *job = job_new(jobs, options);

	if (!prepare(job, options->argv)) {
		running_add(job);
		job_fail(job);
		return job;
	}
	job->options.configuration = NULL;
	job->options.cluster = NULL;
	if (jobs->running.count < jobs->children_most) {
		running_add(job);
		spawn_now(job);
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

/* ---- life ---- */

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
				close_handle(job, (uv_handle_t *)&s->poll);
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

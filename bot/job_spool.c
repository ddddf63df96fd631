/* job_spool.c - children that outlive us: their output and exit are files (see bot/exec/rollcall-exec.c). */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "job_private.h"

#define SLICE_READS 8		/* of 16 KiB, in one turn of the loop for each stream */

int64_t
process_start(int64_t pid)
{
	char path[64], line[1024], *field;
	ssize_t length;
	int fd;

	snprintf(path, sizeof(path), "/proc/%lld/stat", (long long)pid);
	if ((fd = open(path, O_RDONLY | O_CLOEXEC)) < 0)
		return -1;
	length = read(fd, line, sizeof(line) - 1);
	close(fd);
	line[length > 0 ? length : 0] = '\0';
	/* The name, in parentheses, may hold blanks: count from the last one. A zombie has ended. */
	field = strrchr(line, ')');
	if (field == NULL || field[1] == '\0' || field[2] == 'Z')
		return -1;
	for (int i = 2; field != NULL && i < 22; i++)
		field = strchr(field + 1, ' ');
	return field != NULL ? strtoll(field, NULL, 10) : -1;
}

static bool
read_file(const struct job *job, const char *name, char *bytes, size_t size)
{
	char *path = arena_printf(job->arena, "%s/%s", job->options.spool, name);
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	ssize_t length;

	if (fd < 0)
		return false;
	length = read(fd, bytes, size - 1);
	close(fd);
	bytes[length > 0 ? length : 0] = '\0';
	return length > 0;
}

/* rollcall-exec itself may be gone before it claimed the folder: then nothing was begun. */
static void
read_exit(struct job *job)
{
	char line[32];

	if (read_file(job, "exit", line, sizeof(line))) {
		job->exit = string_starts(line, "exit ") ? atoi(line + 5) : -1;
		return;
	}
	job->exit = -1;
	if (read_file(job, "claim", line, sizeof(line)) || job->adopted)
		job->result.lost = true;
	else
		failed(&job->result.error, "it was stopped before it began");
}

bool
spool_claimed(const char *folder, int64_t *pid, int64_t *pid_start)
{
	_cleanup_(freep) char *claim = xasprintf("%s/claim", folder);
	_cleanup_(freep) char *path = xasprintf("%s/pid", folder);
	long long read_pid, read_start;
	FILE *file;
	int fd;

	if (mkdir(folder, 0700) != 0 && errno != EEXIST)
		return false;
	fd = open(claim, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd >= 0) {
		close(fd);
		return false;
	}
	if ((file = fopen(path, "re")) == NULL)
		return true;
	if (fscanf(file, "%lld %lld", &read_pid, &read_start) == 2) {
		*pid = read_pid;
		*pid_start = read_start;
	}
	fclose(file);
	return true;
}

void
job_forget_spool(const char *folder)
{
	static const char *const names[] = { "claim", "pid", "pid.new", "out", "errors", "exit", "exit.new",
		NULL };

	for (size_t i = 0; names[i] != NULL; i++) {
		_cleanup_(freep) char *path = xasprintf("%s/%s", folder, names[i]);

		unlink(path);
	}
	rmdir(folder);
}

/* What was read is given back to the disk: a tool may print for an hour. */
static void
give_back(struct stream *stream)
{
	int64_t whole = stream->offset & ~(int64_t)4095;

	if (whole - stream->given_back < (int64_t)KILOBYTES(64))
		return;
	fallocate(stream->fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, stream->given_back,
	    whole - stream->given_back);
	stream->given_back = whole;
}

static bool
open_file(struct stream *stream)
{
	const struct job *job = stream->job;
	const char *path;

	if (stream->fd >= 0)
		return true;
	path = arena_printf(job->arena, "%s/%s", job->options.spool,
	    stream->errors ? "errors" : "out");
	stream->fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
	return stream->fd >= 0;
}

/* What is dropped need not be read. */
static void
skip(struct stream *stream)
{
	struct stat stat;

	if (fstat(stream->fd, &stat) != 0 || stat.st_size <= stream->offset)
		return;
	stream->job->printed += stat.st_size - stream->offset;
	stream->offset = stat.st_size;
}

/* False: there is more than one turn of the loop may take. */
static bool
read_on(struct stream *stream)
{
	char bytes[16384];
	ssize_t length;

	if (!stream->open || !open_file(stream))
		return true;
	for (int i = 0; i < SLICE_READS && !job_drops(stream->job); i++) {
		length = pread(stream->fd, bytes, sizeof(bytes), stream->offset);
		if (length <= 0)
			return true;
		stream->offset += length;
		stream_feed(stream, bytes, (size_t)length);
		give_back(stream);
	}
	if (!job_drops(stream->job))
		return false;
	skip(stream);
	give_back(stream);
	return true;
}

static void
on_reading(void *arg)
{
	struct job *job = arg;
	bool all = read_on(&job->out);

	all &= read_on(&job->errors);
	if (!all) {
		timer_start(job->loop, &job->reading, 0, on_reading, job);
		return;
	}
	if (!job->gone)
		return;
	stream_finish(&job->out);
	stream_finish(&job->errors);
	read_exit(job);
	job_maybe_done(job);
}

void
spool_ended(struct job *job)
{
	timer_start(job->loop, &job->reading, 0, on_reading, job);
}

static void
on_event(uv_fs_event_t *event, const char *name, int events, int status)
{
	struct job *job = event->data;

	(void)name;
	(void)events;
	(void)status;
	if (!timer_runs(&job->reading))
		timer_start(job->loop, &job->reading, 0, on_reading, job);
}

void
spool_started(struct job *job)
{
	job->out.open = job->errors.open = true;
	uv_fs_event_init(loop_uv(job->loop), &job->folder_event);
	job->folder_event.data = job;
	if (uv_fs_event_start(&job->folder_event, on_event, job->options.spool, 0) != 0)
		log_warning("%s cannot be watched; its output comes at its end", job->options.spool);
	timer_start(job->loop, &job->reading, 0, on_reading, job);
}

void
spool_stop(struct job *job)
{
	for (struct stream *s = &job->out; s != NULL; s = s == &job->out ? &job->errors : NULL)
		if (s->fd >= 0) {
			close(s->fd);
			s->fd = -1;
		}
	if (job->folder_event.data == NULL)
		return;
	job->closing++;
	uv_close((uv_handle_t *)&job->folder_event, job_unref_handle);
}

/* job_stream.c - what a child prints: cleaned, masked and bounded, from its pipes or (job_spool.c) its files. */

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "job_private.h"

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

/* ---- pipes ---- */

void
stream_close(struct stream *stream)
{
	struct job *job = stream->job;

	stream_finish(stream);
	job_close_handle(job, (uv_handle_t *)&stream->poll);
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
		stream_close(stream);
}

bool
stream_pipe(struct job *job, struct stream *stream, int *child_end)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) != 0)
		return failed(&job->result.error, "no pipe for a child: %s", strerror(errno));
	fcntl(ends[0], F_SETFL, O_NONBLOCK);
	stream->fd = ends[0];
	*child_end = ends[1];
	return true;
}

void
stream_watch(struct stream *stream)
{
	stream->open = true;
	uv_poll_init(loop_uv(stream->job->loop), &stream->poll, stream->fd);
	stream->poll.data = stream;
	uv_poll_start(&stream->poll, UV_READABLE, on_pipe);
}

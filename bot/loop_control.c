/*
 * loop_control.c - the talk runner's hand on the clocks; in test builds only.
 *
 * A unix socket named by the runner; lines of text.  We say "hello PID".  "quiet? N" is answered when a turn
 * of the loop found nothing ready: "quiet http=N child=N store=N ping=N connect=N other=N next=MS wall=MS question=N"
 * (next -1: no timer).  "advance MS" turns both clocks, timers firing in their order, each at its own
 * moment: "advanced wall=MS".
 */

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/text.h"
#include "loop_private.h"
#include "variables.h"

#ifdef ROLLCALL_TEST

#define AT_ONCE_MOST 1000	/* timers that start each other without end do not hold the runner */

struct control {
	uv_pipe_t pipe;
	struct text line;
	bool asked;
	int64_t question;	/* the runner's number for it, handed back */
	int calm;		/* turns in a row in which nothing was ready */
	char buffer[4096];
};

static void
say_line(struct loop *loop, const char *line)
{
	uv_buf_t buffer = uv_buf_init((char *)(uintptr_t)line, (unsigned)strlen(line));

	uv_try_write((uv_stream_t *)&loop->control->pipe, &buffer, 1);
}

static void
say_quiet(struct loop *loop)
{
	char line[256];

	snprintf(line, sizeof(line),
	    "quiet http=%d child=%d store=%d ping=%d connect=%d other=%d next=%" PRId64
	    " wall=%" PRId64 " question=%" PRId64 "\n",
	    loop->busy[BUSY_HTTP], loop->busy[BUSY_CHILD], loop->busy[BUSY_STORE],
	    loop->busy[BUSY_PING], loop->busy[BUSY_CONNECT], loop->busy[BUSY_OTHER],
	    loop_next_timer(loop), loop->wall, loop->control->question);
	loop->control->asked = false;
	say_line(loop, line);
}

/* Quiet is judged at the end of a turn: if no descriptor is ready then, nothing happens by itself. */
static void
judge_quiet(void *arg)
{
	struct loop *loop = arg;
	struct control *control = loop->control;

	if (control == NULL || !control->asked)
		return;
	control->calm = loop_fire_due(loop) ? 0 : control->calm + 1;
	if (control->calm < 3) {
		loop_again(loop);
		return;
	}
	say_quiet(loop);
}

static void
advance(struct loop *loop, int64_t ms)
{
	int64_t end = loop->now + ms;
	char line[64];
	int64_t step;
	int at_once = 0;

	while ((step = loop_next_timer(loop)) >= 0 && loop->now + step <= end) {
		loop->now += step;
		loop->wall += step;
		loop_fire_due(loop);
		at_once = step == 0 ? at_once + 1 : 0;
		if (at_once == AT_ONCE_MOST)
			break;
	}
	if (loop->now < end) {
		loop->wall += end - loop->now;
		loop->now = end;
	}
	snprintf(line, sizeof(line), "advanced wall=%" PRId64 "\n", loop->wall);
	say_line(loop, line);
}

static void
hear(struct loop *loop, const char *line)
{
	if (string_starts(line, "quiet?")) {
		loop->control->question = strtoll(line + strlen("quiet?"), NULL, 10);
		loop->control->asked = true;
		loop->control->calm = 0;
		loop_again(loop);
	} else if (string_starts(line, "advance ")) {
		advance(loop, strtoll(line + 8, NULL, 10));
	}
}

static void
on_allocate(uv_handle_t *handle, size_t size, uv_buf_t *buffer)
{
	struct loop *loop = handle->data;

	(void)size;
	*buffer = uv_buf_init(loop->control->buffer, sizeof(loop->control->buffer));
}

static void
on_read(uv_stream_t *stream, ssize_t length, const uv_buf_t *buffer)
{
	struct loop *loop = stream->data;
	struct text *held = &loop->control->line;
	char *end;

	if (length < 0) {
		log_error("the runner is gone");
		_exit(70);
	}
	text_add_bytes(held, buffer->base, (size_t)length);
	while ((end = strchr(held->data, '\n')) != NULL) {
		*end = '\0';
		hear(loop, held->data);
		text_drop(held, (size_t)(end - held->data) + 1);
	}
}

static void
on_connect(uv_connect_t *request, int status)
{
	struct loop *loop = request->data;
	char line[64];

	free(request);
	if (status != 0) {
		log_error("control socket: %s", uv_strerror(status));
		_exit(70);
	}
	uv_read_start((uv_stream_t *)&loop->control->pipe, on_allocate, on_read);
	snprintf(line, sizeof(line), "hello %d\n", (int)getpid());
	say_line(loop, line);
}

bool
loop_control(struct loop *loop, const char *path, struct error *err)
{
	const char *clock = variable_find("ROLLCALL_CLOCK");
	uv_connect_t *request = xcalloc(1, sizeof(*request));

	(void)err;
	loop->control = xcalloc(1, sizeof(*loop->control));
	text_init(&loop->control->line, KILOBYTES(64));
	loop->turned = true;
	loop->now = 1000000;
	loop->wall = clock != NULL ? strtoll(clock, NULL, 10) : 1705329000000;
	uv_pipe_init(&loop->uv, &loop->control->pipe, 0);
	loop->control->pipe.data = loop;
	request->data = loop;
	uv_pipe_connect(request, &loop->control->pipe, path, on_connect);
	loop_at_end_of_turn(loop, judge_quiet, loop);
	return true;
}

static void
free_control(uv_handle_t *handle)
{
	struct control *control = (struct control *)(void *)handle;

	text_clear(&control->line);
	free(control);
}

void
loop_control_close(struct loop *loop)
{
	if (loop->control != NULL)
		uv_close((uv_handle_t *)&loop->control->pipe, free_control);
	loop->control = NULL;
}

#else

bool
loop_control(struct loop *loop, const char *path, struct error *err)
{
	(void)loop;
	(void)path;
	return refuse(err, "this is not a test build: its clocks cannot be turned");
}

void
loop_control_close(struct loop *loop)
{
	(void)loop;
}

#endif

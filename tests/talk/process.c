/* process.c - programs that the runner itself starts. */

#include "process.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "torture.h"

static void
on_allocate(uv_handle_t *handle, size_t size, uv_buf_t *buffer)
{
	struct process *process = handle->data;

	(void)size;
	*buffer = uv_buf_init(process->buffer, sizeof(process->buffer));
}

static void
on_read(uv_stream_t *stream, ssize_t length, const uv_buf_t *buffer)
{
	struct process *process = stream->data;
	bool errors = stream == (uv_stream_t *)&process->errors;

	process->talk->activity++;
	if (length < 0) {
		uv_read_stop(stream);
		*(errors ? &process->errors_open : &process->out_open) = false;
		return;
	}
	text_add_bytes(errors ? process->errors_text : process->out_text, buffer->base,
	    (size_t)length);
}

static void
on_ended(uv_process_t *handle, int64_t status, int signal)
{
	struct process *process = handle->data;

	process->talk->activity++;
	process->runs = false;
	process->exit = signal != 0 ? -1 : status;
	process->signal = signal;
}

static void
on_written(uv_write_t *write, int status)
{
	struct process *process = write->data;

	(void)status;
	free(write);
	uv_close((uv_handle_t *)&process->in, NULL);
}

static void
give_input(struct process *process, const char *input)
{
	uv_write_t *write = xcalloc(1, sizeof(*write));
	uv_buf_t buffer = uv_buf_init((char *)(uintptr_t)input, (unsigned)strlen(input));

	write->data = process;
	if (uv_write(write, (uv_stream_t *)&process->in, &buffer, 1, on_written) != 0)
		on_written(write, 0);
}

static void
init_pipe(struct process *process, uv_pipe_t *pipe)
{
	uv_pipe_init(&process->talk->loop, pipe, 0);
	pipe->data = process;
}

static void
init_pipes(struct process *process)
{
	init_pipe(process, &process->in);
	init_pipe(process, &process->out);
	init_pipe(process, &process->errors);
	text_init(&process->own_out, MEGABYTES(16));
	text_init(&process->own_errors, MEGABYTES(16));
}

/* What the talk says, before what it need not say: the first of a name counts. */
static char **
environment(struct talk *talk)
{
	struct { char **item; size_t count, size; } list = { 0 };
	struct arena *arena = talk->arena;

#define ADD(...) (*ARENA_GROW(arena, &list) = arena_printf(arena, __VA_ARGS__))
	for (size_t i = talk->variables.count; i-- > 0;)
		ADD("%s", talk->variables.item[i]);
	if (torture_variable(talk) != NULL)
		ADD("%s", torture_variable(talk));
	ADD("PATH=/usr/local/bin:/usr/bin:/bin");
	ADD("HOME=%s", talk->folder);
	ADD("TMPDIR=%s", talk->folder);
	ADD("LC_ALL=C.UTF-8");
	ADD("TZ=UTC");
	if (!talk->options->real) {
		ADD("ROLLCALL_CONTROL=%s/control.sock", talk->folder);
		ADD("ROLLCALL_CLOCK=%lld", (long long)fake_slack_clock(talk->slack));
	}
	ADD("SLACK_APP_TOKEN=%s", fake_slack_app_token(talk->slack));
	ADD("SLACK_BOT_TOKEN=%s", fake_slack_bot_token(talk->slack));
	ADD("ASAN_OPTIONS=exitcode=99:detect_leaks=1");
	ADD("UBSAN_OPTIONS=exitcode=99:print_stacktrace=1");
#undef ADD
	*ARENA_GROW(arena, &list) = NULL;
	return list.item;
}

static int
spawn(struct process *process, char **argv, bool input)
{
	struct talk *talk = process->talk;
	uv_stdio_container_t stdio[3] = {
		{ .flags = UV_CREATE_PIPE | UV_READABLE_PIPE,
		    .data.stream = (uv_stream_t *)&process->in },
		{ .flags = UV_CREATE_PIPE | UV_WRITABLE_PIPE,
		    .data.stream = (uv_stream_t *)&process->out },
		{ .flags = UV_CREATE_PIPE | UV_WRITABLE_PIPE,
		    .data.stream = (uv_stream_t *)&process->errors },
	};
	uv_process_options_t options = { .file = argv[0], .args = argv, .env = environment(talk),
	    .cwd = talk->folder, .stdio = stdio, .stdio_count = 3, .exit_cb = on_ended };

	if (!input)
		stdio[0] = (uv_stdio_container_t){ .flags = UV_IGNORE };
	process->handle.data = process;
	return uv_spawn(&talk->loop, &process->handle, &options);
}

struct process *
process_start(struct talk *talk, const char *name, char **argv, const char *input, struct text *log,
    struct error *err)
{
	struct process *process = xcalloc(1, sizeof(*process));
	int code;

	process->talk = talk;
	process->name = name;
	process->next = talk->processes;
	talk->processes = process;
	init_pipes(process);
	process->out_text = &process->own_out;
	process->errors_text = log != NULL ? log : &process->own_errors;
	code = spawn(process, argv, input != NULL);
	if (code != 0) {
		failed(err, "%s cannot be started: %s", argv[0], uv_strerror(code));
		return NULL;
	}
	process->runs = process->out_open = process->errors_open = true;
	uv_read_start((uv_stream_t *)&process->out, on_allocate, on_read);
	uv_read_start((uv_stream_t *)&process->errors, on_allocate, on_read);
	if (input != NULL)
		give_input(process, input);
	return process;
}

void
process_signal(struct process *process, int number)
{
	if (process->runs)
		uv_process_kill(&process->handle, number);
}

bool
process_over(const struct process *process)
{
	return !process->runs && !process->out_open && !process->errors_open;
}

/* Name, state and parent from /proc/PID/stat; the name may hold blanks and parentheses. */
bool
pid_look(int pid, struct pid_look *look)
{
	char path[64], line[512], *name, *end;
	FILE *file;
	bool good;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	if ((file = fopen(path, "re")) == NULL)
		return false;
	good = fgets(line, sizeof(line), file) != NULL && (name = strchr(line, '(')) != NULL &&
	    (end = strrchr(line, ')')) != NULL &&
	    sscanf(end + 1, " %c %d", &look->state, &look->parent) == 2;
	fclose(file);
	if (good)
		snprintf(look->name, sizeof(look->name), "%.*s", (int)(end - name - 1), name + 1);
	return good;
}

/* A client of rollcall's has no clock to turn; it works, or it waits for what comes. */
bool
process_sleeps(const struct process *process)
{
	struct pid_look look;

	return pid_look(process->handle.pid, &look) && look.state == 'S';
}

int
process_child(const struct process *process)
{
	int pid = process->handle.pid, child = 0;
	char path[64];
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/children", pid, pid);
	if ((file = fopen(path, "re")) == NULL)
		return 0;
	if (fscanf(file, "%d", &child) != 1)
		child = 0;
	fclose(file);
	return child;
}

static void
close_handle(uv_handle_t *handle)
{
	if (!uv_is_closing(handle))
		uv_close(handle, NULL);
}

void
processes_stop(struct talk *talk)
{
	for (struct process *process = talk->processes; process != NULL; process = process->next) {
		process_signal(process, SIGKILL);
		while (process->runs)
			uv_run(&talk->loop, UV_RUN_ONCE);
		close_handle((uv_handle_t *)&process->in);
		close_handle((uv_handle_t *)&process->out);
		close_handle((uv_handle_t *)&process->errors);
		if (process->handle.type == UV_PROCESS)
			close_handle((uv_handle_t *)&process->handle);
	}
}

void
processes_free(struct talk *talk)
{
	struct process *process, *next;

	for (process = talk->processes; process != NULL; process = next) {
		next = process->next;
		text_clear(&process->own_out);
		text_clear(&process->own_errors);
		free(process);
	}
}

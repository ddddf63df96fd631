/* tools.c - what the fake tools are told to do, and what they were asked. */

#include "tools.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "answers.h"
#include "base/pattern.h"
#include "hostile.h"
#include "process.h"
#include "tests/fakes/cluster/wire.h"
#include "torture.h"

struct call {
	struct call_note note;
	struct tools *tools;
	uv_pipe_t *pipe;		/* NULL: closed */
	struct text in;
	const struct answer *answer;
	size_t action;			/* the next one */
	int64_t due;			/* of a slow one; 0: none */
	bool in_world;			/* it is the simulation that waits for `due` */
	int pid;
	char buffer[4096];
};

struct tools {
	struct talk *talk;
	uv_pipe_t server;
	const char *folder;
	struct { struct definition **item; size_t count, size; } definitions;
	struct { struct call **item; size_t count, size; } calls;
};

/* ---- to the tool ---- */

static void
on_written(uv_write_t *write, int status)
{
	(void)status;
	free(write->data);
	free(write);
}

static void
send_frame(struct call *call, char what, const char *bytes, size_t length)
{
	uv_write_t *write = xcalloc(1, sizeof(*write));
	unsigned char *frame = xmalloc(WIRE_HEADER + length);
	uv_buf_t buffer = uv_buf_init((char *)frame, (unsigned)(WIRE_HEADER + length));

	frame[0] = (unsigned char)what;
	for (int i = 0; i < 4; i++)
		frame[1 + i] = (unsigned char)(length >> (24 - 8 * i));
	if (length > 0)
		memcpy(frame + WIRE_HEADER, bytes, length);
	write->data = frame;
	if (uv_write(write, (uv_stream_t *)call->pipe, &buffer, 1, on_written) != 0)
		on_written(write, 0);
}

static void
send_exit(struct call *call, const char *status)
{
	send_frame(call, WIRE_EXIT, status, strlen(status));
	call->note.state = CALL_BUSY;
}

static void
send_status(struct call *call, int64_t status)
{
	char number[24];

	snprintf(number, sizeof(number), "%lld", (long long)status);
	send_exit(call, number);
}

/* Go on with the simulation, now. */
static void
send_world(struct call *call)
{
	char now[24];

	snprintf(now, sizeof(now), "%lld", (long long)fake_slack_clock(call->tools->talk->slack));
	send_frame(call, WIRE_WORLD, now, strlen(now));
	call->note.state = CALL_BUSY;
}

static void
end_call(struct call *call)
{
	const struct action *action;
	bool said_no = false;

	/* As a tool would: what was printed as an error alone is one. */
	for (size_t i = 0; i < call->answer->actions.count; i++) {
		action = &call->answer->actions.item[i];
		said_no = action->kind == ACTION_ERROR || (said_no && action->kind != ACTION_PRINT);
	}
	send_status(call, said_no);
}

static void
hold(struct call *call, int64_t due)
{
	call->note.state = CALL_HELD;
	call->due = due;
}

/* Carries on with the answer; false: the call waits, or is over. */
static bool
act(struct call *call, const struct action *action)
{
	switch (action->kind) {
	case ACTION_PRINT:
		send_frame(call, WIRE_OUT, action->bytes, action->length);
		return true;
	case ACTION_ERROR:
		send_frame(call, WIRE_ERROR, action->bytes, action->length);
		return true;
	case ACTION_DEAF:
		send_frame(call, WIRE_DEAF, "", 0);
		return true;
	case ACTION_HANG:
	case ACTION_SLOW:
		send_frame(call, WIRE_HOLD, "", 0);
		return false;
	case ACTION_WORLD:
		send_world(call);
		return false;
	case ACTION_DIE:
		send_exit(call, "kill");
		return false;
	case ACTION_EXIT:
		send_status(call, action->number);
		return false;
	}
	return false;
}

static void
go_on(struct call *call)
{
	call->note.state = CALL_BUSY;
	call->due = 0;
	while (call->action < call->answer->actions.count)
		if (!act(call, &call->answer->actions.item[call->action++]))
			return;
	end_call(call);
}

static void
use(struct call *call, struct definition *definition)
{
	call->note.answered = true;
	call->answer = definition_use(definition);
	call->action = 0;
	go_on(call);
}

static void
refuse_call(struct call *call)
{
	struct arena *arena = call->tools->talk->arena;
	const char *sentence = arena_printf(arena, "error: the talk has no answer for: %s %s\n",
	    call->note.tool, call->note.arguments);

	send_frame(call, WIRE_ERROR, sentence, strlen(sentence));
	send_exit(call, "1");
}

/* true: it was one of the hostile ones. */
static bool
answer_hostile(struct call *call)
{
	struct hostile_answer answer;

	if (!hostile_answer(call->tools->talk, &answer))
		return false;
	call->note.answered = true;
	send_frame(call, answer.errors ? WIRE_ERROR : WIRE_OUT, answer.bytes, answer.length);
	send_status(call, answer.exit);
	return true;
}

static void
answer_call(struct call *call)
{
	struct tools *tools = call->tools;
	struct definition *definition;

	if (answer_hostile(call))
		return;

	for (size_t i = tools->definitions.count; i-- > 0;) {
		definition = tools->definitions.item[i];
		if (definition_fits(definition, call->note.tool, call->note.arguments,
			call->note.cluster)) {
			use(call, definition);
			return;
		}
	}
	if (!tools->talk->world) {
		refuse_call(call);
		return;
	}
	call->note.answered = true;
	send_world(call);
}

/* ---- from the tool ---- */

static void
note_question(struct call *call, const cJSON *question)
{
	_cleanup_(text_clear) struct text line = TEXT_INIT;
	struct arena *arena = call->tools->talk->arena;
	_cleanup_(text_clear) struct text vector = TEXT_INIT;
	cJSON *words = cJSON_Duplicate(json_at(question, "arguments"), true);
	const cJSON *argument;

	cJSON_InsertItemInArray(words, 0, cJSON_CreateString(json_string(question, "tool")));
	json_print(&vector, words);
	cJSON_Delete(words);
	json_each(argument, json_at(question, "arguments"))
	{
		text_add(&line, line.length > 0 ? " " : "");
		text_add(&line, cJSON_GetStringValue(argument));
	}
	call->note.vector = arena_strdup(arena, vector.data);
	call->pid = (int)json_integer(question, "pid", 0);
	call->note.tool = arena_strdup(arena, json_string_or(question, "tool", "?"));
	call->note.cluster = arena_strdup(arena, json_string(question, "cluster"));
	call->note.arguments = arena_copy(arena, line.data, line.length);
}

static void
on_closed(uv_handle_t *handle)
{
	free(handle);
}

static void
close_call(struct call *call)
{
	if (call->pipe == NULL)
		return;
	uv_close((uv_handle_t *)call->pipe, on_closed);
	call->pipe = NULL;
	call->note.state = CALL_ENDED;
	text_clear(&call->in);
}

/* It has done and written all that came before the hang. */
static void
hold_now(struct call *call)
{
	const struct action *action = &call->answer->actions.item[call->action - 1];

	hold(call, action->kind == ACTION_HANG ? 0
	    : fake_slack_clock(call->tools->talk->slack) + action->number);
}

static void
hear_frame(struct call *call, char what, const char *bytes, size_t length)
{
	_cleanup_(json_freep) cJSON *question = NULL;

	if (what == WIRE_HOLD) {
		hold_now(call);
		return;
	}
	if (what == WIRE_WAIT) {
		call->in_world = true;
		hold(call, strtoll(bytes, NULL, 10));
		return;
	}
	question = json_parse(bytes, length, NULL);
	note_question(call, question);
	torture_tool_asked(call->tools->talk);
	answer_call(call);
}

static void
hear(struct call *call)
{
	const unsigned char *header;
	size_t length;

	while (call->in.length >= WIRE_HEADER) {
		header = (const unsigned char *)call->in.data;
		length = (size_t)header[1] << 24 | (size_t)header[2] << 16 |
		    (size_t)header[3] << 8 | header[4];
		if (call->in.length < WIRE_HEADER + length)
			return;
		hear_frame(call, (char)header[0], call->in.data + WIRE_HEADER, length);
		text_drop(&call->in, WIRE_HEADER + length);
	}
}

static void
on_allocate(uv_handle_t *handle, size_t size, uv_buf_t *buffer)
{
	struct call *call = handle->data;

	(void)size;
	*buffer = uv_buf_init(call->buffer, sizeof(call->buffer));
}

static void
on_read(uv_stream_t *stream, ssize_t length, const uv_buf_t *buffer)
{
	struct call *call = stream->data;

	call->tools->talk->activity++;
	if (length < 0) {
		close_call(call);
		return;
	}
	text_add_bytes(&call->in, buffer->base, (size_t)length);
	hear(call);
}

static void
on_connection(uv_stream_t *server, int status)
{
	struct tools *tools = server->data;
	struct call *call;

	tools->talk->activity++;
	if (status != 0)
		return;
	call = xcalloc(1, sizeof(*call));
	call->tools = tools;
	text_init(&call->in, WIRE_LIMIT);
	call->pipe = xcalloc(1, sizeof(*call->pipe));
	call->pipe->data = call;
	*GROW(&tools->calls) = call;
	uv_pipe_init(&tools->talk->loop, call->pipe, 0);
	if (uv_accept(server, (uv_stream_t *)call->pipe) != 0)
		close_call(call);
	else
		uv_read_start((uv_stream_t *)call->pipe, on_allocate, on_read);
}

/* ---- questions ---- */

const struct call_note *
tools_call(const struct talk *talk, size_t index)
{
	return index < talk->tools->calls.count ? &talk->tools->calls.item[index]->note : NULL;
}

size_t
tools_held(const struct talk *talk)
{
	const struct call_note *note;
	size_t held = 0;

	for (size_t i = 0; (note = tools_call(talk, i)) != NULL; i++)
		held += note->state == CALL_HELD;
	return held;
}

/* A signal makes a process run at once, and takes a while of real time to have its effect: on the tool,
 * or on the little program that hands it on. */
static bool
is_awake(const struct call *call)
{
	struct pid_look look, parent;

	if (!pid_look(call->pid, &look) || look.state != 'S')
		return true;
	return pid_look(look.parent, &parent) && string_equal(parent.name, "rollcall-exec") &&
	    parent.state != 'S';
}

bool
tools_busy(const struct talk *talk)
{
	const struct call *call;

	for (size_t i = 0; i < talk->tools->calls.count; i++) {
		call = talk->tools->calls.item[i];
		if (call->note.state == CALL_BUSY ||
		    (call->note.state == CALL_HELD && is_awake(call)))
			return true;
	}
	return false;
}

size_t
tools_ran(const struct talk *talk, const char *tool, const char *glob, bool held_only)
{
	const struct call_note *note;
	size_t ran = 0;

	for (size_t i = 0; (note = tools_call(talk, i)) != NULL; i++)
		ran += (!held_only || note->state == CALL_HELD) && string_equal(note->tool, tool) &&
		    glob_matches(glob, note->arguments);
	return ran;
}

const char *
tools_unanswered(const struct talk *talk)
{
	const struct call_note *note;

	for (size_t i = 0; (note = tools_call(talk, i)) != NULL; i++)
		if (note->tool != NULL && !note->answered)
			return arena_printf(talk->arena, "%s %s", note->tool, note->arguments);
	return NULL;
}

bool
tools_write_vectors(const struct talk *talk, const char *path, struct error *err)
{
	FILE *file = fopen(path, "we");
	const struct call_note *note;

	if (file == NULL)
		return failed(err, "%s: %s", path, strerror(errno));
	for (size_t i = 0; (note = tools_call(talk, i)) != NULL; i++)
		if (note->vector != NULL)
			fprintf(file, "%s\n", note->vector);
	return fclose(file) == 0 || failed(err, "%s: %s", path, strerror(errno));
}

/* ---- time ---- */

int64_t
tools_next(const struct talk *talk)
{
	const struct call *call;
	int64_t next = -1;

	for (size_t i = 0; i < talk->tools->calls.count; i++) {
		call = talk->tools->calls.item[i];
		if (call->note.state == CALL_HELD && call->due != 0 && (next < 0 || call->due < next))
			next = call->due;
	}
	return next;
}

void
tools_clock(struct talk *talk, int64_t now)
{
	struct call *call;

	for (size_t i = 0; i < talk->tools->calls.count; i++) {
		call = talk->tools->calls.item[i];
		if (call->note.state != CALL_HELD || call->due == 0 || call->due > now)
			continue;
		if (call->in_world)
			send_world(call);
		else
			go_on(call);
	}
}

/* ---- statements ---- */

bool
tool_run(struct talk *talk, struct reader *reader, struct error *err)
{
	struct definition *definition = arena_new_of(talk->arena, struct definition);
	struct call *call;

	if (!definition_read(talk, definition, reader, err))
		return false;
	*GROW(&talk->tools->definitions) = definition;
	for (size_t i = 0; i < talk->tools->calls.count; i++) {
		call = talk->tools->calls.item[i];
		if (call->note.state == CALL_HELD && call->due == 0 &&
		    definition_fits(definition, call->note.tool, call->note.arguments,
			call->note.cluster))
			use(call, definition);
	}
	return true;
}

/* ---- life ---- */

static bool
make_links(struct tools *tools, struct error *err)
{
	static const char *const names[] = { "kubectl", "helm", "argocd", "rollcall-cluster" };
	struct talk *talk = tools->talk;
	const char *program = arena_printf(talk->arena, "%s/rollcall-cluster", talk->options->build);

	if (mkdir(tools->folder, 0755) != 0)
		return failed(err, "%s: %s", tools->folder, strerror(errno));
	for (size_t i = 0; i < COUNT(names); i++)
		if (symlink(program, arena_printf(talk->arena, "%s/%s", tools->folder, names[i])) != 0)
			return failed(err, "%s/%s: %s", tools->folder, names[i], strerror(errno));
	return true;
}

bool
tools_start(struct talk *talk, struct error *err)
{
	struct tools *tools = talk->tools = arena_new_of(talk->arena, struct tools);
	const char *path;
	int code;

	tools->talk = talk;
	tools->folder = arena_printf(talk->arena, "%s/tools", talk->folder);
	path = arena_printf(talk->arena, "%s/cluster.sock", tools->folder);
	uv_pipe_init(&talk->loop, &tools->server, 0);
	tools->server.data = tools;
	if (!make_links(tools, err))
		return false;
	code = uv_pipe_bind(&tools->server, path);
	if (code == 0)
		code = uv_listen((uv_stream_t *)&tools->server, 128, on_connection);
	return code == 0 || failed(err, "%s: %s", path, uv_strerror(code));
}

void
tools_stop(struct talk *talk)
{
	struct tools *tools = talk->tools;

	uv_close((uv_handle_t *)&tools->server, NULL);
	for (size_t i = 0; i < tools->calls.count; i++)
		close_call(tools->calls.item[i]);
	uv_run(&talk->loop, UV_RUN_NOWAIT);
	for (size_t i = 0; i < tools->calls.count; i++)
		free(tools->calls.item[i]);
	free(tools->calls.item);
	free(tools->definitions.item);
}

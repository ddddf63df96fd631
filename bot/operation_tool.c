/*
 * operation_tool.c - the tool of a step: its argument vector, its start, what it prints.
 */

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "base/unicode.h"
#include "operation_walk.h"

#define TAIL_KEPT 2000
#define REASON_KEPT 900	/* bytes, beside our id in 1000 */
#define OUTPUT_KEPT KILOBYTES(256)

void
operation_log(struct operation *o, const char *text, size_t length)
{
	_cleanup_(freep) char *path = NULL;

	if (o->log < 0) {
		path = xasprintf("%s/logs", o->bot->folder);
		mkdir(path, 0700);
		free(path);
		path = xasprintf("%s/logs/%s.log", o->bot->folder, o->id);
		o->log = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
	}
	if (o->log < 0 || write(o->log, text, length) != (ssize_t)length)
		log_warning("%s: its log could not be written", o->id);
}

static void
on_output(void *arg, const char *text, size_t length, bool errors)
{
	struct operation *o = arg;

	(void)errors;
	if (o->withheld) {
		text = "(output withheld: after the restart it is not known what in it is secret)\n";
		length = o->tail.length == 0 ? strlen(text) : 0;
	}
	operation_log(o, text, length);
	text_add_bytes(&o->tail, text, length);
	if (o->tail.length > TAIL_KEPT)
		text_drop(&o->tail, o->tail.length - TAIL_KEPT);
	if (step_present(o)->tail)
		operation_redraw(o);
}

/* A value of an annotation is one line, and of an end (words.h); a person's reason need be neither. */
static const char *
reason_line(struct operation *o)
{
	const char *line;

	if (o->reason == NULL)
		return "no reason given";
	line = foreign_line(o->arena, o->reason, strlen(o->reason));
	if (strlen(line) <= REASON_KEPT)
		return line;
	return arena_printf(o->arena, "%.*s…", (int)string_cut(line, REASON_KEPT), line);
}

/* Names and reasons that are known only when it runs (KC9): exactly these two holes, never again inside
 * what was filled in. */
static char **
final_argv(struct operation *o, const struct step *step)
{
	size_t count = 0;
	char **argv;

	while (step->argv[count] != NULL)
		count++;
	argv = arena_alloc(o->arena, (count + 1) * sizeof(char *));
	for (size_t i = 0; i < count; i++) {
		_cleanup_(text_clear) struct text filled = TEXT_INIT;
		const char *s = step->argv[i];

		while (*s != '\0') {
			if (string_starts(s, "{operation}")) {
				text_add(&filled, o->id);
				s += strlen("{operation}");
			} else if (string_starts(s, "{reason}")) {
				text_add(&filled, reason_line(o));
				s += strlen("{reason}");
			} else {
				text_add_char(&filled, *s++);
			}
		}
		argv[i] = arena_strdup(o->arena, filled.data);
	}
	return argv;
}

static const char *
spool_folder(struct operation *o)
{
	_cleanup_(freep) char *all = xasprintf("%s/spool", o->bot->folder);

	mkdir(all, 0700);
	return arena_printf(o->arena, "%s/%s-%s-%zu", all, o->id, operation_list_name(o), o->position);
}

static struct job_options
options_of(struct operation *o, const struct step *step, bool probe)
{
	bool outlives = !probe && (step->effect != READS || step->tail);

	return (struct job_options){ .argv = final_argv(o, step),
		.configuration = o->request->configuration, .cluster = o->request->target->cluster,
		.mask = o->mask, .limit = step->kind == STEP_UNTIL && !step->tail ? SECONDS(30) : step->limit,
		.cancel = step->cancel, .keep = probe || step->effect == READS ? FACT_LIMIT : OUTPUT_KEPT,
		.spool = outlives ? spool_folder(o) : NULL,
		.output = outlives ? on_output : NULL, .done = tool_answered, .arg = o };
}

/* One that is followed once more has what is left of its step's time. */
static struct job_options
bounded_options(struct operation *o, const struct step *step, bool probe)
{
	struct job_options options = options_of(o, step, probe);
	int64_t left = o->step_deadline - loop_now(o->bot->loop);

	if (options.limit > step->limit && step->limit > 0)
		options.limit = step->limit;
	if (step->tail && !probe && left > 0 && left < options.limit)
		options.limit = left;
	return options;
}

void
operation_read_options(struct operation *o, const struct step *step, struct job_options *options)
{
	*options = bounded_options(o, step, true);
}

void
tool_start(struct operation *o, const struct step *step, bool probe)
{
	struct job_options options = bounded_options(o, step, probe);

	if (options.spool != NULL)
		job_forget_spool(options.spool);
	if (!probe)
		o->tool_ended = 0;
	o->job = job_start(o->bot->jobs, &options);
}

/* What is left of its limit; enough to read how it ended when nothing is. */
bool
tool_adopt(struct operation *o, struct step *step)
{
	struct job_options options = options_of(o, step, false);

	options.limit = step->started + step->limit - loop_wall(o->bot->loop);
	if (options.limit < SECONDS(1))
		options.limit = SECONDS(1);
	o->job = job_adopt(o->bot->jobs, &options);
	if (o->job != NULL && o->stop_wanted)
		job_cancel(o->job);
	return o->job != NULL;
}

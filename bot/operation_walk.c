/*
 * operation_walk.c - one step after the other: written down, run, judged, written down.
 *
 * What a tool's exit status says is never the last word: a step that changes something and failed, was lost
 * or ran into its limit is probed ("is the pinned template live?") before anything is said about it.
 */

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "forgery.h"
#include "operation_move.h"
#include "say.h"

#define TAIL_KEPT 2000
#define FIRST_PAUSE 200		/* ms between the first two readings of an `until`; doubled up to its own */
#define OUTPUT_KEPT KILOBYTES(256)

static void run_step(struct operation *);
static void start_tool(struct operation *, const struct step *, bool probe);
static void second_looked(struct operation *, enum verdict, const char *note);

static struct step *
present_step(struct operation *o)
{
	return &o->list->item[o->position];
}

/* A wait may also be a tool that reads for long, and says what it waits for. */
static bool
waits(const struct step *step)
{
	return step->kind == STEP_UNTIL || step->kind == STEP_WAIT || step->tail;
}

/* ---- the log file and the tail ---- */

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
	if (present_step(o)->tail)
		operation_redraw(o);
}

/* ---- the end of a step ---- */

static bool
changed_something(const struct operation *o)
{
	for (size_t i = 0; i < o->plan->steps.count; i++)
		if (o->plan->steps.item[i].effect != READS &&
		    o->plan->steps.item[i].kind != STEP_SAVE &&
		    (o->plan->steps.item[i].state == STEP_DONE || o->plan->steps.item[i].behind))
			return true;
	return false;
}

/* The step for whose failure the plan ends: what stands after it is only read, once, to be told. */
static const struct step *
failed_step(const struct operation *o)
{
	for (size_t i = 0; i < o->plan->steps.count; i++)
		if (o->plan->steps.item[i].state == STEP_FAILED && !o->plan->steps.item[i].advisory)
			return &o->plan->steps.item[i];
	return NULL;
}

/* After a change, the reads that are left say what stands now; of one that did not come about they would say
 * only that. */
static bool
worth_reading_on(const struct operation *o)
{
	const struct steps *steps = &o->plan->steps;

	if (o->list != steps || !changed_something(o) || o->position + 1 >= steps->count ||
	    steps->item[o->position].behind)
		return false;
	for (size_t i = o->position + 1; i < steps->count; i++)
		if (steps->item[i].effect != READS || steps->item[i].judge == NULL ||
		    steps->item[i].kind == STEP_RUN)
			return false;
	return true;
}

static const char *
what_stands(const struct operation *o, const struct step *failed)
{
	_cleanup_(text_clear) struct text out = TEXT_INIT_LIMIT(KILOBYTES(4));
	const struct step *end = o->plan->steps.item + o->plan->steps.count;

	text_add(&out, failed->note != NULL ? failed->note : failed->title);
	for (const struct step *step = failed + 1; step < end; step++)
		if (step->note != NULL && step->note[0] != '\0')
			text_printf(&out, "%s%s", step == failed + 1 ? "; now " : ", ", step->note);
	return arena_copy(o->arena, out.data, out.length);
}

static void
end_failed(struct operation *o)
{
	operation_end(o, OUTCOME_FAILED, changed_something(o) ? VERDICT_PARTLY : VERDICT_NONE,
	    what_stands(o, failed_step(o)));
}

static void
next_settled(struct operation *o, struct move *move, bool ok)
{
	(void)move;
	if (!ok) {
		operation_interrupt(o, "my own store did not take the result of a step");
		return;
	}
	o->position++;
	operation_walk(o);
}

static void
step_letter(struct move *move, const struct step *step)
{
	struct operation *o = move->operation;
	_cleanup_(message_freep) struct message *message = message_new();
	struct arena *a = message->arena;
	struct outbox_row row = { .key = arena_printf(move->arena, "%s/%s/%zu", o->id,
		operation_list_name(o), o->position), .class = 2,
		.channel = o->card_channel != NULL ? o->card_channel : o->arrival->channel,
		.thread = arena_printf(move->arena, "@%s", o->id),
		.person = o->arrival->person };

	message_step(message, step->state == STEP_DONE ? SYMBOL_DONE : SYMBOL_FAILED, step->title,
	    duration_print(a, step->ended - step->started));
	if (step->note != NULL && step->note[0] != '\0')
		message_line(message, "%s", step->note);
	message->text = say(a, "%s: %s: %s", o->id, step->title,
	    step->note != NULL ? step->note : step->state == STEP_DONE ? "done" : "failed");
	message->id = o->id;
	message->state = "step";
	move_letter(move, &row, message);
}

static void
end_step(struct operation *o, enum step_state state, const char *note)
{
	struct step *step = present_step(o);

	timer_stop(o->bot->loop, &o->timer);
	step->state = state;
	step->ended = loop_wall(o->bot->loop);
	step->note = note != NULL ? arena_strdup(o->plan->arena, note) : step->note;
	text_reset(&o->tail);
}

static void
step_done(struct operation *o, const char *note)
{
	struct step *step = present_step(o);
	struct move *move;

	end_step(o, STEP_DONE, note);
	move = move_new(o, next_settled);
	move_step(move, step, operation_list_name(o), o->position);
	step_letter(move, step);
	move_audit(move, "step", "rollcall", step->title);
	move_start(move);
	operation_redraw(o);
}

static void
step_failed(struct operation *o, const char *note)
{
	struct step *step = present_step(o);
	struct move *move;

	end_step(o, STEP_FAILED, note);
	o->last_words = step->note;
	if (!step->advisory && failed_step(o) == step && !worth_reading_on(o)) {
		end_failed(o);
		return;
	}
	move = move_new(o, next_settled);
	move_step(move, step, operation_list_name(o), o->position);
	step_letter(move, step);
	move_start(move);
}

static void
stopped(struct operation *o)
{
	if (o->overtaken_by != NULL)
		operation_end(o, OUTCOME_CANCELLED, VERDICT_UNVERIFIABLE,
		    say(o->arena, "Overtaken by %s", o->overtaken_by));
	else
		operation_end(o, OUTCOME_CANCELLED,
		    changed_something(o) ? VERDICT_PARTLY : VERDICT_NONE, "stopped by a person");
}

/* Only what reads is cut off in the middle; a change that was signalled is looked at first. */
static void
step_stopped(struct operation *o)
{
	end_step(o, STEP_STOPPED,
	    o->overtaken_by != NULL ? say(o->arena, "Overtaken by %s", o->overtaken_by) : "stopped");
	stopped(o);
}

/* ---- judging ---- */

enum verdict
operation_judge(struct operation *o, const struct step *step, const struct job_result *result,
    const char **note)
{
	const struct judge *judge = step->judge != NULL ? judge_find(step->judge) : NULL;
	struct reading reading = { .exit = result->exit, .out = result->out,
		.length = result->length, .errors = result->errors };
	enum verdict verdict;

	*note = NULL;
	if (result->error.kind != ERROR_NONE) {
		*note = result->error.text;
		return FAILS;
	}
	if (result->cut) {
		*note = "the tool printed more than I read";
		return UNSEEN;
	}
	if (judge != NULL) {
		verdict = judge->judge(o->arena, &reading, step->expect, note);
		if (verdict != UNSEEN || !result->late)
			return verdict;
	}
	if (result->late)
		*note = say(o->arena, "no end within %s", duration_print(o->arena, step->limit));
	else if (result->lost)
		*note = "the tool is gone and left no exit status";
	else if (result->exit != 0 && *note == NULL)
		*note = result->errors[0] != '\0' ? result->errors
						  : say(o->arena, "exit status %d", result->exit);
	if (judge != NULL)
		return UNSEEN;
	return result->exit == 0 ? HOLDS : result->late || result->lost ? UNSEEN : FAILS;
}

static void
on_again(void *arg)
{
	struct operation *o = arg;

	start_tool(o, present_step(o), false);
}

/* What a cluster does at once is seen at once; what takes long is not asked all the time. */
static int64_t
pause_before_next(struct operation *o, const struct step *step)
{
	int64_t pause = FIRST_PAUSE << (o->tries < 5 ? o->tries : 5);

	o->tries++;
	return pause < step->every ? pause : step->every;
}

/* Between two readings: is it worth waiting for?  Pods tell why it takes long, never that somebody has put
 * another template there. */
static void
read_later(struct operation *o, enum verdict verdict)
{
	const struct step *step = present_step(o);

	if (verdict == NOT_YET && step->probe != NULL) {
		o->probing = true;
		start_tool(o, step->probe, true);
		return;
	}
	timer_start(o->bot->loop, &o->timer, pause_before_next(o, step), on_again, o);
}

static void
on_wait_probed(struct operation *o, enum verdict verdict, const char *note)
{
	if (o->stop_wanted)
		step_stopped(o);
	else if (verdict == FAILS)
		step_failed(o, note);
	else
		read_later(o, UNSEEN);
}

/* Not yet, or not seen: again after a pause, until the step's limit. */
static void
try_again(struct operation *o, enum verdict verdict, const char *note)
{
	struct step *step = present_step(o);
	int64_t left = o->step_deadline - loop_now(o->bot->loop);
	const char *waited = duration_print(o->arena, step->limit);

	if (note != NULL && !string_equal(note, step->note)) {
		step->note = arena_strdup(o->plan->arena, note);
		operation_redraw(o);
	}
	if (o->stop_wanted && step->cancel != FINISH) {
		step_stopped(o);
		return;
	}
	operation_forget_ahead(o);
	if (left > step->every && failed_step(o) == NULL) {
		read_later(o, verdict);
		return;
	}
	if (failed_step(o) != NULL) {
		step_failed(o, note);
		return;
	}
	if (verdict == UNSEEN) {
		end_step(o, STEP_UNKNOWN, note);
		o->last_words = step->note;
		operation_end(o, OUTCOME_FAILED, VERDICT_UNKNOWN,
		    say(o->arena, "the cluster could not be read for %s: %s", waited,
			note != NULL ? note : "no answer"));
		return;
	}
	step_failed(o, say(o->arena, "not within %s: %s", waited, note != NULL ? note : "no change"));
}

/* Not there, nothing runs, and a person wants it: once more, after a last look while nothing is changed. */
static void
do_again(struct operation *o)
{
	present_step(o)->state = STEP_NEXT;
	o->last_look = !changed_something(o);
	if (o->last_look)
		operation_look(o);
	else
		operation_walk(o);
}

/* What the tool said, and what the probe found behind it. */
static void
failed_behind(struct operation *o, const char *said, const char *found)
{
	present_step(o)->behind = true;
	step_failed(o, said == NULL ? found : say(o->arena, "%s; %s", said, found));
}

static void
on_probed(struct operation *o, enum verdict verdict, const char *found)
{
	const char *note = present_step(o)->note;
	bool chosen = o->chosen;

	o->chosen = false;
	if (chosen && verdict != HOLDS && verdict != UNSEEN) {
		do_again(o);
	} else if (verdict == HOLDS) {
		step_done(o, say(o->arena, "the tool did not say so, but the cluster shows it (%s)",
			note != NULL ? note : "read back"));
	} else if (o->probing_after_loss || verdict == UNSEEN) {
		end_step(o, STEP_UNKNOWN, note);
		operation_interrupt(o, note != NULL ? note : "I cannot tell whether the step was done");
	} else if (verdict == BEGAN) {
		failed_behind(o, note, found);
	} else {
		step_failed(o, note);
	}
}

/* A change that did not clearly succeed is looked at before a word is said about it. */
static void
change_unclear(struct operation *o, enum verdict verdict, const char *note)
{
	struct step *step = present_step(o);

	step->note = note != NULL ? arena_strdup(o->plan->arena, note) : NULL;
	if (step->resume != PROBE || step->probe == NULL) {
		if (verdict == FAILS) {
			step_failed(o, note);
			return;
		}
		end_step(o, STEP_UNKNOWN, note);
		operation_interrupt(o, note != NULL ? note : "I cannot tell whether the step was done");
		return;
	}
	o->probing = true;
	o->probing_after_loss = verdict == UNSEEN;
	start_tool(o, step->probe, true);
}

static void
judged(struct operation *o, enum verdict verdict, const char *note)
{
	struct step *step = present_step(o);

	if (verdict == HOLDS) {
		step_done(o, note);
	} else if (verdict == UNCHANGED) {
		if (step->effect == READS || changed_something(o)) {
			step_done(o, note);
			return;
		}
		end_step(o, STEP_DONE, note);
		operation_end(o, OUTCOME_UNCHANGED, VERDICT_NONE, note);
	} else if (step->kind == STEP_UNTIL && verdict != FAILS) {
		try_again(o, verdict, note);
	} else if (step->effect != READS) {
		change_unclear(o, verdict, note);
	} else if (verdict == UNSEEN && failed_step(o) == NULL) {
		end_step(o, STEP_UNKNOWN, note);
		operation_end(o, OUTCOME_FAILED, VERDICT_UNKNOWN, note);
	} else {
		step_failed(o, note);
	}
}

static void
on_done(void *arg, const struct job_result *result)
{
	struct operation *o = arg;
	const struct step *step = o->probing ? present_step(o)->probe : present_step(o);
	const char *note;
	enum verdict verdict;

	o->job = NULL;
	present_step(o)->exit = result->exit;
	verdict = operation_judge(o, step, result, &note);
	if (o->probing) {
		o->probing = false;
		if (present_step(o)->kind == STEP_UNTIL)
			on_wait_probed(o, verdict, note);
		else
			on_probed(o, verdict, note);
		return;
	}
	if (verdict == BEGAN)
		verdict = FAILS;
	if (o->stop_wanted && step->effect == READS && step->cancel != FINISH && verdict != HOLDS) {
		step_stopped(o);
		return;
	}
	if (o->second_look)
		second_looked(o, verdict, note);
	else
		judged(o, verdict, note);
}

/* ---- running ---- */

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
				text_add(&filled, o->reason != NULL ? o->reason : "no reason given");
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
		.output = outlives ? on_output : NULL, .done = on_done, .arg = o };
}

static struct job_options
bounded_options(struct operation *o, const struct step *step, bool probe)
{
	struct job_options options = options_of(o, step, probe);

	if (options.limit > step->limit && step->limit > 0)
		options.limit = step->limit;
	return options;
}

void
operation_read_options(struct operation *o, const struct step *step, struct job_options *options)
{
	*options = bounded_options(o, step, true);
}

static void
start_tool(struct operation *o, const struct step *step, bool probe)
{
	struct job_options options = bounded_options(o, step, probe);

	if (options.spool != NULL)
		job_forget_spool(options.spool);
	o->job = job_start(o->bot->jobs, &options);
}

/* An early answer: it holds, or it is asked again, now that its turn has come. */
void
operation_came(struct operation *o, enum verdict verdict, const char *note)
{
	if (verdict == HOLDS)
		step_done(o, note);
	else if (o->stop_wanted)
		step_stopped(o);
	else
		start_tool(o, present_step(o), false);
}

static void
on_waited(void *arg)
{
	step_done(arg, NULL);
}

static void
run_step(struct operation *o)
{
	const struct step *step = present_step(o);

	o->step_deadline = loop_now(o->bot->loop) + step->limit;
	o->tries = 0;
	if (o->stop_wanted) {		/* said while the step was being written down */
		step_stopped(o);
		return;
	}
	if (step->kind == STEP_SAVE)
		step_done(o, "in my own record");	/* it is part of the plan that was just committed */
	else if (step->kind == STEP_WAIT)
		timer_start(o->bot->loop, &o->timer, step->limit, on_waited, o);
	else if (!operation_await(o)) {
		start_tool(o, step, false);
		operation_read_ahead(o);
	}
}

static void
running_settled(struct operation *o, struct move *move, bool ok)
{
	(void)move;
	if (!ok) {
		present_step(o)->state = STEP_NEXT;
		operation_end(o, OUTCOME_FAILED, changed_something(o) ? VERDICT_PARTLY : VERDICT_NONE,
		    "my own store did not take that the step begins, so it was not begun");
		return;
	}
	if (o->stop_wanted) {
		present_step(o)->state = STEP_NEXT;
		stopped(o);
		return;
	}
	run_step(o);
}

/* Read back and judged after the last change: that, and nothing that a tool said, is "verified". */
static bool
read_back(const struct operation *o)
{
	bool verified = false;

	for (size_t i = 0; i < o->plan->steps.count; i++) {
		const struct step *step = &o->plan->steps.item[i];

		if (step->effect != READS && !step->advisory)
			verified = false;
		else if (step->effect == READS && step->judge != NULL && !step->tail && !step->advisory)
			verified = step->state == STEP_DONE;
	}
	return verified;
}

/*
 * A wait that ended without its end, while everything that was read after it holds: what stands decides, not
 * how long it took (a rollout that passed its deadline may still finish, KC11).  Two that failed are a failure.
 */
static bool
overruled(const struct operation *o)
{
	const struct step *wait = failed_step(o), *end = o->plan->steps.item + o->plan->steps.count;

	if (wait == NULL || wait->effect != READS || !(wait->tail || wait->kind == STEP_UNTIL) ||
	    wait + 1 == end || !read_back(o))
		return false;
	for (const struct step *step = wait + 1; step < end; step++)
		if (step->state != STEP_DONE && !step->advisory)
			return false;
	return true;
}

/* A rollout that was followed is read back by the steps after it; any other wait is read once more itself. */
static void
end_overruled(struct operation *o)
{
	o->position = (size_t)(failed_step(o) - o->plan->steps.item);
	if (present_step(o)->tail) {
		operation_end(o, OUTCOME_DONE, VERDICT_VERIFIED, NULL);
		return;
	}
	o->second_look = true;
	start_tool(o, present_step(o), false);
}

static void
second_looked(struct operation *o, enum verdict verdict, const char *note)
{
	struct step *step = present_step(o);

	o->second_look = false;
	if (verdict != HOLDS) {
		end_failed(o);
		return;
	}
	step->note = arena_printf(o->plan->arena, "%s; a little later: %s", step->note,
	    note != NULL ? note : "it holds");
	operation_end(o, OUTCOME_DONE, VERDICT_VERIFIED, NULL);
}

static void
all_done(struct operation *o)
{
	if (overruled(o)) {
		end_overruled(o);
		return;
	}
	if (failed_step(o) != NULL) {
		end_failed(o);
		return;
	}
	if (o->list == &o->plan->steps && o->plan->always.count > 0) {
		o->list = &o->plan->always;
		o->position = 0;
		operation_walk(o);
		return;
	}
	operation_end(o, OUTCOME_DONE, read_back(o) ? VERDICT_VERIFIED : VERDICT_UNVERIFIABLE, NULL);
}

void
operation_walk(struct operation *o)
{
	struct step *step;
	struct move *move;

	if (o->position >= o->list->count) {
		all_done(o);
		return;
	}
	if (o->stop_wanted) {
		stopped(o);
		return;
	}
	/* What has ended is written down; whoever starts next goes on from there. */
	if (o->bot->draining)
		return;
	step = present_step(o);
	step->state = STEP_RUNNING;
	step->started = loop_wall(o->bot->loop);
	o->state = waits(step) ? STATE_WAITING : STATE_ACTING;
	o->row++;
	move = move_new(o, running_settled);
	move_step(move, step, operation_list_name(o), o->position);
	if (o->list == &o->plan->steps && o->position == 0 && string_equal(o->plan->kind, "rollback"))
		operation_tell_decision(move);
	move_start(move);
	operation_redraw(o);
}

/* ---- stop, and going on after a restart ---- */

static bool
may_steer(const struct operation *o, const char *principal)
{
	const struct configuration *c = o->bot->configuration;

	if (string_equal(principal, o->request->principal) ||
	    permit_has_role(c, o->bot->directory, principal, "admin"))
		return true;
	for (const char *const *role = o->permission.roles; role != NULL && *role != NULL; role++)
		if (permit_has_role(c, o->bot->directory, principal, *role))
			return true;
	return false;
}

bool
operation_stop_kept(struct operation *o)
{
	if (!o->stop_wanted || o->settling || o->taking_up || o->looked_for_restart || o->last_look)
		return false;
	if (o->state == STATE_ASKING)
		operation_end(o, OUTCOME_CANCELLED, VERDICT_NONE, "dismissed before it began");
	else if (o->state == STATE_INTERRUPTED)
		operation_end(o, OUTCOME_CANCELLED, VERDICT_PARTLY, "given up by a person");
	else if (timer_runs(&o->timer) && o->state == STATE_WAITING)
		step_stopped(o);
	else
		return false;
	return true;
}

bool
operation_stop(struct operation *o, const struct word_of *word, struct error *err)
{
	if (!may_steer(o, word->principal))
		return refuse(err, "You may not stop %s: it was asked for by %s, and you have none of the roles that may",
		    o->id, directory_name(o->bot->directory, o->request->principal));
	if (o->state == STATE_TELLING || o->state == STATE_ENDED)
		return refuse(err, "%s has already ended: %s", o->id, operation_word(o));
	o->stopped_by = arena_strdup(o->arena, word->principal);
	o->stop_wanted = true;
	if (operation_stop_kept(o))
		return true;
	o->row++;
	if (!o->taking_up)
		operation_keep(o, "stop", word->principal);
	if (!o->settling && !o->taking_up) {
		if (o->job != NULL && (!o->probing || present_step(o)->effect == READS))
			job_cancel(o->job);
	}
	operation_redraw(o);
	return true;
}

static void
interrupted_settled(struct operation *o, struct move *move, bool ok)
{
	(void)move;
	(void)ok;
	if (!operation_stop_kept(o))
		operation_redraw(o);
}

void
operation_interrupt(struct operation *o, const char *why)
{
	_cleanup_(message_freep) struct message *message = message_new();
	struct outbox_row row = { .class = 0, .person = o->arrival->person,
		.channel = o->card_channel != NULL ? o->card_channel : o->arrival->channel };
	struct move *move;

	o->state = STATE_INTERRUPTED;
	o->last_words = arena_strdup(o->arena, why);
	give_drawing(o);
	move = move_new(o, interrupted_settled);
	move_step(move, present_step(o), operation_list_name(o), o->position);
	row.key = arena_printf(move->arena, "%s/interrupted/%d", o->id, o->drawing);
	message->text = operation_notification(o, message->arena, say(message->arena,
	    "I lost sight of step %zu. ops resume %s, or ops stop %s", o->position + 1, o->id, o->id));
	message_line(message, "%s", message->text);
	move_letter(move, &row, message);
	move_audit(move, "interrupted", "rollcall", o->last_words);
	move_start(move);
}

bool
operation_resume(struct operation *o, const struct word_of *word, struct error *err)
{
	const struct step *step;

	if (!may_steer(o, word->principal))
		return refuse(err, "You may not resume %s: it was asked for by %s", o->id,
		    directory_name(o->bot->directory, o->request->principal));
	if (o->state != STATE_INTERRUPTED || o->settling || o->taking_up)
		return refuse(err, "%s does not wait for a decision: it is %s", o->id, operation_word(o));
	if (o->bot->leaving)
		return refuse(err, "I am being restarted. Say it again in a minute");
	if (forgery_holds(o->bot, word->arrival, err))
		return false;
	step = present_step(o);
	if (step->effect == READS || step->probe == NULL) {
		operation_resume_acting(o);
		return true;
	}
	/* What ran has ended, else it would not wait for a decision: the cluster tells the rest. */
	o->state = STATE_ACTING;
	o->row++;
	o->probing = o->chosen = true;
	o->probing_after_loss = false;
	start_tool(o, step->probe, true);
	operation_redraw(o);
	return true;
}

/* What is left of its limit; enough to read how it ended when nothing is. */
static bool
adopt(struct operation *o, struct step *step)
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

/* The step that was RUNNING when we went away, by its resume (E3). */
void
operation_resume_acting(struct operation *o)
{
	struct step *step = present_step(o);

	o->state = waits(step) ? STATE_WAITING : STATE_ACTING;
	if (step->state == STEP_DONE) {
		o->position++;
		operation_walk(o);
		return;
	}
	if (step->state == STEP_NEXT) {
		o->last_look = o->position == 0;	/* under the lock, before the first change (E7) */
		if (o->last_look)
			operation_look(o);
		else
			operation_walk(o);
		return;
	}
	step->state = STEP_RUNNING;
	o->step_deadline = loop_now(o->bot->loop) + step->limit;
	if (step->effect == READS || step->kind == STEP_SAVE || step->kind == STEP_WAIT) {
		if (step->tail && adopt(o, step))
			return;
		if (o->stop_wanted)
			step_stopped(o);
		else
			run_step(o);
		return;
	}
	if (adopt(o, step))
		return;
	/* Nobody had claimed the step: it was never begun, and now nobody else can. */
	step->state = STEP_NEXT;
	operation_walk(o);
}

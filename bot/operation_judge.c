/*
 * operation_judge.c - what the answer of a tool means.
 *
 * What a tool's exit status says is never the last word: a step that changes something and failed, was lost
 * or ran into its limit is probed ("is the pinned template live?") before anything is said about it.
 */

#include "operation_walk.h"
#include "say.h"

#define FOLLOW_AGAIN SECONDS(3)
#define CHECKED_AGAIN 5
#define FIRST_PAUSE 200		/* ms between the first two readings of an `until`; doubled up to its own */

enum verdict
operation_judge(struct arena *arena, const struct step *step, const struct job_result *result,
    struct findings *found, const char **note)
{
	const struct judge *judge = step->judge != NULL ? judge_find(step->judge) : NULL;
	struct reading reading = { .exit = result->exit, .out = result->out,
		.length = result->length, .errors = result->errors, .found = found };
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
		verdict = judge->judge(arena, &reading, step->expect, note);
		if (verdict != UNSEEN || !result->late)
			return verdict;
	}
	if (result->late)
		*note = say(arena, "no end within %s", duration_print(arena, step->limit));
	else if (result->lost)
		*note = "the tool is gone and left no exit status";
	else if (result->exit != 0 && *note == NULL)
		*note = result->errors[0] != '\0' ? result->errors
						  : say(arena, "exit status %d", result->exit);
	if (judge != NULL)
		return UNSEEN;
	return result->exit == 0 ? HOLDS : result->late || result->lost ? UNSEEN : FAILS;
}

static void
on_again(void *arg)
{
	struct operation *o = arg;

	tool_start(o, step_present(o), false);
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
	const struct step *step = step_present(o);

	if (verdict == NOT_YET && step->probe != NULL) {
		o->probing = true;
		tool_start(o, step->probe, true);
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
	struct step *step = step_present(o);
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
	if (left > step->every && step_that_failed(o) == NULL) {
		read_later(o, verdict);
		return;
	}
	if (step_that_failed(o) != NULL) {
		step_failed(o, note);
		return;
	}
	if (verdict == UNSEEN) {
		step_end(o, STEP_UNKNOWN, note);
		o->last_words = step->note;
		operation_end(o, OUTCOME_FAILED, VERDICT_UNKNOWN,
		    say(o->arena, "the cluster could not be read for %s: %s", waited,
			note != NULL ? note : "no answer"));
		return;
	}
	step_failed(o, say(o->arena, "not within %s: %s", waited, note != NULL ? note : "no change"));
}

/* Not there, nothing runs, and a person wants it: once more.  While nothing is changed all of it begins
 * again, with the rights of everybody, the brake and the last look. */
static void
do_again(struct operation *o)
{
	step_present(o)->state = STEP_NEXT;
	if (operation_changed(o)) {
		operation_walk(o);
		return;
	}
	operation_rewind(o);
	operation_go(o);
}

/* What the tool said, and what the probe found behind it. */
static void
failed_behind(struct operation *o, const char *said, const char *found)
{
	step_present(o)->behind = true;
	step_present(o)->gone = o->tool_ended;
	step_failed(o, said == NULL ? found : say(o->arena, "%s; %s", said, found));
}

static void
on_probed(struct operation *o, enum verdict verdict, const char *found)
{
	const char *note = step_present(o)->note;
	bool chosen = o->chosen;

	o->chosen = false;
	/* Nobody works on it any more: what stands half way stays so. */
	if (verdict == BEGAN && (chosen || o->tool_ended > 0)) {
		failed_behind(o, note, found);
	} else if (chosen && verdict != HOLDS && verdict != UNSEEN) {
		do_again(o);
	} else if (verdict == HOLDS) {
		step_done(o, say(o->arena, "the tool did not say so, but the cluster shows it (%s)",
			note != NULL ? note : "read back"));
	} else if (o->probing_after_loss || verdict == UNSEEN || verdict == BEGAN) {
		step_end(o, STEP_UNKNOWN, note);
		operation_interrupt(o, note != NULL ? note : "I cannot tell whether the step was done");
	} else {
		step_failed(o, note);
	}
}

/* A change that did not clearly succeed is looked at before a word is said about it. */
static void
change_unclear(struct operation *o, enum verdict verdict, const char *note)
{
	struct step *step = step_present(o);

	step->note = note != NULL ? arena_strdup(o->plan->arena, note) : NULL;
	if (step->resume != PROBE || step->probe == NULL) {
		if (verdict == FAILS) {
			step_failed(o, note);
			return;
		}
		step_end(o, STEP_UNKNOWN, note);
		operation_interrupt(o, note != NULL ? note : "I cannot tell whether the step was done");
		return;
	}
	o->probing = true;
	o->probing_after_loss = verdict == UNSEEN;
	tool_start(o, step->probe, true);
}

/* A tool that waits and lost the cluster waits on, as long as its step has time; one look that saw nothing is
 * repeated a few times: it says nothing about what was changed. */
static bool
looked_again(struct operation *o, const char *note)
{
	struct step *step = step_present(o);
	bool again = step->tail ? o->step_deadline - loop_now(o->bot->loop) > FOLLOW_AGAIN
				: step->kind == STEP_CHECK && o->tries++ < CHECKED_AGAIN;

	if (!again || step_that_failed(o) != NULL)
		return false;
	step->note = note != NULL ? arena_strdup(o->plan->arena, note) : NULL;
	operation_redraw(o);
	timer_start(o->bot->loop, &o->timer, FOLLOW_AGAIN, on_again, o);
	return true;
}

static void
judged(struct operation *o, enum verdict verdict, const char *note)
{
	struct step *step = step_present(o);

	if (verdict == HOLDS) {
		step_done(o, note);
	} else if (verdict == UNCHANGED) {
		if (step->effect == READS || operation_changed(o)) {
			step_done(o, note);
			return;
		}
		step_end(o, STEP_DONE, note);
		operation_end(o, OUTCOME_UNCHANGED, VERDICT_NONE, note);
	} else if (step->kind == STEP_UNTIL && verdict != FAILS) {
		try_again(o, verdict, note);
	} else if (step->effect != READS) {
		change_unclear(o, verdict, note);
	} else if (verdict == UNSEEN && looked_again(o, note)) {
		return;
	} else if (verdict == UNSEEN && step_that_failed(o) == NULL) {
		step_end(o, STEP_UNKNOWN, note);
		operation_end(o, OUTCOME_FAILED, VERDICT_UNKNOWN, note);
	} else {
		step_failed(o, note);
	}
}

void
tool_answered(void *arg, const struct job_result *result)
{
	struct operation *o = arg;
	const struct step *step = o->probing ? step_present(o)->probe : step_present(o);
	struct findings found = { 0 };
	const char *note;
	enum verdict verdict;

	o->job = NULL;
	step_present(o)->exit = result->exit;
	verdict = operation_judge(o->arena, step, result, &found, &note);
	if (!o->probing) {
		step_present(o)->restarts = found.restarts;
		o->tool_ended = result->lost || result->error.kind != ERROR_NONE ? 0 : loop_wall(o->bot->loop);
	}
	if (o->probing) {
		o->probing = false;
		if (step_present(o)->kind == STEP_UNTIL)
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
		operation_second_looked(o, verdict, note);
	else
		judged(o, verdict, note);
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
		tool_start(o, step_present(o), false);
}

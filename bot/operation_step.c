/*
 * operation_step.c - how a step ends, and what its end means for the plan.
 */

#include "operation_walk.h"
#include "say.h"

struct step *
step_present(struct operation *o)
{
	return &o->list->item[o->position];
}

/* A wait may also be a tool that reads for long, and says what it waits for. */
bool
step_waits(const struct step *step)
{
	return step->kind == STEP_UNTIL || step->kind == STEP_WAIT || step->tail;
}

bool
operation_changed(const struct operation *o)
{
	for (size_t i = 0; i < o->plan->steps.count; i++)
		if (o->plan->steps.item[i].effect != READS &&
		    o->plan->steps.item[i].kind != STEP_SAVE &&
		    (o->plan->steps.item[i].state == STEP_DONE || o->plan->steps.item[i].behind))
			return true;
	return false;
}

bool
operation_begun(const struct operation *o)
{
	for (size_t i = 0; i < o->plan->steps.count; i++)
		if (o->plan->steps.item[i].effect != READS && o->plan->steps.item[i].state != STEP_NEXT)
			return true;
	return false;
}

/* The step for whose failure the plan ends: what stands after it is only read, once, to be told. */
const struct step *
step_that_failed(const struct operation *o)
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

	if (o->list != steps || !operation_changed(o) || o->position + 1 >= steps->count ||
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

void
operation_failed(struct operation *o)
{
	operation_end(o, OUTCOME_FAILED, operation_changed(o) ? VERDICT_PARTLY : VERDICT_NONE,
	    what_stands(o, step_that_failed(o)));
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

void
step_end(struct operation *o, enum step_state state, const char *note)
{
	struct step *step = step_present(o);

	timer_stop(o->bot->loop, &o->timer);
	step->state = state;
	step->ended = loop_wall(o->bot->loop);
	step->note = note != NULL ? arena_strdup(o->plan->arena, note) : step->note;
	text_reset(&o->tail);
}

void
step_done(struct operation *o, const char *note)
{
	struct step *step = step_present(o);
	struct move *move;

	step_end(o, STEP_DONE, note);
	move = move_new(o, next_settled);
	move_step(move, step, operation_list_name(o), o->position);
	step_letter(move, step);
	move_audit(move, "step", "rollcall", step->title);
	move_start(move);
	operation_redraw(o);
}

void
step_failed(struct operation *o, const char *note)
{
	struct step *step = step_present(o);
	struct move *move;

	step_end(o, STEP_FAILED, note);
	o->last_words = step->note;
	if (!step->advisory && step_that_failed(o) == step && !worth_reading_on(o)) {
		operation_failed(o);
		return;
	}
	move = move_new(o, next_settled);
	move_step(move, step, operation_list_name(o), o->position);
	step_letter(move, step);
	move_start(move);
}

void
operation_stopped(struct operation *o)
{
	if (o->overtaken_by != NULL)
		operation_end(o, OUTCOME_CANCELLED, VERDICT_UNVERIFIABLE,
		    say(o->arena, "Overtaken by %s", o->overtaken_by));
	else
		operation_end(o, OUTCOME_CANCELLED,
		    operation_changed(o) ? VERDICT_PARTLY : VERDICT_NONE, "stopped by a person");
}

/* Only what reads is cut off in the middle; a change that was signalled is looked at first. */
void
step_stopped(struct operation *o)
{
	step_end(o, STEP_STOPPED,
	    o->overtaken_by != NULL ? say(o->arena, "Overtaken by %s", o->overtaken_by) : "stopped");
	operation_stopped(o);
}

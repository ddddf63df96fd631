/*
 * operation_walk.c - one step after the other: written down, run, judged, written down.
 */

#include "operation_walk.h"

static void
on_waited(void *arg)
{
	step_done(arg, NULL);
}

void
step_run(struct operation *o)
{
	const struct step *step = step_present(o);

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
		tool_start(o, step, false);
		operation_read_ahead(o);
	}
}

static void
running_settled(struct operation *o, struct move *move, bool ok)
{
	(void)move;
	if (!ok) {
		step_present(o)->state = STEP_NEXT;
		operation_end(o, OUTCOME_FAILED, operation_changed(o) ? VERDICT_PARTLY : VERDICT_NONE,
		    "my own store did not take that the step begins, so it was not begun");
		return;
	}
	if (o->stop_wanted) {
		step_present(o)->state = STEP_NEXT;
		operation_stopped(o);
		return;
	}
	step_run(o);
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
	const struct step *wait = step_that_failed(o), *end = o->plan->steps.item + o->plan->steps.count;

	if (wait == NULL || wait->effect != READS || !(wait->tail || wait->kind == STEP_UNTIL) ||
	    wait + 1 == end || !read_back(o))
		return false;
	for (const struct step *step = wait + 1; step < end; step++)
		if (step->state != STEP_DONE && !step->advisory)
			return false;
	return true;
}

static void
end_well(struct operation *o)
{
	const char *unproven = o->plan->unproven;

	operation_end(o, OUTCOME_DONE,
	    read_back(o) && unproven == NULL ? VERDICT_VERIFIED : VERDICT_UNVERIFIABLE, unproven);
}

/* A rollout that was followed is read back by the steps after it; any other wait is read once more itself. */
static void
end_overruled(struct operation *o)
{
	o->position = (size_t)(step_that_failed(o) - o->plan->steps.item);
	if (step_present(o)->tail) {
		end_well(o);
		return;
	}
	o->second_look = true;
	tool_start(o, step_present(o), false);
}

void
operation_second_looked(struct operation *o, enum verdict verdict, const char *note)
{
	struct step *step = step_present(o);

	o->second_look = false;
	if (verdict != HOLDS) {
		operation_failed(o);
		return;
	}
	step->note = arena_printf(o->plan->arena, "%s; a little later: %s", step->note,
	    note != NULL ? note : "it holds");
	end_well(o);
}

static void
all_done(struct operation *o)
{
	if (overruled(o)) {
		end_overruled(o);
		return;
	}
	if (step_that_failed(o) != NULL) {
		operation_failed(o);
		return;
	}
	if (o->list == &o->plan->steps && o->plan->always.count > 0) {
		o->list = &o->plan->always;
		o->position = 0;
		operation_walk(o);
		return;
	}
	end_well(o);
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
		operation_stopped(o);
		return;
	}
	/* What has ended is written down; whoever starts next goes on from there. */
	if (o->bot->draining)
		return;
	step = step_present(o);
	step->state = STEP_RUNNING;
	step->started = loop_wall(o->bot->loop);
	o->state = step_waits(step) ? STATE_WAITING : STATE_ACTING;
	o->row++;
	move = move_new(o, running_settled);
	move_step(move, step, operation_list_name(o), o->position);
	if (o->list == &o->plan->steps && o->position == 0 && string_equal(o->plan->kind, "rollback"))
		operation_tell_decision(move);
	move_start(move);
	operation_redraw(o);
}

void
operation_rewind(struct operation *o)
{
	o->state = STATE_ACTING;
	o->list = &o->plan->steps;
	o->position = 0;
	for (size_t i = 0; i < o->plan->steps.count; i++)
		o->plan->steps.item[i].state = STEP_NEXT;
}

/* The step that was RUNNING when we went away, by its resume (E3). */
void
operation_resume_acting(struct operation *o)
{
	struct step *step = step_present(o);

	o->state = step_waits(step) ? STATE_WAITING : STATE_ACTING;
	if (step->state == STEP_DONE) {
		o->position++;
		operation_walk(o);
		return;
	}
	step->state = STEP_RUNNING;
	o->step_deadline = loop_now(o->bot->loop) + step->limit;
	if (step->effect == READS || step->kind == STEP_SAVE || step->kind == STEP_WAIT) {
		if (step->tail && tool_adopt(o, step))
			return;
		if (o->stop_wanted)
			step_stopped(o);
		else
			step_run(o);
		return;
	}
	if (tool_adopt(o, step))
		return;
	/* Nobody had claimed the step: it was never begun, and now nobody else can. */
	step->state = STEP_NEXT;
	if (operation_changed(o))
		operation_walk(o);
	else
		operation_begin_anew(o);
}

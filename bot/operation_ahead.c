/*
 * operation_ahead.c - reads that follow one another are begun side by side.
 *
 * While a read is under way, or a change that nothing is verified by (advisory), the reads behind it begin
 * too, each once; those that may wait for long only beside one that may as well, since they are in vain where
 * the first of them has to wait.  Such an early answer counts only when it holds: anything else is read again
 * when the turn of its step has come.  A read that had to be repeated makes what was read beside it old.
 */

#include <stdlib.h>

#include "operation.h"

#define AHEAD_MOST 4
#define LONG_WAIT MINUTES(1)	/* a step that may wait for longer than that waits for a rollout */

struct ahead {
	struct ahead *next;		/* in bot->aheads until its job has ended */
	struct bot *bot;
	struct operation *operation;	/* NULL: nobody wants it any more */
	struct steps *list;
	size_t position;
	struct job *job;		/* NULL: it has ended */
	bool awaited;
	enum verdict verdict;
	const char *note;		/* in the operation's arena */
};

static void
ahead_free(struct ahead *ahead)
{
	for (struct ahead **at = &ahead->bot->aheads; *at != NULL; at = &(*at)->next)
		if (*at == ahead) {
			*at = ahead->next;
			break;
		}
	free(ahead);
}

void
aheads_free(struct bot *bot)
{
	while (bot->aheads != NULL)
		ahead_free(bot->aheads);
}

static struct ahead *
find_ahead(const struct operation *o, size_t position)
{
	for (struct ahead *a = o->bot->aheads; a != NULL; a = a->next)
		if (a->operation == o && a->list == o->list && a->position == position)
			return a;
	return NULL;
}

void
operation_forget_ahead(struct operation *o)
{
	struct ahead *next;

	for (struct ahead *a = o->bot->aheads; a != NULL; a = next) {
		next = a->next;
		if (a->operation != o)
			continue;
		a->operation = NULL;
		if (a->job != NULL)
			job_cancel(a->job);
		else
			ahead_free(a);
	}
}

/* It holds, or it is read again, and so is what was read beside it. */
static void
came(struct operation *o, enum verdict verdict, const char *note)
{
	if (verdict != HOLDS)
		operation_forget_ahead(o);
	operation_came(o, verdict, note);
}

static void
on_ahead(void *arg, const struct job_result *result)
{
	struct ahead *ahead = arg;
	struct operation *o = ahead->operation;
	struct findings found = { 0 };
	enum verdict verdict;
	const char *note;
	struct step *step;

	ahead->job = NULL;
	if (o == NULL) {
		ahead_free(ahead);
		return;
	}
	step = &ahead->list->item[ahead->position];
	ahead->verdict = operation_judge(o->arena, step, result, &found, &ahead->note);
	step->restarts = found.restarts;
	ahead->note = arena_strdup(o->arena, ahead->note);
	if (!ahead->awaited)
		return;
	verdict = ahead->verdict;
	note = ahead->note;
	ahead_free(ahead);	/* before: what came may end the operation, which forgets all of them */
	came(o, verdict, note);
}

static bool
reads(const struct step *step)
{
	return (step->kind == STEP_UNTIL || step->kind == STEP_CHECK) && step->effect == READS &&
	    !step->tail && step->judge != NULL;
}

static bool
waits_long(const struct step *step)
{
	return step->limit > LONG_WAIT;
}

void
operation_read_ahead(struct operation *o)
{
	const struct step *step = &o->list->item[o->position];
	struct job_options options;
	struct ahead *ahead;

	if (!reads(step) && !(step->effect != READS && step->advisory))
		return;
	for (size_t i = o->position + 1; i < o->list->count && i <= o->position + AHEAD_MOST; i++) {
		if (!reads(&o->list->item[i]) || (waits_long(&o->list->item[i]) && !waits_long(step)))
			return;
		if (find_ahead(o, i) != NULL)
			continue;
		ahead = xcalloc(1, sizeof(*ahead));
		*ahead = (struct ahead){ .next = o->bot->aheads, .bot = o->bot, .operation = o,
			.list = o->list, .position = i };
		o->bot->aheads = ahead;
		operation_read_options(o, &o->list->item[i], &options);
		options.done = on_ahead;
		options.arg = ahead;
		ahead->job = job_start(o->bot->jobs, &options);
	}
}

bool
operation_await(struct operation *o)
{
	struct ahead *ahead = find_ahead(o, o->position);
	enum verdict verdict;
	const char *note;

	if (ahead == NULL)
		return false;
	if (ahead->job != NULL) {
		ahead->awaited = true;
		return true;
	}
	verdict = ahead->verdict;
	note = ahead->note;
	ahead_free(ahead);
	if (verdict == HOLDS)
		operation_came(o, verdict, note);
	else
		operation_forget_ahead(o);
	return verdict == HOLDS;
}

/*
 * operation_watch_look.c - looks at what is watched: whose turn it is, and one reading after the other.
 *
 * A look belongs to the operation until that ends; then nobody waits for its child, which is let to its end.
 */

#include <stdlib.h>

#include "base/unicode.h"
#include "operation_watch.h"

#define READING_MOST SECONDS(30)
#define WORDS_MOST 200		/* characters of what a judge says */

struct look {
	struct look *next;		/* in bot->looks */
	struct bot *bot;
	struct operation *operation;	/* NULL: nobody wants it any more */
	struct arena *arena;		/* of what its judges say */
	struct mask_set *mask;		/* of an operation that is gone; else NULL */
	size_t step;
	enum sight worst;
	const char *what;		/* of the worst reading */
	bool counted;			/* what: of one that counts pods, which says most */
};

static void next_reading(struct look *);

/* ---- looks, and whose turn it is ---- */

static void
look_free(struct look *look)
{
	for (struct look **at = &look->bot->looks; *at != NULL; at = &(*at)->next)
		if (*at == look) {
			*at = look->next;
			break;
		}
	mask_set_free(look->mask);
	arena_free(look->arena);
	free(look);
}

void
looks_free(struct bot *bot)
{
	timer_stop(bot->loop, &bot->look_pace);
	while (bot->looks != NULL)
		look_free(bot->looks);
}

size_t
looks_under_way(const struct bot *bot)
{
	size_t count = 0;

	for (const struct look *look = bot->looks; look != NULL; look = look->next)
		count++;
	return count;
}

static void
begin_look(struct operation *o)
{
	const struct operation *next = operation_blocker(o->bot, o->plan);
	struct look *look;

	if (next != NULL) {	/* it began while we were away */
		operation_watch_overtaken(o, next->id);
		return;
	}
	if (o->mask == NULL)		/* given to a look that was in vain */
		o->mask = mask_set_new(secret_mask());
	look = xcalloc(1, sizeof(*look));
	*look = (struct look){ .next = o->bot->looks, .bot = o->bot, .operation = o, .arena = arena_new() };
	o->bot->looks = look;
	next_reading(look);
}

static void take_turns(void *);

/* The first of those whose time has come, at most one in each LOOK_GAP. */
static void
take_turns(void *arg)
{
	struct bot *bot = arg;
	struct operation *o = bot->due;

	if (o == NULL || bot->draining || timer_runs(&bot->look_pace) || looks_under_way(bot) >= LOOKS_MOST)
		return;
	bot->due = o->next_due;
	o->due = false;
	timer_start(bot->loop, &bot->look_pace, LOOK_GAP, take_turns, bot);
	begin_look(o);
}

void
look_due(void *arg)
{
	struct operation *o = arg, **at = &o->bot->due;

	while (*at != NULL)
		at = &(*at)->next_due;
	*at = o;
	o->next_due = NULL;
	o->due = true;
	take_turns(o->bot);
}

/* No look of it is under way or wanted any more. */
void
look_forget(struct operation *o)
{
	struct operation **at = &o->bot->due;

	timer_stop(o->bot->loop, &o->timer);
	while (o->due && *at != o)
		at = &(*at)->next_due;
	if (o->due)
		*at = o->next_due;
	o->due = false;
	for (struct look *look = o->bot->looks; look != NULL; look = look->next)
		if (look->operation == o) {
			look->operation = NULL;
			look->mask = o->mask;	/* its child's output passes through it */
			o->mask = NULL;
		}
}

/* ---- one look ---- */

/* The steps wait; a look does not. */
static int64_t
reading_limit(const struct step *step)
{
	return step->limit < READING_MOST ? step->limit : READING_MOST;
}

static void
look_done(struct look *look)
{
	struct bot *bot = look->bot;
	struct operation *o = look->operation;
	enum sight sight = look->worst;
	const char *all = look->what != NULL ? look->what : "";
	const char *what = arena_copy(look->arena, all, utf8_prefix(all, WORDS_MOST));

	look->operation = NULL;
	if (o != NULL && !bot->draining)	/* what our end killed said nothing */
		operation_watch_looked(o, sight, what);
	look_free(look);
	take_turns(bot);
}

static void
on_reading(void *arg, const struct job_result *result)
{
	struct look *look = arg;
	struct findings found = { 0 };
	enum verdict verdict;
	struct step step;
	const char *note;
	enum sight sight;

	if (look->operation == NULL) {
		look_done(look);
		return;
	}
	step = look->operation->plan->steps.item[look->step];
	step.limit = reading_limit(&step);
	verdict = operation_judge(look->arena, &step, result, &found, &note);
	sight = watch_sight(&step, result->exit < 0 ? UNSEEN : verdict, &found);
	if (sight > look->worst || (sight == look->worst && (look->what == NULL ||
	    (found.pods > 0 && !look->counted)))) {
		look->what = arena_strdup(look->arena, note);
		look->counted = found.pods > 0;
	}
	look->worst = sight > look->worst ? sight : look->worst;
	look->step++;
	/* Who cannot read one cannot read the others; and nothing is worse than these. */
	if (sight == SIGHT_NOTHING || sight >= SIGHT_BROKEN)
		look_done(look);
	else
		next_reading(look);
}

static void
next_reading(struct look *look)
{
	struct operation *o = look->operation;
	const struct plan *plan = o->plan;
	const struct step *step;
	struct job_options options;

	while (look->step < plan->steps.count && !watch_looks_at(plan, look->step))
		look->step++;
	if (look->step == plan->steps.count) {
		look_done(look);
		return;
	}
	step = &plan->steps.item[look->step];
	options = (struct job_options){ .argv = step->argv, .configuration = o->request->configuration,
		.cluster = o->request->target->cluster, .mask = o->mask,
		.limit = reading_limit(step), .cancel = TERM, .keep = FACT_LIMIT, .done = on_reading, .arg = look };
	job_start(o->bot->jobs, &options);
}

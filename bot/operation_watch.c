/*
 * operation_watch.c - the observation window: how it begins, what its looks come to, how it ends (F6).
 *
 * Between two moves an operation that is watched waits for its next look, or is looked at.
 */

#include <unistd.h>

#include "base/log.h"
#include "operation_watch.h"
#include "say.h"

static void go_on(struct operation *);
static void finish(struct operation *, struct watch_said, const char *came_to);

/* ---- what a look came to ---- */

static void
remember(struct text *words, const char *said)
{
	text_reset(words);
	text_add(words, said != NULL ? said : "");
}

static void
tell_settled(struct operation *o, struct move *move, bool ok)
{
	(void)move;
	if (!ok)
		o->watch->told = false;		/* nobody was: the next look says it */
	operation_redraw(o);
	go_on(o);
}

static void
tell(struct operation *o)
{
	struct move *move;
	const char *why;

	o->row++;
	move = move_new(o, tell_settled);
	why = watch_worse_since(o, move->arena);
	log_info("%s: %s", o->id, why);
	watch_tell_worse(move, why);
	move_audit(move, "worse", "rollcall", why);
	move_start(move);
}

/* What the look came to; changed: the card does not say it yet. */
void
operation_watch_looked(struct operation *o, enum sight sight, const char *what)
{
	struct watch *w = o->watch;
	bool worse = w->worse > 0, unseen = w->unseen > 0, changed;
	struct text *words = sight == SIGHT_NOTHING ? &w->why : &w->what;
	struct watch_said said = watch_look(w, sight, loop_wall(o->bot->loop));

	changed = worse != (w->worse > 0) || unseen != (w->unseen > 0) || !string_equal(words->data, what);
	remember(words, what);
	if (said.end != WATCH_GOES_ON) {
		finish(o, said, watch_end_words(o, said.end));
		return;
	}
	if (said.tell) {
		tell(o);
		return;
	}
	if (changed)
		operation_redraw(o);
	go_on(o);
}

/* ---- the end of it ---- */

static void
on_again(void *arg)
{
	go_on(arg);
}

static void
finish_settled(struct operation *o, struct move *move, bool ok)
{
	(void)move;
	if (!ok) {		/* it is watched on; what ended it is seen again */
		o->state = STATE_WATCHING;
		o->verdict = VERDICT_VERIFIED;
		o->watch->came_to = NULL;
		o->watch->told &= !o->watch->telling;
		timer_start(o->bot->loop, &o->timer, WATCH_EVERY, on_again, o);
		return;
	}
	log_info("%s: %s", o->id, o->watch->came_to);
	if (!outbox_has(o->bot->outbox, o->id))
		operation_told(o->bot, o->id);
}

static void
finish(struct operation *o, struct watch_said said, const char *came_to)
{
	static const enum outcome_verdict verdicts[] = {
		[WATCH_GOES_ON] = VERDICT_VERIFIED, [WATCH_WELL] = VERDICT_VERIFIED,
		[WATCH_WORSE] = VERDICT_NOT_BETTER, [WATCH_UNDONE] = VERDICT_UNDONE,
		[WATCH_UNSEEN] = VERDICT_UNVERIFIABLE };
	const char *actor = o->stop_wanted && o->stopped_by != NULL ? o->stopped_by : "rollcall";
	struct move *move;

	look_forget(o);
	timer_stop(o->bot->loop, &o->redraw);
	o->state = STATE_TELLING;
	o->verdict = verdicts[said.end];
	o->watch->came_to = came_to;
	o->row++;
	move = move_new(o, finish_settled);
	move_card(move, "end");
	o->watch->telling = said.tell;
	if (said.end == WATCH_WORSE)
		operation_unverify(move);
	if (said.tell)
		watch_tell_worse(move, came_to);
	else
		watch_thread_letter(move);
	move_audit(move, "end", actor, came_to);
	move_start(move);
}

/* Ended by something else than its window: as it was seen until then. */
static void
cut_short(struct operation *o, const char *by)
{
	const struct watch *w = o->watch;
	bool worse = w->told && w->worse > 0;
	const char *so_far = worse ? watch_worse_since(o, o->arena)
	    : w->unseen > 0
	    ? say(o->arena, "Could not look since %s: %s", watch_clock(o, o->arena, w->unseen), w->why.data)
	    : w->what.length > 0 ? say(o->arena, "No worse until then: %s", w->what.data) : NULL;

	finish(o, (struct watch_said){ .end = worse ? WATCH_WORSE : WATCH_WELL }, say(o->arena, "%s at %s%s%s", by,
	    watch_clock(o, o->arena, loop_wall(o->bot->loop)), so_far != NULL ? ". " : "",
	    so_far != NULL ? so_far : ""));
}

/* What came while it settled goes first. */
static void
go_on(struct operation *o)
{
	if (o->overtaken_by != NULL)
		cut_short(o, say(o->arena, "Overtaken by %s", o->overtaken_by));
	else if (o->stop_wanted)
		cut_short(o, say(o->arena, "Watching was stopped by %s",
		    directory_name(o->bot->directory, o->stopped_by)));
	else
		timer_start(o->bot->loop, &o->timer, watch_pause(o->watch, loop_wall(o->bot->loop)), look_due, o);
}

static bool
is_free(const struct operation *o)
{
	return o->state == STATE_WATCHING && !o->settling && !o->taking_up;
}

void
operation_watch_overtaken(struct operation *o, const char *id)
{
	o->overtaken_by = arena_strdup(o->arena, id);
	if (is_free(o))
		go_on(o);
}

void
operation_watch_stop(struct operation *o)
{
	if (is_free(o))
		go_on(o);
	else
		operation_keep(o, "stop", o->stopped_by);
}

/* ---- its beginning ---- */

static struct watch *
watch_new(struct operation *o)
{
	struct watch *w = arena_new_of(o->arena, struct watch);

	text_init(&w->what, WATCH_WORDS);
	text_init(&w->why, WATCH_WORDS);
	return w;
}

void
operation_watch_clear(struct operation *o)
{
	if (o->watch == NULL)
		return;
	look_forget(o);
	text_clear(&o->watch->what);
	text_clear(&o->watch->why);
}

static bool
can_be_read(const struct plan *plan)
{
	for (size_t i = 0; i < plan->steps.count; i++)
		if (watch_looks_at(plan, i))
			return true;
	return false;
}

static size_t
watched(const struct bot *bot)
{
	size_t count = 0;

	for (const struct operation *o = bot->operations; o != NULL; o = o->next)
		count += o->state == STATE_WATCHING;
	return count;
}

bool
operation_watch_begin(struct operation *o)
{
	const struct target *target = o->request->target;

	if (o->outcome != OUTCOME_DONE || o->verdict != VERDICT_VERIFIED || target == NULL ||
	    target->environment->observe == 0 || !can_be_read(o->plan))
		return false;
	o->watch = watch_new(o);
	o->watch->began = loop_wall(o->bot->loop);
	o->watch->until = o->watch->began + target->environment->observe;
	if (watched(o->bot) < WATCHED_MOST)
		return true;
	o->watch->came_to = say(o->arena, "Not watched: %d others are, which is as many as I watch", WATCHED_MOST);
	return false;
}

void
operation_watch_go_on(struct operation *o)
{
	/* It may stand for long: what was for the walk alone is given back. */
	operation_forget_seen(o);
	text_clear(&o->tail);
	if (o->log >= 0)
		close(o->log);
	o->log = -1;
	operation_redraw(o);
	go_on(o);
}

void
operation_watch_resume(struct operation *o)
{
	o->restarted = o->bot->started > 0 ? o->bot->started : loop_wall(o->bot->loop);
	log_info("%s is watched on", o->id);
	operation_redraw(o);
	if (o->stray != NULL)		/* nobody knows where to look, and nothing of it is held */
		cut_short(o, say(o->arena, "After a restart I do not know it any more (%s): watched no more", o->stray));
	else if (o->overtaken_by != NULL || o->stop_wanted)
		go_on(o);
	else
		look_due(o);
}

/* ---- over a restart ---- */

void
operation_watch_print(const struct operation *o, cJSON *request)
{
	const struct watch *w = o->watch;
	cJSON *json;

	if (w == NULL)
		return;
	json = json_add_object(request, "watch");
	json_add_number(json, "began", (double)w->began);
	json_add_number(json, "until", (double)w->until);
	json_add_number(json, "worse", (double)w->worse);
	json_add_bool(json, "told", w->told);
	json_add_string(json, "what", w->what.data);
	json_add_string(json, "came_to", w->came_to);
}

void
operation_watch_read(struct operation *o, const cJSON *request)
{
	const cJSON *json = json_at(request, "watch");

	if (json == NULL)
		return;
	o->watch = watch_new(o);
	o->watch->began = json_integer(json, "began", 0);
	o->watch->until = json_integer(json, "until", 0);
	o->watch->worse = json_integer(json, "worse", 0);
	o->watch->told = json_bool(json, "told", false);
	remember(&o->watch->what, json_string(json, "what"));
	o->watch->came_to = arena_strdup(o->arena, json_string(json, "came_to"));
}

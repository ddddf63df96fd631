/*
 * operation_watch.c - the observation window: looks at what was verified, one reading after the other (F6).
 *
 * A look belongs to the operation until that ends; then nobody waits for its child, which is let to its end.
 */

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "operation_move.h"
#include "operation_watch.h"
#include "say.h"

#define READING_MOST SECONDS(30)

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
static void go_on(struct operation *);
static void finish(struct operation *, enum watch_end, const char *came_to);

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

static void
on_due(void *arg)
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
static void
forget_looks(struct operation *o)
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
		o->watch->told = false;		/* the next look says it */
	operation_redraw(o);
	go_on(o);
}

/* From where it is: commands, which show a plan and change nothing yet. */
static void
add_way(struct message *m, const struct operation *o)
{
	const struct plan *plan = o->plan;
	const char *target = plan->target, *where = plan->environment;

	if (!string_equal(plan->kind, "rollback"))
		message_line(m, "How it stands: " CODE "rollout status %s in %s" CODE, target, where);
	else if (o->verdict == VERDICT_UNDONE)
		message_line(m, "Nothing is tried again by itself. A plan of the same: " CODE
			"rollback %s to %s in %s" CODE, target, operation_version(m->arena, &plan->to), where);
	else
		message_line(m, "Plans from here: " CODE "rollback %s to previous in %s" CODE
			", or back again: " CODE "rollback %s to %s in %s" CODE, target, where, target,
		    operation_version(m->arena, &plan->from), where);
}

static struct message *
worse_message(const struct operation *o, const char *why)
{
	struct message *m = message_new();

	m->text = operation_notification(o, m->arena, why);
	message_line(m, BOLD "%s" BOLD ", %s. %s", operation_headline(o, m->arena), o->plan->environment, why);
	add_way(m, o);
	m->id = o->id;
	m->state = o->verdict == VERDICT_UNDONE ? "undone" : "worse";
	return m;
}

/* Who heard that it is verified hears that it is so no more; the one who asked is called. */
static void
tell_worse(struct move *move, const char *why)
{
	const struct operation *o = move->operation;
	_cleanup_(message_freep) struct message *here = worse_message(o, why);
	_cleanup_(message_freep) struct message *there = worse_message(o, why);
	const char *slash = strchr(o->request->principal, '/');
	struct outbox_row row = { .class = 0, .channel = operation_place(o), .person = o->arrival->person,
		.key = arena_printf(move->arena, "%s/%s", o->id, here->state) };

	if (slash != NULL)
		message_line(here, PERSON "%s" PERSON, slash + 1);
	move_letter(move, &row, here);
	operation_tell_channels(move, here->state, there);
}

static const char *
clock_of(const struct operation *o, struct arena *arena, int64_t stamp)
{
	const struct zone *zone = o->bot->configuration->zone;

	return o->watch->until - o->watch->began < MINUTES(5) ? stamp_clock_seconds(arena, zone, stamp)
							      : stamp_clock(arena, zone, stamp);
}

static const char *
worse_since(const struct operation *o, struct arena *arena)
{
	return say(arena, "Worse since %s: %s", clock_of(o, arena, o->watch->worse), o->watch->what.data);
}

static void
tell(struct operation *o)
{
	struct move *move;
	const char *why;

	o->row++;
	move = move_new(o, tell_settled);
	why = worse_since(o, move->arena);
	log_info("%s: %s", o->id, why);
	tell_worse(move, why);
	move_audit(move, "worse", "rollcall", why);
	move_start(move);
}

static const char *
end_words(const struct operation *o, enum watch_end end)
{
	const struct watch *w = o->watch;
	int64_t now = loop_wall(o->bot->loop);
	const char *until = clock_of(o, o->arena, now), *what = w->what.data;

	switch (end) {
	case WATCH_WORSE:
		return worse_since(o, o->arena);
	case WATCH_UNDONE:
		return say(o->arena, "Undone, as seen at %s: %s",
		    stamp_clock_seconds(o->arena, o->bot->configuration->zone, now), what);
	case WATCH_UNSEEN:
		return say(o->arena, "Watched until %s. Could not look since %s: %s. Whether it stayed well is "
		    "not verifiable", until, clock_of(o, o->arena, w->unseen), w->why.data);
	default:
		return w->told
		    ? say(o->arena, "Watched until %s: it was worse in between, at the last look it is well: %s",
			  until, what)
		    : say(o->arena, "Watched until %s, no worse: %s", until, what);
	}
}

/* What the look came to; changed: the card does not say it yet. */
static void
looked(struct operation *o, enum sight sight, const char *what)
{
	struct watch *w = o->watch;
	bool worse = w->worse > 0, unseen = w->unseen > 0, changed;
	struct text *words = sight == SIGHT_NOTHING ? &w->why : &w->what;
	struct watch_said said = watch_look(w, sight, loop_wall(o->bot->loop));

	changed = worse != (w->worse > 0) || unseen != (w->unseen > 0) || !string_equal(words->data, what);
	remember(words, what);
	if (said.end != WATCH_GOES_ON) {
		finish(o, said.end, end_words(o, said.end));
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
	const char *what = arena_strdup(look->arena, look->what);

	look->operation = NULL;
	if (o != NULL && !bot->draining)	/* what our end killed said nothing */
		looked(o, sight, what);
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
		timer_start(o->bot->loop, &o->timer, WATCH_EVERY, on_again, o);
		return;
	}
	log_info("%s: %s", o->id, o->watch->came_to);
	if (!outbox_has(o->bot->outbox, o->id))
		operation_told(o->bot, o->id);
}

/* Nobody is called: on the card, and in its thread. */
static void
thread_letter(struct move *move)
{
	const struct operation *o = move->operation;
	_cleanup_(message_freep) struct message *m = message_new();
	struct outbox_row row = { .class = 2, .channel = operation_place(o), .person = o->arrival->person,
		.thread = arena_printf(move->arena, "@%s", o->id),
		.key = arena_printf(move->arena, "%s/watched", o->id) };

	message_line(m, "%s. %s", operation_headline(o, m->arena), o->watch->came_to);
	m->text = operation_notification(o, m->arena, o->watch->came_to);
	m->id = o->id;
	m->state = "watched";
	move_letter(move, &row, m);
}

static void
finish(struct operation *o, enum watch_end end, const char *came_to)
{
	static const enum outcome_verdict verdicts[] = {
		[WATCH_GOES_ON] = VERDICT_VERIFIED, [WATCH_WELL] = VERDICT_VERIFIED,
		[WATCH_WORSE] = VERDICT_NOT_BETTER, [WATCH_UNDONE] = VERDICT_UNDONE,
		[WATCH_UNSEEN] = VERDICT_UNVERIFIABLE };
	const char *actor = o->stop_wanted && o->stopped_by != NULL ? o->stopped_by : "rollcall";
	bool news = end == WATCH_UNDONE || (end == WATCH_WORSE && !o->watch->told);
	struct move *move;

	forget_looks(o);
	timer_stop(o->bot->loop, &o->redraw);
	o->state = STATE_TELLING;
	o->verdict = verdicts[end];
	o->watch->came_to = came_to;
	o->row++;
	move = move_new(o, finish_settled);
	move_card(move, "end");
	if (news)
		tell_worse(move, came_to);
	else
		thread_letter(move);
	move_audit(move, "end", actor, came_to);
	move_start(move);
}

/* Ended by something else than its window: as it was seen until then. */
static void
cut_short(struct operation *o, const char *by)
{
	const struct watch *w = o->watch;
	bool worse = w->told && w->worse > 0;
	const char *so_far = worse ? worse_since(o, o->arena)
	    : w->unseen > 0
	    ? say(o->arena, "Could not look since %s: %s", clock_of(o, o->arena, w->unseen), w->why.data)
	    : w->what.length > 0 ? say(o->arena, "No worse until then: %s", w->what.data) : NULL;

	finish(o, worse ? WATCH_WORSE : WATCH_WELL, say(o->arena, "%s at %s%s%s", by,
	    clock_of(o, o->arena, loop_wall(o->bot->loop)), so_far != NULL ? ". " : "",
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
		timer_start(o->bot->loop, &o->timer, watch_pause(o->watch, loop_wall(o->bot->loop)), on_due, o);
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
	forget_looks(o);
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
	if (o->overtaken_by != NULL || o->stop_wanted)
		go_on(o);
	else
		on_due(o);
}

/* ---- what is said of it ---- */

const char *
operation_watch_until(const struct operation *o, struct arena *arena)
{
	return clock_of(o, arena, o->watch->until);
}

static const char *
how_it_stands(const struct operation *o, struct arena *arena)
{
	const struct watch *w = o->watch;
	const char *until = operation_watch_until(o, arena);

	if (w->unseen > 0)
		return say(arena, "Could not look since %s: %s. Tried again until %s",
		    clock_of(o, arena, w->unseen), w->why.data, until);
	if (w->worse > 0 && w->told)
		return say(arena, "%s. Watched until %s", worse_since(o, arena), until);
	if (w->worse > 0)
		return say(arena, "Since %s: %s. It counts when it lasts a minute",
		    clock_of(o, arena, w->worse), w->what.data);
	if (w->told)
		return say(arena, "It was worse, and is well again: %s. Watched until %s", w->what.data, until);
	return say(arena, "Watched until %s%s%s. Nothing to do; what gets worse is said here", until,
	    w->what.length > 0 ? ": " : "", w->what.data);
}

void
operation_watch_lines(struct message *m, const struct operation *o)
{
	if (o->watch == NULL)
		return;
	if (o->watch->came_to != NULL) {
		message_line(m, "%s", o->watch->came_to);
		return;
	}
	message_line(m, "%s", how_it_stands(o, m->arena));
	if (o->restarted > o->watch->began)
		message_line(m, "rollcall restarted at %s; it is watched on",
		    stamp_clock(m->arena, o->bot->configuration->zone, o->restarted));
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

/* operation_watch_words.c - what is said of an operation that is watched: on its card, in its thread, anew. */

#include <string.h>

#include "operation_watch.h"
#include "say.h"

/* ---- sentences ---- */

const char *
watch_clock(const struct operation *o, struct arena *arena, int64_t stamp)
{
	const struct zone *zone = o->bot->configuration->zone;

	return o->watch->until - o->watch->began < MINUTES(5) ? stamp_clock_seconds(arena, zone, stamp)
							      : stamp_clock(arena, zone, stamp);
}

const char *
watch_worse_since(const struct operation *o, struct arena *arena)
{
	return say(arena, "Worse since %s: %s", watch_clock(o, arena, o->watch->worse), o->watch->what.data);
}

const char *
watch_end_words(const struct operation *o, enum watch_end end)
{
	const struct watch *w = o->watch;
	int64_t now = loop_wall(o->bot->loop);
	const char *until = watch_clock(o, o->arena, now), *what = w->what.data;

	switch (end) {
	case WATCH_WORSE:
		return watch_worse_since(o, o->arena);
	case WATCH_UNDONE:
		return say(o->arena, "Seen at %s: %s",
		    stamp_clock_seconds(o->arena, o->bot->configuration->zone, now), what);
	case WATCH_UNSEEN:
		return say(o->arena, "Watched until %s. Could not look since %s: %s. Whether it stayed well is "
		    "not verifiable", until, watch_clock(o, o->arena, w->unseen), w->why.data);
	default:
		if (o->restarted >= w->until)
			return say(o->arena, "I was away when the window ended at %s. Seen once after it, at %s: %s",
			    watch_clock(o, o->arena, w->until), until, what);
		return w->told
		    ? say(o->arena, "Watched until %s: it was worse in between, at the last look it is well: %s",
			  until, what)
		    : say(o->arena, "Watched until %s, no worse: %s", until, what);
	}
}

const char *
operation_watch_until(const struct operation *o, struct arena *arena)
{
	return watch_clock(o, arena, o->watch->until);
}

static const char *
how_it_stands(const struct operation *o, struct arena *arena)
{
	const struct watch *w = o->watch;
	const char *until = operation_watch_until(o, arena);

	if (w->unseen > 0)
		return say(arena, "Could not look since %s: %s. Tried again until %s",
		    watch_clock(o, arena, w->unseen), w->why.data, until);
	if (w->worse > 0 && w->told)
		return say(arena, "%s. Watching until %s", watch_worse_since(o, arena), until);
	if (w->worse > 0)
		return say(arena, "Since %s: %s. It counts when it lasts a minute",
		    watch_clock(o, arena, w->worse), w->what.data);
	if (w->told)
		return say(arena, "It was worse, and is well again: %s. Watching until %s", w->what.data, until);
	return say(arena, "Watching until %s%s%s. Nothing to do; what gets worse is said here", until,
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

/* ---- letters ---- */

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
void
watch_tell_worse(struct move *move, const char *why)
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

/* Nobody is called: on the card, and in its thread. */
void
watch_thread_letter(struct move *move)
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

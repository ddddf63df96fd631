/*
 * service_end.c - the end: at once, when what runs is done, or when the last console has left.
 *
 * Nothing new is started, what runs under rollcall-exec goes on without us, letters that are queued stay in the store.
 * Drain: no change is begun, those that run are walked to their last word, then the end.
 */

#include "base/log.h"
#include "notify.h"
#include "operation.h"
#include "outbox.h"
#include "service_private.h"

#define DOORS_MOST SECONDS(2)	/* for close frames to be answered */
#define TAKING_UP_MOST SECONDS(15)	/* a console waits for what was open to be looked at again */
#define TELLING_MOST SECONDS(30)	/* for last words while we drain; after it they wait in the store */

/* ---- the end ---- */

static void
on_store_closed(void *arg)
{
	struct service *s = arg;

	s->bot.ended = true;
	loop_stop(s->bot.loop);
}

static void
close_store(void *arg)
{
	struct service *s = arg;

	if (s->closing_store)
		return;
	s->closing_store = true;

	timer_stop(s->bot.loop, &s->drain);
	timer_stop(s->bot.loop, &s->watchdog);
	if (s->bot.store != NULL)
		store_close(s->bot.store, on_store_closed, s);
	else
		loop_stop(s->bot.loop);
}

/* Each door says when its close was heard; the store closes after the last. */
void
service_doors_stopped(struct service *s)
{
	for (size_t i = 0; i < s->bot.door_count; i++)
		if (s->bot.doors[i].ready)
			return;
	timer_start(s->bot.loop, &s->drain, 0, close_store, s);
}

void
service_end(struct service *s, int exit)
{
	struct bot *bot = &s->bot;

	if (s->ending)
		return;
	s->ending = true;
	s->exit = exit;
	bot->leaving = bot->draining = true;
	timer_stop(bot->loop, &s->telling);
	timer_stop(bot->loop, &bot->housekeeping);
	notify_say("STOPPING=1", "ending");
	log_info("ending; what changes a cluster goes on by itself and is taken up at the next start");
	for (size_t i = 0; i < bot->door_count; i++)
		if (bot->doors[i].link != NULL)
			bot->doors[i].chat->stop(bot->doors[i].link);
	s->stopping_doors = true;
	timer_start(bot->loop, &s->drain, DOORS_MOST, close_store, s);
	service_doors_stopped(s);
}

/* ---- drain: what runs finishes first ---- */

static bool
holds(const struct operation *o)
{
	return o->settling || o->state == STATE_LOOKING || o->state == STATE_WAITING ||
	    o->state == STATE_ACTING || o->state == STATE_UNDOING;
}

static void
on_told_enough(void *arg)
{
	struct service *s = arg;

	s->told_enough = true;
	loop_again(s->bot.loop);
}

/* Questions and interrupted ones are asked again after the next start. */
static void
end_if_quiet(struct service *s)
{
	bool telling = false;

	for (const struct operation *o = s->bot.operations; o != NULL; o = o->next) {
		if (holds(o)) {
			timer_stop(s->bot.loop, &s->telling);
			return;
		}
		/* One that is watched has been told of, and the next one watches on.  What the chat is told waits
		 * for the bot that serves it. */
		telling = telling || (!(s->options->own && o->asked_in != NULL) && (o->state == STATE_TELLING ||
		    (o->state == STATE_WATCHING && outbox_has(s->bot.outbox, o->id))));
	}
	if (!telling || s->told_enough)
		service_end(s, 0);
	else if (!timer_runs(&s->telling))
		timer_start(s->bot.loop, &s->telling, TELLING_MOST, on_told_enough, s);
}

/* ---- the bot of a console (own_bot.h) ---- */

void
service_left(void *arg)
{
	struct service *s = arg;

	s->left = true;
	loop_again(s->bot.loop);
}

static void
tell_console(void *arg)
{
	struct service *s = arg;
	_cleanup_(text_clear) struct text open = TEXT_INIT_LIMIT(KILOBYTES(8));

	s->stands = true;
	timer_stop(s->bot.loop, &s->patience);
	for (const struct operation *o = s->bot.operations; o != NULL; o = o->next)
		if (o->id != NULL && o->state < STATE_TELLING)
			text_printf(&open, "%s%s", open.length > 0 ? ", " : "", o->id);
	own_bot_say("ready", open.data);
}

/* What is said to an operation of before counts when that was looked at again, not earlier. */
static void
tell_console_in_time(struct service *s)
{
	if (!s->bot.taken_up)
		return;
	for (const struct operation *o = s->bot.operations; o != NULL; o = o->next)
		if (o->taking_up || o->looked_for_restart) {
			if (!timer_runs(&s->patience))
				timer_start(s->bot.loop, &s->patience, TAKING_UP_MOST, tell_console, s);
			return;
		}
	tell_console(s);
}

static bool
is_deserted(const struct service *s)
{
	const struct bot *bot = &s->bot;

	if (!s->left || bot->hearing > 0 || bot->reloading || bot->backing_up)
		return false;
	for (size_t i = 0; i < bot->door_count; i++)
		if (bot->doors[i].chat->present != NULL && bot->doors[i].chat->present(bot->doors[i].link) > 0)
			return false;
	return true;
}

void
service_turn(void *arg)
{
	struct service *s = arg;

	if (s->ending)
		return;
	if (s->options->own && !s->stands)
		tell_console_in_time(s);
	if (s->bot.leaving || is_deserted(s))
		end_if_quiet(s);
}

static void
say_what_runs(const struct bot *bot, struct text *answer)
{
	size_t count = 0;

	for (const struct operation *o = bot->operations; o != NULL; o = o->next)
		if (holds(o))
			text_printf(answer, "%s%s", count++ > 0 ? ", " : "", o->id != NULL ? o->id : "one that only looks");
	if (count == 0)
		text_add(answer, "Nothing runs; rollcall ends");
	else
		text_printf(answer, " still run%s. No new change is started; rollcall ends when all is done",
		    count == 1 ? "s" : "");
}

void
service_drain(struct service *s, struct text *answer)
{
	struct bot *bot = &s->bot;

	say_what_runs(bot, answer);
	if (!bot->leaving) {
		bot->leaving = true;
		log_info("draining: %s", answer->data);
		notify_say(NULL, answer->data);
	}
	loop_again(bot->loop);
}

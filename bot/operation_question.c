/*
 * operation_question.c - what is asked at a terminal and needs the yes of others is asked in the chat too.
 *
 * In the first of the target's channels (`notify`) that the bot is a member of and that is shared with
 * nobody.  The question there is the card as the others may answer it; it is a letter of the transaction in
 * which the operation begins to ask, so that it is posted once, and follows the operation to its end.  While
 * the chat is away nothing is known of its channels: then it is asked there once the chat is back.
 */

#include <string.h>

#include "base/log.h"
#include "operation_move.h"
#include "say.h"

#define REDRAW_EVERY SECONDS(2)

static void try_channel(struct operation *);

/* Not one that was read from the store to be shown: it came by no door. */
static bool
is_at_terminal(const struct operation *o)
{
	return o->arrival->chat != NULL && o->arrival->chat->find == NULL;
}

/* It needs somebody's yes, and is asked where only its asker is. */
static bool
is_wanted(const struct operation *o)
{
	const struct entrance *home = bot_home(o->bot);

	return is_at_terminal(o) && home != NULL && home->ready && o->asked_in == NULL && o->question_lost == NULL &&
	    o->state <= STATE_ASKING && !o->starting && o->request->target != NULL &&
	    o->request->target->setting->notify_channels != NULL && operation_missing_yeses(o, NULL) > 0;
}

/* ---- the letter ---- */

static const char *
conversation(const struct operation *o, struct arena *arena)
{
	return arena_printf(arena, "%s/question", o->id != NULL ? o->id : NAME_HOLE);
}

void
operation_question_letter(struct move *move)
{
	struct operation *o = move->operation;
	_cleanup_(message_freep) struct message *card = NULL;
	struct outbox_row row = { .chat = o->asked_chat, .channel = o->asked_in };

	if (o->asked_in == NULL)
		return;
	card = operation_question_card(o);
	row.key = row.conversation = conversation(o, move->arena);
	move_letter(move, &row, card);
}

void
operation_question_card_again(struct move *move, const char *key)
{
	struct operation *o = move->operation;
	_cleanup_(message_freep) struct message *card = NULL;
	struct outbox_row row = { .chat = o->asked_chat, .channel = o->asked_in, .kind = "update",
		.ts = o->question };

	if (o->asked_in == NULL)
		return;
	card = operation_question_card(o);
	row.conversation = conversation(o, move->arena);
	row.key = arena_printf(move->arena, "%s/%s", row.conversation, key);
	if (row.ts == NULL)
		row.ts = arena_printf(move->arena, "@%s", row.conversation);
	move_letter(move, &row, card);
}

static void
kept(struct operation *o, struct move *move, bool ok)
{
	(void)move;
	if (!ok)
		o->asked_in = NULL;
	if (!operation_stop_kept(o))
		operation_redraw(o);
}

/* ---- where ---- */

static void
place_found(struct operation *o)
{
	struct move *move;

	if (o->asked_in != NULL)
		log_info("%s: asked in %s too", o->id != NULL ? o->id : "a plan", o->asked_as);
	if (o->id == NULL) {
		operation_ask_now(o);
		return;
	}
	o->settling = false;
	if (o->asked_in == NULL) {
		if (!operation_stop_kept(o))
			operation_redraw(o);
		return;
	}
	move = move_new(o, kept);
	operation_question_letter(move);
	move_start(move);
}

static const char *
key_of(const struct operation *o)
{
	return o->request->target->setting->notify_channels[o->asked_at];
}

/* As people know it. */
static const char *
written_name(const struct operation *o, const char *key)
{
	const struct configuration *c = o->bot->configuration;

	for (size_t i = 0; i < c->channels.count; i++)
		if (string_equal(c->channels.item[i].key, key))
			return c->channels.item[i].name;
	return key;
}

static const char *
against(const struct channel_facts *channel)
{
	if (channel == NULL || !channel->there)
		return "it could not be looked up";
	if (channel->shared)
		return "it is shared with another company";
	if (channel->archived)
		return "it is archived";
	return channel->member ? NULL : "rollcall is not a member of it";
}

static void
on_channel(void *arg)
{
	struct operation *o = arg;
	const char *id = directory_channel_id(o->bot->directory, key_of(o));
	const char *why = against(id != NULL ? directory_channel(o->bot->directory, id, MINUTES(5)) : NULL);

	o->asked_as = arena_strdup(o->arena, written_name(o, key_of(o)));
	if (why != NULL) {
		o->question_lost = why;
		o->asked_at++;
		try_channel(o);
		return;
	}
	o->question_lost = NULL;
	o->asked_chat = bot_home(o->bot)->chat->name;
	o->asked_in = arena_strdup(o->arena, id);
	place_found(o);
}

static void
try_channel(struct operation *o)
{
	const char *id;

	for (; key_of(o) != NULL; o->asked_at++) {
		id = directory_channel_id(o->bot->directory, key_of(o));
		if (id == NULL)
			continue;
		directory_fetch_channel(o->bot->directory, id, on_channel, o);
		return;
	}
	place_found(o);
}

static void
on_names(void *arg)
{
	struct operation *o = arg;

	o->asked_at = 0;
	try_channel(o);
}

void
operation_find_place(struct operation *o)
{
	if (o->id == NULL && !is_wanted(o)) {
		operation_ask_now(o);
	} else if (is_wanted(o) && !o->settling) {
		o->settling = o->id != NULL;
		directory_fetch(o->bot->directory, o->request->principal, NULL, SECONDS(10), on_names, o);
	}
}

void
operations_question(struct bot *bot)
{
	for (struct operation *o = bot->operations; o != NULL; o = o->next)
		if (o->id != NULL && o->state == STATE_ASKING && !o->taking_up && !o->looked_for_restart &&
		    !o->last_look)
			operation_find_place(o);
}

/* ---- what its asker reads ---- */

const char *
operation_asked(const struct operation *o, struct arena *arena)
{
	const struct entrance *home = bot_home(o->bot);
	const char *id = o->id != NULL ? o->id : NAME_HOLE;

	if (!is_at_terminal(o) || o->bot->asked != NULL)
		return NULL;
	if (home == NULL)
		return say(arena, "Who may say yes types on this machine: rollcall do 'ops approve %s'", id);
	if (!home->ready)
		return say(arena, "The chat is away. Who may say yes types on this machine: rollcall do 'ops approve %s'",
		    id);
	if (o->asked_in != NULL)
		return say(arena, "Asked in %s", o->asked_as);
	if (o->question_lost != NULL)
		return say(arena, "Not asked in %s: %s. Who may say yes types in the chat: /ops approve %s", o->asked_as,
		    o->question_lost, id);
	return say(arena, "Asked in no channel: %s names none in notify. Who may say yes types in the chat: /ops approve %s",
	    o->plan->target, id);
}

/* ---- its drawing there ---- */

static void
draw(void *arg)
{
	struct operation *o = arg;
	_cleanup_(message_freep) struct message *card = NULL;
	_cleanup_(freep) char *key = NULL;

	if (o->question == NULL || o->state == STATE_TELLING || o->state == STATE_ENDED)
		return;
	o->question_drawn = loop_now(o->bot->loop);
	card = operation_question_card(o);
	key = xasprintf("%s/question", o->id);
	outbox_progress(o->bot->outbox, key, o->asked_chat, o->asked_in, o->question, o->id, card);
}

void
operation_redraw_question(struct operation *o)
{
	int64_t wait = o->question_drawn == 0 ? 0 : o->question_drawn + REDRAW_EVERY - loop_now(o->bot->loop);

	if (o->question != NULL && !timer_runs(&o->redraw_question))
		timer_start(o->bot->loop, &o->redraw_question, wait > 0 ? wait : 0, draw, o);
}

void
operation_question_stands(struct bot *bot, const char *id, const char *ts)
{
	struct operation *o = operation_find(bot, id);

	if (o == NULL)
		return;
	o->question = arena_strdup(o->arena, ts);
	operation_redraw_question(o);
}

void
operation_question_lost(struct bot *bot, const char *id, const char *why)
{
	struct operation *o = operation_find(bot, id);

	if (o == NULL)
		return;
	o->asked_in = NULL;
	o->question_lost = arena_strdup(o->arena, why);
	operation_redraw(o);
}

/* ---- over a restart ---- */

void
question_print(const struct operation *o, cJSON *request)
{
	json_add_string(request, "asked_chat", o->asked_chat);
	json_add_string(request, "asked_in", o->asked_in);
	json_add_string(request, "asked_as", o->asked_as);
	json_add_string(request, "question", o->question);
	json_add_string(request, "question_lost", o->question_lost);
}

void
question_read(struct operation *o, const cJSON *request, const char *ts)
{
	o->asked_chat = arena_strdup(o->arena, json_string(request, "asked_chat"));
	o->asked_in = arena_strdup(o->arena, json_string(request, "asked_in"));
	o->asked_as = arena_strdup(o->arena, json_string(request, "asked_as"));
	o->question = arena_strdup(o->arena, ts != NULL ? ts : json_string(request, "question"));
	o->question_lost = arena_strdup(o->arena, json_string(request, "question_lost"));
}

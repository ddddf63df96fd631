/* operation_yes.c - the words of people to a question: start, approve, reject, dismiss. */

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/unicode.h"
#include "forgery.h"
#include "operation_ask.h"
#include "say.h"

#define NOTE_MOST 200

static bool
is_fresh(const struct operation *o, const struct word_of *word, struct error *err)
{
	if (word->arrival == NULL || loop_wall(o->bot->loop) - word->arrival->stamp <= CLICK_TOO_OLD)
		return true;
	return refuse(err, "That click is older than 2 minutes. Still wanted? Press it again");
}

/* A clock that jumped back keeps the timer; one that jumped on, or a machine that slept, is seen here, and the
 * question ends (AP3). */
static bool
in_time(struct operation *o, struct error *err)
{
	if (loop_wall(o->bot->loop) < o->expires)
		return true;
	timer_start(o->bot->loop, &o->timer, 0, operation_expired, o);
	return refuse(err, "The time for %s is over: nothing was done. Ask again", o->id);
}

static bool
click_ok(struct operation *o, const struct word_of *word, struct error *err)
{
	if (o->settling)
		return refuse(err, "%s is just being written down. Look again", o->id);
	if (o->taking_up || o->looked_for_restart)
		return refuse(err, "%s is just being looked at again, after a restart. Try again in a moment",
		    o->id);
	if (o->state != STATE_ASKING)
		return refuse(err, "%s is not waiting for an answer any more: it is %s", o->id,
		    operation_word(o));
	if (!in_time(o, err) || !is_fresh(o, word, err))
		return false;
	if (word->hash != NULL && word->hash[0] != '\0' && !string_starts(o->hash, word->hash))
		return refuse(err, "The plan changed since you saw it: it is %.6s now. Look again", o->hash);
	return true;
}

bool
operation_may_begin(const struct operation *o, const struct word_of *word, struct error *err)
{
	if (!is_fresh(o, word, err))
		return false;
	if (forgery_holds(o->bot, word->arrival, err))
		return false;
	if (o->bot->braked)
		return refuse(err, "Not started: the emergency brake is on");
	if (o->bot->leaving)
		return refuse(err, "Not started: I am being restarted. Say it again in a minute");
	return true;
}

/* The terminal at which it was asked is left: whoever starts it at another one follows it there. */
static const char *
another_terminal(const struct operation *o, const struct arrival *a)
{
	const struct chat *chat = o->arrival->chat;
	const struct entrance *entrance = bot_door(o->bot, chat);

	if (a == NULL || a->chat != chat || chat->reaches == NULL || entrance == NULL ||
	    chat->reaches(entrance->link, o->arrival->channel))
		return NULL;
	return a->channel;
}

static void
move_card_there(struct operation *o)
{
	timer_stop(o->bot->loop, &o->redraw);	/* of the question, which is answered */
	o->arrival->channel = arena_strdup(o->arrival->arena, o->moves_to);
	o->card_channel = o->card_channel != NULL ? o->arrival->channel : NULL;
	o->moves_to = NULL;
}

static void
start_settled(struct operation *o, struct move *move, bool ok)
{
	(void)move;
	if (o->moves_to != NULL)
		move_card_there(o);
	if (ok && !o->stop_wanted && operation_enough(o))
		operation_go(o);
	else if (operation_stop_kept(o))
		return;
	else if (ok)
		operation_redraw(o);
	else
		operation_not_started(o, "store", STORE_IS_DEAF);
}

bool
operation_start_given(struct operation *o, const struct word_of *word, struct error *err)
{
	struct permission permission;
	struct move *move;

	if (!click_ok(o, word, err) || !operation_may_begin(o, word, err))
		return false;
	if (!string_equal(word->principal, o->request->principal))
		return refuse(err, "%s was asked for by %s; only they can start it", o->id,
		    directory_name(o->bot->directory, o->request->principal));
	if (!permit(&permission, o->bot->configuration, o->bot->directory, o->request, CHANGES, err))
		return false;
	permission_tighten(&o->permission, &permission);
	o->start_given = true;
	o->said = word->arrival != NULL ? word->arrival->stamp : loop_wall(o->bot->loop);
	o->row++;
	o->moves_to = arena_strdup(o->arena, another_terminal(o, word->arrival));
	move = move_new(o, start_settled);
	move_audit(move, "start", word->principal, o->plan->title);
	operation_hear(o, word);
	move_start(move);
	return true;
}

static void
approved_settled(struct operation *o, struct move *move, bool ok)
{
	if (!ok) {
		if (!move->duplicate_approval)
			log_error("%s: an approval could not be kept", o->id);
		if (operation_stop_kept(o))
			return;
		if (!move->duplicate_approval)
			operation_remark_anew(o->plan, "store",
			    say(o->arena, "A yes was not taken: %s. Say it again", STORE_IS_DEAF));
		operation_redraw(o);
		return;
	}
	*GROW(&o->approvals) = (struct approval){
		.person = arena_strdup(o->arena, move->approval->person),
		.note = arena_strdup(o->arena, move->approval->reason),
		.stamp = move->approval->stamp };
	log_info("%s: approved by %s", o->id, move->approval->person);
	plan_remark_drop(o->plan, "store");
	if (operation_stop_kept(o))
		return;
	operation_redraw(o);
	if (operation_enough(o))
		operation_go(o);
}

bool
operation_may_approve(struct operation *o, const struct word_of *word, struct error *err)
{
	if (!click_ok(o, word, err) || !operation_may_begin(o, word, err))
		return false;
	if (permission_yeses(&o->permission) == 0)
		return refuse(err, "%s needs nobody's approval: %s starts it", o->id,
		    directory_name(o->bot->directory, o->request->principal));
	if (o->arrival->door == DOOR_MESSAGE && !o->start_given)
		return refuse(err, "%s is first started by %s; then it asks for approval", o->id,
		    directory_name(o->bot->directory, o->request->principal));
	if (!permit_approval(&o->permission, o->bot->configuration, o->bot->directory, o->request,
		word->principal, err))
		return false;
	for (size_t i = 0; i < o->approvals.count; i++)
		if (directory_same_person(o->bot->directory, o->approvals.item[i].person, word->principal))
			return refuse(err, "You have already approved %s", o->id);
	return true;
}

/* What goes with a yes, so long that it stays one line of a card; NULL: nothing. */
static const char *
note_of(const struct word_of *word, struct arena *arena)
{
	const char *note = word->reason;

	return note == NULL || *note == '\0' ? NULL : arena_copy(arena, note, utf8_prefix(note, NOTE_MOST));
}

/* Into the record, beside the hash that the yes is for. */
static const char *
approval_detail(const struct operation *o, const struct approval_row *approval, struct arena *arena)
{
	_cleanup_(json_freep) cJSON *json = cJSON_CreateObject();

	json_add_string(json, "hash", o->hash);
	json_add_string(json, "note", approval->reason);
	return json_to_arena(arena, json);
}

bool
operation_approve(struct operation *o, const struct word_of *word, struct error *err)
{
	struct move *move;

	if (!operation_may_approve(o, word, err))
		return false;
	move = move_new(o, approved_settled);
	move->approval = arena_new_of(move->arena, struct approval_row);
	*move->approval = (struct approval_row){ .operation = o->id, .hash = move->row.hash,
		.person = arena_strdup(move->arena, word->principal), .yes = true,
		.reason = note_of(word, move->arena),
		.door = word->arrival != NULL ? door_name(word->arrival->door) : "console",
		.stamp = loop_wall(o->bot->loop) };
	move_audit(move, "approved", move->approval->person, o->plan->title);
	move->audit.detail = approval_detail(o, move->approval, move->arena);
	operation_hear(o, word);
	move_start(move);
	return true;
}

bool
operation_reject(struct operation *o, const struct word_of *word, struct error *err)
{
	if (!click_ok(o, word, err))
		return false;
	if (!permit_approval(&o->permission, o->bot->configuration, o->bot->directory, o->request,
		word->principal, err))
		return false;
	o->stopped_by = arena_strdup(o->arena, word->principal);
	operation_hear(o, word);
	operation_end(o, OUTCOME_REJECTED, VERDICT_NONE,
	    word->reason != NULL ? word->reason : "rejected");
	return true;
}

bool
operation_dismiss(struct operation *o, const struct word_of *word, struct error *err)
{
	if (!click_ok(o, word, err))
		return false;
	if (!string_equal(word->principal, o->request->principal))
		return refuse(err, "%s was asked for by %s; only they can dismiss it", o->id,
		    directory_name(o->bot->directory, o->request->principal));
	o->stopped_by = arena_strdup(o->arena, word->principal);
	operation_hear(o, word);
	operation_end(o, OUTCOME_CANCELLED, VERDICT_NONE, "dismissed before it began");
	return true;
}

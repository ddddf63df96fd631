/*
 * operation_steer.c - what people may still say to one that acts: stop, and resume after it was interrupted.
 */

#include "operation_walk.h"
#include "operation_watch.h"
#include "say.h"

static bool
may_steer(const struct operation *o, const char *principal)
{
	const struct configuration *c = o->bot->configuration;

	if (string_equal(principal, o->request->principal) ||
	    permit_has_role(c, o->bot->directory, principal, "admin"))
		return true;
	for (const char *const *role = o->permission.roles; role != NULL && *role != NULL; role++)
		if (permit_has_role(c, o->bot->directory, principal, *role))
			return true;
	return false;
}

bool
operation_stop_kept(struct operation *o)
{
	if (!o->stop_wanted || o->settling || o->taking_up || o->looked_for_restart || o->last_look)
		return false;
	if (o->state == STATE_ASKING)
		operation_end(o, OUTCOME_CANCELLED, VERDICT_NONE, "dismissed before it began");
	else if (o->state == STATE_INTERRUPTED)
		operation_end(o, OUTCOME_CANCELLED, VERDICT_PARTLY, "given up by a person");
	else if (timer_runs(&o->timer) && o->state == STATE_WAITING)
		step_stopped(o);
	else
		return false;
	return true;
}

bool
operation_stop(struct operation *o, const struct word_of *word, struct error *err)
{
	if (!may_steer(o, word->principal))
		return refuse(err, "You may not stop %s: it was asked for by %s, and you have none of the roles that may",
		    o->id, directory_name(o->bot->directory, o->request->principal));
	if (o->state == STATE_TELLING || o->state == STATE_ENDED)
		return refuse(err, "%s has already ended: %s", o->id, operation_word(o));
	o->stopped_by = arena_strdup(o->arena, word->principal);
	o->stop_wanted = true;
	if (!o->taking_up)
		operation_hear(o, word);
	if (o->state == STATE_WATCHING) {
		operation_watch_stop(o);
		return true;
	}
	if (operation_stop_kept(o))
		return true;
	o->row++;
	if (!o->taking_up)
		operation_keep(o, "stop", word->principal);
	if (!o->settling && !o->taking_up) {
		if (o->job != NULL && (!o->probing || step_present(o)->effect == READS))
			job_cancel(o->job);
	}
	operation_redraw(o);
	return true;
}

static void
interrupted_settled(struct operation *o, struct move *move, bool ok)
{
	(void)move;
	(void)ok;
	if (!operation_stop_kept(o))
		operation_redraw(o);
}

void
operation_interrupt(struct operation *o, const char *why)
{
	_cleanup_(message_freep) struct message *message = message_new();
	struct outbox_row row = { .class = 0, .person = o->arrival->person,
		.channel = o->card_channel != NULL ? o->card_channel : o->arrival->channel };
	struct move *move;

	operation_forget_ahead(o);	/* a person may take hours */
	o->state = STATE_INTERRUPTED;
	o->last_words = arena_strdup(o->arena, why);
	give_drawing(o);
	move = move_new(o, interrupted_settled);
	move_step(move, step_present(o), operation_list_name(o), o->position);
	row.key = arena_printf(move->arena, "%s/interrupted/%d", o->id, o->drawing);
	message->text = operation_notification(o, message->arena, say(message->arena,
	    "I lost sight of step %zu. ops resume %s, or ops stop %s", o->position + 1, o->id, o->id));
	message_line(message, "%s", message->text);
	if (o->stray != NULL) {
		message_line(message, "Why: %s. Once my configuration has it again: ops resume %s", o->stray, o->id);
		row.thread = o->card != NULL ? arena_printf(message->arena, "@%s", o->id) : NULL;
	}
	move_letter(move, &row, message);
	move_audit(move, "interrupted", "rollcall", o->last_words);
	move_start(move);
}

/* It may change something: who asked for it must still be allowed to, and so must who says it (P1, ID5). */
static bool
may_resume(const struct operation *o, const struct word_of *word, struct error *err)
{
	const struct bot *bot = o->bot;
	struct permission permission;

	if (!may_steer(o, word->principal))
		return refuse(err, "You may not resume %s: it was asked for by %s", o->id,
		    directory_name(bot->directory, o->request->principal));
	if (word->arrival != NULL &&
	    !permit_member(bot->configuration, bot->directory, word->arrival, word->principal, err))
		return false;
	return o->stray != NULL || !string_equal(word->principal, o->request->principal) ||
	    permit(&permission, bot->configuration, bot->directory, o->request, CHANGES, err);
}

bool
operation_resume(struct operation *o, const struct word_of *word, struct error *err)
{
	const struct step *step;

	if (!may_resume(o, word, err))
		return false;
	if (o->state != STATE_INTERRUPTED || o->settling || o->taking_up)
		return refuse(err, "%s does not wait for a decision: it is %s", o->id, operation_word(o));
	if (!operation_may_begin(o, word, err))
		return false;
	if (o->stray != NULL)
		return operation_found_again(o, word, err);
	step = step_present(o);
	if (step->effect == READS || step->probe == NULL) {
		operation_resume_acting(o);
		return true;
	}
	/* What ran has ended, else it would not wait for a decision: the cluster tells the rest. */
	o->state = STATE_ACTING;
	o->row++;
	o->probing = o->chosen = true;
	o->probing_after_loss = false;
	tool_start(o, step->probe, true);
	operation_redraw(o);
	return true;
}

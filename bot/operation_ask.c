/* operation_ask.c - what becomes of what a look found: a question, asked anew when it moved, until it expires. */

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "operation_ask.h"
#include "say.h"

static void begin_expiry(struct operation *);

/* Why `now` does not count, as a phrase; NULL: it does. */
static const char *
against_now(const struct operation *o)
{
	if (!o->permission.now)
		return "no rule allows it here";
	if (!o->request->exact)
		return "the name was not typed in full";
	if (o->arrival->door == DOOR_MESSAGE)
		return "a message may be typed by another program";
	if (plan_worst(o->plan) != REMARK_NOTE)
		return "the plan has something to be read first";
	if (o->bot->braked || o->bot->leaving)
		return "nothing new is started at the moment";
	if (o->plan->to.verified == 0)
		return "the revision was never verified here";
	return NULL;
}

static bool
now_counts(const struct operation *o)
{
	return o->request->now && against_now(o) == NULL;
}

static void
note_now(struct operation *o)
{
	struct request *r = o->request;
	const char *why = r->now ? against_now(o) : NULL;

	if (why != NULL)
		r->notes = arena_printf(r->arena, "%s%s“now” did not count: %s",
		    r->notes != NULL ? r->notes : "", r->notes != NULL ? " · " : "", why);
}

static void
give_nonce(struct operation *o)
{
	unsigned char bytes[16];

	random_bytes(bytes, sizeof(bytes));
	hex_print(bytes, sizeof(bytes), o->nonce);
	o->row++;
}

static void
adopt_plan(struct operation *o, struct plan *plan)
{
	plan_free(o->plan);
	o->plan = plan;
	plan_hash(plan, o->hash);
	give_nonce(o);
}

static void
card_letter(struct move *move)
{
	struct operation *o = move->operation;
	_cleanup_(message_freep) struct message *card = operation_card(o);
	struct outbox_row row = { .key = o->id != NULL
		? arena_printf(move->arena, "%s/card", o->id)
		: NAME_HOLE "/card", .channel = o->arrival->channel, .person = o->arrival->person };

	move_letter(move, &row, card);
}

static void
asked(struct operation *o, struct move *move, bool ok)
{
	(void)move;
	if (!ok) {
		reply_text(o->bot, o->arrival, "Not started: my own store does not take anything at the moment");
		operation_drop(o);
		return;
	}
	log_info("%s: %s asks: %s", o->id, o->request->principal, o->plan->title);
	begin_expiry(o);
	if (operation_stop_kept(o) || operation_without_card(o))
		return;
	if (o->bot->asked != NULL)
		o->bot->asked(o->bot, o->id);
	if (o->starting)
		operation_go(o);
}

void
operation_ask(struct operation *o)
{
	o->starting = now_counts(o) && permit_enough(&o->permission, o->bot->configuration,
	    o->bot->directory, o->request, NULL, 0);
	o->said = o->starting ? o->arrival->stamp : 0;
	operation_find_place(o);
}

void
operation_ask_now(struct operation *o)
{
	const struct limits *limits = &o->bot->configuration->limits;
	bool approvals = permission_yeses(&o->permission) > 0;
	struct move *move;

	o->state = STATE_ASKING;
	o->expires = loop_wall(o->bot->loop) + (approvals ? limits->approval : limits->question);
	move = move_new(o, asked);
	move->add = o->id == NULL;
	move->inbox_done = o->arrival->inbox;
	move_audit(move, "asked", o->request->principal, o->arrival->text);
	card_letter(move);
	operation_question_letter(move);
	move_start(move);
}

/* Once on the card, however often it is said. */
void
operation_remark_anew(struct plan *plan, const char *code, const char *text)
{
	for (size_t i = 0; i < plan->remarks.count; i++)
		if (string_equal(plan->remarks.item[i].code, code)) {
			plan->remarks.item[i].text = arena_strdup(plan->arena, text);
			return;
		}
	plan_remark(plan, REMARK_CHECK, code, "%s", text);
}

/* It waits for people (again): until its time is over, or at once no more when one of them said Stop. */
void
operation_wait_for_people(struct operation *o)
{
	o->starting = false;
	begin_expiry(o);
	if (operation_stop_kept(o) || operation_without_card(o))
		return;
	operation_redraw(o);
	operation_find_place(o);
}

static void
asked_anew(struct operation *o, struct move *move, bool ok)
{
	(void)move;
	if (!ok)
		log_error("%s: the new question could not be kept", o->id);
	else
		operation_unblock(o->bot, o->id);
	operation_wait_for_people(o);
}

void
operation_ask_anew(struct operation *o, const char *code, const char *why)
{
	struct move *move;

	operation_remark_anew(o->plan, code, why);
	give_nonce(o);
	o->approvals.count = 0;
	o->start_given = false;
	o->said = 0;
	operation_rewind(o);		/* all of it is asked for */
	o->list = NULL;
	o->state = STATE_ASKING;
	o->expires = loop_wall(o->bot->loop) + o->bot->configuration->limits.question;
	move = move_new(o, asked_anew);
	move->release_locks = true;
	operation_tell_followers(move, false, NULL);
	move->void_approvals = true;
	move_audit(move, code, "rollcall", why);
	move_start(move);
}


/* Somebody works on it now: to be known before a yes is given. */
static void
note_blocker(struct operation *o)
{
	const struct operation *blocker = operation_blocker(o->bot, o->plan);

	if (blocker == NULL)
		return;
	o->blocked_by = arena_strdup(o->arena, blocker->id);
	operation_remark_anew(o->plan, "locked", say(o->arena, "%s. This can start when it has ended",
	    operation_who_blocks(blocker, o->arena)));
}

/* The plan moved between the yes and the run, or while we were away. */
static void
plan_moved(struct operation *o, struct plan *plan)
{
	const char *stop;

	operation_remark_unfit(plan);
	stop = operation_stop_of(o, plan);
	if (stop != NULL) {
		stop = arena_strdup(o->arena, stop);
		plan_free(plan);
		operation_end(o, OUTCOME_REFUSED, VERDICT_NONE, stop);
		return;
	}
	adopt_plan(o, plan);
	operation_ask_anew(o, "moved",
	    "The cluster changed since the plan was made. This is the new plan; earlier yeses do not count");
}

static void
first_looked(struct operation *o, struct plan *plan)
{
	_cleanup_(message_freep) struct message *message = NULL;
	const char *text;

	if (plan->answer != NULL) {
		message = message_new();
		message_line(message, "%s", plan->answer);
		if (o->request->notes != NULL)
			message_context(message, "%s", o->request->notes);
		message->text = say_plain(message->arena, plan->answer);
		message->state = "answer";
		plan_free(plan);
		operation_close(o, message, NULL);
		return;
	}
	if (plan->unchanged != NULL) {
		text = say(o->arena, "Nothing changed: %s", plan->unchanged);
		plan_free(plan);
		operation_close_with_text(o, "unchanged", text, "unchanged");
		return;
	}
	if (o->request->dry_run) {
		operation_close_with_dry_run(o, plan);
		plan_free(plan);
		return;
	}
	operation_remark_unfit(plan);
	if (operation_stop_of(o, plan) != NULL) {
		operation_close_with_stops(o, plan);
		plan_free(plan);
		return;
	}
	adopt_plan(o, plan);
	note_blocker(o);
	note_now(o);
	operation_ask(o);
}

/* We were killed between the last yes and the start: that yes counts as long as a click would (E10). */
bool
operation_yes_counts(const struct operation *o)
{
	int64_t last = o->start_given || o->permission.now ? o->said : 0;

	for (size_t i = 0; i < o->approvals.count; i++)
		last = o->approvals.item[i].stamp > last ? o->approvals.item[i].stamp : last;
	if (loop_wall(o->bot->loop) - last > CLICK_TOO_OLD)
		return false;
	return operation_enough(o) && (o->arrival->door != DOOR_MESSAGE || o->start_given);
}

/* Who held the lock may have ended before the restart. */
static void
forget_blocker(struct operation *o)
{
	const struct operation *blocker =
	    o->blocked_by != NULL ? operation_find(o->bot, o->blocked_by) : NULL;

	if (blocker != NULL && operation_holds(blocker))
		return;
	o->blocked_by = NULL;
	plan_remark_drop(o->plan, "locked");
}

static void
restart_looked(struct operation *o, struct plan *plan, const struct error *err)
{
	char hash[DIGEST_HEX] = "";

	if (plan != NULL)
		plan_hash(plan, hash);
	if (plan == NULL || plan->unchanged != NULL) {
		plan_free(plan);
		operation_end(o, OUTCOME_EXPIRED, VERDICT_NONE,
		    err->kind != ERROR_NONE ? err->text : "there is nothing left to do");
	} else if (!string_equal(hash, o->hash)) {
		plan_moved(o, plan);
	} else if (o->state != STATE_ASKING) {
		plan_free(plan);
		operation_ask_anew(o, "late", "I was restarted before it began, and the last yes is older than 2 minutes. "
		    "This is asked again, and earlier yeses do not count");
	} else {
		/* The same plan, the same nonce: the buttons of the card that stands mean what they say. */
		plan_free(plan);
		forget_blocker(o);
		operation_wait_for_people(o);
		if (o->state == STATE_ASKING && !o->settling && operation_yes_counts(o))
			operation_go(o);
	}
}

static void
begin_as_planned(struct operation *o)
{
	if (o->stop_wanted)
		operation_end(o, OUTCOME_CANCELLED, VERDICT_NONE, "stopped by a person");
	else if (o->request->configuration == o->bot->configuration)
		operation_walk(o);
	else
		operation_ask_anew(o, "rules", "The configuration was reloaded just before it began. "
		    "This is asked again, and earlier yeses do not count");
}

void
operation_unmoved(struct operation *o)
{
	o->last_look = false;
	begin_as_planned(o);
}

static void
last_looked(struct operation *o, struct plan *plan, const struct error *err)
{
	char hash[DIGEST_HEX] = "";

	if (plan != NULL)
		plan_hash(plan, hash);
	if (o->stop_wanted || (plan != NULL && string_equal(hash, o->hash))) {
		plan_free(plan);
		begin_as_planned(o);
		return;
	}
	if (plan == NULL || plan->unchanged != NULL) {
		enum outcome outcome = plan != NULL ? OUTCOME_UNCHANGED : OUTCOME_REFUSED;
		const char *why =
		    arena_strdup(o->arena, plan != NULL ? plan->unchanged : err->text);

		plan_free(plan);
		operation_end(o, outcome, VERDICT_NONE, why);
		return;
	}
	plan_moved(o, plan);
}

void
operation_looked(struct operation *o, struct plan *plan, struct error *err)
{
	if (o->looked_for_masks) {
		o->looked_for_masks = false;
		o->withheld = plan == NULL;
		if (o->withheld)
			log_warning("%s: what may be secret is not known again (%s): its output is withheld",
			    o->id, err->text);
		plan_free(plan);
		operation_resume_acting(o);
	} else if (o->last_look) {
		o->last_look = false;
		last_looked(o, plan, err);
	} else if (o->looked_for_restart) {
		o->looked_for_restart = false;
		restart_looked(o, plan, err);
	} else if (plan == NULL) {
		operation_close_with_error(o, err);
	} else {
		first_looked(o, plan);
	}
}

/* ---- expiry ---- */

void
operation_expired(void *arg)
{
	struct operation *o = arg;

	if (o->state != STATE_ASKING)
		return;
	if (o->settling)
		timer_start(o->bot->loop, &o->timer, 100, operation_expired, o);
	else
		operation_end(o, OUTCOME_EXPIRED, VERDICT_NONE, "nobody answered in time");
}

static void
begin_expiry(struct operation *o)
{
	timer_start(o->bot->loop, &o->timer, o->expires - loop_wall(o->bot->loop), operation_expired, o);
}

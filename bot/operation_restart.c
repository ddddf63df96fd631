/*
 * operation_restart.c - after a restart: each operation that was open goes on from its last move (E1).
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "admins.h"
#include "answers.h"
#include "base/log.h"
#include "operation_move.h"
#include "operation_watch.h"
#include "parse.h"
#include "say.h"

#define ASK_AGAIN SECONDS(5)

struct stored {			/* one operation as the store has it */
	struct operation_row row;
	struct step_row *steps;
	size_t step_count;
	struct approval_row *approvals;
	size_t approval_count;
	struct outbox_row card, question;
	bool has_card, has_question;
};

struct load {
	struct store_job job;
	struct bot *bot;
	struct arena *arena;
	struct stored *stored;
	size_t count;
};

static bool
load_one(struct load *load, struct stored *stored, const struct store_verbs *verbs, void *db,
    struct error *err)
{
	const char *key = arena_printf(load->arena, "%s/card", stored->row.id);

	return verbs->step_list(db, load->arena, stored->row.id, &stored->steps, &stored->step_count,
		   err) &&
	    verbs->approval_list(db, load->arena, stored->row.id, stored->row.hash,
		&stored->approvals, &stored->approval_count, err) &&
	    verbs->outbox_find(db, load->arena, key, &stored->card, &stored->has_card, err) &&
	    verbs->outbox_find(db, load->arena, arena_printf(load->arena, "%s/question", stored->row.id),
		&stored->question, &stored->has_question, err);
}

static bool
load_work(struct store_job *job, const struct store_verbs *verbs, void *db, struct error *err)
{
	struct load *load = CONTAINER(job, struct load, job);
	struct operation_row *rows;

	if (!verbs->operation_list(db, load->arena, true, 1000, &rows, &load->count, err))
		return false;
	load->stored = arena_alloc(load->arena, (load->count + 1) * sizeof(*load->stored));
	for (size_t i = 0; i < load->count; i++) {
		load->stored[i].row = rows[i];
		if (!load_one(load, &load->stored[i], verbs, db, err))
			return false;
	}
	return true;
}

static struct arrival *
restore_arrival(struct bot *bot, const struct operation_row *row, const cJSON *request)
{
	struct inbox_row inbox = { .id = row->inbox, .team = row->team, .door = row->door,
		.person = json_string_or(request, "person", ""), .channel = row->channel,
		.thread = row->thread, .message = json_string(request, "message"),
		.text = json_string_or(request, "text", ""),
		.stamp = json_integer(request, "stamp", row->created), .received = row->created };

	return arrival_restored(bot, &inbox);
}

void
step_restore(struct plan *plan, const struct step_row *row)
{
	static const char *const names[] = { "next", "running", "done", "failed", "skipped",
		"stopped", "unknown", NULL };
	struct step *step;

	if (!string_equal(row->list, "steps") || (size_t)row->position >= plan->steps.count)
		return;
	step = &plan->steps.item[row->position];
	for (int n = 0; names[n] != NULL; n++)
		if (string_equal(names[n], row->state))
			step->state = (enum step_state)n;
	step->started = row->started;
	step->ended = row->ended;
	step->exit = row->exit;
	step->note = arena_strdup(plan->arena, row->note);
}

static void
restore_steps(struct operation *o, const struct stored *stored)
{
	size_t last = 0;

	/* A question has begun nothing: its rows are of before it was asked again. */
	for (size_t i = 0; o->state != STATE_ASKING && i < stored->step_count; i++) {
		const struct step_row *row = &stored->steps[i];

		step_restore(o->plan, row);
		if (string_equal(row->list, "steps") && (size_t)row->position < o->plan->steps.count &&
		    (size_t)row->position > last)
			last = (size_t)row->position;
	}
	o->position = last;
}

static void
restore_fields(struct operation *o, const struct stored *stored, const cJSON *request)
{
	const struct operation_row *row = &stored->row;

	o->id = arena_strdup(o->arena, row->id);
	o->reason = arena_strdup(o->arena, row->reason);
	snprintf(o->hash, sizeof(o->hash), "%s", row->hash != NULL ? row->hash : "");
	snprintf(o->nonce, sizeof(o->nonce), "%s", row->nonce != NULL ? row->nonce : "");
	o->drawing = row->drawing;
	o->row = row->row;
	o->created = row->created;
	o->expires = row->expires;
	o->start_given = json_bool(request, "start_given", false);
	o->said = json_integer(request, "said", 0);
	o->stop_wanted = json_bool(request, "stop_wanted", false);
	o->stopped_by = arena_strdup(o->arena, json_string(request, "stopped_by"));
	followers_read(o, request);
	operation_watch_read(o, request);
	question_read(o, request, stored->has_question ? stored->question.ts : NULL);
	operation_state_read(row->state, &o->state);
	outcome_read(row->outcome, &o->outcome);
	verdict_read(row->verdict, &o->verdict);
	if (stored->has_card && stored->card.ts != NULL) {
		o->card = arena_strdup(o->arena, stored->card.ts);
		o->card_channel = arena_strdup(o->arena, stored->card.channel);
	}
	for (size_t i = 0; i < stored->approval_count; i++)
		*GROW(&o->approvals) = (struct approval){
			.person = arena_strdup(o->arena, stored->approvals[i].person),
			.note = arena_strdup(o->arena, stored->approvals[i].reason),
			.stamp = stored->approvals[i].stamp };
}

/* People and the log are told: what stands between two lines there took no time of the tool's. */
static void
note_restart(struct operation *o)
{
	const char *line;

	o->restarted = o->bot->started > 0 ? o->bot->started : loop_wall(o->bot->loop);
	o->restarted_at = o->position + (o->plan->steps.item[o->position].state == STEP_DONE);
	line = say(o->arena, "%s rollcall restarted; goes on from step %zu\n", stamp_iso(o->arena, o->restarted),
	    o->restarted_at + 1);
	operation_log(o, line, strlen(line));
}

void
operation_go_on(struct operation *o)
{
	o->list = &o->plan->steps;
	note_restart(o);
	log_info("%s goes on with step %zu", o->id, o->restarted_at + 1);
	operation_redraw(o);
	o->looked_for_masks = o->request->target->driver->secrets != NULL;
	if (o->looked_for_masks)
		operation_look(o);
	else
		operation_resume_acting(o);
}

void
operation_begin_anew(struct operation *o)
{
	operation_rewind(o);
	if (o->stop_wanted) {
		operation_end(o, OUTCOME_CANCELLED, VERDICT_NONE, "stopped by a person");
	} else if (operation_yes_counts(o)) {
		log_info("%s begins after the restart", o->id);
		operation_go(o);
	} else {
		o->looked_for_restart = true;
		operation_look(o);
	}
}

/* Rights are looked at again.  What has begun is finished; what has not goes by them. */
static void
rights_known(struct operation *o, const struct error *err)
{
	if (o->stray != NULL && o->state != STATE_WATCHING) {
		operation_left_behind(o);
		return;
	}
	switch (o->state) {
	case STATE_ASKING:
		if (!o->permission.allowed) {
			operation_end(o, OUTCOME_REFUSED, VERDICT_NONE, err->text);
		} else if (!operation_stop_kept(o)) {
			o->looked_for_restart = true;
			operation_look(o);
		}
		break;
	case STATE_INTERRUPTED:
		o->list = &o->plan->steps;
		if (!operation_stop_kept(o))
			operation_redraw(o);
		break;
	case STATE_WATCHING:
		o->list = &o->plan->steps;
		operation_watch_resume(o);
		break;
	case STATE_TELLING:
		o->list = &o->plan->steps;
		if (!outbox_has(o->bot->outbox, o->id))
			operation_told(o->bot, o->id);
		break;
	default:
		if (operation_begun(o))
			operation_go_on(o);
		else if (!o->permission.allowed)
			operation_end(o, OUTCOME_REFUSED, VERDICT_NONE, err->text);
		else
			operation_begin_anew(o);
	}
}

static void ask_rights(void *);

static void
on_rights(void *arg)
{
	struct operation *o = arg;
	struct error err = ERROR_INIT;

	if (o->stray == NULL && !permit(&o->permission, o->bot->configuration, o->bot->directory, o->request, CHANGES, &err))
		log_warning("%s: after the restart: %s", o->id, err.text);
	/* What cannot be looked up just now is no answer to a question that still has time. */
	if (o->permission.unknown && o->state == STATE_ASKING &&
	    loop_wall(o->bot->loop) < o->expires) {
		timer_start(o->bot->loop, &o->timer, ASK_AGAIN, ask_rights, o);
		return;
	}
	o->taking_up = false;
	rights_known(o, &err);
}

static void
on_fetched(void *arg)
{
	struct operation *o = arg;

	if (--o->fetching == 0)
		on_rights(o);
}

/* The asker, and who said yes: by name on the card, and whether they still count. */
static void
ask_rights(void *arg)
{
	struct operation *o = arg;
	struct directory *directory = o->bot->directory;
	const char *channel = o->arrival->channel;

	o->fetching = o->approvals.count + 1;
	for (size_t i = 0; i < o->approvals.count; i++)
		directory_fetch(directory, o->approvals.item[i].person, channel, SECONDS(10),
		    on_fetched, o);
	directory_fetch(directory, o->request->principal, channel, SECONDS(10), on_fetched, o);
}

/* As it was typed then.  NULL: the present configuration does not know what that was about. */
static struct request *
ask_again(struct bot *bot, struct arrival *arrival, const struct plan *plan, bool begun, struct error *err)
{
	struct parsed parsed;

	if (!parse(&parsed, bot->configuration, arrival, arrival->arena, err))
		return NULL;
	/* A question is looked at anew; what has begun goes on with that very object. */
	if (!begun || operation_still_there(plan, parsed.request, err))
		return parsed.request;
	refuse(err, "its target is another object in my configuration now, and not %s in %s", plan->object,
	    plan->cluster);
	request_free(parsed.request);
	return NULL;
}

static bool
restore(struct bot *bot, const struct stored *stored, struct error *err)
{
	_cleanup_(json_freep) cJSON *request =
	    json_parse(stored->row.request, strlen(stored->row.request), err);
	struct plan *plan = request != NULL
	    ? plan_read(stored->row.plan, strlen(stored->row.plan), err)
	    : NULL;
	struct request *asked;
	struct arrival *arrival;
	struct operation *o;
	bool there = true;

	if (plan == NULL)
		return false;
	arrival = restore_arrival(bot, &stored->row, request);
	asked = ask_again(bot, arrival, plan, !string_equal(stored->row.state, "asking"), err);
	if (asked == NULL) {
		there = false;
		asked = request_left_behind(bot, arrival, &stored->row, plan);
	}
	o = operation_new(bot, arrival, asked);
	o->plan = plan;
	if (!there && !string_equal(stored->row.state, "telling"))
		o->stray = arena_strdup(o->arena, err->text);
	restore_fields(o, stored, request);
	restore_steps(o, stored);
	o->taking_up = true;
	ask_rights(o);
	return true;
}

/* A damaged plan: nobody can walk it, and its locks stay until an admin gives them back. */
static void
unreadable(struct bot *bot, const char *id, const char *why)
{
	_cleanup_(freep) char *key = xasprintf("%s/unreadable", id);
	struct arena *arena = arena_new();

	log_error("%s cannot be taken up again: %s", id, why);
	admins_tell(bot, key, say(arena, BOLD "%s" BOLD " cannot be taken up again after the restart, its plan cannot be "
	    "read: %s. Look at the cluster; its lock is given back by: ops release %s", id, why, id));
	arena_free(arena);
}

static void
load_done(struct store_job *job)
{
	struct load *load = CONTAINER(job, struct load, job);
	struct error err = ERROR_INIT;

	if (store_again(load->bot->store, job))
		return;
	for (size_t i = 0; job->error.kind == ERROR_NONE && i < load->count; i++)
		/* One that began meanwhile, by a door that was open earlier, is in good hands. */
		if (operation_find(load->bot, load->stored[i].row.id) != NULL)
			continue;
		else if (bot_leaves(load->bot, load->stored[i].row.door))
			log_info("%s was asked where I am not now: it is left as it is", load->stored[i].row.id);
		else if (!restore(load->bot, &load->stored[i], &err))
			unreadable(load->bot, load->stored[i].row.id, err.text);
	outbox_release(load->bot->outbox);
	load->bot->taken_up = true;
	loop_again(load->bot->loop);
	arena_free(load->arena);
}

void
operations_load(struct bot *bot)
{
	struct arena *arena = arena_new();
	struct load *load = arena_new_of(arena, struct load);

	load->arena = arena;
	load->bot = bot;
	load->job = (struct store_job){ .work = load_work, .done = load_done };
	store_start(bot->store, &load->job);
}

/*
 * answers_past.c - operations that are not in memory, from the store: the cards of those that have ended, the
 * newest in the list, and a lock that one has left behind.
 *
 * An ended operation is no longer in memory.  Its row, its steps, its approvals and the audit record of
 * its end make the card that stood at last.
 */

#include <string.h>

#include "answers.h"
#include "operation_move.h"
#include "operation_watch.h"
#include "say.h"

#define LISTED 5
#define READ_MOST 40		/* the newest; those still open are left out */

struct past {
	struct store_job job;
	struct bot *bot;
	struct arena *arena;
	const char *id;		/* NULL: the list */
	bool release;		/* the locks that it left behind */
	struct audit_row record;	/* of that */
	struct operation_row *rows;
	size_t count;
	struct step_row *steps;
	size_t step_count;
	struct approval_row *approvals;
	size_t approval_count;
	struct audit_row *audit;
	size_t audit_count;
	answers_done *done;
	void *arg;
};

/* ---- on the store's thread ---- */

/* Whoever takes it up later must not go on with it: its locks may be another's by then. */
static bool
end_work(struct past *past, const struct store_verbs *verbs, void *db, struct error *err)
{
	struct operation_row row = { .id = past->id };
	bool there;

	if (!verbs->operation_find(db, past->arena, past->id, &row, &there, err))
		return false;
	if (!there)
		return true;
	row.state = operation_state_name(STATE_ENDED);
	row.outcome = outcome_name(OUTCOME_CANCELLED);
	row.verdict = verdict_name(VERDICT_PARTLY);
	row.updated = past->record.stamp;
	return verbs->operation_save(db, &row, err);
}

/* One that could not be taken up again (an older plan, say) keeps its locks, and nobody else gives them
 * back. */
static bool
release_work(struct past *past, const struct store_verbs *verbs, void *db, struct error *err)
{
	struct lock_row *locks;
	size_t count, held = 0;

	if (!verbs->lock_list(db, past->arena, &locks, &count, err))
		return false;
	for (size_t i = 0; i < count; i++)
		held += string_equal(locks[i].operation, past->id);
	if (held == 0)
		return wrong(err, "%s holds no lock. What is open: ops list", past->id);
	return verbs->lock_release(db, past->id, err) && end_work(past, verbs, db, err) &&
	    verbs->audit_add(db, &past->record, err);
}

static bool
past_work(struct store_job *job, const struct store_verbs *verbs, void *db, struct error *err)
{
	struct past *past = CONTAINER(job, struct past, job);
	bool there;

	if (past->release)
		return release_work(past, verbs, db, err);
	if (past->id == NULL)
		return verbs->operation_list(db, past->arena, false, READ_MOST, &past->rows,
		    &past->count, err);
	past->rows = arena_new_of(past->arena, struct operation_row);
	if (!verbs->operation_find(db, past->arena, past->id, past->rows, &there, err))
		return false;
	if (!there)
		return wrong(err, "There is no operation %s. What there is: ops list", past->id);
	past->count = 1;
	return verbs->step_list(db, past->arena, past->id, &past->steps, &past->step_count, err) &&
	    verbs->approval_list(db, past->arena, past->id, past->rows->hash, &past->approvals,
		&past->approval_count, err) &&
	    verbs->audit_list(db, past->arena, past->id, 200, &past->audit, &past->audit_count, err);
}

/* ---- on the loop ---- */

static void
empty(struct operation *o)
{
	operation_watch_clear(o);
	plan_free(o->plan);
}

/* As much of it as its words and its card look at.  The caller empties it. */
static bool
fill(struct operation *o, struct bot *bot, struct arena *arena, const struct operation_row *row,
    struct error *err)
{
	_cleanup_(json_freep) cJSON *request = json_parse(row->request, strlen(row->request), NULL);
	const char *overtaken_by = json_string(request, "overtaken_by");

	*o = (struct operation){ .bot = bot, .arena = arena, .id = row->id, .state = STATE_ENDED,
		.reason = row->reason, .created = row->created, .drawing = row->drawing,
		.row = row->row, .request = arena_new_of(arena, struct request),
		.arrival = arena_new_of(arena, struct arrival) };
	o->request->principal = row->requester;
	outcome_read(row->outcome, &o->outcome);
	verdict_read(row->verdict, &o->verdict);
	operation_watch_read(o, request);
	if (overtaken_by != NULL)
		o->last_words = arena_printf(arena, "Overtaken by %s", overtaken_by);
	o->plan = plan_read(row->plan, strlen(row->plan), err);
	if (o->plan == NULL)
		empty(o);
	return o->plan != NULL;
}

/* Who ended it, when, and what its last step said: the row does not have these. */
static int64_t
fill_end(struct operation *o, const struct past *past)
{
	int64_t ended = past->rows->updated;

	for (size_t i = 0; i < past->step_count; i++) {
		const struct step_row *row = &past->steps[i];

		o->list = &o->plan->steps;
		step_restore(o->plan, row);
		if (string_equal(row->state, "failed") || string_equal(row->state, "unknown") ||
		    (string_equal(row->state, "stopped") && o->verdict == VERDICT_UNVERIFIABLE))
			o->last_words = row->note;
	}
	for (size_t i = 0; i < past->approval_count; i++)
		if (past->approvals[i].yes)
			*ARENA_GROW(past->arena, &o->approvals) = (struct approval){
				.person = past->approvals[i].person, .note = past->approvals[i].reason,
				.stamp = past->approvals[i].stamp };
	for (size_t i = 0; i < past->audit_count; i++) {
		if (!string_equal(past->audit[i].kind, "end"))
			continue;
		ended = past->audit[i].stamp;
		o->stopped_by = string_equal(past->audit[i].actor, "rollcall") ? NULL : past->audit[i].actor;
	}
	return ended;
}

/* Open, and not in memory: it was asked where this bot is not, or could not be taken up again. */
static bool
is_left(const struct past *past, const struct operation_row *row)
{
	enum operation_state state;

	return operation_find(past->bot, row->id) == NULL && operation_state_read(row->state, &state) &&
	    state < STATE_TELLING;
}

static const char *
why_left(const struct past *past)
{
	return past->bot->home_closed ? "it waits for the bot that serves where it was asked: rollcall run"
				      : "it could not be taken up again, see the log; its lock: ops release";
}

static struct message *
show(struct past *past, struct error *err)
{
	const struct zone *zone = past->bot->configuration->zone;
	struct message *message;
	struct operation o;
	int64_t ended;

	if (is_left(past, past->rows)) {
		refuse(err, "%s is open, and %s", past->id, why_left(past));
		return NULL;
	}
	if (!fill(&o, past->bot, past->arena, past->rows, err))
		return NULL;
	ended = fill_end(&o, past);
	message = operation_card(&o);
	if (o.list != NULL)
		message_context(message, "%s ended %s · what its tools printed: ops log %s", o.id,
		    stamp_full(message->arena, zone, ended), o.id);
	else
		message_context(message, "%s ended %s", o.id, stamp_full(message->arena, zone, ended));
	empty(&o);
	return message;
}

static void
list_one(struct message *message, struct past *past, const struct operation_row *row)
{
	const struct zone *zone = past->bot->configuration->zone;
	struct error err = ERROR_INIT;
	struct operation o;

	if (!fill(&o, past->bot, past->arena, row, &err))
		return;
	message_line(message, "%s · %s · by %s, ended %s",
	    operation_headline(&o, message->arena), o.plan->environment, directory_name(past->bot->directory, row->requester),
	    stamp_date(message->arena, zone, row->updated));
	empty(&o);
}

static struct message *
list(struct past *past)
{
	struct message *message = answers_open(past->bot);
	size_t shown = 0;

	for (size_t i = 0; i < past->count; i++)
		if (is_left(past, &past->rows[i]))
			message_line(message, "%s is open: %s", past->rows[i].id, why_left(past));
	for (size_t i = 0; i < past->count && shown < LISTED; i++) {
		if (operation_find(past->bot, past->rows[i].id) != NULL || is_left(past, &past->rows[i]))
			continue;
		if (shown++ == 0)
			message_line(message, "Ended:");
		list_one(message, past, &past->rows[i]);
	}
	return message;
}

static struct message *
released(const struct past *past)
{
	struct message *message = message_new();

	message_line(message, "The lock of %s is free. What it had changed stays as it is", past->id);
	message->text = say_plain(message->arena, message->lines.item[0]);
	message->state = "ops";
	return message;
}

static void
past_done(struct store_job *job)
{
	struct past *past = CONTAINER(job, struct past, job);
	struct error err = job->error;
	struct message *message = NULL;

	if (err.kind == ERROR_NONE)
		message = past->release ? released(past) : past->id != NULL ? show(past, &err) : list(past);
	past->done(past->arg, message, &err);
	message_free(message);
	arena_free(past->arena);
}

bool
answers_past(struct bot *bot, const struct request *r, answers_done *done, void *arg)
{
	bool wants_list = string_equal(r->subcommand, "list"), shows = string_equal(r->subcommand, "show");
	bool releases = string_equal(r->subcommand, "release");
	const char *id = shows || releases ? answers_id(r->arena, r->object) : NULL;
	struct arena *arena;
	struct past *past;

	if (!string_equal(r->command->internal, "ops") || (!wants_list && !shows && !releases) ||
	    !bot->store_open || (id != NULL && operation_find(bot, id) != NULL))
		return false;
	if (releases && (!bot->taken_up ||
	    !permit_has_role(bot->configuration, bot->directory, r->principal, "admin")))
		return false;
	arena = arena_new();
	past = arena_new_of(arena, struct past);
	past->bot = bot;
	past->arena = arena;
	past->id = arena_strdup(arena, id);
	past->release = releases;
	past->record = (struct audit_row){ .stamp = loop_wall(bot->loop), .kind = "release",
		.operation = past->id, .actor = arena_strdup(arena, r->principal),
		.door = door_name(r->arrival->door), .channel = arena_strdup(arena, r->arrival->channel),
		.text = arena_strdup(arena, r->arrival->text), .detail = "{}" };
	past->done = done;
	past->arg = arg;
	past->job = (struct store_job){ .work = past_work, .done = past_done };
	store_start(bot->store, &past->job);
	return true;
}

/* operation.c - states and their names, the list of operations, one committed move at a time. */

#include <assert.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "operation_move.h"
#include "operation_watch.h"
#include "parse.h"
#include "say.h"

static const char *const state_names[] = { "looking", "asking", "waiting", "acting", "undoing",
	"interrupted", "watching", "telling", "ended", NULL };
static const char *const outcome_names[] = { "none", "done", "unchanged", "failed", "cancelled",
	"refused", "rejected", "expired", "too_old", NULL };
static const char *const verdict_names[] = { "none", "verified", "not_better", "unverifiable",
	"partly", "unknown", "undone", NULL };

const char *
operation_state_name(enum operation_state state)
{
	return state_names[state];
}

const char *
outcome_name(enum outcome outcome)
{
	return outcome_names[outcome];
}

const char *
verdict_name(enum outcome_verdict verdict)
{
	return verdict_names[verdict];
}

static int
name_index(const char *const *names, const char *name)
{
	for (int i = 0; names[i] != NULL; i++)
		if (string_equal(names[i], name))
			return i;
	return -1;
}

bool
operation_state_read(const char *name, enum operation_state *state)
{
	int i = name_index(state_names, name);

	if (i >= 0)
		*state = (enum operation_state)i;
	return i >= 0;
}

bool
outcome_read(const char *name, enum outcome *outcome)
{
	int i = name_index(outcome_names, name);

	if (i >= 0)
		*outcome = (enum outcome)i;
	return i >= 0;
}

bool
verdict_read(const char *name, enum outcome_verdict *verdict)
{
	int i = name_index(verdict_names, name);

	if (i >= 0)
		*verdict = (enum outcome_verdict)i;
	return i >= 0;
}

/* ---- the list ---- */

struct operation *
operation_new(struct bot *bot, struct arrival *arrival, struct request *request)
{
	struct operation *o = xcalloc(1, sizeof(*o));

	o->arena = arena_new();
	o->bot = bot;
	o->arrival = arrival;
	o->request = request;
	o->reason = request != NULL ? arena_strdup(o->arena, request->reason) : NULL;
	o->created = loop_wall(bot->loop);
	o->mask = mask_set_new(secret_mask());
	o->log = -1;
	text_init(&o->tail, KILOBYTES(64));
	o->next = bot->operations;
	bot->operations = o;
	return o;
}

static void
operation_free(struct operation *o)
{
	timer_stop(o->bot->loop, &o->timer);
	timer_stop(o->bot->loop, &o->redraw);
	timer_stop(o->bot->loop, &o->redraw_question);
	operation_forget_ahead(o);
	operation_forget_seen(o);
	plan_free(o->looking);
	plan_free(o->plan);
	facts_free(o->facts);
	operation_watch_clear(o);
	mask_set_free(o->mask);
	text_clear(&o->tail);
	free(o->approvals.item);
	if (o->log >= 0)
		close(o->log);
	request_free(o->request);
	arrival_free(o->arrival);
	arena_free(o->arena);
	free(o);
}

void
operation_hear(struct operation *o, const struct word_of *word)
{
	hearer_wait(&o->hearers, word->hearer);
}

void
operation_drop(struct operation *o)
{
	struct error err = ERROR_INIT;

	cancelled(&err, "rollcall is stopping; ask again when it runs");
	hearers_tell(&o->hearers, &err);
	for (struct operation **at = &o->bot->operations; *at != NULL; at = &(*at)->next)
		if (*at == o) {
			*at = o->next;
			break;
		}
	operation_free(o);
}

void
operations_free(struct bot *bot)
{
	aheads_free(bot);	/* first: their jobs may be no more */
	while (bot->operations != NULL)
		operation_drop(bot->operations);
	reviews_free(bot);
	looks_free(bot);
}

struct operation *
operation_find(struct bot *bot, const char *id)
{
	for (struct operation *o = bot->operations; o != NULL; o = o->next)
		if (o->id != NULL && string_equal_nocase(o->id, id))
			return o;
	return NULL;
}

void
operation_begin(struct bot *bot, struct arrival *arrival, struct request *request,
    const struct permission *permission)
{
	struct operation *o = operation_new(bot, arrival, request);

	o->permission = *permission;
	operation_look(o);
}

void
operation_answer(struct operation *o, const struct message *message)
{
	reply_message(o->bot, o->arrival, message);
}

const char *
operation_list_name(const struct operation *o)
{
	if (o->list == &o->plan->undo)
		return "undo";
	return o->list == &o->plan->always ? "always" : "steps";
}

const char *
operation_took_name(struct arena *arena, const struct plan *plan)
{
	return arena_printf(arena, "took/%s/%s/%s/%s", plan->kind, plan->cluster, plan->namespace,
	    plan->object);
}

const char *
operation_left_name(struct arena *arena, const struct plan *plan)
{
	return arena_printf(arena, "left/%s/%s/%s", plan->cluster, plan->namespace, plan->object);
}

/* ---- the stored row ---- */

/* What makes the same request again after a restart: who, where, by which door, the words. */
static const char *
print_request(const struct operation *o, struct arena *arena)
{
	_cleanup_(json_freep) cJSON *json = cJSON_CreateObject();
	const struct arrival *a = o->arrival;

	json_add_string(json, "text", a->text);
	json_add_string(json, "person", a->person);
	json_add_string(json, "message", a->message);
	json_add_number(json, "stamp", (double)a->stamp);
	json_add_string(json, "chat", a->chat->name);
	json_add_bool(json, "start_given", o->start_given);
	json_add_number(json, "said", (double)o->said);
	json_add_bool(json, "stop_wanted", o->stop_wanted);
	json_add_string(json, "stopped_by", o->stopped_by);
	followers_print(o, json);
	operation_watch_print(o, json);
	question_print(o, json);
	return json_to_arena(arena, json);
}

void
operation_row(const struct operation *o, struct arena *arena, struct operation_row *row)
{
	_cleanup_(text_clear) struct text plan = TEXT_INIT_LIMIT(MEGABYTES(16));

	plan_print(o->plan, &plan);
	*row = (struct operation_row){ .id = o->id, .kind = o->plan->kind,
		.state = operation_state_name(o->state), .outcome = outcome_name(o->outcome),
		.verdict = verdict_name(o->verdict), .inbox = o->arrival->inbox,
		.requester = o->request->principal, .door = door_name(o->arrival->door),
		.team = o->arrival->team, .channel = o->arrival->channel,
		.thread = o->arrival->thread, .card = o->card,
		.request = print_request(o, arena), .plan = arena_strdup(arena, plan.data),
		.hash = arena_strdup(arena, o->hash), .nonce = arena_strdup(arena, o->nonce),
		.reason = o->reason, .drawing = o->drawing, .row = o->row, .created = o->created,
		.updated = loop_wall(o->bot->loop), .expires = o->expires };
}

/* ---- moves ---- */

struct move *
move_new(struct operation *o, void (*settled)(struct operation *, struct move *, bool))
{
	struct arena *arena = arena_new();
	struct move *move = arena_new_of(arena, struct move);

	assert(!o->settling);
	o->settling = true;
	move->arena = arena;
	move->operation = o;
	move->settled = settled;
	move->last_letter = &move->letters;
	operation_row(o, arena, &move->row);
	return move;
}

void
move_letter(struct move *move, const struct outbox_row *row, const struct message *message)
{
	struct outbox_row copy = *row;

	copy.operation = move->operation->id != NULL ? move->operation->id : NAME_HOLE;
	/* The thread may lag behind; the card and what rings a phone do not wait for it. */
	if (copy.conversation == NULL)
		copy.conversation = copy.thread == NULL
		    ? copy.operation
		    : arena_printf(move->arena, "%s/thread", copy.operation);
	copy.created = loop_wall(move->operation->bot->loop);
	if (copy.chat == NULL)
		copy.chat = move->operation->arrival->chat->name;
	*move->last_letter = letter_new(&copy, message);
	move->last_letter = &(*move->last_letter)->next;
}

void
move_audit(struct move *move, const char *kind, const char *actor, const char *text)
{
	const struct operation *o = move->operation;

	move->audit = (struct audit_row){ .stamp = loop_wall(o->bot->loop), .kind = kind,
		.operation = o->id, .actor = actor, .door = door_name(o->arrival->door),
		.channel = o->arrival->channel, .text = arena_strdup(move->arena, text),
		.detail = arena_printf(move->arena, "{\"hash\":\"%s\"}", o->hash) };
}

void
move_step(struct move *move, const struct step *step, const char *list, size_t position)
{
	static const char *const names[] = { "next", "running", "done", "failed", "skipped",
		"stopped", "unknown" };
	struct step_row *row = arena_new_of(move->arena, struct step_row);

	*row = (struct step_row){ .operation = move->operation->id, .list = list,
		.position = (int)position, .state = names[step->state], .note = step->note,
		.started = step->started, .ended = step->ended, .exit = step->exit };
	move->step = row;
}

static const char *
fill_hole(struct arena *arena, const char *s, const char *id)
{
	_cleanup_(text_clear) struct text filled = TEXT_INIT_LIMIT(MEGABYTES(16));
	const char *hole;

	if (s == NULL)
		return NULL;
	for (; (hole = strstr(s, NAME_HOLE)) != NULL; s = hole + strlen(NAME_HOLE)) {
		text_add_bytes(&filled, s, (size_t)(hole - s));
		text_add(&filled, id);
	}
	text_add(&filled, s);
	return arena_strdup(arena, filled.data);
}

static void
name_letters(struct move *move, const char *id)
{
	for (struct letter *l = move->letters; l != NULL; l = l->next) {
		l->row.key = fill_hole(l->arena, l->row.key, id);
		l->row.operation = fill_hole(l->arena, l->row.operation, id);
		l->row.conversation = fill_hole(l->arena, l->row.conversation, id);
		l->row.thread = fill_hole(l->arena, l->row.thread, id);
		l->row.payload = fill_hole(l->arena, l->row.payload, id);
		if (l->message == NULL)
			continue;
		message_free(l->message);
		l->message = message_read(l->row.payload, strlen(l->row.payload), NULL);
	}
}

static bool
take_locks(struct move *move, const struct store_verbs *verbs, void *db, struct error *err)
{
	struct lock_row *lock;

	for (size_t i = 0; i < move->locks.count; i++) {
		lock = &move->locks.item[i];
		if (!verbs->lock_take(db, move->arena, lock, err))
			return false;
		if (!lock->taken) {
			move->holder = lock;
			return refuse(err, "%s holds the lock", lock->operation);
		}
	}
	return true;
}

static bool
save_row(struct move *move, const struct store_verbs *verbs, void *db, struct error *err)
{
	if (!move->add)
		return verbs->operation_save(db, &move->row, err);
	if (!verbs->operation_add(db, move->arena, &move->row, err))
		return false;
	move->audit.operation = move->row.id;
	name_letters(move, move->row.id);
	return true;
}

/* What the next one on the same target is told. */
static bool
save_notes(struct move *move, const struct store_verbs *verbs, void *db, struct error *err)
{
	const struct plan *plan = move->operation->plan;

	if (move->took > 0 && !verbs->note_set(db, operation_took_name(move->arena, plan),
	    arena_printf(move->arena, "%lld", (long long)move->took), err))
		return false;
	return move->left == NULL ||
	    verbs->note_set(db, operation_left_name(move->arena, plan), move->left, err);
}

static bool
save_parts(struct move *move, const struct store_verbs *verbs, void *db, struct error *err)
{
	if (move->void_approvals && !verbs->approval_void(db, move->row.id, err))
		return false;
	if (move->approval != NULL) {
		if (!verbs->approval_add(db, move->approval, err))
			return false;
		if ((move->duplicate_approval = move->approval->duplicate))
			return refuse(err, "already approved");
	}
	if (move->step != NULL && !verbs->step_save(db, move->step, err))
		return false;
	if (!save_notes(move, verbs, db, err))
		return false;
	for (size_t i = 0; i < move->revisions.count; i++)
		if (!verbs->revision_save(db, &move->revisions.item[i], err))
			return false;
	if (move->release_locks && !verbs->lock_release(db, move->row.id, err))
		return false;
	return move->inbox_done == 0 || verbs->inbox_done(db, move->inbox_done, move->row.id, err);
}

static bool
move_work(struct store_job *job, const struct store_verbs *verbs, void *db, struct error *err)
{
	struct move *move = CONTAINER(job, struct move, job);

	return save_row(move, verbs, db, err) && take_locks(move, verbs, db, err) &&
	    save_parts(move, verbs, db, err) &&
	    (move->audit.kind == NULL || verbs->audit_add(db, &move->audit, err)) &&
	    letters_add(move->letters, verbs, db, err);
}

static void
tell_hearers(struct move *move, const struct error *why)
{
	struct error err = *why;

	if (move->duplicate_approval)
		refuse(&err, "You have already approved %s", move->row.id);
	hearers_tell(&move->hearers, &err);
}

static void
move_done(struct store_job *job)
{
	struct move *move = CONTAINER(job, struct move, job);
	struct operation *o = move->operation;
	bool ok = job->error.kind == ERROR_NONE;

	o->settling = false;
	if (ok && move->add)
		o->id = arena_strdup(o->arena, move->row.id);
	if (ok)
		outbox_post(o->bot->outbox, move->letters);
	else
		letters_free(move->letters);
	if (!ok && move->holder == NULL && !move->duplicate_approval)
		log_error("%s: a move was not kept: %s", o->id != NULL ? o->id : "operation",
		    job->error.text);
	if (o->keep_as != NULL && o->id != NULL)
		operation_keep(o, o->keep_as, o->keep_by);
	tell_hearers(move, &job->error);
	move->settled(o, move, ok);
	arena_free(move->arena);
}

void
move_start(struct move *move)
{
	move->job.work = move_work;
	move->job.done = move_done;
	move->hearers = move->operation->hearers;
	move->operation->hearers = NULL;
	store_start(move->operation->bot->store, &move->job);
}

/* ---- what the outbox tells ---- */

void
operation_card_stands(struct bot *bot, const char *id, const char *channel, const char *ts)
{
	struct operation *o = operation_find(bot, id);

	if (o == NULL)
		return;
	o->card = arena_strdup(o->arena, ts);
	o->card_channel = arena_strdup(o->arena, channel);
	/* It ended while its card was on the way: the card that stands now is of before the end. */
	if (o->state == STATE_TELLING) {
		_cleanup_(message_freep) struct message *card = operation_card(o);

		outbox_progress(bot->outbox, id, o->arrival->chat->name, channel, ts, id, card);
		return;
	}
	operation_redraw(o);
}

void
operation_card_again(struct bot *bot, const char *id)
{
	struct operation *o = operation_find(bot, id);

	if (o != NULL)
		o->card_again = true;
}

static void
ended_settled(struct operation *o, struct move *move, bool ok)
{
	(void)move;
	if (ok)
		operation_drop(o);
}

void
operation_card_lost(struct bot *bot, const char *id, const char *why)
{
	struct operation *o = operation_find(bot, id);

	if (o == NULL || o->state != STATE_ASKING)
		return;
	o->card_lost = arena_strdup(o->arena, why);
	if (!o->settling && !o->taking_up && !o->looked_for_restart)
		operation_without_card(o);
}

/* Nobody can see or start what has no card, and no question in the chat. */
bool
operation_without_card(struct operation *o)
{
	struct bot *bot = o->bot;
	const char *why = o->card_lost;
	struct move *move;

	if (why == NULL || o->card != NULL || o->asked_in != NULL)
		return false;
	reply_text(bot, o->arrival, say(o->arena, "Not started: the plan of %s cannot be shown: %s. Nothing was changed",
	    o->id, why));
	timer_stop(bot->loop, &o->timer);
	timer_stop(bot->loop, &o->redraw);
	o->state = STATE_ENDED;
	o->outcome = OUTCOME_REFUSED;
	move = move_new(o, ended_settled);
	move_audit(move, "end", "rollcall", why);
	move_start(move);
	return true;
}

void
operation_told(struct bot *bot, const char *id)
{
	struct operation *o = operation_find(bot, id);

	if (o == NULL || o->state != STATE_TELLING || o->settling || o->taking_up)
		return;
	o->state = STATE_ENDED;
	move_start(move_new(o, ended_settled));
}

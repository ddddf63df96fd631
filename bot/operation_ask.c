/*
 * operation_ask.c - from a plan to the last yes: what becomes of what a look found, questions, clicks.
 */

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "forgery.h"
#include "operation_move.h"
#include "say.h"
#include "words.h"

#define CLICK_TOO_OLD MINUTES(2)

static void begin_expiry(struct operation *);
static bool enough(const struct operation *);

/* ---- endings without a card ---- */

struct close {
	struct store_job job;
	struct operation *operation;
	struct audit_row audit;
	struct letter *letter;
};

static bool
close_work(struct store_job *job, const struct store_verbs *verbs, void *db, struct error *err)
{
	struct close *close = CONTAINER(job, struct close, job);

	return (close->letter == NULL || letters_add(close->letter, verbs, db, err)) &&
	    (close->audit.kind == NULL || verbs->audit_add(db, &close->audit, err)) &&
	    (close->operation->arrival->inbox == 0 ||
		verbs->inbox_done(db, close->operation->arrival->inbox, NULL, err));
}

static void
close_done(struct store_job *job)
{
	struct close *close = CONTAINER(job, struct close, job);

	if (job->error.kind != ERROR_NONE) {
		log_error("the end of a request could not be kept: %s", job->error.text);
		letter_free(close->letter);
	} else if (close->letter != NULL) {
		outbox_post(close->operation->bot->outbox, close->letter);
	}
	operation_drop(close->operation);
}

/* The last word to the asker: by letter where a message asked, else at once. */
static void
close_request(struct operation *o, const struct message *message, const char *audit)
{
	struct close *close = arena_new_of(o->arena, struct close);
	const struct arrival *a = o->arrival;
	const char *thread = a->thread != NULL ? a->thread : a->message;
	struct outbox_row row = { .chat = a->chat->name, .class = 2, .channel = a->channel,
		.thread = thread, .person = a->person, .created = loop_wall(o->bot->loop) };

	close->operation = o;
	if (audit != NULL)
		close->audit = (struct audit_row){ .stamp = loop_wall(o->bot->loop), .kind = audit,
			.actor = o->request->principal, .door = door_name(a->door),
			.channel = a->channel, .text = a->text, .detail = "{}" };
	if (a->door == DOOR_MESSAGE) {
		row.key = arena_printf(o->arena, "in-%lld/answer", (long long)a->inbox);
		row.conversation = arena_printf(o->arena, "%s/%s", a->channel, thread != NULL ? thread : "");
		close->letter = letter_new(&row, message);
	} else {
		operation_answer(o, message);
	}
	close->job = (struct store_job){ .work = close_work, .done = close_done };
	store_start(o->bot->store, &close->job);
}

static void
close_with_text(struct operation *o, const char *state, const char *text, const char *audit)
{
	_cleanup_(message_freep) struct message *message = message_new();

	message_line(message, "%s", text);
	message->text = say_plain(message->arena, text);
	message->state = state;
	close_request(o, message, audit);
}

static void
close_with_error(struct operation *o, const struct error *err)
{
	struct arena *a = o->arena;
	const char *text = err->kind == BROKEN
	    ? say(a, "Not started, and that is my own fault: %s", err->text)
	    : say(a, "Not started: %s", err->text);

	if (string_equal(o->request->subcommand, "history") ||
	    string_equal(o->request->subcommand, "status"))
		text = say(a, "Unknown: %s", err->text);
	if (err->kind == BROKEN)
		log_error("%s: %s", o->request->command->name, err->text);
	close_with_text(o, error_kind_name(err->kind), text, "refused");
}

/* Whose work it undoes is for people to weigh; that somebody works on it now, or that nothing would answer
 * behind a Service, is not. */
static bool
direct_lifts(const struct remark *remark)
{
	return string_starts(remark->code, "owner.");
}

/* Better said before anything is changed than by the guard of children half way. */
static void
remark_unfit(struct plan *plan)
{
	for (size_t i = 0; i < plan->steps.count; i++) {
		const struct step *step = &plan->steps.item[i];
		struct error err = ERROR_INIT;

		if (step->argv != NULL && argv_check(step->argv, &err) == NULL)
			plan_remark(plan, REMARK_STOP, "step.unfit", "Step %zu, %s, cannot be run: %s", i + 1,
			    step->title, err.text);
	}
}

static const char *
stop_of(const struct operation *o, const struct plan *plan)
{
	for (size_t i = 0; i < plan->remarks.count; i++)
		if (plan->remarks.item[i].level == REMARK_STOP &&
		    !(o->request->direct && direct_lifts(&plan->remarks.item[i])))
			return plan->remarks.item[i].text;
	return NULL;
}

/* A rollout that is in progress is often one of ours: then who and since when come first. */
static void
close_with_stops(struct operation *o, const struct plan *plan)
{
	_cleanup_(message_freep) struct message *message = message_new();
	const struct operation *blocker = operation_blocker(o->bot, plan);
	size_t stops = 0, lifted = 0;

	if (blocker != NULL) {
		message_line(message, "Not started: %s", operation_who_blocks(blocker, message->arena));
		message->id = arena_strdup(message->arena, blocker->id);
		operation_offer(message->id, message, message_button);
	}
	for (size_t i = 0; i < plan->remarks.count; i++)
		if (plan->remarks.item[i].level == REMARK_STOP) {
			message_line(message, "Not started: %s", plan->remarks.item[i].text);
			lifted += direct_lifts(&plan->remarks.item[i]);
			stops++;
		}
	if (lifted == stops && (o->request->command->takes & TAKES_TO))
		message_line(message, "To do it here all the same, add the word " CODE "direct" CODE);
	message->text = say_plain(message->arena, message->lines.item[0]);
	message->state = "refused";
	close_request(o, message, "refused");
}

static void
close_with_dry_run(struct operation *o, const struct plan *plan)
{
	_cleanup_(text_clear) struct text lines = TEXT_INIT_LIMIT(KILOBYTES(12));
	_cleanup_(message_freep) struct message *message = message_new();

	plan_describe(plan, &lines);
	message_line(message, "%s", say(message->arena,
	    BOLD "Plan, nothing is changed" BOLD " (dry run): %s", plan->title));
	message->difference = arena_strdup(message->arena, lines.data);
	message->text = say(message->arena, "Plan (dry run), nothing changed: %s", plan->title);
	message->state = "dry_run";
	close_request(o, message, "dry-run");
}

/* ---- a plan was made ---- */

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
static void
remark_anew(struct plan *plan, const char *code, const char *text)
{
	for (size_t i = 0; i < plan->remarks.count; i++)
		if (string_equal(plan->remarks.item[i].code, code)) {
			plan->remarks.item[i].text = arena_strdup(plan->arena, text);
			return;
		}
	plan_remark(plan, REMARK_CHECK, code, "%s", text);
}

/* It waits for people (again): until its time is over, or at once no more when one of them said Stop. */
static void
wait_for_people(struct operation *o)
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
	wait_for_people(o);
}

void
operation_ask_anew(struct operation *o, const char *code, const char *why)
{
	struct move *move;

	remark_anew(o->plan, code, why);
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
	remark_anew(o->plan, "locked", say(o->arena, "%s. This can start when it has ended",
	    operation_who_blocks(blocker, o->arena)));
}

/* The plan moved between the yes and the run, or while we were away. */
static void
plan_moved(struct operation *o, struct plan *plan)
{
	const char *stop;

	remark_unfit(plan);
	stop = stop_of(o, plan);
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
		close_request(o, message, NULL);
		return;
	}
	if (plan->unchanged != NULL) {
		text = say(o->arena, "Nothing changed: %s", plan->unchanged);
		plan_free(plan);
		close_with_text(o, "unchanged", text, "unchanged");
		return;
	}
	if (o->request->dry_run) {
		close_with_dry_run(o, plan);
		plan_free(plan);
		return;
	}
	remark_unfit(plan);
	if (stop_of(o, plan) != NULL) {
		close_with_stops(o, plan);
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
	return enough(o) && (o->arrival->door != DOOR_MESSAGE || o->start_given);
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
		wait_for_people(o);
		if (o->state == STATE_ASKING && !o->settling && operation_yes_counts(o))
			operation_go(o);
	}
}

static void
last_looked(struct operation *o, struct plan *plan, const struct error *err)
{
	char hash[DIGEST_HEX] = "";

	if (o->stop_wanted) {
		plan_free(plan);
		operation_end(o, OUTCOME_CANCELLED, VERDICT_NONE, "stopped by a person");
		return;
	}
	if (plan != NULL)
		plan_hash(plan, hash);
	if (plan != NULL && string_equal(hash, o->hash)) {
		plan_free(plan);
		if (o->request->configuration == o->bot->configuration)
			operation_walk(o);
		else
			operation_ask_anew(o, "rules", "The configuration was reloaded just before it began. "
			    "This is asked again, and earlier yeses do not count");
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
		close_with_error(o, err);
	} else {
		first_looked(o, plan);
	}
}

/* ---- expiry ---- */

static void
on_expired(void *arg)
{
	struct operation *o = arg;

	if (o->state != STATE_ASKING)
		return;
	if (o->settling)
		timer_start(o->bot->loop, &o->timer, 100, on_expired, o);
	else
		operation_end(o, OUTCOME_EXPIRED, VERDICT_NONE, "nobody answered in time");
}

static void
begin_expiry(struct operation *o)
{
	timer_start(o->bot->loop, &o->timer, o->expires - loop_wall(o->bot->loop), on_expired, o);
}

/* ---- the last yes ---- */

static size_t
approvers(const struct operation *o, const char **people, size_t most)
{
	size_t count = 0;

	for (size_t i = 0; i < o->approvals.count && count < most; i++)
		people[count++] = o->approvals.item[i].person;
	return count;
}

static bool
enough(const struct operation *o)
{
	const char *people[64];
	size_t count = approvers(o, people, COUNT(people));

	return permit_enough(&o->permission, o->bot->configuration, o->bot->directory, o->request,
	    people, count);
}

static const char store_is_deaf[] = "my own store does not take anything at the moment";

/* Not now: it goes on waiting without its locks, and its card says why, also after a restart. */
static void
not_started(struct operation *o, const char *code, const char *why)
{
	o->state = STATE_ASKING;
	o->list = NULL;
	o->start_given = false;
	o->said = 0;
	why = say(o->arena, "Not started: %s", why);
	if (loop_wall(o->bot->loop) >= o->expires) {
		operation_ask_anew(o, code, why);
		return;
	}
	remark_anew(o->plan, code, why);
	operation_give_back(o, "not started", "rollcall");
	wait_for_people(o);
}

/* Who holds the lock may have ended in this moment: then nothing is in the way any more. */
static void
lock_refused(struct operation *o, const struct lock_row *holder)
{
	const struct operation *blocker = operation_find(o->bot, holder->operation);

	o->row++;
	o->blocked_by = blocker != NULL && operation_holds(blocker) ? blocker->id : NULL;
	o->blocked_by = arena_strdup(o->arena, o->blocked_by);
	not_started(o, "locked",
	    say(o->arena, "%s by %s holds the lock since %s. Start again when it has ended",
		holder->operation, directory_name(o->bot->directory, holder->person),
		stamp_clock(o->arena, o->bot->configuration->zone, holder->since)));
}

static void
locked(struct operation *o, struct move *move, bool ok)
{
	const struct lock_row *holder = move->holder;

	if (ok) {
		log_info("%s: starts", o->id);
		operation_overtake(o);
		o->last_look = true;
		operation_redraw(o);
		operation_look(o);
	} else if (holder != NULL) {
		lock_refused(o, holder);
	} else {
		not_started(o, "store", store_is_deaf);
	}
}

static void
take_locks(struct operation *o)
{
	struct move *move;

	timer_stop(o->bot->loop, &o->timer);
	o->state = STATE_ACTING;
	o->list = &o->plan->steps;
	o->position = 0;
	o->row++;
	move = move_new(o, locked);
	for (size_t i = 0; i < o->plan->locks.count; i++)
		*ARENA_GROW(move->arena, &move->locks) = (struct lock_row){
			.key = o->plan->locks.item[i], .operation = o->id,
			.person = o->request->principal, .since = loop_wall(o->bot->loop) };
	move_audit(move, "started", o->request->principal, o->plan->title);
	move_start(move);
}

/* Whose yes does not count any more; NULL: all do. */
static const char *
lost_yes(const struct operation *o)
{
	struct error err = ERROR_INIT;

	for (size_t i = 0; i < o->approvals.count; i++)
		if (!permit_approval(&o->permission, o->bot->configuration, o->bot->directory,
			o->request, o->approvals.item[i].person, &err))
			return o->approvals.item[i].person;
	return NULL;
}

static void
rights_known(struct operation *o)
{
	struct bot *bot = o->bot;
	struct permission permission;
	struct error err = ERROR_INIT;
	const char *lost;
	bool more;

	o->settling = false;
	if (operation_stop_kept(o))
		return;
	if (forgery_holds(bot, o->arrival, &err)) {
		not_started(o, "held", "changes are held. Start again after rollcall unlock on the machine");
		return;
	}
	if (bot->braked || bot->leaving) {
		not_started(o, "brake", bot->braked ? "the emergency brake is on" : "I am being restarted");
		return;
	}
	if (!operation_adopt_rules(o))
		return;
	if (!permit(&permission, bot->configuration, bot->directory, o->request, CHANGES, &err)) {
		if (permission.unknown)
			not_started(o, "rights", err.text);
		else
			operation_end(o, OUTCOME_REFUSED, VERDICT_NONE, err.text);
		return;
	}
	more = permission_tighten(&o->permission, &permission);
	if (!o->permission.allowed)
		operation_end(o, OUTCOME_REFUSED, VERDICT_NONE,
		    "the rules were changed too often while it waited. Ask again");
	else if ((lost = lost_yes(o)) != NULL)
		operation_ask_anew(o, "rights", say(o->arena,
		    "The yes of %s does not count any more; earlier yeses were taken back",
		    directory_name(bot->directory, lost)));
	else if ((more && o->request->earlier != NULL) || !enough(o))
		operation_ask_anew(o, "rights", "The rules changed meanwhile; it needs more yeses now");
	else
		take_locks(o);
}

static void ask_rights(struct operation *);

static void
on_rights_asked(void *arg)
{
	struct operation *o = arg;

	o->rights_asked++;
	ask_rights(o);
}

static void
ask_rights(struct operation *o)
{
	const char *person = o->request->principal;

	if (o->rights_asked > o->approvals.count) {
		rights_known(o);
		return;
	}
	if (o->rights_asked > 0)
		person = o->approvals.item[o->rights_asked - 1].person;
	directory_fetch(o->bot->directory, person, o->arrival->channel, SECONDS(10), on_rights_asked, o);
}

/* Before the first change the rights of who asked and of all who said yes are looked at once more, never
 * older than 10 s (P1, AP2). */
void
operation_go(struct operation *o)
{
	o->settling = true;
	o->rights_asked = 0;
	ask_rights(o);
}

/* ---- the words of people ---- */

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
	timer_start(o->bot->loop, &o->timer, 0, on_expired, o);
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

static void
start_settled(struct operation *o, struct move *move, bool ok)
{
	(void)move;
	if (ok && !o->stop_wanted && enough(o))
		operation_go(o);
	else if (operation_stop_kept(o))
		return;
	else if (ok)
		operation_redraw(o);
	else
		not_started(o, "store", store_is_deaf);
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
	move = move_new(o, start_settled);
	move_audit(move, "start", word->principal, o->plan->title);
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
			remark_anew(o->plan, "store",
			    say(o->arena, "A yes was not taken: %s. Say it again", store_is_deaf));
		operation_redraw(o);
		return;
	}
	*GROW(&o->approvals) = (struct approval){
		.person = arena_strdup(o->arena, move->approval->person),
		.stamp = move->approval->stamp };
	log_info("%s: approved by %s", o->id, move->approval->person);
	if (operation_stop_kept(o))
		return;
	operation_redraw(o);
	if (enough(o))
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
		.door = word->arrival != NULL ? door_name(word->arrival->door) : "console",
		.stamp = loop_wall(o->bot->loop) };
	move_audit(move, "approved", move->approval->person, o->plan->title);
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
	operation_end(o, OUTCOME_CANCELLED, VERDICT_NONE, "dismissed before it began");
	return true;
}

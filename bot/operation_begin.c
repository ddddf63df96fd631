/* operation_begin.c - from the last yes to the first step: everybody's rights once more, brake, hold, locks. */

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "forgery.h"
#include "operation_ask.h"
#include "say.h"

static size_t
approvers(const struct operation *o, const char **people, size_t most)
{
	size_t count = 0;

	for (size_t i = 0; i < o->approvals.count && count < most; i++)
		people[count++] = o->approvals.item[i].person;
	return count;
}

bool
operation_enough(const struct operation *o)
{
	const char *people[64];
	size_t count = approvers(o, people, COUNT(people));

	return permit_enough(&o->permission, o->bot->configuration, o->bot->directory, o->request,
	    people, count);
}

/* Not now: it goes on waiting without its locks, and its card says why, also after a restart. */
void
operation_not_started(struct operation *o, const char *code, const char *why)
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
	operation_remark_anew(o->plan, code, why);
	operation_give_back(o, "not started", "rollcall");
	operation_wait_for_people(o);
}

/* Who holds the lock may have ended in this moment: then nothing is in the way any more. */
static void
lock_refused(struct operation *o, const struct lock_row *holder)
{
	const struct operation *blocker = operation_find(o->bot, holder->operation);

	o->row++;
	o->blocked_by = blocker != NULL && operation_holds(blocker) ? blocker->id : NULL;
	o->blocked_by = arena_strdup(o->arena, o->blocked_by);
	operation_not_started(o, "locked",
	    say(o->arena, "%s by %s holds the lock since %s. Start again when it has ended, or end it: ops stop %s",
		holder->operation, directory_name(o->bot->directory, holder->person),
		stamp_clock(o->arena, o->bot->configuration->zone, holder->since), holder->operation));
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
		operation_not_started(o, "store", STORE_IS_DEAF);
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
		operation_not_started(o, "held", "changes are held. Start again after rollcall unlock on the machine");
		return;
	}
	if (bot->braked || bot->leaving) {
		operation_not_started(o, "brake", bot->braked ? "the emergency brake is on" : "I am being restarted");
		return;
	}
	if (!operation_adopt_rules(o))
		return;
	if (!permit(&permission, bot->configuration, bot->directory, o->request, CHANGES, &err)) {
		if (permission.unknown)
			operation_not_started(o, "rights", err.text);
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
	else if ((more && o->request->earlier != NULL) || !operation_enough(o))
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

/*
 * operation_stray.c - one that a restart finds without its target: the configuration has lost it meanwhile.
 *
 * Nothing of it is walked, since nobody knows where.  What had not begun ends; what had is interrupted and
 * keeps its locks: it stands in the list, in its thread and in the channel of the admins, and a person gives
 * it up, or puts the target back and resumes it.
 */

#include <string.h>

#include "admins.h"
#include "base/log.h"
#include "operation_move.h"
#include "parse.h"
#include "say.h"

/* "rollout" of "rollout.scale". */
static const struct command *
command_of(struct arena *arena, const struct plan *plan)
{
	return command_find(arena_copy(arena, plan->kind, strcspn(plan->kind, ".")));
}

struct request *
request_left_behind(struct bot *bot, struct arrival *arrival, const struct operation_row *row,
    const struct plan *plan)
{
	struct arena *arena = arena_new();
	struct request *request = arena_new_of(arena, struct request);

	request->arena = arena;
	request->arrival = arrival;
	request->configuration = bot->configuration;
	configuration_hold(bot->configuration);
	request->command = command_of(arena, plan);
	request->principal = arena_strdup(arena, row->requester);
	request->reason = arena_strdup(arena, row->reason);
	return request;
}

void
operation_left_behind(struct operation *o)
{
	_cleanup_(freep) char *key = xasprintf("%s/stray", o->id);
	bool interrupted = o->state == STATE_INTERRUPTED;

	log_error("%s cannot go on after the restart: %s", o->id, o->stray);
	if (o->state == STATE_ASKING || !operation_begun(o)) {
		operation_end(o, OUTCOME_REFUSED, VERDICT_NONE,
		    say(o->arena, "after a restart I do not know it any more: %s", o->stray));
		return;
	}
	admins_tell(o->bot, key, say(o->arena, BOLD "%s" BOLD " was under way before the restart and is interrupted: %s. "
	    "Put it back into the configuration, reload, and say: ops resume %s. Or look at the cluster and give it up: ops stop %s",
	    operation_headline(o, o->arena), o->stray, o->id, o->id));
	o->list = &o->plan->steps;
	if (!interrupted) {
		operation_interrupt(o, o->stray);
		return;
	}
	o->last_words = o->stray;
	if (!operation_stop_kept(o))
		operation_redraw(o);
}

/* Who asked for it, and says it, is judged by what is known of its target again. */
static bool
may_still(const struct operation *o, const struct request *r, const struct word_of *word, struct error *err)
{
	struct permission permission;

	return !string_equal(word->principal, r->principal) ||
	    permit(&permission, o->bot->configuration, o->bot->directory, r, CHANGES, err);
}

bool
operation_found_again(struct operation *o, const struct word_of *word, struct error *err)
{
	struct parsed parsed;

	if (!parse(&parsed, o->bot->configuration, o->arrival, o->arrival->arena, err))
		return error_wrap(err, "%s cannot go on", o->id);
	if (!operation_still_there(o->plan, parsed.request, err)) {
		request_free(parsed.request);
		return refuse(err, "%s cannot go on: its target is another object now. Put %s %s in %s back, or give it up: ops stop %s",
		    o->id, o->plan->driver, o->plan->object, o->plan->cluster, o->id);
	}
	if (!may_still(o, parsed.request, word, err)) {
		request_free(parsed.request);
		return false;
	}
	parsed.request->earlier = o->request;	/* what borrowed of it goes on living */
	o->request = parsed.request;
	o->stray = NULL;
	o->state = STATE_ACTING;
	o->row++;
	operation_go_on(o);
	return true;
}

/*
 * operation_reload.c - open questions under a new configuration (CS2).
 *
 * Nothing begins under rules that are not the present ones: before a question is answered with the first
 * change, its request is made again under the present configuration, and what both policies ask for must be
 * met.  A question that waits quietly is judged at once, so that people see it; one that is just being
 * looked at or written down is judged before it begins (operation_ask.c).  What has begun goes on.
 */

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "operation.h"
#include "parse.h"
#include "say.h"

bool
operation_still_there(const struct plan *plan, const struct request *r, struct error *err)
{
	const struct target *t = r->target;

	if (plan->target == NULL && t == NULL)
		return true;
	if (t != NULL && string_equal(plan->target, t->setting->key) &&
	    string_equal(plan->cluster, t->cluster->name) &&
	    string_equal(plan->environment, t->environment->name) &&
	    string_equal(plan->namespace, t->namespace) && string_equal(plan->object, t->object))
		return true;
	return refuse(err, "the configuration was reloaded, and what was asked for is something else now. "
	    "Nothing was changed; ask again");
}

bool
operation_adopt_rules(struct operation *o)
{
	struct error err = ERROR_INIT;
	struct parsed parsed;

	if (o->request->configuration == o->bot->configuration)
		return true;
	if (!parse(&parsed, o->bot->configuration, o->arrival, o->arrival->arena, &err)) {
		error_wrap(&err, "the configuration was reloaded");
		operation_end(o, OUTCOME_REFUSED, VERDICT_NONE, err.text);
		return false;
	}
	if (!operation_still_there(o->plan, parsed.request, &err)) {
		request_free(parsed.request);
		operation_end(o, OUTCOME_REFUSED, VERDICT_NONE, err.text);
		return false;
	}
	parsed.request->notes = o->request->notes;
	parsed.request->earlier = o->request;	/* what borrowed of it goes on living */
	o->request = parsed.request;
	return true;
}

static bool
waits_quietly(const struct operation *o)
{
	return o->id != NULL && o->state == STATE_ASKING && !o->settling && !o->taking_up &&
	    !o->looked_for_restart && !o->last_look &&
	    o->request->configuration != o->bot->configuration;
}

static void
judge(struct operation *o)
{
	struct permission permission;
	struct error err = ERROR_INIT;
	bool more;

	if (!operation_adopt_rules(o))
		return;
	if (!permit(&permission, o->bot->configuration, o->bot->directory, o->request, CHANGES, &err)) {
		if (!permission.unknown)
			operation_end(o, OUTCOME_REFUSED, VERDICT_NONE,
			    say(o->arena, "the rules were changed: %s", err.text));
		return;		/* what is unknown now is asked for again before it begins */
	}
	more = permission_tighten(&o->permission, &permission);
	if (!o->permission.allowed)
		operation_end(o, OUTCOME_REFUSED, VERDICT_NONE,
		    "the rules were changed too often while it waited. Ask again");
	else if (more)
		operation_ask_anew(o, "rules",
		    "The rules were changed: this is asked again, and earlier yeses do not count");
	else
		operation_redraw(o);
}

/* Its people are looked up first; meanwhile the operation may go. */
struct review {
	struct review *next;
	struct bot *bot;
	char *id;
};

static void
review_free(struct review *review)
{
	for (struct review **at = &review->bot->reviews; *at != NULL; at = &(*at)->next)
		if (*at == review) {
			*at = review->next;
			break;
		}
	free(review->id);
	free(review);
}

void
reviews_free(struct bot *bot)
{
	while (bot->reviews != NULL)
		review_free(bot->reviews);
}

static void
on_fetched(void *arg)
{
	struct review *review = arg;
	struct operation *o = operation_find(review->bot, review->id);

	if (o != NULL && waits_quietly(o))
		judge(o);
	review_free(review);
}

void
operations_reload(struct bot *bot)
{
	struct review *review;

	for (struct operation *o = bot->operations; o != NULL; o = o->next) {
		if (!waits_quietly(o))
			continue;
		review = xcalloc(1, sizeof(*review));
		review->bot = bot;
		review->next = bot->reviews;
		bot->reviews = review;
		review->id = xstrdup(o->id);
		directory_fetch(bot->directory, o->request->principal, o->arrival->channel, MINUTES(1),
		    on_fetched, review);
	}
}

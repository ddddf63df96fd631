/*
 * doctor_targets.c - the doctor's last round: is each target there, under the name that was configured?
 *
 * A misspelt name has all its rights.  The questions are those of a driver's first look, and so is the
 * judgement: what `rollout history` would be told first.
 */

#include "base/text.h"
#include "doctor_ward.h"
#include "parse.h"

struct seen_target {
	struct target target;
	struct plan *plan;		/* what is read, and its vectors */
	struct facts *facts;
};

static void
forget(struct seen_target *seen)
{
	plan_free(seen->plan);
	facts_free(seen->facts);
}

static void
remember(struct question *q)
{
	int exit = q->failure != NULL && q->exit >= 0 ? -1 : q->exit;

	facts_add(q->seen->facts, &(struct fact){ .name = q->name, .exit = exit, .out = q->out,
	    .length = q->length, .errors = q->errors });
}

static void
tell_seen(struct question *q)
{
	const struct target *t = &q->seen->target;
	struct error err = ERROR_INIT;

	remember(q);
	if (!q->last)
		return;
	if (t->driver->look(q->seen->plan, t, LOOK_HISTORY, q->seen->facts, NULL, &err))
		doctor_say(q->doctor, FOUND, "%s: %s is there, cluster %s, namespace %s", t->setting->key,
		    t->object, t->cluster->name, t->namespace);
	else if (err.kind == FAILED)
		doctor_say(q->doctor, MISSING, "%s: %s. Is it another name or namespace? See targets.%s",
		    t->setting->key, err.text, t->setting->key);
	else if (err.kind != REFUSED)		/* the rights have told that */
		doctor_say(q->doctor, UNASKED, "%s: %s", t->setting->key, err.text);
	forget(q->seen);
}

static bool
is_asked(const struct ward *w, const struct target_setting *setting, const struct cluster *cluster)
{
	for (size_t i = 0; i < w->questions.count; i++)
		if (w->questions.item[i]->target == setting && w->questions.item[i]->cluster == cluster)
			return true;
	return false;
}

/* All but which cluster it is, which was asked already; false: there is nothing to ask. */
static bool
ask_after(struct doctor *d, struct seen_target *seen)
{
	const struct target *t = &seen->target;
	const struct steps *reads = &seen->plan->reads;
	struct question *last = NULL;

	if (!t->driver->look(seen->plan, t, LOOK_HISTORY, seen->facts, NULL, NULL))
		return false;
	for (size_t i = 0; i < reads->count; i++)
		if (!string_equal(reads->item[i].name, "identity"))
			last = ward_ask(d, (struct question){ .cluster = t->cluster, .target = t->setting,
			    .seen = seen, .name = reads->item[i].name, .argv = reads->item[i].argv,
			    .tell = tell_seen });
	if (last != NULL)
		last->last = true;
	return last != NULL;
}

static void
ask_in(struct doctor *d, const struct target_setting *setting, const struct environment *environment,
    const struct cluster *cluster)
{
	struct seen_target *seen;

	if (!ward_reaches(d->ward, cluster) || is_asked(d->ward, setting, cluster))
		return;
	seen = arena_new_of(d->arena, struct seen_target);
	seen->target.cluster = cluster;
	seen->target.environment = environment;
	if (!parse_fill_target(d->arena, &seen->target, setting, NULL))
		return;
	seen->plan = plan_new();
	seen->facts = facts_new();
	if (!ask_after(d, seen))
		forget(seen);
}

void
doctor_examine_targets(struct doctor *d)
{
	const struct configuration *c = d->configuration;

	for (size_t i = 0; i < c->targets.count; i++)
		for (const struct environment *const *e = c->targets.item[i].environments;
		     e != NULL && *e != NULL; e++)
			for (const struct cluster *const *k = (*e)->clusters; k != NULL && *k != NULL; k++)
				ask_in(d, &c->targets.item[i], *e, *k);
	ward_round(d, doctor_done);
}

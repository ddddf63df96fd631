/*
 * operation_look.c - rounds of reads until a command has what it needs, then its plan (decision E2).
 *
 * The reads of one round run side by side.  A last look (E7) knows from the one before what will be asked
 * (operation_seen.h): it begins all that may have changed at once, and is at its end when nothing has.
 *
 * Before the first round our own record of the target's revisions is added as the fact "records":
 * {"PIN": {"verified": ms, "left": "R-140", "number": 5}, …}, and as "left" what an operation of ours left
 * behind half done although its tool had ended: {"operation": "R-7", "expect": what its probe was to find,
 * "note": what was found, "began": ms, "gone": ms}.
 */

#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "operation_move.h"
#include "operation_seen.h"
#include "say.h"
#include "thought.h"

#define ROUNDS_MOST 5
#define LOOKS_TRIMMED 64

struct read {
	struct operation *operation;
	struct step step;		/* name, lasting */
	struct facts *facts;		/* where its answer goes */
};

struct records {
	struct store_job job;
	struct operation *operation;
	struct arena *arena;
	struct revision_row *rows;
	size_t count;
	const char *took_name, *took, *left_name, *left;
};

static void next_round(struct operation *);
static void round_ended(struct operation *);

/* What the plan is about; the command and its driver fill the rest. */
static struct plan *
begin_plan(struct operation *o)
{
	const struct request *r = o->request;
	struct plan *plan = plan_new();

	plan->kind = r->subcommand != NULL
	    ? arena_printf(plan->arena, "%s.%s", r->command->name, r->subcommand)
	    : r->command->name;
	plan->requester = arena_strdup(plan->arena, r->principal);
	plan->tell = r->command->tell;
	if (r->target == NULL)
		return plan;
	plan->target = arena_strdup(plan->arena, r->target->setting->key);
	plan->driver = r->target->driver->name;
	plan->cluster = arena_strdup(plan->arena, r->target->cluster->name);
	plan->environment = arena_strdup(plan->arena, r->target->environment->name);
	plan->namespace = arena_strdup(plan->arena, r->target->namespace);
	plan->object = arena_strdup(plan->arena, r->target->object);
	plan->product = arena_strdup(plan->arena, r->target->setting->product);
	return plan;
}

static const struct subcommand *
subcommand_of(const struct request *r)
{
	for (const struct subcommand *s = r->command->subcommands; s != NULL && s->name != NULL; s++)
		if (string_equal(s->name, r->subcommand))
			return s;
	return NULL;
}

/* Facts hold Secrets: what stays is the plan. */
static void
forget_facts(struct operation *o)
{
	facts_free(o->facts);
	o->facts = NULL;
	if (o->seen != NULL) {
		facts_free(o->seen->ahead);
		o->seen->ahead = NULL;
	}
}

/* Many looks at once leave a heap of holes; after the last of them the pages go back to the system. */
static void
trim_after_many(struct bot *bot)
{
	if (++bot->looked < LOOKS_TRIMMED)
		return;
	for (const struct operation *o = bot->operations; o != NULL; o = o->next)
		if (o->facts != NULL)
			return;
	bot->looked = 0;
	malloc_trim(0);
}

static void
on_planned(void *arg, struct plan *plan, bool ok, const struct error *err, bool ended)
{
	struct operation *o = arg;
	struct error why = *err;

	if (ended || !ok) {
		plan_free(plan);
		plan = NULL;
	} else {
		plan->estimate = o->took;
	}
	if (ended)
		return;
	if (ok)
		seen_keep(o);
	forget_facts(o);
	trim_after_many(o->bot);
	operation_looked(o, plan, &why);
}

static void
plan_now(struct operation *o)
{
	const struct subcommand *sub = subcommand_of(o->request);

	thought_start(&(struct thought){ .bot = o->bot, .plan = begin_plan(o), .request = o->request,
	    .function = sub != NULL ? sub->plan : o->request->command->plan, .facts = o->facts,
	    .mask = o->mask, .done = on_planned, .arg = o });
}

static void
on_read(void *arg, const struct job_result *result)
{
	struct read *read = arg;
	struct operation *o = read->operation;
	struct fact fact = { .name = read->step.name, .exit = result->exit, .out = result->out,
		.length = result->length, .errors = result->errors, .cut = result->cut,
		.stamp = loop_wall(o->bot->loop) };

	if (result->error.kind != ERROR_NONE)
		fact.errors = result->error.text;
	facts_add(read->facts, &fact);
	seen_answer(o, &read->step, &fact);
	thought_mask(o->request, &fact, o->mask);
	if (--o->reads_left == 0)
		round_ended(o);
}

static void
start_read(struct operation *o, const struct step *step, struct facts *facts)
{
	struct read *read = arena_new_of(facts->arena, struct read);
	struct job_options options = { .argv = step->argv,
		.configuration = o->request->configuration,
		.cluster = o->request->target != NULL ? o->request->target->cluster : NULL,
		.mask = o->mask, .limit = step->limit > 0 ? step->limit : SECONDS(30),
		.cancel = TERM, .keep = FACT_LIMIT, .done = on_read, .arg = read };

	read->operation = o;
	read->step = *step;
	read->facts = facts;
	job_start(o->bot->jobs, &options);
}

/* What is not answered already; nothing is left: the next round. */
static void
start_round(struct operation *o, const struct steps *reads)
{
	o->reads_left = 0;
	for (size_t i = 0; i < reads->count; i++) {
		if (seen_ahead(o, &reads->item[i]))
			continue;
		seen_ask(o, &reads->item[i]);
		o->reads_left++;
		start_read(o, &reads->item[i], o->facts);
	}
	if (o->reads_left == 0)
		next_round(o);
}

static void
on_looked_at(void *arg, struct plan *looking, bool ok, const struct error *err, bool ended)
{
	struct operation *o = arg;
	struct error why = *err;

	if (ended)
		return;
	if (!ok) {
		forget_facts(o);
		operation_looked(o, NULL, &why);
		return;
	}
	if (looking->reads.count == 0) {
		plan_now(o);
		return;
	}
	if (++o->round > ROUNDS_MOST) {
		broken(&why, "%s asked for more than %d rounds of facts",
		    o->request->command->name, ROUNDS_MOST);
		operation_looked(o, NULL, &why);
		return;
	}
	start_round(o, &looking->reads);
}

static void
next_round(struct operation *o)
{
	const struct subcommand *sub = subcommand_of(o->request);
	struct plan *old = o->looking;

	o->looking = begin_plan(o);
	plan_free(old);
	thought_start(&(struct thought){ .bot = o->bot, .plan = o->looking, .request = o->request,
	    .function = sub != NULL ? sub->look : o->request->command->look, .facts = o->facts,
	    .mask = o->mask, .done = on_looked_at, .arg = o });
}

/* ---- the last look ---- */

/* All that the look before it asked, at once; or all of it that was left out at first. */
static void
look_ahead(struct operation *o, bool rest)
{
	struct seen *seen = o->seen;

	o->reads_left = 0;
	for (size_t i = 0; i < seen->reads.count; i++) {
		if (rest ? !seen->reads.item[i].left_out : seen_leave_out(o, &seen->reads.item[i]))
			continue;
		seen->reads.item[i].left_out = false;
		o->reads_left++;
		start_read(o, &seen->reads.item[i].step, seen->ahead);
	}
	if (o->reads_left == 0)
		round_ended(o);
}

static bool
anything_left_out(const struct operation *o)
{
	for (size_t i = 0; o->last_look && o->seen != NULL && i < o->seen->reads.count; i++)
		if (o->seen->reads.item[i].left_out)
			return true;
	return false;
}

static void
round_ended(struct operation *o)
{
	if (!anything_left_out(o)) {
		next_round(o);
	} else if (seen_unmoved(o)) {
		forget_facts(o);
		operation_unmoved(o);
	} else {
		look_ahead(o, true);
	}
}

static void
first_round(struct operation *o)
{
	if (o->last_look && o->seen != NULL) {
		seen_begin(o);
		look_ahead(o, false);
	} else {
		next_round(o);
	}
}

static bool
records_work(struct store_job *job, const struct store_verbs *verbs, void *db, struct error *err)
{
	struct records *records = CONTAINER(job, struct records, job);
	const struct target *target = records->operation->request->target;

	if (!verbs->note_get(db, records->arena, records->took_name, &records->took, err) ||
	    !verbs->note_get(db, records->arena, records->left_name, &records->left, err))
		return false;
	return verbs->revision_list(db, records->arena, target->cluster->name, target->namespace,
	    target->object, &records->rows, &records->count, err);
}

static void
know(struct operation *o, const char *name, const char *json)
{
	facts_add(o->facts, &(struct fact){ .name = name, .out = json, .length = strlen(json),
	    .stamp = loop_wall(o->bot->loop) });
}

static void
records_done(struct store_job *job)
{
	struct records *records = CONTAINER(job, struct records, job);
	struct operation *o = records->operation;
	_cleanup_(json_freep) cJSON *json = cJSON_CreateObject();
	_cleanup_(text_clear) struct text printed = TEXT_INIT;
	cJSON *one;

	if (job->error.kind != ERROR_NONE)
		log_warning("the record of revisions could not be read: %s", job->error.text);
	for (size_t i = 0; i < records->count; i++) {
		one = json_add_object(json, records->rows[i].pin);
		json_add_number(one, "verified", (double)records->rows[i].verified);
		json_add_string(one, "left", records->rows[i].left);
		json_add_number(one, "number", (double)records->rows[i].number);
	}
	if (records->took != NULL)
		string_number(records->took, 0, INT64_MAX, &o->took);
	json_print(&printed, json);
	know(o, "records", printed.data);
	if (records->left != NULL)
		know(o, "left", records->left);
	arena_free(records->arena);
	first_round(o);
}

void
operation_look(struct operation *o)
{
	struct arena *arena;
	struct records *records;
	struct plan *like;

	facts_free(o->facts);
	o->facts = facts_new();
	o->round = 0;
	if (!o->last_look)
		operation_forget_seen(o);
	if (o->request->target == NULL) {
		next_round(o);
		return;
	}
	arena = arena_new();
	records = arena_new_of(arena, struct records);
	records->arena = arena;
	records->operation = o;
	like = begin_plan(o);
	records->took_name = operation_took_name(arena, like);
	records->left_name = operation_left_name(arena, like);
	plan_free(like);
	records->job = (struct store_job){ .work = records_work, .done = records_done };
	store_start(o->bot->store, &records->job);
}

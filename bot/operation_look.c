/*
 * operation_look.c - rounds of reads until a command has what it needs, then its plan (decision E2).
 *
 * The reads of one round run side by side.  Before the first round our own record of the target's
 * revisions is added as the fact "records": {"PIN": {"verified": ms, "left": "R-140", "number": 5}, …}.
 */

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "operation_move.h"
#include "say.h"
#include "thought.h"

#define ROUNDS_MOST 5

struct read {
	struct operation *operation;
	const char *name;
};

struct records {
	struct store_job job;
	struct operation *operation;
	struct arena *arena;
	struct revision_row *rows;
	size_t count;
	const char *took_name, *took;
};

static void next_round(struct operation *);

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
	plan->product = arena_strdup(plan->arena,
	    r->target->setting->product != NULL ? r->target->setting->product
						: r->configuration->product);
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
	forget_facts(o);
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
	struct fact fact = { .name = read->name, .exit = result->exit, .out = result->out,
		.length = result->length, .errors = result->errors, .cut = result->cut,
		.stamp = loop_wall(o->bot->loop) };

	if (result->error.kind != ERROR_NONE)
		fact.errors = result->error.text;
	facts_add(o->facts, &fact);
	thought_mask(o->request, &fact, o->mask);
	if (--o->reads_left == 0)
		next_round(o);
}

static void
start_read(struct operation *o, const struct step *step)
{
	struct read *read = arena_new_of(o->looking->arena, struct read);
	struct job_options options = { .argv = step->argv,
		.configuration = o->request->configuration,
		.cluster = o->request->target != NULL ? o->request->target->cluster : NULL,
		.mask = o->mask, .limit = step->limit > 0 ? step->limit : SECONDS(30),
		.cancel = TERM, .keep = FACT_LIMIT, .done = on_read, .arg = read };

	read->operation = o;
	read->name = step->name;
	job_start(o->bot->jobs, &options);
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
	o->reads_left = looking->reads.count;
	for (size_t i = 0; i < looking->reads.count; i++)
		start_read(o, &looking->reads.item[i]);
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

static bool
records_work(struct store_job *job, const struct store_verbs *verbs, void *db, struct error *err)
{
	struct records *records = CONTAINER(job, struct records, job);
	const struct target *target = records->operation->request->target;

	if (!verbs->note_get(db, records->arena, records->took_name, &records->took, err))
		return false;
	return verbs->revision_list(db, records->arena, target->cluster->name, target->namespace,
	    target->object, &records->rows, &records->count, err);
}

static void
records_done(struct store_job *job)
{
	struct records *records = CONTAINER(job, struct records, job);
	struct operation *o = records->operation;
	_cleanup_(json_freep) cJSON *json = cJSON_CreateObject();
	_cleanup_(text_clear) struct text printed = TEXT_INIT;
	struct fact fact = { .name = "records", .stamp = loop_wall(o->bot->loop) };
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
	fact.out = printed.data;
	fact.length = printed.length;
	facts_add(o->facts, &fact);
	arena_free(records->arena);
	next_round(o);
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
	plan_free(like);
	records->job = (struct store_job){ .work = records_work, .done = records_done };
	store_start(o->bot->store, &records->job);
}

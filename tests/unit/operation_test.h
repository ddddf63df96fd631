/*
 * operation_test.h - an operation of a fake bot: asked for, waited for, and what the store says of it.
 */
#ifndef OPERATION_TEST_H
#define OPERATION_TEST_H

#include "operation.h"

#include "test.h"

#include "fake_bot.h"

/* ---- a world in which one change and one look back are enough ---- */

static inline void
world_of(const char *first, const char *second)
{
	world.steps[0] = (struct world_step){ .step = { .title = "Put it back" }, .words = { "print", first } };
	world.steps[1] = (struct world_step){ .step = { .title = "Look back", .kind = STEP_CHECK,
		.effect = READS, .judge = "fake.says", .expect = "x", .cancel = TERM },
		.words = { "print", second } };
}

static inline void
world_of_one_change(void)
{
	world_of("done", "HOLDS 3 of 3");
}

static inline struct operation *
only(struct fake *f)
{
	return f->bot.operations;
}

static inline bool
asks(struct fake *f)
{
	return only(f) != NULL && only(f)->state == STATE_ASKING && !only(f)->settling && only(f)->card != NULL &&
	    !only(f)->taking_up && !only(f)->looked_for_restart && f->answers == NULL;
}

/* Asked for, its card posted. */
static inline void
ask_for(struct fake *f, const char *text)
{
	fake_begin(f);
	fake_types(f, "U0ANN", text);
	until(f->loop, asks(f));
}

/* The tool of the step that runs, and who is its parent; its words begin with "place". */
struct place {
	int pid, parent;
};

static inline struct place
tool_place(struct fake *f)
{
	struct place place = { 0, 0 };

	until(f->loop, only(f) != NULL && only(f)->tail.length > 0 && sscanf(only(f)->tail.data,
	    "group %*d session %*d pid %d parent %d", &place.pid, &place.parent) == 2);
	return place;
}

static inline void
until_ended(struct fake *f)
{
	comes(f, only(f) == NULL);
	turn(f->loop, SECONDS(10));
}

/* ---- what the store says ---- */

struct question {
	struct store_job job;
	struct arena *arena;
	const char *id;
	struct operation_row row;
	struct step_row *steps;
	struct lock_row *locks;
	struct audit_row *audit;
	struct revision_row *revisions;
	size_t step_count, lock_count, audit_count, revision_count;
	bool there, done;
};

static inline bool
question_work(struct store_job *job, const struct store_verbs *v, void *db, struct error *err)
{
	struct question *q = CONTAINER(job, struct question, job);

	return v->operation_find(db, q->arena, q->id, &q->row, &q->there, err) &&
	    v->step_list(db, q->arena, q->id, &q->steps, &q->step_count, err) &&
	    v->lock_list(db, q->arena, &q->locks, &q->lock_count, err) &&
	    v->revision_list(db, q->arena, "primary", "chatops", "deployment/gateway", &q->revisions,
		&q->revision_count, err) &&
	    v->audit_list(db, q->arena, q->id, 100, &q->audit, &q->audit_count, err);
}

static inline void
question_done(struct store_job *job)
{
	CONTAINER(job, struct question, job)->done = true;
}

static inline struct question
stored(struct fake *f, const char *id)
{
	static struct question q;

	q = (struct question){ .arena = f->arena, .id = id,
		.job = { .work = question_work, .done = question_done } };
	store_start(f->bot.store, &q.job);
	until(f->loop, q.done);
	assert_int_equal(q.job.error.kind, ERROR_NONE);
	return q;
}

static inline const char *
audit_kinds(struct fake *f, const char *id)
{
	struct question q = stored(f, id);
	_cleanup_(text_clear) struct text all = TEXT_INIT;

	for (size_t i = 0; i < q.audit_count; i++)
		text_printf(&all, "%s%s", i > 0 ? " " : "", q.audit[i].kind);
	return arena_strdup(f->arena, all.data);
}

#endif

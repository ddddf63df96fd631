/* thought.c - looking and planning, on the loop or in the pool. */

#include <stdlib.h>
#include <string.h>
#include <uv.h>

#include "thought.h"

struct pooled {
	uv_work_t work;
	struct thought thought;
	struct error error;
	bool ok;
	struct arena *arena;		/* of the values */
	struct {
		struct value_seen { const char *bytes; size_t length; } *item;
		size_t count, size;
	} values;
};

static size_t
size_of(const struct facts *facts)
{
	size_t size = 0;

	for (size_t i = 0; i < facts->count; i++)
		size += facts->item[i].length;
	return size;
}

static bool
run(const struct thought *thought, struct error *err)
{
	return thought->function == NULL ||
	    thought->function(thought->plan, thought->request, thought->facts, err);
}

/* ---- Secrets ---- */

static const struct driver *
driver_of(const struct request *request)
{
	const struct driver *driver = request->target != NULL ? request->target->driver : NULL;

	return driver != NULL && driver->secrets != NULL ? driver : NULL;
}

static void
on_value(void *mask, const char *bytes, size_t length)
{
	mask_add(mask, bytes, length);
}

void
thought_mask(const struct request *request, const struct fact *fact, struct mask_set *mask)
{
	const struct driver *driver = driver_of(request);

	if (driver != NULL && fact->length <= THOUGHT_SMALL)
		driver->secrets(fact, on_value, mask);
}

static void
keep_value(void *arg, const char *bytes, size_t length)
{
	struct pooled *pooled = arg;

	*ARENA_GROW(pooled->arena, &pooled->values) =
	    (struct value_seen){ arena_copy(pooled->arena, bytes, length), length };
}

static void
read_large(struct pooled *pooled)
{
	const struct driver *driver = driver_of(pooled->thought.request);
	struct facts *facts = pooled->thought.facts;

	for (size_t i = 0; driver != NULL && i < facts->count; i++)
		if (facts->item[i].length > THOUGHT_SMALL && !facts->item[i].masked) {
			driver->secrets(&facts->item[i], keep_value, pooled);
			facts->item[i].masked = true;
		}
}

/* ---- the pool ---- */

static void
on_work(uv_work_t *work)
{
	struct pooled *pooled = work->data;

	read_large(pooled);
	pooled->ok = run(&pooled->thought, &pooled->error);
}

static void
on_done(uv_work_t *work, int status)
{
	struct pooled *pooled = work->data;
	const struct thought *thought = &pooled->thought;
	struct bot *bot = thought->bot;

	if (status != 0)
		pooled->ok = !broken(&pooled->error, "the pool did not take the work");
	bot->thoughts--;
	loop_idle(bot->loop, BUSY_OTHER);
	for (size_t i = 0; !bot->ended && i < pooled->values.count; i++)
		mask_add(thought->mask, pooled->values.item[i].bytes, pooled->values.item[i].length);
	thought->done(thought->arg, thought->plan, pooled->ok, &pooled->error, bot->ended);
	arena_free(pooled->arena);
	free(pooled);
}

static void
start_pooled(const struct thought *thought)
{
	struct pooled *pooled = xcalloc(1, sizeof(*pooled));

	pooled->thought = *thought;
	pooled->arena = arena_new();
	pooled->work.data = pooled;
	thought->bot->thoughts++;
	loop_busy(thought->bot->loop, BUSY_OTHER);
	if (uv_queue_work(loop_uv(thought->bot->loop), &pooled->work, on_work, on_done) != 0)
		abort();	/* it fails for want of memory only */
}

void
thought_start(const struct thought *thought)
{
	struct error err = ERROR_INIT;
	bool ok;

	if (size_of(thought->facts) > THOUGHT_SMALL) {
		start_pooled(thought);
		return;
	}
	ok = run(thought, &err);
	thought->done(thought->arg, thought->plan, ok, &err, false);
}

void
thoughts_settle(struct bot *bot)
{
	while (bot->thoughts > 0)
		uv_run(loop_uv(bot->loop), UV_RUN_ONCE);
}

/*
 * store.c - the store's thread: what is queued is one group, one group is one COMMIT.
 *
 * The two threads share nothing but three lists and a few flags under one lock; a job is on one
 * side or the other.  A turn's jobs are handed over together at its end; answers come back by one
 * uv_async.  While a group is being written the next one gathers, so its size follows the load by
 * itself; there is no least time between two commits, because 64 writers alone reach 16,000 to
 * 27,000 jobs a second without one, and it would be paid by each acknowledgement.
 */

#include <assert.h>
#include <stdlib.h>
#include <uv.h>

#include "base/log.h"
#include "store.h"

#define AGAIN_AFTER SECONDS(1)
#define SLICE_JOBS 64
#define SLICE_NANOSECONDS 1000000

struct jobs {
	struct store_job *first, *last;
};

struct store {
	struct loop *loop;
	const struct store_verbs *verbs;
	char *location;
	void (*opened)(void *arg, const struct error *);
	void *opened_arg;
	void (*closed)(void *arg);
	void *closed_arg;

	/* the loop's own */
	struct jobs fresh; /* started in this turn */
	struct jobs ready; /* to be handed back */
	struct jobs later; /* failed, and to be started again */
	struct timer again;
	size_t waiting;
	bool told_opened, closing, free_to_go;
	uv_async_t wake;
	uv_thread_t thread;

	/* under the lock */
	uv_mutex_t lock;
	uv_cond_t more;
	struct jobs queue, answers;
	bool was_opened, finish, gone;
	struct error trouble; /* why it could not be opened; not changed once was_opened is set */

	/* the thread's own */
	void *db;
	struct jobs alone;
};

/* ---- lists ---- */

static void
jobs_add(struct jobs *jobs, struct store_job *job)
{
	job->next = NULL;
	if (jobs->last != NULL)
		jobs->last->next = job;
	else
		jobs->first = job;
	jobs->last = job;
}

static struct store_job *
jobs_take(struct jobs *jobs)
{
	struct store_job *job = jobs->first;

	if (job == NULL)
		return NULL;
	jobs->first = job->next;
	if (jobs->first == NULL)
		jobs->last = NULL;
	return job;
}

static void
jobs_move(struct jobs *to, struct jobs *from)
{
	if (from->first == NULL)
		return;
	if (to->last != NULL)
		to->last->next = from->first;
	else
		to->first = from->first;
	to->last = from->last;
	*from = (struct jobs){ NULL, NULL };
}

/* ---- the store's thread ---- */

static bool
work(struct store *store, struct store_job *job)
{
	bool done = job->work(job, store->verbs, store->db, &job->error);

	if (done)
		job->error.kind = ERROR_NONE;
	else if (job->error.kind == ERROR_NONE)
		broken(&job->error, "a job of the store failed without saying why");
	return done;
}

/* False: the transaction is lost, and `trouble` says why. */
static bool
work_in_savepoint(struct store *store, struct store_job *job, struct error *trouble)
{
	if (!store->verbs->savepoint(store->db, trouble))
		return false;
	if (work(store, job))
		return store->verbs->keep(store->db, trouble);
	if (store->verbs->undo(store->db, NULL))
		return true;
	*trouble = job->error;
	return false;
}

static bool
work_in_group(struct store *store, const struct jobs *group, struct error *trouble)
{
	if (!store->verbs->begin(store->db, trouble))
		return false;
	for (struct store_job *job = group->first; job != NULL; job = job->next)
		if (!work_in_savepoint(store, job, trouble)) {
			store->verbs->rollback(store->db);
			return false;
		}
	return store->verbs->commit(store->db, trouble);
}

/* A job that failed by itself keeps its own reason. */
static void
spoil(const struct jobs *jobs, const struct error *trouble)
{
	for (struct store_job *job = jobs->first; job != NULL; job = job->next)
		if (job->error.kind == ERROR_NONE)
			job->error = *trouble;
}

static void
run_group(struct store *store, const struct jobs *group)
{
	struct error trouble = ERROR_INIT;

	if (group->first == NULL)
		return;
	if (store->db == NULL)
		spoil(group, &store->trouble);
	else if (!work_in_group(store, group, &trouble))
		spoil(group, &trouble);
}

/* One slice of each; what is finished joins the answers. */
static void
run_alone(struct store *store, struct jobs *answers)
{
	struct jobs again = { NULL, NULL };
	struct store_job *job;

	while ((job = jobs_take(&store->alone)) != NULL) {
		job->again = false;
		if (store->db == NULL)
			job->error = store->trouble;
		else if (work(store, job) && job->again) {
			jobs_add(&again, job);
			continue;
		}
		jobs_add(answers, job);
	}
	store->alone = again;
}

static void
give_up_alone(struct store *store, struct jobs *answers)
{
	struct store_job *job;

	while ((job = jobs_take(&store->alone)) != NULL) {
		cancelled(&job->error,
		    "rollcall stopped before this was finished; ask again when it runs");
		jobs_add(answers, job);
	}
}

/* Sorts what came into a group and jobs of their own. */
static void
sort(struct store *store, struct jobs *came, struct jobs *group)
{
	struct store_job *job;

	while ((job = jobs_take(came)) != NULL)
		jobs_add(job->alone ? &store->alone : group, job);
}

/* Everything that is queued, after waiting for it; false when it is time to finish and nothing
 * came. */
static bool
take_queue(struct store *store, struct jobs *came)
{
	uv_mutex_lock(&store->lock);
	while (store->queue.first == NULL && store->alone.first == NULL && !store->finish)
		uv_cond_wait(&store->more, &store->lock);
	jobs_move(came, &store->queue);
	if (store->finish && came->first == NULL) {
		uv_mutex_unlock(&store->lock);
		return false;
	}
	uv_mutex_unlock(&store->lock);
	return true;
}

static void
give_back(struct store *store, struct jobs *answers)
{
	if (answers->first == NULL)
		return;
	uv_mutex_lock(&store->lock);
	jobs_move(&store->answers, answers);
	uv_mutex_unlock(&store->lock);
	uv_async_send(&store->wake);
}

static void
open_store(struct store *store)
{
	struct error trouble = ERROR_INIT;
	void *db = store->verbs->open(store->location, &trouble);

	uv_mutex_lock(&store->lock);
	store->db = db;
	store->trouble = trouble;
	store->was_opened = true;
	uv_mutex_unlock(&store->lock);
	uv_async_send(&store->wake);
}

static void
run_thread(void *arg)
{
	struct store *store = arg;
	struct jobs answers = { NULL, NULL };
	struct jobs came = { NULL, NULL };

	open_store(store);
	while (take_queue(store, &came)) {
		sort(store, &came, &answers);
		run_group(store, &answers);
		give_back(store, &answers);
		run_alone(store, &answers);
		give_back(store, &answers);
	}
	give_up_alone(store, &answers);
	give_back(store, &answers);
	if (store->db != NULL)
		store->verbs->close(store->db);
	uv_mutex_lock(&store->lock);
	store->gone = true;
	uv_mutex_unlock(&store->lock);
	uv_async_send(&store->wake);
}

/* ---- the loop ---- */

static bool
deliver_one(struct store *store)
{
	struct store_job *job = jobs_take(&store->ready);

	if (job == NULL)
		return false;
	store->waiting--;
	loop_idle(store->loop, BUSY_STORE);
	job->done(job);
	return true;
}

/* In slices, since a burst may come back in one group (loop.md 3). */
static void
deliver(struct store *store)
{
	uint64_t until = uv_hrtime() + SLICE_NANOSECONDS;

	for (int i = 0; i < SLICE_JOBS && (i == 0 || uv_hrtime() < until); i++)
		if (!deliver_one(store))
			return;
	if (store->ready.first != NULL)
		uv_async_send(&store->wake);
}

static void
hand_over(void *arg)
{
	struct store *store = arg;

	if (store->fresh.first == NULL)
		return;
	uv_mutex_lock(&store->lock);
	jobs_move(&store->queue, &store->fresh);
	uv_cond_signal(&store->more);
	uv_mutex_unlock(&store->lock);
}

static void
on_wake_closed(uv_handle_t *handle)
{
	struct store *store = handle->data;

	while (deliver_one(store)) /* started since the last wake */
		;
	store->free_to_go = true;
	loop_idle(store->loop, BUSY_STORE);
	store->closed(store->closed_arg);
}

static void
end(struct store *store)
{
	uv_thread_join(&store->thread);
	loop_forget_end_of_turn(store->loop, store);
	uv_close((uv_handle_t *)&store->wake, on_wake_closed);
}

static void
on_wake(uv_async_t *wake)
{
	struct store *store = wake->data;
	bool was_opened, gone;

	uv_mutex_lock(&store->lock);
	jobs_move(&store->ready, &store->answers);
	was_opened = store->was_opened;
	gone = store->gone;
	uv_mutex_unlock(&store->lock);
	if (!was_opened)
		return;
	if (!store->told_opened) {
		store->told_opened = true;
		loop_idle(store->loop, BUSY_STORE);
		store->opened(store->opened_arg, &store->trouble);
	}
	deliver(store);
	if (gone && store->ready.first == NULL && !uv_is_closing((uv_handle_t *)wake))
		end(store);
}

struct store *
store_new(struct loop *loop, const struct store_verbs *verbs, const char *location,
    void (*opened)(void *arg, const struct error *), void *arg)
{
	struct store *store = xcalloc(1, sizeof(*store));

	store->loop = loop;
	store->verbs = verbs;
	store->location = xstrdup(location);
	store->opened = opened;
	store->opened_arg = arg;
	store->wake.data = store;
	uv_mutex_init(&store->lock);
	uv_cond_init(&store->more);
	uv_async_init(loop_uv(loop), &store->wake, on_wake);
	loop_busy(loop, BUSY_STORE);
	loop_at_end_of_turn(loop, hand_over, store);
	if (uv_thread_create(&store->thread, run_thread, store) != 0)
		abort(); /* as out of memory: nothing can be kept */
	return store;
}

/* loop_again: what is started at the end of a turn, after our part of it, would wait for the next
 * event. */
void
store_start(struct store *store, struct store_job *job)
{
	assert(!store->free_to_go);
	job->error = (struct error)ERROR_INIT;
	job->again = false;
	store->waiting++;
	loop_busy(store->loop, BUSY_STORE);
	if (store->closing) {
		cancelled(&job->error, "rollcall is stopping; ask again when it runs");
		jobs_add(&store->ready, job);
		if (!uv_is_closing((uv_handle_t *)&store->wake))
			uv_async_send(&store->wake);
		return;
	}
	jobs_add(&store->fresh, job);
	loop_again(store->loop);
}

static void
on_again(void *arg)
{
	struct store *store = arg;
	struct jobs later = store->later;
	struct store_job *job;

	store->later = (struct jobs){ NULL, NULL };
	while ((job = jobs_take(&later)) != NULL)
		store_start(store, job);
}

bool
store_again(struct store *store, struct store_job *job)
{
	if ((job->error.kind != LATE && job->error.kind != FAILED) || store->closing)
		return false;
	log_warning("%s; it is asked again in a second", job->error.text);
	jobs_add(&store->later, job);
	if (!timer_runs(&store->again))
		timer_start(store->loop, &store->again, AGAIN_AFTER, on_again, store);
	return true;
}

void
store_close(struct store *store, void (*closed)(void *arg), void *arg)
{
	assert(!store->closing);
	store->closing = true;
	store->closed = closed;
	store->closed_arg = arg;
	timer_stop(store->loop, &store->again);
	on_again(store);	/* they are cancelled */
	loop_busy(store->loop, BUSY_STORE);
	uv_mutex_lock(&store->lock);
	jobs_move(&store->queue, &store->fresh);
	store->finish = true;
	uv_cond_signal(&store->more);
	uv_mutex_unlock(&store->lock);
}

void
store_free(struct store *store)
{
	if (store == NULL)
		return;
	assert(store->free_to_go);
	uv_mutex_destroy(&store->lock);
	uv_cond_destroy(&store->more);
	free(store->location);
	free(store);
}

size_t
store_waiting(const struct store *store)
{
	return store->waiting;
}

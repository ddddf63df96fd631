/*
 * operation_keep.c - what is said to one that runs, kept beside its moves: a stop, who follows, a release.
 *
 * Not a move: the tool goes on meanwhile, and its end is one.  What is not committed yet would be kept with
 * it, so it waits until the operation has settled.
 */

#include "base/log.h"
#include "operation_move.h"
#include "operation_watch.h"
#include "say.h"

struct wish {
	struct store_job job;
	struct arena *arena;
	struct bot *bot;
	struct operation_row row;
	struct audit_row audit;
	bool release;			/* its locks, with the letters to who waits for them */
	struct hearer *hearers;
	struct move letters;		/* only these of it */
};

static bool
wish_work(struct store_job *job, const struct store_verbs *verbs, void *db, struct error *err)
{
	struct wish *wish = CONTAINER(job, struct wish, job);

	return verbs->operation_save(db, &wish->row, err) && verbs->audit_add(db, &wish->audit, err) &&
	    (!wish->release || verbs->lock_release(db, wish->row.id, err)) &&
	    letters_add(wish->letters.letters, verbs, db, err);
}

/* Nobody could take the lock meanwhile: the store has it. */
static void
hold_again(const struct wish *wish)
{
	struct operation *o = operation_find(wish->bot, wish->row.id);

	if (o == NULL || !o->released)
		return;
	o->released = false;
	o->row++;
	operation_redraw(o);
}

static void
wish_done(struct store_job *job)
{
	struct wish *wish = CONTAINER(job, struct wish, job);

	if (job->error.kind != ERROR_NONE) {
		log_error("%s: what was said is not kept: %s", wish->row.id, job->error.text);
		letters_free(wish->letters.letters);
		if (wish->release)
			hold_again(wish);
	} else {
		outbox_post(wish->bot->outbox, wish->letters.letters);
		if (wish->release)
			operation_unblock(wish->bot, wish->row.id);
	}
	hearers_tell(&wish->hearers, &job->error);
	arena_free(wish->arena);
}

static void
keep(struct operation *o, const char *audit, const char *actor, bool release)
{
	struct arena *arena = arena_new();
	struct wish *wish = arena_new_of(arena, struct wish);

	wish->arena = arena;
	wish->bot = o->bot;
	operation_row(o, arena, &wish->row);
	wish->row.id = arena_strdup(arena, o->id);
	wish->audit = (struct audit_row){ .stamp = loop_wall(o->bot->loop), .kind = audit,
		.operation = wish->row.id, .actor = arena_strdup(arena, actor),
		.door = door_name(o->arrival->door), .channel = arena_strdup(arena, o->arrival->channel),
		.text = arena_strdup(arena, o->plan->title), .detail = "{}" };
	wish->release = release;
	wish->hearers = o->hearers;
	o->hearers = NULL;
	wish->letters = (struct move){ .arena = arena, .operation = o };
	wish->letters.last_letter = &wish->letters.letters;
	if (release)
		operation_tell_followers(&wish->letters, false, NULL);
	wish->job = (struct store_job){ .work = wish_work, .done = wish_done };
	store_start(o->bot->store, &wish->job);
}

void
operation_keep(struct operation *o, const char *audit, const char *actor)
{
	if (o->settling) {
		o->keep_as = audit;
		o->keep_by = arena_strdup(o->arena, actor);
		return;
	}
	o->keep_as = o->keep_by = NULL;
	keep(o, audit, actor, false);
}

void
operation_give_back(struct operation *o, const char *audit, const char *actor)
{
	keep(o, audit, actor, true);
}

/* ---- release ---- */

/* Nothing that it still does changes anything. */
static bool
only_watches(const struct operation *o)
{
	if (o->list != &o->plan->steps || o->probing)
		return false;
	for (size_t i = o->position; i < o->plan->steps.count; i++)
		if (o->plan->steps.item[i].effect != READS)
			return false;
	for (size_t i = 0; i < o->plan->always.count; i++)
		if (o->plan->always.item[i].effect != READS)
			return false;
	return true;
}

bool
operation_release(struct operation *o, const struct word_of *word, struct error *err)
{
	const struct configuration *c = o->bot->configuration;
	const char *id = o->id;

	/* Here and not where it is typed: what a button says may have been written by anybody. */
	if (!permit_has_role(c, o->bot->directory, word->principal, "admin"))
		return refuse(err, "Only the role %s gives the lock of another's operation back",
		    permit_print_role(o->arena, c, "admin"));
	if (!operation_holds(o))
		return refuse(err, "%s holds no lock: %s", id, operation_word(o));
	if (o->settling || o->taking_up || o->last_look)
		return refuse(err, "%s is just being written down. Say it again", id);
	if (o->state == STATE_INTERRUPTED) {
		o->stopped_by = arena_strdup(o->arena, word->principal);
		operation_hear(o, word);
		operation_end(o, OUTCOME_CANCELLED, VERDICT_PARTLY, "its lock was released");
		return true;
	}
	if (!only_watches(o))
		return refuse(err, "%s is not done with its changes (“%s”): the lock protects them. Stop it first: ops stop %s",
		    id, o->position < o->list->count ? o->list->item[o->position].title : "the end", id);
	o->released = true;
	o->row++;
	log_info("%s: its lock is released by %s", id, word->principal);
	operation_hear(o, word);
	keep(o, "release", word->principal, true);
	operation_redraw(o);
	return true;
}

/* What goes on without its lock has nothing more to tell about a workload that another one changes. */
void
operation_overtake(struct operation *o)
{
	for (struct operation *other = o->bot->operations; other != NULL; other = other->next) {
		if (other != o && other->state == STATE_WATCHING && operation_shares_lock(other, o->plan))
			operation_watch_overtaken(other, o->id);
		if (other == o || !other->released || other->state >= STATE_INTERRUPTED ||
		    !operation_shares_lock(other, o->plan))
			continue;
		other->overtaken_by = arena_strdup(other->arena, o->id);
		other->stop_wanted = true;
		if (operation_stop_kept(other))
			continue;
		/* Its tool may take its time to end, and the lock be free again by then: a restart goes by the row. */
		if (!other->taking_up)
			operation_keep(other, "overtaken", o->request->principal);
		if (!other->settling && other->job != NULL)
			job_cancel(other->job);
	}
}

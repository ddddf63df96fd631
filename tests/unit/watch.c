/* watch.c - what the looks of an observation window come to, and the watching of many (F6). */

#include "watch.h"

#include "test.h"

#include "fake_bot.h"
#include "operation_watch.h"

/* ---- one reading ---- */

static const struct {
	enum verdict verdict;
	struct findings found;
	int64_t restarts;		/* of the step, when it was verified */
	enum sight sight;
} readings[] = {
	{ HOLDS, { .pods = 3 }, 0, SIGHT_WELL },
	{ HOLDS, { .pods = 3, .restarts = 2 }, 2, SIGHT_WELL },
	{ HOLDS, { .pods = 3, .restarts = 1 }, 2, SIGHT_WELL },
	{ HOLDS, { .pods = 3, .restarts = 3 }, 2, SIGHT_BROKEN },
	{ UNCHANGED, { 0 }, 0, SIGHT_WELL },
	{ NOT_YET, { .pods = 3 }, 0, SIGHT_WORSE },
	{ NOT_YET, { .pods = 3, .restarts = 1 }, 0, SIGHT_BROKEN },
	{ NOT_YET, { .others = true }, 0, SIGHT_ANOTHER },
	{ FAILS, { 0 }, 0, SIGHT_BROKEN },
	{ FAILS, { .others = true }, 0, SIGHT_ANOTHER },
	{ BEGAN, { 0 }, 0, SIGHT_BROKEN },
	{ UNSEEN, { 0 }, 0, SIGHT_NOTHING },
};

TEST(a_reading_is_well_worse_another_or_says_nothing)
{
	for (size_t i = 0; i < COUNT(readings); i++) {
		struct step step = { .restarts = readings[i].restarts };

		assert_int_equal(watch_sight(&step, readings[i].verdict, &readings[i].found),
		    readings[i].sight);
	}
}

/* ---- a window of five minutes, looked at every 15 s: a letter a look ---- */

#define BEGAN_AT 1000000
#define WINDOW MINUTES(5)

static enum sight
sight_of(char letter)
{
	switch (letter) {
	case '-':
		return SIGHT_NOTHING;
	case 'n':
		return SIGHT_WORSE;
	case 'b':
		return SIGHT_BROKEN;
	case 'x':
		return SIGHT_ANOTHER;
	default:
		return SIGHT_WELL;
	}
}

static const struct {
	const char *name, *looks;	/* the last letter is repeated until the end */
	int told_at;			/* the look after which people are told, from 1; 0: never */
	int looks_made;
	enum watch_end end;
} windows[] = {
	{ "quiet", ".", 0, 20, WATCH_WELL },
	{ "a moment", "..nnn.", 0, 20, WATCH_WELL },
	{ "moments are not added up", "nnnn.nnnn.", 0, 20, WATCH_WELL },
	{ "a minute", "..n", 7, 20, WATCH_WORSE },
	{ "a minute, then well", "nnnnn.", 5, 20, WATCH_WELL },
	{ "worse, well, worse again: told once", "nnnnn.....n", 5, 20, WATCH_WORSE },
	{ "a restart", "....b", 5, 20, WATCH_WORSE },
	{ "another", "...x", 4, 4, WATCH_UNDONE },
	{ "another, after worse was told", "bx", 1, 2, WATCH_UNDONE },
	{ "away and back", "..------.", 0, 20, WATCH_WELL },
	{ "away is not well: worse goes on behind it", "nn--n", 5, 20, WATCH_WORSE },
	{ "away at the end", "..........-", 0, 20, WATCH_UNSEEN },
	{ "away at the end, worse before it", "b.......b..b-", 1, 20, WATCH_WORSE },
	{ "away only for the last look", "...................-.", 0, 21, WATCH_WELL },
	{ "away from the last look on", "...................-", 0, 24, WATCH_UNSEEN },
	{ "not ready at the last look, then well", "...................nn.", 0, 22, WATCH_WELL },
	{ "not ready from the last look on", "...................n", 24, 24, WATCH_WORSE },
};

TEST(a_window_ends_well_worse_undone_or_unseen_and_worse_is_told_once)
{
	for (size_t i = 0; i < COUNT(windows); i++) {
		struct watch w = { .began = BEGAN_AT, .until = BEGAN_AT + WINDOW };
		int64_t now = BEGAN_AT;
		const char *letter = windows[i].looks;
		struct watch_said said = { .end = WATCH_GOES_ON };
		int looks = 0, told_at = 0;

		while (said.end == WATCH_GOES_ON && looks < 100) {
			now += watch_pause(&w, now);
			said = watch_look(&w, sight_of(*letter), now);
			looks++;
			if (said.tell && said.end != WATCH_UNDONE && told_at > 0)
				fail_msg("%s: told twice, after looks %d and %d", windows[i].name, told_at, looks);
			if (said.tell && told_at == 0)
				told_at = looks;
			letter += letter[1] != '\0';
		}
		if (said.end != windows[i].end || looks != windows[i].looks_made ||
		    told_at != windows[i].told_at)
			fail_msg("%s: end %d after %d looks, told at %d", windows[i].name, (int)said.end, looks,
			    told_at);
	}
}

TEST(the_last_look_is_at_the_end_of_the_window_and_is_repeated_when_it_must)
{
	struct watch w = { .began = 0, .until = SECONDS(40) };

	assert_int_equal(watch_pause(&w, 0), SECONDS(15));
	assert_int_equal(watch_pause(&w, SECONDS(15)), SECONDS(15));
	assert_int_equal(watch_pause(&w, SECONDS(30)), SECONDS(10));
	assert_int_equal(watch_pause(&w, SECONDS(40)), SECONDS(15));
	assert_int_equal(watch_pause(&w, SECONDS(99)), SECONDS(15));
}

/* ---- which steps are looked at ---- */

static char *get_a[] = { (char[]){ "kubectl" }, (char[]){ "get" }, (char[]){ "a" }, NULL };
static char *get_b[] = { (char[]){ "kubectl" }, (char[]){ "get" }, (char[]){ "b" }, NULL };
static char *get[] = { (char[]){ "kubectl" }, (char[]){ "get" }, NULL };

TEST(what_was_read_back_after_the_last_change_is_looked_at_each_reading_once)
{
	static const struct {
		struct step step;
		bool looked_at;
	} steps[] = {
		{ { .argv = get_b, .effect = READS, .judge = "j" }, false },
		{ { .argv = get_a, .effect = CHANGES }, false },
		{ { .argv = get_a, .effect = READS, .judge = "taken up" }, false },	/* read again below */
		{ { .argv = get_a, .effect = CHANGES, .advisory = true }, false },
		{ { .argv = get_b, .effect = READS, .judge = "j", .tail = true }, false },
		{ { .argv = get_b, .effect = READS }, false },
		{ { .argv = get_a, .effect = READS, .judge = "j" }, true },
		{ { .argv = get_b, .effect = READS, .judge = "j" }, true },
		{ { .argv = get, .effect = READS, .judge = "j" }, true },
		{ { .argv = get_a, .effect = READS, .judge = "j", .advisory = true }, false },
	};
	struct plan *plan = plan_new();

	for (size_t i = 0; i < COUNT(steps); i++)
		plan_step_add(plan, &plan->steps, &steps[i].step);
	for (size_t i = 0; i < COUNT(steps); i++)
		if (watch_looks_at(plan, i) != steps[i].looked_at)
			fail_msg("step %zu", i);
	plan_free(plan);
}

/* ---- the engine ---- */

static void
observe(struct fake *f, int64_t window)
{
	struct environment *environment = (struct environment *)(uintptr_t)f->bot.configuration->environments.item;

	environment[0].observe = window;
	world.steps[0] = (struct world_step){ .step = { .title = "Put it back" }, .words = { "print", "done" } };
	world.steps[1] = (struct world_step){ .step = { .title = "Look back", .kind = STEP_CHECK,
		.effect = READS, .judge = "fake.says", .expect = "x", .cancel = TERM },
		.words = { "print", "HOLDS 3 of 3" } };
	fake_begin(f);
	fake_types(f, "U0ANN", "rollback gateway because errors");
	until(f->loop, f->bot.operations != NULL && f->bot.operations->state == STATE_ASKING &&
	    !f->bot.operations->settling && f->bot.operations->card != NULL && f->answers == NULL);
	fake_clicks(f, "U0ANN", "start");
}

static bool
watches(const struct fake *f)
{
	return f->bot.operations != NULL && f->bot.operations->state == STATE_WATCHING &&
	    !f->bot.operations->settling;
}

TEST(what_is_verified_is_watched_without_a_lock_and_ends_by_itself)
{
	_cleanup_(fake_clear) struct fake f = fake_make();

	observe(&f, SECONDS(40));
	comes(&f, watches(&f));
	assert_false(operation_holds(f.bot.operations));
	assert_int_equal(operation_exit(f.bot.operations), 0);
	assert_string_equal(operation_word(f.bot.operations), "Rolled back, watching");
	comes(&f, f.bot.operations == NULL);
	turn(f.loop, SECONDS(10));
	assert_int_equal(fake_count(&f, "R-1/notice/C0INC"), 1);
	assert_int_equal(fake_count(&f, "R-1/watched"), 1);
	assert_int_equal(fake_count(&f, "R-1/worse"), 0);
	assert_non_null(strstr(fake_card(&f)->message->headline, "R-1 Rolled back: gateway on "));
}

TEST(without_a_window_nothing_is_watched)
{
	_cleanup_(fake_clear) struct fake f = fake_make();

	observe(&f, 0);
	comes(&f, f.bot.operations == NULL);
	turn(f.loop, SECONDS(10));
	assert_int_equal(fake_count(&f, "R-1/end"), 1);
	assert_int_equal(fake_count(&f, "R-1/watched"), 0);
}

/* ---- many of them ---- */

#define MANY 40

struct copies {
	struct store_job job;
	struct arena *arena;
	bool done;
};

/* The row of R-1 once more, under new ids: so many were watched when we went away. */
static bool
copies_work(struct store_job *job, const struct store_verbs *v, void *db, struct error *err)
{
	struct copies *copies = CONTAINER(job, struct copies, job);
	struct operation_row row;
	bool there;

	if (!v->operation_find(db, copies->arena, "R-1", &row, &there, err))
		return false;
	for (int i = 1; i < MANY; i++) {
		struct operation_row copy = row;

		copy.id = NULL;
		copy.inbox = 0;
		if (!v->operation_add(db, copies->arena, &copy, err))
			return false;
	}
	return true;
}

static void
copies_done(struct store_job *job)
{
	CONTAINER(job, struct copies, job)->done = true;
}

static int
looked_at(const struct fake *f)
{
	int count = 0;

	for (const struct operation *o = f->bot.operations; o != NULL; o = o->next)
		count += o->watch != NULL && o->watch->what.length > 0;
	return count;
}

TEST(many_are_looked_at_in_turns_one_a_second_few_at_a_time)
{
	_cleanup_(fake_clear) struct fake f = fake_make();
	struct copies copies = { .arena = f.arena, .job = { .work = copies_work, .done = copies_done } };
	int64_t began;

	observe(&f, MINUTES(15));
	comes(&f, watches(&f));
	store_start(f.bot.store, &copies.job);
	until(f.loop, copies.done);
	assert_int_equal(copies.job.error.kind, ERROR_NONE);
	fake_end(&f);
	fake_begin(&f);
	began = f.loop->now;
	operations_load(&f.bot);
	for (int i = 0; i < 4000 && looked_at(&f) < MANY; i++) {
		fake_step(&f, began + MINUTES(5));
		assert_true(looks_under_way(&f.bot) <= LOOKS_MOST);
		assert_true(looked_at(&f) <= 1 + (f.loop->now - began) / LOOK_GAP);
	}
	assert_int_equal(looked_at(&f), MANY);
	assert_int_equal(fake_count(&f, "R-2/worse"), 0);
}

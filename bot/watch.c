/* watch.c - what the looks of an observation window come to (F6). */

#include "watch.h"

static bool
is_change(const struct step *step)
{
	return step->effect != READS && !step->advisory;
}

static bool
reads_back(const struct step *step)
{
	return step->effect == READS && step->judge != NULL && !step->tail && !step->advisory;
}

static bool
same_reading(const struct step *a, const struct step *b)
{
	size_t i = 0;

	while (a->argv[i] != NULL && b->argv[i] != NULL && string_equal(a->argv[i], b->argv[i]))
		i++;
	return a->argv[i] == NULL && b->argv[i] == NULL;
}

bool
watch_looks_at(const struct plan *plan, size_t at)
{
	const struct step *step = &plan->steps.item[at];

	if (!reads_back(step))
		return false;
	/* Of two readings of the same, the later one is the read-back, the earlier one a wait. */
	for (size_t i = at + 1; i < plan->steps.count; i++) {
		const struct step *later = &plan->steps.item[i];

		if (is_change(later) || (reads_back(later) && same_reading(step, later)))
			return false;
	}
	return true;
}

enum sight
watch_sight(const struct step *step, enum verdict verdict, const struct findings *found)
{
	if (found->others)
		return SIGHT_ANOTHER;
	switch (verdict) {
	case UNSEEN:
		return SIGHT_NOTHING;
	case NOT_YET:
		return found->restarts > step->restarts ? SIGHT_BROKEN : SIGHT_WORSE;
	case HOLDS:
	case UNCHANGED:
		return found->restarts > step->restarts ? SIGHT_BROKEN : SIGHT_WELL;
	default:
		return SIGHT_BROKEN;
	}
}

static struct watch_said
saw_nothing(struct watch *w, int64_t now)
{
	struct watch_said said = { .end = WATCH_GOES_ON };

	if (w->unseen == 0)
		w->unseen = now;
	if (now >= w->until && now - w->unseen >= WATCH_HOLDS)
		said.end = w->told && w->worse > 0 ? WATCH_WORSE : WATCH_UNSEEN;
	return said;
}

static struct watch_said
saw_worse(struct watch *w, bool lasts, int64_t now)
{
	struct watch_said said = { .end = WATCH_GOES_ON };
	bool counts;

	if (w->worse == 0)
		w->worse = now;
	counts = lasts || w->told || now - w->worse >= WATCH_HOLDS;
	said.tell = counts && !w->told;
	w->told |= counts;
	if (counts && now >= w->until)
		said.end = WATCH_WORSE;
	return said;
}

struct watch_said
watch_look(struct watch *w, enum sight sight, int64_t now)
{
	if (sight == SIGHT_NOTHING)
		return saw_nothing(w, now);
	w->unseen = 0;
	if (sight == SIGHT_ANOTHER)
		return (struct watch_said){ .tell = true, .end = WATCH_UNDONE };
	if (sight != SIGHT_WELL)
		return saw_worse(w, sight == SIGHT_BROKEN, now);
	w->worse = 0;
	return (struct watch_said){ .end = now >= w->until ? WATCH_WELL : WATCH_GOES_ON };
}

int64_t
watch_pause(const struct watch *w, int64_t now)
{
	int64_t left = w->until - now;

	return left > 0 && left < WATCH_EVERY ? left : WATCH_EVERY;
}

/*
 * operation_words.c - one operation in a line: its state word, its headline, what a phone shows (ux.md 2).
 *
 * The state word comes first everywhere; what follows it says as little twice as it can: "Running:
 * gateway → 1.2.3", "Rolled back: gateway on 1.2.3", "Plan: restart gateway".
 */

#include <string.h>

#include "base/unicode.h"
#include "operation_move.h"
#include "operation_watch.h"
#include "say.h"

#define NOTIFICATION_MOST 180	/* characters that a phone shows */

/* The one table of state words and exit statuses (ux.md 2 and 8). */
static const struct end {
	enum outcome outcome;
	enum outcome_verdict verdict;
	const char *word;
	int exit;
} ends[] = {
	{ OUTCOME_DONE, VERDICT_VERIFIED, "Rolled back", 0 },
	{ OUTCOME_DONE, VERDICT_NONE, "Done", 0 },
	{ OUTCOME_DONE, VERDICT_NOT_BETTER, "Rolled back, not better", 6 },
	{ OUTCOME_DONE, VERDICT_UNVERIFIABLE, "Rolled back, not verified", 6 },
	{ OUTCOME_DONE, VERDICT_UNDONE, "Undone", 1 },
	{ OUTCOME_DONE, VERDICT_PARTLY, "Partly", 1 },
	{ OUTCOME_DONE, VERDICT_UNKNOWN, "Unknown", 7 },
	{ OUTCOME_UNCHANGED, VERDICT_NONE, "Nothing changed", 5 },
	{ OUTCOME_FAILED, VERDICT_NONE, "Failed", 1 },
	{ OUTCOME_FAILED, VERDICT_PARTLY, "Failed, partly changed", 1 },
	{ OUTCOME_FAILED, VERDICT_UNKNOWN, "Unknown", 7 },
	{ OUTCOME_CANCELLED, VERDICT_NONE, "Stopped", 1 },
	{ OUTCOME_CANCELLED, VERDICT_PARTLY, "Stopped, partly changed", 1 },
	{ OUTCOME_CANCELLED, VERDICT_UNVERIFIABLE, "Overtaken", 6 },
	{ OUTCOME_REFUSED, VERDICT_NONE, "Not started", 3 },
	{ OUTCOME_REJECTED, VERDICT_NONE, "Rejected", 4 },
	{ OUTCOME_EXPIRED, VERDICT_NONE, "Expired", 4 },
	{ OUTCOME_TOO_OLD, VERDICT_NONE, "Too old", 4 },
};

static const struct end *
find_end(const struct operation *o)
{
	for (size_t i = 0; i < COUNT(ends); i++)
		if (ends[i].outcome == o->outcome && ends[i].verdict == o->verdict)
			return &ends[i];
	return NULL;
}

static bool
is_rollback(const struct operation *o)
{
	return o->plan != NULL && string_equal(o->plan->kind, "rollback");
}

static bool
has_ended(const struct operation *o)
{
	return o->state == STATE_TELLING || o->state == STATE_ENDED;
}

/* People were told so, and it is. */
static bool
is_worse(const struct operation *o)
{
	return o->watch->told && o->watch->worse > 0;
}

/* What was wanted is there. */
static bool
stands(const struct operation *o)
{
	return (has_ended(o) || o->state == STATE_WATCHING) && o->outcome == OUTCOME_DONE &&
	    o->verdict != VERDICT_UNDONE;
}

const char *
operation_word(const struct operation *o)
{
	const struct end *end = find_end(o);

	switch (o->state) {
	case STATE_LOOKING:
	case STATE_ASKING:
		return "Plan";
	case STATE_INTERRUPTED:
		return "Unknown";
	case STATE_WATCHING:
		if (is_worse(o))
			return is_rollback(o) ? "Rolled back, not better" : "Done, not better";
		return is_rollback(o) ? "Rolled back, watching" : "Done, watching";
	case STATE_TELLING:
	case STATE_ENDED:
		if (end == NULL)
			return "Ended";
		if (o->watch != NULL && o->outcome == OUTCOME_DONE && o->verdict == VERDICT_UNVERIFIABLE)
			return is_rollback(o) ? "Rolled back, not verifiable" : "Done, not verifiable";
		if (!is_rollback(o) && string_starts(end->word, "Rolled back"))
			return o->verdict == VERDICT_VERIFIED ? "Done"
			    : o->verdict == VERDICT_NOT_BETTER ? "Done, not better" : "Done, not verified";
		return end->word;
	default:
		return "Running";
	}
}

int
operation_exit(const struct operation *o)
{
	const struct end *end = find_end(o);

	if (o->state == STATE_INTERRUPTED)
		return 7;
	if (!has_ended(o) && o->state != STATE_WATCHING)
		return 130;
	return end != NULL ? end->exit : 1;
}

/* ---- its parts ---- */

const char *
operation_shouted(struct arena *arena, const char *s)
{
	char *copy = arena_strdup(arena, s != NULL ? s : "");

	for (char *c = copy; *c != '\0'; c++)
		if (*c >= 'a' && *c <= 'z')
			*c = (char)(*c - 'a' + 'A');
	return copy;
}

const char *
operation_version(struct arena *arena, const struct version *v)
{
	if (v->version != NULL)
		return v->version;
	return v->number > 0 ? arena_printf(arena, "revision %lld", (long long)v->number) : "?";
}

/* The plan's title behind another word: "roll back gateway to 1.2.3". */
static const char *
in_a_sentence(struct arena *arena, const char *title)
{
	char *copy = arena_strdup(arena, title != NULL ? title : "");

	if (copy[0] >= 'A' && copy[0] <= 'Z')
		copy[0] = (char)(copy[0] - 'A' + 'a');
	return copy;
}

static const char *
headline(const struct operation *o, struct arena *arena)
{
	const struct plan *plan = o->plan;
	const char *id = o->id != NULL ? o->id : NAME_HOLE, *word = operation_word(o);
	const char *to;

	if (o->state == STATE_WATCHING && !is_worse(o))
		word = say(arena, "%s until %s", word, operation_watch_until(o, arena));
	if (o->state <= STATE_ASKING || !is_rollback(o) || plan->target == NULL)
		return say(arena, "%s %s: %s", id, word, in_a_sentence(arena, plan->title));
	to = operation_version(arena, &plan->to);
	if (stands(o))
		return say(arena, "%s %s: %s on %s", id, word, plan->target, to);
	if (has_ended(o) && o->outcome == OUTCOME_UNCHANGED)
		return say(arena, "%s %s: %s", id, word, plan->target);
	return say(arena, "%s %s: %s → %s", id, word, plan->target, to);
}

const char *
operation_headline(const struct operation *o, struct arena *arena)
{
	const char *line = headline(o, arena);

	return o->card_again ? arena_printf(arena, "%s (again)", line) : line;
}

/* ---- what a phone shows ---- */

static const char *
print_question(const struct operation *o, struct arena *arena)
{
	const struct plan *plan = o->plan;
	const char *until = stamp_clock(arena, o->bot->configuration->zone, o->expires);
	const char *environment = operation_shouted(arena, plan->environment), *what, *who;
	size_t warnings = 0;
	int missing = operation_missing_yeses(o, NULL);

	for (size_t i = 0; i < plan->remarks.count; i++)
		warnings += plan->remarks.item[i].level > REMARK_NOTE;
	what = is_rollback(o)
	    ? say(arena, "roll back %s in %s from %s to %s", plan->target, environment,
		  operation_version(arena, &plan->from), operation_version(arena, &plan->to))
	    : say(arena, "%s in %s", in_a_sentence(arena, plan->title), environment);
	if (warnings > 0)
		what = say_count(arena, (int64_t)warnings, "%s. %d warning", "%s. %d warnings", what,
		    (int)warnings);
	if (o->starting)
		return say(arena, "PLAN, nothing changed yet: %s. It starts now", what);
	/* A message starts with its asker; with every yes given, too. */
	if (missing == 0 || (o->arrival->door == DOOR_MESSAGE && !o->start_given))
		who = say(arena, "%s can start it until %s",
		    directory_name(o->bot->directory, o->request->principal), until);
	else
		who = say_count(arena, missing, "Needs %d yes until %s", "Needs %d yeses until %s", missing,
		    until);
	return say(arena, "PLAN, nothing changed yet: %s. %s", what, who);
}

/* "gateway, production, to 1.2.3": where it is about, and which way. */
static const char *
print_way(const struct operation *o, struct arena *arena)
{
	const struct plan *plan = o->plan;
	const char *where = plan->environment != NULL ? plan->environment : "";

	if (!is_rollback(o))
		return say(arena, "%s, %s", in_a_sentence(arena, plan->title), where);
	if (stands(o))
		return say(arena, "%s, %s, is on %s", plan->target, where,
		    operation_version(arena, &plan->to));
	if (has_ended(o) && o->outcome == OUTCOME_UNCHANGED)
		return say(arena, "%s, %s", plan->target, where);
	return say(arena, "%s, %s, to %s", plan->target, where, operation_version(arena, &plan->to));
}

/* "FAILED at step 4, partly changed": loud is the word, what qualifies it is not. */
static const char *
print_word(const struct operation *o, struct arena *arena)
{
	const char *word = operation_word(o), *comma = strchr(word, ',');
	const char *loud = operation_shouted(arena,
	    comma != NULL ? arena_copy(arena, word, (size_t)(comma - word)) : word);
	bool failed = has_ended(o) && o->outcome == OUTCOME_FAILED && o->list != NULL &&
	    o->position < o->list->count;

	if (o->state == STATE_INTERRUPTED)
		return say(arena, "%s, needs a decision", loud);
	if (o->state == STATE_WATCHING && !is_worse(o))
		return say(arena, "%s%s until %s", loud, comma, operation_watch_until(o, arena));
	if (failed)
		loud = say(arena, "%s at step %zu", loud, o->position + 1);
	return arena_printf(arena, "%s%s", loud, comma != NULL ? comma : "");
}

const char *
operation_notification(const struct operation *o, struct arena *arena, const char *more)
{
	const char *id = o->id != NULL ? o->id : NAME_HOLE, *text;

	if (o->state <= STATE_ASKING)
		text = say(arena, "%s %s", id, print_question(o, arena));
	else
		text = say(arena, "%s %s: %s", id, print_word(o, arena), print_way(o, arena));
	if (more != NULL && more[0] != '\0')
		text = arena_printf(arena, "%s. %s", text, more);
	text = say_plain(arena, text);
	return arena_copy(arena, text, utf8_prefix(text, NOTIFICATION_MOST));
}

/* Who ended it, or what did. */
const char *
operation_why(const struct operation *o, struct arena *arena)
{
	const char *who = o->stopped_by != NULL ? directory_name(o->bot->directory, o->stopped_by) : NULL;

	if (o->outcome == OUTCOME_CANCELLED && o->verdict == VERDICT_UNVERIFIABLE)
		return o->last_words;
	if (who == NULL)
		return o->last_words != NULL ? say(arena, "Why: %s", o->last_words) : NULL;
	if (o->outcome == OUTCOME_REJECTED && !string_equal(o->last_words, "rejected"))
		return say(arena, "Rejected by %s: %s", who, o->last_words);
	if (o->outcome == OUTCOME_REJECTED)
		return say(arena, "Rejected by %s", who);
	if (o->outcome == OUTCOME_CANCELLED && string_equal(o->last_words, "its lock was released"))
		return say(arena, "Given up by %s: its lock was released", who);
	return say(arena, o->list != NULL ? "Stopped by %s" : "Dismissed by %s before it began", who);
}

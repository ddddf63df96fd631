/*
 * answers_steer.c - what people say to an operation, or to all of us, and the answer once it is recorded (S2).
 *
 * Nobody hears that they said yes, no or stop before a crash could no longer forget it.  What the store does not
 * take is answered with what holds all the same, and how it is said again.
 */

#include <stdlib.h>

#include "answers.h"
#include "base/log.h"
#include "forgery.h"
#include "operation.h"
#include "say.h"

struct spoken {
	struct hearer hearer;
	struct arena *arena;
	const char *kept, *unkept;	/* the two answers */
	const char *state;		/* of the first */
	answers_done *done;
	void *arg;
};

static void
on_heard(struct hearer *hearer, const struct error *why)
{
	struct spoken *s = CONTAINER(hearer, struct spoken, hearer);
	_cleanup_(message_freep) struct message *message = NULL;
	struct error err = *why;

	if (why->kind == ERROR_NONE)
		message = answers_line(s->kept, s->state);
	else if (why->kind != REFUSED)
		failed(&err, "%s", s->unkept);
	s->done(s->arg, message, &err);
	arena_free(s->arena);
}

static struct spoken *
spoken_new(const char *state, answers_done *done, void *arg)
{
	struct arena *arena = arena_new();
	struct spoken *s = arena_new_of(arena, struct spoken);

	*s = (struct spoken){ .hearer = { .heard = on_heard }, .arena = arena, .state = state,
		.done = done, .arg = arg };
	return s;
}

/* err: why nothing was said. */
static void
spoken_refuse(struct spoken *s, const struct error *err)
{
	s->done(s->arg, NULL, err);
	arena_free(s->arena);
}

/* ---- to one operation ---- */

static const struct steering {
	const char *name;
	bool (*give)(struct operation *, const struct word_of *, struct error *);
	const char *before, *after;	/* the sentence round the id, when it is recorded */
	const char *word;		/* what was not, before the id */
	const char *holds;		/* and what holds then; NULL: it is tried again until it is */
} steering[] = {
	{ "stop", operation_stop, "", " is being stopped", "The stop of ", "It stops all the same, unless I am restarted" },
	{ "resume", operation_resume, "", ": I look again and go on", "", "" },
	{ "approve", operation_approve, "Your yes to ", " is recorded", "Your yes to ", "It does not count" },
	{ "reject", operation_reject, "Your no to ", " is recorded: nothing of it starts", "Your no to ", NULL },
	{ "start", operation_start_given, "", " starts", "Your start of ", "Nothing of it has begun" },
	{ "dismiss", operation_dismiss, "", " is dismissed", "The end of ", NULL },
	{ "release", operation_release, "The lock of ", " is free", "The release of ", "It keeps its lock" },
};

static const struct steering *
find_steering(const char *name)
{
	for (size_t i = 0; i < COUNT(steering); i++)
		if (string_equal(steering[i].name, name))
			return &steering[i];
	return NULL;
}

static const char *
kept(const struct operation *o, const struct steering *word, const char *id, struct arena *arena)
{
	bool stop = string_equal(word->name, "stop");

	if (stop && o->watch != NULL)
		return arena_printf(arena, "%s is watched no more. What was changed stays", id);
	/* What had not begun is stopped at once. */
	if (stop && o->state == STATE_TELLING)
		return arena_printf(arena, o->verdict == VERDICT_NONE
			? "%s is dismissed: nothing was changed by it"
			: "%s is given up: what it had changed stays as it is", id);
	return arena_printf(arena, "%s%s%s", word->before, id, word->after);
}

/* One that ends is ended in memory at once, and its end is tried again until it is kept. */
static const char *
unkept(const struct operation *o, const struct steering *word, const char *id, struct arena *arena)
{
	if (o->state == STATE_TELLING || o->watch != NULL)
		return arena_printf(arena, "%s%s is not recorded yet: " STORE_IS_DEAF ". Nothing more of it starts, and I try "
		    "again by myself; if I am restarted first, say it again: ops %s %s", word->word, id, word->name, id);
	return arena_printf(arena, "%s%s is not recorded: " STORE_IS_DEAF ". %s. Say it again: ops %s %s", word->word, id,
	    word->holds, word->name, id);
}

void
answers_steer(struct operation *o, const char *name, const struct word_of *word, answers_done *done, void *arg)
{
	const struct steering *verb = find_steering(name);
	struct spoken *s = spoken_new("ops", done, arg);
	const char *id = arena_strdup(s->arena, o->id);
	struct word_of heard = *word;
	struct error err = ERROR_INIT;

	heard.hearer = &s->hearer;
	if (verb == NULL)
		wrong(&err, "“%s” is not something that I do", name);
	else
		verb->give(o, &heard, &err);
	if (err.kind != ERROR_NONE) {
		spoken_refuse(s, &err);
		return;
	}
	if (o->moves_to != NULL)	/* its card comes to this terminal, and is the rest of the answer */
		s->state = "follows";
	s->kept = kept(o, verb, id, s->arena);
	s->unkept = unkept(o, verb, id, s->arena);
	if (!s->hearer.waits)		/* there is nothing to record */
		on_heard(&s->hearer, &err);
}

/* ---- to all of us ---- */

void
answers_brake(struct bot *bot, const struct request *r, answers_done *done, void *arg)
{
	bool on = string_equal_nocase(r->object, "on");
	struct spoken *s = spoken_new("brake", done, arg);
	struct error err = ERROR_INIT;

	if (!on && !string_equal_nocase(r->object, "off"))
		wrong(&err, "On or off? Say: ops brake on, or: ops brake off");
	else if (!on && !permit_has_role(bot->configuration, bot->directory, r->principal, "admin"))
		refuse(&err, "Only the role %s lifts the emergency brake",
		    permit_print_role(r->arena, bot->configuration, "admin"));
	if (err.kind != ERROR_NONE) {
		spoken_refuse(s, &err);
		return;
	}
	s->kept = on ? "The emergency brake is on: no change is started until an admin says ops brake off. What runs goes on"
		     : "The emergency brake is off";
	s->unkept = on ? "The emergency brake is on, but only until I am restarted: it is not recorded, " STORE_IS_DEAF
			 ". Say it again: ops brake on"
		       : "The emergency brake is not lifted: " STORE_IS_DEAF ". Say it again: ops brake off";
	bot_set_brake(bot, on, r->principal, &s->hearer);
}

/* Only where no stolen token reaches: at the machine's own socket. */
void
answers_unlock(struct bot *bot, const struct arrival *arrival, const struct request *r, answers_done *done, void *arg)
{
	struct spoken *s = spoken_new("unlock", done, arg);
	struct error err = ERROR_INIT;

	if (arrival->door != DOOR_CONSOLE)
		refuse(&err, "That is said on the machine that I run on: rollcall unlock");
	else if (!permit_is_operator(r->principal) &&
	    !permit_has_role(bot->configuration, bot->directory, r->principal, "admin"))
		refuse(&err, "Only the role %s, and who runs me, may do this",
		    permit_print_role(r->arena, bot->configuration, "admin"));
	if (err.kind != ERROR_NONE) {
		spoken_refuse(s, &err);
		return;
	}
	s->kept = bot->held ? "Changes are held no more" : "Changes were not held";
	s->unkept = "Nothing changed, changes are held as before: " STORE_IS_DEAF ". Say it again: rollcall unlock";
	forgery_unlock(bot, r->principal, &s->hearer);
}

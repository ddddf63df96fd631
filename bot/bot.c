/* bot.c - small questions about the whole: its doors, counters, who waits for a commit, the brake. */

#include <string.h>

#include "base/log.h"
#include "base/text.h"
#include "bot.h"

struct entrance *
bot_door(struct bot *bot, const struct chat *chat)
{
	for (size_t i = 0; i < bot->door_count; i++)
		if (bot->doors[i].chat == chat)
			return &bot->doors[i];
	return NULL;
}

struct entrance *
bot_door_named(struct bot *bot, const char *name)
{
	for (size_t i = 0; i < bot->door_count; i++)
		if (string_equal(bot->doors[i].chat->name, name))
			return &bot->doors[i];
	return NULL;
}

struct entrance *
bot_home(struct bot *bot)
{
	for (size_t i = 0; i < bot->door_count; i++)
		if (bot->doors[i].chat->person != NULL)
			return &bot->doors[i];
	return NULL;
}

bool
bot_leaves(const struct bot *bot, const char *door)
{
	return bot->home_closed && !string_equal(door, door_name(DOOR_CONSOLE));
}

void
bot_count(void *arg, const char *counter)
{
	struct bot *bot = arg;

	log_debug("counted %s", counter);
	for (size_t i = 0; i < bot->counter_count; i++)
		if (string_equal(bot->counters[i].name, counter)) {
			bot->counters[i].count++;
			return;
		}
	if (bot->counter_count == COUNT(bot->counters))
		return;
	bot->counters[bot->counter_count].name = counter;
	bot->counters[bot->counter_count++].count = 1;
}

/* ---- who waits for a commit ---- */

void
hearer_wait(struct hearer **list, struct hearer *hearer)
{
	if (hearer == NULL)
		return;
	hearer->waits = true;
	hearer->next = *list;
	*list = hearer;
}

void
hearers_tell(struct hearer **list, const struct error *why)
{
	struct hearer *hearer = *list, *next;

	*list = NULL;
	for (; hearer != NULL; hearer = next) {
		next = hearer->next;
		hearer->heard(hearer, why);
	}
}

/* ---- the brake (P5) ---- */

struct brake {
	struct store_job job;
	struct arena *arena;
	struct bot *bot;
	bool on;
	int brakes;			/* of the bot, when it was said */
	struct audit_row audit;
	struct hearer *hearers;
};

static bool
brake_work(struct store_job *job, const struct store_verbs *verbs, void *db, struct error *err)
{
	struct brake *brake = CONTAINER(job, struct brake, job);

	return verbs->note_set(db, "brake", brake->on ? "on" : NULL, err) &&
	    verbs->audit_add(db, &brake->audit, err);
}

static void
brake_done(struct store_job *job)
{
	struct brake *brake = CONTAINER(job, struct brake, job);

	if (job->error.kind != ERROR_NONE) {
		log_error("the emergency brake: “%s” could not be kept: %s", brake->audit.text, job->error.text);
	} else if (!brake->on && brake->brakes == brake->bot->brakes) {
		brake->bot->braked = false;
		log_warning("the emergency brake is off, by %s", brake->audit.actor);
	}
	hearers_tell(&brake->hearers, &job->error);
	arena_free(brake->arena);
}

void
bot_set_brake(struct bot *bot, bool on, const char *principal, struct hearer *hearer)
{
	struct arena *arena = arena_new();
	struct brake *brake = arena_new_of(arena, struct brake);

	if (on) {
		bot->braked = true;
		bot->brakes++;
		log_warning("the emergency brake is on, by %s", principal);
	}
	brake->arena = arena;
	brake->bot = bot;
	brake->on = on;
	brake->brakes = bot->brakes;
	hearer_wait(&brake->hearers, hearer);
	brake->audit = (struct audit_row){ .stamp = loop_wall(bot->loop), .kind = "brake",
		.actor = arena_strdup(arena, principal), .text = on ? "on" : "off", .detail = "{}" };
	brake->job = (struct store_job){ .work = brake_work, .done = brake_done };
	store_start(bot->store, &brake->job);
}

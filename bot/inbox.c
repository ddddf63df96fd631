/*
 * inbox.c - from the wire to the operation: keep, acknowledge, permit, begin.
 *
 * Parse and permit need memory only and come before the commit; then commit, then acknowledge, all well
 * inside 3 s (S4).  What the acknowledgement itself answers (help, a misspelt word) is not kept.  A
 * message's acknowledgement shows nothing, so its answer is a letter, and the row stays "new" until that
 * letter is committed; but help is answered from memory by every door (S1, T3): a crash may lose it, and a
 * repetition is told by the hash of its key.  After a restart every row that is still "new" is taken up
 * again.
 */

#include <stdlib.h>
#include <string.h>

#include "answers.h"
#include "base/log.h"
#include "base/unicode.h"
#include "inbox_private.h"
#include "operation.h"
#include "parse.h"
#include "say.h"

/* ---- taking up one entry: parsed, kept ---- */

static void
take_up(struct entry *entry)
{
	struct error err = ERROR_INIT;

	if (!inbox_paced(entry->bot, entry->arrival, &err))
		entry_answer_error(entry, &err);
	else if (entry->request == NULL || entry_is_help(entry))
		entry_names(entry, false);
	else if (!entry_said_by_a_person(entry, &err))
		entry_answer_error(entry, &err);
	else if (entry_is_old(entry))
		entry_ask_again(entry);
	else
		entry_permit(entry, false);
}

static bool
keep_work(struct store_job *job, const struct store_verbs *verbs, void *db, struct error *err)
{
	return verbs->inbox_add(db, &CONTAINER(job, struct entry, job)->row, err);
}

/* Slack repeats what it was not sure of and is shown nothing twice; at the console a person waits. */
static void
answer_duplicate(struct entry *entry)
{
	_cleanup_(message_freep) struct message *message = message_new();

	message_line(message,
	    "Nothing changed: a command with this key was taken before. What became of it: ops list");
	message->text = say_plain(message->arena, message->lines.item[0]);
	message->state = "unchanged";
	reply_message(entry->bot, entry->arrival, message);
}

static void
keep_done(struct store_job *job)
{
	struct entry *entry = CONTAINER(job, struct entry, job);

	if (job->error.kind != ERROR_NONE) {
		log_error("a request could not be kept: %s", job->error.text);
		reply_text(entry->bot, entry->arrival,
		    "Not taken: my own store does not take anything at the moment. Nothing was started");
		entry_free(entry);
		return;
	}
	if (entry->row.duplicate) {
		bot_count(entry->bot, "duplicate");
		if (entry->arrival->door == DOOR_CONSOLE)
			answer_duplicate(entry);
		else
			entry_acknowledge(entry, NULL);
		entry_free(entry);
		return;
	}
	entry->arrival->inbox = entry->row.id;
	if (entry->bot->first_request == 0)
		entry->bot->first_request = entry->row.id;
	if (!inbox_shows(entry->arrival))
		entry_acknowledge(entry, NULL);
	take_up(entry);
}

static void
fill_row(struct entry *entry)
{
	const struct arrival *a = entry->arrival;

	entry->row = (struct inbox_row){ .team = a->team, .key = a->key, .door = door_name(a->door),
		.person = a->person, .channel = a->channel, .thread = a->thread,
		.message = a->message, .text = a->text, .action = a->action,
		.argument = a->argument, .stamp = a->stamp, .received = a->received,
		.state = "new" };
}

static struct entry *
entry_new(struct bot *bot, struct arrival *arrival)
{
	struct entry *entry = xcalloc(1, sizeof(*entry));
	struct parsed parsed;

	bot->hearing++;
	entry->bot = bot;
	entry->arrival = arrival;
	parse(&parsed, bot->configuration, arrival, arrival->arena, &entry->error);
	entry->request = parsed.request;
	entry->suggestion = parsed.suggestion;
	fill_row(entry);
	return entry;
}

/* Only what the acknowledgement answers needs no keeping. */
static bool
answered_at_once(const struct entry *entry)
{
	return inbox_shows(entry->arrival) && (entry->request == NULL || entry_is_help(entry));
}

/* Slack sends again what it was not sure of, and a mention as two events (S3).  A slot is lost to the next
 * key that falls into it: long after its repetitions could have come. */
static bool
heard_before(struct bot *bot, const char *key)
{
	uint64_t hash = 14695981039346656037u, *slot;

	for (; *key != '\0'; key++)
		hash = (hash ^ (unsigned char)*key) * 1099511628211u;
	slot = &bot->heard[hash % COUNT(bot->heard)];
	if (*slot == hash)
		return true;
	*slot = hash;
	return false;
}

static void
answer_from_memory(struct entry *entry)
{
	entry_acknowledge(entry, NULL);
	if (heard_before(entry->bot, entry->arrival->key)) {
		bot_count(entry->bot, "duplicate");
		entry_free(entry);
		return;
	}
	take_up(entry);
}

void
inbox_arrived(void *arg, struct arrival *arrival)
{
	struct bot *bot = arg;
	struct entry *entry;

	bot_count(bot, "arrived");
	if (inbox_floods(bot, arrival)) {
		inbox_drop(bot, arrival);
		return;
	}
	/* Answers, cards and notifications repeat what was typed: our own marks, a terminal's escapes and the begin of
	 * a line that looks like ours are none of it (OU2, OU3). */
	if (arrival->text != NULL)
		arrival->text = foreign_line(arrival->arena, arrival->text, strlen(arrival->text));
	if (arrival->door == DOOR_BUTTON || arrival->door == DOOR_DIALOG) {
		answers_click(bot, arrival);
		return;
	}
	entry = entry_new(bot, arrival);
	if (answered_at_once(entry)) {
		entry_names(entry, false);
		return;
	}
	if (entry_is_help(entry) && entry->arrival->door == DOOR_MESSAGE) {
		answer_from_memory(entry);
		return;
	}
	entry->job = (struct store_job){ .work = keep_work, .done = keep_done };
	store_start(bot->store, &entry->job);
}

/* ---- after a restart ---- */

struct load {
	struct store_job job;
	struct bot *bot;
	struct arena *arena;
	struct inbox_row *rows;
	size_t count;
};

static bool
load_work(struct store_job *job, const struct store_verbs *verbs, void *db, struct error *err)
{
	struct load *load = CONTAINER(job, struct load, job);

	return verbs->inbox_open(db, load->arena, &load->rows, &load->count, err);
}

static enum door
read_door(const char *name)
{
	for (int door = DOOR_SLASH; door < DOOR_CONSOLE; door++)
		if (string_equal(door_name((enum door)door), name))
			return (enum door)door;
	return DOOR_CONSOLE;
}

struct arrival *
arrival_restored(struct bot *bot, const struct inbox_row *row)
{
	struct arena *arena = arena_new();
	struct arrival *a = arena_new_of(arena, struct arrival);

	a->arena = arena;
	a->inbox = row->id;
	a->door = read_door(row->door);
	a->key = arena_strdup(arena, row->key);
	a->team = arena_strdup(arena, row->team);
	a->person = arena_strdup(arena, row->person);
	a->channel = arena_strdup(arena, row->channel);
	a->thread = arena_strdup(arena, row->thread);
	a->message = arena_strdup(arena, row->message);
	a->text = arena_strdup(arena, row->text != NULL ? row->text : "");
	a->action = arena_strdup(arena, row->action);
	a->argument = arena_strdup(arena, row->argument);
	a->values = row->values != NULL ? json_parse(row->values, strlen(row->values), NULL) : NULL;
	a->stamp = row->stamp;
	a->received = row->received;
	/* The home of a door; the first is right for all but the console. */
	a->chat = bot->doors[a->door == DOOR_CONSOLE ? bot->door_count - 1 : 0].chat;
	return a;
}

static void
load_done(struct store_job *job)
{
	struct load *load = CONTAINER(job, struct load, job);
	struct entry *entry;

	if (store_again(load->bot->store, job))
		return;
	for (size_t i = 0; job->error.kind == ERROR_NONE && i < load->count; i++) {
		if ((load->bot->first_request != 0 && load->rows[i].id >= load->bot->first_request) ||
		    bot_leaves(load->bot, load->rows[i].door))
			continue;
		if (load->rows[i].action != NULL) {
			answers_click(load->bot, arrival_restored(load->bot, &load->rows[i]));
			continue;
		}
		entry = entry_new(load->bot, arrival_restored(load->bot, &load->rows[i]));
		entry->row.id = load->rows[i].id;
		log_info("request %lld of before the restart is taken up again",
		    (long long)entry->row.id);
		take_up(entry);
	}
	arena_free(load->arena);
}

void
inbox_load(struct bot *bot)
{
	struct arena *arena = arena_new();
	struct load *load = arena_new_of(arena, struct load);

	load->arena = arena;
	load->bot = bot;
	load->job = (struct store_job){ .work = load_work, .done = load_done };
	store_start(bot->store, &load->job);
}

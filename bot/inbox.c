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

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "answers.h"
#include "base/log.h"
#include "base/unicode.h"
#include "forgery.h"
#include "operation.h"
#include "outbox.h"
#include "parse.h"
#include "say.h"

#define TOO_OLD MINUTES(2)
#define REPLY_AGE MINUTES(30)
#define FLOOD_TIMES 6		/* so many times the commands of a minute, clicks among them, are too much */
#define FLOOD_LEAST 60

struct entry {
	struct store_job job;
	struct bot *bot;
	struct arrival *arrival;
	struct inbox_row row;
	struct request *request;	/* NULL: could not be parsed, see error */
	const char *suggestion;
	struct error error;
	struct permission permission;
	struct letter *letter;		/* of an answer that is committed */
	struct audit_row audit;		/* kind NULL: none */
};

static void
entry_free(struct entry *entry)
{
	entry->bot->hearing--;
	request_free(entry->request);
	arrival_free(entry->arrival);
	free(entry);
}

/* ---- answers ---- */

static bool
shows_acknowledgement(const struct arrival *arrival)
{
	return arrival->reply != NULL &&
	    (arrival->door == DOOR_SLASH || arrival->door == DOOR_CONSOLE || arrival->door == DOOR_DIALOG);
}

static void
on_reply(void *arg, const struct delivered *delivered)
{
	(void)arg;
	if (delivered->outcome != SENT)
		log_warning("an answer did not arrive: %s",
		    delivered->sentence != NULL ? delivered->sentence : "no connection");
}

/* Later its address is worth nothing (ID12); a message to its asker still arrives. */
static bool
has_address(const struct bot *bot, const struct arrival *arrival)
{
	return arrival->reply_url != NULL && loop_wall(bot->loop) - arrival->received < REPLY_AGE;
}

void
reply_message(struct bot *bot, struct arrival *arrival, const struct message *message)
{
	const struct entrance *entrance = bot_door(bot, arrival->chat);
	struct post post = { .message = message, .channel = arrival->channel,
		.person = arrival->person, .thread = arrival->thread };

	if (shows_acknowledgement(arrival)) {
		arrival->chat->acknowledge(entrance->link, arrival, message);
		return;
	}
	if (entrance == NULL)
		return;
	if (has_address(bot, arrival)) {
		post.kind = POST_REPLY_URL;
		post.reply_url = arrival->reply_url;
	} else {
		post.kind = POST_EPHEMERAL;
	}
	entrance->chat->deliver(entrance->link, &post, on_reply, NULL);
}

void
reply_text(struct bot *bot, struct arrival *arrival, const char *marked)
{
	_cleanup_(message_freep) struct message *message = message_new();

	message_line(message, "%s", marked);
	message->text = say_plain(message->arena, marked);
	reply_message(bot, arrival, message);
}

void
reply_error(struct bot *bot, struct arrival *arrival, const struct error *error)
{
	reply_text(bot, arrival, error->text);
}

/* The acknowledgement itself, where it has not been used: with or without words. */
static void
acknowledge(struct entry *entry, const char *marked)
{
	struct arrival *arrival = entry->arrival;
	const struct entrance *entrance = bot_door(entry->bot, arrival->chat);
	_cleanup_(message_freep) struct message *message = message_new();

	if (arrival->reply == NULL || entrance == NULL)
		return;
	if (marked != NULL && shows_acknowledgement(arrival)) {
		message_line(message, "%s", marked);
		message->text = say_plain(message->arena, marked);
		arrival->chat->acknowledge(entrance->link, arrival, message);
	} else {
		arrival->chat->acknowledge(entrance->link, arrival, NULL);
	}
}

/* ---- an answer to a message: a letter in its thread, in the transaction that closes the row ---- */

/* The record of it, and the row where there is one. */
static bool
close_row(struct entry *entry, const struct store_verbs *verbs, void *db, struct error *err)
{
	return (entry->audit.kind == NULL || verbs->audit_add(db, &entry->audit, err)) &&
	    (entry->row.id == 0 || verbs->inbox_done(db, entry->row.id, NULL, err));
}

static bool
answer_work(struct store_job *job, const struct store_verbs *verbs, void *db, struct error *err)
{
	struct entry *entry = CONTAINER(job, struct entry, job);

	return letters_add(entry->letter, verbs, db, err) && close_row(entry, verbs, db, err);
}

static void
answer_done(struct store_job *job)
{
	struct entry *entry = CONTAINER(job, struct entry, job);

	if (job->error.kind == ERROR_NONE) {
		outbox_post(entry->bot->outbox, entry->letter);
	} else if (entry->bot->ended || job->error.kind == CANCELLED) {
		letter_free(entry->letter);
	} else {	/* that the store takes nothing is heard all the same; a restart answers again */
		log_error("an answer could not be kept: %s", job->error.text);
		outbox_post_once(entry->bot->outbox, entry->letter);
	}
	entry_free(entry);
}

/* Is there a row or a record that goes with the answer? */
static bool
is_kept(const struct entry *entry)
{
	return entry->row.id != 0 || entry->audit.kind != NULL;
}

static struct letter *
answer_letter(const struct entry *entry, const struct message *message)
{
	const struct arrival *a = entry->arrival;
	const char *thread = a->thread != NULL ? a->thread : a->message;
	_cleanup_(freep) char *key = entry->row.id != 0
	    ? xasprintf("in-%lld/answer", (long long)entry->row.id)
	    : xasprintf("%s/answer", a->key);
	_cleanup_(freep) char *conversation =
	    xasprintf("%s/%s", a->channel, thread != NULL ? thread : "");
	struct outbox_row row = { .key = key, .chat = a->chat->name, .kind = "new", .class = 2,
		.conversation = conversation, .channel = a->channel, .thread = thread,
		.person = a->person, .created = loop_wall(entry->bot->loop) };

	return is_kept(entry) ? letter_new(&row, message) : letter_once(&row, message);
}

static bool
close_work(struct store_job *job, const struct store_verbs *verbs, void *db, struct error *err)
{
	return close_row(CONTAINER(job, struct entry, job), verbs, db, err);
}

static void
close_done(struct store_job *job)
{
	entry_free(CONTAINER(job, struct entry, job));
}

/* The last word on an entry that becomes no operation. */
static void
answer(struct entry *entry, const struct message *message)
{
	if (entry->arrival->door == DOOR_MESSAGE) {
		entry->letter = answer_letter(entry, message);
		if (!is_kept(entry)) {
			outbox_post_once(entry->bot->outbox, entry->letter);
			entry_free(entry);
			return;
		}
		entry->job = (struct store_job){ .work = answer_work, .done = answer_done };
		store_start(entry->bot->store, &entry->job);
		return;
	}
	reply_message(entry->bot, entry->arrival, message);
	if (!is_kept(entry)) {
		entry_free(entry);
		return;
	}
	entry->job = (struct store_job){ .work = close_work, .done = close_done };
	store_start(entry->bot->store, &entry->job);
}

/* A refusal is one sentence to the asker, one record, one counter, and nothing else. */
static void
record_refusal(struct entry *entry, const struct error *error)
{
	const struct arrival *a = entry->arrival;

	bot_count(entry->bot, "refused");
	entry->audit = (struct audit_row){ .stamp = loop_wall(entry->bot->loop), .kind = "refused",
		.actor = entry->request != NULL ? entry->request->principal : a->person,
		.door = door_name(a->door), .channel = a->channel, .text = a->text,
		.rule = arena_strdup(a->arena, error->text), .detail = "{}" };
}

static void
answer_error(struct entry *entry, const struct error *error)
{
	_cleanup_(message_freep) struct message *message = message_new();
	const char *text = arena_strdup(message->arena, error->text);

	if (error->kind == REFUSED)
		record_refusal(entry, error);
	message_line(message, "%s", text);
	if (entry->suggestion != NULL)
		message_line(message, "%s", say(message->arena, "Try: %s", entry->suggestion));
	message->text = text;
	message->state = error_kind_name(error->kind);
	answer(entry, message);
}

/* ---- permitted ---- */

static enum effect
effect_of(const struct request *request)
{
	for (const struct subcommand *s = request->command->subcommands; s != NULL && s->name != NULL; s++)
		if (string_equal(s->name, request->subcommand))
			return s->effect;
	return request->command->effect;
}

static size_t
open_operations(const struct bot *bot)
{
	size_t count = 0;

	for (const struct operation *o = bot->operations; o != NULL; o = o->next)
		count += o->state != STATE_WATCHING;	/* they have a bound of their own */
	return count;
}

static void
on_answer(void *arg, struct message *message, const struct error *err)
{
	struct entry *entry = arg;

	if (entry->bot->ended)
		entry_free(entry);
	else if (message != NULL)
		answer(arg, message);
	else
		answer_error(arg, err);
}

static void
begin(struct entry *entry)
{
	struct bot *bot = entry->bot;
	struct error err = ERROR_INIT;

	if (entry->request->command->internal != NULL) {
		answers_give(bot, entry->arrival, entry->request, on_answer, entry);
		return;
	}
	if (effect_of(entry->request) != READS && (bot->braked || bot->leaving)) {
		refuse(&err, bot->braked
			? "Not started: the emergency brake is on. An admin lifts it with: ops brake off"
			: "Not started: I am being restarted. Ask again in a minute");
		answer_error(entry, &err);
		return;
	}
	if (effect_of(entry->request) != READS && forgery_holds(bot, entry->arrival, &err)) {
		answer_error(entry, &err);
		return;
	}
	if (open_operations(bot) >= (size_t)bot->configuration->limits.operations) {
		refuse(&err, "Not started: %d operations are open already. See: ops list",
		    bot->configuration->limits.operations);
		answer_error(entry, &err);
		return;
	}
	acknowledge(entry, say(entry->request->arena, "Looking at %s…",
	    entry->request->target != NULL ? entry->request->target->setting->key
					   : entry->request->command->name));
	entry->arrival->inbox = entry->row.id;
	operation_begin(bot, entry->arrival, entry->request, &entry->permission);
	bot->hearing--;
	free(entry);
}

static void
permit_entry(struct entry *entry, bool fetched);

static void
on_fetched(void *arg)
{
	permit_entry(arg, true);
}

/* A yes or a no is never judged by what was known more than 10 s ago (ID5). */
static bool
is_a_word(const struct request *request)
{
	static const char *const words[] = { "approve", "reject", "start", "resume", "release", NULL };

	return string_equal(request->command->internal, "ops") && string_in(request->subcommand, words);
}

/* Who may say yes to an operation may type it, whatever the rules say of `ops` (ux.md 7); what a rule
 * forbids stays so.  err: why not, where it is about this operation. */
static bool
is_its_approver(struct entry *entry, struct error *err)
{
	static const char *const words[] = { "approve", "reject", NULL };
	struct request *r = entry->request;
	const struct bot *bot = entry->bot;
	const struct operation *o;

	if (!is_a_word(r) || !string_in(r->subcommand, words) || entry->permission.unknown ||
	    entry->permission.forbidden)
		return false;
	o = operation_find(entry->bot, answers_id(r->arena, r->object));
	return o != NULL && o->permission.allowed &&
	    permit_member(bot->configuration, bot->directory, entry->arrival, r->principal, err) &&
	    permit_approval(&o->permission, bot->configuration, bot->directory, o->request, r->principal, err);
}

static void
permit_entry(struct entry *entry, bool fetched)
{
	struct error err = ERROR_INIT;
	struct request *request = entry->request;

	if (is_a_word(request) && !fetched) {
		directory_fetch(entry->bot->directory, request->principal, entry->arrival->channel,
		    SECONDS(10), on_fetched, entry);
		return;
	}
	if (permit(&entry->permission, entry->bot->configuration, entry->bot->directory, request,
		effect_of(request), &err)) {
		begin(entry);
		return;
	}
	if (is_its_approver(entry, &err)) {
		begin(entry);
		return;
	}
	if (entry->permission.unknown && !fetched) {
		acknowledge(entry, say(request->arena, "Looking…"));
		directory_fetch(entry->bot->directory, request->principal,
		    entry->arrival->channel, MINUTES(1), on_fetched, entry);
		return;
	}
	log_info("refused %s: %s", request->principal, err.text);
	answer_error(entry, &err);
}

/* ---- too old, or not said by a person ---- */

/* Tokens of other apps write messages as a person; they cannot click or type a slash command (P7, ID4). */
static bool
said_by_a_person(const struct entry *entry, struct error *err)
{
	const struct request *r = entry->request;

	if (entry->arrival->door != DOOR_MESSAGE || !answers_lets_go(r))
		return true;
	return refuse(err, "Nothing was done: a message may be written by another program. Press it on the card, or type /ops %s %s",
	    r->subcommand, r->object);
}

/* A word that lets a change begin, or gives back what holds it, is one (E10). */
static bool
too_old(const struct entry *entry)
{
	return (effect_of(entry->request) != READS || answers_lets_go(entry->request)) &&
	    loop_wall(entry->bot->loop) - entry->arrival->stamp > TOO_OLD;
}

static void
ask_again(struct entry *entry)
{
	_cleanup_(message_freep) struct message *message = message_new();
	struct arena *arena = message->arena;

	message_line(message, "%s",
	    say(arena, "Not started: “%s” is older than 2 minutes. Still wanted? Type it again: %s",
		arena_strdup(arena, entry->arrival->text), arena_strdup(arena, entry->arrival->text)));
	message->text = say_plain(arena, message->lines.item[0]);
	message->state = "too_old";
	answer(entry, message);
}

/* ---- the pace of one person (RX1) ---- */

static struct pace *
pace_of(struct bot *bot, const struct arrival *a)
{
	int64_t minute = loop_now(bot->loop) / MINUTES(1);
	unsigned slot = 5381;
	struct pace *pace;
	char name[sizeof(pace->person)];

	snprintf(name, sizeof(name), "%s/%s", a->team, a->person);
	for (const char *c = name; *c != '\0'; c++)
		slot = slot * 33 + (unsigned char)*c;
	pace = &bot->paces[slot % COUNT(bot->paces)];
	if (pace->minute != minute || !string_equal(pace->person, name)) {
		*pace = (struct pace){ .minute = minute };
		snprintf(pace->person, sizeof(pace->person), "%s", name);
	}
	return pace;
}

static bool
pace_allows(struct bot *bot, const struct arrival *a, struct error *err)
{
	int most = bot->configuration->limits.commands_per_minute;

	return ++pace_of(bot, a)->count <= most ||
	    refuse(err, "That is more than %d commands in a minute; nothing was done. Try again in a minute", most);
}

/* Each refusal is a row and a record that stays for ever: who goes on all the same, or presses without end, fills
 * no disk with them. */
static bool
floods(struct bot *bot, const struct arrival *a)
{
	int most = bot->configuration->limits.commands_per_minute;

	return ++pace_of(bot, a)->all > FLOOD_LEAST && pace_of(bot, a)->all / FLOOD_TIMES > most;
}

static void
drop_flood(struct bot *bot, struct arrival *arrival)
{
	const struct entrance *entrance = bot_door(bot, arrival->chat);
	_cleanup_(message_freep) struct message *message = message_new();

	bot_count(bot, "dropped.flood");
	message_line(message, "Nothing was done: that is far too much in a minute. Try again in a minute");
	message->text = message->lines.item[0];
	message->state = error_kind_name(REFUSED);
	if (entrance != NULL && arrival->reply != NULL)
		arrival->chat->acknowledge(entrance->link, arrival, shows_acknowledgement(arrival) ? message : NULL);
	arrival_free(arrival);
}

/* ---- help, and what is near a misspelt word ---- */

static void answer_names(struct entry *, bool fetched);

static void
on_reader_fetched(void *arg)
{
	answer_names(arg, true);
}

/* Both name targets: a guest, and a channel that others read, hear none of them (ID2, ID3).  At the machine itself
 * help is everybody's (CS1). */
static void
answer_names(struct entry *entry, bool fetched)
{
	const struct arrival *a = entry->arrival;
	const struct bot *bot = entry->bot;
	const char *principal = arena_printf(a->arena, "%s/%s", a->team, a->person);
	struct error err = ERROR_INIT;
	bool unknown = false;

	if (a->door != DOOR_CONSOLE && !permit_reader(bot->configuration, bot->directory, a, principal, &unknown, &err)) {
		if (unknown && !fetched) {
			acknowledge(entry, NULL);
			directory_fetch(bot->directory, principal, a->channel, MINUTES(1), on_reader_fetched, entry);
			return;
		}
		entry->suggestion = NULL;
		answer_error(entry, &err);
	} else if (entry->request == NULL) {
		answer_error(entry, &entry->error);
	} else {
		begin(entry);
	}
}

static bool
is_help(const struct entry *entry)
{
	return entry->request != NULL && entry->request->command->internal != NULL &&
	    answers_need_nothing(entry->request);
}

/* ---- taking up one entry: parsed, kept ---- */

static void
take_up(struct entry *entry)
{
	struct error err = ERROR_INIT;

	if (!pace_allows(entry->bot, entry->arrival, &err))
		answer_error(entry, &err);
	else if (entry->request == NULL || is_help(entry))
		answer_names(entry, false);
	else if (!said_by_a_person(entry, &err))
		answer_error(entry, &err);
	else if (too_old(entry))
		ask_again(entry);
	else
		permit_entry(entry, false);
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
			acknowledge(entry, NULL);
		entry_free(entry);
		return;
	}
	entry->arrival->inbox = entry->row.id;
	if (entry->bot->first_request == 0)
		entry->bot->first_request = entry->row.id;
	if (!shows_acknowledgement(entry->arrival))
		acknowledge(entry, NULL);
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
	return shows_acknowledgement(entry->arrival) && (entry->request == NULL || is_help(entry));
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
	acknowledge(entry, NULL);
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
	if (floods(bot, arrival)) {
		drop_flood(bot, arrival);
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
		answer_names(entry, false);
		return;
	}
	if (is_help(entry) && entry->arrival->door == DOOR_MESSAGE) {
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

/*
 * inbox_answer.c - what whoever wrote is told, by the best way still open.
 *
 * A message's acknowledgement shows nothing, so its answer is a letter in its thread, in the transaction that closes
 * the row; the others are answered at once, and the row is closed after it.
 */

#include <stdlib.h>

#include "base/log.h"
#include "inbox_private.h"
#include "parse.h"
#include "say.h"

#define REPLY_AGE MINUTES(30)

void
entry_free(struct entry *entry)
{
	entry->bot->hearing--;
	request_free(entry->request);
	arrival_free(entry->arrival);
	free(entry);
}

/* ---- answers ---- */

bool
inbox_shows(const struct arrival *arrival)
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

	if (inbox_shows(arrival)) {
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
void
entry_acknowledge(struct entry *entry, const char *marked)
{
	struct arrival *arrival = entry->arrival;
	const struct entrance *entrance = bot_door(entry->bot, arrival->chat);
	_cleanup_(message_freep) struct message *message = message_new();

	if (arrival->reply == NULL || entrance == NULL)
		return;
	if (marked != NULL && inbox_shows(arrival)) {
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
void
entry_answer(struct entry *entry, const struct message *message)
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

void
entry_answer_error(struct entry *entry, const struct error *error)
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
	entry_answer(entry, message);
}

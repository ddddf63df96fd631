/* outbox_send.c - one letter on its way: written down, delivered, looked for when no answer came. */

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "operation.h"
#include "outbox_private.h"
#include "seal.h"

#define LOOKS_MOST 3

/* ---- what became of it ---- */

struct saved {
	struct store_job job;
	struct outbox_row row;
	struct arena *arena;
};

static bool
save_work(struct store_job *job, const struct store_verbs *verbs, void *db, struct error *err)
{
	return verbs->outbox_save(db, &CONTAINER(job, struct saved, job)->row, err);
}

static void
save_done(struct store_job *job)
{
	struct saved *saved = CONTAINER(job, struct saved, job);

	if (job->error.kind != ERROR_NONE)
		log_error("a letter's state was not kept: %s", job->error.text);
	arena_free(saved->arena);
}

/* Fire and forget: if it is lost, the letter is looked for before it is posted again. */
void
outbox_row_save(struct bot *bot, const struct outbox_row *row, const char *state, const char *why)
{
	struct arena *arena = arena_new();
	struct saved *saved = arena_new_of(arena, struct saved);

	saved->arena = arena;
	saved->row = *row;
	saved->row.state = state;
	saved->row.why = arena_strdup(arena, why);
	saved->row.key = arena_strdup(arena, row->key);
	saved->row.ts = arena_strdup(arena, row->ts);
	saved->row.channel = arena_strdup(arena, row->channel);
	saved->row.sent = string_equal(state, "sent") ? loop_wall(bot->loop) : 0;
	saved->job.work = save_work;
	saved->job.done = save_done;
	store_start(bot->store, &saved->job);
}

static void
save_state(struct item *item, const char *state, const char *why)
{
	if (item->kept)
		outbox_row_save(item->outbox->bot, &item->letter->row, state, why);
}

static void
finish(struct item *item)
{
	struct outbox *outbox = item->outbox;
	char *operation = item->progress || item->letter->row.operation == NULL
	    ? NULL
	    : xstrdup(item->letter->row.operation);

	item_remove(item);
	item_free(item);
	if (operation != NULL && !outbox_has(outbox, operation))
		operation_told(outbox->bot, operation);
	free(operation);
}

/* A minute for clocks that differ. */
static int64_t
looked_since(const struct item *item)
{
	return (item->asked > 0 ? item->asked : item->letter->row.created) - MINUTES(1);
}

static void
sent(struct item *item, const struct delivered *delivered)
{
	struct outbox *outbox = item->outbox;
	struct letter *letter = item->letter;

	if (delivered->ts != NULL)
		letter->row.ts = arena_strdup(letter->arena, delivered->ts);
	if (delivered->channel != NULL)
		letter->row.channel = arena_strdup(letter->arena, delivered->channel);
	save_state(item, "sent", item->uncertain ? OUTBOX_TWICE : NULL);
	if (item->uncertain && letter->row.ts != NULL)
		twins_watch(outbox->twins, &letter->row, &(struct post){ .thread = item->thread },
		    looked_since(item));
	if (letter_is_card(letter) && letter->row.ts != NULL)
		operation_card_stands(outbox->bot, letter->row.operation, letter->row.channel,
		    letter->row.ts);
	if (letter_is_question(letter) && letter->row.ts != NULL)
		operation_question_stands(outbox->bot, letter->row.operation, letter->row.ts);
	finish(item);
}

static int64_t
patience(const struct item *item)
{
	return item->letter->row.class <= 1 ? HOURS(24) : MINUTES(30);
}

bool
item_is_late(const struct item *item)
{
	return loop_wall(item->outbox->bot->loop) - item->letter->row.created > patience(item);
}

void
item_give_up(struct item *item, const char *sentence)
{
	if (!item->progress)
		log_warning("message %s to %s was not sent: %s", item->letter->row.key,
		    item->letter->row.channel != NULL ? item->letter->row.channel : "-", sentence);
	save_state(item, "failed", sentence);
	if (!item->progress && letter_is_card(item->letter))
		operation_card_lost(item->outbox->bot, item->letter->row.operation, sentence);
	if (!item->progress && letter_is_question(item->letter))
		operation_question_lost(item->outbox->bot, item->letter->row.operation, sentence);
	outbox_run_soon(item->outbox);
	finish(item);
}

/* false: its patience is over and the item is gone. */
static bool
try_later(struct item *item, int64_t ms, const char *sentence)
{
	struct outbox *outbox = item->outbox;

	item->letter->row.attempts++;
	if (item->progress || item_is_late(item)) {
		item_give_up(item, sentence);
		return false;
	}
	item->phase = WAITING;
	item->not_before = loop_now(outbox->bot->loop) + ms;
	return true;
}

static int64_t
back_off(const struct item *item)
{
	int shift = item->letter->row.attempts < 6 ? item->letter->row.attempts : 6;

	return SECONDS(1) << shift;
}

static void
on_delivered(void *arg, const struct delivered *delivered)
{
	struct item *item = arg;
	struct outbox *outbox = item->outbox;
	int64_t wait;

	if (outbox->bot->ended)
		return;
	switch (delivered->outcome) {
	case SENT:
		sent(item, delivered);
		break;
	case LATER:
		wait = SECONDS(delivered->retry_after > 0 ? delivered->retry_after : 1);
		item_bucket(item)->held_until = loop_now(outbox->bot->loop) + wait;
		try_later(item, wait, "asked to wait");
		break;
	case NOT_SENT:
		try_later(item, back_off(item), "no connection");
		break;
	case UNKNOWN_OUTCOME:
		item->maybe_sent = true;
		item->uncertain = !letter_is_update(item->letter) && !item->progress;
		try_later(item, LOOK_AFTER, "no answer");
		break;
	case REFUSED_FOR_GOOD:
		item_give_up(item, delivered->sentence != NULL ? delivered->sentence : "refused");
		break;
	}
	outbox_run(outbox);
}

/* S6: what may have been sent is looked for first. */
static void
on_found(void *arg, const struct delivered *found)
{
	struct item *item = arg;
	struct outbox *outbox = item->outbox;

	if (outbox->bot->ended)
		return;
	if (found->outcome == SENT) {
		bot_count(outbox->bot, "outbox.adopted");
		sent(item, found);
	} else if (found->outcome == REFUSED_FOR_GOOD) {
		item->maybe_sent = false;
		item->phase = WAITING;
	} else if (found->retry_after > 0) {	/* asked to wait is not forbidden to look */
		try_later(item, SECONDS(found->retry_after), "asked to wait");
	} else if (try_later(item, back_off(item), "cannot be looked for") && ++item->looks >= LOOKS_MOST) {
		item->maybe_sent = false;	/* without the right to read: posted again, and marked */
		item->blind = true;
		if (letter_is_card(item->letter))
			operation_card_again(outbox->bot, item->letter->row.operation);
	}
	outbox_run(outbox);
}

/* ---- sending ---- */

static enum posting
posting_of(const struct outbox_row *row)
{
	static const struct { const char *name; enum posting kind; } kinds[] = {
		{ "new", POST_NEW }, { "update", POST_UPDATE }, { "ephemeral", POST_EPHEMERAL },
		{ "file", POST_FILE }, { "delete", POST_DELETE },
	};

	for (size_t i = 0; i < COUNT(kinds); i++)
		if (string_equal(kinds[i].name, row->kind))
			return kinds[i].kind;
	return POST_NEW;
}

static void
fill_file(struct post *post, struct letter *letter)
{
	_cleanup_(json_freep) cJSON *file =
	    json_parse(letter->row.payload, strlen(letter->row.payload), NULL);

	post->file_name = arena_strdup(letter->arena, json_string_or(file, "name", "file.txt"));
	post->file_title = arena_strdup(letter->arena, json_string_or(file, "title", post->file_name));
	post->bytes = arena_strdup(letter->arena, json_string_or(file, "bytes", ""));
	post->length = strlen(post->bytes);
}

/* "@R-142" is the ts of that operation's card, "@R-142/question" of its question in the chat, which are known
 * only once they stand. */
static bool
resolve_card(struct item *item, struct post *post, const char *written, const char **ts)
{
	const struct operation *operation;
	_cleanup_(freep) char *id = NULL;

	*ts = written;
	if (written == NULL || written[0] != '@')
		return true;
	id = xstrndup(written + 1, strcspn(written + 1, "/"));
	operation = operation_find(item->outbox->bot, id);
	if (strchr(written, '/') != NULL) {
		*ts = operation != NULL ? operation->question : NULL;
		return *ts != NULL;
	}
	if (operation == NULL || operation->card == NULL)
		return false;
	*ts = operation->card;
	post->channel = operation->card_channel;
	return true;
}

/* Only when it leaves is all known that is sealed, and no seal is stored. */
static void
seal_card(const struct bot *bot, struct message *message)
{
	const struct button *button = message == NULL ? NULL
	    : message->buttons.count > 0	      ? message->buttons.item
	    : message->more.count > 0		      ? message->more.item
						      : NULL;
	char *seal;

	if (button == NULL || button->argument == NULL)
		return;
	seal = arena_alloc(message->arena, SEAL_SIZE);
	seal_print(bot->seal, "card", button->argument, seal);
	message->seal = seal;
}

/* Nobody could look whether it stands there already: whoever reads it twice shall know why. */
static void
mark_again(struct message *message)
{
	struct arena *a = message->arena;

	if (message->text != NULL && string_starts(message->text, "(again)"))
		return;
	message->text = arena_printf(a, "(again) %s", message->text != NULL ? message->text : "");
	if (message->verbatim != NULL)
		message->verbatim = arena_printf(a, "(again)\n%s", message->verbatim);
	else if (message->headline != NULL)
		message->headline = arena_printf(a, "%s (again)", message->headline);
	else if (message->lines.count > 0)
		message->lines.item[0] = arena_printf(a, "(again) %s", message->lines.item[0]);
}

static void deliver(struct item *);

static void
on_channel(void *arg)
{
	struct item *item = arg;

	if (!item->outbox->bot->ended)
		deliver(item);
}

/* A person's own place is nobody else's. */
static bool
is_channel(const char *id)
{
	return id != NULL && (id[0] == 'C' || id[0] == 'G');
}

/*
 * Nothing of an operation is posted or drawn anew where another company reads (ID3).  What a channel is, is asked again after
 * 5 minutes; where that cannot be had, what was known of it in the last hour counts (a change is told by an
 * event), and where nothing is known it waits.
 */
static bool
may_stand_there(struct item *item, const struct post *post, const struct entrance *entrance)
{
	struct directory *directory = item->outbox->bot->directory;
	const struct channel_facts *channel;
	bool asked = item->channel_asked;

	if (item->letter->row.operation == NULL || !is_channel(post->channel) ||
	    entrance->chat->channel == NULL ||
	    (post->kind != POST_NEW && post->kind != POST_FILE && post->kind != POST_UPDATE))
		return true;
	channel = directory_channel(directory, post->channel, asked ? MINUTES(60) : MINUTES(5));
	item->channel_asked = channel == NULL && !asked;
	if (channel != NULL && !channel->shared)
		return true;
	if (channel != NULL) {
		item_give_up(item, "the channel is shared with another company");
	} else if (asked) {
		try_later(item, back_off(item), "the workspace does not say what the channel is");
	} else {
		item->phase = LOOKING;
		directory_fetch_channel(directory, post->channel, on_channel, item);
	}
	return false;
}

static void
deliver(struct item *item)
{
	struct outbox *outbox = item->outbox;
	struct letter *letter = item->letter;
	struct entrance *entrance = bot_door_named(outbox->bot, letter->row.chat);
	struct post post = { .kind = posting_of(&letter->row), .key = letter->row.key,
		.channel = letter->row.channel, .person = letter->row.person,
		.message = letter->message };

	if (!resolve_card(item, &post, letter->row.thread, &post.thread) ||
	    (letter_is_update(letter) && !resolve_card(item, &post, letter->row.ts, &post.ts))) {
		item_give_up(item, "the card that it belongs to does not stand");
		return;
	}
	if (!may_stand_there(item, &post, entrance)) {
		outbox_run_soon(outbox);	/* not now: whoever walks through the queue may stand on the next */
		return;
	}
	item->thread = arena_strdup(letter->arena, post.thread);
	seal_card(outbox->bot, letter->message);
	if (item->blind && letter->message != NULL)
		mark_again(letter->message);
	if (post.kind == POST_FILE)
		fill_file(&post, letter);
	if (item->maybe_sent && (post.kind == POST_NEW || post.kind == POST_FILE)) {
		item->phase = LOOKING;
		entrance->chat->find(entrance->link, &post, looked_since(item), on_found, item);
		return;
	}
	item->phase = SENDING;
	if (item->asked == 0)
		item->asked = loop_wall(outbox->bot->loop);
	entrance->chat->deliver(entrance->link, &post, on_delivered, item);
}

/* What would stand twice if it was sent twice (S6). */
static bool
stands_once(const struct letter *letter)
{
	return string_equal(letter->row.kind, "new") || string_equal(letter->row.kind, "file");
}

static bool
sending_work(struct store_job *job, const struct store_verbs *verbs, void *db, struct error *err)
{
	struct item *item = CONTAINER(job, struct item, job);
	struct outbox_row row = item->letter->row;

	row.state = "sending";
	return verbs->outbox_save(db, &row, err);
}

static void
sending_done(struct store_job *job)
{
	struct item *item = CONTAINER(job, struct item, job);

	if (job->error.kind != ERROR_NONE) {
		log_error("a letter waits for the store: %s", job->error.text);
		item->phase = WAITING;
		item->not_before = loop_now(item->outbox->bot->loop) + SECONDS(1);
		outbox_run(item->outbox);
		return;
	}
	deliver(item);
}

void
item_send(struct item *item)
{
	item_bucket(item)->tokens -= 1;
	if (!item->kept || !stands_once(item->letter) || item->maybe_sent) {
		deliver(item);
		return;
	}
	item->phase = SAVING;
	item->job = (struct store_job){ .work = sending_work, .done = sending_done };
	store_start(item->outbox->bot->store, &item->job);
}

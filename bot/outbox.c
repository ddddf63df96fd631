/* outbox.c - letters to people: in order, within budgets, once. */

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "operation.h"
#include "outbox.h"

#define POST_BURST 3
#define POST_EVERY SECONDS(1)
#define UPDATES_A_MINUTE 40
#define UPDATES_BURST 5
#define UPDATES_KEPT 1		/* of the burst, for what is no progress */
#define LOOK_AFTER SECONDS(3)
#define PROGRESS_MOST 1000

struct bucket {			/* tokens of one kind in one channel; "" is all channels */
	char *name;
	double tokens, most, per_ms;
	int64_t filled, held_until;
};

enum phase {
	WAITING, SAVING, SENDING, LOOKING,
	HELD,		/* of before a restart: until its operation is there again */
};

struct item {
	struct item *next;
	struct outbox *outbox;
	struct letter *letter;
	enum phase phase;
	bool progress, maybe_sent;
	int64_t not_before;	/* monotonic */
	struct store_job job;
	int64_t asked;		/* wall time of the first try */
	struct timer timer;
};

struct outbox {
	struct bot *bot;
	struct item *first, **last;
	size_t count;
	struct {
		struct bucket *item;
		size_t count, size;
	} buckets;
	struct timer timer;
};

static void run(struct outbox *);
static void run_soon(struct outbox *);

/* ---- letters ---- */

struct letter *
letter_new(const struct outbox_row *row, const struct message *message)
{
	struct arena *arena = arena_new();
	struct letter *letter = arena_new_of(arena, struct letter);
	_cleanup_(text_clear) struct text json = TEXT_INIT;
	struct outbox_row *r = &letter->row;

	letter->arena = arena;
	*r = *row;
	r->key = arena_strdup(arena, row->key);
	r->operation = arena_strdup(arena, row->operation);
	r->chat = arena_strdup(arena, row->chat);
	r->kind = arena_strdup(arena, row->kind != NULL ? row->kind : "new");
	r->conversation = arena_strdup(arena, row->conversation);
	r->channel = arena_strdup(arena, row->channel);
	r->thread = arena_strdup(arena, row->thread);
	r->person = arena_strdup(arena, row->person);
	r->ts = arena_strdup(arena, row->ts);
	r->state = "queued";
	if (message != NULL) {
		message_print(message, &json);
		r->payload = arena_strdup(arena, json.data);
		letter->message = message_read(json.data, json.length, NULL);
	} else {
		r->payload = arena_strdup(arena, row->payload);
	}
	return letter;
}

void
letter_free(struct letter *letter)
{
	if (letter == NULL)
		return;
	message_free(letter->message);
	arena_free(letter->arena);
}

bool
letters_add(struct letter *list, const struct store_verbs *verbs, void *db, struct error *err)
{
	for (struct letter *l = list; l != NULL; l = l->next)
		if (!verbs->outbox_add(db, &l->row, err))
			return false;
	return true;
}

/* ---- the queue ---- */

static void
item_free(struct item *item)
{
	timer_stop(item->outbox->bot->loop, &item->timer);
	letter_free(item->letter);
	free(item);
}

static void
remove_item(struct item *item)
{
	struct outbox *outbox = item->outbox;

	for (struct item **at = &outbox->first; *at != NULL; at = &(*at)->next)
		if (*at == item) {
			*at = item->next;
			if (*at == NULL)
				outbox->last = at;
			outbox->count--;
			return;
		}
}

static struct item *
add_item(struct outbox *outbox, struct letter *letter, bool progress)
{
	struct item *item = xcalloc(1, sizeof(*item));

	letter->next = NULL;
	item->outbox = outbox;
	item->letter = letter;
	item->progress = progress;
	item->next = NULL;
	*outbox->last = item;
	outbox->last = &item->next;
	outbox->count++;
	return item;
}

static struct item *
find_key(struct outbox *outbox, const char *key)
{
	for (struct item *i = outbox->first; i != NULL; i = i->next)
		if (!i->progress && string_equal(i->letter->row.key, key))
			return i;
	return NULL;
}

/* Progress that is not on its way yet: its place is taken by the next one. */
static struct item *
find_waiting(struct outbox *outbox, const char *ts)
{
	for (struct item *i = outbox->first; i != NULL; i = i->next)
		if (i->progress && i->phase == WAITING && string_equal(i->letter->row.key, ts))
			return i;
	return NULL;
}

bool
outbox_has(const struct outbox *outbox, const char *operation)
{
	for (const struct item *i = outbox->first; i != NULL; i = i->next)
		if (!i->progress && string_equal(i->letter->row.operation, operation))
			return true;
	return false;
}

size_t
outbox_waiting(const struct outbox *outbox)
{
	return outbox->count;
}

/* ---- budgets ---- */

static struct bucket *
bucket(struct outbox *outbox, const char *kind, const char *channel)
{
	_cleanup_(freep) char *name = xasprintf("%s %s", kind, channel);
	bool posts = string_equal(kind, "post");
	int raised = outbox->bot->configuration->limits.chat_budget;
	double most = posts ? POST_BURST : UPDATES_BURST;
	double every = posts ? (double)POST_EVERY : 60000.0 / UPDATES_A_MINUTE;
	struct bucket *b;

	for (size_t i = 0; i < outbox->buckets.count; i++)
		if (string_equal(outbox->buckets.item[i].name, name))
			return &outbox->buckets.item[i];
	b = GROW(&outbox->buckets);
	b->name = xstrdup(name);
	b->most = b->tokens = raised > 0 ? raised : most;
	b->per_ms = raised > 0 ? raised / 1000.0 : 1 / every;
	b->filled = loop_now(outbox->bot->loop);
	return b;
}

/* Milliseconds until one may be sent with this reserve left; 0: now. */
static int64_t
bucket_wait(struct outbox *outbox, struct bucket *b, double reserve)
{
	int64_t now = loop_now(outbox->bot->loop);
	double missing;

	b->tokens += (double)(now - b->filled) * b->per_ms;
	if (b->tokens > b->most)
		b->tokens = b->most;
	b->filled = now;
	if (b->held_until > now)
		return b->held_until - now;
	missing = 1 + reserve - b->tokens;
	return missing <= 0 ? 0 : (int64_t)(missing / b->per_ms) + 1;
}

static bool
is_update(const struct letter *letter)
{
	return string_equal(letter->row.kind, "update");
}

static struct bucket *
bucket_of(struct item *item)
{
	const struct outbox_row *row = &item->letter->row;

	if (is_update(item->letter))
		return bucket(item->outbox, "update", "");
	return bucket(item->outbox, "post", row->channel != NULL ? row->channel : "");
}

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
static void
save_state(struct item *item, const char *state, const char *why)
{
	struct arena *arena = arena_new();
	struct saved *saved = arena_new_of(arena, struct saved);

	if (item->progress) {
		arena_free(arena);
		return;
	}
	saved->arena = arena;
	saved->row = item->letter->row;
	saved->row.state = state;
	saved->row.why = arena_strdup(arena, why);
	saved->row.key = arena_strdup(arena, item->letter->row.key);
	saved->row.ts = arena_strdup(arena, item->letter->row.ts);
	saved->row.channel = arena_strdup(arena, item->letter->row.channel);
	saved->row.sent = string_equal(state, "sent") ? loop_wall(item->outbox->bot->loop) : 0;
	saved->job.work = save_work;
	saved->job.done = save_done;
	store_start(item->outbox->bot->store, &saved->job);
}

static void
finish(struct item *item)
{
	struct outbox *outbox = item->outbox;
	char *operation = item->progress || item->letter->row.operation == NULL
	    ? NULL
	    : xstrdup(item->letter->row.operation);

	remove_item(item);
	item_free(item);
	if (operation != NULL && !outbox_has(outbox, operation))
		operation_told(outbox->bot, operation);
	free(operation);
}

/* Is it the card of an operation, where it is posted? */
static bool
is_card(const struct letter *letter)
{
	_cleanup_(text_clear) struct text key = TEXT_INIT;

	if (letter->row.operation == NULL)
		return false;
	text_printf(&key, "%s/card", letter->row.operation);
	return string_equal(key.data, letter->row.key);
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
	save_state(item, "sent", NULL);
	if (is_card(letter) && letter->row.ts != NULL)
		operation_card_stands(outbox->bot, letter->row.operation, letter->row.channel,
		    letter->row.ts);
	finish(item);
}

static int64_t
patience(const struct item *item)
{
	return item->letter->row.class <= 1 ? HOURS(24) : MINUTES(30);
}

static bool
is_late(const struct item *item)
{
	return loop_wall(item->outbox->bot->loop) - item->letter->row.created > patience(item);
}

static void
give_up(struct item *item, const char *sentence)
{
	if (!item->progress)
		log_warning("message %s to %s was not sent: %s", item->letter->row.key,
		    item->letter->row.channel != NULL ? item->letter->row.channel : "-", sentence);
	save_state(item, "failed", sentence);
	if (!item->progress && is_card(item->letter))
		operation_card_lost(item->outbox->bot, item->letter->row.operation, sentence);
	finish(item);
}

/* false: its patience is over and the item is gone. */
static bool
try_later(struct item *item, int64_t ms, const char *sentence)
{
	struct outbox *outbox = item->outbox;

	item->letter->row.attempts++;
	if (item->progress || is_late(item)) {
		give_up(item, sentence);
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
		bucket_of(item)->held_until = loop_now(outbox->bot->loop) + wait;
		try_later(item, wait, "asked to wait");
		break;
	case NOT_SENT:
		try_later(item, back_off(item), "no connection");
		break;
	case UNKNOWN_OUTCOME:
		item->maybe_sent = true;
		try_later(item, LOOK_AFTER, "no answer");
		break;
	case REFUSED_FOR_GOOD:
		give_up(item, delivered->sentence != NULL ? delivered->sentence : "refused");
		break;
	}
	run(outbox);
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
	} else if (try_later(item, back_off(item), "cannot be looked for") &&
	    item->letter->row.attempts > 3) {
		item->maybe_sent = false;	/* without the right to read: posted again */
	}
	run(outbox);
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

/* "@R-142" is the ts of that operation's card, which is known only once it stands. */
static bool
resolve_card(struct item *item, struct post *post, const char *written, const char **ts)
{
	const struct operation *operation;

	*ts = written;
	if (written == NULL || written[0] != '@')
		return true;
	operation = operation_find(item->outbox->bot, written + 1);
	if (operation == NULL || operation->card == NULL)
		return false;
	*ts = operation->card;
	post->channel = operation->card_channel;
	return true;
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
	    (is_update(letter) && !resolve_card(item, &post, letter->row.ts, &post.ts))) {
		give_up(item, "the card that it belongs to does not stand");
		return;
	}
	if (post.kind == POST_FILE)
		fill_file(&post, letter);
	if (item->maybe_sent && post.kind == POST_NEW) {
		item->phase = LOOKING;
		entrance->chat->find(entrance->link, &post,
		    item->asked > 0 ? item->asked - MINUTES(1) : letter->row.created - MINUTES(1),
		    on_found, item);
		return;
	}
	item->phase = SENDING;
	if (item->asked == 0)
		item->asked = loop_wall(outbox->bot->loop);
	entrance->chat->deliver(entrance->link, &post, on_delivered, item);
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
		run(item->outbox);
		return;
	}
	deliver(item);
}

static void
start(struct item *item)
{
	bucket_of(item)->tokens -= 1;
	if (item->progress || !string_equal(item->letter->row.kind, "new") || item->maybe_sent) {
		deliver(item);
		return;
	}
	item->phase = SAVING;
	item->job = (struct store_job){ .work = sending_work, .done = sending_done };
	store_start(item->outbox->bot->store, &item->job);
}

/* Does it belong to a card that is not posted yet? */
static bool
awaits_card(const struct item *item)
{
	const struct outbox_row *row = &item->letter->row;
	const char *card = row->thread != NULL && row->thread[0] == '@' ? row->thread
	    : row->ts != NULL && row->ts[0] == '@'			? row->ts
									: NULL;
	_cleanup_(freep) char *key = NULL;

	if (card == NULL)
		return false;
	key = xasprintf("%s/card", card + 1);
	return find_key(item->outbox, key) != NULL;
}

/* Is something earlier of the same conversation still on its way?  Progress that only waits is not: what
 * is told for good does not stand behind it. */
static bool
blocked(const struct item *item)
{
	for (const struct item *i = item->outbox->first; i != item; i = i->next)
		if (string_equal(i->letter->row.conversation, item->letter->row.conversation) &&
		    (!i->progress || i->phase != WAITING))
			return true;
	return false;
}

static int64_t
wait_of(struct item *item)
{
	struct outbox *outbox = item->outbox;
	struct entrance *entrance = bot_door_named(outbox->bot, item->letter->row.chat);
	double reserve = item->progress ? UPDATES_KEPT : 0;
	int64_t wait = item->not_before - loop_now(outbox->bot->loop);
	int64_t budget;

	if (entrance == NULL || !entrance->chat->ready(entrance->link))
		return wait > SECONDS(1) ? wait : SECONDS(1);
	if (entrance->chat->find == NULL)
		return wait > 0 ? wait : 0;	/* a home without budgets */
	budget = bucket_wait(outbox, bucket_of(item), reserve);
	return wait > budget ? wait : budget > 0 ? budget : 0;
}

static void
on_timer(void *arg)
{
	run(arg);
}

/* The more urgent class first: an end does not wait behind the thread's budget. */
static int64_t
run_class(struct outbox *outbox, int class)
{
	int64_t nearest = -1, wait;
	struct item *next;

	for (struct item *item = outbox->first; item != NULL; item = next) {
		next = item->next;
		if (item->letter->row.class != class || item->phase != WAITING || blocked(item) ||
		    awaits_card(item))
			continue;
		if (!item->progress && is_late(item)) {
			give_up(item, "no connection for too long");
			continue;
		}
		wait = wait_of(item);
		if (wait <= 0)
			start(item);
		else if (nearest < 0 || wait < nearest)
			nearest = wait;
	}
	return nearest;
}

static void
run(struct outbox *outbox)
{
	int64_t nearest = -1, wait;

	if (outbox->bot->draining)	/* what waits stays in the store */
		return;
	for (int class = 0; class <= 3; class++) {
		wait = run_class(outbox, class);
		if (wait >= 0 && (nearest < 0 || wait < nearest))
			nearest = wait;
	}
	if (nearest >= 0)
		timer_start(outbox->bot->loop, &outbox->timer, nearest, on_timer, outbox);
	else
		timer_stop(outbox->bot->loop, &outbox->timer);
}

static void
run_soon(struct outbox *outbox)
{
	timer_start(outbox->bot->loop, &outbox->timer, 0, on_timer, outbox);
}

/* What a card shows for good is never drawn over by what was to be drawn before. */
static void
drop_progress(struct outbox *outbox, const char *operation)
{
	struct item *next;

	for (struct item *item = outbox->first; item != NULL; item = next) {
		next = item->next;
		if (!item->progress || item->phase != WAITING ||
		    !string_equal(item->letter->row.operation, operation))
			continue;
		remove_item(item);
		item_free(item);
	}
}

void
outbox_post(struct outbox *outbox, struct letter *list)
{
	struct letter *next;
	struct item *there;

	for (; list != NULL; list = next) {
		next = list->next;
		if (is_update(list))
			drop_progress(outbox, list->row.operation);
		there = find_key(outbox, list->row.key);
		if (there != NULL && there->phase == WAITING) {
			letter_free(there->letter);
			there->letter = list;
			list->next = NULL;
			continue;
		}
		add_item(outbox, list, false);
	}
	run_soon(outbox);
}

void
outbox_progress(struct outbox *outbox, const char *chat, const char *channel, const char *ts,
    const char *operation, const struct message *message)
{
	struct item *there = find_waiting(outbox, ts);
	struct outbox_row row = { .key = ts, .operation = operation, .chat = chat, .kind = "update",
		.class = 3, .conversation = operation, .channel = channel, .ts = ts,
		.created = loop_wall(outbox->bot->loop) };

	if (there != NULL) {
		letter_free(there->letter);
		there->letter = letter_new(&row, message);
	} else if (outbox->count < PROGRESS_MOST) {
		add_item(outbox, letter_new(&row, message), true);
	}
	run_soon(outbox);
}

/* ---- after a restart ---- */

struct load {
	struct store_job job;
	struct outbox *outbox;
	struct arena *arena;
	struct outbox_row *rows;
	size_t count;
};

static bool
load_work(struct store_job *job, const struct store_verbs *verbs, void *db, struct error *err)
{
	struct load *load = CONTAINER(job, struct load, job);

	return verbs->outbox_open(db, load->arena, &load->rows, &load->count, err);
}

static void
load_one(struct outbox *outbox, struct outbox_row *row)
{
	bool was_sending = string_equal(row->state, "sending");
	struct message *message =
	    string_equal(row->kind, "file") ? NULL : message_read(row->payload, strlen(row->payload), NULL);
	struct letter *letter = letter_new(row, message);
	struct item *item;

	message_free(message);
	letter->row.id = row->id;
	item = add_item(outbox, letter, false);
	item->maybe_sent = was_sending;
	item->phase = HELD;
}

void
outbox_release(struct outbox *outbox)
{
	for (struct item *item = outbox->first; item != NULL; item = item->next)
		if (item->phase == HELD)
			item->phase = WAITING;
	run_soon(outbox);
}

static void
load_done(struct store_job *job)
{
	struct load *load = CONTAINER(job, struct load, job);

	if (job->error.kind != ERROR_NONE)
		log_error("letters of before could not be read: %s", job->error.text);
	for (size_t i = 0; i < load->count; i++)
		if (find_key(load->outbox, load->rows[i].key) == NULL)	/* not of this run */
			load_one(load->outbox, &load->rows[i]);
	if (load->count > 0)
		log_info("%zu messages of before the restart are still to be sent", load->count);
	arena_free(load->arena);
}

void
outbox_load(struct outbox *outbox)
{
	struct arena *arena = arena_new();
	struct load *load = arena_new_of(arena, struct load);

	load->arena = arena;
	load->outbox = outbox;
	load->job = (struct store_job){ .work = load_work, .done = load_done };
	store_start(outbox->bot->store, &load->job);
}

/* ---- life ---- */

struct outbox *
outbox_new(struct bot *bot)
{
	struct outbox *outbox = xcalloc(1, sizeof(*outbox));

	outbox->bot = bot;
	outbox->last = &outbox->first;
	return outbox;
}

void
outbox_free(struct outbox *outbox)
{
	struct item *next;

	if (outbox == NULL)
		return;
	timer_stop(outbox->bot->loop, &outbox->timer);
	for (struct item *item = outbox->first; item != NULL; item = next) {
		next = item->next;
		item_free(item);
	}
	for (size_t i = 0; i < outbox->buckets.count; i++)
		free(outbox->buckets.item[i].name);
	free(outbox->buckets.item);
	free(outbox);
}

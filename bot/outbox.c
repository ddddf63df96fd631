/* outbox.c - letters to people: in order, within budgets, once. */

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "operation.h"
#include "outbox_private.h"

#define UPDATES_KEPT 1		/* of the burst, for what is no progress */
#define PROGRESS_MOST 1000

/* ---- the queue ---- */

void
item_free(struct item *item)
{
	letter_free(item->letter);
	free(item);
}

void
item_remove(struct item *item)
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

static uint64_t
hash_of(const char *s)
{
	uint64_t hash = 14695981039346656037u;

	for (; s != NULL && *s != '\0'; s++)
		hash = (hash ^ (unsigned char)*s) * 1099511628211u;
	return hash;
}

static struct item *
add_item(struct outbox *outbox, struct letter *letter, bool progress)
{
	struct item *item = xcalloc(1, sizeof(*item));

	letter->next = NULL;
	item->outbox = outbox;
	item->letter = letter;
	item->progress = progress;
	item->kept = !progress;
	item->conversation = hash_of(letter->row.conversation);
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

/* ---- whose turn it is ---- */

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
	key = xasprintf("%s%s", card + 1, strchr(card, '/') != NULL ? "" : "/card");
	return find_key(item->outbox, key) != NULL;
}

/* Is something earlier of the same conversation still on its way?  Progress that only waits is not: what
 * is told for good does not stand behind it. */
static bool
blocked(const struct item *item)
{
	for (const struct item *i = item->outbox->first; i != item; i = i->next)
		if (i->conversation == item->conversation &&
		    string_equal(i->letter->row.conversation, item->letter->row.conversation) &&
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
	budget = bucket_wait(outbox, item_bucket(item), reserve);
	return wait > budget ? wait : budget > 0 ? budget : 0;
}

static void
on_timer(void *arg)
{
	outbox_run(arg);
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
		if (!item->progress && item_is_late(item)) {
			item_give_up(item, "no connection for too long");
			continue;
		}
		wait = wait_of(item);
		if (wait <= 0)
			item_send(item);
		else if (nearest < 0 || wait < nearest)
			nearest = wait;
	}
	return nearest;
}

void
outbox_run(struct outbox *outbox)
{
	int64_t nearest = -1, wait;
	unsigned waiting = 0;		/* classes */

	if (outbox->bot->draining)	/* what waits stays in the store */
		return;
	outbox->soon = false;
	for (const struct item *item = outbox->first; item != NULL; item = item->next)
		if (item->phase == WAITING)
			waiting |= 1u << item->letter->row.class;
	for (int class = 0; class <= 3; class++) {
		if ((waiting & 1u << class) == 0)
			continue;
		wait = run_class(outbox, class);
		if (wait >= 0 && (nearest < 0 || wait < nearest))
			nearest = wait;
	}
	if (outbox->soon)
		outbox_run_soon(outbox);
	else if (nearest >= 0)
		timer_start(outbox->bot->loop, &outbox->timer, nearest, on_timer, outbox);
	else
		timer_stop(outbox->bot->loop, &outbox->timer);
}

void
outbox_run_soon(struct outbox *outbox)
{
	outbox->soon = true;
	timer_start(outbox->bot->loop, &outbox->timer, 0, on_timer, outbox);
}

/* ---- what comes in ---- */

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
		item_remove(item);
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
		if (letter_is_update(list))
			drop_progress(outbox, list->row.operation);
		there = find_key(outbox, list->row.key);
		if (there != NULL && (there->phase == WAITING || there->phase == HELD)) {
			letter_free(there->letter);
			there->letter = list;
			there->conversation = hash_of(list->row.conversation);
			there->bucket = 0;
			list->next = NULL;
			continue;
		}
		if (list->row.duplicate) {	/* it was sent, or is on its way */
			list->next = NULL;
			letter_free(list);
			continue;
		}
		add_item(outbox, list, false);
	}
	outbox_run_soon(outbox);
}

void
outbox_post_once(struct outbox *outbox, struct letter *letter)
{
	add_item(outbox, letter, false)->kept = false;
	outbox_run_soon(outbox);
}

void
outbox_progress(struct outbox *outbox, const char *conversation, const char *chat, const char *channel,
    const char *ts, const char *operation, const struct message *message)
{
	struct item *there = find_waiting(outbox, ts);
	struct outbox_row row = { .key = ts, .operation = operation, .chat = chat, .kind = "update",
		.class = 3, .conversation = conversation, .channel = channel, .ts = ts,
		.created = loop_wall(outbox->bot->loop) };

	if (there != NULL) {
		letter_free(there->letter);
		there->letter = letter_once(&row, message);
	} else if (outbox->count < PROGRESS_MOST) {
		add_item(outbox, letter_once(&row, message), true);
	}
	outbox_run_soon(outbox);
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
	item->maybe_sent = item->uncertain = was_sending;
	item->not_before = was_sending ? loop_now(outbox->bot->loop) + LOOK_AFTER : 0;
	item->phase = HELD;
}

void
outbox_release(struct outbox *outbox)
{
	for (struct item *item = outbox->first; item != NULL; item = item->next)
		if (item->phase == HELD)
			item->phase = WAITING;
	outbox_run_soon(outbox);
}

static void
load_done(struct store_job *job)
{
	struct load *load = CONTAINER(job, struct load, job);

	if (store_again(load->outbox->bot->store, job))
		return;
	for (size_t i = 0; job->error.kind == ERROR_NONE && i < load->count; i++)
		if (find_key(load->outbox, load->rows[i].key) == NULL &&	/* not of this run */
		    (!load->outbox->bot->home_closed ||
			bot_door_named(load->outbox->bot, load->rows[i].chat) != NULL))
			load_one(load->outbox, &load->rows[i]);
	if (job->error.kind == ERROR_NONE && load->count > 0)
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
	twins_load(outbox->twins);
}

/* ---- life ---- */

struct outbox *
outbox_new(struct bot *bot)
{
	struct outbox *outbox = xcalloc(1, sizeof(*outbox));

	outbox->bot = bot;
	outbox->last = &outbox->first;
	outbox->twins = twins_new(bot);
	return outbox;
}

void
outbox_free(struct outbox *outbox)
{
	struct item *next;

	if (outbox == NULL)
		return;
	timer_stop(outbox->bot->loop, &outbox->timer);
	twins_free(outbox->twins);
	for (struct item *item = outbox->first; item != NULL; item = next) {
		next = item->next;
		item_free(item);
	}
	for (size_t i = 0; i < outbox->buckets.count; i++)
		free(outbox->buckets.item[i].name);
	free(outbox->buckets.item);
	free(outbox);
}

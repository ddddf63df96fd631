/* outbox_budget.c - how many messages may go where, and when the next one may (S5). */

#include <stdlib.h>

#include "outbox_private.h"

#define POST_BURST 3
#define POST_EVERY SECONDS(1)
#define UPDATES_A_MINUTE 40
#define UPDATES_BURST 5
#define BUCKETS_KEPT 64

/* Full, and nobody's in the queue: forgetting it changes nothing. */
static bool
is_idle(struct outbox *outbox, size_t index)
{
	struct bucket *b = &outbox->buckets.item[index];

	if (bucket_wait(outbox, b, b->most - 1) > 0)
		return false;
	for (const struct item *item = outbox->first; item != NULL; item = item->next)
		if (item->bucket == index + 1)
			return false;
	return true;
}

/* Each session of a console is a place of its own: past a number, the ones of those that left are used again. */
static size_t
new_bucket(struct outbox *outbox)
{
	size_t count = outbox->buckets.count;

	for (size_t i = 0; count >= BUCKETS_KEPT && i < count; i++)
		if (is_idle(outbox, i)) {
			free(outbox->buckets.item[i].name);
			return i;
		}
	(void)GROW(&outbox->buckets);
	return count;
}

static size_t
find_bucket(struct outbox *outbox, const char *kind, const char *channel)
{
	_cleanup_(freep) char *name = xasprintf("%s %s", kind, channel);
	size_t index;

	for (size_t i = 0; i < outbox->buckets.count; i++)
		if (string_equal(outbox->buckets.item[i].name, name))
			return i;
	index = new_bucket(outbox);
	outbox->buckets.item[index] = (struct bucket){ .name = xstrdup(name), .filled = -1 };
	return index;
}

/* With the rates of the present configuration. */
static struct bucket *
bucket(struct outbox *outbox, size_t index, bool posts)
{
	int raised = outbox->bot->configuration->limits.chat_budget;
	double most = posts ? POST_BURST : UPDATES_BURST;
	double every = posts ? (double)POST_EVERY : 60000.0 / UPDATES_A_MINUTE;
	struct bucket *b = &outbox->buckets.item[index];

	b->most = raised > 0 ? raised : most;
	b->per_ms = raised > 0 ? raised / 1000.0 : 1 / every;
	if (b->filled < 0) {
		b->tokens = b->most;
		b->filled = loop_now(outbox->bot->loop);
	}
	return b;
}

int64_t
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

struct bucket *
item_bucket(struct item *item)
{
	const struct outbox_row *row = &item->letter->row;
	bool posts = !letter_is_update(item->letter);

	if (item->bucket == 0)
		item->bucket = 1 +
		    find_bucket(item->outbox, posts ? "post" : "update",
			posts && row->channel != NULL ? row->channel : "");
	return bucket(item->outbox, item->bucket - 1, posts);
}

/* outbox_twin.c - a message that may stand twice is looked at again, and the other one is deleted. */

#include <stdlib.h>

#include "base/log.h"
#include "outbox_twin.h"

#define LOOK_AGAIN_AFTER SECONDS(30)
#define TRIES_MOST 4		/* of a peer that does not answer */

struct twin {
	struct twin *next;
	struct twins *twins;
	struct letter *letter;		/* the row alone */
	struct post post;		/* its texts are of the letter's arena */
	int64_t since;
	int tries;
	struct timer timer;
};

struct twins {
	struct bot *bot;
	struct twin *first;
};

struct twins *
twins_new(struct bot *bot)
{
	struct twins *twins = xcalloc(1, sizeof(*twins));

	twins->bot = bot;
	return twins;
}

static void
twin_free(struct twin *twin)
{
	for (struct twin **at = &twin->twins->first; *at != NULL; at = &(*at)->next)
		if (*at == twin) {
			*at = twin->next;
			break;
		}
	timer_stop(twin->twins->bot->loop, &twin->timer);
	letter_free(twin->letter);
	free(twin);
}

void
twins_free(struct twins *twins)
{
	if (twins == NULL)
		return;
	while (twins->first != NULL)
		twin_free(twins->first);
	free(twins);
}

static void look(void *arg);

static void
look_later(struct twin *twin)
{
	if (++twin->tries < TRIES_MOST)
		timer_start(twin->twins->bot->loop, &twin->timer, LOOK_AGAIN_AFTER, look, twin);
	else
		twin_free(twin);	/* the row goes on saying that it may stand twice */
}

static void
on_deleted(void *arg, const struct delivered *delivered)
{
	struct twin *twin = arg;

	if (twin->twins->bot->ended)
		return;
	if (delivered->outcome != SENT) {
		log_warning("the second message %s is not deleted yet: %s", twin->letter->row.key,
		    delivered->sentence != NULL ? delivered->sentence : "no answer");
		look_later(twin);
		return;
	}
	bot_count(twin->twins->bot, "outbox.twin");
	log_info("message %s stood twice; the second one is deleted", twin->letter->row.key);
	look_later(twin);	/* there may be a third */
}

static void
on_found(void *arg, const struct delivered *found)
{
	struct twin *twin = arg;
	struct bot *bot = twin->twins->bot;
	struct entrance *entrance = bot_door_named(bot, twin->letter->row.chat);
	struct post post = { .kind = POST_DELETE };

	if (bot->ended)
		return;
	if (found->outcome == SENT && found->ts != NULL && !string_equal(found->ts, twin->post.ts)) {
		post.channel = found->channel != NULL ? found->channel : twin->post.channel;
		post.ts = found->ts;
		entrance->chat->deliver(entrance->link, &post, on_deleted, twin);
	} else if (found->outcome == REFUSED_FOR_GOOD) {
		if (twin->letter->row.id != 0)	/* it is in the store */
			outbox_row_save(bot, &twin->letter->row, "sent", NULL);
		twin_free(twin);
	} else {
		look_later(twin);
	}
}

static void
look(void *arg)
{
	struct twin *twin = arg;
	struct entrance *entrance = bot_door_named(twin->twins->bot, twin->letter->row.chat);

	if (entrance == NULL || !entrance->chat->ready(entrance->link))
		look_later(twin);
	else
		entrance->chat->find(entrance->link, &twin->post, twin->since, on_found, twin);
}

void
twins_watch(struct twins *twins, const struct outbox_row *row, const struct post *post, int64_t since)
{
	struct twin *twin = xcalloc(1, sizeof(*twin));
	struct letter *letter = letter_new(row, NULL);

	letter->row.id = row->id;
	twin->letter = letter;
	twin->twins = twins;
	twin->since = since;
	twin->post = (struct post){ .kind = POST_NEW, .key = letter->row.key, .channel = letter->row.channel,
		.thread = arena_strdup(letter->arena, post->thread), .person = letter->row.person,
		.ts = letter->row.ts };
	twin->next = twins->first;
	twins->first = twin;
	timer_start(twins->bot->loop, &twin->timer, LOOK_AGAIN_AFTER, look, twin);
}

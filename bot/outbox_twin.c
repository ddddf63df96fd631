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

/* ---- after a restart ---- */

struct load {
	struct store_job job;
	struct twins *twins;
	struct arena *arena;
	struct outbox_row *rows;
	const char **threads;
	size_t count;
};

/* "@R-142" is the ts of that operation's card, whose letter says where it stands. */
static bool
find_thread(struct load *load, size_t i, const struct store_verbs *verbs, void *db, struct error *err)
{
	const char *thread = load->rows[i].thread;
	struct outbox_row card;
	bool there;

	load->threads[i] = thread;
	if (thread == NULL || thread[0] != '@')
		return true;
	if (!verbs->outbox_find(db, load->arena, arena_printf(load->arena, "%s/card", thread + 1), &card, &there, err))
		return false;
	load->threads[i] = there ? card.ts : NULL;
	return true;
}

static bool
load_work(struct store_job *job, const struct store_verbs *verbs, void *db, struct error *err)
{
	struct load *load = CONTAINER(job, struct load, job);

	if (!verbs->outbox_doubted(db, load->arena, OUTBOX_TWICE, &load->rows, &load->count, err))
		return false;
	load->threads = arena_alloc(load->arena, (load->count + 1) * sizeof(*load->threads));
	for (size_t i = 0; i < load->count; i++)
		if (!find_thread(load, i, verbs, db, err))
			return false;
	return true;
}

static bool
is_watched(const struct twins *twins, int64_t row)
{
	for (const struct twin *twin = twins->first; twin != NULL; twin = twin->next)
		if (twin->letter->row.id == row)
			return true;
	return false;
}

static void
load_done(struct store_job *job)
{
	struct load *load = CONTAINER(job, struct load, job);

	if (store_again(load->twins->bot->store, job))
		return;
	for (size_t i = 0; job->error.kind == ERROR_NONE && i < load->count; i++)
		if (load->rows[i].ts != NULL && !is_watched(load->twins, load->rows[i].id))
			twins_watch(load->twins, &load->rows[i], &(struct post){ .thread = load->threads[i] },
			    load->rows[i].created - MINUTES(1));
	arena_free(load->arena);
}

void
twins_load(struct twins *twins)
{
	struct arena *arena = arena_new();
	struct load *load = arena_new_of(arena, struct load);

	load->arena = arena;
	load->twins = twins;
	load->job = (struct store_job){ .work = load_work, .done = load_done };
	store_start(twins->bot->store, &load->job);
}

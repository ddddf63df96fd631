/*
 * outbox_test.h - letters written and posted as a move does it, and what became of them.
 *
 *	POST(&f, "a1", .conversation = "a", .channel = "C1", .class = 2);	its key is its text
 *	next_outcome(&f, NOT_SENT, 0, NULL);	what the chat answers to the next one
 */
#ifndef TEST_OUTBOX_TEST_H
#define TEST_OUTBOX_TEST_H

#include "outbox.h"

#include "test.h"

#include "fake_bot.h"

/* ---- a letter as a move writes it: the row is committed, then it is posted ---- */

struct writing {
	struct store_job job;
	struct letter *letters;
	struct fake *fake;
	bool done;
};

static inline bool
writing_work(struct store_job *job, const struct store_verbs *verbs, void *db, struct error *err)
{
	return letters_add(CONTAINER(job, struct writing, job)->letters, verbs, db, err);
}

static inline void
writing_done(struct store_job *job)
{
	struct writing *writing = CONTAINER(job, struct writing, job);

	assert_int_equal(job->error.kind, ERROR_NONE);
	outbox_post(writing->fake->bot.outbox, writing->letters);
	writing->done = true;
}

static inline void
post_row(struct fake *f, const struct outbox_row *given, const char *text)
{
	struct message *message = message_new();
	struct outbox_row row = *given;
	struct writing writing = { .job = { .work = writing_work, .done = writing_done }, .fake = f };

	message_line(message, "%s", text);
	message->text = arena_strdup(message->arena, text);
	row.chat = row.chat != NULL ? row.chat : "fake";
	row.created = loop_wall(f->loop);
	writing.letters = letter_new(&row, row.payload != NULL ? NULL : message);
	message_free(message);
	store_start(f->bot.store, &writing.job);
	until(f->loop, writing.done);
}

#define POST(f, text, ...) post_row((f), &(struct outbox_row){ .key = (text), __VA_ARGS__ }, (text))

static inline void
next_outcome(struct fake *f, enum delivery outcome, int retry_after, const char *sentence)
{
	*GROW(&f->outcomes) = (struct delivered){ .outcome = outcome, .retry_after = retry_after,
		.sentence = sentence };
}

/* Keys in the order in which they were delivered, with the second in which they were. */
static inline const char *
delivered(const struct fake *f)
{
	_cleanup_(text_clear) struct text all = TEXT_INIT;

	for (size_t i = 0; i < f->posted.count; i++)
		text_printf(&all, "%s%s@%lld", i > 0 ? " " : "", f->posted.item[i].key,
		    (long long)(f->posted.item[i].at - TURNED_NOW) / 1000);
	return arena_strdup(f->arena, all.data);
}

struct look {
	struct store_job job;
	struct arena *arena;
	const char *key;
	struct outbox_row row;
	bool there, done;
};

static inline bool
look_work(struct store_job *job, const struct store_verbs *verbs, void *db, struct error *err)
{
	struct look *look = CONTAINER(job, struct look, job);

	return verbs->outbox_find(db, look->arena, look->key, &look->row, &look->there, err);
}

static inline void
look_done(struct store_job *job)
{
	CONTAINER(job, struct look, job)->done = true;
}

static inline struct outbox_row
stored(struct fake *f, const char *key)
{
	struct look look = { .job = { .work = look_work, .done = look_done }, .arena = f->arena, .key = key };

	store_start(f->bot.store, &look.job);
	until(f->loop, look.done);
	assert_true(look.there);
	return look.row;
}

#endif

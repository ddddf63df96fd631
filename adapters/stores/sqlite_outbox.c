/*
 * sqlite_outbox.c - what is to be said, each thing once.
 */

#include "sqlite_private.h"

/* The id comes last: it is read, not written. */
static const struct column columns[] = {
	COLUMN(outbox_row, key),
	COLUMN(outbox_row, operation),
	COLUMN(outbox_row, chat),
	COLUMN(outbox_row, kind),
	COLUMN(outbox_row, class),
	COLUMN(outbox_row, conversation),
	COLUMN(outbox_row, channel),
	COLUMN(outbox_row, thread),
	COLUMN(outbox_row, person),
	COLUMN(outbox_row, payload),
	COLUMN(outbox_row, state),
	COLUMN(outbox_row, ts),
	COLUMN(outbox_row, why),
	COLUMN(outbox_row, attempts),
	COLUMN(outbox_row, created),
	COLUMN(outbox_row, next),
	COLUMN(outbox_row, sent),
	COLUMN(outbox_row, owner),
	COLUMN(outbox_row, fence),
	COLUMN(outbox_row, id),
	{ .type = COLUMN_END },
};
#define OUTBOX                                                                                     \
	"SELECT key, operation, chat, kind, class, conversation, channel, thread, person," \
	" payload, state, ts, why, attempts, created, next, sent, owner, fence, id FROM outbox "

static bool
find_duplicate(struct sqlite *store, struct outbox_row *row, struct error *err)
{
	_cleanup_(statement_end) struct statement s =
	    STATEMENT(store, "SELECT id FROM outbox WHERE key = ?1");

	bind_text(&s, 1, row->key);
	if (statement_next(&s))
		row->id = column_number(&s, 0);
	return statement_done(&s, err);
}

/*
 * A card that is still to be posted stays "new" when it is drawn again, and one that tells of a
 * failure is not made a mere progress message by a later drawing: kind stays, the smaller class
 * wins.
 */
bool
sqlite_outbox_add(void *db, struct outbox_row *row, struct error *err)
{
	_cleanup_(statement_end) struct statement s = STATEMENT(db,
	    "INSERT INTO outbox (key, operation, chat, kind, class, conversation, channel, thread,"
	    " person, payload, state, ts, why, attempts, created, next, sent, owner, fence)"
	    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, coalesce(?11, 'queued'), ?12, ?13,"
	    " ?14, ?15, ?16, ?17, ?18, ?19)"
	    " ON CONFLICT (key) DO UPDATE SET payload = excluded.payload,"
	    " class = min(class, excluded.class) WHERE state = 'queued' RETURNING id");

	row_bind(&s, columns, row);
	row->duplicate = !statement_next(&s);
	if (!row->duplicate)
		row->id = column_number(&s, 0);
	if (!statement_run(&s, err))
		return false;
	return !row->duplicate || find_duplicate(db, row, err);
}

/* Why a save hit no row. */
static bool
not_saved(struct sqlite *store, const struct outbox_row *row, struct error *err)
{
	_cleanup_(arena_freep) struct arena *arena = arena_new();
	_cleanup_(statement_end) struct statement s = STATEMENT(store, OUTBOX "WHERE id = ?1");
	struct outbox_row present = { .owner = NULL };
	bool there;

	bind_number(&s, 1, row->id);
	if (!statement_find(&s, arena, columns, &present, &there, err))
		return false;
	if (!there)
		return broken(err, "the outbox has no row %lld to save", (long long)row->id);
	return sqlite_fenced(present.key, present.owner, present.fence, row->fence, err);
}

bool
sqlite_outbox_save(void *db, const struct outbox_row *row, struct error *err)
{
	_cleanup_(statement_end) struct statement s = STATEMENT(db,
	    "UPDATE outbox SET state = ?1, ts = ?2, why = ?3, attempts = ?4, next = ?5, sent = ?6,"
	    " owner = ?7, fence = ?8 WHERE id = ?9 AND fence <= ?8");
	static const struct column saved[] = {
		COLUMN(outbox_row, state),
		COLUMN(outbox_row, ts),
		COLUMN(outbox_row, why),
		COLUMN(outbox_row, attempts),
		COLUMN(outbox_row, next),
		COLUMN(outbox_row, sent),
		COLUMN(outbox_row, owner),
		COLUMN(outbox_row, fence),
		COLUMN(outbox_row, id),
		{ .type = COLUMN_END },
	};

	row_bind(&s, saved, row);
	if (!statement_run(&s, err))
		return false;
	return sqlite_changed(db) == 1 || not_saved(db, row, err);
}

bool
sqlite_outbox_open(
    void *db, struct arena *arena, struct outbox_row **rows, size_t *count, struct error *err)
{
	_cleanup_(statement_end) struct statement s =
	    STATEMENT(db, OUTBOX "WHERE state IN ('queued', 'sending') ORDER BY id");

	return statement_list(&s, arena, columns, sizeof(**rows), rows, count, err);
}

bool
sqlite_outbox_doubted(void *db, struct arena *arena, const char *why, struct outbox_row **rows, size_t *count,
    struct error *err)
{
	_cleanup_(statement_end) struct statement s =
	    STATEMENT(db, OUTBOX "WHERE state = 'sent' AND why = ?1 ORDER BY id DESC LIMIT 100");

	bind_text(&s, 1, why);
	return statement_list(&s, arena, columns, sizeof(**rows), rows, count, err);
}

bool
sqlite_outbox_find(void *db, struct arena *arena, const char *key, struct outbox_row *row,
    bool *there, struct error *err)
{
	_cleanup_(statement_end) struct statement s = STATEMENT(db, OUTBOX "WHERE key = ?1");

	bind_text(&s, 1, key);
	return statement_find(&s, arena, columns, row, there, err);
}

bool
sqlite_outbox_forget(void *db, int64_t before, struct error *err)
{
	_cleanup_(statement_end) struct statement s =
	    STATEMENT(db, "DELETE FROM outbox WHERE state IN ('sent', 'failed') AND created < ?1");

	bind_number(&s, 1, before);
	return statement_run(&s, err);
}

/*
 * sqlite_inbox.c - what came in, each thing once, and notes: small values by name.
 */

#include "sqlite_private.h"

/* The id comes last: it is read, not written. */
static const struct column columns[] = {
	COLUMN(inbox_row, team),
	COLUMN(inbox_row, key),
	COLUMN(inbox_row, door),
	COLUMN(inbox_row, person),
	COLUMN(inbox_row, channel),
	COLUMN(inbox_row, thread),
	COLUMN(inbox_row, message),
	COLUMN(inbox_row, text),
	COLUMN(inbox_row, action),
	COLUMN(inbox_row, argument),
	COLUMN(inbox_row, values),
	COLUMN(inbox_row, stamp),
	COLUMN(inbox_row, received),
	COLUMN(inbox_row, state),
	COLUMN(inbox_row, owner),
	COLUMN(inbox_row, fence),
	COLUMN(inbox_row, id),
	{ .type = COLUMN_END },
};

static bool
find_duplicate(struct sqlite *store, struct inbox_row *row, struct error *err)
{
	_cleanup_(statement_end) struct statement s =
	    STATEMENT(store, "SELECT id FROM inbox WHERE team = ?1 AND key = ?2");

	bind_text(&s, 1, row->team);
	bind_text(&s, 2, row->key);
	if (statement_next(&s))
		row->id = column_number(&s, 0);
	return statement_done(&s, err);
}

bool
sqlite_inbox_add(void *db, struct inbox_row *row, struct error *err)
{
	_cleanup_(statement_end) struct statement s = STATEMENT(db,
	    "INSERT INTO inbox (team, key, door, person, channel, thread, message, text, action,"
	    " argument, form, stamp, received, state, owner, fence)"
	    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13,"
	    " coalesce(?14, 'new'), ?15, ?16) ON CONFLICT (team, key) DO NOTHING");

	row_bind(&s, columns, row);
	if (!statement_run(&s, err))
		return false;
	row->duplicate = sqlite_changed(db) == 0;
	if (row->duplicate)
		return find_duplicate(db, row, err);
	row->id = sqlite_added(db);
	return true;
}

bool
sqlite_inbox_done(void *db, int64_t id, const char *operation, struct error *err)
{
	_cleanup_(statement_end) struct statement s =
	    STATEMENT(db, "UPDATE inbox SET state = 'done', operation = ?2 WHERE id = ?1");

	bind_number(&s, 1, id);
	bind_text(&s, 2, operation);
	if (!statement_run(&s, err))
		return false;
	return sqlite_changed(db) == 1 || broken(err, "the inbox has no row %lld", (long long)id);
}

bool
sqlite_inbox_open(
    void *db, struct arena *arena, struct inbox_row **rows, size_t *count, struct error *err)
{
	_cleanup_(statement_end) struct statement s = STATEMENT(db,
	    "SELECT team, key, door, person, channel, thread, message, text, action, argument,"
	    " form, stamp, received, state, owner, fence, id FROM inbox"
	    " WHERE state = 'new' ORDER BY id");

	return statement_list(&s, arena, columns, sizeof(**rows), rows, count, err);
}

/* One that is still new was acknowledged and is owed an answer, however old it is. */
bool
sqlite_inbox_forget(void *db, int64_t before, struct error *err)
{
	_cleanup_(statement_end) struct statement s =
	    STATEMENT(db, "DELETE FROM inbox WHERE state = 'done' AND received < ?1");

	bind_number(&s, 1, before);
	return statement_run(&s, err);
}

/* ---- notes ---- */

static bool
note_delete(struct sqlite *store, const char *name, struct error *err)
{
	_cleanup_(statement_end) struct statement s =
	    STATEMENT(store, "DELETE FROM note WHERE name = ?1");

	bind_text(&s, 1, name);
	return statement_run(&s, err);
}

bool
sqlite_note_set(void *db, const char *name, const char *value, struct error *err)
{
	_cleanup_(statement_end) struct statement s = STATEMENT(db,
	    "INSERT INTO note (name, value) VALUES (?1, ?2)"
	    " ON CONFLICT (name) DO UPDATE SET value = excluded.value");

	if (value == NULL)
		return note_delete(db, name, err);
	bind_text(&s, 1, name);
	bind_text(&s, 2, value);
	return statement_run(&s, err);
}

bool
sqlite_note_get(
    void *db, struct arena *arena, const char *name, const char **value, struct error *err)
{
	_cleanup_(statement_end) struct statement s =
	    STATEMENT(db, "SELECT value FROM note WHERE name = ?1");
	const char *found;

	bind_text(&s, 1, name);
	found = statement_next(&s) ? column_text(&s, arena, 0) : NULL;
	if (!statement_done(&s, err))
		return false;
	*value = found;
	return true;
}

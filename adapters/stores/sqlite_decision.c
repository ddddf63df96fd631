/*
 * sqlite_decision.c - approvals and locks: who said yes to what, and who holds what.
 */

#include "sqlite_private.h"

static const struct column approval_columns[] = {
	COLUMN(approval_row, operation),
	COLUMN(approval_row, hash),
	COLUMN(approval_row, person),
	COLUMN(approval_row, yes),
	COLUMN(approval_row, reason),
	COLUMN(approval_row, door),
	COLUMN(approval_row, stamp),
	{ .type = COLUMN_END },
};

bool
sqlite_approval_add(void *db, struct approval_row *row, struct error *err)
{
	_cleanup_(statement_end) struct statement s = STATEMENT(db,
	    "INSERT INTO approval (operation, hash, person, yes, reason, door, stamp)"
	    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)"
	    " ON CONFLICT (operation, hash, person) WHERE void = 0 DO NOTHING");

	row_bind(&s, approval_columns, row);
	if (!statement_run(&s, err))
		return false;
	row->duplicate = sqlite_changed(db) == 0;
	return true;
}

bool
sqlite_approval_list(void *db, struct arena *arena, const char *operation, const char *hash,
    struct approval_row **rows, size_t *count, struct error *err)
{
	_cleanup_(statement_end) struct statement s = STATEMENT(db,
	    "SELECT operation, hash, person, yes, reason, door, stamp FROM approval"
	    " WHERE operation = ?1 AND hash = ?2 AND void = 0 ORDER BY rowid");

	bind_text(&s, 1, operation);
	bind_text(&s, 2, hash);
	return statement_list(&s, arena, approval_columns, sizeof(**rows), rows, count, err);
}

bool
sqlite_approval_void(void *db, const char *operation, struct error *err)
{
	_cleanup_(statement_end) struct statement s =
	    STATEMENT(db, "UPDATE approval SET void = 1 WHERE operation = ?1 AND void = 0");

	bind_text(&s, 1, operation);
	return statement_run(&s, err);
}

/* ---- locks ---- */

static const struct column lock_columns[] = {
	COLUMN(lock_row, key),
	COLUMN(lock_row, operation),
	COLUMN(lock_row, person),
	COLUMN(lock_row, since),
	{ .type = COLUMN_END },
};

static bool
lock_find(struct sqlite *store, struct arena *arena, struct lock_row *row, struct error *err)
{
	_cleanup_(statement_end) struct statement s =
	    STATEMENT(store, "SELECT key, operation, person, since FROM lock WHERE key = ?1");
	bool there;

	bind_text(&s, 1, row->key);
	if (!statement_find(&s, arena, lock_columns, row, &there, err))
		return false;
	return there || broken(err, "the lock %s is neither free nor held", row->key);
}

bool
sqlite_lock_take(void *db, struct arena *arena, struct lock_row *row, struct error *err)
{
	_cleanup_(statement_end) struct statement s = STATEMENT(db,
	    "INSERT INTO lock (key, operation, person, since) VALUES (?1, ?2, ?3, ?4)"
	    " ON CONFLICT (key) DO NOTHING");
	const char *taker = row->operation;

	row_bind(&s, lock_columns, row);
	if (!statement_run(&s, err))
		return false;
	if (sqlite_changed(db) == 0 && !lock_find(db, arena, row, err))
		return false;
	row->taken = string_equal(row->operation, taker);
	return true;
}

bool
sqlite_lock_release(void *db, const char *operation, struct error *err)
{
	_cleanup_(statement_end) struct statement s =
	    STATEMENT(db, "DELETE FROM lock WHERE operation = ?1");

	bind_text(&s, 1, operation);
	return statement_run(&s, err);
}

bool
sqlite_lock_list(
    void *db, struct arena *arena, struct lock_row **rows, size_t *count, struct error *err)
{
	_cleanup_(statement_end) struct statement s =
	    STATEMENT(db, "SELECT key, operation, person, since FROM lock ORDER BY since, key");

	return statement_list(&s, arena, lock_columns, sizeof(**rows), rows, count, err);
}

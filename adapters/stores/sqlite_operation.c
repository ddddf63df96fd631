/*
 * sqlite_operation.c - operations and their steps.
 */

#include "sqlite_private.h"

static const struct column columns[] = {
	COLUMN(operation_row, id),
	COLUMN(operation_row, kind),
	COLUMN(operation_row, state),
	COLUMN(operation_row, outcome),
	COLUMN(operation_row, verdict),
	COLUMN(operation_row, inbox),
	COLUMN(operation_row, requester),
	COLUMN(operation_row, door),
	COLUMN(operation_row, team),
	COLUMN(operation_row, channel),
	COLUMN(operation_row, thread),
	COLUMN(operation_row, card),
	COLUMN(operation_row, request),
	COLUMN(operation_row, plan),
	COLUMN(operation_row, hash),
	COLUMN(operation_row, nonce),
	COLUMN(operation_row, reason),
	COLUMN(operation_row, drawing),
	COLUMN(operation_row, row),
	COLUMN(operation_row, created),
	COLUMN(operation_row, updated),
	COLUMN(operation_row, expires),
	COLUMN(operation_row, owner),
	COLUMN(operation_row, fence),
	{ .type = COLUMN_END },
};
#define OPERATION                                                                                  \
	"SELECT id, kind, state, outcome, verdict, inbox, requester, door, team, channel, thread," \
	" card, request, plan, hash, nonce, reason, drawing, row, created, updated, expires,"      \
	" owner, fence FROM operation "

/* The next "R-142".  An undone transaction gives its number back: numbers have no gaps. */
static const char *
next_id(struct sqlite *store, struct arena *arena, struct error *err)
{
	_cleanup_(statement_end) struct statement s = STATEMENT(store,
	    "UPDATE counter SET last = last + 1 WHERE kind = 'operation' RETURNING prefix || last");
	const char *id = statement_next(&s) ? column_text(&s, arena, 0) : NULL;

	if (!statement_run(&s, err))
		return NULL;
	if (id == NULL)
		broken(err, "the store %s has no counter for operations", store->path);
	return id;
}

bool
sqlite_operation_add(void *db, struct arena *arena, struct operation_row *row, struct error *err)
{
	_cleanup_(statement_end) struct statement s = STATEMENT(db,
	    "INSERT INTO operation (id, kind, state, outcome, verdict, inbox, requester, door,"
	    " team, channel, thread, card, request, plan, hash, nonce, reason, drawing, row,"
	    " created, updated, expires, owner, fence) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9,"
	    " ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23, ?24)");
	struct operation_row added = *row;

	added.id = next_id(db, arena, err);
	if (added.id == NULL)
		return false;
	row_bind(&s, columns, &added);
	if (!statement_run(&s, err))
		return false;
	row->id = added.id;
	return true;
}

/* Why a save hit no row. */
static bool
not_saved(struct sqlite *store, const struct operation_row *row, struct error *err)
{
	_cleanup_(arena_freep) struct arena *arena = arena_new();
	struct operation_row present = { .owner = NULL };
	bool there;

	if (!sqlite_operation_find(store, arena, row->id, &present, &there, err))
		return false;
	if (!there)
		return broken(err, "there is no operation %s to save", row->id);
	return sqlite_fenced(row->id, present.owner, present.fence, row->fence, err);
}

bool
sqlite_operation_save(void *db, const struct operation_row *row, struct error *err)
{
	_cleanup_(statement_end) struct statement s = STATEMENT(db,
	    "UPDATE operation SET kind = ?2, state = ?3, outcome = ?4, verdict = ?5, inbox = ?6,"
	    " requester = ?7, door = ?8, team = ?9, channel = ?10, thread = ?11, card = ?12,"
	    " request = ?13, plan = ?14, hash = ?15, nonce = ?16, reason = ?17, drawing = ?18,"
	    " row = ?19, created = ?20, updated = ?21, expires = ?22, owner = ?23, fence = ?24"
	    " WHERE id = ?1 AND fence <= ?24");

	row_bind(&s, columns, row);
	if (!statement_run(&s, err))
		return false;
	return sqlite_changed(db) == 1 || not_saved(db, row, err);
}

bool
sqlite_operation_find(void *db, struct arena *arena, const char *id, struct operation_row *row,
    bool *there, struct error *err)
{
	_cleanup_(statement_end) struct statement s = STATEMENT(db, OPERATION "WHERE id = ?1");

	bind_text(&s, 1, id);
	return statement_find(&s, arena, columns, row, there, err);
}

/* Two texts: with "?1 OR state …" SQLite would not use the index of the open ones. */
bool
sqlite_operation_list(void *db, struct arena *arena, bool only_open, size_t most,
    struct operation_row **rows, size_t *count, struct error *err)
{
	_cleanup_(statement_end) struct statement s = only_open
	    ? STATEMENT(db, OPERATION "WHERE state <> 'ended' ORDER BY serial DESC LIMIT ?1")
	    : STATEMENT(db, OPERATION "ORDER BY serial DESC LIMIT ?1");

	bind_most(&s, 1, most);
	return statement_list(&s, arena, columns, sizeof(**rows), rows, count, err);
}

/* ---- steps ---- */

static const struct column step_columns[] = {
	COLUMN(step_row, operation),
	COLUMN(step_row, list),
	COLUMN(step_row, position),
	COLUMN(step_row, state),
	COLUMN(step_row, note),
	COLUMN(step_row, started),
	COLUMN(step_row, ended),
	COLUMN(step_row, exit),
	COLUMN(step_row, pid),
	COLUMN(step_row, pid_start),
	COLUMN(step_row, spool),
	{ .type = COLUMN_END },
};

bool
sqlite_step_save(void *db, const struct step_row *row, struct error *err)
{
	_cleanup_(statement_end) struct statement s = STATEMENT(db,
	    "INSERT INTO step (operation, list, position, state, note, started, ended, exit, pid,"
	    " pid_start, spool) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)"
	    " ON CONFLICT (operation, list, position) DO UPDATE SET state = ?4, note = ?5,"
	    " started = ?6, ended = ?7, exit = ?8, pid = ?9, pid_start = ?10, spool = ?11");

	row_bind(&s, step_columns, row);
	return statement_run(&s, err);
}

bool
sqlite_step_list(void *db, struct arena *arena, const char *operation, struct step_row **rows,
    size_t *count, struct error *err)
{
	_cleanup_(statement_end) struct statement s = STATEMENT(db,
	    "SELECT operation, list, position, state, note, started, ended, exit, pid, pid_start,"
	    " spool FROM step WHERE operation = ?1"
	    " ORDER BY CASE list WHEN 'steps' THEN 0 WHEN 'undo' THEN 1 ELSE 2 END, position");

	bind_text(&s, 1, operation);
	return statement_list(&s, arena, step_columns, sizeof(**rows), rows, count, err);
}

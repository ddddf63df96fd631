/*
 * sqlite_revision.c - which contents ran where, which of them were verified, which were left.
 */

#include "sqlite_private.h"

static const struct column columns[] = {
	COLUMN(revision_row, cluster),
	COLUMN(revision_row, namespace),
	COLUMN(revision_row, object),
	COLUMN(revision_row, pin),
	COLUMN(revision_row, number),
	COLUMN(revision_row, seen),
	COLUMN(revision_row, verified),
	COLUMN(revision_row, version),
	COLUMN(revision_row, image),
	COLUMN(revision_row, left),
	COLUMN(revision_row, operation),
	{ .type = COLUMN_END },
};

/* A look knows the number, a verification the stamp, a rollback what it left: each says its part
 * only. */
bool
sqlite_revision_save(void *db, const struct revision_row *row, struct error *err)
{
	_cleanup_(statement_end) struct statement s = STATEMENT(db,
	    "INSERT INTO revision (cluster, namespace, object, pin, number, seen, verified,"
	    " version, image, left_by, operation)"
	    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, max(?7, 0), ?8, ?9, nullif(?10, ''), ?11)"
	    " ON CONFLICT (cluster, namespace, object, pin) DO UPDATE SET"
	    " number = coalesce(nullif(?5, 0), number),"
	    " seen = coalesce(nullif(?6, 0), seen),"
	    " verified = CASE WHEN ?7 < 0 THEN 0 ELSE coalesce(nullif(?7, 0), verified) END,"
	    " version = coalesce(?8, version),"
	    " image = coalesce(?9, image),"
	    " left_by = nullif(coalesce(?10, left_by), ''),"
	    " operation = coalesce(?11, operation)");

	row_bind(&s, columns, row);
	return statement_run(&s, err);
}

bool
sqlite_revision_list(void *db, struct arena *arena, const char *cluster, const char *namespace,
    const char *object, struct revision_row **rows, size_t *count, struct error *err)
{
	_cleanup_(statement_end) struct statement s = STATEMENT(db,
	    "SELECT cluster, namespace, object, pin, number, seen, verified, version, image,"
	    " left_by, operation FROM revision WHERE cluster = ?1 AND namespace = ?2 "
	    " AND object = ?3 ORDER BY number DESC, seen DESC, pin");

	bind_text(&s, 1, cluster);
	bind_text(&s, 2, namespace);
	bind_text(&s, 3, object);
	return statement_list(&s, arena, columns, sizeof(**rows), rows, count, err);
}

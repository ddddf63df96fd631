/*
 * sqlite_audit.c - the record that can only grow, each entry sealed by the one before (AU1).
 *
 * The digest covers number, stamp, all texts and the digest before, each with its length.  It
 * proves order and wholeness, not truth: who can write the file can write a chain of his own.
 * Anchors outside (AU2) are what he cannot reach.
 */

#include <inttypes.h>
#include <string.h>

#include "sqlite_private.h"

#define SLICE 4096 /* records verified in one go: some 20 ms */

static const char genesis[DIGEST_HEX] =
    "0000000000000000000000000000000000000000000000000000000000000000";

static const struct column columns[] = {
	COLUMN(audit_row, number),
	COLUMN(audit_row, stamp),
	COLUMN(audit_row, kind),
	COLUMN(audit_row, operation),
	COLUMN(audit_row, actor),
	COLUMN(audit_row, door),
	COLUMN(audit_row, channel),
	COLUMN(audit_row, text),
	COLUMN(audit_row, rule),
	COLUMN(audit_row, detail),
	COLUMN(audit_row, previous),
	COLUMN(audit_row, digest),
	{ .type = COLUMN_END },
};
#define AUDIT                                                                                      \
	"SELECT number, stamp, kind, operation, actor, door, channel, text, rule, detail,"         \
	" previous, digest FROM audit "

/* The first field is the format: a later one may add fields. */
static void
seal(const struct audit_row *row, char digest[DIGEST_HEX])
{
	struct digest sum;

	digest_init(&sum);
	digest_field(&sum, "audit 1");
	digest_number(&sum, row->number);
	digest_number(&sum, row->stamp);
	digest_field(&sum, row->kind);
	digest_field(&sum, row->operation);
	digest_field(&sum, row->actor);
	digest_field(&sum, row->door);
	digest_field(&sum, row->channel);
	digest_field(&sum, row->text);
	digest_field(&sum, row->rule);
	digest_field(&sum, row->detail);
	digest_field(&sum, row->previous);
	digest_end(&sum, digest);
}

struct head {
	int64_t number;
	char digest[DIGEST_HEX];
};
static const struct column head_columns[] = {
	COLUMN(head, number),
	COLUMN(head, digest),
	{ .type = COLUMN_END },
};

static bool
head_read(struct sqlite *store, struct head *head, struct error *err)
{
	_cleanup_(statement_end) struct statement s =
	    STATEMENT(store, "SELECT number, digest FROM audit_head");
	bool there;

	if (!statement_find(&s, NULL, head_columns, head, &there, err))
		return false;
	return there || failed(err, "the audit's head is missing: it was removed by hand");
}

static bool
head_write(struct sqlite *store, const struct head *head, struct error *err)
{
	_cleanup_(statement_end) struct statement s =
	    STATEMENT(store, "UPDATE audit_head SET number = ?1, digest = ?2");

	row_bind(&s, head_columns, head);
	return statement_run(&s, err);
}

bool
sqlite_audit_add(void *db, struct audit_row *row, struct error *err)
{
	_cleanup_(statement_end) struct statement s = STATEMENT(db,
	    "INSERT INTO audit (number, stamp, kind, operation, actor, door, channel, text, rule,"
	    " detail, previous, digest) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11,"
	    " ?12)");
	struct head head;

	if (!head_read(db, &head, err))
		return false;
	row->number = ++head.number;
	memcpy(row->previous, head.digest, DIGEST_HEX);
	seal(row, row->digest);
	memcpy(head.digest, row->digest, DIGEST_HEX);
	row_bind(&s, columns, row);
	return statement_run(&s, err) && head_write(db, &head, err);
}

/* ---- verifying ---- */

/* A text with a NUL inside, or one that became bytes, would have the digest of its beginning. */
static bool
is_plain(struct statement *s)
{
	for (int i = 2; i < (int)COUNT(columns) - 1; i++) {
		int type = sqlite3_column_type(s->prepared, i);
		const unsigned char *text = sqlite3_column_text(s->prepared, i);

		if (type != SQLITE_NULL && type != SQLITE_TEXT)
			return false;
		if (text != NULL &&
		    strlen((const char *)text) != (size_t)sqlite3_column_bytes(s->prepared, i))
			return false;
	}
	return true;
}

/* `head` is the record before; it becomes this one. */
static bool
fits(struct statement *s, const struct audit_row *row, struct head *head, struct error *err)
{
	char digest[DIGEST_HEX];

	if (row->number != head->number + 1)
		return failed(err,
		    "audit record %" PRId64 " is missing: after %" PRId64 " comes %" PRId64,
		    head->number + 1, head->number, row->number);
	seal(row, digest);
	if (!is_plain(s) || !string_equal(digest, row->digest))
		return failed(err,
		    "audit record %" PRId64 " was changed: it does not fit its digest",
		    row->number);
	if (!string_equal(row->previous, head->digest))
		return failed(err,
		    "audit record %" PRId64 " does not follow record %" PRId64
		    ": one of them was replaced",
		    row->number, head->number);
	head->number = row->number;
	memcpy(head->digest, digest, DIGEST_HEX);
	return true;
}

/* What was reached is compared with what the store remembers as its last record. */
static bool
end_fits(struct sqlite *store, const struct head *reached, struct error *err)
{
	struct head head;

	if (!head_read(store, &head, err))
		return false;
	if (reached->number < head.number)
		return failed(err,
		    "the audit's end is missing: its last record is %" PRId64
		    ", and there were %" PRId64,
		    reached->number, head.number);
	if (reached->number > head.number || !string_equal(reached->digest, head.digest))
		return failed(err,
		    "audit record %" PRId64 " is not the last one that rollcall wrote: that was "
		    "%" PRId64,
		    reached->number, head.number);
	return true;
}

/* The digest of a record that an earlier slice found good. */
static bool
resume(struct sqlite *store, int64_t records, struct head *head, struct error *err)
{
	_cleanup_(statement_end) struct statement s =
	    STATEMENT(store, "SELECT number, digest FROM audit WHERE number = ?1");
	bool there;

	*head = (struct head){ .number = records };
	memcpy(head->digest, genesis, DIGEST_HEX);
	if (records == 0)
		return true;
	bind_number(&s, 1, records);
	if (!statement_find(&s, NULL, head_columns, head, &there, err))
		return false;
	return there ||
	    failed(err, "audit record %" PRId64 " went away while it was looked at", records);
}

static bool
fits_next(struct statement *s, struct head *head, struct error *err)
{
	_cleanup_(arena_freep) struct arena *arena = arena_new();
	struct audit_row row;

	row_read(s, arena, columns, &row);
	return fits(s, &row, head, err);
}

/* The first slice begins below 1, so that a record put before the first is seen. */
static bool
verify_slice(struct sqlite *store, int64_t *records, bool *more, struct error *err)
{
	_cleanup_(statement_end) struct statement s =
	    STATEMENT(store, AUDIT "WHERE number >= ?1 ORDER BY number LIMIT ?2");
	struct head head;

	if (!resume(store, *records, &head, err))
		return false;
	bind_number(&s, 1, *records == 0 ? INT64_MIN : *records + 1);
	bind_number(&s, 2, SLICE);
	while (statement_next(&s))
		if (!fits_next(&s, &head, err))
			return false;
	if (!statement_done(&s, err))
		return false;
	*more = head.number - *records == SLICE;
	*records = head.number;
	return *more || end_fits(store, &head, err);
}

/*
 * Records and head are looked at as they are at one moment: `rollcall audit verify` does so beside
 * a bot that goes on writing, and must not take its next record for one that is missing.
 */
bool
sqlite_audit_verify(void *db, int64_t *records, bool *more, struct error *err)
{
	_cleanup_(statement_end) struct statement begin = STATEMENT(db, "SAVEPOINT look");
	_cleanup_(statement_end) struct statement end = STATEMENT(db, "RELEASE look");
	bool good;

	if (!statement_run(&begin, err))
		return false;
	good = verify_slice(db, records, more, err);
	return statement_run(&end, good ? err : NULL) && good;
}

bool
sqlite_audit_list(void *db, struct arena *arena, const char *operation, size_t most,
    struct audit_row **rows, size_t *count, struct error *err)
{
	_cleanup_(statement_end) struct statement s = operation != NULL
	    ? STATEMENT(db,
		  "SELECT * FROM (" AUDIT
		  "WHERE operation = ?1 ORDER BY number DESC LIMIT ?2) ORDER BY number")
	    : STATEMENT(
		  db, "SELECT * FROM (" AUDIT "ORDER BY number DESC LIMIT ?2) ORDER BY number");

	bind_text(&s, 1, operation);
	bind_most(&s, 2, most);
	return statement_list(&s, arena, columns, sizeof(**rows), rows, count, err);
}

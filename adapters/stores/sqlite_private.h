/*
 * sqlite_private.h - what the files of the SQLite store share; nobody else includes it.
 *
 * A verb is one or two statements:
 *
 *	_cleanup_(statement_end) struct statement s =
 *	    STATEMENT(db, "DELETE FROM lock WHERE operation = ?1");
 *
 *	bind_text(&s, 1, operation);
 *	return statement_run(&s, err);
 *
 * A statement is prepared once for each connection and found again by the address of its text,
 * which the macro allows only to be a literal.  The first failure stays in `code`: it is filled
 * without checks and judged once, by statement_run, statement_done or statement_list.  Bound
 * strings are not copied: they must live until statement_end.
 *
 * A struct of store.h is described once, by a table of its members in the order in which its
 * statements name the columns; row_bind and row_read walk it.
 */
#ifndef STORES_SQLITE_PRIVATE_H
#define STORES_SQLITE_PRIVATE_H

#include <sqlite3.h>

#include "base/text.h"
#include "store.h"

#define RECORD_MOST ((int)MEGABYTES(16))
#define BUSY_LIMIT SECONDS(1) /* well inside the 3 s that Slack waits for an acknowledgement */

struct sqlite {
	sqlite3 *handle;
	char *path; /* with the folder's real name */
	struct {
		struct {
			const char *text;
			sqlite3_stmt *prepared;
		} *item;
		size_t count, size;
	} cache;
	struct {
		sqlite3 *handle; /* the copy; NULL: none under way */
		sqlite3_backup *backup;
		char *path, *part; /* where it will be, and where it is being written */
	} copy;
#ifdef ROLLCALL_TEST
	int64_t commits, changes;
	bool adds, adds_refused;	/* these five for the faults of the test build */
	int refused;
#endif
};

/* ---- sqlite_error.c ---- */
/* A save that came too late: the row is another's by now; false. */
bool sqlite_fenced(
    const char *what, const char *owner, int64_t fence, int64_t ours, struct error *);
/* A code of SQLite as a sentence with the way out; false. */
bool sqlite_failed(struct sqlite *, int code, struct error *);
bool sqlite_failed_at(const char *path, int code, int system, const char *message, struct error *);

/* ---- sqlite_open.c ---- */
void *sqlite_open(const char *location, struct error *);
void sqlite_close(void *);
/* `path` with its folder resolved; NULL when there is no such folder.  Caller frees. */
char *sqlite_real_path(const char *path);

/* ---- sqlite_schema.c ---- */
/* Brings the store to the newest format, from nothing if need be. */
bool sqlite_migrate(struct sqlite *, struct error *);

/* ---- sqlite_statement.c ---- */
struct statement {
	struct sqlite *store;
	sqlite3_stmt *prepared;
	int code;
};
struct statement statement_of(struct sqlite *, const char *literal);
#define STATEMENT(db, text) statement_of((db), "" text "")
void statement_end(struct statement *); /* for _cleanup_ */
bool statement_next(struct statement *); /* true: a row is there */
bool statement_done(struct statement *, struct error *); /* no failure so far? */
bool statement_run(struct statement *, struct error *); /* to its end, rows ignored */
int64_t sqlite_changed(const struct sqlite *); /* rows that the last statement changed */
int64_t sqlite_added(const struct sqlite *); /* number of the row that was inserted last */

void bind_text(struct statement *, int place, const char *);
void bind_number(struct statement *, int place, int64_t);
void bind_most(struct statement *, int place, size_t most); /* of a LIMIT */
int64_t column_number(struct statement *, int place); /* places count from 0 */
const char *column_text(struct statement *, struct arena *, int place);

enum column_type { COLUMN_END, COLUMN_TEXT, COLUMN_LONG, COLUMN_INT, COLUMN_BOOL, COLUMN_DIGEST };
struct column {
	enum column_type type;
	size_t offset;
};
/* clang-format off */
#define COLUMN(thing, member)                                                                      \
	{ _Generic(((struct thing *)0)->member,                                                    \
		const char *: COLUMN_TEXT, int64_t: COLUMN_LONG, int: COLUMN_INT,                  \
		bool: COLUMN_BOOL, char *: COLUMN_DIGEST), offsetof(struct thing, member) }
/* clang-format on */
/* From ?1 on; members for which the statement has no parameter are left out, so what is only read
 * comes last in a table. */
void row_bind(struct statement *, const struct column *, const void *row);
void row_read(struct statement *, struct arena *, const struct column *, void *row);
/* *rows becomes an array of structs of `width` bytes in the arena. */
bool statement_list(struct statement *, struct arena *, const struct column *, size_t width,
    void *rows, size_t *count, struct error *);
/* At most one row. */
bool statement_find(struct statement *, struct arena *, const struct column *, void *row,
    bool *there, struct error *);

/* ---- the verbs ---- */
bool sqlite_inbox_add(void *, struct inbox_row *, struct error *);
bool sqlite_inbox_done(void *, int64_t id, const char *operation, struct error *);
bool sqlite_inbox_open(void *, struct arena *, struct inbox_row **, size_t *, struct error *);
bool sqlite_inbox_forget(void *, int64_t before, struct error *);
bool sqlite_note_set(void *, const char *name, const char *value, struct error *);
bool sqlite_note_get(void *, struct arena *, const char *name, const char **, struct error *);

bool sqlite_operation_add(void *, struct arena *, struct operation_row *, struct error *);
bool sqlite_operation_save(void *, const struct operation_row *, struct error *);
bool sqlite_operation_find(
    void *, struct arena *, const char *id, struct operation_row *, bool *, struct error *);
bool sqlite_operation_list(void *, struct arena *, bool only_open, size_t most,
    struct operation_row **, size_t *, struct error *);
bool sqlite_step_save(void *, const struct step_row *, struct error *);
bool sqlite_step_list(
    void *, struct arena *, const char *operation, struct step_row **, size_t *, struct error *);

bool sqlite_approval_add(void *, struct approval_row *, struct error *);
bool sqlite_approval_list(void *, struct arena *, const char *operation, const char *hash,
    struct approval_row **, size_t *, struct error *);
bool sqlite_approval_void(void *, const char *operation, struct error *);
bool sqlite_lock_take(void *, struct arena *, struct lock_row *, struct error *);
bool sqlite_lock_release(void *, const char *operation, struct error *);
bool sqlite_lock_list(void *, struct arena *, struct lock_row **, size_t *, struct error *);

bool sqlite_outbox_add(void *, struct outbox_row *, struct error *);
bool sqlite_outbox_save(void *, const struct outbox_row *, struct error *);
bool sqlite_outbox_open(void *, struct arena *, struct outbox_row **, size_t *, struct error *);
bool sqlite_outbox_doubted(void *, struct arena *, const char *why, struct outbox_row **, size_t *,
    struct error *);
bool sqlite_outbox_find(
    void *, struct arena *, const char *key, struct outbox_row *, bool *, struct error *);
bool sqlite_outbox_forget(void *, int64_t before, struct error *);

bool sqlite_revision_save(void *, const struct revision_row *, struct error *);
bool sqlite_revision_list(void *, struct arena *, const char *cluster, const char *namespace,
    const char *object, struct revision_row **, size_t *, struct error *);

bool sqlite_audit_add(void *, struct audit_row *, struct error *);
bool sqlite_audit_verify(void *, int64_t *records, bool *more, struct error *);
bool sqlite_audit_list(void *, struct arena *, const char *operation, size_t most,
    struct audit_row **, size_t *, struct error *);

bool sqlite_backup(void *, const char *path, bool *more, struct error *);
void sqlite_backup_drop(
    struct sqlite *); /* what is under way, with its file; safe when nothing is */
bool sqlite_check(void *, struct error *);

#endif

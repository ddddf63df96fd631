/*
 * sqlite_test.h - an open store in a folder of its own, and a second hand on its file.
 *
 *	_cleanup_(fixture_clear) struct fixture f = fixture_make();
 *	assert_true(store_sqlite.note_set(f.db, "name", "value", &f.error));
 */
#ifndef TEST_SQLITE_TEST_H
#define TEST_SQLITE_TEST_H

#include "adapters/stores/sqlite_private.h"

#include "folder.h"

#define V store_sqlite
/* Shows the sentence when something that should work did not. */
#define assert_done_in(f, call)                                                                    \
	do {                                                                                       \
		if (!(call))                                                                       \
			fail_msg("%s: %s", #call, (f)->error.text);                                \
	} while (0)
#define assert_done(call) assert_done_in(&f, call)
#define assert_fails(expected, words, call)                                                        \
	do {                                                                                       \
		assert_false(call);                                                                \
		if (f.error.kind != (expected) || strstr(f.error.text, (words)) == NULL)           \
			fail_msg(                                                                  \
			    "%s: %s: %s", #call, error_kind_name(f.error.kind), f.error.text);     \
	} while (0)

struct fixture {
	struct folder folder;
	struct arena *arena;
	const char *path;
	struct sqlite *db;
	struct error error;
};

static inline void
fixture_open(struct fixture *f)
{
	f->db = V.open(f->path, &f->error);
	if (f->db == NULL)
		fail_msg("%s", f->error.text);
}

static inline struct fixture
fixture_make(void)
{
	struct fixture f = { .folder = folder_make(), .error = ERROR_INIT };

	f.arena = f.folder.arena;
	f.path = folder_path(&f.folder, "state/rollcall.db");
	fixture_open(&f);
	return f;
}

static inline void
fixture_close(struct fixture *f)
{
	if (f->db != NULL)
		V.close(f->db);
	f->db = NULL;
}

/* As after a restart. */
static inline void
fixture_reopen(struct fixture *f)
{
	fixture_close(f);
	fixture_open(f);
}

static inline void
fixture_clear(struct fixture *f)
{
	fixture_close(f);
	folder_remove(&f->folder);
}

static inline bool
same_member(enum column_type type, const void *a, const void *b)
{
	const char *one, *other;

	if (type == COLUMN_LONG)
		return memcmp(a, b, sizeof(int64_t)) == 0;
	if (type == COLUMN_INT)
		return memcmp(a, b, sizeof(int)) == 0;
	memcpy(&one, a, sizeof(one));
	memcpy(&other, b, sizeof(other));
	return type == COLUMN_TEXT && string_equal(one, other);
}

/* Two rows of one kind agree in the members of that table, by their place in it. */
static inline void
assert_same_row(const struct column *columns, const void *a, const void *b)
{
	for (size_t i = 0; columns[i].type != COLUMN_END; i++)
		assert_row(i, same_member(columns[i].type, (const char *)a + columns[i].offset,
		    (const char *)b + columns[i].offset));
}

/* What somebody with write access to the file can do: any SQL, without our settings. */
static inline void
tamper(const char *path, const char *sql)
{
	sqlite3 *handle;
	char *message = NULL;

	assert_int_equal(sqlite3_open(path, &handle), SQLITE_OK);
	sqlite3_exec(handle,
	    "DROP TRIGGER IF EXISTS audit_changed; DROP TRIGGER IF EXISTS audit_removed;", NULL,
	    NULL, NULL);
	if (sqlite3_exec(handle, sql, NULL, NULL, &message) != SQLITE_OK)
		fail_msg("%s: %s", sql, message);
	sqlite3_close(handle);
}

/* The first column of the first row, as the store's own connection sees it. */
static inline int64_t
ask(sqlite3 *handle, const char *sql)
{
	sqlite3_stmt *statement;
	int64_t number = INT64_MIN;

	if (sqlite3_prepare_v2(handle, sql, -1, &statement, NULL) != SQLITE_OK)
		fail_msg("%s: %s", sql, sqlite3_errmsg(handle));
	if (sqlite3_step(statement) == SQLITE_ROW)
		number = sqlite3_column_int64(statement, 0);
	sqlite3_finalize(statement);
	return number;
}

/* An operation for rows that need one; "R-1" is the first. */
static inline const char *
operation_make(struct fixture *f)
{
	struct operation_row row = { .kind = "rollback", .state = "asking" };

	if (!V.operation_add(f->db, f->arena, &row, &f->error))
		fail_msg("%s", f->error.text);
	return row.id;
}

#endif

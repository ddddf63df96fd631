/* sqlite*.c - transactions, and trouble with the disk: what is kept, what is said. */

#include <errno.h>

#include "test.h"

#include "sqlite_test.h"

/* ---- transactions and errors ---- */

TEST(undo_takes_back_its_own_part_only)
{
	_cleanup_(fixture_clear) struct fixture f = fixture_make();
	const char *value;

	assert_done(V.begin(f.db, &f.error));
	assert_done(V.savepoint(f.db, &f.error));
	assert_done(V.note_set(f.db, "a", "1", &f.error));
	assert_done(V.keep(f.db, &f.error));
	assert_done(V.savepoint(f.db, &f.error));
	assert_done(V.note_set(f.db, "a", "2", &f.error));
	assert_done(V.note_set(f.db, "b", "2", &f.error));
	assert_done(V.undo(f.db, &f.error));
	assert_done(V.commit(f.db, &f.error));
	fixture_reopen(&f);
	assert_done(V.note_get(f.db, f.arena, "a", &value, &f.error));
	assert_string_equal(value, "1");
	assert_done(V.note_get(f.db, f.arena, "b", &value, &f.error));
	assert_null(value);
}

TEST(rollback_is_safe_without_a_transaction)
{
	_cleanup_(fixture_clear) struct fixture f = fixture_make();
	const char *value;

	V.rollback(f.db);
	assert_done(V.begin(f.db, &f.error));
	assert_done(V.note_set(f.db, "a", "1", &f.error));
	V.rollback(f.db);
	V.rollback(f.db);
	assert_done(V.note_get(f.db, f.arena, "a", &value, &f.error));
	assert_null(value);
}

TEST(the_nth_commit_that_changes_something_fails_on_demand)
{
	_cleanup_(fixture_clear) struct fixture f = fixture_make();
	const char *value;

	setenv("ROLLCALL_FAIL_COMMIT", "2", 1);
	for (int i = 1; i <= 3; i++) {
		const char *name = arena_printf(f.arena, "%d", i);

		assert_done(V.begin(f.db, &f.error));
		assert_done(V.commit(f.db, &f.error));
		assert_done(V.begin(f.db, &f.error));
		assert_done(V.note_set(f.db, name, "x", &f.error));
		if (i == 2)
			assert_fails(FAILED, "the disk under the store", V.commit(f.db, &f.error));
		else
			assert_done(V.commit(f.db, &f.error));
		assert_done(V.note_get(f.db, f.arena, name, &value, &f.error));
		assert_true((value == NULL) == (i == 2));
	}
	unsetenv("ROLLCALL_FAIL_COMMIT");
}

TEST(a_full_disk_is_said_and_loses_nothing_that_was_committed)
{
	_cleanup_(fixture_clear) struct fixture f = fixture_make();
	_cleanup_(freep) char *large = xcalloc(1, MEGABYTES(1) + 1);
	const char *value;

	memset(large, 'x', MEGABYTES(1));
	assert_done(V.note_set(f.db, "before", "1", &f.error));
	assert_int_equal(
	    sqlite3_exec(f.db->handle, "PRAGMA max_page_count = 64", NULL, NULL, NULL), SQLITE_OK);
	assert_done(V.begin(f.db, &f.error));
	assert_done(V.savepoint(f.db, &f.error));
	assert_fails(
	    FAILED, "is full; free some space there", V.note_set(f.db, "large", large, &f.error));
	/* SQLite may have given the whole transaction up: then undo says so. */
	if (V.undo(f.db, &f.error))
		assert_done(V.commit(f.db, &f.error));
	V.rollback(f.db);
	assert_done(V.note_get(f.db, f.arena, "large", &value, &f.error));
	assert_null(value);
	assert_done(V.note_get(f.db, f.arena, "before", &value, &f.error));
	assert_string_equal(value, "1");
	assert_done(V.note_set(f.db, "small", "1", &f.error));
}

TEST(undo_fails_when_sqlite_gave_the_transaction_up)
{
	_cleanup_(fixture_clear) struct fixture f = fixture_make();

	assert_done(V.begin(f.db, &f.error));
	assert_done(V.savepoint(f.db, &f.error));
	assert_int_equal(sqlite3_exec(f.db->handle, "ROLLBACK", NULL, NULL, NULL), SQLITE_OK);
	assert_fails(FAILED, "gave the whole transaction up", V.undo(f.db, &f.error));
	assert_false(V.keep(f.db, &f.error));
	assert_false(V.commit(f.db, &f.error));
	assert_done(V.begin(f.db, &f.error));
	assert_done(V.commit(f.db, &f.error));
}

TEST(a_store_that_another_program_holds_is_busy)
{
	_cleanup_(fixture_clear) struct fixture f = fixture_make();
	sqlite3 *other;

	sqlite3_busy_timeout(f.db->handle, 0);
	assert_int_equal(sqlite3_open(f.path, &other), SQLITE_OK);
	assert_int_equal(sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
	assert_fails(LATE, "is busy: another program", V.begin(f.db, &f.error));
	assert_int_equal(sqlite3_exec(other, "ROLLBACK", NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(other);
	assert_done(V.begin(f.db, &f.error));
	assert_done(V.commit(f.db, &f.error));
}

TEST(a_record_that_is_too_large_is_refused)
{
	_cleanup_(fixture_clear) struct fixture f = fixture_make();
	_cleanup_(freep) char *huge = xcalloc(1, (size_t)RECORD_MOST + 2);

	memset(huge, 'x', (size_t)RECORD_MOST + 1);
	assert_fails(FAILED, "larger than 16 MiB", V.note_set(f.db, "huge", huge, &f.error));
}

TEST(each_kind_of_trouble_has_its_way_out)
{
	static const struct {
		int code, system;
		enum error_kind kind;
		const char *words;
	} rows[] = {
		{ SQLITE_FULL, 0, FAILED, "free some space" },
		{ SQLITE_IOERR_WRITE, ENOSPC, FAILED, "free some space" },
		{ SQLITE_IOERR_SHMSIZE, EDQUOT, FAILED, "free some space" },
		{ SQLITE_IOERR_FSYNC, EIO, FAILED, "(Input/output error); look for its errors" },
		{ SQLITE_BUSY, 0, LATE, "`fuser /x/s.db` shows which one" },
		{ SQLITE_LOCKED, 0, LATE, "end it, then ask again" },
		{ SQLITE_NOTADB, 0, FAILED, "put the last backup in its place" },
		{ SQLITE_CORRUPT_INDEX, 0, FAILED, "is damaged (because)" },
		{ SQLITE_READONLY, EROFS, FAILED, "mounted read-write" },
		{ SQLITE_READONLY_DIRECTORY, 0, FAILED, "cannot be written (because)" },
		{ SQLITE_CANTOPEN, EACCES, FAILED, "(Permission denied); give it to the user" },
		{ SQLITE_TOOBIG, 0, FAILED, "larger than 16 MiB" },
		{ SQLITE_CONSTRAINT_UNIQUE, 0, BROKEN, "refused a statement: because" },
		{ SQLITE_MISUSE, 0, BROKEN, "refused a statement: because" },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct error error = ERROR_INIT;

		assert_row(i,
		    !sqlite_failed_at("/x/s.db", rows[i].code, rows[i].system, "because", &error));
		assert_row(i, error.kind == rows[i].kind);
		assert_row(i, strstr(error.text, rows[i].words) != NULL);
		assert_row(i, strstr(error.text, "/x/s.db") != NULL);
	}
}

TEST(every_verb_is_there)
{
	const void *const *verbs = (const void *const *)(const void *)&store_sqlite;

	for (size_t i = 0; i < sizeof(store_sqlite) / sizeof(void *); i++)
		assert_row(i, verbs[i] != NULL);
}

/*
 * sqlite.c - the store in one file of SQLite: transactions, and the table of verbs.
 */

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sqlite_private.h"
#include "variables.h"

#ifdef ROLLCALL_TEST

/*
 * Faults for the torture tests.  Commits are counted from 1 since the store was opened, those that
 * changed nothing left out: ROLLCALL_FAIL_COMMIT=n fails the n-th as a broken disk does, and
 * ROLLCALL_DIE_AT_COMMIT=n:before (or n:after) kills the process there; a table's name in the place of n
 * means the first commit that adds a row to it.  ROLLCALL_FAIL_COMMIT=audit:2 refuses the first two that
 * add a row to audit: a group, and the same once more by itself.
 */
static bool
fault_is(struct sqlite *store, const char *name, const char *when)
{
	const char *value = variable_find(name);
	_cleanup_(freep) char *wanted = xasprintf("%lld%s", (long long)store->commits, when);

	return string_equal(value, wanted);
}

static void
fault_die(struct sqlite *store, const char *when)
{
	const char *value = variable_find("ROLLCALL_DIE_AT_COMMIT");

	if (fault_is(store, "ROLLCALL_DIE_AT_COMMIT", when) || (store->adds && strstr(value, when) != NULL))
		kill(getpid(), SIGKILL);
}

static bool
names_table(const char *variable, const char *table)
{
	const char *value = variable_find(variable);
	size_t length = strlen(table);

	return value != NULL && strncmp(value, table, length) == 0 && value[length] == ':';
}

static void
fault_note(void *argument, int change, const char *database, const char *table, sqlite3_int64 row)
{
	struct sqlite *store = argument;

	(void)database, (void)row;
	if (change != SQLITE_INSERT)
		return;
	store->adds = store->adds || names_table("ROLLCALL_DIE_AT_COMMIT", table);
	store->adds_refused = store->adds_refused || names_table("ROLLCALL_FAIL_COMMIT", table);
}

/* Whether this commit adds to the table whose first so many are refused. */
static bool
fault_refuses(struct sqlite *store)
{
	const char *value = variable_find("ROLLCALL_FAIL_COMMIT");

	if (!store->adds_refused || store->refused >= atoi(strchr(value, ':') + 1))
		return false;
	store->refused++;
	return true;
}

static void
fault_watch(struct sqlite *store)
{
	store->adds = store->adds_refused = false;
	sqlite3_update_hook(store->handle, fault_note, store);
}

static int
fault_before(struct sqlite *store)
{
	int64_t changes = sqlite3_total_changes64(store->handle);

	if (changes == store->changes)
		return SQLITE_OK;
	store->changes = changes;
	store->commits++;
	fault_die(store, ":before");
	if (!fault_is(store, "ROLLCALL_FAIL_COMMIT", "") && !fault_refuses(store))
		return SQLITE_OK;
	dprintf(STDERR_FILENO, "commit %lld is refused\n", (long long)store->commits);
	return SQLITE_IOERR;
}

static void
fault_after(struct sqlite *store)
{
	fault_die(store, ":after");
}

#else

static void
fault_watch(struct sqlite *store)
{
	(void)store;
}

static int
fault_before(struct sqlite *store)
{
	(void)store;
	return SQLITE_OK;
}

static void
fault_after(struct sqlite *store)
{
	(void)store;
}

#endif

/* IMMEDIATE: a group waits for another program's lock here, before any work was done. */
static bool
sqlite_begin(void *db, struct error *err)
{
	_cleanup_(statement_end) struct statement s = STATEMENT(db, "BEGIN IMMEDIATE");

	fault_watch(db);
	return statement_run(&s, err);
}

static void
sqlite_rollback(void *db)
{
	struct sqlite *store = db;
	_cleanup_(statement_end) struct statement s = STATEMENT(db, "ROLLBACK");

	if (!sqlite3_get_autocommit(store->handle))
		statement_run(&s, NULL);
}

static bool
sqlite_commit(void *db, struct error *err)
{
	struct sqlite *store = db;
	_cleanup_(statement_end) struct statement s = STATEMENT(db, "COMMIT");
	int fault = fault_before(store);
	bool done;

	if (fault != SQLITE_OK)
		done = sqlite_failed_at(store->path, fault, 0, "disk I/O error", err);
	else
		done = statement_run(&s, err);
	if (done)
		fault_after(store);
	else
		sqlite_rollback(db);
	return done;
}

static bool
sqlite_savepoint(void *db, struct error *err)
{
	_cleanup_(statement_end) struct statement s = STATEMENT(db, "SAVEPOINT job");

	return statement_run(&s, err);
}

static bool
sqlite_keep(void *db, struct error *err)
{
	_cleanup_(statement_end) struct statement s = STATEMENT(db, "RELEASE job");

	return statement_run(&s, err);
}

/* A full or broken disk makes SQLite roll back everything by itself. */
static bool
sqlite_undo(void *db, struct error *err)
{
	struct sqlite *store = db;
	_cleanup_(statement_end) struct statement s = STATEMENT(db, "ROLLBACK TO job");

	if (sqlite3_get_autocommit(store->handle))
		return failed(
		    err, "the store %s gave the whole transaction up; ask again", store->path);
	return statement_run(&s, err) && sqlite_keep(db, err);
}

/* clang-format off */
const struct store_verbs store_sqlite = {
	.name = "sqlite",
	.open = sqlite_open,
	.close = sqlite_close,
	.begin = sqlite_begin,
	.commit = sqlite_commit,
	.rollback = sqlite_rollback,
	.savepoint = sqlite_savepoint,
	.keep = sqlite_keep,
	.undo = sqlite_undo,

	.inbox_add = sqlite_inbox_add,
	.inbox_done = sqlite_inbox_done,
	.inbox_open = sqlite_inbox_open,
	.inbox_forget = sqlite_inbox_forget,
	.operation_add = sqlite_operation_add,
	.operation_save = sqlite_operation_save,
	.operation_find = sqlite_operation_find,
	.operation_list = sqlite_operation_list,
	.step_save = sqlite_step_save,
	.step_list = sqlite_step_list,
	.approval_add = sqlite_approval_add,
	.approval_list = sqlite_approval_list,
	.approval_void = sqlite_approval_void,
	.lock_take = sqlite_lock_take,
	.lock_release = sqlite_lock_release,
	.lock_list = sqlite_lock_list,
	.outbox_add = sqlite_outbox_add,
	.outbox_save = sqlite_outbox_save,
	.outbox_open = sqlite_outbox_open,
	.outbox_doubted = sqlite_outbox_doubted,
	.outbox_find = sqlite_outbox_find,
	.outbox_forget = sqlite_outbox_forget,
	.revision_save = sqlite_revision_save,
	.revision_list = sqlite_revision_list,
	.audit_add = sqlite_audit_add,
	.audit_verify = sqlite_audit_verify,
	.audit_list = sqlite_audit_list,
	.note_set = sqlite_note_set,
	.note_get = sqlite_note_get,
	.backup = sqlite_backup,
	.check = sqlite_check,
};
/* clang-format on */

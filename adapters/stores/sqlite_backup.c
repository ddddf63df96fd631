/*
 * sqlite_backup.c - a copy of the store while it is in use, and a look at its health.
 *
 * The copy is made through the store's own connection, so that SQLite puts what is committed
 * between two slices into it as well; through another it would start again each time.  It grows as
 * PATH.part, is synced, and only then gets its name: a file of that name is whole.
 */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sqlite_private.h"

#define SLICE 64 /* pages: 256 KiB, under a millisecond */

void
sqlite_backup_drop(struct sqlite *store)
{
	if (store->copy.part != NULL) {
		sqlite3_backup_finish(store->copy.backup);
		sqlite3_close(store->copy.handle);
		unlink(store->copy.part);
	}
	free(store->copy.part);
	free(store->copy.path);
	memset(&store->copy, 0, sizeof(store->copy));
}

/* ---- beginning ---- */

static bool
name_is_free(const char *path, struct error *err)
{
	struct stat status;

	if (lstat(path, &status) == 0)
		return refuse(err, "%s is there already; name a new file for the backup", path);
	return errno == ENOENT || failed(err, "cannot look at %s: %s", path, strerror(errno));
}

/* Made by us before SQLite opens it, for the mode and because of links. */
static bool
make_part(const char *part, struct error *err)
{
	int made = open(part, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);

	if (made < 0 && errno == EEXIST)
		return refuse(err,
		    "%s is there already: another backup writes it, or one was cut off; when none "
		    "runs, remove it",
		    part);
	if (made < 0)
		return failed(err, "cannot make the backup %s: %s", part, strerror(errno));
	close(made);
	return true;
}

static bool
copy_failed(struct sqlite *store, int code, struct error *err)
{
	sqlite3 *handle = store->copy.handle;

	if (handle == NULL)
		abort(); /* out of memory */
	sqlite_failed_at(
	    store->copy.part, code, sqlite3_system_errno(handle), sqlite3_errstr(code), err);
	return error_wrap(err, "backup");
}

/* No journal beside the copy: what is cut off is thrown away. */
static bool
copy_open(struct sqlite *store, struct error *err)
{
	int code = sqlite3_open_v2(store->copy.part, &store->copy.handle,
	    SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_NOFOLLOW, NULL);

	if (code == SQLITE_OK)
		code =
		    sqlite3_exec(store->copy.handle, "PRAGMA journal_mode = OFF", NULL, NULL, NULL);
	if (code != SQLITE_OK)
		return copy_failed(store, code, err);
	store->copy.backup = sqlite3_backup_init(store->copy.handle, "main", store->handle, "main");
	return store->copy.backup != NULL ||
	    copy_failed(store, sqlite3_errcode(store->copy.handle), err);
}

static bool
copy_begin(struct sqlite *store, const char *path, struct error *err)
{
	_cleanup_(freep) char *real = sqlite_real_path(path);
	_cleanup_(freep) char *part = NULL;

	if (real == NULL)
		return failed(
		    err, "cannot make the backup %s: there is no such folder; make it", path);
	part = xasprintf("%s.part", real);
	if (!name_is_free(real, err) || !make_part(part, err))
		return false;
	store->copy.path = xstrdup(real);
	store->copy.part = xstrdup(part);
	return copy_open(store, err);
}

/* ---- ending ---- */

static bool
sync_path(const char *path, int flags, struct error *err)
{
	int descriptor = open(path, flags | O_NOFOLLOW | O_CLOEXEC);
	bool synced = descriptor >= 0 && fsync(descriptor) == 0;

	if (!synced)
		failed(err, "cannot write the backup %s to the disk: %s", path, strerror(errno));
	if (descriptor >= 0)
		close(descriptor);
	return synced;
}

static bool
copy_name(struct sqlite *store, struct error *err)
{
	_cleanup_(freep) char *folder =
	    xstrndup(store->copy.path, (size_t)(strrchr(store->copy.path, '/') - store->copy.path));

	if (!sync_path(store->copy.part, O_RDONLY, err))
		return false;
	if (renameat2(AT_FDCWD, store->copy.part, AT_FDCWD, store->copy.path, RENAME_NOREPLACE) !=
	    0)
		return failed(err, "cannot give the backup its name %s: %s; name another file",
		    store->copy.path, strerror(errno));
	return sync_path(*folder != '\0' ? folder : "/", O_RDONLY | O_DIRECTORY, err);
}

static bool
copy_end(struct sqlite *store, struct error *err)
{
	int code = sqlite3_backup_finish(store->copy.backup);

	store->copy.backup = NULL;
	if (code != SQLITE_OK)
		return copy_failed(store, code, err);
	code = sqlite3_close(store->copy.handle);
	if (code != SQLITE_OK)
		return copy_failed(store, code, err);
	store->copy.handle = NULL;
	return copy_name(store, err);
}

static bool
copy_step(struct sqlite *store, bool *more, struct error *err)
{
	int code = sqlite3_backup_step(store->copy.backup, SLICE);

	*more = code == SQLITE_OK;
	if (code == SQLITE_OK)
		return true;
	if (code == SQLITE_DONE)
		return copy_end(store, err);
	return copy_failed(store, code, err);
}

bool
sqlite_backup(void *db, const char *path, bool *more, struct error *err)
{
	struct sqlite *store = db;
	bool done;

	*more = false;
	if (!sqlite3_get_autocommit(store->handle))
		return broken(err, "a backup was begun inside a transaction");
	done = (store->copy.part != NULL || copy_begin(store, path, err)) &&
	    copy_step(store, more, err);
	if (!done || !*more)
		sqlite_backup_drop(store);
	return done;
}

/* ---- health ---- */

static bool
pages_are_sound(struct sqlite *store, struct error *err)
{
	_cleanup_(statement_end) struct statement s = STATEMENT(store, "PRAGMA integrity_check(1)");
	_cleanup_(arena_freep) struct arena *arena = arena_new();
	const char *answer = statement_next(&s) ? column_text(&s, arena, 0) : NULL;

	if (!statement_done(&s, err))
		return false;
	return string_equal(answer, "ok") ||
	    sqlite_failed_at(
		store->path, SQLITE_CORRUPT, 0, answer != NULL ? answer : "no answer", err);
}

static bool
references_are_sound(struct sqlite *store, struct error *err)
{
	_cleanup_(statement_end) struct statement s = STATEMENT(store, "PRAGMA foreign_key_check");
	_cleanup_(arena_freep) struct arena *arena = arena_new();

	if (statement_next(&s))
		return failed(err,
		    "the store %s is damaged: row %lld of %s belongs to no operation; stop "
		    "rollcall, put the last backup in its place and start it again",
		    store->path, (long long)column_number(&s, 1), column_text(&s, arena, 0));
	return statement_done(&s, err);
}

bool
sqlite_check(void *db, struct error *err)
{
	return pages_are_sound(db, err) && references_are_sound(db, err);
}

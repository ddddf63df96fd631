/*
 * sqlite_open.c - the store's folder and files, ours alone (ST1), and a connection that trusts
 * nothing.
 *
 * The folder is 0700 and ours, so nobody else can put a link into it; the files are looked at with
 * lstat all the same, and SQLite opens them with O_NOFOLLOW.  They are never opened and closed here
 * once SQLite may hold them: closing any descriptor of a file drops the process's locks on it.
 * SQLite gives -wal and -shm the mode of the database.
 */

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sqlite_private.h"

/* ---- folder and files ---- */

/* "a/b.db" → "a"; "b.db" → "."; "/b.db" → "/". */
static char *
folder_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	if (slash == NULL)
		return xstrdup(".");
	return slash == path ? xstrdup("/") : xstrndup(path, (size_t)(slash - path));
}

static const char *
name_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash == NULL ? path : slash + 1;
}

char *
sqlite_real_path(const char *path)
{
	_cleanup_(freep) char *folder = folder_of(path);
	_cleanup_(freep) char *real = realpath(folder, NULL);

	if (real == NULL)
		return NULL;
	return xasprintf("%s/%s", string_equal(real, "/") ? "" : real, name_of(path));
}

static bool
is_ours_alone(const char *path, const struct stat *status, int mode, struct error *err)
{
	if (status->st_uid != geteuid())
		return refuse(err,
		    "%s holds the store and belongs to user %u, but rollcall runs as user %u; run: "
		    "chown %u %s",
		    path, (unsigned)status->st_uid, (unsigned)geteuid(), (unsigned)geteuid(), path);
	if ((status->st_mode & 077) != 0)
		return refuse(err,
		    "%s holds the store and is open to other users (mode %04o); run: chmod %o %s",
		    path, (unsigned)status->st_mode & 07777, (unsigned)mode, path);
	return true;
}

static bool
folder_is_safe(const char *folder, struct error *err)
{
	struct stat status;

	if (mkdir(folder, 0700) != 0 && errno != EEXIST)
		return failed(err,
		    "cannot make the folder %s for the store: %s; make it, with mode 0700", folder,
		    strerror(errno));
	if (lstat(folder, &status) != 0)
		return failed(
		    err, "cannot look at the store's folder %s: %s", folder, strerror(errno));
	if (S_ISLNK(status.st_mode))
		return refuse(err,
		    "the store's folder %s is a symbolic link; name the folder that it points at",
		    folder);
	if (!S_ISDIR(status.st_mode))
		return refuse(err, "%s is not a folder; name another place for the store", folder);
	return is_ours_alone(folder, &status, 0700, err);
}

/* A file that is not there is safe. */
static bool
file_is_safe(const char *path, bool *there, struct error *err)
{
	struct stat status;

	*there = lstat(path, &status) == 0;
	if (!*there)
		return errno == ENOENT ||
		    failed(err, "cannot look at the store's file %s: %s", path, strerror(errno));
	if (S_ISLNK(status.st_mode))
		return refuse(err,
		    "the store's file %s is a symbolic link; remove it, or name the file that it "
		    "points at",
		    path);
	if (!S_ISREG(status.st_mode))
		return refuse(err, "%s is not a file; name another file for the store", path);
	return is_ours_alone(path, &status, 0600, err);
}

static bool
files_are_safe(const char *path, struct error *err)
{
	static const char *const suffixes[] = { "-wal", "-shm", "-journal" };
	bool there;
	int made;

	for (size_t i = 0; i < COUNT(suffixes); i++) {
		_cleanup_(freep) char *beside = xasprintf("%s%s", path, suffixes[i]);

		if (!file_is_safe(beside, &there, err))
			return false;
	}
	if (!file_is_safe(path, &there, err))
		return false;
	if (there)
		return true;
	made = open(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (made < 0)
		return sqlite_failed_at(
		    path, errno == ENOSPC ? SQLITE_FULL : SQLITE_CANTOPEN, errno, "", err);
	close(made);
	return true;
}

/* ---- the connection ---- */

static bool
set(struct sqlite *store, const char *pragma, struct error *err)
{
	int code = sqlite3_exec(store->handle, pragma, NULL, NULL, NULL);

	return code == SQLITE_OK || sqlite_failed(store, code, err);
}

/*
 * DEFENSIVE: no statement can damage the file on purpose.  temp_store: no temporary file outside
 * the folder.  DQS: a misspelt column in double quotes is an error, not a string.
 */
static bool
distrust(struct sqlite *store, struct error *err)
{
	static const struct {
		int option, value;
	} options[] = {
		{ SQLITE_DBCONFIG_DEFENSIVE, 1 },
		{ SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0 },
		{ SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0 },
		{ SQLITE_DBCONFIG_DQS_DML, 0 },
		{ SQLITE_DBCONFIG_DQS_DDL, 0 },
		{ SQLITE_DBCONFIG_ENABLE_FKEY, 1 },
	};

	for (size_t i = 0; i < COUNT(options); i++) {
		int code = sqlite3_db_config(
		    store->handle, options[i].option, options[i].value, (int *)NULL);

		if (code != SQLITE_OK)
			return sqlite_failed(store, code, err);
	}
	sqlite3_limit(store->handle, SQLITE_LIMIT_LENGTH, RECORD_MOST);
	sqlite3_busy_timeout(store->handle, (int)BUSY_LIMIT);
	return set(store,
	    "PRAGMA cell_size_check = ON;"
	    "PRAGMA temp_store = MEMORY;"
	    "PRAGMA synchronous = FULL;"
	    "PRAGMA journal_size_limit = 16777216;",
	    err);
}

/* Only once the file is known to be ours: it changes the file. */
static bool
write_ahead(struct sqlite *store, struct error *err)
{
	_cleanup_(statement_end) struct statement s = STATEMENT(store, "PRAGMA journal_mode = WAL");
	bool is_on = statement_next(&s) &&
	    strcmp((const char *)sqlite3_column_text(s.prepared, 0), "wal") == 0;

	if (!statement_done(&s, err))
		return false;
	if (!is_on)
		return refuse(err,
		    "the store %s is on a file system without shared memory (a network share?); "
		    "put it on a local disk",
		    store->path);
	return true;
}

static bool
connect_to(struct sqlite *store, struct error *err)
{
	int code = sqlite3_open_v2(store->path, &store->handle,
	    SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_NOFOLLOW, NULL);

	if (store->handle == NULL)
		abort(); /* out of memory */
	sqlite3_extended_result_codes(store->handle, 1);
	if (code != SQLITE_OK)
		return sqlite_failed(store, code, err);
	/* SQLite opens what it may not write for reading, and would say so at the first command
	 * only. */
	if (sqlite3_db_readonly(store->handle, "main") == 1)
		return sqlite_failed_at(store->path, SQLITE_READONLY, 0, "it is read-only", err);
	if (!distrust(store, err) || !sqlite_migrate(store, err) || !write_ahead(store, err))
		return false;
#ifdef ROLLCALL_TEST
	store->changes = sqlite3_total_changes64(store->handle);
#endif
	return true;
}

void *
sqlite_open(const char *location, struct error *err)
{
	_cleanup_(freep) char *folder = folder_of(location);
	_cleanup_(freep) char *path = NULL;
	struct sqlite *store;

	if (*name_of(location) == '\0') {
		wrong(err, "the store's place \"%s\" names a folder; name a file in it", location);
		return NULL;
	}
	if (!folder_is_safe(folder, err))
		return NULL;
	path = sqlite_real_path(location);
	if (path == NULL) {
		failed(err, "cannot look at the store's folder %s: %s", folder, strerror(errno));
		return NULL;
	}
	if (!files_are_safe(path, err))
		return NULL;
	store = xcalloc(1, sizeof(*store));
	store->path = xstrdup(path);
	if (connect_to(store, err))
		return store;
	sqlite_close(store);
	return NULL;
}

void
sqlite_close(void *db)
{
	struct sqlite *store = db;

	if (store == NULL)
		return;
	sqlite_backup_drop(store);
	for (size_t i = 0; i < store->cache.count; i++)
		sqlite3_finalize(store->cache.item[i].prepared);
	free(store->cache.item);
	sqlite3_close(store->handle);
	free(store->path);
	free(store);
}

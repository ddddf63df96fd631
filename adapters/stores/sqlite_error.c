/*
 * sqlite_error.c - what SQLite's codes mean for the one who has to do something about them.
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "sqlite_private.h"

/* A full disk shows itself as FULL, or as an I/O error when it was the -shm file that could not
 * grow. */
static bool
is_full(int code, int system)
{
	return (code & 0xff) == SQLITE_FULL ||
	    ((code & 0xff) == SQLITE_IOERR && (system == ENOSPC || system == EDQUOT));
}

bool
sqlite_failed_at(const char *path, int code, int system, const char *message, struct error *err)
{
	if (is_full(code, system))
		return failed(err,
		    "the disk under the store %s is full; free some space there, then ask again",
		    path);
	switch (code & 0xff) {
	case SQLITE_NOMEM:
		abort(); /* as everywhere: memory.h */
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return late(err,
		    "the store %s is busy: another program has held it for more than %d s; "
		    "`fuser %s` shows which one, end it, then ask again",
		    path, (int)(BUSY_LIMIT / SECONDS(1)), path);
	case SQLITE_NOTADB:
	case SQLITE_CORRUPT:
		return failed(err,
		    "the store %s is damaged (%s); stop rollcall, put the last backup in its place "
		    "and start it again",
		    path, message);
	case SQLITE_READONLY:
	case SQLITE_PERM:
	case SQLITE_AUTH:
	case SQLITE_CANTOPEN:
		return failed(err,
		    "the store %s cannot be written (%s); give it to the user that rollcall runs "
		    "as, on a file system that is mounted read-write",
		    path, system != 0 ? strerror(system) : message);
	case SQLITE_IOERR:
		return failed(err,
		    "the disk under the store %s failed (%s); look for its errors in the system's "
		    "log, then ask again",
		    path, system != 0 ? strerror(system) : message);
	case SQLITE_TOOBIG:
		return failed(err,
		    "a record for the store %s is larger than %d MiB; ask for less at once", path,
		    RECORD_MOST >> 20);
	}
	return broken(err, "the store %s refused a statement: %s", path, message);
}

bool
sqlite_fenced(const char *what, const char *owner, int64_t fence, int64_t ours, struct error *err)
{
	return refuse(err, "%s was taken over by %s (fence %lld, and ours is %lld); leave it alone",
	    what, owner != NULL ? owner : "another replica", (long long)fence, (long long)ours);
}

bool
sqlite_failed(struct sqlite *store, int code, struct error *err)
{
	return sqlite_failed_at(store->path, code, sqlite3_system_errno(store->handle),
	    sqlite3_errmsg(store->handle), err);
}

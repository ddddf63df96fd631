/*
 * sqlite_schema.c - the tables, as numbered migrations that are never changed once released.
 *
 * user_version is the number of the last migration, application_id says that the file is ours. Each
 * migration runs in one transaction with both and with a row that says which rollcall ran it, so
 * that an older one can name it (P6).  All tables are STRICT: a column holds its type or nothing.
 */

#include "sqlite_private.h"

#define OURS 0x526f6c6c /* "Roll"; in the first migration as well */

/*
 * 1: operations: `serial` is the order in which they were added, since R-9 sorts after R-10.
 * inbox and outbox: AUTOINCREMENT, because files are named after their numbers, which must not come
 * again. approval: one that is void stays as a record, outside the unique index. audit:
 * `audit_head` repeats the last record's number and digest, so that an end that is gone is missed.
 * Stamps are ms since 1970; 0 is "not yet".
 */
static const char first[] =
    "CREATE TABLE migration ("
    "	number INTEGER PRIMARY KEY,"
    "	rollcall TEXT NOT NULL,"
    "	stamp INTEGER NOT NULL"
    ") STRICT;"

    "CREATE TABLE counter ("
    "	kind TEXT PRIMARY KEY,"
    "	prefix TEXT NOT NULL UNIQUE,"
    "	last INTEGER NOT NULL"
    ") STRICT;"
    "INSERT INTO counter VALUES ('operation', 'R-', 0);"

    "CREATE TABLE inbox ("
    "	id INTEGER PRIMARY KEY AUTOINCREMENT,"
    "	team TEXT NOT NULL,"
    "	key TEXT NOT NULL,"
    "	door TEXT,"
    "	person TEXT,"
    "	channel TEXT,"
    "	thread TEXT,"
    "	message TEXT,"
    "	text TEXT,"
    "	action TEXT,"
    "	argument TEXT,"
    "	form TEXT,"
    "	stamp INTEGER NOT NULL,"
    "	received INTEGER NOT NULL,"
    "	state TEXT NOT NULL CHECK (state IN ('new', 'done')),"
    "	operation TEXT,"
    "	owner TEXT,"
    "	fence INTEGER NOT NULL,"
    "	UNIQUE (team, key)"
    ") STRICT;"
    "CREATE INDEX inbox_new ON inbox (id) WHERE state = 'new';"
    "CREATE INDEX inbox_old ON inbox (received) WHERE state = 'done';"

    "CREATE TABLE operation ("
    "	serial INTEGER PRIMARY KEY,"
    "	id TEXT NOT NULL UNIQUE,"
    "	kind TEXT NOT NULL,"
    "	state TEXT NOT NULL,"
    "	outcome TEXT,"
    "	verdict TEXT,"
    "	inbox INTEGER NOT NULL,"
    "	requester TEXT,"
    "	door TEXT,"
    "	team TEXT,"
    "	channel TEXT,"
    "	thread TEXT,"
    "	card TEXT,"
    "	request TEXT,"
    "	plan TEXT,"
    "	hash TEXT,"
    "	nonce TEXT,"
    "	reason TEXT,"
    "	drawing INTEGER NOT NULL,"
    "	row INTEGER NOT NULL,"
    "	created INTEGER NOT NULL,"
    "	updated INTEGER NOT NULL,"
    "	expires INTEGER NOT NULL,"
    "	owner TEXT,"
    "	fence INTEGER NOT NULL"
    ") STRICT;"
    "CREATE INDEX operation_open ON operation (serial) WHERE state <> 'ended';"

    "CREATE TABLE step ("
    "	operation TEXT NOT NULL REFERENCES operation (id),"
    "	list TEXT NOT NULL CHECK (list IN ('steps', 'undo', 'always')),"
    "	position INTEGER NOT NULL,"
    "	state TEXT NOT NULL,"
    "	note TEXT,"
    "	started INTEGER NOT NULL,"
    "	ended INTEGER NOT NULL,"
    "	exit INTEGER NOT NULL,"
    "	pid INTEGER NOT NULL,"
    "	pid_start INTEGER NOT NULL,"
    "	spool TEXT,"
    "	PRIMARY KEY (operation, list, position)"
    ") STRICT;"

    "CREATE TABLE approval ("
    "	operation TEXT NOT NULL REFERENCES operation (id),"
    "	hash TEXT NOT NULL,"
    "	person TEXT NOT NULL,"
    "	yes INTEGER NOT NULL CHECK (yes IN (0, 1)),"
    "	reason TEXT,"
    "	door TEXT,"
    "	stamp INTEGER NOT NULL,"
    "	void INTEGER NOT NULL DEFAULT 0 CHECK (void IN (0, 1))"
    ") STRICT;"
    "CREATE UNIQUE INDEX approval_valid ON approval (operation, hash, person) WHERE void = 0;"

    "CREATE TABLE lock ("
    "	key TEXT PRIMARY KEY,"
    "	operation TEXT NOT NULL REFERENCES operation (id),"
    "	person TEXT,"
    "	since INTEGER NOT NULL"
    ") STRICT;"
    "CREATE INDEX lock_operation ON lock (operation);"

    "CREATE TABLE outbox ("
    "	id INTEGER PRIMARY KEY AUTOINCREMENT,"
    "	key TEXT NOT NULL UNIQUE,"
    "	operation TEXT,"
    "	chat TEXT NOT NULL,"
    "	kind TEXT NOT NULL,"
    "	class INTEGER NOT NULL CHECK (class BETWEEN 0 AND 3),"
    "	conversation TEXT,"
    "	channel TEXT,"
    "	thread TEXT,"
    "	person TEXT,"
    "	payload TEXT,"
    "	state TEXT NOT NULL CHECK (state IN ('queued', 'sending', 'sent', 'failed')),"
    "	ts TEXT,"
    "	why TEXT,"
    "	attempts INTEGER NOT NULL,"
    "	created INTEGER NOT NULL,"
    "	next INTEGER NOT NULL,"
    "	sent INTEGER NOT NULL,"
    "	owner TEXT,"
    "	fence INTEGER NOT NULL"
    ") STRICT;"
    "CREATE INDEX outbox_open ON outbox (id) WHERE state IN ('queued', 'sending');"
    "CREATE INDEX outbox_old ON outbox (created) WHERE state IN ('sent', 'failed');"

    "CREATE TABLE revision ("
    "	cluster TEXT NOT NULL,"
    "	namespace TEXT NOT NULL,"
    "	object TEXT NOT NULL,"
    "	pin TEXT NOT NULL,"
    "	number INTEGER NOT NULL,"
    "	seen INTEGER NOT NULL,"
    "	verified INTEGER NOT NULL,"
    "	version TEXT,"
    "	image TEXT,"
    "	left_by TEXT,"
    "	operation TEXT,"
    "	PRIMARY KEY (cluster, namespace, object, pin)"
    ") STRICT;"

    "CREATE TABLE audit ("
    "	number INTEGER PRIMARY KEY,"
    "	stamp INTEGER NOT NULL,"
    "	kind TEXT NOT NULL,"
    "	operation TEXT,"
    "	actor TEXT,"
    "	door TEXT,"
    "	channel TEXT,"
    "	text TEXT,"
    "	rule TEXT,"
    "	detail TEXT,"
    "	previous TEXT NOT NULL,"
    "	digest TEXT NOT NULL"
    ") STRICT;"
    "CREATE INDEX audit_operation ON audit (operation, number) WHERE operation IS NOT NULL;"
    "CREATE TRIGGER audit_changed BEFORE UPDATE ON audit"
    " BEGIN SELECT RAISE(ABORT, 'audit records are never changed'); END;"
    "CREATE TRIGGER audit_removed BEFORE DELETE ON audit"
    " BEGIN SELECT RAISE(ABORT, 'audit records are never removed'); END;"
    "CREATE TABLE audit_head ("
    "	one INTEGER PRIMARY KEY CHECK (one = 1),"
    "	number INTEGER NOT NULL,"
    "	digest TEXT NOT NULL"
    ") STRICT;"
    "INSERT INTO audit_head VALUES"
    " (1, 0, '0000000000000000000000000000000000000000000000000000000000000000');"

    "CREATE TABLE note ("
    "	name TEXT PRIMARY KEY,"
    "	value TEXT NOT NULL"
    ") STRICT;"

    "PRAGMA application_id = 0x526f6c6c;"
    "PRAGMA user_version = 1;";

static const char *const migrations[] = { first };

/* What the file says of itself. */
struct identity {
	int64_t application, version, tables;
};

static bool
ask_number(struct statement *s, int64_t *number, struct error *err)
{
	if (statement_next(s))
		*number = column_number(s, 0);
	return statement_done(s, err);
}

static bool
identify(struct sqlite *store, struct identity *identity, struct error *err)
{
	_cleanup_(statement_end) struct statement application =
	    STATEMENT(store, "PRAGMA application_id");
	_cleanup_(statement_end) struct statement version = STATEMENT(store, "PRAGMA user_version");
	_cleanup_(statement_end) struct statement tables =
	    STATEMENT(store, "SELECT count(*) FROM sqlite_schema");

	return ask_number(&application, &identity->application, err) &&
	    ask_number(&version, &identity->version, err) &&
	    ask_number(&tables, &identity->tables, err);
}

/* The newer store's own word for its rollcall, if its table still looks as we know it. */
static bool
refuse_newer(struct sqlite *store, int64_t version, struct error *err)
{
	_cleanup_(arena_freep) struct arena *arena = arena_new();
	_cleanup_(statement_end) struct statement s =
	    STATEMENT(store, "SELECT rollcall FROM migration ORDER BY number DESC LIMIT 1");
	const char *writer = statement_next(&s) ? column_text(&s, arena, 0) : NULL;

	return refuse(err,
	    "the store %s was written by rollcall %s (format %d), and this is rollcall %s (format "
	    "%d); start the newer rollcall, or put a backup from before it in the store's place",
	    store->path, writer != NULL ? writer : "of a later version", (int)version,
	    ROLLCALL_VERSION, (int)COUNT(migrations));
}

static bool
refuse_stranger(struct sqlite *store, struct error *err)
{
	return refuse(err,
	    "%s is the database of another program; name another file for rollcall's store",
	    store->path);
}

static bool
may_be_ours(struct sqlite *store, const struct identity *identity, struct error *err)
{
	bool fresh = identity->application == 0 && identity->version == 0 && identity->tables == 0;

	if (identity->application != OURS && !fresh)
		return refuse_stranger(store, err);
	if (identity->version > (int64_t)COUNT(migrations))
		return refuse_newer(store, identity->version, err);
	return true;
}

static bool
note_migration(struct sqlite *store, int64_t number, struct error *err)
{
	_cleanup_(statement_end) struct statement s = STATEMENT(store,
	    "INSERT INTO migration (number, rollcall, stamp)"
	    " VALUES (?1, ?2, unixepoch() * 1000)");

	bind_number(&s, 1, number);
	bind_text(&s, 2, ROLLCALL_VERSION);
	return statement_run(&s, err);
}

/* Looked at again inside the transaction: another process may have been faster. */
static bool
migrate_in_transaction(struct sqlite *store, struct error *err)
{
	struct identity identity;
	int code;

	if (!identify(store, &identity, err) || !may_be_ours(store, &identity, err))
		return false;
	for (int64_t done = identity.version; done < (int64_t)COUNT(migrations); done++) {
		code = sqlite3_exec(store->handle, migrations[done], NULL, NULL, NULL);
		if (code != SQLITE_OK)
			return sqlite_failed(store, code, err);
		if (!note_migration(store, done + 1, err))
			return false;
	}
	return true;
}

bool
sqlite_migrate(struct sqlite *store, struct error *err)
{
	struct identity identity;
	int code;

	if (!identify(store, &identity, err) || !may_be_ours(store, &identity, err))
		return false;
	if (identity.version == (int64_t)COUNT(migrations))
		return true;
	code = sqlite3_exec(store->handle, "BEGIN IMMEDIATE", NULL, NULL, NULL);
	if (code != SQLITE_OK)
		return sqlite_failed(store, code, err);
	if (!migrate_in_transaction(store, err)) {
		sqlite3_exec(store->handle, "ROLLBACK", NULL, NULL, NULL);
		return false;
	}
	code = sqlite3_exec(store->handle, "COMMIT", NULL, NULL, NULL);
	if (code == SQLITE_OK)
		return true;
	sqlite_failed(store, code, err);
	sqlite3_exec(store->handle, "ROLLBACK", NULL, NULL, NULL);
	return false;
}

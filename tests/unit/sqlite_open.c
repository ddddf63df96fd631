/* sqlite_open.c - whose files the store accepts (ST1), its settings, other programs' databases. */

#include "test.h"

#include <sys/socket.h>
#include <sys/un.h>

#include "sqlite_test.h"

TEST(the_folder_and_every_file_are_ours_alone)
{
	static const char *const files[] = { "", "-wal", "-shm" };
	mode_t before = umask(0);
	_cleanup_(fixture_clear) struct fixture f = fixture_make();

	assert_done(V.begin(f.db, &f.error));
	assert_done(V.note_set(f.db, "a", "1", &f.error));
	assert_done(V.commit(f.db, &f.error));
	assert_int_equal(file_mode(folder_path(&f.folder, "state")), 0700);
	for (size_t i = 0; i < COUNT(files); i++)
		assert_row(i, file_mode(arena_printf(f.arena, "%s%s", f.path, files[i])) == 0600);
	umask(before);
}

TEST(closing_leaves_one_file)
{
	_cleanup_(fixture_clear) struct fixture f = fixture_make();

	assert_done(V.note_set(f.db, "a", "1", &f.error));
	fixture_close(&f);
	assert_true(file_is_there(f.path));
	assert_false(file_is_there(arena_printf(f.arena, "%s-wal", f.path)));
	assert_false(file_is_there(arena_printf(f.arena, "%s-shm", f.path)));
}

TEST(the_connection_trusts_nothing)
{
	static const struct {
		const char *pragma;
		int64_t value;
	} rows[] = {
		{ "PRAGMA synchronous", 2 },
		{ "PRAGMA foreign_keys", 1 },
		{ "PRAGMA trusted_schema", 0 },
		{ "PRAGMA cell_size_check", 1 },
		{ "PRAGMA temp_store", 2 },
		{ "PRAGMA busy_timeout", 1000 },
		{ "PRAGMA application_id", 0x526f6c6c },
		{ "PRAGMA user_version", 1 },
		{ "SELECT journal_mode = 'wal' FROM pragma_journal_mode", 1 },
	};
	static const struct {
		int option, value;
	} options[] = { { SQLITE_DBCONFIG_DEFENSIVE, 1 },
		{ SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0 }, { SQLITE_DBCONFIG_DQS_DML, 0 },
		{ SQLITE_DBCONFIG_DQS_DDL, 0 } };
	_cleanup_(fixture_clear) struct fixture f = fixture_make();

	fixture_close(&f);
	fixture_open(&f); /* the second time nothing is made, all must be set again */
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_row(i, ask(f.db->handle, rows[i].pragma) == rows[i].value);
	for (size_t i = 0; i < COUNT(options); i++) {
		int value = -1;

		sqlite3_db_config(f.db->handle, options[i].option, -1, &value);
		assert_row(i, value == options[i].value);
	}
}

TEST(a_migration_says_which_rollcall_ran_it)
{
	_cleanup_(fixture_clear) struct fixture f = fixture_make();

	assert_int_equal(ask(f.db->handle, "SELECT count(*) FROM migration"), 1);
	assert_int_equal(
	    ask(f.db->handle,
		"SELECT number = 1 AND rollcall = '" ROLLCALL_VERSION "' AND stamp > 1700000000000"
		" FROM migration"),
	    1);
}

/* ---- what is refused ---- */

static void
expect_refusal(struct fixture *f, const char *location, enum error_kind kind, const char *words)
{
	void *db = V.open(location, &f->error);

	if (db != NULL) {
		V.close(db);
		fail_msg("%s was opened", location);
	}
	if (f->error.kind != kind || strstr(f->error.text, words) == NULL)
		fail_msg("%s: %s", error_kind_name(f->error.kind), f->error.text);
}

TEST(an_open_folder_is_refused_with_the_command_that_closes_it)
{
	static const mode_t modes[] = { 0755, 0750, 0701, 0770, 01777 };
	_cleanup_(fixture_clear) struct fixture f = fixture_make();
	const char *place = folder_path(&f.folder, "state");

	fixture_close(&f);
	for (size_t i = 0; i < COUNT(modes); i++) {
		chmod(place, modes[i]);
		expect_refusal(
		    &f, f.path, REFUSED, arena_printf(f.arena, "run: chmod 700 %s", place));
	}
	chmod(place, 0700);
	fixture_open(&f);
}

TEST(an_open_file_is_refused_with_the_command_that_closes_it)
{
	static const char *const files[] = { "", "-wal", "-shm", "-journal" };
	_cleanup_(fixture_clear) struct fixture f = fixture_make();

	fixture_close(&f);
	for (size_t i = 0; i < COUNT(files); i++) {
		const char *path = arena_printf(f.arena, "%s%s", f.path, files[i]);

		if (i > 0)
			file_write(path, "", 0, 0600);
		chmod(path, 0640);
		expect_refusal(
		    &f, f.path, REFUSED, arena_printf(f.arena, "run: chmod 600 %s", path));
		chmod(path, 0600);
		if (i > 0)
			unlink(path);
	}
	fixture_open(&f);
}

TEST(links_are_not_followed)
{
	static const char *const files[] = { "", "-wal", "-shm", "-journal" };
	_cleanup_(fixture_clear) struct fixture f = fixture_make();
	const char *target = folder_path(&f.folder, "target");

	for (size_t i = 0; i < COUNT(files); i++) {
		const char *path = folder_path(&f.folder, "other/s.db");
		const char *link = arena_printf(f.arena, "%s%s", path, files[i]);

		mkdir(folder_path(&f.folder, "other"), 0700);
		assert_int_equal(symlink(target, link), 0);
		expect_refusal(&f, path, REFUSED, "is a symbolic link");
		unlink(link);
		assert_row(i, !file_is_there(target));
	}
	assert_int_equal(symlink("state", folder_path(&f.folder, "linked")), 0);
	expect_refusal(&f, folder_path(&f.folder, "linked/rollcall.db"), REFUSED,
	    "is a symbolic link; name the folder that it points at");
}

TEST(a_link_further_up_is_the_operators_own)
{
	_cleanup_(fixture_clear) struct fixture f = fixture_make();

	fixture_close(&f);
	assert_int_equal(symlink(".", folder_path(&f.folder, "up")), 0);
	f.path = folder_path(&f.folder, "up/state/rollcall.db");
	fixture_open(&f);
}

TEST(files_of_another_user_are_refused)
{
	_cleanup_(fixture_clear) struct fixture f = fixture_make();
	const char *place = folder_path(&f.folder, "state");

	fixture_close(&f);
	if (geteuid() != 0) {
		print_message("skipped: only root may give a file away\n");
		skip();
	}
	assert_int_equal(chown(f.path, 12345, 0), 0);
	expect_refusal(&f, f.path, REFUSED, "belongs to user 12345, but rollcall runs as user 0");
	assert_int_equal(chown(f.path, 0, 0), 0);
	assert_int_equal(chown(place, 12345, 0), 0);
	expect_refusal(&f, f.path, REFUSED, arena_printf(f.arena, "run: chown 0 %s", place));
}

/* Root may write everything: then it is looked at with another user's eyes. */
TEST(a_store_that_cannot_be_written_is_refused_at_once)
{
	uid_t user = geteuid();
	struct fixture f;

	if (user == 0)
		assert_int_equal(seteuid(65534), 0);
	f = fixture_make();
	fixture_close(&f);
	chmod(f.path, 0400);
	expect_refusal(
	    &f, f.path, FAILED, "cannot be written (it is read-only); give it to the user");
	chmod(f.path, 0600);
	chmod(folder_path(&f.folder, "state"), 0500);
	expect_refusal(&f, folder_path(&f.folder, "state/new.db"), FAILED,
	    "cannot be written (Permission denied); give it to the user");
	chmod(folder_path(&f.folder, "state"), 0700);
	fixture_clear(&f);
	assert_int_equal(seteuid(user), 0);
}

TEST(what_is_no_place_for_a_store_is_refused)
{
	static const struct {
		const char *location;
		enum error_kind kind;
		const char *words;
	} rows[] = {
		{ "state/", WRONG, "name a file in it" },
		{ "", WRONG, "names a folder" },
		{ "file/s.db", REFUSED, "is not a folder" },
		{ "none/none/s.db", FAILED, "cannot make the folder" },
		{ "state/folder", REFUSED, "is not a file" },
		{ "state/socket", REFUSED, "is not a file" },
	};
	_cleanup_(fixture_clear) struct fixture f = fixture_make();
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int descriptor = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	file_write(folder_path(&f.folder, "file"), "", 0, 0600);
	mkdir(folder_path(&f.folder, "state/folder"), 0700);
	snprintf(address.sun_path, sizeof(address.sun_path), "%s/state/socket", f.folder.path);
	assert_int_equal(bind(descriptor, (struct sockaddr *)(void *)&address, sizeof(address)), 0);
	close(descriptor);
	for (size_t i = 0; i < COUNT(rows); i++) {
		const char *location =
		    *rows[i].location != '\0' ? folder_path(&f.folder, rows[i].location) : "";

		expect_refusal(&f, location, rows[i].kind, rows[i].words);
	}
}

TEST(a_newer_store_names_both_versions)
{
	_cleanup_(fixture_clear) struct fixture f = fixture_make();

	fixture_close(&f);
	tamper(f.path, "INSERT INTO migration VALUES (2, '9.8.7', 0); PRAGMA user_version = 2;");
	expect_refusal(&f, f.path, REFUSED,
	    "was written by rollcall 9.8.7 (format 2), and this is rollcall " ROLLCALL_VERSION
	    " (format 1)");
	tamper(f.path, "DROP TABLE migration; PRAGMA user_version = 77;");
	expect_refusal(&f, f.path, REFUSED, "by rollcall of a later version (format 77)");
}

TEST(another_programs_database_is_refused_and_left_as_it_was)
{
	static const char *const schemas[] = {
		"CREATE TABLE cookies (x);",
		"PRAGMA user_version = 1;",
		"PRAGMA application_id = 42;",
	};
	_cleanup_(fixture_clear) struct fixture f = fixture_make();

	for (size_t i = 0; i < COUNT(schemas); i++) {
		const char *path = folder_path(&f.folder, arena_printf(f.arena, "state/%zu.db", i));
		sqlite3 *handle;

		file_write(path, "", 0, 0600);
		tamper(path, schemas[i]);
		expect_refusal(&f, path, REFUSED, "is the database of another program");
		assert_int_equal(sqlite3_open(path, &handle), SQLITE_OK);
		assert_row(
		    i, ask(handle, "SELECT journal_mode = 'delete' FROM pragma_journal_mode") == 1);
		sqlite3_close(handle);
	}
}

TEST(a_file_that_is_no_database_is_refused_and_left_as_it_was)
{
	_cleanup_(fixture_clear) struct fixture f = fixture_make();
	const char *path = folder_path(&f.folder, "state/text");
	char *garbage = arena_alloc(f.arena, 8192);
	struct stat status;

	memset(garbage, 'g', 8192);
	file_write(path, garbage, 8192, 0600);
	expect_refusal(&f, path, FAILED, "(file is not a database)");
	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(status.st_size, 8192);
}

TEST(an_empty_file_becomes_a_store)
{
	_cleanup_(fixture_clear) struct fixture f = fixture_make();

	fixture_close(&f);
	f.path = folder_path(&f.folder, "state/empty.db");
	file_write(f.path, "", 0, 0600);
	fixture_open(&f);
	assert_done(V.note_set(f.db, "a", "1", &f.error));
}

TEST(two_rollcalls_may_open_a_fresh_store_at_once)
{
	_cleanup_(fixture_clear) struct fixture f = fixture_make();
	struct sqlite *second = V.open(f.path, &f.error);

	assert_non_null(second);
	assert_done(V.note_set(second, "a", "1", &f.error));
	V.close(second);
	assert_int_equal(ask(f.db->handle, "SELECT count(*) FROM note"), 1);
}

TEST(everything_in_the_file_is_typed)
{
	_cleanup_(fixture_clear) struct fixture f = fixture_make();

	assert_int_equal(
	    ask(f.db->handle,
		"SELECT count(*) FROM pragma_table_list WHERE schema = 'main' AND type = 'table'"
		" AND NOT strict AND name NOT LIKE 'sqlite%'"),
	    0);
}

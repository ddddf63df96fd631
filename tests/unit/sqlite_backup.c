/* sqlite_backup.c - a copy that is whole or not there, and damage that is found. */

#include "test.h"

#include "sqlite_test.h"

/* About a megabyte, so that a copy takes several slices. */
static void
fill(struct fixture *f)
{
	char text[1001];

	memset(text, 'x', 1000);
	text[1000] = '\0';
	assert_true(V.begin(f->db, &f->error));
	for (int i = 0; i < 1000; i++)
		assert_true(
		    V.note_set(f->db, arena_printf(f->arena, "filler %d", i), text, &f->error));
	assert_true(V.commit(f->db, &f->error));
}

static int
copy(struct fixture *f, const char *path)
{
	int slices = 0;
	bool more = true;

	while (more) {
		assert_done_in(f, V.backup(f->db, path, &more, &f->error));
		slices++;
	}
	return slices;
}

static int
count_files(const char *path)
{
	DIR *folder = opendir(path);
	int count = -2; /* . and .. */

	assert_non_null(folder);
	while (readdir(folder) != NULL)
		count++;
	closedir(folder);
	return count;
}

TEST(a_backup_is_a_store)
{
	_cleanup_(fixture_clear) struct fixture f = fixture_make();
	const char *path = folder_path(&f.folder, "copies/rollcall.backup");
	struct audit_row record = { .stamp = 1, .kind = "request" };
	int64_t records = 0;
	bool more;

	mkdir(folder_path(&f.folder, "copies"), 0700);
	operation_make(&f);
	assert_done(V.audit_add(f.db, &record, &f.error));
	fill(&f);
	assert_true(copy(&f, path) > 3);
	assert_int_equal(file_mode(path), 0600);
	assert_int_equal(count_files(folder_path(&f.folder, "copies")), 1);
	fixture_close(&f);
	f.path = path;
	fixture_open(&f);
	assert_done(V.check(f.db, &f.error));
	assert_done(V.audit_verify(f.db, &records, &more, &f.error));
	assert_int_equal(records, 1);
	assert_int_equal(ask(f.db->handle, "SELECT count(*) FROM note"), 1000);
	assert_string_equal(operation_make(&f), "R-2");
}

TEST(what_is_committed_between_two_slices_is_in_the_backup)
{
	_cleanup_(fixture_clear) struct fixture f = fixture_make();
	const char *path = folder_path(&f.folder, "backup");
	const char *value;
	bool more = true;
	int slices = 0;

	fill(&f);
	while (more) {
		const char *name = arena_printf(f.arena, "slice %d", slices);

		assert_done(V.backup(f.db, path, &more, &f.error));
		if (!more)
			break;
		assert_done(V.begin(f.db, &f.error));
		assert_done(V.note_set(f.db, name, "x", &f.error));
		/* The first page was copied already: it is copied again. */
		operation_make(&f);
		assert_done(V.commit(f.db, &f.error));
		slices++;
	}
	assert_true(slices > 2);
	assert_true(slices < 20); /* it was not begun again each time */
	fixture_close(&f);
	chmod(f.folder.path, 0700);
	f.path = path;
	fixture_open(&f);
	assert_done(V.check(f.db, &f.error));
	for (int i = 0; i < slices; i++) {
		assert_done(V.note_get(
		    f.db, f.arena, arena_printf(f.arena, "slice %d", i), &value, &f.error));
		assert_row(i, string_equal(value, "x"));
	}
	assert_int_equal(ask(f.db->handle, "SELECT count(*) FROM operation"), slices);
}

TEST(a_backup_is_never_written_over_something)
{
	_cleanup_(fixture_clear) struct fixture f = fixture_make();
	const char *path = folder_path(&f.folder, "backup");
	const char *part = folder_path(&f.folder, "backup.part");
	bool more;

	file_write(path, "mine", 4, 0600);
	assert_fails(
	    REFUSED, "is there already; name a new file", V.backup(f.db, path, &more, &f.error));
	assert_false(more);
	assert_fails(REFUSED, "is there already", V.backup(f.db, f.path, &more, &f.error));
	unlink(path);
	assert_int_equal(symlink("/nowhere", path), 0);
	assert_fails(REFUSED, "is there already", V.backup(f.db, path, &more, &f.error));
	unlink(path);
	file_write(part, "other", 5, 0600);
	assert_fails(REFUSED, "another backup writes it, or one was cut off",
	    V.backup(f.db, path, &more, &f.error));
	unlink(part);
	assert_int_equal(symlink("/nowhere", part), 0);
	assert_fails(
	    REFUSED, "backup.part is there already", V.backup(f.db, path, &more, &f.error));
	unlink(part);
	assert_fails(FAILED, "no such folder; make it",
	    V.backup(f.db, folder_path(&f.folder, "none/backup"), &more, &f.error));
	copy(&f, path);
	assert_false(file_is_there(part));
}

TEST(a_name_that_was_taken_meanwhile_is_not_replaced)
{
	_cleanup_(fixture_clear) struct fixture f = fixture_make();
	const char *path = folder_path(&f.folder, "backup");
	char text[5] = "";
	bool more, done;
	int descriptor;

	fill(&f);
	assert_done(V.backup(f.db, path, &more, &f.error));
	assert_true(more);
	file_write(path, "mine", 4, 0600);
	while ((done = V.backup(f.db, path, &more, &f.error)) && more)
		;
	assert_fails(FAILED, "cannot give the backup its name", done);
	assert_false(file_is_there(folder_path(&f.folder, "backup.part")));
	descriptor = open(path, O_RDONLY | O_CLOEXEC);
	assert_int_equal(read(descriptor, text, 4), 4);
	close(descriptor);
	assert_string_equal(text, "mine");
}

TEST(a_store_that_closes_throws_half_a_backup_away)
{
	_cleanup_(fixture_clear) struct fixture f = fixture_make();
	const char *path = folder_path(&f.folder, "backup");
	bool more;

	fill(&f);
	assert_done(V.backup(f.db, path, &more, &f.error));
	assert_true(more);
	assert_true(file_is_there(folder_path(&f.folder, "backup.part")));
	assert_int_equal(file_mode(folder_path(&f.folder, "backup.part")), 0600);
	fixture_close(&f);
	assert_int_equal(count_files(f.folder.path), 1);
}

TEST(a_backup_inside_a_transaction_is_our_bug)
{
	_cleanup_(fixture_clear) struct fixture f = fixture_make();
	bool more = true;

	assert_done(V.begin(f.db, &f.error));
	assert_fails(BROKEN, "inside a transaction",
	    V.backup(f.db, folder_path(&f.folder, "backup"), &more, &f.error));
	assert_false(more);
	V.rollback(f.db);
	assert_int_equal(count_files(f.folder.path), 1);
}

/* ---- check ---- */

TEST(a_sound_store_passes)
{
	_cleanup_(fixture_clear) struct fixture f = fixture_make();

	fill(&f);
	assert_done(V.check(f.db, &f.error));
	assert_done(V.begin(f.db, &f.error));
	assert_done(V.check(f.db, &f.error));
	assert_done(V.commit(f.db, &f.error));
}

TEST(a_damaged_page_is_found)
{
	_cleanup_(fixture_clear) struct fixture f = fixture_make();
	char garbage[4096];
	int descriptor;
	struct stat status;

	fill(&f);
	fixture_close(&f);
	memset(garbage, 0x5a, sizeof(garbage));
	assert_int_equal(stat(f.path, &status), 0);
	descriptor = open(f.path, O_WRONLY | O_CLOEXEC);
	assert_int_equal(
	    pwrite(descriptor, garbage, sizeof(garbage), status.st_size / 4096 / 2 * 4096), 4096);
	close(descriptor);
	fixture_open(&f);
	assert_fails(FAILED, "put the last backup in its place", V.check(f.db, &f.error));
}

TEST(a_row_without_its_operation_is_found)
{
	_cleanup_(fixture_clear) struct fixture f = fixture_make();

	tamper(f.path, "PRAGMA foreign_keys = OFF; INSERT INTO lock VALUES ('k', 'R-7', NULL, 0);");
	assert_fails(FAILED, "of lock belongs to no operation", V.check(f.db, &f.error));
}

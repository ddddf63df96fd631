/* sqlite_audit.c - the chain: whatever is done to the record by hand is found (AU1). */

#include "test.h"

#include "sqlite_test.h"

static void
record(struct fixture *f, int64_t count)
{
	assert_true(V.begin(f->db, &f->error));
	for (int64_t i = 0; i < count; i++) {
		struct audit_row row = { .stamp = 1000 + i,
			.kind = "step",
			.operation = "R-1",
			.actor = "T1/U1",
			.door = "slash",
			.channel = "C1",
			.text = "rollback web",
			.rule = "rules[0]",
			.detail = i % 2 ? NULL : "{\"exit\":0}" };

		assert_true(V.audit_add(f->db, &row, &f->error));
	}
	assert_true(V.commit(f->db, &f->error));
}

/* All slices; the error's text in f->error. */
static bool
verify(struct fixture *f, int64_t *records)
{
	bool more = true, good = true;

	*records = 0;
	f->error = (struct error)ERROR_INIT;
	while (good && more)
		good = V.audit_verify(f->db, records, &more, &f->error);
	return good;
}

static void
assert_found(struct fixture *f, const char *words)
{
	int64_t records;

	if (verify(f, &records))
		fail_msg("nothing was found, but: %s", words);
	if (f->error.kind != FAILED || strstr(f->error.text, words) == NULL)
		fail_msg("%s: %s", error_kind_name(f->error.kind), f->error.text);
}

TEST(an_empty_record_is_whole)
{
	_cleanup_(fixture_clear) struct fixture f = fixture_make();
	int64_t records = -1;

	assert_true(verify(&f, &records));
	assert_int_equal(records, 0);
}

TEST(each_record_carries_the_digest_of_the_one_before)
{
	_cleanup_(fixture_clear) struct fixture f = fixture_make();
	struct audit_row one = { .stamp = 1, .kind = "request" },
			 two = { .stamp = 2, .kind = "end" };
	int64_t records;

	assert_done(V.audit_add(f.db, &one, &f.error));
	assert_done(V.audit_add(f.db, &two, &f.error));
	assert_int_equal(one.number, 1);
	assert_int_equal(two.number, 2);
	assert_int_equal(strspn(one.previous, "0"), DIGEST_HEX - 1);
	assert_string_equal(two.previous, one.digest);
	assert_string_not_equal(one.digest, two.digest);
	assert_true(verify(&f, &records));
	assert_int_equal(records, 2);
}

/* Fixed for ever: a store written today must be verified by every later rollcall. */
TEST(the_digest_is_the_documented_one)
{
	_cleanup_(fixture_clear) struct fixture f = fixture_make();
	struct audit_row row = {
		.stamp = 1700000000000, .kind = "request", .actor = "T1/U1", .text = "ü"
	};
	struct digest sum;
	char expected[DIGEST_HEX];

	assert_done(V.audit_add(f.db, &row, &f.error));
	digest_init(&sum);
	digest_field(&sum, "audit 1");
	digest_number(&sum, 1);
	digest_number(&sum, 1700000000000);
	digest_field(&sum, "request");
	digest_field(&sum, NULL);
	digest_field(&sum, "T1/U1");
	digest_field(&sum, NULL);
	digest_field(&sum, NULL);
	digest_field(&sum, "ü");
	digest_field(&sum, NULL);
	digest_field(&sum, NULL);
	digest_field(&sum, row.previous);
	digest_end(&sum, expected);
	assert_string_equal(row.digest, expected);
}

TEST(an_undone_record_leaves_no_gap)
{
	_cleanup_(fixture_clear) struct fixture f = fixture_make();
	struct audit_row row = { .stamp = 1, .kind = "step" };
	int64_t records;

	record(&f, 2);
	assert_done(V.begin(f.db, &f.error));
	assert_done(V.savepoint(f.db, &f.error));
	assert_done(V.audit_add(f.db, &row, &f.error));
	assert_done(V.undo(f.db, &f.error));
	assert_done(V.savepoint(f.db, &f.error));
	assert_done(V.audit_add(f.db, &row, &f.error));
	assert_done(V.keep(f.db, &f.error));
	assert_done(V.commit(f.db, &f.error));
	assert_int_equal(row.number, 3);
	assert_true(verify(&f, &records));
	assert_int_equal(records, 3);
}

TEST(records_are_listed_oldest_first_the_newest_of_them)
{
	_cleanup_(fixture_clear) struct fixture f = fixture_make();
	struct audit_row other = { .stamp = 77, .kind = "reload", .operation = "R-2" };
	struct audit_row *rows;
	size_t count;

	record(&f, 4);
	assert_done(V.audit_add(f.db, &other, &f.error));
	record(&f, 1);
	assert_done(V.audit_list(f.db, f.arena, "R-1", 3, &rows, &count, &f.error));
	assert_int_equal(count, 3);
	assert_int_equal(rows[0].number, 3);
	assert_int_equal(rows[1].number, 4);
	assert_int_equal(rows[2].number, 6);
	assert_int_equal(rows[0].stamp, 1002);
	assert_string_equal(rows[0].kind, "step");
	assert_string_equal(rows[0].operation, "R-1");
	assert_string_equal(rows[0].actor, "T1/U1");
	assert_string_equal(rows[0].door, "slash");
	assert_string_equal(rows[0].channel, "C1");
	assert_string_equal(rows[0].text, "rollback web");
	assert_string_equal(rows[0].rule, "rules[0]");
	assert_string_equal(rows[0].detail, "{\"exit\":0}");
	assert_string_equal(rows[1].previous, rows[0].digest);
	assert_done(V.audit_list(f.db, f.arena, NULL, 2, &rows, &count, &f.error));
	assert_int_equal(count, 2);
	assert_int_equal(rows[0].number, 5);
	assert_string_equal(rows[0].operation, "R-2");
	assert_int_equal(rows[1].number, 6);
}

TEST(our_own_connection_can_only_add)
{
	static const char *const statements[] = {
		"UPDATE audit SET text = 'x'",
		"DELETE FROM audit",
		"DELETE FROM audit WHERE number = 2",
		"INSERT INTO audit SELECT * FROM audit WHERE number = 1",
	};
	_cleanup_(fixture_clear) struct fixture f = fixture_make();
	int64_t records;

	record(&f, 2);
	for (size_t i = 0; i < COUNT(statements); i++)
		assert_row(i,
		    (sqlite3_exec(f.db->handle, statements[i], NULL, NULL, NULL) & 0xff) ==
			SQLITE_CONSTRAINT);
	assert_true(verify(&f, &records));
	assert_int_equal(records, 2);
}

/* ---- tampering ---- */

#define RECORDS 4

static void
execute(struct fixture *f, const char *sql)
{
	char *message = NULL;

	if (sqlite3_exec(f->db->handle, sql, NULL, NULL, &message) != SQLITE_OK)
		fail_msg("%s: %s", sql, message);
}

/* From here on anything can be done to the table, as with an editor on the file. */
static struct fixture
tamperable(void)
{
	struct fixture f = fixture_make();

	record(&f, RECORDS);
	execute(&f, "DROP TRIGGER audit_changed; DROP TRIGGER audit_removed;");
	return f;
}

/* One change, looked at and taken back. */
static void
assert_seen(struct fixture *f, const char *change, const char *words)
{
	execute(f, "BEGIN");
	execute(f, change);
	assert_found(f, words);
	execute(f, "ROLLBACK");
}

static void
put_text(struct fixture *f, const char *column, int number, const void *bytes, size_t length)
{
	const char *sql =
	    arena_printf(f->arena, "UPDATE audit SET %s = ?1 WHERE number = ?2", column);
	sqlite3_stmt *statement;

	assert_int_equal(sqlite3_prepare_v2(f->db->handle, sql, -1, &statement, NULL), SQLITE_OK);
	sqlite3_bind_text64(statement, 1, bytes, length, SQLITE_TRANSIENT, SQLITE_UTF8);
	sqlite3_bind_int(statement, 2, number);
	assert_int_equal(sqlite3_step(statement), SQLITE_DONE);
	sqlite3_finalize(statement);
}

static char *
get_text(struct fixture *f, const char *column, int number, size_t *length)
{
	const char *sql =
	    arena_printf(f->arena, "SELECT %s FROM audit WHERE number = %d", column, number);
	sqlite3_stmt *statement;
	char *text;

	assert_int_equal(sqlite3_prepare_v2(f->db->handle, sql, -1, &statement, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
	*length = (size_t)sqlite3_column_bytes(statement, 0);
	text = arena_copy(f->arena, sqlite3_column_blob(statement, 0), *length);
	sqlite3_finalize(statement);
	return text;
}

static void
flip_every_bit_of(struct fixture *f, const char *column, int number)
{
	size_t length;
	char *text = get_text(f, column, number, &length);

	for (size_t bit = 0; bit < length * 8; bit++) {
		text[bit / 8] = (char)(text[bit / 8] ^ 1 << bit % 8);
		execute(f, "BEGIN");
		put_text(f, column, number, text, length);
		assert_found(f, arena_printf(f->arena, "audit record %d was changed", number));
		execute(f, "ROLLBACK");
		text[bit / 8] = (char)(text[bit / 8] ^ 1 << bit % 8);
	}
}

TEST(any_bit_flip)
{
	static const char *const texts[] = { "kind", "operation", "actor", "door", "channel",
		"text", "rule", "detail", "previous", "digest" };
	_cleanup_(fixture_clear) struct fixture f = tamperable();
	int64_t records;

	for (int number = 1; number <= RECORDS; number += RECORDS - 1)
		for (size_t i = 0; i < COUNT(texts); i++)
			flip_every_bit_of(&f, texts[i], number);
	for (int bit = 0; bit < 64; bit++) {
		assert_seen(&f,
		    arena_printf(f.arena,
			"UPDATE audit SET stamp = (stamp | (1 << %d)) - (stamp & (1 << %d)) WHERE"
			" number = 2",
			bit, bit),
		    "audit record 2 was changed");
		/* 4: a flipped bit makes no other record's number of it. */
		assert_seen(&f,
		    arena_printf(f.arena,
			"UPDATE audit SET number = (4 | (1 << %d)) - (4 & (1 << %d)) WHERE number"
			" = 4",
			bit, bit),
		    "is missing: after ");
	}
	assert_true(verify(&f, &records));
	assert_int_equal(records, RECORDS);
}

TEST(any_record_gone)
{
	_cleanup_(fixture_clear) struct fixture f = tamperable();

	for (int number = 1; number < RECORDS; number++)
		assert_seen(&f,
		    arena_printf(f.arena, "DELETE FROM audit WHERE number = %d", number),
		    arena_printf(f.arena, "audit record %d is missing: after %d comes %d", number,
			number - 1, number + 1));
	assert_seen(&f, arena_printf(f.arena, "DELETE FROM audit WHERE number = %d", RECORDS),
	    "the audit's end is missing: its last record is 3, and there were 4");
	assert_seen(&f, "DELETE FROM audit", "its last record is 0, and there were 4");
	/* The rest moved up, so that no number is missing. */
	for (int number = 1; number < RECORDS; number++)
		assert_seen(&f,
		    arena_printf(f.arena,
			"DELETE FROM audit WHERE number = %d;"
			"UPDATE audit SET number = -number; UPDATE audit SET number = -number - 1"
			" WHERE number < -%d; UPDATE audit SET number = -number WHERE number < 0;",
			number, number),
		    "audit record");
}

TEST(any_other_tampering)
{
	static const struct {
		const char *change, *words;
	} rows[] = {
		{ "UPDATE audit SET number = -1 WHERE number = 2; UPDATE audit SET number = 2"
		  " WHERE number = 3;UPDATE audit SET number = 3 WHERE number = -1;",
		    "audit record 2 was changed" },
		{ "UPDATE audit SET operation = NULL WHERE number = 3",
		    "audit record 3 was changed" },
		{ "UPDATE audit SET detail = '' WHERE number = 2", "audit record 2 was changed" },
		{ "UPDATE audit SET actor = door, door = actor WHERE number = 1",
		    "audit record 1 was changed" },
		{ "UPDATE audit SET actor = actor || substr(door, 1, 1), door = substr(door, 2)"
		  " WHERE number = 1",
		    "audit record 1 was changed" },
		{ "UPDATE audit SET text = text || char(0) || 'more' WHERE number = 4",
		    "audit record 4 was changed" },
		{ "UPDATE audit SET digest = upper(digest) WHERE number = 2",
		    "audit record 2 was changed" },
		{ "UPDATE audit SET digest = digest || 'a' WHERE number = 2",
		    "audit record 2 was changed" },
		{ "UPDATE audit SET digest = '' WHERE number = 4", "audit record 4 was changed" },
		{ "INSERT INTO audit SELECT 5, stamp, kind, operation, actor, door, channel, text,"
		  " rule, detail, previous, digest FROM audit WHERE number = 4",
		    "audit record 5 was changed" },
		{ "INSERT INTO audit SELECT 0, stamp, kind, operation, actor, door, channel, text,"
		  " rule, detail, previous, digest FROM audit WHERE number = 4",
		    "after 0 comes 0" },
		{ "INSERT INTO audit SELECT -9223372036854775808, stamp, kind, operation, actor,"
		  " door, channel, text, rule, detail, previous, digest FROM audit WHERE number ="
		  " 4",
		    "audit record 1 is missing" },
		{ "DELETE FROM audit_head", "the audit's head is missing" },
		{ "UPDATE audit_head SET number = 3", "audit record 4 is not the last one" },
		{ "UPDATE audit_head SET digest = ''", "audit record 4 is not the last one" },
	};
	_cleanup_(fixture_clear) struct fixture f = tamperable();

	for (size_t i = 0; i < COUNT(rows); i++)
		assert_seen(&f, rows[i].change, rows[i].words);
}

/* A record written anew fits itself, but the next one remembers the old. */
TEST(a_record_forged_with_its_digest_does_not_fit_the_next)
{
	_cleanup_(fixture_clear) struct fixture f = tamperable();
	struct audit_row forged = { .stamp = 1001, .kind = "step", .operation = "R-1" };

	execute(&f,
	    "UPDATE audit_head SET number = 1, digest = (SELECT digest FROM audit WHERE number ="
	    " 1)");
	execute(&f,
	    "CREATE TEMP TABLE rest AS SELECT * FROM audit WHERE number > 2;"
	    "DELETE FROM audit WHERE number > 1");
	assert_done(V.audit_add(f.db, &forged, &f.error));
	execute(&f,
	    "INSERT INTO audit SELECT * FROM rest;"
	    "UPDATE audit_head SET number = 4, digest = (SELECT digest FROM audit WHERE number ="
	    " 4)");
	assert_found(&f, "audit record 3 does not follow record 2");
}

TEST(nothing_can_be_added_without_the_head)
{
	_cleanup_(fixture_clear) struct fixture f = tamperable();
	struct audit_row row = { .stamp = 1, .kind = "step" };

	execute(&f, "DELETE FROM audit_head");
	assert_fails(FAILED, "the audit's head is missing", V.audit_add(f.db, &row, &f.error));
}

/* ---- beside a bot that goes on writing ---- */

static int
write_when_the_head_is_read(unsigned what, void *other, void *statement, void *text)
{
	struct audit_row row = { .stamp = 1, .kind = "step" };
	struct error error = ERROR_INIT;

	(void)what;
	(void)statement;
	if (strstr(text, "FROM audit_head") != NULL)
		assert_true(V.audit_add(other, &row, &error));
	return 0;
}

TEST(a_record_added_meanwhile_is_not_a_missing_one)
{
	_cleanup_(fixture_clear) struct fixture f = fixture_make();
	struct sqlite *bot = V.open(f.path, &f.error);
	int64_t records;

	assert_non_null(bot);
	record(&f, 2);
	sqlite3_trace_v2(f.db->handle, SQLITE_TRACE_STMT, write_when_the_head_is_read, bot);
	assert_true(verify(&f, &records));
	assert_int_equal(records, 2);
	sqlite3_trace_v2(f.db->handle, 0, NULL, NULL);
	assert_true(verify(&f, &records));
	assert_int_equal(records, 3);
	V.close(bot);
}

/* ---- slices ---- */

TEST(a_long_record_is_verified_in_slices)
{
	_cleanup_(fixture_clear) struct fixture f = fixture_make();
	int64_t records = 0;
	bool more;

	record(&f, 2 * 4096);
	assert_done(V.audit_verify(f.db, &records, &more, &f.error));
	assert_true(more);
	assert_int_equal(records, 4096);
	record(&f, 3);
	assert_done(V.audit_verify(f.db, &records, &more, &f.error));
	assert_true(more);
	assert_int_equal(records, 8192);
	assert_done(V.audit_verify(f.db, &records, &more, &f.error));
	assert_false(more);
	assert_int_equal(records, 8195);
	execute(&f, "DROP TRIGGER audit_changed; DROP TRIGGER audit_removed;");
	/* At the seam, and behind it. */
	assert_seen(
	    &f, "UPDATE audit SET text = 'x' WHERE number = 4096", "audit record 4096 was changed");
	assert_seen(&f, "DELETE FROM audit WHERE number = 4097", "audit record 4097 is missing");
	assert_seen(&f, "UPDATE audit SET rule = NULL WHERE number = 8193",
	    "audit record 8193 was changed");
	records = 4096;
	execute(&f, "DELETE FROM audit WHERE number = 4096");
	assert_fails(FAILED, "went away", V.audit_verify(f.db, &records, &more, &f.error));
}

/* sqlite.c - the verbs of the SQLite store for the inbox, operations, approvals and locks. */

#include <errno.h>

#include "test.h"

#include "sqlite_test.h"

/* ---- inbox and notes ---- */

static struct inbox_row
arrived(const char *team, const char *key)
{
	return (struct inbox_row){ .team = team, .key = key, .received = 1000 };
}

static const struct column inbox_columns[] = {
	COLUMN(inbox_row, id), COLUMN(inbox_row, team), COLUMN(inbox_row, key), COLUMN(inbox_row, door),
	COLUMN(inbox_row, person), COLUMN(inbox_row, channel), COLUMN(inbox_row, thread),
	COLUMN(inbox_row, message), COLUMN(inbox_row, text), COLUMN(inbox_row, action),
	COLUMN(inbox_row, argument), COLUMN(inbox_row, values), COLUMN(inbox_row, stamp),
	COLUMN(inbox_row, received), COLUMN(inbox_row, state), COLUMN(inbox_row, owner),
	COLUMN(inbox_row, fence), { .type = COLUMN_END },
};

TEST(an_inbox_row_comes_back_as_it_was)
{
	_cleanup_(fixture_clear) struct fixture f = fixture_make();
	struct inbox_row row = { .team = "T1",
		.key = "Ev1",
		.door = "slash",
		.person = "U1",
		.channel = "C1",
		.thread = "1.2",
		.message = "3.4",
		.text = "rollback 'x'; DROP TABLE inbox",
		.action = "start",
		.argument = "R-1:2:n",
		.values = "{\"reason\":\"ü\"}",
		.stamp = 5,
		.received = 6,
		.owner = "node-a",
		.fence = 7 };
	struct inbox_row *rows;
	size_t count;

	assert_done(V.inbox_add(f.db, &row, &f.error));
	assert_int_equal(row.id, 1);
	assert_false(row.duplicate);
	fixture_reopen(&f);
	assert_done(V.inbox_open(f.db, f.arena, &rows, &count, &f.error));
	assert_int_equal(count, 1);
	row.state = "new";
	assert_same_row(inbox_columns, &rows[0], &row);
	assert_false(rows[0].duplicate);
}

TEST(a_key_is_taken_once_in_each_team)
{
	static const struct {
		const char *team, *key;
		size_t first; /* the row that has this key already; itself: none */
	} rows[] = {
		{ "T1", "Ev1", 0 },
		{ "T1", "Ev1", 0 },
		{ "T2", "Ev1", 2 },
		{ "T1", "Ev2", 3 },
		{ "", "Ev1", 4 },
		{ "T2", "Ev1", 2 },
		{ "T1", "ev1", 6 },
	};
	_cleanup_(fixture_clear) struct fixture f = fixture_make();
	int64_t ids[COUNT(rows)];

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct inbox_row row = arrived(rows[i].team, rows[i].key);

		assert_done(V.inbox_add(f.db, &row, &f.error));
		ids[i] = row.id;
		assert_row(i, row.duplicate == (rows[i].first != i));
		assert_row(i, ids[i] == ids[rows[i].first]);
		for (size_t j = 0; j < i; j++)
			assert_row(i, row.duplicate || ids[j] < row.id);
	}
}

TEST(a_duplicate_of_a_finished_row_is_still_one)
{
	_cleanup_(fixture_clear) struct fixture f = fixture_make();
	struct inbox_row row = arrived("T1", "Ev1");
	struct inbox_row *rows;
	size_t count;

	assert_done(V.inbox_add(f.db, &row, &f.error));
	assert_done(V.inbox_done(f.db, row.id, "R-1", &f.error));
	assert_done(V.inbox_open(f.db, f.arena, &rows, &count, &f.error));
	assert_int_equal(count, 0);
	assert_done(V.inbox_add(f.db, &row, &f.error));
	assert_true(row.duplicate);
	assert_fails(BROKEN, "no row 77", V.inbox_done(f.db, 77, NULL, &f.error));
}

TEST(an_inbox_row_without_key_is_our_bug)
{
	_cleanup_(fixture_clear) struct fixture f = fixture_make();
	struct inbox_row row = arrived("T1", NULL);

	assert_fails(BROKEN, "NOT NULL", V.inbox_add(f.db, &row, &f.error));
}

TEST(old_keys_are_forgotten_but_nothing_that_is_owed_an_answer)
{
	_cleanup_(fixture_clear) struct fixture f = fixture_make();
	struct inbox_row old = arrived("T1", "old"), owed = arrived("T1", "owed"),
			 young = arrived("T1", "young");
	struct inbox_row *rows;
	int64_t last;
	size_t count;

	young.received = 2000;
	assert_done(V.inbox_add(f.db, &owed, &f.error));
	assert_done(V.inbox_add(f.db, &young, &f.error));
	assert_done(V.inbox_add(f.db, &old, &f.error));
	last = old.id;
	assert_done(V.inbox_done(f.db, old.id, NULL, &f.error));
	assert_done(V.inbox_done(f.db, young.id, NULL, &f.error));
	assert_done(V.inbox_forget(f.db, 2000, &f.error));
	assert_done(V.inbox_open(f.db, f.arena, &rows, &count, &f.error));
	assert_int_equal(count, 1);
	assert_string_equal(rows[0].key, "owed");
	assert_done(V.inbox_add(f.db, &young, &f.error));
	assert_true(young.duplicate);
	/* Files are named after the number: the forgotten one must not come again. */
	assert_done(V.inbox_add(f.db, &old, &f.error));
	assert_false(old.duplicate);
	assert_true(old.id > last);
}

TEST(notes_are_set_replaced_and_deleted)
{
	_cleanup_(fixture_clear) struct fixture f = fixture_make();
	const char *value = "untouched";

	assert_done(V.note_get(f.db, f.arena, "brake", &value, &f.error));
	assert_null(value);
	assert_done(V.note_set(f.db, "brake", "on", &f.error));
	assert_done(V.note_set(f.db, "team", "", &f.error));
	assert_done(V.note_set(f.db, "brake", "on, by U1", &f.error));
	assert_done(V.note_get(f.db, f.arena, "brake", &value, &f.error));
	assert_string_equal(value, "on, by U1");
	assert_done(V.note_get(f.db, f.arena, "team", &value, &f.error));
	assert_string_equal(value, "");
	assert_done(V.note_set(f.db, "brake", NULL, &f.error));
	assert_done(V.note_set(f.db, "never set", NULL, &f.error));
	assert_done(V.note_get(f.db, f.arena, "brake", &value, &f.error));
	assert_null(value);
}

/* ---- operations and steps ---- */

static const struct operation_row full = { .kind = "rollback",
	.state = "asking",
	.outcome = "done",
	.verdict = "verified",
	.inbox = 9,
	.requester = "T1/U1",
	.door = "slash",
	.team = "T1",
	.channel = "C1",
	.thread = "1.1",
	.card = "2.2",
	.request = "{}",
	.plan = "{\"format\":1}",
	.hash = "abc",
	.nonce = "n1",
	.reason = "because",
	.drawing = 3,
	.row = 4,
	.created = 10,
	.updated = 11,
	.expires = 12,
	.owner = "node-a",
	.fence = 13 };

static const struct column operation_columns[] = {
	COLUMN(operation_row, id), COLUMN(operation_row, kind), COLUMN(operation_row, state),
	COLUMN(operation_row, outcome), COLUMN(operation_row, verdict), COLUMN(operation_row, inbox),
	COLUMN(operation_row, requester), COLUMN(operation_row, door), COLUMN(operation_row, team),
	COLUMN(operation_row, channel), COLUMN(operation_row, thread), COLUMN(operation_row, card),
	COLUMN(operation_row, request), COLUMN(operation_row, plan), COLUMN(operation_row, hash),
	COLUMN(operation_row, nonce), COLUMN(operation_row, reason), COLUMN(operation_row, drawing),
	COLUMN(operation_row, row), COLUMN(operation_row, created), COLUMN(operation_row, updated),
	COLUMN(operation_row, expires), COLUMN(operation_row, owner), COLUMN(operation_row, fence),
	{ .type = COLUMN_END },
};

TEST(an_operation_comes_back_as_it_was)
{
	_cleanup_(fixture_clear) struct fixture f = fixture_make();
	struct operation_row row = full, found;
	bool there;

	assert_done(V.operation_add(f.db, f.arena, &row, &f.error));
	assert_string_equal(row.id, "R-1");
	fixture_reopen(&f);
	assert_done(V.operation_find(f.db, f.arena, "R-1", &found, &there, &f.error));
	assert_true(there);
	assert_same_row(operation_columns, &found, &row);
	assert_done(V.operation_find(f.db, f.arena, "R-2", &found, &there, &f.error));
	assert_false(there);
}

TEST(saving_an_operation_changes_every_field)
{
	_cleanup_(fixture_clear) struct fixture f = fixture_make();
	struct operation_row row = { .kind = "scale", .state = "looking" }, found;
	bool there;

	assert_done(V.operation_add(f.db, f.arena, &row, &f.error));
	found = full;
	found.id = row.id;
	assert_done(V.operation_save(f.db, &found, &f.error));
	row = found;
	assert_done(V.operation_find(f.db, f.arena, "R-1", &found, &there, &f.error));
	assert_same_row(operation_columns, &found, &row);
	row.outcome = NULL;
	assert_done(V.operation_save(f.db, &row, &f.error));
	assert_done(V.operation_find(f.db, f.arena, "R-1", &found, &there, &f.error));
	assert_null(found.outcome);
}

TEST(saving_what_is_not_there_is_our_bug)
{
	_cleanup_(fixture_clear) struct fixture f = fixture_make();
	struct operation_row row = full;

	row.id = "R-7";
	assert_fails(BROKEN, "no operation R-7", V.operation_save(f.db, &row, &f.error));
}

TEST(a_smaller_fence_saves_nothing)
{
	_cleanup_(fixture_clear) struct fixture f = fixture_make();
	struct operation_row row = full, found;
	bool there;

	assert_done(V.operation_add(f.db, f.arena, &row, &f.error));
	row.fence = 14;
	row.owner = "node-b";
	assert_done(V.operation_save(f.db, &row, &f.error));
	row.fence = 13;
	row.owner = "node-a";
	row.state = "ended";
	assert_fails(
	    REFUSED, "R-1 was taken over by node-b", V.operation_save(f.db, &row, &f.error));
	assert_done(V.operation_find(f.db, f.arena, "R-1", &found, &there, &f.error));
	assert_string_equal(found.state, "asking");
	assert_int_equal(found.fence, 14);
}

TEST(an_undone_operation_gives_its_number_back)
{
	_cleanup_(fixture_clear) struct fixture f = fixture_make();

	assert_done(V.begin(f.db, &f.error));
	assert_done(V.savepoint(f.db, &f.error));
	assert_string_equal(operation_make(&f), "R-1");
	assert_done(V.keep(f.db, &f.error));
	assert_done(V.savepoint(f.db, &f.error));
	assert_string_equal(operation_make(&f), "R-2");
	assert_done(V.undo(f.db, &f.error));
	assert_done(V.savepoint(f.db, &f.error));
	assert_string_equal(operation_make(&f), "R-2");
	assert_done(V.keep(f.db, &f.error));
	assert_done(V.commit(f.db, &f.error));
	fixture_reopen(&f);
	assert_string_equal(operation_make(&f), "R-3");
}

TEST(operations_are_listed_newest_first)
{
	_cleanup_(fixture_clear) struct fixture f = fixture_make();
	struct operation_row *rows;
	size_t count;

	for (int i = 1; i <= 12; i++) {
		struct operation_row row = { .kind = "rollback",
			.state = i % 2 ? "ended" : "acting" };

		assert_done(V.operation_add(f.db, f.arena, &row, &f.error));
	}
	assert_done(V.operation_list(f.db, f.arena, false, 3, &rows, &count, &f.error));
	assert_int_equal(count, 3);
	assert_string_equal(rows[0].id, "R-12");
	assert_string_equal(rows[2].id, "R-10");
	assert_done(V.operation_list(f.db, f.arena, true, SIZE_MAX, &rows, &count, &f.error));
	assert_int_equal(count, 6);
	assert_string_equal(rows[0].id, "R-12");
	assert_string_equal(rows[1].id, "R-10");
	assert_string_equal(rows[5].id, "R-2");
	assert_done(V.operation_list(f.db, f.arena, false, 0, &rows, &count, &f.error));
	assert_int_equal(count, 0);
}

TEST(a_step_is_replaced_and_listed_in_the_order_of_the_walk)
{
	static const struct {
		const char *list;
		int position;
	} order[] = { { "steps", 0 }, { "steps", 2 }, { "steps", 10 }, { "undo", 0 },
		{ "always", 1 } };
	static const size_t added[] = { 4, 3, 2, 0, 1 };
	_cleanup_(fixture_clear) struct fixture f = fixture_make();
	struct step_row step = { .operation = operation_make(&f),
		.state = "running",
		.note = "2 of 3",
		.started = 1,
		.ended = 2,
		.exit = -3,
		.pid = 4,
		.pid_start = 5,
		.spool = "spool/R-1.0" };
	struct step_row *rows;
	size_t count;

	for (size_t i = 0; i < COUNT(added); i++) {
		step.list = order[added[i]].list;
		step.position = order[added[i]].position;
		assert_done(V.step_save(f.db, &step, &f.error));
	}
	step.list = "steps";
	step.position = 0;
	step.state = "done";
	step.spool = NULL;
	assert_done(V.step_save(f.db, &step, &f.error));
	assert_done(V.step_list(f.db, f.arena, "R-1", &rows, &count, &f.error));
	assert_int_equal(count, COUNT(order));
	for (size_t i = 0; i < count; i++) {
		assert_string_equal(rows[i].list, order[i].list);
		assert_int_equal(rows[i].position, order[i].position);
	}
	assert_string_equal(rows[0].state, "done");
	assert_null(rows[0].spool);
	assert_string_equal(rows[1].operation, "R-1");
	assert_string_equal(rows[1].state, "running");
	assert_string_equal(rows[1].note, "2 of 3");
	assert_int_equal(rows[1].started, 1);
	assert_int_equal(rows[1].ended, 2);
	assert_int_equal(rows[1].exit, -3);
	assert_int_equal(rows[1].pid, 4);
	assert_int_equal(rows[1].pid_start, 5);
	assert_string_equal(rows[1].spool, "spool/R-1.0");
}

TEST(what_belongs_to_an_operation_needs_one)
{
	_cleanup_(fixture_clear) struct fixture f = fixture_make();
	struct step_row step = { .operation = "R-9", .list = "steps", .state = "running" };
	struct approval_row approval = { .operation = "R-9", .hash = "h", .person = "T1/U1" };
	struct lock_row lock = { .key = "k", .operation = "R-9" };

	assert_fails(BROKEN, "FOREIGN KEY", V.step_save(f.db, &step, &f.error));
	assert_fails(BROKEN, "FOREIGN KEY", V.approval_add(f.db, &approval, &f.error));
	assert_fails(BROKEN, "FOREIGN KEY", V.lock_take(f.db, f.arena, &lock, &f.error));
}

/* ---- approvals and locks ---- */

TEST(a_person_approves_a_hash_once)
{
	static const struct {
		const char *hash, *person;
		bool yes, duplicate;
	} rows[] = {
		{ "h1", "T1/U1", true, false },
		{ "h1", "T1/U1", true, true },
		{ "h1", "T1/U1", false, true },
		{ "h1", "T1/U2", false, false },
		{ "h2", "T1/U1", true, false },
	};
	_cleanup_(fixture_clear) struct fixture f = fixture_make();
	const char *operation = operation_make(&f);
	struct approval_row *found;
	size_t count;

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct approval_row row = { .operation = operation,
			.hash = rows[i].hash,
			.person = rows[i].person,
			.yes = rows[i].yes,
			.reason = "why",
			.door = "dialog",
			.stamp = 100 + (int64_t)i };

		assert_done(V.approval_add(f.db, &row, &f.error));
		assert_row(i, row.duplicate == rows[i].duplicate);
	}
	assert_done(V.approval_list(f.db, f.arena, operation, "h1", &found, &count, &f.error));
	assert_int_equal(count, 2);
	assert_string_equal(found[0].operation, operation);
	assert_string_equal(found[0].hash, "h1");
	assert_string_equal(found[0].person, "T1/U1");
	assert_true(found[0].yes);
	assert_string_equal(found[0].reason, "why");
	assert_string_equal(found[0].door, "dialog");
	assert_int_equal(found[0].stamp, 100);
	assert_string_equal(found[1].person, "T1/U2");
	assert_false(found[1].yes);
}

TEST(a_void_approval_counts_no_more_and_can_be_given_again)
{
	_cleanup_(fixture_clear) struct fixture f = fixture_make();
	const char *operation = operation_make(&f), *other = operation_make(&f);
	struct approval_row row = {
		.operation = operation, .hash = "h", .person = "T1/U1", .yes = true
	};
	struct approval_row elsewhere = { .operation = other, .hash = "h", .person = "T1/U1" };
	struct approval_row *found;
	size_t count;

	assert_done(V.approval_add(f.db, &row, &f.error));
	assert_done(V.approval_add(f.db, &elsewhere, &f.error));
	assert_done(V.approval_void(f.db, operation, &f.error));
	assert_done(V.approval_list(f.db, f.arena, operation, "h", &found, &count, &f.error));
	assert_int_equal(count, 0);
	assert_done(V.approval_list(f.db, f.arena, other, "h", &found, &count, &f.error));
	assert_int_equal(count, 1);
	for (int i = 0; i < 2; i++) {
		assert_done(V.approval_add(f.db, &row, &f.error));
		assert_false(row.duplicate);
		assert_done(V.approval_void(f.db, operation, &f.error));
	}
	assert_int_equal(ask(f.db->handle, "SELECT count(*) FROM approval WHERE void = 1"), 3);
}

TEST(a_lock_has_one_holder)
{
	_cleanup_(fixture_clear) struct fixture f = fixture_make();
	const char *one = operation_make(&f), *two = operation_make(&f);
	struct lock_row row = {
		.key = "prod/web", .operation = one, .person = "T1/U1", .since = 5
	};
	struct lock_row *rows;
	size_t count;

	assert_done(V.lock_take(f.db, f.arena, &row, &f.error));
	assert_true(row.taken);
	row =
	    (struct lock_row){ .key = "prod/web", .operation = two, .person = "T1/U2", .since = 9 };
	assert_done(V.lock_take(f.db, f.arena, &row, &f.error));
	assert_false(row.taken);
	assert_string_equal(row.key, "prod/web");
	assert_string_equal(row.operation, one);
	assert_string_equal(row.person, "T1/U1");
	assert_int_equal(row.since, 5);
	row =
	    (struct lock_row){ .key = "prod/web", .operation = one, .person = "T1/U1", .since = 9 };
	assert_done(V.lock_take(f.db, f.arena, &row, &f.error));
	assert_true(row.taken);
	assert_int_equal(row.since, 5);
	row = (struct lock_row){ .key = "prod/db", .operation = two, .since = 1 };
	assert_done(V.lock_take(f.db, f.arena, &row, &f.error));
	assert_true(row.taken);
	assert_done(V.lock_list(f.db, f.arena, &rows, &count, &f.error));
	assert_int_equal(count, 2);
	assert_string_equal(rows[0].key, "prod/db");
	assert_string_equal(rows[1].key, "prod/web");
	assert_done(V.lock_release(f.db, one, &f.error));
	assert_done(V.lock_release(f.db, one, &f.error));
	assert_done(V.lock_list(f.db, f.arena, &rows, &count, &f.error));
	assert_int_equal(count, 1);
	assert_string_equal(rows[0].operation, two);
}

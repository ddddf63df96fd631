/* sqlite_outbox.c - what is to be sent, and what was seen of revisions. */

#include "test.h"

#include "sqlite_test.h"

/* ---- outbox ---- */

static struct outbox_row
message(const char *key, const char *payload)
{
	return (struct outbox_row){ .key = key,
		.chat = "slack",
		.kind = "new",
		.class = 1,
		.payload = payload,
		.created = 10 };
}

static const struct column columns[] = {
	COLUMN(outbox_row, id), COLUMN(outbox_row, key), COLUMN(outbox_row, operation),
	COLUMN(outbox_row, chat), COLUMN(outbox_row, kind), COLUMN(outbox_row, class),
	COLUMN(outbox_row, conversation), COLUMN(outbox_row, channel), COLUMN(outbox_row, thread),
	COLUMN(outbox_row, person), COLUMN(outbox_row, payload), COLUMN(outbox_row, state),
	COLUMN(outbox_row, ts), COLUMN(outbox_row, why), COLUMN(outbox_row, attempts),
	COLUMN(outbox_row, created), COLUMN(outbox_row, next), COLUMN(outbox_row, sent),
	COLUMN(outbox_row, owner), COLUMN(outbox_row, fence), { .type = COLUMN_END },
};

TEST(a_message_comes_back_as_it_was)
{
	_cleanup_(fixture_clear) struct fixture f = fixture_make();
	struct outbox_row row = { .key = "R-1/card",
		.operation = "R-1",
		.chat = "slack",
		.kind = "new",
		.class = 2,
		.conversation = "R-1",
		.channel = "C1",
		.thread = "1.1",
		.person = "U1",
		.payload = "{\"text\":\"hi\"}",
		.state = "sending",
		.ts = "9.9",
		.why = "ratelimited",
		.attempts = 3,
		.created = 4,
		.next = 5,
		.sent = 6,
		.owner = "node-a",
		.fence = 7 };
	struct outbox_row found;
	bool there;

	assert_done(V.outbox_add(f.db, &row, &f.error));
	assert_false(row.duplicate);
	assert_int_equal(row.id, 1);
	fixture_reopen(&f);
	assert_done(V.outbox_find(f.db, f.arena, "R-1/card", &found, &there, &f.error));
	assert_true(there);
	assert_same_row(columns, &found, &row);
	assert_done(V.outbox_find(f.db, f.arena, "R-2/card", &found, &there, &f.error));
	assert_false(there);
}

TEST(a_queued_message_takes_the_later_payload_and_the_more_urgent_class)
{
	static const struct {
		int first, second, kept;
	} classes[] = { { 1, 3, 1 }, { 3, 0, 0 }, { 2, 2, 2 } };
	_cleanup_(fixture_clear) struct fixture f = fixture_make();

	for (size_t i = 0; i < COUNT(classes); i++) {
		const char *key = arena_printf(f.arena, "R-%zu/card", i);
		struct outbox_row early = message(key, "one"), late = message(key, "two"), found;
		bool there;

		early.class = classes[i].first;
		late.class = classes[i].second;
		late.kind = "update";
		late.created = 99;
		assert_done(V.outbox_add(f.db, &early, &f.error));
		assert_done(V.outbox_add(f.db, &late, &f.error));
		assert_row(i, !late.duplicate);
		assert_row(i, late.id == early.id);
		assert_done(V.outbox_find(f.db, f.arena, key, &found, &there, &f.error));
		assert_row(i, string_equal(found.payload, "two"));
		assert_row(i, string_equal(found.kind, "new"));
		assert_row(i, found.class == classes[i].kept);
		assert_row(i, found.created == 10);
	}
}

TEST(a_message_that_is_under_way_or_out_is_not_replaced)
{
	static const char *const states[] = { "sending", "sent", "failed" };
	_cleanup_(fixture_clear) struct fixture f = fixture_make();

	for (size_t i = 0; i < COUNT(states); i++) {
		struct outbox_row row = message(states[i], "one"),
				  again = message(states[i], "two"), found;
		bool there;

		assert_done(V.outbox_add(f.db, &row, &f.error));
		row.state = states[i];
		assert_done(V.outbox_save(f.db, &row, &f.error));
		assert_done(V.outbox_add(f.db, &again, &f.error));
		assert_row(i, again.duplicate);
		assert_row(i, again.id == row.id);
		assert_done(V.outbox_find(f.db, f.arena, states[i], &found, &there, &f.error));
		assert_row(i, string_equal(found.payload, "one"));
		assert_row(i, string_equal(found.state, states[i]));
	}
}

TEST(saving_a_message_keeps_what_was_asked_for)
{
	_cleanup_(fixture_clear) struct fixture f = fixture_make();
	struct outbox_row row = message("k", "payload"), found;
	bool there;

	assert_done(V.outbox_add(f.db, &row, &f.error));
	row = (struct outbox_row){ .id = row.id,
		.state = "sent",
		.ts = "7.7",
		.why = "w",
		.attempts = 2,
		.next = 3,
		.sent = 4,
		.owner = "node-b",
		.fence = 5 };
	assert_done(V.outbox_save(f.db, &row, &f.error));
	assert_done(V.outbox_find(f.db, f.arena, "k", &found, &there, &f.error));
	assert_string_equal(found.payload, "payload");
	assert_string_equal(found.chat, "slack");
	assert_string_equal(found.state, "sent");
	assert_string_equal(found.ts, "7.7");
	assert_string_equal(found.why, "w");
	assert_int_equal(found.attempts, 2);
	assert_int_equal(found.next, 3);
	assert_int_equal(found.sent, 4);
	assert_int_equal(found.created, 10);
	row.fence = 4;
	assert_fails(REFUSED, "k was taken over by node-b", V.outbox_save(f.db, &row, &f.error));
	row.id = 99;
	assert_fails(BROKEN, "no row 99", V.outbox_save(f.db, &row, &f.error));
}

TEST(open_messages_stand_in_the_order_in_which_they_were_added)
{
	static const struct {
		const char *key, *state;
	} rows[] = { { "b", "queued" }, { "a", "sending" }, { "x", "sent" }, { "y", "failed" },
		{ "0", "queued" } };
	_cleanup_(fixture_clear) struct fixture f = fixture_make();
	struct outbox_row *found;
	size_t count;

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct outbox_row row = message(rows[i].key, "p");

		row.state = rows[i].state;
		assert_done(V.outbox_add(f.db, &row, &f.error));
	}
	assert_done(V.outbox_open(f.db, f.arena, &found, &count, &f.error));
	assert_int_equal(count, 3);
	assert_string_equal(found[0].key, "b");
	assert_string_equal(found[1].key, "a");
	assert_string_equal(found[2].key, "0");
	assert_done(V.outbox_doubted(f.db, f.arena, "may stand twice", &found, &count, &f.error));
	assert_int_equal(count, 0);
	assert_int_equal(sqlite3_exec(f.db->handle, "UPDATE outbox SET why = 'may stand twice' WHERE key <> 'b'",
	    NULL, NULL, NULL), SQLITE_OK);
	assert_done(V.outbox_doubted(f.db, f.arena, "may stand twice", &found, &count, &f.error));
	assert_int_equal(count, 1);	/* the one that was sent */
	assert_string_equal(found[0].key, "x");
	assert_done(V.outbox_forget(f.db, 10, &f.error));
	assert_int_equal(ask(f.db->handle, "SELECT count(*) FROM outbox"), 5);
	assert_done(V.outbox_forget(f.db, 11, &f.error));
	assert_int_equal(ask(f.db->handle, "SELECT count(*) FROM outbox"), 3);
}

/* ---- revisions ---- */

TEST(a_revision_keeps_what_is_not_said_again)
{
	_cleanup_(fixture_clear) struct fixture f = fixture_make();
	struct revision_row row = { .cluster = "prod",
		.namespace = "shop",
		.object = "deployment/web",
		.pin = "p1",
		.number = 4,
		.seen = 10,
		.version = "1.2.3",
		.image = "web:1.2.3" };
	struct revision_row *rows;
	size_t count;

	assert_done(V.revision_save(f.db, &row, &f.error));
	row = (struct revision_row){ .cluster = "prod",
		.namespace = "shop",
		.object = "deployment/web",
		.pin = "p1",
		.verified = 20,
		.operation = "R-1" };
	assert_done(V.revision_save(f.db, &row, &f.error));
	row = (struct revision_row){ .cluster = "prod",
		.namespace = "shop",
		.object = "deployment/web",
		.pin = "p1",
		.number = 6,
		.left = "R-2" };
	assert_done(V.revision_save(f.db, &row, &f.error));
	assert_done(V.revision_list(
	    f.db, f.arena, "prod", "shop", "deployment/web", &rows, &count, &f.error));
	assert_int_equal(count, 1);
	assert_string_equal(rows[0].cluster, "prod");
	assert_string_equal(rows[0].namespace, "shop");
	assert_string_equal(rows[0].object, "deployment/web");
	assert_string_equal(rows[0].pin, "p1");
	assert_int_equal(rows[0].number, 6);
	assert_int_equal(rows[0].seen, 10);
	assert_int_equal(rows[0].verified, 20);
	assert_string_equal(rows[0].version, "1.2.3");
	assert_string_equal(rows[0].image, "web:1.2.3");
	assert_string_equal(rows[0].left, "R-2");
	assert_string_equal(rows[0].operation, "R-1");
	row.left = "";
	row.verified = REVISION_UNVERIFIED;
	assert_done(V.revision_save(f.db, &row, &f.error));
	assert_done(V.revision_list(
	    f.db, f.arena, "prod", "shop", "deployment/web", &rows, &count, &f.error));
	assert_null(rows[0].left);
	assert_int_equal(rows[0].verified, 0);
}

TEST(revisions_of_one_object_are_listed_highest_first)
{
	static const struct {
		const char *cluster, *object, *pin;
		int64_t number;
	} added[] = { { "prod", "deployment/web", "a", 9 }, { "prod", "deployment/web", "b", 10 },
		{ "test", "deployment/web", "c", 11 }, { "prod", "deployment/db", "d", 12 },
		{ "prod", "deployment/web", "e", 2 } };
	_cleanup_(fixture_clear) struct fixture f = fixture_make();
	struct revision_row *rows;
	size_t count;

	for (size_t i = 0; i < COUNT(added); i++) {
		struct revision_row row = { .cluster = added[i].cluster,
			.namespace = "shop",
			.object = added[i].object,
			.pin = added[i].pin,
			.number = added[i].number };

		assert_done(V.revision_save(f.db, &row, &f.error));
	}
	assert_done(V.revision_list(
	    f.db, f.arena, "prod", "shop", "deployment/web", &rows, &count, &f.error));
	assert_int_equal(count, 3);
	assert_string_equal(rows[0].pin, "b");
	assert_string_equal(rows[1].pin, "a");
	assert_string_equal(rows[2].pin, "e");
}

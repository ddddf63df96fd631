/*
 * store_model.c - random work against a store and against a model that is a few arrays.
 *
 * Groups of jobs in savepoints, some undone, some groups failing at COMMIT or rolled back, the
 * store sometimes closed and opened again: after each group both must tell the same.  What is kept
 * of a job is the model's copy, what is undone is the copy from before.  The seeds are fixed; one
 * more is in ROLLCALL_SEED.
 */

#include "test.h"

#include "sqlite_test.h"

enum { NAMES = 5, KEYS = 6, OPERATIONS = 40, HASHES = 2, PEOPLE = 3, GROUPS = 60, SEEDS = 8 };

struct model {
	char notes[NAMES]; /* 0: none */
	char inbox[KEYS]; /* 0: none, 'n'ew, 'd'one */
	int64_t inbox_id[KEYS], inbox_received[KEYS];
	int operations;
	struct {
		char state[12];
		int fence, drawing;
	} operation[OPERATIONS];
	char approvals[OPERATIONS][HASHES][PEOPLE]; /* 0: none, 'y', 'n' */
	int locks[KEYS]; /* number of the operation, 0: free */
	struct {
		char state; /* 0: none, 'q'ueued, 'g'oing, 's'ent */
		char payload;
		int class, fence;
		int64_t id, created;
	} outbox[KEYS];
	struct {
		bool there;
		int64_t number, verified;
		char left; /* 0: none */
	} revisions[KEYS];
	int64_t audits;
};

struct play {
	struct fixture f;
	struct model now;
	uint64_t random;
	int64_t clock;
};

static int
draw(struct play *play, int below)
{
	play->random = play->random * 6364136223846793005u + 1442695040888963407u;
	return (int)((play->random >> 33) % (uint64_t)below);
}

static const char *
word(struct play *play, const char *stem, int number)
{
	return arena_printf(play->f.arena, "%s%d", stem, number);
}

static const char *
letter(struct play *play, char c)
{
	return c == 0 ? NULL : arena_printf(play->f.arena, "%c", c);
}

#define SAME(play, condition)                                                                      \
	do {                                                                                       \
		if (!(condition))                                                                  \
			fail_msg("seed %s: not %s", getenv("ROLLCALL_SEED_NOW"), #condition);      \
	} while (0)
#define DONE(play, call)                                                                           \
	do {                                                                                       \
		if (!(call))                                                                       \
			fail_msg("seed %s: %s: %s", getenv("ROLLCALL_SEED_NOW"), #call,            \
			    (play)->f.error.text);                                                 \
	} while (0)

/* ---- one action each, on the store and on the model ---- */

static void
play_note(struct play *play)
{
	int name = draw(play, NAMES);
	char value = (char)(draw(play, 4) == 0 ? 0 : 'a' + draw(play, 26));

	DONE(play,
	    V.note_set(play->f.db, word(play, "note", name), letter(play, value), &play->f.error));
	play->now.notes[name] = value;
}

static void
play_inbox_add(struct play *play)
{
	int key = draw(play, KEYS);
	struct inbox_row row = { .team = key % 2 ? "T1" : "T2",
		.key = word(play, "Ev", key / 2),
		.received = play->clock };

	DONE(play, V.inbox_add(play->f.db, &row, &play->f.error));
	SAME(play, row.duplicate == (play->now.inbox[key] != 0));
	SAME(play, !row.duplicate || row.id == play->now.inbox_id[key]);
	if (row.duplicate)
		return;
	play->now.inbox[key] = 'n';
	play->now.inbox_id[key] = row.id;
	play->now.inbox_received[key] = play->clock;
}

static void
play_inbox_done(struct play *play)
{
	int key = draw(play, KEYS);

	if (play->now.inbox[key] == 0)
		return;
	DONE(play, V.inbox_done(play->f.db, play->now.inbox_id[key], NULL, &play->f.error));
	play->now.inbox[key] = 'd';
}

static void
play_inbox_forget(struct play *play)
{
	int64_t before = play->clock - draw(play, 50);

	DONE(play, V.inbox_forget(play->f.db, before, &play->f.error));
	for (int i = 0; i < KEYS; i++)
		if (play->now.inbox[i] == 'd' && play->now.inbox_received[i] < before)
			play->now.inbox[i] = 0;
}

static void
play_operation_add(struct play *play)
{
	struct operation_row row = { .kind = "rollback", .state = "looking" };
	int number = play->now.operations + 1;

	if (number >= OPERATIONS)
		return;
	DONE(play, V.operation_add(play->f.db, play->f.arena, &row, &play->f.error));
	SAME(play, string_equal(row.id, word(play, "R-", number)));
	play->now.operations = number;
	memset(&play->now.operation[number], 0, sizeof(play->now.operation[number]));
	memcpy(play->now.operation[number].state, "looking", 8);
	memset(play->now.approvals[number], 0, sizeof(play->now.approvals[number]));
}

static int
some_operation(struct play *play)
{
	return play->now.operations == 0 ? 0 : 1 + draw(play, play->now.operations);
}

static void
play_operation_save(struct play *play)
{
	static const char *const states[] = { "asking", "acting", "telling", "ended" };
	int number = some_operation(play);
	struct operation_row row = { .id = word(play, "R-", number),
		.kind = "rollback",
		.state = states[draw(play, COUNT(states))],
		.drawing = draw(play, 100),
		.fence = draw(play, 4) };

	if (number == 0)
		return;
	if (row.fence < play->now.operation[number].fence) {
		SAME(play, !V.operation_save(play->f.db, &row, &play->f.error));
		SAME(play, play->f.error.kind == REFUSED);
		return;
	}
	DONE(play, V.operation_save(play->f.db, &row, &play->f.error));
	memcpy(play->now.operation[number].state, row.state, strlen(row.state) + 1);
	play->now.operation[number].fence = (int)row.fence;
	play->now.operation[number].drawing = row.drawing;
}

static void
play_approval_add(struct play *play)
{
	int number = some_operation(play), hash = draw(play, HASHES), person = draw(play, PEOPLE);
	struct approval_row row = { .operation = word(play, "R-", number),
		.hash = word(play, "h", hash),
		.person = word(play, "U", person),
		.yes = draw(play, 3) > 0 };

	if (number == 0)
		return;
	DONE(play, V.approval_add(play->f.db, &row, &play->f.error));
	SAME(play, row.duplicate == (play->now.approvals[number][hash][person] != 0));
	if (!row.duplicate)
		play->now.approvals[number][hash][person] = row.yes ? 'y' : 'n';
}

static void
play_approval_void(struct play *play)
{
	int number = some_operation(play);

	DONE(play, V.approval_void(play->f.db, word(play, "R-", number), &play->f.error));
	memset(play->now.approvals[number], 0, sizeof(play->now.approvals[number]));
}

static void
play_lock_take(struct play *play)
{
	int number = some_operation(play), key = draw(play, KEYS);
	struct lock_row row = { .key = word(play, "lock", key),
		.operation = word(play, "R-", number) };

	if (number == 0)
		return;
	DONE(play, V.lock_take(play->f.db, play->f.arena, &row, &play->f.error));
	SAME(play, row.taken == (play->now.locks[key] == 0 || play->now.locks[key] == number));
	if (row.taken)
		play->now.locks[key] = number;
	SAME(play, string_equal(row.operation, word(play, "R-", play->now.locks[key])));
}

static void
play_lock_release(struct play *play)
{
	int number = some_operation(play);

	DONE(play, V.lock_release(play->f.db, word(play, "R-", number), &play->f.error));
	for (int i = 0; i < KEYS; i++)
		if (number != 0 && play->now.locks[i] == number)
			play->now.locks[i] = 0;
}

static void
play_outbox_add(struct play *play)
{
	int key = draw(play, KEYS), class = draw(play, 4);
	char payload = (char)('a' + draw(play, 26));
	struct outbox_row row = { .key = word(play, "card", key),
		.chat = "slack",
		.kind = "new",
		.class = class,
		.payload = letter(play, payload),
		.created = play->clock };
	__typeof__(play->now.outbox[0]) *known = &play->now.outbox[key];

	DONE(play, V.outbox_add(play->f.db, &row, &play->f.error));
	SAME(play, row.duplicate == (known->state != 0 && known->state != 'q'));
	SAME(play, known->state == 0 || row.id == known->id);
	if (row.duplicate)
		return;
	if (known->state == 0) {
		known->class = class;
		known->created = play->clock;
		known->id = row.id;
		known->fence = 0;
	}
	known->state = 'q';
	known->payload = payload;
	known->class = class < known->class ? class : known->class;
}

static const char *
outbox_state(char state)
{
	return state == 'q' ? "queued" : state == 'g' ? "sending" : "sent";
}

static void
play_outbox_save(struct play *play)
{
	int key = draw(play, KEYS);
	__typeof__(play->now.outbox[0]) *known = &play->now.outbox[key];
	char state = "qgs"[draw(play, 3)];
	struct outbox_row row = {
		.id = known->id, .state = outbox_state(state), .fence = draw(play, 3)
	};

	if (known->state == 0)
		return;
	if (row.fence < known->fence) {
		SAME(play, !V.outbox_save(play->f.db, &row, &play->f.error));
		SAME(play, play->f.error.kind == REFUSED);
		return;
	}
	DONE(play, V.outbox_save(play->f.db, &row, &play->f.error));
	known->state = state;
	known->fence = (int)row.fence;
}

static void
play_outbox_forget(struct play *play)
{
	int64_t before = play->clock - draw(play, 50);

	DONE(play, V.outbox_forget(play->f.db, before, &play->f.error));
	for (int i = 0; i < KEYS; i++)
		if (play->now.outbox[i].state == 's' && play->now.outbox[i].created < before)
			play->now.outbox[i].state = 0;
}

static void
play_revision(struct play *play)
{
	int pin = draw(play, KEYS), left = draw(play, 4);
	struct revision_row row = { .cluster = "prod",
		.namespace = "shop",
		.object = "deployment/web",
		.pin = word(play, "pin", pin),
		.number = draw(play, 5),
		.verified = draw(play, 3),
		.left = left == 0 ? NULL
		    : left == 1	  ? ""
				  : letter(play, (char)('0' + left)) };
	__typeof__(play->now.revisions[0]) *known = &play->now.revisions[pin];

	DONE(play, V.revision_save(play->f.db, &row, &play->f.error));
	if (!known->there)
		memset(known, 0, sizeof(*known));
	known->there = true;
	known->number = row.number != 0 ? row.number : known->number;
	known->verified = row.verified != 0 ? row.verified : known->verified;
	if (left != 0)
		known->left = (char)(left == 1 ? 0 : '0' + left);
}

static void
play_audit(struct play *play)
{
	struct audit_row row = {
		.stamp = play->clock, .kind = "step", .text = word(play, "", draw(play, 9))
	};

	DONE(play, V.audit_add(play->f.db, &row, &play->f.error));
	SAME(play, row.number == ++play->now.audits);
}

static void (*const actions[])(struct play *) = { play_note, play_inbox_add, play_inbox_add,
	play_inbox_done, play_inbox_forget, play_operation_add, play_operation_save,
	play_operation_save, play_approval_add, play_approval_add, play_approval_void,
	play_lock_take, play_lock_take, play_lock_release, play_outbox_add, play_outbox_add,
	play_outbox_save, play_outbox_forget, play_revision, play_audit };

/* ---- what both must agree on ---- */

static void
compare_notes(struct play *play)
{
	const char *value;

	for (int i = 0; i < NAMES; i++) {
		DONE(play,
		    V.note_get(
			play->f.db, play->f.arena, word(play, "note", i), &value, &play->f.error));
		SAME(play, string_equal(value, letter(play, play->now.notes[i])));
	}
}

static void
compare_inbox(struct play *play)
{
	struct inbox_row *rows;
	size_t count, expected = 0;

	DONE(play, V.inbox_open(play->f.db, play->f.arena, &rows, &count, &play->f.error));
	for (int i = 0; i < KEYS; i++)
		expected += play->now.inbox[i] == 'n';
	SAME(play, count == expected);
	for (size_t i = 1; i < count; i++)
		SAME(play, rows[i - 1].id < rows[i].id);
}

static void
compare_operations(struct play *play)
{
	struct operation_row *rows;
	size_t count, open = 0;

	DONE(play,
	    V.operation_list(
		play->f.db, play->f.arena, false, SIZE_MAX, &rows, &count, &play->f.error));
	SAME(play, count == (size_t)play->now.operations);
	for (size_t i = 0; i < count; i++) {
		int number = play->now.operations - (int)i;

		SAME(play, string_equal(rows[i].id, word(play, "R-", number)));
		SAME(play, string_equal(rows[i].state, play->now.operation[number].state));
		SAME(play, rows[i].fence == play->now.operation[number].fence);
		SAME(play, rows[i].drawing == play->now.operation[number].drawing);
		open += !string_equal(rows[i].state, "ended");
	}
	DONE(play,
	    V.operation_list(
		play->f.db, play->f.arena, true, SIZE_MAX, &rows, &count, &play->f.error));
	SAME(play, count == open);
}

static void
compare_approvals(struct play *play, int number, int hash)
{
	struct approval_row *rows;
	size_t count, expected = 0;

	DONE(play,
	    V.approval_list(play->f.db, play->f.arena, word(play, "R-", number),
		word(play, "h", hash), &rows, &count, &play->f.error));
	for (int i = 0; i < PEOPLE; i++)
		expected += play->now.approvals[number][hash][i] != 0;
	SAME(play, count == expected);
	for (size_t i = 0; i < count; i++)
		SAME(play,
		    play->now.approvals[number][hash][rows[i].person[1] - '0'] ==
			(rows[i].yes ? 'y' : 'n'));
}

static void
compare_locks(struct play *play)
{
	struct lock_row *rows;
	size_t count, expected = 0;

	DONE(play, V.lock_list(play->f.db, play->f.arena, &rows, &count, &play->f.error));
	for (int i = 0; i < KEYS; i++)
		expected += play->now.locks[i] != 0;
	SAME(play, count == expected);
	for (size_t i = 0; i < count; i++)
		SAME(play,
		    string_equal(rows[i].operation,
			word(play, "R-", play->now.locks[rows[i].key[4] - '0'])));
}

static void
compare_outbox(struct play *play)
{
	struct outbox_row *rows, row;
	size_t count, open = 0;
	bool there;

	for (int i = 0; i < KEYS; i++) {
		__typeof__(play->now.outbox[0]) *known = &play->now.outbox[i];

		DONE(play,
		    V.outbox_find(play->f.db, play->f.arena, word(play, "card", i), &row, &there,
			&play->f.error));
		SAME(play, there == (known->state != 0));
		open += known->state == 'q' || known->state == 'g';
		if (!there)
			continue;
		SAME(play,
		    row.id == known->id && row.class == known->class && row.fence == known->fence);
		SAME(play, string_equal(row.payload, letter(play, known->payload)));
		SAME(play, string_equal(row.state, outbox_state(known->state)));
	}
	DONE(play, V.outbox_open(play->f.db, play->f.arena, &rows, &count, &play->f.error));
	SAME(play, count == open);
}

static void
compare_revisions(struct play *play)
{
	struct revision_row *rows;
	size_t count, expected = 0;

	DONE(play,
	    V.revision_list(play->f.db, play->f.arena, "prod", "shop", "deployment/web", &rows,
		&count, &play->f.error));
	for (int i = 0; i < KEYS; i++)
		expected += play->now.revisions[i].there;
	SAME(play, count == expected);
	for (size_t i = 0; i < count; i++) {
		__typeof__(play->now.revisions[0]) *known =
		    &play->now.revisions[rows[i].pin[3] - '0'];

		SAME(play, rows[i].number == known->number && rows[i].verified == known->verified);
		SAME(play, string_equal(rows[i].left, letter(play, known->left)));
		SAME(play, i == 0 || rows[i - 1].number >= rows[i].number);
	}
}

static void
compare_audit(struct play *play)
{
	int64_t records = 0;
	bool more;

	DONE(play, V.audit_verify(play->f.db, &records, &more, &play->f.error));
	SAME(play, records == play->now.audits);
}

static void
compare(struct play *play)
{
	compare_notes(play);
	compare_inbox(play);
	compare_operations(play);
	for (int i = 1; i <= play->now.operations; i++)
		for (int hash = 0; hash < HASHES; hash++)
			compare_approvals(play, i, hash);
	compare_locks(play);
	compare_outbox(play);
	compare_revisions(play);
	compare_audit(play);
}

/* ---- groups ---- */

static void
play_job(struct play *play)
{
	struct model before = play->now;

	DONE(play, V.savepoint(play->f.db, &play->f.error));
	for (int i = draw(play, 5); i >= 0; i--)
		actions[draw(play, COUNT(actions))](play);
	if (draw(play, 4) > 0) {
		DONE(play, V.keep(play->f.db, &play->f.error));
		return;
	}
	DONE(play, V.undo(play->f.db, &play->f.error));
	play->now = before;
}

/* Every way in which a group can end. */
static void
end_group(struct play *play, const struct model *before)
{
	switch (draw(play, 8)) {
	case 0:
		V.rollback(play->f.db);
		play->now = *before;
		return;
	case 1:
		setenv("ROLLCALL_FAIL_COMMIT", word(play, "", (int)play->f.db->commits + 1), 1);
		if (!V.commit(play->f.db, &play->f.error))
			play->now = *before;
		unsetenv("ROLLCALL_FAIL_COMMIT");
		return;
	}
	DONE(play, V.commit(play->f.db, &play->f.error));
}

static void
play_group(struct play *play)
{
	struct model before = play->now;

	play->clock += draw(play, 20);
	DONE(play, V.begin(play->f.db, &play->f.error));
	for (int i = draw(play, 6); i >= 0; i--)
		play_job(play);
	end_group(play, &before);
	if (draw(play, 10) == 0) {
		fixture_close(&play->f);
		fixture_open(&play->f);
	}
	compare(play);
}

static void
play_seed(uint64_t seed)
{
	struct play play = { .f = fixture_make(), .random = seed, .clock = 1000 };
	_cleanup_(freep) char *name = xasprintf("%llu", (unsigned long long)seed);

	setenv("ROLLCALL_SEED_NOW", name, 1);
	for (int i = 0; i < GROUPS; i++)
		play_group(&play);
	DONE(&play, V.check(play.f.db, &play.f.error));
	fixture_clear(&play.f);
}

TEST(store_and_model_agree_after_every_group)
{
	const char *more = getenv("ROLLCALL_SEED");

	for (uint64_t seed = 1; seed <= SEEDS; seed++)
		play_seed(seed);
	if (more != NULL)
		play_seed(strtoull(more, NULL, 10));
}

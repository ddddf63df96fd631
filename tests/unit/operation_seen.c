/* operation_seen.c - the last look: what vouches for what, and when all of it is read again. */

#include "operation_test.h"

/* Three reads: "versions", which vouches for "content", and "state".  Each counts how often it was made. */
struct looked_at {
	const char *versions, *content, *state;		/* files that the reads show */
};

static const char *
count_file(struct fake *f, const char *name)
{
	return folder_path(&f->folder, arena_printf(f->arena, "%s.count", name));
}

static size_t
times(struct fake *f, const char *name)
{
	struct stat status;

	return stat(count_file(f, name), &status) == 0 ? (size_t)status.st_size : 0;
}

static void
now_says(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	fputs(text, file);
	assert_int_equal(fclose(file), 0);
}

static const char *
shows(struct fake *f, struct world_more *read, const char *name, const char *under, const char *exit)
{
	const char *path = folder_path(&f->folder, arena_printf(f->arena, "%s.says", name));

	now_says(path, "as it was");
	*read = (struct world_more){ .name = name, .under = under,
		.words = { "count", count_file(f, name), "show", path, "exit", exit } };
	return path;
}

static struct looked_at
world_of_vouchers(struct fake *f, const char *versions_exit, const char *content_exit)
{
	struct looked_at at;

	world_of_one_change();
	at.versions = shows(f, &world.more[0], "versions", NULL, versions_exit);
	at.state = shows(f, &world.more[1], "state", NULL, "0");
	at.content = shows(f, &world.more[2], "content", "versions", content_exit);
	return at;
}

/* Started, and looked at under the lock; meanwhile no clock is turned, so no read comes too late. */
static void
start(struct fake *f, const struct posted *card)
{
	fake_clicks_on(f, card, "U0ANN", "start");
	until(f->loop, only(f)->last_look);
	until(f->loop, !only(f)->last_look);
}

static void
expect_done(struct fake *f, const char *id)
{
	until_ended(f);
	assert_string_equal(stored(f, id).row.outcome, "done");
	assert_string_equal(stored(f, id).row.verdict, "verified");
}

TEST(e7_what_another_answer_vouches_for_is_not_read_again_while_all_is_the_same)
{
	_cleanup_(fake_clear) struct fake f = fake_make();
	struct looked_at at = world_of_vouchers(&f, "0", "0");
	int looks;

	ask_for(&f, "rollback gateway");
	looks = world.looks;
	now_says(at.content, "not asked");
	start(&f, fake_card(&f));
	expect_done(&f, "R-1");
	assert_int_equal(times(&f, "versions"), 2);
	assert_int_equal(times(&f, "state"), 2);
	assert_int_equal(times(&f, "content"), 1);
	assert_int_equal(world.looks, looks);
}

/* Whatever is not as it was: all of it is read, and the plan is made again. */
TEST(e7_one_other_answer_has_all_of_it_read_again)
{
	static const struct {
		const char *what, *versions_exit, *content_exit;
		bool versions, state;		/* which says something else now */
	} rows[] = {
		{ "the versions", "0", "0", true, false },
		{ "the state", "0", "0", false, true },
		{ "a voucher that failed vouches for nothing", "1", "0", false, false },
		{ "a failure is vouched for by nothing", "0", "1", false, false },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		_cleanup_(fake_clear) struct fake f = fake_make();
		struct looked_at at = world_of_vouchers(&f, rows[i].versions_exit, rows[i].content_exit);
		int looks;

		ask_for(&f, "rollback gateway");
		looks = world.looks;
		if (rows[i].versions)
			now_says(at.versions, "another");
		if (rows[i].state)
			now_says(at.state, "another");
		start(&f, fake_card(&f));
		expect_done(&f, "R-1");
		assert_row(i, times(&f, "content") == 2);
		assert_row(i, times(&f, "versions") == 2);
		assert_row(i, world.looks > looks);
	}
}

TEST(e7_what_our_own_record_says_now_has_the_plan_made_again)
{
	_cleanup_(fake_clear) struct fake f = fake_make();
	struct posted first;
	int looks;

	world_of_vouchers(&f, "0", "0");
	ask_for(&f, "rollback gateway");
	first = *fake_card(&f);
	fake_types(&f, "U0ANN", "rollback gateway to 3");
	comes(&f, fake_count(&f, "R-2/card") == 1 && operation_find(&f.bot, "R-2") != NULL &&
	    operation_find(&f.bot, "R-2")->card != NULL);
	start(&f, fake_card(&f));
	comes(&f, operation_find(&f.bot, "R-2") == NULL);
	looks = world.looks;
	start(&f, &first);
	assert_int_equal(times(&f, "content"), 3);
	assert_true(world.looks > looks);
}

/* The second yes is to the second plan: what counts then is what that one was made of. */
TEST(e7_after_a_plan_that_moved_the_last_look_compares_with_the_new_one)
{
	_cleanup_(fake_clear) struct fake f = fake_make();
	struct looked_at at = world_of_vouchers(&f, "0", "0");

	ask_for(&f, "rollback gateway to 2");
	now_says(at.versions, "another");
	world.now = 6;
	start(&f, fake_card(&f));
	comes(&f, fake_said(&f, "revision 6 → 2") != NULL);
	now_says(at.versions, "as it was");
	world.now = 7;
	start(&f, fake_card(&f));
	comes(&f, fake_said(&f, "revision 7 → 2") != NULL);
	start(&f, fake_card(&f));
	expect_done(&f, "R-1");
	assert_int_equal(times(&f, "content"), 3);
	assert_int_equal(times(&f, "versions"), 4);
}

/* outbox.c - letters to people: in order, within budgets, once; what waits and what is replaced. */

#include "outbox_test.h"

/* ---- order and budgets ---- */

TEST(letters_of_one_conversation_keep_their_order_whatever_happens_to_the_first)
{
	_cleanup_(fake_clear) struct fake f = fake_make();

	fake_begin(&f);
	next_outcome(&f, NOT_SENT, 0, NULL);
	POST(&f, "a1", .conversation = "a", .channel = "C1", .class = 2);
	POST(&f, "a2", .conversation = "a", .channel = "C2", .class = 0);
	POST(&f, "b1", .conversation = "b", .channel = "C3", .class = 2);
	settle(f.loop);
	assert_string_equal(delivered(&f), "a1@0 b1@0");
	turn(f.loop, SECONDS(2));
	assert_string_equal(delivered(&f), "a1@0 b1@0 a1@1 a2@1");
	assert_int_equal(outbox_waiting(f.bot.outbox), 0);
	assert_string_equal(stored(&f, "a1").state, "sent");
	assert_string_equal(stored(&f, "a2").state, "sent");
}

TEST(a_channel_gets_three_at_once_and_then_one_each_second)
{
	_cleanup_(fake_clear) struct fake f = fake_make();

	fake_begin(&f);
	for (int i = 0; i < 6; i++)
		POST(&f, arena_printf(f.arena, "k%d", i), .conversation = arena_printf(f.arena, "%d", i),
		    .channel = "C1", .class = 2);
	POST(&f, "other", .conversation = "o", .channel = "C2", .class = 2);
	turn(f.loop, SECONDS(10));
	assert_string_equal(delivered(&f), "k0@0 k1@0 k2@0 other@0 k3@1 k4@2 k5@3");
}

TEST(the_urgent_class_goes_before_what_was_there_earlier)
{
	_cleanup_(fake_clear) struct fake f = fake_make();

	fake_begin(&f);
	f.away = true;
	for (int i = 0; i < 4; i++)
		POST(&f, arena_printf(f.arena, "thread%d", i), .conversation = "R-1/thread", .channel = "C1",
		    .class = 2);
	POST(&f, "end", .conversation = "R-1", .channel = "C1", .class = 0);
	f.away = false;
	turn(f.loop, SECONDS(10));
	assert_true(string_starts(delivered(&f), "end@"));
}

TEST(a_budget_that_was_raised_is_used)
{
	_cleanup_(fake_clear) struct fake f = fake_make();

	f.bot.configuration->limits.chat_budget = 100;
	fake_begin(&f);
	for (int i = 0; i < 50; i++)
		POST(&f, arena_printf(f.arena, "k%d", i), .conversation = arena_printf(f.arena, "%d", i),
		    .channel = "C1", .class = 2);
	turn(f.loop, SECONDS(1));
	assert_int_equal(f.posted.count, 50);
}

TEST(later_holds_that_channel_and_kind_and_nothing_else)
{
	_cleanup_(fake_clear) struct fake f = fake_make();

	fake_begin(&f);
	next_outcome(&f, LATER, 7, NULL);
	POST(&f, "a", .conversation = "a", .channel = "C1", .class = 1);
	settle(f.loop);
	POST(&f, "b", .conversation = "b", .channel = "C1", .class = 1);
	POST(&f, "c", .conversation = "c", .channel = "C2", .class = 1);
	settle(f.loop);		/* an update waits for no store */
	POST(&f, "u", .conversation = "u", .channel = "C1", .class = 1, .kind = "update", .ts = "1.0");
	turn(f.loop, SECONDS(20));
	assert_string_equal(delivered(&f), "a@0 c@0 u@0 a@7 b@7");
	assert_string_equal(stored(&f, "a").state, "sent");
}

/* ---- once ---- */

TEST(a_lost_answer_is_looked_for_after_three_seconds_and_adopted)
{
	_cleanup_(fake_clear) struct fake f = fake_make();

	fake_begin(&f);
	next_outcome(&f, UNKNOWN_OUTCOME, 0, "arrived");
	POST(&f, "a", .conversation = "a", .channel = "C1", .class = 1);
	settle(f.loop);
	assert_string_equal(stored(&f, "a").state, "sending");
	turn(f.loop, SECONDS(2));
	assert_int_equal(f.finds, 0);
	turn(f.loop, SECONDS(2));
	assert_int_equal(f.finds, 1);
	assert_int_equal(f.posted.count, 1);
	assert_string_equal(stored(&f, "a").state, "sent");
	assert_string_equal(stored(&f, "a").ts, "1.000");
	assert_int_equal(outbox_waiting(f.bot.outbox), 0);
}

TEST(what_never_arrived_is_posted_again_once)
{
	_cleanup_(fake_clear) struct fake f = fake_make();

	fake_begin(&f);
	next_outcome(&f, UNKNOWN_OUTCOME, 0, "lost");
	POST(&f, "a", .conversation = "a", .channel = "C1", .class = 1);
	turn(f.loop, SECONDS(30));
	assert_int_equal(f.finds, 1);
	assert_int_equal(f.posted.count, 2);
	assert_int_equal(fake_count(&f, "a"), 1);
}

/* The first call is carried out late: after we had looked, and had posted again. */
static struct posted *
arrives_late(struct fake *f)
{
	next_outcome(f, UNKNOWN_OUTCOME, 0, "lost");
	POST(f, "a", .conversation = "a", .channel = "C1", .class = 1);
	turn(f->loop, SECONDS(20));
	assert_int_equal(f->posted.count, 2);
	f->posted.item[0].lost = false;
	return f->posted.item;
}

TEST(a_twin_is_looked_for_half_a_minute_later_and_deleted)
{
	_cleanup_(fake_clear) struct fake f = fake_make();

	fake_begin(&f);
	arrives_late(&f);
	assert_string_equal(stored(&f, "a").ts, "2.000");
	assert_string_equal(stored(&f, "a").why, OUTBOX_TWICE);
	assert_int_equal(fake_count(&f, "a"), 2);
	turn(f.loop, SECONDS(60));
	assert_int_equal(fake_count(&f, "a"), 1);
	assert_true(f.posted.item[0].lost);
	assert_int_equal(f.posted.item[2].kind, POST_DELETE);
	turn(f.loop, MINUTES(5));
	assert_int_equal(f.posted.count, 3);
	assert_null(stored(&f, "a").why);
}

TEST(s6_a_restart_within_this_half_minute_looks_again)
{
	static const char *const threads[] = { NULL, "5.000" };

	for (size_t i = 0; i < COUNT(threads); i++) {
		_cleanup_(fake_clear) struct fake f = fake_make();

		fake_begin(&f);
		POST(&f, "R-7/card", .conversation = "R-7", .channel = "C1", .class = 1, .operation = "R-7");
		turn(f.loop, SECONDS(2));
		next_outcome(&f, UNKNOWN_OUTCOME, 0, "lost");
		POST(&f, "a", .conversation = "a", .channel = "C1", .class = 1, .thread = threads[i]);
		turn(f.loop, SECONDS(20));
		assert_int_equal(f.posted.count, 3);
		f.posted.item[1].lost = false;
		fake_kill(&f);
		assert_int_equal(f.finds, 1);
		fake_restart(&f);
		turn(f.loop, SECONDS(20));
		assert_int_equal(fake_count(&f, "a"), 2);
		turn(f.loop, SECONDS(60));
		assert_row(i, fake_count(&f, "a") == 1);
		assert_true(f.posted.item[1].lost);
		assert_null(stored(&f, "a").why);
		fake_kill(&f);
		fake_restart(&f);
		turn(f.loop, MINUTES(2));
		assert_int_equal(f.posted.count, 4);	/* with the deletion */
	}
}

TEST(what_stands_once_is_said_to_after_the_second_look)
{
	_cleanup_(fake_clear) struct fake f = fake_make();

	fake_begin(&f);
	next_outcome(&f, UNKNOWN_OUTCOME, 0, "arrived");
	POST(&f, "a", .conversation = "a", .channel = "C1", .class = 1);
	turn(f.loop, SECONDS(20));
	assert_string_equal(stored(&f, "a").why, OUTBOX_TWICE);
	turn(f.loop, SECONDS(20));
	assert_int_equal(f.finds, 2);
	assert_int_equal(f.posted.count, 1);
	assert_null(stored(&f, "a").why);
	assert_string_equal(stored(&f, "a").ts, "1.000");
}

TEST(a_twin_that_cannot_be_deleted_is_tried_some_times_and_stays_known)
{
	_cleanup_(fake_clear) struct fake f = fake_make();

	fake_begin(&f);
	arrives_late(&f);
	f.find = UNKNOWN_OUTCOME;
	turn(f.loop, MINUTES(10));
	assert_int_equal(f.finds, 5);
	assert_string_equal(stored(&f, "a").why, OUTBOX_TWICE);
	assert_int_equal(fake_count(&f, "a"), 2);
}

TEST(what_was_certain_is_not_looked_for)
{
	_cleanup_(fake_clear) struct fake f = fake_make();

	fake_begin(&f);
	POST(&f, "a", .conversation = "a", .channel = "C1", .class = 1);
	turn(f.loop, MINUTES(5));
	assert_int_equal(f.finds, 0);
	assert_null(stored(&f, "a").why);
}

TEST(without_the_right_to_read_it_is_posted_again_after_a_while)
{
	_cleanup_(fake_clear) struct fake f = fake_make();

	fake_begin(&f);
	f.find = UNKNOWN_OUTCOME;
	next_outcome(&f, UNKNOWN_OUTCOME, 0, "lost");
	POST(&f, "a", .conversation = "a", .channel = "C1", .class = 1);
	turn(f.loop, MINUTES(3));
	assert_int_equal(f.posted.count, 2);
	assert_true(f.finds >= 2);
	assert_string_equal(stored(&f, "a").state, "sent");
	assert_string_equal(f.posted.item[0].message->text, "a");
	assert_string_equal(f.posted.item[1].message->text, "(again) a");
	assert_string_equal(stored(&f, "a").why, OUTBOX_TWICE);
}

/* History may be read once a minute by some: three refusals of that kind were taken for no right to read. */
TEST(who_is_asked_to_wait_before_it_looks_waits_and_does_not_post_again)
{
	_cleanup_(fake_clear) struct fake f = fake_make();

	fake_begin(&f);
	f.find = UNKNOWN_OUTCOME;
	f.find_after = 60;
	next_outcome(&f, UNKNOWN_OUTCOME, 0, "arrived");
	POST(&f, "a", .conversation = "a", .channel = "C1", .class = 1);
	turn(f.loop, MINUTES(5));
	assert_in_range(f.finds, 5, 6);
	assert_int_equal(f.posted.count, 1);
	f.find = SENT;
	turn(f.loop, MINUTES(2));
	assert_int_equal(fake_count(&f, "a"), 1);
	assert_string_equal(stored(&f, "a").state, "sent");
}

TEST(an_update_whose_answer_was_lost_is_simply_drawn_again)
{
	_cleanup_(fake_clear) struct fake f = fake_make();

	fake_begin(&f);
	next_outcome(&f, UNKNOWN_OUTCOME, 0, "arrived");
	POST(&f, "u", .conversation = "u", .channel = "C1", .kind = "update", .ts = "9.0");
	turn(f.loop, SECONDS(10));
	assert_int_equal(f.finds, 0);
	assert_int_equal(f.posted.count, 2);
	assert_string_equal(f.posted.item[1].ts, "9.0");
}

/* ---- what is replaced ---- */

TEST(a_letter_that_still_waits_takes_the_newer_words_of_its_key)
{
	_cleanup_(fake_clear) struct fake f = fake_make();
	struct message *message;

	fake_begin(&f);
	f.away = true;
	POST(&f, "a", .conversation = "a", .channel = "C1");
	post_row(&f, &(struct outbox_row){ .key = "a", .conversation = "a", .channel = "C1" }, "newer words");
	f.away = false;
	turn(f.loop, SECONDS(2));
	assert_int_equal(f.posted.count, 1);
	message = f.posted.item[0].message;
	assert_string_equal(message->text, "newer words");
	assert_string_equal(stored(&f, "a").state, "sent");
}

static void
progress(struct fake *f, const char *ts, const char *text)
{
	struct message *message = message_new();

	message->text = arena_strdup(message->arena, text);
	message_line(message, "%s", text);
	outbox_progress(f->bot.outbox, "R-1", "fake", "C1", ts, "R-1", message);
	message_free(message);
}

/* Each drawing that came while one was on its way was drawn as well, one after the other. */
TEST(only_the_newest_progress_waits_behind_one_that_is_on_its_way)
{
	_cleanup_(fake_clear) struct fake f = fake_make();

	fake_begin(&f);
	progress(&f, "0.0", "from here on the channel is known");
	settle(f.loop);
	f.hold = true;
	progress(&f, "1.0", "1");
	settle(f.loop);
	for (int i = 2; i < 10; i++)
		progress(&f, "1.0", arena_printf(f.arena, "%d", i));
	settle(f.loop);
	assert_int_equal(f.posted.count, 2);
	assert_int_equal(outbox_waiting(f.bot.outbox), 2);
	fake_release(&f);
	turn(f.loop, SECONDS(10));
	assert_int_equal(f.posted.count, 3);
	assert_string_equal(f.posted.item[2].message->text, "9");
	assert_false(outbox_has(f.bot.outbox, "R-1"));
}

TEST(progress_that_fails_is_dropped)
{
	_cleanup_(fake_clear) struct fake f = fake_make();
	static const enum delivery outcomes[] = { LATER, NOT_SENT, UNKNOWN_OUTCOME, REFUSED_FOR_GOOD };

	fake_begin(&f);
	for (size_t i = 0; i < COUNT(outcomes); i++) {
		next_outcome(&f, outcomes[i], 1, "no");
		progress(&f, "1.0", "x");
		turn(f.loop, SECONDS(5));
		assert_row(i, outbox_waiting(f.bot.outbox) == 0);
		assert_row(i, f.posted.count == i + 1);
	}
	assert_int_equal(f.finds, 0);
}

/* The last drawing stood behind the budget of the one before, or was drawn over by it. */
TEST(the_last_drawing_of_a_card_neither_waits_behind_progress_nor_is_drawn_over_by_it)
{
	_cleanup_(fake_clear) struct fake f = fake_make();
	size_t drawn;

	fake_begin(&f);
	for (int i = 0; i < 8; i++) {	/* nothing is left for progress */
		progress(&f, arena_printf(f.arena, "%d.0", i + 10), "x");
		settle(f.loop);
	}
	drawn = f.posted.count;
	progress(&f, "1.0", "running");
	POST(&f, "R-1/end", .operation = "R-1", .conversation = "R-1", .channel = "C1", .kind = "update", .ts = "1.0");
	settle(f.loop);
	assert_int_equal(f.posted.count, drawn + 1);
	assert_string_equal(f.posted.item[drawn].key, "R-1/end");
	turn(f.loop, MINUTES(1));
	assert_int_equal(f.posted.count, drawn + 1);
}

TEST(progress_is_slower_than_what_is_told_for_good)
{
	_cleanup_(fake_clear) struct fake f = fake_make();
	size_t drawn;

	fake_begin(&f);
	for (int i = 0; i < 20; i++) {
		progress(&f, arena_printf(f.arena, "%d.0", i), "x");
		settle(f.loop);
	}
	drawn = f.posted.count;
	assert_true(drawn < 5);
	POST(&f, "R-2/end", .operation = "R-2", .conversation = "R-2", .channel = "C1", .kind = "update", .ts = "7.0");
	settle(f.loop);
	assert_int_equal(f.posted.count, drawn + 1);
	turn(f.loop, MINUTES(1));
	assert_int_equal(outbox_waiting(f.bot.outbox), 0);
}

/* ---- cards ---- */

static void
ask_for(struct fake *f, const char *text)
{
	world.steps[0] = (struct world_step){ .step = { .title = "Put it back" }, .words = { "print", "done" } };
	fake_types(f, "U0ANN", text);
}

/* The end of an operation whose card was on its way was posted as a second card. */
TEST(a_card_that_is_on_its_way_when_its_operation_ends_is_drawn_anew_not_posted_twice)
{
	_cleanup_(fake_clear) struct fake f = fake_make();
	struct word_of word = { .principal = "T0TEAM/U0ANN" };

	fake_begin(&f);
	ask_for(&f, "rollback gateway");
	until(f.loop, f.bot.operations != NULL && f.bot.operations->id != NULL && !f.bot.operations->settling);
	f.hold = true;
	until(f.loop, f.posted.count == 1);
	assert_true(operation_stop(f.bot.operations, &word, NULL));
	settle(f.loop);
	fake_release(&f);
	comes(&f, f.bot.operations == NULL);
	assert_int_equal(fake_count(&f, "R-1/card"), 1);
	assert_int_equal(fake_count(&f, "R-1/end"), 1);
	assert_int_equal(fake_card(&f)->kind, POST_UPDATE);
	assert_string_equal(fake_card(&f)->ts, "1.000");
	assert_null(card_button(fake_card(&f), "start"));
}

/* Each look whether its card stood cost the budget of the card itself. */
TEST(what_belongs_in_the_thread_of_a_card_waits_for_the_card_without_spending_its_budget)
{
	_cleanup_(fake_clear) struct fake f = fake_make();

	fake_begin(&f);
	next_outcome(&f, LATER, 20, NULL);
	ask_for(&f, "rollback gateway");
	until(f.loop, f.posted.count == 1 && f.answers == NULL);
	POST(&f, "in-thread", .operation = "R-1", .conversation = "R-1/thread", .channel = "C0INC", .class = 2,
	    .thread = "@R-1");
	turn(f.loop, SECONDS(19));
	assert_int_equal(f.posted.count, 1);
	turn(f.loop, SECONDS(2));
	assert_int_equal(fake_count(&f, "R-1/card"), 1);
	assert_int_equal(fake_count(&f, "in-thread"), 1);
	for (size_t i = 0; i < f.posted.count; i++)
		if (string_equal(f.posted.item[i].key, "in-thread"))
			assert_string_equal(f.posted.item[i].thread, "2.000");
}

TEST(a_thread_of_a_card_that_never_stood_is_given_up)
{
	_cleanup_(fake_clear) struct fake f = fake_make();

	fake_begin(&f);
	POST(&f, "lonely", .operation = "R-77", .conversation = "R-77/thread", .channel = "C1", .thread = "@R-77");
	settle(f.loop);
	assert_int_equal(f.posted.count, 0);
	assert_string_equal(stored(&f, "lonely").state, "failed");
}

/* outbox_late.c - letters that never arrive: how long they are tried, and that nothing else stands behind them. */

#include "outbox_test.h"

/* ---- patience ---- */

static const struct { int class; int64_t lives, dies; } patience[] = {
	{ 0, HOURS(23), HOURS(25) }, { 1, HOURS(23), HOURS(25) }, { 2, MINUTES(28), MINUTES(32) },
};

TEST(urgent_letters_are_tried_for_a_day_the_thread_for_half_an_hour)
{
	for (size_t i = 0; i < COUNT(patience); i++) {
		for (int away = 0; away < 2; away++) {
			_cleanup_(fake_clear) struct fake f = fake_make();

			fake_begin(&f);
			f.away = away;
			for (int k = 0; k < 3000; k++)
				next_outcome(&f, NOT_SENT, 0, NULL);
			POST(&f, "a", .conversation = "a", .channel = "C1", .class = patience[i].class);
			f.loop->now += patience[i].lives;
			f.loop->wall += patience[i].lives;
			turn(f.loop, SECONDS(70));
			assert_row(i, outbox_waiting(f.bot.outbox) == 1);
			f.loop->now += patience[i].dies - patience[i].lives;
			f.loop->wall += patience[i].dies - patience[i].lives;
			turn(f.loop, SECONDS(70));
			assert_row(i, outbox_waiting(f.bot.outbox) == 0);
			assert_row(i, string_equal(stored(&f, "a").state, "failed"));
		}
	}
}

/* It was looked at each second, for ever. */
TEST(a_letter_to_a_chat_that_is_not_configured_any_more_is_given_up_in_the_end)
{
	_cleanup_(fake_clear) struct fake f = fake_make();

	fake_begin(&f);
	POST(&f, "a", .conversation = "a", .channel = "C1", .class = 2, .chat = "elsewhere");
	turn(f.loop, MINUTES(1));
	assert_int_equal(outbox_waiting(f.bot.outbox), 1);
	f.loop->now += MINUTES(30);
	f.loop->wall += MINUTES(30);
	turn(f.loop, SECONDS(2));
	assert_int_equal(outbox_waiting(f.bot.outbox), 0);
	assert_string_equal(stored(&f, "a").state, "failed");
	assert_int_equal(loop_next_timer(f.loop), -1);
}

TEST(what_is_refused_for_good_is_not_tried_again_and_says_why)
{
	_cleanup_(fake_clear) struct fake f = fake_make();

	fake_begin(&f);
	next_outcome(&f, REFUSED_FOR_GOOD, 0, "not in the channel");
	POST(&f, "a", .conversation = "a", .channel = "C1");
	POST(&f, "b", .conversation = "a", .channel = "C1");
	turn(f.loop, MINUTES(1));
	assert_string_equal(delivered(&f), "a@0 b@0");
	assert_string_equal(stored(&f, "a").state, "failed");
	assert_string_equal(stored(&f, "a").why, "not in the channel");
}

TEST(while_the_chat_is_away_everything_waits_and_then_goes)
{
	_cleanup_(fake_clear) struct fake f = fake_make();

	fake_begin(&f);
	f.away = true;
	POST(&f, "a", .conversation = "a", .channel = "C1");
	turn(f.loop, MINUTES(5));
	assert_int_equal(f.posted.count, 0);
	assert_int_equal(outbox_waiting(f.bot.outbox), 1);
	f.away = false;
	turn(f.loop, SECONDS(1));
	assert_int_equal(f.posted.count, 1);
}

/* ---- and what stood behind them ---- */

/* An end waited behind a line of its thread that nobody could post; nothing woke it when that was given up. */
TEST(what_stood_behind_a_letter_that_was_given_up_goes_at_once)
{
	_cleanup_(fake_clear) struct fake f = fake_make();

	fake_begin(&f);
	f.away = true;
	POST(&f, "thread", .conversation = "a", .channel = "C1", .class = 2);
	POST(&f, "end", .conversation = "a", .channel = "C1", .class = 0);
	turn(f.loop, MINUTES(31));
	assert_string_equal(stored(&f, "thread").state, "failed");
	f.away = false;
	turn(f.loop, SECONDS(2));
	assert_int_equal(fake_count(&f, "end"), 1);
}

/* The card went on telling what the tools printed, to whoever had come in since. */
TEST(id3_a_card_in_a_channel_that_became_shared_is_not_drawn_anew)
{
	_cleanup_(fake_clear) struct fake f = fake_make();
	struct message *message = message_new();

	message->text = "progress";
	message_line(message, "progress");
	fake_begin(&f);
	POST(&f, "R-1/card", .conversation = "R-1", .channel = "C1", .class = 0, .operation = "R-1");
	outbox_progress(f.bot.outbox, "R-1", "fake", "C1", "1.000", "R-1", message);
	turn(f.loop, SECONDS(5));
	assert_int_equal(f.posted.count, 2);
	f.channels[2].shared = true;
	directory_forget(f.bot.directory, "channel", "C1");
	outbox_progress(f.bot.outbox, "R-1", "fake", "C1", "1.000", "R-1", message);
	POST(&f, "R-1/end", .conversation = "R-1", .channel = "C1", .class = 0, .operation = "R-1", .kind = "update",
	    .ts = "1.000");
	turn(f.loop, SECONDS(30));
	assert_int_equal(f.posted.count, 2);
	assert_int_equal(outbox_waiting(f.bot.outbox), 0);
	assert_string_equal(stored(&f, "R-1/end").state, "failed");
	message_free(message);
}

/* Each one that was given up walked through the queue again, inside the walk of the one before. */
TEST(id3_many_letters_for_a_channel_that_became_shared_are_given_up_one_by_one)
{
	_cleanup_(fake_clear) struct fake f = fake_make();

	f.bot.configuration->limits.chat_budget = 100;
	fake_begin(&f);
	for (int i = 0; i < 4; i++) {
		next_outcome(&f, UNKNOWN_OUTCOME, 0, "lost");
		POST(&f, arena_printf(f.arena, "k%d", i), .conversation = arena_printf(f.arena, "%d", i),
		    .channel = "C1", .class = 1, .operation = "R-1");
	}
	settle(f.loop);
	f.channels[2].shared = true;
	directory_forget(f.bot.directory, "channel", NULL);
	POST(&f, "k4", .conversation = "4", .channel = "C1", .class = 1, .operation = "R-1");
	turn(f.loop, SECONDS(30));
	assert_int_equal(outbox_waiting(f.bot.outbox), 0);
	for (int i = 0; i < 5; i++)
		assert_string_equal(stored(&f, arena_printf(f.arena, "k%d", i)).state, "failed");
}

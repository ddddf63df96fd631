/* outbox_restart.c - letters of before a restart: each once, the newest words, none while it ends. */

#include "outbox_test.h"

TEST(after_a_restart_each_letter_is_sent_once)
{
	static const struct { const char *arrived; size_t posts; int finds; } rows[] = {
		{ "arrived", 1, 1 },	/* it had been sent: found and adopted */
		{ "lost", 2, 1 },	/* it had not */
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		_cleanup_(fake_clear) struct fake f = fake_make();

		fake_begin(&f);
		f.hold = true;
		next_outcome(&f, UNKNOWN_OUTCOME, 0, rows[i].arrived);
		POST(&f, "sending", .conversation = "a", .channel = "C1", .class = 1);
		POST(&f, "queued", .conversation = "a", .channel = "C1", .class = 1);
		settle(f.loop);
		fake_kill(&f);
		fake_restart(&f);
		turn(f.loop, SECONDS(30));
		assert_row(i, f.finds == rows[i].finds);
		assert_row(i, fake_count(&f, "sending") == 1);
		assert_row(i, fake_count(&f, "queued") == 1);
		assert_row(i, f.posted.count == rows[i].posts + 1);
		assert_row(i, string_equal(stored(&f, "sending").state, "sent"));
		assert_row(i, string_equal(stored(&f, "queued").state, "sent"));
		fake_kill(&f);
		fake_restart(&f);
		turn(f.loop, SECONDS(30));
		assert_row(i, f.posted.count == rows[i].posts + 1);
	}
}

TEST(what_is_in_memory_is_not_loaded_a_second_time)
{
	_cleanup_(fake_clear) struct fake f = fake_make();

	fake_begin(&f);
	f.away = true;
	POST(&f, "a", .conversation = "a", .channel = "C1");
	outbox_load(f.bot.outbox);
	operations_load(&f.bot);
	settle(f.loop);
	assert_int_equal(outbox_waiting(f.bot.outbox), 1);
	f.away = false;
	turn(f.loop, SECONDS(5));
	assert_int_equal(f.posted.count, 1);
}

TEST(what_is_asked_to_end_sends_nothing_new)
{
	_cleanup_(fake_clear) struct fake f = fake_make();

	fake_begin(&f);
	f.bot.draining = true;
	POST(&f, "a", .conversation = "a", .channel = "C1");
	turn(f.loop, SECONDS(5));
	assert_int_equal(f.posted.count, 0);
	assert_string_equal(stored(&f, "a").state, "queued");
}

TEST(a_file_goes_with_its_name_and_bytes)
{
	_cleanup_(fake_clear) struct fake f = fake_make();

	fake_begin(&f);
	POST(&f, "log", .conversation = "a", .channel = "C1", .kind = "file",
	    .payload = "{\"name\":\"R-1.log\",\"title\":\"what was printed\",\"bytes\":\"line 1\\nline 2\\n\"}");
	settle(f.loop);
	assert_int_equal(f.posted.item[0].kind, POST_FILE);
	assert_string_equal(f.posted.item[0].bytes, "line 1\nline 2\n");
}

/* What was drawn anew before the operations were there again was posted beside what waited. */
TEST(a_letter_of_before_takes_the_newer_words_of_its_key_too)
{
	_cleanup_(fake_clear) struct fake f = fake_make();

	fake_begin(&f);
	f.away = true;
	POST(&f, "k", .conversation = "k", .channel = "C1", .class = 1);
	fake_kill(&f);
	f.away = false;
	fake_begin(&f);
	outbox_load(f.bot.outbox);
	settle(f.loop);
	POST(&f, "k", .conversation = "k", .channel = "C1", .class = 1);
	turn(f.loop, SECONDS(5));
	assert_int_equal(f.posted.count, 0);
	outbox_release(f.bot.outbox);
	turn(f.loop, SECONDS(10));
	assert_int_equal(fake_count(&f, "k"), 1);
}

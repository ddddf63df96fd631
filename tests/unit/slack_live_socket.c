/* slack_socket.c, slack_wire.c - connections to a Slack of our own: good days and bad ones. */

#include "slack_live.h"

TEST(two_stand_and_a_command_is_acknowledged)
{
	struct world *w = world_plain();
	unsigned number = slash(w, "@ann", "#incidents", "/rollback gateway to 5");

	until(w, outcome(w, number) == FAKE_ACKED);
	assert_int_equal(w->arrivals.count, 1);
	assert_string_equal(w->arrivals.item[0]->text, "/rollback gateway to 5");
	assert_string_equal(w->arrivals.item[0]->person, "U0ANN");
	assert_null(w->arrivals.item[0]->reply);
	assert_int_equal(fake_slack_calls(w->fake, "apps.connections.open"), 2);
	assert_int_equal(fake_slack_calls(w->fake, "frame.bad"), 0);
	assert_string_equal(w->sentence, "connected to Slack");
	world_free(w);
}

TEST(a_connection_setting_is_obeyed)
{
	struct world_options options = { .more = "  connections: 4\n" };
	struct world *w = world_new(&options);

	until(w, fake_slack_links(w->fake) == 4);
	settle(w);
	assert_int_equal(fake_slack_links(w->fake), 4);
	world_free(w);
}

/* A command every 200 ms of the turned clock; each must be acknowledged. */
static void
type_for(struct world *w, int64_t ms)
{
	for (int64_t passed = 0; passed < ms; passed += 200) {
		unsigned number = slash(w, "@ann", "#incidents", "/ops list");

		settle(w);
		until(w, outcome(w, number) == FAKE_ACKED);
		advance(w, 200);
	}
}

TEST(a_refresh_leaves_no_gap)
{
	static const enum fake_slack_trouble troubles[] = { FAKE_WARNING, FAKE_REFRESH };

	for (size_t i = 0; i < COUNT(troubles); i++) {
		struct world *w = world_plain();

		fake_slack_trouble(w->fake, troubles[i]);
		type_for(w, SECONDS(14));
		assert_row(i, fake_slack_links(w->fake) == 2);
		assert_row(i, fake_slack_sockets(w->fake) == 2);
		assert_row(i, fake_slack_calls(w->fake, "apps.connections.open") == 4);
		assert_row(i, counted(w, "slack.refresh") == 2);
		assert_row(i, fake_slack_calls(w->fake, "ack.twice") == 0);
		assert_row(i, w->ready && w->states == 1);
		world_free(w);
	}
}

TEST(a_third_opens_before_one_closes)
{
	struct world *w = world_proven();

	fake_slack_trouble_newest(w->fake, FAKE_WARNING);
	until(w, fake_slack_links(w->fake) == 3);
	advance(w, 700);
	until(w, fake_slack_links(w->fake) == 2);
	world_free(w);
}

TEST(an_old_socket_is_replaced_before_slack_asks)
{
	struct world_options options = { .fake.connection_time = 1000 };
	struct world *w = world_new(&options);

	until(w, fake_slack_links(w->fake) == 2);
	advance(w, SECONDS(899));
	assert_int_equal(fake_slack_calls(w->fake, "apps.connections.open"), 2);
	type_for(w, SECONDS(3));
	assert_int_equal(fake_slack_calls(w->fake, "apps.connections.open"), 4);
	assert_int_equal(fake_slack_sockets(w->fake), 2);
	world_free(w);
}

TEST(a_lost_socket_is_opened_again_at_once)
{
	static const enum fake_slack_trouble troubles[] = { FAKE_DROP, FAKE_FIN, FAKE_CLOSE };

	for (size_t i = 0; i < COUNT(troubles); i++) {
		struct world *w = world_proven();

			fake_slack_trouble(w->fake, troubles[i]);
		until(w, fake_slack_calls(w->fake, "apps.connections.open") == 4);
		until(w, fake_slack_links(w->fake) == 2);
		type_for(w, SECONDS(2));
		assert_row(i, w->ready);
		world_free(w);
	}
}

TEST(a_silent_socket_is_dead_after_six_seconds)
{
	struct world *w = world_proven();

	advance(w, SECONDS(30));
	assert_int_equal(fake_slack_calls(w->fake, "apps.connections.open"), 2);
	fake_slack_trouble(w->fake, FAKE_STALL);
	advance(w, 3400);
	assert_int_equal(fake_slack_calls(w->fake, "apps.connections.open"), 2);
	assert_true(w->ready);
	advance(w, 2700);
	until(w, fake_slack_calls(w->fake, "apps.connections.open") == 4);
	/* Slack does not know yet, and counts four. */
	until(w, fake_slack_links(w->fake) == 4);
	settle(w);
	assert_true(w->ready);
	world_free(w);
}

TEST(connections_that_are_not_ours_are_noticed)
{
	struct world *w = world_proven();

	fake_slack_trouble(w->fake, FAKE_STALL);	/* Slack goes on counting them */
	advance(w, SECONDS(7));
	until(w, fake_slack_links(w->fake) == 4);
	settle(w);
	assert_in_range(slack_ghosts(w->slack), 1, 2);
	assert_in_range(counted(w, "slack.ghosts"), 1, 2);
	assert_non_null(strstr(w->sentence, "are not ours"));
	world_free(w);
}

TEST(messages_in_fragments_and_large_ones_arrive)
{
	static const struct {
		unsigned frames;
		size_t bytes;
	} rows[] = { { 3, 0 }, { 50, 0 }, { 1, 65536 }, { 4, 65536 }, { 1, 1000000 } };

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct world *w = world_proven();
		unsigned number;

		fake_slack_fragment(w->fake, rows[i].frames);
		fake_slack_pad(w->fake, rows[i].bytes);
		number = slash(w, "@ann", "#incidents", "/ops list");
		until(w, outcome(w, number) == FAKE_ACKED);
		assert_row(i, w->arrivals.count == 1);
		world_free(w);
	}
}

TEST(a_message_over_a_mebibyte_ends_the_socket_and_nothing_else)
{
	struct world *w = world_proven();
	unsigned number;

	fake_slack_pad(w->fake, 1200000);
	slash(w, "@ann", "#incidents", "/ops list");
	until(w, fake_slack_calls(w->fake, "apps.connections.open") == 3);
	until(w, fake_slack_links(w->fake) == 2);
	assert_int_equal(w->arrivals.count, 0);
	fake_slack_pad(w->fake, 0);
	number = slash(w, "@ann", "#incidents", "/ops list");
	until(w, outcome(w, number) == FAKE_ACKED);
	world_free(w);
}

TEST(many_commands_at_once_are_all_acknowledged)
{
	struct world *w = world_proven();

	for (int i = 0; i < 500; i++)
		slash(w, "@ann", "#incidents", "/ops list");
	until(w, fake_slack_waiting(w->fake) == 0);
	assert_int_equal(w->arrivals.count, 500);
	assert_int_equal(fake_slack_calls(w->fake, "ack"), 500);
	world_free(w);
}

/* ---- acknowledgements and sockets that are gone ---- */

TEST(an_acknowledgement_goes_over_another_socket_when_its_own_is_gone)
{
	struct world *w = world_proven();
	unsigned number;

	w->acknowledge_at_once = false;
	number = slash(w, "@ann", "#incidents", "/ops list");
	until(w, w->arrivals.count == 1);
	fake_slack_trouble(w->fake, FAKE_DROP);
	advance(w, 1100);
	until(w, fake_slack_links(w->fake) > 0 && w->ready);
	slack_chat.acknowledge(w->slack, w->arrivals.item[0], NULL);
	until(w, outcome(w, number) == FAKE_ACKED);
	world_free(w);
}

TEST(an_acknowledgement_waits_for_the_next_socket)
{
	struct world *w = world_proven();
	unsigned number;

	w->acknowledge_at_once = false;
	number = slash(w, "@ann", "#incidents", "/ops list");
	until(w, w->arrivals.count == 1);
	fake_slack_trouble(w->fake, FAKE_DROP);
	until(w, !w->ready);
	slack_chat.acknowledge(w->slack, w->arrivals.item[0], NULL);
	until(w, outcome(w, number) == FAKE_ACKED);
	world_free(w);
}

TEST(an_acknowledgement_older_than_three_seconds_is_dropped_and_counted)
{
	struct world *w = world_proven();

	w->acknowledge_at_once = false;
	slash(w, "@ann", "#incidents", "/ops list");
	until(w, w->arrivals.count == 1);
	fake_slack_hello_after(w->fake, SECONDS(4));
	fake_slack_trouble(w->fake, FAKE_DROP);
	until(w, !w->ready);
	slack_chat.acknowledge(w->slack, w->arrivals.item[0], NULL);
	advance(w, SECONDS(5));
	until(w, w->ready);
	assert_int_equal(counted(w, "slack.acknowledgement_lost"), 1);
	assert_int_equal(fake_slack_calls(w->fake, "ack"), 0);
	world_free(w);
}

TEST(a_draining_socket_waits_for_its_acknowledgements)
{
	struct world *w = world_proven();
	unsigned number;

	w->acknowledge_at_once = false;
	number = slash(w, "@ann", "#incidents", "/ops list");
	until(w, w->arrivals.count == 1);
	fake_slack_trouble(w->fake, FAKE_WARNING);
	advance(w, SECONDS(2));
	assert_int_equal(fake_slack_links(w->fake), 3);	/* one is still owed an answer */
	slack_chat.acknowledge(w->slack, w->arrivals.item[0], NULL);
	until(w, outcome(w, number) == FAKE_ACKED);
	until(w, fake_slack_links(w->fake) == 2);
	world_free(w);
}

/* ---- what is tried again, and how often ---- */

static unsigned
opens(const struct world *w)
{
	return fake_slack_calls(w->fake, "apps.connections.open");
}

TEST(failures_back_off_up_to_a_minute)
{
	struct world_options options = { 0 };
	struct world *w;
	unsigned before;

	w = world_new(&options);
	fake_slack_unlimited(w->fake, true);
	fake_slack_refuse_links(w->fake, 1000);
	until(w, w->states > 0);
	assert_false(w->ready);
	assert_non_null(strstr(w->sentence, "no connection to Slack"));
	advance(w, MINUTES(5));
	before = opens(w);
	assert_in_range(before, 6, 20);
	advance(w, MINUTES(10));
	assert_in_range(opens(w) - before, 9, 22);
	fake_slack_refuse_links(w->fake, 0);
	advance(w, SECONDS(61));
	until(w, w->ready);
	advance(w, SECONDS(11));
	until(w, fake_slack_links(w->fake) == 2);
	world_free(w);
}

TEST(every_stage_has_a_deadline)
{
	struct fake_slack_fault_options hang = { .fault = FAKE_HANG, .calls = 1000 };
	struct world_options options = { 0 };
	struct world *w = world_new(&options);

	fake_slack_fault(w->fake, "apps.connections.open", &hang);
	advance(w, 9900);
	assert_int_equal(w->states, 0);
	advance(w, 200);
	until(w, w->states > 0);
	assert_false(w->ready);
	fake_slack_no_faults(w->fake);
	fake_slack_hello_after(w->fake, -1);
	advance(w, SECONDS(5));
	until(w, fake_slack_sockets(w->fake) > 0);
	advance(w, SECONDS(13));
	assert_non_null(strstr(w->sentence, "no hello within 10 s"));
	fake_slack_hello_after(w->fake, 0);
	advance(w, SECONDS(30));
	until(w, w->ready);
	world_free(w);
}

TEST(slacks_patience_is_kept)
{
	struct fake_slack_fault_options limited = { .fault = FAKE_RATE_LIMITED, .calls = 2,
		.retry_after = 40 };
	struct world_options options = { 0 };
	struct world *w = world_new(&options);

	fake_slack_fault(w->fake, "apps.connections.open", &limited);
	until(w, opens(w) == 2);
	advance(w, SECONDS(39));
	assert_int_equal(opens(w), 2);
	advance(w, SECONDS(2));
	until(w, fake_slack_links(w->fake) == 2);
	world_free(w);
}

TEST(too_many_connections_are_answered_slowly)
{
	struct world *w = world_proven();

	fake_slack_trouble(w->fake, FAKE_TOO_MANY);
	advance(w, SECONDS(55));
	assert_int_equal(opens(w), 2);
	assert_int_equal(counted(w, "slack.too_many_websockets"), 2);
	assert_false(w->ready);
	advance(w, SECONDS(10));
	until(w, fake_slack_links(w->fake) == 2);
	world_free(w);
}

TEST(a_wrong_app_token_is_said_once_and_ends_it)
{
	struct world_options options = { .app_token = "xapp-1-wrong" };
	struct world *w = world_new(&options);
	unsigned before;

	until(w, w->stopped);
	assert_false(w->ready);
	assert_non_null(strstr(w->sentence, "slack.app_token: Slack does not accept the token"));
	settle(w);
	before = opens(w);
	assert_in_range(before, 1, 2);
	advance(w, MINUTES(10));
	assert_int_equal(opens(w), before);
	assert_int_equal(w->states, 1);
	world_free(w);
}

TEST(a_switched_off_socket_mode_is_said_once_and_ends_it)
{
	struct world *w = world_proven();

	fake_slack_trouble(w->fake, FAKE_LINK_DISABLED);
	until(w, w->stopped);
	assert_false(w->ready);
	assert_non_null(strstr(w->sentence, "Socket Mode is switched off"));
	advance(w, MINUTES(10));
	assert_int_equal(opens(w), 2);
	assert_int_equal(fake_slack_sockets(w->fake), 0);
	world_free(w);
}

/* ---- the end ---- */

TEST(stopping_says_goodbye_and_says_when_it_is_done)
{
	struct world *w = world_proven();

	slack_chat.stop(w->slack);
	until(w, !w->ready && w->states == 2);
	until(w, fake_slack_links(w->fake) == 0);
	assert_false(slack_chat.ready(w->slack));
	assert_non_null(strstr(fake_slack_log(w->fake), "close"));
	advance(w, MINUTES(5));
	assert_int_equal(opens(w), 2);
	world_free(w);
}

TEST(a_slack_that_does_not_answer_the_goodbye_is_cut)
{
	struct world *w = world_proven();

	fake_slack_trouble(w->fake, FAKE_STALL);
	slack_chat.stop(w->slack);
	settle(w);
	assert_int_equal(w->states, 1);
	advance(w, 1600);
	until(w, w->states == 2);
	world_free(w);
}

TEST(stopping_before_anything_stands_is_done_at_once)
{
	struct world_options options = { 0 };
	struct world *w = world_new(&options);

	slack_chat.stop(w->slack);
	until(w, w->states == 1);
	assert_false(w->ready);
	world_free(w);
}

/* At every turn of a start the whole adapter can be thrown away, without a stop. */
TEST(it_can_be_freed_at_any_moment)
{
	for (int turns = 0; turns < 40; turns++) {
		struct world_options options = { 0 };
		struct world *w = world_new(&options);

		for (int i = 0; i < turns; i++)
			turn(w);
		if (turns % 3 == 1)
			slack_chat.stop(w->slack);
		world_free(w);
	}
}

TEST(it_can_be_freed_in_the_middle_of_trouble)
{
	for (int trouble = FAKE_WARNING; trouble <= FAKE_CLOSE; trouble++)
		for (int turns = 0; turns < 8; turns++) {
			struct world *w = world_proven();

			slash(w, "@ann", "#incidents", "/ops list");
			fake_slack_trouble(w->fake, (enum fake_slack_trouble)trouble);
			for (int i = 0; i < turns; i++)
				turn(w);
			world_free(w);
		}
}

/* A Slack that sends each new socket away at once must not be asked for the next one for ever. */
TEST(a_slack_that_refreshes_at_once_is_followed_slowly)
{
	struct world *w = world_plain();

	fake_slack_unlimited(w->fake, true);
	for (int i = 0; i < 600; i++) {
		fake_slack_trouble(w->fake, FAKE_REFRESH);
		advance(w, 100);
	}
	assert_in_range(opens(w), 4, 30);	/* asked 600 times */
	assert_true(w->ready);
	assert_in_range(fake_slack_sockets(w->fake), 1, 10);
	world_free(w);
}

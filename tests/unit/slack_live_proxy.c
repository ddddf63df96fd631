/* slack_wire.c, slack_resolve.c - the way out through a proxy that is configured, and through no other. */

#include "slack_proxy.h"

TEST(everything_goes_through_the_configured_proxy)
{
	struct through t = { .proxy = { .port = 0 } };
	unsigned number;

	through_start(&t, "127.0.0.1", 0);
	until_through(&t, t.w->ready && fake_slack_links(t.w->fake) == 2);
	number = slash(t.w, "@ann", "#incidents", "/rollback gateway");
	until_through(&t, outcome(t.w, number) == FAKE_ACKED);
	assert_int_equal(t.proxy.connects, 2);	/* both sockets */
	assert_in_range(t.proxy.others, 2, 4);	/* auth.test, apps.connections.open: plain http here */
	through_end(&t);
}

TEST(a_proxy_that_refuses_is_a_failure_like_another)
{
	struct through t = { .proxy = { .port = 0 } };

	through_start(&t, "127.0.0.1", 100);
	until_through(&t, t.w->states > 0);
	assert_false(t.w->ready);
	assert_false(t.w->stopped);
	assert_non_null(strstr(t.w->sentence, "407"));
	through_end(&t);
}

TEST(the_environments_proxies_are_not_used)
{
	static const char *const names[] = { "http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY",
		"HTTPS_PROXY", "ALL_PROXY" };
	struct world *w;

	for (size_t i = 0; i < COUNT(names); i++)
		setenv(names[i], "http://127.0.0.1:1", 1);
	w = world_plain();
	world_free(w);
	assert_null(getenv("http_proxy"));
	for (size_t i = 0; i < COUNT(names); i++)
		unsetenv(names[i]);
}

/* A name, not an address: looked up in the pool.  It may mean ::1 first, where nobody listens: the
 * addresses take turns. */
TEST(a_name_is_resolved_and_its_addresses_take_turns)
{
	struct through t = { .proxy = { .port = 0 } };

	through_start(&t, "localhost", 0);
	for (int i = 0; i < 30 && t.proxy.connects < 2; i++) {
		for (int j = 0; j < 2000 && t.proxy.connects < 2; j++)
			through_turn(&t);
		advance(t.w, SECONDS(1));
	}
	until_through(&t, t.w->ready);
	assert_in_range(t.proxy.connects, 1, 4);
	through_end(&t);
}

TEST(slack_may_be_a_name_too)
{
	struct loop *loop = loop_new();
	struct fake_slack_options fake = { .now = WALL };
	struct fake_slack *other = fake_slack_new(loop_uv(loop), &fake, NULL);
	_cleanup_(freep) char *url = xasprintf("http://localhost:%d/api/",
	    atoi(strrchr(fake_slack_url(other), ':') + 1));
	struct world_options options = { .api_url = url, .bot_token = fake_slack_bot_token(other),
		.app_token = fake_slack_app_token(other) };
	struct world *w = world_new(&options);
	double began = real_seconds();

	while ((fake_slack_links(other) < 2 || !w->ready) && real_seconds() - began < 10) {
		turn(w);
		uv_run(loop_uv(loop), UV_RUN_NOWAIT);
		if (w->states > 0 && !w->ready)
			advance(w, 100);
	}
	assert_int_equal(fake_slack_links(other), 2);
	assert_true(w->ready);
	world_free(w);
	fake_slack_free(other);
	loop_free(loop);
}

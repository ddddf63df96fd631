/* slack_url.c - addresses that Slack hands us go to Slack, or nowhere. */

#include "../../adapters/chat/slack_url.h"

#include "base/text.h"

#include "test.h"

#define SLACK "https://slack.com/api/"
#define FAKE "http://127.0.0.1:4711/api/"

TEST(addresses_are_taken_apart)
{
	static const struct {
		const char *url, *host, *path;
		int port;
		bool secure;
	} rows[] = {
		{ "wss://wss-primary.slack.com/link/?ticket=9f&app_id=0a", "wss-primary.slack.com",
		    "/link/?ticket=9f&app_id=0a", 443, true },
		{ "ws://127.0.0.1:4711/link", "127.0.0.1", "/link", 4711, false },
		{ "wss://h?x=1", "h", "/?x=1", 443, true },
		{ "http://localhost", "localhost", "/", 80, false },
		{ "https://[::1]:8443/a", "[::1]", "/a", 8443, true },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		_cleanup_(slack_url_clear) struct slack_url url = { 0 };
		struct error err = ERROR_INIT;

		if (!slack_url_read(&url, rows[i].url, &err))
			fail_msg("row %zu: %s", i, err.text);
		assert_string_equal(url.host, rows[i].host);
		assert_string_equal(url.path, rows[i].path);
		assert_int_equal(url.port, rows[i].port);
		assert_row(i, url.secure == rows[i].secure);
	}
}

TEST(what_is_no_plain_address_is_refused)
{
	static const char *const rows[] = { "", "wss-primary.slack.com", "ftp://slack.com/",
		"file:///etc/passwd", "wss://", "wss:///x", "wss://u:p@slack.com/", "wss://u@slack.com/",
		"wss://slack.com:0/", "wss://slack.com:99999/", "wss://slack.com/a b",
		"wss://slack.com\n/", "wss://evil\\@slack.com/", "javascript:alert(1)" };

	for (size_t i = 0; i < COUNT(rows); i++) {
		_cleanup_(slack_url_clear) struct slack_url url = { 0 };
		struct error err = ERROR_INIT;

		assert_row(i, !slack_url_read(&url, rows[i], &err));
		assert_row(i, err.kind == WRONG && url.host == NULL);
	}
	assert_false(slack_url_read(&(struct slack_url){ 0 }, NULL, NULL));
}

/* libwebsockets has room for 128 bytes. */
TEST(x81v_a_host_is_shorter_than_128_bytes)
{
	char url[200] = "wss://";

	memset(url + 6, 'h', 127);
	for (int length = 127; length <= 128; length++) {
		_cleanup_(slack_url_clear) struct slack_url read = { 0 };

		url[5 + length] = 'h';
		url[6 + length] = '\0';
		assert_row(length, slack_url_read(&read, url, NULL) == (length == 127));
	}
}

TEST(only_slacks_hosts_and_the_configured_one_are_asked)
{
	static const struct {
		const char *url, *api, *domain;
		bool allowed;
	} rows[] = {
		{ "wss://wss-primary.slack.com/link", SLACK, "slack.com", true },
		{ "wss://slack.com/link", SLACK, "slack.com", true },
		{ "wss://WSS.SLACK.COM/link", SLACK, "slack.com", true },
		{ "ws://wss-primary.slack.com/link", SLACK, "slack.com", false },
		{ "wss://evilslack.com/link", SLACK, "slack.com", false },
		{ "wss://slack.com.evil.example/", SLACK, "slack.com", false },
		{ "wss://evil.example/slack.com", SLACK, "slack.com", false },
		{ "wss://evil.example/?.slack.com", SLACK, "slack.com", false },
		{ "wss://127.0.0.1/", SLACK, "slack.com", false },
		{ "ws://127.0.0.1:1/link", FAKE, "slack.com", true },
		{ "wss://127.0.0.1:1/link", FAKE, "slack.com", true },
		{ "wss://wss-primary.slack.com/", FAKE, "slack.com", true },
		{ "ws://127.0.0.2:1/link", FAKE, "slack.com", false },
		{ "https://hooks.slack.com/commands/1", SLACK, "hooks.slack.com", true },
		{ "https://files.slack.com/commands/1", SLACK, "hooks.slack.com", false },
		{ "http://slack.com/x", SLACK, "hooks.slack.com", false },
	};

	for (size_t i = 0; i < COUNT(rows); i++)
		assert_row(i, slack_url_allowed(rows[i].url, rows[i].api, rows[i].domain, NULL) ==
		    rows[i].allowed);
}

TEST(a_refused_host_is_named)
{
	struct error err = ERROR_INIT;

	assert_false(slack_url_allowed("wss://evil.example/x", SLACK, "slack.com", &err));
	assert_int_equal(err.kind, REFUSED);
	assert_non_null(strstr(err.text, "evil.example"));
}

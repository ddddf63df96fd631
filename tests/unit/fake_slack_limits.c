/* fake_slack_limits.c - what is written down as being against Slack's published limits and schemas. */

#include "test.h"
#include "slack_client.h"
#include "tests/fakes/slack/limits.h"

static struct world w;

/* A call, and what of it is a violation; "" none. */
static void
assert_violation(const char *method, const char *body, const char *expected)
{
	struct reply reply;
	const char *found;

	world_start(&w);
	reply = api(&w, method, body);
	reply_clear(&reply);
	found = fake_slack_violations(w.fs);
	if (*expected == '\0')
		assert_string_equal(found, "");
	else if (strstr(found, expected) == NULL)
		fail_msg("%s %s\nfound: %s\nexpected: %s", method, body, found, expected);
	world_end(&w);
}

TEST(arguments_have_names_and_forms)
{
	static const struct {
		const char *method, *body, *violation;
	} rows[] = {
		{ "chat.postMessage", "{\"channel\":\"C0INCIDENTS\",\"text\":\"x\"}", "" },
		{ "chat.postMessage", "{\"text\":\"x\"}", "chat.postMessage: /channel is missing" },
		{ "chat.postMessage", "{\"channel\":\"#incidents\",\"text\":\"x\"}",
		    "/channel must be an id" },
		{ "chat.postMessage", "{\"channel\":\"C0INCIDENTS\",\"txt\":\"x\",\"text\":\"x\"}",
		    "/txt is no argument of it" },
		{ "chat.postMessage", "{\"channel\":\"C0INCIDENTS\",\"text\":\"a & b\"}",
		    "/text must escape &" },
		{ "chat.postMessage", "{\"channel\":\"C0INCIDENTS\",\"text\":\"x\",\"thread_ts\":\"now\"}",
		    "/thread_ts must be a stamp" },
		{ "chat.postMessage", "{\"channel\":\"C0INCIDENTS\",\"text\":\"x\",\"unfurl_links\":\"no\"}",
		    "/unfurl_links must be true or false" },
		{ "chat.postMessage", "{\"channel\":\"C0INCIDENTS\",\"blocks\":[{\"type\":\"divider\"}]}",
		    "/text is missing: blocks alone" },
		{ "chat.postMessage", "{\"channel\":\"C0INCIDENTS\"}", "/text is missing, and so are" },
		{ "chat.update", "{\"channel\":\"C0INCIDENTS\",\"ts\":\"1.2\",\"unfurl_media\":false}",
		    "/unfurl_media is no argument of it" },
		{ "chat.postEphemeral", "{\"channel\":\"C0INCIDENTS\",\"user\":\"ann\",\"text\":\"x\"}",
		    "/user must be the id of a person" },
		{ "conversations.history", "{\"channel\":\"C0INCIDENTS\",\"limit\":1001}",
		    "/limit is outside of its range" },
		{ "users.info", "{}", "users.info: /user is missing" },
	};

	for (size_t i = 0; i < COUNT(rows); i++)
		assert_violation(rows[i].method, rows[i].body, rows[i].violation);
}

#define CARD(block) "{\"channel\":\"C0INCIDENTS\",\"text\":\"x\",\"blocks\":[" block "]}"
#define RICH(elements) CARD("{\"type\":\"rich_text\",\"elements\":[" elements "]}")

TEST(a_violation_names_the_place_of_the_field)
{
	static const struct {
		const char *body, *violation;
	} rows[] = {
		{ CARD("{\"type\":\"header\",\"text\":{\"type\":\"mrkdwn\",\"text\":\"x\"}}"),
		    "[json-pointer:/blocks/0/text/type]" },
		{ CARD("{\"type\":\"section\",\"text\":{\"type\":\"mrkdwn\",\"text\":\"a <b> c\"}}"),
		    "must escape < as &lt;, or be a mention, a date or a link [json-pointer:/blocks/0/text/text]" },
		{ CARD("{\"type\":\"context\",\"elements\":[{\"type\":\"mrkdwn\",\"text\":\"a > c\"}]}"),
		    "[json-pointer:/blocks/0/elements/0/text]" },
		{ RICH("{\"type\":\"rich_text_preformatted\",\"elements\":[{\"type\":\"text\",\"text\":\"<&>\"}]}"), "" },
		{ RICH("{\"type\":\"rich_text_preformatted\",\"elements\":[{\"type\":\"text\",\"text\":\"\"}]}"),
		    "[json-pointer:/blocks/0/elements/0/elements/0/text]" },
		{ RICH("{\"type\":\"rich_text_preformatted\",\"elements\":[{\"type\":\"user\",\"user_id\":\"U0ANN\"}]}"),
		    "unsupported type: user" },
		{ RICH("{\"type\":\"rich_text_list\",\"style\":\"dots\",\"elements\":[]}"),
		    "must be a valid enum value [json-pointer:/blocks/0/elements/0/style]" },
		{ CARD("{\"type\":\"table\",\"rows\":[[{\"type\":\"raw_text\",\"text\":\"a\"}]]}"), "" },
		{ CARD("{\"type\":\"table\",\"rows\":[[{\"type\":\"raw_text\"}]]}"),
		    "missing required field: text [json-pointer:/blocks/0/rows/0/0]" },
	};

	for (size_t i = 0; i < COUNT(rows); i++)
		assert_violation("chat.postMessage", rows[i].body, rows[i].violation);
}

TEST(marked_text_is_escaped_but_for_what_slack_understands)
{
	static const struct {
		const char *text;
		bool right;
	} rows[] = {
		{ "a &amp; b &lt;c&gt;", true },
		{ "<@U0ANN> <@W0ANN|ann> <#C0INCIDENTS> <!subteam^S0SRE> <!here>", true },
		{ "<!date^1763708400^{time}|07:00>", true },
		{ "<https://x.example|x> <mailto:a@b.c|a>", true },
		{ "> quoted\n> again", true },
		{ "a & b", false },
		{ "a &am", false },
		{ "a > b", false },
		{ "a < b", false },
		{ "<@ann>", false },
		{ "<!date^1763708400^{time}>", false },
		{ "<!channels>", false },
		{ "<javascript:x>", false },
		{ "<@U0A", false },
		{ "<https://x\n|y>", false },
	};

	for (size_t i = 0; i < COUNT(rows); i++)
		assert_row(i, (mrkdwn_problem(rows[i].text) == NULL) == rows[i].right);
}

TEST(a_text_past_the_advised_length_is_one)
{
	struct text body = TEXT_INIT;

	for (size_t length = 4000; length <= 4001; length++) {
		text_reset(&body);
		text_add(&body, "{\"channel\":\"C0INCIDENTS\",\"text\":\"");
		for (size_t i = 0; i < length; i++)
			text_add_char(&body, 'a');
		text_add(&body, "\"}");
		assert_violation("chat.postMessage", body.data,
		    length == 4000 ? "" : "/text should not have more than 4,000 characters");
	}
	text_clear(&body);
}


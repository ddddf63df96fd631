/* schema.c - Block Kit as Slack takes it: places, lengths, counts, names, metadata. */

#include "test.h"
#include "slack_client.h"

static struct world w;

/* ---- Block Kit ----------------------------------------------------------------------------- */

#define CARD(blocks) "{\"channel\":\"C0INCIDENTS\",\"text\":\"x\",\"blocks\":[" blocks "]}"
#define PLAIN(s) "{\"type\":\"plain_text\",\"text\":\"" s "\"}"
#define BUTTON(more) "{\"type\":\"button\",\"text\":" PLAIN("Go") more "}"
#define ACTIONS(elements) "{\"type\":\"actions\",\"elements\":[" elements "]}"

TEST(wrong_blocks_are_refused_with_the_place)
{
	static const struct {
		const char *body, *message;
	} rows[] = {
	    {CARD("{\"type\":\"frob\"}"), "unsupported type: frob [json-pointer:/blocks/0/type]"},
	    {CARD("{\"type\":\"header\"}"),
		"missing required field: text [json-pointer:/blocks/0]"},
	    {CARD("{\"type\":\"section\"}"),
		"missing required field: text [json-pointer:/blocks/0]"},
	    {CARD("{\"type\":\"divider\",\"colour\":1}"),
		"invalid additional property: colour [json-pointer:/blocks/0]"},
	    {CARD("{\"type\":\"header\",\"text\":{\"type\":\"mrkdwn\",\"text\":\"x\"}}"),
		"must be a valid enum value [json-pointer:/blocks/0/text/type]"},
	    {CARD("{\"type\":\"header\",\"text\":" PLAIN("") "}"),
		"must be more than 0 characters [json-pointer:/blocks/0/text/text]"},
	    {CARD("{\"type\":\"section\",\"text\":" PLAIN("x") ",\"expand\":1}"),
		"must provide a boolean [json-pointer:/blocks/0/expand]"},
	    {CARD(ACTIONS("")), "no fewer than 1 items required [json-pointer:/blocks/0/elements]"},
	    {CARD(ACTIONS(BUTTON(",\"style\":\"loud\""))),
		"must be a valid enum value [json-pointer:/blocks/0/elements/0/style]"},
	    {CARD(ACTIONS(BUTTON(",\"action_id\":\"a\"") "," BUTTON(",\"action_id\":\"a\""))),
		"`action_id` a already exists [json-pointer:/blocks/0/elements/1]"},
	    {CARD("{\"type\":\"divider\",\"block_id\":\"b\"},{\"type\":\"divider\",\"block_id\":"
		  "\"b\"}"),
		"`block_id` b already exists [json-pointer:/blocks/1]"},
	    {CARD(ACTIONS("{\"type\":\"overflow\",\"options\":[{\"text\":" PLAIN("x") "}]}")),
		"missing required field: value [json-pointer:/blocks/0/elements/0/options/0]"},
	    {CARD(ACTIONS(BUTTON(",\"confirm\":{\"title\":" PLAIN("x") "}"))),
		"missing required field: text [json-pointer:/blocks/0/elements/0/confirm]"},
	    {CARD("{\"type\":\"section\",\"text\":{\"type\":\"plain_text\",\"text\":\"x\","
		  "\"verbatim\":true}}"),
		"invalid additional property: verbatim [json-pointer:/blocks/0/text]"},
	};

	world_start(&w);
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct reply reply = api(&w, "chat.postMessage", rows[i].body);
		const cJSON *messages = json_at(reply.json, "response_metadata.messages");
		const char *first = cJSON_GetStringValue(cJSON_GetArrayItem(messages, 0));
		char *expected = xasprintf("[ERROR] %s", rows[i].message);

		assert_row(
		    i, string_equal(json_string_or(reply.json, "error", ""), "invalid_blocks"));
		if (!string_equal(first, expected))
			fail_msg("row %zu: %s", i, first == NULL ? "no message" : first);
		free(expected);
		reply_clear(&reply);
	}
	world_end(&w);
}

TEST(lengths_are_counted_in_characters_up_to_the_limit)
{
	static const struct {
		const char *format;	/* @ is replaced by so many letters */
		size_t limit;
	} rows[] = {
	    {CARD("{\"type\":\"header\",\"text\":" PLAIN("@") "}"), 150},
	    {CARD("{\"type\":\"section\",\"text\":{\"type\":\"mrkdwn\",\"text\":\"@\"}}"), 3000},
	    {CARD("{\"type\":\"section\",\"fields\":[" PLAIN("@") "]}"), 2000},
	    {CARD("{\"type\":\"divider\",\"block_id\":\"@\"}"), 255},
	    {CARD(ACTIONS("{\"type\":\"button\",\"text\":" PLAIN("@") "}")), 75},
	    {CARD(ACTIONS(BUTTON(",\"value\":\"@\""))), 2000},
	    {CARD(ACTIONS(BUTTON(",\"action_id\":\"@\""))), 255},
	    {CARD(ACTIONS(BUTTON(",\"accessibility_label\":\"@\""))), 75},
	    {CARD(ACTIONS("{\"type\":\"overflow\",\"options\":[{\"text\":" PLAIN(
		 "@") ",\"value\":\"v\"}]}")),
		75},
	    {CARD(ACTIONS("{\"type\":\"overflow\",\"options\":[{\"text\":" PLAIN(
		 "x") ",\"value\":\"@\"}]}")),
		75},
	};

	world_start(&w);
	for (size_t i = 0; i < COUNT(rows); i++) {
		char *right = letters(rows[i].limit), *wrong_one = letters(rows[i].limit + 1);

		assert_post(&w, rows[i].format, right, "");
		assert_post(&w, rows[i].format, wrong_one, "invalid_blocks");
		free(right);
		free(wrong_one);
	}
	/* 150 characters of three bytes each. */
	{
		struct text wide = TEXT_INIT;

		for (int i = 0; i < 150; i++)
			text_add(&wide, "版");
		assert_post(&w, CARD("{\"type\":\"header\",\"text\":" PLAIN("@") "}"), wide.data, "");
		text_clear(&wide);
	}
	world_end(&w);
}

TEST(counts_of_blocks_elements_and_options_have_limits)
{
	static const struct {
		const char *before, *item, *after;
		int most;
	} rows[] = {
		{ "", "{\"type\":\"divider\"}", "", 50 },
		{ "{\"type\":\"actions\",\"elements\":[", BUTTON(""), "]}", 25 },
		{ "{\"type\":\"context\",\"elements\":[", PLAIN("x"), "]}", 10 },
		{ "{\"type\":\"section\",\"fields\":[", PLAIN("x"), "]}", 10 },
		{ "{\"type\":\"actions\",\"elements\":[{\"type\":\"overflow\",\"options\":[",
		    "{\"text\":" PLAIN("x") ",\"value\":\"v\"}", "]}]}", 5 },
	};

	world_start(&w);
	for (size_t i = 0; i < COUNT(rows); i++)
		for (int extra = 0; extra < 2; extra++) {
			struct text blocks = TEXT_INIT;

			text_add(&blocks, rows[i].before);
			for (int n = 0; n < rows[i].most + extra; n++)
				text_printf(&blocks, "%s%s", n == 0 ? "" : ",", rows[i].item);
			text_add(&blocks, rows[i].after);
			assert_post(&w, CARD("@"), blocks.data, extra == 0 ? "" : "invalid_blocks");
			text_clear(&blocks);
		}
	world_end(&w);
}

TEST(all_blocks_together_have_a_sum)
{
	char *part = letters(2640), *more = letters(2641);
	struct text blocks = TEXT_INIT;

	world_start(&w);
	for (int i = 0; i < 5; i++)
		text_printf(&blocks, "%s{\"type\":\"section\",\"text\":" PLAIN("%s") "}",
		    i == 0 ? "" : ",", part);
	assert_post(&w, CARD("@"), blocks.data, "");
	text_printf(&blocks, ",{\"type\":\"section\",\"text\":" PLAIN("%s") "}", more);
	assert_post(&w, CARD("@"), blocks.data, "msg_blocks_too_long");
	text_clear(&blocks);
	free(part);
	free(more);
	world_end(&w);
}

TEST(unnamed_blocks_and_elements_get_names)
{
	const struct fake_slack_message *message;

	world_start(&w);
	assert_post(&w, CARD(ACTIONS(BUTTON(""))), NULL, "");
	message = fake_slack_last_message(w.fs, "#incidents");
	assert_non_null(json_string(cJSON_GetArrayItem(message->blocks, 0), "block_id"));
	assert_non_null(json_string(cJSON_GetArrayItem(
	    json_at(cJSON_GetArrayItem(message->blocks, 0), "elements"), 0), "action_id"));
	world_end(&w);
}

TEST(metadata_has_a_shape)
{
	static const struct {
		const char *metadata, *error;
	} rows[] = {
	    {"{\"event_type\":\"a_1\",\"event_payload\":{\"a\":1,\"b\":\"x\",\"c\":true}}", ""},
	    {"{\"event_type\":\"a\",\"event_payload\":{\"a\":{\"flat\":1},\"b\":[{\"x\":1}]}}", ""},
	    {"{\"event_type\":\"a b\",\"event_payload\":{}}", "invalid_metadata_schema"},
	    {"{\"event_type\":\"a\"}", "invalid_metadata_schema"},
	    {"{\"event_type\":\"a\",\"event_payload\":{\"a\":{\"b\":{\"c\":1}}}}",
		"invalid_metadata_schema"},
	    {"[1]", "invalid_metadata_format"},
	};

	world_start(&w);
	for (size_t i = 0; i < COUNT(rows); i++) {
		char *body =
		    xasprintf("{\"channel\":\"C0INCIDENTS\",\"text\":\"x\",\"metadata\":%s}",
			rows[i].metadata);
		char *error = api_error(&w, "chat.postMessage", body);

		assert_row(i, string_equal(error, rows[i].error));
		free(error);
		free(body);
	}
	world_end(&w);
}

/* slack_answer.c - which answers may be repeated, which must be looked for, which are final. */

#include "../../adapters/chat/slack_api.h"

#include "test.h"

static struct text no_body = TEXT_INIT;

static struct slack_answer
judge(int status, int retry_after, const char *json, bool changes, struct text *sentence)
{
	struct http_answer http = { .status = status, .retry_after = retry_after, .body = &no_body };
	_cleanup_(json_freep) cJSON *body = json != NULL ? json_parse(json, strlen(json), NULL) : NULL;
	struct slack_answer answer;

	slack_answer_read(&answer, &http, body, changes, sentence);
	answer.body = NULL;
	answer.error = NULL;
	return answer;
}

TEST(an_answer_says_what_may_be_done_next)
{
	static const struct {
		int status, retry;
		const char *json;
		enum delivery changing, reading;
		int wait;
		const char *says;
	} rows[] = {
		{ 200, 0, "{\"ok\":true}", SENT, SENT, 0, NULL },
		{ 429, 7, NULL, LATER, LATER, 7, "patience" },
		{ 429, 0, "{\"ok\":false,\"error\":\"ratelimited\"}", LATER, LATER, 30, "patience" },
		{ 200, 0, "{\"ok\":false,\"error\":\"rate_limited\"}", LATER, LATER, 30, "patience" },
		{ 200, 4, "{\"ok\":false,\"error\":\"ratelimited\"}", LATER, LATER, 4, "patience" },
		{ 200, 0, "{\"ok\":false,\"error\":\"internal_error\"}", UNKNOWN_OUTCOME, NOT_SENT, 0,
		    "internal_error" },
		{ 200, 0, "{\"ok\":false,\"error\":\"fatal_error\"}", UNKNOWN_OUTCOME, NOT_SENT, 0,
		    "fatal_error" },
		{ 500, 0, NULL, UNKNOWN_OUTCOME, NOT_SENT, 0, "500" },
		{ 503, 0, "{\"ok\":false}", UNKNOWN_OUTCOME, NOT_SENT, 0, "503" },
		{ 200, 0, NULL, UNKNOWN_OUTCOME, NOT_SENT, 0, "nothing readable" },
		{ 200, 0, "[]", UNKNOWN_OUTCOME, NOT_SENT, 0, "nothing readable" },
		{ 403, 0, NULL, NOT_SENT, NOT_SENT, 0, "403" },
		{ 407, 0, NULL, NOT_SENT, NOT_SENT, 0, "407" },
		{ 200, 0, "{\"ok\":false,\"error\":\"not_in_channel\"}", REFUSED_FOR_GOOD,
		    REFUSED_FOR_GOOD, 0, "/invite @rollcall" },
		{ 200, 0, "{\"ok\":false,\"error\":\"missing_scope\",\"needed\":\"chat:write\"}",
		    REFUSED_FOR_GOOD, REFUSED_FOR_GOOD, 0, "the scope chat:write" },
		{ 200, 0, "{\"ok\":false,\"error\":\"missing_scope\",\"needed\":7}", REFUSED_FOR_GOOD,
		    REFUSED_FOR_GOOD, 0, "lacks the scope" },
		{ 200, 0,
		    "{\"ok\":false,\"error\":\"invalid_blocks\",\"response_metadata\":{\"messages\":["
		    "\"[ERROR] must be less than 3001 characters\"]}}",
		    REFUSED_FOR_GOOD, REFUSED_FOR_GOOD, 0, "invalid_blocks, [ERROR] must be less" },
		{ 200, 0, "{\"ok\":false}", REFUSED_FOR_GOOD, REFUSED_FOR_GOOD, 0, "unknown_error" },
		{ 200, 0, "{}", REFUSED_FOR_GOOD, REFUSED_FOR_GOOD, 0, "unknown_error" },
		{ 404, 0, "{\"ok\":false,\"error\":\"expired_url\"}", REFUSED_FOR_GOOD,
		    REFUSED_FOR_GOOD, 0, "30 min" },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		_cleanup_(text_clear) struct text one = TEXT_INIT, two = TEXT_INIT;
		struct slack_answer change =
		    judge(rows[i].status, rows[i].retry, rows[i].json, true, &one);
		struct slack_answer read =
		    judge(rows[i].status, rows[i].retry, rows[i].json, false, &two);

		assert_row(i, change.outcome == rows[i].changing);
		assert_row(i, read.outcome == rows[i].reading);
		assert_row(i, rows[i].wait == 0 || change.retry_after == rows[i].wait);
		assert_row(i, (change.sentence == NULL) == (rows[i].says == NULL));
		if (rows[i].says != NULL && strstr(change.sentence, rows[i].says) == NULL)
			fail_msg("row %zu: %s", i, change.sentence);
	}
}

TEST(a_call_that_got_no_answer_is_unknown_only_when_it_was_sent)
{
	struct http_answer http = { .body = &no_body, .outcome_unknown = true };
	_cleanup_(text_clear) struct text sentence = TEXT_INIT;
	struct slack_answer answer;

	lost(&http.failure, "connection reset");
	slack_answer_read(&answer, &http, NULL, true, &sentence);
	assert_int_equal(answer.outcome, UNKNOWN_OUTCOME);
	assert_non_null(strstr(answer.sentence, "connection reset"));
	slack_answer_read(&answer, &http, NULL, false, &sentence);
	assert_int_equal(answer.outcome, NOT_SENT);
	http.outcome_unknown = false;
	slack_answer_read(&answer, &http, NULL, true, &sentence);
	assert_int_equal(answer.outcome, NOT_SENT);
}

TEST(a_dead_token_is_final_and_a_busy_slack_is_not)
{
	static const char *const final[] = { "invalid_auth", "account_inactive", "token_revoked",
		"link_disabled", "not_allowed_token_type" };
	static const char *const passing[] = { "internal_error", "ratelimited", "not_in_channel",
		"missing_scope", "" };

	for (size_t i = 0; i < COUNT(final); i++)
		assert_row(i, slack_error_is_final(final[i]));
	for (size_t i = 0; i < COUNT(passing); i++)
		assert_row(i, !slack_error_is_final(passing[i]));
	assert_false(slack_error_is_final(NULL));
}

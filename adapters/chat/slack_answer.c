/* slack_answer.c - what an answer of Slack's means: sent, later, never, unknown; in a sentence. */

#include <string.h>

#include "slack_api.h"

#define RETRY_UNSAID 30		/* seconds, as python's SDK does */

static const struct error_row {
	const char *error;
	const char *sentence;
} sentences[] = {
	{ "not_in_channel", "rollcall is not in this channel: type /invite @rollcall there" },
	{ "channel_not_found",
	    "Slack knows no such channel, or rollcall is not in it: type /invite @rollcall there" },
	{ "is_archived", "the channel is archived" },
	{ "user_not_in_channel", "the person is not in this channel" },
	{ "restricted_action", "the workspace does not let rollcall post in this channel" },
	{ "restricted_action_read_only_channel", "the channel is read-only for rollcall" },
	{ "restricted_action_thread_only_channel", "in this channel only threads may be answered" },
	{ "posting_to_channel_denied", "the workspace does not let rollcall post in this channel" },
	{ "message_not_found", "the message is gone" },
	{ "cant_update_message", "the message is not rollcall's own" },
	{ "edit_window_closed", "the workspace does not allow edits of messages this old" },
	{ "msg_too_long", "the text is longer than Slack takes" },
	{ "msg_blocks_too_long", "the card is longer than Slack takes" },
	{ "trigger_expired", "the click is older than 3 s: Slack opens no dialog for it any more" },
	{ "trigger_exchanged", "a dialog was already opened for this click" },
	{ "expired_url", "the time for answering this command (30 min) is over" },
	{ "used_url", "Slack takes no further answers to this command (5 at most)" },
	{ "user_not_found", "Slack knows no such person" },
	{ "users_not_found", "Slack knows nobody with this address" },
	{ "no_such_subteam", "Slack knows no such group" },
	{ "invalid_auth", "Slack does not accept the token: it is wrong, or of another application" },
	{ "not_authed", "no token was sent to Slack: set slack.bot_token and slack.app_token" },
	{ "account_inactive", "the token belongs to a removed application or a deactivated account" },
	{ "token_revoked", "the token was revoked: install the application again and set the new one" },
	{ "token_expired", "the token has expired: make a new one and set it" },
	{ "not_allowed_token_type",
	    "the token is of the wrong kind: app_token begins with xapp-, bot_token with xoxb-" },
	{ "user_removed_from_team", "rollcall's account was removed from the workspace" },
	{ "team_disabled", "the workspace is disabled" },
	{ "ekm_access_denied", "the workspace's administrators have suspended access to its messages" },
};

static const char *const final_errors[] = { "invalid_auth", "not_authed", "account_inactive",
	"token_revoked", "token_expired", "not_allowed_token_type", "user_removed_from_team",
	"team_disabled", "link_disabled", "app_missing_action_url", NULL };
static const char *const later_errors[] = { "ratelimited", "rate_limited", NULL };
/* Method pages: "may have succeeded in part". */
static const char *const unknown_errors[] = { "internal_error", "fatal_error", "service_unavailable",
	"request_timeout", "team_added_to_org", NULL };

bool
slack_error_is_final(const char *error)
{
	return error != NULL && string_in(error, final_errors);
}

static void
add_sentence(struct text *out, const cJSON *body, const char *error)
{
	const char *needed = json_string(body, "needed");
	const char *detail = json_string(body, "response_metadata.messages.0");

	if (string_equal(error, "missing_scope")) {
		text_printf(out, "rollcall lacks the scope %s: add it to the application and install it again",
		    needed != NULL ? needed : "that this needs");
		return;
	}
	for (size_t i = 0; i < COUNT(sentences); i++)
		if (string_equal(error, sentences[i].error)) {
			text_printf(out, "%s (%s)", sentences[i].sentence, error);
			return;
		}
	text_printf(out, "Slack refused: %s", error);
	if (detail != NULL)
		text_printf(out, ", %.200s", detail);
}

static void
read_refusal(struct slack_answer *answer, const cJSON *body, bool changes, struct text *sentence)
{
	answer->error = json_string_or(body, "error", "unknown_error");
	if (string_in(answer->error, later_errors)) {
		answer->outcome = LATER;
		if (answer->retry_after <= 0)
			answer->retry_after = RETRY_UNSAID;
		text_add(sentence, "Slack asks for patience (too many calls)");
	} else if (string_in(answer->error, unknown_errors)) {
		answer->outcome = changes ? UNKNOWN_OUTCOME : NOT_SENT;
		text_printf(sentence, "Slack failed: %s", answer->error);
	} else {
		answer->outcome = REFUSED_FOR_GOOD;
		add_sentence(sentence, body, answer->error);
	}
}

static void
read_failure(struct slack_answer *answer, const struct http_answer *http, bool changes,
    struct text *sentence)
{
	answer->outcome = http->outcome_unknown && changes ? UNKNOWN_OUTCOME : NOT_SENT;
	text_printf(sentence, "Slack could not be asked: %s", http->failure.text);
}

/* An answer without JSON: a server in trouble, or something between us and Slack. */
static void
read_status(struct slack_answer *answer, int status, bool changes, struct text *sentence)
{
	bool processed = status < 300 || status >= 500;

	answer->outcome = processed && changes ? UNKNOWN_OUTCOME : NOT_SENT;
	text_printf(sentence, "Slack answered with status %d and nothing readable", status);
}

void
slack_answer_read(struct slack_answer *answer, const struct http_answer *http, const cJSON *body,
    bool changes, struct text *sentence)
{
	*answer = (struct slack_answer){ .body = body, .retry_after = http->retry_after,
		.scopes = http->header };
	if (http->status == 0) {
		read_failure(answer, http, changes, sentence);
	} else if (http->status == 429) {
		answer->outcome = LATER;
		answer->error = json_string_or(body, "error", "ratelimited");
		if (answer->retry_after <= 0)
			answer->retry_after = RETRY_UNSAID;
		text_add(sentence, "Slack asks for patience (too many calls)");
	} else if (http->status >= 500 || !cJSON_IsObject(body)) {
		read_status(answer, http->status, changes, sentence);
	} else if (!json_bool(body, "ok", false)) {
		read_refusal(answer, body, changes, sentence);
	} else {
		answer->outcome = SENT;
	}
	answer->sentence = answer->outcome == SENT ? NULL : sentence->data;
}

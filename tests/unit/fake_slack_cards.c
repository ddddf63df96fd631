/* click.c, dialog.c, view.c - cards and dialogs: what a person sees, presses, fills in and sends. */

#include "slack_people.h"

/* ---- cards --------------------------------------------------------------------------------- */

static const char card[] =
    "{\"channel\":\"C0INCIDENTS\",\"text\":\"R-142 PLAN <@U0ANN>\",\"blocks\":["
    "{\"type\":\"header\",\"text\":{\"type\":\"plain_text\",\"text\":\"R-142 Plan <x> *y*\"}},"
    "{\"type\":\"section\",\"block_id\":\"what\",\"text\":{\"type\":\"mrkdwn\",\"verbatim\":true,"
    "\"text\":\"*PRODUCTION* · for <@U0BOB> in <#C0INCIDENTS>\\n*1.2.4 → 1.2.3* &amp; `a*b`\"}},"
    "{\"type\":\"section\",\"block_id\":\"log\",\"text\":{\"type\":\"mrkdwn\","
    "\"text\":\"```\\nline *one*\\nline two\\n```\"}},"
    "{\"type\":\"actions\",\"block_id\":\"row1\",\"elements\":["
    "{\"type\":\"button\",\"action_id\":\"op_start\",\"value\":\"R-142:1\",\"style\":\"primary\","
    "\"text\":{\"type\":\"plain_text\",\"text\":\"Start rollback\"},\"confirm\":{"
    "\"title\":{\"type\":\"plain_text\",\"text\":\"Start?\"},"
    "\"text\":{\"type\":\"plain_text\",\"text\":\"It starts.\"},"
    "\"confirm\":{\"type\":\"plain_text\",\"text\":\"Start\"},"
    "\"deny\":{\"type\":\"plain_text\",\"text\":\"Back\"}}},"
    "{\"type\":\"overflow\",\"action_id\":\"op_more\",\"options\":["
    "{\"text\":{\"type\":\"plain_text\",\"text\":\"Why\"},\"value\":\"why\"},"
    "{\"text\":{\"type\":\"plain_text\",\"text\":\"Dismiss\"},\"value\":\"dismiss\"}]}]},"
    "{\"type\":\"context\",\"elements\":[{\"type\":\"mrkdwn\",\"text\":\"by <@U0ANN>\"},"
    "{\"type\":\"plain_text\",\"text\":\"because *x*\"}]}]}";

static const struct fake_slack_message *
card_posted(void)
{
	char *ts = api_post(&w, card);
	const struct fake_slack_message *message = fake_slack_message(w.fs, "#incidents", ts);

	drop();		/* its own event */
	free(ts);
	return message;
}

TEST(a_card_reads_as_people_see_it)
{
	start();
	assert_rendered(card_posted(),
	    "R-142 Plan <x> *y*\n"
	    "PRODUCTION · for @bob in #incidents\n"
	    "1.2.4 → 1.2.3 & a*b\n"
	    "line *one*\nline two\n"
	    "[ Start rollback ] [ ⋯ Why | Dismiss ]\n"
	    "by @ann because *x*");
	end();
}

TEST(a_press_carries_action_message_and_response_url)
{
	const struct fake_slack_message *message;
	cJSON *envelope;
	const cJSON *action;
	unsigned number;

	start();
	message = card_posted();
	number = fake_slack_press(w.fs, "@bob", message, "Start rollback", &w.err);
	envelope = take(NULL);
	assert_string_equal(json_string(envelope, "type"), "interactive");
	assert_string_equal(json_string(envelope, "payload.type"), "block_actions");
	assert_string_equal(json_string(envelope, "payload.user.id"), "U0BOB");
	assert_string_equal(json_string(envelope, "payload.container.message_ts"), message->ts);
	assert_string_equal(json_string(envelope, "payload.message.bot_id"), "B0ROLLCALL");
	assert_non_null(strstr(json_string(envelope, "payload.response_url"), "/hooks/actions/"));
	action = cJSON_GetArrayItem(json_at(envelope, "payload.actions"), 0);
	assert_string_equal(json_string(action, "type"), "button");
	assert_string_equal(json_string(action, "block_id"), "row1");
	assert_string_equal(json_string(action, "action_id"), "op_start");
	assert_string_equal(json_string(action, "value"), "R-142:1");
	assert_non_null(json_string(action, "action_ts"));
	assert_string_equal(fake_slack_delivery(w.fs, number)->confirm,
	    "Start? It starts. [Start] [Back]");
	cJSON_Delete(envelope);
	fake_slack_press(w.fs, "@bob", message, "Dismiss", &w.err);
	envelope = take(NULL);
	action = cJSON_GetArrayItem(json_at(envelope, "payload.actions"), 0);
	assert_string_equal(json_string(action, "type"), "overflow");
	assert_string_equal(json_string(action, "selected_option.value"), "dismiss");
	cJSON_Delete(envelope);
	end();
}

TEST(two_presses_are_told_apart_by_their_stamps)
{
	const struct fake_slack_message *message;
	cJSON *one, *two;

	start();
	message = card_posted();
	fake_slack_press(w.fs, "@bob", message, "Why", &w.err);
	fake_slack_press(w.fs, "@bob", message, "Why", &w.err);
	one = take(NULL);
	two = take(NULL);
	assert_string_not_equal(
	    json_string(cJSON_GetArrayItem(json_at(one, "payload.actions"), 0), "action_ts"),
	    json_string(cJSON_GetArrayItem(json_at(two, "payload.actions"), 0), "action_ts"));
	cJSON_Delete(one);
	cJSON_Delete(two);
	end();
}

TEST(a_press_on_nothing_says_what_is_there)
{
	const struct fake_slack_message *message;

	start();
	message = card_posted();
	assert_int_equal(fake_slack_press(w.fs, "@bob", message, "Approve", &w.err), 0);
	assert_string_equal(w.err.text,
	    "nothing there reads \"Approve\"; there is [Start rollback] [Why] [Dismiss]");
	assert_int_equal(fake_slack_press(w.fs, "@stranger", message, "Why", &w.err), 0);
	end();
}

TEST(an_old_drawing_can_still_be_pressed)
{
	const struct fake_slack_message *message;
	cJSON *envelope;
	char *body;

	start();
	message = card_posted();
	body = xasprintf(
	    "{\"channel\":\"C0INCIDENTS\",\"ts\":\"%s\",\"text\":\"running\"}", message->ts);
	assert_api(&w, "chat.update", body, "");
	drop();
	assert_rendered(message, "running (edited)");
	assert_int_equal(fake_slack_press(w.fs, "@bob", message, "Start rollback", &w.err), 0);
	assert_int_not_equal(
	    fake_slack_press_old(w.fs, "@bob", message, 1, "Start rollback", &w.err), 0);
	envelope = take(NULL);
	assert_string_equal(json_string(envelope, "payload.message.text"), "R-142 PLAN <@U0ANN>");
	cJSON_Delete(envelope);
	assert_int_equal(fake_slack_press_old(w.fs, "@bob", message, 2, "Why", &w.err), 0);
	free(body);
	end();
}

TEST(copies_and_forgeries_are_pressed_like_the_real_ones)
{
	const struct fake_slack_message *copy;
	cJSON *envelope, *action = cJSON_CreateObject();

	start();
	copy = fake_slack_copy(w.fs, card_posted(), "#releases", &w.err);
	assert_true(copy->forged);
	drop();
	fake_slack_press(w.fs, "@bob", copy, "Start rollback", &w.err);
	envelope = take(NULL);
	assert_string_equal(json_string(envelope, "payload.channel.id"), "C0RELEASES");
	cJSON_Delete(envelope);
	json_add_string(action, "type", "button");
	json_add_string(action, "action_id", "op_start");
	json_add_string(action, "value", "R-999:1");
	fake_slack_act(w.fs, "@bob", copy, action, &w.err);
	envelope = take(NULL);
	assert_string_equal(json_string(cJSON_GetArrayItem(json_at(envelope, "payload.actions"), 0),
	    "value"), "R-999:1");
	cJSON_Delete(envelope);
	cJSON_Delete(action);
	end();
}

TEST(a_click_may_replace_or_delete_its_message_by_response_url)
{
	const struct fake_slack_message *message;
	cJSON *envelope;
	struct reply reply;
	const char *path;

	start();
	message = card_posted();
	fake_slack_press(w.fs, "@bob", message, "Why", &w.err);
	envelope = take(NULL);
	path = strstr(json_string(envelope, "payload.response_url"), "/hooks/");
	reply = post(&w, path, NULL, "application/json",
	    "{\"replace_original\":true,\"text\":\"replaced\"}");
	assert_int_equal(reply.status, 200);
	reply_clear(&reply);
	assert_string_equal(message->text, "replaced");
	drop();
	reply = post(&w, path, NULL, "application/json", "{\"text\":\"only you\"}");
	reply_clear(&reply);
	assert_string_equal(fake_slack_last_message(w.fs, "#incidents")->only_for, "U0BOB");
	reply = post(&w, path, NULL, "application/json", "{\"delete_original\":true}");
	reply_clear(&reply);
	assert_true(message->deleted);
	drop();
	cJSON_Delete(envelope);
	end();
}

TEST(a_click_on_an_ephemeral_message_has_no_message)
{
	const struct fake_slack_message *message;
	cJSON *envelope;

	start();
	assert_api(&w, "chat.postEphemeral", "{\"channel\":\"C0INCIDENTS\",\"user\":\"U0ANN\","
	    "\"text\":\"x\",\"blocks\":[{\"type\":\"actions\",\"elements\":[{\"type\":\"button\","
	    "\"text\":{\"type\":\"plain_text\",\"text\":\"Go\"}}]}]}", "");
	message = fake_slack_last_message(w.fs, "#incidents");
	assert_int_equal(fake_slack_press(w.fs, "@bob", message, "Go", &w.err), 0);
	fake_slack_press(w.fs, "@ann", message, "Go", &w.err);
	envelope = take(NULL);
	assert_true(json_bool(envelope, "payload.container.is_ephemeral", false));
	assert_null(json_at(envelope, "payload.message"));
	cJSON_Delete(envelope);
	end();
}

TEST(a_missed_click_shows_a_notice)
{
	start();
	fake_slack_press(w.fs, "@bob", card_posted(), "Why", &w.err);
	fake_slack_set_clock(w.fs, START + 3000);
	assert_string_equal(fake_slack_last_message(w.fs, "#incidents")->text,
	    "Why failed with the error \"operation_timeout\"");
	end();
}

/* ---- dialogs ------------------------------------------------------------------------------- */

#define VIEW                                                                                       \
	"{\"type\":\"modal\",\"callback_id\":\"why\",\"notify_on_close\":true,"                    \
	"\"title\":{\"type\":\"plain_text\",\"text\":\"Why?\"},"                                   \
	"\"submit\":{\"type\":\"plain_text\",\"text\":\"Send\"},\"blocks\":["                      \
	"{\"type\":\"input\",\"block_id\":\"reason\","                                             \
	"\"label\":{\"type\":\"plain_text\",\"text\":\"Reason\"},\"element\":{"                    \
	"\"type\":\"plain_text_input\",\"action_id\":\"text\",\"max_length\":20}},"                \
	"{\"type\":\"input\",\"block_id\":\"pick\",\"optional\":true,"                             \
	"\"label\":{\"type\":\"plain_text\",\"text\":\"Revision\"},\"element\":{"                  \
	"\"type\":\"static_select\",\"action_id\":\"rev\",\"options\":["                           \
	"{\"text\":{\"type\":\"plain_text\",\"text\":\"1.2.3\"},\"value\":\"5\"},"                 \
	"{\"text\":{\"type\":\"plain_text\",\"text\":\"1.2.2\"},\"value\":\"4\"}]}},"              \
	"{\"type\":\"actions\",\"elements\":[{\"type\":\"button\",\"action_id\":\"diff\","         \
	"\"text\":{\"type\":\"plain_text\",\"text\":\"Show diff\"}}]}]}"

/* Opens VIEW for @ann with the trigger of a fresh command. */
static void
dialog_open(void)
{
	cJSON *envelope;
	char *body;

	fake_slack_slash(w.fs, "@ann", "#incidents", "/rollback x", &w.err);
	envelope = take(NULL);
	body = xasprintf("{\"trigger_id\":\"%s\",\"view\":%s}",
	    json_string(envelope, "payload.trigger_id"), VIEW);
	assert_api(&w, "views.open", body, "");
	assert_api(&w, "views.open", body, "trigger_exchanged");
	free(body);
	cJSON_Delete(envelope);
}

TEST(a_dialog_is_read_filled_in_and_sent)
{
	struct arena *arena = arena_new();
	cJSON *envelope;

	start();
	dialog_open();
	assert_string_equal(fake_slack_render_view(w.fs, arena, fake_slack_view(w.fs, "@ann")),
	    "Why?\nReason: [ ]\nRevision (optional): [ Choose ▾ 1.2.3 | 1.2.2 ]\n"
	    "[ Show diff ]\n[ Send ]");
	assert_int_equal(fake_slack_submit(w.fs, "@ann", NULL, &w.err), 0);
	assert_string_equal(w.err.text, "the dialog asks for \"Reason\" first");
	assert_false(
	    fake_slack_fill(w.fs, "@ann", "Reason", "far too long for that field", &w.err));
	assert_false(fake_slack_fill(w.fs, "@ann", "Revision", "9.9", &w.err));
	assert_true(fake_slack_fill(w.fs, "@ann", "Reason", "slow", &w.err));
	assert_true(fake_slack_fill(w.fs, "@ann", "Revision", "1.2.3", &w.err));
	assert_non_null(strstr(
	    fake_slack_render_view(w.fs, arena, fake_slack_view(w.fs, "@ann")),
	    "Reason: [ slow ]\nRevision (optional): [ 1.2.3 ▾ 1.2.3 | 1.2.2 ]\n"));
	assert_int_not_equal(fake_slack_submit(w.fs, "@ann",
	    (const char *const[]){ "Reason", "5xx", "Revision", "1.2.2", NULL }, &w.err), 0);
	envelope = take(NULL);
	assert_string_equal(json_string(envelope, "payload.type"), "view_submission");
	assert_string_equal(json_string(envelope, "payload.view.callback_id"), "why");
	assert_string_equal(
	    json_string(envelope, "payload.view.state.values.reason.text.value"), "5xx");
	assert_string_equal(json_string(envelope,
	    "payload.view.state.values.pick.rev.selected_option.value"), "4");
	assert_null(fake_slack_view(w.fs, "@ann"));
	cJSON_Delete(envelope);
	arena_free(arena);
	end();
}

TEST(a_submission_may_be_answered_in_five_ways)
{
	static const struct {
		const char *answer, *title;	/* title NULL: no dialog left */
		bool error, problem;
	} rows[] = {
	    {NULL, NULL, false, false},
	    {"{\"response_action\":\"clear\"}", NULL, false, false},
	    {"{\"response_action\":\"errors\",\"errors\":{\"reason\":\"Too short\"}}", "Why?", true,
		false},
	    {"{\"response_action\":\"errors\",\"errors\":{\"text\":\"an action_id\"}}", "Why?",
		false, true},
	    {"{\"response_action\":\"update\",\"view\":{\"type\":\"modal\",\"title\":"
	     "{\"type\":\"plain_text\",\"text\":\"Next\"},\"blocks\":[]}}",
		"Next", false, false},
	    {"{\"response_action\":\"push\",\"view\":{\"type\":\"modal\",\"title\":"
	     "{\"type\":\"plain_text\",\"text\":\"More\"},\"blocks\":[]}}",
		"More", false, false},
	    {"{\"response_action\":\"push\",\"view\":{\"type\":\"modal\"}}", "Why?", false, true},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct fake_slack_view *view;

		start();
		dialog_open();
		fake_slack_submit(
		    w.fs, "@ann", (const char *const[]){"Reason", "5xx", NULL}, &w.err);
		cJSON_Delete(take(rows[i].answer));
		view = fake_slack_view(w.fs, "@ann");
		assert_row(i, (view != NULL) == (rows[i].title != NULL));
		assert_row(i, view == NULL || string_equal(view->title, rows[i].title));
		assert_row(i, view == NULL || (view->errors != NULL) == rows[i].error);
		assert_row(i, view == NULL || (view->problem != NULL) == rows[i].problem);
		end();
	}
}

TEST(a_missed_submission_leaves_the_dialog_open_with_a_complaint)
{
	start();
	dialog_open();
	fake_slack_submit(w.fs, "@ann", (const char *const[]){ "Reason", "5xx", NULL }, &w.err);
	fake_slack_set_clock(w.fs, START + 3000);
	assert_string_equal(fake_slack_view(w.fs, "@ann")->problem,
	    "We had some trouble connecting. Try again?");
	end();
}

TEST(triggers_live_three_seconds)
{
	cJSON *envelope;
	char *body;

	start();
	fake_slack_slash(w.fs, "@ann", "#incidents", "/rollback x", &w.err);
	envelope = take(NULL);
	body = xasprintf("{\"trigger_id\":\"%s\",\"view\":%s}",
	    json_string(envelope, "payload.trigger_id"), VIEW);
	fake_slack_set_clock(w.fs, START + 3001);
	assert_api(&w, "views.open", body, "trigger_expired");
	assert_api(
	    &w, "views.open", "{\"trigger_id\":\"no\",\"view\":" VIEW "}", "invalid_trigger_id");
	assert_api(&w, "views.open", "{\"trigger_id\":\"no\",\"view\":{\"type\":\"modal\"}}",
	    "invalid_arguments");
	free(body);
	cJSON_Delete(envelope);
	end();
}

TEST(an_updated_dialog_keeps_what_was_written)
{
	const struct fake_slack_view *view;
	char *body, *stale;

	start();
	dialog_open();
	assert_true(fake_slack_fill(w.fs, "@ann", "Reason", "half", &w.err));
	view = fake_slack_view(w.fs, "@ann");
	body = xasprintf("{\"view_id\":\"%s\",\"view\":%s}", view->id, VIEW);
	stale = xasprintf(
	    "{\"view_id\":\"%s\",\"hash\":\"%s\",\"view\":%s}", view->id, view->hash, VIEW);
	assert_api(&w, "views.update", body, "");
	assert_string_equal(json_string(fake_slack_view(w.fs, "@ann")->values, "reason.text.value"),
	    "half");
	assert_api(&w, "views.update", stale, "hash_conflict");
	assert_api(&w, "views.update", "{\"view_id\":\"V0\",\"view\":" VIEW "}", "not_found");
	free(body);
	free(stale);
	end();
}

TEST(three_dialogs_are_the_most)
{
	cJSON *envelope;
	char *body;

	start();
	dialog_open();
	for (int i = 0; i < 3; i++) {
		fake_slack_press_in_view(w.fs, "@ann", "Show diff", &w.err);
		envelope = take(NULL);
		assert_string_equal(json_string(envelope, "payload.container.type"), "view");
		body = xasprintf("{\"trigger_id\":\"%s\",\"view\":%s}",
		    json_string(envelope, "payload.trigger_id"), VIEW);
		assert_api(&w, "views.push", body, i < 2 ? "" : "push_limit_reached");
		free(body);
		cJSON_Delete(envelope);
	}
	fake_slack_close_view(w.fs, "@ann", true, &w.err);
	envelope = take(NULL);
	assert_string_equal(json_string(envelope, "payload.type"), "view_closed");
	assert_true(json_bool(envelope, "payload.is_cleared", false));
	assert_null(fake_slack_view(w.fs, "@ann"));
	cJSON_Delete(envelope);
	end();
}

TEST(the_home_tab_is_published_and_opened)
{
	cJSON *envelope;

	start();
	assert_api(&w, "views.publish",
	    "{\"user_id\":\"U0ANN\",\"view\":{\"type\":\"home\",\"blocks\":["
	    "{\"type\":\"divider\"}]}}",
	    "");
	assert_non_null(fake_slack_home(w.fs, "@ann"));
	fake_slack_opens_home(w.fs, "@ann", &w.err);
	envelope = take(NULL);
	assert_string_equal(json_string(envelope, "payload.event.type"), "app_home_opened");
	cJSON_Delete(envelope);
	end();
}

TEST(shortcuts_and_suggestions_carry_what_they_need)
{
	const struct fake_slack_message *message;
	cJSON *envelope;

	start();
	message = card_posted();
	fake_slack_shortcut(w.fs, "@ann", "rc_incident_open", NULL, &w.err);
	envelope = take(NULL);
	assert_string_equal(json_string(envelope, "payload.type"), "shortcut");
	assert_null(json_at(envelope, "payload.response_url"));
	cJSON_Delete(envelope);
	fake_slack_shortcut(w.fs, "@ann", "rc_incident_attach", message, &w.err);
	envelope = take(NULL);
	assert_string_equal(json_string(envelope, "payload.type"), "message_action");
	assert_string_equal(json_string(envelope, "payload.message.ts"), message->ts);
	cJSON_Delete(envelope);
	dialog_open();
	fake_slack_suggest(w.fs, "@ann", "rev", "1.2", &w.err);
	envelope = take("{\"options\":[]}");
	assert_string_equal(json_string(envelope, "payload.type"), "block_suggestion");
	assert_string_equal(json_string(envelope, "payload.value"), "1.2");
	cJSON_Delete(envelope);
	end();
}

static void
count_changes(void *arg)
{
	++*(int *)arg;
}

TEST(every_change_is_called_out)
{
	int changes = 0, before;

	world_start(&w);
	fake_slack_on_change(w.fs, count_changes, &changes);
	free(api_post(&w, "{\"channel\":\"C0INCIDENTS\",\"text\":\"x\"}"));
	assert_true(changes > 0);
	before = changes;
	fake_slack_says(w.fs, "@ann", "#random", NULL, "x", &w.err);
	assert_true(changes > before);
	world_end(&w);
}

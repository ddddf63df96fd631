/* fake_slack_people.c - people before the fake Slack: what they type, press, fill in, and read. */

#include "test.h"
#include "slack_client.h"

static struct world w;
static struct socket s;

static void
start(void)
{
	world_start(&w);
	socket_start(&w, &s);
}

static void
end(void)
{
	socket_end(&w, &s);
	world_end(&w);
}

/* The next envelope, confirmed with this payload; the caller deletes it. */
static cJSON *
take(const char *answer)
{
	cJSON *envelope = socket_next(&w, &s);

	assert_non_null(json_string(envelope, "envelope_id"));
	socket_ack(&w, &s, envelope, answer);
	return envelope;
}

static void
drop(void)
{
	cJSON_Delete(take(NULL));
}

#define assert_rendered(message, expected)                                                         \
	do {                                                                                       \
		char *words_ = rendered(&w, message);                                              \
		assert_string_equal(words_, expected);                                             \
		free(words_);                                                                      \
	} while (0)

/* ---- typing -------------------------------------------------------------------------------- */

TEST(a_slash_command_is_escaped_like_slack_does)
{
	static const struct {
		const char *typed, *text;
	} rows[] = {
	    {"/rollback gateway to 5", "gateway to 5"},
	    {"/rollback", ""},
	    {"/ops @bob", "<@U0BOB>"},
	    {"/ops @bob.", "<@U0BOB>."},
	    {"/ops @sre and @here", "<!subteam^S0SRE|@sre> and <!here>"},
	    {"/ops #incidents #admins", "<#C0INCIDENTS|incidents> <#C0ADMINS|>"},
	    {"/ops #nowhere @nobody", "#nowhere @nobody"},
	    {"/ops a < b && c > d", "a &lt; b &amp;&amp; c &gt; d"},
	    {"/ops https://x.example/a?b&c.", "<https://x.example/a?b&amp;c>."},
	    {"/ops me@example.com", "<mailto:me@example.com|me@example.com>"},
	    {"/ops image ghcr.io/a/b:1.2.3", "image <http://ghcr.io/a/b:1.2.3|ghcr.io/a/b:1.2.3>"},
	    {"/ops 1.2.3 v0.1.5", "1.2.3 v0.1.5"},
	    {"/ops `@bob <x>`", "`@bob &lt;x&gt;`"},
	};

	start();
	for (size_t i = 0; i < COUNT(rows); i++) {
		cJSON *envelope;

		fake_slack_slash(w.fs, "@ann", "#incidents", rows[i].typed, &w.err);
		envelope = take(NULL);
		if (!string_equal(json_string(envelope, "payload.text"), rows[i].text))
			fail_msg("row %zu: %s", i, json_string(envelope, "payload.text"));
		cJSON_Delete(envelope);
	}
	end();
}

TEST(a_slash_command_carries_who_where_and_the_ways_to_answer)
{
	cJSON *envelope;

	start();
	fake_slack_slash(w.fs, "@ann", "#admins", "/rollback x", &w.err);
	envelope = take(NULL);
	assert_string_equal(json_string(envelope, "payload.user_id"), "U0ANN");
	assert_string_equal(json_string(envelope, "payload.channel_id"), "C0ADMINS");
	assert_string_equal(json_string(envelope, "payload.channel_name"), "privategroup");
	assert_string_equal(json_string(envelope, "payload.team_id"), "T0TEAM");
	assert_string_equal(json_string(envelope, "payload.is_enterprise_install"), "false");
	assert_non_null(
	    strstr(json_string(envelope, "payload.response_url"), "/hooks/commands/T0TEAM/"));
	assert_non_null(json_string(envelope, "payload.trigger_id"));
	cJSON_Delete(envelope);
	end();
}

TEST(people_act_only_where_they_are)
{
	static const struct {
		const char *who, *where, *typed;
	} rows[] = {
		{ "@nobody", "#incidents", "/help" }, { "@gone", "#incidents", "/help" },
		{ "@ann", "#nowhere", "/help" }, { "@stranger", "#incidents", "/help" },
		{ "@ann", "@bob", "/help" }, { "@ann", "#incidents", "help" },
		{ "@ann", "#incidents", "/" },
	};

	world_start(&w);
	for (size_t i = 0; i < COUNT(rows); i++) {
		w.err = (struct error)ERROR_INIT;
		assert_row(i,
		    fake_slack_slash(w.fs, rows[i].who, rows[i].where, rows[i].typed, &w.err) == 0);
		assert_row(i, w.err.text[0] != '\0');
	}
	assert_int_not_equal(fake_slack_slash(w.fs, "@stranger", "#partners", "/help", &w.err), 0);
	assert_int_not_equal(fake_slack_slash(w.fs, "@ann", "@rollcall", "/help", &w.err), 0);
	world_end(&w);
}

TEST(a_mention_in_a_channel_arrives_twice_with_one_stamp)
{
	const struct fake_slack_message *said;
	cJSON *mention, *message;

	start();
	said = fake_slack_says(w.fs, "@ann", "#incidents", NULL, "@rollcall help", &w.err);
	mention = take(NULL);
	message = take(NULL);
	assert_string_equal(json_string(mention, "payload.event.type"), "app_mention");
	assert_string_equal(json_string(mention, "payload.event.text"), "<@U0ROLLCALL> help");
	assert_string_equal(json_string(message, "payload.event.type"), "message");
	assert_string_equal(json_string(message, "payload.event.channel_type"), "channel");
	assert_string_equal(json_string(mention, "payload.event.ts"), said->ts);
	assert_string_equal(json_string(message, "payload.event.ts"), said->ts);
	assert_string_not_equal(json_string(mention, "payload.event_id"),
	    json_string(message, "payload.event_id"));
	cJSON_Delete(mention);
	cJSON_Delete(message);
	end();
}

TEST(events_follow_where_a_message_stands)
{
	static const struct {
		const char *where, *words, *type;	/* NULL: the bot hears nothing */
	} rows[] = {
		{ "#incidents", "hello", "channel" }, { "#admins", "hello", "group" },
		{ "@rollcall", "@rollcall help", "im" }, { "#random", "@rollcall help", NULL },
	};

	start();
	for (size_t i = 0; i < COUNT(rows); i++) {
		unsigned before = fake_slack_last_delivery(w.fs);
		cJSON *envelope;

		fake_slack_says(w.fs, "@ann", rows[i].where, NULL, rows[i].words, &w.err);
		assert_row(i, fake_slack_last_delivery(w.fs) - before == (rows[i].type != NULL));
		if (rows[i].type == NULL)
			continue;
		envelope = take(NULL);
		assert_row(i, string_equal(json_string(envelope, "payload.event.channel_type"),
		    rows[i].type));
		cJSON_Delete(envelope);
	}
	end();
}

TEST(threads_shared_channels_and_edits_are_told)
{
	const struct fake_slack_message *said, *answer;
	cJSON *envelope;

	start();
	said = fake_slack_says(w.fs, "@ann", "#partners", NULL, "hello", &w.err);
	envelope = take(NULL);
	assert_true(json_bool(envelope, "payload.is_ext_shared_channel", false));
	cJSON_Delete(envelope);
	answer = fake_slack_says(w.fs, "@bob", "#partners", said->ts, "yes", &w.err);
	envelope = take(NULL);
	assert_string_equal(json_string(envelope, "payload.event.thread_ts"), said->ts);
	assert_ptr_equal(fake_slack_next_in_thread(w.fs, said, said), answer);
	cJSON_Delete(envelope);
	assert_true(fake_slack_edits(w.fs, answer, "no", &w.err));
	envelope = take(NULL);
	assert_string_equal(json_string(envelope, "payload.event.subtype"), "message_changed");
	assert_string_equal(json_string(envelope, "payload.event.message.text"), "no");
	assert_string_equal(json_string(envelope, "payload.event.previous_message.text"), "yes");
	cJSON_Delete(envelope);
	assert_true(fake_slack_deletes(w.fs, answer, &w.err));
	envelope = take(NULL);
	assert_string_equal(json_string(envelope, "payload.event.subtype"), "message_deleted");
	cJSON_Delete(envelope);
	assert_false(fake_slack_edits(w.fs, answer, "again", &w.err));
	end();
}

TEST(the_bots_own_posts_come_back_as_events)
{
	cJSON *envelope;

	start();
	free(api_post(&w, "{\"channel\":\"C0INCIDENTS\",\"text\":\"mine\"}"));
	envelope = take(NULL);
	assert_string_equal(json_string(envelope, "payload.event.bot_id"), "B0ROLLCALL");
	assert_string_equal(json_string(envelope, "payload.event.user"), "U0ROLLCALL");
	cJSON_Delete(envelope);
	end();
}

TEST(changes_of_people_groups_and_channels_are_told)
{
	struct fake_slack_user ann;
	struct fake_slack_group sre;
	struct fake_slack_channel incidents;
	static const char *const types[] = { "user_change", "subteam_updated", "channel_shared" };

	start();
	ann = *fake_slack_user(w.fs, "@ann");
	ann.deleted = true;
	fake_slack_put_user(w.fs, &ann);
	sre = *fake_slack_group(w.fs, "@sre");
	sre.disabled = true;
	fake_slack_put_group(w.fs, &sre);
	incidents = *fake_slack_channel(w.fs, "#incidents");
	incidents.is_ext_shared = true;
	fake_slack_put_channel(w.fs, &incidents);
	for (size_t i = 0; i < COUNT(types); i++) {
		cJSON *envelope = take(NULL);

		assert_row(i, string_equal(json_string(envelope, "payload.event.type"), types[i]));
		cJSON_Delete(envelope);
	}
	fake_slack_event(w.fs, NULL);
	{
		cJSON *envelope = take(NULL);

		assert_string_equal(json_string(envelope, "payload.type"), "app_rate_limited");
		assert_null(json_at(envelope, "payload.event"));
		cJSON_Delete(envelope);
	}
	end();
}

/* ---- answers in the acknowledgement -------------------------------------------------------- */

TEST(an_answer_in_the_acknowledgement_becomes_a_message)
{
	static const struct {
		const char *answer, *text, *only_for;	/* text NULL: nothing new */
	} rows[] = {
		{ "{\"text\":\"Looking\"}", "Looking", "U0ANN" },
		{ "{\"response_type\":\"ephemeral\",\"text\":\"Looking\"}", "Looking", "U0ANN" },
		{ "{\"response_type\":\"in_channel\",\"text\":\"All\"}", "All", NULL },
		{ "{\"response_type\":\"in_channel\"}", "/rollback x", NULL },
		{ "{}", NULL, NULL },
		{ "{\"text\":\"x\",\"blocks\":[{\"type\":\"frob\"}]}", NULL, NULL },
	};

	start();
	for (size_t i = 0; i < COUNT(rows); i++) {
		unsigned number =
		    fake_slack_slash(w.fs, "@ann", "#releases", "/rollback x", &w.err);
		const struct fake_slack_message *before =
						    fake_slack_last_message(w.fs, "#releases"),
						*new;

		cJSON_Delete(take(rows[i].answer));
		new = fake_slack_last_message(w.fs, "#releases");
		assert_row(i, (new != before) == (rows[i].text != NULL));
		if (rows[i].text != NULL) {
			assert_row(i, string_equal(new->text, rows[i].text));
			assert_row(i, string_equal(new->only_for, rows[i].only_for));
		}
		assert_row(i, (fake_slack_delivery(w.fs, number)->problem != NULL)
		    == (strstr(rows[i].answer, "frob") != NULL));
		while (fake_slack_waiting(w.fs) > 0)
			drop();
	}
	end();
}

TEST(a_response_url_works_five_times_in_thirty_minutes)
{
	cJSON *envelope;
	char *path;
	struct reply reply;

	start();
	fake_slack_slash(w.fs, "@ann", "#incidents", "/rollback x", &w.err);
	envelope = take(NULL);
	path = xstrdup(strstr(json_string(envelope, "payload.response_url"), "/hooks/"));
	for (int i = 0; i < 6; i++) {
		reply = post(&w, path, NULL, "application/json", "{\"text\":\"later\"}");
		assert_int_equal(reply.status, i < 5 ? 200 : 404);
		assert_non_null(strstr(reply.body, i < 5 ? "ok" : "used_url"));
		reply_clear(&reply);
	}
	assert_string_equal(fake_slack_last_message(w.fs, "#incidents")->only_for, "U0ANN");
	free(path);
	cJSON_Delete(envelope);
	fake_slack_slash(w.fs, "@ann", "#incidents", "/rollback x", &w.err);
	envelope = take(NULL);
	path = xstrdup(strstr(json_string(envelope, "payload.response_url"), "/hooks/"));
	fake_slack_set_clock(w.fs, START + MINUTES(30) + 1);
	reply = post(&w, path, NULL, "application/json", "{\"text\":\"later\"}");
	assert_non_null(strstr(reply.body, "expired_url"));
	reply_clear(&reply);
	strrchr(path, '/')[1] = 'x';
	reply = post(&w, path, NULL, "application/json", "{\"text\":\"guessed\"}");
	assert_non_null(strstr(reply.body, "invalid_url"));
	reply_clear(&reply);
	free(path);
	cJSON_Delete(envelope);
	end();
}

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

/* ---- reading ------------------------------------------------------------------------------- */

TEST(markup_reads_as_on_a_phone)
{
	static const struct {
		const char *mrkdwn, *read;
	} rows[] = {
		{ "*bold* _it_ ~no~ `code`", "bold it no code" },
		{ "2 * 3 * 4", "2 * 3 * 4" },
		{ "snake_case_name a*b*c", "snake_case_name a*b*c" },
		{ "將 *退* 回", "將 退 回" },
		{ "將*退*回", "將*退*回" },
		{ "<https://x.example|label> <https://y.example>", "label https://y.example" },
		{ "<@U0NOPE> <#C0NOPE> <!subteam^S0SRE> <!here>", "@unknown #unknown @sre @here" },
		{ "<!date^1795251600^{date_num} at {time}|then>", "2026-11-21 at 09:00" },
		{ "&lt;!channel&gt; &amp;amp;", "<!channel> &amp;" },
		{ "a < b", "a < b" },
		{ "&gt; quoted\nplain", "quoted\nplain" },
		{ "*· x*", "· x" },
		{ "unclosed *bold", "unclosed *bold" },
	};

	world_start(&w);
	for (size_t i = 0; i < COUNT(rows); i++) {
		_cleanup_(text_clear) struct text body = TEXT_INIT;
		char *read;

		text_add(&body, "{\"channel\":\"C0INCIDENTS\",\"text\":");
		json_print_string(&body, rows[i].mrkdwn);
		text_add(&body, "}");
		free(api_post(&w, body.data));
		read = rendered(&w, fake_slack_last_message(w.fs, "#incidents"));
		if (strcmp(read, rows[i].read) != 0)
			fail_msg("row %zu: %s", i, read);
		free(read);
	}
	world_end(&w);
}

TEST(only_real_mentions_make_a_sound)
{
	static const struct {
		const char *block, *who;
		bool sounds;
	} rows[] = {
	    {"{\"type\":\"mrkdwn\",\"text\":\"<@U0BOB>\",\"verbatim\":true}", "@bob", true},
	    {"{\"type\":\"mrkdwn\",\"text\":\"<@U0BOB>\",\"verbatim\":true}", "@ann", false},
	    {"{\"type\":\"plain_text\",\"text\":\"<@U0BOB>\"}", "@bob", false},
	    {"{\"type\":\"mrkdwn\",\"text\":\"<!channel>\"}", "@channel", true},
	    {"{\"type\":\"mrkdwn\",\"text\":\"&lt;!channel&gt;\"}", "@channel", false},
	    {"{\"type\":\"mrkdwn\",\"text\":\"look @here now\"}", "@here", true},
	    {"{\"type\":\"mrkdwn\",\"text\":\"look @here now\",\"verbatim\":true}", "@here", false},
	    {"{\"type\":\"mrkdwn\",\"text\":\"<!subteam^S0SRE>\"}", "S0SRE", true},
	};

	world_start(&w);
	for (size_t i = 0; i < COUNT(rows); i++) {
		char *body = xasprintf("{\"channel\":\"C0INCIDENTS\",\"text\":\"x\",\"blocks\":"
		    "[{\"type\":\"section\",\"text\":%s}]}", rows[i].block);

		free(api_post(&w, body));
		assert_row(i, fake_slack_notifies(w.fs, fake_slack_last_message(w.fs, "#incidents"),
		    rows[i].who) == rows[i].sounds);
		free(body);
	}
	world_end(&w);
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

/* fake_slack_people.c - people before the fake Slack: what they type, are answered, and read. */

#include "slack_people.h"

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

/* slack_deliver.c, slack_find.c, slack_files.c, slack.c - what people see, once, and who we are. */

#include "slack_live.h"

#include "say.h"

#define INCIDENTS "C0INCIDENTS"

static struct message *
card(void)
{
	struct message *m = message_new();

	m->text = "R-142 PLAN: roll back gateway in PRODUCTION";
	m->headline = "R-142 Plan: roll back gateway";
	m->environment = "PRODUCTION";
	m->id = "R-142";
	m->state = "plan";
	m->drawing = 1;
	m->row = 1;
	message_line(m, BOLD "1.2.4" BOLD " → 1.2.3, asked by " PERSON "U0ANN" PERSON);
	m->tail = "<!channel> deploy failed, see https://evil.example :x:";
	message_button(m, &(struct button){ .label = "Start rollback", .action = "start",
		.argument = "R-142:1:nonce", .style = BUTTON_PRIMARY });
	message_more(m, &(struct button){ .label = "Why", .action = "why", .argument = "R-142" });
	message_more(m, &(struct button){ .label = "Dismiss", .action = "dismiss", .argument = "R-142" });
	return m;
}

static void
deliver(struct world *w, struct post post)
{
	unsigned before = w->dones;

	slack_chat.deliver(w->slack, &post, world_delivered, w);
	assert_int_equal(w->dones, before);	/* never before deliver returned */
	until(w, w->dones > before);
	assert_int_equal(w->dones, before + 1);
}

static void
find(struct world *w, struct post post, int64_t since)
{
	unsigned before = w->dones;

	slack_chat.find(w->slack, &post, since, world_delivered, w);
	until(w, w->dones > before);
}

static const struct fake_slack_message *
last(struct world *w, const char *where)
{
	const struct fake_slack_message *message = fake_slack_last_message(w->fake, where);

	assert_non_null(message);
	return message;
}

TEST(a_card_is_posted_read_and_updated)
{
	struct world *w = world_plain();
	_cleanup_(message_freep) struct message *m = card();
	struct post post = { .kind = POST_NEW, .key = "R-142/card", .channel = INCIDENTS, .message = m };
	struct arena *arena = arena_new();
	const struct fake_slack_message *seen;
	char *text;

	deliver(w, post);
	assert_int_equal(w->delivered.outcome, SENT);
	assert_string_equal(w->channel, INCIDENTS);
	seen = last(w, "#incidents");
	assert_string_equal(seen->ts, w->ts);
	assert_string_equal(json_string(seen->metadata, "event_payload.key"), "R-142/card");
	text = fake_slack_render(w->fake, arena, seen);
	assert_non_null(strstr(text, "R-142 Plan: roll back gateway"));
	assert_non_null(strstr(text, "[ Start rollback ]"));
	assert_false(fake_slack_notifies(w->fake, seen, "@channel"));

	m->text = "R-142 RUNNING";
	m->drawing = 2;
	post.kind = POST_UPDATE;
	post.ts = arena_strdup(arena, w->ts);
	deliver(w, post);
	assert_int_equal(w->delivered.outcome, SENT);
	seen = last(w, "#incidents");
	assert_string_equal(seen->ts, post.ts);
	assert_string_equal(seen->text, "R-142 RUNNING");
	assert_int_equal(seen->edits, 1);
	assert_false(seen->edited_mark);

	post.kind = POST_DELETE;
	deliver(w, post);
	assert_int_equal(w->delivered.outcome, SENT);
	deliver(w, post);	/* gone already: that is what was wanted */
	assert_int_equal(w->delivered.outcome, SENT);
	arena_free(arena);
	world_free(w);
}

TEST(a_thread_gets_its_answer_and_a_person_a_direct_message)
{
	struct world *w = world_plain();
	_cleanup_(message_freep) struct message *m = card();
	struct post post = { .kind = POST_NEW, .key = "k", .channel = INCIDENTS, .message = m };
	struct arena *arena = arena_new();

	deliver(w, post);
	post.thread = arena_strdup(arena, w->ts);
	deliver(w, post);
	assert_string_equal(last(w, "#incidents")->thread_ts, post.thread);
	assert_null(last(w, "#incidents")->subtype);
	post.broadcast = true;
	deliver(w, post);
	assert_string_equal(last(w, "#incidents")->subtype, "thread_broadcast");
	post = (struct post){ .kind = POST_NEW, .key = "d", .person = "U0LEAD", .message = m };
	deliver(w, post);
	assert_int_equal(w->delivered.outcome, SENT);
	assert_int_equal(w->channel[0], 'D');
	assert_string_equal(last(w, "@lead")->ts, w->ts);
	arena_free(arena);
	world_free(w);
}

TEST(an_ephemeral_answer_is_seen_by_one)
{
	struct world *w = world_plain();
	_cleanup_(message_freep) struct message *m = card();

	deliver(w, (struct post){ .kind = POST_EPHEMERAL, .channel = INCIDENTS, .person = "U0ANN",
		.message = m });
	assert_int_equal(w->delivered.outcome, SENT);
	assert_string_equal(last(w, "#incidents")->only_for, "U0ANN");
	assert_true(fake_slack_sees(w->fake, "@ann", last(w, "#incidents")));
	assert_false(fake_slack_sees(w->fake, "@bob", last(w, "#incidents")));
	world_free(w);
}

TEST(refusals_say_what_to_do)
{
	static const struct {
		struct post post;
		const char *scopes, *says;
	} rows[] = {
		{ { .kind = POST_UPDATE, .channel = INCIDENTS, .ts = "1.000001" }, NULL, "gone" },
		{ { .kind = POST_NEW, .channel = "C0NOWHERE" }, NULL, "/invite @rollcall" },
		{ { .kind = POST_NEW, .channel = "C0RANDOM" }, "chat:write", "/invite @rollcall" },
		{ { .kind = POST_NEW, .channel = INCIDENTS }, "users:read", "the scope chat:write" },
		{ { .kind = POST_DIALOG, .trigger = "1.2.3" }, NULL, "trigger" },
	};
	struct world *w = world_plain();
	_cleanup_(message_freep) struct message *m = card();

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct post post = rows[i].post;

		post.message = m;
		post.key = "k";
		fake_slack_scopes(w->fake, rows[i].scopes);
		deliver(w, post);
		assert_row(i, w->delivered.outcome == REFUSED_FOR_GOOD);
		if (strstr(w->why, rows[i].says) == NULL)
			fail_msg("row %zu: %s", i, w->why);
	}
	world_free(w);
}

TEST(bad_days_are_told_apart)
{
	static const struct {
		struct fake_slack_fault_options fault;
		enum delivery outcome;
		int wait;
	} rows[] = {
		{ { .fault = FAKE_RATE_LIMITED, .retry_after = 12 }, LATER, 12 },
		{ { .fault = FAKE_STATUS, .status = 503 }, UNKNOWN_OUTCOME, 0 },
		{ { .fault = FAKE_STATUS, .status = 407 }, NOT_SENT, 0 },
		{ { .fault = FAKE_HTML }, UNKNOWN_OUTCOME, 0 },
		{ { .fault = FAKE_GARBAGE }, UNKNOWN_OUTCOME, 0 },
		{ { .fault = FAKE_CUT }, UNKNOWN_OUTCOME, 0 },
		{ { .fault = FAKE_ERROR, .error = "fatal_error" }, UNKNOWN_OUTCOME, 0 },
		{ { .fault = FAKE_ERROR, .error = "msg_too_long" }, REFUSED_FOR_GOOD, 0 },
	};
	struct world *w = world_plain();
	_cleanup_(message_freep) struct message *m = card();

	for (size_t i = 0; i < COUNT(rows); i++) {
		fake_slack_fault(w->fake, "chat.postMessage", &rows[i].fault);
		deliver(w, (struct post){ .kind = POST_NEW, .key = "k", .channel = INCIDENTS,
			.message = m });
		if (w->delivered.outcome != rows[i].outcome)
			fail_msg("row %zu: %d, %s", i, w->delivered.outcome, w->why);
		assert_row(i, w->delivered.retry_after == rows[i].wait);
		assert_row(i, w->why[0] != '\0');
		fake_slack_no_faults(w->fake);
	}
	world_free(w);
}

TEST(an_answer_that_does_not_come_is_unknown_after_ten_seconds)
{
	struct fake_slack_fault_options hang = { .fault = FAKE_HANG };
	struct world *w = world_plain();
	_cleanup_(message_freep) struct message *m = card();
	struct post post = { .kind = POST_NEW, .key = "k", .channel = INCIDENTS, .message = m };

	fake_slack_fault(w->fake, "chat.postMessage", &hang);
	slack_chat.deliver(w->slack, &post, world_delivered, w);
	advance(w, 9900);
	assert_int_equal(w->dones, 0);
	advance(w, 200);
	until(w, w->dones == 1);
	assert_int_equal(w->delivered.outcome, UNKNOWN_OUTCOME);
	world_free(w);
}

/* ---- looking for what may have been sent (S6) ---- */

TEST(what_was_sent_without_an_answer_is_found_by_its_key)
{
	struct fake_slack_fault_options spoilt = { .fault = FAKE_CUT, .done = true };
	struct world *w = world_plain();
	_cleanup_(message_freep) struct message *m = card();
	struct post post = { .kind = POST_NEW, .key = "R-142/card", .channel = INCIDENTS, .message = m };
	const struct fake_slack_message *sent;

	for (int i = 0; i < 45; i++)	/* it is not on the first page */
		assert_non_null(fake_slack_says(w->fake, "@ann", "#incidents", NULL, "lunch?", NULL));
	fake_slack_fault(w->fake, "chat.postMessage", &spoilt);
	deliver(w, post);
	assert_int_equal(w->delivered.outcome, UNKNOWN_OUTCOME);
	sent = last(w, "#incidents");
	for (int i = 0; i < 45; i++)
		assert_non_null(fake_slack_says(w->fake, "@bob", "#incidents", NULL, "pizza", NULL));
	find(w, post, WALL - MINUTES(1));
	assert_int_equal(w->delivered.outcome, SENT);
	assert_string_equal(w->ts, sent->ts);
	post.key = "R-143/card";
	find(w, post, WALL - MINUTES(1));
	assert_int_equal(w->delivered.outcome, REFUSED_FOR_GOOD);
	world_free(w);
}

TEST(what_stands_in_a_thread_is_found_there)
{
	struct world *w = world_plain();
	_cleanup_(message_freep) struct message *m = card();
	struct post post = { .kind = POST_NEW, .key = "R-142/card", .channel = INCIDENTS, .message = m };
	struct arena *arena = arena_new();
	const char *ts;

	deliver(w, post);
	post.thread = arena_strdup(arena, w->ts);
	post.key = "R-142/step/3";
	deliver(w, post);
	ts = arena_strdup(arena, w->ts);
	find(w, post, WALL - MINUTES(1));
	assert_int_equal(w->delivered.outcome, SENT);
	assert_string_equal(w->ts, ts);
	arena_free(arena);
	world_free(w);
}

/* Metadata is readable by everybody: another bot may copy it. */
TEST(a_key_under_another_name_is_not_ours)
{
	struct world *w = world_plain();
	_cleanup_(message_freep) struct message *m = card();
	struct post post = { .kind = POST_NEW, .key = "R-9/card", .channel = INCIDENTS, .message = m };
	struct fake_slack_fault_options refused = { .fault = FAKE_ERROR, .error = "missing_scope" };

	assert_non_null(fake_slack_says(w->fake, "@ann", "#incidents", NULL, "R-9/card", NULL));
	find(w, post, WALL - MINUTES(1));
	assert_int_equal(w->delivered.outcome, REFUSED_FOR_GOOD);
	fake_slack_fault(w->fake, "conversations.history", &refused);
	find(w, post, WALL - MINUTES(1));
	assert_int_equal(w->delivered.outcome, UNKNOWN_OUTCOME);
	world_free(w);
}

/* ---- files ---- */

TEST(a_file_goes_up_in_three_calls)
{
	struct world *w = world_plain();
	struct post post = { .kind = POST_FILE, .key = "R-142/log", .channel = INCIDENTS,
		.file_name = "R-142.log", .file_title = "Log of R-142", .bytes = "a\0b\n", .length = 4 };
	const struct fake_slack_file *file;

	deliver(w, post);
	assert_int_equal(w->delivered.outcome, SENT);
	file = fake_slack_next_file(w->fake, NULL);
	assert_non_null(file);
	assert_true(file->completed);
	assert_int_equal(file->length, 4);
	assert_memory_equal(file->bytes, "a\0b\n", 4);
	assert_string_equal(file->title, "Log of R-142");
	assert_string_equal(file->channel, INCIDENTS);
	find(w, post, WALL - MINUTES(1));
	assert_int_equal(w->delivered.outcome, SENT);
	assert_string_equal(w->ts, last(w, "#incidents")->ts);
	post.file_name = "R-143.log";
	find(w, post, WALL - MINUTES(1));
	assert_int_equal(w->delivered.outcome, REFUSED_FOR_GOOD);
	post.length = 0;
	deliver(w, post);
	assert_int_equal(w->delivered.outcome, SENT);
	world_free(w);
}

TEST(a_file_that_nobody_saw_may_be_sent_again)
{
	static const struct {
		const char *method;
		enum delivery outcome;
	} rows[] = {
		{ "files.getUploadURLExternal", NOT_SENT },
		{ "upload", NOT_SENT },
		{ "files.completeUploadExternal", UNKNOWN_OUTCOME },
	};
	struct fake_slack_fault_options fault = { .fault = FAKE_STATUS, .status = 500 };
	struct world *w = world_plain();
	struct post post = { .kind = POST_FILE, .channel = INCIDENTS, .file_name = "a.log",
		.bytes = "a", .length = 1 };

	for (size_t i = 0; i < COUNT(rows); i++) {
		fake_slack_fault(w->fake, rows[i].method, &fault);
		deliver(w, post);
		if (w->delivered.outcome != rows[i].outcome)
			fail_msg("row %zu: %d, %s", i, w->delivered.outcome, w->why);
		fake_slack_no_faults(w->fake);
	}
	post.channel = "C0NOWHERE";
	deliver(w, post);
	assert_int_equal(w->delivered.outcome, REFUSED_FOR_GOOD);
	world_free(w);
}

/* ---- acknowledgements and answers by their address ---- */

TEST(a_command_is_answered_in_its_acknowledgement)
{
	struct world *w = world_plain();
	_cleanup_(message_freep) struct message *m = card();
	unsigned number;

	w->acknowledge_at_once = false;
	number = slash(w, "@ann", "#incidents", "/rollback gateway");
	until(w, w->arrivals.count == 1);
	slack_chat.acknowledge(w->slack, w->arrivals.item[0], m);
	slack_chat.acknowledge(w->slack, w->arrivals.item[0], m);	/* used up */
	until(w, outcome(w, number) == FAKE_ACKED);
	assert_null(fake_slack_delivery(w->fake, number)->problem);
	assert_string_equal(last(w, "#incidents")->only_for, "U0ANN");
	assert_string_equal(last(w, "#incidents")->text, m->text);
	m->in_channel = true;
	number = slash(w, "@ann", "#incidents", "/rollback gateway");
	until(w, w->arrivals.count == 2);
	slack_chat.acknowledge(w->slack, w->arrivals.item[1], m);
	until(w, outcome(w, number) == FAKE_ACKED);
	assert_null(last(w, "#incidents")->only_for);
	settle(w);
	assert_int_equal(fake_slack_calls(w->fake, "ack.twice"), 0);
	world_free(w);
}

/* The body of the last call of that name, "" without one. */
static const char *
last_call(struct world *w, const char *name)
{
	_cleanup_(freep) char *arrow = xasprintf("%s ← ", name);
	const char *at = fake_slack_log(w->fake), *last = "", *found;

	for (; (found = strstr(at, arrow)) != NULL; at = found + 1)
		last = found;
	return last;
}

static bool
line_has(const char *line, const char *words)
{
	return memmem(line, strcspn(line, "\n"), words, strlen(words)) != NULL;
}

/* OU1: an unfurl is a request to an address that somebody's output chose. */
TEST(ou1_nothing_that_is_sent_is_parsed_linked_or_unfurled)
{
	struct world *w = world_plain();
	_cleanup_(message_freep) struct message *m = message_new();
	struct post post = { .key = "R-1/x", .channel = INCIDENTS, .person = "U0ANN", .message = m };
	static const struct { enum posting kind; const char *call; bool unfurls; } rows[] = {
		{ POST_NEW, "/api/chat.postMessage", true },
		{ POST_UPDATE, "/api/chat.update", false },	/* it knows no such word */
		{ POST_EPHEMERAL, "/api/chat.postEphemeral", false },
		{ POST_REPLY_URL, NULL, true },
	};

	message_line(m, "see https://evil.example and @lead");
	slash(w, "@ann", "#incidents", "/rollback gateway");
	until(w, w->arrivals.count == 1);
	post.reply_url = w->arrivals.item[0]->reply_url;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const char *body;

		post.kind = rows[i].kind;
		deliver(w, post);
		assert_row(i, w->delivered.outcome == SENT);
		post.ts = w->ts;
		body = last_call(w, rows[i].call != NULL ? rows[i].call : strstr(post.reply_url, "/hooks/"));
		assert_row(i, line_has(body, "\"parse\":\"none\""));
		assert_row(i, !line_has(body, "link_names"));
		assert_row(i, line_has(body, "\"unfurl_links\":false,\"unfurl_media\":false") == rows[i].unfurls);
	}
	world_free(w);
}

/* ID12: whoever holds it speaks as us. */
TEST(an_address_for_answers_is_used_five_times_and_only_at_slack)
{
	struct world *w = world_plain();
	_cleanup_(message_freep) struct message *m = card();
	struct post post = { .kind = POST_REPLY_URL, .message = m };

	slash(w, "@ann", "#incidents", "/rollback gateway");
	until(w, w->arrivals.count == 1);
	post.reply_url = w->arrivals.item[0]->reply_url;
	for (int i = 0; i < 5; i++) {
		deliver(w, post);
		if (w->delivered.outcome != SENT)
			fail_msg("use %d: %s", i, w->why);
	}
	assert_string_equal(last(w, "#incidents")->only_for, "U0ANN");
	deliver(w, post);
	assert_int_equal(w->delivered.outcome, REFUSED_FOR_GOOD);
	assert_non_null(strstr(w->why, "5 answers"));
	assert_int_equal(fake_slack_calls(w->fake, "response_url"), 5);
	post.reply_url = "http://127.0.0.2:1/x";
	deliver(w, post);
	assert_int_equal(w->delivered.outcome, REFUSED_FOR_GOOD);
	assert_non_null(strstr(w->why, "not Slack's"));
	world_free(w);
}

/* ID12 */
TEST(an_address_for_answers_is_worth_nothing_after_half_an_hour)
{
	struct world *w = world_plain();
	_cleanup_(message_freep) struct message *m = card();
	struct post post = { .kind = POST_REPLY_URL, .message = m };

	slash(w, "@ann", "#incidents", "/rollback gateway");
	until(w, w->arrivals.count == 1);
	post.reply_url = w->arrivals.item[0]->reply_url;
	advance(w, MINUTES(31));
	deliver(w, post);
	assert_int_equal(w->delivered.outcome, REFUSED_FOR_GOOD);
	assert_non_null(strstr(w->why, "is over"));
	world_free(w);
}

/* ---- clicks and dialogs ---- */

TEST(a_click_comes_back_as_it_was_drawn)
{
	struct world *w = world_plain();
	_cleanup_(message_freep) struct message *m = card();
	struct error err = ERROR_INIT;
	unsigned number;

	deliver(w, (struct post){ .kind = POST_NEW, .key = "R-142/card", .channel = INCIDENTS,
		.message = m });
	number = fake_slack_press(w->fake, "@bob", last(w, "#incidents"), "Start rollback", &err);
	assert_int_not_equal(number, 0);
	until(w, outcome(w, number) == FAKE_ACKED);
	assert_string_equal(w->arrivals.item[0]->action, "start");
	assert_string_equal(w->arrivals.item[0]->argument, "R-142:1:nonce");
	assert_string_equal(w->arrivals.item[0]->person, "U0BOB");
	assert_string_equal(w->arrivals.item[0]->message, w->ts);
	number = fake_slack_press(w->fake, "@bob", last(w, "#incidents"), "Dismiss", &err);
	until(w, outcome(w, number) == FAKE_ACKED);
	assert_string_equal(w->arrivals.item[1]->action, "dismiss");
	assert_string_equal(w->arrivals.item[1]->argument, "R-142");
	world_free(w);
}

TEST(a_dialog_opens_refuses_and_takes_what_was_typed)
{
	static const char *const first[] = { "Reason", "x", NULL }, *const second[] = { "Reason",
		"5xx after the deploy", NULL };
	struct world *w = world_plain();
	_cleanup_(message_freep) struct message *m = card(), *dialog = message_new();
	struct error err = ERROR_INIT;
	struct arrival *click, *submission;
	unsigned number;

	deliver(w, (struct post){ .kind = POST_NEW, .key = "k", .channel = INCIDENTS, .message = m });
	assert_int_not_equal(
	    fake_slack_press(w->fake, "@bob", last(w, "#incidents"), "Start rollback", &err), 0);
	until(w, w->arrivals.count == 1);
	click = w->arrivals.item[0];
	dialog->headline = "Why roll back?";
	message_line(dialog, "gateway in " BOLD "PRODUCTION" BOLD);
	message_input(dialog, &(struct input){ .name = "reason", .label = "Reason" });
	message_button(dialog, &(struct button){ .label = "Approve", .action = "approve",
		.argument = "R-142:1:hash" });
	deliver(w, (struct post){ .kind = POST_DIALOG, .trigger = click->trigger, .message = dialog });
	if (w->delivered.outcome != SENT)
		fail_msg("%s", w->why);
	assert_non_null(fake_slack_view(w->fake, "@bob"));

	w->acknowledge_at_once = false;
	number = fake_slack_submit(w->fake, "@bob", first, &err);
	until(w, w->arrivals.count == 2);
	submission = w->arrivals.item[1];
	assert_string_equal(submission->action, "approve");
	assert_string_equal(submission->argument, "R-142:1:hash");
	assert_string_equal(json_string(submission->values, "reason"), "x");
	dialog->inputs.item[0].wrong = "A few words, at least";
	slack_chat.acknowledge(w->slack, submission, dialog);
	until(w, outcome(w, number) == FAKE_ACKED);
	assert_string_equal(json_string(fake_slack_view(w->fake, "@bob")->errors, "reason"),
	    "A few words, at least");

	number = fake_slack_submit(w->fake, "@bob", second, &err);
	until(w, w->arrivals.count == 3);
	slack_chat.acknowledge(w->slack, w->arrivals.item[2], NULL);
	until(w, outcome(w, number) == FAKE_ACKED);
	assert_null(fake_slack_view(w->fake, "@bob"));
	world_free(w);
}

/* ---- what is not for us ---- */

TEST(a_strangers_command_gets_one_sentence)
{
	struct world *w = world_plain();
	unsigned number = slash(w, "@stranger", "#partners", "/rollback gateway");

	until(w, outcome(w, number) == FAKE_ACKED);
	assert_int_equal(w->arrivals.count, 0);
	assert_int_equal(counted(w, "refused.foreign"), 1);
	assert_non_null(strstr(json_string(fake_slack_delivery(w->fake, number)->answer, "text"),
	    "its own workspace"));
	world_free(w);
}

TEST(our_own_posts_and_edits_wake_nobody)
{
	struct world *w = world_plain();
	_cleanup_(message_freep) struct message *m = card();
	const struct fake_slack_message *said;

	deliver(w, (struct post){ .kind = POST_NEW, .key = "k", .channel = INCIDENTS, .message = m });
	said = fake_slack_says(w->fake, "@ann", "#incidents", NULL, "@rollcall help", NULL);
	until(w, w->arrivals.count == 2);	/* app_mention and message */
	assert_string_equal(w->arrivals.item[0]->key, w->arrivals.item[1]->key);
	assert_true(fake_slack_edits(w->fake, said, "@rollcall rollback gateway now", NULL));
	until(w, fake_slack_waiting(w->fake) == 0);
	assert_int_equal(w->arrivals.count, 2);
	assert_true(counted(w, "dropped.own") + counted(w, "dropped.subtype") >= 2);
	world_free(w);
}

TEST(a_card_that_we_never_posted_is_not_clicked)
{
	struct world *w = world_plain();
	_cleanup_(message_freep) struct message *m = card();
	const struct fake_slack_message *copy;
	struct error err = ERROR_INIT;
	unsigned number;

	deliver(w, (struct post){ .kind = POST_NEW, .key = "k", .channel = INCIDENTS, .message = m });
	copy = fake_slack_copy(w->fake, last(w, "#incidents"), "#releases", &err);
	assert_non_null(copy);
	number = fake_slack_press(w->fake, "@bob", copy, "Start rollback", &err);
	until(w, outcome(w, number) == FAKE_ACKED);
	/* The place is handed on: the bot knows that the card does not stand there. */
	if (w->arrivals.count == 1)
		assert_string_equal(w->arrivals.item[0]->channel, "C0RELEASES");
	else
		assert_int_equal(counted(w, "refused.forged"), 1);
	world_free(w);
}

/* ---- who we are ---- */

TEST(we_know_who_we_are_and_what_we_may)
{
	struct world *w = world_plain();
	_cleanup_(text_clear) struct text missing = TEXT_INIT;
	const char *team = NULL;

	assert_string_equal(slack_chat.self(w->slack, &team), fake_slack_bot(w->fake)->id);
	assert_string_equal(team, "T0TEAM");
	assert_non_null(strstr(slack_scopes(w->slack), "chat:write"));
	if (slack_missing_scopes(w->slack, &missing))
		fail_msg("missing: %s", missing.data);
	world_free(w);
}

TEST(missing_scopes_are_named)
{
	struct fake_slack_fault_options hang = { .fault = FAKE_HANG };
	struct world_options options = { 0 };
	struct world *w = world_new(&options);
	_cleanup_(text_clear) struct text missing = TEXT_INIT;

	assert_false(slack_missing_scopes(w->slack, &missing));	/* not known yet */
	fake_slack_fault(w->fake, "auth.test", &hang);
	until(w, fake_slack_hanging(w->fake) == 1);
	fake_slack_scopes(w->fake, "chat:write,commands,users:read");
	fake_slack_release(w->fake);
	until(w, w->ready);
	assert_true(slack_missing_scopes(w->slack, &missing));
	assert_non_null(strstr(missing.data, "im:history"));
	assert_null(strstr(missing.data, "chat:write"));
	/* Needed only for the addresses of a configuration, and this one has none. */
	assert_null(strstr(missing.data, "users:read.email"));
	world_free(w);
}

TEST(what_comes_before_we_know_who_we_are_waits)
{
	struct fake_slack_fault_options hang = { .fault = FAKE_HANG };
	struct world_options options = { 0 };
	struct world *w = world_new(&options);
	unsigned number;

	fake_slack_fault(w->fake, "auth.test", &hang);
	until(w, fake_slack_links(w->fake) == 2);
	number = slash(w, "@ann", "#incidents", "/ops list");
	settle(w);
	assert_false(w->ready || slack_chat.ready(w->slack));
	assert_int_equal(w->arrivals.count, 0);
	fake_slack_release(w->fake);
	until(w, outcome(w, number) == FAKE_ACKED);
	assert_true(w->ready);
	assert_int_equal(w->arrivals.count, 1);
	world_free(w);
}

TEST(who_we_are_is_asked_until_it_is_known)
{
	struct fake_slack_fault_options broken = { .fault = FAKE_STATUS, .calls = 4 };
	struct world_options options = { 0 };
	struct world *w = world_new(&options);

	fake_slack_fault(w->fake, "auth.test", &broken);
	advance(w, SECONDS(14));
	assert_false(w->ready);
	advance(w, SECONDS(2));
	until(w, w->ready);
	assert_int_equal(fake_slack_calls(w->fake, "auth.test"), 5);
	world_free(w);
}

TEST(a_wrong_bot_token_is_said_once_and_ends_it)
{
	struct world_options options = { .bot_token = "xoxb-wrong" };
	struct world *w = world_new(&options);

	until(w, w->stopped);
	assert_false(w->ready);
	assert_non_null(strstr(w->sentence, "slack.bot_token: Slack does not accept the token"));
	advance(w, MINUTES(5));
	assert_int_equal(w->states, 1);
	assert_int_equal(fake_slack_calls(w->fake, "auth.test"), 1);
	world_free(w);
}

TEST(a_revoked_token_keeps_the_letter)
{
	struct world *w = world_plain();
	_cleanup_(message_freep) struct message *m = card();

	fake_slack_revoke(w->fake, "token_revoked");
	deliver(w, (struct post){ .kind = POST_NEW, .key = "k", .channel = INCIDENTS, .message = m });
	assert_int_equal(w->delivered.outcome, NOT_SENT);
	assert_true(w->stopped);
	assert_non_null(strstr(w->sentence, "revoked"));
	assert_false(slack_chat.ready(w->slack));
	world_free(w);
}

TEST(missing_tokens_are_a_mistake_of_the_configuration)
{
	struct world *w = world_plain();
	struct settings *whole = w->configuration.settings;
	_cleanup_(text_clear) struct text problems = TEXT_INIT;
	struct error err = ERROR_INIT;

	w->configuration.settings = settings_read("test", "{}", 2, "/", &problems);
	assert_null(slack_chat.start(&w->host, &err));
	assert_int_equal(err.kind, WRONG);
	settings_free(w->configuration.settings);
	w->configuration.settings = whole;
	world_free(w);
}

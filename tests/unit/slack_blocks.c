/* slack_blocks.c - limits, ids, and that no foreign text is ever parsed by Slack. */

#include "../../adapters/chat/slack_blocks.h"

#include "base/unicode.h"
#include "say.h"

#include "test.h"

static char *
mrkdwn(const char *marked)
{
	struct text out = TEXT_INIT;

	slack_mrkdwn(&out, marked);
	return text_take(&out);
}

TEST(marks_become_mrkdwn)
{
	static const char *const rows[][2] = {
		{ "plain", "plain" },
		{ BOLD "1.2.4" BOLD " → 1.2.3", "*1.2.4* → 1.2.3" },
		{ "type " CODE "/ops show R-142" CODE, "type `/ops show R-142`" },
		{ "by " PERSON "U0ANN" PERSON ", in " CHANNEL "C0X" CHANNEL, "by <@U0ANN>, in <#C0X>" },
		{ "by " PERSON "T0TEAM/U0ANN" PERSON, "by <@U0ANN>" },
		{ "by " PERSON "local:root" PERSON, "by local:root" },
		{ "by " PERSON "U0<!here>" PERSON, "by U0&lt;!here&gt;" },
		{ "in " CHANNEL "#incidents" CHANNEL, "in #incidents" },
		{ BOLD "by " PERSON "U1" PERSON BOLD, "*by <@U1>*" },
		{ BOLD "see " CODE "x" CODE BOLD "!", "*see `x`*!" },
		/* formatting needs a boundary: next to CJK, letters and other formatting */
		{ "將" BOLD "gateway" BOLD "退回", "將 *gateway* 退回" },
		{ "將 " BOLD "gateway" BOLD " 退回", "將 *gateway* 退回" },
		{ "a" CODE "b" CODE "c", "a `b` c" },
		{ BOLD "a" BOLD CODE "b" CODE, "*a* `b`" },
		{ "(" BOLD "a" BOLD ")", "(*a*)" },
		/* blanks inside would show the asterisks */
		{ BOLD " a " BOLD "b", " *a* b" },
		{ BOLD "one\ntwo" BOLD, "*one*\n*two*" },
		{ BOLD BOLD CODE CODE "x", "x" },
		{ BOLD "never closed", "*never closed*" },
		{ PERSON "U1", "<@U1>" },
		{ "a" PERSON, "a" },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		_cleanup_(freep) char *out = mrkdwn(rows[i][0]);

		if (strcmp(out, rows[i][1]) != 0)
			fail_msg("row %zu: \"%s\" instead of \"%s\"", i, out, rows[i][1]);
	}
}

/* OU1 */
TEST(what_strangers_write_means_nothing_in_mrkdwn)
{
	static const char *const rows[][2] = {
		{ "<!channel> & <@U1>", "&lt;!channel&gt; &amp; &lt;@U1&gt;" },
		{ "<https://x|Approve>", "&lt;https://x|Approve&gt;" },
		{ "a ` b `", "a \xcb\x8b b \xcb\x8b" },
		{ CODE "a`b\nc" CODE, "`a\xcb\x8b" "b c`" },
		{ ":white_check_mark: ok", ":\xe2\x80\x8bwhite_check_mark: ok" },
		{ "x:+1:", "x:\xe2\x80\x8b+1:" },
		{ "at 12:30:15", "at 12:30:15" },
		{ "reg:5000/x:1", "reg:5000/x:1" },
		{ BOLD "chatops-*" BOLD, "*chatops-\xe2\x88\x97*" },
		{ "a\x1b[31mb\x7f\x01", "a[31mb" },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		_cleanup_(freep) char *out = mrkdwn(rows[i][0]);

		if (strcmp(out, rows[i][1]) != 0)
			fail_msg("row %zu: \"%s\" instead of \"%s\"", i, out, rows[i][1]);
	}
}

TEST(ou2_what_strangers_write_is_not_formatted)
{
	static const char *const rows[][2] = {
		{ "fix *Approved by the lead*", "fix \xe2\x88\x97" "Approved by the lead*" },
		{ "(_so_) ~no~", "(\xcb\x8dso_) \xe2\x88\xbcno~" },
		{ "*\na*", "*\na*" },
		{ "2 * 3 * 4", "2 * 3 * 4" },
		{ "MY_POOL_SIZE, _private and *.talk, *.c", "MY_POOL_SIZE, _private and *.talk, *.c" },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		_cleanup_(freep) char *out = mrkdwn(rows[i][0]);

		if (strcmp(out, rows[i][1]) != 0)
			fail_msg("row %zu: \"%s\" instead of \"%s\"", i, out, rows[i][1]);
	}
}

TEST(a_cut_never_ends_inside_a_mention_or_an_entity)
{
	for (size_t most = 1; most < 40; most++) {
		_cleanup_(text_clear) struct text out = TEXT_INIT;
		const char *rest;

		slack_mrkdwn_cut(&out, "a & b " PERSON "U0ANN" PERSON " & " PERSON "U0BOB" PERSON " c & d",
		    most);
		assert_row(most, most < 10 || utf8_count(out.data) <= most);
		rest = strrchr(out.data, '<');
		assert_row(most, rest == NULL || string_starts(rest, "<@U0ANN>") ||
		    string_starts(rest, "<@U0BOB>"));
		rest = strrchr(out.data, '&');
		assert_row(most, rest == NULL || string_starts(rest, "&amp;"));
	}
}

static struct message *
card(void)
{
	struct message *m = message_new();

	m->text = "R-142 PLAN: roll back gateway in PRODUCTION";
	m->headline = "R-142 Plan: roll back gateway";
	m->environment = "PRODUCTION";
	m->id = "R-142";
	m->state = "plan";
	m->drawing = 9;
	m->row = 4;
	message_line(m, "cluster primary");
	message_line(m, BOLD "1.2.4 → 1.2.3" BOLD);
	message_remark(m, "crosses migration 42");
	m->difference = "~ Deployment gateway";
	message_step(m, SYMBOL_DONE, "Save", "0.2 s");
	message_step(m, SYMBOL_RUNNING, "Wait for pods", NULL);
	message_step(m, SYMBOL_NEXT, "Verify", NULL);
	m->tail = "2 of 3 updated\n<!channel> :x: `rm`";
	message_button(m, &(struct button){ .label = "Start rollback", .action = "start",
		.argument = "R-142:9:n", .description = "Start R-142", .style = BUTTON_PRIMARY,
		.confirm_title = "Start R-142?", .confirm_text = "gateway, PRODUCTION",
		.confirm_yes = "Start", .confirm_no = "Back" });
	message_button(m, &(struct button){ .label = "Plan: to 1.2.2", .action = "plan",
		.argument = "4" });
	message_button(m, &(struct button){ .label = "Plan: to 1.2.1", .action = "plan",
		.argument = "3", .style = BUTTON_DANGER });
	message_more(m, &(struct button){ .label = "Why", .action = "why", .argument = "R-142" });
	message_more(m, &(struct button){ .label = "Dismiss", .action = "dismiss", .argument = "R-142" });
	message_context(m, "asked by " PERSON "U0ANN" PERSON);
	return m;
}

static const cJSON *
block(const cJSON *blocks, const char *id)
{
	const cJSON *one;

	json_each(one, blocks)
		if (string_equal(json_string(one, "block_id"), id))
			return one;
	fail_msg("no block %s", id);
	return NULL;
}

TEST(a_card_is_eight_blocks_with_ids_of_its_drawing)
{
	_cleanup_(message_freep) struct message *m = card();
	_cleanup_(json_freep) cJSON *blocks = slack_blocks(m);
	const cJSON *steps;

	assert_int_equal(cJSON_GetArraySize(blocks), 8);
	assert_string_equal(json_string(blocks, "0.text.text"), "R-142 Plan: roll back gateway");
	assert_string_equal(json_string(block(blocks, "R-142:9:what"), "text.text"),
	    "*PRODUCTION* · cluster primary\n*1.2.4 → 1.2.3*");
	assert_true(json_bool(block(blocks, "R-142:9:what"), "text.verbatim", false));
	assert_string_equal(json_string(block(blocks, "R-142:9:warn"), "text.text"),
	    ":warning: crosses migration 42");
	steps = block(blocks, "R-142:9:steps");
	assert_string_equal(json_string(steps, "text.text"),
	    ":white_check_mark: Done · Save  0.2 s\n"
	    ":hourglass_flowing_sand: *Running · Wait for pods*\n"
	    ":white_large_square: Next · Verify");
	assert_string_equal(json_string(block(blocks, "R-142:9:small"), "elements.0.text"),
	    "asked by <@U0ANN>");
}

/* OU1, OU2 */
TEST(foreign_text_stands_in_frames_that_parse_nothing)
{
	_cleanup_(message_freep) struct message *m = card();
	_cleanup_(json_freep) cJSON *blocks = slack_blocks(m);
	const cJSON *tail = block(blocks, "R-142:9:tail"), *one;

	assert_string_equal(json_string(tail, "type"), "rich_text");
	assert_string_equal(json_string(tail, "elements.0.type"), "rich_text_preformatted");
	assert_string_equal(json_string(tail, "elements.0.elements.0.text"),
	    "│ 2 of 3 updated\n│ <!channel> :x: `rm`");
	json_each(one, blocks) {
		const char *text = json_string(one, "text.text");

		assert_true(text == NULL || strstr(text, "<!channel>") == NULL);
	}
}

TEST(the_row_of_buttons_keeps_its_id_and_has_unique_actions)
{
	_cleanup_(message_freep) struct message *m = card();
	_cleanup_(json_freep) cJSON *blocks = slack_blocks(m);
	const cJSON *row = block(blocks, "R-142:row4:do");

	assert_string_equal(json_string(row, "elements.0.action_id"), "start");
	assert_string_equal(json_string(row, "elements.0.value"), "R-142:9:n");
	assert_string_equal(json_string(row, "elements.0.style"), "primary");
	assert_string_equal(json_string(row, "elements.0.accessibility_label"), "Start R-142");
	assert_string_equal(json_string(row, "elements.0.confirm.deny.text"), "Back");
	assert_false(json_bool(row, "elements.0.text.emoji", true));
	assert_string_equal(json_string(row, "elements.1.action_id"), "plan");
	assert_null(json_at(row, "elements.1.style"));
	assert_null(json_at(row, "elements.1.confirm"));
	assert_string_equal(json_string(row, "elements.2.action_id"), "plan.2");
	assert_string_equal(json_string(row, "elements.2.style"), "danger");
	assert_string_equal(json_string(row, "elements.3.type"), "overflow");
	assert_string_equal(json_string(row, "elements.3.action_id"), SLACK_MENU);
	assert_string_equal(json_string(row, "elements.3.options.0.value"), "why:R-142");
}

TEST(a_menu_of_one_is_a_button)
{
	_cleanup_(message_freep) struct message *m = message_new();
	_cleanup_(json_freep) cJSON *blocks = NULL;

	message_more(m, &(struct button){ .label = "Why", .action = "why", .argument = "R-142" });
	blocks = slack_blocks(m);
	assert_string_equal(json_string(blocks, "0.elements.0.type"), "button");
	assert_null(json_at(blocks, "0.block_id"));
}

static size_t
size_of(const cJSON *blocks)
{
	_cleanup_(text_clear) struct text out = TEXT_INIT;

	json_print(&out, blocks);
	return utf8_count(out.data);
}

static char *
repeated(const char *s, size_t count)
{
	struct text out = TEXT_INIT;

	for (size_t i = 0; i < count; i++)
		text_add(&out, s);
	return text_take(&out);
}

static struct message *
overfull(void)
{
	struct message *m = card();
	char *lines = repeated("\"<&>\" 將 line of a tool\n", 2000);
	char *confirm = repeated("很", 400);
	char *words = repeated("\"&\" 退回 ", 300);

	m->difference = arena_strdup(m->arena, lines);
	m->tail = m->difference;
	m->headline = arena_strdup(m->arena, confirm);
	for (int i = 0; i < 200; i++) {
		message_line(m, "%d %s", i, words);
		message_remark(m, "%d %s", i, words);
		message_context(m, "%d %s", i, words);
		message_step(m, i < 100 ? SYMBOL_DONE : SYMBOL_NEXT, words, "1 s");
	}
	for (size_t i = 0; i < m->buttons.count; i++) {
		m->buttons.item[i].label = m->buttons.item[i].description = arena_strdup(m->arena, confirm);
		m->buttons.item[i].confirm_title = m->buttons.item[i].label;
		m->buttons.item[i].confirm_text = m->buttons.item[i].label;
		m->buttons.item[i].confirm_yes = m->buttons.item[i].label;
	}
	free(lines);
	free(confirm);
	free(words);
	return m;
}

static void
assert_texts_fit(const cJSON *item)
{
	const cJSON *one;
	const char *type = json_string(item, "type"), *text = json_string(item, "text");

	if (string_equal(type, "mrkdwn"))
		assert_in_range(utf8_count(text), 1, 3000);
	json_each(one, item)
		if (one->child != NULL)
			assert_texts_fit(one);
}

TEST(whatever_is_put_in_the_limits_hold)
{
	_cleanup_(message_freep) struct message *m = overfull();
	_cleanup_(json_freep) cJSON *blocks = slack_blocks(m);
	const cJSON *row = block(blocks, "R-142:row4:do");

	assert_in_range(cJSON_GetArraySize(blocks), 5, 8);
	assert_in_range(size_of(blocks), 8000, 13200);
	assert_int_equal(utf8_count(json_string(blocks, "0.text.text")), 150);
	assert_int_equal(utf8_count(json_string(row, "elements.0.text.text")), 75);
	assert_int_equal(utf8_count(json_string(row, "elements.0.accessibility_label")), 75);
	assert_int_equal(utf8_count(json_string(row, "elements.0.confirm.title.text")), 100);
	assert_int_equal(utf8_count(json_string(row, "elements.0.confirm.text.text")), 300);
	assert_int_equal(utf8_count(json_string(row, "elements.0.confirm.confirm.text")), 30);
	assert_texts_fit(blocks);
}

TEST(what_is_left_out_is_counted)
{
	_cleanup_(message_freep) struct message *m = overfull();
	_cleanup_(json_freep) cJSON *blocks = slack_blocks(m);
	const char *steps = json_string(block(blocks, "R-142:9:steps"), "text.text");

	assert_non_null(strstr(json_string(block(blocks, "R-142:9:what"), "text.text"), "more lines"));
	assert_non_null(strstr(steps, "more steps"));
	assert_non_null(strstr(steps, ":hourglass_flowing_sand: *Running"));
}

TEST(steps_that_are_done_fold_first)
{
	_cleanup_(message_freep) struct message *m = message_new();
	_cleanup_(json_freep) cJSON *blocks = NULL;
	const char *text;

	for (int i = 0; i < 80; i++)
		message_step(m, i < 78 ? SYMBOL_DONE : i == 78 ? SYMBOL_RUNNING : SYMBOL_NEXT,
		    "Wait until cluster dr-4 serves", "12 s");
	blocks = slack_blocks(m);
	text = json_string(blocks, "0.text.text");
	assert_true(string_starts(text, ":white_check_mark: Done · "));
	assert_non_null(strstr(text, " steps before\n"));
	assert_true(string_ends(text, ":white_large_square: Next · Wait until cluster dr-4 serves  12 s"));
}

TEST(the_last_lines_of_a_tool_stay)
{
	_cleanup_(message_freep) struct message *m = message_new();
	_cleanup_(json_freep) cJSON *blocks = NULL;
	struct text out = TEXT_INIT;
	const char *text;

	for (int i = 0; i < 500; i++)
		text_printf(&out, "line %d\n", i);
	m->tail = out.data;
	blocks = slack_blocks(m);
	text = json_string(blocks, "0.elements.0.elements.0.text");
	assert_true(string_starts(text, "…\n│ line "));
	assert_true(string_ends(text, "\n│ line 499"));
	text_clear(&out);
}

TEST(odd_tails_are_shown)
{
	static const char *const rows[][2] = {
		{ "one", "│ one" },
		{ "one\n", "│ one" },
		{ "one\n\ntwo", "│ one\n│ \n│ two" },
		{ "\n", "│ " },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		_cleanup_(message_freep) struct message *m = message_new();
		_cleanup_(json_freep) cJSON *blocks = NULL;

		m->tail = rows[i][0];
		blocks = slack_blocks(m);
		assert_string_equal(json_string(blocks, "0.elements.0.elements.0.text"), rows[i][1]);
	}
}

TEST(a_long_answer_takes_several_sections)
{
	_cleanup_(message_freep) struct message *m = message_new();
	_cleanup_(json_freep) cJSON *blocks = NULL;

	for (int i = 0; i < 150; i++)
		message_line(m, "line %d of a help text that is rather long, sixty characters", i);
	blocks = slack_blocks(m);
	assert_in_range(cJSON_GetArraySize(blocks), 3, 5);
	assert_true(string_starts(json_string(blocks, "0.text.text"), "line 0 "));
	assert_in_range(size_of(blocks), 9000, 13200);
	assert_texts_fit(blocks);
}

TEST(a_verbatim_text_is_nothing_but_itself)
{
	_cleanup_(message_freep) struct message *m = card();
	_cleanup_(json_freep) cJSON *blocks = NULL;

	m->verbatim = "ROLLBACK NOTIFICATION\n\n• by " PERSON "U0ANN" PERSON " <now>";
	blocks = slack_blocks(m);
	assert_int_equal(cJSON_GetArraySize(blocks), 1);
	assert_string_equal(json_string(blocks, "0.text.text"),
	    "ROLLBACK NOTIFICATION\n\n• by <@U0ANN> &lt;now&gt;");
}

TEST(a_message_of_one_text_has_no_blocks)
{
	_cleanup_(message_freep) struct message *m = message_new();
	_cleanup_(json_freep) cJSON *blocks = NULL;

	m->text = "Looking at gateway…";
	blocks = slack_blocks(m);
	assert_int_equal(cJSON_GetArraySize(blocks), 0);
}

TEST(the_notification_is_short_and_always_there)
{
	_cleanup_(message_freep) struct message *m = message_new();
	_cleanup_(text_clear) struct text out = TEXT_INIT;
	_cleanup_(freep) char *long_text = repeated("退回 & ", 200);

	slack_notification(&out, m);
	assert_string_equal(out.data, "rollcall");
	message_line(m, BOLD "help" BOLD);
	text_reset(&out);
	slack_notification(&out, m);
	assert_string_equal(out.data, "help");
	m->headline = "R-142 Running";
	text_reset(&out);
	slack_notification(&out, m);
	assert_string_equal(out.data, "R-142 Running");
	m->text = long_text;
	text_reset(&out);
	slack_notification(&out, m);
	assert_in_range(utf8_count(out.data), 150, 180);
	m->text = "needs a decision " PERSON "U0ANN" PERSON;
	text_reset(&out);
	slack_notification(&out, m);
	assert_string_equal(out.data, "needs a decision <@U0ANN>");
	/* OU1: what a tool said may stand behind a step's name, and means nothing there. */
	m->text = "R-142: Put it back: <!channel> <@U0LEAD> <https://x|Approve> :x: `rm`";
	text_reset(&out);
	slack_notification(&out, m);
	assert_string_equal(out.data, "R-142: Put it back: &lt;!channel&gt; &lt;@U0LEAD&gt; &lt;https://x|Approve&gt; "
	    ":\xe2\x80\x8bx: \xcb\x8brm\xcb\x8b");
}

TEST(metadata_is_small_and_carries_the_key)
{
	_cleanup_(message_freep) struct message *m = card();
	_cleanup_(freep) char *key = repeated("x", 5000);
	_cleanup_(json_freep) cJSON *metadata = slack_metadata(m, "R-142/card");
	_cleanup_(json_freep) cJSON *huge = NULL;

	assert_string_equal(json_string(metadata, "event_type"), "rollcall_card");
	assert_string_equal(json_string(metadata, "event_payload.key"), "R-142/card");
	assert_string_equal(json_string(metadata, "event_payload.id"), "R-142");
	assert_string_equal(json_string(metadata, "event_payload.state"), "plan");
	m->id = m->state = key;
	huge = slack_metadata(m, key);
	assert_in_range(size_of(huge), 1, 1024);
}

static struct message *
dialog(void)
{
	static const char *const choices[] = { "5xx after the deploy", "latency", NULL };
	struct message *m = message_new();

	m->headline = "Why roll back?";
	message_line(m, "gateway in " BOLD "PRODUCTION" BOLD);
	message_button(m, &(struct button){ .label = "Approve", .action = "approve",
		.argument = "R-142:9:hash" });
	message_input(m, &(struct input){ .name = "ready", .label = "Reason", .choices = choices,
		.initial = "latency", .optional = true });
	message_input(m, &(struct input){ .name = "reason", .label = "Other", .hint = "a few words",
		.initial = "5xx", .lines = true });
	return m;
}

TEST(the_seal_stands_behind_the_row_s_id_and_behind_a_dialog_s_argument)
{
	_cleanup_(message_freep) struct message *m = card(), *d = dialog();
	_cleanup_(json_freep) cJSON *blocks = NULL, *view = NULL;

	m->seal = d->seal = "1f0c2a9b.5d41";
	blocks = slack_blocks(m);
	view = slack_dialog(d);
	assert_non_null(block(blocks, "R-142:row4:do:1f0c2a9b.5d41"));
	assert_string_equal(json_string(view, "private_metadata"), "R-142:9:hash#1f0c2a9b.5d41");
}

TEST(inputs_make_a_modal)
{
	_cleanup_(message_freep) struct message *m = dialog();
	_cleanup_(json_freep) cJSON *view = slack_dialog(m);

	assert_string_equal(json_string(view, "type"), "modal");
	assert_string_equal(json_string(view, "callback_id"), "approve");
	assert_string_equal(json_string(view, "private_metadata"), "R-142:9:hash");
	assert_string_equal(json_string(view, "title.text"), "Why roll back?");
	assert_string_equal(json_string(view, "submit.text"), "Approve");
	assert_string_equal(json_string(view, "blocks.0.text.text"), "gateway in *PRODUCTION*");
	assert_string_equal(json_string(view, "blocks.1.block_id"), "ready");
	assert_string_equal(json_string(view, "blocks.1.element.type"), "static_select");
	assert_string_equal(json_string(view, "blocks.1.element.options.0.value"),
	    "5xx after the deploy");
	assert_string_equal(json_string(view, "blocks.1.element.initial_option.value"), "latency");
	assert_true(json_bool(view, "blocks.1.optional", false));
	assert_string_equal(json_string(view, "blocks.2.element.initial_value"), "5xx");
	assert_int_equal(json_integer(view, "blocks.2.element.max_length", 0), 200);
	assert_true(json_bool(view, "blocks.2.element.multiline", false));
	assert_null(json_at(view, "blocks.3"));
}

TEST(a_dialogs_titles_hold_their_limits)
{
	_cleanup_(message_freep) struct message *m = dialog();
	_cleanup_(json_freep) cJSON *view = NULL;

	m->headline = "A question that is far longer than Slack allows";
	m->buttons.item[0].label = "Approve it although nobody has looked";
	view = slack_dialog(m);
	assert_int_equal(utf8_count(json_string(view, "title.text")), 24);
	assert_int_equal(utf8_count(json_string(view, "submit.text")), 24);
}

TEST(a_submission_is_answered_with_the_errors_of_its_inputs)
{
	_cleanup_(message_freep) struct message *m = dialog();
	_cleanup_(json_freep) cJSON *answer = NULL;

	m->inputs.item[1].wrong = "Say why, in a " BOLD "few" BOLD " words";
	answer = slack_dialog_answer(m);
	assert_string_equal(json_string(answer, "response_action"), "errors");
	assert_string_equal(json_string(answer, "errors.reason"), "Say why, in a few words");
	assert_null(json_at(answer, "errors.ready"));
	assert_null(json_at(answer, "view"));
}

TEST(a_submission_without_errors_is_answered_with_a_view)
{
	_cleanup_(message_freep) struct message *m = message_new();
	_cleanup_(json_freep) cJSON *answer = NULL;

	m->text = "R-142 is void since 14:36 UTC";
	answer = slack_dialog_answer(m);
	assert_string_equal(json_string(answer, "response_action"), "update");
	assert_string_equal(json_string(answer, "view.blocks.0.text.text"),
	    "R-142 is void since 14:36 UTC");
	assert_null(json_at(answer, "view.submit"));
}

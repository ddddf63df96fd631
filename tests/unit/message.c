/* message.c - a message keeps what was put into it, survives JSON, and reads plainly. */

#include "message.h"
#include "say.h"

#include "test.h"

static const struct button start = {
	.label = "Start rollback",
	.action = "start",
	.argument = "R-142:1:a7f3c1",
	.description = "Start R-142: roll back gateway in production",
	.style = BUTTON_PRIMARY,
	.confirm_title = "Start R-142?",
	.confirm_text = "gateway, PRODUCTION, 1.2.4 to 1.2.3.",
	.confirm_yes = "Start",
	.confirm_no = "Back",
};
static const char *const reasons[] = { "5xx", "latency", NULL };

static struct message *
full(void)
{
	struct message *message = message_new();

	message->text = "R-142 PLAN: roll back gateway in PRODUCTION";
	message->headline = "R-142 Plan: roll back gateway";
	message->environment = "PRODUCTION";
	message_line(message, "%s → %s", BOLD "1.2.4" BOLD, "1.2.3");
	message_line(message, "asked by %s", PERSON "U0ANN" PERSON);
	message_remark(message, "crosses migration %d", 42);
	message->difference = "~ Deployment gateway\n    image 1.2.4 -> 1.2.3";
	message_step(message, SYMBOL_DONE, "Save the present state", "0.2 s");
	message_step(message, SYMBOL_NEXT, "Put revision 5 back", NULL);
	message->tail = "Waiting for rollout\n✅ approved by @lead";
	message_button(message, &start);
	message_more(message, &(struct button){ .label = "Why", .action = "why", .argument = "R-142" });
	message_context(message, "plan " CODE "a7f3c1" CODE);
	message->id = "R-142";
	message->state = "plan";
	message->drawing = 9;
	message->row = 4;
	return message;
}

static struct message *
again(const struct message *message)
{
	_cleanup_(text_clear) struct text json = TEXT_INIT;
	struct error err = ERROR_INIT;
	struct message *copy;

	message_print(message, &json);
	copy = message_read(json.data, json.length, &err);
	if (copy == NULL)
		fail_msg("%s", err.text);
	return copy;
}

TEST(what_was_put_in_is_copied)
{
	_cleanup_(message_freep) struct message *message = message_new();
	char label[] = "Stop", word[] = "5xx";
	const char *const choices[] = { word, NULL };

	message_button(message, &(struct button){ .label = label, .action = "stop" });
	message_input(message, &(struct input){ .name = "reason", .choices = choices });
	label[0] = word[0] = 'X';
	assert_string_equal(message->buttons.item[0].label, "Stop");
	assert_string_equal(message->inputs.item[0].choices[0], "5xx");
	assert_null(message->inputs.item[0].choices[1]);
	assert_null(message->buttons.item[0].confirm_title);
}

TEST(a_message_survives_json)
{
	_cleanup_(message_freep) struct message *message = full();
	_cleanup_(message_freep) struct message *copy = NULL;
	_cleanup_(text_clear) struct text one = TEXT_INIT, two = TEXT_INIT;

	message_input(message, &(struct input){ .name = "reason", .label = "Why?", .most = 200,
		.choices = reasons, .optional = true, .lines = true, .wrong = "too short" });
	copy = again(message);
	message_print(message, &one);
	message_print(copy, &two);
	assert_string_equal(one.data, two.data);
	assert_string_equal(copy->lines.item[0], BOLD "1.2.4" BOLD " → 1.2.3");
	assert_string_equal(copy->buttons.item[0].confirm_yes, "Start");
	assert_int_equal(copy->buttons.item[0].style, BUTTON_PRIMARY);
	assert_int_equal(copy->steps.item[1].symbol, SYMBOL_NEXT);
	assert_null(copy->steps.item[1].detail);
	assert_string_equal(copy->inputs.item[0].choices[1], "latency");
	assert_true(copy->inputs.item[0].lines && copy->inputs.item[0].optional);
	assert_int_equal(copy->drawing, 9);
	assert_int_equal(copy->row, 4);
}

TEST(a_copy_is_the_same_and_has_nothing_in_common)
{
	_cleanup_(text_clear) struct text before = TEXT_INIT, after = TEXT_INIT;
	struct message *message = full(), *copy;
	static const struct input why = { .name = "why", .label = "Why", .choices = reasons, .most = 60 };

	message_input(message, &why);
	message->drawing = 7;
	message_print(message, &before);
	copy = message_copy(message);
	assert_ptr_not_equal(copy->lines.item[0], message->lines.item[0]);
	assert_ptr_not_equal(copy->inputs.item[0].choices, message->inputs.item[0].choices);
	message_free(message);
	message_line(copy, "%s", "one more");
	copy->lines.count--;
	message_print(copy, &after);
	assert_string_equal(after.data, before.data);
	assert_int_equal(copy->drawing, 7);
	message_free(copy);
}

TEST(an_empty_message_survives_json)
{
	_cleanup_(message_freep) struct message *message = message_new();
	_cleanup_(message_freep) struct message *copy = again(message);

	assert_null(copy->headline);
	assert_int_equal(copy->lines.count + copy->buttons.count + copy->steps.count, 0);
}

TEST(json_of_a_stranger_version_is_read_carefully)
{
	static const char *const rows[] = {
		"{\"lines\":7,\"steps\":\"x\",\"buttons\":{},\"inputs\":null,\"drawing\":\"9\"}",
		"{\"lines\":[1,null,{}],\"remarks\":[[]]}",
		"{\"buttons\":[7,{\"label\":3,\"style\":99}],\"steps\":[{\"symbol\":-1},{\"symbol\":1e9}]}",
		"{\"inputs\":[{\"choices\":[1,2]},{}]}",
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		_cleanup_(message_freep) struct message *message =
		    message_read(rows[i], strlen(rows[i]), NULL);

		assert_row(i, message != NULL);
		assert_row(i, message->lines.count == 0 && message->remarks.count == 0);
		for (size_t j = 0; j < message->buttons.count; j++)
			assert_row(i, message->buttons.item[j].style == BUTTON_PLAIN);
		for (size_t j = 0; j < message->steps.count; j++)
			assert_row(i, message->steps.item[j].symbol == SYMBOL_DONE);
		for (size_t j = 0; j < message->inputs.count; j++)
			assert_row(i, message->inputs.item[j].choices == NULL);
	}
}

TEST(what_is_no_message_is_refused_with_a_sentence)
{
	static const char *const rows[] = { "", "[]", "7", "{\"text\":", "{} {}" };

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct error err = ERROR_INIT;

		assert_row(i, message_read(rows[i], strlen(rows[i]), &err) == NULL);
		assert_row(i, strstr(err.text, "stored message") != NULL);
	}
}

TEST(plain_text_has_everything_and_no_marks)
{
	_cleanup_(message_freep) struct message *message = full();
	_cleanup_(text_clear) struct text out = TEXT_INIT;

	message_plain(message, &out);
	assert_string_equal(out.data,
	    "R-142 Plan: roll back gateway · PRODUCTION\n"
	    "1.2.4 → 1.2.3\n"
	    "asked by @U0ANN\n"
	    "! crosses migration 42\n"
	    "│ ~ Deployment gateway\n"
	    "│     image 1.2.4 -> 1.2.3\n"
	    "Done · Save the present state  0.2 s\n"
	    "Next · Put revision 5 back\n"
	    "│ Waiting for rollout\n"
	    "│ ✅ approved by @lead\n"
	    "[ Start rollback ]  ⋯ Why\n"
	    "plan a7f3c1\n");
}

TEST(a_message_of_one_text_is_that_text)
{
	_cleanup_(message_freep) struct message *message = message_new();
	_cleanup_(text_clear) struct text out = TEXT_INIT;

	message->text = "Looking at gateway…";
	message_plain(message, &out);
	assert_string_equal(out.data, "Looking at gateway…\n");
}

TEST(a_verbatim_message_excludes_the_rest)
{
	_cleanup_(message_freep) struct message *message = full();
	_cleanup_(text_clear) struct text out = TEXT_INIT;

	message->verbatim = "ROLLBACK NOTIFICATION\nby " PERSON "ann" PERSON;
	message_plain(message, &out);
	assert_string_equal(out.data, "ROLLBACK NOTIFICATION\nby @ann\n");
}

TEST(a_dialog_says_what_is_wrong_with_an_input)
{
	_cleanup_(message_freep) struct message *message = message_new();
	_cleanup_(text_clear) struct text out = TEXT_INIT;

	message->headline = "Why roll back?";
	message_input(message, &(struct input){ .name = "reason", .wrong = "A few words, at least" });
	message_plain(message, &out);
	assert_string_equal(out.data, "Why roll back?\nreason\n  A few words, at least\n");
}

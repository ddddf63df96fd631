/* slack_dialog.c - a message with inputs as a modal view, and the answer to its submission. */

#include <string.h>

#include "base/unicode.h"
#include "say.h"
#include "slack_blocks.h"

/* The titles' limits are so small that a cut one is worse than none of our doing: callers keep to 24. */
#define TITLE_MOST 24
#define CHOICE_MOST 75

static void
add_plain(cJSON *object, const char *key, const char *marked, size_t most)
{
	cJSON *text = json_add_object(object, key);
	struct arena *arena = arena_new();
	char *plain = say_plain(arena, marked);

	plain[utf8_prefix(plain, most)] = '\0';
	json_add_string(text, "type", "plain_text");
	json_add_string(text, "text", plain);
	json_add_bool(text, "emoji", false);
	arena_free(arena);
}

static cJSON *
add_option(cJSON *parent, const char *key, const char *choice)
{
	cJSON *option = json_add_object(parent, key);
	_cleanup_(freep) char *value = xstrndup(choice, utf8_prefix(choice, CHOICE_MOST));

	add_plain(option, "text", choice, CHOICE_MOST);
	json_add_string(option, "value", value);
	return option;
}

static void
add_select(cJSON *element, const struct input *input)
{
	const char *const *choice = input->choices;
	cJSON *options;

	json_add_string(element, "type", "static_select");
	json_add_string(element, "action_id", "chosen");
	options = json_add_array(element, "options");
	for (size_t i = 0; i < 100 && choice[i] != NULL; i++) {
		add_option(options, NULL, choice[i]);
		if (string_equal(input->initial, choice[i]))
			add_option(element, "initial_option", choice[i]);
	}
}

static void
add_typed(cJSON *element, const struct input *input)
{
	int most = input->most > 0 && input->most < 3000 ? input->most : 200;

	json_add_string(element, "type", "plain_text_input");
	json_add_string(element, "action_id", "typed");
	json_add_bool(element, "multiline", input->lines);
	json_add_number(element, "max_length", most);
	if (input->initial != NULL && *input->initial != '\0') {
		_cleanup_(freep) char *initial =
		    xstrndup(input->initial, utf8_prefix(input->initial, (size_t)most));

		json_add_string(element, "initial_value", initial);
	}
}

static void
add_input(cJSON *blocks, const struct input *input)
{
	cJSON *block = json_add_object(blocks, NULL), *element;

	json_add_string(block, "type", "input");
	json_add_string(block, "block_id", input->name);
	json_add_bool(block, "optional", input->optional);
	add_plain(block, "label", input->label != NULL ? input->label : input->name, 200);
	if (input->hint != NULL)
		add_plain(block, "hint", input->hint, 500);
	element = json_add_object(block, "element");
	if (input->choices != NULL && input->choices[0] != NULL)
		add_select(element, input);
	else
		add_typed(element, input);
}

/* The body of a view is that of a card: no buttons, which a view has at its foot. */
static void
add_body(cJSON *view, const struct message *message)
{
	struct message body = *message;
	cJSON *blocks;

	body.headline = NULL;
	body.buttons.count = body.more.count = 0;
	blocks = slack_blocks(&body);
	if (blocks->child == NULL && message->text != NULL && message->inputs.count == 0) {
		cJSON *block = json_add_object(blocks, NULL);

		json_add_string(block, "type", "section");
		add_plain(block, "text", message->text, 3000);
	}
	cJSON_AddItemToObject(view, "blocks", blocks);
	for (size_t i = 0; i < message->inputs.count; i++)
		add_input(blocks, &message->inputs.item[i]);
}

cJSON *
slack_dialog(const struct message *message)
{
	const struct button *button = message->buttons.item;
	cJSON *view = cJSON_CreateObject();

	json_add_string(view, "type", "modal");
	add_plain(view, "title", message->headline != NULL ? message->headline : "rollcall", TITLE_MOST);
	if (message->buttons.count > 0) {
		json_add_string(view, "callback_id", button[0].action);
		json_add_stringf(view, "private_metadata", "%s%s%s",
		    button[0].argument != NULL ? button[0].argument : "",
		    message->seal != NULL ? "#" : "", message->seal != NULL ? message->seal : "");
		add_plain(view, "submit", button[0].label, TITLE_MOST);
	}
	add_plain(view, "close", message->buttons.count > 1 ? button[1].label : "Close", TITLE_MOST);
	add_body(view, message);
	return view;
}

cJSON *
slack_dialog_answer(const struct message *message)
{
	cJSON *answer = cJSON_CreateObject(), *errors = NULL;
	const struct input *input = message->inputs.item;
	struct arena *arena = arena_new();

	for (size_t i = 0; i < message->inputs.count; i++, input++) {
		if (input->wrong == NULL)
			continue;
		if (errors == NULL)
			errors = json_add_object(answer, "errors");
		json_add_string(errors, input->name, say_plain(arena, input->wrong));
	}
	arena_free(arena);
	json_add_string(answer, "response_action", errors != NULL ? "errors" : "update");
	if (errors == NULL)
		cJSON_AddItemToObject(answer, "view", slack_dialog(message));
	return answer;
}

/* slack_buttons.c - a row of buttons and its menu. */

#include "slack_blocks_private.h"

static void
add_style(cJSON *object, enum button_style style)
{
	if (style == BUTTON_PRIMARY)
		json_add_string(object, "style", "primary");
	else if (style == BUTTON_DANGER)
		json_add_string(object, "style", "danger");
}

static const char *
or_else(const char *s, const char *otherwise)
{
	return s != NULL && *s != '\0' ? s : otherwise;
}

static void
add_confirm(cJSON *element, const struct button *button)
{
	cJSON *confirm;

	if (button->confirm_title == NULL)
		return;
	confirm = json_add_object(element, "confirm");
	block_add_plain(confirm, "title", button->confirm_title, 100);
	block_add_plain(confirm, "text", or_else(button->confirm_text, button->confirm_title), 300);
	block_add_plain(confirm, "confirm", or_else(button->confirm_yes, button->label), 30);
	block_add_plain(confirm, "deny", or_else(button->confirm_no, "Back"), 30);
	if (button->style == BUTTON_DANGER)
		json_add_string(confirm, "style", "danger");
}

/* The number of earlier elements of the row with the same action. */
static int
same_before(const struct button *row, const struct button *button)
{
	int same = 0;

	for (; row < button; row++)
		same += string_equal(row->action, button->action);
	return same;
}

static void
add_button(cJSON *elements, const struct button *button, int same)
{
	cJSON *element = json_add_object(elements, NULL);

	json_add_string(element, "type", "button");
	block_add_plain(element, "text", or_else(button->label, "…"), 75);
	if (same > 0)
		json_add_stringf(element, "action_id", "%s.%d", button->action, same + 1);
	else
		json_add_string(element, "action_id", button->action);
	json_add_string(element, "value", button->argument);
	add_style(element, button->style);
	block_add_cut(element, "accessibility_label", button->description, 75);
	add_confirm(element, button);
}

static void
add_menu(cJSON *elements, const struct message *message)
{
	const struct button *item = message->more.item;
	cJSON *menu, *options, *option;

	menu = json_add_object(elements, NULL);
	json_add_string(menu, "type", "overflow");
	json_add_string(menu, "action_id", SLACK_MENU);
	options = json_add_array(menu, "options");
	for (size_t i = 0; i < message->more.count && i < 5; i++, item++) {
		option = json_add_object(options, NULL);
		block_add_plain(option, "text", or_else(item->label, "…"), 75);
		json_add_stringf(option, "value", "%s:%s", item->action, or_else(item->argument, ""));
	}
}

/* Buttons are never cut: too many are our own mistake, and Slack says so. */
cJSON *
block_buttons(const struct message *message)
{
	const struct button *button = message->buttons.item;
	cJSON *block, *elements;

	if (message->buttons.count + message->more.count == 0)
		return NULL;
	block = block_new("actions");
	if (message->id != NULL)
		json_add_stringf(block, "block_id", "%s:row%d:do%s%s", message->id, message->row,
		    message->seal != NULL ? ":" : "", message->seal != NULL ? message->seal : "");
	elements = json_add_array(block, "elements");
	for (size_t i = 0; i < message->buttons.count; i++, button++)
		add_button(elements, button, same_before(message->buttons.item, button));
	/* A menu of one is a detour. */
	if (message->more.count == 1)
		add_button(elements, message->more.item, 0);
	else if (message->more.count > 1)
		add_menu(elements, message);
	return block;
}

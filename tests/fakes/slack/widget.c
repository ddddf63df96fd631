/* widget.c - finding what a label stands on, and what pressing it says. */

#include <stdlib.h>
#include <string.h>

#include "actor.h"

struct search {
	const char *label;
	struct widget found;
	struct text there;	/* all labels, for the error */
};

static bool
search_label(struct search *search, const cJSON *object)
{
	const char *text = json_string(object, "text.text");

	if (text == NULL)
		return false;
	text_printf(&search->there, "%s[%s]", search->there.length > 0 ? " " : "", text);
	return strcmp(text, search->label) == 0;
}

static bool
search_options(struct search *search, const cJSON *options)
{
	const cJSON *option;

	json_each(option, options)
		if (search_label(search, option)) {
			search->found.option = option;
			return true;
		}
	return false;
}

static bool
search_element(struct search *search, const cJSON *block, const cJSON *element)
{
	const cJSON *group;
	bool found;

	if (element == NULL)
		return false;
	found = string_equal(json_string(element, "type"), "button") ? search_label(search, element)
	    : search_options(search, json_at(element, "options"));
	json_each(group, json_at(element, "option_groups"))
		found = found || search_options(search, json_at(group, "options"));
	if (found) {
		search->found.block = block;
		search->found.element = element;
	}
	return found;
}

static bool
search_block(struct search *search, const cJSON *block)
{
	const cJSON *element;

	if (search_element(search, block, json_at(block, "accessory")))
		return true;
	if (!string_equal(json_string(block, "type"), "actions"))
		return false;
	json_each(element, json_at(block, "elements"))
		if (search_element(search, block, element))
			return true;
	return false;
}

bool
widget_find(const cJSON *blocks, const char *label, struct widget *widget, struct error *err)
{
	struct search search = { .label = label, .there = TEXT_INIT };
	const cJSON *block;

	json_each(block, blocks)
		if (search_block(&search, block)) {
			*widget = search.found;
			text_clear(&search.there);
			return true;
		}
	wrong(err, "nothing there reads \"%s\"; there is %s", label,
	    search.there.length == 0 ? "nothing to press" : search.there.data);
	text_clear(&search.there);
	return false;
}

static void
action_copy(cJSON *action, const cJSON *from, const char *name, const char *as)
{
	const cJSON *value = cJSON_GetObjectItemCaseSensitive(from, name);

	if (value != NULL)
		cJSON_AddItemToObject(action, as, cJSON_Duplicate(value, true));
}

cJSON *
widget_action(const struct widget *widget)
{
	cJSON *action = cJSON_CreateObject(), *chosen;
	bool many = string_equal(json_string(widget->element, "type"), "checkboxes")
	    || string_starts(json_string_or(widget->element, "type", ""), "multi_");

	action_copy(action, widget->element, "type", "type");
	action_copy(action, widget->block, "block_id", "block_id");
	action_copy(action, widget->element, "action_id", "action_id");
	if (widget->option == NULL) {
		action_copy(action, widget->element, "text", "text");
		action_copy(action, widget->element, "value", "value");
		action_copy(action, widget->element, "style", "style");
		return action;
	}
	chosen = cJSON_Duplicate(widget->option, true);
	if (many)
		cJSON_AddItemToArray(json_add_array(action, "selected_options"), chosen);
	else
		cJSON_AddItemToObject(action, "selected_option", chosen);
	return action;
}

char *
widget_confirm(const struct widget *widget)
{
	const cJSON *confirm = json_at(widget->element, "confirm");

	if (confirm == NULL)
		return NULL;
	return xasprintf("%s %s [%s] [%s]", json_string_or(confirm, "title.text", ""),
	    json_string_or(confirm, "text.text", ""), json_string_or(confirm, "confirm.text", ""),
	    json_string_or(confirm, "deny.text", ""));
}

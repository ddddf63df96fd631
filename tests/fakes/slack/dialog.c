/* dialog.c - people before a dialog: filling in, pressing, sending, closing. */

#include <stdlib.h>
#include <string.h>

#include "base/unicode.h"
#include "actor.h"
#include "envelope.h"
#include "payload.h"
#include "view.h"

static struct view *
dialog_top(struct fake_slack *fs, struct user *user, struct error *err)
{
	struct view *view = view_top(fs, user);

	if (view == NULL)
		wrong(err, "%s has no dialog open", user->seen.name);
	return view;
}

/* ---- filling in ---------------------------------------------------------------------------- */

static const cJSON *
option_named(const cJSON *element, const char *name)
{
	const cJSON *option, *group;

	json_each(option, json_at(element, "options"))
		if (string_equal(json_string(option, "text.text"), name))
			return option;
	json_each(group, json_at(element, "option_groups"))
		if ((option = option_named(group, name)) != NULL)
			return option;
	return NULL;
}

static bool
fill_option(cJSON *value, const cJSON *element, const char *name, bool many, struct error *err)
{
	const cJSON *option = option_named(element, name);
	cJSON *made = NULL;

	/* An external menu shows what the bot offered; the fake takes the typed words as the
	 * choice. */
	if (string_equal(json_string(element, "type"), "external_select")) {
		cJSON *text;

		made = cJSON_CreateObject();
		text = json_add_object(made, "text");
		json_add_string(text, "type", "plain_text");
		json_add_string(text, "text", name);
		json_add_string(made, "value", name);
	} else if (option == NULL) {
		return wrong(err, "there is no \"%s\" to choose", name);
	}
	if (made == NULL)
		made = cJSON_Duplicate(option, true);
	if (many)
		cJSON_AddItemToArray(json_add_array(value, "selected_options"), made);
	else
		cJSON_AddItemToObject(value, "selected_option", made);
	return true;
}

static bool
fill_typed(cJSON *value, const cJSON *element, const char *words, struct error *err)
{
	int64_t most = json_integer(element, "max_length", 3000);

	if (utf8_count(words) > (size_t)most)
		return refuse(err, "the field takes at most %d characters", (int)most);
	json_add_string(value, "value", words);
	return true;
}

static bool
fill_reference(struct fake_slack *fs, cJSON *value, const char *type, const char *name,
    struct error *err)
{
	const struct user *user = user_find(fs, name);
	const struct channel *channel = channel_find(fs, name);

	if (strcmp(type, "users_select") == 0) {
		if (user == NULL)
			return wrong(err, "nobody here is called %s", name);
		json_add_string(value, "selected_user", user->seen.id);
		return true;
	}
	if (channel == NULL)
		return wrong(err, "there is no %s", name);
	json_add_string(value, strcmp(type, "channels_select") == 0 ? "selected_channel"
	    : "selected_conversation", channel->seen.id);
	return true;
}

static bool
fill_value(struct fake_slack *fs, cJSON *value, const cJSON *element, const char *words,
    struct error *err)
{
	const char *type = json_string_or(element, "type", "");

	if (string_ends(type, "_input"))
		return fill_typed(value, element, words, err);
	if (strcmp(type, "datepicker") == 0)
		return json_add_string(value, "selected_date", words) != NULL;
	if (strcmp(type, "timepicker") == 0)
		return json_add_string(value, "selected_time", words) != NULL;
	if (strcmp(type, "datetimepicker") == 0)
		return json_add_number(value, "selected_date_time", strtod(words, NULL)) != NULL;
	if (strcmp(type, "users_select") == 0 || strcmp(type, "channels_select") == 0
	    || strcmp(type, "conversations_select") == 0)
		return fill_reference(fs, value, type, words, err);
	return fill_option(value, element, words, strcmp(type, "checkboxes") == 0
	    || string_starts(type, "multi_"), err);
}

bool
fake_slack_fill(struct fake_slack *fs, const char *who, const char *label, const char *words,
    struct error *err)
{
	struct user *user = actor_user(fs, who, err);
	struct view *view = user == NULL ? NULL : dialog_top(fs, user, err);
	const cJSON *block, *element;
	bool done;

	if (view == NULL)
		return false;
	if ((block = view_input(view, label)) == NULL)
		return wrong(
		    err, "no field of the dialog \"%s\" is called \"%s\"", view->seen.title, label);
	element = json_at(block, "element");
	done = fill_value(fs, view_value(view, block, element), element, words, err);
	fake_changed(fs);
	return done;
}

/* ---- sending ------------------------------------------------------------------------------- */

/* The value under an input, "" and NULL counting as nothing. */
static bool
input_empty(const struct view *view, const cJSON *block)
{
	const cJSON *value = cJSON_GetObjectItemCaseSensitive(
	    cJSON_GetObjectItemCaseSensitive(view->values, json_string_or(block, "block_id", "")),
	    json_string_or(block, "element.action_id", ""));
	const cJSON *member;

	json_each(member, value)
		if (strcmp(member->string, "type") != 0 && !cJSON_IsNull(member)
		    && !(cJSON_IsString(member) && *member->valuestring == '\0'))
			return false;
	return true;
}

static bool
dialog_complete(const struct view *view, struct error *err)
{
	const cJSON *block;

	if (json_at(view->view, "submit") == NULL)
		return refuse(
		    err, "the dialog \"%s\" has nothing to send it with", view->seen.title);
	json_each(block, json_at(view->view, "blocks"))
		if (string_equal(json_string(block, "type"), "input")
		    && !json_bool(block, "optional", false) && input_empty(view, block))
			return refuse(err, "the dialog asks for \"%s\" first",
			    json_string_or(block, "label.text", ""));
	return true;
}

unsigned
fake_slack_submit(struct fake_slack *fs, const char *who, const char *const *values,
    struct error *err)
{
	struct user *user = actor_user(fs, who, err);
	struct view *view = user == NULL ? NULL : dialog_top(fs, user, err);
	struct errand errand = { .kind = ERRAND_SUBMIT, .user = user, .words = "The dialog" };

	if (view == NULL)
		return 0;
	for (; values != NULL && *values != NULL; values += 2)
		if (!fake_slack_fill(fs, who, values[0], values[1], err))
			return 0;
	if (!dialog_complete(view, err))
		return 0;
	errand.view = view->id;
	errand.payload = payload_view(fs, user, view, "view_submission");
	return envelope_send(fs, &errand);
}

unsigned
fake_slack_close_view(struct fake_slack *fs, const char *who, bool cleared, struct error *err)
{
	struct user *user = actor_user(fs, who, err);
	struct view *view = user == NULL ? NULL : dialog_top(fs, user, err);
	struct errand errand = { .kind = ERRAND_CLOSED, .user = user, .words = "Closing" };
	bool told;

	if (view == NULL)
		return 0;
	told = json_bool(view->view, "notify_on_close", false);
	cleared = cleared || json_bool(view->view, "clear_on_close", false);
	if (told) {
		errand.payload = payload_view(fs, user, view, "view_closed");
		json_add_bool(errand.payload, "is_cleared", cleared);
	}
	if (cleared)
		view_close_all(fs, user);
	else
		view_close(fs, view);
	return told ? envelope_send(fs, &errand) : fake_slack_last_delivery(fs);
}

unsigned
fake_slack_press_in_view(struct fake_slack *fs, const char *who, const char *label,
    struct error *err)
{
	struct user *user = actor_user(fs, who, err);
	struct view *view = user == NULL ? NULL : view_top(fs, user);
	struct errand errand = { .kind = ERRAND_ACTION, .user = user, .words = label };
	struct widget widget = { 0 };
	char *confirm;
	unsigned number;

	if (user == NULL)
		return 0;
	if (view == NULL && (view = user->home) == NULL) {
		wrong(err, "%s has neither a dialog nor a home tab open", who);
		return 0;
	}
	if (!widget_find(json_at(view->view, "blocks"), label, &widget, err))
		return 0;
	errand.confirm = confirm = widget_confirm(&widget);
	errand.payload = payload_view_click(fs, user, view, widget_action(&widget));
	number = envelope_send(fs, &errand);
	free(confirm);
	return number;
}

unsigned
fake_slack_suggest(struct fake_slack *fs, const char *who, const char *action_id,
    const char *typed, struct error *err)
{
	struct user *user = actor_user(fs, who, err);
	struct view *view = user == NULL ? NULL : dialog_top(fs, user, err);
	struct errand errand = { .kind = ERRAND_SUGGEST, .user = user, .words = "The menu" };
	const cJSON *block, *element;

	if (view == NULL)
		return 0;
	json_each(block, json_at(view->view, "blocks")) {
		element = json_at(block, "element") != NULL ? json_at(block, "element")
		    : json_at(block, "accessory");
		if (!string_equal(json_string(element, "action_id"), action_id))
			continue;
		errand.payload = payload_suggestion(fs, user, view, block, element, typed);
		return envelope_send(fs, &errand);
	}
	wrong(err, "the dialog has no menu %s", action_id);
	return 0;
}

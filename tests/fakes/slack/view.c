/* view.c - dialogs: opening, redrawing, closing, and what a submission's answer does. */

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "envelope.h"
#include "limits.h"
#include "view.h"
#include "violation.h"

static const char trouble[] = "We had some trouble connecting. Try again?";

/* ---- state --------------------------------------------------------------------------------- */

cJSON *
view_value(struct view *view, const cJSON *block, const cJSON *element)
{
	const char *block_id = json_string_or(block, "block_id", "");
	const char *action_id = json_string_or(element, "action_id", "");
	cJSON *in_block, *value;

	if (view->values == NULL)
		view->values = cJSON_CreateObject();
	in_block = cJSON_GetObjectItemCaseSensitive(view->values, block_id);
	if (in_block == NULL)
		in_block = json_add_object(view->values, block_id);
	cJSON_DeleteItemFromObjectCaseSensitive(in_block, action_id);
	value = json_add_object(in_block, action_id);
	json_add_string(value, "type", json_string(element, "type"));
	view->seen.values = view->values;
	return value;
}

/* What stands in a field before anybody writes there. */
static void
view_initial(struct view *view, const cJSON *block, const cJSON *element)
{
	static const struct {
		const char *initial, *selected;
	} names[] = {
		{ "initial_value", "value" }, { "initial_option", "selected_option" },
		{ "initial_options", "selected_options" }, { "initial_user", "selected_user" },
		{ "initial_users", "selected_users" }, { "initial_date", "selected_date" },
		{ "initial_conversation", "selected_conversation" },
		{ "initial_channel", "selected_channel" }, { "initial_time", "selected_time" },
		{ "initial_date_time", "selected_date_time" },
	};
	cJSON *value = view_value(view, block, element);
	const cJSON *initial;

	for (size_t i = 0; i < COUNT(names); i++)
		if ((initial = json_at(element, names[i].initial)) != NULL)
			cJSON_AddItemToObject(
			    value, names[i].selected, cJSON_Duplicate(initial, true));
}

/* A field that keeps its block_id and action_id keeps what was written in it. */
static void
view_fill_in(struct view *view, cJSON *before)
{
	const cJSON *block, *element, *kept, *member;
	cJSON *value;

	json_each(block, json_at(view->view, "blocks")) {
		element = json_at(block, "element");
		if (element == NULL)
			continue;
		kept = cJSON_GetObjectItemCaseSensitive(
		    cJSON_GetObjectItemCaseSensitive(before, json_string(block, "block_id")),
		    json_string(element, "action_id"));
		if (kept == NULL) {
			view_initial(view, block, element);
			continue;
		}
		value = view_value(view, block, element);
		json_each(member, kept) if (strcmp(member->string, "type") != 0)
		    cJSON_AddItemToObject(value, member->string, cJSON_Duplicate(member, true));
	}
}

/* ---- life ---------------------------------------------------------------------------------- */

static void
view_take(struct fake_slack *fs, struct view *view, cJSON *given)
{
	cJSON *before = view->values;

	cJSON_Delete(view->view);
	cJSON_Delete(view->errors);
	free(view->problem);
	view->view = given;
	view->errors = NULL;
	view->problem = NULL;
	view->values = cJSON_CreateObject();
	blocks_name(fs, cJSON_GetObjectItemCaseSensitive(given, "blocks"));
	view_fill_in(view, before);
	cJSON_Delete(before);
	snprintf(view->external_id, sizeof(view->external_id), "%s",
	    json_string_or(given, "external_id", ""));
	snprintf(view->hash, sizeof(view->hash), "%" PRId64 ".%06x", clock_now(&fs->clock) / 1000,
	    ++view->drawn);
	view->seen = (struct fake_slack_view){
		.id = view->id,
		.hash = view->hash,
		.user = view->user->seen.id,
		.callback_id = json_string_or(given, "callback_id", ""),
		.title = json_string_or(given, "title.text", ""),
		.view = view->view,
		.values = view->values,
	};
}

static struct view *
view_make(struct fake_slack *fs, struct user *user, cJSON *given, const struct view *below)
{
	struct view *view = xcalloc(1, sizeof(*view));

	view->user = user;
	snprintf(view->id, sizeof(view->id), "V%08X", ++fs->workspace.view_number);
	snprintf(view->root, sizeof(view->root), "%s", below == NULL ? view->id : below->root);
	snprintf(view->previous, sizeof(view->previous), "%s", below == NULL ? "" : below->id);
	view_take(fs, view, given);
	return view;
}

struct view *
view_new(struct fake_slack *fs, struct user *user, cJSON *given, const struct view *below)
{
	struct view *view = view_make(fs, user, given, below);

	*GROW(&fs->workspace.views) = view;
	fake_changed(fs);
	return view;
}

void
view_redraw(struct fake_slack *fs, struct view *view, cJSON *given)
{
	view_take(fs, view, given);
	fake_changed(fs);
}

void
view_home(struct fake_slack *fs, struct user *user, cJSON *given)
{
	if (user->home == NULL)
		user->home = view_make(fs, user, given, NULL);
	else
		view_take(fs, user->home, given);
	fake_changed(fs);
}

void
view_free(struct view *view)
{
	if (view == NULL)
		return;
	cJSON_Delete(view->view);
	cJSON_Delete(view->values);
	cJSON_Delete(view->errors);
	free(view->problem);
	free(view);
}

void
view_close(struct fake_slack *fs, struct view *view)
{
	struct workspace *w = &fs->workspace;
	size_t i;

	for (i = 0; w->views.item[i] != view; i++)
		;
	memmove(w->views.item + i, w->views.item + i + 1,
	    (w->views.count - i - 1) * sizeof(*w->views.item));
	w->views.count--;
	view_free(view);
	fake_changed(fs);
}

void
view_close_all(struct fake_slack *fs, const struct user *user)
{
	struct view *view;

	while ((view = view_top(fs, user)) != NULL)
		view_close(fs, view);
}

/* ---- finding ------------------------------------------------------------------------------- */

struct view *
view_top(const struct fake_slack *fs, const struct user *user)
{
	for (size_t i = fs->workspace.views.count; i-- > 0;)
		if (fs->workspace.views.item[i]->user == user)
			return fs->workspace.views.item[i];
	return NULL;
}

size_t
view_depth(const struct fake_slack *fs, const struct user *user)
{
	size_t depth = 0;

	for (size_t i = 0; i < fs->workspace.views.count; i++)
		depth += fs->workspace.views.item[i]->user == user;
	return depth;
}

struct view *
view_by_id(const struct fake_slack *fs, const char *id)
{
	const struct workspace *w = &fs->workspace;

	for (size_t i = 0; id != NULL && i < w->views.count; i++)
		if (strcmp(w->views.item[i]->id, id) == 0)
			return w->views.item[i];
	for (size_t i = 0; id != NULL && i < w->users.count; i++)
		if (w->users.item[i]->home != NULL && strcmp(w->users.item[i]->home->id, id) == 0)
			return w->users.item[i]->home;
	return NULL;
}

struct view *
view_by_external_id(const struct fake_slack *fs, const char *id)
{
	for (size_t i = 0; id != NULL && i < fs->workspace.views.count; i++)
		if (strcmp(fs->workspace.views.item[i]->external_id, id) == 0)
			return fs->workspace.views.item[i];
	return NULL;
}

cJSON *
view_input(const struct view *view, const char *label)
{
	cJSON *block;

	json_each(block, cJSON_GetObjectItemCaseSensitive(view->view, "blocks"))
		if (string_equal(json_string(block, "type"), "input")
		    && string_equal(json_string(block, "label.text"), label))
			return block;
	return NULL;
}

const struct fake_slack_view *
fake_slack_view(struct fake_slack *fs, const char *who)
{
	const struct user *user = user_find(fs, who);
	struct view *view = user == NULL ? NULL : view_top(fs, user);

	return view == NULL ? NULL : &view->seen;
}

const struct fake_slack_view *
fake_slack_home(struct fake_slack *fs, const char *who)
{
	const struct user *user = user_find(fs, who);

	return user == NULL || user->home == NULL ? NULL : &user->home->seen;
}

/* ---- answers to a submission --------------------------------------------------------------- */

void
view_complain(struct fake_slack *fs, struct view *view, const char *problem)
{
	free(view->problem);
	view->problem = xstrdup(problem);
	view->seen.problem = view->problem;
	fake_changed(fs);
}

/* Only block_ids of input blocks may be named; anything else makes the whole answer fail [gk]. */
static bool
errors_fit(const struct view *view, const cJSON *errors)
{
	const cJSON *error, *block;
	bool found;

	json_each(error, errors) {
		found = false;
		json_each(block, json_at(view->view, "blocks"))
			if (string_equal(json_string(block, "block_id"), error->string)
			    && string_equal(json_string(block, "type"), "input"))
				found = true;
		if (!found || !cJSON_IsString(error))
			return false;
	}
	return cJSON_IsObject(errors) && errors->child != NULL;
}

static void
answer_errors(struct delivery *delivery, struct view *view)
{
	const cJSON *errors = json_at(delivery->answer, "errors");

	if (!errors_fit(view, errors)) {
		delivery_complain(
		    delivery, "response_action errors names no input block of the view");
		view_complain(delivery->fs, view, trouble);
		return;
	}
	cJSON_Delete(view->errors);
	view->errors = cJSON_Duplicate(errors, true);
	view->seen.errors = view->errors;
}

static void
answer_view(struct delivery *delivery, struct view *view, bool push)
{
	const cJSON *given = json_at(delivery->answer, "view");
	_cleanup_(json_freep) cJSON *messages = cJSON_CreateArray();
	bool right = view_check(given, messages);

	violate_all(delivery->fs, "acknowledgement", messages);
	if (!right ||
	    (push && view_depth(delivery->fs, view->user) >= VIEWS_DEEP)) {
		delivery_complain(delivery, "the view of that response_action is not valid");
		view_complain(delivery->fs, view, trouble);
	} else if (push) {
		view_new(delivery->fs, view->user, cJSON_Duplicate(given, true), view);
	} else {
		view_redraw(delivery->fs, view, cJSON_Duplicate(given, true));
	}
}

void
view_answered(struct delivery *delivery)
{
	struct view *view = view_by_id(delivery->fs, delivery->view);
	const char *action = json_string(delivery->answer, "response_action");

	if (view == NULL)
		return;
	if (action == NULL)
		view_close(delivery->fs, view);
	else if (strcmp(action, "clear") == 0)
		view_close_all(delivery->fs, view->user);
	else if (strcmp(action, "errors") == 0)
		answer_errors(delivery, view);
	else if (strcmp(action, "update") == 0 || strcmp(action, "push") == 0)
		answer_view(delivery, view, strcmp(action, "push") == 0);
	else {
		delivery_complain(delivery, "response_action \"%s\" does not exist", action);
		view_complain(delivery->fs, view, trouble);
	}
	fake_changed(delivery->fs);
}

void
view_missed(struct delivery *delivery)
{
	struct view *view = view_by_id(delivery->fs, delivery->view);

	if (view != NULL)
		view_complain(delivery->fs, view, trouble);
}

/* api_views.c - views.*. */

#include <string.h>

#include "api.h"
#include "describe.h"
#include "handout.h"
#include "limits.h"
#include "view.h"
#include "violation.h"

#define VIEW_MOST 250000	/* bytes; view_too_large */

/* The checked view; NULL: the call failed. */
static cJSON *
views_given(struct call *call, const char *type)
{
	_cleanup_(text_clear) struct text text = TEXT_INIT;
	cJSON *view, *messages;
	const cJSON *message;
	bool right;

	if (!call_json(call, "view", cJSON_Object, "invalid_arguments", &view))
		return NULL;
	messages = cJSON_CreateArray();
	right = view != NULL && view_check(view, messages)
	    && string_equal(json_string(view, "type"), type);
	json_each(message, messages)
		call_message(call, message->valuestring);
	violate_all(call->fs, call->method, messages);
	cJSON_Delete(messages);
	if (right)
		json_print(&text, view);
	if (right && text.length <= VIEW_MOST)
		return view;
	if (right)
		violate(call->fs, call->method, "/view is longer than %d bytes", VIEW_MOST);
	cJSON_Delete(view);
	call_fail(call, right ? "view_too_large" : "invalid_arguments");
	return NULL;
}

static void
views_answer(struct call *call, const struct view *view)
{
	cJSON_AddItemToObject(call->reply, "view", view_json(view));
}

static bool
views_external_free(struct call *call, const cJSON *given, const struct view *except)
{
	const char *id = json_string(given, "external_id");
	const struct view *other =
	    id == NULL || *id == '\0' ? NULL : view_by_external_id(call->fs, id);

	if (other == NULL || other == except)
		return true;
	call_fail(call, "duplicate_external_id");
	return false;
}

static void
views_new(struct call *call, bool push)
{
	cJSON *given = views_given(call, "modal");
	const char *error;
	struct user *user;
	struct view *below;
	bool in_view;

	if (given == NULL)
		return;
	error = trigger_take(call->fs, call_string(call, "trigger_id"), &user, &in_view);
	if (error != NULL)
		call_fail(call, error);
	else if (push && view_top(call->fs, user) == NULL)
		call_fail(call, "not_found");
	else if (push && view_depth(call->fs, user) >= VIEWS_DEEP)
		call_fail(call, "push_limit_reached");
	if (call->failed || !views_external_free(call, given, NULL)) {
		cJSON_Delete(given);
		return;
	}
	if (!push)
		view_close_all(call->fs, user);
	below = push ? view_top(call->fs, user) : NULL;
	views_answer(call, view_new(call->fs, user, given, below));
}

static void
views_open(struct call *call)
{
	views_new(call, false);
}

static void
views_push(struct call *call)
{
	views_new(call, true);
}

static void
views_update(struct call *call)
{
	const char *id = call_string(call, "view_id"), *hash = call_string(call, "hash");
	struct view *view = id != NULL ? view_by_id(call->fs, id)
	    : view_by_external_id(call->fs, call_string(call, "external_id"));
	cJSON *given;

	if (view == NULL) {
		call_fail(call, "not_found");
		return;
	}
	if (hash != NULL && strcmp(hash, view->hash) != 0) {
		call_fail(call, "hash_conflict");
		return;
	}
	given = views_given(call, json_string_or(view->view, "type", "modal"));
	if (given == NULL)
		return;
	if (!views_external_free(call, given, view)) {
		cJSON_Delete(given);
		return;
	}
	view_redraw(call->fs, view, given);
	views_answer(call, view);
}

static void
views_publish(struct call *call)
{
	struct user *user = call_user(call, "user_id");
	const char *hash = call_string(call, "hash");
	cJSON *given;

	if (user == NULL)
		return;
	if (hash != NULL && user->home != NULL && strcmp(hash, user->home->hash) != 0) {
		call_fail(call, "hash_conflict");
		return;
	}
	if ((given = views_given(call, "home")) == NULL)
		return;
	view_home(call->fs, user, given);
	views_answer(call, user->home);
}

const struct method methods_views[] = {
	{ "views.open", views_open, 100, NULL, TOKEN_BOT },
	{ "views.push", views_push, 100, NULL, TOKEN_BOT },
	{ "views.update", views_update, 100, NULL, TOKEN_BOT },
	{ "views.publish", views_publish, 100, NULL, TOKEN_BOT },
	{ NULL, NULL, 0, NULL, TOKEN_BOT },
};

/* arguments.c - the names and forms of what is sent to each method. */

#include <string.h>

#include "base/unicode.h"
#include "arguments.h"
#include "limits.h"
#include "violation.h"

#define TEXT_ADVISED 4000	/* postMessage cuts at 40,000; more than this is advised against */

enum form {
	FORM_STRING,
	FORM_TEXT,	/* marked text, TEXT_ADVISED characters */
	FORM_PLACE,	/* C…, G…, D…; or a person, whose direct messages are meant */
	FORM_PERSON,
	FORM_STAMP,	/* 1763708400.123456 */
	FORM_SWITCH,
	FORM_NUMBER,
	FORM_JSON,	/* an object or array, or such a thing as a string in a form */
};

static const struct argument {
	const char *name;
	enum form form;
	int64_t most;	/* characters, or the number; 0: any */
} known[] = {
	{ "alt_text", FORM_STRING, 1000 }, { "attachments", FORM_JSON, 0 }, { "blocks", FORM_JSON, 0 },
	{ "channel", FORM_PLACE, 0 }, { "channel_id", FORM_PLACE, 0 }, { "cursor", FORM_STRING, 0 },
	{ "delete_original", FORM_SWITCH, 0 }, { "email", FORM_STRING, 0 },
	{ "exclude_archived", FORM_SWITCH, 0 }, { "external_id", FORM_STRING, 255 },
	{ "files", FORM_JSON, 0 }, { "filename", FORM_STRING, 255 }, { "hash", FORM_STRING, 0 },
	{ "include_all_metadata", FORM_SWITCH, 0 }, { "include_count", FORM_SWITCH, 0 },
	{ "include_disabled", FORM_SWITCH, 0 }, { "include_locale", FORM_SWITCH, 0 },
	{ "include_num_members", FORM_SWITCH, 0 }, { "include_users", FORM_SWITCH, 0 },
	{ "inclusive", FORM_SWITCH, 0 }, { "initial_comment", FORM_TEXT, 0 },
	{ "latest", FORM_STAMP, 0 }, { "length", FORM_NUMBER, 0 }, { "limit", FORM_NUMBER, 1000 },
	{ "link_names", FORM_SWITCH, 0 }, { "markdown_text", FORM_STRING, 12000 },
	{ "message_ts", FORM_STAMP, 0 }, { "metadata", FORM_JSON, 0 }, { "mrkdwn", FORM_SWITCH, 0 },
	{ "name", FORM_STRING, 0 }, { "oldest", FORM_STAMP, 0 }, { "parse", FORM_STRING, 0 },
	{ "replace_original", FORM_SWITCH, 0 }, { "reply_broadcast", FORM_SWITCH, 0 },
	{ "response_type", FORM_STRING, 0 }, { "snippet_type", FORM_STRING, 0 },
	{ "text", FORM_TEXT, 0 }, { "thread_ts", FORM_STAMP, 0 }, { "timestamp", FORM_STAMP, 0 },
	{ "trigger_id", FORM_STRING, 0 }, { "ts", FORM_STAMP, 0 }, { "types", FORM_STRING, 0 },
	{ "unfurl_links", FORM_SWITCH, 0 }, { "unfurl_media", FORM_SWITCH, 0 },
	{ "user", FORM_PERSON, 0 }, { "user_id", FORM_PERSON, 0 }, { "usergroup", FORM_STRING, 0 },
	{ "users", FORM_STRING, 0 }, { "view", FORM_JSON, 0 }, { "view_id", FORM_STRING, 0 },
};

#define MESSAGE "text blocks attachments markdown_text parse link_names "
#define UNFURL "unfurl_links unfurl_media mrkdwn "
#define PAGES "cursor limit "

static const struct {
	const char *name, *must, *may;
} methods[] = {
	{ "auth.test", "", "" },
	{ "apps.connections.open", "", "" },
	{ "chat.postMessage", "channel", MESSAGE UNFURL "thread_ts reply_broadcast metadata" },
	{ "chat.postEphemeral", "channel user", MESSAGE "thread_ts" },
	{ "chat.update", "channel ts", MESSAGE "metadata reply_broadcast" },
	{ "chat.delete", "channel ts", "" },
	{ "chat.getPermalink", "channel message_ts", "" },
	{ "views.open", "trigger_id view", "" },
	{ "views.push", "trigger_id view", "" },
	{ "views.update", "view", "view_id external_id hash" },
	{ "views.publish", "user_id view", "hash" },
	{ "conversations.info", "channel", "include_locale include_num_members" },
	{ "conversations.history", "channel", PAGES "include_all_metadata inclusive latest oldest" },
	{ "conversations.replies", "channel ts", PAGES "include_all_metadata inclusive latest oldest" },
	{ "conversations.list", "", PAGES "exclude_archived types" },
	{ "conversations.members", "channel", PAGES },
	{ "conversations.open", "", "channel users" },
	{ "conversations.join", "channel", "" },
	{ "users.info", "user", "include_locale" },
	{ "users.list", "", PAGES "include_locale" },
	{ "users.lookupByEmail", "email", "" },
	{ "usergroups.list", "", "include_count include_disabled include_users" },
	{ "usergroups.users.list", "usergroup", "include_disabled" },
	{ "reactions.add", "channel name timestamp", "" },
	{ "files.getUploadURLExternal", "filename length", "alt_text snippet_type" },
	{ "files.completeUploadExternal", "files", "channel_id thread_ts initial_comment blocks" },
	{ "response_url", "", MESSAGE UNFURL "response_type replace_original delete_original thread_ts" },
	{ "acknowledgement", "", MESSAGE UNFURL "response_type" },
};

/* ---- lists of names ------------------------------------------------------------------------ */

/* The next name of a list, and its length; NULL at the end. */
static const char *
next_name(const char *list, size_t *length)
{
	list += strspn(list, " ");
	*length = strcspn(list, " ");
	return *length > 0 ? list : NULL;
}

static bool
names_have(const char *list, const char *wanted)
{
	const char *name;
	size_t length;

	for (; (name = next_name(list, &length)) != NULL; list = name + length)
		if (strlen(wanted) == length && strncmp(name, wanted, length) == 0)
			return true;
	return false;
}

/* ---- forms --------------------------------------------------------------------------------- */

static bool
is_id(const char *s, const char *first)
{
	return s[0] != '\0' && strchr(first, s[0]) != NULL && s[1] != '\0' &&
	    s[strspn(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")] == '\0';
}

static bool
is_stamp(const char *s)
{
	size_t seconds = strspn(s, "0123456789");

	return seconds > 0 && (s[seconds] == '\0' ||
	    (s[seconds] == '.' && s[seconds + 1 + strspn(s + seconds + 1, "0123456789")] == '\0'));
}

static const char *
number_problem(const cJSON *value, int64_t most)
{
	const char *s = cJSON_GetStringValue(value);
	int64_t number = (int64_t)cJSON_GetNumberValue(value);

	if (s != NULL ? !string_number(s, 0, INT64_MAX, &number) : !cJSON_IsNumber(value))
		return "must be a number";
	return number < 1 || (most > 0 && number > most) ? "is outside of its range" : NULL;
}

static const char *
string_problem(const char *s, enum form form)
{
	switch (form) {
	case FORM_TEXT:
		return utf8_count(s) > TEXT_ADVISED ? "should not have more than 4,000 characters"
						    : mrkdwn_problem(s);
	case FORM_PLACE:
		return is_id(s, "CGDUW") ? NULL : "must be an id";
	case FORM_PERSON:
		return is_id(s, "UW") ? NULL : "must be the id of a person";
	case FORM_STAMP:
		return is_stamp(s) ? NULL : "must be a stamp such as 1763708400.123456";
	case FORM_SWITCH:
		return string_in(s, (const char *const[]){ "true", "false", "1", "0", NULL })
		    ? NULL : "must be true or false";
	case FORM_STRING:
	case FORM_NUMBER:
	case FORM_JSON:
		break;
	}
	return NULL;
}

static const char *
value_problem(const cJSON *value, const struct argument *argument)
{
	const char *s = cJSON_GetStringValue(value);

	if (argument->form == FORM_NUMBER)
		return number_problem(value, argument->most);
	if (argument->form == FORM_JSON)
		return s != NULL || cJSON_IsObject(value) || cJSON_IsArray(value)
		    ? NULL : "must be an object or an array";
	if (argument->form == FORM_SWITCH && cJSON_IsBool(value))
		return NULL;
	if (s == NULL)
		return "must be a string";
	if (argument->most > 0 && utf8_count(s) > (size_t)argument->most)
		return "is too long";
	return string_problem(s, argument->form);
}

/* ---- a call -------------------------------------------------------------------------------- */

static void
check_one(struct fake_slack *fs, const char *method, const cJSON *value, bool taken)
{
	const char *problem = taken ? "has no form here" : "is no argument of it";

	for (size_t i = 0; taken && i < COUNT(known); i++)
		if (strcmp(known[i].name, value->string) == 0)
			problem = value_problem(value, &known[i]);
	if (problem != NULL)
		violate(fs, method, "/%s %s", value->string, problem);
}

static void
check_missing(struct fake_slack *fs, const char *method, const cJSON *args, const char *must)
{
	const char *name;
	size_t length;

	for (; (name = next_name(must, &length)) != NULL; must = name + length) {
		_cleanup_(text_clear) struct text one = TEXT_INIT;

		text_add_bytes(&one, name, length);
		if (cJSON_GetObjectItemCaseSensitive(args, one.data) == NULL)
			violate(fs, method, "/%s is missing", one.data);
	}
}

/* What screen readers and notifications say. */
static void
check_fallback(struct fake_slack *fs, const char *method, const cJSON *args, const char *may)
{
	const char *text = json_string(args, "text");

	if (names_have(may, "text") && cJSON_GetObjectItemCaseSensitive(args, "blocks") != NULL &&
	    (text == NULL || *text == '\0'))
		violate(fs, method, "/text is missing: blocks alone notify with nothing");
}

void
arguments_check(struct fake_slack *fs, const char *method, const cJSON *args)
{
	const cJSON *value;

	for (size_t i = 0; i < COUNT(methods); i++) {
		if (strcmp(methods[i].name, method) != 0)
			continue;
		json_each(value, args)
			if (strcmp(value->string, "token") != 0)
				check_one(fs, method, value, names_have(methods[i].must,
				    value->string) || names_have(methods[i].may, value->string));
		check_missing(fs, method, args, methods[i].must);
		check_fallback(fs, method, args, methods[i].may);
	}
}

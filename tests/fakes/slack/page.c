/*
 * page.c - the loopback web page: channels as a phone would show them, with real buttons.
 *
 * The page asks for page.json again and again; markup is taken apart here (mrkdwn.c), so that the
 * page itself only sets textContent.  Acts come as JSON with that content type, which no foreign
 * site can send without being asked first, and only under the names of this machine.
 */

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "actor.h"
#include "page.h"
#include "server.h"
#include "view.h"

/* The file itself, from where the Makefile stands. */
__asm__(".section .rodata\n"
	".global page_html_start\npage_html_start:\n"
	".incbin \"tests/fakes/slack/page.html\"\n"
	".global page_html_end\npage_html_end:\n"
	".byte 0\n.previous\n");
extern const char page_html_start[], page_html_end[];

static const char page_headers[] = "cache-control: no-store\r\nx-content-type-options: nosniff\r\n"
    "referrer-policy: no-referrer\r\ncontent-security-policy: default-src 'none'; "
    "style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'\r\n";

static void
page_error(struct exchange *x, int status, const char *words)
{
	exchange_answer(x, status, "text/plain; charset=utf-8", NULL, words, strlen(words));
}

static void
page_json_answer(struct exchange *x, cJSON *json)
{
	_cleanup_(text_clear) struct text text = TEXT_INIT_LIMIT(MEGABYTES(16));

	json_print(&text, json);
	cJSON_Delete(json);
	exchange_answer(x, 200, "application/json; charset=utf-8", "cache-control: no-store\r\n",
	    text.data, text.length);
}

/* Names of this machine only: a foreign name that resolves to 127.0.0.1 is somebody else's page. */
static bool
page_host_ours(const struct exchange *x)
{
	static const char *const ours[] = { "127.0.0.1", "localhost", "[::1]" };
	size_t length;

	for (size_t i = 0; x->host != NULL && i < COUNT(ours); i++) {
		length = strlen(ours[i]);
		if (strncasecmp(x->host, ours[i], length) == 0
		    && (x->host[length] == ':' || x->host[length] == '\0'))
			return true;
	}
	return false;
}

/* ---- what it shows ------------------------------------------------------------------------- */

static void
page_people(struct fake_slack *fs, cJSON *page)
{
	cJSON *people = json_add_array(page, "people"), *person;
	const struct workspace *w = &fs->workspace;

	for (size_t i = 0; i < w->users.count; i++) {
		const struct fake_slack_user *user = &w->users.item[i]->seen;

		if (user->is_bot || user->deleted || strcmp(user->id, SLACKBOT) == 0)
			continue;
		person = json_add_object(people, NULL);
		json_add_string(person, "id", user->id);
		json_add_stringf(person, "label", "%s%s", user->name,
		    user_is_guest(w->users.item[i]) ? " (guest)"
		    : strcmp(user_team(w->users.item[i]), TEAM) != 0 ? " (other company)" : "");
	}
}

static unsigned
page_last(struct fake_slack *fs, const struct channel *channel, const struct user *user)
{
	for (size_t i = channel->messages.count; i-- > 0;)
		if (fake_slack_sees(fs, user->seen.id, &channel->messages.item[i]->seen))
			return channel->messages.item[i]->seen.number;
	return 0;
}

static void
page_places(struct fake_slack *fs, cJSON *page, struct user *user)
{
	static const char *const marks[] = {
		[FAKE_PUBLIC] = "# ", [FAKE_PRIVATE] = "🔒 ", [FAKE_DIRECT] = "",
	};
	cJSON *places = json_add_array(page, "places"), *place;
	const struct workspace *w = &fs->workspace;

	channel_direct(fs, user);
	for (size_t i = 0; i < w->channels.count; i++) {
		const struct channel *channel = w->channels.item[i];
		bool direct = channel->seen.kind == FAKE_DIRECT;

		if (!channel_has(fs, channel, user))
			continue;
		place = json_add_object(places, NULL);
		json_add_string(place, "id", channel->seen.id);
		json_add_stringf(place, "label", "%s%s", marks[channel->seen.kind],
		    direct ? fake_slack_bot(fs)->name : channel->seen.name);
		json_add_bool(place, "direct", direct);
		json_add_number(place, "last", page_last(fs, channel, user));
	}
}

static bool
page_shows(struct fake_slack *fs, const struct message *message, const struct user *user,
    int64_t thread)
{
	if (!fake_slack_sees(fs, user->seen.id, &message->seen))
		return false;
	if (thread != 0)
		return message->micros == thread || message->thread_micros == thread;
	return message->thread_micros == 0 || message->broadcast;
}

static void
page_messages(struct fake_slack *fs, cJSON *page, const struct channel *channel,
    const struct user *user, int64_t thread)
{
	cJSON *messages = json_add_array(page, "messages");
	size_t first = channel->messages.count > 300 ? channel->messages.count - 300 : 0;

	for (size_t i = first; i < channel->messages.count; i++)
		if (page_shows(fs, channel->messages.item[i], user, thread))
			cJSON_AddItemToArray(messages,
			    page_message_json(fs, channel->messages.item[i]));
}

static void
page_json(struct exchange *x)
{
	struct fake_slack *fs = x->fs;
	struct user *user = user_by_id(fs, json_string_or(x->query, "as", "U0ANN"));
	struct channel *channel = channel_by_id(fs, json_string(x->query, "in"));
	cJSON *page = cJSON_CreateObject();
	int64_t thread = 0, since;

	json_add_number(page, "serial", (double)fs->serial);
	if (string_number(json_string_or(x->query, "since", "-1"), 0, INT64_MAX, &since)
	    && (uint64_t)since == fs->serial) {
		page_json_answer(x, page);
		return;
	}
	if (user == NULL)
		user = user_by_id(fs, fs->workspace.users.item[0]->seen.id);
	if (channel == NULL || !channel_has(fs, channel, user))
		channel = channel_direct(fs, user);
	ts_read(json_string(x->query, "thread"), &thread);
	page_people(fs, page);
	page_places(fs, page, user);
	page_messages(fs, page, channel, user, thread);
	json_add_number(page, "links", (double)fake_slack_links(fs));
	if (view_top(fs, user) != NULL)
		cJSON_AddItemToObject(page, "view", page_view_json(fs, view_top(fs, user)));
	else
		cJSON_AddNullToObject(page, "view");
	cJSON_ReplaceItemInObjectCaseSensitive(
	    page, "serial", cJSON_CreateNumber((double)fs->serial));
	page_json_answer(x, page);
}

/* ---- what people do there ------------------------------------------------------------------ */

static bool
act_say(struct fake_slack *fs, const char *who, const cJSON *act, struct error *err)
{
	const char *where = json_string_or(act, "channel", ""),
		   *words = json_string_or(act, "text", "");
	const char *thread = json_string(act, "thread");

	if (*words == '/' && thread != NULL)
		return refuse(
		    err, "Slack runs no slash commands in a thread; mention the bot instead.");
	if (*words == '/')
		return fake_slack_slash(fs, who, where, words, err) != 0;
	return fake_slack_says(fs, who, where, thread, words, err) != NULL;
}

static bool
act_press(struct fake_slack *fs, const char *who, const cJSON *act, struct error *err)
{
	const struct fake_slack_message *message = fake_slack_message(fs,
	    json_string_or(act, "channel", ""), json_string(act, "ts"));

	if (message == NULL)
		return wrong(err, "That message is not there any more.");
	return fake_slack_press(fs, who, message, json_string_or(act, "label", ""), err) != 0;
}

static bool
act_submit(struct fake_slack *fs, const char *who, const cJSON *act, struct error *err)
{
	const cJSON *values = json_at(act, "values"), *value;
	const char *pairs[2 * 100 + 1] = { NULL };
	size_t count = 0;

	json_each(value, values)
		if (cJSON_IsString(value) && count < COUNT(pairs) - 1)
			pairs[count++] = value->valuestring;
	if (count % 2 != 0)
		return wrong(err, "values come in pairs");
	return fake_slack_submit(fs, who, pairs, err) != 0;
}

/* Bad days, for those who try their own bot with the program: {"do":"trouble","kind":"drop"}. */
static bool
act_trouble(struct fake_slack *fs, const cJSON *act, struct error *err)
{
	static const char *const kinds[] = {
		[FAKE_WARNING] = "warning", [FAKE_REFRESH] = "refresh",
		[FAKE_LINK_DISABLED] = "link_disabled", [FAKE_TOO_MANY] = "too_many",
		[FAKE_DROP] = "drop", [FAKE_FIN] = "fin", [FAKE_STALL] = "stall",
		[FAKE_CLOSE] = "close",
	};
	const char *kind = json_string_or(act, "kind", "");

	for (size_t i = 0; i < COUNT(kinds); i++)
		if (strcmp(kinds[i], kind) == 0) {
			fake_slack_trouble(fs, (enum fake_slack_trouble)i);
			return true;
		}
	return wrong(err, "there is no trouble \"%s\"", kind);
}

/* {"do":"fault","method":"chat.postMessage","kind":"ratelimited","calls":2} */
static bool
act_fault(struct fake_slack *fs, const cJSON *act, struct error *err)
{
	static const char *const kinds[] = {
		[FAKE_RATE_LIMITED] = "ratelimited", [FAKE_STATUS] = "status", [FAKE_HTML] = "html",
		[FAKE_ERROR] = "error", [FAKE_HANG] = "hang", [FAKE_CUT] = "cut",
		[FAKE_GARBAGE] = "garbage",
	};
	const char *kind = json_string_or(act, "kind", "");
	struct fake_slack_fault_options options = {
		.calls = (unsigned)json_integer(act, "calls", 1),
		.done = json_bool(act, "done", false),
		.status = (int)json_integer(act, "status", 0),
		.retry_after = (int)json_integer(act, "retry_after", 0),
		.error = json_string(act, "error"),
	};

	for (size_t i = 0; i < COUNT(kinds); i++)
		if (strcmp(kinds[i], kind) == 0) {
			options.fault = (enum fake_slack_fault)i;
			fake_slack_fault(fs, json_string_or(act, "method", "*"), &options);
			return true;
		}
	return wrong(err, "there is no fault \"%s\"", kind);
}

static bool
act_close(struct fake_slack *fs, const char *who, struct error *err)
{
	fake_slack_close_view(fs, who, false, err);
	return true;
}

static bool
act_do(struct fake_slack *fs, const cJSON *act, struct error *err)
{
	const char *what = json_string_or(act, "do", ""), *who = json_string_or(act, "as", "");
	const char *label = json_string_or(act, "label", "");

	if (strcmp(what, "say") == 0)
		return act_say(fs, who, act, err);
	if (strcmp(what, "press") == 0)
		return act_press(fs, who, act, err);
	if (strcmp(what, "press_in_view") == 0)
		return fake_slack_press_in_view(fs, who, label, err) != 0;
	if (strcmp(what, "submit") == 0)
		return act_submit(fs, who, act, err);
	if (strcmp(what, "close") == 0)
		return act_close(fs, who, err);
	if (strcmp(what, "trouble") == 0)
		return act_trouble(fs, act, err);
	if (strcmp(what, "fault") == 0)
		return act_fault(fs, act, err);
	return wrong(err, "nobody can \"%s\" here", what);
}

static void
page_act(struct exchange *x)
{
	_cleanup_(json_freep) cJSON *act = NULL;
	cJSON *answer = cJSON_CreateObject();
	struct error err = ERROR_INIT;
	bool done = false;

	if (!x->post || x->type == NULL || !string_starts(x->type, "application/json"))
		wrong(&err, "an act is a POST of application/json");
	else if ((act = json_parse(x->body.data, x->body.length, &err)) != NULL)
		done = act_do(x->fs, act, &err);
	json_add_bool(answer, "ok", done);
	if (!done)
		json_add_string(answer, "error", err.text);
	page_json_answer(x, answer);
}

void
page_handle(struct exchange *x)
{
	if (!page_host_ours(x))
		page_error(x, 403, "This page answers to 127.0.0.1 and localhost only.\n");
	else if (strcmp(x->path, "/") == 0)
		exchange_answer(x, 200, "text/html; charset=utf-8", page_headers, page_html_start,
		    (size_t)(page_html_end - page_html_start));
	else if (strcmp(x->path, "/page.json") == 0)
		page_json(x);
	else if (strcmp(x->path, "/page/act") == 0)
		page_act(x);
	else
		page_error(x, 404, "There is nothing here.\n");
}

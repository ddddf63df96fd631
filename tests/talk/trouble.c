/*
 * trouble.c - `slack …`: good and bad days of the Slack.
 *
 *	slack drop | fin | stall | close | warning | refresh | disabled | too-many [newest]
 *	slack enable			after disabled
 *	slack hello after 3s | never	what new connections get
 *	slack refuses N links		the next N upgrades get a 503
 *	slack fragments N | pads N	messages in N frames; envelopes of at least N bytes
 *	slack 429 METHOD [N] [retry S]	the next N calls (1) are refused for S seconds
 *	slack status METHOD 500 [N]	an HTML page with that status
 *	slack error METHOD NAME [N]	{"ok": false, "error": NAME}
 *	slack html | hang | cut | garbage METHOD [N]
 *		`done` after METHOD: the call has its effect first; `skip M`: after M good ones
 *	slack releases			hanging calls are answered
 *	slack recovers			no faults any more
 *	slack redelivers		the last envelope once more
 *	slack revokes ERROR | scopes "a,b" | limits off
 *	slack team T0ID			the bot token is of that workspace now
 *	slack event { JSON }		an inner event
 *	slack user @NAME { guest | deactivated | stranger | email ADDRESS | unconfirmed }
 *	slack group @HANDLE @USER…	who is in it from now on
 *	slack forges "text" in #channel [with button "Label" ACTION "VALUE"]
 *					a message under the bot's name that rollcall did not write
 *	slack copies "text" to #channel
 *	slack repeats "text" as KEY	a post of rollcall's, with this key, carried out twice
 *
 * METHOD as in fake_slack.h: chat.postMessage, response_url, upload, * …
 */

#include "trouble.h"

#include <string.h>

#include "actors.h"
#include "waiting.h"

/* ---- links ---- */

static bool
link_trouble(struct talk *talk, struct reader *reader, bool *done)
{
	static const struct {
		const char *word;
		enum fake_slack_trouble trouble;
	} troubles[] = { { "drop", FAKE_DROP }, { "fin", FAKE_FIN }, { "stall", FAKE_STALL },
		{ "close", FAKE_CLOSE }, { "warning", FAKE_WARNING }, { "refresh", FAKE_REFRESH },
		{ "disabled", FAKE_LINK_DISABLED }, { "too-many", FAKE_TOO_MANY } };

	for (size_t i = 0; i < COUNT(troubles); i++)
		if (take_word(reader, troubles[i].word)) {
			talk->troubled = true;
			if (take_word(reader, "newest"))
				fake_slack_trouble_newest(talk->slack, troubles[i].trouble);
			else
				fake_slack_trouble(talk->slack, troubles[i].trouble);
			return *done = true;
		}
	return false;
}

static bool
hello(struct talk *talk, struct reader *reader, struct error *err)
{
	int64_t ms = -1;

	talk->troubled = true;
	if (!take_word(reader, "never") &&
	    (!take_word(reader, "after") || !take_duration(reader, &ms)))
		return reader_wrong(reader, err, "never or after TIME");
	fake_slack_hello_after(talk->slack, ms);
	return true;
}

static bool
counted(struct talk *talk, struct reader *reader, struct error *err,
    void (*set)(struct fake_slack *, unsigned))
{
	int64_t number;

	if (!take_number(reader, &number))
		return reader_wrong(reader, err, "a number");
	set(talk->slack, (unsigned)number);
	(void)take_word(reader, "links");
	return true;
}

static bool
refuses(struct talk *talk, struct reader *reader, struct error *err)
{
	talk->troubled = true;
	return counted(talk, reader, err, fake_slack_refuse_links);
}

static bool
fragments(struct talk *talk, struct reader *reader, struct error *err)
{
	return counted(talk, reader, err, fake_slack_fragment);
}

static bool
pads(struct talk *talk, struct reader *reader, struct error *err)
{
	int64_t bytes;

	if (!take_number(reader, &bytes))
		return reader_wrong(reader, err, "a number");
	fake_slack_pad(talk->slack, (size_t)bytes);
	return true;
}

/* ---- calls ---- */

static bool
read_details(struct fake_slack_fault_options *options, struct reader *reader, struct error *err)
{
	int64_t number;

	if (options->fault == FAKE_STATUS) {
		if (!take_number(reader, &number))
			return reader_wrong(reader, err, "a status");
		options->status = (int)number;
	}
	if (options->fault == FAKE_ERROR && (options->error = take_any(reader)) == NULL)
		return reader_wrong(reader, err, "an error's name");
	options->done = take_word(reader, "done");
	if (take_number(reader, &number))
		options->calls = (unsigned)number;
	if (take_word(reader, "skip") && take_number(reader, &number))
		options->skip = (unsigned)number;
	if (take_word(reader, "retry") && take_number(reader, &number))
		options->retry_after = (int)number;
	return true;
}

static bool
call_fault(struct talk *talk, struct reader *reader, bool *done, struct error *err)
{
	static const struct {
		const char *word;
		enum fake_slack_fault fault;
	} faults[] = { { "429", FAKE_RATE_LIMITED }, { "status", FAKE_STATUS },
		{ "html", FAKE_HTML }, { "error", FAKE_ERROR }, { "hang", FAKE_HANG },
		{ "cut", FAKE_CUT }, { "garbage", FAKE_GARBAGE } };
	struct fake_slack_fault_options options = { 0 };
	const char *method;

	for (size_t i = 0; i < COUNT(faults); i++)
		if (take_word(reader, faults[i].word)) {
			*done = true;
			options.fault = faults[i].fault;
			if ((method = take_any(reader)) == NULL)
				return reader_wrong(reader, err, "a method");
			if (!read_details(&options, reader, err))
				return false;
			fake_slack_fault(talk->slack, method, &options);
			return true;
		}
	return false;
}

static bool
releases(struct talk *talk, struct reader *reader, struct error *err)
{
	(void)reader;
	(void)err;
	fake_slack_release(talk->slack);
	return true;
}

static bool
recovers(struct talk *talk, struct reader *reader, struct error *err)
{
	(void)reader;
	(void)err;
	fake_slack_no_faults(talk->slack);
	fake_slack_revoke(talk->slack, NULL);
	fake_slack_hello_after(talk->slack, 0);
	return true;
}

static bool
enables(struct talk *talk, struct reader *reader, struct error *err)
{
	(void)reader;
	(void)err;
	fake_slack_enable(talk->slack);
	return true;
}

static bool
redelivers(struct talk *talk, struct reader *reader, struct error *err)
{
	(void)reader;
	return fake_slack_redeliver(talk->slack, fake_slack_last_delivery(talk->slack), err);
}

static bool
revokes(struct talk *talk, struct reader *reader, struct error *err)
{
	const char *error = take_any(reader);

	if (error == NULL)
		return reader_wrong(reader, err, "an error's name");
	fake_slack_revoke(talk->slack, error);
	return true;
}

static bool
team(struct talk *talk, struct reader *reader, struct error *err)
{
	const char *id = take_starting(reader, "T");

	if (id == NULL)
		return reader_wrong(reader, err, "the id of a workspace");
	fake_slack_team(talk->slack, id);
	return true;
}

static bool
scopes(struct talk *talk, struct reader *reader, struct error *err)
{
	const char *list = take_text(reader);

	if (list == NULL)
		return reader_wrong(reader, err, "quoted scopes");
	fake_slack_scopes(talk->slack, list);
	return true;
}

static bool
limits(struct talk *talk, struct reader *reader, struct error *err)
{
	bool off = take_word(reader, "off");

	if (!off && !take_word(reader, "on"))
		return reader_wrong(reader, err, "off or on");
	fake_slack_unlimited(talk->slack, off);
	return true;
}

/* ---- the workspace ---- */

static bool
event(struct talk *talk, struct reader *reader, struct error *err)
{
	const struct token *block = take_block(reader);
	_cleanup_(json_freep) cJSON *json = NULL;
	const char *text;

	if (block == NULL)
		return reader_wrong(reader, err, "a block of JSON");
	text = arena_printf(talk->arena, "{%s}", block->text);
	if ((json = json_parse(text, strlen(text), err)) == NULL)
		return false;
	fake_slack_event(talk->slack, json);
	return true;
}

static const char *
new_id(struct talk *talk, const char *name)
{
	char *id = arena_printf(talk->arena, "U0%s", name);

	for (char *c = id; *c != '\0'; c++)
		if (*c >= 'a' && *c <= 'z')
			*c = (char)(*c - 'a' + 'A');
	return id;
}

static bool
user(struct talk *talk, struct reader *reader, struct error *err)
{
	const char *who = take_starting(reader, "@");
	const struct token *block = take_block(reader);
	const struct fake_slack_user *old;
	struct fake_slack_user changed;
	const char *email;

	if (who == NULL || block == NULL)
		return reader_wrong(reader, err, "@name and a block");
	if ((old = fake_slack_user(talk->slack, who)) == NULL)
		changed = (struct fake_slack_user){ .name = who + 1, .real_name = who + 1,
			.id = new_id(talk, who + 1) };
	else
		changed = *old;
	changed.is_restricted = strstr(block->text, "guest") != NULL;
	changed.deleted = strstr(block->text, "deactivated") != NULL;
	changed.team = strstr(block->text, "stranger") != NULL ? "T0OTHER" : NULL;
	changed.email_unconfirmed = strstr(block->text, "unconfirmed") != NULL;
	if ((email = strstr(block->text, "email ")) != NULL) {
		email += strlen("email ");
		changed.email = arena_copy(talk->arena, email, strcspn(email, " \t\n"));
	}
	fake_slack_put_user(talk->slack, &changed);
	return true;
}

static bool
group(struct talk *talk, struct reader *reader, struct error *err)
{
	const char *handle = take_starting(reader, "@"), *who, *users[32] = { NULL };
	const struct fake_slack_user *one;
	struct fake_slack_group changed = { 0 };
	const struct fake_slack_group *old;
	size_t count = 0;

	if (handle == NULL)
		return reader_wrong(reader, err, "@handle");
	while ((who = take_starting(reader, "@")) != NULL && count + 1 < COUNT(users)) {
		if ((one = fake_slack_user(talk->slack, who)) == NULL)
			return wrong(err, "nobody is called %s", who);
		users[count++] = one->id;
	}
	if ((old = fake_slack_group(talk->slack, handle)) != NULL)
		changed = *old;
	else
		changed = (struct fake_slack_group){ .name = handle + 1, .handle = handle + 1,
			.id = arena_printf(talk->arena, "S0%s", handle + 1) };
	changed.users = users;
	fake_slack_put_group(talk->slack, &changed);
	return true;
}

/* As a thief of the bot's token would draw it, who knows how our cards look. */
static cJSON *
forged_blocks(const char *text, const char *label, const char *action, const char *value)
{
	cJSON *blocks = cJSON_CreateArray(), *section = json_add_object(blocks, NULL), *row, *button, *part;

	json_add_string(section, "type", "section");
	part = json_add_object(section, "text");
	json_add_string(part, "type", "mrkdwn");
	json_add_string(part, "text", text);
	row = json_add_object(blocks, NULL);
	json_add_string(row, "type", "actions");
	json_add_string(row, "block_id", "R-1:row1:do:00000000.0000000000000000000000000000000000000000000000000000000000000000");
	button = json_add_object(json_add_array(row, "elements"), NULL);
	json_add_string(button, "type", "button");
	json_add_string(button, "action_id", action);
	json_add_string(button, "value", value);
	part = json_add_object(button, "text");
	json_add_string(part, "type", "plain_text");
	json_add_string(part, "text", label);
	return blocks;
}

static bool
forges(struct talk *talk, struct reader *reader, struct error *err)
{
	const char *text = take_text(reader), *where, *label, *action, *value;
	_cleanup_(json_freep) cJSON *blocks = NULL;

	if (text == NULL || !take_word(reader, "in") || (where = take_starting(reader, "#")) == NULL)
		return reader_wrong(reader, err, "\"text\" in #channel");
	if (!take_word(reader, "with")) {
		fake_slack_forge(talk->slack, where, text, NULL);
		return true;
	}
	if (!take_word(reader, "button") || (label = take_text(reader)) == NULL ||
	    (action = take_any(reader)) == NULL || (value = take_text(reader)) == NULL)
		return reader_wrong(reader, err, "with button \"Label\" ACTION \"VALUE\"");
	blocks = forged_blocks(text, label, action, value);
	fake_slack_forge(talk->slack, where, text, blocks);
	talk_note_place(talk, where);
	return true;
}

static bool
copies(struct talk *talk, struct reader *reader, struct error *err)
{
	const char *text = take_text(reader), *where;
	const struct fake_slack_message *message = NULL;

	if (text == NULL || !take_word(reader, "to") || (where = take_starting(reader, "#")) == NULL)
		return reader_wrong(reader, err, "\"text\" to #channel");
	for (size_t i = 0; i < talk->places.count && message == NULL; i++)
		message = message_with(talk, talk->places.item[i], text, NULL);
	if (message == NULL)
		return failed(err, "no message with “%s”", text);
	talk_note_place(talk, where);
	return fake_slack_copy(talk->slack, message, where, err) != NULL;
}

static bool
repeats(struct talk *talk, struct reader *reader, struct error *err)
{
	const char *text = take_text(reader), *key;
	const struct fake_slack_message *message = NULL;

	if (text == NULL || !take_word(reader, "as") || (key = take_any(reader)) == NULL)
		return reader_wrong(reader, err, "\"text\" as KEY");
	for (size_t i = 0; i < talk->places.count && message == NULL; i++)
		message = message_with(talk, talk->places.item[i], text, NULL);
	if (message == NULL)
		return failed(err, "no message with “%s”", text);
	fake_slack_twin(talk->slack, message, key);
	return true;
}

static bool
other(struct talk *talk, struct reader *reader, struct error *err)
{
	static const struct {
		const char *word;
		bool (*run)(struct talk *, struct reader *, struct error *);
	} verbs[] = { { "hello", hello }, { "refuses", refuses }, { "fragments", fragments },
		{ "pads", pads }, { "releases", releases }, { "recovers", recovers },
		{ "enable", enables }, { "redelivers", redelivers }, { "revokes", revokes },
		{ "scopes", scopes }, { "team", team }, { "limits", limits }, { "event", event }, { "user", user },
		{ "group", group }, { "forges", forges }, { "copies", copies }, { "repeats", repeats } };

	for (size_t i = 0; i < COUNT(verbs); i++)
		if (take_word(reader, verbs[i].word))
			return verbs[i].run(talk, reader, err);
	return reader_wrong(reader, err, "what happens to Slack (trouble.c has the list)");
}

bool
trouble_run(struct talk *talk, struct reader *reader, struct error *err)
{
	bool done = false;

	if (!link_trouble(talk, reader, &done) && !done && !call_fault(talk, reader, &done, err)) {
		if (done || !other(talk, reader, err))
			return false;
	}
	return take_end(reader, err);
}

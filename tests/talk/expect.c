/*
 * expect.c - what must be seen, and what must not.
 *
 * Each subject (a channel, a thread, a person, a tool …) counts how often the wanted text or event is
 * there.  "expect X" waits until it is there; with a count, and for "expect no", everything must have
 * become quiet before it is judged, since more might be on its way.
 */

#include <string.h>

#include "actors.h"
#include "base/pattern.h"
#include "expect.h"
#include "match.h"
#include "process.h"
#include "tools.h"
#include "torture.h"
#include "waiting.h"

enum many { AT_LEAST_ONE, EXACTLY, AT_MOST, AT_LEAST };

struct expectation {
	struct talk *talk;
	struct arena *scratch;
	int64_t (*count)(struct expectation *);
	const char *subject, *where, *wanted, *who, *name, *button;
	bool no;
	enum many many;
	int64_t times, within, seen;
};

/* ---- messages ---- */

static const char *
rendered(struct expectation *expectation, const struct fake_slack_message *message)
{
	return fake_slack_render(expectation->talk->slack, expectation->scratch, message);
}

/* What rollcall wrote, for everybody, and what is still there. */
static bool
is_public(const struct fake_slack_message *message)
{
	return message->bot_id != NULL && !message->deleted && message->only_for == NULL &&
	    !message->forged;
}

static int64_t
count_channel(struct expectation *expectation)
{
	const struct fake_slack_message *message = NULL;
	int64_t count = 0;

	while ((message = fake_slack_next_message(expectation->talk->slack, expectation->where,
		    message)) != NULL)
		count += is_public(message) &&
		    match_text(expectation->wanted, rendered(expectation, message));
	return count;
}

static int64_t
count_thread(struct expectation *expectation)
{
	struct talk *talk = expectation->talk;
	const struct fake_slack_message *parent, *message = NULL;
	int64_t count = 0;

	parent = message_with(talk, expectation->where, expectation->name, NULL);
	if (parent == NULL)
		return 0;
	while ((message = fake_slack_next_in_thread(talk->slack, parent, message)) != NULL)
		count += message != parent && message->thread_ts != NULL && is_public(message) &&
		    match_text(expectation->wanted, rendered(expectation, message));
	return count;
}

static int64_t
count_ephemeral(struct expectation *expectation, const char *where, const char *id)
{
	const struct fake_slack_message *message = NULL;
	int64_t count = 0;

	while ((message = fake_slack_next_message(expectation->talk->slack, where, message)) != NULL)
		count += !message->deleted && message->only_for != NULL &&
		    string_equal(message->only_for, id) &&
		    match_text(expectation->wanted, rendered(expectation, message));
	return count;
}

static int64_t
count_direct(struct expectation *expectation)
{
	expectation->where = expectation->who;
	return count_channel(expectation);
}

static int64_t
count_dialog(struct expectation *expectation)
{
	struct talk *talk = expectation->talk;
	const struct fake_slack_view *view = fake_slack_view(talk->slack, expectation->who);

	if (view == NULL)
		return 0;
	return match_text(expectation->wanted,
	    fake_slack_render_view(talk->slack, expectation->scratch, view)) ||
	    (view->problem != NULL && match_text(expectation->wanted, view->problem));
}

static int64_t
count_home(struct expectation *expectation)
{
	struct talk *talk = expectation->talk;
	const struct fake_slack_view *view = fake_slack_home(talk->slack, expectation->who);

	return view != NULL && match_text(expectation->wanted,
	    fake_slack_render_view(talk->slack, expectation->scratch, view));
}

/* What Slack itself showed: "operation_timeout" and the like. */
static int64_t
count_problems(struct expectation *expectation, const char *id)
{
	struct talk *talk = expectation->talk;
	const struct fake_slack_delivery *delivery;
	int64_t count = 0;

	for (unsigned n = fake_slack_last_delivery(talk->slack); n > 0; n--) {
		delivery = fake_slack_delivery(talk->slack, n);
		count += delivery != NULL && delivery->problem != NULL &&
		    string_equal(delivery->user, id) &&
		    match_text(expectation->wanted, delivery->problem);
	}
	return count;
}

static int64_t
count_seen(struct expectation *expectation)
{
	struct talk *talk = expectation->talk;
	const char *id = fake_slack_user(talk->slack, expectation->who)->id;
	int64_t count = count_direct(expectation) + count_dialog(expectation) +
	    count_problems(expectation, id);

	for (size_t i = 0; i < talk->places.count; i++)
		count += count_ephemeral(expectation, talk->places.item[i], id);
	return count;
}

static int64_t
count_notified(struct expectation *expectation)
{
	struct talk *talk = expectation->talk;
	const struct fake_slack_message *message = NULL;
	int64_t count = 0;

	for (size_t i = 0; i < talk->places.count; i++)
		while ((message = fake_slack_next_message(talk->slack, talk->places.item[i],
			    message)) != NULL)
			count += !message->deleted &&
			    fake_slack_notifies(talk->slack, message, expectation->who) &&
			    match_text(expectation->wanted, rendered(expectation, message));
	return count;
}

/* The message that tells the end bears the same words in its first line; only a card is drawn anew. */
static bool
is_card(const struct fake_slack_message *message)
{
	return json_integer(message->metadata, "event_payload.n", 0) > 0;
}

static bool
newer_card(const struct fake_slack_message *message, const struct fake_slack_message *than)
{
	if (is_card(message) != is_card(than))
		return is_card(message);
	return message->number > than->number;
}

static const struct fake_slack_message *
newest_card(struct expectation *expectation)
{
	const struct fake_slack_message *message = NULL, *found = NULL;
	struct talk *talk = expectation->talk;
	const char *text;

	for (size_t i = 0; i < talk->places.count; i++)
		while ((message = fake_slack_next_message(talk->slack, talk->places.item[i],
			    message)) != NULL) {
			if (!is_public(message) || message->thread_ts != NULL)
				continue;
			text = rendered(expectation, message);
			text = arena_copy(expectation->scratch, text, strcspn(text, "\n"));
			if (match_text(expectation->name, text) &&
			    (found == NULL || newer_card(message, found)))
				found = message;
		}
	return found;
}

static int64_t
count_card(struct expectation *expectation)
{
	const struct fake_slack_message *card = newest_card(expectation);

	if (card == NULL)
		return 0;
	if (expectation->button != NULL)
		return message_has_button(card, expectation->button);
	return expectation->wanted == NULL ||
	    match_text(expectation->wanted, rendered(expectation, card));
}

static int64_t
count_shared(struct expectation *expectation)
{
	const struct fake_slack_file *file = NULL;
	int64_t count = 0;

	while ((file = fake_slack_next_file(expectation->talk->slack, file)) != NULL)
		count += file->completed && glob_matches(expectation->name, file->name) &&
		    (expectation->wanted == NULL ||
			match_text(expectation->wanted,
			    arena_copy(expectation->scratch, file->bytes, file->length)));
	return count;
}

/* ---- the rest of the world ---- */

static int64_t
count_tool(struct expectation *expectation)
{
	return (int64_t)tools_ran(expectation->talk, expectation->name, expectation->wanted, false);
}

static int64_t
count_held(struct expectation *expectation)
{
	return (int64_t)tools_ran(expectation->talk, expectation->name, expectation->wanted, true);
}

static int64_t
count_calls(struct expectation *expectation)
{
	return fake_slack_calls(expectation->talk->slack, expectation->name);
}

static int64_t
count_log(struct expectation *expectation)
{
	const char *line = expectation->talk->log.data;
	int64_t count = 0;
	size_t length;

	for (; *line != '\0'; line += length + (line[length] == '\n')) {
		length = strcspn(line, "\n");
		count += match_text(expectation->wanted,
		    arena_copy(expectation->scratch, line, length));
	}
	return count;
}

static int64_t
count_file(struct expectation *expectation)
{
	const char *bytes = talk_file(expectation->talk, expectation->name, false, NULL, NULL);

	return bytes != NULL &&
	    (expectation->wanted == NULL || match_text(expectation->wanted, bytes));
}

static bool
output_has(const struct process *process, const char *wanted)
{
	return process != NULL && (match_text(wanted, process->own_out.data) ||
	    match_text(wanted, process->own_errors.data));
}

static int64_t
count_asked(struct expectation *expectation)
{
	return output_has(expectation->talk->asked, expectation->wanted);
}

static int64_t
count_console(struct expectation *expectation)
{
	return output_has(expectation->talk->console, expectation->wanted);
}

static int64_t
count_exit(struct expectation *expectation)
{
	const struct process *asked = expectation->talk->asked;

	return asked != NULL && process_over(asked) && asked->exit == expectation->times;
}

/* ---- reading the statement ---- */

static bool
read_wanted(struct expectation *expectation, struct reader *reader, struct error *err)
{
	if (!take_word(reader, "~") || (expectation->wanted = take_text(reader)) == NULL)
		return reader_wrong(reader, err, "~ \"…\"");
	return true;
}

static bool
maybe_wanted(struct expectation *expectation, struct reader *reader, struct error *err)
{
	const struct token *token = reader_peek(reader);

	return token == NULL || !string_equal(token->text, "~") ||
	    read_wanted(expectation, reader, err);
}

/* "3 times", "at most 3 times", "at least 3 times"; or nothing. */
static bool
read_times(struct expectation *expectation, struct reader *reader, struct error *err)
{
	enum many many = EXACTLY;

	if (take_words(reader, "at most"))
		many = AT_MOST;
	else if (take_words(reader, "at least"))
		many = AT_LEAST;
	if (!take_number(reader, &expectation->times))
		return many == EXACTLY || reader_wrong(reader, err, "a number");
	expectation->many = many;
	if (!take_word(reader, "times") && !take_word(reader, "time"))
		return reader_wrong(reader, err, "times");
	return true;
}

static bool
read_channel(struct expectation *expectation, struct reader *reader, struct error *err)
{
	expectation->where = take_starting(reader, "#");
	talk_note_place(expectation->talk, expectation->where);
	expectation->count = count_channel;
	return read_wanted(expectation, reader, err);
}

static bool
read_thread(struct expectation *expectation, struct reader *reader, struct error *err)
{
	expectation->count = count_thread;
	if ((expectation->name = take_text(reader)) == NULL)
		return reader_wrong(reader, err, "the text of a message");
	expectation->where = "#incidents";
	if (take_word(reader, "in") && (expectation->where = take_any(reader)) == NULL)
		return reader_wrong(reader, err, "#channel");
	talk_note_place(expectation->talk, expectation->where);
	return read_wanted(expectation, reader, err);
}

static bool
read_person(struct expectation *expectation, struct reader *reader, struct error *err)
{
	expectation->who = take_starting(reader, "@");
	if (fake_slack_user(expectation->talk->slack, expectation->who) == NULL)
		return wrong(err, "nobody is called %s", expectation->who);
	talk_note_place(expectation->talk, expectation->who);
	if (take_words(reader, "notified by")) {
		expectation->count = count_notified;
		expectation->wanted = take_text(reader);
		return expectation->wanted != NULL || reader_wrong(reader, err, "a quoted text");
	}
	if (take_word(reader, "sees"))
		expectation->count = count_seen;
	else if (take_word(reader, "direct"))
		expectation->count = count_direct;
	else if (take_word(reader, "dialog"))
		expectation->count = count_dialog;
	else if (take_word(reader, "home"))
		expectation->count = count_home;
	else
		return reader_wrong(reader, err, "sees, direct, dialog, home or notified by");
	return read_wanted(expectation, reader, err);
}

static bool
read_card(struct expectation *expectation, struct reader *reader, struct error *err)
{
	expectation->count = count_card;
	if ((expectation->name = take_text(reader)) == NULL)
		return reader_wrong(reader, err, "what stands in the card's first line");
	if (!take_word(reader, "button"))
		return maybe_wanted(expectation, reader, err);
	expectation->button = take_text(reader);
	return expectation->button != NULL || reader_wrong(reader, err, "a button's label");
}

static bool
read_tool(struct expectation *expectation, struct reader *reader, struct error *err)
{
	if ((expectation->name = take_any(reader)) == NULL)
		return reader_wrong(reader, err, "a tool");
	if ((expectation->wanted = take_text(reader)) == NULL)
		return reader_wrong(reader, err, "a quoted glob");
	expectation->count = take_word(reader, "hangs") ? count_held : count_tool;
	(void)take_word(reader, "ran");
	return read_times(expectation, reader, err);
}

static bool
read_slack(struct expectation *expectation, struct reader *reader, struct error *err)
{
	expectation->count = count_calls;
	if ((expectation->name = take_any(reader)) == NULL)
		return reader_wrong(reader, err, "a method");
	if (!take_word(reader, "called"))
		return reader_wrong(reader, err, "called");
	return read_times(expectation, reader, err);
}

static bool
read_log(struct expectation *expectation, struct reader *reader, struct error *err)
{
	expectation->count = count_log;
	return read_wanted(expectation, reader, err);
}

static bool
read_file(struct expectation *expectation, struct reader *reader, struct error *err)
{
	expectation->count = count_file;
	if ((expectation->name = take_any(reader)) == NULL)
		return reader_wrong(reader, err, "a file's name");
	return maybe_wanted(expectation, reader, err);
}

static bool
read_shared(struct expectation *expectation, struct reader *reader, struct error *err)
{
	if (!take_word(reader, "file"))
		return reader_wrong(reader, err, "file");
	if (!read_file(expectation, reader, err))
		return false;
	expectation->count = count_shared;
	return true;
}

static bool
read_do(struct expectation *expectation, struct reader *reader, struct error *err)
{
	if (!take_word(reader, "exits")) {
		expectation->count = count_asked;
		return read_wanted(expectation, reader, err);
	}
	expectation->count = count_exit;
	return take_number(reader, &expectation->times) || reader_wrong(reader, err, "a status");
}

static bool
read_console(struct expectation *expectation, struct reader *reader, struct error *err)
{
	expectation->count = count_console;
	return read_wanted(expectation, reader, err);
}

/* "2 messages in #incidents ~ …" */
static bool
read_messages(struct expectation *expectation, struct reader *reader, struct error *err)
{
	expectation->many = EXACTLY;
	if (!take_word(reader, "messages") && !take_word(reader, "message"))
		return reader_wrong(reader, err, "messages");
	if (!take_word(reader, "in"))
		return reader_wrong(reader, err, "in #channel");
	return read_channel(expectation, reader, err);
}

static bool
read_subject(struct expectation *expectation, struct reader *reader, struct error *err)
{
	static const struct {
		const char *words;
		bool (*read)(struct expectation *, struct reader *, struct error *);
	} subjects[] = { { "thread of", read_thread }, { "card", read_card }, { "tool", read_tool },
		{ "slack", read_slack }, { "log", read_log }, { "file", read_file },
		{ "shared", read_shared }, { "do", read_do }, { "console", read_console } };
	const struct token *token = reader_peek(reader);

	if (token != NULL && token->kind == TOKEN_WORD && *token->text == '#')
		return read_channel(expectation, reader, err);
	if (token != NULL && token->kind == TOKEN_WORD && *token->text == '@')
		return read_person(expectation, reader, err);
	if (take_number(reader, &expectation->times))
		return read_messages(expectation, reader, err);
	for (size_t i = 0; i < COUNT(subjects); i++)
		if (take_words(reader, subjects[i].words))
			return subjects[i].read(expectation, reader, err);
	return reader_wrong(reader, err,
	    "#channel, @person, thread of, card, tool, slack, log, file, do or console");
}

/* ---- judging ---- */

static int64_t
count_now(struct expectation *expectation)
{
	expectation->scratch = arena_new();
	expectation->seen = expectation->count(expectation);
	arena_free(expectation->scratch);
	return expectation->seen;
}

static bool
enough(struct talk *talk, void *arg)
{
	struct expectation *expectation = arg;
	int64_t least = 1;

	if (expectation->many == EXACTLY || expectation->many == AT_LEAST)
		least = expectation->times;
	if (expectation->many == AT_MOST)
		least = 0;
	count_now(expectation);
	/* A twin is there until it is found (S6). */
	if (torture_is_on(talk) && expectation->many == EXACTLY)
		return expectation->seen == least;
	return expectation->seen >= least;
}

static bool
too_many(struct expectation *expectation)
{
	int64_t seen = count_now(expectation);

	if (expectation->no)
		return seen > 0;
	return (expectation->many == EXACTLY || expectation->many == AT_MOST) &&
	    seen > expectation->times;
}

static bool
judge(struct expectation *expectation, struct error *err)
{
	struct talk *talk = expectation->talk;
	bool settled = expectation->no || expectation->many == EXACTLY ||
	    expectation->many == AT_MOST;

	if (!expectation->no &&
	    !waiting_until(talk, enough, expectation, expectation->within, err))
		return error_wrap(err, "seen %d times", (int)expectation->seen);
	if (settled && !waiting_settle(talk, err))
		return false;
	if (settled && too_many(expectation))
		return failed(err, "it is there %d times", (int)expectation->seen);
	return true;
}

bool
expect_run(struct talk *talk, struct reader *reader, struct error *err)
{
	struct expectation expectation = { .talk = talk, .within = USUAL_WAIT,
	    .no = take_word(reader, "no") };

	if (!read_subject(&expectation, reader, err))
		return false;
	if (take_word(reader, "within") && !take_duration(reader, &expectation.within))
		return reader_wrong(reader, err, "a time");
	/* A status is compared, not counted. */
	if (expectation.count == count_exit)
		expectation.many = AT_LEAST_ONE;
	return take_end(reader, err) && judge(&expectation, err);
}

/* actors.c - what people do in Slack. */

#include "actors.h"

#include <string.h>

#include "match.h"
#include "waiting.h"

#define A_WHILE SECONDS(5)	/* until a button that may be needed is there */
#define A_LOOK 1200	/* ms from seeing a button to pressing it; below 1 s rollcall takes no click */

struct actor {
	struct talk *talk;
	const char *who, *where, *near;	/* near: text of the message meant, NULL any */
	const char *label;
	unsigned ago;
	bool at_once, if_needed;
	const struct fake_slack_message *message;
	const char *problem;
};

/* ---- messages ---- */

const struct fake_slack_message *
message_with(struct talk *talk, const char *where, const char *text, const char *seen_by)
{
	const struct fake_slack_message *message = NULL, *found = NULL;
	struct arena *arena = arena_new();

	while ((message = fake_slack_next_message(talk->slack, where, message)) != NULL)
		if (!message->deleted &&
		    (seen_by == NULL || fake_slack_sees(talk->slack, seen_by, message)) &&
		    match_text(text, fake_slack_render(talk->slack, arena, message)))
			found = message;
	arena_free(arena);
	return found;
}

/* In the place named, or the newest in any place that this talk knows. */
static const struct fake_slack_message *
message_anywhere(const struct actor *actor, const char *text)
{
	const struct fake_slack_message *found = NULL, *one;
	struct talk *talk = actor->talk;

	if (actor->where != NULL)
		return message_with(talk, actor->where, text, actor->who);
	for (size_t i = 0; i < talk->places.count; i++) {
		one = message_with(talk, talk->places.item[i], text, actor->who);
		if (one != NULL && (found == NULL || one->number > found->number))
			found = one;
	}
	return found;
}

static bool
message_is_there(struct talk *talk, void *arg)
{
	struct actor *actor = arg;

	(void)talk;
	actor->message = message_anywhere(actor, actor->near);
	return actor->message != NULL;
}

static bool
find_message(struct actor *actor, struct error *err)
{
	return waiting_until(actor->talk, message_is_there, actor, USUAL_WAIT, err) ||
	    error_wrap(err, "a message with “%s”", actor->near);
}

/* ---- saying ---- */

static bool
take_place(struct actor *actor, struct reader *reader, struct error *err)
{
	if (take_words(reader, "direct message"))
		actor->where = actor->who;
	else if ((actor->where = take_starting(reader, "#")) == NULL)
		return reader_wrong(reader, err, "#channel or direct message");
	talk_note_place(actor->talk, actor->where);
	return true;
}

static bool
read_where(struct actor *actor, struct reader *reader, struct error *err)
{
	if (take_words(reader, "in thread of") && (actor->near = take_text(reader)) == NULL)
		return reader_wrong(reader, err, "the text of a message");
	if (take_word(reader, "in") && !take_place(actor, reader, err))
		return false;
	return take_end(reader, err);
}

static bool
utter(struct actor *actor, const char *typed, const char *thread, struct error *err)
{
	struct fake_slack *slack = actor->talk->slack;

	if (*typed == '/')
		return fake_slack_slash(slack, actor->who, actor->where, typed, err) != 0;
	return fake_slack_says(slack, actor->who, actor->where, thread, typed, err) != NULL;
}

static bool
says(struct actor *actor, struct reader *reader, struct error *err)
{
	const char *typed = take_text(reader), *thread = NULL;

	if (typed == NULL)
		return reader_wrong(reader, err, "a quoted text");
	if (!read_where(actor, reader, err))
		return false;
	if (actor->near != NULL) {
		if (!find_message(actor, err))
			return false;
		thread = actor->message->thread_ts != NULL ? actor->message->thread_ts
		    : actor->message->ts;
		actor->where = actor->message->channel;
	}
	if (actor->where == NULL)
		return wrong(err, "where? in #channel, in thread of \"…\" or in direct message");
	return utter(actor, typed, thread, err);
}

static bool
edits(struct actor *actor, struct reader *reader, struct error *err)
{
	const char *typed;

	if ((actor->near = take_text(reader)) == NULL)
		return reader_wrong(reader, err, "the text of a message");
	if (!take_word(reader, "to") || (typed = take_text(reader)) == NULL)
		return reader_wrong(reader, err, "to \"new text\"");
	return read_where(actor, reader, err) && find_message(actor, err) &&
	    fake_slack_edits(actor->talk->slack, actor->message, typed, err);
}

static bool
deletes(struct actor *actor, struct reader *reader, struct error *err)
{
	if ((actor->near = take_text(reader)) == NULL)
		return reader_wrong(reader, err, "the text of a message");
	return read_where(actor, reader, err) && find_message(actor, err) &&
	    fake_slack_deletes(actor->talk->slack, actor->message, err);
}

/* ---- buttons ---- */

/* As Slack draws it: an element whose label reads so. */
static bool
label_in(const cJSON *node, const char *label)
{
	const cJSON *child;

	if (string_equal(json_string(node, "text.text"), label) &&
	    (json_at(node, "action_id") != NULL || json_at(node, "value") != NULL))
		return true;
	json_each(child, node)
		if (label_in(child, label))
			return true;
	return false;
}

bool
message_has_button(const struct fake_slack_message *message, const char *label)
{
	return !message->deleted && message->blocks != NULL && label_in(message->blocks, label);
}

static bool
may_press(struct actor *actor, const struct fake_slack_message *message)
{
	struct arena *arena;
	bool fits;

	/* What was drawn before cannot be looked up: that it was drawn, and the text, decide. */
	if (!fake_slack_sees(actor->talk->slack, actor->who, message) || message->edits < actor->ago ||
	    (actor->ago == 0 && !message_has_button(message, actor->label)))
		return false;
	if (actor->near == NULL)
		return true;
	arena = arena_new();
	fits = match_text(actor->near, fake_slack_render(actor->talk->slack, arena, message));
	arena_free(arena);
	return fits;
}

static void
look_in(struct actor *actor, const char *where)
{
	const struct fake_slack_message *message = NULL;

	while ((message = fake_slack_next_message(actor->talk->slack, where, message)) != NULL)
		if (may_press(actor, message) &&
		    (actor->message == NULL || message->number > actor->message->number))
			actor->message = message;
}

/* In the dialog that is open, or on a message. */
static bool
button_is_there(struct talk *talk, void *arg)
{
	const struct fake_slack_view *view;
	struct actor *actor = arg;

	actor->message = NULL;
	view = fake_slack_view(talk->slack, actor->who);
	if (view != NULL && actor->near == NULL && label_in(view->view, actor->label))
		return true;
	if (actor->where != NULL)
		look_in(actor, actor->where);
	for (size_t i = 0; actor->where == NULL && i < talk->places.count; i++)
		look_in(actor, talk->places.item[i]);
	return actor->message != NULL;
}

static bool
find_button(struct actor *actor, struct error *err)
{
	if (waiting_until(actor->talk, button_is_there, actor, USUAL_WAIT, err))
		return true;
	return error_wrap(err, "no button “%s” that %s could press", actor->label, actor->who);
}

static bool
press_now(struct actor *actor, struct error *err)
{
	struct fake_slack *slack = actor->talk->slack;

	if (actor->message == NULL)
		return fake_slack_press_in_view(slack, actor->who, actor->label, err) != 0;
	if (actor->ago > 0)
		return fake_slack_press_old(slack, actor->who, actor->message, actor->ago,
		    actor->label, err) != 0;
	return fake_slack_press(slack, actor->who, actor->message, actor->label, err) != 0;
}

static bool
presses(struct actor *actor, struct reader *reader, struct error *err)
{
	struct error ignored = ERROR_INIT;

	actor->at_once = take_words(reader, "at once");
	actor->ago = take_word(reader, "old");
	if ((actor->label = take_text(reader)) == NULL)
		return reader_wrong(reader, err, "a button's label");
	if (take_word(reader, "on") && (actor->near = take_text(reader)) == NULL)
		return reader_wrong(reader, err, "the text of a message");
	actor->if_needed = take_words(reader, "if needed");
	if (!read_where(actor, reader, err))
		return false;
	if (actor->if_needed &&
	    !waiting_until(actor->talk, button_is_there, actor, A_WHILE, &ignored))
		return true;
	if (!find_button(actor, err))
		return false;
	/* It may have been drawn anew while the person looked at it. */
	if (!actor->at_once &&
	    (!waiting_pass(actor->talk, A_LOOK, err) || !find_button(actor, err)))
		return false;
	return press_now(actor, err);
}

/* ---- dialogs ---- */

static bool
dialog_is_there(struct talk *talk, void *arg)
{
	const struct actor *actor = arg;

	return fake_slack_view(talk->slack, actor->who) != NULL;
}

static bool
find_dialog(struct actor *actor, struct error *err)
{
	return waiting_until(actor->talk, dialog_is_there, actor, USUAL_WAIT, err) ||
	    error_wrap(err, "no dialog is open for %s", actor->who);
}

static bool
fills(struct actor *actor, struct reader *reader, struct error *err)
{
	const char *label = take_text(reader), *value;

	if (label == NULL)
		return reader_wrong(reader, err, "the label of a field");
	if (!take_word(reader, "with") || (value = take_text(reader)) == NULL)
		return reader_wrong(reader, err, "with \"…\"");
	return take_end(reader, err) && find_dialog(actor, err) &&
	    fake_slack_fill(actor->talk->slack, actor->who, label, value, err);
}

/* `"Label": "value"` or `Label: value`, separated by commas, blanks or lines. */
static bool
read_pairs(struct actor *actor, struct reader *reader, const char **pairs, size_t most,
    struct error *err)
{
	const char *label, *value;
	size_t count = 0;

	while ((label = take_any(reader)) != NULL) {
		if (count + 3 > most)
			return wrong(err, "too many fields");
		if (string_ends(label, ":"))
			label = arena_copy(actor->talk->arena, label, strlen(label) - 1);
		else if (!take_word(reader, ":"))
			return reader_wrong(reader, err, ":");
		if ((value = take_any(reader)) == NULL)
			return reader_wrong(reader, err, "a value");
		if (string_ends(value, ","))
			value = arena_copy(actor->talk->arena, value, strlen(value) - 1);
		(void)take_word(reader, ",");
		pairs[count++] = label;
		pairs[count++] = value;
	}
	return take_end(reader, err);
}

static bool
submits(struct actor *actor, struct reader *reader, struct error *err)
{
	const struct token *block = take_block(reader);
	const char *pairs[33] = { NULL };
	struct statement inner;

	if (!take_end(reader, err) || !find_dialog(actor, err))
		return false;
	if (block != NULL) {
		if (!block_read(actor->talk->arena, &inner, reader->statement, block, err) ||
		    !read_pairs(actor, &(struct reader){ .statement = &inner }, pairs,
			COUNT(pairs), err))
			return false;
	}
	return fake_slack_submit(actor->talk->slack, actor->who, pairs, err) != 0;
}

static bool
closes(struct actor *actor, struct reader *reader, struct error *err)
{
	return take_end(reader, err) && find_dialog(actor, err) &&
	    fake_slack_close_view(actor->talk->slack, actor->who, false, err) != 0;
}

static bool
opens(struct actor *actor, struct reader *reader, struct error *err)
{
	if (!take_word(reader, "home"))
		return reader_wrong(reader, err, "home");
	return take_end(reader, err) &&
	    fake_slack_opens_home(actor->talk->slack, actor->who, err) != 0;
}

bool
actor_run(struct talk *talk, struct reader *reader, struct error *err)
{
	static const struct {
		const char *word;
		bool (*run)(struct actor *, struct reader *, struct error *);
	} verbs[] = { { "says", says }, { "presses", presses }, { "chooses", presses },
		{ "fills", fills }, { "submits", submits }, { "closes", closes },
		{ "edits", edits }, { "deletes", deletes }, { "opens", opens } };
	struct actor actor = { .talk = talk, .who = take_any(reader) };

	if (fake_slack_user(talk->slack, actor.who) == NULL)
		return wrong(err, "nobody is called %s", actor.who);
	talk_note_place(talk, actor.who);
	for (size_t i = 0; i < COUNT(verbs); i++)
		if (take_word(reader, verbs[i].word))
			return verbs[i].run(&actor, reader, err);
	return reader_wrong(reader, err,
	    "says, presses, chooses, fills, submits, closes, edits, deletes or opens");
}

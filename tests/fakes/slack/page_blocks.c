/* page_blocks.c - messages and dialogs as the web page draws them. */

#include <inttypes.h>
#include <string.h>

#include "base/arena.h"
#include "mrkdwn.h"
#include "page.h"

struct painter {
	struct fake_slack *fs;
	struct arena *arena;
	const struct view *view;	/* NULL: a message */
};

/* ---- text ---------------------------------------------------------------------------------- */

static cJSON *
paint_span(const struct span *span)
{
	static const char *const kinds[] = {
		[SPAN_TEXT] = "text", [SPAN_USER] = "user", [SPAN_CHANNEL] = "channel",
		[SPAN_GROUP] = "group", [SPAN_EVERYBODY] = "everybody", [SPAN_LINK] = "link",
		[SPAN_DATE] = "date",
	};
	cJSON *json = cJSON_CreateObject();

	json_add_string(json, "kind", kinds[span->kind]);
	json_add_string(json, "text", span->text);
	json_add_string(json, "target", span->target);
	if (span->bold)
		json_add_bool(json, "bold", true);
	if (span->italic)
		json_add_bool(json, "italic", true);
	if (span->strike)
		json_add_bool(json, "strike", true);
	if (span->code)
		json_add_bool(json, span->block ? "pre" : "code", true);
	if (span->quote)
		json_add_bool(json, "quote", true);
	return json;
}

static cJSON *
paint_mrkdwn(struct painter *painter, const char *s, bool verbatim)
{
	cJSON *array = cJSON_CreateArray();
	struct spans spans = { 0 };

	mrkdwn_read(painter->fs, painter->arena, s, verbatim, &spans);
	for (size_t i = 0; i < spans.count; i++)
		cJSON_AddItemToArray(array, paint_span(&spans.item[i]));
	return array;
}

static cJSON *
paint_text(struct painter *painter, const cJSON *object)
{
	const char *text = json_string_or(object, "text", "");
	struct span plain = { .kind = SPAN_TEXT, .text = text };
	cJSON *array;

	if (string_equal(json_string(object, "type"), "mrkdwn"))
		return paint_mrkdwn(painter, text, json_bool(object, "verbatim", false));
	array = cJSON_CreateArray();
	cJSON_AddItemToArray(array, paint_span(&plain));
	return array;
}

/* ---- widgets ------------------------------------------------------------------------------- */

static void
paint_options(cJSON *list, const cJSON *element)
{
	const cJSON *option, *group;

	json_each(option, json_at(element, "options"))
		cJSON_AddItemToArray(
		    list, cJSON_CreateString(json_string_or(option, "text.text", "")));
	json_each(group, json_at(element, "option_groups"))
		paint_options(list, group);
}

static void
paint_confirm(cJSON *widget, const cJSON *confirm)
{
	cJSON *json;

	if (confirm == NULL)
		return;
	json = json_add_object(widget, "confirm");
	json_add_string(json, "title", json_string(confirm, "title.text"));
	json_add_string(json, "text", json_string(confirm, "text.text"));
	json_add_string(json, "confirm", json_string(confirm, "confirm.text"));
	json_add_string(json, "deny", json_string(confirm, "deny.text"));
	json_add_string(json, "style", json_string(confirm, "style"));
}

static cJSON *
paint_element(const cJSON *element)
{
	const char *type = json_string_or(element, "type", "");
	cJSON *json = cJSON_CreateObject();

	json_add_string(json, "type", type);
	if (strcmp(type, "image") == 0) {
		json_add_string(json, "alt", json_string_or(element, "alt_text", ""));
		return json;
	}
	paint_confirm(json, json_at(element, "confirm"));
	if (strcmp(type, "button") == 0) {
		json_add_string(json, "label", json_string_or(element, "text.text", ""));
		json_add_string(json, "style", json_string(element, "style"));
		json_add_string(json, "described", json_string(element, "accessibility_label"));
		return json;
	}
	json_add_string(json, "placeholder", strcmp(type, "overflow") == 0 ? "⋯"
	    : json_string_or(element, "placeholder.text", "Choose"));
	paint_options(json_add_array(json, "options"), element);
	return json;
}

static void
paint_input(struct painter *painter, cJSON *json, const cJSON *block)
{
	const cJSON *element = json_at(block, "element");
	const char *id = json_string_or(block, "block_id", ""),
		   *type = json_string_or(element, "type", "");
	const cJSON *value = cJSON_GetObjectItemCaseSensitive(
	    cJSON_GetObjectItemCaseSensitive(
		painter->view == NULL ? NULL : painter->view->values, id),
	    json_string_or(element, "action_id", ""));
	const cJSON *wrong = cJSON_GetObjectItemCaseSensitive(
	    painter->view == NULL ? NULL : painter->view->errors, id);

	json_add_string(json, "label", json_string_or(block, "label.text", ""));
	json_add_string(json, "hint", json_string(block, "hint.text"));
	json_add_bool(json, "optional", json_bool(block, "optional", false));
	json_add_bool(json, "multiline", json_bool(element, "multiline", false));
	json_add_number(json, "max", (double)json_integer(element, "max_length", 3000));
	json_add_string(json, "placeholder", json_string(element, "placeholder.text"));
	json_add_string(json, "value",
	    json_string(value, "value") != NULL ? json_string(value, "value")
						: json_string(value, "selected_option.text.text"));
	if (cJSON_IsString(wrong))
		json_add_string(json, "wrong", wrong->valuestring);
	if (json_at(element, "options") != NULL || strcmp(type, "static_select") == 0)
		paint_options(json_add_array(json, "options"), element);
}

/* ---- blocks -------------------------------------------------------------------------------- */

static void
paint_section(struct painter *painter, cJSON *json, const cJSON *block)
{
	const cJSON *field;
	cJSON *fields;

	if (json_at(block, "text") != NULL)
		cJSON_AddItemToObject(json, "spans", paint_text(painter, json_at(block, "text")));
	if (json_at(block, "fields") != NULL) {
		fields = json_add_array(json, "fields");
		json_each(field, json_at(block, "fields"))
			cJSON_AddItemToArray(fields, paint_text(painter, field));
	}
	if (json_at(block, "accessory") != NULL)
		cJSON_AddItemToArray(json_add_array(json, "elements"),
		    paint_element(json_at(block, "accessory")));
}

static void
paint_elements(struct painter *painter, cJSON *json, const cJSON *block, bool texts)
{
	cJSON *elements = NULL, *items = texts ? json_add_array(json, "items") : NULL;
	const cJSON *element;

	json_each(element, json_at(block, "elements")) {
		if (texts && json_string(element, "text") != NULL) {
			cJSON_AddItemToArray(items, paint_text(painter, element));
			continue;
		}
		if (elements == NULL)
			elements = json_add_array(json, "elements");
		cJSON_AddItemToArray(elements, paint_element(element));
	}
}

/* A frame is one span of its own, as triple backticks are; of the rest each leaf is one. */
static void
paint_rich(struct painter *painter, cJSON *spans, const cJSON *element)
{
	bool framed = string_equal(json_string(element, "type"), "rich_text_preformatted");
	struct span span = { .kind = SPAN_TEXT, .text = json_string(element, "text"),
		.code = framed || json_bool(element, "style.code", false), .block = framed,
		.bold = json_bool(element, "style.bold", false) };
	_cleanup_(text_clear) struct text frame = TEXT_INIT;
	const cJSON *child;

	json_each(child, json_at(element, "elements"))
		if (framed)
			text_add(&frame, json_string_or(child, "text", ""));
		else
			paint_rich(painter, spans, child);
	if (framed)
		span.text = arena_strdup(painter->arena, frame.data);
	if (span.text != NULL)
		cJSON_AddItemToArray(spans, paint_span(&span));
}

static cJSON *
paint_block(struct painter *painter, const cJSON *block)
{
	const char *type = json_string_or(block, "type", "");
	cJSON *json = cJSON_CreateObject();

	json_add_string(json, "type", type);
	if (strcmp(type, "section") == 0)
		paint_section(painter, json, block);
	else if (strcmp(type, "header") == 0)
		cJSON_AddItemToObject(json, "spans", paint_text(painter, json_at(block, "text")));
	else if (strcmp(type, "context") == 0 || strcmp(type, "actions") == 0)
		paint_elements(painter, json, block, strcmp(type, "context") == 0);
	else if (strcmp(type, "input") == 0)
		paint_input(painter, json, block);
	else if (strcmp(type, "image") == 0)
		cJSON_AddItemToArray(json_add_array(json, "elements"), paint_element(block));
	else if (strcmp(type, "markdown") == 0)
		cJSON_AddItemToObject(json, "spans", paint_text(painter, block));
	else if (strcmp(type, "rich_text") == 0)
		paint_rich(painter, json_add_array(json, "spans"), block);
	return json;
}

static void
paint_blocks(struct painter *painter, cJSON *list, const cJSON *blocks)
{
	const cJSON *block;

	json_each(block, blocks)
		cJSON_AddItemToArray(list, paint_block(painter, block));
}

/* ---- messages and dialogs ------------------------------------------------------------------ */

static void
paint_author(struct painter *painter, cJSON *json, const struct message *message)
{
	const struct user *user = user_by_id(painter->fs, message->seen.user);
	int64_t minutes = message->micros / 60000000;

	json_add_string(json, "who", user == NULL ? "?" : user->seen.name);
	json_add_bool(json, "bot", message->seen.bot_id != NULL);
	json_add_stringf(json, "time", "%02" PRId64 ":%02" PRId64 " UTC", minutes / 60 % 24,
	    minutes % 60);
}

static void
paint_extras(struct painter *painter, cJSON *json, const struct message *message)
{
	const struct fake_slack_file *file = NULL;
	cJSON *part;

	while (message->seen.file != NULL
	    && (file = fake_slack_next_file(painter->fs, file)) != NULL)
		if (string_equal(file->id, message->seen.file)) {
			part = json_add_object(json, "file");
			json_add_string(part, "title", file->title);
			json_add_number(part, "length", (double)file->length);
			break;
		}
	if (message->seen.reactions == NULL)
		return;
	part = json_add_array(json, "reactions");
	for (const char *const *r = message->seen.reactions; *r != NULL; r++)
		cJSON_AddItemToArray(part, cJSON_CreateString(
		    arena_copy(painter->arena, *r, strcspn(*r, " "))));
}

cJSON *
page_message_json(struct fake_slack *fs, const struct message *message)
{
	_cleanup_(arena_freep) struct arena *arena = arena_new();
	struct painter painter = { .fs = fs, .arena = arena };
	cJSON *json = cJSON_CreateObject(), *blocks, *text;

	json_add_string(json, "ts", message->seen.ts);
	paint_author(&painter, json, message);
	json_add_bool(json, "edited", message->seen.edited_mark);
	json_add_bool(json, "only", message->seen.only_for != NULL);
	json_add_number(json, "replies", (double)message->replies);
	blocks = json_add_array(json, "blocks");
	if (message->seen.bot_id != NULL && cJSON_GetArraySize(message->blocks) > 0) {
		paint_blocks(&painter, blocks, message->blocks);
	} else {
		text = json_add_object(blocks, NULL);
		json_add_string(text, "type", "section");
		cJSON_AddItemToObject(text, "spans", paint_mrkdwn(&painter, message->text, true));
	}
	paint_extras(&painter, json, message);
	return json;
}

cJSON *
page_view_json(struct fake_slack *fs, const struct view *view)
{
	_cleanup_(arena_freep) struct arena *arena = arena_new();
	struct painter painter = { .fs = fs, .arena = arena, .view = view };
	cJSON *json = cJSON_CreateObject();

	json_add_string(json, "id", view->id);
	json_add_string(json, "hash", view->hash);
	json_add_string(json, "title", view->seen.title);
	json_add_string(json, "submit", json_string(view->view, "submit.text"));
	json_add_string(json, "close", json_string(view->view, "close.text"));
	json_add_string(json, "problem", view->problem);
	paint_blocks(&painter, json_add_array(json, "blocks"), json_at(view->view, "blocks"));
	return json;
}

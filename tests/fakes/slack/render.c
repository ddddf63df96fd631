/* render.c - what a person reads of a message or a dialog, as plain text. */

#include <string.h>

#include "base/arena.h"
#include "mrkdwn.h"

struct page {
	struct fake_slack *fs;
	struct arena *arena;
	struct text out;
	const cJSON *values;	/* what is filled in; NULL in messages */
};

static void
render_mrkdwn(struct page *page, const char *s, bool verbatim)
{
	struct spans spans = { 0 };

	mrkdwn_read(page->fs, page->arena, s, verbatim, &spans);
	for (size_t i = 0; i < spans.count; i++) {
		if (spans.item[i].block && page->out.length > 0 && !text_ends(&page->out, "\n"))
			text_add_char(&page->out, '\n');
		text_add(&page->out, spans.item[i].text);
	}
}

static void
render_text(struct page *page, const cJSON *object)
{
	const char *text = json_string_or(object, "text", "");

	if (string_equal(json_string(object, "type"), "mrkdwn"))
		render_mrkdwn(page, text, json_bool(object, "verbatim", false));
	else
		text_add(&page->out, text);
}

static void
render_options(struct page *page, const cJSON *options, const char *between)
{
	const cJSON *option;
	const char *before = "";

	json_each(option, options) {
		text_add(&page->out, before);
		render_text(page, json_at(option, "text"));
		before = between;
	}
}

static void
render_groups(struct page *page, const cJSON *element)
{
	const cJSON *group;

	render_options(page, json_at(element, "options"), " | ");
	json_each(group, json_at(element, "option_groups")) {
		text_add(&page->out, " | ");
		render_options(page, json_at(group, "options"), " | ");
	}
}

/* What was chosen or typed under a block so far; NULL: nothing. */
static const char *
render_filled(struct page *page, const cJSON *block, const cJSON *element)
{
	static const char *const members[] = {"value", "selected_option.text.text", "selected_user",
	    "selected_channel", "selected_conversation", "selected_date", "selected_time"};
	const cJSON *value = cJSON_GetObjectItemCaseSensitive(
	    cJSON_GetObjectItemCaseSensitive(page->values, json_string_or(block, "block_id", "")),
	    json_string_or(element, "action_id", ""));
	const char *filled = NULL;

	for (size_t i = 0; filled == NULL && i < COUNT(members); i++)
		filled = json_string(value, members[i]);
	return filled;
}

/* [ Label ], [ ⋯ A | B ], [ Placeholder ▾ A | B ] */
static void
render_element(struct page *page, const cJSON *element)
{
	const char *type = json_string_or(element, "type", "");

	if (strcmp(type, "image") == 0) {
		text_printf(&page->out, "(image: %s)", json_string_or(element, "alt_text", ""));
		return;
	}
	text_add(&page->out, "[ ");
	if (strcmp(type, "button") == 0) {
		render_text(page, json_at(element, "text"));
	} else if (strcmp(type, "overflow") == 0) {
		text_add(&page->out, "⋯ ");
		render_groups(page, element);
	} else {
		text_add(&page->out, json_string_or(element, "placeholder.text", "Choose"));
		text_add(&page->out, " ▾ ");
		render_groups(page, element);
	}
	text_add(&page->out, " ]");
}

static void
render_elements(struct page *page, const cJSON *elements, const char *between, bool texts)
{
	const cJSON *element;
	const char *before = "";

	json_each(element, elements) {
		text_add(&page->out, before);
		if (texts && json_string(element, "text") != NULL)
			render_text(page, element);
		else
			render_element(page, element);
		before = between;
	}
}

static void
render_section(struct page *page, const cJSON *block)
{
	const cJSON *field;

	if (json_at(block, "text") != NULL)
		render_text(page, json_at(block, "text"));
	json_each(field, json_at(block, "fields")) {
		if (page->out.length > 0 && !text_ends(&page->out, "\n"))
			text_add_char(&page->out, '\n');
		render_text(page, field);
	}
	if (json_at(block, "accessory") != NULL) {
		text_add_char(&page->out, ' ');
		render_element(page, json_at(block, "accessory"));
	}
}

static void
render_input(struct page *page, const cJSON *block)
{
	const cJSON *element = json_at(block, "element");
	const char *filled;

	render_text(page, json_at(block, "label"));
	if (json_bool(block, "optional", false))
		text_add(&page->out, " (optional)");
	text_add(&page->out, ": ");
	filled = render_filled(page, block, element);
	if (string_ends(json_string_or(element, "type", ""), "_input")) {
		text_printf(&page->out, "[ %s%s]", filled == NULL ? "" : filled,
		    filled == NULL ? "" : " ");
		return;
	}
	text_printf(&page->out, "[ %s ▾ ", filled != NULL ? filled
	    : json_string_or(element, "placeholder.text", "Choose"));
	render_groups(page, element);
	text_add(&page->out, " ]");
}

/* What people type comes back as rich text; its words stand in the leaves. */
static void
render_rich(struct page *page, const cJSON *element)
{
	const cJSON *child;
	const char *text = json_string(element, "text");

	if (text != NULL)
		text_add(&page->out, text);
	json_each(child, json_at(element, "elements"))
		render_rich(page, child);
}

static void
render_block(struct page *page, const cJSON *block)
{
	const char *type = json_string_or(block, "type", "");

	if (strcmp(type, "header") == 0)
		render_text(page, json_at(block, "text"));
	else if (strcmp(type, "section") == 0)
		render_section(page, block);
	else if (strcmp(type, "context") == 0)
		render_elements(page, json_at(block, "elements"), " ", true);
	else if (strcmp(type, "actions") == 0)
		render_elements(page, json_at(block, "elements"), " ", false);
	else if (strcmp(type, "divider") == 0)
		text_add(&page->out, "---");
	else if (strcmp(type, "image") == 0)
		render_element(page, block);
	else if (strcmp(type, "input") == 0)
		render_input(page, block);
	else if (strcmp(type, "markdown") == 0)
		text_add(&page->out, json_string_or(block, "text", ""));
	else
		render_rich(page, block);
	if (!text_ends(&page->out, "\n"))
		text_add_char(&page->out, '\n');
}

static char *
page_end(struct page *page)
{
	char *words;

	while (text_ends(&page->out, "\n"))
		text_truncate(&page->out, page->out.length - 1);
	words = arena_copy(page->arena, page->out.data, page->out.length);
	text_clear(&page->out);
	return words;
}

char *
fake_slack_render(struct fake_slack *fs, struct arena *arena, const struct fake_slack_message *seen)
{
	struct page page = { .fs = fs, .arena = arena, .out = TEXT_INIT };
	const cJSON *block;

	if (seen->deleted)
		text_add(&page.out, "(deleted)");
	else if (seen->bot_id != NULL && cJSON_GetArraySize(seen->blocks) > 0)
		json_each(block, seen->blocks)
			render_block(&page, block);
	else
		render_mrkdwn(&page, seen->text, true);
	if (seen->edited_mark && !seen->deleted)
		text_add(&page.out, " (edited)");
	return page_end(&page);
}

static void
render_problem(struct page *page, const struct fake_slack_view *seen)
{
	const cJSON *error;

	if (seen->problem != NULL)
		text_printf(&page->out, "! %s\n", seen->problem);
	json_each(error, seen->errors)
		text_printf(&page->out, "! %s: %s\n", error->string,
		    cJSON_IsString(error) ? error->valuestring : "");
}

char *
fake_slack_render_view(
    struct fake_slack *fs, struct arena *arena, const struct fake_slack_view *seen)
{
	struct page page = { .fs = fs, .arena = arena, .out = TEXT_INIT };
	const cJSON *block;

	page.values = seen->values;
	text_printf(&page.out, "%s\n", json_string_or(seen->view, "title.text", "Home"));
	render_problem(&page, seen);
	json_each(block, json_at(seen->view, "blocks"))
		render_block(&page, block);
	if (json_string(seen->view, "submit.text") != NULL)
		text_printf(&page.out, "[ %s ]", json_string(seen->view, "submit.text"));
	return page_end(&page);
}

/* ---- who hears it -------------------------------------------------------------------------- */

static bool
notifies_text(struct page *page, const char *s, bool verbatim, const char *who)
{
	struct spans spans = { 0 };

	mrkdwn_read(page->fs, page->arena, s, verbatim, &spans);
	for (size_t i = 0; i < spans.count; i++)
		if (spans.item[i].kind != SPAN_TEXT && spans.item[i].kind != SPAN_LINK &&
		    spans.item[i].kind != SPAN_CHANNEL && string_equal(spans.item[i].target, who))
			return true;
	return false;
}

static bool
notifies_blocks(struct page *page, const cJSON *json, const char *who)
{
	const cJSON *child;

	if (string_equal(json_string(json, "type"), "mrkdwn")
	    && notifies_text(page, json_string_or(json, "text", ""),
		json_bool(json, "verbatim", false), who))
		return true;
	json_each(child, json)
		if ((cJSON_IsObject(child) || cJSON_IsArray(child))
		    && notifies_blocks(page, child, who))
			return true;
	return false;
}

bool
fake_slack_notifies(struct fake_slack *fs, const struct fake_slack_message *seen, const char *who)
{
	_cleanup_(arena_freep) struct arena *arena = arena_new();
	struct page page = { .fs = fs, .arena = arena, .out = TEXT_INIT };
	const struct user *user = user_find(fs, who);
	const char *id = user == NULL ? who : user->seen.id;

	return notifies_text(&page, seen->text, true, id)
	    || (seen->bot_id != NULL && notifies_blocks(&page, seen->blocks, id));
}

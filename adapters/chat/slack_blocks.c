/*
 * slack_blocks.c - a message as blocks.
 *
 * Every block is built for a limit of characters; when its printed JSON is still longer than what is left
 * of the sum, it is built again for less.  Those that must be whole come first: buttons, headline, the
 * lines that decide.
 */

#include <stdlib.h>
#include <string.h>

#include "base/unicode.h"
#include "say.h"
#include "slack_blocks_private.h"

#define SECTION_MOST 3000
#define HEADER_MOST 150

static size_t
printed_size(const cJSON *block)
{
	_cleanup_(text_clear) struct text out = TEXT_INIT;

	json_print(&out, block);
	return utf8_count(out.data) + 1;
}

/* Builds a block for as much as fits; NULL when there is nothing to show or no room. */
static cJSON *
fit(struct drawing *drawing, size_t most, cJSON *(*build)(struct drawing *, size_t most))
{
	size_t size;
	cJSON *block;

	if (most > drawing->left)
		most = drawing->left;
	for (; most >= 60; most = most * 3 / 4) {
		block = build(drawing, most);
		if (block == NULL)
			return NULL;
		size = printed_size(block);
		if (size <= drawing->left) {
			drawing->left -= size;
			return block;
		}
		cJSON_Delete(block);
	}
	return NULL;
}

/* ---- lines ---- */

/* Adds lines as long as they fit, keeping room for the line that counts the others; a first line that
 * is too long alone is cut. */
static size_t
add_lines(struct text *out, const char *before, const char *const *lines, size_t count, size_t most)
{
	_cleanup_(text_clear) struct text line = TEXT_INIT;
	size_t used = utf8_count(out->data), room = most > 40 ? most - 40 : most, size, i;

	for (i = 0; i < count; i++) {
		text_reset(&line);
		text_add(&line, before);
		slack_mrkdwn_cut(&line, lines[i], room);
		size = utf8_count(line.data) + 1;
		if (used + size > room && out->length > 0)
			break;
		if (out->length > 0)
			text_add(out, "\n");
		text_add(out, line.data);
		used += size;
	}
	return i;
}

/* Line 2 of a card begins with its environment.  Returns how many lines were used up. */
static size_t
add_environment(struct text *out, const struct drawing *drawing, size_t most)
{
	_cleanup_(text_clear) struct text marked = TEXT_INIT;
	bool alone = drawing->count == 0;

	if (drawing->next > 0 || drawing->message->environment == NULL ||
	    drawing->message->verbatim != NULL)
		return 0;
	text_printf(&marked, BOLD "%s" BOLD "%s%s", drawing->message->environment,
	    alone ? "" : " · ", alone ? "" : drawing->lines[0]);
	slack_mrkdwn_cut(out, marked.data, most > 40 ? most - 40 : most);
	return alone ? 0 : 1;
}

static cJSON *
build_what(struct drawing *drawing, size_t most)
{
	_cleanup_(text_clear) struct text out = TEXT_INIT;
	size_t first = drawing->next;

	first += add_environment(&out, drawing, most);
	if (first < drawing->count)
		first += add_lines(&out, "", drawing->lines + first, drawing->count - first, most);
	if (out.length == 0)
		return NULL;
	if (first < drawing->count && drawing->last) {
		text_add(&out, "\n");
		block_add_left_out(&out, drawing->count - first);
	}
	drawing->done = first;
	return block_section(drawing->message, "what", drawing->next, out.data);
}

static cJSON *
build_remarks(struct drawing *drawing, size_t most)
{
	const struct message *message = drawing->message;
	_cleanup_(text_clear) struct text out = TEXT_INIT;
	size_t shown;

	if (message->remarks.count == 0)
		return NULL;
	shown = add_lines(&out, ":warning: ", message->remarks.item, message->remarks.count, most);
	if (shown < message->remarks.count) {
		text_add(&out, "\n");
		block_add_left_out(&out, message->remarks.count - shown);
	}
	return block_section(message, "warn", 0, out.data);
}

/* ---- the rest, and all together ---- */

static cJSON *
build_header(const struct message *message)
{
	cJSON *block;
	struct arena *arena;

	if (message->headline == NULL)
		return NULL;
	block = block_new("header");
	arena = arena_new();
	block_add_plain(block, "text", say_plain(arena, message->headline), HEADER_MOST);
	arena_free(arena);
	return block;
}

static cJSON *
build_context(struct drawing *drawing, size_t most)
{
	const struct message *message = drawing->message;
	size_t count = message->context.count < 10 ? message->context.count : 10;
	cJSON *block, *elements;

	if (count == 0)
		return NULL;
	block = block_new("context");
	block_add_id(block, message, "small", 0);
	elements = json_add_array(block, "elements");
	for (size_t i = 0; i < count; i++) {
		_cleanup_(text_clear) struct text out = TEXT_INIT;
		cJSON *element = json_add_object(elements, NULL);

		slack_mrkdwn_cut(&out, message->context.item[i], most / count);
		json_add_string(element, "type", "mrkdwn");
		json_add_string(element, "text", out.data);
		json_add_bool(element, "verbatim", true);
	}
	return block;
}

/* The lines of a verbatim text are those of its "what"; nothing else is shown then. */
static void
split_verbatim(struct arena *arena, struct drawing *drawing)
{
	struct {
		const char **item;
		size_t count, size;
	} lines = { NULL, 0, 0 };
	const char *s = drawing->message->verbatim;
	size_t length;

	for (; *s != '\0'; s += length + (s[length] == '\n')) {
		length = strcspn(s, "\n");
		*ARENA_GROW(arena, &lines) = arena_copy(arena, s, length);
	}
	drawing->lines = lines.item;
	drawing->count = lines.count;
}

struct parts {
	cJSON *header, *what[SLACK_BLOCKS_MOST], *remarks, *difference, *steps, *tail, *buttons,
	    *context;
};

/* Long answers (help, lists) take as many sections as the other blocks leave. */
static void
build_all_what(struct drawing *drawing, struct parts *parts, size_t sections)
{
	for (size_t i = 0; i < sections; i++) {
		drawing->last = i + 1 == sections || drawing->left < SECTION_MOST + 400;
		parts->what[i] = fit(drawing, SECTION_MOST, build_what);
		if (parts->what[i] == NULL)
			return;
		drawing->next = drawing->done;
		if (drawing->next >= drawing->count || drawing->last)
			return;
	}
}

static void
take(struct drawing *drawing, cJSON *block)
{
	size_t size = block != NULL ? printed_size(block) : 0;

	drawing->left = drawing->left > size ? drawing->left - size : 0;
}

static size_t
sections_left(const struct message *message)
{
	size_t used = message->headline != NULL;

	used += message->remarks.count > 0;
	used += message->difference != NULL;
	used += message->steps.count > 0;
	used += message->tail != NULL;
	used += message->buttons.count + message->more.count > 0;
	used += message->context.count > 0;
	return SLACK_BLOCKS_MOST - used;
}

static void
build_card(struct drawing *drawing, struct parts *parts)
{
	const struct message *message = drawing->message;

	drawing->lines = message->lines.item;
	drawing->count = message->lines.count;
	parts->buttons = block_buttons(message);
	take(drawing, parts->buttons);
	parts->header = build_header(message);
	take(drawing, parts->header);
	parts->context = fit(drawing, 900, build_context);
	parts->steps = fit(drawing, 2400, block_steps);
	build_all_what(drawing, parts, sections_left(message));
	parts->remarks = fit(drawing, 2000, build_remarks);
	parts->difference = fit(drawing, 1500, block_difference);
	parts->tail = fit(drawing, 1500, block_tail);
}

static void
add_block(cJSON *blocks, cJSON *block)
{
	if (block != NULL)
		cJSON_AddItemToArray(blocks, block);
}

cJSON *
slack_blocks(const struct message *message)
{
	struct drawing drawing = { .message = message, .left = SLACK_CHARACTERS_MOST };
	struct parts parts = { 0 };
	struct arena *arena = arena_new();
	cJSON *blocks = cJSON_CreateArray();

	if (message->verbatim != NULL) {
		split_verbatim(arena, &drawing);
		build_all_what(&drawing, &parts, SLACK_BLOCKS_MOST);
	} else {
		build_card(&drawing, &parts);
	}
	arena_free(arena);
	add_block(blocks, parts.header);
	for (size_t i = 0; i < COUNT(parts.what); i++)
		add_block(blocks, parts.what[i]);
	add_block(blocks, parts.remarks);
	add_block(blocks, parts.difference);
	add_block(blocks, parts.steps);
	add_block(blocks, parts.tail);
	add_block(blocks, parts.buttons);
	add_block(blocks, parts.context);
	return blocks;
}

void
slack_notification(struct text *out, const struct message *message)
{
	const char *text = message->text;
	struct arena *arena = arena_new();

	if (text == NULL && message->headline != NULL)
		text = message->headline;
	if (text == NULL && message->lines.count > 0)
		text = say_plain(arena, message->lines.item[0]);
	if (text == NULL && message->verbatim != NULL)
		text = say_plain(arena,
		    arena_copy(arena, message->verbatim, strcspn(message->verbatim, "\n")));
	slack_mrkdwn_cut(out, text != NULL && *text != '\0' ? text : "rollcall", SLACK_TEXT_MOST);
	arena_free(arena);
}

cJSON *
slack_metadata(const struct message *message, const char *key)
{
	cJSON *metadata = cJSON_CreateObject(), *payload;

	json_add_string(metadata, "event_type", "rollcall_card");
	payload = json_add_object(metadata, "event_payload");
	block_add_cut(payload, "key", key, 200);
	if (message != NULL) {
		block_add_cut(payload, "id", message->id, 60);
		block_add_cut(payload, "state", message->state, 60);
		json_add_number(payload, "n", message->drawing);
	}
	return metadata;
}

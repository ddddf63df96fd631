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
#include "slack_blocks.h"

#define SECTION_MOST 3000
#define HEADER_MOST 150

struct drawing {
	const struct message *message;
	size_t left;			/* characters that may still be used */
	const char *const *lines;	/* of the sections "what" */
	size_t count, next, done;	/* next: the first line not shown yet; done: after the last build */
	bool last;			/* the last section "what": it says what is left out */
};

/* ---- small parts ---- */

static void
add_plain(cJSON *object, const char *key, const char *text, size_t most)
{
	cJSON *plain = json_add_object(object, key);
	_cleanup_(text_clear) struct text cut = TEXT_INIT;

	if (utf8_count(text) > most) {
		text_add_bytes(&cut, text, utf8_prefix(text, most - 1));
		text_add(&cut, "…");
	} else {
		text_add(&cut, text);
	}
	json_add_string(plain, "type", "plain_text");
	json_add_string(plain, "text", cut.data);
	json_add_bool(plain, "emoji", false);
}

static void
add_mrkdwn(cJSON *object, const char *key, const char *mrkdwn)
{
	cJSON *text = json_add_object(object, key);

	json_add_string(text, "type", "mrkdwn");
	json_add_string(text, "text", mrkdwn);
	json_add_bool(text, "verbatim", true);
}

static cJSON *
new_block(const char *type)
{
	cJSON *block = cJSON_CreateObject();

	json_add_string(block, "type", type);
	return block;
}

/* Slack wants another id at each drawing, except where a click may be on its way. */
static void
add_id(cJSON *block, const struct message *message, const char *what, size_t number)
{
	if (message->id == NULL)
		return;
	if (number > 0)
		json_add_stringf(block, "block_id", "%s:%d:%s%zu", message->id, message->drawing, what,
		    number + 1);
	else
		json_add_stringf(block, "block_id", "%s:%d:%s", message->id, message->drawing, what);
}

static cJSON *
new_section(const struct message *message, const char *what, size_t number, const char *mrkdwn)
{
	cJSON *block = new_block("section");

	add_id(block, message, what, number);
	json_add_bool(block, "expand", true);
	add_mrkdwn(block, "text", mrkdwn);
	return block;
}

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

static void
add_left_out(struct text *out, size_t count)
{
	struct arena *arena = arena_new();

	text_add(out, say_count(arena, (int64_t)count, "… %zu more line", "… %zu more lines", count));
	arena_free(arena);
}

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
		add_left_out(&out, drawing->count - first);
	}
	drawing->done = first;
	return new_section(drawing->message, "what", drawing->next, out.data);
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
		add_left_out(&out, message->remarks.count - shown);
	}
	return new_section(message, "warn", 0, out.data);
}

/* ---- steps ---- */

static const char *const step_emoji[] = {
	[SYMBOL_DONE] = ":white_check_mark:",
	[SYMBOL_RUNNING] = ":hourglass_flowing_sand:",
	[SYMBOL_NEXT] = ":white_large_square:",
	[SYMBOL_FAILED] = ":x:",
	[SYMBOL_STOPPED] = ":octagonal_sign:",
	[SYMBOL_UNKNOWN] = ":grey_question:",
};

/* The symbol never stands alone: stripped of emoji, a card says the same. */
static void
add_step(struct text *out, const struct step_line *step)
{
	const char *bold = step->symbol == SYMBOL_RUNNING ? BOLD : "";
	_cleanup_(text_clear) struct text marked = TEXT_INIT;

	text_printf(&marked, "%s%s · %s%s", bold, step_word(step->symbol), step->text, bold);
	if (step->detail != NULL)
		text_printf(&marked, "  %s", step->detail);
	text_printf(out, "%s ", step_emoji[step->symbol]);
	slack_mrkdwn_cut(out, marked.data, 300);
}

struct fold {
	size_t head, tail;	/* steps left out at the beginning and at the end */
};

/* Too many steps: first those that are done go, then those that are far. */
static struct fold
fold_steps(const struct message *message, size_t most)
{
	const struct step_line *step = message->steps.item;
	size_t count = message->steps.count, sum = 60, *size = xcalloc(count, sizeof(*size));
	struct fold fold = { 0, 0 };

	for (size_t i = 0; i < count; i++) {
		_cleanup_(text_clear) struct text out = TEXT_INIT;

		add_step(&out, &step[i]);
		size[i] = utf8_count(out.data) + 1;
		sum += size[i];
	}
	for (; sum > most && fold.head + 1 < count && step[fold.head].symbol == SYMBOL_DONE; fold.head++)
		sum -= size[fold.head];
	for (; sum > most && fold.head + fold.tail + 1 < count; fold.tail++)
		sum -= size[count - 1 - fold.tail];
	free(size);
	return fold;
}

static cJSON *
build_steps(struct drawing *drawing, size_t most)
{
	const struct message *message = drawing->message;
	_cleanup_(text_clear) struct text out = TEXT_INIT;
	_cleanup_(arena_freep) struct arena *arena = arena_new();
	struct fold fold;

	if (message->steps.count == 0)
		return NULL;
	fold = fold_steps(message, most);
	if (fold.head > 0)
		text_printf(&out, "%s %s · %s\n", step_emoji[SYMBOL_DONE], step_word(SYMBOL_DONE),
		    say_count(arena, (int64_t)fold.head, "%zu step before", "%zu steps before",
			fold.head));
	for (size_t i = fold.head; i < message->steps.count - fold.tail; i++) {
		add_step(&out, &message->steps.item[i]);
		text_add(&out, "\n");
	}
	if (fold.tail > 0)
		text_add(&out, say_count(arena, (int64_t)fold.tail, "… %zu more step",
			"… %zu more steps", fold.tail));
	else
		text_truncate(&out, out.length - 1);
	return new_section(message, "steps", 0, out.data);
}

/* ---- frames: foreign text, which parses nothing here ---- */

static cJSON *
new_frame(const struct message *message, const char *what, const char *foreign)
{
	cJSON *block = new_block("rich_text"), *frame, *text;

	add_id(block, message, what, 0);
	frame = json_add_object(json_add_array(block, "elements"), NULL);
	json_add_string(frame, "type", "rich_text_preformatted");
	text = json_add_object(json_add_array(frame, "elements"), NULL);
	json_add_string(text, "type", "text");
	json_add_string(text, "text", foreign);
	return block;
}

static size_t
lines_of(const char *s)
{
	size_t count = *s != '\0';

	for (; *s != '\0'; s++)
		count += *s == '\n' && s[1] != '\0';
	return count;
}

/* The first lines that fit: a difference says the important first. */
static cJSON *
build_difference(struct drawing *drawing, size_t most)
{
	const char *difference = drawing->message->difference, *cut;
	_cleanup_(text_clear) struct text out = TEXT_INIT;
	size_t length;

	if (difference == NULL || *difference == '\0')
		return NULL;
	length = utf8_prefix(difference, most > 40 ? most - 40 : most);
	text_add_bytes(&out, difference, length);
	if (difference[length] != '\0') {
		cut = memrchr(difference, '\n', length);
		if (cut != NULL)
			text_truncate(&out, (size_t)(cut - difference) + 1);
		add_left_out(&out, lines_of(difference + out.length));
	}
	return new_frame(drawing->message, "diff", out.data);
}

/* Where the last lines begin that fit, each with its bar; the very last one is taken always. */
static const char *
last_lines(const char *tail, size_t most)
{
	const char *end = tail + strlen(tail), *first, *line, *stop;
	size_t used = 0;

	if (end > tail && end[-1] == '\n')
		end--;
	for (first = end; first > tail; first = line) {
		stop = first == end ? end : first - 1;
		line = memrchr(tail, '\n', (size_t)(stop - tail));
		line = line != NULL ? line + 1 : tail;
		used += (size_t)(stop - line) + 3;
		if (used > most && first != end)
			break;
	}
	return first;
}

/* A tool's line must not look like one of ours (OU2): each stands behind a bar. */
static cJSON *
build_tail(struct drawing *drawing, size_t most)
{
	const char *tail = drawing->message->tail, *line;
	_cleanup_(text_clear) struct text out = TEXT_INIT;
	size_t length;

	if (tail == NULL || *tail == '\0')
		return NULL;
	line = last_lines(tail, most);
	if (line > tail)
		text_add(&out, "…");
	for (; *line != '\0'; line += length + (line[length] == '\n')) {
		length = strcspn(line, "\n");
		text_add(&out, out.length > 0 ? "\n│ " : "│ ");
		text_add_bytes(&out, line, length);
	}
	text_truncate(&out, utf8_prefix(out.data, most));
	return new_frame(drawing->message, "tail", out.data);
}

/* ---- buttons ---- */

static void
add_style(cJSON *object, enum button_style style)
{
	if (style == BUTTON_PRIMARY)
		json_add_string(object, "style", "primary");
	else if (style == BUTTON_DANGER)
		json_add_string(object, "style", "danger");
}

static const char *
or_else(const char *s, const char *otherwise)
{
	return s != NULL && *s != '\0' ? s : otherwise;
}

static void
add_confirm(cJSON *element, const struct button *button)
{
	cJSON *confirm;

	if (button->confirm_title == NULL)
		return;
	confirm = json_add_object(element, "confirm");
	add_plain(confirm, "title", button->confirm_title, 100);
	add_plain(confirm, "text", or_else(button->confirm_text, button->confirm_title), 300);
	add_plain(confirm, "confirm", or_else(button->confirm_yes, button->label), 30);
	add_plain(confirm, "deny", or_else(button->confirm_no, "Back"), 30);
	if (button->style == BUTTON_DANGER)
		json_add_string(confirm, "style", "danger");
}

static void
add_cut(cJSON *object, const char *key, const char *s, size_t most)
{
	_cleanup_(freep) char *cut = NULL;

	if (s == NULL || *s == '\0')
		return;
	cut = xstrndup(s, utf8_prefix(s, most));
	json_add_string(object, key, cut);
}

/* The number of earlier elements of the row with the same action. */
static int
same_before(const struct button *row, const struct button *button)
{
	int same = 0;

	for (; row < button; row++)
		same += string_equal(row->action, button->action);
	return same;
}

static void
add_button(cJSON *elements, const struct button *button, int same)
{
	cJSON *element = json_add_object(elements, NULL);

	json_add_string(element, "type", "button");
	add_plain(element, "text", or_else(button->label, "…"), 75);
	if (same > 0)
		json_add_stringf(element, "action_id", "%s.%d", button->action, same + 1);
	else
		json_add_string(element, "action_id", button->action);
	json_add_string(element, "value", button->argument);
	add_style(element, button->style);
	add_cut(element, "accessibility_label", button->description, 75);
	add_confirm(element, button);
}

static void
add_menu(cJSON *elements, const struct message *message)
{
	const struct button *item = message->more.item;
	cJSON *menu, *options, *option;

	menu = json_add_object(elements, NULL);
	json_add_string(menu, "type", "overflow");
	json_add_string(menu, "action_id", SLACK_MENU);
	options = json_add_array(menu, "options");
	for (size_t i = 0; i < message->more.count && i < 5; i++, item++) {
		option = json_add_object(options, NULL);
		add_plain(option, "text", or_else(item->label, "…"), 75);
		json_add_stringf(option, "value", "%s:%s", item->action, or_else(item->argument, ""));
	}
}

/* Buttons are never cut: too many are our own mistake, and Slack says so. */
static cJSON *
build_buttons(const struct message *message)
{
	const struct button *button = message->buttons.item;
	cJSON *block, *elements;

	if (message->buttons.count + message->more.count == 0)
		return NULL;
	block = new_block("actions");
	if (message->id != NULL)
		json_add_stringf(block, "block_id", "%s:row%d:do", message->id, message->row);
	elements = json_add_array(block, "elements");
	for (size_t i = 0; i < message->buttons.count; i++, button++)
		add_button(elements, button, same_before(message->buttons.item, button));
	/* A menu of one is a detour. */
	if (message->more.count == 1)
		add_button(elements, message->more.item, 0);
	else if (message->more.count > 1)
		add_menu(elements, message);
	return block;
}

/* ---- the rest, and all together ---- */

static cJSON *
build_header(const struct message *message)
{
	cJSON *block;
	struct arena *arena;

	if (message->headline == NULL)
		return NULL;
	block = new_block("header");
	arena = arena_new();
	add_plain(block, "text", say_plain(arena, message->headline), HEADER_MOST);
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
	block = new_block("context");
	add_id(block, message, "small", 0);
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
	parts->buttons = build_buttons(message);
	take(drawing, parts->buttons);
	parts->header = build_header(message);
	take(drawing, parts->header);
	parts->context = fit(drawing, 900, build_context);
	parts->steps = fit(drawing, 2400, build_steps);
	build_all_what(drawing, parts, sections_left(message));
	parts->remarks = fit(drawing, 2000, build_remarks);
	parts->difference = fit(drawing, 1500, build_difference);
	parts->tail = fit(drawing, 1500, build_tail);
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
	add_cut(payload, "key", key, 200);
	if (message != NULL) {
		add_cut(payload, "id", message->id, 60);
		add_cut(payload, "state", message->state, 60);
		json_add_number(payload, "n", message->drawing);
	}
	return metadata;
}

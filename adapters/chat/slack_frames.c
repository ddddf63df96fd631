/* slack_frames.c - steps, and the frames of what tools and strangers wrote. */

#include <stdlib.h>
#include <string.h>

#include "base/unicode.h"
#include "say.h"
#include "slack_blocks_private.h"

static const char *const step_emoji[] = {
	[SYMBOL_DONE] = ":white_check_mark:",
	[SYMBOL_RUNNING] = ":hourglass_flowing_sand:",
	[SYMBOL_NEXT] = ":white_large_square:",
	[SYMBOL_FAILED] = ":x:",
	[SYMBOL_STOPPED] = ":octagonal_sign:",
	[SYMBOL_UNKNOWN] = ":grey_question:",
	[SYMBOL_WARNED] = ":warning:",
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

cJSON *
block_steps(struct drawing *drawing, size_t most)
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
	return block_section(message, "steps", 0, out.data);
}

/* ---- frames: foreign text, which parses nothing here ---- */

static cJSON *
new_frame(const struct message *message, const char *what, const char *foreign)
{
	cJSON *block = block_new("rich_text"), *frame, *text;

	block_add_id(block, message, what, 0);
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
cJSON *
block_difference(struct drawing *drawing, size_t most)
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
		block_add_left_out(&out, lines_of(difference + out.length));
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
cJSON *
block_tail(struct drawing *drawing, size_t most)
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

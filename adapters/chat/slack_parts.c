/* slack_parts.c - the small parts that all blocks are made of. */

#include <string.h>

#include "base/unicode.h"
#include "say.h"
#include "slack_blocks_private.h"

void
block_add_plain(cJSON *object, const char *key, const char *text, size_t most)
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

cJSON *
block_new(const char *type)
{
	cJSON *block = cJSON_CreateObject();

	json_add_string(block, "type", type);
	return block;
}

void
block_add_id(cJSON *block, const struct message *message, const char *what, size_t number)
{
	if (message->id == NULL)
		return;
	if (number > 0)
		json_add_stringf(block, "block_id", "%s:%d:%s%zu", message->id, message->drawing, what,
		    number + 1);
	else
		json_add_stringf(block, "block_id", "%s:%d:%s", message->id, message->drawing, what);
}

cJSON *
block_section(const struct message *message, const char *what, size_t number, const char *mrkdwn)
{
	cJSON *block = block_new("section");

	block_add_id(block, message, what, number);
	json_add_bool(block, "expand", true);
	add_mrkdwn(block, "text", mrkdwn);
	return block;
}

void
block_add_cut(cJSON *object, const char *key, const char *s, size_t most)
{
	_cleanup_(freep) char *cut = NULL;

	if (s == NULL || *s == '\0')
		return;
	cut = xstrndup(s, utf8_prefix(s, most));
	json_add_string(object, key, cut);
}

void
block_add_left_out(struct text *out, size_t count)
{
	struct arena *arena = arena_new();

	text_add(out, say_count(arena, (int64_t)count, "… %zu more line", "… %zu more lines", count));
	arena_free(arena);
}

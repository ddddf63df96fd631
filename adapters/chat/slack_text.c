/* slack_text.c - Slack's escaping and linking of what was typed, undone. */

#include <ctype.h>
#include <string.h>

#include "slack_events.h"

static void
add_unescaped(struct text *out, const char *s, size_t length)
{
	static const struct {
		const char *entity;
		char c;
	} entities[] = { { "&amp;", '&' }, { "&lt;", '<' }, { "&gt;", '>' } };
	size_t i, size;

	while (length > 0) {
		for (i = 0; i < COUNT(entities); i++) {
			size = strlen(entities[i].entity);
			if (length >= size && memcmp(s, entities[i].entity, size) == 0)
				break;
		}
		size = i < COUNT(entities) ? strlen(entities[i].entity) : 1;
		text_add_char(out, i < COUNT(entities) ? entities[i].c : *s);
		s += size;
		length -= size;
	}
}

static bool
same(const char *a, size_t a_length, const char *b, size_t b_length)
{
	return a_length == b_length && memcmp(a, b, a_length) == 0;
}

/* Is the label the address as a person types it: without its scheme, without the slash Slack added? */
static bool
label_is_address(const char *address, size_t length, const char *label, size_t label_length)
{
	static const char *const schemes[] = { "https://", "http://", "mailto:", "tel:", "" };
	size_t skip;

	for (size_t i = 0; i < COUNT(schemes); i++) {
		skip = strlen(schemes[i]);
		if (length < skip || memcmp(address, schemes[i], skip) != 0)
			continue;
		if (same(address + skip, length - skip, label, label_length) ||
		    (length > skip && address[length - 1] == '/' &&
			same(address + skip, length - skip - 1, label, label_length)))
			return true;
	}
	return false;
}

static void
add_link(struct text *out, const char *s, size_t length)
{
	const char *bar = memchr(s, '|', length);
	size_t address = bar != NULL ? (size_t)(bar - s) : length;
	size_t label = bar != NULL ? length - address - 1 : 0;

	if (bar != NULL && label > 0 && label_is_address(s, address, bar + 1, label))
		add_unescaped(out, bar + 1, label);
	else
		add_unescaped(out, s, address);
}

/* <!here>, <!subteam^S0X|@sre>, <!date^…|21 Nov> */
static void
add_special(struct text *out, const char *s, size_t length)
{
	const char *bar = memchr(s, '|', length);
	size_t word = bar != NULL ? (size_t)(bar - s) : length;

	if (word > 9 && memcmp(s, "!subteam^", 9) == 0) {
		text_add(out, "<");
		text_add_bytes(out, s, word);
		text_add(out, ">");
	} else if (bar != NULL && word + 1 < length) {
		add_unescaped(out, bar + 1, length - word - 1);
	} else {
		text_add(out, "@");
		add_unescaped(out, s + 1, word - 1);
	}
}

static void
add_reference(struct text *out, const char *s, size_t length)
{
	const char *bar = memchr(s, '|', length);

	text_add(out, "<");
	text_add_bytes(out, s, bar != NULL ? (size_t)(bar - s) : length);
	text_add(out, ">");
}

const char *
slack_text_read(struct arena *arena, const char *wire)
{
	_cleanup_(text_clear) struct text out = TEXT_INIT;
	const char *open, *close;

	while ((open = strchr(wire, '<')) != NULL && (close = strchr(open, '>')) != NULL) {
		add_unescaped(&out, wire, (size_t)(open - wire));
		wire = close + 1;
		open++;
		if (*open == '@' || *open == '#')
			add_reference(&out, open, (size_t)(close - open));
		else if (*open == '!')
			add_special(&out, open, (size_t)(close - open));
		else
			add_link(&out, open, (size_t)(close - open));
	}
	add_unescaped(&out, wire, strlen(wire));
	return arena_copy(arena, out.data, out.length);
}

bool
slack_id_valid(const char *id)
{
	size_t length;

	if (id == NULL || !isupper((unsigned char)*id))
		return false;
	length = strspn(id, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789");
	return id[length] == '\0' && length >= 2 && length <= 32;
}

bool
slack_ts_valid(const char *ts)
{
	size_t seconds, rest;

	if (ts == NULL)
		return false;
	seconds = strspn(ts, "0123456789");
	if (seconds == 0 || seconds > 11 || ts[seconds] != '.')
		return false;
	rest = strspn(ts + seconds + 1, "0123456789");
	return rest > 0 && rest <= 9 && ts[seconds + 1 + rest] == '\0';
}

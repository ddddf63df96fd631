/* typed.c - what people type, as Slack hands it on. */

#include <string.h>

#include "typed.h"

#define NAME_CHARACTERS "abcdefghijklmnopqrstuvwxyz0123456789._-"

struct typist {
	struct fake_slack *fs;
	struct typed *typed;
	cJSON *elements;	/* of the rich text */
	struct text run;	/* plain characters not yet in it */
};

static void
run_flush(struct typist *typist)
{
	cJSON *element;

	if (typist->run.length == 0)
		return;
	element = json_add_object(typist->elements, NULL);
	json_add_string(element, "type", "text");
	json_add_string(element, "text", typist->run.data);
	text_reset(&typist->run);
}

static void
plain_add(struct typist *typist, const char *s, size_t length)
{
	struct text *out = &typist->typed->text;

	text_add_bytes(&typist->run, s, length);
	for (size_t i = 0; i < length; i++) {
		if (s[i] == '&')
			text_add(out, "&amp;");
		else if (s[i] == '<')
			text_add(out, "&lt;");
		else if (s[i] == '>')
			text_add(out, "&gt;");
		else
			text_add_char(out, s[i]);
	}
}

static void
rich_add(struct typist *typist, const char *type, const char *key, const char *value)
{
	cJSON *element;

	run_flush(typist);
	element = json_add_object(typist->elements, NULL);
	json_add_string(element, "type", type);
	json_add_string(element, key, value);
}

/* ---- @name --------------------------------------------------------------------------------- */

static bool
mention_add(struct typist *typist, const char *name)
{
	static const char *const broadcasts[] = { "here", "channel", "everyone", NULL };
	const struct user *user = user_find(typist->fs, name);
	const struct group *group = group_find(typist->fs, name);
	struct text *out = &typist->typed->text;

	if (string_in(name, broadcasts)) {
		text_printf(out, "<!%s>", name);
		rich_add(typist, "broadcast", "range", name);
	} else if (user != NULL) {
		text_printf(out, "<@%s>", user->seen.id);
		rich_add(typist, "user", "user_id", user->seen.id);
		if (strcmp(user->seen.id, BOT_USER) == 0)
			typist->typed->bot = true;
	} else if (group != NULL) {
		text_printf(out, "<!subteam^%s|@%s>", group->seen.id, group->seen.handle);
		rich_add(typist, "usergroup", "usergroup_id", group->seen.id);
	} else {
		return false;
	}
	return true;
}

/* The longest known name that begins here: "@ann." is Ann and a full stop. */
static size_t
mention_read(struct typist *typist, const char *s)
{
	size_t length = strspn(s + 1, NAME_CHARACTERS);

	for (; length > 0; length--) {
		_cleanup_(text_clear) struct text name = TEXT_INIT;

		text_add_bytes(&name, s + 1, length);
		if (mention_add(typist, name.data))
			return length + 1;
	}
	return 0;
}

/* ---- #channel ------------------------------------------------------------------------------ */

static size_t
channel_read(struct typist *typist, const char *s)
{
	_cleanup_(text_clear) struct text name = TEXT_INIT;
	const struct channel *channel;
	size_t length = strspn(s + 1, NAME_CHARACTERS);

	text_add_bytes(&name, s + 1, length);
	channel = length == 0 ? NULL : channel_by_name(typist->fs, name.data);
	if (channel == NULL)
		return 0;
	/* The name of a private channel is not told. */
	text_printf(&typist->typed->text, "<#%s|%s>", channel->seen.id,
	    channel->seen.kind == FAKE_PUBLIC ? channel->seen.name : "");
	rich_add(typist, "channel", "channel_id", channel->seen.id);
	return length + 1;
}

/* ---- addresses ----------------------------------------------------------------------------- */

/* registry.example.com/app:1.2.3 looks like a web address to Slack and is turned into a link; so do
 * people's image names arrive (kubeshop/botkube#82). */
static bool
looks_like_host(const char *s, size_t length)
{
	static const char *const ends[] = { "com", "org", "net", "io", "dev", "app", "co", NULL };
	_cleanup_(text_clear) struct text host = TEXT_INIT;
	size_t host_length = strcspn(s, "/:?# \n\t");
	const char *dot;

	if (host_length > length)
		host_length = length;
	text_add_bytes(&host, s, host_length);
	if (strspn(host.data, "abcdefghijklmnopqrstuvwxyz0123456789.-") != host_length)
		return false;
	dot = strrchr(host.data, '.');
	return dot != NULL && dot != host.data && string_in(dot + 1, ends);
}

static void
link_add(struct typist *typist, const char *scheme, const char *s, size_t length)
{
	_cleanup_(text_clear) struct text address = TEXT_INIT;
	struct text *out = &typist->typed->text;

	text_printf(&address, "%s%.*s", scheme, (int)length, s);
	text_add_char(out, '<');
	for (const char *c = address.data; *c != '\0'; c++)
		if (*c == '&')
			text_add(out, "&amp;");
		else
			text_add_char(out, *c);
	if (*scheme != '\0')
		text_printf(out, "|%.*s", (int)length, s);
	text_add_char(out, '>');
	rich_add(typist, "link", "url", address.data);
}

static size_t
address_read(struct typist *typist, const char *s)
{
	size_t length = strcspn(s, " \n\t<>\"`'");
	const char *at;

	while (length > 0 && strchr(".,;:!?)", s[length - 1]) != NULL)
		length--;
	at = memchr(s, '@', length);
	if (string_starts(s, "https://") || string_starts(s, "http://"))
		link_add(typist, "", s, length);
	else if (at != NULL && at > s && looks_like_host(at + 1, length - (size_t)(at + 1 - s)))
		link_add(typist, "mailto:", s, length);
	else if (at == NULL && looks_like_host(s, length))
		link_add(typist, "http://", s, length);
	else
		return 0;
	return length;
}

/* ---- the whole ----------------------------------------------------------------------------- */

static bool
word_starts(const char *start, const char *s)
{
	return s == start || strchr(" \n\t(,;\"'", s[-1]) != NULL;
}

static size_t
special_read(struct typist *typist, const char *start, const char *s)
{
	const char *end;

	if (*s == '`' && (end = strchr(s + 1, '`')) != NULL) {
		plain_add(typist, s, (size_t)(end - s) + 1);
		return (size_t)(end - s) + 1;
	}
	if (!word_starts(start, s))
		return 0;
	if (*s == '@')
		return mention_read(typist, s);
	return *s == '#' ? channel_read(typist, s) : address_read(typist, s);
}

void
typed_read(struct fake_slack *fs, const char *words, struct typed *typed)
{
	struct typist typist = { .fs = fs, .typed = typed, .run = TEXT_INIT };
	cJSON *block, *section;
	const char *s = words;
	size_t n;

	*typed = (struct typed){ .text = TEXT_INIT, .blocks = cJSON_CreateArray() };
	block = json_add_object(typed->blocks, NULL);
	json_add_string(block, "type", "rich_text");
	json_add_stringf(block, "block_id", "%05x", ++fs->workspace.names);
	section = json_add_object(json_add_array(block, "elements"), NULL);
	json_add_string(section, "type", "rich_text_section");
	typist.elements = json_add_array(section, "elements");
	while (*s != '\0') {
		if ((n = special_read(&typist, words, s)) == 0) {
			plain_add(&typist, s, 1);
			n = 1;
		}
		s += n;
	}
	run_flush(&typist);
	text_clear(&typist.run);
}

void
typed_clear(struct typed *typed)
{
	text_clear(&typed->text);
	cJSON_Delete(typed->blocks);
	typed->blocks = NULL;
}

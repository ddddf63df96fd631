/* yaml_print.c - a JSON document as block YAML. */

#include "yaml_print.h"

#include <ctype.h>
#include <string.h>

static bool
is_plain(const char *s)
{
	static const char *const words[] = { "true", "false", "null", "yes", "no", "on", "off", "y",
		"n", NULL };

	if (!isalpha((unsigned char)*s) && *s != '/')
		return false;
	if (string_in(s, words) || s[strlen(s) - 1] == ':')
		return false;
	return strspn(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._/@:-") ==
	    strlen(s);
}

static bool
is_nested(const cJSON *item)
{
	return (cJSON_IsObject(item) || cJSON_IsArray(item)) && item->child != NULL;
}

static void
scalar(struct text *out, const cJSON *item)
{
	if (cJSON_IsString(item) && is_plain(item->valuestring))
		text_add(out, item->valuestring);
	else
		json_print(out, item);	/* JSON is YAML; "{}" and "[]" too */
	text_add(out, "\n");
}

static void
blanks(struct text *out, int depth)
{
	for (int i = 0; i < depth; i++)
		text_add(out, "  ");
}

static void
key(struct text *out, const char *name)
{
	if (is_plain(name))
		text_add(out, name);
	else
		json_print_string(out, name);
	text_add(out, ":");
}

/* `begun`: the first line's indentation stands there already ("- "). */
static void
block(struct text *out, const cJSON *item, int depth, bool begun)
{
	const cJSON *child;
	bool list = cJSON_IsArray(item);

	json_each(child, item)
	{
		if (!begun)
			blanks(out, depth);
		begun = false;
		if (list)
			text_add(out, "-");
		else
			key(out, child->string);
		if (!is_nested(child)) {
			text_add(out, " ");
			scalar(out, child);
			continue;
		}
		text_add(out, list ? " " : "\n");
		/* A list stands below its key without more indentation. */
		block(out, child, depth + (list || cJSON_IsObject(child)), list);
	}
}

void
yaml_print(struct text *out, const cJSON *item)
{
	block(out, item, 0, false);
}

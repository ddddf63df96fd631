/* settings_expand.c - ${NAME}, file:PATH and literal secrets. */

#include <string.h>

#include "settings_parts.h"
#include "variables.h"

#define MASKED_FROM 6		/* bytes: a shorter value would mask half of every log (decision C2) */

static bool
is_variable_name(const char *name, size_t length)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_";

	return length > 0 && length < 128 && strchr(letters, name[0]) != NULL &&
	    strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_0123456789") >= length;
}

/* At "${": the value of what is named, and how many bytes of the text that was; 0 on error. */
static size_t
expand_one(struct text *out, const char *at, bool mask, struct error *err)
{
	size_t length = strcspn(at + 2, "}");
	const char *value;
	char name[128];

	if (at[2 + length] == '\0') {
		wrong(err, "found ${ without its }, expected ${NAME} ($${ is a literal ${)");
		return 0;
	}
	if (!is_variable_name(at + 2, length)) {
		wrong(err, "found ${%.*s}, expected a name of letters, digits and _ between the braces "
		    "($${ is a literal ${)", (int)(length < 60 ? length : 60), at + 2);
		return 0;
	}
	memcpy(name, at + 2, length);
	name[length] = '\0';
	if ((value = variable_find(name)) == NULL) {
		wrong(err, "found ${%s}, expected the environment variable %s to be set", name, name);
		return 0;
	}
	if (mask && strlen(value) >= MASKED_FROM)
		mask_add(secret_mask(), value, strlen(value));
	text_add(out, value);
	return length + 3;
}

bool
expand_text(struct text *out, const char *text, bool mask, bool *expanded, struct error *err)
{
	size_t used;

	*expanded = false;
	for (const char *at = text; *at != '\0'; at += used) {
		if ((used = strcspn(at, "$")) > 0) {
			text_add_bytes(out, at, used);
		} else if (string_starts(at, "$${")) {
			text_add(out, "${");
			used = 3;
		} else if (string_starts(at, "${")) {
			*expanded = true;
			if ((used = expand_one(out, at, mask, err)) == 0)
				return false;
		} else {
			text_add_char(out, '$');
			used = 1;
		}
	}
	if (out->cut)
		return wrong(err, "found a text of more than 1 MiB, expected a shorter one");
	return true;
}

const char *
expand_path(struct arena *arena, const char *folder, const char *path)
{
	if (path[0] == '/' || folder == NULL || folder[0] == '\0')
		return arena_strdup(arena, path);
	return arena_printf(arena, "%s/%s", folder, path);
}

/* What ends in a header or a variable of a child must be one line. */
static bool
secret_fits(const char *value, const char *what, struct error *err)
{
	if (value[0] == '\0')
		return wrong(err, "found %s that is empty, expected a secret", what);
	for (const char *at = value; *at != '\0'; at++)
		if ((unsigned char)*at < ' ' || *at == 0x7f)
			return wrong(err, "found %s with a control character in it (a second line?), "
			    "expected a secret of one line", what);
	return true;
}

static struct secret *
secret_from_file(const char *path, const char *folder, struct error *err)
{
	_cleanup_(arena_freep) struct arena *arena = arena_new();
	struct secret *secret;

	secret = secret_read_file(expand_path(arena, folder, path), err);
	if (secret == NULL) {
		struct error why = *err;

		wrong(err, "found file:%s, expected a file with a secret: %s", path, why.text);
		return NULL;
	}
	if (!secret_fits(secret_reveal(secret), "a file", err)) {
		secret_free(secret);
		return NULL;
	}
	return secret;
}

struct secret *
expand_secret(const char *text, const char *folder, bool *literal, struct error *err)
{
	_cleanup_(text_wipe) struct text value = TEXT_INIT;
	bool expanded;

	*literal = false;
	if (!expand_text(&value, text, true, &expanded, err))
		return NULL;
	if (string_starts(text, "file:"))
		return secret_from_file(value.data + strlen("file:"), folder, err);
	if (!secret_fits(value.data, expanded ? "a variable" : "a text", err))
		return NULL;
	*literal = !expanded;
	return secret_new(value.data, value.length);
}

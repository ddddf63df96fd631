/*
 * kubernetes_differ_values.c - what of a value is shown where two objects differ.
 *
 * What a Secret holds, and what a variable with a telling name holds, is never printed (SE6); a long value is cut,
 * but not where it differs.
 */
#include "kubernetes_differ.h"

#include <string.h>

#include "base/secret.h"
#include "base/text.h"
#include "base/unicode.h"

#define VALUE 120	/* characters of a value that are shown */
#define BEFORE 30	/* bytes before the first difference of two long ones */

static const char *
masked(struct walk *w, const char *s)
{
	_cleanup_(text_clear) struct text out = TEXT_INIT_LIMIT(MEGABYTES(4));
	const char *clean = foreign_line(w->plan->arena, s, strlen(s));

	mask_text(secret_mask(), &out, clean, strlen(clean));
	return arena_copy(w->plan->arena, out.data, out.length);
}

const char *
differ_shown(struct walk *w, const char *s)
{
	return cut_middle(w->plan->arena, masked(w, s), VALUE);
}

const char *
differ_scalar(struct arena *arena, const cJSON *value)
{
	return cJSON_IsString(value) ? value->valuestring : json_to_arena(arena, value);
}

bool
differ_is_scalar(const cJSON *value)
{
	return value != NULL && !cJSON_IsObject(value) && !cJSON_IsArray(value);
}

static size_t
count_lines(const char *s)
{
	size_t lines = s[0] != '\0' && s[strlen(s) - 1] != '\n';

	for (; *s != '\0'; s++)
		lines += *s == '\n';
	return lines;
}

/* A variable's source: "from Secret db, key password". */
static const char *
source_text(struct walk *w, const cJSON *source)
{
	const cJSON *from;

	if ((from = json_at(source, "secretKeyRef")) != NULL)
		return plan_arg(w->plan, "from Secret %s, key %s",
		    differ_shown(w, json_string_or(from, "name", "?")),
		    differ_shown(w, json_string_or(from, "key", "?")));
	if ((from = json_at(source, "configMapKeyRef")) != NULL)
		return plan_arg(w->plan, "from ConfigMap %s, key %s",
		    differ_shown(w, json_string_or(from, "name", "?")),
		    differ_shown(w, json_string_or(from, "key", "?")));
	return differ_shown(w, json_to_arena(w->plan->arena, source));
}

static const char *
value_text(struct walk *w, const cJSON *value)
{
	struct arena *arena = w->plan->arena;
	char hex[DIGEST_HEX];
	const char *s;

	if (value == NULL)
		return NULL;
	if (json_at(value, "valueFrom") != NULL)
		return source_text(w, json_at(value, "valueFrom"));
	if (json_at(value, "name") != NULL && w->depth >= 2 &&
	    string_equal(w->path[w->depth - 2].name, "env"))
		return value_text(w, json_at(value, "value"));
	if (json_at(value, "image") != NULL)
		return differ_shown(w, json_string_or(value, "image", "?"));
	s = differ_scalar(arena, value);
	if (count_lines(s) <= 1)
		return differ_shown(w, s);
	digest_of(s, strlen(s), hex);
	return plan_arg(w->plan, "%zu lines (%.6s)", count_lines(s), hex);
}

static const char *
window(struct arena *arena, const char *s, size_t start)
{
	size_t length = utf8_prefix(s + start, VALUE);

	return arena_printf(arena, "%s%.*s%s", start > 0 ? "…" : "", (int)length, s + start,
	    s[start + length] != '\0' ? "…" : "");
}

/* Two long values that differ where they were cut: what is around their first difference. */
static void
show_difference(struct walk *w, const cJSON *from, const cJSON *to, const char **old, const char **new)
{
	struct arena *arena = w->plan->arena;
	const char *a, *b;
	size_t at = 0;

	if (*old == NULL || !string_equal(*old, *new) || json_at(from, "valueFrom") != NULL)
		return;
	a = masked(w, differ_scalar(arena, json_at(from, "value") != NULL ? json_at(from, "value") : from));
	b = masked(w, differ_scalar(arena, json_at(to, "value") != NULL ? json_at(to, "value") : to));
	while (a[at] == b[at] && a[at] != '\0')
		at++;
	if (a[at] == b[at])		/* only what is masked differs */
		return;
	at -= at < BEFORE ? at : BEFORE;
	while (at > 0 && (a[at] & 0xc0) == 0x80)
		at--;
	*old = window(arena, a, at);
	*new = window(arena, b, at);
}

/* SE6: a size tells that a value is there, and no more. */
static const char *
hidden_text(struct walk *w, const cJSON *value)
{
	const char *s;

	if (value == NULL)
		return NULL;
	if (json_at(value, "valueFrom") != NULL)
		return source_text(w, json_at(value, "valueFrom"));
	s = json_string(value, "value");
	s = s != NULL ? s : differ_scalar(w->plan->arena, value);
	return plan_arg(w->plan, "hidden, %zu bytes", w->secret ? strlen(s) / 4 * 3 : strlen(s));
}

static bool
name_tells_secret(const char *name)
{
	static const char *const words[] = { "PASS", "PWD", "SECRET", "TOKEN", "CREDENTIAL",
		"PRIVATE", "APIKEY", "API_KEY", "API-KEY", "ACCESSKEY", "ACCESS_KEY", "ACCESS-KEY",
		"AUTH", "DSN" };

	for (size_t i = 0; i < COUNT(words); i++)
		if (strcasestr(name, words[i]) != NULL)
			return true;
	return false;
}

/*
 * Would printing it whole print a secret?  A list of variables is one value when a name stands in it
 * twice (which Kubernetes accepts), when it is long, or inside of what a custom resource holds.
 */
static bool
holds_secret(const struct walk *w, const cJSON *value)
{
	const char *name = json_string(value, "name");
	const cJSON *child;

	if (name != NULL && differ_is_scalar(json_at(value, "value")) && name_tells_secret(name))
		return true;
	json_each(child, value)
		if ((w->values && child->string != NULL && name_tells_secret(child->string)) ||
		    holds_secret(w, child))
			return true;
	return false;
}

/* Names of variables, of data and of values are their authors'; the others are the API's own. */
static bool
is_hidden(const struct walk *w, const cJSON *value)
{
	const struct place *last = &w->path[w->depth - 1];

	if (w->secret && w->depth >= 2)
		return true;
	if (json_at(value, "image") == NULL && holds_secret(w, value))
		return true;
	for (size_t i = 0; w->values && i < w->depth; i++)
		if (name_tells_secret(w->path[i].name))
			return true;
	if (last->keyed ? !string_equal(w->path[w->depth - 2].name, "env") : w->depth != 2 ||
	    !string_in(w->path[0].name, (const char *const[]){ "data", "binaryData", NULL }))
		return false;
	return name_tells_secret(last->name);
}

/* Of two images of one repository only what follows it: "v1.2.4 -> v1.2.3". */
static void
shorten_images(const char **from, const char **to)
{
	size_t length = *from != NULL ? strcspn(*from, "@") : 0;
	const char *tag;

	if (length == 0 || *to == NULL)
		return;
	for (tag = *from + length; tag > *from && *tag != ':' && *tag != '/';)
		tag--;
	if (*tag != ':' || strncmp(*from, *to, (size_t)(tag - *from) + 1) != 0)
		return;
	*to += tag - *from + 1;
	*from = tag + 1;
}

void
differ_sides(struct walk *w, const cJSON *from, const cJSON *to, const char **old, const char **new)
{
	bool hide = is_hidden(w, from) || is_hidden(w, to);

	*old = hide ? hidden_text(w, from) : value_text(w, from);
	*new = hide ? hidden_text(w, to) : value_text(w, to);
	if (string_equal(w->path[w->depth - 1].name, "image"))
		shorten_images(old, new);
	else if (!hide)
		show_difference(w, from, to, old, new);
}

/*
 * helm_secrets.c - the values of Secrets that a release's manifests hold, so that no stream shows
 * them (SE3).
 *
 * A manifest and its hooks are read before anything is shown or run; whatever they say in `data`
 * (base64) or `stringData` of a Secret joins the operation's mask.
 */

#include <string.h>

#include "base/digest.h"
#include "base/text.h"
#include "helm_secrets.h"
#include "yaml.h"

static void
add_values(struct arena *arena, const cJSON *values, bool encoded,
    void (*add)(void *, const char *, size_t), void *arg)
{
	const cJSON *value;
	size_t length;
	char *plain;

	json_each(value, values) {
		if (!cJSON_IsString(value))
			continue;
		plain = encoded ? base64_read(arena, value->valuestring, &length) : NULL;
		if (plain != NULL)
			add(arg, plain, length);
		else
			add(arg, value->valuestring, strlen(value->valuestring));
	}
}

void
helm_secrets(const struct fact *fact, void (*add)(void *, const char *, size_t), void *arg)
{
	struct error err = ERROR_INIT;
	_cleanup_(json_freep) cJSON *documents = NULL;
	_cleanup_(arena_freep) struct arena *arena = arena_new();
	const cJSON *document;

	if (fact->exit != 0 ||
	    (!string_starts(fact->name, "manifest-") && !string_starts(fact->name, "hooks-")))
		return;
	documents = yaml_read_documents(fact->out, fact->length, &err);
	json_each(document, documents) {
		if (!string_equal(json_string(document, "kind"), "Secret"))
			continue;
		add_values(arena, json_at(document, "data"), true, add, arg);
		add_values(arena, json_at(document, "stringData"), false, add, arg);
	}
}

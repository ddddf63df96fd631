/*
 * kubernetes_health.c - what a target must answer after a change (F2), by the settings of the target.
 *
 * A service is asked through the API server's proxy, so that rollcall needs no way into the cluster but
 * the one that it has.  The proxy tells a status of 2xx from another, and hands the body on.
 */
#include <stdlib.h>
#include <string.h>

#include "address.h"
#include "base/text.h"
#include "base/unicode.h"
#include "kubernetes.h"
#include "say.h"

static const char *
expected(struct plan *plan, const struct value *http)
{
	_cleanup_(json_freep) cJSON *expect = cJSON_CreateObject();
	const struct value *wanted = value_at(http, "json");
	_cleanup_(text_clear) struct text out = TEXT_INIT_LIMIT(KILOBYTES(64));

	for (size_t i = 0; wanted != NULL && i < value_count(wanted); i++)
		json_add_string(expect, value_key(wanted, i), value_string(value_item(wanted, i)));
	json_print_canonical(&out, expect);
	return arena_copy(plan->arena, out.data, out.length);
}

static void
add_step(struct plan *plan, const struct target *t, const struct value *http)
{
	const char *url = value_string(value_at(http, "url"));
	struct address a;

	if (url == NULL || !address_read(plan->arena, &a, url))
		return;		/* `rollcall check` has said so */
	plan_until(plan,
	    .title = say(plan->arena, "%s of %s answers", a.path,
		strncmp(a.service, "https:", 6) == 0 ? a.service + 6 : a.service),
	    .argv = plan_argv(plan, "kubectl", "get",
		plan_arg(plan, "--raw=/api/v1/namespaces/%s/services/%s:%s/proxy%s",
		    a.namespace != NULL ? a.namespace : t->namespace, a.service, a.port, a.path),
		"--request-timeout=10s", NULL),
	    .judge = "kubectl.answers",
	    .expect = expected(plan, http),
	    .limit = MINUTES(1),
	    .every = SECONDS(2),
	    .advisory = string_equal(value_string(value_at(http, "level")), "warn"));
}

void
kubernetes_health(struct plan *plan, const struct target *t)
{
	const struct value *verify = t->setting->verify;

	for (size_t i = 0; verify != NULL && i < value_count(verify); i++)
		if (value_at(value_item(verify, i), "http") != NULL)
			add_step(plan, t, value_at(value_item(verify, i), "http"));
}

/* RFC 6901, without the escapes that nobody uses in a health check. */
static const cJSON *
pointed(const cJSON *at, const char *pointer)
{
	while (at != NULL && *pointer == '/') {
		char key[128];
		size_t length = strcspn(++pointer, "/");

		if (length >= sizeof key)
			return NULL;
		memcpy(key, pointer, length);
		key[length] = '\0';
		pointer += length;
		at = cJSON_IsArray(at) ? cJSON_GetArrayItem(at, atoi(key))
				       : cJSON_GetObjectItemCaseSensitive(at, key);
	}
	return at;
}

static const char *
scalar(struct arena *arena, const cJSON *value)
{
	const char *text = "nothing";

	if (cJSON_IsString(value))
		text = value->valuestring;
	else if (value != NULL)
		text = json_to_arena(arena, value);
	return foreign_line(arena, text, strnlen(text, 80));
}

/* expect: {"/status": "healthy"}, every one of them */
enum verdict
kubernetes_judge_answers(struct arena *arena, const struct reading *r, const char *expect,
    const char **note)
{
	_cleanup_(json_freep) cJSON *wanted = json_parse(expect, strlen(expect), NULL), *body = NULL;
	const struct fact fact = { .errors = r->errors != NULL ? r->errors : "" };
	const cJSON *one;
	int length;

	if (r->exit != 0) {
		const char *reason = fact_reason(&fact, &length);

		*note = r->exit < 0 ? say(arena, "it did not answer in time")
				    : foreign_line(arena, reason, (size_t)length);
		return strstr(fact.errors, "Error from server") != NULL ? NOT_YET : UNSEEN;
	}
	*note = say(arena, "it answers");
	if (wanted == NULL || wanted->child == NULL)
		return HOLDS;
	if ((body = json_parse(r->out, r->length, NULL)) == NULL) {
		*note = say(arena, "it answers something that is no JSON");
		return NOT_YET;
	}
	json_each(one, wanted) {
		const char *is = scalar(arena, pointed(body, one->string));

		*note = say(arena, "%s is %s", one->string, is);
		if (!string_equal(is, one->valuestring)) {
			*note = say(arena, "%s is %s, not %s", one->string, is, one->valuestring);
			return NOT_YET;
		}
	}
	return HOLDS;
}

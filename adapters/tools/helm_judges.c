/*
 * helm_judges.c - what helm printed, compared with what the plan expects.
 *
 * Stored plans name these judges: a name keeps its meaning for ever.
 */
#include <string.h>

#include "base/text.h"
#include "base/unicode.h"
#include "helm_parts.h"

static const char *
last_line(struct arena *arena, const char *text)
{
	const struct fact fact = { .errors = text != NULL ? text : "" };
	const char *line;
	int length;

	line = fact_reason(&fact, &length);
	return foreign_line(arena, line, (size_t)length);
}

static enum verdict
unseen(struct arena *arena, const struct reading *r, const char **note)
{
	*note = r->exit < 0 ? say(arena, "the cluster did not answer in time") :
	    say(arena, "the tool said: %s", last_line(arena, r->errors));
	return UNSEEN;
}

/* expect: the digest of its hooks, for the plan's hash alone */
static enum verdict
judge_rolled_back(struct arena *arena, const struct reading *r, const char *expect,
    const char **note)
{
	(void)expect;
	if (r->exit == 0) {
		*note = say(arena, "helm accepted it");
		return HOLDS;
	}
	if (r->exit < 0)
		return unseen(arena, r, note);
	*note = say(arena, "helm: %s", last_line(arena, r->errors));
	return FAILS;
}

/* helm wrote the revision down and did not come to its end (HM5, HM8). */
static enum verdict
began(struct arena *arena, int64_t number, const char *status, const char **note)
{
	if (helm_is_pending(status))
		*note = say(arena, "revision %lld is %s, and while it is, helm refuses upgrades",
		    (long long)number, status);
	else
		*note = say(arena, "revision %lld is %s, but parts of it may be applied", (long long)number,
		    status);
	return BEGAN;
}

/* Of one that failed in the middle helm says `Rollback "web" failed: …`, and not to where it went. */
static bool
is_rollback_to(const cJSON *entry, int64_t to)
{
	_cleanup_(text_clear) struct text words = TEXT_INIT;
	const char *why = json_string_or(entry, "description", "");

	text_printf(&words, "Rollback to %lld", (long long)to);
	return string_equal(why, words.data) ||
	    (string_equal(json_string(entry, "status"), "failed") && string_starts(why, "Rollback \""));
}

static const char *
by_somebody(struct arena *arena, const cJSON *entry)
{
	const char *why = json_string_or(entry, "description", "");

	return say(arena, "somebody else made revision %lld: %s", (long long)helm_number(entry),
	    foreign_line(arena, why, strnlen(why, 200)));
}

/* expect: {"revision": 8, "to": 5}: the newest entry is that rollback, and it is deployed */
static enum verdict
judge_revision_is(struct arena *arena, const struct reading *r, const char *expect,
    const char **note)
{
	_cleanup_(json_freep) cJSON *wanted = json_parse(expect, strlen(expect), NULL), *history = NULL;
	int64_t number = json_integer(wanted, "revision", 0), last_number;
	const cJSON *last;
	const char *status;

	if (r->exit != 0)
		return unseen(arena, r, note);
	if ((history = json_parse(r->out, r->length, NULL)) == NULL) {
		*note = say(arena, "the history cannot be read");
		return UNSEEN;
	}
	last = helm_last(history);
	last_number = helm_number(last);
	status = json_string_or(last, "status", "unknown");
	status = foreign_line(arena, status, strnlen(status, 60));
	*note = say(arena, "revision %lld is %s", (long long)last_number, status);
	if (last_number < number)
		return NOT_YET;
	if (last_number > number || !is_rollback_to(last, json_integer(wanted, "to", 0))) {
		*note = by_somebody(arena, last);
		reading_of_others(r);
		return FAILS;
	}
	return string_equal(status, "deployed") ? HOLDS : began(arena, number, status, note);
}

/* expect: the pin */
static enum verdict
judge_manifest_is(struct arena *arena, const struct reading *r, const char *expect,
    const char **note)
{
	char pin[DIGEST_HEX];

	if (r->exit != 0)
		return unseen(arena, r, note);
	helm_pin(r->out, pin);
	*note = string_equal(pin, expect) ? say(arena, "its manifest is the one that was planned") :
	    say(arena, "its manifest is another one than planned");
	return string_equal(pin, expect) ? HOLDS : FAILS;
}

/* Do the containers have these images?  The first that has not, or NULL. */
static const char *
other_image(struct arena *arena, const cJSON *template, const cJSON *images)
{
	const cJSON *container, *wanted;

	json_each(container, json_at(template, "spec.containers")) {
		wanted =
		    cJSON_GetObjectItemCaseSensitive(images, json_string_or(container, "name", ""));
		if (wanted != NULL &&
		    !string_equal(json_string(container, "image"), wanted->valuestring)) {
			const char *image = json_string_or(container, "image", "none");

			return foreign_line(arena, image, strnlen(image, 300));
		}
	}
	return NULL;
}

/* expect: {"images": {"container": "image"}, "template": true}; template: whatever its pods run (KC12) */
static enum verdict
judge_workload_runs(struct arena *arena, const struct reading *r, const char *expect,
    const char **note)
{
	_cleanup_(json_freep) cJSON *wanted = json_parse(expect, strlen(expect), NULL), *object = NULL;
	struct error err = ERROR_INIT;
	const char *image, *writer;
	struct workload w;

	if (r->exit != 0) {
		unseen(arena, r, note);
		return r->errors != NULL && strstr(r->errors, "(NotFound)") != NULL ? FAILS
										    : UNSEEN;
	}
	if ((object = json_parse(r->out, r->length, &err)) == NULL ||
	    !workload_read(arena, &w, object, &err)) {
		*note = say(arena, "the answer cannot be read: %s", err.text);
		return UNSEEN;
	}
	if ((image = other_image(arena, w.template, json_at(wanted, "images"))) != NULL) {
		writer = workload_writer(arena, object);
		*note = say(arena, "another template is there: %s%s%s", image,
		    writer != NULL ? ", by " : "", writer != NULL ? writer : "");
		reading_of_others(r);
		return FAILS;
	}
	if (json_bool(wanted, "template", false) && w.observed >= w.generation) {
		*note = say(arena, "the template is there");
		return HOLDS;
	}
	if (w.deadline_passed && w.observed >= w.generation) {
		workload_done(arena, &w, note);
		*note = say(arena, "its progress deadline has passed, %s", *note);
		return FAILS;
	}
	return workload_done(arena, &w, note) ? HOLDS : NOT_YET;
}

const struct judge helm_judges[] = {
	{ "helm.rolled_back", judge_rolled_back },
	{ "helm.revision_is", judge_revision_is },
	{ "helm.manifest_is", judge_manifest_is },
	{ "helm.workload_runs", judge_workload_runs },
	{ NULL, NULL },
};

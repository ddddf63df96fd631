/*
 * kubectl_judges.c - what kubectl printed, compared with what the plan expects.
 *
 * Stored plans name these judges: a name keeps its meaning for ever.  The exit status is looked at
 * first; an object that could not be read is UNSEEN, which is neither good nor bad.
 */
#include <string.h>

#include "base/text.h"
#include "base/unicode.h"
#include "kubectl_parts.h"

static const char *
last_line(struct arena *arena, const char *text)
{
	const struct fact fact = { .errors = text != NULL ? text : "" };
	const char *line;
	int length;

	line = fact_reason(&fact, &length);
	return foreign_line(arena, line, (size_t)length);
}

/* The object or list that was printed; NULL: the note and the verdict tell why not. */
static cJSON *
answer(struct arena *arena, const struct reading *r, enum verdict *verdict, const char **note)
{
	struct error err = ERROR_INIT;
	cJSON *object = r->exit == 0 ? json_parse(r->out, r->length, &err) : NULL;

	*verdict = UNSEEN;
	if (object != NULL)
		return object;
	if (r->exit == 0)
		*note = say(arena, "the answer cannot be read: %s", err.text);
	else if (r->exit < 0)
		*note = say(arena, "the cluster did not answer in time");
	else
		*note = say(arena, "kubectl: %s", last_line(arena, r->errors));
	if (r->exit > 0 && r->errors != NULL && strstr(r->errors, "(NotFound)") != NULL)
		*verdict = FAILS;
	return NULL;
}

/* A change: exit 0, and the sentence for "nothing to do" (KC4) is the one text that counts. */
static enum verdict
judge_undone(struct arena *arena, const struct reading *r, const char *expect, const char **note)
{
	(void)expect;
	if (r->exit != 0) {
		*note = say(arena, "kubectl: %s", last_line(arena, r->errors));
		return r->exit < 0 ? UNSEEN : FAILS;
	}
	if (r->out != NULL && strstr(r->out, "skipped rollback") != NULL) {
		*note = say(arena, "it runs that template already");
		return UNCHANGED;
	}
	*note = say(arena, "rolled back");
	return HOLDS;
}

/* Reads the workload that was printed, with its pin. */
static bool
live(struct arena *arena, struct workload *w, char pin[DIGEST_HEX], cJSON **object,
    const struct reading *r, enum verdict *verdict, const char **note)
{
	struct error err = ERROR_INIT;

	if ((*object = answer(arena, r, verdict, note)) == NULL)
		return false;
	if (!workload_read(arena, w, *object, &err)) {
		*note = arena_strdup(arena, err.text);
		return false;
	}
	template_pin(w->template, pin);
	return true;
}

static const char *
foreign_deploy(struct arena *arena, const struct reading *r, const struct workload *w)
{
	const char *image = template_image(arena, w->template, w->name);
	const char *writer = workload_writer(arena, w->object);

	reading_of_others(r);
	return say(arena, "another template is there: %s%s%s", image != NULL ? image : "no image",
	    writer != NULL ? ", by " : "", writer != NULL ? writer : "");
}

static enum verdict
judge_template_is(struct arena *arena, const struct reading *r, const char *expect,
    const char **note)
{
	_cleanup_(json_freep) cJSON *object = NULL;
	char pin[DIGEST_HEX];
	enum verdict verdict;
	struct workload w;

	if (!live(arena, &w, pin, &object, r, &verdict, note))
		return verdict;
	if (!string_equal(pin, expect)) {
		*note = foreign_deploy(arena, r, &w);
		return NOT_YET;
	}
	*note = say(arena, "the template is there");
	return HOLDS;
}

/* expect: {"pin": …, "revision": N}; revision 0: its kind has none */
static enum verdict
judge_taken_up(struct arena *arena, const struct reading *r, const char *expect, const char **note)
{
	_cleanup_(json_freep) cJSON *wanted = json_parse(expect, strlen(expect), NULL), *object = NULL;
	int64_t number = json_integer(wanted, "revision", 0);
	char pin[DIGEST_HEX];
	enum verdict verdict;
	struct workload w;

	if (!live(arena, &w, pin, &object, r, &verdict, note))
		return verdict;
	if (!string_equal(pin, json_string(wanted, "pin"))) {
		*note = foreign_deploy(arena, r, &w);
		return FAILS;
	}
	if (w.observed < w.generation || w.revision < number) {
		*note = say(arena, "its controller has not seen the change yet");
		return NOT_YET;
	}
	if (number > 0 && w.revision > number) {
		*note = say(arena, "another deploy came between: revision %lld instead of %lld",
		    (long long)w.revision, (long long)number);
		return FAILS;
	}
	if (w.deadline_before) {	/* `rollout status` would take it for this rollout's */
		*note = say(arena, "its controller still tells of the rollout before");
		return NOT_YET;
	}
	*note = number > 0 ? say(arena, "it is revision %lld now", (long long)number) :
	    say(arena, "its controller works on it");
	return HOLDS;
}

/* A cluster that could not be asked says nothing about the rollout. */
static enum verdict
judge_rolled_out(
    struct arena *arena, const struct reading *r, const char *expect, const char **note)
{
	const char *errors = r->errors != NULL ? r->errors : "";

	(void)expect;
	if (r->exit == 0) {
		*note = say(arena, "the rollout is complete");
		return HOLDS;
	}
	if (strstr(errors, "desired revision") != NULL)
		*note = say(arena, "another deploy took its place: %s", last_line(arena, errors));
	else if (strstr(errors, "exceeded its progress deadline") != NULL)
		*note = say(arena, "no progress within the deadline of the deployment");
	else if (r->exit < 0 || strstr(errors, "timed out waiting") != NULL)
		*note = say(arena, "not complete within its time");
	else
		*note = say(arena, "kubectl: %s", last_line(arena, errors));
	return r->exit > 0 && kubectl_lost(errors) && strstr(errors, "timed out waiting") == NULL ? UNSEEN : FAILS;
}

/* expect: the pin; "": any */
static enum verdict
judge_workload_is(struct arena *arena, const struct reading *r, const char *expect,
    const char **note)
{
	_cleanup_(json_freep) cJSON *object = NULL;
	char pin[DIGEST_HEX];
	enum verdict verdict;
	struct workload w;

	if (!live(arena, &w, pin, &object, r, &verdict, note))
		return verdict;
	if (expect != NULL && expect[0] != '\0' && !string_equal(pin, expect)) {
		*note = foreign_deploy(arena, r, &w);
		return FAILS;
	}
	if (w.deadline_passed) {
		workload_done(arena, &w, note);
		*note = say(arena, "its progress deadline has passed, %s", *note);
		return FAILS;
	}
	return workload_done(arena, &w, note) ? HOLDS : NOT_YET;
}

/* Is it there instead of the one that was deleted? */
static bool
is_instead(const cJSON *pod, const cJSON *instead)
{
	const char *name = json_string(instead, "name"), *node = json_string(instead, "node");

	return owned_by(pod, json_string(instead, "owner")) &&
	    !string_equal(json_string(pod, "metadata.uid"), json_string(instead, "uid")) &&
	    (name == NULL || string_equal(json_string(pod, "metadata.name"), name)) &&
	    (node == NULL || string_equal(json_string(pod, "spec.nodeName"), node));
}

/* Of a list, what is there instead; it borrows from the list. */
static cJSON *
those_instead(const cJSON *list, const cJSON *instead)
{
	cJSON *chosen = cJSON_CreateObject(), *items = json_add_array(chosen, "items");

	for (size_t i = 0; i < items_count(list); i++)
		if (is_instead(items_at(list, i), instead))
			cJSON_AddItemReferenceToArray(items, (cJSON *)(uintptr_t)items_at(list, i));
	return chosen;
}

/*
 * expect: {"images": {"container": "image"}, "version": "v1.2.3", "least": 3}; with "instead": {"owner": uid,
 * "uid": …, "name" or "node": …} only the pod that took the place of that one is looked at
 */
static enum verdict
judge_pods_are(struct arena *arena, const struct reading *r, const char *expect, const char **note)
{
	_cleanup_(json_freep) cJSON *wanted = json_parse(expect, strlen(expect), NULL), *list = NULL, *some = NULL;
	const cJSON *instead = json_at(wanted, "instead");
	const char *version = json_string(wanted, "version");
	_cleanup_(text_clear) struct text out = TEXT_INIT_LIMIT(400);
	enum verdict verdict;
	struct pods pods;

	if ((list = answer(arena, r, &verdict, note)) == NULL)
		return verdict;
	if (instead != NULL)
		some = those_instead(list, instead);
	pods_read(arena, &pods, some != NULL ? some : list, NULL, NULL, json_at(wanted, "images"));
	text_printf(&out, "%d of %d pods ready", pods.ready, pods.count);
	if (version != NULL && pods.other == 0)
		text_printf(&out, " on %s", version);
	if (pods.other > 0)
		text_printf(&out, ", %d of another version", pods.other);
	if (pods.restarts > 0)
		text_printf(&out, ", %d restart%s", pods.restarts, pods.restarts == 1 ? "" : "s");
	if (pods.trouble != NULL)
		text_printf(&out, ", %s", pods.trouble);
	*note = arena_copy(arena, out.data, out.length);
	if (r->found != NULL) {
		r->found->pods += pods.count;
		r->found->restarts += pods.restarts;
	}
	return pods.count >= json_integer(wanted, "least", 1) && pods.ready == pods.count &&
	    pods.other == 0 ? HOLDS : NOT_YET;
}

/* EndpointSlices; an absent condition means ready (discovery/v1). */
static enum verdict
judge_endpoints_are(struct arena *arena, const struct reading *r, const char *expect,
    const char **note)
{
	_cleanup_(json_freep) cJSON *list = NULL;
	const cJSON *endpoint;
	enum verdict verdict;
	int ready = 0;

	(void)expect;
	if ((list = answer(arena, r, &verdict, note)) == NULL)
		return verdict;
	for (size_t i = 0; i < items_count(list); i++)
		json_each(endpoint, json_at(items_at(list, i), "endpoints"))
			ready += json_bool(endpoint, "conditions.ready", true) &&
			    cJSON_GetArraySize(json_at(endpoint, "addresses")) > 0;
	*note = say_count(arena, ready, "%d endpoint is ready", "%d endpoints are ready", ready);
	return ready > 0 ? HOLDS : NOT_YET;
}

/* expect: the cause that came back with the old revision, "": none; ours is another one. */
static enum verdict
judge_cause_moved(struct arena *arena, const struct reading *r, const char *expect,
    const char **note)
{
	_cleanup_(json_freep) cJSON *object = NULL;
	enum verdict verdict;
	const char *cause;

	if ((object = answer(arena, r, &verdict, note)) == NULL)
		return verdict;
	cause = metadata_of(object, "annotations", "kubernetes.io/change-cause");
	*note = cause != NULL ? foreign_line(arena, cause, strnlen(cause, 200)) : "no change cause";
	/* As kubectl_revision() reads it. */
	return cause != NULL && !string_equal(foreign_line(arena, cause, strnlen(cause, 500)), expect) ?
	    HOLDS : NOT_YET;
}

/* expect: "true" or "false" */
static enum verdict
judge_paused_is(struct arena *arena, const struct reading *r, const char *expect, const char **note)
{
	_cleanup_(json_freep) cJSON *object = NULL;
	enum verdict verdict;
	bool paused;

	if ((object = answer(arena, r, &verdict, note)) == NULL)
		return verdict;
	paused = json_bool(object, "spec.paused", false);
	*note = paused ? say(arena, "it is paused") : say(arena, "it is not paused");
	if (paused == string_equal(expect, "true"))
		return HOLDS;
	reading_of_others(r);
	return NOT_YET;
}

/* expect: the count */
static enum verdict
judge_replicas_are(struct arena *arena, const struct reading *r, const char *expect,
    const char **note)
{
	_cleanup_(json_freep) cJSON *object = NULL;
	enum verdict verdict;
	int64_t wanted = -1, is;

	if ((object = answer(arena, r, &verdict, note)) == NULL)
		return verdict;
	string_number(expect, 0, 1000000, &wanted);
	is = json_integer(object, "spec.replicas", 1);
	*note = say(arena, "%lld replicas are asked for", (long long)is);
	if (is == wanted)
		return HOLDS;
	reading_of_others(r);
	return NOT_YET;
}

/* expect: the count; its pods are there too.  Somebody else's count is a failure: an autoscaler's, say. */
static enum verdict
judge_scaled(struct arena *arena, const struct reading *r, const char *expect, const char **note)
{
	_cleanup_(json_freep) cJSON *object = NULL;
	char pin[DIGEST_HEX];
	enum verdict verdict;
	int64_t wanted = -1;
	struct workload w;

	if (!live(arena, &w, pin, &object, r, &verdict, note))
		return verdict;
	string_number(expect, 0, 1000000, &wanted);
	if (w.wanted != wanted) {
		*note = say(arena, "somebody else asks for %d", w.wanted);
		reading_of_others(r);
		return FAILS;
	}
	*note = say(arena, "%d of %d pods ready", w.ready, w.wanted);
	return w.observed >= w.generation && w.replicas == wanted && w.ready == wanted ? HOLDS
										       : NOT_YET;
}

/* expect: "container=image" */
static enum verdict
judge_image_is(struct arena *arena, const struct reading *r, const char *expect, const char **note)
{
	_cleanup_(json_freep) cJSON *object = NULL;
	const cJSON *container;
	enum verdict verdict;

	if ((object = answer(arena, r, &verdict, note)) == NULL)
		return verdict;
	*note = say(arena, "it has another image");
	json_each(container, json_at(object, "spec.template.spec.containers")) {
		const char *has = arena_printf(arena, "%s=%s",
		    json_string_or(container, "name", ""), json_string_or(container, "image", ""));

		if (string_equal(has, expect)) {
			*note = say(arena, "the image is there");
			return HOLDS;
		}
	}
	reading_of_others(r);
	return NOT_YET;
}

/* expect: restartedAt before it, "": never */
static enum verdict
judge_restarted(struct arena *arena, const struct reading *r, const char *expect, const char **note)
{
	_cleanup_(json_freep) cJSON *object = NULL;
	enum verdict verdict;
	const char *stamp;

	if ((object = answer(arena, r, &verdict, note)) == NULL)
		return verdict;
	stamp = metadata_of(json_at(object, "spec.template"), "annotations", RESTARTED_AT);
	*note = stamp != NULL ?
	    say(arena, "restarted at %s", foreign_line(arena, stamp, strnlen(stamp, 60))) :
	    say(arena, "never restarted");
	return stamp != NULL && !string_equal(stamp, expect) ? HOLDS : NOT_YET;
}

/* expect: the uid of the pod; asked with --ignore-not-found */
static enum verdict
judge_pod_gone(struct arena *arena, const struct reading *r, const char *expect, const char **note)
{
	_cleanup_(json_freep) cJSON *object = NULL;
	enum verdict verdict;

	if (r->exit == 0 && r->length == 0) {
		*note = say(arena, "the pod is gone");
		return HOLDS;
	}
	if ((object = answer(arena, r, &verdict, note)) == NULL)
		return verdict;
	if (!string_equal(json_string(object, "metadata.uid"), expect)) {
		*note = say(arena, "a new pod has its place");
		return HOLDS;
	}
	*note = json_at(object, "metadata.deletionTimestamp") != NULL ?
	    say(arena, "the pod is ending") : say(arena, "the pod is still there");
	return NOT_YET;
}

const struct judge kubectl_judges[] = {
	{ "kubectl.undone", judge_undone },
	{ "kubectl.template_is", judge_template_is },
	{ "kubectl.taken_up", judge_taken_up },
	{ "kubectl.rolled_out", judge_rolled_out },
	{ "kubectl.workload_is", judge_workload_is },
	{ "kubectl.pods_are", judge_pods_are },
	{ "kubectl.endpoints_are", judge_endpoints_are },
	{ "kubectl.cause_moved", judge_cause_moved },
	{ "kubectl.paused_is", judge_paused_is },
	{ "kubectl.replicas_are", judge_replicas_are },
	{ "kubectl.scaled", judge_scaled },
	{ "kubectl.image_is", judge_image_is },
	{ "kubectl.restarted", judge_restarted },
	{ "kubectl.pod_gone", judge_pod_gone },
	{ "kubectl.answers", kubernetes_judge_answers },
	{ NULL, NULL },
};

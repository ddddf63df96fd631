/* kubectl_rollout.c - rollout undo, pause, resume, restart, history. */

#include <stdlib.h>
#include <string.h>

#include "kubectl.h"

#define REVISION "deployment.kubernetes.io/revision"

/* ---- history ---- */

int64_t
history_number(const cJSON *revision)
{
	const char *text = annotation(revision, REVISION);

	if (object_is(revision, "ControllerRevision"))
		return number(revision, "revision");
	return text != NULL ? strtoll(text, NULL, 10) : 0;
}

cJSON *
history_template(cJSON *revision)
{
	cJSON *template = cJSON_Duplicate(object_is(revision, "ControllerRevision")
	    ? at(revision, "data.spec.template") : at(revision, "spec.template"), true);

	cJSON_DeleteItemFromObjectCaseSensitive(template, "$patch");
	cJSON_DeleteItemFromObjectCaseSensitive(at(template, "metadata.labels"),
	    "pod-template-hash");
	return template;
}

static bool
is_revision_of(const cJSON *object, const cJSON *workload)
{
	return (object_is(object, "ReplicaSet") || object_is(object, "ControllerRevision")) &&
	    owned(object, workload) && history_number(object) > 0;
}

cJSON *
history_find(struct kubectl *kubectl, const cJSON *workload, int64_t wanted)
{
	struct world *world = &kubectl->world;
	cJSON *object;

	each_object(world, object)
		if (is_revision_of(object, workload) && history_number(object) == wanted)
			return object;
	return NULL;
}

/* The highest below `limit`; 0: none. */
static int64_t
highest_below(struct kubectl *kubectl, const cJSON *workload, int64_t limit)
{
	struct world *world = &kubectl->world;
	int64_t highest = 0, one;
	cJSON *object;

	each_object(world, object) {
		one = is_revision_of(object, workload) ? history_number(object) : 0;
		if (one < limit && one > highest)
			highest = one;
	}
	return highest;
}

static void
describe_template(struct kubectl *kubectl, const cJSON *template)
{
	const cJSON *container, *label;

	kubectl_say(kubectl, "Pod Template:");
	json_each(label, json_at(template, "metadata.labels"))
		kubectl_say(kubectl, "  %s%s=%s", label->prev->next == NULL ? "Labels:\t" : "\t",
		    label->string, cJSON_GetStringValue(label));
	kubectl_say(kubectl, "  Containers:");
	json_each(container, json_at(template, "spec.containers"))
	{
		kubectl_say(kubectl, "   %s:", json_string_or(container, "name", ""));
		kubectl_say(kubectl, "    Image:\t%s", json_string_or(container, "image", ""));
		kubectl_say(kubectl, "    Port:\t<none>\n    Host Port:\t<none>");
		kubectl_say(kubectl, "    Environment:\t<none>\n    Mounts:\t<none>");
	}
	kubectl_say(kubectl, "  Volumes:\t<none>\n  Node-Selectors:\t<none>\n  Tolerations:\t<none>");
}

static int
history_of_one(struct kubectl *kubectl, const struct reference *reference, const cJSON *workload,
    int64_t wanted)
{
	cJSON *revision = history_find(kubectl, workload, wanted), *template;

	if (revision == NULL)
		return kubectl_error(kubectl, "unable to find the specified revision");
	template = history_template(revision);
	kubectl_say(kubectl, "%s with revision #%lld", kubectl_resource(kubectl, reference),
	    (long long)wanted);
	describe_template(kubectl, template);
	text_add(&kubectl->tool->out, "\n");
	cJSON_Delete(template);
	return 0;
}

int
rollout_history(struct kubectl *kubectl)
{
	const char *wanted = arguments_flag(&kubectl->arguments, "--revision"), *cause;
	struct reference reference;
	cJSON *workload, *revision;
	size_t next = 2;

	if ((workload = kubectl_object(kubectl, &reference, &next, "get")) == NULL)
		return 1;
	if (wanted != NULL && !string_equal(wanted, "0"))
		return history_of_one(kubectl, &reference, workload, strtoll(wanted, NULL, 10));
	kubectl_say(kubectl, "%s ", kubectl_resource(kubectl, &reference));
	if (highest_below(kubectl, workload, INT64_MAX) == 0) {
		kubectl_say(kubectl, "No rollout history found.");
		return 0;
	}
	kubectl_say(kubectl, "REVISION  CHANGE-CAUSE");
	for (int64_t n = 1; n <= highest_below(kubectl, workload, INT64_MAX); n++) {
		if ((revision = history_find(kubectl, workload, n)) == NULL)
			continue;
		cause = annotation(revision, "kubernetes.io/change-cause");
		kubectl_say(kubectl, "%-9lld %s", (long long)n, cause != NULL ? cause : "<none>");
	}
	text_add(&kubectl->tool->out, "\n");
	return 0;
}

/* ---- undo ---- */

/* KC6: of the Deployment's own annotations only these stay. */
static bool
is_kept(const char *key)
{
	static const char *const kept[] = { "kubectl.kubernetes.io/last-applied-configuration",
		REVISION, "deployment.kubernetes.io/revision-history",
		"deployment.kubernetes.io/desired-replicas", "deployment.kubernetes.io/max-replicas",
		"deprecated.deployment.rollback.to", NULL };

	return string_in(key, kept);
}

static void
take_annotations(cJSON *workload, const cJSON *revision)
{
	cJSON *annotations = ensure(workload, "metadata.annotations"), *one, *next;

	for (one = annotations->child; one != NULL; one = next) {
		next = one->next;
		if (!is_kept(one->string))
			cJSON_Delete(cJSON_DetachItemViaPointer(annotations, one));
	}
	json_each(one, json_at(revision, "metadata.annotations"))
		if (!is_kept(one->string))
			annotate(workload, one->string, cJSON_GetStringValue(one));
}

static int
undo_to(struct kubectl *kubectl, const struct reference *reference, cJSON *workload,
    cJSON *revision)
{
	cJSON *template = history_template(revision);

	if (template_equal(template, kubectl_template(workload))) {
		cJSON_Delete(template);
		kubectl_say(kubectl, "%s skipped rollback (current template already matches revision "
		    "%lld)", kubectl_resource(kubectl, reference), (long long)history_number(revision));
		return 0;
	}
	if (string_equal(arguments_flag(&kubectl->arguments, "--dry-run"), "server")) {
		cJSON_Delete(template);
		kubectl_say(kubectl, "%s rolled back (server dry run)",
		    kubectl_resource(kubectl, reference));
		return 0;
	}
	if (object_is(workload, "Deployment"))
		take_annotations(workload, revision);
	put(workload, "spec.template", template);
	object_respecified(&kubectl->world, workload);
	object_written(&kubectl->world, workload, "kubectl-rollout", "spec.template");
	kubectl_say(kubectl, "%s rolled back", kubectl_resource(kubectl, reference));
	return 0;
}

static bool
has_rollout(const cJSON *workload)
{
	return object_is(workload, "Deployment") || object_is(workload, "StatefulSet") ||
	    object_is(workload, "DaemonSet");
}

int
rollout_undo(struct kubectl *kubectl)
{
	int64_t wanted = strtoll(arguments_flag_or(&kubectl->arguments, "--to-revision", "0"), NULL,
	    10);
	struct reference reference;
	cJSON *workload, *revision;
	size_t next = 2;

	if ((workload = kubectl_object(kubectl, &reference, &next, "patch")) == NULL)
		return 1;
	if (!has_rollout(workload))
		return kubectl_error(kubectl, "no rollbacker has been implemented for \"%s\"",
		    reference.kind->kind);
	if (wanted < 0)
		return kubectl_error(kubectl, "revision must be a positive integer: %lld",
		    (long long)wanted);
	if (json_bool(workload, "spec.paused", false))
		return kubectl_error(kubectl, "you cannot rollback a paused deployment; resume it "
		    "first with 'kubectl rollout resume' and try again");
	if (wanted == 0)
		wanted = highest_below(kubectl, workload,
		    highest_below(kubectl, workload, INT64_MAX));
	if (wanted == 0 && object_is(workload, "Deployment"))
		return kubectl_error(kubectl, "no rollout history found for deployment \"%s\"",
		    reference.name);
	if (wanted == 0)
		return kubectl_error(kubectl, "no last revision to roll back to");
	if ((revision = history_find(kubectl, workload, wanted)) == NULL)
		return kubectl_error(kubectl, "unable to find specified revision %lld in history",
		    (long long)wanted);
	return undo_to(kubectl, &reference, workload, revision);
}

/* ---- pause, resume, restart ---- */

static int
set_paused(struct kubectl *kubectl, bool paused)
{
	struct reference reference;
	cJSON *workload;
	size_t next = 2;

	if ((workload = kubectl_object(kubectl, &reference, &next, "patch")) == NULL)
		return 1;
	if (!object_is(workload, "Deployment"))
		return kubectl_error(kubectl, "%s.%s \"%s\" %s is not supported",
		    reference.kind->plural, reference.kind->group, reference.name,
		    paused ? "pausing" : "resuming");
	if (json_bool(workload, "spec.paused", false) == paused)
		return kubectl_error(kubectl, "deployments.apps \"%s\" is %s paused", reference.name,
		    paused ? "already" : "not");
	put(workload, "spec.paused", paused ? cJSON_CreateTrue() : NULL);
	object_respecified(&kubectl->world, workload);
	object_written(&kubectl->world, workload, "kubectl-rollout", "spec.paused");
	kubectl_say(kubectl, "%s %s", kubectl_resource(kubectl, &reference),
	    paused ? "paused" : "resumed");
	return 0;
}

int
rollout_pause(struct kubectl *kubectl)
{
	return set_paused(kubectl, true);
}

int
rollout_resume(struct kubectl *kubectl)
{
	return set_paused(kubectl, false);
}

int
rollout_restart(struct kubectl *kubectl)
{
	static const char key[] = "kubectl.kubernetes.io/restartedAt";
	const char *now = stamp_of(&kubectl->world, kubectl->world.now);
	struct reference reference;
	cJSON *workload, *template;
	size_t next = 2;

	if ((workload = kubectl_object(kubectl, &reference, &next, "patch")) == NULL)
		return 1;
	template = kubectl_template(workload);
	if (json_bool(workload, "spec.paused", false))
		return kubectl_error(kubectl, "deployments.apps \"%s\" can't restart paused "
		    "deployment (run rollout resume first)", reference.name);
	if (string_equal(annotation(template, key), now))
		return kubectl_error(kubectl, "failed to create patch for %s: if restart has already "
		    "been triggered within the past second, please wait before attempting to trigger "
		    "another", reference.name);
	annotate(template, key, now);
	object_respecified(&kubectl->world, workload);
	object_written(&kubectl->world, workload, "kubectl-rollout", "spec.template");
	kubectl_say(kubectl, "%s restarted", kubectl_resource(kubectl, &reference));
	return 0;
}

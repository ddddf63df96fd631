/*
 * kubectl_rollout.c - pause, resume, restart, scale, pin an image, restart a pod (A8-A11, A16).
 *
 * The same for the three kinds of workloads.  Each reads first, changes by one short call that can
 * be probed, waits by reading, and reads back.
 */
#include <string.h>

#include "base/text.h"
#include "base/unicode.h"
#include "kubectl_parts.h"

/* Who is it, who else looks after it, may we; w is filled. */
static bool
begin(struct plan *plan, struct workload *w, const struct target *t, const struct facts *facts,
    struct error *err)
{
	struct guarded g = { .target = t, .facts = facts, .now = w };

	if (!kubectl_workload(plan->arena, w, t, facts, err) || !kubectl_guard_owner(plan, &g, err))
		return false;
	kubectl_lock(plan, t, w);
	return true;
}

static void
remark_progress(struct plan *plan, const struct workload *w, const struct target *t,
    const struct facts *facts)
{
	struct guarded g = { .target = t, .facts = facts, .now = w };

	kubectl_guard_progress(plan, &g);
}

static void
step_change(struct plan *plan, const struct target *t, const char *title, char **argv,
    const char *judge, const char *expect)
{
	plan_run(plan,
	    .title = title,
	    .argv = argv,
	    .limit = KUBECTL_CHANGE,
	    .effect = CHANGES,
	    .cancel = FINISH,
	    .resume = PROBE,
	    .probe = kubectl_probe(plan, t, judge, expect));
}

static const char *
name_of(struct plan *plan, const struct workload *w)
{
	return plan_arg(plan, "%s %s", w->kind, w->name);
}

static const char *
wanted_version(struct plan *plan, const struct workload *w)
{
	const char *image = template_image(plan->arena, w->template, w->name);
	const char *version = image_version(plan->arena, image);

	return version != NULL ? version : image != NULL ? image : "its template";
}

/* Why an end as planned would show no pod, or not every pod, of the new template (KC12). */
static void
unproven(struct plan *plan, const struct workload *w)
{
	if (w->paused)
		plan->unproven = say(plan->arena, "its pods run it once it is resumed");
	else if (w->on_delete)
		plan->unproven =
		    say(plan->arena, "its pods run it once somebody has deleted them (OnDelete)");
	else if (w->partition > 0)
		plan->unproven = say(plan->arena, "the pods below its partition keep what they run");
}

/* ---- pause and resume ---------------------------------------------------------------------- */

bool
kubectl_pause(struct plan *plan, const struct target *t, const struct facts *facts,
    struct error *err)
{
	const char *stands;
	struct workload w;

	if (!begin(plan, &w, t, facts, err))
		return false;
	if (w.paused) {
		plan->unchanged = say(plan->arena, "%s is paused already", t->name);
		return true;
	}
	if (workload_in_progress(&w)) {
		workload_done(plan->arena, &w, &stands);
		plan_remark(plan, REMARK_NOTE, "pause.mixed",
		    "Pausing is not stopping: old and new pods both go on serving (%s)", stands);
	}
	plan_difference(plan, CHANGE_MODIFY, name_of(plan, &w), "paused", "no", "yes");
	step_change(plan, t, say(plan->arena, "Pause the rollout"),
	    kubectl_rollout(plan, t->namespace, "pause", t->object), "kubectl.paused_is", "true");
	plan_check(plan, .title = say(plan->arena, "Read it back"), .judge = "kubectl.paused_is",
	    .expect = "true", .limit = KUBECTL_READ,
	    .argv = kubectl_get(plan, t->namespace, t->object));
	return true;
}

static void
steps_settle(struct plan *plan, const struct target *t, const struct facts *facts,
    const struct workload *w, const cJSON *template, int64_t number)
{
	char pin[DIGEST_HEX];

	template_pin(template, pin);
	kubectl_step_taken_up(plan, t, pin, number);
	kubectl_step_rollout(plan, t, number);
	kubectl_step_readback(plan, t, facts, w, template, pin);
}

bool
kubectl_resume(struct plan *plan, const struct target *t, const struct facts *facts,
    struct error *err)
{
	struct workload w;

	if (!begin(plan, &w, t, facts, err))
		return false;
	if (!w.paused) {
		plan->unchanged = say(plan->arena, "%s is not paused", t->name);
		return true;
	}
	if (w.updated < w.wanted)
		plan_remark(plan, REMARK_NOTE, "resume.rolls",
		    "%d of %d pods will change to %s, which is in its template",
		    w.wanted - w.updated, w.wanted, wanted_version(plan, &w));
	plan_difference(plan, CHANGE_MODIFY, name_of(plan, &w), "paused", "yes", "no");
	step_change(plan, t, say(plan->arena, "Resume the rollout"),
	    kubectl_rollout(plan, t->namespace, "resume", t->object), "kubectl.paused_is", "false");
	steps_settle(plan, t, facts, &w, w.template, 0);
	return true;
}

/* ---- restart ------------------------------------------------------------------------------- */

bool
kubectl_restart(struct plan *plan, const struct target *t, const struct facts *facts,
    struct error *err)
{
	const char *stamp;
	struct workload w;

	if (!begin(plan, &w, t, facts, err))
		return false;
	if (w.paused)
		return refuse(err,
		    "%s is paused, and a paused deployment cannot be restarted: first "
		    "/rollout resume %s",
		    t->object, t->setting->key);
	if (w.on_delete)
		return refuse(err,
		    "the pods of %s change only when they are deleted (OnDelete); restart "
		    "them one by one",
		    t->object);
	remark_progress(plan, &w, t, facts);
	unproven(plan, &w);
	stamp = metadata_of(w.template, "annotations", RESTARTED_AT);
	step_change(plan, t, say(plan->arena, "Restart %s", t->name),
	    kubectl_rollout(plan, t->namespace, "restart", t->object), "kubectl.restarted",
	    stamp != NULL ? stamp : "");
	steps_settle(plan, t, facts, &w, w.template, w.revision > 0 ? w.revision + 1 : 0);
	return true;
}

/* ---- scale --------------------------------------------------------------------------------- */

/* KC23: "+2" is for us to compute; a tool would take it for 2. */
static bool
read_amount(const char *amount, int from, int *to, struct error *err)
{
	bool relative = amount[0] == '+' || amount[0] == '-';
	int64_t number;

	if (!string_number(amount + relative, 0, 10000, &number))
		return wrong(err, "\"%.20s\" is no number of pods; say 5, +2 or -1", amount);
	if (relative)
		number = amount[0] == '+' ? from + number : from - number;
	if (number < 0 || number > 10000)
		return wrong(err, "there are %d pods; %.20s would make it %lld", from, amount,
		    (long long)number);
	*to = (int)number;
	return true;
}

/* KC17 */
static void
remark_autoscaler(struct plan *plan, const struct workload *w, const struct facts *facts, int to)
{
	const cJSON *scaler;

	if (!kubectl_autoscaled(facts, w, &scaler))
		return;
	if (to == 0 || w->wanted == 0)
		plan_remark(plan, REMARK_CHECK, "replicas.autoscaler",
		    "0 replicas switch its autoscaler off until somebody asks for 1 or more");
	else
		plan_remark(plan, REMARK_CHECK, "replicas.autoscaler",
		    "Its autoscaler (%d to %d) puts its own number back within a minute",
		    (int)json_integer(scaler, "spec.minReplicas", 1),
		    (int)json_integer(scaler, "spec.maxReplicas", 0));
}

bool
kubectl_scale_to(struct plan *plan, const struct target *t, const struct facts *facts,
    const char *amount, struct error *err)
{
	struct workload w;
	const char *count;
	int to = 0;

	if (!begin(plan, &w, t, facts, err) || !read_amount(amount, w.wanted, &to, err))
		return false;
	if (to == w.wanted) {
		plan->unchanged = say(plan->arena, "%s asks for %d pods already", t->name, to);
		return true;
	}
	remark_autoscaler(plan, &w, facts, to);
	unseen_note(plan, facts, t->namespace, false);
	if (to < w.wanted && volumes_go(w.object, "whenScaled"))
		plan_remark(plan, REMARK_STOP, "replicas.volumes", "%s: " VOLUMES_GO, name_of(plan, &w));
	if (to == 0)
		plan_remark(plan, REMARK_CHECK, "replicas.zero", "Nothing of it will serve");
	count = plan_arg(plan, "%d", to);
	plan_difference(plan, CHANGE_MODIFY, name_of(plan, &w), "replicas",
	    plan_arg(plan, "%d", w.wanted), count);
	kubectl_save(plan, t, &w);
	step_change(plan, t, say(plan->arena, "Ask for %d instead of %d pods", to, w.wanted),
	    kubectl_scale(plan, t->namespace, t->object, w.wanted, to), "kubectl.replicas_are",
	    count);
	plan_until(plan, .title = say(plan->arena, "Wait for the pods"), .judge = "kubectl.scaled",
	    .expect = count, .limit = t->timeout, .every = KUBECTL_EVERY,
	    .argv = kubectl_get(plan, t->namespace, t->object));
	return true;
}

/* ---- pin an image -------------------------------------------------------------------------- */

/* "image" or "container=image"; the container must be there. */
static const cJSON *
read_image(const struct workload *w, const char **image, struct error *err)
{
	size_t name = strcspn(*image, "=");
	const cJSON *container = template_container(w->template, w->name);

	if (container == NULL)
		failed(err, "%s %s has no containers", w->kind, w->name);
	if ((*image)[name] != '=' || container == NULL)
		return container;
	json_each(container, json_at(w->template, "spec.containers")) {
		const char *has = json_string_or(container, "name", "");

		if (strlen(has) == name && strncmp(has, *image, name) == 0) {
			*image += name + 1;
			return container;
		}
	}
	wrong(err, "%s %s has no container %.*s", w->kind, w->name, (int)(name > 60 ? 60 : name),
	    *image);
	return NULL;
}

static cJSON *
with_image(const cJSON *template, const char *container, const char *image)
{
	cJSON *copy = cJSON_Duplicate(template, true), *entry;
	cJSON *spec = cJSON_GetObjectItemCaseSensitive(copy, "spec");

	json_each(entry, json_at(spec, "containers")) {
		if (!string_equal(json_string(entry, "name"), container))
			continue;
		cJSON_DeleteItemFromObjectCaseSensitive(entry, "image");
		json_add_string(entry, "image", image);
	}
	return copy;
}

static void
steps_pin(struct plan *plan, const struct target *t, const struct facts *facts,
    const struct workload *w, const cJSON *template, const char *container, const char *image)
{
	const char *cause = metadata_of(w->object, "annotations", "kubernetes.io/change-cause");

	kubectl_save(plan, t, w);
	unproven(plan, w);
	step_change(plan, t, say(plan->arena, "Set the image of %s", container),
	    kubectl_set_image(plan, t->namespace, t->object, container, image), "kubectl.image_is",
	    plan_arg(plan, "%s=%s", container, image));
	if (w->revision > 0)
		kubectl_step_cause(plan, t, cause);
	if (w->paused || w->on_delete)
		plan_check(plan, .title = say(plan->arena, "Read it back"), .limit = KUBECTL_READ,
		    .judge = "kubectl.image_is",
		    .expect = plan_arg(plan, "%s=%s", container, image),
		    .argv = kubectl_get(plan, t->namespace, t->object));
	else
		steps_settle(plan, t, facts, w, template, w->revision > 0 ? w->revision + 1 : 0);
}

bool
kubectl_pin(struct plan *plan, const struct target *t, const struct facts *facts, const char *image,
    struct error *err)
{
	_cleanup_(json_freep) cJSON *template = NULL;
	const cJSON *container;
	const char *name;
	struct workload w;

	if (!begin(plan, &w, t, facts, err) || (container = read_image(&w, &image, err)) == NULL)
		return false;
	name = plan_arg(plan, "%s", json_string_or(container, "name", ""));
	if (!value_fits(VALUE_IMAGE_SET, NULL, plan_arg(plan, "%s=%s", name, image)))
		return wrong(err,
		    "\"%.200s\" is no image; it looks like registry.example.com/team/web:v1.2.3",
		    image);
	template = with_image(w.template, name, image);
	if (differ_templates(plan, name_of(plan, &w), w.template, template) == 0) {
		plan->unchanged = say(plan->arena, "%s asks for %s already", t->name, image);
		return true;
	}
	if (w.paused || w.on_delete)
		plan_remark(plan, REMARK_CHECK, "pin.waits", w.paused ?
		    "It is paused: its pods change when it is resumed" :
		    "Its pods change only when somebody deletes them (OnDelete)");
	else
		remark_progress(plan, &w, t, facts);
	steps_pin(plan, t, facts, &w, template, name, image);
	return true;
}

/* ---- one pod ------------------------------------------------------------------------------- */

/* By the target itself, or by one of its ReplicaSets: that its labels fit makes no pod the target's. */
static bool
is_its_pod(const cJSON *pod, const struct workload *w, const cJSON *replicasets)
{
	if (owned_by(pod, w->uid))
		return true;
	for (size_t i = 0; i < items_count(replicasets); i++)
		if (owned_by(items_at(replicasets, i), w->uid) &&
		    owned_by(pod, json_string(items_at(replicasets, i), "metadata.uid")))
			return true;
	return false;
}

static bool
has_controller(const cJSON *pod)
{
	const cJSON *owner;

	json_each(owner, json_at(pod, "metadata.ownerReferences"))
		if (json_bool(owner, "controller", false))
			return true;
	return false;
}

static const cJSON *
find_pod(const struct facts *facts, const struct target *t, const struct workload *w, const char *name,
    struct error *err)
{
	const cJSON *pods = kubectl_answer(facts, t, "pods", err), *sets = NULL, *pod;

	if (pods == NULL || (string_equal(w->kind, "Deployment") &&
	    (sets = kubectl_answer(facts, t, "replicasets", err)) == NULL))
		return NULL;
	for (size_t i = 0; i < items_count(pods); i++) {
		pod = items_at(pods, i);
		if (!string_equal(json_string(pod, "metadata.name"), name))
			continue;
		if (is_its_pod(pod, w, sets))
			return pod;
		if (has_controller(pod))
			break;
		refuse(err, "%.253s has no controller that would start it again; it would be gone",
		    name);
		return NULL;
	}
	wrong(err, "%.253s is no pod of %s", name, t->object);
	return NULL;
}

/* What it was, since nobody can look afterwards. */
static void
tell_pod(struct plan *plan, const cJSON *pod, const char *name)
{
	const char *node = json_string_or(pod, "spec.nodeName", "no node"), *trouble;
	_cleanup_(json_freep) cJSON *list = cJSON_CreateObject();
	struct pods pods;
	bool failing;

	cJSON_AddItemReferenceToArray(json_add_array(list, "items"), (cJSON *)(uintptr_t)pod);
	pods_read(plan->arena, &pods, list, NULL, NULL, NULL);
	trouble = pod_trouble(plan->arena, pod, &failing);
	plan_difference(plan, CHANGE_DELETE, plan_arg(plan, "Pod %s", name), "what it was",
	    plan_arg(plan, "%s, %d restarts, on %s", trouble != NULL ? trouble : "ready",
		pods.restarts, foreign_line(plan->arena, node, strnlen(node, 253))),
	    NULL);
}

/* Some pods rightly run something else than its template, and one that starts again may too. */
static bool
is_mixed(const struct workload *w)
{
	return w->paused || w->partition > 0 || workload_in_progress(w);
}

bool
kubectl_pod(struct plan *plan, const struct target *t, const struct facts *facts, const char *name,
    struct error *err)
{
	const cJSON *pod, *scaler;
	struct workload w;

	if (!begin(plan, &w, t, facts, err) || (pod = find_pod(facts, t, &w, name, err)) == NULL)
		return false;
	if (!value_fits(VALUE_NAME, NULL, name))
		return wrong(err, "that is no name of a pod");
	name = arena_strdup(plan->arena, name);
	tell_pod(plan, pod, name);
	if (w.wanted == 1)
		plan_remark(plan, REMARK_CHECK, "pod.only",
		    "It is the only pod: nothing serves until the "
		    "next one is ready");
	kubectl_step_delete_pod(plan, t, pod, say(plan->arena, "Delete %s", name));
	if (string_equal(w.kind, "Deployment"))
		/* For a moment there is one pod less, and all others are ready. */
		kubectl_step_pods(plan, t, &w, is_mixed(&w) ? NULL : w.template,
		    kubectl_autoscaled(facts, &w, &scaler) ? 1 : w.wanted, t->timeout);
	else
		kubectl_step_pod(plan, t, &w, is_mixed(&w) ? NULL : w.template, pod);
	return true;
}

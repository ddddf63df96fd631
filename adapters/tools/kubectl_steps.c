/*
 * kubectl_steps.c - the steps that take a workload back: save, change, wait, read back.
 *
 * Every change is short and has a probe, every wait is a read of ours (decision E5), every child
 * has a limit beside the one that it was told (KC21).
 */
#include <string.h>

#include "base/text.h"
#include "base/unicode.h"
#include "kubectl_parts.h"

void
kubectl_lock(struct plan *plan, const struct target *t, const struct workload *w)
{
	const char *release = metadata_of(w->object, "annotations", "meta.helm.sh/release-name");
	const char *managed = metadata_of(w->object, "labels", "app.kubernetes.io/managed-by");

	plan_lock(plan, plan_arg(plan, "%s/%s/%s", t->cluster->name, t->namespace, t->object));
	if (release != NULL && string_equal(managed, "Helm") &&
	    value_fits(VALUE_NAME, NULL, release))
		plan_lock(plan, plan_arg(plan, "%s/%s/release/%s", t->cluster->name, t->namespace,
		    release));
}

void
kubectl_save(struct plan *plan, const struct target *t, const struct workload *w)
{
	_cleanup_(json_freep) cJSON *saved = cJSON_CreateObject();
	_cleanup_(text_clear) struct text out = TEXT_INIT_LIMIT(MEGABYTES(4));
	char pin[DIGEST_HEX];

	template_pin(w->template, pin);
	json_add_string(saved, "object", t->object);
	json_add_string(saved, "pin", pin);
	json_add_number(saved, "revision", (double)w->revision);
	json_add_number(saved, "replicas", w->wanted);
	cJSON_AddItemToObject(saved, "template", cJSON_Duplicate(w->template, true));
	json_print_canonical(&out, saved);
	plan->saved = arena_copy(plan->arena, out.data, out.length);
	plan_step_add(plan, &plan->steps, &(struct step){ .kind = STEP_SAVE, .effect = READS,
	    .resume = RERUN, .limit = SECONDS(10),
	    .title = say(plan->arena, "Save the present state") });
}

struct step *
kubectl_probe(struct plan *plan, const struct target *t, const char *judge, const char *expect)
{
	struct step *probe = arena_new_of(plan->arena, struct step);

	*probe = (struct step){ .kind = STEP_CHECK, .effect = READS, .resume = RERUN, .cancel = TERM,
		.limit = KUBECTL_READ, .judge = judge, .expect = arena_strdup(plan->arena, expect),
		.argv = kubectl_get(plan, t->namespace, t->object) };
	return probe;
}

/*
 * The revision is gone from the history once the undo succeeded (KC2), so a restart must not run it
 * again: it looks whether the pinned template is live.
 */
void
kubectl_step_undo(struct plan *plan, const struct target *t, const struct revision *to)
{
	plan_run(plan,
	    .title = say(plan->arena, "Put revision %lld back", (long long)to->number),
	    .argv = kubectl_undo(plan, t->namespace, t->object, to->number),
	    .judge = "kubectl.undone",
	    .limit = KUBECTL_CHANGE,
	    .effect = CHANGES,
	    .cancel = FINISH,
	    .resume = PROBE,
	    .probe = kubectl_probe(plan, t, "kubectl.template_is", to->pin));
}

/* KC9.  The undo brought the old revision's cause back; this one tells who and why. */
void
kubectl_step_cause(struct plan *plan, const struct target *t, const char *old_cause)
{
	plan_run(plan, .title = say(plan->arena, "Write down why"),
	    .argv =
		kubectl_annotate(plan, t->namespace, t->object, "rollcall {operation}: {reason}"),
	    .limit = KUBECTL_CHANGE, .effect = CHANGES, .cancel = FINISH, .advisory = true,
	    .resume = PROBE,
	    .probe =
		kubectl_probe(plan, t, "kubectl.cause_moved", old_cause != NULL ? old_cause : ""));
}

void
kubectl_step_taken_up(struct plan *plan, const struct target *t, const char *pin, int64_t number)
{
	plan_until(plan,
	    .title = say(plan->arena, "Its controller takes it up"),
	    .argv = kubectl_get(plan, t->namespace, t->object),
	    .judge = "kubectl.taken_up",
	    .expect = plan_arg(plan, "{\"pin\":\"%s\",\"revision\":%lld}", pin, (long long)number),
	    .limit = MINUTES(1),
	    .every = SECONDS(1));
}

/* By number for a Deployment, so that another rollout is not taken for this one (KC10). */
void
kubectl_step_rollout(struct plan *plan, const struct target *t, int64_t number)
{
	plan_step_add(plan, &plan->steps, &(struct step){
	    .kind = STEP_RUN,
	    .title = say(plan->arena, "Wait for the rollout"),
	    .argv = kubectl_rollout_status(plan, t->namespace, t->object, number, t->timeout),
	    .judge = "kubectl.rolled_out",
	    .limit = t->timeout + SECONDS(15),
	    .effect = READS,
	    .cancel = TERM,
	    .resume = RERUN,
	    .tail = true });
}

/* By its uid, so that the pod that takes its place is not mistaken for it. */
void
kubectl_step_delete_pod(struct plan *plan, const struct target *t, const cJSON *pod,
    const char *title)
{
	const char *name = plan_arg(plan, "%s", json_string_or(pod, "metadata.name", ""));
	const char *object = plan_arg(plan, "pod/%s", name);

	plan_run(plan,
	    .title = title,
	    .argv = kubectl_delete_pod(plan, t->namespace, name),
	    .limit = KUBECTL_CHANGE,
	    .effect = CHANGES,
	    .cancel = FINISH,
	    .resume = PROBE,
	    .probe = &(struct step){ .kind = STEP_CHECK, .effect = READS, .resume = RERUN,
		.cancel = TERM, .limit = KUBECTL_READ, .judge = "kubectl.pod_gone",
		.expect = plan_arg(plan, "%s", json_string_or(pod, "metadata.uid", "")),
		.argv = kubectl_get_several(plan, t->namespace, &object, 1) });
}

static void
expect_images(struct plan *plan, cJSON *expect, const struct workload *w, const cJSON *template)
{
	cJSON *images = json_add_object(expect, "images");
	const cJSON *container;

	json_each(container, json_at(template, "spec.containers"))
		json_add_string(images, json_string_or(container, "name", ""),
		    json_string(container, "image"));
	json_add_string(expect, "version",
	    image_version(plan->arena, template_image(plan->arena, template, w->name)));
}

static void
step_pods(struct plan *plan, const struct target *t, const struct workload *w, const char *title,
    const cJSON *expect, int64_t limit)
{
	_cleanup_(text_clear) struct text out = TEXT_INIT_LIMIT(KILOBYTES(64));

	json_print_canonical(&out, expect);
	plan_until(plan,
	    .title = title,
	    .argv = kubectl_list(plan, t->namespace, "pods", selector_of(plan->arena, w->object)),
	    .judge = "kubectl.pods_are",
	    .expect = arena_copy(plan->arena, out.data, out.length),
	    .limit = limit,
	    .every = KUBECTL_EVERY);
}

void
kubectl_step_pods(struct plan *plan, const struct target *t, const struct workload *w,
    const cJSON *template, int least, int64_t limit)
{
	_cleanup_(json_freep) cJSON *expect = cJSON_CreateObject();

	if (template != NULL)
		expect_images(plan, expect, w, template);
	if (least > 0)
		json_add_number(expect, "least", least);
	step_pods(plan, t, w, say(plan->arena, "Look at every pod"), expect, limit);
}

void
kubectl_step_pod(struct plan *plan, const struct target *t, const struct workload *w,
    const cJSON *template, const cJSON *pod)
{
	_cleanup_(json_freep) cJSON *expect = cJSON_CreateObject();
	cJSON *instead = json_add_object(expect, "instead");
	bool node = string_equal(w->kind, "DaemonSet");

	if (template != NULL)
		expect_images(plan, expect, w, template);
	json_add_string(instead, "uid", json_string(pod, "metadata.uid"));
	json_add_string(instead, node ? "node" : "name",
	    json_string(pod, node ? "spec.nodeName" : "metadata.name"));
	json_add_string(instead, "owner", w->uid);
	step_pods(plan, t, w, say(plan->arena, "Look at the pod that takes its place"), expect, t->timeout);
}

/* F1: the services that choose its pods, at most five. */
static void
step_endpoints(struct plan *plan, const struct target *t, const struct facts *facts,
    const cJSON *template)
{
	const cJSON *services = kubectl_surrounding(facts, "services");
	const cJSON *labels = json_at(template, "metadata.labels");
	int count = 0;

	for (size_t i = 0; i < items_count(services) && count < 5; i++) {
		const cJSON *service = items_at(services, i);
		const char *name = json_string(service, "metadata.name");

		if (!labels_select(json_at(service, "spec.selector"), labels) || name == NULL ||
		    !value_fits(VALUE_NAMESPACE, NULL, name))
			continue;
		count++;
		plan_until(plan,
		    .title = say(plan->arena, "Service %s has endpoints", name),
		    .argv = kubectl_list(plan, t->namespace, "endpointslices",
			plan_arg(plan, "kubernetes.io/service-name=%s", name)),
		    .judge = "kubectl.endpoints_are",
		    .limit = MINUTES(1),
		    .every = KUBECTL_EVERY);
	}
}

void
kubectl_step_readback(struct plan *plan, const struct target *t, const struct facts *facts,
    const struct workload *w, const cJSON *template, const char *pin)
{
	/* A pod may fail for a moment, and an autoscaler may add one: short waits, not single looks. */
	plan_until(plan,
	    .title = say(plan->arena, "Read the %s back", t->driver->noun),
	    .argv = kubectl_get(plan, t->namespace, t->object),
	    .judge = "kubectl.workload_is",
	    .expect = arena_strdup(plan->arena, pin),
	    .limit = MINUTES(1),
	    .every = KUBECTL_EVERY);
	if (w->wanted == 0) {
		plan->unproven = say(plan->arena, "it is scaled to 0, so no pod shows whether it works");
		return;
	}
	/* Below a partition the pods rightly keep another image (KC12). */
	if (w->partition == 0)
		kubectl_step_pods(plan, t, w, template, 0, MINUTES(1));
	step_endpoints(plan, t, facts, template);
	kubernetes_health(plan, t);
}

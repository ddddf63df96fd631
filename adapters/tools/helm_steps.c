/*
 * helm_steps.c - the steps that take a release back: save, roll back, compare, wait, read back.
 *
 * Which objects are looked at is in the manifest to go back to; only the workloads of the release's
 * own namespace are waited for.
 */
#include <string.h>

#include "base/text.h"
#include "helm_parts.h"

#define WORKLOADS 20
#define STUCK_PODS 10

/* template_only: that it is there is all that can be waited for. */
static const char *
expected_images(struct plan *plan, const struct object *object, bool template_only)
{
	const cJSON *template = json_at(object->json, "spec.template"), *container;
	_cleanup_(json_freep) cJSON *expect = cJSON_CreateObject();
	cJSON *images = json_add_object(expect, "images");
	_cleanup_(text_clear) struct text out = TEXT_INIT_LIMIT(KILOBYTES(64));

	json_each(container, json_at(template, "spec.containers"))
		json_add_string(images, json_string_or(container, "name", ""),
		    json_string(container, "image"));
	json_add_string(expect, "version",
	    image_version(plan->arena, template_image(plan->arena, template, object->name)));
	if (template_only)
		json_add_bool(expect, "template", true);
	json_print_canonical(&out, expect);
	return arena_copy(plan->arena, out.data, out.length);
}

static void
lock_all(struct plan *plan, const struct target *t, const struct manifest *manifest)
{
	plan_lock(
	    plan, plan_arg(plan, "%s/%s/release/%s", t->cluster->name, t->namespace, t->name));
	for (size_t i = 0; i < manifest->count; i++)
		if (manifest->item[i].workload)
			plan_lock(plan,
			    plan_arg(plan, "%s/%s/%s", t->cluster->name,
				manifest->item[i].namespace,
				workload_object(plan->arena, &manifest->item[i])));
}

/* Helm's own history keeps the content (decision C3); the counts are what it does not know. */
static void
save(struct plan *plan, const struct target *t, const struct way *way, const struct facts *facts)
{
	const cJSON *live = helm_surrounding(facts, "live");
	_cleanup_(json_freep) cJSON *saved = cJSON_CreateObject();
	cJSON *replicas = cJSON_CreateObject();
	_cleanup_(text_clear) struct text out = TEXT_INIT;
	const char *now = facts_text(facts, helm_fact(plan->arena, "manifest", way->last), NULL);
	char pin[DIGEST_HEX];
	struct workload w;

	helm_pin(now, pin);
	json_add_string(saved, "release", t->name);
	json_add_number(saved, "revision", (double)way->last);
	json_add_string(saved, "pin", pin);
	for (size_t i = 0; i < items_count(live); i++)
		if (workload_read(plan->arena, &w, items_at(live, i), NULL))
			json_add_number(
			    replicas, plan_arg(plan, "%s/%s", w.kind, w.name), w.wanted);
	cJSON_AddItemToObject(saved, "replicas", replicas);
	json_print_canonical(&out, saved);
	plan->saved = arena_copy(plan->arena, out.data, out.length);
	plan_step_add(plan, &plan->steps, &(struct step){ .kind = STEP_SAVE, .effect = READS,
	    .resume = RERUN, .limit = SECONDS(10),
	    .title = say(plan->arena, "Save the present state") });
}

/* Which hooks they said yes to (AP1): the pin is of the objects alone.  NULL: none run, or none were seen. */
static const char *
hooks_pin(struct plan *plan, const struct way *way, bool hooks)
{
	char pin[DIGEST_HEX];

	if (!hooks || way->hooks == NULL)
		return NULL;
	helm_pin(way->hooks, pin);
	return arena_strdup(plan->arena, pin);
}

/* A rollback prunes (HM19): as many as there are and room for more; of a history that is cut all that there are. */
static int64_t
history_to_keep(const struct way *way)
{
	int64_t keep = (int64_t)way->kept + 2;

	if (way->kept >= HELM_HISTORY)
		return 0;
	return keep > 10 ? keep : 10;
}

/*
 * Not run twice: the history tells after a restart whether the new revision is there.  Without
 * waiting it takes a moment; only hooks make it longer: each is given helm's whole time (HM9), and
 * helm must not be killed in them (HM8).
 */
static void
step_rollback(struct plan *plan, const struct target *t, const struct way *way,
    const struct revision *to, const char *expect, bool force)
{
	bool hooks = plan->hooks > 0 && !plan->without_hooks;

	plan_run(plan,
	    .title = say(plan->arena, "Put revision %lld back", (long long)to->number),
	    .argv = helm_rollback(plan, t, to->number, history_to_keep(way), force),
	    .judge = "helm.rolled_back",
	    .expect = hooks_pin(plan, way, hooks),
	    .limit = hooks ? (int64_t)plan->hooks * t->timeout + MINUTES(1) : MINUTES(2),
	    .effect = CHANGES,
	    .cancel = FINISH,
	    .resume = PROBE,
	    .probe = &(struct step){ .kind = STEP_CHECK, .effect = READS, .resume = RERUN,
		.cancel = TERM, .limit = HELM_READ, .judge = "helm.revision_is", .expect = expect,
		.argv = helm_history(plan, t) });
}

static void
steps_release(struct plan *plan, const struct target *t, const struct way *way,
    const struct revision *to, const char *expect)
{
	plan_check(plan,
	    .title = say(plan->arena, "Read the release back"),
	    .argv = helm_history(plan, t),
	    .judge = "helm.revision_is",
	    .expect = expect,
	    .limit = HELM_READ);
	plan_check(plan,
	    .title = say(plan->arena, "Compare its manifest"),
	    .argv = helm_get(plan, t, "manifest", way->last + 1),
	    .judge = "helm.manifest_is",
	    .expect = arena_strdup(plan->arena, to->pin),
	    .limit = HELM_READ);
}

static char **
get_workload(struct plan *plan, const struct object *object)
{
	return plan_argv(plan, "kubectl", "get", "-n", object->namespace, "-o=json",
	    "--request-timeout=10s", "--show-managed-fields", "--",
	    workload_object(plan->arena, object), NULL);
}

static void
step_workload(struct plan *plan, const struct target *t, const struct object *object,
    const struct rolls *rolls)
{
	plan_until(plan,
	    .title = say(plan->arena, "Read %s back", workload_object(plan->arena, object)),
	    .argv = get_workload(plan, object),
	    .judge = "helm.workload_runs",
	    .expect = expected_images(plan, object, rolls->on_delete),
	    .limit = t->timeout,
	    .every = HELM_EVERY);
}

/* The pods first: they say why it takes long.  Of one image twice they say nothing, so the workload follows;
 * nor of somebody else's template, so it is looked at beside them.  Pods that keep what they run are of
 * another image, and rightly so (KC12). */
static void
step_pods(struct plan *plan, const struct target *t, const struct object *object,
    const struct rolls *rolls)
{
	const char *selector = selector_of(plan->arena, object->json);

	if (selector == NULL || !value_fits(VALUE_LABELS, NULL, selector) ||
	    rolls->wanted == 0 || rolls->on_delete || rolls->partition > 0)
		return;
	plan_until(plan,
	    .title = say(plan->arena, "Wait for the pods of %s", object->name),
	    .argv = helm_list(plan, t, "pods", selector),
	    .judge = "kubectl.pods_are",
	    .expect = expected_images(plan, object, false),
	    .limit = t->timeout,
	    .every = HELM_EVERY,
	    .probe = &(struct step){ .kind = STEP_CHECK, .effect = READS, .resume = RERUN,
		.cancel = TERM, .limit = HELM_READ, .judge = "helm.workload_runs",
		.expect = expected_images(plan, object, false), .argv = get_workload(plan, object) });
}

/* F1: services of the release that choose pods of the release. */
static void
step_service(struct plan *plan, const struct target *t, const struct way *way,
    const struct facts *facts, const struct object *service)
{
	bool chosen = false;

	for (size_t i = 0; i < way->to.count; i++)
		chosen = chosen || (way->to.item[i].workload &&
		    helm_rolls(plan->arena, way, facts, &way->to.item[i]).wanted > 0 &&
		    labels_select(json_at(service->json, "spec.selector"),
		    json_at(way->to.item[i].json, "spec.template.metadata.labels")));
	if (!chosen || !string_equal(service->namespace, t->namespace) ||
	    !value_fits(VALUE_NAMESPACE, NULL, service->name))
		return;
	plan_until(plan,
	    .title = say(plan->arena, "Service %s has endpoints", service->name),
	    .argv = helm_list(plan, t, "endpointslices",
		plan_arg(plan, "kubernetes.io/service-name=%s", service->name)),
	    .judge = "kubectl.endpoints_are",
	    .limit = MINUTES(1),
	    .every = HELM_EVERY);
}

/* After the rollback, by its uid; only where the template of the StatefulSet changes by it. */
static void
step_unblock(struct plan *plan, const struct target *t, const struct way *way,
    const struct facts *facts, const struct object *object)
{
	const cJSON *live = helm_surrounding(facts, "live"), *stuck[STUCK_PODS];
	const struct object *now = manifest_find(&way->now, object);
	struct workload w;
	size_t count = 0;

	if (now == NULL || cJSON_Compare(json_at(now->json, "spec.template"),
	    json_at(object->json, "spec.template"), true))
		return;
	for (size_t i = 0; i < items_count(live) && count == 0; i++)
		if (string_equal(json_string(items_at(live, i), "metadata.name"), object->name) &&
		    string_equal(json_string(items_at(live, i), "kind"), object->kind) &&
		    workload_read(plan->arena, &w, items_at(live, i), NULL))
			count = pods_blocking(plan->arena, helm_surrounding(facts, "pods"), &w,
			    NULL, w.update, stuck, STUCK_PODS);
	for (size_t i = 0; i < count; i++) {
		const char *name = json_string_or(stuck[i], "metadata.name", "");
		const char *pod = plan_arg(plan, "pod/%s", name);

		plan_run(plan,
		    .title =
			say(plan->arena, "Delete %s, which is stuck and blocks the others", name),
		    .argv = plan_argv(plan, "kubectl", "delete", "-n", t->namespace, "--wait=false",
			"--request-timeout=30s", "--", pod, NULL),
		    .limit = SECONDS(45), .effect = CHANGES, .cancel = FINISH, .resume = PROBE,
		    .probe = &(struct step){ .kind = STEP_CHECK,
			.effect = READS,
			.resume = RERUN,
			.cancel = TERM,
			.limit = HELM_READ,
			.judge = "kubectl.pod_gone",
			.expect =
			    plan_arg(plan, "%s", json_string_or(stuck[i], "metadata.uid", "")),
			.argv = helm_objects(plan, t, &pod, 1, false) });
	}
}

static bool
is_waited_for(const struct target *t, const struct object *object)
{
	return object->workload && string_equal(object->namespace, t->namespace);
}

/* Must it answer, by the settings of the target? */
static bool
is_asked(const struct plan *plan)
{
	for (size_t i = 0; i < plan->steps.count; i++)
		if (string_equal(plan->steps.item[i].judge, "kubectl.answers") && !plan->steps.item[i].advisory)
			return true;
	return false;
}

static void
steps_workloads(struct plan *plan, const struct target *t, const struct way *way,
    const struct facts *facts)
{
	size_t count = 0, services = 0;
	bool pods = false;

	for (size_t i = 0; i < way->to.count; i++) {
		const struct object *object = &way->to.item[i];
		struct rolls rolls;

		if (!is_waited_for(t, object))
			continue;
		rolls = helm_rolls(plan->arena, way, facts, object);
		pods = pods || rolls.wanted > 0;
		helm_unproven(plan, object, &rolls);
		*ARENA_GROW(plan->arena, &plan->also) = workload_object(plan->arena, object);
		if (count++ >= WORKLOADS)
			continue;
		step_unblock(plan, t, way, facts, object);
		step_pods(plan, t, object, &rolls);
		step_workload(plan, t, object, &rolls);
	}
	for (size_t i = 0; i < way->to.count; i++)
		if (string_equal(way->to.item[i].kind, "Service") && services++ < WORKLOADS)
			step_service(plan, t, way, facts, &way->to.item[i]);
	if (count == 0 || pods)
		kubernetes_health(plan, t);
	if (count > 0 && !pods)
		plan->unproven = say(plan->arena, "it is scaled to 0, so no pod shows whether it works");
	else if (count == 0 && !is_asked(plan))
		plan->unproven = say(plan->arena, "it has no Deployment, StatefulSet or DaemonSet, so no pod shows whether it works");
	if (count <= WORKLOADS)
		return;
	plan_remark(plan, REMARK_NOTE, "release.large",
	    "It has %zu workloads; %d of them are waited for.", count, WORKLOADS);
	if (plan->unproven == NULL)
		plan->unproven = say(plan->arena, "it has %zu workloads, of which %d were read back", count, WORKLOADS);
}

bool
helm_change(struct plan *plan, const struct target *t, const struct facts *facts,
    const struct revision *to, struct error *err)
{
	_cleanup_(way_clear) struct way way = { .kept = 0 };
	const char *expect;

	if (!way_read(plan->arena, &way, t, facts, to, err))
		return false;
	expect = plan_arg(plan, "{\"revision\":%lld,\"to\":%lld}", (long long)way.last + 1,
	    (long long)to->number);
	lock_all(plan, t, &way.now);
	lock_all(plan, t, &way.to);
	save(plan, t, &way, facts);
	step_rollback(plan, t, &way, to, expect, helm_conflicts(plan, &way, facts, to, false) > 0);
	steps_release(plan, t, &way, to, expect);
	steps_workloads(plan, t, &way, facts);
	return true;
}

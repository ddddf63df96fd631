/* kubectl_rollout.c - pause, resume, restart, scale, pin, pod, on recorded worlds. */

#include "adapters/tools/kubectl.h"

#include "test.h"
#include "kubectl_world.h"

#define PAUSED { "deployment", "spec.paused", "true" }
#define SCALER                                                                                     \
	{ "autoscalers", "items", "[{\"spec\":{\"minReplicas\":2,\"maxReplicas\":6,"               \
	    "\"scaleTargetRef\":{\"kind\":\"Deployment\",\"name\":\"chatops-gateway\"}}}]" }
#define REPLICAS(n) { "deployment", "spec.replicas", #n }

static const struct {
	const char *name;
	struct {
		const char *fact, *path, *json;
	} edits[2];
	const char *verb, *argument;
	const char *says;	/* the refusal, the reason for nothing, or what follows "kubectl" */
	const char *code;	/* a remark that must be there */
} verbs[] = {
	{ "a8", { { NULL, NULL, NULL } }, "pause", NULL,
	    "rollout pause -n chatops --request-timeout=30s -- deployment/chatops-gateway", NULL },
	{ "pause twice", { PAUSED }, "pause", NULL, "chatops-gateway is paused already", NULL },
	{ "resume", { PAUSED }, "resume", NULL,
	    "rollout resume -n chatops --request-timeout=30s -- deployment/chatops-gateway", NULL },
	{ "resume something else", { PAUSED, { "deployment", "status.updatedReplicas", "0" } }, "resume",
	    NULL, "rollout resume", "resume.rolls" },
	{ "resume what runs", { { NULL, NULL, NULL } }, "resume", NULL, "chatops-gateway is not paused",
	    NULL },
	{ "a10", { { NULL, NULL, NULL } }, "restart", NULL,
	    "rollout restart -n chatops --request-timeout=30s -- deployment/chatops-gateway", NULL },
	{ "kc5 restart", { PAUSED }, "restart", NULL,
	    "is paused, and a paused deployment cannot be restarted: first /rollout resume gateway", NULL },
	{ "a11", { { NULL, NULL, NULL } }, "scale", "5", "scale -n chatops --current-replicas=3 --replicas=5"
	    " --request-timeout=30s -- deployment/chatops-gateway", NULL },
	{ "kc23", { { NULL, NULL, NULL } }, "scale", "+2", "scale -n chatops --current-replicas=3 --replicas=5",
	    NULL },
	{ "kc23 at ten", { REPLICAS(10) }, "scale", "+2",
	    "scale -n chatops --current-replicas=10 --replicas=12", NULL },
	{ "less", { { NULL, NULL, NULL } }, "scale", "-1", "--replicas=2", NULL },
	{ "too few", { { NULL, NULL, NULL } }, "scale", "-4", "there are 3 pods; -4 would make it -1", NULL },
	{ "zero", { { NULL, NULL, NULL } }, "scale", "0", "--replicas=0", "replicas.zero" },
	{ "same", { { NULL, NULL, NULL } }, "scale", "3", "chatops-gateway asks for 3 pods already", NULL },
	{ "no number", { { NULL, NULL, NULL } }, "scale", "many", "\"many\" is no number of pods", NULL },
	{ "no number either", { { NULL, NULL, NULL } }, "scale", "+-2", "is no number of pods", NULL },
	{ "kc17", { SCALER }, "scale", "5", "--replicas=5", "replicas.autoscaler" },
	{ "kc17 off", { SCALER }, "scale", "0", "--replicas=0", "replicas.autoscaler" },
	{ "a9", { { NULL, NULL, NULL } }, "pin", "registry.example.com/chatops/gateway:v1.2.2",
	    "set image -n chatops --request-timeout=30s -- deployment/chatops-gateway "
	    "gateway=registry.example.com/chatops/gateway:v1.2.2", NULL },
	{ "a9 by container", { { NULL, NULL, NULL } }, "pin",
	    "gateway=registry.example.com/chatops/gateway:v1.2.2",
	    "gateway=registry.example.com/chatops/gateway:v1.2.2", NULL },
	{ "no such container", { { NULL, NULL, NULL } }, "pin", "chatops-gateway=web:1",
	    "Deployment chatops-gateway has no container chatops-gateway", NULL },
	{ "no image", { { NULL, NULL, NULL } }, "pin", "--server=http://evil",
	    "has no container --server", NULL },
	{ "no image at all", { { NULL, NULL, NULL } }, "pin", "-x", "\"-x\" is no image", NULL },
	{ "same image", { { NULL, NULL, NULL } }, "pin", "registry.example.com/chatops/gateway:v1.2.4",
	    "chatops-gateway asks for registry.example.com/chatops/gateway:v1.2.4 already", NULL },
	{ "another registry", { { NULL, NULL, NULL } }, "pin", "evil.example.com/gateway:v1.2.4",
	    "set image", "image.registry" },
	{ "pin while paused", { PAUSED }, "pin", "registry.example.com/chatops/gateway:v1.2.2",
	    "set image", "pin.waits" },
	{ "owned", { { "deployment", "metadata.labels", "{\"kustomize.toolkit.fluxcd.io/name\":\"x\"}" } },
	    "pause", NULL, "rollout pause", "owner.flux" },
	{ "a16 of others", { { NULL, NULL, NULL } }, "pod", "engine-0",
	    "engine-0 is no pod of deployment/chatops-gateway", NULL },
	{ "a16 of nobody", { { "pods", "items.0.metadata.name", "\"web-0\"" },
	    { "pods", "items.0.metadata.ownerReferences", "[]" } }, "pod", "web-0",
	    "web-0 has no controller", NULL },
	{ "a16 of a workload that it takes for its own by labels", { { "pods", "items.0.metadata.name", "\"web-0\"" },
	    { "pods", "items.0.metadata.ownerReferences", "[{\"uid\":\"x\",\"controller\":true}]" } }, "pod",
	    "web-0", "web-0 is no pod of deployment/chatops-gateway", NULL },
	{ "a16 of a set that is another's", { { "pods", "items.0.metadata.name", "\"web-0\"" },
	    { "replicasets", "items", "[]" } }, "pod",
	    "web-0", "web-0 is no pod of deployment/chatops-gateway", NULL },
	{ "a16", { { "pods", "items.0.metadata.name", "\"web-0\"" } }, "pod", "web-0",
	    "delete -n chatops --wait=false --request-timeout=30s -- pod/web-0", NULL },
	{ "a16 the only one", { { "pods", "items.0.metadata.name", "\"web-0\"" }, REPLICAS(1) }, "pod",
	    "web-0", "pod/web-0", "pod.only" },
};

static bool
ask(struct world *w, const char *verb, const char *argument)
{
	const struct driver *d = &driver_deployment;

	if (string_equal(verb, "pause"))
		return d->pause(w->plan, &target, w->facts, &w->err);
	if (string_equal(verb, "resume"))
		return d->resume(w->plan, &target, w->facts, &w->err);
	if (string_equal(verb, "restart"))
		return d->restart(w->plan, &target, w->facts, &w->err);
	if (string_equal(verb, "scale"))
		return d->scale(w->plan, &target, w->facts, argument, &w->err);
	if (string_equal(verb, "pin"))
		return d->pin(w->plan, &target, w->facts, argument, &w->err);
	return d->pod(w->plan, &target, w->facts, argument, &w->err);
}

/* The vector of the first step that changes something. */
static const char *
first_change(struct plan *plan)
{
	_cleanup_(text_clear) struct text out = TEXT_INIT;
	const struct step *step = plan->steps.item;

	while (step < plan->steps.item + plan->steps.count && step->effect == READS)
		step++;
	assert_true(step < plan->steps.item + plan->steps.count);
	assert_int_equal(step->resume, PROBE);
	for (size_t i = 1; step->argv[i] != NULL; i++)
		text_printf(&out, "%s%s", i > 1 ? " " : "", step->argv[i]);
	return arena_copy(plan->arena, out.data, out.length);
}

TEST(each_verb_changes_by_one_short_call_or_says_why_not)
{
	for (size_t i = 0; i < COUNT(verbs); i++) {
		struct world w = world_new();
		const char *said;
		bool ok;

		for (size_t k = 0; k < 2 && verbs[i].edits[k].fact != NULL; k++)
			world_edit(w.facts, verbs[i].edits[k].fact, verbs[i].edits[k].path,
			    verbs[i].edits[k].json);
		ok = ask(&w, verbs[i].verb, verbs[i].argument);
		if (!ok)
			said = w.err.text;
		else if (w.plan->unchanged != NULL)
			said = w.plan->unchanged;
		else
			said = first_change(w.plan);
		if (strstr(said, verbs[i].says) == NULL)
			fail_msg("%s: %s", verbs[i].name, said);
		if (verbs[i].code != NULL && remark(w.plan, verbs[i].code) == NULL)
			fail_msg("%s: no remark %s", verbs[i].name, verbs[i].code);
		assert_int_equal(w.plan->steps.count > 0, ok && w.plan->unchanged == NULL);
		assert_plan_holds(w.plan);
		world_clear(&w);
	}
}

static const char *
judges_of(struct plan *plan)
{
	_cleanup_(text_clear) struct text out = TEXT_INIT;

	for (size_t i = 0; i < plan->steps.count; i++)
		text_printf(&out, "%s%s", i > 0 ? " " : "", plan->steps.item[i].judge != NULL ?
		    plan->steps.item[i].judge + strlen("kubectl.") : "-");
	return arena_copy(plan->arena, out.data, out.length);
}

static const struct {
	const char *verb, *argument, *judges;
} readbacks[] = {
	{ "pause", NULL, "- paused_is" },
	{ "restart", NULL, "- taken_up rolled_out workload_is pods_are endpoints_are" },
	{ "scale", "5", "- - scaled" },
	{ "pin", "registry.example.com/chatops/gateway:v1.2.2",
	    "- - - taken_up rolled_out workload_is pods_are endpoints_are" },
};

TEST(i17_each_verb_reads_back)
{
	for (size_t i = 0; i < COUNT(readbacks); i++) {
		struct world w = world_new();

		assert_true(ask(&w, readbacks[i].verb, readbacks[i].argument));
		assert_string_equal(judges_of(w.plan), readbacks[i].judges);
		world_clear(&w);
	}
}

TEST(kc19_a_restart_is_probed_by_its_stamp)
{
	struct world w = world_new();

	world_edit(w.facts, "deployment", "spec.template.metadata.annotations",
	    "{\"kubectl.kubernetes.io/restartedAt\":\"2026-11-20T00:00:00Z\"}");
	assert_true(ask(&w, "restart", NULL));
	assert_string_equal(w.plan->steps.item[0].probe->judge, "kubectl.restarted");
	assert_string_equal(w.plan->steps.item[0].probe->expect, "2026-11-20T00:00:00Z");
	assert_non_null(strstr(w.plan->steps.item[1].expect, "\"revision\":8}"));
	world_clear(&w);
}

TEST(kc17_the_autoscaler_is_named_with_its_bounds)
{
	struct world w = world_new();

	world_edit(w.facts, "autoscalers", "items", "[{\"spec\":{\"minReplicas\":2,\"maxReplicas\":6,"
	    "\"scaleTargetRef\":{\"kind\":\"Deployment\",\"name\":\"chatops-gateway\"}}}]");
	assert_true(ask(&w, "scale", "5"));
	assert_string_equal(remark(w.plan, "replicas.autoscaler")->text,
	    "Its autoscaler (2 to 6) puts its own number back within a minute");
	world_clear(&w);
}

TEST(a_pin_waits_for_the_template_with_the_new_image)
{
	struct world w = world_new(), then = world_new();
	char json[200];

	assert_true(ask(&w, "pin", "registry.example.com/chatops/gateway:v1.2.2"));
	/* The template that the cluster has afterwards. */
	snprintf(json, sizeof json, "\"registry.example.com/chatops/gateway:v1.2.2\"");
	world_edit(then.facts, "deployment", "spec.template.spec.containers.0.image", json);
	world_edit(then.facts, "deployment", "metadata.annotations.deployment\\.kubernetes\\.io/revision",
	    "\"8\"");
	for (size_t i = 0; i < w.plan->steps.count; i++) {
		const struct fact *fact = facts_find(then.facts, "deployment");
		const struct reading reading = { .out = fact->out, .length = fact->length, .errors = "" };
		const struct step *step = &w.plan->steps.item[i];
		const char *note;

		if (string_equal(step->judge, "kubectl.taken_up"))
			assert_int_equal(judge_find(step->judge)->judge(w.plan->arena, &reading,
			    step->expect, &note), HOLDS);
	}
	world_clear(&w);
	world_clear(&then);
}

/* Whoever reads "verified" takes it for what the pods run. */
TEST(kc12_a_template_that_its_pods_do_not_run_is_not_called_verified)
{
	static const struct {
		const char *folder, *fact, *path, *json;
		const struct target *target;
		bool pin;
		const char *says;
	} rows[] = {
		{ "gateway", "deployment", "spec.paused", "true", &target, true, "its pods run it once it is resumed" },
		{ "agent", "daemonset", "spec.updateStrategy", "{\"type\":\"OnDelete\"}", &agent, true,
		    "its pods run it once somebody has deleted them (OnDelete)" },
		{ "receive-stuck", "statefulset", "spec.updateStrategy.rollingUpdate", "{\"partition\":1}", &receive,
		    true, "the pods below its partition keep what they run" },
		{ "receive-stuck", "statefulset", "spec.updateStrategy.rollingUpdate", "{\"partition\":1}", &receive,
		    false, "the pods below its partition keep what they run" },
		{ "gateway", "deployment", "spec.paused", "false", &target, true, NULL },
		{ "gateway", "deployment", "spec.paused", "false", &target, false, NULL },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct world w = world_of(rows[i].folder);
		const struct driver *driver = rows[i].target->driver;

		world_edit(w.facts, rows[i].fact, rows[i].path, rows[i].json);
		assert_row(i, rows[i].pin ? driver->pin(w.plan, rows[i].target, w.facts, "web:v9", &w.err)
					  : driver->restart(w.plan, rows[i].target, w.facts, &w.err));
		assert_row(i, string_equal(w.plan->unproven, rows[i].says));
		world_clear(&w);
	}
}

TEST(a_scale_that_deletes_volumes_is_stopped)
{
	static const struct {
		const char *amount;
		enum remark_level worst;
	} rows[] = { { "-1", REMARK_STOP }, { "+1", REMARK_NOTE } };

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct world w = world_of("receive-stuck");

		world_edit(w.facts, "statefulset", "spec.persistentVolumeClaimRetentionPolicy", "{\"whenScaled\":\"Delete\"}");
		assert_true(driver_statefulset.scale(w.plan, &receive, w.facts, rows[i].amount, &w.err));
		assert_row(i, plan_worst(w.plan) == rows[i].worst);
		world_clear(&w);
	}
}

TEST(a16_the_card_says_what_the_pod_was)
{
	struct world w = world_new();

	world_edit(w.facts, "pods", "items.1.metadata.name", "\"web-1\"");
	world_edit(w.facts, "pods", "items.1.status.containerStatuses.0.restartCount", "4");
	world_edit(w.facts, "pods", "items.1.status.containerStatuses.0.ready", "false");
	world_edit(w.facts, "pods", "items.1.status.containerStatuses.0.state",
	    "{\"waiting\":{\"reason\":\"CrashLoopBackOff\"}}");
	assert_true(ask(&w, "pod", "web-1"));
	assert_string_equal(w.plan->differences.item[0].object, "Pod web-1");
	assert_true(string_starts(w.plan->differences.item[0].from, "CrashLoopBackOff, 4 restarts, on "));
	assert_non_null(strstr(w.plan->steps.item[1].expect, "\"least\":3"));
	world_clear(&w);
}

TEST(what_is_not_for_a_kind_is_not_in_its_driver)
{
	assert_null(driver_statefulset.pause);
	assert_null(driver_daemonset.resume);
	assert_null(driver_daemonset.scale);
	assert_non_null(driver_statefulset.scale);
	assert_non_null(driver_daemonset.pod);
}

TEST(kc12_a_set_that_is_changed_by_hand_is_not_restarted)
{
	struct world w = world_of("agent");

	world_edit(w.facts, "daemonset", "spec.updateStrategy", "{\"type\":\"OnDelete\"}");
	assert_false(driver_daemonset.restart(w.plan, &agent, w.facts, &w.err));
	assert_non_null(strstr(w.err.text, "change only when they are deleted (OnDelete)"));
	world_clear(&w);
}

/* kubectl_guard.c - what is refused before a Deployment is taken back, and what is remarked. */

#include "adapters/tools/kubectl.h"
#include "adapters/tools/kubernetes.h"

#include "base/text.h"
#include "test.h"
#include "kubectl_world.h"

struct edit {
	const char *fact, *path, *json;
};
#define PROGRESSING(stamp)                                                                         \
	{ "deployment", "status.conditions", "[{\"type\":\"Progressing\",\"status\":\"True\","       \
	    "\"reason\":\"ReplicaSetUpdated\",\"lastUpdateTime\":\"" stamp "\"}]" }
#define HALF_DONE { "deployment", "status.updatedReplicas", "1" }
#define SCALER                                                                                     \
	"[{\"spec\":{\"maxReplicas\":3,\"scaleTargetRef\":{\"kind\":\"Deployment\","               \
	"\"name\":\"chatops-gateway\"}}}]"

static const struct {
	const char *name;
	struct edit edits[3];
	const char *refusal;	/* or */
	const char *code;
	enum remark_level level;
	const char *text;	/* part of it */
} guards[] = {
	{ "kc5_paused", { { "deployment", "spec.paused", "true" } },
	    "is paused, and a paused deployment cannot be rolled back: first /rollout resume gateway",
	    NULL, 0, NULL },
	{ "rollout runs", { PROGRESSING("2026-11-21T10:19:50Z"), HALF_DONE }, NULL,
	    "rollout.in_progress", REMARK_STOP, "A rollout of v1.2.4 is in progress: 1 of 3" },
	{ "no progress for a minute", { PROGRESSING("2026-11-21T10:18:00Z"), HALF_DONE }, NULL,
	    "rollout.stuck", REMARK_NOTE, "The rollout of v1.2.4 is stuck (1 of 3 pods updated" },
	{ "a pod fails", { PROGRESSING("2026-11-21T10:19:50Z"), HALF_DONE,
	    { "pods", "items.0.status", "{\"phase\":\"Running\",\"containerStatuses\":[{\"ready\":false,"
	    "\"state\":{\"waiting\":{\"reason\":\"CrashLoopBackOff\"}}}]}" } }, NULL,
	    "rollout.stuck", REMARK_NOTE, "CrashLoopBackOff" },
	{ "argocd", { { "deployment", "metadata.annotations",
	    "{\"argocd.argoproj.io/tracking-id\":\"web:apps/Deployment:a/b\"}" } }, NULL,
	    "owner.argocd", REMARK_STOP, "Argo CD (application web)" },
	{ "helm", { { "deployment", "metadata.labels", "{\"app.kubernetes.io/managed-by\":\"Helm\"}" },
	    { "deployment", "metadata.annotations", "{\"meta.helm.sh/release-name\":\"platform\"}" } },
	    NULL, "owner.helm", REMARK_CHECK, "Helm release platform" },
	{ "kc17", { { "autoscalers", "items", SCALER } }, NULL, "replicas.autoscaler", REMARK_NOTE,
	    "It stays at 3, the most it may" },
	{ "kc7", { { .fact = NULL } }, NULL, "apply.returns", REMARK_NOTE, "change the file too" },
	{ "i12 probe", { { .fact = NULL } }, NULL, "readiness.none", REMARK_NOTE, "no readiness probe" },
	{ "zero", { { "deployment", "spec.replicas", "0" } }, NULL, "replicas.zero", REMARK_CHECK,
	    "scaled to 0" },
	{ "kc15", { { "configmaps", "metadata.managedFields.0.time", "\"2026-11-21T10:15:00Z\"" } }, NULL,
	    "configuration.changed", REMARK_CHECK, "ConfigMap chatops-gateway changed on" },
	{ "kc20", { { "may", NULL, "no\n" } },
	    "our account may not patch deployment/chatops-gateway", NULL, 0, NULL },
	{ "rights unseen", { { "may", NULL, "" } }, NULL, "rights.unseen", REMARK_NOTE, "did not say" },
	{ "kc14", { { "references", NULL, "secret/chatops-gateway\n" } },
	    "revision 5 of deployment/chatops-gateway needs what is gone: configmap chatops-gateway",
	    NULL, 0, NULL },
	{ "kc14 a longer name", { { "references", NULL, "configmap/chatops-gateway-2\n" } },
	    "needs what is gone", NULL, 0, NULL },
	{ "no identity", { { "identity", "metadata.uid", NULL } }, "does not say which one it is",
	    NULL, 0, NULL },
};

static void
apply(struct facts *facts, const struct edit *edits)
{
	for (size_t i = 0; i < 3 && edits[i].fact != NULL; i++)
		if (edits[i].path != NULL)
			world_edit(facts, edits[i].fact, edits[i].path, edits[i].json);
		else
			world_add(facts, edits[i].fact, edits[i].json[0] == 'n' || !*edits[i].json,
			    edits[i].json, edits[i].json);
}

TEST(the_pre_flight_list_refuses_or_remarks)
{
	for (size_t i = 0; i < COUNT(guards); i++) {
		struct world w = world_new();
		const struct revision *five = revision(&w, 5);
		const struct remark *said;
		bool ok;

		apply(w.facts, guards[i].edits);
		ok = driver_deployment.guard(w.plan, &target, w.facts, five, &w.err);
		if (guards[i].refusal != NULL) {
			if (ok || strstr(w.err.text, guards[i].refusal) == NULL)
				fail_msg("%s: %s", guards[i].name, w.err.text);
		} else {
			said = remark(w.plan, guards[i].code);
			if (!ok || said == NULL)
				fail_msg("%s: %s", guards[i].name, w.err.text);
			assert_int_equal(said->level, guards[i].level);
			if (strstr(said->text, guards[i].text) == NULL)
				fail_msg("%s: %s", guards[i].name, said->text);
		}
		world_clear(&w);
	}
}

TEST(a_quiet_world_gives_notes_only)
{
	struct world w = world_new();

	assert_true(driver_deployment.guard(w.plan, &target, w.facts, revision(&w, 5), &w.err));
	assert_int_equal(plan_worst(w.plan), REMARK_NOTE);
	assert_string_equal(w.plan->identity, json_string(facts_json(w.facts, "identity", NULL),
	    "metadata.uid"));
	world_clear(&w);
}

TEST(what_only_surrounds_may_be_unreadable)
{
	static const char *const around[] = { "autoscalers", "budgets", "services", "canaries",
		"rollouts", "configmaps", "pods" };
	struct world w = world_new();

	for (size_t i = 0; i < COUNT(around); i++)
		world_add(w.facts, around[i], 1, "", "Error from server (Forbidden): no");
	assert_true(driver_deployment.guard(w.plan, &target, w.facts, revision(&w, 5), &w.err));
	assert_true(driver_deployment.change(w.plan, &target, w.facts, revision(&w, 5), &w.err));
	assert_non_null(remark(w.plan, "canaries.unseen"));
	assert_non_null(remark(w.plan, "rollouts.unseen"));
	assert_non_null(remark(w.plan, "services.unseen"));
	world_add(w.facts, "references", 1, "", "Error from server (Forbidden): no");
	assert_true(driver_deployment.guard(w.plan, &target, w.facts, revision(&w, 5), &w.err));
	assert_non_null(remark(w.plan, "references.unseen"));
	world_clear(&w);
}

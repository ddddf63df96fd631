/* helm_guard.c, helm_hooks.c, helm_conflicts.c - what is refused before a release is taken back, and what is remarked. */

#include "helm_world.h"

struct edit {
	const char *fact, *from, *to;	/* JSON: path and value; text: words */
};

/* ---- guard --------------------------------------------------------------------------------- */

#define STATUS(value) { "history", "6.status", "\"" value "\"" }
#define UPDATED(value) { "history", "6.updated", "\"" value "\"" }
#define BINDING                                                                                    \
	"---\napiVersion: rbac.authorization.k8s.io/v1\nkind: RoleBinding\nmetadata: {name: own}\n" \
	"roleRef: {name: admin}\nsubjects: [{name: me}]\n"
#define LABELLED(label)                                                                             \
	"---\napiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: own, labels: {"  \
	label "}}\nrules: []\n"
#define SPACE(label) "---\napiVersion: v1\nkind: Namespace\nmetadata: {name: own, labels: {" label "}}\n"
#define CLAIM "---\napiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: data}\n"
#define KEPT                                                                                       \
	"---\napiVersion: v1\nkind: PersistentVolumeClaim\nmetadata:\n  name: data\n  annotations: "  \
	"{helm.sh/resource-policy: keep}\n"
#define MONITOR(n)                                                                                 \
	"---\napiVersion: apps/v1\nkind: ServiceMonitor\nmetadata: {name: m}\nspec: {interval: " n "}\n"
#define JOB(n)                                                                                     \
	"---\napiVersion: batch/v1\nkind: Job\nmetadata: {name: j}\nspec: {template: {spec: {x: " n "}}}\n"
#define HOOK_ELSEWHERE                                                                             \
	"---\napiVersion: batch/v1\nkind: Job\nmetadata: {name: before, namespace: kube-system, "         \
	"annotations: {helm.sh/hook: post-rollback}}\nspec: {}\n"
#define KEEPER(policy)                                                                             \
	"---\napiVersion: apps/v1\nkind: StatefulSet\nmetadata: {name: keeper}\nspec: {replicas: 2, "      \
	"persistentVolumeClaimRetentionPolicy: {" policy "}}\n"
#define LIVE_KEEPER                                                                                \
	"{\"kind\":\"StatefulSet\",\"metadata\":{\"name\":\"keeper\",\"uid\":\"k\"},\"spec\":{\"replicas\":3," \
	"\"template\":{}},\"status\":{\"replicas\":3,\"readyReplicas\":3,\"updatedReplicas\":3}}"
#define NEEDS "envFrom: [{secretRef: {name: db}}]\n        env:"

static const struct {
	const char *name;
	struct edit edits[3];
	const char *refusal;	/* or */
	const char *code;
	enum remark_level level;
	const char *text;
} guards[] = {
	{ "hm6_young", { STATUS("pending-upgrade"), UPDATED("2026-11-21T10:18:00Z") }, NULL,
	    "release.pending", REMARK_STOP,
	    "Revision 7 is pending-upgrade since 2026-11-21 10:18 UTC: somebody's upgrade may still run. "
	    "It counts as dead from 2026-11-21 10:33 UTC on" },
	{ "hm6_dead", { STATUS("pending-rollback"), UPDATED("2026-11-21T10:00:00Z") }, NULL,
	    "release.dead", REMARK_CHECK, "this rollback is the recovery" },
	{ "hm7", { { "history", NULL, "[{\"revision\":1,\"status\":\"pending-install\"}]" } },
	    "the first install of chatops-platform never finished", NULL, 0, NULL },
	{ "uninstalled", { STATUS("uninstalled") }, "the release chatops-platform is uninstalled", NULL, 0,
	    NULL },
	{ "to a pending one", { { "history", "4.status", "\"pending-upgrade\"" } },
	    "revision 5 of chatops-platform never finished (pending-upgrade)", NULL, 0, NULL },
	{ "ch1_binding", { { "manifest-5", NULL, BINDING } },
	    "the rollback would create RoleBinding own, which rollcall never does", NULL, 0, NULL },
	{ "ch1_binding_changed", { { "manifest-5", NULL, BINDING }, { "manifest-7", NULL, BINDING },
	    { "manifest-5", "name: admin", "name: cluster-admin" } },
	    "the rollback would change RoleBinding own", NULL, 0, NULL },
	{ "ch1_binding_same", { { "manifest-5", NULL, BINDING }, { "manifest-7", NULL, BINDING },
	    { "api-versions", NULL, "rbac.authorization.k8s.io/v1\n" } }, NULL,
	    "release.powers", REMARK_NOTE, "Also holds, unchanged: RoleBinding own" },
	{ "ch1_labels_of_charts", { { "manifest-5", NULL, LABELLED("helm.sh/chart: a-5") },
	    { "manifest-7", NULL, LABELLED("helm.sh/chart: a-7") },
	    { "api-versions", NULL, "rbac.authorization.k8s.io/v1\n" } }, NULL,
	    "release.powers", REMARK_NOTE, "Also holds, unchanged: ClusterRole own" },
	{ "ch1_labels_that_give_power", { { "manifest-5", NULL,
	    LABELLED("rbac.authorization.k8s.io/aggregate-to-admin: \"true\"") },
	    { "manifest-7", NULL, LABELLED("helm.sh/chart: a-7") } },
	    "the rollback would change ClusterRole own, which rollcall never does", NULL, 0, NULL },
	{ "ch1_labels_that_take_it_away", { { "manifest-5", NULL, SPACE("a: b") },
	    { "manifest-7", NULL, SPACE("pod-security.kubernetes.io/enforce: restricted") } },
	    "the rollback would change Namespace own", NULL, 0, NULL },
	{ "ch1_other_namespace", { { "manifest-5", NULL, MAP(", namespace: kube-system") } },
	    "the rollback would create ConfigMap new in namespace kube-system", NULL, 0, NULL },
	{ "ch1_unusual", { { "manifest-5", NULL, MONITOR("1m") }, { "manifest-7", NULL, MONITOR("2m") } },
	    NULL, "release.kinds", REMARK_CHECK, "Also changes: ServiceMonitor m" },
	{ "hm12_claim", { { "manifest-7", NULL, CLAIM } },
	    "the rollback would delete PersistentVolumeClaim data, with what is in it", NULL, 0, NULL },
	{ "hm12_volumes", { { "manifest-7", NULL, KEEPER("whenDeleted: Delete") } },
	    "would delete StatefulSet keeper and, by its persistentVolumeClaimRetentionPolicy, its volumes", NULL, 0, NULL },
	{ "hm12_volumes_retained", { { "manifest-7", NULL, KEEPER("whenDeleted: Retain") } }, NULL, "release.deletes",
	    REMARK_CHECK, "1 object goes: StatefulSet keeper" },
	{ "hm12_scaled", { { "manifest-7", NULL, KEEPER("whenScaled: Delete") },
	    { "manifest-5", NULL, KEEPER("whenScaled: Retain") }, { "live", "items.1", LIVE_KEEPER } }, NULL,
	    "replicas.volumes", REMARK_STOP, "StatefulSet keeper: with each pod that goes, its volumes" },
	{ "hm12_kept", { { "manifest-7", NULL, KEPT } }, NULL, NULL, 0, NULL },
	{ "hm12_map", { { "manifest-7", NULL, MAP("") } }, NULL, "release.deletes", REMARK_CHECK,
	    "1 object goes: ConfigMap new" },
	{ "hm16", { { "manifest-5", "apps/v1", "extensions/v1beta1" } },
	    "Deployment chatops-engine needs extensions/v1beta1, which the cluster does not serve", NULL, 0,
	    NULL },
	{ "hm16_present", { { "manifest-7", "apps/v1", "extensions/v1beta1" } },
	    "Deployment chatops-engine of the present revision needs extensions/v1beta1, which the cluster does not "
	    "serve any more, so Helm cannot go back from it", NULL, 0, NULL },
	{ "hm17_selector", { { "manifest-5", "matchLabels: {app: chatops-engine}",
	    "matchLabels: {app: engine}" } },
	    "would fail half way: spec.selector of Deployment chatops-engine differs", NULL, 0, NULL },
	{ "hm17_job", { { "manifest-5", NULL, JOB("1") }, { "manifest-7", NULL, JOB("2") } },
	    "would fail half way: spec.template of Job j differs", NULL, 0, NULL },
	{ "hm18_autoscaler", { { "live", "items.1.spec.replicas", "6" }, { "autoscalers", "items",
	    "[{\"spec\":{\"scaleTargetRef\":{\"kind\":\"Deployment\",\"name\":\"chatops-gateway\"}}}]" } },
	    NULL, "replicas.reset", REMARK_CHECK,
	    "Deployment chatops-gateway has 6 pods by its autoscaler; the rollback sets 3" },
	{ "hm18_by_hand", { { "live", "items.1.spec.replicas", "6" } }, NULL, "replicas.reset",
	    REMARK_CHECK, "Deployment chatops-gateway has 6 pods; the rollback sets 3" },
	{ "hm18_taken_away", { { "manifest-5", "replicas: 3", "minReadySeconds: 0" } }, NULL, "replicas.reset",
	    REMARK_CHECK, "Deployment chatops-gateway has 3 pods; the rollback sets 1, since that revision names no number" },
	{ "hm18_never_named", { { "manifest-5", "replicas: 3", "minReadySeconds: 0" },
	    { "manifest-7", "replicas: 3", "minReadySeconds: 0" } }, NULL, NULL, 0, NULL },
	{ "hm8_hook", { { "hooks-5", NULL, HOOK("check:1") }, { "hooks-7", NULL, HOOK("check:1") } }, NULL,
	    "release.hooks", REMARK_NOTE, "Job before runs (pre-rollback): check:1, account root" },
	{ "ch2_hook_new", { { "hooks-5", NULL, HOOK("evil:1") }, { "hooks-7", NULL, HOOK("check:1") } },
	    NULL, "release.hooks", REMARK_CHECK, "the present revision has none or another" },
	{ "ch1_hook_binding", { { "hooks-5", NULL, HOOK_BINDING } },
	    "the rollback would create ClusterRoleBinding own as a hook (pre-rollback), which rollcall never does; "
	    "leave its hooks out", NULL, 0, NULL },
	{ "ch1_hook_elsewhere", { { "hooks-5", NULL, HOOK_ELSEWHERE } },
	    "would create Job before in namespace kube-system as a hook", NULL, 0, NULL },
	{ "ch1_hook_same", { { "hooks-5", NULL, HOOK_BINDING }, { "hooks-7", NULL, HOOK_BINDING } }, NULL,
	    "release.hooks", REMARK_NOTE, "ClusterRoleBinding own runs (pre-rollback)" },
	{ "ch1_hook_unreadable", { { "hooks-5", NULL, "a: [b\n" } }, "its hooks cannot be read (the manifest: line", NULL,
	    0, NULL },
	{ "hm23_flux", { { "live", "items.0.metadata.labels",
	    "{\"helm.toolkit.fluxcd.io/name\":\"platform\"}" } }, NULL, "owner.flux", REMARK_STOP,
	    "Deployment chatops-engine: Flux (HelmRelease platform) would upgrade the release again" },
	{ "in progress", { { "live", "items.0.status.updatedReplicas", "1" },
	    { "live", "items.0.status.conditions", "[]" } }, NULL, "rollout.in_progress", REMARK_NOTE,
	    "Deployment chatops-engine is rolling out: 1 of 2" },
	{ "rights", { { "may", "yes", "no" } }, "our account may not change deployments", NULL, 0, NULL },
	{ "kc14", { { "manifest-5", "env:", NEEDS } }, NULL, "references.unseen", REMARK_CHECK, "whether 1 of the 1" },
	{ "no identity", { { "identity", "metadata", "{}" } }, "does not say which one it is", NULL, 0, NULL },
};

static void
apply(struct facts *facts, const struct edit *edits)
{
	static const char *const texts[] = { "manifest-5", "manifest-7", "hooks-5", "hooks-7",
		"api-versions", "may", NULL };

	for (size_t i = 0; i < 3 && edits[i].fact != NULL; i++)
		if (string_in(edits[i].fact, texts))
			world_replace(facts, edits[i].fact, edits[i].from, edits[i].to);
		else if (edits[i].from != NULL)
			world_edit(facts, edits[i].fact, edits[i].from, edits[i].to);
		else
			world_add(facts, edits[i].fact, 0, edits[i].to, "");
	/* A "no" comes with status 1. */
	if (string_starts(facts_find(facts, "may")->out, "no"))
		world_add(facts, "may", 1, "no\n", "");
}

TEST(the_pre_flight_list_refuses_or_remarks)
{
	for (size_t i = 0; i < COUNT(guards); i++) {
		struct world w = world_new();
		const struct remark *said;
		bool ok;

		apply(w.facts, guards[i].edits);
		ok = driver_helm.guard(w.plan, &release, w.facts, revision(&w, 5), &w.err);
		if (ok != (guards[i].refusal == NULL))
			fail_msg("%s: %s", guards[i].name, w.err.text);
		if (!ok && strstr(w.err.text, guards[i].refusal) == NULL)
			fail_msg("%s: %s", guards[i].name, w.err.text);
		said = ok && guards[i].code != NULL ? remark(w.plan, guards[i].code) : NULL;
		if (ok && guards[i].code == NULL)
			assert_int_equal(w.plan->remarks.count, 0);
		if (ok && guards[i].code != NULL &&
		    (said == NULL || strstr(said->text, guards[i].text) == NULL))
			fail_msg("%s: %s", guards[i].name, said != NULL ? said->text : "not said");
		if (said != NULL)
			assert_int_equal(said->level, guards[i].level);
		world_clear(&w);
	}
}

TEST(workloads_that_could_not_be_seen_are_said)
{
	struct world w = world_new();

	world_add(w.facts, "live", 1, "", "Error from server (Forbidden): deployments.apps is forbidden\n");
	assert_true(driver_helm.guard(w.plan, &release, w.facts, revision(&w, 5), &w.err));
	assert_non_null(strstr(remark(w.plan, "live.unseen")->text,
	    "Not seen how its workloads stand, and who else looks after them: Error from server (Forbidden)"));
	world_clear(&w);
}

TEST(a_quiet_world_gives_no_remarks)
{
	struct world w = world_new();

	assert_true(driver_helm.guard(w.plan, &release, w.facts, revision(&w, 5), &w.err));
	assert_int_equal(w.plan->remarks.count, 0);
	assert_string_equal(w.plan->identity, json_string(facts_json(w.facts, "identity", NULL),
	    "metadata.uid"));
	world_clear(&w);
}

TEST(kc14_what_the_release_makes_itself_may_be_missing)
{
	struct world w = world_new();

	world_replace(w.facts, "manifest-5", "env:", NEEDS);
	world_add(w.facts, "references", 0, "configmap/other\n", "");
	assert_false(driver_helm.guard(w.plan, &release, w.facts, revision(&w, 5), &w.err));
	assert_non_null(strstr(w.err.text, "needs what is gone: secret db"));
	world_replace(w.facts, "manifest-5", NULL,
	    "---\napiVersion: v1\nkind: Secret\nmetadata: {name: db}\n");
	assert_true(driver_helm.guard(w.plan, &release, w.facts, revision(&w, 5), &w.err));
	world_clear(&w);
}

/* More than fits one command line: each is asked for, and what nobody looked at is not called gone. */
TEST(kc14_of_a_large_release_only_what_was_looked_for_can_be_gone)
{
	_cleanup_(text_clear) struct text needs = TEXT_INIT, first = TEXT_INIT, second = TEXT_INIT;
	struct world w = world_new();

	text_add(&needs, "envFrom: [");
	for (int i = 0; i < 70; i++) {
		text_printf(&needs, "%s{secretRef: {name: s%03d}}", i > 0 ? ", " : "", i);
		text_printf(i < 60 ? &first : &second, "secret/s%03d\n", i);
	}
	text_add(&needs, "]\n        env:");
	world_replace(w.facts, "manifest-5", "env:", needs.data);
	world_add(w.facts, "references", 0, first.data, "");
	assert_true(driver_helm.guard(w.plan, &release, w.facts, revision(&w, 5), &w.err));
	assert_non_null(strstr(remark(w.plan, "references.unseen")->text, "whether 10 of the 70"));
	assert_true(driver_helm.look(w.plan, &release, LOOK_CHANGE, w.facts, revision(&w, 5), &w.err));
	assert_string_equal(w.plan->reads.item[w.plan->reads.count - 1].name, "references-2");
	world_add(w.facts, "references-2", 0, second.data, "");
	assert_true(driver_helm.guard(w.plan, &release, w.facts, revision(&w, 5), &w.err));
	world_replace(w.facts, "references-2", "secret/s069\n", "");
	assert_false(driver_helm.guard(w.plan, &release, w.facts, revision(&w, 5), &w.err));
	assert_non_null(strstr(w.err.text, "needs what is gone: secret s069;"));
	world_clear(&w);
}

/* ---- HM11 ---------------------------------------------------------------------------------- */

#define OWNED                                                                                      \
	"{\"manager\":\"kubectl-set\",\"operation\":\"Update\",\"fieldsV1\":{\"f:spec\":{\"f:template\":"   \
	"{\"f:spec\":{\"f:containers\":{\"k:{\\\"name\\\":\\\"gateway\\\"}\":{\"f:image\":{}}}}}}}}"

static const struct {
	const char *name;
	struct edit edits[3];
	bool conflict;
} conflicts[] = {
	{ "another image by hand", { { "live", "items.1.metadata.managedFields", "[" OWNED "]" },
	    { "live", "items.1.spec.template.spec.containers.0.image", "\"web:hot-fix\"" } }, true },
	{ "the image that the rollback wants", { { "live", "items.1.metadata.managedFields", "[" OWNED "]" },
	    { "live", "items.1.spec.template.spec.containers.0.image",
	      "\"registry.example.com/chatops/gateway:v1.2.3\"" } }, false },
	{ "helm 3", { { "live", "items.1.metadata.managedFields", "[" OWNED "]" },
	    { "helm-version", "v4", "v3" } }, false },
	{ "applied on the client", { { "live", "items.1.metadata.managedFields", "[" OWNED "]" },
	    { "metadata-5", "applyMethod", "\"csa\"" } }, false },
	{ "nobody but helm", { { NULL, NULL, NULL } }, false },
};

TEST(hm11_fields_of_others_are_found_before_they_conflict)
{
	for (size_t i = 0; i < COUNT(conflicts); i++) {
		struct world w = world_new();

		for (size_t k = 0; k < 3 && conflicts[i].edits[k].fact != NULL; k++)
			if (string_equal(conflicts[i].edits[k].fact, "helm-version"))
				world_replace(w.facts, "helm-version", "v4", "v3");
			else
				world_edit(w.facts, conflicts[i].edits[k].fact, conflicts[i].edits[k].from,
				    conflicts[i].edits[k].to);
		assert_true(driver_helm.guard(w.plan, &release, w.facts, revision(&w, 5), &w.err));
		assert_true(driver_helm.change(w.plan, &release, w.facts, revision(&w, 5), &w.err));
		if ((remark(w.plan, "release.conflicts") != NULL) != conflicts[i].conflict ||
		    (step_with(w.plan, "--force-conflicts") != NULL) != conflicts[i].conflict)
			fail_msg("%s", conflicts[i].name);
		if (conflicts[i].conflict)
			assert_string_equal(remark(w.plan, "release.conflicts")->text,
			    "Deployment chatops-gateway was changed by somebody else: "
			    "spec.template.spec.containers[gateway].image (kubectl-set). "
			    "The rollback takes that over");
		world_clear(&w);
	}
}

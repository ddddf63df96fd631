/* helm*.c - the vocabulary, the judges, and the driver of releases on a recorded world. */

#include "helm_world.h"

static const struct remark *
remark(const struct plan *plan, const char *code)
{
	for (size_t i = 0; i < plan->remarks.count; i++)
		if (string_equal(plan->remarks.item[i].code, code))
			return &plan->remarks.item[i];
	return NULL;
}

static void
assert_plan_holds(const struct plan *plan)
{
	_cleanup_(text_clear) struct text out = TEXT_INIT_LIMIT(MEGABYTES(4));
	_cleanup_(plan_freep) struct plan *back = NULL;
	struct error err = ERROR_INIT;

	plan_print(plan, &out);
	if ((back = plan_read(out.data, out.length, &err)) == NULL)
		fail_msg("%s", err.text);
}

static const struct step *
step_with(const struct plan *plan, const char *argument)
{
	for (size_t i = 0; i < plan->steps.count; i++)
		for (size_t k = 0; plan->steps.item[i].argv != NULL && plan->steps.item[i].argv[k]; k++)
			if (string_equal(plan->steps.item[i].argv[k], argument))
				return &plan->steps.item[i];
	return NULL;
}

/* ---- words --------------------------------------------------------------------------------- */

static const struct {
	const char *word;	/* NULL: none */
	const char *argv[10];
} uses[] = {
	{ "helm.history", { "helm", "history", "-n", "ns", "-o=json", "--max=256", "--", "web" } },
	{ "helm.rollback", { "helm", "rollback", "-n", "ns", "--timeout=300s", "--history-max=10", "--",
	    "web", "5" } },
	{ "helm.rollback", { "helm", "rollback", "-n", "ns", "--timeout=300s", "--history-max=10",
	    "--force-conflicts", "--", "web", "5" } },
	{ "helm.version", { "helm", "version", "--template={{.Version}}" } },
	{ "helm.get_values", { "helm", "get", "values", "-n", "ns", "--revision=5", "-o=json", "--", "web" } },
	/* HM1: never without its revision. */
	{ NULL, { "helm", "rollback", "-n", "ns", "--timeout=300s", "--history-max=10", "--", "web" } },
	{ NULL, { "helm", "rollback", "-n", "ns", "--timeout=300s", "--history-max=10", "--", "web", "0" } },
	{ NULL, { "helm", "rollback", "-n", "ns", "--history-max=10", "--", "web", "5" } },
	{ NULL, { "helm", "rollback", "-n", "ns", "--timeout=300s", "--history-max=10", "--wait", "--",
	    "web", "5" } },
	{ NULL, { "helm", "rollback", "-n", "ns", "--timeout=300s", "--history-max=10", "--debug", "--",
	    "web", "5" } },
	{ NULL, { "helm", "rollback", "-n", "ns", "--timeout=300s", "--kube-apiserver=http://evil",
	    "--history-max=10", "--", "web", "5" } },
	{ NULL, { "helm", "version", "--template={{env \"HOME\"}}" } },
	{ NULL, { "helm", "get", "all", "-n", "ns", "--revision=5", "--", "web" } },
	{ NULL, { "helm", "upgrade", "-n", "ns", "--", "web", "./chart" } },
	{ NULL, { "helm", "uninstall", "-n", "ns", "--", "web" } },
	{ NULL, { "helm", "template", "--", "web" } },
};

TEST(ar2_helm_is_used_in_few_ways)
{
	words_register(helm_words);
	for (size_t i = 0; i < COUNT(uses); i++) {
		struct error err = ERROR_INIT;
		const struct word *word;
		char *argv[11] = { NULL };

		memcpy(argv, uses[i].argv, sizeof uses[i].argv);
		word = argv_check(argv, &err);
		if (uses[i].word == NULL ? word != NULL : word == NULL ||
		    !string_equal(word->name, uses[i].word))
			fail_msg("row %zu: %s", i, err.text);
	}
}

/* ---- looking ------------------------------------------------------------------------------- */

static const char *
round_of(struct world *w, struct facts *facts, enum look_for what, const struct revision *to)
{
	_cleanup_(text_clear) struct text names = TEXT_INIT;
	_cleanup_(plan_freep) struct plan *plan = plan_new();

	if (!driver_helm.look(plan, &release, what, facts, to, &w->err))
		return w->err.text;
	for (size_t i = 0; i < plan->reads.count; i++) {
		const struct step *read = &plan->reads.item[i];
		const struct word *word = argv_check(read->argv, &w->err);

		if (word == NULL)
			fail_msg("%s", w->err.text);
		assert_true(word->reads && read->limit > 0);
		text_printf(&names, "%s%s", i > 0 ? " " : "", read->name);
		if (facts_have(w->facts, read->name))
			facts_add(facts, facts_find(w->facts, read->name));
		else
			world_add(facts, read->name, 0, "", "");
	}
	return arena_copy(w->plan->arena, names.data, names.length);
}

TEST(a3_a_history_needs_the_manifests_of_what_may_be_gone_back_to)
{
	struct world w = world_new();
	_cleanup_(facts_freep) struct facts *facts = facts_new();

	assert_string_equal(round_of(&w, facts, LOOK_HISTORY, NULL), "identity history helm-version");
	/* The sixth failed. */
	assert_string_equal(round_of(&w, facts, LOOK_HISTORY, NULL),
	    "manifest-7 manifest-1 manifest-2 manifest-3 manifest-4 manifest-5");
	assert_string_equal(round_of(&w, facts, LOOK_HISTORY, NULL), "");
	world_clear(&w);
}

TEST(a_change_needs_values_hooks_and_what_is_live)
{
	struct world w = world_new();
	_cleanup_(facts_freep) struct facts *facts = facts_new();
	const struct revision *five = revision(&w, 5);

	round_of(&w, facts, LOOK_HISTORY, NULL);
	round_of(&w, facts, LOOK_HISTORY, NULL);
	assert_string_equal(round_of(&w, facts, LOOK_CHANGE, five), "autoscalers canaries rollouts "
	    "values-7 values-5 hooks-7 hooks-5 metadata-5 may may-record api-versions live");
	assert_string_equal(round_of(&w, facts, LOOK_CHANGE, five), "");
	world_clear(&w);
}

/* What the look before a change asks next, each with what vouches for it: "manifest-7<release-records". */
static const char *
vouched_round(struct world *w, struct facts *facts, enum look_for what, const struct revision *to)
{
	_cleanup_(text_clear) struct text names = TEXT_INIT;
	_cleanup_(plan_freep) struct plan *plan = plan_new();

	assert_true(driver_helm.look(plan, &release, what, facts, to, &w->err));
	for (size_t i = 0; i < plan->reads.count; i++) {
		const struct step *read = &plan->reads.item[i];

		text_printf(&names, "%s%s%s%s", i > 0 ? " " : "", read->name,
		    read->under != NULL ? "<" : read->lasting ? "~" : "", read->under != NULL ? read->under : "");
		if (facts_have(w->facts, read->name))
			facts_add(facts, facts_find(w->facts, read->name));
	}
	return arena_copy(w->plan->arena, names.data, names.length);
}

TEST(e7_what_is_read_of_a_revision_stands_under_the_versions_of_its_records)
{
	struct world w = world_new();
	_cleanup_(facts_freep) struct facts *facts = facts_new();
	const struct revision *five = revision(&w, 5);

	assert_string_equal(vouched_round(&w, facts, LOOK_CHOICE, NULL),
	    "identity history helm-version~ release-records");
	assert_string_equal(vouched_round(&w, facts, LOOK_CHOICE, NULL),
	    "manifest-7<release-records manifest-1<release-records manifest-2<release-records "
	    "manifest-3<release-records manifest-4<release-records manifest-5<release-records");
	assert_string_equal(vouched_round(&w, facts, LOOK_CHANGE, five),
	    "autoscalers~ canaries~ rollouts~ values-7<release-records values-5<release-records "
	    "hooks-7<release-records hooks-5<release-records metadata-5<release-records "
	    "may~ may-record~ api-versions~ live");
	world_clear(&w);
}

/* CH1: helm takes a revision from the object with its name, whatever that object's labels say. */
TEST(ch1_a_revision_whose_own_record_was_not_seen_stands_under_nothing)
{
	static const struct {
		int exit;
		const char *records;
	} rows[] = {
		{ 0, "NAME   UID   VERSION\n" },
		{ 0, "NAME   UID   VERSION\nsh.helm.release.v1.chatops-platform.v77   a   1\n" },
		{ 0, "NAME   UID   VERSION\nsh.helm.release.v1.chatops-platform-x.v7   a   1\n" },
		{ 0, "NAME   UID   VERSION\nx.sh.helm.release.v1.chatops-platform.v7   a   1\n" },
		{ 1, "sh.helm.release.v1.chatops-platform.v7   a   1\n" },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct world w = world_new();
		_cleanup_(facts_freep) struct facts *facts = facts_new();

		vouched_round(&w, facts, LOOK_CHOICE, NULL);
		world_add(facts, "release-records", rows[i].exit, rows[i].records, "");
		assert_row(i, string_starts(vouched_round(&w, facts, LOOK_CHOICE, NULL), "manifest-7 "));
		world_clear(&w);
	}
}

TEST(a_state_needs_the_present_manifest_and_its_workloads)
{
	struct world w = world_new();
	_cleanup_(facts_freep) struct facts *facts = facts_new();

	assert_string_equal(round_of(&w, facts, LOOK_STATE, NULL),
	    "identity history helm-version autoscalers canaries rollouts");
	assert_string_equal(round_of(&w, facts, LOOK_STATE, NULL), "manifest-7");
	assert_string_equal(round_of(&w, facts, LOOK_STATE, NULL), "live");
	assert_string_equal(round_of(&w, facts, LOOK_STATE, NULL), "");
	world_clear(&w);
}

static const struct {
	int exit;
	const char *errors, *says;
	enum error_kind kind;
} failures[] = {
	{ 1, "Error: release: not found\n",
	    "there is no Helm release chatops-platform in namespace chatops-platform", FAILED },
	{ 1, "Error: kubernetes cluster unreachable: Get \"https://127.0.0.1:6443/version\": dial tcp\n",
	    "the cluster primary does not answer", LOST },
	{ 1, "Error: kubernetes cluster unreachable: the server has asked for the client to provide "
	    "credentials\n", "the cluster primary does not accept our credentials", FAILED },
	{ 1, "Error: query: failed to query with labels: secrets is forbidden: User \"x\"\n",
	    "our account may not read what is needed (history)", REFUSED },
	{ 1, "level=WARN msg=\"old\"\nError: something\n", "helm (history, cluster primary): Error: something",
	    FAILED },
	{ -1, "", "the cluster primary did not answer in time", LOST },	/* KC21 */
};

TEST(a_failed_read_is_told_in_our_words)
{
	for (size_t i = 0; i < COUNT(failures); i++) {
		struct world w = world_new();

		world_add(w.facts, "history", failures[i].exit, "", failures[i].errors);
		assert_false(driver_helm.look(w.plan, &release, LOOK_CHANGE, w.facts, NULL, &w.err));
		if (strstr(w.err.text, failures[i].says) == NULL)
			fail_msg("row %zu: %s", i, w.err.text);
		assert_int_equal(w.err.kind, failures[i].kind);
		world_clear(&w);
	}
}

/* ---- history and state ---------------------------------------------------------------------- */

TEST(a3_the_history_is_helms_own)
{
	struct world w = world_new();
	const struct revision *five = revision(&w, 5);

	assert_int_equal(w.history.count, 7);
	assert_int_equal(w.history.now->number, 7);
	assert_string_equal(five->version, "v1.2.3");
	assert_string_equal(five->image, "chatops-platform-1.2.3");
	assert_string_equal(five->status, "superseded");
	assert_string_equal(five->why, "Upgrade complete");
	assert_int_equal(strlen(five->pin), 64);
	assert_true(five->when > 0 && !five->failed);
	assert_true(history_find(&w.history, 6)->failed);
	assert_non_null(history_find(&w.history, 6)->pin);
	/* Its description has three lines; one is told. */
	assert_null(strchr(history_find(&w.history, 6)->why, '\n'));
	world_clear(&w);
}

TEST(hm5_what_runs_is_the_last_revision_whatever_became_of_it)
{
	struct world w = world_new();

	world_edit(w.facts, "history", "6.status", "\"failed\"");
	revision(&w, 7);
	assert_int_equal(w.history.now->number, 7);
	assert_true(w.history.now->failed);
	assert_true(driver_helm.guard(w.plan, &release, w.facts, revision(&w, 5), &w.err));
	assert_non_null(strstr(remark(w.plan, "release.failed")->text, "Revision 7 failed"));
	world_clear(&w);
}

TEST(a_version_may_be_only_the_charts)
{
	struct world w = world_new();

	world_edit(w.facts, "history", "4.app_version", "\"\"");
	world_edit(w.facts, "history", "4.chart", "\"kube-prometheus-stack-58.0.0-rc.1\"");
	assert_string_equal(revision(&w, 5)->version, "58.0.0-rc.1");
	world_clear(&w);
}

TEST(a_pin_is_the_text_of_the_manifest_but_for_its_ends)
{
	struct world w = world_new();
	const char *pin = revision(&w, 5)->pin;

	world_replace(w.facts, "manifest-5", NULL, "\n\n");
	assert_string_equal(revision(&w, 5)->pin, pin);
	world_replace(w.facts, "manifest-5", "v1.2.3", "v1.2.9");
	assert_string_not_equal(revision(&w, 5)->pin, pin);
	world_clear(&w);
}

TEST(the_state_adds_up_the_workloads)
{
	struct world w = world_new();
	struct state now;

	assert_true(driver_helm.state(w.plan->arena, &now, &release, w.facts, &w.err));
	assert_string_equal(now.summary, "revision 7, v1.2.4, is deployed\n"
	    "Deployment chatops-engine: 2 of 2 pods updated, 2 available\n"
	    "Deployment chatops-gateway: 3 of 3 pods updated, 3 available");
	assert_int_equal(now.wanted, 5);
	assert_int_equal(now.ready, 5);
	assert_false(now.pending || now.in_progress);
	assert_null(now.owner);
	world_edit(w.facts, "history", "6.status", "\"pending-upgrade\"");
	assert_true(driver_helm.state(w.plan->arena, &now, &release, w.facts, &w.err));
	assert_true(now.pending);
	world_clear(&w);
}

/* ---- guard --------------------------------------------------------------------------------- */

struct edit {
	const char *fact, *from, *to;	/* JSON: path and value; text: words */
};
#define STATUS(value) { "history", "6.status", "\"" value "\"" }
#define UPDATED(value) { "history", "6.updated", "\"" value "\"" }
#define BINDING                                                                                    \
	"---\napiVersion: rbac.authorization.k8s.io/v1\nkind: RoleBinding\nmetadata: {name: own}\n" \
	"roleRef: {name: admin}\nsubjects: [{name: me}]\n"
#define CLAIM "---\napiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: data}\n"
#define KEPT                                                                                       \
	"---\napiVersion: v1\nkind: PersistentVolumeClaim\nmetadata:\n  name: data\n  annotations: "  \
	"{helm.sh/resource-policy: keep}\n"
#define MAP(place) "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: new" place "}\ndata: {a: b}\n"
#define MONITOR(n)                                                                                 \
	"---\napiVersion: apps/v1\nkind: ServiceMonitor\nmetadata: {name: m}\nspec: {interval: " n "}\n"
#define JOB(n)                                                                                     \
	"---\napiVersion: batch/v1\nkind: Job\nmetadata: {name: j}\nspec: {template: {spec: {x: " n "}}}\n"
#define HOOK(image)                                                                                \
	"---\napiVersion: batch/v1\nkind: Job\nmetadata:\n  name: before\n  annotations: "            \
	"{helm.sh/hook: pre-rollback}\nspec:\n  template:\n    spec:\n      serviceAccountName: root\n" \
	"      containers:\n      - {name: check, image: " image "}\n"
#define HOOK_BINDING                                                                               \
	"---\napiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRoleBinding\nmetadata: {name: own, "  \
	"annotations: {helm.sh/hook: pre-rollback}}\nroleRef: {name: cluster-admin}\n"
#define HOOK_AROUND                                                                                \
	"---\napiVersion: batch/v1\nkind: Job\nmetadata: {name: around, annotations: "                    \
	"{helm.sh/hook: \"pre-rollback,post-rollback\"}}\nspec: {}\n"
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

/* ---- the way back -------------------------------------------------------------------------- */

static const char *
lines_of(struct plan *plan)
{
	_cleanup_(text_clear) struct text out = TEXT_INIT;

	for (size_t i = 0; i < plan->differences.count; i++) {
		const struct difference *line = &plan->differences.item[i];

		text_printf(&out, "%c %s", "-+~"[line->change], line->object);
		if (line->field != NULL)
			text_printf(&out, ": %s %s -> %s", line->field, line->from != NULL ? line->from : ".",
			    line->to != NULL ? line->to : ".");
		text_add_char(&out, '\n');
	}
	return arena_copy(plan->arena, out.data, out.length);
}

TEST(a5_the_preview_is_ours)
{
	struct world w = world_new();

	world_replace(w.facts, "manifest-5", NULL, MAP("-a"));
	world_replace(w.facts, "manifest-7", NULL, MAP("-b"));
	assert_true(driver_helm.differ(w.plan, &release, w.facts, revision(&w, 5), &w.err));
	assert_string_equal(lines_of(w.plan),
	    "- ConfigMap new-b\n"
	    "+ ConfigMap new-a\n"
	    "~ ConfigMap chatops-platform-config: key pool.size 40 -> 20\n"
	    "~ Deployment chatops-engine: image v1.2.4 -> v1.2.3\n"
	    "~ Deployment chatops-engine: env POOL_SIZE 40 -> 20\n"
	    "~ Deployment chatops-gateway: image v1.2.4 -> v1.2.3\n"
	    "~ Deployment chatops-gateway: env POOL_SIZE 40 -> 20\n"
	    "~ values: poolSize 40 -> .\n");
	world_clear(&w);
}

TEST(se6_secret_values_of_a_release_are_not_shown)
{
	struct world w = world_new();

	world_replace(w.facts, "manifest-5", NULL,
	    "---\napiVersion: v1\nkind: Secret\nmetadata: {name: db}\ndata: {password: c2VjcmV0}\n");
	world_replace(w.facts, "manifest-7", NULL,
	    "---\napiVersion: v1\nkind: Secret\nmetadata: {name: db}\ndata: {password: aHVudGVyMjI=}\n");
	world_add(w.facts, "values-7", 0, "{\"db\":{\"password\":\"hunter22\"}}", "");
	assert_true(driver_helm.differ(w.plan, &release, w.facts, revision(&w, 5), &w.err));
	assert_non_null(strstr(lines_of(w.plan), "~ Secret db: key password hidden, 9 bytes -> hidden, 6"));
	assert_null(strstr(lines_of(w.plan), "hunter22"));
	assert_null(strstr(lines_of(w.plan), "aHVudGVyMjI="));
	world_clear(&w);
}

TEST(the_same_manifest_is_nothing_to_do_unless_the_last_operation_failed)
{
	struct world w = world_new();
	const char *now = facts_text(w.facts, "manifest-7", NULL);

	world_add(w.facts, "manifest-5", 0, now, "");
	assert_true(driver_helm.differ(w.plan, &release, w.facts, revision(&w, 5), &w.err));
	assert_string_equal(w.plan->unchanged, "chatops-platform is at v1.2.3 already (revision 7)");
	w.plan->unchanged = NULL;
	world_edit(w.facts, "history", "6.status", "\"failed\"");
	assert_true(driver_helm.differ(w.plan, &release, w.facts, revision(&w, 5), &w.err));
	assert_null(w.plan->unchanged);
	world_clear(&w);
}

TEST(a4_the_way_back_is_save_roll_back_and_read_back_everything)
{
	static const struct {
		enum effect effect;
		enum resume resume;
		const char *judge, *argument;
	} wanted[] = {
		{ READS, RERUN, NULL, NULL },
		{ CHANGES, PROBE, "helm.rolled_back", "--history-max=10" },
		{ READS, RERUN, "helm.revision_is", "history" },
		{ READS, RERUN, "helm.manifest_is", "--revision=8" },
		{ READS, RERUN, "kubectl.pods_are", "--selector=app=chatops-engine" },
		{ READS, RERUN, "helm.workload_runs", "deployment/chatops-engine" },
		{ READS, RERUN, "kubectl.pods_are", "--selector=app=chatops-gateway" },
		{ READS, RERUN, "helm.workload_runs", "deployment/chatops-gateway" },
	};
	struct world w = world_new();
	const struct step *change;

	assert_true(driver_helm.change(w.plan, &release, w.facts, revision(&w, 5), &w.err));
	assert_int_equal(w.plan->steps.count, COUNT(wanted));
	for (size_t i = 0; i < COUNT(wanted); i++) {
		const struct step *step = &w.plan->steps.item[i];

		assert_row(i, step->effect == wanted[i].effect && step->resume == wanted[i].resume);
		assert_row(i, string_equal(step->judge, wanted[i].judge));
		if (wanted[i].argument != NULL)
			assert_row(i, string_in(wanted[i].argument, (const char *const *)step->argv));
	}
	change = &w.plan->steps.item[1];
	assert_null(step_with(w.plan, "--wait"));
	assert_int_equal(change->cancel, FINISH);
	assert_int_equal(change->limit, MINUTES(2));
	assert_string_equal(change->probe->judge, "helm.revision_is");
	assert_string_equal(change->probe->expect, "{\"revision\":8,\"to\":5}");
	assert_int_equal(w.plan->also.count, 2);
	assert_string_equal(w.plan->also.item[1], "deployment/chatops-gateway");
	assert_int_equal(w.plan->locks.count, 3);
	assert_string_equal(w.plan->locks.item[0], "primary/chatops-platform/release/chatops-platform");
	assert_non_null(strstr(w.plan->saved, "\"Deployment/chatops-gateway\":3"));
	assert_plan_holds(w.plan);
	world_clear(&w);
}

/* hooks: the answer; NULL: they could not be read. */
static const struct {
	const char *hooks;
	bool without;
	size_t count;
	int64_t limit;
	const char *code, *text;
} hooked[] = {
	{ HOOK("check:1"), false, 1, MINUTES(6), "release.hooks", "Job before runs (pre-rollback): check:1" },
	{ HOOK("check:1") HOOK_AROUND, false, 3, MINUTES(16), "release.hooks",
	    "Job around runs (pre-rollback,post-rollback)" },
	{ HOOK("check:1"), true, 1, MINUTES(2), "release.without_hooks",
	    "Without its hooks: Job before (pre-rollback)" },
	{ HOOK("check:1") HOOK("other:1"), true, 2, MINUTES(2), "release.without_hooks",
	    "Without its hooks: Job before (pre-rollback), Job before (pre-rollback)" },
	{ "", true, 0, MINUTES(2), "release.without_hooks", "It has no hooks for a rollback" },
	{ NULL, false, 1, MINUTES(6), "release.hooks_unseen", "Not seen which hooks" },
	{ NULL, true, 1, MINUTES(2), "release.without_hooks", "Without its hooks, which could not be seen" },
	{ HOOK_BINDING, true, 1, MINUTES(2), "release.without_hooks",	/* CH1: it is not made */
	    "Without its hooks: ClusterRoleBinding own (pre-rollback)" },
};

TEST(hm8_each_hook_gets_the_time_that_helm_gives_it_or_they_are_left_out_and_named)
{
	for (size_t i = 0; i < COUNT(hooked); i++) {
		struct world w = world_new();
		const char *text = NULL;

		if (hooked[i].hooks != NULL)
			world_add(w.facts, "hooks-5", 0, hooked[i].hooks, "");
		else
			world_add(w.facts, "hooks-5", 1, "", "Error: timeout\n");
		w.plan->without_hooks = hooked[i].without;
		assert_row(i, driver_helm.guard(w.plan, &release, w.facts, revision(&w, 5), &w.err));
		assert_row(i, driver_helm.change(w.plan, &release, w.facts, revision(&w, 5), &w.err));
		assert_row(i, w.plan->hooks == hooked[i].count);
		assert_row(i, w.plan->steps.item[1].limit == hooked[i].limit);
		assert_row(i, (step_with(w.plan, "--no-hooks") != NULL) == hooked[i].without);
		for (size_t k = 0; k < w.plan->remarks.count; k++)
			if (string_equal(w.plan->remarks.item[k].code, hooked[i].code))
				text = w.plan->remarks.item[k].text;
		assert_row(i, text != NULL && strstr(text, hooked[i].text) != NULL);
		assert_plan_holds(w.plan);
		world_clear(&w);
	}
}

/* Their pods run with the accounts of the namespace: another hook is another plan. */
TEST(ap1_a_yes_is_to_exactly_these_hooks)
{
	static const struct {
		const char *hooks;
		bool without;
	} rows[] = { { HOOK("check:1"), false }, { HOOK("evil:1"), false }, { HOOK("check:1"), true },
		{ HOOK("evil:1"), true } };
	char hash[COUNT(rows)][DIGEST_HEX];

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct world w = world_new();

		world_add(w.facts, "hooks-5", 0, rows[i].hooks, "");
		w.plan->without_hooks = rows[i].without;
		assert_true(driver_helm.guard(w.plan, &release, w.facts, revision(&w, 5), &w.err));
		assert_true(driver_helm.change(w.plan, &release, w.facts, revision(&w, 5), &w.err));
		plan_hash(w.plan, hash[i]);
		world_clear(&w);
	}
	assert_string_not_equal(hash[0], hash[1]);
	assert_string_equal(hash[2], hash[3]);
}

#define SET(image)                                                                                 \
	"---\napiVersion: apps/v1\nkind: StatefulSet\nmetadata: {name: thanos-receive}\nspec:\n"       \
	"  selector: {matchLabels: {app: thanos-receive}}\n  template: {spec: {containers: "          \
	"[{name: receive, image: " image "}]}}\n"

/* The recorded StatefulSet whose last pod crashes, as part of the release. */
static void
add_stuck_set(struct world *w, const char *from, const char *to)
{
	_cleanup_(facts_freep) struct facts *other = facts_new();

	world_load(other, "receive-stuck");
	world_replace(w->facts, "manifest-7", NULL, from);
	world_replace(w->facts, "manifest-5", NULL, to);
	world_add(w->facts, "live", 0, facts_find(other, "statefulset")->out, "");
	facts_add(w->facts, facts_find(other, "pods"));
}

TEST(kc13_a_pod_of_the_release_that_blocks_is_deleted)
{
	struct world w = world_new();
	const struct step *rollback, *delete, *wait;

	add_stuck_set(&w, SET("thanos:2"), SET("thanos:1"));
	assert_true(driver_helm.change(w.plan, &release, w.facts, revision(&w, 5), &w.err));
	rollback = step_with(w.plan, "--history-max=10");
	delete = step_with(w.plan, "pod/thanos-receive-2");
	wait = step_with(w.plan, "--selector=app=thanos-receive");
	assert_true(rollback < delete && delete < wait);
	assert_int_equal(delete->resume, PROBE);
	assert_null(step_with(w.plan, "pod/thanos-receive-1"));
	assert_plan_holds(w.plan);
	world_clear(&w);
}

TEST(kc13_a_set_that_the_rollback_leaves_alone_keeps_its_pods)
{
	struct world w = world_new();

	add_stuck_set(&w, SET("thanos:1"), SET("thanos:1"));
	assert_true(driver_helm.change(w.plan, &release, w.facts, revision(&w, 5), &w.err));
	assert_null(step_with(w.plan, "pod/thanos-receive-2"));
	world_clear(&w);
}

TEST(hm19_a_full_history_loses_nothing_by_the_rollback)
{
	struct world w = world_new();

	for (int i = 0; i < 4; i++)
		world_edit(w.facts, "history", "0", "{\"revision\":1,\"status\":\"superseded\"}");
	world_replace(w.facts, "history", "[", "[{\"revision\":1},{\"revision\":1},{\"revision\":1},");
	assert_true(driver_helm.change(w.plan, &release, w.facts, revision(&w, 5), &w.err));
	assert_non_null(step_with(w.plan, "--history-max=12"));
	world_clear(&w);
}

TEST(hm19_of_a_history_that_is_longer_than_helm_tells_nothing_is_pruned)
{
	_cleanup_(text_clear) struct text more = TEXT_INIT;
	struct world w = world_new();

	text_add(&more, "[");
	for (int i = 0; i < 249; i++)
		text_add(&more, "{\"revision\":1},");
	world_replace(w.facts, "history", "[", more.data);
	assert_true(driver_helm.change(w.plan, &release, w.facts, revision(&w, 5), &w.err));
	assert_non_null(step_with(w.plan, "--history-max=0"));
	world_clear(&w);
}

TEST(i1_a_number_that_means_something_else_now_is_refused)
{
	struct world w = world_new();
	struct revision five = *revision(&w, 5);

	world_replace(w.facts, "manifest-5", "v1.2.3", "v6.6.6");
	assert_false(driver_helm.guard(w.plan, &release, w.facts, &five, &w.err));
	assert_string_equal(w.err.text, "revision 5 of chatops-platform is another one now");
	world_add(w.facts, "manifest-5", 1, "", "Error: release: not found\n");
	assert_false(driver_helm.change(w.plan, &release, w.facts, &five, &w.err));
	world_clear(&w);
}

TEST(a_manifest_that_is_no_yaml_is_refused_by_its_line)
{
	struct world w = world_new();

	world_add(w.facts, "manifest-5", 0, "a: [b\n", "");
	assert_false(driver_helm.guard(w.plan, &release, w.facts, revision(&w, 5), &w.err));
	assert_non_null(strstr(w.err.text, "the manifest: line"));
	world_clear(&w);
}

#define ROLLOUT "apiVersion: argoproj.io/v1alpha1\nkind: Rollout\nmetadata: {name: web}\nspec: {replicas: 3}\n"

TEST(hm5_of_a_release_without_workloads_nothing_is_called_verified)
{
	struct world w = world_new();

	world_add(w.facts, "manifest-5", 0, ROLLOUT, "");
	assert_true(driver_helm.change(w.plan, &release, w.facts, revision(&w, 5), &w.err));
	assert_string_equal(w.plan->unproven,
	    "it has no Deployment, StatefulSet or DaemonSet, so no pod shows whether it works");
	world_clear(&w);
}

TEST(of_a_large_release_what_was_not_read_back_is_not_called_verified)
{
	_cleanup_(text_clear) struct text many = TEXT_INIT;
	struct world w = world_new();

	for (int i = 0; i < 19; i++)
		text_printf(&many, "---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: w%d}\nspec: {}\n", i);
	world_replace(w.facts, "manifest-5", NULL, many.data);
	assert_true(driver_helm.change(w.plan, &release, w.facts, revision(&w, 5), &w.err));
	assert_string_equal(w.plan->unproven, "it has 21 workloads, of which 20 were read back");
	assert_non_null(strstr(remark(w.plan, "release.large")->text, "21 workloads; 20 of them are waited for"));
	world_clear(&w);
}

TEST(a_service_of_the_release_is_looked_at)
{
	struct world w = world_new();

	world_replace(w.facts, "manifest-5", NULL, "---\napiVersion: v1\nkind: Service\nmetadata: "
	    "{name: gw}\nspec: {selector: {app: chatops-gateway}}\n---\napiVersion: v1\nkind: Service\n"
	    "metadata: {name: none}\nspec: {}\n---\napiVersion: v1\nkind: Service\nmetadata: {name: far, "
	    "namespace: other}\nspec: {selector: {app: chatops-gateway}}\n");
	assert_true(driver_helm.change(w.plan, &release, w.facts, revision(&w, 5), &w.err));
	assert_non_null(step_with(w.plan, "--selector=kubernetes.io/service-name=gw"));
	assert_null(step_with(w.plan, "--selector=kubernetes.io/service-name=none"));
	assert_null(step_with(w.plan, "--selector=kubernetes.io/service-name=far"));
	world_clear(&w);
}

/* ---- judges -------------------------------------------------------------------------------- */

#define HISTORY(number, status, why)                                                               \
	"[{\"revision\":6,\"status\":\"superseded\"},{\"revision\":" #number ",\"status\":\"" status    \
	"\",\"description\":\"" why "\"}]"
#define EXPECT "{\"revision\":8,\"to\":5}"
#define LIVE(image, observed, updated)                                                             \
	"{\"kind\":\"Deployment\",\"metadata\":{\"name\":\"web\",\"uid\":\"u\",\"generation\":2},"   \
	"\"spec\":{\"replicas\":2,\"template\":{\"spec\":{\"containers\":[{\"name\":\"web\",\"image\":\"" \
	image "\"}]}}},\"status\":{\"observedGeneration\":" #observed ",\"replicas\":2,"              \
	"\"updatedReplicas\":" #updated ",\"availableReplicas\":2}}"
#define IMAGES "{\"images\":{\"web\":\"web:1\"}}"
#define BY_HAND "{\"images\":{\"web\":\"web:1\"},\"template\":true}"

static const struct {
	const char *judge, *expect;
	int exit;
	const char *out, *errors;
	enum verdict verdict;
	const char *note;
} verdicts[] = {
	{ "rolled_back", NULL, 0, "Rollback was a success! Happy Helming!\n", "", HOLDS, "helm accepted it" },
	{ "rolled_back", NULL, 1, "", "level=WARN msg=\"x\"\nError: conflict occurred while applying object\n",
	    FAILS, "helm: Error: conflict occurred while applying object" },
	{ "rolled_back", NULL, 1, "", "Error: release has no 1 version\n", FAILS, "release has no 1 version" },
	{ "rolled_back", NULL, -1, "", "", UNSEEN, "did not answer in time" },

	{ "revision_is", EXPECT, 0, HISTORY(8, "deployed", "Rollback to 5"), "", HOLDS,
	    "revision 8 is deployed" },
	{ "revision_is", EXPECT, 0, HISTORY(7, "deployed", "Upgrade complete"), "", NOT_YET,
	    "revision 7 is deployed" },
	{ "revision_is", EXPECT, 0, HISTORY(8, "pending-rollback", "Rollback to 5"), "", BEGAN,
	    "revision 8 is pending-rollback" },	/* HM8, HM26 */
	{ "revision_is", EXPECT, 0, HISTORY(8, "failed", "Rollback \\\"web\\\" failed: x"), "", BEGAN,
	    "revision 8 is failed, but parts of it may be applied" },	/* HM5 */
	{ "revision_is", EXPECT, 0, HISTORY(8, "failed", "Upgrade \\\"web\\\" failed: x"), "", FAILS,
	    "somebody else made revision 8: Upgrade \"web\" failed: x" },
	{ "revision_is", EXPECT, 0, HISTORY(8, "deployed", "Rollback to 52"), "", FAILS,
	    "somebody else made revision 8: Rollback to 52" },
	{ "revision_is", EXPECT, 0, HISTORY(8, "deployed", "Upgrade complete"), "", FAILS,
	    "somebody else made revision 8: Upgrade complete" },
	{ "revision_is", EXPECT, 0, HISTORY(9, "deployed", "Upgrade complete"), "", FAILS,
	    "somebody else made revision 9" },
	{ "revision_is", EXPECT, 0, "x", "", UNSEEN, "cannot be read" },
	{ "revision_is", EXPECT, 1, "", "Error: kubernetes cluster unreachable\n", UNSEEN, "unreachable" },

	{ "manifest_is", "9b74c9897bac770ffc029102a200c5de0c6d5a5a", 0, "foobar", "", FAILS,
	    "another one than planned" },
	{ "manifest_is", "c3ab8ff13720e8ad9047dd39466b3c8974e592c2fa383d4a3960714caef0c4f2", 0,
	    "\nfoobar\n", "", HOLDS, "the one that was planned" },
	{ "manifest_is", "x", 1, "", "Error: release: not found\n", UNSEEN, "not found" },

	{ "workload_runs", IMAGES, 0, LIVE("web:1", 2, 2), "", HOLDS, "2 of 2 pods updated" },
	{ "workload_runs", IMAGES, 0, LIVE("web:1", 1, 2), "", NOT_YET, "has not seen the change" },
	{ "workload_runs", IMAGES, 0, LIVE("web:1", 2, 1), "", NOT_YET, "1 of 2 pods updated" },
	{ "workload_runs", IMAGES, 0, LIVE("web:2", 2, 2), "", FAILS, "another template is there: web:2" },
	{ "workload_runs", BY_HAND, 0, LIVE("web:1", 2, 1), "", HOLDS, "the template is there" },	/* KC12 */
	{ "workload_runs", BY_HAND, 0, LIVE("web:1", 1, 2), "", NOT_YET, "has not seen the change" },
	{ "workload_runs", BY_HAND, 0, LIVE("web:2", 2, 2), "", FAILS, "another template is there: web:2" },
	{ "workload_runs", IMAGES, 1, "", "Error from server (NotFound): x\n", FAILS, "NotFound" },
	{ "workload_runs", IMAGES, 1, "", "Unable to connect to the server\n", UNSEEN, "Unable to connect" },
	{ "workload_runs", IMAGES, 0, "{}", "", UNSEEN, "cannot be read" },
};

TEST(judges_read_what_was_printed)
{
	_cleanup_(arena_freep) struct arena *arena = arena_new();

	judges_register(helm_judges);
	for (size_t i = 0; i < COUNT(verdicts); i++) {
		const struct judge *judge = judge_find(arena_printf(arena, "helm.%s", verdicts[i].judge));
		struct reading reading = { .exit = verdicts[i].exit, .out = verdicts[i].out,
			.length = strlen(verdicts[i].out), .errors = verdicts[i].errors };
		const char *note = NULL;
		enum verdict verdict;

		assert_non_null(judge);
		verdict = judge->judge(arena, &reading, verdicts[i].expect, &note);
		if (verdict != verdicts[i].verdict || note == NULL ||
		    strstr(note, verdicts[i].note) == NULL)
			fail_msg("row %zu (%s): %d, %s", i, verdicts[i].judge, (int)verdict, note);
	}
}

/* ---- its environment ------------------------------------------------------------------------ */

static void
collect(void *arg, const char *variable)
{
	text_add(arg, variable);
	text_add_char(arg, '\n');
}

TEST(ar3_plugins_and_repositories_are_nobodys_but_ours)
{
	_cleanup_(arena_freep) struct arena *arena = arena_new();
	_cleanup_(text_clear) struct text out = TEXT_INIT;
	struct error err = ERROR_INIT;

	assert_true(helm_tool.environment(arena, NULL, "/state/home/helm-primary", collect, &out, &err));
	assert_non_null(strstr(out.data, "HELM_PLUGINS=/state/home/helm-primary/helm\n"));
	assert_non_null(strstr(out.data, "HELM_CACHE_HOME=/state/home/helm-primary/helm\n"));
	assert_null(strstr(out.data, "HELM_KUBEAPISERVER"));
}

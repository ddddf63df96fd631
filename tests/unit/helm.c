/* helm.c, helm_read.c, helm_words.c - the vocabulary, what is looked at, and the history of a release. */

#include "helm_world.h"

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

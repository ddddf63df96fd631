/* helm*.c - row by row, what Helm really does and what we make of it (tests/README.md, HM). */

#include <stdlib.h>

#include "helm_world.h"

static const char *const variables[] = { "HELM_DRIVER", NULL };
static const struct cluster other = { .name = "other", .environment = variables };

static bool
fits(const char *const argv[12])
{
	char *copy[13] = { NULL };

	memcpy(copy, argv, 12 * sizeof *argv);
	return argv_check(copy, NULL) != NULL;
}

static bool
has_remark(const struct plan *plan, const char *code)
{
	for (size_t i = 0; i < plan->remarks.count; i++)
		if (string_equal(plan->remarks.item[i].code, code))
			return true;
	return false;
}

/* Of an old revision: may it be chosen?  Of the last one: what is said before it is taken back? */
static const struct {
	const char *status;
	bool failed;			/* passed over when "previous" is looked for */
	const char *refusal, *code;	/* when it is the last: one of them, or neither */
} statuses[] = {
	{ "unknown", true, NULL, NULL },
	{ "deployed", false, NULL, NULL },
	{ "uninstalled", true, "is uninstalled; there is nothing to take back", NULL },
	{ "superseded", false, NULL, NULL },
	{ "failed", true, NULL, "release.failed" },
	{ "uninstalling", true, "is being uninstalled; there is nothing to take back", NULL },
	{ "pending-install", true, NULL, "release.dead" },
	{ "pending-upgrade", true, NULL, "release.dead" },
	{ "pending-rollback", true, NULL, "release.dead" },
};

/* The last revision, 7, is pending; is it taken for what our own helm left behind? */
static const struct {
	const char *status, *description, *updated, *left, *code;
} pending[] = {
#define LEFT(revision, note) "{\"operation\":\"R-12\",\"expect\":\"{\\\"revision\\\":" revision "," \
	"\\\"to\\\":5}\",\"note\":\"" note "\",\"began\":1795256279000,\"gone\":1795256290000}"
#define IN "2026-11-21T10:18:00.734Z"
	{ "pending-rollback", "Rollback to 5", IN, LEFT("7", "x"), "release.left" },
	{ "pending-rollback", "Rollback to 5", "2026-11-21T10:17:59Z", LEFT("7", "x"), "release.left" },
	{ "pending-rollback", "Rollback to 5", "2026-11-21T10:17:58.9Z", LEFT("7", "x"), "release.pending" },
	{ "pending-rollback", "Rollback to 5", "2026-11-21T10:18:11Z", LEFT("7", "x"), "release.pending" },
	{ "pending-rollback", "Rollback to 5", "", LEFT("7", "x"), "release.pending" },
	{ "pending-rollback", "Rollback to 4", IN, LEFT("7", "x"), "release.pending" },
	{ "pending-rollback", "Rollback to 55", IN, LEFT("7", "x"), "release.pending" },
	{ "pending-rollback", "Rollback to 5", IN, LEFT("8", "x"), "release.pending" },
	{ "pending-rollback", "Rollback to 5", IN, LEFT("7", "helm: release: already exists"), "release.pending" },
	{ "pending-upgrade", "Rollback to 5", IN, LEFT("7", "x"), "release.pending" },
	{ "pending-rollback", "Rollback to 5", IN, "{}", "release.pending" },
	{ "pending-rollback", "Rollback to 5", IN, "{\"expect\":\"x", "release.pending" },
	{ "pending-rollback", "Rollback to 5", IN, NULL, "release.pending" },
};

static void
set_last(struct world *w, const char *member, const char *value)
{
	char path[40], json[60];

	snprintf(path, sizeof path, "6.%s", member);
	snprintf(json, sizeof json, "\"%s\"", value);
	world_edit(w->facts, "history", path, json);
}

TEST(hm6_only_what_our_own_helm_made_and_left_is_taken_up_while_it_is_young)
{
	static const char *const codes[] = { "release.left", "release.pending", "release.dead" };

	for (size_t i = 0; i < COUNT(pending); i++) {
		struct world w = world_new();

		set_last(&w, "status", pending[i].status);
		set_last(&w, "description", pending[i].description);
		set_last(&w, "updated", pending[i].updated);
		if (pending[i].left != NULL)
			world_add(w.facts, "left", 0, pending[i].left, "");
		assert_row(i, driver_helm.guard(w.plan, &release, w.facts, revision(&w, 5), &w.err));
		for (size_t k = 0; k < COUNT(codes); k++)
			assert_row(i, has_remark(w.plan, codes[k]) == string_equal(codes[k], pending[i].code));
		world_clear(&w);
	}
}

TEST(hm3_each_of_the_nine_statuses_has_its_meaning)
{
	for (size_t i = 0; i < COUNT(statuses); i++) {
		struct world w = world_new();
		char json[40];
		bool ok;

		snprintf(json, sizeof json, "\"%s\"", statuses[i].status);
		world_edit(w.facts, "history", "3.status", json);
		world_edit(w.facts, "history", "6.status", json);
		world_edit(w.facts, "history", "6.updated", "\"2026-11-21T09:00:00Z\"");
		if (revision(&w, 4)->failed != statuses[i].failed)
			fail_msg("%s, chosen", statuses[i].status);
		ok = driver_helm.guard(w.plan, &release, w.facts, revision(&w, 5), &w.err);
		if (ok != (statuses[i].refusal == NULL))
			fail_msg("%s, last: %s", statuses[i].status, w.err.text);
		if (!ok && strstr(w.err.text, statuses[i].refusal) == NULL)
			fail_msg("%s, last: %s", statuses[i].status, w.err.text);
		if (ok && (w.plan->remarks.count > 0) != (statuses[i].code != NULL))
			fail_msg("%s, last: %zu remarks", statuses[i].status, w.plan->remarks.count);
		if (statuses[i].code != NULL && !has_remark(w.plan, statuses[i].code))
			fail_msg("%s, last: not said", statuses[i].status);
		world_clear(&w);
	}
}

/* Of the three, who says how the pods change over: the chart that is gone back to, what only the present one
 * says, the cluster. */
static const struct {
	const char *name, *to, *now, *live;
	const char *unproven;		/* part of it */
	bool waits;			/* for its pods */
} strategies[] = {
	{ "nobody", "", "", "{}", NULL, true },
	{ "by hand", "updateStrategy: {type: OnDelete}", "", "{}", "deleted them (OnDelete)", false },
	{ "by hand till now", "", "updateStrategy: {type: OnDelete}", "{\"type\":\"OnDelete\"}", NULL, true },
	{ "by hand in the cluster", "", "", "{\"type\":\"OnDelete\"}", "deleted them (OnDelete)", false },
	{ "a partition", "updateStrategy: {rollingUpdate: {partition: 1}}", "", "{}", "below its partition", false },
	{ "a partition in the cluster", "", "", "{\"rollingUpdate\":{\"partition\":1}}", "below its partition", false },
	{ "no partition any more", "updateStrategy: {rollingUpdate: {partition: 0}}", "",
	    "{\"rollingUpdate\":{\"partition\":1}}", NULL, true },
};

/* The engine's Deployment becomes a StatefulSet of that strategy. */
static void
make_set(struct world *w, const char *manifest, const char *strategy)
{
	static const char kind[] = "kind: Deployment", replicas[] = "  replicas: 2";
	const char *text = facts_text(w->facts, manifest, NULL), *at = strstr(text, kind);
	const char *then = strstr(at, replicas);

	world_add(w->facts, manifest, 0, plan_arg(w->plan, "%.*skind: StatefulSet%.*s%s\n  %s%s",
	    (int)(at - text), text, (int)(then - at - (int)strlen(kind)), at + strlen(kind), replicas, strategy,
	    then + strlen(replicas)), "");
}

TEST(kc12_the_chart_says_how_its_pods_change_then_the_cluster)
{
	for (size_t i = 0; i < COUNT(strategies); i++) {
		struct world w = world_new();
		const struct revision *to;
		bool waits;

		make_set(&w, "manifest-5", strategies[i].to);
		make_set(&w, "manifest-7", strategies[i].now);
		world_edit(w.facts, "live", "items.0.kind", "\"StatefulSet\"");
		world_edit(w.facts, "live", "items.0.spec.updateStrategy", strategies[i].live);
		to = revision(&w, 5);
		assert_true(driver_helm.guard(w.plan, &release, w.facts, to, &w.err));
		assert_true(driver_helm.change(w.plan, &release, w.facts, to, &w.err));
		waits = step_with(w.plan, "--selector=app=chatops-engine") != NULL;
		if (waits != strategies[i].waits || (w.plan->unproven != NULL) != (strategies[i].unproven != NULL) ||
		    (w.plan->unproven != NULL && strstr(w.plan->unproven, strategies[i].unproven) == NULL))
			fail_msg("%s: %s", strategies[i].name, w.plan->unproven);
		assert_true((has_remark(w.plan, "update.on_delete") || has_remark(w.plan, "update.partition")) ==
		    !waits);
		assert_non_null(step_with(w.plan, "statefulset/chatops-engine"));
		world_clear(&w);
	}
}

TEST(kc12_a_release_that_is_scaled_to_nothing_proves_nothing)
{
	struct world w = world_new();
	const char *const manifests[] = { "manifest-5", "manifest-7" };

	for (size_t i = 0; i < COUNT(manifests); i++) {
		char *text = plan_arg(w.plan, "%s", facts_text(w.facts, manifests[i], NULL)), *at = text;

		while ((at = strstr(at, "replicas: ")) != NULL)
			*(at += strlen("replicas: ")) = '0';
		world_add(w.facts, manifests[i], 0, text, "");
	}
	assert_true(driver_helm.change(w.plan, &release, w.facts, revision(&w, 5), &w.err));
	assert_string_equal(w.plan->unproven, "it is scaled to 0, so no pod shows whether it works");
	assert_null(step_with(w.plan, "--selector=app=chatops-engine"));
	assert_null(step_with(w.plan, "--selector=app=chatops-gateway"));
	world_clear(&w);
}

/* Every workload of the release, after the rollback, with the time of a rollout. */
TEST(hm9_accepted_is_not_done_every_workload_is_read_back)
{
	struct world w = world_new();
	const struct step *change, *engine, *gateway;

	assert_true(driver_helm.change(w.plan, &release, w.facts, revision(&w, 5), &w.err));
	change = step_with(w.plan, "rollback");
	engine = step_with(w.plan, "deployment/chatops-engine");
	gateway = step_with(w.plan, "deployment/chatops-gateway");
	assert_true(change < engine && engine < gateway);
	assert_int_equal(engine->kind, STEP_UNTIL);
	assert_int_equal(gateway->kind, STEP_UNTIL);
	assert_int_equal(gateway->limit, MINUTES(5));
	assert_string_equal(gateway->judge, "helm.workload_runs");
	assert_false(engine->advisory || gateway->advisory);
	world_clear(&w);
}

#define ROLLBACK "helm", "rollback", "-n", "ns", "--timeout=300s", "--history-max=10"

static const char *const of_one_major[][12] = {
	{ ROLLBACK, "--force", "--", "web", "5" },
	{ ROLLBACK, "--force-replace", "--", "web", "5" },
	{ ROLLBACK, "--recreate-pods", "--", "web", "5" },
	{ ROLLBACK, "--atomic", "--", "web", "5" },
	{ ROLLBACK, "--rollback-on-failure", "--", "web", "5" },
	{ ROLLBACK, "--server-side=true", "--", "web", "5" },
	{ ROLLBACK, "--dry-run", "--", "web", "5" },
	{ ROLLBACK, "--dry-run=client", "--", "web", "5" },
	{ ROLLBACK, "--wait=watcher", "--", "web", "5" },
};

TEST(hm10_no_flag_that_only_one_major_knows_but_the_one_for_helm_4)
{
	static const struct {
		const char *version;
		bool forced;
	} versions[] = { { "v3.19.0", false }, { "v4.1.4", true }, { "v5.0.0", true }, { "", false } };

	words_register(helm_words);
	for (size_t i = 0; i < COUNT(of_one_major); i++)
		assert_row(i, !fits(of_one_major[i]));
	for (size_t i = 0; i < COUNT(versions); i++) {
		struct world w = world_new();

		world_add(w.facts, "helm-version", 0, versions[i].version, "");
		world_edit(w.facts, "live", "items.1.metadata.managedFields",
		    "[{\"manager\":\"kubectl-set\",\"operation\":\"Update\",\"fieldsV1\":{\"f:spec\":"
		    "{\"f:replicas\":{}}}}]");
		world_edit(w.facts, "live", "items.1.spec.replicas", "6");
		assert_true(driver_helm.change(w.plan, &release, w.facts, revision(&w, 5), &w.err));
		if ((step_with(w.plan, "--force-conflicts") != NULL) != versions[i].forced)
			fail_msg("Helm %s", versions[i].version);
		world_clear(&w);
	}
}

static void
add_nothing(void *arg, const char *variable)
{
	text_printf(arg, "%s\n", variable);
}

TEST(hm20_driver_and_namespace_are_those_of_the_release)
{
	static const char *const nowhere[] = { "helm", "history", "-o=json", "--max=256", "--", "web",
		NULL, NULL, NULL, NULL, NULL, NULL };
	_cleanup_(text_clear) struct text out = TEXT_INIT;
	struct world w = world_new();
	struct error err = ERROR_INIT;

	/* No use without its namespace; the driver is what the cluster's variables say, and nothing of ours. */
	assert_false(fits(nowhere));
	assert_true(helm_tool.environment(w.plan->arena, NULL, "/home", add_nothing, &out, &err));
	assert_null(strstr(out.data, "HELM_DRIVER"));
	assert_null(strstr(out.data, "HELM_NAMESPACE"));
	world_clear(&w);
}

TEST(hm20_records_elsewhere_than_in_secrets_need_no_right_to_secrets)
{
	struct target elsewhere = release;
	struct world w = world_new();

	assert_true(driver_helm.look(w.plan, &release, LOOK_CHANGE, w.facts, revision(&w, 5), &w.err));
	world_add(w.facts, "history", 1, "", "Error: release: not found\n");
	assert_false(driver_helm.look(w.plan, &release, LOOK_HISTORY, w.facts, NULL, &w.err));
	assert_non_null(strstr(w.err.text, "as its records are kept in Secrets"));
	elsewhere.cluster = &other;
	setenv("HELM_DRIVER", "sql", 1);
	w.err = (struct error)ERROR_INIT;
	assert_false(driver_helm.look(w.plan, &elsewhere, LOOK_HISTORY, w.facts, NULL, &w.err));
	assert_non_null(strstr(w.err.text, "as its records are kept in what HELM_DRIVER says"));
	/* It is ours only where the configuration passes it on. */
	w.err = (struct error)ERROR_INIT;
	assert_false(driver_helm.look(w.plan, &release, LOOK_HISTORY, w.facts, NULL, &w.err));
	assert_non_null(strstr(w.err.text, "Secrets"));
	unsetenv("HELM_DRIVER");
	world_clear(&w);
}

static bool
asks(const struct plan *plan, const char *name)
{
	for (size_t i = 0; i < plan->reads.count; i++)
		if (string_equal(plan->reads.item[i].name, name))
			return true;
	return false;
}

/* Where helm keeps them: that is what is asked for its versions; a database has none to be asked. */
TEST(hm20_the_versions_of_records_are_asked_for_where_they_are)
{
	static const struct {
		const char *driver, *kind;	/* NULL: not asked */
	} rows[] = {
		{ NULL, "secrets" }, { "", "secrets" }, { "secret", "secrets" }, { "secrets", "secrets" },
		{ "configmap", "configmaps" }, { "configmaps", "configmaps" }, { "sql", NULL }, { "memory", NULL },
	};
	struct target elsewhere = release;

	elsewhere.cluster = &other;
	for (size_t i = 0; i < COUNT(rows); i++) {
		_cleanup_(facts_freep) struct facts *facts = facts_new();
		struct world w = world_new();
		const struct step *read = NULL;

		if (rows[i].driver != NULL)
			setenv("HELM_DRIVER", rows[i].driver, 1);
		assert_true(driver_helm.look(w.plan, &elsewhere, LOOK_CHOICE, facts, NULL, &w.err));
		unsetenv("HELM_DRIVER");
		for (size_t k = 0; k < w.plan->reads.count; k++)
			if (string_equal(w.plan->reads.item[k].name, "release-records"))
				read = &w.plan->reads.item[k];
		assert_row(i, (read != NULL) == (rows[i].kind != NULL));
		if (read != NULL) {
			const struct word *word = argv_check(read->argv, &w.err);

			assert_row(i, word != NULL && word->reads && string_equal(word->name, "kubectl.records"));
			assert_row(i, string_equal(read->argv[8], rows[i].kind));
		}
		world_clear(&w);
	}
}

TEST(hm20_the_right_to_write_records_is_asked_for_before)
{
	_cleanup_(facts_freep) struct facts *facts = facts_new();
	_cleanup_(plan_freep) struct plan *plan = plan_new();
	struct target elsewhere = release;
	struct world w = world_new();
	const struct revision *five = revision(&w, 5);

	facts_add(facts, facts_find(w.facts, "history"));
	assert_true(driver_helm.look(w.plan, &release, LOOK_CHANGE, facts, five, &w.err));
	assert_true(asks(w.plan, "may-record"));
	elsewhere.cluster = &other;
	setenv("HELM_DRIVER", "configmap", 1);
	assert_true(driver_helm.look(plan, &elsewhere, LOOK_CHANGE, facts, five, &w.err));
	assert_false(asks(plan, "may-record"));
	unsetenv("HELM_DRIVER");
	world_clear(&w);
}

TEST(hm21_lists_are_never_asked_since_they_hide_what_is_pending)
{
	static const char *const lists[][12] = {
		{ "helm", "list", "-n", "ns", "-o=json" },
		{ "helm", "list", "-n", "ns", "-a", "-o=json" },
		{ "helm", "ls", "-n", "ns" },
	};
	struct world w = world_new();
	struct state state;

	for (size_t i = 0; i < COUNT(lists); i++)
		assert_row(i, !fits(lists[i]));
	world_edit(w.facts, "history", "6.status", "\"pending-rollback\"");
	assert_true(driver_helm.state(w.plan->arena, &state, &release, w.facts, &w.err));
	assert_true(state.pending);
	assert_non_null(strstr(state.summary, "revision 7, v1.2.4, is pending-rollback"));
	world_clear(&w);
}

TEST(hm22_what_would_hide_the_real_error_is_never_asked_for)
{
	static const char *const hiding[12] = { ROLLBACK, "--cleanup-on-fail", "--", "web", "5" };
	const char *note = NULL;
	struct world w = world_new();
	const struct judge *judge = judge_find("helm.rolled_back");
	struct reading real = { .exit = 1, .out = "", .errors = "Error: cannot patch \"web\" with kind Deployment: spec.selector: "
	    "Invalid value: field is immutable\n" };

	assert_false(fits(hiding));
	assert_true(driver_helm.change(w.plan, &release, w.facts, revision(&w, 5), &w.err));
	assert_null(step_with(w.plan, "--cleanup-on-fail"));
	assert_int_equal(judge->judge(w.plan->arena, &real, NULL, &note), FAILS);
	assert_non_null(strstr(note, "field is immutable"));
	world_clear(&w);
}

TEST(hm26_helm_is_not_signalled_in_the_middle)
{
	struct world w = world_new();
	const struct step *change;

	assert_true(driver_helm.change(w.plan, &release, w.facts, revision(&w, 5), &w.err));
	change = step_with(w.plan, "rollback");
	/* Without waiting it takes a moment: its limit is far beyond, and Stop lets it end. */
	assert_int_equal(change->cancel, FINISH);
	assert_true(change->limit >= MINUTES(2));
	assert_null(step_with(w.plan, "--wait"));
	world_clear(&w);
}

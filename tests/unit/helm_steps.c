/* helm_differ.c, helm_steps.c - the preview and the steps that take a release back. */

#include "helm_world.h"

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

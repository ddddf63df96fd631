/* kubectl_revisions.c, kubectl_statefulset.c, kubectl_daemonset.c - on recorded worlds. */

#include "adapters/tools/kubectl.h"

#include "test.h"
#include "kubectl_world.h"

static const struct step *
step_with(const struct plan *plan, const char *argument)
{
	for (size_t i = 0; i < plan->steps.count; i++)
		for (size_t k = 0; plan->steps.item[i].argv != NULL && plan->steps.item[i].argv[k]; k++)
			if (string_equal(plan->steps.item[i].argv[k], argument))
				return &plan->steps.item[i];
	return NULL;
}

TEST(the_history_is_told_by_the_controllerrevisions)
{
	struct world w = world_of("receive-stuck");

	assert_string_equal(revision_in(&w, &receive, 2)->version, "v0.31.0");
	assert_int_equal(w.history.now->number, 6);
	assert_string_equal(w.history.now->version, "v0.33-crash");
	assert_int_equal(w.history.now->wanted, 1);
	assert_int_equal(w.history.now->ready, 0);
	assert_int_equal(history_find(&w.history, 5)->ready, 2);
	world_clear(&w);
	w = world_of("agent");
	assert_string_equal(revision_in(&w, &agent, 2)->version, "v3.1.0");
	assert_int_equal(w.history.now->number, 3);
	assert_int_equal(w.history.now->ready, 3);
	world_clear(&w);
}

TEST(looking_at_a_set_asks_for_its_controllerrevisions)
{
	struct world w = world_of("receive-stuck");
	_cleanup_(facts_freep) struct facts *facts = facts_new();
	const char *const first[] = { "identity", "statefulset" };

	for (size_t i = 0; i < COUNT(first); i++)
		facts_add(facts, facts_find(w.facts, first[i]));
	assert_true(driver_statefulset.look(w.plan, &receive, LOOK_HISTORY, facts, NULL, &w.err));
	assert_int_equal(w.plan->reads.count, 1);
	assert_string_equal(w.plan->reads.item[0].name, "controllerrevisions");
	assert_true(string_in("--selector=app=thanos-receive",
	    (const char *const *)w.plan->reads.item[0].argv));
	world_clear(&w);
}

/* The pod with number 2 crashes on the bad revision; an undo alone leaves it waiting for ever. */
TEST(kc13_kc22_the_pod_that_blocks_is_deleted_after_the_undo)
{
	struct world w = world_of("receive-stuck");
	const struct revision *to = revision_in(&w, &receive, 5);
	const struct step *undo, *delete, *status;

	assert_true(driver_statefulset.guard(w.plan, &receive, w.facts, to, &w.err));
	assert_non_null(remark(w.plan, "rollout.stuck"));
	assert_true(driver_statefulset.change(w.plan, &receive, w.facts, to, &w.err));
	undo = step_with(w.plan, "--to-revision=5");
	delete = step_with(w.plan, "pod/thanos-receive-2");
	status = step_with(w.plan, "status");
	assert_true(undo < delete && delete < status);
	assert_string_equal(delete->title,
	    "Delete thanos-receive-2, which is stuck and blocks the others");
	assert_int_equal(delete->effect, CHANGES);
	assert_int_equal(delete->resume, PROBE);
	assert_string_equal(delete->probe->judge, "kubectl.pod_gone");
	assert_int_equal(strlen(delete->probe->expect), 36);
	assert_null(step_with(w.plan, "pod/thanos-receive-1"));
	assert_plan_holds(w.plan);
	world_clear(&w);
}

static const struct {
	const char *name, *fact, *path, *json;
	bool deletes;
} blocking[] = {
	{ "as recorded", NULL, NULL, NULL, true },
	{ "not waiting for order", "statefulset", "spec.podManagementPolicy", "\"Parallel\"", false },
	{ "ready again", "pods", "items.2.status", "{\"phase\":\"Running\",\"conditions\":"
	    "[{\"type\":\"Ready\",\"status\":\"True\"}]}", false },
	{ "ending already", "pods", "items.2.metadata.deletionTimestamp", "\"2026-11-21T10:26:50Z\"",
	    false },
	{ "somebody else's", "pods", "items.2.metadata.ownerReferences", "[]", false },
	{ "by hand anyway", "statefulset", "spec.updateStrategy", "{\"type\":\"OnDelete\"}", false },
};

TEST(kc13_only_the_blocking_pod_of_another_revision_in_order)
{
	for (size_t i = 0; i < COUNT(blocking); i++) {
		struct world w = world_of("receive-stuck");

		if (blocking[i].fact != NULL)
			world_edit(w.facts, blocking[i].fact, blocking[i].path, blocking[i].json);
		assert_true(driver_statefulset.change(w.plan, &receive, w.facts,
		    revision_in(&w, &receive, 5), &w.err));
		if ((step_with(w.plan, "pod/thanos-receive-2") != NULL) != blocking[i].deletes)
			fail_msg("%s", blocking[i].name);
		world_clear(&w);
	}
}

TEST(kc13_a_pod_that_is_stuck_on_the_revision_to_go_back_to_is_left_alone)
{
	struct world w = world_of("receive-stuck");
	const struct revision *to = revision_in(&w, &receive, 5);
	const char *hash = NULL;

	for (size_t i = 0; i < 4; i++)
		if (string_equal(json_string(facts_json(w.facts, "controllerrevisions", NULL),
		    plan_arg(w.plan, "items.%zu.data.spec.template.spec.containers.0.image", i)),
		    "quay.io/thanos/thanos:v0.30.2"))
			hash = json_string(facts_json(w.facts, "controllerrevisions", NULL),
			    plan_arg(w.plan, "items.%zu.metadata.name", i));
	world_edit(w.facts, "pods", "items.2.metadata.labels.controller-revision-hash",
	    plan_arg(w.plan, "\"%s\"", hash));
	assert_true(driver_statefulset.change(w.plan, &receive, w.facts, to, &w.err));
	assert_null(step_with(w.plan, "pod/thanos-receive-2"));
	world_clear(&w);
}

TEST(several_blocking_pods_go_lowest_number_first)
{
	struct world w = world_of("receive-stuck");
	const cJSON *pods = facts_json(w.facts, "pods", NULL);
	const struct revision *to = revision_in(&w, &receive, 5);

	world_edit(w.facts, "pods", "items.0", json_to_arena(w.plan->arena,
	    json_at(pods, "items.2")));
	world_edit(w.facts, "pods", "items.0.metadata.name", "\"thanos-receive-11\"");
	world_edit(w.facts, "pods", "items.1", json_to_arena(w.plan->arena,
	    json_at(facts_json(w.facts, "pods", NULL), "items.2")));
	world_edit(w.facts, "pods", "items.1.metadata.name", "\"thanos-receive-3\"");
	assert_true(driver_statefulset.change(w.plan, &receive, w.facts, to, &w.err));
	assert_true(step_with(w.plan, "pod/thanos-receive-2") < step_with(w.plan, "pod/thanos-receive-3"));
	assert_true(step_with(w.plan, "pod/thanos-receive-3") < step_with(w.plan, "pod/thanos-receive-11"));
	world_clear(&w);
}

TEST(kc12_with_on_delete_only_the_template_goes_back)
{
	struct world w = world_of("receive-stuck");
	const struct revision *to = revision_in(&w, &receive, 5);

	world_edit(w.facts, "statefulset", "spec.updateStrategy", "{\"type\":\"OnDelete\"}");
	assert_true(driver_statefulset.guard(w.plan, &receive, w.facts, to, &w.err));
	assert_int_equal(remark(w.plan, "update.on_delete")->level, REMARK_CHECK);
	assert_true(driver_statefulset.change(w.plan, &receive, w.facts, to, &w.err));
	assert_null(step_with(w.plan, "status"));
	assert_string_equal(w.plan->steps.item[w.plan->steps.count - 1].judge, "kubectl.template_is");
	assert_string_equal(w.plan->unproven, "its pods run it once somebody has deleted them (OnDelete)");
	assert_plan_holds(w.plan);
	world_clear(&w);
}

TEST(kc12_pods_below_a_partition_stay)
{
	struct world w = world_of("receive-stuck");
	const struct revision *to = revision_in(&w, &receive, 4);

	world_edit(w.facts, "statefulset", "spec.updateStrategy.rollingUpdate.partition", "2");
	assert_true(driver_statefulset.guard(w.plan, &receive, w.facts, to, &w.err));
	assert_string_equal(remark(w.plan, "update.partition")->text,
	    "The 2 pods below its partition keep what they run");
	assert_true(driver_statefulset.change(w.plan, &receive, w.facts, to, &w.err));
	/* Their image is another one, and rightly so. */
	for (size_t i = 0; i < w.plan->steps.count; i++)
		assert_false(string_equal(w.plan->steps.item[i].judge, "kubectl.pods_are"));
	assert_string_equal(w.plan->unproven, "the pods below its partition keep what they run");
	world_clear(&w);
}

/* Which pods there are and what they run is looked at; a pod that is not there may become anything. */
static const struct {
	const char *name, *path, *json;
	bool kept;
} below[] = {
	{ "as recorded: 0 and 1 run it", NULL, NULL, true },
	{ "1 runs another", "items.1.metadata.labels.controller-revision-hash", "\"thanos-receive-9cfb94468\"",
	    false },
	{ "1 is not there", "items.1.metadata.ownerReferences", "[]", false },
	{ "no pods were read", "items", "[]", false },
};

TEST(kc12_pods_below_a_partition_may_run_it_already)
{
	for (size_t i = 0; i < COUNT(below); i++) {
		struct world w = world_of("receive-stuck");
		const struct revision *to = revision_in(&w, &receive, 5);

		world_edit(w.facts, "statefulset", "spec.updateStrategy.rollingUpdate.partition", "2");
		if (below[i].path != NULL)
			world_edit(w.facts, "pods", below[i].path, below[i].json);
		assert_true(driver_statefulset.guard(w.plan, &receive, w.facts, to, &w.err));
		assert_true(driver_statefulset.change(w.plan, &receive, w.facts, to, &w.err));
		if ((w.plan->unproven == NULL) != below[i].kept ||
		    (remark(w.plan, "update.partition") == NULL) != below[i].kept)
			fail_msg("%s", below[i].name);
		world_clear(&w);
	}
}

TEST(kc10_a_set_has_no_number_to_wait_for)
{
	struct world w = world_of("agent");

	assert_true(driver_daemonset.change(w.plan, &agent, w.facts, revision_in(&w, &agent, 2), &w.err));
	assert_non_null(step_with(w.plan, "status"));
	for (size_t i = 0; i < w.plan->steps.count; i++)
		for (size_t k = 0; w.plan->steps.item[i].argv != NULL &&
		    w.plan->steps.item[i].argv[k] != NULL; k++)
			assert_false(string_starts(w.plan->steps.item[i].argv[k], "--revision"));
	assert_null(step_with(w.plan, "annotate"));
	assert_string_equal(w.plan->locks.item[0], "primary/monitoring/daemonset/node-agent");
	assert_plan_holds(w.plan);
	world_clear(&w);
}

TEST(a_set_that_runs_the_revision_already_is_unchanged)
{
	struct world w = world_of("agent");

	assert_true(driver_daemonset.differ(w.plan, &agent, w.facts, revision_in(&w, &agent, 3), &w.err));
	assert_string_equal(w.plan->unchanged, "node-agent runs v3.0.0 already (revision 3)");
	assert_true(driver_daemonset.differ(w.plan, &agent, w.facts, revision_in(&w, &agent, 2), &w.err));
	assert_string_equal(w.plan->differences.item[0].object, "DaemonSet node-agent");
	assert_string_equal(w.plan->differences.item[0].to, "v3.1.0");
	world_clear(&w);
}

TEST(kc2_a_set_whose_number_means_something_else_is_refused)
{
	struct world w = world_of("agent");
	struct revision two = *revision_in(&w, &agent, 2);

	two.pin = "x";
	assert_false(driver_daemonset.change(w.plan, &agent, w.facts, &two, &w.err));
	assert_string_equal(w.err.text, "revision 2 of daemonset/node-agent is another one now");
	two.number = 4;
	assert_false(driver_daemonset.differ(w.plan, &agent, w.facts, &two, &w.err));
	assert_string_equal(w.err.text, "daemonset/node-agent has no revision 4 any more");
	world_clear(&w);
}

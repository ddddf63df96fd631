/* kubectl_steps.c, kubectl_deployment.c - the difference and the steps that take a Deployment back. */

#include "adapters/tools/kubectl.h"
#include "adapters/tools/kubernetes.h"

#include "base/text.h"
#include "test.h"
#include "kubectl_world.h"

TEST(the_difference_is_image_first)
{
	struct world w = world_new();
	const struct difference *line;

	assert_true(driver_deployment.differ(w.plan, &target, w.facts, revision(&w, 5), &w.err));
	assert_null(w.plan->unchanged);
	assert_int_equal(w.plan->differences.count, 3);
	line = w.plan->differences.item;
	assert_int_equal(line[0].change, CHANGE_DELETE);
	assert_string_equal(line[0].field, "env LOG_LEVEL");
	assert_string_equal(line[1].object, "Deployment chatops-gateway");
	assert_string_equal(line[1].field, "image");
	assert_string_equal(line[1].from, "v1.2.4");
	assert_string_equal(line[1].to, "v1.2.3");
	assert_string_equal(line[2].field, "env POOL_SIZE");
	world_clear(&w);
}

/* KC6: annotations that were added since go, but for six and the cause, which is replaced. */
TEST(kc6_annotations_that_the_old_revision_had_not_are_dropped)
{
	struct world w = world_new();

	world_edit(w.facts, "deployment", "metadata.annotations.example\\.com/owner", "\"team-a\"");
	assert_true(driver_deployment.differ(w.plan, &target, w.facts, revision(&w, 5), &w.err));
	assert_int_equal(w.plan->differences.count, 4);
	assert_string_equal(w.plan->differences.item[1].field, "annotation example.com/owner");
	assert_int_equal(w.plan->differences.item[1].change, CHANGE_DELETE);
	world_clear(&w);
}

TEST(kc4_the_present_revision_is_nothing_to_do)
{
	struct world w = world_new();

	assert_true(driver_deployment.differ(w.plan, &target, w.facts, revision(&w, 7), &w.err));
	assert_string_equal(w.plan->unchanged, "chatops-gateway runs v1.2.4 already (revision 7)");
	assert_int_equal(w.plan->differences.count, 0);
	world_clear(&w);
}

TEST(kc2_a_number_that_means_something_else_now_is_refused)
{
	struct world w = world_new();
	struct revision five = *revision(&w, 5);

	five.pin = "0000000000000000000000000000000000000000000000000000000000000000";
	assert_false(driver_deployment.change(w.plan, &target, w.facts, &five, &w.err));
	assert_string_equal(w.err.text, "revision 5 of deployment/chatops-gateway is another one now");
	five.number = 9;
	assert_false(driver_deployment.guard(w.plan, &target, w.facts, &five, &w.err));
	assert_string_equal(w.err.text, "deployment/chatops-gateway has no revision 9 any more");
	world_clear(&w);
}

TEST(a2_the_way_back_is_save_undo_tell_wait_read_back)
{
	static const struct {
		enum step_kind kind;
		enum effect effect;
		enum resume resume;
		const char *judge, *argument;
	} wanted[] = {
		{ STEP_SAVE, READS, RERUN, NULL, NULL },
		{ STEP_RUN, CHANGES, PROBE, "kubectl.undone", "--to-revision=5" },
		{ STEP_RUN, CHANGES, PROBE, NULL,
		    "kubernetes.io/change-cause=rollcall {operation}: {reason}" },
		{ STEP_UNTIL, READS, RERUN, "kubectl.taken_up", "deployment/chatops-gateway" },
		{ STEP_RUN, READS, RERUN, "kubectl.rolled_out", "--revision=8" },
		{ STEP_UNTIL, READS, RERUN, "kubectl.workload_is", "deployment/chatops-gateway" },
		{ STEP_UNTIL, READS, RERUN, "kubectl.pods_are", "--selector=app=chatops-gateway" },
		{ STEP_UNTIL, READS, RERUN, "kubectl.endpoints_are",
		    "--selector=kubernetes.io/service-name=chatops-gateway" },
	};
	struct world w = world_new();
	const struct revision *five = revision(&w, 5);

	assert_true(driver_deployment.change(w.plan, &target, w.facts, five, &w.err));
	assert_int_equal(w.plan->steps.count, COUNT(wanted));
	for (size_t i = 0; i < COUNT(wanted); i++) {
		const struct step *step = &w.plan->steps.item[i];

		assert_row(i, step->kind == wanted[i].kind);
		assert_row(i, step->effect == wanted[i].effect);
		assert_row(i, step->resume == wanted[i].resume);
		assert_row(i, string_equal(step->judge, wanted[i].judge));
		assert_row(i, step->limit > 0 && step->title != NULL);
		assert_row(i, step->effect == READS || step->cancel == FINISH);
		if (wanted[i].argument != NULL)
			assert_row(i, string_in(wanted[i].argument, (const char *const *)step->argv));
	}
	assert_true(w.plan->steps.item[2].advisory);
	assert_true(w.plan->steps.item[4].tail);
	assert_string_equal(w.plan->steps.item[1].probe->expect, five->pin);
	assert_string_equal(w.plan->locks.item[0], "primary/chatops/deployment/chatops-gateway");
	assert_plan_holds(w.plan);
	world_clear(&w);
}

/* Somebody's change that no ReplicaSet has yet: going back to the newest one gives it no new number. */
TEST(kc2_the_newest_revision_keeps_its_number)
{
	struct world w = world_new();
	const struct revision *seven = revision(&w, 7);

	world_edit(w.facts, "deployment", "spec.template.spec.containers.0.image", "\"web:new\"");
	assert_true(driver_deployment.change(w.plan, &target, w.facts, seven, &w.err));
	assert_true(string_in("--to-revision=7", (const char *const *)w.plan->steps.item[1].argv));
	assert_true(string_in("--revision=7", (const char *const *)w.plan->steps.item[4].argv));
	world_clear(&w);
}

TEST(the_saved_state_is_enough_to_go_back)
{
	struct world w = world_new();
	_cleanup_(json_freep) cJSON *saved = NULL;

	assert_true(driver_deployment.change(w.plan, &target, w.facts, revision(&w, 5), &w.err));
	saved = json_parse(w.plan->saved, strlen(w.plan->saved), NULL);
	assert_int_equal(json_integer(saved, "replicas", 0), 3);
	assert_string_equal(json_string(saved, "pin"), w.history.now->pin);
	assert_string_equal(json_string(saved, "template.spec.containers.0.image"),
	    "registry.example.com/chatops/gateway:v1.2.4");
	world_clear(&w);
}

TEST(the_same_world_gives_the_same_hash)
{
	char hex[2][DIGEST_HEX];

	for (int i = 0; i < 2; i++) {
		struct world w = world_new();
		const struct revision *five = revision(&w, 5);

		assert_true(driver_deployment.guard(w.plan, &target, w.facts, five, &w.err));
		assert_true(driver_deployment.change(w.plan, &target, w.facts, five, &w.err));
		plan_hash(w.plan, hex[i]);
		world_clear(&w);
	}
	assert_string_equal(hex[0], hex[1]);
}

TEST(a_workload_of_a_release_locks_the_release_too)
{
	struct world w = world_new();

	world_edit(w.facts, "deployment", "metadata.labels",
	    "{\"app.kubernetes.io/managed-by\":\"Helm\"}");
	world_edit(w.facts, "deployment", "metadata.annotations.meta\\.helm\\.sh/release-name",
	    "\"platform\"");
	assert_true(driver_deployment.change(w.plan, &target, w.facts, revision(&w, 5), &w.err));
	assert_int_equal(w.plan->locks.count, 2);
	assert_string_equal(w.plan->locks.item[1], "primary/chatops/release/platform");
	world_clear(&w);
}

TEST(what_is_scaled_to_nothing_has_no_pods_to_look_at)
{
	struct world w = world_new();

	world_edit(w.facts, "deployment", "spec.replicas", "0");
	assert_true(driver_deployment.change(w.plan, &target, w.facts, revision(&w, 5), &w.err));
	assert_int_equal(w.plan->steps.count, 6);
	world_clear(&w);
}

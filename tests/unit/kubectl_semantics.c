/* kubectl_*.c - row by row, what kubectl really does and what we make of it (tests/README.md, KC). */

#include "adapters/tools/helm.h"
#include "adapters/tools/kubectl.h"
#include "adapters/tools/kubernetes.h"

#include "base/text.h"
#include "test.h"
#include "kubectl_world.h"

static bool
fits(const char *const argv[12])
{
	char *copy[13] = { NULL };

	words_register(kubectl_words);
	memcpy(copy, argv, 12 * sizeof *argv);
	return argv_check(copy, NULL) != NULL;
}

static enum verdict
judged(const char *name, int exit, const char *out, const char *errors, const char *expect,
    struct arena *arena, const char **note)
{
	const struct judge *judge;
	struct reading reading = { .exit = exit, .out = out, .length = strlen(out), .errors = errors };

	judges_register(kubectl_judges);
	judge = judge_find(name);
	assert_non_null(judge);
	return judge->judge(arena, &reading, expect, note);
}

TEST(kc3_the_three_sentences_of_a_revision_that_is_gone_are_failures)
{
	static const char *const sentences[] = {
		"error: unable to find specified revision 5 in history\n",
		"error: no rollout history found for deployment \"web\"\n",
		"error: no last revision to roll back to\n",
	};
	_cleanup_(arena_freep) struct arena *arena = arena_new();

	for (size_t i = 0; i < COUNT(sentences); i++) {
		const char *note = NULL;

		assert_row(i, judged("kubectl.undone", 1, "", sentences[i], NULL, arena, &note) == FAILS);
		assert_row(i, strstr(note, "revision") != NULL || strstr(note, "history") != NULL);
	}
}

TEST(kc11_a_passed_deadline_is_told_as_such_and_a_wait_always_has_an_end)
{
	static const char *const endless[][12] = {
		{ "kubectl", "rollout", "status", "-n", "ns", "--", "deployment/web" },
		{ "kubectl", "rollout", "status", "-n", "ns", "--timeout=0s", "--", "deployment/web" },
		{ "kubectl", "rollout", "status", "-n", "ns", "--timeout=0", "--", "deployment/web" },
	};
	_cleanup_(arena_freep) struct arena *arena = arena_new();
	const char *note = NULL;

	for (size_t i = 0; i < COUNT(endless); i++)
		assert_row(i, !fits(endless[i]));
	assert_int_equal(judged("kubectl.rolled_out", 1, "", "error: deployment \"web\" exceeded its progress "
	    "deadline\n", NULL, arena, &note), FAILS);
	assert_string_equal(note, "no progress within the deadline of the deployment");
}

/* The template is of 10:00:10; what its controller says, of before or after. */
static const struct {
	const char *noted;
	enum verdict taken_up, is, helm;
} deadlines[] = {
	{ "2026-11-21T10:00:09Z", NOT_YET, NOT_YET, NOT_YET },
	{ "2026-11-21T10:00:10Z", HOLDS, FAILS, FAILS },
	{ "2026-11-21T10:10:10Z", HOLDS, FAILS, FAILS },
	{ "", HOLDS, FAILS, FAILS },
};

TEST(kc11_the_deadline_of_the_rollout_before_says_nothing_of_the_way_back)
{
	judges_register(helm_judges);
	for (size_t i = 0; i < COUNT(deadlines); i++) {
		struct world w = world_new();
		struct arena *arena = w.plan->arena;
		const struct fact *fact;
		struct workload live;
		const char *note, *expect;
		char pin[DIGEST_HEX];

		world_edit(w.facts, "deployment", "metadata.managedFields", "[{\"manager\":\"kubectl-rollout\","
		    "\"time\":\"2026-11-21T10:00:10Z\",\"fieldsV1\":{\"f:spec\":{\"f:template\":{}}}}]");
		world_edit(w.facts, "deployment", "status.updatedReplicas", "1");
		world_edit(w.facts, "deployment", "status.conditions", plan_arg(w.plan, "[{\"type\":\"Progressing\","
		    "\"status\":\"False\",\"reason\":\"ProgressDeadlineExceeded\",\"lastUpdateTime\":\"%s\"}]",
		    deadlines[i].noted));
		fact = facts_find(w.facts, "deployment");
		assert_true(workload_read(arena, &live, facts_json(w.facts, "deployment", NULL), NULL));
		template_pin(live.template, pin);
		expect = plan_arg(w.plan, "{\"pin\":\"%s\",\"revision\":7}", pin);
		assert_row(i, judged("kubectl.taken_up", 0, fact->out, "", expect, arena, &note) == deadlines[i].taken_up);
		assert_row(i, judged("kubectl.workload_is", 0, fact->out, "", pin, arena, &note) == deadlines[i].is);
		assert_row(i, judged("helm.workload_runs", 0, fact->out, "", "{}", arena, &note) == deadlines[i].helm);
		world_clear(&w);
	}
}

TEST(kc18_a_selector_is_never_merged_and_endpoints_are_read_after_each_change)
{
	static const char *const patches[][12] = {
		{ "kubectl", "patch", "-n", "ns", "--", "service/web" },
		{ "kubectl", "set", "selector", "-n", "ns", "--", "service/web", "app=web" },
		{ "kubectl", "apply", "-n", "ns", "--", "service/web" },
	};
	struct world w = world_new();
	const struct step *last;

	for (size_t i = 0; i < COUNT(patches); i++)
		assert_row(i, !fits(patches[i]));
	assert_true(driver_deployment.change(w.plan, &target, w.facts, revision(&w, 5), &w.err));
	last = &w.plan->steps.item[w.plan->steps.count - 1];
	assert_string_equal(last->judge, "kubectl.endpoints_are");
	assert_string_equal(last->title, "Service chatops-gateway has endpoints");
	world_clear(&w);
}

TEST(kc24_only_what_is_named_is_restarted)
{
	static const char *const crowds[][12] = {
		{ "kubectl", "rollout", "restart", "-n", "ns", "--", "deployment" },
		{ "kubectl", "rollout", "restart", "-n", "ns", "--", "deployments" },
		{ "kubectl", "rollout", "restart", "-n", "ns" },
		{ "kubectl", "rollout", "restart", "-n", "ns", "--all", "--", "deployment" },
		{ "kubectl", "rollout", "restart", "-n", "ns", "--selector=app=web", "--", "deployment" },
		{ "kubectl", "rollout", "restart", "-n", "ns", "--", "deployment/a", "deployment/b" },
		{ "kubectl", "scale", "-n", "ns", "--all", "--replicas=0", "--current-replicas=3", "--",
		    "deployment" },
	};
	struct world w = world_new();
	const struct step *restart;

	for (size_t i = 0; i < COUNT(crowds); i++)
		assert_row(i, !fits(crowds[i]));
	assert_true(driver_deployment.restart(w.plan, &target, w.facts, &w.err));
	restart = &w.plan->steps.item[0];
	assert_string_equal(restart->argv[2], "restart");
	assert_true(string_in("deployment/chatops-gateway", (const char *const *)restart->argv));
	world_clear(&w);
}

TEST(kc26_nothing_is_set_from_what_is_missing)
{
	static const char *const sets[][12] = {
		{ "kubectl", "set", "env", "-n", "ns", "--", "deployment/web", "K=" },
		{ "kubectl", "set", "env", "-n", "ns", "--", "deployment/web", "K=v" },
		{ "kubectl", "set", "env", "-n", "ns", "--from=configmap/none", "--", "deployment/web" },
		{ "kubectl", "set", "image", "-n", "ns", "--", "deployment/web", "web=" },
		{ "kubectl", "annotate", "-n", "ns", "--", "deployment/web", "kubernetes.io/change-cause" },
		{ "kubectl", "scale", "-n", "ns", "--replicas=", "--current-replicas=3", "--",
		    "deployment/web" },
		{ "kubectl", "rollout", "undo", "-n", "ns", "--to-revision=", "--", "deployment/web" },
	};
	static const char *const images[] = { "", "gateway=", "other=web:1" };

	for (size_t i = 0; i < COUNT(sets); i++)
		assert_row(i, !fits(sets[i]));
	for (size_t i = 0; i < COUNT(images); i++) {
		struct world w = world_new();

		assert_row(i, !driver_deployment.pin(w.plan, &target, w.facts, images[i], &w.err));
		assert_row(i, w.err.kind == WRONG);
		world_clear(&w);
	}
}

static const struct {
	const char *out;
	enum verdict verdict;
	const char *note;
} slices[] = {
	{ "{\"items\":[]}", NOT_YET, "0 endpoints are ready" },
	{ "{\"items\":[{\"endpoints\":null}]}", NOT_YET, "0 endpoints are ready" },
	{ "{\"items\":[{\"endpoints\":[{\"addresses\":[\"10.0.0.1\"],\"conditions\":{\"ready\":false}}]}]}",
	    NOT_YET, "0 endpoints are ready" },
	{ "{\"items\":[{\"endpoints\":[{\"addresses\":[\"10.0.0.1\"],\"conditions\":{}}]},"
	  "{\"endpoints\":[{\"addresses\":[\"10.0.0.2\"],\"conditions\":{\"ready\":true}}]}]}", HOLDS,
	    "2 endpoints are ready" },
};

TEST(kc27_endpoints_are_read_from_all_slices_and_nothing_needs_a_metrics_server)
{
	static const char *const old[][12] = {
		{ "kubectl", "get", "-n", "ns", "-o=json", "--", "endpoints" },
		{ "kubectl", "get", "-n", "ns", "-o=json", "--", "endpoints/web" },
	};
	_cleanup_(arena_freep) struct arena *arena = arena_new();
	struct world w = world_new();

	for (size_t i = 0; i < COUNT(old); i++)
		assert_row(i, !fits(old[i]));
	for (size_t i = 0; i < COUNT(slices); i++) {
		const char *note = NULL;

		assert_row(i, judged("kubectl.endpoints_are", 0, slices[i].out, "", NULL, arena, &note) ==
		    slices[i].verdict);
		assert_string_equal(note, slices[i].note);
	}
	assert_true(driver_deployment.change(w.plan, &target, w.facts, revision(&w, 5), &w.err));
	for (size_t i = 0; i < w.plan->steps.count; i++)
		assert_row(i, w.plan->steps.item[i].argv == NULL ||
		    !string_equal(w.plan->steps.item[i].argv[1], "top"));
	world_clear(&w);
}

static const struct {
	int exit;
	const char *out, *errors;
	enum verdict verdict;
	const char *note;
} answers[] = {
	{ 0, "{\"status\":\"healthy\",\"checks\":{\"db\":true,\"queue\":3}}", "", HOLDS, "/checks/queue is 3" },
	{ 0, "{\"status\":\"starting\",\"checks\":{\"db\":true,\"queue\":3}}", "", NOT_YET,
	    "/status is starting, not healthy" },
	{ 0, "{\"status\":\"healthy\"}", "", NOT_YET, "/checks/db is nothing, not true" },
	{ 0, "<html>", "", NOT_YET, "it answers something that is no JSON" },
	{ 1, "", "Error from server (ServiceUnavailable): no endpoints available\n", NOT_YET, "no endpoints" },
	{ 1, "", "Unable to connect to the server: EOF\n", UNSEEN, "Unable to connect" },
	{ -1, "", "", UNSEEN, "it did not answer in time" },
};

TEST(f2_an_answer_is_compared_field_by_field)
{
	_cleanup_(arena_freep) struct arena *arena = arena_new();
	const char *note = NULL;

	for (size_t i = 0; i < COUNT(answers); i++) {
		assert_row(i, judged("kubectl.answers", answers[i].exit, answers[i].out, answers[i].errors,
		    "{\"/status\":\"healthy\",\"/checks/db\":\"true\",\"/checks/queue\":\"3\"}", arena,
		    &note) == answers[i].verdict);
		assert_row(i, strstr(note, answers[i].note) != NULL);
	}
	assert_int_equal(judged("kubectl.answers", 0, "ok", "", "{}", arena, &note), HOLDS);
}

/* kubectl_judges.c - what kubectl printed, judged row by row. */

#include "adapters/tools/kubectl.h"
#include "adapters/tools/kubernetes.h"

#include "base/text.h"
#include "test.h"
#include "kubectl_world.h"

#define WORKLOAD(generation, observed, revision, image, counts)                                    \
	"{\"kind\":\"Deployment\",\"metadata\":{\"name\":\"web\",\"uid\":\"u\",\"generation\":" #generation \
	",\"annotations\":{\"deployment.kubernetes.io/revision\":\"" #revision "\","                \
	"\"kubernetes.io/change-cause\":\"ours\"}},\"spec\":{\"replicas\":2,\"template\":{\"spec\":" \
	"{\"containers\":[{\"name\":\"web\",\"image\":\"" image "\"}]}}},\"status\":"                \
	"{\"observedGeneration\":" #observed counts "}}"
/* Of the template with image web:1. */
#define PIN "PIN"
#define DONE ",\"replicas\":2,\"updatedReplicas\":2,\"availableReplicas\":2"
#define READY_POD(name, image)                                                                     \
	"{\"metadata\":{\"name\":\"" name "\",\"uid\":\"" name "\"},\"spec\":{\"containers\":"       \
	"[{\"name\":\"web\",\"image\":\"" image "\"}]},\"status\":{\"phase\":\"Running\","           \
	"\"conditions\":[{\"type\":\"Ready\",\"status\":\"True\"}]}}"
#define INSTEAD(where) "{\"instead\":{\"owner\":\"set\",\"uid\":\"old\"," where "}}"
#define OWNED(name, uid, node)                                                                     \
	"{\"metadata\":{\"name\":\"" name "\",\"uid\":\"" uid "\",\"ownerReferences\":[{\"uid\":"        \
	"\"set\",\"controller\":true}]},\"spec\":{\"nodeName\":\"" node "\"},\"status\":{\"phase\":"       \
	"\"Running\",\"conditions\":[{\"type\":\"Ready\",\"status\":\"True\"}]}}"
#define EXPECT_PODS "{\"images\":{\"web\":\"web:1\"},\"version\":\"v1\"}"

static const struct {
	const char *judge, *expect;
	int exit;
	const char *out, *errors;
	enum verdict verdict;
	const char *note;
} verdicts[] = {
	{ "undone", NULL, 0, "deployment.apps/web rolled back\n", "", HOLDS, "rolled back" },
	{ "undone", NULL, 0, "deployment.apps/web skipped rollback (current template already matches "
	    "revision 3)\n", "", UNCHANGED, "it runs that template already" },
	{ "undone", NULL, 1, "", "error: unable to find specified revision 9 in history\n", FAILS,
	    "kubectl: error: unable to find specified revision 9 in history" },
	{ "undone", NULL, -1, "", "", UNSEEN, "kubectl: no message" },

	{ "template_is", PIN, 0, WORKLOAD(1, 1, 3, "web:1", ""), "", HOLDS, "the template is there" },
	{ "template_is", PIN, 0, WORKLOAD(1, 1, 3, "web:2", ""), "", NOT_YET,
	    "another template is there: web:2" },
	{ "template_is", PIN, 1, "", "The connection to the server x was refused\n", UNSEEN,
	    "kubectl: The connection to the server x was refused" },
	{ "template_is", PIN, 1, "", "Error from server (NotFound): gone\n", FAILS,
	    "kubectl: Error from server (NotFound): gone" },
	{ "template_is", PIN, 0, "{", "", UNSEEN, "the answer cannot be read" },
	{ "template_is", PIN, 0, "{\"kind\":\"Pod\"}", "", UNSEEN, "instead of a workload" },
	{ "template_is", PIN, -1, "", "", UNSEEN, "the cluster did not answer in time" },

	{ "taken_up", "{\"pin\":\"PIN\",\"revision\":8}", 0, WORKLOAD(5, 4, 7, "web:1", ""), "", NOT_YET,
	    "its controller has not seen the change yet" },
	{ "taken_up", "{\"pin\":\"PIN\",\"revision\":8}", 0, WORKLOAD(5, 5, 7, "web:1", ""), "", NOT_YET,
	    "its controller has not seen the change yet" },
	{ "taken_up", "{\"pin\":\"PIN\",\"revision\":8}", 0, WORKLOAD(5, 5, 8, "web:1", ""), "", HOLDS,
	    "it is revision 8 now" },
	{ "taken_up", "{\"pin\":\"PIN\",\"revision\":8}", 0, WORKLOAD(6, 6, 9, "web:1", ""), "", FAILS,
	    "another deploy came between: revision 9 instead of 8" },
	{ "taken_up", "{\"pin\":\"PIN\",\"revision\":8}", 0, WORKLOAD(5, 4, 7, "web:3", ""), "", FAILS,
	    "another template is there: web:3" },
	{ "taken_up", "{\"pin\":\"PIN\",\"revision\":0}", 0, WORKLOAD(5, 5, 7, "web:1", ""), "", HOLDS,
	    "its controller works on it" },

	{ "rolled_out", NULL, 0, "deployment \"web\" successfully rolled out\n", "", HOLDS,
	    "the rollout is complete" },
	{ "rolled_out", NULL, 0, "partitioned roll out complete: 3 new pods\n", "", HOLDS,
	    "the rollout is complete" },	/* KC22 */
	{ "rolled_out", NULL, 1, "", "error: desired revision (8) is different from the running revision "
	    "(9)\n", FAILS, "another deploy took its place: error: desired revision (8)" },	/* KC10 */
	{ "rolled_out", NULL, 1, "", "error: deployment \"web\" exceeded its progress deadline\n", FAILS,
	    "no progress within the deadline of the deployment" },	/* KC11 */
	{ "rolled_out", NULL, 1, "", "Unable to connect to the server: dial tcp 10.0.0.1:6443: connect: connection "
	    "refused\n", UNSEEN, "kubectl: Unable to connect" },
	{ "rolled_out", NULL, 1, "", "error: deployments.apps \"web\" not found\n", FAILS, "not found" },
	{ "rolled_out", NULL, 1, "", "error: timed out waiting for the condition\n", FAILS,
	    "not complete within its time" },
	{ "rolled_out", NULL, -1, "", "", FAILS, "not complete within its time" },	/* KC21 */
	{ "rolled_out", NULL, 1, "", "error: object has been deleted\n", FAILS,
	    "kubectl: error: object has been deleted" },

	{ "workload_is", PIN, 0, WORKLOAD(5, 5, 8, "web:1", DONE), "", HOLDS,
	    "2 of 2 pods updated, 2 available" },
	{ "workload_is", PIN, 0, WORKLOAD(5, 5, 8, "web:1", ""), "", NOT_YET,
	    "0 of 2 pods updated, 0 available" },
	{ "workload_is", PIN, 0, WORKLOAD(5, 5, 8, "web:2", DONE), "", FAILS,
	    "another template is there: web:2" },
	{ "workload_is", "", 0, WORKLOAD(5, 5, 8, "web:2", DONE), "", HOLDS,
	    "2 of 2 pods updated, 2 available" },
	{ "workload_is", PIN, 0, WORKLOAD(5, 5, 8, "web:1", ",\"conditions\":[{\"type\":\"Progressing\","
	    "\"reason\":\"ProgressDeadlineExceeded\"}]"), "", FAILS,
	    "its progress deadline has passed, 0 of 2" },

	{ "pods_are", EXPECT_PODS, 0, "{\"items\":[" READY_POD("a", "web:1") "]}", "", HOLDS,
	    "1 of 1 pods ready on v1" },
	{ "pods_are", EXPECT_PODS, 0, "{\"items\":[" READY_POD("a", "web:1") "," READY_POD("b", "web:2")
	    "]}", "", NOT_YET, "2 of 2 pods ready, 1 of another version" },
	{ "pods_are", EXPECT_PODS, 0, "{\"items\":[]}", "", NOT_YET, "0 of 0 pods ready" },
	{ "pods_are", EXPECT_PODS, 1, "", "boom", UNSEEN, "kubectl: boom" },
	{ "pods_are", INSTEAD("\"name\":\"a\""), 0, "{\"items\":[" OWNED("a", "old", "n") "," OWNED("b", "new", "n")
	    "]}", "", NOT_YET, "0 of 0 pods ready" },
	{ "pods_are", INSTEAD("\"name\":\"a\""), 0, "{\"items\":[" OWNED("a", "new", "n") "," OWNED("b", "x", "n")
	    "]}", "", HOLDS, "1 of 1 pods ready" },
	{ "pods_are", INSTEAD("\"node\":\"n\""), 0, "{\"items\":[" OWNED("a", "old", "n") "," OWNED("b", "new", "m")
	    "]}", "", NOT_YET, "0 of 0 pods ready" },
	{ "pods_are", INSTEAD("\"node\":\"n\""), 0, "{\"items\":[" OWNED("b", "new", "n") "]}", "", HOLDS,
	    "1 of 1 pods ready" },
	{ "pods_are", INSTEAD("\"name\":\"b\""), 0, "{\"items\":[" READY_POD("b", "web:1") "]}", "", NOT_YET,
	    "0 of 0 pods ready" },

	{ "endpoints_are", NULL, 0, "{\"items\":[{\"endpoints\":[{\"addresses\":[\"1\"],"
	    "\"conditions\":{\"ready\":true}},{\"addresses\":[\"2\"],\"conditions\":{\"ready\":false}},"
	    "{\"addresses\":[\"3\"]}]}]}", "", HOLDS, "2 endpoints are ready" },
	{ "endpoints_are", NULL, 0, "{\"items\":[{\"endpoints\":null}]}", "", NOT_YET,
	    "0 endpoints are ready" },

	{ "cause_moved", "theirs", 0, WORKLOAD(1, 1, 3, "web:1", ""), "", HOLDS, "ours" },
	{ "cause_moved", "ours", 0, WORKLOAD(1, 1, 3, "web:1", ""), "", NOT_YET, "ours" },
	{ "cause_moved", "", 0, "{\"metadata\":{}}", "", NOT_YET, "no change cause" },

	{ "paused_is", "true", 0, "{\"spec\":{\"paused\":true}}", "", HOLDS, "it is paused" },
	{ "paused_is", "true", 0, "{\"spec\":{}}", "", NOT_YET, "it is not paused" },
	{ "paused_is", "false", 0, "{\"spec\":{}}", "", HOLDS, "it is not paused" },
	{ "replicas_are", "5", 0, "{\"spec\":{\"replicas\":5}}", "", HOLDS, "5 replicas are asked for" },
	{ "replicas_are", "5", 0, "{\"spec\":{\"replicas\":3}}", "", NOT_YET, "3 replicas are asked for" },
	{ "restarted", "", 0, "{\"spec\":{\"template\":{}}}", "", NOT_YET, "never restarted" },
	{ "restarted", "a", 0, "{\"spec\":{\"template\":{\"metadata\":{\"annotations\":"
	    "{\"kubectl.kubernetes.io/restartedAt\":\"b\"}}}}}", "", HOLDS, "restarted at b" },
	{ "pod_gone", "a", 0, "", "", HOLDS, "the pod is gone" },
	{ "pod_gone", "a", 0, READY_POD("a", "web:1"), "", NOT_YET, "the pod is still there" },
	{ "pod_gone", "b", 0, READY_POD("a", "web:1"), "", HOLDS, "a new pod has its place" },
	{ "pod_gone", "b", 1, "", "boom", UNSEEN, "kubectl: boom" },
};

static const char *
with_pin(struct arena *arena, const char *expect)
{
	static const char json[] = "{\"spec\":{\"containers\":[{\"name\":\"web\",\"image\":\"web:1\"}]}}";
	const char *at = expect != NULL ? strstr(expect, PIN) : NULL;
	_cleanup_(json_freep) cJSON *template = json_parse(json, strlen(json), NULL);
	char pin[DIGEST_HEX];

	if (at == NULL)
		return expect;
	template_pin(template, pin);
	return arena_printf(arena, "%.*s%s%s", (int)(at - expect), expect, pin, at + strlen(PIN));
}

TEST(judges_read_what_was_printed)
{
	_cleanup_(arena_freep) struct arena *arena = arena_new();

	judges_register(kubectl_judges);
	for (size_t i = 0; i < COUNT(verdicts); i++) {
		const struct judge *judge = judge_find(arena_printf(arena, "kubectl.%s",
		    verdicts[i].judge));
		struct reading reading = { .exit = verdicts[i].exit, .out = verdicts[i].out,
			.length = strlen(verdicts[i].out), .errors = verdicts[i].errors };
		const char *note = NULL;
		enum verdict verdict;

		assert_non_null(judge);
		verdict = judge->judge(arena, &reading, with_pin(arena, verdicts[i].expect), &note);
		if (verdict != verdicts[i].verdict || note == NULL ||
		    strstr(note, verdicts[i].note) == NULL)
			fail_msg("row %zu (%s): %d, %s", i, verdicts[i].judge, (int)verdict, note);
	}
}

#define POD_RESTARTED "{\"metadata\":{\"name\":\"c\"},\"status\":{\"containerStatuses\":[{\"restartCount\":3}]}}"

static const struct {
	const char *judge, *expect, *out;
	struct findings found;
} findings[] = {
	{ "workload_is", PIN, WORKLOAD(5, 5, 8, "web:1", ""), { .others = false } },
	{ "workload_is", PIN, WORKLOAD(5, 5, 8, "web:2", DONE), { .others = true } },
	{ "workload_is", PIN, WORKLOAD(5, 5, 8, "web:1", ",\"conditions\":[{\"type\":\"Progressing\","
	    "\"reason\":\"ProgressDeadlineExceeded\"}]"), { .others = false } },
	{ "scaled", "5", WORKLOAD(5, 5, 8, "web:1", DONE), { .others = true } },
	{ "paused_is", "true", "{\"spec\":{\"paused\":true}}", { .others = false } },
	{ "paused_is", "true", "{\"spec\":{}}", { .others = true } },
	{ "replicas_are", "5", "{\"spec\":{\"replicas\":3}}", { .others = true } },
	{ "image_is", "web=web:1", WORKLOAD(1, 1, 3, "web:1", ""), { .others = false } },
	{ "image_is", "web=web:1", WORKLOAD(1, 1, 3, "web:2", ""), { .others = true } },
	{ "pods_are", EXPECT_PODS, "{\"items\":[" READY_POD("a", "web:1") "," POD_RESTARTED "]}",
	    { .pods = 2, .restarts = 3 } },
};

TEST(f6_judges_tell_what_is_somebody_elses_and_count_pods_and_restarts)
{
	_cleanup_(arena_freep) struct arena *arena = arena_new();

	judges_register(kubectl_judges);
	for (size_t i = 0; i < COUNT(findings); i++) {
		const struct judge *judge = judge_find(arena_printf(arena, "kubectl.%s", findings[i].judge));
		struct findings found = { 0 };
		struct reading reading = { .out = findings[i].out, .length = strlen(findings[i].out),
			.errors = "", .found = &found };
		const char *note = NULL;

		judge->judge(arena, &reading, with_pin(arena, findings[i].expect), &note);
		if (found.others != findings[i].found.others || found.pods != findings[i].found.pods ||
		    found.restarts != findings[i].found.restarts)
			fail_msg("row %zu (%s): %s", i, findings[i].judge, note);
	}
}

TEST(kc10_a_foreign_deploy_is_named)
{
	struct world w = world_new();
	const struct revision *five = revision(&w, 5);
	const struct fact *fact = facts_find(w.facts, "deployment");
	struct reading reading = { .out = fact->out, .length = fact->length, .errors = "" };
	const char *note;

	assert_int_equal(judge_find("kubectl.taken_up")->judge(w.plan->arena, &reading,
	    plan_arg(w.plan, "{\"pin\":\"%s\",\"revision\":8}", five->pin), &note), FAILS);
	assert_string_equal(note, "another template is there: "
	    "registry.example.com/chatops/gateway:v1.2.4, by kubectl-patch at 2026-11-21T10:12:14Z");
	world_clear(&w);
}

/* kubectl_*.c - the vocabulary, the judges, and the driver of Deployments on a recorded world. */

#include "adapters/tools/kubectl.h"
#include "adapters/tools/kubernetes.h"

#include "base/text.h"
#include "test.h"
#include "kubectl_world.h"

/* ---- words --------------------------------------------------------------------------------- */

TEST(every_vector_of_ours_fits_its_word)
{
	_cleanup_(plan_freep) struct plan *plan = plan_new();
	const char *several[] = { "configmap/a", "secret/b" };
	const struct {
		char **argv;
		const char *word;
	} rows[] = {
		{ kubectl_get(plan, "ns", "deployment/web"), "kubectl.get" },
		{ kubectl_names(plan, "ns", several, 2), "kubectl.names" },
		{ kubectl_get_several(plan, "ns", several, 1), "kubectl.get" },
		{ kubectl_list(plan, "ns", "pods", NULL), "kubectl.list" },
		{ kubectl_list(plan, "ns", "pods", "app=web"), "kubectl.list" },
		{ kubectl_service_get(plan, "ns", "web", "80", "/health"), "kubectl.service_get" },
		{ kubectl_identity(plan), "kubectl.identity" },
		{ kubectl_can_i(plan, "ns", "patch", "deployment/web"), "kubectl.can_i" },
		{ kubectl_rollout_status(plan, "ns", "deployment/web", 8, 300000), "kubectl.rollout_status" },
		{ kubectl_rollout_status(plan, "ns", "statefulset/web", 0, 300000), "kubectl.rollout_status" },
		{ kubectl_undo(plan, "ns", "deployment/web", 5), "kubectl.rollout_undo" },
		{ kubectl_annotate(plan, "ns", "deployment/web", "rollcall {operation}: {reason}"),
		    "kubectl.annotate" },
		{ kubectl_rollout(plan, "ns", "pause", "deployment/web"), "kubectl.rollout_pause" },
		{ kubectl_rollout(plan, "ns", "resume", "deployment/web"), "kubectl.rollout_resume" },
		{ kubectl_rollout(plan, "ns", "restart", "daemonset/web"), "kubectl.rollout_restart" },
		{ kubectl_scale(plan, "ns", "statefulset/web", 3, 5), "kubectl.scale" },
		{ kubectl_set_image(plan, "ns", "deployment/web", "web", "r.io/web:v1"), "kubectl.set_image" },
		{ kubectl_delete_pod(plan, "ns", "web-0"), "kubectl.delete_pod" },
	};

	words_register(kubectl_words);
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct error err = ERROR_INIT;
		const struct word *word = argv_check(rows[i].argv, &err);

		if (word == NULL)
			fail_msg("row %zu: %s", i, err.text);
		assert_string_equal(word->name, rows[i].word);
	}
}

static const char *const never[][12] = {
	{ "kubectl", "exec", "-n", "ns", "--", "pod/web" },
	{ "kubectl", "get", "-n", "ns", "-o=json", "--", "secret/db" },
	{ "kubectl", "get", "-n", "ns", "-o=json", "--", "secrets" },
	{ "kubectl", "get", "-n", "ns", "-o=jsonpath={.data}", "--", "pods" },
	{ "kubectl", "get", "-n", "ns", "-o=json", "--server=http://evil", "--", "pods" },
	{ "kubectl", "get", "-n", "ns", "-o=json", "--", "pods", "--server=http://evil" },
	{ "kubectl", "get", "-o=json", "--", "deployment/web" },
	{ "kubectl", "get", "--raw=/api/v1/namespaces/ns/secrets" },
	{ "kubectl", "delete", "-n", "ns", "--wait=false", "--", "persistentvolumeclaim/data" },
	{ "kubectl", "delete", "-n", "ns", "--wait=false", "--", "pod/a", "pod/b" },
	{ "kubectl", "delete", "-n", "ns", "--wait=false", "--force", "--", "pod/a" },
	{ "kubectl", "delete", "-n", "ns", "--all", "--wait=false", "--", "pod/a" },
	{ "kubectl", "rollout", "undo", "-n", "ns", "--", "deployment/web" },		/* KC1 */
	{ "kubectl", "rollout", "status", "-n", "ns", "--", "deployment/web" },	/* KC11 */
	{ "kubectl", "rollout", "status", "-n", "ns", "--timeout=0s", "--", "deployment/web" },
	{ "kubectl", "scale", "-n", "ns", "--replicas=+2", "--current-replicas=10", "--",
	    "deployment/web" },								/* KC23 */
	{ "kubectl", "scale", "-n", "ns", "--replicas=2", "--", "deployment/web" },
	{ "kubectl", "annotate", "-n", "ns", "--", "deployment/web", "meta.helm.sh/release-name=x" },
	{ "kubectl", "annotate", "-n", "ns", "--", "deployment/web", "kubernetes.io/change-cause-" },
	{ "kubectl", "patch", "-n", "ns", "--", "deployment/web" },
	{ "kubectl", "apply", "-n", "ns", "--", "deployment/web" },
	{ "kubectl", "--kubeconfig=/x", "get", "-n", "ns", "-o=json", "--", "pods" },
	{ "kubectl", "get", "-n", "ns", "-o=json", "--kubeconfig=/x", "--", "pods" },
};

TEST(ar2_what_kubectl_must_never_do_fits_no_word)
{
	words_register(kubectl_words);
	for (size_t i = 0; i < COUNT(never); i++) {
		char *argv[13] = { NULL };

		memcpy(argv, never[i], sizeof never[i]);
		assert_row(i, argv_check(argv, NULL) == NULL);
	}
}

TEST(only_words_that_change_nothing_say_that_they_read)
{
	static const char *const changes[] = { "kubectl.rollout_undo", "kubectl.rollout_pause",
		"kubectl.rollout_resume", "kubectl.rollout_restart", "kubectl.scale",
		"kubectl.set_image", "kubectl.annotate", "kubectl.delete_pod", NULL };

	for (const struct word *word = kubectl_words; word->name != NULL; word++)
		if (word->reads == string_in(word->name, changes))
			fail_msg("%s", word->name);
}

/* ---- looking ------------------------------------------------------------------------------- */

/* Moves what is asked for from the recorded world into the facts; returns the names asked for. */
static const char *
round_of(struct world *w, struct facts *facts, enum look_for what, const struct revision *to)
{
	_cleanup_(text_clear) struct text names = TEXT_INIT;
	_cleanup_(plan_freep) struct plan *plan = plan_new();

	if (!driver_deployment.look(plan, &target, what, facts, to, &w->err))
		return w->err.text;
	for (size_t i = 0; i < plan->reads.count; i++) {
		const struct step *read = &plan->reads.item[i];
		const struct word *word = argv_check(read->argv, &w->err);

		if (word == NULL)
			fail_msg("%s", w->err.text);
		assert_true(word->reads && read->limit > 0 && read->title != NULL);
		text_printf(&names, "%s%s", i > 0 ? " " : "", read->name);
		facts_add(facts, facts_find(w->facts, read->name));
	}
	return arena_copy(w->plan->arena, names.data, names.length);
}

TEST(looking_asks_in_rounds_until_everything_is_there)
{
	struct world w = world_new();
	_cleanup_(facts_freep) struct facts *facts = facts_new();
	const struct revision *to = revision(&w, 5);

	assert_string_equal(round_of(&w, facts, LOOK_CHANGE, NULL),
	    "identity deployment autoscalers budgets services canaries rollouts may");
	assert_string_equal(round_of(&w, facts, LOOK_CHANGE, NULL), "replicasets pods");
	assert_string_equal(round_of(&w, facts, LOOK_CHANGE, NULL), "");
	assert_string_equal(round_of(&w, facts, LOOK_CHANGE, to), "references configmaps");
	assert_string_equal(round_of(&w, facts, LOOK_CHANGE, to), "");
	world_clear(&w);
}

TEST(a_history_needs_little)
{
	struct world w = world_new();
	_cleanup_(facts_freep) struct facts *facts = facts_new();

	assert_string_equal(round_of(&w, facts, LOOK_HISTORY, NULL), "identity deployment");
	assert_string_equal(round_of(&w, facts, LOOK_HISTORY, NULL), "replicasets");
	assert_string_equal(round_of(&w, facts, LOOK_HISTORY, NULL), "");
	world_clear(&w);
}

static const struct {
	int exit;
	const char *errors, *says;
	enum error_kind kind;
} failures[] = {
	{ 1, "Error from server (NotFound): deployments.apps \"chatops-gateway\" not found\n",
	    "deployment/chatops-gateway is not in namespace chatops of cluster primary", FAILED },
	{ 1, "Error from server (Forbidden): deployments.apps \"x\" is forbidden: User \"viewer\"\n",
	    "our account may not read what is needed (deployment) in namespace chatops", REFUSED },
	{ 1, "The connection to the server 127.0.0.1:1 was refused - did you specify the right host?\n",
	    "the cluster primary does not answer: The connection", LOST },
	{ 1, "Unable to connect to the server: net/http: TLS handshake timeout\n",
	    "the cluster primary does not answer", LOST },
	{ 1, "error: You must be logged in to the server (Unauthorized)\n",
	    "the cluster primary does not accept our credentials", FAILED },
	{ 1, "error: something else\n", "kubectl (deployment, cluster primary): error: something else",
	    FAILED },
	{ -1, "", "the cluster primary did not answer in time", LOST },
	{ -2, "No such file", "could not be started", FAILED },
};

TEST(a_failed_read_is_told_in_our_words)
{
	for (size_t i = 0; i < COUNT(failures); i++) {
		struct world w = world_new();

		world_add(w.facts, "deployment", failures[i].exit, "", failures[i].errors);
		assert_false(driver_deployment.look(w.plan, &target, LOOK_CHANGE, w.facts, NULL, &w.err));
		if (strstr(w.err.text, failures[i].says) == NULL)
			fail_msg("row %zu: %s", i, w.err.text);
		assert_int_equal(w.err.kind, failures[i].kind);
		world_clear(&w);
	}
}

/* ---- history ------------------------------------------------------------------------------- */

TEST(a1_the_history_is_told_by_the_replicasets)
{
	struct world w = world_new();
	const struct revision *five = revision(&w, 5);

	assert_int_equal(w.history.count, 7);
	assert_int_equal(w.history.now->number, 7);
	assert_string_equal(w.history.now->version, "v1.2.4");
	assert_int_equal(w.history.now->ready, 3);
	assert_int_equal(w.history.now->wanted, 3);
	assert_string_equal(five->version, "v1.2.3");
	assert_string_equal(five->image, "registry.example.com/chatops/gateway:v1.2.3");
	assert_string_equal(five->why, "v1.2.3: smaller answers");
	assert_int_equal(five->wanted, 0);
	assert_true(five->when > 0 && !five->now && !five->failed);
	assert_int_equal(strlen(five->pin), 64);
	assert_null(history_find(&w.history, 8));
	/* Not by number, by content: 5 and 6 have one image and different variables. */
	assert_string_not_equal(five->pin, history_find(&w.history, 6)->pin);
	world_clear(&w);
}

TEST(replicasets_of_others_are_no_revisions)
{
	struct world w = world_new();

	world_edit(w.facts, "replicasets", "items.0.metadata.ownerReferences", "[]");
	world_edit(w.facts, "replicasets", "items.1.metadata.annotations", "{}");
	revision(&w, 5);
	assert_int_equal(w.history.count, 5);
	world_clear(&w);
}

TEST(a_template_that_no_replicaset_has_is_now_nowhere)
{
	struct world w = world_new();

	world_edit(w.facts, "deployment", "spec.template.spec.containers.0.image", "\"web:new\"");
	revision(&w, 7);
	assert_null(w.history.now);
	world_clear(&w);
}

TEST(a_deadline_that_passed_marks_the_present_revision_as_failed)
{
	struct world w = world_new();

	world_edit(w.facts, "deployment", "status.conditions", "[{\"type\":\"Progressing\","
	    "\"status\":\"False\",\"reason\":\"ProgressDeadlineExceeded\"}]");
	assert_true(revision(&w, 7)->failed);
	assert_false(history_find(&w.history, 6)->failed);
	world_clear(&w);
}

/* The live template gets a restart; the newest ReplicaSet has it, the one before has the same pin. */
TEST(kc19_a_restart_makes_a_revision_of_the_same_content)
{
	struct world w = world_new();
	const char *stamp = "{\"kubectl.kubernetes.io/restartedAt\":\"2026-11-21T10:19:00Z\"}";

	for (size_t i = 0; i < 7; i++) {
		char path[80];

		snprintf(path, sizeof path, "items.%zu.metadata.annotations.%s", i,
		    "deployment\\.kubernetes\\.io/revision");
		if (!string_equal(json_string(facts_json(w.facts, "replicasets", NULL), path), "6"))
			continue;
		/* Revision 6 becomes what 7 was before the restart. */
		snprintf(path, sizeof path, "items.%zu.spec.template", i);
		world_edit(w.facts, "replicasets", path, json_to_arena(w.plan->arena,
		    json_at(facts_json(w.facts, "deployment", NULL), "spec.template")));
	}
	assert_int_equal(revision(&w, 7)->now + history_find(&w.history, 6)->now, 1);
	world_edit(w.facts, "deployment", "spec.template.metadata.annotations", stamp);
	for (size_t i = 0; i < 7; i++) {
		char path[80];

		snprintf(path, sizeof path, "items.%zu.metadata.annotations.%s", i,
		    "deployment\\.kubernetes\\.io/revision");
		if (!string_equal(json_string(facts_json(w.facts, "replicasets", NULL), path), "7"))
			continue;
		snprintf(path, sizeof path, "items.%zu.spec.template.metadata.annotations", i);
		world_edit(w.facts, "replicasets", path, stamp);
	}
	assert_true(revision(&w, 7)->now);
	assert_string_equal(history_find(&w.history, 6)->pin, w.history.now->pin);
	assert_true(driver_deployment.differ(w.plan, &target, w.facts, history_find(&w.history, 6),
	    &w.err));
	assert_string_equal(w.plan->unchanged, "chatops-gateway runs v1.2.4 already (revision 6)");
	world_clear(&w);
}

TEST(the_state_is_told_in_one_line)
{
	struct world w = world_new();
	struct state now;

	assert_true(driver_deployment.state(w.plan->arena, &now, &target, w.facts, &w.err));
	assert_string_equal(now.summary, "3 of 3 pods ready, v1.2.4 wanted");
	assert_int_equal(now.wanted, 3);
	assert_false(now.paused || now.in_progress || now.autoscaled || now.deadline_passed);
	assert_null(now.owner);
	world_edit(w.facts, "deployment", "spec.paused", "true");
	world_edit(w.facts, "deployment", "metadata.labels",
	    "{\"kustomize.toolkit.fluxcd.io/name\":\"apps\"}");
	assert_true(driver_deployment.state(w.plan->arena, &now, &target, w.facts, &w.err));
	assert_true(now.paused);
	assert_string_equal(now.owner, "Flux Kustomization apps");
	assert_string_equal(now.summary, "3 of 3 pods ready, v1.2.4 wanted, paused");
	world_clear(&w);
}

/* ---- guard --------------------------------------------------------------------------------- */

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

/* ---- the way back -------------------------------------------------------------------------- */

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

/* ---- judges -------------------------------------------------------------------------------- */

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

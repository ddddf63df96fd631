/* kubectl_words.c, kubectl_look.c, kubectl_history.c - the vocabulary, what is looked at, and the history of a Deployment. */

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

/* kubernetes_*.c - what objects say: templates, workloads, pods, owners, references, differences. */

#include "adapters/tools/kubernetes.h"

#include "base/text.h"
#include "test.h"

static cJSON *
parse(const char *json)
{
	struct error err = ERROR_INIT;
	cJSON *parsed = json_parse(json, strlen(json), &err);

	if (parsed == NULL)
		fail_msg("%s: %s", err.text, json);
	return parsed;
}

/* ---- pins ---------------------------------------------------------------------------------- */

#define TEMPLATE(labels, annotations, image)                                                       \
	"{\"metadata\":{\"labels\":{\"app\":\"web\"" labels "}" annotations "},"                   \
	"\"spec\":{\"containers\":[{\"name\":\"web\",\"image\":\"" image "\"}]}}"
#define RESTART(stamp) ",\"annotations\":{\"kubectl.kubernetes.io/restartedAt\":\"" stamp "\"}"

static const struct {
	const char *one, *other;
	bool pins, same;	/* equal? */
} pins[] = {
	{ TEMPLATE("", "", "web:1"), TEMPLATE("", "", "web:1"), true, true },
	{ TEMPLATE("", "", "web:1"), TEMPLATE("", "", "web:2"), false, false },
	{ TEMPLATE("", "", "web:1"), TEMPLATE(",\"pod-template-hash\":\"5d8\"", "", "web:1"), true, true },
	{ TEMPLATE("", "", "web:1"), TEMPLATE(",\"controller-revision-hash\":\"w-1\"", "", "web:1"),
	    true, true },
	{ TEMPLATE("", "", "web:1"), TEMPLATE("", ",\"creationTimestamp\":null", "web:1"), true, true },
	{ TEMPLATE("", RESTART("a"), "web:1"), TEMPLATE("", "", "web:1"), true, false },
	{ TEMPLATE("", RESTART("a"), "web:1"), TEMPLATE("", RESTART("b"), "web:1"), true, false },
	{ TEMPLATE("", ",\"annotations\":{\"x\":\"1\"}", "web:1"), TEMPLATE("", "", "web:1"), false,
	    false },
	{ TEMPLATE("", "", "web:1"), "null", false, false },
	{ "{\"b\":1,\"a\":2}", "{\"a\":2,\"b\":1}", true, true },
	{ "{\"a\":1}", "{\"a\":1,\"$patch\":\"replace\"}", true, true },
};

TEST(kc2_kc19_a_pin_is_content_without_what_controllers_and_restarts_add)
{
	for (size_t i = 0; i < COUNT(pins); i++) {
		_cleanup_(json_freep) cJSON *one = parse(pins[i].one), *other = parse(pins[i].other);
		char a[DIGEST_HEX], b[DIGEST_HEX];

		template_pin(one, a);
		template_pin(other, b);
		assert_row(i, (strcmp(a, b) == 0) == pins[i].pins);
		assert_row(i, template_same(one, other) == pins[i].same);
	}
}

static const struct {
	const char *image, *version;
} images[] = {
	{ "nginx:1.25", "1.25" },
	{ "ghcr.io/edgelink/api-gateway:v0.2.0", "v0.2.0" },
	{ "localhost:5000/web", NULL },
	{ "localhost:5000/web:v2", "v2" },
	{ "web@sha256:0123456789abcdef", "0123456789ab" },
	{ "r.io/web:v3@sha256:0123456789abcdef", "v3" },
	{ "nginx", NULL },
	{ NULL, NULL },
};

TEST(the_version_is_the_tag)
{
	_cleanup_(arena_freep) struct arena *arena = arena_new();

	for (size_t i = 0; i < COUNT(images); i++)
		assert_row(i, string_equal(image_version(arena, images[i].image), images[i].version));
}

TEST(the_main_container_is_named_like_the_workload_or_stands_first)
{
	_cleanup_(arena_freep) struct arena *arena = arena_new();
	_cleanup_(json_freep) cJSON *template = parse("{\"spec\":{\"containers\":["
	    "{\"name\":\"mesh\",\"image\":\"mesh:1\"},{\"name\":\"web\",\"image\":\"web:2\"}]}}");

	assert_string_equal(template_image(arena, template, "web"), "web:2");
	assert_string_equal(template_image(arena, template, "api"), "mesh:1");
	assert_null(template_image(arena, NULL, "api"));
}

/* ---- lists, labels ------------------------------------------------------------------------- */

TEST(an_answer_is_a_list_or_one_object)
{
	_cleanup_(json_freep) cJSON *list = parse("{\"kind\":\"List\",\"items\":[{\"a\":1},{\"a\":2}]}");
	_cleanup_(json_freep) cJSON *one = parse("{\"kind\":\"Pod\",\"metadata\":{\"name\":\"x\"}}");

	assert_int_equal(items_count(list), 2);
	assert_int_equal(json_integer(items_at(list, 1), "a", 0), 2);
	assert_int_equal(items_count(one), 1);
	assert_ptr_equal(items_at(one, 0), one);
	assert_int_equal(items_count(NULL), 0);
}

static const struct {
	const char *object, *selector;
} selectors[] = {
	{ "{\"spec\":{\"selector\":{\"matchLabels\":{\"app\":\"web\",\"a.b/c\":\"d\"}}}}",
	    "app=web,a.b/c=d" },
	{ "{\"spec\":{\"selector\":{\"matchLabels\":{}}}}", NULL },
	{ "{\"spec\":{\"selector\":{\"matchLabels\":{\"a\":\"b\"},\"matchExpressions\":"
	  "[{\"key\":\"y\",\"operator\":\"DoesNotExist\"},{\"key\":\"x\",\"operator\":\"Exists\"}]}}}",
	    "a=b,x,!y" },
	{ "{\"spec\":{\"selector\":{\"matchExpressions\":"
	  "[{\"key\":\"y\",\"operator\":\"DoesNotExist\"}]}}}", NULL },
	{ "{\"spec\":{\"selector\":{\"matchExpressions\":"
	  "[{\"key\":\"x\",\"operator\":\"In\",\"values\":[\"a\",\"b\"]},"
	  "{\"key\":\"y\",\"operator\":\"NotIn\",\"values\":[\"c\",\"d\"]}]}}}",
	    "x in (a,b),y!=c,y!=d" },
	{ "{\"spec\":{\"selector\":{\"matchExpressions\":"
	  "[{\"key\":\"x\",\"operator\":\"In\",\"values\":[\"\"]}]}}}", NULL },
	{ "{\"spec\":{\"selector\":{\"matchExpressions\":"
	  "[{\"key\":\"x\",\"operator\":\"In\",\"values\":[]}]}}}", NULL },
	{ "{\"spec\":{\"selector\":{\"matchExpressions\":"
	  "[{\"key\":\"x\",\"operator\":\"Gt\",\"values\":[\"3\"]}]}}}", NULL },
	{ "{\"spec\":{\"selector\":{\"matchExpressions\":[{\"operator\":\"Exists\"}]}}}", NULL },
	{ "{}", NULL },
};

TEST(a_selector_is_said_with_its_expressions_or_asks_for_everything)
{
	_cleanup_(arena_freep) struct arena *arena = arena_new();

	for (size_t i = 0; i < COUNT(selectors); i++) {
		_cleanup_(json_freep) cJSON *object = parse(selectors[i].object);

		assert_row(i, string_equal(selector_of(arena, object), selectors[i].selector));
	}
}

TEST(labels_select_when_they_ask_for_nothing_else)
{
	_cleanup_(json_freep) cJSON *labels = parse("{\"app\":\"web\",\"tier\":\"a\"}");
	_cleanup_(json_freep) cJSON *fits = parse("{\"app\":\"web\"}"), *none = parse("{}");
	_cleanup_(json_freep) cJSON *other = parse("{\"app\":\"web\",\"color\":\"b\"}");

	assert_true(labels_select(fits, labels));
	assert_false(labels_select(other, labels));
	assert_false(labels_select(none, labels));
	assert_false(labels_select(NULL, labels));
}

TEST(only_the_controller_owns)
{
	_cleanup_(json_freep) cJSON *object = parse("{\"metadata\":{\"ownerReferences\":["
	    "{\"uid\":\"u1\"},{\"uid\":\"u2\",\"controller\":true}]}}");

	assert_false(owned_by(object, "u1"));
	assert_true(owned_by(object, "u2"));
	assert_false(owned_by(object, NULL));
}

/* ---- workloads ----------------------------------------------------------------------------- */

#define HEAD(kind) "{\"kind\":\"" kind "\",\"metadata\":{\"name\":\"web\",\"uid\":\"u\",\"generation\":4},"
#define CONDITION(reason) "\"conditions\":[{\"type\":\"Progressing\",\"reason\":\"" reason "\"}]"
#define DEPLOYMENT(spec, status)                                                                   \
	HEAD("Deployment") "\"spec\":{\"replicas\":3,\"template\":{}" spec "},\"status\":{" status "}}"
#define STATEFULSET(spec, status)                                                                  \
	HEAD("StatefulSet") "\"spec\":{\"replicas\":3,\"template\":{}" spec "},\"status\":{" status "}}"
#define DAEMONSET(spec, status)                                                                    \
	HEAD("DaemonSet") "\"spec\":{\"template\":{}" spec "},\"status\":{" status "}}"
#define COUNTS(r, u, y, a)                                                                         \
	"\"observedGeneration\":4,\"replicas\":" #r ",\"updatedReplicas\":" #u                     \
	",\"readyReplicas\":" #y ",\"availableReplicas\":" #a

static const struct {
	const char *object;
	bool done, in_progress;
	const char *note;
} stands[] = {
	{ DEPLOYMENT("", COUNTS(3, 3, 3, 3)), true, false, "3 of 3 pods updated, 3 available" },
	{ DEPLOYMENT("", "\"observedGeneration\":3"), false, true,
	    "its controller has not seen the change yet" },
	{ DEPLOYMENT("", COUNTS(4, 1, 3, 3)), false, true, "1 of 3 pods updated, 3 available" },
	{ DEPLOYMENT("", COUNTS(4, 3, 4, 3)), false, true, "1 old pod is still ending" },
	{ DEPLOYMENT("", COUNTS(3, 3, 2, 2)), false, true, "3 of 3 pods updated, 2 available" },
	/* A pod that fails later is no rollout. */
	{ DEPLOYMENT("", COUNTS(3, 3, 2, 2) "," CONDITION("NewReplicaSetAvailable")), false, false,
	    "3 of 3 pods updated, 2 available" },
	{ DEPLOYMENT("", COUNTS(4, 1, 3, 3) "," CONDITION("ProgressDeadlineExceeded")), false, true,
	    "1 of 3 pods updated, 3 available" },
	{ DEPLOYMENT(",\"paused\":true", COUNTS(4, 1, 3, 3)), false, false,
	    "1 of 3 pods updated, 3 available" },
	/* A StatefulSet's currentRevision follows when all are updated (KC22). */
	{ STATEFULSET("", COUNTS(3, 3, 3, 3) ",\"currentRevision\":\"w-2\",\"updateRevision\":\"w-2\""),
	    true, false, "3 of 3 pods updated, 3 ready" },
	{ STATEFULSET("", COUNTS(3, 1, 2, 2) ",\"currentRevision\":\"w-1\",\"updateRevision\":\"w-2\""),
	    false, true, "1 of 3 pods updated, 2 ready" },
	{ STATEFULSET("", COUNTS(3, 0, 2, 2) ",\"currentRevision\":\"w-2\",\"updateRevision\":\"w-2\""),
	    false, false, "3 of 3 pods updated, 2 ready" },
	{ STATEFULSET(",\"updateStrategy\":{\"rollingUpdate\":{\"partition\":2}}",
	    COUNTS(3, 1, 3, 3) ",\"currentRevision\":\"w-1\",\"updateRevision\":\"w-2\""),
	    true, false, "1 of 3 pods are of the new revision, 3 ready" },
	{ STATEFULSET(",\"updateStrategy\":{\"type\":\"OnDelete\"}",
	    COUNTS(3, 1, 3, 3) ",\"currentRevision\":\"w-1\",\"updateRevision\":\"w-2\""),
	    false, false, "1 of 3 pods are of the new revision, 3 ready" },
	{ DAEMONSET("", "\"observedGeneration\":4,\"desiredNumberScheduled\":2,"
	    "\"updatedNumberScheduled\":2,\"numberAvailable\":2"), true, false,
	    "2 of 2 pods updated, 2 available" },
	{ DAEMONSET("", "\"observedGeneration\":4,\"desiredNumberScheduled\":2,"
	    "\"updatedNumberScheduled\":1,\"numberAvailable\":2"), false, true,
	    "1 of 2 pods updated, 2 available" },
};

TEST(a_rollout_is_over_when_its_own_predicate_says_so)
{
	_cleanup_(arena_freep) struct arena *arena = arena_new();

	for (size_t i = 0; i < COUNT(stands); i++) {
		_cleanup_(json_freep) cJSON *object = parse(stands[i].object);
		struct error err = ERROR_INIT;
		struct workload w;
		const char *note;

		assert_row(i, workload_read(arena, &w, object, &err));
		assert_row(i, workload_done(arena, &w, &note) == stands[i].done);
		if (strcmp(note, stands[i].note) != 0)
			fail_msg("row %zu: %s", i, note);
		assert_row(i, workload_in_progress(&w) == stands[i].in_progress);
	}
}

TEST(what_is_no_workload_is_not_read_as_one)
{
	static const char *const objects[] = { "{\"kind\":\"Pod\"}", "{}", HEAD("Deployment") "\"x\":1}",
		"{\"kind\":\"Deployment\",\"spec\":{\"template\":{}}}" };
	_cleanup_(arena_freep) struct arena *arena = arena_new();

	for (size_t i = 0; i < COUNT(objects); i++) {
		_cleanup_(json_freep) cJSON *object = parse(objects[i]);
		struct error err = ERROR_INIT;
		struct workload w;

		assert_row(i, !workload_read(arena, &w, object, &err));
		assert_int_equal(err.kind, FAILED);
	}
}

TEST(the_last_writer_of_the_template_is_named)
{
	_cleanup_(arena_freep) struct arena *arena = arena_new();
	_cleanup_(json_freep) cJSON *object = parse("{\"metadata\":{\"managedFields\":["
	    "{\"manager\":\"kubectl-set\",\"time\":\"2026-11-21T14:22:10Z\","
	    "\"fieldsV1\":{\"f:spec\":{\"f:template\":{}}}},"
	    "{\"manager\":\"helm\",\"time\":\"2026-11-20T00:00:00Z\","
	    "\"fieldsV1\":{\"f:spec\":{\"f:template\":{}}}},"
	    "{\"manager\":\"kube-controller-manager\",\"time\":\"2026-11-21T14:22:11Z\","
	    "\"fieldsV1\":{\"f:status\":{}}}]}}");

	assert_string_equal(workload_writer(arena, object), "kubectl-set at 2026-11-21T14:22:10Z");
	assert_null(workload_writer(arena, NULL));
}

/* ---- pods ---------------------------------------------------------------------------------- */

#define POD(name, extra, image, phase, ready, state, restarts)                                     \
	"{\"metadata\":{\"name\":\"" name "\",\"labels\":{\"hash\":\"" name "\"}" extra "},"       \
	"\"spec\":{\"containers\":[{\"name\":\"web\",\"image\":\"" image "\"}]},"                  \
	"\"status\":{\"phase\":\"" phase "\",\"conditions\":[{\"type\":\"Ready\",\"status\":\""    \
	ready "\"}],\"containerStatuses\":[{\"ready\":" "true" ",\"restartCount\":" restarts       \
	",\"state\":{" state "}}]}}"
#define GOOD(name, image) POD(name, "", image, "Running", "True", "\"running\":{}", "0")
#define WAITING(reason) "\"waiting\":{\"reason\":\"" reason "\"}"

static const struct {
	const char *pods;
	struct pods are;
} several_pods[] = {
	{ "", { .count = 0 } },
	{ GOOD("a", "web:1") "," GOOD("b", "web:1"), { .count = 2, .ready = 2 } },
	{ GOOD("a", "web:1") "," GOOD("b", "web:2"), { .count = 2, .ready = 2, .other = 1 } },
	{ POD("a", ",\"deletionTimestamp\":\"x\"", "web:2", "Running", "True", "", "9"), { .ending = 1 } },
	{ POD("a", "", "web:1", "Succeeded", "False", "", "0"), { .count = 0 } },
	{ POD("a", "", "web:1", "Running", "False", WAITING("CrashLoopBackOff"), "4"),
	    { .count = 1, .failing = 1, .restarts = 4, .trouble = "a: CrashLoopBackOff" } },
	{ POD("a", "", "web:1", "Pending", "False", WAITING("ImagePullBackOff"), "0"),
	    { .count = 1, .failing = 1, .trouble = "a: ImagePullBackOff" } },
	{ POD("a", "", "web:1", "Pending", "False", WAITING("ContainerCreating"), "0"),
	    { .count = 1, .trouble = "a: ContainerCreating" } },
	{ POD("a", "", "web:1", "Running", "False", "\"terminated\":{\"reason\":\"OOMKilled\"}", "1"),
	    { .count = 1, .failing = 1, .restarts = 1, .trouble = "a: OOMKilled" } },
	{ POD("a", "", "web:1", "Running", "False", "\"running\":{}", "0"),
	    { .count = 1, .trouble = "a: not ready" } },
	{ POD("a", "", "web:1", "Failed", "False", "", "7"), { .count = 0 } },
	{ "{\"metadata\":{\"name\":\"a\"},\"status\":{\"phase\":\"Failed\",\"reason\":\"NodeShutdown\"}},"
	  GOOD("b", "web:1"), { .count = 1, .ready = 1 } },
	{ POD("a\\u001b[31m", "", "web:1", "Pending", "False", "", "0"),
	    { .count = 1, .trouble = "a: Pending" } },
	{ "{\"metadata\":{\"name\":\"a\"},\"status\":{\"phase\":\"Pending\",\"conditions\":["
	  "{\"type\":\"PodScheduled\",\"reason\":\"Unschedulable\"}]}}",
	    { .count = 1, .other = 1, .trouble = "a: Unschedulable" } },
	{ "{\"metadata\":{\"name\":\"a\"},\"status\":{\"phase\":\"Pending\","
	  "\"initContainerStatuses\":[{\"state\":{\"terminated\":{\"reason\":\"Completed\"}}},"
	  "{\"state\":{" WAITING("CrashLoopBackOff") "}}]}}",
	    { .count = 1, .other = 1, .failing = 1, .trouble = "a: CrashLoopBackOff" } },
};

TEST(f1_pods_are_counted_and_the_first_trouble_is_told)
{
	_cleanup_(arena_freep) struct arena *arena = arena_new();
	_cleanup_(json_freep) cJSON *wanted = parse("{\"web\":\"web:1\"}");

	for (size_t i = 0; i < COUNT(several_pods); i++) {
		const struct pods *are = &several_pods[i].are;
		_cleanup_(json_freep) cJSON *answer = parse(arena_printf(arena, "{\"items\":[%s]}",
		    several_pods[i].pods));
		struct pods pods;

		pods_read(arena, &pods, answer, NULL, NULL, wanted);
		assert_row(i, pods.count == are->count);
		assert_row(i, pods.ready == are->ready);
		assert_row(i, pods.ending == are->ending);
		assert_row(i, pods.failing == are->failing);
		assert_row(i, pods.restarts == are->restarts);
		assert_row(i, pods.other == are->other);
		if (!string_equal(pods.trouble, are->trouble))
			fail_msg("row %zu: %s", i, pods.trouble);
	}
}

TEST(pods_are_chosen_by_a_label)
{
	_cleanup_(arena_freep) struct arena *arena = arena_new();
	_cleanup_(json_freep) cJSON *answer = parse("{\"items\":[" GOOD("a", "w:1") "," GOOD("b", "w:1") "]}");
	struct pods pods;

	pods_read(arena, &pods, answer, "hash", "b", NULL);
	assert_int_equal(pods.count, 1);
	pods_read(arena, &pods, answer, "hash", NULL, NULL);
	assert_int_equal(pods.count, 0);
}

/* ---- owners -------------------------------------------------------------------------------- */

#define OBJECT(metadata) "{\"kind\":\"Deployment\",\"metadata\":{\"name\":\"web\"" metadata "}}"
#define LIST(item) "{\"items\":[" item "]}"

static const struct {
	const char *object, *canaries, *rollouts;
	const char *code, *name;	/* of the first; NULL: nobody */
	enum remark_level level;
} several_owners[] = {
	{ OBJECT(""), NULL, NULL, NULL, NULL, 0 },
	{ OBJECT(",\"annotations\":{\"argocd.argoproj.io/tracking-id\":\"shop:apps/Deployment:ns/web\"}"),
	    NULL, NULL, "owner.argocd", "Argo CD application shop", REMARK_STOP },
	/* Plain charts copy this label: no sign. */
	{ OBJECT(",\"labels\":{\"app.kubernetes.io/instance\":\"shop\"}"), NULL, NULL, NULL, NULL, 0 },
	{ OBJECT(",\"labels\":{\"kustomize.toolkit.fluxcd.io/name\":\"apps\"}"), NULL, NULL,
	    "owner.flux", "Flux Kustomization apps", REMARK_STOP },
	{ OBJECT(",\"labels\":{\"helm.toolkit.fluxcd.io/name\":\"web\"}"), NULL, NULL,
	    "owner.flux", "Flux HelmRelease web", REMARK_STOP },
	{ OBJECT(",\"labels\":{\"app.kubernetes.io/managed-by\":\"Helm\"},\"annotations\":"
	    "{\"meta.helm.sh/release-name\":\"shop\"}"), NULL, NULL,
	    "owner.helm", "Helm release shop", REMARK_CHECK },
	{ OBJECT(",\"labels\":{\"app.kubernetes.io/managed-by\":\"Helm\"}"), NULL, NULL, NULL, NULL, 0 },
	{ OBJECT(",\"ownerReferences\":[{\"kind\":\"Canary\",\"name\":\"web\",\"controller\":true}]"),
	    NULL, NULL, "owner.flagger", "Flagger canary web", REMARK_STOP },
	{ OBJECT(",\"ownerReferences\":[{\"kind\":\"Rollout\",\"name\":\"web\",\"controller\":true}]"),
	    NULL, NULL, "owner.rollouts", "Argo Rollout web", REMARK_STOP },
	{ OBJECT(",\"ownerReferences\":[{\"kind\":\"Prometheus\",\"name\":\"k8s\",\"controller\":true}]"),
	    NULL, NULL, "owner.operator", "Prometheus k8s", REMARK_STOP },
	{ OBJECT(",\"ownerReferences\":[{\"kind\":\"Prometheus\",\"name\":\"k8s\"}]"), NULL, NULL,
	    NULL, NULL, 0 },
	{ OBJECT(""), LIST("{\"metadata\":{\"name\":\"c\"},\"spec\":{\"targetRef\":"
	    "{\"kind\":\"Deployment\",\"name\":\"web\"}},\"status\":{\"phase\":\"Progressing\"}}"), NULL,
	    "owner.flagger", "Flagger canary c", REMARK_STOP },
	{ OBJECT(""), LIST("{\"metadata\":{\"name\":\"c\"},\"spec\":{\"targetRef\":"
	    "{\"kind\":\"Deployment\",\"name\":\"api\"}}}"), NULL, NULL, NULL, 0 },
	{ OBJECT(""), NULL, LIST("{\"metadata\":{\"name\":\"r\"},\"spec\":{\"workloadRef\":"
	    "{\"kind\":\"Deployment\",\"name\":\"web\"}}}"), "owner.rollouts", "Argo Rollout r",
	    REMARK_STOP },
	{ OBJECT(",\"managedFields\":[{\"manager\":\"argocd-controller\",\"fieldsV1\":"
	    "{\"f:spec\":{\"f:template\":{}}}}]"), NULL, NULL, "owner.manager", "argocd-controller",
	    REMARK_CHECK },
	{ OBJECT(",\"managedFields\":[{\"manager\":\"argocd-controller\",\"fieldsV1\":"
	    "{\"f:metadata\":{}}}]"), NULL, NULL, NULL, NULL, 0 },
};

TEST(who_would_undo_it_is_found_before)
{
	_cleanup_(arena_freep) struct arena *arena = arena_new();

	for (size_t i = 0; i < COUNT(several_owners); i++) {
		_cleanup_(json_freep) cJSON *object = parse(several_owners[i].object);
		_cleanup_(json_freep) cJSON *canaries = several_owners[i].canaries != NULL ?
		    parse(several_owners[i].canaries) : NULL;
		_cleanup_(json_freep) cJSON *rollouts = several_owners[i].rollouts != NULL ?
		    parse(several_owners[i].rollouts) : NULL;
		struct owner owner[OWNERS];
		size_t count = owners_read(arena, owner, object, canaries, rollouts);

		assert_row(i, count == (several_owners[i].code != NULL));
		if (count == 0)
			continue;
		assert_string_equal(owner[0].code, several_owners[i].code);
		assert_string_equal(owner[0].name, several_owners[i].name);
		assert_int_equal(owner[0].level, several_owners[i].level);
		assert_true(strlen(owner[0].text) > 20);
	}
}

TEST(several_owners_are_all_told)
{
	_cleanup_(arena_freep) struct arena *arena = arena_new();
	_cleanup_(json_freep) cJSON *object = parse(OBJECT(",\"labels\":{"
	    "\"app.kubernetes.io/managed-by\":\"Helm\",\"helm.toolkit.fluxcd.io/name\":\"web\"},"
	    "\"annotations\":{\"meta.helm.sh/release-name\":\"web\"}"));
	struct owner owner[OWNERS];

	assert_int_equal(owners_read(arena, owner, object, NULL, NULL), 2);
	assert_string_equal(owner[0].code, "owner.flux");
	assert_string_equal(owner[1].code, "owner.helm");
}

/* ---- references ---------------------------------------------------------------------------- */

TEST(kc14_everything_that_a_template_needs_is_found)
{
	_cleanup_(arena_freep) struct arena *arena = arena_new();
	_cleanup_(json_freep) cJSON *template = parse("{\"spec\":{"
	    "\"serviceAccountName\":\"web\",\"imagePullSecrets\":[{\"name\":\"pull\"}],"
	    "\"containers\":[{\"envFrom\":[{\"configMapRef\":{\"name\":\"c1\"}},"
	    "{\"secretRef\":{\"name\":\"s1\",\"optional\":true}}],"
	    "\"env\":[{\"name\":\"A\",\"valueFrom\":{\"secretKeyRef\":{\"name\":\"s2\",\"key\":\"k\"}}},"
	    "{\"name\":\"B\",\"valueFrom\":{\"configMapKeyRef\":{\"name\":\"c1\",\"key\":\"k\"}}},"
	    "{\"name\":\"C\",\"valueFrom\":{\"secretKeyRef\":{\"name\":\"s1\",\"key\":\"k\"}}}]}],"
	    "\"initContainers\":[{\"envFrom\":[{\"configMapRef\":{\"name\":\"c2\"}}]}],"
	    "\"volumes\":[{\"configMap\":{\"name\":\"c3\"}},{\"secret\":{\"secretName\":\"s3\"}},"
	    "{\"persistentVolumeClaim\":{\"claimName\":\"data\"}},{\"emptyDir\":{}},"
	    "{\"projected\":{\"sources\":[{\"secret\":{\"name\":\"s4\"}},"
	    "{\"configMap\":{\"name\":\"c4\",\"optional\":true}}]}}]}}");
	static const struct reference wanted[] = {
		{ "configmap", "c1", false }, { "secret", "s1", false }, { "secret", "s2", false },
		{ "configmap", "c2", false }, { "configmap", "c3", false }, { "secret", "s3", false },
		{ "persistentvolumeclaim", "data", false }, { "secret", "s4", false },
		{ "configmap", "c4", true }, { "secret", "pull", true }, { "serviceaccount", "web", false },
	};
	struct references references;

	references_read(arena, &references, template);
	assert_int_equal(references.count, COUNT(wanted));
	for (size_t i = 0; i < COUNT(wanted); i++) {
		assert_string_equal(references.item[i].kind, wanted[i].kind);
		assert_string_equal(references.item[i].name, wanted[i].name);
		assert_int_equal(references.item[i].optional, wanted[i].optional);
	}
}

TEST(the_default_account_is_always_there)
{
	_cleanup_(arena_freep) struct arena *arena = arena_new();
	_cleanup_(json_freep) cJSON *template = parse("{\"spec\":{\"serviceAccountName\":\"default\"}}");
	struct references references;

	references_read(arena, &references, template);
	assert_int_equal(references.count, 0);
}

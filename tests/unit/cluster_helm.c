/* cluster_helm.c - the simulated helm says what helm 4.1 says (tests/fakes/answers). */

#include "cluster_call.h"

#define RELEASE "chatops-platform -n " NAMESPACE
#define NAMESPACE "chatops-platform"

static void
assert_status(struct cluster *cluster, int revision, const char *status, const char *description)
{
	cJSON *history = call_json(cluster, "helm history " RELEASE " -o json"), *row;
	bool found = false;

	json_each(row, history)
	{
		if (json_integer(row, "revision", 0) != revision)
			continue;
		found = true;
		assert_string_equal(json_string(row, "status"), status);
		if (description != NULL)
			assert_string_equal(json_string(row, "description"), description);
	}
	assert_true(found);
	cJSON_Delete(history);
}

TEST(every_refusal_has_the_real_words)
{
	static const struct {
		const char *line, *text;
	} rows[] = {
		{ "helm history nope -o json -n " NAMESPACE, "Error: release: not found\n" },
		{ "helm status " RELEASE " --revision 99 -o json", "Error: release: not found\n" },
		{ "helm get manifest " RELEASE " --revision 99", "Error: release: not found\n" },
		{ "helm rollback nope 1 -n " NAMESPACE, "Error: release: not found\n" },
		{ "helm rollback chatops-platform 99 -n " NAMESPACE,
		    "Error: release has no 99 version\n" },
		{ "helm rollback -n " NAMESPACE " chatops-platform abc",
		    "Error: could not convert revision to a number: strconv.Atoi: parsing \"abc\": "
		    "invalid syntax\n" },
		{ "helm rollback -n " NAMESPACE " chatops-platform -- -1",
		    "Error: invalid release revision\n" },
		{ "helm rollback " RELEASE " 5 -o json", "Error: unknown shorthand flag: 'o' in -o\n" },
		{ "helm rollback " RELEASE " 5 --atomic", "Error: unknown flag: --atomic\n" },
		{ "helm rollback " RELEASE " 5 --description why",
		    "Error: unknown flag: --description\n" },
	};
	struct cluster cluster;

	world_begin(&cluster);
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_call(&cluster, rows[i].line, 1, rows[i].text);
	cluster_end(&cluster);
}

TEST(history_status_and_metadata_have_helms_shapes)
{
	struct cluster cluster;
	cJSON *json, *row;

	world_begin(&cluster);
	json = call_json(&cluster, "helm history " RELEASE " -o json --max 2");
	assert_int_equal(cJSON_GetArraySize(json), 2);
	row = cJSON_GetArrayItem(json, 1);
	assert_true(cJSON_IsNumber(json_at(row, "revision")));
	assert_string_equal(json_string(row, "updated"), "2026-11-21T14:08:00.000000000Z");
	assert_string_equal(json_string(row, "chart"), "chatops-platform-1.2.4");
	assert_string_equal(json_string(row, "app_version"), "v1.2.4");
	cJSON_Delete(json);
	json = call_json(&cluster, "helm list -n " NAMESPACE " -o json");
	assert_string_equal(json_string(cJSON_GetArrayItem(json, 0), "revision"), "7");
	assert_string_equal(json_string(cJSON_GetArrayItem(json, 0), "updated"),
	    "2026-11-21 14:08:00.000000000 +0000 UTC");
	cJSON_Delete(json);
	json = call_json(&cluster, "helm get metadata " RELEASE " --revision 5 -o json");
	assert_string_equal(json_string(json, "version"), "1.2.3");
	assert_string_equal(json_string(json, "appVersion"), "v1.2.3");
	assert_string_equal(json_string(json, "deployedAt"), "2026-11-12T14:20:00Z");
	cJSON_Delete(json);
	json = call_json(&cluster, "helm status " RELEASE " -o json");
	assert_int_equal(json_integer(json, "version", 0), 7);
	assert_string_equal(json_string(json, "info.status"), "deployed");
	assert_string_equal(json_string(json, "config.poolSize"), "40");
	cJSON_Delete(json);
	assert_call(&cluster, "helm get values " RELEASE " --revision 1 -o json", 0, "null\n");
	assert_call(&cluster, "helm list -n default -o json", 0, "[]\n");
	assert_call(&cluster, "helm version --template {{.Version}}", 0, "v4.1.4");
	cluster_end(&cluster);
}

TEST(the_manifest_is_yaml_with_its_sources)
{
	static const char begin[] = "---\n# Source: chatops-platform/templates/config.yaml\n"
	    "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: chatops-platform-config\n"
	    "data:\n  pool.size: \"40\"\n---\n# Source: chatops-platform/templates/workloads.yaml\n"
	    "apiVersion: apps/v1\nkind: Deployment\n";
	struct cluster cluster;
	struct called called;

	world_begin(&cluster);
	called = call(&cluster, "helm get manifest " RELEASE);
	assert_int_equal(called.exit, 0);
	assert_memory_equal(called.out.data, begin, sizeof(begin) - 1);
	assert_non_null(strstr(called.out.data, "      containers:\n      - name: gateway\n"
	    "        image: registry.example.com/chatops/gateway:v1.2.4\n"
	    "        env:\n        - name: POOL_SIZE\n          value: \"40\"\n"));
	called_clear(&called);
	cluster_end(&cluster);
}

/* HM2 */
TEST(a_rollback_is_a_new_revision_with_the_old_objects)
{
	struct cluster cluster;
	struct called now, then;
	cJSON *object;

	world_begin(&cluster);
	assert_call(&cluster, "helm rollback chatops-platform 5 -n " NAMESPACE " --wait", 0,
	    "Rollback was a success! Happy Helming!\n");
	assert_status(&cluster, 7, "superseded", NULL);
	assert_status(&cluster, 8, "deployed", "Rollback to 5");
	then = call(&cluster, "helm get manifest " RELEASE " --revision 5");
	now = call(&cluster, "helm get manifest " RELEASE);
	assert_string_equal(now.out.data, then.out.data);
	object = call_json(&cluster, "kubectl get deployment/chatops-gateway -n " NAMESPACE " -o json");
	assert_string_equal(json_string(cJSON_GetArrayItem(json_at(object,
	    "spec.template.spec.containers"), 0), "image"),
	    "registry.example.com/chatops/gateway:v1.2.3");
	assert_int_equal(json_integer(object, "status.availableReplicas", 0), 3);
	cJSON_Delete(object);
	called_clear(&now);
	called_clear(&then);
	cluster_end(&cluster);
}

/* Trap 3 */
TEST(a_dry_run_is_a_success_and_does_nothing)
{
	struct cluster cluster;

	world_begin(&cluster);
	assert_call(&cluster, "helm rollback " RELEASE " 5 --dry-run=server", 0,
	    "Rollback was a success! Happy Helming!\n");
	assert_status(&cluster, 7, "deployed", NULL);
	cluster_end(&cluster);
}

/* HM1, HM4, HM5: the revision before is the failed one, and waiting for it marks things wrongly. */
TEST(previous_is_by_number_and_a_late_wait_leaves_no_deployed_revision)
{
	struct cluster cluster;
	struct called called;

	world_begin(&cluster);
	called = call(&cluster, "helm rollback chatops-platform -n " NAMESPACE " --wait --timeout 3s");
	assert_int_equal(called.exit, 1);
	assert_memory_equal(called.errors.data, "Error: release chatops-platform failed: resource "
	    "Deployment/chatops-platform/chatops-engine not ready.", 100);
	called_clear(&called);
	assert_status(&cluster, 7, "superseded", NULL);
	assert_status(&cluster, 8, "failed", NULL);
	cluster_end(&cluster);
}

/* HM11 */
TEST(a_field_that_kubectl_wrote_is_a_conflict_until_it_is_forced)
{
	static const char sentence[] = "Error: conflict occurred while applying object "
	    "chatops-platform/chatops-gateway apps/v1, Kind=Deployment: Apply failed with 1 conflict: "
	    "conflict with \"kubectl-set\" using apps/v1: "
	    ".spec.template.spec.containers[name=\"gateway\"].image\n";
	struct cluster cluster;
	struct called called;

	world_begin(&cluster);
	assert_call(&cluster, "kubectl set image deployment/chatops-gateway -n " NAMESPACE
	    " gateway=registry.example.com/chatops/gateway:v1.2.5", 0,
	    "deployment.apps/chatops-gateway image updated\n");
	called = call(&cluster, "helm rollback chatops-platform 5 -n " NAMESPACE);
	assert_int_equal(called.exit, 1);
	assert_non_null(strstr(called.errors.data, sentence));
	assert_true(string_starts(called.errors.data, "level=WARN msg=\"Rollback"));
	called_clear(&called);
	assert_status(&cluster, 8, "failed", NULL);
	assert_call(&cluster, "helm rollback chatops-platform 5 --force-conflicts -n " NAMESPACE, 0,
	    "Rollback was a success! Happy Helming!\n");
	assert_status(&cluster, 9, "deployed", "Rollback to 5");
	cluster_end(&cluster);
}

/* HM19 */
TEST(a_rollback_prunes_the_oldest)
{
	struct cluster cluster;
	cJSON *history;

	world_begin(&cluster);
	for (int i = 0; i < 4; i++)
		assert_call(&cluster, "helm rollback chatops-platform 5 -n " NAMESPACE, 0,
		    "Rollback was a success! Happy Helming!\n");
	history = call_json(&cluster, "helm history " RELEASE " -o json");
	assert_int_equal(cJSON_GetArraySize(history), 10);
	assert_int_equal(json_integer(cJSON_GetArrayItem(history, 0), "revision", 0), 2);
	cJSON_Delete(history);
	assert_call(&cluster, "helm rollback chatops-platform 1 -n " NAMESPACE, 1,
	    "Error: release has no 1 version\n");
	cluster_end(&cluster);
}

/* The line of a revision among the Secrets of its release, as custom-columns shows it. */
static void
read_record(struct cluster *cluster, int revision, char line[200])
{
	struct called called = call(cluster, "kubectl get -n " NAMESPACE " -o=custom-columns="
	    "NAME:.metadata.name,UID:.metadata.uid,VERSION:.metadata.resourceVersion "
	    "--selector=owner=helm,name=chatops-platform -- secrets");
	char name[100];
	const char *at;

	assert_int_equal(called.exit, 0);
	assert_true(string_starts(called.out.data, "NAME                                     UID "));
	snprintf(name, sizeof(name), "\nsh.helm.release.v1.chatops-platform.v%d   ", revision);
	at = strstr(called.out.data, name);
	assert_non_null(at);
	snprintf(line, 200, "%.*s", (int)strcspn(at + 1, "\n"), at + 1);
	called_clear(&called);
}

TEST(a_record_has_a_new_version_when_its_revision_changed_and_only_then)
{
	char five[3][200], seven[2][200];
	struct cluster cluster;

	world_begin(&cluster);
	read_record(&cluster, 5, five[0]);
	read_record(&cluster, 7, seven[0]);
	read_record(&cluster, 5, five[1]);
	assert_call(&cluster, "helm rollback chatops-platform 5 -n " NAMESPACE, 0,
	    "Rollback was a success! Happy Helming!\n");
	read_record(&cluster, 5, five[2]);
	read_record(&cluster, 7, seven[1]);
	assert_string_equal(five[0], five[1]);
	assert_string_equal(five[0], five[2]);
	assert_string_not_equal(seven[0], seven[1]);	/* superseded now */
	cluster_end(&cluster);
}

/*
 * cluster_kubectl.c - the simulated kubectl says what the real one says.
 *
 * Sentences and exit statuses are those recorded in tests/fakes/answers from kubectl 1.35.
 */
#include "cluster_call.h"

/* A number of an object, by a path without dots in its keys. */
static int64_t
number_of(struct cluster *cluster, const char *line, const char *path)
{
	cJSON *json = call_json(cluster, line);
	int64_t number = json_integer(json, path, -1);

	cJSON_Delete(json);
	return number;
}

static const char gateway[] = "kubectl get -n chatops -o=json -- deployment/chatops-gateway";

TEST(every_refusal_has_the_real_words)
{
	static const struct {
		const char *line, *text;
	} rows[] = {
		{ "kubectl get deployment/nope -n chatops -o json",
		    "Error from server (NotFound): deployments.apps \"nope\" not found\n" },
		{ "kubectl get frob -n chatops",
		    "error: the server doesn't have a resource type \"frob\"\n" },
		{ "kubectl get -n chatops -o=json -- canaries.flagger.app",
		    "error: the server doesn't have a resource type \"canaries\"\n" },
		{ "kubectl rollout history deployment/nope -n chatops",
		    "Error from server (NotFound): deployments.apps \"nope\" not found\n" },
		{ "kubectl rollout history deployment/chatops-gateway -n chatops --revision=99",
		    "error: unable to find the specified revision\n" },
		{ "kubectl rollout undo deployment/chatops-gateway -n chatops --to-revision=99",
		    "error: unable to find specified revision 99 in history\n" },
		{ "kubectl rollout undo deployment/logcaster-blue -n production",
		    "error: no rollout history found for deployment \"logcaster-blue\"\n" },
		{ "kubectl rollout resume deployment/chatops-gateway -n chatops",
		    "error: deployments.apps \"chatops-gateway\" is not paused\n" },
		{ "kubectl rollout status deployment/chatops-gateway -n chatops --revision=6",
		    "error: desired revision (6) is different from the running revision (7)\n" },
		{ "kubectl scale -n chatops --current-replicas=5 --replicas=4 -- "
		  "deployment/chatops-gateway", "error: Expected replicas to be 5, was 3\n" },
		{ "kubectl set image deployment/chatops-gateway -n chatops nope=x",
		    "error: unable to find container named \"nope\"\n" },
		{ "kubectl get pods -n chatops --frobnicate",
		    "error: unknown flag: --frobnicate\nSee 'kubectl --help' for usage.\n" },
		{ "kubectl get pods --context=mars", "error: context \"mars\" does not exist\n" },
	};
	struct cluster cluster;

	world_begin(&cluster);
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_call(&cluster, rows[i].line, 1, rows[i].text);
	cluster_end(&cluster);
}

TEST(history_shows_what_is_kept)
{
	struct cluster cluster;

	world_begin(&cluster);
	assert_call(&cluster, "kubectl rollout history deployment/chatops-gateway -n chatops", 0,
	    "deployment.apps/chatops-gateway \n"
	    "REVISION  CHANGE-CAUSE\n"
	    "2         v1.2.1: retry once when the engine is slow\n"
	    "3         <none>\n"
	    "4         POOL_SIZE 20\n"
	    "5         v1.2.3: smaller answers\n"
	    "6         v1.2.4: larger pool\n"
	    "7         v1.2.4: larger pool, second try\n"
	    "\n");
	assert_call(&cluster, "kubectl rollout history statefulset/thanos-receive -n monitoring", 0,
	    "statefulset.apps/thanos-receive \nREVISION  CHANGE-CAUSE\n"
	    "1         <none>\n2         <none>\n\n");
	cluster_end(&cluster);
}

/* KC2: going back to 5 makes it 8, and 5 is gone. */
TEST(undo_renumbers_and_rolls_pod_by_pod)
{
	struct cluster cluster;
	int64_t began;

	world_begin(&cluster);
	assert_call(&cluster, "kubectl rollout undo -n chatops --to-revision=5 "
	    "--request-timeout=30s -- deployment/chatops-gateway", 0,
	    "deployment.apps/chatops-gateway rolled back\n");
	began = cluster.now;
	assert_call(&cluster, "kubectl rollout status -n chatops --revision=8 --timeout=60s -- "
	    "deployment/chatops-gateway", 0,
	    "Waiting for deployment \"chatops-gateway\" rollout to finish: 1 out of 3 new replicas "
	    "have been updated...\n"
	    "Waiting for deployment \"chatops-gateway\" rollout to finish: 2 out of 3 new replicas "
	    "have been updated...\n"
	    "Waiting for deployment \"chatops-gateway\" rollout to finish: 1 old replicas are pending "
	    "termination...\n"
	    "deployment \"chatops-gateway\" successfully rolled out\n");
	assert_true(cluster.now - began > SECONDS(1) && cluster.now - began < SECONDS(10));
	assert_int_equal(number_of(&cluster, gateway, "status.availableReplicas"), 3);
	assert_call(&cluster, "kubectl rollout undo deployment/chatops-gateway -n chatops "
	    "--to-revision=5", 1, "error: unable to find specified revision 5 in history\n");
	/* KC4: exit 0, and nothing was done. */
	assert_call(&cluster, "kubectl rollout undo deployment/chatops-gateway -n chatops "
	    "--to-revision=8", 0, "deployment.apps/chatops-gateway skipped rollback (current template "
	    "already matches revision 8)\n");
	cluster_end(&cluster);
}

/* KC1: without a number, the second highest, whatever became of it. */
TEST(undo_without_a_number_goes_to_the_one_before)
{
	struct cluster cluster;

	world_begin(&cluster);
	assert_call(&cluster, "kubectl rollout undo deployment chatops-gateway -n chatops", 0,
	    "deployment.apps/chatops-gateway rolled back\n");
	/* The crashed one: its pod never gets ready, the old ones stay. */
	assert_call(&cluster, "kubectl rollout status deployment/chatops-gateway -n chatops "
	    "--timeout=30s", 1, "error: timed out waiting for the condition\n");
	assert_int_equal(number_of(&cluster, gateway, "status.readyReplicas"), 3);
	assert_int_equal(number_of(&cluster, gateway, "status.updatedReplicas"), 1);
	assert_call(&cluster, "kubectl rollout status deployment/chatops-gateway -n chatops "
	    "--timeout=20m", 1, "error: deployment \"chatops-gateway\" exceeded its progress deadline\n");
	cluster_end(&cluster);
}

/* KC6: replicas stay; annotations become the old revision's. */
TEST(undo_takes_the_template_and_the_annotations_only)
{
	struct cluster cluster;
	cJSON *object;

	world_begin(&cluster);
	assert_call(&cluster, "kubectl scale -n chatops --current-replicas=3 --replicas=4 -- "
	    "deployment/chatops-gateway", 0, "deployment.apps/chatops-gateway scaled\n");
	assert_call(&cluster, "kubectl annotate deployment/chatops-gateway -n chatops left=over", 0,
	    "deployment.apps/chatops-gateway annotated\n");
	assert_call(&cluster, "kubectl rollout undo -n chatops --to-revision=5 -- "
	    "deployment/chatops-gateway", 0, "deployment.apps/chatops-gateway rolled back\n");
	object = call_json(&cluster, gateway);
	assert_int_equal(json_integer(object, "spec.replicas", 0), 4);
	assert_null(json_at(object, "metadata.annotations.left"));
	assert_string_equal(json_string(cJSON_GetArrayItem(json_at(object,
	    "spec.template.spec.containers"), 0), "image"),
	    "registry.example.com/chatops/gateway:v1.2.3");
	cJSON_Delete(object);
	cluster_end(&cluster);
}

/* KC5 */
TEST(a_paused_deployment_refuses_undo_and_restart)
{
	struct cluster cluster;

	world_begin(&cluster);
	assert_call(&cluster, "kubectl rollout pause -n chatops -- deployment/chatops-gateway", 0,
	    "deployment.apps/chatops-gateway paused\n");
	assert_call(&cluster, "kubectl rollout pause -n chatops -- deployment/chatops-gateway", 1,
	    "error: deployments.apps \"chatops-gateway\" is already paused\n");
	assert_call(&cluster, "kubectl rollout undo -n chatops --to-revision=5 -- "
	    "deployment/chatops-gateway", 1, "error: you cannot rollback a paused deployment; resume it "
	    "first with 'kubectl rollout resume' and try again\n");
	assert_call(&cluster, "kubectl rollout restart -n chatops -- deployment/chatops-gateway", 1,
	    "error: deployments.apps \"chatops-gateway\" can't restart paused deployment (run rollout "
	    "resume first)\n");
	assert_call(&cluster, "kubectl rollout resume -n chatops -- deployment/chatops-gateway", 0,
	    "deployment.apps/chatops-gateway resumed\n");
	cluster_end(&cluster);
}

/* KC19 */
TEST(a_restart_is_a_new_revision_and_not_twice_a_second)
{
	struct cluster cluster;

	world_begin(&cluster);
	assert_call(&cluster, "kubectl rollout restart -n chatops -- deployment/chatops-engine", 0,
	    "deployment.apps/chatops-engine restarted\n");
	assert_call(&cluster, "kubectl rollout restart -n chatops -- deployment/chatops-engine", 1,
	    "error: failed to create patch for chatops-engine: if restart has already been triggered "
	    "within the past second, please wait before attempting to trigger another\n");
	assert_call(&cluster, "kubectl rollout status -n chatops --revision=3 --timeout=30s "
	    "--watch=false -- deployment/chatops-engine", 0,
	    "Waiting for deployment \"chatops-engine\" rollout to finish: 1 out of 2 new replicas have "
	    "been updated...\n");
	cluster_end(&cluster);
}

/* KC13, KC22: a broken pod holds a StatefulSet up until it is deleted by hand. */
TEST(a_statefulset_stays_stuck_after_undo_until_its_pod_is_deleted)
{
	static const char status[] = "kubectl rollout status -n monitoring --timeout=30s -- "
	    "statefulset/thanos-receive";
	struct cluster cluster;

	world_begin(&cluster);
	assert_call(&cluster, "kubectl set image statefulset/thanos-receive -n monitoring "
	    "receive=quay.io/thanos/thanos:crash", 0,
	    "statefulset.apps/thanos-receive image updated\n");
	assert_call(&cluster, status, 1, "error: timed out waiting for the condition\n");
	assert_call(&cluster, "kubectl rollout undo -n monitoring --to-revision=2 -- "
	    "statefulset/thanos-receive", 0, "statefulset.apps/thanos-receive rolled back\n");
	assert_call(&cluster, status, 1, "error: timed out waiting for the condition\n");
	assert_call(&cluster, "kubectl delete -n monitoring --wait=false -- pod/thanos-receive-2", 0,
	    "pod \"thanos-receive-2\" deleted from monitoring namespace\n");
	assert_call(&cluster, status, 0, "Waiting for 1 pods to be ready...\n"
	    "partitioned roll out complete: 3 new pods have been updated...\n");
	cluster_end(&cluster);
}

TEST(a_daemonset_replaces_one_pod_after_the_other)
{
	struct cluster cluster;

	world_begin(&cluster);
	assert_call(&cluster, "kubectl rollout undo -n monitoring --to-revision=1 -- "
	    "daemonset/node-agent", 0, "daemonset.apps/node-agent rolled back\n");
	assert_call(&cluster, "kubectl rollout status -n monitoring -- daemonset/node-agent", 0,
	    "Waiting for daemon set \"node-agent\" rollout to finish: 1 out of 3 new pods have been "
	    "updated...\n"
	    "Waiting for daemon set \"node-agent\" rollout to finish: 2 out of 3 new pods have been "
	    "updated...\n"
	    "Waiting for daemon set \"node-agent\" rollout to finish: 2 of 3 updated pods are "
	    "available...\n"
	    "daemon set \"node-agent\" successfully rolled out\n");
	cluster_end(&cluster);
}

TEST(names_of_what_is_there_come_alone)
{
	struct cluster cluster;

	world_begin(&cluster);
	assert_call(&cluster, "kubectl get -n chatops -o=name --ignore-not-found -- "
	    "configmap/chatops-gateway configmap/gone secret/gone serviceaccount/default "
	    "deployment/chatops-engine", 0,
	    "configmap/chatops-gateway\nserviceaccount/default\ndeployment.apps/chatops-engine\n");
	assert_call(&cluster, "kubectl get -n chatops -o=name --ignore-not-found -- secret/gone", 0, "");
	cluster_end(&cluster);
}

TEST(lists_are_chosen_by_labels_and_hide_what_is_ours)
{
	struct cluster cluster;
	cJSON *list, *pod;

	world_begin(&cluster);
	list = call_json(&cluster,
	    "kubectl get -n chatops -o=json --selector=app=chatops-gateway -- pods");
	assert_string_equal(json_string(list, "kind"), "List");
	assert_int_equal(cJSON_GetArraySize(json_at(list, "items")), 3);
	pod = cJSON_GetArrayItem(json_at(list, "items"), 0);
	assert_null(json_at(pod, "sim"));
	assert_null(json_at(pod, "metadata.managedFields"));
	cJSON_Delete(list);
	list = call_json(&cluster, "kubectl get -n chatops -o=json -- horizontalpodautoscalers");
	assert_int_equal(cJSON_GetArraySize(json_at(list, "items")), 0);
	cJSON_Delete(list);
	list = call_json(&cluster, "kubectl get -n chatops -o=json --show-managed-fields -- "
	    "deployment/chatops-gateway");
	assert_non_null(json_at(list, "metadata.managedFields"));
	cJSON_Delete(list);
	cluster_end(&cluster);
}

TEST(endpoints_and_the_proxy_follow_the_pods)
{
	static const char raw[] =
	    "kubectl get --raw=/api/v1/namespaces/chatops/services/chatops-engine:80/proxy/health";
	static const char slices[] = "kubectl get -n chatops -o=json "
	    "--selector=kubernetes.io/service-name=chatops-engine -- endpointslices";
	struct cluster cluster;
	cJSON *list;

	world_begin(&cluster);
	list = call_json(&cluster, slices);
	assert_int_equal(cJSON_GetArraySize(json_at(cJSON_GetArrayItem(json_at(list, "items"), 0),
	    "endpoints")), 2);
	cJSON_Delete(list);
	assert_call(&cluster, raw, 0, "{\"status\":\"healthy\",\"service\":\"chatops-engine\"}");
	assert_call(&cluster, "kubectl scale -n chatops --replicas=0 -- deployment/chatops-engine", 0,
	    "deployment.apps/chatops-engine scaled\n");
	assert_call(&cluster, raw, 1, "Error from server (ServiceUnavailable): no endpoints available "
	    "for service \"chatops-engine\"\n");
	cluster_end(&cluster);
}

TEST(clusters_are_apart)
{
	struct cluster cluster;

	world_begin(&cluster);
	assert_int_equal(number_of(&cluster, "kubectl get --context=staging -n chatops -o json "
	    "deployment chatops-gateway", "spec.replicas"), 1);
	assert_int_equal(number_of(&cluster, gateway, "spec.replicas"), 3);
	cluster_end(&cluster);
}

/* What a talk's "world set" says. */
TEST(an_object_is_edited_as_somebody_would)
{
	struct cluster cluster;
	char line[4096];

	world_begin(&cluster);
	snprintf(line, sizeof(line), "rollcall-cluster set %s primary monitoring statefulset/thanos-receive "
	    "spec.updateStrategy {\"type\":\"OnDelete\"} %lld", cluster.folder.path, (long long)PRESENT);
	assert_call(&cluster, line, 0, "");
	assert_call(&cluster, "kubectl rollout status -n monitoring --timeout=9s -- statefulset/thanos-receive", 1,
	    "error: rollout status is only available for RollingUpdate strategy type\n");
	snprintf(line, sizeof(line), "rollcall-cluster set %s primary monitoring statefulset/nope spec.replicas 2 %lld",
	    cluster.folder.path, (long long)PRESENT);
	assert_call(&cluster, line, 1, "rollcall-cluster: statefulset/nope is not there\n");
	cluster_end(&cluster);
}

TEST(without_a_runner_real_time_passes)
{
	struct cluster cluster;
	char line[4096];

	cluster_begin(&cluster, true);
	snprintf(line, sizeof(line), "rollcall-cluster init %s", cluster.folder.path);
	assert_call(&cluster, line, 0, "");
	assert_call(&cluster, "kubectl delete -n chatops --wait=false -- pod/nope", 1,
	    "Error from server (NotFound): pods \"nope\" not found\n");
	assert_call(&cluster, "kubectl scale -n chatops --replicas=3 -- deployment/chatops-engine", 0,
	    "deployment.apps/chatops-engine scaled\n");
	assert_call(&cluster, "kubectl rollout status -n chatops --timeout=9s -- "
	    "deployment/chatops-engine", 0,
	    "Waiting for deployment \"chatops-engine\" rollout to finish: 2 of 3 updated replicas are "
	    "available...\ndeployment \"chatops-engine\" successfully rolled out\n");
	cluster_end(&cluster);
}

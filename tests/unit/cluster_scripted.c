/* cluster_scripted.c - a fake tool asks the talk runner, and does what it is told. */

#include <signal.h>

#include "cluster_call.h"

static void
script(struct cluster *cluster, const struct frame *frames)
{
	cluster->script = frames;
}

TEST(the_question_names_tool_arguments_and_cluster)
{
	static const struct frame frames[] = { { WIRE_EXIT, "0" }, { 0, NULL } };
	struct cluster cluster;
	struct called called;
	cJSON *question;

	cluster_begin(&cluster, false);
	script(&cluster, frames);
	called = cluster_call(&cluster, (char *const[]){ (char[]){ "kubectl" }, (char[]){ "get" },
	    (char[]){ "--context=staging" }, (char[]){ "a b" }, NULL });
	assert_int_equal(called.exit, 0);
	question = json_parse(cluster.asked.data, cluster.asked.length, NULL);
	assert_string_equal(json_string(question, "tool"), "kubectl");
	assert_string_equal(json_string(question, "cluster"), "staging");
	assert_int_equal(cJSON_GetArraySize(json_at(question, "arguments")), 3);
	assert_string_equal(cJSON_GetArrayItem(json_at(question, "arguments"), 2)->valuestring,
	    "a b");
	cJSON_Delete(question);
	called_clear(&called);
	cluster_end(&cluster);
}

TEST(the_kubeconfig_names_the_cluster)
{
	static const struct frame frames[] = { { WIRE_EXIT, "0" }, { 0, NULL } };
	struct cluster cluster;
	struct called called;
	FILE *file;

	cluster_begin(&cluster, false);
	script(&cluster, frames);
	file = fopen(folder_path(&cluster.folder, "config"), "w");
	assert_non_null(file);
	fputs("apiVersion: v1\ncurrent-context: \"dr\"\nclusters: []\n", file);
	fclose(file);
	called = call(&cluster, "helm list");
	assert_non_null(strstr(cluster.asked.data, "\"cluster\":\"dr\""));
	called_clear(&called);
	cluster_end(&cluster);
}

TEST(it_prints_and_ends_as_told)
{
	static const struct frame frames[] = { { WIRE_OUT, "one\n" }, { WIRE_ERROR, "two\n" },
		{ WIRE_OUT, "three\n" }, { WIRE_EXIT, "7" }, { 0, NULL } };
	struct cluster cluster;
	struct called called;

	cluster_begin(&cluster, false);
	script(&cluster, frames);
	called = call(&cluster, "argocd app get web");
	assert_int_equal(called.exit, 7);
	assert_string_equal(called.out.data, "one\nthree\n");
	assert_string_equal(called.errors.data, "two\n");
	called_clear(&called);
	cluster_end(&cluster);
}

TEST(it_can_be_told_to_die)
{
	static const struct frame frames[] = { { WIRE_EXIT, "kill" }, { 0, NULL } };
	struct cluster cluster;
	struct called called;

	cluster_begin(&cluster, false);
	script(&cluster, frames);
	called = call(&cluster, "kubectl get pods");
	assert_int_equal(called.exit, -SIGKILL);
	called_clear(&called);
	cluster_end(&cluster);
}

TEST(a_tool_without_a_simulation_says_so)
{
	struct cluster cluster;

	cluster_begin(&cluster, true);
	assert_call(&cluster, "argocd app get web", 1,
	    "rollcall-cluster: there is no simulation of argocd\n");
	cluster_end(&cluster);
}

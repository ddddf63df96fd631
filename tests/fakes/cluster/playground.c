/*
 * playground.c - the world that `init` writes: ChatOps Platform and LogCaster, with their troubles.
 *
 * chatops-gateway: revision 7 (v1.2.4, 12 minutes old) throws errors; 6 crashed, so that "the one before"
 * is not the last good one; 5 (v1.2.3) ran for nine days.  The Helm release chatops-platform has the same
 * past in a namespace of its own.  LogCaster: logcaster-prod is slow since 2.4.0, the green colour has no
 * pod that is ready.  Thanos: a StatefulSet and a DaemonSet with two revisions each.
 */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "helm.h"

#define REGISTRY "registry.example.com/chatops"

struct past {			/* one revision */
	int64_t ago;
	const char *image, *cause;
	const char *pool;	/* POOL_SIZE; NULL: not set */
};

struct plan {			/* a workload */
	const char *kind, *namespace, *name, *container, *config;
	int replicas, keep;
	const struct past *past;
	size_t count;
};

/* ---- workloads ---- */

static void
set_environment(cJSON *container, const char *pool)
{
	cJSON *variable;

	put(container, "env", NULL);
	if (pool == NULL)
		return;
	variable = json_add_object(json_add_array(container, "env"), NULL);
	json_add_string(variable, "name", "POOL_SIZE");
	json_add_string(variable, "value", pool);
}

static cJSON *
add_container(cJSON *template, const struct plan *plan)
{
	cJSON *container = json_add_object(json_add_array(ensure(template, "spec"), "containers"), NULL);
	cJSON *port;

	json_add_string(container, "name", plan->container);
	json_add_string(container, "imagePullPolicy", "IfNotPresent");
	port = json_add_object(json_add_array(container, "ports"), NULL);
	json_add_number(port, "containerPort", 8080);
	json_add_string(port, "protocol", "TCP");
	put_string(container, "readinessProbe.httpGet.path", "/health");
	put_number(container, "readinessProbe.httpGet.port", 8080);
	put_string(container, "resources.requests.cpu", "100m");
	put_string(container, "resources.requests.memory", "128Mi");
	if (plan->config != NULL)
		put_string(json_add_object(json_add_array(container, "envFrom"), NULL),
		    "configMapRef.name", plan->config);
	put_string(template, "spec.restartPolicy", "Always");
	put_string(template, "spec.serviceAccountName", "default");
	put_number(template, "spec.terminationGracePeriodSeconds", 30);
	return container;
}

static cJSON *
add_workload(struct world *world, const struct plan *plan)
{
	cJSON *workload = object_add(world, plan->kind, plan->namespace, plan->name);

	put_string(workload, "metadata.labels.app", plan->name);
	put_string(workload, "spec.selector.matchLabels.app", plan->name);
	put_string(workload, "spec.template.metadata.labels.app", plan->name);
	put_number(workload, "spec.revisionHistoryLimit", plan->keep);
	if (!string_equal(plan->kind, "DaemonSet"))
		put_number(workload, "spec.replicas", plan->replicas);
	if (string_equal(plan->kind, "Deployment")) {
		put_number(workload, "spec.progressDeadlineSeconds", 600);
		put_string(workload, "spec.strategy.type", "RollingUpdate");
		put_string(workload, "spec.strategy.rollingUpdate.maxSurge", "25%");
		put_string(workload, "spec.strategy.rollingUpdate.maxUnavailable", "25%");
		return workload;
	}
	put_string(workload, "spec.updateStrategy.type", "RollingUpdate");
	if (string_equal(plan->kind, "StatefulSet")) {
		put_number(workload, "spec.updateStrategy.rollingUpdate.partition", 0);
		put_string(workload, "spec.serviceName", plan->name);
		put_string(workload, "spec.podManagementPolicy", "OrderedReady");
	} else {
		put_number(workload, "spec.updateStrategy.rollingUpdate.maxUnavailable", 1);
	}
	return workload;
}

/* Lives through its past, a minute for each revision. */
static void
live_through(struct world *world, const struct plan *plan, int64_t present)
{
	cJSON *workload = NULL, *container = NULL;
	const struct past *past = plan->past;

	for (size_t i = 0; i < plan->count; i++, past++) {
		world->now = present - past->ago;
		if (workload == NULL) {
			workload = add_workload(world, plan);
			container = add_container(ensure(workload, "spec.template"), plan);
		} else {
			object_respecified(world, workload);
		}
		put_string(container, "image", past->image);
		set_environment(container, past->pool);
		annotate(workload, "kubernetes.io/change-cause", past->cause);
		object_written(world, workload, i == 0 ? "kubectl-client-side-apply" : "ci-deployer",
		    "spec.template");
		controllers_run(world, world->now + MINUTES(1));
	}
	world->now = present;
}

/* ---- what stands beside them ---- */

static void
add_namespace(struct world *world, const char *name)
{
	cJSON *namespace = object_add(world, "Namespace", "", name);
	cJSON *account;

	put_string(namespace, "status.phase", "Active");
	account = object_add(world, "ServiceAccount", name, "default");
	object_changed(world, account);
}

static void
add_node(struct world *world, const char *name)
{
	cJSON *node = object_add(world, "Node", "", name);

	condition_set(world, node, "Ready", "True", "KubeletReady",
	    "kubelet is posting ready status");
}

static void
add_service(struct world *world, const char *namespace, const char *name, const char *app, int port)
{
	cJSON *service = object_add(world, "Service", namespace, name), *one;

	put_string(service, "spec.selector.app", app);
	put_string(service, "spec.type", "ClusterIP");
	put_string(service, "spec.clusterIP", "10.96.207.199");
	one = json_add_object(json_add_array(ensure(service, "spec"), "ports"), NULL);
	json_add_number(one, "port", port);
	json_add_string(one, "protocol", "TCP");
	json_add_number(one, "targetPort", 8080);
}

static void
add_config(struct world *world, const char *namespace, const char *name, const char *const *pairs)
{
	cJSON *config = object_add(world, "ConfigMap", namespace, name);
	cJSON *data = json_add_object(config, "data");

	for (; *pairs != NULL; pairs += 2)
		json_add_string(data, pairs[0], pairs[1]);
	object_written(world, config, "kubectl-client-side-apply", "data");
}

static void
add_budget(struct world *world, const char *namespace, const char *name, const char *app)
{
	cJSON *budget = object_add(world, "PodDisruptionBudget", namespace, name);

	put_string(budget, "spec.selector.matchLabels.app", app);
	put_string(budget, "spec.maxUnavailable", "1");
}

static void
begin_cluster(struct world *world, const char *name, int64_t present)
{
	static const char *const namespaces[] = { "kube-system", "default", "chatops",
		"chatops-platform", "production", "monitoring" };

	world->now = present - DAYS(90);
	world_cluster(world, name);
	for (size_t i = 0; i < COUNT(namespaces); i++)
		add_namespace(world, namespaces[i]);
	add_node(world, "node-1");
	add_node(world, "node-2");
	add_node(world, "node-3");
}

/* ---- ChatOps Platform ---- */

static const struct past gateway_past[] = {
	{ DAYS(40), REGISTRY "/gateway:v1.2.0", "v1.2.0: first release", NULL },
	{ DAYS(30), REGISTRY "/gateway:v1.2.1", "v1.2.1: retry once when the engine is slow", NULL },
	{ DAYS(21), REGISTRY "/gateway:v1.2.2", NULL, NULL },
	{ DAYS(14), REGISTRY "/gateway:v1.2.2", "POOL_SIZE 20", "20" },
	{ DAYS(9), REGISTRY "/gateway:v1.2.3", "v1.2.3: smaller answers", "20" },
	{ MINUTES(35), REGISTRY "/gateway:v1.2.4-crash", "v1.2.4: larger pool", "400" },
	{ MINUTES(12), REGISTRY "/gateway:v1.2.4", "v1.2.4: larger pool, second try", "40" },
};
static const struct past engine_past[] = {
	{ DAYS(30), REGISTRY "/engine:v1.2.2", "v1.2.2", NULL },
	{ DAYS(9), REGISTRY "/engine:v1.2.3", "v1.2.3", NULL },
};

static void
add_chatops(struct world *world, int64_t present)
{
	static const char *const config[] = { "log.level", "info", "upstream", "chatops-engine", NULL };

	world->now = present - DAYS(41);
	add_config(world, "chatops", "chatops-gateway", config);
	add_service(world, "chatops", "chatops-gateway", "chatops-gateway", 80);
	add_service(world, "chatops", "chatops-engine", "chatops-engine", 80);
	add_budget(world, "chatops", "chatops-gateway", "chatops-gateway");
	live_through(world, &(struct plan){ "Deployment", "chatops", "chatops-gateway", "gateway",
	    "chatops-gateway", 3, 5, gateway_past, COUNT(gateway_past) }, present);
	live_through(world, &(struct plan){ "Deployment", "chatops", "chatops-engine", "engine", NULL,
	    2, 10, engine_past, COUNT(engine_past) }, present);
}

/* ---- the release ---- */

struct release_past {
	int64_t ago;
	const char *version, *pool, *status, *description;
	bool crash;
	bool hook;		/* before it is rolled back to, a Job runs, whose image is gone by now (HM8) */
};

static const struct release_past platform_past[] = {
	{ DAYS(40), "1.2.0", NULL, "superseded", "Install complete", false, false },
	{ DAYS(30), "1.2.1", NULL, "superseded", "Upgrade complete", false, true },
	{ DAYS(21), "1.2.2", NULL, "superseded", "Upgrade complete", false, false },
	{ DAYS(14), "1.2.2", "30", "superseded", "Upgrade complete", false, false },
	{ DAYS(9), "1.2.3", NULL, "superseded", "Upgrade complete", false, false },
	{ MINUTES(35), "1.2.4", NULL, "failed", "Upgrade \"chatops-platform\" failed: context deadline "
	    "exceeded", true, false },
	{ MINUTES(12), "1.2.4", "40", "deployed", "Upgrade complete", false, false },
};

static void
render_workload(struct world *world, cJSON *objects, const struct release_past *past,
    const char *part, int replicas)
{
	const char *name = arena_printf(world->arena, "chatops-%s", part);
	cJSON *object = json_add_object(objects, NULL), *container, *labels;

	json_add_string(object, "apiVersion", "apps/v1");
	json_add_string(object, "kind", "Deployment");
	put_string(object, "metadata.name", name);
	labels = ensure(object, "metadata.labels");
	json_add_string(labels, "app.kubernetes.io/instance", "chatops-platform");
	json_add_string(labels, "app.kubernetes.io/managed-by", "Helm");
	put_number(object, "spec.replicas", replicas);
	put_string(object, "spec.selector.matchLabels.app", name);
	put_string(object, "spec.template.metadata.labels.app", name);
	container = json_add_object(json_add_array(ensure(object, "spec.template.spec"), "containers"),
	    NULL);
	json_add_string(container, "name", part);
	json_add_string(container, "image", arena_printf(world->arena, REGISTRY "/%s:v%s%s", part,
	    past->version, past->crash ? "-crash" : ""));
	set_environment(container, past->pool != NULL ? past->pool : "20");
	json_add_string(object, "source", "templates/workloads.yaml");
}

static cJSON *
render(struct world *world, const struct release_past *past)
{
	cJSON *objects = cJSON_CreateArray(), *config = json_add_object(objects, NULL);

	json_add_string(config, "apiVersion", "v1");
	json_add_string(config, "kind", "ConfigMap");
	put_string(config, "metadata.name", "chatops-platform-config");
	json_add_string(json_add_object(config, "data"), "pool.size",
	    past->pool != NULL ? past->pool : "20");
	json_add_string(config, "source", "templates/config.yaml");
	render_workload(world, objects, past, "engine", 2);
	render_workload(world, objects, past, "gateway", 3);
	return objects;
}

static cJSON *
render_hook(struct world *world, const struct release_past *past)
{
	cJSON *hooks = cJSON_CreateArray(), *job = json_add_object(hooks, NULL), *container;

	json_add_string(job, "apiVersion", "batch/v1");
	json_add_string(job, "kind", "Job");
	put_string(job, "metadata.name", "chatops-platform-check");
	annotate(job, "helm.sh/hook", "pre-rollback");
	container = json_add_object(json_add_array(ensure(job, "spec.template.spec"), "containers"), NULL);
	json_add_string(container, "name", "check");
	json_add_string(container, "image", arena_printf(world->arena, REGISTRY "/check:v%s-crash",
	    past->version));
	json_add_string(job, "source", "templates/hook.yaml");
	return hooks;
}

static void
add_platform(struct world *world, int64_t present)
{
	const char *const namespace = "chatops-platform", *const name = "chatops-platform";
	const struct release_past *past = platform_past;
	cJSON *release, *last = NULL;

	for (size_t i = 0; i < COUNT(platform_past); i++, past++) {
		world->now = present - past->ago;
		release = release_add(world, namespace, name, past->status, past->description);
		json_add_string(release, "chart", name);
		json_add_string(release, "version", past->version);
		json_add_stringf(release, "app_version", "v%s", past->version);
		cJSON_AddItemToObject(release, "objects", render(world, past));
		if (past->hook)
			cJSON_AddItemToObject(release, "hooks", render_hook(world, past));
		if (past->pool != NULL)
			json_add_string(json_add_object(release, "config"), "poolSize", past->pool);
		(void)release_apply(world, last, release, true, NULL);
		controllers_run(world, world->now + MINUTES(1));
		last = release;
	}
	world->now = present;
}

/* ---- LogCaster, Thanos, staging ---- */

static const struct past logcaster_past[] = {
	{ DAYS(60), "logcaster/logcaster-c:2.3.0", "2.3.0", NULL },
	{ DAYS(25), "logcaster/logcaster-c:2.3.1", "2.3.1: fewer copies", NULL },
	{ HOURS(3), "logcaster/logcaster-c:2.4.0", "2.4.0: new parser", NULL },
};
static const struct past blue_past[] = { { DAYS(25), "logcaster/logcaster-c:2.3.1", "2.3.1", NULL } };
static const struct past green_past[] = {
	{ HOURS(3), "logcaster/logcaster-c:2.4.0-nopull", "2.4.0", NULL },
};
static const struct past receive_past[] = {
	{ DAYS(50), "quay.io/thanos/thanos:v0.30.2", NULL, NULL },
	{ DAYS(5), "quay.io/thanos/thanos:v0.31.0", NULL, NULL },
};
static const struct past agent_past[] = {
	{ DAYS(50), "registry.example.com/node-agent:v3.0.0", NULL, NULL },
	{ DAYS(5), "registry.example.com/node-agent:v3.1.0", NULL, NULL },
};
static const struct past staging_past[] = {
	{ DAYS(9), REGISTRY "/gateway:v1.2.3", "v1.2.3: smaller answers", "20" },
	{ DAYS(1), REGISTRY "/gateway:v1.2.4", "v1.2.4: larger pool", "40" },
};

static void
add_logcaster(struct world *world, int64_t present)
{
	static const char *const config[] = { "LOG_LEVEL", "info", "MAX_CONNECTIONS", "1000",
		"BUFFER_SIZE", "65536", NULL };
	cJSON *service;

	world->now = present - DAYS(61);
	add_config(world, "production", "logcaster-config", config);
	add_service(world, "production", "logcaster-active", "logcaster-blue", 9999);
	service = object_find(world, "Service", "production", "logcaster-active");
	put_string(service, "spec.selector.environment", NULL);
	live_through(world, &(struct plan){ "Deployment", "production", "logcaster-prod", "logcaster",
	    "logcaster-config", 3, 10, logcaster_past, COUNT(logcaster_past) }, present);
	/* Somebody applies it from a file (KC7). */
	annotate(object_find(world, "Deployment", "production", "logcaster-prod"),
	    "kubectl.kubernetes.io/last-applied-configuration",
	    "{\"apiVersion\":\"apps/v1\",\"kind\":\"Deployment\",\"metadata\":{\"name\":\"logcaster-prod\"}}\n");
	live_through(world, &(struct plan){ "Deployment", "production", "logcaster-blue", "logcaster",
	    "logcaster-config", 2, 10, blue_past, COUNT(blue_past) }, present);
	live_through(world, &(struct plan){ "Deployment", "production", "logcaster-green", "logcaster",
	    "logcaster-config", 2, 10, green_past, COUNT(green_past) }, present);
}

static void
add_thanos(struct world *world, int64_t present)
{
	world->now = present - DAYS(51);
	add_service(world, "monitoring", "thanos-receive", "thanos-receive", 10901);
	live_through(world, &(struct plan){ "StatefulSet", "monitoring", "thanos-receive", "receive",
	    NULL, 3, 10, receive_past, COUNT(receive_past) }, present);
	live_through(world, &(struct plan){ "DaemonSet", "monitoring", "node-agent", "agent", NULL, 0,
	    10, agent_past, COUNT(agent_past) }, present);
}

static void
add_staging(struct world *world, int64_t present)
{
	static const char *const config[] = { "log.level", "debug", "upstream", "chatops-engine", NULL };

	begin_cluster(world, "staging", present);
	add_config(world, "chatops", "chatops-gateway", config);
	add_service(world, "chatops", "chatops-gateway", "chatops-gateway", 80);
	live_through(world, &(struct plan){ "Deployment", "chatops", "chatops-gateway", "gateway",
	    "chatops-gateway", 1, 10, staging_past, COUNT(staging_past) }, present);
	put_number(world->cluster, "time", (double)present);
}

/* ---- writing it ---- */

static bool
make_links(struct world *world, const char *folder)
{
	static const char *const names[] = { "kubectl", "helm" };
	char program[4096];
	ssize_t length = readlink("/proc/self/exe", program, sizeof(program) - 1);
	const char *link;

	program[length > 0 ? length : 0] = '\0';
	for (size_t i = 0; i < COUNT(names); i++) {
		link = arena_printf(world->arena, "%s/%s", folder, names[i]);
		unlink(link);
		if (symlink(program, link) != 0)
			return false;
	}
	return true;
}

int
init_main(const char *path, int64_t present)
{
	struct error err = ERROR_INIT;
	struct world world;
	struct stat status;
	bool folder = stat(path, &status) == 0 && S_ISDIR(status.st_mode);

	world_new(&world, arena_new(), present);
	begin_cluster(&world, "primary", present);
	add_chatops(&world, present);
	add_platform(&world, present);
	add_logcaster(&world, present);
	add_thanos(&world, present);
	put_number(world.cluster, "time", (double)present);
	add_staging(&world, present);
	if ((folder && !make_links(&world, path)) ||
	    !world_write(&world, folder ? arena_printf(world.arena, "%s/cluster.json", path) : path,
		&err)) {
		fprintf(stderr, "rollcall-cluster: %s cannot be written: %s\n", path, err.text);
		return 1;
	}
	cJSON_Delete(world.document);
	arena_free(world.arena);
	return 0;
}

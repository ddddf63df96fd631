/*
 * helm_words.c - which uses of helm there are (AR2), and their vectors.
 *
 * A rollback always names its revision (trap 7), its time and how much history stays
 * (HM19).  Nothing here installs, upgrades, renders or waits.
 */
#include "helm_parts.h"
#include "kubernetes.h"

/* Never what is in them. */
#define HELM_RECORD_SHOWN                                                                          \
	"-o=custom-columns=NAME:.metadata.name,UID:.metadata.uid,VERSION:.metadata.resourceVersion"

#define NAMESPACE { "-n", VALUE_NAMESPACE, NULL, true }
#define REVISION { "--revision", VALUE_REVISION, NULL, true }
#define JSON { "-o", VALUE_CHOICE, "json", true }
#define END { NULL, VALUE_NONE, NULL, false }

static const struct word_flag history_flags[] = {
	NAMESPACE, JSON, { "--max", VALUE_COUNT, NULL, true }, END,
};
static const struct word_flag get_flags[] = { NAMESPACE, REVISION, END };
static const struct word_flag get_json_flags[] = { NAMESPACE, REVISION, JSON, END };
static const struct word_flag version_flags[] = {
	{ "--template", VALUE_CHOICE, "{{.Version}}", true }, END,
};
static const struct word_flag rollback_flags[] = {
	NAMESPACE,
	{ "--timeout", VALUE_SECONDS, NULL, true },
	{ "--history-max", VALUE_COUNT, NULL, true },
	{ "--force-conflicts", VALUE_NONE, NULL, false },
	{ "--no-hooks", VALUE_NONE, NULL, false },
	END,
};

#define WORD(n, v, f) .name = "helm." n, .tool = "helm", .verbs = v, .flags = f
#define RELEASE { VALUE_NAME, NULL }

const struct word helm_words[] = {
	{ WORD("history", "history", history_flags), .positional = { RELEASE }, .reads = true },
	{ WORD("get_manifest", "get manifest", get_flags), .positional = { RELEASE }, .reads = true },
	{ WORD("get_hooks", "get hooks", get_flags), .positional = { RELEASE }, .reads = true },
	{ WORD("get_values", "get values", get_json_flags), .positional = { RELEASE }, .reads = true },
	{ WORD("get_metadata", "get metadata", get_json_flags), .positional = { RELEASE },
	  .reads = true },
	{ WORD("version", "version", version_flags), .reads = true },
	{ WORD("rollback", "rollback", rollback_flags),
	  .positional = { RELEASE, { VALUE_REVISION, NULL } } },
	{ .name = NULL },
};

char **
helm_history(struct plan *plan, const struct target *t)
{
	return plan_argv(plan, "helm", "history", "-n", t->namespace, "-o=json",
	    plan_arg(plan, "--max=%d", HELM_HISTORY), "--", t->name, NULL);
}

/* what: "manifest", "hooks", "values", "metadata" */
char **
helm_get(struct plan *plan, const struct target *t, const char *what, int64_t revision)
{
	const char *number = plan_arg(plan, "--revision=%lld", (long long)revision);

	if (what[0] == 'v' || what[1] == 'e')
		return plan_argv(plan, "helm", "get", what, "-n", t->namespace, number, "-o=json",
		    "--", t->name, NULL);
	return plan_argv(
	    plan, "helm", "get", what, "-n", t->namespace, number, "--", t->name, NULL);
}

char **
helm_version(struct plan *plan)
{
	return plan_argv(plan, "helm", "version", "--template={{.Version}}", NULL);
}

struct vector {
	char **item;
	size_t count, size;
};

/* Those that are not NULL. */
static void
add_said(struct plan *plan, struct vector *argv, const char *const *said, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (said[i] != NULL)
			*ARENA_GROW(plan->arena, argv) = arena_strdup(plan->arena, said[i]);
}

char **
helm_rollback(struct plan *plan, const struct target *t, int64_t revision, int64_t keep,
    bool force_conflicts)
{
	const char *const said[] = { "helm", "rollback", "-n", t->namespace,
		plan_arg(plan, "--timeout=%llds", (long long)(t->timeout / 1000)),
		plan_arg(plan, "--history-max=%lld", (long long)keep),
		force_conflicts ? "--force-conflicts" : NULL,
		plan->without_hooks ? "--no-hooks" : NULL, "--", t->name,
		plan_arg(plan, "%lld", (long long)revision) };
	struct vector argv = { NULL, 0, 0 };

	add_said(plan, &argv, said, COUNT(said));
	*ARENA_GROW(plan->arena, &argv) = NULL;
	return argv.item;
}

char **
helm_objects(struct plan *plan, const struct target *t, const char *const *objects, size_t count,
    bool names)
{
	struct vector argv = { NULL, 0, 0 };
	const char *const head[] = { "kubectl", "get", "-n", t->namespace,
		names ? "-o=name" : "-o=json", "--ignore-not-found", "--request-timeout=10s",
		names ? NULL : "--show-managed-fields", "--" };

	add_said(plan, &argv, head, COUNT(head));
	add_said(plan, &argv, objects, count);
	*ARENA_GROW(plan->arena, &argv) = NULL;
	return argv.item;
}

char **
helm_list(struct plan *plan, const struct target *t, const char *kind, const char *labels)
{
	if (labels == NULL)
		return plan_argv(plan, "kubectl", "get", "-n", t->namespace, "-o=json",
		    "--request-timeout=10s", "--", kind, NULL);
	return plan_argv(plan, "kubectl", "get", "-n", t->namespace, "-o=json",
	    "--request-timeout=10s", plan_arg(plan, "--selector=%s", labels), "--", kind, NULL);
}

char **
helm_records(struct plan *plan, const struct target *t, const char *kind)
{
	return plan_argv(plan, "kubectl", "get", "-n", t->namespace, HELM_RECORD_SHOWN,
	    "--request-timeout=10s", plan_arg(plan, "--selector=owner=helm,name=%s", t->name), "--", kind,
	    NULL);
}

/* Plugins, repositories and caches of whoever runs us are none of its business (AR3). */
static bool
helm_environment(struct arena *arena, const struct cluster *cluster, const char *folder,
    void (*add)(void *, const char *), void *arg, struct error *err)
{
	static const char *const names[] = { "HELM_PLUGINS", "HELM_CONFIG_HOME", "HELM_DATA_HOME",
		"HELM_CACHE_HOME" };

	/* Helm 4's own limit (burst 100, then almost nothing) makes a healthy rollback look stuck. [ran] */
	add(arg, "HELM_QPS=50");
	add(arg, "HELM_BURST_LIMIT=300");
	for (size_t i = 0; i < COUNT(names); i++)
		add(arg, arena_printf(arena, "%s=%s/helm", names[i], folder));
	return kubeconfig_environment(arena, cluster, folder, add, arg, err);
}

const struct tool helm_tool = {
	.name = "helm",
	.environment = helm_environment,
	.questions = &helm_questions,
};

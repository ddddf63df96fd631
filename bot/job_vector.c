/* job_vector.c - what a child is given: its program and vector, which the guard judges, and its environment. */

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "job_private.h"
#include "variables.h"
#include "words.h"

static const struct tool *tools;

void
tools_register(const struct tool *table)
{
	tools = table;
}

const struct tool *
tools_all(void)
{
	return tools;
}

const struct tool *
tool_find(const char *name)
{
	for (const struct tool *tool = tools; tool != NULL && tool->name != NULL; tool++)
		if (string_equal(tool->name, name))
			return tool;
	return NULL;
}

struct variables {
	struct arena *arena;
	struct {
		char **item;
		size_t count, size;
	} list;
};

static void
add_variable(void *arg, const char *variable)
{
	struct variables *variables = arg;

	*ARENA_GROW(variables->arena, &variables->list) = arena_strdup(variables->arena, variable);
}

static bool
private_folder(struct job *job, const char *tool, char **path)
{
	const char *cluster =
	    job->options.cluster != NULL ? job->options.cluster->name : "none";

	*path = arena_printf(job->arena, "%s/home", job->jobs->folder);
	mkdir(*path, 0700);
	*path = arena_printf(job->arena, "%s/home/%s-%s", job->jobs->folder, tool, cluster);
	if (mkdir(*path, 0700) != 0 && errno != EEXIST)
		return failed(&job->result.error, "%s cannot be made: %s", *path, strerror(errno));
	return true;
}

/* From nothing (C1): what else a tool needs, its adapter and the cluster's configuration name. */
static char **
build_environment(struct job *job, const char *tool_name)
{
	struct variables variables = { .arena = job->arena };
	const struct tool *tool = tool_find(tool_name);
	const struct cluster *cluster = job->options.cluster;
	const char *value;
	char *folder;

	if (!private_folder(job, tool_name, &folder))
		return NULL;
	add_variable(&variables, "PATH=/usr/local/bin:/usr/bin:/bin");
	add_variable(&variables, "LC_ALL=C");
	add_variable(&variables, "NO_COLOR=1");
	add_variable(&variables, "TZ=UTC");
	add_variable(&variables, arena_printf(job->arena, "HOME=%s", folder));
	add_variable(&variables, arena_printf(job->arena, "TMPDIR=%s", folder));
	for (const char *const *name = cluster != NULL ? cluster->environment : NULL;
	     name != NULL && *name != NULL; name++)
		if ((value = variable_find(*name)) != NULL)
			add_variable(&variables, arena_printf(job->arena, "%s=%s", *name, value));
	if (tool != NULL && tool->environment != NULL &&
	    !tool->environment(job->arena, cluster, folder, add_variable, &variables,
		&job->result.error))
		return NULL;
	*ARENA_GROW(variables.arena, &variables.list) = NULL;
	return variables.list.item;
}

bool
job_prepare(struct job *job, char *const argv[])
{
	struct variables final = { .arena = job->arena };
	const char *path;

	if (argv_check(argv, &job->result.error) == NULL) {
		if (job->jobs->alarm != NULL)
			job->jobs->alarm(job->jobs->alarm_arg, job->result.error.text);
		return error_wrap(&job->result.error, "not run");
	}
	path = configuration_tool(job->options.configuration, argv[0]);
	if (path == NULL)
		return refuse(&job->result.error,
		    "the tool %s is not in the configuration: add it under tools", argv[0]);
	job->spawn.environment = build_environment(job, argv[0]);
	if (job->spawn.environment == NULL)
		return false;
	job->spawn.path = arena_strdup(job->arena, path);
	if (job->spooled) {
		job->spawn.path = job->jobs->exec_program;
		add_variable(&final, "rollcall-exec");
		add_variable(&final, job->options.spool);
		add_variable(&final, "--");
		add_variable(&final, path);
	}
	for (size_t i = 0; argv[i] != NULL; i++)
		add_variable(&final, argv[i]);
	*ARENA_GROW(final.arena, &final.list) = NULL;
	job->options.argv = final.list.item + (job->spooled ? 4 : 0);
	job->spawn.argv = final.list.item;
	return true;
}

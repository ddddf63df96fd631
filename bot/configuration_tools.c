/* configuration_tools.c - logical names of tools to absolute paths, found once, at load. */

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "configuration_parts.h"
#include "settings_parts.h"
#include "variables.h"

#define DEFAULT_PATH "/usr/local/bin:/usr/bin:/bin"

static bool
is_program(const char *path)
{
	struct stat status;

	return stat(path, &status) == 0 && S_ISREG(status.st_mode) && access(path, X_OK) == 0;
}

/* A name that is nowhere becomes a path that is not there, never one of the working directory's. */
static const char *
find_on_path(struct arena *arena, const char *name)
{
	const char *path = variable_find("PATH"), *candidate;
	size_t length;

	if (path == NULL || path[0] == '\0')
		path = DEFAULT_PATH;
	for (const char *at = path; *at != '\0'; at += length + (at[length] == ':')) {
		length = strcspn(at, ":");
		if (at[0] != '/')
			continue;
		candidate = arena_printf(arena, "%.*s/%s", (int)length, at, name);
		if (is_program(candidate))
			return candidate;
	}
	return arena_printf(arena, "/usr/bin/%s", name);
}

void
configuration_build_tools(struct configuration *c)
{
	const struct schema *tools = schema_named(c->settings->schema, "tools");
	const char *written;
	size_t count = 0;

	for (const struct schema *tool = tools != NULL ? tools->first : NULL;
	     tool != NULL && count + 1 < COUNT(c->tools); tool = tool->next) {
		written = value_string(value_at(c->settings->root,
		    arena_printf(c->arena, "tools.%s", tool->name)));
		if (written == NULL)
			continue;
		c->tools[count].name = tool->name;
		c->tools[count].path = strchr(written, '/') != NULL ?
		    expand_path(c->arena, c->settings->folder, written) :
		    find_on_path(c->arena, written);
		count++;
	}
}

const char *
configuration_tool(const struct configuration *c, const char *logical)
{
	for (size_t i = 0; c->tools[i].name != NULL; i++)
		if (string_equal(c->tools[i].name, logical))
			return c->tools[i].path;
	return NULL;
}

/* main.c - rollcall-cluster: kubectl and helm by the name of the call, `init` and `set`. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

#include "tool.h"

static int
usage(void)
{
	fprintf(stderr,
	    "usage: rollcall-cluster init FILE|FOLDER [MS]\n"
	    "       rollcall-cluster set FOLDER CLUSTER NAMESPACE KIND/NAME PATH JSON [MS]\n"
	    "\n"
	    "Plays kubectl and helm when it is called by these names (make links).  Beside the link,\n"
	    "cluster.json, written by init, is the world that they show and change.  With a folder,\n"
	    "init makes the links too.  MS: the world's present, milliseconds since 1970.\n"
	    "set puts a value into one of its objects, as kubectl edit does.\n");
	return 2;
}

/* argv[0] is what the caller likes to say; the kernel knows the path that was executed. */
static const char *
called_as(void)
{
	unsigned long path = getauxval(AT_EXECFN);

	return path != 0 ? (const char *)path : "rollcall-cluster";
}

static int
simulate(struct tool *tool)
{
	if (string_equal(tool->name, "kubectl"))
		return kubectl_main(tool);
	if (string_equal(tool->name, "helm"))
		return helm_main(tool);
	text_printf(&tool->errors, "rollcall-cluster: there is no simulation of %s\n", tool->name);
	return 1;
}

static int
play(struct tool *tool)
{
	int status = 1;

	tool_find_cluster(tool);
	if (!scripted_run(tool, &status)) {
		status = simulate(tool);
		tool_flush(tool);
	}
	return status;
}

static int
be(struct tool *tool, int argc, char **argv)
{
	if (!string_equal(tool->name, "rollcall-cluster"))
		return play(tool);
	if ((argc == 3 || argc == 4) && string_equal(argv[1], "init"))
		return init_main(argv[2], argc == 4 ? strtoll(argv[3], NULL, 10) : tool_now(tool));
	if ((argc == 8 || argc == 9) && string_equal(argv[1], "set"))
		return edit_main(tool, argv + 2);
	return usage();
}

int
main(int argc, char **argv)
{
	const char *path = called_as(), *slash = strrchr(path, '/');
	struct tool tool = { .arena = arena_new(), .argv = argv + (argc > 0), .runner = -1 };
	int status;

	text_init(&tool.out, MEGABYTES(16));
	text_init(&tool.errors, MEGABYTES(1));
	tool.name = slash != NULL ? slash + 1 : path;
	tool.folder = slash != NULL ? arena_copy(tool.arena, path, (size_t)(slash - path)) : ".";
	status = be(&tool, argc, argv);
	text_clear(&tool.out);
	text_clear(&tool.errors);
	arena_free(tool.arena);
	return status;
}

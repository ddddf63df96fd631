/* main.c - rollcall-cluster: kubectl and helm by the name of the call, and `init`. */

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
	    "usage: rollcall-cluster init FILE|FOLDER\n"
	    "\n"
	    "Plays kubectl and helm when it is called by these names (make links).  Beside the link:\n"
	    "cluster.json, written by init, is the world that they show and change; with a folder,\n"
	    "init makes the links too.  A file \"clock\" there (ms since 1970) replaces the real time.\n");
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
play(struct tool *tool, int (*simulate)(struct tool *))
{
	int status = 1;

	tool_find_cluster(tool);
	if (scripted_run(tool, &status))
		return status;
	status = simulate(tool);
	tool_flush(tool);
	return status;
}

int
main(int argc, char **argv)
{
	const char *path = called_as(), *slash = strrchr(path, '/');
	struct tool tool = { .arena = arena_new(), .argv = argv + (argc > 0) };

	text_init(&tool.out, MEGABYTES(16));
	text_init(&tool.errors, MEGABYTES(1));
	tool.name = slash != NULL ? slash + 1 : path;
	tool.folder = slash != NULL ? arena_copy(tool.arena, path, (size_t)(slash - path)) : ".";
	if (string_equal(tool.name, "kubectl"))
		return play(&tool, kubectl_main);
	if (string_equal(tool.name, "helm"))
		return play(&tool, helm_main);
	if (argc == 3 && string_equal(argv[1], "init"))
		return init_main(argv[2]);
	return usage();
}

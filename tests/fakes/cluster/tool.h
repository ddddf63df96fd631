/*
 * tool.h - one call of a fake tool: its arguments, and what it will have printed.
 *
 * rollcall-cluster plays kubectl and helm by the name under which it was called.  What it does is
 * decided by files beside that name (links are not followed), since rollcall gives its children no
 * environment of ours (decision T1): cluster.sock → scripted, the talk runner answers (wire.h);
 * cluster.json → with state, a small simulation (world.h).  With both, the runner may say "go on with the
 * simulation".
 */
#ifndef CLUSTER_TOOL_H
#define CLUSTER_TOOL_H

#include "base/arena.h"
#include "base/error.h"
#include "base/json.h"
#include "base/text.h"

struct tool {
	struct arena *arena;
	const char *name;	/* "kubectl" */
	const char *folder;	/* where it was called, no slash at the end */
	const char *cluster;	/* by --context, --kube-context or the kubeconfig; NULL: not said */
	char **argv;		/* after the name; ends with NULL */
	struct text out, errors;
	int runner;		/* the connection to the talk runner; -1: none */
	int64_t clock;		/* the runner's, ms since 1970; 0: real time */
};

const char *tool_file(struct tool *, const char *name);	/* FOLDER/NAME */
void tool_flush(struct tool *);				/* writes out and errors */
/* Fills tool->cluster. */
void tool_find_cluster(struct tool *);

int64_t tool_now(const struct tool *);			/* ms since 1970 */
/* Real time: a fifth of a second at most, since others may change the world meanwhile. */
void tool_wait(struct tool *, int64_t until);

/* scripted.c: false when there is no runner, or it wants the simulation (*status untouched). */
bool scripted_run(struct tool *, int *status);
bool scripted_wait(struct tool *, int64_t until);	/* false: the runner is gone */

/* Both: exit status. */
int kubectl_main(struct tool *);
int helm_main(struct tool *);
int init_main(const char *path, int64_t now);
/* FOLDER CLUSTER NAMESPACE KIND/NAME PATH JSON [MS] */
int edit_main(struct tool *, char **argv);

#endif

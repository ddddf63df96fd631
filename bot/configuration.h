/*
 * configuration.h - what an installation says, as plain data.
 *
 * Built from checked settings by configuration_load; immutable afterwards, replaced whole on reload.  All
 * pointers live as long as the configuration, and an old one lives until the last request that was made
 * under it is gone: parse holds it, request_free releases it, and whoever keeps a pointer into it for longer
 * than a call has such a request, or holds it itself.  Lists of names end with NULL.  Times are milliseconds.
 */
#ifndef BOT_CONFIGURATION_H
#define BOT_CONFIGURATION_H

#include "base/arena.h"
#include "base/digest.h"
#include "base/error.h"
#include "base/log.h"
#include "base/secret.h"
#include "base/when.h"
#include "settings.h"

/* A program that is not a tool, as it was at load: its digest is shown and recorded (AR4, AR5). */
struct program {
	const char *path;			/* absolute */
	char digest[DIGEST_HEX];
	int64_t device, inode, size, modified, changed;
};
/* Is that file still the one of before?  Compared, not digested: 50 MB each time would be 30 ms. */
bool program_is_same(const struct program *, struct error *);

struct cluster {
	const char *name, *kubeconfig, *context;
	const char *const *environment;	/* names of variables passed to its tools */
	const struct program *exec_plugin;	/* the one that its kubeconfig may run; NULL: none */
	bool impersonate;
};

struct environment {
	const char *name;
	const struct cluster *const *clusters;	/* ends with NULL */
	int approvals;
	const char *const *approvers;		/* roles; NULL: whoever may run it */
	int64_t observe;			/* 0: none */
};

struct target_setting {
	const char *key;			/* "chatops-gateway" */
	const char *driver, *product, *namespace, *runbook;
	const char *name;			/* NULL: per cluster, see names */
	struct { const char *cluster, *name; } *names;	/* ends with cluster NULL; may be NULL */
	const char *const *aliases;
	const struct environment *const *environments;	/* the first is meant; ends with NULL */
	const char *const *workloads;		/* of a release: "deployment/x" */
	const char *const *notify_channels;	/* keys of channels */
	const char *const *notify_mail;
	int64_t timeout;
	const struct value *verify, *blue_green, *gradual, *migrations;	/* for later readers; NULL */
};

struct role {
	const char *name;
	const char *const *users, *const *groups;	/* as written: ids, mail, @name, local:USER */
	const char *on_call;				/* NULL */
};

/* One human and their faces: each is written as in a role, and stands with one person only (ID7). */
struct person_setting {
	const char *name;
	const char *const *faces;
};

struct rule {
	const char *const *commands, *const *targets, *const *environments, *const *roles,
	    *const *channels, *const *approvers;	/* NULL: any; targets are globs */
	const struct value *arguments;			/* {to: [...], replicas: {at_most: 20}}; NULL: any */
	int approvals;
	bool allow, now, reason_required, break_glass;
	int line;					/* in the file, for messages to the author */
};

struct channel_setting {
	const char *key, *name, *language;	/* name: "#incidents" or an id */
};

struct limits {
	int children, operations, commands_per_minute;
	int chat_budget;			/* messages a second to a channel; 0: what the service allows */
	int64_t question, approval, logs;
	int64_t output;				/* bytes */
};

struct configuration {
	struct arena *arena;
	struct settings *settings;
	size_t *holders;			/* NULL: made by hand, never freed */
	const char *path;			/* NULL: embedded */
	const char *product, *language, *state;	/* state: file of the database */
	const struct zone *zone;
	const char *listen_http, *listen_socket, *public_url;

	struct { const struct cluster *item; size_t count; } clusters;
	struct { const struct environment *item; size_t count; } environments;
	struct { const struct target_setting *item; size_t count; } targets;
	struct { const struct role *item; size_t count; } roles;
	struct { const struct person_setting *item; size_t count; } people;
	struct { const struct rule *item; size_t count; } rules;
	struct { const struct channel_setting *item; size_t count; } channels;
	struct { const char *name, *path; } tools[16];	/* ends with name NULL; paths are absolute */
	struct limits limits;
	enum log_level log_level;
	bool log_json;
};

/*
 * Reads, checks against every registered table, builds.  On failure *problems holds one line for each
 * problem, all of them at once ("rollcall.yaml:14:3: targets.web.cluster: …"), and NULL is returned;
 * on success it holds the warnings (literal tokens, sections not acted on, no rules …).
 * path NULL: the text given, called "embedded" in messages, relative to the working directory.  A file
 * must be ours or root's and writable by no stranger (threats CS2); relative paths in it start at its
 * folder.  Commands are registered before, else their names are not checked; a target
 * whose driver is not registered gets a warning.
 *
 * Without `clusters` there is one, "default"; without `environments` there is one, "default", of every
 * cluster.
 */
struct configuration *configuration_load(const char *path, const char *text, struct text *problems);
/* Where the bot of that file listens, also when other things in it are wrong; the caller's.  NULL: that
 * cannot be read, and *problems says why. */
char *configuration_socket(const char *path, struct text *problems);

/* The loader's own hold is given up; accepts NULL.  It is freed with the last one. */
void configuration_free(const struct configuration *);
void configuration_hold(const struct configuration *);
void configuration_release(const struct configuration *);

char *configuration_folder(const struct configuration *);	/* of the state; the caller's */
const struct cluster *configuration_cluster(const struct configuration *, const char *name);
const struct environment *configuration_environment(const struct configuration *, const char *name);
const struct target_setting *configuration_target(const struct configuration *, const char *key);
const char *configuration_tool(const struct configuration *, const char *logical);	/* path or NULL */

#endif

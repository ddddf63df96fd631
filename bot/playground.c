/*
 * playground.c - one command to see the main job.
 *
 * The bot is a child process, as it is in earnest; the terminal talks to it over its socket.  Everything
 * lives in a folder of its own that goes away at the end.
 */

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "operation.h"
#include "own_bot.h"
#include "playground.h"

#define COLLEAGUE "local:bob"
#define THINKS SECONDS(2)
#define PATIENCE 400		/* × 25 ms until the bot's socket answers */

const char playground_greeting[] =
    "\nThis is rollcall's playground: a simulated cluster, nothing else is touched.\n"
    "The ChatOps Platform got v1.2.4 twelve minutes ago; its error rate is 5.2 %.\n\n"
    "Try:\n"
    "  rollout history chatops-gateway\n"
    "  rollback chatops-gateway to 5\n"
    "  help\n\n"
    "Cards are answered by their words: start, approve, dismiss, stop. @bob approves when he is asked.\n"
    "/as alice COMMAND speaks as somebody else. Tab completes, quit leaves.\n\n";

extern char **environ;

static int
remove_one(const char *path, const struct stat *stat, int type, struct FTW *walk)
{
	(void)stat;
	(void)walk;
	return type == FTW_DP ? rmdir(path) : unlink(path);
}

static bool
run_to_end(const char *path, char *const argv[], struct error *err)
{
	pid_t pid;
	int status, code = posix_spawn(&pid, path, NULL, NULL, argv, environ);

	if (code != 0)
		return failed(err, "%s cannot be started: %s", path, strerror(code));
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return failed(err, "%s: %s", path, strerror(errno));
	return (WIFEXITED(status) && WEXITSTATUS(status) == 0) ||
	    failed(err, "%s could not make its world", path);
}

static bool
make_world(const struct playground *p, const char *cluster, const char *const *tools,
    struct error *err)
{
	_cleanup_(freep) char *bin = xasprintf("%s/bin", p->folder);
	_cleanup_(freep) char *world = xasprintf("%s/bin/cluster.json", p->folder);
	char *const argv[] = { (char[]){ "rollcall-cluster" }, (char[]){ "init" }, world, NULL };

	if (mkdir(bin, 0700) != 0)
		return failed(err, "%s: %s", bin, strerror(errno));
	for (size_t i = 0; tools[i] != NULL; i++) {
		_cleanup_(freep) char *link = xasprintf("%s/%s", bin, tools[i]);

		if (symlink(cluster, link) != 0)
			return failed(err, "%s: %s", link, strerror(errno));
	}
	return run_to_end(cluster, argv, err);
}

static void
set_environment(const struct playground *p)
{
	const struct passwd *user = getpwuid(getuid());

	setenv("PLAYGROUND", p->folder, 1);
	setenv("PLAYGROUND_USER", user != NULL ? user->pw_name : "nobody", 1);
}

static bool
start_bot(struct playground *p, const char *rollcall, struct error *err)
{
	_cleanup_(freep) char *log = xasprintf("%s/rollcall.log", p->folder);
	char *const argv[] = { (char[]){ "rollcall" }, (char[]){ "run" }, (char[]){ "--playground" }, NULL };
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	pid_t pid;
	int code;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_addopen(&actions, 2, log, O_WRONLY | O_CREAT | O_APPEND, 0600);
	posix_spawn_file_actions_adddup2(&actions, 2, 1);
	/* Ctrl-C is for the terminal's side, which asks before it ends the bot. */
	posix_spawnattr_init(&attributes);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
	posix_spawnattr_setpgroup(&attributes, 0);
	code = posix_spawn(&pid, rollcall, &actions, &attributes, argv, environ);
	posix_spawnattr_destroy(&attributes);
	posix_spawn_file_actions_destroy(&actions);
	if (code != 0)
		return failed(err, "%s cannot be started: %s", rollcall, strerror(code));
	p->bot = pid;
	for (int i = 0; i < PATIENCE; i++) {
		if (socket_answers(p->socket))
			return true;
		if (waitpid(pid, NULL, WNOHANG) == pid) {
			p->bot = 0;
			break;
		}
		poll(NULL, 0, 25);
	}
	return failed(err, "the bot did not start; its log: %s", log);
}

bool
playground_begin(struct playground *p, const char *rollcall, const char *cluster,
    const char *const *tools, struct error *err)
{
	const char *base = getenv("TMPDIR");

	*p = (struct playground){ .folder = xasprintf("%s/rollcall-playground-XXXXXX",
				      base != NULL ? base : "/tmp") };
	if (mkdtemp(p->folder) == NULL)
		return failed(err, "%s: %s", p->folder, strerror(errno));
	p->socket = xasprintf("%s/rollcall.sock", p->folder);
	set_environment(p);
	return make_world(p, cluster, tools, err) && start_bot(p, rollcall, err);
}

void
playground_end(struct playground *p)
{
	bool keep = p->bot == 0;	/* it did not start: its log is wanted */

	if (p->bot > 0) {
		kill(p->bot, SIGTERM);
		while (waitpid(p->bot, NULL, 0) < 0 && errno == EINTR)
			;
	}
	if (!keep && p->folder != NULL)
		nftw(p->folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	free(p->folder);
	free(p->socket);
}

/* ---- @bob ---- */

struct colleague {
	struct timer timer;
	struct bot *bot;
	char *id;
};

static void
on_thought(void *arg)
{
	struct colleague *colleague = arg;
	struct operation *o = operation_find(colleague->bot, colleague->id);
	struct word_of word = { .principal = COLLEAGUE };
	struct error err = ERROR_INIT;

	if (o != NULL)
		operation_approve(o, &word, &err);	/* a refusal is an answer too */
	free(colleague->id);
	free(colleague);
}

void
playground_asked(struct bot *bot, const char *id)
{
	struct colleague *colleague = xcalloc(1, sizeof(*colleague));

	colleague->bot = bot;
	colleague->id = xstrdup(id);
	timer_start(bot->loop, &colleague->timer, THINKS, on_thought, colleague);
}

/* subject.c - the measured programs: their folders, their start and end, what the kernel says of them. */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/text.h"
#include "bench.h"

#define SECOND INT64_C(1000000000)
#define START_MOST (20 * SECOND)
#define END_MOST (10 * SECOND)

extern char **environ;

/* ---- folders and files ---- */

char *
bench_folder(struct bench *bench, const char *name)
{
	static int number;
	char *folder = xasprintf("%s/%s-%d", bench->folder, name, ++number);

	if (mkdir(folder, 0700) != 0) {
		perror(folder);
		exit(2);
	}
	return folder;
}

bool
bench_write(const char *folder, const char *name, const char *content)
{
	_cleanup_(freep) char *path = xasprintf("%s/%s", folder, name);
	FILE *file = fopen(path, "we");

	if (file == NULL)
		return false;
	fputs(content, file);
	return fclose(file) == 0 && chmod(path, 0600) == 0;
}

static const char kubeconfig[] =
    "apiVersion: v1\nkind: Config\ncurrent-context: primary\n"
    "clusters: [{name: primary, cluster: {server: \"https://127.0.0.1:1\"}}]\n"
    "users: [{name: rollcall, user: {token: kube-token-of-bench}}]\n"
    "contexts: [{name: primary, context: {cluster: primary, user: rollcall}}]\n";

static void
add_many(struct text *out, const struct configuration_options *options)
{
	for (size_t i = 0; i < options->targets; i++)
		text_printf(out, "  service-%05zu: {driver: deployment, namespace: chatops, environment: production}\n",
		    i);
}

static void
add_rules(struct text *out, const struct configuration_options *options)
{
	text_add(out, "roles:\n  admin: {users: [" BENCH_PERSON "]}\npermissions:\n");
	for (size_t i = 0; i < options->rules; i++)
		text_printf(out, "  - {commands: [rollback, rollout], targets: [\"other-%zu*\"], roles: [admin], allow: true}\n",
		    i);
	text_add(out, "  - {commands: [\"*\"], roles: [admin], allow: true}\n");
}

bool
bench_configure(const char *folder, const struct load *load, const struct configuration_options *options)
{
	_cleanup_(text_clear) struct text out = TEXT_INIT_LIMIT(MEGABYTES(16));
	const char *limits = options->limits != NULL ? options->limits
	    : "operations: 1000, commands_per_minute: 1000000, slack_budget: 100000";

	text_printf(&out, "product: Bench\ntimezone: UTC\nstate: sqlite:%s/state/rollcall.db\n", folder);
	text_printf(&out, "slack:\n  app_token: \"${SLACK_APP_TOKEN}\"\n  bot_token: \"${SLACK_BOT_TOKEN}\"\n"
	    "  api_url: %s\n", load_url(load));
	if (load_authority(load) != NULL)
		text_printf(&out, "  ca_file: %s\n", load_authority(load));
	text_printf(&out, "clusters:\n  primary: {kubeconfig: %s/kube.yaml, context: primary}\n", folder);
	if (options->tools != NULL)
		text_printf(&out, "tools: {kubectl: %s/kubectl}\n", options->tools);
	text_add(&out, "environments:\n  production: {clusters: [primary]}\ntargets:\n"
	    "  chatops-gateway: {driver: deployment, namespace: chatops, environment: production}\n");
	add_many(&out, options);
	add_rules(&out, options);
	text_printf(&out, "limits: {%s}\n%s", limits, options->more != NULL ? options->more : "");
	return !out.cut && bench_write(folder, "kube.yaml", kubeconfig) &&
	    bench_write(folder, "rollcall.yaml", out.data);
}

bool
bench_run(const char *const argv[])
{
	posix_spawn_file_actions_t actions;
	int status = -1;
	pid_t pid;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
	posix_spawn_file_actions_adddup2(&actions, 1, 2);
	if (posix_spawnp(&pid, argv[0], &actions, NULL, (char *const *)(uintptr_t)argv, environ) == 0)
		while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
			;
	posix_spawn_file_actions_destroy(&actions);
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

bool
bench_tools(const struct bench *bench, const char *folder)
{
	_cleanup_(freep) char *facts = xasprintf("%s/tests/plans/facts/gateway/.", bench->source);
	_cleanup_(freep) char *tool = xasprintf("%s/bench-tool", bench->build);
	_cleanup_(freep) char *kubectl = xasprintf("%s/kubectl", folder);

	return bench_run((const char *const[]){ "cp", "-R", facts, folder, NULL }) &&
	    bench_run((const char *const[]){ "cp", tool, kubectl, NULL });
}

/* ---- start and end ---- */

static volatile sig_atomic_t running;	/* the subject's process; 0: none */

static void
on_signal(int number)
{
	if (running != 0)
		kill(running, SIGKILL);
	_exit(128 + number);
}

static bool
spawn(struct subject *subject, char *const argv[])
{
	_cleanup_(freep) char *log = xasprintf("%s/log", subject->folder);
	posix_spawn_file_actions_t actions;
	int code;

	setenv("SLACK_APP_TOKEN", "xapp-1-bench", 1);
	setenv("SLACK_BOT_TOKEN", "xoxb-bench-token", 1);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_addopen(&actions, 1, log, O_WRONLY | O_CREAT | O_APPEND, 0600);
	posix_spawn_file_actions_adddup2(&actions, 1, 2);
	subject->started = load_now();
	code = posix_spawn(&subject->pid, argv[0], &actions, NULL, argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	if (code != 0) {
		fprintf(stderr, "bench: %s: %s\n", argv[0], strerror(code));
		return false;
	}
	running = subject->pid;
	signal(SIGTERM, on_signal);
	signal(SIGINT, on_signal);
	return true;
}

static bool
all_stand(const struct load *load, void *wanted)
{
	return load_standing(load) >= *(int *)wanted;
}

char *
subject_log(const struct subject *subject)
{
	_cleanup_(freep) char *path = xasprintf("%s/log", subject->folder);
	struct text out = TEXT_INIT_LIMIT(KILOBYTES(256));
	char bytes[4096];
	size_t length;
	FILE *file = fopen(path, "re");

	while (file != NULL && (length = fread(bytes, 1, sizeof(bytes), file)) > 0)
		text_add_bytes(&out, bytes, length);
	if (file != NULL)
		fclose(file);
	return text_take(&out);
}

bool
subject_run(struct subject *subject, struct bench *bench, char *const argv[], int sockets,
    struct load *load, const char *folder)
{
	subject->folder = xstrdup(folder);
	if (!spawn(subject, argv))
		return false;
	if (load_until(load, load_now() + START_MOST, all_stand, &sockets))
		return true;
	_cleanup_(freep) char *log = subject_log(subject);
	fprintf(stderr, "bench: %s opened %d sockets of %d; its log:\n%s\n", argv[0], load_standing(load),
	    sockets, log);
	subject_stop(subject, load);
	bench->failed = true;
	return false;
}

bool
subject_start(struct subject *subject, struct bench *bench, enum program program, struct load *load,
    const char *folder, int children)
{
	const char *authority = load_authority(load);
	_cleanup_(freep) char *path =
	    xasprintf("%s/%s", bench->build, program == FLOOR ? "bench-floor" : "rollcall");
	_cleanup_(freep) char *url = xstrdup(load_url(load));
	_cleanup_(freep) char *trust = xstrdup(authority != NULL ? authority : "-");
	_cleanup_(freep) char *config = xasprintf("%s/rollcall.yaml", folder);
	_cleanup_(freep) char *tool = xasprintf("%s/kubectl", folder);
	_cleanup_(freep) char *count = xasprintf("%d", children);
	char *const of_floor[] = { path, url, trust, children > 0 ? tool : NULL, count, NULL };
	char *const of_rollcall[] = { path, (char[]){ "run" }, (char[]){ "--config" }, config, NULL };

	*subject = (struct subject){ .program = program };
	return subject_run(subject, bench, program == FLOOR ? of_floor : of_rollcall,
	    program == FLOOR ? 1 : 2, load, folder);
}

static bool
none_stands(const struct load *load, void *pid)
{
	(void)load;
	return waitpid(*(pid_t *)pid, NULL, WNOHANG) != 0;
}

void
subject_stop(struct subject *subject, struct load *load)
{
	if (subject->pid > 0) {
		kill(subject->pid, SIGTERM);
		if (!load_until(load, load_now() + END_MOST, none_stands, &subject->pid)) {
			kill(subject->pid, SIGKILL);
			waitpid(subject->pid, NULL, 0);
		}
		/* The connections that it left are taken notice of. */
		load_until(load, load_now() + SECOND / 20, NULL, NULL);
	}
	subject->pid = 0;
	running = 0;
}

/* ---- what the kernel says ---- */

double
subject_rss(const struct subject *subject)
{
	_cleanup_(freep) char *path = xasprintf("/proc/%d/statm", (int)subject->pid);
	FILE *file = fopen(path, "re");
	long pages = 0;

	if (file == NULL)
		return NAN;
	if (fscanf(file, "%*d %ld", &pages) != 1)
		pages = 0;
	fclose(file);
	return (double)pages * (double)sysconf(_SC_PAGESIZE) / 1e6;
}

double
subject_cpu(const struct subject *subject)
{
	struct timespec used;
	clockid_t clock;

	if (clock_getcpuclockid(subject->pid, &clock) != 0 || clock_gettime(clock, &used) != 0)
		return NAN;
	return (double)used.tv_sec + (double)used.tv_nsec / 1e9;
}

bool
subject_pin(const struct subject *subject)
{
	_cleanup_(freep) char *path = xasprintf("/proc/%d/task", (int)subject->pid);
	long processors = sysconf(_SC_NPROCESSORS_ONLN);
	DIR *threads = processors > 1 ? opendir(path) : NULL;
	const struct dirent *entry;
	bool good = threads != NULL;
	cpu_set_t last;

	CPU_ZERO(&last);
	CPU_SET((size_t)(processors - 1), &last);
	while (good && (entry = readdir(threads)) != NULL) {
		pid_t thread = (pid_t)strtol(entry->d_name, NULL, 10);

		good = thread <= 0 || sched_setaffinity(thread, sizeof(last), &last) == 0;
	}
	if (threads != NULL)
		closedir(threads);
	return good;
}

double
subject_turns(const struct subject *subject, const char *word)
{
	_cleanup_(freep) char *log = subject_log(subject);
	const char *at = strstr(log, word);

	return at != NULL ? strtod(at + strlen(word), NULL) : NAN;
}

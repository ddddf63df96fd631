/* real.c - what a talk has in real time: a cluster (tests/e2e/lab.sh), its clients, a browser. */

#include "real.h"

#include <libgen.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "actors.h"
#include "configuration.h"
#include "match.h"
#include "process.h"
#include "waiting.h"

#define A_CALL MINUTES(2)	/* the longest that a program of ours may take */
#define AGAIN 250		/* ms between two looks at the cluster */

struct words {
	struct { char **item; size_t count, size; } list;
};

static const char *const servers[] = { "etcd", "apiserver", "controllers", "scheduler", "kubelets" };

static const struct hole {
	const char *mark, *variable;
} holes[] = { { "@kubectl@", "KUBECTL" }, { "@helm3@", "HELM3" }, { "@helm4@", "HELM4" },
	{ "@admin@", "KUBECONFIG" }, { "@viewer@", "VIEWER" } };

/* ---- where things are ---- */

static const char *
lab_folder(struct talk *talk)
{
	const char *admin = getenv("KUBECONFIG");

	return arena_copy(talk->arena, admin, (size_t)(strrchr(admin, '/') - admin));
}

/* The talk's file names it, the process makes it unique: a cluster may be used again. */
static const char *
namespace_name(struct talk *talk)
{
	const char *slash = strrchr(talk->path, '/');
	const char *name = slash != NULL ? slash + 1 : talk->path;

	return arena_printf(talk->arena, "%.*s-%d", (int)strcspn(name, "."), name, (int)getpid());
}

/* What the talk is about: "deployment" unless its `for` says more. */
static const char *
kind_of(const struct talk *talk)
{
	return talk->options->kind != NULL ? talk->options->kind : "deployment";
}

static const char *
helm_of(const struct talk *talk)
{
	return string_equal(kind_of(talk), "helm3") ? "HELM3" : "HELM4";
}

static bool
is_release(const struct talk *talk)
{
	return string_starts(kind_of(talk), "helm");
}

const char *
real_hole(struct talk *talk, const char *mark)
{
	if (string_starts(mark, "@lab@"))
		return lab_folder(talk);
	if (string_starts(mark, "@namespace@"))
		return namespace_name(talk);
	if (string_starts(mark, "@helm@"))
		return getenv(helm_of(talk));
	if (string_starts(mark, "@driver@"))
		return is_release(talk) ? "helm" : kind_of(talk);
	if (string_starts(mark, "@name@"))
		return is_release(talk) ? "chatops-platform" : "web";
	if (string_starts(mark, "@workload@"))
		return is_release(talk) ? "deployment/chatops-gateway"
		    : arena_printf(talk->arena, "%s/web", kind_of(talk));
	for (size_t i = 0; i < COUNT(holes); i++)
		if (string_starts(mark, holes[i].mark))
			return getenv(holes[i].variable);
	return NULL;
}

static void
on_change(void *arg)
{
	struct talk *talk = arg;

	talk->activity++;
}

bool
real_begin(struct talk *talk, struct error *err)
{
	const char *value;

	for (size_t i = 0; i < COUNT(holes); i++) {
		value = getenv(holes[i].variable);
		if (value == NULL || *value != '/')
			return wrong(err, "%s is not set: tests/e2e/run.sh runs talks in real time",
			    holes[i].variable);
	}
	fake_slack_on_change(talk->slack, on_change, talk);
	return true;
}

/* ---- programs ---- */

static void
add_word(struct talk *talk, struct words *words, const char *word)
{
	*ARENA_GROW(talk->arena, &words->list) = arena_strdup(talk->arena, word);
}

static void
add_words(struct talk *talk, struct words *words, const char *line)
{
	size_t length;

	for (line = configuration_fill(talk, line); *line != '\0'; line += length) {
		line += strspn(line, " ");
		if ((length = strcspn(line, " ")) > 0)
			add_word(talk, words, arena_copy(talk->arena, line, length));
	}
}

static bool
is_over(struct talk *talk, void *arg)
{
	(void)talk;
	return process_over(arg);
}

/* Runs it to its end; NULL: it could not be started or did not end. */
static struct process *
run_words(struct talk *talk, struct words *words, struct error *err)
{
	struct process *process;
	const char *name = strrchr(words->list.item[0], '/') + 1;

	*ARENA_GROW(talk->arena, &words->list) = NULL;
	process = process_start(talk, name, words->list.item, NULL, NULL, err);
	if (process == NULL)
		return NULL;
	if (waiting_until(talk, is_over, process, A_CALL, err))
		return process;
	process_signal(process, SIGKILL);
	error_wrap(err, "%s", name);
	return NULL;
}

static bool
succeeded(const struct process *process, struct error *err)
{
	return process->exit == 0 || failed(err, "it ended with status %d: %s%s",
	    (int)process->exit, process->own_errors.data, process->own_out.data);
}

/* As it should end: well, or not. */
static bool
ended_so(const struct process *process, bool fails, struct error *err)
{
	return fails ? process->exit != 0 || failed(err, "it did not fail") :
	    succeeded(process, err);
}

/* ---- kubectl, helm ---- */

struct client {
	const char *variable, *line, *wanted;
	bool fails;
	int64_t within;
};

static struct process *
run_client(struct talk *talk, const struct client *client, struct error *err)
{
	struct words words = { { NULL, 0, 0 } };

	add_word(talk, &words, getenv(client->variable));
	add_word(talk, &words, "--kubeconfig");
	add_word(talk, &words, getenv("KUBECONFIG"));
	add_words(talk, &words, client->line);
	return run_words(talk, &words, err);
}

static bool
run_until_it_prints(struct talk *talk, const struct client *client, struct error *err)
{
	uint64_t deadline = uv_hrtime() + (uint64_t)client->within * 1000000;
	struct process *process;

	for (;;) {
		if ((process = run_client(talk, client, err)) == NULL)
			return false;
		if (match_text(client->wanted, process->own_out.data) ||
		    match_text(client->wanted, process->own_errors.data))
			return true;
		if (uv_hrtime() > deadline)
			return failed(err, "it prints: %s%s", process->own_out.data,
			    process->own_errors.data);
		text_reset(&process->own_out);	/* the last look is what a report shows */
		text_reset(&process->own_errors);
		if (!waiting_pass(talk, AGAIN, err))
			return false;
	}
}

static bool
client_run(struct talk *talk, struct reader *reader, const char *variable, struct error *err)
{
	struct client client = { .variable = variable, .line = take_text(reader), .within = USUAL_WAIT };
	struct process *process;

	if (client.line == NULL)
		return reader_wrong(reader, err, "quoted arguments");
	client.fails = take_word(reader, "fails");
	if (take_word(reader, "prints") && (client.wanted = take_text(reader)) == NULL)
		return reader_wrong(reader, err, "a quoted text");
	if (take_word(reader, "within") && !take_duration(reader, &client.within))
		return reader_wrong(reader, err, "a duration");
	if (!take_end(reader, err))
		return false;
	if (client.wanted == NULL || client.fails) {
		process = run_client(talk, &client, err);
		return process != NULL && ended_so(process, client.fails, err);
	}
	client.wanted = configuration_fill(talk, client.wanted);
	return run_until_it_prints(talk, &client, err);
}

static bool
kubectl_run(struct talk *talk, struct reader *reader, struct error *err)
{
	return client_run(talk, reader, "KUBECTL", err);
}

static bool
helm_run(struct talk *talk, struct reader *reader, struct error *err)
{
	return client_run(talk, reader, helm_of(talk), err);
}

/* ---- the lab ---- */

static pid_t
server_pid(struct talk *talk, const char *wanted)
{
	const char *path = arena_printf(talk->arena, "%s/pids", lab_folder(talk));
	FILE *file = fopen(path, "re");
	char name[64];
	int pid, found = 0;

	while (file != NULL && fscanf(file, "%d %63s", &pid, name) == 2)
		if (string_equal(name, wanted))
			found = pid;
	if (file != NULL)
		fclose(file);
	return found;
}

static bool
signal_server(struct talk *talk, struct reader *reader, int number, struct error *err)
{
	const char *name = take_any(reader);
	pid_t pid = name != NULL ? server_pid(talk, name) : 0;

	if (pid <= 0)
		return reader_wrong(reader, err, "a server of the lab, such as apiserver");
	if (!take_end(reader, err))
		return false;
	return kill(pid, number) == 0 || failed(err, "%s cannot be signalled", name);
}

void
real_end(struct talk *talk)
{
	pid_t pid;

	for (size_t i = 0; i < COUNT(servers); i++)
		if ((pid = server_pid(talk, servers[i])) > 0)
			kill(pid, SIGCONT);
}

/* lab.sh VERB DIR …: what it is about is added by the caller. */
static void
begin_script(struct talk *talk, struct words *words, const char *verb)
{
	/* HOME is the talk's folder: lab.sh would look there for its programs. */
	add_word(talk, words, "/usr/bin/env");
	add_word(talk, words, arena_printf(talk->arena, "ROLLCALL_CACHE=%s/..",
	    dirname(arena_strdup(talk->arena, getenv("KUBECTL")))));
	add_word(talk, words, arena_printf(talk->arena, "%s/tests/e2e/lab.sh",
	    talk->options->source));
	add_word(talk, words, verb);
	add_word(talk, words, lab_folder(talk));
}

/* With what is left of the statement; a last word "fails" is none of it. */
static bool
run_script(struct talk *talk, struct words *words, struct reader *reader, struct error *err)
{
	struct process *process;
	const char *word;
	bool fails = false;

	while (!(fails = take_word(reader, "fails")) && (word = take_any(reader)) != NULL)
		add_word(talk, words, configuration_fill(talk, word));
	return take_end(reader, err) && (process = run_words(talk, words, err)) != NULL &&
	    ended_so(process, fails, err);
}

static bool
lab_script(struct talk *talk, struct reader *reader, const char *verb, struct error *err)
{
	struct words words = { { NULL, 0, 0 } };

	begin_script(talk, &words, verb);
	if (!string_equal(verb, "end") && !string_equal(verb, "begin")) {
		add_word(talk, &words, kind_of(talk));
		add_word(talk, &words, namespace_name(talk));
	}
	return run_script(talk, &words, reader, err);
}

static bool
lab_run(struct talk *talk, struct reader *reader, struct error *err)
{
	static const struct {
		const char *word, *verb;
	} scripts[] = { { "workload", "workload" }, { "next", "next" }, { "prune", "prune" }, { "ages", "age" },
		{ "revision", "revision" },		{ "upgrade", "upgrade" }, { "ends", "end" }, { "begins", "begin" } };

	if (take_word(reader, "stops"))
		return signal_server(talk, reader, SIGSTOP, err);
	if (take_word(reader, "continues"))
		return signal_server(talk, reader, SIGCONT, err);
	for (size_t i = 0; i < COUNT(scripts); i++)
		if (take_word(reader, scripts[i].word))
			return lab_script(talk, reader, scripts[i].verb, err);
	return reader_wrong(reader, err,
	    "stops, continues, workload, next, prune, ages, revision, upgrade, ends or begins");
}

/* ---- the picture ---- */

/* What stays of one browser is in the talk's folder, and it asks nobody but the Slack. */
static void
add_browser(struct talk *talk, struct words *words)
{
	static const char *const flags[] = { "chromium", "--headless", "--no-sandbox", "--disable-gpu",
		"--disable-quic", "--no-first-run", "--disable-background-networking",
		"--disable-component-update", "--disable-sync", "--hide-scrollbars",
		"--force-device-scale-factor=1.5", "--virtual-time-budget=4000" };

	add_word(talk, words, "/usr/bin/env");
	for (size_t i = 0; i < COUNT(flags); i++)
		add_word(talk, words, flags[i]);
	add_word(talk, words, arena_printf(talk->arena, "--user-data-dir=%s/browser",
	    talk->folder));
}

static bool
draw(struct talk *talk, const char *file, const char *where, const char *who, const char *size,
    struct error *err)
{
	const struct fake_slack_channel *channel = fake_slack_channel(talk->slack, where);
	const struct fake_slack_user *user = fake_slack_user(talk->slack, who);
	const char *pictures = getenv("ROLLCALL_PICTURES");
	struct words words = { { NULL, 0, 0 } };
	char *comma = arena_strdup(talk->arena, size);
	struct process *process;

	if (channel == NULL || user == NULL)
		return wrong(err, "there is no %s", channel == NULL ? where : who);
	add_browser(talk, &words);
	*strchr(comma, 'x') = ',';
	add_word(talk, &words, arena_printf(talk->arena, "--window-size=%s", comma));
	add_word(talk, &words, arena_printf(talk->arena, "--screenshot=%s/%s",
	    pictures != NULL ? pictures : talk->folder, file));
	add_word(talk, &words, arena_printf(talk->arena, "%s?in=%s&as=%s&plain=1",
	    fake_slack_page_url(talk->slack), channel->id, user->id));
	return (process = run_words(talk, &words, err)) != NULL && succeeded(process, err);
}

static bool
picture_run(struct talk *talk, struct reader *reader, struct error *err)
{
	const char *file = take_any(reader), *where, *who, *size;

	if (file == NULL)
		return reader_wrong(reader, err, "a file's name");
	if (!take_word(reader, "of") || (where = take_starting(reader, "#")) == NULL)
		return reader_wrong(reader, err, "of #channel");
	if (!take_word(reader, "as") || (who = take_starting(reader, "@")) == NULL)
		return reader_wrong(reader, err, "as @person");
	if ((size = take_any(reader)) == NULL || strchr(size, 'x') == NULL)
		return reader_wrong(reader, err, "WIDTHxHEIGHT");
	return take_end(reader, err) && draw(talk, file, where, who, size, err);
}

talk_verb *
real_verb(struct reader *reader)
{
	static const struct {
		const char *word;
		talk_verb *run;
	} verbs[] = { { "kubectl", kubectl_run }, { "helm", helm_run },
		{ "lab", lab_run }, { "picture", picture_run } };

	for (size_t i = 0; i < COUNT(verbs); i++)
		if (take_word(reader, verbs[i].word))
			return verbs[i].run;
	return NULL;
}

/* rollcall.c - the program under test: started, stopped, killed, asked. */

#include "rollcall.h"

#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "configuration.h"
#include "control.h"
#include "process.h"
#include "torture.h"
#include "waiting.h"

#define BRING_UP SECONDS(10)	/* of talk time, to stand in Slack */

struct arguments {
	struct arena *arena;
	struct { char **item; size_t count, size; } list;
};

static void
add(struct arguments *arguments, const char *argument)
{
	*ARENA_GROW(arguments->arena, &arguments->list) =
	    arena_strdup(arguments->arena, argument);
}

static void
begin(struct talk *talk, struct arguments *arguments, const char *verb)
{
	arguments->arena = talk->arena;
	add(arguments, arena_printf(talk->arena, "%s/rollcall", talk->options->build));
	add(arguments, verb);
	add(arguments, "--config");
	add(arguments, arena_printf(talk->arena, "%s/rollcall.yaml", talk->folder));
}

static char **
finish(struct arguments *arguments)
{
	*ARENA_GROW(arguments->arena, &arguments->list) = NULL;
	return arguments->list.item;
}

/* ---- its life ---- */

static bool
stands(struct talk *talk, void *arg)
{
	(void)arg;
	return !talk->rollcall->runs || fake_slack_links(talk->slack) > 0;
}

static bool
has_greeted(struct talk *talk, void *arg)
{
	(void)arg;
	return !talk->rollcall->runs || control_knows(talk, talk->rollcall->handle.pid);
}

static bool
launch(struct talk *talk, struct error *err)
{
	struct process *process;

	process = process_start(talk, "rollcall", talk->rollcall_argv, NULL, &talk->log, err);
	if (process == NULL)
		return false;
	process->is_peer = !talk->options->real;
	talk->started = true;
	talk->on_purpose = false;
	talk->rollcall = process;
	return true;
}

bool
rollcall_revive(struct talk *talk, struct error *err)
{
	if (!torture_killed(talk))
		return true;
	talk->torture->happened = true;
	return launch(talk, err);
}

bool
rollcall_start_alone(struct talk *talk, struct error *err)
{
	return launch(talk, err) && waiting_until(talk, has_greeted, NULL, 0, err) &&
	    waiting_settle(talk, err);
}

static bool
start(struct talk *talk, struct reader *reader, struct error *err)
{
	bool alone = take_word(reader, "alone");
	struct arguments arguments = { 0 };
	struct error ignored = ERROR_INIT;
	const char *flag;

	if (talk->rollcall != NULL && talk->rollcall->runs)
		return wrong(err, "it runs already");
	begin(talk, &arguments, "run");
	while ((flag = take_any(reader)) != NULL)
		add(&arguments, flag);
	if (!take_end(reader, err) || !configuration_write(talk, err))
		return false;
	talk->rollcall_argv = finish(&arguments);
	if (!launch(talk, err))
		return false;
	if (talk->rollcall->is_peer && !waiting_until(talk, has_greeted, NULL, 0, err))
		return false;
	/* Whether it must stand there is the talk's to say. */
	if (!alone)
		(void)waiting_until(talk, stands, NULL, BRING_UP, &ignored);
	return waiting_settle(talk, err);
}

static bool
has_ended(struct talk *talk, void *arg)
{
	(void)arg;
	return !talk->rollcall->runs;
}

/* A signal counts as in a shell: 137 is SIGKILL. */
static bool
check_status(const struct talk *talk, int64_t expected, struct error *err)
{
	const struct process *process = talk->rollcall;
	int64_t status = process->signal != 0 ? 128 + process->signal : process->exit;

	if (torture_is_on(talk) && process->signal == SIGKILL)
		return talk->torture->happened = true;
	return status == expected || failed(err, "rollcall ended with status %d", (int)status);
}

static bool
await_end(struct talk *talk, int64_t expected, struct error *err)
{
	if (!waiting_until(talk, has_ended, NULL, MINUTES(2), err))
		return error_wrap(err, "rollcall does not end");
	(void)waiting_settle(talk, err);
	return check_status(talk, expected, err);
}

bool
rollcall_stop(struct talk *talk, struct error *err)
{
	talk->on_purpose = true;
	process_signal(talk->rollcall, SIGTERM);
	return await_end(talk, 0, err);
}

static bool
kill_it(struct talk *talk, struct reader *reader, struct error *err)
{
	static const struct {
		const char *flag;
		int number;
	} signals[] = { { "-9", SIGKILL }, { "-KILL", SIGKILL }, { "-TERM", SIGTERM },
		{ "-INT", SIGINT }, { "-ABRT", SIGABRT } };

	for (size_t i = 0; i < COUNT(signals); i++)
		if (take_word(reader, signals[i].flag)) {
			talk->on_purpose = true;
			process_signal(talk->rollcall, signals[i].number);
			return take_end(reader, err) &&
			    waiting_until(talk, has_ended, NULL, MINUTES(2), err) &&
			    waiting_settle(talk, err);
		}
	return reader_wrong(reader, err, "-9, -TERM, -INT or -ABRT");
}

static bool
ends(struct talk *talk, struct reader *reader, struct error *err)
{
	int64_t status = 0;

	(void)take_number(reader, &status);
	return take_end(reader, err) && await_end(talk, status, err);
}

bool
rollcall_run(struct talk *talk, struct reader *reader, struct error *err)
{
	if (take_word(reader, "start"))
		return start(talk, reader, err);
	if (talk->rollcall == NULL)
		return wrong(err, "rollcall was not started");
	if (take_word(reader, "ends"))
		return ends(talk, reader, err);
	if (!talk->rollcall->runs)
		return failed(err, "rollcall does not run any more");
	if (take_word(reader, "stop"))
		return take_end(reader, err) && rollcall_stop(talk, err);
	if (take_word(reader, "kill"))
		return kill_it(talk, reader, err);
	if (take_word(reader, "reloads")) {
		if (!take_end(reader, err) || !configuration_write(talk, err))
			return false;
		process_signal(talk->rollcall, SIGHUP);
		return waiting_settle(talk, err);
	}
	return reader_wrong(reader, err, "start, stop, kill, ends or reloads");
}

static const char *
sign_in(const char *text)
{
	static const char *const signs[] = { "ERROR: AddressSanitizer", "ERROR: LeakSanitizer",
		"runtime error:" };

	for (size_t i = 0; i < COUNT(signs); i++)
		if (strstr(text, signs[i]) != NULL)
			return signs[i];
	return NULL;
}

const char *
rollcall_sanitizer(const struct talk *talk)
{
	const char *sign = sign_in(talk->log.data);

	for (const struct process *process = talk->processes; sign == NULL && process != NULL;
	     process = process->next)
		sign = sign_in(process->own_errors.data);
	return sign;
}

/* ---- what talks to it ---- */

static bool
asked_is_over(struct talk *talk, void *arg)
{
	(void)arg;
	return process_over(talk->asked);
}

/* [expects exit N] */
static bool
judge_exit(struct talk *talk, struct reader *reader, struct error *err)
{
	int64_t status = 0;

	if (!take_words(reader, "expects exit"))
		return take_end(reader, err);
	if (!take_number(reader, &status))
		return reader_wrong(reader, err, "a status");
	if (!take_end(reader, err) ||
	    !waiting_until(talk, asked_is_over, NULL, MINUTES(2), err))
		return false;
	return talk->asked->exit == status ||
	    failed(err, "it ended with status %d: %s%s", (int)talk->asked->exit,
		talk->asked->own_out.data, talk->asked->own_errors.data);
}

static bool
run_arguments(struct talk *talk, struct arguments *arguments, const char *input, struct error *err)
{
	if (!configuration_write(talk, err))
		return false;
	talk->asked = process_start(talk, "do", finish(arguments), input, NULL, err);
	return talk->asked != NULL;
}

bool
do_run(struct talk *talk, struct reader *reader, struct error *err)
{
	struct arguments arguments = { 0 };
	const char *typed = take_text(reader), *flag;

	if (typed == NULL)
		return reader_wrong(reader, err, "a quoted command");
	begin(talk, &arguments, "do");
	add(&arguments, typed);
	while ((flag = take_starting(reader, "--")) != NULL)
		add(&arguments, flag);
	return run_arguments(talk, &arguments, NULL, err) && judge_exit(talk, reader, err);
}

/* run "check --strict": words are arguments; quoting is not needed by any. */
bool
run_run(struct talk *talk, struct reader *reader, struct error *err)
{
	const char *words = take_text(reader), *word;
	struct arguments arguments = { 0 };
	size_t length = words != NULL ? strcspn(words, " ") : 0;

	if (length == 0)
		return reader_wrong(reader, err, "quoted arguments");
	begin(talk, &arguments, arena_copy(talk->arena, words, length));
	for (word = words + length; *word != '\0'; word += length) {
		word += strspn(word, " ");
		if ((length = strcspn(word, " ")) > 0)
			add(&arguments, arena_copy(talk->arena, word, length));
	}
	if (!run_arguments(talk, &arguments, NULL, err))
		return false;
	/* It has a loop of its own: requests and children under way, and a clock to be turned. */
	talk->asked->is_peer = string_starts(words, "doctor") && !talk->options->real;
	return judge_exit(talk, reader, err);
}

bool
console_run(struct talk *talk, struct reader *reader, struct error *err)
{
	const struct token *block = take_block(reader);
	struct arguments arguments = { 0 };

	if (block == NULL)
		return reader_wrong(reader, err, "a block of lines to type");
	begin(talk, &arguments, "console");
	if (!take_end(reader, err) ||
	    !run_arguments(talk, &arguments, block_plain(talk->arena, block), err))
		return false;
	talk->console = talk->asked;
	return true;
}

/* ---- the bot that a console started for itself ---- */

static bool
is_ours(const struct talk *talk, int pid)
{
	for (const struct process *process = talk->processes; process != NULL; process = process->next)
		if (process->handle.pid == pid)
			return true;
	return false;
}

static int
own_bot(const struct talk *talk)
{
	for (const struct peer *peer = talk->control->peers; peer != NULL; peer = peer->next)
		if (!peer->gone && peer->pid != 0 && !is_ours(talk, peer->pid))
			return peer->pid;
	return 0;
}

static bool
own_is_gone(struct talk *talk, void *arg)
{
	(void)arg;
	return own_bot(talk) == 0;
}

/* Its process too, which may be nobody's child any more: it holds the lock of the state until then. */
static bool
await_own(struct talk *talk, int pid, struct error *err)
{
	int process = pid != 0 ? (int)syscall(SYS_pidfd_open, pid, 0) : -1;
	struct pollfd ended = { .fd = process, .events = POLLIN };
	bool gone = waiting_until(talk, own_is_gone, NULL, MINUTES(2), err);

	if (gone && process >= 0 && poll(&ended, 1, (int)talk->options->patience) <= 0)
		gone = late(err, "it does not end");
	if (process >= 0)
		close(process);
	return gone && waiting_settle(talk, err);
}

bool
own_run(struct talk *talk, struct reader *reader, struct error *err)
{
	int pid = own_bot(talk);

	if (!take_word(reader, "bot"))
		return reader_wrong(reader, err, "bot");
	if (take_word(reader, "runs"))
		return take_end(reader, err) && (pid != 0 || failed(err, "no console is a bot"));
	if (take_words(reader, "kill -9")) {
		if (pid == 0)
			return failed(err, "no console is a bot");
		kill(pid, SIGKILL);
	} else if (!take_word(reader, "ends")) {
		return reader_wrong(reader, err, "runs, ends or kill -9");
	}
	return take_end(reader, err) && await_own(talk, pid, err);
}

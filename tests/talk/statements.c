/* statements.c - the verbs of the language that need no file of their own, and the way to all. */

#include <errno.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "actors.h"
#include "base/when.h"
#include "configuration.h"
#include "expect.h"
#include "hostile.h"
#include "real.h"
#include "rollcall.h"
#include "statements.h"
#include "tools.h"
#include "torture.h"
#include "trouble.h"
#include "waiting.h"

#define FILE_LIMIT MEGABYTES(16)

static char *
read_whole(struct arena *arena, const char *path, size_t *length)
{
	_cleanup_(text_clear) struct text bytes = TEXT_INIT_LIMIT(FILE_LIMIT);
	FILE *file = fopen(path, "re");
	char piece[16384];
	size_t got;

	if (file == NULL)
		return NULL;
	while ((got = fread(piece, 1, sizeof(piece), file)) > 0)
		text_add_bytes(&bytes, piece, got);
	fclose(file);
	if (length != NULL)
		*length = bytes.length;
	return arena_copy(arena, bytes.data, bytes.length);
}

const char *
talk_file(struct talk *talk, const char *name, bool answers, size_t *length, struct error *err)
{
	const char *bytes = NULL;
	struct arena *arena = talk->arena;

	if (*name == '/')
		bytes = read_whole(arena, name, length);
	if (bytes == NULL)
		bytes = read_whole(arena, arena_printf(arena, "%s/%s", talk->beside, name), length);
	if (bytes == NULL && answers)
		bytes = read_whole(arena, arena_printf(arena, "%s/tests/fakes/answers/%s",
		    talk->options->source, name), length);
	if (bytes == NULL)
		bytes = read_whole(arena, arena_printf(arena, "%s/%s", talk->folder, name), length);
	if (bytes == NULL)
		failed(err, "there is no file %s", name);
	return bytes;
}

void
talk_note_place(struct talk *talk, const char *where)
{
	for (size_t i = 0; i < talk->places.count; i++)
		if (string_equal(talk->places.item[i], where))
			return;
	*ARENA_GROW(talk->arena, &talk->places) = arena_strdup(talk->arena, where);
}

/* ---- verbs ---- */

/* What only another rollcall, or a hand, would have written there. */
static bool
sql_run(struct talk *talk, struct reader *reader, struct error *err)
{
	const char *name = take_any(reader), *words = take_text(reader);
	sqlite3 *database = NULL;
	bool done;

	if (name == NULL || words == NULL)
		return reader_wrong(reader, err, "a file and a quoted statement");
	done = sqlite3_open_v2(arena_printf(talk->arena, "%s/%s", talk->folder, name), &database,
		   SQLITE_OPEN_READWRITE, NULL) == SQLITE_OK &&
	    sqlite3_exec(database, words, NULL, NULL, NULL) == SQLITE_OK;
	if (!done)
		failed(err, "%s", sqlite3_errmsg(database));
	sqlite3_close(database);
	return done && take_end(reader, err);
}

static bool
talk_named(struct talk *talk, struct reader *reader, struct error *err)
{
	if ((talk->title = take_text(reader)) == NULL)
		return reader_wrong(reader, err, "a quoted title");
	return take_end(reader, err);
}

static bool
include_run(struct talk *talk, struct reader *reader, struct error *err)
{
	const char *name = take_any(reader), *text;
	struct script script = { 0 };

	if (name == NULL)
		return reader_wrong(reader, err, "a file's name");
	return take_end(reader, err) && (text = talk_file(talk, name, false, NULL, err)) != NULL &&
	    script_read(talk->arena, &script, name, text, err) && script_run(talk, &script, err);
}

static bool
clock_run(struct talk *talk, struct reader *reader, struct error *err)
{
	const char *word, *stamp;
	int64_t ms;

	if (take_word(reader, "at")) {
		if ((stamp = take_text(reader)) == NULL || !stamp_read(stamp, &ms))
			return reader_wrong(reader, err, "a time such as \"2026-11-21T14:20:00Z\"");
		if (talk->started)
			return wrong(err, "rollcall's clock is running: clock +5m turns it");
		fake_slack_set_clock(talk->slack, ms);
		tools_clock(talk, ms);
		return take_end(reader, err);
	}
	word = take_starting(reader, "+");
	if (word == NULL || !duration_read(word + 1, &ms))
		return reader_wrong(reader, err, "+5m or at \"…\"");
	return take_end(reader, err) && waiting_pass(talk, ms, err);
}

static bool
settle_run(struct talk *talk, struct reader *reader, struct error *err)
{
	return take_end(reader, err) && waiting_settle(talk, err);
}

/* Short, and outside of talk time. */
static bool
cluster_runs(struct talk *talk, char *const argv[], struct error *err)
{
	const char *program = arena_printf(talk->arena, "%s/rollcall-cluster", talk->options->build);
	int status = -1;
	pid_t child;

	if ((child = fork()) == 0) {
		execv(program, argv);
		_exit(127);
	}
	return (child > 0 && waitpid(child, &status, 0) > 0 && status == 0) ||
	    failed(err, "rollcall-cluster %s failed", argv[1]);
}

/* set statefulset/web in primary/monitoring "spec.replicas" "2" */
static bool
world_edited(struct talk *talk, struct reader *reader, struct error *err)
{
	char *object = arena_strdup(talk->arena, take_any(reader)), *slash = NULL;
	char *where = take_word(reader, "in") ? arena_strdup(talk->arena, take_any(reader)) : NULL;
	char *path = arena_strdup(talk->arena, take_text(reader)), *json = arena_strdup(talk->arena, take_text(reader));
	char *now = arena_printf(talk->arena, "%lld", (long long)fake_slack_clock(talk->slack));
	char *folder = arena_printf(talk->arena, "%s/tools", talk->folder);

	if (where == NULL || (slash = strchr(where, '/')) == NULL || json == NULL)
		return reader_wrong(reader, err, "KIND/NAME in CLUSTER/NAMESPACE \"path\" \"json\"");
	*slash = '\0';
	return take_end(reader, err) && waiting_settle(talk, err) &&
	    cluster_runs(talk, (char *[]){ (char[]){ "rollcall-cluster" }, (char[]){ "set" }, folder, where, slash + 1, object,
		path, json, now, NULL }, err);
}

/* Writes the playground's world with the talk's clock. */
static bool
world_run(struct talk *talk, struct reader *reader, struct error *err)
{
	char *path = arena_printf(talk->arena, "%s/tools/cluster.json", talk->folder);
	char *now = arena_printf(talk->arena, "%lld", (long long)fake_slack_clock(talk->slack));

	if (take_word(reader, "set"))
		return world_edited(talk, reader, err);
	talk->world = true;
	return cluster_runs(talk, (char *[]){ (char[]){ "rollcall-cluster" }, (char[]){ "init" }, path, now, NULL }, err) &&
	    take_end(reader, err);
}

/* It is main.c that looks for these. */
static bool
alone_run(struct talk *talk, struct reader *reader, struct error *err)
{
	(void)talk;
	return take_end(reader, err);
}

static bool
for_run(struct talk *talk, struct reader *reader, struct error *err)
{
	if (talk->options->kind == NULL)
		return wrong(err, "a talk for several kinds is played in real time");
	while (take_any(reader) != NULL)
		;
	return take_end(reader, err);
}

struct verb {
	const char *word;
	talk_verb *run;
};

static const struct verb verbs[] = {
	{ "talk", talk_named },
	{ "alone", alone_run },
	{ "for", for_run },
	{ "include", include_run },
	{ "configuration", configuration_run },
	{ "environment", environment_run },
	{ "sql", sql_run },
	{ "write", write_run },
	{ "rollcall", rollcall_run },
	{ "do", do_run },
	{ "run", run_run },
	{ "console", console_run },
	{ "own", own_run },
	{ "expect", expect_run },
	{ "settle", settle_run },
	{ "slack", trouble_run },
	{ "torture", torture_run },
};

/* Where the runner has time and tools in its hand. */
static const struct verb turned_verbs[] = {
	{ "world", world_run },
	{ "tool", tool_run },
	{ "clock", clock_run },
	{ "hostile", hostile_run },
};

static talk_verb *
verb_in(struct reader *reader, const struct verb *verb, size_t count)
{
	for (; count > 0; verb++, count--)
		if (take_word(reader, verb->word))
			return verb->run;
	return NULL;
}

static bool
statement_run(struct talk *talk, const struct statement *statement, struct error *err)
{
	struct reader reader = { .statement = statement };
	const struct token *first = reader_peek(&reader);
	talk_verb *verb;

	if (first->kind == TOKEN_WORD && *first->text == '@') {
		if (!actor_run(talk, &reader, err))
			return false;
		torture_acted(talk, statement);
		return true;
	}
	verb = verb_in(&reader, verbs, COUNT(verbs));
	if (verb == NULL)
		verb = talk->options->real ? real_verb(&reader)
		    : verb_in(&reader, turned_verbs, COUNT(turned_verbs));
	return verb != NULL ? verb(talk, &reader, err)
	    : reader_wrong(&reader, err, "a statement of the language (tests/talk/talk.h)");
}

bool
script_run(struct talk *talk, const struct script *script, struct error *err)
{
	const struct statement *statement;
	const char *sign;

	for (size_t i = 0; i < script->count; i++) {
		statement = &script->item[i];
		if (!statement_run(talk, statement, err)) {
			if (talk->failed_at == NULL)
				talk->failed_at = statement;
			return false;
		}
		if ((sign = rollcall_sanitizer(talk)) != NULL) {
			talk->failed_at = statement;
			return broken(err, "rollcall's log says “%s”", sign);
		}
		if (*(sign = fake_slack_violations(talk->slack)) != '\0') {
			talk->failed_at = statement;
			return failed(err, "against what Slack publishes: %s", sign);
		}
	}
	return true;
}

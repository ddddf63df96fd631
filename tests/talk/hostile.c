/* hostile.c - sends them, and holds each to its one sentence. */

#include "hostile.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/unicode.h"
#include "process.h"
#include "rollcall.h"
#include "statements.h"
#include "tools.h"
#include "waiting.h"

#define SEED 20261121
#define BATCH 25		/* frames between two looks */
#define SENTENCE_MOST 4000
/* Of resident memory over the later half; the sanitizer keeps some of its own. */
#define GROWTH_MOST ((int64_t)MEGABYTES(24))
#define AT_ONCE 6		/* of `rollcall check` */

struct recorded {
	const char *bytes;
	size_t length;
};

struct hostile {
	struct talk *talk;
	struct dice dice;
	int64_t seed, count, at;
	struct text text;		/* of the present one */
	unsigned seen;			/* number of the newest message */
	size_t sent, taken;		/* frames */
	unsigned acknowledged;
	size_t log;			/* how much of the log was looked at */
	int64_t middle;			/* resident bytes when half was sent */
	struct { struct recorded *item; size_t count, size; } answers;
	struct text answer;
	const char *spoilt;		/* a file of the state folder */
};

static bool
blame(struct hostile *h, struct error *err, const char *why)
{
	_cleanup_(text_clear) struct text begin = TEXT_INIT;

	for (size_t i = 0; i < h->text.length && i < 100; i++)
		text_printf(&begin, h->text.data[i] < 32 || h->text.data[i] > 126 ? "\\x%02x" : "%c",
		    (unsigned char)h->text.data[i]);
	return failed(err, "seed %lld, number %lld: %s: %s", (long long)h->seed, (long long)h->at, why,
	    begin.data);
}

/* ---- what came of it ----------------------------------------------------------------------- */

/* Since the last look. */
static size_t
count_dropped(struct hostile *h)
{
	const char *line = h->talk->log.data + h->log, *end;
	size_t count = 0;

	for (; (end = strchr(line, '\n')) != NULL; line = end + 1) {
		const char *found = strstr(line, " counted "), *name = found + strlen(" counted ");

		count += found != NULL && found < end && (string_starts(name, "dropped.") ||
		    string_starts(name, "ignored.") || string_starts(name, "refused."));
	}
	h->log = (size_t)(line - h->talk->log.data);
	return count;
}

/* Is it a sentence that people can read: some words, no control characters, of a bearable length? */
static bool
is_sentence(const char *text)
{
	if (*text == '\0' || utf8_count(text) > SENTENCE_MOST)
		return false;
	for (const char *c = text; *c != '\0'; c++)
		if (((unsigned char)*c < 32 && *c != '\n' && *c != '\t') || *c == 127)
			return false;
	return strchr(text, ' ') != NULL;
}

/* "Looking…" announces one, and "R-2 Expired" is about a plan that a line made long ago. */
static bool
is_answer(const char *text)
{
	const char *number = string_starts(text, "R-") ? text + 2 + strspn(text + 2, "0123456789") : "";

	return !string_starts(text, "Looking") && strncasecmp(number, " expired", 8) != 0;
}

/* New messages of rollcall since the last look.  false: one is no sentence. */
static bool
count_answers(struct hostile *h, size_t *count)
{
	const struct fake_slack_message *message;
	struct talk *talk = h->talk;
	unsigned newest = h->seen;

	*count = 0;
	for (size_t i = 0; i < talk->places.count; i++)
		for (message = NULL; (message = fake_slack_next_message(talk->slack,
			 talk->places.item[i], message)) != NULL;) {
			if (message->number <= h->seen || message->bot_id == NULL ||
			    string_equal(message->bot_id, "B0SLACKBOT"))
				continue;
			newest = message->number > newest ? message->number : newest;
			if (!is_answer(message->text))
				continue;
			(*count)++;
			if (!is_sentence(message->text))
				return false;
		}
	h->seen = newest;
	return true;
}

static size_t
count_acknowledged(struct hostile *h)
{
	unsigned all = fake_slack_calls(h->talk->slack, "ack") +
	    fake_slack_calls(h->talk->slack, "ack.unknown"), more = all - h->acknowledged;

	h->acknowledged = all;
	return more;
}

/* ---- lines ---- */

static bool
say_line(struct hostile *h, struct error *err)
{
	static const char *const people[] = { "@ann", "@bob", "@lead", "@kim", "@alice" };
	struct fake_slack *slack = h->talk->slack;
	const char *who = people[dice_below(&h->dice, COUNT(people))];
	_cleanup_(text_clear) struct text typed = TEXT_INIT_LIMIT(KILOBYTES(64));
	size_t door = dice_below(&h->dice, 10);

	make_line(&h->dice, &h->text);
	if (door < 6) {
		text_printf(&typed, "/%s", h->text.data);
		if (strcspn(typed.data, " ") < 2)
			text_add(&typed, "rollcall");
		return fake_slack_slash(slack, who, "#incidents", typed.data, err) != 0;
	}
	text_printf(&typed, "%s%s", door < 8 ? "@rollcall " : "", h->text.data);
	return fake_slack_says(slack, who, door < 9 ? "#incidents" : who, NULL, typed.data, err) != NULL;
}

static bool
lines(struct hostile *h, struct error *err)
{
	size_t answers, dropped;

	text_reset(&h->text);
	if (!say_line(h, err) || !waiting_pass(h->talk, 1000, err))
		return false;
	dropped = count_dropped(h);
	if (!count_answers(h, &answers))
		return blame(h, err, "the answer is no sentence");
	if (answers > 1)
		return blame(h, err, "more than one answer");
	return answers + dropped > 0 || blame(h, err, "neither answered nor counted");
}

/* ---- frames ---- */

#define HELLO "{\"type\":\"hello\",\"num_connections\":2,\"connection_info\":{\"app_id\":\"A0ROLLCALL\"}," \
	"\"debug_info\":{\"approximate_connection_time\":3600}}"
static const char *const envelopes[] = {
	"{\"envelope_id\":\"e1\",\"type\":\"slash_commands\",\"accepts_response_payload\":true,\"payload\":{"
	"\"team_id\":\"T0TEAM\",\"user_id\":\"U0ANN\",\"channel_id\":\"C0INCIDENTS\",\"command\":\"/rollcall\","
	"\"text\":\"help\",\"trigger_id\":\"1.2.3\",\"response_url\":\"http://127.0.0.1:9/x\"}}",
	"{\"envelope_id\":\"e2\",\"type\":\"events_api\",\"accepts_response_payload\":false,\"retry_attempt\":0,"
	"\"payload\":{\"type\":\"event_callback\",\"team_id\":\"T0TEAM\",\"api_app_id\":\"A0ROLLCALL\","
	"\"event_id\":\"Ev1\",\"event_time\":1795270800,\"event\":{\"type\":\"app_mention\",\"user\":\"U0ANN\","
	"\"text\":\"<@U0ROLLCALL> help\",\"channel\":\"C0INCIDENTS\",\"ts\":\"1795270800.000100\"}}}",
	"{\"envelope_id\":\"e3\",\"type\":\"interactive\",\"accepts_response_payload\":true,\"payload\":{"
	"\"type\":\"block_actions\",\"api_app_id\":\"A0ROLLCALL\",\"team\":{\"id\":\"T0TEAM\"},\"user\":{\"id\":\"U0ANN\",\"team_id\":\"T0TEAM\"},"
	"\"container\":{\"type\":\"message\",\"message_ts\":\"1795270800.000100\",\"channel_id\":\"C0INCIDENTS\"},"
	"\"channel\":{\"id\":\"C0INCIDENTS\"},\"actions\":[{\"action_id\":\"start\",\"value\":\"R-1\","
	"\"action_ts\":\"1795270800.1\"}]}}",
	"{\"envelope_id\":\"e4\",\"type\":\"interactive\",\"accepts_response_payload\":true,\"payload\":{"
	"\"type\":\"view_submission\",\"api_app_id\":\"A0ROLLCALL\",\"team\":{\"id\":\"T0TEAM\"},\"user\":{\"id\":\"U0ANN\",\"team_id\":\"T0TEAM\"},"
	"\"view\":{\"id\":\"V1\",\"hash\":\"1.a\",\"callback_id\":\"approve\",\"private_metadata\":\"R-1\","
	"\"state\":{\"values\":{}}}}}",
	HELLO,
};

static bool
frames(struct hostile *h, struct error *err)
{
	const char *envelope = envelopes[dice_below(&h->dice, COUNT(envelopes))];

	text_reset(&h->text);
	make_frame(&h->dice, &h->text, envelope);
	if (!fake_slack_raw(h->talk->slack, h->text.data, h->text.length))
		return blame(h, err, "no socket stands any more");
	h->sent += !string_equal(envelope, HELLO);	/* a second one says nothing new */
	if (h->at % BATCH != 0)
		return true;
	if (!waiting_pass(h->talk, 1000, err))
		return false;
	h->taken += count_dropped(h) + count_acknowledged(h);
	return h->taken >= h->sent || blame(h, err, "of the last frames one was neither taken nor counted");
}

/* ---- answers ---- */

static bool
read_recorded(struct hostile *h, struct error *err)
{
	struct talk *talk = h->talk;
	const char *path = arena_printf(talk->arena, "%s/tests/fakes/answers", talk->options->source);
	DIR *folder = opendir(path);
	struct dirent *entry;

	if (folder == NULL)
		return failed(err, "%s: %s", path, strerror(errno));
	while ((entry = readdir(folder)) != NULL) {
		struct recorded recorded;
		const char *out;

		if (strstr(entry->d_name, ".answer") == NULL)
			continue;
		recorded.bytes = talk_file(talk, entry->d_name, true, &recorded.length, err);
		if (recorded.bytes == NULL || (out = strstr(recorded.bytes, "\nstdout\n")) == NULL)
			continue;
		out += strlen("\nstdout\n");
		recorded.length -= (size_t)(out - recorded.bytes);
		recorded.bytes = out;
		if (recorded.length > 10)
			*ARENA_GROW(talk->arena, &h->answers) = recorded;
	}
	closedir(folder);
	return true;
}

static int
by_text(const void *a, const void *b)
{
	return strcmp(((const struct recorded *)a)->bytes, ((const struct recorded *)b)->bytes);
}

bool
hostile_answer(struct talk *talk, struct hostile_answer *answer)
{
	static const int exits[] = { 0, 0, 0, 0, 1, 2, 130, 255 };
	struct hostile *h = talk->hostile;
	const struct recorded *recorded;

	if (h == NULL)
		return false;
	recorded = &h->answers.item[dice_below(&h->dice, h->answers.count)];
	text_reset(&h->answer);
	make_answer(&h->dice, &h->answer, recorded->bytes, recorded->length);
	*answer = (struct hostile_answer){ h->answer.data, h->answer.length,
		exits[dice_below(&h->dice, COUNT(exits))], dice_below(&h->dice, 6) == 0 };
	h->at++;
	return true;
}

/* Each command's looks take several of them; h->at counts the answers. */
static bool
answers(struct hostile *h, struct error *err)
{
	static const char *const commands[] = { "/rollback gateway to 5 because x",
		"/rollback gateway in staging because x", "/rollback chatops-platform to 5 because x",
		"/rollout history gateway", "/rollout status chatops-platform", "/rollout history chatops-platform" };
	const char *command = commands[dice_below(&h->dice, COUNT(commands))];
	size_t count = 0, before = (size_t)h->at;

	text_reset(&h->text);
	text_add(&h->text, command);
	if (fake_slack_slash(h->talk->slack, "@ann", "#incidents", command, err) == 0 ||
	    !waiting_pass(h->talk, MINUTES(1), err))
		return false;
	if (!count_answers(h, &count))
		return blame(h, err, "the answer is no sentence");
	if (count != 1)
		return blame(h, err, count == 0 ? "no answer" : "more than one answer");
	return (size_t)h->at > before || blame(h, err, "no tool was asked");
}

/* ---- files ---- */

static bool
are_over(struct talk *talk, void *arg)
{
	struct process **checks = arg;

	(void)talk;
	for (size_t i = 0; i < AT_ONCE; i++)
		if (checks[i] != NULL && !process_over(checks[i]))
			return false;
	return true;
}

static struct process *
check_one(struct hostile *h, size_t place, const char *sample, struct error *err)
{
	struct talk *talk = h->talk;
	const char *path = arena_printf(talk->arena, "%s/hostile-%zu.yaml", talk->folder, place);
	char *argv[] = { arena_printf(talk->arena, "%s/rollcall", talk->options->build),
		arena_strdup(talk->arena, "check"), arena_strdup(talk->arena, "--config"),
		arena_strdup(talk->arena, path), NULL };
	FILE *file = fopen(path, "we");

	if (file == NULL) {
		failed(err, "%s: %s", path, strerror(errno));
		return NULL;
	}
	text_reset(&h->text);
	make_file(&h->dice, &h->text, sample);
	fwrite(h->text.data, 1, h->text.length, file);
	fclose(file);
	return process_start(talk, "check", argv, NULL, NULL, err);
}

static bool
judge_check(struct hostile *h, const struct process *check, struct error *err)
{
	if (check->exit < 0 || check->exit > 2)
		return blame(h, err, "check ended with another status than 0, 1 or 2");
	if (strstr(check->own_errors.data, "Sanitizer") != NULL)
		return blame(h, err, check->own_errors.data);
	return check->own_out.length + check->own_errors.length > 0 || blame(h, err, "check said nothing");
}

/* Each names at least one line and sentence, or is right. */
static bool
files(struct hostile *h, struct error *err)
{
	struct process *checks[AT_ONCE] = { NULL };
	const char *sample = talk_file(h->talk, "rollcall.yaml", false, NULL, err);

	if (sample == NULL)
		return false;
	for (size_t i = 0; i < AT_ONCE; i++)
		if ((checks[i] = check_one(h, i, sample, err)) == NULL)
			return false;
	h->at += AT_ONCE - 1;
	if (!waiting_until(h->talk, are_over, checks, MINUTES(1), err))
		return false;
	for (size_t i = 0; i < AT_ONCE; i++)
		if (!judge_check(h, checks[i], err))
			return false;
	return true;
}

/* ---- what lies in the state folder ---- */

static const char *const state_files[] = { "rollcall.db", "rollcall.db-wal", "rollcall.db-shm", "lock",
	"rollcall.sock.lock", "spool/R-1-steps-1/pid", "spool/R-1-steps-1/exit", "spool/x", "logs/R-1.log",
	"home/x" };

static bool
write_bytes(const char *path, const char *bytes, size_t length, struct error *err)
{
	FILE *file = fopen(path, "we");

	if (file == NULL)
		return failed(err, "%s: %s", path, strerror(errno));
	fchmod(fileno(file), 0600);	/* another mode alone would be refused */
	fwrite(bytes, 1, length, file);
	return fclose(file) == 0 || failed(err, "%s: %s", path, strerror(errno));
}

/* Another content for one of its files; folders on the way to it are made. */
static const char *
spoil(struct hostile *h, const struct recorded *database, struct error *err)
{
	struct talk *talk = h->talk;
	const char *name = state_files[dice_below(&h->dice, COUNT(state_files))];
	char *path = arena_printf(talk->arena, "%s/state/%s", talk->folder, name);
	const struct recorded *from =
	    dice_below(&h->dice, 3) > 0 ? database : &h->answers.item[dice_below(&h->dice, h->answers.count)];

	for (char *slash = strchr(path + strlen(talk->folder) + strlen("/state/"), '/'); slash != NULL;
	     slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		mkdir(path, 0700);
		*slash = '/';
	}
	text_reset(&h->text);
	make_answer(&h->dice, &h->text, from->bytes, from->length);
	return write_bytes(path, h->text.data, h->text.length, err) ? path : NULL;
}

/* It stands, or it has said in the log why not and is gone. */
static bool
judge_start(struct hostile *h, size_t log, struct error *err)
{
	struct talk *talk = h->talk;

	if (talk->rollcall->runs)
		return rollcall_stop(talk, err) || error_wrap(err, "%s", h->spoilt);
	if (talk->rollcall->signal != 0 || talk->rollcall->exit == 0 || talk->rollcall->exit == 99)
		return failed(err, "seed %lld, number %lld, %s: it ended with status %d, signal %d",
		    (long long)h->seed, (long long)h->at, h->spoilt, (int)talk->rollcall->exit,
		    talk->rollcall->signal);
	return is_sentence(talk->log.data + log) || failed(err, "%s: it said nothing", h->spoilt);
}

static bool
states(struct hostile *h, struct error *err)
{
	static struct recorded database;
	struct talk *talk = h->talk;
	char *path = arena_printf(talk->arena, "%s/state/rollcall.db", talk->folder);
	size_t log;

	if (talk->rollcall->runs && !rollcall_stop(talk, err))
		return false;
	if (database.bytes == NULL)
		database.bytes = talk_file(talk, path, false, &database.length, err);
	if (database.bytes == NULL || (h->spoilt = spoil(h, &database, err)) == NULL)
		return false;
	log = talk->log.length;
	if (!rollcall_start_alone(talk, err) || !judge_start(h, log, err))
		return false;
	talk->on_purpose = true;
	unlink(h->spoilt);
	return write_bytes(path, database.bytes, database.length, err);
}

/* ---- all of them ---- */

/* Resident bytes of rollcall; 0: it does not run. */
static int64_t
resident(const struct talk *talk)
{
	char path[64];
	long long pages = 0;
	FILE *file;

	if (talk->rollcall == NULL || !talk->rollcall->runs)
		return 0;
	snprintf(path, sizeof(path), "/proc/%d/statm", talk->rollcall->handle.pid);
	if ((file = fopen(path, "re")) == NULL)
		return 0;
	if (fscanf(file, "%*d %lld", &pages) != 1)
		pages = 0;
	fclose(file);
	return pages * sysconf(_SC_PAGESIZE);
}

static bool
judge_growth(struct hostile *h, struct error *err)
{
	int64_t now = resident(h->talk);

	if (getenv("HOSTILE_SAYS") != NULL)
		fprintf(stderr, "hostile: %lld: %lld KiB, then %lld KiB\n", (long long)h->at,
		    (long long)h->middle / 1024, (long long)now / 1024);
	if (h->middle == 0 || now <= h->middle + GROWTH_MOST)
		return true;
	return failed(err, "seed %lld: rollcall grew from %lld to %lld KiB over the later half",
	    (long long)h->seed, (long long)h->middle / 1024, (long long)now / 1024);
}

/* Every vector is a use of a word that rollcall's own guard knows. */
static bool
judge_vectors(struct hostile *h, struct error *err)
{
	struct talk *talk = h->talk;
	char *path = arena_printf(talk->arena, "%s/vectors", talk->folder);
	char *argv[] = { arena_printf(talk->arena, "%s/guard", talk->options->build), path, NULL };
	struct process *guard, *checks[AT_ONCE] = { NULL };

	if (!tools_write_vectors(talk, path, err) ||
	    (guard = checks[0] = process_start(talk, "guard", argv, NULL, NULL, err)) == NULL ||
	    !waiting_until(talk, are_over, checks, MINUTES(1), err))
		return false;
	return guard->exit == 0 || failed(err, "unforeseen: %s%s", guard->own_out.data,
	    guard->own_errors.data);
}

static bool
send_all(struct hostile *h, bool (*send)(struct hostile *, struct error *), struct error *err)
{
	for (; h->at < h->count; h->at++) {
		if (h->middle == 0 && h->at >= h->count / 2)
			h->middle = resident(h->talk);
		if (!send(h, err))
			return false;
		if (send != states && h->talk->rollcall != NULL && !h->talk->rollcall->runs)
			return blame(h, err, "rollcall has ended");
	}
	return waiting_pass(h->talk, SECONDS(5), err) && judge_growth(h, err) &&
	    judge_vectors(h, err);
}

/* What was sent before it, and the whole log, are looked at once. */
static bool
begin(struct hostile *h, struct error *err)
{
	size_t answers;

	text_init(&h->text, MEGABYTES(8));
	text_init(&h->answer, MEGABYTES(8));
	count_dropped(h);
	count_acknowledged(h);
	count_answers(h, &answers);
	if (!read_recorded(h, err))
		return false;
	/* A folder has no order. */
	qsort(h->answers.item, h->answers.count, sizeof(h->answers.item[0]), by_text);
	return true;
}

bool
hostile_run(struct talk *talk, struct reader *reader, struct error *err)
{
	static const struct {
		const char *word;
		bool (*send)(struct hostile *, struct error *);
	} kinds[] = { { "lines", lines }, { "frames", frames }, { "answers", answers },
		{ "files", files }, { "states", states } };
	struct hostile *h = arena_new_of(talk->arena, struct hostile);
	const char *word;
	bool passed = false;

	h->talk = talk;
	h->seed = SEED;
	if (!take_number(reader, &h->count) || (word = take_any(reader)) == NULL)
		return reader_wrong(reader, err, "how many, and of what");
	if (take_word(reader, "seed") && !take_number(reader, &h->seed))
		return reader_wrong(reader, err, "a number");
	if (!take_end(reader, err))
		return false;
	h->dice.state = (uint64_t)h->seed;
	talk->troubled = true;
	if (begin(h, err))
		for (size_t i = 0; i < COUNT(kinds); i++) {
			if (!string_equal(kinds[i].word, word))
				continue;
			talk->hostile = kinds[i].send == answers ? h : NULL;
			passed = send_all(h, kinds[i].send, err);
			talk->hostile = NULL;
		}
	text_clear(&h->text);
	text_clear(&h->answer);
	return passed;
}

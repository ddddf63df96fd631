/* fake_slack.c - making and ending a fake Slack, and the few things that all its parts use. */

#include <stdlib.h>
#include <string.h>

#include "api.h"
#include "envelope.h"
#include "link.h"
#include "server.h"

#define TURNED_START INT64_C(1795251600000)	/* 2026-11-21T09:00:00Z */

static bool
furnish(struct fake_slack *fs, struct error *err)
{
	bool there = false;

	if (fs->options.state != NULL && !state_load(fs, fs->options.state, &there, err))
		return false;
	if (!there)
		workspace_populate(fs);
	return true;
}

struct fake_slack *
fake_slack_new(uv_loop_t *loop, const struct fake_slack_options *options, struct error *err)
{
	struct fake_slack *fs = xcalloc(1, sizeof(*fs));

	fs->options = *options;
	fs->loop = loop;
	fs->random = options->seed == 0 ? 1 : options->seed;
	fs->unlimited = options->unlimited;
	text_init(&fs->log, MEGABYTES(8));
	text_init(&fs->violations, MEGABYTES(1));
	text_init(&fs->scratch, MEGABYTES(8));
	clock_init(&fs->clock, loop, options->turned,
	    options->now != 0 ? options->now : TURNED_START);
	workspace_init(fs);
	if (furnish(fs, err) && server_start(fs, err))
		return fs;
	fake_slack_free(fs);
	return NULL;
}

static void
counters_free(struct fake_slack *fs)
{
	for (size_t i = 0; i < fs->counters.count; i++) {
		free(fs->counters.item[i]->name);
		free(fs->counters.item[i]);
	}
	free(fs->counters.item);
}

void
fake_slack_free(struct fake_slack *fs)
{
	if (fs == NULL)
		return;
	fs->changed = NULL;
	server_stop(fs);
	links_free(fs);
	envelopes_free(fs);
	faults_free(fs);
	counters_free(fs);
	workspace_clear(fs);
	clock_close(&fs->clock);
	text_clear(&fs->log);
	text_clear(&fs->violations);
	text_clear(&fs->scratch);
	free(fs->scopes);
	free(fs->team);
	free(fs->revoked);
	free(fs);
}

const char *
fake_slack_url(const struct fake_slack *fs)
{
	return fs->api;
}

const char *
fake_slack_page_url(const struct fake_slack *fs)
{
	return fs->page;
}

const char *
fake_slack_bot_token(const struct fake_slack *fs)
{
	(void)fs;
	return BOT_TOKEN;
}

const char *
fake_slack_app_token(const struct fake_slack *fs)
{
	(void)fs;
	return APP_TOKEN;
}

/* ---- time ---------------------------------------------------------------------------------- */

int64_t
fake_slack_clock(const struct fake_slack *fs)
{
	return clock_now(&fs->clock);
}

void
fake_slack_set_clock(struct fake_slack *fs, int64_t now)
{
	clock_turn(&fs->clock, now);
}

void
fake_slack_tick(struct fake_slack *fs)
{
	clock_ring(&fs->clock);
}

int64_t
fake_slack_next(const struct fake_slack *fs)
{
	return clock_next(&fs->clock);
}

/* ---- shared -------------------------------------------------------------------------------- */

void
fake_changed(struct fake_slack *fs)
{
	fs->serial++;
	if (fs->changed != NULL)
		fs->changed(fs->changed_arg);
}

void
fake_slack_on_change(struct fake_slack *fs, void (*changed)(void *), void *arg)
{
	fs->changed = changed;
	fs->changed_arg = arg;
}

/* xorshift64*: the same seed gives the same run. */
uint64_t
fake_random(struct fake_slack *fs)
{
	fs->random ^= fs->random >> 12;
	fs->random ^= fs->random << 25;
	fs->random ^= fs->random >> 27;
	return fs->random * UINT64_C(0x2545f4914f6cdd1d) >> 16;
}

struct counter *
fake_counter(struct fake_slack *fs, const char *name)
{
	struct counter *counter;

	for (size_t i = 0; i < fs->counters.count; i++)
		if (strcmp(fs->counters.item[i]->name, name) == 0)
			return fs->counters.item[i];
	counter = xcalloc(1, sizeof(*counter));
	counter->name = xstrdup(name);
	*GROW(&fs->counters) = counter;
	return counter;
}

void
fake_count(struct fake_slack *fs, const char *name)
{
	fake_counter(fs, name)->count++;
}

unsigned
fake_slack_calls(const struct fake_slack *fs, const char *name)
{
	for (size_t i = 0; i < fs->counters.count; i++)
		if (strcmp(fs->counters.item[i]->name, name) == 0)
			return fs->counters.item[i]->count;
	return 0;
}

int64_t
bucket_take(struct fake_slack *fs, struct bucket *bucket, double per_minute, double burst)
{
	int64_t now = clock_now(&fs->clock);
	double per_ms = per_minute / 60000;

	if (bucket->at == 0)
		bucket->level = burst;
	else
		bucket->level += (double)(now - bucket->at) * per_ms;
	if (bucket->level > burst)
		bucket->level = burst;
	bucket->at = now;
	/* A thousandth less than one is one: so much is lost in adding up. */
	if (bucket->level >= 0.999) {
		bucket->level -= 1;
		return -1;
	}
	return (int64_t)((1 - bucket->level) / per_ms + 0.5);
}

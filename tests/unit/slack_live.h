/*
 * slack_live.h - the Slack adapter and a Slack of our own on one loop, both clocks turned by the test.
 *
 * Nothing sleeps: until() turns the loop without waiting until its condition holds, advance() walks both
 * clocks from deadline to deadline.  A condition that never comes true fails after 10 real seconds.
 */
#ifndef SLACK_LIVE_H
#define SLACK_LIVE_H

#include <sanitizer/lsan_interface.h>
#include <time.h>

#include "../../adapters/all_settings.h"
#include "../../adapters/chat/slack.h"
#include "../../bot/loop_private.h"
#include "../fakes/slack/fake_slack.h"
#include "base/log.h"
#include "configuration.h"
#include "request.h"

#include "test.h"

#define WALL 1763708400000

struct world {
	struct loop *loop;
	struct fake_slack *fake;
	struct configuration configuration;
	struct chat_host host;
	void *slack;
	/* what the adapter said */
	struct { struct arrival **item; size_t count, size; } arrivals;
	struct { const char **item; size_t count, size; } counters;
	struct { char **item; size_t count, size; } forgotten;
	bool ready, stopped;
	unsigned states;
	char sentence[512];
	/* of the last deliver, find, person … */
	unsigned dones;
	struct delivered delivered;
	char ts[64], channel[64], why[512];
	bool acknowledge_at_once;
};

/* ---- what the bot would do ---- */

static void
world_arrived(void *bot, struct arrival *arrival)
{
	struct world *w = bot;

	*GROW(&w->arrivals) = arrival;
	if (w->acknowledge_at_once)
		slack_chat.acknowledge(w->slack, arrival, NULL);
}

static void
world_state(void *bot, const struct chat *chat, bool ready, bool stop, const char *sentence)
{
	struct world *w = bot;

	(void)chat;
	w->ready = ready;
	w->stopped = stop;
	w->states++;
	snprintf(w->sentence, sizeof(w->sentence), "%s", sentence);
}

static void
world_forget(void *bot, const char *kind, const char *id)
{
	struct world *w = bot;

	*GROW(&w->forgotten) = xasprintf("%s %s", kind, id != NULL ? id : "*");
}

static void
world_count(void *bot, const char *counter)
{
	struct world *w = bot;

	*GROW(&w->counters) = counter;
}

static size_t __attribute__((unused))
counted(const struct world *w, const char *counter)
{
	size_t count = 0;

	for (size_t i = 0; i < w->counters.count; i++)
		count += strcmp(w->counters.item[i], counter) == 0;
	return count;
}

/* ---- time ---- */

static void
turn(struct world *w)
{
	uv_run(loop_uv(w->loop), UV_RUN_NOWAIT);
}

/* Loopback delivers at once: after so many turns nothing is on its way any more. */
static void
settle(struct world *w)
{
	for (int i = 0; i < 60; i++)
		turn(w);
}

static double
real_seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void
never(struct world *w, const char *condition)
{
	const char *log = fake_slack_log(w->fake);
	size_t length = strlen(log);

	fprintf(stderr, "%s\n", length > 6000 ? log + length - 6000 : log);
	fail_msg("never: %s", condition);
}

#define until(w, condition)                                                                        \
	do {                                                                                       \
		double began = real_seconds();                                                     \
		while (!(condition)) {                                                             \
			turn(w);                                                                   \
			if (real_seconds() - began > 10)                                           \
				never(w, #condition);                                              \
		}                                                                                  \
	} while (0)

static int64_t
next_moment(struct world *w, int64_t end)
{
	int64_t timer = loop_next_timer(w->loop), bell = fake_slack_next(w->fake), next = end;

	if (timer >= 0 && w->loop->now + timer < next)
		next = w->loop->now + timer;
	if (bell >= 0 && w->loop->now + (bell - w->loop->wall) < next)
		next = w->loop->now + (bell - w->loop->wall);
	return next > w->loop->now ? next : w->loop->now + 1;
}

static void __attribute__((unused))
advance(struct world *w, int64_t ms)
{
	int64_t end = w->loop->now + ms, next;

	settle(w);
	while (w->loop->now < end) {
		next = next_moment(w, end);
		w->loop->wall += next - w->loop->now;
		w->loop->now = next;
		fake_slack_set_clock(w->fake, w->loop->wall);
		loop_fire_due(w->loop);
		settle(w);
	}
}

/* ---- life ---- */

struct world_options {
	struct fake_slack_options fake;
	const char *bot_token, *app_token;	/* NULL: the right ones */
	const char *more;			/* further lines of the section slack */
	const char *api_url;			/* NULL: the fake's */
};

static void
world_configure(struct world *w, const struct world_options *options)
{
	_cleanup_(text_clear) struct text yaml = TEXT_INIT, problems = TEXT_INIT;
	static bool registered;

	if (!registered)
		settings_register(slack_settings);
	registered = true;
	text_printf(&yaml, "slack:\n  bot_token: \"%s\"\n  app_token: \"%s\"\n  api_url: \"%s\"\n%s",
	    options->bot_token != NULL ? options->bot_token : fake_slack_bot_token(w->fake),
	    options->app_token != NULL ? options->app_token : fake_slack_app_token(w->fake),
	    options->api_url != NULL ? options->api_url : fake_slack_url(w->fake),
	    options->more != NULL ? options->more : "");
	w->configuration.settings = settings_read("test", yaml.data, yaml.length, "/", &problems);
	assert_non_null(w->configuration.settings);
	if (!settings_end(w->configuration.settings, &problems))
		fail_msg("%s", problems.data);
}

static struct world *
world_new(const struct world_options *options)
{
	struct world *w = xcalloc(1, sizeof(*w));
	struct fake_slack_options fake = options->fake;
	struct error err = ERROR_INIT;

	log_setup(getenv("TALKATIVE") != NULL ? LOG_LEVEL_DEBUG : LOG_LEVEL_ERROR + 1, false, 2);
	w->loop = loop_new();
	w->loop->turned = true;
	w->loop->now = 1000000;
	w->loop->wall = fake.now = WALL;
	fake.turned = true;
	/* libwebsockets keeps one index for the SSL_CTX of all its contexts: with a second context, ours,
	 * that of the fake is not freed (lib/tls/openssl/openssl-ssl.c of 4.1.6). */
	__lsan_disable();
	w->fake = fake_slack_new(loop_uv(w->loop), &fake, &err);
	__lsan_enable();
	if (w->fake == NULL)
		fail_msg("%s", err.text);
	world_configure(w, options);
	w->acknowledge_at_once = true;
	w->host = (struct chat_host){ .bot = w, .loop = w->loop, .configuration = &w->configuration,
		.arrived = world_arrived, .state = world_state, .forget = world_forget,
		.count = world_count };
	w->slack = slack_chat.start(&w->host, &err);
	if (w->slack == NULL)
		fail_msg("%s", err.text);
	return w;
}

static struct world *
world_plain(void)
{
	struct world_options options = { 0 };
	struct world *w = world_new(&options);

	until(w, w->ready && fake_slack_links(w->fake) == 2);
	return w;
}

/* Its sockets have lived for 10 s: what happens to them now is no failure of a young one. */
static __attribute__((unused)) struct world *
world_proven(void)
{
	struct world *w = world_plain();

	advance(w, SECONDS(11));
	return w;
}

static void
world_free(struct world *w)
{
	slack_chat.free(w->slack);
	fake_slack_free(w->fake);
	settings_free(w->configuration.settings);
	for (size_t i = 0; i < w->arrivals.count; i++)
		arrival_free(w->arrivals.item[i]);
	for (size_t i = 0; i < w->forgotten.count; i++)
		free(w->forgotten.item[i]);
	free(w->arrivals.item);
	free(w->counters.item);
	free(w->forgotten.item);
	loop_free(w->loop);
	free(w);
}

/* ---- asking ---- */

static void __attribute__((unused))
world_delivered(void *arg, const struct delivered *delivered)
{
	struct world *w = arg;

	w->dones++;
	w->delivered = *delivered;
	snprintf(w->ts, sizeof(w->ts), "%s", delivered->ts != NULL ? delivered->ts : "");
	snprintf(w->channel, sizeof(w->channel), "%s",
	    delivered->channel != NULL ? delivered->channel : "");
	snprintf(w->why, sizeof(w->why), "%s", delivered->sentence != NULL ? delivered->sentence : "");
}

static unsigned __attribute__((unused))
slash(struct world *w, const char *who, const char *where, const char *typed)
{
	struct error err = ERROR_INIT;
	unsigned number = fake_slack_slash(w->fake, who, where, typed, &err);

	if (number == 0)
		fail_msg("%s", err.text);
	return number;
}

static enum fake_slack_outcome __attribute__((unused))
outcome(struct world *w, unsigned number)
{
	return fake_slack_delivery(w->fake, number)->outcome;
}

#endif

/* load.c - the load generator's envelopes: printed once, sent at a pace, timed. */

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/json.h"
#include "load_private.h"

#define SECOND INT64_C(1000000000)
#define MARK "########"

int64_t
load_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * SECOND + now.tv_nsec;
}

unsigned
load_find_number(const char *bytes, size_t length, const char *prefix)
{
	size_t size = strlen(prefix);
	const char *at = memmem(bytes, length, prefix, size);
	unsigned number = 0;

	if (at == NULL || (size_t)(bytes + length - at) < size + 8)
		return 0;
	for (at += size; *at >= '0' && *at <= '9' && number < 100000000; at++) {
		number = number * 10 + (unsigned)(*at - '0');
		if (at == bytes + length - 1)
			break;
	}
	return number;
}

struct exchange *
load_exchange(struct load *load, unsigned number)
{
	struct exchange *exchange = &load->exchanges[number % NUMBERS_KEPT];

	return number >= load->from && exchange->number == number ? exchange : NULL;
}

/* ---- what came back ---- */

static void
exchange_done(struct load *load, const struct exchange *exchange)
{
	if (exchange->acked != 0 && (exchange->posted != 0 || !load->wants_post))
		load->counts.done++;
}

void
load_acknowledge(struct load *load, unsigned number)
{
	struct exchange *exchange = load_exchange(load, number);
	int64_t took;

	if (exchange == NULL || exchange->acked != 0)
		return;
	exchange->acked = load_now();
	took = exchange->acked - exchange->sent;
	if (load->first == 0)
		load->first = exchange->acked;
	load->counts.acked++;
	load->counts.late += took > SECOND;
	*GROW(&load->acknowledged) = (float)took / 1e6F;
	exchange_done(load, exchange);
}

void
load_post(struct load *load, unsigned number)
{
	struct exchange *exchange = load_exchange(load, number);

	if (exchange == NULL || exchange->posted != 0)
		return;
	exchange->posted = load_now();
	load->counts.posted++;
	if (load->wants_post)
		exchange_done(load, exchange);
}

/* ---- what is sent ---- */

static void
begin_frame(struct load *load, const char *type, bool takes_answer)
{
	text_reset(&load->frame);
	text_printf(&load->frame,
	    "{\"envelope_id\":\"" MARK "-0000-4a11-8bad-000000000000\",\"type\":\"%s\","
	    "\"accepts_response_payload\":%s,%s\"payload\":", type, takes_answer ? "true" : "false",
	    takes_answer ? "" : "\"retry_attempt\":0,\"retry_reason\":\"\",");
}

static void
say(struct load *load, const char *type, const char *more, const char *words)
{
	begin_frame(load, "events_api", false);
	text_printf(&load->frame,
	    "{\"token\":\"verification-token\",\"team_id\":\"" BENCH_TEAM "\",\"context_team_id\":\""
	    BENCH_TEAM "\",\"context_enterprise_id\":null,\"api_app_id\":\"" BENCH_APP "\",\"event\":{"
	    "\"user\":\"" BENCH_PERSON "\",\"type\":\"%s\",%s\"ts\":\"17" MARK ".000100\","
	    "\"client_msg_id\":\"c11e0000-0000-4000-8000-0000" MARK "\",\"text\":\"<@" BENCH_BOT "> %s\","
	    "\"team\":\"" BENCH_TEAM "\",\"channel\":\"" BENCH_CHANNEL "\",\"event_ts\":\"17" MARK
	    ".000100\"},\"type\":\"event_callback\",\"event_id\":\"Ev" MARK "\",\"event_time\":%lld,"
	    "\"authorizations\":[{\"enterprise_id\":null,\"team_id\":\"" BENCH_TEAM "\",\"user_id\":\""
	    BENCH_BOT "\",\"is_bot\":true,\"is_enterprise_install\":false}],"
	    "\"is_ext_shared_channel\":false,\"event_context\":\"4-" MARK "\"}}",
	    type, more, words, (long long)time(NULL));
	load->wants_post = true;
}

void
load_say(struct load *load, const char *words)
{
	say(load, "app_mention", "", words);
}

void
load_say_message(struct load *load, const char *words)
{
	say(load, "message", "\"channel_type\":\"channel\",", words);
}

void
load_command(struct load *load, const char *command, const char *words)
{
	begin_frame(load, "slash_commands", true);
	text_printf(&load->frame,
	    "{\"token\":\"verification-token\",\"team_id\":\"" BENCH_TEAM "\",\"team_domain\":\"bench\","
	    "\"channel_id\":\"" BENCH_CHANNEL "\",\"channel_name\":\"bench\",\"user_id\":\"" BENCH_PERSON
	    "\",\"user_name\":\"ann\",\"command\":\"%s\",\"text\":\"%s\",\"api_app_id\":\"" BENCH_APP
	    "\",\"is_enterprise_install\":\"false\",\"response_url\":\"%shook/" MARK
	    "\",\"trigger_id\":\"" MARK ".1.bench\"}}", command, words, load->url);
	load->wants_post = false;
}

/* Eight digits wherever the mark stands. */
static void
number_frame(struct load *load, unsigned number)
{
	char digits[sizeof(MARK)], *at = load->frame.data;

	snprintf(digits, sizeof(digits), "%08u", number % 100000000);
	while ((at = strstr(at, MARK)) != NULL)
		memcpy(at, digits, strlen(MARK));
}

bool
load_send(struct load *load)
{
	_cleanup_(freep) char *blank = xstrndup(load->frame.data, load->frame.length);
	unsigned number = load->next;
	bool sent;

	number_frame(load, number);
	load->exchanges[number % NUMBERS_KEPT] = (struct exchange){ .number = number, .sent = load_now() };
	sent = load_give(load, load->frame.data, load->frame.length);
	memcpy(load->frame.data, blank, load->frame.length);
	if (!sent) {
		load->counts.undelivered++;
		load->exchanges[number % NUMBERS_KEPT].number = 0;
		return false;
	}
	load->next++;
	load->counts.sent++;
	return true;
}

void
load_repeat(struct load *load)
{
	static const char first[] = "\"retry_attempt\":0,\"retry_reason\":\"\"";
	static const char again[] = "\"retry_attempt\":1,\"retry_reason\":\"timeout\"";

	for (unsigned number = load->from; number < load->next; number++) {
		struct exchange *exchange = load_exchange(load, number);
		_cleanup_(text_clear) struct text frame = TEXT_INIT;
		_cleanup_(freep) char *blank = NULL;
		const char *at;

		if (exchange == NULL || exchange->acked != 0)
			continue;
		blank = xstrndup(load->frame.data, load->frame.length);
		number_frame(load, number);
		at = strstr(load->frame.data, first);
		text_add_bytes(&frame, load->frame.data, (size_t)(at - load->frame.data));
		text_add(&frame, again);
		text_add(&frame, at + strlen(first));
		memcpy(load->frame.data, blank, load->frame.length);
		exchange->sent = load_now();
		load->counts.repeated += load_give(load, frame.data, frame.length);
	}
}

/* ---- paces ---- */

static bool
less_under_way(const struct load *load, void *outstanding)
{
	return load->counts.sent - load->counts.done < *(int *)outstanding;
}

static bool
all_done(const struct load *load, void *arg)
{
	(void)arg;
	return load->counts.done == load->counts.sent;
}

static void
drain(struct load *load)
{
	load_until(load, load_now() + 5 * SECOND, all_done, NULL);
}

static void
keep_under_way(struct load *load, int outstanding, int64_t until, int64_t many)
{
	while (load_now() < until && load->counts.sent < many) {
		while (load->counts.sent - load->counts.done < outstanding && load->counts.sent < many)
			if (!load_send(load))
				break;
		load_until(load, until, less_under_way, &outstanding);
	}
}

void
load_closed(struct load *load, int outstanding, int64_t nanoseconds)
{
	keep_under_way(load, outstanding, load_now() + nanoseconds, INT64_MAX);
}

void
load_count(struct load *load, int outstanding, int64_t many)
{
	keep_under_way(load, outstanding, INT64_MAX, many);
	drain(load);
}

void
load_paced(struct load *load, int rate, int64_t nanoseconds)
{
	int64_t began = load_now(), due = began;

	for (int64_t i = 0; due < began + nanoseconds; i++) {
		load_until(load, due, NULL, NULL);
		load_send(load);
		due = began + (i + 1) * SECOND / rate;
	}
	drain(load);
}

/* ---- counting ---- */

void
load_reset(struct load *load)
{
	int64_t opened = load->counts.opened, bytes = load->counts.answer_bytes;

	load->counts = (struct load_counts){ .opened = opened, .answer_bytes = bytes };
	load->from = load->next;
	load->acknowledged.count = 0;
	load->first = 0;
}

struct load_counts
load_counts(const struct load *load)
{
	return load->counts;
}

static int
by_value(const void *a, const void *b)
{
	float one = *(const float *)a, other = *(const float *)b;

	return (one > other) - (one < other);
}

double
load_acknowledged(struct load *load, double percentile)
{
	size_t count = load->acknowledged.count;

	if (count == 0)
		return NAN;
	qsort(load->acknowledged.item, count, sizeof(*load->acknowledged.item), by_value);
	return (double)load->acknowledged.item[(size_t)((double)(count - 1) * percentile / 100)];
}

int64_t
load_first(const struct load *load)
{
	return load->first;
}

/* ---- cards ---- */

const char *
load_card(const struct load *load)
{
	return load->card.data;
}

void
load_on_message(struct load *load, void (*on_message)(void *, const char *, size_t), void *arg)
{
	load->on_message = on_message;
	load->on_message_arg = arg;
}

static const cJSON *
find_button(const cJSON *blocks, const char *action, const char **row)
{
	const cJSON *block, *element;

	json_each(block, blocks)
		json_each(element, json_at(block, "elements"))
			if (string_equal(json_string(element, "action_id"), action)) {
				*row = json_string_or(block, "block_id", "");
				return element;
			}
	return NULL;
}

bool
load_press(struct load *load, const char *action, struct error *err)
{
	_cleanup_(json_freep) cJSON *card = json_parse(load->card.data, load->card.length, NULL);
	const char *row = NULL;
	const cJSON *button = find_button(json_at(card, "blocks"), action, &row);
	_cleanup_(text_clear) struct text printed = TEXT_INIT;
	struct timespec now;

	if (button == NULL)
		return wrong(err, "the last card has no button %s", action);
	json_print(&printed, button);
	clock_gettime(CLOCK_REALTIME, &now);
	begin_frame(load, "interactive", true);
	text_printf(&load->frame,
	    "{\"type\":\"block_actions\",\"team\":{\"id\":\"" BENCH_TEAM "\"},\"user\":{\"id\":\""
	    BENCH_PERSON "\",\"team_id\":\"" BENCH_TEAM "\"},\"api_app_id\":\"" BENCH_APP
	    "\",\"container\":{\"type\":\"message\",\"message_ts\":\"%s\",\"channel_id\":\"" BENCH_CHANNEL
	    "\",\"is_ephemeral\":false},\"channel\":{\"id\":\"" BENCH_CHANNEL "\",\"name\":\"bench\"},"
	    "\"trigger_id\":\"" MARK ".1.bench\",\"response_url\":\"%shook/" MARK "\",\"actions\":["
	    "{\"block_id\":\"%s\",\"action_ts\":\"%lld.%06ld\",%s]}}", load->card_ts, load->url, row,
	    (long long)now.tv_sec, now.tv_nsec / 1000, printed.data + 1);
	load->wants_post = false;
	return load_send(load) || lost(err, "no socket stands");
}

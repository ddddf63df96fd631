/* message.c - what stands in the channels, with its earlier drawings. */

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "fake.h"
#include "view.h"

#define DRAWINGS_KEPT 200

bool
ts_read(const char *ts, int64_t *micros)
{
	const char *dot = ts == NULL ? NULL : strchr(ts, '.');
	char seconds[16];
	int64_t s, fraction;

	if (dot == NULL || dot == ts || (size_t)(dot - ts) >= sizeof(seconds) || strlen(dot) != 7)
		return false;
	memcpy(seconds, ts, (size_t)(dot - ts));
	seconds[dot - ts] = '\0';
	if (!string_number(seconds, 0, INT64_C(99999999999), &s)
	    || !string_number(dot + 1, 0, 999999, &fraction))
		return false;
	*micros = s * 1000000 + fraction;
	return true;
}

void
ts_print(char ts[TS_SIZE], int64_t micros)
{
	snprintf(ts, TS_SIZE, "%" PRId64 ".%06" PRId64, micros / 1000000, micros % 1000000);
}

/* ---- finding ------------------------------------------------------------------------------- */

/* The place of the first message that is not before `micros`. */
static size_t
message_place(const struct channel *channel, int64_t micros)
{
	size_t low = 0, high = channel->messages.count, middle;

	while (low < high) {
		middle = low + (high - low) / 2;
		if (channel->messages.item[middle]->micros < micros)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

struct message *
message_at_micros(const struct channel *channel, int64_t micros)
{
	size_t place = message_place(channel, micros);

	if (place == channel->messages.count || channel->messages.item[place]->micros != micros)
		return NULL;
	return channel->messages.item[place];
}

struct message *
message_at(const struct channel *channel, const char *ts)
{
	struct message *message;
	int64_t micros;

	if (!ts_read(ts, &micros) || (message = message_at_micros(channel, micros)) == NULL
	    || message->seen.deleted || message->seen.only_for != NULL)
		return NULL;
	return message;
}

struct message *
message_by_number(const struct fake_slack *fs, unsigned number)
{
	const struct workspace *w = &fs->workspace;
	size_t low, high, middle;

	for (size_t i = 0; i < w->channels.count; i++) {
		const struct channel *channel = w->channels.item[i];

		for (low = 0, high = channel->messages.count; low < high;) {
			middle = low + (high - low) / 2;
			if (channel->messages.item[middle]->seen.number == number)
				return channel->messages.item[middle];
			if (channel->messages.item[middle]->seen.number < number)
				low = middle + 1;
			else
				high = middle;
		}
	}
	return NULL;
}

struct message *
message_of(struct fake_slack *fs, const struct fake_slack_message *seen)
{
	return seen == NULL ? NULL : message_by_number(fs, seen->number);
}

const struct fake_slack_message *
fake_slack_message(struct fake_slack *fs, const char *where, const char *ts)
{
	struct channel *channel = channel_find(fs, where);
	struct message *message;
	int64_t micros;

	if (channel == NULL || !ts_read(ts, &micros))
		return NULL;
	message = message_at_micros(channel, micros);
	return message == NULL ? NULL : &message->seen;
}

const struct fake_slack_message *
fake_slack_last_message(struct fake_slack *fs, const char *where)
{
	struct channel *channel = channel_find(fs, where);

	if (channel == NULL || channel->messages.count == 0)
		return NULL;
	return &channel->messages.item[channel->messages.count - 1]->seen;
}

const struct fake_slack_message *
fake_slack_next_message(
    struct fake_slack *fs, const char *where, const struct fake_slack_message *after)
{
	struct channel *channel = channel_find(fs, where);
	size_t place;
	int64_t micros = 0;

	if (channel == NULL || (after != NULL && !ts_read(after->ts, &micros)))
		return NULL;
	place = after == NULL ? 0 : message_place(channel, micros + 1);
	return place < channel->messages.count ? &channel->messages.item[place]->seen : NULL;
}

const struct fake_slack_message *
fake_slack_next_in_thread(struct fake_slack *fs, const struct fake_slack_message *in,
    const struct fake_slack_message *after)
{
	struct message *of = message_of(fs, in), *message;
	int64_t root, micros = 0;

	if (of == NULL || (after != NULL && !ts_read(after->ts, &micros)))
		return NULL;
	root = of->thread_micros != 0 ? of->thread_micros : of->micros;
	for (size_t i = message_place(of->channel, after == NULL ? root : micros + 1);
	    i < of->channel->messages.count; i++) {
		message = of->channel->messages.item[i];
		if (message->micros == root || message->thread_micros == root)
			return &message->seen;
	}
	return NULL;
}

bool
fake_slack_sees(struct fake_slack *fs, const char *who, const struct fake_slack_message *seen)
{
	struct user *user = user_find(fs, who);
	struct message *message = message_of(fs, seen);

	if (user == NULL || message == NULL || message->seen.deleted)
		return false;
	if (message->seen.only_for != NULL)
		return strcmp(message->seen.only_for, user->seen.id) == 0;
	return channel_has(fs, message->channel, user);
}

/* ---- writing ------------------------------------------------------------------------------- */

static void
message_free(struct message *message)
{
	for (size_t i = 0; i < message->past.count; i++) {
		free(message->past.item[i].text);
		cJSON_Delete(message->past.item[i].blocks);
	}
	for (size_t i = 0; i < message->reactions.count; i++)
		free(message->reactions.item[i]);
	free(message->reactions.item);
	free(message->past.item);
	free(message->text);
	cJSON_Delete(message->blocks);
	cJSON_Delete(message->metadata);
	free(message);
}

/* Benchmarks keep only the newest; the array is shortened by halves so that it costs little. */
static void
channel_trim(struct channel *channel, size_t keep)
{
	size_t drop;

	if (keep == 0 || channel->messages.count < 2 * keep)
		return;
	drop = channel->messages.count - keep;
	for (size_t i = 0; i < drop; i++)
		message_free(channel->messages.item[i]);
	memmove(channel->messages.item, channel->messages.item + drop,
	    keep * sizeof(*channel->messages.item));
	channel->messages.count = keep;
}

static int64_t
workspace_stamp(struct fake_slack *fs)
{
	int64_t micros = clock_now(&fs->clock) * 1000;

	/* Like Slack's: the fraction of a quiet second ends in …00, no two messages share one. */
	micros -= micros % 100;
	if (micros <= fs->workspace.last_micros)
		micros = fs->workspace.last_micros + 1;
	fs->workspace.last_micros = micros;
	return micros;
}

static void
message_count_reply(const struct message *message, int difference)
{
	struct message *parent;

	if (message->thread_micros == 0 || message->seen.only_for != NULL)
		return;
	parent = message_at_micros(message->channel, message->thread_micros);
	if (parent != NULL)
		parent->replies += (size_t)difference;
}

struct message *
message_add(struct fake_slack *fs, const struct draft *draft)
{
	struct message *message = xcalloc(1, sizeof(*message));
	struct fake_slack_message *seen = &message->seen;

	channel_trim(draft->channel, fs->options.keep);
	*GROW(&draft->channel->messages) = message;
	message->channel = draft->channel;
	message->micros = draft->micros != 0 ? draft->micros : workspace_stamp(fs);
	if (message->micros > fs->workspace.last_micros)
		fs->workspace.last_micros = message->micros;
	message->thread_micros = draft->thread_micros;
	message->broadcast = draft->broadcast;
	message->text = xstrdup(draft->text == NULL ? "" : draft->text);
	message->blocks = draft->blocks;
	message->metadata = draft->metadata;
	ts_print(message->ts, message->micros);
	ts_print(message->thread_ts, message->thread_micros);
	*seen = (struct fake_slack_message){
		.number = ++fs->workspace.messages,
		.channel = draft->channel->seen.id,
		.ts = message->ts,
		.thread_ts = message->thread_micros != 0 ? message->thread_ts : NULL,
		.user = draft->user,
		.bot_id = draft->bot_id,
		.subtype = draft->subtype,
		.text = message->text,
		.blocks = message->blocks,
		.metadata = message->metadata,
		.only_for = draft->only_for,
		.file = draft->file,
		.file_name = draft->file_name,
		.forged = draft->forged,
	};
	message_count_reply(message, 1);
	fake_changed(fs);
	return message;
}

static void
message_keep_drawing(struct message *message)
{
	struct drawing *oldest = message->past.item;

	if (message->past.count == DRAWINGS_KEPT) {
		free(oldest->text);
		cJSON_Delete(oldest->blocks);
		memmove(oldest, oldest + 1, (DRAWINGS_KEPT - 1) * sizeof(*oldest));
		message->past.count--;
	}
	*GROW(&message->past) = (struct drawing){ message->text, message->blocks };
}

void
message_redraw(struct fake_slack *fs, struct message *message, const char *text, cJSON *blocks,
    cJSON *metadata, bool with_metadata)
{
	char *copy = xstrdup(text == NULL ? "" : text);

	message_keep_drawing(message);
	message->text = copy;
	message->blocks = blocks;
	if (with_metadata) {
		cJSON_Delete(message->metadata);
		message->metadata = metadata;
	}
	message->edited_micros = clock_now(&fs->clock) * 1000;
	message->seen.text = message->text;
	message->seen.blocks = message->blocks;
	message->seen.metadata = message->metadata;
	message->seen.edits++;
	message->seen.edited_mark = blocks == NULL;
	fake_changed(fs);
}

void
message_delete(struct fake_slack *fs, struct message *message)
{
	message->seen.deleted = true;
	message_count_reply(message, -1);
	fake_changed(fs);
}

bool
message_react(struct fake_slack *fs, struct message *message, const char *name, const char *user)
{
	char *entry = xasprintf("%s %s", name, user);
	size_t count = message->reactions.count;

	for (size_t i = 0; i + 1 < count; i++)
		if (strcmp(message->reactions.item[i], entry) == 0) {
			free(entry);
			return false;
		}
	if (count == 0)
		GROW(&message->reactions);
	message->reactions.item[message->reactions.count - 1] = entry;
	*GROW(&message->reactions) = NULL;
	message->seen.reactions = (const char *const *)message->reactions.item;
	fake_changed(fs);
	return true;
}

/* ---- the end ------------------------------------------------------------------------------- */

static void
channel_clear(struct channel *channel)
{
	for (size_t i = 0; i < channel->messages.count; i++)
		message_free(channel->messages.item[i]);
	free(channel->messages.item);
}

void
workspace_clear(struct fake_slack *fs)
{
	struct workspace *w = &fs->workspace;

	for (size_t i = 0; i < w->channels.count; i++)
		channel_clear(w->channels.item[i]);
	for (size_t i = 0; i < w->views.count; i++)
		view_free(w->views.item[i]);
	for (size_t i = 0; i < w->users.count; i++)
		view_free(w->users.item[i]->home);
	for (size_t i = 0; i < w->files.count; i++) {
		text_clear(&w->files.item[i]->bytes);
		free(w->files.item[i]->title);
		free(w->files.item[i]);
	}
	free(w->users.item);
	free(w->channels.item);
	free(w->groups.item);
	free(w->views.item);
	free(w->triggers.item);
	free(w->hooks.item);
	free(w->files.item);
	arena_free(w->arena);
}

/*
 * envelope.c - what Slack sends through the links, its acknowledgements, deadlines and retries.
 *
 * An event that is not acknowledged in 3 s comes again at once, after 1 min and after 5 min; a
 * command or click does not: the person sees operation_timeout (protocols 1.3).  Any link may carry
 * the acknowledgement.  The number of a delivery stands in its envelope's id, so it is found
 * without a search.
 */

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "envelope.h"
#include "link.h"
#include "view.h"
#include "violation.h"

#define ACK_DEADLINE SECONDS(3)
#define DELIVERIES_KEPT 4096

static const struct {
	const char *type;
	bool takes_answer;
} errand_types[] = {
	[ERRAND_EVENT] = { "events_api", false },
	[ERRAND_SLASH] = { "slash_commands", true },
	[ERRAND_ACTION] = { "interactive", true },
	[ERRAND_SUBMIT] = { "interactive", true },
	[ERRAND_CLOSED] = { "interactive", true },
	[ERRAND_SUGGEST] = { "interactive", true },
	[ERRAND_SHORTCUT] = { "interactive", true },
};

static struct delivery *
delivery_find(const struct fake_slack *fs, unsigned number)
{
	if (number < fs->first_delivery || number - fs->first_delivery >= fs->deliveries.count)
		return NULL;
	return fs->deliveries.item[number - fs->first_delivery];
}

static void
delivery_free(struct delivery *delivery)
{
	bell_stop(&delivery->fs->clock, &delivery->deadline);
	cJSON_Delete(delivery->payload);
	cJSON_Delete(delivery->answer);
	free(delivery->words);
	free(delivery->problem);
	free(delivery->confirm);
	free(delivery);
}

/* Drops the oldest half of a full list, as far as it is finished. */
static void
deliveries_trim(struct fake_slack *fs)
{
	size_t keep = fs->options.keep != 0 ? fs->options.keep : DELIVERIES_KEPT, n;

	if (fs->deliveries.count < keep)
		return;
	for (n = 0; n < keep / 2; n++) {
		if (fs->deliveries.item[n]->seen.outcome == FAKE_WAITING)
			break;
		delivery_free(fs->deliveries.item[n]);
	}
	memmove(fs->deliveries.item, fs->deliveries.item + n,
	    (fs->deliveries.count - n) * sizeof(*fs->deliveries.item));
	fs->deliveries.count -= n;
	fs->first_delivery += (unsigned)n;
}

void
delivery_complain(struct delivery *delivery, const char *format, ...)
{
	va_list ap;

	free(delivery->problem);
	va_start(ap, format);
	delivery->problem = xvasprintf(format, ap);
	va_end(ap);
	delivery->seen.problem = delivery->problem;
	journal(delivery->fs, "%s", delivery->problem);
}

static void
delivery_end(struct delivery *delivery, enum fake_slack_outcome outcome)
{
	if (delivery->seen.outcome == FAKE_WAITING)
		delivery->fs->waiting--;
	delivery->seen.outcome = outcome;
	fake_changed(delivery->fs);
}

/* ---- sending ------------------------------------------------------------------------------- */

static void
delivery_print(struct delivery *delivery, struct text *out)
{
	struct fake_slack *fs = delivery->fs;
	const struct fake_slack_delivery *seen = &delivery->seen;

	text_printf(out, "{\"envelope_id\":\"%s\",\"type\":\"%s\",\"accepts_response_payload\":%s,",
	    delivery->envelope_id, seen->type,
	    errand_types[delivery->kind].takes_answer ? "true" : "false");
	if (delivery->kind == ERRAND_EVENT)
		text_printf(out, "\"retry_attempt\":%d,\"retry_reason\":\"%s\",",
		    seen->attempts - 1, seen->attempts > 1 ? "timeout" : "");
	text_add(out, "\"payload\":");
	json_print(out, delivery->payload);
	if (fs->pad > out->length + 16) {
		text_add(out, ",\"padding\":\"");
		while (out->length < fs->pad)
			text_add_char(out, 'x');
		text_add_char(out, '"');
	}
	text_add_char(out, '}');
}

static bool
delivery_send(struct delivery *delivery)
{
	struct fake_slack *fs = delivery->fs;
	struct text *out = &fs->scratch;
	unsigned which;

	if (!link_any(fs))
		return false;
	delivery->seen.attempts++;
	snprintf(delivery->envelope_id, sizeof(delivery->envelope_id),
	    "%08x-%04x-4a11-8bad-%012" PRIx64, delivery->seen.number, delivery->seen.attempts,
	    fake_random(fs) & UINT64_C(0xffffffffffff));
	text_reset(out);
	delivery_print(delivery, out);
	link_send(fs, out->data, out->length, &which);
	journal(fs, "socket %u ← %s", which, out->data);
	return true;
}

static void delivery_try(void *arg);

/* Slack's schedule: at once, one minute, five minutes; then the event is lost. */
static void
delivery_retry(struct delivery *delivery, int failed)
{
	static const int64_t waits[] = { 0, MINUTES(1), MINUTES(5) };

	if (failed > (int)COUNT(waits)) {
		delivery_complain(
		    delivery, "an event was lost: no acknowledgement after 3 retries");
		delivery_end(delivery, FAKE_TIMED_OUT);
		return;
	}
	bell_set(
	    &delivery->fs->clock, &delivery->deadline, waits[failed - 1], delivery_try, delivery);
}

/* What the person sees who typed, clicked or sent a dialog in vain. */
static void
delivery_fails(struct delivery *delivery, const char *error, enum fake_slack_outcome outcome)
{
	delivery_complain(delivery, "%s failed with the error \"%s\"", delivery->words, error);
	if (delivery->kind == ERRAND_SUBMIT)
		view_missed(delivery);
	else if (delivery->user != NULL && delivery->channel != NULL)
		notice_show(
		    delivery->fs, delivery->channel, delivery->user, "%s", delivery->problem);
	delivery_end(delivery, outcome);
}

static void
delivery_late(void *arg)
{
	struct delivery *delivery = arg;

	if (delivery->kind == ERRAND_EVENT) {
		delivery_retry(delivery, delivery->seen.attempts);
		return;
	}
	delivery_fails(delivery, "operation_timeout", FAKE_TIMED_OUT);
}

static void
delivery_try(void *arg)
{
	struct delivery *delivery = arg;

	if (delivery_send(delivery)) {
		bell_set(&delivery->fs->clock, &delivery->deadline, ACK_DEADLINE, delivery_late,
		    delivery);
		return;
	}
	if (delivery->kind == ERRAND_EVENT) {
		delivery->seen.attempts++;
		delivery_retry(delivery, delivery->seen.attempts);
		return;
	}
	/* [gk] What Slack shows when the app has no socket open. */
	delivery_fails(delivery, "dispatch_failed", FAKE_NOT_SENT);
}

unsigned
envelope_send(struct fake_slack *fs, const struct errand *errand)
{
	struct delivery *delivery = xcalloc(1, sizeof(*delivery));

	deliveries_trim(fs);
	if (fs->deliveries.count == 0 && fs->first_delivery == 0)
		fs->first_delivery = 1;
	delivery->fs = fs;
	delivery->kind = errand->kind;
	delivery->user = errand->user;
	delivery->channel = errand->channel;
	delivery->payload = errand->payload;
	delivery->words = xstrdup(errand->words == NULL ? "This" : errand->words);
	delivery->confirm = errand->confirm == NULL ? NULL : xstrdup(errand->confirm);
	snprintf(
	    delivery->view, sizeof(delivery->view), "%s", errand->view == NULL ? "" : errand->view);
	delivery->seen = (struct fake_slack_delivery){
		.number = fs->first_delivery + (unsigned)fs->deliveries.count,
		.type = errand_types[errand->kind].type,
		.user = errand->user == NULL ? NULL : errand->user->seen.id,
		.envelope_id = delivery->envelope_id,
		.payload = delivery->payload,
		.confirm = delivery->confirm,
		.sent = clock_now(&fs->clock),
	};
	*GROW(&fs->deliveries) = delivery;
	fs->waiting++;
	delivery_try(delivery);
	fake_changed(fs);
	return delivery->seen.number;
}

bool
fake_slack_redeliver(struct fake_slack *fs, unsigned number, struct error *err)
{
	struct delivery *delivery = delivery_find(fs, number);

	if (delivery == NULL)
		return wrong(err, "there is no delivery %u", number);
	if (!delivery_send(delivery))
		return lost(err, "no link is open");
	fake_changed(fs);
	return true;
}

/* ---- acknowledgements ---------------------------------------------------------------------- */

static struct delivery *
delivery_of_envelope(const struct fake_slack *fs, const char *id)
{
	struct delivery *delivery;

	if (id == NULL || strlen(id) != 36)
		return NULL;
	delivery = delivery_find(fs, (unsigned)strtoul(id, NULL, 16));
	/* The acknowledgement of an earlier attempt counts; the rest of the id must fit all the
	 * same. */
	if (delivery == NULL || strncmp(id + 14, delivery->envelope_id + 14, 9) != 0)
		return NULL;
	return delivery;
}

static void
delivery_acknowledged(struct delivery *delivery, const cJSON *answer)
{
	struct fake_slack *fs = delivery->fs;

	delivery->seen.acks++;
	if (delivery->seen.acks > 1)
		fake_count(fs, "ack.twice");
	if (delivery->seen.outcome == FAKE_TIMED_OUT || delivery->seen.outcome == FAKE_NOT_SENT)
		delivery->seen.late = true;
	if (delivery->seen.outcome != FAKE_WAITING)
		return;
	bell_stop(&fs->clock, &delivery->deadline);
	delivery->seen.acked = clock_now(&fs->clock);
	if (cJSON_IsObject(answer) && answer->child != NULL) {
		delivery->answer = cJSON_Duplicate(answer, true);
		delivery->seen.answer = delivery->answer;
	}
	delivery_end(delivery, FAKE_ACKED);
	answer_take(delivery);
}

/* What an acknowledgement may hold, and whether this one may say anything (protocols 1.3). */
static void
frame_check(const struct delivery *delivery, const cJSON *frame)
{
	const cJSON *member;

	json_each(member, frame)
		if (!string_in(member->string, (const char *const[]){ "envelope_id", "payload", NULL }))
			violate(delivery->fs, "frame", "/%s does not belong there", member->string);
	if (cJSON_GetObjectItemCaseSensitive(frame, "payload") != NULL &&
	    !errand_types[delivery->kind].takes_answer)
		violate(delivery->fs, "frame", "/payload, but %s takes none", delivery->seen.type);
}

void
envelope_receive(struct fake_slack *fs, const char *bytes, size_t length)
{
	_cleanup_(json_freep) cJSON *frame = json_parse(bytes, length, NULL);
	const char *id = json_string(frame, "envelope_id");
	struct delivery *delivery = delivery_of_envelope(fs, id);

	if (id == NULL) {
		fake_count(fs, "frame.bad");
		violate(fs, "frame", "it is not an acknowledgement: %.80s", bytes);
		journal(fs, "that frame is not an acknowledgement");
		return;
	}
	if (delivery == NULL) {
		fake_count(fs, "ack.unknown");
		return;
	}
	fake_count(fs, "ack");
	frame_check(delivery, frame);
	delivery_acknowledged(delivery, json_at(frame, "payload"));
	fake_changed(fs);
}

/* ---- asking -------------------------------------------------------------------------------- */

const struct fake_slack_delivery *
fake_slack_delivery(const struct fake_slack *fs, unsigned number)
{
	struct delivery *delivery = delivery_find(fs, number);

	return delivery == NULL ? NULL : &delivery->seen;
}

unsigned
fake_slack_last_delivery(const struct fake_slack *fs)
{
	if (fs->deliveries.count == 0)
		return 0;
	return fs->first_delivery + (unsigned)fs->deliveries.count - 1;
}

unsigned
fake_slack_waiting(const struct fake_slack *fs)
{
	return fs->waiting;
}

void
envelopes_free(struct fake_slack *fs)
{
	for (size_t i = 0; i < fs->deliveries.count; i++)
		delivery_free(fs->deliveries.item[i]);
	free(fs->deliveries.item);
}

/*
 * operation_tell.c - what channels are told of a rollback: that it was decided (G6), and how it ended (G1).
 *
 * The channel of the card sees the decision on the card; the target's other channels get a message of their
 * own before the first step.  Each is a letter of the transaction that it tells of, and goes out once.
 */

#include <string.h>

#include "base/unicode.h"
#include "embedded.h"
#include "notice.h"
#include "operation_move.h"
#include "say.h"

const char *
operation_place(const struct operation *o)
{
	return o->card_channel != NULL ? o->card_channel : o->arrival->channel;
}

static bool
sent_already(const struct move *move, const char *key)
{
	for (const struct letter *l = move->letters; l != NULL; l = l->next)
		if (string_equal(l->row.key, key))
			return true;
	return false;
}

static void
tell_channel(struct move *move, const char *kind, const char *chat, const char *channel,
    struct message *message)
{
	struct operation *o = move->operation;
	struct outbox_row row = { .class = 1, .chat = chat, .channel = channel,
		.person = o->arrival->person,
		.key = arena_printf(move->arena, "%s/%s/%s", o->id, kind, channel) };

	if (channel == NULL || sent_already(move, row.key))
		return;
	if (string_equal(channel, o->asked_in))
		row.conversation = arena_printf(move->arena, "%s/question", o->id);
	else if (!string_equal(channel, operation_place(o)))	/* the ends of one place do not wait for another */
		row.conversation = row.key;
	message->id = o->id;
	message->state = kind;
	move_letter(move, &row, message);
}

void
operation_tell_channels(struct move *move, const char *kind, struct message *message)
{
	struct operation *o = move->operation;
	const struct entrance *home = bot_home(o->bot);
	const struct target *target = o->request->target;	/* NULL: of a stray one */
	const char *const *key = target != NULL ? target->setting->notify_channels : NULL;
	bool decided = string_equal(kind, "decided"), notice = string_equal(kind, "notice");

	if (home == NULL)
		return;
	for (; key != NULL && *key != NULL; key++) {
		const char *channel = directory_channel_id(o->bot->directory, *key);

		/* An edit of the question there rings no phone: a failure is told beside it. */
		if (decided && string_equal(channel, o->asked_in))
			continue;
		if (notice || !string_equal(channel, operation_place(o)))
			tell_channel(move, kind, home->chat->name, channel, message);
	}
}

static const char *
person(struct arena *arena, const struct operation *o, const char *principal)
{
	const char *slash = strchr(principal, '/');

	return slash != NULL ? arena_printf(arena, PERSON "%s" PERSON, slash + 1)
			     : directory_name(o->bot->directory, principal);
}

/* Who decided, why, from and to. */
void
operation_tell_decision(struct move *move)
{
	struct operation *o = move->operation;
	const struct plan *plan = o->plan;
	_cleanup_(message_freep) struct message *m = message_new();
	const char *from = plan->from.version, *to = plan->to.version;

	m->text = say(m->arena, "Rollback begins: %s, %s", plan->target, plan->environment);
	message_line(m, BOLD "%s" BOLD, m->text);
	message_line(m, "From %s (revision %lld) to %s (revision %lld), %s", from != NULL ? from : "?",
	    (long long)plan->from.number, to != NULL ? to : "?", (long long)plan->to.number, o->id);
	for (size_t i = 0; i < o->approvals.count; i++)
		message_line(m, "Approved by %s", person(m->arena, o, o->approvals.item[i].person));
	message_line(m, "Asked by %s", person(m->arena, o, o->request->principal));
	message_line(m, "Reason: %s", o->reason != NULL ? o->reason : "not given");
	operation_tell_channels(move, "decided", m);
}

/* Who was told that it begins is told that it did not end as wanted. */
void
operation_tell_failure(struct move *move, const char *why)
{
	struct operation *o = move->operation;
	_cleanup_(message_freep) struct message *m = message_new();

	m->text = say(m->arena, "Rollback %s: %s, %s", fold_case(m->arena, operation_word(o)), o->plan->target,
	    o->plan->environment);
	message_line(m, BOLD "%s" BOLD, m->text);
	message_line(m, "%s%s%s", o->id, why != NULL ? ". " : "", why != NULL ? why : "");
	operation_tell_channels(move, "failure", m);
}

/* To the channel of the card, where it is the end message, and to every listed channel, once each (G1). */
void
operation_tell_end(struct move *move)
{
	struct operation *o = move->operation;
	_cleanup_(message_freep) struct message *m = message_new();

	m->verbatim = notice_fill(m->arena, embedded_notification, o);
	m->text = operation_notification(o, m->arena, o->verdict == VERDICT_VERIFIED
		? say(m->arena, "Every pod was read back") : o->plan->unproven);
	tell_channel(move, "notice", o->arrival->chat->name, operation_place(o), m);
	operation_tell_channels(move, "notice", m);
}

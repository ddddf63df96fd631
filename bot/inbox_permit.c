/* inbox_permit.c - may they, here and now; and what begins when they may. */

#include <stdlib.h>

#include "answers.h"
#include "base/log.h"
#include "forgery.h"
#include "inbox_private.h"
#include "operation.h"
#include "say.h"

#define TOO_OLD MINUTES(2)

/* ---- permitted ---- */

static enum effect
effect_of(const struct request *request)
{
	for (const struct subcommand *s = request->command->subcommands; s != NULL && s->name != NULL; s++)
		if (string_equal(s->name, request->subcommand))
			return s->effect;
	return request->command->effect;
}

static size_t
open_operations(const struct bot *bot)
{
	size_t count = 0;

	for (const struct operation *o = bot->operations; o != NULL; o = o->next)
		count += o->state != STATE_WATCHING;	/* they have a bound of their own */
	return count;
}

static void
on_answer(void *arg, struct message *message, const struct error *err)
{
	struct entry *entry = arg;

	if (entry->bot->ended)
		entry_free(entry);
	else if (message != NULL)
		entry_answer(arg, message);
	else
		entry_answer_error(arg, err);
}

static void
begin(struct entry *entry)
{
	struct bot *bot = entry->bot;
	struct error err = ERROR_INIT;

	if (entry->request->command->internal != NULL) {
		answers_give(bot, entry->arrival, entry->request, on_answer, entry);
		return;
	}
	if (effect_of(entry->request) != READS && (bot->braked || bot->leaving)) {
		refuse(&err, bot->braked
			? "Not started: the emergency brake is on. An admin lifts it with: ops brake off"
			: "Not started: I am being restarted. Ask again in a minute");
		entry_answer_error(entry, &err);
		return;
	}
	if (effect_of(entry->request) != READS && forgery_holds(bot, entry->arrival, &err)) {
		entry_answer_error(entry, &err);
		return;
	}
	if (open_operations(bot) >= (size_t)bot->configuration->limits.operations) {
		refuse(&err, "Not started: %d operations are open already. See: ops list",
		    bot->configuration->limits.operations);
		entry_answer_error(entry, &err);
		return;
	}
	entry_acknowledge(entry, say(entry->request->arena, "Looking at %s…",
	    entry->request->target != NULL ? entry->request->target->setting->key
					   : entry->request->command->name));
	entry->arrival->inbox = entry->row.id;
	operation_begin(bot, entry->arrival, entry->request, &entry->permission);
	bot->hearing--;
	free(entry);
}

static void
on_fetched(void *arg)
{
	entry_permit(arg, true);
}

/* A yes or a no is never judged by what was known more than 10 s ago (ID5). */
static bool
is_a_word(const struct request *request)
{
	static const char *const words[] = { "approve", "reject", "start", "resume", "release", NULL };

	return string_equal(request->command->internal, "ops") && string_in(request->subcommand, words);
}

/* Who may say yes to an operation may type it, whatever the rules say of `ops` (ux.md 7); what a rule
 * forbids stays so.  err: why not, where it is about this operation. */
static bool
is_its_approver(struct entry *entry, struct error *err)
{
	static const char *const words[] = { "approve", "reject", NULL };
	struct request *r = entry->request;
	const struct bot *bot = entry->bot;
	const struct operation *o;

	if (!is_a_word(r) || !string_in(r->subcommand, words) || entry->permission.unknown ||
	    entry->permission.forbidden)
		return false;
	o = operation_find(entry->bot, answers_id(r->arena, r->object));
	return o != NULL && o->permission.allowed &&
	    permit_member(bot->configuration, bot->directory, entry->arrival, r->principal, err) &&
	    permit_approval(&o->permission, bot->configuration, bot->directory, o->request, r->principal, err);
}

void
entry_permit(struct entry *entry, bool fetched)
{
	struct error err = ERROR_INIT;
	struct request *request = entry->request;

	if (is_a_word(request) && !fetched) {
		directory_fetch(entry->bot->directory, request->principal, entry->arrival->channel,
		    SECONDS(10), on_fetched, entry);
		return;
	}
	if (permit(&entry->permission, entry->bot->configuration, entry->bot->directory, request,
		effect_of(request), &err)) {
		begin(entry);
		return;
	}
	if (is_its_approver(entry, &err)) {
		begin(entry);
		return;
	}
	if (entry->permission.unknown && !fetched) {
		entry_acknowledge(entry, say(request->arena, "Looking…"));
		directory_fetch(entry->bot->directory, request->principal,
		    entry->arrival->channel, MINUTES(1), on_fetched, entry);
		return;
	}
	log_info("refused %s: %s", request->principal, err.text);
	entry_answer_error(entry, &err);
}

/* ---- too old, or not said by a person ---- */

/* Tokens of other apps write messages as a person; they cannot click or type a slash command (P7, ID4). */
bool
entry_said_by_a_person(const struct entry *entry, struct error *err)
{
	const struct request *r = entry->request;

	if (entry->arrival->door != DOOR_MESSAGE || !answers_lets_go(r))
		return true;
	return refuse(err, "Nothing was done: a message may be written by another program. Press it on the card, or type /ops %s %s",
	    r->subcommand, r->object);
}

/* A word that lets a change begin, or gives back what holds it, is one (E10). */
bool
entry_is_old(const struct entry *entry)
{
	return (effect_of(entry->request) != READS || answers_lets_go(entry->request)) &&
	    loop_wall(entry->bot->loop) - entry->arrival->stamp > TOO_OLD;
}

void
entry_ask_again(struct entry *entry)
{
	_cleanup_(message_freep) struct message *message = message_new();
	struct arena *arena = message->arena;

	message_line(message, "%s",
	    say(arena, "Not started: “%s” is older than 2 minutes. Still wanted? Type it again: %s",
		arena_strdup(arena, entry->arrival->text), arena_strdup(arena, entry->arrival->text)));
	message->text = say_plain(arena, message->lines.item[0]);
	message->state = "too_old";
	entry_answer(entry, message);
}

/* ---- help, and what is near a misspelt word ---- */

static void
on_reader_fetched(void *arg)
{
	entry_names(arg, true);
}

/* Both name targets: a guest, and a channel that others read, hear none of them (ID2, ID3).  At the machine itself
 * help is everybody's (CS1). */
void
entry_names(struct entry *entry, bool fetched)
{
	const struct arrival *a = entry->arrival;
	const struct bot *bot = entry->bot;
	const char *principal = arena_printf(a->arena, "%s/%s", a->team, a->person);
	struct error err = ERROR_INIT;
	bool unknown = false;

	if (a->door != DOOR_CONSOLE && !permit_reader(bot->configuration, bot->directory, a, principal, &unknown, &err)) {
		if (unknown && !fetched) {
			entry_acknowledge(entry, NULL);
			directory_fetch(bot->directory, principal, a->channel, MINUTES(1), on_reader_fetched, entry);
			return;
		}
		entry->suggestion = NULL;
		entry_answer_error(entry, &err);
	} else if (entry->request == NULL) {
		entry_answer_error(entry, &entry->error);
	} else {
		begin(entry);
	}
}

bool
entry_is_help(const struct entry *entry)
{
	return entry->request != NULL && entry->request->command->internal != NULL &&
	    answers_need_nothing(entry->request);
}

/*
 * operation_follow.c - who wants to hear of an operation: of its end, or only that its lock is free (E8).
 *
 * The second one on a workload is refused with who and since when; there is no silent queue.  Who follows is
 * told at its end, who waits for the lock is told once that it is free; both stand in the operation's row.
 */

#include "base/log.h"
#include "operation_move.h"
#include "say.h"

bool
operation_holds(const struct operation *o)
{
	return o->id != NULL && !o->released && (o->state == STATE_ACTING || o->state == STATE_WAITING ||
	    o->state == STATE_UNDOING || o->state == STATE_INTERRUPTED);
}

bool
operation_shares_lock(const struct operation *o, const struct plan *plan)
{
	for (size_t i = 0; o->plan != NULL && i < o->plan->locks.count; i++)
		for (size_t j = 0; j < plan->locks.count; j++)
			if (string_equal(o->plan->locks.item[i], plan->locks.item[j]))
				return true;
	return false;
}

struct operation *
operation_blocker(struct bot *bot, const struct plan *plan)
{
	for (struct operation *o = bot->operations; o != NULL; o = o->next)
		if (o->plan != plan && operation_holds(o) && operation_shares_lock(o, plan))
			return o;
	return NULL;
}

const char *
operation_who_blocks(const struct operation *blocker, struct arena *arena)
{
	return say(arena, "%s by %s holds the lock since %s", blocker->id,
	    directory_name(blocker->bot->directory, blocker->request->principal),
	    stamp_clock(arena, blocker->bot->configuration->zone,
		blocker->plan->steps.count > 0 && blocker->plan->steps.item[0].started > 0
		    ? blocker->plan->steps.item[0].started
		    : blocker->created));
}

/* They mean the one that holds the lock, whatever card they stand on: no drawing of it is asked for. */
void
operation_offer(const char *id, struct message *m,
    void (*add)(struct message *, const struct button *))
{
	struct button tell = { .label = "Tell me then", .action = "tell",
		.argument = arena_printf(m->arena, "%s::0", id),
		.description = arena_printf(m->arena, "Tell me when the lock of %s is free", id) };
	struct button follow = { .label = arena_printf(m->arena, "Follow %s", id), .action = "follow",
		.argument = tell.argument,
		.description = arena_printf(m->arena, "Where %s stands, and tell me its end", id) };

	add(m, &follow);
	add(m, &tell);
}

/* ---- what people say ---- */

static bool
follows(const struct operation *o, const char *principal, const char *channel, bool lock_only)
{
	for (size_t i = 0; i < o->followers.count; i++)
		if (o->followers.item[i].lock_only == lock_only &&
		    string_equal(o->followers.item[i].principal, principal) &&
		    string_equal(o->followers.item[i].channel, channel))
			return true;
	return false;
}

static bool
follow(struct operation *o, const struct word_of *word, bool lock_only, struct error *err)
{
	const struct arrival *a = word->arrival;
	/* A person is told directly; a terminal is where they are. */
	const char *channel = a->chat->find != NULL ? a->person : a->channel;

	if (!operation_holds(o))
		return refuse(err, "%s holds no lock any more: %s. Start again", o->id, operation_word(o));
	if (follows(o, word->principal, channel, lock_only))
		return true;
	if (o->followers.count >= FOLLOWERS_MOST)
		return refuse(err, "%d people wait for %s already. Where it stands: ops show %s",
		    FOLLOWERS_MOST, o->id, o->id);
	*ARENA_GROW(o->arena, &o->followers) = (struct follower){
		.principal = arena_strdup(o->arena, word->principal),
		.person = arena_strdup(o->arena, a->person), .chat = a->chat->name,
		.channel = arena_strdup(o->arena, channel), .lock_only = lock_only };
	operation_keep(o, lock_only ? "tell" : "follow", word->principal);
	return true;
}

bool
operation_follow(struct operation *o, const struct word_of *word, struct error *err)
{
	return follow(o, word, false, err);
}

bool
operation_tell(struct operation *o, const struct word_of *word, struct error *err)
{
	return follow(o, word, true, err);
}

const char *
operation_where(const struct operation *o, struct arena *arena)
{
	const char *headline = operation_headline(o, arena);
	const char *step = o->list != NULL && o->position < o->list->count
	    ? say(arena, ", step %zu of %zu: %s", o->position + 1, o->list->count,
		  o->list->item[o->position].title)
	    : "";
	const char *who = directory_name(o->bot->directory, o->request->principal);

	if (o->card_channel == NULL || o->arrival->chat->find == NULL)
		return say(arena, "%s%s. Its card stands at the terminal of %s; here: ops show %s", headline,
		    step, who, o->id);
	return say(arena, "%s%s. Its card stands in " CHANNEL "%s" CHANNEL " since %s; here: ops show %s",
	    headline, step, o->card_channel, stamp_clock(arena, o->bot->configuration->zone, o->created),
	    o->id);
}

/* ---- what they are told ---- */

/* What was asked for meanwhile and waits for the same lock: told with the way to start it. */
static const struct operation *
waiting_plan(const struct operation *o, const char *principal)
{
	for (const struct operation *other = o->bot->operations; other != NULL; other = other->next)
		if (other->state == STATE_ASKING && string_equal(other->blocked_by, o->id) &&
		    string_equal(other->request->principal, principal))
			return other;
	return NULL;
}

static void
free_text(struct message *m, const struct operation *o, const struct follower *f, bool ended)
{
	const struct operation *waiting = waiting_plan(o, f->principal);
	struct arena *a = m->arena;
	const char *so = ended ? operation_headline(o, a)
			       : say(a, "%s gave its lock back", o->id);
	const char *next = waiting != NULL
	    ? say(a, "%s still waits until %s: press Start on its card, or type ops start %s", waiting->id,
		  stamp_clock(a, o->bot->configuration->zone, waiting->expires), waiting->id)
	    : "Ask again for what you wanted; nothing was queued";

	message_line(m, "%s. The lock of %s is free. %s", so, o->plan->target, next);
}

static void
letter_to(struct move *move, const struct follower *f, bool ended, const char *why)
{
	const struct operation *o = move->operation;
	_cleanup_(message_freep) struct message *m = message_new();
	struct outbox_row row = { .class = 0, .chat = f->chat, .channel = f->channel, .person = f->person,
		.key = arena_printf(move->arena, "%s/%s/%s", o->id, f->lock_only ? "free" : "follow",
		    f->channel) };

	row.conversation = row.key;
	if (f->lock_only)
		free_text(m, o, f, ended);
	else
		message_line(m, "%s, %s%s%s", operation_headline(o, m->arena), o->plan->environment,
		    why != NULL ? ". " : "", why != NULL ? why : "");
	m->text = say_plain(m->arena, m->lines.item[0]);
	m->id = o->id;
	m->state = "followed";
	move_letter(move, &row, m);
}

void
operation_tell_followers(struct move *move, bool ended, const char *why)
{
	const struct operation *o = move->operation;

	for (size_t i = 0; i < o->followers.count; i++)
		if (ended || o->followers.item[i].lock_only)
			letter_to(move, &o->followers.item[i], ended, why);
}

void
operation_unblock(struct bot *bot, const char *id)
{
	for (struct operation *o = bot->operations; o != NULL; o = o->next) {
		if (o->state != STATE_ASKING || !string_equal(o->blocked_by, id))
			continue;
		o->blocked_by = NULL;
		plan_remark_drop(o->plan, "locked");
		o->row++;
		operation_redraw(o);
	}
}

/* ---- over a restart ---- */

void
followers_print(const struct operation *o, cJSON *request)
{
	cJSON *list, *one;

	json_add_string(request, "blocked_by", o->blocked_by);
	json_add_bool(request, "released", o->released);
	json_add_string(request, "overtaken_by", o->overtaken_by);
	if (o->followers.count == 0)
		return;
	list = json_add_array(request, "followers");
	for (size_t i = 0; i < o->followers.count; i++) {
		one = json_add_object(list, NULL);
		json_add_string(one, "principal", o->followers.item[i].principal);
		json_add_string(one, "person", o->followers.item[i].person);
		json_add_string(one, "chat", o->followers.item[i].chat);
		json_add_string(one, "channel", o->followers.item[i].channel);
		json_add_bool(one, "lock_only", o->followers.item[i].lock_only);
	}
}

void
followers_read(struct operation *o, const cJSON *request)
{
	const cJSON *one;

	o->blocked_by = arena_strdup(o->arena, json_string(request, "blocked_by"));
	o->released = json_bool(request, "released", false);
	o->overtaken_by = arena_strdup(o->arena, json_string(request, "overtaken_by"));
	json_each(one, json_at(request, "followers")) {
		if (o->followers.count >= FOLLOWERS_MOST)
			break;
		*ARENA_GROW(o->arena, &o->followers) = (struct follower){
			.principal = arena_strdup(o->arena, json_string_or(one, "principal", "")),
			.person = arena_strdup(o->arena, json_string_or(one, "person", "")),
			.chat = arena_strdup(o->arena, json_string_or(one, "chat", "")),
			.channel = arena_strdup(o->arena, json_string_or(one, "channel", "")),
			.lock_only = json_bool(one, "lock_only", false) };
	}
}

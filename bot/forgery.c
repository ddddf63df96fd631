/* forgery.c - clicks on cards that are not ours: judged by the store, told to the admins, changes held. */

#include <string.h>

#include "base/log.h"
#include "directory.h"
#include "forgery.h"
#include "operation.h"
#include "outbox.h"
#include "say.h"

#define TOLD_EVERY MINUTES(10)	/* to the channel; the record takes each */

enum card {
	CARD_FORGED,
	CARD_OTHER,	/* ours, posted twice */
	CARD_OPEN,	/* its operation is being taken up again */
	CARD_ENDED,
	CARD_TOO_OLD,
};

struct suspicion {
	struct store_job job;
	struct arena *arena;
	struct bot *bot;
	const struct arrival *arrival;
	const char *id;
	const char *stands;		/* where its card does, as far as memory knows; NULL */
	bool sealed, hold;
	struct letter *letter;		/* NULL: there is no such channel, or it was told just now */
	struct audit_row audit;
	enum card card;			/* out */
	void (*done)(void *, const struct error *);
	void *arg;
};

/* ---- on the store's thread ---- */

/* What the store knows of the operation, and of the letter that bears its card. */
struct known {
	struct operation_row row;
	struct outbox_row letter;	/* the question's, where one is asked in the chat; else the card's */
	bool there, asked, posted;
};

static bool
find_known(const struct suspicion *s, struct known *k, const struct store_verbs *verbs, void *db, struct error *err)
{
	const char *question = arena_printf(s->arena, "%s/question", s->id);
	const char *card = arena_printf(s->arena, "%s/card", s->id);

	return verbs->operation_find(db, s->arena, s->id, &k->row, &k->there, err) &&
	    verbs->outbox_find(db, s->arena, question, &k->letter, &k->asked, err) &&
	    (k->asked || verbs->outbox_find(db, s->arena, card, &k->letter, &k->posted, err));
}

/* Of one that was asked at a terminal only its question stands in the chat.  NULL: nothing stands yet. */
static const char *
place_of(const struct suspicion *s, const struct known *k)
{
	_cleanup_(json_freep) cJSON *request = NULL;
	const char *question;

	if (s->stands != NULL || k->asked)
		return s->stands != NULL ? s->stands : k->letter.ts;
	request = k->row.request != NULL ? json_parse(k->row.request, strlen(k->row.request), NULL) : NULL;
	question = json_string(request, "question");
	if (question != NULL)
		return arena_strdup(s->arena, question);
	return k->row.card != NULL ? k->row.card : k->letter.ts;
}

static enum card
card_of(const struct suspicion *s, const struct known *k)
{
	const char *clicked = s->arrival->door == DOOR_BUTTON ? s->arrival->message : NULL;
	const char *stands = place_of(s, k);

	if (!k->there)
		return CARD_TOO_OLD;
	if (stands == NULL || clicked == NULL || string_equal(stands, clicked))
		return string_equal(k->row.state, "ended") ? CARD_ENDED : CARD_OPEN;
	return (k->asked || k->posted) && string_equal(k->letter.why, OUTBOX_TWICE) ? CARD_OTHER : CARD_FORGED;
}

static bool
judge(struct suspicion *s, const struct store_verbs *verbs, void *db, struct error *err)
{
	struct known known = { .there = false };

	s->card = CARD_FORGED;
	if (!s->sealed)
		return true;
	if (!find_known(s, &known, verbs, db, err))
		return false;
	s->card = card_of(s, &known);
	return true;
}

static bool
judge_work(struct store_job *job, const struct store_verbs *verbs, void *db, struct error *err)
{
	struct suspicion *s = CONTAINER(job, struct suspicion, job);

	if (!judge(s, verbs, db, err))
		return false;
	if (s->card != CARD_FORGED)
		return true;
	return (!s->hold || verbs->note_set(db, "held", "forged card", err)) &&
	    (s->letter == NULL || letters_add(s->letter, verbs, db, err)) &&
	    verbs->audit_add(db, &s->audit, err);
}

/* ---- on the loop ---- */

static void
raise_alarm(struct suspicion *s, struct error *answer)
{
	struct bot *bot = s->bot;

	bot_count(bot, "click.forged");
	log_error("a click of %s/%s on a card that I never drew (%s, message %s): the token of %s may be stolen%s",
	    s->arrival->team, s->arrival->person, s->arrival->channel != NULL ? s->arrival->channel : "a dialog",
	    s->arrival->message != NULL ? s->arrival->message : "-", s->arrival->chat->name,
	    s->hold ? "; changes from there are held until: rollcall unlock" : "");
	if (s->hold)
		bot->held = true;
	if (s->letter != NULL) {
		bot->forgery_told = loop_now(bot->loop) + 1;
		outbox_post(bot->outbox, s->letter);
		s->letter = NULL;
	}
	refuse(answer, s->sealed ? "That is not the card of %s, only a copy of it: nothing was done, and the admins are told"
				 : "That card was not drawn by me: nothing was done, and the admins are told", s->id);
}

static void
judge_done(struct store_job *job)
{
	struct suspicion *s = CONTAINER(job, struct suspicion, job);
	struct error answer = ERROR_INIT;

	if (job->error.kind != ERROR_NONE) {
		log_error("a click on a strange card could not be judged: %s", job->error.text);
		/* Without a seal it is forged, whatever the store knows. */
		if (!s->sealed && s->hold)
			s->bot->held = true;
		refuse(&answer, "Nothing was done: my own store does not take anything at the moment");
	} else if (s->card == CARD_FORGED) {
		raise_alarm(s, &answer);
	} else if (s->card == CARD_OTHER) {
		refuse(&answer, "%s stands twice, and this is the card that does not count. Press it on the other one", s->id);
	} else if (s->card == CARD_OPEN) {
		refuse(&answer, "%s is just being taken up again, after a restart. Press it again in a moment", s->id);
	} else if (s->card == CARD_ENDED) {
		wrong(&answer, "%s has ended; nothing was done", s->id);
	} else {
		refuse(&answer, "%s is too old: I know nothing of it any more, and nothing was done", s->id);
	}
	letter_free(s->letter);
	s->done(s->arg, &answer);
	arena_free(s->arena);
}

/* What stands in a forged button may be anything; only an id is said again. */
static const char *
harmless_id(struct arena *arena, const char *id)
{
	size_t capitals = strspn(id, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"), dash = capitals + (id[capitals] == '-');
	size_t digits = strspn(id + dash, "0123456789");

	if (capitals == 0 || dash == capitals || digits == 0 || id[dash + digits] != '\0' ||
	    dash + digits > 20)
		return "no operation";
	return arena_strdup(arena, id);
}

static struct letter *
letter_to_admins(const struct suspicion *s)
{
	const struct arrival *a = s->arrival;
	const struct entrance *home = bot_home(s->bot);
	const char *channel = directory_channel_id(s->bot->directory, "admins");
	_cleanup_(message_freep) struct message *message = message_new();
	struct outbox_row row = { .chat = home != NULL ? home->chat->name : NULL, .kind = "new",
		.class = 0, .conversation = "admins", .channel = channel, .created = loop_wall(s->bot->loop) };

	if (home == NULL || channel == NULL ||
	    (s->bot->forgery_told != 0 && loop_now(s->bot->loop) - s->bot->forgery_told < TOLD_EVERY))
		return NULL;
	row.key = arena_printf(s->arena, "forged/%lld", (long long)a->inbox);
	message_line(message, BOLD "Somebody draws cards in my name." BOLD " " PERSON "%s" PERSON
	    " pressed a button for %s on one that I never posted%s%s. My token of this workspace may be stolen",
	    a->person, s->id, a->channel != NULL ? ", in channel " : "", a->channel != NULL ? a->channel : "");
	message_line(message, s->hold
		? "Changes from here are held. Change the token, then say on my machine: " CODE "rollcall unlock" CODE
		: "Changes go on, as configured. Change the token");
	message_line(message, "Nothing was done by that click. What runs goes on; the console works");
	message->text = say(message->arena, "ALARM: somebody draws cards in my name; my token may be stolen%s",
	    s->hold ? ". Changes are held" : "");
	message->state = "forged";
	return letter_new(&row, message);
}

void
forgery_judge(struct bot *bot, const struct arrival *arrival, const char *id, bool sealed,
    void (*done)(void *, const struct error *), void *arg)
{
	struct arena *arena = arena_new();
	struct suspicion *s = arena_new_of(arena, struct suspicion);
	const struct operation *o;

	*s = (struct suspicion){ .arena = arena, .bot = bot, .arrival = arrival, .sealed = sealed,
		.id = harmless_id(arena, id), .done = done, .arg = arg };
	if ((o = operation_find(bot, s->id)) != NULL)
		s->stands = arena_strdup(arena, o->asked_in != NULL ? o->question : o->card);
	s->hold = arrival->chat->tells_forgery == NULL ||
	    !arrival->chat->tells_forgery(bot->configuration);
	s->letter = letter_to_admins(s);
	s->audit = (struct audit_row){ .stamp = loop_wall(bot->loop), .kind = "forged",
		.operation = NULL, .actor = arena_printf(arena, "%s/%s", arrival->team, arrival->person),
		.door = door_name(arrival->door), .channel = arrival->channel,
		.text = arena_printf(arena, "%s at %s", s->id,
		    arrival->message != NULL ? arrival->message : "a dialog"),
		.rule = sealed ? "sealed for another place" : "without a seal of ours",
		.detail = s->hold ? "{\"held\":true}" : "{\"held\":false}" };
	s->job = (struct store_job){ .work = judge_work, .done = judge_done };
	store_start(bot->store, &s->job);
}

/* ---- the hold ---- */

bool
forgery_holds(const struct bot *bot, const struct arrival *arrival, struct error *err)
{
	if (!bot->held || arrival == NULL || arrival->door == DOOR_CONSOLE)
		return false;
	refuse(err, "Not started: changes are held, because somebody draws cards in my name. "
	    "Who runs me lifts it on the machine with: rollcall unlock");
	return true;
}

struct unlock {
	struct store_job job;
	struct arena *arena;
	struct bot *bot;
	struct hearer *hearers;
	struct audit_row audit;
};

static bool
unlock_work(struct store_job *job, const struct store_verbs *verbs, void *db, struct error *err)
{
	struct unlock *unlock = CONTAINER(job, struct unlock, job);

	return verbs->note_set(db, "held", NULL, err) && verbs->audit_add(db, &unlock->audit, err);
}

static void
unlock_done(struct store_job *job)
{
	struct unlock *unlock = CONTAINER(job, struct unlock, job);

	if (job->error.kind != ERROR_NONE) {
		log_error("changes stay held, since that they are not could not be kept: %s", job->error.text);
	} else {	/* an alarm of after it is judged after it */
		if (unlock->bot->held)
			log_warning("changes are held no more, by %s", unlock->audit.actor);
		unlock->bot->held = false;
		unlock->bot->forgery_told = 0;
	}
	hearers_tell(&unlock->hearers, &job->error);
	arena_free(unlock->arena);
}

void
forgery_unlock(struct bot *bot, const char *principal, struct hearer *hearer)
{
	struct arena *arena = arena_new();
	struct unlock *unlock = arena_new_of(arena, struct unlock);

	unlock->arena = arena;
	unlock->bot = bot;
	hearer_wait(&unlock->hearers, hearer);
	unlock->audit = (struct audit_row){ .stamp = loop_wall(bot->loop), .kind = "unlocked",
		.actor = arena_strdup(arena, principal), .door = door_name(DOOR_CONSOLE), .detail = "{}" };
	unlock->job = (struct store_job){ .work = unlock_work, .done = unlock_done };
	store_start(bot->store, &unlock->job);
}

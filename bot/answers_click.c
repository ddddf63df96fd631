/* answers_click.c - what a click on a card means, and the dialog that a yes is given in. */

#include <stdlib.h>
#include <string.h>

#include "answers.h"
#include "base/log.h"
#include "base/unicode.h"
#include "forgery.h"
#include "operation.h"
#include "say.h"
#include "seal.h"

/* ---- the dialog of a yes ---- */

static void
on_dialog(void *arg, const struct delivered *delivered)
{
	(void)arg;
	if (delivered->outcome != SENT)
		log_warning("a dialog could not be opened: %s",
		    delivered->sentence != NULL ? delivered->sentence : "no answer");
}

bool
answers_need_dialog(const struct arrival *arrival, const struct operation *o, const char *action)
{
	return arrival->door != DOOR_DIALOG && arrival->chat->find != NULL &&
	    o->permission.dialog && string_equal(action, "approve");
}

bool
answers_open_dialog(struct bot *bot, const struct arrival *arrival, const struct operation *o, struct error *err)
{
	const struct entrance *entrance = bot_door(bot, arrival->chat);
	_cleanup_(message_freep) struct message *message = NULL;
	struct post post = { .kind = POST_DIALOG, .trigger = arrival->trigger,
		.person = arrival->person, .key = o->id };
	const char *argument;
	char seal[SEAL_SIZE];

	if (arrival->trigger == NULL)
		return refuse(err, "I was restarted just then, and can no longer show what you would "
		    "say yes to. Press Approve again");
	message = operation_question_card(o);
	message->headline = say(message->arena, "Approve %s", o->id);
	message->buttons.count = 0;
	message->more.count = 0;
	argument = arena_printf(message->arena, "%s:%s:%d", o->id, o->nonce, o->row);
	message_button(message, &(struct button){ .label = "Approve", .action = "approve",
		.argument = argument });
	seal_print(bot->seal, "dialog", argument, seal);
	message->seal = seal;
	message_input(message, &(struct input){ .name = "note", .label = "A word to go with it",
		.optional = true });
	post.message = message;
	entrance->chat->deliver(entrance->link, &post, on_dialog, NULL);
	return true;
}

/* ---- clicks ---- */

struct click {
	struct store_job job;
	struct bot *bot;
	struct arrival *arrival;
	struct inbox_row row;
	const char *principal;
	const char *doubted;	/* the id on a card that may not be ours; NULL: it stands */
	bool sealed;
	struct timer again;
};

static void
click_free(struct click *click)
{
	click->bot->hearing--;
	arrival_free(click->arrival);
	free(click);
}

static bool
click_close_work(struct store_job *job, const struct store_verbs *verbs, void *db, struct error *err)
{
	return verbs->inbox_done(db, CONTAINER(job, struct click, job)->row.id, NULL, err);
}

static void
click_closed(struct store_job *job)
{
	click_free(CONTAINER(job, struct click, job));
}

static void
click_end(struct click *click)
{
	click->job = (struct store_job){ .work = click_close_work, .done = click_closed };
	store_start(click->bot->store, &click->job);
}

/* Was it drawn by us?  The console draws for itself, behind the socket that knows its people. */
static bool
holds_seal(const struct click *click, const char *argument)
{
	const struct arrival *a = click->arrival;
	const char *seal = strchr(argument, '#');
	const char *kind = a->door == DOOR_DIALOG ? "dialog" : "card";

	if (a->chat->find == NULL)
		return true;
	return seal != NULL && seal_holds(click->bot->seal, kind,
	    arena_copy(a->arena, argument, (size_t)(seal - argument)), seal + 1);
}

/* "R-142:NONCE:ROW" as it was drawn, with "#SEAL". */
static bool
split_argument(struct click *click, const char **id, const char **nonce, int64_t *row)
{
	const char *argument = click->arrival->argument != NULL ? click->arrival->argument : "";
	char *copy = arena_copy(click->arrival->arena, argument, strcspn(argument, "#"));
	char *first = strchr(copy, ':'), *second = first != NULL ? strchr(first + 1, ':') : NULL;

	*id = copy;
	click->sealed = holds_seal(click, argument);
	if (second == NULL)
		return false;
	*first = *second = '\0';
	*nonce = first + 1;
	return string_number(second + 1, 0, INT32_MAX, row);
}

/* Its card, or its question in the chat; what is still on its way is known by its seal and its drawing. */
static bool
is_its_card(const struct operation *o, const struct arrival *a)
{
	const char *stands = a->chat == o->arrival->chat ? o->card : o->question;

	return a->door != DOOR_BUTTON || stands == NULL || a->message == NULL || string_equal(a->message, stands);
}

/* What was typed in the dialog; NULL: nothing. */
static const char *
note_of(const struct arrival *a)
{
	const char *note = json_string(a->values, "note");

	return note != NULL ? foreign_line(a->arena, note, strlen(note)) : NULL;
}

/* ID9: only the card that stands for it, in the drawing that stands now.  NULL: err is the answer, or the
 * card is doubted. */
static struct operation *
clicked_operation(struct click *click, struct error *err)
{
	const struct arrival *a = click->arrival;
	struct operation *o;
	const char *id, *nonce = "";
	int64_t row = 0;
	bool whole = split_argument(click, &id, &nonce, &row);

	if (whole && click->sealed && (o = operation_find(click->bot, id)) != NULL && is_its_card(o, a)) {
		bool same = strlen(nonce) == strlen(o->nonce) &&
		    equal_in_constant_time(nonce, o->nonce, strlen(nonce));

		if (same && row == o->row)
			return o;
		bot_count(click->bot, "click.old");
		if (same)
			refuse(err, "The card had just changed, look again");
		else
			refuse(err, "The plan of %s changed since that was drawn. Look at the card again", o->id);
	} else if (a->chat->find != NULL) {
		click->doubted = id;
	} else {
		wrong(err, "%s has ended; nothing was done", id);
	}
	return NULL;
}

/* To whoever holds a lock: any of us may follow it, from whatever card; it changes nothing, and needs no
 * seal of its own. */
static const struct hearing {
	const char *action;
	bool (*give)(struct operation *, const struct word_of *, struct error *);
} hearings[] = {
	{ "follow", operation_follow },
	{ "tell", operation_tell },
};

static const struct hearing *
find_hearing(const char *action)
{
	for (size_t i = 0; i < COUNT(hearings); i++)
		if (string_equal(hearings[i].action, action))
			return &hearings[i];
	return NULL;
}

static const char *
give_hearing(struct click *click, const struct hearing *hearing, const struct word_of *word,
    struct error *err)
{
	struct arena *arena = click->arrival->arena;
	struct operation *o;
	const char *id, *nonce;
	int64_t row;

	if (!split_argument(click, &id, &nonce, &row)) {
		wrong(err, "That button is not one of mine");
		return NULL;
	}
	if (!permit_member(click->bot->configuration, click->bot->directory, click->arrival,
		click->principal, err))
		return NULL;
	if ((o = operation_find(click->bot, id)) == NULL) {
		refuse(err, "%s has ended: its lock is free. Start again", id);
		return NULL;
	}
	if (!hearing->give(o, word, err))
		return NULL;
	if (hearing->give == operation_follow)
		return say(arena, "%s. You are told when it ends", operation_where(o, arena));
	return say(arena, "You are told when the lock of %s is free; nothing is started by itself", id);
}

static void
click_hears(struct click *click, const struct hearing *hearing)
{
	struct word_of word = { .principal = click->principal, .arrival = click->arrival };
	struct error err = ERROR_INIT;
	const char *said = give_hearing(click, hearing, &word, &err);
	_cleanup_(message_freep) struct message *message =
	    answers_line(said != NULL ? said : err.text, said != NULL ? "ops" : error_kind_name(err.kind));

	reply_message(click->bot, click->arrival, message);
	click_end(click);
}

static void
click_answered(void *arg, struct message *message, const struct error *err)
{
	struct click *click = arg;

	if (click->bot->ended) {
		click_free(click);
		return;
	}
	if (message == NULL) {
		log_info("a click of %s did nothing: %s", click->principal, err->text);
		reply_error(click->bot, click->arrival, err);
	}
	click_end(click);
}

static void
click_judged(void *arg, const struct error *answer)
{
	click_answered(arg, NULL, answer);
}

static void
click_fetched(void *arg)
{
	struct click *click = arg;
	struct error err = ERROR_INIT;
	struct operation *o = clicked_operation(click, &err);
	struct word_of word = { .principal = click->principal, .arrival = click->arrival,
		.reason = note_of(click->arrival) };

	if (click->doubted != NULL) {
		forgery_judge(click->bot, click->arrival, click->doubted, click->sealed, click_judged, click);
		return;
	}
	/* What was pressed before the restart waits until its operation was looked at again. */
	if (o != NULL && answers_too_early(o, click->arrival->action)) {
		timer_start(click->bot->loop, &click->again, TAKEN_UP_SOON, click_fetched, click);
		return;
	}
	if (o != NULL && !answers_need_dialog(click->arrival, o, click->arrival->action))
		answers_steer(o, click->arrival->action, &word, click_answered, click);
	else if (o != NULL && answers_open_dialog(click->bot, click->arrival, o, &err))
		click_end(click);
	else
		click_answered(click, NULL, &err);
}

static bool
click_keep_work(struct store_job *job, const struct store_verbs *verbs, void *db, struct error *err)
{
	return verbs->inbox_add(db, &CONTAINER(job, struct click, job)->row, err);
}

static void
click_known(void *arg)
{
	struct click *click = arg;
	const struct hearing *hearing = find_hearing(click->arrival->action);

	if (hearing != NULL)
		click_hears(click, hearing);
	else
		click_fetched(click);
}

static void
click_take_up(struct click *click)
{
	const struct arrival *a = click->arrival;

	click->principal = string_starts(a->person, "local:")
	    ? a->person
	    : arena_printf(a->arena, "%s/%s", a->team, a->person);
	/* Rights are looked at again at the click, never older than 10 s (ID5). */
	directory_fetch(click->bot->directory, click->principal, a->channel, SECONDS(10),
	    click_known, click);
}

static void
click_kept(struct store_job *job)
{
	struct click *click = CONTAINER(job, struct click, job);
	struct arrival *a = click->arrival;
	const struct entrance *entrance = bot_door(click->bot, a->chat);

	if (job->error.kind != ERROR_NONE) {
		log_error("a click could not be kept: %s", job->error.text);
		if (a->reply != NULL && entrance != NULL && a->door == DOOR_BUTTON)
			a->chat->acknowledge(entrance->link, a, NULL);
		reply_text(click->bot, a,
		    "Not taken: my own store does not take anything at the moment. Press it again");
		click_free(click);
		return;
	}
	if (a->reply != NULL && entrance != NULL)
		a->chat->acknowledge(entrance->link, a, NULL);
	if (click->row.duplicate) {
		bot_count(click->bot, "duplicate");
		click_free(click);
		return;
	}
	a->inbox = click->row.id;
	click_take_up(click);
}

void
answers_click(struct bot *bot, struct arrival *arrival)
{
	struct click *click = xcalloc(1, sizeof(*click));

	bot->hearing++;
	click->bot = bot;
	click->arrival = arrival;
	click->row = (struct inbox_row){ .id = arrival->inbox, .team = arrival->team,
		.key = arrival->key, .door = door_name(arrival->door), .person = arrival->person,
		.channel = arrival->channel, .message = arrival->message, .text = arrival->text,
		.action = arrival->action, .argument = arrival->argument, .stamp = arrival->stamp,
		.values = arrival->values != NULL ? json_to_arena(arrival->arena, arrival->values) : NULL,
		.received = arrival->received, .state = "new" };
	if (arrival->inbox != 0) {	/* of before a restart */
		click_take_up(click);
		return;
	}
	click->job = (struct store_job){ .work = click_keep_work, .done = click_kept };
	store_start(bot->store, &click->job);
}

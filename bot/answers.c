/* answers.c - help, whoami, ops, and what a click on a card means. */

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "answers.h"
#include "base/log.h"
#include "base/unicode.h"
#include "forgery.h"
#include "operation.h"
#include "say.h"
#include "seal.h"

#define LOG_SHOWN 2500
#define TAKEN_UP_SOON 200	/* ms: how often a word or a click asks whether its operation is taken up */

/* ---- help ---- */

static const char *
a_target(const struct configuration *c)
{
	return c->targets.count > 0 ? c->targets.item[0].key : "chatops-gateway";
}

static void
help_one(struct text *out, const struct configuration *c, const struct command *command, bool terminal)
{
	text_printf(out, BOLD "%s%s" BOLD " %s\n%s\n", terminal ? "" : "/", command->name,
	    command->usage != NULL ? command->usage : "", command->summary);
	for (const struct subcommand *s = command->subcommands; s != NULL && s->name != NULL; s++)
		text_printf(out, "• " CODE "%s %s%s%s" CODE "  %s\n", command->name, s->name,
		    s->usage != NULL && s->usage[0] != '\0' ? " " : "",
		    s->usage != NULL ? s->usage : "", s->summary);
	if (command->examples[0] != NULL)
		text_add(out, "For example:\n");
	for (size_t i = 0; i < COUNT(command->examples) && command->examples[i] != NULL; i++) {
		const char *example = command->examples[i] + (terminal && command->examples[i][0] == '/');
		const char *hole = strstr(example, "{target}");

		text_add(out, "• " CODE);
		if (hole != NULL) {
			text_add_bytes(out, example, (size_t)(hole - example));
			text_printf(out, "%s%s", a_target(c), hole + strlen("{target}"));
		} else {
			text_add(out, example);
		}
		text_add(out, CODE "\n");
	}
}

static void
help_all(struct text *out, const struct configuration *c, bool terminal)
{
	text_add(out, "What I can do here:\n");
	for (const struct command *const *command = commands_all(); *command != NULL; command++)
		text_printf(out, "• " CODE "%s" CODE "  %s\n", (*command)->name, (*command)->summary);
	text_printf(out, "More of each: " CODE "help rollback" CODE ". Targets: ");
	for (size_t i = 0; i < c->targets.count && i < 10; i++)
		text_printf(out, "%s%s", i > 0 ? ", " : "", c->targets.item[i].key);
	text_add(out, c->targets.count == 0 ? "none yet\n" : c->targets.count > 10 ? ", …\n" : "\n");
	text_add(out, terminal
		? "A card is answered by its words: start, approve, reject, dismiss, stop. Ctrl-D leaves, and stops nothing"
		: "In a thread, and where slash commands are not: " CODE "@rollcall rollback …" CODE
		      ". No card, no operation: whatever somebody else posts in my name runs nothing.");
}

void
answers_help(struct text *out, const struct configuration *c, const char *name, bool terminal)
{
	const struct command *command = name != NULL ? command_find(name) : NULL;

	if (command != NULL)
		help_one(out, c, command, terminal);
	else
		help_all(out, c, terminal);
	while (text_ends(out, "\n"))
		text_truncate(out, out->length - 1);
}

struct message *
answers_line(const char *text, const char *state)
{
	struct message *message = message_new();

	message_line(message, "%s", text);
	message->text = say_plain(message->arena, message->lines.item[0]);
	message->state = state;
	return message;
}

static struct message *
give_help(struct bot *bot, const struct arrival *arrival, const struct request *r, struct error *err)
{
	_cleanup_(text_clear) struct text one = TEXT_INIT;
	bool terminal = arrival->chat->find == NULL;

	const char *name = r->object;

	if (name != NULL && command_find(name) == NULL && command_with(name) != NULL)
		name = command_with(name)->name;
	if (name != NULL && command_find(name) == NULL && command_called(name) != NULL)
		name = command_called(name)->name;
	if (name != NULL && command_find(name) == NULL) {
		wrong(err, "I don't know the command “%s”; help alone lists them", name);
		return NULL;
	}
	if (name != NULL || terminal) {
		answers_help(&one, r->configuration, name, terminal);
		return answers_line(one.data, "help");
	}
	if (bot->help_of != r->configuration) {
		if (bot->help_of != NULL)
			configuration_release(bot->help_of);
		bot->help_of = r->configuration;
		configuration_hold(bot->help_of);
		text_clear(&bot->help);
		text_init(&bot->help, KILOBYTES(64));
		answers_help(&bot->help, bot->help_of, NULL, false);
	}
	return answers_line(bot->help.data, "help");
}

/* ---- whoami ---- */

static struct message *
give_whoami(struct bot *bot, const struct arrival *arrival, const struct request *r)
{
	const struct configuration *c = bot->configuration;
	_cleanup_(text_clear) struct text roles = TEXT_INIT;
	struct message *message = message_new();

	for (size_t i = 0; i < c->roles.count; i++)
		if (permit_has_role(c, bot->directory, r->principal, c->roles.item[i].name))
			text_printf(&roles, "%s%s", roles.length > 0 ? ", " : "", c->roles.item[i].name);
	message_line(message, "You are " BOLD "%s" BOLD " (%s), by %s",
	    directory_name(bot->directory, r->principal), r->principal, door_name(arrival->door));
	message_line(message, roles.length > 0 ? "Your roles: %s" : "You have none of the configured roles%s",
	    roles.data);
	message->text = say_plain(message->arena, message->lines.item[0]);
	message->state = "whoami";
	return message;
}

/* ---- ops ---- */

struct message *
answers_open(struct bot *bot)
{
	struct message *message = message_new();
	const struct zone *zone = bot->configuration->zone;
	size_t count = 0;

	for (const struct operation *o = bot->operations; o != NULL; o = o->next) {
		if (o->id == NULL)
			continue;
		count++;
		message_line(message, "%s · %s · by %s since %s",
		    operation_headline(o, message->arena), o->plan->environment,
		    directory_name(bot->directory, o->request->principal),
		    stamp_clock(message->arena, zone, o->created));
	}
	if (bot->braked)
		message_line(message, "The emergency brake is on: nothing new is started");
	if (bot->held)
		message_line(message, "Changes from the chat are held: a forged card was pressed. On the machine: rollcall unlock");
	if (count == 0)
		message_line(message, bot->home_closed ? "Nothing is asked or running here"
						      : "Nothing is asked or running");
	message->text = say_count(message->arena, (int64_t)count, "%d operation is open",
	    "%d operations are open", (int)count);
	message->state = "list";
	return message;
}

const char *
answers_id(struct arena *arena, const char *typed)
{
	char *id = arena_strdup(arena, typed);
	int64_t number;

	/* "7" and "R7" are R-7. */
	if (string_number(typed + (*typed == 'R' || *typed == 'r'), 1, INT32_MAX, &number))
		return arena_printf(arena, "R-%lld", (long long)number);
	for (char *c = id; *c != '\0'; c++)
		if (*c >= 'a' && *c <= 'z')
			*c = (char)(*c - 'a' + 'A');
	return id;
}

static struct operation *
need_operation(struct bot *bot, const struct request *r, struct error *err)
{
	const char *id = answers_id(r->arena, r->object);
	struct operation *o = operation_find(bot, id);

	if (o == NULL && !bot->taken_up)
		refuse(err, "I was restarted just now, and have not looked at %s again. Say it again in a minute", id);
	else if (o == NULL)
		wrong(err, "%s has ended, or never was: nothing was done. How it ended: ops show %s", id, id);
	return o;
}

static struct message *
show_log(struct bot *bot, const char *id, struct error *err)
{
	_cleanup_(freep) char *path = NULL;
	struct message *message;
	char *bytes, *line;
	struct stat stat;
	ssize_t length;
	int fd;

	for (const char *c = id; *c != '\0'; c++)
		if (strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-", *c) == NULL) {
			wrong(err, "“%s” is not an id; ids look like R-142", id);
			return NULL;
		}
	path = xasprintf("%s/logs/%s.log", bot->folder, id);
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0 || fstat(fd, &stat) != 0) {
		if (fd >= 0)
			close(fd);
		wrong(err, "There is no log of %s: it ran nothing, or is older than logs are kept", id);
		return NULL;
	}
	message = message_new();
	bytes = arena_alloc(message->arena, LOG_SHOWN + 1);
	length = pread(fd, bytes, LOG_SHOWN,
	    stat.st_size > LOG_SHOWN ? stat.st_size - LOG_SHOWN : 0);
	close(fd);
	bytes[length > 0 ? length : 0] = '\0';
	/* The cut may go through a character. */
	if (stat.st_size > LOG_SHOWN && (line = strchr(bytes, '\n')) != NULL)
		bytes = line + 1;
	message_line(message, "%s", say(message->arena, stat.st_size > LOG_SHOWN
		? "The end of the log of %s (%lld bytes):" : "The log of %s (%lld bytes):",
		id, (long long)stat.st_size));
	message->tail = foreign_text(message->arena, bytes, strlen(bytes));
	message->text = say(message->arena, "The log of %s", id);
	message->state = "log";
	return message;
}

/* ---- the dialog of a yes ---- */

static void
on_dialog(void *arg, const struct delivered *delivered)
{
	(void)arg;
	if (delivered->outcome != SENT)
		log_warning("a dialog could not be opened: %s",
		    delivered->sentence != NULL ? delivered->sentence : "no answer");
}

/* P7: where an environment asks for approvals the yes is given in a dialog drawn from our own record,
 * whether somebody pressed Approve or typed it; a terminal has none, and its person typed. */
static bool
needs_dialog(const struct arrival *arrival, const struct operation *o, const char *action)
{
	return arrival->door != DOOR_DIALOG && arrival->chat->find != NULL &&
	    o->permission.dialog && string_equal(action, "approve");
}

static bool
open_dialog(struct bot *bot, const struct arrival *arrival, const struct operation *o, struct error *err)
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

/* Typed: what can be said at once comes without a dialog. */
static struct message *
approve_in_dialog(struct bot *bot, const struct arrival *arrival, struct operation *o,
    const struct word_of *word, struct error *err)
{
	if (!operation_may_approve(o, word, err) || !open_dialog(bot, arrival, o, err))
		return NULL;
	return answers_line("The dialog shows what it would do: say yes there", "ops");
}

/* Buttons stand on the card alone: on a copy of it they are what a thief would draw (ID9). */
static struct message *
show_card(const struct arrival *arrival, const struct operation *o)
{
	struct message *card = operation_card_whole(o);

	if (arrival->chat->find != NULL)
		card->buttons.count = card->more.count = 0;
	return card;
}

/* After a restart, until its operation was looked at again. */
static bool
comes_too_early(const struct operation *o, const char *word)
{
	return (o->taking_up || o->looked_for_restart) && !string_equal(word, "stop");
}

struct early {
	struct timer timer;
	struct bot *bot;
	const struct arrival *arrival;
	const struct request *request;
	answers_done *done;
	void *arg;
};

static void give_word(struct bot *, const struct arrival *, const struct request *, answers_done *, void *);

static void
on_soon(void *arg)
{
	const struct early *early = arg;

	give_word(early->bot, early->arrival, early->request, early->done, early->arg);
}

/* What was typed before the restart waits; whoever types now is told at once. */
static bool
waits_for_restart(struct bot *bot, const struct arrival *arrival, const struct request *r, answers_done *done,
    void *arg)
{
	const struct operation *o = operation_find(bot, answers_id(r->arena, r->object));
	struct early *early;

	if (arrival->reply != NULL || (o != NULL ? !comes_too_early(o, r->subcommand) : bot->taken_up))
		return false;
	early = arena_new_of(r->arena, struct early);
	*early = (struct early){ .bot = bot, .arrival = arrival, .request = r, .done = done, .arg = arg };
	timer_start(bot->loop, &early->timer, TAKEN_UP_SOON, on_soon, early);
	return true;
}

/* What the store has to take before anybody hears that it was said. */
static void
give_word(struct bot *bot, const struct arrival *arrival, const struct request *r, answers_done *done, void *arg)
{
	struct word_of word = { .principal = r->principal, .arrival = arrival, .hash = r->hash,
		.reason = r->reason };
	_cleanup_(message_freep) struct message *message = NULL;
	struct error err = ERROR_INIT;
	struct operation *o;

	if (waits_for_restart(bot, arrival, r, done, arg))
		return;
	o = need_operation(bot, r, &err);
	if (o != NULL && !needs_dialog(arrival, o, r->subcommand)) {
		answers_steer(o, r->subcommand, &word, done, arg);
		return;
	}
	if (o != NULL)
		message = approve_in_dialog(bot, arrival, o, &word, &err);
	done(arg, message, &err);
}

static void
give_ops(struct bot *bot, const struct arrival *arrival, const struct request *r, answers_done *done, void *arg)
{
	_cleanup_(message_freep) struct message *message = NULL;
	struct error err = ERROR_INIT;
	const struct operation *o;

	if (string_equal(r->subcommand, "list"))
		message = answers_open(bot);
	else if (string_equal(r->subcommand, "log"))
		message = show_log(bot, answers_id(r->arena, r->object), &err);
	else if (string_equal(r->subcommand, "show"))
		message = (o = need_operation(bot, r, &err)) != NULL ? show_card(arrival, o) : NULL;
	else if (string_equal(r->subcommand, "brake")) {
		answers_brake(bot, r, done, arg);
		return;
	} else if (string_equal(r->subcommand, "unlock")) {
		answers_unlock(bot, arrival, r, done, arg);
		return;
	} else {
		give_word(bot, arrival, r, done, arg);
		return;
	}
	done(arg, message, &err);
}

bool
answers_need_nothing(const struct request *r)
{
	return string_equal(r->command->internal, "help");
}

bool
answers_lets_go(const struct request *r)
{
	static const char *const words[] = { "start", "approve", "resume", "release", NULL };

	return string_equal(r->command->internal, "ops") &&
	    (string_in(r->subcommand, words) ||
		(string_equal(r->subcommand, "brake") && !string_equal_nocase(r->object, "on")));
}

void
answers_give(struct bot *bot, struct arrival *arrival, const struct request *r, answers_done *done, void *arg)
{
	_cleanup_(message_freep) struct message *message = NULL;
	struct error err = ERROR_INIT;

	if (answers_past(bot, r, done, arg))
		return;
	if (string_equal(r->command->internal, "ops")) {
		give_ops(bot, arrival, r, done, arg);
		return;
	}
	if (string_equal(r->command->internal, "help"))
		message = give_help(bot, arrival, r, &err);
	else
		message = give_whoami(bot, arrival, r);
	done(arg, message, &err);
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
	if (o != NULL && comes_too_early(o, click->arrival->action)) {
		timer_start(click->bot->loop, &click->again, TAKEN_UP_SOON, click_fetched, click);
		return;
	}
	if (o != NULL && !needs_dialog(click->arrival, o, click->arrival->action))
		answers_steer(o, click->arrival->action, &word, click_answered, click);
	else if (o != NULL && open_dialog(click->bot, click->arrival, o, &err))
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

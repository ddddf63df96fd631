/* answers.c - whoami and ops. */

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "answers.h"
#include "base/unicode.h"
#include "operation.h"
#include "say.h"

#define LOG_SHOWN 2500

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

/* Typed: what can be said at once comes without a dialog. */
static struct message *
approve_in_dialog(struct bot *bot, const struct arrival *arrival, struct operation *o,
    const struct word_of *word, struct error *err)
{
	if (!operation_may_approve(o, word, err) || !answers_open_dialog(bot, arrival, o, err))
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

bool
answers_too_early(const struct operation *o, const char *word)
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

	if (arrival->reply != NULL || (o != NULL ? !answers_too_early(o, r->subcommand) : bot->taken_up))
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
	if (o != NULL && !answers_need_dialog(arrival, o, r->subcommand)) {
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
		message = answers_give_help(bot, arrival, r, &err);
	else
		message = give_whoami(bot, arrival, r);
	done(arg, message, &err);
}

/* admins.c - letters to the channel `admins`. */

#include "admins.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "directory.h"
#include "say.h"

#define ADMINS "admins"
#define LINES_SHOWN 40

/* The first lines of a longer list. */
static const char *
first_lines(struct arena *arena, const char *lines)
{
	const char *end = lines;
	size_t left = 0;

	for (size_t i = 0; *end != '\0' && i < LINES_SHOWN; i++)
		end += strcspn(end, "\n") + (end[strcspn(end, "\n")] == '\n');
	for (const char *c = end; *c != '\0'; c++)
		left += *c == '\n';
	return left == 0 ? arena_strdup(arena, lines)
			 : arena_printf(arena, "%.*s… and %zu more: see the log\n", (int)(end - lines), lines, left);
}

static struct letter *
new_letter(struct bot *bot, const char *channel, const char *key, const char *headline,
    const char *lines)
{
	_cleanup_(message_freep) struct message *message = message_new();
	struct outbox_row row = { .chat = bot_home(bot)->chat->name, .class = 1,
		.channel = channel, .created = loop_wall(bot->loop),
		.key = arena_printf(message->arena, "%s/%s", key, channel) };

	row.conversation = row.key;
	message_line(message, "%s", headline);
	if (lines[0] != '\0')
		message->difference = first_lines(message->arena, lines);
	message->text = say_plain(message->arena, headline);
	message->state = "admins";
	return letter_new(&row, message);
}

static const char *
admins_named(const struct configuration *c)
{
	for (size_t i = 0; i < c->channels.count; i++)
		if (string_equal(c->channels.item[i].key, ADMINS))
			return c->channels.item[i].name;
	return NULL;
}

struct letter *
admins_letters(struct bot *bot, const struct configuration *fresh, const char *key,
    const char *headline, const char *lines)
{
	const char *names[2] = { admins_named(bot->configuration), fresh != NULL ? admins_named(fresh) : NULL };
	struct letter *list = NULL, *letter;
	const char *told = NULL, *id;

	for (size_t i = 0; bot_home(bot) != NULL && i < COUNT(names); i++) {
		id = names[i] != NULL ? directory_channel_id(bot->directory, names[i]) : NULL;
		if (id == NULL || string_equal(id, told))
			continue;
		letter = new_letter(bot, id, key, headline, lines);
		letter->next = list;
		list = letter;
		told = id;
	}
	return list;
}

/* ---- a sentence by itself ---- */

struct telling {
	struct store_job job;
	struct bot *bot;
	struct letter *letters;
};

static bool
telling_work(struct store_job *job, const struct store_verbs *verbs, void *db, struct error *err)
{
	return letters_add(CONTAINER(job, struct telling, job)->letters, verbs, db, err);
}

static void
telling_done(struct store_job *job)
{
	struct telling *telling = CONTAINER(job, struct telling, job);
	struct letter *next;

	if (job->error.kind != ERROR_NONE)
		log_error("the admins were not told: %s", job->error.text);
	for (struct letter *letter = telling->letters; letter != NULL; letter = next) {
		next = letter->next;
		letter->next = NULL;
		if (job->error.kind != ERROR_NONE || letter->row.duplicate)
			letter_free(letter);
		else
			outbox_post(telling->bot->outbox, letter);
	}
	free(telling);
}

void
admins_tell(struct bot *bot, const char *key, const char *sentence)
{
	struct telling *telling;
	struct letter *letters = admins_letters(bot, NULL, key, sentence, "");

	if (letters == NULL)
		return;
	telling = xcalloc(1, sizeof(*telling));
	telling->bot = bot;
	telling->letters = letters;
	telling->job = (struct store_job){ .work = telling_work, .done = telling_done };
	store_start(bot->store, &telling->job);
}

void
admins_warn(struct bot *bot, const char *sentence)
{
	_cleanup_(freep) char *key = xasprintf("warning/%lld/%s", (long long)loop_wall(bot->loop), sentence);

	log_warning("%s", sentence);
	admins_tell(bot, key, sentence);
}

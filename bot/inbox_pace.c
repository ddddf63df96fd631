/* inbox_pace.c - how much one person may say in a minute (RX1). */

#include <stdio.h>

#include "inbox_private.h"

#define FLOOD_TIMES 6		/* so many times the commands of a minute, clicks among them, are too much */
#define FLOOD_LEAST 60

static struct pace *
pace_of(struct bot *bot, const struct arrival *a)
{
	int64_t minute = loop_now(bot->loop) / MINUTES(1);
	unsigned slot = 5381;
	struct pace *pace;
	char name[sizeof(pace->person)];

	snprintf(name, sizeof(name), "%s/%s", a->team, a->person);
	for (const char *c = name; *c != '\0'; c++)
		slot = slot * 33 + (unsigned char)*c;
	pace = &bot->paces[slot % COUNT(bot->paces)];
	if (pace->minute != minute || !string_equal(pace->person, name)) {
		*pace = (struct pace){ .minute = minute };
		snprintf(pace->person, sizeof(pace->person), "%s", name);
	}
	return pace;
}

bool
inbox_paced(struct bot *bot, const struct arrival *a, struct error *err)
{
	int most = bot->configuration->limits.commands_per_minute;

	return ++pace_of(bot, a)->count <= most ||
	    refuse(err, "That is more than %d commands in a minute; nothing was done. Try again in a minute", most);
}

/* Each refusal is a row and a record that stays for ever: who goes on all the same, or presses without end, fills
 * no disk with them. */
bool
inbox_floods(struct bot *bot, const struct arrival *a)
{
	int most = bot->configuration->limits.commands_per_minute;

	return ++pace_of(bot, a)->all > FLOOD_LEAST && pace_of(bot, a)->all / FLOOD_TIMES > most;
}

void
inbox_drop(struct bot *bot, struct arrival *arrival)
{
	const struct entrance *entrance = bot_door(bot, arrival->chat);
	_cleanup_(message_freep) struct message *message = message_new();

	bot_count(bot, "dropped.flood");
	message_line(message, "Nothing was done: that is far too much in a minute. Try again in a minute");
	message->text = message->lines.item[0];
	message->state = error_kind_name(REFUSED);
	if (entrance != NULL && arrival->reply != NULL)
		arrival->chat->acknowledge(entrance->link, arrival, inbox_shows(arrival) ? message : NULL);
	arrival_free(arrival);
}

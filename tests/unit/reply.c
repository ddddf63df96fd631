/* reply.c - by which way an answer goes: the address of the command while it is worth something (ID12). */

#include "test.h"

#include "fake_bot.h"

static struct arrival
arrival_of(struct fake *f, const char *address)
{
	return (struct arrival){ .arena = f->arena, .door = DOOR_SLASH, .team = "T0TEAM", .person = "U0ANN",
		.channel = "C0INC", .text = "", .chat = f->bot.doors[0].chat, .received = loop_wall(f->loop),
		.reply_url = address };
}

TEST(id12_an_address_is_used_for_half_an_hour_and_for_its_asker_only)
{
	static const struct { const char *address; int64_t after; enum posting kind; } rows[] = {
		{ "https://hooks.slack.com/commands/1", 0, POST_REPLY_URL },
		{ "https://hooks.slack.com/commands/1", MINUTES(30) - 1, POST_REPLY_URL },
		{ "https://hooks.slack.com/commands/1", MINUTES(30), POST_EPHEMERAL },
		{ NULL, 0, POST_EPHEMERAL },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		_cleanup_(fake_clear) struct fake f = fake_make();
		struct arrival arrival;

		fake_begin(&f);
		arrival = arrival_of(&f, rows[i].address);
		turn(f.loop, rows[i].after);
		reply_text(&f.bot, &arrival, "too late");
		settle(f.loop);
		assert_int_equal(f.posted.count, 1);
		assert_row(i, f.posted.item[0].kind == rows[i].kind);
		assert_string_equal(f.posted.item[0].person, "U0ANN");
	}
}

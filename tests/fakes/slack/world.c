/* world.c - the people and places that every test and every new workspace starts with. */

#include "fake.h"

static const struct fake_slack_user world_users[] = {
	{ .id = BOT_USER, .name = "rollcall", .real_name = "rollcall", .is_bot = true },
	{ .id = SLACKBOT, .name = "slackbot", .real_name = "Slackbot" },
	{ .id = "U0ANN", .name = "ann", .real_name = "Ann Lee", .email = "ann@example.com" },
	{ .id = "U0ALICE", .name = "alice", .real_name = "Alice Zhang",
	    .email = "alice@example.com", .zone = "Asia/Taipei", .language = "zh-TW",
	    .is_admin = true },
	{ .id = "U0BOB", .name = "bob", .real_name = "Bob Chen", .email = "bob@example.com" },
	{ .id = "U0CAROL", .name = "carol", .real_name = "Carol Li", .email = "carol@example.com" },
	{ .id = "U0DAVID", .name = "david", .real_name = "David Wang",
	    .email = "david@example.com" },
	{ .id = "U0LEAD", .name = "lead", .real_name = "Lea Dorn", .email = "lead@example.com" },
	{ .id = "U0KIM", .name = "kim", .real_name = "Kim Min-ji", .email = "kim@example.com",
	    .zone = "Asia/Seoul", .language = "ko-KR" },
	{ .id = "U0GUEST", .name = "guest", .real_name = "Gus Guest", .email = "gus@guest.example",
	    .is_restricted = true },
	{ .id = "U0GONE", .name = "gone", .real_name = "Gwen Gone", .email = "gone@example.com",
	    .deleted = true },
	{ .id = "U0STRANGER", .name = "stranger", .real_name = "Sten Ranger", .team = "T0OTHER" },
	{ .id = "U0CI", .name = "ci", .real_name = "CI", .is_bot = true },
};

static const struct fake_slack_channel world_channels[] = {
	{ .id = "C0INCIDENTS", .name = "incidents", .bot_is_member = true },
	{ .id = "C0RELEASES", .name = "releases", .bot_is_member = true },
	{ .id = "C0ADMINS", .name = "admins", .kind = FAKE_PRIVATE, .bot_is_member = true },
	{ .id = "C0RANDOM", .name = "random" },
	{ .id = "C0PARTNERS", .name = "partners", .bot_is_member = true, .is_ext_shared = true },
};

static const struct fake_slack_group world_groups[] = {
	{ .id = "S0ONCALL", .handle = "oncall", .name = "On call",
	    .users = (const char *const[]){ "U0BOB", NULL } },
	{ .id = "S0SRE", .handle = "sre", .name = "Site reliability",
	    .users = (const char *const[]){ "U0ANN", "U0BOB", "U0ALICE", NULL } },
	{ .id = "S0LEADS", .handle = "sre-lead", .name = "Leads",
	    .users = (const char *const[]){ "U0LEAD", "U0KIM", NULL } },
};

void
workspace_populate(struct fake_slack *fs)
{
	for (size_t i = 0; i < COUNT(world_users); i++)
		fake_slack_put_user(fs, &world_users[i]);
	for (size_t i = 0; i < COUNT(world_channels); i++)
		fake_slack_put_channel(fs, &world_channels[i]);
	for (size_t i = 0; i < COUNT(world_groups); i++)
		fake_slack_put_group(fs, &world_groups[i]);
}

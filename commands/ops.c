/* ops.c - what is asked and running, and steering it. */

#include "commands.h"

static const struct subcommand subcommands[] = {
	{ .name = "list", .usage = "", .summary = "what is asked or running", .effect = READS },
	{ .name = "show", .usage = "ID", .summary = "its card, to you", .takes = TAKES_ID,
	    .needs = TAKES_ID, .effect = READS },
	{ .name = "log", .usage = "ID", .summary = "what its tools printed", .takes = TAKES_ID,
	    .needs = TAKES_ID, .effect = READS },
	{ .name = "start", .usage = "ID", .summary = "start what you asked for", .takes = TAKES_ID,
	    .needs = TAKES_ID, .effect = READS },
	{ .name = "approve", .usage = "ID [PLAN]", .summary = "say yes to exactly this plan",
	    .takes = TAKES_ID | TAKES_HASH | TAKES_REASON, .needs = TAKES_ID, .effect = READS },
	{ .name = "reject", .usage = "ID [because REASON]", .summary = "say no",
	    .takes = TAKES_ID | TAKES_HASH | TAKES_REASON, .needs = TAKES_ID, .effect = READS },
	{ .name = "stop", .usage = "ID", .summary = "stop it after what runs", .takes = TAKES_ID,
	    .needs = TAKES_ID, .effect = READS },
	{ .name = "resume", .usage = "ID", .summary = "look again and go on", .takes = TAKES_ID,
	    .needs = TAKES_ID, .effect = READS },
	{ .name = "release", .usage = "ID", .summary = "give its lock back; for admins",
	    .takes = TAKES_ID, .needs = TAKES_ID, .effect = READS },
	{ .name = "brake", .usage = "on|off", .summary = "the emergency brake: nothing new is started",
	    .takes = TAKES_WORD, .needs = TAKES_WORD, .effect = READS },
	{ .name = "unlock", .usage = "", .summary = "after a forged card, on the machine itself: changes are held no more",
	    .effect = READS },
	{ .name = NULL },
};

const struct command command_ops = {
	.name = "ops",
	.usage = "list|show|log|start|approve|reject|stop|resume|release|brake|unlock",
	.summary = "See and steer what was asked for",
	.examples = { "/ops list", "/ops show R-1", "/ops stop R-1" },
	.effect = READS,
	.subcommands = subcommands,
	.internal = "ops",
};

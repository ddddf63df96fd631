/* others_bots.c - which bots are compared, and how each is started. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "others.h"

#define ARGUMENTS 16

const struct bot bots[BOTS] = {
	{ .name = "floor", .program = FLOOR },
	{ .name = "rollcall", .program = ROLLCALL },
	{ .name = "slack-go", .program = OTHER, .folder = "slack-go", .run = { "./slack-go" } },
	{ .name = "Bolt JS", .program = OTHER, .folder = "bolt-js", .run = { "node", "bolt.mjs" } },
	{ .name = "Bolt Python", .program = OTHER, .folder = "bolt-python", .run = { "python3", "bolt.py" },
	    .only_443 = true },
	{ .name = "Hubot", .program = OTHER, .folder = "hubot", .run = { "node", "hubot.mjs" },
	    .hears_messages = true },
	{ .name = "Errbot", .program = OTHER, .folder = "errbot", .run = { "python3", "bot.py" },
	    .hears_messages = true, .only_443 = true },
};

bool
bot_is_there(const struct bench *bench, const struct bot *bot)
{
	_cleanup_(freep) char *path = bot->program != OTHER ? NULL
	    : xasprintf("%s/%s/%s", bench->others, bot->folder,
	    bot->run[1] != NULL ? bot->run[1] : bot->run[0]);

	return path == NULL || access(path, R_OK) == 0;
}

/* env changes into the folder and becomes the program, so its pid is the program's. */
static bool
start_other(const struct bot *bot, struct subject *subject, struct bench *bench, struct load *load,
    const char *folder, int children)
{
	const char *authority = load_authority(load) != NULL ? load_authority(load) : "";
	_cleanup_(freep) char *at = xasprintf("%s/%s", bench->others, bot->folder);
	_cleanup_(freep) char *modules = xasprintf("PYTHONPATH=%s", at);
	_cleanup_(freep) char *trusted = xasprintf("SSL_CERT_FILE=%s", authority);
	_cleanup_(freep) char *extra = xasprintf("NODE_EXTRA_CA_CERTS=%s", authority);
	_cleanup_(freep) char *tool = xasprintf("%s/kubectl", folder);
	_cleanup_(freep) char *many = xasprintf("%d", children);
	const char *argv[ARGUMENTS] = { "/usr/bin/env", "-C", at, modules };
	size_t count = 4;

	if (*authority != '\0') {
		argv[count++] = trusted;
		argv[count++] = extra;
	}
	for (size_t i = 0; i < COUNT(bot->run) && bot->run[i] != NULL; i++)
		argv[count++] = bot->run[i];
	argv[count++] = load_url(load);
	if (children > 0) {
		argv[count++] = tool;
		argv[count++] = many;
	}
	*subject = (struct subject){ .program = OTHER };
	return subject_run(subject, bench, (char *const *)(uintptr_t)argv, 1, load, folder);
}

bool
bot_start(const struct bot *bot, struct subject *subject, struct bench *bench, struct load *load,
    const char *folder, int children)
{
	if (bot->hears_messages)
		load_say_message(load, "answer");
	else
		load_say(load, children > 0 ? "rollout history chatops-gateway" : "help");
	return bot->program == OTHER ? start_other(bot, subject, bench, load, folder, children)
	    : subject_start(subject, bench, bot->program, load, folder, children);
}

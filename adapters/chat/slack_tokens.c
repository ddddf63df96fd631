/*
 * slack_tokens.c - tokens that changed with a reload: tried first, then used (SE5).
 *
 * The tokens live in a configuration, which is held while they are used or tried.  New ones count only when
 * Slack says that they are of the same workspace and the same bot; until then, and when it does not, the old
 * ones go on.
 */

#include <stdlib.h>

#include "configuration.h"
#include "slack_private.h"

struct try {
	struct slack *slack;
	const struct configuration *configuration;	/* held */
};

static const struct secret *
token(const struct configuration *c, const char *path)
{
	return settings_secret(c->settings, path);
}

void
slack_tokens_use(struct slack *slack, const struct configuration *c)
{
	configuration_hold(c);
	if (slack->configuration != NULL)
		configuration_release(slack->configuration);
	slack->configuration = c;
	if (slack->api != NULL)
		slack_api_tokens(slack->api, token(c, "slack.bot_token"), token(c, "slack.app_token"));
}

void
slack_tokens_free(struct slack *slack)
{
	if (slack->configuration != NULL)
		configuration_release(slack->configuration);
	slack->configuration = NULL;
}

static void
try_free(struct try *try)
{
	configuration_release(try->configuration);
	free(try);
}

static void
not_taken(struct try *try, const char *which, const char *why)
{
	struct slack *slack = try->slack;
	_cleanup_(freep) char *sentence =
	    xasprintf("slack.%s changed, but the new one is not used: %s. The old one goes on", which, why);

	slack->host.warn(slack->host.bot, sentence);
	slack->tried = NULL;
	try_free(try);
}

/* A later reload has other tokens, or the end has come. */
static bool
is_over(const struct try *try)
{
	return try->slack->ending || try->slack->tried != try->configuration;
}

static void
taken(struct try *try)
{
	struct slack *slack = try->slack;

	slack_tokens_use(slack, try->configuration);
	slack->tried = NULL;
	slack->host.warn(slack->host.bot, "slack: the new tokens work and are used from now on");
	try_free(try);
}

static void
on_application(void *arg, const struct slack_answer *answer)
{
	struct try *try = arg;

	if (is_over(try))
		try_free(try);
	else if (answer->outcome != SENT)
		not_taken(try, "app_token", answer->sentence);
	else
		taken(try);
}

static void
on_bot(void *arg, const struct slack_answer *answer)
{
	struct try *try = arg;
	struct slack *slack = try->slack;

	if (is_over(try)) {
		try_free(try);
	} else if (answer->outcome != SENT) {
		not_taken(try, "bot_token", answer->sentence);
	} else if (slack->team != NULL && (!string_equal(json_string(answer->body, "team_id"), slack->team) ||
	    !string_equal(json_string(answer->body, "user_id"), slack->user))) {
		not_taken(try, "bot_token", "it is of another workspace or application, which needs a restart");
	} else {
		slack_api_try(slack->api, "apps.connections.open", token(try->configuration, "slack.app_token"),
		    on_application, try);
	}
}

void
slack_reload(void *link, const struct configuration *c)
{
	struct slack *slack = link;
	const struct secret *bot = token(c, "slack.bot_token"), *app = token(c, "slack.app_token");
	struct try *try;

	slack->tried = NULL;
	if (bot == NULL || app == NULL)	/* the section is gone: that needs a restart, and is said */
		return;
	if (secret_same(bot, token(slack->configuration, "slack.bot_token")) &&
	    secret_same(app, token(slack->configuration, "slack.app_token"))) {
		slack_tokens_use(slack, c);
		return;
	}
	try = xcalloc(1, sizeof(*try));
	try->slack = slack;
	try->configuration = slack->tried = c;
	configuration_hold(c);
	slack_api_try(slack->api, "auth.test", bot, on_bot, try);
}

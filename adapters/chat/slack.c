/* slack.c - the workspace put together: who we are, what comes in, who is told. */

#include "slack.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "configuration.h"
#include "say.h"
#include "slack_blocks.h"
#include "slack_manifest.h"
#include "slack_private.h"

#define EARLY_MOST 64

/* ---- what the bot hears of us ---- */

static bool
slack_ready(void *link)
{
	const struct slack *slack = link;

	return slack->connected && slack->team != NULL && !slack->final && !slack->stopping;
}

static void
tell_state(struct slack *slack, const char *sentence)
{
	slack->host.state(slack->host.bot, &slack_chat, slack_ready(slack), slack->final, sentence);
}

void
slack_end(struct slack *slack, const char *token, const char *sentence)
{
	_cleanup_(freep) char *said = xasprintf("%s: %s", token, sentence);

	if (slack->final || slack->ending)
		return;
	slack->final = true;
	timer_stop(slack->host.loop, &slack->retry);
	tell_state(slack, said);
}

static void
count(void *arg, const char *counter)
{
	struct slack *slack = arg;

	slack->host.count(slack->host.bot, counter);
}

/* ---- what comes in ---- */

struct slack_reply {			/* in the arrival's arena */
	struct slack_source source;
	char *envelope_id;
	bool takes_payload;
};

static cJSON *
message_payload(const struct message *message)
{
	cJSON *payload = cJSON_CreateObject();

	json_add_string(payload, "response_type", message->in_channel ? "in_channel" : "ephemeral");
	slack_add_message(payload, message);
	slack_no_unfurls(payload);
	return payload;
}

/* A stranger's command gets one sentence, lest the bot seem broken; all else silence. */
static cJSON *
refusal_payload(const cJSON *envelope)
{
	struct arena *arena = arena_new();
	cJSON *payload = NULL;

	if (string_equal(json_string(envelope, "type"), "slash_commands")) {
		payload = cJSON_CreateObject();
		json_add_string(payload, "response_type", "ephemeral");
		json_add_string(payload, "text",
		    say(arena, "This works for members of its own workspace only."));
	}
	arena_free(arena);
	return payload;
}

static void
give_arrival(struct slack *slack, const cJSON *envelope, struct slack_source source,
    struct arrival *arrival)
{
	struct slack_reply *reply = arena_new_of(arrival->arena, struct slack_reply);

	reply->source = source;
	reply->envelope_id = arena_strdup(arrival->arena, json_string(envelope, "envelope_id"));
	reply->takes_payload = json_bool(envelope, "accepts_response_payload", true);
	arrival->chat = &slack_chat;
	arrival->reply = reply;
	slack->host.arrived(slack->host.bot, arrival);
}

static void
take_envelope(struct slack *slack, const cJSON *envelope, struct slack_source source)
{
	struct slack_event event;
	_cleanup_(json_freep) cJSON *payload = NULL;

	slack->self.app = slack_sockets_app(slack->sockets);
	event = slack_event_read(envelope, &slack->self, loop_wall(slack->host.loop));
	if (event.counter != NULL)
		count(slack, event.counter);
	if (event.forget != NULL)
		slack->host.forget(slack->host.bot, event.forget, event.forget_id);
	if (event.arrival != NULL) {
		give_arrival(slack, envelope, source, event.arrival);
		return;
	}
	payload = event.refused ? refusal_payload(envelope) : NULL;
	slack_sockets_acknowledge(slack->sockets, source, json_string(envelope, "envelope_id"), payload);
}

/* Before auth.test nobody can say whose an envelope is: it waits, unacknowledged. */
static void
on_envelope(void *arg, const cJSON *envelope, struct slack_source source)
{
	struct slack *slack = arg;

	if (slack->team != NULL)
		take_envelope(slack, envelope, source);
	else if (slack->early.count < EARLY_MOST)
		*GROW(&slack->early) = (struct slack_envelope){ cJSON_Duplicate(envelope, true), source };
	else
		count(slack, "dropped.too_early");
}

static void
take_early(struct slack *slack)
{
	for (size_t i = 0; i < slack->early.count; i++) {
		if (slack->team != NULL)
			take_envelope(slack, slack->early.item[i].document, slack->early.item[i].source);
		cJSON_Delete(slack->early.item[i].document);
	}
	slack->early.count = 0;
}

static void
slack_acknowledge(void *link, struct arrival *arrival, const struct message *message)
{
	struct slack *slack = link;
	struct slack_reply *reply = arrival->reply;
	_cleanup_(json_freep) cJSON *payload = NULL;

	if (reply == NULL)
		return;
	arrival->reply = NULL;
	if (message != NULL && reply->takes_payload && arrival->door == DOOR_SLASH)
		payload = message_payload(message);
	if (message != NULL && reply->takes_payload && arrival->door == DOOR_DIALOG)
		payload = slack_dialog_answer(message);
	slack_sockets_acknowledge(slack->sockets, reply->source, reply->envelope_id, payload);
}

/* ---- who we are ---- */

static void ask_identity(void *arg);

static void
set_identity(struct slack *slack, const struct slack_answer *answer)
{
	slack->team = xstrdup(json_string(answer->body, "team_id"));
	slack->user = xstrdup(json_string(answer->body, "user_id"));
	slack->bot = xstrdup(json_string(answer->body, "bot_id"));
	slack->scopes = answer->scopes != NULL ? xstrdup(answer->scopes) : NULL;
	slack->self = (struct slack_identity){ slack->team, slack->user, slack->bot, NULL };
	slack_people_team(slack->people, slack->team);
}

static void
warn_of_scopes(struct slack *slack)
{
	_cleanup_(text_clear) struct text missing = TEXT_INIT;

	if (slack_missing_scopes(slack, &missing))
		log_warning("slack: the application lacks the scopes %s: add them and install it again",
		    missing.data);
}

static void
on_identity(void *arg, const struct slack_answer *answer)
{
	struct slack *slack = arg;
	int64_t wait;

	if (slack->ending || slack->final)
		return;
	if (answer->outcome == SENT && slack_id_valid(json_string(answer->body, "team_id")) &&
	    slack_id_valid(json_string(answer->body, "user_id")) &&
	    slack_id_valid(json_string(answer->body, "bot_id"))) {
		set_identity(slack, answer);
		warn_of_scopes(slack);
		take_early(slack);
		if (slack->connected)
			tell_state(slack, "connected to Slack");
		return;
	}
	if (answer->outcome == SENT) {
		slack_end(slack, "slack.bot_token", "this is not a bot's token, which begins with xoxb-");
		return;
	}
	if (slack_error_is_final(answer->error)) {
		slack_end(slack, "slack.bot_token", answer->sentence);
		return;
	}
	wait = SECONDS(slack->failures < 6 ? 1 << slack->failures : 60);
	slack->failures++;
	if (wait < SECONDS(answer->retry_after))
		wait = SECONDS(answer->retry_after);
	log_warning("slack: auth.test: %s; retrying in %lld s", answer->sentence,
	    (long long)(wait / 1000));
	timer_start(slack->host.loop, &slack->retry, wait, ask_identity, slack);
}

static void
ask_identity(void *arg)
{
	struct slack *slack = arg;

	slack_api_read(slack->api, "auth.test", NULL, on_identity, slack);
}

/* ---- life ---- */

static void
on_sockets(void *arg, bool ready, bool final, const char *sentence)
{
	struct slack *slack = arg;

	slack->connected = ready;
	if (final) {
		slack_end(slack, "slack.app_token", sentence);
		return;
	}
	/* Connected, but not yet sure to whom: auth.test will say it. */
	if (!slack->final && (!ready || slack->team != NULL))
		tell_state(slack, sentence);
}

static void
on_stopped(void *arg)
{
	struct slack *slack = arg;

	slack->connected = false;
	tell_state(slack, "the connections to Slack are closed");
}

static bool
open_all(struct slack *slack, const struct settings *settings, struct error *err)
{
	struct slack_api_options api = {
		.url = settings_string(settings, "slack.api_url"),
		.ca_file = settings_string(settings, "slack.ca_file"),
		.proxy = settings_string(settings, "slack.proxy"),
		.bot_token = settings_secret(settings, "slack.bot_token"),
		.app_token = settings_secret(settings, "slack.app_token"),
	};
	struct slack_sockets_options sockets = {
		.loop = slack->host.loop,
		.ca_file = api.ca_file,
		.proxy = api.proxy,
		.connections = (int)settings_number(settings, "slack.connections"),
		.arg = slack,
		.envelope = on_envelope,
		.state = on_sockets,
		.count = count,
		.stopped = on_stopped,
	};

	if (api.bot_token == NULL || api.app_token == NULL)
		return wrong(err, "slack.bot_token and slack.app_token are both needed for Socket Mode");
	slack->api = slack_api_new(slack->host.loop, &api, err);
	if (slack->api == NULL)
		return false;
	slack->people = slack_people_new(slack->host.loop, slack->api);
	sockets.api = slack->api;
	slack->sockets = slack_sockets_new(&sockets, err);
	return slack->sockets != NULL;
}

static void
slack_free(void *link)
{
	struct slack *slack = link;

	if (slack == NULL)
		return;
	slack->ending = true;
	timer_stop(slack->host.loop, &slack->retry);
	slack_sockets_free(slack->sockets);
	if (slack->people != NULL)
		slack_people_stop(slack->people);
	slack_api_free(slack->api);
	slack_people_free(slack->people);
	slack_tokens_free(slack);
	free(slack->team);
	slack->team = NULL;
	take_early(slack);
	free(slack->early.item);
	free(slack->user);
	free(slack->bot);
	free(slack->scopes);
	free(slack);
}

static void *
slack_start(const struct chat_host *host, struct error *err)
{
	struct slack *slack = xcalloc(1, sizeof(*slack));

	slack->host = *host;
	slack->host.configuration = NULL;	/* may be gone after the next reload */
	slack_tokens_use(slack, host->configuration);
	if (!open_all(slack, host->configuration->settings, err)) {
		slack_free(slack);
		return NULL;
	}
	ask_identity(slack);
	return slack;
}

static void
slack_stop(void *link)
{
	struct slack *slack = link;

	slack->stopping = true;
	timer_stop(slack->host.loop, &slack->retry);
	slack_sockets_stop(slack->sockets);
}

/* ---- people, and the rest of the table ---- */

static void
chat_person(void *link, const char *id, void (*done)(void *, const struct person_facts *), void *arg)
{
	struct slack *slack = link;

	slack_person(slack->people, id, done, arg);
}

static void
chat_group(void *link, const char *id, void (*done)(void *, const char *const *), void *arg)
{
	struct slack *slack = link;

	slack_group(slack->people, id, done, arg);
}

static void
chat_channel(void *link, const char *id, void (*done)(void *, const struct channel_facts *), void *arg)
{
	struct slack *slack = link;

	slack_channel(slack->people, id, done, arg);
}

static void
chat_resolve(void *link, const char *written, void (*done)(void *, const char *), void *arg)
{
	struct slack *slack = link;

	slack_resolve(slack->people, written, done, arg);
}

static const char *
slack_self(void *link, const char **team)
{
	const struct slack *slack = link;

	if (team != NULL)
		*team = slack->team;
	return slack->user;
}

const char *
slack_scopes(const void *link)
{
	const struct slack *slack = link;

	return slack->scopes;
}

bool
slack_missing_scopes(const void *link, struct text *out)
{
	const struct slack *slack = link;

	return slack_scopes_missing(slack->scopes, slack->configuration, out);
}

int
slack_ghosts(const void *link)
{
	const struct slack *slack = link;

	return slack_sockets_ghosts(slack->sockets);
}

static bool
slack_tells_forgery(const struct configuration *configuration)
{
	return string_equal(settings_string(configuration->settings, "slack.on_forgery"), "tell");
}

const struct chat slack_chat = {
	.name = "slack",
	.examine = slack_examine,
	.start = slack_start,
	.stop = slack_stop,
	.free = slack_free,
	.ready = slack_ready,
	.reload = slack_reload,
	.acknowledge = slack_acknowledge,
	.deliver = slack_deliver,
	.find = slack_find,
	.person = chat_person,
	.group = chat_group,
	.channel = chat_channel,
	.resolve = chat_resolve,
	.tells_forgery = slack_tells_forgery,
	.self = slack_self,
};

/*
 * slack_doctor.c - what the doctor asks of Slack: tokens, scopes, channels, people.
 *
 * One question after the other.  A token is never shown.  What Slack tells nobody, whether events and
 * slash commands are switched on, is said to be so.
 */

#include <stdlib.h>
#include <string.h>

#include "configuration.h"
#include "doctor.h"
#include "slack_private.h"
#include "slack_url.h"

enum written_kind { A_CHANNEL, A_PERSON, A_GROUP };

struct written {			/* in the configuration */
	enum written_kind kind;
	const char *name, *of;		/* of: the channel's key or the role */
};

struct examination {
	struct doctor *doctor;
	struct slack_api *api;
	struct slack_people *people;
	struct { struct written *item; size_t count, size; } names;
	size_t at;
	struct timer end;
};

static void
on_end(void *arg)
{
	struct examination *x = arg;

	if (x->people != NULL)
		slack_people_stop(x->people);
	slack_api_free(x->api);
	slack_people_free(x->people);
	free(x->names.item);
	doctor_done(x->doctor);
	free(x);
}

/* Not from inside an answer of what it frees. */
static void
end(struct examination *x)
{
	timer_start(x->doctor->loop, &x->end, 0, on_end, x);
}

/* ---- channels and people ---- */

static void examine_next(void *arg);

/* Slack's answers come from inside the look-up that the next question would begin. */
static void
go_on(struct examination *x)
{
	x->at++;
	timer_start(x->doctor->loop, &x->end, 0, examine_next, x);
}

static void
on_channel(void *arg, const struct channel_facts *facts)
{
	struct examination *x = arg;
	const struct written *w = &x->names.item[x->at];

	if (facts == NULL || !facts->there)
		doctor_say(x->doctor, MISSING, "slack: channel %s (%s) is not there for rollcall: "
		    "is the name right? "
		    "A private one: /invite @rollcall in it", w->of, w->name);
	else if (facts->archived)
		doctor_say(x->doctor, MISSING, "slack: channel %s (%s) is archived: take it out "
		    "of the "
		    "configuration, or unarchive it", w->of, w->name);
	else if (!facts->member)
		doctor_say(x->doctor, MISSING, "slack: rollcall is not in channel %s (%s): "
		    "/invite @rollcall there",
		    w->of, w->name);
	else if (facts->shared)
		doctor_say(x->doctor, MISSING, "slack: channel %s (%s) is shared with another "
		    "workspace, where "
		    "rollcall shows nothing: take another one", w->of, w->name);
	else
		doctor_say(x->doctor, FOUND, "slack: rollcall is in channel %s (%s)", w->of,
		    w->name);
	go_on(x);
}

static void
on_person(void *arg, const struct person_facts *facts)
{
	struct examination *x = arg;
	const struct written *w = &x->names.item[x->at];

	if (facts == NULL)
		doctor_say(x->doctor, MISSING, "slack: nobody is %s (role %s)", w->name, w->of);
	else if (!facts->there)
		doctor_say(x->doctor, MISSING, "slack: %s (role %s) may not do anything: %s",
		    w->name, w->of,
		    facts->why_not != NULL ? facts->why_not : "no full member of this workspace");
	else
		doctor_say(x->doctor, FOUND, "slack: %s (role %s) is a member", w->name, w->of);
	go_on(x);
}

static void
on_resolved(void *arg, const char *id)
{
	struct examination *x = arg;
	const struct written *w = &x->names.item[x->at];

	if (id != NULL && w->kind == A_CHANNEL) {
		slack_channel(x->people, id, on_channel, x);
	} else if (id != NULL && w->kind == A_PERSON) {
		slack_person(x->people, id, on_person, x);
	} else if (id != NULL) {
		doctor_say(x->doctor, FOUND, "slack: the group %s (role %s) is there", w->name,
		    w->of);
		go_on(x);
	} else if (w->kind == A_CHANNEL) {
		on_channel(x, NULL);
	} else {
		doctor_say(x->doctor, MISSING, "slack: %s (role %s) is nobody, or more than one: "
		    "write the id, which "
		    "outlives a renaming", w->name, w->of);
		go_on(x);
	}
}

static void
examine_next(void *arg)
{
	struct examination *x = arg;
	const char *name;

	if (x->at == x->names.count) {
		end(x);
		return;
	}
	name = x->names.item[x->at].name;
	if (slack_id_valid(name))
		on_resolved(x, name);
	else
		slack_resolve(x->people, name, on_resolved, x);
}

static void
add_names(struct examination *x, enum written_kind kind, const char *const *names, const char *of)
{
	for (; names != NULL && *names != NULL; names++)
		if (!string_starts(*names, "local:"))
			*GROW(&x->names) = (struct written){ kind, *names, of };
}

static void
collect_names(struct examination *x)
{
	const struct configuration *c = x->doctor->configuration;

	for (size_t i = 0; i < c->channels.count; i++)
		*GROW(&x->names) =
		    (struct written){ A_CHANNEL, c->channels.item[i].name,
		    c->channels.item[i].key };
	for (size_t i = 0; i < c->roles.count; i++) {
		add_names(x, A_PERSON, c->roles.item[i].users, c->roles.item[i].name);
		add_names(x, A_GROUP, c->roles.item[i].groups, c->roles.item[i].name);
	}
}

/* ---- tokens ---- */

static void
say_refusal(struct examination *x, const char *setting, const struct slack_answer *answer)
{
	/* Slack's own word is an answer; anything else stood between us and Slack. */
	if (answer->error != NULL && answer->outcome == REFUSED_FOR_GOOD)
		doctor_say(x->doctor, MISSING, "%s: %s", setting, answer->sentence);
	else if (answer->error != NULL)
		doctor_say(x->doctor, UNASKED, "%s: %s", setting, answer->sentence);
	else
		doctor_say(x->doctor, UNASKED, "%s: %s. A proxy on the way: slack.proxy; an "
		    "authority of its own: "
		    "slack.ca_file", setting, answer->sentence);
}

static void
examine_scopes(struct examination *x, const char *scopes)
{
	_cleanup_(text_clear) struct text missing = TEXT_INIT, lost = TEXT_INIT;

	if (scopes == NULL)
		doctor_say(x->doctor, UNASKED, "slack: which scopes the token has: Slack's answer "
		    "does not list them");
	else if (slack_scopes_missing(scopes, x->doctor->configuration, &missing))
		doctor_say(x->doctor, MISSING, "slack: the application lacks the scopes %s: add "
		    "them under OAuth & "
		    "Permissions, and install it again", missing.data);
	else if (slack_scopes_lost(scopes, &lost))
		doctor_say(x->doctor, FOUND, "slack: all scopes that are needed are granted; %s", lost.data);
	else
		doctor_say(x->doctor, FOUND, "slack: all scopes are granted");
	doctor_say(x->doctor, UNASKABLE, "slack: whether events, slash commands and buttons are "
	    "switched on, Slack tells "
	    "nobody: mention @rollcall; when no answer comes, compare the application with "
	    "rollcall manifest");
}

static void
on_bot(void *arg, const struct slack_answer *answer)
{
	struct examination *x = arg;
	const char *team;

	team = json_string(answer->body, "team_id");
	if (answer->outcome != SENT) {
		say_refusal(x, "slack.bot_token", answer);
		end(x);
		return;
	}
	if (json_string(answer->body, "bot_id") == NULL) {
		doctor_say(x->doctor, MISSING, "slack.bot_token: it is a person's, not a bot's: "
		    "take the one that begins "
		    "with xoxb-, of OAuth & Permissions");
		end(x);
		return;
	}
	doctor_say(x->doctor, FOUND, "slack.bot_token: Slack takes it, for the workspace %s",
	    slack_id_valid(team) ? team : "?");
	slack_people_team(x->people, team);
	examine_scopes(x, answer->scopes);
	collect_names(x);
	timer_start(x->doctor->loop, &x->end, 0, examine_next, x);
}

static void
on_application(void *arg, const struct slack_answer *answer)
{
	struct examination *x = arg;

	if (answer->outcome == SENT)
		doctor_say(x->doctor, FOUND, "slack.app_token: Slack takes it for Socket Mode");
	else if (string_equal(answer->error, "missing_scope"))
		doctor_say(x->doctor, MISSING, "slack.app_token: it lacks the scope "
		    "connections:write: make another one, "
		    "under Basic Information, App-Level Tokens");
	else
		say_refusal(x, "slack.app_token", answer);
	slack_api_read(x->api, "auth.test", NULL, on_bot, x);
}

void
slack_examine(struct doctor *doctor)
{
	const struct settings *settings = doctor->configuration->settings;
	struct slack_api_options options = {
		.url = settings_string(settings, "slack.api_url"),
		.ca_file = settings_string(settings, "slack.ca_file"),
		.proxy = settings_string(settings, "slack.proxy"),
		.bot_token = settings_secret(settings, "slack.bot_token"),
		.app_token = settings_secret(settings, "slack.app_token"),
	};
	struct examination *x = xcalloc(1, sizeof(*x));
	struct error err = ERROR_INIT;

	x->doctor = doctor;
	if (options.app_token == NULL || options.bot_token == NULL) {
		doctor_say(doctor, MISSING, "slack.%s is not set",
		    options.app_token == NULL ? "app_token" : "bot_token");
		end(x);
		return;
	}
	x->api = slack_api_new(doctor->loop, &options, &err);
	if (x->api == NULL) {
		doctor_say(doctor, UNASKED, "slack: %s", err.text);
		end(x);
		return;
	}
	x->people = slack_people_new(doctor->loop, x->api);
	slack_api_connect(x->api, SECONDS(10), on_application, x);
}

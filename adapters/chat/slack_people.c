/* slack_people.c - one question about one person, group or channel at a time; names go to slack_names.c. */

#include <stdlib.h>
#include <string.h>

#include "slack_people_private.h"

#define PATIENCE 5		/* seconds of a 429 that are waited out (ID5) */

struct query {
	struct slack_people *people;
	struct query *next;		/* among those that pause */
	const struct query_kind *kind;
	char *id;
	struct timer pause;
	bool paused_once;
	union {
		void (*person)(void *, const struct person_facts *);
		void (*group)(void *, const char *const *);
		void (*channel)(void *, const struct channel_facts *);
		void (*resolve)(void *, const char *);
	} done;
	void *arg;
};

struct query_kind {
	const char *method, *argument;
	/* body NULL: no answer.  unknown: Slack says that there is no such thing. */
	void (*tell)(struct query *, const cJSON *body, bool unknown);
};

/* ---- one question ---- */

static void query_ask(struct query *);

static void
query_free(struct query *query)
{
	free(query->id);
	free(query);
}

static void
pause_query(struct query *query, int64_t ms, void (*fire)(void *))
{
	query->next = query->people->paused;
	query->people->paused = query;
	timer_start(query->people->loop, &query->pause, ms, fire, query);
}

static struct query *
leave_pause(struct query *query)
{
	struct query **place = &query->people->paused;

	while (*place != query)
		place = &(*place)->next;
	*place = query->next;
	return query;
}

static void
on_pause_end(void *arg)
{
	query_ask(leave_pause(arg));
}

static bool
is_unknown(const char *error)
{
	static const char *const errors[] = { "user_not_found", "users_not_found", "channel_not_found",
		"user_not_visible", "no_such_subteam", NULL };

	return error != NULL && string_in(error, errors);
}

static void
on_query(void *arg, const struct slack_answer *answer)
{
	struct query *query = arg;
	struct slack_people *people = query->people;

	if (answer->outcome == LATER && answer->retry_after <= PATIENCE && !query->paused_once &&
	    !people->stopped) {
		query->paused_once = true;
		pause_query(query, SECONDS(answer->retry_after), on_pause_end);
		return;
	}
	query->kind->tell(query, answer->outcome == SENT ? answer->body : NULL,
	    answer->outcome == REFUSED_FOR_GOOD && is_unknown(answer->error));
	query_free(query);
}

static void
query_ask(struct query *query)
{
	cJSON *arguments = cJSON_CreateObject();

	json_add_string(arguments, query->kind->argument, query->id);
	if (string_equal(query->kind->method, "users.info"))
		json_add_bool(arguments, "include_locale", true);
	slack_api_read(query->people->api, query->kind->method, arguments, on_query, query);
}

static struct query *
query_new(struct slack_people *people, const struct query_kind *kind, const char *id, void *arg)
{
	struct query *query = xcalloc(1, sizeof(*query));

	query->people = people;
	query->kind = kind;
	query->id = xstrdup(id);
	query->arg = arg;
	return query;
}

/* ---- what is told ---- */

static void
tell_person(struct query *query, const cJSON *body, bool unknown)
{
	struct person_facts facts;

	slack_person_read(&facts, json_at(body, "user"), query->people->team);
	if (unknown)
		facts = (struct person_facts){ .id = query->id, .why_not = "unknown to Slack" };
	else if (!string_equal(facts.id, query->id))
		body = NULL;	/* no answer, or one about somebody else */
	query->done.person(query->arg, body != NULL || unknown ? &facts : NULL);
}

static void
tell_channel(struct query *query, const cJSON *body, bool unknown)
{
	struct channel_facts facts;

	slack_channel_read(&facts, json_at(body, "channel"), query->people->team);
	if (unknown)
		facts = (struct channel_facts){ .id = query->id };
	else if (!string_equal(facts.id, query->id))
		body = NULL;
	query->done.channel(query->arg, body != NULL || unknown ? &facts : NULL);
}

static void
tell_group(struct query *query, const cJSON *body, bool unknown)
{
	struct { const char **item; size_t count, size; } members = { NULL, 0, 0 };
	const cJSON *one, *users = json_at(body, "users");

	(void)unknown;
	json_each(one, users)
		if (slack_id_valid(cJSON_GetStringValue(one)))
			*GROW(&members) = one->valuestring;
	*GROW(&members) = NULL;
	query->done.group(query->arg, cJSON_IsArray(users) ? members.item : NULL);
	free(members.item);
}

static void
tell_address(struct query *query, const cJSON *body, bool unknown)
{
	const char *id = json_string(body, "user.id");

	(void)unknown;
	query->done.resolve(query->arg,
	    slack_id_valid(id) && !json_bool(body, "user.deleted", false) ? id : NULL);
}

static const struct query_kind person_kind = { "users.info", "user", tell_person };
static const struct query_kind group_kind = { "usergroups.users.list", "usergroup", tell_group };
static const struct query_kind channel_kind = { "conversations.info", "channel", tell_channel };
static const struct query_kind address_kind = { "users.lookupByEmail", "email", tell_address };

void
slack_person(struct slack_people *people, const char *id,
    void (*done)(void *, const struct person_facts *), void *arg)
{
	struct query *query = query_new(people, &person_kind, id, arg);

	query->done.person = done;
	query_ask(query);
}

void
slack_group(struct slack_people *people, const char *id, void (*done)(void *, const char *const *),
    void *arg)
{
	struct query *query = query_new(people, &group_kind, id, arg);

	query->done.group = done;
	query_ask(query);
}

/*
 * Direct messages with us need no look-up, which would ask for the scope im:read: they are with one
 * person, who is looked up as everywhere.
 */
static void
on_direct(void *arg)
{
	struct query *query = leave_pause(arg);
	struct channel_facts facts = { .id = query->id, .there = true, .member = true };

	query->done.channel(query->arg, &facts);
	query_free(query);
}

void
slack_channel(struct slack_people *people, const char *id,
    void (*done)(void *, const struct channel_facts *), void *arg)
{
	struct query *query = query_new(people, &channel_kind, id, arg);

	query->done.channel = done;
	if (id[0] == 'D')
		pause_query(query, 0, on_direct);
	else
		query_ask(query);
}

void
slack_resolve(struct slack_people *people, const char *written, void (*done)(void *, const char *),
    void *arg)
{
	struct query *query;

	if (written[0] == '@' || written[0] == '#' || strchr(written, '@') == NULL) {
		slack_names_find(people, written, done, arg);
		return;
	}
	query = query_new(people, &address_kind, written, arg);
	query->done.resolve = done;
	query_ask(query);
}

/* ---- life ---- */

struct slack_people *
slack_people_new(struct loop *loop, struct slack_api *api)
{
	struct slack_people *people = xcalloc(1, sizeof(*people));

	people->loop = loop;
	people->api = api;
	slack_names_init(people);
	return people;
}

void
slack_people_team(struct slack_people *people, const char *team)
{
	free(people->team);
	people->team = xstrdup(team);
}

void
slack_people_stop(struct slack_people *people)
{
	struct query *query;

	people->stopped = true;
	while ((query = people->paused) != NULL) {
		people->paused = query->next;
		timer_stop(people->loop, &query->pause);
		query->kind->tell(query, NULL, false);
		query_free(query);
	}
	slack_names_stop(people);
}

void
slack_people_free(struct slack_people *people)
{
	if (people == NULL)
		return;
	free(people->team);
	free(people);
}

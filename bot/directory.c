/* directory.c - what is known of people, groups and channels, how old it is, and fetching it once. */

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/text.h"
#include "directory.h"

#define FAILED_FOR SECONDS(5)

enum entry_kind { ENTRY_PERSON, ENTRY_CHANNEL, ENTRY_GROUP, ENTRY_NAME };

struct waiter {
	struct waiter *next;
	void (*done)(void *);
	void *arg;
	size_t left;
	struct timer timer;
	struct directory *directory;
};

struct entry {
	struct entry *next;
	struct directory *directory;
	enum entry_kind kind;
	char *id;			/* id, or the written name */
	const struct chat *chat;
	struct arena *arena;		/* of the facts; replaced with them */
	struct person_facts person;
	struct channel_facts channel;
	const char **members;		/* of a group */
	const char *resolved;		/* of a name */
	int64_t stamp;			/* monotonic; −1 never */
	bool there, fetching;
	struct { struct waiter **item; size_t count, size; } waiters;
};

struct directory {
	struct bot *bot;
	struct entry *first;
};

struct directory *
directory_new(struct bot *bot)
{
	struct directory *d = xcalloc(1, sizeof(*d));

	d->bot = bot;
	return d;
}

void
directory_free(struct directory *d)
{
	struct entry *next;

	if (d == NULL)
		return;
	for (struct entry *e = d->first; e != NULL; e = next) {
		next = e->next;
		for (size_t i = 0; i < e->waiters.count; i++)
			if (--e->waiters.item[i]->left == 0)
				free(e->waiters.item[i]);
		free(e->waiters.item);
		arena_free(e->arena);
		free(e->id);
		free(e);
	}
	free(d);
}

static struct entry *
find(struct directory *d, enum entry_kind kind, const char *id)
{
	for (struct entry *e = d->first; e != NULL; e = e->next)
		if (e->kind == kind && string_equal(e->id, id))
			return e;
	return NULL;
}

static struct entry *
find_or_add(struct directory *d, enum entry_kind kind, const char *id)
{
	struct entry *e = find(d, kind, id);

	if (e != NULL)
		return e;
	e = xcalloc(1, sizeof(*e));
	e->directory = d;
	e->kind = kind;
	e->id = xstrdup(id);
	e->stamp = -1;
	e->next = d->first;
	d->first = e;
	return e;
}

static bool
fresh(const struct directory *d, const struct entry *e, int64_t max_age)
{
	int64_t age;

	if (e == NULL || e->stamp < 0)
		return false;
	age = loop_now(d->bot->loop) - e->stamp;
	return age <= max_age && (e->there || age <= FAILED_FOR);
}

/* ---- what came back ---- */

static void
arrived(struct entry *e, bool there)
{
	struct waiter *waiter;

	e->there = there;
	e->fetching = false;
	e->stamp = loop_now(e->directory->bot->loop);
	for (size_t i = 0; i < e->waiters.count; i++) {
		waiter = e->waiters.item[i];
		if (--waiter->left > 0)
			continue;
		waiter->done(waiter->arg);
		free(waiter);
	}
	e->waiters.count = 0;
}

static struct arena *
new_facts(struct entry *e)
{
	arena_free(e->arena);
	e->arena = arena_new();
	return e->arena;
}

static void
on_person(void *arg, const struct person_facts *facts)
{
	struct entry *e = arg;
	struct arena *arena = new_facts(e);

	e->person = (struct person_facts){ .id = e->id, .why_not = "unknown here" };
	if (facts != NULL) {
		e->person = *facts;
		e->person.id = e->id;
		e->person.team = arena_strdup(arena, facts->team);
		e->person.name = arena_strdup(arena, facts->name);
		e->person.email = arena_strdup(arena, facts->email);
		e->person.zone = arena_strdup(arena, facts->zone);
		e->person.language = arena_strdup(arena, facts->language);
		e->person.why_not = arena_strdup(arena, facts->why_not);
	}
	arrived(e, facts != NULL);
}

static void
on_channel(void *arg, const struct channel_facts *facts)
{
	struct entry *e = arg;
	struct arena *arena = new_facts(e);

	e->channel = (struct channel_facts){ .id = e->id };
	if (facts != NULL) {
		e->channel = *facts;
		e->channel.id = e->id;
		e->channel.name = arena_strdup(arena, facts->name);
	}
	arrived(e, facts != NULL);
}

static void
on_group(void *arg, const char *const *members)
{
	struct entry *e = arg;
	struct arena *arena = new_facts(e);
	size_t count = 0;

	e->members = NULL;
	if (members != NULL) {
		while (members[count] != NULL)
			count++;
		e->members = arena_alloc(arena, (count + 1) * sizeof(char *));
		for (size_t i = 0; i < count; i++)
			e->members[i] = arena_strdup(arena, members[i]);
	}
	arrived(e, members != NULL);
}

static void
on_resolved(void *arg, const char *id)
{
	struct entry *e = arg;

	e->resolved = id != NULL ? arena_strdup(new_facts(e), id) : NULL;
	if (id == NULL)
		log_warning("%s of the configuration could not be found or is ambiguous: it matches nobody",
		    e->id);
	else
		log_info("%s is %s", e->id, id);
	arrived(e, id != NULL);
}

static void
fetch(struct entry *e)
{
	const struct entrance *door = bot_home(e->directory->bot);
	const struct chat *chat = door != NULL ? door->chat : NULL;

	if (e->fetching)
		return;
	e->fetching = true;
	if (chat == NULL || !door->ready)
		arrived(e, false);
	else if (e->kind == ENTRY_PERSON)
		chat->person(door->link, e->id, on_person, e);
	else if (e->kind == ENTRY_CHANNEL)
		chat->channel(door->link, e->id, on_channel, e);
	else if (e->kind == ENTRY_GROUP)
		chat->group(door->link, e->id, on_group, e);
	else
		chat->resolve(door->link, e->id, on_resolved, e);
}

/* ---- names of the configuration ---- */

static bool
is_id(const char *written, char first)
{
	if (written[0] != first || strlen(written) < 3)
		return false;
	for (const char *c = written; *c != '\0'; c++)
		if (!((*c >= 'A' && *c <= 'Z') || (*c >= '0' && *c <= '9')))
			return false;
	return true;
}

static const char *
resolved(struct directory *d, const char *written)
{
	struct entry *e;

	if (is_id(written, 'U') || is_id(written, 'W') || is_id(written, 'S') || is_id(written, 'C') ||
	    is_id(written, 'G') || is_id(written, 'D'))
		return written;
	e = find(d, ENTRY_NAME, written);
	return e != NULL && e->there ? e->resolved : NULL;
}

static void
resolve_list(struct directory *d, const char *const *list)
{
	for (; list != NULL && *list != NULL; list++)
		if (resolved(d, *list) == NULL && !string_starts(*list, "local:"))
			fetch(find_or_add(d, ENTRY_NAME, *list));
}

void
directory_resolve_all(struct directory *d)
{
	const struct configuration *c = d->bot->configuration;
	const char *one[2] = { NULL, NULL };

	for (size_t i = 0; i < c->roles.count; i++) {
		resolve_list(d, c->roles.item[i].users);
		resolve_list(d, c->roles.item[i].groups);
	}
	for (size_t i = 0; i < c->channels.count; i++) {
		one[0] = c->channels.item[i].name;
		resolve_list(d, one);
	}
}

const char *
directory_channel_id(struct directory *d, const char *key)
{
	const struct configuration *c = d->bot->configuration;

	for (size_t i = 0; i < c->channels.count; i++)
		if (string_equal(c->channels.item[i].key, key))
			return resolved(d, c->channels.item[i].name);
	return resolved(d, key);
}

/* ---- asking ---- */

static const char *
user_part(const char *principal)
{
	const char *slash = strchr(principal, '/');

	return slash != NULL ? slash + 1 : principal;
}

const struct person_facts *
directory_person(struct directory *d, const char *principal, int64_t max_age)
{
	struct entry *e = find(d, ENTRY_PERSON, user_part(principal));

	return fresh(d, e, max_age) ? &e->person : NULL;
}

const struct channel_facts *
directory_channel(struct directory *d, const char *id, int64_t max_age)
{
	struct entry *e = find(d, ENTRY_CHANNEL, id);

	return fresh(d, e, max_age) ? &e->channel : NULL;
}

const char *
directory_name(struct directory *d, const char *principal)
{
	struct entry *e = find(d, ENTRY_PERSON, user_part(principal));

	if (e != NULL && e->there && e->person.name != NULL)
		return e->person.name;
	return string_starts(principal, "local:") ? principal + strlen("local:") : user_part(principal);
}

bool
directory_is(struct directory *d, const char *principal, const char *written)
{
	const char *id;

	if (string_starts(written, "local:") || string_starts(principal, "local:"))
		return string_equal(written, principal);
	id = resolved(d, written);
	return id != NULL && string_equal(id, user_part(principal));
}

bool
directory_in_group(struct directory *d, const char *principal, const char *written)
{
	const char *id = resolved(d, written);
	struct entry *e = id != NULL ? find(d, ENTRY_GROUP, id) : NULL;

	return fresh(d, e, MINUTES(1)) && e->there &&
	    string_in(user_part(principal), (const char *const *)e->members);
}

static void
want(struct directory *d, struct waiter *waiter, enum entry_kind kind, const char *id,
    int64_t max_age)
{
	struct entry *e = find_or_add(d, kind, id);

	if (fresh(d, e, max_age))
		return;
	waiter->left++;
	*GROW(&e->waiters) = waiter;
	fetch(e);
}

static void
on_all_there(void *arg)
{
	struct waiter *waiter = arg;

	if (--waiter->left > 0)
		return;
	waiter->done(waiter->arg);
	free(waiter);
}

void
directory_fetch(struct directory *d, const char *principal, const char *channel, int64_t max_age,
    void (*done)(void *), void *arg)
{
	const struct configuration *c = d->bot->configuration;
	struct waiter *waiter = xcalloc(1, sizeof(*waiter));
	const char *id;

	waiter->done = done;
	waiter->arg = arg;
	waiter->directory = d;
	waiter->left = 1;	/* given back in a later turn: done never comes before we return */
	if (!string_starts(principal, "local:")) {
		want(d, waiter, ENTRY_PERSON, user_part(principal), max_age);
		for (size_t i = 0; i < c->roles.count; i++)
			for (const char *const *g = c->roles.item[i].groups; g != NULL && *g != NULL; g++)
				if ((id = resolved(d, *g)) != NULL)
					want(d, waiter, ENTRY_GROUP, id, max_age);
		if (channel != NULL && channel[0] != '\0')
			want(d, waiter, ENTRY_CHANNEL, channel, MINUTES(5));
	}
	timer_start(d->bot->loop, &waiter->timer, 0, on_all_there, waiter);
}

void
directory_forget(struct directory *d, const char *kind, const char *id)
{
	enum entry_kind which = string_equal(kind, "person") ? ENTRY_PERSON
	    : string_equal(kind, "group")		     ? ENTRY_GROUP
							     : ENTRY_CHANNEL;

	for (struct entry *e = d->first; e != NULL; e = e->next)
		if (e->kind == which && (id == NULL || string_equal(e->id, id)))
			e->stamp = -1;
}

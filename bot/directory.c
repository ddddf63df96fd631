/* directory.c - what is known of people, groups and channels, how old it is, and fetching it once. */

#include <stdlib.h>
#include <string.h>

#include "admins.h"
#include "base/log.h"
#include "base/text.h"
#include "directory.h"
#include "say.h"

#define FAILED_FOR SECONDS(5)
#define RESOLVE_EVERY MINUTES(1)

enum entry_kind { ENTRY_PERSON, ENTRY_CHANNEL, ENTRY_GROUP, ENTRY_NAME };

struct waiter {
	struct waiter *next, *previous;	/* all of the directory */
	void (*done)(void *);
	void *arg;
	size_t left;			/* answers that it waits for, and a later turn */
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
	char *address;			/* of a person: verified; kept when a later fetch fails */
	struct channel_facts channel;
	const char **members;		/* of a group */
	const char *resolved;		/* of a name */
	const char *pinned, *found;	/* of a name: of before; just answered, not pinned yet */
	int64_t stamp;			/* monotonic; −1 never */
	bool there, fetching;
	bool again;			/* forgotten while it was fetched */
	bool wanted, complained;	/* of a name */
	const char *moved;		/* of a name: the id that it means now, which the admins shall hear; NULL */
	struct waiters { struct waiter **item; size_t count, size; } waiters;
};

struct directory {
	struct bot *bot;
	struct entry *first;
	struct waiter *waiters;
};

static void fetch(struct entry *);

struct directory *
directory_new(struct bot *bot)
{
	struct directory *d = xcalloc(1, sizeof(*d));

	d->bot = bot;
	return d;
}

static void
waiter_free(struct waiter *waiter)
{
	struct directory *d = waiter->directory;

	timer_stop(d->bot->loop, &waiter->timer);
	if (waiter->previous != NULL)
		waiter->previous->next = waiter->next;
	else
		d->waiters = waiter->next;
	if (waiter->next != NULL)
		waiter->next->previous = waiter->previous;
	free(waiter);
}

static void
waiter_count_down(void *arg)
{
	struct waiter *waiter = arg;
	void (*done)(void *) = waiter->done;

	if (--waiter->left > 0)
		return;
	arg = waiter->arg;
	waiter_free(waiter);
	done(arg);
}

void
directory_free(struct directory *d)
{
	struct entry *next;

	if (d == NULL)
		return;
	while (d->waiters != NULL)
		waiter_free(d->waiters);
	for (struct entry *e = d->first; e != NULL; e = next) {
		next = e->next;
		free(e->waiters.item);
		arena_free(e->arena);
		free(e->address);
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
	struct waiters served = e->waiters;

	if (e->directory->bot->ended)
		return;
	e->there = there;
	e->fetching = false;
	if (e->again) {		/* what came is of before the change */
		e->again = false;
		fetch(e);
		return;
	}
	e->stamp = loop_now(e->directory->bot->loop);
	e->waiters = (struct waiters){ NULL, 0, 0 };	/* who is told may wait again */
	for (size_t i = 0; i < served.count; i++)
		waiter_count_down(served.item[i]);
	free(served.item);
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

	e->person = (struct person_facts){ .id = e->id };
	if (facts != NULL) {
		e->person = *facts;
		e->person.id = e->id;
		e->person.team = arena_strdup(arena, facts->team);
		e->person.name = arena_strdup(arena, facts->name);
		e->person.email = arena_strdup(arena, facts->email);
		e->person.zone = arena_strdup(arena, facts->zone);
		e->person.language = arena_strdup(arena, facts->language);
		e->person.why_not = arena_strdup(arena, facts->why_not);
		free(e->address);
		e->address = facts->email != NULL && facts->email_verified ? xstrdup(facts->email) : NULL;
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

/* Said once, until it is found. */
static void
complain(struct entry *e, const char *why)
{
	if (!e->complained)
		log_warning("%s of the configuration %s: it matches nobody", e->id, why);
	e->complained = true;
	arrived(e, false);
}

static void
name_is(struct entry *e, const char *id)
{
	struct arena *old = e->arena;

	e->arena = arena_new();
	e->resolved = e->pinned = arena_strdup(e->arena, id);
	arena_free(old);
	e->complained = false;
}

/* What a name means is pinned when it is first resolved: whoever takes the handle later takes no right
 * with it (ID1, P3).  The pins of all names are one job, read at the start, written when the last name of
 * a round was answered. */
struct pins {
	struct store_job job;
	struct arena *arena;
	struct { struct pin { struct entry *entry; const char *name, *id; } *item; size_t count, size; } list;
};

static struct pins *
pins_new(struct directory *d, bool (*wanted)(const struct entry *))
{
	struct arena *arena = arena_new();
	struct pins *pins = arena_new_of(arena, struct pins);

	pins->arena = arena;
	for (struct entry *e = d->first; e != NULL; e = e->next)
		if (e->kind == ENTRY_NAME && wanted(e))
			*ARENA_GROW(arena, &pins->list) = (struct pin){ .entry = e,
				.name = arena_printf(arena, "name.%s", e->id),
				.id = arena_strdup(arena, e->found) };
	return pins;
}

/* Once the channel of the admins may be known itself, which is a name too. */
static void
tell_moved(struct directory *d)
{
	for (struct entry *e = d->first; e != NULL; e = e->next) {
		_cleanup_(freep) char *key = NULL;

		if (e->kind != ENTRY_NAME || e->moved == NULL)
			continue;
		key = xasprintf("name/%s/%s", e->id, e->moved);
		admins_tell(d->bot, key, say(e->arena, BOLD "%s" BOLD " of my configuration meant %s and means %s now: "
		    "it matches nobody. Write the id that is meant in its place", e->id, e->pinned, e->moved));
		e->moved = NULL;
	}
}

static bool
write_work(struct store_job *job, const struct store_verbs *verbs, void *db, struct error *err)
{
	struct pins *pins = CONTAINER(job, struct pins, job);

	for (size_t i = 0; i < pins->list.count; i++)
		if (!verbs->note_set(db, pins->list.item[i].name, pins->list.item[i].id, err))
			return false;
	return true;
}

static void
write_done(struct store_job *job)
{
	struct pins *pins = CONTAINER(job, struct pins, job);
	struct directory *d = pins->list.item[0].entry->directory;

	for (size_t i = 0; i < pins->list.count; i++) {
		struct entry *e = pins->list.item[i].entry;

		e->found = NULL;
		if (job->error.kind != ERROR_NONE) {
			complain(e, "could not be kept in my own store");
			continue;
		}
		name_is(e, pins->list.item[i].id);
		log_info("%s is %s", e->id, e->resolved);
		arrived(e, true);
	}
	arena_free(pins->arena);
	tell_moved(d);
}

static bool
is_found(const struct entry *e)
{
	return e->found != NULL;
}

static void
pin_when_all_answered(struct directory *d)
{
	struct pins *pins;

	for (struct entry *e = d->first; e != NULL; e = e->next)
		if (e->kind == ENTRY_NAME && e->fetching && e->found == NULL)
			return;
	pins = pins_new(d, is_found);
	if (pins->list.count == 0) {
		arena_free(pins->arena);
		tell_moved(d);
		return;
	}
	pins->job = (struct store_job){ .work = write_work, .done = write_done };
	store_start(d->bot->store, &pins->job);
}

static void
on_resolved(void *arg, const char *id)
{
	struct entry *e = arg;
	struct directory *d = e->directory;

	if (d->bot->ended)
		return;
	if (e->pinned != NULL && (id == NULL || string_equal(id, e->pinned))) {
		arrived(e, true);
	} else if (e->pinned != NULL) {
		if (!e->complained)
			e->moved = arena_strdup(e->arena, id);
		complain(e, arena_printf(e->arena,
		    "meant %s and means %s now; write the id that is meant in its place", e->pinned, id));
	} else if (id == NULL) {
		complain(e, "could not be found or is ambiguous");
	} else {
		e->found = arena_strdup(new_facts(e), id);
	}
	pin_when_all_answered(d);
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
		arrived(e, e->kind == ENTRY_NAME && e->pinned != NULL);
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

static bool
is_kind_of_name(const char *written)
{
	return !string_starts(written, "local:") && !string_starts(written, "trigger:") &&
	    !string_starts(written, "webhook:");
}

static void
want_names(struct directory *d, const char *const *list)
{
	struct entry *e;

	for (; list != NULL && *list != NULL; list++) {
		if (resolved(d, *list) != NULL || !is_kind_of_name(*list))
			continue;
		e = find_or_add(d, ENTRY_NAME, *list);
		e->wanted |= !e->fetching;
		e->fetching = true;	/* whoever asks for somebody's rights waits for it */
	}
}

static bool
is_wanted(const struct entry *e)
{
	return e->wanted;
}

static bool
read_work(struct store_job *job, const struct store_verbs *verbs, void *db, struct error *err)
{
	struct pins *pins = CONTAINER(job, struct pins, job);

	for (size_t i = 0; i < pins->list.count; i++)
		if (!verbs->note_get(db, pins->arena, pins->list.item[i].name, &pins->list.item[i].id, err))
			return false;
	return true;
}

static void
read_done(struct store_job *job)
{
	struct pins *pins = CONTAINER(job, struct pins, job);

	for (size_t i = 0; i < pins->list.count; i++) {
		struct entry *e = pins->list.item[i].entry;

		e->fetching = false;
		if (job->error.kind != ERROR_NONE) {
			complain(e, "could not be looked up in my own store");
			continue;
		}
		if (pins->list.item[i].id != NULL) {
			name_is(e, pins->list.item[i].id);
			e->there = true;
		}
		fetch(e);
	}
	arena_free(pins->arena);
}

void
directory_resolve_all(struct directory *d)
{
	const struct configuration *c = d->bot->configuration;
	const char *one[2] = { NULL, NULL };
	struct pins *pins;

	for (size_t i = 0; i < c->roles.count; i++) {
		want_names(d, c->roles.item[i].users);
		want_names(d, c->roles.item[i].groups);
	}
	for (size_t i = 0; i < c->people.count; i++)
		want_names(d, c->people.item[i].faces);
	for (size_t i = 0; i < c->channels.count; i++) {
		one[0] = c->channels.item[i].name;
		want_names(d, one);
	}
	pins = pins_new(d, is_wanted);
	for (size_t i = 0; i < pins->list.count; i++)
		pins->list.item[i].entry->wanted = false;
	pins->job = (struct store_job){ .work = read_work, .done = read_done };
	store_start(d->bot->store, &pins->job);
}

bool
directory_resolving(const struct directory *d)
{
	for (const struct entry *e = d->first; e != NULL; e = e->next)
		if (e->kind == ENTRY_NAME && e->fetching && !e->there)
			return true;
	return false;
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

	return fresh(d, e, max_age) && e->there ? &e->person : NULL;
}

const struct channel_facts *
directory_channel(struct directory *d, const char *id, int64_t max_age)
{
	struct entry *e = find(d, ENTRY_CHANNEL, id);

	return fresh(d, e, max_age) && e->there ? &e->channel : NULL;
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

/* NULL: none is known.  Somebody of the local socket has none. */
static const char *
verified_address(struct directory *d, const char *principal)
{
	struct entry *e = string_starts(principal, "local:") ? NULL : find(d, ENTRY_PERSON, user_part(principal));

	return e != NULL ? e->address : NULL;
}

static bool
same_address(const char *a, const char *b)
{
	return a != NULL && b != NULL && string_equal_nocase(a, b);
}

/* Written as it is, or as an account with the same address. */
static bool
is_face(struct directory *d, const char *principal, const char *face)
{
	const char *address = verified_address(d, principal), *id = resolved(d, face);

	return directory_is(d, principal, face) || same_address(address, face) ||
	    (id != NULL && same_address(address, verified_address(d, id)));
}

/* A face of the chat that is not resolved, or means another id by now, may be anybody there. */
static bool
may_be_face(struct directory *d, const char *principal, const char *face)
{
	return is_face(d, principal, face) ||
	    (is_kind_of_name(face) && resolved(d, face) == NULL && !string_starts(principal, "local:"));
}

bool
directory_same_person(struct directory *d, const char *principal, const char *other)
{
	const struct configuration *c = d->bot->configuration;

	if (string_equal(principal, other) ||
	    same_address(verified_address(d, principal), verified_address(d, other)))
		return true;
	for (size_t i = 0; i < c->people.count; i++) {
		bool known = false, first = false, second = false;

		for (const char *const *face = c->people.item[i].faces; face != NULL && *face != NULL; face++) {
			known |= is_face(d, principal, *face) || is_face(d, other, *face);
			first |= may_be_face(d, principal, *face);
			second |= may_be_face(d, other, *face);
		}
		if (known && first && second)
			return true;
	}
	return false;
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

/* A name that nobody could say just then is asked for again, now and then. */
static void
resolve_again(struct directory *d)
{
	for (struct entry *e = d->first; e != NULL; e = e->next)
		if (e->kind == ENTRY_NAME && !e->there && !e->fetching &&
		    loop_now(d->bot->loop) - e->stamp > RESOLVE_EVERY)
			fetch(e);
}

static struct waiter *
new_waiter(struct directory *d, void (*done)(void *), void *arg)
{
	struct waiter *waiter = xcalloc(1, sizeof(*waiter));

	waiter->done = done;
	waiter->arg = arg;
	waiter->directory = d;
	waiter->left = 1;	/* given back in a later turn: done never comes before we return */
	if ((waiter->next = d->waiters) != NULL)
		waiter->next->previous = waiter;
	d->waiters = waiter;
	timer_start(d->bot->loop, &waiter->timer, 0, waiter_count_down, waiter);
	return waiter;
}

void
directory_fetch_channel(struct directory *d, const char *channel, void (*done)(void *), void *arg)
{
	want(d, new_waiter(d, done, arg), ENTRY_CHANNEL, channel, MINUTES(5));
}

void
directory_fetch(struct directory *d, const char *principal, const char *channel, int64_t max_age,
    void (*done)(void *), void *arg)
{
	const struct configuration *c = d->bot->configuration;
	struct waiter *waiter = new_waiter(d, done, arg);
	const char *id;

	resolve_again(d);
	/* Until the configuration's names are ids they match nobody: a refusal now would be wrong. */
	for (struct entry *e = d->first; e != NULL; e = e->next)
		if (e->kind == ENTRY_NAME && e->fetching && !e->there) {
			waiter->left++;
			*GROW(&e->waiters) = waiter;
		}
	if (!string_starts(principal, "local:")) {
		want(d, waiter, ENTRY_PERSON, user_part(principal), max_age);
		for (size_t i = 0; i < c->roles.count; i++)
			for (const char *const *g = c->roles.item[i].groups; g != NULL && *g != NULL; g++)
				if ((id = resolved(d, *g)) != NULL)
					want(d, waiter, ENTRY_GROUP, id, max_age);
		/* A terminal (console.h) is no channel of the chat, whoever answers what was asked there. */
		if (channel != NULL && channel[0] != '\0' && !string_starts(channel, "console:"))
			want(d, waiter, ENTRY_CHANNEL, channel, MINUTES(5));
	}
}

void
directory_forget(struct directory *d, const char *kind, const char *id)
{
	enum entry_kind which = string_equal(kind, "person") ? ENTRY_PERSON
	    : string_equal(kind, "group")		     ? ENTRY_GROUP
							     : ENTRY_CHANNEL;

	for (struct entry *e = d->first; e != NULL; e = e->next)
		if (e->kind == which && (id == NULL || string_equal(e->id, id))) {
			e->stamp = -1;
			e->again = e->fetching;
		}
}

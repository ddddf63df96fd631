/* permit.c - the first fitting rule decides; nothing fits, or something is not known: no. */

#include <pwd.h>
#include <string.h>
#include <unistd.h>

#include "base/pattern.h"
#include "base/text.h"
#include "command.h"
#include "permit.h"

#define FRESH MINUTES(1)
#define FRESH_FOR_NAMES HOURS(1)
#define FRESH_CHANNEL MINUTES(5)
#define FRESH_FOR_APPROVAL SECONDS(10)

static const struct role *
role_find(const struct configuration *c, const char *name)
{
	for (size_t i = 0; i < c->roles.count; i++)
		if (string_equal(c->roles.item[i].name, name))
			return &c->roles.item[i];
	return NULL;
}

bool
permit_has_role(const struct configuration *c, struct directory *d, const char *principal,
    const char *name)
{
	const struct role *role = role_find(c, name);

	if (role == NULL)
		return false;
	for (const char *const *u = role->users; u != NULL && *u != NULL; u++)
		if (directory_is(d, principal, *u))
			return true;
	for (const char *const *g = role->groups; g != NULL && *g != NULL; g++)
		if (directory_in_group(d, principal, *g))
			return true;
	return false;
}

static bool
has_any_role(const struct configuration *c, struct directory *d, const char *principal,
    const char *const *roles)
{
	for (; *roles != NULL; roles++)
		if (permit_has_role(c, d, principal, *roles))
			return true;
	return false;
}

const char *
permit_print_role(struct arena *arena, const struct configuration *c, const char *name)
{
	const struct role *role = role_find(c, name);
	_cleanup_(text_clear) struct text list = TEXT_INIT;
	size_t count = 0;

	for (const char *const *u = role != NULL ? role->users : NULL; u != NULL && *u != NULL; u++)
		text_printf(&list, "%s%s", count++ > 0 ? ", " : "",
		    string_starts(*u, "local:") ? *u + strlen("local:") : *u);
	for (const char *const *g = role != NULL ? role->groups : NULL; g != NULL && *g != NULL; g++)
		text_printf(&list, "%s%s", count++ > 0 ? ", " : "", *g);
	return arena_printf(arena, "%s (%s)", name, count > 0 ? list.data : "nobody yet");
}

/* ---- does a rule fit ---- */

static bool
glob_in(const char *s, const char *const *globs)
{
	for (; *globs != NULL; globs++)
		if (glob_matches(*globs, s))
			return true;
	return false;
}

static bool
command_in(const struct request *r, const char *const *commands)
{
	_cleanup_(text_clear) struct text both = TEXT_INIT;

	text_printf(&both, "%s %s", r->command->name, r->subcommand != NULL ? r->subcommand : "");
	return string_in(r->command->name, commands) || string_in(both.data, commands) ||
	    string_in("*", commands);
}

static bool
channel_in(const struct configuration *c, struct directory *d, const char *channel,
    const char *const *keys)
{
	(void)c;
	/* A name that means no channel yet is none that nobody spoke in. */
	for (; channel != NULL && *keys != NULL; keys++)
		if (string_equal(directory_channel_id(d, *keys), channel))
			return true;
	return false;
}

static bool
choices_hold(const struct value *choices, const char *given)
{
	if (value_count(choices) == 0)
		return string_equal(value_string(choices), given);
	for (size_t i = 0; i < value_count(choices); i++)
		if (string_equal(value_string(value_item(choices, i)), given))
			return true;
	return false;
}

/* arguments: {to: [previous, verified]} or {replicas: {at_most: 20}}. */
static bool
arguments_fit(const struct rule *rule, const struct request *r)
{
	const struct value *most = value_at(rule->arguments, "replicas.at_most");
	int64_t number;

	for (size_t i = 0; i < value_count(rule->arguments); i++) {
		const char *key = value_key(rule->arguments, i);

		if (string_equal(key, "to") &&
		    !choices_hold(value_item(rule->arguments, i), r->to != NULL ? r->to : "previous"))
			return false;
		if (string_equal(key, "replicas") && most != NULL &&
		    (r->amount == NULL ||
			!string_number(r->amount, 0, (int64_t)value_number(most), &number)))
			return false;
	}
	return true;
}

static bool
fits_but_role(const struct rule *rule, const struct configuration *c, struct directory *d,
    const struct request *r)
{
	if (rule->commands != NULL && !command_in(r, rule->commands))
		return false;
	if (rule->targets != NULL &&
	    (r->target == NULL || !glob_in(r->target->setting->key, rule->targets)))
		return false;
	if (rule->environments != NULL &&
	    (r->target == NULL || !string_in(r->target->environment->name, rule->environments)))
		return false;
	if (rule->channels != NULL && r->arrival->door != DOOR_CONSOLE &&
	    !channel_in(c, d, r->arrival->channel, rule->channels))
		return false;
	return rule->arguments == NULL || arguments_fit(rule, r);
}

/* How much a rule says about what it is for: who is refused wants to hear of the closest one. */
static int
closeness(const struct rule *rule)
{
	return (rule->commands != NULL && !string_in("*", rule->commands)) + (rule->targets != NULL) +
	    (rule->environments != NULL) + (rule->channels != NULL) + (rule->arguments != NULL);
}

static const struct rule *
first_fitting(const struct configuration *c, struct directory *d, const struct request *r,
    const struct rule **nearest)
{
	const struct rule *rule;

	*nearest = NULL;
	for (size_t i = 0; i < c->rules.count; i++) {
		rule = &c->rules.item[i];
		if (!fits_but_role(rule, c, d, r))
			continue;
		if (rule->roles == NULL || has_any_role(c, d, r->principal, rule->roles))
			return rule;
		if (rule->allow && (*nearest == NULL || closeness(rule) > closeness(*nearest)))
			*nearest = rule;
	}
	return NULL;
}

/* ---- is the person one at all ---- */

/* Whoever reaches the local socket is somebody only where the configuration names them (P7, CS1). */
static bool
check_local(const struct configuration *c, struct directory *d, const char *principal,
    struct error *err)
{
	for (size_t i = 0; i < c->roles.count; i++)
		for (const char *const *u = c->roles.item[i].users; u != NULL && *u != NULL; u++)
			if (directory_is(d, principal, *u))
				return true;
	return refuse(err, "I do not know %s here: the configuration names nobody of that account. Add it to a role",
	    principal);
}

static bool
check_channel(const struct channel_facts *channel, struct error *err)
{
	if (!channel->there)
		return refuse(err, "I could not find out what this channel is, so: no. Is rollcall in it? Type /invite @rollcall");
	if (channel->shared)
		return refuse(err, "This channel is shared with another company, so nothing is shown or changed from it");
	return true;
}

static bool
check_person(struct permission *permission, const struct configuration *c, struct directory *d,
    const struct request *r, int64_t max_age, struct error *err)
{
	bool somewhere = r->arrival->channel != NULL && r->arrival->channel[0] != '\0';
	const struct person_facts *person;
	const struct channel_facts *channel;

	if (string_starts(r->principal, "local:"))
		return check_local(c, d, r->principal, err);
	person = directory_person(d, r->principal, max_age);
	channel = somewhere ? directory_channel(d, r->arrival->channel, max_age > FRESH_CHANNEL ? max_age : FRESH_CHANNEL)
			    : NULL;
	if (directory_resolving(d) || person == NULL || (channel == NULL && somewhere)) {
		permission->unknown = true;
		return refuse(err, "Not started: I could not find out %s, because the workspace did not tell me. Try again in a minute",
		    person == NULL	      ? "who you are"
			: directory_resolving(d) ? "who the names of my configuration are"
						 : "what this channel is");
	}
	if (!person->there)
		return refuse(err, "Only full members of this workspace may use me; you are %s",
		    person->why_not != NULL ? person->why_not : "not known here");
	return !somewhere || check_channel(channel, err);
}

static bool
check_arrival(struct permission *permission, const struct configuration *c, struct directory *d,
    const struct arrival *arrival, const char *principal, int64_t max_age, struct error *err)
{
	/* Only read: the request's arrival is the inbox's. */
	struct arrival here = *arrival;
	struct request request = { .arrival = &here, .principal = principal };

	return check_person(permission, c, d, &request, max_age, err);
}

bool
permit_member(const struct configuration *c, struct directory *d, const struct arrival *arrival,
    const char *principal, struct error *err)
{
	struct permission permission = { 0 };

	return check_arrival(&permission, c, d, arrival, principal, FRESH, err);
}

bool
permit_reader(const struct configuration *c, struct directory *d, const struct arrival *arrival,
    const char *principal, bool *unknown, struct error *err)
{
	struct permission permission = { 0 };
	bool may = check_arrival(&permission, c, d, arrival, principal, FRESH_FOR_NAMES, err);

	*unknown = permission.unknown;
	return may;
}

static const char *const *
copy_names(struct arena *arena, const char *const *names)
{
	const char **copy;
	size_t count = 0;

	if (names == NULL)
		return NULL;
	while (names[count] != NULL)
		count++;
	copy = arena_alloc(arena, (count + 1) * sizeof(*copy));
	for (size_t i = 0; i < count; i++)
		copy[i] = arena_strdup(arena, names[i]);
	return copy;
}

static struct requirement
need_of(const struct request *r, int count, const char *const *roles, const char *const *askers)
{
	return (struct requirement){ count, copy_names(r->arena, roles), askers };
}

static void
need_of_environment(struct permission *permission, const struct request *r, const char *const *askers)
{
	const struct environment *environment = r->target->environment;

	permission->needs[1] = need_of(r, environment->approvals, environment->approvers, askers);
	permission->dialog = environment->approvals > 0;
}

static bool
no_rules(struct permission *permission, const struct configuration *c, struct directory *d,
    const struct request *r, enum effect effect, struct error *err)
{
	static const char *const admins[] = { "admin", NULL };

	if (effect == READS || permit_has_role(c, d, r->principal, "admin")) {
		permission->allowed = true;
		if (effect != READS && r->target != NULL)
			need_of_environment(permission, r, admins);
		return true;
	}
	return refuse(err, "You may not do this: no permissions are configured yet, so changes are for the role %s only",
	    permit_print_role(r->arena, c, "admin"));
}

static const char *
print_roles(struct arena *arena, const struct configuration *c, const char *const *roles)
{
	_cleanup_(text_clear) struct text list = TEXT_INIT;

	for (; *roles != NULL; roles++)
		text_printf(&list, "%s%s", list.length > 0 ? " or " : "",
		    permit_print_role(arena, c, *roles));
	return arena_strdup(arena, list.data);
}

static bool
refuse_by_rule(const struct configuration *c, const struct request *r, const struct rule *nearest,
    struct error *err)
{
	const char *what = r->subcommand != NULL
	    ? arena_printf(r->arena, "%s %s", r->command->name, r->subcommand)
	    : r->command->name;
	const char *where = r->target != NULL
	    ? arena_printf(r->arena, " of %s in %s", r->target->setting->key, r->target->environment->name)
	    : "";

	if (nearest != NULL && nearest->roles != NULL)
		return refuse(err, "You may not ask for %s%s here: it needs the role %s", what, where,
		    print_roles(r->arena, c, nearest->roles));
	return refuse(err, "Nobody may ask for %s%s here: no rule allows it", what, where);
}

/* Root and our own account at the local socket: whoever hijacks a child of ours would be them (CS1). */
bool
permit_is_operator(const char *principal)
{
	const struct passwd *user = getpwuid(getuid());

	return string_equal(principal, "local:root") ||
	    (user != NULL && string_starts(principal, "local:") &&
		string_equal(principal + strlen("local:"), user->pw_name));
}

/* Whoever may run me may take back what I hold, also where the configuration names them nowhere. */
static bool
is_unlock(const struct request *r)
{
	return string_equal(r->command->internal, "ops") && string_equal(r->subcommand, "unlock") &&
	    r->arrival->door == DOOR_CONSOLE && permit_is_operator(r->principal);
}

bool
permit(struct permission *permission, const struct configuration *c, struct directory *d,
    const struct request *r, enum effect effect, struct error *err)
{
	const struct rule *rule, *nearest;

	*permission = (struct permission){ 0 };
	if (is_unlock(r))
		return permission->allowed = true;
	if (!check_person(permission, c, d, r, FRESH, err))
		return false;
	if (r->command->for_members)
		return permission->allowed = true;
	if (c->rules.count == 0)
		return no_rules(permission, c, d, r, effect, err);
	rule = first_fitting(c, d, r, &nearest);
	if (rule == NULL || !rule->allow) {
		if (permit_has_role(c, d, r->principal, "admin") && rule == NULL && effect == READS) {
			permission->allowed = true;
			return true;
		}
		permission->forbidden = rule != NULL;
		return refuse_by_rule(c, r, nearest, err);
	}
	permission->allowed = true;
	permission->now = rule->now;
	permission->roles = copy_names(r->arena, rule->roles);
	permission->reason_required = rule->reason_required && effect != READS;
	if (effect == READS)
		return true;
	permission->needs[0] = need_of(r, rule->approvals, rule->approvers, permission->roles);
	if (r->target != NULL)
		need_of_environment(permission, r, permission->roles);
	if (permission->reason_required && r->reason == NULL && !r->dry_run)
		return refuse(err, "Not started: %s of %s needs a reason. Add a few words, such as: because errors after the last deploy",
		    r->command->name, r->target != NULL ? r->target->setting->key : "this");
	return true;
}

/* ---- approvals ---- */

static bool
may_count(const struct requirement *need, const struct configuration *c, struct directory *d,
    const struct request *r, const char *principal)
{
	if (directory_same_person(d, principal, r->principal))
		return false;
	if (need->roles != NULL)
		return has_any_role(c, d, principal, need->roles);
	return need->askers == NULL || has_any_role(c, d, principal, need->askers);	/* (P1) */
}

bool
permit_approval(const struct permission *permission, const struct configuration *c,
    struct directory *d, const struct request *r, const char *principal, struct error *err)
{
	const struct person_facts *person;

	if (string_equal(principal, r->principal))
		return refuse(err, "You cannot approve this, because you asked for it");
	if (directory_same_person(d, principal, r->principal))
		return refuse(err, "You cannot approve this: as far as I know you are also %s, who asked for it",
		    r->principal);
	if (!string_starts(principal, "local:")) {
		person = directory_person(d, principal, FRESH_FOR_APPROVAL);
		if (person == NULL || !person->there)
			return refuse(err, "You cannot approve this: I could not find out that you are a full member here");
	} else if (permit_is_operator(principal)) {
		return refuse(err, "You cannot approve this, because %s runs me. Another person can", principal + strlen("local:"));
	} else if (!check_local(c, d, principal, err)) {
		return false;
	}
	for (size_t i = 0; i < COUNT(permission->needs); i++)
		if (permission->needs[i].count > 0 &&
		    may_count(&permission->needs[i], c, d, r, principal))
			return true;
	for (size_t i = 0; i < COUNT(permission->needs); i++)
		if (permission->needs[i].count > 0 && permission->needs[i].roles != NULL)
			return refuse(err, "You cannot approve this: it needs the role %s",
			    print_roles(r->arena, c, permission->needs[i].roles));
	return refuse(err, "You cannot approve this: only those who may ask for it can");
}

/* One human with two faces gives one yes (ID7). */
static bool
spoke_before(struct directory *d, const char *const *people, size_t j)
{
	for (size_t i = 0; i < j; i++)
		if (directory_same_person(d, people[i], people[j]))
			return true;
	return false;
}

int
permit_missing(const struct permission *permission, const struct configuration *c,
    struct directory *d, const struct request *r, const char *const *people, size_t count,
    const struct requirement **which)
{
	for (size_t i = 0; i < COUNT(permission->needs); i++) {
		const struct requirement *need = &permission->needs[i];
		int have = 0;

		for (size_t j = 0; j < count; j++)
			have += !spoke_before(d, people, j) && may_count(need, c, d, r, people[j]);
		if (have < need->count) {
			if (which != NULL)
				*which = need;
			return need->count - have;
		}
	}
	return 0;
}

bool
permit_enough(const struct permission *permission, const struct configuration *c,
    struct directory *d, const struct request *r, const char *const *people, size_t count)
{
	return permit_missing(permission, c, d, r, people, count, NULL) == 0;
}

/* ---- two policies ---- */

static bool
same_names(const char *const *a, const char *const *b)
{
	if (a == NULL || b == NULL)
		return a == b;
	for (; *a != NULL && *b != NULL; a++, b++)
		if (!string_equal(*a, *b))
			return false;
	return *a == *b;
}

static bool
same_people(const struct requirement *a, const struct requirement *b)
{
	return same_names(a->roles, b->roles) && (a->roles != NULL || same_names(a->askers, b->askers));
}

/* Where a requirement goes: to its like, to its own place when that is free, behind all others. */
static struct requirement *
place_of(struct permission *p, const struct requirement *need, size_t own)
{
	for (size_t i = 0; i < NEEDS_MOST; i++)
		if (p->needs[i].count > 0 && same_people(&p->needs[i], need))
			return &p->needs[i];
	if (p->needs[own].count == 0)
		return &p->needs[own];
	for (size_t i = 2; i < NEEDS_MOST; i++)
		if (p->needs[i].count == 0)
			return &p->needs[i];
	return NULL;
}

bool
permission_tighten(struct permission *p, const struct permission *later)
{
	struct requirement *place;
	bool more = false;

	p->allowed = p->allowed && later->allowed;
	p->now = p->now && later->now;
	p->reason_required = p->reason_required || later->reason_required;
	p->dialog = p->dialog || later->dialog;
	for (size_t i = 0; i < NEEDS_MOST; i++) {
		const struct requirement *need = &later->needs[i];

		if (need->count == 0)
			continue;
		place = place_of(p, need, i);
		if (place == NULL) {
			p->allowed = false;
		} else if (place->count < need->count) {
			*place = *need;
			more = true;
		}
	}
	return more;
}

int
permission_yeses(const struct permission *p)
{
	int count = 0;

	for (size_t i = 0; i < NEEDS_MOST; i++)
		count += p->needs[i].count;
	return count;
}

/* parse_target.c - which target is meant, in which cluster, and which pod of which target. */

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/unicode.h"
#include "parse_private.h"

static bool
looks_like_commit(const char *word)
{
	size_t length = strspn(word, "0123456789abcdefABCDEF");

	return word[length] == '\0' && length >= 7 && length <= 64 &&
	    strpbrk(word, "0123456789") != NULL;
}

bool
parser_is_revision(const char *word)
{
	int64_t number;

	if (string_number(word, 1, INT32_MAX, &number) || looks_like_commit(word) ||
	    string_equal_nocase(word, "previous") || string_equal_nocase(word, "verified"))
		return true;
	return (word[0] == 'v' || word[0] == 'V') ? isdigit((unsigned char)word[1]) != 0
						  : isdigit((unsigned char)word[0]) && strchr(word, '.');
}

bool
parser_is_amount(const char *word)
{
	return isdigit((unsigned char)*word) || *word == '+' || *word == '-';
}

static const struct target_setting *
target_named(const struct configuration *configuration, const char *name)
{
	for (size_t i = 0; i < configuration->targets.count; i++) {
		const struct target_setting *target = &configuration->targets.item[i];

		if (string_equal_nocase(target->key, name))
			return target;
		for (const char *const *alias = target->aliases; alias != NULL && *alias != NULL; alias++)
			if (string_equal_nocase(*alias, name))
				return target;
	}
	return NULL;
}

/* One whose name begins with what was typed; NULL when none or several do. */
static const struct target_setting *
target_beginning(const struct configuration *configuration, const char *name, struct arena *arena)
{
	const struct target_setting *found = NULL;
	const char *folded = fold_case(arena, name);

	for (size_t i = 0; i < configuration->targets.count; i++) {
		const struct target_setting *target = &configuration->targets.item[i];

		if (!string_starts(target->key, folded))
			continue;
		if (found != NULL)
			return NULL;
		found = target;
	}
	return found;
}

/* There may be thousands: the list lives no longer than the look into it. */
static const char *
nearest_target(const struct configuration *configuration, const char *typed)
{
	struct { const char **item; size_t count, size; } names = { .item = NULL };
	const char *near;

	for (size_t i = 0; i < configuration->targets.count; i++) {
		const struct target_setting *target = &configuration->targets.item[i];

		*GROW(&names) = target->key;
		for (const char *const *a = target->aliases; a != NULL && *a != NULL; a++)
			*GROW(&names) = *a;
	}
	*GROW(&names) = NULL;
	near = string_nearest(typed, names.item);
	free(names.item);
	return near;
}

static bool
unknown_target(struct parser *p, const char *typed, struct error *err)
{
	const struct configuration *configuration = p->configuration;
	const char *slash = strrchr(typed, '/');
	/* "deployment/gateway": as kubectl calls it. */
	const char *near = nearest_target(configuration, slash != NULL ? slash + 1 : typed);

	if (near != NULL) {
		if (p->target_end > p->target_begin)
			parser_suggest(p, p->target_begin, p->target_end, near);
		return wrong(err, "I don't know %s. Did you mean %s?", typed, near);
	}
	if (configuration->targets.count == 0)
		return wrong(err, "I don't know %s: no targets are configured yet", typed);
	return wrong(err, "I don't know %s. There are: %s", typed, parser_print_targets(p));
}

/* What stands for a dash in a name: blanks, underlines, the dashes of word processors. */
static const char *
dashed(struct arena *arena, const char *typed)
{
	static const char *const dashes[] = { " ", "_", "\u2013", "\u2014", NULL };
	_cleanup_(text_clear) struct text name = TEXT_INIT;

	for (size_t length = 1; *typed != '\0'; typed += length, length = 1) {
		const char *const *dash = dashes;

		while (*dash != NULL && !string_starts(typed, *dash))
			dash++;
		if (*dash != NULL)
			length = strlen(*dash);
		text_add_char(&name, *dash != NULL ? '-' : *typed);
	}
	return arena_strdup(arena, name.data);
}

static const struct target_setting *
find_target(struct parser *p, const char *typed, struct error *err)
{
	const struct target_setting *target = target_named(p->configuration, typed);
	const char *with_dashes = dashed(p->arena, typed);

	p->request->exact = target != NULL;
	if (target == NULL)
		target = target_named(p->configuration, with_dashes);
	if (target == NULL)
		target = target_beginning(p->configuration, with_dashes, p->arena);
	if (target == NULL)
		unknown_target(p, with_dashes, err);
	else if (!p->request->exact)
		p->request->notes =
		    arena_printf(p->arena, "“%s” was taken as %s", typed, target->key);
	return target;
}

static const char *
print_clusters(struct arena *arena, const struct environment *environment)
{
	_cleanup_(text_clear) struct text list = TEXT_INIT;

	for (const struct cluster *const *c = environment->clusters; *c != NULL; c++)
		text_printf(&list, "%s%s", list.length > 0 ? ", " : "", (*c)->name);
	return arena_strdup(arena, list.data);
}

static const char *
print_environments(struct arena *arena, const struct target_setting *target)
{
	_cleanup_(text_clear) struct text list = TEXT_INIT;

	for (const struct environment *const *e = target->environments; *e != NULL; e++)
		text_printf(&list, "%s%s (%s)", list.length > 0 ? ", " : "", (*e)->name,
		    print_clusters(arena, *e));
	return arena_strdup(arena, list.data);
}

/* An environment's name, or a cluster's in one of the target's environments. */
static bool
find_place(struct request *r, const struct target_setting *target, const char *place,
    struct error *err)
{
	const struct environment *environment = NULL;
	const struct cluster *cluster = NULL;

	for (const struct environment *const *e = target->environments; *e != NULL; e++) {
		if (place == NULL || string_equal_nocase((*e)->name, place)) {
			environment = *e;
			break;
		}
		for (const struct cluster *const *c = (*e)->clusters; *c != NULL; c++)
			if (string_equal_nocase((*c)->name, place)) {
				environment = *e;
				cluster = *c;
			}
		if (cluster != NULL)
			break;
	}
	if (environment == NULL)
		return wrong(err, "%s does not run in %s. It runs in: %s", target->key, place,
		    print_environments(r->arena, target));
	if (cluster == NULL) {
		cluster = environment->clusters[0];
		if (cluster == NULL)
			return wrong(err, "The environment %s names no cluster. Add one in the configuration", environment->name);
		if (environment->clusters[1] != NULL)
			return wrong(err, "%s runs in several clusters of %s: %s. Add one, for example: in %s",
			    target->key, environment->name, print_clusters(r->arena, environment),
			    cluster->name);
	}
	r->target->environment = environment;
	r->target->cluster = cluster;
	return true;
}

const char *
parse_target_name(const struct target_setting *setting, const struct cluster *cluster)
{
	for (size_t i = 0; setting->names != NULL && setting->names[i].cluster != NULL; i++)
		if (string_equal(setting->names[i].cluster, cluster->name))
			return setting->names[i].name;
	return setting->name != NULL ? setting->name : setting->key;
}

bool
parse_fill_target(struct arena *arena, struct target *target, const struct target_setting *setting,
    struct error *err)
{
	target->setting = setting;
	target->driver = driver_find(setting->driver);
	if (target->driver == NULL)
		return refuse(err, "%s has the driver %s, which this version does not act on yet",
		    setting->key, setting->driver);
	target->name = parse_target_name(setting, target->cluster);
	target->namespace = setting->namespace;
	target->timeout = setting->timeout;
	target->object = string_equal(target->driver->noun, "release")
	    ? target->name
	    : arena_printf(arena, "%s/%s", target->driver->noun, target->name);
	return true;
}

static bool
place_target(struct request *r, const struct target_setting *setting, const char *place,
    struct error *err)
{
	r->target = arena_new_of(r->arena, struct target);
	if (place != NULL && (strchr(place, ',') != NULL || string_equal_nocase(place, "all")))
		return refuse(err, "One cluster at a time. Name one; it runs in: %s",
		    print_environments(r->arena, setting));
	if (!find_place(r, setting, place, err) || !parse_fill_target(r->arena, r->target, setting, err)) {
		r->target = NULL;
		return false;
	}
	return true;
}

bool
parse_place(struct request *request, const char *name, const char *place, struct error *err)
{
	const struct target_setting *setting = target_named(request->configuration, name);

	if (setting == NULL)
		return wrong(err, "The target %s is not in the configuration any more", name);
	return place_target(request, setting, place, err);
}

/* The longest beginning that is a target's name; what follows is looked at by itself. */
static void
shorten_target(struct parser *p, size_t begin)
{
	for (size_t end = p->at; end > begin; end--) {
		const char *typed = parser_join(p, begin, end, ' ');

		if (target_named(p->configuration, typed) != NULL ||
		    target_named(p->configuration, dashed(p->arena, typed)) != NULL) {
			p->at = end;
			return;
		}
	}
}

/* The target: words up to the next keyword, or up to what reads as a number, version or image. */
void
parse_target_words(struct parser *p, unsigned all)
{
	size_t begin = p->at;
	const char *word;

	while ((word = parser_peek(p)) != NULL && !parser_is_keyword(p, p->at)) {
		if (p->at > begin &&
		    (((all & TAKES_TO) && parser_is_revision(word)) ||
			((all & TAKES_AMOUNT) && parser_is_amount(word)) ||
			((all & TAKES_IMAGE) &&
				(strpbrk(word, ":=/") != NULL || parser_is_revision(word)))))
			break;
		p->at++;
	}
	if (p->at == begin)
		return;
	shorten_target(p, begin);
	p->target_begin = begin;
	p->target_end = p->at;
	p->target = parser_join(p, begin, p->at, ' ');
}

const char *
parser_print_targets(struct parser *p)
{
	_cleanup_(text_clear) struct text list = TEXT_INIT;

	for (size_t i = 0; i < p->configuration->targets.count && i < 8; i++)
		text_printf(&list, "%s%s", i > 0 ? ", " : "", p->configuration->targets.item[i].key);
	if (p->configuration->targets.count > 8)
		text_add(&list, ", …");
	return arena_strdup(p->arena, list.data);
}

/* A pod bears its workload's name: the longest target that begins it is meant. */
static const char *
target_of_pod(const struct configuration *configuration, const char *pod)
{
	const char *found = NULL, *name;
	size_t longest = 0;

	for (size_t i = 0; i < configuration->targets.count; i++) {
		const struct target_setting *target = &configuration->targets.item[i];

		name = target->name != NULL ? target->name : target->key;
		if (strlen(name) <= longest || !string_starts(pod, name) || pod[strlen(name)] != '-')
			continue;
		longest = strlen(name);
		found = target->key;
	}
	return found;
}

/* "pod NAME [restart]": what can be done to one pod is to restart it. */
bool
parse_pod(struct parser *p, struct error *err)
{
	struct request *r = p->request;

	if (parser_peek(p) == NULL || parser_is_keyword(p, p->at))
		return wrong(err, "Which pod? Add its whole name, as rollout status shows it");
	r->object = fold_case(p->arena, p->word[p->at++].text);
	p->target = target_of_pod(p->configuration, r->object);
	if (p->target == NULL)
		return wrong(err, "No target has the pod %s. There are: %s", r->object,
		    parser_print_targets(p));
	if (string_equal_nocase(parser_peek(p), "restart"))
		p->at++;
	return true;
}

static void
suggest_place(struct parser *p, const struct target_setting *target)
{
	struct { const char **item; size_t count, size; } names = { .item = NULL };
	const char *near;

	for (const struct environment *const *e = target->environments; *e != NULL; e++) {
		*ARENA_GROW(p->arena, &names) = (*e)->name;
		for (const struct cluster *const *c = (*e)->clusters; *c != NULL; c++)
			*ARENA_GROW(p->arena, &names) = (*c)->name;
	}
	*ARENA_GROW(p->arena, &names) = NULL;
	near = p->place != NULL ? string_nearest(p->place, names.item) : NULL;
	if (near != NULL && !string_equal_nocase(near, p->place))
		parser_suggest(p, p->place_at, p->place_at + 1, near);
}

bool
parse_target(struct parser *p, struct error *err)
{
	const struct target_setting *target = find_target(p, p->target, err);

	if (target == NULL)
		return false;
	if (place_target(p->request, target, p->place, err))
		return true;
	suggest_place(p, target);
	return false;
}

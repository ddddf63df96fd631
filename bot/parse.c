/* parse.c - one grammar for every way in, with repairs. */

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/unicode.h"
#include "parse.h"

#define WORDS_MOST 64

struct word_typed {
	const char *text;
	size_t offset;		/* where it begins in the folded text */
	bool quoted;
};

struct parser {
	struct arena *arena;	/* the request's */
	struct request *request;
	const struct configuration *configuration;
	const char *folded;
	struct word_typed word[WORDS_MOST];
	size_t count, at;
	struct parsed *parsed;
	struct arena *answer;	/* where a suggestion lives */
	const char *place;	/* after "in" */
	const char *target;	/* words of the target, joined by blanks */
	size_t target_begin, target_end;	/* word numbers */
};

static const char *const keywords[] = { "to", "in", "through", "because", "dry-run", "--dry-run",
	"now", "direct", "strategy", "with", "on", "since", "from", "at", NULL };

static const char *const door_names[] = { "slash", "message", "button", "dialog", "console" };

const char *
door_name(enum door door)
{
	return door_names[door];
}

void
request_free(struct request *request)
{
	if (request != NULL)
		arena_free(request->arena);
}

void
arrival_free(struct arrival *arrival)
{
	if (arrival == NULL)
		return;
	cJSON_Delete(arrival->values);
	arena_free(arrival->arena);
}

/* ---- words ---- */

static bool
split(struct parser *p, struct error *err)
{
	const char *s = p->folded;
	size_t i = 0, begin;
	char quote;

	for (;;) {
		while (s[i] == ' ' || s[i] == '\t' || s[i] == '\n')
			i++;
		if (s[i] == '\0')
			return true;
		if (p->count == WORDS_MOST)
			return wrong(err, "That is longer than %d words. Say it in fewer", WORDS_MOST);
		p->word[p->count].offset = i;
		quote = s[i] == '"' || s[i] == '\'' ? s[i] : '\0';
		if (quote != '\0' && strchr(s + i + 1, quote) != NULL) {
			begin = ++i;
			while (s[i] != quote)
				i++;
			p->word[p->count].quoted = true;
			p->word[p->count++].text = arena_copy(p->arena, s + begin, i++ - begin);
			continue;
		}
		begin = i;
		while (s[i] != '\0' && s[i] != ' ' && s[i] != '\t' && s[i] != '\n')
			i++;
		p->word[p->count++].text = arena_copy(p->arena, s + begin, i - begin);
	}
}

static const char *
peek(const struct parser *p)
{
	return p->at < p->count ? p->word[p->at].text : NULL;
}

static bool
is_keyword(const struct parser *p, size_t i)
{
	return !p->word[i].quoted && string_in(fold_case(p->arena, p->word[i].text), keywords);
}

/* "the words from a to b" joined by a separator. */
static const char *
join(struct parser *p, size_t a, size_t b, char separator)
{
	_cleanup_(text_clear) struct text joined = TEXT_INIT;

	for (size_t i = a; i < b; i++) {
		if (i > a)
			text_add_char(&joined, separator);
		text_add(&joined, p->word[i].text);
	}
	return arena_strdup(p->arena, joined.data);
}

/* The whole command again with one word replaced, without `now`: a suggestion is never run by itself. */
static void
suggest(struct parser *p, size_t a, size_t b, const char *instead)
{
	_cleanup_(text_clear) struct text all = TEXT_INIT;

	for (size_t i = 0; i < p->count; i++) {
		const struct word_typed *word = &p->word[i];

		if (i == a && all.length > 0)
			text_add_char(&all, ' ');
		if (i == a)
			text_add(&all, instead);
		if ((i >= a && i < b) || (!word->quoted && string_equal_nocase(word->text, "now")))
			continue;
		if (all.length > 0)
			text_add_char(&all, ' ');
		/* Without its quotes a "not now" would say `now`. */
		if (word->quoted)
			text_printf(&all, strchr(word->text, '"') == NULL ? "\"%s\"" : "'%s'", word->text);
		else
			text_add(&all, word->text);
	}
	p->parsed->suggestion = arena_strdup(p->answer, all.data);
}

/* ---- the command ---- */

static void
skip_address(struct parser *p)
{
	const char *word = peek(p);

	if (word != NULL && (string_starts(word, "<@") || string_equal_nocase(word, "@rollcall")))
		p->at++;
	word = peek(p);
	if (word != NULL &&
	    (string_equal_nocase(word, "/rollcall") || string_equal_nocase(word, "rollcall") ||
		string_equal_nocase(word, "!rollcall")))
		p->at++;
}

static const char *
without_mark(const char *word)
{
	return *word == '/' || *word == '!' ? word + 1 : word;
}

static const char *
nearest_command(const char *word)
{
	const char *names[64];
	size_t count = 0;

	for (const struct command *const *c = commands_all(); *c != NULL && count < 63; c++)
		names[count++] = (*c)->name;
	names[count] = NULL;
	return string_nearest(word, names);
}

static bool
parse_command(struct parser *p, struct error *err)
{
	const char *word, *near;

	skip_address(p);
	word = peek(p);
	if (word == NULL) {
		p->request->command = command_find("help");
		return true;
	}
	word = fold_case(p->arena, without_mark(word));
	p->request->command = command_find(word);
	if (p->request->command != NULL) {
		p->at++;
		return true;
	}
	near = nearest_command(word);
	if (near == NULL)
		return wrong(err, "I don't know the command “%s”. What there is: help", word);
	suggest(p, p->at, p->at + 1, near);
	return wrong(err, "I don't know the command “%s”. Did you mean %s?", word, near);
}

static const struct subcommand *
find_subcommand(const struct command *command, const char *word)
{
	for (const struct subcommand *s = command->subcommands; s != NULL && s->name != NULL; s++)
		if (string_equal_nocase(s->name, word))
			return s;
	return NULL;
}

static const char *
print_subcommands(struct parser *p, const struct command *command)
{
	_cleanup_(text_clear) struct text list = TEXT_INIT;

	for (const struct subcommand *s = command->subcommands; s->name != NULL; s++)
		text_printf(&list, "%s%s", list.length > 0 ? ", " : "", s->name);
	return arena_strdup(p->arena, list.data);
}

/* The subcommand is the first word, or the one after the target ("rollout gateway history"). */
static const struct subcommand *
parse_subcommand(struct parser *p, struct error *err)
{
	const struct command *command = p->request->command;
	const struct subcommand *found;
	const char *names[32], *near;
	size_t count = 0;

	for (size_t i = p->at; i < p->count && i < p->at + 4; i++) {
		if ((found = find_subcommand(command, p->word[i].text)) == NULL)
			continue;
		memmove(&p->word[p->at + 1], &p->word[p->at],
		    (i - p->at) * sizeof(p->word[0]));
		p->word[p->at++] = (struct word_typed){ .text = found->name };
		return found;
	}
	for (const struct subcommand *s = command->subcommands; s->name != NULL && count < 31; s++)
		names[count++] = s->name;
	names[count] = NULL;
	if (peek(p) == NULL) {
		wrong(err, "What should %s do? There are: %s", command->name, print_subcommands(p, command));
		return NULL;
	}
	near = string_nearest(peek(p), names);
	if (near != NULL)
		suggest(p, p->at, p->at + 1, near);
	wrong(err, near != NULL ? "%s has no “%s”. Did you mean %s? There are: %s"
				: "%s has no “%s”. %sThere are: %s",
	    command->name, peek(p), near != NULL ? near : "", print_subcommands(p, command));
	return NULL;
}

/* ---- target and place ---- */

static bool
looks_like_revision(const char *word)
{
	int64_t number;

	if (string_number(word, 1, INT32_MAX, &number))
		return true;
	return (word[0] == 'v' || word[0] == 'V') ? isdigit((unsigned char)word[1]) != 0
						  : isdigit((unsigned char)word[0]) && strchr(word, '.');
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

static bool
unknown_target(struct parser *p, const char *typed, struct error *err)
{
	const struct configuration *configuration = p->configuration;
	struct { const char **item; size_t count, size; } names = { .item = NULL };
	_cleanup_(text_clear) struct text list = TEXT_INIT;
	const char *near;

	for (size_t i = 0; i < configuration->targets.count; i++) {
		const struct target_setting *target = &configuration->targets.item[i];

		*ARENA_GROW(p->arena, &names) = target->key;
		for (const char *const *a = target->aliases; a != NULL && *a != NULL; a++)
			*ARENA_GROW(p->arena, &names) = *a;
		if (i < 8)
			text_printf(&list, "%s%s", i > 0 ? ", " : "", target->key);
	}
	*ARENA_GROW(p->arena, &names) = NULL;
	near = string_nearest(typed, names.item);
	if (near != NULL) {
		if (p->target_end > p->target_begin)
			suggest(p, p->target_begin, p->target_end, near);
		return wrong(err, "I don't know %s. Did you mean %s?", typed, near);
	}
	if (configuration->targets.count == 0)
		return wrong(err, "I don't know %s: no targets are configured yet", typed);
	return wrong(err, "I don't know %s. There are: %s%s", typed, list.data,
	    configuration->targets.count > 8 ? ", …" : "");
}

static const struct target_setting *
find_target(struct parser *p, const char *typed, struct error *err)
{
	const struct target_setting *target = target_named(p->configuration, typed);
	char *dashed = arena_strdup(p->arena, typed);

	p->request->exact = target != NULL;
	for (char *c = dashed; *c != '\0'; c++)
		if (*c == ' ' || *c == '_')
			*c = '-';
	if (target == NULL)
		target = target_named(p->configuration, dashed);
	if (target == NULL)
		target = target_beginning(p->configuration, dashed, p->arena);
	if (target == NULL)
		unknown_target(p, dashed, err);
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

static bool
fill_target(struct request *r, const struct target_setting *setting, struct error *err)
{
	struct target *target = r->target;

	target->setting = setting;
	target->driver = driver_find(setting->driver);
	if (target->driver == NULL)
		return refuse(err, "%s has the driver %s, which this version does not act on yet",
		    setting->key, setting->driver);
	target->name = setting->name != NULL ? setting->name : setting->key;
	for (size_t i = 0; setting->names != NULL && setting->names[i].cluster != NULL; i++)
		if (string_equal(setting->names[i].cluster, target->cluster->name))
			target->name = setting->names[i].name;
	target->namespace = setting->namespace;
	target->timeout = setting->timeout;
	target->object = string_equal(target->driver->noun, "release")
	    ? target->name
	    : arena_printf(r->arena, "%s/%s", target->driver->noun, target->name);
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
	if (!find_place(r, setting, place, err) || !fill_target(r, setting, err)) {
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

/* ---- connecting words ---- */

static const char *
next_value(struct parser *p, const char *keyword, struct error *err)
{
	const char *word = peek(p);

	if (word == NULL || is_keyword(p, p->at)) {
		wrong(err, "What comes after “%s”? It ends there", keyword);
		return NULL;
	}
	p->at++;
	return word;
}

static bool
takes(struct parser *p, unsigned all, unsigned one, const char *keyword, struct error *err)
{
	return (all & one) != 0 ||
	    wrong(err, "%s does not know the word “%s”. What it takes: help %s",
		p->request->command->name, keyword, p->request->command->name);
}

static bool
parse_reason(struct parser *p, struct error *err)
{
	if (p->at == p->count)
		return wrong(err, "Because of what? A few words are enough, such as: because errors after the deploy");
	p->request->reason = p->word[p->at].quoted && p->at + 1 == p->count
	    ? p->word[p->at].text
	    : arena_strdup(p->arena, p->folded + p->word[p->at].offset);
	p->at = p->count;
	return true;
}

static bool
parse_keyword(struct parser *p, unsigned all, struct error *err)
{
	struct request *r = p->request;
	const char *keyword = fold_case(p->arena, p->word[p->at++].text);

	if (string_equal(keyword, "to"))
		return takes(p, all, TAKES_TO, keyword, err) &&
		    (r->to = next_value(p, keyword, err)) != NULL;
	if (string_equal(keyword, "in"))
		return takes(p, all, TAKES_CLUSTER, keyword, err) &&
		    (p->place = next_value(p, keyword, err)) != NULL;
	if (string_equal(keyword, "through"))
		return takes(p, all, TAKES_THROUGH, keyword, err) &&
		    (r->through = next_value(p, keyword, err)) != NULL;
	if (string_equal(keyword, "because"))
		return takes(p, all, TAKES_REASON, keyword, err) && parse_reason(p, err);
	if (string_ends(keyword, "dry-run"))
		return r->dry_run = takes(p, all, TAKES_DRY_RUN, keyword, err);
	if (string_equal(keyword, "now"))
		return r->now = takes(p, all, TAKES_NOW, keyword, err);
	if (string_equal(keyword, "direct"))
		return r->direct = takes(p, all, TAKES_TO, keyword, err);
	if (string_equal(keyword, "strategy") && string_equal_nocase(peek(p), "immediate")) {
		p->at++;
		return true;
	}
	return refuse(err, "“%s” is not something that I do yet. Leave it out: the immediate way is there", keyword);
}

static bool
set_positional(struct parser *p, const char **where, const char *what, struct error *err)
{
	if (*where != NULL)
		return wrong(err, "“%s” is one word too many: %s is already %s", peek(p), what, *where);
	*where = p->word[p->at++].text;
	return true;
}

static bool
parse_free_word(struct parser *p, unsigned all, struct error *err)
{
	struct request *r = p->request;
	const char *word = peek(p);

	if ((all & TAKES_ID) && r->object == NULL)
		return set_positional(p, &r->object, "the id", err);
	if ((all & TAKES_HASH) && r->hash == NULL)
		return set_positional(p, &r->hash, "the plan", err);
	if ((all & TAKES_WORD) && r->object == NULL)
		return set_positional(p, &r->object, "the word", err);
	if ((all & TAKES_AMOUNT) && p->target != NULL && r->amount == NULL &&
	    (isdigit((unsigned char)*word) || *word == '+' || *word == '-'))
		return set_positional(p, &r->amount, "the number", err);
	if ((all & TAKES_IMAGE) && p->target != NULL && r->image == NULL)
		return set_positional(p, &r->image, "the image", err);
	if ((all & TAKES_TO) && p->target != NULL && r->to == NULL && looks_like_revision(word))
		return set_positional(p, &r->to, "the revision", err);
	if (string_starts(word, "-"))
		return wrong(err, "“%s” is not an option. Options are words here, such as: dry-run, because REASON", word);
	return wrong(err, "%s does not know the word “%s”. What it takes: help %s", r->command->name,
	    word, r->command->name);
}

/* The target: words up to the next keyword, or up to what reads as a number, version or image. */
static void
parse_target_words(struct parser *p, unsigned all)
{
	size_t begin = p->at;
	const char *word;

	while ((word = peek(p)) != NULL && !is_keyword(p, p->at)) {
		if (p->at > begin &&
		    (((all & TAKES_TO) && looks_like_revision(word)) ||
			((all & TAKES_AMOUNT) && (isdigit((unsigned char)*word) || *word == '+' || *word == '-')) ||
			((all & TAKES_IMAGE) &&
				(strpbrk(word, ":=/") != NULL || looks_like_revision(word)))))
			break;
		p->at++;
	}
	if (p->at == begin)
		return;
	p->target_begin = begin;
	p->target_end = p->at;
	p->target = join(p, begin, p->at, ' ');
}

/* The missing part, and how the command reads with it. */
static bool
missing_part(const struct parser *p, unsigned missing, struct error *err)
{
	const struct request *r = p->request;
	const char *sub = r->subcommand != NULL ? r->subcommand : "";
	const char *space = r->subcommand != NULL ? " " : "";
	const char *target = p->target != NULL ? p->target : "TARGET";

	if (missing & TAKES_TO)
		return wrong(err, "To which revision? Add it, such as: %s%s%s %s to 5", r->command->name,
		    space, sub, target);
	if (missing & TAKES_AMOUNT)
		return wrong(err, "To how many pods? Add a number, or +1 or -1, such as: %s%s%s %s +1",
		    r->command->name, space, sub, target);
	if (missing & TAKES_IMAGE)
		return wrong(err, "To which image? Add it, such as: %s%s%s %s registry.example.com/app:1.2.3",
		    r->command->name, space, sub, target);
	if (missing & TAKES_ID)
		return wrong(err, "Which operation? Add its id, such as: %s%s%s R-1. What is open: ops list",
		    r->command->name, space, sub);
	return wrong(err, "%s%s%s needs one word more. What it takes: help %s", r->command->name, space,
	    sub, r->command->name);
}

static const char *
print_targets(struct parser *p)
{
	_cleanup_(text_clear) struct text list = TEXT_INIT;

	for (size_t i = 0; i < p->configuration->targets.count && i < 8; i++)
		text_printf(&list, "%s%s", i > 0 ? ", " : "", p->configuration->targets.item[i].key);
	if (p->configuration->targets.count > 8)
		text_add(&list, ", …");
	return arena_strdup(p->arena, list.data);
}

static bool
check_complete(struct parser *p, unsigned needs, struct error *err)
{
	const struct request *r = p->request;
	unsigned missing = needs;

	if (p->target != NULL)
		missing &= ~(unsigned)TAKES_TARGET;
	if (r->to != NULL)
		missing &= ~(unsigned)TAKES_TO;
	if (r->amount != NULL)
		missing &= ~(unsigned)TAKES_AMOUNT;
	if (r->image != NULL)
		missing &= ~(unsigned)TAKES_IMAGE;
	if (r->object != NULL)
		missing &= ~(unsigned)(TAKES_ID | TAKES_WORD);
	if (missing == 0)
		return true;
	if (missing & TAKES_TARGET)
		return p->configuration->targets.count == 0
		    ? wrong(err, "Which target? None is configured yet: add one under targets")
		    : wrong(err, "Which target? There are: %s", print_targets(p));
	return missing_part(p, missing, err);
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
static bool
parse_pod(struct parser *p, struct error *err)
{
	struct request *r = p->request;

	if (peek(p) == NULL || is_keyword(p, p->at))
		return wrong(err, "Which pod? Add its whole name, as rollout status shows it");
	r->object = fold_case(p->arena, p->word[p->at++].text);
	p->target = target_of_pod(p->configuration, r->object);
	if (p->target == NULL)
		return wrong(err, "No target has the pod %s. There are: %s", r->object,
		    print_targets(p));
	if (string_equal_nocase(peek(p), "restart"))
		p->at++;
	return true;
}

static bool
parse_rest(struct parser *p, unsigned all, unsigned needs, struct error *err)
{
	const struct target_setting *target;

	if ((all & TAKES_POD) && !parse_pod(p, err))
		return false;
	if ((all & TAKES_TARGET) && !(all & TAKES_POD))
		parse_target_words(p, all);
	while (peek(p) != NULL)
		if (is_keyword(p, p->at) && !((all & TAKES_WORD) && p->request->object == NULL)
			? !parse_keyword(p, all, err)
			: !parse_free_word(p, all, err))
			return false;
	/* The target is judged before what is missing: a misspelt name is the likelier mistake. */
	if (p->target != NULL) {
		if ((target = find_target(p, p->target, err)) == NULL ||
		    !place_target(p->request, target, p->place, err))
			return false;
	}
	return check_complete(p, needs, err);
}

static bool
parse_all(struct parser *p, struct error *err)
{
	struct request *r = p->request;
	const struct subcommand *sub = NULL;

	if (!split(p, err) || !parse_command(p, err))
		return false;
	if (string_equal_nocase(peek(p), "help") && p->at + 1 == p->count &&
	    !string_equal(r->command->name, "help")) {
		r->object = r->command->name;
		r->command = command_find("help");
		return true;
	}
	if (r->command->subcommands != NULL) {
		if ((sub = parse_subcommand(p, err)) == NULL)
			return false;
		r->subcommand = sub->name;
	}
	return parse_rest(p, sub != NULL ? sub->takes : r->command->takes,
	    sub != NULL ? sub->needs : r->command->needs, err);
}

static const char *
principal_of(struct arena *arena, const struct arrival *arrival)
{
	if (string_starts(arrival->person, "local:"))
		return arena_strdup(arena, arrival->person);
	return arena_printf(arena, "%s/%s", arrival->team, arrival->person);
}

bool
parse(struct parsed *parsed, const struct configuration *configuration, struct arrival *arrival,
    struct arena *answer, struct error *err)
{
	struct arena *arena = arena_new();
	struct parser p = { .arena = arena, .configuration = configuration, .parsed = parsed,
		.answer = answer };

	*parsed = (struct parsed){ 0 };
	p.request = arena_new_of(arena, struct request);
	p.request->arena = arena;
	p.request->arrival = arrival;
	p.request->configuration = configuration;
	p.request->principal = principal_of(arena, arrival);
	if (strlen(arrival->text) > 4000) {
		arena_free(arena);
		return wrong(err, "That is longer than 4,000 characters. Say it in fewer");
	}
	p.folded = fold_command(arena, arrival->text);
	if (!parse_all(&p, err)) {
		arena_free(arena);
		return false;
	}
	parsed->request = p.request;
	return true;
}

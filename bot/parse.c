/* parse.c - one grammar for every way in, with repairs. */

#include <stddef.h>
#include <string.h>

#include "base/unicode.h"
#include "parse_private.h"

#define CHARACTERS_MOST 4000

static const char *const door_names[] = { "slash", "message", "button", "dialog", "console" };

const char *
door_name(enum door door)
{
	return door_names[door];
}

void
request_free(struct request *request)
{
	if (request == NULL)
		return;
	request_free(request->earlier);
	configuration_release(request->configuration);
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

/* ---- connecting words ---- */

static const char *
next_value(struct parser *p, const char *keyword, struct error *err)
{
	const char *word = parser_peek(p);

	if (word == NULL || parser_is_keyword(p, p->at)) {
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
	const struct word_typed *word = &p->word[p->at];
	const char *typed;

	if (p->at == p->count)
		return wrong(err, "Because of what? A few words are enough, such as: because errors after the deploy");
	typed = word->quoted ? NULL : parser_reason(p, p->folded + word->offset);
	p->request->reason = typed != NULL ? typed : word->text;
	p->at = p->count;
	return true;
}

static bool
once(const char *already, const char *keyword, struct error *err)
{
	return already == NULL ||
	    wrong(err, "“%s” is there twice. Which one is meant: %s or the other?", keyword, already);
}

/* To a revision, a number of pods or an image: whatever the command takes there. */
static bool
parse_to(struct parser *p, unsigned all, struct error *err)
{
	struct request *r = p->request;
	const char **where = all & TAKES_TO ? &r->to
	    : all & TAKES_AMOUNT	    ? &r->amount
	    : all & TAKES_IMAGE		    ? &r->image
					    : NULL;

	if (where == NULL)
		return takes(p, all, TAKES_TO, "to", err);
	return once(*where, "to", err) && (*where = next_value(p, "to", err)) != NULL;
}

/* "in a, b" is one value. */
static bool
parse_in(struct parser *p, unsigned all, struct error *err)
{
	size_t begin = p->at;

	if (!takes(p, all, TAKES_CLUSTER, "in", err) || !once(p->place, "in", err) ||
	    next_value(p, "in", err) == NULL)
		return false;
	while (parser_peek(p) != NULL && !parser_is_keyword(p, p->at) &&
	    (string_ends(p->word[p->at - 1].text, ",") || string_starts(parser_peek(p), ",")))
		p->at++;
	p->place_at = begin;
	p->place = parser_join(p, begin, p->at, ' ');
	return true;
}

/* "without hooks": what it runs beside its objects is the one thing that can be left out. */
static bool
parse_without(struct parser *p, struct error *err)
{
	const char *what = parser_peek(p);

	if (!string_equal_nocase(what, "hooks") && !string_equal_nocase(what, "hook"))
		return wrong(err, "Without what? The hooks of a release can be left out: without hooks");
	p->at++;
	return true;
}

static bool
parse_keyword(struct parser *p, unsigned all, struct error *err)
{
	struct request *r = p->request;
	const char *keyword = fold_case(p->arena, p->word[p->at++].text);

	if (string_equal(keyword, "to"))
		return parse_to(p, all, err);
	if (string_equal(keyword, "in"))
		return parse_in(p, all, err);
	if (string_equal(keyword, "through"))
		return takes(p, all, TAKES_THROUGH, keyword, err) &&
		    (r->through = next_value(p, keyword, err)) != NULL;
	if (string_equal(keyword, "because"))
		return takes(p, all, TAKES_REASON, keyword, err) && parse_reason(p, err);
	if (string_ends(keyword, "dry-run"))
		return r->dry_run = takes(p, all, TAKES_DRY_RUN, keyword, err);
	if (string_ends(keyword, "no-hooks"))
		return r->without_hooks = takes(p, all, TAKES_HOOKS, keyword, err);
	if (string_equal(keyword, "without"))
		return r->without_hooks = takes(p, all, TAKES_HOOKS, keyword, err) && parse_without(p, err);
	if (string_equal(keyword, "now"))
		return r->now = takes(p, all, TAKES_NOW, keyword, err);
	if (string_equal(keyword, "direct"))
		return r->direct = takes(p, all, TAKES_TO, keyword, err);
	if (string_equal(keyword, "strategy") && string_equal_nocase(parser_peek(p), "immediate")) {
		p->at++;
		return true;
	}
	return refuse(err, "“%s” is not something that I do yet. Leave it out: the immediate way is there", keyword);
}

/* ---- words by themselves ---- */

static bool
is_any(const char *word)
{
	return word != NULL;
}

/* What a free word may be, in the order in which it is asked. */
static const struct free_word {
	unsigned takes;
	size_t field;			/* of struct request, which holds one such word */
	bool after_target;
	bool (*fits)(const char *word);
	const char *what;
} free_words[] = {
	{ TAKES_ID, offsetof(struct request, object), false, is_any, "the id" },
	{ TAKES_HASH, offsetof(struct request, hash), false, is_any, "the plan" },
	{ TAKES_WORD, offsetof(struct request, object), false, is_any, "the word" },
	{ TAKES_AMOUNT, offsetof(struct request, amount), true, parser_is_amount, "the number" },
	{ TAKES_IMAGE, offsetof(struct request, image), true, is_any, "the image" },
	{ TAKES_TO, offsetof(struct request, to), true, parser_is_revision, "the revision" },
};

static const char **
field_of(struct request *r, const struct free_word *free_word)
{
	return (const char **)(void *)((char *)r + free_word->field);
}

static bool
parse_free_word(struct parser *p, unsigned all, struct error *err)
{
	const char *word = parser_peek(p), **field;

	for (size_t i = 0; i < COUNT(free_words); i++) {
		const struct free_word *row = &free_words[i];

		field = field_of(p->request, row);
		if ((all & row->takes) == 0 || *field != NULL || (row->after_target && p->target == NULL) ||
		    !row->fits(word))
			continue;
		*field = word;
		p->at++;
		return true;
	}
	if (string_starts(word, "-"))
		return wrong(err, "“%s” is not an option. Options are words here, such as: dry-run, because REASON", word);
	if ((all & TAKES_TARGET) && p->target == NULL)
		return wrong(err, "The target comes first, such as: %s %s to 5", p->request->command->name, word);
	return takes(p, 0, ~0U, word, err);
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
	for (const struct subcommand *s = r->command->subcommands; s != NULL && s->name != NULL; s++)
		if (string_equal(s->name, sub))
			return wrong(err, "%s %s needs one word more: %s %s %s", r->command->name, sub,
			    r->command->name, sub, s->usage);
	return wrong(err, "%s needs one word more. What it takes: help %s", r->command->name, r->command->name);
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
		    : wrong(err, "Which target? There are: %s", parser_print_targets(p));
	return missing_part(p, missing, err);
}

static bool
parse_rest(struct parser *p, unsigned all, unsigned needs, struct error *err)
{
	if ((all & TAKES_POD) && !parse_pod(p, err))
		return false;
	if ((all & TAKES_TARGET) && !(all & TAKES_POD))
		parse_target_words(p, all);
	while (parser_peek(p) != NULL)
		if (parser_is_keyword(p, p->at) && !((all & TAKES_WORD) && p->request->object == NULL)
			? !parse_keyword(p, all, err)
			: !parse_free_word(p, all, err))
			return false;
	/* The target is judged before what is missing: a misspelt name is the likelier mistake. */
	if (p->target != NULL && !parse_target(p, err))
		return false;
	return check_complete(p, needs, err);
}

static bool
parse_all(struct parser *p, struct error *err)
{
	struct request *r = p->request;
	const struct subcommand *sub = NULL;

	if (!parser_split(p, err) || !parse_command(p, err))
		return false;
	if (string_equal_nocase(parser_peek(p), "help") && p->at + 1 == p->count &&
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

static bool
parse_once(struct parsed *parsed, const struct configuration *configuration, struct arrival *arrival,
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
	if (strlen(arrival->text) > 4 * CHARACTERS_MOST || utf8_count(arrival->text) > CHARACTERS_MOST) {
		arena_free(arena);
		return wrong(err, "That is longer than 4,000 characters. Say it in fewer");
	}
	p.folded = fold_command(arena, arrival->text);
	if (!parse_all(&p, err)) {
		arena_free(arena);
		return false;
	}
	configuration_hold(configuration);
	parsed->request = p.request;
	return true;
}

/* A suggestion that is wrong in another word is mended there too. */
static bool
mend(struct parsed *parsed, const struct configuration *configuration, const struct arrival *arrival,
    struct arena *answer)
{
	struct arrival again = *arrival;
	struct parsed more;
	bool wrong_still;

	again.text = parsed->suggestion;
	wrong_still = !parse_once(&more, configuration, &again, answer, NULL) && more.suggestion != NULL;
	if (wrong_still)
		parsed->suggestion = more.suggestion;
	request_free(more.request);
	return wrong_still;
}

bool
parse(struct parsed *parsed, const struct configuration *configuration, struct arrival *arrival,
    struct arena *answer, struct error *err)
{
	bool good = parse_once(parsed, configuration, arrival, answer, err);

	for (int i = 0; i < 3 && !good && parsed->suggestion != NULL; i++)
		if (!mend(parsed, configuration, arrival, answer))
			break;
	return good;
}

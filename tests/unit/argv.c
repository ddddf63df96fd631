/*
 * argv.c - the guard against the tools' own help: whatever flag and verb they have, we know it or refuse it
 * (AR1, AR2).  tests/unit/data/flags was recorded by tests/e2e/flags.sh.
 */

#include "adapters/tools/helm.h"
#include "adapters/tools/kubectl.h"
#include "base/arena.h"
#include "base/text.h"
#include "test.h"
#include "words.h"

#define ARGUMENTS 40

struct vector {
	char *argv[ARGUMENTS];
	size_t count, flags;		/* flags: where they may be put */
};

/* A value of each kind that its scanner takes. */
static const char *
sample_of(struct arena *arena, enum value_kind kind, const char *list)
{
	static const char *const samples[] = { [VALUE_NAME] = "web", [VALUE_NAMESPACE] = "chatops",
		[VALUE_REVISION] = "4", [VALUE_COUNT] = "3", [VALUE_SECONDS] = "30s", [VALUE_LABELS] = "a=b",
		[VALUE_FIELD] = "metadata.name=web", [VALUE_IMAGE_SET] = "web=nginx:1", [VALUE_TEXT] = "why",
		[VALUE_SERVICE_PATH] = "/api/v1/namespaces/a/services/b:80/proxy/health" };
	const char *first = list != NULL ? arena_copy(arena, list, strcspn(list, "|")) : NULL;

	if (kind == VALUE_OBJECT)
		return arena_printf(arena, "%s/web", first);
	if (kind == VALUE_ANNOTATION)
		return arena_printf(arena, "%s=why", first);
	return kind == VALUE_KIND || kind == VALUE_CHOICE ? first : samples[kind];
}

static void
add(struct arena *arena, struct vector *v, const char *argument)
{
	assert_true(v->count + 1 < ARGUMENTS);
	v->argv[v->count++] = arena_strdup(arena, argument);
	v->argv[v->count] = NULL;
}

static void
add_words(struct arena *arena, struct vector *v, const char *words)
{
	for (; *words != '\0'; words += strcspn(words, " "), words += *words == ' ')
		add(arena, v, arena_copy(arena, words, strcspn(words, " ")));
}

static void
add_flag(struct arena *arena, struct vector *v, const struct word_flag *flag)
{
	const char *value = flag->kind != VALUE_NONE ? sample_of(arena, flag->kind, flag->list) : NULL;

	if (string_equal(flag->name, "-n")) {
		add(arena, v, flag->name);
		add(arena, v, value);
	} else {
		add(arena, v, value == NULL ? flag->name : arena_printf(arena, "%s=%s", flag->name, value));
	}
}

static void
add_positionals(struct arena *arena, struct vector *v, const struct word *word)
{
	for (size_t i = 0; i < COUNT(word->positional) && word->positional[i].kind != VALUE_NONE; i++) {
		if (i == 0)
			add(arena, v, "--");
		add(arena, v, sample_of(arena, word->positional[i].kind, word->positional[i].list));
	}
}

/* A use of the word with all that it needs, or with all that it may have. */
static struct vector
use_of(struct arena *arena, const struct word *word, bool all)
{
	struct vector v = { .count = 0 };

	add(arena, &v, word->tool);
	add_words(arena, &v, word->verbs);
	for (const struct word_flag *flag = word->flags; flag->name != NULL; flag++)
		if (all || flag->needed)
			add_flag(arena, &v, flag);
	v.flags = v.count;
	add_positionals(arena, &v, word);
	return v;
}

/* The same with one argument more at that place. */
static bool
taken_with(const struct vector *v, size_t at, char *extra)
{
	struct vector more = *v;

	memmove(more.argv + at + 1, more.argv + at, (more.count - at + 1) * sizeof(*more.argv));
	more.argv[at] = extra;
	return argv_check(more.argv, NULL) != NULL;
}

/* ---- the recorded help ---- */

struct recorded {
	const char *tool, *verbs;	/* "" of what all verbs take */
	const char *flags;		/* " -f/--filename= --watch" */
};

struct help {
	struct arena *arena;
	struct { struct recorded *item; size_t count, size; } lines;
};

static struct help
help_read(void)
{
	struct help help = { .arena = arena_new() };
	FILE *file = fopen("tests/unit/data/flags", "r");
	char line[8192];

	assert_non_null(file);
	while (fgets(line, sizeof(line), file) != NULL) {
		char *colon = strchr(line, ':'), *blank;

		line[strcspn(line, "\n")] = '\0';
		if (line[0] == '#')
			continue;
		assert_non_null(colon);
		*colon = '\0';
		blank = strchr(line, ' ');
		*ARENA_GROW(help.arena, &help.lines) = (struct recorded){
			.tool = arena_copy(help.arena, line, strncmp(line, "helm", 4) == 0 ? 4 : strcspn(line, " ")),
			.verbs = arena_strdup(help.arena, blank != NULL ? blank + 1 : ""),
			.flags = arena_strdup(help.arena, colon + 1) };
	}
	fclose(file);
	words_register(kubectl_words);
	words_register(helm_words);
	return help;
}

/* "-f/--filename=": the parts of one entry, *next behind it. */
struct flag {
	const char *name, *letter;	/* letter NULL: it has none */
	bool value;
};

static bool
next_flag(struct arena *arena, const char **next, struct flag *flag)
{
	size_t length;
	const char *entry, *slash;

	*next += strspn(*next, " ");
	if (**next == '\0')
		return false;
	length = strcspn(*next, " ");
	entry = arena_copy(arena, *next, length);
	*next += length;
	slash = strchr(entry, '/');
	flag->value = string_ends(entry, "=");
	flag->letter = slash != NULL ? arena_copy(arena, entry, (size_t)(slash - entry)) : NULL;
	entry = slash != NULL ? slash + 1 : entry;
	flag->name = arena_copy(arena, entry, strcspn(entry, "="));
	return true;
}

static const struct word_flag *
ours(const struct word *word, const char *name)
{
	for (const struct word_flag *flag = word->flags; name != NULL && flag->name != NULL; flag++)
		if (string_equal(flag->name, name))
			return flag;
	return NULL;
}

/* The tool's own name of "top pods" is "top pod". */
static bool
is_verb(const struct recorded *line, const struct word *word)
{
	size_t length = strlen(line->verbs);

	return string_equal(line->tool, word->tool) && string_starts(word->verbs, line->verbs) &&
	    (word->verbs[length] == '\0' || string_equal(word->verbs + length, "s"));
}

/* Also for what all verbs take. */
static bool
tells_of(const struct recorded *line, const struct word *word)
{
	return is_verb(line, word) || (line->verbs[0] == '\0' && string_equal(line->tool, word->tool));
}

struct judging {
	struct arena *arena;
	const struct recorded *line;
	const struct word *word;
	const char *name;
	size_t known, refused, words;
};

/* Several words may share a verb: the vector needs to fit one of them. */
static void
count_knowing(const struct word *word, void *arg)
{
	struct judging *j = arg;

	j->words += string_equal(word->tool, j->word->tool) && string_equal(word->verbs, j->word->verbs) &&
	    ours(word, j->name) != NULL;
}

static bool
nobody_knows(struct judging *j, const struct word *word, const char *name)
{
	j->words = 0;
	j->word = word;
	j->name = name;
	words_each(count_knowing, j);
	return j->words == 0;
}

/* Not ours: refused with every value, in every spelling, before the positionals and among them. */
static void
refuse_flag(struct judging *j, const struct word *word, const char *name)
{
	struct vector v = use_of(j->arena, word, false);
	const char *const forms[] = { "%s", "%s=web", "%s=true", "%sweb" };

	for (size_t i = 0; name != NULL && i < COUNT(forms); i++) {
		const char *rest = strchr(forms[i], 's') + 1;
		char *argument = arena_printf(j->arena, "%s%s", name, rest);

		if (taken_with(&v, v.flags, argument) || taken_with(&v, v.count, argument))
			fail_msg("%s %s takes %s", word->tool, word->verbs, argument);
		j->refused++;
	}
}

/* Ours: of the tool's own kind, and once. */
static void
know_flag(struct judging *j, const struct word *word, const struct word_flag *flag, bool value)
{
	bool switched = flag->kind == VALUE_NONE || string_equal(flag->list, "true|false");
	struct vector v = use_of(j->arena, word, true);

	if (value == switched)
		fail_msg("%s %s: %s is another kind of flag there", word->tool, word->verbs, flag->name);
	if (argv_check(v.argv, NULL) == NULL)
		fail_msg("%s %s refuses a whole use", word->tool, word->verbs);
	for (size_t i = 1; i < v.flags; i++)
		if (string_starts(v.argv[i], flag->name) && taken_with(&v, v.flags, v.argv[i]))
			fail_msg("%s %s takes %s twice", word->tool, word->verbs, flag->name);
	j->known++;
}

static void
judge_word(const struct word *word, void *arg)
{
	struct judging *j = arg;
	const char *next = j->line->flags;
	struct flag flag;

	if (!tells_of(j->line, word))
		return;
	while (next_flag(j->arena, &next, &flag)) {
		const struct word_flag *name = ours(word, flag.name), *letter = ours(word, flag.letter);

		if (name != NULL)
			know_flag(j, word, name, flag.value);
		else if (nobody_knows(j, word, flag.name))
			refuse_flag(j, word, flag.name);
		if (letter == NULL && nobody_knows(j, word, flag.letter))
			refuse_flag(j, word, flag.letter);
		else if (letter != NULL)
			know_flag(j, word, letter, flag.value);
	}
}

TEST(every_flag_of_every_help_is_known_or_refused)
{
	struct help help = help_read();
	struct judging j = { .arena = help.arena };

	for (size_t i = 0; i < help.lines.count; i++) {
		j.line = &help.lines.item[i];
		words_each(judge_word, &j);
	}
	assert_true(j.known > 60);
	assert_true(j.refused > 2000);
	arena_free(help.arena);
}

/* Those that the guard would let through and the tool would not know are our mistakes. */
static bool
tool_knows(const struct help *help, const struct word *word, const char *name)
{
	_cleanup_(arena_freep) struct arena *arena = arena_new();

	for (size_t i = 0; i < help->lines.count; i++) {
		const struct recorded *line = &help->lines.item[i];
		const char *next = line->flags;
		struct flag flag;

		if (!tells_of(line, word))
			continue;
		while (next_flag(arena, &next, &flag))
			if (string_equal(flag.name, name) || string_equal(flag.letter, name))
				return true;
	}
	return false;
}

static void
look_up_flags(const struct word *word, void *arg)
{
	for (const struct word_flag *flag = word->flags; flag->name != NULL; flag++)
		if (!tool_knows(arg, word, flag->name))
			fail_msg("%s %s has no flag %s", word->tool, word->verbs, flag->name);
}

TEST(every_flag_of_ours_is_one_of_the_tools)
{
	struct help help = help_read();

	words_each(look_up_flags, &help);
	arena_free(help.arena);
}

/* ---- verbs ---- */

static void
count_uses(const struct word *word, void *arg)
{
	struct judging *j = arg;

	j->words += is_verb(j->line, word);
}

TEST(ar2_a_verb_without_a_word_of_ours_is_refused_whatever_follows)
{
	static const char *const tails[] = { NULL, "-n", "pod/web", "--" };
	struct help help = help_read();
	struct judging j = { .arena = help.arena };
	size_t refused = 0;

	for (size_t i = 0; i < help.lines.count; i++) {
		j.line = &help.lines.item[i];
		j.words = 0;
		words_each(count_uses, &j);
		for (size_t k = 0; j.words == 0 && j.line->verbs[0] != '\0' && k < COUNT(tails); k++) {
			struct vector v = { .count = 0 };

			add(j.arena, &v, j.line->tool);
			add_words(j.arena, &v, j.line->verbs);
			if (tails[k] != NULL)
				add(j.arena, &v, tails[k]);
			if (argv_check(v.argv, NULL) != NULL)
				fail_msg("%s %s is run", j.line->tool, j.line->verbs);
			refused++;
		}
	}
	assert_true(refused > 400);
	arena_free(help.arena);
}

/* parse_words.c - one command as words: quotes, a reason to the end, and the command again as a suggestion. */

#include <string.h>

#include "base/unicode.h"
#include "parse_private.h"

static const char *const keywords[] = { "to", "in", "through", "because", "dry-run", "--dry-run",
	"now", "direct", "strategy", "without", "--no-hooks", "no-hooks", "with", "on", "since", "from", "at",
	NULL };

size_t
parser_blanks(const char *s)
{
	return strspn(s, " \t\n");
}

/* One word from here on, quoted or not; returns how many bytes it takes. */
static size_t
split_word(struct parser *p, const char *s, struct word_typed *word)
{
	const char *end = *s == '"' || *s == '\'' ? strchr(s + 1, *s) : NULL;
	size_t length;

	word->offset = (size_t)(s - p->folded);
	word->quoted = end != NULL;
	if (end != NULL) {
		word->text = arena_copy(p->arena, s + 1, (size_t)(end - s) - 1);
		return (size_t)(end - s) + 1;
	}
	length = strcspn(s, " \t\n");
	word->text = arena_copy(p->arena, s, length);
	return length;
}

/* A reason is as long as it is: one word, whatever is in it. */
static bool
split_reason(struct parser *p, const char *s)
{
	struct word_typed word = { .text = NULL };
	size_t length = split_word(p, s, &word);

	word.reason = true;
	if (!word.quoted || s[length + parser_blanks(s + length)] != '\0') {
		word.quoted = false;
		for (length = strlen(s); length > 0 && parser_blanks(s + length - 1) > 0;)
			length--;
		word.text = arena_copy(p->arena, s, length);
	}
	p->word[p->count++] = word;
	return true;
}

bool
parser_split(struct parser *p, struct error *err)
{
	const char *s = p->folded;
	bool because = false;

	for (s += parser_blanks(s); *s != '\0'; s += parser_blanks(s)) {
		if (p->count == WORDS_MOST)
			return wrong(err, "That is longer than %d words. Say it in fewer", WORDS_MOST);
		if (because)
			return split_reason(p, s);
		s += split_word(p, s, &p->word[p->count]);
		because = p->count > 0 && !p->word[p->count].quoted &&
		    string_equal(fold_case(p->arena, p->word[p->count].text), "because");
		p->count++;
	}
	return true;
}

const char *
parser_peek(const struct parser *p)
{
	return p->at < p->count ? p->word[p->at].text : NULL;
}

bool
parser_is_keyword(const struct parser *p, size_t i)
{
	return !p->word[i].quoted && string_in(fold_case(p->arena, p->word[i].text), keywords);
}

/* "the words from a to b" joined by a separator. */
const char *
parser_join(struct parser *p, size_t a, size_t b, char separator)
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
void
parser_suggest(struct parser *p, size_t a, size_t b, const char *instead)
{
	_cleanup_(text_clear) struct text all = TEXT_INIT;

	for (size_t i = p->begin; i < p->count; i++) {
		const struct word_typed *word = &p->word[i];

		if (i == a && all.length > 0)
			text_add_char(&all, ' ');
		if (i == a)
			text_add(&all, instead);
		if ((i >= a && i < b) ||
		    (!word->quoted && !word->reason && string_equal_nocase(word->text, "now")))
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

/* The reason as it was typed: what is free text keeps its full-width signs.  It is what follows a
 * "because" and folds to what was understood; NULL when it is not found. */
const char *
parser_reason(struct parser *p, const char *understood)
{
	const char *s = p->request->arrival->text, *folded, *word;
	int most = 4;		/* of "because"s that are looked behind */

	for (s += parser_blanks(s); *s != '\0' && most > 0; s += parser_blanks(s)) {
		word = arena_copy(p->arena, s, strcspn(s, " \t\n"));
		s += strlen(word);
		if (strlen(word) > 32 ||
		    !string_equal(fold_case(p->arena, fold_command(p->arena, word)), "because"))
			continue;
		s += parser_blanks(s);
		folded = fold_command(p->arena, s);
		if (string_equal(folded + parser_blanks(folded), understood))
			return fold_text(p->arena, s);
		most--;
	}
	return NULL;
}

/* console_complete.c - what Tab offers, by the words before it. */

#include <editline/readline.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/json.h"
#include "console_complete.h"

#define CANDIDATES 128

static cJSON *known;		/* {"commands": {NAME: [WORD, …]}, "targets": […], "places": […]} */
static char **found;		/* for the generator, which is called without a context */

static const char *const own_words[] = { "quit", "/as", "start", "approve", "reject", "dismiss", "stop",
	NULL };
static const char *const connecting[] = { "to", "in", "without", "because", "dry-run", "now", "help", NULL };

struct candidates {
	char **item;
	size_t count;
};

static void
offer(struct candidates *c, const char *word, const char *candidate)
{
	if (candidate == NULL || c->count == CANDIDATES ||
	    strncasecmp(candidate, word, strlen(word)) != 0)
		return;
	for (size_t i = 0; i < c->count; i++)
		if (string_equal(c->item[i], candidate))
			return;
	c->item[c->count++] = xstrdup(candidate);
}

static void
offer_words(struct candidates *c, const char *word, const char *const *words)
{
	for (; *words != NULL; words++)
		offer(c, word, *words);
}

static void
offer_list(struct candidates *c, const char *word, const cJSON *list)
{
	const cJSON *item;

	json_each(item, list)
		offer(c, word, cJSON_IsString(item) ? item->valuestring : item->string);
}

/* The words of the line before the one that is typed; "/as ann" is none of them. */
static size_t
split(char *line, const char **words, size_t most)
{
	size_t count = 0;
	char *save = NULL;

	for (char *w = strtok_r(line, " ", &save); w != NULL && count < most; w = strtok_r(NULL, " ", &save))
		words[count++] = w;
	if (count > 0 && string_equal(words[0], "/as")) {
		size_t gone = count < 2 ? count : 2;

		count -= gone;
		memmove(words, words + gone, count * sizeof(*words));
	}
	return count;
}

static void
offer_after(struct candidates *c, const char *word, const char *const *words, size_t count)
{
	const cJSON *commands = json_at(known, "commands"), *subcommands;
	const char *command;

	if (count == 0) {
		offer_list(c, word, commands);
		offer_words(c, word, own_words);
		return;
	}
	command = words[0] + strspn(words[0], "/!");
	subcommands = cJSON_GetObjectItemCaseSensitive(commands, command);
	if (string_equal(command, "help")) {
		offer_list(c, word, commands);
	} else if (count == 1 && cJSON_GetArraySize(subcommands) > 0) {
		offer_list(c, word, subcommands);
		offer(c, word, "help");
	} else if (string_equal(words[count - 1], "in")) {
		offer_list(c, word, json_at(known, "places"));
	} else if (subcommands != NULL) {
		if (count == 1 || (count == 2 && cJSON_GetArraySize(subcommands) > 0))
			offer_list(c, word, json_at(known, "targets"));
		else
			offer_words(c, word, connecting);
	}
}

char **
complete_candidates(const char *before, const char *word)
{
	struct candidates c = { .item = xcalloc(CANDIDATES + 1, sizeof(char *)) };
	_cleanup_(freep) char *line = xstrdup(before);
	const char *words[16];
	size_t count = split(line, words, 16);
	bool speaker = string_equal(before, "/as ");

	if (known != NULL && !speaker)
		offer_after(&c, word, words, count);
	if (c.count > 0)
		return c.item;
	free(c.item);
	return NULL;
}

void
complete_learn(const cJSON *words)
{
	cJSON_Delete(known);
	known = cJSON_Duplicate(words, true);
}

void
complete_forget(void)
{
	cJSON_Delete(known);
	known = NULL;
}

/* ---- line editing ---- */

static char *
next_candidate(const char *word, int state)
{
	static size_t at;

	(void)word;
	if (state == 0)
		at = 0;
	return found != NULL && found[at] != NULL ? strdup(found[at++]) : NULL;
}

static char **
attempt(const char *word, int start, int end)
{
	_cleanup_(freep) char *before = xstrndup(rl_line_buffer, (size_t)start);
	char **matches;

	(void)end;
	rl_attempted_completion_over = 1;	/* never the names of files */
	found = complete_candidates(before, word);
	if (found == NULL)
		return NULL;
	matches = rl_completion_matches(word, next_candidate);
	for (size_t i = 0; found[i] != NULL; i++)
		free(found[i]);
	free(found);
	found = NULL;
	return matches;
}

void
complete_begin(void)
{
	rl_attempted_completion_function = attempt;
	rl_basic_word_break_characters = " \t\n";
	rl_completion_append_character = ' ';
}

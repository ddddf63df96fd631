/* words.c - any vector of arguments: what passes the guard has only verbs and flags of its word. */

#include "adapters/tools/helm.h"
#include "adapters/tools/kubectl.h"
#include "fuzz.h"
#include "words.h"

#define MOST 140

static const struct word_flag *
flag_of(const struct word *word, const char *argument)
{
	size_t name = strcspn(argument, "=");

	for (const struct word_flag *flag = word->flags; flag->name != NULL; flag++)
		if (strlen(flag->name) == name && strncmp(flag->name, argument, name) == 0)
			return flag;
	return NULL;
}

static void
judge(const struct word *word, char *const *at)
{
	const struct word_flag *flag;
	const char *verbs = word->verbs;

	must(string_equal(word->tool, *at++));
	for (; *verbs != '\0'; verbs += strcspn(verbs, " "), verbs += *verbs == ' ', at++)
		must(strlen(*at) == strcspn(verbs, " ") && strncmp(*at, verbs, strlen(*at)) == 0);
	for (; *at != NULL && strcmp(*at, "--") != 0; at++) {
		must((flag = flag_of(word, *at)) != NULL);
		if (strcmp(*at, "-n") == 0)
			must(value_fits(flag->kind, flag->list, *++at));
		else if (flag->kind == VALUE_NONE)
			must(strchr(*at, '=') == NULL);
		else
			must(value_fits(flag->kind, flag->list, strchr(*at, '=') + 1));
	}
	while (*at != NULL && *++at != NULL)
		must(**at != '-' && **at != '\0' && strpbrk(*at, "\n\r\033") == NULL);
}

FUZZ
{
	char *argv[MOST + 1] = { NULL }, *copy = xstrndup(bytes, length), *rest = copy;
	const struct word *word;
	struct error err = ERROR_INIT;
	int count = 0;

	words_register(kubectl_words);
	words_register(helm_words);
	while (count < MOST && rest != NULL)	/* an argument a line */
		argv[count++] = strsep(&rest, "\n");
	word = argv_check(argv, &err);
	must((word != NULL) == (err.kind == ERROR_NONE));
	if (word != NULL)
		judge(word, argv);
	free(copy);
}

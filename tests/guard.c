/*
 * guard.c - holds argument vectors to the product's own guard (AR1, AR2).
 *
 *	guard FILE	a JSON array of words a line
 *
 * Prints those that argv_check refuses, and ends with 1 when there was one.
 */
#include <stdio.h>
#include <stdlib.h>

#include "adapters/tools/helm.h"
#include "adapters/tools/kubectl.h"
#include "base/json.h"
#include "words.h"

static bool
is_foreseen(const cJSON *words, struct error *err)
{
	char *argv[130] = { NULL };
	const cJSON *word;
	size_t count = 0;

	json_each(word, words)
		if (count < COUNT(argv) - 1)
			argv[count++] = cJSON_GetStringValue(word);
	return argv[0] != NULL && argv_check(argv, err) != NULL;
}

int
main(int argc, char **argv)
{
	FILE *file = argc == 2 ? fopen(argv[1], "re") : NULL;
	struct error err = ERROR_INIT;
	char *line = NULL;
	int refused = 0;
	size_t size = 0;
	ssize_t length;

	if (file == NULL) {
		fprintf(stderr, "usage: guard FILE\n");
		return 2;
	}
	words_register(kubectl_words);
	words_register(helm_words);
	while ((length = getline(&line, &size, file)) > 0) {
		cJSON *words = json_parse(line, (size_t)length, NULL);

		if (!is_foreseen(words, &err)) {
			printf("%s: %s", err.text, line);
			refused = 1;
		}
		cJSON_Delete(words);
	}
	free(line);
	fclose(file);
	return refused;
}

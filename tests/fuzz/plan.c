/* plan.c - any bytes as a stored plan: nothing runs that fits no word, and its digest is kept. */

#include "adapters/tools/helm.h"
#include "adapters/tools/kubectl.h"
#include "fuzz.h"
#include "plan.h"
#include "words.h"

static void
judge(const struct steps *steps)
{
	for (size_t i = 0; i < steps->count; i++) {
		const struct step *step = &steps->item[i];
		const struct word *word = step->argv != NULL ? argv_check(step->argv, NULL) : NULL;

		must(step->argv == NULL || word != NULL);
		must(step->effect != READS || word == NULL || word->reads);
		must(step->resume != PROBE || step->probe != NULL);
		must(word == NULL || step->limit > 0);
	}
}

FUZZ
{
	struct error err = ERROR_INIT;
	_cleanup_(plan_freep) struct plan *plan = NULL, *again = NULL;
	_cleanup_(text_clear) struct text once = TEXT_INIT, twice = TEXT_INIT, lines = TEXT_INIT;
	char hash[DIGEST_HEX], hash_again[DIGEST_HEX];

	words_register(kubectl_words);
	words_register(helm_words);
	judges_register(kubectl_judges);
	judges_register(helm_judges);
	plan = plan_read(bytes, length, &err);
	must((plan == NULL) == (err.kind != ERROR_NONE));
	if (plan == NULL)
		return;
	judge(&plan->reads);
	judge(&plan->steps);
	judge(&plan->undo);
	judge(&plan->always);
	plan_describe(plan, &lines);
	plan_print(plan, &once);
	must((again = plan_read(once.data, once.length, &err)) != NULL);
	plan_print(again, &twice);
	must(string_equal(once.data, twice.data));
	plan_hash(plan, hash);
	plan_hash(again, hash_again);
	must(string_equal(hash, hash_again));
}

/* console_complete.c - what Tab offers after which words. */

#include <stdlib.h>

#include "adapters/chat/console_complete.h"
#include "base/text.h"
#include "test.h"

static const char vocabulary[] =
    "{\"kind\":\"words\",\"commands\":{\"rollback\":[],\"rollout\":[\"history\",\"status\"],\"help\":[]},"
    "\"targets\":[\"chatops-gateway\",\"chatops-engine\"],\"places\":[\"production\",\"primary\"]}";

static void
learn(void)
{
	_cleanup_(json_freep) cJSON *json = json_parse(vocabulary, strlen(vocabulary), NULL);

	assert_non_null(json);
	complete_learn(json);
}

static void
join(struct text *out, char **candidates)
{
	for (size_t i = 0; candidates != NULL && candidates[i] != NULL; i++) {
		text_printf(out, "%s%s", i > 0 ? " " : "", candidates[i]);
		free(candidates[i]);
	}
	free(candidates);
}

TEST(tab_offers_what_may_come_next)
{
	static const struct {
		const char *before, *word, *offered;
	} cases[] = {
		{ "", "roll", "rollback rollout" },
		{ "", "q", "quit" },
		{ "rollback ", "chat", "chatops-gateway chatops-engine" },
		{ "/rollback ", "CHATOPS-G", "chatops-gateway" },
		{ "rollback chatops-gateway ", "b", "because" },
		{ "rollback chatops-gateway to 5 ", "w", "without" },
		{ "rollback chatops-gateway in ", "pr", "production primary" },
		{ "rollout ", "h", "history help" },
		{ "rollout history ", "chatops-e", "chatops-engine" },
		{ "help ", "rollb", "rollback" },
		{ "/as bob ", "roll", "rollback rollout" },
		{ "/as ", "b", "" },
		{ "nonsense ", "c", "" },
	};

	learn();
	for (size_t i = 0; i < COUNT(cases); i++) {
		_cleanup_(text_clear) struct text out = TEXT_INIT;

		join(&out, complete_candidates(cases[i].before, cases[i].word));
		assert_string_equal(out.data, cases[i].offered);
	}
	complete_forget();
}

TEST(before_the_bot_has_answered_tab_offers_nothing)
{
	complete_forget();
	assert_null(complete_candidates("", "roll"));
}

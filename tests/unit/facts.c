/* facts.c - answers of tools by name. */

#include "facts.h"

#include "test.h"

static void
add(struct facts *facts, const char *name, int exit, const char *out, const char *errors)
{
	facts_add(facts, &(struct fact){ .name = name, .exit = exit, .out = out,
	    .length = strlen(out), .errors = errors });
}

TEST(a_fact_is_a_copy_and_the_second_replaces_the_first)
{
	_cleanup_(facts_freep) struct facts *facts = facts_new();
	struct error err = ERROR_INIT;
	char out[] = "{\"a\":1}";

	add(facts, "one", 0, out, NULL);
	memset(out, 'x', sizeof out - 1);
	assert_int_equal(json_integer(facts_json(facts, "one", &err), "a", 0), 1);
	add(facts, "one", 0, "{\"a\":2}", "");
	assert_int_equal(facts->count, 1);
	assert_int_equal(json_integer(facts_json(facts, "one", &err), "a", 0), 2);
	assert_ptr_equal(facts_json(facts, "one", &err), facts_json(facts, "one", &err));
	assert_int_equal(err.kind, ERROR_NONE);
	assert_true(facts_have(facts, "one"));
	assert_false(facts_have(facts, "two"));
	assert_null(facts_find(facts, "two"));
	assert_string_equal(facts_find(facts, "one")->errors, "");
}

TEST(many_facts_stay_findable)
{
	_cleanup_(facts_freep) struct facts *facts = facts_new();
	char name[32];

	for (int i = 0; i < 100; i++) {
		snprintf(name, sizeof name, "fact-%d", i);
		add(facts, name, 0, name, NULL);
	}
	assert_string_equal(facts_text(facts, "fact-0", NULL), "fact-0");
	assert_string_equal(facts_text(facts, "fact-99", NULL), "fact-99");
}

static const struct {
	int exit;
	bool cut;
	const char *out, *errors;
	enum error_kind kind;
	const char *says;
} failures[] = {
	{ 1, false, "", "Warning: old\nError from server (NotFound): no \"web\"\n", FAILED,
	    "Error from server (NotFound): no \"web\" (f, exit 1)" },
	{ 1, false, "", "", FAILED, "no message (f, exit 1)" },
	{ 1, false, "", "\n \n", FAILED, "no message (f, exit 1)" },
	{ -1, false, "{}", "", LATE, "no answer in time (f)" },
	{ -2, false, "", "No such file or directory", FAILED,
	    "the tool could not be started (f): No such file or directory" },
	{ 0, true, "{}", "", FAILED, "the answer is longer than 4 MiB (f)" },
	{ 0, false, "{", "", WRONG, "the answer cannot be read (f): " },
};

TEST(a_fact_that_is_no_answer_tells_why)
{
	for (size_t i = 0; i < COUNT(failures); i++) {
		_cleanup_(facts_freep) struct facts *facts = facts_new();
		struct error err = ERROR_INIT;

		facts_add(facts, &(struct fact){ .name = "f", .exit = failures[i].exit,
		    .out = failures[i].out, .length = strlen(failures[i].out),
		    .errors = failures[i].errors, .cut = failures[i].cut });
		assert_null(facts_json(facts, "f", &err));
		if (strstr(err.text, failures[i].says) != err.text)
			fail_msg("row %zu: %s", i, err.text);
		assert_int_equal(err.kind, failures[i].kind);
	}
}

TEST(a_fact_nobody_asked_for_is_our_bug)
{
	_cleanup_(facts_freep) struct facts *facts = facts_new();
	struct error err = ERROR_INIT;

	assert_null(facts_text(facts, "history", &err));
	assert_int_equal(err.kind, BROKEN);
}

TEST(a_fact_past_the_limit_is_cut_and_unusable)
{
	_cleanup_(facts_freep) struct facts *facts = facts_new();
	char *long_one = xcalloc(1, FACT_LIMIT + 2);

	memset(long_one, 'a', FACT_LIMIT + 1);
	add(facts, "f", 0, long_one, NULL);
	free(long_one);
	assert_true(facts_find(facts, "f")->cut);
	assert_null(facts_text(facts, "f", NULL));
}

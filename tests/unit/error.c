/* error.c - sentences. */

#include "base/error.h"

#include "test.h"

TEST(each_kind_has_its_helper_and_its_name)
{
	static const struct {
		bool (*fill)(struct error *, const char *, ...);
		enum error_kind kind;
		const char *name;
	} rows[] = {
		{ refuse, REFUSED, "refused" },
		{ wrong, WRONG, "wrong" },
		{ failed, FAILED, "failed" },
		{ late, LATE, "late" },
		{ lost, LOST, "lost" },
		{ cancelled, CANCELLED, "cancelled" },
		{ broken, BROKEN, "broken" },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct error err = ERROR_INIT;

		assert_false(rows[i].fill(&err, "%s %d", "step", 3));
		assert_int_equal(err.kind, rows[i].kind);
		assert_string_equal(err.text, "step 3");
		assert_string_equal(error_kind_name(err.kind), rows[i].name);
	}
	assert_string_equal(error_kind_name(ERROR_NONE), "none");
	assert_string_equal(error_kind_name((enum error_kind)99), "unknown");
}

TEST(nobody_needs_to_care)
{
	assert_false(wrong(NULL, "x"));
	assert_false(error_wrap(NULL, "x"));
	assert_false(error_set(NULL, LATE, "x"));
}

TEST(context_goes_in_front_and_the_kind_stays)
{
	struct error err = ERROR_INIT;

	late(&err, "no answer after %d s", 10);
	assert_false(error_wrap(&err, "%s.yaml", "values"));
	assert_string_equal(err.text, "values.yaml: no answer after 10 s");
	assert_int_equal(err.kind, LATE);
}

TEST(the_old_text_may_be_part_of_the_new)
{
	struct error err = ERROR_INIT;

	wrong(&err, "first");
	failed(&err, "second after %s", err.text);
	assert_string_equal(err.text, "second after first");
}

TEST(a_long_text_is_cut_on_a_character)
{
	struct error err = ERROR_INIT;

	wrong(&err, "%0510d€", 0);
	assert_int_equal(strlen(err.text), 510);
	wrong(&err, "%0509d€€", 0);
	assert_int_equal(strlen(err.text), 509);
	wrong(&err, "%0508d€€", 0);
	assert_int_equal(strlen(err.text), 511);
}

TEST(wrapping_a_long_text_keeps_the_context)
{
	struct error err = ERROR_INIT;

	wrong(&err, "%0511d", 0);
	error_wrap(&err, "values.yaml");
	assert_int_equal(strlen(err.text), 511);
	assert_int_equal(strncmp(err.text, "values.yaml: 000", 16), 0);
}

TEST(set_takes_any_kind)
{
	struct error err = ERROR_INIT;

	assert_false(error_set(&err, CANCELLED, "stopped by %s", "ann"));
	assert_int_equal(err.kind, CANCELLED);
	assert_string_equal(err.text, "stopped by ann");
}

TEST(a_new_error_is_none)
{
	struct error err = ERROR_INIT;

	assert_int_equal(err.kind, ERROR_NONE);
	assert_string_equal(err.text, "");
}

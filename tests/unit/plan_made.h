/* plan_made.h - what the tests of drivers ask of a plan that was made. */
#ifndef TEST_PLAN_MADE_H
#define TEST_PLAN_MADE_H

#include "base/text.h"
#include "plan.h"
#include "test.h"

static inline const struct remark *
remark(const struct plan *plan, const char *code)
{
	for (size_t i = 0; i < plan->remarks.count; i++)
		if (string_equal(plan->remarks.item[i].code, code))
			return &plan->remarks.item[i];
	return NULL;
}

/* A stored plan is judged by words and judges: whatever a driver builds must come back. */
static inline void
assert_plan_holds(const struct plan *plan)
{
	_cleanup_(text_clear) struct text out = TEXT_INIT_LIMIT(MEGABYTES(4));
	_cleanup_(plan_freep) struct plan *back = NULL;
	struct error err = ERROR_INIT;

	plan_print(plan, &out);
	if ((back = plan_read(out.data, out.length, &err)) == NULL)
		fail_msg("%s", err.text);
}

#endif

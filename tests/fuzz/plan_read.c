/* plan_read.c - stored plans: what is read back is printed the same, with the same digest. */

#include "tools.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_(text_clear) struct text once = TEXT_INIT, twice = TEXT_INIT, lines = TEXT_INIT;
	_cleanup_(plan_freep) struct plan *plan = NULL, *again = NULL;
	_cleanup_(arena_freep) struct arena *arena = arena_new();
	char before[DIGEST_HEX], after[DIGEST_HEX];
	struct error err = ERROR_INIT;

	plan = plan_read(arena_copy(arena, data, size), size, &err);
	if (plan == NULL) {
		assert(err.kind != ERROR_NONE);
		return 0;
	}
	plan_print(plan, &once);
	again = plan_read(once.data, once.length, &err);
	assert(again != NULL);
	plan_print(again, &twice);
	assert(strcmp(once.data, twice.data) == 0);
	plan_hash(plan, before);
	plan_hash(again, after);
	assert(strcmp(before, after) == 0);
	plan_describe(plan, &lines);
	return 0;
}

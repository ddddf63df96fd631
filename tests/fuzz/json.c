/* json.c - any bytes as JSON: what is read is printed the same again. */

#include "base/json.h"
#include "fuzz.h"

static void
look(const cJSON *item)
{
	const cJSON *member;

	json_string(item, "a.0.b");
	json_integer(item, "1", 0);
	json_bool(item, "a\\.b", false);
	json_each(member, item)
		look(member);
}

FUZZ
{
	struct error err = ERROR_INIT;
	_cleanup_(json_freep) cJSON *document = json_parse(bytes, length, &err);
	_cleanup_(json_freep) cJSON *again = NULL;
	_cleanup_(text_clear) struct text once = TEXT_INIT, twice = TEXT_INIT;
	size_t used = 0, from = 0;
	cJSON *next;

	must((document == NULL) == (err.kind != ERROR_NONE));
	while ((next = json_parse_next(bytes + from, length - from, &used, NULL)) != NULL) {
		cJSON_Delete(next);
		must(used > 0 && used <= length - from);
		from += used;
	}
	if (document == NULL)
		return;
	look(document);
	json_print_canonical(&once, document);
	again = json_parse(once.data, once.length, &err);
	must(again != NULL || once.cut);
	if (again == NULL)
		return;
	json_print_canonical(&twice, again);
	must(string_equal(once.data, twice.data));
}

/* mask.c - sets of values. */

#include "mask.h"

#include <stdlib.h>
#include <string.h>

#include "mask_parts.h"

#define VALUE_MAX KILOBYTES(64)

struct mask_set *
mask_set_new(struct mask_set *parent)
{
	struct mask_set *set = xcalloc(1, sizeof *set);

	set->parent = parent;
	set->forms = automaton_new();
	return set;
}

struct mask_set *
mask_set_share(struct mask_set *set)
{
	if (set != NULL)
		set->shared++;
	return set;
}

void
mask_set_free(struct mask_set *set)
{
	if (set == NULL || set->shared-- > 0)
		return;
	automaton_free(set->forms);
	free(set->item);
	free(set);
}

bool
mask_has(const struct mask_set *set, const char *value, size_t length)
{
	char hex[DIGEST_HEX];

	if (length > VALUE_MAX)
		length = VALUE_MAX;
	digest_of(value, length, hex);
	for (; set != NULL; set = set->parent)
		for (size_t i = 0; i < set->count; i++)
			if (memcmp(set->item[i].hex, hex, sizeof hex) == 0)
				return true;
	return false;
}

void
mask_add(struct mask_set *set, const char *value, size_t length)
{
	if (length > VALUE_MAX)
		length = VALUE_MAX;
	if (length < MASK_LEAST || mask_has(set, value, length))
		return;
	mask_add_forms(set->forms, value, length);
	digest_of(value, length, GROW(set)->hex);
}

/* helm_references.c - what the pods of a revision need and the release does not make itself (KC14). */
#include <string.h>

#include "base/text.h"
#include "helm_parts.h"

static bool
is_made(const struct manifest *manifest, const struct reference *r)
{
	for (size_t i = 0; i < manifest->count; i++)
		if (string_equal_nocase(manifest->item[i].kind, r->kind) &&
		    string_equal(manifest->item[i].name, r->name))
			return true;
	return false;
}

static void
add(struct plan *plan, struct needed *needed, const struct reference *r)
{
	const char *name = plan_arg(plan, "%s/%s", r->kind, r->name);

	for (size_t i = 0; i < needed->count; i++)
		if (string_equal(needed->item[i], name))
			return;
	if (value_fits(VALUE_NAME, NULL, r->name))
		*ARENA_GROW(plan->arena, needed) = name;
}

void
helm_needed(struct plan *plan, struct needed *needed, const struct manifest *manifest)
{
	struct references references;

	*needed = (struct needed){ NULL, 0, 0 };
	for (size_t i = 0; i < manifest->count; i++) {
		if (!manifest->item[i].workload)
			continue;
		references_read(plan->arena, &references,
		    json_at(manifest->item[i].json, "spec.template"));
		for (size_t k = 0; k < references.count; k++)
			if (!references.item[k].optional && !is_made(manifest, &references.item[k]))
				add(plan, needed, &references.item[k]);
	}
}

const char *
helm_references(struct arena *arena, size_t at)
{
	size_t read = at / HELM_REFERENCES;

	return read == 0 ? "references" : arena_printf(arena, "references-%zu", read + 1);
}

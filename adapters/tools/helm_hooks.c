/*
 * helm_hooks.c - what a rollback of a release runs beside its objects (HM8, CH2).
 *
 * The hooks are those of the revision to go back to: their images may be long gone, and who may
 * write release records may have put one there.  Each is named with its image and account; one that
 * the present revision does not have the same is a reason to check.
 */
#include <string.h>

#include "base/text.h"
#include "base/unicode.h"
#include "helm_parts.h"

static bool
runs_at_rollback(const struct object *hook)
{
	const char *when = metadata_of(hook->json, "annotations", "helm.sh/hook");

	return when != NULL && strstr(when, "-rollback") != NULL;
}

static void
remark_hook(struct plan *plan, const struct object *hook, bool known)
{
	const cJSON *template = json_at(hook->json, "spec.template");
	const char *image = template_image(plan->arena, template, hook->name);
	const char *account = json_string_or(template, "spec.serviceAccountName", "default");
	const char *when = metadata_of(hook->json, "annotations", "helm.sh/hook");

	plan_remark(plan, known ? REMARK_NOTE : REMARK_CHECK, "release.hooks",
	    "%s runs (%s): %s, account %s%s", hook->label,
	    foreign_text(plan->arena, when, strnlen(when, 100)), image != NULL ? image : "no image",
	    foreign_text(plan->arena, account, strnlen(account, 253)),
	    known ? "" : "; the present revision has none or another");
}

size_t
helm_hooks(struct plan *plan, const struct way *way, const struct target *t,
    const struct facts *facts, bool remark)
{
	_cleanup_(manifest_clear) struct manifest hooks = { .count = 0 }, now = { .count = 0 };
	const struct fact *present = facts_find(facts, helm_fact(plan->arena, "hooks", way->last));
	size_t count = 0;

	if (way->hooks == NULL ||
	    !manifest_read(plan->arena, &hooks, way->hooks, t->namespace, NULL)) {
		if (remark)
			plan_remark(plan, REMARK_CHECK, "release.hooks_unseen",
			    "Not seen which hooks the rollback runs");
		return 1;
	}
	if (present != NULL && present->exit == 0)
		manifest_read(plan->arena, &now, present->out, t->namespace, NULL);
	for (size_t i = 0; i < hooks.count; i++) {
		const struct object *hook = &hooks.item[i], *same = manifest_find(&now, hook);

		if (!runs_at_rollback(hook))
			continue;
		count++;
		if (remark)
			remark_hook(plan, hook,
			    same != NULL && cJSON_Compare(same->json, hook->json, true));
	}
	return count;
}

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

/* How often: one may stand before and after. */
static size_t
runs_of(const struct object *hook)
{
	const char *when = metadata_of(hook->json, "annotations", "helm.sh/hook");
	size_t runs = 0;

	for (const char *at = when; at != NULL && (at = strstr(at, "-rollback")) != NULL; at++)
		runs++;
	return runs;
}

static const char *
runs_when(struct arena *arena, const struct object *hook)
{
	const char *when = metadata_of(hook->json, "annotations", "helm.sh/hook");

	return foreign_line(arena, when, strnlen(when, 100));
}

static void
remark_hook(struct plan *plan, const struct object *hook, bool known)
{
	const cJSON *template = json_at(hook->json, "spec.template");
	const char *image = template_image(plan->arena, template, hook->name);
	const char *account = json_string_or(template, "spec.serviceAccountName", "default");

	plan_remark(plan, known ? REMARK_NOTE : REMARK_CHECK, "release.hooks",
	    "%s runs (%s): %s, account %s%s", hook->label, runs_when(plan->arena, hook),
	    image != NULL ? image : "no image", foreign_line(plan->arena, account, strnlen(account, 253)),
	    known ? "" : "; the present revision has none or another");
}

/* CH1: whoever may write the release's records could write one that gives power, and helm makes it with our rights. */
static bool
guard_hook(const struct plan *plan, const struct object *hook, bool known, const struct target *t,
    struct error *err)
{
	bool elsewhere = !string_equal(hook->namespace, t->namespace);

	return plan->without_hooks || known || !helm_gives_power(hook, t) ||
	    refuse(err, "the rollback would create %s%s%s as a hook (%s), which rollcall never does; leave its "
		"hooks out (\"without hooks\"), or take another revision", hook->label,
		elsewhere ? " in namespace " : "", elsewhere ? hook->namespace : "", runs_when(plan->arena, hook));
}

/* What was left out is told by name; that nothing was, too. */
static void
remark_left_out(struct plan *plan, const char *names)
{
	if (names[0] != '\0')
		plan_remark(plan, REMARK_CHECK, "release.without_hooks", "Without its hooks: %s", names);
	else
		plan_remark(plan, REMARK_NOTE, "release.without_hooks",
		    "It has no hooks for a rollback, so none are left out");
}

static void
unseen(struct plan *plan)
{
	if (plan->without_hooks)
		plan_remark(plan, REMARK_CHECK, "release.without_hooks",
		    "Without its hooks, which could not be seen");
	else
		plan_remark(plan, REMARK_CHECK, "release.hooks_unseen",
		    "Not seen which hooks the rollback runs");
	plan->hooks = 1;
}

bool
helm_hooks(struct plan *plan, const struct way *way, const struct target *t,
    const struct facts *facts, struct error *err)
{
	_cleanup_(manifest_clear) struct manifest hooks = { .count = 0 }, now = { .count = 0 };
	_cleanup_(text_clear) struct text left_out = TEXT_INIT_LIMIT(300);
	const struct fact *present = facts_find(facts, helm_fact(plan->arena, "hooks", way->last));
	struct error unread = ERROR_INIT;

	if (way->hooks == NULL) {
		unseen(plan);
		return true;
	}
	if (!manifest_read(plan->arena, &hooks, way->hooks, t->namespace, &unread)) {
		unseen(plan);
		return plan->without_hooks || refuse(err, "its hooks cannot be read (%s); leave them out "
		    "(\"without hooks\"), or take another revision", unread.text);
	}
	if (present != NULL && present->exit == 0)
		manifest_read(plan->arena, &now, present->out, t->namespace, NULL);
	for (size_t i = 0; i < hooks.count; i++) {
		const struct object *hook = &hooks.item[i], *same = manifest_find(&now, hook);
		bool known = same != NULL && cJSON_Compare(same->json, hook->json, true);

		if (runs_of(hook) == 0)
			continue;
		if (!guard_hook(plan, hook, known, t, err))
			return false;
		plan->hooks += runs_of(hook);
		text_printf(&left_out, "%s%s (%s)", left_out.length > 0 ? ", " : "", hook->label,
		    runs_when(plan->arena, hook));
		if (!plan->without_hooks)
			remark_hook(plan, hook, known);
	}
	if (plan->without_hooks)
		remark_left_out(plan, left_out.data);
	return true;
}

/* kubectl_state.c - how a workload stands, in numbers and in one line. */
#include <string.h>

#include "base/text.h"
#include "kubectl_parts.h"

/* KC12: pods that their controller leaves as they are.  A template that is wanted is not what they run. */
static bool
stays_behind(const struct workload *w)
{
	if (w->current != NULL && string_equal(w->current, w->update))
		return false;
	return (w->on_delete || w->partition > 0) && w->updated < w->wanted && !workload_in_progress(w);
}

static const char *
summary_of(struct arena *arena, const struct workload *w, const struct pods *pods)
{
	const char *version = image_version(arena, template_image(arena, w->template, w->name));
	_cleanup_(text_clear) struct text out = TEXT_INIT_LIMIT(500);
	const char *stands;

	text_printf(&out, "%d of %d pods ready", w->ready, w->wanted);
	if (version != NULL)
		text_printf(&out, ", %s wanted", version);
	if (stays_behind(w))
		text_printf(&out, ", %d of %d on it (%s)", w->updated, w->wanted,
		    w->on_delete ? "OnDelete: a pod changes when it is deleted" : "a partition keeps the others");
	if (w->paused)
		text_add(&out, ", paused");
	workload_done(arena, w, &stands);
	if (w->deadline_passed)
		text_printf(&out, ", stuck: %s", stands);
	else if (workload_in_progress(w))
		text_printf(&out, ", rolling out: %s", stands);
	if (pods->restarts > 0)
		text_printf(&out, ", %d restart%s", pods->restarts, pods->restarts == 1 ? "" : "s");
	if (pods->trouble != NULL)
		text_printf(&out, ", %s", pods->trouble);
	return arena_copy(arena, out.data, out.length);
}

bool
kubectl_state(struct arena *arena, struct state *state, const struct target *t,
    const struct facts *facts, struct error *err)
{
	struct owner owners[OWNERS];
	const cJSON *scaler;
	struct workload w;
	struct pods pods;

	if (!kubectl_workload(arena, &w, t, facts, err))
		return false;
	pods_read(arena, &pods, kubectl_surrounding(facts, "pods"), NULL, NULL, NULL);
	*state = (struct state){
		.paused = w.paused,
		.in_progress = workload_in_progress(&w),
		.deadline_passed = w.deadline_passed,
		.wanted = w.wanted,
		.updated = w.updated,
		.ready = w.ready,
		.available = w.available,
		.autoscaled = kubectl_autoscaled(facts, &w, &scaler),
		.summary = summary_of(arena, &w, &pods),
	};
	if (owners_read(arena, owners, w.object, kubectl_surrounding(facts, "canaries"),
	    kubectl_surrounding(facts, "rollouts")) > 0)
		state->owner = owners[0].name;
	return true;
}

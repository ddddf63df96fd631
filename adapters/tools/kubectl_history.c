/* kubectl_history.c - revisions of workloads in the common form. */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/unicode.h"
#include "base/when.h"
#include "kubectl_parts.h"

void
kubectl_revision(struct arena *arena, struct revision *revision, const struct workload *w,
    const cJSON *object, const cJSON *template)
{
	const char *cause = metadata_of(object, "annotations", "kubernetes.io/change-cause");
	char pin[DIGEST_HEX];

	template_pin(template, pin);
	revision->image = template_image(arena, template, w->name);
	revision->version = image_version(arena, revision->image);
	revision->pin = arena_strdup(arena, pin);
	revision->why = cause != NULL ? foreign_line(arena, cause, strnlen(cause, 500)) : NULL;
	revision->ready = revision->wanted = -1;
	stamp_read(json_string_or(object, "metadata.creationTimestamp", ""), &revision->when);
}

void
kubectl_history_nothing(struct arena *arena, struct history *history, const struct target *t)
{
	if (history->kept == 0)
		history->nothing = say(arena,
		    "its revisionHistoryLimit is 0, so the cluster keeps none. A known good image can "
		    "be set: /rollout pin %s IMAGE", t->setting->key);
}

static int
by_number(const void *a, const void *b)
{
	const struct revision *one = a, *other = b;

	return (one->number > other->number) - (one->number < other->number);
}

void
kubectl_history_sort(struct history *history)
{
	history->now = NULL;
	if (history->count == 0)
		return;
	qsort(history->item, history->count, sizeof *history->item, by_number);
	for (size_t i = 0; i < history->count; i++)
		if (history->item[i].now)
			history->now = &history->item[i];
}

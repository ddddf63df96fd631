/*
 * helm.c - Helm releases: their history is Helm's own, their content the manifest.
 *
 * A rollback makes a new revision with the old manifest (HM2); Helm's status only says that it was
 * accepted (HM5, HM9).  So the plan reads back twice: that the new revision holds the pinned
 * manifest, and that every workload of it runs what the manifest says.
 */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/unicode.h"
#include "base/when.h"
#include "helm_parts.h"
#include "helm_secrets.h"

/* ---- history and state ---------------------------------------------------------------------- */

static const char *
clean(struct arena *arena, const char *s, size_t most)
{
	return s != NULL && *s != '\0' ? foreign_line(arena, s, strnlen(s, most)) : NULL;
}

/* "platform-1.2.3": what follows the last dash before a digit. */
static const char *
chart_version(const char *chart)
{
	const char *version = NULL;

	for (const char *s = chart; s != NULL && *s != '\0'; s++)
		if (*s == '-' && s[1] >= '0' && s[1] <= '9' && version == NULL)
			version = s + 1;
	return version;
}

static void
read_revision(struct arena *arena, struct revision *revision, const cJSON *entry,
    const struct facts *facts)
{
	const char *why = json_string(entry, "description");
	const char *manifest;
	char pin[DIGEST_HEX];

	revision->number = helm_number(entry);
	revision->image = clean(arena, json_string(entry, "chart"), 200);
	revision->version = clean(arena, json_string(entry, "app_version"), 100);
	revision->chart = chart_version(revision->image);
	if (revision->version == NULL) {
		revision->version = revision->chart;
		revision->chart = NULL;
	}
	revision->status = clean(arena, json_string(entry, "status"), 40);
	revision->why = clean(arena, why, why != NULL ? strcspn(why, "\n") : 0);
	revision->failed = !helm_worth_a_look(entry);
	revision->ready = revision->wanted = -1;
	stamp_read(json_string_or(entry, "updated", ""), &revision->when);
	manifest = helm_fact(arena, "manifest", revision->number);
	if (!facts_have(facts, manifest) || (manifest = facts_text(facts, manifest, NULL)) == NULL)
		return;
	helm_pin(manifest, pin);
	revision->pin = arena_strdup(arena, pin);
}

static int
by_number(const void *a, const void *b)
{
	const struct revision *one = a, *other = b;

	return (one->number > other->number) - (one->number < other->number);
}

static bool
release_read(struct arena *arena, struct history *history, const struct target *t,
    const struct facts *facts, struct error *err)
{
	const cJSON *entries = helm_answer(facts, t, "history", err), *entry;

	if (entries == NULL)
		return false;
	*history = (struct history){ .kept = -1 };
	json_each(entry, entries)
		if (helm_number(entry) > 0)
			read_revision(arena, ARENA_GROW(arena, history), entry, facts);
	if (history->count == 0)
		return true;
	/* What runs is the last, whatever became of it (HM5). */
	qsort(history->item, history->count, sizeof *history->item, by_number);
	history->item[history->count - 1].now = true;
	history->now = &history->item[history->count - 1];
	if (history->count == 1 && helm_is_pending(history->now->status))	/* HM7 */
		history->nothing = say(arena,
		    "its first install never finished (%s). Uninstall it instead", history->now->status);
	return true;
}

static void
count_live(struct arena *arena, struct state *state, const struct facts *facts, struct text *out)
{
	const cJSON *live = helm_surrounding(facts, "live");
	struct owner owners[OWNERS];
	struct workload w;

	for (size_t i = 0; i < items_count(live); i++) {
		const char *stands;
		size_t count;

		if (!workload_read(arena, &w, items_at(live, i), NULL))
			continue;
		state->wanted += w.wanted;
		state->updated += w.updated;
		state->ready += w.ready;
		state->available += w.available;
		state->in_progress = state->in_progress || workload_in_progress(&w);
		state->deadline_passed = state->deadline_passed || w.deadline_passed;
		workload_done(arena, &w, &stands);
		text_printf(out, "\n%s %s: %s", w.kind, w.name, stands);
		count = owners_read(arena, owners, w.object, helm_surrounding(facts, "canaries"),
		    helm_surrounding(facts, "rollouts"));
		for (size_t k = 0; k < count && state->owner == NULL; k++)
			if (!string_equal(owners[k].code, "owner.helm"))
				state->owner = owners[k].name;
	}
}

static bool
release_state(struct arena *arena, struct state *state, const struct target *t,
    const struct facts *facts, struct error *err)
{
	_cleanup_(text_clear) struct text out = TEXT_INIT_LIMIT(KILOBYTES(4));
	const struct revision *now;
	struct history history;

	if (!release_read(arena, &history, t, facts, err))
		return false;
	if ((now = history.now) == NULL)
		return failed(err, "the release %s has no history", t->name);
	*state = (struct state){ .pending = helm_is_pending(now->status) };
	text_printf(&out, "revision %lld, %s, is %s", (long long)now->number,
	    now->version != NULL ? now->version : "no version", now->status);
	count_live(arena, state, facts, &out);
	state->summary = arena_copy(arena, out.data, out.length);
	return true;
}

const struct driver driver_helm = {
	.secrets = helm_secrets,
	.name = "helm",
	.tool = "helm",
	.noun = "release",
	.rights = helm_rights,
	.hooks = true,
	.look = helm_look,
	.read = release_read,
	.state = release_state,
	.guard = helm_guard,
	.differ = helm_differ,
	.change = helm_change,
};

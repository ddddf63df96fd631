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

/* ---- looking ------------------------------------------------------------------------------- */

static void
ask(struct plan *plan, const struct facts *facts, const char *name, char **argv)
{
	if (!facts_have(facts, name))
		plan_look(plan, .name = name, .argv = argv, .limit = HELM_READ,
		    .title = say(plan->arena, "Look at %s", name));
}

static void
ask_revision(struct plan *plan, const struct target *t, const struct facts *facts,
    const char *what, int64_t revision)
{
	ask(plan, facts, helm_fact(plan->arena, what, revision), helm_get(plan, t, what, revision));
}

static void
look_around(struct plan *plan, const struct target *t, const struct facts *facts)
{
	ask(plan, facts, "autoscalers", helm_list(plan, t, "horizontalpodautoscalers", NULL));
	ask(plan, facts, "canaries", helm_list(plan, t, "canaries.flagger.app", NULL));
	ask(plan, facts, "rollouts", helm_list(plan, t, "rollouts.argoproj.io", NULL));
}

/* Is it a revision that somebody may want to go back to? */
static bool
worth_a_look(const cJSON *entry)
{
	const char *status = json_string_or(entry, "status", "unknown");

	return string_equal(status, "deployed") || string_equal(status, "superseded");
}

static void
look_manifests(struct plan *plan, const struct target *t, const struct facts *facts,
    const cJSON *history, bool all)
{
	int64_t last = helm_number(helm_last(history));
	const cJSON *entry;

	if (last > 0)
		ask_revision(plan, t, facts, "manifest", last);
	json_each(entry, history) {
		int64_t number = helm_number(entry);

		if (all && number > 0 && number > last - HELM_MANIFESTS && worth_a_look(entry))
			ask_revision(plan, t, facts, "manifest", number);
	}
}

struct names {
	const char **item;
	size_t count, size;
};

static void
add_name(struct plan *plan, struct names *names, const char *name)
{
	for (size_t i = 0; i < names->count; i++)
		if (string_equal(names->item[i], name))
			return;
	if (names->count < 60 && value_fits(VALUE_NAME, NULL, strchr(name, '/') + 1))
		*ARENA_GROW(plan->arena, names) = name;
}

static void
add_workloads(struct plan *plan, struct names *names, const struct manifest *manifest)
{
	for (size_t i = 0; i < manifest->count; i++)
		if (manifest->item[i].workload)
			add_name(plan, names, workload_object(plan->arena, &manifest->item[i]));
}

/* What fits one command line, then the next; beyond four nobody looks. */
static void
ask_references(struct plan *plan, const struct target *t, const struct facts *facts,
    const struct manifest *manifest)
{
	struct needed needed;

	helm_needed(plan, &needed, manifest);
	for (size_t i = 0; i < needed.count && i < HELM_REFERENCES * HELM_REFERENCE_READS; i += HELM_REFERENCES) {
		size_t rest = needed.count - i;

		ask(plan, facts, helm_references(plan->arena, i),
		    helm_objects(plan, t, needed.item + i, rest < HELM_REFERENCES ? rest : HELM_REFERENCES, true));
	}
}

/* A StatefulSet that waits for a pod: which one, its pods tell (KC13). */
static void
look_stuck(struct plan *plan, const struct target *t, const struct facts *facts)
{
	const cJSON *live = helm_surrounding(facts, "live");
	struct workload w;

	for (size_t i = 0; i < items_count(live); i++)
		if (workload_read(plan->arena, &w, items_at(live, i), NULL) &&
		    string_equal(w.kind, "StatefulSet") && w.ready < w.wanted)
			ask(plan, facts, "pods", helm_list(plan, t, "pods", NULL));
}

/* The workloads of one manifest or of both; the references of the one to go back to. */
static bool
look_live(struct plan *plan, const struct target *t, const struct facts *facts, int64_t last,
    const struct revision *to, struct error *err)
{
	_cleanup_(manifest_clear) struct manifest now = { .count = 0 }, then = { .count = 0 };
	const char *text =
	    helm_answer_text(facts, t, helm_fact(plan->arena, "manifest", last), err);
	struct names live = { NULL, 0, 0 };

	if (text == NULL || !manifest_read(plan->arena, &now, text, t->namespace, err))
		return false;
	add_workloads(plan, &live, &now);
	if (to != NULL) {
		text =
		    helm_answer_text(facts, t, helm_fact(plan->arena, "manifest", to->number), err);
		if (text == NULL || !manifest_read(plan->arena, &then, text, t->namespace, err))
			return false;
		add_workloads(plan, &live, &then);
	}
	if (live.count > 0)
		ask(plan, facts, "live", helm_objects(plan, t, live.item, live.count, false));
	look_stuck(plan, t, facts);
	if (to != NULL)
		ask_references(plan, t, facts, &then);
	return true;
}

static bool
release_look(struct plan *plan, const struct target *t, enum look_for what,
    const struct facts *facts, const struct revision *to, struct error *err)
{
	const cJSON *history;
	int64_t last;

	ask(plan, facts, "identity", plan_argv(plan, "kubectl", "get", "-o=json",
	    "--request-timeout=10s", "--", "namespace/kube-system", NULL));
	ask(plan, facts, "history", helm_history(plan, t));
	ask(plan, facts, "helm-version", helm_version(plan));
	if (what != LOOK_HISTORY)
		look_around(plan, t, facts);
	if (!facts_have(facts, "history"))
		return true;
	if ((history = helm_answer(facts, t, "history", err)) == NULL)
		return false;
	if ((last = helm_number(helm_last(history))) == 0)
		return failed(err, "the release %s has no history", t->name);
	look_manifests(plan, t, facts, history, what != LOOK_STATE);
	if (what == LOOK_CHANGE && to != NULL) {
		ask_revision(plan, t, facts, "manifest", to->number);
		ask_revision(plan, t, facts, "values", last);
		ask_revision(plan, t, facts, "values", to->number);
		ask_revision(plan, t, facts, "hooks", last);
		ask_revision(plan, t, facts, "hooks", to->number);
		ask_revision(plan, t, facts, "metadata", to->number);
		ask(plan, facts, "may",
		    plan_argv(plan, "kubectl", "auth", "can-i", "-n", t->namespace,
			"--request-timeout=10s", "--", "patch", "deployments", NULL));
		if (helm_records_in_secrets(t))
			ask(plan, facts, "may-record",
			    plan_argv(plan, "kubectl", "auth", "can-i", "-n", t->namespace,
				"--request-timeout=10s", "--", "create", "secrets", NULL));
		ask(plan, facts, "api-versions", plan_argv(plan, "kubectl", "api-versions",
		    "--request-timeout=10s", NULL));
	}
	if (what == LOOK_HISTORY || (what == LOOK_CHANGE && to == NULL) ||
	    !facts_have(facts, helm_fact(plan->arena, "manifest", last)) ||
	    (to != NULL && !facts_have(facts, helm_fact(plan->arena, "manifest", to->number))))
		return true;
	return look_live(plan, t, facts, last, to, err);
}

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
	revision->failed = !worth_a_look(entry);
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
	.look = release_look,
	.read = release_read,
	.state = release_state,
	.guard = helm_guard,
	.differ = helm_differ,
	.change = helm_change,
};

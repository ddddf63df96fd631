/*
 * helm_look.c - what is asked about a release, round by round (decision E2).
 *
 * First its history; then, by the numbers in it, the manifests; then what both ends of the way hold and what
 * is live.  A revision is an object of the cluster that Helm never changes but for its status, and that others
 * could (CH1): before a change the versions of these objects are asked for beside the history, and what was
 * read of a revision after that stays true while its object is the same.
 */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "helm_parts.h"

#define RECORDS "release-records"

static void
ask(struct plan *plan, const struct facts *facts, const char *name, char **argv)
{
	if (!facts_have(facts, name))
		plan_look(plan, .name = name, .argv = argv, .limit = HELM_READ,
		    .title = say(plan->arena, "Look at %s", name));
}

/* What only surrounds the release, or is the tool's own. */
static void
ask_around(struct plan *plan, const struct facts *facts, const char *name, char **argv)
{
	if (!facts_have(facts, name))
		plan_look(plan, .name = name, .argv = argv, .limit = HELM_READ, .lasting = true,
		    .title = say(plan->arena, "Look at %s", name));
}

/* Is the object that helm takes the revision from, by its name alone, among those whose versions are known? */
static bool
has_record(struct plan *plan, const struct target *t, const struct facts *facts, int64_t revision)
{
	const struct fact *records = facts_find(facts, RECORDS);
	const char *name = plan_arg(plan, "sh.helm.release.v1.%s.v%lld ", t->name, (long long)revision), *line;

	if (records == NULL || records->exit != 0)
		return false;
	for (line = records->out; *line != '\0'; line += strcspn(line, "\n"), line += *line == '\n')
		if (string_starts(line, name))
			return true;
	return false;
}

static void
ask_revision(struct plan *plan, const struct target *t, const struct facts *facts,
    const char *what, int64_t revision)
{
	const char *name = helm_fact(plan->arena, what, revision);

	if (!facts_have(facts, name))
		plan_look(plan, .name = name, .argv = helm_get(plan, t, what, revision), .limit = HELM_READ,
		    .under = has_record(plan, t, facts, revision) ? RECORDS : NULL,
		    .title = say(plan->arena, "Look at %s", name));
}

static void
look_around(struct plan *plan, const struct target *t, const struct facts *facts)
{
	ask_around(plan, facts, "autoscalers", helm_list(plan, t, "horizontalpodautoscalers", NULL));
	ask_around(plan, facts, "canaries", helm_list(plan, t, "canaries.flagger.app", NULL));
	ask_around(plan, facts, "rollouts", helm_list(plan, t, "rollouts.argoproj.io", NULL));
}

bool
helm_worth_a_look(const cJSON *entry)
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

		if (all && number > 0 && number > last - HELM_MANIFESTS && helm_worth_a_look(entry))
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

static void
look_first(struct plan *plan, const struct target *t, enum look_for what, const struct facts *facts)
{
	const char *records = helm_record_kind(t);

	ask(plan, facts, "identity", plan_argv(plan, "kubectl", "get", "-o=json",
	    "--request-timeout=10s", "--", "namespace/kube-system", NULL));
	ask(plan, facts, "history", helm_history(plan, t));
	ask_around(plan, facts, "helm-version", helm_version(plan));
	if (what == LOOK_CHOICE && records != NULL)
		ask(plan, facts, RECORDS, helm_records(plan, t, records));
	if (look_is_wide(what))
		look_around(plan, t, facts);
}

/* Both ends of the way, and whether we may go it. */
static void
look_way(struct plan *plan, const struct target *t, const struct facts *facts, int64_t last, int64_t to)
{
	static const char *const of_both[] = { "values", "hooks" };

	ask_revision(plan, t, facts, "manifest", to);
	for (size_t i = 0; i < COUNT(of_both); i++) {
		ask_revision(plan, t, facts, of_both[i], last);
		ask_revision(plan, t, facts, of_both[i], to);
	}
	ask_revision(plan, t, facts, "metadata", to);
	ask_around(plan, facts, "may",
	    plan_argv(plan, "kubectl", "auth", "can-i", "-n", t->namespace,
		"--request-timeout=10s", "--", "patch", "deployments", NULL));
	if (string_equal(helm_record_kind(t), "secrets"))
		ask_around(plan, facts, "may-record",
		    plan_argv(plan, "kubectl", "auth", "can-i", "-n", t->namespace,
			"--request-timeout=10s", "--", "create", "secrets", NULL));
	ask_around(plan, facts, "api-versions", plan_argv(plan, "kubectl", "api-versions",
	    "--request-timeout=10s", NULL));
}

bool
helm_look(struct plan *plan, const struct target *t, enum look_for what, const struct facts *facts,
    const struct revision *to, struct error *err)
{
	const cJSON *history;
	int64_t last;

	look_first(plan, t, what, facts);
	if (!facts_have(facts, "history"))
		return true;
	if ((history = helm_answer(facts, t, "history", err)) == NULL)
		return false;
	if ((last = helm_number(helm_last(history))) == 0)
		return failed(err, "the release %s has no history", t->name);
	look_manifests(plan, t, facts, history, what != LOOK_STATE);
	if (what == LOOK_CHANGE && to != NULL)
		look_way(plan, t, facts, last, to->number);
	if (!look_is_wide(what) || (what == LOOK_CHANGE && to == NULL) ||
	    !facts_have(facts, helm_fact(plan->arena, "manifest", last)) ||
	    (to != NULL && !facts_have(facts, helm_fact(plan->arena, "manifest", to->number))))
		return true;
	return look_live(plan, t, facts, last, to, err);
}

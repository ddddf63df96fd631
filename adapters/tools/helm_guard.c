/*
 * helm_guard.c - what is refused before a release is taken back, and what is remarked.
 *
 * Whoever may write Secrets in the namespace can write a revision, and the rollback applies it with
 * our rights (CH1): so kinds that give power, other namespaces and everything that cannot be
 * brought back refuse.  What helm itself would refuse half way (HM16, HM17) refuses here, before
 * anything changed.
 */
#include <string.h>

#include "base/text.h"
#include "base/unicode.h"
#include "base/when.h"
#include "helm_parts.h"

static const char *const usual[] = { "Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Pod",
	"Job", "CronJob", "Service", "ConfigMap", "Secret", "Ingress", "HorizontalPodAutoscaler",
	"PodDisruptionBudget", "ServiceAccount", "NetworkPolicy", NULL };
static const char *const powerful[] = { "Role", "RoleBinding", "ClusterRole", "ClusterRoleBinding",
	"CustomResourceDefinition", "MutatingWebhookConfiguration",
	"ValidatingWebhookConfiguration", "MutatingAdmissionPolicy",
	"MutatingAdmissionPolicyBinding", "ValidatingAdmissionPolicy",
	"ValidatingAdmissionPolicyBinding", "APIService", "Namespace", "PersistentVolume",
	"StorageClass", "PriorityClass", "CertificateSigningRequest", NULL };
static const char *const precious[] = { "PersistentVolumeClaim", "PersistentVolume", "Namespace",
	"CustomResourceDefinition", NULL };

/* ---- its objects ----------------------------------------------------------------------------- */

/* Those that admit privileged pods into a namespace, and that make a role part of another one. */
static bool
labels_differ(const cJSON *one, const cJSON *other)
{
	const cJSON *label;

	json_each(label, json_at(one, "metadata.labels"))
		if ((string_starts(label->string, "pod-security.kubernetes.io/") ||
		    string_starts(label->string, "rbac.authorization.k8s.io/")) &&
		    !string_equal(metadata_of(other, "labels", label->string),
			cJSON_IsString(label) ? label->valuestring : NULL))
			return true;
	return false;
}

/* Labels and annotations change with every chart; but for a few they give no power. */
static bool
content_differs(const struct object *now, const struct object *to)
{
	const cJSON *member;

	if (now == NULL || labels_differ(now->json, to->json) || labels_differ(to->json, now->json))
		return true;
	json_each(member, to->json)
		if (!string_equal(member->string, "metadata") &&
		    !cJSON_Compare(
			member, cJSON_GetObjectItemCaseSensitive(now->json, member->string), true))
			return true;
	json_each(member, now->json)
		if (!string_equal(member->string, "metadata") &&
		    cJSON_GetObjectItemCaseSensitive(to->json, member->string) == NULL)
			return true;
	return false;
}

static void
add_name(struct text *list, const char *name)
{
	text_printf(list, "%s%s", list->length > 0 ? ", " : "", name);
}

bool
helm_gives_power(const struct object *object, const struct target *t)
{
	return string_in(object->kind, powerful) || !string_equal(object->namespace, t->namespace);
}

static bool
guard_kinds(struct plan *plan, const struct way *way, const struct target *t, struct error *err)
{
	_cleanup_(text_clear) struct text unusual = TEXT_INIT_LIMIT(300), power = TEXT_INIT_LIMIT(300);

	for (size_t i = 0; i < way->to.count; i++) {
		const struct object *to = &way->to.item[i], *now = manifest_find(&way->now, to);
		bool strong = helm_gives_power(to, t), differs = content_differs(now, to);

		if (strong && differs)
			return refuse(err,
			    "the rollback would %s %s%s%s, which rollcall never does; roll back "
			    "%s by hand, or take another revision",
			    now == NULL ? "create" : "change", to->label,
			    string_equal(to->namespace, t->namespace) ? "" : " in namespace ",
			    string_equal(to->namespace, t->namespace) ? "" : to->namespace,
			    t->name);
		if (strong)
			add_name(&power, to->label);
		else if (differs && !string_in(to->kind, usual))
			add_name(&unusual, to->label);
	}
	if (unusual.length > 0)
		plan_remark(plan, REMARK_CHECK, "release.kinds", "Also changes: %s", unusual.data);
	if (power.length > 0)
		plan_remark(
		    plan, REMARK_NOTE, "release.powers", "Also holds, unchanged: %s", power.data);
	return true;
}

/* HM12 */
static bool
guard_deletions(struct plan *plan, const struct way *way, struct error *err)
{
	_cleanup_(text_clear) struct text list = TEXT_INIT_LIMIT(300);
	size_t count = 0;

	for (size_t i = 0; i < way->now.count; i++) {
		const struct object *now = &way->now.item[i];

		if (now->kept || manifest_find(&way->to, now) != NULL)
			continue;
		if (volumes_go(now->json, "whenDeleted"))
			return refuse(err,
			    "the rollback would delete %s and, by its persistentVolumeClaimRetentionPolicy, its volumes with "
			    "what is in them; set whenDeleted to Retain first", now->label);
		if (string_in(now->kind, precious))
			return refuse(err,
			    "the rollback would delete %s, with what is in it; keep it first (the "
			    "annotation helm.sh/resource-policy: keep, by an upgrade)",
			    now->label);
		count++;
		add_name(&list, now->label);
	}
	if (count > 0)
		plan_remark(plan, REMARK_CHECK, "release.deletes", "%zu %s: %s", count,
		    count == 1 ? "object goes" : "objects go", list.data);
	return true;
}

/* HM17: the API server would refuse these after others were changed. */
static const struct {
	const char *kind, *path;
} fixed[] = {
	{ "Deployment", "spec.selector" },
	{ "DaemonSet", "spec.selector" },
	{ "StatefulSet", "spec.selector" },
	{ "StatefulSet", "spec.serviceName" },
	{ "StatefulSet", "spec.volumeClaimTemplates" },
	{ "StatefulSet", "spec.podManagementPolicy" },
	{ "Job", "spec.template" },
	{ "Job", "spec.selector" },
	{ "Service", "spec.clusterIP" },
	{ "PersistentVolumeClaim", "spec.accessModes" },
	{ "PersistentVolumeClaim", "spec.storageClassName" },
	{ "RoleBinding", "roleRef" },
	{ "ClusterRoleBinding", "roleRef" },
};

static bool
guard_fixed(const struct way *way, struct error *err)
{
	for (size_t i = 0; i < way->to.count; i++) {
		const struct object *to = &way->to.item[i], *now = manifest_find(&way->now, to);

		for (size_t k = 0; now != NULL && k < COUNT(fixed); k++) {
			const cJSON *a = json_at(now->json, fixed[k].path),
				    *b = json_at(to->json, fixed[k].path);

			if (string_equal(to->kind, fixed[k].kind) && (a != NULL || b != NULL) &&
			    !cJSON_Compare(a, b, true))
				return refuse(err,
				    "the rollback would fail half way: %s of %s differs, and the "
				    "cluster lets nobody change it",
				    fixed[k].path, to->label);
		}
	}
	return true;
}

static bool
line_of(const char *lines, const char *line)
{
	size_t length = strlen(line);

	for (; *lines != '\0'; lines += strcspn(lines, "\n"), lines += *lines == '\n')
		if (strncmp(lines, line, length) == 0 && strchr("\r\n", lines[length]) != NULL)
			return true;
	return false;
}

/* HM16 */
static bool
guard_versions(const struct way *way, const struct facts *facts, struct error *err)
{
	const struct fact *served = facts_find(facts, "api-versions");

	if (served == NULL || served->exit != 0 || served->length == 0)
		return true;
	for (size_t i = 0; i < way->to.count; i++)
		if (!line_of(served->out, way->to.item[i].version))
			return refuse(err, "%s needs %s, which the cluster does not serve any more",
			    way->to.item[i].label, way->to.item[i].version);
	/* Helm builds the objects of both before it changes any. */
	for (size_t i = 0; i < way->now.count; i++)
		if (!line_of(served->out, way->now.item[i].version))
			return refuse(err, "%s of the present revision needs %s, which the cluster does not serve any "
			    "more, so Helm cannot go back from it; upgrade to a chart without it first",
			    way->now.item[i].label, way->now.item[i].version);
	return true;
}

/* ---- what surrounds it ----------------------------------------------------------------------- */

static void
remark_live(struct plan *plan, const struct facts *facts)
{
	const cJSON *live = helm_surrounding(facts, "live");
	const struct fact *seen = facts_find(facts, "live");
	struct owner owners[OWNERS];
	struct workload w;
	const char *stands;
	size_t count;

	if (seen != NULL && (seen->exit != 0 || seen->cut))
		unseen_remark(plan, facts, "live");
	if (items_count(live) > 0) {
		unseen_remark(plan, facts, "canaries");
		unseen_remark(plan, facts, "rollouts");
	}
	for (size_t i = 0; i < items_count(live); i++) {
		if (!workload_read(plan->arena, &w, items_at(live, i), NULL))
			continue;
		if (workload_in_progress(&w)) {
			workload_done(plan->arena, &w, &stands);
			plan_remark(plan, REMARK_NOTE, "rollout.in_progress",
			    "%s %s is rolling out: %s. This takes its place", w.kind, w.name,
			    stands);
		}
		count = owners_read(plan->arena, owners, w.object,
		    helm_surrounding(facts, "canaries"), helm_surrounding(facts, "rollouts"));
		for (size_t k = 0; k < count; k++)
			if (!string_equal(owners[k].code, "owner.helm"))
				plan_remark(plan, owners[k].level, owners[k].code, "%s %s: %s",
				    w.kind, w.name, owners[k].text);
	}
}

/* How many it asks for now; -1: it is not there. */
static int
live_replicas(const struct facts *facts, const struct object *object)
{
	const cJSON *live = helm_surrounding(facts, "live");

	for (size_t i = 0; i < items_count(live); i++)
		if (string_equal(json_string(items_at(live, i), "kind"), object->kind) &&
		    string_equal(json_string(items_at(live, i), "metadata.name"), object->name))
			return (int)json_integer(items_at(live, i), "spec.replicas", -1);
	return -1;
}

static bool
is_autoscaled(const struct facts *facts, const struct object *object)
{
	const cJSON *scalers = helm_surrounding(facts, "autoscalers");

	for (size_t i = 0; i < items_count(scalers); i++)
		if (string_equal(json_string(items_at(scalers, i), "spec.scaleTargetRef.kind"),
			object->kind) &&
		    string_equal(json_string(items_at(scalers, i), "spec.scaleTargetRef.name"),
			object->name))
			return true;
	return false;
}

/*
 * What a rollback sets (HM18): the number that the chart has, whoever changed it since.  A number that only the
 * present revision has is taken away, and the cluster puts 1 in its place: so it is where a revision without an
 * autoscaler goes back to one with it.  NULL: it leaves the number alone.
 */
static const char *
replicas_after(const struct way *way, const struct object *to)
{
	const struct object *now = manifest_find(&way->now, to);

	if (!to->workload || json_string(to->json, "spec.replicas") != NULL)
		return json_string(to->json, "spec.replicas");
	return now != NULL && json_string(now->json, "spec.replicas") != NULL ? "1" : NULL;
}

static int64_t
number_of(const char *replicas)
{
	int64_t number = INT32_MAX;

	string_number(replicas, 0, INT32_MAX, &number);
	return number;
}

static void
remark_replicas(struct plan *plan, const struct way *way, const struct facts *facts)
{
	for (size_t i = 0; i < way->to.count; i++) {
		const struct object *to = &way->to.item[i];
		const char *replicas = replicas_after(way, to);
		int now = to->workload && replicas != NULL ? live_replicas(facts, to) : -1;
		const struct object *before = manifest_find(&way->now, to);
		const char *why = json_string(to->json, "spec.replicas") == NULL ? ", since that revision names no number" : "";

		if (now < 0 || string_equal(plan_arg(plan, "%d", now), replicas))
			continue;
		if (is_autoscaled(facts, to))
			plan_remark(plan, REMARK_CHECK, "replicas.reset",
			    "%s has %d pods by its autoscaler; the rollback sets %s%s, then the autoscaler its "
			    "own number again",
			    to->label, now, replicas, why);
		else
			plan_remark(plan, REMARK_CHECK, "replicas.reset",
			    "%s has %d pods; the rollback sets %s%s", to->label, now, replicas, why);
		if (number_of(replicas) < now && (volumes_go(to->json, "whenScaled") ||
		    (before != NULL && volumes_go(before->json, "whenScaled"))))
			plan_remark(plan, REMARK_STOP, "replicas.volumes", "%s: " VOLUMES_GO, to->label);
	}
}

/* KC14 */
static bool
guard_references(struct plan *plan, const struct way *way, const struct target *t,
    const struct facts *facts, struct error *err)
{
	_cleanup_(text_clear) struct text missing = TEXT_INIT_LIMIT(300);
	struct needed needed;
	size_t unseen = 0;

	helm_needed(plan, &needed, &way->to);
	for (size_t i = 0; i < needed.count; i++) {
		const struct fact *there = facts_find(facts, helm_references(plan->arena, i));
		const char *name = strchr(needed.item[i], '/') + 1;
		const char *kind = plan_arg(plan, "%.*s", (int)(name - 1 - needed.item[i]), needed.item[i]);

		if (there == NULL || there->exit != 0 || there->cut)
			unseen++;
		else if (!names_have(there->out, kind, name))
			add_name(&missing, plan_arg(plan, "%s %s", kind, name));
	}
	if (unseen > 0)
		plan_remark(plan, REMARK_CHECK, "references.unseen",
		    "Not seen whether %zu of the %zu ConfigMaps, Secrets and others that it needs are still there",
		    unseen, needed.count);
	return missing.length == 0 ||
	    refuse(err,
		"the revision of %s needs what is gone: %s; put it back, "
		"or take another revision",
		t->name, missing.data);
}

static bool
said_no(const struct facts *facts, const char *name)
{
	const struct fact *fact = facts_find(facts, name);

	return fact != NULL && fact->exit == 1 && string_starts(fact->out, "no");
}

static bool
guard_rights(const struct target *t, const struct facts *facts, struct error *err)
{
	if (said_no(facts, "may-record"))	/* HM20 */
		return refuse(err,
		    "our account may not create Secrets in namespace %s of cluster %s, where Helm keeps "
		    "its releases; whoever looks after the cluster can allow it",
		    t->namespace, t->cluster->name);
	if (!said_no(facts, "may"))
		return true;
	return refuse(err,
	    "our account may not change deployments in namespace %s of cluster %s; whoever "
	    "looks after the cluster can allow it",
	    t->namespace, t->cluster->name);
}

/* ---- all of it ------------------------------------------------------------------------------- */

static bool
guard_identity(struct plan *plan, const struct target *t, const struct facts *facts,
    struct error *err)
{
	const cJSON *answer = helm_answer(facts, t, "identity", err);
	const char *uid = json_string(answer, "metadata.uid");

	if (answer == NULL)
		return false;
	if (uid == NULL)
		return failed(err, "the cluster %s does not say which one it is", t->cluster->name);
	plan->identity = arena_strdup(plan->arena, uid);
	return true;
}

bool
helm_guard(struct plan *plan, const struct target *t, const struct facts *facts,
    const struct revision *to, struct error *err)
{
	_cleanup_(way_clear) struct way way = { .kept = 0 };
	const cJSON *history = helm_answer(facts, t, "history", err), *last = helm_last(history);

	if (last == NULL || !guard_identity(plan, t, facts, err) || !guard_rights(t, facts, err) ||
	    !helm_guard_pending(plan, t, facts, last, err) ||
	    !way_read(plan->arena, &way, t, facts, to, err))
		return false;
	if (to->status != NULL && helm_is_pending(to->status))
		return refuse(err, "revision %lld of %s never finished (%s)", (long long)to->number,
		    t->name, to->status);
	if (!guard_kinds(plan, &way, t, err) || !guard_deletions(plan, &way, err) ||
	    !guard_fixed(&way, err) || !guard_versions(&way, facts, err) ||
	    !guard_references(plan, &way, t, facts, err))
		return false;
	helm_remark_failed(plan, last);
	remark_live(plan, facts);
	remark_replicas(plan, &way, facts);
	if (items_count(helm_surrounding(facts, "live")) > 0)
		unseen_note(plan, facts, t->namespace, false);
	helm_remark_rolls(plan, t, &way, facts);
	helm_conflicts(plan, &way, facts, to, true);
	return helm_hooks(plan, &way, t, facts, err);
}

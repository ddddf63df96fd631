/*
 * doctor_ward.c - the doctor's rounds through tools, clusters and rights.
 *
 * A round is a list of questions, each one read of a tool; all are asked side by side, and their answers
 * are told in the order of the questions.  First the version of each tool that a target needs, then whether
 * each cluster is there, then, where it is, each right that the targets need, asked once for each namespace,
 * and last whether the targets are there (doctor_targets.c).
 */

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/unicode.h"
#include "base/text.h"
#include "doctor_ward.h"
#include "parse.h"

#define LIMIT SECONDS(20)
#define KEEP KILOBYTES(256)

/* ---- asking ---- */

static void
tell_all(struct doctor *d)
{
	struct ward *w = d->ward;
	void (*next)(struct doctor *) = w->next;

	for (size_t i = 0; i < w->questions.count; i++)
		w->questions.item[i]->tell(w->questions.item[i]);
	w->questions.count = 0;
	next(d);
}

/* The last line that the tool wrote, which is its reason, cleaned. */
static const char *
last_line(struct arena *arena, const char *text)
{
	size_t length = strlen(text), begin;

	while (length > 0 && strchr("\r\n ", text[length - 1]) != NULL)
		length--;
	for (begin = length; begin > 0 && text[begin - 1] != '\n';)
		begin--;
	if (length == begin)
		return "it gave no reason";
	return foreign_text(arena, text + begin, length - begin > 300 ? 300 : length - begin);
}

static void
on_answer(void *arg, const struct job_result *result)
{
	struct question *q = arg;
	struct arena *arena = q->doctor->arena;

	q->exit = result->exit;
	q->out = arena_copy(arena, result->out != NULL ? result->out : "", result->length);
	q->length = result->length;
	q->errors = arena_strdup(arena, result->errors != NULL ? result->errors : "");
	if (result->late)
		q->failure = "no answer within 20 s";
	else if (result->exit < 0)
		q->failure = arena_strdup(arena, result->error.text);
	if (--q->doctor->ward->left == 0)
		tell_all(q->doctor);
}

struct question *
ward_ask(struct doctor *d, struct question question)
{
	struct question *q = arena_new_of(d->arena, struct question);

	*q = question;
	q->doctor = d;
	*ARENA_GROW(d->arena, &d->ward->questions) = q;
	return q;
}

/* All at once; the limit on children is the jobs' own. */
void
ward_round(struct doctor *d, void (*next)(struct doctor *))
{
	struct ward *w = d->ward;

	w->next = next;
	w->left = w->questions.count;
	if (w->left == 0) {
		next(d);
		return;
	}
	for (size_t i = 0, count = w->left; i < count; i++) {
		struct question *q = w->questions.item[i];

		job_start(d->jobs, &(struct job_options){ .argv = q->argv, .cluster = q->cluster,
		    .configuration = d->configuration, .mask = secret_mask(), .limit = LIMIT,
		    .cancel = TERM,
		    .keep = KEEP, .done = on_answer, .arg = q });
	}
}

/* ---- rights ---- */

static void
judge_right(struct question *q)
{
	const struct right *r = q->right;
	const char *about = r->object != NULL ? arena_printf(q->doctor->arena, " %s", q->name) : "";
	const char *part =
	    r->subresource != NULL ? arena_printf(q->doctor->arena, "/%s", r->subresource) : "";

	if (q->failure == NULL && q->exit == 0)
		q->doctor->ward->granted++;
	else if (q->failure == NULL && q->exit == 1 && string_starts(q->out, "no"))
		doctor_say(q->doctor, MISSING, "cluster %s, namespace %s: may not %s %s%s%s, %s: "
		    "give our account "
		    "a Role with apiGroups [\"%s\"], resources [\"%s%s\"], verbs [\"%s\"]",
		    q->cluster->name, q->namespace, r->verb, r->resource, part, about,
		    r->purpose, r->group,
		    r->resource, part, r->verb);
	else
		doctor_say(q->doctor, UNASKED, "cluster %s, namespace %s: may it %s %s%s%s? %s",
		    q->cluster->name,
		    q->namespace, r->verb, r->resource, part, about,
		    q->failure != NULL ? q->failure : last_line(q->doctor->arena, q->errors));
}

/* What is granted is one line for each target: dozens of good ones would hide the bad one. */
static void
tell_right(struct question *q)
{
	struct ward *w = q->doctor->ward;

	if (q->failure != NULL || q->tool->questions->no_such_kind == NULL ||
	    !q->tool->questions->no_such_kind(q->errors)) {
		w->rights++;
		judge_right(q);
	}
	if (!q->last)
		return;
	if (w->granted > 0)
		doctor_say(q->doctor, FOUND, "cluster %s, namespace %s: %d of %d rights for %s",
		    q->cluster->name,
		    q->namespace, w->granted, w->rights, q->target->key);
	w->rights = w->granted = 0;
}

static bool
is_asked(const struct ward *w, const struct question *new)
{
	for (size_t i = 0; i < w->questions.count; i++) {
		const struct question *q = w->questions.item[i];

		if (q->cluster == new->cluster && string_equal(q->namespace, new->namespace) &&
		    string_equal(q->right->verb, new->right->verb) &&
		    string_equal(q->right->resource, new->right->resource) &&
		    string_equal(q->right->subresource, new->right->subresource) &&
		    (new->right->object == NULL ? q->right->object == NULL : string_equal(q->name, new->name)))
			return true;
	}
	return false;
}

static const struct tool *
who_knows_rights(void)
{
	for (const struct tool *tool = tools_all(); tool != NULL && tool->name != NULL; tool++)
		if (tool->questions != NULL && tool->questions->may != NULL)
			return tool;
	return NULL;
}

static void
ask_rights_of(struct doctor *d, const struct target_setting *target, const struct cluster *cluster)
{
	const struct driver *driver = driver_find(target->driver);
	const struct tool *tool = who_knows_rights();
	struct question *last = NULL;

	for (const struct right *r = driver != NULL && tool != NULL ? driver->rights : NULL;
	     r != NULL && r->verb != NULL; r++) {
		struct question q = { .tool = tool, .cluster = cluster, .target = target,
		    .right = r,
			.namespace = target->namespace, .name = parse_target_name(target, cluster),
			    .tell = tell_right };

		if (is_asked(d->ward, &q))
			continue;
		q.argv = tool->questions->may(d->ward->plan, q.namespace, r, q.name);
		last = ward_ask(d, q);
	}
	if (last != NULL)
		last->last = true;
}

bool
ward_reaches(const struct ward *w, const struct cluster *cluster)
{
	for (size_t i = 0; i < w->there.count; i++)
		if (w->there.item[i] == cluster)
			return true;
	return false;
}

static void
ask_rights_in(struct doctor *d, const struct target_setting *target, const struct environment *e)
{
	for (const struct cluster *const *k = e->clusters; k != NULL && *k != NULL; k++)
		if (ward_reaches(d->ward, *k))
			ask_rights_of(d, target, *k);
}

static void
ask_rights(struct doctor *d)
{
	const struct configuration *c = d->configuration;

	for (size_t i = 0; i < c->targets.count; i++)
		for (const struct environment *const *e = c->targets.item[i].environments;
		     e != NULL && *e != NULL; e++)
			ask_rights_in(d, &c->targets.item[i], *e);
	ward_round(d, doctor_examine_targets);
}

/* ---- clusters ---- */

static void
tell_cluster(struct question *q)
{
	enum reached reached = q->failure == NULL
	    ? q->tool->questions->read_reach(q->exit, q->errors) : NOT_REACHED;
	const char *why = q->failure != NULL ? q->failure : last_line(q->doctor->arena, q->errors);
	const char *name = q->cluster->name;

	if (reached == REACHED || reached == REACHED_FORBIDDEN)
		*ARENA_GROW(q->doctor->arena, &q->doctor->ward->there) = q->cluster;
	if (reached == REACHED)
		doctor_say(q->doctor, FOUND, "cluster %s: it answers", name);
	else if (reached == REACHED_FORBIDDEN)
		doctor_say(q->doctor, MISSING, "cluster %s: may not get the namespace "
		    "kube-system, whose uid says "
		    "which cluster it is: give our account a ClusterRole with resources "
		    "[\"namespaces\"], "
		    "resourceNames [\"kube-system\"], verbs [\"get\"]", name);
	else if (reached == REACHED_UNKNOWN_US)
		doctor_say(q->doctor, MISSING, "cluster %s: it does not know our account: the "
		    "token or the "
		    "certificate of %s has expired or is of another cluster", name,
		    q->cluster->kubeconfig != NULL ? q->cluster->kubeconfig : "the pod");
	else if (string_starts(why, "cluster "))
		/* Of ourselves: nothing was tried, and it says whose kubeconfig it is. */
		doctor_say(q->doctor, MISSING, "%s", why);
	else
		doctor_say(q->doctor, MISSING, "cluster %s: not reached: %s", name, why);
}

static void
ask_clusters(struct doctor *d)
{
	const struct configuration *c = d->configuration;
	const struct tool *tool = who_knows_rights();
	const char *path = tool != NULL ? configuration_tool(c, tool->name) : NULL;

	for (size_t i = 0; i < c->clusters.count && path != NULL; i++)
		if (access(path, X_OK) != 0)
			doctor_say(d, UNASKED, "cluster %s: without %s",
			    c->clusters.item[i].name, tool->name);
		else
			ward_ask(d, (struct question){ .tool = tool, .cluster = &c->clusters.item[i],
			    .argv = tool->questions->reach(d->ward->plan), .tell = tell_cluster });
	ward_round(d, ask_rights);
}

/* ---- tools ---- */

static void
tell_version(struct question *q)
{
	const char *path = configuration_tool(q->doctor->configuration, q->tool->name);
	const char *version = q->failure == NULL && q->exit == 0
	    ? q->tool->questions->read_version(q->doctor->arena, q->out, q->length) : NULL;

	if (version != NULL)
		doctor_say(q->doctor, FOUND, "%s: %s (%s)", q->tool->name, version, path);
	else
		doctor_say(q->doctor, UNASKED, "%s: %s does not say its version: %s",
		    q->tool->name, path,
		    q->failure != NULL ? q->failure : last_line(q->doctor->arena, q->errors));
}

/* Whoever may write the program acts with its rights (AR5). */
static bool
examine_file(struct doctor *d, const struct tool *tool)
{
	const char *path = configuration_tool(d->configuration, tool->name);
	struct stat status;

	if (path == NULL || stat(path, &status) != 0)
		doctor_say(d, MISSING, "%s: %s is not there: install it, or say where it is in "
		    "tools.%s", tool->name,
		    path != NULL ? path : "it", tool->name);
	else if (!S_ISREG(status.st_mode) || access(path, X_OK) != 0)
		doctor_say(d, MISSING, "%s: %s is no program that user %u may run: chmod 755 %s",
		    tool->name, path,
		    (unsigned)geteuid(), path);
	else if (status.st_uid != 0 && status.st_uid != geteuid())
		doctor_say(d, MISSING, "%s: %s belongs to user %u, who could exchange it: chown "
		    "root %s", tool->name,
		    path, (unsigned)status.st_uid, path);
	else if ((status.st_mode & 022) != 0)
		doctor_say(d, MISSING, "%s: %s can be written by others (mode %o): chmod 755 %s",
		    tool->name, path,
		    (unsigned)status.st_mode & 07777, path);
	else
		return true;
	return path != NULL && access(path, X_OK) == 0;
}

static bool
is_needed(const struct configuration *c, const struct tool *tool)
{
	const struct driver *driver;

	if (tool == who_knows_rights())		/* every driver looks through it */
		return true;
	for (size_t i = 0; i < c->targets.count; i++) {
		driver = driver_find(c->targets.item[i].driver);
		if (driver != NULL && string_equal(driver->tool, tool->name))
			return true;
	}
	return false;
}

void
doctor_examine_tools(struct doctor *d)
{
	d->ward = arena_new_of(d->arena, struct ward);
	d->ward->plan = plan_new();
	for (const struct tool *tool = tools_all(); tool != NULL && tool->name != NULL; tool++) {
		if (tool->questions == NULL || !is_needed(d->configuration, tool) ||
		    !examine_file(d, tool))
			continue;
		ward_ask(d, (struct question){ .tool = tool,
		    .argv = tool->questions->version(d->ward->plan),
		    .tell = tell_version });
	}
	ward_round(d, ask_clusters);
}

void
doctor_forget_tools(struct doctor *d)
{
	if (d->ward != NULL)
		plan_free(d->ward->plan);
}

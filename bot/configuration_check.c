/* configuration_check.c - what takes more than one row to see: names twice, rules without effect. */

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/pattern.h"
#include "configuration_parts.h"
#include "driver.h"
#include "job.h"

/* ---- targets ---- */

/* What people may type: each must mean one target, whatever its case. */
struct typed {
	const char *name;
	bool alias;
	size_t target, order;
	const struct value *at;
};
struct typed_names {
	struct typed *item;
	size_t count, size;
};

static int
typed_compare(const void *one, const void *other)
{
	const struct typed *a = one, *b = other;
	int order = strcasecmp(a->name, b->name);

	if (order != 0)
		return order;
	if (a->alias != b->alias)
		return a->alias ? 1 : -1;
	return (a->order > b->order) - (a->order < b->order);
}

static void
typed_add(struct configuration *c, struct typed_names *names, size_t target,
    const struct value *value)
{
	const struct value *aliases = value_at(value, "aliases"), *alias;
	size_t order = names->count;

	*ARENA_GROW(c->arena, names) =
	    (struct typed){ c->targets.item[target].key, false, target, order, value };
	for (size_t i = 0; i < value_count(aliases); i++) {
		alias = value_item(aliases, i);
		order = names->count;
		*ARENA_GROW(c->arena, names) =
		    (struct typed){ value_string(alias), true, target, order, alias };
	}
}

/* Sorted, since there may be thousands. */
static void
check_typed(struct configuration *c, struct typed_names *names)
{
	const struct typed *first, *again;

	if (names->count > 0)
		qsort(names->item, names->count, sizeof(*names->item), typed_compare);
	for (size_t i = 1, same = 0; i < names->count; i++) {
		first = &names->item[same];
		again = &names->item[i];
		if (strcasecmp(first->name, again->name) != 0)
			same = i;
		else if (first->target != again->target)
			settings_problem(c->settings, again->at,
			    "found \"%s\", which is a name of the target %s, expected one that is free",
			    again->name, c->targets.item[first->target].key);
	}
}

static bool
has_name_in(const struct target_setting *target, const char *cluster)
{
	for (size_t i = 0; target->names[i].cluster != NULL; i++)
		if (string_equal(target->names[i].cluster, cluster))
			return true;
	return false;
}

static void
check_names(struct configuration *c, const struct target_setting *target, const struct value *value)
{
	if (target->names == NULL)
		return;
	for (size_t i = 0; target->environments[i] != NULL; i++)
		for (size_t j = 0; target->environments[i]->clusters[j] != NULL; j++)
			if (!has_name_in(target, target->environments[i]->clusters[j]->name))
				settings_problem(c->settings, value_at(value, "name"),
				    "found no name for the cluster %s, expected one",
				    target->environments[i]->clusters[j]->name);
}

static void
check_tool(struct configuration *c, const struct target_setting *target, const char **said)
{
	const struct driver *driver = target->driver != NULL ? driver_find(target->driver) : NULL;
	const char *path = driver != NULL ? configuration_tool(c, driver->tool) : NULL;

	if (path == NULL || access(path, X_OK) == 0 || string_equal(*said, driver->tool))
		return;
	*said = driver->tool;
	settings_warning(c->settings, NULL, "found no program %s (%s), which targets like %s need; "
	    "install it or set tools.%s", driver->tool, path, target->key, driver->tool);
}

static void
check_targets(struct configuration *c)
{
	const struct value *map = settings_at(c->settings, "targets"), *value;
	struct typed_names names = { 0 };
	const char *said = NULL;

	for (size_t i = 0; i < c->targets.count; i++) {
		const struct target_setting *target = &c->targets.item[i];

		value = value_item(map, i);
		typed_add(c, &names, i, value);
		check_names(c, target, value);
		check_tool(c, target, &said);
		if (!value_was_written(value, "environment") && target->environments[0] == NULL)
			settings_problem(c->settings, value, "found no environment, expected one of those "
			    "under environments, since there are several");
	}
	check_typed(c, &names);
}

/* ---- approvals ---- */

/* −1: nobody can count them, there are groups or rotas. */
static int
people_of(const struct configuration *c, const char *const *roles)
{
	int people = 0;

	for (size_t i = 0; roles[i] != NULL; i++)
		for (size_t j = 0; j < c->roles.count; j++) {
			const struct role *role = &c->roles.item[j];

			if (!string_equal(role->name, roles[i]))
				continue;
			if (role->groups != NULL || role->on_call != NULL)
				return -1;
			for (size_t u = 0; role->users != NULL && role->users[u] != NULL; u++)
				people++;
		}
	return people;
}

static void
check_approvals(struct configuration *c, const struct value *value, const char *const *approvers)
{
	const struct value *approvals = value_at(value, "approvals");
	int people;

	if (approvers == NULL || (people = people_of(c, approvers)) < 0)
		return;
	if (value_number(approvals) > people)
		settings_problem(c->settings, approvals, "found %.0f, expected at most %d, since the "
		    "approvers are no more people", value_number(approvals), people);
}

static void
check_environments(struct configuration *c)
{
	const struct value *map = settings_at(c->settings, "environments");

	for (size_t i = 0; i < c->environments.count; i++)
		check_approvals(c, value_item(map, i), c->environments.item[i].approvers);
}

/* ---- rules ---- */

static bool
fits_a_target(const struct configuration *c, const char *glob)
{
	for (size_t i = 0; i < c->targets.count; i++)
		if (glob_matches(glob, c->targets.item[i].key))
			return true;
	return false;
}

static const char *
nearest_target(struct configuration *c, const char *name)
{
	const char **keys = arena_alloc(c->arena, (c->targets.count + 1) * sizeof(*keys));

	for (size_t i = 0; i < c->targets.count; i++)
		keys[i] = c->targets.item[i].key;
	return string_nearest(name, keys);
}

static void
check_rule_targets(struct configuration *c, const struct value *globs)
{
	const struct value *glob;
	const char *near;

	for (size_t i = 0; i < value_count(globs); i++) {
		glob = value_item(globs, i);
		if (fits_a_target(c, value_string(glob)))
			continue;
		if (strpbrk(value_string(glob), "*?") != NULL) {
			settings_warning(c->settings, glob, "\"%s\" fits no target", value_string(glob));
			continue;
		}
		near = nearest_target(c, value_string(glob));
		settings_problem(c->settings, glob, "found \"%s\", expected a target%s%s",
		    value_string(glob), near != NULL ? ": " : " or a pattern with *",
		    near != NULL ? near : "");
	}
}

static void
check_rules(struct configuration *c)
{
	const struct value *list = settings_at(c->settings, "permissions"), *value;

	for (size_t i = 0; i < c->rules.count; i++) {
		value = value_item(list, i);
		check_rule_targets(c, value_at(value, "targets"));
		check_approvals(c, value, c->rules.item[i].approvers);
	}
}

static void
check_cluster(struct configuration *c, const struct cluster *cluster, const struct value *at)
{
	struct error err = ERROR_INIT;

	for (const struct tool *tool = tools_all(); tool != NULL && tool->name != NULL; tool++)
		if (tool->check != NULL && !tool->check(cluster, &err))
			settings_problem(c->settings, at, "%s", err.text);
}

static void
check_clusters(struct configuration *c)
{
	const struct value *map = settings_at(c->settings, "clusters");

	for (size_t i = 0; i < c->clusters.count && i < value_count(map); i++)
		check_cluster(c, &c->clusters.item[i], value_at(value_item(map, i), "kubeconfig"));
}

static void
check_warnings(struct configuration *c)
{
	if (c->targets.count == 0)
		settings_warning(c->settings, NULL,
		    "there are no targets, so nothing can be taken back");
	if (c->rules.count == 0)
		settings_warning(c->settings, NULL,
		    "there are no permissions: every member may look, only the role admin may change%s",
		    settings_at(c->settings, "roles.admin") == NULL ? ", and nobody has it" : "");
}

void
configuration_check(struct configuration *c)
{
	check_clusters(c);
	check_environments(c);
	check_targets(c);
	check_rules(c);
	check_warnings(c);
}

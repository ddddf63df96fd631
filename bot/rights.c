/* rights.c - the difference of two configurations' rights, as lines that a person can judge. */

#include <string.h>

#include "base/memory.h"
#include "rights.h"

struct difference {
	struct text wider, narrower, other;
	const struct configuration *before, *after;
};

/* ---- lists of names ---- */

static bool
has_name(const char *const *names, const char *name)
{
	return names != NULL && string_in(name, names);
}

static void
add_names(struct text *out, const char *const *names, const char *none)
{
	if (names == NULL || *names == NULL)
		text_add(out, none);
	for (size_t i = 0; names != NULL && names[i] != NULL; i++)
		text_printf(out, "%s%s", i > 0 ? ", " : "", names[i]);
}

static bool
same_list(const char *const *a, const char *const *b)
{
	_cleanup_(text_clear) struct text one = TEXT_INIT, two = TEXT_INIT;

	add_names(&one, a, "\n");	/* none is not an empty name */
	add_names(&two, b, "\n");
	return string_equal(one.data, two.data);
}

/* ---- roles ---- */

static const struct role *
role_of(const struct configuration *c, const char *name)
{
	for (size_t i = 0; i < c->roles.count; i++)
		if (string_equal(c->roles.item[i].name, name))
			return &c->roles.item[i];
	return NULL;
}

static void
add_once(struct text *out, const char *const *words)
{
	for (; words != NULL && *words != NULL; words++)
		if (strstr(out->data, *words) == NULL)
			text_printf(out, "%s%s", out->length > 0 ? ", " : "", *words);
}

/* "rollback, rollout; approves in production": what the role is worth. */
static void
add_worth(struct text *out, const struct configuration *c, const char *role)
{
	static const char *const all[] = { "*", NULL };
	_cleanup_(text_clear) struct text commands = TEXT_INIT, places = TEXT_INIT;

	for (size_t i = 0; i < c->rules.count; i++) {
		const struct rule *rule = &c->rules.item[i];

		if (rule->allow && has_name(rule->roles, role))
			add_once(&commands, rule->commands != NULL ? rule->commands : all);
		if (has_name(rule->approvers, role) && places.length == 0)
			text_add(&places, "where rules name it");
	}
	for (size_t i = 0; i < c->environments.count; i++)
		if (has_name(c->environments.item[i].approvers, role))
			text_printf(&places, "%s%s", places.length > 0 ? ", " : "",
			    c->environments.item[i].name);
	if (commands.length + places.length > 0)
		text_printf(out, ": %s%s%s%s", commands.data,
		    commands.length > 0 && places.length > 0 ? "; " : "",
		    places.length > 0 ? "approves in " : "", places.data);
}

/* Those of one list that the other has not. */
static void
add_members(struct text *out, const char *sign, const char *verb, const struct configuration *c,
    const char *role, const char *const *names, const char *const *but)
{
	for (; names != NULL && *names != NULL; names++) {
		if (has_name(but, *names))
			continue;
		text_printf(out, "%s%s %s the role %s", sign, *names, verb, role);
		add_worth(out, c, role);
		text_add(out, "\n");
	}
}

static void
compare_role(struct difference *d, const char *name, const struct role *before,
    const struct role *after)
{
	static const struct role nobody = { 0 };

	before = before != NULL ? before : &nobody;
	after = after != NULL ? after : &nobody;
	add_members(&d->wider, "+ ", "gained", d->after, name, after->users, before->users);
	add_members(&d->wider, "+ ", "gained", d->after, name, after->groups, before->groups);
	add_members(&d->narrower, "- ", "lost", d->before, name, before->users, after->users);
	add_members(&d->narrower, "- ", "lost", d->before, name, before->groups, after->groups);
}

static void
compare_roles(struct difference *d)
{
	for (size_t i = 0; i < d->after->roles.count; i++)
		compare_role(d, d->after->roles.item[i].name,
		    role_of(d->before, d->after->roles.item[i].name), &d->after->roles.item[i]);
	for (size_t i = 0; i < d->before->roles.count; i++)
		if (role_of(d->after, d->before->roles.item[i].name) == NULL)
			compare_role(d, d->before->roles.item[i].name, &d->before->roles.item[i], NULL);
}

/* ---- rules ---- */

static void
add_value(struct text *out, const struct value *value)
{
	if (value_string(value) != NULL) {
		text_add(out, value_string(value));
		return;
	}
	for (size_t i = 0; i < value_count(value); i++) {
		text_add(out, i > 0 ? ", " : "");
		if (value_key(value, i) != NULL)
			text_printf(out, "%s ", value_key(value, i));
		add_value(out, value_item(value, i));
	}
}

static void
add_part(struct text *out, const char *before, const char *const *names)
{
	if (names == NULL)
		return;
	text_add(out, before);
	add_names(out, names, "nothing");
}

static void
add_conditions(struct text *out, const struct rule *rule)
{
	if (rule->arguments != NULL) {
		text_add(out, ", only with ");
		add_value(out, rule->arguments);
	}
	if (rule->approvals > 0) {
		text_printf(out, ", after %d yes%s", rule->approvals, rule->approvals > 1 ? "es" : "");
		add_part(out, " of ", rule->approvers);
	}
	text_add(out, rule->now ? ", with now" : "");
	text_add(out, rule->reason_required ? ", with a reason" : "");
	text_add(out, rule->break_glass ? ", breaking the glass" : "");
}

/* Everything that a rule says but whether it allows: two that print alike are one. */
static char *
print_rule(const struct configuration *c, const struct rule *rule)
{
	struct text out = TEXT_INIT;
	const struct role *role;

	for (size_t i = 0; rule->roles != NULL && rule->roles[i] != NULL; i++) {
		text_printf(&out, "%s%s", i > 0 ? ", " : "", rule->roles[i]);
		if ((role = role_of(c, rule->roles[i])) == NULL)
			continue;
		text_add(&out, " (");
		add_names(&out, role->users, role->groups == NULL ? "nobody" : "");
		add_part(&out, role->users != NULL ? ", " : "", role->groups);
		text_add(&out, ")");
	}
	if (rule->roles == NULL)
		text_add(&out, "everybody");
	return text_take(&out);
}

static char *
print_what(const struct rule *rule)
{
	struct text out = TEXT_INIT;

	add_names(&out, rule->commands, "every command");
	add_part(&out, " of ", rule->targets);
	add_part(&out, " in ", rule->environments);
	add_part(&out, " from the channels ", rule->channels);
	add_conditions(&out, rule);
	return text_take(&out);
}

static bool
same_rule(const struct rule *a, const struct rule *b)
{
	_cleanup_(freep) char *one = print_what(a), *two = print_what(b);

	return a->allow == b->allow && same_list(a->roles, b->roles) && string_equal(one, two);
}

static bool
has_rule(const struct configuration *c, const struct rule *rule)
{
	for (size_t i = 0; i < c->rules.count; i++)
		if (same_rule(&c->rules.item[i], rule))
			return true;
	return false;
}

static void
add_rules(struct difference *d, const struct configuration *c, const struct configuration *but, bool new)
{
	for (size_t i = 0; i < c->rules.count; i++) {
		const struct rule *rule = &c->rules.item[i];
		_cleanup_(freep) char *who = NULL, *what = NULL;
		bool wider = rule->allow == new;

		if (has_rule(but, rule))
			continue;
		who = print_rule(c, rule);
		what = print_what(rule);
		text_printf(wider ? &d->wider : &d->narrower, "%s%s %s %s\n", wider ? "+ " : "- ", who,
		    !rule->allow ? new ? "may not any more:" : "is no longer refused:"
				 : new ? "may now:" : "may no longer, by a rule that is gone:",
		    what);
	}
}

static void
compare_rules(struct difference *d)
{
	const struct configuration *a = d->before, *b = d->after;
	size_t wider = d->wider.length, narrower = d->narrower.length;

	if (a->rules.count == 0 && b->rules.count > 0)
		text_add(&d->narrower, "- there are rules now: without any, members could read and admins change\n");
	if (a->rules.count > 0 && b->rules.count == 0)
		text_add(&d->wider, "+ there are no rules any more: members may read and admins change\n");
	add_rules(d, b, a, true);
	add_rules(d, a, b, false);
	if (d->wider.length > wider || d->narrower.length > narrower)
		return;
	/* The first rule that fits decides (P1): another order may be other rights. */
	for (size_t i = 0; i < a->rules.count && i < b->rules.count; i++)
		if (!same_rule(&a->rules.item[i], &b->rules.item[i])) {
			text_add(&d->wider, "+ the rules stand in another order; the first that fits decides\n");
			return;
		}
}

/* ---- environments and targets ---- */

static void
compare_approvals(struct difference *d, const struct environment *before,
    const struct environment *after)
{
	bool wider = after->approvals < before->approvals;
	static const char *const askers[] = { "whoever may ask", NULL };
	const char *const *old = before->approvers != NULL ? before->approvers : askers;
	const char *const *new = after->approvers != NULL ? after->approvers : askers;

	if (after->approvals != before->approvals)
		text_printf(wider ? &d->wider : &d->narrower, "%s%s asks for %d yes%s, it was %d\n",
		    wider ? "+ " : "- ", after->name, after->approvals,
		    after->approvals == 1 ? "" : "es", before->approvals);
	if (after->approvals == 0 && before->approvals == 0)
		return;
	for (size_t i = 0; new[i] != NULL; i++)
		if (!has_name(old, new[i]))
			text_printf(&d->wider, "+ %s may approve in %s\n", new[i], after->name);
	for (size_t i = 0; old[i] != NULL; i++)
		if (!has_name(new, old[i]))
			text_printf(&d->narrower, "- %s may not approve in %s any more\n", old[i], after->name);
}

static void
add_clusters(struct text *out, const struct environment *environment)
{
	for (size_t i = 0; environment->clusters[i] != NULL; i++)
		text_printf(out, "%s%s", i > 0 ? ", " : "", environment->clusters[i]->name);
}

static void
compare_environments(struct difference *d)
{
	for (size_t i = 0; i < d->after->environments.count; i++) {
		const struct environment *after = &d->after->environments.item[i];
		const struct environment *before = configuration_environment(d->before, after->name);
		_cleanup_(text_clear) struct text now = TEXT_INIT, then = TEXT_INIT;

		add_clusters(&now, after);
		if (before == NULL) {
			text_printf(&d->other, "~ the environment %s is new: %s\n", after->name, now.data);
			continue;
		}
		compare_approvals(d, before, after);
		add_clusters(&then, before);
		if (!string_equal(now.data, then.data))
			text_printf(&d->other, "~ %s runs in %s, it was %s\n", after->name, now.data,
			    then.data);
	}
	for (size_t i = 0; i < d->before->environments.count; i++)
		if (configuration_environment(d->after, d->before->environments.item[i].name) == NULL)
			text_printf(&d->other, "~ the environment %s is gone\n",
			    d->before->environments.item[i].name);
}

/* "deployment chatops/web in production, staging": what a right to it is a right to. */
static void
add_target(struct text *out, const struct target_setting *target)
{
	text_printf(out, "%s %s/%s", target->driver, target->namespace != NULL ? target->namespace : "-",
	    target->name != NULL ? target->name : target->key);
	for (size_t i = 0; target->names != NULL && target->names[i].cluster != NULL; i++)
		text_printf(out, " %s:%s", target->names[i].cluster, target->names[i].name);
	for (size_t i = 0; target->environments[i] != NULL; i++)
		text_printf(out, "%s%s", i > 0 ? ", " : " in ", target->environments[i]->name);
	add_part(out, " with ", target->workloads);
}

static void
compare_targets(struct difference *d)
{
	for (size_t i = 0; i < d->after->targets.count; i++) {
		const struct target_setting *after = &d->after->targets.item[i];
		const struct target_setting *before = configuration_target(d->before, after->key);
		_cleanup_(text_clear) struct text now = TEXT_INIT, then = TEXT_INIT;

		add_target(&now, after);
		if (before != NULL)
			add_target(&then, before);
		if (before == NULL)
			text_printf(&d->other, "~ the target %s is new: %s\n", after->key, now.data);
		else if (!string_equal(now.data, then.data))
			text_printf(&d->other, "~ the target %s is %s, it was %s\n", after->key, now.data,
			    then.data);
	}
	for (size_t i = 0; i < d->before->targets.count; i++)
		if (configuration_target(d->after, d->before->targets.item[i].key) == NULL)
			text_printf(&d->other, "~ the target %s is gone\n", d->before->targets.item[i].key);
}

/* What is another file under the same name is another program. */
static void
compare_programs(struct difference *d, const struct cluster *after, const struct program *before)
{
	const struct program *now = after->exec_plugin;

	if (now == NULL && before != NULL)
		text_printf(&d->narrower, "- the kubeconfig of %s may not run %s any more\n", after->name, before->path);
	else if (now != NULL && (before == NULL || !string_equal(now->path, before->path) ||
	    !string_equal(now->digest, before->digest)))
		text_printf(&d->wider, "+ the kubeconfig of %s may run %s, SHA-256 %s\n", after->name, now->path,
		    now->digest);
}

static void
compare_clusters(struct difference *d)
{
	for (size_t i = 0; i < d->after->clusters.count; i++) {
		const struct cluster *after = &d->after->clusters.item[i];
		const struct cluster *before = configuration_cluster(d->before, after->name);

		if (before != NULL && (!string_equal(after->kubeconfig, before->kubeconfig) ||
		    !string_equal(after->context, before->context)))
			text_printf(&d->other, "~ the cluster %s is reached by another kubeconfig or context\n",
			    after->name);
		compare_programs(d, after, before != NULL ? before->exec_plugin : NULL);
	}
}

/* ---- people ---- */

static const char *
person_of(const struct configuration *c, const char *face)
{
	for (size_t i = 0; i < c->people.count; i++)
		if (has_name(c->people.item[i].faces, face))
			return c->people.item[i].name;
	return NULL;
}

/* Whoever is one human with another gives no second yes (ID7). */
static void
compare_people(struct difference *d)
{
	const struct configuration *sides[] = { d->after, d->before };

	for (size_t side = 0; side < COUNT(sides); side++)
		for (size_t i = 0; i < sides[side]->people.count; i++) {
			const struct person_setting *person = &sides[side]->people.item[i];

			for (const char *const *face = person->faces; face != NULL && *face != NULL; face++) {
				if (string_equal(person_of(sides[1 - side], *face), person->name))
					continue;
				if (side == 0)
					text_printf(&d->narrower, "- %s is %s now, and says no second yes\n", *face,
					    person->name);
				else
					text_printf(&d->wider, "+ %s is not %s any more\n", *face, person->name);
			}
		}
}

void
rights_difference(struct text *out, const struct configuration *before,
    const struct configuration *after)
{
	struct difference d = { TEXT_INIT, TEXT_INIT, TEXT_INIT, before, after };

	compare_roles(&d);
	compare_rules(&d);
	compare_environments(&d);
	compare_targets(&d);
	compare_clusters(&d);
	compare_people(&d);
	text_add(out, d.wider.data);
	text_add(out, d.narrower.data);
	text_add(out, d.other.data);
	text_clear(&d.wider);
	text_clear(&d.narrower);
	text_clear(&d.other);
}

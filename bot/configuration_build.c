/* configuration_build.c - checked values into structs; defaults for what is not said. */

#include <string.h>

#include "configuration_parts.h"
#include "settings_parts.h"
#include "settings_rows.h"

#define DEFAULT_NAME "default"

const char *const *
configuration_names(struct arena *arena, const struct value *list)
{
	const char **names;

	if (list == NULL)
		return NULL;
	names = arena_alloc(arena, (value_count(list) + 1) * sizeof(*names));
	for (size_t i = 0; i < value_count(list); i++)
		names[i] = value_string(value_item(list, i));
	return names;
}

static const char *const *
names_at(struct configuration *c, const struct value *map, const char *key)
{
	return configuration_names(c->arena, value_at(map, key));
}

static const char *
string_at(const struct value *map, const char *key)
{
	return value_string(value_at(map, key));
}

static void
build_clusters(struct configuration *c)
{
	const struct value *map = settings_at(c->settings, "clusters"), *value;
	size_t count = value_count(map);
	struct cluster *cluster = arena_alloc(c->arena, (count + 1) * sizeof(*cluster));

	c->clusters.item = cluster;
	c->clusters.count = count > 0 ? count : 1;
	cluster[0].name = DEFAULT_NAME;
	for (size_t i = 0; i < count; i++) {
		value = value_item(map, i);
		cluster[i].name = value_key(map, i);
		cluster[i].kubeconfig = string_at(value, "kubeconfig");
		cluster[i].context = string_at(value, "context");
		cluster[i].exec_plugin = configuration_build_plugin(c, value_at(value, "exec_plugin"));
		cluster[i].environment = names_at(c, value, "environment");
		cluster[i].impersonate = value_bool(value_at(value, "impersonate"));
	}
}

/* names NULL: all of them. */
static const struct cluster *const *
clusters_named(struct configuration *c, const char *const *names)
{
	const struct cluster **list;
	size_t count = 0;

	if (names == NULL) {
		list = arena_alloc(c->arena, (c->clusters.count + 1) * sizeof(*list));
		for (size_t i = 0; i < c->clusters.count; i++)
			list[i] = &c->clusters.item[i];
		return list;
	}
	while (names[count] != NULL)
		count++;
	list = arena_alloc(c->arena, (count + 1) * sizeof(*list));
	count = 0;
	for (size_t i = 0; names[i] != NULL; i++)
		if ((list[count] = configuration_cluster(c, names[i])) != NULL)
			count++;
	return list;
}

static void
build_environments(struct configuration *c)
{
	const struct value *map = settings_at(c->settings, "environments"), *value;
	size_t count = value_count(map);
	struct environment *environment = arena_alloc(c->arena, (count + 1) * sizeof(*environment));

	c->environments.item = environment;
	c->environments.count = count > 0 ? count : 1;
	if (count == 0) {
		environment->name = DEFAULT_NAME;
		environment->clusters = clusters_named(c, NULL);
	}
	for (size_t i = 0; i < count; i++) {
		value = value_item(map, i);
		environment[i].name = value_key(map, i);
		environment[i].clusters = clusters_named(c, names_at(c, value, "clusters"));
		environment[i].approvals = (int)value_number(value_at(value, "approvals"));
		environment[i].approvers = names_at(c, value, "approvers");
		environment[i].observe = value_duration(value_at(value, "observe"));
	}
}

static void
build_target_name(struct configuration *c, struct target_setting *target, const struct value *name)
{
	if (!value_is_map(name)) {
		target->name = name != NULL ? value_string(name) : target->key;
		return;
	}
	target->names = arena_alloc(c->arena, (value_count(name) + 1) * sizeof(*target->names));
	for (size_t i = 0; i < value_count(name); i++) {
		target->names[i].cluster = value_key(name, i);
		target->names[i].name = value_string(value_item(name, i));
	}
}

static void
build_target_environments(struct configuration *c, struct target_setting *target,
    const struct value *names)
{
	size_t count = value_count(names), found = 0;
	const struct environment **list = arena_alloc(c->arena, (count + 2) * sizeof(*list));

	for (size_t i = 0; i < count; i++) {
		list[found] = configuration_environment(c, value_string(value_item(names, i)));
		found += list[found] != NULL;
	}
	if (names == NULL && c->environments.count == 1)
		list[0] = &c->environments.item[0];
	target->environments = list;
}

static void
build_target(struct configuration *c, struct target_setting *target, const struct value *value)
{
	target->driver = string_at(value, "driver");
	target->product = string_at(value, "product");
	if (target->product == NULL)
		target->product = c->product != NULL ? c->product : target->key;
	target->namespace = string_at(value, "namespace");
	target->runbook = string_at(value, "runbook");
	target->aliases = names_at(c, value, "aliases");
	target->workloads = names_at(c, value, "workloads");
	target->notify_channels = names_at(c, value, "notify.channels");
	target->notify_mail = names_at(c, value, "notify.mail");
	target->timeout = value_duration(value_at(value, "timeout"));
	target->verify = value_at(value, "verify");
	target->blue_green = value_at(value, "blue_green");
	target->gradual = value_at(value, "gradual");
	target->migrations = value_at(value, "migrations");
	build_target_name(c, target, value_at(value, "name"));
	build_target_environments(c, target, value_at(value, "environment"));
}

static void
build_targets(struct configuration *c)
{
	const struct value *map = settings_at(c->settings, "targets");
	size_t count = value_count(map);
	struct target_setting *target = arena_alloc(c->arena, (count + 1) * sizeof(*target));

	c->targets.item = target;
	c->targets.count = count;
	for (size_t i = 0; i < count; i++) {
		target[i].key = value_key(map, i);
		build_target(c, &target[i], value_item(map, i));
	}
}

static void
build_roles(struct configuration *c)
{
	const struct value *map = settings_at(c->settings, "roles"), *value;
	size_t count = value_count(map);
	struct role *role = arena_alloc(c->arena, (count + 1) * sizeof(*role));

	c->roles.item = role;
	c->roles.count = count;
	for (size_t i = 0; i < count; i++) {
		value = value_item(map, i);
		role[i].name = value_key(map, i);
		role[i].users = names_at(c, value, "users");
		role[i].groups = names_at(c, value, "groups");
		role[i].on_call = string_at(value, "on_call");
	}
}

static void
build_people(struct configuration *c)
{
	const struct value *map = settings_at(c->settings, "people");
	size_t count = value_count(map);
	struct person_setting *person = arena_alloc(c->arena, (count + 1) * sizeof(*person));

	c->people.item = person;
	c->people.count = count;
	for (size_t i = 0; i < count; i++)
		person[i] = (struct person_setting){ .name = value_key(map, i),
			.faces = configuration_names(c->arena, value_item(map, i)) };
}

static void
build_rule(struct configuration *c, struct rule *rule, const struct value *value)
{
	const struct value *scale = value_at(value, "arguments.scale");

	rule->commands = names_at(c, value, "commands");
	rule->targets = names_at(c, value, "targets");
	rule->environments = names_at(c, value, "environments");
	rule->roles = names_at(c, value, "roles");
	rule->channels = names_at(c, value, "channels");
	rule->approvers = names_at(c, value, "approvers");
	rule->arguments = scale != NULL ? scale : value_at(value, "arguments");
	rule->approvals = (int)value_number(value_at(value, "approvals"));
	rule->allow = value_bool(value_at(value, "allow"));
	rule->now = value_bool(value_at(value, "now"));
	rule->reason_required = string_equal(string_at(value, "reason"), "required");
	rule->break_glass = value_bool(value_at(value, "break_glass"));
	rule->line = value_line(value);
}

static void
build_rules(struct configuration *c)
{
	const struct value *list = settings_at(c->settings, "permissions");
	size_t count = value_count(list);
	struct rule *rule = arena_alloc(c->arena, (count + 1) * sizeof(*rule));

	c->rules.item = rule;
	c->rules.count = count;
	for (size_t i = 0; i < count; i++)
		build_rule(c, &rule[i], value_item(list, i));
}

static void
build_channels(struct configuration *c)
{
	const struct value *map = settings_at(c->settings, "channels"), *value;
	size_t count = value_count(map);
	struct channel_setting *channel = arena_alloc(c->arena, (count + 1) * sizeof(*channel));

	c->channels.item = channel;
	c->channels.count = count;
	for (size_t i = 0; i < count; i++) {
		value = value_item(map, i);
		channel[i].key = value_key(map, i);
		channel[i].name = string_at(value, "name");
		channel[i].language = string_at(value, "language");
		if (channel[i].language == NULL)
			channel[i].language = c->language;
	}
}

static void
build_limits(struct configuration *c)
{
	const struct settings *s = c->settings;

	c->limits = (struct limits){
		.children = (int)settings_number(s, "limits.children"),
		.operations = (int)settings_number(s, "limits.operations"),
		.commands_per_minute = (int)settings_number(s, "limits.commands_per_minute"),
		.chat_budget = (int)value_number(settings_at(s, chat_budget_path)),
		.question = settings_duration(s, "limits.question"),
		.approval = settings_duration(s, "limits.approval"),
		.logs = settings_duration(s, "limits.logs"),
		.output = (int64_t)settings_number(s, "limits.output"),
	};
}

static enum log_level
log_level_named(const char *name)
{
	static const char *const names[] = { [LOG_LEVEL_DEBUG] = "debug", [LOG_LEVEL_INFO] = "info",
		[LOG_LEVEL_WARNING] = "warning", [LOG_LEVEL_ERROR] = "error" };

	for (size_t i = 0; i < COUNT(names); i++)
		if (string_equal(names[i], name))
			return (enum log_level)i;
	return LOG_LEVEL_INFO;
}

/* "sqlite:state/rollcall.db": which store it is, is main's. */
static const char *
state_path(struct configuration *c)
{
	const char *state = settings_string(c->settings, "state"), *colon;

	if (state == NULL || (colon = strchr(state, ':')) == NULL)
		return NULL;
	return expand_path(c->arena, c->settings->folder, colon + 1);
}

static void
build_general(struct configuration *c)
{
	const struct settings *s = c->settings;
	const char *zone = settings_string(s, "timezone");
	struct error err = ERROR_INIT;

	c->product = settings_string(s, "product");
	c->language = settings_string(s, "language");
	c->state = state_path(c);
	c->zone = zone != NULL ? zone_find(zone, &err) : NULL;
	c->listen_http = settings_string(s, "listen.http");
	c->listen_socket = settings_string(s, "listen.socket");
	c->public_url = settings_string(s, "listen.public_url");
	c->log_level = log_level_named(settings_string(s, "log.level"));
	c->log_json = string_equal(settings_string(s, "log.format"), "json");
}

void
configuration_build(struct configuration *c)
{
	build_general(c);
	build_clusters(c);
	build_environments(c);
	build_targets(c);
	build_roles(c);
	build_people(c);
	build_rules(c);
	build_channels(c);
	build_limits(c);
	configuration_build_tools(c);
}

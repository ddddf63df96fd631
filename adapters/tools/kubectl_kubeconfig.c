/*
 * kubectl_kubeconfig.c - which cluster a child may reach: a private file with one server and one
 * context (AR4).
 *
 * A kubeconfig can run programs (exec, auth-provider), turn off verification or send everything
 * through a proxy.  So the configured file is read here, exactly one context of it is copied into a
 * file of ours (0600, JSON, which is YAML), and what would widen its power is refused.  One program may
 * be run for a token where the cluster's exec_plugin names it: the copy has its whole path, the arguments
 * of the file, and no variables but those that the cluster's `environment` lists.  The child
 * gets KUBECONFIG and no flag.  Without a configured file, inside a cluster, the variables of the
 * pod are handed on.
 */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "kubectl.h"
#include "kubectl_copy.h"
#include "kubectl_parts.h"
#include "kubernetes.h"
#include "variables.h"
#include "yaml.h"

#define KUBECONFIG_MOST MEGABYTES(1)

static bool
read_file(const char *path, struct text *content, struct stat *then, struct error *err)
{
	char bytes[16384];
	ssize_t length;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return wrong(err, "the kubeconfig %s cannot be read: %s", path, strerror(errno));
	if (fstat(fd, then) != 0)
		*then = (struct stat){ .st_ctim.tv_sec = INT64_MAX };
	while ((length = read(fd, bytes, sizeof(bytes))) > 0)
		text_add_bytes(content, bytes, (size_t)length);
	close(fd);
	return !content->cut || wrong(err, "the kubeconfig %s is longer than 1 MiB", path);
}

/* The element of a list {name, …} with that name. */
static const cJSON *
named(const cJSON *file, const char *list, const char *name)
{
	const cJSON *element;

	json_each(element, json_at(file, list))
		if (string_equal(json_string(element, "name"), name))
			return element;
	return NULL;
}

static bool
refuse_powers(const char *path, const cJSON *cluster, const cJSON *user, bool plugin, struct error *err)
{
	static const char *const of_cluster[] = { "insecure-skip-tls-verify", "proxy-url", NULL };
	static const char *const of_user[] = { "exec", "auth-provider", "username", "password", NULL };
	static const char *const as_another[] = { "as", "as-uid", "as-groups", "as-user-extra", NULL };
	static const char out[] = "; give it a token or a client certificate";
	static const char named[] = "; name that one program in exec_plugin of the cluster, or give it a token or a client certificate";

	for (size_t i = 0; of_cluster[i] != NULL; i++)
		if (json_at(cluster, of_cluster[i]) != NULL)
			return refuse(err, "the kubeconfig %s has %s, which is not used: every connection is verified and direct",
			    path, of_cluster[i]);
	for (size_t i = 0; of_user[i] != NULL; i++)
		if (json_at(user, of_user[i]) != NULL && (i > 0 || !plugin))
			return refuse(err, "the kubeconfig %s has %s, which is not used%s", path, of_user[i],
			    i > 0 ? out : named);
	for (size_t i = 0; as_another[i] != NULL; i++)
		if (json_at(user, as_another[i]) != NULL)
			return refuse(err, "the kubeconfig %s has %s, which is not used: without it our account would "
			    "do more than it is meant to; give it an account that may only what it needs", path,
			    as_another[i]);
	return true;
}

/* Files that a kubeconfig names are relative to it. */
static void
add_member(struct arena *arena, cJSON *to, const cJSON *from, const char *key, const char *folder)
{
	const char *value = json_string(from, key);
	bool file = string_equal(key, "certificate-authority") || string_equal(key, "client-key") ||
	    string_equal(key, "client-certificate") || string_equal(key, "tokenFile");

	if (value == NULL)
		return;
	if (file && value[0] != '/')
		value = arena_printf(arena, "%s/%s", folder, value);
	json_add_string(to, key, value);
}

static cJSON *
add_named(cJSON *file, const char *list, const char *what, const char *name)
{
	cJSON *element = json_add_object(json_add_array(file, list), NULL);

	json_add_string(element, "name", name);
	return json_add_object(element, what);
}

static const char *
folder_of(struct arena *arena, const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash != NULL ? arena_copy(arena, path, (size_t)(slash - path)) : ".";
}

static bool
is_that_program(const char *command, const struct program *plugin)
{
	const char *slash = strrchr(plugin->path, '/');

	return string_equal(command, plugin->path) ||
	    (slash != NULL && string_equal(command, slash + 1));
}

static bool
refuse_variables(const char *path, const cJSON *exec, const struct cluster *cluster, struct error *err)
{
	const cJSON *variable, *variables = json_at(exec, "env");
	const char *name;

	json_each(variable, variables) {
		name = json_string(variable, "name");
		if (name == NULL || cluster->environment == NULL || !string_in(name, cluster->environment))
			return refuse(err, "exec of the kubeconfig %s sets %s; add that name to environment of the cluster, or take it out",
			    path, name != NULL ? name : "a variable without a name");
	}
	return true;
}

/* What may be run is exactly what the configuration names, and still the file that was looked at. */
static bool
check_plugin(const char *path, const cJSON *exec, const struct cluster *cluster, struct error *err)
{
	const char *command = json_string(exec, "command"), *version = json_string(exec, "apiVersion");
	const cJSON *argument, *arguments = json_at(exec, "args");

	if (!is_that_program(command, cluster->exec_plugin))
		return refuse(err, "exec of the kubeconfig %s runs %s, and exec_plugin of the cluster allows %s only", path,
		    command != NULL ? command : "nothing", cluster->exec_plugin->path);
	if (version == NULL || !string_starts(version, "client.authentication.k8s.io/"))
		return wrong(err, "exec of the kubeconfig %s has no apiVersion client.authentication.k8s.io/v1", path);
	json_each(argument, arguments)
		if (!cJSON_IsString(argument))
			return wrong(err, "exec of the kubeconfig %s has an argument that is no text", path);
	return refuse_variables(path, exec, cluster, err) && program_is_same(cluster->exec_plugin, err);
}

static void
add_plugin(cJSON *user, const cJSON *from, const struct program *plugin)
{
	cJSON *exec = json_add_object(user, "exec"), *list;
	const cJSON *one, *arguments = json_at(from, "args"), *variables = json_at(from, "env");

	json_add_string(exec, "apiVersion", json_string(from, "apiVersion"));
	json_add_string(exec, "command", plugin->path);
	json_add_string(exec, "interactiveMode", "Never");
	json_add_bool(exec, "provideClusterInfo", json_bool(from, "provideClusterInfo", false));
	list = json_add_array(exec, "args");
	json_each(one, arguments)
		json_add_string(list, NULL, one->valuestring);
	list = json_add_array(exec, "env");
	json_each(one, variables) {
		cJSON *variable = json_add_object(list, NULL);

		json_add_string(variable, "name", json_string(one, "name"));
		json_add_string(variable, "value", json_string_or(one, "value", ""));
	}
}

/* Named as we name the cluster: so its messages, and who stands in for it, tell which is meant. */
static cJSON *
one_context(struct arena *arena, const struct cluster *ours, const cJSON *cluster, const cJSON *user)
{
	static const char *const of_cluster[] = { "server", "certificate-authority",
		"certificate-authority-data", "tls-server-name", NULL };
	static const char *const of_user[] = { "token", "tokenFile", "client-certificate",
		"client-certificate-data", "client-key", "client-key-data", NULL };
	const char *folder = folder_of(arena, ours->kubeconfig), *name = ours->name;
	cJSON *file = cJSON_CreateObject(), *part;

	json_add_string(file, "apiVersion", "v1");
	json_add_string(file, "kind", "Config");
	json_add_string(file, "current-context", name);
	part = add_named(file, "clusters", "cluster", name);
	for (size_t i = 0; of_cluster[i] != NULL; i++)
		add_member(arena, part, cluster, of_cluster[i], folder);
	part = add_named(file, "users", "user", name);
	for (size_t i = 0; of_user[i] != NULL; i++)
		add_member(arena, part, user, of_user[i], folder);
	if (json_at(user, "exec") != NULL)
		add_plugin(part, json_at(user, "exec"), ours->exec_plugin);
	part = add_named(file, "contexts", "context", name);
	json_add_string(part, "cluster", name);
	json_add_string(part, "user", name);
	return file;
}

/* Written beside and renamed, so that a child that starts now reads a whole file. */
static bool
write_private(struct arena *arena, const char *path, const cJSON *file, struct error *err)
{
	const char *new = arena_printf(arena, "%s.%d.new", path, (int)getpid());
	_cleanup_(text_clear) struct text json = TEXT_INIT;
	int fd = open(new, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	bool good;

	json_print(&json, file);
	if (fd < 0)
		return failed(err, "%s cannot be written: %s", new, strerror(errno));
	good = write(fd, json.data, json.length) == (ssize_t)json.length;
	good = close(fd) == 0 && good && rename(new, path) == 0;
	return good || failed(err, "%s cannot be written: %s", path, strerror(errno));
}

/* The context that counts; cluster and user are borrowed from the documents. */
struct context {
	cJSON *documents;
	const cJSON *cluster, *user;
	struct stat then;
};

static bool
context_read(struct context *c, const struct cluster *ours, struct error *err)
{
	_cleanup_(text_clear) struct text content = TEXT_INIT_LIMIT(KUBECONFIG_MOST);
	const cJSON *file, *context;
	const char *name;

	if (!read_file(ours->kubeconfig, &content, &c->then, err))
		return false;
	c->documents = yaml_read_documents(content.data, content.length, err);
	if (c->documents == NULL)
		return error_wrap(err, "%s", ours->kubeconfig);
	file = json_at(c->documents, "0");
	name = ours->context != NULL ? ours->context : json_string(file, "current-context");
	context = json_at(named(file, "contexts", name), "context");
	c->cluster = json_at(named(file, "clusters", json_string(context, "cluster")), "cluster");
	c->user = json_at(named(file, "users", json_string(context, "user")), "user");
	if (context == NULL || json_string(c->cluster, "server") == NULL)
		return wrong(err, "the kubeconfig %s has no context %s with a server", ours->kubeconfig,
		    name != NULL ? name : "(none is current)");
	return true;
}

static void
context_clear(struct context *c)
{
	cJSON_Delete(c->documents);
}

static bool
refuse_context(const struct context *c, const struct cluster *ours, struct error *err)
{
	const cJSON *exec = json_at(c->user, "exec");

	return refuse_powers(ours->kubeconfig, c->cluster, c->user, ours->exec_plugin != NULL, err) &&
	    (exec == NULL || check_plugin(ours->kubeconfig, exec, ours, err));
}

/* When the configuration is loaded: what is not there yet, or no kubeconfig, is for the doctor to say. */
static bool
kubeconfig_check(const struct cluster *cluster, struct error *err)
{
	_cleanup_(context_clear) struct context c = { .documents = NULL };
	struct error unread = ERROR_INIT;

	return cluster->kubeconfig == NULL || !context_read(&c, cluster, &unread) || refuse_context(&c, cluster, err);
}

static bool
copy_context(struct arena *arena, const struct cluster *cluster, const char *path, struct error *err)
{
	_cleanup_(context_clear) struct context c = { .documents = NULL };
	_cleanup_(json_freep) cJSON *private = NULL;

	if (!context_read(&c, cluster, err) || !refuse_context(&c, cluster, err))
		return false;
	private = one_context(arena, cluster, c.cluster, c.user);
	if (!write_private(arena, path, private, err))
		return false;
	kubectl_copy_note(cluster->kubeconfig, cluster->context, path, &c.then);
	return true;
}

/* A program is looked at before each child, whatever has not changed. */
static bool
is_copied(const struct cluster *cluster, const char *path)
{
	return cluster->exec_plugin == NULL &&
	    kubectl_copy_is_good(cluster->kubeconfig, cluster->context, path);
}

static void
add_variable(struct arena *arena, const char *name, void (*add)(void *, const char *), void *arg)
{
	const char *value = variable_find(name);

	if (value != NULL)
		add(arg, arena_printf(arena, "%s=%s", name, value));
}

bool
kubeconfig_environment(struct arena *arena, const struct cluster *cluster, const char *folder,
    void (*add)(void *, const char *), void *arg, struct error *err)
{
	const char *path = arena_printf(arena, "%s/kubeconfig", folder);

	add(arg, "KUBECTL_KUBERC=false");
	add(arg, "KUBERC=off");
	if (cluster == NULL)
		return true;
	if (cluster->kubeconfig == NULL) {
		add_variable(arena, "KUBERNETES_SERVICE_HOST", add, arg);
		add_variable(arena, "KUBERNETES_SERVICE_PORT", add, arg);
		return true;
	}
	if (!is_copied(cluster, path) && !copy_context(arena, cluster, path, err))
		return error_wrap(err, "cluster %s", cluster->name);
	add(arg, arena_printf(arena, "KUBECONFIG=%s", path));
	return true;
}

const struct tool kubectl_tool = {
	.name = "kubectl",
	.check = kubeconfig_check,
	.environment = kubeconfig_environment,
	.questions = &kubectl_questions,
};

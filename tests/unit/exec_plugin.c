/* exec_plugin.c - the one program that a kubeconfig may run (AR4): which, with what, and by the real kubectl. */

#include "test.h"

#include <errno.h>
#include <sys/wait.h>

#include "adapters/all_settings.h"
#include "adapters/tools/kubectl.h"
#include "adapters/tools/kubernetes.h"
#include "base/text.h"
#include "configuration.h"
#include "folder.h"

#define KUBECTL "/usr/bin/kubectl"

/* It leaves behind what it was given, and gives a token. */
static const char plugin_text[] =
    "#!/bin/sh\n"
    "echo \"$* ${ROLLCALL_LISTED-none} ${ROLLCALL_OTHER-none}\" >\"$HOME/ran\"\n"
    "echo '{\"apiVersion\":\"client.authentication.k8s.io/v1\",\"kind\":\"ExecCredential\",\"status\":{\"token\":\"t\"}}'\n";

static bool registered;
static const char *more_of_cluster = "";	/* ",\"proxy-url\":\"…\"" */

struct world {
	struct folder folder;
	struct configuration *configuration;
	struct text problems;
	const char *plugin;
	struct arena *arena;
};

static void
world_clear(struct world *w)
{
	configuration_free(w->configuration);
	text_clear(&w->problems);
	folder_remove(&w->folder);
}

/* user: JSON of the kubeconfig's user; PLUGIN in it is the program's path. */
static struct world
world_make(const char *exec_plugin, const char *user, mode_t mode)
{
	struct world w = { .folder = folder_make(), .problems = TEXT_INIT };
	_cleanup_(text_clear) struct text yaml = TEXT_INIT, kubeconfig = TEXT_INIT;
	const char *hole;

	w.arena = w.folder.arena;
	w.plugin = folder_path(&w.folder, "get-token");
	file_write(w.plugin, plugin_text, strlen(plugin_text), 0700);
	assert_int_equal(chmod(w.plugin, mode), 0);
	hole = strstr(user, "PLUGIN");
	text_printf(&kubeconfig, "{\"apiVersion\":\"v1\",\"kind\":\"Config\",\"current-context\":\"a\","
	    "\"clusters\":[{\"name\":\"a\",\"cluster\":{\"server\":\"https://127.0.0.1:9\"%s}}],"
	    "\"contexts\":[{\"name\":\"a\",\"context\":{\"cluster\":\"a\",\"user\":\"u\"}}],"
	    "\"users\":[{\"name\":\"u\",\"user\":%.*s%s%s}]}",
	    more_of_cluster, hole != NULL ? (int)(hole - user) : (int)strlen(user), user, hole != NULL ? w.plugin : "",
	    hole != NULL ? hole + strlen("PLUGIN") : "");
	file_write(folder_path(&w.folder, "kube.yaml"), kubeconfig.data, kubeconfig.length, 0600);
	text_printf(&yaml, "clusters: {primary: {kubeconfig: %s/kube.yaml%s%s, environment: [ROLLCALL_LISTED]}}\n"
	    "targets: {web: {driver: deployment, namespace: a}}\n", w.folder.path,
	    exec_plugin != NULL ? ", exec_plugin: " : "",
	    exec_plugin == NULL ? "" : strcmp(exec_plugin, "PLUGIN") == 0 ? w.plugin : exec_plugin);
	if (!registered)
		settings_register_all();
	registered = true;
	w.configuration = configuration_load(NULL, yaml.data, &w.problems);
	return w;
}

static void
add(void *arg, const char *variable)
{
	(void)arg;
	assert_true(string_starts(variable, "KUBE"));
}

static bool
copied(struct world *w, struct error *err)
{
	assert_non_null(w->configuration);
	return kubeconfig_environment(w->arena, &w->configuration->clusters.item[0], w->folder.path, add, NULL, err);
}

#define EXEC(more) "{\"exec\":{\"apiVersion\":\"client.authentication.k8s.io/v1\"" more "}}"

static const struct { const char *setting, *user, *why; } rows[] = {
	{ "PLUGIN", EXEC(",\"command\":\"PLUGIN\",\"args\":[\"get\",\"--name=a\"]"), NULL },
	{ "PLUGIN", EXEC(",\"command\":\"get-token\",\"env\":null"), NULL },
	{ "PLUGIN", EXEC(",\"command\":\"PLUGIN\",\"env\":[{\"name\":\"ROLLCALL_LISTED\",\"value\":\"x\"}]"), NULL },
	{ "PLUGIN", "{\"token\":\"t\"}", NULL },
	{ NULL, EXEC(",\"command\":\"PLUGIN\""), "name that one program in exec_plugin" },
	{ "PLUGIN", EXEC(",\"command\":\"/bin/sh\""), "runs /bin/sh, and exec_plugin of the cluster allows" },
	{ "PLUGIN", EXEC(",\"command\":\"./get-token\""), "runs ./get-token" },
	{ "PLUGIN", EXEC(",\"args\":[]"), "runs nothing" },
	{ "PLUGIN", "{\"exec\":{\"command\":\"PLUGIN\"}}", "no apiVersion" },
	{ "PLUGIN", EXEC(",\"command\":\"PLUGIN\",\"args\":[{\"a\":1}]"), "no text" },
	{ "PLUGIN", EXEC(",\"command\":\"PLUGIN\",\"env\":[{\"name\":\"LD_PRELOAD\",\"value\":\"x\"}]"), "sets LD_PRELOAD" },
	{ "PLUGIN", EXEC(",\"command\":\"PLUGIN\",\"env\":[{}]"), "without a name" },
	{ "PLUGIN", "{\"auth-provider\":{\"name\":\"gcp\"}}", "has auth-provider, which is not used" },
	{ "PLUGIN", "{\"exec\":{\"command\":\"PLUGIN\"},\"username\":\"a\"}", "has username" },
};

TEST(exactly_the_named_program_may_be_run_and_nothing_else)
{
	for (size_t i = 0; i < COUNT(rows); i++) {
		_cleanup_(world_clear) struct world w = world_make(rows[i].setting, rows[i].user, 0700);
		struct error err = ERROR_INIT;
		bool good = copied(&w, &err);

		if (good != (rows[i].why == NULL) || (!good && strstr(err.text, rows[i].why) == NULL))
			fail_msg("row %zu: %s", i, err.text);
	}
}

/* AR4: it is a mistake of the configuration, not only of the first child. */
TEST(a_kubeconfig_with_powers_is_not_loaded)
{
	static const struct { const char *cluster, *user, *why; } powers[] = {
		{ ",\"insecure-skip-tls-verify\":true", "{\"token\":\"t\"}", "has insecure-skip-tls-verify, which is not used" },
		{ ",\"insecure-skip-tls-verify\":false", "{\"token\":\"t\"}", "has insecure-skip-tls-verify" },
		{ ",\"proxy-url\":\"http://evil\"", "{\"token\":\"t\"}", "has proxy-url, which is not used" },
		{ "", EXEC(",\"command\":\"PLUGIN\""), "has exec, which is not used" },
		{ "", "{\"auth-provider\":{\"name\":\"gcp\"}}", "has auth-provider" },
		{ "", "{\"username\":\"a\",\"password\":\"b\"}", "has username" },
		{ "", "{\"token\":\"t\",\"as\":\"viewer\"}", "has as, which is not used" },
		{ "", "{\"token\":\"t\",\"as-groups\":[\"viewers\"]}", "has as-groups, which is not used" },
		{ "", "{\"token\":\"t\"}", NULL },
	};
	static struct tool tools[2];

	tools[0] = kubectl_tool;
	tools_register(tools);
	for (size_t i = 0; i < COUNT(powers); i++) {
		more_of_cluster = powers[i].cluster;
		_cleanup_(world_clear) struct world w = world_make(NULL, powers[i].user, 0700);

		more_of_cluster = "";
		assert_row(i, (w.configuration != NULL) == (powers[i].why == NULL));
		if (powers[i].why != NULL && (strstr(w.problems.data, powers[i].why) == NULL ||
		    strstr(w.problems.data, "embedded:1:") == NULL))
			fail_msg("row %zu: %s", i, w.problems.data);
	}
	tools_register(NULL);
}

TEST(a_program_that_others_may_write_or_that_is_none_is_a_mistake_of_the_configuration)
{
	static const struct { const char *setting; mode_t mode; const char *why; } wrong_ones[] = {
		{ "PLUGIN", 0722, "may be written by others" },
		{ "PLUGIN", 0600, "is no program" },
		{ "/tmp", 0700, "is no program" },
		{ "aws", 0700, "expected the whole path" },
	};

	for (size_t i = 0; i < COUNT(wrong_ones); i++) {
		_cleanup_(world_clear) struct world w =
		    world_make(wrong_ones[i].setting, EXEC(",\"command\":\"PLUGIN\""), wrong_ones[i].mode);

		assert_row(i, w.configuration == NULL);
		if (strstr(w.problems.data, wrong_ones[i].why) == NULL)
			fail_msg("row %zu: %s", i, w.problems.data);
	}
}

TEST(a_program_that_is_not_there_is_a_warning_and_is_not_run_later)
{
	_cleanup_(world_clear) struct world w = world_make("/nowhere/aws", EXEC(",\"command\":\"aws\""), 0700);
	struct error err = ERROR_INIT;

	assert_non_null(strstr(w.problems.data, "/nowhere/aws is not there: the cluster cannot be reached"));
	assert_false(copied(&w, &err));
	assert_non_null(strstr(err.text, "was not there when I started"));
}

TEST(the_digest_is_known_and_a_program_that_changed_is_not_run)
{
	_cleanup_(world_clear) struct world w = world_make("PLUGIN", EXEC(",\"command\":\"PLUGIN\""), 0700);
	struct error err = ERROR_INIT;
	char expected[DIGEST_HEX];

	digest_of(plugin_text, strlen(plugin_text), expected);
	assert_true(copied(&w, &err));
	assert_string_equal(w.configuration->clusters.item[0].exec_plugin->digest, expected);
	assert_int_equal(unlink(w.plugin), 0);
	assert_false(copied(&w, &err));
	assert_non_null(strstr(err.text, "is not there any more"));
	file_write(w.plugin, plugin_text, strlen(plugin_text), 0700);
	assert_false(copied(&w, &err));
	assert_non_null(strstr(err.text, "is not the one whose digest I took"));
}

/* The server is none: what counts is what kubectl ran before it looked for it. */
static void
run_the_real_kubectl(void)
{
	_cleanup_(world_clear) struct world w = world_make("PLUGIN",
	    EXEC(",\"command\":\"get-token\",\"args\":[\"eks\",\"a b\"],"
		 "\"env\":[{\"name\":\"ROLLCALL_LISTED\",\"value\":\"yes\"}]"), 0700);
	const char *ran = folder_path(&w.folder, "ran");
	struct error err = ERROR_INIT;
	char bytes[128] = "";
	int status, fd;
	pid_t child;

	assert_true(copied(&w, &err));
	child = fork();
	if (child == 0) {
		char *home = xasprintf("HOME=%s", w.folder.path);
		char *config = xasprintf("KUBECONFIG=%s/kubeconfig", w.folder.path);
		char path[] = "PATH=/usr/bin:/bin";
		char *environment[] = { home, config, path, NULL };

		(void)!freopen("/dev/null", "w", stderr);
		execle(KUBECTL, "kubectl", "get", "--request-timeout=5s", "--raw=/healthz", (char *)NULL,
		    environment);
		_exit(127);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	fd = open(ran, O_RDONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_true(read(fd, bytes, sizeof(bytes) - 1) > 0);
	close(fd);
	assert_string_equal(bytes, "eks a b yes none\n");
}

TEST(the_real_kubectl_runs_it_with_its_arguments_and_the_listed_variables_only)
{
	if (access(KUBECTL, X_OK) != 0) {
		print_message("skipped: this machine has no " KUBECTL "\n");
		skip();
	}
	run_the_real_kubectl();
}

/* configuration.c - the binding sample, the shipped files, and what takes more than one row to see. */

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "adapters/all_settings.h"
#include "command.h"
#include "commands/commands.h"
#include "configuration.h"
#include "driver.h"

#include "test.h"

/* Real names, so that nothing is warned about for want of them. */
static const struct driver deployment = { .name = "deployment", .tool = "kubectl" };
static const struct driver statefulset = { .name = "statefulset", .tool = "kubectl" };
static const struct driver helm = { .name = "helm", .tool = "helm" };
static const struct driver *const drivers[] = { &deployment, &statefulset, &helm, NULL };

static const struct subcommand rollout_words[] = { { .name = "history" }, { .name = "scale" }, { .name = NULL } };
static const struct subcommand ops_words[] = { { .name = "list" }, { .name = "show" }, { .name = "log" },
	{ .name = "start" }, { .name = "approve" }, { .name = "reject" }, { .name = "stop" }, { .name = NULL } };
static const struct command rollback = { .name = "rollback" };
static const struct command rollout = { .name = "rollout", .subcommands = rollout_words };
static const struct command ops = { .name = "ops", .subcommands = ops_words };
static const struct command *const commands[] = { &rollback, &rollout, &ops, NULL };

/* Tools that are there, whatever this machine has. */
static char programs[] = "/tmp/rollcall-programs-XXXXXX";
static const char *const program_names[] = { "kubectl", "helm" };

static void
make_program(const char *name)
{
	char path[128];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", programs, name);
	if ((fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0700)) < 0)
		abort();
	close(fd);
}

static void __attribute__((destructor))
tear_down(void)
{
	char path[128];

	for (size_t i = 0; i < COUNT(program_names); i++) {
		snprintf(path, sizeof(path), "%s/%s", programs, program_names[i]);
		unlink(path);
	}
	rmdir(programs);
}

static void __attribute__((constructor))
set_up(void)
{
	static const char *const secrets[] = { "SLACK_APP_TOKEN", "SLACK_BOT_TOKEN",
		"SLACK_SIGNING_SECRET", "GATEWAY_DB", "PROM_TOKEN", "PD_SECRET", "PD_SECRET_NEXT",
		"PD_TOKEN", "AM_TOKEN", "SMTP_PASSWORD", "MY_APP_DB" };

	for (size_t i = 0; i < COUNT(secrets); i++)
		setenv(secrets[i], "a-value-of-the-test", 1);
	if (mkdtemp(programs) == NULL)
		abort();
	for (size_t i = 0; i < COUNT(program_names); i++)
		make_program(program_names[i]);
	setenv("PATH", programs, 1);
	setenv("PLAYGROUND", "/tmp/playground", 1);
	setenv("PLAYGROUND_USER", "tester", 1);
	settings_register_all();
	drivers_register(drivers);
	commands_register(commands);
}

static void
free_configuration(struct configuration **c)
{
	configuration_free(*c);
}
#define _configuration_ _cleanup_(free_configuration) struct configuration

#define RULE "permissions: [{commands: [rollback]}]\n"
#define TARGET "targets: {web: {}}\n"

static struct configuration *
load_text(const char *text, const char *expected)
{
	_cleanup_(text_clear) struct text problems = TEXT_INIT;
	struct configuration *c = configuration_load(NULL, text, &problems);

	assert_string_equal(problems.data, expected);
	return c;
}

static const char *
folder(void)
{
	static char path[4096];

	return getcwd(path, sizeof(path));
}

static void
assert_in_folder(const char *path, const char *rest)
{
	char expected[8192];

	snprintf(expected, sizeof(expected), "%s/%s", folder(), rest);
	assert_string_equal(path, expected);
}

/* ---- the sample ---- */

TEST(the_binding_sample_loads_with_one_warning_for_each_thing_not_acted_on)
{
	static const char *const places[] = { ":7:3: listen.http", ":9:3: listen.public_url", ":10:3: listen.tls",
		":30:47: clusters.dr.impersonate",
		":48:5: targets.chatops-gateway.blue_green", ":49:5: targets.chatops-gateway.gradual",
		":50:5: targets.chatops-gateway.migrations", ":54:9: targets.chatops-gateway.verify[3].query",
		":55:47: targets.chatops-gateway.notify.mail", ":56:5: targets.chatops-gateway.runbook",
		":64:60: roles.sre.on_call", ":82:5: permissions[2].break_glass", ":87:1: freezes",
		":90:1: prometheus", ":91:1: pagerduty",
		":96:1: alertmanager", ":97:1: mail", ":99:1: severities", ":105:1: on_call", ":116:1: triggers" };
	_cleanup_(text_clear) struct text problems = TEXT_INIT, expected = TEXT_INIT;
	_configuration_ *c = NULL;

	c = configuration_load("tests/unit/data/sample.yaml", NULL, &problems);
	if (c == NULL)
		fail_msg("%s", problems.data);
	for (size_t i = 0; i < COUNT(places); i++)
		text_printf(&expected, "tests/unit/data/sample.yaml%s: checked, but not acted on yet by this "
		    "version%s\n", places[i], string_ends(places[i], "impersonate")
			? ": the tools act there with rollcall's own rights, whoever asks" : "");
	assert_string_equal(problems.data, expected.data);
}

static struct configuration *
load_sample(void)
{
	_cleanup_(text_clear) struct text problems = TEXT_INIT;
	struct configuration *c = configuration_load("tests/unit/data/sample.yaml", NULL, &problems);

	if (c == NULL)
		fail_msg("%s", problems.data);
	return c;
}

TEST(the_sample_says_where_everything_is)
{
	_configuration_ *c = load_sample();

	assert_string_equal(c->path, "tests/unit/data/sample.yaml");
	assert_string_equal(c->product, "ChatOps Platform");
	assert_string_equal(c->language, "en");
	assert_in_folder(c->state, "tests/unit/data/state/rollcall.db");
	assert_in_folder(c->listen_socket, "tests/unit/data/state/rollcall.sock");
	assert_string_equal(c->listen_http, "127.0.0.1:8080");
	assert_string_equal(c->public_url, "https://rollcall.example.com");
	assert_int_equal(zone_offset(c->zone, 0), 480);
	assert_int_equal(c->log_level, LOG_LEVEL_INFO);
	assert_false(c->log_json);
	assert_int_equal(c->channels.count, 3);
	assert_string_equal(c->channels.item[2].key, "admins");
	assert_string_equal(c->channels.item[2].name, "C0ADMINS");
	assert_string_equal(c->channels.item[2].language, "en");
	assert_int_equal(c->limits.children, 64);
	assert_int_equal(c->limits.operations, 500);
	assert_int_equal(c->limits.commands_per_minute, 10);
	assert_int_equal(c->limits.chat_budget, 0);
	assert_int_equal(c->limits.question, MINUTES(15));
	assert_int_equal(c->limits.approval, MINUTES(30));
	assert_int_equal(c->limits.output, MEGABYTES(64));
	assert_int_equal(c->limits.logs, HOURS(24) * 90);
}

TEST(the_sample_has_clusters_and_environments)
{
	_configuration_ *c = load_sample();
	const struct cluster *primary = configuration_cluster(c, "primary");
	const struct environment *production = configuration_environment(c, "production");

	assert_int_equal(c->clusters.count, 3);
	assert_in_folder(primary->kubeconfig, "tests/unit/data/kube/primary.yaml");
	assert_string_equal(primary->context, "primary");
	assert_string_equal(primary->environment[0], "AWS_PROFILE");
	assert_null(primary->environment[1]);
	assert_false(primary->impersonate);
	assert_true(configuration_cluster(c, "dr")->impersonate);
	assert_null(configuration_cluster(c, "staging")->environment);
	assert_null(configuration_cluster(c, "default"));
	assert_ptr_equal(production->clusters[0], primary);
	assert_null(production->clusters[1]);
	assert_int_equal(production->approvals, 1);
	assert_string_equal(production->approvers[0], "sre-lead");
	assert_int_equal(production->observe, MINUTES(15));
	assert_int_equal(configuration_environment(c, "staging")->observe, 0);
	assert_null(configuration_environment(c, "staging")->approvers);
	assert_null(configuration_environment(c, "dr"));
}

TEST(the_sample_has_targets)
{
	_configuration_ *c = load_sample();
	const struct target_setting *gateway = configuration_target(c, "chatops-gateway");
	const struct target_setting *platform = configuration_target(c, "chatops-platform");

	assert_int_equal(c->targets.count, 2);
	assert_string_equal(gateway->driver, "deployment");
	assert_string_equal(gateway->name, "chatops-gateway");
	assert_null(gateway->names);
	assert_string_equal(gateway->namespace, "chatops");
	assert_string_equal(gateway->product, "ChatOps Platform");
	assert_string_equal(gateway->runbook, "https://wiki.example.com/gateway");
	assert_string_equal(gateway->environments[0]->name, "production");
	assert_string_equal(gateway->environments[1]->name, "staging");
	assert_null(gateway->environments[2]);
	assert_string_equal(gateway->notify_channels[1], "releases");
	assert_string_equal(gateway->notify_mail[0], "engineering@example.com");
	assert_int_equal(gateway->timeout, MINUTES(5));
	assert_int_equal(value_count(gateway->verify), 3);
	assert_string_equal(value_string(value_at(value_item(gateway->verify, 0), "pods")), "ready");
	assert_true(value_number(value_at(value_item(gateway->verify, 2), "query.below")) == 0.01);
	assert_true(value_number(value_item(value_at(gateway->gradual, "steps"), 4)) == 100);
	assert_non_null(gateway->blue_green);
	assert_non_null(value_secret(value_at(gateway->migrations, "database")));
	assert_null(gateway->aliases);
	assert_string_equal(platform->driver, "helm");
	assert_string_equal(platform->workloads[1], "deployment/chatops-engine");
	assert_int_equal(platform->timeout, MINUTES(5));
	assert_null(platform->verify);
	assert_null(platform->workloads[2]);
}

TEST(the_sample_has_roles_and_rules)
{
	_configuration_ *c = load_sample();
	const struct rule *rule = c->rules.item;

	assert_int_equal(c->roles.count, 3);
	assert_string_equal(c->roles.item[0].users[1], "U0123");
	assert_string_equal(c->roles.item[0].groups[0], "@sre");
	assert_string_equal(c->roles.item[0].on_call, "primary");
	assert_null(c->roles.item[1].groups);
	assert_string_equal(c->roles.item[2].users[1], "local:root");
	assert_int_equal(c->rules.count, 2);
	assert_string_equal(rule[0].commands[1], "rollout");
	assert_string_equal(rule[0].targets[0], "chatops-*");
	assert_string_equal(rule[0].environments[0], "staging");
	assert_string_equal(rule[0].channels[0], "incidents");
	assert_true(rule[0].now && rule[0].allow && !rule[0].reason_required);
	assert_int_equal(rule[0].approvals, 0);
	assert_null(rule[0].arguments);
	assert_int_equal(rule[0].line, 69);
	assert_null(rule[1].targets);
	assert_null(rule[1].channels);
	assert_int_equal(rule[1].approvals, 1);
	assert_string_equal(rule[1].approvers[0], "sre-lead");
	assert_true(rule[1].reason_required && rule[1].allow && !rule[1].now && !rule[1].break_glass);
	assert_int_equal(value_count(value_at(rule[1].arguments, "to")), 2);
}

TEST(adapters_find_their_own_settings)
{
	_configuration_ *c = load_sample();

	assert_string_equal(settings_string(c->settings, "slack.mode"), "socket");
	assert_string_equal(settings_string(c->settings, "slack.api_url"), "https://slack.com/api/");
	assert_in_folder(settings_string(c->settings, "slack.ca_file"), "tests/unit/data/ca.pem");
	assert_true(settings_number(c->settings, "slack.connections") == 2);
	assert_true(secret_equals(settings_secret(c->settings, "slack.app_token"), "a-value-of-the-test", 19));
}

/* ---- the files that are shipped ---- */

static void
read_file(const char *path, struct text *out)
{
	char buffer[4096];
	FILE *file = fopen(path, "re");
	size_t length;

	assert_non_null(file);
	while ((length = fread(buffer, 1, sizeof(buffer), file)) > 0)
		text_add_bytes(out, buffer, length);
	fclose(file);
}

static void
write_sample(const struct text *printed)
{
	FILE *file = fopen("config/rollcall.yaml", "we");

	assert_non_null(file);
	assert_int_equal(fwrite(printed->data, 1, printed->length, file), printed->length);
	assert_int_equal(fclose(file), 0);
}

/* After a change of the rows: WRITE_SAMPLE=1 build/test/unit/configuration shipped_sample */
TEST(the_shipped_sample_is_what_the_rows_print)
{
	_cleanup_(text_clear) struct text shipped = TEXT_INIT, printed = TEXT_INIT;

	settings_print_sample(&printed);
	if (getenv("WRITE_SAMPLE") != NULL)
		write_sample(&printed);
	read_file("config/rollcall.yaml", &shipped);
	assert_string_equal(shipped.data, printed.data);
}

TEST(the_shipped_sample_loads)
{
	_cleanup_(text_clear) struct text problems = TEXT_INIT;
	_configuration_ *c = configuration_load("config/rollcall.yaml", NULL, &problems);

	if (c == NULL)
		fail_msg("%s", problems.data);
	assert_string_equal(configuration_target(c, "my-app")->environments[0]->name, "default");
	assert_in_folder(c->state, "config/state/rollcall.db");
}

/* "# Sentence" stays, "#key: value" and "#  key: value" become settings. */
TEST(the_shipped_sample_loads_with_every_comment_taken_away)
{
	_cleanup_(text_clear) struct text sample = TEXT_INIT, whole = TEXT_INIT, problems = TEXT_INIT;
	_configuration_ *c = NULL;
	size_t length;

	settings_print_sample(&sample);
	for (const char *at = sample.data; *at != '\0'; at += length) {
		length = strcspn(at, "\n") + 1;
		if (at[0] == '#' && !(at[1] == ' ' && at[2] != ' '))
			text_add_bytes(&whole, at + 1, length - 1);
		else
			text_add_bytes(&whole, at, length);
	}
	c = configuration_load(NULL, whole.data, &problems);
	if (c == NULL)
		fail_msg("%s", problems.data);
	assert_int_equal(c->limits.chat_budget, 1000);
	assert_int_equal(c->clusters.count, 1);
	assert_string_equal(c->clusters.item[0].name, "primary");
	assert_string_equal(c->targets.item[0].aliases[1], "my app");
}

static void
assert_row_is_shown(const struct setting *row, void *arg)
{
	const char *name = strrchr(row->path, '.') != NULL ? strrchr(row->path, '.') + 1 : row->path;
	char key[128];

	assert_non_null(row->sentence);
	if (row->initial == NULL && row->example == NULL)
		return;
	if (string_equal(name, "*"))
		name = row->example;
	snprintf(key, sizeof(key), " %s:", name);
	if (strchr(row->path, '.') == NULL)
		snprintf(key, sizeof(key), "%s:", name);
	if (strstr(((struct text *)arg)->data, key) == NULL && !string_starts(row->path, "targets.*.verify[]"))
		fail_msg("%s is not in the sample", row->path);
}

TEST(every_row_with_something_to_show_is_in_the_sample)
{
	_cleanup_(text_clear) struct text sample = TEXT_INIT;

	settings_print_sample(&sample);
	settings_each(assert_row_is_shown, &sample);
}

TEST(the_playground_loads)
{
	_cleanup_(text_clear) struct text problems = TEXT_INIT;
	_configuration_ *c;

	commands_register(commands_table);	/* it names what there really is */
	c = configuration_load("config/playground.yaml", NULL, &problems);
	commands_register(commands);
	if (c == NULL)
		fail_msg("%s", problems.data);
	assert_string_equal(c->state, "/tmp/playground/rollcall.db");
	assert_string_equal(configuration_tool(c, "kubectl"), "/tmp/playground/bin/kubectl");
	assert_string_equal(c->roles.item[0].name, "admin");
	assert_string_equal(c->roles.item[0].users[0], "local:tester");
	assert_string_equal(configuration_target(c, "logcaster-blue")->product, "LogCaster");
	assert_string_equal(configuration_target(c, "chatops-engine")->product, "ChatOps Platform");
	assert_false(mask_has(secret_mask(), "tester", 6));
}

/* ---- defaults ---- */

TEST(two_tokens_and_one_target_are_enough)
{
	_configuration_ *c = load_text("slack: {app_token: \"${SLACK_APP_TOKEN}\", bot_token: "
				       "\"${SLACK_BOT_TOKEN}\"}\ntargets: {web: {}}\n",
	    "embedded: there are no permissions: every member may look, only the role admin may change, and "
	    "nobody has it\n");
	const struct target_setting *web = configuration_target(c, "web");

	assert_null(c->path);
	assert_string_equal(web->driver, "deployment");
	assert_string_equal(web->name, "web");
	assert_string_equal(web->namespace, "default");
	assert_string_equal(web->environments[0]->name, "default");
	assert_null(web->environments[1]);
	assert_string_equal(web->environments[0]->clusters[0]->name, "default");
	assert_null(web->environments[0]->clusters[0]->kubeconfig);
	assert_null(web->environments[0]->clusters[1]);
	assert_string_equal(web->product, "web");
	assert_null(c->listen_http);
	assert_in_folder(c->state, "state/rollcall.db");
}

TEST(nothing_at_all_is_warned_about)
{
	_configuration_ *c = load_text("", "embedded: there are no targets, so nothing can be taken back\n"
	    "embedded: there are no permissions: every member may look, only the role admin may change, and "
	    "nobody has it\n");

	assert_non_null(c);
	assert_int_equal(c->rules.count, 0);
	assert_string_equal(c->channels.count == 0 ? c->language : "", "en");
}

TEST(without_environments_there_is_one_of_every_cluster)
{
	_configuration_ *c = load_text("clusters: {a: {}, b: {}}\n" TARGET RULE, "");

	assert_int_equal(c->environments.count, 1);
	assert_string_equal(c->environments.item[0].clusters[0]->name, "a");
	assert_string_equal(c->environments.item[0].clusters[1]->name, "b");
	assert_null(c->environments.item[0].clusters[2]);
}

TEST(a_target_has_a_name_in_each_cluster)
{
	_configuration_ *c = load_text("clusters: {a: {}, b: {}}\n"
				       "targets: {web: {name: {a: web-a, b: web-b}, aliases: [www]}}\n" RULE, "");
	const struct target_setting *web = configuration_target(c, "web");

	assert_null(web->name);
	assert_string_equal(web->names[0].cluster, "a");
	assert_string_equal(web->names[1].name, "web-b");
	assert_null(web->names[2].cluster);
	assert_string_equal(web->aliases[0], "www");
}

TEST(replicas_may_be_limited_in_both_notations)
{
	_configuration_ *c = load_text("permissions:\n- arguments: {replicas: {at_most: 20}}\n"
				       "- arguments: {scale: {replicas: {at_most: 30}}}\n" TARGET, "");

	assert_true(value_number(value_at(c->rules.item[0].arguments, "replicas.at_most")) == 20);
	assert_true(value_number(value_at(c->rules.item[1].arguments, "replicas.at_most")) == 30);
	assert_true(c->rules.item[1].allow);
}

TEST(tools_are_found_on_path_or_beside_the_file_never_in_the_working_directory)
{
	_configuration_ *c = NULL;
	char path[128];

	snprintf(path, sizeof(path), ".:tests:%s", programs);
	setenv("PATH", path, 1);
	c = load_text("tools: {helm: bin/helm, argocd: no-such-program}\n" TARGET RULE, "");
	setenv("PATH", programs, 1);
	snprintf(path, sizeof(path), "%s/kubectl", programs);
	assert_string_equal(configuration_tool(c, "kubectl"), path);
	assert_in_folder(configuration_tool(c, "helm"), "bin/helm");
	assert_string_equal(configuration_tool(c, "argocd"), "/usr/bin/no-such-program");
	assert_null(configuration_tool(c, "sh"));
}

TEST(logs_may_be_json)
{
	_configuration_ *c = load_text("log: {level: debug, format: json}\n" TARGET RULE, "");

	assert_int_equal(c->log_level, LOG_LEVEL_DEBUG);
	assert_true(c->log_json);
}

/* ---- what is wrong ---- */

TEST(each_mistake_has_its_sentence)
{
	static const struct { const char *text, *problems; } bad[] = {
		/* the example of the contract's header */
		{ "targets:\n  web:\n    cluster: primary\n", "embedded:3:5: targets.web.cluster: found an unknown "
		    "key, expected driver, name, namespace, environment, product, aliases, timeout, workloads, "
		    "runbook, verify, notify, blue_green …\n" },
		/* references */
		{ "clusters: {primary: {}}\nenvironments: {production: {clusters: [primry]}}\n",
		    "embedded:2:40: environments.production.clusters[1]: found \"primry\", expected one of "
		    "clusters: primary\n" },
		{ "targets: {web: {environment: production}}\n", "embedded:1:30: targets.web.environment: found "
		    "\"production\", expected one of environments: none is there\n" },
		{ "permissions: [{roles: [sre]}]\nroles: {sre-lead: {users: [U0]}}\n", "embedded:1:24: "
		    "permissions[1].roles[1]: found \"sre\", expected one of roles: sre-lead\n" },
		{ "permissions: [{channels: [incidents]}]\n", "embedded:1:27: permissions[1].channels[1]: found "
		    "\"incidents\", expected one of channels: none is there\n" },
		{ "permissions: [{commands: [rollbak, rollout history, rollout explode, \"*\"]}]\n",
		    "embedded:1:27: permissions[1].commands[1]: found \"rollbak\", expected a command (rollback, "
		    "rollout, ops), or one with its subcommand\n"
		    "embedded:1:53: permissions[1].commands[3]: found \"rollout explode\", expected a command "
		    "(rollback, rollout, ops), or one with its subcommand\n" },
		{ "people: {ann: [U0ANN, \"local:ann\"], eve: [U0EVE, U0ANN]}\n", "embedded:1:50: people.eve[2]: "
		    "found \"U0ANN\" of ann too, expected each at one person only\n" },
		{ "roles: {sre: {on_call: primary}}\n", "embedded:1:24: roles.sre.on_call: found \"primary\", "
		    "expected one of on_call: none is there\n" },
		{ "on_call: {escalation: [sre]}\nroles: {sre: {users: [U0]}}\ntriggers: [{name: a, probe: {url: "
		  "\"http://a\"}, target: web}]\n", "embedded:3:56: triggers[1].target: found \"web\", expected "
		    "one of targets: none is there\n" },
		{ "targets: {web: {notify: {channels: admins}}}\nchannels: {admin: {name: \"#a\"}}\n",
		    "embedded:1:36: targets.web.notify.channels: found \"admins\", expected one of channels: "
		    "admin\n" },
		{ "clusters: {a: {}}\ntargets: {web: {name: {b: web}}}\n",
		    "embedded:2:17: targets.web.name: found no name for the cluster a, expected one\n"
		    "embedded:2:27: targets.web.name.b: found \"b\", expected one of clusters: a\n" },
		/* targets */
		{ "targets: {web: {driver: helmet}}\n", "embedded:1:25: targets.web.driver: found \"helmet\", "
		    "expected helm, deployment, statefulset, daemonset, argocd, gitops or flagger\n" },
		{ "clusters: {a: {}, b: {}}\nenvironments: {x: {clusters: a}, y: {clusters: b}}\n" TARGET,
		    "embedded:3:11: targets.web: found no environment, expected one of those under environments, "
		    "since there are several\n" },
		{ "targets: {web: {aliases: [www, API]}, api: {aliases: www}}\n",
		    "embedded:1:32: targets.web.aliases[2]: found \"API\", which is a name of the target api, "
		    "expected one that is free\n"
		    "embedded:1:54: targets.api.aliases: found \"www\", which is a name of the target web, "
		    "expected one that is free\n" },
		{ "targets: {web: {aliases: [WEB]}, Web: {}}\n", "embedded:1:34: targets.Web: found \"Web\", "
		    "which is a name of the target web, expected one that is free\n" },
		{ "targets: {web: {workloads: [deployment/a, job/b, deployment/]}}\n",
		    "embedded:1:43: targets.web.workloads[2]: found \"job/b\", expected deployment/NAME, "
		    "statefulset/NAME or daemonset/NAME\n"
		    "embedded:1:50: targets.web.workloads[3]: found \"deployment/\", expected deployment/NAME, "
		    "statefulset/NAME or daemonset/NAME\n" },
		{ "targets: {web: {verify: [{pods: ready, http: {url: \"http://a\"}}, {}, {pod: ready}]}}\n",
		    "embedded:1:26: targets.web.verify[1]: found several, expected one of pods, http or query\n"
		    "embedded:1:66: targets.web.verify[2]: found nothing, expected one of pods, http or query\n"
		    "embedded:1:71: targets.web.verify[3].pod: found an unknown key, expected pods\n" },
		/* F2: it would be refused only when the rollback is done */
		{ "targets: {web: {verify: [{http: {url: \"http://a/health?probe=a%20b\"}}]}}\n",
		    "embedded:1:39: targets.web.verify[1].http.url: found \"http://a/health?probe=a%20b\", expected "
		    "one that can be asked through the API server: of letters, digits and - . _ ~ / ? = & only, "
		    "and no \"..\"\n" },
		{ "targets: {\"my web\": {}}\n", "embedded:1:11: targets.my web: found \"my web\", expected a "
		    "name of at most 63 letters, digits, - and _\n" },
		/* people */
		{ "roles: {sre: {users: [ann, U0123, T0/U1, \"@ann\", a@b.c, \"local:\", \"a b@c\", a@], "
		  "groups: [sre]}}\n",
		    "embedded:1:23: roles.sre.users[1]: found \"ann\", expected an id (U0123ABCD), a mail "
		    "address, \"@name\", local:USER, trigger:NAME or webhook:NAME\n"
		    "embedded:1:57: roles.sre.users[6]: found \"local:\", expected an id (U0123ABCD), a mail "
		    "address, \"@name\", local:USER, trigger:NAME or webhook:NAME\n"
		    "embedded:1:67: roles.sre.users[7]: found \"a b@c\", expected an id (U0123ABCD), a mail "
		    "address, \"@name\", local:USER, trigger:NAME or webhook:NAME\n"
		    "embedded:1:76: roles.sre.users[8]: found \"a@\", expected an id (U0123ABCD), a mail "
		    "address, \"@name\", local:USER, trigger:NAME or webhook:NAME\n"
		    "embedded:1:90: roles.sre.groups[1]: found \"sre\", expected \"@group\" or an id like "
		    "S0123ABCD\n" },
		{ "roles: {sre: {users: []}}\n", "embedded:1:22: roles.sre.users: found an empty list, expected a "
		    "name or a list of names\n" },
		/* rules */
		{ "permissions: [{targets: [weeb, zzzz, \"w*\", \"z*\"]}]\n" TARGET,
		    "embedded:1:26: permissions[1].targets[1]: found \"weeb\", expected a target: web\n"
		    "embedded:1:32: permissions[1].targets[2]: found \"zzzz\", expected a target or a pattern "
		    "with *\n" },
		{ "roles: {lead: {users: [U1, U2]}}\npermissions: [{approvals: 3, approvers: lead}]\n",
		    "embedded:2:27: permissions[1].approvals: found 3, expected at most 2, since the approvers "
		    "are no more people\n" },
		{ "roles: {lead: {users: [U1]}}\nclusters: {a: {}}\nenvironments: {x: {clusters: a, approvals: 2, "
		  "approvers: lead}}\n", "embedded:3:44: environments.x.approvals: found 2, expected at most 1, "
		    "since the approvers are no more people\n" },
		{ "permissions: [{arguments: {amount: 1}}]\n", "embedded:1:28: permissions[1].arguments.amount: "
		    "found an unknown key, expected to, replicas or scale\n" },
		{ "permissions: [{arguments: {to: previous, scale: {replicas: {at_most: 1}}}}]\n",
		    "embedded:1:16: permissions[1].arguments: found scale beside others, expected it alone\n" },
		{ "permissions: [{allow: yes, reason: true}]\n",
		    "embedded:1:23: permissions[1].allow: found \"yes\", expected true or false\n"
		    "embedded:1:36: permissions[1].reason: found \"true\", expected required or optional\n" },
		/* the installation */
		{ "timezone: Mars/Base\n", "embedded:1:11: timezone: found \"Mars/Base\", expected the IANA name of "
		    "a zone, like Asia/Taipei\n" },
		{ "state: postgresql://db/rollcall\n", "embedded:1:8: state: found a state that is no file, "
		    "expected one like sqlite:state/rollcall.db\n" },
		{ "state: state.db\n", "embedded:1:8: state: found a state that is no file, expected one like "
		    "sqlite:state/rollcall.db\n" },
		{ "listen: {http: 8080}\n", "embedded:1:16: listen.http: found an address without host and port, "
		    "expected one like 127.0.0.1:8080\n" },
		{ "listen: {tls: {key: a}}\n", "embedded:1:15: listen.tls.certificate: found nothing, expected the "
		    "path of a file\n" },
		{ "channels: {a: {name: \"a b\"}, b: {}}\n", "embedded:1:22: channels.a.name: found a channel with "
		    "a blank in it, expected \"#name\" or an id like C0123ABCD\n"
		    "embedded:1:33: channels.b.name: found nothing, expected a text\n" },
		{ "clusters: {a: {environment: [A=b]}}\n", "embedded:1:30: clusters.a.environment[1]: found "
		    "something that is no name of a variable, expected a name like AWS_PROFILE, without ${}\n" },
		{ "clusters: {a: {environment: [HELM_DRIVER, LD_PRELOAD]}}\n", "embedded:1:43: clusters.a.environment[2]: found "
		    "LD_PRELOAD, which could move a tool or make it run another program, expected a variable of a "
		    "credential plugin, like AWS_PROFILE\n" },	/* AR3 */
		{ "clusters: {a: {environment: [HELM_DRIVER, PATH]}}\n", "embedded:1:43: clusters.a.environment[2]: found "
		    "PATH, which could move a tool or make it run another program, expected a variable of a "
		    "credential plugin, like AWS_PROFILE\n" },	/* AR3 */
		{ "clusters: {a: {environment: [HELM_DRIVER, KUBECONFIG]}}\n", "embedded:1:43: clusters.a.environment[2]: found "
		    "KUBECONFIG, which could move a tool or make it run another program, expected a variable of a "
		    "credential plugin, like AWS_PROFILE\n" },	/* AR3 */
		{ "clusters: {a: {environment: [HELM_DRIVER, HELM_KUBEAPISERVER]}}\n", "embedded:1:43: clusters.a.environment[2]: found "
		    "HELM_KUBEAPISERVER, which could move a tool or make it run another program, expected a variable of a "
		    "credential plugin, like AWS_PROFILE\n" },	/* AR3 */
		{ "clusters: {a: {environment: [HELM_DRIVER, ARGOCD_OPTS]}}\n", "embedded:1:43: clusters.a.environment[2]: found "
		    "ARGOCD_OPTS, which could move a tool or make it run another program, expected a variable of a "
		    "credential plugin, like AWS_PROFILE\n" },	/* AR3 */
		{ "clusters: {a: {environment: [HELM_DRIVER, GIT_SSH_COMMAND]}}\n", "embedded:1:43: clusters.a.environment[2]: found "
		    "GIT_SSH_COMMAND, which could move a tool or make it run another program, expected a variable of a "
		    "credential plugin, like AWS_PROFILE\n" },	/* AR3 */
		{ "limits: {children: 0, logs: 1h, output: 1}\n",
		    "embedded:1:20: limits.children: found \"0\", expected a whole number from 1 to 1024\n"
		    "embedded:1:29: limits.logs: found \"1h\", expected a duration like 90s, 15m, 2h or 7d from "
		    "1d to 3660d\n"
		    "embedded:1:41: limits.output: found \"1\", expected a size like 512, 10kB or 64MiB from "
		    "64KiB to 4GiB\n" },
		{ "tools: {sh: /bin/sh}\n", "embedded:1:9: tools.sh: found an unknown key, expected kubectl, helm "
		    "or argocd\n" },
		/* the doors */
		{ "slack: {bot_token: \"${SLACK_BOT_TOKEN}\"}\n", "embedded:1:1: slack: found mode socket without "
		    "app_token, expected slack.app_token\n" },
		{ "slack: {mode: rtm}\n", "embedded:1:1: slack: found mode rtm without bot_token, expected "
		    "slack.bot_token\n" },
		{ "slack: {mode: http, signing_secret: \"${PD_SECRET}\"}\n", "embedded:1:1: slack: found mode http "
		    "without bot_token, expected slack.bot_token\n" },
		{ "slack: {app_token: \"${NOT_SET}\", bot_token: \"${SLACK_BOT_TOKEN}\", connections: 10}\n",
		    "embedded:1:20: slack.app_token: found ${NOT_SET}, expected the environment variable NOT_SET "
		    "to be set\n"
		    "embedded:1:80: slack.connections: found \"10\", expected a whole number from 1 to 9\n" },
		{ "mail: {url: \"smtps://mail\"}\n", "embedded:1:7: mail.from: found nothing, expected a text\n" },
		/* time */
		{ "freezes: [{from: 2026-12-27 08:00, to: 2026-12-24 18:00}]\n", "embedded:1:40: freezes[1].to: "
		    "found \"2026-12-24 18:00\", expected a time after \"2026-12-27 08:00\"\n" },
		{ "severities: {P1: {acknowledge: soon}}\n", "embedded:1:32: severities.P1.acknowledge: found "
		    "\"soon\", expected a duration like 30m or \"next business day\"\n" },
		{ "on_call: {a: {people: U1, every: 1 fortnight, quiet_hours: 22:00-24:00}, b: {source: "
		  "pagerduty}, c: {}}\n",
		    "embedded:1:34: on_call.a.every: found \"1 fortnight\", expected a period like 1 week, 3 days "
		    "or 12h\n"
		    "embedded:1:60: on_call.a.quiet_hours: found \"22:00-24:00\", expected hours like "
		    "22:00-08:00\n"
		    "embedded:1:74: on_call.b: found no schedule, expected the schedule's id\n"
		    "embedded:1:98: on_call.c: found a rotation without people, expected people\n" },
		{ TARGET "triggers: [{name: a, target: web}, {name: b, target: web, condition: c, probe: {url: "
			 "\"http://a\"}}]\n",
		    "embedded:2:12: triggers[1]: found neither, expected one of condition or probe\n"
		    "embedded:2:36: triggers[2]: found both, expected one of condition or probe\n" },
	};

	for (size_t i = 0; i < COUNT(bad); i++) {
		_configuration_ *c = load_text(bad[i].text, bad[i].problems);

		assert_row(i, c == NULL);
	}
}

TEST(what_may_be_meant_is_only_warned_about)
{
	static const struct { const char *text, *warnings; } odd[] = {
		{ "permissions: [{targets: [\"z*\"]}]\n" TARGET,
		    "embedded:1:26: permissions[1].targets[1]: \"z*\" fits no target\n" },
		{ "targets: {web: {driver: argocd}}\n" RULE, "embedded:1:25: targets.web.driver: the driver "
		    "argocd is checked, but not acted on yet by this version: commands refuse this target\n" },
		{ "language: ko\n" TARGET RULE, "embedded:1:11: language: there is no ko catalogue yet, so "
		    "English is used\n" },
		{ "limits: {commands_per_minute: 1000, slack_budget: 500}\n" TARGET RULE,
		    "embedded:1:31: limits.commands_per_minute: 1000 commands a minute is a limit for "
		    "benchmarks, not for people\n"
		    "embedded:1:51: limits.slack_budget: raised past what the chat service allows: for "
		    "benchmarks against a service of one's own only\n" },
		{ "tools: {kubectl: /nowhere/kubectl}\n" TARGET RULE, "embedded: found no program kubectl "
		    "(/nowhere/kubectl), which targets like web need; install it or set tools.kubectl\n" },
		{ "slack: {mode: http, signing_secret: \"${PD_SECRET}\", bot_token: \"${PD_SECRET}\"}\n" TARGET RULE, "embedded:1:15: slack.mode: mode http is checked, but not acted on yet by this "
		    "version\n" },
	};

	for (size_t i = 0; i < COUNT(odd); i++) {
		_configuration_ *c = load_text(odd[i].text, odd[i].warnings);

		assert_row(i, c != NULL);
	}
}

TEST(addresses_have_a_host_and_a_port)
{
	static const struct { const char *text; bool fits; } addresses[] = {
		{ "127.0.0.1:8080", true }, { "localhost:0", true }, { "\"[::1]:8080\"", true },
		{ "\"[::]:65535\"", true }, { "\":8080\"", false }, { "a:65536", false }, { "\"a:\"", false },
		{ "\"::1:80\"", false }, { "\"[]:80\"", false }, { "\"[::1]80\"", false }, { "a b:80", false },
	};

	for (size_t i = 0; i < COUNT(addresses); i++) {
		_cleanup_(text_clear) struct text text = TEXT_INIT, problems = TEXT_INIT;
		_configuration_ *c = NULL;

		text_printf(&text, "listen: {http: %s}\n", addresses[i].text);
		c = configuration_load(NULL, text.data, &problems);
		assert_row(i, (c != NULL) == addresses[i].fits);
	}
}

/* ---- files ---- */

static void
load_file(const char *path, const char *expected)
{
	_cleanup_(text_clear) struct text problems = TEXT_INIT, whole = TEXT_INIT;
	_configuration_ *c = configuration_load(path, NULL, &problems);

	text_printf(&whole, "%s: %s\n", path, expected);
	assert_null(c);
	assert_string_equal(problems.data, whole.data);
}

TEST(a_file_that_strangers_can_write_is_refused)
{
	char path[] = "/tmp/rollcall-configuration-XXXXXX", expected[128];
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	assert_int_equal(fchmod(fd, 0666), 0);
	snprintf(expected, sizeof(expected), "found a file that everybody may write; run: chmod o-w %s", path);
	load_file(path, expected);
	assert_int_equal(fchmod(fd, 0644), 0);
	assert_int_equal(ftruncate(fd, SETTINGS_BYTES + 1), 0);
	load_file(path, "found 1048577 bytes, expected at most 1 MiB");
	close(fd);
	unlink(path);
}

TEST(what_is_no_file_is_said)
{
	load_file("tests/unit/data/nowhere.yaml", "cannot be read: No such file or directory");
	load_file("tests/unit", "found something that is no file, expected one");
	load_file("/dev/null", "found something that is no file, expected one");
}

TEST(a_file_of_another_user_is_refused)
{
	char path[] = "/tmp/rollcall-configuration-XXXXXX";
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	if (fchown(fd, 12345, (gid_t)-1) == 0)
		load_file(path, "found a file of another user, expected one of ours or root's");
	close(fd);
	unlink(path);
}

/* rights.c - what is said about the difference of two configurations: nothing that widens rights is silent. */

#include "rights.h"

#include "adapters/all_settings.h"
#include "commands/commands.h"

#include "test.h"

static const char world[] =
    "clusters: {primary: {kubeconfig: a.yaml}, spare: {kubeconfig: b.yaml}}\n"
    "slack: {app_token: \"xapp-1\", bot_token: \"xoxb-1\"}\n"
    "environments:\n"
    "  production: {clusters: [primary], approvals: 1, approvers: [lead]}\n"
    "  staging: {clusters: [spare]}\n"
    "targets:\n"
    "  web: {driver: deployment, namespace: shop, environment: [production, staging]}\n"
    "channels: {quiet: {name: C0QUIET}}\n"
    "people: {lea: [lead@example.com, \"local:lea\"]}\n"
    "roles:\n"
    "  sre: {users: [ann@example.com], groups: [\"@sre\"]}\n"
    "  lead: {users: [lead@example.com, kim@example.com]}\n"
    "  admin: {users: [U0ALICE]}\n"
    "permissions:\n"
    "  - {commands: [rollback], roles: [sre], allow: true}\n"
    "  - {commands: [rollout, ops], targets: [\"web*\"], roles: [sre], reason: required, allow: true}\n"
    "  - {commands: [\"*\"], roles: [admin], allow: true}\n";

/* What stands in the file, what stands there instead, and what is said. */
static const struct {
	const char *from, *to, *said;
} rows[] = {
	{ "", "", "" },
	{ "product: A\n", "product: B\n", "" },
	{ "users: [ann@example.com]", "users: [ann@example.com, bob@example.com]",
	    "+ bob@example.com gained the role sre: rollback, rollout, ops\n" },
	{ "users: [ann@example.com]", "users: [bob@example.com]",
	    "+ bob@example.com gained the role sre: rollback, rollout, ops\n"
	    "- ann@example.com lost the role sre: rollback, rollout, ops\n" },
	{ ", groups: [\"@sre\"]", "", "- @sre lost the role sre: rollback, rollout, ops\n" },
	{ "kim@example.com]", "kim@example.com, \"local:eve\"]",
	    "+ local:eve gained the role lead: approves in production\n" },
	{ "  admin: {users: [U0ALICE]}\n", "  admin: {users: [U0ALICE]}\n  guest: {users: [eve@example.com]}\n",
	    "+ eve@example.com gained the role guest\n" },
	{ "commands: [rollback], roles: [sre]", "commands: [rollback], roles: [sre, lead]",
	    "+ sre (ann@example.com, @sre), lead (lead@example.com, kim@example.com) may now: rollback\n"
	    "- sre (ann@example.com, @sre) may no longer, by a rule that is gone: rollback\n" },
	{ "commands: [rollback], roles: [sre]", "commands: [rollback], roles: [sre], now: true",
	    "+ sre (ann@example.com, @sre) may now: rollback, with now\n"
	    "- sre (ann@example.com, @sre) may no longer, by a rule that is gone: rollback\n" },
	{ "  - {commands: [rollback], roles: [sre], allow: true}\n",
	    "  - {commands: [rollback], roles: [sre], allow: true}\n"
	    "  - {commands: [rollback], environments: [staging], channels: [quiet],"
	    " arguments: {to: [previous, verified]}, approvals: 2, approvers: [lead], allow: true}\n",
	    "+ everybody may now: rollback in staging from the channels quiet,"
	    " only with to previous, verified, after 2 yeses of lead\n" },
	{ "[sre], allow: true}", "[sre], allow: false}",
	    "- sre (ann@example.com, @sre) may not any more: rollback\n"
	    "- sre (ann@example.com, @sre) may no longer, by a rule that is gone: rollback\n" },
	{ "  - {commands: [rollback], roles: [sre], allow: true}\n"
	  "  - {commands: [rollout, ops], targets: [\"web*\"], roles: [sre], reason: required, allow: true}\n",
	    "  - {commands: [rollout, ops], targets: [\"web*\"], roles: [sre], reason: required, allow: true}\n"
	    "  - {commands: [rollback], roles: [sre], allow: true}\n",
	    "+ the rules stand in another order; the first that fits decides\n" },
	{ "approvals: 1, ", "approvals: 0, ", "+ production asks for 0 yeses, it was 1\n" },
	{ "approvals: 1, ", "approvals: 2, ", "- production asks for 2 yeses, it was 1\n" },
	{ "approvers: [lead]}", "approvers: [sre]}",
	    "+ sre may approve in production\n- lead may not approve in production any more\n" },
	{ "approvals: 1, approvers: [lead]", "approvals: 1",
	    "+ whoever may ask may approve in production\n- lead may not approve in production any more\n" },
	{ "{clusters: [spare]}", "{clusters: [spare, primary]}", "~ staging runs in spare, primary, it was spare\n" },
	{ "environment: [production, staging]", "environment: [staging]",
	    "~ the target web is deployment shop/web in staging,"
	    " it was deployment shop/web in production, staging\n" },
	{ "namespace: shop", "namespace: kube-system",
	    "~ the target web is deployment kube-system/web in production, staging,"
	    " it was deployment shop/web in production, staging\n" },
	{ "targets:\n", "targets:\n  api: {driver: helm, namespace: shop, environment: staging}\n",
	    "~ the target api is new: helm shop/api in staging\n" },
	{ "\"local:lea\"]", "\"local:bea\"]",
	    "+ local:lea is not lea any more\n- local:bea is lea now, and says no second yes\n" },
	{ "a.yaml", "c.yaml", "~ the cluster primary is reached by another kubeconfig or context\n" },
};

static struct configuration *
load(const char *from, const char *to)
{
	_cleanup_(text_clear) struct text text = TEXT_INIT, problems = TEXT_INIT;
	const char *at = strstr(world, from);
	struct configuration *c;

	settings_register_all();
	commands_register(commands_table);
	if (from[0] == '\0' || at == NULL)
		text_printf(&text, "%s%s", world, to);
	else
		text_printf(&text, "%.*s%s%s", (int)(at - world), world, to, at + strlen(from));
	c = configuration_load(NULL, text.data, &problems);
	if (c == NULL)
		fail_msg("%s", problems.data);
	return c;
}

TEST(each_difference_is_one_line_and_what_widens_comes_first)
{
	for (size_t i = 0; i < COUNT(rows); i++) {
		_cleanup_(text_clear) struct text said = TEXT_INIT;
		struct configuration *before = load("", ""), *after = load(rows[i].from, rows[i].to);

		rights_difference(&said, before, after);
		if (!string_equal(said.data, rows[i].said))
			fail_msg("row %zu: “%s”", i, said.data);
		configuration_free(before);
		configuration_free(after);
	}
}

TEST(rules_that_come_or_go_as_a_whole_are_said)
{
	_cleanup_(text_clear) struct text gone = TEXT_INIT, come = TEXT_INIT;
	struct configuration *with = load("", ""), *without;
	const char *rules = strstr(world, "permissions:");

	without = load(rules, "");
	rights_difference(&gone, with, without);
	assert_non_null(strstr(gone.data, "+ there are no rules any more"));
	rights_difference(&come, without, with);
	assert_non_null(strstr(come.data, "- there are rules now"));
	configuration_free(with);
	configuration_free(without);
}

TEST(a_program_that_a_kubeconfig_may_run_is_a_right)
{
	_cleanup_(text_clear) struct text said = TEXT_INIT, back = TEXT_INIT, same = TEXT_INIT;
	struct configuration *before = load("", ""), *after = load("a.yaml", "a.yaml, exec_plugin: /usr/bin/env");

	rights_difference(&said, before, after);
	assert_true(string_starts(said.data, "+ the kubeconfig of primary may run /usr/bin/env, SHA-256 "));
	rights_difference(&back, after, before);
	assert_string_equal(back.data, "- the kubeconfig of primary may not run /usr/bin/env any more\n");
	rights_difference(&same, after, after);
	assert_string_equal(same.data, "");
	configuration_free(before);
	configuration_free(after);
}

TEST(a_secret_that_changed_is_no_line)
{
	_cleanup_(text_clear) struct text said = TEXT_INIT;
	struct configuration *before = load("", ""), *after = load("xoxb-1", "xoxb-2");

	rights_difference(&said, before, after);
	assert_string_equal(said.data, "");
	configuration_free(before);
	configuration_free(after);
}

/* ---- what is read at the start only ---- */

TEST(settings_that_need_a_restart_are_named)
{
	static const struct {
		const char *from, *to, *named;
	} changes[] = {
		{ "xoxb-1", "xoxb-2", "" },
		{ "", "state: sqlite:elsewhere/x.db\n", "state" },
		{ "", "listen: {socket: other.sock}\n", "listen.socket" },
		{ "", "limits: {children: 3}\n", "" },
		{ "bot_token: ", "connections: 3, proxy: \"http://p:1\", bot_token: ", "slack.proxy, slack.connections" },
		{ "bot_token: ", "connections: 2, bot_token: ", "" },	/* the default, said */
	};

	for (size_t i = 0; i < COUNT(changes); i++) {
		_cleanup_(text_clear) struct text named = TEXT_INIT;
		struct configuration *before = load("", ""), *after = load(changes[i].from, changes[i].to);

		settings_print_restarts(&named, before->settings, after->settings);
		if (!string_equal(named.data, changes[i].named))
			fail_msg("row %zu: “%s”", i, named.data);
		configuration_free(before);
		configuration_free(after);
	}
}

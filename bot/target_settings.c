/* target_settings.c - rows of environments and of what can be taken back. */

#include <string.h>

#include "address.h"
#include "driver.h"
#include "settings_rows.h"
#include "words.h"

static void
check_driver(struct settings *settings, const struct value *value)
{
	if (driver_find(value_string(value)) == NULL)
		settings_warning(settings, value, "the driver %s is checked, but not acted on yet by this "
		    "version: commands refuse this target", value_string(value));
}

/* "deployment/chatops-gateway" */
static void
check_workloads(struct settings *settings, const struct value *names)
{
	static const char *const kinds[] = { "deployment/", "statefulset/", "daemonset/" };
	const struct value *value;
	bool fits;

	for (size_t i = 0; i < value_count(names); i++) {
		value = value_item(names, i);
		fits = false;
		for (size_t j = 0; j < COUNT(kinds); j++)
			fits |= string_starts(value_string(value), kinds[j]) &&
			    value_string(value)[strlen(kinds[j])] != '\0';
		if (!fits)
			settings_problem(settings, value, "found \"%s\", expected deployment/NAME, "
			    "statefulset/NAME or daemonset/NAME", value_string(value));
	}
}

static void
check_verification(struct settings *settings, const struct value *map)
{
	int kinds = value_was_written(map, "pods") + value_was_written(map, "http") +
	    value_was_written(map, "query");

	if (kinds > 1 || !value_was_written(map, NULL))
		settings_problem(settings, map, "found %s, expected one of pods, http or query",
		    kinds == 0 ? "nothing" : "several");
}

/* What we reach is a service inside the cluster, through its API server. */
static void
check_answer(struct settings *settings, const struct value *http)
{
	const char *url = value_string(value_at(http, "url"));
	struct arena *arena = arena_new();
	struct address address;

	if (url != NULL && !address_read(arena, &address, url))
		settings_warning(settings, value_at(http, "url"), "%s is a public address, which is not asked "
		    "yet by this version; a name in the cluster is: http://SERVICE.NAMESPACE/…", url);
	else if (url != NULL && !value_fits(VALUE_SERVICE_PATH, NULL, arena_printf(arena,
	    "/api/v1/namespaces/%s/services/%s:%s/proxy%s",
	    address.namespace != NULL ? address.namespace : "default", address.service, address.port,
	    address.path)))
		settings_problem(settings, value_at(http, "url"), "found \"%s\", expected one that can be asked "
		    "through the API server: of letters, digits and - . _ ~ / ? = & only, and no \"..\"", url);
	if (value_number(value_at(http, "status")) < 200 || value_number(value_at(http, "status")) > 299)
		settings_problem(settings, value_at(http, "status"), "found %d, expected 200 to 299: through "
		    "the cluster's API server no other status can be told from a failure",
		    (int)value_number(value_at(http, "status")));
	arena_free(arena);
}

const struct setting target_settings[] = {
	{ "environments", SETTING_MAP, .check = settings_check_names,
	    .sentence = "What clusters are for.  Without any there is one, \"default\", with every cluster "
			"and no approvals." },
	{ "environments.*", SETTING_MAP, .example = "production", .sentence = "One environment." },
	{ "environments.*.clusters", SETTING_NAMES, .required = true, .refers = "clusters",
	    .example = "[primary]", .sentence = "Of several, the one must be named in a command." },
	{ "environments.*.approvals", SETTING_NUMBER, .max = 20, .initial = "0", .example = "1",
	    .sentence = "People who must say yes to a change, never the one who asked." },
	{ "environments.*.approvers", SETTING_NAMES, .refers = "roles", .example = "[sre-lead]",
	    .sentence = "Roles that may say yes; without it: whoever may ask for the change." },
	{ "environments.*.observe", SETTING_DURATION, .max = 86400e3, .example = "15m",
	    .sentence = "How long a verified change is looked at afterwards, every 15 s; what gets worse is said; "
			"without it: not." },

	{ "targets", SETTING_MAP, .shown = true, .check = settings_check_names,
	    .sentence = "What can be taken back, by the name that people type." },
	{ "targets.*", SETTING_MAP, .shown = true, .example = "my-app", .sentence = "One target." },
	{ "targets.*.driver", SETTING_CHOICE, .shown = true, .initial = "deployment",
	    .choices = "helm|deployment|statefulset|daemonset|argocd|gitops|flagger",
	    .check = check_driver,
	    .sentence = "What it is: helm, deployment, statefulset, daemonset, argocd, gitops or flagger." },
	{ "targets.*.name", SETTING_STRING, .open = true, .example = "my-app", .keys_refer = "clusters",
	    .sentence = "Of the workload, release or app; without it: the target's own.  Where they differ: "
			"{CLUSTER: name, …}." },
	{ "targets.*.name.*", SETTING_STRING, .open = true, .sentence = "Its name in that cluster." },
	{ "targets.*.namespace", SETTING_STRING, .open = true, .shown = true, .initial = "default",
	    .sentence = "Where it lives." },
	{ "targets.*.environment", SETTING_NAMES, .refers = "environments", .example = "[production]",
	    .sentence = "Of several, the first is meant when nothing is said; without it: the only one." },
	{ "targets.*.product", SETTING_STRING, .open = true, .example = "My Application",
	    .sentence = "What notifications call it; without it: the installation's product." },
	{ "targets.*.aliases", SETTING_NAMES, .example = "[app, \"my app\"]",
	    .sentence = "Other names that people type." },
	{ "targets.*.timeout", SETTING_DURATION, .min = 1000, .max = 86400e3, .initial = "5m",
	    .sentence = "How long a rollout may take." },
	{ "targets.*.workloads", SETTING_NAMES, .example = "[deployment/my-app, deployment/my-worker]",
	    .check = check_workloads,
	    .sentence = "Of a release: all of them go back, and are waited for." },
	{ "targets.*.runbook", SETTING_URL, .later = true, .example = "https://wiki.example.com/my-app",
	    .sentence = "A link on its cards." },

	{ "targets.*.verify", SETTING_LIST,
	    .example = "\n- pods: ready\n"
		       "- http: {url: \"http://my-app.default/health\", json: {/status: healthy}, level: fail}\n"
		       "- query: {promql: \"sum(rate(errors[5m]))\", below: 0.01, level: warn}",
	    .sentence = "What must hold after a change: pods, an HTTP answer, a query; level fail or warn." },
	{ "targets.*.verify[]", SETTING_MAP, .check = check_verification, .sentence = "One thing to look at." },
	{ "targets.*.verify[].pods", SETTING_CHOICE, .choices = "ready", .sentence = "Every pod is ready." },
	{ "targets.*.verify[].http", SETTING_MAP, .check = check_answer, .sentence = "An answer." },
	{ "targets.*.verify[].http.url", SETTING_URL, .required = true,
	    .sentence = "http://SERVICE.NAMESPACE/PATH; asked through the cluster's API server." },
	{ "targets.*.verify[].http.status", SETTING_NUMBER, .min = 100, .max = 599, .initial = "200",
	    .sentence = "The status of the answer." },
	{ "targets.*.verify[].http.json", SETTING_MAP, .sentence = "What its JSON must hold, by pointer." },
	{ "targets.*.verify[].http.json.*", SETTING_STRING, .sentence = "The value at that pointer." },
	{ "targets.*.verify[].http.level", SETTING_CHOICE, .choices = "fail|warn", .initial = "fail",
	    .sentence = "Whether it fails the operation or is a remark." },
	{ "targets.*.verify[].query", SETTING_MAP, .later = true, .sentence = "A figure." },
	{ "targets.*.verify[].query.promql", SETTING_STRING, .required = true, .sentence = "The query." },
	{ "targets.*.verify[].query.below", SETTING_REAL, 
	    .sentence = "It must be below this." },
	{ "targets.*.verify[].query.above", SETTING_REAL, 
	    .sentence = "It must be above this." },
	{ "targets.*.verify[].query.level", SETTING_CHOICE, .choices = "fail|warn", .initial = "fail",
	    .sentence = "Whether it fails the operation or is a remark." },

	{ "targets.*.notify", SETTING_MAP, .sentence = "Who is told of the end." },
	{ "targets.*.notify.channels", SETTING_NAMES, .refers = "channels", .example = "[incidents]",
	    .sentence = "Beside the channel in which it was asked for. What is asked at a terminal and needs "
			"another's yes is asked in the first one that rollcall is in and that nobody shares." },
	{ "targets.*.notify.mail", SETTING_NAMES, .later = true, .example = "[engineering@example.com]",
	    .sentence = "Addresses; see mail." },

	{ "targets.*.blue_green", SETTING_MAP, .later = true, .sentence = "It stands twice." },
	{ "targets.*.blue_green.service", SETTING_STRING, .required = true, .example = "my-app",
	    .sentence = "The service that chooses." },
	{ "targets.*.blue_green.selector", SETTING_STRING, .initial = "color",
	    .sentence = "The label by which it chooses." },
	{ "targets.*.gradual", SETTING_MAP, .later = true, .sentence = "Going back step by step." },
	{ "targets.*.gradual.steps", SETTING_LIST, .example = "[10, 25, 50, 75, 100]",
	    .sentence = "Percent of the traffic." },
	{ "targets.*.gradual.steps[]", SETTING_NUMBER, .min = 1, .max = 100, .sentence = "One step." },
	{ "targets.*.gradual.pause", SETTING_DURATION, .initial = "60s", .sentence = "Between two steps." },
	{ "targets.*.gradual.query", SETTING_STRING, .example = "\"sum(rate(errors[5m]))\"",
	    .sentence = "What is watched meanwhile." },
	{ "targets.*.gradual.above", SETTING_REAL, .example = "0.01",
	    .sentence = "It stops when the figure is above this." },
	{ "targets.*.migrations", SETTING_MAP, .later = true, .sentence = "Its database's migrations." },
	{ "targets.*.migrations.path", SETTING_PATH, .example = "migrations", .sentence = "Their folder." },
	{ "targets.*.migrations.database", SETTING_SECRET, .example = "\"${MY_APP_DB}\"",
	    .sentence = "The database's URL." },
	{ "targets.*.migrations.irreversible", SETTING_NAMES, .example = "[42]",
	    .sentence = "Migrations that lose data when taken back: no rollback goes behind them." },
	{ .path = NULL },
};

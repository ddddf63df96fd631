/* general_settings.c - rows of what an installation is: its name, its doors, channels, clusters, limits. */

#include <string.h>

#include "base/when.h"
#include "settings_rows.h"

#define COMMANDS_A_MINUTE_MANY 60

static void
check_timezone(struct settings *settings, const struct value *value)
{
	struct error err = ERROR_INIT;

	if (zone_find(value_string(value), &err) == NULL)
		settings_problem(settings, value,
		    "found \"%s\", expected the IANA name of a zone, like Asia/Taipei", value_string(value));
}

static void
check_language(struct settings *settings, const struct value *value)
{
	if (!string_equal(value_string(value), "en"))
		settings_warning(settings, value, "there is no %s catalogue yet, so English is used",
		    value_string(value));
}

static void
check_state(struct settings *settings, const struct value *value)
{
	const char *state = value_string(value), *path = strchr(state, ':');

	if (path == NULL || path == state || path[1] == '\0' || strstr(state, "://") != NULL)
		settings_problem(settings, value,
		    "found a state that is no file, expected one like sqlite:state/rollcall.db");
}

/* HOST:PORT, [::1]:8080; port 0 is any free one. */
static void
check_address(struct settings *settings, const struct value *value)
{
	const char *address = value_string(value), *colon = strrchr(address, ':');
	size_t host = colon != NULL ? (size_t)(colon - address) : 0;
	bool bracketed = address[0] == '[';
	int64_t port;

	if (host > 2 && bracketed && address[host - 1] == ']' &&
	    strspn(address + 1, "0123456789abcdefABCDEF:.") == host - 2 &&
	    string_number(colon + 1, 0, 65535, &port))
		return;
	if (host > 0 && !bracketed && host <= 253 && strcspn(address, ":/ @[]") == host &&
	    string_number(colon + 1, 0, 65535, &port))
		return;
	settings_problem(settings, value,
	    "found an address without host and port, expected one like 127.0.0.1:8080");
}

static void
check_channel(struct settings *settings, const struct value *value)
{
	const char *name = value_string(value);

	if (strpbrk(name, " \t\n") != NULL || string_equal(name, "#"))
		settings_problem(settings, value,
		    "found a channel with a blank in it, expected \"#name\" or an id like C0123ABCD");
}

/* What would move a tool elsewhere, or make it run another program (AR3); ours come after and would not count. */
static bool
has_power(const char *name)
{
	static const char *const whole[] = { "PATH", "HOME", "TMPDIR", "LC_ALL", "TZ", "NO_COLOR", "SHELL",
		"EDITOR", "PAGER", "BASH_ENV", "ENV", NULL };
	static const char *const prefixes[] = { "LD_", "GLIBC_", "MALLOC_", "KUBE", "HELM_", "ARGOCD_", "GIT_", "PG" };

	/* Where a cluster's releases are recorded is not known otherwise. */
	if (string_equal(name, "HELM_DRIVER"))
		return false;
	for (size_t i = 0; i < COUNT(prefixes); i++)
		if (string_starts(name, prefixes[i]))
			return true;
	return string_in(name, whole);
}

static void
check_variable_name(struct settings *settings, const struct value *names)
{
	const char *name;

	for (size_t i = 0; i < value_count(names); i++) {
		name = value_string(value_item(names, i));
		if (strpbrk(name, "=${} ") != NULL)
			settings_problem(settings, value_item(names, i), "found something that is no name "
			    "of a variable, expected a name like AWS_PROFILE, without ${}");
		else if (has_power(name))
			settings_problem(settings, value_item(names, i), "found %s, which could move a tool or make "
			    "it run another program, expected a variable of a credential plugin, like AWS_PROFILE", name);
	}
}

static void
check_absolute(struct settings *settings, const struct value *path)
{
	if (value_string(path)[0] != '/')
		settings_problem(settings, path, "found \"%s\", expected the whole path of a program, like "
		    "/usr/local/bin/aws", value_string(path));
}

/* Whoever writes it counts on the rights of the one who asks. */
static void
check_impersonate(struct settings *settings, const struct value *value)
{
	if (value_bool(value))
		settings_warning(settings, value, "checked, but not acted on yet by this version: the tools act there "
		    "with rollcall's own rights, whoever asks");
}

static void
check_commands_a_minute(struct settings *settings, const struct value *value)
{
	if (value_number(value) > COMMANDS_A_MINUTE_MANY)
		settings_warning(settings, value, "%.0f commands a minute is a limit for benchmarks, not "
		    "for people", value_number(value));
}

static void
check_budget(struct settings *settings, const struct value *value)
{
	settings_warning(settings, value, "raised past what the chat service allows: for benchmarks "
	    "against a service of one's own only");
}

const struct setting general_settings[] = {
	{ "product", SETTING_STRING, .open = true, .example = "ChatOps Platform",
	    .sentence = "What notifications are about; a target may have its own; without both: its name." },
	{ "timezone", SETTING_STRING, .open = true, .initial = "UTC", .example = "Asia/Taipei", .check = check_timezone,
	    .sentence = "Times are shown in this zone, by its IANA name." },
	{ "language", SETTING_CHOICE, .choices = "en|zh-TW|zh-CN|ko", .initial = "en",
	    .check = check_language, .sentence = "What rollcall speaks: en, zh-TW, zh-CN or ko." },
	{ "state", SETTING_STRING, .open = true, .initial = "sqlite:state/rollcall.db", .check = check_state,
	    .restart = true,
	    .sentence = "Where everything is written down.  Relative paths start at this file's folder." },

	{ "listen", SETTING_MAP, .sentence = "Doors of its own." },
	{ "listen.http", SETTING_STRING, .open = true, .example = "127.0.0.1:8080", .check = check_address, .later = true,
	    .restart = true,
	    .sentence = "Webhooks, /healthz, /readyz and /metrics; port 0 takes any free one." },
	{ "listen.socket", SETTING_PATH, .initial = "state/rollcall.sock", .restart = true,
	    .sentence = "The console's way in." },
	{ "listen.public_url", SETTING_URL, .later = true, .example = "https://rollcall.example.com",
	    .sentence = "How the outside reaches listen.http, for links." },
	{ "listen.tls", SETTING_MAP, .later = true, .sentence = "TLS for listen.http." },
	{ "listen.tls.certificate", SETTING_PATH, .required = true, .example = "file.pem",
	    .sentence = "The certificate with its chain, PEM." },
	{ "listen.tls.key", SETTING_PATH, .required = true, .example = "key.pem",
	    .sentence = "Its private key, PEM." },
	{ .path = NULL },
};

const struct setting place_settings[] = {
	{ "channels", SETTING_MAP, .check = settings_check_names,
	    .sentence = "Channels by the names that this file uses for them.  \"admins\" hears of reloads, "
			"breaches and the brake." },
	{ "channels.*", SETTING_MAP, .example = "incidents", .sentence = "One channel." },
	{ "channels.*.name", SETTING_STRING, .open = true, .required = true, .example = "\"#incidents\"",
	    .check = check_channel, .sentence = "\"#name\", or better the id (C0123ABCD), which outlives "
						"a renaming." },
	{ "channels.*.language", SETTING_CHOICE, .choices = "en|zh-TW|zh-CN|ko", .example = "en",
	    .check = check_language, .sentence = "Where it differs from the installation's." },

	{ "clusters", SETTING_MAP, .check = settings_check_names,
	    .sentence = "Clusters by name.  Without any there is one, \"default\": the one that it runs in." },
	{ "clusters.*", SETTING_MAP, .example = "primary", .sentence = "One cluster." },
	{ "clusters.*.kubeconfig", SETTING_PATH, .example = "kube/primary.yaml",
	    .sentence = "How to get there; without it: the service account of its own pod." },
	{ "clusters.*.context", SETTING_STRING, .open = true, .example = "primary",
	    .sentence = "The context in that file; without it: its current one." },
	{ "clusters.*.environment", SETTING_NAMES, .example = "[AWS_PROFILE]",
	    .check = check_variable_name,
	    .sentence = "Variables that its tools may see, for credential plugins; no others are passed." },
	{ "clusters.*.exec_plugin", SETTING_STRING, .open = true, .check = check_absolute, .example = "/usr/local/bin/aws",
	    .sentence = "The one program that the kubeconfig may run for a token (EKS, GKE), by its whole path; "
			"without it: none." },
	{ "clusters.*.impersonate", SETTING_BOOL, .initial = "false", .check = check_impersonate,
	    .sentence = "Act there as the person who asked, not as rollcall." },
	{ .path = NULL },
};

const char chat_budget_path[] = "limits.slack_budget";

const struct setting limit_settings[] = {
	{ "limits", SETTING_MAP, .sentence = "Bounds; past one, people get a sentence." },
	{ "limits.children", SETTING_NUMBER, .min = 1, .max = 1024, .initial = "64",
	    .sentence = "Tools running at once." },
	{ "limits.operations", SETTING_NUMBER, .min = 1, .max = 10000, .initial = "500",
	    .sentence = "Operations that have not ended." },
	{ "limits.commands_per_minute", SETTING_NUMBER, .min = 1, .max = 1000000, .initial = "10",
	    .check = check_commands_a_minute, .sentence = "For each person." },
	{ "limits.question", SETTING_DURATION, .min = 1000, .max = 86400e3, .initial = "15m",
	    .sentence = "How long a plan waits for its start." },
	{ "limits.approval", SETTING_DURATION, .min = 1000, .max = 7 * 86400e3, .initial = "30m",
	    .sentence = "How long a request for approval stands." },
	{ "limits.output", SETTING_SIZE, .min = 65536, .max = 4294967296.0, .initial = "64MiB",
	    .sentence = "Output kept of one step; the rest is dropped, which is said." },
	{ "limits.logs", SETTING_DURATION, .min = 86400e3, .max = 3660 * 86400e3, .initial = "90d",
	    .sentence = "How long the output of operations is kept." },
	{ chat_budget_path, SETTING_NUMBER, .min = 1, .max = 100000, .example = "1000",
	    .check = check_budget,
	    .sentence = "Messages a second to each channel, for benchmarks against a service of one's own; "
			"without it: what the chat service allows." },

	{ "log", SETTING_MAP, .sentence = "What it writes to its standard error." },
	{ "log.level", SETTING_CHOICE, .choices = "debug|info|warning|error", .initial = "info",
	    .sentence = "From which level on: debug, info, warning or error." },
	{ "log.format", SETTING_CHOICE, .choices = "text|json", .initial = "text",
	    .sentence = "Lines for people (text) or for machines (json)." },
	{ .path = NULL },
};

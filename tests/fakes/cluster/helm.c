/* helm.c - the simulated helm: list, history, status, get, version. */

#include "helm.h"

#include <stdlib.h>
#include <string.h>

#include "yaml_print.h"

static const char *const known_flags[] = {
	"--namespace|-n=", "--kube-context=", "--kubeconfig=", "--output|-o=", "--revision=", "--max=",
	"--timeout=", "--wait", "--no-hooks", "--force-conflicts", "--force-replace", "--force",
	"--history-max=", "--template=", "--short", "--all", "--dry-run", "--server-side=",
	"--cleanup-on-fail", "--all-namespaces|-A", "--wait-for-jobs", "--burst-limit=", "--qps=", NULL,
};

int
helm_error(struct helm *helm, const char *format, ...)
{
	va_list ap;

	text_add(&helm->tool->errors, "Error: ");
	va_start(ap, format);
	text_vprintf(&helm->tool->errors, format, ap);
	va_end(ap);
	text_add(&helm->tool->errors, "\n");
	return 1;
}

static void
say(struct helm *helm, const cJSON *json)
{
	json_print(&helm->tool->out, json);
	text_add(&helm->tool->out, "\n");
}

static bool
wants_json(const struct helm *helm)
{
	return string_equal(arguments_flag(&helm->arguments, "--output"), "json");
}

/* 2026-11-21T10:19:17.706000000Z */
static const char *
nano_stamp(struct helm *helm, const cJSON *release, const char *field)
{
	int64_t ms = number(release, field);
	char *stamp = arena_strdup(helm->tool->arena, stamp_iso(helm->tool->arena, ms - ms % 1000));

	return arena_printf(helm->tool->arena, "%.19s.%03d000000Z", stamp, (int)(ms % 1000));
}

static const char *
chart_of(struct helm *helm, const cJSON *release)
{
	return arena_printf(helm->tool->arena, "%s-%s", json_string_or(release, "chart", ""),
	    json_string_or(release, "version", ""));
}

/* The release of the second word, at --revision. */
static cJSON *
asked_release(struct helm *helm, size_t word)
{
	int64_t revision = strtoll(arguments_flag_or(&helm->arguments, "--revision", "0"), NULL, 10);
	cJSON *release;

	if (helm->arguments.count <= word) {
		helm_error(helm, "\"helm %s\" requires exactly 1 argument", helm->arguments.item[0]);
		return NULL;
	}
	release = release_find(&helm->world, helm->namespace, helm->arguments.item[word], revision);
	if (release == NULL)
		helm_error(helm, "release: not found");
	return release;
}

/* ---- list, history ---- */

static int
helm_list(struct helm *helm)
{
	_cleanup_(json_freep) cJSON *list = cJSON_CreateArray();
	cJSON *release, *row;
	const char *namespace;

	cJSON_ArrayForEach(release, helm->world.releases)
	{
		namespace = json_string_or(release, "namespace", "");
		if ((!arguments_have(&helm->arguments, "--all-namespaces") &&
			!string_equal(namespace, helm->namespace)) ||
		    release != release_find(&helm->world, namespace,
			json_string_or(release, "name", ""), 0))
			continue;
		row = json_add_object(list, NULL);
		json_add_string(row, "name", json_string(release, "name"));
		json_add_string(row, "namespace", namespace);
		json_add_stringf(row, "revision", "%lld", (long long)number(release, "revision"));
		json_add_stringf(row, "updated", "%.10s %.18s +0000 UTC",
		    nano_stamp(helm, release, "updated"), nano_stamp(helm, release, "updated") + 11);
		json_add_string(row, "status", json_string(release, "status"));
		json_add_string(row, "chart", chart_of(helm, release));
		json_add_string(row, "app_version", json_string(release, "app_version"));
	}
	if (wants_json(helm)) {
		say(helm, list);
		return 0;
	}
	text_add(&helm->tool->out, "NAME\tNAMESPACE\tREVISION\tSTATUS\tCHART\tAPP VERSION\n");
	json_each(row, list)
		text_printf(&helm->tool->out, "%s\t%s\t%s\t%s\t%s\t%s\n",
		    json_string_or(row, "name", ""), json_string_or(row, "namespace", ""),
		    json_string_or(row, "revision", ""), json_string_or(row, "status", ""),
		    json_string_or(row, "chart", ""), json_string_or(row, "app_version", ""));
	return 0;
}

static void
add_history(struct helm *helm, cJSON *list, const cJSON *release)
{
	cJSON *row = json_add_object(list, NULL);

	json_add_number(row, "revision", json_number(release, "revision", 0));
	json_add_string(row, "updated", nano_stamp(helm, release, "updated"));
	json_add_string(row, "status", json_string(release, "status"));
	json_add_string(row, "chart", chart_of(helm, release));
	json_add_string(row, "app_version", json_string(release, "app_version"));
	json_add_string(row, "description", json_string(release, "description"));
}

static int
helm_history(struct helm *helm)
{
	_cleanup_(json_freep) cJSON *list = cJSON_CreateArray();
	int64_t most = strtoll(arguments_flag_or(&helm->arguments, "--max", "256"), NULL, 10);
	const cJSON *release, *last = asked_release(helm, 1), *row;

	if (last == NULL)
		return 1;
	for (int64_t n = 1; n <= number(last, "revision"); n++) {
		release = release_find(&helm->world, helm->namespace, json_string_or(last, "name", ""), n);
		if (release != NULL)
			add_history(helm, list, release);
	}
	while (cJSON_GetArraySize(list) > most)
		cJSON_DeleteItemFromArray(list, 0);
	if (wants_json(helm)) {
		say(helm, list);
		return 0;
	}
	text_add(&helm->tool->out, "REVISION\tUPDATED\tSTATUS\tCHART\tAPP VERSION\tDESCRIPTION\n");
	json_each(row, list)
		text_printf(&helm->tool->out, "%lld\t%s\t%s\t%s\t%s\t%s\n",
		    (long long)number(row, "revision"), json_string_or(row, "updated", ""),
		    json_string_or(row, "status", ""), json_string_or(row, "chart", ""),
		    json_string_or(row, "app_version", ""), json_string_or(row, "description", ""));
	return 0;
}

/* ---- status, get ---- */

static const char *
manifest_of(struct helm *helm, const cJSON *release, const char *part)
{
	_cleanup_(text_clear) struct text manifest = TEXT_INIT;
	const cJSON *object;

	json_each(object, json_at(release, part))
	{
		_cleanup_(json_freep) cJSON *copy = cJSON_Duplicate(object, true);

		cJSON_DeleteItemFromObjectCaseSensitive(copy, "source");
		text_printf(&manifest, "---\n# Source: %s/%s\n", json_string_or(release, "chart", ""),
		    json_string_or(object, "source", "templates/all.yaml"));
		yaml_print(&manifest, copy);
	}
	return arena_copy(helm->tool->arena, manifest.data, manifest.length);
}

static int
helm_status(struct helm *helm)
{
	_cleanup_(json_freep) cJSON *status = cJSON_CreateObject();
	const cJSON *release = asked_release(helm, 1);
	cJSON *info;

	if (release == NULL)
		return 1;
	if (!wants_json(helm)) {
		text_printf(&helm->tool->out, "NAME: %s\nLAST DEPLOYED: %s\nNAMESPACE: %s\n"
		    "STATUS: %s\nREVISION: %lld\nDESCRIPTION: %s\n", json_string_or(release, "name", ""),
		    nano_stamp(helm, release, "updated"), json_string_or(release, "namespace", ""),
		    json_string_or(release, "status", ""), (long long)number(release, "revision"),
		    json_string_or(release, "description", ""));
		return 0;
	}
	json_add_string(status, "name", json_string(release, "name"));
	info = json_add_object(status, "info");
	json_add_string(info, "first_deployed", nano_stamp(helm, release, "first"));
	json_add_string(info, "last_deployed", nano_stamp(helm, release, "updated"));
	json_add_string(info, "description", json_string(release, "description"));
	json_add_string(info, "status", json_string(release, "status"));
	if (json_at(release, "config") != NULL)
		cJSON_AddItemToObject(status, "config",
		    cJSON_Duplicate(json_at(release, "config"), true));
	json_add_string(status, "manifest", manifest_of(helm, release, "objects"));
	json_add_number(status, "version", json_number(release, "revision", 0));
	json_add_string(status, "namespace", json_string(release, "namespace"));
	json_add_string(status, "apply_method", "ssa");
	say(helm, status);
	return 0;
}

static int
get_metadata(struct helm *helm, const cJSON *release)
{
	_cleanup_(json_freep) cJSON *metadata = cJSON_CreateObject();

	json_add_string(metadata, "name", json_string(release, "name"));
	json_add_string(metadata, "chart", json_string(release, "chart"));
	json_add_string(metadata, "version", json_string(release, "version"));
	json_add_string(metadata, "appVersion", json_string(release, "app_version"));
	json_add_string(metadata, "namespace", json_string(release, "namespace"));
	json_add_number(metadata, "revision", json_number(release, "revision", 0));
	json_add_string(metadata, "status", json_string(release, "status"));
	json_add_stringf(metadata, "deployedAt", "%.19sZ", nano_stamp(helm, release, "updated"));
	json_add_string(metadata, "applyMethod", "ssa");
	say(helm, metadata);
	return 0;
}

static int
get_values(struct helm *helm, const cJSON *release)
{
	const cJSON *config = json_at(release, "config");

	if (!wants_json(helm))
		text_add(&helm->tool->out, "USER-SUPPLIED VALUES:\n");
	if (config == NULL || config->child == NULL)
		text_add(&helm->tool->out, "null\n");
	else if (wants_json(helm))
		say(helm, config);
	else
		yaml_print(&helm->tool->out, config);
	return 0;
}

static int
helm_get(struct helm *helm)
{
	const char *what = helm->arguments.count > 1 ? helm->arguments.item[1] : "";
	const cJSON *release = asked_release(helm, 2);

	if (release == NULL)
		return 1;
	if (string_equal(what, "metadata"))
		return get_metadata(helm, release);
	if (string_equal(what, "values"))
		return get_values(helm, release);
	if (string_equal(what, "manifest") || string_equal(what, "hooks")) {
		text_add(&helm->tool->out, manifest_of(helm, release,
		    string_equal(what, "hooks") ? "hooks" : "objects"));
		if (string_equal(what, "manifest"))
			text_add(&helm->tool->out, "\n");
		return 0;
	}
	return helm_error(helm, "unknown command \"%s\" for \"helm get\"", what);
}

static int
helm_version(struct helm *helm)
{
	if (arguments_flag(&helm->arguments, "--template") != NULL)
		text_add(&helm->tool->out, "v4.1.4");
	else if (arguments_have(&helm->arguments, "--short"))
		text_add(&helm->tool->out, "v4.1.4+g05fa37973\n");
	else
		text_add(&helm->tool->out, "version.BuildInfo{Version:\"v4.1.4\", "
		    "GitCommit:\"05fa37973dc9e42b76e1d2883494c87174b6074f\", GitTreeState:\"clean\", "
		    "GoVersion:\"go1.25.9\", KubeClientVersion:\"v1.35\"}\n");
	return 0;
}

static int
run(struct helm *helm)
{
	static const struct {
		const char *name;
		helm_verb *run;
	} verbs[] = { { "list", helm_list }, { "history", helm_history }, { "status", helm_status },
		{ "get", helm_get }, { "rollback", helm_rollback }, { "version", helm_version } };
	const char *verb = helm->arguments.count > 0 ? helm->arguments.item[0] : "";

	for (size_t i = 0; i < COUNT(verbs); i++)
		if (string_equal(verbs[i].name, verb))
			return verbs[i].run(helm);
	return helm_error(helm, "unknown command \"%s\" for \"helm\"", verb);
}

int
helm_main(struct tool *tool)
{
	struct helm helm = { .tool = tool };
	struct error err = ERROR_INIT;
	int status;

	if (!arguments_read(&helm.arguments, tool->argv, known_flags, &err))
		return helm_error(&helm, "%s", err.text);
	helm.namespace = arguments_flag_or(&helm.arguments, "--namespace", "default");
	if (!world_open(&helm.world, tool, &err))
		return helm_error(&helm, "kubernetes cluster unreachable: %s", err.text);
	status = run(&helm);
	controllers_run(&helm.world, helm.world.now);
	world_close(&helm.world);
	return status;
}

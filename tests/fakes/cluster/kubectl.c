/* kubectl.c - the simulated kubectl: its verbs, what its arguments mean, its errors. */

#include "kubectl.h"

#include <string.h>

#include "base/pattern.h"

static const char *const known_flags[] = {
	"--namespace|-n=", "--output|-o=", "--selector|-l=", "--field-selector=", "--context=",
	"--kubeconfig=", "--request-timeout=", "--to-revision=", "--revision=", "--timeout=",
	"--replicas=", "--current-replicas=", "--sort-by=", "--since=", "--tail=", "--limit-bytes=",
	"--container|-c=", "--raw=", "--subresource=", "--dry-run=", "--cascade=", "--grace-period=",
	"--watch|-w", "--ignore-not-found", "--show-managed-fields", "--overwrite", "--client",
	"--wait", "--timestamps", "--previous|-p", "--no-headers", "--quiet|-q", "--all",
	"--all-namespaces|-A", "--force", "--now", "--as=", "--as-group=", NULL,
};

int
kubectl_error(struct kubectl *kubectl, const char *format, ...)
{
	va_list ap;

	text_add(&kubectl->tool->errors, "error: ");
	va_start(ap, format);
	text_vprintf(&kubectl->tool->errors, format, ap);
	va_end(ap);
	text_add(&kubectl->tool->errors, "\n");
	return 1;
}

int
kubectl_server_error(struct kubectl *kubectl, const char *reason, const char *format, ...)
{
	va_list ap;

	text_printf(&kubectl->tool->errors, "Error from server (%s): ", reason);
	va_start(ap, format);
	text_vprintf(&kubectl->tool->errors, format, ap);
	va_end(ap);
	text_add(&kubectl->tool->errors, "\n");
	return 1;
}

static const char *
plural(struct kubectl *kubectl, const struct kind *kind)
{
	return *kind->group == '\0' ? kind->plural
	    : arena_printf(kubectl->tool->arena, "%s.%s", kind->plural, kind->group);
}

int
kubectl_not_found(struct kubectl *kubectl, const struct reference *reference)
{
	return kubectl_server_error(kubectl, "NotFound", "%s \"%s\" not found",
	    plural(kubectl, reference->kind), reference->name);
}

void
kubectl_say(struct kubectl *kubectl, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	text_vprintf(&kubectl->tool->out, format, ap);
	va_end(ap);
	text_add(&kubectl->tool->out, "\n");
}

bool
kubectl_reference(struct kubectl *kubectl, struct reference *reference, size_t *next)
{
	const struct arguments *arguments = &kubectl->arguments;
	const char *written = arguments->item[*next], *slash = strchr(written, '/');
	const char *kind = slash == NULL ? written
	    : arena_copy(kubectl->tool->arena, written, (size_t)(slash - written));

	(*next)++;
	reference->name = slash != NULL ? slash + 1 : NULL;
	reference->kind = kind_find(kind);
	if (reference->kind == NULL) {
		kubectl_error(kubectl, "the server doesn't have a resource type \"%.*s\"",
		    (int)strcspn(kind, "."), kind);
		return false;
	}
	if (slash == NULL && *next < arguments->count)
		reference->name = arguments->item[(*next)++];
	return true;
}

static const char *
namespace_of(const struct kubectl *kubectl, const struct kind *kind)
{
	return string_equal(kind->kind, "Namespace") || string_equal(kind->kind, "Node") ? ""
	    : kubectl->namespace;
}

bool
kubectl_may(struct kubectl *kubectl, const char *verb, const struct kind *kind)
{
	const char *asked = arena_printf(kubectl->tool->arena, "%s %s %s", verb, kind->plural,
	    kubectl->namespace);
	const cJSON *rule;

	json_each(rule, json_at(kubectl->world.cluster, "deny"))
		if (glob_matches(cJSON_GetStringValue(rule), asked))
			return false;
	return true;
}

static void
forbidden(struct kubectl *kubectl, const struct reference *reference, const char *verb)
{
	kubectl_server_error(kubectl, "Forbidden",
	    "%s \"%s\" is forbidden: User \"rollcall\" cannot %s resource \"%s\" in API group "
	    "\"%s\" in the namespace \"%s\"", plural(kubectl, reference->kind), reference->name, verb,
	    reference->kind->plural, reference->kind->group, kubectl->namespace);
}

cJSON *
kubectl_object(struct kubectl *kubectl, struct reference *reference, size_t *next, const char *verb)
{
	cJSON *object;

	if (*next >= kubectl->arguments.count) {
		kubectl_error(kubectl, "required resource not specified");
		return NULL;
	}
	if (!kubectl_reference(kubectl, reference, next))
		return NULL;
	if (reference->name == NULL) {
		kubectl_error(kubectl, "resource(s) were provided, but no name was specified");
		return NULL;
	}
	object = object_find(&kubectl->world, reference->kind->kind,
	    namespace_of(kubectl, reference->kind), reference->name);
	if (object == NULL) {
		kubectl_not_found(kubectl, reference);
		return NULL;
	}
	if (!kubectl_may(kubectl, verb, reference->kind)) {
		forbidden(kubectl, reference, verb);
		return NULL;
	}
	return object;
}

const char *
kubectl_resource(struct kubectl *kubectl, const struct reference *reference)
{
	return arena_printf(kubectl->tool->arena, "%s/%s",
	    kind_resource(kubectl->tool->arena, reference->kind), reference->name);
}

cJSON *
kubectl_template(cJSON *workload)
{
	return at(workload, "spec.template");
}

struct verb {
	const char *name;
	kubectl_verb *run;
};

static const struct verb verbs[] = {
	{ "get", kubectl_get }, { "rollout", kubectl_rollout }, { "scale", kubectl_scale },
	{ "set", kubectl_set }, { "annotate", kubectl_annotate }, { "delete", kubectl_delete },
	{ "auth", kubectl_auth }, { "version", kubectl_version }, { "logs", kubectl_logs },
	{ "top", kubectl_top }, { "describe", kubectl_describe }, { NULL, NULL },
};

static const struct verb rollout_verbs[] = {
	{ "history", rollout_history }, { "status", rollout_status }, { "undo", rollout_undo },
	{ "pause", rollout_pause }, { "resume", rollout_resume }, { "restart", rollout_restart },
	{ NULL, NULL },
};

static int
run_verb(struct kubectl *kubectl, const struct verb *table, size_t word)
{
	const char *name = word < kubectl->arguments.count ? kubectl->arguments.item[word] : "";

	for (; table->name != NULL; table++)
		if (string_equal(table->name, name))
			return table->run(kubectl);
	return kubectl_error(kubectl, "unknown command \"%s\" for \"kubectl%s\"", name,
	    word > 0 ? " rollout" : "");
}

int
kubectl_rollout(struct kubectl *kubectl)
{
	return run_verb(kubectl, rollout_verbs, 1);
}

int
kubectl_main(struct tool *tool)
{
	struct kubectl kubectl = { .tool = tool };
	struct error err = ERROR_INIT;
	int status;

	if (!arguments_read(&kubectl.arguments, tool->argv, known_flags, &err))
		return kubectl_error(&kubectl, "%s\nSee 'kubectl --help' for usage.", err.text);
	kubectl.namespace = arguments_flag_or(&kubectl.arguments, "--namespace", "default");
	if (!world_open(&kubectl.world, tool, &err))
		return kubectl_error(&kubectl, "%s", err.text);
	status = run_verb(&kubectl, verbs, 0);
	if (kubectl.world.cluster != NULL)
		controllers_run(&kubectl.world, kubectl.world.now);
	world_close(&kubectl.world);
	return status;
}

/* kubernetes_references.c - the ConfigMaps, Secrets, claims and accounts that a template needs (KC14). */
#include "kubernetes.h"

#include <string.h>

#include "base/text.h"

static void
add(struct arena *arena, struct references *references, const char *kind, const char *name,
    bool optional)
{
	struct reference *reference;

	if (name == NULL || name[0] == '\0')
		return;
	for (size_t i = 0; i < references->count; i++) {
		reference = &references->item[i];
		if (string_equal(reference->kind, kind) && string_equal(reference->name, name)) {
			reference->optional = reference->optional && optional;
			return;
		}
	}
	*ARENA_GROW(arena, references) = (struct reference){ kind, arena_strdup(arena, name), optional };
}

static void
add_source(struct arena *arena, struct references *references, const cJSON *source,
    const char *kind, const char *member)
{
	if (source != NULL)
		add(arena, references, kind, json_string(source, member),
		    json_bool(source, "optional", false));
}

static void
add_container(struct arena *arena, struct references *references, const cJSON *container)
{
	const cJSON *entry;

	json_each(entry, json_at(container, "envFrom")) {
		add_source(arena, references, json_at(entry, "configMapRef"), "configmap", "name");
		add_source(arena, references, json_at(entry, "secretRef"), "secret", "name");
	}
	json_each(entry, json_at(container, "env")) {
		add_source(arena, references, json_at(entry, "valueFrom.configMapKeyRef"),
		    "configmap", "name");
		add_source(
		    arena, references, json_at(entry, "valueFrom.secretKeyRef"), "secret", "name");
	}
}

static void
add_volume(struct arena *arena, struct references *references, const cJSON *volume)
{
	const cJSON *source;

	add_source(arena, references, json_at(volume, "configMap"), "configmap", "name");
	add_source(arena, references, json_at(volume, "secret"), "secret", "secretName");
	add_source(arena, references, json_at(volume, "persistentVolumeClaim"),
	    "persistentvolumeclaim", "claimName");
	json_each(source, json_at(volume, "projected.sources")) {
		add_source(arena, references, json_at(source, "configMap"), "configmap", "name");
		add_source(arena, references, json_at(source, "secret"), "secret", "name");
	}
}

void
references_read(struct arena *arena, struct references *references, const cJSON *template)
{
	const cJSON *spec = json_at(template, "spec"), *entry;
	const char *account = json_string(spec, "serviceAccountName");

	*references = (struct references){ .count = 0 };
	json_each(entry, json_at(spec, "containers"))
		add_container(arena, references, entry);
	json_each(entry, json_at(spec, "initContainers"))
		add_container(arena, references, entry);
	json_each(entry, json_at(spec, "volumes"))
		add_volume(arena, references, entry);
	/* A missing pull secret is no obstacle where the registry is open. */
	json_each(entry, json_at(spec, "imagePullSecrets"))
		add(arena, references, "secret", json_string(entry, "name"), true);
	if (!string_equal(account, "default"))
		add(arena, references, "serviceaccount", account, false);
}

bool
names_have(const char *lines, const char *kind, const char *name)
{
	size_t kind_length = strlen(kind), length = strlen(name);

	for (; *lines != '\0'; lines += strcspn(lines, "\n"), lines += *lines == '\n')
		if (strncmp(lines, kind, kind_length) == 0 && lines[kind_length] == '/' &&
		    strncmp(lines + kind_length + 1, name, length) == 0 &&
		    strchr("\n\r", lines[kind_length + 1 + length]) != NULL)
			return true;
	return false;
}
